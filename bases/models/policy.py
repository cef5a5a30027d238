from __future__ import annotations

from datetime import date
from typing import Any

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

AT_LEAST_ONE = [MinValueValidator(1)]


def default_reminders() -> list[int]:
    """Days before a deadline on which people are reminded."""
    return [180, 90, 30, 7]


class Policy(models.Model):
    """One version of the numbers that the regulation and practice set; what began under a version keeps it.

    A version is never edited: a change is a new version with its own effective date.
    """

    version = models.PositiveIntegerField(_("版本"), unique=True)
    effective_from = models.DateField(_("施行日期"), unique=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    construction_years = models.PositiveSmallIntegerField(
        _("建设期（年，第十二条）"), default=3, validators=AT_LEAST_ONE
    )
    assessment_years = models.PositiveSmallIntegerField(
        _("考核周期（年，第十五条，惯例）"), default=3, validators=AT_LEAST_ONE
    )
    rectification_years = models.PositiveSmallIntegerField(
        _("整改期（年，第十九条）"), default=2, validators=AT_LEAST_ONE
    )
    min_cooperation_years = models.PositiveSmallIntegerField(_("合作年限下限（年，第七条（三））"), default=2)
    min_trained_students = models.PositiveSmallIntegerField(_("已培养研究生下限（人，第七条（三））"), default=5)
    demonstration_grant = models.DecimalField(
        _("示范基地支持（元，第十七条）"), max_digits=12, decimal_places=2, default=100_000
    )
    national_grant = models.DecimalField(
        _("国家基地支持（元，第十七条）"), max_digits=12, decimal_places=2, default=500_000
    )
    innovation_grant = models.DecimalField(
        _("创新举措支持（元，第十八条）"), max_digits=12, decimal_places=2, default=100_000
    )
    stipend_floor_master = models.DecimalField(
        _("硕士生活补贴下限（元/月，协议）"), max_digits=8, decimal_places=2, default=1000
    )
    stipend_floor_doctor = models.DecimalField(
        _("博士生活补贴下限（元/月，协议）"), max_digits=8, decimal_places=2, default=2000
    )
    practice_months_min = models.PositiveSmallIntegerField(_("专业实践最短（月，协议）"), default=6)
    practice_months_max = models.PositiveSmallIntegerField(_("专业实践最长（月，协议）"), default=12)
    change_notice_months = models.PositiveSmallIntegerField(_("变更提前通知（月，协议）"), default=1)
    agreement_years = models.PositiveSmallIntegerField(_("协议有效期（年，协议）"), default=3)
    school_assessment_years = models.PositiveSmallIntegerField(_("学校考核周期（年，协议）"), default=2)
    notice_working_days = models.PositiveSmallIntegerField(
        _("公示期（工作日，惯例）"), default=5, validators=AT_LEAST_ONE
    )
    notice_working_days_max = models.PositiveSmallIntegerField(
        _("公示期上限（工作日，惯例）"), default=10, validators=AT_LEAST_ONE
    )
    objection_accept_days = models.PositiveSmallIntegerField(
        _("异议受理期限（工作日，惯例）"), default=3, validators=AT_LEAST_ONE
    )
    objection_conclude_days = models.PositiveSmallIntegerField(
        _("异议办结期限（工作日，惯例）"), default=10, validators=AT_LEAST_ONE
    )
    objection_extension_days = models.PositiveSmallIntegerField(
        _("异议办结延期（工作日，惯例）"), default=10, validators=AT_LEAST_ONE
    )
    min_experts = models.PositiveSmallIntegerField(_("评审专家下限（人，惯例）"), default=3, validators=AT_LEAST_ONE)
    panel_size = models.PositiveSmallIntegerField(_("每项评审专家（人，惯例）"), default=5, validators=AT_LEAST_ONE)
    panel_industry_min = models.PositiveSmallIntegerField(_("其中行业专家至少（人，惯例）"), default=1)
    trim_from = models.PositiveSmallIntegerField(
        _("去掉最高最低分的起始专家数（人，惯例）"), default=5, validators=[MinValueValidator(3)]
    )
    disagreement_range = models.DecimalField(_("分差提示线（分，惯例）"), max_digits=5, decimal_places=2, default=20)
    disagreement_deviations = models.DecimalField(
        _("偏离提示线（标准差倍数，惯例）"), max_digits=3, decimal_places=1, default=2
    )
    recusal_years = models.PositiveSmallIntegerField(_("回避追溯（年，惯例）"), default=3)
    meeting_quorum_percent = models.PositiveSmallIntegerField(
        _("评审会议出席人数下限（%，惯例）"), default=67, validators=AT_LEAST_ONE
    )
    agreement_revision_days = models.PositiveSmallIntegerField(
        _("认定后修订协议期限（天，第十条）"), default=60, validators=AT_LEAST_ONE
    )
    monthly_due_day = models.PositiveSmallIntegerField(
        _("月度考核和补贴填报截止（次月几日，惯例）"), default=10, validators=AT_LEAST_ONE
    )
    report_days = models.PositiveSmallIntegerField(
        _("自评报告提交期限（天，惯例）"), default=60, validators=AT_LEAST_ONE
    )
    excellent_score = models.DecimalField(_("优秀分数线（惯例）"), max_digits=5, decimal_places=2, default=85)
    qualified_score = models.DecimalField(_("合格分数线（惯例）"), max_digits=5, decimal_places=2, default=60)
    reminder_days = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name=_("提前提醒（天）"), default=default_reminders
    )
    reassessment_pass_breaks_row = models.BooleanField(
        _("复评合格后重新计算“连续两次不合格”"),
        default=False,
        help_text=_("第十九条的通行理解按考核计次，复评合格不清零；勾选则改用另一种理解。"),
    )

    class Meta:
        verbose_name = _("政策参数版本")
        ordering = ["-effective_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(construction_years__gte=1, assessment_years__gte=1, rectification_years__gte=1)
                & Q(notice_working_days__gte=1, min_experts__gte=1, report_days__gte=1),
                name="policy_periods_positive",
                violation_error_message=_("建设期、考核周期、整改期、公示期、专家下限和报告期限都应至少为 1。"),
            ),
            models.CheckConstraint(
                condition=Q(construction_years__lte=50, assessment_years__lte=50, rectification_years__lte=50)
                & Q(agreement_years__lte=50, school_assessment_years__lte=50, min_cooperation_years__lte=50)
                & Q(notice_working_days__lte=60, report_days__lte=366),
                name="policy_periods_within_reason",
                violation_error_message=_(
                    "以年计的期限不能超过 50 年，公示期不能超过 60 个工作日，报告期限不能超过 366 天。"
                ),
            ),
            models.CheckConstraint(
                condition=Q(
                    notice_working_days_max__range=(1, 60), notice_working_days__lte=models.F("notice_working_days_max")
                ),
                name="policy_notice_days_in_order",
                violation_error_message=_("公示期不能超过公示期上限，上限不能超过 60 个工作日。"),
            ),
            models.CheckConstraint(
                condition=Q(objection_accept_days__range=(1, 60), objection_conclude_days__range=(1, 60))
                & Q(objection_extension_days__range=(1, 60)),
                name="policy_objection_days_within_reason",
                violation_error_message=_("异议的受理、办结和延期期限都应在 1 到 60 个工作日之间。"),
            ),
            models.CheckConstraint(
                condition=Q(panel_size__gte=models.F("min_experts"), panel_size__lte=15)
                & Q(panel_industry_min__lte=models.F("panel_size"), trim_from__gte=3),
                name="policy_panel_in_order",
                violation_error_message=_(
                    "每项评审专家不少于专家下限、不多于 15 人，行业专家不多于评审专家，去掉最高最低分至少要 3 名专家。"
                ),
            ),
            models.CheckConstraint(
                condition=Q(disagreement_range__gt=0, disagreement_range__lte=100, disagreement_deviations__gt=0)
                & Q(recusal_years__lte=50, meeting_quorum_percent__range=(1, 100))
                & Q(agreement_revision_days__range=(1, 366)),
                name="policy_review_within_reason",
                violation_error_message=_(
                    "分差和偏离提示线应大于 0，回避追溯不超过 50 年，出席下限在 1%% 到 100%% 之间，修订协议期限在 1 到 366 天之间。"
                ),
            ),
            models.CheckConstraint(
                condition=Q(monthly_due_day__range=(1, 28)),
                name="policy_monthly_day_within_reason",
                violation_error_message=_("月度考核和补贴的填报截止应在次月 1 日到 28 日之间。"),
            ),
            models.CheckConstraint(
                condition=Q(practice_months_min__lte=models.F("practice_months_max")),
                name="policy_practice_in_order",
                violation_error_message=_("专业实践最短月数不能大于最长月数。"),
            ),
            models.CheckConstraint(
                condition=Q(qualified_score__lt=models.F("excellent_score")),
                name="policy_scores_in_order",
                violation_error_message=_("合格分数线应低于优秀分数线。"),
            ),
            models.CheckConstraint(
                condition=Q(qualified_score__gte=0, excellent_score__lte=100),
                name="policy_scores_of_a_hundred",
                violation_error_message=_("分数线应在 0 到 100 之间。"),
            ),
            models.CheckConstraint(
                condition=Q(demonstration_grant__gte=0, national_grant__gte=0, innovation_grant__gte=0)
                & Q(stipend_floor_master__gte=0, stipend_floor_doctor__gte=0),
                name="policy_money_not_negative",
                violation_error_message=_("金额不能为负数。"),
            ),
        ]
        triggers = [pgtrigger.Protect(name="policy_versions_stay", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"第 {self.version} 版（{self.effective_from} 起施行）"

    @classmethod
    def in_force(cls, on: date) -> Policy:
        """The version in force on a day; the first version also serves the days before it."""
        policy = cls.objects.filter(effective_from__lte=on).order_by("-effective_from").first()
        return policy or cls.objects.earliest("effective_from")

    def parameters(self) -> list[tuple[Any, Any]]:
        """The values with their Chinese names, for people."""
        skip = {"id", "version", "effective_from", "note", "created_by", "created_at"}
        return [(f.verbose_name, getattr(self, f.name)) for f in self._meta.concrete_fields if f.name not in skip]
