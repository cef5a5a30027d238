import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from applications.models.application import Application
from applications.models.rubric import Criterion, Rubric
from bases.models import Base

# A sheet that is handed in is locked; opening it again takes its date away and changes nothing else of it.
_SHEET_IS_LOCKED = """
IF OLD.submitted_on IS NULL THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END IF;
IF TG_OP = 'DELETE'
    OR (NEW.assignment_id, NEW.comment, NEW.committee_comment)
        IS DISTINCT FROM (OLD.assignment_id, OLD.comment, OLD.committee_comment)
    OR (NEW.submitted_on IS NOT NULL AND (NEW.submitted_on, NEW.submitted_at, NEW.revision)
        IS DISTINCT FROM (OLD.submitted_on, OLD.submitted_at, OLD.revision))
THEN
    RAISE EXCEPTION 'sheet_is_locked: a sheet that was handed in does not change';
END IF;
RETURN NEW;
"""
_SCORES_ARE_LOCKED = """
IF EXISTS (
    SELECT FROM applications_scoresheet WHERE submitted_on IS NOT NULL
    AND (TG_OP <> 'INSERT' AND id = OLD.sheet_id OR TG_OP <> 'DELETE' AND id = NEW.sheet_id)
) THEN
    RAISE EXCEPTION 'scores_are_locked: the points of a sheet that was handed in do not change';
END IF;
RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
"""


class Panel(models.Model):
    """The 评审组 that scores one base once, for 评审, 考核 or 复评; keeps the sheet in force when it opened.

    ``referred_on`` is the day on which its experts' disagreement was handed to the 评审会议. ``was_open`` says that its sheets were
    all in once and were closed again, by an extra expert, an opened sheet or a removed one: its figures have been read.
    """

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
    was_open = models.BooleanField(_("得分显示过"), default=False)
    aggregate = models.DecimalField(_("综合得分"), max_digits=5, decimal_places=2, null=True, blank=True)
    fixed_on = models.DateField(_("得分确定日期"), null=True, blank=True)
    referred_on = models.DateField(_("提交会议审议日期"), null=True, blank=True)
    referred_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

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
            models.CheckConstraint(
                condition=Q(referred_on=None, referred_by=None)
                | Q(referred_on__isnull=False, referred_by__isnull=False),
                name="panel_referred_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.base}：{self.get_purpose_display()}"


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    """Assignments by what they leave behind."""

    def vacant(self) -> "AssignmentQuerySet":
        """Those that ended, that nobody has replaced or needs to, and without whom nobody has decided to go on."""
        followed = Assignment.objects.filter(replaces=OuterRef("pk"))
        ended = self.exclude(status__in=Assignment.LIVE).filter(unfilled_on=None, needs_nobody=False)
        return ended.filter(~Exists(followed))

    def gaps(self) -> "AssignmentQuerySet":
        """The gaps (空缺) of panels whose experts have the papers: they keep the sheets of their panel closed (第八条（三）)."""
        return self.vacant().filter(panel__started=True)


class Assignment(models.Model):
    """One expert on one panel. One that ended stays, with how and why it ended: recused, declined or replaced.

    ``declared_on`` is the day on which the expert declared that nothing speaks against their scoring (回避); before it they see
    whom the application is about, but not its scores. ``rule`` names the rule of recusal that took them off, if one did.
    ``unfilled_on`` is the day on which it was decided to go on without a successor, with the reason; ``unfilled_by`` is empty
    where the upgrade that brought the rule settled it. ``needs_nobody`` says that the place is not empty: its expert left before
    the panel began, or whom they had replaced is back.
    """

    class Status(models.TextChoices):
        ASSIGNED = "assigned", _("待评审")
        SUBMITTED = "submitted", _("已提交")
        RECUSED = "recused", _("已回避")
        DECLINED = "declined", _("已谢绝")
        RELEASED = "released", _("已撤换")

    # Those that count; the others ended, and nothing of their sheets counts.
    LIVE = (Status.ASSIGNED, Status.SUBMITTED)

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="assignments")
    expert = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assignments")
    status = models.CharField(_("状态"), max_length=10, choices=Status, default=Status.ASSIGNED)
    assigned_on = models.DateField(_("分配日期"))
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    replaces = models.ForeignKey(
        "self", verbose_name=_("接替"), on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    declared_on = models.DateField(_("声明无利害关系日期"), null=True, blank=True)
    ended_reason = models.CharField(_("回避、谢绝或撤换原因"), max_length=300, blank=True)
    rule = models.SlugField(_("回避规则"), max_length=20, blank=True)
    ended_on = models.DateField(_("结束日期"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    needs_nobody = models.BooleanField(_("不需要接替"), default=False)
    unfilled_reason = models.CharField(_("不再补派的原因"), max_length=300, blank=True)
    unfilled_on = models.DateField(_("决定不再补派日期"), null=True, blank=True)
    unfilled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("评审分配")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["panel", "expert"], name="expert_once_per_panel"),
            models.UniqueConstraint(fields=["replaces"], name="gap_filled_once"),
            models.CheckConstraint(
                condition=Q(unfilled_on=None, unfilled_by=None, unfilled_reason="")
                | Q(unfilled_on__isnull=False) & ~Q(unfilled_reason=""),
                name="unfilled_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(unfilled_on=None) | ~Q(status__in=["assigned", "submitted"]),
                name="unfilled_is_who_has_left",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["assigned", "submitted"]) | ~Q(ended_reason=""),
                name="assignment_ends_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["assigned", "submitted", "recused", "declined", "released"]),
                name="assignment_status_known",
            ),
            models.CheckConstraint(
                condition=~Q(status="submitted") | Q(declared_on__isnull=False),
                name="sheet_after_declaring_no_conflict",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.panel} · {self.expert.full_name}"

    @property
    def is_live(self) -> bool:
        """Whether it counts."""
        return self.status in self.LIVE

    @property
    def told_reason(self) -> str:
        """Why it ended, as the expert is told; whom an applicant asked not to have is between them and the department."""
        return _t("按照回避规定") if self.rule == "avoided" else self.ended_reason.rstrip("。")


class ScoreSheet(models.Model):
    """An expert's 评分表; locked once it is submitted. ``comment`` goes to the applicant without the expert's name,
    ``committee_comment`` to the department and the meeting alone. ``revision`` grows with every save: a page that was
    opened before another one saved is told so.
    """

    assignment = models.OneToOneField(Assignment, on_delete=models.PROTECT, related_name="sheet")
    comment = models.CharField(_("给申报单位的意见"), max_length=1000, blank=True)
    committee_comment = models.CharField(_("给评审会议的意见"), max_length=1000, blank=True)
    revision = models.PositiveIntegerField(default=0)
    submitted_on = models.DateField(_("提交日期"), null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("评分表")
        triggers = [
            pgtrigger.Trigger(
                name="sheet_is_locked",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=_SHEET_IS_LOCKED,
            )
        ]

    def __str__(self) -> str:
        return str(self.assignment)


class SheetUnlock(models.Model):
    """The department opened a submitted sheet for its expert again, with the reason and what it had said until then."""

    sheet = models.ForeignKey(ScoreSheet, on_delete=models.PROTECT, related_name="unlocks")
    reason = models.CharField(_("解锁原因"), max_length=300)
    unlocked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    unlocked_on = models.DateField(_("解锁日期"))
    # Points by criterion key and the two comments, as they were handed in.
    before = models.JSONField(_("解锁前内容"), default=dict)

    class Meta:
        verbose_name = _("评分表解锁")
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="unlock_has_a_reason")]
        triggers = [pgtrigger.Protect(name="unlocks_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.sheet}：{self.reason}"


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
        triggers = [
            pgtrigger.Trigger(
                name="scores_are_locked",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=_SCORES_ARE_LOCKED,
            )
        ]

    def __str__(self) -> str:
        return f"{self.criterion}：{self.points}"


class AvoidedExpert(models.Model):
    """One of the up to three experts whom the applicant asks not to have (回避); only they and the department know."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="avoided_experts")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(_("专家姓名"), max_length=40)
    employer = models.CharField(_("工作单位"), max_length=100)
    reason = models.CharField(_("回避理由"), max_length=300)
    named_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    named_on = models.DateField(_("提出日期"))

    class Meta:
        verbose_name = _("申请回避的专家")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["application", "position"], name="avoided_expert_once_per_place"),
            models.UniqueConstraint(fields=["application", "name", "employer"], name="avoided_expert_named_once"),
            models.CheckConstraint(condition=Q(position__range=(1, 3)), name="at_most_three_avoided_experts"),
            models.CheckConstraint(condition=~Q(reason=""), name="avoided_with_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.employer}）"
