"""Two people at one table of a month."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import transaction

from agreements.models import MonthlyRecord
from agreements.services import months
from tests.agreements.months import AT, OCTOBER, WHOLE, agreed, place
from tests.factories import World


@pytest.mark.agreement("权责划分（二）5")
@pytest.mark.django_db(transaction=True)
def test_two_who_save_the_same_line_at_once_leave_one_entry(today: date, at_once: Callable[..., list[Any]]) -> None:
    """Whoever comes second is told that the line was changed; nothing is lost and nothing is double."""
    world = World.create()
    with transaction.atomic():
        base = world.constructing(today)
        agreed(base)
        student = place(base)
    typed = [[months.Typed(student.pk, WHOLE | {"amount": amount}, 0)] for amount in ("1500", "1600")]
    outcomes = at_once(
        *(
            lambda each=each: months.save_rows(
                base=base, month=OCTOBER, typed=each, by=world.partner_officer, on=today, at=AT, whole=True
            )
            for each in typed
        )
    )
    assert sorted(len(outcome.faults) for outcome in outcomes) == [0, 1]
    assert MonthlyRecord.objects.count() == 1
