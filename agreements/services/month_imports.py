"""Months from Excel: a list that already names the students, a check that names every mistake by its cell, then all of it or nothing.

One file may hold several months and several bases of the partner. Cells left empty leave what is known.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from agreements import months
from agreements.models import MonthClosing, MonthlyRecord, Placement
from agreements.services import month_cells
from agreements.services.month_cells import Values
from agreements.services.month_rows import WAS_THERE, present, stay_of, terms_in
from agreements.services.months import ask_anew, state_of, write
from agreements.services.standing import living
from agreements.services.terms import Terms
from bases.lifecycle import LIVING
from bases.models import Base
from bases.validators import validate_no_id_card
from portal import imports, spreadsheets
from portal.acting import Acting
from portal.errors import NotYours, Refused
from portal.models import ImportCheck, User
from portal.roles import Role
from portal.spreadsheets import Column, Reading
from portal.spreadsheets.columns import plain

PURPOSE = "month_import"
MAX_ROWS = 10_000
_MONTH = re.compile(r"(20\d\d)\D{1,3}(\d{1,2})(?:\D.*)?")
COLUMNS = (
    Column(key="base", label=_lazy("基地"), required=True, max_length=100, width=26, aliases=(_lazy("基地名称"),)),
    Column(key="month", label=_lazy("月份"), required=True, max_length=20, width=10, example="2026-11", help=_lazy("写成 2026-11。")),
    Column(key="number", label=_lazy("学号"), required=True, max_length=20, width=14),
    Column(key="name", label=_lazy("姓名"), max_length=30, width=11, help=_lazy("用来核对，与学号不符的不能导入。")),
    *month_cells.COLUMNS,
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One line of a list that changes something: whose month, what stood there, and what is to stand there."""

    placement: Placement
    month: date
    record: MonthlyRecord | None
    values: Values


def partner_bases(by: Acting) -> list[Base]:
    """The bases of the partner in whose name somebody acts, whose cooperation goes on. Raises NotYours for everybody else."""
    if by.role != Role.PARTNER_OFFICER or by.partner_id is None:
        raise NotYours(_("月度考核和补贴由合作单位填报。"))
    found = Base.objects.filter(partner=by.partner_id, declared_partner=by.partner_id, state__in=LIVING)
    return list(found.select_related("training_unit").order_by("name", "pk"))


def template(*, month: date, by: Acting, base: Base | None = None) -> bytes:
    """The list of a month with its students and what is entered; where nothing is, with grade, days and amount of the month before."""
    bases = {each.pk: each for each in partner_bases(by) if base is None or each.pk == base.pk}
    people = Placement.objects.filter(present(month), base__in=bases).select_related("student")
    known: dict[tuple[int, date], MonthlyRecord] = {
        (record.placement_id, record.month): record
        for record in MonthlyRecord.objects.filter(
            base__in=bases, month__in=[month, months.shifted(month, -1)], is_current=True
        )
    }
    rows = []
    for each in sorted(people, key=lambda one: (bases[one.base_id].name, one.student.number, one.pk)):
        given = month_cells.values_of(known.get((each.pk, month)))
        last = known.get((each.pk, months.shifted(month, -1)))
        if last and not any(given[key] for key in ("grade", "days", "amount")):
            most = months.days_there(month, each.starts_on, each.ends_on)
            days = None if last.days is None else min(last.days, most)
            given |= {"grade": last.grade, "days": days, "amount": last.amount}
        said = {"base": bases[each.base_id].name, "month": months.name(month), "number": each.student.number}
        rows.append(said | {"name": each.student.name} | {key: value or None for key, value in given.items()})
    notes = [
        _("研究生名单已列好，没有登记的先照上月填写，请核对后改正。空着的单元格不改动平台上已有的内容。"),
        _("一个文件可以有几个月份、几个基地；已结账的月份不能导入，请在平台上用“更正”。"),
    ]
    return spreadsheets.template(
        COLUMNS, title=_("月度考核与生活补贴"), notes=notes, rows=max(len(rows), 500), filled=rows
    )


def month_of(text: str) -> date | None:
    """The month that somebody wrote: 2026-11, 2026年11月, or any day of it; None for anything else."""
    found = _MONTH.fullmatch(text.strip())
    return months.read(f"{found[1]}-{int(found[2]):02d}") if found else None


@dataclass
class _Known:
    """Everything that the lines of one list are compared with, read in a constant number of queries (one more for each month)."""

    bases: dict[str, list[Base]]
    people: dict[tuple[int, str], list[Placement]]
    records: dict[tuple[int, date], MonthlyRecord]
    closed: set[tuple[int, date]]
    terms: dict[date, dict[int, Terms]]


def _known(bases: list[Base], found: set[date]) -> _Known:
    by_name: dict[str, list[Base]] = {}
    for base in bases:
        by_name.setdefault(plain(base.name), []).append(base)
    people: dict[tuple[int, str], list[Placement]] = {}
    pks = [base.pk for base in bases]
    if found:
        here = Placement.objects.filter(
            base__in=pks, status__in=WAS_THERE, starts_on__lte=months.last_of(max(found)), ends_on__gte=min(found)
        )
        for placement in here.select_related("student"):
            people.setdefault((placement.base_id, placement.student.number), []).append(placement)
    records = MonthlyRecord.objects.filter(base__in=pks, month__in=found, is_current=True)
    closings = MonthClosing.objects.filter(base__in=pks, month__in=found)
    return _Known(
        by_name,
        people,
        {(record.placement_id, record.month): record for record in records},
        set(closings.values_list("base_id", "month")),
        {month: terms_in(pks, month) for month in found},
    )


def read(content: bytes, bases: list[Base], on: date) -> tuple[Reading, list[Line]]:
    """Read a list of these bases: what was found in it, and the lines that would change something."""
    reading = spreadsheets.read(content, COLUMNS, max_rows=MAX_ROWS, refuse=[validate_no_id_card])
    meant = [month_of(row["month"] or "") for row in reading.rows]
    known = _known(bases, {month for month in meant if month is not None and month <= on})
    lines: list[Line] = []
    # A cell that could not be understood is not there to be compared with the others.
    faulty = {error.row for error in reading.errors}
    seen: dict[tuple[int, date], int] = {}
    for number, row, month in zip(reading.numbers, reading.rows, meant, strict=True):
        if row["month"] and (month is None or month > on):
            words = _("“%(value)s”不是月份，请写成 2026-11。") if month is None else _("%(value)s 还没有开始。")
            reading.fault(number, "month", words % {"value": row["month"][:20]})
            continue
        placement = _person(reading, number, row, month, known) if month else None
        if placement is None or month is None:
            continue
        before = seen.setdefault((placement.pk, month), number)
        if before != number:
            reading.fault(number, "number", _("与第 %(row)s 行是同一名研究生的同一个月。") % {"row": before})
        elif (placement.base_id, month) in known.closed:
            reading.fault(number, "month", _("这个月已经结账，不能导入。请在月份页面用“更正”。"))
        elif number not in faulty:
            lines += _line(reading, number, row, placement, month, known, on)
    reading.errors.sort(key=lambda error: error.row)
    return reading, lines


def _person(reading: Reading, number: int, row: dict[str, Any], month: date, known: _Known) -> Placement | None:
    """Whose month a row is; the fault is noted where that is nobody's."""
    if not row["base"] or not row["number"]:
        return None
    bases = known.bases.get(plain(row["base"]), [])
    if not bases:
        reading.fault(number, "base", _("没有这个基地，请按平台上的名称填写。"))
        return None
    people = [each for base in bases for each in known.people.get((base.pk, row["number"]), [])]
    there = [each for each in people if months.days_there(month, each.starts_on, each.ends_on)]
    if len(there) != 1:
        words = _("这个学号本月不在这个基地，请核对学号和月份。")
        if len(there) > 1:
            words = _("这个学号本月在基地有几段实践，请在平台上逐行填写。")
        reading.fault(number, "number", words)
        return None
    if row["name"] and plain(row["name"]) != plain(there[0].student.name):
        words = _("学号 %(number)s 的姓名是%(name)s，与本行不符。")
        reading.fault(number, "name", words % {"number": row["number"], "name": there[0].student.name})
        return None
    return there[0]


def _line(
    reading: Reading, number: int, row: dict[str, Any], placement: Placement, month: date, known: _Known, on: date
) -> Iterable[Line]:
    """What a row changes; its faults are noted."""
    record = known.records.get((placement.pk, month))
    before = month_cells.values_of(record)
    after = before | {key: row[key] for key in month_cells.KEYS if row[key] not in (None, "")}
    stay = stay_of(placement, known.terms[month].get(placement.base_id), month)
    faults = month_cells.disagreements(after, stay, month, on)
    if "below_reason" in month_cells.lacks(after, stay.floor) and stay.floor is not None:
        faults["below_reason"] = month_cells.below_words(stay.floor)
    for key, words in faults.items():
        reading.fault(number, key, words)
    return [Line(placement, month, record, after)] if after != before and not faults else []


def check_file(*, upload: UploadedFile, by: Acting, on: date) -> ImportCheck:
    """Check a list; nothing is written but what was found."""
    bases = partner_bases(by)
    content = upload.read()
    upload.seek(0)
    reading, _lines = read(content, bases, on)
    return imports.check(
        purpose=PURPOSE, subject=str(by.partner_id), upload=upload, by=_user(by), reading=reading
    )  # fmt: skip


def checks_of(by: Acting) -> Any:
    """The checks that somebody of this partner has made."""
    return ImportCheck.objects.filter(purpose=PURPOSE, subject=str(by.partner_id)).select_related("file")


def _user(by: Acting) -> User:
    if by.user is None:
        raise NotYours(_("月度考核和补贴由合作单位填报。"))
    return by.user


@dataclass(frozen=True)
class Imported:
    """How many lines were new, how many changed, and how many were already as the list says."""

    new: int
    changed: int
    same: int


@transaction.atomic
def apply(*, checked: ImportCheck, by: Acting, on: date, at: datetime) -> Imported:
    """Write a checked list as a whole.

    Raises Refused for a list with mistakes, also such as came up since the check, and for one that was written already.
    """
    user, bases = _user(by), partner_bases(by)
    if checked.purpose != PURPOSE or checked.subject != str(by.partner_id):
        raise NotYours(_("这不是本单位的名单。"))
    imports.mark_applied(checked, at=at)
    bases = [living(base) for base in sorted(bases, key=lambda each: each.pk)]
    reading, lines = read(imports.content(checked), bases, on)
    if not reading.is_faultless:
        raise Refused([_("检查之后数据有变动，没有写入任何数据："), *map(str, reading.errors[:5])])
    terms = {month: terms_in([base.pk for base in bases], month) for month in {line.month for line in lines}}
    made = []
    for line in lines:
        floor = stay_of(line.placement, terms[line.month].get(line.placement.base_id), line.month).floor
        made.append(
            MonthlyRecord(
                base_id=line.placement.base_id, placement=line.placement, month=line.month, **line.values, floor=floor,
                state=state_of(line.values, floor), revision=(line.record.revision if line.record else 0) + 1, entered_by=user,
                entered_on=on, saved_at=at,
            )
        )  # fmt: skip
    write(made)
    ask_anew(
        [
            line.record.pk
            for line in lines
            if line.record
            and (line.record.amount, line.record.paid_on) != (line.values["amount"], line.values["paid_on"])
        ]
    )
    new = sum(line.record is None for line in lines)
    return Imported(new, len(lines) - new, len(reading.rows) - len(lines))
