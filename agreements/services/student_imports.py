"""The list of 基地研究生 from Excel: a template, a check that names every mistake by its cell, then the whole list or nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from agreements.models import Placement, Student
from agreements.services.students import FIELDS, no_id_card, own_unit, why_not_left
from bases.people_terms import StudyLevel, StudyMode
from bases.services.catalogue import Catalogue
from portal import imports, spreadsheets
from portal.acting import Acting
from portal.errors import NotYours, Refused
from portal.models import ImportCheck
from portal.spreadsheets import Column, Reading

PURPOSE = "student_import"
MAX_ROWS = 10_000
MAX_MB = 10

COLUMNS = (
    Column(
        key="number", label=_lazy("学号"), required=True, max_length=20, unique=True, width=16, example="20250855001",
        aliases=(_lazy("学生学号"),), help=_lazy("不是身份证号；以文本填写，开头的 0 才不会丢失。"),
    ),
    Column(key="name", label=_lazy("姓名"), required=True, max_length=30, width=12, example=_lazy("萨仁"), aliases=(_lazy("学生姓名"), _lazy("研究生姓名"))),
    Column(
        key="level", label=_lazy("层次"), kind="choice", required=True, width=10, example=StudyLevel.MASTER.value,
        choices={label: value for value, label in StudyLevel.choices},
    ),
    Column(
        key="mode", label=_lazy("培养方式"), kind="choice", required=True, width=12, example=StudyMode.FULL_TIME.value,
        choices={label: value for value, label in StudyMode.choices}, aliases=(_lazy("学习方式"),),
    ),
    Column(
        key="bound", label=_lazy("定向就业"), kind="bool", width=12, example=False,
        help=_lazy("定向就业的填“是”，不填即为非定向。"),
    ),
    Column(
        key="category", label=_lazy("专业学位类别"), required=True, max_length=60, width=22, example=_lazy("机械（0855）"),
        aliases=(_lazy("类别"), _lazy("专业类别"), _lazy("专业学位类别代码")), help=_lazy("类别名称或 4 位代码，旧名称、旧代码也可以。"),
    ),
    Column(key="field", label=_lazy("领域"), max_length=40, width=16, example=_lazy("智能制造")),
    Column(key="college", label=_lazy("学院"), max_length=60, width=20, example=_lazy("机械工程学院"), aliases=(_lazy("培养学院"),)),
    Column(
        key="entry_year", label=_lazy("入学年份"), kind="int", required=True, minimum=1990, maximum=2100, width=12, example=2025,
        aliases=(_lazy("年级"), _lazy("入学年")),
    ),
    Column(key="phone", label=_lazy("手机"), max_length=20, width=16, example="13800000000", help=_lazy("11 位。")),
    Column(key="email", label=_lazy("邮箱"), max_length=254, width=24, example="name@example.com", aliases=(_lazy("电子邮箱"),)),
    Column(key="left_on", label=_lazy("毕业或离校日期"), kind="date", width=16, example=date(2028, 6, 30), help=_lazy("还在读的不填。")),
)  # fmt: skip


def template() -> bytes:
    """The list to fill in."""
    notes = [
        _("一行一名研究生，最多 %(n)s 行。学号已在名单中的，按本表更新；名单里没有的研究生保持原样。")
        % {"n": MAX_ROWS},
        _("不要填写身份证号；含有身份证号的名单不会写入。"),
        _("“专业学位类别”可以写名称、4 位代码，或名称加代码；“工程”这样的旧名称对应多个现行类别，请写明现行类别。"),
    ]
    return spreadsheets.template(COLUMNS, title=_("基地研究生"), notes=notes, rows=MAX_ROWS)


def stays(unit: int) -> dict[str, tuple[date, str]]:
    """By 学号 until when a unit's students are or will be in a base, and in which; one query."""
    held = Placement.objects.filter(
        student__training_unit=unit, status__in=["proposed", "accepted", "running"]
    ).order_by("ends_on")  # fmt: skip
    rows = held.values_list("student__number", "ends_on", "base__name")
    return {number: (ends_on, base) for number, ends_on, base in rows}


def read(content: bytes, catalogue: Catalogue, held: Mapping[str, tuple[date, str]]) -> Reading:
    """Read a list, every mistake with its row and column; each faultless row has its category beside its cells (``its_category``).

    ``held`` are the ``stays`` of the unit: nobody leaves the university before a practice is over.
    """

    def check(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
        meant = catalogue.resolve(row["category"])
        row["its_category"] = meant.category
        if meant.category is None:
            yield "category", meant.problem
        if row["phone"] and not is_mobile(row["phone"]):
            yield "phone", _("“%(value)s”不是 11 位手机号，请核对。") % {"value": row["phone"]}
        wrong = _wrong_leaving(row["left_on"], row["entry_year"], held.get(row["number"]))
        if wrong:
            yield "left_on", wrong
        try:
            if row["email"]:
                validate_email(row["email"])
        except ValidationError:
            yield "email", _("“%(value)s”不是邮箱地址，请核对。") % {"value": row["email"][:40]}

    return spreadsheets.read(content, COLUMNS, max_rows=MAX_ROWS, refuse=[no_id_card], check=check)


def _wrong_leaving(left_on: date | None, entry_year: int, stay: tuple[date, str] | None) -> str:
    if left_on is None:
        return ""
    if problem := why_not_left(left_on, entry_year):
        return problem
    if stay is not None and stay[0] > left_on:
        words = {"base": stay[1], "day": stay[0].isoformat()}
        return _("在“%(base)s”的实践到 %(day)s 才结束，不能早于这一天离校。") % words
    return ""


def is_mobile(text: str) -> bool:
    """Whether a text is an eleven-digit mobile number."""
    return len(text) == 11 and text.isascii() and text.isdigit() and text[0] == "1" and text[1] in "3456789"


@dataclass(frozen=True)
class DryRun:
    """What applying a checked list would do; stands in the check's ``subject``."""

    unit: int
    new: int = 0
    known: int = 0

    def __str__(self) -> str:
        return f"{self.unit}:{self.new}:{self.known}"

    @classmethod
    def of(cls, check: ImportCheck) -> "DryRun":
        """The dry run that a check was."""
        return cls(*map(int, check.subject.split(":")))


def checks_of(by: Acting) -> QuerySet[ImportCheck]:
    """The checked lists of the unit, the newest first."""
    found = ImportCheck.objects.filter(purpose=PURPOSE, subject__startswith=f"{by.unit_id}:")
    return found.select_related("file", "made_by").order_by("-pk")


def check_file(*, upload: UploadedFile, by: Acting) -> ImportCheck:
    """Check a list; nothing is written but what was found. Raises NotYours for anybody but a graduate office."""
    unit = own_unit(by)
    upload.seek(0)
    content = upload.read()
    upload.seek(0)
    reading = read(content, Catalogue(), stays(unit))
    known = set(Student.objects.filter(training_unit=unit).values_list("number", flat=True))
    there = sum(row["number"] in known for row in reading.rows)
    run = DryRun(unit, len(reading.rows) - there, there) if reading.is_faultless else DryRun(unit)
    if by.user is None:
        raise NotYours(_("基地研究生名单由培养单位研究生院管理。"))
    return imports.check(purpose=PURPOSE, subject=str(run), upload=upload, by=by.user, reading=reading)


@transaction.atomic
def apply(*, check: ImportCheck, by: Acting, on: date, at: datetime) -> int:
    """Write a checked list as a whole, known 学号 anew; returns how many students it has.

    Raises Refused for a list with mistakes, also such as came up since the check, and for one that was written already.
    """
    unit = own_unit(by)
    if check.purpose != PURPOSE or DryRun.of(check).unit != unit:
        raise Refused(_("这不是本单位的研究生名单，没有写入任何数据。"))
    imports.mark_applied(check, at=at)
    reading = read(imports.content(check), Catalogue(), stays(unit))
    if not reading.is_faultless:
        raise Refused(
            [_("检查之后专业学位类别目录或者实践安排有变动，没有写入任何数据："), *map(str, reading.errors[:5])]
        )
    students = [
        Student(
            training_unit_id=unit, entered_by=by.user, entered_on=on, category=row["its_category"], bound=bool(row["bound"]),
            **{key: row[key] for key in FIELDS if key not in ("category", "bound")},
        )
        for row in reading.rows
    ]  # fmt: skip
    Student.objects.bulk_create(
        students,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["training_unit", "number"],
        update_fields=[*(name for name in FIELDS if name != "number"), "entered_by", "entered_on"],
    )
    return len(students)
