"""Builders: people in their roles, and bases that have come as far as a test needs, moved by the real services."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import altcha
import factory
from stdnum.cn import uscc

from applications.models import ExpertProfile, PublicNotice
from applications.services import declaring, recommending
from bases.acting import as_acting
from bases.models import (
    Base,
    CategoryAuthorisation,
    DegreeCategory,
    Department,
    Division,
    Membership,
    PartnerUnit,
    TrainingUnit,
)
from evaluations.demo import Play, pdf_upload
from portal import human_check
from portal.acting import Acting
from portal.models import User
from portal.roles import Role

__all__ = ["World", "pdf_upload", "solved"]

PASSWORD = "demo-portal-2026"


def solved() -> str:
    """The solution of a new challenge, as a visitor's browser sends it."""
    given = human_check.challenge()
    found = altcha.solve_challenge_v1(given["challenge"], given["salt"], given["algorithm"], given["maxNumber"], 0)
    assert found is not None
    words = {key: given[key] for key in ("algorithm", "challenge", "salt", "signature")} | {"number": found.number}
    return base64.b64encode(json.dumps(words).encode()).decode()


def credit_code(number: int) -> str:
    """A synthetic 统一社会信用代码 whose check digit holds."""
    body = f"91150100MA{number:07d}"
    return body + uscc.calc_check_digit(body)


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person{n}")
    full_name = factory.Sequence(lambda n: f"测试人员{n}")
    password = factory.django.Password(PASSWORD)


class TrainingUnitFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = TrainingUnit

    code = factory.Sequence(lambda n: f"{19000 + n}")
    name = factory.Sequence(lambda n: f"北疆第{n}大学")
    division = factory.LazyFunction(lambda: Division.objects.get(code="150100"))
    document_word = factory.Sequence(lambda n: f"北疆{n}研")
    phone = "0471-0000000"
    email = "yjs@example.invalid"
    address = "大学街 1 号"


class PartnerUnitFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PartnerUnit

    credit_code = factory.Sequence(credit_code)
    name = factory.Sequence(lambda n: f"草原第{n}装备有限公司")
    kind = PartnerUnit.Kind.ENTERPRISE
    division = factory.LazyFunction(lambda: Division.objects.get(code="150200"))


def person(role: str, name: str = "", **organisation: Any) -> Acting:
    """Somebody new who acts in this role of this organisation."""
    user = UserFactory(**({"full_name": name} if name else {}))
    return as_acting(Membership.objects.create(user=user, role=role, **organisation))


@dataclass(kw_only=True)
class World(Play):
    """Everybody whom a base meets in its life, and their counterparts who must not meddle."""

    department: Department
    other_unit: TrainingUnit
    other_partner: PartnerUnit
    auditor: Acting
    sysadmin: Acting
    security_admin: Acting
    other_applicant: Acting
    other_unit_officer: Acting
    other_partner_officer: Acting

    @classmethod
    def create(cls) -> World:
        department = Department.objects.create(
            name="内蒙古自治区教育厅", document_word="内教研函", office="学位管理与研究生教育处", supervision_office="机关纪委",
            phone="0471-1111111", email="xwb@example.invalid", address="呼和浩特市",
        )  # fmt: skip
        unit, other_unit = TrainingUnitFactory(), TrainingUnitFactory()
        partner, other_partner = PartnerUnitFactory(), PartnerUnitFactory()
        category = DegreeCategory.objects.get(code="0855")
        for each in (unit, other_unit):
            CategoryAuthorisation.objects.create(training_unit=each, category=category, year=2015)
        world = cls(
            department=department, unit=unit, other_unit=other_unit, partner=partner, other_partner=other_partner, category=category,
            applicant=person(Role.APPLICANT, "申报教授", training_unit=unit),
            unit_officer=person(Role.UNIT_OFFICER, "研院老师", training_unit=unit),
            partner_officer=person(Role.PARTNER_OFFICER, "企业人事", partner_unit=partner),
            officer=person(Role.DEPT_OFFICER, "厅里经办", department=department),
            leader=person(Role.DEPT_LEADER, "厅里审批", department=department),
            auditor=person(Role.AUDITOR, "审计员甲", department=department),
            sysadmin=person(Role.SYSADMIN, "系统员乙", department=department),
            security_admin=person(Role.SECURITY_ADMIN, "安全员丙", department=department),
            other_applicant=person(Role.APPLICANT, training_unit=other_unit),
            other_unit_officer=person(Role.UNIT_OFFICER, training_unit=other_unit),
            other_partner_officer=person(Role.PARTNER_OFFICER, partner_unit=other_partner),
        )  # fmt: skip
        for number in range(5):
            expert = person(Role.EXPERT, f"专家{number}")
            ExpertProfile.objects.create(user=expert.user, name=expert.user.full_name, employer=f"外省研究院{number}")
            world.experts.append(expert)
        return world

    def publish(self, bases: list[Base], on: date, **changes: Any) -> PublicNotice:
        """The unit drafts and publishes its list on that day."""
        given = {"title": "关于推荐名单的公示", "text": "根据办法第八条，现予公示。"} | changes
        return self.publish_list(bases, on, **given)

    def publish_recognition(self, bases: list[Base], on: date, **changes: Any) -> PublicNotice:
        """The officer drafts and submits the department's list, the leader publishes it, on that day."""
        given = {"title": "关于拟认定名单的公示", "text": "根据办法第八条，现予公示。"} | changes
        return self.publish_recognition_list(bases, on, **given)

    def sent_back_and_declared_again(self, on: date) -> Base:
        """Recommended, sent back by the department, mended, declared and reviewed again, all on that day."""
        base = self.recommended(on)
        base = declaring.return_for_revision(base=base, acting=self.officer, on=on, reason="请补充材料。")
        base = declaring.declare(base=base, acting=self.applicant, on=on)
        opinions = dict.fromkeys(recommending.ASPECTS, "已补充，同意。")
        recommending.review(base=base, acting=self.unit_officer, on=on, **opinions)
        return Base.objects.get(pk=base.pk)

    def everybody(self) -> dict[str, Acting]:
        """One person for each of the nine roles."""
        return {
            Role.APPLICANT: self.applicant,
            Role.UNIT_OFFICER: self.unit_officer,
            Role.PARTNER_OFFICER: self.partner_officer,
            Role.EXPERT: self.experts[0],
            Role.DEPT_OFFICER: self.officer,
            Role.DEPT_LEADER: self.leader,
            Role.AUDITOR: self.auditor,
            Role.SYSADMIN: self.sysadmin,
            Role.SECURITY_ADMIN: self.security_admin,
        }
