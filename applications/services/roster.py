"""The roster of the students whom both sides have trained (第七条（三）): by Excel in two steps, by paste, or one by one."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from applications import paper
from applications.models import Application, SectionState, TrainedStudent
from applications.services.drafting import count_save, locked_draft
from applications.services.snapshot import ROSTER
from bases.models import DegreeCategory
from bases.services.catalogue import Catalogue
from bases.validators import validate_no_id_card
from portal import imports, spreadsheets
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.models import ImportCheck
from portal.spreadsheets import Column, Reading
from portal.spreadsheets.columns import plain

PURPOSE = "roster_import"
SECTION = paper.STUDENTS.key
TABLE = paper.STUDENTS.table(ROSTER)
EARLIEST = date(1980, 1, 1)
MAX_MB = 10
# What the sheet says of a column besides what the paper and the table say.
_SHEET: dict[str, dict[str, Any]] = {
    "name": {"example": _lazy("萨仁"), "width": 12, "aliases": (_lazy("学生姓名"), _lazy("研究生姓名"))},
    "number": {
        "example": "20230855001", "width": 16, "unique": True, "aliases": (_lazy("学生学号"),),
        "help": _lazy("不是身份证号；以文本填写，开头的 0 才不会丢失。"),
    },
    "category_name": {
        "example": _lazy("机械（0855）"), "width": 22, "aliases": (_lazy("类别"), _lazy("专业类别"), _lazy("专业学位类别代码")),
        "help": _lazy("类别名称或 4 位代码，旧名称、旧代码也可以。"),
    },
    "field": {"example": _lazy("智能制造"), "width": 16},
    "level": {"example": TrainedStudent.Level.MASTER, "width": 10},
    "mode": {"example": TrainedStudent.Mode.FULL_TIME, "width": 12, "aliases": (_lazy("学习方式"),)},
    "campus_mentor": {"example": _lazy("李文华"), "width": 12, "aliases": (_lazy("校内指导教师"),)},
    "industry_mentor": {"example": _lazy("王建军"), "width": 14, "aliases": (_lazy("行业导师"), _lazy("企业导师"))},
    "entered_on": {"example": date(2023, 9, 1), "width": 14, "aliases": (_lazy("入基地日期"), _lazy("进入基地日期"))},
    "left_on": {
        "example": date(2024, 6, 30), "width": 14, "aliases": (_lazy("出基地日期"), _lazy("离开基地日期")),
        "help": _lazy("还在基地的不填。"),
    },
    "project": {"example": _lazy("矿用自卸车传动系统状态监测"), "width": 28},
    "thesis": {"example": _lazy("重载变速器早期故障诊断方法研究"), "width": 32, "aliases": (_lazy("论文题目"),)},
    "graduation_year": {"example": 2025, "width": 12, "minimum": 1990, "maximum": 2100, "aliases": (_lazy("毕业年"),)},
    "destination": {"example": _lazy("合作单位就业"), "width": 18, "aliases": (_lazy("去向"),)},
}  # fmt: skip


def columns(on: date | None = None) -> list[Column]:
    """The columns of the sheet, as the paper names them; nobody has entered a base after ``on``."""
    return [_column(cell, on) for cell in TABLE.cells]


def _column(cell: paper.Cell, on: date | None) -> Column:
    field: Any = TrainedStudent._meta.get_field(cell.name)
    given: dict[str, Any] = {"key": cell.name, "label": field.verbose_name, "required": cell.needed}
    if field.choices:
        given |= {"kind": "choice", "choices": {label: value for value, label in field.choices}}
    elif isinstance(field, models.DateField):
        given |= {"kind": "date", "minimum": EARLIEST, "maximum": on if cell.name == "entered_on" else None}
    elif isinstance(field, models.IntegerField):
        given |= {"kind": "int"}
    else:
        given |= {"max_length": field.max_length}
    return Column(**given | _SHEET[cell.name])


def template(on: date) -> bytes:
    """The empty sheet to fill in, with choices, formats and 填写说明."""
    return spreadsheets.template(
        columns(on),
        title=_("培养研究生名单"),
        notes=[
            _("一名研究生一行，最多 %(n)s 行。上传的名单整体替换平台上现有的名单。") % {"n": TABLE.most},
            _("不要填写身份证号、手机号；含有身份证号的名单不会写入。"),
            _("“专业学位类别”可以写名称、4 位代码，或名称加代码；“工程”这样的旧名称对应多个现行类别，请写明现行类别。"),
        ],
    )


def export(application: Application) -> bytes:
    """The roster as it stands, in the columns in which it is taken back."""
    rows = TrainedStudent.objects.filter(application=application).values(*(cell.name for cell in TABLE.cells))
    return spreadsheets.workbook(_("培养研究生名单"), columns(), rows)


@dataclass(frozen=True)
class Meaning:
    """What the category of a student means: today's category, or an old name that ``may_be`` any of several; else the problem."""

    name: str
    category: DegreeCategory | None = None
    may_be: tuple[DegreeCategory, ...] = ()
    problem: str = ""


def meaning(text: str, catalogue: Catalogue) -> Meaning:
    """Find the category that somebody wrote by name, code, both, or as it was called before 2022 (第七条（三）).

    An old name that became several categories leaves it open; a name that there never was, or that contradicts its code, is a problem.
    """
    found = catalogue.resolve(text)
    if found.category is not None:
        by_code_alone = re.fullmatch(r"[\W\d_]+", text) is not None
        name = found.category.name if by_code_alone or found.category.name in text else text.strip()
        return Meaning(name, found.category, (found.category,))
    entries = [{(alias.code, alias.name) for alias in each.aliases.all()} for each in found.candidates]
    shared = set.intersection(*entries) if entries else set()
    for code, name in sorted(shared):
        if name in text or (code and code in text):
            return Meaning(name, None, found.candidates)
    return Meaning(text, problem=found.problem)


def faults(values: Mapping[str, Any], *, catalogue: Catalogue, on: date | None = None) -> Iterator[tuple[str, str]]:
    """What is wrong with a student whose single values are right (第七条（三）): the column, and how to mend it."""
    problem = meaning(values["category_name"], catalogue).problem
    if problem:
        yield "category_name", problem
    entered, left = values["entered_on"], values.get("left_on")
    if on is not None and entered > on:
        yield "entered_on", _("%(day)s 还没有到，请核对。") % {"day": entered.isoformat()}
    if left is not None and left < entered:
        words = {"left": left.isoformat(), "entered": entered.isoformat()}
        yield "left_on", _("%(left)s 早于入基地日 %(entered)s，请核对。") % words


def no_id_card(text: str) -> None:
    """Refuse an ID-card number, which the portal does not collect; quick to see that most texts have none."""
    if sum(map(str.isdigit, text)) >= 17:
        validate_no_id_card(text)


def read(content: bytes, *, on: date | None, catalogue: Catalogue) -> Reading:
    """Read a roster; every mistake with its row and column."""
    return spreadsheets.read(
        content,
        columns(on),
        max_rows=TABLE.most,
        refuse=[no_id_card],
        check=lambda row: faults(row, catalogue=catalogue, on=on),
    )


@dataclass(frozen=True)
class DryRun:
    """What applying a checked roster would do; stands in the check's ``subject``.

    ``version`` is the roster's count of saves on which the figures rest: ``new`` students, those who are replaced by their 学号 and
    those who go, how many are of the application's category, and how many have an old name that may mean it.
    """

    application: int
    version: int
    new: int = 0
    replaced: int = 0
    gone: int = 0
    of_category: int = 0
    unclear: int = 0

    def __str__(self) -> str:
        figures = (self.version, self.new, self.replaced, self.gone, self.of_category, self.unclear)
        return f"{self.application}:" + ":".join(map(str, figures))

    @classmethod
    def of(cls, check: ImportCheck) -> DryRun:
        """The dry run that a check was."""
        return cls(*map(int, check.subject.split(":")))


def checks_of(application: Application) -> models.QuerySet[ImportCheck]:
    """The checked rosters of an application, the newest first."""
    found = ImportCheck.objects.filter(purpose=PURPOSE, subject__startswith=f"{application.pk}:")
    return found.select_related("file", "made_by").order_by("-pk")


def check(
    *, application: Application, by: Acting, on: date, upload: UploadedFile | None = None, text: str = ""
) -> ImportCheck:
    """Look a roster through before it is written (第七条（三）): an Excel file, or rows pasted from one; nothing of it is written yet.

    Raises NotYours for anybody but the applicants, Overtaken once the application is handed in, Refused for a paste without rows.
    """
    sheet = upload if upload is not None else _sheet_of(text)
    sheet.seek(0)
    content = sheet.read()
    catalogue = Catalogue()
    # Reading takes longest and needs no lock.
    reading = read(content, on=on, catalogue=catalogue)
    with transaction.atomic():
        draft = locked_draft(application, by, on)
        run = _dry_run(draft, reading, catalogue) if reading.is_faultless else DryRun(draft.pk, _version(draft))
        if by.user is None:
            raise NotYours(_("名单由申报人导入。"))
        return imports.check(purpose=PURPOSE, subject=str(run), upload=sheet, by=by.user, reading=reading)


@transaction.atomic
def apply(*, application: Application, check: ImportCheck, by: Acting, on: date) -> int:
    """Write a checked roster instead of the present one, all or nothing (第七条（三）); returns how many students it has.

    A 学号 that was there before keeps its row's key, so that versions can be compared. Raises Refused for a roster with mistakes or one
    that was written already, Overtaken when the roster was changed or another one checked since, NotYours for anybody but the applicants.
    """
    draft = locked_draft(application, by, on)
    if check.purpose != PURPOSE or DryRun.of(check).application != draft.pk:
        raise Refused(_("这不是本申请书的名单，没有写入任何数据。"))
    imports.mark_applied(check, at=timezone.now())
    _refuse_overtaken(draft, check)
    catalogue = Catalogue()
    reading = read(imports.content(check), on=None, catalogue=catalogue)
    if not reading.is_faultless:
        raise Refused([_("检查之后专业学位类别目录有变动，没有写入任何数据："), *map(str, reading.errors)])
    known = TrainedStudent.objects.filter(application=draft)
    keys = dict(known.values_list("number", "key"))
    students = [_student(draft, place, row, catalogue) for place, row in enumerate(reading.rows)]
    for student in students:
        student.key = keys.get(student.number, student.key)
    known.delete()
    TrainedStudent.objects.bulk_create(students, batch_size=1000)
    _count(draft, by)
    return len(students)


@transaction.atomic
def save_student(
    *, application: Application, by: Acting, on: date, student: TrainedStudent | None = None, **values: Any
) -> TrainedStudent:
    """Add one student to the roster, or change one (第七条（三）); ``values`` by the names of the columns.

    Raises Refused for values that are wrong and for a 学号 that stands there already, NotYours for anybody but the applicants, Overtaken
    when the student is not on the roster any more or the application is handed in.
    """
    draft = locked_draft(application, by, on)
    row = TrainedStudent(application=draft) if student is None else _present(draft, student)
    for cell in TABLE.cells:
        if cell.name in values:
            setattr(row, cell.name, values[cell.name])
    catalogue = Catalogue()
    _refuse_wrong(row, catalogue, on)
    others = TrainedStudent.objects.filter(application=draft).exclude(pk=row.pk)
    twin = others.filter(number=row.number).first()
    if twin is not None:
        raise Refused(
            _("学号 %(number)s 已在名单中（%(name)s），没有保存。") % {"number": twin.number, "name": twin.name}
        )
    if student is None:
        place = others.aggregate(last=models.Max("position"), count=models.Count("pk"))
        if place["count"] >= TABLE.most:
            raise Refused(_("名单最多 %(n)s 人，已经满了，没有保存。") % {"n": TABLE.most})
        row.position = 0 if place["last"] is None else place["last"] + 1
    meant = meaning(row.category_name, catalogue)
    row.category_name, row.category = meant.name, meant.category
    row.save()
    _count(draft, by)
    return row


@transaction.atomic
def remove_student(*, application: Application, student: TrainedStudent, by: Acting, on: date) -> TrainedStudent:
    """Take a student off the roster; what was declared keeps them.

    Raises NotYours for anybody but the applicants, Overtaken when the student is gone already or the application is handed in.
    """
    draft = locked_draft(application, by, on)
    row = _present(draft, student)
    TrainedStudent.objects.filter(pk=row.pk).delete()
    _count(draft, by)
    return row


def _present(draft: Application, student: TrainedStudent) -> TrainedStudent:
    # By its key: a roster that was written anew has new rows for the same students.
    row = TrainedStudent.objects.select_for_update().filter(application=draft, key=student.key).first()
    if row is None:
        raise Overtaken(_("%(name)s已不在名单中，没有办理。请回到名单查看最新内容。") % {"name": student.name})
    return row


def _refuse_wrong(row: TrainedStudent, catalogue: Catalogue, on: date) -> None:
    empty = [cell.name for cell in TABLE.cells if cell.needed and getattr(row, cell.name) in (None, "")]
    wrong = [(name, _("没有填写。")) for name in empty]
    try:
        row.clean_fields(exclude=["application", "category", *empty])
    except ValidationError as error:
        wrong += [(name, message) for name, messages in error.message_dict.items() for message in messages]
    for cell in TABLE.cells:
        value = getattr(row, cell.name)
        try:
            no_id_card(value if isinstance(value, str) else "")
        except ValidationError as error:
            wrong += [(cell.name, message) for message in error.messages]
    if not wrong:
        values = {cell.name: getattr(row, cell.name) for cell in TABLE.cells}
        wrong += faults(values, catalogue=catalogue, on=on)
    if wrong:
        labels = {column.key: column.label for column in columns()}
        raise Refused([f"{labels[name]}：{message}" for name, message in wrong])


def _student(draft: Application, place: int, row: dict[str, Any], catalogue: Catalogue) -> TrainedStudent:
    meant = meaning(row["category_name"], catalogue)
    values = row | {"category_name": meant.name, "category": meant.category}
    return TrainedStudent(application=draft, position=place, **values)


def _dry_run(draft: Application, reading: Reading, catalogue: Catalogue) -> DryRun:
    before = set(TrainedStudent.objects.filter(application=draft).values_list("number", flat=True))
    coming = {row["number"] for row in reading.rows}
    meanings = [meaning(row["category_name"], catalogue) for row in reading.rows]
    wanted = draft.category_id
    return DryRun(
        draft.pk,
        _version(draft),
        new=len(coming - before),
        replaced=len(coming & before),
        gone=len(before - coming),
        of_category=sum(each.category is not None and each.category.pk == wanted for each in meanings),
        unclear=sum(each.category is None and wanted in {one.pk for one in each.may_be} for each in meanings),
    )


def _version(draft: Application) -> int:
    state = SectionState.objects.filter(application=draft, section=SECTION).first()
    return state.version if state else 0


def _refuse_overtaken(draft: Application, check: ImportCheck) -> None:
    state = SectionState.objects.filter(application=draft, section=SECTION).select_related("saved_by").first()
    if state is not None and state.version != DryRun.of(check).version:
        who = state.saved_by.full_name if state.saved_by else ""
        at = timezone.localtime(state.saved_at).strftime("%H:%M") if state.saved_at else ""
        words = _("检查之后，%(who)s 于 %(at)s 改过名单，没有写入任何数据。请先看过现在的名单，再重新上传。")
        raise Overtaken(words % {"who": who, "at": at})
    newer = checks_of(draft).filter(pk__gt=check.pk).first()
    if newer is not None:
        at = timezone.localtime(newer.made_at).strftime("%H:%M")
        words = _("%(who)s 于 %(at)s 又检查了一份名单，这一份没有写入。请以最新的一份为准，或重新上传。")
        raise Overtaken(words % {"who": newer.made_by.full_name, "at": at})


def _count(draft: Application, by: Acting) -> None:
    draft.save(update_fields=["saved_at"])
    count_save(draft, SECTION, by)


def _sheet_of(text: str) -> UploadedFile:
    """Rows pasted from Excel as the sheet that they came from; without their heading they are in the order of the template."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    try:
        rows = list(csv.reader(io.StringIO(lines), dialect="excel-tab"))
    except csv.Error:
        raise Refused(_("粘贴的内容读不出来，没有检查。请在 Excel 中选中整行复制后重新粘贴，或上传文件。")) from None
    if not any(cell.strip() for row in rows for cell in row):
        raise Refused(_("没有粘贴任何内容。请在 Excel 中选中名单的行，复制后粘贴到框中，或选择文件上传。"))
    known = columns()
    heading = [plain(cell) for cell in rows[0]]
    if sum(any(text in column.headings for column in known) for text in heading if text) < 2:
        rows.insert(0, [str(column.label) for column in known])
    return SimpleUploadedFile(_("粘贴的名单.xlsx"), _workbook(rows))


def _workbook(rows: list[list[str]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("名单"))
    for row in rows:
        cells = [WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", text) or None) for text in row]
        for cell in cells:
            # What was pasted is text, also where it begins like a formula.
            cell.data_type = "s" if cell.value is not None else "n"
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
