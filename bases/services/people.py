from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bases.models import Department, Membership, PartnerUnit, Policy, TrainingUnit
from bases.validators import credit_code_holds
from portal import uploads
from portal.acting import Acting
from portal.errors import NotYours, Refused
from portal.models import StoredFile, User
from portal.roles import DEPARTMENT_BUSINESS, DEPARTMENT_ROLES, EXCLUSIVE_ROLES, UNIT_ROLES, Role


@transaction.atomic
def create_account(*, username: str, full_name: str, password: str, phone: str = "", email: str = "") -> User:
    """Open an account; it can do nothing until the security administrator grants it a membership."""
    if User.objects.filter(username=username).exists():
        raise Refused(_("账号“%(username)s”已存在，请换一个登录名。") % {"username": username})
    return User.objects.create_user(username=username, full_name=full_name, password=password, phone=phone, email=email)


@transaction.atomic
def grant_membership(
    *,
    user: User,
    role: str,
    by: User | None,
    training_unit: TrainingUnit | None = None,
    partner_unit: PartnerUnit | None = None,
    department: Department | None = None,
) -> Membership:
    """Give a person a role in an organisation.

    Raises Refused when role and organisation do not fit, when it is already held, when the administrators' roles would meet on one
    person, or when somebody grants a role to themselves.
    """
    if by is not None and by.pk == user.pk:
        raise Refused(_("不能给自己授予角色，请由另一位安全管理员办理。"))
    kept = {
        "training_unit": training_unit if role in UNIT_ROLES else None,
        "partner_unit": partner_unit if role == Role.PARTNER_OFFICER else None,
        "department": (department or Department.objects.first()) if role in DEPARTMENT_ROLES else None,
    }
    if role != Role.EXPERT and not any(kept.values()):
        raise Refused(_("角色“%(role)s”需要选定所在单位。") % {"role": Role(role).label})
    User.objects.select_for_update().get(pk=user.pk)
    held = Membership.objects.filter(user=user, withdrawn_at=None)
    if held.filter(role=role, **kept).exists():
        raise Refused(_("%(name)s 已有这个角色，没有重复授予。") % {"name": user.full_name})
    if role in EXCLUSIVE_ROLES and held.filter(role__in=EXCLUSIVE_ROLES).exists():
        raise Refused(_("系统管理员、安全管理员、审计员三者互斥，%(name)s 已担任其中之一。") % {"name": user.full_name})
    return Membership.objects.create(user=user, role=role, granted_by=by, **kept)


@transaction.atomic
def withdraw_membership(*, membership: Membership, by: User) -> Membership:
    """Take a role back; the record of it stays."""
    locked = Membership.objects.select_for_update(of=("self",)).select_related("user").get(pk=membership.pk)
    if locked.withdrawn_at is not None:
        raise Refused(_("这个角色已被收回，没有重复办理。"))
    if locked.user_id == by.pk:
        raise Refused(_("不能收回自己的角色，请由另一位安全管理员办理。"))
    locked.withdrawn_at, locked.withdrawn_by = timezone.now(), by
    locked.save(update_fields=["withdrawn_at", "withdrawn_by"])
    return locked


@transaction.atomic
def register_partner(
    *, by: Acting, exception_reason: str = "", exception_scan: UploadedFile | None = None, **fields: Any
) -> PartnerUnit:
    """Register a 校外合作单位 once, keyed by its 统一社会信用代码 (第七条（二）); the check digit must hold.

    A code that was really issued can fail it: then an officer of the department gives the reason and a scan of the certificate.
    Raises Refused with what is wrong, NotYours for an exception by somebody else.
    """
    partner = PartnerUnit(registered_by=by.user, **fields)
    reason = exception_reason.strip()
    if reason or exception_scan:
        _check_exception(partner.credit_code, reason, exception_scan, by)
        partner.code_exception_reason = reason
        partner.code_exception_scan = uploads.store(exception_scan, purpose="partner_code", by=by.user)  # type: ignore[arg-type]
    try:
        partner.full_clean()
        with transaction.atomic():
            partner.save()
    except ValidationError as error:
        raise Refused(error.messages) from error
    except IntegrityError as error:
        raise Refused(_("该统一社会信用代码或名称已登记，请直接选用。")) from error
    return partner


def _check_exception(code: str, reason: str, scan: UploadedFile | None, by: Acting) -> None:
    if by.role != Role.DEPT_OFFICER:
        raise NotYours(_("校验码不符的合作单位，由教育厅经办核实证照后登记。"))
    if not (reason and scan):
        raise Refused(_("校验码不符仍予登记的，理由和证照扫描件都要提供。"))
    if credit_code_holds(code):
        raise Refused(_("统一社会信用代码“%(code)s”的校验码相符，不需要理由和扫描件，请留空。") % {"code": code})


def may_see_code_scan(acting: Acting, stored: StoredFile) -> bool:
    """The scan of a certificate whose code fails the check digit is for the department, which decided on it."""
    return acting.role in DEPARTMENT_BUSINESS


def create_training_unit(**fields: Any) -> TrainingUnit:
    """Enter a 研究生培养单位 (第六条)."""
    unit = TrainingUnit(**fields)
    try:
        unit.full_clean()
        with transaction.atomic():
            unit.save()
    except ValidationError as error:
        raise Refused(error.messages) from error
    except IntegrityError as error:
        raise Refused(_("该院校代码或名称已登记。")) from error
    return unit


@transaction.atomic
def new_policy_version(*, effective_from: date, by: User | None, on: date, **values: Any) -> Policy:
    """A new version of the policy values; it serves what begins on or after its date, and changes nothing that already runs.

    Raises Refused for a date in the past or one that has a version already.
    """
    newest = Policy.objects.order_by("-version").first()
    if effective_from <= on:
        raise Refused(_("施行日期应晚于今天（%(on)s），已经开始的事项沿用原版本。") % {"on": on.isoformat()})
    if Policy.objects.filter(effective_from=effective_from).exists():
        raise Refused(_("%(day)s 已有一个版本，请换一个施行日期。") % {"day": effective_from.isoformat()})
    policy = Policy(
        version=(newest.version if newest else 0) + 1, effective_from=effective_from, created_by=by, **values
    )
    try:
        policy.full_clean(exclude={"created_by"})
        with transaction.atomic():
            policy.save()
    except ValidationError as error:
        raise Refused(error.messages) from error
    except IntegrityError as error:
        raise Refused(_("刚刚已有人登记了新版本，没有重复登记。请刷新后再看。")) from error
    return policy
