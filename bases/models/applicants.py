import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bases.models.base import Base


class ApplicantChange(models.Model):
    """A base passed from one applicant of the unit to another (离职、换岗): who, to whom, why, by which officer; never changed."""

    base = models.ForeignKey(Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="applicant_changes")
    from_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("原申报人"), on_delete=models.PROTECT, related_name="+"
    )
    to_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("新申报人"), on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(_("理由"), max_length=300)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("办理人"), on_delete=models.PROTECT, related_name="+"
    )
    made_on = models.DateField(_("业务日期"))
    made_at = models.DateTimeField(_("办理时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("申报人更换")
        ordering = ["base", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(from_user=F("to_user")), name="applicant_change_between_two_people"),
            models.CheckConstraint(condition=~Q(reason=""), name="applicant_change_has_a_reason"),
        ]
        triggers = [
            pgtrigger.Protect(name="applicant_changes_append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.base}：{self.from_user.full_name} → {self.to_user.full_name}"
