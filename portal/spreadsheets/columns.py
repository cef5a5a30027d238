"""A column of a spreadsheet: its heading, what may stand in its cells, and how a cell is understood."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

Kind = Literal["text", "int", "decimal", "date", "choice", "bool"]
Cell = str | int | float | bool | date | datetime | time | timedelta
Text = str | Promise

# Excel keeps fifteen digits of a number; of a longer one the rest is lost before we see it.
EXACT_DIGITS = 15
EXACT_BELOW = 10**EXACT_DIGITS
EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)
_SHOWN = 30
_CHOICES_SHOWN = 12

_HALF_WIDTH = {ord(wide): wide_to for wide, wide_to in ((chr(n), chr(n - 0xFEE0)) for n in range(0xFF01, 0xFF5F))}
_ALPHANUMERIC = {wide: half for wide, half in _HALF_WIDTH.items() if half.isalnum()}
_SPACES = {0x3000: " ", 0xA0: " ", 0x200B: None, 0xFEFF: None, ord("\r"): None}
_NUMBER = re.compile(r"[-+]?(\d+|\d{1,3}(,\d{3})+)(\.\d*)?")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[Ee]\+\d+")
_DATE = re.compile(r"(\d{4})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{1,2})(?:\s+0{1,2}:00(?::00)?)?")
_DATE_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YES = _lazy("是 有 对 √ ✓ Y YES TRUE 1")
_NO = _lazy("否 无 没有 不是 × N NO FALSE 0")


class CellFault(Exception):
    """What is wrong with a cell and how to mend it, in Chinese."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: ``label`` is its heading, ``choices`` lead from the word in the cell to the value.

    ``required`` means: the heading must be there and every row must have a value. Bounds count for numbers and dates,
    ``max_length`` for texts, ``places`` are the decimal places that a decimal may have. ``unique``: no value twice.
    """

    key: str
    label: Text
    kind: Kind = "text"
    required: bool = False
    choices: Mapping[Any, Any] = field(default_factory=dict)
    max_length: int | None = None
    minimum: Any = None
    maximum: Any = None
    places: int = 2
    unique: bool = False
    help: Text = ""
    example: Any = ""
    aliases: tuple[Text, ...] = ()
    width: int = 16

    @cached_property
    def headings(self) -> frozenset[str]:
        """Every way in which the heading may be written."""
        return frozenset(plain(str(each)) for each in (self.label, *self.aliases))

    @cached_property
    def _values(self) -> dict[str, Any]:
        return {plain(str(label)): value for label, value in self.choices.items()}

    @cached_property
    def labels(self) -> dict[Any, str]:
        """From the value back to the word that stands for it in a cell."""
        return {value: str(label) for label, value in reversed(list(self.choices.items()))}

    def understand(self, cell: Cell) -> Any:
        """The typed value of a filled cell. Raises CellFault when it is none, or none that may stand here."""
        return _READERS[self.kind](self, cell)

    def show(self, value: Any) -> str:
        """The value as people read it; empty for none."""
        if value is None or value == "":
            return ""
        if self.choices:
            return self.labels.get(value, str(value))
        if isinstance(value, bool):
            return _("是") if value else _("否")
        return f"{value:,.{self.places}f}" if isinstance(value, Decimal) else str(value)

    def choice(self, text: str) -> Any:
        """The value behind a word. Raises CellFault for a word that is not offered."""
        try:
            return self._values[plain(text)]
        except KeyError:
            raise CellFault(_not_offered(text, [str(label) for label in self.choices])) from None


def plain(text: str) -> str:
    """A heading or a word without what people add to it: spaces, line breaks, the star of what is required, full width."""
    return re.sub(r"[\s*:]", "", unicodedata.normalize("NFKC", text)).casefold()


def tidy(text: str) -> str:
    """A text without the spaces around it, with ordinary digits and letters; its punctuation stays as it is."""
    return text.translate(_SPACES).translate(_ALPHANUMERIC).strip()


def is_blank(cell: Any) -> bool:
    """Whether nothing stands in a cell that anybody could see."""
    return cell is None or (isinstance(cell, str) and not cell.translate(_SPACES).strip())


def _shown(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _not_offered(text: str, labels: list[str]) -> str:
    words = {"value": _shown(text), "choices": "、".join(labels[:_CHOICES_SHOWN]), "n": len(labels)}
    if len(labels) > _CHOICES_SHOWN:
        return _("“%(value)s”不在可以填写的内容里。请从下拉列表的 %(n)s 项中选择，例如：%(choices)s。") % words
    return _("“%(value)s”不在可以填写的内容里。请填写其中一项：%(choices)s。") % words


def _number_as_text(number: float) -> str:
    if abs(number) >= EXACT_BELOW:
        raise CellFault(_("数字超过 15 位，Excel 已丢失后面的数字。请把这一列的单元格格式设为“文本”后重新填写。"))
    return str(int(number)) if float(number).is_integer() else f"{number:.15g}"


def cell_text(cell: Cell) -> str:
    """What a cell says as a text; a number that Excel made of it gets its digits back. Raises CellFault when they are lost."""
    if isinstance(cell, str):
        return tidy(cell)
    if isinstance(cell, bool):
        return _("是") if cell else _("否")
    if isinstance(cell, int | float):
        return _number_as_text(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="minutes")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def _text(column: Column, cell: Cell) -> str:
    text = cell_text(cell)
    if isinstance(cell, str) and _SCIENTIFIC.fullmatch(text):
        raise CellFault(
            _("“%(value)s”是科学计数法，原来的数字已经丢失。请把这一列的单元格格式设为“文本”后重新填写。")
            % {"value": text}
        )
    if column.max_length and len(text) > column.max_length:
        raise CellFault(
            _("有 %(n)s 个字，最多 %(limit)s 个字，请删减。") % {"n": len(text), "limit": column.max_length}
        )
    return text


def _decimal_of(cell: Cell, wanted: Callable[[str], str]) -> Decimal:
    """The number in a cell, written as people write numbers: 1,234.50 or ￥1234.5, also in full width."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        # What Excel computes carries the dust of binary fractions behind the fifteenth digit.
        return Decimal(f"{cell:.15g}")
    text = tidy(cell).translate(_HALF_WIDTH).lstrip("¥￥ ") if isinstance(cell, str) else ""
    if not _NUMBER.fullmatch(text):
        raise CellFault(wanted(_shown(cell_text(cell))))
    return Decimal(text.replace(",", ""))


def _within(column: Column, value: Any) -> Any:
    if column.minimum is not None and value < column.minimum:
        limit = {"limit": column.minimum}
        raise CellFault((_("不能早于 %(limit)s。") if column.kind == "date" else _("不能小于 %(limit)s。")) % limit)
    if column.maximum is not None and value > column.maximum:
        limit = {"limit": column.maximum}
        raise CellFault((_("不能晚于 %(limit)s。") if column.kind == "date" else _("不能大于 %(limit)s。")) % limit)
    return value


def _int(column: Column, cell: Cell) -> int:
    number = _decimal_of(cell, lambda text: _("“%(value)s”不是整数，请只填数字，例如 12。") % {"value": text})
    if number != number.to_integral_value():
        raise CellFault(_("“%(value)s”不是整数，请只填数字，例如 12。") % {"value": number})
    if abs(number) >= EXACT_BELOW:
        raise CellFault(_("数字太大，请核对。"))
    return int(_within(column, int(number)))


def _decimal(column: Column, cell: Cell) -> Decimal:
    number = _decimal_of(cell, lambda text: _("“%(value)s”不是数字，请只填数字，例如 1234.50。") % {"value": text})
    if abs(number) >= EXACT_BELOW:
        raise CellFault(_("数字太大，请核对。"))
    exact = round(number, column.places)
    if exact != number:
        raise CellFault(
            _("“%(value)s”多于 %(places)s 位小数，请四舍五入后填写。")
            % {"value": f"{number:f}", "places": column.places}
        )
    return Decimal(_within(column, exact))


def _date(column: Column, cell: Cell) -> date:
    if isinstance(cell, datetime):
        found = cell.date()
    elif isinstance(cell, date):
        found = cell
    else:
        found = _date_of(cell)
    if not EARLIEST <= found <= LATEST:
        raise CellFault(_("年份 %(year)s 不对，请核对。") % {"year": found.year})
    return date.fromordinal(_within(column, found).toordinal())


def _date_of(cell: Cell) -> date:
    text = _number_as_text(cell) if isinstance(cell, float | int) and not isinstance(cell, bool) else cell_text(cell)
    written = text.translate(_HALF_WIDTH).translate(str.maketrans(_("年月日"), "-- ")).strip()
    match = _DATE.fullmatch(written) or _DATE_DIGITS.fullmatch(written)
    if match is None:
        raise CellFault(_("“%(value)s”不是日期，请写成 2024-09-01。") % {"value": _shown(text)})
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError:
        raise CellFault(_("“%(value)s”：没有这一天，请核对。") % {"value": _shown(text)}) from None


def _choice(column: Column, cell: Cell) -> Any:
    return column.choice(cell_text(cell))


def _bool(column: Column, cell: Cell) -> bool:
    if isinstance(cell, bool):
        return cell
    text = plain(cell_text(cell))
    for words, value in ((_YES, True), (_NO, False)):
        if text in str(words).casefold().split():
            return value
    raise CellFault(_not_offered(cell_text(cell), [_("是"), _("否")]))


_READERS: dict[Kind, Callable[[Column, Cell], Any]] = {
    "text": _text,
    "int": _int,
    "decimal": _decimal,
    "date": _date,
    "choice": _choice,
    "bool": _bool,
}
