"""What comes out of experts' scores, as arithmetic: nothing here depends on the order of the sheets, and nothing is a float."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import groupby

CENT = Decimal("0.01")


def rounded(value: Fraction) -> Decimal:
    """Two decimals, half up (away from zero), whatever the number's denominator."""
    cents = abs(value) * 100 + Fraction(1, 2)
    sign = -1 if value < 0 else 1
    return (Decimal(sign * (cents.numerator // cents.denominator)) / 100).quantize(CENT, rounding=ROUND_HALF_UP)


def mean(values: Sequence[Decimal]) -> Decimal:
    """The plain mean, two decimals, half up. Raises ValueError without any value."""
    return rounded(_mean(values))


def aggregate(totals: Sequence[Decimal], *, trim_from: int = 5) -> Decimal:
    """The aggregate of the sheets' totals (0–100), two decimals, half up.

    From ``trim_from`` sheets on one highest and one lowest are dropped, then the mean is taken. Raises ValueError without any sheet.
    """
    kept = sorted(totals)[1:-1] if len(totals) >= trim_from else list(totals)
    return rounded(_mean(kept))


def median(values: Sequence[Decimal]) -> Decimal:
    """The middle value, or the mean of the two in the middle, two decimals, half up. Raises ValueError without any value."""
    if not values:
        raise ValueError("no sheets to take the median of")
    inner, middle = sorted(values), len(values) // 2
    return rounded(_mean(inner[middle : middle + 1] if len(inner) % 2 else inner[middle - 1 : middle + 1]))


def spread(totals: Sequence[Decimal]) -> Decimal:
    """The highest less the lowest (分差). Raises ValueError without any sheet."""
    return max(totals) - min(totals)


def _mean(values: Sequence[Decimal]) -> Fraction:
    if not values:
        raise ValueError("no sheets to aggregate")
    return sum(map(Fraction, values), Fraction(0)) / len(values)


@dataclass(frozen=True)
class Deviation:
    """How far sheets of one round lie from the means of their panels: the pooled sample variance, exact.

    A panel's own standard deviation cannot tell: of n sheets none lies further than (n−1)/√n of it from their mean, which up to
    five sheets is less than two. What all panels of the round say together is the yardstick.
    """

    variance: Fraction = Fraction(0)
    sheets: int = 0

    @classmethod
    def of(cls, panels: Iterable[Sequence[Decimal]]) -> "Deviation":
        """From the totals of each panel; panels of a single sheet say nothing."""
        squares, freedom, sheets = Fraction(0), 0, 0
        for totals in panels:
            if len(totals) < 2:
                continue
            middle = _mean(totals)
            squares += sum(((Fraction(total) - middle) ** 2 for total in totals), Fraction(0))
            freedom += len(totals) - 1
            sheets += len(totals)
        return cls(squares / freedom if freedom else Fraction(0), sheets)

    def outliers(self, totals: Sequence[Decimal], limit: Decimal) -> list[Decimal]:
        """The totals that lie more than ``limit`` standard deviations off the mean of their panel, lowest first."""
        if not totals or not self.variance:
            return []
        middle, bound = _mean(totals), Fraction(limit) ** 2 * self.variance
        return [total for total in sorted(totals) if (Fraction(total) - middle) ** 2 > bound]

    @property
    def points(self) -> Decimal:
        """The standard deviation in points, two decimals."""
        exact = Decimal(self.variance.numerator) / Decimal(self.variance.denominator)
        return exact.sqrt().quantize(CENT, rounding=ROUND_HALF_UP)


def leniency(panels: Iterable[Mapping[int, Decimal]]) -> dict[int, tuple[Decimal, int]]:
    """By expert: how many points on average their totals lie above the mean of the others' on the same panels, and on how many panels.

    ``panels`` are totals by expert, one mapping a panel; where somebody sat alone there is nothing to compare. Only a figure to
    look at: no score is corrected by it.
    """
    found: dict[int, list[Fraction]] = {}
    for totals in panels:
        whole = sum(map(Fraction, totals.values()), Fraction(0))
        for expert, total in totals.items():
            if len(totals) > 1:
                others = (whole - Fraction(total)) / (len(totals) - 1)
                found.setdefault(expert, []).append(Fraction(total) - others)
    return {
        expert: (rounded(sum(differences, Fraction(0)) / len(differences)), len(differences))
        for expert, differences in found.items()
    }


@dataclass(frozen=True)
class Standing:
    """What the place of one application rests on; ``key`` (its own, never shared) makes the ranking total."""

    key: int
    aggregate: Decimal
    results_mean: Decimal
    median: Decimal
    priority: bool

    @property
    def points(self) -> tuple[Decimal, Decimal, Decimal]:
        """What is compared before the marks: 综合得分, 前期成效, 中位数."""
        return self.aggregate, self.results_mean, self.median

    @property
    def order(self) -> tuple[Decimal, Decimal, Decimal, bool, int]:
        """Ascending order of these is the ranking: 综合得分, 前期成效, 中位数, then 优先产业 as a mark, then the earlier number."""
        return -self.aggregate, -self.results_mean, -self.median, not self.priority, self.key


def places(standings: Iterable[Standing]) -> dict[int, int]:
    """The place of each application by its key, from 1 on, none shared."""
    return {each.key: place for place, each in enumerate(sorted(standings, key=lambda each: each.order), start=1)}


def level(standings: Iterable[Standing]) -> list[list[int]]:
    """The keys of those that no point tells apart (同分): their order rests on the mark and the number alone."""
    ordered = sorted(standings, key=lambda each: each.order)
    groups = [[each.key for each in group] for _points, group in groupby(ordered, key=lambda each: each.points)]
    return [group for group in groups if len(group) > 1]
