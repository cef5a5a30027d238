"""A base whose partner offers posts: its agreement, mentors, students, and placements that have come as far as a test needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pgtrigger

from agreements.models import Agreement, Appointment, Mentor, Placement, Post, Student
from agreements.services import placement_starts, placements, posts, students
from bases.models import Base
from portal.acting import Acting
from tests.agreements.agreed import known_by_its_scan
from tests.factories import World, pdf_upload

STARTS, ENDS = date(2026, 12, 1), date(2027, 8, 31)
NAMES = ("乌兰", "巴雅尔", "陈晨", "杜娟", "娜仁", "李强", "王芳", "赵磊")


def agree(base: Base, on: date, **terms: Any) -> Agreement:
    """An agreement in force, known by its scan: five posts a year, the partner insures."""
    given = {"posts_per_year": 5, "insurance_by": "partner"} | terms
    return known_by_its_scan(base, on, on + timedelta(days=3 * 365), **given)


def appoint(base: Base, kind: str, name: str, on: date, **term: Any) -> Mentor:
    """A mentor of the side of the kind, appointed for three years."""
    side = {"training_unit": base.training_unit} if kind == "campus" else {"partner_unit": base.partner}
    mentor = Mentor.objects.create(kind=kind, name=name, entered_on=on, **side)
    given = {
        "starts_on": on - timedelta(days=30),
        "ends_on": on + timedelta(days=3 * 365),
        "status": "appointed",
    } | term
    Appointment.objects.create(base=base, mentor=mentor, nominated_on=on, decided_on=on, **given)
    return mentor


@dataclass
class Placing:
    """One base and whoever works on it; ``post`` offers four places."""

    world: World
    base: Base
    on: date
    post: Post
    students: list[Student]
    campus: Mentor
    industry: Mentor
    agreement: Agreement
    made: list[Placement] = field(default_factory=list)

    @property
    def unit(self) -> Acting:
        return self.world.unit_officer

    @property
    def partner(self) -> Acting:
        return self.world.partner_officer

    def had_agreed(self, **terms: Any) -> None:
        """Let the agreement have said something else from the beginning."""
        with pgtrigger.ignore("agreements.Agreement:agreement_text_is_frozen_once_sent"):
            Agreement.objects.filter(pk=self.agreement.pk).update(**terms)
        self.agreement.refresh_from_db()

    def select(self, number: int = 1, **changes: Any) -> list[Placement]:
        """The unit selects the first ``number`` students who are not placed yet."""
        free = [each for each in self.students if not each.placements.exists()][:number]
        given = {
            "base": self.base, "post": self.post, "students": [each.pk for each in free], "acting": self.unit, "on": self.on,
            "starts_on": STARTS, "ends_on": ENDS, "campus_mentor": self.campus.pk,
        }  # fmt: skip
        return placements.select(**given | changes)

    def accept(self, found: Sequence[Placement], **changes: Any) -> list[Placement]:
        given = {"acting": self.partner, "on": self.on, "industry_mentor": self.industry.pk, "lodging": "partner"}
        placements.accept(base=self.base, placements=[each.pk for each in found], **given | changes)
        return self.fresh(found)

    def complete(self, found: Sequence[Placement]) -> list[Placement]:
        """Everything on the checklist that accepting has left open."""
        pks, more = [each.pk for each in found], {"base": self.base, "acting": self.partner, "on": self.on}
        placement_starts.record_safety(placements=pks, signed_on=self.on, file=pdf_upload("安全协议.pdf"), **more)
        self.insure(found)
        return self.fresh(found)

    def insure(self, found: Sequence[Placement], **changes: Any) -> None:
        given = {
            "acting": self.partner, "on": self.on, "insurer": "平安保险", "policy_number": "PA-2026-01",
            "insured_from": self.on, "insured_until": ENDS,
        }  # fmt: skip
        placement_starts.record_insurance(base=self.base, placements=[each.pk for each in found], **given | changes)

    def start(self, found: Sequence[Placement], on: date = STARTS, **changes: Any) -> list[Placement]:
        given = {"acting": self.partner, "on": on, "arrived_on": on}
        placement_starts.start(base=self.base, placements=[each.pk for each in found], **given | changes)
        return self.fresh(found)

    def running(self, number: int = 1) -> list[Placement]:
        return self.start(self.complete(self.accept(self.select(number))))

    def fresh(self, found: Sequence[Placement]) -> list[Placement]:
        return list(Placement.objects.filter(pk__in=[each.pk for each in found]).order_by("pk"))

    def words(self, placement: Placement) -> list[str]:
        """The time line, oldest first."""
        return [str(each.get_kind_display()) for each in placement.events.order_by("pk")]


def student(world: World, on: date, number: str, name: str, **changes: Any) -> Student:
    given = {
        "number": number, "name": name, "level": "master", "mode": "full_time", "bound": False, "category": world.category,
        "entry_year": on.year - 1, "phone": "13800001234", "field": "", "college": "", "email": "", "left_on": None,
    }  # fmt: skip
    return students.save(by=world.unit_officer, on=on, **given | changes)


def settle(world: World, on: date) -> Placing:
    """A living base whose partner has offered a post of four places, and eight students of the unit."""
    base = world.constructing(on)
    post = posts.save(
        base=base, acting=world.partner_officer, on=on, year=on.year, title="设备运维", department="技术部", places=4, level="",
        work="参与设备状态监测。", requirements="", location="包头", stipend=1500,
    )  # fmt: skip
    people = [student(world, on, f"2025{n:04}", name) for n, name in enumerate(NAMES)]
    campus, industry = appoint(base, "campus", "李文华", on), appoint(base, "industry", "王建军", on)
    return Placing(world, base, on, post, people, campus, industry, agree(base, on))


def placed(world: World, base: Base, on: date) -> Placement:
    """Somebody whom the unit has selected into a post of three places that the partner offers in this base."""
    post = posts.save(
        base=base, acting=world.partner_officer, on=on, year=on.year, title="岗位", places=3, work="实践。"
    )
    chosen = student(world, on, f"2026{base.pk}", "某研究生")
    (made,) = placements.select(
        base=base, post=post, students=[chosen.pk], acting=world.unit_officer, on=on, starts_on=STARTS, ends_on=ENDS
    )
    return made
