"""月度考核与生活补贴 (协议：权责划分（二）5): the partner enters a month, closes it, and corrects a closed one by new entries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import rules
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from agreements import months
from agreements.models import MonthClosing, MonthlyRecord, MonthReview, Receipt
from agreements.services import month_cells
from agreements.services.month_cells import Faults, Values
from agreements.services.month_rows import Row, Sheet, sheet_of
from agreements.services.standing import living, must_be
from bases.models import Base
from portal import uploads
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.roles import Role

VOUCHER = "stipend_voucher"
NAMED = 10
WRITTEN = (
    "is_current", "state", "grade", "days", "amount", "paid_on", "voucher_number", "below_reason", "note", "floor", "revision",
    "entered_by", "entered_on", "saved_at",
)  # fmt: skip


@dataclass(frozen=True)
class Typed:
    """What somebody typed into one line: the cells by column, and the revision of the line that they had before them (0: none)."""

    placement: int
    texts: Mapping[str, str]
    seen: int


@dataclass
class Outcome:
    """What came of a save: the lines that stand, and what is wrong by line and column ("" for the line as a whole)."""

    saved: dict[int, MonthlyRecord | None] = field(default_factory=dict)
    faults: dict[int, Faults] = field(default_factory=dict)
    rows: dict[int, Row] = field(default_factory=dict)


def open_sheet(base: Base, month: date, by: Acting, on: date, only: Iterable[int] | None = None) -> Sheet:
    """The month of a base for writing, with the base locked.

    Raises NotYours for anybody but the partner, Refused for a month that has not begun, Overtaken for a closed one.
    """
    locked = living(base)
    must_be(locked, by, "partner")
    if month > on:
        raise Refused(_("%(month)s还没有开始，没有保存。") % {"month": months.words(month)})
    sheet = sheet_of(locked, month, only)
    if sheet.closing:
        raise Overtaken(
            _("%(month)s已经结账，没有保存。要改动已结账的内容，请用该生一行的“更正”。")
            % {"month": months.words(month)}
        )
    return sheet


@transaction.atomic
def save_rows(
    *, base: Base, month: date, typed: Sequence[Typed], by: Acting, on: date, at: datetime, whole: bool
) -> Outcome:
    """Save lines of an open month. A line with a mistake is not saved; with ``whole`` then none is.

    A line that somebody else has changed since it was seen is not overwritten. What the students had confirmed is asked anew
    where amount or date became others.
    """
    sheet = open_sheet(base, month, by, on, [each.placement for each in typed])
    outcome = Outcome(rows={row.placement.pk: row for row in sheet.rows})
    changed: dict[int, Values] = {}
    for each in typed:
        row = outcome.rows.get(each.placement)
        if row is None:
            outcome.faults[each.placement] = {"": _("这名研究生本月不在基地，没有保存。请刷新页面。")}
            continue
        values, faults = _line(row, each, month, on)
        if faults:
            outcome.faults[each.placement] = faults
        elif values is None:
            outcome.saved[each.placement] = row.record
        else:
            changed[each.placement] = values
    if outcome.faults and whole:
        outcome.saved = {}
        return outcome
    for record in _write(sheet, outcome.rows, changed, by, on, at):
        outcome.saved[record.placement_id] = record
        outcome.rows[record.placement_id].entries = [record]
    return outcome


def _line(row: Row, typed: Typed, month: date, on: date) -> tuple[Values | None, Faults]:
    """The new values of a line; None where nothing of it changed."""
    before = month_cells.values_of(row.record)
    given, faults = month_cells.understand({key: typed.texts[key] for key in month_cells.KEYS if key in typed.texts})
    after = before | given
    if faults:
        return None, faults
    if after == before:
        return None, {}
    if typed.seen != (row.record.revision if row.record else 0):
        return None, {"": _("他人已改动这一行，您的改动没有保存。请记下您的改动，刷新页面后再填。")}
    return after, month_cells.disagreements(after, row.stay, month, on)


def state_of(values: Values, floor: Decimal | None) -> str:
    """Whether an entry with these values is whole."""
    return MonthlyRecord.State.DRAFT if month_cells.lacks(values, floor) else MonthlyRecord.State.DONE


def _write(
    sheet: Sheet, rows: Mapping[int, Row], changed: Mapping[int, Values], by: Acting, on: date, at: datetime
) -> list[MonthlyRecord]:
    """Write lines in one query; returns them as they are kept."""
    made = []
    asked_anew = []
    for pk, values in changed.items():
        row, record = rows[pk], rows[pk].record
        made.append(
            MonthlyRecord(
                base=sheet.base, placement=row.placement, month=sheet.month, **values, floor=row.stay.floor,
                state=state_of(values, row.stay.floor), revision=(record.revision if record else 0) + 1, entered_by=by.user,
                entered_on=on, saved_at=at,
            )
        )  # fmt: skip
        if record and (record.amount, record.paid_on) != (values["amount"], values["paid_on"]):
            asked_anew.append(record.pk)
    write(made)
    ask_anew(asked_anew)
    return made


def write(made: list[MonthlyRecord]) -> None:
    """Put entries of open months into their places, new ones and changed ones alike, in one query a thousand."""
    MonthlyRecord.objects.bulk_create(
        made, batch_size=1000, update_conflicts=True, unique_fields=["placement", "month", "entry"], update_fields=WRITTEN
    )  # fmt: skip


def ask_anew(record_pks: Sequence[int]) -> None:
    """What students had confirmed of these entries is no longer what they are asked; a denial stays until it is answered."""
    if record_pks:
        Receipt.objects.filter(
            record__in=record_pks, is_current=True, answer=Receipt.Answer.RECEIVED
        ).update(is_current=False)  # fmt: skip


@transaction.atomic
def copy_last(*, base: Base, month: date, by: Acting, on: date, at: datetime) -> int:
    """照上月填写: grade, days and amount of the month before into the lines that have nothing yet; returns how many.

    Never more days than the student is there this month.
    """
    sheet = open_sheet(base, month, by, on)
    changed = {}
    for row in sheet.rows:
        if row.last is None or not row.is_empty:
            continue
        days = None if row.last.days is None else min(row.last.days, row.stay.days)
        copied = {"grade": row.last.grade, "days": days, "amount": row.last.amount}
        changed[row.placement.pk] = month_cells.values_of(row.record) | copied
    _write(sheet, {row.placement.pk: row for row in sheet.rows}, changed, by, on, at)
    return len(changed)


@transaction.atomic
def fill_empty(*, base: Base, month: date, texts: Mapping[str, str], by: Acting, on: date, at: datetime) -> int:
    """One value into all empty cells of a column, several columns at once; returns how many lines changed.

    A line where the value cannot stand (more days than the student is there, a payment without an amount) is left as it is.
    Raises Refused for a value that cannot be understood.
    """
    given, faults = month_cells.understand({key: text for key, text in texts.items() if text.strip()})
    if faults:
        raise Refused([f"{month_cells.label_of(key)}：{words}" for key, words in faults.items()])
    sheet = open_sheet(base, month, by, on)
    changed = {}
    for row in sheet.rows:
        before = month_cells.values_of(row.record)
        after = before | {key: value for key, value in given.items() if before[key] in (None, "")}
        for key in month_cells.disagreements(after, row.stay, month, on):
            after[key] = before[key]
        if after != before:
            changed[row.placement.pk] = after
    _write(sheet, {row.placement.pk: row for row in sheet.rows}, changed, by, on, at)
    return len(changed)


@transaction.atomic
def attach_voucher(
    *, base: Base, month: date, placements: Sequence[int], file: UploadedFile, by: Acting, on: date
) -> int:
    """Keep one voucher for the payments of several students of an open month; returns for how many.

    Raises Refused where nothing is entered yet for any of them.
    """
    sheet = open_sheet(base, month, by, on, placements)
    records = [row.record.pk for row in sheet.rows if row.record]
    if not records or by.user is None:
        raise Refused(_("所选研究生本月还没有登记，请先填写考核和补贴，再上传凭证。"))
    stored = uploads.store(file, purpose=VOUCHER, by=by.user)
    return MonthlyRecord.objects.filter(pk__in=records).update(voucher=stored)


def refusals_to_close(sheet: Sheet, on: date) -> list[str]:
    """Why a month cannot be closed, in Chinese; empty when it can."""
    if on <= months.last_of(sheet.month):
        return [_("%(month)s还没有结束，请在月末之后结账。") % {"month": months.words(sheet.month)}]
    if not sheet.rows:
        return [_("本月没有研究生在基地，不需要结账。")]
    reasons = []
    missing = [row for row in sheet.rows if row.lacks]
    unpaid = [row for row in sheet.rows if row.record and row.record.is_unpaid and not row.lacks]
    if missing:
        reasons.append(_("还有 %(n)s 人没有填完：%(names)s。") % _named(missing))
    if unpaid:
        reasons.append(_("还有 %(n)s 人没有发放日期：%(names)s。") % _named(unpaid))
    return reasons


def _named(rows: list[Row]) -> dict[str, Any]:
    names = "、".join(row.placement.student.name for row in rows[:NAMED])
    return {"n": len(rows), "names": names if len(rows) <= NAMED else _("%(names)s等") % {"names": names}}


@transaction.atomic
def close_month(*, base: Base, month: date, by: Acting, on: date, at: datetime) -> MonthClosing:
    """Close a month whose lines are all whole and paid; there is no opening it again.

    Raises Refused with everybody who is missing, Overtaken for a month that is closed.
    """
    sheet = open_sheet(base, month, by, on)
    reasons = refusals_to_close(sheet, on)
    if reasons or by.user is None:
        raise Refused(reasons)
    records = [row.record for row in sheet.rows if row.record]
    for row in sheet.rows:
        # The agreement or the student's days may have become others since the line was saved.
        done = MonthlyRecord.State.DONE
        if row.record and (row.record.floor, row.record.state) != (row.stay.floor, done):
            MonthlyRecord.objects.filter(pk=row.record.pk).update(floor=row.stay.floor, state=done)
    closing = MonthClosing.objects.create(
        base=sheet.base, month=month, students=len(records), amount=sum((each.amount or Decimal(0) for each in records), Decimal(0)),
        closed_by=by.user, closed_on=on,
    )  # fmt: skip
    MonthlyRecord.objects.filter(pk__in=[each.pk for each in records]).update(closing=closing)
    return closing


@transaction.atomic
def correct(
    *, base: Base, month: date, placement: int, texts: Mapping[str, str], reason: str, by: Acting, on: date, at: datetime,
    file: UploadedFile | None = None,
) -> MonthlyRecord:  # fmt: skip
    """Correct a line of a closed month by a new entry; the one before stays beside it, and the student is asked anew.

    A student without an entry in a closed month (entered late) gets a first one, with the reason too.
    Raises Faulty with what is wrong by column, Refused where the month is open or nothing changed.
    """
    locked = living(base)
    must_be(locked, by, "partner")
    sheet = sheet_of(locked, month, [placement])
    if sheet.closing is None:
        raise Refused(_("%(month)s还没有结账，请直接在表格里改。") % {"month": months.words(month)})
    if not sheet.rows:
        raise Refused(_("这名研究生本月不在基地。"))
    if not reason.strip():
        raise Refused(_("请写明更正的原因。"))
    row = sheet.rows[0]
    values, faults = month_cells.understand({key: texts.get(key, "") for key in month_cells.KEYS})
    faults = faults or month_cells.disagreements(values, row.stay, month, on)
    faults = faults or {key: _missing(key, row) for key in month_cells.lacks(values, row.stay.floor)}
    if faults:
        raise Faulty(faults)
    before = row.record
    if before and values == month_cells.values_of(before) and file is None:
        raise Refused(_("没有改动任何内容，没有登记更正。"))
    stored = uploads.store(file, purpose=VOUCHER, by=by.user) if file else before.voucher if before else None
    if before:
        MonthlyRecord.objects.filter(pk=before.pk).update(is_current=False)
    return MonthlyRecord.objects.create(
        base=locked, placement=row.placement, month=month, entry=before.entry + 1 if before else 1, **values, floor=row.stay.floor,
        state=MonthlyRecord.State.DONE, voucher=stored, closing=sheet.closing, correction_reason=reason.strip(), entered_by=by.user,
        entered_on=on, saved_at=at,
    )  # fmt: skip


def _missing(key: str, row: Row) -> str:
    if key == "below_reason" and row.stay.floor is not None:
        return month_cells.below_words(row.stay.floor)
    return _("请填写。")


class Faulty(Refused):
    """A correction whose cells are wrong; ``faults`` says what, by column."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        super().__init__(faults.values())


_REVIEWING: dict[str, str] = {
    Role.UNIT_OFFICER: MonthReview.Side.UNIT,
    Role.DEPT_OFFICER: MonthReview.Side.DEPARTMENT,
}


@transaction.atomic
def review(*, base: Base, month: date, note: str, by: Acting, on: date, at: datetime) -> MonthReview:
    """The unit or the department has looked into what fell short of the agreement; it is told again when more does.

    Raises NotYours for anybody else, Refused without a word on what was found.
    """
    side = _REVIEWING.get(by.role)
    if side is None or by.user is None or not rules.test_rule("view_base", by, base):
        raise NotYours(_("低于约定的补贴由培养单位研究生院和教育厅经办核实。"))
    if not note.strip():
        raise Refused(_("请写明核实的情况。"))
    return MonthReview.objects.create(
        base=base, month=month, side=side, note=note.strip(), reviewed_by=by.user, reviewed_on=on, reviewed_at=at
    )
