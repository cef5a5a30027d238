from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import dossiers, forms, queries
from applications.models import Assignment, Score
from applications.services import panels
from portal.access import open_to
from portal.errors import Refused
from portal.http import Request
from portal.roles import Role


@open_to(Role.EXPERT)
@require_safe
def sheet_list(request: Request) -> HttpResponse:
    """What is assigned to the expert."""
    return render(
        request,
        "applications/sheet_list.html",
        {"assignments": queries.own_assignments(request.acting).order_by("status", "pk")},
    )


@open_to(Role.EXPERT)
@require_http_methods(["GET", "POST"])
def sheet(request: Request, pk: int) -> HttpResponse:
    """The dossier beside the sheet; save, or submit and lock."""
    assignment = get_object_or_404(queries.own_assignments(request.acting), pk=pk)
    submitting = request.POST.get("do") == "submit"
    form = forms.SheetForm(
        request.POST or None, panel=assignment.panel, required=submitting, initial=_saved(assignment)
    )
    if request.method == "POST" and form.is_valid():
        given = {
            "assignment": assignment,
            "points": form.points(),
            "comment": form.cleaned_data["comment"],
            "by": request.acting,
        }
        try:
            if submitting:
                panels.submit_sheet(**given, on=request.today)
            else:
                panels.save_sheet(**given)
        except Refused as refusal:
            for reason in refusal.reasons:
                form.add_error(None, reason)
        else:
            messages.success(request, _("评分表已提交并锁定，谢谢。") if submitting else _("评分已暂存，尚未提交。"))
            return redirect("sheet-list" if submitting else request.path)
    open_ = assignment.status == Assignment.Status.ASSIGNED
    context = {"assignment": assignment, "form": form, "recusal": forms.RecusalForm(), "open": open_}
    context["dossier"] = dossiers.for_panel(assignment.panel) if assignment.status != Assignment.Status.RECUSED else []
    return render(request, "applications/sheet.html", context, status=422 if form.errors else 200)


def _saved(assignment: Assignment) -> dict[str, object]:
    scores = Score.objects.filter(sheet__assignment=assignment).select_related("criterion", "sheet")
    saved: dict[str, object] = {f"points_{score.criterion.key}": score.points.normalize() for score in scores}
    existing = getattr(assignment, "sheet", None)
    return saved | {"comment": existing.comment if existing else ""}


@open_to(Role.EXPERT)
@require_POST
def recuse(request: Request, pk: int) -> HttpResponse:
    """Withdraw from a panel because of a conflict."""
    assignment = get_object_or_404(queries.own_assignments(request.acting), pk=pk)
    form = forms.RecusalForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("没有办理回避：请写明原因。"))
        return redirect("sheet", pk=pk)
    panels.recuse(assignment=assignment, reason=form.cleaned_data["reason"], by=request.acting)
    messages.success(request, _("已回避，教育厅经办将另行安排专家。"))
    return redirect("sheet-list")
