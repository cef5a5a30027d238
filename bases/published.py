"""What everybody may know of bases: one home for the pages, the figures, the JSON and the map of the site.

A page for everybody is given a ``PublicBase``, never a row: what is not a field of it cannot be shown by mistake.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django.db.models import Max, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from bases import queries
from bases.industries import PRIORITY_INDUSTRIES
from bases.lifecycle import LIVING, State
from bases.models import Base, LifecycleEvent, OfficialDocument

ENDED = frozenset({State.REVOKED, State.WITHDRAWN})
# Where a recognised base stands, as the public asks: one word for a state and for the wait that follows it.
GROUPS: dict[str, tuple[Any, frozenset[str]]] = {
    "constructing": (_("建设中"), frozenset({State.CONSTRUCTING})),
    "assessing": (_("考核中"), frozenset({State.ASSESSING})),
    "demonstration": (_("示范基地"), frozenset({State.DEMONSTRATION})),
    "rectifying": (_("整改、复评中"), frozenset({State.RECTIFYING, State.REASSESSING})),
    "ended": (_("已撤销"), ENDED),
}
GROUP_OF = {state: group for group, (_label, states) in GROUPS.items() for state in states}
# Moves that a notice, a document or the regulation's own calendar makes known; the work between them is the offices' own.
PUBLIC_MOVES = (
    "publish_unit_notice", "publish_recognition_notice", "start_construction", "open_assessment", "grade_excellent",
    "grade_qualified", "grade_failed", "open_reassessment", "pass_reassessment", "revoke", "withdraw",
)  # fmt: skip
RECOGNISED_BY, ENDED_BY = "start_construction", ("revoke", "withdraw")
SORTS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "": (_("培养单位"), ("training_unit__code", "name", "pk")),
    "name": (_("基地名称"), ("name", "pk")),
    "-recognised": (_("最近认定的在前"), ("-construction_started_on", "name", "pk")),
    "recognised": (_("最早认定的在前"), ("construction_started_on", "name", "pk")),
    "ends": (_("建设期先到期的在前"), ("construction_ends_on", "name", "pk")),
}
LEAGUE_CODE = Coalesce("partner__division__parent__code", "partner__division__code")
LEAGUE_NAME = Coalesce("partner__division__parent__name", "partner__division__name")


def bases() -> QuerySet[Base]:
    """Every base that a document has recognised, living or ended: what is still being decided is not public."""
    milestones = LifecycleEvent.objects.filter(transition__in=[RECOGNISED_BY, *ENDED_BY]).select_related("document")
    return (
        Base.objects.filter(state__in=[*LIVING, *ENDED], construction_started_on__isnull=False)
        .alias(league_code=LEAGUE_CODE)
        .select_related("training_unit", "partner__division__parent", "category")
        .prefetch_related(Prefetch("events", queryset=milestones, to_attr="milestones"))
    )


# ---- how a list is narrowed down


@dataclass(frozen=True)
class Filters:
    """What a visitor asks for; empty for whatever they do not, or cannot, ask. Without ``state`` the ended ones are left out."""

    q: str = ""
    unit: str = ""
    partner: str = ""
    category: str = ""
    division: str = ""
    industry: str = ""
    year: str = ""
    state: str = ""
    title: str = ""
    sort: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Filters:
        """The filters out of an address; what has not their form is left out."""
        return cls(
            q=query.get("q", "").strip()[:60],
            partner=query.get("partner", "").strip()[:60],
            unit=_like(r"[0-9]{5}", query.get("unit", "")),
            category=_like(r"[0-9]{4}", query.get("category", "")),
            division=_like(r"[0-9]{6}", query.get("division", "")),
            year=_like(r"20[0-9]{2}", query.get("year", "")),
            title=_like(r"held|20[0-9]{2}", query.get("title", "")),
            industry=_known(query.get("industry", ""), {**dict(PRIORITY_INDUSTRIES), "any": "", "none": ""}),
            state=_known(query.get("state", ""), GROUPS),
            sort=_known(query.get("sort", ""), SORTS),
        )

    @property
    def chosen(self) -> dict[str, str]:
        """Those that are in force, as an address has them."""
        return {each.name: value for each in fields(self) if (value := getattr(self, each.name))}

    @property
    def narrowed(self) -> bool:
        """Whether anything but the order was asked for."""
        return bool(self.chosen.keys() - {"sort"})

    @property
    def more(self) -> bool:
        """Whether one of the rarer filters is in force."""
        return bool(self.chosen.keys() & {"partner", "division", "industry", "title", "sort"})


def _like(pattern: str, value: str) -> str:
    return value if re.fullmatch(pattern, value, re.ASCII) else ""


def _known(value: str, values: Mapping[str, Any]) -> str:
    return value if value in values else ""


def found(filters: Filters) -> QuerySet[Base]:
    """The public bases that a visitor asks for, in their order."""
    states = GROUPS[filters.state][1] if filters.state else LIVING
    return matching(filters).filter(state__in=states).order_by(*SORTS[filters.sort][1])


def matching(filters: Filters) -> QuerySet[Base]:
    """The public bases that fit every filter but the one of the state."""
    given = {
        "training_unit__code": filters.unit,
        "partner__name__icontains": filters.partner,
        "category__code": filters.category,
        "league_code": filters.division,
        "construction_started_on__year": filters.year,
    }
    wanted = Q(**{lookup: value for lookup, value in given.items() if value})
    if filters.industry:
        none = Q(priority_industry="")
        wanted &= {"any": ~none, "none": none}.get(filters.industry, Q(priority_industry=filters.industry))
    if filters.title:
        wanted &= ~Q(title_number="")
    if filters.title.isdigit():
        wanted &= Q(title_granted_on__year=filters.title)
    return queries.search(bases().filter(wanted), filters.q)


# ---- one base


@dataclass(frozen=True)
class PublicDocument:
    """A published document as everybody may cite it."""

    number: str
    title: str


@dataclass(frozen=True)
class PublicBase:
    """One base as everybody may know it; no person, no score, no reason."""

    pk: int
    name: str
    unit_code: str
    unit: str
    partner: str
    partner_kind: str
    category_code: str
    category: str
    field: str
    league_code: str
    league: str
    industry_key: str
    industry: str
    state: str
    state_label: str
    recognised_on: date | None
    recognised_by: PublicDocument | None
    ends_on: date | None
    title_number: str
    title_granted_on: date | None
    ended_on: date | None
    ended_by: PublicDocument | None

    @property
    def group(self) -> str:
        """The group of states by which lists and figures count it."""
        return GROUP_OF[self.state]


def show(base: Base) -> PublicBase:
    """What is public of a base out of ``bases()``."""
    milestones: dict[str, LifecycleEvent] = {event.transition: event for event in base.milestones}  # type: ignore[attr-defined]
    recognition = milestones.get(RECOGNISED_BY)
    end = next((milestones[name] for name in ENDED_BY if name in milestones), None)
    division = base.partner.division if base.partner else None
    league = (division.parent or division) if division else None
    return PublicBase(
        pk=base.pk,
        name=base.name,
        unit_code=base.training_unit.code,
        unit=base.training_unit.name,
        partner=base.partner.name if base.partner else "",
        partner_kind=base.partner.get_kind_display() if base.partner else "",
        category_code=base.category.code if base.category else "",
        category=base.category.name if base.category else "",
        field=base.field,
        league_code=league.code if league else "",
        league=league.name if league else "",
        industry_key=base.priority_industry,
        industry=str(base.get_priority_industry_display()) if base.priority_industry else "",
        state=base.state,
        state_label=base.state_label,
        recognised_on=base.construction_started_on,
        recognised_by=_cited(recognition),
        ends_on=base.construction_ends_on,
        title_number=base.title_number,
        title_granted_on=base.title_granted_on,
        ended_on=end.on if end else None,
        ended_by=_cited(end),
    )


def _cited(event: LifecycleEvent | None) -> PublicDocument | None:
    document = event.document if event else None
    return PublicDocument(document.number, document.title) if document else None


def history(pk: int) -> QuerySet[LifecycleEvent]:
    """The moves of a base that were made public, oldest first: day, act and document, nobody's name and no reason."""
    return (
        LifecycleEvent.objects.filter(base=pk, transition__in=PUBLIC_MOVES)
        .select_related("document")
        .only("base", "sequence", "transition", "on", "articles", "document__number", "document__title")
        .order_by("sequence")
    )


def documents(pk: int, on: date) -> QuerySet[OfficialDocument]:
    """The documents of a base that everybody may know: what the department has published, not what a unit wrote to it."""
    found = OfficialDocument.objects.filter(bases=pk, issuer_unit=None, is_public=True, published_on__lte=on)
    return found.select_related("pdf", "file")


def changes() -> QuerySet[Base]:
    """The public bases with the day of their last public move, ``changed_on``."""
    last = Max("events__on", filter=Q(events__transition__in=PUBLIC_MOVES))
    return bases().prefetch_related(None).annotate(changed_on=last).order_by("pk")
