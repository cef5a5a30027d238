from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applications.models.round import Round
from bases.models import Base, TrainingUnit
from portal.models import StoredFile


class PublicNotice(models.Model):
    """A 公示: a list of bases that is out for objection for some working days, counted from the day after publication."""

    class Kind(models.TextChoices):
        RECOMMENDATION = "recommendation", _("推荐公示")
        RECOGNITION = "recognition", _("认定公示")

    kind = models.CharField(_("类型"), max_length=20, choices=Kind)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="notices")
    issuer_unit = models.ForeignKey(
        TrainingUnit, on_delete=models.PROTECT, null=True, blank=True, related_name="notices"
    )
    title = models.CharField(_("标题"), max_length=120)
    text = models.CharField(_("正文"), max_length=3000)
    published_on = models.DateField(_("发布日期"))
    working_days = models.PositiveSmallIntegerField(_("公示期（工作日）"))
    ends_on = models.DateField(_("截止日期"))
    office = models.CharField(_("受理部门"), max_length=60)
    supervision_office = models.CharField(_("监督部门"), max_length=60)
    contact = models.CharField(_("联系方式"), max_length=200)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(auto_now_add=True)
    pdf = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("公示")
        ordering = ["-published_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("published_on")), name="notice_ends_after_its_publication"
            ),
            models.CheckConstraint(
                condition=Q(kind="recommendation", issuer_unit__isnull=False) | Q(kind="recognition", issuer_unit=None),
                name="notice_issuer_fits_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def is_running(self, on: date) -> bool:
        """Whether objections are taken on that day: to 24:00 of the last day."""
        return self.published_on <= on <= self.ends_on


class NoticeEntry(models.Model):
    """One line of a notice's list, as it was published: the list does not change while it is out."""

    notice = models.ForeignKey(PublicNotice, on_delete=models.PROTECT, related_name="entries")
    base = models.ForeignKey(Base, on_delete=models.PROTECT, related_name="notice_entries")
    position = models.PositiveSmallIntegerField(_("序号"))
    unit_name = models.CharField(_("培养单位"), max_length=60)
    base_name = models.CharField(_("基地名称"), max_length=60)
    category = models.CharField(_("类别（代码）"), max_length=60)
    partner_name = models.CharField(_("合作单位"), max_length=100)
    division = models.CharField(_("所在盟市"), max_length=40)
    industry = models.CharField(_("优先产业"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("公示名单")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["notice", "base"], name="base_once_per_notice"),
            models.UniqueConstraint(fields=["notice", "position"], name="position_once_per_notice"),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.base_name}"
