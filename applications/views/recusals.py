"""回避 on the screen: what experts declare first, whom applicants ask not to have, and what the department does later."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications import queries, recusal_forms
from applications.models import Assignment, Panel
from applications.services import avoiding, recusals
from applications.services.recusal_rules import people_of
from portal.access import open_to
from portal.errors import Refused
from portal.http import Request
from portal.roles import Role


@open_to(Role.EXPERT)
@require_http_methods(["GET", "POST"])
def review_declare(request: Request, pk: int) -> HttpResponse:
    """Before anything else: whom it is about, and whether the expert scores, withdraws or declines."""
    assignment = get_object_or_404(queries.own_assignments(request.acting), pk=pk)
    if assignment.declared_on or not queries.waiting_sheets(request.acting).filter(pk=pk).exists():
        return redirect("sheet", pk=pk)
    do = request.POST.get("do", "")
    forms = {
        "free": recusal_forms.FreeForm(request.POST if do == "free" else None, prefix="free"),
        "recuse": recusal_forms.RecuseForm(request.POST if do == "recuse" else None, prefix="recuse"),
        "decline": recusal_forms.DeclineForm(request.POST if do == "decline" else None, prefix="decline"),
    }
    chosen = forms.get(do)
    if chosen is not None and chosen.is_valid():
        try:
            answer = _declare(request, assignment, chosen)
        except Refused as refusal:
            chosen.add_error(None, list(refusal.reasons))
        else:
            return answer
    context = {
        "assignment": assignment,
        "base": assignment.panel.base,
        "concerned": people_of(assignment.panel.base, request.today),
        **forms,
        "form": chosen or forms["free"],
    }
    status = 422 if chosen is not None or do else 200
    return render(request, "applications/review_declare.html", context, status=status)


def _declare(request: Request, assignment: Assignment, form: object) -> HttpResponse:
    given: dict[str, Any] = {"assignment": assignment, "by": request.acting, "on": request.today}
    if isinstance(form, recusal_forms.RecuseForm):
        recusals.recuse(reason=form.words(), **given)
        messages.success(request, _("已回避，教育厅经办将另行安排专家。"))
        return redirect("sheet-list")
    if isinstance(form, recusal_forms.DeclineForm):
        recusals.decline(reason=form.cleaned_data["reason"], **given)
        messages.success(request, _("已谢绝，教育厅经办将另行安排专家。"))
        return redirect("sheet-list")
    recusals.declare_free(**given)
    messages.success(request, _("声明已记录，请审阅材料，逐项评分。"))
    return redirect("sheet", pk=assignment.pk)


@open_to(Role.APPLICANT)
@require_http_methods(["GET", "POST"])
def application_avoid(request: Request, pk: int) -> HttpResponse:
    """Whom the applicant asks not to have as experts, with the reasons."""
    application = get_object_or_404(queries.avoidable_applications(request.acting), pk=pk)
    named = list(application.avoided_experts.all())
    form = recusal_forms.AvoidForm(
        request.POST if request.method == "POST" else None, initial=recusal_forms.avoided_initial(named)
    )
    if request.method == "POST" and form.is_valid():
        try:
            avoiding.set_avoided(application=application, experts=form.experts(), by=request.acting, on=request.today)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("已保存。只有本基地申报人和教育厅可以看到。"))
            return redirect("base", pk=application.base_id)
    closed = avoiding.closed_reasons(application, application.base)
    context = {"application": application, "form": form, "named": named, "closed": closed}
    return render(request, "applications/application_avoid.html", context, status=422 if form.errors else 200)


@dataclass(frozen=True)
class Step:
    """An act of the department on an assignment, in words."""

    title: str
    button: str
    consequence: str
    done: str
    perform: Callable[..., Assignment]
    hint: str
    danger: bool = False


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def assignment_release(request: Request, pk: int) -> HttpResponse:
    """Take an expert off who has not handed in."""
    step = Step(
        title=_("撤换专家"), button=_("撤换"), danger=True, perform=recusals.release,
        consequence=_(
            "该专家不再参加本项评审，也不能再看材料；已暂存的评分保留备查、不计入。撤换后不能恢复，请随即补充专家。"
        ),
        done=_("已撤换。请补充专家。"), hint=_("例如：逾期未评，经联系无法完成。该专家可以看到。"),
    )  # fmt: skip
    return _carry_out(request, pk, step)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def assignment_conflict(request: Request, pk: int) -> HttpResponse:
    """Take an expert off whose conflict was found after they were assigned, with or without a sheet."""
    step = Step(
        title=_("发现利害关系"), button=_("移出评审组"), danger=True, perform=recusals.remove_for_conflict,
        consequence=_(
            "该专家移出评审组，不能再看材料；评分表保留备查，不计入综合得分。人数不足的，须补充专家并收齐评分表，"
            "才能确定得分。查明有误的，在得分确定之前可以恢复。"
        ),
        done=_("已移出评审组，评分表不计入。人数不足的，请补充专家。"),
        hint=_("写明什么关系、从何得知。该专家可以看到。"),
    )  # fmt: skip
    return _carry_out(request, pk, step)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def assignment_restore(request: Request, pk: int) -> HttpResponse:
    """Put back who was taken off in error."""
    step = Step(
        title=_("恢复专家"), button=_("恢复"), perform=recusals.restore,
        consequence=_("该专家回到评审组，已提交的评分表重新计入综合得分；没有提交的，可以继续评分。移出和恢复都留有记录。"),
        done=_("已恢复。"), hint=_("写明查明的情况。"),
    )  # fmt: skip
    return _carry_out(request, pk, step)


def _carry_out(request: Request, pk: int, step: Step) -> HttpResponse:
    assignment = get_object_or_404(queries.panel_assignments(request.acting), pk=pk)
    panel = assignment.panel
    pair = (assignment.expert_id, panel.base_id)
    found = recusals.findings([assignment.expert], [panel.base], request.today)
    shown = found.conflicts.get(pair)
    initial = {"reason": shown.reason} if shown and step.perform == recusals.remove_for_conflict else {}
    hint = step.hint
    if step.danger and recusals.asked_not_to_have(assignment):
        hint = _("申报人申请过这个姓名的专家回避：专家看不到这里写的原因，只看到“按照回避规定”。")
    form = recusal_forms.WhyForm(request.POST if request.method == "POST" else None, initial=initial, hint=hint)
    if request.method == "POST" and form.is_valid():
        given = {"reason": form.cleaned_data["reason"], "by": request.acting, "on": request.today}
        try:
            step.perform(assignment=assignment, **given)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, step.done)
            return redirect("base", pk=panel.base_id)
    context = {
        "assignment": assignment,
        "step": step,
        "form": form,
        "shown": shown,
        "hints": found.hints.get(pair, []),
        "articles": "8(3)" if panel.purpose == Panel.Purpose.APPLICATION else "16",
        "blocked": recusals.department_reasons(panel),
    }
    return render(request, "applications/assignment_step.html", context, status=422 if form.errors else 200)
