"""培养过程 2: a student is in one place at a time, also when two bases select at the same moment, on two connections."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from agreements.models import Placement
from agreements.services import posts
from portal.errors import Refused
from tests.agreements.placing import ENDS, STARTS, agree, settle
from tests.factories import World


@pytest.mark.agreement("培养过程 2")
@pytest.mark.django_db(transaction=True)
def test_a_student_whom_two_bases_select_at_the_same_moment_enters_one(
    world: World, today: date, at_once: Callable[..., list[Any]]
):
    placing, on = settle(world, today), today
    other = world.constructing(on)
    agree(other, on)
    post = posts.save(
        base=other, acting=placing.partner, on=on, year=on.year, title="另一岗位", places=3, work="测试。"
    )
    who = [placing.students[0].pk]
    results = at_once(
        lambda: placing.select(students=who),
        lambda: placing.select(students=who, base=other, post=post, campus_mentor=None),
    )
    lost = [each for each in results if isinstance(each, Refused)]
    assert (len(lost), Placement.objects.count()) == (1, 1)
    where = Placement.objects.get().base
    assert lost[0].reasons == (f"乌兰（20250000）在 {STARTS} 至 {ENDS} 已有“{where.name}”的实践安排。",)
