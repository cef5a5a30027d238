"""The students of a base in a month, with what is entered of them and what was last month: a constant number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from agreements import months
from agreements.models import MonthClosing, MonthlyRecord, Placement, Receipt
from agreements.services import month_cells
from agreements.services.month_cells import Stay
from agreements.services.terms import Terms, terms_of
from bases.models import Base

WAS_THERE = (Placement.Status.RUNNING, Placement.Status.ENDED)


@dataclass
class Row:
    """One student's line of a month. ``entries`` are all entries, oldest first; the last is the one that counts."""

    placement: Placement
    stay: Stay
    entries: list[MonthlyRecord] = field(default_factory=list)
    last: MonthlyRecord | None = None
    receipt: Receipt | None = None

    @property
    def record(self) -> MonthlyRecord | None:
        """The entry that counts."""
        return self.entries[-1] if self.entries else None

    @property
    def lacks(self) -> list[str]:
        """The columns without which the line is not whole."""
        return month_cells.lacks(month_cells.values_of(self.record), self.stay.floor)

    @property
    def is_empty(self) -> bool:
        """Whether nothing of the appraisal is entered yet."""
        return self.record is None or (
            not self.record.grade and self.record.days is None and self.record.amount is None
        )

    @property
    def is_below(self) -> bool:
        """Whether less is entered than the agreement asks for."""
        amount = self.record.amount if self.record else None
        return amount is not None and self.stay.floor is not None and amount < self.stay.floor


@dataclass
class Sheet:
    """A month of a base: its lines by student number, and its closing."""

    base: Base
    month: date
    rows: list[Row]
    closing: MonthClosing | None


def present(month: date, last: date | None = None) -> Q:
    """The placements with a day in a month, or in any from ``month`` to the day ``last``."""
    return Q(status__in=WAS_THERE, starts_on__lte=last or months.last_of(month), ends_on__gte=month)


def terms_in(base_pks: Iterable[int], month: date) -> dict[int, Terms]:
    """The terms that bind bases in a month: those in force on its last day, for an agreement that ended before those on its first."""
    pks = list(base_pks)
    found = terms_of(pks, months.last_of(month))
    left = [pk for pk in pks if pk not in found]
    return found | (terms_of(left, month) if left else {})


def stay_of(placement: Placement, terms: Terms | None, month: date) -> Stay:
    """How long a student was there in a month and what the agreement asks for it."""
    days = months.days_there(month, placement.starts_on, placement.ends_on)
    return month_cells.share_of(terms.floor(placement.student.level) if terms else None, month, days)


def sheet_of(base: Base, month: date, only: Iterable[int] | None = None) -> Sheet:
    """The month of a base; with ``only`` just the lines of these placements, without last month and receipts."""
    entries = MonthlyRecord.objects.filter(base=base, month=month).order_by("entry")
    placements: QuerySet[Placement] = Placement.objects.filter(base=base).select_related("student")
    if only is None:
        entries = entries.select_related("voucher", "entered_by")
        recorded = MonthlyRecord.objects.filter(base=base, month=month).values("placement")
        placements = placements.filter(present(month) | Q(pk__in=recorded)).order_by("student__number", "pk")
    else:
        pks = list(only)
        entries, placements = entries.filter(placement__in=pks), placements.filter(present(month), pk__in=pks)
    terms = terms_in([base.pk], month).get(base.pk)
    rows = [Row(each, stay_of(each, terms, month)) for each in placements]
    by_placement = {row.placement.pk: row for row in rows}
    for entry in entries:
        if entry.placement_id in by_placement:
            by_placement[entry.placement_id].entries.append(entry)
    closing = MonthClosing.objects.filter(base=base, month=month).select_related("closed_by").first()
    if only is None:
        _add_context(by_placement, base, month)
    return Sheet(base, month, rows, closing)


def _add_context(rows: dict[int, Row], base: Base, month: date) -> None:
    """What stood last month, and what the students said of this one."""
    before: dict[str, Any] = {"base": base, "month": months.shifted(month, -1), "is_current": True}
    for record in MonthlyRecord.objects.filter(**before, placement__in=list(rows)):
        rows[record.placement_id].last = record
    said = Receipt.objects.filter(record__base=base, record__month=month, is_current=True).select_related("record")
    for receipt in said.order_by("record__entry"):
        if receipt.record.placement_id in rows:
            rows[receipt.record.placement_id].receipt = receipt
