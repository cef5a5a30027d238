"""The text of a 联合培养协议 as both sides of an invented base would agree on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from agreements.matters import GUIDES, Matter
from bases.models import Base

GOALS = (
    "围绕{topic}联合培养研究生，每年接收十名以上研究生进入基地，学位论文选题来自基地项目的占八成以上。\n"
    "共建课程和案例，双方导师互聘，合作解决生产中的技术问题，促进成果在{partner}应用。"
)
# What the parties fill into the blanks of the wordings to begin with, in their order.
FILLED = {
    Matter.WAY: ("云景行，专业学位教育中心主任", "郝润泽，人力资源部部长"),
    Matter.PERIOD: ("六至十二",),
    Matter.CONTENT: ("{category}", "两门课程、一个案例库"),
    Matter.CONDITIONS: ("联合实验室一个、固定工位二十个和相应仪器设备", "住宿由乙方免费提供，用餐按乙方职工标准", "大型仪器共享平台"),
    Matter.PRACTICE: (),
    Matter.EXCHANGE: ("两",),
    Matter.PROPERTY: ("五年，自知悉之日起算",),
    Matter.TREATMENT: ("15日",),
    Matter.SAFETY: ("两小时",),
}  # fmt: skip


def terms(topic: str, base: Base) -> dict[str, Any]:
    """The fields of the agreement of a base by their name."""
    partner = base.partner.name if base.partner else "合作单位"
    return {
        "goals": GOALS.format(topic=topic, partner=partner),
        "unit_representative": "苏和平",
        "partner_representative": "包长青",
        "committee_office": f"{partner}人力资源部",
        "posts_per_year": 12,
        "insurance_by": "partner",
        "stipend_floor_master": Decimal("1000.00"),
        "stipend_floor_doctor": Decimal("2000.00"),
        "pay_standard": "每名乙方导师每学期三千元，按实际指导的研究生人数计算",
        "pay_way": "每学期末由甲方转入乙方导师个人账户",
    }


def clauses(base: Base) -> dict[str, str]:
    """The nine matters, their blanks filled in."""
    category = base.category.name if base.category else "本类别"
    return {str(matter): _filled(matter, category) for matter in Matter}


def _filled(matter: Matter, category: str) -> str:
    answers: Iterator[str] = iter(FILLED[matter])
    return re.sub("【.*?】", lambda _blank: next(answers).format(category=category), str(GUIDES[matter].wording))
