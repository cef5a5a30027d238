"""Public bases in figures: the same numbers for the page and for programs, and the choices that the list offers."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from bases import published
from bases.industries import PRIORITY_INDUSTRIES
from bases.lifecycle import LIVING


@dataclass(frozen=True)
class Row:
    """One figure: the value that filters the list down to it, its name, how many bases."""

    value: str
    label: str
    count: int
    share: int


@dataclass(frozen=True)
class Table:
    """The bases counted by one of the filters; ``share`` of a row is per cent of the largest."""

    filter: str
    title: str
    rows: tuple[Row, ...]

    @property
    def total(self) -> int:
        """All that the table counts."""
        return sum(row.count for row in self.rows)


@dataclass(frozen=True)
class Statistics:
    """Public bases in figures. The tables but the first count those that the list shows without further asking: the living."""

    recognised: int
    living: int
    titled: int
    ended: int
    tables: tuple[Table, ...]

    def rows(self, name: str) -> tuple[Row, ...]:
        """The rows of one table."""
        return next(table.rows for table in self.tables if table.filter == name)


def statistics(filters: published.Filters) -> Statistics:
    """The figures of the bases that match; one query however many there are."""
    columns = (
        "state", "construction_started_on__year", "category__code", "category__name", "training_unit__code",
        "training_unit__name", "league_code", "league_name", "priority_industry", "title_granted_on__year",
    )  # fmt: skip
    leagues = {"league_code": published.LEAGUE_CODE, "league_name": published.LEAGUE_NAME}
    matching = published.matching(filters).prefetch_related(None).annotate(**leagues)
    everything = list(matching.order_by().values_list(*columns))
    states = published.GROUPS[filters.state][1] if filters.state else LIVING
    listed = [row for row in everything if row[0] in states]
    groups = Counter(published.GROUP_OF[row[0]] for row in everything)
    industries = Counter(row[8] or "none" for row in listed)
    titles = Counter(row[9] for row in listed if row[9])
    named = [*PRIORITY_INDUSTRIES, ("none", _("不属于优先产业"))]
    years = Counter(row[1] for row in listed)
    tables = (
        _table("state", _("状态"), ((key, label, groups[key]) for key, (label, _states) in published.GROUPS.items())),
        _table("year", _("认定年度"), ((str(year), str(year), n) for year, n in sorted(years.items(), reverse=True))),
        _table("unit", _("培养单位"), _by_code(listed, 4)),
        _table("category", _("专业学位类别"), _by_code(listed, 2)),
        _table("division", _("盟市"), _by_code(listed, 6)),
        _table("industry", _("优先产业"), ((key, _(label), industries[key]) for key, label in named)),
        _table(
            "title",
            _("示范基地称号授予年度"),
            ((str(year), str(year), n) for year, n in sorted(titles.items(), reverse=True)),
        ),
    )
    return Statistics(
        recognised=len(everything),
        living=len(everything) - groups["ended"],
        titled=sum(titles.values()),
        ended=groups["ended"],
        tables=tables,
    )  # fmt: skip


def _by_code(rows: Iterable[tuple[Any, ...]], column: int) -> list[tuple[str, str, int]]:
    """By code the name beside it and how often both stand there."""
    counted = Counter((row[column], row[column + 1]) for row in rows if row[column])
    return [(code, name, number) for (code, name), number in sorted(counted.items())]


def _table(name: str, title: str, rows: Iterable[tuple[str, Any, int]]) -> Table:
    kept = [(value, str(label), count) for value, label, count in rows if count]
    most = max((count for _value, _label, count in kept), default=1)
    return Table(
        name, title, tuple(Row(value, label, count, round(100 * count / most)) for value, label, count in kept)
    )
