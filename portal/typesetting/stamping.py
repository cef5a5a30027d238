"""The number and the QR code on the pages of a finished PDF, whatever set it.

They stand in the lowest 18 mm of the page, below everything that the style sheets put into a bottom margin (the page number ends 18 mm
above the edge on the pages with the least room): the QR code on the first page, on the left, where an odd page has no number; the line
with the code on every page, on the left of odd and on the right of even ones. Whoever designs a page keeps these 18 mm free.
"""

from collections.abc import Iterable
from functools import lru_cache
from html import escape
from io import BytesIO
from typing import Any, Final

import segno
from django.utils.translation import gettext as _
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.annotations import Link
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    StreamObject,
)

from portal.typesetting import fonts
from portal.typesetting.grid import PT_PER_MM

# With the quiet zone of four modules on each side, which the standard (GB/T 18284, ISO/IEC 18004) asks for.
QR_MM: Final = 14.5
QR_BOTTOM_MM: Final = 3.2
_QUIET: Final = 4
LINE_BOTTOM_MM: Final = 8.0
_LINE_MM: Final = (128.0, 4.0)
# In 楷体, whose free font has a small subset; the line goes into every document.
_LINE_PT: Final = 8
_GAP_MM: Final = 1.5
# Where the text of the official documents' margins begins, by the page's orientation, and the right margin.
_LEFT_MM: Final = {"portrait": 32.9, "landscape": 22.9}
_RIGHT_MM: Final = {"portrait": 30.9, "landscape": 22.9}
_LINE_NAME: Final = {"left": NameObject("/VerifyLineLeft"), "right": NameObject("/VerifyLineRight")}


def stamped(content: bytes, *, code: str, address: str, site: str) -> bytes:
    """The PDF with its code on every page and the QR code on the first.

    ``code`` in its printed form, ``address`` what the QR code leads to, ``site`` the page's address as people type it.
    """
    writer = PdfWriter(clone_from=BytesIO(content))
    writer.pdf_header = "%PDF-1.7"
    words = _("核验码 %(code)s · 扫码或登录 %(site)s 核验") % {"code": code, "site": site}
    lines = {side: writer._add_object(line) for side, line in _lines(words, writer).items()}
    for number, page in enumerate(writer.pages, start=1):
        if page.rotation:
            page.transfer_rotation_to_content()
        side = "left" if number % 2 else "right"
        width, left_mm, right_mm = float(page.mediabox.width), *_margins(page)
        x = left_mm * PT_PER_MM if side == "left" else width - (right_mm + _LINE_MM[0]) * PT_PER_MM
        drawn = ""
        if number == 1:
            qr = segno.make(address, error="m", micro=False)
            quiet_mm = QR_MM * _QUIET / (len(qr.matrix) + 2 * _QUIET)
            box = (left_mm - quiet_mm, QR_BOTTOM_MM, QR_MM)
            drawn = _qr_drawn(qr.matrix, page, box)
            writer.add_annotation(0, Link(rect=_rectangle(page, box), border=[0, 0, 0], url=address))
            x += (QR_MM - 2 * quiet_mm + _GAP_MM) * PT_PER_MM
        drawn += _placed(_LINE_NAME[side], page, x, LINE_BOTTOM_MM * PT_PER_MM)
        _draw(writer, page, drawn, {_LINE_NAME[side]: lines[side]})
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _margins(page: PageObject) -> tuple[float, float]:
    which = "landscape" if page.mediabox.width > page.mediabox.height else "portrait"
    return _LEFT_MM[which], _RIGHT_MM[which]


def _rectangle(page: PageObject, box: tuple[float, float, float]) -> tuple[float, float, float, float]:
    left, bottom, side = (each * PT_PER_MM for each in box)
    left, bottom = left + float(page.mediabox.left), bottom + float(page.mediabox.bottom)
    return left, bottom, left + side, bottom + side


def _qr_drawn(matrix: Iterable[Iterable[int]], page: PageObject, box: tuple[float, float, float]) -> str:
    """The dark modules as rectangles, those of a row that touch as one."""
    left, bottom, right, _top = _rectangle(page, box)
    rows = [list(row) for row in matrix]
    module = (right - left) / (len(rows) + 2 * _QUIET)
    parts = ["q 0 g"]
    for down, row in enumerate(rows):
        y = bottom + (_QUIET + len(rows) - 1 - down) * module
        for start, length in _runs(row):
            x = left + (_QUIET + start) * module
            parts.append(f"{x:.4f} {y:.4f} {length * module:.4f} {module:.4f} re")
    return "\n".join([*parts, "f Q\n"])


def _runs(row: list[int]) -> list[tuple[int, int]]:
    """Where dark modules begin, and how many stand together."""
    found: list[tuple[int, int]] = []
    for at, dark in enumerate(row):
        if dark and found and sum(found[-1]) == at:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        elif dark:
            found.append((at, 1))
    return found


def _placed(name: str, page: PageObject, x: float, y: float) -> str:
    return f"q 1 0 0 1 {x + float(page.mediabox.left):.3f} {y + float(page.mediabox.bottom):.3f} cm {name} Do Q\n"


def _lines(words: str, writer: PdfWriter) -> dict[str, StreamObject]:
    """The line of text as two small pictures in vectors, flush left and flush right, which every page refers to."""
    pages = PdfReader(BytesIO(_line_pdf(words))).pages
    found: dict[str, StreamObject] = {}
    for side, page in zip(("left", "right"), pages, strict=True):
        form = DecodedStreamObject()
        form.set_data(page.get_contents().get_data())  # type: ignore[union-attr]
        form.update(
            {
                NameObject("/Type"): NameObject("/XObject"),
                NameObject("/Subtype"): NameObject("/Form"),
                NameObject("/BBox"): ArrayObject(FloatObject(each) for each in page.mediabox),
                NameObject("/Resources"): page["/Resources"].clone(writer),
            }
        )
        found[side] = form
    return found


@lru_cache(maxsize=8)
def _line_pdf(words: str) -> bytes:
    """Two pages as large as the line. WeasyPrint sets it, so that its font is one of the documents' and embedded."""
    from weasyprint import HTML

    html = f"""<style>
    @page {{ size: {_LINE_MM[0]}mm {_LINE_MM[1]}mm; margin: 0 }}
    html {{ font: {_LINE_PT}pt/{_LINE_MM[1]}mm {fonts.families()["kaiti"]}; color: #444 }}
    body, p {{ margin: 0; white-space: nowrap }}
    p + p {{ break-before: page; text-align: right }}
    </style><p>{escape(words)}</p><p>{escape(words)}</p>"""
    return bytes(HTML(string=html).write_pdf())


def _draw(writer: PdfWriter, page: PageObject, drawn: str, pictures: dict[NameObject, Any]) -> None:
    """Draw over a page, from its own corner: whatever its content leaves of colours and scales ends before."""
    resources = _own_resources(page)
    named = resources.get("/XObject", DictionaryObject()).get_object()
    resources[NameObject("/XObject")] = DictionaryObject({**named, **pictures})
    before, after = DecodedStreamObject(), DecodedStreamObject()
    before.set_data(b"q\n")
    after.set_data(f"\nQ\n{drawn}".encode("ascii"))
    whole = page.get("/Contents")
    parts = whole.get_object() if whole is not None else ArrayObject()
    own = list(parts) if isinstance(parts, ArrayObject) else [page.raw_get("/Contents")]
    page[NameObject("/Contents")] = ArrayObject([writer._add_object(before), *own, writer._add_object(after)])


def _own_resources(page: PageObject) -> DictionaryObject:
    """The page's resources as a dictionary of its own, also where pages share one or inherit it."""
    node: Any = page
    while node is not None and "/Resources" not in node:
        node = node["/Parent"].get_object() if "/Parent" in node else None
    shared = node["/Resources"].get_object() if node is not None else DictionaryObject()
    page[NameObject("/Resources")] = DictionaryObject(shared)
    return page[NameObject("/Resources")]  # type: ignore[return-value]
