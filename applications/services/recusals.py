"""回避 (第八条（三）): what experts declare before they score, and what the department does about a conflict found later.

An assignment says how it stands now; every act on it is also kept as a record that nobody can change.
"""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from applications.models import (
    Application,
    Assignment,
    AvoidedExpert,
    ExpertProfile,
    Panel,
    RecusalRecord,
    RecusalRule,
)
from applications.recusal import plain
from applications.services import all_in, panels
from applications.services.declaring import newest_applications
from applications.services.recusal_rules import Conflict, Pair, findings
from applications.services.recusal_trail import ENDED, GAP, end, record
from bases.lifecycle import State
from bases.models import Base
from bases.services.lifecycle import lock
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.models import User
from portal.roles import Role

__all__ = ["Conflict", "conflicts", "findings"]

Act = RecusalRecord.Act
Status = Assignment.Status
# Found by a name that the base wrote down: a restored expert is somebody else of that name, whatever the paper says.
BY_NAME = frozenset({RecusalRule.LISTED, RecusalRule.JOINT_RESULT})


def conflicts(experts: Iterable[User], bases: Iterable[Base], on: date) -> dict[Pair, Conflict]:
    """Who of these must not score which of these bases on a day (回避), by the keys of the person and of the base.

    The number of queries does not depend on how many experts and bases there are. The source is 第八条（三）.
    """
    return findings(experts, bases, on).conflicts


# What the expert says.


@transaction.atomic
def declare_free(*, assignment: Assignment, by: Acting, on: date) -> Assignment:
    """The expert declares that nothing speaks against their scoring this base (回避), before they see its papers and score.

    Raises Refused, without the reason, for whom the rules bar.
    """
    found = Assignment.objects.select_for_update(of=("self",)).select_related("panel__base", "expert")
    locked = found.get(pk=assignment.pk)
    if by.role != Role.EXPERT or locked.expert_id != by.user_id:
        raise NotYours(_("无利害关系声明只能由本人作出。"))
    if not locked.is_live:
        raise Overtaken(_("您已不参加本项评审，没有改动。"))
    if locked.declared_on is None:
        panels.refuse_who_is_barred(locked, on)
        locked.declared_on = on
        locked.save(update_fields=["declared_on"])
        record(locked, Act.DECLARED_FREE, by=by, on=on)
    return locked


@transaction.atomic
def recuse(*, assignment: Assignment, reason: str, by: Acting, on: date) -> Assignment:
    """The expert withdraws from a panel because of a conflict, with the reason (回避); what was scored does not count."""
    locked = panels.own_open(assignment, by)
    if not reason.strip():
        raise Refused(_("请写明回避原因。"))
    end(locked, Act.RECUSED, Status.RECUSED, by=by, on=on, reason=reason.strip(), rule=RecusalRule.DECLARED)
    return locked


@transaction.atomic
def decline(*, assignment: Assignment, reason: str, by: Acting, on: date) -> Assignment:
    """The expert cannot score this one for want of time or the like, with the reason; no conflict."""
    locked = panels.own_open(assignment, by)
    if not reason.strip():
        raise Refused(_("请写明谢绝原因。"))
    end(locked, Act.DECLINED, Status.DECLINED, by=by, on=on, reason=reason.strip())
    return locked


# What the department does.


def department_reasons(panel: Panel) -> tuple[str, ...]:
    """Why the department cannot take anybody off this panel, put them back, or go on without them now; empty when it can."""
    if panel.fixed_on is not None:
        return (
            _("综合得分已于 %(day)s 确定，不能再移出或者恢复专家。发现的问题请写入审议纪要，由厅里决定。")
            % {"day": panel.fixed_on.isoformat()},
        )
    before = {State.RECOMMENDED} if panel.purpose == Panel.Purpose.APPLICATION else set()
    scored_in = {panels.SCORED_IN[Panel.Purpose(panel.purpose)], *before}
    newer = Panel.objects.filter(base_id=panel.base_id, pk__gt=panel.pk)
    if panel.base.state not in scored_in or newer.exists() or not _is_current(panel):
        return (_("这次评审已经结束，基地当前状态为“%(state)s”。") % {"state": panel.base.state_label},)
    return ()


def _is_current(panel: Panel) -> bool:
    """Whether what a panel scores is still at stake: an earlier application of the base is not."""
    return panel.application_id is None or newest_applications().filter(pk=panel.application_id).exists()


def asked_not_to_have(assignment: Assignment) -> bool:
    """Whether the applicant has named somebody of the expert's name: then the expert is never told in which words they were taken off."""
    panel = assignment.panel
    papers = Application.objects.filter(pk=panel.application_id) if panel.application_id else newest_applications()
    named = AvoidedExpert.objects.filter(application__in=papers.filter(base=panel.base_id).values("pk"))
    profile = ExpertProfile.objects.filter(user=assignment.expert_id).values_list("name", flat=True)
    own = {plain(name) for name in (assignment.expert.full_name, *profile)} - {""}
    return any(plain(name) in own for name in named.values_list("name", flat=True))


def stays_for(assignment: Assignment) -> str:
    """Why an expert cannot be replaced (撤换), in Chinese, once the sheet has been in; empty when they can."""
    if assignment.status == Status.SUBMITTED:
        return _("评分表已提交，不能撤换；确有利害关系的，请办理“发现利害关系”。")
    sheet = getattr(assignment, "sheet", None)
    if sheet is not None and sheet.unlocks.all():
        return _("评分表提交后解锁的，不能撤换；确有利害关系的，请办理“发现利害关系”。")
    return ""


def _for_department(assignment: Assignment, reason: str, by: Acting) -> Assignment:
    """The assignment, its base, panel and own row locked in this order, for an officer who says why."""
    if by.role != Role.DEPT_OFFICER:
        raise NotYours(_("评审专家由教育厅经办调整。"))
    lock(assignment.panel.base_id)
    panel = Panel.objects.select_for_update(of=("self",)).get(pk=assignment.panel_id)
    found = Assignment.objects.select_for_update(of=("self",)).select_related("panel__base", "expert")
    locked = found.get(pk=assignment.pk)
    blocked = department_reasons(locked.panel)
    if blocked:
        raise Overtaken(blocked)
    if not reason.strip():
        raise Refused(_("请写明原因。"))
    all_in.before_closing(panel)
    return locked


def _refuse_ended(assignment: Assignment) -> None:
    if not assignment.is_live:
        status = {"name": assignment.expert.full_name, "status": assignment.get_status_display()}
        raise Overtaken(_("%(name)s 已不在评审组中（%(status)s），没有改动。") % status)


@transaction.atomic
def release(*, assignment: Assignment, reason: str, by: Acting, on: date) -> Assignment:
    """The department takes an expert off who has not handed in, with the reason; another one takes the place.

    Raises Refused for a sheet that is in or was in before it was unlocked: who does not like what it says does not choose another.
    """
    locked = _for_department(assignment, reason, by)
    _refuse_ended(locked)
    stays = stays_for(locked)
    if stays:
        raise Refused(stays)
    rule = RecusalRule.AVOIDED if asked_not_to_have(locked) else ""
    end(locked, Act.RELEASED, Status.RELEASED, by=by, on=on, reason=reason.strip(), rule=rule)
    return locked


@transaction.atomic
def remove_for_conflict(*, assignment: Assignment, reason: str, by: Acting, on: date) -> Assignment:
    """The department takes an expert off whose conflict was found later; a sheet that is in stays kept and does not count.

    The rule is that the applicant asked not to have them, the one that the data show, or that it was found out. Raises Overtaken once the aggregate is fixed.
    """
    locked = _for_department(assignment, reason, by)
    _refuse_ended(locked)
    shown = conflicts([locked.expert], [locked.panel.base], on).get((locked.expert_id, locked.panel.base_id))
    rule = shown.rule if shown else RecusalRule.FOUND
    if asked_not_to_have(locked):
        rule = RecusalRule.AVOIDED
    end(locked, Act.REMOVED, Status.RECUSED, by=by, on=on, reason=reason.strip(), rule=rule)
    return locked


def removed_by_department(assignment: Assignment) -> bool:
    """Whether the department took the expert off for a conflict, so that it may turn out to be an error."""
    if assignment.status != Status.RECUSED:
        return False
    acts = [each.act for each in assignment.recusal_records.all() if each.act not in {Act.FOUND, Act.UNFILLED}]
    return acts[-1:] == [Act.REMOVED]


@transaction.atomic
def restore(*, assignment: Assignment, reason: str, by: Acting, on: date) -> Assignment:
    """Put back who was taken off in error, as they stood: with the sheet, if it was in. Their place stands empty no more.

    Refused while the data still show a conflict by anything but a name: then the data are to be mended first. Every rule that
    their name alone had met is recorded as cleared.
    """
    locked = _for_department(assignment, reason, by)
    if not removed_by_department(locked):
        raise Overtaken(_("只能恢复由教育厅移出评审组的专家，没有改动。"))
    pair = (locked.expert_id, locked.panel.base_id)
    shown = findings([locked.expert], [locked.panel.base], on).all.get(pair, [])
    words = _("平台资料仍显示%(name)s应当回避：%(why)s。资料有误的，请先更正资料，再恢复。")
    by_data = [each.reason for each in shown if each.rule not in BY_NAME]
    if by_data:
        raise Refused([words % {"name": locked.expert.full_name, "why": why} for why in dict.fromkeys(by_data)])
    sheet = getattr(locked, "sheet", None)
    was_in = sheet is not None and sheet.submitted_on is not None
    locked.status = Status.SUBMITTED if was_in else Status.ASSIGNED
    for rule in dict.fromkeys(each.rule for each in shown) or [""]:
        record(locked, Act.RESTORED, by=by, on=on, reason=reason.strip(), rule=rule)
    locked.ended_reason, locked.rule, locked.ended_on, locked.ended_by = "", "", None, None
    locked.unfilled_reason, locked.unfilled_on, locked.unfilled_by, locked.needs_nobody = "", None, None, False
    locked.save(update_fields=[*ENDED, *GAP])
    _give_back_the_place(locked)
    return locked


def _give_back_the_place(restored: Assignment) -> None:
    """Where whoever took the place of a restored expert has left it too, it is the restored expert's again and no gap."""
    first = last = Assignment.objects.filter(replaces=restored).first()
    while last is not None and (follower := Assignment.objects.filter(replaces=last).first()) is not None:
        last = follower
    if first is not None and last is not None and not last.is_live:
        Assignment.objects.filter(pk=first.pk).update(replaces=None)
        Assignment.objects.filter(pk=last.pk, unfilled_on=None).update(needs_nobody=True)


# What the platform finds by itself.


def watched() -> QuerySet[Assignment]:
    """The live assignments of panels whose aggregate is not fixed, of bases before or in the review or the assessment, by their newest application."""
    newer = Panel.objects.filter(base=OuterRef("panel__base"), pk__gt=OuterRef("panel_id"))
    earlier = Q(panel__purpose=Panel.Purpose.APPLICATION) & ~Q(
        panel__application__in=newest_applications().values("pk")
    )
    stage = Q(panel__purpose=Panel.Purpose.APPLICATION, panel__base__state=State.RECOMMENDED)
    for purpose, state in panels.SCORED_IN.items():
        stage |= Q(panel__purpose=purpose, panel__base__state=state)
    found = Assignment.objects.filter(stage, status__in=Assignment.LIVE, panel__fixed_on=None)
    return found.exclude(Exists(newer)).exclude(earlier).select_related("panel__base", "expert").order_by("pk")


@transaction.atomic
def find(*, on: date) -> list[RecusalRecord]:
    """The nightly check: keep a record of every watched assignment that has come into conflict; twice keeps it once."""
    last = RecusalRecord.objects.filter(assignment=OuterRef("pk")).order_by("-pk")
    waiting = list(watched().annotate(last_act=Subquery(last.values("act")[:1])))
    barred = panels.standing_conflicts(waiting, on)
    return [
        record(assignment, Act.FOUND, by=None, on=on, reason=barred[assignment.pk].reason, rule=barred[assignment.pk].rule)
        for assignment in waiting
        if assignment.pk in barred and assignment.last_act != Act.FOUND
    ]  # fmt: skip


def found_and_open(on: date) -> list[tuple[Assignment, Conflict]]:
    """What the nightly check has found and nobody has dealt with; what no longer holds is left out."""
    last = RecusalRecord.objects.filter(assignment=OuterRef("pk")).order_by("-pk")
    waiting = list(watched().annotate(last_act=Subquery(last.values("act")[:1])).filter(last_act=Act.FOUND))
    barred = panels.standing_conflicts(waiting, on)
    return [(assignment, barred[assignment.pk]) for assignment in waiting if assignment.pk in barred]
