"""The nine roles in which a person acts, the public, and the portal's own daily job."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """A right comes from a membership in one of these roles, never from the account."""

    APPLICANT = "applicant", _("申报人")
    UNIT_OFFICER = "unit_officer", _("研究生院")
    PARTNER_OFFICER = "partner_officer", _("合作单位")
    EXPERT = "expert", _("评审专家")
    DEPT_OFFICER = "dept_officer", _("教育厅经办")
    DEPT_LEADER = "dept_leader", _("教育厅审批")
    AUDITOR = "auditor", _("审计员")
    SYSADMIN = "sysadmin", _("系统管理员")
    SECURITY_ADMIN = "security_admin", _("安全管理员")


PUBLIC = "public"
DAILY_JOB = "daily_job"

UNIT_ROLES = frozenset({Role.APPLICANT, Role.UNIT_OFFICER})
DEPARTMENT_BUSINESS = frozenset({Role.DEPT_OFFICER, Role.DEPT_LEADER})
DEPARTMENT_ROLES = frozenset({*DEPARTMENT_BUSINESS, Role.AUDITOR, Role.SYSADMIN, Role.SECURITY_ADMIN})
# The three administrators of 等保 exclude one another on one person.
EXCLUSIVE_ROLES = frozenset({Role.SYSADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})


def role_label(role: str) -> str:
    """The role's name on the screen, also for the public and the daily job."""
    if role == PUBLIC:
        return str(_("公众"))
    if role == DAILY_JOB:
        return str(_("系统每日任务"))
    return str(Role(role).label)
