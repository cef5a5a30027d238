"""Who leaves a panel: the expert who withdraws, and the officer who goes on without one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications import forms, queries
from applications.models import Panel
from applications.recusal_forms import WhyForm
from applications.services import going_on, recusals
from applications.views.sheets import declaration, sheet_page
from portal.access import open_to
from portal.errors import Refused
from portal.http import Request
from portal.roles import Role


@open_to(Role.EXPERT)
@require_http_methods(["GET", "POST"])
def recuse(request: Request, pk: int) -> HttpResponse:
    """Withdraw from a panel because of a conflict; the form stands on the sheet's page."""
    assignment = get_object_or_404(queries.own_assignments(request.acting), pk=pk)
    undeclared = declaration(request, assignment)
    if undeclared:
        return redirect(undeclared)
    if request.method == "GET":
        return redirect("sheet", pk=pk)
    recusal = forms.RecusalForm(request.POST)
    if recusal.is_valid():
        try:
            reason = recusal.cleaned_data["reason"]
            recusals.recuse(assignment=assignment, reason=reason, by=request.acting, on=request.today)
        except Refused as refusal:
            recusal.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("已回避，教育厅经办将另行安排专家。"))
            return redirect("sheet-list")
    return sheet_page(request, assignment, recusal=recusal)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def panel_go_on(request: Request, pk: int) -> HttpResponse:
    """Decide that the gaps of a panel are not filled, before its figures show."""
    panel = get_object_or_404(queries.changeable_panels(request.acting), pk=pk)
    hint = _("例如：专家库中没有其他可以评审的专家。原因写入评审组记录。")
    form = WhyForm(request.POST if request.method == "POST" else None, hint=hint)
    if request.method == "POST" and form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            settled = going_on.go_on(panel=panel, reason=reason, by=request.acting, on=request.today)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("已决定不再补派 %(n)s 名专家，原因已记录。") % {"n": len(settled)})
            return redirect("base", pk=panel.base_id)
    context = {
        "panel": panel,
        "gaps": panel.assignments.gaps().select_related("expert"),
        "form": form,
        "consequence": going_on.consequence(panel),
        "blocked": going_on.reasons_against(panel),
        "articles": "8(3)" if panel.purpose == Panel.Purpose.APPLICATION else "16",
        "fill_act": going_on.FILL[Panel.Purpose(panel.purpose)],
    }
    return render(request, "applications/panel_go_on.html", context, status=422 if form.errors else 200)
