"""项目 of a base: the list, one project, entering, correcting and ending it."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from agreements import research_acts, research_forms, research_queries
from agreements.models import BaseProject
from agreements.money import plain
from agreements.services import projects
from agreements.training import TRAINING_ROLES
from agreements.views.parts import Step, fill_in
from agreements.views.research import PAGE, SIDES, Fact, base_of, show, side_in
from portal.access import open_to
from portal.http import Request

LIST = "base-projects"
NEW = Step(_("登记项目"), _("登记"), "10", LIST, _("项目已登记。"))
EDIT = Step(_("更正项目"), _("保存"), "10", LIST, _("项目已更正，改动留在办理记录中。"))
END = Step(
    _("结题或终止"), _("登记"), "10", LIST, _("已登记。"),
    consequence=_("项目不再用于新的遴选，也不能再更正；已经依托它的实践、选题、公开申请和成果不变。不能恢复。"), told=_("对方"), danger=True,
)  # fmt: skip


@open_to(TRAINING_ROLES)
@require_safe
def base_projects(request: Request, pk: int) -> HttpResponse:
    """The projects of a base, with what rests on each."""
    base = base_of(request, pk)
    words = request.GET.get("q", "").replace("\x00", "").strip()[:60]
    found = research_queries.visible_projects(request.acting).filter(base=base)
    if words:
        found = found.filter(name__icontains=words)
    listed = research_queries.counted(found).order_by("ended_on", "-entered_on", "-pk")
    context = {
        "base": base,
        "q": words,
        "page_obj": Paginator(listed, PAGE).get_page(request.GET.get("page")),
        "side": side_in(request, base),
    }
    return render(request, "agreements/research_projects.html", context)


@open_to(SIDES)
@require_http_methods(["GET", "POST"])
def project_new(request: Request, pk: int) -> HttpResponse:
    """A side enters a project of which it is 立项方."""
    base, side = base_of(request, pk), research_acts.side_of(request.acting)
    form = research_forms.ProjectForm(request.POST or None, side=side, initial={"owner": side})
    return fill_in(
        request, NEW, base, form,
        lambda: projects.enter(base=base, by=request.acting, on=request.today, **form.cleaned_data),
    )  # fmt: skip


def _project(request: Request, pk: int) -> BaseProject:
    return get_object_or_404(research_queries.visible_projects(request.acting), pk=pk)


@open_to(TRAINING_ROLES)
@require_safe
def project_page(request: Request, pk: int) -> HttpResponse:
    """A project with the placements, topics, requests and results that rest on it; what is secret in it for both sides alone."""
    found = _project(request, pk)
    secret = found.is_secret and not research_queries.may_read_content(request.acting)
    hidden = _("涉及秘密，只有双方可以看到。")
    facts = [
        Fact(_("项目编号"), found.number),
        Fact(_("项目来源"), found.source),
        Fact(_("立项方"), found.get_owner_display()),
        Fact(_("培养单位负责人"), found.unit_leader),
        Fact(_("合作单位负责人"), found.partner_leader),
        Fact(_("开始日期"), found.starts_on),
        Fact(_("结束日期"), found.ends_on),
        Fact(_("项目经费"), _("%(n)s 元") % {"n": plain(found.funds)} if found.funds is not None else ""),
        Fact(_("保密"), _("涉及商业或技术秘密") if found.is_secret else _("不涉及秘密")),
        Fact(_("保密范围"), hidden if secret else found.secret_note),
        Fact(_("主要内容"), hidden if secret else found.summary),
        Fact(_("结题或终止"), found.ended_on),
        Fact(_("结题或终止情况"), found.ended_note),
    ]
    rested: dict[str, Any] = {
        "placements": Paginator(research_queries.placed_in(found.base).filter(project=found), PAGE).get_page(
            request.GET.get("page")
        ),
        "topics": research_queries.visible_topics(request.acting)
        .filter(project=found)
        .exclude(status="withdrawn")[:PAGE],
        "requests": research_queries.visible_requests(request.acting).filter(project=found)[:PAGE],
        "results": research_queries.visible_results(request.acting).filter(project=found).exclude(status="void")[:PAGE],
        "mine": side_in(request, found.base) and projects.may_change(found, found.base, request.acting),
    }
    return show(request, "agreements/research_project.html", found.base, found, facts, LIST, secret=secret, **rested)


@open_to(SIDES)
@require_http_methods(["GET", "POST"])
def project_edit(request: Request, pk: int) -> HttpResponse:
    """A side of the 立项方 corrects its project."""
    found = _project(request, pk)
    initial = {name: getattr(found, name) for name in projects.FIELDS}
    form = research_forms.ProjectForm(
        request.POST or None, side=research_acts.side_of(request.acting), project=found, initial=initial
    )
    return fill_in(
        request, EDIT, found.base, form,
        lambda: projects.change(project=found, by=request.acting, on=request.today, **form.cleaned_data),
        reverse("project", args=[pk]),
    )  # fmt: skip


@open_to(SIDES)
@require_http_methods(["GET", "POST"])
def project_end(request: Request, pk: int) -> HttpResponse:
    """A side of the 立项方 says how its project ended."""
    found = _project(request, pk)
    form = research_forms.EndProjectForm(request.POST or None, initial={"ended_on": request.today})
    return fill_in(
        request, END, found.base, form,
        lambda: projects.end(project=found, by=request.acting, on=request.today, **form.cleaned_data),
        reverse("project", args=[pk]),
    )  # fmt: skip
