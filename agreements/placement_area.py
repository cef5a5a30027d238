"""The area 岗位与实践 of a base: how it stands, in a few words, for the overview and the head of its page."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from agreements import placement_queries
from agreements.models import Placement
from agreements.services import posts
from agreements.services.placement_starts import COVERED
from agreements.training import Standing
from bases.models import Base
from portal.acting import Acting

Status = Placement.Status


def standing(bases: Sequence[Base], acting: Acting, on: date) -> Mapping[int, Standing]:
    """How many students are in each base, wait or come, and what is amiss: posts, insurance, an end that has passed; four queries."""
    pks = [base.pk for base in bases]
    counts, offers, flags = placement_queries.state_counts(pks), posts.offers(pks, on), _flags(pks, on)
    found = {}
    for pk in pks:
        states = counts.get(pk, {})
        words = [_("在基地 %(n)s 人") % {"n": states.get(Status.RUNNING, 0)}]
        if states.get(Status.PROPOSED):
            words.append(_("待确认 %(n)s 人") % {"n": states[Status.PROPOSED]})
        if states.get(Status.ACCEPTED):
            words.append(_("待进入 %(n)s 人") % {"n": states[Status.ACCEPTED]})
        wrong = []
        if offers[pk].is_missed(on):
            wrong.append(_("岗位少 %(n)s 个") % {"n": offers[pk].short})
        uncovered, over = flags.get(pk, (0, 0))
        if uncovered:
            wrong.append(_("保险不全 %(n)s 人") % {"n": uncovered})
        if over:
            wrong.append(_("到期未办结束 %(n)s 人") % {"n": over})
        tone = "missing" if wrong else "soon" if states.get(Status.PROPOSED) else "ok"
        found[pk] = Standing("，".join([*words, *wrong]), tone)
    return found


def _flags(pks: Sequence[int], on: date) -> dict[int, tuple[int, int]]:
    """How many running placements of each base are not insured for their whole time, and how many have passed their last day."""
    rows = Placement.objects.filter(base__in=pks, status=Status.RUNNING).order_by().values_list("base")
    counted = rows.annotate(uncovered=Count("pk", filter=~COVERED), over=Count("pk", filter=Q(ends_on__lt=on)))
    return {pk: (uncovered, over) for pk, uncovered, over in counted}
