"""双方投入 (第十二条): what each side plans for each year of construction, and what it has brought in; each side writes its own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import Contribution, ContributionPlan, ContributionReversal, LedgerEntry
from agreements.money import ContributionKind, Side
from agreements.services import accounts
from agreements.services.expenses import refuse_second_reversal
from agreements.services.standing import living, side_of
from bases.models import Base
from bases.services import lifecycle
from portal import uploads
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.models import User

VOUCHER = "contribution_voucher"
# Which sides a side writes for: what comes from elsewhere is kept by the training unit.
WRITES_FOR = {"unit": (Side.UNIT, Side.OTHER), "partner": (Side.PARTNER,)}


@dataclass(frozen=True)
class Year:
    """A year of construction (建设年度): the first begins with the construction."""

    number: int
    starts_on: date
    ends_on: date

    @property
    def label(self) -> str:
        """第 1 年."""
        return _("第 %(n)s 年") % {"n": self.number}

    def is_over(self, on: date) -> bool:
        """Whether its last day is past."""
        return on > self.ends_on


def years(base: Base, on: date) -> list[Year]:
    """The years of construction of a base: those of its period, and for one that lives on, all up to the year of ``on``."""
    start = base.construction_started_on
    if start is None:
        return []
    planned = relativedelta(base.construction_ends_on, start).years if base.construction_ends_on else 0
    running = relativedelta(on, start).years + 1 if on >= start else 1
    return [
        Year(n, start + relativedelta(years=n - 1), start + relativedelta(years=n) - timedelta(days=1))
        for n in range(1, max(planned, running) + 1)
    ]


def year_of(base: Base, day: date) -> int:
    """The number of the year of construction in which a day lies."""
    return next((year.number for year in years(base, day) if year.starts_on <= day <= year.ends_on), 1)


def sides_of(base: Base, acting: Acting) -> tuple[Side, ...]:
    """The sides for which a person writes plans and contributions; none for whoever only reads."""
    try:
        return WRITES_FOR[side_of(base, acting)]
    except NotYours:
        return ()


def _writer(base: Base, by: Acting, sides: Iterable[str]) -> User:
    own = WRITES_FOR[side_of(base, by)]
    if by.user is None or any(side not in own for side in sides):
        raise NotYours(_("投入由各方登记自己的：培养单位登记本单位和其他来源的，合作单位登记本单位的。"))
    return by.user


def current_plans(base: Base) -> dict[tuple[int, str, str], ContributionPlan]:
    """The plan that counts now, by year, side and kind."""
    found = ContributionPlan.objects.filter(base=base).order_by("number")
    return {(plan.year, plan.side, plan.kind): plan for plan in found}


@transaction.atomic
def plan_from_budget(
    *, base: Base, lines: Iterable[tuple[str, Sequence[Decimal | None]]], on: date
) -> list[ContributionPlan]:
    """Take the budget of a recognised application as the first plan: each line is a side and its yuan in year 1, 2, 3.

    What a side spends on several subjects is one sum a year. A base that has a plan keeps it. Opens the account for the funds of both sides.
    """
    accounts.open_own(base, on)
    if ContributionPlan.objects.filter(base=base).exists():
        return []
    sums: dict[tuple[int, str], Decimal] = {}
    for side, amounts in lines:
        for year, amount in enumerate(amounts, start=1):
            if side and amount:
                sums[year, side] = sums.get((year, side), Decimal(0)) + amount
    return ContributionPlan.objects.bulk_create(
        ContributionPlan(
            base=base, year=year, side=side, kind=ContributionKind.FUNDS, number=1, amount=amount, written_on=on
        )
        for (year, side), amount in sorted(sums.items())
    )


@transaction.atomic
def write_plan(
    *, base: Base, side: str, amounts: Mapping[tuple[int, str], Decimal], reason: str, by: Acting, on: date
) -> list[ContributionPlan]:
    """Plan what one side brings in: yuan by year and kind. Only what differs is written, as the next version; the one before stays.

    Raises NotYours for the other side's plan, Refused without a reason where something that was planned changes.
    """
    found = living(base)
    user = _writer(found, by, [side])
    known = {year.number for year in years(found, on)}
    before = {(year, kind): plan for (year, whose, kind), plan in current_plans(found).items() if whose == side}
    changed = {
        key: amount for key, amount in sorted(amounts.items())
        if amount != (before[key].amount if key in before else 0)
    }  # fmt: skip
    if any(
        year not in known or kind not in ContributionKind.values or amount < 0
        for (year, kind), amount in changed.items()
    ):
        raise Refused(_("计划的年度、类型或者金额不对，没有保存。请按表格填写，金额不小于 0。"))
    if not changed:
        raise Refused(_("计划没有变化，没有保存。"))
    if any(key in before for key in changed) and not reason.strip():
        raise Refused(_("调整已有的计划请写明原因；原来的计划保留备查。"))
    return [
        ContributionPlan.objects.create(
            base=found, year=year, side=side, kind=kind, amount=amount, written_by=user, written_on=on,
            number=before[year, kind].number + 1 if (year, kind) in before else 1,
            reason=reason.strip() if (year, kind) in before else "",
        )
        for (year, kind), amount in changed.items()
    ]  # fmt: skip


@transaction.atomic
def contribute(
    *,
    base: Base,
    side: str,
    kind: str,
    year: int,
    amount: Decimal,
    received_on: date,
    what: str,
    voucher: UploadedFile | None,
    by: Acting,
    on: date,
    into_account: bool = True,
) -> Contribution:
    """Enter what a side brought in for a year of construction; money paid into the account raises its balance at once.

    ``into_account`` counts for money alone: False for what the side paid to others itself. Raises NotYours for another side's, Refused
    without a voucher for money, for a day that is not yet or lies before the construction.
    """
    found = living(base)
    user = _writer(found, by, [side])
    reasons = _wrong(found, kind, year, amount, received_on, what, voucher, on)
    if reasons:
        raise Refused(reasons)
    paid_in = kind == ContributionKind.FUNDS and into_account
    made = Contribution.objects.create(
        base=found,
        year=year,
        side=side,
        kind=kind,
        amount=amount,
        into_account=paid_in,
        received_on=received_on,
        what=what.strip(),
        voucher=uploads.store(voucher, purpose=VOUCHER, by=user) if voucher else None,
        entered_by=user,
        entered_on=on,
    )
    if paid_in:
        account = accounts.locked(accounts.open_own(found, on))
        accounts.book(account, kind=LedgerEntry.Kind.CONTRIBUTION, incoming=amount, on=on, by=user, contribution=made)
    return made


def _wrong(
    base: Base,
    kind: str,
    year: int,
    amount: Decimal,
    received_on: date,
    what: str,
    voucher: UploadedFile | None,
    on: date,
) -> list[str]:
    reasons = []
    if kind not in ContributionKind.values or year not in {each.number for each in years(base, on)}:
        reasons.append(_("请选择投入的年度和类型。"))
    if kind == ContributionKind.FUNDS and voucher is None:
        reasons.append(_("经费投入没有凭证，没有登记。请上传到账通知或者付款回单的扫描件。"))
    if amount <= 0:
        reasons.append(_("投入金额应大于 0。"))
    if not what.strip():
        reasons.append(_("请说明投入了什么。"))
    if received_on > on:
        reasons.append(_("到位日期 %(day)s 还没有到，请在到位之后登记。") % {"day": received_on.isoformat()})
    start = base.construction_started_on
    if start and received_on < start:
        words = {"day": received_on.isoformat(), "start": start.isoformat()}
        reasons.append(
            _("到位日期 %(day)s 早于建设期开始的 %(start)s；建设期之前的投入写在申报书里，不再登记。") % words
        )
    return reasons


@transaction.atomic
def reverse_contribution(*, contribution: Contribution, reason: str, by: Acting, on: date) -> ContributionReversal:
    """冲销 of a contribution by the side that entered it: it counts no longer, and money goes out of the account again.

    Also after the end of the cooperation. Raises NotYours for the other side, Overtaken when it is reversed already, Refused when the money
    is spent: a balance below zero there is not.
    """
    base = lifecycle.lock(contribution.base_id)
    user = _writer(base, by, [contribution.side])
    if ContributionReversal.objects.filter(contribution=contribution).exists():
        raise Overtaken(_("没有办理：这一笔投入已经冲销。"))
    if not reason.strip():
        raise Refused(_("请写明冲销原因。"))
    made = ContributionReversal.objects.create(
        contribution=contribution, reason=reason.strip(), entered_by=user, entered_on=on
    )
    entry = LedgerEntry.objects.filter(contribution=contribution).select_related("account").first()
    if entry is not None:
        account = accounts.locked(entry.account)
        refuse_second_reversal(entry)
        accounts.refuse_overspending(account, entry.incoming, _("没有冲销"))
        accounts.book(
            account, kind=LedgerEntry.Kind.REVERSAL, outgoing=entry.incoming, on=on, by=user, reversal_of=entry,
            reason=reason.strip(),
        )  # fmt: skip
    return made
