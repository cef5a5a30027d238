"""支出: the list of a base, entering, deciding, correcting."""

from collections.abc import Iterable

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements import funds_queries
from agreements.funds_forms import ExpenseForm, ReasonForm, entered_before
from agreements.models import Expense
from agreements.money import ExpenseKind
from agreements.services import accounts, expenses
from agreements.training import TRAINING_ROLES
from agreements.views.funds import PAGE, opened_base
from bases.lifecycle import LIVING
from portal.access import open_to
from portal.errors import Refused
from portal.http import Request, excel, whole_number
from portal.roles import UNIT_ROLES, Role
from portal.spreadsheets import Column, workbook

_EXPORTED = (
    Column(key="spent_on", label=_lazy("支出日期"), kind="date", width=12),
    Column(key="account", label=_lazy("账户"), width=24),
    Column(key="kind", label=_lazy("支出类别"), width=14),
    Column(key="kind_reason", label=_lazy("列入“其他”的理由"), width=24),
    Column(key="payee", label=_lazy("收款方"), width=24),
    Column(key="purpose", label=_lazy("用途"), width=36),
    Column(key="amount", label=_lazy("金额（元）"), kind="decimal", width=15),
    Column(key="state", label=_lazy("状态"), width=10),
    Column(key="entered_by", label=_lazy("经办人"), width=10),
    Column(key="entered_on", label=_lazy("登记日期"), kind="date", width=12),
    Column(key="decided_by", label=_lazy("审批人"), width=10),
    Column(key="decided_on", label=_lazy("审批日期"), kind="date", width=12),
    Column(key="decision_reason", label=_lazy("退回原因"), width=24),
)


@open_to(TRAINING_ROLES)
@require_safe
def base_expenses(request: Request, pk: int) -> HttpResponse:
    """The expenses of a base, narrowed by the address; the sums of all pages in the foot."""
    base = opened_base(request, pk)
    wanted = funds_queries.ExpenseFilters.of(request.GET.dict())
    all_of_base = funds_queries.visible_expenses(request.acting).filter(account__base=base)
    found = wanted.narrow(all_of_base).order_by("-spent_on", "-pk")
    context = {
        "base": base,
        "page_obj": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "sums": funds_queries.expense_sums(found),
        "filters": wanted,
        "accounts": funds_queries.visible_accounts(request.acting).filter(base=base),
        "kinds": ExpenseKind.choices,
        "states": Expense.State.choices,
        "years": [day.year for day in all_of_base.order_by().dates("spent_on", "year", order="DESC")],
        "may_enter": accounts.may_enter(base, request.acting) and base.state in LIVING,
    }
    return render(request, "agreements/funds_expenses.html", context)


@open_to(TRAINING_ROLES)
@require_safe
def base_expenses_excel(request: Request, pk: int) -> HttpResponse:
    """The same list as Excel, all pages."""
    base = opened_base(request, pk)
    wanted = funds_queries.ExpenseFilters.of(request.GET.dict())
    found = wanted.narrow(funds_queries.visible_expenses(request.acting).filter(account__base=base))
    names = ("spent_on", "kind_reason", "payee", "purpose", "amount", "entered_on", "decided_on", "decision_reason")
    rows = [
        {name: getattr(expense, name) for name in names}
        | {
            "account": str(expense.account),
            "kind": expense.get_kind_display(),
            "state": expenses.state_words(expense),
            "entered_by": expense.entered_by.full_name,
            "decided_by": expense.decided_by.full_name if expense.decided_by else "",
        }
        for expense in found.order_by("-spent_on", "-pk")
    ]
    sums = funds_queries.expense_sums(found)
    foot = {"purpose": _("已批准合计（不含已冲销）"), "amount": sums["approved"]}
    title = _("“%(base)s”支出明细") % {"base": base.name}
    return excel(workbook(title, _EXPORTED, rows, foot=foot), _("支出明细（%(day)s）.xlsx") % {"day": request.today})


def _to_mend(request: Request, pk: int) -> Expense | None:
    """The expense that was sent back and is entered anew, where the address names one of one's own."""
    again = whole_number(request.GET.get("again", ""), 12)
    own = funds_queries.visible_expenses(request.acting).filter(account__base=pk, entered_by=request.acting.user_id)
    return own.filter(pk=again, state=Expense.State.REJECTED, replaced_by=None).first() if again else None


@open_to(UNIT_ROLES)
@require_http_methods(["GET", "POST"])
def expense_new(request: Request, pk: int) -> HttpResponse:
    """Enter an expense with its voucher; also one that was sent back, mended."""
    base = opened_base(request, pk)
    mended = _to_mend(request, pk)
    found = funds_queries.with_sums(funds_queries.visible_accounts(request.acting).filter(base=base))
    given = entered_before(mended) if mended else {"account": request.GET.get("account"), "spent_on": request.today}
    bound = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = ExpenseForm(*bound, accounts=found, on=request.today, initial=given)
    if request.method == "POST" and form.is_valid():
        try:
            made = expenses.enter_expense(
                base=base, **form.cleaned_data, replaces=mended, by=request.acting, on=request.today
            )
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("支出已登记，等待研究生院其他经办审批；批准之后才从账户支出。"))
            return redirect("expense", pk=made.pk)
    context = {
        "form": form, "title": _("登记支出"), "articles": "13 14", "button": _("提交审批"), "back": reverse("base-expenses", args=[pk]),
    }  # fmt: skip
    return render(request, "bases/form_page.html", context, status=422 if form.errors else 200)


def _expense(request: Request, pk: int) -> Expense:
    return get_object_or_404(funds_queries.visible_expenses(request.acting), pk=pk)


def _page(request: Request, expense: Expense, form: forms.Form, refused: Iterable[str] = ()) -> HttpResponse:
    account = funds_queries.with_sums(funds_queries.visible_accounts(request.acting)).get(pk=expense.account_id)
    entry = getattr(expense, "ledger_entry", None)
    own = expense.entered_by_id == request.acting.user_id
    office = request.acting.role == Role.UNIT_OFFICER
    context = {
        "expense": expense,
        "base": expense.account.base,
        "account": account,
        "left_after": account.balance - expense.amount,  # type: ignore[attr-defined]
        "entry": entry,
        "reversal": getattr(entry, "reversal", None),
        "form": form,
        "refused": list(refused),
        "own": own,
        "decides": office and not own and expense.is_waiting,
        "waits_for_others": own and expense.is_waiting,
        "mends": own and expense.state == Expense.State.REJECTED and not hasattr(expense, "replaced_by"),
        "reverses": office and entry is not None and getattr(entry, "reversal", None) is None,
        "living": expense.account.base.state in LIVING,
    }
    status = 409 if refused else 422 if form.errors else 200
    return render(request, "agreements/funds_expense.html", context, status=status)


@open_to(TRAINING_ROLES)
@require_safe
def expense_page(request: Request, pk: int) -> HttpResponse:
    """One expense with its voucher; for whoever decides, what an approval does and the buttons."""
    return _page(request, _expense(request, pk), ReasonForm())


@open_to(Role.UNIT_OFFICER)
@require_POST
def expense_approve(request: Request, pk: int) -> HttpResponse:
    """Approve an expense; a refusal is said on its page."""
    try:
        entry = expenses.approve_expense(expense=_expense(request, pk), by=request.acting, on=request.today)
    except Refused as refusal:
        return _page(request, _expense(request, pk), ReasonForm(), refusal.reasons)
    messages.success(request, _("已批准，从账户支出 %(amount)s，余额 %(left)s。") % {
        "amount": accounts.yuan(entry.outgoing), "left": accounts.yuan(entry.balance),
    })  # fmt: skip
    return redirect("expense", pk=pk)


@open_to(Role.UNIT_OFFICER)
@require_POST
def expense_reject(request: Request, pk: int) -> HttpResponse:
    """Send an expense back to whoever entered it."""
    expense, form = _expense(request, pk), ReasonForm(request.POST)
    if form.is_valid():
        try:
            expenses.reject_expense(expense=expense, **form.cleaned_data, by=request.acting, on=request.today)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("已退回经办人，原因已告知。"))
            return redirect("expense", pk=pk)
    return _page(request, _expense(request, pk), form)


@open_to(UNIT_ROLES)
@require_POST
def expense_withdraw(request: Request, pk: int) -> HttpResponse:
    """Take back an expense that waits."""
    expenses.withdraw_expense(expense=_expense(request, pk), by=request.acting, on=request.today)
    messages.success(request, _("支出已撤回，没有从账户支出。"))
    return redirect("expense", pk=pk)


@open_to(Role.UNIT_OFFICER)
@require_http_methods(["GET", "POST"])
def expense_reverse(request: Request, pk: int) -> HttpResponse:
    """冲销 of an approved expense, after a page that says what follows."""
    expense = _expense(request, pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            entry = expenses.reverse_expense(expense=expense, **form.cleaned_data, by=request.acting, on=request.today)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            words = {"amount": accounts.yuan(entry.incoming), "left": accounts.yuan(entry.balance)}
            messages.success(request, _("已冲销，%(amount)s 退回账户，余额 %(left)s。") % words)
            return redirect("expense", pk=pk)
    context = {"expense": expense, "base": expense.account.base, "form": form}
    return render(request, "agreements/funds_expense_reverse.html", context, status=422 if form.errors else 200)
