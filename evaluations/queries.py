"""Who may have the files of this floor."""

from applications.queries import opened_assignments
from bases.queries import visible_bases
from evaluations.models import DemonstrationTitle
from portal.acting import Acting
from portal.models import StoredFile
from portal.roles import Role


def may_download_report(acting: Acting, stored: StoredFile) -> bool:
    """A self-assessment: whoever may see the base, and its experts once they have declared no conflict."""
    if visible_bases(acting).filter(assessments__report_file=stored).exists():
        return True
    return opened_assignments(acting).filter(panel__assessment__report_file=stored).exists()


def may_download_incident(acting: Acting, stored: StoredFile) -> bool:
    """The papers of an incident: whoever may see the base."""
    return visible_bases(acting).filter(incidents__file=stored).exists()


def may_download_certificate(acting: Acting, stored: StoredFile) -> bool:
    """The certificate of a title: everybody while the title is held, then whoever may see the base."""
    held = DemonstrationTitle.objects.filter(certificate=stored, lost_on=None).exists()
    return held or visible_bases(acting).filter(titles__certificate=stored).exists()


def may_download_withdrawal(acting: Acting, stored: StoredFile) -> bool:
    """A joint request: whoever may see the base."""
    return acting.role != Role.EXPERT and visible_bases(acting).filter(withdrawals__request_file=stored).exists()
