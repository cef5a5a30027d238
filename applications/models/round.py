from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bases.lifecycle import Window
from bases.models import Policy, TrainingUnit
from portal.models import StoredFile


class Round(models.Model):
    """The 年度申报批次: one a year (第五条), with the days between which units' applicants may declare and units may report."""

    year = models.PositiveSmallIntegerField(
        _("年度"), unique=True, error_messages={"unique": _("该年度已有申报批次。按第五条，申报工作每年开展一次。")}
    )
    opens_on = models.DateField(_("申报开始"))
    closes_on = models.DateField(_("申报截止"))
    recommend_by = models.DateField(_("推荐报送截止"))
    guide = models.ForeignKey(
        StoredFile, verbose_name=_("申报通知"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    policy = models.ForeignKey(Policy, verbose_name=_("适用的政策参数"), on_delete=models.PROTECT, related_name="+")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # Asked of the experts when their review begins; a day that is over closes nothing by itself (第八条（三）).
    sheets_due_on = models.DateField(_("评分表提交截止"), null=True, blank=True)
    # Once the quotas are out they are fixed (第六条).
    quotas_published_on = models.DateField(_("名额下达日期"), null=True, blank=True)
    quotas_published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("年度申报批次")
        ordering = ["-year"]
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_on__lte=F("closes_on"), closes_on__lte=F("recommend_by")), name="round_dates_in_order"
            ),
            models.CheckConstraint(condition=Q(year__range=(2020, 2100)), name="round_year_within_sight"),
            models.CheckConstraint(
                condition=Q(sheets_due_on=None) | Q(sheets_due_on__gte=F("opens_on")), name="sheets_due_after_it_opens"
            ),
            models.CheckConstraint(
                condition=Q(quotas_published_on=None, quotas_published_by=None)
                | Q(quotas_published_on__isnull=False, quotas_published_by__isnull=False),
                name="published_quotas_have_their_publisher",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} 年度申报批次"

    @property
    def window(self) -> Window:
        """The days on which one may declare."""
        return Window(self.opens_on, self.closes_on)


class RoundExtension(models.Model):
    """A later end that the department gave a round, with its reason; the dates before it stay on record (第五条)."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="extensions")
    closes_on = models.DateField(_("原申报截止"))
    recommend_by = models.DateField(_("原推荐报送截止"))
    new_closes_on = models.DateField(_("申报截止延至"))
    new_recommend_by = models.DateField(_("推荐报送截止延至"))
    reason = models.CharField(_("理由"), max_length=300)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_on = models.DateField(_("办理日期"))

    class Meta:
        verbose_name = _("批次延期")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(new_closes_on__gte=F("closes_on"), new_recommend_by__gte=F("recommend_by")),
                name="round_is_extended_and_not_shortened",
            ),
            models.CheckConstraint(
                condition=Q(new_closes_on__lte=F("new_recommend_by")), name="round_extension_dates_in_order"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="round_extension_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.round}：{self.new_closes_on}"


class UnitDeadline(models.Model):
    """A unit's own, earlier deadline for its applicants, so that its review has time before the department's (第五条)."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="unit_deadlines")
    training_unit = models.ForeignKey(TrainingUnit, on_delete=models.PROTECT, related_name="+")
    declare_by = models.DateField(_("校内申报截止"))
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_on = models.DateField(_("设定日期"))

    class Meta:
        verbose_name = _("校内申报截止")
        constraints = [
            models.UniqueConstraint(fields=["round", "training_unit"], name="one_deadline_per_round_and_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.training_unit} {self.declare_by}"


class UnitFacts(models.Model):
    """What the quota of a unit rests on, in one year (第六条): its categories, its students, whether it is 双一流."""

    training_unit = models.ForeignKey(
        TrainingUnit, verbose_name=_("培养单位"), on_delete=models.PROTECT, related_name="yearly_facts"
    )
    year = models.PositiveSmallIntegerField(_("年度"))
    categories = models.PositiveSmallIntegerField(_("专业学位类别数"))
    professional_students = models.PositiveIntegerField(_("专业学位研究生在校生（人）"))
    double_first_class = models.BooleanField(_("“双一流”建设"), default=False)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("培养单位年度数据")
        ordering = ["-year", "training_unit__code"]
        constraints = [
            models.UniqueConstraint(fields=["training_unit", "year"], name="unit_facts_once_a_year"),
            models.CheckConstraint(condition=Q(year__range=(2020, 2100)), name="unit_facts_year_within_sight"),
            models.CheckConstraint(
                condition=Q(categories__lte=100, professional_students__lte=200_000), name="unit_facts_plausible"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.training_unit} {self.year}"


def _weight(label: Any, default: str) -> "models.DecimalField[Any, Any]":
    return models.DecimalField(
        label,
        max_digits=6,
        decimal_places=2,
        default=Decimal(default),
        validators=[MinValueValidator(0), MaxValueValidator(200)],
    )


class QuotaFormula(models.Model):
    """How a round's quotas are proposed from the units' facts (第六条); the weights are policy and can be changed until publication."""

    round = models.OneToOneField(Round, on_delete=models.CASCADE, related_name="formula")
    base_places = _weight(_("每个单位基数（个）"), "1")
    per_category = _weight(_("每个专业学位类别（个）"), "0.20")
    per_hundred_students = _weight(_("每百名专业学位研究生（个）"), "0.10")
    first_class_bonus = _weight(_("“双一流”建设单位加（个）"), "1")
    minimum = models.PositiveSmallIntegerField(_("每个单位至少（个）"), default=1, validators=[MaxValueValidator(200)])
    maximum = models.PositiveSmallIntegerField(_("每个单位至多（个）"), default=10, validators=[MaxValueValidator(200)])

    class Meta:
        verbose_name = _("名额测算办法")
        constraints = [
            models.CheckConstraint(
                condition=Q(base_places__range=(0, 200), per_category__range=(0, 200))
                & Q(per_hundred_students__range=(0, 200), first_class_bonus__range=(0, 200)),
                name="quota_weights_within_reason",
            ),
            models.CheckConstraint(
                condition=Q(minimum__lte=F("maximum"), maximum__lte=200),
                name="quota_bounds_in_order",
                violation_error_message=_("“至少”不能大于“至多”。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round}：名额测算办法"


class Quota(models.Model):
    """How many bases a unit may recommend in a round (第六条): what the formula proposed, and what was decided, with its reason."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="quotas")
    training_unit = models.ForeignKey(
        TrainingUnit, verbose_name=_("培养单位"), on_delete=models.PROTECT, related_name="quotas"
    )
    places = models.PositiveSmallIntegerField(_("名额"))
    proposed = models.PositiveSmallIntegerField(_("测算名额"), null=True, blank=True)
    override_reason = models.CharField(_("调整理由"), max_length=300, blank=True)
    # The facts and the arithmetic as they stood when the quotas were published.
    arithmetic = models.JSONField(_("测算依据"), default=dict, blank=True)

    class Meta:
        verbose_name = _("申报名额")
        ordering = ["training_unit__code"]
        constraints = [
            models.UniqueConstraint(fields=["round", "training_unit"], name="one_quota_per_round_and_unit"),
            models.CheckConstraint(condition=Q(places__range=(0, 200)), name="quota_within_reason"),
            models.CheckConstraint(
                condition=Q(proposed=None) | Q(places=F("proposed")) | ~Q(override_reason=""),
                name="overridden_quota_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.training_unit} {self.round.year}：{self.places}"

    def is_open(self, on: date) -> bool:
        """Whether the quota is out on a day."""
        published = self.round.quotas_published_on
        return published is not None and published <= on
