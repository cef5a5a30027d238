from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applications.models.application import Application
from bases.models import Base, PartnerUnit, TrainingUnit


class ExpertProfile(models.Model):
    """What recusal needs to know of a 评审专家: whom they work for."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="expert_profile")
    employer = models.CharField(_("工作单位"), max_length=100)
    title = models.CharField(_("职称"), max_length=40, blank=True)
    training_unit = models.ForeignKey(TrainingUnit, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    partner_unit = models.ForeignKey(PartnerUnit, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("专家信息")

    def __str__(self) -> str:
        return f"{self.user.full_name}（{self.employer}）"


class Rubric(models.Model):
    """A versioned 指标体系 of 100 points, for the review of applications or for assessments."""

    class Purpose(models.TextChoices):
        APPLICATION = "application", _("申报评审")
        ASSESSMENT = "assessment", _("建设成效考核")

    purpose = models.CharField(_("用途"), max_length=12, choices=Purpose)
    version = models.PositiveSmallIntegerField(_("版本"))
    name = models.CharField(_("名称"), max_length=60)

    class Meta:
        verbose_name = _("指标体系")
        ordering = ["purpose", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["purpose", "version"], name="rubric_version_once_per_purpose"),
            models.CheckConstraint(condition=Q(purpose__in=["application", "assessment"]), name="rubric_purpose_known"),
        ]

    def __str__(self) -> str:
        return f"{self.name}（第 {self.version} 版）"


class Criterion(models.Model):
    """One 指标 with its full marks; ``key`` is stable, so that rules can name it."""

    rubric = models.ForeignKey(Rubric, on_delete=models.CASCADE, related_name="criteria")
    key = models.SlugField(max_length=30)
    name = models.CharField(_("指标"), max_length=60)
    points = models.DecimalField(_("分值"), max_digits=5, decimal_places=2)
    position = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("指标")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["rubric", "key"], name="criterion_once_per_rubric"),
            models.CheckConstraint(condition=Q(points__gt=0), name="criterion_points_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.points:f} 分）"


class Panel(models.Model):
    """The 评审组 that scores one base once, for 评审, 考核 or 复评; keeps the sheet in force when it opened."""

    class Purpose(models.TextChoices):
        APPLICATION = "application", _("申报评审")
        ASSESSMENT = "assessment", _("建设成效考核")
        REASSESSMENT = "reassessment", _("复评")

    base = models.ForeignKey(Base, on_delete=models.PROTECT, related_name="panels")
    purpose = models.CharField(_("用途"), max_length=12, choices=Purpose)
    application = models.OneToOneField(
        Application, on_delete=models.PROTECT, null=True, blank=True, related_name="panel"
    )
    rubric = models.ForeignKey(Rubric, on_delete=models.PROTECT, related_name="panels")
    required = models.PositiveSmallIntegerField(_("专家人数下限"))
    opened_on = models.DateField(_("成立日期"))
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    started = models.BooleanField(_("已发送专家"), default=False)
    aggregate = models.DecimalField(_("综合得分"), max_digits=5, decimal_places=2, null=True, blank=True)
    fixed_on = models.DateField(_("得分确定日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("评审组")
        constraints = [
            models.CheckConstraint(
                condition=Q(aggregate=None) | (Q(aggregate__gte=0) & Q(aggregate__lte=100)),
                name="aggregate_between_0_and_100",
            ),
            models.CheckConstraint(
                condition=Q(purpose="application", application__isnull=False)
                | (~Q(purpose="application") & Q(application=None)),
                name="panel_application_fits_purpose",
            ),
            models.CheckConstraint(
                condition=Q(purpose__in=["application", "assessment", "reassessment"]), name="panel_purpose_known"
            ),
            models.CheckConstraint(
                condition=Q(fixed_on=None) | Q(fixed_on__gte=F("opened_on")), name="panel_fixed_after_it_opened"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.base}：{self.get_purpose_display()}"


class Assignment(models.Model):
    """One expert on one panel. A recused assignment stays, with its reason."""

    class Status(models.TextChoices):
        ASSIGNED = "assigned", _("待评审")
        RECUSED = "recused", _("已回避")
        SUBMITTED = "submitted", _("已提交")

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="assignments")
    expert = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assignments")
    status = models.CharField(_("状态"), max_length=10, choices=Status, default=Status.ASSIGNED)
    recusal_reason = models.CharField(_("回避原因"), max_length=300, blank=True)
    assigned_on = models.DateField(_("分配日期"))

    class Meta:
        verbose_name = _("评审分配")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["panel", "expert"], name="expert_once_per_panel"),
            models.CheckConstraint(condition=~Q(status="recused") | ~Q(recusal_reason=""), name="recusal_has_a_reason"),
            models.CheckConstraint(
                condition=Q(status__in=["assigned", "recused", "submitted"]), name="assignment_status_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.panel} · {self.expert.full_name}"


class ScoreSheet(models.Model):
    """An expert's 评分表; locked once it is submitted."""

    assignment = models.OneToOneField(Assignment, on_delete=models.PROTECT, related_name="sheet")
    comment = models.CharField(_("给申报单位的意见"), max_length=1000, blank=True)
    submitted_on = models.DateField(_("提交日期"), null=True, blank=True)
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("评分表")

    def __str__(self) -> str:
        return str(self.assignment)


class Score(models.Model):
    """The points that a sheet gives on one criterion."""

    sheet = models.ForeignKey(ScoreSheet, on_delete=models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    points = models.DecimalField(_("得分"), max_digits=5, decimal_places=2)

    class Meta:
        verbose_name = _("得分")
        constraints = [
            models.UniqueConstraint(fields=["sheet", "criterion"], name="one_score_per_criterion"),
            models.CheckConstraint(condition=Q(points__gte=0), name="score_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.criterion}：{self.points}"
