from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bases import queries
from bases.forms import HandOverForm
from bases.services import applicants
from portal.access import open_to
from portal.errors import Refused
from portal.http import Request
from portal.roles import Role


@open_to(Role.UNIT_OFFICER)
@require_http_methods(["GET", "POST"])
def hand_over(request: Request, pk: int) -> HttpResponse:
    """Name another applicant of the unit for a base, after a page that says what follows (第六条, 第八条（一）)."""
    base = get_object_or_404(queries.visible_bases(request.acting), pk=pk)
    successors = applicants.successors(base)
    form = HandOverForm(request.POST or None, successors=successors)
    if request.method == "POST" and form.is_valid():
        try:
            changed = applicants.hand_over(base=base, by=request.acting, on=request.today, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("申报人已更换为%(name)s。") % {"name": changed.applicant.full_name})
            return redirect("base", pk=pk)
    obstacles = [] if request.method == "POST" else applicants.obstacles(base)
    context = {"base": base, "form": form, "reasons": obstacles}
    return render(request, "bases/hand_over.html", context, status=422 if form.errors else 200)
