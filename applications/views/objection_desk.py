"""How the handling office works on objections: its list, one page each, the acts, and the looks that are recorded."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import objection_forms as forms
from applications import objection_queries
from applications.models import Objection, PublicNotice
from applications.services import objection_answers, objections
from portal import calendar
from portal.access import open_to
from portal.errors import Overtaken, Refused
from portal.http import Request
from portal.roles import Role

OFFICE = frozenset({Role.UNIT_OFFICER, Role.DEPT_OFFICER})
READERS = frozenset({*OFFICE, Role.DEPT_LEADER})
PAGE_SIZE = 25
Status = Objection.Status


@dataclass(frozen=True)
class Act:
    """What the office does with an objection: in which state, with which form, and what the page before it says."""

    label: str | Promise
    statuses: tuple[str, ...]
    form: type[forms.ActOnObjection]
    perform: Callable[..., Any]
    consequence: str | Promise
    done: str | Promise
    danger: bool = False
    of_a_result: str | Promise = ""

    def follows(self, objection: Objection) -> str | Promise:
        """The consequence for the base of this objection: a result that is objected to moves no base."""
        of_a_round = objection.notice.round_id is not None
        return self.consequence if of_a_round or not self.of_a_result else self.of_a_result


ACTS = {
    "accept": Act(
        gettext_lazy("受理"), (Status.SUBMITTED,), forms.AcceptForm, objections.accept,
        gettext_lazy("进入调查，办结期限从今天起算；办结之前，该基地不能进入下一步。"), gettext_lazy("已受理，请调查后作出结论。"),
    ),
    "decline": Act(
        gettext_lazy("不予受理"), (Status.SUBMITTED,), forms.DeclineForm, objections.decline,
        gettext_lazy("这件异议就此办结，不能改回，不再影响该基地；理由会告知异议人，还须书面答复。"),
        gettext_lazy("已作不予受理处理，请书面答复异议人。"), danger=True,
    ),
    "record": Act(
        gettext_lazy("登记调查记录"), (Status.ACCEPTED,), forms.RecordForm, objections.record_step,
        gettext_lazy("记录只有本部门可以查看，登记后不能修改、删除；写错的，再登记一条更正。"), gettext_lazy("调查记录已登记。"),
    ),
    "extend": Act(
        gettext_lazy("延长办结期限"), (Status.ACCEPTED,), forms.ExtendForm, objections.extend,
        gettext_lazy("办结期限延长一次，之后不能再延长；异议人查询时可以看到新的期限和理由。"), gettext_lazy("办结期限已延长。"),
    ),
    "conclude": Act(
        gettext_lazy("作出结论"), (Status.ACCEPTED,), forms.ConcludeForm, objections.conclude,
        gettext_lazy("结论不能再改。异议成立的，该基地随即退出公示名单（本单位公示作不予推荐处理，厅公示作不予认定处理）；不成立的，不影响该基地进入下一步。"),
        gettext_lazy("结论已作出，请书面答复异议人。"), danger=True,
        of_a_result=gettext_lazy(
            "结论不能再改。异议成立的，不能照公示的结果作出决定，须重新拟定，或者由审批人撤回公示；基地状态不变。"
        ),
    ),
    "answer": Act(
        gettext_lazy("书面答复"), (Status.DECLINED, *Objection.OUTCOMES), forms.AnswerForm, objection_answers.answer,
        gettext_lazy("生成异议处理答复（PDF），异议人凭编号和查询码下载；发出后不能修改。"), gettext_lazy("已书面答复，答复正在生成。"),
    ),
}  # fmt: skip


def open_acts(objection: Objection, on: date) -> list[tuple[str, Act]]:
    """The acts that are open on an objection now, the next one first."""
    closed = {
        "accept": bool(objections.accept_reasons(objection)),
        "conclude": objection.status == Status.ACCEPTED and not objection.records.all(),
        "extend": objection.extended_on is not None or bool(objection.conclude_by and on > objection.conclude_by),
        "answer": objection.answered_on is not None,
    }
    found = [(key, act) for key, act in ACTS.items() if objection.status in act.statuses and not closed.get(key)]
    return sorted(found, key=lambda pair: pair[0] != "conclude")


@open_to(READERS)
@require_safe
def objection_list(request: Request) -> HttpResponse:
    """The objections of one's office, filtered by state, notice and overdue; who objected is not on it."""
    found = objection_queries.visible_objections(request.acting)
    state, notice, late = (request.GET.get(name, "") for name in ("state", "notice", "late"))
    shown = objection_queries.filtered(found, state=state, notice=notice, late=late == "1", on=request.today)
    page = Paginator(shown, PAGE_SIZE).get_page(request.GET.get("page"))
    working = calendar.load()
    context = {
        "page_obj": page,
        "rows": [(each, objection_queries.time_left(each.due_on, request.today, working)) for each in page],
        "open_count": found.filter(status__in=Objection.OPEN).count(),
        "late_count": found.filter(objection_queries.overdue(request.today)).count(),
        "states": [*Status.choices, (objection_queries.UNANSWERED, _("待书面答复"))],
        "notices": PublicNotice.objects.filter(pk__in=found.order_by().values("notice")),
        "chosen": {"state": state, "notice": notice, "late": late},
        "filtered": bool(state or notice or late),
        "of_the_office": request.acting.role in OFFICE,
    }
    return render(request, "applications/objection_list.html", context)


@open_to(READERS)
@require_safe
def objection_handle(request: Request, pk: int) -> HttpResponse:
    """One objection: what it says, its own history, what comes next; who objected is on a page of its own, behind a recorded look."""
    objection = _found(request, pk)
    of_the_office = request.acting.role in OFFICE
    mine = of_the_office and not objections.is_own_base(request.acting, objection.base)
    context = {
        "objection": objection,
        "steps": objection_queries.steps(objection),
        "left": objection_queries.time_left(objection.due_on, request.today, calendar.load()),
        "acts": open_acts(objection, request.today) if mine else [],
        "blocked": objections.accept_reasons(objection) if objection.status == Status.SUBMITTED else (),
        "of_the_office": of_the_office,
        "mine": mine,
        "records": objection.records.all() if mine else [],
        "looks": objection.looks.all()[:10] if of_the_office else [],
        "answer_state": objection_queries.answer_state(objection),
        "follows": objections.takes_off(objection) if objection.status == Status.UPHELD else "",
    }
    return render(request, "applications/objection_handle.html", context)


def _found(request: Request, pk: int) -> Objection:
    people = ("entered_by", "accepted_by", "extended_by", "handled_by", "answered_by")
    found = objection_queries.visible_objections(request.acting).select_related(
        "notice__issuer_unit", "base", "answer", *people
    )
    records = "records__recorded_by", "records__files__stored"
    return get_object_or_404(found.prefetch_related(*records), pk=pk)


@open_to(OFFICE)
@require_http_methods(["GET", "POST"])
def objection_act(request: Request, pk: int, name: str) -> HttpResponse:
    """One act on an objection, with its consequence and article above what it needs."""
    act = ACTS.get(name)
    if act is None:
        raise Http404
    objection = _found(request, pk)
    objections.refuse_own_base(request.acting, objection.base)
    if (name, act) not in open_acts(objection, request.today):
        reasons = objections.accept_reasons(objection) if name == "accept" else ()
        words = {"status": objection.get_status_display(), "act": act.label}
        raise Overtaken(reasons or _("异议当前为“%(status)s”，现在不能办理“%(act)s”。请刷新后再看。") % words)
    initial = {"text": objection_answers.proposed_answer(objection)} if name == "answer" else {}
    bound = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = act.form(*bound, objection=objection, on=request.today, initial=initial | {"held_on": request.today})
    if request.method == "POST" and form.is_valid():
        try:
            act.perform(objection=objection, **form.cleaned_data, by=request.acting, on=request.today)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, str(act.done))
            return redirect("objection-handle", pk)
    return render(
        request,
        "applications/objection_act.html",
        {"objection": objection, "form": form, "act": act, "consequence": act.follows(objection)},
        status=422 if form.errors else 200,
    )


@open_to(OFFICE)
@require_POST
@never_cache
def objection_identity(request: Request, pk: int) -> HttpResponse:
    """Who objects, and their evidence: shown in answer to the button alone, and recorded each time."""
    found = get_object_or_404(objection_queries.handled_objections(request.acting), pk=pk)
    objection = objections.look(objection=found, by=request.acting)
    files = objection.files.filter(record=None).select_related("stored")
    return render(request, "applications/objection_identity.html", {"objection": objection, "files": files})


@open_to(OFFICE)
@require_http_methods(["GET", "POST"])
def objection_letter(request: Request) -> HttpResponse:
    """Enter an objection that came as a letter: first the notice, then who received it, when, and what it says."""
    notices = objection_queries.own_notices(request.acting)
    choice = forms.NoticeForm(request.GET or None, notices=notices)
    notice: PublicNotice | None = choice.cleaned_data["notice"] if choice.is_valid() else None
    bound = (request.POST, request.FILES) if request.method == "POST" and notice else (None, None)
    form = (
        forms.LetterForm(*bound, notice=notice, on=request.today, initial={"received_on": request.today})
        if notice
        else None
    )
    if notice is not None and form is not None and form.is_bound and form.is_valid():
        try:
            filed = objections.enter_letter(notice=notice, **form.cleaned_data, by=request.acting, on=request.today)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("已录入，编号 %(number)s。") % {"number": filed.number})
            return redirect("objection-handle", filed.pk)
    context = {"choice": choice, "notice": notice, "form": form, "notices": notices}
    status = 422 if form is not None and form.errors else 200
    return render(request, "applications/objection_letter.html", context, status=status)


@open_to(Role.AUDITOR)
@require_safe
def objection_looks(request: Request) -> HttpResponse:
    """Who looked at which objector when, for the audit; it names the objection, not the objector."""
    page = Paginator(objection_queries.looks(), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "applications/objection_looks.html", {"page_obj": page})
