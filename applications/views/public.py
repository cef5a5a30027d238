from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from applications import queries
from applications.services import notices
from portal.access import EVERYONE, open_to
from portal.http import Request


@open_to(EVERYONE)
@require_safe
def notice_list(request: Request) -> HttpResponse:
    """Running and past notices, for everybody."""
    found = queries.notices(request.acting)
    only_running = request.GET.get("running") == "1"
    page = Paginator(queries.running(found, request.today) if only_running else found, 20).get_page(
        request.GET.get("page")
    )
    rows = [(notice, notice.is_running(request.today)) for notice in page]
    return render(
        request, "applications/notice_list.html", {"page_obj": page, "rows": rows, "only_running": only_running}
    )


@open_to(EVERYONE)
@require_safe
def notice_page(request: Request, pk: int) -> HttpResponse:
    """One notice: text, dates, list, how to object, and its official PDF."""
    notice = get_object_or_404(queries.notices(request.acting), pk=pk)
    context = {
        "notice": notice,
        "issuer": queries.issuer(notice),
        "paragraphs": notices.notice_paragraphs(notice),
        "entries": notice.entries.all(),
        "running": notice.is_running(request.today),
        "pdf_state": queries.pdf_state(notice),
    }
    return render(request, "applications/notice_page.html", context)


@open_to(EVERYONE)
@require_safe
def notice_pdf_state(request: Request, pk: int) -> HttpResponse:
    """The line that says whether the PDF is ready; the page asks again while it is not."""
    notice = get_object_or_404(queries.notices(request.acting), pk=pk)
    return render(request, "applications/_notice_pdf.html", {"notice": notice, "pdf_state": queries.pdf_state(notice)})
