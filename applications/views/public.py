from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from applications import opendata, published, queries
from applications.feeds import NoticeFeed
from applications.services import notice_kinds, notices
from portal.access import EVERYONE, open_to
from portal.caching import public_data, public_page
from portal.http import Request, site_root
from portal.opendata import pages

PAGE_SIZE = 20


@open_to(EVERYONE)
@require_safe
@public_page
def notice_list(request: Request) -> HttpResponse:
    """Running and past notices, for everybody."""
    filters = published.Filters.of(request.GET)
    found = published.found(filters, request.acting, request.today)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": [(notice, notice.is_running(request.today)) for notice in page],
        "filters": filters,
        "states": list(published.STATES.items()),
        "choices": published.choices(request.acting),
        "department": published.DEPARTMENT,
    }
    return render(request, "applications/notice_list.html", context)


@open_to(EVERYONE)
@require_safe
@public_page
def notice_page(request: Request, pk: int) -> HttpResponse:
    """One notice: text, dates, list, how to object, and its official PDF."""
    notice = get_object_or_404(queries.notices(request.acting), pk=pk)
    entries = list(notice.entries.all())
    pdf_state = queries.pdf_state(notice)
    context = {
        "notice": notice,
        "rules": notice_kinds.get(notice.kind),
        "issuer": queries.issuer(notice),
        "paragraphs": notices.notice_paragraphs(notice),
        "entries": entries,
        "with_page": published.with_page(entries),
        "running": notice.is_running(request.today),
        "pdf_state": pdf_state,
    }
    response = render(request, "applications/notice_page.html", context)
    if pdf_state != "ready":  # in a moment the page says something else
        response["Cache-Control"] = "no-cache"
    return response


@open_to(EVERYONE)
@require_safe
def notice_pdf_state(request: Request, pk: int) -> HttpResponse:
    """The line that says whether the PDF is ready; the page asks again while it is not."""
    notice = get_object_or_404(queries.notices(request.acting), pk=pk)
    return render(request, "applications/_notice_pdf.html", {"notice": notice, "pdf_state": queries.pdf_state(notice)})


@open_to(EVERYONE)
@require_safe
@public_data
def notice_feed(request: Request) -> HttpResponse:
    """The newest notices in Atom."""
    return NoticeFeed()(request)


@open_to(EVERYONE)
@require_safe
@public_data
def notices_json(request: Request) -> HttpResponse:
    """The notices for programs."""
    filters, root = published.Filters.of(request.GET), site_root()
    found = published.found(filters, request.acting, request.today)
    return pages(request, found, opendata.writer(root, request.today), filters.chosen, root)
