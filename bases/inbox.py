"""What waits for the administrators: accounts without a role, units that could not yet declare or publish."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from bases.models import CategoryAuthorisation, Department, Membership, TrainingUnit
from portal.acting import Acting
from portal.inbox import Item
from portal.models import User
from portal.roles import Role


def source(acting: Acting, on: date) -> Iterator[Item]:
    """Everything of the ground that waits for the role."""
    if acting.role == Role.SECURITY_ADMIN:
        yield from _security_admin()
    elif acting.role == Role.SYSADMIN:
        yield from _sysadmin()


def _security_admin() -> Iterator[Item]:
    held = Membership.objects.filter(user=OuterRef("pk"), withdrawn_at=None)
    for user in User.objects.filter(is_active=True).exclude(Exists(held)).order_by("full_name"):
        why = _("账号已开通，还没有角色，本人办不了事。")
        yield Item(_("角色授权"), str(user), why, "4", f"{reverse('memberships')}?user={user.pk}#enter", _("授予角色"))


def _sysadmin() -> Iterator[Item]:
    for department in Department.objects.filter(phone="", email="", address=""):
        why = _("没有联系方式，发布不了认定公示。")
        yield Item(_("单位"), department.name, why, "8(4)", reverse("department"), _("补全信息"))
    authorised = Exists(CategoryAuthorisation.objects.filter(training_unit=OuterRef("pk")))
    for unit in TrainingUnit.objects.annotate(authorised=authorised):
        page = reverse("training-unit", args=[unit.pk])
        if not unit.authorised:
            yield Item(_("单位"), unit.name, _("没有登记授权类别，申报人选不到类别。"), "7(1)", page, _("登记类别"))
        if not (unit.phone or unit.email or unit.address):
            yield Item(_("单位"), unit.name, _("没有联系方式，发布不了推荐公示。"), "8(2)", page, _("补全信息"))
