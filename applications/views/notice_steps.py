"""One page for each step of a 公示: what follows from it, who is told, on which article, and the button."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications import queries
from applications.models import PublicNotice
from applications.notice_forms import ReasonForm, SeenForm
from applications.services import notice_drafts, notice_kinds, notices
from applications.views.notices import preview
from portal.access import open_to
from portal.errors import Refused
from portal.http import Request
from portal.roles import Role

State = PublicNotice.State


@dataclass(frozen=True)
class Step:
    """A step on a notice: from which state, in which words, and what it does; ``perform`` gives the words said afterwards."""

    state: str
    title: str
    button: str
    consequence: str
    perform: Callable[[PublicNotice, dict[str, Any]], str]
    told: str = ""
    reasoned: bool = False
    hint: str = ""
    danger: bool = False
    to_list: bool = False
    blocked: tuple[str, ...] = ()
    more: dict[str, Any] | None = None


def _carry_out(request: Request, notice: PublicNotice, step: Step) -> HttpResponse:
    if notice.state != step.state:
        messages.info(request, _("公示当前为“%(state)s”，没有办理。") % {"state": notice.standing(request.today)})
        return redirect("desk-notice", pk=notice.pk)
    data = request.POST if request.method == "POST" else None
    form = ReasonForm(data, seen=notice.version, hint=step.hint) if step.reasoned else SeenForm(data, seen=notice.version)  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            done = step.perform(notice, form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, done)
            return redirect("desk-notices") if step.to_list else redirect("desk-notice", pk=notice.pk)
    rules = notice_kinds.get(notice.kind)
    context = {"notice": notice, "rules": rules, "step": step, "form": form, **(step.more or {})}
    return render(request, "applications/notice_step.html", context, status=422 if form.errors else 200)


def _own(request: Request, pk: int) -> PublicNotice:
    return get_object_or_404(queries.desk_notices(request.acting), pk=pk)


@open_to(Role.UNIT_OFFICER, Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def notice_discard(request: Request, pk: int) -> HttpResponse:
    """Throw a draft away."""

    def perform(notice: PublicNotice, entered: dict[str, Any]) -> str:
        notice_drafts.discard_draft(notice=notice, by=request.acting)
        return _("草稿已删除。")

    consequence = _("这份草稿的名单和正文一并删除，不能恢复；名单中的基地不受影响，可以另行起草。")
    step = Step(State.DRAFT, _("删除公示草稿"), _("删除草稿"), consequence, perform, danger=True, to_list=True)
    return _carry_out(request, _own(request, pk), step)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def notice_submit(request: Request, pk: int) -> HttpResponse:
    """Lay the department's draft before the leader."""

    def perform(notice: PublicNotice, entered: dict[str, Any]) -> str:
        notice_drafts.submit(notice=notice, by=request.acting, on=request.today, seen=entered["seen"])
        return _("已提交审批。审批人发布之前，草稿不能再改；审批人可以退回。")

    notice = _own(request, pk)
    consequence = _("公示稿交教育厅审批人审批发布，期间不能再改；审批人可以退回修改。提交人与审批人不能是同一人。")
    more = preview(request, notice) if notice.is_prepared else {}
    step = Step(
        State.DRAFT, _("提交公示审批"), _("提交审批"), consequence, perform, told=_("教育厅审批"),
        blocked=_blocked(more), more=more,
    )  # fmt: skip
    return _carry_out(request, notice, step)


def _blocked(more: dict[str, Any]) -> tuple[str, ...]:
    calendar = (more["calendar_problem"],) if "calendar_problem" in more else ()
    return (*calendar, *more.get("reasons", ()))


@open_to(Role.DEPT_LEADER)
@require_http_methods(["GET", "POST"])
def notice_return(request: Request, pk: int) -> HttpResponse:
    """Send what was submitted back to the officers, with the reason."""

    def perform(notice: PublicNotice, entered: dict[str, Any]) -> str:
        notice_drafts.return_to_draft(notice=notice, reason=entered["reason"], by=request.acting)
        return _("已退回经办修改。")

    consequence = _("公示稿退回经办修改，修改后须重新提交审批；名单中的基地不受影响。")
    step = Step(
        State.SUBMITTED, _("退回公示稿"), _("退回修改"), consequence, perform, told=_("教育厅经办"), reasoned=True,
        hint=_("写清楚要改什么，经办在草稿页面可以看到。"), to_list=True,
    )  # fmt: skip
    return _carry_out(request, _own(request, pk), step)


@open_to(Role.UNIT_OFFICER, Role.DEPT_LEADER)
@require_http_methods(["GET", "POST"])
def notice_publish(request: Request, pk: int) -> HttpResponse:
    """Let a notice go out: the page states the period and what is fixed from then on."""

    def perform(notice: PublicNotice, entered: dict[str, Any]) -> str:
        out = notices.publish(notice=notice, by=request.acting, on=request.today, seen=entered["seen"])
        return _("公示已发布，截止 %(day)s。正式文本正在生成。") % {"day": out.ends_on.isoformat()}

    notice = _own(request, pk)
    more = preview(request, notice) if notice.is_prepared else {}
    step = Step(
        State.DRAFT if notice.issuer_unit_id else State.SUBMITTED, _("发布公示"), _("发布公示"),
        _published_words(request, notice, more), perform, told=_("社会公众"), blocked=_blocked(more), more=more,
    )  # fmt: skip
    return _carry_out(request, notice, step)


def _published_words(request: Request, notice: PublicNotice, more: dict[str, Any]) -> str:
    if "period" not in more:
        return ""
    office = _("研究生院") if notice.issuer_unit_id else _("教育厅经办")
    words = _(
        "名单今天（%(start)s）起公示，%(end)s 24 时截止，共 %(days)s 个工作日，自明天起算。名单和正文就此固定，公示期间不能增减；"
        "有实质性变更的，须撤回并重新公示满期。期间任何单位和个人都可以实名提出异议，由%(office)s办理。"
    ) % {
        "start": request.today.isoformat(),
        "end": more["period"].ends_on.isoformat(),
        "days": notice.working_days,
        "office": office,
    }
    return f"{words}{notice_kinds.get(notice.kind).consequence}"


@open_to(Role.UNIT_OFFICER, Role.DEPT_LEADER)
@require_http_methods(["GET", "POST"])
def notice_withdraw(request: Request, pk: int) -> HttpResponse:
    """Withdraw a notice because of a substantial change."""

    def perform(notice: PublicNotice, entered: dict[str, Any]) -> str:
        notices.withdraw_notice(notice=notice, reason=entered["reason"], by=request.acting, on=request.today)
        return _("公示已撤回，理由已公开。下一步：修改后重新起草，重新公示满期。")

    notice = _own(request, pk)
    consequence = _(
        "公示标为“已撤回”，连同理由继续公开可查，不再受理新的异议；已收到的异议仍须办结。名单中的基地停在原处，"
        "重新公示满期之前不能办理下一步。撤回后不能恢复。"
    )
    step = Step(
        State.PUBLISHED, _("撤回公示"), _("撤回公示"), consequence, perform, told=_("社会公众"), reasoned=True,
        hint=_("写明发生了什么实质性变更，例如名单或者合作单位有误。理由将公开。"), danger=True,
        blocked=notices.withdraw_reasons(notice) if notice.state == State.PUBLISHED else (),
    )  # fmt: skip
    return _carry_out(request, notice, step)


@open_to(Role.UNIT_OFFICER, Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def notice_conclude(request: Request, pk: int) -> HttpResponse:
    """Close a notice after its end: the page states how it ended for each base."""

    def perform(notice: PublicNotice, entered: dict[str, Any]) -> str:
        notices.conclude(notice=notice, by=request.acting, on=request.today)
        return _("公示已办结，各基地的公示结果已记录。")

    notice = _own(request, pk)
    step = Step(
        State.PUBLISHED, _("办结公示"), _("办结公示"),
        _("公示以下列结果办结，此后不再改动，也不能撤回；各基地的下一步仍在基地页面办理。"), perform,
        blocked=notices.conclude_reasons(notice, request.today) if notice.state == State.PUBLISHED else (),
        more={"results": notices.results(notice)} if notice.state == State.PUBLISHED else {},
    )  # fmt: skip
    return _carry_out(request, notice, step)
