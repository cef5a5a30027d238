"""The arithmetic of a meeting: how many have to be there, who may vote on an item, and what the votes allow."""

from fractions import Fraction
from math import ceil

# Shares that a whole percent cannot say: 2 of 3 are two thirds, and 66.67 %.
_MEANT = {67: Fraction(2, 3)}


def share(percent: int) -> Fraction:
    """The share of the members that a percentage means; 67 stands for two thirds."""
    return _MEANT.get(percent, Fraction(min(percent, 100), 100))


def needed(voting: int, percent: int) -> int:
    """How many of so many voting members have to be present; at least one."""
    return max(1, ceil(voting * share(percent)))


def is_met(present: int, voting: int, percent: int) -> bool:
    """Whether a meeting has its quorum."""
    return present >= needed(voting, percent)


def is_majority(votes_for: int, eligible: int) -> bool:
    """Whether more than half of those who may vote are for it."""
    return votes_for * 2 > eligible
