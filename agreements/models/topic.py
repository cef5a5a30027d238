import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agreements.models.placement import Placement
from agreements.models.project import BaseProject

# What was cleared is the topic as it reads now, by an answer that lets it be written and came before the 开题.
_APPROVED_AFTER_CLEARANCE = """
IF NEW.status = 'approved' AND NEW.uses_practice AND NOT EXISTS (
    SELECT 1 FROM agreements_secrecyclearance c
    WHERE c.id = NEW.clearance_id AND c.topic_id = NEW.id AND c.title = NEW.title AND c.verdict <> 'refused'
      AND c.decided_on <= NEW.approved_on
) THEN
    RAISE EXCEPTION 'topic % is approved without a clearance of its title', NEW.id USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""


class ThesisTopic(models.Model):
    """学位论文选题 of a student of a base (协议：培养过程 2): in principle out of a project of the base, approved at the 开题.

    One that uses what the student did in the practice is cleared by the partner before (协议：知识产权). ``clearance`` is the answer
    to the topic as it reads now; what changes title, project or use asks for a new one.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("待开题")
        APPROVED = "approved", _("已开题")
        WITHDRAWN = "withdrawn", _("已撤回")

    placement = models.ForeignKey(
        Placement, verbose_name=_("专业实践"), on_delete=models.PROTECT, related_name="topics"
    )
    title = models.CharField(_("论文题目"), max_length=150)
    project = models.ForeignKey(
        BaseProject, verbose_name=_("依托项目"), on_delete=models.PROTECT, null=True, blank=True, related_name="topics"
    )
    no_project_reason = models.CharField(_("不依托基地项目的理由"), max_length=300, blank=True)
    uses_practice = models.BooleanField(_("使用实践期间的研究内容和成果"), default=True)
    planned_on = models.DateField(_("计划开题日期"), null=True, blank=True)
    status = models.CharField(_("状态"), max_length=10, choices=Status, default=Status.PROPOSED)
    clearance = models.ForeignKey(
        "SecrecyClearance", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    proposed_on = models.DateField(_("登记日期"))
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_on = models.DateField(_("开题日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("学位论文选题")
        ordering = ["-proposed_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["proposed", "approved", "withdrawn"]), name="topic_status_known"
            ),
            models.UniqueConstraint(
                fields=["placement"],
                condition=~Q(status="withdrawn"),
                name="one_topic_per_placement",
                violation_error_message=_("这名研究生已有选题。"),
            ),
            models.CheckConstraint(
                condition=Q(project__isnull=False, uses_practice=True) | (Q(project=None) & ~Q(no_project_reason="")),
                name="topic_has_a_project_or_says_why_not",
            ),
            models.CheckConstraint(
                condition=Q(status="approved", approved_on__isnull=False)
                | (~Q(status="approved") & Q(approved_on=None)),
                name="approved_topic_has_its_day",
            ),
            models.CheckConstraint(
                condition=~Q(status="approved") | Q(uses_practice=False) | Q(clearance__isnull=False),
                name="approved_topic_was_cleared",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="topic_approved_after_clearance",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=_APPROVED_AFTER_CLEARANCE,
            ),
            pgtrigger.Protect(name="topics_stay", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def needs_clearance(self) -> bool:
        """Whether the partner has still to say if it is secret (协议：知识产权)."""
        return self.status == self.Status.PROPOSED and self.uses_practice and self.clearance_id is None

    @property
    def is_free(self) -> bool:
        """Whether nothing stands against the 开题: it uses nothing of the practice, or was cleared as it reads now."""
        return not self.uses_practice or (self.clearance is not None and self.clearance.lets_through)


class SecrecyClearance(models.Model):
    """涉密确认: the partner's answer whether a thesis on this title is secret (协议：知识产权); never changed, a new answer is a new row."""

    class Verdict(models.TextChoices):
        CLEAR = "clear", _("不涉密")
        CONDITIONS = "conditions", _("部分内容不得公开")
        REFUSED = "refused", _("涉密，不能作为选题")

    topic = models.ForeignKey(ThesisTopic, verbose_name=_("选题"), on_delete=models.PROTECT, related_name="clearances")
    title = models.CharField(_("确认的题目"), max_length=150)
    verdict = models.CharField(_("结论"), max_length=12, choices=Verdict)
    conditions = models.CharField(_("不得公开的内容"), max_length=500, blank=True)
    closed_until = models.DateField(_("不公开至"), null=True, blank=True)
    reason = models.CharField(_("说明"), max_length=300, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_on = models.DateField(_("确认日期"))

    class Meta:
        verbose_name = _("涉密确认")
        ordering = ["topic_id", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict__in=["clear", "conditions", "refused"]), name="clearance_verdict_known"
            ),
            models.CheckConstraint(
                condition=Q(verdict="conditions") & ~Q(conditions="")
                | ~Q(verdict="conditions") & Q(conditions="", closed_until=None),
                name="clearance_with_conditions_names_them",
            ),
            models.CheckConstraint(condition=~Q(verdict="refused") | ~Q(reason=""), name="refused_clearance_says_why"),
            models.CheckConstraint(
                condition=Q(closed_until=None) | Q(closed_until__gt=F("decided_on")), name="clearance_closes_ahead"
            ),
        ]
        triggers = [pgtrigger.Protect(name="clearances_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.title}：{self.get_verdict_display()}"

    @property
    def lets_through(self) -> bool:
        """Whether the thesis may be written on it."""
        return self.verdict != self.Verdict.REFUSED
