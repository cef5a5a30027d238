from django.contrib import messages
from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bases import forms
from bases.models import CategoryAuthorisation, Department, TrainingUnit
from bases.services import units
from portal.access import open_to
from portal.errors import Refused
from portal.http import Request
from portal.roles import UNIT_ROLES, Role


@open_to(Role.SYSADMIN)
@require_http_methods(["GET", "POST"])
def unit(request: Request, pk: int) -> HttpResponse:
    """A training unit's entry with its authorised categories; correct it, enter a category, or correct one in its place."""
    found = get_object_or_404(TrainingUnit, pk=pk)
    doing = request.POST.get("do", "unit") if request.method == "POST" else ""
    editing = _authorisation_of(
        found, request.POST.get("authorisation") if doing == "edit" else request.GET.get("edit")
    )
    if doing == "edit" and editing is None:
        messages.error(request, _("没有更正：这个授权类别已被移除。"))
        return redirect("training-unit", pk=pk)
    unit_form = forms.TrainingUnitForm(request.POST if doing == "unit" else None, instance=found)
    category_form = forms.AuthorisationForm(request.POST if doing == "category" else None)
    facts_form = _facts_form(editing, request.POST if doing == "edit" else None)
    sent: BaseForm = {"category": category_form, "edit": facts_form}.get(doing) or unit_form
    if request.method == "POST" and sent.is_valid():
        try:
            if doing == "category":
                entry = units.authorise_category(unit=found, by=request.acting, **category_form.entered())
                messages.success(request, _("已登记授权类别：%(category)s。") % {"category": entry.category})
            elif facts_form is not None and editing is not None and doing == "edit":
                units.authorise_category(
                    unit=found, category=editing.category, by=request.acting, **facts_form.entered()
                )
                messages.success(request, _("已更正授权类别：%(category)s。") % {"category": editing.category})
            else:
                units.update_training_unit(unit=found, by=request.acting, **unit_form.cleaned_data)
                messages.success(request, _("“%(name)s”的信息已保存。") % {"name": unit_form.cleaned_data["name"]})
        except Refused as refusal:
            sent.add_error(None, list(refusal.reasons))
        else:
            return redirect("training-unit", pk=pk)
    stored = TrainingUnit.objects.get(pk=pk)  # a refused form has written into its own copy
    context = {
        "unit": stored,
        "form": unit_form,
        "category_form": category_form,
        "facts_form": facts_form,
        "editing": editing,
        "authorisations": _authorisations(stored),
    }
    return render(request, "bases/training_unit.html", context, status=422 if sent.errors else 200)


def _authorisations(unit: TrainingUnit) -> QuerySet[CategoryAuthorisation]:
    return unit.authorisations.select_related("category")


def _authorisation_of(unit: TrainingUnit, key: str | None) -> CategoryAuthorisation | None:
    """The entry of this unit that somebody wants to correct; None for what is none of its."""
    if key is None or not key.isdecimal():
        return None
    return CategoryAuthorisation.objects.filter(training_unit=unit, pk=key).select_related("category").first()


def _facts_form(editing: CategoryAuthorisation | None, sent: QueryDict | None) -> forms.AuthorisationFacts | None:
    if editing is None:
        return None
    initial = {"year": editing.year, "level": editing.level, "fields_text": "\n".join(editing.fields)}
    return forms.AuthorisationFacts(sent, initial=initial, auto_id="edit_%s")


@open_to(UNIT_ROLES)
@require_safe
def own_unit(request: Request) -> HttpResponse:
    """One's own training unit as the portal knows it: what is printed in its notices, and the categories it may declare in."""
    own = get_object_or_404(TrainingUnit.objects.select_related("division"), pk=request.acting.unit_id)
    context = {"unit": own, "authorisations": _authorisations(own)}
    return render(request, "bases/own_unit.html", context)


@open_to(Role.SYSADMIN)
@require_POST
def remove_authorisation(request: Request, pk: int) -> HttpResponse:
    """Take a wrongly entered category out of a unit."""
    found = get_object_or_404(CategoryAuthorisation.objects.select_related("category"), pk=pk)
    try:
        units.remove_authorisation(authorisation=found, by=request.acting)
    except Refused as refusal:
        messages.error(request, _("没有移除：%(reason)s") % {"reason": "".join(refusal.reasons)})
    else:
        messages.success(request, _("已移除授权类别：%(category)s。") % {"category": found.category})
    return redirect("training-unit", pk=found.training_unit_id)


@open_to(Role.SYSADMIN)
@require_http_methods(["GET", "POST"])
def department(request: Request) -> HttpResponse:
    """The department's entry: offices and contact as its notices print them."""
    found = get_object_or_404(Department.objects.order_by("pk"))
    form = forms.DepartmentForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        try:
            units.update_department(department=found, by=request.acting, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("教育厅的信息已保存。"))
            return redirect("organisations")
    return render(request, "bases/department.html", {"form": form}, status=422 if form.errors else 200)
