"""权责划分（一）4、（二）6，其他事项 3、4: a placement changes by a month's notice, by consent, by illness or by force majeure."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta

from agreements.models import Placement, PlacementChange
from agreements.services import placement_changes, placements
from agreements.services.placement_starts import COVERED, is_covered
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from tests.agreements.placing import ENDS, STARTS, Placing

ASKED = date(2027, 1, 31)
# A calendar month later: the 28th, not the 31st.
A_MONTH_LATER = date(2027, 2, 28)


def refused(act: Callable[[], Any], kind: type[Refused] = Refused) -> tuple[str, ...]:
    with pytest.raises(kind) as refusal:
        act()
    return refusal.value.reasons


def ask(placing: Placing, who: Placement, acting: Acting, **changes: Any) -> PlacementChange:
    given = {"kind": "early", "ends_on": A_MONTH_LATER, "reason": "课程调整。", "on": ASKED}
    return placement_changes.ask(base=placing.base, placement=who.pk, acting=acting, **given | changes)


def answer(placing: Placing, who: Placement, acting: Acting, agreed: bool = True, **changes: Any) -> PlacementChange:
    given = {"on": ASKED, "note": ""} | changes
    return placement_changes.answer(base=placing.base, placement=who.pk, acting=acting, agreed=agreed, **given)


def now(who: Placement) -> Placement:
    return Placement.objects.get(pk=who.pk)


@pytest.fixture
def who(placing: Placing) -> Placement:
    """One who is in the base."""
    return placing.running(1)[0]


class TestAMonthsNotice:
    @pytest.mark.agreement("权责划分（一）4")
    @pytest.mark.agreement("权责划分（二）6")
    @pytest.mark.parametrize("side", ["unit", "partner"])
    def test_is_enough_for_either_side(self, placing: Placing, who: Placement, side: str):
        change = ask(placing, who, getattr(placing, side))
        assert (change.status, change.side, now(who).ends_on, now(who).planned_ends_on, now(who).status) == (
            "effective", side, A_MONTH_LATER, ENDS, "running",
        )  # fmt: skip
        assert placing.words(who)[-2:] == ["提出变更", "变更生效"]

    @pytest.mark.agreement("权责划分（二）6")
    def test_is_a_calendar_month_and_a_day_less_waits_for_consent(self, placing: Placing, who: Placement):
        change = ask(placing, who, placing.partner, ends_on=A_MONTH_LATER - timedelta(days=1))
        assert (change.status, now(who).ends_on) == ("waiting", ENDS)

    @pytest.mark.agreement("权责划分（二）6")
    @pytest.mark.parametrize(
        ("on", "status"), [(ENDS - relativedelta(months=1), "effective"), (ENDS - relativedelta(days=20), "waiting")]
    )
    def test_of_an_extension_counts_to_the_end_that_it_moves(
        self, placing: Placing, who: Placement, on: date, status: str
    ):
        later = date(2027, 10, 31)
        change = ask(placing, who, placing.partner, kind="extend", ends_on=later, on=on)
        assert (change.status, now(who).ends_on) == (status, later if status == "effective" else ENDS)

    @pytest.mark.agreement("其他事项 3")
    def test_of_an_extension_leaves_the_insurance_short_and_says_so(self, placing: Placing, who: Placement):
        assert is_covered(who)
        ask(placing, who, placing.partner, kind="extend", ends_on=date(2027, 10, 31))
        assert not is_covered(now(who))
        placing.insure([who], insured_until=date(2027, 10, 31))
        assert is_covered(now(who))

    @pytest.mark.agreement("其他事项 3")
    @pytest.mark.parametrize(
        "changes",
        [{}, {"insured_from": timedelta(1)}, {"insured_until": -timedelta(1)}, {"ends_on": timedelta(1)}, {"starts_on": -timedelta(1)}],
        ids=["as agreed", "insured late", "insured short", "ends later", "starts earlier"],
    )  # fmt: skip
    def test_of_the_insurance_is_counted_by_the_database_as_on_the_page(
        self, who: Placement, changes: dict[str, timedelta]
    ):
        whole = {"insured_from": who.starts_on, "insured_until": who.ends_on}
        moved = whole | {name: whole.get(name, getattr(who, name)) + by for name, by in changes.items()}
        Placement.objects.filter(pk=who.pk).update(**moved)
        assert list(Placement.objects.filter(COVERED)) == [who] * is_covered(now(who)) == [who] * (not changes)

    @pytest.mark.agreement("培养过程 2")
    def test_of_an_extension_beyond_twelve_months_keeps_its_reason_as_that_of_the_length(
        self, placing: Placing, who: Placement
    ):
        ask(placing, who, placing.unit, kind="extend", ends_on=date(2028, 1, 31), reason="项目延期。")
        assert now(who).length_reason == "项目延期。"


class TestConsent:
    @pytest.mark.agreement("权责划分（二）6")
    def test_of_the_other_side_lets_a_short_notice_take_effect(self, placing: Placing, who: Placement):
        soon = ASKED + timedelta(days=5)
        ask(placing, who, placing.partner, ends_on=soon)
        refused(lambda: answer(placing, who, placing.partner), NotYours)
        change = answer(placing, who, placing.unit)
        assert (change.status, change.answered_by, now(who).ends_on) == ("effective", placing.unit.user, soon)
        placements.end(base=placing.base, placements=[who.pk], acting=placing.partner, on=soon)
        assert (now(who).status, now(who).ending) == ("ended", "early")

    def test_may_be_withheld_with_a_reason_and_all_stays(self, placing: Placing, who: Placement):
        ask(placing, who, placing.unit, ends_on=ASKED + timedelta(days=5))
        assert refused(lambda: answer(placing, who, placing.partner, agreed=False)) == ("请写明不同意的原因。",)
        change = answer(placing, who, placing.partner, agreed=False, note="岗位离不开。")
        assert (change.status, change.answer_note, now(who).ends_on) == ("refused", "岗位离不开。", ENDS)

    def test_comes_too_late_once_the_day_has_passed(self, placing: Placing, who: Placement):
        soon = ASKED + timedelta(days=5)
        ask(placing, who, placing.unit, ends_on=soon)
        (reason,) = refused(lambda: answer(placing, who, placing.partner, on=soon + timedelta(days=1)), Overtaken)
        assert reason == f"变更的日期 {soon} 已过，不能再同意。请答复不同意，由对方重新提出。"

    def test_is_for_the_change_that_was_seen(self, placing: Placing, who: Placement):
        first = ask(placing, who, placing.unit, ends_on=ASKED + timedelta(days=5))
        refused(lambda: ask(placing, who, placing.partner), Overtaken)
        placement_changes.take_back(base=placing.base, placement=who.pk, acting=placing.unit, on=ASKED)
        second = ask(placing, who, placing.unit, ends_on=ASKED + timedelta(days=3))
        refused(lambda: answer(placing, who, placing.partner, seen=first.pk), Overtaken)
        assert answer(placing, who, placing.partner, seen=second.pk).status == "effective"

    def test_is_taken_back_by_the_side_that_asked_alone(self, placing: Placing, who: Placement):
        ask(placing, who, placing.unit, ends_on=ASKED + timedelta(days=5))

        def take_back(acting: Acting) -> PlacementChange:
            return placement_changes.take_back(base=placing.base, placement=who.pk, acting=acting, on=ASKED)

        refused(lambda: take_back(placing.partner), NotYours)
        assert take_back(placing.unit).status == "taken_back"
        refused(lambda: answer(placing, who, placing.partner), Overtaken)


class TestIllnessAndForceMajeure:
    @pytest.mark.agreement("其他事项 3")
    @pytest.mark.parametrize("side", ["unit", "partner"])
    def test_illness_ends_at_once_and_the_student_returns_to_the_unit(
        self, placing: Placing, who: Placement, side: str
    ):
        ask(placing, who, placing.unit, ends_on=ASKED + timedelta(days=5))
        placement_changes.end_for_illness(
            base=placing.base,
            placement=who.pk,
            acting=getattr(placing, side),
            on=ASKED,
            last_day=ASKED,
            reason="住院治疗。",
        )
        assert (now(who).status, now(who).ending, now(who).ends_on) == ("ended", "illness", ASKED)
        assert sorted(who.changes.values_list("kind", "status")) == [("early", "lapsed"), ("illness", "effective")]
        assert who.events.order_by("-pk")[0].words == f"因病终止，结束日期 {ASKED}：住院治疗。研究生返回培养单位。"

    @pytest.mark.agreement("其他事项 3")
    def test_illness_frees_the_student_for_a_later_place(self, placing: Placing, who: Placement):
        placement_changes.end_for_illness(
            base=placing.base, placement=who.pk, acting=placing.unit, on=ASKED, last_day=ASKED, reason="住院治疗。"
        )
        again = placing.select(
            students=[who.student_id], on=ASKED, starts_on=date(2027, 4, 1), ends_on=date(2027, 10, 31)
        )
        assert again[0].status == "proposed"

    @pytest.mark.parametrize("last_day", [STARTS - timedelta(days=1), ASKED + timedelta(days=1)])
    def test_illness_has_a_last_day_in_the_base_that_has_come(self, placing: Placing, who: Placement, last_day: date):
        end = lambda: placement_changes.end_for_illness(  # noqa: E731
            base=placing.base, placement=who.pk, acting=placing.unit, on=ASKED, last_day=last_day, reason="病。"
        )
        assert refused(end) == (f"在基地的最后一天应在 {STARTS} 至 {ASKED} 之间。",)

    @pytest.mark.agreement("其他事项 4")
    def test_force_majeure_always_asks_both_sides(self, placing: Placing, who: Placement):
        change = ask(
            placing, who, placing.partner, kind="force_majeure", ends_on=date(2027, 6, 30), reason="厂区停产。"
        )
        assert change.status == "waiting"
        answer(placing, who, placing.unit)
        placements.end(base=placing.base, placements=[who.pk], acting=placing.partner, on=date(2027, 6, 30))
        assert (now(who).ending, now(who).ends_on) == ("force_majeure", date(2027, 6, 30))

    @pytest.mark.agreement("其他事项 4")
    def test_force_majeure_of_today_ends_with_the_consent(self, placing: Placing, who: Placement):
        ask(placing, who, placing.partner, kind="force_majeure", ends_on=ASKED, reason="厂区停产。")
        answer(placing, who, placing.unit)
        assert (now(who).status, now(who).ending) == ("ended", "force_majeure")


class TestCallingOff:
    @pytest.mark.agreement("权责划分（一）4")
    def test_who_is_accepted_does_not_come_with_a_months_notice_or_consent(self, placing: Placing):
        first, second = placing.accept(placing.select(2))
        early = STARTS - relativedelta(months=1)
        ask(placing, first, placing.unit, kind="cancel", ends_on=None, on=early)
        assert now(first).status == "withdrawn"
        ask(placing, second, placing.unit, kind="cancel", ends_on=None, on=placing.on)
        assert now(second).status == "accepted"
        answer(placing, second, placing.partner, on=placing.on)
        assert now(second).status == "withdrawn"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"kind": "extend", "ends_on": ENDS}, f"延期后的结束日期应晚于 {ENDS}。"),
        ({"ends_on": ASKED - timedelta(days=1)}, f"提前结束的日期应不早于今天（{ASKED}），并早于约定的 {ENDS}。"),
        ({"ends_on": ENDS}, f"提前结束的日期应不早于今天（{ASKED}），并早于约定的 {ENDS}。"),
        ({"ends_on": None}, "请填写变更后的结束日期。"),
        ({"reason": " "}, "请写明变更的原因。"),
    ],
)
def test_a_change_that_is_none_is_refused(placing: Placing, who: Placement, changes: dict[str, Any], reason: str):
    assert refused(lambda: ask(placing, who, placing.unit, **changes)) == (reason,)
    assert PlacementChange.objects.count() == 0


@pytest.mark.parametrize("person", ["applicant", "officer", "other_unit_officer", "other_partner_officer"])
def test_nobody_but_the_two_sides_changes_anything(placing: Placing, who: Placement, person: str):
    refused(lambda: ask(placing, who, getattr(placing.world, person)), NotYours)
