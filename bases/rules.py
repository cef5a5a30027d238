"""Who may, as predicates over the role acted in (never over the bare account); used by views, templates and services alike."""

import rules

from bases.models import Base
from portal.acting import Acting
from portal.roles import DAILY_JOB, DEPARTMENT_BUSINESS, Role


@rules.predicate
def is_its_applicant(acting: Acting, base: Base) -> bool:
    """The applicant who declares this base, or a colleague of the unit who fills in its papers together with them."""
    return (
        acting.role == Role.APPLICANT
        and acting.unit_id == base.training_unit_id
        and acting.user is not None
        and (acting.user.pk == base.applicant_id or base.co_applicants.filter(pk=acting.user.pk).exists())
    )


@rules.predicate
def is_its_unit(acting: Acting, base: Base) -> bool:
    """The graduate office of the base's training unit."""
    return acting.role == Role.UNIT_OFFICER and acting.unit_id == base.training_unit_id


@rules.predicate
def is_its_partner(acting: Acting, base: Base) -> bool:
    """The partner that the base's last declaration names; what a draft says of another one is not known yet."""
    return (
        acting.role == Role.PARTNER_OFFICER
        and acting.partner_id is not None
        and acting.partner_id == base.declared_partner_id
    )


@rules.predicate
def is_department(acting: Acting, base: Base) -> bool:
    """The department's officers and leaders; they see everything but drafts that were never sent."""
    return acting.role in DEPARTMENT_BUSINESS and bool(base.events_count)


@rules.predicate
def is_daily_job(acting: Acting, base: Base) -> bool:
    """The portal's own daily job."""
    return acting.role == DAILY_JOB


insider = is_its_applicant | is_its_unit | is_its_partner | is_department
rules.add_rule("view_base", insider)
rules.add_rule("act_on_base", insider | is_daily_job)
