"""What the story of a review finds: twelve applications of three units, and what the other people of it do beside the browser.

Each function is a command beside the portal of the story: ``manage.py shell --command``.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from applications.models import Assignment, ExpertAbsence, ExpertProfile, Round
from applications.services import invitations, recognising, recusals, rounds, sheets
from applications.services.quotas import publish
from bases.acting import as_acting
from bases.lifecycle import State
from bases.models import Base, CategoryAuthorisation, DegreeCategory, Membership
from evaluations.demo.play import Play
from portal.acting import Acting
from portal.roles import Role
from tests.factories import PASSWORD, PartnerUnitFactory, TrainingUnitFactory, UserFactory, credit_code

UNITS = ("松原理工大学", "河套农业大学", "阴山师范大学")
CATEGORIES = ("0855", "0951", "0854")
TOPICS = (
    "风电装备", "储能系统", "稀土材料", "工业软件",
    "智慧牧场", "草业育种", "农产品加工", "乳品安全",
    "教师发展", "智慧教育", "心理健康", "数据平台",
)  # fmt: skip


def _person(username: str, name: str, role: str, **organisation: object) -> Acting:
    user = UserFactory(username=username, full_name=name)
    return as_acting(Membership.objects.create(user=user, role=role, **organisation))


def _holder(username: str) -> Acting:
    return as_acting(Membership.objects.get(user__username=username, withdrawn_at=None))


@transaction.atomic
def prepare(on: date) -> None:
    """Open the round of that year, and bring twelve applications to the department; prints the accounts and what was made."""
    officer, leader = _holder("jingban1"), _holder("shenpi1")
    end = date(on.year, 12, 31)
    weights = {
        "base_places": 10,
        "per_category": 0,
        "per_hundred_students": 0,
        "first_class_bonus": 0,
        "minimum": 0,
        "maximum": 200,
    }
    units = [
        TrainingUnitFactory(name=name, code=f"{18101 + number}", document_word=f"{name[:2]}研")
        for number, name in enumerate(UNITS)
    ]
    round_: Round = rounds.open_round(
        year=on.year, opens_on=on, closes_on=end, recommend_by=end, formula=weights, by=officer, on=on
    )
    publish(round=round_, by=officer, on=on, accept_missing=True)
    for profile in ExpertProfile.objects.exclude(user=None):  # the nine of the story are to do it by themselves
        ExpertAbsence.objects.create(profile=profile, from_on=on, to_on=date(on.year, 12, 31), note="出国访问")
    made = []
    for number, unit in enumerate(units):
        category = DegreeCategory.objects.get(code=CATEGORIES[number])
        CategoryAuthorisation.objects.create(training_unit=unit, category=category, year=2015)
        partner = PartnerUnitFactory(
            name=f"{UNITS[number][:2]}装备制造有限公司", credit_code=credit_code(7_000_000 + number)
        )
        play = Play(
            unit=unit, partner=partner, category=category, officer=officer, leader=leader,
            applicant=_person(f"leader{number}", f"申报教授{number}", Role.APPLICANT, training_unit=unit),
            unit_officer=_person(f"graduate{number}", f"研院老师{number}", Role.UNIT_OFFICER, training_unit=unit),
            partner_officer=_person(f"company{number}", f"企业人事{number}", Role.PARTNER_OFFICER, partner_unit=partner),
            names=[f"{TOPICS[number * 4 + place]}联合培养基地" for place in range(4)],
        )  # fmt: skip
        drafted = [play.review(play.declare(play.draft(on), on), on) for _place in range(4)]
        play.publish_list(drafted, on)
        for base in drafted:
            made.append(play.recommend(type(base).objects.get(pk=base.pk), on + timedelta(days=14)))
        for acting in (play.applicant, play.unit_officer, play.partner_officer):
            assert acting.user is not None
            print(acting.user.username, PASSWORD, acting.user.full_name, acting.role, acting.organisation_name)
    print(json.dumps({"round": round_.pk, "bases": {base.name: base.pk for base in made}}, ensure_ascii=False))


@transaction.atomic
def accept(names: list[str], on: date) -> None:
    """The officer invites these people of the pool one by one, and each accepts; prints their accounts."""
    officer = _holder("jingban1")
    for number, name in enumerate(names):
        profile = ExpertProfile.objects.get(name=name)
        issued = invitations.issue(profile=profile, by=officer, on=on, at=timezone.now())
        invitations.accept(
            secret=issued.secret, username=f"reviewer{number}", password=PASSWORD, employer=profile.employer,
            phone=profile.phone, email="", on=on, at=timezone.now(),
        )  # fmt: skip
        print(f"reviewer{number}", PASSWORD, name, "expert", profile.employer)


# The totals of the twelve, in the order of their names; the last but one is disputed.
TOTALS = (92, 90, 88, 86, 84, 82, 80, 78, 77, 70, 66, 60)
COMMENT = "材料扎实，双方投入和培养过程都有记录可查，建议继续完善导师互聘和过程考核。"


@transaction.atomic
def score(round_pk: int, on: date, but: str = "") -> None:
    """Every expert hands in what still waits in this round, ``but`` for the one of that name, whose sheets stay out."""
    waiting = Assignment.objects.filter(
        panel__application__round=round_pk, status=Assignment.Status.ASSIGNED, panel__started=True
    ).exclude(expert__full_name=but)
    places = {pk: place for place, pk in enumerate(_applications(round_pk))}
    for number, assignment in enumerate(waiting.select_related("panel", "expert").order_by("pk")):
        place = places[assignment.panel.application_id]
        by = as_acting(Membership.objects.get(user=assignment.expert, role=Role.EXPERT, withdrawn_at=None))
        if assignment.declared_on is None:
            recusals.declare_free(assignment=assignment, by=by, on=on)
        share = Decimal(TOTALS[place] + number % 3 - 1) / 100
        disputed = place == 7 and not Assignment.objects.filter(panel=assignment.panel, status="submitted").exists()
        points = {
            c.key: (c.points * (Decimal("0.40") if disputed else share)).quantize(Decimal(1))
            for c in assignment.panel.rubric.criteria.all()
        }
        sheets.submit_sheet(assignment=assignment, points=points, comment=COMMENT, by=by, on=on)


def _applications(round_pk: int) -> list[int]:
    found = Round.objects.get(pk=round_pk).applications.order_by("base__name", "pk")
    return list(found.values_list("pk", flat=True))


@transaction.atomic
def recognise(round_pk: int, on: date) -> None:
    """The leader recognises those that are out for objection and that the story has left."""
    leader = _holder("shenpi1")
    for base in Base.objects.filter(applications__round=round_pk, state=State.RECOGNITION_NOTICE).order_by("pk"):
        recognising.recognise(base=base, acting=leader, on=on)
