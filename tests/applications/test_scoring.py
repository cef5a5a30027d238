"""第八条（三）: the arithmetic of scores, whatever the order in which the sheets came."""

import statistics
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications import scoring
from applications.scoring import Deviation, Standing

pytestmark = pytest.mark.article("8(3)")

totals = st.decimals(0, 100, places=2)
sheets = st.lists(totals, min_size=1, max_size=9)
# Few values, so that ties are the rule.
standings = st.lists(
    st.builds(
        Standing,
        key=st.integers(1, 10**6),
        aggregate=st.sampled_from([Decimal("80.00"), Decimal("88.50")]),
        results_mean=st.sampled_from([Decimal("20.00"), Decimal("21.33")]),
        median=st.sampled_from([Decimal("80.00"), Decimal("88.00")]),
        priority=st.booleans(),
    ),
    unique_by=lambda each: each.key,
    max_size=12,
)


def decimals(*words: str) -> list[Decimal]:
    return [Decimal(word) for word in words]


class TestAggregate:
    @given(sheets, st.randoms(), st.integers(3, 7))
    def test_nothing_depends_on_the_order_of_the_sheets(self, given_totals, random, trim_from):
        shuffled = random.sample(given_totals, len(given_totals))
        for figure in (scoring.median, scoring.spread, scoring.mean):
            assert figure(shuffled) == figure(given_totals)
        assert scoring.aggregate(shuffled, trim_from=trim_from) == scoring.aggregate(given_totals, trim_from=trim_from)

    @given(sheets, totals)
    def test_removing_a_sheet_and_adding_it_again_restores_the_result(self, given_totals, another):
        assert scoring.aggregate([*given_totals, another][:-1]) == scoring.aggregate(given_totals)
        for number in range(len(given_totals)):
            rest = given_totals[:number] + given_totals[number + 1 :]
            assert scoring.aggregate([*rest, given_totals[number]]) == scoring.aggregate(given_totals)

    @given(sheets, st.integers(3, 7))
    def test_drops_one_highest_and_one_lowest_from_so_many_sheets_on(self, given_totals, trim_from):
        kept = sorted(given_totals)[1:-1] if len(given_totals) >= trim_from else given_totals
        plain = (sum(kept, Decimal(0)) / len(kept)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
        assert scoring.aggregate(given_totals, trim_from=trim_from) == plain

    @given(sheets)
    def test_the_median_is_the_one_of_the_library(self, given_totals):
        library = statistics.median(map(Fraction, given_totals))
        assert scoring.median(given_totals) == scoring.rounded(library)

    @pytest.mark.parametrize(
        ("given_totals", "aggregate", "median"),
        [
            (("88.05", "88.06"), "88.06", "88.06"),
            (("88.04", "88.05"), "88.05", "88.05"),
            (("0.00", "0.01"), "0.01", "0.01"),
            (("80", "90", "85.5", "85.49"), "85.25", "85.50"),
            (("10", "80.01", "80.02", "80.02", "100"), "80.02", "80.02"),
            (("1", "2", "3", "4", "5", "6", "100"), "4.00", "4.00"),
        ],
    )
    def test_rounds_half_up(self, given_totals, aggregate: str, median: str):
        found = decimals(*given_totals)
        assert (scoring.aggregate(found), scoring.median(found)) == (Decimal(aggregate), Decimal(median))

    def test_of_no_sheet_there_is_none(self):
        for figure in (scoring.aggregate, scoring.median, scoring.mean):
            with pytest.raises(ValueError, match="no sheets"):
                figure([])


class TestDisagreement:
    def test_a_panel_alone_never_shows_an_outlier_among_five(self):
        """That is why the yardstick is the round's: the largest distance possible is under two of one's own deviations."""
        alone = decimals("0", "100", "100", "100", "100")
        assert Deviation.of([alone]).outliers(alone, Decimal(2)) == []

    def test_measured_by_the_round_the_odd_sheet_shows(self):
        calm = [decimals("80", "81", "82", "81", "81") for _ in range(10)]
        odd = decimals("80", "81", "82", "81", "70")
        yardstick = Deviation.of([*calm, odd])
        assert yardstick.points == Decimal("1.64")
        assert yardstick.outliers(odd, Decimal(2)) == decimals("70")
        assert [yardstick.outliers(each, Decimal(2)) for each in calm] == [[]] * 10

    def test_exactly_at_the_limit_is_not_beyond_it(self):
        one, other = decimals("0", "2"), decimals("1", "1")
        yardstick = Deviation.of([one, other])
        assert (yardstick.variance, yardstick.sheets) == (Fraction(1), 4)
        assert yardstick.outliers(one, Decimal(1)) == []
        assert yardstick.outliers(one, Decimal("0.9")) == decimals("0", "2")

    @given(st.lists(sheets, max_size=5), st.randoms())
    def test_does_not_depend_on_the_order_of_panels_and_sheets(self, panels, random):
        shuffled = [random.sample(each, len(each)) for each in random.sample(panels, len(panels))]
        assert Deviation.of(shuffled) == Deviation.of(panels)

    def test_where_all_agree_nobody_is_off(self):
        same = decimals("88", "88", "88")
        assert Deviation.of([same]).outliers(same, Decimal(2)) == []


class TestLeniency:
    def test_is_the_mean_distance_from_the_others_of_the_same_panels(self):
        panels = [
            {1: Decimal(90), 2: Decimal(80), 3: Decimal(70)},
            {1: Decimal(85), 2: Decimal(80)},
            {3: Decimal(60)},
        ]
        assert scoring.leniency(panels) == {
            1: (Decimal("10.00"), 2),
            2: (Decimal("-2.50"), 2),
            3: (Decimal("-15.00"), 1),
        }

    @given(st.dictionaries(st.integers(1, 5), totals, min_size=2))
    def test_on_one_panel_the_figures_cancel_out(self, panel):
        found = scoring.leniency([panel])
        assert abs(sum(points for points, _n in found.values())) <= Decimal("0.005") * len(panel)


class TestRanking:
    @given(standings, st.randoms())
    def test_is_total_and_stable(self, given_standings, random):
        found = scoring.places(given_standings)
        assert sorted(found.values()) == list(range(1, len(given_standings) + 1))
        assert scoring.places(random.sample(given_standings, len(given_standings))) == found

    @given(standings)
    def test_nobody_stands_before_somebody_with_better_figures(self, given_standings):
        found = scoring.places(given_standings)
        for one, other in combinations(given_standings, 2):
            if one.points != other.points:
                assert (found[one.key] < found[other.key]) == (one.points > other.points)

    @given(standings)
    def test_taking_one_out_leaves_the_others_in_their_order(self, given_standings):
        found = scoring.places(given_standings)
        order = sorted(given_standings, key=lambda each: found[each.key])
        assert [each.key for each in sorted(order[1:], key=lambda e: scoring.places(order[1:])[e.key])] == [
            each.key for each in order[1:]
        ]

    def test_the_mark_of_a_priority_industry_decides_only_between_equals(self):
        better = Standing(1, Decimal("88.01"), Decimal(20), Decimal(88), priority=False)
        marked = Standing(2, Decimal("88.00"), Decimal(20), Decimal(88), priority=True)
        equal = Standing(3, Decimal("88.00"), Decimal(20), Decimal(88), priority=False)
        assert scoring.places([equal, marked, better]) == {1: 1, 2: 2, 3: 3}
        assert scoring.level([equal, marked, better]) == [[2, 3]]
