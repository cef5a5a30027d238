"""The elements (公文格式要素) of an official document, made from the plain values that a caller gives."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Any, Final, Required, TypedDict

from django.utils.translation import gettext as _

from portal.typesetting import grid

MARK_LARGEST_PT: Final = 45.0
MARK_SMALLEST_PT: Final = 26.0
_MARK_WIDTH_SHARE: Final = 0.94

# The digits of 小标宋 and of Noto Serif are a little wider than half a character.
_HALF_WIDTH_EMS: Final = 0.6
TITLE_CHARACTERS: Final = int(grid.BLOCK_WIDTH_PT // grid.SIZE_2_PT)

_LEVELS: Final = (
    ("first", re.compile(r"[一二三四五六七八九十百]+、")),
    ("second", re.compile(r"[（(][一二三四五六七八九十百]+[）)]")),
)
_YEAR: Final = re.compile(r"[\[［(（【〔](\d{4})[\]］)）】〕]")
_NOT_AT_LINE_START: Final = frozenset("，。、；：！？）》〉」』】〕”’…—·的等")
_NOT_AT_LINE_END: Final = frozenset("（《〈「『【〔“‘")
_BREAKS_WELL: Final = frozenset("，、；：）》”的和与及暨对度批届")
_WORDS: Final = (
    "内蒙古自治区", "自治区", "教育厅", "研究生院", "研究生", "联合培养", "基地", "大学", "学院", "公司",
    "申报", "推荐", "评审", "认定", "名单", "评估", "考核", "结果", "示范", "年度", "撤销", "整改",
)  # fmt: skip
_TITLE_END: Final = re.compile(r"的?(?:公示|公告|通知|通报|决定|意见|批复|函|报告|请示)$")


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of the body: `lead` is set in the type of its level, `rest` in the type of the body."""

    level: str
    lead: str
    rest: str


class Annex(TypedDict, total=False):
    """An annex (附件) that is set with its document: a text, a table, or a table below a text.

    `paragraphs` are the text. `columns` are headings with their shares of the width, `rows` the cells of each row as text,
    `foot` the cells of the last row, each with the number of columns that it takes. `wide` lays the page across.
    """

    title: Required[str]
    paragraphs: Iterable[str]
    columns: Iterable[tuple[object, float]]
    rows: Iterable[Sequence[object]]
    foot: Iterable[tuple[int, object]]
    wide: bool


@dataclass(frozen=True)
class ListedAnnex:
    """An annex (附件) as 附件说明 lists it; its number is empty when there is only one."""

    number: str
    name: str


def official_elements(context: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that the templates of official documents show in a form of its own.

    Reads `issuer`, `number`, `title`, `addressee`, `paragraphs`, `annexes`, `attachments`, `copies`, `printed_by`,
    `printed_on` and `signed` of the context; what is missing there comes out empty.
    """
    return {
        "mark_pt": f"{mark_size_pt(str(context.get('issuer') or '')):.2f}",
        "number": bracketed_year(str(context.get("number") or "")),
        "title_lines": title_lines(str(context.get("title") or "")),
        "addressee": str(context.get("addressee") or "").strip().rstrip("：:"),
        "paragraphs": body(context.get("paragraphs") or ()),
        "annexes": listed_annexes(context),
        "colophon": colophon(context),
        "imprint": imprint(context),
    }


def listed_annexes(context: Mapping[str, Any]) -> list[ListedAnnex]:
    """What 附件说明 lists: the annexes set with the document, then the `attachments` that lie beside it."""
    titles = [annex["title"] for annex in context.get("annexes") or ()]
    return annex_list([*titles, *(name for name in context.get("attachments") or () if name not in titles)])


def annex_labels(context: Mapping[str, Any]) -> list[str]:
    """What stands above the titles of the annexes set with the document: 附件, or 附件1 where there are several."""
    listed = listed_annexes(context)
    return [_("附件%(number)s") % {"number": annex.number} for annex in listed[: len(context.get("annexes") or ())]]


def imprint(context: Mapping[str, Any]) -> list[str]:
    """The lines at the foot of every page: that nobody has sealed it. The code of verification is stamped on the finished pages."""
    return [] if context.get("signed") else [_("系统生成，未盖章")]


def colophon(context: Mapping[str, Any]) -> dict[str, str] | None:
    """The 版记: who gets a copy (`copies`, 抄送), who printed the document (`printed_by`, else the issuer) and when; None without either."""
    copies = _("、").join(str(name).strip() for name in context.get("copies") or ())
    printed_on = context.get("printed_on")
    if not copies and not printed_on:
        return None
    return {
        "copies": _("抄送：%(names)s。") % {"names": copies} if copies else "",
        "printed_by": str(context.get("printed_by") or context.get("issuer") or ""),
        "printed_on": _("%(day)s印发") % {"day": chinese_date(printed_on)} if printed_on else "",
    }


def mark_size_pt(issuer: str) -> float:
    """The type size of the issuer mark (发文机关标志), in points: as large as one line allows, within limits."""
    if not issuer:
        return MARK_LARGEST_PT
    return max(MARK_SMALLEST_PT, min(MARK_LARGEST_PT, grid.BLOCK_WIDTH_PT * _MARK_WIDTH_SHARE / len(issuer)))


def bracketed_year(number: str) -> str:
    """A document number (发文字号) with its year in 六角括号: 内教研发〔2026〕8号."""
    return _YEAR.sub(r"〔\1〕", number.strip())


def body(paragraphs: Iterable[object]) -> list[Paragraph]:
    """The paragraphs with their levels: 一、 is the first, （一） the second.

    A heading that goes on with text after its first full stop is set in the type of its level up to there only.
    """
    result = []
    for text in (str(paragraph).strip() for paragraph in paragraphs):
        level = next((name for name, pattern in _LEVELS if pattern.match(text)), "")
        if not level:
            result.append(Paragraph("", "", text))
            continue
        heading, stop, rest = text.partition("。")
        result.append(Paragraph(level, heading + stop, rest))
    return result


def annex_list(names: Iterable[object]) -> list[ListedAnnex]:
    """The annexes as 附件说明 lists them: numbered if there are several, without punctuation at the end."""
    cleaned = [str(name).strip().rstrip("。；;") for name in names]
    if len(cleaned) == 1:
        return [ListedAnnex("", cleaned[0])]
    return [ListedAnnex(str(number), name) for number, name in enumerate(cleaned, start=1)]


def title_lines(title: str) -> list[str]:
    """A title in lines of about one length that keep words together (回行时词意完整，排列对称).

    A line holds 20 characters of 2号 type. Breaks stand after particles and punctuation where there is one near by,
    never inside a number or a Latin word, before a closing mark, or inside the closing 的公示 (的通知 …), and
    seldom inside a word of the field.
    """
    title = " ".join(title.split())
    width = _ems(title)
    count = ceil(width / TITLE_CHARACTERS)
    lines = []
    while title and count > 1:
        at = _break_near(title, count)
        lines.append(title[:at].strip())
        title = title[at:].strip()
        count = max(count - 1, ceil(_ems(title) / TITLE_CHARACTERS))
    return [*lines, title] if title else lines


def _ems(text: str) -> float:
    return sum(_HALF_WIDTH_EMS if character.isascii() else 1.0 for character in text)


def _break_near(title: str, count: int) -> int:
    ending = _TITLE_END.search(title)
    last = ending.start() if ending else len(title) - 1
    places = [at for at in range(1, last + 1) if _ems(title[:at]) <= TITLE_CHARACTERS and _may_break(title, at)]
    if not places:
        return min(len(title), TITLE_CHARACTERS)
    rest_ems = TITLE_CHARACTERS * (count - 1)
    places = [at for at in places if _ems(title[at:]) <= rest_ems] or places
    target_ems = _ems(title) / count

    def badness(at: int) -> float:
        distance = abs(_ems(title[:at]) - target_ems)
        return distance + (0 if title[at - 1] in _BREAKS_WELL else 3) + (10 if _inside_word(title, at) else 0)

    return min(places, key=badness)


def _inside_word(title: str, at: int) -> bool:
    return any(title.startswith(word, at - split) for word in _WORDS for split in range(1, min(len(word), at + 1)))


def _may_break(title: str, at: int) -> bool:
    before, after = title[at - 1], title[at]
    if before in _NOT_AT_LINE_END or after in _NOT_AT_LINE_START:
        return False
    return not (before.isascii() and before.isalnum() and (after.isascii() or after in "年月日号届批次"))


def chinese_date(day: date) -> str:
    """2026年11月24日, without leading zeros."""
    return f"{day.year}年{day.month}月{day.day}日"
