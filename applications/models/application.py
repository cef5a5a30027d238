from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.models.round import Round
from bases.lifecycle import Window
from bases.models import Base
from portal.models import StoredFile


class Application(models.Model):
    """The 申请书 of a base in one round (第八条（一）); money in yuan. Declaring freezes ``declared_content``."""

    base = models.ForeignKey(Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="applications")
    round = models.ForeignKey(Round, verbose_name=_("批次"), on_delete=models.PROTECT, related_name="applications")
    cooperation_started_on = models.DateField(_("合作起始日"), null=True, blank=True)
    unit_investment = models.DecimalField(
        _("培养单位已投入（元）"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    partner_investment = models.DecimalField(
        _("合作单位已投入（元）"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    students_trained = models.PositiveIntegerField(_("已联合培养本类别研究生（人）"), null=True, blank=True)
    reason = models.CharField(_("申报理由"), max_length=800, blank=True)
    agreement = models.ForeignKey(
        StoredFile, verbose_name=_("联合培养协议"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    declare_by = models.DateField(_("提交期限"))
    returned_reason = models.TextField(_("退回原因"), blank=True)
    declared_on = models.DateField(_("申报日期"), null=True, blank=True)
    declared_content = models.JSONField(_("申报时的内容"), default=dict, blank=True)
    eligibility = models.JSONField(_("申报时的条件核验"), default=list, blank=True)
    saved_at = models.DateTimeField(_("最近保存"), auto_now=True)

    class Meta:
        verbose_name = _("申请书")
        ordering = ["-round__year"]
        constraints = [
            models.UniqueConstraint(fields=["base", "round"], name="one_application_per_base_and_round"),
            models.CheckConstraint(
                condition=(Q(unit_investment=None) | Q(unit_investment__gte=0))
                & (Q(partner_investment=None) | Q(partner_investment__gte=0)),
                name="investment_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(students_trained=None) | Q(students_trained__lte=100_000), name="students_trained_plausible"
            ),
            models.CheckConstraint(
                condition=Q(cooperation_started_on=None) | Q(cooperation_started_on__gte=date(1980, 1, 1)),
                name="cooperation_start_plausible",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.base}（{self.round.year}）"

    @property
    def window(self) -> Window:
        """The days on which this application may be declared; a return by the department extends them."""
        return Window(self.round.opens_on, max(self.declare_by, self.round.closes_on))


class UnitReview(models.Model):
    """The unit's review of an application in the six aspects of 第八条（二）."""

    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="review")
    category_opinion = models.CharField(_("专业学位类别情况"), max_length=500)
    partner_opinion = models.CharField(_("合作单位情况"), max_length=500)
    reason_opinion = models.CharField(_("申报理由"), max_length=500)
    results_opinion = models.CharField(_("前期基地建设成效"), max_length=500)
    prospects_opinion = models.CharField(_("发展前景"), max_length=500)
    contribution_opinion = models.CharField(_("对人才培养作用"), max_length=500)
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
