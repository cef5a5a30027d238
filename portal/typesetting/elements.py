"""The elements (公文格式要素) of an official document, made from the plain values that a caller gives."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Any, Final

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


@dataclass(frozen=True)
class Annex:
    """An annex (附件); its number is empty when there is only one."""

    number: str
    name: str


def official_elements(context: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that the templates of official documents show in a form of its own.

    Reads `issuer`, `number`, `title`, `addressee`, `paragraphs`, `attachments`, `annex_title` and `columns` of the
    context; what is missing there comes out empty.
    """
    annexes = annex_list(context.get("attachments") or ())
    return {
        "mark_pt": f"{mark_size_pt(str(context.get('issuer') or '')):.2f}",
        "number": bracketed_year(str(context.get("number") or "")),
        "title_lines": title_lines(str(context.get("title") or "")),
        "addressee": str(context.get("addressee") or "").strip().rstrip("：:"),
        "paragraphs": body(context.get("paragraphs") or ()),
        "annexes": annexes,
        "annex_number": annexes[0].number if annexes else "",
        "annex_title_lines": title_lines(str(context.get("annex_title") or "")),
        "columns": [(heading, f"{float(width):.3f}") for heading, width in context.get("columns") or ()],
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


def annex_list(names: Iterable[object]) -> list[Annex]:
    """The annexes as 附件说明 lists them: numbered if there are several, without punctuation at the end."""
    cleaned = [str(name).strip().rstrip("。；;") for name in names]
    if len(cleaned) == 1:
        return [Annex("", cleaned[0])]
    return [Annex(str(number), name) for number, name in enumerate(cleaned, start=1)]


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
