"""From a score to the grade that the thresholds propose (第十六条; the thresholds are practice, so policy)."""

from decimal import Decimal

from bases.lifecycle import Grade


def proposed_grade(score: Decimal, *, excellent: Decimal, qualified: Decimal) -> Grade:
    """The grade for an aggregate of 0–100 points; each threshold belongs to the better grade."""
    if score >= excellent:
        return Grade.EXCELLENT
    return Grade.QUALIFIED if score >= qualified else Grade.FAILED
