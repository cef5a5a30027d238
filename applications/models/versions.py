from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.content import Content
from applications.models.application import Application
from applications.models.files import ApplicationFile
from portal.models import IssuedRecord, StoredFile


class ApplicationVersion(models.Model):
    """What an application said when it was declared, its attachments and its eligibility report of that day (第七条, 第八条（一）).

    It never changes. Sent back, the application is mended and declared again as the next version.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("版次"))
    declared_on = models.DateField(_("申报日期"))
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    content = models.JSONField(_("申报时的内容"))
    content_sha256 = models.CharField(_("校验码"), max_length=64)
    eligibility = models.JSONField(_("申报时的条件核验"), default=list)
    files = models.ManyToManyField(ApplicationFile, related_name="versions", verbose_name=_("申报时的附件"))
    returned_on = models.DateField(_("退回日期"), null=True, blank=True)
    returned_by = models.CharField(_("退回人"), max_length=80, blank=True)
    returned_reason = models.TextField(_("退回原因"), blank=True)

    class Meta:
        verbose_name = _("申请书版本")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["application", "number"], name="one_version_per_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="version_counts_from_one"),
            models.CheckConstraint(
                condition=Q(returned_on=None, returned_reason="")
                | (Q(returned_on__isnull=False) & ~Q(returned_reason="")),
                name="returned_version_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application} 第 {self.number} 版"

    @property
    def paper(self) -> Content:
        """What it said, to be shown, printed and compared."""
        return Content.from_json(self.content)


class PrintedApplication(models.Model):
    """The 申请书 as PDF and Word, of one content: a draft as it stood, or a declared version."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="prints")
    version = models.ForeignKey(
        ApplicationVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="prints"
    )
    content_sha256 = models.CharField(_("校验码"), max_length=64)
    pdf = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    docx = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    record = models.ForeignKey(IssuedRecord, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("申请书打印件")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "version", "content_sha256"],
                nulls_distinct=False,
                name="printed_once_per_content",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application}：{self.content_sha256[:12]}"
