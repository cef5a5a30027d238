"""A booklet as PDF, A4.

WeasyPrint keeps every cell of a table in memory until the file is written, and its time grows faster than the table. So the
body is laid out in parts, a long grid in pieces of some pages each, and the parts are joined. A piece ends with its last full
page: what stood on the page after it opens the next piece, so that no page of a long grid is left half empty. The contents
come last, when the page of every heading is known.
"""

import gc
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from pypdf import PdfWriter
from pypdf.annotations import Link
from pypdf.generic import Fit, NameObject, TextStringObject

from portal.typesetting.booklet import Block, Booklet, Box, Facts, Grid, Heading, OnStep, Placed, Signatures, ems
from portal.typesetting.printing import lay_out

BOOKLET: Final = "portal/documents/booklet.css"
ROWS_OF_A_PIECE: Final = 250
_PX_TO_PT: Final = 0.75
# Where the layout ends and the writing begins, in percent.
_LAID_OUT: Final = 85
# Rough sizes, for the progress alone: what one page holds.
_FACT_LINES_A_PAGE: Final = 22
_CHARACTERS_A_PAGE: Final = 1000
_ROWS_A_PAGE: Final = 18

# A line of the contents: on which page of the front it stands, the heading's name, its rectangle in points.
_Line = tuple[int, str, tuple[float, float, float, float]]


@dataclass(frozen=True)
class _Part:
    """Blocks that are laid out together; `goes_on` where the last of them is a piece of a grid that goes on in the next part."""

    blocks: list[Placed]
    goes_on: bool = False


@dataclass
class _Sheets:
    """What is finished: the PDF of each part, the number of pages, and the page and height at which each heading stands."""

    files: list[bytes]
    pages: int
    places: dict[str, tuple[int, float]]


def booklet_as_pdf(booklet: Booklet, on_step: OnStep) -> bytes:
    """A booklet as PDF: cover and contents without numbers, then the body, its pages counted from one.

    Raises ForeignResource if a template refers to anything outside itself. The same booklet gives the same bytes.
    """
    sheets = _Sheets([], 0, {})
    progress = _Progress(booklet, on_step)
    with _each_page(progress.page):
        pending: list[Placed] = []
        for placed in booklet.placed():
            if not isinstance(placed.block, Grid) or len(placed.block.rows) <= ROWS_OF_A_PIECE:
                pending.append(placed)
                continue
            # The heading of a long grid goes with it.
            above = [pending.pop()] if pending and isinstance(pending[-1].block, Heading) else []
            if pending:
                _add(sheets, booklet, _Part(pending))
            pending = _add_long_grid(sheets, booklet, above, placed.block, placed.turned)
        if pending:
            _add(sheets, booklet, _Part(pending))
    on_step(_LAID_OUT, _("正在编排封面和目录"))
    front, lines = _front(booklet, sheets)
    on_step(_LAID_OUT + 5, _("正在合成 PDF 文件"))
    return _joined(booklet, front, lines, sheets)


def _add_long_grid(sheets: _Sheets, booklet: Booklet, above: list[Placed], whole: Grid, turned: bool) -> list[Placed]:
    """Lay out the full pages of a long grid; gives back its rest, to which what follows it may be added."""
    at = 0
    while len(whole.rows) - at > ROWS_OF_A_PIECE:
        piece = replace(whole, rows=whole.rows[at : at + ROWS_OF_A_PIECE], foot=())
        at += _add(sheets, booklet, _Part([*above, Placed(piece, turned)], goes_on=True))
        above, whole = [], replace(whole, label="")
    return [*above, Placed(replace(whole, rows=whole.rows[at:]), turned)]


def _add(sheets: _Sheets, booklet: Booklet, part: _Part) -> int:
    """Lay out one part behind the others; returns how many rows of its going-on grid are finished.

    The boxes of a part are many, refer to each other in circles and live until it is written: looking for garbage among them
    meanwhile finds none and takes a fifth of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return _lay_out_behind(sheets, booklet, part)
    finally:
        if was_enabled:
            gc.enable()
        gc.collect()


def _lay_out_behind(sheets: _Sheets, booklet: Booklet, part: _Part) -> int:
    html = render_to_string(
        "portal/documents/booklet_body.html",
        {"booklet": booklet, "blocks": [_shown(placed) for placed in part.blocks], "before": sheets.pages,
         "rows_have_names": part.goes_on},
    )  # fmt: skip
    document = lay_out(html, BOOKLET)
    pages, finished = list(document.pages), 0
    if part.goes_on:
        finished = ROWS_OF_A_PIECE
        left = [int(name[1:]) for name in pages[-1].anchors if name.startswith("r") and name[1:].isdecimal()]
        # A single row that fills more than the last page stays where it is.
        if left and len(pages) > 1 and min(left) > 0:
            finished = min(left)
            pages.pop()
    for number, page in enumerate(pages, start=sheets.pages + 1):
        for name, (_left, top, _right, _bottom) in page.anchors.items():
            if name.startswith("section-"):
                sheets.places.setdefault(name, (number, (page.height - top) * _PX_TO_PT))
    sheets.files.append(bytes(document.copy(pages).write_pdf()))
    sheets.pages += len(pages)
    return finished


def _shown(placed: Placed) -> dict[str, Any]:
    kind = {Heading: "heading", Facts: "facts", Box: "box", Grid: "grid", Signatures: "signatures"}[type(placed.block)]
    return {"kind": kind, "is": placed.block, "turned": placed.turned, "new_page": placed.new_page}


def _front(booklet: Booklet, sheets: _Sheets) -> tuple[bytes, list[_Line]]:
    """Cover and contents as PDF, and where each line of the contents stands."""
    entries = [(h.key, h.text, sheets.places[f"section-{h.key}"][0]) for h in booklet.headings]
    document = lay_out(
        render_to_string("portal/documents/booklet_front.html", {"booklet": booklet, "entries": entries}), BOOKLET
    )
    lines = []
    for number, page in enumerate(document.pages):
        for name, (left, top, right, bottom) in page.anchors.items():
            if name.startswith("line-"):
                upper, lower = page.height - top, page.height - bottom
                area = (left * _PX_TO_PT, lower * _PX_TO_PT, right * _PX_TO_PT, upper * _PX_TO_PT)
                lines.append((number, name.removeprefix("line-"), area))
    return bytes(document.write_pdf()), lines


def _joined(booklet: Booklet, front: bytes, lines: list[_Line], sheets: _Sheets) -> bytes:
    """One file, with links from the contents and an outline for the reader's side bar."""
    writer = PdfWriter()
    writer.append(BytesIO(front), import_outline=False)
    before = len(writer.pages)
    for each in sheets.files:
        writer.append(BytesIO(each), import_outline=False)
    for page, key, area in lines:
        number, top = sheets.places[f"section-{key}"]
        writer.add_annotation(
            page, Link(rect=area, border=[0, 0, 0], target_page_index=before + number - 1, fit=Fit.xyz(top=top))
        )
    for heading in booklet.headings:
        number, top = sheets.places[f"section-{heading.key}"]
        writer.add_outline_item(title=heading.text, page_number=before + number - 1, fit=Fit.xyz(top=top))
    writer.add_metadata({"/Title": f"{booklet.title}：{booklet.subject}", "/Author": booklet.author})
    writer.root_object[NameObject("/Lang")] = TextStringObject("zh-CN")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


class _Progress:
    """How far the layout is: the pages that are laid out, of about as many as the blocks will need."""

    def __init__(self, booklet: Booklet, on_step: OnStep) -> None:
        self._expected = max(1.0, sum(_about_pages(block) for block in booklet.blocks))
        self._on_step = on_step
        self._laid_out = 0

    def page(self) -> None:
        """One more page is being laid out."""
        self._laid_out += 1
        share = self._laid_out / max(self._expected, self._laid_out + 1)
        self._on_step(int(_LAID_OUT * share), _("正在排版第 %(n)s 页") % {"n": self._laid_out})


def _about_pages(block: Block) -> float:
    match block:
        case Facts():
            return len(block.lines) / _FACT_LINES_A_PAGE
        case Box():
            return ems(block.text) / _CHARACTERS_A_PAGE
        case Grid():
            return len(block.rows) / _ROWS_A_PAGE
        case Signatures():
            return len(block.opinions) / 2
    return 0.05


# WeasyPrint tells its progress to a logger, for the whole process; each thread takes what belongs to it.
_on_page: ContextVar[Callable[[], None] | None] = ContextVar("on_page", default=None)


def _tell(record: logging.LogRecord) -> bool:
    tell = _on_page.get()
    if tell is not None and record.msg == "Step 5 - Creating layout - Page %d":
        tell()
    return record.levelno > logging.INFO


_progress_log = logging.getLogger("weasyprint.progress")
_progress_log.setLevel(logging.INFO)
_progress_log.addFilter(_tell)


@contextmanager
def _each_page(tell: Callable[[], None]) -> Iterator[None]:
    # Whoever configures logging may have switched off a logger that they did not know.
    _progress_log.disabled = False
    token = _on_page.set(tell)
    try:
        yield
    finally:
        _on_page.reset(token)
