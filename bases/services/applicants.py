"""A base passes to another applicant of its unit when the first one leaves or changes posts."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from bases import rules
from bases.lifecycle import Stage
from bases.models import ApplicantChange, Base
from bases.validators import validate_no_id_card
from portal.acting import Acting
from portal.errors import NotYours, Refused
from portal.models import User
from portal.roles import Role

REASON_MAX = 300


def may_hand_over(base: Base, acting: Acting) -> bool:
    """Whether this person may name another applicant: the unit's own office, as long as the base lives."""
    return bool(rules.is_its_unit(acting, base)) and base.stage != Stage.REVOKE


def successors(base: Base) -> QuerySet[User]:
    """Those to whom the base can pass: the active applicants of the same unit, without the present one."""
    return (
        User.objects.filter(
            is_active=True,
            memberships__role=Role.APPLICANT,
            memberships__training_unit_id=base.training_unit_id,
            memberships__withdrawn_at=None,
        )
        .exclude(pk=base.applicant_id)
        .order_by("full_name", "pk")
        .distinct()
    )


def obstacles(base: Base) -> list[str]:
    """Why the base cannot pass to anybody now; empty when it can."""
    if base.stage == Stage.REVOKE:
        return [_("基地已经终止，不再更换申报人。")]
    if not successors(base).exists():
        return [_("本单位没有其他在任的申报人。请先由安全管理员授予申报人角色，再来更换。")]
    return []


def changes(base: Base, acting: Acting) -> list[ApplicantChange]:
    """Who held the base before, newest change first; to the partner without the reasons, which are the unit's own affair."""
    found = list(base.applicant_changes.select_related("from_user", "to_user", "made_by").order_by("-id"))
    if acting.role == Role.PARTNER_OFFICER:
        for change in found:
            change.reason = ""
    return found


@transaction.atomic
def hand_over(*, base: Base, to: User, reason: str, by: Acting, on: date) -> Base:
    """Make another applicant of the unit the base's applicant (离职、换岗, 第六条, 第八条（一）); the former one loses access.

    Raises NotYours for everybody but the unit's own officer; Refused without a reason, for a base whose life is over, for the
    present applicant and for whoever is no active applicant of the same unit.
    """
    locked = Base.objects.select_for_update(of=("self",)).select_related("applicant").get(pk=base.pk)
    if not rules.is_its_unit(by, locked) or by.user is None:
        raise NotYours(_("申报人由本单位研究生院更换。"))
    if locked.stage == Stage.REVOKE:
        raise Refused(_("基地已经终止，不再更换申报人。"))
    reason = _checked_reason(reason)
    if to.pk == locked.applicant_id:
        raise Refused(_("%(name)s 已经是本基地的申报人，没有更换。") % {"name": to.full_name})
    if not successors(locked).filter(pk=to.pk).exists():
        raise Refused(
            _("%(name)s 不是本单位在任的申报人，没有更换。请先由安全管理员授予申报人角色。") % {"name": to.full_name}
        )
    former = locked.applicant
    locked.applicant = to
    locked.save(update_fields=["applicant"])
    locked.co_applicants.remove(former, to)
    ApplicantChange.objects.create(
        base=locked, from_user=former, to_user=to, reason=reason, made_by=by.user, made_on=on
    )
    return locked


def _checked_reason(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise Refused(_("请写明更换申报人的理由。"))
    if len(reason) > REASON_MAX:
        words = {"n": len(reason), "limit": REASON_MAX}
        raise Refused(_("理由有 %(n)s 个字，最多 %(limit)s 个字，请删减。") % words)
    try:
        validate_no_id_card(reason)
    except ValidationError as error:
        raise Refused(error.messages) from error
    return reason
