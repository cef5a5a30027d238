"""What is seen: applications, notices, objections and sheets, filtered by who looks."""

from datetime import date

from django.db.models import QuerySet

from applications.models import Application, Assignment, NoticeEntry, Objection, PublicNotice
from bases.queries import visible_bases
from portal.acting import Acting
from portal.models import StoredFile
from portal.roles import DEPARTMENT_BUSINESS, PUBLIC, Role


def visible_applications(acting: Acting) -> QuerySet[Application]:
    """Applications that this person may read; drafts that were never sent are their applicant's and unit's alone."""
    found = Application.objects.filter(base__in=visible_bases(acting).values("pk")).select_related(
        "round", "round__policy", "agreement", "base", "base__training_unit", "base__partner", "base__category"
    )
    if acting.role in {*DEPARTMENT_BUSINESS, Role.PARTNER_OFFICER}:
        return found.exclude(declared_on=None)
    return found


def notices(acting: Acting) -> QuerySet[PublicNotice]:
    """Published notices are for everybody."""
    return PublicNotice.objects.select_related("issuer_unit", "round", "pdf")


def running(found: QuerySet[PublicNotice], on: date) -> QuerySet[PublicNotice]:
    """Those that are out on a day."""
    return found.filter(published_on__lte=on, ends_on__gte=on)


def handled_objections(acting: Acting) -> QuerySet[Objection]:
    """The objections that this person's office handles: identity is for that office alone."""
    found = Objection.objects.select_related("notice", "base", "evidence")
    if acting.role == Role.UNIT_OFFICER:
        return found.filter(notice__issuer_unit_id=acting.unit_id)
    if acting.role == Role.DEPT_OFFICER:
        return found.filter(notice__issuer_unit=None)
    return found.none()


def own_assignments(acting: Acting) -> QuerySet[Assignment]:
    """What is assigned to this expert, once the review has begun; nobody else's."""
    if acting.role != Role.EXPERT:
        return Assignment.objects.none()
    related = ("panel", "panel__base", "panel__base__training_unit", "panel__rubric", "panel__application")
    return Assignment.objects.filter(expert_id=acting.user_id, panel__started=True).select_related(*related)


def may_download_attachment(acting: Acting, stored: StoredFile) -> bool:
    """An application's file: whoever may read the application, and the experts it is assigned to."""
    if visible_applications(acting).filter(agreement=stored).exists():
        return True
    return own_assignments(acting).filter(panel__application__agreement=stored).exclude(status="recused").exists()


def may_download_notice(acting: Acting, stored: StoredFile) -> bool:
    """A notice is public."""
    return PublicNotice.objects.filter(pdf=stored).exists()


def may_download_evidence(acting: Acting, stored: StoredFile) -> bool:
    """An objection's evidence: the handling office."""
    return handled_objections(acting).filter(evidence=stored).exists()


def may_download_minutes(acting: Acting, stored: StoredFile) -> bool:
    """Minutes and the round's inner papers: the department."""
    return acting.role in DEPARTMENT_BUSINESS


def may_download_guide(acting: Acting, stored: StoredFile) -> bool:
    """The round's notice: everybody who is signed in with a role."""
    return acting.role != PUBLIC


def may_download_document(acting: Acting, stored: StoredFile) -> bool:
    """A document's scan: whoever may see one of its bases."""
    return visible_bases(acting).filter(documents__file=stored).exists()


def notice_entries(notice: PublicNotice) -> QuerySet[NoticeEntry]:
    """A notice's list as it was published."""
    return notice.entries.all()
