"""Where a round's 评审 stands (第八条（三）): its applications, who sits on their panels, who is in conflict. No scores."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from applications.assignment import Candidate, Dossier, Fit, fit
from applications.models import Application, Assignment, AssignmentPlan, ExpertProfile, Panel, Round
from applications.services import listing, panels, recusals
from applications.services.recusals import Conflict
from bases.lifecycle import State
from portal.models import User

UNDER_REVIEW = (State.RECOMMENDED, State.IN_REVIEW)


def under_review(round_: Round) -> QuerySet[Application]:
    """The round's applications that wait for their experts or are with them, in the order of the units."""
    newer = Application.objects.filter(base=OuterRef("base"), round__year__gt=OuterRef("round__year"))
    found = Application.objects.filter(~Exists(newer), round=round_, base__state__in=UNDER_REVIEW)
    return found.order_by("base__training_unit__code", "name", "pk")


def employer_of(profile: ExpertProfile) -> str:
    """Where an expert works, by which two of one employer are told: the registered unit, else their words."""
    unit = profile.training_unit or profile.partner_unit
    return unit.name if unit else profile.employer.strip()


def is_industry(user: User) -> bool:
    """Whether an expert comes from industry (行业专家)."""
    profile: ExpertProfile | None = getattr(user, "expert_profile", None)
    return profile is not None and profile.sector == ExpertProfile.Sector.INDUSTRY


def candidate(profile: ExpertProfile, *, limit: int = 1, load: int = 0, available: bool = True) -> Candidate:
    """An expert as assignment sees them; their own limit counts where it is lower."""
    return Candidate(
        key=profile.user_id or 0,
        employer=employer_of(profile),
        industry=profile.sector == ExpertProfile.Sector.INDUSTRY,
        categories=frozenset(each.code for each in profile.categories.all()),
        industries=frozenset(profile.industries),
        limit=min(limit, profile.max_load or limit),
        load=load,
        available=available,
    )


@dataclass
class Line:
    """One application with its panel: who sits there, who left, which of them left a gap, and how many are wanted."""

    application: Application
    panel: Panel | None
    least: int
    wanted: int
    live: list[Assignment] = field(default_factory=list)
    ended: list[Assignment] = field(default_factory=list)
    gaps: list[Assignment] = field(default_factory=list)
    conflicts: dict[int, Conflict] = field(default_factory=dict)

    @property
    def started(self) -> bool:
        """Whether the experts have the papers."""
        return self.application.base.state == State.IN_REVIEW

    @property
    def declared(self) -> int:
        """How many have declared that nothing speaks against their scoring."""
        return sum(each.declared_on is not None for each in self.live)

    @property
    def submitted(self) -> int:
        """How many sheets are in."""
        return sum(each.status == Assignment.Status.SUBMITTED for each in self.live)

    @property
    def waiting(self) -> int:
        """How many sheets are still to come."""
        return 0 if self.is_fixed else len(self.live) - self.submitted

    @property
    def missing(self) -> int:
        """How many experts are still to be found."""
        return max(0, self.wanted - len(self.live))

    @property
    def unfilled(self) -> list[Assignment]:
        """Who left during the review and is not replaced, as somebody decided (不再补派)."""
        return [each for each in self.ended if each.unfilled_on]

    @property
    def is_fixed(self) -> bool:
        """Whether its aggregate is fixed: nobody comes to it any more, and nobody is waited for."""
        return self.panel is not None and self.panel.fixed_on is not None

    @property
    def is_done(self) -> bool:
        """Whether every sheet is in, of as many experts as there must be."""
        enough = self.waiting == 0 and len(self.live) >= self.least and not self.gaps
        return self.started and (self.is_fixed or enough)

    def dossier(self, seats: int, industry_min: int) -> Dossier:
        """The application as assignment sees it."""
        category, industry = self.application.category, self.application.priority_industry
        return Dossier(
            key=self.application.pk,
            category=category.code if category else "",
            industry="" if industry == "none" else industry,
            seats=seats,
            industry_min=industry_min,
            kept=frozenset(each.expert_id for each in self.live),
        )

    def start_reasons(self) -> list[str]:
        """Why it cannot go to its experts together with the others now; empty when it can."""
        found = panels.size_reasons(len(self.live), self.least)
        found += [
            _("%(name)s 应当回避：%(why)s")
            % {"name": each.expert.full_name, "why": self.conflicts[each.expert_id].reason}
            for each in self.live
            if each.expert_id in self.conflicts
        ]
        return found


@dataclass
class ExpertLoad:
    """One expert in a round: how many they have, how many sheets are in, and how well they fit."""

    expert: User
    limit: int | None
    assigned: int = 0
    submitted: int = 0
    fits: Counter[str] = field(default_factory=Counter)

    @property
    def waiting(self) -> int:
        """How many sheets are still to come."""
        return self.assigned - self.submitted

    @property
    def fit_words(self) -> list[tuple[str, int]]:
        """The fits that occur, best first, in Chinese."""
        return [(str(each.label), self.fits[each.value]) for each in Fit if self.fits[each.value]]


def lines(round_: Round, on: date, *, applications: Iterable[int] | None = None) -> list[Line]:
    """The round's applications under review with their panels; a number of queries that does not depend on how many.

    ``applications`` asks for these by key, wherever they stand by now.
    """
    found = under_review(round_)
    if applications is not None:
        found = Application.objects.filter(pk__in=list(applications), round=round_).order_by(*found.query.order_by)
    shown = list(
        listing.as_declared(found).select_related("category", "base__training_unit", "base__category", "panel")
    )
    return _with_panels(shown, round_, on)


def _with_panels(shown: list[Application], round_: Round, on: date) -> list[Line]:
    least, size = round_.policy.min_experts, usual_size(round_)
    found = []
    for application in shown:
        panel = getattr(application, "panel", None)
        found.append(Line(application, panel, panel.required if panel else least, size))
    by_panel = {line.panel.pk: line for line in found if line.panel}
    sitting = Assignment.objects.filter(panel__in=by_panel).select_related(
        "expert__expert_profile__training_unit", "expert__expert_profile__partner_unit", "unfilled_by"
    )
    vacant = set(Assignment.objects.filter(panel__in=by_panel).vacant().values_list("pk", flat=True))
    for each in sitting.order_by("pk"):
        line = by_panel[each.panel_id]
        (line.live if each.is_live else line.ended).append(each)
        if each.pk in vacant:
            line.gaps.append(each)
    barred = _conflicts(found, on)
    for line in found:
        line.conflicts = {each.expert_id: barred[each.pk] for each in line.live if each.pk in barred}
        if line.is_fixed:
            line.wanted, line.gaps = len(line.live), []
        elif line.started:
            line.wanted = panels.running_size(len(line.live), len(line.gaps), line.least)
    return found


def _conflicts(found: Iterable[Line], on: date) -> panels.Barred:
    """Who of those who sit there must recuse themselves; whom the department restored is somebody else of that name."""
    sitting = []
    for line in found:
        for each in line.live:
            if line.panel is not None:
                each.panel, each.panel.base = line.panel, line.application.base
                sitting.append(each)
    return panels.standing_conflicts(sitting, on)


def usual_size(round_: Round) -> int:
    """How many experts a panel of the round has: as the newest plan says, else as the policy does."""
    plans = AssignmentPlan.objects.filter(round=round_).exclude(state=AssignmentPlan.State.DISCARDED)
    return plans.order_by("-pk").values_list("size", flat=True).first() or round_.policy.panel_size


def conflicts_of(
    experts: Iterable[User], applications: Iterable[Application], on: date
) -> dict[tuple[int, int], Conflict]:
    """The conflicts between these experts and the bases of these applications, by their keys."""
    people, bases = list(experts), [each.base for each in applications]
    return recusals.conflicts(people, bases, on) if people and bases else {}


def loads(found: Iterable[Line]) -> list[ExpertLoad]:
    """What each expert of these panels has to do, by name. Their categories are read in one query."""
    kept = list(found)
    users = {each.expert_id for line in kept for each in line.live}
    profiles = {
        each.user_id: candidate(each)
        for each in ExpertProfile.objects.filter(user__in=users)
        .select_related("training_unit", "partner_unit")
        .prefetch_related("categories")
    }
    by_user: dict[int, ExpertLoad] = {}
    for line in kept:
        dossier = line.dossier(line.wanted, 0)
        for each in line.live:
            profile = getattr(each.expert, "expert_profile", None)
            load = by_user.setdefault(each.expert_id, ExpertLoad(each.expert, profile.max_load if profile else None))
            load.assigned += 1
            load.submitted += each.status == Assignment.Status.SUBMITTED
            known = profiles.get(each.expert_id)
            load.fits[fit(known, dossier).value if known else Fit.NONE.value] += 1
    return sorted(by_user.values(), key=lambda load: (load.expert.full_name, load.expert.pk))


def same_employers(users: Iterable[User]) -> list[tuple[str, int]]:
    """Employers of whom more than one sits there, with how many."""
    found: dict[str, int] = defaultdict(int)
    for user in users:
        profile = getattr(user, "expert_profile", None)
        if profile is not None and employer_of(profile):
            found[employer_of(profile)] += 1
    return sorted((employer, many) for employer, many in found.items() if many > 1)
