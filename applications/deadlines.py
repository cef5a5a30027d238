"""When an objection must be accepted and concluded, in working days; arithmetic of a calendar that is passed in."""

from datetime import date, timedelta
from typing import Protocol


class Calendar(Protocol):
    """The working days of the years that are known; both raise for a day of an unknown year."""

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on that day."""

    def after(self, start: date, working_days: int) -> date:
        """The last day of a period of working days that is counted from the day after ``start``."""


def accept_by(filed_on: date, days: int, calendar: Calendar) -> date:
    """The last day on which an objection that came on ``filed_on`` is accepted or declined in time."""
    return calendar.after(filed_on, days)


def conclude_by(accepted_on: date, days: int, calendar: Calendar) -> date:
    """The last day on which an objection that was accepted on ``accepted_on`` is concluded in time."""
    return calendar.after(accepted_on, days)


def extended_to(due: date, days: int, calendar: Calendar) -> date:
    """The last day after the one extension, counted from the day after the first deadline."""
    return calendar.after(due, days)


def working_days_left(due: date, on: date, calendar: Calendar) -> int:
    """How many working days are left after ``on`` up to and including ``due``; negative: how many have gone by since it."""
    first, last, sign = (on, due, 1) if on <= due else (due, on, -1)
    days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return sign * sum(calendar.is_working_day(day) for day in days)
