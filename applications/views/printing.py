from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from applications import queries
from applications.models import Application, ApplicationVersion, PrintedApplication
from applications.printing import MARK_LENGTH
from applications.services import printing
from portal import progress
from portal.access import open_to
from portal.http import Request, whole_number
from portal.roles import DEPARTMENT_BUSINESS, UNIT_ROLES

# The paper names people with their telephone numbers: it is for those who read these on the screen too.
READERS = frozenset({*UNIT_ROLES, *DEPARTMENT_BUSINESS})


@open_to(READERS)
@require_http_methods(["GET", "POST"])
def application_print(request: Request, pk: int) -> HttpResponse:
    """The 申请书 as PDF and Word: ask for them, see them come, look at them, and learn whether they still fit."""
    application = get_object_or_404(queries.visible_applications(request.acting), pk=pk)
    if request.method == "POST":
        # What is asked for is read where it is asked for: here only whether it is the draft or a version.
        version = _reading(request, application, whole=False).version
        printing.ask(application=application, version=version, by=request.acting, on=request.today)
        return redirect(_address(application, version))
    reading = _reading(request, application)
    version, sha256 = reading.version, _fingerprint(reading)
    printed = printing.newest(application, version, sha256)
    return render(request, "applications/application_print.html", _context(application, version, printed, sha256))


@open_to(READERS)
@require_safe
def application_print_state(request: Request, pk: int, print_pk: int) -> HttpResponse:
    """The part of the page that shows how far the files are; the page asks again while they are not there."""
    application = get_object_or_404(queries.visible_applications(request.acting), pk=pk)
    printed = get_object_or_404(queries.visible_prints(request.acting), application=application, pk=print_pk)
    # Reading a whole draft takes longer than asking for its progress: only what is made can fit or not.
    sha256 = printed.content_sha256
    if printed.version is None and printed.pdf_id is not None:
        sha256 = _fingerprint(_reading(request, application))
    context = _context(application, printed.version, printed, sha256)
    return render(request, "applications/_print_state.html", context)


def _reading(request: Request, application: Application, *, whole: bool = True) -> queries.Reading:
    """What this person reads: the version that is asked for, else the draft or the newest version."""
    raw = request.GET.get("version", "")
    number = whole_number(raw, 4)
    reading = queries.read(application, request.acting, request.today, number, whole=whole)
    if reading is None or (raw and not number):
        raise Http404
    return reading


def _fingerprint(reading: queries.Reading) -> str:
    return reading.version.content_sha256 if reading.version else reading.content.sha256


def _address(application: Application, version: ApplicationVersion | None) -> str:
    return reverse("application-print", args=[application.pk]) + (f"?version={version.number}" if version else "")


def _context(
    application: Application, version: ApplicationVersion | None, printed: PrintedApplication | None, sha256: str
) -> dict[str, Any]:
    return {
        "application": application,
        "version": version,
        "printed": printed,
        "state": printing.state(printed) if printed else "",
        "fits": printed is not None and printed.content_sha256 == sha256,
        "progress": progress.current(printing.job_key(printed)) if printed and not printed.pdf_id else None,
        "address": _address(application, version),
        "mark": sha256[:MARK_LENGTH],
    }
