"""What the system administrator keeps of the organisations: units, their authorised categories, the department."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bases.models import Base, CategoryAuthorisation, DegreeCategory, Department, TrainingUnit
from portal.acting import Acting
from portal.errors import NotYours, Refused
from portal.roles import Role


def _only_sysadmin(by: Acting) -> None:
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
    _only_sysadmin(by)
    locked = TrainingUnit.objects.select_for_update().get(pk=unit.pk)
    _save(locked, fields)
    return locked


@transaction.atomic
def update_department(*, department: Department, by: Acting, **fields: Any) -> Department:
    """Correct the department's entry: offices and contact are printed in its notices."""
    _only_sysadmin(by)
    locked = Department.objects.select_for_update().get(pk=department.pk)
    _save(locked, fields)
    return locked


@transaction.atomic
def authorise_category(
    *, unit: TrainingUnit, category: DegreeCategory, year: int, level: str, by: Acting
) -> CategoryAuthorisation:
    """Enter a 专业学位类别 in which the unit may award degrees (第六条, 第七条（一）); entering it again corrects year and level."""
    _only_sysadmin(by)
    if level == CategoryAuthorisation.Level.DOCTOR and not category.doctoral:
        raise Refused(_("%(category)s 没有博士专业学位，层次请选“硕士”。") % {"category": category})
    entry, _created = CategoryAuthorisation.objects.update_or_create(
        training_unit=unit, category=category, defaults={"year": year, "level": level}
    )
    return entry


@transaction.atomic
def remove_authorisation(*, authorisation: CategoryAuthorisation, by: Acting) -> None:
    """Take a wrongly entered category out; refused while a base of the unit relies on it."""
    _only_sysadmin(by)
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
