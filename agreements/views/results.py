"""成果 of a base and of all bases: lists, Excel, one result, entering, correcting, and what the other side says to it."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from agreements import research_acts, research_forms, research_inbox, research_queries
from agreements.models import Result
from agreements.research_queries import ResultFilters
from agreements.services import results
from agreements.training import TRAINING_ROLES
from agreements.views.parts import Step, fill_in
from agreements.views.research import AREA, PAGE, SIDES, Fact, base_of, carry_out, open_acts, show, side_in
from portal.access import open_to
from portal.http import Request, excel
from portal.spreadsheets import Column, workbook

NEW = Step(_("登记成果"), _("登记"), "10", AREA, _("成果已登记，等待对方确认。"))
EDIT = Step(
    _("更正成果"), _("保存"), "10", AREA, _("成果已更正，等待对方确认。"),
    consequence=_("改动和原因留在办理记录中；更正后须由对方重新确认。"), told=_("对方"),
)  # fmt: skip
MARKS = {
    "confirmed": _("双方已确认"),
    "waiting": _("待确认或有异议"),
    "commended": _("推荐表彰"),
    "unapproved": _("未经批准公开"),
    "void": _("已作废"),
}
_EXPORTED = (
    Column(key="base", label=_("基地"), width=28),
    Column(key="kind", label=_("成果类型"), width=12),
    Column(key="title", label=_("成果名称"), width=40),
    Column(key="achieved_on", label=_("取得日期"), kind="date", width=12),
    Column(key="venue", label=_("刊物、授予或登记机构"), width=26),
    Column(key="number", label=_("编号"), width=20),
    Column(key="authors", label=_("完成人"), width=36),
    Column(key="owner", label=_("成果归属"), width=14),
    Column(key="owner_note", label=_("归属约定"), width=26),
    Column(key="project", label=_("依托项目"), width=26),
    Column(key="request", label=_("公开申请"), width=16),
    Column(key="status", label=_("状态"), width=14),
    Column(key="commended_on", label=_("推荐表彰日期"), kind="date", width=14),
)


def _listed(found: QuerySet[Result], wanted: ResultFilters, request: Request) -> dict[str, object]:
    return {
        "page_obj": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "filters": wanted,
        "kinds": Result.Kind.choices,
        "marks": MARKS.items(),
    }


@open_to(TRAINING_ROLES)
@require_safe
def base_results(request: Request, pk: int) -> HttpResponse:
    """The results of a base, filtered by kind, year and how they stand."""
    base = base_of(request, pk)
    wanted = ResultFilters.of(request.GET.dict())
    context = _listed(research_queries.results(request.acting, wanted, base), wanted, request)
    context |= {
        "base": base,
        "side": side_in(request, base),
        "standing": research_inbox.standing([base], request.acting, request.today)[base.pk],
    }
    return render(request, "agreements/research_results.html", context)


@open_to(TRAINING_ROLES)
@require_safe
def result_list(request: Request) -> HttpResponse:
    """The results of all bases that one may look at."""
    wanted = ResultFilters.of(request.GET.dict())
    context = _listed(research_queries.results(request.acting, wanted), wanted, request)
    return render(request, "agreements/research_result_list.html", context)


def _excel(found: QuerySet[Result], title: str, request: Request) -> HttpResponse:
    rows = [
        {column.key: getattr(each, column.key, None) for column in _EXPORTED}
        | {
            "base": each.base.name,
            "kind": each.get_kind_display(),
            "authors": "、".join(f"{author.name}（{author.get_role_display()}）" for author in each.authors.all()),
            "owner": each.get_owner_display(),
            "project": each.project.name if each.project else "",
            "request": _t("未经批准公开") if each.unapproved else _t("已批准") if each.request else "",  # type: ignore[attr-defined]
            "status": each.get_status_display(),
        }
        for each in found
    ]
    name = _t("成果（%(day)s）.xlsx") % {"day": request.today.isoformat()}
    return excel(workbook(title, _EXPORTED, rows), name)


@open_to(TRAINING_ROLES)
@require_safe
def base_results_excel(request: Request, pk: int) -> HttpResponse:
    """The list of a base as the address filters it, all pages."""
    base = base_of(request, pk)
    found = research_queries.results(request.acting, ResultFilters.of(request.GET.dict()), base)
    return _excel(found, _t("%(base)s成果") % {"base": base.name}, request)


@open_to(TRAINING_ROLES)
@require_safe
def result_export(request: Request) -> HttpResponse:
    """The list of all bases as the address filters it, all pages."""
    found = research_queries.results(request.acting, ResultFilters.of(request.GET.dict()))
    return _excel(found, _t("成果"), request)


@open_to(SIDES)
@require_http_methods(["GET", "POST"])
def result_new(request: Request, pk: int) -> HttpResponse:
    """A side enters a result."""
    base = base_of(request, pk)
    form = research_forms.ResultForm(request.POST or None, request.FILES or None, base=base, on=request.today)
    return fill_in(
        request, NEW, base, form,
        lambda: results.enter(base=base, by=request.acting, on=request.today, **form.cleaned_data),
    )  # fmt: skip


def _result(request: Request, pk: int) -> Result:
    return get_object_or_404(research_queries.visible_results(request.acting), pk=pk)


@open_to(TRAINING_ROLES)
@require_safe
def result_page(request: Request, pk: int) -> HttpResponse:
    """A result: its authors in order, its owners, the leave on which it was made public, and its time line."""
    found = _result(request, pk)
    base, side = found.base, side_in(request, found.base)
    evidence, asked = found.evidence, found.request
    facts = [
        Fact(_("成果类型"), found.get_kind_display()),
        Fact(_("取得日期"), found.achieved_on),
        Fact(_("刊物、授予或登记机构"), found.venue),
        Fact(_("编号"), found.number),
        Fact(_("成果归属"), found.get_owner_display()),
        Fact(_("归属约定"), found.owner_note),
        Fact(_("依托项目"), found.project, reverse("project", args=[found.project_id]) if found.project_id else ""),
        Fact(_("公开申请"), asked, reverse("publication", args=[asked.pk]) if asked else ""),
        Fact(_("证明材料"), evidence.name if evidence else _("没有上传"), reverse("file", args=[evidence.key]) if evidence else ""),
        Fact(_("登记"), _("%(who)s，%(day)s") % {"who": found.get_entered_side_display(), "day": found.entered_on.isoformat()}),
        Fact(_("对方确认"), found.confirmed_on),
        Fact(_("异议或作废原因"), found.status_note),
        Fact(_("推荐表彰"), found.commended_on),
        Fact(_("推荐理由"), found.commended_for),
    ]  # fmt: skip
    context: dict[str, Any] = {
        "authors": found.authors.select_related("student", "mentor"),
        "acts": open_acts(research_acts.RESULT_ACTS, found, side),
        "may_edit": side == found.entered_side and found.status != Result.Status.VOID,
    }
    return show(request, "agreements/research_result.html", base, found, facts, AREA, **context)


@open_to(SIDES)
@require_http_methods(["GET", "POST"])
def result_edit(request: Request, pk: int) -> HttpResponse:
    """The side that entered a result corrects it."""
    found = _result(request, pk)
    initial = research_forms.result_as_entered(found)
    form = research_forms.ResultForm(
        request.POST or None, request.FILES or None, base=found.base, on=request.today, result=found, initial=initial
    )
    return fill_in(
        request, EDIT, found.base, form,
        lambda: results.correct(result=found, by=request.acting, on=request.today, **form.cleaned_data),
        reverse("result", args=[pk]),
    )  # fmt: skip


@open_to(SIDES)
@require_http_methods(["GET", "POST"])
def result_act(request: Request, pk: int, name: str) -> HttpResponse:
    """The other side confirms or objects, the partner recommends for 表彰, the entering side takes it off."""
    found = _result(request, pk)
    return carry_out(request, research_acts.RESULT_ACTS, name, found.base, found, AREA, "result", "result")
