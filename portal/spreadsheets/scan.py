"""What the fast reader does not tell of a sheet: how far it reaches, which formulas failed, which cells are merged."""

import posixpath
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.parsers import expat

from openpyxl.utils.cell import column_index_from_string, coordinate_from_string, range_boundaries

# The reader lays a sheet out whole; one forgotten space in the last cell of Excel's grid would end the process.
AREA_MAX = 2_000_000

_Start = Callable[[str, dict[str, str]], None]
Place = tuple[int, int]
"""Row and column, both counted from 1."""


@dataclass
class Scan:
    """The filled part of a sheet and its cells that have no value to read."""

    last_row: int = 0
    last_column: int = 0
    failed: dict[Place, str] = field(default_factory=dict)
    uncomputed: set[Place] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)

    @property
    def is_too_wide(self) -> bool:
        """Whether laying it out would take more memory than a list can be worth."""
        return self.last_row * self.last_column > AREA_MAX


def worksheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """The name of each sheet and the part of the file in which it stands. Raises KeyError or ExpatError for a broken file."""
    targets: dict[str, str] = {}
    sheets: dict[str, str] = {}

    def relationship(name: str, attributes: dict[str, str]) -> None:
        if _local(name) == "Relationship":
            targets[attributes["Id"]] = attributes["Target"]

    def sheet(name: str, attributes: dict[str, str]) -> None:
        if _local(name) == "sheet":
            sheets[attributes["name"]] = next(value for key, value in attributes.items() if _local(key) == "id")

    _parse(archive.read("xl/_rels/workbook.xml.rels"), relationship)
    _parse(archive.read("xl/workbook.xml"), sheet)
    return {name: posixpath.join("/xl", targets[key]).lstrip("/") for name, key in sheets.items()}


def scan(archive: zipfile.ZipFile, part: str) -> Scan:
    """Walk through a sheet without keeping it. Raises KeyError or ExpatError for a broken file."""
    walk = _Walk()
    parser = _parser(walk.start)
    parser.EndElementHandler = walk.end
    parser.CharacterDataHandler = walk.text
    with archive.open(part) as file:
        parser.ParseFile(file)
    return walk.found


class _Walk:
    def __init__(self) -> None:
        self.found = Scan()
        self._row = self._column = 0
        self._kind = self._inside = self._value = ""
        self._is_filled = self._is_formula = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = _local(name)
        if name == "c":
            self._begin_cell(attributes)
        elif name == "row":
            self._row, self._column = int(attributes.get("r") or self._row + 1), 0
        elif name in ("v", "is", "f"):
            self._is_filled = True
            self._is_formula |= name == "f"
            self._inside = name
        elif name == "mergeCell":
            left, top, right, bottom = range_boundaries(attributes["ref"])
            self.found.merged.append((int(top or 1), int(left or 1), int(bottom or 1), int(right or 1)))

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        if "r" in attributes:
            letters, self._row = coordinate_from_string(attributes["r"])
            self._column = column_index_from_string(letters)
        else:
            self._column += 1
        self._kind = attributes.get("t", "n")
        self._is_filled = self._is_formula = False
        self._value = self._inside = ""

    def text(self, data: str) -> None:
        if self._inside == "v":
            self._value += data

    def end(self, name: str) -> None:
        name = _local(name)
        if name == self._inside:
            self._inside = ""
        if name != "c" or not self._is_filled:
            return
        found = self.found
        found.last_row, found.last_column = max(found.last_row, self._row), max(found.last_column, self._column)
        if self._kind == "e":
            found.failed[self._row, self._column] = self._value
        elif self._is_formula and not self._value and self._kind != "str":
            found.uncomputed.add((self._row, self._column))


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _parser(start: _Start) -> "expat.XMLParserType":
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    return parser


def _parse(content: bytes, start: _Start) -> None:
    _parser(start).Parse(content, True)
