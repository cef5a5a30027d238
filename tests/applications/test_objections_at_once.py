"""第八条（二）: objector and office at the same moment, and two of the same office."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction

from applications.models import Objection
from applications.objection_queries import handled_objections
from applications.services import recommending
from bases.lifecycle import State
from bases.models import Base
from portal.errors import Overtaken, Refused
from portal.roles import Role
from tests.applications.conftest import fresh
from tests.applications.objecting import Status, object_to, settle
from tests.factories import World, person

PUBLISHED, LAST_DAY = date(2026, 11, 2), date(2026, 11, 9)
AFTER = LAST_DAY + timedelta(days=1)


@pytest.fixture
def listed(world: World) -> list[Base]:
    """Two bases on one list of the unit."""
    bases = [world.reviewed(PUBLISHED), world.reviewed(PUBLISHED)]
    world.publish(bases, PUBLISHED)
    return [fresh(base) for base in bases]


@pytest.mark.article("8(2)")
@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    """Objector and office at midnight, on two connections: the base's lock makes the later one see the earlier."""

    def while_open(
        self, at_once: Callable[..., list[Any]], first: Callable[[], Any], second: Callable[[], Any]
    ) -> list[Any]:
        """``second`` begins when ``first`` has done its work but has not committed."""
        worked, waiting = threading.Event(), threading.Event()

        def hold() -> Any:
            with transaction.atomic():
                result = first()
                worked.set()
                waiting.wait(timeout=10)
                threading.Event().wait(0.3)  # time for the other to run into the lock
            return result

        def follow() -> Any:
            worked.wait(timeout=10)
            waiting.set()
            return second()

        return at_once(hold, follow)

    def test_a_recommendation_sees_an_objection_that_was_not_yet_committed(
        self, world: World, listed: list[Base], at_once
    ):
        objection, refused = self.while_open(
            at_once,
            lambda: object_to(listed[0], LAST_DAY),
            lambda: recommending.recommend(base=listed[0], acting=world.unit_officer, on=AFTER),
        )
        assert isinstance(refused, Refused)
        assert refused.reasons == ("本基地有 1 件异议尚未办结，办结前不能继续。",)
        assert (Objection.objects.get(), fresh(listed[0]).state) == (objection, State.UNIT_NOTICE)

    def test_an_objection_that_comes_second_is_kept_beside_the_recommendation(
        self, world: World, listed: list[Base], at_once
    ):
        recommended, objection = self.while_open(
            at_once,
            lambda: recommending.recommend(base=listed[0], acting=world.unit_officer, on=AFTER),
            lambda: object_to(listed[0], LAST_DAY),
        )
        assert recommended.state == State.RECOMMENDED
        assert recommended.events.last().evidence["notice"]["open_objections"] == 0
        assert (Objection.objects.get(), objection.status) == (objection, Status.SUBMITTED)
        assert list(handled_objections(world.unit_officer)) == [objection]

    def test_numbers_have_no_gap_and_no_double(self, listed: list[Base], at_once):
        filed = at_once(*(lambda n=n: object_to(listed[n % 2], LAST_DAY) for n in range(6)))
        assert sorted(each.serial for each in filed) == [1, 2, 3, 4, 5, 6]

    def test_two_officers_settle_an_objection_once(self, world: World, listed: list[Base], at_once):
        objection = object_to(listed[0], LAST_DAY)
        colleague = person(Role.UNIT_OFFICER, training_unit=world.unit)
        results = at_once(
            lambda: settle(objection, Status.ACCEPTED, world.unit_officer, LAST_DAY),
            lambda: settle(objection, Status.DECLINED, colleague, LAST_DAY),
        )
        (winner,) = (result for result in results if isinstance(result, Objection))
        (loser,) = (result for result in results if isinstance(result, Overtaken))
        assert Objection.objects.get().status == winner.status
        assert loser.reasons == (f"异议当前为“{winner.get_status_display()}”，不能这样办理。请刷新后再看。",)
