"""What the system administrator keeps of the organisations: units, their authorised categories, the department."""

import re
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bases.models import Base, CategoryAuthorisation, DegreeCategory, Department, TrainingUnit
from portal.acting import Acting
from portal.errors import NotYours, Refused
from portal.roles import Role


def only_sysadmin(by: Acting) -> None:
    """Refuse everybody but the system administrator, who keeps the organisations."""
    if by.role != Role.SYSADMIN:
        raise NotYours(_("单位信息由系统管理员维护。"))


def _save(organisation: TrainingUnit | Department, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        setattr(organisation, name, value)
    try:
        organisation.full_clean()
        with transaction.atomic():
            organisation.save()
    except ValidationError as error:
        raise Refused(error.messages) from error
    except IntegrityError as error:
        raise Refused(_("该院校代码或名称已登记。")) from error


@transaction.atomic
def update_training_unit(*, unit: TrainingUnit, by: Acting, **fields: Any) -> TrainingUnit:
    """Correct a unit's entry; notices and documents that are out keep what they said."""
    only_sysadmin(by)
    locked = TrainingUnit.objects.select_for_update().get(pk=unit.pk)
    _save(locked, fields)
    return locked


@transaction.atomic
def update_department(*, department: Department, by: Acting, **fields: Any) -> Department:
    """Correct the department's entry: offices and contact are printed in its notices."""
    only_sysadmin(by)
    locked = Department.objects.select_for_update().get(pk=department.pk)
    _save(locked, fields)
    return locked


FIELD_MAX = 40
_FIELD_BREAK = re.compile(r"[\n\r、；;]")


def split_fields(text: str) -> list[str]:
    """The 领域 in a text, one a line or with 、 between them, in their order.

    Raises Refused for one that is too long or stands there twice.
    """
    found = [" ".join(part.split()) for part in _FIELD_BREAK.split(text)]
    return _checked_fields([each for each in found if each])


def _checked_fields(fields: Sequence[str]) -> list[str]:
    for each in fields:
        if len(each) > FIELD_MAX:
            words = {"field": each, "n": len(each), "limit": FIELD_MAX}
            raise Refused(_("领域“%(field)s”有 %(n)s 个字，每个领域最多 %(limit)s 个字，请删减。") % words)
    doubled = next((each for each in fields if fields.count(each) > 1), "")
    if doubled:
        raise Refused(_("领域“%(field)s”写了不止一次，请保留一个。") % {"field": doubled})
    return list(fields)


@transaction.atomic
def authorise_category(
    *, unit: TrainingUnit, category: DegreeCategory, year: int, level: str, by: Acting, fields: Sequence[str] = ()
) -> CategoryAuthorisation:
    """Enter a 专业学位类别 in which the unit may award degrees, with its 领域 (第六条, 第七条（一）).

    Entering it again corrects year, level and fields. Raises Refused for a doctoral level that the category has not.
    """
    only_sysadmin(by)
    check_level(category, level)
    entry, _created = CategoryAuthorisation.objects.update_or_create(
        training_unit=unit,
        category=category,
        defaults={"year": year, "level": level, "fields": _checked_fields(fields)},
    )
    return entry


def check_level(category: DegreeCategory, level: str) -> None:
    """Refuse a doctoral level where the catalogue has no doctorate."""
    if level == CategoryAuthorisation.Level.DOCTOR and not category.doctoral:
        raise Refused(_("%(category)s 没有博士专业学位，层次请选“硕士”。") % {"category": category})


@transaction.atomic
def remove_authorisation(*, authorisation: CategoryAuthorisation, by: Acting) -> None:
    """Take a wrongly entered category out; refused while a base of the unit relies on it."""
    only_sysadmin(by)
    locked = (
        CategoryAuthorisation.objects.select_for_update(of=("self",))
        .select_related("category")
        .get(pk=authorisation.pk)
    )
    relying = Base.objects.filter(training_unit_id=locked.training_unit_id, category_id=locked.category_id).count()
    if relying:
        raise Refused(
            _("本单位有 %(n)s 个基地依托%(category)s，不能移除。") % {"n": relying, "category": locked.category}
        )
    locked.delete()
