"""Builders for the tests of mentors and committees: nominations, appointments, students whom a mentor guides."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Any

from django.db import transaction
from django.test import override_settings

from agreements.models import (
    Appointment,
    CommitteeMeeting,
    CommitteeMember,
    CommitteeTerm,
    Mentor,
    MentorAppraisal,
    MentorTraining,
    Placement,
    Post,
    RegulationDocument,
    ResponsibleOffice,
    Student,
)
from agreements.services import committees, mentors
from bases.models import Base
from bases.people_terms import StudyLevel, StudyMode
from portal.acting import Acting
from tests.factories import World

_numbers = count(1)


@dataclass(frozen=True)
class Settled:
    """What every test of a module begins with: its people, and a base in construction without mentors."""

    world: World
    base: int


@contextmanager
def settled(blocker: Any, folder: Any, on: date) -> Iterator[Settled]:
    """Built once a module; each test begins from it and is taken back to it."""
    quick = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with blocker.unblock(), transaction.atomic():
        with override_settings(PASSWORD_HASHERS=quick, MEDIA_ROOT=folder):
            world = World.create()
            base = world.constructing(on)
            Appointment.objects.all().delete()
            Mentor.objects.all().delete()
        yield Settled(world, base.pk)
        transaction.set_rollback(True)


ENGINEER = {"department": "研发中心", "post": "高级工程师", "title": "senior", "phone": "13800000001", "email": "gong@example.invalid"}  # fmt: skip


def nominated(world: World, base: Base, on: date, name: str = "龚工", **person: Any) -> Appointment:
    """Somebody new of the partner, nominated."""
    return mentors.nominate(
        base=base,
        by=world.partner_officer,
        on=on,
        reason="主持过三个研发项目。",
        person={"name": name, **ENGINEER, **person},
    )


def term(on: date, years: int = 3) -> dict[str, date]:
    """A term of so many years that begins on that day."""
    return {"starts_on": on, "ends_on": date(on.year + years, on.month, on.day) - timedelta(days=1)}


def appointed(world: World, base: Base, on: date, name: str = "龚工", **dates: date) -> Appointment:
    """Somebody new of the partner, nominated and appointed on that day."""
    found = nominated(world, base, on, name)
    (made,) = mentors.appoint(base=base, appointments=[found], by=world.unit_officer, on=on, **(dates or term(on)))
    return made


def teacher(world: World, base: Base, on: date, name: str = "常教授", **dates: date) -> Appointment:
    """A teacher of the unit, named on that day."""
    return mentors.name_campus_mentor(
        base=base, by=world.unit_officer, on=on, person={"name": name, "department": "机械学院"}, **(dates or term(on))
    )


def guided(base: Base, industry: Mentor, campus: Mentor, on: date, status: str = Placement.Status.RUNNING) -> Placement:
    """A student who is guided by both in the base, begun on that day."""
    number = next(_numbers)
    student = Student.objects.create(
        training_unit=base.training_unit, number=f"Z{number:06d}", name=f"研究生{number}", level=StudyLevel.MASTER,
        mode=StudyMode.FULL_TIME, category=base.category, entry_year=on.year - 1, entered_on=on,
    )  # fmt: skip
    post = Post.objects.create(base=base, year=on.year, title="研发助理", places=5, work="参加研发。", offered_on=on)
    until = on + timedelta(days=240)
    return Placement.objects.create(
        base=base, post=post, student=student, status=status, starts_on=on, ends_on=until, planned_ends_on=until,
        campus_mentor=campus, industry_mentor=industry, selected_on=on, safety_signed_on=on, insurer="平安", policy_number="P1",
        insured_from=on, insured_until=until, lodging="partner", started_on=on, ending="completed" if status == "ended" else "",
    )  # fmt: skip


def prepared(world: World, base: Base, on: date, **changes: Any) -> CommitteeTerm:
    """A committee in preparation, without members."""
    given = {**term(on), "office": "创新管理办公室", "office_place": "研发楼 2 层", "office_phone": "0471-2222222"}
    return committees.prepare_term(base=base, by=world.unit_officer, on=on, **(given | changes))


def with_member(found: CommitteeTerm, by: Acting, on: date, name: str, **changes: Any) -> Any:
    """A member of the side of ``by``."""
    given = {"name": name, "duty": "副院长", "title": "教授", "position": "member"}
    return committees.add_member(term=found, by=by, on=on, **(given | changes))


def in_office(world: World, base: Base, on: date, **changes: Any) -> CommitteeTerm:
    """A committee of two that both sides have confirmed on that day."""
    found = prepared(world, base, on, **changes)
    with_member(found, world.unit_officer, on, "阮院长", position="chair")
    with_member(found, world.partner_officer, on, "尚总工", duty="总工程师", position="vice_chair")
    for side in (world.unit_officer, world.partner_officer):
        committees.confirm(term=found, by=side, on=on)
    found.refresh_from_db()
    return found


def one_of_each(base: Base, unit: Any, partner: Any, on: date) -> dict[str, Any]:
    """A row of each kind around mentors and committee of a base, written straight into the tables."""
    campus = Mentor.objects.create(kind="campus", training_unit=unit, name="常教授", entered_on=on)
    industry = Mentor.objects.create(kind="industry", partner_unit=partner, name="龚工", entered_on=on)
    waiting = Mentor.objects.create(kind="industry", partner_unit=partner, name="邵工", entered_on=on)
    dates = {"nominated_on": on, "decided_on": on, "status": "appointed", **term(on)}
    office = CommitteeTerm.objects.create(
        base=base, office="创新办", entered_on=on, unit_confirmed_on=on, partner_confirmed_on=on, **term(on)
    )
    rule = RegulationDocument.objects.create(base=base, kind="safety", title="安全管理办法", side="unit")
    appointment = Appointment.objects.create(base=base, mentor=campus, **dates)
    return {
        "mentor": campus,
        "industry": industry,
        "appointment": appointment,
        "industry_appointment": Appointment.objects.create(base=base, mentor=industry, **dates),
        "nomination": Appointment.objects.create(base=base, mentor=waiting, nominated_on=on, reason="能干。"),
        "training": MentorTraining.objects.create(base=base, topic="规范", held_on=on, hours=4, recorded_on=on),
        "appraisal": MentorAppraisal.objects.create(appointment=appointment, year=on.year, grade="qualified", appraised_on=on),
        "term": office,
        "unit_member": _member(office, "unit", on),
        "partner_member": _member(office, "partner", on),
        "meeting": CommitteeMeeting.objects.create(
            base=base, held_on=on, place="研发楼", present="全体", topics="通报。", recorded_on=on
        ),
        "rule": rule,
        "office": ResponsibleOffice.objects.create(base=base, institution="创新办", person="甲某", since=on, entered_on=on),
    }  # fmt: skip


def _member(office: CommitteeTerm, side: str, on: date) -> CommitteeMember:
    return CommitteeMember.objects.create(
        term=office, side=side, name="某委员", duty="主任", joined_on=on, entered_on=on
    )


OF_A_BASE = (
    "base-committee", "committee-term", "committee-meeting", "committee-office", "base-rule", "base-mentors", "mentor-nominate",
    "mentor-name", "mentor-appoint", "mentor-appraise", "mentor-training",
)  # fmt: skip


def addresses(rows: dict[str, Any], base: Base) -> dict[str, list[Any]]:
    """What the addresses of these pages take."""
    return {name: [base.pk] for name in OF_A_BASE} | {
        "committee-member": [rows["term"].pk],
        "committee-confirm": [rows["term"].pk],
        "committee-member-leave": [rows["unit_member"].pk],
        "committee-meeting-withdraw": [rows["meeting"].pk],
        "base-rule-version": [rows["rule"].pk],
        "base-rule-repeal": [rows["rule"].pk],
        "mentor-training-withdraw": [rows["training"].pk],
        "mentor": [rows["mentor"].pk],
        "mentor-edit": [rows["mentor"].pk],
        "appointment-act": [rows["appointment"].pk, "renew"],
    }
