"""What is seen: bases filtered by who looks, at the query."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from bases.models import Base, LifecycleEvent, OfficialDocument
from portal.acting import Acting
from portal.models import StoredFile
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
    events = list(base.events.select_related("document"))
    if acting.role == Role.PARTNER_OFFICER:
        for event in events:
            event.reason = "" if event.transition in _ON_SCORES else event.reason
    return events


def visible_documents(acting: Acting) -> QuerySet[OfficialDocument]:
    """The documents that this person may read: all of them in the department; a unit its own and those on its bases.

    Applicants and partners read what concerns a base of theirs, but for the 报送函, which speaks of the unit's other bases too;
    what the experts said of an application is not the partner's.
    """
    found = OfficialDocument.objects.select_related("issuer_unit", "pdf", "file", "record")
    if acting.role in DEPARTMENT_BUSINESS:
        return found
    on_bases = OfficialDocument.bases.through.objects.filter(
        officialdocument=OuterRef("pk"), base__in=visible_bases(acting).values("pk")
    )
    if acting.role == Role.UNIT_OFFICER:
        return found.filter(Q(issuer_unit_id=acting.unit_id) | Exists(on_bases))
    if acting.role in {Role.APPLICANT, Role.PARTNER_OFFICER}:
        hidden = {OfficialDocument.Kind.COVER_LETTER}
        if acting.role == Role.PARTNER_OFFICER:
            hidden.add(OfficialDocument.Kind.REVIEW_RESULT)
        return found.filter(Exists(on_bases)).exclude(kind__in=hidden)
    return found.none()


def search_documents(documents: QuerySet[OfficialDocument], words: str) -> QuerySet[OfficialDocument]:
    """Documents whose number or title, or the name of one of whose bases, contains every word."""
    for word in words.split():
        named = OfficialDocument.bases.through.objects.filter(
            officialdocument=OuterRef("pk"), base__name__icontains=word
        )
        documents = documents.filter(Q(number__icontains=word) | Q(title__icontains=word) | Exists(named))
    return documents


def may_download_document(acting: Acting, stored: StoredFile) -> bool:
    """A document's PDF and its scan: whoever may read it; one that is public and in force, everybody."""
    its = Q(file=stored) | Q(pdf=stored)
    everybody = OfficialDocument.objects.filter(its, issuer_unit=None, is_public=True, withdrawn_on=None)
    return visible_documents(acting).filter(its).exists() or everybody.exists()


def search(bases: QuerySet[Base], words: str) -> QuerySet[Base]:
    """Bases whose name, unit or partner contains every word."""
    for word in words.split():
        bases = bases.filter(
            Q(name__icontains=word) | Q(training_unit__name__icontains=word) | Q(partner__name__icontains=word)
        )
    return bases
