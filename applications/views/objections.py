"""What the public does with objections: file one, and follow it by number and code."""

from typing import cast

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import objection_queries, queries
from applications.models import Objection
from applications.objection_forms import LookupForm, ObjectionForm
from applications.services import objections
from portal import throttle
from portal.access import EVERYONE, open_to
from portal.errors import Refused
from portal.http import Request

FILINGS, LOOKUPS = "5 per hour", "30 per hour"
_FILED = "filed_objection"


def _within(request: Request, what: str, limit: str) -> bool:
    """Whether this visitor may go on, by their address and by their session."""
    if request.session.session_key is None:
        request.session.create()
    by_address = throttle.allow(what, f"address {throttle.address_of(request)}", limit)
    by_session = throttle.allow(what, f"session {request.session.session_key}", limit)
    return by_address and by_session


@open_to(EVERYONE)
@require_http_methods(["GET", "POST"])
def objection_new(request: Request, pk: int) -> HttpResponse:
    """File an objection: real name, contact, grounds, evidence; the number and the code are shown afterwards."""
    notice = get_object_or_404(queries.notices(request.acting), pk=pk)
    if not notice.is_running(request.today):
        raise Refused(objections.outside_the_period(notice, request.today))
    bound = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form, status = ObjectionForm(*bound, notice=notice, initial={"base": request.GET.get("base")}), 200
    if request.method == "POST" and form.is_valid():
        if not _within(request, "objection_filing", FILINGS):
            words = {"office": notice.office, "contact": notice.contact}
            form.add_error(
                None,
                _("一小时内提交的次数过多，没有提交。请过一小时再试，或与受理部门联系：%(office)s，%(contact)s。")
                % words,
            )
            status = 429
        else:
            try:
                filed = objections.file_objection(notice=notice, **form.objection(), on=request.today)
            except Refused as refusal:
                form.add_error(None, list(refusal.reasons))
            else:
                request.session[_FILED] = filed.pk
                return redirect("objection-filed")
    status = 422 if form.errors and status == 200 else status
    policy = notice.policy
    days = {"accept_days": policy.objection_accept_days, "conclude_days": policy.objection_conclude_days}
    return render(request, "applications/objection_new.html", {"notice": notice, "form": form} | days, status=status)


@open_to(EVERYONE)
@require_safe
@never_cache
def objection_filed(request: Request) -> HttpResponse:
    """The acknowledgement with number and code, shown once to whoever has just filed it."""
    pk = request.session.pop(_FILED, None)
    filed = Objection.objects.select_related("notice", "base").filter(pk=pk).first() if pk else None
    return render(request, "applications/objection_filed.html", {"objection": filed})


@open_to(EVERYONE)
@require_http_methods(["GET", "POST"])
@never_cache
def objection_status(request: Request) -> HttpResponse:
    """How an objection stands, for whoever knows its number and its code; neither ever stands in an address."""
    form, found, status = LookupForm(request.POST if request.method == "POST" else None), None, 200
    if request.method == "POST":
        found, status = _looked_up(request, form)
    context = {
        "form": form,
        "objection": found,
        "answer_state": objection_queries.answer_state(found) if found else "none",
        "code": form.cleaned_data.get("code", "") if found else "",
    }
    return render(request, "applications/objection_status.html", context, status=status)


def _looked_up(request: Request, form: LookupForm) -> tuple[Objection | None, int]:
    """The objection that the form names, with the status of the answer; the form says why there is none."""
    if not form.is_valid():
        return None, 422
    if not _within(request, "objection_lookup", LOOKUPS):
        form.add_error(None, _("一小时内查询的次数过多，请过一小时再试，或与受理部门联系。"))
        return None, 429
    year, serial = form.cleaned_data["number"]
    found = objection_queries.find(year, serial, form.cleaned_data["code"])
    if found is None:
        form.add_error(
            None,
            _("没有查到这件异议，请核对编号和查询码。查询码遗失的，请以提交时的姓名和手机号与受理部门联系。"),
        )
        return None, 422
    return found, 200


@open_to(EVERYONE)
@require_POST
@never_cache
def objection_answer(request: Request) -> HttpResponseBase:
    """The written answer as PDF, for whoever knows number and code."""
    found, status = _looked_up(request, form := LookupForm(request.POST))
    if found is None:
        return render(request, "applications/objection_status.html", {"form": form}, status=status)
    if found.answer is None:
        raise Http404
    stored = found.answer
    answer = FileResponse(stored.file.open(), as_attachment=True, filename=stored.name, content_type="application/pdf")
    return cast(HttpResponseBase, answer)
