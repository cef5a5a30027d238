"""What is seen of the certificates of practice: of the bases whose cooperation one may look at, unissued ones by the partner alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from agreements.models import Placement, PracticeCertificate
from agreements.queries import training_bases
from bases.models import Base
from portal.acting import Acting
from portal.models import StoredFile
from portal.roles import Role

Status, Grade = PracticeCertificate.Status, PracticeCertificate.Grade
_TEXT = 60


def visible_certificates(acting: Acting) -> QuerySet[PracticeCertificate]:
    """The certificates that this person may read; what is only prepared is the partner's own."""
    found = PracticeCertificate.objects.filter(base__in=training_bases(acting).order_by().values("pk"))
    if acting.role != Role.PARTNER_OFFICER:
        found = found.exclude(status=Status.PREPARED)
    return found.select_related(
        "base__training_unit", "base__partner", "placement__student__category", "pdf", "record", "replaces", "issued_by",
        "prepared_by", "withdrawn_by",
    )  # fmt: skip


def may_download_certificate(acting: Acting, stored: StoredFile) -> bool:
    """The paper of a certificate: both sides and the department."""
    return visible_certificates(acting).filter(pdf=stored).exists()


def owed(acting: Acting) -> QuerySet[Placement]:
    """The practices that are over and have no issued certificate, the longest over first; what is prepared comes with them as ``prepared``."""
    issued = PracticeCertificate.objects.filter(placement=OuterRef("pk"), status=Status.ISSUED)
    prepared = PracticeCertificate.objects.filter(status=Status.PREPARED)
    return (
        Placement.objects.filter(
            ~Exists(issued), base__in=training_bases(acting).order_by().values("pk"), status=Placement.Status.ENDED
        )
        .select_related("student", "post", "project", "campus_mentor", "industry_mentor")
        .prefetch_related(Prefetch("certificates", queryset=prepared, to_attr="prepared"))
        .order_by("ends_on", "student__number", "pk")
    )


def certified(placements: Iterable[Placement]) -> set[int]:
    """The keys of those of the placements that have an issued certificate; one query."""
    found = PracticeCertificate.objects.filter(placement__in=list(placements), status=Status.ISSUED)
    return set(found.values_list("placement", flat=True))


@dataclass(frozen=True)
class CertificateFilters:
    """What the address of a base's list asks for; what makes no sense there filters nothing."""

    q: str = ""
    state: str = ""
    grade: str = ""
    year: int | None = None

    @classmethod
    def of(cls, given: dict[str, str]) -> CertificateFilters:
        """The filters of an address."""
        state, grade, year = (given.get(name, "") for name in ("state", "grade", "year"))
        return cls(
            q=given.get("q", "").replace("\0", "").strip()[:_TEXT],
            state=state if state in (Status.ISSUED, Status.WITHDRAWN) else "",
            grade=grade if grade in Grade.values else "",
            year=int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None,
        )

    @property
    def is_set(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.q or self.state or self.grade or self.year)


def listed(acting: Acting, base: Base, wanted: CertificateFilters) -> QuerySet[PracticeCertificate]:
    """The issued and withdrawn certificates of a base as the filters leave them, the newest first."""
    found = visible_certificates(acting).filter(base=base).exclude(status=Status.PREPARED)
    for word in wanted.q.split():
        found = found.filter(
            Q(placement__student__name__icontains=word)
            | Q(placement__student__number__icontains=word)
            | Q(number__icontains=word)
        )
    if wanted.state:
        found = found.filter(status=wanted.state)
    if wanted.grade:
        found = found.filter(grade=wanted.grade)
    if wanted.year:
        found = found.filter(issued_on__year=wanted.year)
    return found.order_by("-issued_on", "-number", "-pk")


def years_of(base: Base) -> list[int]:
    """The years in which certificates of a base were issued, newest first."""
    found = PracticeCertificate.objects.filter(base=base, issued_on__isnull=False).order_by()
    return [day.year for day in found.dates("issued_on", "year", order="DESC")]
