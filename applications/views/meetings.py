"""会议 of a round: what it is, who sits in it, what it takes up, its conclusion and its papers (第八条（三）（四）)."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.meeting_forms import ConcludeForm, EditMeetingForm, MinutesScanForm, NewMeetingForm
from applications.models import ReviewMeeting, Round
from applications.services import meeting_conclusion, meeting_papers, meetings
from applications.services.meeting_members import quorum_of
from applications.services.meeting_votes import lines
from applications.services.meetings import ARTICLES, Kind
from portal.access import open_to
from portal.errors import Refused
from portal.http import Request, excel
from portal.roles import DEPARTMENT_BUSINESS, Role

DRAFT = ReviewMeeting.State.DRAFT
PAGE_SIZE = 50


def meeting_of(pk: int) -> ReviewMeeting:
    """A meeting by its key, or the page that says it is not there."""
    related = (
        "round__policy", "drafted_by", "concluded_by", "minutes_pdf", "summary_pdf", "summary_xlsx", "signed_scan",
    )  # fmt: skip
    return get_object_or_404(ReviewMeeting.objects.select_related(*related), pk=pk)


def closed(request: Request, meeting: ReviewMeeting) -> HttpResponse | None:
    """The way back from a page that changes a meeting which is over; None while it may be changed."""
    if meeting.state == DRAFT:
        return None
    messages.info(request, _("会议已经结束，纪要不能再改。"))
    return redirect("meeting", pk=meeting.pk)


@open_to(DEPARTMENT_BUSINESS)
@require_safe
def round_meetings(request: Request, pk: int) -> HttpResponse:
    """The meetings of a round, of both kinds."""
    found = get_object_or_404(Round, pk=pk)
    page = Paginator(meetings.listed(found), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"round": found, "tab": "meetings", "page_obj": page}
    return render(request, "applications/meeting_list.html", context)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def meeting_new(request: Request, pk: int) -> HttpResponse:
    """Begin a meeting of one of the two kinds, with a name and an agenda proposed."""
    found = get_object_or_404(Round.objects.select_related("policy"), pk=pk)
    kind = Kind.DELIBERATION if request.GET.get("kind") == Kind.DELIBERATION else Kind.REVIEW
    initial = meetings.proposed(found, kind) | {"held_on": request.today}
    form = NewMeetingForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            meeting = meetings.draft_meeting(round_=found, kind=kind, **form.cleaned_data, by=request.acting)
        except Refused as refusal:
            of_the_day = meetings.day_reasons(found, form.cleaned_data["held_on"]) == refusal.reasons
            form.add_error("held_on" if of_the_day else None, list(refusal.reasons))
        else:
            messages.success(request, _("会议已登记。下一步：列出成员。"))
            return redirect("meeting-members", pk=meeting.pk)
    context = {
        "round": found, "form": form, "kind": kind, "kind_label": kind.label, "articles": ARTICLES[kind],
        "possible": len(meetings.candidates(found, kind)),
    }  # fmt: skip
    return render(request, "applications/meeting_new.html", context, status=422 if form.errors else 200)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def meeting_edit(request: Request, pk: int) -> HttpResponse:
    """Change name, day, place and agenda of a meeting that is not over."""
    meeting = meeting_of(pk)
    if request.method == "GET" and (away := closed(request, meeting)):
        return away
    initial = {name: getattr(meeting, name) for name in ("title", "held_on", "place", "agenda")}
    form = EditMeetingForm(request.POST or None, initial=initial | {"seen": meeting.revision})
    if request.method == "POST" and form.is_valid():
        try:
            meetings.update_meeting(meeting=meeting, **form.cleaned_data, by=request.acting)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("会议信息已保存。"))
            return redirect("meeting", pk=pk)
    context = {"meeting": meeting, "round": meeting.round, "form": form, "articles": ARTICLES[Kind(meeting.kind)]}
    return render(request, "applications/meeting_edit.html", context, status=422 if form.errors else 200)


@open_to(DEPARTMENT_BUSINESS)
@require_safe
def meeting_page(request: Request, pk: int) -> HttpResponse:
    """A meeting: how far it is, who came, what it said of each application, its papers."""
    return _page(request, meeting_of(pk))


def _page(request: Request, meeting: ReviewMeeting, scan: MinutesScanForm | None = None) -> HttpResponse:
    members, found = list(meeting.members.all()), lines(meeting)
    draft = meeting.state == DRAFT
    context: dict[str, Any] = {
        "meeting": meeting,
        "round": meeting.round,
        "articles": ARTICLES[Kind(meeting.kind)],
        "members": members,
        "quorum": quorum_of(meeting, members),
        "page_obj": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "tally": meeting_conclusion.tally(found),
        "reasons": meeting_conclusion.reasons(meeting, found, request.today) if draft else (),
        "form": scan or MinutesScanForm(),
    }
    if draft:
        context["summary_refused"] = meeting_papers.early_summary(meeting, meeting_papers.summary_rows(meeting))
    else:
        context["papers_state"] = meeting_papers.papers_state(meeting)
    return render(request, "applications/meeting_page.html", context, status=422 if scan else 200)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def meeting_discard(request: Request, pk: int) -> HttpResponse:
    """Throw a meeting away that is not over."""
    meeting = meeting_of(pk)
    if request.method == "GET" and (away := closed(request, meeting)):
        return away
    reasons: tuple[str, ...] = ()
    if request.method == "POST":
        try:
            meetings.discard_meeting(meeting=meeting, by=request.acting)
        except Refused as refusal:
            reasons = refusal.reasons
        else:
            messages.success(request, _("会议登记已删除。"))
            return redirect("round-meetings", pk=meeting.round_id)
    context = {"meeting": meeting, "round": meeting.round, "reasons": reasons}
    return render(request, "applications/meeting_discard.html", context, status=422 if reasons else 200)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def meeting_conclude(request: Request, pk: int) -> HttpResponse:
    """Set the minutes: the page states quorum, votes and what follows."""
    meeting = meeting_of(pk)
    if request.method == "GET" and (away := closed(request, meeting)):
        return away
    members, found = list(meeting.members.all()), lines(meeting)
    initial = {
        "conclusion": meeting_conclusion.proposed_conclusion(meeting, found), "seen": meetings.sight(meeting),
    }  # fmt: skip
    form = ConcludeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            meeting_conclusion.conclude(meeting=meeting, **form.cleaned_data, by=request.acting, on=request.today)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("会议已结束，纪要和评分汇总表正在生成。打印纪要签字后，请上传扫描件。"))
            return redirect("meeting", pk=pk)
    context = {
        "meeting": meeting, "round": meeting.round, "form": form, "articles": ARTICLES[Kind(meeting.kind)],
        "quorum": quorum_of(meeting, members), "tally": meeting_conclusion.tally(found), "total": len(found),
        "blocked": meeting_conclusion.reasons(meeting, found, request.today) if meeting.state == DRAFT else (),
    }  # fmt: skip
    return render(request, "applications/meeting_conclude.html", context, status=422 if form.errors else 200)


@open_to(DEPARTMENT_BUSINESS)
@require_safe
def meeting_papers_state(request: Request, pk: int) -> HttpResponse:
    """The lines that say whether the papers are ready; the page asks again while they are not."""
    meeting = meeting_of(pk)
    context = {"meeting": meeting, "papers_state": meeting_papers.papers_state(meeting)}
    return render(request, "applications/_meeting_papers.html", context)


@open_to(DEPARTMENT_BUSINESS)
@require_safe
def meeting_summary(request: Request, pk: int) -> HttpResponse:
    """The 评分汇总表 as Excel for the meeting itself, once all sheets of its applications are in."""
    meeting = meeting_of(pk)
    rows = meeting_papers.summary_rows(meeting)
    if refused := meeting_papers.early_summary(meeting, rows):
        messages.info(request, refused)
        return redirect("meeting", pk=pk)
    name = f"{meeting_papers.summary_title(meeting)}.xlsx"
    return excel(meeting_papers.summary_workbook(meeting, rows), name)


@open_to(Role.DEPT_OFFICER)
@require_POST
def meeting_scan(request: Request, pk: int) -> HttpResponse:
    """Keep the signed minutes."""
    meeting = meeting_of(pk)
    form = MinutesScanForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            meeting_conclusion.add_scan(meeting=meeting, file=form.cleaned_data["file"], by=request.acting)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("签字扫描件已保存。"))
            return redirect("meeting", pk=pk)
    return _page(request, meeting, form)
