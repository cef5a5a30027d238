"""A whole 申请书, section by section, as an applicant would fill it in; everything in it is invented."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

from dateutil.relativedelta import relativedelta
from django.core.files.uploadedfile import SimpleUploadedFile

from agreements.money import ContributionKind, ExpenseKind, Side
from applications import paper
from applications.models import Application, ApplicationFile, TrainedStudent
from applications.services import drafting
from applications.services.drafting import RowEntry
from bases.models import PartnerUnit
from portal import uploads
from portal.acting import Acting

REASON = (
    "双方自合作以来围绕{topic}联合培养研究生，课题来自{partner}的实际需求，学校和合作单位各出一名导师共同指导。"
    "已建成固定的实践场地和配套课程，形成了从选题、实践到学位论文的完整培养环节，具备认定为研究生联合培养基地的条件。"
)
TEXTS = {
    "results": (
        "一、平台：建成联合实验室一个，实践场地三百二十平方米。\n二、培养：研究生入基地实践均在六个月以上，逐月考核。\n"
        "三、课题：围绕{topic}开展联合攻关项目四项，研究生为主要参加人。\n四、成果：形成专利、标准和应用方案多项，毕业研究生多数在本行业就业。"
    ),
    "goals": "用三年建成面向{topic}的自治区级联合培养基地：每年接收研究生十名以上，学位论文选题来自基地项目的占八成以上，形成可推广的培养办法。",
    "training_mode": (
        "采用“课程—实践—论文”三段式：第一年在校完成课程，第二年进入{partner}实践六至十二个月，第三年围绕实践课题完成学位论文。"
        "实践课题由双方共同拟定，开题前由合作单位作涉密确认。"
    ),
    "dual_mentors": "每名研究生配一名校内导师和一名行业产业导师；双方导师每月至少共同指导一次，每学期联合检查一次，按规定遴选、聘任、培训和考核。",
    "rules": "设联合管理委员会和办公室，制定研究生管理、安全、考核、经费四项制度；合作单位由人力资源部专人负责日常管理。",
    "prospects": "{partner}每年有稳定的课题和岗位需求，符合自治区{topic}发展方向；基地建成后可带动课程改革和同类专业学位点建设。",
    "features": "真题真做：学位论文全部来自合作单位的实际课题，成果直接用于生产。",
}
MENTORS = (("云景行", "专业学位教育中心"), ("白予安", "专业学位教育中心"), ("苏和平", "研究生院"))
EXPERTS = (("郝润泽", "首席专家"), ("包长青", "业务部部长"), ("孟德远", "高级主管"))
STUDENTS = (
    "陈一鸣",
    "王若溪",
    "李昊然",
    "赵可欣",
    "刘思源",
    "周雨桐",
    "吴承泽",
    "郑晓岚",
    "孙沐阳",
    "马知远",
    "何静姝",
    "高子墨",
)
THESES = (
    "流程优化",
    "质量评价方法",
    "数据采集与分析",
    "风险识别与防控",
    "数字化方案设计",
    "成本与效益评估",
    "运行监测",
    "标准化",
)
# The division of the national economy by the kind of the partner.
SECTORS = {"enterprise": "34", "public_institution": "84", "institute": "73", "government": "92", "social": "95"}
# What is sealed is printed when everything else is there.
NEEDED_FILES = tuple(sorted((k.key for k in paper.FILE_KINDS if k.needed), key=lambda key: key == "sealed_form"))


def rows(*entries: dict[str, Any]) -> list[RowEntry]:
    """New rows of a table."""
    return [RowEntry(uuid4(), values) for values in entries]


def pages(
    *,
    on: date,
    partner: PartnerUnit | None,
    topic: str,
    unit_investment: Decimal | None,
    partner_investment: Decimal | None,
) -> dict[str, tuple[dict[str, Any], dict[str, list[RowEntry]]]]:
    """By section, the fields and the rows of a complete application that fulfils 第七条 on that day."""
    words = {"topic": topic, "partner": partner.name if partner else "合作单位"}
    started = on - relativedelta(years=3)
    return {
        "basics": (
            {
                "unit_leader_name": "云景行", "unit_leader_post": "院长", "unit_leader_title": "senior",
                "unit_leader_phone": "13900000001", "unit_leader_email": "leader@example.invalid",
                "partner_leader_name": "郝润泽", "partner_leader_post": "首席专家", "partner_leader_title": "senior",
                "partner_leader_phone": "13900000002", "partner_leader_email": "partner@example.invalid",
                "contact_name": "苏日娜", "contact_phone": "13900000003", "contact_email": "contact@example.invalid",
                "partner_office": "人力资源部研究生工作室", "partner_office_head": "乌兰 主任", "college": "专业学位教育中心",
                "authorised_year": 2015, "level": "master", "enrolled_1": 86, "enrolled_2": 78, "enrolled_3": 70,
                "graduated_1": 30, "graduated_2": 27, "graduated_3": 25,
            },
            {},
        ),
        "partner": (
            {
                "size": "large", "sector": SECTORS[partner.kind if partner else "enterprise"], "founded_on": date(2003, 5, 18), "legal_representative": "那日松",
                "address": "装备产业园 8 号", "staff": 1260, "technical_staff": 410, "senior_staff": 96,
                "revenue_1": Decimal("860000000"), "revenue_2": Decimal("815000000"), "revenue_3": Decimal("772000000"),
                "research_1": Decimal("39000000"), "research_2": Decimal("35500000"), "research_3": Decimal("31200000"),
                "had_accident": False, "had_dishonesty": False, "had_penalty": False, "incidents_note": "",
                "site_area": Decimal("320.50"), "capacity": 20, "lodging": "厂区公寓四人间，职工食堂同价就餐。",
                "safety_rules": "入厂三级安全教育、导师随岗、危险岗位不安排研究生单独作业。", "several_partners_reason": "",
            },
            {
                "platforms": rows({"name": "自治区企业技术中心", "level": "regional", "approved_by": "自治区工信部门", "year": 2018}),
                "equipment": rows(
                    {"name": "实训与测试系统", "model": "850 型", "quantity": 3, "value": Decimal("4200000")},
                    {"name": "数据采集工作站", "model": "", "quantity": 1, "value": Decimal("860000")},
                ),
                "projects": rows(
                    {"name": f"{topic}质量评价研究", "source": "企业自立", "places": 4, "summary": "指标设计、数据采集和改进方案。"},
                    {"name": f"{topic}数字化改造", "source": "自治区科技计划", "places": 6, "summary": "业务数据采集与过程判定。"},
                ),
            },
        ),
        "cooperation": (
            {"cooperation_started_on": started},
            {
                "agreements": rows(
                    {
                        "title": "研究生联合培养协议", "number": f"校企〔{started.year}〕12号", "signed_on": started,
                        "expires_on": on + relativedelta(years=5),
                    }
                ),
                "contributions": rows(
                    *_contributions(Side.UNIT, started.year + 1, unit_investment),
                    *_contributions(Side.PARTNER, started.year + 1, partner_investment),
                ),
                "results": rows({"name": f"{topic}质量评价方法", "kind": "patent", "authors": "云景行、郝润泽", "year": started.year + 1}),
            },
        ),
        "mentors": (
            {},
            {
                "campus_mentors": rows(
                    *({"name": n, "department": d, "title": "senior", "direction": topic, "students": 3} for n, d in MENTORS)
                ),
                "industry_mentors": rows(
                    *(
                        {
                            "name": name, "employer": words["partner"], "post": post, "title": "senior", "degree": "master",
                            "years": 15, "appointment": f"校聘〔{started.year}〕{number}号", "appointed_until": on + relativedelta(years=2),
                        }
                        for number, (name, post) in enumerate(EXPERTS, start=1)
                    )
                ),
            },
        ),
        "plan": ({"reason": REASON.format(**words), **{key: text.format(**words) for key, text in TEXTS.items()}}, {}),
        "budget": (
            {},
            {
                "budget_lines": rows(
                    _budget(ExpenseKind.TRAVEL, Side.UNIT, 30_000), _budget(ExpenseKind.MATERIALS, Side.UNIT, 50_000),
                    _budget(ExpenseKind.INSURANCE, Side.PARTNER, 10_000), _budget(ExpenseKind.EXPERTS, Side.PARTNER, 40_000),
                    _budget(ExpenseKind.OTHER, Side.PARTNER, 60_000) | {"note": "研究生生活补贴"},
                )
            },
        ),
    }  # fmt: skip


def _contributions(side: str, year: int, amount: Decimal | None) -> Iterable[dict[str, Any]]:
    if amount is None:
        return
    kinds = (ContributionKind.FUNDS, ContributionKind.SITE, ContributionKind.EQUIPMENT)
    third = round(amount / 3, -3 if amount >= 10_000 else 2).quantize(Decimal("0.01"))
    for kind, share in zip(kinds, (third, third, amount - 2 * third), strict=True):
        yield {
            "year": year,
            "side": side,
            "kind": kind,
            "amount": share,
            "note": "用于联合培养研究生",
            "voucher": "记账凭证",
        }


def _budget(subject: str, side: str, amount: int) -> dict[str, Any]:
    return {
        "subject": subject,
        "side": side,
        "year_1": Decimal(amount),
        "year_2": Decimal(amount),
        "year_3": Decimal(amount),
    }


def fill_in_targets(application: Application, by: Acting, on: date) -> None:
    """The three given rows of the plan."""
    given = [
        RowEntry(
            row.key,
            {
                "plan": f"第 {row.year} 年：完善制度，接收研究生，推进联合课题。", "students": 8 + 2 * (row.year or 0), "projects": 2,
                "mentors": 5, "courses": 1, "results": 2,
            },
        )
        for row in application.year_targets.all()
    ]  # fmt: skip
    drafting.save_section(application=application, section="budget", by=by, on=on, rows={"year_targets": given})


def bring_up_to_date(application: Application, by: Acting, on: date) -> None:
    """The figures of the year that has passed since an application was carried over from the last round."""
    new: dict[str, dict[str, Any]] = {
        "basics": {"enrolled_1": 92, "graduated_1": 33},
        "partner": {"revenue_1": Decimal(900_000_000), "research_1": Decimal(41_000_000)},
    }
    for section, values in new.items():
        drafting.save_section(application=application, section=section, by=by, on=on, values=values)


def students(application: Application, count: int, on: date) -> None:
    """So many postgraduates of the application's category, who entered two years ago."""
    category, entered = application.category, on - relativedelta(years=2)
    TrainedStudent.objects.bulk_create(
        TrainedStudent(
            application=application, position=n, name=STUDENTS[n % len(STUDENTS)], number=f"{entered.year}{n + 1:05d}",
            category=category, category_name=category.name if category else "机械", field="", level="master", mode="full_time",
            campus_mentor=MENTORS[n % 3][0], industry_mentor=EXPERTS[n % 3][0], entered_on=entered,
            left_on=entered + relativedelta(months=10), project="质量评价研究", thesis=f"{THESES[n % len(THESES)]}研究",
            graduation_year=(entered + relativedelta(months=10)).year, destination="合作单位就业",
        )
        for n in range(count)
    )  # fmt: skip


def attach(
    application: Application,
    by: Acting,
    kinds: Iterable[str],
    a_file: Callable[[str], SimpleUploadedFile],
    *,
    one_for_all: bool,
) -> None:
    """Attachments of these kinds. ``one_for_all`` keeps one and the same file for every kind, for whom the disk is what costs."""
    stored = None
    if by.user is None:
        raise ValueError("a person attaches files")
    for kind in kinds:
        if stored is None or not one_for_all:
            name = f"{ApplicationFile.Kind(kind).label}.pdf"
            stored = uploads.store(a_file(name), purpose="application_attachment", by=by.user)
        ApplicationFile.objects.create(application=application, kind=kind, stored=stored, added_by=by.user)
