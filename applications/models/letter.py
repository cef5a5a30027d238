from django.db import models
from django.utils.translation import gettext_lazy as _

from applications.models.application import Application
from bases.models import OfficialDocument


class ResultLetter(models.Model):
    """The 评审结果通知 on an application that was not recognised (第八条（三）（四）); one application has one."""

    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="result_letter")
    document = models.OneToOneField(OfficialDocument, on_delete=models.PROTECT, related_name="result_letter")

    class Meta:
        verbose_name = _("评审结果通知")

    def __str__(self) -> str:
        return str(self.document)
