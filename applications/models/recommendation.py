from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.models.application import Application
from applications.models.notice import PublicNotice
from applications.models.round import Round
from bases.models import OfficialDocument, TrainingUnit
from portal.models import IssuedRecord, StoredFile


class Recommendation(models.Model):
    """A unit's report to the department of bases whose notice ended without objection (第八条（二）): the 报送函 and its 申报汇总表."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="recommendations")
    training_unit = models.ForeignKey(TrainingUnit, on_delete=models.PROTECT, related_name="recommendations")
    document = models.OneToOneField(
        OfficialDocument, verbose_name=_("报送函"), on_delete=models.PROTECT, related_name="recommendation"
    )
    text = models.CharField(_("正文"), max_length=3000)
    notice_link = models.URLField(_("公示链接"), max_length=300, blank=True)
    notice_proof = models.ForeignKey(
        StoredFile, verbose_name=_("公示截图"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    no_objection_proof = models.ForeignKey(
        StoredFile, verbose_name=_("无异议证明"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reported_on = models.DateField(_("报送日期"))
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    letter_pdf = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    summary_pdf = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    letter_record = models.ForeignKey(IssuedRecord, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    summary_record = models.ForeignKey(IssuedRecord, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    summary_xlsx = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("推荐报送")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(notice_link="") | Q(notice_proof__isnull=False), name="recommendation_proves_its_notice"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document}：{self.training_unit}"


class RecommendationEntry(models.Model):
    """One base of a report, in the unit's order, with what the 申报汇总表 says of it."""

    recommendation = models.ForeignKey(Recommendation, on_delete=models.PROTECT, related_name="entries")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="recommendation_entries")
    notice = models.ForeignKey(PublicNotice, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(_("序号"))
    line = models.JSONField(_("汇总表一行"), default=dict)

    class Meta:
        verbose_name = _("推荐报送名单")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["recommendation", "application"], name="application_once_per_report"),
            models.UniqueConstraint(fields=["recommendation", "position"], name="position_once_per_report"),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.application}"
