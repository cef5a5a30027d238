"""Panels of experts: who scores, who must not, and what comes out. Serves 评审, 考核 and 复评 alike."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from applications import scoring
from applications.models import Application, Assignment, ExpertProfile, Panel, RecusalRecord, Rubric, ScoreSheet
from applications.services import all_in, rubrics
from applications.services.recusal_rules import Conflict, findings
from applications.services.recusal_trail import end
from bases.lifecycle import PanelFacts, State
from bases.models import Base, Membership, Policy
from bases.services.lifecycle import lock
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.models import User
from portal.roles import Role

# Conflicts by the key of the assignment, where they were looked up for many panels at once.
Barred = Mapping[int, Conflict]

# Where a base stands while a panel of that purpose scores it.
SCORED_IN = {
    Panel.Purpose.APPLICATION: State.IN_REVIEW,
    Panel.Purpose.ASSESSMENT: State.ASSESSING,
    Panel.Purpose.REASSESSMENT: State.REASSESSING,
}

# Why somebody whose assignment ended is not put on the panel again.
GONE = {
    Assignment.Status.RECUSED: gettext_noop("已回避"),
    Assignment.Status.DECLINED: gettext_noop("已谢绝本项评审"),
    Assignment.Status.RELEASED: gettext_noop("已被撤换"),
}


def ensure_panel(
    *, base: Base, purpose: str, required: int, by: Acting, on: date, application: Application | None = None
) -> Panel:
    """A fresh panel with the rubric in force."""
    if by.user is None:
        raise NotYours(_("评审组由教育厅经办组建。"))
    rubric = rubrics.in_force(
        Rubric.Purpose.APPLICATION if purpose == Panel.Purpose.APPLICATION else Rubric.Purpose.ASSESSMENT
    )
    return Panel.objects.create(
        base=base,
        purpose=purpose,
        application=application,
        rubric=rubric,
        required=required,
        opened_on=on,
        opened_by=by.user,
    )


def _experts() -> QuerySet[User]:
    """People with a live expert membership who are in the 专家库: of others the rules of recusal would know nothing."""
    held = Membership.objects.filter(role=Role.EXPERT, withdrawn_at=None).values("user")
    pool = ExpertProfile.objects.filter(user__isnull=False, removed_on=None).values("user")
    return User.objects.filter(pk__in=held, is_active=True).filter(pk__in=pool)


def size_reasons(many: int, least: int) -> list[str]:
    """Why a panel of so many experts cannot begin 评审: too few, or an even number, of which no median is somebody's."""
    if many < least:
        return [_("已分配 %(n)s 名专家，至少 %(min)s 名") % {"n": many, "min": least}]
    return [] if many % 2 else [_("专家为 %(n)s 名，应为单数") % {"n": many}]


def running_size(live: int, gaps: int, least: int) -> int:
    """How many experts a panel that has begun is to have: one for each place that stands empty, and where that is even, one fewer."""
    many = live + gaps
    return max(least, many if many % 2 else many - 1)


def eligible_experts(base: Base, on: date) -> list[User]:
    """Experts who may score the base on a day: in the pool, with a live expert membership and without a conflict."""
    experts = list(_experts().select_related("expert_profile").order_by("full_name"))
    barred = findings(experts, [base], on).conflicts
    return [expert for expert in experts if (expert.pk, base.pk) not in barred]


def standing_findings(assignments: Iterable[Assignment], on: date) -> tuple[dict[int, Conflict], dict[int, list[str]]]:
    """Which of these assignments are in conflict on a day (回避), and what is worth a look, by their key.

    Each comes with ``expert`` and ``panel.base`` at hand. Whom the department restored although the base's paper has their name is somebody else of that name.
    """
    given = list(assignments)
    found = findings([a.expert for a in given], [a.panel.base for a in given], on)
    pairs = {a.pk: (a.expert_id, a.panel.base_id) for a in given}
    standing = {key: found.all[pair] for key, pair in pairs.items() if pair in found.all}
    looks = {key: found.hints[pair] for key, pair in pairs.items() if pair in found.hints}
    cleared: set[tuple[int, str]] = set()
    if standing:
        restored = RecusalRecord.objects.filter(assignment__in=standing, act=RecusalRecord.Act.RESTORED)
        cleared = set(restored.values_list("assignment_id", "rule"))
    left = {key: [each for each in all_ if (key, each.rule) not in cleared] for key, all_ in standing.items()}
    return {key: conflicts[0] for key, conflicts in left.items() if conflicts}, looks


def standing_conflicts(assignments: Iterable[Assignment], on: date) -> dict[int, Conflict]:
    """Which of these assignments are in conflict on a day (回避), by their key."""
    return standing_findings(assignments, on)[0]


def refuse_who_is_barred(assignment: Assignment, on: date) -> None:
    """Raise Refused when the expert of an assignment is in conflict (回避); the reason is between applicant and department."""
    if standing_conflicts([assignment], on):
        raise Refused(_("按照回避规定，您不能评审本项，请联系教育厅经办。"))


def live(panel: Panel) -> QuerySet[Assignment]:
    """The assignments that count: neither recused nor declined nor replaced."""
    return panel.assignments.filter(status__in=Assignment.LIVE)


@transaction.atomic
def assign(*, panel: Panel, experts: Iterable[User], by: Acting, on: date) -> Panel:
    """Put experts on a panel; whoever is on it already stays, whoever is in conflict or has withdrawn is refused with the reason.

    Of a panel that has begun they fill the oldest gaps (空缺) first. A conflict that has come about since an expert was assigned takes them off, with its reason, unless their sheet is in.
    """
    if by.role != Role.DEPT_OFFICER:
        raise NotYours(_("评审专家由教育厅经办分配。"))
    locked = Panel.objects.select_for_update(of=("self",)).select_related("base").get(pk=panel.pk)
    if locked.fixed_on is not None:
        raise Refused(_("综合得分已确定，不能再增加专家。"))
    all_in.before_closing(locked)
    _take_off_who_is_in_conflict(locked, by, on)
    gaps = list(locked.assignments.gaps().order_by("ended_on", "pk"))
    ended = locked.assignments.exclude(status__in=Assignment.LIVE)
    gone = {each.expert_id: _(GONE[Assignment.Status(each.status)]) for each in ended}
    experts = list(experts)
    known = set(_experts().filter(pk__in=[expert.pk for expert in experts]).values_list("pk", flat=True))
    barred = findings(experts, [locked.base], on).conflicts
    for expert in experts:
        if expert.pk not in known:
            raise Refused(_("%(name)s 不在专家库中，或者没有评审专家角色，不能分配。") % {"name": expert.full_name})
        if expert.pk in gone:
            raise Refused(
                _("%(name)s %(gone)s，不能再分配。请改选其他专家。")
                % {"name": expert.full_name, "gone": gone[expert.pk]}
            )
        conflict = barred.get((expert.pk, locked.base_id))
        if conflict is not None:
            why = conflict.reason
            raise Refused(_("%(name)s 应当回避：%(why)s。请改选其他专家。") % {"name": expert.full_name, "why": why})
        _made, is_new = Assignment.objects.get_or_create(
            panel=locked,
            expert=expert,
            defaults={"assigned_on": on, "assigned_by": by.user, "replaces": gaps[0] if gaps else None},
        )
        del gaps[: int(is_new)]
    return locked


def _take_off_who_is_in_conflict(panel: Panel, by: Acting, on: date) -> None:
    found = panel.assignments.filter(status=Assignment.Status.ASSIGNED).select_related("expert", "panel__base")
    waiting = list(found.select_for_update(of=("self",)).order_by("pk"))
    barred = standing_conflicts(waiting, on)
    for assignment in waiting:
        if assignment.pk in barred:
            conflict, act = barred[assignment.pk], RecusalRecord.Act.REMOVED
            status = Assignment.Status.RECUSED
            end(assignment, act, status, by=by, on=on, reason=conflict.reason, rule=conflict.rule)


def facts(panel: Panel | None, on: date, *, barred: Barred | None = None) -> PanelFacts | None:
    """What the machine wants to know of a panel on a day; ``barred`` are the conflicts of its assignments where they are known."""
    if panel is None:
        return None
    assignments = list(live(panel).select_related("expert", "panel__base"))
    if barred is None:
        barred = standing_conflicts(assignments, on)
    return PanelFacts(
        required=panel.required,
        assigned=len(assignments),
        conflicts=sum(each.pk in barred for each in assignments),
        submitted=sum(a.status == Assignment.Status.SUBMITTED for a in assignments),
        gaps=panel.assignments.gaps().count(),
        aggregate=panel.aggregate,
    )


def policy_of(panel: Panel) -> Policy:
    """The values that a panel's result goes by: its round's, or for 考核 and 复评 those of the day on which it was formed."""
    return panel.application.round.policy if panel.application else Policy.in_force(panel.opened_on)


def totals(panel: Panel) -> list[Decimal]:
    """The totals of the sheets that are in (0–100)."""
    sheets = ScoreSheet.objects.filter(assignment__panel=panel, assignment__status=Assignment.Status.SUBMITTED)
    return [
        total or Decimal(0) for total in sheets.annotate(total=Sum("scores__points")).values_list("total", flat=True)
    ]


@transaction.atomic
def fix_aggregate(*, panel: Panel, on: date, barred: Barred | None = None) -> Panel:
    """Fix the aggregate of a panel whose sheets are all in; raises Refused while one is missing or of somebody in conflict (回避),
    or while the place of somebody who left is empty.

    ``barred`` are the conflicts of its assignments where they are known already.
    """
    related = ("base", "application__round__policy")
    locked = Panel.objects.select_for_update(of=("self",)).select_related(*related).get(pk=panel.pk)
    if barred is None:
        barred = standing_conflicts(live(locked).select_related("expert", "panel__base"), on)
    if locked.aggregate is None:
        _refuse_sheets_in_conflict(locked, barred)
    state = facts(locked, on, barred=barred)
    if state is None or state.assigned < state.required:
        raise Refused(
            _("评审组只有 %(n)s 名专家，至少需要 %(min)s 名，请先补齐。")
            % {"n": state.assigned if state else 0, "min": locked.required}
        )
    if state.gaps and locked.aggregate is None:
        raise Refused(
            _("评审组有 %(n)s 个空缺（专家回避、谢绝或者撤换），请先补派，或者决定不再补派。") % {"n": state.gaps}
        )
    if state.submitted < state.assigned:
        raise Refused(_("还有 %(n)s 名专家没有提交评分表，不能确定得分。") % {"n": state.assigned - state.submitted})
    if locked.aggregate is None:
        trim_from = policy_of(locked).trim_from
        locked.aggregate, locked.fixed_on = scoring.aggregate(totals(locked), trim_from=trim_from), on
        locked.save(update_fields=["aggregate", "fixed_on"])
    return locked


def _refuse_sheets_in_conflict(panel: Panel, barred: Barred) -> None:
    words = _("%(name)s 应当回避（%(why)s），其评分表不能计入综合得分：请先在评审组中办理“发现利害关系”，再补充专家。")
    reasons = [
        words % {"name": each.expert.full_name, "why": barred[each.pk].reason}
        for each in live(panel).filter(pk__in=barred).select_related("expert").order_by("pk")
    ]
    if reasons:
        raise Refused(reasons)


def own_open(assignment: Assignment, by: Acting) -> Assignment:
    """The expert's own assignment, locked, while its sheet can be worked on; raises what speaks against it."""
    locked = (
        Assignment.objects.select_for_update(of=("self",))
        .select_related("panel__base", "panel__rubric", "expert__expert_profile")
        .get(pk=assignment.pk)
    )
    if by.role != Role.EXPERT or locked.expert_id != by.user_id:
        raise NotYours(_("评分表只能由本人填写。"))
    if locked.status == Assignment.Status.SUBMITTED:
        raise Overtaken(_("评分表已提交并锁定，没有改动。确需修改请联系教育厅。"))
    if not locked.is_live:
        raise Overtaken(_("您已不参加本项评审（%(status)s），没有改动。") % {"status": locked.get_status_display()})
    if not locked.panel.started:
        raise Refused(_("评审尚未启动，请等候通知。"))
    panel = locked.panel
    newer = Panel.objects.filter(base_id=panel.base_id, pk__gt=panel.pk)
    if panel.base.state != SCORED_IN[Panel.Purpose(panel.purpose)] or newer.exists():
        raise Overtaken(
            _("这次评审已经结束，基地当前状态为“%(state)s”，没有改动。") % {"state": panel.base.state_label}
        )
    if panel.fixed_on is not None:
        raise Overtaken(
            _("本项的综合得分已于 %(day)s 确定，不再评分，没有改动。") % {"day": panel.fixed_on.isoformat()}
        )
    return locked


@transaction.atomic
def start(panel: Panel) -> None:
    """Let the experts see the dossier. Who left before leaves no gap: the panel that begins is the one that was meant."""
    lock(panel.base_id)
    locked = Panel.objects.select_for_update(of=("self",)).get(pk=panel.pk)
    if not locked.started:
        locked.assignments.vacant().update(needs_nobody=True)
        locked.started = True
        locked.save(update_fields=["started"])
