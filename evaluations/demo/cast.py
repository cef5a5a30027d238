"""Who is in the demo: one department, invented training units, partners of all four kinds of 第七条（二）, and their people.

Every name is invented; credit codes are synthetic with a valid check digit, unit codes come from a range that is not used.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from stdnum.cn import uscc

from applications.models import ExpertProfile
from applications.services import invitations
from bases.acting import as_acting
from bases.models import (
    CategoryAuthorisation,
    DegreeCategory,
    Department,
    Division,
    Membership,
    PartnerUnit,
    TrainingUnit,
)
from bases.services.people import grant_membership
from portal.acting import Acting
from portal.models import User
from portal.roles import DEPARTMENT_ROLES, UNIT_ROLES, Role

PASSWORD = "demo-portal-2026"  # noqa: S105 - printed on purpose
# With a salt of its own the hash is computed once for all; as long as Django's own salts, it is not renewed at the first login.
_SALT = "DemoPortalSaltOfTheCast"

QIONGLU, CHANGFENG, YUNGUI, XINGYE = "穹庐大学", "长风理工大学", "云归农牧大学", "星野科学研究院"
# What the quotas rest on (第六条), invented as everything here: categories, postgraduates, 双一流.
FACTS = {QIONGLU: (7, 4600, True), CHANGFENG: (5, 5200, False), YUNGUI: (5, 5000, False), XINGYE: (3, 2600, False)}
# The 领域 in which some categories are taught.
FIELDS = {
    "0854": ["人工智能", "大数据技术与工程", "网络与信息安全"],
    "0855": ["机械工程", "智能制造技术"],
    "0858": ["清洁能源技术", "储能技术"],
    "0860": ["食品工程"],
    "0951": ["农艺与种业", "畜牧", "资源利用与植物保护"],
    "1054": ["临床护理", "社区护理"],
}


@dataclass(frozen=True)
class Unit:
    """A training unit of the demo with the categories in which it may award degrees."""

    code: str
    name: str
    division: str
    word: str
    address: str
    categories: str
    kind: str = TrainingUnit.Kind.UNIVERSITY
    double_first_class: bool = False


UNITS = (
    Unit(
        "19001", QIONGLU, "150100", "穹大研", "呼和浩特市云中路 1 号（虚构）", "0351 0352 0451 0854 1051 1054 1254",
        double_first_class=True,
    ),
    Unit("19002", CHANGFENG, "150200", "长理研", "包头市长风街 2 号（虚构）", "0854 0855 0856 0858 0859"),
    Unit("19003", YUNGUI, "150500", "云农研", "通辽市云归大道 3 号（虚构）", "0857 0860 0951 0952 0954"),
    Unit(
        "19004", XINGYE, "150600", "星科研", "鄂尔多斯市星野路 4 号（虚构）", "0856 0857 0858",
        kind=TrainingUnit.Kind.INSTITUTE,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Partner:
    """A partner of the demo; the last digit of its credit code is computed."""

    body: str
    name: str
    kind: str
    division: str


_KIND = PartnerUnit.Kind
WIND, CLOUD, DAIRY, HOSPITAL = (
    "逐日者新能源装备有限公司",
    "千帆云谷数据有限公司",
    "牧云乳品科技有限公司",
    "小满中心医院",
)
COUNTY, DESERT, SOCIETY = "青禾旗农牧和科技局", "砺沙防沙治沙研究所", "萤火乡村教育促进会"
PARTNERS = (
    Partner("91150200MA9000001", WIND, _KIND.ENTERPRISE, "150200"),
    Partner("91150900MA9000002", CLOUD, _KIND.ENTERPRISE, "150900"),
    Partner("91150100MA9000003", DAIRY, _KIND.ENTERPRISE, "150100"),
    Partner("12150400900000004", HOSPITAL, _KIND.PUBLIC_INSTITUTION, "150400"),
    Partner("11150500900000005", COUNTY, _KIND.GOVERNMENT, "150500"),
    Partner("12150800900000006", DESERT, _KIND.INSTITUTE, "150800"),
    Partner("51150400900000007", SOCIETY, _KIND.SOCIAL, "150400"),
)


@dataclass(frozen=True)
class Person:
    """An account of the demo; ``roles`` are pairs of a role and the organisation in which it is held (none for an expert)."""

    username: str
    name: str
    roles: tuple[tuple[str, str], ...]
    employer: str = ""


def _expert(username: str, name: str, employer: str) -> Person:
    return Person(username, name, ((Role.EXPERT, ""),), employer)


PEOPLE = (
    Person("shenbao1", "林知远", ((Role.APPLICANT, QIONGLU),)),
    Person("shenbao2", "高铁岩", ((Role.APPLICANT, CHANGFENG),)),
    Person("shenbao3", "其木格", ((Role.APPLICANT, YUNGUI),)),
    Person("shenbao4", "沈望舒", ((Role.APPLICANT, XINGYE),)),
    Person("yanyuan1", "白雨桐", ((Role.UNIT_OFFICER, QIONGLU),)),
    Person("yanyuan2", "孟和", ((Role.UNIT_OFFICER, CHANGFENG),)),
    Person("yanyuan3", "田秀禾", ((Role.UNIT_OFFICER, YUNGUI),)),
    Person("yanyuan4", "郝星海", ((Role.UNIT_OFFICER, XINGYE),)),
    Person("qiye1", "周逐原", ((Role.PARTNER_OFFICER, WIND),)),
    Person("qiye2", "宋千帆", ((Role.PARTNER_OFFICER, CLOUD),)),
    Person("qiye3", "斯琴", ((Role.PARTNER_OFFICER, DAIRY),)),
    Person("qiye4", "何安然", ((Role.PARTNER_OFFICER, HOSPITAL),)),
    Person("qiye5", "那日苏", ((Role.PARTNER_OFFICER, COUNTY),)),
    Person("qiye6", "石立沙", ((Role.PARTNER_OFFICER, DESERT),)),
    Person("qiye7", "苗晨光", ((Role.PARTNER_OFFICER, SOCIETY),)),
    _expert("zhuanjia1", "顾长青", "海西虚拟大学"),
    _expert("zhuanjia2", "赵一苇", "江左工程研究院（虚构）"),
    _expert("zhuanjia3", "钱万钧", "云梦大学（虚构）"),
    _expert("zhuanjia4", "苏日娜", "北溟农业科学院（虚构）"),
    _expert("zhuanjia5", "冯朝阳", WIND),
    _expert("zhuanjia6", "吕怀瑾", CHANGFENG),
    Person("jingban1", "乌兰其其格", ((Role.DEPT_OFFICER, ""),)),
    Person("jingban2", "许思齐", ((Role.DEPT_OFFICER, ""),)),
    Person("shenpi1", "巴雅尔", ((Role.DEPT_LEADER, ""),)),
    Person("shenpi2", "陆清源", ((Role.DEPT_LEADER, ""),)),
    Person("xitong", "温都苏", ((Role.SYSADMIN, ""),)),
    Person("anquan", "秦守正", ((Role.SECURITY_ADMIN, ""),)),
    Person("shenji", "韩明鉴", ((Role.AUDITOR, ""),)),
    Person(
        "duojuese", "哈斯", ((Role.APPLICANT, QIONGLU), (Role.UNIT_OFFICER, QIONGLU), (Role.EXPERT, "")), QIONGLU
    ),
)  # fmt: skip
FIRST_ACCOUNT = PEOPLE[0].username


@dataclass(frozen=True)
class Expert:
    """An entry of the demo's 专家库; ``username`` is empty for people without an account. The telephone number is no real one."""

    username: str
    name: str
    employer: str
    sector: str
    title: str
    position: str
    categories: str
    industries: str
    division: str
    phone: str
    max_load: int | None = None


_SECTOR = ExpertProfile.Sector
EXPERTS = (
    Expert("zhuanjia1", "顾长青", "海西虚拟大学", _SECTOR.UNIVERSITY, "教授", "研究生院副院长", "0855 0858", "modern_energy advanced_manufacturing", "", "19900000001"),
    Expert("zhuanjia2", "赵一苇", "江左工程研究院（虚构）", _SECTOR.INSTITUTE, "研究员", "", "0854 0855", "information_technology advanced_manufacturing", "", "19900000002"),
    Expert("zhuanjia3", "钱万钧", "云梦大学（虚构）", _SECTOR.UNIVERSITY, "教授", "学院院长", "0451 1051 1054", "education health care", "", "19900000003"),
    Expert("zhuanjia4", "苏日娜", "北溟农业科学院（虚构）", _SECTOR.INSTITUTE, "研究员", "畜牧所所长", "0951 0952 0860", "smart_agriculture biotechnology", "150100", "19900000004", 12),
    Expert("zhuanjia5", "冯朝阳", WIND, _SECTOR.INDUSTRY, "正高级工程师", "总工程师", "0858 0855", "modern_energy energy_saving", "150200", "19900000005", 8),
    Expert("zhuanjia6", "吕怀瑾", CHANGFENG, _SECTOR.UNIVERSITY, "教授", "", "0856 0857 0859", "chemicals_materials ecological_protection", "150200", "19900000006"),
    Expert("duojuese", "哈斯", QIONGLU, _SECTOR.UNIVERSITY, "副教授", "", "0351 0352", "law", "150100", "19900000007", 5),
    Expert("", "程砚秋实", "岭东交通大学（虚构）", _SECTOR.UNIVERSITY, "教授", "", "0859 0861", "advanced_manufacturing", "", "19900000011"),
    Expert("", "巴图", "塞上能源集团（虚构）", _SECTOR.INDUSTRY, "高级工程师", "技术中心主任", "0858", "modern_energy", "150600", "19900000012"),
    Expert("", "卢明澈", "青岚软件有限公司（虚构）", _SECTOR.INDUSTRY, "高级工程师", "研发总监", "0854", "information_technology", "", "19900000013"),
    Expert("", "娜仁", "河套农业技术推广中心（虚构）", _SECTOR.GOVERNMENT, "推广研究员", "", "0951", "smart_agriculture", "150800", "19900000014"),
    Expert("", "杜若衡", "东望医科大学（虚构）", _SECTOR.UNIVERSITY, "主任医师", "附属医院副院长", "1051 1054", "health care", "", "19900000015"),
    Expert("", "沈既白", "南浦法律研究所（虚构）", _SECTOR.INSTITUTE, "研究员", "", "0351", "law", "", "19900000016"),
    Expert("", "敖登", "草原生态监测站（虚构）", _SECTOR.INSTITUTE, "研究员", "站长", "0857 0954", "ecological_protection", "152500", "19900000017"),
    Expert("", "姜予怀", "云渚旅游集团（虚构）", _SECTOR.INDUSTRY, "高级经济师", "副总经理", "1254", "culture_tourism", "", "19900000018"),
    Expert("", "毕知秋", "西泽化工研究院（虚构）", _SECTOR.INSTITUTE, "正高级工程师", "", "0856", "chemicals_materials", "", "19900000019"),
    Expert("", "宝音", "乡村教育发展中心（虚构）", _SECTOR.OTHER, "研究员", "", "0451", "education", "152200", "19900000020"),
)  # fmt: skip


@dataclass
class Cast:
    """Organisations and people in the database, by the names that the stories use."""

    department: Department
    units: dict[str, TrainingUnit] = field(default_factory=dict)
    partners: dict[str, PartnerUnit] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    memberships: dict[tuple[str, str], Membership] = field(default_factory=dict)

    def acting(self, username: str, role: str) -> Acting:
        """A person in one of their roles."""
        return as_acting(self.memberships[username, role])

    def holder(self, role: str, organisation: str) -> str:
        """The account that holds the role in the organisation; the first of several."""
        return next(person.username for person in PEOPLE if (role, organisation) in person.roles)

    def free_experts(self, unit: str, partner: str) -> list[str]:
        """The accounts of the experts to whom nothing ties the unit or the partner (回避)."""
        return [p.username for p in PEOPLE if (Role.EXPERT, "") in p.roles and p.employer not in (unit, partner)]


def password_hash() -> str:
    """The stored form of the demo's password."""
    return make_password(PASSWORD, salt=_SALT)


def enter() -> Cast:
    """Create the organisations, the accounts and their roles."""
    cast = Cast(
        Department.objects.create(
            name="内蒙古自治区教育厅（演示）", document_word="内教演函", office="学位管理与研究生教育处", supervision_office="机关纪委",
            phone="0471-0000000", email="xwb@example.invalid", address="呼和浩特市（演示地址）",
        )
    )  # fmt: skip
    divisions = Division.objects.filter(parent=None).in_bulk(field_name="code")
    categories = DegreeCategory.objects.in_bulk(field_name="code")
    for unit in UNITS:
        made = TrainingUnit.objects.create(
            code=unit.code, name=unit.name, kind=unit.kind, division=divisions[unit.division], address=unit.address,
            double_first_class=unit.double_first_class, document_word=unit.word, phone="0471-0000000",
            email=f"yjs{unit.code}@example.invalid",
        )  # fmt: skip
        cast.units[unit.name] = made
        CategoryAuthorisation.objects.bulk_create(
            CategoryAuthorisation(training_unit=made, category=categories[code], year=2014, fields=FIELDS.get(code, []))
            for code in unit.categories.split()
        )
    for partner in PARTNERS:
        cast.partners[partner.name] = PartnerUnit.objects.create(
            credit_code=partner.body + uscc.calc_check_digit(partner.body),
            name=partner.name,
            kind=partner.kind,
            division=divisions[partner.division],
        )
    _enter_people(cast)
    _enter_experts(cast)
    return cast


def _enter_people(cast: Cast) -> None:
    stored = password_hash()
    for person in PEOPLE:
        email = f"{person.username}@example.invalid"
        cast.users[person.username] = User.objects.create(
            username=person.username, full_name=person.name, email=email, password=stored
        )
    granted_by = cast.users["anquan"]
    for person in PEOPLE:
        user = cast.users[person.username]
        # The very first administrators have nobody to grant them their roles.
        by = None if person.username in ("xitong", "anquan") else granted_by
        for role, organisation in person.roles:
            cast.memberships[person.username, role] = grant_membership(
                user=user,
                role=role,
                by=by,
                training_unit=cast.units[organisation] if role in UNIT_ROLES else None,
                partner_unit=cast.partners[organisation] if role == Role.PARTNER_OFFICER else None,
                department=cast.department if role in DEPARTMENT_ROLES else None,
            )


def _enter_experts(cast: Cast) -> None:
    """The 专家库: people with an account, people still to be invited, and one whose invitation waits for an answer."""
    divisions = {division.code: division for division in Division.objects.filter(parent=None)}
    made = ExpertProfile.objects.bulk_create(
        ExpertProfile(
            user=cast.users.get(each.username), name=each.name, employer=each.employer, sector=each.sector, title=each.title,
            position=each.position, industries=each.industries.split(), division=divisions.get(each.division), phone=each.phone,
            email=f"{each.username or 'zj' + each.phone[-2:]}@example.invalid", max_load=each.max_load,
            training_unit=cast.units.get(each.employer), partner_unit=cast.partners.get(each.employer),
        )
        for each in EXPERTS
    )  # fmt: skip
    categories = DegreeCategory.objects.in_bulk(field_name="code")
    through = ExpertProfile.categories.through
    through.objects.bulk_create(
        through(expertprofile=profile, degreecategory=categories[code])
        for profile, each in zip(made, EXPERTS, strict=True)
        for code in each.categories.split()
    )


def invite_experts(cast: Cast, on: date) -> None:
    """The experts with an account came years ago, the others this week; of two who were invited one has declined."""
    ExpertProfile.objects.filter(user__isnull=False).update(added_on=date(on.year - 6, 3, 2))
    invited_on, morning = on - timedelta(days=4), time(9, tzinfo=ZoneInfo("Asia/Shanghai"))
    ExpertProfile.objects.filter(user=None).update(added_on=invited_on)
    _waiting, declined = invitations.issue_many(
        profiles=ExpertProfile.objects.filter(user=None).order_by("pk")[:2],
        by=cast.acting("jingban1", Role.DEPT_OFFICER),
        on=invited_on,
        at=datetime.combine(invited_on, morning),
    )
    answered_on = on - timedelta(days=1)
    reason = "今年承担国家重大项目验收，时间冲突，明年可以参加。"
    invitations.decline(
        secret=declined.secret, reason=reason, on=answered_on, at=datetime.combine(answered_on, morning)
    )
