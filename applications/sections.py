"""What this floor shows on a base's page."""

from datetime import date

from django.db.models import Prefetch, Sum

from applications import published
from applications.models import Assignment, NoticeEntry, Objection, Panel
from applications.queries import read, visible_applications, visible_recommendations
from applications.services.declaring import versions_for
from bases.lifecycle import State
from bases.models import Base
from bases.sections import Section
from portal.acting import Acting
from portal.roles import DEPARTMENT_BUSINESS, UNIT_ROLES, Role


def source(base: Base, acting: Acting, on: date) -> list[Section]:
    """The application with its eligibility, the unit's review, the notices, and for the department the panels."""
    out = []
    application = visible_applications(acting).filter(base=base).select_related(
        "review__reviewed_by", "deliberation__minutes", "deliberation__prepared_by"
    ).first()  # fmt: skip
    reading = read(application, acting, on, whole=False) if application is not None else None
    if application is not None and reading is not None:
        review = getattr(application, "review", None)
        context = {
            "application": application,
            "reading": reading,
            "versions": list(versions_for(application)),
            "review": review if review and review.reviewed_on and acting.role != Role.PARTNER_OFFICER else None,
            "deliberation": getattr(application, "deliberation", None) if acting.role in DEPARTMENT_BUSINESS else None,
            "checks": reading.checks,
            "reports": visible_recommendations(acting).filter(entries__application__base=base),
            "may_print": acting.role != Role.PARTNER_OFFICER,
            "may_edit": base.state == State.DRAFTING and acting.role == Role.APPLICANT,
        }
        out.append(Section("applications/_application_section.html", context))
    entries = NoticeEntry.objects.filter(base=base).select_related("notice").order_by("-notice_id")
    if entries:
        open_ones = Objection.objects.filter(Objection.BLOCKING, base=base).count()
        out.append(
            Section("applications/_notices_section.html", {"entries": entries, "open_objections": open_ones, "on": on})
        )
    if acting.role in DEPARTMENT_BUSINESS:
        rows = (
            Assignment.objects.select_related("expert__expert_profile", "sheet")
            .annotate(total=Sum("sheet__scores__points"))
            .order_by("pk")
        )
        panels = Panel.objects.filter(base=base).select_related("rubric").order_by("-pk")
        found = panels.prefetch_related(Prefetch("assignments", queryset=rows))
        if found:
            out.append(Section("applications/_panels_section.html", {"panels": found}))
    elif acting.role in UNIT_ROLES and base.state not in {State.IN_REVIEW, State.ASSESSING, State.REASSESSING}:
        comments = Assignment.objects.filter(
            panel__base=base, panel__fixed_on__isnull=False, status=Assignment.Status.SUBMITTED
        ).exclude(sheet__comment="").order_by("?").values_list("sheet__comment", flat=True)  # fmt: skip
        if comments:
            out.append(Section("applications/_comments_section.html", {"comments": list(comments)}))
    return out


def public_source(pk: int, acting: Acting, on: date) -> list[Section]:
    """The public notices on which a recognised base stood."""
    found = [(notice, notice.is_running(on)) for notice in published.notices_of(pk, acting)]
    return [Section("applications/_public_notices.html", {"rows": found})] if found else []
