from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.models.application import Application
from portal.models import StoredFile


class ApplicationFile(models.Model):
    """An attachment of a 申请书 (第八条（一）). One that was replaced or taken away stays on record, with who did it and when."""

    class Kind(models.TextChoices):
        SEALED_FORM = "sealed_form", _("申请书盖章扫描件")
        AGREEMENT = "agreement", _("联合培养协议")
        INVESTMENT = "investment", _("投入情况汇总表（盖章）")
        STUDENTS = "students", _("培养研究生名单")
        PARTNER_LICENCE = "partner_licence", _("合作单位证照")
        PARTNER_RULES = "partner_rules", _("合作单位管理与安全制度")
        MENTORS = "mentors", _("行业导师聘任文件")
        OTHER = "other", _("其他材料")

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="files")
    kind = models.CharField(_("类别"), max_length=20, choices=Kind)
    stored = models.ForeignKey(StoredFile, verbose_name=_("文件"), on_delete=models.PROTECT, related_name="+")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by")
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("申请书附件")
        ordering = ["kind", "pk"]
        indexes = [
            models.Index(
                fields=["application", "kind"], condition=Q(removed_at=None), name="application_file_in_force"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "sealed_form", "agreement", "investment", "students", "partner_licence", "partner_rules",
                        "mentors", "other",
                    ]
                ),
                name="application_file_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(removed_at=None, removed_by=None) | Q(removed_at__isnull=False, removed_by__isnull=False),
                name="removed_file_has_its_remover",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.stored.name}"
