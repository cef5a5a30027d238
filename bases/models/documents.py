from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bases.models.organisations import TrainingUnit
from portal.models import StoredFile


class DocumentCounter(models.Model):
    """The last serial number of an issuer's year; its row is locked while a number is taken, so there are no gaps."""

    issuer_unit = models.ForeignKey(TrainingUnit, on_delete=models.PROTECT, null=True, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("文号计数")
        constraints = [
            models.UniqueConstraint(
                fields=["issuer_unit", "year"], nulls_distinct=False, name="one_counter_per_issuer_and_year"
            )
        ]

    def __str__(self) -> str:
        return f"{self.year}:{self.last}"


class OfficialDocument(models.Model):
    """A numbered document of an office. The period of construction counts from ``published_on`` (第八条（四）), not from its own date."""

    class Kind(models.TextChoices):
        COVER_LETTER = "cover_letter", _("报送函")
        RECOGNITION = "recognition", _("认定文件")
        COMMENDATION = "commendation", _("表彰与称号授予文件")
        CRITICISM = "criticism", _("通报")
        REASSESSMENT = "reassessment", _("复评结果通知")
        ASSESSMENT = "assessment", _("考核结果通知")
        REVOCATION = "revocation", _("撤销决定")
        WITHDRAWAL = "withdrawal", _("自主撤销备案")

    issuer_unit = models.ForeignKey(
        TrainingUnit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("发文单位")
    )
    year = models.PositiveSmallIntegerField(_("年份"))
    serial = models.PositiveIntegerField(_("顺序号"))
    number = models.CharField(_("文号"), max_length=60)
    kind = models.CharField(_("文种"), max_length=20, choices=Kind)
    title = models.CharField(_("标题"), max_length=200)
    document_date = models.DateField(_("成文日期"))
    published_on = models.DateField(_("公布日期"))
    bases = models.ManyToManyField("bases.Base", related_name="documents", verbose_name=_("涉及基地"))
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    registered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("文件")
        ordering = ["-year", "-serial"]
        constraints = [
            models.UniqueConstraint(
                fields=["issuer_unit", "year", "serial"], nulls_distinct=False, name="document_number_unique"
            ),
            models.CheckConstraint(
                condition=Q(published_on__gte=F("document_date")), name="document_published_after_its_date"
            ),
            models.CheckConstraint(condition=Q(year__range=(2000, 2100)), name="document_year_within_sight"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "cover_letter",
                        "recognition",
                        "commendation",
                        "criticism",
                        "reassessment",
                        "assessment",
                        "revocation",
                        "withdrawal",
                    ]
                ),
                name="document_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.number}）"
