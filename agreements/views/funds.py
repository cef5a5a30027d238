"""经费: the accounts of a base and of everybody, the ledger of one, and statements."""

from datetime import date
from decimal import Decimal

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_POST, require_safe

from agreements import funds_queries, queries
from agreements.funds_forms import PeriodForm
from agreements.models import Account, Grant
from agreements.services import accounts, contributions, statements
from agreements.training import TRAINING_ROLES
from bases.lifecycle import LIVING
from bases.models import Base
from portal.access import open_to
from portal.errors import Refused
from portal.http import Request, excel
from portal.roles import DEPARTMENT_BUSINESS, UNIT_ROLES
from portal.spreadsheets import Column, workbook

PAGE = 50
_KEEPERS = frozenset({*UNIT_ROLES, *DEPARTMENT_BUSINESS})
_SORTS = {
    "base": ("base__name", "pk"), "balance": ("balance", "pk"), "came": ("came", "pk"), "spent": ("spent", "pk"),
    "waiting": ("waiting", "pk"),
}  # fmt: skip
_EXPORTED = (
    Column(key="unit", label=_lazy("培养单位"), width=24),
    Column(key="base", label=_lazy("基地"), width=36),
    Column(key="partner", label=_lazy("合作单位"), width=28),
    Column(key="account", label=_lazy("账户"), width=26),
    Column(key="opened_on", label=_lazy("开立日期"), kind="date", width=12),
    Column(key="came", label=_lazy("累计收入（元）"), kind="decimal", width=16),
    Column(key="spent", label=_lazy("累计支出（元）"), kind="decimal", width=16),
    Column(key="balance", label=_lazy("余额（元）"), kind="decimal", width=16),
    Column(key="share", label=_lazy("使用率（%）"), kind="decimal", places=1, width=12),
    Column(key="waiting_count", label=_lazy("待审批（笔）"), kind="int", width=12),
    Column(key="waiting", label=_lazy("待审批（元）"), kind="decimal", width=16),
)


def opened_base(request: Request, pk: int) -> Base:
    """The base of a page of money, for whoever may look at its cooperation."""
    return get_object_or_404(queries.training_bases(request.acting), pk=pk)


def _summed(found: list[Account]) -> dict[str, Decimal]:
    names = ("came", "spent", "balance", "waiting", "waiting_count")
    return {name: sum((getattr(account, name) for account in found), Decimal(0)) for name in names}


@open_to(TRAINING_ROLES)
@require_safe
def base_funds(request: Request, pk: int) -> HttpResponse:
    """The accounts of a base with their balances, and what both sides planned and brought in."""
    base = opened_base(request, pk)
    found = list(funds_queries.with_sums(funds_queries.visible_accounts(request.acting).filter(base=base)))
    for account in found:
        account.share = funds_queries.share(account.spent, account.came)  # type: ignore[attr-defined]
    context = {
        "base": base,
        "accounts": found,
        "sums": _summed(found),
        "comparison": funds_queries.comparison(base, request.today),
        "living": base.state in LIVING,
        "may_enter": accounts.may_enter(base, request.acting),
        "sides": contributions.sides_of(base, request.acting),
    }
    return render(request, "agreements/funds.html", context)


def _listed(request: Request) -> tuple[list[Account], dict[str, str]]:
    """The accounts as the address narrows and sorts them."""
    wanted = {key: request.GET.get(key, "").strip()[:60] for key in ("q", "kind", "sort")}
    found = funds_queries.with_sums(funds_queries.visible_accounts(request.acting))
    for word in wanted["q"].split():
        found = found.filter(base__name__icontains=word) | found.filter(base__training_unit__name__icontains=word)
    if wanted["kind"] == Account.Kind.OWN:
        found = found.filter(kind=Account.Kind.OWN)
    elif wanted["kind"] in Grant.Source.values:
        found = found.filter(grant__source=wanted["kind"])
    else:
        wanted["kind"] = ""
    fields = _SORTS.get(wanted["sort"].removeprefix("-"), ())
    wanted["sort"] = wanted["sort"] if fields else ""
    order = [f"-{name}" if wanted["sort"].startswith("-") else name for name in fields]
    listed = list(found.order_by(*order, "base__training_unit__code", "base__name", "pk"))
    for account in listed:
        account.share = funds_queries.share(account.spent, account.came)  # type: ignore[attr-defined]
    return listed, wanted


@open_to(_KEEPERS)
@require_safe
def funds(request: Request) -> HttpResponse:
    """Every account that one may see: balance, share that is spent, what waits for approval; the sum over all pages in the foot."""
    listed, wanted = _listed(request)
    context = {
        "page_obj": Paginator(listed, PAGE).get_page(request.GET.get("page")),
        "sums": _summed(listed),
        "filters": wanted,
        "sort": wanted["sort"],
        "kinds": [(Account.Kind.OWN.value, Account.Kind.OWN.label), *Grant.Source.choices],
    }
    return render(request, "agreements/funds_list.html", context)


@open_to(_KEEPERS)
@require_safe
def funds_excel(request: Request) -> HttpResponse:
    """The same list as Excel, all pages."""
    listed, _wanted = _listed(request)
    rows = [
        {
            "unit": account.base.training_unit.name, "base": account.base.name, "account": str(account),
            "partner": account.base.partner.name if account.base.partner else "",
            **{key: getattr(account, key) for key in ("opened_on", "came", "spent", "balance", "share", "waiting_count", "waiting")},
        }
        for account in listed
    ]  # fmt: skip
    foot = {"unit": _("合计 %(n)s 个账户") % {"n": len(listed)}, **_summed(listed)}
    name = _("经费总览（%(day)s）.xlsx") % {"day": request.today.isoformat()}
    return excel(workbook(_("研究生联合培养基地经费总览"), _EXPORTED, rows, foot=foot), name)


def _account(request: Request, pk: int) -> Account:
    return get_object_or_404(funds_queries.visible_accounts(request.acting), pk=pk)


def _period(account: Account, on: date) -> dict[str, date]:
    """From the opening of the account to today."""
    return {"from_on": min(account.opened_on, on), "to_on": on}


def _ledger(request: Request, account: Account, form: PeriodForm) -> HttpResponse:
    asked = form.cleaned_data if form.is_bound and form.is_valid() else _period(account, request.today)
    shown = statements.period(account, asked["from_on"], asked["to_on"])
    context = {
        "account": account,
        "base": account.base,
        "form": form,
        "asked": asked,
        "found": shown,
        "page_obj": Paginator(shown.entries, PAGE).get_page(request.GET.get("page")),
        "statements": funds_queries.visible_statements(request.acting).filter(account=account)[:10],
    }
    return render(request, "agreements/funds_account.html", context, status=422 if form.errors else 200)


@open_to(TRAINING_ROLES)
@require_safe
def account_page(request: Request, pk: int) -> HttpResponse:
    """The ledger of one account: opening balance, entries, closing balance of the period that the address names."""
    account = _account(request, pk)
    asked = request.GET if "from_on" in request.GET or "to_on" in request.GET else None
    return _ledger(request, account, PeriodForm(asked, initial=_period(account, request.today)))


@open_to(TRAINING_ROLES)
@require_safe
def account_excel(request: Request, pk: int) -> HttpResponse:
    """The ledger of a period as Excel."""
    account = _account(request, pk)
    form = PeriodForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else _period(account, request.today)
    name = _("%(account)s账户明细（%(day)s）.xlsx") % {"account": str(account), "day": request.today.isoformat()}
    return excel(statements.statement_workbook(account, asked["from_on"], asked["to_on"]), name)


@open_to(TRAINING_ROLES)
@require_POST
def account_statement(request: Request, pk: int) -> HttpResponse:
    """Have the PDF of a period made."""
    account = _account(request, pk)
    form = PeriodForm(request.POST)
    if form.is_valid():
        try:
            made = statements.ask_for_statement(
                account=account, **form.cleaned_data, by=request.acting, on=request.today
            )
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            return redirect("statement", pk=made.pk)
    return _ledger(request, account, form)


def _statement_context(request: Request, pk: int) -> dict[str, object]:
    found = get_object_or_404(funds_queries.visible_statements(request.acting), pk=pk)
    return {
        "statement": found,
        "base": found.account.base,
        "pdf_state": statements.state(found),
        "title": statements.title_of(found),
    }


@open_to(TRAINING_ROLES)
@require_safe
def statement_page(request: Request, pk: int) -> HttpResponse:
    """One statement, shown in the page once it is made."""
    return render(request, "agreements/funds_statement.html", _statement_context(request, pk))


@open_to(TRAINING_ROLES)
@require_safe
def statement_state(request: Request, pk: int) -> HttpResponse:
    """The part of the page that waits for the PDF; it asks again until it is there."""
    return render(request, "agreements/_funds_statement.html", _statement_context(request, pk))


@open_to(TRAINING_ROLES)
@require_POST
def statement_again(request: Request, pk: int) -> HttpResponse:
    """Have a statement that failed tried again."""
    found = get_object_or_404(funds_queries.visible_statements(request.acting), pk=pk)
    statements.ask_again(found)
    messages.success(request, _("已重新生成明细单，一般需要几秒。"))
    return redirect("statement", pk=pk)
