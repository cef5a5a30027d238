"""导师报酬 of a base: what was paid beside what the agreement says, entering, 冲销, Excel."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods, require_safe

from agreements import remuneration_queries, training
from agreements.remuneration_forms import PaymentForm, ReversalForm
from agreements.remuneration_queries import PaymentFilters
from agreements.services import remuneration
from agreements.views.parts import Step, fill_in
from agreements.views.posts import base_of
from portal.access import open_to
from portal.http import Request, excel
from portal.roles import Role
from portal.spreadsheets import Column, workbook

PAGE = 50
AREA = "base-remuneration"
PAY = Step(_lazy("登记导师报酬"), _lazy("登记"), "11", AREA, _lazy("报酬已登记。"))
REVERSE = Step(
    _lazy("冲销导师报酬"), _lazy("冲销"), "11", AREA, _lazy("这一笔报酬已冲销。"),
    consequence=_lazy("这一笔连同冲销原因保留在名单中，不再计入合计；不能恢复，需要时重新登记。"), told=_lazy("合作单位"), danger=True,
)  # fmt: skip
_EXPORTED = (
    Column(key="mentor", label=_lazy("姓名"), width=12),
    Column(key="partner", label=_lazy("单位"), width=28),
    Column(key="from_on", label=_lazy("计酬起始日"), kind="date", width=12),
    Column(key="to_on", label=_lazy("计酬截止日"), kind="date", width=12),
    Column(key="paid_on", label=_lazy("支付日期"), kind="date", width=12),
    Column(key="amount", label=_lazy("金额（元）"), kind="decimal", width=14),
    Column(key="note", label=_lazy("说明"), width=30),
    Column(key="state", label=_lazy("状态"), width=10),
    Column(key="reason", label=_lazy("冲销原因"), width=30),
    Column(key="entered_by", label=_lazy("登记人"), width=10),
    Column(key="entered_on", label=_lazy("登记日期"), kind="date", width=12),
)


@open_to(training.TRAINING_ROLES)
@require_safe
def base_remuneration(request: Request, pk: int) -> HttpResponse:
    """What the unit paid to the partner's mentors: the agreement's clause, totals by mentor and year, the payments."""
    base = base_of(request, pk)
    wanted = PaymentFilters.of(request.GET.dict())
    everything = remuneration_queries.listed(request.acting, base, PaymentFilters())
    found = remuneration_queries.listed(request.acting, base, wanted)
    years, totals = remuneration_queries.totals(everything)
    context = {
        "base": base,
        "clause": remuneration_queries.clause(base, request.today),
        "page_obj": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "sum": remuneration_queries.sum_of(found),
        "filters": wanted,
        "mentors": remuneration_queries.payable(base),
        "years": years,
        "totals": totals,
        "unit": request.acting.role == Role.UNIT_OFFICER,
    }
    return render(request, "agreements/remuneration.html", context)


@open_to(training.TRAINING_ROLES)
@require_safe
def remuneration_excel(request: Request, pk: int) -> HttpResponse:
    """The list as the address filters it, all pages, with the sum of what counts."""
    base = base_of(request, pk)
    found = remuneration_queries.listed(request.acting, base, PaymentFilters.of(request.GET.dict()))
    rows = []
    for each in found:
        reversal = getattr(each, "reversal", None)
        row = {name: getattr(each, name) for name in ("from_on", "to_on", "paid_on", "amount", "note", "entered_on")}
        row |= {
            "mentor": each.appointment.mentor.name,
            "partner": str(base.partner or ""),
            "entered_by": each.entered_by.full_name,
        }
        rows.append(row | {"state": _("已冲销") if reversal else "", "reason": reversal.reason if reversal else ""})
    foot = {"mentor": _("合计（不含已冲销）"), "amount": remuneration_queries.sum_of(found)}
    name = _("导师报酬（%(day)s）.xlsx") % {"day": request.today.isoformat()}
    return excel(workbook(_("“%(base)s”导师报酬") % {"base": base.name}, _EXPORTED, rows, foot=foot), name)


@open_to(Role.UNIT_OFFICER)
@require_http_methods(["GET", "POST"])
def remuneration_new(request: Request, pk: int) -> HttpResponse:
    """The unit notes what it paid to a mentor."""
    base = base_of(request, pk)
    bound = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    given = {"mentor": request.GET.get("mentor"), "paid_on": request.today}
    form = PaymentForm(
        *bound, base=base, mentors=remuneration_queries.payable(base), on=request.today, initial=given
    )  # fmt: skip
    return fill_in(
        request, PAY, base, form,
        lambda: remuneration.pay(base=base, by=request.acting, on=request.today, **form.cleaned_data),
    )  # fmt: skip


@open_to(Role.UNIT_OFFICER)
@require_http_methods(["GET", "POST"])
def remuneration_reverse(request: Request, pk: int) -> HttpResponse:
    """冲销 of a payment, after a page that says what follows."""
    found = get_object_or_404(remuneration_queries.visible_payments(request.acting), pk=pk)
    form = ReversalForm(request.POST or None)
    return fill_in(
        request, REVERSE, found.appointment.base, form,
        lambda: remuneration.reverse(payment=found, by=request.acting, on=request.today, **form.cleaned_data),
    )  # fmt: skip
