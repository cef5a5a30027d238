"""A long form (申请书, 自评报告) as a booklet: cover, contents, facts, texts, tables and places to sign, in this order.

The structure says what stands on the paper; `booklet_pdf` and `booklet_word` set the same structure, so that the PDF and
the Word file of a form hold the same words in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

# Told how far the making is: percent and, in words, what is being done.
OnStep = Callable[[int, str], None]

EMPTY: Final = "—"
# More columns than this do not fit beside each other on an upright page.
MOST_UPRIGHT_COLUMNS: Final = 8
_PAIRED_VALUE_EMS: Final = 22.0
_PAIRED_LABEL_EMS: Final = 14.0


@dataclass(frozen=True)
class Heading:
    """The heading of a section; it stands in the contents. `key` names it."""

    key: str
    text: str


@dataclass(frozen=True)
class Facts:
    """Short answers in a ruled table, two beside each other where both are short."""

    facts: Sequence[tuple[str, str]]

    @property
    def lines(self) -> list[list[tuple[str, str]]]:
        """The rows of the table: one or two answers each, in their order."""
        rows: list[list[tuple[str, str]]] = []
        open_pair = False
        for label, value in self.facts:
            short = ems(label) <= _PAIRED_LABEL_EMS and ems(value) <= _PAIRED_VALUE_EMS and "\n" not in value
            if short and open_pair:
                rows[-1].append((label, value or EMPTY))
                open_pair = False
            else:
                rows.append([(label, value or EMPTY)])
                open_pair = short
        return rows


@dataclass(frozen=True)
class Box:
    """A long answer in a frame that goes on over pages."""

    label: str
    text: str

    @property
    def paragraphs(self) -> list[str]:
        """Its paragraphs; the sign for nothing where it is empty."""
        return [line.strip() for line in self.text.splitlines() if line.strip()] or [EMPTY]


@dataclass(frozen=True)
class Column:
    """One column of a grid; `share` of the width in percent, numbers stand right."""

    heading: str
    share: float
    numeric: bool = False

    @property
    def width(self) -> str:
        """The share as a number of the style sheet."""
        return f"{self.share:.3f}"


@dataclass(frozen=True)
class Grid:
    """A table whose head is repeated on every page and whose rows are not cut; `foot` holds its totals."""

    label: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    foot: Sequence[str] = ()

    @property
    def is_wide(self) -> bool:
        """True where it needs the page turned."""
        return len(self.columns) > MOST_UPRIGHT_COLUMNS

    @property
    def nothing(self) -> str:
        """What stands in the place of rows where there are none."""
        return EMPTY

    @property
    def cells(self) -> Iterator[list[tuple[str, bool]]]:
        """The rows; each cell with whether it stands right."""
        numeric = [column.numeric for column in self.columns]
        return (list(zip(row, numeric, strict=True)) for row in self.rows)

    @property
    def foot_cells(self) -> list[tuple[str, bool, int]]:
        """The totals: text, whether it stands right, and how many columns it takes; its first word takes what is empty behind it."""
        found = [(text, column.numeric) for text, column in zip(self.foot, self.columns, strict=True)]
        span = next((at for at, (text, _numeric) in enumerate(found[1:], start=1) if text), len(found))
        return [(found[0][0], False, span), *((text, numeric, 1) for text, numeric in found[span:])]


@dataclass(frozen=True)
class Opinion:
    """A frame to write and sign in: its title, the words that are signed, and who signs."""

    title: str
    words: str
    signs: Sequence[str]


@dataclass(frozen=True)
class Signatures:
    """The frames for opinions, signatures and seals, on pages of their own under their heading."""

    opinions: Sequence[Opinion]


Block = Heading | Facts | Box | Grid | Signatures


@dataclass(frozen=True)
class Booklet:
    """A whole form, about `subject`. `mark` stands at the foot of every page and `draft` in its head; `cover` is the list there."""

    title: str
    subtitle: str
    subject: str
    author: str
    cover: Sequence[tuple[str, str]]
    blocks: Sequence[Block]
    mark: str
    draft: str = ""
    contents: str = "目录"

    @property
    def headings(self) -> list[Heading]:
        """What the contents list."""
        return [block for block in self.blocks if isinstance(block, Heading)]

    def placed(self) -> list[Placed]:
        """Every block with its page: a wide grid, and the heading right above it, have it turned; where people sign, one begins."""
        following = [*self.blocks[1:], None]
        return [
            Placed(block, _is_wide(block) or (is_head and _is_wide(next_)), is_head and isinstance(next_, Signatures))
            for block, next_ in zip(self.blocks, following, strict=True)
            for is_head in [isinstance(block, Heading)]
        ]


@dataclass(frozen=True)
class Placed:
    """A block with the kind of page that it stands on."""

    block: Block
    turned: bool
    new_page: bool = False


def _is_wide(block: Block | None) -> bool:
    return isinstance(block, Grid) and block.is_wide


def ems(text: str) -> float:
    """About how many characters wide a text runs; Latin letters and digits are half as wide."""
    return sum(0.55 if character.isascii() else 1.0 for character in text)
