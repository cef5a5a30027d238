"""Annexes (附件) stand behind their document: tables whose head is repeated and whose rows are whole, and texts, measured in the PDF."""

import re
import sys
from datetime import date
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from portal.typesetting import Annex, render_pdf, render_table
from portal.typesetting.fonts import weighted_families
from tests.benchmarks.measuring import run
from tests.portal.pdfs import (
    A4,
    BLOCK_BOTTOM,
    BLOCK_LEFT,
    BLOCK_RIGHT,
    BLOCK_TOP,
    MM,
    Word,
    flat,
    font_of_each_line,
    fonts_of,
    pages_of_words,
    size_of,
    texts,
    undrawn,
    word,
)

COLUMNS = [("序号", 10), ("培养单位", 30), ("基地名称", 60)]
ROW = ["1", "甲", "乙"]
# Rows of one line to some twenty, each with a word at its beginning and at its end.
ROWS = tuple([str(n), "某某大学", f"row{n} " + "研究生联合培养基地" * (1 + n % 20) + f" end{n}"] for n in range(1, 101))
UNSEALED = "系统生成，未盖章"


def table(**changes: Any) -> Annex:
    """An annex of one row."""
    annex: Annex = {"title": "名单", "columns": COLUMNS, "rows": [ROW]}
    return annex | changes  # type: ignore[return-value]


def document(*annexes: Annex, **changes: Any) -> bytes:
    """A notice of one page with annexes behind it."""
    context = {
        "issuer": "某某省教育厅",
        "title": "关于拟认定研究生联合培养基地的公示",
        "paragraphs": ["现将名单予以公示。"],
        "signatory": "某某省教育厅",
        "document_date": date(2026, 11, 24),
        "signed": False,
        "annexes": annexes,
    }
    return render_pdf("portal/documents/official.html", context | changes)


def alone(annex: Annex) -> bytes:
    """The pages of an annex without a document before them."""
    return render_table(annex, author="")


def rows_on(pages: list[list[Word]], count: int) -> list[tuple[list[int], list[int]]]:
    """For each row, on which pages it begins and on which it ends."""
    words = [{w.text for w in page} for page in pages]
    return [
        tuple([at for at, found in enumerate(words) if f"{mark}{n}" in found] for mark in ("row", "end"))  # type: ignore[misc]
        for n in range(1, count + 1)
    ]


class TestTheTable:
    def test_begins_on_a_page_of_its_own_with_its_label_at_the_upper_left(self, tmp_path: Path) -> None:
        pages = pages_of_words(document(table(rows=ROWS[:3])), tmp_path)
        assert len(pages) == 2
        label = word(pages[1], "附件")
        assert label.left == pytest.approx(BLOCK_LEFT, abs=0.5)
        assert label.middle - 15.75 / 2 == pytest.approx(BLOCK_TOP, abs=1 * MM)
        title = word(pages[1], "名单")
        assert (title.left + title.right) / 2 == pytest.approx((BLOCK_LEFT + BLOCK_RIGHT) / 2, abs=0.5)

    @pytest.mark.parametrize("wide", [False, True], ids=["upright", "across"])
    def test_repeats_its_header_and_cuts_no_row(self, wide: bool, tmp_path: Path) -> None:
        pages = pages_of_words(alone(table(rows=ROWS, wide=wide)), tmp_path)
        assert len(pages) > 2
        assert [[w.text for w in page].count("基地名称") for page in pages] == [1] * len(pages)
        places = rows_on(pages, 100)
        assert [len(begins) for begins, _ends in places] == [1] * 100
        assert [begins for begins, _ends in places] == [ends for _begins, ends in places]

    def test_stays_inside_the_text_block(self, tmp_path: Path) -> None:
        for page in pages_of_words(alone(table(rows=ROWS)), tmp_path):
            below = [w for w in page if w.top > BLOCK_BOTTOM]
            assert {w.text for w in below} <= {"—", UNSEALED} | {str(n) for n in range(100)}
            assert min(w.left for w in page) >= BLOCK_LEFT - 0.5
            assert max(w.right for w in page) <= BLOCK_RIGHT + 0.5

    def test_lets_a_row_that_fills_a_page_go_on_and_loses_nothing_of_it(self, tmp_path: Path) -> None:
        tall = ["2", "乙大学", "row2 " + "国" * 4000 + " end2"]
        pages = pages_of_words(alone(table(rows=[["1", "甲大学", "row1 end1"], tall])), tmp_path)
        assert sum(w.text.count("国") for page in pages for w in page) == 4000
        assert rows_on(pages, 2)[1] == ([0], [len(pages) - 1])
        assert all(w.bottom < BLOCK_BOTTOM + 1 for page in pages for w in page if "国" in w.text)

    def test_keeps_the_widths_of_its_columns(self, tmp_path: Path) -> None:
        columns = [("甲", 10), ("乙", 30), ("丙", 60)]
        page = pages_of_words(alone(table(columns=columns, rows=[["1", "x" * 90, "y"]])), tmp_path)[0]
        middles = [(word(page, name).left + word(page, name).right) / 2 for name in "甲乙丙"]
        expected = [BLOCK_LEFT + 156 * MM * share for share in (0.05, 0.25, 0.70)]
        assert middles == pytest.approx(expected, abs=1)

    @pytest.mark.parametrize("name", ["w" * 90, "W" * 90, "91150100MA0ABCDE7X" * 3, "a-b/c.d" * 20])
    def test_breaks_a_word_that_is_longer_than_its_column(self, name: str, tmp_path: Path) -> None:
        pdf = alone(table(rows=[["1", name, "乙"]]))
        page = pages_of_words(pdf, tmp_path)[0]
        left, right = BLOCK_LEFT + 15.6 * MM, BLOCK_LEFT + 62.4 * MM
        pieces = [w for w in page if w.text in name and len(w.text) > 3]
        assert len(pieces) > 1
        assert min(w.left for w in pieces) >= left
        assert max(w.right for w in pieces) <= right
        assert name in flat(texts(pdf)[0])

    @pytest.mark.parametrize(
        "name",
        [
            "<b>喆</b><script>alert(1)</script>&amp;", "#panic() *粗* _斜_ [链接] $x^2$ `码` @甲 <标签> \\u{41} // 注",
            '"引号" \'单\' ~ -- --- ...', "= 标题", "- 项目", "1. 项目", "https://example.org/#甲", "{}{{ x }}{% y %}",
        ],
    )  # fmt: skip
    def test_prints_markup_in_a_name_as_text(self, name: str) -> None:
        (page,) = texts(alone(table(title=name[:20], rows=[["1", name, "乙"]], foot=[(3, name)], paragraphs=[name])))
        assert flat(page).count(flat(name)) >= 3
        assert flat(page).startswith(flat(name[:20]))

    def test_ends_with_its_foot_on_a_page_that_has_a_row_too(self, tmp_path: Path) -> None:
        columns, foot = [("名", 1), ("数", 1)], [(1, "合计"), (1, "footed")]
        for count in range(22, 33):
            rows = [[f"row{n}", "1"] for n in range(1, count + 1)]
            last = pages_of_words(alone(table(columns=columns, rows=rows, foot=foot)), tmp_path)[-1]
            assert [w.text for w in last if w.text in ("合计", "footed", f"row{count}")] == [
                f"row{count}",
                "合计",
                "footed",
            ]

    def test_lies_across_where_it_is_wide(self) -> None:
        first, second = PdfReader(BytesIO(document(table(wide=True)))).pages
        assert size_of(first) == pytest.approx(A4, abs=0.1)
        assert size_of(second) == pytest.approx(A4[::-1], abs=0.1)


class TestSeveral:
    def test_are_numbered_in_the_list_and_above_their_titles(self) -> None:
        pages = texts(document(table(title="甲表"), table(title="乙表", wide=True), attachments=["丙图"]))
        assert [flat(page)[:3] for page in pages[1:]] == ["附件1", "附件2"]
        assert "附件：1.甲表2.乙表3.丙图" in flat(pages[0])

    def test_a_single_one_has_no_number(self) -> None:
        pages = texts(document(table(title="甲表")))
        assert "附件：甲表" in flat(pages[0])
        assert flat(pages[1]).startswith("附件甲表")

    def test_one_that_is_named_among_the_attachments_too_is_listed_once(self) -> None:
        assert flat(texts(document(table(title="甲表"), attachments=["甲表"]))[0]).count("甲表") == 1


class TestAText:
    @staticmethod
    def text(*paragraphs: str) -> Annex:
        return {"title": "建设要求", "paragraphs": paragraphs}

    def test_holds_22_lines_of_28_characters_that_fill_the_text_block(self, tmp_path: Path) -> None:
        page = pages_of_words(alone(self.text("国" * 28 * 60)), tmp_path)[1]
        lines = [w for w in page if "国" in w.text]
        assert [len(line.text) for line in lines] == [28] * 22
        assert {round(line.left - BLOCK_LEFT, 1) for line in lines} == {0.0}
        assert {round(line.right - line.left, 1) for line in lines} == {441.0}
        steps = [below.top - above.top for above, below in pairwise(lines)]
        assert steps == pytest.approx([(225 * MM - 15.75) / 21] * 21, abs=0.01)
        assert lines[0].middle - 15.75 / 2 == pytest.approx(BLOCK_TOP, abs=1 * MM)
        assert lines[-1].middle + 15.75 / 2 == pytest.approx(BLOCK_BOTTOM, abs=1 * MM)

    def test_has_the_levels_of_the_body(self) -> None:
        fonts = font_of_each_line(alone(self.text("一、目标", "（一）内容", "1．正文")))
        levels = fonts["一、目标"], fonts["（一）内容"], fonts["1．正文"]
        assert len(set(levels)) == 3

    def test_stands_above_a_table_of_the_same_annex(self, tmp_path: Path) -> None:
        (page,) = pages_of_words(alone(table(paragraphs=["说明如下。"])), tmp_path)
        assert word(page, "名单").bottom < word(page, "说明如下。").top < word(page, "基地名称").top


class TestThePages:
    def test_are_numbered_on_from_the_document_right_on_odd_and_left_on_even_ones(self, tmp_path: Path) -> None:
        pages = pages_of_words(document(table(rows=ROWS)), tmp_path)
        for number, page in enumerate(pages, start=1):
            foot = sorted((w for w in page if w.top > BLOCK_BOTTOM), key=lambda w: w.left)
            shown = [w for w in foot if w.text in ("—", str(number))]
            assert [w.text for w in shown] == ["—", str(number), "—"]
            # One character of 4号 (14 pt) from the edge of the text block; the other side says that nobody has sealed it.
            if number % 2:
                assert shown[-1].right == pytest.approx(BLOCK_RIGHT - 14, abs=0.5)
                assert word(page, UNSEALED).left == pytest.approx(BLOCK_LEFT + 14, abs=1)
            else:
                assert shown[0].left == pytest.approx(BLOCK_LEFT + 14, abs=0.5)
                assert word(page, UNSEALED).right == pytest.approx(BLOCK_RIGHT - 14, abs=1)

    def test_have_their_numbers_at_the_height_and_size_of_those_of_the_document(self, tmp_path: Path) -> None:
        first, second = pages_of_words(document(table()), tmp_path)
        for text in ("—", UNSEALED):
            above, below = (next(w for w in page if w.text == text) for page in (first, second))
            assert above.middle == pytest.approx(below.middle, abs=2)
        sizes: dict[str, float] = {}

        def visit(text: str, cm: Any, tm: Any, font: Any, size: float) -> None:
            if text.strip():
                sizes[text.strip()] = size * abs(tm[0] * cm[0])

        PdfReader(BytesIO(document(table()))).pages[1].extract_text(visitor_text=visit)
        (number,) = [text for text in sizes if re.fullmatch(r"— ?2 ?—", text)]
        assert sizes[number] == pytest.approx(14, abs=0.1)

    def test_keep_title_and_author_of_the_document(self) -> None:
        found = PdfReader(BytesIO(document(table()))).metadata
        assert found is not None
        assert (found.title, found.author) == ("关于拟认定研究生联合培养基地的公示", "某某省教育厅")

    def test_end_with_copies_and_printing(self, tmp_path: Path) -> None:
        given = {"copies": ["甲大学", "乙大学"], "printed_on": date(2026, 11, 25)}
        for annexes in ((), (table(),), (table(wide=True), table())):
            pages = texts(document(*annexes, **given))
            assert ["抄送：甲大学、乙大学。某某省教育厅2026年11月25日印发" in flat(page) for page in pages] == [
                *[False] * (len(pages) - 1), True,
            ]  # fmt: skip
            last = pages_of_words(document(*annexes, **given), tmp_path)[-1]
            assert word(last, "2026年11月25日印发").bottom == pytest.approx(BLOCK_BOTTOM, abs=4 * MM)

    def test_the_same_annexes_have_the_same_bytes(self) -> None:
        assert document(table(), table(wide=True)) == document(table(), table(wide=True))


class TestTheFonts:
    def test_are_all_embedded_with_a_unicode_map(self, tmp_path: Path) -> None:
        fonts = fonts_of(alone(table(foot=[(3, "合计")])), tmp_path)
        assert len(fonts) >= 4
        assert {tuple(flags) for flags in fonts.values()} == {("yes", "yes", "yes")}

    @staticmethod
    def in_every_role(character: str) -> bytes:
        annex = table(
            title=f"{character}题",
            paragraphs=[f"张{character}", f"一、{character}", f"（一）{character}"],
            columns=[(f"列{character}", 1)],
            rows=[[f"行{character}"]],
        )
        return alone(annex)

    def test_print_rare_characters_of_names(self) -> None:
        characters = "喆堃玥珺翀燚赟昇䶮㛃𫖮𬍛"
        pdf = self.in_every_role(characters)
        assert undrawn(pdf) == undrawn(self.in_every_role("国"))
        assert flat(texts(pdf)[0]).count(characters) == 6

    def test_a_character_that_no_font_has_would_be_found(self) -> None:
        assert undrawn(self.in_every_role("\uf8f0")) > undrawn(self.in_every_role("国"))

    def test_are_taken_from_those_that_the_machine_has(self) -> None:
        found = weighted_families(["FangSong", "LXGW WenKai", "Noto Serif CJK SC"])["fangsong"]
        assert found == {"families": ["FangSong", "LXGW WenKai", "Noto Serif CJK SC"], "weight": 300}


class TestAPaperOfItsOwn:
    def test_has_no_label_and_begins_with_page_one(self) -> None:
        (page,) = texts(render_table(table(title="汇总表"), author="某某大学"))
        assert flat(page).startswith("汇总表序号")
        assert "—1—" in flat(page)
        assert UNSEALED in flat(page)

    def test_names_its_title_and_author(self) -> None:
        found = PdfReader(BytesIO(render_table(table(title="汇总表"), author="某某大学"))).metadata
        assert found is not None
        assert (found.title, found.author) == ("汇总表", "某某大学")


class TestALongList:
    def test_of_2000_bases_takes_at_most_15_seconds_of_processor_and_500_mib(self, tmp_path: Path) -> None:
        path = tmp_path / "list.pdf"
        took = run(
            [sys.executable, "-m", "tests.benchmarks.set_list", path],
            DEBUG="1",
            DJANGO_SETTINGS_MODULE="portal.settings",
        )
        pages = texts(path.read_bytes())
        assert [flat(page).count("所在盟市") for page in pages] == [1] * len(pages)
        assert flat(pages[-1]).count("第2000研究生") == 1
        assert took.mib <= 500
        assert took.cpu_seconds <= 15
