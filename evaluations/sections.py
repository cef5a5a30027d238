"""What this floor shows on a base's page and in an assessment's dossier."""

from datetime import date

from agreements.models import Grant
from applications.models import Panel
from bases.models import Base
from bases.sections import Section
from evaluations.models import Assessment, DemonstrationTitle, Incident, RevocationProposal, Withdrawal
from portal.acting import Acting
from portal.roles import DEPARTMENT_BUSINESS, Role


def source(base: Base, acting: Acting, on: date) -> list[Section]:
    """Assessments, titles, grants, and how it may end; the proposed grade and proposals are the department's until decided."""
    department = acting.role in DEPARTMENT_BUSINESS
    assessments = Assessment.objects.filter(base=base).select_related("panel", "rectification", "report_file")
    proposals = RevocationProposal.objects.filter(base=base)
    if not department:
        proposals = proposals.exclude(status=RevocationProposal.Status.OPEN, prepared_by__isnull=False)
    context = {
        "assessments": assessments,
        "titles": DemonstrationTitle.objects.filter(base=base),
        "grants": Grant.objects.filter(base=base) if acting.role != Role.PARTNER_OFFICER else [],
        "incidents": Incident.objects.filter(base=base).select_related("file"),
        "proposals": proposals,
        "withdrawals": Withdrawal.objects.filter(base=base).select_related("request_file"),
        "department": department,
    }
    shown = ("assessments", "titles", "incidents", "proposals", "withdrawals")
    if not any(context[name] for name in shown):
        return []
    return [Section("evaluations/_evaluation_section.html", context)]


def dossier(panel: Panel) -> list[Section]:
    """The self-assessment that experts read beside the sheet."""
    assessment = Assessment.objects.filter(panel=panel).select_related("report_file", "base").first()
    return [Section("evaluations/_self_report.html", {"assessment": assessment})] if assessment else []
