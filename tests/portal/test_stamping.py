"""Code and QR code on the pages of a finished PDF: readable, on paper of every size, and over nothing else."""

import re
import subprocess
import time
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import segno
from PIL import Image, ImageChops
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from applications import printing
from portal.typesetting import Annex, Certificate, render_certificate, render_pdf, render_table, stamping
from portal.typesetting.stamping import stamped
from tests.applications.papers import paper

CODE, SITE = "A3C4-6F7H-9K4M", "portal.example.cn/verify/"
ADDRESS = f"https://{SITE}{CODE}/"
LINE = f"核验码 {CODE} · 扫码或登录 {SITE} 核验"
MM = 72 / 25.4
KINDS = ["notice", "letter", "summary", "certificate", "booklet"]


def official(*, wide: bool) -> bytes:
    """A document with a list behind it, upright or turned."""
    return render_pdf(
        "portal/documents/official.html",
        {
            "issuer": "某某省教育厅", "number": "某教研〔2026〕8号", "title": "关于拟认定研究生联合培养基地的公示",
            "addressee": "各培养单位", "paragraphs": ["现将名单予以公示。" * 40] * 3,
            "signatory": "某某省教育厅", "document_date": date(2026, 11, 24), "annexes": [table(wide=wide)], "signed": False,
        },
    )  # fmt: skip


def table(*, wide: bool) -> Annex:
    return {
        "title": "名单", "columns": [("序号", 10), ("基地名称", 90)],
        "rows": [[str(n), "某某基地"] for n in range(1, 61)], "foot": [(2, "合计")], "wide": wide,
    }  # fmt: skip


@pytest.fixture(scope="module")
def before() -> dict[str, bytes]:
    """One document of every shape: upright, upright and turned, turned from the first page, and the long form with its cover."""
    content = paper(students=30)
    booklet = printing.as_pdf(
        content, fingerprint=content.sha256, declared_on=None, on_step=lambda percent, words: None
    )
    return {
        "notice": official(wide=False),
        "letter": official(wide=True),
        "summary": render_table(table(wide=True), author="某某大学"),
        "certificate": render_certificate(
            Certificate(
                name="某某基地",
                units=["某某大学"],
                words="授予",
                title="示范基地",
                number="SF-2026-0008",
                valid_from=date(2026, 11, 24),
                valid_to=None,
                issuer="某某省教育厅",
                issued_on=date(2026, 11, 24),
            )
        ),
        "booklet": booklet,
    }


@pytest.fixture(scope="module")
def after(before: dict[str, bytes]) -> dict[str, bytes]:
    return {kind: stamped(content, code=CODE, address=ADDRESS, site=SITE) for kind, content in before.items()}


def pictures(content: bytes, folder: Path, *, dpi: int = 72, last: int = 0) -> list[Image.Image]:
    """The pages as poppler draws them, in grey."""
    folder.mkdir(parents=True)
    (folder / "in.pdf").write_bytes(content)
    until = ["-l", str(last)] if last else []
    subprocess.run(["pdftoppm", "-r", str(dpi), "-gray", *until, "in.pdf", "page"], cwd=folder, check=True)
    return [Image.open(path) for path in sorted(folder.glob("page-*.pgm"))]


def texts(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(content)).pages]


@pytest.mark.parametrize("kind", KINDS)
def test_every_page_says_its_code_once_and_where_to_verify_it(after: dict[str, bytes], kind: str) -> None:
    pages = [re.sub(r"\s", "", text) for text in texts(after[kind])]
    assert len(pages) >= (1 if kind == "certificate" else 2)
    assert [page.count(re.sub(r"\s", "", LINE)) for page in pages] == [1] * len(pages)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_lies_under_what_is_stamped(
    before: dict[str, bytes], after: dict[str, bytes], kind: str, tmp_path: Path
) -> None:
    covered = []
    pages = zip(pictures(before[kind], tmp_path / "b"), pictures(after[kind], tmp_path / "a"), strict=True)
    for number, (plain, marked) in enumerate(pages, start=1):
        box = ImageChops.difference(plain, marked).getbbox()
        assert box is not None
        assert marked.height - box[1] <= 18 * MM + 1
        if plain.crop(box).getextrema() != (255, 255):
            covered.append(number)
    assert covered == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_qr_code_on_the_first_page_reads_as_its_address(after: dict[str, bytes], kind: str, tmp_path: Path) -> None:
    """Drawn by poppler and sampled in the middle of every module, the quiet zone included."""
    dpi = 300
    (page,) = pictures(after[kind], tmp_path / "a", dpi=dpi, last=1)
    wanted = [[bool(module) for module in row] for row in segno.make(ADDRESS, error="m").matrix_iter(border=4)]
    annotation = PdfReader(BytesIO(after[kind])).pages[0]["/Annots"][-1].get_object()
    assert annotation["/A"]["/URI"] == ADDRESS
    left, _bottom, right, top = (float(each) * dpi / 72 for each in annotation["/Rect"])
    assert (right - left) * 25.4 / dpi >= 14
    module = (right - left) / len(wanted)
    seen = [
        [
            page.getpixel((int(left + (x + 0.5) * module), int(page.height - top + (y + 0.5) * module))) < 128
            for x in range(len(wanted))
        ]
        for y in range(len(wanted))
    ]
    assert seen == wanted


def test_the_line_stands_where_the_page_number_does_not(after: dict[str, bytes], tmp_path: Path) -> None:
    (tmp_path / "in.pdf").write_bytes(after["notice"])
    boxes = subprocess.run(
        ["pdftotext", "-bbox", "in.pdf", "-"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    lefts = [
        float(found) < 200
        for page in boxes.split("<page ")[1:]
        for found in re.findall(rf'xMin="([\d.]+)"[^>]*>{CODE}<', page)
    ]
    assert lefts == [number % 2 == 1 for number in range(1, len(lefts) + 1)]
    assert len(lefts) >= 2


def test_outline_links_title_and_embedded_fonts_survive(before: dict[str, bytes], after: dict[str, bytes]) -> None:
    plain, marked = (PdfReader(BytesIO(kinds["booklet"])) for kinds in (before, after))
    assert marked.metadata is not None
    assert plain.metadata is not None
    assert (marked.metadata.title, len(marked.outline)) == (plain.metadata.title, len(plain.outline))
    assert [len(page.get("/Annots", [])) for page in marked.pages[1:]] == [
        len(page.get("/Annots", [])) for page in plain.pages[1:]
    ]
    line = marked.pages[0]["/Resources"]["/XObject"][stamping._LINE_NAME["left"]].get_object()
    fonts = [font.get_object()["/DescendantFonts"][0].get_object() for font in line["/Resources"]["/Font"].values()]
    assert fonts
    assert all({"/FontFile2", "/FontFile3"} & set(font["/FontDescriptor"].get_object()) for font in fonts)


def test_pages_that_share_their_resources_and_leave_their_colours_behind_are_stamped_too(tmp_path: Path) -> None:
    """As other typesetters write them: resources on the tree of pages, a colour and a scale that are never taken back."""
    writer = PdfWriter()
    for _number in range(2):
        page = writer.add_blank_page(300, 400)
        content: Any = writer._add_object(_stream(b"1 0 0 rg 5 0 0 5 0 0 cm"))
        page[NameObject("/Contents")] = content
        page.pop("/Resources", None)
    writer.root_object["/Pages"][NameObject("/Resources")] = DictionaryObject()
    out = BytesIO()
    writer.write(out)
    marked = stamped(out.getvalue(), code=CODE, address=ADDRESS, site=SITE)
    assert [CODE in text for text in texts(marked)] == [True, True]
    first, second = pictures(marked, tmp_path / "a")
    assert first.getbbox() is not None
    assert ImageChops.difference(first, second).getbbox() is not None


def _stream(data: bytes) -> Any:
    made = DecodedStreamObject()
    made.set_data(data)
    return made


def test_a_long_form_of_five_hundred_pages_is_stamped_in_seconds() -> None:
    writer = PdfWriter()
    for _number in range(500):
        writer.add_blank_page(595, 842)
    out = BytesIO()
    writer.write(out)
    began = time.process_time()
    marked = stamped(out.getvalue(), code=CODE, address=ADDRESS, site=SITE)
    assert time.process_time() - began < 10
    # The line is drawn once and referred to: a page more costs a few hundred bytes.
    assert len(marked) - len(out.getvalue()) < 500 * 700 + 60_000
