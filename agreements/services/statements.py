"""账户明细单: the ledger of an account for a period, as Excel at once and as a PDF with its code by the worker."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from agreements.models import Account, AccountStatement, LedgerEntry
from agreements.services.accounts import NOTHING
from portal import jobs, spreadsheets, typesetting, verification
from portal.acting import Acting
from portal.errors import NotYours, Refused
from portal.models import OutboxJob
from portal.spreadsheets import Column
from portal.typesetting import Annex, chinese_date

PDF, JOB = "account_statement", "account_statement"


@dataclass(frozen=True)
class Period:
    """The ledger of a period: what stood before, the entries, what they sum up to, what stood after; all in yuan."""

    opening: Decimal
    entries: list[LedgerEntry]

    @property
    def incoming(self) -> Decimal:
        """What came in; a 冲销 that brings money back is among it."""
        return sum((entry.incoming for entry in self.entries), NOTHING)

    @property
    def outgoing(self) -> Decimal:
        """What went out."""
        return sum((entry.outgoing for entry in self.entries), NOTHING)

    @property
    def closing(self) -> Decimal:
        """What was left: opening, plus what came in, less what went out."""
        return self.opening + self.incoming - self.outgoing


def period(account: Account, from_on: date, to_on: date, last_number: int | None = None) -> Period:
    """The entries booked in a period, both days included, up to the entry ``last_number`` where one is given."""
    found = account.entries.all() if last_number is None else account.entries.filter(number__lte=last_number)
    before = found.filter(booked_on__lt=from_on).aggregate(
        incoming=Sum("incoming", default=NOTHING), outgoing=Sum("outgoing", default=NOTHING)
    )
    shown = found.filter(booked_on__range=(from_on, to_on)).order_by("number")
    related = ("grant", "contribution", "expense", "reversal_of", "booked_by")
    return Period(before["incoming"] - before["outgoing"], list(shown.select_related(*related)))


@transaction.atomic
def ask_for_statement(*, account: Account, from_on: date, to_on: date, by: Acting, on: date) -> AccountStatement:
    """Ask for the PDF of an account for a period; the same period of the same ledger is made once.

    Raises Refused for a period that is turned round, and NotYours without an account to be named on it.
    """
    if by.user is None:
        raise NotYours(_("请登录后再办理。"))
    if from_on > to_on:
        raise Refused(_("起始日期不能晚于截止日期。"))
    if from_on > on:
        raise Refused(_("起始日期 %(day)s 还没有到。") % {"day": from_on.isoformat()})
    last = account.entries.order_by("-number").values_list("number", flat=True).first() or 0
    made, _created = AccountStatement.objects.get_or_create(
        account=account, from_on=from_on, to_on=to_on, last_number=last, defaults={"asked_by": by.user, "asked_on": on}
    )
    jobs.enqueue(JOB, key=f"{JOB}:{made.pk}", statement_id=made.pk)
    return made


def ask_again(statement: AccountStatement) -> OutboxJob:
    """Give a statement that failed a new start."""
    return jobs.enqueue(JOB, key=f"{JOB}:{statement.pk}", statement_id=statement.pk)


def state(statement: AccountStatement) -> str:
    """Where the PDF is: ready, pending, late (still tried) or failed (not tried any more)."""
    if statement.pdf_id is not None:
        return "ready"
    if OutboxJob.objects.filter(key=f"{JOB}:{statement.pk}", state=OutboxJob.State.FAILED).exists():
        return "failed"
    return "late" if jobs.is_late(statement.asked_at) else "pending"


@transaction.atomic
def make_pdf(statement_id: int) -> AccountStatement:
    """Set a statement; safe to repeat, it is made once."""
    statement = (
        AccountStatement.objects.select_for_update(of=("self",), no_key=True)
        .select_related("account__grant", "account__base__training_unit", "account__base__partner")
        .get(pk=statement_id)
    )
    if statement.pdf_id is not None:
        return statement
    unit = str(statement.account.base.training_unit)
    title = title_of(statement)
    content = typesetting.render_table(_table(statement, title), author=unit)
    statement.record = verification.open_record(
        kind=_("账户明细单"), title=title, issuer=unit, issued_on=statement.asked_on, public=False
    )
    statement.pdf = verification.keep_generated(statement.record, content, name=f"{title}.pdf", purpose=PDF)
    statement.save(update_fields=["record", "pdf"])
    return statement


def title_of(statement: AccountStatement) -> str:
    """The title of a statement."""
    words = {"base": statement.account.base.name, "account": str(statement.account)}
    return _("“%(base)s”%(account)s账户明细单") % words


def _figure(amount: Decimal) -> str:
    return f"{amount:,.2f}" if amount else "—"


def _table(statement: AccountStatement, title: str) -> Annex:
    account = statement.account
    found = period(account, statement.from_on, statement.to_on, statement.last_number)
    rows = [
        ["—", statement.from_on.isoformat(), _("期初余额"), "", "", "", f"{found.opening:,.2f}", ""],
        *(
            [
                str(entry.number), entry.booked_on.isoformat(), str(entry.get_kind_display()), entry.words, _figure(entry.incoming),
                _figure(entry.outgoing), f"{entry.balance:,.2f}", entry.booked_by.full_name if entry.booked_by else "—",
            ]
            for entry in found.entries
        ),
    ]  # fmt: skip
    words = {
        "unit": account.base.training_unit, "partner": account.base.partner or "—", "from": chinese_date(statement.from_on),
        "to": chinese_date(statement.to_on), "asked": chinese_date(statement.asked_on), "n": len(found.entries),
        "opening": f"{found.opening:,.2f}", "closing": f"{found.closing:,.2f}",
    }  # fmt: skip
    return {
        "title": title,
        "paragraphs": [
            _("培养单位：%(unit)s；合作单位：%(partner)s。") % words,
            _("期间：%(from)s至%(to)s，共 %(n)s 笔。期初余额 %(opening)s 元，期末余额 %(closing)s 元。") % words,
            _("金额单位为元；流水只增不改，记错的以“冲销”更正。生成日期：%(asked)s。") % words,
        ],
        "columns": [
            (_("序号"), 5), (_("记账日期"), 10), (_("种类"), 8), (_("摘要"), 36), (_("收入"), 11), (_("支出"), 11), (_("余额"), 12),
            (_("记账人"), 7),
        ],
        "rows": rows,
        "foot": [
            (4, _("本期合计与期末余额")), (1, _figure(found.incoming)), (1, _figure(found.outgoing)), (1, f"{found.closing:,.2f}"),
            (1, ""),
        ],
        "wide": True,
    }  # fmt: skip


LEDGER_COLUMNS = (
    Column(key="number", label=_lazy("序号"), kind="int", width=7),
    Column(key="booked_on", label=_lazy("记账日期"), kind="date", width=12),
    Column(key="kind", label=_lazy("种类"), width=9),
    Column(key="words", label=_lazy("摘要"), width=48),
    Column(key="incoming", label=_lazy("收入（元）"), kind="decimal", width=15),
    Column(key="outgoing", label=_lazy("支出（元）"), kind="decimal", width=15),
    Column(key="balance", label=_lazy("余额（元）"), kind="decimal", width=16),
    Column(key="booked_by", label=_lazy("记账人"), width=12),
)


def statement_workbook(account: Account, from_on: date, to_on: date) -> bytes:
    """The ledger of a period as Excel, with the opening balance above the entries and the closing balance below."""
    found = period(account, from_on, to_on)
    rows: list[dict[str, Any]] = [{"booked_on": from_on, "kind": _("期初余额"), "balance": found.opening}]
    rows += [
        {
            "number": entry.number, "booked_on": entry.booked_on, "kind": entry.get_kind_display(), "words": entry.words,
            "incoming": entry.incoming or None, "outgoing": entry.outgoing or None, "balance": entry.balance,
            "booked_by": entry.booked_by.full_name if entry.booked_by else "",
        }
        for entry in found.entries
    ]  # fmt: skip
    foot = {
        "booked_on": to_on, "kind": _("期末余额"), "incoming": found.incoming, "outgoing": found.outgoing, "balance": found.closing,
    }  # fmt: skip
    title = _("“%(base)s”%(account)s账户明细") % {"base": account.base.name, "account": str(account)}
    return spreadsheets.workbook(title, LEDGER_COLUMNS, rows, foot=foot)
