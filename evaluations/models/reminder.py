from django.db import models
from django.utils.translation import gettext_lazy as _

from bases.models import Base


class Reminder(models.Model):
    """One reminder of one deadline, so many days before; recorded once, however often the daily job runs."""

    class Kind(models.TextChoices):
        ASSESSMENT = "assessment", _("启动建设成效考核")
        REASSESSMENT = "reassessment", _("整改期届满，启动复评")

    ARTICLES = {Kind.ASSESSMENT: "15", Kind.REASSESSMENT: "19"}

    base = models.ForeignKey(Base, on_delete=models.PROTECT, related_name="reminders")
    kind = models.CharField(_("事项"), max_length=12, choices=Kind)
    due_on = models.DateField(_("到期日"))
    days_before = models.PositiveSmallIntegerField(_("提前天数"))
    on = models.DateField(_("提醒日期"))

    class Meta:
        verbose_name = _("提醒")
        ordering = ["due_on", "days_before"]
        constraints = [
            models.UniqueConstraint(fields=["base", "kind", "due_on", "days_before"], name="each_reminder_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["assessment", "reassessment"]), name="reminder_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.base}：{self.get_kind_display()} {self.due_on} −{self.days_before}"
