"""The annexes (附件) of an official document as pages of their own, set by Typst.

A list of 2,000 bases takes Typst about a second; a table in HTML takes WeasyPrint 10 to 20 ms for each row. Only the data
change: `annexes.typ` reads them as JSON, so that a name is never read as markup and no file is fetched.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final, cast

import typst
from pypdf import PdfReader, PdfWriter

from portal.typesetting import fonts, grid
from portal.typesetting.characters import printable
from portal.typesetting.elements import Annex, body, title_lines

_FORM: Final = Path(__file__).with_name("annexes.typ")

# Width of the page's text, size of the type, pitch of the lines and height of the page's text, in points.
_UPRIGHT: Final = (grid.BLOCK_WIDTH_PT, 10.0, 14.0, grid.BLOCK_HEIGHT_PT)
_WIDE: Final = ((297 - 2 * 18) * grid.PT_PER_MM, 7.5, 10.5, (210 - 22 - 24) * grid.PT_PER_MM)
_CELL_SIDES_PT: Final = 3.0
# A row that may be higher than this share of a page may go on on the next one; it would run off the paper otherwise.
_TALLEST_SHARE: Final = 0.6

_BLANKS: Final = re.compile(r"[ \t\r\n\f\v]+")
# What has no place for a line break inside: neither blanks nor characters of Chinese.
_WORD: Final = re.compile(r"[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]+")
_BREAK_HERE: Final = "\u200b"
_NARROW_EMS, _BROAD_EMS = 0.62, 0.95


def annexes_behind(
    document: bytes,
    annexes: Sequence[Annex],
    *,
    labels: Sequence[str],
    imprint: Sequence[str],
    colophon: Mapping[str, str] | None,
) -> bytes:
    """A document's PDF with its annexes behind it, the pages counted on; the other arguments are those of `annex_pages`."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(document)))
    pages = annex_pages(
        annexes, labels, first_page=len(writer.pages) + 1, imprint=imprint, colophon=colophon, title="", author=""
    )
    writer.append(BytesIO(pages), import_outline=False)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def annex_pages(
    annexes: Sequence[Annex],
    labels: Sequence[str],
    *,
    first_page: int,
    imprint: Sequence[str],
    title: str,
    author: str,
    colophon: Mapping[str, str] | None = None,
) -> bytes:
    """The annexes as PDF, A4, each from a page of its own, the pages counted from `first_page`.

    `labels` are what stands above their titles (附件1), `imprint` the lines at the foot of every page, `colophon` the 版记 at
    the foot of the last one. The same input on the same machine gives the same bytes.
    """
    data = {
        "title": _clean(title),
        "author": _clean(author),
        "first_page": first_page,
        "imprint": [_clean(line) for line in imprint],
        "colophon": colophon and {name: _clean(text) for name, text in colophon.items()},
        "fonts": _fonts_by_role(),
        "grid": {
            "size_3": grid.SIZE_3_PT,
            "size_4": grid.SIZE_4_PT,
            "pitch": grid.PITCH_PT,
            "block_bottom": grid.BLOCK_BOTTOM_PT,
        },
        "annexes": [_prepared(annex, label) for annex, label in zip(annexes, labels, strict=True)],
    }
    compiler = typst.Compiler(_FORM, root=_FORM.parent, font_paths=_fonts())
    given = {"data": json.dumps(data, ensure_ascii=False)}
    return cast(bytes, compiler.compile(format="pdf", sys_inputs=given, pdf_tags=False))


def _prepared(annex: Annex, label: str) -> dict[str, Any]:
    wide = annex.get("wide", False)
    width, size, pitch, height = _WIDE if wide else _UPRIGHT
    columns = [(_clean(heading), float(share)) for heading, share in annex.get("columns", ())]
    whole = sum(share for _heading, share in columns)
    widths_ems = [(width * share / whole - _CELL_SIDES_PT) / size for _heading, share in columns]
    rows = [
        [_breakable(cell, most) for cell, most in zip(row, widths_ems, strict=True)] for row in annex.get("rows", ())
    ]
    most_lines = int(height * _TALLEST_SHARE / pitch)
    return {
        "label": label,
        "title_lines": [_clean(line) for line in title_lines(annex["title"])],
        "wide": wide,
        "columns": columns,
        "rows": rows,
        "loose": [at for at, row in enumerate(rows) if _lines(row, widths_ems) > most_lines],
        "foot": [(span, _clean(cell)) for span, cell in annex.get("foot", ())],
        "paragraphs": [
            (p.level, _breakable(p.lead, grid.CHARACTERS), _breakable(p.rest, grid.CHARACTERS))
            for p in body(annex.get("paragraphs", ()))
        ],
    }


def _clean(text: object) -> str:
    return _BLANKS.sub(" ", printable(str(text)))


def _breakable(text: object, most_ems: float) -> str:
    """A text in which words that are longer than its line may be broken anywhere."""
    return _WORD.sub(
        lambda word: word[0] if _word_ems(word[0]) <= most_ems else _BREAK_HERE.join(word[0]), _clean(text)
    )


def _word_ems(word: str) -> float:
    return sum(_NARROW_EMS if character.islower() or character.isdigit() else _BROAD_EMS for character in word)


def _lines(row: Sequence[str], widths_ems: Sequence[float]) -> float:
    """About how many lines the highest cell of a row has, rather more than it has."""
    return max((len(cell) / most for cell, most in zip(row, widths_ems, strict=True)), default=0)


@cache
def _fonts() -> typst.Fonts:
    # Looking through the fonts of the machine takes some tenths of a second: once in the life of a worker.
    return typst.Fonts(include_embedded_fonts=False)


@cache
def _fonts_by_role() -> dict[str, dict[str, Any]]:
    return fonts.weighted_families(_fonts().families())
