"""Until when agreements cover a cooperation without a gap: arithmetic of days, no tables."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta


def end_of_term(starts_on: date, years: int) -> date:
    """The last day of a term of so many years: the same day of the year; from 29 February it is 28 February."""
    return starts_on + relativedelta(years=years)


def covered_until(periods: Iterable[tuple[date, date]], on: date) -> date | None:
    """The last day up to which the periods (first and last day each) cover every day from ``on``; None when ``on`` itself is not covered."""
    until: date | None = None
    for first, last in sorted(periods):
        reached = until + timedelta(days=1) if until else on
        if first <= reached and last >= reached:
            until = last
    return until


@dataclass(frozen=True)
class Coverage:
    """How far the agreements of a base reach, beside what they should reach.

    ``until`` is the last day covered without a gap, None where no agreement holds today; ``lapsed_on`` the last day of the newest one
    that no longer holds. ``construction_until`` and ``assessment_until`` are the days that should be covered, None where nothing is ahead.
    """

    on: date
    until: date | None
    lapsed_on: date | None = None
    construction_until: date | None = None
    assessment_until: date | None = None

    @property
    def holds(self) -> bool:
        """Whether an agreement holds today."""
        return self.until is not None

    @property
    def has_lapsed(self) -> bool:
        """Whether there was an agreement and none holds now."""
        return self.until is None and self.lapsed_on is not None

    @property
    def covers_construction(self) -> bool:
        """Whether what holds now reaches to the end of the construction; also where that is over."""
        return self._reaches(self.construction_until)

    @property
    def covers_assessment(self) -> bool:
        """Whether what holds now reaches to the end of the coming assessment; also where none is ahead."""
        return self._reaches(self.assessment_until)

    def _reaches(self, wanted: date | None) -> bool:
        return wanted is None or wanted < self.on or (self.until is not None and self.until >= wanted)

    def is_due(self, days: int) -> bool:
        """Whether it is time to renew: nothing holds any more, it ends within so many days, or before the construction does."""
        if self.until is None:
            return self.has_lapsed
        return self.until <= self.on + timedelta(days=days) or not self.covers_construction
