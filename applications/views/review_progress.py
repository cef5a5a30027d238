"""How far a round's 评审 has come: by application, by expert, and as Excel for the office. No scores."""

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from applications.models import AssignmentPlan
from applications.services import assigning, review_board
from applications.services.review_board import ExpertLoad, Line
from applications.services.review_export import assignment_workbook
from applications.views.assigning import PAGE_SIZE, round_of
from portal.access import open_to
from portal.http import Request, excel
from portal.roles import DEPARTMENT_BUSINESS, Role

# What the table can be narrowed to, in the order of the work.
SHOWN: dict[str, tuple[Any, Callable[[Line], bool]]] = {
    "short": (gettext_lazy("专家不足"), lambda line: line.missing > 0 or (line.started and bool(line.gaps))),
    "conflict": (gettext_lazy("应当回避"), lambda line: bool(line.conflicts) and not line.is_fixed),
    "ready": (gettext_lazy("可以启动"), lambda line: not line.started and not line.start_reasons()),
    "undeclared": (
        gettext_lazy("未声明"),
        lambda line: line.started and not line.is_fixed and line.declared < len(line.live),
    ),
    "waiting": (gettext_lazy("未交齐"), lambda line: line.started and line.waiting > 0),
    "done": (gettext_lazy("已交齐"), lambda line: line.is_done),
}
_SORTS: dict[str, Callable[[Any], Any]] = {
    "unit": lambda line: line.application.base.training_unit.code,
    "name": lambda line: line.application.shown_name,
    "experts": lambda line: len(line.live),
    "declared": lambda line: line.declared,
    "submitted": lambda line: line.submitted,
    "state": lambda line: line.started,
}
_LOAD_SORTS: dict[str, Callable[[ExpertLoad], Any]] = {
    "name": lambda load: load.expert.full_name,
    "assigned": lambda load: load.assigned,
    "submitted": lambda load: load.submitted,
    "waiting": lambda load: load.waiting,
}


def _sorted(rows: list[Any], wanted: str, sorts: dict[str, Callable[[Any], Any]]) -> tuple[str, list[Any]]:
    key = sorts.get(wanted.removeprefix("-"))
    return (wanted, sorted(rows, key=key, reverse=wanted.startswith("-"))) if key else ("", rows)


def _words(request: Request) -> str:
    return request.GET.get("q", "").replace("\0", "").strip()[:60]


@open_to(DEPARTMENT_BUSINESS)
@require_safe
def round_review(request: Request, pk: int) -> HttpResponse:
    """The applications under review: how many experts each has, who has declared and handed in, and what comes next."""
    round_ = round_of(pk)
    everything = review_board.lines(round_, request.today)
    q, show, sort = _words(request), request.GET.get("show", ""), request.GET.get("sort", "")
    found = [line for line in everything if _says(line, q) and (show not in SHOWN or SHOWN[show][1](line))]
    sort, found = _sorted(found, sort, _SORTS)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    officer = request.acting.role == Role.DEPT_OFFICER
    context = {
        "round": round_,
        "page_obj": page,
        "rows": [(line, _next_step(line, officer)) for line in page],
        "total": len(everything),
        "counts": [(key, label, sum(map(fits, everything))) for key, (label, fits) in SHOWN.items()],
        "experts": len({each.expert_id for line in everything for each in line.live}),
        "assigned": sum(len(line.live) for line in everything),
        "submitted": sum(line.submitted for line in everything),
        "declared": sum(line.declared for line in everything),
        "missing": sum(line.missing for line in everything),
        "gaps": any(line.panel and line.missing for line in everything),
        "sort": sort,
        "filters": {"q": q, "show": show if show in SHOWN else ""},
        "filtered": bool(q or show in SHOWN),
        "shown": [(key, label) for key, (label, _fits) in SHOWN.items()],
        "plan": assigning.open_plan(round_),
    }
    return render(request, "applications/round_review.html", context)


def _says(line: Line, q: str) -> bool:
    application: Any = line.application
    said = [application.shown_name, application.base.training_unit.name, application.shown_partner or ""]
    text = " ".join([*said, *(each.expert.full_name for each in line.live)])
    return all(word in text for word in q.split())


def _next_step(line: Line, officer: bool) -> tuple[str, str]:
    """What comes next for an application, and where the officer does it."""
    application = line.application
    if line.is_fixed:
        # The list that fixed it has left it out: whom it chose is under review no more.
        words, url = _("未列入初步名单，作出处理"), reverse("round-letters", args=[application.round_id])
    elif line.conflicts:
        words, url = _("更换应当回避的专家"), reverse("base", args=[application.base_id])
    elif line.missing and line.started:
        url = f"{reverse('round-propose', args=[application.round_id])}?scope={AssignmentPlan.Scope.GAPS}"
        words = _("补派 %(n)s 名专家") % {"n": line.missing}
    elif not line.started and line.start_reasons():
        words, url = _("分配专家"), reverse("act", args=[application.base_id, "assign-experts"])
    elif not line.started:
        words, url = _("启动评审"), reverse("round-review-start", args=[application.round_id])
    elif line.gaps:
        words = _("%(n)s 个空缺：补派或者不再补派") % {"n": len(line.gaps)}
        url = reverse("panel-go-on", args=[line.panel.pk]) if line.panel else ""
    elif line.waiting:
        words, url = _("等候 %(n)s 份评分表") % {"n": line.waiting}, ""
    else:
        words, url = _("评分表已交齐"), ""
    return words, url if officer else ""


@open_to(DEPARTMENT_BUSINESS)
@require_safe
def round_review_experts(request: Request, pk: int) -> HttpResponse:
    """The experts of the round: how much each has to do, how much is in, and how well it fits."""
    round_ = round_of(pk)
    everything = review_board.loads(review_board.lines(round_, request.today))
    q = _words(request)
    found = [load for load in everything if all(word in _expert_words(load) for word in q.split())]
    sort, found = _sorted(found, request.GET.get("sort", ""), _LOAD_SORTS)
    numbers = [load.assigned for load in everything]
    context = {
        "round": round_,
        "page_obj": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "total": len(everything),
        "least": min(numbers, default=0),
        "most": max(numbers, default=0),
        "assigned": sum(numbers),
        "submitted": sum(load.submitted for load in everything),
        "sort": sort,
        "filters": {"q": q},
        "filtered": bool(q),
    }
    return render(request, "applications/round_review_experts.html", context)


def _expert_words(load: ExpertLoad) -> str:
    profile = getattr(load.expert, "expert_profile", None)
    return f"{load.expert.full_name} {profile.employer if profile else ''}"


@open_to(DEPARTMENT_BUSINESS)
@require_safe
def round_review_export(request: Request, pk: int) -> HttpResponse:
    """The assignment as Excel, for the office: who reviews what."""
    round_ = round_of(pk)
    content = assignment_workbook(round_, review_board.lines(round_, request.today))
    return excel(content, _("%(year)s年度评审专家分配表.xlsx") % {"year": round_.year})
