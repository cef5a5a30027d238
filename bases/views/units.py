from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bases import forms
from bases.models import CategoryAuthorisation, Department, TrainingUnit
from bases.services import units
from portal.access import open_to
from portal.errors import Refused
from portal.http import Request
from portal.roles import Role


@open_to(Role.SYSADMIN)
@require_http_methods(["GET", "POST"])
def unit(request: Request, pk: int) -> HttpResponse:
    """A training unit's entry with its authorised categories; correct it, or enter a category."""
    found = get_object_or_404(TrainingUnit, pk=pk)
    entering = request.POST.get("do") == "category"
    form = forms.TrainingUnitForm(None if entering else request.POST or None, instance=found)
    category_form = forms.AuthorisationForm(request.POST if entering else None)
    sent = category_form if entering else form
    if request.method == "POST" and sent.is_valid():
        try:
            if entering:
                entry = units.authorise_category(unit=found, by=request.acting, **category_form.cleaned_data)
                messages.success(request, _("已登记授权类别：%(category)s。") % {"category": entry.category})
            else:
                units.update_training_unit(unit=found, by=request.acting, **form.cleaned_data)
                messages.success(request, _("“%(name)s”的信息已保存。") % {"name": form.cleaned_data["name"]})
        except Refused as refusal:
            for reason in refusal.reasons:
                sent.add_error(None, reason)
        else:
            return redirect("training-unit", pk=pk)
    stored = TrainingUnit.objects.get(pk=pk)  # a refused form has written into its own copy
    authorisations = CategoryAuthorisation.objects.filter(training_unit=stored).select_related("category")
    context = {"unit": stored, "form": form, "category_form": category_form, "authorisations": authorisations}
    return render(request, "bases/training_unit.html", context, status=422 if sent.errors else 200)


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
            for reason in refusal.reasons:
                form.add_error(None, reason)
        else:
            messages.success(request, _("教育厅的信息已保存。"))
            return redirect("organisations")
    return render(request, "bases/department.html", {"form": form}, status=422 if form.errors else 200)
