"""What waits around the money, and how it stands in a word: a constant number of queries each."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements import funds_queries, queries
from agreements.models import Expense
from agreements.money import in_wan
from agreements.services.accounts import yuan
from agreements.services.contributions import WRITES_FOR
from agreements.training import Standing
from bases.lifecycle import LIVING
from bases.models import Base
from portal.acting import Acting
from portal.inbox import Item
from portal.roles import UNIT_ROLES, Role

# How long an expense that was sent back and is not entered anew is asked about.
REMEMBERED = timedelta(days=30)
# A word on the balance is exact to a hundredth of 万元.
_HUNDRED = Decimal("1E2")


def source(acting: Acting, on: date) -> Iterator[Item]:
    """Expenses to approve, those that were sent back, and contributions that a year which is over still lacks (第十二条, 第十四条)."""
    if acting.role == Role.UNIT_OFFICER:
        yield from _to_approve(acting)
    if acting.role in UNIT_ROLES:
        yield from _sent_back(acting, on)
    if acting.role in {Role.UNIT_OFFICER, Role.PARTNER_OFFICER}:
        yield from _missing(acting, on)


def _to_approve(acting: Acting) -> Iterator[Item]:
    """One item a base; what one entered oneself is for a colleague."""
    found = (
        funds_queries.visible_accounts(acting)
        .filter(base__state__in=LIVING)
        .order_by("base")
        .values("base", "base__name")
        .annotate(
            n=Count("expenses", filter=_others(acting)),
            sum=Sum("expenses__amount", filter=_others(acting)),
        )
        .filter(n__gt=0)
    )
    for row in found:
        why = _("%(n)s 笔支出待审批，合计 %(sum)s。登记人与审批人不能是同一人。") % {
            "n": row["n"],
            "sum": yuan(row["sum"]),
        }
        url = reverse("base-expenses", args=[row["base"]]) + "?state=waiting"
        yield Item(
            _("经费"),
            row["base__name"],
            why,
            "13 14",
            url,
            _("审批支出"),
            page=reverse("base-funds", args=[row["base"]]),
        )


def _others(acting: Acting) -> Q:
    return Q(expenses__state=Expense.State.WAITING) & ~Q(expenses__entered_by=acting.user_id)


def _sent_back(acting: Acting, on: date) -> Iterator[Item]:
    """Those of one's own that were sent back, until they are entered anew or a month has passed."""
    own = funds_queries.visible_expenses(acting).filter(
        entered_by=acting.user_id, account__base__state__in=LIVING, state=Expense.State.REJECTED, replaced_by=None,
        decided_on__gt=on - REMEMBERED,
    )  # fmt: skip
    for expense in own:
        words = {"payee": expense.payee, "amount": yuan(expense.amount), "reason": expense.decision_reason}
        why = _("付给%(payee)s的 %(amount)s被退回：%(reason)s") % words
        yield Item(
            _("经费"), expense.account.base.name, why, "13 14", reverse("expense", args=[expense.pk]), _("查看并更正"),
            page=reverse("base-funds", args=[expense.account.base_id]),
        )  # fmt: skip


def _missing(acting: Acting, on: date) -> Iterator[Item]:
    bases = list(queries.training_bases(acting).filter(state__in=LIVING))
    sides = WRITES_FOR["unit" if acting.role == Role.UNIT_OFFICER else "partner"]
    for pk, found in funds_queries.comparisons(bases, on).items():
        missing = funds_queries.missing_years(found, sides, on)
        if not missing:
            continue
        side, year, cell = missing[0]
        words = {
            "year": year.label, "planned": yuan(cell.planned), "received": yuan(cell.received), "missing": yuan(cell.missing),
            "end": year.ends_on.isoformat(), "side": side.label,
        }  # fmt: skip
        why = _("%(side)s%(year)s（至 %(end)s）计划投入 %(planned)s，已登记 %(received)s，还差 %(missing)s。") % words
        base = next(base for base in bases if base.pk == pk)
        url = reverse("base-contributions", args=[pk])
        yield Item(_("经费"), base.name, why, "12", url, _("登记投入"), page=reverse("base-funds", args=[pk]))


def standing(bases: Sequence[Base], acting: Acting, on: date) -> Mapping[int, Standing]:
    """余额 8.2 万元，待审批 2 笔; and what a side still owes of a year that is over."""
    accounts = funds_queries.with_sums(funds_queries.visible_accounts(acting).filter(base__in=[b.pk for b in bases]))
    left: dict[int, list[funds_queries.Account]] = {}
    for account in accounts:
        left.setdefault(account.base_id, []).append(account)
    compared = funds_queries.comparisons(bases, on)
    found = {}
    for base in bases:
        own = left.get(base.pk, [])
        total = sum((account.balance for account in own), start=Decimal(0))  # type: ignore[attr-defined]
        waiting = sum(account.waiting_count for account in own)  # type: ignore[attr-defined]
        late = funds_queries.missing_years(compared[base.pk], ["unit", "partner", "other"], on)
        words, tone = [_("余额 %(n)s 万元") % {"n": in_wan(total.quantize(_HUNDRED))} if own else _("没有账户")], "ok"
        if waiting:
            words.append(_("待审批 %(n)s 笔") % {"n": waiting})
            tone = "soon"
        if late and base.state in LIVING:
            words.append(_("投入未到位"))
            tone = "missing"
        found[base.pk] = Standing(_("，").join(words), tone)
    return found
