"""What is seen of mentors, filtered by who looks: appointments of the bases whose cooperation one may look at."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Count,
    Exists,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from agreements.models import Appointment, Mentor, MentorAppraisal, MentorTraining, Placement
from agreements.queries import training_bases
from bases.models import Base
from portal.acting import Acting
from portal.models import StoredFile
from portal.roles import Role

Status = Appointment.Status
_HELD = frozenset({Status.APPOINTED, Status.ENDED})
_SEEN = frozenset({Placement.Status.ACCEPTED, Placement.Status.RUNNING, Placement.Status.ENDED})


class Standing(TextChoices):
    """By what the list of mentors is filtered."""

    HELD = "held", _("在聘")
    SOON = "soon", _("即将到期")
    WAITING = "waiting", _("待聘任")
    PAST = "past", _("已到期或解聘")


def visible_appointments(acting: Acting) -> QuerySet[Appointment]:
    """The nominations and appointments of the bases that this person may look at."""
    found = Appointment.objects.filter(base__in=training_bases(acting).values("pk"))
    related = ("mentor__partner_unit", "mentor__training_unit", "base__training_unit", "base__partner", "letter")
    return found.select_related(*related, "decided_by", "nominated_by")


def visible_mentors(acting: Acting) -> QuerySet[Mentor]:
    """The people with a nomination or an appointment that this person may see."""
    own = visible_appointments(acting).order_by().filter(mentor=OuterRef("pk"))
    return Mentor.objects.filter(Exists(own)).select_related("partner_unit", "training_unit")


def visible_trainings(acting: Acting) -> QuerySet[MentorTraining]:
    """The trainings of the bases that this person may look at."""
    found = MentorTraining.objects.filter(base__in=training_bases(acting).values("pk"))
    return found.select_related("base", "file", "recorded_by").prefetch_related("mentors")


def held_on(on: date, prefix: str = "") -> Q:
    """Appointments that hold on a day; ``prefix`` leads to them from another table."""
    until = Q(**{f"{prefix}ended_on": None, f"{prefix}ends_on__gte": on}) | Q(**{f"{prefix}ended_on__gte": on})
    return until & Q(**{f"{prefix}status__in": _HELD, f"{prefix}starts_on__lte": on})


def masks_contacts(acting: Acting) -> bool:
    """Whether phones and addresses are masked: both sides work with one another, the department need not reach the people."""
    return acting.role not in {Role.UNIT_OFFICER, Role.PARTNER_OFFICER, Role.APPLICANT}


def _guided(mentor: str, **more: Any) -> QuerySet[Placement]:
    own = Q(campus_mentor=OuterRef(mentor)) | Q(industry_mentor=OuterRef(mentor))
    return Placement.objects.order_by().filter(own, status__in=_SEEN, **more)


def _number(found: QuerySet[Placement]) -> Coalesce:
    counted = found.annotate(one=Value(1)).values("one").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def with_load(found: QuerySet[Appointment]) -> QuerySet[Appointment]:
    """Each with how many students the mentor guides in that base now (``running``) and had altogether (``guided``)."""
    here = _guided("mentor", base=OuterRef("base"))
    return found.annotate(running=_number(here.filter(status=Placement.Status.RUNNING)), guided=_number(here))


def renewed() -> Exists:
    """Whether an appointment has a later one that goes on from it, or the mentor holds another of the base beyond it."""
    later = Appointment.objects.filter(
        base=OuterRef("base"), mentor=OuterRef("mentor"), status=Status.APPOINTED, ends_on__gt=OuterRef("ends_on")
    )
    return Exists(later)


def horizon(base: Base) -> int:
    """How many days before the end of a term the portal begins to remind, as the policy of the base says."""
    return max(base.policy.reminder_days, default=0) if base.policy else 0


@dataclass(frozen=True)
class Filters:
    """What the list of mentors is filtered by, as the address has it."""

    words: str = ""
    kind: str = ""
    standing: str = ""
    sort: str = ""

    @classmethod
    def of(cls, given: dict[str, str]) -> "Filters":
        """From the address; what makes no sense is left out."""
        kind, standing, sort = (given.get(key, "") for key in ("kind", "standing", "sort"))
        return cls(
            given.get("q", "").replace("\x00", "").strip()[:60],
            kind if kind in Mentor.Kind.values else "",
            standing if standing in Standing.values else "",
            sort if sort.removeprefix("-") in SORTS else "",
        )

    @property
    def is_set(self) -> bool:
        """Whether anything is filtered."""
        return bool(self.words or self.kind or self.standing)


SORTS = {"name": "name", "running": "running", "guided": "guided", "until": "until"}
# The list looks as far ahead as the policies in use do at most.
_SOON_DAYS = 180


def listed(acting: Acting, on: date, wanted: Filters) -> QuerySet[Mentor]:
    """The mentors as the address filters and sorts them.

    Each with ``bases`` (in how many of the bases that one may look at they are appointed), ``until`` (the last day of the term that
    ends last), ``running`` and ``guided`` students in these bases; no further query a row.
    """
    seen = training_bases(acting).values("pk")
    own = visible_appointments(acting).order_by().filter(mentor=OuterRef("pk"))
    holding = own.filter(held_on(on))
    here = _guided("pk", base__in=seen)
    found = visible_mentors(acting).annotate(
        bases=Coalesce(_aggregate(holding, Count("base", distinct=True)), 0),
        until=_aggregate(holding, Max(Coalesce("ended_on", "ends_on"))),
        first_end=_aggregate(holding, Min(Coalesce("ended_on", "ends_on"))),
        running=_number(here.filter(status=Placement.Status.RUNNING)),
        guided=_number(here),
    )
    for word in wanted.words.split():
        found = found.filter(
            Q(name__icontains=word)
            | Q(department__icontains=word)
            | Q(partner_unit__name__icontains=word)
            | Q(training_unit__name__icontains=word)
            | Exists(own.filter(base__name__icontains=word))
        )
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    narrowed = {
        Standing.HELD: Q(bases__gt=0),
        Standing.SOON: Q(bases__gt=0, first_end__lte=on + timedelta(days=_SOON_DAYS)),
        Standing.WAITING: Q(Exists(own.filter(status=Status.NOMINATED))),
        Standing.PAST: Q(bases=0) & Q(Exists(own.filter(status__in=_HELD))),
    }
    if wanted.standing:
        found = found.filter(narrowed[Standing(wanted.standing)])
    key = wanted.sort.removeprefix("-")
    order = ("-" if wanted.sort.startswith("-") else "") + SORTS[key] if key else "name"
    return found.order_by(order, "pk")


def _aggregate(found: QuerySet[Appointment], what: Any) -> Subquery:
    return Subquery(found.annotate(one=Value(1)).values("one").annotate(n=what).values("n"))


def placements_of(mentor: Mentor, acting: Acting) -> QuerySet[Placement]:
    """The students whom a mentor guides or guided in the bases that this person may look at, the running ones first."""
    own = Q(campus_mentor=mentor) | Q(industry_mentor=mentor)
    found = Placement.objects.filter(own, base__in=training_bases(acting).values("pk"), status__in=_SEEN)
    return found.select_related("student", "base").order_by("-starts_on", "pk")


def may_download_letter(acting: Acting, stored: StoredFile) -> bool:
    """聘书: whoever may see the appointment."""
    return visible_appointments(acting).filter(letter=stored).exists()


def may_download_training(acting: Acting, stored: StoredFile) -> bool:
    """Material of a training: whoever may see the training."""
    return visible_trainings(acting).filter(file=stored).exists()


def to_appraise(acting: Acting, base: Base, year: int) -> QuerySet[Appointment]:
    """The appointments of a base that held in a year and have no appraisal for it, by name."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    appraised = MentorAppraisal.objects.filter(appointment=OuterRef("pk"), year=year, replaced_on=None)
    found = visible_appointments(acting).annotate(last=Coalesce("ended_on", "ends_on")).filter(
        ~Exists(appraised), base=base, status__in=_HELD, starts_on__lte=last, last__gte=first
    )  # fmt: skip
    return found.order_by("mentor__kind", "mentor__name", "pk")
