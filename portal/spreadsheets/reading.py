"""Read a list that people filled in: typed rows, and every mistake with the row and the column in which Excel shows it."""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.parsers.expat import ExpatError

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import CellCoordinatesException
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from portal import archives
from portal.spreadsheets.columns import Cell, CellFault, Column, is_blank, plain
from portal.spreadsheets.scan import Scan, scan, worksheet_parts

LISTED = 200
PREVIEWED = 20
_HEADING_ROWS = 20
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, ExpatError, CalamineError, KeyError, ValueError, TypeError),
    *(EOFError, OSError, NotImplementedError, RuntimeError, StopIteration, CellCoordinatesException),
)
Check = Callable[[dict[str, Any]], Iterable[tuple[str, str]]]
Refusal = Callable[[str], Any]


@dataclass(frozen=True)
class CellError:
    """One mistake: where Excel shows it and how to mend it. Row 0 is the file as a whole, a row without a column that row."""

    row: int
    letter: str
    label: str
    message: str

    @property
    def column(self) -> str:
        """The column as people find it: C 列“入基地日”; empty where no column is to blame."""
        if not self.letter:
            return f"“{self.label}”" if self.label else ""
        return _("%(letter)s 列“%(label)s”") % {"letter": self.letter, "label": self.label}

    def __str__(self) -> str:
        if not self.row:
            return self.message
        if not self.letter and not self.label:
            return _("第 %(row)s 行：%(message)s") % {"row": self.row, "message": self.message}
        words = {"row": self.row, "column": self.column, "message": self.message}
        return _("第 %(row)s 行 %(column)s：%(message)s") % words


@dataclass
class Reading:
    """What was found in a file. ``rows`` are typed values by key; ``numbers`` are their row numbers in Excel.

    Of a row with mistakes the cells in question are None. ``wrong`` counts all mistakes, ``errors`` lists the first ones.
    """

    columns: Sequence[Column]
    rows: list[dict[str, Any]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    errors: list[CellError] = field(default_factory=list)
    wrong: int = 0
    notes: list[str] = field(default_factory=list)
    sheet: str = ""
    letters: dict[str, str] = field(default_factory=dict)

    @property
    def is_faultless(self) -> bool:
        """Whether the file may be taken as a whole."""
        return not self.wrong

    def refuse(self, message: str) -> None:
        """Something is wrong with the file as a whole."""
        self._note(CellError(0, "", "", message))

    def fault(self, row: int, key: str | None, message: str) -> None:
        """Something is wrong in a row, found by who knows more than the file: row number in Excel, key of the column or None."""
        label = next((str(column.label) for column in self.columns if column.key == key), "")
        self._note(CellError(row, self.letters.get(key or "", ""), label, message))

    def fault_beside(self, row: int, letter: str, label: str, message: str) -> None:
        """Something is wrong in a column that nobody asked for."""
        self._note(CellError(row, letter, label, message))

    def preview(self, limit: int = PREVIEWED) -> list[list[str]]:
        """The headings, then the first rows as people read them, each behind its row number."""
        used = [column for column in self.columns if not self.letters or column.key in self.letters]
        shown = zip(self.numbers[:limit], self.rows[:limit], strict=True)
        return [
            [_("行"), *(str(column.label) for column in used)],
            *([str(number), *(column.show(row[column.key]) for column in used)] for number, row in shown),
        ]

    def _note(self, error: CellError) -> None:
        self.wrong += 1
        if len(self.errors) < LISTED:
            self.errors.append(error)


def read(
    content: bytes,
    columns: Sequence[Column],
    *,
    max_rows: int = 10_000,
    refuse: Iterable[Refusal] = (),
    check: Check | None = None,
) -> Reading:
    """Read the first sheet that has the headings; their order is free, other columns are named in a note.

    ``refuse`` are Django validators for every text of the list, also in columns that nobody asked for. ``check`` looks at
    each row whose cells are right and yields (key, message). Nothing is raised: a file that cannot be read is an error.
    """
    reading = Reading(columns)
    problem = _unreadable(content)
    if problem:
        reading.refuse(problem)
        return reading
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            table = _find_table(reading, content, archive)
    except PasswordError:
        reading.refuse(_password())
    except _BROKEN:
        reading.refuse(_("文件不完整或已损坏，读不出来。请在 Excel 或 WPS 中打开、另存为 xlsx 格式后重新上传。"))
    else:
        if table is not None:
            _read_rows(reading, table, max_rows, list(refuse), check)
    return reading


def _password() -> str:
    return _("文件设有打开密码，平台读不了。请去掉密码另存后重新上传。")


def _unreadable(content: bytes) -> str:
    if not content:
        return _("文件是空的（0 字节）。请检查原文件后重新选择。")
    kind = archives.office_kind(content)
    if kind == "xlsx":
        return ""
    if kind == "encrypted":
        return _password()
    if kind == archives.BOMB:
        return _("文件展开后太大，平台不能打开。请删去多余的工作表、空行和图片，另存后重新上传。")
    if kind == "xlsm":
        return _("文件带有宏，平台不收。请另存为不带宏的 xlsx 格式后重新上传。")
    if kind in ("xls", "ole"):
        return _("这是旧版 Excel 表格（xls 格式）。请在 Excel 或 WPS 中另存为 xlsx 格式后重新上传。")
    if not kind and archives.may_be_office(content):
        return _("文件不完整或已损坏，读不出来。请在 Excel 或 WPS 中打开、另存为 xlsx 格式后重新上传。")
    return _("这不是 Excel 表格（xlsx 格式），改扩展名不会改变内容。请在 Excel 或 WPS 中另存为 xlsx 格式后重新上传。")


@dataclass
class _Table:
    """A sheet laid out from A1, the row of its headings counted from 0, and where each column stands."""

    name: str
    cells: list[list[Cell]]
    heading: int
    places: dict[str, int]
    found: Scan

    def missing(self, columns: Sequence[Column]) -> list[Column]:
        return [column for column in columns if column.required and column.key not in self.places]


def _find_table(reading: Reading, content: bytes, archive: zipfile.ZipFile) -> _Table | None:
    """The first sheet with all headings; else an error that names what is missing from the one that comes nearest."""
    parts = worksheet_parts(archive)
    best: _Table | None = None
    with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
        for sheet in book.sheets_metadata:
            if sheet.typ != SheetTypeEnum.WorkSheet or sheet.visible != SheetVisibleEnum.Visible:
                continue
            found = scan(archive, parts[sheet.name])
            if found.is_too_wide:
                reading.refuse(_too_wide(sheet.name, found))
                return None
            cells = book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
            table = _headings(reading.columns, sheet.name, cells, found)
            if table and (best is None or _nearness(table, reading.columns) > _nearness(best, reading.columns)):
                best = table
            if best and not best.missing(reading.columns):
                break
    if best is None:
        wanted = [str(column.label) for column in reading.columns if column.required] or [
            str(column.label) for column in reading.columns
        ]
        reading.refuse(
            _("没有找到表头。表中要有一行写明：%(labels)s。请下载模板填写。") % {"labels": "、".join(wanted)}
        )
        return None
    missing = best.missing(reading.columns)
    for column in missing:
        reading.fault(best.heading + 1, column.key, _("表头中缺少这一列。请补上，或下载模板填写。"))
    return None if missing or _doubled(reading, best) else best


def _nearness(table: _Table, columns: Sequence[Column]) -> tuple[bool, int]:
    return not table.missing(columns), len(table.places)


def _too_wide(name: str, found: Scan) -> str:
    return _(
        "工作表“%(name)s”一直用到了第 %(row)s 行 %(letter)s 列，超出平台能读的范围。请把名单以外的行和列整行整列删除，保存后重新上传。"
    ) % {"name": name, "row": found.last_row, "letter": get_column_letter(found.last_column)}


def _headings(columns: Sequence[Column], name: str, cells: list[list[Cell]], found: Scan) -> _Table | None:
    best: _Table | None = None
    for number, row in enumerate(cells[:_HEADING_ROWS]):
        texts = [plain(cell) if isinstance(cell, str) else "" for cell in row]
        places = {}
        for column in columns:
            place = next((place for place, text in enumerate(texts) if text and text in column.headings), None)
            if place is not None:
                places[column.key] = place
        table = _Table(name, cells, number, places, found)
        # A single word of many may stand in any note above the list.
        if len(places) >= min(2, len(columns)) and (
            best is None or _nearness(table, columns) > _nearness(best, columns)
        ):
            best = table
    return best


def _doubled(reading: Reading, table: _Table) -> bool:
    """Whether a heading stands there twice, so that nobody can say which column counts."""
    texts = [plain(cell) if isinstance(cell, str) else "" for cell in table.cells[table.heading]]
    before = reading.wrong
    for column in reading.columns:
        places = [get_column_letter(place + 1) for place, text in enumerate(texts) if text and text in column.headings]
        if len(places) > 1:
            reading.fault(
                table.heading + 1,
                column.key,
                _("表头出现了不止一次（%(letters)s 列），请只保留一列。") % {"letters": "、".join(places)},
            )
    return reading.wrong > before


def _read_rows(reading: Reading, table: _Table, max_rows: int, refuse: Sequence[Refusal], check: Check | None) -> None:
    reading.sheet = table.name
    reading.letters = {key: get_column_letter(place + 1) for key, place in table.places.items()}
    headings = table.cells[table.heading]
    known = set(table.places.values())
    ignored = [str(cell).strip() for place, cell in enumerate(headings) if place not in known and not is_blank(cell)]
    if ignored:
        reading.notes.append(_("没有用到的列：%(labels)s。") % {"labels": "、".join(ignored)})
    first = table.heading + 2
    failed_rows = {row for row, _column in (*table.found.failed, *table.found.uncomputed)}
    filled = [
        (number, row)
        for number, row in enumerate(table.cells[table.heading + 1 :], start=first)
        if number in failed_rows or not all(map(is_blank, row))
    ]
    if not filled:
        reading.refuse(_("表头下面没有内容，请填写后重新上传。"))
    elif len(filled) > max_rows:
        words = {"rows": len(filled), "limit": max_rows}
        reading.refuse(_("表中有 %(rows)s 行，一次最多 %(limit)s 行，请分开上传。") % words)
    else:
        _RowReader(reading, table, refuse, check).read_all(filled)


class _RowReader:
    def __init__(self, reading: Reading, table: _Table, refuse: Sequence[Refusal], check: Check | None) -> None:
        self.reading, self.table, self.refuse, self.check = reading, table, refuse, check
        self.seen: dict[str, dict[Any, int]] = {column.key: {} for column in reading.columns if column.unique}
        self.merged = self._merged_places()
        self.refusals: dict[str, str] = {}

    def read_all(self, rows: Iterable[tuple[int, list[Cell]]]) -> None:
        for number, cells in rows:
            before = self.reading.wrong
            values = {column.key: self._value(number, column, cells) for column in self.reading.columns}
            if self.refuse:
                self._refuse_texts(number, cells)
            if self.check and self.reading.wrong == before:
                for key, message in self.check(values):
                    self.reading.fault(number, key, message)
            self.reading.rows.append(values)
            self.reading.numbers.append(number)

    def _value(self, number: int, column: Column, cells: list[Cell]) -> Any:
        place = self.table.places.get(column.key)
        nothing = "" if column.kind == "text" else None
        if place is None:
            return nothing
        try:
            self._look_behind(number, place + 1)
            cell = cells[place]
            if is_blank(cell):
                if column.required:
                    raise CellFault(_("没有填写。"))
                return nothing
            value = column.understand(cell)
            if column.unique:
                self._note_once(number, column, value)
        except CellFault as fault:
            self.reading.fault(number, column.key, str(fault))
            return None
        return value

    def _look_behind(self, number: int, place: int) -> None:
        """Refuse a cell that looks empty to the reader but is not to the person."""
        found = self.table.found
        if (number, place) in found.failed:
            error = found.failed[number, place]
            raise CellFault(_("公式出错（%(error)s），请改正公式或直接填写内容。") % {"error": error})
        if (number, place) in found.uncomputed:
            raise CellFault(_("公式还没有算出结果。请在 Excel 或 WPS 中打开并保存一次，或直接填写内容。"))
        if (number, place) in self.merged:
            raise CellFault(_("单元格是合并的。请取消合并，每一行都填写。"))

    def _merged_places(self) -> set[tuple[int, int]]:
        """The cells of the list that are parts of a merged one."""
        known = [place + 1 for place in self.table.places.values()]
        last = len(self.table.cells)
        return {
            (row, column)
            for top, left, bottom, right in self.table.found.merged
            for row in range(max(top, self.table.heading + 2), min(bottom, last) + 1)
            for column in known
            if left <= column <= right and (bottom > top or right > left)
        }

    def _note_once(self, number: int, column: Column, value: Any) -> None:
        first = self.seen[column.key].setdefault(value, number)
        if first != number:
            raise CellFault(_("与第 %(row)s 行重复：%(value)s。") % {"row": first, "value": column.show(value)})

    def _refuse_texts(self, number: int, cells: list[Cell]) -> None:
        keys = {place: key for key, place in self.table.places.items()}
        for place, cell in enumerate(cells):
            if isinstance(cell, str) and cell and (message := self._refusal(cell)):
                if place in keys:
                    self.reading.fault(number, keys[place], message)
                else:
                    label = self.table.cells[self.table.heading][place]
                    self.reading.fault_beside(number, get_column_letter(place + 1), str(label), message)

    def _refusal(self, text: str) -> str:
        if text not in self.refusals:
            self.refusals[text] = ""
            for validator in self.refuse:
                try:
                    validator(text)
                except ValidationError as error:
                    self.refusals[text] = "".join(error.messages)
                    break
        return self.refusals[text]
