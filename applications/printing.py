"""The 申请书 on paper (第八条（一）): from what it says to its PDF and its Word file. No database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext as _

from applications.content import Content, Section, Table
from portal.typesetting import chinese_date, render_booklet_as_docx, render_booklet_as_pdf
from portal.typesetting.booklet import (
    MOST_UPRIGHT_COLUMNS,
    Block,
    Booklet,
    Box,
    Column,
    Facts,
    Grid,
    Heading,
    OnStep,
    Opinion,
    Signatures,
)

COVER = "cover"
# As much of the fingerprint as can be compared by eye on a scan.
MARK_LENGTH = 12
# The running number's share of a table's width, in percent, before few columns and before many.
_NUMBER_SHARES = (6.0, 4.0)
# No column is narrower than this, however little it weighs: its heading takes some characters.
_LEAST_SHARES = (8.0, 3.4)


def as_pdf(
    content: Content, *, fingerprint: str, declared_on: date | None, on_step: OnStep, to_sign_on: date | None = None
) -> bytes:
    """The 申请书 as PDF: cover, contents, every section, and the places to sign and seal.

    ``fingerprint`` is that of the content as it was kept; every page carries its beginning, so that a signed scan can be matched with
    what was declared. ``to_sign_on`` is the day of a complete paper that goes out to be signed and sealed; without it and without
    ``declared_on`` it is a draft and says so on every page. ``on_step`` is told percent and words.
    """
    booklet = booklet_of(content, fingerprint=fingerprint, declared_on=declared_on, to_sign_on=to_sign_on)
    return render_booklet_as_pdf(booklet, on_step)


def as_docx(
    content: Content, *, fingerprint: str, declared_on: date | None, on_step: OnStep, to_sign_on: date | None = None
) -> bytes:
    """The 申请书 as a Word file: the same words in the same order as the PDF."""
    booklet = booklet_of(content, fingerprint=fingerprint, declared_on=declared_on, to_sign_on=to_sign_on)
    return render_booklet_as_docx(booklet, on_step)


def booklet_of(
    content: Content, *, fingerprint: str, declared_on: date | None, to_sign_on: date | None = None
) -> Booklet:
    """What stands on the paper, in its order."""
    mark = _("校验码 %(mark)s") % {"mark": fingerprint[:MARK_LENGTH]}
    if declared_on:
        mark = _("%(mark)s　%(day)s 申报") % {"mark": mark, "day": declared_on.isoformat()}
    elif not to_sign_on:
        mark = _("%(mark)s　系统生成，未盖章") % {"mark": mark}
    cover = content.section(COVER)
    answers = [(fact.label, fact.value) for fact in cover.facts] if cover else [(_("研究生培养单位"), content.unit)]
    filled_in_on = declared_on or to_sign_on
    day = chinese_date(filled_in_on) if filled_in_on else ""
    return Booklet(
        title=_("研究生联合培养基地申请书"),
        subtitle=_("（%(year)s 年度）") % {"year": content.year},
        subject=content.title,
        author=content.unit,
        cover=[*answers, (_("填报日期"), day)],
        blocks=list(_blocks(content)),
        mark=mark,
        draft="" if filled_in_on else _("草稿"),
        contents=_("目录"),
    )


def _blocks(content: Content) -> Iterator[Block]:
    for section in content.sections:
        if section.key != COVER:
            yield Heading(section.key, _numbered_title(section.number, section.title))
            if section.facts:
                yield Facts([(fact.label, fact.value) for fact in section.facts])
        yield from _long_answers(section)
    last = content.sections[-1].number if content.sections else ""
    yield Heading("signatures", _numbered_title(_("%(number)s（续）") % {"number": last}, _("承诺与意见")))
    yield Signatures(list(_opinions()))


def _long_answers(section: Section) -> Iterator[Block]:
    for text in section.texts:
        limit = _("（不超过 %(limit)s 字）") % {"limit": text.limit} if text.limit else ""
        yield Box(f"{text.label}{limit}", text.value)
    for table in section.tables:
        yield _grid(table)


def _numbered_title(number: str, title: str) -> str:
    """一、基本信息; a number in brackets needs no mark behind it."""
    return f"{number}{title}" if not number or number.endswith("）") else f"{number}、{title}"


def _grid(table: Table) -> Grid:
    """A table with a running number before its own columns, if it has none."""
    rows, foot, taken = table.rows, table.foot, 0.0
    many = len(table.columns) >= MOST_UPRIGHT_COLUMNS
    shown: list[Column] = []
    if not table.columns or table.columns[0].label != _("序号"):
        taken = _NUMBER_SHARES[many]
        shown = [Column(_("序号"), taken, numeric=True)]
        rows = [[str(number), *row] for number, row in enumerate(rows, start=1)]
        # The word 合计 moves to the front and takes the columns up to the first sum.
        foot = [foot[0], "", *foot[1:]] if foot else []
    whole = sum(column.weight for column in table.columns)
    shares = [max(_LEAST_SHARES[many], (100 - taken) * column.weight / whole) for column in table.columns]
    fitting = (100 - taken) / sum(shares)
    shown += [
        Column(column.label, share * fitting, column.numeric)
        for column, share in zip(table.columns, shares, strict=True)
    ]
    return Grid(table.label, shown, rows, foot)


def _opinions() -> Iterator[Opinion]:
    seal, head = _("（单位公章）"), _("负责人（签字）：")
    yield Opinion(
        _("申报人承诺"),
        _(
            "本人承诺：本申请书及所附协议、投入情况汇总表、培养研究生名单等材料内容真实、准确、完整，能够查证；所填合作单位、导师和研究生的情况"
            "已与有关单位和本人核对。如有不实，愿意承担由此产生的责任，并接受终止申报、取消资格的处理。"
        ),
        [_("申报人（签字）：")],
    )
    yield Opinion(_("依托学院意见"), _("对申报材料是否属实、能否保障基地建设的意见："), [head, seal])
    yield Opinion(_("合作单位意见"), _("对合作与投入情况是否属实、是否同意共建基地的意见："), [head, seal])
    yield Opinion(_("研究生培养单位意见"), _("审核意见："), [head, seal])
