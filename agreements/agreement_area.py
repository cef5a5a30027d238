"""协议 as an area of the cooperation: how the agreement of each base stands, in a word."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.utils.translation import gettext as _

from agreements.models import Agreement
from agreements.queries import coverages, visible_agreements
from agreements.training import Standing
from bases.models import Base
from portal.acting import Acting


def standing(bases: Sequence[Base], acting: Acting, on: date) -> Mapping[int, Standing]:
    """What holds, until when, and what is under way; two queries for all bases."""
    reach = coverages(bases, on)
    found = visible_agreements(acting).filter(base__in=[base.pk for base in bases], status__in=Agreement.IN_PROGRESS)
    under_way = {each.base_id: str(each.get_status_display()) for each in found}
    said = {}
    for base in bases:
        covered, status = reach[base.pk], under_way.get(base.pk, "")
        if covered.until is None:
            words = {"day": covered.lapsed_on.isoformat() if covered.lapsed_on else ""}
            text = _("已于 %(day)s 到期或终止") % words if covered.has_lapsed else _("没有生效的协议")
            said[base.pk] = Standing("，".join(filter(None, [text, status])), "missing")
            continue
        text = _("有效期至 %(day)s") % {"day": covered.until.isoformat()}
        soon = covered.is_due(max(base.policy.reminder_days, default=0) if base.policy else 0)
        gap = "" if covered.covers_construction else _("早于建设期截止")
        said[base.pk] = Standing("，".join(filter(None, [text, gap, status])), "soon" if soon else "ok")
    return said
