"""From a score to the grade (第十六条): the thresholds are practice, so policy; each belongs to the better grade."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bases.lifecycle import Grade
from evaluations.grading import proposed_grade

pytestmark = pytest.mark.article("16")

CENT = Decimal("0.01")
WORST_TO_BEST = [Grade.FAILED, Grade.QUALIFIED, Grade.EXCELLENT]
points = st.decimals(min_value=0, max_value=100, places=2)
thresholds = st.lists(points, min_size=2, max_size=2, unique=True).map(sorted)


def rank(score: Decimal, qualified: Decimal, excellent: Decimal) -> int:
    return WORST_TO_BEST.index(proposed_grade(score, qualified=qualified, excellent=excellent))


@pytest.mark.parametrize(
    ("score", "grade"),
    [
        ("100.00", Grade.EXCELLENT),
        ("85.00", Grade.EXCELLENT),
        ("84.99", Grade.QUALIFIED),
        ("60.00", Grade.QUALIFIED),
        ("59.99", Grade.FAILED),
        ("0.00", Grade.FAILED),
    ],
)
def test_the_usual_thresholds(score: str, grade: Grade):
    assert proposed_grade(Decimal(score), excellent=Decimal(85), qualified=Decimal(60)) == grade


@given(points, points, thresholds)
def test_more_points_never_mean_a_worse_grade(one: Decimal, other: Decimal, lines: list[Decimal]):
    less, more = sorted([one, other])
    assert rank(less, *lines) <= rank(more, *lines)


@given(points, points, points, points)
def test_a_lower_threshold_never_means_a_worse_grade(score: Decimal, one: Decimal, other: Decimal, best: Decimal):
    low, high = sorted([one, other])
    top = max(best, high)
    assert rank(score, low, top) >= rank(score, high, top)


@given(thresholds)
def test_a_threshold_belongs_to_the_better_grade_and_the_cent_below_to_the_worse(lines: list[Decimal]):
    qualified, excellent = lines
    assert rank(excellent, *lines) == 2
    assert rank(excellent - CENT, *lines) == 1
    assert rank(qualified, *lines) == 1
    assert rank(qualified - CENT, *lines) == 0
