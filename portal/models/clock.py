from django.db import models
from django.utils.translation import gettext_lazy as _


class ClockShift(models.Model):
    """How far a demo's date stands from the real one, in days; at most one row."""

    singleton = models.BooleanField(default=True, unique=True, editable=False)
    days = models.IntegerField(_("偏移天数"), default=0)

    class Meta:
        verbose_name = _("演示日期")
        constraints = [models.CheckConstraint(condition=models.Q(singleton=True), name="clock_shift_is_one_row")]

    def __str__(self) -> str:
        return f"{self.days:+d}"
