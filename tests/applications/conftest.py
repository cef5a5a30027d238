"""What the tests of 申报 to 认定 share: signed-in clients, rounds with chosen dates."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from applications.models import Round
from bases.models import Base
from portal.acting import Acting
from tests.factories import World

SignedIn = Callable[[Acting], Client]


@pytest.fixture
def signed_in(on_day: Callable[[date], None]) -> SignedIn:
    """A client in which that person works in their one role."""

    def sign_in(acting: Acting) -> Client:
        client = Client(headers={"accept-language": "zh-hans"})
        assert acting.user is not None
        client.force_login(acting.user)
        return client

    return sign_in


@pytest.fixture
def anybody(on_day: Callable[[date], None]) -> Client:
    """Somebody from the public."""
    return Client(headers={"accept-language": "zh-hans"})


def open_round(world: World, opens_on: date, closes_on: date, recommend_by: date | None = None) -> Round:
    """The round of a year with these dates, ten places for every unit."""
    return world.opened(
        10,
        year=opens_on.year,
        opens_on=opens_on,
        closes_on=closes_on,
        recommend_by=recommend_by or closes_on,
        on=opens_on,
    )


def fresh(base: Base) -> Base:
    """The base as it stands now; an act on an older sight of it is refused as overtaken."""
    return Base.objects.get(pk=base.pk)
