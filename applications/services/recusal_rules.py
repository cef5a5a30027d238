"""The hard rules of 回避 (第八条（三）), computed from data for whole matrices of experts and bases.

Experts are indexed by their organisations and names once, so that a base looks up only those whom it can concern.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from applications.models import (
    Application,
    ApplicationBasics,
    AvoidedExpert,
    CampusMentor,
    ExpertProfile,
    ExpertRelation,
    IndustryMentor,
    OtherPartner,
    PartnerProfile,
    PriorResult,
    RecusalRule,
)
from applications.recusal import authors_of, is_organisation, plain, still_counts
from bases.lifecycle import State
from bases.models import Base, Membership, Policy
from portal.models import User
from portal.roles import DEPARTMENT_BUSINESS

Kind = ExpertRelation.Kind
# Between persons, not with their organisations, and never past (亲属、师生).
_PERSONAL = frozenset({Kind.FAMILY, Kind.TEACHER_STUDENT})


@dataclass(frozen=True)
class Conflict:
    """Why an expert must not score a base: the rule's key, stored with the recusal, and the reason in Chinese."""

    rule: str
    reason: str


Pair = tuple[int, int]


@dataclass
class Findings:
    """By expert and base: what bars, the plainest rule alone and ``all`` of them, and what is only worth a look (a name alone)."""

    conflicts: dict[Pair, Conflict] = field(default_factory=dict)
    all: dict[Pair, list[Conflict]] = field(default_factory=lambda: defaultdict(list))
    hints: dict[Pair, list[str]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True)
class _Tie:
    """What ties an expert to an organisation or person; ``ended_on`` None goes on, ``for_life`` never lapses."""

    expert: int
    rule: str
    words: str
    ended_on: date | None = None
    for_life: bool = False

    def counts(self, years: int, on: date) -> bool:
        return self.for_life or self.ended_on is None or still_counts(self.ended_on, years, on)

    def said_of(self, side: str, name: str, years: int) -> Conflict:
        told = {"side": side, "name": name, "years": years, "day": self.ended_on.isoformat() if self.ended_on else ""}
        return Conflict(self.rule, self.words % told)


@dataclass(frozen=True)
class _Person:
    """Somebody of a base: what they are there, and the organisations (plain) for which they stand."""

    name: str
    post: str
    employers: frozenset[str]
    written: str


@dataclass
class _Experts:
    """The experts by what a base can ask for."""

    keys: set[int]
    units: dict[int, list[_Tie]] = field(default_factory=lambda: defaultdict(list))
    partners: dict[int, list[_Tie]] = field(default_factory=lambda: defaultdict(list))
    organisations: dict[str, list[_Tie]] = field(default_factory=lambda: defaultdict(list))
    # Relations to a person, with the organisation that was named with them (plain, or empty).
    persons: dict[str, list[tuple[_Tie, str]]] = field(default_factory=lambda: defaultdict(list))
    by_name: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    employers: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    deciding: list[int] = field(default_factory=list)


def _index(experts: Iterable[User], on: date) -> _Experts:
    users = {user.pk: user for user in experts}
    index = _Experts(set(users))
    names: dict[int, set[str]] = {key: {plain(user.full_name)} for key, user in users.items()}
    profiles = ExpertProfile.objects.filter(user__in=users).select_related("training_unit", "partner_unit")
    for profile in profiles:
        key = profile.user_id or 0
        names[key].add(plain(profile.name))
        index.employers[key].update(
            plain(str(each)) for each in (profile.employer, profile.training_unit, profile.partner_unit) if each
        )
        of_unit = _Tie(key, RecusalRule.SAME_UNIT, _("与申报单位同属一个单位"))
        of_partner = _Tie(key, RecusalRule.SAME_PARTNER, _("在%(side)s任职"))
        if profile.training_unit_id:
            index.units[profile.training_unit_id].append(of_unit)
        if profile.partner_unit_id:
            index.partners[profile.partner_unit_id].append(of_partner)
        # Whose name it is, a unit's or a partner's, is known only when it is met.
        index.organisations[plain(profile.employer)].extend((of_unit, of_partner))
    for key, own in names.items():
        for name in own - {""}:
            index.by_name[name].append(key)
    _index_memberships(index)
    _index_relations(index)
    return index


def _index_memberships(index: _Experts) -> None:
    held = Membership.objects.filter(user__in=index.keys).order_by("withdrawn_at", "pk").values_list(
        "user_id", "role", "training_unit_id", "partner_unit_id", "training_unit__name", "partner_unit__name",
        "withdrawn_at",
    )  # fmt: skip
    for user, role, unit_id, partner_id, unit, partner, withdrawn_at in sorted(
        held, key=lambda row: row[6] is not None
    ):
        ended = timezone.localdate(withdrawn_at) if withdrawn_at else None
        words = _("%(day)s 之前在%(side)s任职，未满 %(years)s 年") if ended else _("在%(side)s任职")
        if unit_id:
            index.units[unit_id].append(_Tie(user, RecusalRule.SAME_UNIT, words, ended))
        if partner_id:
            index.partners[partner_id].append(_Tie(user, RecusalRule.SAME_PARTNER, words, ended))
        if ended is None and (unit or partner):
            index.employers[user].add(plain(unit or partner))
        if ended is None and role in DEPARTMENT_BUSINESS:
            index.deciding.append(user)


def _index_relations(index: _Experts) -> None:
    related = ExpertRelation.objects.filter(profile__user__in=index.keys).select_related(
        "profile", "training_unit", "partner_unit"
    )
    for relation in related.order_by("pk"):
        tie = _Tie(
            relation.profile.user_id or 0,
            RecusalRule.RELATION,
            _relation_words(relation),
            relation.ended_on,
            relation.kind in _PERSONAL,
        )
        named = relation.training_unit or relation.partner_unit or relation.organisation
        if relation.person:
            index.persons[plain(relation.person)].append((tie, plain(str(named or ""))))
            if relation.kind in _PERSONAL:
                continue
        if relation.training_unit_id:
            index.units[relation.training_unit_id].append(tie)
        if relation.partner_unit_id:
            index.partners[relation.partner_unit_id].append(tie)
        if relation.organisation:
            index.organisations[plain(relation.organisation)].append(tie)


def _relation_words(relation: ExpertRelation) -> str:
    """The relation with its years; side and name of the other are filled in where it is met."""
    began, ended = relation.began_on, relation.ended_on
    if relation.kind in _PERSONAL:
        when = ""
    elif began:
        last = _("%(year)s 年") % {"year": ended.year} if ended else _("今")
        when = _("%(from)s 年至%(to)s") % {"from": began.year, "to": last}
    else:
        when = _("至 %(year)s 年") % {"year": ended.year} if ended else ""
    words = {
        Kind.EMPLOYMENT: _("%(when)s在{side}{name}任职"),
        Kind.PART_TIME: _("%(when)s在{side}{name}任兼职或顾问"),
        Kind.JOINT_RESULT: _("%(when)s与{side}{name}有合作成果"),
        Kind.JOINT_PROJECT: _("%(when)s与{side}{name}有合作项目"),
        Kind.FAMILY: _("%(when)s与{side}{name}有亲属关系"),
        Kind.TEACHER_STUDENT: _("%(when)s与{side}{name}有师生关系"),
        Kind.OTHER: _("%(when)s与{side}{name}有其他利害关系"),
    }[Kind(relation.kind)]
    return (words % {"when": when}).replace("%", "%%").replace("{side}", "%(side)s").replace("{name}", "%(name)s")


@dataclass
class _BaseFacts:
    """What the rules ask of one base."""

    pk: int
    unit_id: int
    unit: str
    applicants: list[tuple[int, str]]
    years: int
    partners: dict[int, str] = field(default_factory=dict)
    people: list[_Person] = field(default_factory=list)
    results: list[tuple[str, str, int | None]] = field(default_factory=list)
    avoided: list[tuple[str, str]] = field(default_factory=list)


def _facts(bases: Iterable[Base], on: date) -> Iterator[_BaseFacts]:
    """The bases with what their newest application says; the queries do not grow with them."""
    found: dict[int, _BaseFacts] = {}
    current, states = Policy.in_force(on).recusal_years, {}
    rows = Base.objects.filter(pk__in={base.pk for base in bases}).values_list(
        "pk", "state", "training_unit_id", "training_unit__name", "partner_id", "partner__name", "applicant_id",
        "applicant__full_name",
    )  # fmt: skip
    for pk, state, unit_id, unit, partner_id, partner, applicant, name in rows.order_by("pk"):
        found[pk] = _BaseFacts(pk, unit_id, unit, [(applicant, name)], current)
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
    _say_what_is_written(found, {application: base for base, application in newest.items()}, all_of)
    yield from found.values()


def _say_what_is_written(found: dict[int, _BaseFacts], of: dict[int, int], all_of: dict[int, int]) -> None:
    """Fill in partners, people, results and the experts to avoid; ``of`` and ``all_of`` name the base of an application."""

    def rows(model: Any, *fields: str, every: bool = False) -> Iterator[tuple[_BaseFacts, Any]]:
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
    for base, result in rows(PriorResult, "name", "authors", "year", every=True):
        base.results.append(tuple(result))
    for base, avoided in rows(AvoidedExpert, "name", "employer"):
        base.avoided.append(tuple(avoided))


def _names(partners: dict[int, str]) -> frozenset[str]:
    return frozenset(plain(name) for name in partners.values())


def _add(base: _BaseFacts, name: str, post: str, employers: frozenset[str]) -> None:
    if plain(name):
        base.people.append(_Person(plain(name), post, employers, name))


@dataclass(frozen=True)
class Concerned:
    """What one needs to know to see whether one is in conflict with a base."""

    unit: str
    partners: list[str]
    people: list[tuple[str, str]]
    years: int


def people_of(base: Base, on: date) -> Concerned:
    """Unit, partners and the people of a base by what they are there (names as written), with the look-back in years."""
    (facts,) = _facts([base], on)
    people: dict[str, list[str]] = {}
    for person in facts.people:
        if person.written not in people.setdefault(person.post, []):
            people[person.post].append(person.written)
    named = [(post, "、".join(names)) for post, names in people.items()]
    return Concerned(facts.unit, list(facts.partners.values()), named, facts.years)


def findings(experts: Iterable[User], bases: Iterable[Base], on: date) -> Findings:
    """Who of these must not score which of these bases on a day, and which equal names are worth a look.

    The number of queries does not depend on how many experts and bases there are.
    """
    out, bases, experts = Findings(), list(bases), list(experts)
    if not bases or not experts:
        return out
    index = _index(experts, on)
    for base in _facts(bases, on):
        for expert, conflict in _of_base(base, index, on, out.hints):
            out.conflicts.setdefault((expert, base.pk), conflict)
            out.all[expert, base.pk].append(conflict)
    for pair in out.conflicts:
        out.hints.pop(pair, None)
    return out


def _of_base(
    base: _BaseFacts, index: _Experts, on: date, hints: dict[Pair, list[str]]
) -> Iterator[tuple[int, Conflict]]:
    """The conflicts with one base, the plainest rule first."""
    for position, (key, _name) in enumerate(base.applicants):
        if key in index.keys:
            words = _("是本基地共同填报人") if position else _("是本基地申报人")
            yield key, Conflict(RecusalRule.APPLICANT, words)
    ties = list(_ties(base, index, on))
    relations = [each for each in ties if each[1].rule == RecusalRule.RELATION]
    yield from (each for each in ties if each[1].rule != RecusalRule.RELATION)
    for expert in index.deciding:
        yield expert, Conflict(RecusalRule.DEPARTMENT, _("在教育厅承办审核审批"))
    yield from _listed(base, index, hints)
    yield from relations
    yield from _related_to_people(base, index, on, hints)
    yield from _joint_results(base, index, on, hints)
    for name, employer in base.avoided:
        for expert in index.by_name.get(plain(name), ()):
            if plain(employer) in index.employers[expert]:
                yield expert, Conflict(RecusalRule.AVOIDED, _("申报人申请回避"))
            else:
                hints[expert, base.pk].append(_("与申报人申请回避的%(name)s同名，工作单位不同") % {"name": name})


def _ties(base: _BaseFacts, index: _Experts, on: date) -> Iterator[tuple[int, Conflict]]:
    """By organisation: the unit, the partner, the other partners."""
    sides = [(index.units.get(base.unit_id, ()), _("申报单位"), base.unit, RecusalRule.SAME_PARTNER)]
    for position, (key, name) in enumerate(base.partners.items()):
        side = _("其他合作单位") if position else _("合作单位")
        sides.append((index.partners.get(key, ()), side, name, RecusalRule.SAME_UNIT))
    for ties, side, name, not_here in sides:
        by_name = (tie for tie in index.organisations.get(plain(name), ()) if tie.rule != not_here)
        for tie in (*ties, *by_name):
            if tie.counts(base.years, on):
                yield tie.expert, tie.said_of(side, name, base.years)


def _listed(base: _BaseFacts, index: _Experts, hints: dict[Pair, list[str]]) -> Iterator[tuple[int, Conflict]]:
    for person in base.people:
        for expert in index.by_name.get(person.name, ()):
            if index.employers[expert] & person.employers:
                yield expert, Conflict(RecusalRule.LISTED, _("列为本基地%(post)s") % {"post": person.post})
            else:
                words = _("与本基地%(post)s同名，工作单位不同") % {"post": person.post}
                if words not in hints[expert, base.pk]:
                    hints[expert, base.pk].append(words)


def _related_to_people(
    base: _BaseFacts, index: _Experts, on: date, hints: dict[Pair, list[str]]
) -> Iterator[tuple[int, Conflict]]:
    for person in base.people:
        for tie, organisation in index.persons.get(person.name, ()):
            if not tie.counts(base.years, on):
                continue
            conflict = tie.said_of(_("本基地%(post)s") % {"post": person.post}, person.name, base.years)
            if not organisation or organisation in person.employers:
                yield tie.expert, conflict
            else:
                hints[tie.expert, base.pk].append(_("%(why)s（登记的工作单位不同）") % {"why": conflict.reason})


def _joint_results(
    base: _BaseFacts, index: _Experts, on: date, hints: dict[Pair, list[str]]
) -> Iterator[tuple[int, Conflict]]:
    """A name among the 完成人 is the expert's when their employer stands beside it, or when people of the base stand beside them."""
    own = {person.name for person in base.people}
    for title, text, year in base.results:
        if year is not None and not still_counts(date(year, 12, 31), base.years, on):
            continue
        authors = authors_of(text)
        for name, note in authors:
            for expert in index.by_name.get(name, ()):
                if is_organisation(note) and note not in index.employers[expert]:
                    continue
                beside = any(other in own and other != name for other, _note in authors)
                words = _("与本基地有合作成果《%(title)s》") % {"title": title}
                if year is not None:
                    words = _("%(words)s（%(year)s 年）") % {"words": words, "year": year}
                if beside or note in index.employers[expert]:
                    yield expert, Conflict(RecusalRule.JOINT_RESULT, words)
                else:
                    hints[expert, base.pk].append(_("与成果《%(title)s》的完成人同名") % {"title": title})
