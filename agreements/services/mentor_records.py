"""What the training unit does with appointed mentors: trainings and the yearly appraisal (第十一条；协议：导师队伍)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import Appointment, Mentor, MentorAppraisal, MentorTraining
from agreements.services.standing import living, must_be
from bases.models import Base
from portal import uploads
from portal.acting import Acting
from portal.errors import Overtaken, Refused

FILE = "mentor_training"


@transaction.atomic
def record_training(
    *,
    base: Base,
    by: Acting,
    on: date,
    topic: str,
    held_on: date,
    hours: Decimal,
    mentors: Iterable[Mentor],
    note: str = "",
    file: UploadedFile | None = None,
) -> MentorTraining:
    """Record a training of mentors who were appointed to the base on that day; ``hours`` are 学时.

    Raises NotYours, Overtaken, Refused for a day that is not over and for somebody who was no mentor of the base then.
    """
    locked = living(base)
    must_be(locked, by, "unit")
    if held_on > on:
        raise Refused(_("培训日期 %(day)s 还没有到，请在培训之后登记。") % {"day": held_on.isoformat()})
    chosen = {mentor.pk: mentor for mentor in mentors}
    if not chosen:
        raise Refused(_("请选择参加培训的导师。"))
    held = {
        each.mentor_id for each in Appointment.objects.filter(base=locked, mentor__in=chosen) if each.holds(held_on)
    }
    others = [mentor.name for key, mentor in chosen.items() if key not in held]
    if others:
        words = {"names": "、".join(others), "day": held_on.isoformat()}
        raise Refused(_("%(names)s在 %(day)s 不是本基地的在聘导师，请核对日期和名单。") % words)
    stored = uploads.store(file, purpose=FILE, by=by.user) if file else None
    made = MentorTraining.objects.create(
        base=locked, topic=topic.strip(), held_on=held_on, hours=hours, note=note.strip(), file=stored,
        recorded_by=by.user, recorded_on=on,
    )  # fmt: skip
    made.mentors.set(chosen.values())
    return made


@transaction.atomic
def withdraw_training(*, training: MentorTraining, by: Acting, on: date, reason: str) -> MentorTraining:
    """Say of a recorded training that it is wrong; it stays on the page with the reason and no longer counts."""
    locked = living(training.base)
    must_be(locked, by, "unit")
    found = MentorTraining.objects.select_for_update().get(pk=training.pk)
    if found.withdrawn_on is not None:
        raise Overtaken(_("这条培训记录已经作废，没有重复办理。"))
    if not reason.strip():
        raise Refused(_("请写明作废原因。"))
    found.withdrawn_by, found.withdrawn_on, found.withdrawn_reason = by.user, on, reason.strip()
    found.save()
    return found


@transaction.atomic
def appraise(
    *, appointment: Appointment, by: Acting, on: date, year: int, grade: str, note: str = "", correction: str = ""
) -> MentorAppraisal:
    """The unit's appraisal of a mentor for a year in which the appointment held.

    One counts per year: another one needs the reason of the ``correction``, and both stay to be read.
    """
    locked = living(appointment.base)
    must_be(locked, by, "unit")
    found = Appointment.objects.select_for_update(of=("self",)).select_related("mentor").get(pk=appointment.pk)
    starts_on, last_day = found.starts_on, found.last_day
    if found.status not in {Appointment.Status.APPOINTED, Appointment.Status.ENDED} or not starts_on or not last_day:
        raise Overtaken(_("这次聘任当前为“%(status)s”，没有考核。") % {"status": found.get_status_display()})
    if not starts_on.year <= year <= min(last_day.year, on.year):
        words = {"year": year, "from": starts_on.isoformat(), "to": last_day.isoformat()}
        raise Refused(_("%(year)s 年不在聘期（%(from)s 至 %(to)s）内，或者还没有到。") % words)
    if grade == MentorAppraisal.Grade.FAILED and not note.strip():
        raise Refused(_("考核不合格的，请写明考核意见。"))
    before = MentorAppraisal.objects.filter(appointment=found, year=year, replaced_on=None).first()
    if before is not None:
        if not correction.strip():
            words = {"year": year, "grade": before.get_grade_display()}
            raise Refused(_("%(year)s 年已考核为“%(grade)s”；需要更正的，请填写更正原因。") % words)
        before.replaced_on, before.replaced_reason = on, correction.strip()
        before.save()
    return MentorAppraisal.objects.create(
        appointment=found, year=year, grade=grade, note=note.strip(), appraised_by=by.user, appraised_on=on
    )


@dataclass(frozen=True)
class Grading:
    """What the unit says of one mentor for a year; ``grade`` is a value of MentorAppraisal.Grade."""

    appointment: Appointment
    grade: str
    note: str = ""


@transaction.atomic
def appraise_many(*, base: Base, by: Acting, on: date, year: int, gradings: Iterable[Grading]) -> list[MentorAppraisal]:
    """The appraisals of several mentors of a base for a year, all or none; raises what ``appraise`` raises, with the mentor's name."""
    locked = living(base)
    must_be(locked, by, "unit")
    made = []
    for each in sorted(gradings, key=lambda grading: grading.appointment.pk):
        if each.appointment.base_id != locked.pk:
            raise Overtaken(_("所选的导师有的不在本基地，没有办理。请刷新后重新填写。"))
        try:
            made.append(
                appraise(appointment=each.appointment, by=by, on=on, year=year, grade=each.grade, note=each.note)
            )
        except Refused as refusal:
            words = {"name": each.appointment.mentor.name}
            raise type(refusal)([_("%(name)s：") % words + reason for reason in refusal.reasons]) from refusal
    if not made:
        raise Refused(_("没有选择考核等级，没有登记。"))
    return made
