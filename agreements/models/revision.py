from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agreements.models.agreement import Agreement
from bases.models import Base, OfficialDocument


class AgreementRevision(models.Model):
    """The task that follows a recognition: both sides revise their 联合培养协议 (第十条) within the days of the policy.

    An agreement that becomes effective afterwards fulfils it. ``asked_on`` is the day on which the construction began, ``due_on`` the last day.
    """

    base = models.OneToOneField(
        Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="agreement_revision"
    )
    document = models.ForeignKey(
        OfficialDocument, verbose_name=_("认定文件"), on_delete=models.PROTECT, related_name="agreement_revisions"
    )
    asked_on = models.DateField(_("布置日期"))
    due_on = models.DateField(_("完成期限"))
    agreement = models.OneToOneField(
        Agreement, verbose_name=_("完成任务的协议"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    done_on = models.DateField(_("完成日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("修订协议任务")
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(due_on__gte=F("asked_on")), name="revision_due_after_it_was_asked"),
            models.CheckConstraint(
                condition=Q(agreement=None, done_on=None) | Q(agreement__isnull=False, done_on__isnull=False),
                name="revision_done_by_an_agreement",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.base}：{_('修订协议')}"

    @property
    def is_done(self) -> bool:
        """Whether the revised agreement stands."""
        return self.done_on is not None

    def is_late(self, on: date) -> bool:
        """Whether the days are over and it is not done."""
        return not self.is_done and on > self.due_on
