"""支出 (第十三条, 第十四条): entered with its voucher, approved by somebody else, corrected by a 冲销 alone."""

from datetime import date
from decimal import Decimal

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import Account, Expense, LedgerEntry
from agreements.money import ExpenseKind
from agreements.services import accounts
from agreements.services.standing import living
from bases.models import Base
from bases.services import lifecycle
from portal import uploads
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.models import User

VOUCHER = "expense_voucher"
State = Expense.State


@transaction.atomic
def enter_expense(
    *,
    base: Base,
    account: Account,
    kind: str,
    amount: Decimal,
    spent_on: date,
    payee: str,
    purpose: str,
    voucher: UploadedFile | None,
    by: Acting,
    on: date,
    kind_reason: str = "",
    replaces: Expense | None = None,
) -> Expense:
    """Enter an expense of a base from one of its accounts; it waits for somebody else's approval and moves no money before.

    Raises Overtaken for a base whose cooperation is over, NotYours for whoever does not keep its books, Refused with everything else that
    stands against it: an account of another base, no voucher, a day before the account was opened, more than the balance. ``replaces`` is
    the expense that was sent back and is entered anew; Overtaken when somebody has done so already.
    """
    found = living(base)
    if not accounts.may_enter(found, by) or by.user is None:
        raise NotYours(_("支出由本基地的申报人、共同填报人或者培养单位研究生院登记。"))
    if account.base_id != found.pk:
        raise Refused(
            _("账户“%(account)s”不是本基地的，没有登记。经费专款专用，只能用于所属的基地。") % {"account": account}
        )
    reasons = _wrong(account, kind, kind_reason, amount, spent_on, payee, purpose, voucher, on)
    if reasons or voucher is None:
        raise Refused(reasons)
    if replaces is not None:
        _refuse_second_entry(replaces, found)
    accounts.refuse_overspending(accounts.locked(account), amount, _("没有登记"))
    return Expense.objects.create(
        account=account,
        kind=kind,
        kind_reason=kind_reason.strip() if kind == ExpenseKind.OTHER else "",
        amount=amount,
        spent_on=spent_on,
        payee=payee.strip(),
        purpose=purpose.strip(),
        voucher=uploads.store(voucher, purpose=VOUCHER, by=by.user),
        entered_by=by.user,
        entered_on=on,
        replaces=replaces,
    )


def _refuse_second_entry(replaces: Expense, base: Base) -> None:
    """Only what was sent back is entered anew, and once."""
    again = Expense.objects.filter(pk=replaces.pk, state=State.REJECTED, account__base=base, replaced_by=None)
    if not again.exists():
        raise Overtaken(_("没有登记：要更正的那笔支出已经重新登记，或者没有被退回。请查看支出列表。"))


def _wrong(
    account: Account, kind: str, kind_reason: str, amount: Decimal, spent_on: date, payee: str, purpose: str,
    voucher: UploadedFile | None, on: date,
) -> list[str]:  # fmt: skip
    reasons = []
    if voucher is None:
        reasons.append(_("没有凭证，没有登记。请上传发票、合同或者付款回单的扫描件。"))
    if kind not in ExpenseKind.values:
        reasons.append(_("请选择支出类别。"))
    if kind == ExpenseKind.OTHER and not kind_reason.strip():
        reasons.append(_("不属于第十三条列出的八类支出的，请写明列入“其他”的理由。"))
    if amount <= 0:
        reasons.append(_("支出金额应大于 0。"))
    if not payee.strip() or not purpose.strip():
        reasons.append(_("请写明收款方和用途。"))
    if spent_on > on:
        reasons.append(_("支出日期 %(day)s 还没有到，请在支出之后登记。") % {"day": spent_on.isoformat()})
    if spent_on < account.opened_on:
        words = {"day": spent_on.isoformat(), "opened": account.opened_on.isoformat(), "account": str(account)}
        reasons.append(
            _("支出日期 %(day)s 早于账户“%(account)s”的开立日期 %(opened)s，经费确定之前的支出不能列支。") % words
        )
    return reasons


def _waiting(expense: Expense, base: Base) -> Expense:
    """The expense, locked, its base being locked already; raises Overtaken once it was decided."""
    found = (
        Expense.objects.select_for_update(of=("self",))
        .select_related("account__grant", "entered_by", "decided_by")
        .get(pk=expense.pk, account__base=base)
    )
    if not found.is_waiting:
        words = {
            "who": found.decided_by.full_name if found.decided_by else "",
            "day": found.decided_on.isoformat() if found.decided_on else "",
            "state": found.get_state_display(),
        }
        raise Overtaken(_("没有办理：这笔支出%(state)s（%(who)s，%(day)s）。") % words)
    return found


def _other_person(expense: Expense, user: User) -> None:
    if expense.entered_by_id == user.pk:
        raise NotYours(_("这笔支出是您登记的，登记和审批不能是同一人，请由本单位其他经办审批。"))


@transaction.atomic
def approve_expense(*, expense: Expense, by: Acting, on: date) -> LedgerEntry:
    """Approve an expense and take its amount from the account; returns the entry.

    Raises Overtaken when it was decided or the base's cooperation is over, NotYours for its enterer and for everybody outside the graduate
    office, Refused when the account does not hold the amount any more.
    """
    base = living(expense.account.base)
    user = accounts.office(base, by)
    account = accounts.locked(expense.account)
    found = _waiting(expense, base)
    _other_person(found, user)
    accounts.refuse_overspending(account, found.amount, _("没有批准"))
    _decide(found, State.APPROVED, user, on)
    return accounts.book(account, kind=LedgerEntry.Kind.EXPENSE, outgoing=found.amount, on=on, by=user, expense=found)


@transaction.atomic
def reject_expense(*, expense: Expense, reason: str, by: Acting, on: date) -> Expense:
    """Send an expense back to whoever entered it, with the reason; also after the end of the cooperation."""
    base = lifecycle.lock(expense.account.base_id)
    user = accounts.office(base, by)
    found = _waiting(expense, base)
    _other_person(found, user)
    if not reason.strip():
        raise Refused(_("请写明退回原因，经办人据此更正。"))
    return _decide(found, State.REJECTED, user, on, reason.strip())


@transaction.atomic
def withdraw_expense(*, expense: Expense, by: Acting, on: date) -> Expense:
    """Take back an expense that one entered oneself, before it is decided."""
    base = lifecycle.lock(expense.account.base_id)
    found = _waiting(expense, base)
    if by.user is None or found.entered_by_id != by.user_id or not accounts.may_enter(base, by):
        raise NotYours(_("支出只能由登记它的人撤回。"))
    return _decide(found, State.WITHDRAWN, by.user, on)


def _decide(expense: Expense, state: str, user: User, on: date, reason: str = "") -> Expense:
    expense.state, expense.decided_by, expense.decided_on, expense.decision_reason = state, user, on, reason
    expense.save(update_fields=["state", "decided_by", "decided_on", "decision_reason"])
    return expense


@transaction.atomic
def reverse_expense(*, expense: Expense, reason: str, by: Acting, on: date) -> LedgerEntry:
    """冲销 of an approved expense: the money comes back by an entry of its own, the expense stays readable.

    Also after the end of the cooperation. Raises NotYours outside the graduate office, Overtaken for one that was never approved or is reversed.
    """
    base = lifecycle.lock(expense.account.base_id)
    user = accounts.office(base, by)
    account = accounts.locked(expense.account)
    entry = LedgerEntry.objects.filter(account=account, expense=expense).select_related("reversal__booked_by").first()
    if entry is None:
        raise Overtaken(_("没有办理：这笔支出没有入账，不需要冲销。"))
    refuse_second_reversal(entry)
    if not reason.strip():
        raise Refused(_("请写明冲销原因。"))
    return accounts.book(
        account, kind=LedgerEntry.Kind.REVERSAL, incoming=entry.outgoing, on=on, by=user, reversal_of=entry, reason=reason.strip()
    )  # fmt: skip


def refuse_second_reversal(entry: LedgerEntry) -> None:
    """Raise Overtaken for an entry that is reversed already."""
    done = LedgerEntry.objects.filter(reversal_of=entry).select_related("booked_by").first()
    if done is not None:
        words = {"day": done.booked_on.isoformat(), "who": done.booked_by.full_name if done.booked_by else ""}
        raise Overtaken(_("没有办理：这一笔已由%(who)s于 %(day)s 冲销。") % words)


def state_words(expense: Expense) -> str:
    """The state of an expense as people read it; one that was approved and reversed is 已冲销."""
    entry = getattr(expense, "ledger_entry", None)
    return _("已冲销") if entry is not None and hasattr(entry, "reversal") else str(expense.get_state_display())
