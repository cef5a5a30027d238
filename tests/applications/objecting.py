"""How the tests object to a base, and how its office handles that."""

from datetime import date
from typing import Any

from applications.models import Objection, PublicNotice
from applications.services import objections
from bases.models import Base
from portal.acting import Acting

NAME, PHONE, GROUNDS = "贺青川", "13900000000", "申请书所列实践场地与实际情况不一致，请核实。"
FINDINGS = "经现场核查，情况已经查清。"
Status = Objection.Status


def newest_notice(base: Base) -> PublicNotice:
    """The newest notice on which the base stands."""
    return PublicNotice.objects.filter(entries__base=base).latest("pk")


def object_to(base: Base, on: date, **changes: Any) -> Objection:
    """Somebody objects to the base on its newest notice, with everything that is needed."""
    given = {"notice": newest_notice(base), "base": base, "name": NAME, "phone": PHONE, "grounds": GROUNDS, "on": on}
    return objections.file_objection(**(given | changes))


def take_down(objection: Objection, by: Acting, on: date, **changes: Any) -> Any:
    """The office goes and looks."""
    given = {"kind": "site", "held_on": on, "people": "经办人员", "content": "现场测量面积。"} | changes
    return objections.record_step(objection=objection, by=by, on=on, **given)


def settle(objection: Objection, status: str, by: Acting, on: date) -> Objection:
    """The office brings the objection into that state, over those before it."""
    if status == Status.DECLINED:
        reason = "没有写明具体事实。"
        return objections.decline(objection=objection, ground="groundless", reason=reason, by=by, on=on)
    accepted = objections.accept(objection=objection, by=by, on=on)
    if status == Status.ACCEPTED:
        return accepted
    take_down(accepted, by, on)
    remedy = "三日内更正。" if status == Status.PARTLY_UPHELD else ""
    return objections.conclude(objection=accepted, outcome=status, findings=FINDINGS, remedy=remedy, by=by, on=on)
