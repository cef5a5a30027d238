"""What is seen of agreements, filtered by who looks."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from agreements.coverage import Coverage, covered_until
from agreements.models import Agreement, AgreementRevision
from bases.lifecycle import LIVING, State
from bases.models import Base
from bases.queries import visible_bases
from portal.acting import Acting
from portal.models import StoredFile
from portal.roles import DEPARTMENT_BUSINESS, UNIT_ROLES, Role

# Since the recognition both sides cooperate; what they did stays readable after the end.
SINCE_RECOGNITION = frozenset({State.RECOGNISED, *LIVING, State.REVOKED, State.WITHDRAWN})
# An unsent text is its author's own.
_UNSENT = (Agreement.Status.DRAFTING, Agreement.Status.DISCARDED)


def training_bases(acting: Acting) -> QuerySet[Base]:
    """The bases whose cooperation this person may look at: those that they may open, since the construction began."""
    return visible_bases(acting).filter(state__in=SINCE_RECOGNITION, construction_started_on__isnull=False)


def visible_agreements(acting: Acting) -> QuerySet[Agreement]:
    """The agreements that this person may read: of the bases that they may look at, drafts for the training unit alone."""
    if acting.role not in {*UNIT_ROLES, Role.PARTNER_OFFICER, *DEPARTMENT_BUSINESS}:
        return Agreement.objects.none()
    found = Agreement.objects.filter(base__in=training_bases(acting).values("pk"))
    if acting.role not in UNIT_ROLES:
        found = found.exclude(status__in=_UNSENT)
    related = (
        "base__training_unit",
        "base__partner",
        "base__category",
        "base__policy",
        "predecessor",
        "pdf",
        "scan",
        "record",
    )
    return found.select_related(*related)


def visible_revisions(acting: Acting) -> QuerySet[AgreementRevision]:
    """The 修订协议 tasks of the bases that this person may open: both sides and the department."""
    if acting.role not in {*UNIT_ROLES, Role.PARTNER_OFFICER, *DEPARTMENT_BUSINESS}:
        return AgreementRevision.objects.none()
    found = AgreementRevision.objects.filter(base__in=visible_bases(acting).values("pk"))
    return found.select_related("base__training_unit", "base__partner", "document", "agreement")


def may_download_agreement(acting: Acting, stored: StoredFile) -> bool:
    """The paper and the signed scan of an agreement: whoever may read it."""
    return visible_agreements(acting).filter(Q(pdf=stored) | Q(scan=stored)).exists()


def coverages(bases: Sequence[Base], on: date) -> dict[int, Coverage]:
    """How far the agreements of each base reach on a day, by its key; one query besides the policies of the bases."""
    days: dict[int, list[tuple[date, date]]] = {base.pk: [] for base in bases}
    for agreement in Agreement.objects.filter(base__in=list(days), status__in=Agreement.IN_FORCE).defer(
        "goals", "supplement"
    ):
        first, expires = agreement.days
        days[agreement.base_id].append((first, agreement.ended_on or expires))
    return {base.pk: coverage_of(base, days[base.pk], on) for base in bases}


def coverage_of(base: Base, periods: Sequence[tuple[date, date]], on: date) -> Coverage:
    """How far agreements with these first and last days reach, beside what a base has ahead.

    An assessment is over when its report is in: so many days after its opening as the policy says.
    """
    assessed = base.assessment_due_on
    if assessed is not None and base.policy is not None:
        assessed += timedelta(days=base.policy.report_days)
    return Coverage(
        on=on,
        until=covered_until(periods, on),
        lapsed_on=max((last for _first, last in periods if last < on), default=None),
        construction_until=base.construction_ends_on,
        assessment_until=assessed,
    )
