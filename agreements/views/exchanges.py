"""学术交流活动 of a base (协议：权责划分（一）1): the log by year, recording and withdrawing."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from agreements import research_forms, research_queries
from agreements.services import exchanges
from agreements.training import TRAINING_ROLES
from agreements.views.parts import Step, fill_in
from agreements.views.research import PAGE, SIDES, base_of, side_in
from portal.access import open_to
from portal.http import Request, whole_number

LIST = "base-exchanges"
NEW = Step(_("登记学术交流活动"), _("登记"), "10", LIST, _("活动已登记。"))
WITHDRAW = Step(
    _("作废活动记录"), _("作废这条记录"), "10", LIST, _("活动记录已作废。"),
    consequence=_("记录连同作废原因保留在页面上，不再计入当年的活动。"), told=_("对方"), danger=True,
)  # fmt: skip


@open_to(TRAINING_ROLES)
@require_safe
def base_exchanges(request: Request, pk: int) -> HttpResponse:
    """The activities of a base, newest first, filtered by year."""
    base = base_of(request, pk)
    all_of_base = research_queries.visible_exchanges(request.acting).filter(base=base)
    years = sorted({day.year for day in all_of_base.values_list("held_on", flat=True)}, reverse=True)
    year = whole_number(request.GET.get("year", ""), 4)
    found = all_of_base.filter(held_on__year=year) if year in years else all_of_base
    context = {
        "base": base,
        "page_obj": Paginator(found.order_by("-held_on", "-pk"), PAGE).get_page(request.GET.get("page")),
        "years": years,
        "year": year if year in years else None,
        "this_year": all_of_base.filter(held_on__year=request.today.year, withdrawn_on=None).count(),
        "today": request.today,
        "side": side_in(request, base),
    }
    return render(request, "agreements/research_exchanges.html", context)


@open_to(SIDES)
@require_http_methods(["GET", "POST"])
def exchange_new(request: Request, pk: int) -> HttpResponse:
    """Either side records an activity."""
    base = base_of(request, pk)
    form = research_forms.ExchangeForm(request.POST or None, request.FILES or None, on=request.today)
    return fill_in(
        request, NEW, base, form,
        lambda: exchanges.record(base=base, by=request.acting, on=request.today, **form.cleaned_data),
    )  # fmt: skip


@open_to(SIDES)
@require_http_methods(["GET", "POST"])
def exchange_withdraw(request: Request, pk: int) -> HttpResponse:
    """Either side says of a recorded activity that it is wrong."""
    found = get_object_or_404(research_queries.visible_exchanges(request.acting), pk=pk)
    form = research_forms.ReasonForm(request.POST or None)
    return fill_in(
        request, WITHDRAW, found.base, form,
        lambda: exchanges.withdraw(event=found, by=request.acting, on=request.today, **form.cleaned_data),
    )  # fmt: skip
