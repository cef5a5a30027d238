"""The authorised categories of the training units from Excel: checked as a whole first, then written as a whole (第六条, 第七条（一）)."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from bases.models import CategoryAuthorisation, TrainingUnit
from bases.services.catalogue import Catalogue
from bases.services.units import authorise_category, check_level, only_sysadmin, split_fields
from portal import imports
from portal.acting import Acting
from portal.errors import Refused
from portal.models import ImportCheck
from portal.spreadsheets import CellFault, Column, Reading, read, template

PURPOSE = "authorisations"
MAX_ROWS = 2000


class _LevelColumn(Column):
    """硕士, or 硕士、博士: as the second one has a mark inside, a list of the choices must not be joined by it."""

    def choice(self, text: str) -> Any:
        try:
            return super().choice(text)
        except CellFault:
            raise CellFault(_("“%(text)s”不是层次，请填写“硕士”或者“硕士、博士”。") % {"text": text[:30]}) from None


def columns(unit: TrainingUnit | None = None) -> list[Column]:
    """The columns of the list; on the page of one unit its code may be left out."""
    return [
        Column(
            key="unit", label=_lazy("院校代码"), required=unit is None, max_length=5, example=unit.code if unit else "19001", width=12,
            help=_lazy("5 位数字，培养单位要先录入。") if unit is None else _lazy("可以不填；填写时应是本单位的代码。"),
        ),
        Column(
            key="category", label=_lazy("类别代码或名称"), required=True, max_length=60, example="0855", width=24,
            aliases=(_lazy("类别代码"), _lazy("专业学位类别"), _lazy("类别")),
            help=_lazy("现行目录的代码或名称，如 0855、机械、机械（0855）；旧名称只对应一个现行类别时也可以。"),
        ),
        Column(key="year", label=_lazy("获批年份"), kind="int", required=True, minimum=1990, maximum=2100, example=2015, width=10),
        _LevelColumn(
            key="level", label=_lazy("层次"), kind="choice", required=True, width=14, example=CategoryAuthorisation.Level.MASTER.value,
            choices={label: value for value, label in CategoryAuthorisation.Level.choices},
            help=_lazy("填“硕士”或者“硕士、博士”。"),
        ),
        Column(
            key="fields", label=_lazy("领域"), max_length=2000, width=40, example=_lazy("机械工程、车辆工程"),
            help=_lazy("没有可不填；有几个的用顿号隔开，每个最多 40 个字。"),
        ),
    ]  # fmt: skip


def blank_list(unit: TrainingUnit | None = None) -> bytes:
    """The template to fill in, for one unit or for all."""
    notes = [
        _("一行一个授权类别。名单里没有的类别保持原样，不会被删除；已登记的按名单更正年份、层次和领域。"),
        _("层次只有目录中可授博士的类别才能填“硕士、博士”。"),
    ]
    return template(columns(unit), title=_("授权类别"), notes=notes)


def read_list(content: bytes, unit: TrainingUnit | None = None) -> Reading:
    """What the list says; each faultless row has beside its cells what they mean: ``its_unit``, ``its_category``, ``its_fields``."""
    catalogue = Catalogue()
    units = {each.code: each for each in ([unit] if unit else TrainingUnit.objects.all())}

    def check(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
        row["its_unit"] = unit if unit and not row["unit"] else units.get(row["unit"])
        if row["its_unit"] is None:
            yield "unit", _unknown_unit(row["unit"], unit)
        meant = catalogue.resolve(row["category"])
        row["its_category"] = meant.category
        if meant.category is None:
            yield "category", meant.problem
        else:
            row["category"] = str(meant.category)
            yield from _faults("level", check_level, meant.category, row["level"])
        row["its_fields"] = []
        yield from _faults("fields", lambda text: row["its_fields"].extend(split_fields(text)), row["fields"])

    reading = read(content, columns(unit), max_rows=MAX_ROWS, check=check)
    _refuse_doubled(reading)
    return reading


def _faults(key: str, rule: Callable[..., Any], *given: Any) -> Iterator[tuple[str, str]]:
    """The sentences with which a rule refuses, under a column."""
    try:
        rule(*given)
    except Refused as refusal:
        yield from ((key, reason) for reason in refusal.reasons)


def _unknown_unit(code: str, unit: TrainingUnit | None) -> str:
    if unit:
        words = {"code": code, "unit": unit.name, "own": unit.code}
        return _("“%(code)s”不是本单位（%(unit)s）的院校代码 %(own)s。请改正或留空。") % words
    return _("没有院校代码为“%(code)s”的培养单位，请核对，或先录入该单位。") % {"code": code}


def _refuse_doubled(reading: Reading) -> None:
    """A category stands once per unit in a list, under whatever name."""
    first: dict[tuple[int, int], int] = {}
    for number, row in zip(reading.numbers, reading.rows, strict=True):
        if not (row.get("its_unit") and row.get("its_category")):
            continue
        before = first.setdefault((row["its_unit"].pk, row["its_category"].pk), number)
        if before != number:
            words = {"row": before, "unit": row["its_unit"], "category": row["its_category"]}
            reading.fault(number, "category", _("与第 %(row)s 行重复：%(unit)s %(category)s。") % words)
    reading.errors.sort(key=lambda error: error.row)


def check_list(*, upload: UploadedFile, by: Acting, unit: TrainingUnit | None = None) -> ImportCheck:
    """Try a list without writing anything of it; what was found is kept with the file."""
    only_sysadmin(by)
    assert by.user is not None  # noqa: S101 - a role is always held by a person
    upload.seek(0)
    reading = read_list(upload.read(), unit)
    return imports.check(purpose="authorisations", subject=_subject(unit), upload=upload, by=by.user, reading=reading)


@transaction.atomic
def write_list(*, checked: ImportCheck, by: Acting, at: datetime) -> ImportCheck:
    """Write a list that was found right, all of it or nothing.

    Raises Refused when it has mistakes, also when it has them only now, and when it was written already.
    """
    only_sysadmin(by)
    checked = imports.mark_applied(checked, at=at)
    reading = read_list(imports.content(checked), unit_of(checked))
    if not reading.is_faultless:
        raise Refused(
            [_("检查之后单位或目录有了变化，没有写入任何数据。请重新上传名单。"), *map(str, reading.errors[:5])]
        )
    for row in reading.rows:
        authorise_category(
            unit=row["its_unit"], category=row["its_category"], year=row["year"], level=row["level"],
            fields=row["its_fields"], by=by,
        )  # fmt: skip
    return checked


def _subject(unit: TrainingUnit | None) -> str:
    return f"unit:{unit.pk}" if unit else "all"


def unit_of(checked: ImportCheck) -> TrainingUnit | None:
    """The unit on whose page a list was uploaded; None for a list of all units."""
    _kind, _colon, key = checked.subject.partition(":")
    return TrainingUnit.objects.get(pk=int(key)) if key else None
