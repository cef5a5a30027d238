from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agreements import queries, training
from bases.queries import search
from portal import navigation
from portal.access import open_to
from portal.http import Request

PAGE = 25


@open_to(training.TRAINING_ROLES)
@require_safe
def overview(request: Request) -> HttpResponse:
    """Every base that one may see since its recognition, with a word on each area of the cooperation."""
    words = request.GET.get("q", "").strip()[:60]
    found = search(queries.training_bases(request.acting), words).order_by("name", "pk")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    areas, bases = training.areas(), list(page.object_list)
    standings = [(area, area.standing(bases, request.acting, request.today)) for area in areas]
    rows = [(base, [(area, standing.get(base.pk)) for area, standing in standings]) for base in bases]
    context = {
        "page_obj": page, "rows": rows, "areas": areas, "q": words,
        "shortcuts": navigation.shortcuts("training", request.acting.role),
    }  # fmt: skip
    return render(request, "agreements/training.html", context)
