from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from applications.models import Round, UnitDeadline
from applications.round_forms import ExtensionForm, RoundForm, UnitDeadlineForm
from applications.services import quotas, rounds
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
    """Open the round of a year, with the settings of the round before."""
    year = request.today.year
    while Round.objects.filter(year=year).exists():
        year += 1
    settings = rounds.last_settings(year)
    initial = {"year": year} | (settings or {})
    form = RoundForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            opened = rounds.open_round(**form.cleaned_data, by=request.acting, on=request.today)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            done = _("%(year)s 年度申报批次已开设，名额已按测算办法算出，还没有下达。请核对后下达。")
            messages.success(request, done % {"year": opened.year})
            return redirect("round", pk=opened.pk)
    context = {"form": form, "settings": settings}
    return render(request, "applications/round_new.html", context, status=422 if form.errors else 200)


@open_to(UNIT_ROLES, DEPARTMENT_BUSINESS)
@require_http_methods(["GET", "POST"])
def round_page(request: Request, pk: int) -> HttpResponse:
    """A round: its dates, what was extended, the quotas; a unit's officer sets the unit's own deadline here."""
    found = get_object_or_404(Round.objects.select_related("guide", "policy", "quotas_published_by"), pk=pk)
    form = None
    if request.method == "POST":
        if request.acting.role != Role.UNIT_OFFICER:
            raise NotYours(_("校内申报截止由本单位研究生院设定。"))
        form = UnitDeadlineForm(request.POST)
        if form.is_valid() and _set_deadline(request, found, form):
            return redirect("round", pk=pk)
    context = _round_context(request, found)
    if form is not None:
        context["form"] = form
    return render(request, "applications/round_page.html", context, status=422 if form else 200)


def _set_deadline(request: Request, found: Round, form: UnitDeadlineForm) -> bool:
    try:
        saved = rounds.set_unit_deadline(round=found, **form.cleaned_data, by=request.acting, on=request.today)
    except NotYours:
        raise
    except Refused as refusal:
        form.add_error("declare_by", refusal.reasons[0])
        return False
    if saved is None:
        words = _("已取消校内申报截止，本单位申报人按批次的 %(day)s 截止。") % {"day": found.closes_on.isoformat()}
    else:
        words = _("校内申报截止已设为 %(day)s。") % {"day": saved.declare_by.isoformat()}
    messages.success(request, words)
    return True


def _round_context(request: Request, found: Round) -> dict[str, Any]:
    unit_id = request.acting.unit_id
    shown = quotas.lines(found, unit_id) if unit_id is None or found.quotas_published_on else []
    kept = UnitDeadline.objects.filter(round=found)
    deadlines = dict(kept.values_list("training_unit_id", "declare_by")) if unit_id is None else {}
    own = kept.filter(training_unit_id=unit_id).first() if unit_id is not None else None
    context: dict[str, Any] = {
        "round": found,
        "rows": [(line, deadlines.get(line.quota.training_unit_id)) for line in shown],
        "places": sum(line.quota.places for line in shown),
        "used": sum(line.used for line in shown),
        "extensions": found.extensions.select_related("made_by"),
        "own_deadline": own,
        "new_units": rounds.units_without_quota(found) if request.acting.role == Role.DEPT_OFFICER else [],
    }
    if request.acting.role == Role.UNIT_OFFICER and request.today <= found.closes_on:
        context["form"] = UnitDeadlineForm(initial={"declare_by": own.declare_by if own else None})
    return context


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def round_extend(request: Request, pk: int) -> HttpResponse:
    """Give a round a later end."""
    found = get_object_or_404(Round, pk=pk)
    initial = {"new_closes_on": found.closes_on, "new_recommend_by": found.recommend_by}
    form = ExtensionForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = rounds.extend_round(round=found, **form.cleaned_data, by=request.acting, on=request.today)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            words = {"closes": made.new_closes_on.isoformat(), "by": made.new_recommend_by.isoformat()}
            messages.success(request, _("已延期：申报截止 %(closes)s，推荐报送截止 %(by)s。") % words)
            return redirect("round", pk=pk)
    context = {"round": found, "form": form}
    return render(request, "applications/round_extend.html", context, status=422 if form.errors else 200)
