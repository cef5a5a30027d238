from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from applications import forms, queries
from applications.models import Application, Objection, Quota, Round
from applications.recommendation_forms import NoticeForm
from applications.services import notices, quotas, recognising, rounds
from bases.models import Base
from portal.access import EVERYONE, open_to
from portal.errors import Refused
from portal.http import Request
from portal.roles import Role


@open_to(EVERYONE)
@require_safe
def notice_list(request: Request) -> HttpResponse:
    """Running and past notices, for everybody."""
    found = queries.notices(request.acting)
    only_running = request.GET.get("running") == "1"
    page = Paginator(queries.running(found, request.today) if only_running else found, 20).get_page(
        request.GET.get("page")
    )
    rows = [(notice, notice.is_running(request.today)) for notice in page]
    return render(
        request, "applications/notice_list.html", {"page_obj": page, "rows": rows, "only_running": only_running}
    )


@open_to(EVERYONE)
@require_safe
def notice_page(request: Request, pk: int) -> HttpResponse:
    """One notice: text, dates, list, how to object, and its official PDF."""
    notice = get_object_or_404(queries.notices(request.acting), pk=pk)
    context = {
        "notice": notice,
        "issuer": queries.issuer(notice),
        "paragraphs": notices.notice_paragraphs(notice),
        "entries": notice.entries.all(),
        "running": notice.is_running(request.today),
        "pdf_state": queries.pdf_state(notice),
    }
    return render(request, "applications/notice_page.html", context)


@open_to(EVERYONE)
@require_safe
def notice_pdf_state(request: Request, pk: int) -> HttpResponse:
    """The line that says whether the PDF is ready; the page asks again while it is not."""
    notice = get_object_or_404(queries.notices(request.acting), pk=pk)
    return render(request, "applications/_notice_pdf.html", {"notice": notice, "pdf_state": queries.pdf_state(notice)})


@open_to(Role.UNIT_OFFICER, Role.DEPT_LEADER)
@require_http_methods(["GET", "POST"])
def notice_new(request: Request) -> HttpResponse:
    """Publish a list: the page states the period and what follows before it goes out."""
    unit_id = request.acting.unit_id
    newest = notices.newest_list(unit_id)
    if newest is None:
        waiting = queries.waiting_for_review(request.acting) if unit_id else 0
        return render(request, "applications/notice_new.html", {"round": None, "waiting": waiting})
    round_, ready = newest
    candidates = Base.objects.filter(pk__in=[application.base_id for application in ready])
    quota, left = _places(request, round_)
    form = NoticeForm(request.POST or None, bases=candidates, initial=_proposal(request, round_, ready, left))
    publish = notices.publish_unit_notice if unit_id else notices.publish_recognition_notice
    if request.method == "POST" and form.is_valid():
        try:
            notice = publish(round=round_, **form.cleaned_data, by=request.acting, on=request.today)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(
                request, _("公示已发布，截止 %(day)s。正式文本正在生成。") % {"day": notice.ends_on.isoformat()}
            )
            return redirect("public-notice", pk=notice.pk)
    context: dict[str, Any] = {
        "round": round_,
        "form": form,
        "rows": [(application, application.base_id in _chosen(form)) for application in ready],
        "quota": quota,
        "left": left,
        "days": round_.policy.notice_working_days,
    }
    try:
        context["ends_on"] = notices.period_end(request.today, round_.policy.notice_working_days)
    except Refused as refusal:
        context["calendar_problem"] = refusal.reasons[0]
    return render(request, "applications/notice_new.html", context, status=422 if form.errors else 200)


def _places(request: Request, round_: Round) -> tuple[Quota | None, int]:
    """The unit's published quota and how many of its places are left."""
    if request.acting.unit_id is None:
        return None, 0
    quota = quotas.places_for(round_, request.acting.unit_id, lock=False)
    return quota, max(0, quota.places - rounds.places_used(quota)) if quota else 0


def _chosen(form: NoticeForm | forms.RecognitionDocumentForm) -> set[int]:
    """The bases that are ticked, as the form was sent or as it is proposed."""
    return {int(each) for each in map(str, form["bases"].value() or []) if each.isdecimal()}


def _proposal(request: Request, round_: Round, ready: list[Application], left: int) -> dict[str, Any]:
    asked = {int(each) for each in request.GET.getlist("bases") if each.isascii() and each.isdecimal()}
    bases = [application.base_id for application in ready]
    if asked & set(bases):
        bases = [base_id for base_id in bases if base_id in asked]
    elif request.acting.unit_id:
        bases = bases[:left]
    if request.acting.unit_id:
        title = _("关于%(unit)s%(year)s年度研究生联合培养基地推荐名单的公示")
        text = _(
            "根据自治区研究生联合培养基地建设管理办法第八条和%(year)s年度申报工作安排，经各专业学位授权点申报、研究生院六项审核，"
            "拟推荐下列基地参加认定，现予公示，名单附后。"
        )
    else:
        title = _("关于%(year)s年度研究生联合培养基地拟认定名单的公示")
        text = _(
            "根据自治区研究生联合培养基地建设管理办法第八条，经培养单位推荐、专家评审和厅内审议，拟认定下列研究生联合培养基地，"
            "现予公示，名单附后。"
        )
    words = {"unit": request.acting.organisation_name, "year": round_.year}
    return {"title": (title % words)[:120], "text": text % words, "bases": bases}


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
            objection = notices.file_objection(notice=notice, **form.cleaned_data, on=request.today)
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
            notices.handle_objection(objection=objection, **form.cleaned_data, by=request.acting, on=request.today)
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


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def recognition_document(request: Request) -> HttpResponse:
    """Register the recognition document of several bases and start their construction."""
    waiting = recognising.waiting_for_document()
    years = Application.objects.filter(base__in=waiting.order_by().values("pk")).order_by("-round__year")
    # A document may come out in the year after the round.
    year = years.values_list("round__year", flat=True).first() or request.today.year
    initial = {
        "bases": waiting,
        "document_date": request.today,
        "published_on": request.today,
        "title": _("关于公布%(year)s年度研究生联合培养基地名单的通知") % {"year": year},
    }
    bound = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = forms.RecognitionDocumentForm(*bound, bases=waiting, on=request.today, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            document = recognising.publish_recognition_document(
                **form.cleaned_data, by=request.acting, on=request.today
            )
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("已登记 %(number)s，所列基地进入建设期。") % {"number": document.number})
            return redirect("base-list")
    context = {"form": form, "rows": [(base, base.pk in _chosen(form)) for base in waiting]}
    return render(request, "applications/recognition_document.html", context, status=422 if form.errors else 200)
