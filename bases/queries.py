"""What is seen: bases filtered by who looks, at the query."""

from django.db.models import Q, QuerySet

from bases.lifecycle import LIVING
from bases.models import Base
from portal.acting import Acting
from portal.roles import DEPARTMENT_BUSINESS, Role


def visible_bases(acting: Acting) -> QuerySet[Base]:
    """The bases that this person may open in the role they act in (``roles.md``); the same as the rule ``view_base``."""
    bases = Base.objects.select_related("training_unit", "partner", "category", "applicant", "policy")
    if acting.role == Role.APPLICANT:
        return bases.filter(training_unit_id=acting.unit_id, applicant_id=acting.user_id)
    if acting.role == Role.UNIT_OFFICER:
        return bases.filter(training_unit_id=acting.unit_id)
    if acting.role == Role.PARTNER_OFFICER and acting.partner_id is not None:
        return bases.filter(partner_id=acting.partner_id, events_count__gt=0)
    if acting.role in DEPARTMENT_BUSINESS:
        return bases.filter(events_count__gt=0)
    return bases.none()


def public_bases() -> QuerySet[Base]:
    """Recognised bases that are alive, for everybody."""
    return Base.objects.filter(state__in=LIVING).select_related("training_unit", "partner", "category")


def search(bases: QuerySet[Base], words: str) -> QuerySet[Base]:
    """Bases whose name, unit or partner contains every word."""
    for word in words.split():
        bases = bases.filter(
            Q(name__icontains=word) | Q(training_unit__name__icontains=word) | Q(partner__name__icontains=word)
        )
    return bases
