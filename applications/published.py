"""What everybody may know of notices: one home for the pages, the Atom feed, the JSON and the map of the site."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from applications import queries
from applications.models import NoticeEntry, PublicNotice
from bases import published as published_bases
from portal.acting import Acting

STATES: dict[str, Any] = {"running": _("公示中"), "ended": _("已结束"), "withdrawn": _("已撤回")}
DEPARTMENT = "department"


@dataclass(frozen=True)
class Filters:
    """What a visitor asks for; empty for whatever they do not, or cannot, ask."""

    q: str = ""
    state: str = ""
    kind: str = ""
    issuer: str = ""
    year: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Filters:
        """The filters out of an address; what has not their form is left out. ``running=1`` is an older word for ``state=running``."""
        state, kind = query.get("state", ""), query.get("kind", "")
        issuer, year = query.get("issuer", ""), query.get("year", "")
        return cls(
            q=query.get("q", "").strip()[:60],
            state="running" if query.get("running") == "1" else state if state in STATES else "",
            kind=kind if kind in PublicNotice.Kind.values else "",
            issuer=issuer if issuer == DEPARTMENT or re.fullmatch(r"[0-9]{5}", issuer, re.ASCII) else "",
            year=year if re.fullmatch(r"20[0-9]{2}", year, re.ASCII) else "",
        )

    @property
    def chosen(self) -> dict[str, str]:
        """Those that are in force, as an address has them."""
        return {each.name: value for each in fields(self) if (value := getattr(self, each.name))}


def found(filters: Filters, acting: Acting, on: date) -> QuerySet[PublicNotice]:
    """The public notices that a visitor asks for, the newest first; the words are looked for in titles and lists."""
    notices = queries.notices(acting)
    if filters.state:
        notices = _in_state(notices, filters.state, on)
    if filters.kind:
        notices = notices.filter(kind=filters.kind)
    if filters.issuer:
        wanted = None if filters.issuer == DEPARTMENT else filters.issuer
        notices = notices.filter(issuer_unit__code=wanted) if wanted else notices.filter(issuer_unit=None)
    if filters.year:
        notices = notices.filter(published_on__year=filters.year)
    for word in filters.q.split():
        named = Q(base_name__icontains=word) | Q(unit_name__icontains=word) | Q(partner_name__icontains=word)
        listed = NoticeEntry.objects.filter(named)
        notices = notices.filter(Q(title__icontains=word) | Q(pk__in=listed.values("notice")))
    return notices


def _in_state(notices: QuerySet[PublicNotice], state: str, on: date) -> QuerySet[PublicNotice]:
    withdrawn = Q(state=PublicNotice.State.WITHDRAWN)
    if state == "running":
        return queries.running(notices, on)
    return notices.filter(withdrawn) if state == "withdrawn" else notices.filter(~withdrawn, ends_on__lt=on)


@dataclass(frozen=True)
class Choices:
    """What the list of notices can be narrowed down to."""

    kinds: list[tuple[str, str]]
    issuers: list[tuple[str, str]]
    years: list[int]


def choices(acting: Acting) -> Choices:
    """The kinds, issuing units and years that public notices have; one query."""
    rows = set(
        queries.notices(acting)
        .order_by()
        .values_list("kind", "issuer_unit__code", "issuer_unit__name", "published_on__year")
    )
    kinds = {kind for kind, *_rest in rows}
    return Choices(
        kinds=[(value, str(label)) for value, label in PublicNotice.Kind.choices if value in kinds],
        issuers=sorted({(code, name) for _kind, code, name, _year in rows if code}),
        years=sorted({year for *_rest, year in rows}, reverse=True),
    )


def state_of(notice: PublicNotice, on: date) -> str:
    """Where a notice stands for the public: one of ``STATES``."""
    if notice.state == PublicNotice.State.WITHDRAWN:
        return "withdrawn"
    return "running" if notice.is_running(on) else "ended"


def with_page(entries: Iterable[NoticeEntry]) -> set[int]:
    """Keys of the bases on a list that have been recognised since and so have a page of their own."""
    return set(
        published_bases.bases()
        .prefetch_related(None)
        .filter(pk__in=[entry.base_id for entry in entries])
        .values_list("pk", flat=True)
    )


def notices_of(base_pk: int, acting: Acting) -> QuerySet[PublicNotice]:
    """The public notices on whose list a base stood, the newest first."""
    return queries.notices(acting).filter(pk__in=NoticeEntry.objects.filter(base=base_pk).values("notice"))
