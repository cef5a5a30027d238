from datetime import date

from django.db import transaction

from agreements.models import Grant
from bases.models import Base, OfficialDocument, Policy


@transaction.atomic
def award_demonstration_grant(*, base: Base, policy: Policy, on: date, document: OfficialDocument) -> Grant:
    """Record the support of 第十七条 for a demonstration base, in yuan; a base has it once, a second 优秀 finds the first."""
    grant, _created = Grant.objects.get_or_create(
        base=base,
        source=Grant.Source.DEMONSTRATION,
        defaults={"amount": policy.demonstration_grant, "granted_on": on, "policy": policy, "document": document},
    )
    return grant
