"""A booklet as a Word file: real heading styles, tables whose heads repeat, page numbers as fields.

The tables are written as elements: python-docx looks every cell up anew, which takes minutes for a roster of thousands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Final
from xml.sax.saxutils import escape

from django.utils.translation import gettext as _
from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import parse_xml
from docx.shared import Mm, Pt, RGBColor

from portal.typesetting import grid
from portal.typesetting.booklet import Block, Booklet, Box, Facts, Grid, Heading, OnStep, Opinion, Signatures
from portal.typesetting.characters import printable

# The names under which Word knows its Chinese fonts, and the ones that stand in for them elsewhere.
_FONTS: Final = {
    "仿宋": ("FangSong", "仿宋_GB2312", "LXGW WenKai Light"),
    "黑体": ("SimHei", "STHeiti", "Noto Sans CJK SC"),
    "宋体": ("SimSun", "STSong", "Noto Serif CJK SC"),
}
_LATIN: Final = "Times New Roman"
_TWIPS_PER_MM: Final = 1440 / 25.4
_LABEL_SHARE, _VALUE_SHARE = 21, 29
# The turned page has 249 mm of text, the upright one the block of the standard.
_TURNED_WIDTH_MM: Final = 249.0
_NAMESPACE: Final = nsdecls("w")
# Twips: what people write their opinion in, and what they sign in.
_OPINION_HEIGHT, _SIGNING_HEIGHT = 3300, 2100


def booklet_as_docx(booklet: Booklet, on_step: OnStep) -> bytes:
    """A booklet as a Word file; the contents are a field that Word fills with page numbers when the file is opened."""
    return _Writer(booklet, on_step).written()


class _Writer:
    """One Word file, written from its cover to where people sign."""

    def __init__(self, booklet: Booklet, on_step: OnStep) -> None:
        self._booklet = booklet
        self._on_step = on_step
        self._document: Any = Document()
        self._turned = False

    def written(self) -> bytes:
        """The bytes of the file."""
        self._set_styles()
        self._set_properties()
        self._cover()
        self._contents()
        self._begin_body()
        placed = self._booklet.placed()
        for number, each in enumerate(placed):
            self._on_step(95 * number // len(placed), _("正在编排 Word 文件"))
            if each.turned != self._turned:
                self._turn(each.turned)
            self._block(each.block, each.new_page)
        self._on_step(95, _("正在写入 Word 文件"))
        out = BytesIO()
        self._document.save(out)
        return out.getvalue()

    # What the file says of itself

    def _set_properties(self) -> None:
        core = self._document.core_properties
        booklet = self._booklet
        core.title, core.author, core.subject = booklet.title, printable(booklet.author), printable(booklet.subject)
        core.comments, core.language = booklet.mark, "zh-CN"
        core.created = core.modified = datetime.now(UTC)

    def _set_styles(self) -> None:
        document = self._document
        defaults = document.styles.element.find(qn("w:docDefaults"))
        defaults.find(f".//{qn('w:lang')}").set(qn("w:eastAsia"), "zh-CN")
        _font(document.styles["Normal"], "仿宋", 12, space=(0, 0), line=21)
        _font(document.styles["Title"], "宋体", 30, bold=True, space=(96, 20), line=44, centred=True)
        _font(document.styles["Subtitle"], "仿宋", 18, space=(0, 72), line=30, centred=True)
        _font(document.styles["Heading 1"], "黑体", 16, space=(18, 8), line=24, keep=True)
        _font(document.styles["Heading 2"], "黑体", 12, space=(10, 4), line=18, keep=True)
        for name, family, size, line in (
            ("表格文字", "宋体", 9, 13), ("表格题头", "黑体", 9, 13),
            ("名单文字", "宋体", 8, 11),
            ("名单题头", "黑体", 8, 11), ("答复文字", "宋体", 10.5, 15),
            ("答复题头", "黑体", 10.5, 15), ("封面文字", "仿宋", 14, 20), ("目录标题", "黑体", 22, 32), ("页脚文字", "宋体", 14, 16),
        ):  # fmt: skip
            style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            style.base_style = document.styles["Normal"]
            _font(style, family, size, space=(0, 0), line=line)
        contents = document.styles.add_style("toc 1", WD_STYLE_TYPE.PARAGRAPH)
        contents.base_style = document.styles["Normal"]
        _font(contents, "仿宋", 14, space=(0, 0), line=28)
        self._name_the_fonts()

    def _name_the_fonts(self) -> None:
        """Tell Word which fonts may stand in where one is not installed."""
        named = "".join(
            f'<w:font w:name="{name}"><w:altName w:val="{",".join(others)}"/><w:charset w:val="86"/>'
            '<w:family w:val="auto"/></w:font>'
            for name, others in _FONTS.items()
        )
        table = next(
            r.target_part for r in self._document.part.rels.values() if r.reltype == RELATIONSHIP_TYPE.FONT_TABLE
        )
        table._blob = table.blob.replace(b"</w:fonts>", named.encode() + b"</w:fonts>")

    # The pages

    def _page(self, section: Any, *, turned: bool) -> None:
        section.page_width, section.page_height = (Mm(297), Mm(210)) if turned else (Mm(210), Mm(297))
        section.orientation = WD_ORIENT.LANDSCAPE if turned else WD_ORIENT.PORTRAIT
        if turned:
            section.top_margin, section.bottom_margin = Mm(28), Mm(26)
            section.left_margin = section.right_margin = Mm(24)
        else:
            section.top_margin = section.bottom_margin = Mm(30)
            section.left_margin, section.right_margin = Mm(28), Mm(26)
        section.header_distance, section.footer_distance = Mm(18), Mm(14)

    def _turn(self, turned: bool) -> None:
        if not self._is_at_a_break():
            section = self._new_section()
            _drop(section._sectPr, "w:pgNumType")
        self._page(self._document.sections[-1], turned=turned)
        self._feet(self._document.sections[-1], turned)
        self._turned = turned

    def _is_at_a_break(self) -> bool:
        """True where nothing stands behind the last break: another one would leave an empty page."""
        return self._document.element.body[-2].find(f".//{qn('w:sectPr')}") is not None

    def _new_section(self) -> Any:
        section = self._document.add_section(WD_SECTION.NEW_PAGE)
        # The paragraph that carries the break must not flow over to a page of its own.
        _make_tiny(self._document.paragraphs[-1])
        return section

    def _begin_body(self) -> None:
        section = self._new_section()
        self._page(section, turned=False)
        start = OxmlElement("w:pgNumType")
        start.set(qn("w:start"), "1")
        _drop(section._sectPr, "w:pgNumType")
        section._sectPr.append(start)
        self._feet(section, False)

    def _feet(self, section: Any, turned: bool) -> None:
        """The page number at the outer edge, the mark at the inner one."""
        width = Mm(_TURNED_WIDTH_MM if turned else grid.BLOCK_WIDTH_MM)
        for footer, odd in ((section.footer, True), (section.even_page_footer, False)):
            footer.is_linked_to_previous = False
            line = footer.paragraphs[0]
            line.style = self._document.styles["页脚文字"]
            line.paragraph_format.tab_stops.add_tab_stop(width, WD_TAB_ALIGNMENT.RIGHT)
            if odd:
                _small(line, f"{self._booklet.mark}\t")
            line.add_run("— ")
            _field(line, "PAGE", "1")
            line.add_run(" —")
            if not odd:
                _small(line, f"\t{self._booklet.mark}")

    def _cover(self) -> None:
        booklet, document = self._booklet, self._document
        document.settings.odd_and_even_pages_header_footer = True
        section = document.sections[0]
        self._page(section, turned=False)
        for footer in (section.footer, section.even_page_footer):
            footer.paragraphs[0].style = document.styles["页脚文字"]
            _small(footer.paragraphs[0], booklet.mark)
        if booklet.draft:
            for header in (section.header, section.even_page_header):
                header.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
                run = header.paragraphs[0].add_run(booklet.draft)
                run.font.color.rgb = RGBColor(0xB0, 0x3A, 0x2E)
        document.add_paragraph(booklet.title, style="Title")
        document.add_paragraph(booklet.subtitle, style="Subtitle")
        rows = [
            _row(_cell([label], 2380, "封面文字", align="distribute", borders="")
                 + _cell([value], 5216, "封面文字", align="center", borders="bottom"))
            for label, value in booklet.cover
        ]  # fmt: skip
        self._add_table([2380, 5216], rows, centred=True)

    def _contents(self) -> None:
        """The contents as a field: its entries lead to the headings, Word fills in the pages when it opens the file."""
        heading = self._document.add_paragraph(self._booklet.contents, style="目录标题")
        heading.alignment, heading.paragraph_format.page_break_before = WD_ALIGN_PARAGRAPH.CENTER, True
        heading.paragraph_format.space_after = Pt(20)
        line = self._document.add_paragraph(style="toc 1")
        _field_begins(line, ' TOC \\o "1-1" \\h \\z \\u ', dirty=True)
        for number, each in enumerate(self._booklet.headings):
            if number:
                line = self._document.add_paragraph(style="toc 1")
            link = OxmlElement("w:hyperlink")
            link.set(qn("w:anchor"), _bookmark(each))
            link.append(line.add_run(each.text)._r)
            line._p.append(link)
        _field_ends(line)

    # The blocks

    def _block(self, block: Block, new_page: bool) -> None:
        match block:
            case Heading():
                line = self._document.add_paragraph(style="Heading 1")
                line.paragraph_format.page_break_before = new_page or None
                _bookmarked(line, block)
            case Facts():
                self._facts(block)
            case Box():
                self._document.add_paragraph(block.label, style="Heading 2")
                self._add_table(
                    [self._width], [_row(_cell(block.paragraphs, self._width, "Normal", indent=True), split=True)]
                )
            case Grid():
                self._grid(block)
            case Signatures():
                rows = [row for opinion in block.opinions for row in _opinion(opinion, self._width)]
                self._add_table([self._width], rows)
                _make_tiny(self._document.add_paragraph())

    @property
    def _width(self) -> int:
        return round((_TURNED_WIDTH_MM if self._turned else grid.BLOCK_WIDTH_MM) * _TWIPS_PER_MM)

    def _facts(self, facts: Facts) -> None:
        label, value = (self._width * share // 100 for share in (_LABEL_SHARE, _VALUE_SHARE))
        rows = []
        for line in facts.lines:
            alone = len(line) == 1
            cells = [
                _cell([name], label, "答复题头", shaded=True)
                + _cell(text.splitlines(), value + (label + value) * alone, "答复文字", span=3 if alone else 1)
                for name, text in line
            ]
            rows.append(_row("".join(cells)))
        self._add_table([label, value, label, value], rows)

    def _grid(self, table: Grid) -> None:
        if table.label:
            self._document.add_paragraph(table.label, style="Heading 2")
        widths = [round(self._width * column.share / 100) for column in table.columns]
        text_style, head_style = ("名单文字", "名单题头") if table.is_wide else ("表格文字", "表格题头")
        head = [
            _cell([column.heading], width, head_style, align="center", shaded=True)
            for column, width in zip(table.columns, widths, strict=True)
        ]
        rows = [_row("".join(head), head=True)]
        for cells in table.cells:
            rows.append(
                _row("".join(
                    _cell(text.splitlines(), width, text_style, align="right" if numeric else "")
                    for (text, numeric), width in zip(cells, widths, strict=True)
                ))
            )  # fmt: skip
        if not table.rows:
            rows.append(_row(_cell([table.nothing], self._width, text_style, align="center", span=len(widths))))
        if table.foot:
            at, foot = 0, ""
            for text, numeric, span in table.foot_cells:
                width = sum(widths[at : at + span])
                foot += _cell([text], width, head_style, align="right" if numeric else "", span=span)
                at += span
            rows.append(_row(foot))
        self._add_table(widths, rows)

    def _add_table(self, widths: Sequence[int], rows: Iterable[str], *, centred: bool = False) -> None:
        columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
        table = (
            f'<w:tbl {_NAMESPACE}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
            f"{'<w:jc w:val=' + chr(34) + 'center' + chr(34) + '/>' if centred else ''}"
            '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:top w:w="40" w:type="dxa"/><w:left w:w="60" w:type="dxa"/>'
            '<w:bottom w:w="40" w:type="dxa"/><w:right w:w="60" w:type="dxa"/>'
            f"</w:tblCellMar></w:tblPr><w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>"
        )
        body = self._document.element.body
        body.insert(len(body) - 1, parse_xml(table))


def _row(cells: str, *, head: bool = False, split: bool = False, height: int = 0) -> str:
    """A row that is not cut, unless it may split; a head is repeated on every page."""
    marks = [
        "" if split else "<w:cantSplit/>",
        f'<w:trHeight w:val="{height}" w:hRule="atLeast"/>' if height else "",
        "<w:tblHeader/>" if head else "",
    ]
    return f"<w:tr><w:trPr>{''.join(marks)}</w:trPr>{cells}</w:tr>"


def _ruled(sides: str) -> str:
    lines = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>' for side in sides.split())
    return f"<w:tcBorders>{lines}</w:tcBorders>"


def _cell(
    paragraphs: Sequence[str], width: int, style: str, *, align: str = "", span: int = 1, shaded: bool = False,
    indent: bool = False, borders: str = "top left bottom right",
) -> str:  # fmt: skip
    place = "bottom" if borders == "bottom" else "top" if indent else "center"
    properties = (
        f'<w:tcW w:w="{width}" w:type="dxa"/>'
        + (f'<w:gridSpan w:val="{span}"/>' if span > 1 else "")
        + _ruled(borders)
        + ('<w:shd w:val="clear" w:color="auto" w:fill="F2F2F2"/>' if shaded else "")
        + f'<w:vAlign w:val="{place}"/>'
    )
    written = "".join(_paragraph(text, style, align, indent) for text in (paragraphs or [""]))
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{written}</w:tc>"


def _paragraph(text: str, style: str, align: str = "", indent: bool = False, keep: bool = False) -> str:
    marks = (
        f'<w:pStyle w:val="{style}"/>'
        + ("<w:keepNext/>" if keep else "")
        + ('<w:ind w:firstLineChars="200" w:firstLine="480"/>' if indent else "")
        + (f'<w:jc w:val="{align}"/>' if align else "")
    )
    run = f'<w:r><w:t xml:space="preserve">{escape(printable(text))}</w:t></w:r>' if text else ""
    return f"<w:p><w:pPr>{marks}</w:pPr>{run}</w:p>"


def _opinion(opinion: Opinion, width: int) -> Iterator[str]:
    """A frame in two rows that stay together: what is written, and below it who signs and when."""
    words = _paragraph(opinion.title, "答复题头", keep=True) + _paragraph(
        opinion.words, "Normal", indent=True, keep=True
    )
    signs = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="Normal"/><w:spacing w:line="560" w:lineRule="exact"/><w:ind w:left="{left}"/></w:pPr>'
        f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'
        for text, left in [*((each, 4000) for each in opinion.signs), (_("年　　　月　　　日"), 5600)]
    )
    for content, borders, place, height in (
        (words, "top left right", "top", _OPINION_HEIGHT), (signs, "left bottom right", "bottom", _SIGNING_HEIGHT),
    ):  # fmt: skip
        yield _row(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{_ruled(borders)}'
            f'<w:tcMar><w:top w:w="120" w:type="dxa"/><w:bottom w:w="120" w:type="dxa"/></w:tcMar><w:vAlign w:val="{place}"/></w:tcPr>'
            f"{content}</w:tc>",
            height=height,
        )


def _font(
    style: Any, family: str, size: float, *, bold: bool = False, space: tuple[float, float] | None = None, line: float = 0,
    centred: bool = False, keep: bool = False,
) -> None:  # fmt: skip
    """Set a style's Chinese and Latin fonts (the theme's would win over them), its size, colour and spacing."""
    style.font.name, style.font.size, style.font.bold, style.font.italic = _LATIN, Pt(size), bold, False
    style.font.color.rgb = RGBColor(0, 0, 0)
    properties = style.element.get_or_add_rPr()
    fonts = properties.find(qn("w:rFonts"))
    for name in list(fonts.attrib):
        if name.endswith("Theme"):
            del fonts.attrib[name]
    for kind, name in (("ascii", _LATIN), ("hAnsi", _LATIN), ("cs", _LATIN), ("eastAsia", family)):
        fonts.set(qn(f"w:{kind}"), name)
    _drop(properties, "w:spacing")
    layout = style.paragraph_format
    if space is not None:
        layout.space_before, layout.space_after = Pt(space[0]), Pt(space[1])
    if line:
        layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.AT_LEAST, Pt(line)
    layout.alignment = WD_ALIGN_PARAGRAPH.CENTER if centred else None
    layout.keep_with_next = keep or None
    # The template rules a line under titles.
    _drop(style.element.get_or_add_pPr(), "w:pBdr")


def _drop(element: Any, tag: str) -> None:
    for found in element.findall(qn(tag)):
        element.remove(found)


def _small(line: Any, text: str) -> None:
    run = line.add_run(text)
    run.font.size = Pt(9)


def _make_tiny(paragraph: Any) -> None:
    layout = paragraph.paragraph_format
    layout.space_before = layout.space_after = Pt(0)
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(1)


def _field(line: Any, code: str, shown: str) -> None:
    _field_begins(line, f" {code} ")
    line.add_run(shown)
    _field_ends(line)


def _field_begins(line: Any, code: str, *, dirty: bool = False) -> None:
    _field_mark(line, "begin", dirty=dirty)
    run = OxmlElement("w:instrText")
    run.set(qn("xml:space"), "preserve")
    run.text = code
    line.add_run()._r.append(run)
    _field_mark(line, "separate")


def _field_ends(line: Any) -> None:
    _field_mark(line, "end")


def _field_mark(line: Any, kind: str, *, dirty: bool = False) -> None:
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    if dirty:
        mark.set(qn("w:dirty"), "true")
    line.add_run()._r.append(mark)


def _bookmark(heading: Heading) -> str:
    return f"_Toc_{heading.key}"


def _bookmarked(line: Any, heading: Heading) -> None:
    """The heading's text inside its bookmark, to which the contents lead."""
    number = str(len(line.part.element.findall(f".//{qn('w:bookmarkStart')}")))
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for mark in (start, end):
        mark.set(qn("w:id"), number)
    start.set(qn("w:name"), _bookmark(heading))
    line._p.append(start)
    line.add_run(heading.text)
    line._p.append(end)
