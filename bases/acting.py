"""From a session to the role one acts in."""

from django.db.models import QuerySet

from bases.models import Membership
from portal.acting import ANYBODY, Acting
from portal.models import User

SESSION_KEY = "membership"


def live_memberships(user: User) -> QuerySet[Membership]:
    """The memberships that a person may act in now."""
    related = ("user", "training_unit", "partner_unit", "department")
    return (
        Membership.objects.filter(user=user, withdrawn_at=None, user__is_active=True)
        .select_related(*related)
        .order_by("pk")
    )


def acting_for(user: User, memberships: list[Membership], chosen: int | None) -> Acting:
    """The person in the chosen membership, or in the only one; without a choice among several, nobody in particular."""
    membership = next((m for m in memberships if m.pk == chosen), None)
    if membership is None and len(memberships) == 1:
        membership = memberships[0]
    if membership is None:
        return Acting(role=ANYBODY.role, user=user)
    return as_acting(membership)


def as_acting(membership: Membership) -> Acting:
    """Acting in a membership."""
    return Acting(
        role=membership.role,
        user=membership.user,
        membership_id=membership.pk,
        unit_id=membership.training_unit_id,
        partner_id=membership.partner_unit_id,
        organisation_name=membership.organisation_name,
    )
