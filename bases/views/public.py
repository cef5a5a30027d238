from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from bases import lifeline, opendata, published, sections
from bases.figures import statistics
from bases.models import Base
from portal.access import EVERYONE, open_to
from portal.caching import public_data, public_page
from portal.http import Request, absolute, site_root
from portal.opendata import answer, pages

PAGE_SIZE = 25


@open_to(EVERYONE)
@require_safe
@public_page
def bases(request: Request) -> HttpResponse:
    """Recognised bases, for everybody; the ended ones on a list of their own."""
    filters = published.Filters.of(request.GET)
    page = Paginator(published.found(filters), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": [published.show(base) for base in page],
        "filters": filters,
        "groups": [(key, label) for key, (label, _states) in published.GROUPS.items()],
        "sorts": [(key, label) for key, (label, _order) in published.SORTS.items()],
        "choices": {table.filter: table.rows for table in statistics(published.Filters(state=filters.state)).tables},
    }
    return render(request, "bases/public_bases.html", context)


@open_to(EVERYONE)
@require_safe
@public_page
def base(request: Request, pk: int) -> HttpResponse:
    """What is public of one base: no persons, no scores, no reasons."""
    found = get_object_or_404(published.bases(), pk=pk)
    context = {
        "base": published.show(found),
        "stages": lifeline.public_stages(found),
        "events": published.history(pk),
        "documents": published.documents(pk, request.today),
        "sections": sections.for_public_base(pk, request.acting, request.today),
    }
    return render(request, "bases/public_base.html", context)


@open_to(EVERYONE)
@require_safe
@public_page
def figures(request: Request) -> HttpResponse:
    """Recognised bases in figures, each leading to the bases that it counts."""
    return render(request, "bases/public_statistics.html", {"statistics": statistics(published.Filters())})


@open_to(EVERYONE)
@require_safe
@public_data
def bases_json(request: Request) -> HttpResponse:
    """The list of recognised bases for programs."""
    filters, root = published.Filters.of(request.GET), site_root()

    def write(page: Sequence[Base]) -> list[dict[str, Any]]:
        return [
            opendata.record(published.show(base), absolute(root, reverse("public-base", args=[base.pk])))
            for base in page
        ]

    return pages(request, published.found(filters), write, filters.chosen, root)


@open_to(EVERYONE)
@require_safe
@public_data
def statistics_json(request: Request) -> HttpResponse:
    """The figures for programs."""
    filters = published.Filters.of(request.GET)
    return answer({"filters": filters.chosen, **opendata.figures(statistics(filters))})
