"""What the quotas of a round rest on (第六条): the facts of the units as far as they are known, and what the formula makes of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count
from django.utils.translation import gettext as _

from applications.models import QuotaFormula, Round, UnitFacts
from applications.quota import BOUNDS, WEIGHTS, Arithmetic, Facts, Weights, propose
from bases.models import TrainingUnit
from portal.errors import Refused


@dataclass(frozen=True)
class KnownFacts:
    """The facts that count for a unit in a year, and of which year they are; ``year`` is None where none were handed in."""

    facts: Facts
    wanted: int
    year: int | None

    @property
    def is_missing(self) -> bool:
        """Whether nothing was handed in, neither for the year nor for the one before."""
        return self.year is None

    @property
    def is_last_years(self) -> bool:
        """Whether the year before stands in."""
        return self.year is not None and self.year != self.wanted

    @property
    def source(self) -> str:
        """Where the facts come from, in words."""
        if self.year is None:
            return _("数据待补")
        if self.year != self.wanted:
            return _("沿用 %(year)s 年数据") % {"year": self.year}
        return _("%(year)s 年数据") % {"year": self.year}


def known_facts(year: int, units: Iterable[TrainingUnit]) -> dict[int, KnownFacts]:
    """The facts by unit in two queries: of the year, else of the year before, else what the portal itself knows of the unit."""
    units = list(units)
    handed_in: dict[int, UnitFacts] = {}
    for each in UnitFacts.objects.filter(year__in=(year - 1, year), training_unit__in=units).order_by("year"):
        handed_in[each.training_unit_id] = each
    authorised = dict(
        TrainingUnit.objects.filter(pk__in=[unit.pk for unit in units if unit.pk not in handed_in])
        .order_by()
        .annotate(categories_count=Count("authorisations"))
        .values_list("pk", "categories_count")
    )
    return {unit.pk: _known(unit, year, handed_in.get(unit.pk), authorised.get(unit.pk, 0)) for unit in units}


def _known(unit: TrainingUnit, year: int, handed_in: UnitFacts | None, authorised: int) -> KnownFacts:
    if handed_in is None:
        return KnownFacts(Facts(authorised, 0, unit.double_first_class), year, None)
    facts = Facts(handed_in.categories, handed_in.professional_students, handed_in.double_first_class)
    return KnownFacts(facts, year, handed_in.year)


def weights_of(formula: QuotaFormula) -> Weights:
    """The weights of a round's formula."""
    return Weights(**{name: getattr(formula, name) for name in (*WEIGHTS, *BOUNDS)})


def formula_values(formula: QuotaFormula) -> dict[str, Any]:
    """The weights by their names, to prefill a form or to copy them into another round."""
    return {name: getattr(formula, name) for name in (*WEIGHTS, *BOUNDS)}


def checked_formula(round: Round, formula: QuotaFormula | None, values: dict[str, Any]) -> QuotaFormula:
    """A formula for a round with these values over those of ``formula``, not saved. Raises Refused for values that cannot be."""
    given = formula_values(formula) if formula else {}
    new = QuotaFormula(round=round, **(given | values))
    if formula is not None and formula.round_id == round.pk:
        new.pk = formula.pk
        new._state.adding = False
    try:
        new.full_clean(exclude=["round"])
    except ValidationError as error:
        raise Refused(_sentences(error)) from error
    return new


def _sentences(error: ValidationError) -> list[str]:
    """Each complaint behind the name of its weight; of the formula as a whole without one."""
    labels = {field.name: f"{field.verbose_name}：" for field in QuotaFormula._meta.fields}
    found = []
    for name, messages in error.message_dict.items():
        label = labels.get(name, "")
        found += [f"{label}{message}" for message in messages]
    return found


def arithmetic(known: KnownFacts, weights: Weights) -> Arithmetic:
    """What the formula makes of a unit's facts."""
    return propose(known.facts, weights)
