"""The experts whom an applicant asks not to have (回避): up to three, each with a reason, before experts are assigned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from applications.models import Application, Assignment, AvoidedExpert
from applications.recusal import plain
from applications.services.declaring import current_application
from bases.lifecycle import State
from bases.models import Base
from bases.rules import is_its_applicant
from bases.services.lifecycle import lock
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused

AT_MOST = 3
# Until the review opens; assigning experts closes it earlier.
OPEN_IN = (State.DRAFTING, State.DECLARED, State.UNIT_NOTICE, State.RECOMMENDED)


@dataclass(frozen=True)
class Avoided:
    """An expert as the applicant names them."""

    name: str
    employer: str
    reason: str


def closed_reasons(application: Application, base: Base) -> tuple[str, ...]:
    """Why experts cannot be named for this application any more; empty while they can."""
    if current_application(base).pk != application.pk:
        return (_("这份申请书已不是本基地当前的申请书，不能再提出。"),)
    if base.state not in OPEN_IN:
        return (_("基地当前状态为“%(state)s”，申请回避的专家不能再提出或者修改。") % {"state": base.state_label},)
    if Assignment.objects.filter(panel__application=application).exists():
        return (_("教育厅已分配评审专家，申请回避的专家不能再提出或者修改。"),)
    return ()


@transaction.atomic
def set_avoided(*, application: Application, experts: Sequence[Avoided], by: Acting, on: date) -> list[AvoidedExpert]:
    """Say whom the applicants ask not to have, in place of what they said before; who is named again unchanged keeps the day.

    Raises NotYours for everybody but the applicants, Overtaken once experts are assigned, Refused for a fourth or a repeated one.
    """
    base = lock(application.base_id)
    if not is_its_applicant(by, base) or by.user is None:
        raise NotYours(_("申请回避的专家由本基地的申报人提出。"))
    closed = closed_reasons(application, base)
    if closed:
        raise Overtaken(closed)
    if len(experts) > AT_MOST:
        raise Refused(_("最多提出 %(n)s 名。") % {"n": AT_MOST})
    if len({(plain(each.name), plain(each.employer)) for each in experts}) < len(experts):
        raise Refused(_("同一名专家只能提出一次。"))
    if any(not each.reason.strip() for each in experts):
        raise Refused(_("请写明每名专家的回避理由。"))
    before = {(each.name, each.employer, each.reason): each for each in application.avoided_experts.all()}
    application.avoided_experts.all().delete()
    rows = []
    for position, each in enumerate(experts, start=1):
        same = before.get((each.name, each.employer, each.reason))
        rows.append(
            AvoidedExpert(
                application=application,
                position=position,
                name=each.name,
                employer=each.employer,
                reason=each.reason,
                named_by_id=same.named_by_id if same else by.user.pk,
                named_on=same.named_on if same else on,
            )
        )
    return AvoidedExpert.objects.bulk_create(rows)
