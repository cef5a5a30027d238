import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bases.models.organisations import TrainingUnit
from portal.models import IssuedRecord, StoredFile


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
    """A numbered document of an office. The period of construction counts from ``published_on`` (第八条（四）), not from its own date.

    What was registered is frozen by the database; only the scan, the PDF and a withdrawal come later. A withdrawn document
    keeps its number: the numbers of a year have no gap and none is used twice.
    """

    class Kind(models.TextChoices):
        COVER_LETTER = "cover_letter", _("报送函")
        RECOGNITION = "recognition", _("认定文件")
        PROJECT_NOTICE = "project_notice", _("立项通知")
        COMMENDATION = "commendation", _("表彰与称号授予文件")
        CRITICISM = "criticism", _("通报")
        RECTIFICATION = "rectification", _("整改通知")
        REASSESSMENT_NOTICE = "reassessment_notice", _("复评通知")
        REASSESSMENT = "reassessment", _("复评结果通知")
        ASSESSMENT = "assessment", _("考核结果通知")
        REVOCATION = "revocation", _("撤销决定")
        WITHDRAWAL = "withdrawal", _("自主撤销备案")
        REVIEW_RESULT = "review_result", _("评审结果通知")
        OTHER = "other", _("其他公文")

    # What the department publishes; the rest goes to those whom it concerns.
    PUBLIC_KINDS = frozenset(
        {
            Kind.RECOGNITION,
            Kind.COMMENDATION,
            Kind.CRITICISM,
            Kind.REASSESSMENT,
            Kind.ASSESSMENT,
            Kind.REVOCATION,
            Kind.WITHDRAWAL,
        }
    )

    issuer_unit = models.ForeignKey(
        TrainingUnit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("发文单位")
    )
    year = models.PositiveSmallIntegerField(_("年份"))
    serial = models.PositiveIntegerField(_("顺序号"))
    number = models.CharField(_("文号"), max_length=60)
    kind = models.CharField(_("文种"), max_length=20, choices=Kind)
    title = models.CharField(_("标题"), max_length=200)
    addressee = models.CharField(_("主送机关"), max_length=120, blank=True)
    text = models.TextField(_("正文"), blank=True)
    # Each a dict of title, columns (heading and share of the width in percent) and rows, as they were on the day.
    annexes = models.JSONField(_("附件"), default=list, blank=True)
    document_date = models.DateField(_("成文日期"))
    published_on = models.DateField(_("公布日期"))
    bases = models.ManyToManyField("bases.Base", related_name="documents", verbose_name=_("涉及基地"))
    is_public = models.BooleanField(_("向社会公开"), default=False)
    record = models.OneToOneField(
        IssuedRecord, verbose_name=_("核验记录"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    pdf = models.ForeignKey(
        StoredFile, verbose_name=_("正式文本"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # The key of the outbox job that makes the PDF; empty where the portal makes none.
    pdf_job = models.CharField(max_length=200, blank=True)
    file = models.ForeignKey(
        StoredFile, verbose_name=_("盖章扫描件"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    scanned_on = models.DateField(_("扫描件登记日期"), null=True, blank=True)
    scanned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_on = models.DateField(_("撤回日期"), null=True, blank=True)
    withdrawn_because = models.CharField(_("撤回理由"), max_length=300, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    registered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("公文")
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
                        "project_notice",
                        "commendation",
                        "criticism",
                        "rectification",
                        "reassessment_notice",
                        "reassessment",
                        "assessment",
                        "revocation",
                        "withdrawal",
                        "review_result",
                        "other",
                    ]
                ),
                name="document_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on=None, withdrawn_because="")
                | (Q(withdrawn_on__gte=F("document_date")) & ~Q(withdrawn_because="")),
                name="withdrawn_document_says_why",
            ),
            models.CheckConstraint(
                condition=Q(scanned_on=None) | Q(file__isnull=False), name="scan_of_a_document_has_its_file"
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="registered_document_is_frozen",
                fields=[
                    "issuer_unit", "year", "serial", "number", "kind", "title", "addressee", "text", "annexes",
                    "document_date", "published_on", "registered_by", "registered_at",
                ],
            ),
            pgtrigger.Protect(name="documents_are_not_deleted", operation=pgtrigger.Delete),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.title}（{self.number}）"

    @property
    def paragraphs(self) -> list[str]:
        """The body, a line a paragraph."""
        return [line.strip() for line in self.text.splitlines() if line.strip()]

    @property
    def is_withdrawn(self) -> bool:
        """Whether it is no longer in force; its number stays."""
        return self.withdrawn_on is not None


class OfficeText(models.Model):
    """A wording that an office saved for one kind of its documents; the newest one counts, an empty one brings the default back."""

    kind = models.CharField(_("文稿"), max_length=40)
    issuer_unit = models.ForeignKey(
        TrainingUnit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("发文单位")
    )
    version = models.PositiveIntegerField(_("版本"))
    title = models.CharField(_("标题"), max_length=200, blank=True)
    text = models.TextField(_("正文"), blank=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    saved_on = models.DateField(_("保存日期"))
    saved_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("文稿")
        ordering = ["kind", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "issuer_unit", "version"], nulls_distinct=False, name="office_text_version_unique"
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="office_text_counts_from_one"),
            models.CheckConstraint(
                condition=Q(title="", text="") | (~Q(title="") & ~Q(text="")), name="office_text_is_whole"
            ),
        ]
        triggers = [pgtrigger.Protect(name="office_texts_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.kind}#{self.version}"

    @property
    def is_default(self) -> bool:
        """Whether this version brought the portal's own wording back."""
        return not self.text
