"""第八条（三）（四）: meetings with their members, quorum, recusals, votes and conclusions, and what a conclusion does."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from applications import quorum
from applications.models import (
    Deliberation,
    ExpertProfile,
    ExpertRelation,
    MeetingItem,
    MeetingMember,
    MeetingRecusal,
    OtherPartner,
    RecusalRule,
    ReviewMeeting,
)
from applications.services import (
    meeting_conclusion,
    meeting_members,
    meeting_votes,
    meetings,
    notice_lists,
    recognising,
    results,
)
from applications.services.meeting_members import Row
from bases.lifecycle import State
from bases.models import Membership, Policy
from portal import inbox
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.models import OutboxJob
from portal.roles import Role
from tests.applications.conftest import fresh
from tests.applications.meeting import (
    CHAIR,
    RECORDER,
    committee,
    conclude,
    fresh_meeting,
    held,
    scored,
    seat,
    sitting,
    vote,
)
from tests.factories import World, pdf_upload

Conclusion = MeetingItem.Conclusion


def reasons_of(meeting: ReviewMeeting, on: date) -> tuple[str, ...]:
    now = fresh_meeting(meeting)
    return meeting_conclusion.reasons(now, meeting_votes.lines(now), on)


@pytest.mark.article("8(3)")
class TestQuorum:
    """At least two thirds, which 67 % stands for: 2 of 3 are enough."""

    @pytest.mark.parametrize(
        ("present", "voting", "met"),
        [
            (2, 3, True), (1, 3, False), (3, 4, True), (2, 4, False), (4, 6, True), (3, 6, False), (5, 7, True),
            (4, 7, False), (6, 9, True), (5, 9, False), (1, 1, True), (0, 1, False),
        ],
    )  # fmt: skip
    def test_is_two_thirds_of_the_voting_members(self, present: int, voting: int, met: bool):
        assert quorum.is_met(present, voting, 67) is met

    @pytest.mark.parametrize(("percent", "needed"), [(50, 3), (66, 4), (67, 4), (70, 5), (80, 5), (100, 6), (101, 6)])
    def test_follows_the_policy(self, percent: int, needed: int):
        assert quorum.needed(6, percent) == needed

    def test_counts_chair_and_members_and_neither_recorders_nor_observers(self, world: World, today: date):
        meeting = seat(
            world, sitting(world, today, "review", "none"),
            *committee(2, 3), Row("观察员", "纪检组", "observer", present=True), Row("另一记录", "学位处", "recorder", present=True),
        )  # fmt: skip
        counted = meeting_members.quorum_of(meeting, meeting.members.all())
        assert (counted.voting, counted.present, counted.needed, counted.is_met, counted.rule) == (
            3,
            2,
            2,
            True,
            "三分之二",
        )

    def test_is_that_of_the_rounds_policy(self, world: World, today: date):
        meeting = seat(world, sitting(world, today, "review", "none"), *committee(3, 5))
        meeting.round.policy = Policy(meeting_quorum_percent=50)
        counted = meeting_members.quorum_of(meeting, meeting.members.all())
        assert (counted.needed, counted.rule, counted.is_met) == (3, "半数", True)

    def test_a_meeting_without_members_has_none(self, world: World, today: date):
        meeting = fresh_meeting(sitting(world, today, "review", "none"))
        assert meeting_members.quorum_of(meeting, []).is_met is False


class TestMembers:
    @pytest.mark.parametrize(
        ("text", "rows"),
        [
            ("王某，北方大学，主持", [("王某", "北方大学", "chair")]),
            ("王某\t北方大学\t委员\n\n李某\t南方大学\t", [("王某", "北方大学", "member"), ("李某", "南方大学", "member")]),
            ("王某, 北方大学 , 秘书\n李某，南方大学，列席", [("王某", "北方大学", "recorder"), ("李某", "南方大学", "observer")]),
        ],
    )  # fmt: skip
    def test_are_read_from_lines_and_from_excel(self, text: str, rows: list[tuple[str, str, str]]):
        assert meeting_members.read_lines(text) == ([Row(*row) for row in rows], [])

    @pytest.mark.parametrize(
        ("line", "why"),
        [
            ("王某", "缺少姓名或者工作单位，请写成“姓名，单位，职责”。"),
            ("，北方大学，委员", "缺少姓名或者工作单位，请写成“姓名，单位，职责”。"),
            ("王某，北方大学，国王", "职责“国王”不认识，请写主持、委员、记录或者列席。"),
            ("王某，北方大学，委员，教授", "多于三项，请写成“姓名，单位，职责”。"),
            (f"王某，{'长' * 101}", "姓名最多 40 个字，工作单位最多 100 个字。"),
        ],
    )
    def test_a_line_that_cannot_be_read_is_named_with_its_number(self, line: str, why: str):
        _rows, wrong = meeting_members.read_lines(f"李某，南方大学\n{line}")
        assert wrong == [f"第 2 行“{line[:60]}”：{why}"]

    def test_there_is_one_chair(self, world: World, today: date):
        meeting = seat(world, sitting(world, today, "review", "none"), CHAIR)
        with pytest.raises(Refused) as refusal:
            seat(world, meeting, replace(CHAIR, name="另一主持"))
        assert refusal.value.reasons == ("主持人只能有一名，请把其他人的职责改为委员。",)
        assert meeting.members.count() == 1

    def test_the_chair_passes_on_in_one_save(self, world: World, today: date):
        meeting = seat(world, sitting(world, today, "review", "none"), *committee(3, 3))
        chair, second, *_rest = meeting.members.all()
        rows = [
            Row(m.name, m.employer, {chair.pk: "member", second.pk: "chair"}.get(m.pk, m.duty), m.present, m.pk)
            for m in meeting.members.all()
        ]
        meeting_members.save_members(meeting=meeting, rows=rows, seen=meeting.revision, by=world.officer)
        assert list(meeting.members.filter(duty="chair").values_list("pk", flat=True)) == [second.pk]

    def test_may_be_taken_off_and_added_in_one_save(self, world: World, today: date):
        meeting = seat(world, sitting(world, today, "review", "none"), *committee(2, 3))
        first, second, *rest = meeting.members.all()
        rows = [
            Row(first.name, first.employer, "chair", True, first.pk, gone=True),
            Row(second.name, second.employer, "chair", True, second.pk),
            *(Row(m.name, m.employer, m.duty, m.present, m.pk) for m in rest),
            Row("新委员", "西部大学", "member", True),
        ]
        meeting_members.save_members(meeting=meeting, rows=rows, seen=meeting.revision, by=world.officer)
        assert list(meeting.members.values_list("name", "duty", "present")) == [
            ("委员1", "chair", True), ("委员2", "member", False), ("记录员", "recorder", True), ("新委员", "member", True),
        ]  # fmt: skip

    def test_the_same_person_stands_there_once(self, world: World, today: date):
        meeting = seat(world, sitting(world, today, "review", "none"), CHAIR)
        rows = [Row("甲", "北方大学", "member"), Row("甲", "北方大学", "member")]
        with pytest.raises(Refused) as refusal:
            meeting_members.save_members(meeting=meeting, rows=rows, seen=meeting.revision, by=world.officer)
        assert refusal.value.reasons == ("同一单位的同一个人只能列一次，请删去重复的行。",)

    def test_are_taken_over_from_an_earlier_meeting_and_nobody_is_present_yet(self, world: World, today: date):
        earlier = seat(world, sitting(world, today, "review", "none"), *committee(3, 3))
        later = sitting(world, today, "deliberation", "none")
        added = meeting_members.copy_members(meeting=later, source=earlier, seen=later.revision, by=world.officer)
        assert added == 4
        assert list(later.members.values_list("name", "duty", "present")) == [
            ("白主任", "chair", False), ("委员1", "member", False), ("委员2", "member", False), ("记录员", "recorder", False),
        ]  # fmt: skip

    def test_one_from_the_pool_of_experts_is_known_by_name_and_place_of_work(self, world: World, today: date):
        meeting = seat(
            world,
            sitting(world, today, "review", "none"),
            Row("专家0", "外省研究院0", "member"),
            Row("专家1", "别处", "member"),
        )
        assert list(meeting.members.values_list("user", flat=True)) == [world.experts[0].user_id, None]

    def test_who_saves_over_somebody_elses_changes_is_told_so(self, world: World, today: date):
        meeting = sitting(world, today, "review", "none")
        seat(world, meeting, CHAIR)
        with pytest.raises(Overtaken) as refusal:
            meeting_members.add_members(meeting=meeting, rows=[RECORDER], seen=0, by=world.officer)
        assert refusal.value.reasons == (
            "没有保存：这次会议刚由他人改过。请先复制您写的内容，刷新后在最新的内容上修改。",
        )


@pytest.mark.article("8(3)")
class TestAgenda:
    def test_a_review_meeting_takes_up_what_is_in_review_best_first(self, world: World, today: date):
        lower, higher = scored(world, today, 70), scored(world, today, 90)
        waiting = world.in_review(today)
        world.recommended(today)
        meeting = sitting(world, today)
        assert [item.application.base for item in meeting.items.all()] == [higher, lower, waiting]

    def test_a_deliberation_takes_up_what_is_shortlisted_and_not_deliberated(self, world: World, today: date):
        listed = world.shortlisted(today)
        world.deliberated(today)
        world.in_review(today)
        meeting = sitting(world, today, "deliberation")
        assert [item.application.base for item in meeting.items.all()] == [listed]

    def test_may_begin_with_what_is_flagged(self, world: World, today: date, monkeypatch: pytest.MonkeyPatch):
        scored(world, today)
        flagged = scored(world, today)
        plain = results.ranking
        monkeypatch.setattr(
            results, "ranking",
            lambda round_: [replace(r, flags=("分差大",)) if r.application.base == flagged else r for r in plain(round_)],
        )  # fmt: skip
        meeting = sitting(world, today, take_up="flagged")
        assert [item.application.base for item in meeting.items.all()] == [flagged]

    def test_keeps_the_votes_of_what_stays_and_loses_what_goes(self, world: World, today: date):
        scored(world, today, 90)
        scored(world, today, 80)
        meeting = held(world, today)
        _first, second = meeting.items.all()
        meetings.take_up(
            meeting=meeting, applications=[second.application], seen=meeting.revision, by=world.officer
        )  # fmt: skip
        assert list(meeting.items.values_list("pk", "votes_for", "position")) == [(second.pk, 3, 1)]

    def test_refuses_what_cannot_come_up(self, world: World, today: date):
        elsewhere = world.application(world.recommended(today))
        meeting = sitting(world, today, take_up="none")
        with pytest.raises(Refused) as refusal:
            meetings.take_up(meeting=meeting, applications=[elsewhere], seen=meeting.revision, by=world.officer)
        assert refusal.value.reasons == ("所选的申请书中有 1 份已不在可以上会的状态，请刷新后重新选择。",)

    def test_is_not_before_its_round(self, world: World, today: date):
        with pytest.raises(Refused) as refusal:
            sitting(world, today, take_up="none", held_on=today - timedelta(days=1))
        assert refusal.value.reasons == ("召开日期不能早于批次的申报开始日期 2026-11-24，请核对。",)

    def test_is_the_officers(self, world: World, today: date):
        meeting = sitting(world, today, take_up="none")
        round_, paper = meeting.round, pdf_upload()
        acts: list[Callable[[Acting], Any]] = [
            lambda by: meetings.draft_meeting(
                round_=round_, kind="review", title="会", held_on=today, place="厅", agenda="一", by=by
            ),
            lambda by: meetings.discard_meeting(meeting=meeting, by=by),
            lambda by: meeting_members.add_members(meeting=meeting, rows=[CHAIR], seen=0, by=by),
            lambda by: meetings.take_up(meeting=meeting, applications=[], seen=0, by=by),
            lambda by: meeting_votes.agree_to_all(meeting=meeting, by=by),
            lambda by: meeting_conclusion.conclude(meeting=meeting, conclusion="同意。", seen="", by=by, on=today),
            lambda by: meeting_conclusion.add_scan(meeting=meeting, file=paper, by=by),
        ]
        for role, somebody in world.everybody().items():
            for act in acts if role != Role.DEPT_OFFICER else []:
                with pytest.raises(NotYours, match="会议由教育厅经办登记。"):
                    act(somebody)
        assert (ReviewMeeting.objects.count(), MeetingMember.objects.count()) == (1, 0)


@pytest.mark.article("8(3)")
class TestRecusal:
    def test_who_works_at_the_unit_or_the_partner_stays_out_by_itself(self, world: World, today: date):
        scored(world, today)
        ours = Row("本校教授", world.unit.name, "member", present=True)
        theirs = Row("企业总工", world.partner.name, "member", present=True)
        recorder = Row("本校记录", world.unit.name, "recorder", present=True)
        meeting = seat(world, sitting(world, today), *committee(3, 3), ours, theirs, recorder)
        (line,) = meeting_votes.lines(meeting)
        assert ([member.name for member in line.recused], line.eligible) == (["本校教授", "企业总工"], 3)
        assert {conflict.reason for conflict in line.conflicts.values()} == {"工作单位是申报单位", "工作单位是合作单位"}

    def test_one_with_an_account_stays_out_by_the_rules_for_experts(self, world: World, today: date):
        scored(world, today)
        meeting = seat(world, sitting(world, today), CHAIR, Row("申报教授", "别处", "member", present=True))
        MeetingMember.objects.filter(name="申报教授").update(user=world.applicant.user)
        meetings.keep_conflicts_out(meeting)
        (line,) = meeting_votes.lines(meeting)
        assert [member.name for member in line.recused] == ["申报教授"]

    def test_whoever_works_at_the_department_may_sit_in_its_deliberation(self, world: World, today: date):
        world.shortlisted(today)
        meeting = seat(world, sitting(world, today, "deliberation"), CHAIR)
        MeetingMember.objects.update(user=world.leader.user)
        meetings.keep_conflicts_out(meeting)
        (line,) = meeting_votes.lines(meeting)
        assert (line.recused, line.eligible) == ([], 1)

    def test_but_stays_out_by_every_other_rule(self, world: World, today: date):
        world.shortlisted(today)
        meeting = seat(world, sitting(world, today, "deliberation"), CHAIR)
        MeetingMember.objects.update(user=world.leader.user)
        Membership.objects.create(user=world.leader.user, role=Role.PARTNER_OFFICER, partner_unit=world.partner)
        meetings.keep_conflicts_out(meeting)
        (line,) = meeting_votes.lines(meeting)
        assert [conflict.reason for conflict in line.conflicts.values()] == ["在合作单位任职"]

    def test_a_relative_of_the_applicant_stays_out_though_the_department_decides(self, world: World, today: date):
        world.shortlisted(today)
        meeting = seat(world, sitting(world, today, "deliberation"), CHAIR)
        MeetingMember.objects.update(user=world.leader.user)
        profile = ExpertProfile.objects.create(user=world.leader.user, name=world.leader.name, employer="教育厅")
        ExpertRelation.objects.create(
            profile=profile, kind="family", training_unit=world.unit, person=world.applicant.name, recorded_by=world.officer.user,
            recorded_on=today,
        )  # fmt: skip
        meetings.keep_conflicts_out(meeting)
        (line,) = meeting_votes.lines(meeting)
        assert [conflict.rule for conflict in line.conflicts.values()] == [RecusalRule.RELATION]

    def test_places_of_work_are_compared_as_names_are_and_with_all_partners(self, world: World, today: date):
        base = scored(world, today)
        OtherPartner.objects.create(application=world.application(base), partner=world.other_partner, share="试验")
        ours = Row("本校教授", f" {world.unit.name[:2]} {world.unit.name[2:]}", "member", present=True)
        theirs = Row("另一企业总工", world.other_partner.name, "member", present=True)
        meeting = seat(world, sitting(world, today), *committee(3, 3), ours, theirs)
        (line,) = meeting_votes.lines(meeting)
        assert [member.name for member in line.recused] == ["本校教授", "另一企业总工"]

    def test_the_officer_may_add_somebody_but_not_let_a_conflict_vote(self, world: World, today: date):
        scored(world, today)
        ours = Row("本校教授", world.unit.name, "member", present=True)
        meeting = seat(world, sitting(world, today), *committee(3, 3), ours)
        item = meeting.items.get()
        added = meeting.members.get(name="委员1")
        meeting_votes.save_recused(item=item, members=[added], seen=item.revision, by=world.officer)
        assert set(item.recused.values_list("name", flat=True)) == {"委员1", "本校教授"}

    def test_what_changes_whom_it_concerns_is_seen_by_the_next_who_saves(self, world: World, today: date):
        scored(world, today)
        meeting = sitting(world, today)
        before = meeting.items.get()
        seat(world, meeting, Row("本校教授", world.unit.name, "member", present=True))
        with pytest.raises(Overtaken, match="这一项刚由他人改过"):
            meeting_votes.save_votes(
                item=before, votes_for=1, votes_against=0, votes_abstained=0, conclusion="agreed", note="",
                seen=before.revision, by=world.officer,
            )  # fmt: skip


@pytest.mark.article("8(3)")
class TestVotes:
    @pytest.mark.parametrize(
        ("votes", "conclusion", "fault"),
        [
            ((5, 0, 0), "agreed", {}),
            ((3, 1, 1), "agreed", {}),
            ((2, 2, 1), "agreed", {"conclusion": "结论为同意须过半数，至少 3 票，现为 2 票。"}),
            ((2, 2, 1), "refused", {}),
            ((2, 2, 1), "postponed", {}),
            ((5, 0, 0), "postponed", {}),
            ((3, 1, 1), "refused", {"conclusion": "同意票已过半数，结论不能是不同意；需要再议的选暂缓。"}),
            ((4, 0, 0), "agreed", {"votes_for": "三项合计 4 票，应为 5 票（出席并有表决权的成员，除去回避的）。"}),
            ((6, 0, 0), "agreed", {"votes_for": "三项合计 6 票，应为 5 票（出席并有表决权的成员，除去回避的）。"}),
            ((5, None, 0), "agreed", {"votes_against": "请填写票数，没有的填 0；三项合计应为 5 票。"}),
            ((5, 0, 0), "", {"conclusion": "请选择结论。"}),
        ],
    )
    def test_are_as_many_as_may_vote_and_carry_the_conclusion(
        self, votes: tuple[Any, ...], conclusion: str, fault: dict[str, str]
    ):
        item = MeetingItem(**dict(zip(meeting_votes.VOTES, votes, strict=True)), conclusion=conclusion)
        assert meeting_votes.faults(item, 5) == fault

    def test_where_everybody_stays_out_nothing_is_agreed(self):
        item = MeetingItem(votes_for=0, votes_against=0, votes_abstained=0, conclusion="agreed")
        assert set(meeting_votes.faults(item, 0)) == {"conclusion"}
        item.conclusion = "postponed"
        assert meeting_votes.faults(item, 0) == {}

    def test_all_agree_with_the_number_that_each_item_has(self, world: World, today: date):
        scored(world, today)
        other = replace(
            world, unit=world.other_unit, partner=world.other_partner, applicant=world.other_applicant,
            unit_officer=world.other_unit_officer, partner_officer=world.other_partner_officer,
        )  # fmt: skip
        scored(other, today)
        ours = Row("本校教授", world.unit.name, "member", present=True)
        meeting = seat(world, sitting(world, today), *committee(3, 4), ours)
        assert meeting_votes.agree_to_all(meeting=meeting, by=world.officer) == (2, 0)
        found = {line.item.application.base.training_unit_id: line for line in meeting_votes.lines(meeting)}
        ours_, theirs = found[world.unit.pk].item, found[world.other_unit.pk].item
        assert (ours_.votes_for, theirs.votes_for) == (3, 4)
        assert {ours_.conclusion, theirs.conclusion} == {"agreed"}
        assert all(line.is_complete for line in found.values())

    def test_all_agree_leaves_what_somebody_voted_otherwise(self, world: World, today: date):
        for _each in range(2):
            scored(world, today)
        meeting = seat(world, sitting(world, today), *committee(3, 3))
        divided = meeting.items.first()
        vote(world, divided, (1, 2, 0), "refused", "需补充材料。")
        assert meeting_votes.agree_to_all(meeting=meeting, by=world.officer) == (1, 1)
        divided.refresh_from_db()
        assert (divided.votes_for, divided.votes_against, divided.conclusion) == (1, 2, "refused")

    def test_all_agree_is_set_anew_when_another_came(self, world: World, today: date):
        scored(world, today)
        meeting = held(world, today, present=2, voting=3)
        meeting.members.update(present=True)
        assert reasons_of(meeting, today)[0].endswith("三项合计 2 票，应为 3 票（出席并有表决权的成员，除去回避的）。")
        meeting_votes.agree_to_all(meeting=meeting, by=world.officer)
        assert (meeting.items.get().votes_for, reasons_of(meeting, today)) == (3, ())

    def test_all_agree_needs_somebody_present(self, world: World, today: date):
        scored(world, today)
        with pytest.raises(Refused) as refusal:
            meeting_votes.agree_to_all(meeting=sitting(world, today), by=world.officer)
        assert refusal.value.reasons == ("还没有登记出席的成员，不能填票数。请先在“成员与出席”中勾选。",)

    def test_of_two_who_enter_one_line_the_second_is_told_so(self, world: World, today: date):
        scored(world, today)
        meeting = seat(world, sitting(world, today), *committee(3, 3))
        item = meeting.items.get()
        vote(world, item, (3, 0, 0), "agreed")
        with pytest.raises(Overtaken) as refusal:
            meeting_votes.save_votes(
                item=item, votes_for=0, votes_against=3, votes_abstained=0, conclusion="refused", note="", seen=0, by=world.officer
            )  # fmt: skip
        assert refusal.value.reasons == ("没有保存：这一项刚由他人改过。请刷新后在最新的内容上修改。",)
        assert meeting.items.get().votes_for == 3


@pytest.mark.article("8(3)")
class TestConcluding:
    def test_sets_the_minutes_and_asks_for_the_papers(self, world: World, today: date):
        scored(world, today)
        ended = conclude(world, held(world, today), today)
        assert (ended.state, ended.concluded_by, ended.concluded_on, ended.conclusion) == (
            "concluded", world.officer.user, today, "会议同意所列基地。",
        )  # fmt: skip
        job = OutboxJob.objects.get(name="meeting_papers")
        assert (job.key, job.payload) == (f"meeting_papers:{ended.pk}", {"meeting_id": ended.pk})

    def test_is_what_the_preliminary_list_names(self, world: World, today: date):
        scored(world, today)
        meeting = held(world, today)
        assert list(meetings.concluded(meeting.round, "review")) == []
        conclude(world, meeting, today)
        assert list(meetings.concluded(meeting.round, "review")) == [meeting]
        assert list(meetings.concluded(meeting.round, "deliberation")) == []

    def test_needs_the_quorum(self, world: World, today: date):
        scored(world, today)
        meeting = held(world, today, present=3, voting=7)
        with pytest.raises(Refused) as refusal:
            conclude(world, meeting, today)
        assert refusal.value.reasons == (
            "出席人数不够：应到有表决权的成员 7 人，至少 5 人出席（三分之二以上），现登记出席 3 人。",
        )
        assert fresh_meeting(meeting).state == "draft"

    def test_needs_chair_recorder_items_and_a_day_that_has_come(self, world: World, today: date):
        meeting = sitting(world, today, take_up="none", held_on=today + timedelta(days=1))
        assert reasons_of(meeting, today) == (
            "召开日期 2026-11-25 还没有到，请在会后登记，或者改正日期。",
            "会议没有主持人，请在成员中指定一名。",
            "没有出席的记录人，请在成员中指定一名记录并登记出席。",
            "出席人数不够：应到有表决权的成员 0 人，至少 1 人出席（三分之二以上），现登记出席 0 人。",
            "会议还没有议题，请先选择上会的申请书。",
        )

    def test_needs_a_chair_who_was_there(self, world: World, today: date):
        scored(world, today)
        meeting = held(world, today, present=4, voting=4)
        meeting.members.filter(duty="chair").update(present=False)
        meeting_votes.agree_to_all(meeting=meeting, by=world.officer)
        assert reasons_of(meeting, today) == ("主持人没有出席，请指定实际主持会议的成员。",)

    def test_needs_every_line(self, world: World, today: date):
        bases = [scored(world, today) for _each in range(2)]
        meeting = seat(world, sitting(world, today), *committee(3, 3))
        first, second = meeting.items.all()
        vote(world, first, (3, 0, 0), "agreed")
        assert reasons_of(meeting, today) == (
            f"{second.application.base.name}：请填写票数，没有的填 0；三项合计应为 3 票。",
        )
        assert second.application.base in bases

    def test_needs_a_conclusion(self, world: World, today: date):
        scored(world, today)
        with pytest.raises(Refused) as refusal:
            conclude(world, held(world, today), today, conclusion=" ")
        assert refusal.value.reasons == ("请填写会议结论。",)

    def test_is_of_what_is_still_in_review(self, world: World, today: date):
        base = scored(world, today)
        meeting = held(world, today)
        recognising.reject(base=base, acting=world.officer, on=today, reason="申报单位撤回。")
        assert reasons_of(meeting, today) == (f"“{base.name}”当前状态为“未获认定”，已不在这次会议的范围，请移出议题。",)

    def test_is_of_what_the_person_saw(self, world: World, today: date):
        scored(world, today)
        meeting = held(world, today)
        seen = meetings.sight(meeting)
        vote(world, meeting.items.get(), (2, 1, 0), "agreed")
        with pytest.raises(Overtaken, match="会议的内容刚由他人改过"):
            conclude(world, meeting, today, seen=seen)

    def test_happens_once(self, world: World, today: date):
        scored(world, today)
        meeting = held(world, today)
        conclude(world, meeting, today)
        with pytest.raises(Overtaken) as refusal:
            conclude(world, meeting, today)
        assert refusal.value.reasons == ("会议已经结束，纪要不能再改，没有保存。",)

    def test_after_it_the_database_changes_nothing(self, world: World, today: date):
        scored(world, today)
        meeting = seat(world, held(world, today), Row("本校教授", world.unit.name, "member"))
        conclude(world, meeting, today)
        item, member = meeting.items.get(), meeting.members.get(name="委员1")
        changes: list[Any] = [
            lambda: ReviewMeeting.objects.update(conclusion="改过。"),
            lambda: ReviewMeeting.objects.update(state="draft"),
            lambda: ReviewMeeting.objects.update(held_on=today - timedelta(days=1)),
            lambda: ReviewMeeting.objects.filter(pk=meeting.pk)._raw_delete("default"),
            lambda: MeetingMember.objects.update(present=False),
            lambda: MeetingMember.objects.filter(pk=member.pk).delete(),
            lambda: MeetingMember.objects.create(meeting=meeting, name="后补", employer="某校"),
            lambda: MeetingItem.objects.update(votes_for=0),
            lambda: MeetingItem.objects.create(meeting=meeting, application=world.application(world.in_review(today))),
            lambda: item.recused.add(member),
            lambda: MeetingRecusal.objects.all().delete(),
        ]
        for change in changes:
            with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
                change()

    def test_the_signed_paper_comes_later_and_once(self, world: World, today: date):
        scored(world, today)
        meeting = held(world, today)
        with pytest.raises(Refused, match="会议还没有结束"):
            meeting_conclusion.add_scan(meeting=meeting, file=pdf_upload(), by=world.officer)
        conclude(world, meeting, today)
        kept = meeting_conclusion.add_scan(meeting=meeting, file=pdf_upload("签字.pdf"), by=world.officer)
        assert kept.signed_scan.name == "签字.pdf"
        with pytest.raises(Overtaken, match="签字扫描件已经上传"):
            meeting_conclusion.add_scan(meeting=meeting, file=pdf_upload(), by=world.officer)


@pytest.mark.article("8(4)")
class TestDeliberating:
    @pytest.fixture
    def meeting(self, world: World, today: date) -> ReviewMeeting:
        """A deliberation on three bases: agreed, refused, postponed."""
        for _each in range(3):
            world.shortlisted(today)
        meeting = held(world, today, "deliberation")
        _agreed, refused, postponed = meeting.items.all()
        vote(world, refused, (1, 2, 0), "refused")
        vote(world, postponed, (1, 1, 1), "postponed")
        return meeting

    def test_records_what_was_agreed_with_the_words_of_the_meeting(
        self, world: World, today: date, meeting: ReviewMeeting
    ):
        conclude(world, meeting, today, conclusion="同意列入拟认定名单。")
        agreed = meeting.items.get(conclusion="agreed")
        stored = Deliberation.objects.get()
        assert (stored.application, stored.held_on, stored.conclusion, stored.prepared_by, stored.prepared_on) == (
            agreed.application, today, "同意列入拟认定名单。", world.officer.user, today,
        )  # fmt: skip
        assert notice_lists.ready_for_recognition_notice(meeting.round) == [agreed.application]

    def test_records_all_or_none(self, world: World, today: date, monkeypatch: pytest.MonkeyPatch):
        for _each in range(2):
            world.shortlisted(today)
        meeting = held(world, today, "deliberation")
        plain, calls = recognising.record_deliberation, []

        def second_fails(**given: Any) -> Any:
            calls.append(given)
            if len(calls) == 2:
                raise Overtaken("基地刚被他人办理。")
            return plain(**given)

        monkeypatch.setattr(recognising, "record_deliberation", second_fails)
        with pytest.raises(Overtaken, match="基地刚被他人办理。"):
            conclude(world, meeting, today)
        assert (Deliberation.objects.count(), fresh_meeting(meeting).state) == (0, "draft")

    def test_what_it_said_cannot_be_recorded_beside_it(self, world: World, today: date, meeting: ReviewMeeting):
        conclude(world, meeting, today)
        for item in meeting.items.all():
            with pytest.raises(Refused) as refusal:
                recognising.record_deliberation(
                    base=item.application.base, acting=world.officer, on=today, held_on=today, conclusion="另说。"
                )
            rest = "审议纪要已随会议登记，不能单独登记。"
            if item.conclusion != "agreed":
                rest = "不能单独登记；需要再议的，请列入下一次认定审议会。"
            said = f"“{meeting.title}”已对本基地作出结论（{item.get_conclusion_display()}），{rest}"
            assert refusal.value.reasons == (said,)
            assert recognising.deliberate_reasons(item.application.base, world.officer, today) == (said,)

    def test_what_it_is_going_to_speak_of_is_not_recorded_alone_and_not_twice(self, world: World, today: date):
        base = world.shortlisted(today)
        own = {"base": base, "acting": world.officer, "on": today, "held_on": today, "conclusion": "另说。"}
        meeting = held(world, today, "deliberation")
        with pytest.raises(Refused) as refusal:
            recognising.record_deliberation(**own)
        assert refusal.value.reasons == (
            f"本基地已列入“{meeting.title}”的议题，不能单独登记；请在会议中登记结论，或者先移出议题。",
        )
        Deliberation.objects.create(
            application=world.application(base), held_on=today, conclusion="同意。", prepared_by=world.officer.user,
            prepared_on=today,
        )  # fmt: skip
        with pytest.raises(Refused) as refusal:
            conclude(world, meeting, today)
        assert refusal.value.reasons == (f"“{base.name}”已登记审议纪要，请移出议题。",)

    def test_comes_after_the_preliminary_list(self, world: World, today: date):
        base, later = world.shortlisted(today), today + timedelta(days=1)
        with pytest.raises(Refused, match="审议日期 2026-11-23 早于列入初步名单的日期 2026-11-24"):
            recognising.record_deliberation(
                base=base, acting=world.officer, on=today, held_on=today - timedelta(days=1), conclusion="同意。"
            )
        meeting = held(world, later, "deliberation")
        ReviewMeeting.objects.filter(pk=meeting.pk).update(held_on=today - timedelta(days=1))
        assert reasons_of(meeting, later) == (f"召开日期早于“{base.name}”列入初步名单的日期 2026-11-24，请核对日期。",)

    def test_what_was_postponed_comes_up_again(self, world: World, today: date, meeting: ReviewMeeting):
        conclude(world, meeting, today)
        open_ = {item.application for item in meeting.items.exclude(conclusion="agreed")}
        again = held(world, today, "deliberation")
        assert {item.application for item in again.items.all()} == open_
        conclude(world, again, today)
        assert Deliberation.objects.count() == 3

    def test_who_concludes_does_not_publish(self, world: World, today: date, meeting: ReviewMeeting):
        conclude(world, meeting, today)
        base = meeting.items.get(conclusion="agreed").application.base
        preparer = replace(world.leader, user=world.officer.user)
        assert (
            recognising.recognise_reasons(base, preparer, today)[-1] == "拟办与决定不能是同一人，请由其他审批人办理。"
        )

    def test_the_base_stays_where_it_is_until_the_notice(self, world: World, today: date, meeting: ReviewMeeting):
        conclude(world, meeting, today)
        assert {fresh(item.application.base).state for item in meeting.items.all()} == {State.SHORTLISTED}

    def test_tells_the_officer_what_follows(self, world: World, today: date, meeting: ReviewMeeting):
        conclude(world, meeting, today)
        said = {item.title: item.why for item in inbox.items(world.officer, today)}
        assert [said[item.application.base.name] for item in meeting.items.all()] == [
            "审议纪要已登记，请起草认定公示。",
            "认定审议会的结论为不同意，请作不予认定处理。",
            "认定审议会暂缓，请列入下一次会议。",
        ]


@pytest.mark.article("8(3)")
class TestInbox:
    def test_asks_for_the_outcome_of_a_meeting_whose_day_has_passed(self, world: World, today: date):
        meeting = sitting(world, today, take_up="none")
        assert inbox.items(world.officer, today) == []
        (item,) = inbox.items(world.officer, today + timedelta(days=1))
        assert (item.title, item.why, item.url) == (
            meeting.title, "会议已于 2026-11-24 召开，请登记出席、表决和结论，结束会议。", f"/meetings/{meeting.pk}/",
        )  # fmt: skip
        assert inbox.items(world.leader, today + timedelta(days=1)) == []


class TestDiscarding:
    def test_takes_everything_of_a_draft_along(self, world: World, today: date):
        scored(world, today)
        meeting = seat(world, held(world, today), Row("本校教授", world.unit.name, "member"))
        meetings.discard_meeting(meeting=meeting, by=world.officer)
        left = [m.objects.count() for m in (ReviewMeeting, MeetingMember, MeetingItem, MeetingRecusal)]
        assert left == [0, 0, 0, 0]

    def test_is_refused_once_it_is_concluded(self, world: World, today: date):
        scored(world, today)
        meeting = held(world, today)
        conclude(world, meeting, today)
        with pytest.raises(Overtaken, match="会议已经结束"):
            meetings.discard_meeting(meeting=meeting, by=world.officer)
        assert ReviewMeeting.objects.count() == 1
