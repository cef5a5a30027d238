"""成果公开申请 of a base: the list, one request, asking, deciding and taking back (协议：知识产权)."""

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from agreements import research_acts, research_forms, research_queries
from agreements.models import PublicationRequest, SecrecyClearance
from agreements.research_queries import RequestFilters
from agreements.services import publications
from agreements.training import TRAINING_ROLES
from agreements.views.parts import Step, fill_in
from agreements.views.research import PAGE, SIDES, Fact, base_of, carry_out, open_acts, show, side_in
from portal.access import open_to
from portal.http import Request, whole_number

LIST = "base-publications"
NEW = Step(_("申请公开项目内容"), _("提交申请"), "10", LIST, _("申请已提交，等待立项方决定。"))


@open_to(TRAINING_ROLES)
@require_safe
def base_publications(request: Request, pk: int) -> HttpResponse:
    """The requests of a base, what waits first, and whose answer each waits for."""
    base = base_of(request, pk)
    wanted = RequestFilters.of(request.GET.dict())
    page = Paginator(research_queries.requests(request.acting, base, wanted), PAGE).get_page(request.GET.get("page"))
    for each in page:
        _describe(each, request.today)
    context: dict[str, Any] = {
        "base": base,
        "page_obj": page,
        "filters": wanted,
        "states": PublicationRequest.Status.choices,
        "side": side_in(request, base),
    }
    return render(request, "agreements/research_publications.html", context)


def _describe(found: PublicationRequest, on: date) -> None:
    """Whom a request waits for and whether that is late."""
    labels = {"unit": _("培养单位"), "partner": _("合作单位")}
    decided = {each.side for each in found.decisions.all()}
    waits = [labels[side] for side in found.sides if side not in decided]
    found.waits_for = waits if found.status == PublicationRequest.Status.WAITING else []  # type: ignore[attr-defined]
    found.late = found.is_late(on)  # type: ignore[attr-defined]


@open_to(SIDES)
@require_http_methods(["GET", "POST"])
def publication_new(request: Request, pk: int) -> HttpResponse:
    """A side enters the request of a student, or the next version of one that was closed (``follows`` in the address)."""
    base, on = base_of(request, pk), request.today
    before = whole_number(request.GET.get("follows", ""), 18)
    closed = research_queries.visible_requests(request.acting).filter(project__base=base).exclude(status="waiting")
    follows = get_object_or_404(closed, pk=before) if before else None
    names = ("placement", "project", "kind", "title", "venue", "abstract")
    initial = {name: getattr(follows, name) for name in names} if follows else {}
    form = research_forms.PublicationForm(
        request.POST or None, request.FILES or None, base=base, on=on, follows=follows, initial=initial
    )
    return fill_in(
        request, NEW, base, form,
        lambda: publications.ask(base=base, by=request.acting, on=on, follows=follows, **form.cleaned_data),
    )  # fmt: skip


def _request(request: Request, pk: int) -> PublicationRequest:
    return get_object_or_404(research_queries.visible_requests(request.acting), pk=pk)


@open_to(TRAINING_ROLES)
@require_safe
def publication_page(request: Request, pk: int) -> HttpResponse:
    """A request: what is to be made public, the secrecy that binds it, and every decision; its content for both sides alone."""
    found = _request(request, pk)
    base, content = found.project.base, research_queries.may_read_content(request.acting)
    _describe(found, request.today)
    hidden = _("未公开的内容，只有双方可以看到。")
    follower = PublicationRequest.objects.filter(follows=found).first()
    facts = [
        Fact(_("申请人"), str(found.placement.student), reverse("placement", args=[base.pk, found.placement_id])),
        Fact(_("涉及的项目"), found.project.name, reverse("project", args=[found.project_id])),
        Fact(_("公开方式"), found.get_kind_display()),
        Fact(_("刊物、会议或受理机构"), found.venue),
        Fact(_("公开的内容"), found.abstract if content else hidden),
        Fact(_("拟公开的文稿"), (found.file.name if content else hidden) if found.file else _("没有上传"),
             reverse("file", args=[found.file.key]) if found.file and content else ""),
        Fact(_("提交"), _("%(who)s，%(day)s") % {"who": found.get_entered_side_display(), "day": found.asked_on.isoformat()}),
        Fact(_("请于此前决定"), found.answer_by),
        Fact(_("办结日期"), found.closed_on),
        Fact(_("撤回原因"), found.withdrawn_reason),
        Fact(_("上一版申请"), _("查看") if found.follows_id else "", reverse("publication", args=[found.follows_id]) if found.follows_id else ""),
        Fact(_("新的一版"), _("查看") if follower else "", reverse("publication", args=[follower.pk]) if follower else ""),
    ]  # fmt: skip
    side = side_in(request, base)
    bound = SecrecyClearance.objects.filter(topic__placement=found.placement_id, verdict="conditions")
    context: dict[str, Any] = {
        "acts": open_acts(research_acts.PUBLICATION_ACTS, found, side),
        "secret_note": found.project.secret_note if found.project.is_secret and content else "",
        "bound": bound.order_by("-pk").first() if content else None,
        "may_follow": side and follower is None and found.status != PublicationRequest.Status.WAITING,
        "results": research_queries.visible_results(request.acting).filter(request=found),
    }
    return show(request, "agreements/research_publication.html", base, found, facts, LIST, **context)


@open_to(SIDES)
@require_http_methods(["GET", "POST"])
def publication_act(request: Request, pk: int, name: str) -> HttpResponse:
    """The 立项方 agrees or refuses; the side that asked takes back."""
    found = _request(request, pk)
    return carry_out(
        request, research_acts.PUBLICATION_ACTS, name, found.project.base, found, LIST, "request", "publication"
    )
