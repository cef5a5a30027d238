"""第八条（三）: whoever leaves a panel under review leaves a gap (空缺) that keeps its sheets closed, until another expert's sheet is in or
the officer has decided, before any figure shows, to go on without one."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from importlib import import_module
from io import BytesIO
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from applications.models import Application, Assignment, ExpertProfile, Panel, RecusalRecord
from applications.services import (
    all_in,
    going_on,
    meeting_papers,
    panels,
    recognising,
    recusals,
    results,
    review_board,
    sheets,
)
from applications.services.review_export import assignment_workbook
from evaluations.services import assessing
from portal import inbox
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.roles import Role
from tests.applications import meeting
from tests.applications.conftest import SignedIn
from tests.applications.pages import Page
from tests.applications.ranked import experts, hand_in, scored
from tests.conftest import TODAY
from tests.factories import World

pytestmark = pytest.mark.article("8(3)")
WHY = "专家库中没有其他可以评审的专家。"
EVEN = "专家为 4 名，应为单数，不能不再补派：请补派专家。"
READ = "评分表收齐过、得分已经显示过，不能再决定不补派：请补派专家，收齐新的评分表。"


def panel_of(application: Application) -> Panel:
    return Panel.objects.get(application=application)


def seat(panel: Panel, number: int) -> Assignment:
    """The assignment of the expert of that place."""
    return Assignment.objects.select_related("panel").filter(panel=panel).order_by("pk")[number]


def decline(panel: Panel, number: int) -> Assignment:
    """The expert of that place finds no time for it."""
    assignment = seat(panel, number)
    return recusals.decline(assignment=assignment, reason="出国。", by=Acting(Role.EXPERT, assignment.expert), on=TODAY)


def remove(world: World, panel: Panel, number: int) -> Assignment:
    return recusals.remove_for_conflict(assignment=seat(panel, number), reason="任顾问。", by=world.officer, on=TODAY)


def fill(world: World, panel: Panel) -> Assignment:
    """One expert more is assigned."""
    expert = experts(world, panel.assignments.count() + 1)[-1]
    ExpertProfile.objects.get_or_create(
        user=expert.user, defaults={"name": expert.user.username, "employer": "外省研究院"}
    )
    panels.assign(panel=panel, experts=[expert.user], by=world.officer, on=TODAY)
    return panel.assignments.get(expert=expert.user)


def go_on(world: World, panel: Panel, reason: str = WHY) -> list[Assignment]:
    return going_on.go_on(panel=panel, reason=reason, by=world.officer, on=TODAY)


def refusal(act: Callable[[], object]) -> tuple[str, ...]:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.reasons


def line_of(world: World) -> review_board.Line:
    (line,) = review_board.lines(world.round(TODAY), TODAY)
    return line


@pytest.fixture
def four_in(world: World) -> Panel:
    """Of five experts four have handed in, and the last has declined since."""
    panel = panel_of(scored(world, "四份", ["70", "80", "81", "82", None]))
    decline(panel, 4)
    return panel


@pytest.fixture
def three_in(world: World) -> Panel:
    """Of five experts three have handed in, and two have declined since."""
    panel = panel_of(scored(world, "三份", ["70", "80", "81", None, None]))
    decline(panel, 3), decline(panel, 4)
    return panel


class TestAGap:
    def test_keeps_the_sheets_closed_although_enough_are_in(self, world: World, four_in: Panel):
        assert not all_in.sheets_open(four_in)
        (line,) = results.ranking(world.round(TODAY))
        assert (line.place, line.aggregate, line.sheets, line.expected, line.gaps) == (None, None, 4, 5, 1)
        words = ("评审组有 1 个空缺（专家回避、谢绝或者撤换），请先补派，或者决定不再补派。",)
        assert refusal(lambda: panels.fix_aggregate(panel=four_in, on=TODAY)) == words
        assert recognising.shortlist_reasons(four_in.base, world.officer, TODAY) == words

    def test_waits_for_the_officer_in_the_inbox(self, world: World, four_in: Panel, three_in: Panel):
        (item,) = [each for each in inbox.items(world.officer, TODAY) if "空缺" in each.why]
        assert (item.group, item.why, item.button) == (
            "评审", "2 个评审组有空缺待补派（专家回避、谢绝或者撤换），补派并收齐评分表之前不显示得分。", "补派专家",
        )  # fmt: skip
        assert [each for each in inbox.items(world.officer, TODAY) if "评分表已收齐" in each.why] == []

    def test_that_would_make_the_panel_even_waits_for_a_decision(self, world: World):
        panel = panel_of(scored(world, "六名", ["70", "80", "81", "82", "83", None]))
        decline(panel, 5)
        (item,) = [each for each in inbox.items(world.officer, TODAY) if "空缺" in each.why]
        assert (item.why, item.url) == ("评审组有 1 个空缺待补派，或者决定不再补派。", f"/panels/{panel.pk}/go-on/")
        assert (line_of(world).missing, line_of(world).is_done) == (0, False)

    def test_is_filled_by_the_next_expert_and_opens_with_their_sheet(self, world: World, four_in: Panel):
        successor = fill(world, four_in)
        assert successor.replaces == seat(four_in, 4)
        assert (four_in.assignments.gaps().count(), all_in.sheets_open(four_in)) == (0, False)
        hand_in(successor, Decimal(90), Decimal(20))
        assert all_in.sheets_open(four_in)
        assert fill(world, four_in).replaces is None

    def test_is_left_again_by_a_successor_who_leaves(self, world: World, four_in: Panel):
        successor = fill(world, four_in)
        recusals.decline(assignment=successor, reason="病假。", by=Acting(Role.EXPERT, successor.expert), on=TODAY)
        assert list(four_in.assignments.gaps()) == [successor]
        assert fill(world, four_in).replaces == successor

    def test_is_left_by_a_conflict_found_later_and_closed_by_restoring(self, world: World):
        panel = panel_of(scored(world, "甲", ["70", "80", "81"]))
        removed = remove(world, panel, 0)
        assert (list(panel.assignments.gaps()), all_in.sheets_open(panel)) == ([removed], False)
        recusals.restore(assignment=removed, reason="同名误认。", by=world.officer, on=TODAY)
        assert (list(panel.assignments.gaps()), all_in.sheets_open(panel)) == ([], True)

    def test_of_a_successor_is_closed_by_restoring_whom_they_replaced(self, world: World):
        panel = panel_of(scored(world, "甲", ["70", "80", "81"]))
        removed, own = remove(world, panel, 0), {"reason": "同名误认。", "by": world.officer, "on": TODAY}
        successor = fill(world, panel)
        recusals.decline(assignment=successor, reason="病假。", by=Acting(Role.EXPERT, successor.expert), on=TODAY)
        recusals.restore(assignment=removed, **own)
        assert (list(panel.assignments.gaps()), all_in.sheets_open(panel)) == ([], True)
        assert list(panel.assignments.gaps()) == []
        again = remove(world, panel, 0)
        assert list(panel.assignments.gaps()) == [again]

    def test_is_not_left_by_who_left_before_the_start(self, world: World):
        base = world.recommended(TODAY)
        users = [each.user for each in experts(world, 5)]
        panel = recognising.assign_experts(base=base, acting=world.officer, on=TODAY, experts=users)
        for number in (3, 4):
            recusals.release(assignment=seat(panel, number), reason="排期冲突。", by=world.officer, on=TODAY)
        recognising.open_review(base=base, acting=world.officer, on=TODAY)
        assert (panel.assignments.gaps().count(), line_of(world).wanted, line_of(world).missing) == (0, 3, 0)
        for number in range(3):
            hand_in(seat(panel, number), Decimal(80), Decimal(20))
        assert all_in.sheets_open(panel)
        assert not RecusalRecord.objects.filter(act="unfilled").exists()

    @pytest.mark.article("16")
    def test_holds_up_the_grade_of_an_assessment(self, world: World):
        base = world.assessing(TODAY)
        assessing.submit_report(base=base, acting=world.applicant, on=TODAY, report="报告。")
        users = [each.user for each in experts(world, 5)]
        panel = assessing.assign_assessors(base=base, acting=world.officer, on=TODAY, experts=users)
        decline(panel, 3), decline(panel, 4)
        for number in range(3):
            hand_in(seat(panel, number), Decimal(80), Decimal(20))
        assert assessing.propose_reasons(base, world.officer, TODAY) == (
            "评审组有 2 个空缺（专家回避、谢绝或者撤换），请先补派，或者决定不再补派。",
        )
        (item,) = [each for each in inbox.items(world.officer, TODAY) if "空缺" in each.why]
        assert (item.group, item.why) == ("建设成效考核", "评审组有 2 个空缺待补派，或者决定不再补派。")
        go_on(world, panel)
        assert assessing.propose_reasons(base, world.officer, TODAY) == ()


class TestGoingOn:
    def test_with_three_opens_the_sheets_and_is_recorded(self, world: World, three_in: Panel):
        settled = go_on(world, three_in, f" {WHY} ")
        assert [(a.unfilled_reason, a.unfilled_by, a.unfilled_on) for a in settled] == [
            (WHY, world.officer.user, TODAY)
        ] * 2
        trail = RecusalRecord.objects.filter(act="unfilled").values_list("assignment", "reason", "recorded_by")
        assert list(trail) == [(each.pk, WHY, world.officer.user_id) for each in settled]
        assert all_in.sheets_open(three_in)
        assert panels.fix_aggregate(panel=three_in, on=TODAY).aggregate == Decimal("77.00")

    def test_with_four_is_refused_as_even_and_nothing_opens(self, world: World, four_in: Panel):
        assert refusal(lambda: go_on(world, four_in)) == (EVEN,)
        assert (four_in.assignments.gaps().count(), all_in.sheets_open(four_in)) == (1, False)

    def test_with_fewer_than_the_policys_minimum_is_refused(self, world: World):
        panel = panel_of(scored(world, "两份", ["70", "80", None]))
        decline(panel, 2)
        assert refusal(lambda: go_on(world, panel)) == ("已分配 2 名专家，至少 3 名，不能不再补派：请补派专家。",)

    def test_is_impossible_once_figures_were_open(self, world: World):
        removed = panel_of(scored(world, "移出", ["70", "80", "81", "82", "83"]))
        remove(world, removed, 0), remove(world, removed, 1)
        opened = panel_of(scored(world, "解锁", ["70", "80", "81", "82", "83"]))
        for number in (3, 4):
            sheets.unlock(assignment=seat(opened, number), reason="漏看。", by=world.officer, on=TODAY)
            decline(opened, number)
        extra = panel_of(scored(world, "加派", ["70", "80", "81"]))
        fill(world, extra), decline(extra, 3)
        assert [refusal(lambda panel=panel: go_on(world, panel)) for panel in (removed, opened, extra)] == [(READ,)] * 3
        hand_in(fill(world, extra), Decimal(90), Decimal(20))
        assert all_in.sheets_open(extra)

    def test_is_impossible_once_the_score_is_fixed_or_without_a_gap(self, world: World, three_in: Panel):
        full = panel_of(scored(world, "收齐", ["70", "80", "81"]))
        with pytest.raises(Overtaken, match="评审组没有待补派的空缺。"):
            go_on(world, full)
        Panel.objects.filter(pk=three_in.pk).update(aggregate=80, fixed_on=TODAY)
        assert refusal(lambda: go_on(world, three_in)) == ("综合得分已于 2026-11-24 确定，评审组不再变动。",)

    def test_is_the_officers_and_needs_a_reason(self, world: World, three_in: Panel):
        for somebody in (world.leader, world.unit_officer, world.applicant, world.experts[0]):
            with pytest.raises(NotYours):
                going_on.go_on(panel=three_in, reason=WHY, by=somebody, on=TODAY)
        assert refusal(lambda: go_on(world, three_in, " ")) == ("请写明原因。",)

    def test_ends_for_whom_is_restored_after_it(self, world: World):
        panel = panel_of(scored(world, "甲", ["70", "80", "81", None, None]))
        remove(world, panel, 3), decline(panel, 4)
        go_on(world, panel)
        back = recusals.restore(assignment=seat(panel, 3), reason="同名误认。", by=world.officer, on=TODAY)
        assert (back.status, back.unfilled_on, back.unfilled_reason) == ("assigned", None, "")
        assert not all_in.sheets_open(panel)

    @pytest.mark.django_db(transaction=True)
    def test_of_two_officers_at_once_one_decides(self, world: World, at_once: Callable[..., list[Any]]):
        panel = panel_of(scored(world, "三份", ["70", "80", "81", None, None]))
        decline(panel, 3), decline(panel, 4)
        answers = at_once(lambda: go_on(world, panel), lambda: go_on(world, panel))
        assert sorted(type(each).__name__ for each in answers) == ["Overtaken", "list"]
        assert RecusalRecord.objects.filter(act="unfilled").count() == 2

    @pytest.mark.django_db(transaction=True)
    def test_at_the_moment_in_which_another_leaves_counts_them_or_leaves_their_gap(
        self, world: World, at_once: Callable[..., list[Any]]
    ):
        panel = panel_of(scored(world, "三份", ["70", "80", None, None, None]))
        decline(panel, 3), decline(panel, 4)
        at_once(lambda: go_on(world, panel), lambda: decline(panel, 2))
        assert panel.assignments.gaps().filter(pk=seat(panel, 2).pk).exists()
        assert not all_in.sheets_open(panel)


class TestThePages:
    def test_state_the_consequence_and_ask_for_the_reason(self, world: World, three_in: Panel, signed_in: SignedIn):
        client, url = signed_in(world.officer), f"/panels/{three_in.pk}/go-on/"
        page = Page.of(client.get(url))
        said = (
            "评审组的 2 个空缺不再补派，由现有 3 名专家评审：综合得分由 3 份评分表计算，直接取各份总分的平均（不足 5 份，不去掉最高、最低总分）。",
            "出国。", "第八条",
        )  # fmt: skip
        assert [words for words in said if words not in page.text] == []
        assert Page.of(client.post(url, {"reason": " "})).status == 422
        answer = Page.of(client.post(url, {"reason": WHY}, follow=True))
        shown = (
            "已决定不再补派 2 名专家，原因已记录。", f"不再补派：{WHY}",
            "评分表已收齐，综合得分在确定名单或者等级时确定。", "81.00",
        )  # fmt: skip
        assert [words for words in shown if words not in answer.text] == []
        board = Page.of(client.get(f"/rounds/{world.round(TODAY).pk}/review/")).text
        assert f"不再补派：{WHY}" in board

    def test_say_when_the_ends_will_be_dropped(self, world: World):
        panel = panel_of(scored(world, "七名", ["70", "80", "81", "82", "83", None, None]))
        decline(panel, 5), decline(panel, 6)
        assert "由 5 份评分表计算，去掉一个最高总分和一个最低总分再取平均（5 份及以上）。" in going_on.consequence(
            panel
        )

    def test_refuse_with_the_sentence_and_lead_to_the_assignment(
        self, world: World, four_in: Panel, signed_in: SignedIn
    ):
        client, url = signed_in(world.officer), f"/panels/{four_in.pk}/go-on/"
        page = client.get(url).content.decode()
        assert EVEN in page
        assert reverse("act", args=[four_in.base_id, "assign-experts"]) in page
        answer = Page.of(client.post(url, {"reason": WHY}))
        assert (answer.status, EVEN in answer.text) == (422, True)
        base = Page.of(client.get(f"/bases/{four_in.base_id}/")).text
        assert "评审组有 1 个空缺待补派（专家4已谢绝）：" in base
        assert "评审组有空缺，现在不显示总分和意见。" in base

    def test_show_no_button_to_the_leader(self, world: World, three_in: Panel, signed_in: SignedIn):
        page = signed_in(world.leader).get(f"/bases/{three_in.base_id}/").content.decode()
        assert "评审组有 2 个空缺待补派" in page
        assert f"/panels/{three_in.pk}/go-on/" not in page

    def test_the_assignment_as_excel_says_what_became_of_each_place(self, world: World, three_in: Panel):
        def said() -> list[str]:
            content = assignment_workbook(world.round(TODAY), [line_of(world)])
            rows = list(load_workbook(BytesIO(content)).worksheets[0].iter_rows(min_row=2, values_only=True))
            return [str(row[-1] or "") for row in rows][-5:]

        assert said() == ["", "", "", "待补派", "待补派"]
        go_on(world, three_in)
        assert said() == ["", "", "", f"不再补派：{WHY}", f"不再补派：{WHY}"]

    def test_the_summary_of_a_meeting_says_of_how_many_sheets_a_score_is_made(self, world: World, today: date):
        meeting.scored(world, today, 90)
        found = meeting.sitting(world, today)
        panel = Panel.objects.get()
        Assignment.objects.create(
            panel=panel, expert=experts(world, 4)[3].user, assigned_on=today, status="declined", ended_reason="出国。",
            ended_on=today, unfilled_reason=WHY, unfilled_on=today, unfilled_by=world.officer.user,
        )  # fmt: skip
        book = meeting_papers.summary_workbook(found, meeting_papers.summary_rows(found))
        notes = [row[-1] for row in load_workbook(BytesIO(book)).worksheets[0].iter_rows(values_only=True)]
        words = "评审中有 1 名专家离开，经教育厅决定不再补派，得分由 3 份评分表计算。"
        assert [note for note in notes if words in str(note)] == [f"“{panel.base.name}”{words}"]


def test_gaps_are_read_in_as_many_queries_for_many_panels_as_for_one(world: World, signed_in: SignedIn):
    def cost(act: Callable[[], object]) -> int:
        with CaptureQueriesContext(connection) as asked:
            act()
        return len(asked)

    def add(name: str) -> None:
        panel = panel_of(scored(world, name, ["70", "80", "81", None, None]))
        decline(panel, 3), decline(panel, 4)

    round_, officer = world.round(TODAY), signed_in(world.officer)
    acts = (
        lambda: review_board.lines(round_, TODAY),
        lambda: results.ranking(round_),
        lambda: list(inbox.items(world.officer, TODAY)),
        lambda: officer.get(f"/rounds/{round_.pk}/review/"),
    )
    add("甲")
    for act in acts:
        act()  # what is looked up once and kept
    few = [cost(act) for act in acts]
    add("乙"), add("丙")
    assert [cost(act) for act in acts] == few


def test_the_upgrade_settles_what_is_over_or_was_read_and_leaves_the_rest_open(world: World):
    """What a panel with a gap was before the rule: fixed, gone on, all in by the old count, or still waiting for a sheet."""
    totals = ["70", "80", "81", None, None]
    fixed, over, read = (panel_of(scored(world, name, totals)) for name in ("已定", "已过", "已读"))
    waiting = panel_of(scored(world, "未齐", ["70", "80", None, None, None]))
    for panel in (fixed, over, read, waiting):
        decline(panel, 3), decline(panel, 4)
    Panel.objects.filter(pk=fixed.pk).update(aggregate=80, fixed_on=TODAY)
    recognising.reject(base=over.base, acting=world.officer, on=TODAY, reason="不予认定。")
    migration = import_module("applications.migrations.0020_unfilled_gaps")
    migration.settle_what_was_decided(apps, None)
    reasons = {
        panel: set(panel.assignments.exclude(unfilled_on=None).values_list("unfilled_reason", flat=True))
        for panel in (fixed, over, read, waiting)
    }
    assert reasons == {fixed: {migration.OVER}, over: {migration.OVER}, read: {migration.SEEN}, waiting: set()}
    assert all_in.sheets_open(read)
    assert (waiting.assignments.gaps().count(), all_in.sheets_open(waiting)) == (2, False)
