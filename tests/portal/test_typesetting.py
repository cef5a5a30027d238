"""Official documents keep to GB/T 9704-2012, measured in the PDF itself."""

import logging
import re
import subprocess
import sys
from datetime import date
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from portal.typesetting import ForeignResource, render_pdf
from portal.typesetting.elements import (
    ListedAnnex,
    Paragraph,
    annex_list,
    body,
    bracketed_year,
    mark_size_pt,
    title_lines,
)
from tests.portal.pdfs import (
    A4,
    BLOCK_BOTTOM,
    BLOCK_LEFT,
    BLOCK_RIGHT,
    BLOCK_TOP,
    MM,
    flat,
    font_of_each_line,
    fonts_of,
    pages_of_words,
    size_of,
    texts,
    undrawn,
    word,
)

NOTICE = "portal/documents/official.html"
LIST = {"title": "名单", "columns": [("序号", 10), ("培养单位", 30), ("基地名称", 60)], "rows": [["1", "甲", "乙"]]}


def notice(**changes: Any) -> bytes:
    context: dict[str, Any] = {
        "issuer": "某某省教育厅",
        "number": "",
        "title": "关于拟认定研究生联合培养基地的公示",
        "addressee": "",
        "paragraphs": ["现将名单予以公示。"],
        "signatory": "某某省教育厅",
        "document_date": date(2026, 11, 24),
        "signed": False,
    }
    return render_pdf(NOTICE, context | changes)


class TestThePage:
    def test_is_a4(self) -> None:
        assert size_of(PdfReader(BytesIO(notice())).pages[0]) == pytest.approx(A4, abs=0.1)

    def test_holds_22_lines_of_28_characters_that_fill_the_text_block(self, tmp_path: Path) -> None:
        page = pages_of_words(notice(paragraphs=["国" * 28 * 60]), tmp_path)[1]
        lines = [w for w in page if "国" in w.text]

        assert [len(line.text) for line in lines] == [28] * 22
        assert {round(line.left - BLOCK_LEFT, 1) for line in lines} == {0.0}
        # 28 × 15.75 pt = 441.0 pt of 442.2 pt.
        assert {round(line.right - line.left, 1) for line in lines} == {441.0}
        steps = [below.top - above.top for above, below in pairwise(lines)]
        assert steps == pytest.approx([(225 * MM - 15.75) / 21] * 21, abs=0.01)

    def test_first_and_last_characters_touch_the_edges_of_the_text_block(self, tmp_path: Path) -> None:
        page = pages_of_words(notice(paragraphs=["国" * 28 * 60]), tmp_path)[1]
        lines = [w for w in page if "国" in w.text]
        # The standard allows the upper margin one millimetre.
        assert lines[0].middle - 15.75 / 2 == pytest.approx(BLOCK_TOP, abs=1 * MM)
        assert lines[-1].middle + 15.75 / 2 == pytest.approx(BLOCK_BOTTOM, abs=1 * MM)

    def test_is_filled_where_a_paragraph_goes_on_to_the_next(self, tmp_path: Path) -> None:
        three_lines = "国" * (26 + 28 + 28)
        pages = pages_of_words(notice(paragraphs=[three_lines] * 30), tmp_path)
        assert [len([w for w in page if "国" in w.text]) for page in pages[1:-1]] == [22] * (len(pages) - 2)
        assert len(pages) > 3

    def test_keeps_the_grid_where_a_line_mixes_fonts(self, tmp_path: Path) -> None:
        headings = ["一、受理方式。 书面提出", "（一）受理方式。 书面提出"] * 30
        pages = pages_of_words(notice(paragraphs=headings), tmp_path)
        ends = [w.bottom for w in pages[1] if w.text == "书面提出"]
        steps = [below - above for above, below in pairwise(ends)]
        assert steps == pytest.approx([(225 * MM - 15.75) / 21] * 21, abs=0.01)

    def test_number_stands_right_on_odd_and_left_on_even_pages(self, tmp_path: Path) -> None:
        pages = pages_of_words(notice(paragraphs=["国" * 28 * 60]), tmp_path)
        dashes = [sorted((w for w in page if w.text == "—"), key=lambda w: w.left) for page in pages[:3]]
        numbers = [[w.text for w in page if w.text == str(n)] for n, page in enumerate(pages[:3], start=1)]

        assert numbers == [["1"], ["2"], ["3"]]
        # One character of 4号 (14 pt) from the edge of the text block.
        for odd in (dashes[0], dashes[2]):
            assert odd[-1].right == pytest.approx(BLOCK_RIGHT - 14, abs=0.5)
        assert dashes[1][0].left == pytest.approx(BLOCK_LEFT + 14, abs=0.5)
        assert dashes[0][0].top > BLOCK_BOTTOM

    def test_number_is_set_in_size_4(self) -> None:
        sizes: dict[str, float] = {}

        def visit(text: str, cm: Any, tm: Any, font: Any, size: float) -> None:
            if text.strip():
                sizes[text.strip()] = size * abs(tm[0] * cm[0])

        PdfReader(BytesIO(notice())).pages[0].extract_text(visitor_text=visit)
        (number,) = [text for text in sizes if re.fullmatch(r"— ?1 ?—", text)]
        assert sizes[number] == pytest.approx(14, abs=0.1)


class TestTheElements:
    def test_the_mark_begins_35_mm_below_the_text_blocks_edge_and_is_red(self, tmp_path: Path) -> None:
        path = tmp_path / "notice.pdf"
        path.write_bytes(notice(issuer="国国国国"))
        ppm = subprocess.run(
            ["pdftoppm", "-r", "254", "-f", "1", "-l", "1", path], capture_output=True, check=True
        ).stdout
        _, size, _, pixels = ppm.split(b"\n", 3)
        width, height = map(int, size.split())

        # At 254 dpi a pixel is a tenth of a millimetre.
        def ink(row: int) -> set[bytes]:
            line = pixels[row * width * 3 : (row + 1) * width * 3]
            return {line[at : at + 3] for at in range(0, len(line), 3)} - {b"\xff\xff\xff"}

        first = next(row for row in range(height) if ink(row))
        assert first / 10 == pytest.approx(37 + 35, abs=1)
        red, green, blue = min(ink(first + 20), key=lambda colour: colour[1])
        assert red > 200
        assert green < 60
        assert blue < 60

    def test_the_number_is_centred_with_hexagonal_brackets(self, tmp_path: Path) -> None:
        page = pages_of_words(notice(number="某教研函[2026]8号"), tmp_path)[0]
        found = word(page, "某教研函〔2026〕8号")
        assert (found.left + found.right) / 2 == pytest.approx((BLOCK_LEFT + BLOCK_RIGHT) / 2, abs=0.5)

    def test_the_date_stands_four_characters_in_under_the_middle_of_the_signatory(self, tmp_path: Path) -> None:
        page = pages_of_words(notice(signatory="某某厅", document_date=date(2027, 1, 4)), tmp_path)[0]
        signatory, day = word(page, "某某厅"), word(page, "2027年1月4日")
        assert day.right == pytest.approx(BLOCK_RIGHT - 4 * 15.75, abs=0.5)
        assert (signatory.left + signatory.right) / 2 == pytest.approx((day.left + day.right) / 2, abs=0.5)
        assert signatory.bottom < day.bottom

    def test_a_long_signatory_stays_inside_the_text_block(self, tmp_path: Path) -> None:
        name = "某某省研究生联合培养基地建设与管理工作领导小组办公室"
        page = pages_of_words(notice(signatory=name), tmp_path)[0]
        assert word(page, name).right <= BLOCK_RIGHT + 0.5

    def test_levels_of_the_body_have_their_fonts(self) -> None:
        fonts = font_of_each_line(notice(paragraphs=["一、公示时间", "（一）受理部门", "1．正文"]))
        first, second, third = fonts["一、公示时间"], fonts["（一）受理部门"], fonts["1．正文"]
        assert len({first, second, third}) == 3

    def test_addressee_is_flush_left_with_a_full_width_colon(self, tmp_path: Path) -> None:
        page = pages_of_words(notice(addressee="各培养单位"), tmp_path)[0]
        assert word(page, "各培养单位：").left == pytest.approx(BLOCK_LEFT, abs=0.5)

    def test_annexes_are_listed_before_the_signatory(self, tmp_path: Path) -> None:
        page = pages_of_words(notice(attachments=["甲表", "乙表"], signatory="落款处"), tmp_path)[0]
        first, second = word(page, "甲表"), word(page, "乙表")
        assert first.left == pytest.approx(second.left, abs=0.1)
        (label,) = [w for w in page if w.text.startswith("附件：")]
        assert label.left == pytest.approx(BLOCK_LEFT + 2 * 15.75, abs=0.5)
        assert first.top < second.top < word(page, "落款处").top

    @pytest.mark.parametrize(
        ("signed", "marks"), [(False, ["系统生成，未盖章"] * 2), (True, [])], ids=["unsigned", "signed"]
    )
    def test_every_page_of_an_unsigned_document_says_so(self, signed: bool, marks: list[str]) -> None:
        pages = texts(notice(signed=signed, annexes=[LIST]))
        assert [m for page in pages for m in re.findall("系统生成，未盖章", page)] == marks


class TestTheFonts:
    def test_are_all_embedded_with_a_unicode_map(self, tmp_path: Path) -> None:
        fonts = fonts_of(notice(paragraphs=["一、甲", "（一）乙", "丙"], annexes=[LIST]), tmp_path)
        assert len(fonts) >= 4
        assert {tuple(flags) for flags in fonts.values()} == {("yes", "yes", "yes")}

    @staticmethod
    def in_every_role(character: str) -> bytes:
        return notice(
            title=f"{character}题",
            paragraphs=[f"张{character}", f"一、{character}", f"（一）{character}"],
            signatory=f"署{character}",
        )

    def test_print_rare_characters_of_names(self) -> None:
        characters = "喆堃玥珺翀燚赟昇䶮㛃𫖮𬍛"
        pdf = self.in_every_role(characters)
        assert undrawn(pdf) == undrawn(self.in_every_role("国"))
        assert flat(texts(pdf)[0]).count(characters) == 5

    def test_a_character_that_no_font_has_would_be_found(self) -> None:
        assert undrawn(self.in_every_role("\uf8f0")) > undrawn(self.in_every_role("国"))


class TestTheMaking:
    def test_the_same_document_has_the_same_bytes(self) -> None:
        assert notice(annexes=[LIST]) == notice(annexes=[LIST])

    @pytest.mark.parametrize(
        "reference",
        [
            '<img src="http://127.0.0.1:9/seal.png">',
            '<img src="file:///seal.png">',
            '<img src="data:image/png;base64,AAAA">',
            '<style>@import "http://127.0.0.1:9/a.css";</style>',
            '<link rel="stylesheet" href="http://127.0.0.1:9/a.css">',
        ],
    )
    def test_a_template_that_needs_something_from_outside_is_refused(
        self, reference: str, tmp_path: Path, settings: Any
    ) -> None:
        settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [*settings.TEMPLATES[0]["DIRS"], tmp_path]}]
        (tmp_path / "outside.html").write_text(
            '{% extends "portal/documents/official.html" %}{% block document %}' + reference + "{% endblock %}"
        )
        with pytest.raises(ForeignResource):
            render_pdf("outside.html", {})

    def test_the_style_sheet_is_understood_in_full(self, caplog: pytest.LogCaptureFixture) -> None:
        from portal.typesetting import printing

        printing._style_sheet.cache_clear()
        logger = logging.getLogger("weasyprint")
        logger.addHandler(caplog.handler)
        try:
            notice(annexes=[LIST])
        finally:
            logger.removeHandler(caplog.handler)
        assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []

    def test_a_portal_that_prints_nothing_loads_no_printer(self) -> None:
        code = "import sys, portal.typesetting; sys.exit(bool({'weasyprint', 'typst'} & set(sys.modules)))"
        root = Path(__file__).resolve().parents[2]
        assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


class TestPlainValues:
    def test_levels_end_at_the_first_full_stop(self) -> None:
        assert body(["一、时间", "（二）方式。书面提出。", "　　1. 正文", "十一、其他"]) == [
            Paragraph("first", "一、时间", ""),
            Paragraph("second", "（二）方式。", "书面提出。"),
            Paragraph("", "", "1. 正文"),
            Paragraph("first", "十一、其他", ""),
        ]

    def test_only_several_annexes_are_numbered(self) -> None:
        assert annex_list(["名单。"]) == [ListedAnnex("", "名单")]
        assert annex_list(["甲", "乙；"]) == [ListedAnnex("1", "甲"), ListedAnnex("2", "乙")]
        assert annex_list([]) == []

    @pytest.mark.parametrize("number", ["某教〔2026〕8号", "某教[2026]8号", "某教（2026）8号", " 某教【2026】8号"])
    def test_the_year_stands_in_hexagonal_brackets(self, number: str) -> None:
        assert bracketed_year(number) == "某教〔2026〕8号"

    @pytest.mark.parametrize(
        ("title", "lines"),
        [
            ("关于拟认定基地的公示", ["关于拟认定基地的公示"]),
            (
                "关于某某省2026年度第一批研究生联合培养基地拟认定名单的公示",
                ["关于某某省2026年度第一批", "研究生联合培养基地拟认定名单的公示"],
            ),
            (
                "关于拟推荐2027年研究生联合培养基地的公示",
                ["关于拟推荐2027年研究生", "联合培养基地的公示"],
            ),
            ("", []),
        ],
    )
    def test_a_title_breaks_between_words(self, title: str, lines: list[str]) -> None:
        assert title_lines(title) == lines

    @pytest.mark.parametrize("length", [20, 21, 40, 41, 73])
    def test_no_line_of_a_title_is_longer_than_the_text_block(self, length: int) -> None:
        lines = title_lines("国" * length)
        assert "".join(lines) == "国" * length
        assert len(lines) == -(-length // 20)
        assert max(map(len, lines)) <= 20

    def test_the_mark_shrinks_with_the_length_of_the_name(self) -> None:
        short, long, longest = mark_size_pt("国" * 4), mark_size_pt("国" * 12), mark_size_pt("国" * 40)
        assert (short, longest) == (45, 26)
        assert long * 12 < 156 * MM < 45 * 12
