"""What is seen of the pool of experts: lists with their workload counted, and the history of one. Never scores."""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from applications.models import Assignment, ExpertAbsence, ExpertInvitation, ExpertProfile
from bases.industries import PRIORITY_INDUSTRIES

SORTS = {
    "name": "name",
    "employer": "employer",
    "this_year": "this_year",
    "total": "total",
    "ended": "ended",
    "added": "added_on",
}


def _counted(**which: object) -> Coalesce:
    found = Assignment.objects.filter(expert=OuterRef("user"), **which).order_by().values("expert")
    return Coalesce(Subquery(found.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), Value(0))


def with_workload(found: QuerySet[ExpertProfile], on: date) -> QuerySet[ExpertProfile]:
    """With how many reviews each has this year (``this_year``) and in all (``total``), and how often they were recused and declined."""
    return found.annotate(
        this_year=_counted(status__in=Assignment.LIVE, assigned_on__year=on.year),
        total=_counted(status__in=Assignment.LIVE),
        recused=_counted(status=Assignment.Status.RECUSED),
        declined=_counted(status=Assignment.Status.DECLINED),
    ).annotate(ended=F("recused") + F("declined"))


def listed(on: date) -> QuerySet[ExpertProfile]:
    """Everybody in the pool and out of it, as the list shows them: a constant number of queries."""
    absent = ExpertAbsence.objects.filter(profile=OuterRef("pk"), from_on__lte=on, to_on__gte=on)
    found = ExpertProfile.objects.select_related("user", "division__parent").prefetch_related(
        "categories", "invitations"
    )
    return with_workload(found, on).annotate(absent=Exists(absent))


@dataclass(frozen=True)
class Filters:
    """What the address asks for; what makes no sense there filters nothing."""

    q: str = ""
    sector: str = ""
    category: str = ""
    industry: str = ""
    division: str = ""
    account: str = ""
    pool: str = ""
    available: date | None = None
    raw: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, given: dict[str, str]) -> "Filters":
        """The filters of an address."""
        names = ("q", "sector", "category", "industry", "division", "account", "pool")
        raw = {name: given.get(name, "").replace("\0", "").strip()[:60] for name in (*names, "available")}
        try:
            day = date.fromisoformat(raw["available"]) if raw["available"] else None
        except ValueError:
            day, raw["available"] = None, ""
        return cls(**{name: raw[name] for name in names}, available=day, raw=raw)

    @property
    def is_set(self) -> bool:
        """Whether anything is asked for."""
        return any(self.raw.values())


def filtered(found: QuerySet[ExpertProfile], wanted: Filters) -> QuerySet[ExpertProfile]:
    """The people whom the filters leave; without a word about it, those in the pool."""
    for word in wanted.q.split():
        found = found.filter(Q(name__icontains=word) | Q(employer__icontains=word))
    if wanted.pool != "all":
        found = found.filter(removed_on__isnull=wanted.pool != "removed")
    if wanted.sector in ExpertProfile.Sector.values:
        found = found.filter(sector=wanted.sector)
    if wanted.category:
        found = found.filter(categories__code=wanted.category)
    if wanted.industry in dict(PRIORITY_INDUSTRIES):
        found = found.filter(industries__contains=[wanted.industry])
    if wanted.division:
        found = found.filter(Q(division__code=wanted.division) | Q(division__parent__code=wanted.division))
    if wanted.account in ("yes", "no"):
        found = found.filter(user__isnull=wanted.account == "no")
    elif wanted.account == "invited":
        waiting = ExpertInvitation.objects.filter(
            profile=OuterRef("pk"), accepted_at=None, declined_at=None, withdrawn_at=None
        )
        found = found.filter(Exists(waiting))
    if wanted.available:
        absent = ExpertAbsence.objects.filter(from_on__lte=wanted.available, to_on__gte=wanted.available)
        found = found.exclude(pk__in=absent.values("profile"))
    return found


def in_order(found: QuerySet[ExpertProfile], wanted: str) -> tuple[str, QuerySet[ExpertProfile]]:
    """As the address wants them sorted, with the sort that counted; by name where it names no column."""
    column = SORTS.get(wanted.removeprefix("-"))
    if column is None:
        return "", found.order_by("name", "pk")
    direction = F(column).desc(nulls_last=True) if wanted.startswith("-") else F(column).asc(nulls_last=True)
    return wanted, found.order_by(direction, "pk")


@dataclass
class Year:
    """One year of an expert: every assignment, and how many came to which end."""

    year: int
    assignments: list[Assignment] = field(default_factory=list)

    def count(self, *states: str) -> int:
        """How many stand like this."""
        return sum(each.status in states for each in self.assignments)

    @property
    def live(self) -> int:
        """Those that count: submitted or still to be scored."""
        return self.count(*Assignment.LIVE)

    @property
    def submitted(self) -> int:
        """Sheets handed in."""
        return self.count(Assignment.Status.SUBMITTED)

    @property
    def recused(self) -> int:
        """Withdrawn for a conflict."""
        return self.count(Assignment.Status.RECUSED)

    @property
    def declined(self) -> int:
        """Declined by the expert."""
        return self.count(Assignment.Status.DECLINED)

    @property
    def released(self) -> int:
        """Replaced by the department."""
        return self.count(Assignment.Status.RELEASED)


def history(profile: ExpertProfile) -> list[Year]:
    """What an expert was assigned, year by year, the newest first: whom, how it ended and why; no points and no comments."""
    found = (
        Assignment.objects.filter(expert=profile.user_id)
        .select_related("panel__base__training_unit")
        .order_by("-assigned_on", "-pk")
    )
    years: dict[int, Year] = {}
    for each in found if profile.user_id else ():
        years.setdefault(each.assigned_on.year, Year(each.assigned_on.year)).assignments.append(each)
    return list(years.values())
