"""What is seen: bases filtered by who looks, at the query."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from bases.lifecycle import LIVING
from bases.models import Base, LifecycleEvent, OfficialDocument
from portal.acting import Acting
from portal.roles import DEPARTMENT_BUSINESS, Role


def visible_bases(acting: Acting) -> QuerySet[Base]:
    """The bases that this person may open in the role they act in (``roles.md``); the same as the rule ``view_base``."""
    bases = Base.objects.select_related("training_unit", "partner", "category", "applicant", "policy")
    if acting.role == Role.APPLICANT:
        together = Base.co_applicants.through.objects.filter(base=OuterRef("pk"), user=acting.user_id)
        own = bases.filter(training_unit_id=acting.unit_id)
        return own.filter(Q(applicant_id=acting.user_id) | Exists(together))
    if acting.role == Role.UNIT_OFFICER:
        return bases.filter(training_unit_id=acting.unit_id)
    if acting.role == Role.PARTNER_OFFICER and acting.partner_id is not None:
        return bases.filter(declared_partner_id=acting.partner_id)
    if acting.role in DEPARTMENT_BUSINESS:
        return bases.filter(events_count__gt=0)
    return bases.none()


# Decisions that rest on experts' scores; their reasons argue with them.
_ON_SCORES = frozenset({"reject", "grade_excellent", "grade_qualified", "grade_failed", "pass_reassessment"})


def history(base: Base, acting: Acting) -> list[LifecycleEvent]:
    """The events of a base for this person, oldest first; to the partner without the reasons that may speak of scores."""
    events = list(base.events.select_related("document__file"))
    if acting.role == Role.PARTNER_OFFICER:
        for event in events:
            event.reason = "" if event.transition in _ON_SCORES else event.reason
    return events


def public_bases() -> QuerySet[Base]:
    """Recognised bases that are alive, for everybody."""
    return Base.objects.filter(state__in=LIVING).select_related("training_unit", "partner", "category")


def public_documents(base: Base) -> QuerySet[OfficialDocument]:
    """The documents of a base that everybody may know: what the department published, not what a unit wrote to it."""
    return base.documents.filter(issuer_unit=None)


def search(bases: QuerySet[Base], words: str) -> QuerySet[Base]:
    """Bases whose name, unit or partner contains every word."""
    for word in words.split():
        bases = bases.filter(
            Q(name__icontains=word) | Q(training_unit__name__icontains=word) | Q(partner__name__icontains=word)
        )
    return bases
