"""What waits for the offices that handle objections, with the days that are left; a constant number of queries."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from applications.models import Objection
from applications.objection_queries import handled_objections, time_left, visible_objections
from portal import calendar
from portal.acting import Acting
from portal.inbox import Item
from portal.roles import Role

Status = Objection.Status


def source(acting: Acting, on: date) -> Iterator[Item]:
    """For the office what it must do next on each of its objections; for the department's leader what was not accepted in time."""
    if acting.role == Role.DEPT_LEADER:
        late = visible_objections(acting).filter(status=Status.SUBMITTED, accept_by__lt=on)
        for objection in late:
            why = _("异议在受理期限内没有受理，请督促经办办理。")
            yield _item(objection, why, _("查看异议"), objection.accept_by)
        return
    if acting.role not in {Role.UNIT_OFFICER, Role.DEPT_OFFICER}:
        return
    waiting = list(handled_objections(acting).filter(Q(status__in=Objection.OPEN) | Q(answered_on=None)))
    working = calendar.load() if waiting else None
    for objection in waiting:
        left = time_left(objection.due_on, on, working) if working else ""
        yield _item(objection, _why(objection, left), _button(objection), objection.due_on)


def _why(objection: Objection, left: str) -> str:
    words = {"day": objection.filed_on.isoformat(), "left": left}
    if objection.status not in Objection.OPEN:
        return _("异议已经办结，请书面答复异议人。")
    if objection.status == Status.ACCEPTED:
        return _("异议已受理，请调查并作出结论，办结前该基地不能继续。%(left)s") % words
    if objection.accept_by is None:
        return _("%(day)s 收到异议，请决定是否受理。工作日历没有录入该年安排，受理期限算不出来。") % words
    return _("%(day)s 收到异议，请决定是否受理，办结前该基地不能继续。%(left)s") % words


def _button(objection: Objection) -> str:
    return _("办理异议") if objection.status in Objection.OPEN else _("书面答复")


def _item(objection: Objection, why: str, button: str, due: date | None) -> Item:
    url = reverse("objection-handle", args=[objection.pk])
    title = f"{objection.base.name}（{objection.number}）"
    return Item(
        _("异议"), title, why, objection.notice.articles, url, button, due, pressing=objection.status in Objection.OPEN
    )
