"""What waits for both sides and the department around the agreements: a constant number of queries each."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.queries import visible_revisions
from bases.lifecycle import LIVING
from portal.acting import Acting
from portal.inbox import Item
from portal.roles import Role


def source(acting: Acting, on: date) -> Iterator[Item]:
    """The revised agreements that wait for the role (第十条): to hand in, to confirm, and for the department those that are late."""
    if acting.role not in {Role.UNIT_OFFICER, Role.PARTNER_OFFICER, Role.DEPT_OFFICER}:
        return
    waiting = visible_revisions(acting).filter(confirmed_on=None, base__state__in=LIVING)
    if acting.role == Role.UNIT_OFFICER:
        for revision in waiting.filter(submitted_on=None):
            why = _("基地已认定，请会同合作单位按第十条修订联合培养协议并提交。")
            if revision.returned_reason:
                why = _("合作单位退回：%(reason)s") % {"reason": revision.returned_reason}
            url = reverse("act", args=[revision.base_id, "submit-revised-agreement"])
            yield Item(
                _("协议"), revision.base.name, why, "10", url, _("提交修订后的协议"), revision.due_on,
                reverse("base", args=[revision.base_id]),
            )  # fmt: skip
    elif acting.role == Role.PARTNER_OFFICER:
        for revision in waiting.filter(submitted_on__isnull=False):
            why = _("培养单位提交了修订后的协议，请打开核对后确认或者退回。")
            yield Item(
                _("协议"), revision.base.name, why, "10", reverse("base", args=[revision.base_id]) + "#agreement-revision",
                _("核对并确认"), revision.due_on,
            )  # fmt: skip
    else:
        for revision in waiting.filter(due_on__lt=on):
            who = revision.base.partner if revision.submitted_on else revision.base.training_unit
            why = _("修订协议逾期，等待%(who)s办理，请督促。") % {"who": who}
            yield Item(
                _("协议"), revision.base.name, why, "10", reverse("base", args=[revision.base_id]) + "#agreement-revision",
                _("查看"), revision.due_on,
            )  # fmt: skip
