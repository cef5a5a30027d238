"""基地研究生: the list of a training unit's students who may enter bases, kept by its graduate office; no ID-card number is kept."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agreements.models import Placement, Student
from bases.validators import validate_no_id_card
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.roles import Role

FIELDS = (
    "number", "name", "level", "mode", "bound", "category", "field", "college", "entry_year", "phone", "email", "left_on",
)  # fmt: skip


def no_id_card(text: str) -> None:
    """Refuse an ID-card number, which the portal does not collect; quick to see that most texts have none."""
    if sum(map(str.isdigit, text)) >= 17:
        validate_no_id_card(text)


def own_unit(by: Acting) -> int:
    """The key of the unit whose list this person keeps. Raises NotYours for anybody but a graduate office."""
    if by.role != Role.UNIT_OFFICER or by.unit_id is None or by.user is None:
        raise NotYours(_("基地研究生名单由培养单位研究生院管理。"))
    return by.unit_id


@transaction.atomic
def save(*, by: Acting, on: date, student: Student | None = None, **values: Any) -> Student:
    """Add a student to the unit's list, or correct one; ``values`` by the names of the fields.

    Raises NotYours for anybody but the unit's graduate office, Refused for an ID-card number, for a 学号 that is there already, and
    for leaving the university while a placement still runs.
    """
    unit = own_unit(by)
    if student is None:
        row = Student(training_unit_id=unit)
    else:
        found = Student.objects.select_for_update().filter(training_unit=unit, pk=student.pk).first()
        if found is None:
            raise Overtaken(_("本单位名单里没有这名研究生，没有办理。"))
        row = found
    for name in FIELDS:
        if name in values:
            setattr(row, name, values[name])
    refuse_id_cards(row)
    if row.left_on is not None and (problem := why_not_left(row.left_on, row.entry_year)):
        raise Refused(problem)
    if row.pk and row.left_on is not None:
        _refuse_leaving_a_placement(row, row.left_on)
    row.entered_by, row.entered_on = by.user, on
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Refused(_("学号 %(number)s 已在本单位名单中，没有保存。") % {"number": row.number}) from error
    return row


def why_not_left(left_on: date, entry_year: int) -> str:
    """Why a day cannot be that of leaving the university for somebody who entered in a year; empty where it can."""
    if left_on.year < entry_year:
        return _("离校日期 %(day)s 早于入学年份 %(year)s，请核对。") % {"day": left_on.isoformat(), "year": entry_year}
    return ""


def refuse_id_cards(student: Student) -> None:
    """Raises Refused when a text about a student holds an ID-card number."""
    for name in FIELDS:
        value = getattr(student, name)
        try:
            no_id_card(value if isinstance(value, str) else "")
        except ValidationError as error:
            label = str(Student._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
            raise Refused(
                [_("%(label)s：%(message)s") % {"label": label, "message": each} for each in error.messages]
            ) from error


def _refuse_leaving_a_placement(student: Student, left_on: date) -> None:
    held = Placement.objects.filter(
        student=student, status__in=["proposed", "accepted", "running"], ends_on__gt=left_on
    ).select_related("base").first()  # fmt: skip
    if held is not None:
        words = {"base": held.base.name, "day": held.ends_on.isoformat()}
        raise Refused(_("这名研究生在“%(base)s”的实践到 %(day)s 才结束，请先办理提前结束，再登记离校。") % words)
