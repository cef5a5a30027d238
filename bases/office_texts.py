"""The kinds of wording that an office edits: which words are filled in, which must not be missing, and the portal's own proposal.

A floor registers its kinds in ``AppConfig.ready()``, as it does with acts:

    register(TextKind(
        key="revocation", label=_("撤销决定"), articles="19 20", words={"基地名称": _("…")}, required=frozenset({"基地名称"}),
        default_title=_("关于撤销【基地名称】的决定"), default_text=_("…")))

and takes the wording by ``bases.services.office_texts.wording(kind, issuer_unit, values)``. Words stand in 【】. No database here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

Text = str | Promise

DEPARTMENT, UNIT = "department", "unit"

# Words that several kinds share; a service names them in the values that it fills in.
YEAR: Final = "年度"
BASE: Final = "基地名称"
TRAINING_UNIT: Final = "培养单位"
PARTNER: Final = "合作单位"
NUMBER: Final = "文号"
BASES_COUNT: Final = "基地数"
PUBLISHED_ON: Final = "公布日期"
PERIOD_END: Final = "建设期满"
OPENED_ON: Final = "启动日期"
GRADE: Final = "等级"
NEXT_DUE: Final = "下次考核日期"
TITLE_LOST: Final = "称号处理"
SHARED_WORDS: Final[Mapping[str, Text]] = {
    YEAR: _lazy("年度，如 2026"),
    BASE: _lazy("基地的名称"),
    TRAINING_UNIT: _lazy("研究生培养单位的名称"),
    PARTNER: _lazy("校外合作单位的名称"),
    NUMBER: _lazy("所依据文件的文号"),
    BASES_COUNT: _lazy("所列基地的个数"),
    PUBLISHED_ON: _lazy("公布日期，建设期自这一天起算"),
    PERIOD_END: _lazy("建设期满的日期"),
    OPENED_ON: _lazy("考核或者复评启动的日期"),
    GRADE: _lazy("评定的等级"),
    NEXT_DUE: _lazy("下次考核启动的日期"),
    TITLE_LOST: _lazy("示范基地称号随之取消的一句话；没有称号时为空"),
}
SHARED_EXAMPLES: Final[Mapping[str, Text]] = {
    YEAR: "2026",
    BASE: _lazy("草原大学智能装备联合培养基地"),
    TRAINING_UNIT: _lazy("草原大学"),
    PARTNER: _lazy("草原装备有限公司"),
    NUMBER: _lazy("教研函〔2026〕8号"),
    BASES_COUNT: "12",
    PUBLISHED_ON: _lazy("2026年11月24日"),
    PERIOD_END: _lazy("2029年11月24日"),
    OPENED_ON: _lazy("2026年9月1日"),
    GRADE: _lazy("合格"),
    NEXT_DUE: _lazy("2029年9月1日"),
    TITLE_LOST: "",
}


def words(*names: str) -> dict[str, Text]:
    """What is filled in for each of these shared words."""
    return {name: SHARED_WORDS[name] for name in names}


TITLE_MAX, TEXT_MAX = 200, 5000
_WORD: Final = re.compile(r"【([^【】]*)】")


@dataclass(frozen=True)
class TextKind:
    """One kind of wording. ``words`` says of each placeholder what is filled in; ``examples`` fill the preview.

    ``required`` words must stand in the title or the text; a title follows ``title_form`` (关于……的公示); ``office`` says whose text it is: the department's or each unit's.
    """

    key: str
    label: Text
    articles: str
    words: Mapping[str, Text]
    required: frozenset[str]
    default_title: Text
    default_text: Text
    office: str = DEPARTMENT
    title_max: int = TITLE_MAX
    text_max: int = TEXT_MAX
    title_form: Text = ""
    examples: Mapping[str, Text] = field(default_factory=dict)


_kinds: dict[str, TextKind] = {}


def register(kind: TextKind) -> None:
    """Add a kind under its key. Raises ValueError for a default that its own rules refuse."""
    reasons = list(_unknown(kind, f"{kind.default_title}{kind.default_text}"))
    missing = kind.required - _found(f"{kind.default_title}{kind.default_text}")
    if reasons or missing:
        raise ValueError(kind.key, reasons, missing)
    _kinds[kind.key] = kind


def get(key: str) -> TextKind | None:
    """The kind of that key."""
    return _kinds.get(key)


def of_office(office: str) -> list[TextKind]:
    """The kinds that the department edits, or those that each unit edits, in the order in which they were registered."""
    return [kind for kind in _kinds.values() if kind.office == office]


def reasons_against(kind: TextKind, title: str, text: str) -> dict[str, list[str]]:
    """Why a wording cannot be used, in Chinese, by field: ``title`` or ``text``; empty when it can."""
    found: dict[str, list[str]] = {"title": list(_unknown(kind, title)), "text": list(_unknown(kind, text))}
    if "\n" in title.strip():
        found["title"].append(_("标题不能分行。"))
    found["title"] += _too_long(title, kind.title_max)
    found["text"] += _too_long(text, kind.text_max)
    begins, _dots, ends = str(kind.title_form).partition("……")
    if not (title.strip().startswith(begins) and title.strip().endswith(ends)):
        found["title"].append(_("标题写作“%(form)s”。") % {"form": kind.title_form})
    there = _found(title + text)
    for word in (word for word in kind.words if word in kind.required and word not in there):
        found["text"].append(
            _("正文还缺“【%(word)s】”（%(what)s），请写在标题或者正文中。") % {"word": word, "what": kind.words[word]}
        )
    return {name: reasons for name, reasons in found.items() if reasons}


def _too_long(text: str, limit: int) -> list[str]:
    over = len(text) - limit
    return [_("最多 %(limit)s 字，多出 %(over)s 字，请删减。") % {"limit": limit, "over": over}] if over > 0 else []


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its words filled in. Raises KeyError for a word that has no value."""
    return _WORD.sub(lambda found: values[found[1]], text)


def paragraphs(text: str) -> list[str]:
    """A text as paragraphs, one a line; a line that came out empty is none."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def example_values(kind: TextKind) -> dict[str, str]:
    """What stands in the preview: an example of each word, or what it means."""
    known = {**SHARED_EXAMPLES, **kind.examples}
    return {word: str(known.get(word, what)) for word, what in kind.words.items()}


def _found(text: str) -> set[str]:
    return set(_WORD.findall(text))


def _unknown(kind: TextKind, text: str) -> Iterator[str]:
    for word in sorted(_found(text) - set(kind.words)):
        yield _("没有“【%(word)s】”这个填充项，只能使用下面列出的填充项。") % {"word": word}
    if re.search(r"[【】]", _WORD.sub("", text)):
        yield _("“【”和“】”没有成对，请核对。")
