"""专家分配 (第八条（三）): a plan who reviews what is asked for, computed, changed by hand, and applied as a whole.

Nothing of a plan counts before it is applied; who sits on a panel already, and what they have handed in, stays.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from math import ceil

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from applications import assignment as solver
from applications.models import (
    PANEL_SIZES,
    Application,
    Assignment,
    AssignmentPlan,
    AssignmentPlanEntry,
    Panel,
    Round,
)
from applications.services import all_in, experts, panels, planning, recognising, review_board, sheet_deadline
from applications.services.review_board import Line
from bases.models import Base
from portal import jobs, progress
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.models import OutboxJob, User
from portal.roles import Role

PLAN_JOB = "assignment_plan"
Scope, State = AssignmentPlan.Scope, AssignmentPlan.State
# A plan that leaves a third of room above the even load can still choose by fit.
_ROOM = 1.5


def job_key(plan: AssignmentPlan) -> str:
    """The key of the job that computes it, under which its progress is told too."""
    return f"{PLAN_JOB}:{plan.pk}"


def open_plan(round_: Round) -> AssignmentPlan | None:
    """The plan that is being computed or changed, of which a round has one at most."""
    return AssignmentPlan.objects.filter(round=round_, state__in=AssignmentPlan.OPEN).select_related("made_by").first()


def is_given_up(plan: AssignmentPlan) -> bool:
    """Whether its computation failed and is not tried any more."""
    failed = OutboxJob.objects.filter(key=job_key(plan), state=OutboxJob.State.FAILED)
    return plan.state == State.ASKED and failed.exists()


def usual_limit(round_: Round, size: int, on: date) -> int:
    """How many applications an expert of today's pool would review at most: half as many again as an even division."""
    seats = size * review_board.under_review(round_).count()
    return max(1, ceil(_ROOM * seats / max(1, experts.available_experts(on).count())))


def size_reasons(size: int, least: int) -> list[str]:
    """Why panels cannot have so many experts; empty when they can."""
    reasons = []
    if size not in PANEL_SIZES:
        reasons.append(_("每项专家应为不超过 15 的单数，现为 %(n)s 名。请改为单数。") % {"n": size})
    if size < least:
        reasons.append(_("每项专家至少 %(min)s 名，现为 %(n)s 名。请增加人数。") % {"min": least, "n": size})
    return reasons


def too_much_industry(size: int) -> str:
    """What is said where more experts of industry are asked for than experts."""
    return _("行业专家不能多于每项专家 %(n)s 名。请减少人数。") % {"n": size}


@transaction.atomic
def ask(
    *, round_: Round, scope: str, size: int, industry_min: int, load_limit: int, by: Acting, on: date
) -> AssignmentPlan:
    """Have a proposal computed; raises Refused for an even panel, one below the least number, or while another plan is open."""
    officer = _officer(by)
    reasons = size_reasons(size, round_.policy.min_experts)
    if industry_min > size:
        reasons.append(too_much_industry(size))
    lines = review_board.lines(round_, on)
    if not lines:
        reasons.append(_("本批次没有待评审或评审中的申请书，不需要分配专家。"))
    elif scope == Scope.GAPS and not any(line.panel and line.missing for line in lines):
        reasons.append(_("没有需要补派的缺额：现有评审组都不缺人。"))
    if not experts.available_experts(on).exists():
        reasons.append(_("专家库中没有今天可以评审的专家。请先邀请专家入库。"))
    if reasons:
        raise Refused(reasons)
    try:
        with transaction.atomic():
            plan = AssignmentPlan.objects.create(
                round=round_, scope=scope, size=size, industry_min=industry_min, load_limit=load_limit,
                made_by=officer, made_on=on,
            )  # fmt: skip
    except IntegrityError:
        raise Overtaken(_("本批次已有一份没有确认的分配方案，没有另外拟定。请先确认或者放弃那一份。")) from None
    jobs.enqueue(PLAN_JOB, key=job_key(plan), plan_id=plan.pk, on=on.isoformat())
    return plan


@transaction.atomic
def make(plan_id: int, on: str) -> None:
    """Compute a plan that was asked for; safe to repeat. ``on`` is the day on which it was asked for."""
    plan = (
        AssignmentPlan.objects.select_for_update(of=("self",))
        .select_related("round__policy")
        .filter(pk=plan_id, state=State.ASKED)
        .first()
    )
    if plan is None:
        return
    day, key = date.fromisoformat(on), job_key(plan)
    progress.report(key, 3, _("正在读取申请书和专家库"))
    lines = [line for line in review_board.lines(plan.round, day) if _is_in(plan, line)]
    people = planning.candidates(plan, day)
    dossiers = [planning.dossier_of(plan, line) for line in lines]
    forbidden = planning.forbidden(lines, people, day)
    proposal = solver.propose(
        dossiers, people.values(), forbidden, lambda percent, words: progress.report(key, percent, words)
    )
    progress.report(key, 97, _("正在保存方案"))
    by_pk = {line.application.pk: line for line in lines}
    gaps = {pk: list(line.gaps) for pk, line in by_pk.items()}
    AssignmentPlanEntry.objects.bulk_create(
        AssignmentPlanEntry(
            plan=plan, application_id=pair.dossier, expert_id=pair.candidate, fit=pair.fit,
            replaces=gaps[pair.dossier].pop(0) if gaps[pair.dossier] else None,
        )
        for pair in proposal.pairs
    )  # fmt: skip
    plan.explanation = {
        "applications": [line.application.pk for line in lines],
        "experts": sum(each.available for each in people.values()),
        "seats": sum(max(0, each.seats - len(each.kept)) for each in dossiers),
        "reasons": [[each.dossier, each.want.value, each.missing, each.reason] for each in proposal.shortfalls],
    }
    plan.state = State.DRAFT
    plan.save(update_fields=["explanation", "state"])
    progress.forget(key)


def _is_in(plan: AssignmentPlan, line: Line) -> bool:
    if line.is_fixed:
        return False
    return plan.scope == Scope.WHOLE or (line.panel is not None and line.missing > 0)


@transaction.atomic
def change(
    *, plan: AssignmentPlan, application: Application, out: User | None, into: User | None, by: Acting, on: date
) -> list[str]:
    """Take an expert out of an application of a plan, put one in, or both; returns warnings in Chinese.

    Raises Refused for who must recuse themselves, has left this panel, sits there already or cannot review now, and for more
    experts than seats.
    """
    _officer(by)
    locked = _locked(plan)
    row = next(iter(planning.planned(locked, on, application=application.pk)), None)
    if row is None or row.line.application.pk != application.pk:
        raise Refused(_("这份申请书不在方案中，没有改动。"))
    if out is None and into is None:
        raise Refused(_("请选择要换下或者换上的专家。"))
    replaces = None
    if out is not None:
        entry = next((each for each in row.entries if each.expert_id == out.pk), None)
        if entry is None:
            raise Overtaken(_("%(name)s 已不在这份申请书的方案中，没有改动。") % {"name": out.full_name})
        replaces = entry.replaces
        entry.delete()
        row.entries.remove(entry)
    if into is None:
        return []
    if row.count >= row.seats:
        raise Refused(_("这份申请书已有 %(n)s 名专家。请同时选择要换下的一名。") % {"n": row.count})
    able, closed = planning.offers(locked, row, on)
    offer = next((each for each in able if each.user.pk == into.pk), None)
    if offer is None:
        why = next((reason for user, reason in closed if user.pk == into.pk), _("已在评审组，或者现在不能评审"))
        raise Refused(
            _("%(name)s 不能评审这份申请书：%(why)s。请改选其他专家。") % {"name": into.full_name, "why": why}
        )
    taken = {each.replaces_id for each in row.entries}
    replaces = replaces or next((gap for gap in row.line.gaps if gap.pk not in taken), None)
    AssignmentPlanEntry.objects.create(
        plan=locked, application=application, expert=into, fit=offer.fit, by_hand=True, replaces=replaces
    )
    warnings = list(planning.planned(locked, on, application=application.pk)[0].troubles)
    if offer.load + 1 > offer.limit:
        words = {"name": into.full_name, "n": offer.load + 1, "limit": offer.limit}
        warnings.append(_("%(name)s 将评审 %(n)s 项，超过上限 %(limit)s 项") % words)
    return warnings


@dataclass(frozen=True)
class Outcome:
    """What an act on many did: how many applications, how many experts, how many assignments."""

    applications: int
    experts: int
    assignments: int


@transaction.atomic
def apply(*, plan: AssignmentPlan, by: Acting, on: date) -> Outcome:
    """Put the experts of a plan on their panels, all or none; conflicts and places are looked at again, with the rows locked."""
    officer = _officer(by)
    locked = _locked(plan)
    entries = list(locked.entries.all())
    bases = Application.objects.filter(pk__in={entry.application_id for entry in entries}).values("base")
    list(Base.objects.select_for_update(of=("self",)).filter(pk__in=bases).order_by("pk"))
    list(Panel.objects.select_for_update().filter(application__base__in=bases).order_by("pk"))
    rows = [row for row in planning.planned(locked, on) if row.entries]
    reasons = apply_reasons(rows)
    if reasons:
        raise Refused(reasons)
    new: list[Assignment] = []
    for row in rows:
        application = row.line.application
        if row.line.panel is not None:
            all_in.before_closing(row.line.panel)
        panel = row.line.panel or panels.ensure_panel(
            base=application.base, purpose=Panel.Purpose.APPLICATION, required=row.line.least, by=by, on=on,
            application=application,
        )  # fmt: skip
        new += [
            Assignment(panel=panel, expert=entry.expert, assigned_on=on, assigned_by=officer, replaces=replaces)
            for entry, replaces in _successions(row)
        ]
    Assignment.objects.bulk_create(new)
    locked.state, locked.closed_by, locked.closed_on = State.APPLIED, officer, on
    locked.save(update_fields=["state", "closed_by", "closed_on"])
    return Outcome(len(rows), len({each.expert_id for each in new}), len(new))


def _successions(row: planning.Planned) -> list[tuple[AssignmentPlanEntry, Assignment | None]]:
    """Whom each expert of a plan replaces, of the places that are empty still: first as it was planned, then the oldest."""
    free = {gap.pk: gap for gap in row.line.gaps}
    planned = {entry.pk: free.pop(entry.replaces_id or 0, None) for entry in row.entries}
    left = list(free.values())
    return [(entry, planned[entry.pk] or (left.pop(0) if left else None)) for entry in row.entries]


def apply_reasons(rows: list[planning.Planned]) -> list[str]:
    """Why a plan cannot be applied as it is; empty when it can. What is merely missing does not stand in its way."""
    if not any(row.entries for row in rows):
        return [_("方案没有新增任何专家，不需要确认。可以放弃这份方案。")]
    found = []
    for row in rows:
        name, sitting = row.line.application.name, {each.expert_id for each in row.line.live}
        if not row.entries:
            continue
        if row.line.application.base.state not in review_board.UNDER_REVIEW:
            found.append(_("“%(name)s”已不在待评审、评审中，请在方案中去掉它的专家。") % {"name": name})
        if row.line.is_fixed:
            found.append(_("“%(name)s”的综合得分已确定，不能再增加专家，请在方案中去掉新增的。") % {"name": name})
        elif row.count < row.line.least or row.count % 2 == 0:
            words = {"name": name, "n": row.count, "min": row.line.least}
            found.append(
                _("“%(name)s”将有 %(n)s 名专家，应为单数且至少 %(min)s 名。请补足、减为单数，或者去掉新增的。") % words
            )
        if sitting & {entry.expert_id for entry in row.entries}:
            found.append(_("“%(name)s”的专家在拟定方案之后已另行分配，请去掉重复的。") % {"name": name})
        found += [f"“{name}”：{each}。" for each in row.blocking]
    return found


@transaction.atomic
def discard(*, plan: AssignmentPlan, by: Acting, on: date) -> AssignmentPlan:
    """Drop a plan; what had been assigned before stays."""
    officer = _officer(by)
    locked = AssignmentPlan.objects.select_for_update(skip_locked=True).filter(pk=plan.pk).first()
    if locked is None or locked.state not in AssignmentPlan.OPEN:
        raise Overtaken(_("方案正在计算，或者已经确认、放弃，没有改动。请刷新页面查看。"))
    locked.state, locked.closed_by, locked.closed_on = State.DISCARDED, officer, on
    locked.save(update_fields=["state", "closed_by", "closed_on"])
    return locked


@transaction.atomic
def start_review(*, round_: Round, applications: Iterable[int], sheets_due_on: date, by: Acting, on: date) -> Outcome:
    """Hand the dossiers of these applications to their experts, all or none, and say by when the round's sheets are due (第八条（三）)."""
    _officer(by)
    wanted = set(applications)
    # Bases are locked in the order of their keys before anything is read, so that two acts never wait for each other.
    bases = Application.objects.filter(pk__in=wanted, round=round_).values("base")
    list(Base.objects.select_for_update(of=("self",)).filter(pk__in=bases).order_by("pk"))
    chosen = [line for line in review_board.lines(round_, on) if line.application.pk in wanted and not line.started]
    if not chosen:
        raise Refused(_("请至少选择一份可以启动评审的申请书。"))
    reasons = sheet_deadline.reasons(round_, sheets_due_on, on)
    reasons += [
        f"“{line.application.name}”：{'；'.join(line.start_reasons())}。" for line in chosen if line.start_reasons()
    ]
    if len(chosen) < len(wanted):
        reasons.append(_("所选申请书中有的已经启动或者不在待评审状态，没有启动。请刷新页面后重新选择。"))
    if reasons:
        raise Refused(reasons)
    sheet_deadline.set_due(round_=round_, due_on=sheets_due_on, by=by, on=on)
    for line in chosen:
        recognising.open_review(base=line.application.base, acting=by, on=on)
    live = [each for line in chosen for each in line.live]
    return Outcome(len(chosen), len({each.expert_id for each in live}), len(live))


def _officer(by: Acting) -> User:
    if by.role != Role.DEPT_OFFICER or by.user is None:
        raise NotYours(_("评审专家由教育厅经办分配。"))
    return by.user


def _locked(plan: AssignmentPlan) -> AssignmentPlan:
    locked = AssignmentPlan.objects.select_for_update(of=("self",)).select_related("round__policy").get(pk=plan.pk)
    if not locked.is_draft:
        raise Overtaken(_("方案%(state)s，没有改动。") % {"state": locked.get_state_display()})
    return locked
