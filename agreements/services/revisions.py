"""修订协议 (第十条): the task that a recognition gives both sides; an agreement that becomes effective afterwards fulfils it."""

from datetime import date, timedelta

from django.db import transaction

from agreements.models import AgreementRevision
from bases.models import Base, OfficialDocument, Policy


@transaction.atomic
def ask_for_revision(*, base: Base, policy: Policy, on: date, document: OfficialDocument) -> AgreementRevision:
    """Ask both sides of a base for the revised agreement, due so many days after ``on`` as the policy says; once per base."""
    revision, _created = AgreementRevision.objects.get_or_create(
        base=base, defaults={"document": document, "asked_on": on, "due_on": due_date(policy, on)}
    )
    return revision


def due_date(policy: Policy, on: date) -> date:
    """The last day for the revised agreement of a base whose construction begins on ``on``."""
    return on + timedelta(days=policy.agreement_revision_days)
