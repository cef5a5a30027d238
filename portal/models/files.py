import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


def stored_path(instance: "StoredFile", filename: str) -> str:
    """Where a file lies: by its key alone, so that no name from outside reaches the disk."""
    return f"{instance.purpose}/{instance.key.hex[:2]}/{instance.key.hex}.{instance.kind}"


class StoredFile(models.Model):
    """A file with its proven type and hash. Who may download it is decided by its purpose (``portal.uploads``)."""

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(_("用途"), max_length=40)
    file = models.FileField(upload_to=stored_path, max_length=200)
    kind = models.CharField(_("类型"), max_length=10)
    name = models.CharField(_("文件名"), max_length=150)
    size = models.PositiveBigIntegerField(_("大小（字节）"))
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("上传人"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("文件")
        constraints = [models.CheckConstraint(condition=models.Q(size__gt=0), name="stored_file_is_not_empty")]

    def __str__(self) -> str:
        return self.name
