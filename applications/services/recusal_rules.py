"""The hard rules of 回避 (第八条（三）), computed from data for whole matrices of experts and bases.

Experts are indexed by their organisations and names once, so that a base looks up only those whom it can concern.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from applications.models import RecusalRule
from applications.recusal import authors_of, is_organisation, plain, still_counts
from applications.services.recusal_bases import BaseFacts, facts_of
from applications.services.recusal_experts import Conflict, Experts, index_of
from bases.models import Base
from portal.models import User

__all__ = ["Concerned", "Conflict", "Findings", "Pair", "findings", "people_of"]

Pair = tuple[int, int]


@dataclass
class Findings:
    """By expert and base: what bars, the plainest rule alone and ``all`` of them, and what is only worth a look (a name alone)."""

    conflicts: dict[Pair, Conflict] = field(default_factory=dict)
    all: dict[Pair, list[Conflict]] = field(default_factory=lambda: defaultdict(list))
    hints: dict[Pair, list[str]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True)
class Concerned:
    """What one needs to know to see whether one is in conflict with a base."""

    unit: str
    partners: list[str]
    people: list[tuple[str, str]]
    years: int


def people_of(base: Base, on: date) -> Concerned:
    """Unit, partners and the people of a base by what they are there (names as written), with the look-back in years."""
    (facts,) = facts_of([base], on)
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
    index = index_of(experts, on)
    for base in facts_of(bases, on):
        for expert, conflict in _of_base(base, index, on, out.hints):
            out.conflicts.setdefault((expert, base.pk), conflict)
            out.all[expert, base.pk].append(conflict)
    for pair in out.conflicts:
        out.hints.pop(pair, None)
    return out


def _of_base(base: BaseFacts, index: Experts, on: date, hints: dict[Pair, list[str]]) -> Iterator[tuple[int, Conflict]]:
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


def _ties(base: BaseFacts, index: Experts, on: date) -> Iterator[tuple[int, Conflict]]:
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


def _listed(base: BaseFacts, index: Experts, hints: dict[Pair, list[str]]) -> Iterator[tuple[int, Conflict]]:
    for person in base.people:
        for expert in index.by_name.get(person.name, ()):
            if index.employers[expert] & person.employers:
                yield expert, Conflict(RecusalRule.LISTED, _("列为本基地%(post)s") % {"post": person.post})
            else:
                words = _("与本基地%(post)s同名，工作单位不同") % {"post": person.post}
                if words not in hints[expert, base.pk]:
                    hints[expert, base.pk].append(words)


def _related_to_people(
    base: BaseFacts, index: Experts, on: date, hints: dict[Pair, list[str]]
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
    base: BaseFacts, index: Experts, on: date, hints: dict[Pair, list[str]]
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
