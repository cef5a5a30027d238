from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bases.models import Base, OfficialDocument
from portal.models import StoredFile


class AgreementRevision(models.Model):
    """The task that follows a recognition: both sides revise their 联合培养协议 (第十条) within the days of the policy.

    The training unit hands in the signed agreement, the partner confirms that it is the one that both have signed; until then
    the partner may send it back. ``asked_on`` is the day on which the construction began, ``due_on`` the last day.
    """

    base = models.OneToOneField(
        Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="agreement_revision"
    )
    document = models.ForeignKey(
        OfficialDocument, verbose_name=_("认定文件"), on_delete=models.PROTECT, related_name="agreement_revisions"
    )
    asked_on = models.DateField(_("布置日期"))
    due_on = models.DateField(_("完成期限"))
    file = models.ForeignKey(
        StoredFile, verbose_name=_("修订后的协议"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    signed_on = models.DateField(_("签署日期"), null=True, blank=True)
    expires_on = models.DateField(_("有效期至"), null=True, blank=True)
    changes = models.CharField(_("修订内容"), max_length=500, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    submitted_on = models.DateField(_("提交日期"), null=True, blank=True)
    returned_reason = models.CharField(_("退回原因"), max_length=300, blank=True)
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_on = models.DateField(_("确认日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("修订协议任务")
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(due_on__gte=F("asked_on")), name="revision_due_after_it_was_asked"),
            models.CheckConstraint(
                condition=Q(signed_on=None) | Q(expires_on=None) | Q(expires_on__gt=F("signed_on")),
                name="revised_agreement_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(submitted_on=None)
                | Q(file__isnull=False, signed_on__isnull=False, expires_on__isnull=False, submitted_by__isnull=False),
                name="revision_handed_in_whole",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_on=None) | Q(submitted_on__isnull=False, confirmed_by__isnull=False),
                name="revision_confirmed_after_it_came",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.base}：{_('修订协议')}"

    @property
    def is_done(self) -> bool:
        """Whether both sides have said that the revised agreement stands."""
        return self.confirmed_on is not None

    def is_late(self, on: date) -> bool:
        """Whether the days are over and it is not done."""
        return not self.is_done and on > self.due_on
