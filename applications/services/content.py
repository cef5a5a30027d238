"""From the rows of a 申请书 to what it says, as people read it."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from agreements.money import in_wan, plain
from applications import paper
from applications.content import Column, Content, Fact, Section, Table, Text
from applications.models import Application, YearTarget
from applications.services import snapshot
from bases.sectors import sector_label

_YEARS = {1: _lazy("第一年"), 2: _lazy("第二年"), 3: _lazy("第三年")}
_YES_NO = {True: _lazy("是"), False: _lazy("否")}


def content_of(application: Application, on: date) -> Content:
    """What an application says now, its roster and attachments included."""
    return content_of_snapshot(snapshot.read(application, on, roster=True))


def content_of_snapshot(read: snapshot.Snapshot) -> Content:
    """What an application says, from one reading; a reading without the roster gives a paper without that table."""
    application = read.application
    sections = [_section(read, section) for section in paper.SECTIONS]
    return Content(application.name, application.round.year, application.base.training_unit.name, sections)


def _section(read: snapshot.Snapshot, section: paper.Section) -> Section:
    holder = read.holder(section)
    facts = list(_cover(read)) if section.key == "cover" else []
    texts = []
    for each in section.fields:
        label = field_label(holder, each, read.application.round.year)
        if each.lines >= 6:
            limit = holder._meta.get_field(each.name).max_length or 0
            texts.append(Text(each.name, label, getattr(holder, each.name), limit))
        elif section.key != "cover":
            facts.append(Fact(each.name, label, display(holder, each.name, each.unit)))
    tables = [_table(read, table) for table in section.tables if table.name in read.rows]
    if section.key == "attachments":
        tables = [_files(read)]
    return Section(section.key, str(section.number), str(section.title), section.articles, facts, texts, tables)


def _cover(read: snapshot.Snapshot) -> Iterator[Fact]:
    application = read.application
    unit, partner, category = application.base.training_unit, application.partner, application.category
    yield Fact("name", _("基地名称"), application.name)
    yield Fact("unit", _("研究生培养单位"), f"{unit.name}（{unit.code}）")
    yield Fact("category", _("专业学位类别"), str(category or ""))
    yield Fact("field", _("领域"), application.field)
    yield Fact("partner", _("校外合作单位"), partner.name if partner else "")
    yield Fact("credit_code", _("统一社会信用代码"), partner.credit_code if partner else "")
    yield Fact("partner_kind", _("合作单位性质"), partner.get_kind_display() if partner else "")
    yield Fact("division", _("所在盟市、旗县区"), str(application.division or ""))
    yield Fact(
        "priority_industry",
        _("优先产业"),
        application.get_priority_industry_display() if application.priority_industry else "",
    )
    yield Fact("year", _("申报年度"), str(application.round.year))


def field_label(holder: Any, field: paper.Field, year: int) -> str:
    """The label of a field; a figure of an earlier year names the year."""
    label = str(holder._meta.get_field(field.name).verbose_name)
    if not field.years_back:
        return label
    return _("%(label)s（%(year)s 年）") % {"label": label.split("（")[0], "year": year - field.years_back}


def display(holder: Any, name: str, unit: Any = "") -> str:
    """A value as people read it, with its unit; money that is kept in yuan in 万元."""
    value = getattr(holder, name)
    if value is None or value == "":
        return ""
    if name == "sector":
        return sector_label(value)
    if isinstance(value, bool):
        return str(_YES_NO[value])
    if isinstance(holder, YearTarget) and name == "year":
        return str(_YEARS.get(value, value))
    model_field = holder._meta.get_field(name)
    if model_field.choices:
        return str(dict(model_field.flatchoices).get(value, value))
    if isinstance(value, Decimal):
        value = in_wan(value) if unit == paper.WAN else plain(value, grouped=True)
    elif isinstance(value, date):
        value = value.isoformat()
    return f"{value} {unit}".strip() if unit else str(value)


def _table(read: snapshot.Snapshot, table: paper.Table) -> Table:
    rows = read.rows[table.name]
    model = read.application._meta.get_field(table.name).related_model
    columns = [
        Column(cell.name, _heading(model, cell), cell.total or bool(cell.unit), cell.weight) for cell in table.cells
    ]
    printed = [
        [
            display(row, cell.name, paper.WAN if cell.unit == paper.WAN else "").removesuffix(f" {paper.WAN}")
            for cell in table.cells
        ]
        for row in rows
    ]
    return Table(table.name, str(table.label), columns, printed, [str(row.key) for row in rows], totals(table, rows))


def _heading(model: Any, cell: paper.Cell) -> str:
    label = model._meta.get_field(cell.name).verbose_name
    return f"{label}（{cell.unit}）" if cell.unit else str(label)


def totals(table: paper.Table, rows: list[Any]) -> list[str]:
    """The foot of a table: the sums of the columns that are added up; nothing for a table without any."""
    if not any(cell.total for cell in table.cells) or not rows:
        return []
    foot = []
    for cell in table.cells:
        amounts: list[Decimal] = [getattr(row, cell.name) or Decimal(0) for row in rows] if cell.total else []
        total: Decimal = sum(amounts, Decimal(0))
        text = in_wan(total) if cell.unit == paper.WAN else plain(total, grouped=True)
        foot.append(text if cell.total else "")
    foot[0] = foot[0] or _("合计")
    return foot


def _files(read: snapshot.Snapshot) -> Table:
    columns = [
        Column("kind", _("类别"), weight=3), Column("name", _("文件名"), weight=4), Column("size", _("大小（KB）"), True, 1),
        Column("sha256", _("文件校验码"), weight=2),
    ]  # fmt: skip
    # The sealed scan is the paper itself: it comes after what it seals.
    listed = [each for each in read.files if each.kind != "sealed_form"]
    rows = [
        [each.get_kind_display(), each.stored.name, str(-(-each.stored.size // 1024)), each.stored.sha256[:12]]
        for each in listed
    ]
    return Table("files", _("附件清单"), columns, rows, [str(each.stored.key) for each in listed])
