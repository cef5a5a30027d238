from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applications.assignment import Fit
from applications.models.application import Application
from applications.models.panel import Assignment
from applications.models.round import Round

# Panels are odd, so that their median is somebody's and a vote is not even.
PANEL_SIZES = tuple(range(1, 16, 2))


class AssignmentPlan(models.Model):
    """A proposal who reviews what in a round (第八条（三）): asked for, computed, changed by hand, then applied as a whole or dropped.

    ``explanation`` holds what the solver said: how many dossiers, experts and seats, the loads, the fits and what could not be done.
    """

    class Scope(models.TextChoices):
        WHOLE = "whole", _("全部待评审和评审中的申请书")
        GAPS = "gaps", _("只补缺额（补派）")

    class State(models.TextChoices):
        ASKED = "asked", _("正在计算")
        DRAFT = "draft", _("待确认")
        APPLIED = "applied", _("已确认")
        DISCARDED = "discarded", _("已放弃")

    # One at a time in a round.
    OPEN = (State.ASKED, State.DRAFT)

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="assignment_plans")
    scope = models.CharField(_("范围"), max_length=6, choices=Scope, default=Scope.WHOLE)
    size = models.PositiveSmallIntegerField(_("每项专家（人）"))
    industry_min = models.PositiveSmallIntegerField(_("其中行业专家至少（人）"))
    load_limit = models.PositiveSmallIntegerField(_("每名专家最多评审（项）"))
    state = models.CharField(_("状态"), max_length=9, choices=State, default=State.ASKED)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_on = models.DateField(_("拟定日期"))
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_on = models.DateField(_("办结日期"), null=True, blank=True)
    explanation = models.JSONField(_("说明"), default=dict, blank=True)

    class Meta:
        verbose_name = _("专家分配方案")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(scope__in=["whole", "gaps"]), name="assignment_plan_scope_known"),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "draft", "applied", "discarded"]), name="assignment_plan_state_known"
            ),
            models.CheckConstraint(condition=Q(size__in=PANEL_SIZES), name="assignment_plan_size_odd"),
            models.CheckConstraint(
                condition=Q(industry_min__lte=F("size"), load_limit__gte=1), name="assignment_plan_in_order"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "draft"], closed_on=None, closed_by=None)
                | ~Q(state__in=["asked", "draft"]) & Q(closed_on__isnull=False, closed_by__isnull=False),
                name="assignment_plan_closed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=F("made_on")), name="assignment_plan_closed_after_made"
            ),
            models.UniqueConstraint(
                fields=["round"], condition=Q(state__in=["asked", "draft"]), name="one_open_assignment_plan_per_round"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round}：{self.get_state_display()}"

    @property
    def is_draft(self) -> bool:
        """Whether it can be changed and applied."""
        return self.state == self.State.DRAFT


class AssignmentPlanEntry(models.Model):
    """One expert whom a plan newly puts on one application; ``replaces`` is the assignment that ended and left the gap."""

    plan = models.ForeignKey(AssignmentPlan, on_delete=models.CASCADE, related_name="entries")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="+")
    expert = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    fit = models.CharField(_("专业契合"), max_length=10, choices=Fit)
    by_hand = models.BooleanField(_("人工调整"), default=False)
    replaces = models.ForeignKey(
        Assignment, verbose_name=_("接替"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("专家分配方案明细")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "application", "expert"], name="expert_once_per_planned_panel"),
            models.CheckConstraint(
                condition=Q(fit__in=["category", "discipline", "industry", "none"]), name="planned_fit_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application} · {self.expert.full_name}"
