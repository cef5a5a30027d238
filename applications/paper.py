"""The 申请书 as a paper: its sections, what each asks, what must be answered, and the article behind it.

Labels and limits stand in the models; this says where an answer belongs and when it is needed. No database, no models.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise
# ``Answers`` look up what an application says by the name of a field; conditions of fields are asked with it.
Answers = Callable[[str], Any]


def always(answers: Answers) -> bool:
    """The answer is needed of everybody."""
    return True


def never(answers: Answers) -> bool:
    """The answer may stay open."""
    return False


def of_an_enterprise(answers: Answers) -> bool:
    """Needed of an enterprise alone: it has revenue and research expenses, an office has not."""
    return answers("partner_kind") == "enterprise"


def after_an_incident(answers: Answers) -> bool:
    """Needed when one of the three questions about the last three years was answered with yes."""
    return any(answers(name) for name in ("had_accident", "had_dishonesty", "had_penalty"))


def with_several_partners(answers: Answers) -> bool:
    """Needed when the base relies on more than one partner (第七条（二）: in principle on one)."""
    return bool(answers("other_partners"))


@dataclass(frozen=True)
class Field:
    """One answer: the name of its column, whether it is needed, its unit on the screen, a help text, the title of its group."""

    name: str
    needed: Callable[[Answers], bool] = always
    unit: Words = ""
    help: Words = ""
    group: Words = ""
    lines: int = 0
    # The number of years before the round's own that a figure is about; the label then names the year.
    years_back: int = 0


@dataclass(frozen=True)
class Cell:
    """One column of a repeating table; ``weight`` is its share of the width."""

    name: str
    needed: bool = True
    unit: Words = ""
    weight: int = 2
    total: bool = False


@dataclass(frozen=True)
class Table:
    """A repeating table: the reverse accessor of its rows, its columns, how many rows it takes.

    ``fixed`` tables have just so many rows, which cannot be added or taken away.
    """

    name: str
    label: Words
    cells: tuple[Cell, ...]
    least: int = 0
    most: int = 200
    fixed: bool = False
    help: Words = ""
    articles: str = ""

    def cell(self, name: str) -> Cell:
        """The column of that name."""
        return next(cell for cell in self.cells if cell.name == name)


@dataclass(frozen=True)
class Section:
    """One section of the paper, one page of the form. ``part`` is the accessor of the row that holds its fields ("" the application itself)."""

    key: str
    number: Words
    title: Words
    articles: str
    lead: Words
    part: str = ""
    fields: tuple[Field, ...] = ()
    tables: tuple[Table, ...] = ()

    def table(self, name: str) -> Table:
        """The table of that name."""
        return next(table for table in self.tables if table.name == name)


WAN = _("万元")
PEOPLE = _("人")


def _years(stem: str, **kwargs: Any) -> Iterator[Field]:
    for back in (1, 2, 3):
        yield Field(f"{stem}_{back}", years_back=back, **kwargs)


COVER = Section(
    "cover", "", _("封面"), "5 6 7(1) 7(2)",
    _("基地名称、类别和合作单位。名称建议写作“培养单位—合作单位—类别”。"),
    fields=(
        Field("name", help=_("不超过 60 字，例如：某某大学—某某公司机械类研究生联合培养基地。")),
        Field("category", help=_("只列出本单位已获授权的类别；基地依托一个专业学位类别（第七条（一））。")),
        Field("field", never, help=_("可选，可以从本单位登记的领域中选，也可以自己写。")),
        Field("partner", help=_("原则上只依托一个合作单位（第七条（二））；名单中没有时先登记。")),
        Field("division", help=_("基地实际所在的盟市或旗县区。")),
        Field("priority_industry", help=_("围绕十三类产业建设的基地可优先推荐；不属于的选“不属于”。")),
    ),
)  # fmt: skip

BASICS = Section(
    "basics", _("一"), _("基本信息"), "6 7(1) 10 11",
    _("双方由谁负责、合作方由哪个机构哪个人专门管理，以及所依托类别近三年的情况。"),
    part="basics",
    fields=(
        Field("unit_leader_name", group=_("校方负责人")), Field("unit_leader_post"), Field("unit_leader_title"),
        Field("unit_leader_phone"), Field("unit_leader_email"),
        Field("partner_leader_name", group=_("合作方负责人")), Field("partner_leader_post"), Field("partner_leader_title"),
        Field("partner_leader_phone"), Field("partner_leader_email"),
        Field("contact_name", group=_("联系人")), Field("contact_phone"), Field("contact_email"),
        Field(
            "partner_office", group=_("合作方的管理机构和专人"),
            help=_("合作单位要有专门机构和专人负责研究生的日常管理（第十一条）。"),
        ),
        Field("partner_office_head", help=_("姓名和职务。")),
        Field("college", group=_("依托的专业学位类别")),
        Field("authorised_year", help=_("类别获得授权的年份，已按登记的授权带出，可以更正。")),
        Field("level"),
        *_years("enrolled", unit=PEOPLE), *_years("graduated", unit=PEOPLE),
    ),
)  # fmt: skip

PARTNER = Section(
    "partner", _("二"), _("合作单位"), "7(2) 20",
    _("合作单位的规模、信誉、专家队伍、实践场地和安全条件。收入、研发投入和规模只要求企业填写。"),
    part="partner_profile",
    fields=(
        Field("size", of_an_enterprise, group=_("基本情况"), help=_("企业填写，按国家统计上的划型标准。")),
        Field("sector", help=_("国民经济行业分类（GB/T 4754）的大类。")),
        Field("founded_on"), Field("legal_representative"), Field("address"),
        Field("staff", unit=PEOPLE, group=_("人员")), Field("technical_staff", unit=PEOPLE), Field("senior_staff", unit=PEOPLE),
        *(Field(f"revenue_{back}", of_an_enterprise, unit=WAN, years_back=back, group=_("近三年经营（企业填写）") if back == 1 else "") for back in (1, 2, 3)),
        *_years("research", needed=of_an_enterprise, unit=WAN),
        Field("had_accident", group=_("近三年信誉与安全"), help=_("如实填写；有上述情形的由评审判断，隐瞒的取消资格。")),
        Field("had_dishonesty"), Field("had_penalty"),
        Field("incidents_note", after_an_incident, lines=3, help=_("有上述任一情形时必填：时间、情况和整改结果。")),
        Field("site_area", unit=_("m²"), group=_("实践条件")), Field("capacity", unit=PEOPLE),
        Field("lodging", lines=3), Field("safety_rules", lines=3, help=_("制度名称和要点；制度文件在“附件”中上传。")),
        Field("several_partners_reason", with_several_partners, lines=4, help=_("只有一个合作单位时不填。")),
    ),
    tables=(
        Table(
            "platforms", _("科研创新平台"), most=20,
            cells=(Cell("name", weight=4), Cell("level"), Cell("approved_by", weight=3), Cell("year", weight=1)),
        ),
        Table(
            "equipment", _("主要设备"), most=30,
            cells=(Cell("name", weight=4), Cell("model", needed=False), Cell("quantity", weight=1), Cell("value", unit=WAN, total=True)),
        ),
        Table(
            "projects", _("可提供的实践项目"), least=1,
            cells=(
                Cell("name", weight=3), Cell("source"), Cell("places", unit=PEOPLE, weight=1, total=True),
                Cell("summary", weight=4),
            ),
            help=_("至少一项，供研究生选作实践内容和论文选题。"),
        ),
        Table(
            "other_partners", _("其他合作单位"), most=5, cells=(Cell("partner", weight=3), Cell("share", weight=4)),
            help=_("原则上只依托一个合作单位；确有需要时列在这里，并写明理由（第七条（二））。"),
        ),
    ),
)  # fmt: skip

COOPERATION = Section(
    "cooperation", _("三"), _("前期合作"), "7(3) 8(1)",
    _("合作两年以上、签有协议、双方都有实际投入，是申报的硬性条件。"),
    fields=(Field("cooperation_started_on", help=_("双方开始实际合作的日期，须能由协议或其他材料证明。")),),
    tables=(
        Table(
            "agreements", _("联合培养协议"), least=1,
            cells=(Cell("title", weight=4), Cell("number", needed=False), Cell("signed_on"), Cell("expires_on")),
            help=_("至少一份；扫描件在“附件”中上传。"), articles="7(3)",
        ),
        Table(
            "contributions", _("双方投入情况"), least=2,
            cells=(
                Cell("year", weight=1), Cell("side"), Cell("kind"), Cell("amount", unit=WAN, total=True), Cell("note", weight=3),
                Cell("voucher", needed=False),
            ),
            help=_("逐年逐项填写，双方都要有；场地、设备、人员折算为金额。"), articles="7(3)",
        ),
        Table(
            "results", _("代表性成果"), most=30,
            cells=(Cell("name", weight=4), Cell("kind"), Cell("authors", weight=3), Cell("year", weight=1)),
        ),
    ),
)  # fmt: skip

STUDENTS = Section(
    "students", _("三（续）"), _("培养研究生名单"), "7(3)",
    _("已经联合培养的研究生。人数多时请用 Excel 导入；不要填写身份证号。"),
    tables=(
        Table(
            "trained_students", _("已联合培养研究生名单"), most=5000,
            cells=(
                Cell("name"), Cell("number"), Cell("category_name"), Cell("field", needed=False), Cell("level", weight=1),
                Cell("mode"), Cell("campus_mentor"), Cell("industry_mentor"), Cell("entered_on"), Cell("left_on", needed=False),
                Cell("project", needed=False, weight=3), Cell("thesis", needed=False, weight=3),
                Cell("graduation_year", needed=False, weight=1), Cell("destination", needed=False),
            ),
        ),
    ),
)  # fmt: skip

MENTORS = Section(
    "mentors", _("四"), _("导师"), "11",
    _("实行双导师制：校内导师和行业产业导师都要有。"),
    tables=(
        Table(
            "campus_mentors", _("校内导师"), least=1,
            cells=(
                Cell("name"), Cell("department", weight=3), Cell("title"), Cell("direction", weight=3),
                Cell("students", needed=False, unit=PEOPLE, weight=1, total=True),
            ),
        ),
        Table(
            "industry_mentors", _("行业产业导师"), least=1,
            cells=(
                Cell("name"), Cell("employer", weight=3), Cell("post"), Cell("title"), Cell("degree"),
                Cell("years", unit=_("年"), weight=1), Cell("appointment", weight=3), Cell("appointed_until"),
            ),
            help=_("聘任文件的扫描件在“附件”中上传。"),
        ),
    ),
)  # fmt: skip

PLAN = Section(
    "plan", _("五"), _("建设方案"), "8(2) 11",
    _("申报理由、已有成效和今后三年怎么建。研究生院的六项审核和专家评审都以此为据。"),
    part="plan",
    fields=(
        Field("reason", lines=6), Field("results", lines=8), Field("goals", lines=6), Field("training_mode", lines=8),
        Field("dual_mentors", lines=6), Field("rules", lines=6), Field("prospects", lines=6),
        Field("features", never, lines=6),
    ),
)  # fmt: skip

BUDGET = Section(
    "budget", _("五（续）"), _("三年计划与预算"), "12 13",
    _("建设期三年，每年做什么、达到什么目标；双方各出多少钱、用在哪里。"),
    tables=(
        Table(
            "year_targets", _("三年计划与量化目标"), least=3, most=3, fixed=True, articles="12",
            cells=(
                Cell("year", weight=1), Cell("plan", weight=5), Cell("students", unit=PEOPLE, weight=1, total=True),
                Cell("projects", unit=_("个"), weight=1, total=True), Cell("mentors", unit=PEOPLE, weight=1),
                Cell("courses", unit=_("项"), weight=1, total=True), Cell("results", unit=_("项"), weight=1, total=True),
            ),
        ),
        Table(
            "budget_lines", _("经费预算"), least=1, articles="12 13",
            cells=(
                Cell("subject"), Cell("side"), Cell("year_1", unit=WAN, total=True), Cell("year_2", unit=WAN, total=True),
                Cell("year_3", unit=WAN, total=True), Cell("note", needed=False, weight=3),
            ),
            help=_("科目按第十三条所列；“其他”须写明用途。双方都要出资（第十二条）。"),
        ),
    ),
)  # fmt: skip

ATTACHMENTS = Section(
    "attachments", _("六"), _("附件与承诺"), "8(1) 8(2)",
    _("先打印申请书，经申报人、学院、合作单位和培养单位签字盖章后扫描上传，并上传各类证明材料。"),
)  # fmt: skip

SECTIONS = (COVER, BASICS, PARTNER, COOPERATION, STUDENTS, MENTORS, PLAN, BUDGET, ATTACHMENTS)
BY_PART = {section.part: section for section in SECTIONS if section.part}
BY_KEY = {section.key: section for section in SECTIONS}


@dataclass(frozen=True)
class FileKind:
    """One kind of attachment: whether it is needed, how many there may be, what it may be."""

    key: str
    needed: bool
    most: int
    kinds: tuple[str, ...] = ("pdf",)
    max_mb: int = 20
    help: Words = ""
    articles: str = "8(1)"


FILE_KINDS = (
    FileKind("sealed_form", True, 1, help=_("打印本申请书，签字盖章后的完整扫描件。")),
    FileKind("agreement", True, 10, help=_("“前期合作”中所列的每份协议。"), articles="7(3) 8(1)"),
    FileKind("investment", True, 1, help=_("与“双方投入情况”一致，双方盖章。"), articles="7(3) 8(1)"),
    FileKind(
        "students", True, 1, kinds=("pdf", "xlsx"), help=_("与名单一致的盖章件或电子表格。"), articles="7(3) 8(1)"
    ),
    FileKind(
        "partner_licence",
        True,
        3,
        kinds=("pdf", "png", "jpg"),
        help=_("营业执照、事业单位法人证书等。"),
        articles="7(2)",
    ),
    FileKind("partner_rules", True, 10, help=_("研究生管理和安全制度。"), articles="7(2) 11"),
    FileKind("mentors", True, 10, help=_("“导师”中所列聘任文号的文件。"), articles="11"),
    FileKind("other", False, 10, kinds=("pdf", "png", "jpg", "xlsx"), help=_("其他能说明情况的材料。")),
)
FILES_BY_KEY = {kind.key: kind for kind in FILE_KINDS}
MAX_TOTAL_MB = 200
