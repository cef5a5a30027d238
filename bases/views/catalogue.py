from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bases.models import CategoryAuthorisation, DegreeCategory, Division
from bases.services.catalogue import Catalogue, is_military
from portal.access import EVERYONE, open_to
from portal.http import Request
from portal.roles import DEPARTMENT_BUSINESS, UNIT_ROLES, Role

SEES_UNITS = frozenset({*DEPARTMENT_BUSINESS, Role.SYSADMIN})


@dataclass(frozen=True)
class _Row:
    """A category as the page shows it: its old names, the units that are authorised in it, whether one's own is among them."""

    category: DegreeCategory
    olds: list[str]
    units: list[CategoryAuthorisation]
    own: bool
    military: bool


@open_to(EVERYONE, signed_in=True)
@require_safe
def catalogue(request: Request) -> HttpResponse:
    """The 67 专业学位类别 by 学科门类 with their old names and authorised units, and the 行政区划 (第六条, 第七条（一）)."""
    words = request.GET.get("q", "").strip()[:60]
    whole = Catalogue()
    found = whole.search(words)
    authorised = _authorisations()
    rows = [_row(category, authorised[category.pk], request) for category in found]
    context = {
        "q": words,
        "total": len(whole.categories),
        "found": len(found),
        "groups": [(name, list(each)) for name, each in groupby(rows, key=lambda row: row.category.discipline)],
        "renamed": whole.renamed(words),
        "sees_units": request.acting.role in SEES_UNITS,
        "has_unit": request.acting.role in UNIT_ROLES,
        "leagues": _leagues(),
    }
    return render(request, "bases/catalogue.html", context)


def _authorisations() -> dict[int, list[CategoryAuthorisation]]:
    by_category: dict[int, list[CategoryAuthorisation]] = defaultdict(list)
    entries = CategoryAuthorisation.objects.select_related("training_unit").order_by("training_unit__code")
    for entry in entries:
        by_category[entry.category_id].append(entry)
    return by_category


def _row(category: DegreeCategory, units: list[CategoryAuthorisation], request: Request) -> _Row:
    unit_id = request.acting.unit_id
    return _Row(
        category=category,
        olds=[str(alias) for alias in category.aliases.all()],
        units=units,
        own=unit_id is not None and any(entry.training_unit_id == unit_id for entry in units),
        military=is_military(category),
    )


def _leagues() -> list[dict[str, Any]]:
    below: dict[int, list[Division]] = defaultdict(list)
    leagues = []
    for division in Division.objects.order_by("code"):
        if division.parent_id is None:
            leagues.append(division)
        else:
            below[division.parent_id].append(division)
    return [{"league": league, "below": below[league.pk]} for league in leagues]
