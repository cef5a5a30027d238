"""The plan who reviews what in a round: have it proposed, look at it, change it by hand, apply it, hand the dossiers over."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from applications.assignment_forms import ChangeForm, ProposeForm, SheetsDueForm, StartForm
from applications.models import AssignmentPlan, Round
from applications.services import assigning, planning, review_board, sheet_deadline
from portal import progress
from portal.access import open_to
from portal.errors import NotYours, Refused
from portal.http import Request
from portal.roles import DEPARTMENT_BUSINESS, Role

PAGE_SIZE = 50
REASONS_SHOWN = 20


def round_of(pk: int) -> Round:
    """The round of the address, with its policy."""
    return get_object_or_404(Round.objects.select_related("policy"), pk=pk)


def _draft_of(round_: Round) -> AssignmentPlan:
    """The plan that can be changed; not found while there is none."""
    plan = assigning.open_plan(round_)
    if plan is None or not plan.is_draft:
        raise Http404
    plan.round = round_
    return plan


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def round_propose(request: Request, pk: int) -> HttpResponse:
    """Have a proposal computed, with the policy's numbers as a start."""
    round_ = round_of(pk)
    policy = round_.policy
    initial = {
        "scope": AssignmentPlan.Scope.WHOLE,
        "size": policy.panel_size,
        "industry_min": policy.panel_industry_min,
        "load_limit": assigning.usual_limit(round_, policy.panel_size, request.today),
    }
    if request.GET.get("scope") == AssignmentPlan.Scope.GAPS:
        initial["scope"] = AssignmentPlan.Scope.GAPS
    form = ProposeForm(request.POST if request.method == "POST" else None, initial=initial, least=policy.min_experts)
    if request.method == "POST" and form.is_valid():
        try:
            assigning.ask(round_=round_, **form.cleaned_data, by=request.acting, on=request.today)
        except NotYours:
            raise
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            return redirect("round-plan", pk=pk)
    context = {"round": round_, "form": form, "open": assigning.open_plan(round_)}
    return render(request, "applications/round_propose.html", context, status=422 if form.errors else 200)


@open_to(DEPARTMENT_BUSINESS)
@require_safe
def round_plan(request: Request, pk: int) -> HttpResponse:
    """The open plan: how it comes, then every application with its experts, and what is not in order."""
    round_ = round_of(pk)
    plan = assigning.open_plan(round_)
    context: dict[str, Any] = {"round": round_, "plan": plan}
    if plan is None:
        newest = AssignmentPlan.objects.filter(round=round_).select_related("closed_by")
        return render(request, "applications/round_plan.html", context | {"last": newest.first()})
    plan.round = round_
    if not plan.is_draft:
        return render(request, "applications/round_plan.html", context | _computing(plan))
    rows = planning.planned(plan, request.today)
    q, show = request.GET.get("q", "").replace("\0", "").strip()[:60], request.GET.get("show", "")
    shown = [row for row in rows if _is_shown(row, q, show)]
    context |= {
        "page_obj": Paginator(shown, PAGE_SIZE).get_page(request.GET.get("page")),
        "summary": planning.summary(plan, rows),
        "filters": {"q": q, "show": show},
        "filtered": bool(q or show),
    }
    return render(request, "applications/round_plan.html", context)


def _is_shown(row: planning.Planned, q: str, show: str) -> bool:
    application: Any = row.line.application
    said = " ".join(
        [application.shown_name, application.base.training_unit.name, *(e.expert.full_name for e in row.entries)]
    )
    if not all(word in said for word in q.split()):
        return False
    by_hand = any(entry.by_hand for entry in row.entries)
    return {"trouble": bool(row.troubles or row.blocking), "hand": by_hand}.get(show, True)


def _computing(plan: AssignmentPlan) -> dict[str, Any]:
    state = "done" if plan.is_draft else "failed" if assigning.is_given_up(plan) else "pending"
    told = progress.current(assigning.job_key(plan)) if state == "pending" else None
    return {"plan": plan, "state": state, "progress": told}


@open_to(DEPARTMENT_BUSINESS)
@require_safe
def round_plan_state(request: Request, pk: int) -> HttpResponse:
    """The part of the page that shows how far the computation is; the page asks again while it is not there."""
    round_ = round_of(pk)
    plan = assigning.open_plan(round_)
    if plan is None:
        raise Http404
    return render(request, "applications/_plan_state.html", {"round": round_} | _computing(plan))


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def round_plan_change(request: Request, pk: int, application_pk: int) -> HttpResponse:
    """Change whom the plan puts on one application; the rules are checked at once."""
    plan = _draft_of(round_of(pk))
    row = next((r for r in planning.planned(plan, request.today, application=application_pk)), None)
    if row is None:
        raise Http404
    able, closed = planning.offers(plan, row, request.today)
    form = ChangeForm(request.POST if request.method == "POST" else None, row=row, able=able, closed=closed)
    if request.method == "POST" and form.is_valid():
        try:
            warnings = assigning.change(
                plan=plan, application=row.line.application, **form.cleaned_data, by=request.acting, on=request.today
            )
        except NotYours:
            raise
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("方案已调整。"))
            for words in warnings:
                messages.warning(request, _("请注意：%(words)s。") % {"words": words})
            return redirect("round-plan-change", pk=pk, application_pk=application_pk)
    context = {"round": plan.round, "plan": plan, "row": row, "form": form, "closed": closed}
    return render(request, "applications/round_plan_change.html", context, status=422 if form.errors else 200)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def round_plan_apply(request: Request, pk: int) -> HttpResponse:
    """Put the experts of the plan on their panels, after a look at what that means."""
    plan = _draft_of(round_of(pk))
    if request.method == "POST":
        done = assigning.apply(plan=plan, by=request.acting, on=request.today)
        words = {"n": done.applications, "experts": done.experts, "m": done.assignments}
        messages.success(request, _("分配方案已确认：%(n)s 份申请书新增 %(m)s 人次，涉及 %(experts)s 名专家。") % words)
        return redirect("round-review", pk=pk)
    rows = planning.planned(plan, request.today)
    context = {
        "round": plan.round,
        "plan": plan,
        "summary": planning.summary(plan, rows),
        "changed": sum(bool(row.entries) for row in rows),
        "blocked": assigning.apply_reasons(rows),
        "troubled": [row for row in rows if row.troubles][:REASONS_SHOWN],
    }
    return render(request, "applications/round_plan_apply.html", context)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def round_plan_discard(request: Request, pk: int) -> HttpResponse:
    """Drop the open plan."""
    round_ = round_of(pk)
    plan = assigning.open_plan(round_)
    if plan is None:
        raise Http404
    if request.method == "POST":
        assigning.discard(plan=plan, by=request.acting, on=request.today)
        messages.success(request, _("分配方案已放弃，原有的分配不变。"))
        return redirect("round-review", pk=pk)
    return render(request, "applications/round_plan_discard.html", {"round": round_, "plan": plan})


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def round_review_start(request: Request, pk: int) -> HttpResponse:
    """Hand the dossiers of many applications to their experts in one act (第八条（三）)."""
    round_ = round_of(pk)
    waiting = [line for line in review_board.lines(round_, request.today) if not line.started]
    ready = [line for line in waiting if not line.start_reasons()]
    initial = {"sheets_due_on": sheet_deadline.proposed(round_, request.today)}
    sent = request.POST if request.method == "POST" else None
    form = StartForm(sent, round_=round_, on=request.today, ready=ready, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            done = assigning.start_review(round_=round_, **form.cleaned_data, by=request.acting, on=request.today)
        except NotYours:
            raise
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons)[:REASONS_SHOWN])
        else:
            words = {"n": done.applications, "m": done.experts, "day": form.cleaned_data["sheets_due_on"].isoformat()}
            said = _("评审已启动：%(n)s 份申请书的材料已送达 %(m)s 名专家，评分表在 %(day)s 前提交。")
            messages.success(request, said % words)
            return redirect("round-review", pk=pk)
    context = {
        "round": round_,
        "form": form,
        "ready": ready,
        "experts": len({each.expert_id for line in ready for each in line.live}),
        "assignments": sum(len(line.live) for line in ready),
        "not_ready": [(line, line.start_reasons()) for line in waiting if line.start_reasons()],
    }
    return render(request, "applications/round_review_start.html", context, status=422 if form.errors else 200)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def round_sheets_due(request: Request, pk: int) -> HttpResponse:
    """Set or move the last day for the sheets of a round."""
    round_ = round_of(pk)
    initial = {"due_on": sheet_deadline.proposed(round_, request.today)}
    form = SheetsDueForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            kept = sheet_deadline.set_due(round_=round_, **form.cleaned_data, by=request.acting, on=request.today)
        except NotYours:
            raise
        except Refused as refusal:
            form.add_error("due_on", list(refusal.reasons))
        else:
            day = kept.sheets_due_on.isoformat() if kept.sheets_due_on else ""
            messages.success(request, _("评分表提交截止已设为 %(day)s，专家在待办和“我的评审”中看到。") % {"day": day})
            return redirect("round-review", pk=pk)
    context = {"round": round_, "form": form}
    return render(request, "applications/round_sheets_due.html", context, status=422 if form.errors else 200)
