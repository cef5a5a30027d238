"""The list of authorised categories from Excel: the template, the dry run, and the button that writes it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bases.forms import ListForm
from bases.models import TrainingUnit
from bases.services import authorisations
from portal.access import open_to
from portal.errors import Refused
from portal.http import Request, excel
from portal.models import ImportCheck
from portal.roles import Role


@open_to(Role.SYSADMIN)
@require_http_methods(["GET", "POST"])
def upload(request: Request, pk: int | None = None) -> HttpResponse:
    """Send a list for one unit, or for all of them; it is checked and nothing is written yet."""
    unit = None if pk is None else get_object_or_404(TrainingUnit, pk=pk)
    form = ListForm(request.POST, request.FILES) if request.method == "POST" else ListForm()
    if request.method == "POST" and form.is_valid():
        checked = authorisations.check_list(upload=form.cleaned_data["file"], by=request.acting, unit=unit)
        return redirect("authorisations-check", pk=checked.pk)
    return _page(request, unit, form, None, 422 if form.errors else 200)


@open_to(Role.SYSADMIN)
@require_http_methods(["GET", "POST"])
def check(request: Request, pk: int) -> HttpResponse:
    """What was found in a list; write it when nothing is wrong with it."""
    checked = get_object_or_404(
        ImportCheck.objects.filter(purpose=authorisations.PURPOSE).select_related("file"), pk=pk
    )
    unit = authorisations.unit_of(checked)
    if request.method == "POST":
        try:
            authorisations.write_list(checked=checked, by=request.acting, at=timezone.now())
        except Refused as refusal:
            for reason in refusal.reasons:
                messages.error(request, reason)
            return redirect("authorisations-check", pk=pk)
        messages.success(request, _("已写入 %(n)s 个授权类别。") % {"n": checked.rows})
        return redirect(_home(unit))
    return _page(request, unit, ListForm(), checked, 200)


@open_to(Role.SYSADMIN)
@require_safe
def blank(request: Request, pk: int | None = None) -> HttpResponse:
    """The template to fill in."""
    unit = None if pk is None else get_object_or_404(TrainingUnit, pk=pk)
    name = _("授权类别模板（%(unit)s）.xlsx") % {"unit": unit.name} if unit else _("授权类别模板.xlsx")
    return excel(authorisations.blank_list(unit), name)


def _home(unit: TrainingUnit | None) -> str:
    return reverse("training-unit", args=[unit.pk]) if unit else reverse("organisations")


def _page(
    request: Request, unit: TrainingUnit | None, form: ListForm, checked: ImportCheck | None, status: int
) -> HttpResponse:
    own = [unit.pk] if unit else []
    prefix = "unit-" if unit else ""
    context = {
        "unit": unit,
        "form": form,
        "check": checked,
        "back": _home(unit),
        "upload_url": reverse(f"{prefix}authorisations-import", args=own),
        "template_url": reverse(f"{prefix}authorisations-template", args=own),
    }
    return render(request, "bases/authorisations_import.html", context, status=status)
