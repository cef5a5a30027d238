"""Accounts and their ledgers (第十四条): opened with a grant or for the funds of both sides, changed by entries alone."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import Account, Grant, LedgerEntry
from bases import rules
from bases.models import Base
from portal.acting import Acting
from portal.errors import NotYours, Refused
from portal.models import User
from portal.roles import Role

NOTHING = Decimal("0.00")


def yuan(amount: Decimal) -> str:
    """An amount in a sentence: 1,000.00 元."""
    return _("%(amount)s 元") % {"amount": f"{amount:,.2f}"}


@transaction.atomic
def open_for_grant(grant: Grant) -> Account:
    """The earmarked account of a grant, opened on the day of the grant with the grant as its first entry; once per grant."""
    account, created = Account.objects.get_or_create(
        grant=grant, defaults={"base_id": grant.base_id, "kind": Account.Kind.GRANT, "opened_on": grant.granted_on}
    )
    if created:
        book(account, kind=LedgerEntry.Kind.GRANT, incoming=grant.amount, on=grant.granted_on, grant=grant)
    return account


@transaction.atomic
def open_own(base: Base, on: date) -> Account:
    """The account for what both sides pay in (第十二条), opened at the start of the construction; once per base."""
    opened_on = base.construction_started_on or on
    account, _created = Account.objects.get_or_create(
        base=base, kind=Account.Kind.OWN, defaults={"opened_on": opened_on}
    )
    return account


def locked(account: Account) -> Account:
    """The account, locked for this transaction: whoever spends or corrects comes after whoever was first."""
    return Account.objects.select_for_update(of=("self",)).select_related("grant", "base").get(pk=account.pk)


def balance(account: Account) -> Decimal:
    """What is left in the account, in yuan."""
    last = account.entries.order_by("-number").values_list("balance", flat=True).first()
    return last if last is not None else NOTHING


def refuse_overspending(account: Account, amount: Decimal, undone: str) -> None:
    """Raise Refused where the account does not hold ``amount``; the sentence says the balance, what is missing and what was not done (``undone``)."""
    left = balance(account)
    if amount > left:
        words = {
            "account": str(account), "left": yuan(left), "amount": yuan(amount), "missing": yuan(amount - left), "undone": undone,
        }  # fmt: skip
        raise Refused(
            _(
                "账户“%(account)s”余额 %(left)s，这一笔 %(amount)s，还差 %(missing)s，%(undone)s。请核对金额，或者等经费到账后再办理。"
            )
            % words
        )


def book(
    account: Account,
    *,
    kind: str,
    on: date,
    incoming: Decimal = NOTHING,
    outgoing: Decimal = NOTHING,
    by: User | None = None,
    **voucher: Any,
) -> LedgerEntry:
    """Write the next entry of an account, which the caller has locked.

    ``voucher`` is what the entry rests on: ``grant``, ``contribution``, ``expense``, or ``reversal_of`` with its ``reason``. Entries follow one
    another in time: one that is booked while an entry of a later day stands takes that day.
    """
    last = account.entries.order_by("-number").first()
    return LedgerEntry.objects.create(
        account=account,
        number=last.number + 1 if last else 1,
        kind=kind,
        booked_on=max(on, last.booked_on) if last else on,
        incoming=incoming,
        outgoing=outgoing,
        balance=(last.balance if last else NOTHING) + incoming - outgoing,
        booked_by=by,
        **voucher,
    )


def may_enter(base: Base, acting: Acting) -> bool:
    """Whether this person enters the expenses of the base: its applicants and the graduate office of its unit."""
    return bool(rules.is_its_applicant(acting, base) or rules.is_its_unit(acting, base)) and acting.user is not None


def office(base: Base, acting: Acting) -> User:
    """The officer of the graduate office of the base's unit, who approves and corrects. Raises NotYours for everybody else."""
    if acting.role != Role.UNIT_OFFICER or not rules.is_its_unit(acting, base) or acting.user is None:
        raise NotYours(_("支出的审批和冲销由培养单位研究生院办理。"))
    return acting.user
