from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from applications import forms, queries
from applications.models import Objection
from applications.services import objections
from portal.access import EVERYONE, open_to
from portal.errors import Refused
from portal.http import Request
from portal.roles import Role


@open_to(EVERYONE)
@require_http_methods(["GET", "POST"])
def objection_new(request: Request, pk: int) -> HttpResponse:
    """File an objection: real name, contact, grounds; shows the lookup code afterwards."""
    notice = get_object_or_404(queries.notices(request.acting), pk=pk)
    if not notice.is_running(request.today):
        raise Refused(
            _("公示期为 %(start)s 至 %(end)s，现在不在受理期内。如有线索，可向监督部门反映：%(office)s，%(contact)s。")
            % {
                "start": notice.published_on,
                "end": notice.ends_on,
                "office": notice.supervision_office,
                "contact": notice.contact,
            }
        )
    bound = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = forms.ObjectionForm(*bound, notice=notice, initial={"base": request.GET.get("base")})
    if request.method == "POST" and form.is_valid():
        try:
            objection = objections.file_objection(notice=notice, **form.cleaned_data, on=request.today)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            request.session["filed_objection"] = objection.code
            return redirect("objection-status")
    return render(
        request, "applications/objection_new.html", {"notice": notice, "form": form}, status=422 if form.errors else 200
    )


@open_to(EVERYONE)
@require_safe
def objection_status(request: Request) -> HttpResponse:
    """Find one's objection by its code."""
    code = request.GET.get("code", "").strip().upper() or request.session.get("filed_objection", "")
    form = forms.LookupForm(request.GET or None)
    objection = Objection.objects.select_related("notice", "base").filter(code=code).first() if code else None
    context = {"form": form, "objection": objection, "code": code, "fresh": "code" not in request.GET}
    return render(request, "applications/objection_status.html", context)


@open_to(Role.UNIT_OFFICER, Role.DEPT_OFFICER)
@require_safe
def objection_list(request: Request) -> HttpResponse:
    """The objections that one's office handles."""
    found = queries.handled_objections(request.acting)
    page = Paginator(found, 25).get_page(request.GET.get("page"))
    context = {"page_obj": page, "open_count": found.filter(status__in=Objection.OPEN).count()}
    return render(request, "applications/objection_list.html", context)


@open_to(Role.UNIT_OFFICER, Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def objection_handle(request: Request, pk: int) -> HttpResponse:
    """Accept, decline or conclude an objection."""
    objection = get_object_or_404(queries.handled_objections(request.acting), pk=pk)
    form = forms.HandleObjectionForm(request.POST or None, objection=objection)
    if request.method == "POST" and form.is_valid():
        try:
            objections.handle_objection(objection=objection, **form.cleaned_data, by=request.acting, on=request.today)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            accepted = form.cleaned_data["status"] == Objection.Status.ACCEPTED
            done = _("异议已受理，请调查后作出结论。") if accepted else _("异议已办结，异议人凭查询码可以看到结果。")
            messages.success(request, done)
            return redirect("objection-list")
    return render(
        request,
        "applications/objection_handle.html",
        {"objection": objection, "form": form},
        status=422 if form.errors else 200,
    )
