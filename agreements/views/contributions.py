"""双方投入: plan and receipts beside one another, and what each side writes of its own."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agreements import funds_queries
from agreements.funds_forms import ContributionForm, PlanForm, ReasonForm
from agreements.models import ContributionPlan
from agreements.money import Side
from agreements.services import contributions
from agreements.training import TRAINING_ROLES
from agreements.views.funds import PAGE, opened_base
from bases.lifecycle import LIVING
from bases.models import Base
from portal.access import open_to
from portal.errors import NotYours, Refused
from portal.http import Request
from portal.roles import Role

_SIDES = frozenset({Role.UNIT_OFFICER, Role.PARTNER_OFFICER})


@open_to(TRAINING_ROLES)
@require_safe
def base_contributions(request: Request, pk: int) -> HttpResponse:
    """Plan against receipts by year, the contributions one by one, and the plans that were changed."""
    base = opened_base(request, pk)
    found = funds_queries.visible_contributions(request.acting).filter(base=base).order_by("-received_on", "-pk")
    plans = (
        ContributionPlan.objects.filter(base=base)
        .select_related("written_by")
        .order_by("year", "side", "kind", "number")
    )
    context = {
        "base": base,
        "comparison": funds_queries.comparison(base, request.today),
        "page_obj": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "sides": contributions.sides_of(base, request.acting),
        "living": base.state in LIVING,
        "plans": plans,
        "changed": any(plan.number > 1 for plan in plans),
    }
    return render(request, "agreements/funds_contributions.html", context)


def _own_base(request: Request, pk: int) -> tuple[Base, tuple[Side, ...]]:
    base = opened_base(request, pk)
    sides = contributions.sides_of(base, request.acting)
    if not sides:
        raise NotYours(_("投入由本基地的培养单位和合作单位登记，没有办理。"))
    return base, sides


@open_to(_SIDES)
@require_http_methods(["GET", "POST"])
def contribution_new(request: Request, pk: int) -> HttpResponse:
    """Enter what one's own side brought in."""
    base, sides = _own_base(request, pk)
    bound = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    given = {"received_on": request.today, "year": contributions.year_of(base, request.today)}
    form = ContributionForm(*bound, base=base, sides=sides, on=request.today, initial=given)
    if request.method == "POST" and form.is_valid():
        try:
            made = contributions.contribute(base=base, **form.entered(), by=request.acting, on=request.today)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            done = _("投入已登记，并转入基地账户。") if made.into_account else _("投入已登记。")
            messages.success(request, done)
            return redirect("base-contributions", pk=pk)
    context = {
        "form": form, "title": _("登记投入"), "articles": "12", "button": _("登记投入"), "back": reverse("base-contributions", args=[pk]),
    }  # fmt: skip
    return render(request, "bases/form_page.html", context, status=422 if form.errors else 200)


@open_to(_SIDES)
@require_http_methods(["GET", "POST"])
def base_plan(request: Request, pk: int) -> HttpResponse:
    """The plan of one's own side as a table of kinds and years; ``side`` in the address where one writes for several."""
    base, sides = _own_base(request, pk)
    side = next((each for each in sides if each.value == request.GET.get("side", sides[0].value)), None)
    if side is None:
        raise Http404
    planned = {
        (year, kind): plan.amount
        for (year, whose, kind), plan in contributions.current_plans(base).items()
        if whose == side
    }
    form = PlanForm(request.POST or None, spans=contributions.years(base, request.today), planned=planned)
    if request.method == "POST" and form.is_valid():
        written: dict[str, Any] = {"amounts": form.amounts(), "reason": form.cleaned_data["reason"]}
        try:
            contributions.write_plan(base=base, side=side, **written, by=request.acting, on=request.today)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("投入计划已保存，原来的计划保留备查。"))
            return redirect("base-contributions", pk=pk)
    context = {"base": base, "form": form, "side": side, "sides": sides}
    return render(request, "agreements/funds_plan.html", context, status=422 if form.errors else 200)


@open_to(_SIDES)
@require_http_methods(["GET", "POST"])
def contribution_reverse(request: Request, pk: int) -> HttpResponse:
    """冲销 of a contribution of one's own side, after a page that says what follows."""
    found = get_object_or_404(funds_queries.visible_contributions(request.acting), pk=pk)
    if found.side not in contributions.sides_of(found.base, request.acting):
        raise Http404
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            contributions.reverse_contribution(
                contribution=found, **form.cleaned_data, by=request.acting, on=request.today
            )
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("投入已冲销，不再计入到位金额。"))
            return redirect("base-contributions", pk=found.base_id)
    context = {"contribution": found, "base": found.base, "form": form}
    return render(request, "agreements/funds_contribution_reverse.html", context, status=422 if form.errors else 200)
