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
from portal.roles import Role

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


def conflict(expert: User, base: Base) -> str:
    """Why this expert must not score this base (回避), in Chinese; empty when nothing speaks against it."""
    profile = ExpertProfile.objects.filter(user=expert).first()
    if profile and profile.training_unit_id == base.training_unit_id:
        return _("与申报单位同属一个单位")
    if profile and profile.partner_unit_id and profile.partner_unit_id == base.partner_id:
        return _("在合作单位任职")
    related = Membership.objects.filter(user=expert, withdrawn_at=None)
    if related.filter(training_unit_id=base.training_unit_id).exists():
        return _("在申报单位任职")
    if base.partner_id and related.filter(partner_unit_id=base.partner_id).exists():
        return _("在合作单位任职")
    if expert.pk == base.applicant_id:
        return _("是本基地申报人")
    return ""


def eligible_experts(base: Base) -> list[User]:
    """Experts who may score the base: with a live expert membership and without a conflict."""
    experts = User.objects.filter(
        memberships__role=Role.EXPERT, memberships__withdrawn_at=None, is_active=True
    ).distinct()
    return [
        expert
        for expert in experts.select_related("expert_profile").order_by("full_name")
        if not conflict(expert, base)
    ]


def live(panel: Panel) -> QuerySet[Assignment]:
    """The assignments that count: not recused."""
    return panel.assignments.exclude(status=Assignment.Status.RECUSED)


@transaction.atomic
def assign(*, panel: Panel, experts: Iterable[User], by: Acting, on: date) -> Panel:
    """Put experts on a panel; whoever is on it already stays, whoever is in conflict or has withdrawn is refused with the reason."""
    if by.role != Role.DEPT_OFFICER:
        raise NotYours(_("评审专家由教育厅经办分配。"))
    locked = Panel.objects.select_for_update(of=("self",)).select_related("base").get(pk=panel.pk)
    if locked.fixed_on is not None:
        raise Refused(_("综合得分已确定，不能再增加专家。"))
    recused = set(locked.assignments.filter(status=Assignment.Status.RECUSED).values_list("expert_id", flat=True))
    for expert in experts:
        why = _("已申请回避") if expert.pk in recused else conflict(expert, locked.base)
        if why:
            raise Refused(_("%(name)s 应当回避：%(why)s。请改选其他专家。") % {"name": expert.full_name, "why": why})
        Assignment.objects.get_or_create(panel=locked, expert=expert, defaults={"assigned_on": on})
    return locked


def facts(panel: Panel | None) -> PanelFacts | None:
    """What the machine wants to know of a panel."""
    if panel is None:
        return None
    assignments = list(live(panel).select_related("expert"))
    return PanelFacts(
        required=panel.required,
        assigned=len(assignments),
        conflicts=sum(bool(conflict(a.expert, panel.base)) for a in assignments),
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
