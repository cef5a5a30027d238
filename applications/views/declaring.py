from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import draft_forms, eligibility, forms, paper, queries
from applications.models import Application, SectionState
from applications.services import declaring, drafting, readiness, rounds, snapshot
from applications.services.readiness import changed_after_sealing
from bases.views.base import INSIDERS
from portal.access import open_to
from portal.errors import Overtaken, Refused
from portal.http import Request, whole_number
from portal.roles import Role

# Sections that are more than fields and tables have pages of their own.
_OWN_PAGES = {"students": "application-roster", "attachments": "application-attachments"}


@open_to(Role.APPLICANT)
@require_http_methods(["GET", "POST"])
def application_new(request: Request) -> HttpResponse:
    """Begin a base."""
    form = forms.NewApplicationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            application = drafting.start_application(
                name=form.cleaned_data["name"], by=request.acting, on=request.today
            )
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            return redirect("application-edit", pk=application.pk)
    context = {
        "form": form,
        "round": rounds.current_round(request.today),
        "upcoming": queries.upcoming_round(request.today),
    }
    return render(request, "applications/application_new.html", context, status=422 if form.errors else 200)


@open_to(Role.APPLICANT)
@require_safe
def application_edit(request: Request, pk: int) -> HttpResponse:
    """Go on where the paper is not complete yet."""
    application = draft_of(request, pk)
    closed = drafting.why_closed(application, request.today)
    if closed:
        return _closed(request, application, closed)
    ready = readiness.readiness(application, request.today)
    open_ones = [each.section.key for each in ready.standings if each.state != readiness.COMPLETE]
    return redirect(section_url(application.pk, open_ones[0] if open_ones else paper.SECTIONS[0].key))


@open_to(Role.APPLICANT)
@require_http_methods(["GET", "POST"])
def application_section(request: Request, pk: int, section: str) -> HttpResponse:
    """Fill in one section; what is typed is kept while typing, progress and the conditions of 第七条 stand beside it."""
    application, spec = draft_of(request, pk), _section(section)
    closed = drafting.why_closed(application, request.today)
    if closed:
        return _closed(request, application, closed)
    if request.method == "GET":
        context = section_context(request, application, section)
        context["form"] = draft_forms.SectionForm(section=spec, read=context["read"], on=request.today)
        return render(request, "applications/application_section.html", context)
    if "discard" in request.POST:
        messages.info(request, _("已载入最新保存的内容，您没有保存的修改已放弃。"))
        return redirect(section_url(pk, section))
    outcome = _save(request, application, spec)
    if outcome.done:
        messages.success(request, _("已保存。"))
        if "declare" in request.POST:
            return redirect("act", pk=application.base_id, name="declare")
        return redirect(_next_url(pk, section) if "next" in request.POST else section_url(pk, section))
    context = section_context(request, application, section) | outcome.context
    return render(request, "applications/application_section.html", context, status=outcome.status)


@open_to(Role.APPLICANT)
@require_POST
def application_autosave(request: Request, pk: int, section: str) -> HttpResponse:
    """Keep what is right as it stands; what is wrong is named and keeps what it had."""
    application, spec = draft_of(request, pk), _section(section)
    closed = drafting.why_closed(application, request.today)
    if closed:
        return render(request, "applications/_draft_trouble.html", {"refusal": [closed]}, status=409)
    outcome = _save(request, application, spec)
    if outcome.saved is None:
        context = outcome.context | {"application": application, "section": spec}
        return render(request, "applications/_draft_trouble.html", context, status=outcome.status)
    context = section_context(request, application, section) | outcome.context
    # 422 where something was left out, so that the page does not say "saved".
    return render(request, "applications/_autosaved.html", context, status=outcome.status)


@dataclass(frozen=True)
class _Outcome:
    """What came of a save: ``saved`` is None where nothing was kept."""

    saved: drafting.Saved | None
    status: int
    context: dict[str, Any]

    @property
    def done(self) -> bool:
        return self.status == 200


def _save(request: Request, application: Application, spec: paper.Section) -> _Outcome:
    read = snapshot.read(application, request.today)
    form = draft_forms.SectionForm(request.POST, section=spec, read=read, on=request.today)
    wrong = form.wrong()
    context: dict[str, Any] = {"form": form, "wrong": wrong}
    try:
        saved = drafting.save_section(
            application=application, section=spec.key, by=request.acting, on=request.today, values=form.right, rows=form.rows,
            seen=_seen(request),
        )  # fmt: skip
    except drafting.SectionOvertaken as overtaken:
        # The page goes on naming the count that it had seen: only the button that says so writes over the other's work.
        return _Outcome(None, 409, context | {"overtaken": overtaken, "wrong": [], "seen": _seen(request)})
    except Refused as refusal:
        status = 409 if isinstance(refusal, Overtaken) else 422
        return _Outcome(None, status, context | {"refusal": refusal.reasons})
    return _Outcome(saved, 422 if wrong else 200, context | {"saved": saved})


def _seen(request: Request) -> int | None:
    """The count of the section that the person had before them, or the one that they mean to write over."""
    raw = request.POST.get("overwrite") or request.POST.get("seen", "")
    return whole_number(raw, 9)


@open_to(Role.APPLICANT)
@require_POST
def application_presence(request: Request, pk: int, section: str) -> HttpResponse:
    """Say that a window still has the section open, or that it was closed; answers who else has it open."""
    application, spec = draft_of(request, pk), paper.BY_KEY.get(section)
    if spec is None:
        raise Http404
    try:
        window = UUID(request.POST.get("window", ""))
    except ValueError:
        return HttpResponse(status=204)
    if "leave" in request.POST:
        drafting.leave(application=application, section=section, window=window)
        return HttpResponse(status=204)
    others = drafting.visit(
        application=application, section=section, window=window, by=request.acting, now=timezone.now()
    )
    return render(request, "applications/_draft_presence.html", {"others": others})


@open_to(INSIDERS)
@require_safe
def application_preview(request: Request, pk: int) -> HttpResponse:
    """The whole paper as the committee will see it: the draft for those who write it, for others what was declared."""
    application = get_object_or_404(queries.visible_applications(request.acting), pk=pk)
    number = whole_number(request.GET.get("version", ""), 4)
    reading = queries.read(application, request.acting, request.today, number)
    if reading is None:
        raise Http404
    context = {
        "application": application,
        "reading": reading,
        "content": reading.content,
        "files": reading.files,
        "checks": reading.checks,
        "may_edit": _may_edit(request, application),
    }
    return render(request, "applications/application_preview.html", context)


def _may_edit(request: Request, application: Application) -> bool:
    return request.acting.role == Role.APPLICANT and not drafting.why_closed(application, request.today)


@open_to(Role.APPLICANT)
@require_http_methods(["GET", "POST"])
def application_colleagues(request: Request, pk: int) -> HttpResponse:
    """Name the colleagues who fill in the paper together with the applicant (第八条（一）)."""
    application = draft_of(request, pk)
    base = application.base
    form = draft_forms.ColleaguesForm(
        request.POST if request.method == "POST" else None,
        colleagues=queries.possible_co_applicants(base),
        initial={"users": base.co_applicants.all()},
    )
    if request.method == "POST" and form.is_valid():
        try:
            drafting.set_co_applicants(base=base, users=form.cleaned_data["users"], by=request.acting)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("共同填报人已保存。他们登录后可以在“基地”中打开这份申请书一起填写。"))
            return redirect("application-edit", pk=pk)
    context = {"form": form, "application": application, "own": base.applicant_id == request.acting.user_id}
    return render(request, "applications/application_colleagues.html", context, status=422 if form.errors else 200)


def draft_of(request: Request, pk: int) -> Application:
    """An application that this person fills in; 404 for anybody else's."""
    return get_object_or_404(queries.visible_applications(request.acting), pk=pk)


def _closed(request: Request, application: Application, why: str) -> HttpResponse:
    messages.info(request, why)
    return redirect("base", pk=application.base_id)


def _section(key: str) -> paper.Section:
    if key not in paper.BY_KEY or key in _OWN_PAGES:
        raise Http404
    return paper.BY_KEY[key]


def section_url(pk: int, key: str) -> str:
    """The page of one section."""
    own = _OWN_PAGES.get(key)
    return reverse(own, args=[pk]) if own else reverse("application-section", args=[pk, key])


def _next_url(pk: int, key: str) -> str:
    following = _beside(key, 1)
    return section_url(pk, following.key if following else key)


def _beside(key: str, step: int) -> paper.Section | None:
    place = paper.SECTIONS.index(paper.BY_KEY[key]) + step
    return paper.SECTIONS[place] if 0 <= place < len(paper.SECTIONS) else None


@dataclass(frozen=True)
class Place:
    """One line of the side bar: a section, where it stands, its page."""

    standing: readiness.Standing
    url: str
    current: bool

    @property
    def words(self) -> str:
        """Where it stands, in words."""
        if self.standing.wrong:
            return _("有错误 %(n)s 处") % {"n": len(self.standing.wrong)}
        if self.standing.missing:
            return _("还缺 %(n)s 项") % {"n": len(self.standing.missing)}
        return _("已填好")


def section_context(request: Request, application: Application, section_key: str) -> dict[str, Any]:
    """What every page of the form shows around its section: progress, conditions, deadline, neighbours; a constant number of queries.

    ``read`` is the reading on which it rests.
    """
    read = snapshot.read(application, request.today)
    ready = readiness.readiness_of(read, request.today)
    state = SectionState.objects.filter(application=application, section=section_key).first()
    before, after = _beside(section_key, -1), _beside(section_key, 1)
    pk = application.pk
    return {
        "application": read.application,
        "read": read,
        "section": paper.BY_KEY[section_key],
        "ready": ready,
        "total": len(ready.standings),
        "places": [
            Place(each, section_url(pk, each.section.key), each.section.key == section_key) for each in ready.standings
        ],
        "here": ready.standing(section_key),
        "closes": declaring.declare_window(read.application).closes_on,
        "checks": ready.checks,
        "verdicts": _verdicts(ready.checks),
        "changed_at": changed_after_sealing(read.application),
        "seen": state.version if state else 0,
        "saved_at": state.saved_at if state else None,
        "previous": (before, section_url(pk, before.key)) if before else None,
        "next": (after, section_url(pk, after.key)) if after else None,
    }


def _verdicts(checks: Iterable[eligibility.Check]) -> str:
    found = [check.verdict for check in checks]
    failed, judged = found.count(eligibility.FAIL), found.count(eligibility.JUDGE)
    words = [_("%(n)s 项不符合") % {"n": failed}] if failed else [_("硬性条件都符合")]
    if judged:
        words.append(_("%(n)s 项需人工判断") % {"n": judged})
    return "，".join(words)
