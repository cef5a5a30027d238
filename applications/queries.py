"""What is seen: applications, notices, objections and sheets, filtered by who looks."""

from datetime import date, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from applications.models import Application, Assignment, Objection, Panel, PublicNotice, Quota, Round
from applications.services import rounds
from applications.services.declaring import newest_applications
from applications.services.notices import PDF_JOB
from applications.services.panels import SCORED_IN
from bases.models import Department
from bases.queries import visible_bases
from portal.acting import Acting
from portal.models import OutboxJob, StoredFile
from portal.roles import DEPARTMENT_BUSINESS, PUBLIC, Role


def visible_applications(acting: Acting) -> QuerySet[Application]:
    """Applications that this person may read; drafts that were never sent are their applicant's and unit's alone."""
    found = Application.objects.filter(base__in=visible_bases(acting).values("pk")).select_related(
        "round", "round__policy", "agreement", "base", "base__training_unit", "base__partner", "base__category"
    )
    if acting.role == Role.PARTNER_OFFICER:  # an earlier application may have named another partner
        declared = Application.objects.filter(base=OuterRef("base"), declared_on__isnull=False)
        later = declared.filter(round__year__gt=OuterRef("round__year"))
        return found.exclude(declared_on=None).exclude(Exists(later))
    if acting.role in DEPARTMENT_BUSINESS:
        return found.exclude(declared_on=None)
    return found


def notices(acting: Acting) -> QuerySet[PublicNotice]:
    """Published notices are for everybody."""
    found = PublicNotice.objects.select_related("issuer_unit", "round", "pdf")
    return found.annotate(listed=Count("entries")).order_by("-published_on", "-id")


def running(found: QuerySet[PublicNotice], on: date) -> QuerySet[PublicNotice]:
    """Those that are out on a day."""
    return found.filter(published_on__lte=on, ends_on__gte=on)


def issuer(notice: PublicNotice) -> str:
    """In whose name a notice stands: the unit's or the department's, as on its PDF."""
    return str(notice.issuer_unit or Department.objects.first() or "")


# A PDF takes seconds; after this the page stops asking for it and says that it is late.
PDF_PATIENCE = timedelta(minutes=5)


def pdf_state(notice: PublicNotice) -> str:
    """Where a notice's official PDF is: ready, pending, late (still tried now and then) or failed (not tried any more)."""
    if notice.pdf_id is not None:
        return "ready"
    if OutboxJob.objects.filter(key=f"{PDF_JOB}:{notice.pk}", state=OutboxJob.State.FAILED).exists():
        return "failed"
    return "late" if timezone.now() - notice.published_at > PDF_PATIENCE else "pending"


def quotas(round_: Round, acting: Acting) -> list[tuple[Quota, int]]:
    """The quotas of a round, a unit's own alone, each with the places that are taken; two queries however many units."""
    found = Quota.objects.filter(round=round_).select_related("training_unit")
    if acting.unit_id is not None:
        found = found.filter(training_unit_id=acting.unit_id)
    taken = rounds.places_used_by_unit(round_.pk)
    return [(quota, taken.get(quota.training_unit_id, 0)) for quota in found]


def upcoming_round(on: date) -> Round | None:
    """The next round that is announced but has not begun."""
    return Round.objects.filter(opens_on__gt=on).order_by("opens_on").first()


def waiting_for_review(acting: Acting) -> int:
    """How many declared applications of a unit still lack the six aspects, and so cannot be published."""
    return (
        newest_applications()
        .filter(base__training_unit_id=acting.unit_id, base__state="declared", declared_on__isnull=False)
        .filter(review__reviewed_on=None)
        .count()
    )


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
    related = (
        "panel__base__training_unit", "panel__base__partner", "panel__base__category", "panel__rubric",
        "panel__application__round", "panel__application__agreement",
    )  # fmt: skip
    return Assignment.objects.filter(expert_id=acting.user_id, panel__started=True).select_related(*related)


def waiting_sheets(acting: Acting) -> QuerySet[Assignment]:
    """The sheets that this expert still has to hand in: not those of a review that ended without them."""
    scored_now = Q()
    for purpose, state in SCORED_IN.items():
        scored_now |= Q(panel__purpose=purpose, panel__base__state=state)
    newer = Panel.objects.filter(base=OuterRef("panel__base"), pk__gt=OuterRef("panel_id"))
    return own_assignments(acting).filter(scored_now, status=Assignment.Status.ASSIGNED).exclude(Exists(newer))


def may_download_attachment(acting: Acting, stored: StoredFile) -> bool:
    """An application's file: whoever may read the application, and the experts it is assigned to."""
    if visible_applications(acting).filter(agreement=stored).exists():
        return True
    # The dossier of an assessment shows the application too, whose panel does not name it.
    assessed = ~Q(panel__purpose=Panel.Purpose.APPLICATION) & Q(
        panel__base__applications__agreement=stored, panel__base__applications__declared_on__isnull=False
    )
    named = Q(panel__application__agreement=stored)
    return own_assignments(acting).filter(named | assessed).exclude(status="recused").exists()


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
