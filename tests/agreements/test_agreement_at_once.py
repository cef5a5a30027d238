"""第十条: both sides act on one agreement at the same moment."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import transaction

from agreements.models import Agreement
from agreements.services import agreements
from tests.factories import World

pytestmark = pytest.mark.article("10")


@pytest.mark.django_db(transaction=True)
def test_the_partner_agrees_or_the_unit_takes_the_text_back_first(
    today: date, at_once: Callable[..., list[Any]]
) -> None:
    """Both act at the same moment: whoever comes second finds the text as the first has left it."""
    world = World.create()
    with transaction.atomic():
        sent = world.propose_agreement(world.constructing(today), today)
    read = sent.revision
    at_once(
        lambda: agreements.agree(agreement=sent, by=world.partner_officer, on=today, seen=read),
        lambda: agreements.return_text(
            agreement=sent, by=world.partner_officer, on=today, reason="缺条款。", seen=read
        ),
    )
    stored = Agreement.objects.get()
    assert (stored.status, stored.agreed_on, stored.returned_reason) in {
        ("agreed", today, ""), ("drafting", None, "缺条款。"),
    }  # fmt: skip
