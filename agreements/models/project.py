from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bases.models import Base


class BaseProject(models.Model):
    """A project of a base that practice and theses work on (协议：培养过程 2、知识产权).

    ``owner`` is the 立项方: the side, or both, that set it up and decides what of it is made public. ``funds`` is yuan.
    """

    class Owner(models.TextChoices):
        UNIT = "unit", _("培养单位")
        PARTNER = "partner", _("合作单位")
        BOTH = "both", _("双方")

    base = models.ForeignKey(Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="projects")
    number = models.CharField(_("项目编号"), max_length=40, blank=True)
    name = models.CharField(_("项目名称"), max_length=100)
    source = models.CharField(_("项目来源"), max_length=60, blank=True)
    owner = models.CharField(_("立项方"), max_length=8, choices=Owner)
    unit_leader = models.CharField(_("培养单位负责人"), max_length=30, blank=True)
    partner_leader = models.CharField(_("合作单位负责人"), max_length=30, blank=True)
    is_secret = models.BooleanField(_("涉及商业或技术秘密"), default=False)
    secret_note = models.CharField(_("保密范围"), max_length=300, blank=True)
    starts_on = models.DateField(_("开始日期"), null=True, blank=True)
    ends_on = models.DateField(_("结束日期"), null=True, blank=True)
    funds = models.DecimalField(_("项目经费（元）"), max_digits=12, decimal_places=2, null=True, blank=True)
    summary = models.CharField(_("主要内容"), max_length=500, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    entered_on = models.DateField(_("登记日期"))
    ended_on = models.DateField(_("结题或终止日期"), null=True, blank=True)
    ended_note = models.CharField(_("结题或终止情况"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("基地项目")
        ordering = ["-entered_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["base", "name"], name="project_name_once_per_base"),
            models.CheckConstraint(condition=Q(owner__in=["unit", "partner", "both"]), name="project_owner_known"),
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="project_dates_in_order",
            ),
            models.CheckConstraint(condition=Q(is_secret=False) | ~Q(secret_note=""), name="secret_project_says_what"),
            models.CheckConstraint(condition=Q(funds=None) | Q(funds__gte=0), name="project_funds_not_negative"),
            models.CheckConstraint(
                condition=Q(ended_on=None, ended_note="") | (Q(ended_on__isnull=False) & ~Q(ended_note="")),
                name="ended_project_says_how",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def sides(self) -> frozenset[str]:
        """The sides that set the project up: ``unit``, ``partner`` or both."""
        return frozenset({"unit", "partner"}) if self.owner == self.Owner.BOTH else frozenset({self.owner})
