import secrets
from datetime import date

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applications.models.round import Round
from bases.models import Base, TrainingUnit
from portal.models import StoredFile

# Without letters and digits that are taken for one another when read out on the telephone.
_CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


def lookup_code() -> str:
    """The code with which an objector finds their objection again."""
    return "".join(secrets.choice(_CODE_LETTERS) for _position in range(10))


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
