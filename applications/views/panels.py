from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications import forms, queries
from applications.services import recusals
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
