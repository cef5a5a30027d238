"""提交截止: the last day for the 评分表 of a round (第八条（三）). It reminds; a day that is over takes no sheet away and closes no page."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from applications.models import Assignment, Panel, Round
from applications.services.declaring import newest_applications
from bases.lifecycle import State
from portal.acting import Acting
from portal.errors import NotYours, Refused
from portal.roles import Role

# Three weeks are usual; further ahead than a year is a slip of the pen.
USUAL_DAYS, MOST_DAYS = 21, 366


def proposed(round_: Round, on: date) -> date:
    """The day with which the form begins: the round's own while it is ahead, else three weeks from now."""
    kept = round_.sheets_due_on
    return kept if kept is not None and kept >= on else on + timedelta(days=USUAL_DAYS)


def reasons(round_: Round, due_on: date, on: date) -> list[str]:
    """Why that day cannot be the last one; empty when it can."""
    words = {"day": due_on.isoformat()}
    if due_on < on:
        return [_("提交截止 %(day)s 已经过去，请填写今天或者以后的日期。") % words]
    if due_on < round_.opens_on:
        return [_("提交截止 %(day)s 早于批次的申报开始日期，请核对。") % words]
    if due_on > on + timedelta(days=MOST_DAYS):
        return [_("提交截止 %(day)s 在一年以后，请核对年份。") % words]
    return []


@transaction.atomic
def set_due(*, round_: Round, due_on: date, by: Acting, on: date) -> Round:
    """Set the last day for all sheets of a round that are still to come; raises NotYours, Refused for a day that cannot be."""
    if by.role != Role.DEPT_OFFICER:
        raise NotYours(_("评分表的提交截止由教育厅经办设定。"))
    refused = reasons(round_, due_on, on)
    if refused:
        raise Refused(refused)
    locked = Round.objects.select_for_update(of=("self",)).get(pk=round_.pk)
    locked.sheets_due_on = due_on
    locked.save(update_fields=["sheets_due_on"])
    return locked


@dataclass
class Late:
    """A round whose last day is over while sheets are missing: how many in all, and of whom how many, the most first."""

    round: Round
    sheets: int = 0
    of: Counter[str] = field(default_factory=Counter)


def late(on: date) -> list[Late]:
    """The rounds with sheets that are overdue on a day, the oldest first; one query."""
    missing = (
        Assignment.objects.filter(
            status=Assignment.Status.ASSIGNED,
            panel__purpose=Panel.Purpose.APPLICATION,
            panel__started=True,
            panel__aggregate=None,
            panel__base__state=State.IN_REVIEW,
            panel__application__in=newest_applications().order_by(),
            panel__application__round__sheets_due_on__lt=on,
        )
        .select_related("expert", "panel__application__round")
        .order_by("panel__application__round__year", "expert__full_name", "pk")
    )
    found: dict[int, Late] = {}
    for assignment in missing:
        application = assignment.panel.application
        if application is None:
            continue
        each = found.setdefault(application.round_id, Late(application.round))
        each.sheets += 1
        each.of[assignment.expert.full_name] += 1
    return list(found.values())
