"""What the rules of 回避 ask of bases (第八条（三）): unit, partners, people, results and whom the applicant asks not to have."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from agreements.models import Result
from applications.models import (
    Application,
    ApplicationBasics,
    AvoidedExpert,
    CampusMentor,
    IndustryMentor,
    OtherPartner,
    PartnerProfile,
    PriorResult,
)
from applications.recusal import plain, still_counts
from applications.services.recusal_lists import people_since_recognition
from bases.lifecycle import State
from bases.models import Base, Policy


@dataclass(frozen=True)
class Person:
    """Somebody of a base: what they are there, and the organisations (plain) for which they stand."""

    name: str
    post: str
    employers: frozenset[str]
    written: str


@dataclass
class BaseFacts:
    """What the rules ask of one base."""

    pk: int
    unit_id: int
    unit: str
    applicants: list[tuple[int, str]]
    years: int
    partners: dict[int, str] = field(default_factory=dict)
    people: list[Person] = field(default_factory=list)
    results: list[tuple[str, str, int | None]] = field(default_factory=list)
    avoided: list[tuple[str, str]] = field(default_factory=list)


def facts_of(bases: Iterable[Base], on: date) -> Iterator[BaseFacts]:
    """The bases with what their newest application says; the queries do not grow with them."""
    found: dict[int, BaseFacts] = {}
    current, states = Policy.in_force(on).recusal_years, {}
    rows = Base.objects.filter(pk__in={base.pk for base in bases}).values_list(
        "pk", "state", "training_unit_id", "training_unit__name", "partner_id", "partner__name", "applicant_id",
        "applicant__full_name",
    )  # fmt: skip
    for pk, state, unit_id, unit, partner_id, partner, applicant, name in rows.order_by("pk"):
        found[pk] = BaseFacts(pk, unit_id, unit, [(applicant, name)], current)
        states[pk] = state
        if partner_id:
            found[pk].partners[partner_id] = partner
    others = Base.co_applicants.through.objects.filter(base__in=found)
    for pk, user, name in others.order_by("pk").values_list("base_id", "user_id", "user__full_name"):
        found[pk].applicants.append((user, name))
    newest: dict[int, int] = {}
    applications = Application.objects.filter(base__in=found).order_by("base", "round__year")
    all_of = {}
    for pk, base, years, partner_id, partner in applications.values_list(
        "pk", "base_id", "round__policy__recusal_years", "partner_id", "partner__name"
    ):
        all_of[pk], newest[base] = base, pk
        if states[base] not in {State.ASSESSING, State.REASSESSING}:
            found[base].years = years
        if partner_id:
            found[base].partners.setdefault(partner_id, partner)
    _say_what_is_written(found, {application: base for base, application in newest.items()}, all_of, on)
    yield from found.values()


def _say_what_is_written(found: dict[int, BaseFacts], of: dict[int, int], all_of: dict[int, int], on: date) -> None:
    """Fill in partners, people, results and the experts to avoid; ``of`` and ``all_of`` name the base of an application."""

    def rows(model: Any, *fields: str, every: bool = False) -> Iterator[tuple[BaseFacts, Any]]:
        which = all_of if every else of
        for application, *values in (
            model.objects.filter(application__in=which).order_by("pk").values_list("application_id", *fields)
        ):
            yield found[which[application]], values

    for base in found.values():
        for _key, name in base.applicants:
            _add(base, name, _("申报人"), frozenset({plain(base.unit)}))
    for base, (partner_id, partner) in rows(OtherPartner, "partner_id", "partner__name"):
        if partner_id:
            base.partners.setdefault(partner_id, partner)
    leaders = ("unit_leader_name", "partner_leader_name", "contact_name", "partner_office_head")
    for base, (of_unit, of_partner, contact, head) in rows(ApplicationBasics, *leaders):
        unit, partners = frozenset({plain(base.unit)}), _names(base.partners)
        _add(base, of_unit, _("校方负责人"), unit)
        _add(base, of_partner, _("合作方负责人"), partners)
        _add(base, contact, _("联系人"), unit | partners)
        _add(base, head, _("合作方专人"), partners)
    for base, (name,) in rows(PartnerProfile, "legal_representative"):
        _add(base, name, _("合作单位法定代表人"), _names(base.partners))
    for base, (name,) in rows(CampusMentor, "name"):
        _add(base, name, _("校内导师"), frozenset({plain(base.unit)}))
    for base, (name, employer) in rows(IndustryMentor, "name", "employer"):
        _add(base, name, _("行业产业导师"), _names(base.partners) | ({plain(employer)} - {""}))
    _say_who_cooperates(found, on)
    for base, result in rows(PriorResult, "name", "authors", "year", every=True):
        base.results.append(tuple(result))
    _say_what_came_of_it(found)
    for base, avoided in rows(AvoidedExpert, "name", "employer"):
        base.avoided.append(tuple(avoided))


def _say_who_cooperates(found: dict[int, BaseFacts], on: date) -> None:
    """Fill in mentors and committee of the base itself, but for whom the application has named as that already."""
    for listed in people_since_recognition(found):
        base = found[listed.base]
        if listed.last is None or listed.last >= on or still_counts(listed.last, base.years, on):
            own = frozenset({plain(base.unit)}) if listed.of_unit else _names(base.partners)
            employers = own | ({plain(listed.elsewhere)} - {""})
            same = (each for each in base.people if (each.name, each.post) == (plain(listed.name), listed.post))
            if not any(each.employers >= employers for each in same):
                _add(base, listed.name, listed.post, employers)


def _say_what_came_of_it(found: dict[int, BaseFacts]) -> None:
    """Fill in the results since the recognition, their authors written as the applications write them; two queries."""
    results = Result.objects.filter(base__in=found).exclude(status=Result.Status.VOID).prefetch_related("authors")
    for result in results.order_by("pk"):
        signed = [f"{each.name}（{each.employer}）" if each.employer else each.name for each in result.authors.all()]
        found[result.base_id].results.append((result.title, "、".join(signed), result.achieved_on.year))


def _names(partners: dict[int, str]) -> frozenset[str]:
    return frozenset(plain(name) for name in partners.values())


def _add(base: BaseFacts, name: str, post: str, employers: frozenset[str]) -> None:
    if plain(name):
        base.people.append(Person(plain(name), post, employers, name))
