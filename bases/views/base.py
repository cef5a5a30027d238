from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bases import acts, lifeline, queries, sections
from bases.lifecycle import State
from bases.models import Base
from bases.services import applicants
from portal import navigation
from portal.access import open_to
from portal.errors import Refused
from portal.http import Request
from portal.roles import DEPARTMENT_BUSINESS, UNIT_ROLES, Role

INSIDERS = frozenset({*UNIT_ROLES, Role.PARTNER_OFFICER, *DEPARTMENT_BUSINESS})


@open_to(INSIDERS)
@require_safe
def base_list(request: Request) -> HttpResponse:
    """The bases that one may see, with filters in the URL."""
    words, state = request.GET.get("q", "").strip()[:60], request.GET.get("state", "")
    bases = queries.search(queries.visible_bases(request.acting), words)
    if state in State.values:
        bases = bases.filter(state=state)
    page = Paginator(bases, 25).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "states": State.choices,
        "state": state,
        "q": words,
        "shortcuts": navigation.shortcuts("base-list", request.acting.role),
    }
    return render(request, "bases/base_list.html", context)


@open_to(INSIDERS)
@require_safe
def base_page(request: Request, pk: int) -> HttpResponse:
    """One base: where it is in its life, what can be done now, its history, documents and deadlines."""
    base = get_object_or_404(queries.visible_bases(request.acting), pk=pk)
    events = queries.history(base, request.acting)
    context = {
        "base": base,
        "acts": acts.offered(base, request.acting, request.today),
        "stages": lifeline.stages(base, events),
        "deadlines": lifeline.deadlines(base),
        "events": list(reversed(events)),
        "applicant_changes": applicants.changes(base, request.acting),
        "may_hand_over": applicants.may_hand_over(base, request.acting),
        "documents": base.documents.select_related("pdf", "file"),
        "readable_documents": set(
            queries.visible_documents(request.acting).filter(bases=base).values_list("pk", flat=True)
        ),
        "sections": sections.for_base(base, request.acting, request.today),
    }
    return render(request, "bases/base_page.html", context)


@open_to(INSIDERS)
@require_http_methods(["GET", "POST"])
def act(request: Request, pk: int, name: str) -> HttpResponse:
    """One act on one base: the page states consequence and article, takes what the act needs, and carries it out."""
    base = get_object_or_404(queries.visible_bases(request.acting), pk=pk)
    chosen = acts.get(name)
    if chosen is None or request.acting.role not in chosen.roles:
        raise Http404
    if chosen.link is not None:
        return redirect(chosen.link(base))
    if not chosen.fits(base, request.acting, request.today):
        raise Refused(_not_now(base, str(chosen.label)))
    bound = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = chosen.form(*bound, base=base, acting=request.acting, on=request.today)
    if request.method == "POST" and form.is_valid():
        try:
            chosen.perform(base=base, acting=request.acting, on=request.today, **form.entered())
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, str(chosen.done or _("“%(label)s”已办理。") % {"label": chosen.label}))
            return redirect("base", pk=pk)
    reasons = () if request.method == "POST" else chosen.reasons(base, request.acting, request.today)
    offered = acts.offered(base, request.acting, request.today)
    context = {
        "base": base,
        "act": chosen,
        "form": form,
        "reasons": reasons,
        "others": [other for other, obstacles in offered if other is not chosen and not obstacles],
        "sections": sections.for_base(base, request.acting, request.today),
    }
    return render(request, "bases/act.html", context, status=200 if request.method == "GET" else 422)


def _not_now(base: Base, label: str) -> str:
    last = base.events.order_by("-sequence").first()
    done = _("（最近由%(who)s办理“%(done)s”）") % {"who": last.actor_name, "done": last.label} if last else ""
    return _(
        "“%(label)s”现在不能办理：基地当前状态为“%(state)s”%(done)s。没有作任何改动，请回到基地页面查看最新情况。"
    ) % {
        "label": label,
        "state": base.state_label,
        "done": done,
    }
