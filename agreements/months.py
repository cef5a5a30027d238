"""Months as the cooperation counts them: their names, who was in a base for how much of one, what a floor means for a part of one. No tables."""

import calendar
import re
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

_NAME = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
_CENT = Decimal("0.01")


def first_of(day: date) -> date:
    """The month of a day, as its first day."""
    return day.replace(day=1)


def last_of(month: date) -> date:
    """The last day of a month."""
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def shifted(month: date, by: int) -> date:
    """The first day of the month so many months later, or earlier for a negative number."""
    place = month.year * 12 + month.month - 1 + by
    return date(place // 12, place % 12 + 1, 1)


def until(month: date, count: int) -> list[date]:
    """So many months in a row, oldest first, the given one last."""
    return [shifted(month, -back) for back in range(count - 1, -1, -1)]


def between(first: date, last: date) -> Iterator[date]:
    """Every month that has a day between two days, both counted."""
    month = first_of(first)
    while month <= last:
        yield month
        month = shifted(month, 1)


def name(month: date) -> str:
    """How addresses and files name a month: 2026-10."""
    return f"{month.year:04d}-{month.month:02d}"


def read(text: str) -> date | None:
    """The month of such a name; None for anything else."""
    found = _NAME.fullmatch(text)
    return date(int(found[1]), int(found[2]), 1) if found else None


def words(month: date) -> str:
    """How people call a month: 2026 年 10 月."""
    return _("%(year)s 年 %(month)s 月") % {"year": month.year, "month": month.month}


def days_there(month: date, starts_on: date, ends_on: date) -> int:
    """On how many days of a month somebody was in the base who came and went on these days, both counted."""
    first, last = max(month, starts_on), min(last_of(month), ends_on)
    return max(0, (last - first).days + 1)


def share(floor: Decimal | None, month: date, days: int) -> Decimal | None:
    """What a floor for a whole month means for so many days of it, in yuan and cents, half up; None where there is no floor."""
    whole = last_of(month).day
    if floor is None or days >= whole:
        return floor
    return (floor * days / whole).quantize(_CENT, ROUND_HALF_UP)


def due_on(month: date, day: int) -> date:
    """The day of the following month by which the entries of a month are there; the last day where that month is shorter."""
    following = shifted(month, 1)
    return following.replace(day=min(day, last_of(following).day))
