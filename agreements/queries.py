"""What is seen of agreements, filtered by who looks."""

from django.db.models import QuerySet

from agreements.models import AgreementRevision
from bases.queries import visible_bases
from portal.acting import Acting
from portal.models import StoredFile
from portal.roles import DEPARTMENT_BUSINESS, UNIT_ROLES, Role


def visible_revisions(acting: Acting) -> QuerySet[AgreementRevision]:
    """The 修订协议 tasks of the bases that this person may open: both sides and the department."""
    if acting.role not in {*UNIT_ROLES, Role.PARTNER_OFFICER, *DEPARTMENT_BUSINESS}:
        return AgreementRevision.objects.none()
    found = AgreementRevision.objects.filter(base__in=visible_bases(acting).values("pk"))
    return found.select_related("base__training_unit", "base__partner", "file", "document")


def may_download_revision(acting: Acting, stored: StoredFile) -> bool:
    """The revised agreement: whoever may see the task."""
    return visible_revisions(acting).filter(file=stored).exists()
