from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from agreements.models.mentor import Mentor
from agreements.models.project import BaseProject
from bases.models import Base, DegreeCategory, TrainingUnit
from bases.people_terms import StudyLevel, StudyMode
from portal.models import StoredFile


class Post(models.Model):
    """岗位需求: places that a partner offers to students of a base in a year (协议：培养过程 1)."""

    base = models.ForeignKey(Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="posts")
    year = models.PositiveSmallIntegerField(_("年度"))
    title = models.CharField(_("岗位名称"), max_length=60)
    department = models.CharField(_("用人部门"), max_length=60, blank=True)
    places = models.PositiveSmallIntegerField(_("人数"))
    level = models.CharField(_("层次要求"), max_length=10, choices=StudyLevel, blank=True)
    work = models.CharField(_("实践内容"), max_length=500)
    requirements = models.CharField(_("要求"), max_length=300, blank=True)
    location = models.CharField(_("地点"), max_length=120, blank=True)
    stipend = models.DecimalField(_("生活补贴（元/月）"), max_digits=8, decimal_places=2, null=True, blank=True)
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    offered_on = models.DateField(_("发布日期"))
    closed_on = models.DateField(_("停止接收日期"), null=True, blank=True)
    closed_reason = models.CharField(_("停止接收原因"), max_length=300, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("岗位需求")
        ordering = ["-year", "title", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(year__range=(2000, 2100)), name="post_year_within_sight"),
            models.CheckConstraint(condition=Q(places__range=(1, 500)), name="post_offers_places"),
            models.CheckConstraint(condition=Q(level__in=["", *StudyLevel.values]), name="post_level_known"),
            models.CheckConstraint(condition=Q(stipend=None) | Q(stipend__gte=0), name="post_stipend_not_negative"),
            models.CheckConstraint(
                condition=Q(closed_on=None, closed_reason="") | (Q(closed_on__isnull=False) & ~Q(closed_reason="")),
                name="closed_post_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.year}）"


class Student(models.Model):
    """基地研究生: a postgraduate of a training unit who may enter bases; no ID-card number is kept."""

    training_unit = models.ForeignKey(
        TrainingUnit, verbose_name=_("培养单位"), on_delete=models.PROTECT, related_name="students"
    )
    number = models.CharField(_("学号"), max_length=20)
    name = models.CharField(_("姓名"), max_length=30)
    level = models.CharField(_("层次"), max_length=10, choices=StudyLevel)
    mode = models.CharField(_("培养方式"), max_length=10, choices=StudyMode)
    # 定向就业; the agreement looks first to full-time students who are not bound to an employer.
    bound = models.BooleanField(_("定向就业"), default=False)
    category = models.ForeignKey(
        DegreeCategory, verbose_name=_("专业学位类别"), on_delete=models.PROTECT, related_name="+"
    )
    field = models.CharField(_("领域"), max_length=40, blank=True)
    college = models.CharField(_("学院"), max_length=60, blank=True)
    entry_year = models.PositiveSmallIntegerField(_("入学年份"))
    phone = models.CharField(_("手机"), max_length=20, blank=True)
    email = models.EmailField(_("邮箱"), blank=True)
    left_on = models.DateField(_("毕业或离校日期"), null=True, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    entered_on = models.DateField(_("登记日期"))

    class Meta:
        verbose_name = _("基地研究生")
        ordering = ["number", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["training_unit", "number"],
                name="student_number_once_per_unit",
                violation_error_message=_("本单位已登记这个学号的研究生。"),
            ),
            models.CheckConstraint(condition=Q(level__in=StudyLevel.values), name="base_student_level_known"),
            models.CheckConstraint(condition=Q(mode__in=StudyMode.values), name="base_student_mode_known"),
            models.CheckConstraint(condition=Q(entry_year__range=(1990, 2100)), name="student_entry_year_plausible"),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.number}）"


class Placement(models.Model):
    """专业实践: a student's stay in a base, selected by the training unit, accepted by the partner, begun when its checklist is complete.

    ``ends_on`` is the last day as agreed now, ``planned_ends_on`` as it was agreed first. A student is in one place at a time.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("待合作单位确认")
        ACCEPTED = "accepted", _("已确认，待进入基地")
        RUNNING = "running", _("实践中")
        ENDED = "ended", _("已结束")
        DECLINED = "declined", _("合作单位未接收")
        WITHDRAWN = "withdrawn", _("已撤回")

    class Stage(models.TextChoices):
        COURSES = "courses", _("课程学习")
        PRACTICE = "practice", _("专业实践")
        THESIS = "thesis", _("学位论文")

    class Lodging(models.TextChoices):
        PARTNER = "partner", _("合作单位安排")
        UNIT = "unit", _("培养单位安排")
        OWN = "own", _("自行解决")

    class Ending(models.TextChoices):
        COMPLETED = "completed", _("按期完成")
        EARLY = "early", _("提前结束")
        ILLNESS = "illness", _("因病不能继续")
        FORCE_MAJEURE = "force_majeure", _("不可抗力")
        TERMINATION = "termination", _("协议终止")
        BASE_ENDED = "base_ended", _("基地撤销")

    # Whoever holds one of these is or will be in the base: no second place at the same time.
    HELD = frozenset({Status.PROPOSED, Status.ACCEPTED, Status.RUNNING, Status.ENDED})

    base = models.ForeignKey(Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="placements")
    post = models.ForeignKey(Post, verbose_name=_("岗位"), on_delete=models.PROTECT, related_name="placements")
    student = models.ForeignKey(Student, verbose_name=_("研究生"), on_delete=models.PROTECT, related_name="placements")
    status = models.CharField(_("状态"), max_length=10, choices=Status, default=Status.PROPOSED)
    stage = models.CharField(_("阶段"), max_length=10, choices=Stage, default=Stage.COURSES)
    starts_on = models.DateField(_("进入基地日期"))
    ends_on = models.DateField(_("结束日期"))
    planned_ends_on = models.DateField(_("原定结束日期"))
    length_reason = models.CharField(_("时长不在约定范围的理由"), max_length=300, blank=True)
    campus_mentor = models.ForeignKey(
        Mentor,
        verbose_name=_("校内导师"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="campus_placements",
    )
    industry_mentor = models.ForeignKey(
        Mentor,
        verbose_name=_("行业产业导师"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="industry_placements",
    )
    project = models.ForeignKey(
        BaseProject,
        verbose_name=_("实践项目"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="placements",
    )
    selected_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    selected_on = models.DateField(_("遴选日期"))
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_on = models.DateField(_("答复日期"), null=True, blank=True)
    answer_note = models.CharField(_("答复说明"), max_length=300, blank=True)
    safety_signed_on = models.DateField(_("实践安全协议签订日期"), null=True, blank=True)
    safety_file = models.ForeignKey(
        StoredFile, verbose_name=_("实践安全协议"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    insurer = models.CharField(_("保险公司"), max_length=60, blank=True)
    policy_number = models.CharField(_("保单号"), max_length=60, blank=True)
    insured_from = models.DateField(_("保险起始日"), null=True, blank=True)
    insured_until = models.DateField(_("保险终止日"), null=True, blank=True)
    lodging = models.CharField(_("食宿"), max_length=8, choices=Lodging, blank=True)
    lodging_note = models.CharField(_("食宿说明"), max_length=200, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    started_on = models.DateField(_("办理进入日期"), null=True, blank=True)
    ending = models.CharField(_("结束方式"), max_length=16, choices=Ending, blank=True)
    ending_note = models.CharField(_("结束说明"), max_length=300, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("专业实践")
        ordering = ["-starts_on", "student__number", "pk"]
        indexes = [models.Index(fields=["base", "status", "starts_on"], name="placement_by_base")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["proposed", "accepted", "running", "ended", "declined", "withdrawn"]),
                name="placement_status_known",
            ),
            models.CheckConstraint(
                condition=Q(stage__in=["courses", "practice", "thesis"]), name="placement_stage_known"
            ),
            models.CheckConstraint(
                condition=Q(lodging__in=["", "partner", "unit", "own"]), name="placement_lodging_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    ending__in=["", "completed", "early", "illness", "force_majeure", "termination", "base_ended"]
                ),
                name="placement_ending_known",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on"), planned_ends_on__gte=F("starts_on")),
                name="placement_dates_in_order",
                violation_error_message=_("结束日期不能早于进入基地日期。"),
            ),
            models.CheckConstraint(
                condition=Q(insured_from=None) | Q(insured_until=None) | Q(insured_until__gte=F("insured_from")),
                name="placement_insurance_in_order",
                violation_error_message=_("保险终止日不能早于起始日。"),
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["running", "ended"])
                | (
                    Q(
                        campus_mentor__isnull=False,
                        industry_mentor__isnull=False,
                        safety_signed_on__isnull=False,
                        insured_from__isnull=False,
                        insured_until__isnull=False,
                        started_on__isnull=False,
                    )
                    & ~Q(policy_number="")
                    & ~Q(lodging="")
                ),
                name="placement_starts_with_a_complete_checklist",
            ),
            models.CheckConstraint(condition=~Q(status="ended") | ~Q(ending=""), name="ended_placement_says_how"),
            ExclusionConstraint(
                name="student_in_one_place_at_a_time",
                expressions=[
                    (Func(F("student"), F("student"), Value("[]"), function="int8range"), "&&"),
                    (Func(F("starts_on"), F("ends_on"), Value("[]"), function="daterange"), "&&"),
                ],
                condition=Q(status__in=["proposed", "accepted", "running", "ended"]),
                violation_error_message=_("这名研究生在这段时间已有另一个实践安排。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.student} · {self.base}"
