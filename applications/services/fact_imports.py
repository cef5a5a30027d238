"""The facts behind the quotas from Excel (第六条): a list of the units to fill in, its check, and the same list written as a whole."""

import io
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from openpyxl import load_workbook

from applications.quota import Facts
from applications.services.proposing import known_facts
from applications.services.quotas import MAX_CATEGORIES, MAX_STUDENTS, enter_facts
from bases.models import TrainingUnit
from portal import imports, spreadsheets
from portal.acting import Acting
from portal.errors import NotYours, Refused
from portal.models import ImportCheck
from portal.roles import Role
from portal.spreadsheets import Column, Reading

PURPOSE = "unit_facts_import"
MAX_ROWS = 1000

COLUMNS = (
    Column(
        key="code", label=_lazy("院校代码"), required=True, max_length=5, unique=True, example="10000", width=12,
        help=_lazy("5 位数字；本表已列出平台登记的全部培养单位。"),
    ),
    Column(key="name", label=_lazy("单位名称"), required=True, max_length=60, example=_lazy("某某大学"), width=30),
    Column(
        key="categories", label=_lazy("专业学位类别数"), kind="int", required=True, minimum=0, maximum=MAX_CATEGORIES,
        example=12, width=16, help=_lazy("单位有授权的专业学位类别个数（第六条）。"),
    ),
    Column(
        key="students", label=_lazy("专业学位研究生在校生"), kind="int", required=True, minimum=0, maximum=MAX_STUDENTS,
        example=840, width=22, help=_lazy("人数，不含学术学位研究生（第六条）。"),
    ),
    Column(
        key="double_first_class", label=_lazy("双一流"), kind="bool", required=True, example=True, width=10,
        aliases=(_lazy("双一流(是/否)"), _lazy("“双一流”建设")), help=_lazy("是否“双一流”建设单位（第六条）。"),
    ),
)  # fmt: skip


def template(year: int) -> bytes:
    """The list to fill in: every unit with its code and name, and what is known of it for the year or the one before."""
    made = spreadsheets.template(
        COLUMNS,
        title=_("%(year)s年培养单位数据") % {"year": year},
        notes=[
            _("每个培养单位一行；不填报的单位请整行删去。"),
            _("表中已有的数字是平台上最近的数据，请逐项核对。"),
        ],
    )
    book = load_workbook(io.BytesIO(made))
    sheet = book.worksheets[0]
    units = list(TrainingUnit.objects.all())
    known = known_facts(year, units)
    for row, unit in enumerate(units, start=2):
        cells: list[Any] = [unit.code, unit.name]
        if not known[unit.pk].is_missing:
            facts = known[unit.pk].facts
            cells += [facts.categories, facts.students, _("是") if facts.double_first_class else _("否")]
        for place, value in enumerate(cells, start=1):
            cell = sheet.cell(row, place, value)
            if isinstance(value, str):
                # A name stays a text, whatever sign it begins with.
                cell.data_type, cell.number_format = "s", "@"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(content: bytes) -> Reading:
    """Read a list of facts; a code that no unit has and a name that is not the code's are mistakes."""
    units = {unit.code: unit for unit in TrainingUnit.objects.all()}

    def check(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
        unit = units.get(row["code"])
        if unit is None:
            yield "code", _("平台上没有院校代码为 %(code)s 的培养单位，请核对。") % {"code": row["code"]}
        elif _bare(row["name"]) != _bare(unit.name):
            words = {"code": unit.code, "name": unit.name, "found": row["name"]}
            yield "name", _("院校代码 %(code)s 是“%(name)s”，不是“%(found)s”，请核对。") % words

    reading = spreadsheets.read(content, COLUMNS, max_rows=MAX_ROWS, check=check)
    if reading.is_faultless and not reading.rows:
        reading.refuse(_("表中没有数据，请至少填写一个单位。"))
    return reading


def check_file(*, year: int, upload: UploadedFile, by: Acting) -> ImportCheck:
    """Check a list of the year's facts (第六条); nothing is written but what was found."""
    if by.role != Role.DEPT_OFFICER or by.user is None:
        raise NotYours(_("培养单位数据由教育厅经办导入。"))
    content = upload.read()
    upload.seek(0)
    return imports.check(purpose=PURPOSE, subject=str(year), upload=upload, by=by.user, reading=read(content))


@transaction.atomic
def apply(*, checked: ImportCheck, by: Acting, at: datetime) -> int:
    """Write a checked list as a whole; returns how many units it has.

    Raises Refused for a list with mistakes, also such as came up since the check, and for one that was written already.
    """
    if by.role != Role.DEPT_OFFICER or by.user is None:
        raise NotYours(_("培养单位数据由教育厅经办导入。"))
    if checked.purpose != PURPOSE:
        raise Refused(_("这不是培养单位数据。"))
    imports.mark_applied(checked, at=at)
    reading = read(imports.content(checked))
    if not reading.is_faultless:
        raise Refused([_("检查之后平台上的单位有变动，没有写入任何数据："), *map(str, reading.errors)])
    keys = dict(TrainingUnit.objects.values_list("code", "pk"))
    facts = {keys[r["code"]]: Facts(r["categories"], r["students"], r["double_first_class"]) for r in reading.rows}
    enter_facts(year=int(checked.subject), facts=facts, by=by)
    return len(facts)


def _bare(name: str) -> str:
    """A name without the spaces in it and with ordinary brackets."""
    return "".join(unicodedata.normalize("NFKC", name).split())
