from datetime import date
from decimal import Decimal

from django.db import transaction

from agreements.models import Grant
from agreements.services import accounts
from bases.models import Base, OfficialDocument, Policy


def demonstration_support(base: Base, policy: Policy) -> Decimal:
    """How much support of 第十七条 a demonstration base has or would now get, in yuan."""
    first = Grant.objects.filter(base=base, source=Grant.Source.DEMONSTRATION).first()
    return first.amount if first else policy.demonstration_grant


@transaction.atomic
def award_demonstration_grant(*, base: Base, policy: Policy, on: date, document: OfficialDocument) -> Grant:
    """Record the support of 第十七条 for a demonstration base, in yuan, with its earmarked account (第十四条).

    A base has it once, a second 优秀 finds the first.
    """
    grant, _created = Grant.objects.get_or_create(
        base=base,
        source=Grant.Source.DEMONSTRATION,
        defaults={"amount": policy.demonstration_grant, "granted_on": on, "policy": policy, "document": document},
    )
    accounts.open_for_grant(grant)
    return grant
