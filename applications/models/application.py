from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.models.round import Round
from bases.industries import PRIORITY_INDUSTRIES
from bases.lifecycle import Window
from bases.models import Base, DegreeCategory, Division, PartnerUnit
from portal.models import StoredFile

NO_INDUSTRY = "none"
INDUSTRY_CHOICES = (*PRIORITY_INDUSTRIES, (NO_INDUSTRY, _("不属于")))


class Application(models.Model):
    """The 申请书 of a base in one round (第八条（一）), as it is being filled in; its cover stands here, the rest in its parts.

    What was declared is kept in its versions. A draft may be incomplete and may contradict itself: that is said beside the form and
    refused on declaring.
    """

    base = models.ForeignKey(Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="applications")
    round = models.ForeignKey(Round, verbose_name=_("批次"), on_delete=models.PROTECT, related_name="applications")
    name = models.CharField(_("基地名称"), max_length=60)
    category = models.ForeignKey(
        DegreeCategory,
        verbose_name=_("专业学位类别"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    field = models.CharField(_("领域"), max_length=40, blank=True)
    partner = models.ForeignKey(
        PartnerUnit, verbose_name=_("校外合作单位"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    division = models.ForeignKey(
        Division, verbose_name=_("所在盟市、旗县区"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    priority_industry = models.CharField(_("优先产业"), max_length=30, blank=True, choices=INDUSTRY_CHOICES)
    cooperation_started_on = models.DateField(_("合作起始日"), null=True, blank=True)
    declare_by = models.DateField(_("提交期限"))
    returned_reason = models.TextField(_("退回原因"), blank=True)
    declared_on = models.DateField(_("申报日期"), null=True, blank=True)
    # The unit's order of its recommendations; empty until the unit has put them in order.
    rank = models.PositiveSmallIntegerField(_("推荐排序"), null=True, blank=True)
    saved_at = models.DateTimeField(_("最近保存"), auto_now=True)

    class Meta:
        verbose_name = _("申请书")
        ordering = ["-round__year"]
        constraints = [
            models.UniqueConstraint(fields=["base", "round"], name="one_application_per_base_and_round"),
            models.CheckConstraint(
                condition=Q(cooperation_started_on=None) | Q(cooperation_started_on__gte=date(1980, 1, 1)),
                name="cooperation_start_plausible",
            ),
            models.CheckConstraint(
                condition=Q(priority_industry__in=["", *(key for key, _label in INDUSTRY_CHOICES)]),
                name="application_industry_known",
            ),
            models.CheckConstraint(condition=Q(rank=None) | Q(rank__gte=1), name="application_rank_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.round.year}）"

    @property
    def window(self) -> Window:
        """The days on which this application may be declared; a return by the department extends them."""
        return Window(self.round.opens_on, max(self.declare_by, self.round.closes_on))


class UnitReview(models.Model):
    """The unit's review of an application in the six aspects of 第八条（二）, with its conclusion."""

    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="review")
    category_opinion = models.CharField(_("专业学位类别情况"), max_length=500)
    partner_opinion = models.CharField(_("合作单位情况"), max_length=500)
    reason_opinion = models.CharField(_("申报理由"), max_length=500)
    results_opinion = models.CharField(_("前期基地建设成效"), max_length=500)
    prospects_opinion = models.CharField(_("发展前景"), max_length=500)
    contribution_opinion = models.CharField(_("对人才培养作用"), max_length=500)
    agreed = models.BooleanField(_("同意推荐"), default=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # Empty again once the application was sent back: the opinions were about what it said before.
    reviewed_on = models.DateField(_("审核日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("六项审核")

    def __str__(self) -> str:
        return str(self.application)


class Deliberation(models.Model):
    """The department's deliberation on a shortlisted base (第八条（四）): the minutes, and who prepared the decision."""

    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="deliberation")
    held_on = models.DateField(_("审议日期"))
    conclusion = models.CharField(_("审议结论"), max_length=1000)
    minutes = models.ForeignKey(
        StoredFile, verbose_name=_("审议纪要"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    prepared_on = models.DateField(_("登记日期"))

    class Meta:
        verbose_name = _("审议纪要")

    def __str__(self) -> str:
        return str(self.application)
