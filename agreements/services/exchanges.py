"""学术交流活动 that both sides hold together every year (协议：权责划分（一）1), recorded by either of them."""

from datetime import date

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import ExchangeEvent
from agreements.services.standing import living, side_of
from bases.models import Base
from portal import uploads
from portal.acting import Acting
from portal.errors import Overtaken, Refused

FILE = "exchange_event"


@transaction.atomic
def record(
    *,
    base: Base,
    by: Acting,
    on: date,
    title: str,
    held_on: date,
    place: str,
    participants: int,
    content: str = "",
    file: UploadedFile | None = None,
) -> ExchangeEvent:
    """Either side records an activity that was held since the construction began; one that is there already is not recorded twice."""
    here = living(base)
    side = side_of(here, by)
    if held_on > on:
        raise Refused(_("活动日期 %(day)s 还没有到，请在活动之后登记。") % {"day": held_on.isoformat()})
    same = ExchangeEvent.objects.filter(base=here, title=title.strip(), held_on=held_on, withdrawn_on=None)
    if same.exists():
        raise Refused(_("%(day)s 的“%(title)s”已经登记。") % {"day": held_on.isoformat(), "title": title.strip()})
    return ExchangeEvent.objects.create(
        base=here, title=title.strip(), held_on=held_on, place=place.strip(), participants=participants, content=content.strip(),
        file=uploads.store(file, purpose=FILE, by=by.user) if file else None, side=side, recorded_by=by.user, recorded_on=on,
    )  # fmt: skip


@transaction.atomic
def withdraw(*, event: ExchangeEvent, by: Acting, on: date, reason: str) -> ExchangeEvent:
    """Either side says of a recorded activity that it is wrong; it stays on the page with the reason and no longer counts."""
    here = living(event.base)
    side_of(here, by)
    found = ExchangeEvent.objects.select_for_update().get(pk=event.pk)
    if found.withdrawn_on is not None:
        raise Overtaken(_("这条活动记录已经作废，没有重复办理。"))
    if not reason.strip():
        raise Refused(_("请写明作废原因。"))
    found.withdrawn_by, found.withdrawn_on, found.withdrawn_reason = by.user, on, reason.strip()
    found.save()
    return found
