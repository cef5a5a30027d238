"""What a made PDF shows, measured in the file itself."""

import re
import subprocess
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from fontTools.cffLib import CFFFontSet
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont
from pypdf import PdfReader
from pypdf.generic import ContentStream

MM = 72 / 25.4
BLOCK_LEFT, BLOCK_RIGHT = 28 * MM, (28 + 156) * MM
BLOCK_TOP, BLOCK_BOTTOM = 37 * MM, (37 + 225) * MM
A4 = (210 * MM, 297 * MM)


@dataclass(frozen=True)
class Word:
    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def pages_of_words(pdf: bytes, tmp_path: Path) -> list[list[Word]]:
    """The words of each page with their boxes in points from the upper left corner, as poppler reads them."""
    path = tmp_path / "document.pdf"
    path.write_bytes(pdf)
    xml = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, text=True, check=True).stdout
    box = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>')
    return [
        [Word(m[5], float(m[1]), float(m[2]), float(m[3]), float(m[4])) for m in box.finditer(page)]
        for page in xml.split("<page ")[1:]
    ]


def word(page: list[Word], text: str) -> Word:
    """The one word of a page that reads so."""
    (found,) = [w for w in page if w.text == text]
    return found


def texts(pdf: bytes) -> list[str]:
    """The words of each page."""
    return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]


def flat(text: str) -> str:
    """A text without the spaces and breaks of the setting."""
    return "".join(text.split())


def undrawn(pdf: bytes) -> set[tuple[str, int]]:
    """Font and glyph of everything shown that the embedded font draws nothing for: spaces and missing characters."""
    reader = PdfReader(BytesIO(pdf))
    shown: dict[str, set[int]] = {}
    files: dict[str, bytes] = {}
    for page in reader.pages:
        fonts = page["/Resources"]["/Font"]
        name = ""
        for operands, operator in ContentStream(page.get_contents(), reader).operations:
            if operator == b"Tf":
                font = fonts[operands[0]].get_object()
                name = str(font["/BaseFont"]).partition("+")[2]
                descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
                files[name] = (descriptor.get("/FontFile2") or descriptor["/FontFile3"]).get_data()
            elif operator in (b"Tj", b"TJ"):
                for item in operands[0] if operator == b"TJ" else operands:
                    codes = getattr(item, "original_bytes", b"")
                    pairs = (codes[at : at + 2] for at in range(0, len(codes), 2))
                    shown.setdefault(name, set()).update(int.from_bytes(pair, "big") for pair in pairs)
    return {(name, code) for name, codes in shown.items() for code in codes - drawn_glyphs(files[name], codes)}


def drawn_glyphs(font_file: bytes, wanted: set[int]) -> set[int]:
    """Those of the wanted glyphs that leave ink; the font is an OpenType file or bare outlines (CFF)."""
    if font_file[:1] == b"\x01":
        bare = CFFFontSet()
        bare.decompile(BytesIO(font_file), None)
        names, outlines = bare[0].charset, bare[0].CharStrings
    else:
        font = TTFont(BytesIO(font_file))
        names, outlines = font.getGlyphOrder(), font.getGlyphSet()
    drawn = set()
    for number in wanted & set(range(1, len(names))):
        pen = BoundsPen(outlines)
        outlines[names[number]].draw(pen)
        if pen.bounds is not None:
            drawn.add(number)
    return drawn


def fonts_of(pdf: bytes, tmp_path: Path) -> dict[str, list[str]]:
    """What pdffonts says of each font: embedded, subset, Unicode map."""
    path = tmp_path / "fonts.pdf"
    path.write_bytes(pdf)
    lines = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    return {line.split()[0].partition("+")[2]: line.split()[-5:-2] for line in lines}


def font_of_each_line(pdf: bytes) -> dict[str, str]:
    """In which font each line is set."""
    seen: dict[str, str] = {}

    def visit(text: str, _cm: Any, _tm: Any, font: Any, _size: float) -> None:
        if text.strip() and font is not None:
            seen[text.strip()] = str(font["/BaseFont"]).partition("+")[2]

    for page in PdfReader(BytesIO(pdf)).pages:
        page.extract_text(visitor_text=visit)
    return seen


def size_of(page: Any) -> tuple[float, float]:
    """Width and height of a page in points."""
    return float(page.mediabox.width), float(page.mediabox.height)
