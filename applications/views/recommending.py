from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from applications import queries
from applications.models import Application, PublicNotice, Recommendation, Round
from applications.recommendation_forms import ReportForm, UnitReviewForm
from applications.services import recommending, reporting, reviewing, rounds
from applications.services.declaring import current_application
from bases import acts
from bases.models import Base, Department, TrainingUnit
from portal.access import open_to
from portal.errors import Refused
from portal.http import Request, absolute, site_root
from portal.roles import DEPARTMENT_BUSINESS, UNIT_ROLES, Role


@open_to(Role.UNIT_OFFICER)
@require_http_methods(["GET", "POST"])
def application_review(request: Request, pk: int) -> HttpResponse:
    """六项审核: beside each aspect what the application says about it, and below the conclusion."""
    application = get_object_or_404(queries.visible_applications(request.acting).select_related("review"), pk=pk)
    base = application.base
    if application.pk != current_application(base).pk:
        return redirect("application-review", pk=current_application(base).pk)
    act = acts.get("review")
    if act is None or not act.fits(base, request.acting, request.today):
        raise Refused(
            _("“%(base)s”当前状态为“%(state)s”，现在不能填写六项审核意见。没有作任何改动。")
            % {"base": base.name, "state": base.state_label}
        )
    form = UnitReviewForm(request.POST or None, base=base, acting=request.acting, on=request.today)
    if request.method == "POST" and form.is_valid():
        try:
            given = form.entered() | {"application": application}
            review = recommending.review(base=base, acting=request.acting, on=request.today, **given)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            agreed = _("审核意见已保存，结论为同意推荐。可以在推荐工作中选取，发布推荐公示。")
            refused = _("审核意见已保存，结论为不同意推荐。请退回修改，或者作不予推荐处理。")
            messages.success(request, agreed if review.agreed else refused)
            return redirect("recommendation-list")
    reading = queries.read(application, request.acting, request.today)
    checks = reading.checks if reading else []
    context = {
        "application": application,
        "base": base,
        "act": act,
        "form": form,
        "reading": reading,
        "parts": [(form[part.aspect.field], part) for part in reviewing.materials(reading.content, checks)]
        if reading
        else [],
        "to_judge": reviewing.to_judge(checks),
    }
    return render(request, "applications/recommendation_review.html", context, status=422 if form.errors else 200)


@open_to(Role.UNIT_OFFICER)
@require_http_methods(["GET", "POST"])
def recommendation_report(request: Request) -> HttpResponse:
    """Report to the department in one act: which bases, the 报送函, and the proofs; the page says what follows from it."""
    unit_id = request.acting.unit_id or 0
    round_ = reporting.newest_reportable(unit_id)
    if round_ is None:
        return render(request, "applications/report_new.html", {"round": None})
    lines = reporting.candidates(round_, unit_id, request.today, request.acting)
    ready = [(application, notice) for application, notice, reasons in lines if not reasons]
    choices = Base.objects.filter(pk__in=[application.base_id for application, _notice in ready])
    bound = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    letter_title, proposed = _proposed(request, round_, ready)
    form = ReportForm(*bound, bases=choices, initial=proposed)
    if request.method == "POST" and form.is_valid():
        try:
            done = reporting.report(round=round_, **form.cleaned_data, by=request.acting, on=request.today)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(
                request, _("已报送教育厅，文号 %(number)s。报送函和汇总表正在生成。") % {"number": done.document.number}
            )
            return redirect("recommendation", pk=done.pk)
    chosen = {str(each) for each in form["bases"].value() or []}
    context = {
        "round": round_,
        "form": form,
        "rows": [(application, notice, str(application.base_id) in chosen) for application, notice in ready],
        "held_back": [(application, notice, reasons) for application, notice, reasons in lines if reasons],
        "blocked": rounds.report_reasons(round_, request.today),
        "letter_title": letter_title,
        "department": Department.objects.first(),
    }
    return render(request, "applications/report_new.html", context, status=422 if form.errors else 200)


def _proposed(
    request: Request, round_: Round, ready: list[tuple[Application, PublicNotice | None]]
) -> tuple[str, dict[str, Any]]:
    asked = {each for each in request.GET.getlist("bases") if each.isascii() and each.isdecimal()}
    listed = [(a, notice) for a, notice in ready if str(a.base_id) in asked] or ready
    notices = list({notice.pk: notice for _application, notice in listed if notice}.values())
    link = absolute(site_root(), reporting.notice_address(notices[0])) if notices else ""
    bases = [application.base for application, _notice in listed]
    unit = TrainingUnit.objects.get(pk=request.acting.unit_id or 0)
    title, text = reporting.proposed_letter(round_, notices, bases, unit)
    return title, {
        "bases": [base.pk for base in bases],
        "text": text,
        "document_date": request.today,
        "notice_link": link,
    }


@open_to(UNIT_ROLES, DEPARTMENT_BUSINESS)
@require_safe
def recommendation_page(request: Request, pk: int) -> HttpResponse:
    """One report: its bases as they were reported, the letter, its files and proofs."""
    found = get_object_or_404(queries.visible_recommendations(request.acting), pk=pk)
    entries = list(queries.recommendation_entries(found, request.acting))
    context = _files_context(request, found) | {
        "entries": entries,
        "notices": list({entry.notice_id: entry.notice for entry in entries}.values()),
        "paragraphs": [line for line in found.text.splitlines() if line.strip()],
    }
    return render(request, "applications/recommendation_page.html", context)


@open_to(UNIT_ROLES, DEPARTMENT_BUSINESS)
@require_safe
def recommendation_files(request: Request, pk: int) -> HttpResponse:
    """The part of the page that has the files; the page asks again while they are not there."""
    found = get_object_or_404(queries.visible_recommendations(request.acting), pk=pk)
    return render(request, "applications/_recommendation_files.html", _files_context(request, found))


def _files_context(request: Request, found: Recommendation) -> dict[str, Any]:
    return {
        "recommendation": found,
        "state": reporting.files_state(found),
        "may_download": request.acting.role != Role.APPLICANT,
    }
