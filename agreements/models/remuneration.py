import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agreements.models.mentor import Appointment
from portal.models import StoredFile

_WITHIN_AN_APPOINTMENT = """
IF NOT EXISTS (
    SELECT 1 FROM agreements_appointment a
    JOIN agreements_mentor m ON m.id = a.mentor_id
    WHERE a.id = NEW.appointment_id AND m.kind = 'industry' AND a.status IN ('appointed', 'ended')
        AND a.starts_on <= NEW.from_on AND COALESCE(a.ended_on, a.ends_on) >= NEW.to_on
) THEN
    RAISE EXCEPTION 'remuneration is paid to people of the partner for the time of their appointment' USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""


class RemunerationPayment(models.Model):
    """报酬: what the training unit paid to somebody of the partner whom it appointed, in yuan (协议：权责划分（一）2).

    ``from_on`` to ``to_on`` is the time that is paid for, within the term of the appointment. Never changed; a mistake is taken back by a
    ``RemunerationReversal``.
    """

    appointment = models.ForeignKey(
        Appointment, verbose_name=_("聘任"), on_delete=models.PROTECT, related_name="payments"
    )
    from_on = models.DateField(_("计酬起始日"))
    to_on = models.DateField(_("计酬截止日"))
    amount = models.DecimalField(_("金额（元）"), max_digits=10, decimal_places=2)
    paid_on = models.DateField(_("支付日期"))
    voucher = models.ForeignKey(StoredFile, verbose_name=_("凭证"), on_delete=models.PROTECT, related_name="+")
    note = models.CharField(_("说明"), max_length=200, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_on = models.DateField(_("登记日期"))

    class Meta:
        verbose_name = _("导师报酬")
        ordering = ["-paid_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="remuneration_amount_positive"),
            models.CheckConstraint(condition=Q(to_on__gte=F("from_on")), name="remuneration_period_in_order"),
            models.CheckConstraint(condition=Q(paid_on__lte=F("entered_on")), name="remuneration_entered_after_it_was_paid"),
            models.CheckConstraint(condition=Q(paid_on__gte=F("from_on")), name="remuneration_paid_for_a_time_that_began"),
        ]  # fmt: skip
        triggers = [
            pgtrigger.Trigger(
                name="remuneration_within_an_appointment",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                func=_WITHIN_AN_APPOINTMENT,
            ),
            pgtrigger.Protect(name="remuneration_payments_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.appointment.mentor} {self.amount}"


class RemunerationReversal(models.Model):
    """冲销 of a payment that was entered wrongly: by whom and why; the payment stays readable and counts no longer."""

    payment = models.OneToOneField(RemunerationPayment, on_delete=models.PROTECT, related_name="reversal")
    reason = models.CharField(_("冲销原因"), max_length=300)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_on = models.DateField(_("办理日期"))

    class Meta:
        verbose_name = _("报酬冲销")
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="remuneration_reversal_has_a_reason")]
        triggers = [
            pgtrigger.Protect(name="remuneration_reversals_append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.payment} ↩"
