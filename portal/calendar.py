"""Working days of the Chinese calendar: public holidays and make-up days (调休) included, never guessed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar
from django.utils.translation import gettext as _

from portal.errors import Refused
from portal.models.calendar import CalendarDay, CalendarYear


class CalendarNotLoaded(Refused):
    """The holiday arrangement of a year is not known to the portal."""

    def __init__(self, year: int) -> None:
        self.year = year
        super().__init__(
            _("%(year)s 年的节假日安排尚未录入，无法计算工作日。请教育厅经办先在“工作日历”中录入该年安排。")
            % {"year": year}
        )


@dataclass(frozen=True)
class WorkingCalendar:
    """The days that count. ``entered_years`` follow the week with ``exceptions``; other years come from the library."""

    exceptions: Mapping[date, bool]
    entered_years: frozenset[int]

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on that day; raises CalendarNotLoaded for an unknown year."""
        if day in self.exceptions:
            return self.exceptions[day]
        if day.year in self.entered_years:
            return day.weekday() < 5
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError:
            raise CalendarNotLoaded(day.year) from None

    def after(self, start: date, working_days: int) -> date:
        """The last day of a period of ``working_days`` that is counted from the day after ``start``."""
        day, left = start, working_days
        while left:
            day += timedelta(days=1)
            left -= self.is_working_day(day)
        return day


def load() -> WorkingCalendar:
    """The calendar with what the office has entered (two queries)."""
    return WorkingCalendar(
        exceptions=dict(CalendarDay.objects.values_list("day", "working")),
        entered_years=frozenset(CalendarYear.objects.values_list("year", flat=True)),
    )
