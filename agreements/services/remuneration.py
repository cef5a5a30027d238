"""导师报酬 (协议：权责划分（一）2): what the training unit paid to the people of the partner whom it appointed; noted in any state of the base."""

from datetime import date
from decimal import Decimal

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import Appointment, Mentor, RemunerationPayment, RemunerationReversal
from agreements.services.standing import must_be
from bases.models import Base
from bases.services import lifecycle
from portal import uploads
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused

VOUCHER = "remuneration_voucher"
HELD = (Appointment.Status.APPOINTED, Appointment.Status.ENDED)


def term_of(base: Base, mentor: Mentor, from_on: date, to_on: date) -> Appointment | None:
    """The appointment of a person of the partner in this base whose term covers a time; None where none does."""
    terms = Appointment.objects.filter(base=base, mentor=mentor, mentor__kind=Mentor.Kind.INDUSTRY, status__in=HELD)
    return next((each for each in terms.order_by("pk") if each.holds(from_on) and each.holds(to_on)), None)


def why_no_term(base: Base, mentor: Mentor, from_on: date, to_on: date) -> str:
    """In words why nothing can be paid to a mentor for a time; empty where an appointment covers it."""
    if mentor.kind != Mentor.Kind.INDUSTRY:
        return _("报酬付给聘任的合作单位人员；%(name)s是校内导师。") % {"name": mentor.name}
    if term_of(base, mentor, from_on, to_on) is not None:
        return ""
    terms = [
        _("%(from)s 至 %(to)s") % {"from": each.starts_on, "to": each.last_day}
        for each in Appointment.objects.filter(base=base, mentor=mentor, status__in=HELD).order_by("starts_on")
    ]
    words = {"name": mentor.name, "terms": "；".join(terms), "from": from_on.isoformat(), "to": to_on.isoformat()}
    if not terms:
        return _("%(name)s没有本基地的聘任，不能登记报酬。") % words
    return _("%(name)s的聘期是 %(terms)s，%(from)s 至 %(to)s 不在一个聘期之内；跨两个聘期的请分开登记。") % words


@transaction.atomic
def pay(
    *,
    base: Base,
    mentor: Mentor,
    from_on: date,
    to_on: date,
    amount: Decimal,
    paid_on: date,
    voucher: UploadedFile,
    by: Acting,
    on: date,
    note: str = "",
) -> RemunerationPayment:
    """Note what was paid to a mentor for a time, in yuan, with its voucher.

    Raises NotYours for anybody but the unit's graduate office, Refused without an appointment for that time, for a time that is turned
    round, and for a day of payment that has not come or lies before the time that is paid for.
    """
    here = lifecycle.lock(base.pk)
    must_be(here, by, "unit")
    if by.user is None:
        raise NotYours(_("这件事由培养单位研究生院办理。"))
    if to_on < from_on:
        raise Refused(_("计酬截止日不能早于起始日。"))
    if not from_on <= paid_on <= on:
        raise Refused(_("支付日期不能早于计酬起始日，也不能晚于今天。"))
    problem = why_no_term(here, mentor, from_on, to_on)
    term = term_of(here, mentor, from_on, to_on)
    if problem or term is None:
        raise Refused(problem)
    stored = uploads.store(voucher, purpose=VOUCHER, by=by.user)
    return RemunerationPayment.objects.create(
        appointment=term, from_on=from_on, to_on=to_on, amount=amount, paid_on=paid_on, voucher=stored, note=note.strip(),
        entered_by=by.user, entered_on=on,
    )  # fmt: skip


@transaction.atomic
def reverse(*, payment: RemunerationPayment, reason: str, by: Acting, on: date) -> RemunerationReversal:
    """冲销 of a payment that was entered wrongly: it stays readable and counts no longer.

    Raises NotYours for anybody but the unit's graduate office, Overtaken for one that is reversed already, Refused without a reason.
    """
    here = lifecycle.lock(payment.appointment.base_id)
    must_be(here, by, "unit")
    if by.user is None:
        raise NotYours(_("这件事由培养单位研究生院办理。"))
    if RemunerationReversal.objects.filter(payment=payment).exists():
        raise Overtaken(_("这一笔报酬已经冲销，没有重复办理。"))
    if not reason.strip():
        raise Refused(_("请写明冲销原因。"))
    return RemunerationReversal.objects.create(
        payment=payment, reason=reason.strip(), entered_by=by.user, entered_on=on
    )
