"""What is seen: applications, notices and sheets, filtered by who looks."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from applications.content import Content, masked
from applications.models import (
    Application,
    ApplicationFile,
    ApplicationVersion,
    Assignment,
    Panel,
    PrintedApplication,
    PublicNotice,
    Quota,
    Recommendation,
    RecommendationEntry,
    ReviewMeeting,
    Round,
)
from applications.services import roster, rounds, snapshot
from applications.services.content import content_of_snapshot
from applications.services.notices import PDF_JOB
from applications.services.panels import SCORED_IN
from applications.services.readiness import checks_of
from bases.models import Base, Department
from bases.queries import visible_bases
from portal import jobs
from portal.acting import Acting
from portal.models import ImportCheck, OutboxJob, StoredFile, User
from portal.roles import DEPARTMENT_BUSINESS, PUBLIC, UNIT_ROLES, Role


def visible_applications(acting: Acting) -> QuerySet[Application]:
    """Applications that this person may read; of one that was never declared only its applicants and its unit know.

    What they may read of it is said by ``read``: the draft, or what was declared.
    """
    found = Application.objects.filter(base__in=visible_bases(acting).values("pk")).select_related(
        "round", "round__policy", "base", "base__training_unit", "partner", "category", "division__parent"
    )
    if acting.role in UNIT_ROLES:
        return found
    found = found.filter(Exists(ApplicationVersion.objects.filter(application=OuterRef("pk"))))
    if acting.role == Role.PARTNER_OFFICER:  # an earlier application may have named another partner
        newer = ApplicationVersion.objects.filter(
            application__base=OuterRef("base"), application__round__year__gt=OuterRef("round__year")
        )
        return found.exclude(declared_on=None).exclude(Exists(newer))
    return found


@dataclass(frozen=True)
class Reading:
    """What one person reads of an application: the draft as it stands (``version`` None) or a declared version, with its files."""

    application: Application
    version: ApplicationVersion | None
    content: Content
    files: list[ApplicationFile]
    checks: list[dict[str, Any]]


def read(
    application: Application, acting: Acting, on: date, number: int | None = None, *, whole: bool = True
) -> Reading | None:
    """An application as this person may read it: a draft for its applicants and its unit, for everybody else what was declared.

    ``number`` asks for that version; None where there is no such version, and for the partner of any but the newest: an earlier one may
    have named another partner. People who need not reach those named in it read no
    telephone numbers and addresses. With ``whole`` False a draft is read without its roster, which may be thousands of rows.
    """
    drafting = application.declared_on is None and acting.role in UNIT_ROLES
    if drafting and number is None:
        now = snapshot.read(application, on, roster=whole)
        checks = [check.as_json() for check in checks_of(now, on)]
        return Reading(application, None, content_of_snapshot(now), now.files, checks)
    versions = application.versions.order_by("-number")
    version = (versions.filter(number=number) if number else versions).first()
    if version is None:
        return None
    if number and acting.role == Role.PARTNER_OFFICER and application.versions.filter(number__gt=number).exists():
        return None
    content = version.paper if acting.role in {*UNIT_ROLES, *DEPARTMENT_BUSINESS} else masked(version.paper)
    files = list(version.files.select_related("stored").order_by("kind", "pk"))
    return Reading(application, version, content, files, version.eligibility)


def possible_co_applicants(base: Base) -> QuerySet[User]:
    """The colleagues of the same unit who may fill in a base's papers with its applicant (第八条（一）)."""
    return (
        User.objects.filter(
            is_active=True,
            memberships__role=Role.APPLICANT,
            memberships__withdrawn_at=None,
            memberships__training_unit_id=base.training_unit_id,
        )
        .exclude(pk=base.applicant_id)
        .distinct()
        .order_by("full_name", "pk")
    )


def notices(acting: Acting) -> QuerySet[PublicNotice]:
    """The notices that went out, also those that were withdrawn, for everybody; drafts are not among them."""
    found = PublicNotice.objects.filter(state__in=PublicNotice.OUT).select_related("issuer_unit", "round", "pdf")
    return found.annotate(listed=Count("entries")).order_by("-published_on", "-id")


def desk_notices(acting: Acting) -> QuerySet[PublicNotice]:
    """The notices of this person's own office, drafts first; a leader sees what was submitted."""
    found = PublicNotice.objects.select_related("issuer_unit", "round__policy", "drafted_by").annotate(
        listed=Count("entries", distinct=True), chosen_count=Count("chosen", distinct=True)
    ).order_by(F("published_on").desc(nulls_first=True), "-id")  # fmt: skip
    if acting.role == Role.UNIT_OFFICER:
        return found.filter(issuer_unit_id=acting.unit_id)
    if acting.role == Role.DEPT_LEADER:  # what is still written is the officers'
        return found.filter(issuer_unit=None).exclude(state=PublicNotice.State.DRAFT)
    return found.filter(issuer_unit=None) if acting.role == Role.DEPT_OFFICER else found.none()


def in_standing(found: QuerySet[PublicNotice], standing: str, on: date) -> QuerySet[PublicNotice]:
    """Those in a state, where ``running`` and ``ended`` divide what is published by the day; all for an unknown one."""
    published = found.filter(state=PublicNotice.State.PUBLISHED)
    if standing == "running":
        return published.filter(ends_on__gte=on)
    if standing == "ended":
        return published.filter(ends_on__lt=on)
    return found.filter(state=standing) if standing in PublicNotice.State.values else found


def running(found: QuerySet[PublicNotice], on: date) -> QuerySet[PublicNotice]:
    """Those that are out on a day."""
    return found.filter(state=PublicNotice.State.PUBLISHED, published_on__lte=on, ends_on__gte=on)


def issuer(notice: PublicNotice) -> str:
    """In whose name a notice stands: the unit's or the department's, as on its PDF."""
    return str(notice.issuer_unit or Department.objects.first() or "")


def pdf_state(notice: PublicNotice) -> str:
    """Where a notice's official PDF is: ready, pending, late (still tried now and then) or failed (not tried any more)."""
    if notice.pdf_id is not None:
        return "ready"
    if OutboxJob.objects.filter(key=f"{PDF_JOB}:{notice.pk}", state=OutboxJob.State.FAILED).exists():
        return "failed"
    return "late" if jobs.is_late(notice.published_at) else "pending"


def quotas(round_: Round, acting: Acting) -> list[tuple[Quota, int]]:
    """The quotas of a round, a unit's own alone, each with the places that are taken; two queries however many units."""
    found = Quota.objects.filter(round=round_).select_related("training_unit")
    if acting.unit_id is not None:  # what is not out yet is the department's alone
        found = found.filter(training_unit_id=acting.unit_id, round__quotas_published_on__isnull=False)
    taken = rounds.places_used_by_unit(round_.pk)
    return [(quota, taken.get(quota.training_unit_id, 0)) for quota in found]


def upcoming_round(on: date) -> Round | None:
    """The next round that is announced but has not begun."""
    return Round.objects.filter(opens_on__gt=on).order_by("opens_on").first()


def own_assignments(acting: Acting) -> QuerySet[Assignment]:
    """What is assigned to this expert, once the review has begun; nobody else's."""
    if acting.role != Role.EXPERT:
        return Assignment.objects.none()
    related = (
        "panel__base__training_unit", "panel__base__partner", "panel__base__category", "panel__rubric",
        "panel__application__round", "sheet", "expert__expert_profile__training_unit",
        "expert__expert_profile__partner_unit",
    )  # fmt: skip
    return Assignment.objects.filter(expert_id=acting.user_id, panel__started=True).select_related(*related)


def opened_assignments(acting: Acting) -> QuerySet[Assignment]:
    """Those whose papers this expert reads: live ones, once they have declared that nothing speaks against it (回避)."""
    return own_assignments(acting).filter(status__in=Assignment.LIVE, declared_on__isnull=False)


def running_sheets(acting: Acting) -> QuerySet[Assignment]:
    """The sheets of this expert in reviews that still run, handed in or not; those from which they were taken off are left out."""
    scored_now = Q()
    for purpose, state in SCORED_IN.items():
        scored_now |= Q(panel__purpose=purpose, panel__base__state=state)
    newer = Panel.objects.filter(base=OuterRef("panel__base"), pk__gt=OuterRef("panel_id"))
    return own_assignments(acting).filter(scored_now, status__in=Assignment.LIVE).exclude(Exists(newer))


def waiting_sheets(acting: Acting) -> QuerySet[Assignment]:
    """The sheets that this expert still has to hand in: not those of a review that ended without them."""
    return running_sheets(acting).filter(status=Assignment.Status.ASSIGNED)


def may_download_attachment(acting: Acting, stored: StoredFile) -> bool:
    """An application's file: its applicants and unit, whoever may read a version that has it, the experts who read that version."""
    mine = ApplicationFile.objects.filter(stored=stored)
    applications = visible_applications(acting)
    # What was replaced or taken away before anybody declared it is for those who fill in the paper.
    in_force = mine if acting.role == Role.APPLICANT else mine.filter(removed_at=None)
    if acting.role in UNIT_ROLES and applications.filter(files__in=in_force).exists():
        return True
    declared = ApplicationVersion.objects.filter(files__in=mine)
    if acting.role == Role.PARTNER_OFFICER:
        newer = ApplicationVersion.objects.filter(application=OuterRef("application"), number__gt=OuterRef("number"))
        declared = declared.exclude(Exists(newer))
    if applications.filter(versions__in=declared).exists():
        return True
    # The dossier of an assessment shows the application too, whose panel does not name it.
    assessed = ~Q(panel__purpose=Panel.Purpose.APPLICATION) & Q(panel__base__applications__versions__in=declared)
    named = Q(panel__application__versions__in=declared)
    return opened_assignments(acting).filter(named | assessed).exists()


def avoidable_applications(acting: Acting) -> QuerySet[Application]:
    """The applications whose applicants this person is one of: they alone name experts to avoid (回避)."""
    return visible_applications(acting) if acting.role == Role.APPLICANT else Application.objects.none()


def may_see_avoided(acting: Acting) -> bool:
    """Whom applicants ask not to have: they themselves (of what they see at all) and the department; never unit, partner or expert."""
    return acting.role == Role.APPLICANT or acting.role in DEPARTMENT_BUSINESS


def panel_assignments(acting: Acting) -> QuerySet[Assignment]:
    """The assignments that the department's officers change."""
    if acting.role != Role.DEPT_OFFICER:
        return Assignment.objects.none()
    return Assignment.objects.select_related(
        "panel__base__training_unit", "panel__base__partner", "expert__expert_profile"
    )


def changeable_panels(acting: Acting) -> QuerySet[Panel]:
    """The panels of whose gaps the department's officers decide."""
    if acting.role != Role.DEPT_OFFICER:
        return Panel.objects.none()
    return Panel.objects.select_related("base", "application__round__policy")


def may_download_roster(acting: Acting, stored: StoredFile) -> bool:
    """A roster that was uploaded to be checked: those who fill in the application."""
    check = ImportCheck.objects.filter(file=stored, purpose=roster.PURPOSE).first()
    if check is None or acting.role != Role.APPLICANT:
        return False
    return visible_applications(acting).filter(pk=roster.DryRun.of(check).application).exists()


def may_download_notice(acting: Acting, stored: StoredFile) -> bool:
    """A notice is public."""
    return PublicNotice.objects.filter(pdf=stored).exists()


def may_download_minutes(acting: Acting, stored: StoredFile) -> bool:
    """Minutes and the round's inner papers: the department."""
    return acting.role in DEPARTMENT_BUSINESS


def may_download_meeting_papers(acting: Acting, stored: StoredFile) -> bool:
    """The minutes of a meeting, signed or not, and its 评分汇总表: the department's business roles, nobody else."""
    papers = Q()
    for name in ("minutes_pdf", "summary_pdf", "summary_xlsx", "signed_scan"):
        papers |= Q(**{name: stored})
    return acting.role in DEPARTMENT_BUSINESS and ReviewMeeting.objects.filter(papers).exists()


def may_download_guide(acting: Acting, stored: StoredFile) -> bool:
    """The round's notice: everybody who is signed in with a role."""
    return acting.role != PUBLIC


def visible_prints(acting: Acting) -> QuerySet[PrintedApplication]:
    """The PDF and Word files of the applications that this person may read: drafts for their unit, what was declared for the department too.

    They name people with their telephone numbers, so they are for nobody else.
    """
    if acting.role not in {*UNIT_ROLES, *DEPARTMENT_BUSINESS}:
        return PrintedApplication.objects.none()
    found = PrintedApplication.objects.filter(application__in=visible_applications(acting).values("pk"))
    found = found if acting.role in UNIT_ROLES else found.exclude(version=None)
    return found.select_related("version", "pdf", "docx")


def may_download_print(acting: Acting, stored: StoredFile) -> bool:
    """The 申请书 as PDF or Word: whoever may see the print."""
    return visible_prints(acting).filter(Q(pdf=stored) | Q(docx=stored)).exists()


def visible_recommendations(acting: Acting) -> QuerySet[Recommendation]:
    """The reports to the department: a unit's own, all of them for the department, for an applicant those with a base of theirs."""
    files = ("letter_pdf", "summary_pdf", "summary_xlsx", "notice_proof", "no_objection_proof")
    found = Recommendation.objects.select_related("round", "training_unit", "document", "reported_by", *files)
    if acting.role in DEPARTMENT_BUSINESS:
        return found
    if acting.role == Role.UNIT_OFFICER:
        return found.filter(training_unit_id=acting.unit_id)
    if acting.role == Role.APPLICANT:
        own = RecommendationEntry.objects.filter(application__base__in=visible_bases(acting).values("pk"))
        return found.filter(pk__in=own.values("recommendation"))
    return found.none()


def recommendation_entries(recommendation: Recommendation, acting: Acting) -> QuerySet[RecommendationEntry]:
    """The lines of a report for this person: to an applicant those of their own bases alone."""
    found = recommendation.entries.select_related("application__base", "notice")
    if acting.role == Role.APPLICANT:
        return found.filter(application__base__in=visible_bases(acting).values("pk"))
    return found


def may_download_recommendation(acting: Acting, stored: StoredFile) -> bool:
    """The papers of a report speak of all its bases: the unit's office and the department."""
    if acting.role == Role.APPLICANT:
        return False
    papers = Q()
    for name in ("letter_pdf", "summary_pdf", "summary_xlsx", "notice_proof", "no_objection_proof"):
        papers |= Q(**{name: stored})
    return visible_recommendations(acting).filter(papers).exists()
