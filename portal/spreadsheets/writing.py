"""Write Excel: a template that helps to fill it in, and a list as people print and filter it."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from portal.spreadsheets.columns import Column

TEMPLATE_ROWS = 5000
_TEXT_MAX = 32_767  # what a cell of Excel holds
_LINE = Side(style="thin", color="BCCCDC")
_FRAME = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEAD_FILL = PatternFill("solid", start_color="D9E2EC")
_REQUIRED_FILL = PatternFill("solid", start_color="FCE8D5")
_HEAD_FONT = Font(bold=True, color="1F2933")
_HEAD_ALIGN = Alignment(horizontal="center", vertical="center", wrap_text=True)
_CELL_ALIGN = Alignment(vertical="top", wrap_text=True)
_DATE, _DATE_TIME, _TEXT, _INT, _GENERAL = "yyyy-mm-dd", "yyyy-mm-dd hh:mm", "@", "#,##0", "General"
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True)
class Formula:
    """A formula of our own, computed by whoever opens the file: =SUM(A1:A3)."""

    text: str


@dataclass(frozen=True)
class Tab:
    """One sheet of a book: its headings stand in row 1, the values of ``rows`` by the columns' keys from row 2 on."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]


def book(title: str, tabs: Sequence[Tab]) -> bytes:
    """Several lists in one file, whose formulas can refer to one another; every sheet prints on A4 across."""
    found = Workbook()
    for number, tab in enumerate(tabs):
        sheet = _first_sheet(found, tab.name) if number == 0 else found.create_sheet(_sheet_name(tab.name))
        for place, column in enumerate(tab.columns, start=1):
            _as_head(_put(sheet, 1, place, str(column.label)), _HEAD_FILL)
            sheet.column_dimensions[get_column_letter(place)].width = column.width
        for place, row in enumerate(tab.rows, start=2):
            _write_row(sheet, place, tab.columns, row)
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(tab.columns))}{len(tab.rows) + 1}"
        sheet.freeze_panes = "A2"
        _print_across(sheet, "1:1")
    return _saved(found, title)


def comma_separated(columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """A list as CSV for Excel (UTF-8 with its mark); a text that a spreadsheet would compute is led by an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([str(column.label) for column in columns])
    for row in rows:
        shown = [(column, row.get(column.key)) for column in columns]
        writer.writerow([_plain(value) if isinstance(value, str) else column.show(value) for column, value in shown])
    return out.getvalue().encode("utf-8-sig")


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text


def template(
    columns: Sequence[Column],
    *,
    title: str,
    notes: Iterable[str] = (),
    examples: Iterable[Mapping[str, Any]] = (),
    rows: int = TEMPLATE_ROWS,
    filled: Iterable[Mapping[str, Any]] = (),
) -> bytes:
    """A list to fill in: headings with the required ones marked, formats and choices in the cells, 填写说明 behind it.

    ``filled`` are values by the columns' keys that stand in it already.
    """
    book = Workbook()
    sheet = _first_sheet(book, title)
    for place, column in enumerate(columns, start=1):
        letter = get_column_letter(place)
        head = _put(sheet, 1, place, f"{column.label}*" if column.required else str(column.label))
        _as_head(head, _REQUIRED_FILL if column.required else _HEAD_FILL)
        sheet.column_dimensions[letter].width = column.width
        sheet.column_dimensions[letter].number_format = _format(column)
    sheet.row_dimensions[1].height = 30
    sheet.freeze_panes = "A2"
    for place, row in enumerate(filled, start=2):
        _write_row(sheet, place, columns, row)
    guide = book.create_sheet(_sheet_name(_("填写说明")))
    _write_guide(guide, columns, title, notes, list(examples))
    _offer_choices(book, sheet, columns, rows)
    return _saved(book, title)


def workbook(
    title: str,
    columns: Sequence[Column],
    rows: Iterable[Mapping[str, Any]],
    *,
    foot: Mapping[str, Any] | None = None,
) -> bytes:
    """A list as Excel: the title, headings with a filter, typed cells, a foot with sums; prints on A4 across.

    ``rows`` and ``foot`` are values by the columns' keys. A text stays a text, whatever sign it begins with.
    """
    book = Workbook()
    sheet = _first_sheet(book, title)
    width = len(columns)
    _put(sheet, 1, 1, title).font = Font(bold=True, size=14)
    sheet.cell(1, 1).alignment = Alignment(horizontal="center", vertical="center")
    if width > 1:
        sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=width)
    sheet.row_dimensions[1].height = 28
    for place, column in enumerate(columns, start=1):
        _as_head(_put(sheet, 2, place, str(column.label)), _HEAD_FILL)
        sheet.column_dimensions[get_column_letter(place)].width = column.width
    last = 2
    for last, row in enumerate(rows, start=3):
        _write_row(sheet, last, columns, row)
    sheet.auto_filter.ref = f"A2:{get_column_letter(width)}{last}"
    if foot is not None:
        _write_row(sheet, last + 1, columns, foot)
        for place in range(1, width + 1):
            sheet.cell(last + 1, place).font = Font(bold=True)
    sheet.freeze_panes = "A3"
    _print_across(sheet, "1:2")
    return _saved(book, title)


def _first_sheet(book: Workbook, title: str) -> Worksheet:
    sheet = book.worksheets[0]
    sheet.title = _sheet_name(title)
    return sheet


def _sheet_name(title: str) -> str:
    """A name that Excel takes: without its signs of its own, at most 31 characters."""
    name = re.sub(r"[\[\]:*?/\\]", " ", ILLEGAL_CHARACTERS_RE.sub("", title)).strip().strip("'")
    return name[:31] or _("名单")


def _format(column: Column) -> str:
    if column.kind == "decimal":
        return "#,##0" + (f".{'0' * column.places}" if column.places else "")
    return {"text": _TEXT, "choice": _TEXT, "date": _DATE, "int": "0"}.get(column.kind, _GENERAL)


def _put(sheet: Worksheet, row: int, place: int, value: Any) -> Cell:
    """Write a typed cell; a text never becomes a formula, not even when somebody edits the cell later."""
    cell: Cell = sheet.cell(row, place)  # type: ignore[assignment]
    if isinstance(value, Formula):
        cell.value = value.text
        return cell
    if isinstance(value, Promise):
        value = str(value)
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value).replace(tzinfo=None)
    if isinstance(value, str):
        text = ILLEGAL_CHARACTERS_RE.sub("", value)[:_TEXT_MAX]
        if text:
            cell.value = text
            cell.data_type = "s"
            cell.quotePrefix = text.startswith(_STARTS_A_FORMULA)
    elif isinstance(value, bool):
        cell.value = _("是") if value else _("否")
    elif value is None or isinstance(value, int | float | Decimal | date):
        cell.value = value
    else:
        raise TypeError(f"a cell cannot hold {type(value).__name__}")
    return cell


def _write_row(sheet: Worksheet, number: int, columns: Sequence[Column], row: Mapping[str, Any]) -> None:
    for place, column in enumerate(columns, start=1):
        value = row.get(column.key)
        if column.choices and value is not None:
            value = column.labels.get(value, value)
        cell = _put(sheet, number, place, value)
        cell.border, cell.alignment = _FRAME, _CELL_ALIGN
        if isinstance(value, datetime):
            cell.number_format = _DATE_TIME
        elif isinstance(value, date):
            cell.number_format = _DATE
        elif isinstance(value, Formula):
            cell.number_format = _format(column)
        elif isinstance(value, Decimal):
            cell.number_format = _format(column) if column.kind == "decimal" else "#,##0.00"
        elif isinstance(value, int | float) and not isinstance(value, bool):
            cell.number_format = _INT if column.kind == "int" else _format(column)
        else:
            cell.number_format = _TEXT


def _as_head(cell: Cell, fill: PatternFill) -> None:
    cell.font, cell.fill, cell.alignment, cell.border = _HEAD_FONT, fill, _HEAD_ALIGN, _FRAME


def _offer_choices(book: Workbook, sheet: Worksheet, columns: Sequence[Column], rows: int) -> None:
    """Lists to choose from; the words stand on a hidden sheet, because Excel takes no long list in the rule itself."""
    hidden: Worksheet | None = None
    for place, column in enumerate(columns, start=1):
        words = [str(label) for label in column.choices] or ([_("是"), _("否")] if column.kind == "bool" else [])
        if not words:
            continue
        if hidden is None:
            hidden = book.create_sheet(_("选项"))
            hidden.sheet_state = "hidden"
        letter = get_column_letter(place)
        for number, word in enumerate(words, start=1):
            _put(hidden, number, place, word)
        rule = DataValidation(
            type="list",
            formula1=f"{quote_sheetname(hidden.title)}!${letter}$1:${letter}${len(words)}",
            allow_blank=True,
            showErrorMessage=True,
            errorTitle=_("请从列表中选择"),
            error=_("这里只能填写下拉列表中的内容。"),
        )
        rule.add(f"{letter}2:{letter}{rows + 1}")
        sheet.add_data_validation(rule)


def _write_guide(
    sheet: Worksheet, columns: Sequence[Column], title: str, notes: Iterable[str], examples: Sequence[Mapping[str, Any]]
) -> None:
    _put(sheet, 1, 1, _("%(title)s填写说明") % {"title": title}).font = Font(bold=True, size=14)
    number = 2
    for note in (
        _("请在第一个工作表中填写，一行一条；带 * 的列必须填写，不要合并单元格。这个说明不会被读取。"),
        *notes,
    ):
        _put(sheet, number, 1, note).alignment = Alignment(vertical="top", wrap_text=True)
        sheet.merge_cells(start_row=number, start_column=1, end_row=number, end_column=5)
        sheet.row_dimensions[number].height = 16 * (1 + len(str(note)) // 50)
        number += 1
    number += 1
    # The words of the headings stand in a column here, so that this sheet is never taken for the list.
    for place, (heading, width) in enumerate(
        ((_("列"), 22), (_("是否必填"), 10), (_("怎样填写"), 34), (_("说明"), 40), (_("示例"), 24)), start=1
    ):
        _as_head(_put(sheet, number, place, heading), _HEAD_FILL)
        sheet.column_dimensions[get_column_letter(place)].width = width
    for column in columns:
        number += 1
        shown = [column.show(each[column.key]) for each in examples if each.get(column.key) not in (None, "")]
        example = "；".join(shown) or (column.show(column.example) if column.example != "" else "")
        required = _("必填") if column.required else _("可不填")
        for place, text in enumerate((str(column.label), required, how_to_fill(column), str(column.help), example), 1):
            cell = _put(sheet, number, place, text)
            cell.alignment, cell.border, cell.number_format = _CELL_ALIGN, _FRAME, _TEXT
    _print_across(sheet, None)


def how_to_fill(column: Column) -> str:
    """What may stand in a column, in words: 日期，写成 2024-09-01."""
    if column.kind == "choice":
        return _("从下拉列表中选择：%(choices)s") % {"choices": "、".join(map(str, column.choices))}
    if column.kind == "bool":
        return _("填“是”或“否”")
    if column.kind == "date":
        words = [_("日期，写成 2024-09-01")]
        bounds = (_("不早于 %(limit)s"), _("不晚于 %(limit)s"))
    elif column.kind == "text":
        limit = column.max_length
        return _("文字，最多 %(n)s 个字") % {"n": limit} if limit else _("文字")
    else:
        places = {"places": column.places}
        words = [_("整数") if column.kind == "int" else _("数字，最多 %(places)s 位小数") % places]
        bounds = (_("不小于 %(limit)s"), _("不大于 %(limit)s"))
    limits = zip(bounds, (column.minimum, column.maximum), strict=True)
    words += [text % {"limit": limit} for text, limit in limits if limit is not None]
    if column.unique:
        words.append(_("不能重复"))
    return "，".join(words)


def _print_across(sheet: Worksheet, repeated: str | None) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4 in Excel's own numbering
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True  # type: ignore[union-attr]
    sheet.print_title_rows = repeated
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.oddFooter.center.text = _("第 &P 页，共 &N 页")  # type: ignore[union-attr]


def _saved(book: Workbook, title: str) -> bytes:
    book.properties.title, book.properties.creator = ILLEGAL_CHARACTERS_RE.sub("", title), ""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
