"""第六条: a unit's quota from its categories, its students and whether it is 双一流, as arithmetic."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.money import plain
from applications.quota import WEIGHTS, Arithmetic, Facts, Weights, propose

pytestmark = pytest.mark.article("6")

amounts = st.decimals(min_value=0, max_value=200, places=2)
facts = st.builds(Facts, st.integers(0, 100), st.integers(0, 200_000), st.booleans())


@st.composite
def all_weights(draw: st.DrawFn) -> Weights:
    """Any weights that the table holds."""
    least = draw(st.integers(0, 200))
    return Weights(**{name: draw(amounts) for name in WEIGHTS}, minimum=least, maximum=draw(st.integers(least, 200)))


def weights(**changes: str | int) -> Weights:
    """The portal's own weights, with changes."""
    given_weights = {
        "base_places": "1", "per_category": "0.20", "per_hundred_students": "0.10", "first_class_bonus": "1",
        "minimum": 1, "maximum": 10,
    } | changes  # fmt: skip
    return Weights.from_json(given_weights)


def test_the_sum_is_shown_as_a_clerk_reads_it():
    found = propose(Facts(categories=12, students=840, double_first_class=True), weights())
    assert found.line == "基数 1 + 类别 12×0.20 + 学生 8.4百人×0.10 + 双一流 1 = 5.24 → 5"
    assert (found.total, found.places) == (Decimal("5.24"), 5)


def test_a_unit_that_is_not_first_class_has_no_bonus_in_its_line():
    found = propose(Facts(categories=3, students=250, double_first_class=False), weights())
    assert found.line == "基数 1 + 类别 3×0.20 + 学生 2.5百人×0.10 = 1.85 → 2"


@pytest.mark.parametrize(
    ("students", "base", "places"),
    [(0, "4.49", 4), (0, "4.50", 5), (0, "5.50", 6), (0, "4.51", 5), (1, "4.49", 4), (10, "4.49", 5)],
)
def test_a_half_counts_as_a_whole_place(students: int, base: str, places: int):
    found = propose(Facts(0, students, False), weights(base_places=base))
    assert found.places == places


@pytest.mark.parametrize(
    ("bounds", "line_ends", "places"),
    [
        ({"minimum": 3}, "= 1.6 → 2，至少 3", 3),
        ({"minimum": 0, "maximum": 1}, "= 1.6 → 2，至多 1", 1),
        ({"minimum": 2, "maximum": 2}, "= 1.6 → 2", 2),
    ],
)
def test_a_bound_that_counts_is_named(bounds: dict[str, int], line_ends: str, places: int):
    found = propose(Facts(3, 0, False), weights(**bounds))
    assert found.line.endswith(line_ends)
    assert found.places == places


@given(facts, all_weights())
def test_places_are_whole_and_within_the_bounds(given_facts: Facts, given_weights: Weights):
    places = propose(given_facts, given_weights).places
    assert isinstance(places, int)
    assert given_weights.minimum <= places <= given_weights.maximum


@given(facts, all_weights())
def test_rounding_is_half_up_and_moves_the_sum_by_at_most_a_half(given_facts: Facts, given_weights: Weights):
    found = propose(given_facts, given_weights)
    assert Decimal("-0.5") < found.rounded - found.total <= Decimal("0.5")


@given(facts, all_weights(), st.sampled_from(WEIGHTS), amounts)
def test_a_greater_weight_never_takes_a_place_away(given_facts: Facts, before: Weights, name: str, more: Decimal):
    after = Weights(**(vars(before) | {name: getattr(before, name) + more}))
    assert propose(given_facts, after).places >= propose(given_facts, before).places


@given(facts, all_weights(), st.sampled_from(["minimum", "maximum"]), st.integers(0, 50))
def test_a_higher_bound_never_takes_a_place_away(given_facts: Facts, before: Weights, name: str, more: int):
    raised = vars(before) | {name: getattr(before, name) + more}
    after = Weights(**(raised | {"maximum": max(raised["maximum"], raised["minimum"])}))
    assert propose(given_facts, after).places >= propose(given_facts, before).places


@given(facts, all_weights(), st.integers(0, 20), st.integers(0, 5000))
def test_a_unit_with_more_to_show_never_gets_less(less: Facts, given_weights: Weights, categories: int, students: int):
    more = Facts(less.categories + categories, less.students + students, True)
    assert propose(more, given_weights).places >= propose(less, given_weights).places


@given(facts, all_weights())
def test_what_is_kept_says_the_same_again(given_facts: Facts, given_weights: Weights):
    found = propose(given_facts, given_weights)
    kept = found.as_json()
    assert Arithmetic.from_json(kept) == found
    assert (kept["places"], Decimal(kept["total"])) == (found.places, found.total)


@given(st.decimals(min_value=0, max_value=100_000, places=4))
def test_a_plain_number_is_the_number_without_an_exponent_or_empty_zeros(number: Decimal):
    text = plain(number)
    assert Decimal(text) == number
    assert "E" not in text
    assert "." not in text or not text.endswith(("0", "."))
