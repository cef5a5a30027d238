"""第八条（三）: what a round's sheets come to, when they may be seen, and how the preliminary list is made of them."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pgtrigger
import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from applications.models import (
    Application,
    Assignment,
    MeetingItem,
    Panel,
    PreliminaryEntry,
    PreliminaryList,
    ReviewMeeting,
)
from applications.services import all_in, panels, preliminary, recognising, results
from bases.lifecycle import State
from bases.models import Base, Policy
from portal.errors import NotYours, Overtaken, Refused
from tests.applications.ranked import experts, hand_in, scored
from tests.conftest import TODAY
from tests.factories import World

pytestmark = pytest.mark.article("8(3)")


def names(world: World) -> list[tuple[int | None, str]]:
    """The ranking as places and names."""
    return [(each.place, each.application.name) for each in results.ranking(world.round(TODAY))]


def panel_of(application: Application) -> Panel:
    return Panel.objects.get(application=application)


def state(application: Application) -> str:
    return Base.objects.get(pk=application.base_id).state


class TestSheetsAreSeen:
    def test_only_once_all_are_in_and_enough_of_them(self, world: World):
        two = panel_of(scored(world, "两份", ["80", "90"]))
        waiting = panel_of(scored(world, "三份一待", ["80", "90", "85", None]))
        full = panel_of(scored(world, "三份", ["80", "90", "85"]))
        nothing = panel_of(scored(world, "没有专家", []))
        everything = Panel.objects.filter(pk__in=[two.pk, waiting.pk, full.pk, nothing.pk])
        assert list(all_in.with_all_sheets(everything)) == [full]
        assert [all_in.sheets_open(each) for each in (two, waiting, full, nothing)] == [False, False, True, False]
        # The place of who has left is waited for, though enough are in; so is an extra expert.
        waiting.assignments.filter(status="assigned").update(status="declined", ended_reason="出差。")
        assert not all_in.sheets_open(waiting)
        Assignment.objects.create(panel=full, expert=experts(world, 6)[5].user, assigned_on=TODAY)
        assert not all_in.sheets_open(full)
        Panel.objects.filter(pk=full.pk).update(aggregate=Decimal("85.00"), fixed_on=TODAY)
        assert all_in.sheets_open(full)

    def test_the_ranking_says_how_many_are_missing_and_nothing_else(self, world: World):
        application = scored(world, "一待", ["80", "99", None])
        (line,) = results.ranking(world.round(TODAY))
        assert (line.application, line.place, line.sheets, line.expected, line.missing) == (application, None, 2, 3, 1)
        assert {line.aggregate, line.median, line.results_mean, line.spread} == {None}
        assert line.flags == ()
        assert results.leniency(results.read(results.panels_of(world.round(TODAY)))) == []


class TestRanking:
    def test_orders_by_aggregate_then_results_then_median_then_mark_then_number(self, world: World):
        scored(world, "先录入", ["80", "80", "80"])
        scored(world, "优先", ["80", "80", "80"], priority="modern_energy")
        scored(world, "中位数高", ["81", "80.5", "78.5"])
        scored(world, "前期好", ["80", "80", "80"], results=["20", "20", "20.1"])
        scored(world, "高分", ["80.01", "80.01", "80.01"], results="5")
        scored(world, "后录入", ["80", "80", "80"])
        scored(world, "中位数低", ["81", "79.5", "79.5"])
        scored(world, "未齐", ["99", None, None])
        expected = ["高分", "前期好", "中位数高", "优先", "先录入", "后录入", "中位数低"]
        assert names(world) == [*enumerate(expected, start=1), (None, "未齐")]

    def test_takes_as_many_queries_for_many_as_for_one(self, world: World):
        scored(world, "甲", ["80", "81", "82"])
        with CaptureQueriesContext(connection) as one:
            results.ranking(world.round(TODAY))
        for name in "乙丙丁":
            scored(world, name, ["80", "81", "82", "83", "84"])
        with CaptureQueriesContext(connection) as many:
            results.ranking(world.round(TODAY))
        assert len(many) == len(one)

    def test_removing_a_sheet_hides_its_application_and_taking_it_in_again_restores_it(self, world: World):
        application = scored(world, "甲", ["80", "90", "85", "70", "95"])
        scored(world, "乙", ["85.01", "85.01", "85.01"])
        before = results.ranking(world.round(TODAY))
        own = Assignment.objects.filter(panel__application=application).latest("pk")
        Assignment.objects.filter(pk=own.pk).update(status="released", ended_reason="误交。")
        changed = results.ranking(world.round(TODAY))
        assert [(each.application.name, each.aggregate) for each in changed] == [
            ("乙", Decimal("85.01")),
            ("甲", None),
        ]
        Assignment.objects.filter(pk=own.pk).update(status="assigned", ended_reason="")
        with pgtrigger.ignore("applications.Score:scores_are_locked"):
            hand_in(Assignment.objects.get(pk=own.pk), Decimal(95), Decimal(20))
        assert results.ranking(world.round(TODAY)) == before

    def test_the_policy_of_the_round_says_from_how_many_sheets_on_the_ends_are_dropped(self, world: World):
        application = scored(world, "甲", ["0", "80", "81", "100"])
        (line,) = results.ranking(world.round(TODAY))
        assert line.aggregate == Decimal("65.25")
        policy = Policy.objects.create(
            version=99, effective_from=TODAY, trim_from=4, disagreement_range=Decimal(100), note="试行"
        )
        type(world.round(TODAY)).objects.update(policy=policy)
        (line,) = results.ranking(world.round(TODAY))
        assert (line.aggregate, line.flags) == (Decimal("80.50"), ())
        assert panels.fix_aggregate(panel=panel_of(application), on=TODAY).aggregate == Decimal("80.50")

    def test_points_out_where_the_experts_disagree(self, world: World):
        scored(world, "分差大", ["60", "81", "80"])
        for number in range(6):
            scored(world, f"一致{number}", ["80", "81", "82", "81", "81"])
        scored(world, "偏离", ["80", "81", "82", "81", "69"])
        found = results.ranking(world.round(TODAY))
        flags = {each.application.name: each.flags for each in found}
        assert {each.application.name: each.spread for each in found}["分差大"] == Decimal("21.00")
        assert flags.pop("分差大") == (
            "分差 21.00 分，超过 20 分",
            "60.00 分偏离本项平均分超过 2 倍标准差",
        )
        assert flags.pop("偏离") == ("69.00 分偏离本项平均分超过 2 倍标准差",)
        assert set(flags.values()) == {()}


@pytest.fixture
def three(world: World) -> list[Application]:
    """甲, 乙 and 丙 in that order, and one that waits."""
    made = [scored(world, name, [total] * 3) for name, total in (("甲", "90"), ("乙", "80"), ("丙", "70"))]
    scored(world, "未齐", ["99", "99", None])
    return made


@pytest.fixture
def listed(world: World) -> Callable[..., PreliminaryList]:
    """Adopts what is on the page now."""

    def adopt(**changes: object) -> PreliminaryList:
        round_ = world.round(TODAY)
        draft = preliminary.draft_of(round_)
        assert draft is not None
        found = preliminary.lines(
            preliminary.candidates(results.ranking(round_)), draft.cutoff_by, draft.cutoff, preliminary.by_hand(draft)
        )
        given = {
            "round": round_, "revision": draft.revision, "seen": preliminary.fingerprint(found), "by": world.officer,
            "on": TODAY, "accept_missing": True,
        }  # fmt: skip
        return preliminary.adopt(**given | changes)  # type: ignore[arg-type]

    return adopt


def cut(world: World, at: str, by: str = "count", revision: int | None = None) -> PreliminaryList:
    draft = preliminary.draft_of(world.round(TODAY))
    seen = revision if revision is not None else draft.revision if draft else 0
    return preliminary.move_cutoff(
        round=world.round(TODAY), cutoff_by=by, cutoff=Decimal(at), revision=seen, by=world.officer, on=TODAY
    )


def concluded(world: World, said: dict[Application, str], held_on: date = TODAY) -> ReviewMeeting:
    """A 评审会议 that came to these conclusions."""
    by = world.officer.user
    meeting = ReviewMeeting.objects.create(
        round=world.round(TODAY), kind="review", title="评审会议", held_on=held_on, place="厅里", agenda="审议", drafted_by=by
    )  # fmt: skip
    for position, (application, conclusion) in enumerate(said.items(), start=1):
        MeetingItem.objects.create(meeting=meeting, application=application, position=position, conclusion=conclusion)
    meeting.state, meeting.conclusion, meeting.concluded_by, meeting.concluded_on = "concluded", "同意。", by, TODAY
    meeting.save()
    return meeting


class TestTheListIsDrafted:
    def test_by_a_number_or_by_points(self, world: World, three):
        found = preliminary.candidates(results.ranking(world.round(TODAY)))

        def chosen(by: str, at: str) -> str:
            draft = cut(world, at, by)
            lines = preliminary.lines(found, draft.cutoff_by, draft.cutoff, {})
            return "".join(line.ranked.application.name for line in lines if line.chosen)

        assert [chosen("count", at) for at in ("0", "2", "9")] == ["", "甲乙", "甲乙丙"]
        assert [chosen("score", at) for at in ("70", "70.01", "80", "80.01")] == ["甲乙丙", "甲乙", "甲乙", "甲"]

    def test_by_whoever_saw_it_as_it_is(self, world: World, three):
        cut(world, "1")
        with pytest.raises(Overtaken, match="名单草稿已被修改"):
            cut(world, "2", revision=0)
        with pytest.raises(NotYours, match="初步名单由教育厅经办拟定"):
            preliminary.move_cutoff(
                round=world.round(TODAY), cutoff_by="count", cutoff=Decimal(2), revision=1, by=world.leader, on=TODAY
            )
        with pytest.raises(Refused, match="入选数应为不小于 0 的整数"):
            cut(world, "1.5")
        kept = PreliminaryList.objects.get()
        assert (kept.cutoff, kept.revision) == (Decimal(1), 1)

    def test_and_changed_by_hand_only_with_a_reason(self, world: World, three):
        cut(world, "1")
        given = {"round": world.round(TODAY), "by": world.officer, "on": TODAY}
        with pytest.raises(Refused, match="人工调整应写明理由"):
            preliminary.change_by_hand(application=three[2], chosen=True, reason=" ", revision=1, **given)
        waiting = Application.objects.get(name="未齐")
        with pytest.raises(Refused, match="“未齐”的评分表还没有收齐"):
            preliminary.change_by_hand(application=waiting, chosen=True, reason="布局需要。", revision=1, **given)
        preliminary.change_by_hand(application=three[2], chosen=True, reason=" 布局需要。 ", revision=1, **given)
        entry = PreliminaryEntry.objects.get()
        assert (entry.application, entry.chosen, entry.reason, entry.changed_by) == (
            three[2], True, "布局需要。", world.officer.user,
        )  # fmt: skip
        preliminary.undo_by_hand(application=three[2], revision=2, **given)
        assert PreliminaryEntry.objects.count() == 0

    def test_of_what_is_in_review_in_this_round_and_not_in_a_later_one(self, world: World, three):
        odd = scored(world, "分歧", ["60", "90", "95"])
        Panel.objects.filter(application=odd).update(aggregate=Decimal("81.67"), fixed_on=TODAY)
        old = world.round(TODAY)
        given = {"name": odd.name, "category": world.category, "partner": world.partner, "declared_on": TODAY}
        Application.objects.create(base=odd.base, round=world.round(date(2027, 3, 1)), declare_by=TODAY, **given)
        assert [each.application for each in preliminary.candidates(results.ranking(old))] == three
        with pytest.raises(Refused, match="只有专家评分存在分歧"):
            preliminary.refer(round=old, applications=[odd], by=world.officer, on=TODAY)

    def test_ties_at_the_cut_off_are_pointed_out(self, world: World):
        for name, share in (("甲", "21"), ("乙", "20"), ("丙", "20"), ("丁", "19")):
            scored(world, name, ["80"] * 3, results=share)
        found = preliminary.candidates(results.ranking(world.round(TODAY)))

        def tie(at: int) -> tuple[tuple[str, ...], bool] | None:
            seen = preliminary.divided(preliminary.lines(found, "count", Decimal(at), {}))
            return (seen.names, seen.is_level) if seen else None

        all_four = ("甲", "乙", "丙", "丁")
        assert [tie(at) for at in range(5)] == [None, (all_four, False), (all_four, True), (all_four, False), None]


class TestTheListIsAdopted:
    def test_in_one_act_for_all_its_bases(self, world: World, three, listed):
        cut(world, "1")
        preliminary.change_by_hand(
            round=world.round(TODAY), application=three[2], chosen=True, reason="布局需要。", revision=1, by=world.officer,
            on=TODAY,
        )  # fmt: skip
        made = listed()
        assert [state(each) for each in three] == [State.SHORTLISTED, State.IN_REVIEW, State.SHORTLISTED]
        assert [panel_of(each).aggregate for each in three] == [Decimal(90), Decimal(80), Decimal(70)]
        assert list(made.entries.values_list("place", "aggregate", "by_cutoff", "chosen", "reason")) == [
            (1, Decimal(90), True, True, ""),
            (2, Decimal(80), False, False, ""),
            (3, Decimal(70), False, True, "布局需要。"),
        ]
        assert (made.state, made.adopted_by, made.adopted_on) == ("adopted", world.officer.user, TODAY)
        assert panel_of(Application.objects.get(name="未齐")).aggregate is None
        # What was adopted stays, whoever writes; the ranking stays as it was.
        for change in (
            lambda: PreliminaryList.objects.update(cutoff=3),
            lambda: PreliminaryEntry.objects.filter(place=2).update(chosen=True, reason="补录。"),
            lambda: PreliminaryEntry.objects.filter(place=2).delete(),
            lambda: PreliminaryList.objects.all().delete(),
        ):
            with pytest.raises(IntegrityError, match="adopted preliminary list"), transaction.atomic():
                change()
        assert names(world) == [(1, "甲"), (2, "乙"), (3, "丙"), (None, "未齐")]

    def test_or_for_none_of_them(self, world: World, three, listed, monkeypatch):
        cut(world, "2")
        given = preliminary.recognising.shortlist

        def refuse(*, base: Base, **fields: object) -> Base:
            if base.pk == three[1].base_id:
                raise Refused(["材料被退回。", "须先补齐。"])
            return given(base=base, **fields)  # type: ignore[arg-type]

        monkeypatch.setattr(preliminary.recognising, "shortlist", refuse)
        with pytest.raises(Refused) as refusal:
            listed()
        assert refusal.value.reasons == ("“乙”：材料被退回。", "“乙”：须先补齐。")
        assert {state(each) for each in three} == {State.IN_REVIEW}
        assert [panel_of(each).aggregate for each in three] == [None] * 3
        assert PreliminaryList.objects.get().state == "draft"

    def test_only_as_it_was_confirmed(self, world: World, three, listed):
        cut(world, "2")
        with pytest.raises(Refused, match="还有申请书的评分表没有收齐"):
            listed(accept_missing=False)
        with pytest.raises(Overtaken, match="评分或者名单有了变化"):
            listed(seen="0" * 32)
        with pytest.raises(Overtaken, match="名单草稿已被修改"):
            listed(revision=0)
        with pytest.raises(NotYours):
            listed(by=world.leader)
        cut(world, "0")
        with pytest.raises(Refused, match="名单上没有申请书"):
            listed()
        assert {state(each) for each in three} == {State.IN_REVIEW}

    def test_after_disagreement_was_heard_by_the_meeting_on_which_it_rests(self, world: World, three, listed):
        odd = scored(world, "分歧", ["60", "90", "95"])
        cut(world, "2")
        with pytest.raises(Refused, match="“分歧”专家评分存在分歧，请先加派专家或者提交会议审议"):
            listed()
        round_ = world.round(TODAY)
        with pytest.raises(Refused, match="只有专家评分存在分歧"):
            preliminary.refer(round=round_, applications=[three[0]], by=world.officer, on=TODAY)
        assert preliminary.refer(round=round_, applications=[odd], by=world.officer, on=TODAY) == 1
        assert list(preliminary.referred(round_)) == [panel_of(odd)]
        with pytest.raises(Refused, match="“分歧”已提交会议审议，请在评审会议对它作出结论、会议结束后再确定名单"):
            listed()
        silent = concluded(world, {three[0]: "agreed"})
        early = concluded(world, {odd: "agreed"}, TODAY - timedelta(days=1))
        with pytest.raises(Refused, match="请选择名单依据的会议"):
            listed()
        for meeting in (silent, early):
            with pytest.raises(Refused, match="“分歧”已提交会议审议"):
                listed(meeting=meeting)
        meeting = concluded(world, {odd: "agreed"})
        assert listed(meeting=meeting).meeting == meeting
        assert (state(odd), panel_of(odd).aggregate) == (State.SHORTLISTED, Decimal("81.67"))

    def test_by_what_the_meetings_said_last_of_each_whichever_it_rests_on(self, world: World, three, listed):
        cut(world, "1")
        first = concluded(world, {three[0]: "agreed", three[1]: "agreed"}, TODAY - timedelta(days=2))
        second = concluded(world, {three[0]: "postponed"}, TODAY - timedelta(days=1))
        third = concluded(world, {three[1]: "agreed"})
        for meeting in (first, second, third):
            with pytest.raises(Refused, match="“甲”的会议结论是“暂缓”，不能列入名单"):
                listed(meeting=meeting)
        last = concluded(world, {three[0]: "agreed"})
        assert listed(meeting=last).entries.filter(chosen=True).get().application == three[0]

    def test_without_the_changes_by_hand_of_what_has_left_the_review(self, world: World, three, listed):
        cut(world, "1")
        given = {"round": world.round(TODAY), "reason": "布局需要。", "by": world.officer, "on": TODAY}
        preliminary.change_by_hand(application=three[2], chosen=True, revision=1, **given)
        preliminary.change_by_hand(application=three[1], chosen=True, revision=2, **given)
        recognising.reject(base=three[2].base, acting=world.officer, on=TODAY, reason="材料不实。")
        panels.assign(panel=panel_of(three[1]), experts=[experts(world, 5)[4].user], by=world.officer, on=TODAY)
        with pytest.raises(Refused) as refusal:
            listed()
        assert refusal.value.reasons == ("“乙”作过人工调整，但评分表还没有收齐，请先在排序页撤销调整。",)
        preliminary.undo_by_hand(round=world.round(TODAY), application=three[1], revision=3, by=world.officer, on=TODAY)
        assert [entry.application for entry in listed().entries.all()] == [three[0]]

    def test_in_few_queries_for_each_of_its_bases(self, world: World, listed):
        def cost(count: int) -> int:
            for number in range(count):
                scored(world, f"{count} 项之 {number}", ["80", "81", "82"])
            draft = preliminary.draft_of(world.round(TODAY))
            cut(world, "9", revision=draft.revision if draft else 0)
            with CaptureQueriesContext(connection) as asked:
                assert listed(accept_missing=False).entries.filter(chosen=True).count() == count
            return len(asked)

        few = cost(1)
        assert cost(3) - few <= 2 * 20

    def test_an_extra_expert_is_waited_for_before_the_application_is_ranked_again(self, world: World, three):
        extra = experts(world, 5)[4]
        panels.assign(panel=panel_of(three[0]), experts=[extra.user], by=world.officer, on=TODAY)
        waiting = {
            each.application.name: each.missing for each in results.ranking(world.round(TODAY)) if not each.place
        }
        assert waiting == {"甲": 1, "未齐": 1}
        hand_in(Assignment.objects.get(panel__application=three[0], expert=extra.user), Decimal(40), Decimal(10))
        assert names(world)[:3] == [(1, "乙"), (2, "甲"), (3, "丙")]
