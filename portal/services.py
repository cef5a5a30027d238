from collections.abc import Iterable
from datetime import date

from django.db import transaction

from portal.models import CalendarDay, CalendarYear, User


@transaction.atomic
def enter_calendar_year(
    *, year: int, source: str, holidays: Iterable[date], make_up_days: Iterable[date], by: User | None
) -> CalendarYear:
    """Replace the working calendar of one year by the entered arrangement; notices already dated keep their dates."""
    entry, _created = CalendarYear.objects.update_or_create(year=year, defaults={"source": source, "entered_by": by})
    CalendarDay.objects.filter(day__year=year).delete()
    days = [CalendarDay(day=day, working=False) for day in sorted(set(holidays))]
    days += [CalendarDay(day=day, working=True) for day in sorted(set(make_up_days))]
    CalendarDay.objects.bulk_create(days)
    return entry
