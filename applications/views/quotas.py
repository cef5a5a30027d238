from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.models import Quota, QuotaFormula, Round
from applications.quota import BOUNDS, WEIGHTS
from applications.round_forms import (
    FactsImportForm,
    FormulaForm,
    OverrideForm,
    PublishForm,
    SupplementForm,
    facts_rows,
)
from applications.services import fact_imports, proposing, quotas, rounds
from bases.models import TrainingUnit
from portal.access import open_to
from portal.errors import Refused
from portal.http import Request, excel
from portal.models import ImportCheck
from portal.roles import Role


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def quota_list(request: Request, pk: int) -> HttpResponse:
    """The formula and what it makes of every unit; with weights in the address, what they would change before they are saved."""
    found = get_object_or_404(Round.objects.select_related("quotas_published_by"), pk=pk)
    if request.method == "POST" and "new_units" in request.POST:
        count = quotas.list_new_units(round=found, by=request.acting)
        messages.success(request, _("已列入 %(n)s 个单位，名额按测算办法算出。") % {"n": count})
        return redirect("quota-list", pk=pk)
    if found.quotas_published_on is not None:
        if request.method == "POST":
            raise Refused(quotas.obstacles(found))
        return render(request, "applications/quota_list.html", _quota_context(found))
    formula = QuotaFormula.objects.filter(round=found).first() or QuotaFormula(round=found)
    given = request.POST if request.method == "POST" else request.GET
    tried = {*WEIGHTS, *BOUNDS} & given.keys()
    form = FormulaForm(given if tried else None, instance=formula)
    if request.method == "POST" and form.is_valid():
        quotas.save_formula(round=found, by=request.acting, **form.cleaned_data)
        messages.success(request, _("测算办法已保存，名额已重新测算；写有调整理由的单位名额不变。"))
        return redirect("quota-list", pk=pk)
    context = _quota_context(found) | {"form": form}
    if tried and form.is_valid():
        context |= _preview_context(found, form.cleaned_data)
    return render(request, "applications/quota_list.html", context, status=422 if form.errors else 200)


def _quota_context(found: Round) -> dict[str, Any]:
    shown = quotas.lines(found)
    return {
        "round": found,
        "lines": shown,
        "proposed": sum(line.quota.proposed or 0 for line in shown),
        "places": sum(line.quota.places for line in shown),
        "used": sum(line.used for line in shown),
        "missing": sum(line.is_missing for line in shown),
        "overridden": sum(line.is_overridden for line in shown),
        "new_units": rounds.units_without_quota(found),
    }


def _preview_context(found: Round, weights: dict[str, Any]) -> dict[str, Any]:
    preview = quotas.preview(found, **weights)
    return {
        "preview": preview,
        "weights": weights,
        "before": sum(line.before for line in preview),
        "after": sum(line.after for line in preview),
        "more": sum(line.change > 0 for line in preview),
        "fewer": sum(line.change < 0 for line in preview),
        "kept": sum(line.is_overridden for line in preview),
    }


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def quota_override(request: Request, pk: int, quota_pk: int) -> HttpResponse:
    """Decide another number than the formula proposes, with the reason."""
    quota = get_object_or_404(Quota.objects.select_related("round", "training_unit"), round=pk, pk=quota_pk)
    if quota.round.quotas_published_on is not None:
        raise Refused(quotas.obstacles(quota.round))
    form = OverrideForm(request.POST or None, initial={"places": quota.places, "reason": quota.override_reason})
    if request.method == "POST" and form.is_valid():
        try:
            saved = quotas.override(quota=quota, **form.cleaned_data, by=request.acting)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            words = {"unit": quota.training_unit.name, "n": saved.places}
            messages.success(request, _("%(unit)s 的名额定为 %(n)s 个。") % words)
            return redirect("quota-list", pk=pk)
    (line,) = quotas.lines(quota.round, quota.training_unit_id)
    context = {"round": quota.round, "line": line, "form": form}
    return render(request, "applications/quota_override.html", context, status=422 if form.errors else 200)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def quota_publish(request: Request, pk: int) -> HttpResponse:
    """Publish all quotas: the page states that they are fixed from then on."""
    found = get_object_or_404(Round, pk=pk)
    shown = quotas.lines(found)
    missing = [line for line in shown if line.is_missing]
    form = PublishForm(request.POST if request.method == "POST" else None, ask=bool(missing))
    if form.is_valid():
        try:
            accepted = bool(form.cleaned_data.get("accept_missing"))
            quotas.publish(round=found, by=request.acting, on=request.today, accept_missing=accepted)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            places = sum(line.quota.places for line in shown)
            words = {"units": len(shown), "places": places}
            messages.success(request, _("已向 %(units)s 个单位下达名额，共 %(places)s 个。") % words)
            return redirect("round", pk=pk)
    context = {
        "round": found,
        "form": form,
        "shown": shown,
        "units": len(shown),
        "places": sum(line.quota.places for line in shown),
        "missing": missing,
        "overridden": [line for line in shown if line.is_overridden],
        "blocked": quotas.obstacles(found, accept_missing=True),
    }
    return render(request, "applications/quota_publish.html", context, status=422 if form.errors else 200)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def quota_supplement(request: Request, pk: int) -> HttpResponse:
    """Give a unit that was entered after publication its quota."""
    found = get_object_or_404(Round, pk=pk)
    units = rounds.units_without_quota(found)
    form = SupplementForm(request.POST or None, units=units, initial={"unit": units.first()})
    if request.method == "POST" and form.is_valid():
        try:
            made = quotas.supplement(round=found, **form.cleaned_data, by=request.acting, on=request.today)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            words = {"unit": made.training_unit.name, "n": made.places}
            messages.success(request, _("已向 %(unit)s 补充下达名额 %(n)s 个。") % words)
            return redirect("quota-list", pk=pk)
    context = {"round": found, "form": form, "units": units}
    return render(request, "applications/quota_supplement.html", context, status=422 if form.errors else 200)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def unit_facts(request: Request, pk: int) -> HttpResponse:
    """What the quotas rest on, one row a unit: typed in here, or from Excel."""
    found = get_object_or_404(Round, pk=pk)
    units = list(TrainingUnit.objects.all())
    known = proposing.known_facts(found.year, units)
    bound = request.POST if request.method == "POST" else None
    rows = facts_rows(units, known, bound, copied=request.GET.get("copy") == "1")
    # Every row is checked, so that all that is wrong is shown at once.
    wrong = [row for row in rows if not row.is_valid()] if bound is not None else []
    if bound is not None and not wrong:
        changed = {row.unit.pk: row.facts for row in rows if row.is_changed and row.facts is not None}
        quotas.enter_facts(year=found.year, facts=changed, by=request.acting)
        messages.success(request, _saved_words(found, len(changed)))
        return redirect("unit-facts", pk=pk)
    context = {
        "round": found,
        "last_year": found.year - 1,
        "rows": rows,
        "wrong": wrong,
        "handed_in": sum(row.handed_in for row in rows),
        "stand_ins": sum(row.known.is_last_years for row in rows),
        "missing": sum(row.known.is_missing for row in rows),
        "copied": request.GET.get("copy") == "1",
        "import_form": FactsImportForm(),
    }
    return render(request, "applications/unit_facts.html", context, status=422 if wrong else 200)


def _saved_words(found: Round, count: int) -> str:
    if not count:
        return _("没有改动。")
    if found.quotas_published_on is not None:
        return _("已保存 %(n)s 个单位的数据；已下达的名额不变。") % {"n": count}
    return _("已保存 %(n)s 个单位的数据，名额已重新测算。") % {"n": count}


@open_to(Role.DEPT_OFFICER)
@require_safe
def unit_facts_template(request: Request, pk: int) -> HttpResponse:
    """The list of all units to fill in."""
    found = get_object_or_404(Round, pk=pk)
    name = _("%(year)s年培养单位数据.xlsx") % {"year": found.year}
    return excel(fact_imports.template(found.year), name)


@open_to(Role.DEPT_OFFICER)
@require_POST
def unit_facts_import(request: Request, pk: int) -> HttpResponse:
    """Check a filled-in list; nothing is written yet."""
    found = get_object_or_404(Round, pk=pk)
    form = FactsImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "applications/unit_facts_check.html", {"round": found, "form": form}, status=422)
    checked = fact_imports.check_file(year=found.year, upload=form.cleaned_data["file"], by=request.acting)
    return redirect("unit-facts-check", pk=pk, check_pk=checked.pk)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def unit_facts_check(request: Request, pk: int, check_pk: int) -> HttpResponse:
    """What the check of a list found; if nothing is wrong it is written as a whole."""
    found = get_object_or_404(Round, pk=pk)
    checks = ImportCheck.objects.filter(purpose=fact_imports.PURPOSE, subject=str(found.year)).select_related("file")
    checked = get_object_or_404(checks, pk=check_pk)
    if request.method == "POST":
        count = fact_imports.apply(checked=checked, by=request.acting, at=timezone.now())
        messages.success(request, _saved_words(found, count))
        return redirect("unit-facts", pk=pk)
    context = {"round": found, "check": checked, "form": FactsImportForm()}
    return render(request, "applications/unit_facts_check.html", context)
