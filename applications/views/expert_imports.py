"""The list of experts from Excel: the template, the dry run, and the button that writes it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from applications.expert_forms import ExpertListForm
from applications.services import expert_imports
from portal.access import open_to
from portal.http import Request, excel
from portal.models import ImportCheck
from portal.roles import Role


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def expert_import(request: Request) -> HttpResponse:
    """Send a list; it is checked and nothing is written yet."""
    form = ExpertListForm(request.POST, request.FILES) if request.method == "POST" else ExpertListForm()
    if request.method == "POST" and form.is_valid():
        checked = expert_imports.check_file(upload=form.cleaned_data["file"], by=request.acting)
        return redirect("expert-import-check", pk=checked.pk)
    return render(request, "applications/expert_import.html", {"form": form}, status=422 if form.errors else 200)


@open_to(Role.DEPT_OFFICER)
@require_safe
def expert_import_template(request: Request) -> HttpResponse:
    """The list to fill in."""
    return excel(expert_imports.template(), _("评审专家模板.xlsx"))


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def expert_import_check(request: Request, pk: int) -> HttpResponse:
    """What the check of a list found; if nothing is wrong it is written as a whole."""
    checks = ImportCheck.objects.filter(purpose=expert_imports.PURPOSE).select_related("file")
    checked = get_object_or_404(checks, pk=pk)
    if request.method == "POST":
        done = expert_imports.apply(checked=checked, by=request.acting, on=request.today, at=timezone.now())
        words = {"new": done.new, "changed": done.changed, "same": done.same}
        messages.success(request, _("已写入：新登记 %(new)s 人，更新 %(changed)s 人，没有变化 %(same)s 人。") % words)
        return redirect("expert-list")
    return render(request, "applications/expert_import.html", {"form": ExpertListForm(), "check": checked})
