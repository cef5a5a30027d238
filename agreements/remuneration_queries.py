"""What is seen of the remuneration of mentors: of the bases whose cooperation one may look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import ExtractYear

from agreements.models import Agreement, Mentor, RemunerationPayment
from agreements.queries import training_bases
from agreements.services.remuneration import HELD
from bases.models import Base
from portal.acting import Acting
from portal.http import whole_number
from portal.models import StoredFile

NOTHING = Decimal(0)
COUNTS = Q(reversal=None)


def visible_payments(acting: Acting) -> QuerySet[RemunerationPayment]:
    """The payments of the bases that this person may look at, with the 冲销 of those that were entered wrongly."""
    found = RemunerationPayment.objects.filter(appointment__base__in=training_bases(acting).order_by().values("pk"))
    return found.select_related(
        "appointment__base__training_unit", "appointment__base__partner", "appointment__mentor", "voucher", "entered_by",
        "reversal__entered_by",
    )  # fmt: skip


def may_download_remuneration_voucher(acting: Acting, stored: StoredFile) -> bool:
    """The voucher of a payment: whoever may look at it."""
    return visible_payments(acting).filter(voucher=stored).exists()


@dataclass(frozen=True)
class PaymentFilters:
    """What the address of a base's list asks for: a mentor, the year in which it was paid."""

    mentor: int | None = None
    year: int | None = None

    @classmethod
    def of(cls, given: dict[str, str]) -> PaymentFilters:
        """The filters of an address; what makes no sense there filters nothing."""
        year = given.get("year", "")
        return cls(whole_number(given.get("mentor", ""), 9), whole_number(year, 4) if len(year) == 4 else None)

    @property
    def is_set(self) -> bool:
        """Whether anything is asked for."""
        return self.mentor is not None or self.year is not None


def listed(acting: Acting, base: Base, wanted: PaymentFilters) -> QuerySet[RemunerationPayment]:
    """The payments of a base as the filters leave them, the newest first."""
    found = visible_payments(acting).filter(appointment__base=base)
    if wanted.mentor is not None:
        found = found.filter(appointment__mentor=wanted.mentor)
    if wanted.year is not None:
        found = found.filter(paid_on__year=wanted.year)
    return found.order_by("-paid_on", "-pk")


@dataclass(frozen=True)
class Total:
    """What was paid to one mentor: by year in the order of the table's years, and altogether, in yuan."""

    mentor: Mentor
    by_year: list[Decimal]

    @property
    def sum(self) -> Decimal:
        """Altogether."""
        return sum(self.by_year, NOTHING)


def totals(found: QuerySet[RemunerationPayment]) -> tuple[list[int], list[Total]]:
    """The years, newest first, and what was paid to each mentor in each; what was reversed does not count. Two queries."""
    rows = (
        found.filter(COUNTS).order_by().annotate(year=ExtractYear("paid_on"))
        .values_list("appointment__mentor", "year").annotate(sum=Sum("amount"))
    )  # fmt: skip
    amounts = {(mentor, year): amount for mentor, year, amount in rows}
    years = sorted({year for _mentor, year in amounts}, reverse=True)
    mentors = Mentor.objects.filter(pk__in={mentor for mentor, _year in amounts}).order_by("name", "pk")
    return years, [Total(each, [amounts.get((each.pk, year), NOTHING) for year in years]) for each in mentors]


def sum_of(found: QuerySet[RemunerationPayment]) -> Decimal:
    """What was paid altogether, without what was reversed, in yuan."""
    return found.filter(COUNTS).order_by().aggregate(sum=Sum("amount", default=NOTHING))["sum"]


def payable(base: Base) -> QuerySet[Mentor]:
    """The people of the partner who hold or held an appointment of a base."""
    return Mentor.objects.filter(
        kind=Mentor.Kind.INDUSTRY, appointments__base=base, appointments__status__in=HELD
    ).distinct()  # fmt: skip


def clause(base: Base, on: date) -> Agreement | None:
    """The agreement of a base in force on a day, whose clause says how much is paid and in which way; else the last that was."""
    found = list(Agreement.objects.filter(base=base, status__in=Agreement.IN_FORCE).order_by("-version"))
    return next((each for each in found if each.holds(on)), found[0] if found else None)
