"""What a plan of 专家分配 would do (第八条（三）), judged anew whenever it is read: by hand or by time it may have gone out of order."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from applications import assignment as solver
from applications.assignment import Candidate, Dossier
from applications.models import Assignment, AssignmentPlan, AssignmentPlanEntry, Round
from applications.services import experts, review_board
from applications.services.review_board import Line, candidate, conflicts_of
from portal.models import User


def seats(plan: AssignmentPlan, line: Line) -> int:
    """How many experts a plan gives an application in all: its own size, or for the gaps as many as there were."""
    return plan.size if plan.scope == AssignmentPlan.Scope.WHOLE and not line.started else line.wanted


def dossier_of(plan: AssignmentPlan, line: Line) -> Dossier:
    """An application as this plan puts it to the solver."""
    return line.dossier(seats(plan, line), plan.industry_min)


def candidates(plan: AssignmentPlan, on: date) -> dict[int, Candidate]:
    """The experts of today's pool and those who sit on the round's panels, by the key of their account."""
    sitting = loads_of(plan.round)
    pool = experts.available_experts(on)
    able = set(pool.values_list("pk", flat=True))
    found = _with_profiles(User.objects.filter(pk__in=able | set(sitting)))
    out = {}
    for user in found:
        load, available = sitting[user.pk], user.pk in able
        profile = getattr(user, "expert_profile", None)
        out[user.pk] = (
            candidate(profile, limit=plan.load_limit, load=load, available=available)
            if profile
            else Candidate(user.pk, limit=plan.load_limit, load=load, available=available)
        )
    return out


def _with_profiles(users: QuerySet[User]) -> QuerySet[User]:
    return users.select_related("expert_profile__training_unit", "expert_profile__partner_unit").prefetch_related(
        "expert_profile__categories"
    )


def loads_of(round_: Round) -> Counter[int]:
    """How many applications of a round each expert has, by the key of their account."""
    live = Assignment.objects.filter(panel__application__round=round_, status__in=Assignment.LIVE)
    return Counter(live.values_list("expert_id", flat=True))


def forbidden(lines: list[Line], people: Iterable[int], on: date) -> set[tuple[int, int]]:
    """(expert, application): who must recuse themselves, and who has left this panel already."""
    able = User.objects.filter(pk__in=list(people))
    barred = conflicts_of(able, [line.application for line in lines], on)
    by_base = {line.application.base_id: line.application.pk for line in lines}
    return {(expert, by_base[base]) for expert, base in barred} | {
        (each.expert_id, line.application.pk) for line in lines for each in line.ended
    }


@dataclass
class Planned:
    """One application of a plan: its panel as it stands, whom the plan adds, and what is not in order with it now.

    ``troubles`` may be lived with, ``blocking`` may not.
    """

    line: Line
    seats: int
    entries: list[AssignmentPlanEntry]
    troubles: list[str]
    blocking: list[str]

    @property
    def count(self) -> int:
        """How many experts it would have."""
        return len(self.line.live) + len(self.entries)


def planned(plan: AssignmentPlan, on: date, *, application: int | None = None) -> list[Planned]:
    """The applications of a plan with what it would do, judged anew: also what was changed by hand, and what came about since."""
    kept = plan.explanation.get("applications", [])
    lines = review_board.lines(plan.round, on, applications=[pk for pk in kept if application in (None, pk)])
    people = ("expert__expert_profile__training_unit", "expert__expert_profile__partner_unit")
    mine = plan.entries.filter(application__in=[line.application.pk for line in lines])
    rows = list(mine.select_related(*people, "replaces__expert").order_by("pk"))
    by_application: dict[int, list[AssignmentPlanEntry]] = defaultdict(list)
    for entry in rows:
        by_application[entry.application_id].append(entry)
    barred = conflicts_of({entry.expert for entry in rows}, [line.application for line in lines], on)
    able = set(experts.available_experts(on).values_list("pk", flat=True))
    reasons: dict[tuple[int, str], str] = {
        (pk, want): reason for pk, want, _missing, reason in plan.explanation.get("reasons", [])
    }
    found = []
    for line in lines:
        entries = by_application[line.application.pk]
        blocking = [
            _("%(name)s 应当回避：%(why)s")
            % {"name": entry.expert.full_name, "why": barred[entry.expert_id, line.application.base_id].reason}
            for entry in entries
            if (entry.expert_id, line.application.base_id) in barred
        ]
        blocking += [
            _("%(name)s 现在不能评审：已出库、不便或没有专家角色") % {"name": entry.expert.full_name}
            for entry in entries
            if entry.expert_id not in able
        ]
        found.append(Planned(line, seats(plan, line), entries, _troubles(plan, line, entries, reasons), blocking))
    return found


def _troubles(
    plan: AssignmentPlan, line: Line, entries: list[AssignmentPlanEntry], reasons: dict[tuple[int, str], str]
) -> list[str]:
    users = [each.expert for each in line.live] + [entry.expert for entry in entries]
    found, pk = [], line.application.pk
    if line.application.base.state not in review_board.UNDER_REVIEW:
        found.append(_("已不在待评审、评审中（%(state)s）") % {"state": line.application.base.state_label})

    def because(want: solver.Want) -> str:
        return f"：{reasons[pk, want.value]}" if (pk, want.value) in reasons else ""

    found += [
        _("原有专家 %(name)s 应当回避：%(why)s，请先撤换")
        % {"name": each.expert.full_name, "why": line.conflicts[each.expert_id].reason}
        for each in line.live
        if each.expert_id in line.conflicts
    ]
    missing = seats(plan, line) - len(users)
    if missing > 0:
        found.append(_("缺 %(n)s 名专家") % {"n": missing} + because(solver.Want.SEATS))
    lacking = plan.industry_min - sum(review_board.is_industry(user) for user in users)
    if lacking > 0:
        found.append(_("缺 %(n)s 名行业专家") % {"n": lacking} + because(solver.Want.INDUSTRY))
    found += [
        _("%(n)s 名专家同在%(employer)s") % {"n": many, "employer": employer}
        for employer, many in review_board.same_employers(users)
    ]
    return found


@dataclass(frozen=True)
class Offer:
    """An expert who may be put on an application by hand: how well they fit, and how much they would have to do."""

    user: User
    fit: solver.Fit
    load: int
    limit: int
    industry: bool


def offers(plan: AssignmentPlan, row: Planned, on: date) -> tuple[list[Offer], list[tuple[User, str]]]:
    """Who may be put on an application, the best fit and lightest load first; and who must not, with the reason."""
    people = candidates(plan, on)
    here = {each.expert_id for each in row.line.live} | {entry.expert_id for entry in row.entries}
    left = {each.expert_id: str(each.get_status_display()) for each in row.line.ended}
    users = [user for user in experts.available_experts(on) if user.pk not in here]
    barred = conflicts_of(users, [row.line.application], on)
    planned_loads = Counter(plan.entries.values_list("expert_id", flat=True))
    dossier = dossier_of(plan, row.line)
    able: list[Offer] = []
    closed: list[tuple[User, str]] = []
    for user in users:
        conflict = barred.get((user.pk, row.line.application.base_id))
        if conflict or user.pk in left:
            closed.append((user, conflict.reason if conflict else left[user.pk]))
            continue
        known = people[user.pk]
        load = known.load + planned_loads[user.pk]
        able.append(Offer(user, solver.fit(known, dossier), load, known.limit, known.industry))
    order = list(solver.Fit)
    able.sort(key=lambda offer: (order.index(offer.fit), offer.load, offer.user.full_name, offer.user.pk))
    return able, closed


def summary(plan: AssignmentPlan, rows: list[Planned]) -> dict[str, Any]:
    """The plan in numbers: applications, seats asked and taken, experts and their loads, fits, how many have troubles."""
    entries = [entry for row in rows for entry in row.entries]
    loads = loads_of(plan.round) + Counter(entry.expert_id for entry in entries)
    fits = Counter(entry.fit for entry in entries)
    return {
        "applications": len(rows),
        "seats": sum(max(0, row.seats - len(row.line.live)) for row in rows),
        "taken": len(entries),
        "kept": sum(len(row.line.live) for row in rows),
        "experts": len({entry.expert_id for entry in entries}),
        "pool": plan.explanation.get("experts", 0),
        "least": min(loads.values(), default=0),
        "most": max(loads.values(), default=0),
        "fits": [(each.label, fits[each.value]) for each in solver.Fit],
        "troubled": sum(bool(row.troubles or row.blocking) for row in rows),
    }
