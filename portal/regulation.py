"""The regulation behind the portal: six chapters, twenty-three articles, and what each asks for in our own words.

The official wording is not part of the project: ``parse`` reads it from a text file, ``load_regulation`` stores it.
"""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from types import MappingProxyType

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from portal.roles import PUBLIC, Role, role_label

_DIGITS = "一二三四五六七八九"


def numeral(number: int) -> str:
    """A number from 1 to 99 as the regulation counts it: 23 is 二十三."""
    tens, ones = divmod(number, 10)
    if not 0 < number < 100:
        raise ValueError(number)
    return ("" if tens < 2 else _DIGITS[tens - 1]) + ("十" if tens else "") + (_DIGITS[ones - 1] if ones else "")


_NUMBERS = {numeral(number): number for number in range(1, 100)}

# One role each, to be added up.
_APPLICANT, _UNIT, _PARTNER = (Role.APPLICANT.value,), (Role.UNIT_OFFICER.value,), (Role.PARTNER_OFFICER.value,)
_EXPERT, _OFFICER, _LEADER = (Role.EXPERT.value,), (Role.DEPT_OFFICER.value,), (Role.DEPT_LEADER.value,)
_PUBLIC = (PUBLIC,)
_EVERYONE = (*Role.values, PUBLIC)


@dataclass(frozen=True)
class Provision(ABC):
    """What articles and items have in common; titles and digests are translatable source strings."""

    title: str
    digest: str
    roles: tuple[str, ...]

    @property
    @abstractmethod
    def key(self) -> str:
        """How code names it: "8" or "8(2)"."""

    @property
    @abstractmethod
    def label(self) -> str:
        """How the screen names it: 第八条 or 第八条（二）."""

    @property
    def anchor(self) -> str:
        """Its place on the regulation's page: art-8 or art-8-2. Links from outside rely on it."""
        return "art-" + self.key.replace("(", "-").rstrip(")")

    @property
    def concerns(self) -> str:
        """Whom it concerns, as named on the screen."""
        if self.roles == _EVERYONE:
            return gettext("所有人")
        return "、".join(role_label(role) for role in self.roles)


@dataclass(frozen=True)
class Item(Provision):
    """An item (项) of an article, such as 第八条（二）."""

    article: int
    number: int

    @property
    def key(self) -> str:
        return f"{self.article}({self.number})"

    @property
    def label(self) -> str:
        return gettext("第%(article)s条（%(item)s）") % {"article": numeral(self.article), "item": numeral(self.number)}


@dataclass(frozen=True)
class Article(Provision):
    """An article (条), such as 第八条; only the seventh and the eighth have items."""

    number: int
    items: tuple[Item, ...] = ()

    @property
    def key(self) -> str:
        return str(self.number)

    @property
    def label(self) -> str:
        return gettext("第%(article)s条") % {"article": numeral(self.number)}


@dataclass(frozen=True)
class Chapter:
    """A chapter with its official title."""

    number: int
    title: str
    articles: tuple[Article, ...]

    @property
    def anchor(self) -> str:
        return f"chapter-{self.number}"

    @property
    def label(self) -> str:
        return gettext("第%(chapter)s章") % {"chapter": numeral(self.number)}


def _article(number: int, title: str, digest: str, roles: tuple[str, ...], *items: Item) -> Article:
    return Article(title, digest, roles, number, items)


def _item(article: int, number: int, title: str, digest: str, roles: tuple[str, ...]) -> Item:
    return Item(title, digest, roles, article, number)


TITLE = _("内蒙古自治区研究生联合培养基地建设管理办法（试行）")

_CHAPTERS = (
    Chapter(
        1,
        _("总则"),
        (
            _article(
                1,
                _("制定依据与目的"),
                _(
                    "依据国家有关文件（教研〔2020〕9号、学位〔2020〕20号、教研〔2015〕1号等），并考虑自治区的实际情况，"
                    "对联合培养基地的建设作出规范，推动专业学位研究生教育提高质量。"
                ),
                _EVERYONE,
            ),
            _article(
                2,
                _("建设目标"),
                _(
                    "基地要对准自治区的战略定位和重大需求，吸引行业企业等单位出资源、参与培养。"
                    "目标有两个：特色基地覆盖全区已有的专业学位类别；从中培育国家级的产教融合基地。"
                ),
                _EVERYONE,
            ),
            _article(
                3,
                _("建设原则"),
                _(
                    "八项原则，大意是：扎根本地、服务地方，双方联手培养、各展所长，形式可以多样，看重实际效果，互利双赢、一起成长。"
                ),
                _EVERYONE,
            ),
            _article(
                4,
                _("职责分工"),
                _("教育厅管认定，也管审核、检查和成效评价等。各培养单位管推荐，也管申报和过程管理等。"),
                _APPLICANT + _UNIT + _OFFICER + _LEADER,
            ),
        ),
    ),
    Chapter(
        2,
        _("申报要求和条件"),
        (
            _article(5, _("申报频次"), _("每年组织一次基地建设项目的申报。"), _APPLICANT + _UNIT + _OFFICER),
            _article(
                6,
                _("申报主体与名额"),
                _(
                    "办有专业学位研究生教育的区内高校和科研院所可以申报。"
                    "名额按单位核定，综合看专业学位类别有多少、专业学位研究生规模有多大、“双一流”建设情况如何等。"
                ),
                _APPLICANT + _UNIT + _OFFICER,
            ),
            _article(
                7,
                _("申报条件"),
                _("条件有三方面：依托的类别与服务的产业，校外合作单位，双方已有的合作基础。"),
                _APPLICANT + _UNIT + _PARTNER + _EXPERT + _OFFICER,
                _item(
                    7,
                    1,
                    _("类别与产业"),
                    _(
                        "基地依托一个特定的专业学位类别（领域），它要回应行业需求和应用前景，贴近地方发展，"
                        "服务急需行业与优势特色产业。围绕以下十三个产业行业的，可以优先推荐：现代能源、现代化工与新材料、"
                        "高端装备与智能制造、信息技术、生物技术、节能环保、智慧农牧业、文化旅游、医疗健康、教育、养老托育、"
                        "法律、生态保护。"
                    ),
                    _APPLICANT + _UNIT + _EXPERT + _OFFICER,
                ),
                _item(
                    7,
                    2,
                    _("校外合作单位"),
                    _(
                        "合作单位须是下列之一：企业、事业单位、科研院所、地方政府及其职能部门、别的社会组织；"
                        "一个基地原则上只依托一家。它要有一定规模和良好信誉，行业产业优势明显；专业团队稳定，"
                        "有一定数量水平高、够资格指导研究生的专业人才，或有专职管理人员；场地足、设施先进、实践项目和经费宽裕，"
                        "安全保障与管理制度成体系，能安排研究生的学习、工作和生活。"
                    ),
                    _APPLICANT + _UNIT + _PARTNER + _EXPERT + _OFFICER,
                ),
                _item(
                    7,
                    3,
                    _("合作基础"),
                    _(
                        "双方的产学研合作不少于2年，联合培养协议已经签好；培养单位和合作单位都有经费、场地、设备等实质投入；"
                        "本专业学位类别（领域）已实际联合培养完成的研究生不少于5名，质量好，社会评价也好。"
                    ),
                    _APPLICANT + _UNIT + _PARTNER + _EXPERT + _OFFICER,
                ),
            ),
        ),
    ),
    Chapter(
        3,
        _("认定程序"),
        (
            _article(
                8,
                _("认定程序"),
                _("分四步：申报、推荐、评审、认定。推荐和认定两步都要公示且没有异议。"),
                _APPLICANT + _UNIT + _EXPERT + _OFFICER + _LEADER + _PUBLIC,
                _item(
                    8,
                    1,
                    _("申报"),
                    _(
                        "培养单位组织本单位的专业学位授权点填报申请书，"
                        "并附上说明前期建设情况的材料，如已培养研究生的名单、投入汇总表、联合培养协议等。"
                    ),
                    _APPLICANT + _UNIT,
                ),
                _item(
                    8,
                    2,
                    _("推荐"),
                    _(
                        "培养单位对照学位授权点和基地的布局，从六个方面审核：申报理由、合作单位情况、专业学位类别情况、"
                        "前期建设成效、对培养人才的作用、发展前景。形成推荐名单后先公示，没有异议再报教育厅。"
                    ),
                    _UNIT + _PUBLIC,
                ),
                _item(
                    8,
                    3,
                    _("评审"),
                    _("教育厅请专家审核评议各单位报来的材料，据此定出初步名单。"),
                    _EXPERT + _OFFICER,
                ),
                _item(
                    8,
                    4,
                    _("认定"),
                    _("通过评审的基地，经教育厅审议通过并公示，没有异议的予以立项。建设期从文件公布的那一天起算。"),
                    _OFFICER + _LEADER + _PUBLIC,
                ),
            ),
        ),
    ),
    Chapter(
        4,
        _("建设与管理"),
        (
            _article(
                9,
                _("共同管理"),
                _("教育厅给予指导，培养单位和合作单位一起管理、一起建设。"),
                _UNIT + _PARTNER + _OFFICER,
            ),
            _article(
                10,
                _("完善联合培养协议"),
                _(
                    "双方在原协议上修订完善，写清建设和管理的负责人、各自的责任义务与合作事宜。"
                    "协议要对九件事作出明确规定：联合培养方式、培养内容、培养期限，实践训练、学术交流、学习或科研条件，"
                    "研究生的待遇、研究生的人身安全，知识产权和技术保密。"
                ),
                _UNIT + _PARTNER,
            ),
            _article(
                11,
                _("导师与日常管理"),
                _(
                    "双方要完善双导师制，不断健全培养制度和行业产业导师的选聘办法。合作单位定出具体规章，"
                    "指定专门机构和专人落实计划与项目；研究生在基地时，日常管理也由它承担。"
                ),
                _UNIT + _PARTNER,
            ),
            _article(
                12,
                _("建设期与经费来源"),
                _("建设期为三年，这三年的经费由培养单位与合作单位共同承担。"),
                _UNIT + _PARTNER,
            ),
            _article(
                13,
                _("经费用途"),
                _(
                    "经费主要用于以下八类及类似支出：交通费、差旅费、邮电费、办公费、保险费、专用材料费、委托业务费、专家咨询费。"
                ),
                _UNIT + _PARTNER,
            ),
            _article(
                14,
                _("经费管理"),
                _("按自治区和本单位的经费管理办法以及财务审批制度使用。资助经费只能专款专用，不能挪作无关开支。"),
                _UNIT + _OFFICER,
            ),
        ),
    ),
    Chapter(
        5,
        _("考核评价"),
        (
            _article(
                15,
                _("首次考核与定期考核"),
                _(
                    "初次认定的基地建设满三年，由教育厅组织首次成效考核；超过三年的，组织定期考核，条文没有写明间隔几年。"
                ),
                _APPLICANT + _UNIT + _OFFICER + _LEADER,
            ),
            _article(
                16,
                _("考核内容与等级"),
                _(
                    "考核内容包括六个方面：导师指导、研究生实践情况、实践成果、研究生产教融合工作、制度保障、经费投入使用等，"
                    "重点看人才培养的成效。结果分三等：优秀、合格、不合格。"
                ),
                _APPLICANT + _UNIT + _EXPERT + _OFFICER + _LEADER,
            ),
            _article(
                17,
                _("优秀基地与示范基地"),
                _(
                    "考核优秀的基地受到表彰，获10万元经费和“示范基地”称号，申报国家产教融合基地计划时优先推荐；"
                    "获国家批准的，再给50万元。有称号的基地如果不按规定参加考核，或者考核不合格，称号撤销。"
                ),
                _UNIT + _OFFICER + _LEADER,
            ),
            _article(
                18,
                _("创新举措支持"),
                _(
                    "基地在以下八个方面或类似方面有创新举措、实效突出的，给予10万元经费：培养体系或培养模式改革，"
                    "专业学位博士点建设，人才的定制化培养，职业资格与专业学位的衔接培养，以及教育评价、就业反馈、产业协同、"
                    "校外辅导四种机制。"
                ),
                _APPLICANT + _UNIT + _OFFICER + _LEADER,
            ),
            _article(
                19,
                _("整改、复评与撤销"),
                _(
                    "考核不合格的，予以通报，限两年整改，期满后复评。三种情形撤销基地："
                    "复评不合格；考核连续两次不合格；不按规定参加考核。"
                ),
                _APPLICANT + _UNIT + _OFFICER + _LEADER,
            ),
            _article(
                20,
                _("重大事项报告与撤销"),
                _(
                    "建设过程中，合作单位出了重大安全生产事故、经营有重大变化等，带来严重不良影响的，培养单位要主动报告教育厅。"
                    "经研判，确实不能再联合培养研究生的基地，予以撤销。"
                ),
                _UNIT + _PARTNER + _OFFICER + _LEADER,
            ),
            _article(
                21,
                _("自主撤销"),
                _("建设满三年且期满评估合格的基地，双方商定后可以书面申请自主撤销，由教育厅审核并备案。"),
                _UNIT + _PARTNER + _OFFICER,
            ),
        ),
    ),
    Chapter(
        6,
        _("附则"),
        (
            _article(22, _("解释"), _("解释权属于教育厅的学位管理与研究生教育处。"), _EVERYONE),
            _article(23, _("施行日期"), _("颁布的当天开始施行。"), _EVERYONE),
        ),
    ),
)

_ARTICLES = tuple(each for chapter in _CHAPTERS for each in chapter.articles)
_BY_KEY = MappingProxyType(
    {each.key: each for each in _ARTICLES} | {item.key: item for each in _ARTICLES for item in each.items}
)
_CHAPTER_OF = {each.number: chapter for chapter in _CHAPTERS for each in chapter.articles}


def chapters() -> tuple[Chapter, ...]:
    """The six chapters in order, each with its articles."""
    return _CHAPTERS


def articles() -> tuple[Article, ...]:
    """The twenty-three articles in order."""
    return _ARTICLES


def article(key: str) -> Article | Item:
    """The article or item of a key such as "8" or "8(2)".

    Raises KeyError for what the regulation does not have.
    """
    return _BY_KEY[key]


# Texts come from converted documents: headings may or may not be marked, bold or spaced, and lines break anywhere.
# The numeral's length is bounded so that a line of blanks cannot make the search slow.
_NUMERAL = r"([一二三四五六七八九十\s]{1,12})"
_CHAPTER_LINE = re.compile(rf"(?:#{{1,6}}\s*)?(?:\*\*)?\s?第{_NUMERAL}章(?:\*\*|\s|$)")
_ARTICLE_LINE = re.compile(rf"(#{{1,6}}\s*)?(?:\*\*)?\s?第{_NUMERAL}条(?:\*\*|[:：]|\s|$)")
_ITEM_LINE = re.compile(rf"[（(]{_NUMERAL}[)）]")
_HEADING_MARK = re.compile(r"^#{1,6}\s*")
_CHAPTER_NAMES = {f"第{numeral(chapter.number)}章{chapter.title}": chapter for chapter in _CHAPTERS}
_SENTENCE_END = re.compile(r"[。；：！？;:!?][”’）)]?$")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


@dataclass
class _Paragraph:
    text: str
    line: int
    item: int = 0
    closed: bool = False


@dataclass
class _Draft:
    """An article as it is being read."""

    number: int
    line: int
    paragraphs: list[_Paragraph]

    def add(self, line: str, at: int, after_blank: bool, heading: bool = False) -> None:
        heading = heading or line.startswith("#")
        text = re.sub(r"\s+", " ", _HEADING_MARK.sub("", line).replace("**", "")).strip()
        if not text:
            return
        last = self.paragraphs[-1] if self.paragraphs else None
        if mark := _ITEM_LINE.match(text):
            # An unreadable count such as （十一十） is kept as 0: plain text that opens a paragraph.
            item = _NUMBERS.get(_bare(mark[1]), 0)
            self.paragraphs.append(_Paragraph(text[mark.end() :].strip() if item else text, at, item))
        elif last is None or last.closed or (after_blank and _SENTENCE_END.search(last.text)):
            self.paragraphs.append(_Paragraph(text, at, closed=heading))
        else:
            # Chinese joins without a blank; words and figures in Latin letters keep theirs.
            joint = " " if last.text and last.text[-1].isascii() and text[0].isascii() else ""
            last.text += joint + text

    def wording(self) -> str:
        return "\n".join(f"（{numeral(p.item)}）{p.text}" if p.item else p.text for p in self.paragraphs)

    def item_wording(self) -> dict[int, str]:
        """Each item with the unnumbered paragraphs that follow it."""
        items: dict[int, str] = {}
        item = 0
        for paragraph in self.paragraphs:
            if paragraph.item:
                item = paragraph.item
                items[item] = paragraph.text
            elif item:
                items[item] += "\n" + paragraph.text
        return items


def _bare(text: str) -> str:
    return re.sub(r"[\s#*]+", "", text)


def decode(raw: bytes) -> str:
    """The text of a file in UTF-8 (with or without BOM) or GB18030; ValueError in Chinese for anything else."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError(gettext("文件编码既不是 UTF-8 也不是 GB18030，请另存为 UTF-8 文本后再载入。"))


def parse(text: str) -> dict[str, str]:
    """The official wording by key: "8" holds the whole article, "8(2)" one item without its number.

    Paragraphs are parted by a line feed, lines broken inside a sentence are joined; chapter headings and everything
    above the first article are left out. Raises ValueError in Chinese that names every article or item that is missing,
    doubled, out of place or empty, with its line.
    """
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    drafts, problems = _read(lines)
    if not drafts:
        raise ValueError(gettext("文本中没有找到任何条文；每条应另起一行，以“第一条”等编号开头，编号后空一格。"))
    problems += _misplaced(drafts)
    wording: dict[str, str] = {}
    for draft in drafts:
        expected = _BY_KEY.get(str(draft.number))
        if not isinstance(expected, Article):
            continue
        wording[expected.key] = draft.wording()
        if not wording[expected.key]:
            problems.append(
                gettext("第 %(line)d 行：%(label)s没有正文") % {"line": draft.line, "label": expected.label}
            )
        elif expected.items:
            problems += _item_problems(draft, expected)
            wording |= {f"{expected.key}({number})": each for number, each in draft.item_wording().items()}
    if problems:
        raise ValueError("；".join(problems) + "。")
    return wording


def lead(wording: str) -> str:
    """What stands in an article's official wording before its first item; empty if nothing does."""
    return "" if wording.startswith("（一）") else wording.partition("\n（一）")[0]


def _read(lines: list[str]) -> tuple[list[_Draft], list[str]]:
    """Cut the lines into articles; the second value says what is wrong with characters and chapters."""
    drafts: list[_Draft] = []
    problems: list[str] = []
    current: _Draft | None = None
    chapter: Chapter | None = None
    after_blank = False
    for at, raw in enumerate(lines, 1):
        if _CONTROL.search(raw):
            problems.append(gettext("第 %(line)d 行含有不可见的控制字符，这不是纯文本") % {"line": at})
        line = raw.strip()
        if not line:
            after_blank = True
            continue
        if named := _CHAPTER_NAMES.get(_bare(line)):
            chapter, current = named, None
        elif _CHAPTER_LINE.match(line):
            current = None
            problems.append(
                gettext("第 %(line)d 行：章标题“%(title)s”与本办法的六章不符") % {"line": at, "title": _bare(line)[:20]}
            )
        elif found := _ARTICLE_LINE.match(line):
            count = _bare(found[2])
            number = _NUMBERS.get(count, 0)
            current = _Draft(number, at, [])
            drafts.append(current)
            home = _CHAPTER_OF.get(number)
            if home is None:
                label = gettext("第%(number)s条") % {"number": count}
                problems.append(gettext("第 %(line)d 行：本办法没有%(label)s") % {"line": at, "label": label})
            elif chapter not in (None, home):
                problems.append(
                    gettext("第 %(line)d 行：%(label)s应在%(chapter)s“%(title)s”之下")
                    % {
                        "line": at,
                        "label": _BY_KEY[str(number)].label,
                        "chapter": home.label,
                        "title": home.title,
                    }
                )
            current.add(line[found.end() :], at, after_blank=False, heading=bool(found[1]))
        elif current is not None:
            current.add(line, at, after_blank)
        after_blank = False
    return drafts, problems


def _misplaced(drafts: list[_Draft]) -> list[str]:
    """Articles that are doubled, out of order or missing."""
    problems: list[str] = []
    first: dict[int, _Draft] = {}
    highest = 0
    for draft in drafts:
        known = _BY_KEY.get(str(draft.number))
        if known is None:
            continue
        if earlier := first.get(draft.number):
            problems.append(
                gettext("第 %(line)d 行：%(label)s重复，第 %(first)d 行已有")
                % {"line": draft.line, "label": known.label, "first": earlier.line}
            )
            continue
        first[draft.number] = draft
        if draft.number < highest:
            problems.append(
                gettext("第 %(line)d 行：%(label)s排在了%(after)s之后")
                % {"line": draft.line, "label": known.label, "after": _BY_KEY[str(highest)].label}
            )
        highest = max(highest, draft.number)
    for each in _ARTICLES:
        if each.number in first:
            continue
        later = min((number for number in first if number > each.number), default=None)
        if later is None:
            problems.append(gettext("缺少%(label)s（应在文末）") % {"label": each.label})
        else:
            problems.append(
                gettext("缺少%(label)s（应在第 %(line)d 行的%(next)s之前）")
                % {"label": each.label, "line": first[later].line, "next": _BY_KEY[str(later)].label}
            )
    return problems


def _item_problems(draft: _Draft, expected: Article) -> list[str]:
    """Items of an article that are doubled, unknown, out of order, empty or missing."""
    problems: list[str] = []
    seen: list[int] = []
    for paragraph in draft.paragraphs:
        if not paragraph.item:
            continue
        named = {"line": paragraph.line, "label": f"{expected.label}（{numeral(paragraph.item)}）"}
        if paragraph.item in seen:
            problems.append(gettext("第 %(line)d 行：%(label)s重复") % named)
        elif paragraph.item > len(expected.items):
            problems.append(gettext("第 %(line)d 行：本办法没有%(label)s") % named)
        elif seen and paragraph.item < seen[-1]:
            problems.append(gettext("第 %(line)d 行：%(label)s的顺序不对") % named)
        elif not paragraph.text:
            problems.append(gettext("第 %(line)d 行：%(label)s没有正文") % named)
        seen.append(paragraph.item)
    missing = [item.label for item in expected.items if item.number not in seen]
    return problems + [
        gettext("缺少%(label)s（应在第 %(line)d 行的%(article)s之内）")
        % {"label": label, "line": draft.line, "article": expected.label}
        for label in missing
    ]
