"""Aggregation of expert scores, as arithmetic: does not depend on the order of the sheets."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def aggregate(totals: Sequence[Decimal]) -> Decimal:
    """The aggregate of the sheets' totals (0–100): from five on one highest and one lowest are dropped, then the mean, half up.

    Raises ValueError without any sheet.
    """
    if not totals:
        raise ValueError("no sheets to aggregate")
    kept = sorted(totals)[1:-1] if len(totals) >= 5 else list(totals)
    return (sum(kept, Decimal(0)) / len(kept)).quantize(CENT, rounding=ROUND_HALF_UP)
