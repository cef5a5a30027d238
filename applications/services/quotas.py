"""申报名额 (第六条): worked out from the units' facts, decided by the department, and fixed once published."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from applications.models import Quota, QuotaFormula, Round, UnitFacts
from applications.quota import LEAST, MOST, Arithmetic, Facts, Weights
from applications.services.proposing import KnownFacts, arithmetic, checked_formula, known_facts, weights_of
from applications.services.rounds import first_quotas, places_used, places_used_by_unit, units_without_quota
from bases.models import TrainingUnit
from portal.acting import Acting
from portal.errors import NotYours, Refused
from portal.models import User
from portal.roles import Role

MAX_CATEGORIES, MAX_STUDENTS = 100, 200_000


@dataclass(frozen=True)
class QuotaLine:
    """One unit's quota with what it rests on: of a published one as it was frozen, else as it stands now.

    ``arithmetic`` is None for a quota of the time before the portal kept it.
    """

    quota: Quota
    used: int
    arithmetic: Arithmetic | None
    source: str
    is_missing: bool

    @property
    def unit(self) -> TrainingUnit:
        """Whose quota it is."""
        return self.quota.training_unit

    @property
    def is_overridden(self) -> bool:
        """Whether the department decided something of its own."""
        return self.quota.override_reason != ""


@dataclass(frozen=True)
class PreviewLine:
    """What other weights would make of one unit's quota; an overridden quota keeps its places."""

    quota: Quota
    source: str
    arithmetic: Arithmetic
    before: int
    after: int
    proposed_before: int | None
    is_overridden: bool

    @property
    def unit(self) -> TrainingUnit:
        """Whose quota it is."""
        return self.quota.training_unit

    @property
    def change(self) -> int:
        """How many places more, or less."""
        return self.after - self.before

    @property
    def fewer(self) -> int:
        """How many places less; 0 where there are not fewer."""
        return max(0, -self.change)


def lines(round: Round, unit_id: int | None = None) -> list[QuotaLine]:
    """The quotas of a round, or of one unit, with their arithmetic; a constant number of queries however many units."""
    found = Quota.objects.filter(round=round).select_related("training_unit")
    if unit_id is not None:
        found = found.filter(training_unit_id=unit_id)
    quotas = list(found)
    taken = places_used_by_unit(round.pk)
    if round.quotas_published_on is not None:
        return [_frozen_line(quota, taken.get(quota.training_unit_id, 0)) for quota in quotas]
    known, weights = _known(round, quotas), weights_of(_formula(round))
    return [
        QuotaLine(
            quota=quota,
            used=taken.get(quota.training_unit_id, 0),
            arithmetic=arithmetic(known[quota.training_unit_id], weights),
            source=known[quota.training_unit_id].source,
            is_missing=known[quota.training_unit_id].is_missing,
        )
        for quota in quotas
    ]


def _frozen_line(quota: Quota, used: int) -> QuotaLine:
    kept = quota.arithmetic
    if not kept:
        return QuotaLine(quota, used, None, "", is_missing=False)
    year = kept["facts_year"]
    facts = KnownFacts(Facts(**kept["facts"]), kept["wanted_year"], year)
    return QuotaLine(quota, used, Arithmetic.from_json(kept), facts.source, is_missing=facts.is_missing)


def preview(round: Round, **weights: Any) -> list[PreviewLine]:
    """What a change of the weights would make of every unit's quota; nothing is saved. Raises Refused for weights that cannot be."""
    quotas = list(Quota.objects.filter(round=round).select_related("training_unit"))
    tried = weights_of(checked_formula(round, _formula(round), weights))
    known = _known(round, quotas)
    return [_preview_line(quota, known[quota.training_unit_id], tried) for quota in quotas]


def _preview_line(quota: Quota, known: KnownFacts, weights: Weights) -> PreviewLine:
    new = arithmetic(known, weights)
    overridden = quota.override_reason != ""
    return PreviewLine(
        quota=quota,
        source=known.source,
        arithmetic=new,
        before=quota.places,
        after=quota.places if overridden else new.places,
        proposed_before=quota.proposed,
        is_overridden=overridden,
    )


@transaction.atomic
def save_formula(*, round: Round, by: Acting, **weights: Any) -> QuotaFormula:
    """Change the weights of a round's formula and work its quotas out anew; what was overridden keeps its places.

    Raises Refused once the quotas are published, and for weights that cannot be.
    """
    locked = _not_published(round, by)
    formula = checked_formula(locked, _formula(locked), weights)
    formula.save()
    _propose_anew(locked, formula)
    return formula


@transaction.atomic
def override(*, quota: Quota, places: int, reason: str, by: Acting) -> Quota:
    """Decide another number than the formula proposes, with the reason; the proposed number itself needs none and clears it.

    Raises Refused without a reason, once the quotas are published, or for fewer places than are taken.
    """
    _not_published(quota.round, by)
    locked = Quota.objects.select_for_update(of=("self",)).select_related("training_unit", "round").get(pk=quota.pk)
    used = places_used(locked)
    _check_places(places)
    if places < used:
        raise Refused(
            _("%(unit)s 已公示推荐 %(used)s 个，名额不能少于这个数。")
            % {"unit": locked.training_unit.name, "used": used}
        )
    as_proposed = places == locked.proposed
    if not as_proposed and not reason.strip():
        raise Refused(
            _("%(unit)s 测算名额为 %(proposed)s 个，改为 %(places)s 个需要写明调整理由。")
            % {"unit": locked.training_unit.name, "proposed": locked.proposed, "places": places}
            if locked.proposed is not None
            else _("请写明调整理由。")
        )
    locked.places, locked.override_reason = places, "" if as_proposed else reason.strip()
    locked.save(update_fields=["places", "override_reason"])
    return locked


@transaction.atomic
def list_new_units(*, round: Round, by: Acting) -> int:
    """Put units that were entered after the round was opened on its list of quotas, as the formula proposes; returns how many.

    Raises Refused once the quotas are published: then a unit gets its quota by ``supplement``.
    """
    locked = _not_published(round, by)
    new = first_quotas(locked, _formula(locked), units_without_quota(locked))
    Quota.objects.bulk_create(new)
    return len(new)


def obstacles(round: Round, *, accept_missing: bool = False) -> tuple[str, ...]:
    """Why the quotas of a round cannot be published: out already, units without a quota, facts that nobody handed in."""
    if round.quotas_published_on is not None:
        return (_already_out(round),)
    reasons = []
    left = [unit.name for unit in units_without_quota(round)]
    if left:
        reasons.append(
            _("下列单位还没有列入名额表，请先列入：%(units)s。") % {"units": "、".join(left)},
        )
    listed = lines(round)
    if not listed and not left:
        reasons.append(_("还没有培养单位，没有可以下达的名额。"))
    missing = [line.unit.name for line in listed if line.is_missing]
    if missing and not accept_missing:
        reasons.append(
            _("下列单位的数据待补，请补齐后再下达，或者确认按现有数据下达：%(units)s。") % {"units": "、".join(missing)}
        )
    return tuple(reasons)


@transaction.atomic
def publish(*, round: Round, by: Acting, on: date, accept_missing: bool = False) -> Round:
    """Publish the quotas of all units at once (第六条); from now on they are fixed, each with the arithmetic it rests on.

    Raises Refused when they are out already, when a unit has no quota, or when facts are missing and that was not accepted.
    """
    user = _officer(by)
    locked = Round.objects.select_for_update(no_key=True).get(pk=round.pk)
    reasons = obstacles(locked, accept_missing=accept_missing)
    if reasons:
        raise Refused(reasons)
    quotas = list(Quota.objects.select_for_update(of=("self",)).filter(round=locked).select_related("training_unit"))
    known, weights = _known(locked, quotas), weights_of(_formula(locked))
    for quota in quotas:
        quota.arithmetic = _kept(known[quota.training_unit_id], weights)
    Quota.objects.bulk_update(quotas, ["arithmetic"])
    locked.quotas_published_on, locked.quotas_published_by = on, user
    locked.save(update_fields=["quotas_published_on", "quotas_published_by"])
    return locked


@transaction.atomic
def supplement(*, round: Round, unit: TrainingUnit, places: int, reason: str, by: Acting, on: date) -> Quota:
    """Give a unit that was entered after publication its quota, with the reason; what is published stays as it is.

    Raises Refused before publication, for a unit that has a quota, and without a reason.
    """
    _officer(by)
    locked = Round.objects.select_for_update(no_key=True).get(pk=round.pk)
    if locked.quotas_published_on is None:
        raise Refused(_("名额还没有下达，不需要补充下达；请把新单位列入名额表。"))
    if Quota.objects.filter(round=locked, training_unit=unit).exists():
        raise Refused(_("%(unit)s 在本批次已有名额，名额下达后不再改动。") % {"unit": unit.name})
    _check_places(places)
    if not reason.strip():
        raise Refused(_("请写明补充下达的理由。"))
    known = known_facts(locked.year, [unit])[unit.pk]
    weights = weights_of(_formula(locked))
    return Quota.objects.create(
        round=locked,
        training_unit=unit,
        places=places,
        proposed=arithmetic(known, weights).places,
        override_reason=reason.strip(),
        arithmetic=_kept(known, weights) | {"supplemented_on": on.isoformat(), "supplemented_by": by.name},
    )


def places_for(round: Round, unit_id: int, *, lock: bool = True) -> Quota | None:
    """A unit's published quota, locked against a second list at the same moment; None while it is not out."""
    found = Quota.objects.filter(round=round, training_unit_id=unit_id, round__quotas_published_on__isnull=False)
    if lock:
        found = found.select_for_update(of=("self",))
    return found.select_related("round", "training_unit").first()


@transaction.atomic
def save_facts(
    *, unit: TrainingUnit, year: int, categories: int, professional_students: int, double_first_class: bool, by: Acting
) -> UnitFacts:
    """Enter what a unit's quota of a year rests on (第六条); quotas that are not published are worked out anew.

    Raises Refused for numbers that cannot be.
    """
    (saved,) = enter_facts(
        year=year, facts={unit.pk: Facts(categories, professional_students, double_first_class)}, by=by
    )
    return saved


@transaction.atomic
def enter_facts(*, year: int, facts: Mapping[int, Facts], by: Acting) -> list[UnitFacts]:
    """``save_facts`` for several units by key, all or none."""
    user = _officer(by)
    if not 2020 <= year <= 2100:
        raise Refused(_("年度应在 2020 至 2100 之间。"))
    for given in facts.values():
        if not 0 <= given.categories <= MAX_CATEGORIES:
            raise Refused(_("专业学位类别数应在 0 至 %(most)s 之间。") % {"most": MAX_CATEGORIES})
        if not 0 <= given.students <= MAX_STUDENTS:
            raise Refused(_("专业学位研究生在校生数应在 0 至 %(most)s 之间。") % {"most": MAX_STUDENTS})
    # The rounds first, as publishing does: what is entered now is either in what is published, or after it.
    touched = list(
        Round.objects.select_for_update(no_key=True)
        .filter(year__in=(year, year + 1), quotas_published_on=None)
        .order_by("pk")
    )
    saved = [
        UnitFacts.objects.update_or_create(
            training_unit_id=unit_id,
            year=year,
            defaults={
                "categories": given.categories,
                "professional_students": given.students,
                "double_first_class": given.double_first_class,
                "entered_by": user,
            },
        )[0]
        for unit_id, given in facts.items()
    ]
    for round in touched:
        _propose_anew(round, _formula(round))
    return saved


def _propose_anew(round: Round, formula: QuotaFormula) -> None:
    """Work every quota of a round out again; what the department decided of its own stays."""
    quotas = list(Quota.objects.select_for_update(of=("self",)).filter(round=round).select_related("training_unit"))
    known, weights = _known(round, quotas), weights_of(formula)
    for quota in quotas:
        quota.proposed = arithmetic(known[quota.training_unit_id], weights).places
        if not quota.override_reason:
            quota.places = quota.proposed
    Quota.objects.bulk_update(quotas, ["proposed", "places"])


def _officer(by: Acting) -> User:
    if by.role != Role.DEPT_OFFICER or by.user is None:
        raise NotYours(_("申报名额由教育厅经办下达。"))
    return by.user


def _not_published(round: Round, by: Acting) -> Round:
    """The round under its lock. Raises Refused once its quotas are out."""
    _officer(by)
    locked = Round.objects.select_for_update(no_key=True).get(pk=round.pk)
    if locked.quotas_published_on is not None:
        raise Refused(_already_out(locked))
    return locked


def _already_out(round: Round) -> str:
    return _("%(year)s 年度名额已于 %(day)s 下达，不再改动（第六条）。") % {
        "year": round.year,
        "day": round.quotas_published_on.isoformat() if round.quotas_published_on else "",
    }


def _check_places(places: int) -> None:
    if not LEAST <= places <= MOST:
        raise Refused(_("名额应在 %(least)s 至 %(most)s 个之间。") % {"least": LEAST, "most": MOST})


def _formula(round: Round) -> QuotaFormula:
    """The round's formula as the table holds it, not as the page's round may remember it."""
    return QuotaFormula.objects.filter(round=round).first() or QuotaFormula(round=round)


def _known(round: Round, quotas: Iterable[Quota]) -> dict[int, KnownFacts]:
    return known_facts(round.year, [quota.training_unit for quota in quotas])


def _kept(known: KnownFacts, weights: Weights) -> dict[str, Any]:
    """What is frozen with a published quota: facts, weights, the sum, and of which year the facts are."""
    return arithmetic(known, weights).as_json() | {"facts_year": known.year, "wanted_year": known.wanted}
