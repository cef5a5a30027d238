import secrets

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applications.models.notice import PublicNotice
from bases.models import Base
from portal.models import StoredFile

# Without letters and digits that are taken for one another when read out on the telephone.
_CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


def lookup_code() -> str:
    """The code with which an objector finds their objection again."""
    return "".join(secrets.choice(_CODE_LETTERS) for _position in range(10))


class Objection(models.Model):
    """An 异议 to one base of a notice, with real name; only the handling office sees who filed it."""

    class Status(models.TextChoices):
        SUBMITTED = "submitted", _("已提交")
        ACCEPTED = "accepted", _("已受理，调查中")
        DECLINED = "declined", _("不予受理")
        UPHELD = "upheld", _("异议成立")
        DISMISSED = "dismissed", _("异议不成立")

    notice = models.ForeignKey(PublicNotice, on_delete=models.PROTECT, related_name="objections")
    base = models.ForeignKey(Base, on_delete=models.PROTECT, related_name="objections", verbose_name=_("涉及基地"))
    name = models.CharField(_("真实姓名或单位名称"), max_length=60)
    phone = models.CharField(
        _("手机"),
        max_length=20,
        validators=[RegexValidator(r"^1[3-9][0-9]{9}$", _("手机号应为 11 位，以便核实并答复，请核对。"))],
    )
    email = models.EmailField(_("邮箱"), blank=True)
    grounds = models.CharField(_("事实与理由"), max_length=2000)
    evidence = models.ForeignKey(
        StoredFile, verbose_name=_("证明材料"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    code = models.CharField(_("查询码"), max_length=12, unique=True, default=lookup_code)
    filed_on = models.DateField(_("提交日期"))
    status = models.CharField(_("状态"), max_length=12, choices=Status, default=Status.SUBMITTED)
    conclusion = models.CharField(_("处理意见"), max_length=2000, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    handled_on = models.DateField(_("办理日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("异议")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["notice", "base"],
                condition=Q(status__in=["submitted", "accepted"]),
                name="objection_open_by_base",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["submitted", "accepted"]) | ~Q(conclusion=""),
                name="concluded_objection_has_a_conclusion",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["submitted", "accepted", "declined", "upheld", "dismissed"]),
                name="objection_status_known",
            ),
            models.CheckConstraint(condition=Q(phone__regex=r"^1[3-9][0-9]{9}$"), name="objection_phone_can_be_called"),
            models.CheckConstraint(
                condition=Q(handled_on=None) | Q(handled_on__gte=F("filed_on")), name="objection_handled_after_it_came"
            ),
        ]

    OPEN = (Status.SUBMITTED, Status.ACCEPTED)

    def __str__(self) -> str:
        return f"{self.base}：{self.get_status_display()}"

    @property
    def is_open(self) -> bool:
        """Whether it still waits for a conclusion."""
        return self.status in self.OPEN
