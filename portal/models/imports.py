from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.models.files import StoredFile


class ImportCheck(models.Model):
    """The dry run of a spreadsheet: what it would bring, what is wrong in it; nothing is written until somebody applies it.

    ``errors`` are ``{"row", "column", "message"}``, ``preview`` the first rows as they were understood.
    """

    purpose = models.CharField(_("用途"), max_length=40)
    subject = models.CharField(_("对象"), max_length=60)
    file = models.ForeignKey(StoredFile, verbose_name=_("文件"), on_delete=models.PROTECT, related_name="+")
    rows = models.PositiveIntegerField(_("行数"), default=0)
    wrong = models.PositiveIntegerField(_("错误数"), default=0)
    errors = models.JSONField(_("错误"), default=list, blank=True)
    preview = models.JSONField(_("预览"), default=list, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(_("写入时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("导入检查")
        ordering = ["-id"]
        indexes = [models.Index(fields=["purpose", "subject"], name="import_check_by_subject")]
        constraints = [
            models.CheckConstraint(
                condition=Q(applied_at=None) | Q(wrong=0), name="only_a_faultless_import_is_applied"
            ),
            models.CheckConstraint(
                condition=Q(applied_at=None) | Q(applied_at__gte=F("made_at")), name="import_applied_after_its_check"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose}:{self.subject}"
