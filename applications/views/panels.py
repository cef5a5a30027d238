from decimal import Decimal

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

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
    waiting = set(queries.waiting_sheets(request.acting).values_list("pk", flat=True))
    found = queries.own_assignments(request.acting).order_by("status", "pk")
    rows = sorted(((each, each.pk in waiting) for each in found), key=lambda row: not row[1])
    return render(request, "applications/sheet_list.html", {"rows": rows, "waiting": len(waiting)})


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
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("评分表已提交并锁定，谢谢。") if submitting else _("评分已暂存，尚未提交。"))
            return redirect("sheet-list" if submitting else request.path)
    return _sheet_page(request, assignment, form, forms.RecusalForm())


def _sheet_page(
    request: Request, assignment: Assignment, form: forms.SheetForm, recusal: forms.RecusalForm
) -> HttpResponse:
    given = [(criterion, form.initial.get(f"points_{criterion.key}")) for criterion in form.criteria]
    scored = [points for _criterion, points in given if isinstance(points, Decimal)]
    recused = assignment.status == Assignment.Status.RECUSED
    context = {
        "assignment": assignment,
        "form": form,
        "criteria": [(criterion, form[f"points_{criterion.key}"]) for criterion in form.criteria],
        "recusal": recusal,
        "open": queries.waiting_sheets(request.acting).filter(pk=assignment.pk).exists(),
        "given": given,
        "left": len(given) - len(scored),
        "total": sum(scored, Decimal(0)) if scored else None,
        "dossier": [] if recused else dossiers.for_panel(assignment.panel),
    }
    return render(request, "applications/sheet.html", context, status=422 if form.errors or recusal.errors else 200)


def _saved(assignment: Assignment) -> dict[str, object]:
    scores = Score.objects.filter(sheet__assignment=assignment).select_related("criterion", "sheet")
    saved: dict[str, object] = {f"points_{score.criterion.key}": score.points.normalize() for score in scores}
    existing = getattr(assignment, "sheet", None)
    return saved | {"comment": existing.comment if existing else ""}


@open_to(Role.EXPERT)
@require_http_methods(["GET", "POST"])
def recuse(request: Request, pk: int) -> HttpResponse:
    """Withdraw from a panel because of a conflict; the form stands on the sheet's page."""
    assignment = get_object_or_404(queries.own_assignments(request.acting), pk=pk)
    if request.method == "GET":
        return redirect("sheet", pk=pk)
    recusal = forms.RecusalForm(request.POST)
    if recusal.is_valid():
        try:
            panels.recuse(assignment=assignment, reason=recusal.cleaned_data["reason"], by=request.acting)
        except Refused as refusal:
            recusal.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("已回避，教育厅经办将另行安排专家。"))
            return redirect("sheet-list")
    form = forms.SheetForm(panel=assignment.panel, required=False, initial=_saved(assignment))
    return _sheet_page(request, assignment, form, recusal)
