"""What is seen of the money, filtered by who looks; every list in a constant number of queries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from agreements import queries
from agreements.models import Account, AccountStatement, Contribution, ContributionPlan, Expense, LedgerEntry
from agreements.money import ContributionKind, ExpenseKind, Side
from agreements.services.contributions import Year, years
from bases.models import Base
from portal.acting import Acting
from portal.http import whole_number
from portal.models import StoredFile
from portal.roles import Role

_ZERO = Value(Decimal("0.00"), output_field=DecimalField(max_digits=14, decimal_places=2))
Kind = LedgerEntry.Kind


def visible_accounts(acting: Acting) -> QuerySet[Account]:
    """The accounts of the bases whose cooperation this person may look at; a partner those of both sides' funds, not the department's grants."""
    found = Account.objects.filter(base__in=queries.training_bases(acting).values("pk"))
    if acting.role == Role.PARTNER_OFFICER:
        found = found.filter(kind=Account.Kind.OWN)
    return found.select_related("grant", "base__training_unit", "base__partner")


def with_sums(accounts: QuerySet[Account]) -> QuerySet[Account]:
    """Accounts with their yuan: ``came`` in, ``spent``, ``balance``, and what waits for approval (``waiting``, ``waiting_count``)."""
    entries = LedgerEntry.objects.filter(account=OuterRef("pk")).order_by().values("account")
    expenses = Expense.objects.filter(account=OuterRef("pk"), state=Expense.State.WAITING).order_by().values("account")
    came = Sum("incoming", filter=Q(kind__in=[Kind.GRANT, Kind.CONTRIBUTION]), default=Decimal(0)) - Sum(
        "outgoing", filter=Q(kind=Kind.REVERSAL), default=Decimal(0)
    )
    spent = Sum("outgoing", filter=Q(kind=Kind.EXPENSE), default=Decimal(0)) - Sum(
        "incoming", filter=Q(kind=Kind.REVERSAL), default=Decimal(0)
    )
    money: Any = DecimalField(max_digits=14, decimal_places=2)
    return accounts.annotate(
        came=Coalesce(Subquery(entries.annotate(sum=came).values("sum"), output_field=money), _ZERO),
        spent=Coalesce(Subquery(entries.annotate(sum=spent).values("sum"), output_field=money), _ZERO),
        balance=Coalesce(
            Subquery(entries.annotate(sum=Sum(F("incoming") - F("outgoing"))).values("sum"), output_field=money), _ZERO
        ),
        waiting=Coalesce(Subquery(expenses.annotate(sum=Sum("amount")).values("sum"), output_field=money), _ZERO),
        waiting_count=Coalesce(Subquery(expenses.annotate(n=Count("pk")).values("n")), 0),
    )


def share(part: Decimal, whole: Decimal) -> Decimal | None:
    """Percent with one decimal place; None of nothing."""
    return (part * 100 / whole).quantize(Decimal("0.1")) if whole else None


def visible_expenses(acting: Acting) -> QuerySet[Expense]:
    """The expenses of the accounts that this person may look at."""
    found = Expense.objects.filter(account__in=visible_accounts(acting).values("pk"))
    return found.select_related(
        "account__grant", "account__base__training_unit", "account__base__partner", "voucher", "entered_by", "decided_by",
        "ledger_entry__reversal__booked_by",
    )  # fmt: skip


def visible_contributions(acting: Acting) -> QuerySet[Contribution]:
    """What both sides brought into the bases whose cooperation this person may look at."""
    found = Contribution.objects.filter(base__in=queries.training_bases(acting).values("pk"))
    return found.select_related("base__training_unit", "base__partner", "voucher", "entered_by", "reversal__entered_by")


def visible_statements(acting: Acting) -> QuerySet[AccountStatement]:
    """The statements of the accounts that this person may look at."""
    found = AccountStatement.objects.filter(account__in=visible_accounts(acting).values("pk"))
    return found.select_related("account__grant", "account__base__training_unit", "asked_by", "record", "pdf")


def may_download_expense_voucher(acting: Acting, stored: StoredFile) -> bool:
    """The voucher of an expense: whoever may look at its account."""
    return visible_expenses(acting).filter(voucher=stored).exists()


def may_download_contribution_voucher(acting: Acting, stored: StoredFile) -> bool:
    """The voucher of a contribution: both sides and the department."""
    return visible_contributions(acting).filter(voucher=stored).exists()


def may_download_statement(acting: Acting, stored: StoredFile) -> bool:
    """A statement: whoever may look at its account."""
    return visible_statements(acting).filter(pdf=stored).exists()


@dataclass(frozen=True)
class ExpenseFilters:
    """What a list of expenses is narrowed to, as its address says; what is no choice counts as none."""

    account: str = ""
    kind: str = ""
    state: str = ""
    year: str = ""
    q: str = ""

    @classmethod
    def of(cls, raw: Mapping[str, str]) -> "ExpenseFilters":
        """Read out of an address."""
        account, year = raw.get("account", ""), raw.get("year", "")
        return cls(
            account=account if whole_number(account, 12) is not None else "",
            kind=raw["kind"] if raw.get("kind") in ExpenseKind.values else "",
            state=raw["state"] if raw.get("state") in Expense.State.values else "",
            year=year if len(year) == 4 and whole_number(year, 4) else "",
            q=raw.get("q", "").strip()[:60],
        )

    @property
    def is_set(self) -> bool:
        """Whether anything is filtered."""
        return any((self.account, self.kind, self.state, self.year, self.q))

    def narrow(self, found: QuerySet[Expense]) -> QuerySet[Expense]:
        """The expenses that are asked for."""
        if self.account:
            found = found.filter(account=int(self.account))
        if self.kind:
            found = found.filter(kind=self.kind)
        if self.state:
            found = found.filter(state=self.state)
        if self.year:
            found = found.filter(spent_on__year=int(self.year))
        for word in self.q.split():
            found = found.filter(Q(payee__icontains=word) | Q(purpose__icontains=word))
        return found


def expense_sums(found: QuerySet[Expense]) -> dict[str, Any]:
    """The foot of a list of expenses, over all its pages: what was approved and stands, what waits, how many there are."""
    standing = Q(state=Expense.State.APPROVED, ledger_entry__reversal=None)
    return found.order_by().aggregate(
        count=Count("pk"),
        approved=Sum("amount", filter=standing, default=Decimal(0)),
        waiting=Sum("amount", filter=Q(state=Expense.State.WAITING), default=Decimal(0)),
    )


def entries(account: Account) -> QuerySet[LedgerEntry]:
    """The ledger of an account, oldest first, with what each entry rests on."""
    return (
        account.entries.select_related("grant", "contribution", "expense", "reversal_of", "reversal", "booked_by")
        .order_by("number")
    )  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """Planned and received of one year, side and kind, in yuan."""

    planned: Decimal
    received: Decimal

    @property
    def rate(self) -> Decimal | None:
        """到位率 in percent; None where nothing was planned."""
        return share(self.received, self.planned)

    @property
    def missing(self) -> Decimal:
        """What is planned and has not come."""
        return max(self.planned - self.received, Decimal(0))

    def __bool__(self) -> bool:
        return bool(self.planned or self.received)


@dataclass(frozen=True)
class Row:
    """One side and kind over the years, with the total; a row that sums ``parts`` others has no kind."""

    side: Side
    kind: ContributionKind | None
    cells: list[Cell]
    total: Cell
    parts: int = 1


@dataclass(frozen=True)
class Comparison:
    """投入对照: plan and receipts of a base, by side and kind over the years of construction."""

    years: list[Year]
    rows: list[Row]
    totals: list[Row]
    total: Row


def comparison(base: Base, on: date) -> Comparison:
    """What both sides planned and brought in (第十二条); two queries."""
    return comparisons([base], on)[base.pk]


def comparisons(bases: Iterable[Base], on: date) -> dict[int, Comparison]:
    """The same of several bases by key, in two queries for all of them."""
    listed = list(bases)
    planned: dict[tuple[int, int, str, str], Decimal] = {}
    for plan in ContributionPlan.objects.filter(base__in=listed).order_by("number"):
        planned[plan.base_id, plan.year, plan.side, plan.kind] = plan.amount
    received = {
        tuple(key): amount
        for *key, amount in Contribution.objects.filter(base__in=listed, reversal=None)
        .order_by()
        .values_list("base_id", "year", "side", "kind")
        .annotate(sum=Sum("amount"))
    }
    return {base.pk: _compared(base, years(base, on), planned, received) for base in listed}


def _compared(
    base: Base, spans: list[Year], planned: Mapping[Any, Decimal], received: Mapping[Any, Decimal]
) -> Comparison:
    def cell(year: int, side: str, kind: str) -> Cell:
        key = (base.pk, year, side, kind)
        return Cell(planned.get(key, Decimal(0)), received.get(key, Decimal(0)))

    rows = []
    for side in Side:
        for kind in ContributionKind:
            cells = [cell(year.number, side, kind) for year in spans]
            if any(cells):
                rows.append(Row(side, kind, cells, _added(cells)))
    totals = [
        _sum_row(side, [row for row in rows if row.side == side], len(spans)) for side in (Side.UNIT, Side.PARTNER)
    ]
    if any(row.side == Side.OTHER for row in rows):
        totals.append(_sum_row(Side.OTHER, [row for row in rows if row.side == Side.OTHER], len(spans)))
    return Comparison(spans, rows, totals, _sum_row(Side.OTHER, rows, len(spans)))


def _added(cells: Iterable[Cell]) -> Cell:
    listed = list(cells)
    return Cell(sum((c.planned for c in listed), Decimal(0)), sum((c.received for c in listed), Decimal(0)))


def _sum_row(side: Side, rows: list[Row], width: int) -> Row:
    cells = [_added(row.cells[place] for row in rows) for place in range(width)]
    return Row(side, None, cells, _added(cells), len(rows))


def missing_years(found: Comparison, sides: Iterable[str], on: date) -> list[tuple[Side, Year, Cell]]:
    """The years that are over in which a side planned more than it has brought in: what its inbox asks for."""
    return [
        (row.side, year, cell)
        for row in found.totals
        if row.side in sides
        for year, cell in zip(found.years, row.cells, strict=True)
        if year.is_over(on) and cell.missing
    ]
