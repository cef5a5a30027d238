from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from applications import queries
from applications.content import differences
from applications.services.declaring import versions_for
from portal.access import open_to
from portal.http import Request, whole_number
from portal.roles import DEPARTMENT_BUSINESS, UNIT_ROLES

PAGE_SIZE = 200


@open_to(UNIT_ROLES, DEPARTMENT_BUSINESS)
@require_safe
def versions(request: Request, pk: int) -> HttpResponse:
    """The declared versions of an application, and what differs between two of them, side by side."""
    application = get_object_or_404(queries.visible_applications(request.acting), pk=pk)
    after = whole_number(request.GET.get("to", ""), 4)
    newest = queries.read(application, request.acting, request.today, whole=not after)
    if newest is None:
        raise Http404
    declared = list(versions_for(application))
    numbers = [each.number for each in declared]
    is_newest = not after or (newest.version is not None and newest.version.number == after)
    later = newest if is_newest else queries.read(application, request.acting, request.today, after)
    last = later.version.number if later and later.version else max(numbers, default=0) + 1
    before = whole_number(request.GET.get("from", ""), 4) or max((n for n in numbers if n < last), default=0)
    earlier = queries.read(application, request.acting, request.today, before) if before else None
    if later is None or (before and earlier is None):
        raise Http404
    found = differences(earlier.content, later.content) if earlier else []
    context = {
        "application": application,
        "versions": declared,
        "draft": newest.version is None,
        "earlier": earlier,
        "later": later,
        "page_obj": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "applications/versions.html", context)
