"""How a unit's 申报名额 is worked out from its facts (第六条), as arithmetic: no database, no clock."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import gettext as _

from agreements.money import plain

LEAST, MOST = 0, 200
WEIGHTS = ("base_places", "per_category", "per_hundred_students", "first_class_bonus")
BOUNDS = ("minimum", "maximum")
_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Facts:
    """What the article names: how many professional degree categories, how many students in them, whether 双一流."""

    categories: int
    students: int
    double_first_class: bool

    @property
    def hundreds(self) -> Decimal:
        """The students in hundreds, to the single student."""
        return Decimal(self.students) / _HUNDRED


@dataclass(frozen=True)
class Weights:
    """What each of the facts is worth in places, and between which bounds a quota lies; all of it is policy."""

    base_places: Decimal
    per_category: Decimal
    per_hundred_students: Decimal
    first_class_bonus: Decimal
    minimum: int
    maximum: int

    def as_json(self) -> dict[str, Any]:
        """The weights as they are kept with a published quota."""
        return {name: f"{getattr(self, name):.2f}" for name in WEIGHTS} | {name: getattr(self, name) for name in BOUNDS}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Weights":
        """The weights that were kept."""
        values: dict[str, Any] = {name: Decimal(kept[name]) for name in WEIGHTS}
        values |= {name: int(kept[name]) for name in BOUNDS}
        return cls(**values)


@dataclass(frozen=True)
class Arithmetic:
    """One unit's sum: its facts times the weights, rounded half up to whole places and kept within the bounds."""

    facts: Facts
    weights: Weights

    @property
    def total(self) -> Decimal:
        """The exact sum before rounding."""
        facts, weights = self.facts, self.weights
        return (
            weights.base_places
            + facts.categories * weights.per_category
            + facts.hundreds * weights.per_hundred_students
            + (weights.first_class_bonus if facts.double_first_class else Decimal(0))
        )

    @property
    def rounded(self) -> int:
        """The sum in whole places; a half counts as one."""
        return int(self.total.quantize(Decimal(1), rounding=ROUND_HALF_UP))

    @property
    def places(self) -> int:
        """What the formula proposes."""
        return min(max(self.rounded, self.weights.minimum), self.weights.maximum)

    @property
    def line(self) -> str:
        """The sum as a clerk reads it: 基数 1 + 类别 12×0.20 + 学生 8.4百人×0.10 + 双一流 1 = 5.24 → 5."""
        facts, weights = self.facts, self.weights
        terms = [
            _("基数 %(n)s") % {"n": plain(weights.base_places)},
            _("类别 %(n)s×%(weight)s") % {"n": facts.categories, "weight": f"{weights.per_category:.2f}"},
            _("学生 %(n)s百人×%(weight)s")
            % {"n": plain(facts.hundreds), "weight": f"{weights.per_hundred_students:.2f}"},
        ]
        if facts.double_first_class:
            terms.append(_("双一流 %(n)s") % {"n": plain(weights.first_class_bonus)})
        line = f"{' + '.join(terms)} = {plain(self.total)} → {self.rounded}"
        if self.rounded < weights.minimum:
            line += _("，至少 %(n)s") % {"n": weights.minimum}
        if self.rounded > weights.maximum:
            line += _("，至多 %(n)s") % {"n": weights.maximum}
        return line

    def as_json(self) -> dict[str, Any]:
        """The facts and the weights as they are kept with a published quota."""
        facts = {
            "categories": self.facts.categories,
            "students": self.facts.students,
            "double_first_class": self.facts.double_first_class,
        }
        return {"facts": facts, "weights": self.weights.as_json(), "total": plain(self.total), "places": self.places}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Arithmetic":
        """The sum that was kept with a published quota."""
        return cls(facts=Facts(**kept["facts"]), weights=Weights.from_json(kept["weights"]))


def propose(facts: Facts, weights: Weights) -> Arithmetic:
    """Work a unit's quota out from its facts (第六条)."""
    return Arithmetic(facts=facts, weights=weights)
