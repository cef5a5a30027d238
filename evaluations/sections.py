"""What this floor shows on a base's page and in an assessment's dossier."""

from datetime import date

from agreements.models import Grant
from applications.models import Panel
from bases.models import Base
from bases.sections import Section
from evaluations.models import Assessment, DemonstrationTitle, Incident, Rectification, RevocationProposal, Withdrawal
from evaluations.services import titles
from portal.acting import Acting
from portal.roles import DEPARTMENT_BUSINESS, Role


def source(base: Base, acting: Acting, on: date) -> list[Section]:
    """Assessments, titles, grants, and how it may end.

    What is proposed is the department's until it is decided: grades, revocations, and the study of an incident that led to one.
    Scores are never the partner's.
    """
    department = acting.role in DEPARTMENT_BUSINESS
    assessments = Assessment.objects.filter(base=base).select_related(
        "panel", "rectification", "report_file", "prepared_by", "decided_by"
    )
    incidents = Incident.objects.filter(base=base).select_related("file", "reported_by", "studied_by")
    proposals = RevocationProposal.objects.filter(base=base).select_related("prepared_by", "decided_by")
    undecided = proposals.filter(status=RevocationProposal.Status.OPEN, prepared_by__isnull=False)
    context = {
        "assessments": assessments,
        "titles": DemonstrationTitle.objects.filter(base=base).select_related("document", "certificate"),
        "certificate_lacks": titles.certificate_lacks(base),
        "grants": (
            Grant.objects.filter(base=base).select_related("document", "account")
            if acting.role != Role.PARTNER_OFFICER
            else []
        ),
        "incidents": incidents,
        "untold": [] if department else list(undecided.values_list("incident", flat=True)),
        "proposals": proposals if department else proposals.exclude(pk__in=undecided),
        "withdrawals": Withdrawal.objects.filter(base=base).select_related("request_file", "requested_by"),
        "department": department,
        "scores": acting.role != Role.PARTNER_OFFICER,
    }
    shown = ("assessments", "titles", "grants", "incidents", "proposals", "withdrawals")
    if not any(context[name] for name in shown):
        return []
    return [Section("evaluations/_evaluation_section.html", context)]


def dossier(panel: Panel) -> list[Section]:
    """The self-assessment that experts read beside the sheet; for a 复评 also the plan to rectify."""
    assessment = Assessment.objects.filter(panel=panel).select_related("report_file", "base").first()
    if assessment is None:
        return []
    rectification = None
    if assessment.kind == Assessment.Kind.REASSESSMENT:
        rectification = Rectification.objects.filter(base=assessment.base_id).first()
    context = {"assessment": assessment, "rectification": rectification}
    return [Section("evaluations/_self_report.html", context)]
