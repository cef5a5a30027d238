import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.models.panel import Assignment


class RecusalRule(models.TextChoices):
    """The rules of 回避, as they are kept with an assignment that ended by one."""

    APPLICANT = "applicant", _("申报人")
    SAME_UNIT = "same_unit", _("同属申报单位")
    SAME_PARTNER = "same_partner", _("同属合作单位")
    DEPARTMENT = "department", _("承办审核审批")
    LISTED = "listed", _("列入基地名单")
    RELATION = "relation", _("登记的利害关系")
    JOINT_RESULT = "joint_result", _("合作成果")
    AVOIDED = "avoided", _("申报人申请回避")
    DECLARED = "declared", _("专家本人声明")
    FOUND = "found", _("事后查实")


class RecusalRecord(models.Model):
    """One act of 回避 or replacement on an assignment, or a conflict that the platform found; added and never changed.

    The assignment itself only says how it stands now. Without ``recorded_by`` it was the platform's own check.
    """

    class Act(models.TextChoices):
        DECLARED_FREE = "free", _("声明无利害关系")
        RECUSED = "recused", _("专家回避")
        DECLINED = "declined", _("专家谢绝")
        RELEASED = "released", _("撤换")
        FOUND = "found", _("平台发现应当回避")
        REMOVED = "removed", _("查实利害关系，移出评审组")
        RESTORED = "restored", _("恢复")
        UNFILLED = "unfilled", _("不再补派")

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="recusal_records")
    act = models.CharField(_("事项"), max_length=10, choices=Act)
    rule = models.SlugField(_("回避规则"), max_length=20, blank=True)
    reason = models.CharField(_("原因"), max_length=300, blank=True)
    with_sheet = models.BooleanField(_("当时已提交评分表"), default=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_on = models.DateField(_("日期"))

    class Meta:
        verbose_name = _("回避与更换记录")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    act__in=["free", "recused", "declined", "released", "found", "removed", "restored", "unfilled"]
                ),
                name="recusal_act_known",
            ),
            models.CheckConstraint(condition=Q(act="free") | ~Q(reason=""), name="recusal_record_has_a_reason"),
            models.CheckConstraint(
                condition=Q(act="found") | Q(recorded_by__isnull=False), name="recusal_recorded_by_somebody"
            ),
        ]
        triggers = [pgtrigger.Protect(name="recusal_records_stay", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.assignment}：{self.get_act_display()}"

    @property
    def rule_label(self) -> str:
        """The rule in Chinese; empty where none was named."""
        return str(RecusalRule(self.rule).label) if self.rule in RecusalRule.values else ""
