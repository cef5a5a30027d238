"""What happens in the demo around 评审 and 认定 (第八条（三）（四）): the stories of single bases, and those of a whole round.

A story of a round yields days as those of the bases do; it is told after them, so that on one day the bases come first.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from datetime import date
from decimal import Decimal

from applications.models import Application, Assignment, MeetingItem, PreliminaryList, ReviewMeeting, Round
from applications.services import (
    assigning,
    avoiding,
    meeting_conclusion,
    meeting_members,
    meeting_votes,
    meetings,
    preliminary,
    results,
    rubrics,
    sheet_deadline,
    sheets,
)
from applications.services.meeting_members import Row
from evaluations.demo.cast import CHANGFENG
from evaluations.demo.play import COMMENTS, Play, spread_over
from evaluations.demo.stories import Stage, Story, built, way
from portal.acting import Acting
from portal.roles import Role

Session = Generator[date, date, None]
Conclusion = MeetingItem.Conclusion
# What the meeting of ``meeting_and_list`` is about, the best first, with the points of each and how far its experts lie apart.
ON_THE_AGENDA = {
    "草原文旅数字化": (90, (0, 3, -3)),
    "工业软件应用": (86, (0, 2, -2)),
    "马铃薯种薯繁育": (79, (0, 11, -11)),
    "风电叶片检测": (71, (0, 4, -4)),
}
_CUTOFF = Decimal(85)
_BY_HAND, _REFUSED = "马铃薯种薯繁育", "风电叶片检测"
_VENUE = "教育厅三楼会议室（演示）"
_OFFICE = "内蒙古自治区教育厅（演示）"
MEMBERS = (
    Row("呼斯楞", _OFFICE, "chair", present=True),
    Row("顾长青", "海西虚拟大学", "member", present=True),
    Row("赵一苇", "江左工程研究院（虚构）", "member", present=True),
    Row("程砚秋实", "岭东交通大学（虚构）", "member", present=True),
    Row("姜予怀", "云渚旅游集团（虚构）", "member", present=True),
    Row("吕怀瑾", CHANGFENG, "member", present=True),
    Row("杜若衡", "东望医科大学（虚构）", "member"),
    Row("许思齐", _OFFICE, "recorder", present=True),
)


# Of single bases


def half_scored(stage: Stage, play: Play) -> Story:
    """Before the experts, with a last day for the sheets; one has handed in, was given the sheet back and has handed in again."""
    base = yield from way(play, "open_review", stage.ago(7))
    panel = base.panels.get()
    sheet_deadline.set_due(round_=play.application(base).round, due_on=stage.ago(-8), by=play.officer, on=stage.ago(7))
    on = yield stage.ago(2)
    play.score(panel, 86, on, count=1)
    on = yield stage.ago(1)
    first = panel.assignments.filter(status=Assignment.Status.SUBMITTED).get()
    reason = "专家来电说明“导师队伍”一项误按旧标准评分，申请修改。"
    sheets.unlock(assignment=first, reason=reason, by=play.officer, on=on)
    on = yield stage.today
    expert = next(each for each in play.experts if each.user_id == first.expert_id)
    points = spread_over(panel.rubric, Decimal(83))
    sheets.submit_sheet(assignment=first, points=points, comment=COMMENTS[0], by=expert, on=on)
    return base


def waiting_for_a_plan(stage: Stage, play: Play) -> Story:
    """Recommended; the applicant has named an expert to avoid, and a plan who reviews it waits for the officer."""
    base = yield from way(play, "recommend", stage.ago(3))
    on = yield stage.ago(2)
    application = play.application(base)
    reason = "与申报人在同一项目的评标中有过争议，担心影响公正。"
    named = [avoiding.Avoided("宝音", "乡村教育发展中心（虚构）", reason)]
    avoiding.set_avoided(application=application, experts=named, by=play.applicant, on=on)
    on = yield stage.today
    policy = application.round.policy
    plan = assigning.ask(
        round_=application.round, scope="whole", size=policy.panel_size, industry_min=policy.panel_industry_min, load_limit=15,
        by=play.officer, on=on,
    )  # fmt: skip
    assigning.make(plan.pk, on.isoformat())
    return base


def before_the_meeting(name: str) -> Callable[[Stage, Play], Story]:
    """Scored in time for the meeting and the list of ``meeting_and_list``."""
    total, spread = ON_THE_AGENDA[name]
    return lambda stage, play: way(play, "score", stage.ago(14), total=total, spread=spread)


def revision_handed_in(stage: Stage, play: Play) -> Story:
    """In construction; the unit has handed in the revised agreement, and the partner is to confirm it (第十条)."""
    base = yield from built(play, stage.ago(20))
    on = yield stage.ago(3)
    play.hand_in_agreement(base, on)
    return base


# Of a whole round


def meeting_and_list(stage: Stage) -> Session:
    """The 评审会议 is held and concluded, the preliminary list adopted with one change by hand, the deliberation not entered yet."""
    by = stage.cast.acting("jingban1", Role.DEPT_OFFICER)
    on = yield stage.ago(10)
    round_ = _round_of(next(iter(ON_THE_AGENDA)))
    flagged = [each.application for each in preliminary.candidates(results.ranking(round_)) if each.flags]
    preliminary.refer(round=round_, applications=flagged, by=by, on=on)
    on = yield stage.ago(9)
    meeting = _sit(round_, "review", on, by)
    meeting = _vote(meeting, by)
    on = yield stage.ago(8)
    _conclude(meeting, by, on)
    on = yield stage.ago(7)
    _adopt(round_, meeting, by, on)
    on = yield stage.ago(1)
    _sit(round_, "deliberation", on, by)


def rubric_draft(stage: Stage) -> Session:
    """The officer has drafted a new version of the rubric, which waits for the leader."""
    by = stage.cast.acting("jingban1", Role.DEPT_OFFICER)
    yield stage.ago(5)
    draft = rubrics.draft(purpose="application", by=by)
    moved = {"mentors": Decimal(5), "support": Decimal(-5)}
    rows = [
        rubrics.Row(each.key, each.name, each.descriptor, each.points + moved.get(each.key, 0), each.floor, each.step)
        for each in draft.criteria.order_by("position")
    ]
    note = "近两年评审中导师队伍的差别不够明显：导师由 10 分提高到 15 分，经费与制度保障由 10 分降为 5 分。"
    rubrics.save_draft(rubric=draft, name=draft.name, note=note, rows=rows, seen=None, by=by)


SESSIONS: tuple[Callable[[Stage], Session], ...] = (rubric_draft, meeting_and_list)


def _round_of(name: str) -> Round:
    application = Application.objects.select_related("round__policy").get(base__name__startswith=name)
    return application.round


def _sit(round_: Round, kind: str, on: date, by: Acting) -> ReviewMeeting:
    """A meeting that takes up all that is scored, with its members; who came is entered of the 评审会议."""
    given = meetings.proposed(round_, kind)
    meeting = meetings.draft_meeting(round_=round_, kind=kind, held_on=on, place=_VENUE, by=by, **given)
    ready = [each for each in meetings.candidates(round_, kind) if each.ranked is not None and each.ranked.place]
    meeting = meetings.take_up(
        meeting=meeting, applications=[each.application for each in ready], seen=meeting.revision, by=by
    )
    rows = MEMBERS if kind == ReviewMeeting.Kind.REVIEW else [replace(row, present=False) for row in MEMBERS]
    meeting_members.add_members(meeting=meeting, rows=rows, seen=meeting.revision, by=by)
    return _now(meeting)


def _now(meeting: ReviewMeeting) -> ReviewMeeting:
    return ReviewMeeting.objects.select_related("round__policy").get(pk=meeting.pk)


def _vote(meeting: ReviewMeeting, by: Acting) -> ReviewMeeting:
    """All agree, but for one application that the meeting does not agree to and one on which somebody abstains."""
    meeting_votes.agree_to_all(meeting=meeting, by=by)
    for line in meeting_votes.lines(_now(meeting)):
        n, name = line.eligible, line.item.application.base.name
        if name.startswith(_REFUSED):
            votes, conclusion = (1, n - 2, 1), Conclusion.REFUSED
            note = "实践岗位与专业学位类别的对应关系没有说清，前期合作的投入凭证不全。"
        elif name.startswith(_BY_HAND):
            votes, conclusion = (n - 1, 0, 1), Conclusion.AGREED
            note = "专家分差较大：会议听取了两方面意见，认为示范田和种薯生产线属实，分歧在经费测算的口径。"
        else:
            continue
        meeting_votes.save_votes(
            item=line.item, votes_for=votes[0], votes_against=votes[1], votes_abstained=votes[2], conclusion=conclusion,
            note=note, seen=line.item.revision, by=by,
        )  # fmt: skip
    return _now(meeting)


def _conclude(meeting: ReviewMeeting, by: Acting, on: date) -> None:
    said = meeting_conclusion.proposed_conclusion(meeting, meeting_votes.lines(meeting))
    meeting_conclusion.conclude(meeting=meeting, conclusion=said, seen=meetings.sight(meeting), by=by, on=on)


def _adopt(round_: Round, meeting: ReviewMeeting, by: Acting, on: date) -> None:
    draft = preliminary.move_cutoff(
        round=round_, cutoff_by=PreliminaryList.Cutoff.SCORE, cutoff=_CUTOFF, revision=0, by=by, on=on
    )
    found = preliminary.candidates(results.ranking(round_))
    lifted = next(each.application for each in found if each.application.base.name.startswith(_BY_HAND))
    reason = "评审会议同意。名单中没有其他农林类基地，列入后专业学位类别的覆盖更完整；专家分差已由会议审议。"
    preliminary.change_by_hand(
        round=round_, application=lifted, chosen=True, reason=reason, revision=draft.revision, by=by, on=on
    )
    kept = preliminary.draft_of(round_)
    if kept is None:
        raise RuntimeError("the draft of the list is gone")
    lines = preliminary.lines(found, kept.cutoff_by, kept.cutoff, preliminary.by_hand(kept))
    preliminary.adopt(
        round=round_, revision=kept.revision, seen=preliminary.fingerprint(lines), by=by, on=on, meeting=_now(meeting),
        accept_missing=True,
    )  # fmt: skip
