"""Months over many bases: the table of the last twelve, what deserves a look, and lists in Excel."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agreements import months, training
from agreements.month_forms import MonthListForm
from agreements.month_queries import FLAGS, flagged, matrix, month_totals
from agreements.queries import training_bases
from agreements.services import month_imports
from bases.queries import search
from portal.access import open_to
from portal.http import Request, excel, whole_number
from portal.roles import Role

PAGE, FLAGGED = 25, 50


@open_to(training.TRAINING_ROLES)
@require_safe
def months_table(request: Request) -> HttpResponse:
    """Every base that one may see by the last twelve months, each month a way into it."""
    words = request.GET.get("q", "").strip()[:60]
    newest = months.first_of(request.today)
    last = min(months.read(request.GET.get("until", "")) or newest, newest)
    bases = search(training_bases(request.acting), words).order_by("name", "pk")
    page = Paginator(bases, PAGE).get_page(request.GET.get("page"))
    found = matrix(list(page), last, request.today)
    shown = [(month, months.words(month), months.name(month)) for month in reversed(months.until(last, 12))]
    totals = month_totals(bases, last)[::-1]
    context = {
        "page_obj": page,
        "q": words,
        "months": shown,
        "rows": [(base, list(zip(found[base.pk][::-1], shown, strict=True))) for base in page],
        "totals": totals,
        "sum": sum(totals),
        "earlier": months.name(months.shifted(last, -12)),
        "later": months.name(min(months.shifted(last, 12), newest)) if last < newest else "",
        "partner": request.acting.role == Role.PARTNER_OFFICER,
        "until": months.name(last) if last < newest else "",
    }
    return render(request, "agreements/months.html", context)


@open_to(training.TRAINING_ROLES)
@require_safe
def month_flags(request: Request) -> HttpResponse:
    """What deserves a look over all bases that one may see: below the agreement, not paid, denied by the student."""
    flag = request.GET.get("show", "below")
    flag = flag if flag in FLAGS else "below"
    month = months.read(request.GET.get("month", ""))
    words = request.GET.get("q", "").strip()[:60]
    found = flagged(request.acting, flag, month, words)
    page = Paginator(found, FLAGGED).get_page(request.GET.get("page"))
    tabs = [("below", _("低于约定")), ("unpaid", _("未发放")), ("denied", _("研究生反映没有收到"))]
    context = {
        "page_obj": page,
        "show": flag,
        "tabs": tabs,
        "q": words,
        "month": months.name(month) if month else "",
        "choices": [(months.name(each), months.words(each)) for each in reversed(months.until(months.first_of(request.today), 24))],
        "rows": [(record, months.words(record.month), months.name(record.month)) for record in page],
    }  # fmt: skip
    return render(request, "agreements/month_flags.html", context)


@open_to(Role.PARTNER_OFFICER)
@require_safe
def months_template(request: Request) -> HttpResponse:
    """The list of a month with its students, of one base or of all of the partner's."""
    month = months.read(request.GET.get("month", "")) or months.first_of(request.today)
    if month > request.today:
        raise Http404
    base = None
    if "base" in request.GET:
        pk = whole_number(request.GET["base"], 12)
        base = get_object_or_404(training_bases(request.acting), pk=pk)
    content = month_imports.template(month=month, by=request.acting, base=base)
    return excel(content, _("月度考核与生活补贴（%(month)s）.xlsx") % {"month": months.name(month)})


@open_to(Role.PARTNER_OFFICER)
@require_http_methods(["GET", "POST"])
def months_import(request: Request) -> HttpResponse:
    """Send a list; it is checked and nothing is written yet."""
    form = MonthListForm(request.POST, request.FILES) if request.method == "POST" else MonthListForm()
    if request.method == "POST" and form.is_valid():
        checked = month_imports.check_file(upload=form.cleaned_data["file"], by=request.acting, on=request.today)
        return redirect("months-import-check", pk=checked.pk)
    context = {"form": form, "choices": _template_months(request)}
    return render(request, "agreements/months_import.html", context, status=422 if form.errors else 200)


@open_to(Role.PARTNER_OFFICER)
@require_http_methods(["GET", "POST"])
def months_import_check(request: Request, pk: int) -> HttpResponse:
    """What the check of a list found; if nothing is wrong it is written as a whole."""
    checked = get_object_or_404(month_imports.checks_of(request.acting), pk=pk)
    if request.method == "POST":
        done = month_imports.apply(checked=checked, by=request.acting, on=request.today, at=timezone.now())
        words = {"new": done.new, "changed": done.changed, "same": done.same}
        messages.success(request, _("已写入：新登记 %(new)s 行，更新 %(changed)s 行，没有变化 %(same)s 行。") % words)
        return redirect("months")
    context = {"form": MonthListForm(), "check": checked, "choices": _template_months(request)}
    return render(request, "agreements/months_import.html", context)


def _template_months(request: Request) -> list[tuple[str, str]]:
    """The months for which a list can be downloaded, newest first."""
    return [
        (months.name(each), months.words(each)) for each in reversed(months.until(months.first_of(request.today), 6))
    ]
