"""What the tests of 考核 to 撤销 share: refusals that leave nothing behind, the next assessment, people in a second role."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest
from django.test import Client

from bases.acting import as_acting
from bases.models import Base, Membership, Policy
from bases.services.people import new_policy_version
from evaluations.services import daily
from portal.acting import Acting
from portal.errors import Refused
from tests.evaluations.rows import everything
from tests.factories import World

Outcomes = dict[str, type[Refused] | None]


@pytest.fixture
def signed_in(on_day: Callable[[date], None]) -> Callable[[Acting], Client]:
    """A client in which that person works in their one role."""

    def sign_in(acting: Acting) -> Client:
        client = Client(headers={"accept-language": "zh-hans"})
        assert acting.user is not None
        client.force_login(acting.user)
        return client

    return sign_in


def now(base: Base) -> Base:
    """The base as it stands in the database."""
    return Base.objects.get(pk=base.pk)


def next_assessment(base: Base) -> tuple[Base, date]:
    """The daily job opens what is due next: the base under assessment, and the day."""
    on = now(base).assessment_due_on or now(base).rectification_ends_on
    assert on is not None
    daily.run(on=on)
    return now(base), on


def also(acting: Acting, role: str, **organisation: Any) -> Acting:
    """The same person in a second role."""
    return as_acting(Membership.objects.create(user=acting.user, role=role, **organisation))


def new_policy(effective_from: date, on: date, **values: Any) -> Policy:
    """A version of the policy that is in force from that day."""
    return new_policy_version(effective_from=effective_from, by=None, on=on, **values)


def strangers(world: World, *allowed: str) -> dict[str, Acting]:
    """Everybody who must not: the other roles, and the counterparts of the allowed ones elsewhere."""
    elsewhere = {
        "other applicant": world.other_applicant,
        "other unit": world.other_unit_officer,
        "other partner": world.other_partner_officer,
    }
    return {role: who for role, who in world.everybody().items() if role not in allowed} | elsewhere


def outcomes(people: Mapping[str, Acting], act: Callable[[Acting], object]) -> Outcomes:
    """How the act ends for each of them; the test fails when one that was refused has left a trace."""
    found: Outcomes = {}
    before = everything()
    for name, who in people.items():
        try:
            act(who)
        except Refused as refusal:
            found[name] = type(refusal)
            assert everything() == before, name
        else:
            found[name] = None
    return found
