"""The parts of a meeting that is not over: its members and their attendance, what it takes up, who stays out, the votes."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import formset_factory
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from applications import quorum
from applications.forms import ticked
from applications.meeting_forms import CopyForm, ItemsForm, MemberForm, PeopleForm, RecusedForm, VotesForm, rows_of
from applications.models import MeetingItem, ReviewMeeting
from applications.services import meeting_members, meeting_votes, meetings
from applications.services.meeting_votes import Line
from applications.services.results import ranking
from applications.views.meetings import closed, meeting_of
from portal.access import open_to
from portal.errors import Overtaken, Refused
from portal.http import Request, whole_number
from portal.roles import Role

PAGE_SIZE = 100
MemberFormSet = formset_factory(MemberForm, extra=3, max_num=103, absolute_max=110)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def meeting_people(request: Request, pk: int) -> HttpResponse:
    """The list of members with duties and attendance, and the quorum as it stands."""
    meeting = meeting_of(pk)
    if request.method == "GET":
        return closed(request, meeting) or _people_page(request, meeting)
    formset = MemberFormSet(request.POST, initial=_initial(meeting))
    seen = whole_number(request.POST.get("seen", ""), 9)
    if formset.is_valid():
        try:
            meeting_members.save_members(meeting=meeting, rows=rows_of(formset), seen=seen or 0, by=request.acting)
        except Refused as refusal:
            return _people_page(request, meeting, formset=formset, refused=refusal.reasons)
        messages.success(request, _("成员与出席情况已保存。"))
        return redirect("meeting-members", pk=pk)
    return _people_page(request, meeting, formset=formset)


def _initial(meeting: ReviewMeeting) -> list[dict[str, Any]]:
    return [dict(row) for row in meeting.members.values("pk", "name", "employer", "duty", "present")]


def _people_page(request: Request, meeting: ReviewMeeting, **given: Any) -> HttpResponse:
    sources = meeting_members.earlier_meetings(meeting)
    seen = {"seen": meeting.revision}
    members = list(meeting.members.all())
    share = quorum.share(meeting.round.policy.meeting_quorum_percent)
    context = {
        "meeting": meeting,
        "round": meeting.round,
        "formset": MemberFormSet(initial=_initial(meeting)),
        "people_form": PeopleForm(initial=seen),
        "copy_form": CopyForm(initial=seen, sources=sources),
        "sources": sources,
        "quorum": meeting_members.quorum_of(meeting, members),
        "share": share,
        "seen": request.POST.get("seen", meeting.revision),
    } | given
    return render(request, "applications/meeting_members.html", context, status=422 if given else 200)


@open_to(Role.DEPT_OFFICER)
@require_POST
def meeting_people_add(request: Request, pk: int) -> HttpResponse:
    """Put several people on the list at once."""
    meeting = meeting_of(pk)
    form = PeopleForm(request.POST)
    if form.is_valid():
        rows, seen = form.cleaned_data["text"], form.cleaned_data["seen"]
        try:
            added = meeting_members.add_members(meeting=meeting, rows=rows, seen=seen, by=request.acting)
        except Refused as refusal:
            form.add_error("text", list(refusal.reasons))
        else:
            messages.success(request, _("已加入 %(n)s 人；名单中已有的没有重复加入。") % {"n": added})
            return redirect("meeting-members", pk=pk)
    return _people_page(request, meeting, people_form=form)


@open_to(Role.DEPT_OFFICER)
@require_POST
def meeting_people_copy(request: Request, pk: int) -> HttpResponse:
    """Take over the members of an earlier meeting."""
    meeting = meeting_of(pk)
    form = CopyForm(request.POST, sources=meeting_members.earlier_meetings(meeting))
    if form.is_valid():
        try:
            added = meeting_members.copy_members(meeting=meeting, **form.cleaned_data, by=request.acting)
        except Refused as refusal:
            form.add_error("source", list(refusal.reasons))
        else:
            messages.success(request, _("已从以往会议带入 %(n)s 人，请登记出席。") % {"n": added})
            return redirect("meeting-members", pk=pk)
    return _people_page(request, meeting, copy_form=form)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def meeting_items(request: Request, pk: int) -> HttpResponse:
    """Choose what a meeting takes up."""
    meeting = meeting_of(pk)
    if request.method == "GET" and (away := closed(request, meeting)):
        return away
    possible = {candidate.application.pk: candidate for candidate in meetings.candidates(meeting.round, meeting.kind)}
    related = ("application__base__training_unit", "application__base__partner")
    present = {item.application_id: item for item in meeting.items.select_related(*related)}
    initial = {"seen": meeting.revision, "applications": list(present)}
    form = ItemsForm(request.POST or None, possible=[*possible, *present], initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            meetings.take_up(meeting=meeting, **form.cleaned_data, by=request.acting)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("议题已保存，按评分排序。"))
            return redirect("meeting", pk=pk)
    gone = [meetings.Candidate(item.application, None) for key, item in present.items() if key not in possible]
    chosen = ticked(form["applications"])
    rows = [
        (candidate, candidate.application.pk in chosen, candidate in gone) for candidate in [*possible.values(), *gone]
    ]
    context = {"meeting": meeting, "round": meeting.round, "form": form, "rows": rows}
    return render(request, "applications/meeting_items.html", context, status=422 if form.errors else 200)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def meeting_ballot(request: Request, pk: int) -> HttpResponse:
    """The votes of all items like a spreadsheet; what is typed is kept by itself, and both buttons keep all lines of the page."""
    meeting = meeting_of(pk)
    if request.method == "GET" and (away := closed(request, meeting)):
        return away
    page = Paginator(meeting_votes.lines(meeting), PAGE_SIZE).get_page(request.GET.get("page"))
    places = {each.application.pk: each for each in ranking(meeting.round)}
    data = request.POST if request.method == "POST" else None
    rows = [(line, VotesForm.of(line.item, data), places.get(line.item.application_id)) for line in page]
    if data is not None and _keep_all(request, [(line, form) for line, form, _place in rows]):
        if "agree" in request.POST:
            _agree_to_all(request, meeting)
        else:
            messages.success(request, _("表决结果已保存。"))
        return redirect(f"{request.path}?page={page.number}")
    members = list(meeting.members.all())
    context = {
        "meeting": meeting,
        "round": meeting.round,
        "page_obj": page,
        "rows": rows,
        "quorum": meeting_members.quorum_of(meeting, members),
        "complete": sum(line.is_complete for line in page.paginator.object_list),
    }
    return render(request, "applications/meeting_votes.html", context, status=422 if data is not None else 200)


def _agree_to_all(request: Request, meeting: ReviewMeeting) -> None:
    try:
        done, left = meeting_votes.agree_to_all(meeting=meeting, by=request.acting)
    except Overtaken:
        raise
    except Refused as refusal:
        messages.warning(request, refusal.reasons[0])
    else:
        messages.success(request, _("已把 %(n)s 项填为全部同意。") % {"n": done})
        if left:
            messages.info(request, _("%(n)s 项已有反对、弃权、其他结论，或者没有人可以表决，没有改动。") % {"n": left})


def _keep_all(request: Request, rows: list[tuple[Line, VotesForm]]) -> bool:
    """Keep the lines that were sent and can be kept; whether there is nothing left to mend."""
    good = True
    for line, form in rows:
        if form.add_prefix("seen") not in request.POST:
            continue
        if not form.is_valid():
            good = False
            continue
        try:
            meeting_votes.save_votes(item=line.item, **form.cleaned_data, by=request.acting)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
            good = False
    return good


def _item_of(pk: int, item_pk: int) -> MeetingItem:
    related = ("meeting__round__policy", "application__base__training_unit", "application__base__partner")
    return get_object_or_404(MeetingItem.objects.select_related(*related), pk=item_pk, meeting=pk)


@open_to(Role.DEPT_OFFICER)
@require_POST
def meeting_item_autosave(request: Request, pk: int, item_pk: int) -> HttpResponse:
    """Keep one line of the votes as it stands; answers with what is still wrong with it."""
    item = _item_of(pk, item_pk)
    form = VotesForm.of(item, request.POST)
    if not form.is_valid():
        reasons = [str(error) for errors in form.errors.values() for error in errors]
        return render(request, "applications/_meeting_line_said.html", {"reasons": reasons}, status=422)
    try:
        kept = meeting_votes.save_votes(item=item, **form.cleaned_data, by=request.acting)
    except Refused as refusal:
        status = 409 if isinstance(refusal, Overtaken) else 422
        return render(request, "applications/_meeting_line_said.html", {"reasons": refusal.reasons}, status=status)
    line = next(line for line in meeting_votes.lines(item.meeting) if line.item.pk == item_pk)
    context = {"line": line, "form": form, "seen": kept.revision, "saved_at": timezone.localtime()}
    return render(request, "applications/_meeting_line_said.html", context)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def meeting_recused(request: Request, pk: int, item_pk: int) -> HttpResponse:
    """Who stays out of one item: those whom a conflict keeps out, and whom the officer adds."""
    item = _item_of(pk, item_pk)
    if request.method == "GET" and (away := closed(request, item.meeting)):
        return away
    line = next(line for line in meeting_votes.lines(item.meeting) if line.item.pk == item_pk)
    initial = {"seen": item.revision, "members": [member.pk for member in line.recused]}
    form = RecusedForm(request.POST or None, meeting=item.meeting, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            meeting_votes.save_recused(item=item, **form.cleaned_data, by=request.acting)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("回避情况已保存，请核对这一项的票数。"))
            return redirect("meeting-votes", pk=pk)
    chosen = ticked(form["members"]) | set(line.conflicts)
    voting = [member for member in item.meeting.members.all() if member.votes]
    context = {
        "meeting": item.meeting, "round": item.meeting.round, "item": item, "form": form,
        "rows": [(member, member.pk in chosen, line.conflicts.get(member.pk)) for member in voting],
    }  # fmt: skip
    return render(request, "applications/meeting_recused.html", context, status=422 if form.errors else 200)
