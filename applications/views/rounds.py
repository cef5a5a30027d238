from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from applications import forms, queries
from applications.models import Quota, Round
from applications.services import rounds
from portal.access import open_to
from portal.errors import NotYours, Refused
from portal.http import Request
from portal.roles import DEPARTMENT_BUSINESS, UNIT_ROLES, Role


@open_to(UNIT_ROLES, DEPARTMENT_BUSINESS)
@require_safe
def round_list(request: Request) -> HttpResponse:
    """The rounds, newest first."""
    return render(request, "applications/round_list.html", {"rounds": Round.objects.select_related("guide")})


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def round_new(request: Request) -> HttpResponse:
    """Open the round of a year."""
    year = request.today.year
    while Round.objects.filter(year=year).exists():
        year += 1
    first = {
        "year": year,
        "opens_on": max(request.today, date(year, 1, 1)),
        "closes_on": date(year, 11, 30),
        "recommend_by": date(year, 12, 31),
    }
    form = forms.RoundForm(request.POST or None, request.FILES or None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            opened = rounds.open_round(**form.cleaned_data, by=request.acting, on=request.today)
        except Refused as refusal:
            for reason in refusal.reasons:
                form.add_error(None, reason)
        else:
            messages.success(request, _("%(year)s 年度申报批次已开设，请核对各单位名额。") % {"year": opened.year})
            return redirect("round", pk=opened.pk)
    return render(request, "applications/round_new.html", {"form": form}, status=422 if form.errors else 200)


@open_to(UNIT_ROLES, DEPARTMENT_BUSINESS)
@require_http_methods(["GET", "POST"])
def round_page(request: Request, pk: int) -> HttpResponse:
    """A round with the quotas of its units; the department's officer changes one at a time."""
    found = get_object_or_404(Round.objects.select_related("guide", "policy"), pk=pk)
    form, wrong = None, None
    if request.method == "POST" and "new_units" in request.POST:
        count = rounds.list_new_units(round=found, by=request.acting)
        messages.success(request, _("已列入 %(n)s 个单位，名额暂为 0，请逐个下达。") % {"n": count})
        return redirect("round", pk=pk)
    if request.method == "POST":
        wrong = get_object_or_404(Quota.objects.filter(round=found), pk=_number(request.POST.get("quota", "")))
        form = _change_quota(request, wrong)
        if form is None:
            return redirect("round", pk=pk)
    quotas = queries.quotas(found, request.acting)
    context = {
        "round": found,
        "rows": [(quota, used, form if quota == wrong else None) for quota, used in quotas],
        "places": sum(quota.places for quota, _used in quotas),
        "used": sum(used for _quota, used in quotas),
        "new_units": rounds.units_without_quota(found) if request.acting.role == Role.DEPT_OFFICER else [],
    }
    return render(request, "applications/round_page.html", context, status=422 if form else 200)


def _number(raw: str) -> int:
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 18 else 0


def _change_quota(request: Request, quota: Quota) -> forms.QuotaForm | None:
    form = forms.QuotaForm(request.POST)
    if not form.is_valid():
        return form
    try:
        rounds.set_quota(quota=quota, places=form.cleaned_data["places"], by=request.acting)
    except NotYours:
        raise
    except Refused as refusal:
        form.add_error("places", refusal.reasons[0])
        return form
    messages.success(request, _("名额已保存。"))
    return None
