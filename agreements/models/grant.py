from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bases.models import Base, OfficialDocument, Policy


class Grant(models.Model):
    """An earmarked award of money to a base, in yuan (第十七条, 第十八条); spending is for this base only (第十四条)."""

    class Source(models.TextChoices):
        DEMONSTRATION = "demonstration", _("示范基地支持（第十七条）")
        NATIONAL = "national", _("国家基地支持（第十七条）")
        INNOVATION = "innovation", _("创新举措支持（第十八条）")

    base = models.ForeignKey(Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="grants")
    source = models.CharField(_("来源"), max_length=20, choices=Source)
    amount = models.DecimalField(_("金额（元）"), max_digits=12, decimal_places=2)
    granted_on = models.DateField(_("确定日期"))
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(OfficialDocument, on_delete=models.PROTECT, null=True, related_name="grants")

    class Meta:
        verbose_name = _("资助经费")
        ordering = ["-granted_on"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="grant_amount_positive"),
            models.CheckConstraint(
                condition=Q(source__in=["demonstration", "national", "innovation"]), name="grant_source_known"
            ),
            models.UniqueConstraint(fields=["base", "source"], name="each_grant_once_per_base"),
        ]

    def __str__(self) -> str:
        return f"{self.base}：{self.get_source_display()} {self.amount}"
