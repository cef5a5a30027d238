from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applications.models import Panel
from bases.lifecycle import Grade
from bases.models import Base, OfficialDocument
from portal.models import IssuedRecord, StoredFile


class Assessment(models.Model):
    """A 建设成效考核 (第十五条, 第十六条) or the 复评 after rectification (第十九条) of one base: report, panel, proposal, decision."""

    class Kind(models.TextChoices):
        ASSESSMENT = "assessment", _("建设成效考核")
        REASSESSMENT = "reassessment", _("复评")

    base = models.ForeignKey(Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="assessments")
    kind = models.CharField(_("类型"), max_length=12, choices=Kind)
    opened_on = models.DateField(_("启动日期"))
    report_due_on = models.DateField(_("自评报告提交期限"))
    report = models.CharField(_("自评报告"), max_length=5000, blank=True)
    report_file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    submitted_on = models.DateField(_("提交日期"), null=True, blank=True)
    panel = models.OneToOneField(Panel, on_delete=models.PROTECT, null=True, blank=True, related_name="assessment")
    proposed_grade = models.CharField(_("拟定等级"), max_length=10, choices=Grade, blank=True)
    proposal_reason = models.CharField(_("拟定说明"), max_length=1000, blank=True)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    prepared_on = models.DateField(_("拟定日期"), null=True, blank=True)
    grade = models.CharField(_("等级"), max_length=10, choices=Grade, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_on = models.DateField(_("决定日期"), null=True, blank=True)
    closed_on = models.DateField(_("结束日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("考核")
        ordering = ["-opened_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["base"], condition=Q(closed_on=None), name="one_open_assessment_per_base"),
            models.UniqueConstraint(fields=["base", "kind", "opened_on"], name="assessment_opened_once_a_day"),
            models.CheckConstraint(condition=Q(report_due_on__gte=F("opened_on")), name="assessment_dates_in_order"),
            models.CheckConstraint(
                condition=Q(grade="") | Q(decided_on__isnull=False), name="assessment_grade_has_its_date"
            ),
            models.CheckConstraint(
                condition=Q(grade__in=["", *Grade.values], proposed_grade__in=["", *Grade.values]),
                name="assessment_grade_known",
            ),
            models.CheckConstraint(condition=Q(kind__in=["assessment", "reassessment"]), name="assessment_kind_known"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(prepared_by=None) | ~Q(decided_by=F("prepared_by")),
                name="assessment_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.base}：{self.get_kind_display()}（{self.opened_on}）"


class Rectification(models.Model):
    """The 整改 after a failed assessment (第十九条): its period and the unit's plan."""

    base = models.ForeignKey(Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="rectifications")
    assessment = models.OneToOneField(Assessment, on_delete=models.PROTECT, related_name="rectification")
    started_on = models.DateField(_("整改开始"))
    ends_on = models.DateField(_("整改期截止"))
    plan = models.CharField(_("整改方案"), max_length=3000, blank=True)
    plan_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    plan_on = models.DateField(_("方案提交日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("整改")
        ordering = ["-started_on"]
        constraints = [models.CheckConstraint(condition=Q(started_on__lt=F("ends_on")), name="rectification_in_order")]

    def __str__(self) -> str:
        return f"{self.base}：{self.started_on} 至 {self.ends_on}"


class DemonstrationTitle(models.Model):
    """The 示范基地 title of a base (第十七条), and when and why it was lost."""

    base = models.ForeignKey(Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="titles")
    number = models.CharField(_("编号"), max_length=60, unique=True)
    granted_on = models.DateField(_("授予日期"))
    document = models.ForeignKey(OfficialDocument, on_delete=models.PROTECT, related_name="titles")
    lost_on = models.DateField(_("撤销日期"), null=True, blank=True)
    lost_because = models.CharField(_("撤销原因"), max_length=100, blank=True)
    record = models.ForeignKey(IssuedRecord, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    certificate = models.ForeignKey(
        StoredFile, verbose_name=_("证书"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("示范基地称号")
        ordering = ["-granted_on"]
        constraints = [
            models.UniqueConstraint(fields=["base"], condition=Q(lost_on=None), name="one_held_title_per_base"),
            models.CheckConstraint(
                condition=Q(lost_on=None) | (Q(lost_on__gte=F("granted_on")) & ~Q(lost_because="")),
                name="lost_title_says_why",
            ),
            models.CheckConstraint(
                condition=Q(certificate=None) | Q(record__isnull=False), name="certificate_has_its_record"
            ),
        ]

    def __str__(self) -> str:
        return self.number
