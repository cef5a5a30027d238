"""What the tests of the months share: an agreement with floors, and students who are in the base."""

import itertools
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from agreements.models import Agreement, Mentor, MonthlyRecord, Placement, Post, Student
from agreements.services import months
from agreements.services.months import Outcome, Typed
from bases.models import Base
from portal.acting import Acting
from tests.agreements.agreed import known_by_its_scan

AT = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
LONG_AGO, FAR_AWAY = date(2026, 3, 1), date(2027, 6, 30)
WHOLE = {"grade": "合格", "days": "22", "amount": "1500", "paid_on": "2026-11-05"}
_numbers = itertools.count(1)


def agreed(
    base: Base, master: int | None = 1000, doctor: int | None = 2000, since: date = date(2026, 1, 1), until: date = date(2028, 12, 31),
) -> Agreement:  # fmt: skip
    """The agreement of a base with these floors in yuan, in force for three years."""
    return known_by_its_scan(base, since, until, stipend_floor_master=master, stipend_floor_doctor=doctor)


def mentors_of(base: Base) -> dict[str, Mentor]:
    """A campus and an industry mentor."""
    campus, _ = Mentor.objects.get_or_create(
        kind="campus", training_unit=base.training_unit, name="校内导师", defaults={"entered_on": LONG_AGO}
    )
    industry, _ = Mentor.objects.get_or_create(
        kind="industry", partner_unit=base.partner, name="行业导师", defaults={"entered_on": LONG_AGO}
    )
    return {"campus_mentor": campus, "industry_mentor": industry}


def place(
    base: Base, name: str = "", level: str = "master", starts_on: date = OCTOBER, ends_on: date = FAR_AWAY, **changes: Any
) -> Placement:  # fmt: skip
    """A student who is in a base from one day to another; made directly, with a complete checklist."""
    number = next(_numbers)
    student = Student.objects.create(
        training_unit=base.training_unit, number=f"S{number:05d}", name=name or f"学生{number}", level=level, mode="full_time",
        category=base.category, entry_year=2025, entered_on=LONG_AGO, phone="13900000001",
    )  # fmt: skip
    post, _ = Post.objects.get_or_create(
        base=base,
        year=2026,
        title="研发助理",
        defaults={"places": 500, "work": "参与项目研发。", "offered_on": LONG_AGO},
    )
    given = {
        "status": "running", "stage": "practice", "planned_ends_on": ends_on, "selected_on": starts_on, "started_on": starts_on,
        "safety_signed_on": starts_on, "insurer": "某保险", "policy_number": f"P{number}", "insured_from": starts_on,
        "insured_until": ends_on, "lodging": "partner",
    } | mentors_of(base) | changes  # fmt: skip
    return Placement.objects.create(
        base=base, post=post, student=student, starts_on=starts_on, ends_on=ends_on, **given
    )


def save(
    base: Base, month: date, by: Acting, lines: Mapping[Placement, Mapping[str, str]], on: date, *, whole: bool = True, seen: int | None = None,
) -> Outcome:  # fmt: skip
    """The partner saves these lines as they are read before."""
    kept = MonthlyRecord.objects.filter(base=base, month=month, is_current=True)
    read = dict(kept.values_list("placement", "revision"))
    typed = [Typed(one.pk, texts, read.get(one.pk, 0) if seen is None else seen) for one, texts in lines.items()]
    return months.save_rows(base=base, month=month, typed=typed, by=by, on=on, at=AT, whole=whole)


def filled(base: Base, month: date, by: Acting, on: date, *placements: Placement, **changes: str) -> None:
    """The partner fills in a month of these students; it must be right."""
    outcome = save(base, month, by, dict.fromkeys(placements, WHOLE | changes), on)
    assert outcome.faults == {}


def line_of(placement: Placement, month: date) -> dict[str, Any]:
    """What stands in a student's line of a month."""
    found = MonthlyRecord.objects.get(placement=placement, month=month, is_current=True)
    return {
        "grade": found.grade,
        "days": found.days,
        "amount": found.amount,
        "paid_on": found.paid_on,
        "state": found.state,
    }


def yuan(amount: str) -> Decimal:
    """An amount."""
    return Decimal(amount)
