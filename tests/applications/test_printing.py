"""The 申请书 on paper: complete, in order, with cover, page numbers and places to sign, as PDF and as Word."""

import logging
import re
import subprocess
from datetime import date
from functools import lru_cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from pypdf import PdfReader

from applications import printing
from applications.content import Content
from applications.models import Application, PrintedApplication
from applications.services import printing as prints
from applications.services.content import content_of
from portal import jobs, progress
from portal.models import IssuedRecord, OutboxJob, StoredFile
from portal.typesetting.booklet import Column, Facts, Grid
from tests.applications.conftest import SignedIn
from tests.applications.papers import SENTENCE, paper
from tests.factories import World

pytestmark = pytest.mark.article("8(1)")

DECLARED = date(2026, 11, 24)
UPRIGHT, TURNED = (595, 842), (842, 595)
TITLES = [
    "一、基本信息", "二、合作单位", "三、前期合作", "三（续）培养研究生名单", "四、导师", "五、建设方案", "六、附件与承诺", "六（续）承诺与意见",
]  # fmt: skip
OPINIONS = ["申报人承诺", "依托学院意见", "合作单位意见", "研究生培养单位意见"]


def said_nothing(percent: int, words: str) -> None:
    """For those who do not ask how far it is."""


def bytes_of(content: Content, declared_on: date | None = DECLARED, on_step: Any = said_nothing) -> bytes:
    return printing.as_pdf(content, fingerprint=content.sha256, declared_on=declared_on, on_step=on_step)


def pdf_of(content: Content, declared_on: date | None = DECLARED, on_step: Any = said_nothing) -> PdfReader:
    return PdfReader(BytesIO(bytes_of(content, declared_on, on_step)))


def word_of(content: Content, declared_on: date | None = DECLARED) -> Any:
    made = printing.as_docx(content, fingerprint=content.sha256, declared_on=declared_on, on_step=said_nothing)
    return Document(BytesIO(made))


def flat(text: str) -> str:
    return re.sub(r"\s", "", text)


@lru_cache(8)
def texts(pdf: PdfReader) -> list[str]:
    """The words of each page, without the spaces and breaks of the setting."""
    return [flat(page.extract_text()) for page in pdf.pages]


def shown(element: Any) -> str:
    """The words of a part of a Word file, with the codes of its fields."""
    return "".join(part.text for part in element.iter(qn("w:t"), qn("w:instrText")))


def word_text(word: Any) -> str:
    return flat(shown(word.element.body))


def words_of(content: Content) -> list[str]:
    """Everything that the form says, in its order."""
    found: list[str] = []
    for section in content.sections:
        for fact in section.facts:
            found += [fact.label, fact.value]
        for text in section.texts:
            found += [text.label, *text.value.splitlines()]
        for table in section.tables:
            found += [table.label, *(column.label for column in table.columns), *(c for row in table.rows for c in row)]
            found += table.foot
    return [flat(each) for each in found if each]


def place_in_order(words: list[str], text: str) -> list[str]:
    """The words that do not stand in the text behind the ones before them."""
    at, missing = 0, []
    for each in words:
        found = text.find(each, at)
        if found < 0:
            missing.append(each)
        else:
            at = found + len(each)
    return missing


@pytest.fixture(scope="module")
def content() -> Content:
    return paper()


@pytest.fixture(scope="module")
def pdf(content: Content) -> PdfReader:
    return pdf_of(content)


@pytest.fixture(scope="module")
def many_projects() -> list[str]:
    """The pages of a form with a table of several pages."""
    return texts(pdf_of(paper(text=0, projects=80)))


@pytest.fixture(scope="module")
def long_roster() -> bytes:
    """A form with a table so long that it is set in several pieces."""
    return bytes_of(paper(text=0, students=600))


@pytest.fixture(scope="module")
def word(content: Content) -> Any:
    return word_of(content)


class TestThePdf:
    def test_begins_with_a_cover_and_contents_without_numbers(self, pdf: PdfReader, content: Content) -> None:
        cover, contents, first = texts(pdf)[:3]
        assert cover.startswith("研究生联合培养基地申请书（2026年度）基地名称北疆大学—草原装备公司机械类基地")
        assert "填报日期2026年11月24日" in cover
        assert contents.startswith("目录一、基本信息")
        assert ["—1—" in page for page in (cover, contents, first)] == [False, False, True]

    def test_counts_its_pages_from_the_first_after_the_contents(self, pdf: PdfReader) -> None:
        numbers = [re.findall(r"—(\d+)—", page) for page in texts(pdf)[2:]]
        assert numbers == [[str(n)] for n in range(1, len(pdf.pages) - 1)]

    def test_contents_name_the_page_of_every_section(self, pdf: PdfReader) -> None:
        pages = texts(pdf)
        listed = [(flat(title), int(page)) for title, page in re.findall(r"(\D+?)(\d+)", pages[1].removeprefix("目录"))]
        where = [(title, next(n for n, page in enumerate(pages[2:], start=1) if title in page)) for title in TITLES]
        assert listed[: len(TITLES)] == where

    def test_contents_lead_to_the_sections(self, pdf: PdfReader) -> None:
        outline = [(item.title, pdf.get_destination_page_number(item)) for item in pdf.outline]
        links = [note.get_object() for note in pdf.pages[1]["/Annots"]]
        numbers = {page.indirect_reference.idnum: n for n, page in enumerate(pdf.pages)}
        assert [title for title, _page in outline] == TITLES
        assert [numbers[link["/Dest"][0].idnum] for link in links] == [page for _title, page in outline]

    def test_says_all_that_the_form_says_in_its_order(self, pdf: PdfReader, content: Content) -> None:
        # With one page number and foot between two pages; in a table cells may be set over several lines beside each other.
        pages = [re.sub(r"—\d+—|校验码[0-9a-f]{12}2026-11-24申报", "", page) for page in texts(pdf)]
        text = "".join(pages[:1] + pages[2:])
        lines = [words for words in words_of(content) if len(words) < 9 or words.startswith(SENTENCE[:9])]
        assert len(lines) > 150
        assert place_in_order(lines, text) == []

    def test_turns_the_pages_of_wide_tables_and_of_nothing_else(self, pdf: PdfReader) -> None:
        turned = {(round(page.mediabox.width), round(page.mediabox.height)): [] for page in pdf.pages}
        for page, text in zip(pdf.pages, texts(pdf), strict=True):
            turned[round(page.mediabox.width), round(page.mediabox.height)].append(text)
        assert set(turned) == {UPRIGHT, TURNED}
        roster, mentors = turned[TURNED]
        assert roster.startswith("三（续）培养研究生名单已联合培养研究生名单序号")
        assert mentors.startswith("行业产业导师序号")
        assert [title for title in TITLES if title in roster + mentors] == ["三（续）培养研究生名单"]
        assert "校内导师序号姓名研究方向" in "".join(turned[UPRIGHT])

    def test_breaks_no_date_in_a_wide_table(self, pdf: PdfReader) -> None:
        lines = [line for page in pdf.pages for line in page.extract_text().splitlines()]
        dates = [line for line in lines if "2023-09-01" in line or "2028-12-31" in line]
        assert len(dates) == 8 + 1

    def test_embeds_every_font(self, pdf: PdfReader) -> None:
        fonts = [font.get_object() for page in pdf.pages for font in page["/Resources"]["/Font"].values()]
        descriptors = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object() for font in fonts]
        assert len(descriptors) > 20
        assert all({"/FontFile2", "/FontFile3"} & set(descriptor) for descriptor in descriptors)

    def test_prints_rare_characters_of_names(self) -> None:
        name = "喆堃玥珺翀燚赟昇䶮㛃𫖮𬍛"
        pages = texts(pdf_of(paper(name=name)))
        assert f"基地名称{name}" in pages[0]
        assert "赵翀" in pages[2]

    def test_puts_what_is_empty_as_a_dash(self, pdf: PdfReader) -> None:
        text = "".join(texts(pdf))
        assert "备注—" in text
        assert "科研创新平台序号名称批准年份—" in text
        nothing = "".join(texts(pdf_of(paper(text=0))))
        assert "申报理由（不超过800字）—前期成效（不超过800字）—" in nothing

    def test_gives_room_to_write_sign_and_seal(self, pdf: PdfReader) -> None:
        *_others, first, second = texts(pdf)
        assert [title in page for title in OPINIONS for page in (first, second)] == [
            True, False, True, False, False, True, False, True,
        ]  # fmt: skip
        assert first.startswith("六（续）承诺与意见申报人承诺本人承诺：本申请书及所附协议")
        assert (first + second).count("（签字）：") == 4
        assert (first + second).count("（单位公章）") == 3
        assert (first + second).count("年月日") == 4

    def test_carries_the_mark_of_what_was_declared_on_every_page(self, pdf: PdfReader, content: Content) -> None:
        mark = f"校验码{content.sha256[:12]}2026-11-24申报"
        assert [page.count(mark) for page in texts(pdf)] == [1] * len(pdf.pages)
        assert ["草稿" in page or "系统生成" in page for page in texts(pdf)] == [False] * len(pdf.pages)

    def test_says_on_every_page_that_it_is_a_draft(self, content: Content) -> None:
        pages = texts(pdf_of(content, declared_on=None))
        mark = f"校验码{content.sha256[:12]}系统生成，未盖章"
        assert [(page.count("草稿"), page.count(mark)) for page in pages] == [(1, 1)] * len(pages)

    def test_prints_markup_as_it_was_typed(self) -> None:
        name = "<b>喆</b>&amp;<script>alert(1)</script>"
        assert flat(name) in texts(pdf_of(paper(name=name)))[0]

    def test_the_same_form_has_the_same_bytes(self, content: Content) -> None:
        once, again = (bytes_of(content) for _ in range(2))
        assert once == again

    def test_the_style_sheet_is_understood_in_full(
        self, content: Content, caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest
    ) -> None:
        from portal.typesetting import printing as sheets

        sheets._style_sheet.cache_clear()
        logger = logging.getLogger("weasyprint")
        logger.addHandler(caplog.handler)
        request.addfinalizer(lambda: logger.removeHandler(caplog.handler))
        pdf_of(content)
        assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


class TestLongTables:
    def test_repeat_their_head_and_cut_no_row(self, many_projects: list[str]) -> None:
        pages = [page for page in many_projects if re.search(r"项目\d+(始|终)", page)]
        assert len(pages) > 2
        assert ["可接收人数（人）" in page for page in pages] == [True] * len(pages)
        begins, ends = ([re.findall(rf"项目(\d+){mark}", page) for page in pages] for mark in "始终")
        assert begins == ends
        assert [n for page in begins for n in page] == [str(n) for n in range(1, 81)]

    def test_end_with_their_totals(self, many_projects: list[str]) -> None:
        assert [page.count("合计98,720") for page in many_projects if "98,720" in page] == [1]

    def test_of_several_pieces_go_on_without_a_gap(self, long_roster: bytes) -> None:
        pdf = PdfReader(BytesIO(long_roster))
        pages = [page for page in texts(pdf) if "去向" in page and "张喆" in page]
        rows = [re.findall(r"张喆(\d+)2023", page) for page in pages]
        assert [n for page in rows for n in page] == [str(n) for n in range(1, 601)]
        assert ["专业学位类" in page for page in pages] == [True] * len(pages)
        # Only the last page may be less than full, and the first has the heading.
        assert len({len(page) for page in rows[1:-1]}) == 1
        numbers = [re.findall(r"—(\d+)—", page) for page in texts(pdf)[2:]]
        assert numbers == [[str(n)] for n in range(1, len(pdf.pages) - 1)]

    def test_page_numbers_stand_outside_on_every_piece(self, long_roster: bytes, tmp_path: Path) -> None:
        made = tmp_path / "form.pdf"
        made.write_bytes(long_roster)
        xml = subprocess.run(["pdftotext", "-bbox", made, "-"], capture_output=True, text=True, check=True).stdout
        for number, page in enumerate(xml.split("<page ")[3:], start=1):
            width = float(re.match(r'width="([\d.]+)"', page)[1])  # type: ignore[index]
            dashes = [float(left) for left in re.findall(r'<word xMin="([\d.]+)"[^>]*>—</word>', page)]
            assert (max(dashes) > width / 2) == (number % 2 == 1)

    def test_numbers_stand_right(self, pdf: PdfReader) -> None:
        grids = [
            block
            for block in printing.booklet_of(paper(), fingerprint="", declared_on=None).blocks
            if isinstance(block, Grid)
        ]
        numeric = {column.heading for each in grids for column in each.columns if column.numeric}
        assert numeric == {"序号", "可接收人数（人）", "金额（万元）", "从事相关行业年限（年）"}


class TestTheProgress:
    def test_grows_with_the_pages(self) -> None:
        said: list[tuple[int, str]] = []
        pdf = pdf_of(paper(students=60), on_step=lambda percent, words: said.append((percent, words)))
        percents = [percent for percent, _words in said]
        laid_out = [words for _percent, words in said if words.startswith("正在排版第 ")]
        assert percents == sorted(percents)
        assert laid_out == [f"正在排版第 {n} 页" for n in range(1, len(pdf.pages) - 1)]
        assert max(later - earlier for earlier, later in pairwise(percents)) < 20
        assert [words for _percent, words in said[-2:]] == ["正在编排封面和目录", "正在合成 PDF 文件"]


class TestTheWordFile:
    def test_has_real_headings(self, word: Any) -> None:
        headings = [p.text for p in word.paragraphs if p.style.name == "Heading 1"]
        second = [p.text for p in word.paragraphs if p.style.name == "Heading 2"]
        assert headings == TITLES
        assert second[:2] == ["科研创新平台", "可提供的实践项目"]
        assert "申报理由（不超过 800 字）" in second

    def test_says_what_the_pdf_says_in_the_same_order(self, word: Any, content: Content) -> None:
        text = word_text(word)
        assert place_in_order(words_of(content), text) == []
        assert place_in_order(OPINIONS, text) == []

    def test_repeats_the_heads_of_tables_and_cuts_no_row(self, word: Any) -> None:
        grids = [table for table in word.tables if table.rows[0].cells[0].text == "序号"]
        heads = [[row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows] for table in grids]
        whole = [row._tr.trPr.find(qn("w:cantSplit")) is not None for table in grids for row in table.rows]
        assert len(grids) == 7
        assert heads == [[True] + [False] * (len(table.rows) - 1) for table in grids]
        assert all(whole)

    def test_rules_its_tables_on_all_sides(self, word: Any) -> None:
        cells = [cell for table in word.tables[1:-1] for cell in table._tbl.iter(qn("w:tc"))]
        ruled = {tuple(side.tag.rpartition("}")[2] for side in cell.tcPr.find(qn("w:tcBorders"))) for cell in cells}
        assert len(cells) > 100
        assert ruled == {("top", "left", "bottom", "right")}

    def test_lets_long_texts_go_on_over_pages(self, word: Any) -> None:
        boxes = [table for table in word.tables if table.rows[0].cells[0].text.startswith(SENTENCE)]
        assert len(boxes) == 8
        assert [row._tr.trPr.find(qn("w:cantSplit")) for table in boxes for row in table.rows] == [None] * 8

    def test_turns_the_page_for_wide_tables_alone(self, word: Any) -> None:
        ways = [section.orientation for section in word.sections]
        # Cover and contents, the first sections, roster, mentors of the unit, of the partner, the rest.
        upright, turned = WD_ORIENT.PORTRAIT, WD_ORIENT.LANDSCAPE
        assert ways == [upright, upright, turned, upright, turned, upright]
        sizes = {(round(s.page_width.mm), round(s.page_height.mm)) for s in word.sections}
        assert sizes == {(210, 297), (297, 210)}

    def test_numbers_its_pages_by_fields_from_the_first_after_the_contents(self, word: Any) -> None:
        feet = [
            [shown(each.paragraphs[0]._p) for each in (section.footer, section.even_page_footer)]
            for section in word.sections
        ]
        mark = feet[0][0]
        assert feet == [[mark, mark], *[[f"{mark}—  PAGE 1 —", f"—  PAGE 1 —{mark}"]] * 5]
        starts = [section._sectPr.find(qn("w:pgNumType")) for section in word.sections]
        assert [start is not None and start.get(qn("w:start")) for start in starts] == [
            False,
            "1",
            False,
            False,
            False,
            False,
        ]
        assert word.settings.odd_and_even_pages_header_footer is True

    def test_names_chinese_fonts_for_chinese_text(self, word: Any) -> None:
        used = {
            name: word.styles[name].element.rPr.rFonts.get(qn("w:eastAsia"))
            for name in ("Normal", "Title", "Heading 1", "Heading 2", "表格文字", "名单文字", "答复题头")
        }
        assert used == {
            "Normal": "仿宋", "Title": "宋体", "Heading 1": "黑体", "Heading 2": "黑体", "表格文字": "宋体", "名单文字": "宋体",
            "答复题头": "黑体",
        }  # fmt: skip

    def test_every_style_that_it_uses_is_there(self, word: Any) -> None:
        named = {each.get(qn("w:val")) for each in word.element.body.iter(qn("w:pStyle"))}
        assert named - {style.style_id for style in word.styles} == set()

    def test_marks_a_draft(self, content: Content) -> None:
        draft = word_of(content, declared_on=None)
        heads = [s.header.paragraphs[0].text for s in draft.sections]
        assert heads == ["草稿"] * 6
        assert "系统生成，未盖章" in draft.sections[0].footer.paragraphs[0].text


def test_both_drop_the_controls_that_a_paste_leaves_in_a_name() -> None:
    content = paper(name="甲\x0b乙\x02<丙>&")
    assert "基地名称甲乙<丙>&研究生培养单位" in texts(pdf_of(content))[0]
    assert word_of(content).tables[0].rows[0].cells[1].text == "甲乙<丙>&"


class TestThePlainStructure:
    def test_pairs_short_answers_and_gives_long_ones_the_whole_line(self) -> None:
        long = "很长的答复" * 8
        lines = Facts([("甲", "一"), ("乙", ""), ("丙", long), ("丁", "二"), ("戊", "一行\n两行")]).lines
        assert lines == [[("甲", "一"), ("乙", "—")], [("丙", long)], [("丁", "二")], [("戊", "一行\n两行")]]

    def test_the_word_of_a_total_takes_the_columns_before_the_first_sum(self) -> None:
        columns = [Column("序号", 10), Column("年度", 30), Column("金额", 60, numeric=True)]
        assert Grid("", columns, [], ["合计", "", "3"]).foot_cells == [("合计", False, 2), ("3", True, 1)]
        assert Grid("", columns, [], ["合计", "2026", ""]).foot_cells == [
            ("合计", False, 1), ("2026", False, 1), ("", True, 1),
        ]  # fmt: skip

    def test_widths_fill_the_page(self) -> None:
        booklet = printing.booklet_of(paper(), fingerprint="", declared_on=None)
        grids = [block for block in booklet.blocks if isinstance(block, Grid)]
        assert [round(sum(column.share for column in each.columns), 6) for each in grids] == [100] * 7


@pytest.fixture
def application(world: World, today: date) -> Application:
    return world.application(world.draft(today))


def run_jobs() -> None:
    for job in OutboxJob.objects.filter(name="application_print", state="pending"):
        jobs.run(job.pk)


def text_of(stored: StoredFile | None) -> str:
    assert stored is not None
    with stored.file.open("rb") as content:
        return "".join(texts(PdfReader(BytesIO(content.read()))))


class TestTheMaking:
    def test_makes_both_files_of_the_draft(self, world: World, application: Application, today: date) -> None:
        asked = prints.ask(application=application, version=None, by=world.applicant, on=today)
        run_jobs()
        printed = PrintedApplication.objects.get()
        sha256 = content_of(application, today).sha256
        assert (printed.pk, printed.content_sha256, printed.asked_by_id) == (asked.pk, sha256, world.applicant.user_id)
        assert printed.pdf is not None
        assert printed.docx is not None
        assert (printed.pdf.kind, printed.docx.kind) == ("pdf", "docx")
        # Nothing is open but the signatures: the paper goes out to be signed and is no draft any more.
        assert f"校验码{sha256[:12]}" in text_of(printed.pdf)
        assert "未盖章" not in text_of(printed.pdf)
        assert OutboxJob.objects.get(name="application_print").state == OutboxJob.State.DONE

    def test_prints_every_word_of_a_real_application(self, world: World, application: Application, today: date) -> None:
        content = content_of(application, today)
        word = word_of(content)
        text = word_text(word)
        words = words_of(content)
        assert len(words) > 150
        assert place_in_order(words, text) == []

    def test_is_made_once_for_the_same_content(self, world: World, application: Application, today: date) -> None:
        first = prints.ask(application=application, version=None, by=world.applicant, on=today)
        run_jobs()
        again = prints.ask(application=application, version=None, by=world.unit_officer, on=today)
        prints.make(first.pk, today.isoformat())
        assert first == again
        assert (PrintedApplication.objects.count(), StoredFile.objects.filter(purpose="application_print").count()) == (
            1,
            2,
        )

    def test_a_later_draft_takes_the_place_of_the_older_one(
        self, world: World, application: Application, today: date
    ) -> None:
        prints.ask(application=application, version=None, by=world.applicant, on=today)
        run_jobs()
        Application.objects.filter(pk=application.pk).update(name="改了名的基地")
        later = prints.ask(application=application, version=None, by=world.applicant, on=today)
        run_jobs()
        printed = PrintedApplication.objects.get()
        assert printed == later
        assert "改了名的基地" in text_of(printed.pdf)
        assert StoredFile.objects.filter(purpose="application_print").count() == 2

    def test_the_record_of_a_draft_that_was_replaced_is_withdrawn_and_nothing_on_it_is_public(
        self, world: World, application: Application, today: date
    ) -> None:
        prints.ask(application=application, version=None, by=world.applicant, on=today)
        run_jobs()
        Application.objects.filter(pk=application.pk).update(name="改了名的基地")
        later = prints.ask(application=application, version=None, by=world.applicant, on=today)
        run_jobs()
        prints.make(later.pk, today.isoformat())
        first, second = IssuedRecord.objects.order_by("pk")
        printed = PrintedApplication.objects.get()
        assert printed.pdf is not None
        assert (printed.record, [copy.sha256 for copy in second.copies.all()]) == (second, [printed.pdf.sha256])
        assert (first.withdrawn_on, first.withdrawn_reason) == (today, "申请书已重新打印，以新的打印稿为准。")
        assert (second.withdrawn_on, second.kind, second.issuer) == (None, "申请书（送签）", world.unit.name)
        assert (first.is_public, second.is_public) == (False, False)

    def test_a_draft_is_printed_as_it_stands_when_it_is_made(
        self, world: World, application: Application, today: date
    ) -> None:
        prints.ask(application=application, version=None, by=world.applicant, on=today)
        Application.objects.filter(pk=application.pk).update(name="又改了名的基地")
        run_jobs()
        printed = PrintedApplication.objects.get()
        assert printed.content_sha256 == content_of(application, today).sha256
        assert "又改了名的基地" in text_of(printed.pdf)

    def test_a_declared_version_says_what_was_declared(
        self, world: World, application: Application, today: date
    ) -> None:
        base = world.declare(application.base, today)
        version = world.application(base).versions.get()
        Application.objects.filter(pk=application.pk).update(name="申报后改了名的基地")
        prints.ask(application=application, version=version, by=world.unit_officer, on=today)
        run_jobs()
        text = text_of(PrintedApplication.objects.get().pdf)
        assert f"校验码{version.content_sha256[:12]}{today.isoformat()}申报" in text
        assert "申报后改了名的基地" not in text
        assert "草稿" not in text

    def test_tells_how_far_it_is(
        self, world: World, application: Application, today: date, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        said: list[tuple[str, int]] = []
        monkeypatch.setattr(progress, "report", lambda key, percent, words: said.append((key, percent)))
        printed = prints.ask(application=application, version=None, by=world.applicant, on=today)
        run_jobs()
        assert {key for key, _percent in said} == {prints.job_key(printed)}
        percents = [percent for _key, percent in said]
        assert percents == sorted(percents)
        assert (percents[0] < 20, percents[-1]) == (True, 97)

    def test_one_that_failed_gets_a_new_start(
        self, world: World, application: Application, today: date, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        printed = prints.ask(application=application, version=None, by=world.applicant, on=today)
        OutboxJob.objects.update(state=OutboxJob.State.FAILED, attempts=5, begun=5)
        assert prints.state(printed) == "failed"
        prints.ask(application=application, version=None, by=world.applicant, on=today)
        assert prints.state(printed) == "pending"
        run_jobs()
        assert prints.state(PrintedApplication.objects.get()) == "done"

    @pytest.mark.parametrize("fate", ["waiting", "failed"])
    def test_a_draft_that_was_overtaken_and_is_asked_for_again_is_made(
        self, world: World, application: Application, today: date, fate: str
    ) -> None:
        def ask(name: str) -> PrintedApplication:
            Application.objects.filter(pk=application.pk).update(name=name)
            return prints.ask(application=application, version=None, by=world.applicant, on=today)

        first, second = ask("甲名基地"), ask("乙名基地")
        jobs.run(OutboxJob.objects.get(key=prints.job_key(first)).pk)
        assert (first.refresh_from_db(), first.pdf, prints.state(first)) == (None, None, "failed")
        if fate == "failed":
            OutboxJob.objects.filter(key=prints.job_key(second)).update(state=OutboxJob.State.FAILED)
        again = ask("甲名基地")
        assert prints.state(again) == "pending"
        run_jobs()
        printed = PrintedApplication.objects.get()
        assert (printed.pk, printed.content_sha256) == (again.pk, content_of(application, today).sha256)
        assert prints.state(printed) == "done"
        assert "甲名基地" in text_of(printed.pdf)

    def test_one_that_was_overtaken_can_be_asked_for_again_on_the_page(
        self, world: World, application: Application, signed_in: SignedIn
    ) -> None:
        client, address = signed_in(world.applicant), f"/applications/{application.pk}/print/"
        client.post(address)
        Application.objects.filter(pk=application.pk).update(name="乙名基地")
        client.post(address)
        jobs.run(OutboxJob.objects.earliest("pk").pk)
        Application.objects.filter(pk=application.pk).update(name=application.name)
        assert "生成 PDF 和 Word</button>" in client.get(address).text
        client.post(address)
        run_jobs()
        assert "与现在填写的内容一致" in client.get(address).text


class TestThePage:
    def test_asks_for_the_files_shows_their_progress_and_then_the_files(
        self, world: World, application: Application, signed_in: SignedIn
    ) -> None:
        client = signed_in(world.applicant)
        address = f"/applications/{application.pk}/print/"
        assert "生成 PDF 和 Word</button>" in client.get(address).text
        answer = client.post(address)
        assert (answer.status_code, answer["Location"]) == (302, address)
        printed = PrintedApplication.objects.get()
        state = f"{address}{printed.pk}/state/"
        page = client.get(address).text
        assert f'hx-get="{state}"' in page
        assert "生成 PDF 和 Word</button>" not in page
        run_jobs()
        printed.refresh_from_db()
        assert printed.pdf is not None
        assert printed.docx is not None
        for text in (client.get(address).text, client.get(state).text):
            assert "与现在填写的内容一致" in text
            assert 'hx-get="/applications' not in text
            assert f'src="/files/{printed.pdf.key}/"' in text
            assert f'href="/files/{printed.docx.key}/"' in text
        got = [client.get(f"/files/{each.key}/")["Content-Type"] for each in (printed.pdf, printed.docx)]
        assert got == [
            "application/pdf", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ]  # fmt: skip

    def test_says_when_the_files_no_longer_fit(
        self, world: World, application: Application, signed_in: SignedIn, today: date
    ) -> None:
        client = signed_in(world.applicant)
        address = f"/applications/{application.pk}/print/"
        client.post(address)
        run_jobs()
        Application.objects.filter(pk=application.pk).update(name="改了名的基地")
        page = client.get(address).text
        assert "生成以后申请书又有改动" in page
        assert "重新生成 PDF 和 Word</button>" in page
        client.post(address)
        run_jobs()
        assert "与现在填写的内容一致" in client.get(address).text

    def test_the_department_sees_what_was_declared_and_no_draft(
        self, world: World, application: Application, signed_in: SignedIn, today: date
    ) -> None:
        address = f"/applications/{application.pk}/print/"
        unit = signed_in(world.applicant)
        unit.post(address)
        run_jobs()
        draft = PrintedApplication.objects.get()
        assert draft.pdf is not None
        world.declare(application.base, today)
        department = signed_in(world.officer)
        department.post(f"{address}?version=1")
        run_jobs()
        declared = PrintedApplication.objects.exclude(version=None).get()
        assert declared.pdf is not None
        codes = [department.get(f"/files/{each.pdf.key}/").status_code for each in (draft, declared)]
        assert codes == [404, 200]
        assert department.get(f"{address}{draft.pk}/state/").status_code == 404
        assert "与第 1 版申报时的内容一致" in department.get(f"{address}?version=1").text

    @pytest.mark.parametrize("who", ["other_applicant", "other_unit_officer"])
    def test_does_not_exist_for_another_unit(
        self, world: World, application: Application, signed_in: SignedIn, who: str, today: date
    ) -> None:
        prints.ask(application=application, version=None, by=world.applicant, on=today)
        run_jobs()
        stored = PrintedApplication.objects.get().pdf
        assert stored is not None
        client = signed_in(getattr(world, who))
        addresses = [f"/applications/{application.pk}/print/", f"/files/{stored.key}/"]
        assert [client.get(address).status_code for address in addresses] == [404, 404]

    @pytest.mark.parametrize("who", ["partner_officer", "auditor"])
    def test_is_closed_to_those_who_read_no_telephone_numbers(
        self, world: World, application: Application, signed_in: SignedIn, who: str, today: date
    ) -> None:
        world.declare(application.base, today)
        version = application.versions.get()
        prints.ask(application=application, version=version, by=world.applicant, on=today)
        run_jobs()
        stored = PrintedApplication.objects.get().pdf
        assert stored is not None
        client = signed_in(getattr(world, who))
        addresses = [f"/applications/{application.pk}/print/?version=1", f"/files/{stored.key}/"]
        assert [client.get(address).status_code for address in addresses] == [403, 404]

    @pytest.mark.parametrize("version", ["0", "9", "x", "²", "99999"])
    def test_knows_no_version_that_was_never_declared(
        self, world: World, application: Application, signed_in: SignedIn, version: str
    ) -> None:
        client: Client = signed_in(world.applicant)
        assert client.get(f"/applications/{application.pk}/print/?version={version}").status_code == 404


def test_a_complete_paper_goes_out_to_be_signed_without_the_word_draft():
    """What is signed and sealed is printed before it is declared; it is no draft then."""
    to_sign = printing.booklet_of(paper(), fingerprint="a" * 64, declared_on=None, to_sign_on=date(2026, 11, 24))
    draft = printing.booklet_of(paper(), fingerprint="a" * 64, declared_on=None)
    assert (to_sign.draft, draft.draft) == ("", "草稿")
    assert ("未盖章" in to_sign.mark, "未盖章" in draft.mark) == (False, True)
    assert to_sign.cover[-1] == ("填报日期", "2026年11月24日")


def test_progress_is_told_although_somebody_switched_the_logger_off(content: Content) -> None:
    logging.getLogger("weasyprint.progress").disabled = True
    told: list[str] = []
    pdf_of(content, on_step=lambda percent, words: told.append(words))
    assert any(words.startswith("正在排版第") for words in told)
