"""Panels of experts: who scores, who must not, and what comes out. Serves 评审, 考核 and 复评 alike."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from applications import scoring
from applications.models import Application, Assignment, ExpertProfile, Panel, Rubric, Score, ScoreSheet
from bases.lifecycle import PanelFacts, State
from bases.models import Base, Membership
from bases.services.lifecycle import lock
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.models import User
from portal.roles import DEPARTMENT_BUSINESS, Role

# Where a base stands while a panel of that purpose scores it.
SCORED_IN = {
    Panel.Purpose.APPLICATION: State.IN_REVIEW,
    Panel.Purpose.ASSESSMENT: State.ASSESSING,
    Panel.Purpose.REASSESSMENT: State.REASSESSING,
}


def newest_rubric(purpose: str) -> Rubric:
    """The sheet in force for 评审 or 考核."""
    return Rubric.objects.filter(purpose=purpose).order_by("-version")[0]


def ensure_panel(
    *, base: Base, purpose: str, required: int, by: Acting, on: date, application: Application | None = None
) -> Panel:
    """A fresh panel with the rubric in force."""
    if by.user is None:
        raise NotYours(_("评审组由教育厅经办组建。"))
    rubric = newest_rubric(
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


def conflicts(experts: Iterable[User], base: Base) -> dict[int, str]:
    """Which of these must not score this base (回避), by their key, and why in Chinese; two queries however many they are.

    Who decides on the base at the department does not score it either.
    """
    keys = {expert.pk for expert in experts}
    unit, partner = base.training_unit_id, base.partner_id or 0
    found: dict[int, str] = {}
    profiles = ExpertProfile.objects.filter(user__in=keys)
    for user, unit_id, partner_id in profiles.values_list("user_id", "training_unit_id", "partner_unit_id"):
        if unit_id == unit:
            found[user] = _("与申报单位同属一个单位")
        elif partner_id == partner:
            found[user] = _("在合作单位任职")
    held = Membership.objects.filter(user__in=keys, withdrawn_at=None).order_by("pk")
    for user, role, unit_id, partner_id in held.values_list("user_id", "role", "training_unit_id", "partner_unit_id"):
        if unit_id == unit:
            found.setdefault(user, _("在申报单位任职"))
        elif partner_id == partner:
            found.setdefault(user, _("在合作单位任职"))
        elif role in DEPARTMENT_BUSINESS:
            found.setdefault(user, _("在教育厅承办审核审批"))
    if base.applicant_id in keys:
        found.setdefault(base.applicant_id, _("是本基地申报人"))
    return found


def conflict(expert: User, base: Base) -> str:
    """Why this expert must not score this base (回避), in Chinese; empty when nothing speaks against it."""
    return conflicts([expert], base).get(expert.pk, "")


def _experts() -> QuerySet[User]:
    """People with a live expert membership."""
    held = Membership.objects.filter(role=Role.EXPERT, withdrawn_at=None).values("user")
    return User.objects.filter(pk__in=held, is_active=True)


def eligible_experts(base: Base) -> list[User]:
    """Experts who may score the base: with a live expert membership and without a conflict."""
    experts = list(_experts().select_related("expert_profile").order_by("full_name"))
    barred = conflicts(experts, base)
    return [expert for expert in experts if expert.pk not in barred]


def live(panel: Panel) -> QuerySet[Assignment]:
    """The assignments that count: not recused."""
    return panel.assignments.exclude(status=Assignment.Status.RECUSED)


@transaction.atomic
def assign(*, panel: Panel, experts: Iterable[User], by: Acting, on: date) -> Panel:
    """Put experts on a panel; whoever is on it already stays, whoever is in conflict or has withdrawn is refused with the reason.

    A conflict that has come about since an expert was assigned takes them off, with its reason, unless their sheet is in.
    """
    if by.role != Role.DEPT_OFFICER:
        raise NotYours(_("评审专家由教育厅经办分配。"))
    locked = Panel.objects.select_for_update(of=("self",)).select_related("base").get(pk=panel.pk)
    if locked.fixed_on is not None:
        raise Refused(_("综合得分已确定，不能再增加专家。"))
    _take_off_who_is_in_conflict(locked)
    recused = set(locked.assignments.filter(status=Assignment.Status.RECUSED).values_list("expert_id", flat=True))
    experts = list(experts)
    known = set(_experts().filter(pk__in=[expert.pk for expert in experts]).values_list("pk", flat=True))
    barred = conflicts(experts, locked.base)
    for expert in experts:
        if expert.pk not in known:
            raise Refused(_("%(name)s 没有评审专家角色，不能分配。") % {"name": expert.full_name})
        why = _("已申请回避") if expert.pk in recused else barred.get(expert.pk, "")
        if why:
            raise Refused(_("%(name)s 应当回避：%(why)s。请改选其他专家。") % {"name": expert.full_name, "why": why})
        Assignment.objects.get_or_create(panel=locked, expert=expert, defaults={"assigned_on": on})
    return locked


def _take_off_who_is_in_conflict(panel: Panel) -> None:
    waiting = list(panel.assignments.filter(status=Assignment.Status.ASSIGNED).select_related("expert"))
    barred = conflicts([assignment.expert for assignment in waiting], panel.base)
    for assignment in waiting:
        if assignment.expert_id in barred:
            assignment.status, assignment.recusal_reason = Assignment.Status.RECUSED, barred[assignment.expert_id]
            assignment.save(update_fields=["status", "recusal_reason"])


def facts(panel: Panel | None) -> PanelFacts | None:
    """What the machine wants to know of a panel."""
    if panel is None:
        return None
    assignments = list(live(panel).select_related("expert"))
    return PanelFacts(
        required=panel.required,
        assigned=len(assignments),
        conflicts=len(conflicts([a.expert for a in assignments], panel.base)),
        submitted=sum(a.status == Assignment.Status.SUBMITTED for a in assignments),
        aggregate=panel.aggregate,
    )


def totals(panel: Panel) -> list[Decimal]:
    """The totals of the sheets that are in (0–100)."""
    sheets = ScoreSheet.objects.filter(assignment__panel=panel, assignment__status=Assignment.Status.SUBMITTED)
    return [
        total or Decimal(0) for total in sheets.annotate(total=Sum("scores__points")).values_list("total", flat=True)
    ]


@transaction.atomic
def fix_aggregate(*, panel: Panel, on: date) -> Panel:
    """Fix the aggregate of a panel whose sheets are all in; raises Refused while one is missing."""
    locked = Panel.objects.select_for_update(of=("self",)).select_related("base").get(pk=panel.pk)
    state = facts(locked)
    if state is None or state.assigned < state.required:
        raise Refused(
            _("评审组只有 %(n)s 名专家，至少需要 %(min)s 名，请先补齐。")
            % {"n": state.assigned if state else 0, "min": locked.required}
        )
    if state.submitted < state.assigned:
        raise Refused(_("还有 %(n)s 名专家没有提交评分表，不能确定得分。") % {"n": state.assigned - state.submitted})
    if locked.aggregate is None:
        locked.aggregate, locked.fixed_on = scoring.aggregate(totals(locked)), on
        locked.save(update_fields=["aggregate", "fixed_on"])
    return locked


def _own(assignment: Assignment, by: Acting) -> Assignment:
    locked = (
        Assignment.objects.select_for_update(of=("self",)).select_related("panel", "panel__base").get(pk=assignment.pk)
    )
    if by.role != Role.EXPERT or locked.expert_id != by.user_id:
        raise NotYours(_("评分表只能由本人填写。"))
    if locked.status == Assignment.Status.SUBMITTED:
        raise Overtaken(_("评分表已提交并锁定，没有改动。确需修改请联系教育厅。"))
    if locked.status == Assignment.Status.RECUSED:
        raise Overtaken(_("您已回避本项评审，没有改动。"))
    if not locked.panel.started:
        raise Refused(_("评审尚未启动，请等候通知。"))
    panel = locked.panel
    newer = Panel.objects.filter(base_id=panel.base_id, pk__gt=panel.pk)
    if panel.base.state != SCORED_IN[Panel.Purpose(panel.purpose)] or newer.exists():
        raise Overtaken(
            _("这次评审已经结束，基地当前状态为“%(state)s”，没有改动。") % {"state": panel.base.state_label}
        )
    return locked


@transaction.atomic
def recuse(*, assignment: Assignment, reason: str, by: Acting) -> Assignment:
    """The expert withdraws from a panel, with the reason (回避); what was scored does not count."""
    locked = _own(assignment, by)
    if not reason.strip():
        raise Refused(_("请写明回避原因。"))
    locked.status, locked.recusal_reason = Assignment.Status.RECUSED, reason.strip()
    locked.save(update_fields=["status", "recusal_reason"])
    return locked


@transaction.atomic
def save_sheet(*, assignment: Assignment, points: Mapping[str, Decimal | None], comment: str, by: Acting) -> ScoreSheet:
    """Keep what the expert has scored so far; ``points`` by criterion key, within its full marks, None to take them back."""
    locked = _own(assignment, by)
    sheet, _created = ScoreSheet.objects.get_or_create(assignment=locked)
    sheet.comment = comment
    sheet.save()
    taken_back, scores = [], []
    for criterion in locked.panel.rubric.criteria.all():
        if criterion.key not in points:
            continue
        value = points[criterion.key]
        if value is None:
            taken_back.append(criterion)
            continue
        if not 0 <= value <= criterion.points:
            raise Refused(
                _("“%(name)s”应在 0 到 %(max)s 分之间。")
                % {"name": criterion.name, "max": f"{criterion.points.normalize():f}"}
            )
        scores.append(Score(sheet=sheet, criterion=criterion, points=value))
    sheet.scores.filter(criterion__in=taken_back).delete()
    Score.objects.bulk_create(
        scores, update_conflicts=True, unique_fields=["sheet", "criterion"], update_fields=["points"]
    )
    return sheet


@transaction.atomic
def submit_sheet(
    *, assignment: Assignment, points: Mapping[str, Decimal | None], comment: str, by: Acting, on: date
) -> ScoreSheet:
    """Hand in a complete sheet; from then on it is locked."""
    sheet = save_sheet(assignment=assignment, points=points, comment=comment, by=by)
    scored = set(sheet.scores.values_list("criterion_id", flat=True))
    left = [criterion.name for criterion in assignment.panel.rubric.criteria.all() if criterion.pk not in scored]
    if left:
        raise Refused(_("还有指标没有评分：%(names)s。") % {"names": "、".join(left)})
    sheet.submitted_on = on
    sheet.save(update_fields=["submitted_on"])
    Assignment.objects.filter(pk=assignment.pk).update(status=Assignment.Status.SUBMITTED)
    return sheet


def start(panel: Panel) -> None:
    """Let the experts see the dossier."""
    lock(panel.base_id)
    Panel.objects.filter(pk=panel.pk).update(started=True)
