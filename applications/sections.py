"""What this floor shows on a base's page."""

from datetime import date
from typing import Any

from django.db.models import Prefetch, Sum

from applications import published
from applications.models import Application, Assignment, NoticeEntry, Objection, Panel
from applications.queries import may_see_avoided, read, visible_applications, visible_recommendations
from applications.services import all_in, avoiding, going_on, letters, recusals
from applications.services.declaring import versions_for
from applications.services.panels import standing_findings
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
    if application is not None:
        out += _avoided(application, acting)
    if acting.role in DEPARTMENT_BUSINESS:
        found = _panels(base)
        if found:
            may_unlock = acting.role == Role.DEPT_OFFICER
            opened = [(panel, _unlocks(panel, is_open)) for panel, _assignments, is_open in found]
            newest, assignments, _is_open = found[0]
            changes = _changes(newest, assignments, acting, on)
            context = {"panels": found, "unlocks": opened, "may_unlock": may_unlock, **changes}
            out.append(Section("applications/_panels_section.html", context))
    elif acting.role in UNIT_ROLES and base.state not in {State.IN_REVIEW, State.ASSESSING, State.REASSESSING}:
        comments = letters.comments_of(Panel.objects.filter(base=base, fixed_on__isnull=False), on)
        if comments:
            out.append(Section("applications/_comments_section.html", {"comments": comments}))
    return out


def _avoided(application: Application, acting: Acting) -> list[Section]:
    """Whom the applicant asks not to have: for the applicants, who may change it in time, and for the department."""
    if not may_see_avoided(acting):
        return []
    named = list(application.avoided_experts.all())
    own = acting.role == Role.APPLICANT
    closed = avoiding.closed_reasons(application, application.base) if own else ()
    if not named and (not own or closed):
        return []
    context = {"application": application, "named": named, "may_change": own and not closed}
    return [Section("applications/_avoided_section.html", context)]


def _changes(newest: Panel, assignments: list[Assignment], acting: Acting, on: date) -> dict[str, object]:
    """Of the newest panel: who is in conflict now or worth a look, its gaps, and which acts the officer has; nothing once it is fixed."""
    if recusals.department_reasons(newest):
        return {"open_panel": None}
    live = [each for each in assignments if each.is_live]
    barred, looks = standing_findings(live, on)
    for each in assignments:
        each.barred, each.looks = barred.get(each.pk), looks.get(each.pk, [])  # type: ignore[attr-defined]
        each.restorable = recusals.removed_by_department(each)  # type: ignore[attr-defined]
        each.stays = recusals.stays_for(each)  # type: ignore[attr-defined]
    gaps = list(newest.assignments.gaps().select_related("expert"))
    fill_act = going_on.FILL[Panel.Purpose(newest.purpose)]
    may_change = acting.role == Role.DEPT_OFFICER
    return {"open_panel": newest.pk, "gaps": gaps, "fill_act": fill_act, "may_change": may_change}


def _unlocks(panel: Panel, may_see: bool) -> list[dict[str, Any]]:
    """The sheets of a panel that the department opened again; what they had said only where the sheets themselves are open."""
    names = {each.key: each.name for each in panel.rubric.criteria.all()}
    return [
        {
            "expert": assignment.expert,
            "unlock": unlock,
            "points": [(names.get(key, key), points) for key, points in unlock.before["points"].items()]
            if may_see
            else [],
            "may_see": may_see,
        }
        for assignment in panel.assignments.all()
        for unlock in (assignment.sheet.unlocks.all() if hasattr(assignment, "sheet") else ())
    ]


def _panels(base: Base) -> list[tuple[Panel, list[Assignment], bool]]:
    """The panels of a base, newest first, with their experts, and whether all sheets are in: before that nobody reads totals."""
    rows = (
        Assignment.objects.select_related("expert__expert_profile", "sheet", "panel__base", "ended_by", "unfilled_by")
        .prefetch_related("recusal_records__recorded_by")
        .prefetch_related("sheet__unlocks__unlocked_by")
        .annotate(total=Sum("sheet__scores__points"))
        .order_by("pk")
    )
    panels = Panel.objects.filter(base=base).select_related("rubric", "base").order_by("-pk")
    found = panels.prefetch_related("rubric__criteria", Prefetch("assignments", queryset=rows))
    is_open = set(all_in.with_all_sheets(Panel.objects.filter(base=base)).values_list("pk", flat=True))
    return [(panel, list(panel.assignments.all()), panel.pk in is_open) for panel in found]


def public_source(pk: int, acting: Acting, on: date) -> list[Section]:
    """The public notices on which a recognised base stood."""
    found = [(notice, notice.is_running(on)) for notice in published.notices_of(pk, acting)]
    return [Section("applications/_public_notices.html", {"rows": found})] if found else []
