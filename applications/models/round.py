from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bases.lifecycle import Window
from bases.models import Policy, TrainingUnit
from portal.models import StoredFile


class Round(models.Model):
    """The 年度申报批次: one a year (第五条), with the days between which units' applicants may declare."""

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

    class Meta:
        verbose_name = _("年度申报批次")
        ordering = ["-year"]
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_on__lte=F("closes_on"), closes_on__lte=F("recommend_by")), name="round_dates_in_order"
            ),
            models.CheckConstraint(condition=Q(year__range=(2020, 2100)), name="round_year_within_sight"),
        ]

    def __str__(self) -> str:
        return f"{self.year} 年度申报批次"

    @property
    def window(self) -> Window:
        """The days on which one may declare."""
        return Window(self.opens_on, self.closes_on)


class Quota(models.Model):
    """How many bases a unit may recommend in a round (第六条)."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="quotas")
    training_unit = models.ForeignKey(
        TrainingUnit, verbose_name=_("培养单位"), on_delete=models.PROTECT, related_name="quotas"
    )
    places = models.PositiveSmallIntegerField(_("名额"))

    class Meta:
        verbose_name = _("申报名额")
        ordering = ["training_unit__code"]
        constraints = [
            models.UniqueConstraint(fields=["round", "training_unit"], name="one_quota_per_round_and_unit"),
            models.CheckConstraint(condition=Q(places__range=(0, 200)), name="quota_within_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.training_unit} {self.round.year}：{self.places}"
