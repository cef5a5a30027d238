"""回避 at a meeting: which members must stay out of which items."""

from collections import defaultdict

from django.utils.translation import gettext as _

from applications.models import MeetingItem, MeetingMember, OtherPartner, RecusalRule, ReviewMeeting
from applications.recusal import plain
from applications.services import recusals

SAME_UNIT, SAME_PARTNER = "unit", "partner"


def conflicts(meeting: ReviewMeeting) -> dict[tuple[int, int], recusals.Conflict]:
    """Which voting members must stay out of which items, by the keys of the member and of the item; constant queries.

    A member whose place of work is the training unit or a partner of an application stays out; one with an account also by the rules
    of recusal that hold for experts, but not because they work at the department: whoever deliberates there decides.
    """
    members = [member for member in meeting.members.select_related("user") if member.votes]
    related = ("application__base__training_unit", "application__base__partner", "application__partner")
    items = list(meeting.items.select_related(*related))
    partners = _partners(items)
    found: dict[tuple[int, int], recusals.Conflict] = {}
    for member in members:
        for item in items:
            found |= _by_employer(member, item, partners[item.application_id])
    users = {member.user_id: member for member in members if member.user_id is not None}
    asked = [member.user for member in users.values() if member.user is not None]
    if asked and items:
        bases = {item.application.base_id: item for item in items}
        ruled = recusals.findings(asked, [item.application.base for item in items], meeting.held_on).all
        for (user_id, base_id), several in ruled.items():
            others = [conflict for conflict in several if conflict.rule != RecusalRule.DEPARTMENT]
            if others:
                found[(users[user_id].pk, bases[base_id].pk)] = others[0]
    return found


def _partners(items: list[MeetingItem]) -> dict[int, set[str]]:
    """The partners by application, their names plain: that of the base, that of the application, the others in its table."""
    found: dict[int, set[str]] = defaultdict(set)
    for item in items:
        own = (item.application.base.partner, item.application.partner)
        found[item.application_id] |= {plain(partner.name) for partner in own if partner is not None}
    others = OtherPartner.objects.filter(application__in=found, partner__isnull=False)
    for application, name in others.values_list("application_id", "partner__name"):
        found[application].add(plain(name))
    return found


def _by_employer(
    member: MeetingMember, item: MeetingItem, partners: set[str]
) -> dict[tuple[int, int], recusals.Conflict]:
    employer, key = plain(member.employer), (member.pk, item.pk)
    if employer == plain(item.application.base.training_unit.name):
        return {key: recusals.Conflict(SAME_UNIT, _("工作单位是申报单位"))}
    if employer in partners:
        return {key: recusals.Conflict(SAME_PARTNER, _("工作单位是合作单位"))}
    return {}
