"""What a 申请书 says, as a plain structure: frozen on declaring, shown, printed and compared from the same data. No database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from itertools import zip_longest
from typing import Any

from portal.masking import masked_email, masked_phone

# A roster of thousands would make a page of megabytes.
LINES_SHOWN = 100


@dataclass(frozen=True)
class Fact:
    """One short answer: its label and its value as people read it, unit included; empty where nothing was filled in."""

    key: str
    label: str
    value: str


@dataclass(frozen=True)
class Text:
    """One long answer; line breaks belong to it. ``limit`` in characters."""

    key: str
    label: str
    value: str
    limit: int


@dataclass(frozen=True)
class Column:
    """One column of a table; ``numeric`` ones are set right, ``weight`` is its share of the width."""

    key: str
    label: str
    numeric: bool = False
    weight: int = 1


@dataclass(frozen=True)
class Table:
    """A repeating table; every row has a stable key, so that two versions can be compared row by row."""

    key: str
    label: str
    columns: list[Column]
    rows: list[list[str]]
    row_keys: list[str]
    foot: list[str] = field(default_factory=list)

    @property
    def lines(self) -> list[tuple[str, list[tuple[Column, str]]]]:
        """Each row with its key, every cell with its column: as a page shows them."""
        return [
            (key, list(zip(self.columns, row, strict=True))) for key, row in zip(self.row_keys, self.rows, strict=True)
        ]

    @property
    def first_lines(self) -> list[tuple[str, list[tuple[Column, str]]]]:
        """So many of the lines as a page shows of a long table; the print has them all."""
        return replace(self, rows=self.rows[:LINES_SHOWN], row_keys=self.row_keys[:LINES_SHOWN]).lines

    @property
    def is_long(self) -> bool:
        """Whether a page shows only the first lines."""
        return len(self.rows) > LINES_SHOWN

    @property
    def foot_cells(self) -> list[tuple[Column, str]]:
        """The foot, every sum with its column."""
        return list(zip(self.columns, self.foot, strict=True)) if self.foot else []


@dataclass(frozen=True)
class Section:
    """One section of the paper: number and title, its short answers, its texts and its tables in this order."""

    key: str
    number: str
    title: str
    articles: str
    facts: list[Fact]
    texts: list[Text]
    tables: list[Table]


@dataclass(frozen=True)
class Content:
    """A whole 申请书 as it is read."""

    title: str
    year: int
    unit: str
    sections: list[Section]

    def as_json(self) -> dict[str, Any]:
        """For keeping it."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Content:
        """The content that was kept."""
        return cls(kept["title"], kept["year"], kept["unit"], [_section(each) for each in kept["sections"]])

    def section(self, key: str) -> Section | None:
        """The section of that key."""
        return next((section for section in self.sections if section.key == key), None)

    def value(self, key: str) -> str:
        """The short or long answer of that key, wherever it stands; empty where it does not."""
        for section in self.sections:
            answers: list[Fact | Text] = [*section.facts, *section.texts]
            for answer in answers:
                if answer.key == key:
                    return answer.value
        return ""

    @property
    def sha256(self) -> str:
        """The fingerprint of all that it says; the same content has the same one, whenever it is made."""
        return hashlib.sha256(json.dumps(self.as_json(), ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def masked(content: Content) -> Content:
    """The same paper without telephone numbers and e-mail addresses in full: for readers who need not reach the people in it."""
    sections = [
        replace(section, facts=[replace(fact, value=_mask(fact.key, fact.value)) for fact in section.facts])
        for section in content.sections
    ]
    return replace(content, sections=sections)


def _mask(key: str, value: str) -> str:
    if key.endswith("_phone"):
        return masked_phone(value)
    return masked_email(value) if key.endswith("_email") else value


def _section(kept: dict[str, Any]) -> Section:
    return Section(
        kept["key"],
        kept["number"],
        kept["title"],
        kept["articles"],
        [Fact(**each) for each in kept["facts"]],
        [Text(**each) for each in kept["texts"]],
        [Table(**each | {"columns": [Column(**column) for column in each["columns"]]}) for each in kept["tables"]],
    )


@dataclass(frozen=True)
class Difference:
    """One place in which two versions differ; ``before`` or ``after`` is empty where it was added or taken away."""

    section: str
    label: str
    before: str
    after: str


def differences(before: Content, after: Content) -> list[Difference]:
    """What differs between two versions, in the order of the paper; rows of tables are compared by their key."""
    return [
        difference
        for key in _in_order([s.key for s in before.sections], [s.key for s in after.sections])
        for difference in _of_section(before.section(key), after.section(key))
    ]


def _in_order(first: list[str], second: list[str]) -> list[str]:
    return list(dict.fromkeys([*second, *first]))


def _of_section(before: Section | None, after: Section | None) -> Iterator[Difference]:
    shown = after or before
    if shown is None:
        return
    title = f"{shown.number} {shown.title}".strip()
    old, new = _answers(before), _answers(after)
    for key in _in_order(list(old), list(new)):
        label = (new.get(key) or old[key])[0]
        was, now = old.get(key, ("", ""))[1], new.get(key, ("", ""))[1]
        if was != now:
            yield Difference(title, label, was, now)
    tables_before = {table.key: table for table in before.tables} if before else {}
    tables_after = {table.key: table for table in after.tables} if after else {}
    for key in _in_order(list(tables_before), list(tables_after)):
        yield from _of_table(title, tables_before.get(key), tables_after.get(key))


def _answers(section: Section | None) -> dict[str, tuple[str, str]]:
    if section is None:
        return {}
    answers: list[Fact | Text] = [*section.facts, *section.texts]
    return {answer.key: (answer.label, answer.value) for answer in answers}


def _of_table(title: str, before: Table | None, after: Table | None) -> Iterator[Difference]:
    shown = after or before
    if shown is None:
        return
    old = dict(zip(before.row_keys, before.rows, strict=True)) if before else {}
    new = dict(zip(after.row_keys, after.rows, strict=True)) if after else {}
    # Where both have a row, its place is the new one.
    places = {key: place for rows in (old, new) for place, key in enumerate(rows, start=1)}
    for key in _in_order(list(old), list(new)):
        was, now = old.get(key, []), new.get(key, [])
        if was != now:
            yield Difference(title, f"{shown.label} #{places[key]}", _line(shown, was, now), _line(shown, now, was))


def _line(table: Table, row: list[str], other: list[str]) -> str:
    """The cells of a row that differ from the other one, with their columns' names; the whole row where there is no other."""
    if not row:
        return ""
    pairs = zip_longest(table.columns, row, other, fillvalue="")
    cells = [(column, cell) for column, cell, theirs in pairs if (cell != theirs if other else cell)]
    return "；".join(f"{getattr(column, 'label', '')}：{cell or '—'}" for column, cell in cells)
