from decimal import Decimal

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

# A version that is no draft any more is what panels have scored by: of it only the day of its retirement still comes.
_RUBRIC_IS_FROZEN = """
IF OLD.state = 'draft' THEN
    IF TG_OP = 'UPDATE' AND NEW.state = 'in_force' AND (
        SELECT COALESCE(sum(points), 0) FROM applications_criterion WHERE rubric_id = NEW.id
    ) <> 100 THEN
        RAISE EXCEPTION 'rubric_is_frozen: the points of a rubric in force come to 100';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.put_in_force_by_id IS NOT NULL AND EXISTS (
        SELECT FROM applications_rubricdrafter WHERE rubric_id = NEW.id AND user_id = NEW.put_in_force_by_id
    ) THEN
        RAISE EXCEPTION 'rubric_is_frozen: nobody puts a rubric in force on which they drafted';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END IF;
IF TG_OP = 'DELETE' OR NEW.state = 'draft' OR (OLD.state = 'retired' AND NEW.state <> 'retired')
    OR (NEW.purpose, NEW.version, NEW.name, NEW.note) IS DISTINCT FROM (OLD.purpose, OLD.version, OLD.name, OLD.note)
    OR (NEW.drafted_by_id, NEW.put_in_force_by_id, NEW.in_force_from)
        IS DISTINCT FROM (OLD.drafted_by_id, OLD.put_in_force_by_id, OLD.in_force_from)
THEN
    RAISE EXCEPTION 'rubric_is_frozen: a rubric that was put in force does not change';
END IF;
RETURN NEW;
"""
_CRITERIA_ARE_FROZEN = """
IF EXISTS (
    SELECT FROM applications_rubric WHERE state <> 'draft'
    AND (TG_OP <> 'INSERT' AND id = OLD.rubric_id OR TG_OP <> 'DELETE' AND id = NEW.rubric_id)
) THEN
    RAISE EXCEPTION 'criteria_are_frozen: the criteria of a rubric that was put in force do not change';
END IF;
RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
"""
# Of a draft that is thrown away they go with it.
_DRAFTERS_STAY = """
IF TG_OP = 'UPDATE' OR EXISTS (SELECT FROM applications_rubric WHERE id = OLD.rubric_id AND state <> 'draft') THEN
    RAISE EXCEPTION 'drafters_stay: who drafted on a rubric stays with it';
END IF;
RETURN OLD;
"""


class Rubric(models.Model):
    """A versioned 指标体系 of 100 points, for the review of applications or for assessments.

    A version is a draft until it is put in force; from then on it is never edited, and the one before it is retired. A panel
    keeps the version that was in force when it opened.
    """

    class Purpose(models.TextChoices):
        APPLICATION = "application", _("申报评审")
        ASSESSMENT = "assessment", _("建设成效考核")

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        IN_FORCE = "in_force", _("现行")
        RETIRED = "retired", _("已停用")

    purpose = models.CharField(_("用途"), max_length=12, choices=Purpose)
    version = models.PositiveSmallIntegerField(_("版本"))
    name = models.CharField(_("名称"), max_length=60)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.DRAFT)
    note = models.CharField(_("修订说明"), max_length=300, blank=True)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    put_in_force_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    in_force_from = models.DateField(_("启用日期"), null=True, blank=True)
    retired_on = models.DateField(_("停用日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("指标体系")
        ordering = ["purpose", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["purpose", "version"], name="rubric_version_once_per_purpose"),
            models.CheckConstraint(condition=Q(purpose__in=["application", "assessment"]), name="rubric_purpose_known"),
            models.CheckConstraint(condition=Q(state__in=["draft", "in_force", "retired"]), name="rubric_state_known"),
            models.UniqueConstraint(
                fields=["purpose"], condition=Q(state="in_force"), name="one_rubric_in_force_per_purpose"
            ),
            models.UniqueConstraint(
                fields=["purpose"], condition=Q(state="draft"), name="one_rubric_draft_per_purpose"
            ),
            models.CheckConstraint(
                condition=Q(put_in_force_by=None) | Q(drafted_by=None) | ~Q(put_in_force_by=F("drafted_by")),
                name="rubric_four_eyes",
            ),
            models.CheckConstraint(
                condition=~Q(state="draft") | Q(put_in_force_by=None, in_force_from=None),
                name="rubric_draft_is_not_in_force",
            ),
            models.CheckConstraint(
                condition=Q(retired_on=None) | Q(state="retired"), name="rubric_with_an_end_is_retired"
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="rubric_is_frozen",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=_RUBRIC_IS_FROZEN,
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}（第 {self.version} 版）"


class RubricDrafter(models.Model):
    """Somebody who began or saved a draft of a version; whoever did cannot put it in force, whoever saved it last."""

    rubric = models.ForeignKey(Rubric, on_delete=models.CASCADE, related_name="drafters")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("指标体系起草人")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["rubric", "user"], name="rubric_drafter_once")]
        triggers = [
            pgtrigger.Trigger(
                name="drafters_stay",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=_DRAFTERS_STAY,
            )
        ]

    def __str__(self) -> str:
        return f"{self.rubric}：{self.user}"


class Criterion(models.Model):
    """One 指标 with its full marks; ``key`` is stable, so that rules can name it.

    ``descriptor`` says what earns the points, ``floor`` and ``points`` are the limits of a score and ``step`` its grain.
    """

    rubric = models.ForeignKey(Rubric, on_delete=models.CASCADE, related_name="criteria")
    key = models.SlugField(max_length=30)
    name = models.CharField(_("指标"), max_length=60)
    descriptor = models.TextField(_("评分说明"), max_length=600, blank=True)
    points = models.DecimalField(_("分值"), max_digits=5, decimal_places=2)
    floor = models.DecimalField(_("最低分"), max_digits=5, decimal_places=2, default=Decimal(0))
    step = models.DecimalField(_("评分间隔"), max_digits=4, decimal_places=2, default=Decimal("0.5"))
    position = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("指标")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["rubric", "key"], name="criterion_once_per_rubric"),
            models.CheckConstraint(
                condition=Q(points__gt=0, floor__gte=0, floor__lt=F("points")), name="criterion_limits_in_order"
            ),
            models.CheckConstraint(condition=Q(step__gt=0, step__lte=F("points")), name="criterion_step_positive"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="criteria_are_frozen",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=_CRITERIA_ARE_FROZEN,
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.points:f} 分）"
