"""第十条: until when agreements cover a base, and who is told in time that they do not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from agreements.agreement_area import standing
from agreements.comparing import Piece, differences
from agreements.coverage import Coverage, covered_until, end_of_term
from agreements.inbox import source
from agreements.models import AgreementRevision
from agreements.queries import coverages
from agreements.training import Standing
from bases.models import Base
from portal import inbox
from portal.acting import Acting
from tests.agreements.agreed import agreed
from tests.agreements.conftest import Cooperating
from tests.factories import World

pytestmark = [pytest.mark.article("10"), pytest.mark.agreement("其他事项 5")]


@pytest.fixture
def world(cooperating: Cooperating, db: None) -> World:
    """The people of the module, their counters as they were."""
    return replace(cooperating.world)


@pytest.fixture
def base(world: World, cooperating: Cooperating) -> Base:
    """A base in construction since today."""
    return Base.objects.get(pk=cooperating.base)


def day(text: str) -> date:
    """A date out of its digits."""
    return date.fromisoformat(text)


class TestArithmetic:
    @pytest.mark.parametrize(
        ("starts", "years", "ends"),
        [("2026-11-24", 3, "2029-11-24"), ("2028-02-29", 3, "2031-02-28"), ("2028-02-29", 4, "2032-02-29")],
    )
    def test_a_term_ends_on_the_same_day_of_the_year(self, starts: str, years: int, ends: str):
        assert end_of_term(day(starts), years) == day(ends)

    @pytest.mark.parametrize(
        ("periods", "until"),
        [
            ([], None),
            ([("2026-01-01", "2026-06-14")], None),
            ([("2026-06-16", "2026-12-31")], None),
            ([("2026-01-01", "2026-06-15")], "2026-06-15"),
            ([("2026-01-01", "2026-12-31"), ("2027-01-01", "2029-12-31")], "2029-12-31"),
            ([("2026-01-01", "2026-12-31"), ("2027-01-02", "2029-12-31")], "2026-12-31"),
            ([("2027-01-01", "2029-12-31"), ("2026-01-01", "2028-12-31")], "2029-12-31"),
            ([("2026-01-01", "2029-12-31"), ("2026-05-01", "2026-07-01")], "2029-12-31"),
        ],
    )
    def test_days_are_covered_as_far_as_there_is_no_gap(self, periods: list[tuple[str, str]], until: str | None):
        found = covered_until([(day(first), day(last)) for first, last in periods], day("2026-06-15"))
        assert found == (day(until) if until else None)

    def test_what_is_over_or_not_ahead_needs_no_cover(self):
        covered = Coverage(on=day("2026-06-15"), until=None, construction_until=day("2026-06-14"))
        assert (covered.covers_construction, covered.covers_assessment) == (True, True)
        assert not replace(covered, construction_until=day("2026-06-15")).covers_construction

    def test_words_are_compared_piece_by_piece(self):
        assert differences("每年提供10个岗位", "每年提供12个岗位。") == [
            Piece("same", "每年提供"), Piece("removed", "10"), Piece("added", "12"), Piece("same", "个岗位"), Piece("added", "。"),
        ]  # fmt: skip
        for before, after in (("甲乙丙丁", "甲丙乙丁"), ("", "新增"), ("删去", ""), ("相同", "相同")):
            found = differences(before, after)
            assert "".join(piece.text for piece in found if piece.kind != "added") == before
            assert "".join(piece.text for piece in found if piece.kind != "removed") == after


class TestABase:
    def test_is_covered_to_the_end_of_construction_and_of_the_assessment_or_not(self, world: World, base: Base, today):
        assert base.policy is not None
        assert coverages([base], today)[base.pk].until is None
        agreed(world, base, today, term_years=2)
        found = coverages([base], today)[base.pk]
        assert (found.until, found.construction_until) == (day("2028-11-24"), base.construction_ends_on)
        assert (found.covers_construction, found.covers_assessment) == (False, False)
        agreed(world, base, day("2028-11-01"), kind="renewal", term_years=3)
        found = coverages([base], day("2028-11-01"))[base.pk]
        assert (found.until, found.covers_construction, found.covers_assessment) == (day("2031-11-01"), True, True)

    def test_whose_three_years_end_before_the_report_of_the_assessment_is_covered_for_the_construction_only(
        self, world: World, base: Base, today
    ):
        agreed(world, base, today)
        found = coverages([base], today)[base.pk]
        assert found.assessment_until == day("2029-11-24") + timedelta(days=60)
        assert (found.covers_construction, found.covers_assessment) == (True, False)

    def test_says_in_the_overview_how_its_agreement_stands(self, world: World, base: Base, today):
        def said(on: date) -> Standing:
            return standing([base], world.unit_officer, on)[base.pk]

        assert said(today) == Standing("没有生效的协议", "missing")
        world.draft_agreement(base, today)
        assert said(today) == Standing("没有生效的协议，起草中", "missing")
        # An unsent draft is the unit's own.
        assert standing([base], world.partner_officer, today)[base.pk] == Standing("没有生效的协议", "missing")

    def test_with_an_agreement_says_until_when(self, world: World, base: Base, today):
        agreed(world, base, today)
        said = [
            standing([base], world.officer, on)[base.pk]
            for on in (today, day("2029-06-01"), day("2029-11-24"), day("2029-11-25"))
        ]
        assert said == [
            Standing("有效期至 2029-11-24", "ok"), Standing("有效期至 2029-11-24", "soon"), Standing("有效期至 2029-11-24", "soon"),
            Standing("已于 2029-11-24 到期或终止", "missing"),
        ]  # fmt: skip


class TestTheInbox:
    def waiting(self, world: World, on: date) -> list[list[tuple[str, bool]]]:
        """What waits around the agreements for unit, partner and department, and whether it is pressing."""
        return [
            [(item.why, item.pressing) for item in inbox.items(acting, on) if item.group == "协议"]
            for acting in (world.unit_officer, world.partner_officer, world.officer)
        ]

    def test_asks_for_the_renewal_as_many_days_before_the_end_as_the_policy_says(self, world: World, base: Base, today):
        agreed(world, base, today)
        first = day("2029-11-24") - timedelta(days=180)
        assert self.waiting(world, first - timedelta(days=1)) == [[], [], []]
        assert self.waiting(world, first) == [
            [("协议有效至 2029-11-24，请及早续签。", False)],
            [("协议有效至 2029-11-24，请与培养单位商定是否续签。", False)],
            [],
        ]

    def test_asks_at_once_where_the_agreement_ends_before_the_construction(self, world: World, base: Base, today):
        agreed(world, base, today, term_years=2)
        assert self.waiting(world, today) == [
            [("协议有效至 2028-11-24，早于建设期截止 2029-11-24，请续签。", False)],
            [("协议有效至 2028-11-24，早于建设期截止 2029-11-24，请与培养单位商定续签。", False)],
            [],
        ]

    def test_presses_both_sides_and_tells_the_department_once_it_has_lapsed(self, world: World, base: Base, today):
        agreed(world, base, today)
        assert self.waiting(world, day("2029-11-25")) == [
            [("协议已于 2029-11-24 到期或终止，双方没有生效的协议，请尽快续签。", True)],
            [("协议已于 2029-11-24 到期或终止，双方没有生效的协议，请与培养单位商定续签。", True)],
            [(f"协议已于 2029-11-24 到期或终止，没有续签，请督促{world.unit.name}办理。", False)],
        ]

    def test_follows_the_renewal_that_is_under_way_and_the_partner_hears_of_it_when_it_is_sent(
        self, world: World, base: Base, today
    ):
        agreed(world, base, today)
        world.draft_agreement(base, day("2029-11-01"), kind="renewal")
        assert self.waiting(world, day("2029-11-01")) == [
            [("协议正在起草，九项内容齐全后送合作单位确认文本。", False)],
            [("协议有效至 2029-11-24，请与培养单位商定是否续签。", False)],
            [],
        ]

    def test_takes_the_same_number_of_queries_for_more_bases(
        self, world: World, base: Base, today, django_assert_num_queries: Callable[..., object]
    ):
        agreed(world, base, today, term_years=2)
        with django_assert_num_queries(4):
            list(source(world.unit_officer, today))
        more = world.constructing(today)
        agreed(world, more, today, term_years=2)
        assert AgreementRevision.objects.filter(done_on=None).count() == 0
        with django_assert_num_queries(4):
            assert len(list(source(world.unit_officer, today))) == 2


def test_the_page_says_whether_the_agreement_covers_what_is_ahead(
    world: World, base: Base, today: date, signed_in: Callable[[Acting], Client]
) -> None:
    page = reverse("base-agreements", args=[base.pk])
    client = signed_in(world.unit_officer)
    assert "还没有生效的协议" in client.get(page).text
    agreed(world, base, today, term_years=2)
    text = client.get(page).text
    assert "协议没有覆盖到建设期结束，请续签" in text
    assert "协议在考核提交材料之前到期，届时须已续签" in text
