"""The repeating tables of a 申请书; every cell may stay open while drafting, and every row has a key that survives reordering."""

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.money import ContributionKind, ExpenseKind, Side
from applications.models.application import Application
from applications.models.parts import count, money, text, title
from bases.models import DegreeCategory, PartnerUnit
from bases.people_terms import Degree, ProfessionalTitle, StudyLevel, StudyMode


def _year(label: Any) -> "models.PositiveSmallIntegerField[int | None, int | None]":
    return models.PositiveSmallIntegerField(label, null=True, blank=True)


def _plausible_year(name: str) -> Q:
    return Q(**{name: None}) | Q(**{f"{name}__range": (1950, 2100)})


class Row(models.Model):
    """What every row has: its application, its own key, its place."""

    key = models.UUIDField(default=uuid.uuid4, editable=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.position + 1}"


def _once(name: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(fields=["application", "key"], name=f"{name}_row_once")


class Platform(Row):
    """A 科研创新平台 of the partner (第七条（二）)."""

    class Level(models.TextChoices):
        NATIONAL = "national", _("国家级")
        REGIONAL = "regional", _("自治区级")
        LEAGUE = "league", _("盟市级")
        OTHER = "other", _("其他")

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="platforms")
    name = text(_("平台名称"), 80)
    level = models.CharField(_("级别"), max_length=10, blank=True, choices=Level)
    approved_by = text(_("批准部门"), 60)
    year = _year(_("批准年份"))

    class Meta(Row.Meta):
        verbose_name = _("科研创新平台")
        constraints = [
            _once("platform"),
            models.CheckConstraint(
                condition=Q(level__in=["", "national", "regional", "league", "other"]), name="platform_level_known"
            ),
            models.CheckConstraint(condition=_plausible_year("year"), name="platform_year_plausible"),
        ]


class Equipment(Row):
    """A major piece of equipment for practice (第七条（二）); ``value`` in yuan for all of them."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="equipment")
    name = text(_("设备名称"), 80)
    model = text(_("型号"), 60)
    quantity = count(_("数量"))
    value = money(_("原值"))

    class Meta(Row.Meta):
        verbose_name = _("主要设备")
        constraints = [
            _once("equipment"),
            models.CheckConstraint(condition=Q(value=None) | Q(value__gte=0), name="equipment_value_not_negative"),
            models.CheckConstraint(
                condition=Q(quantity=None) | Q(quantity__lte=100_000), name="equipment_quantity_plausible"
            ),
        ]


class Project(Row):
    """A practice project that the partner can offer (第七条（二）)."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="projects")
    name = text(_("项目名称"), 100)
    source = text(_("项目来源"), 60)
    places = count(_("可接收研究生"))
    summary = text(_("主要内容"), 300)

    class Meta(Row.Meta):
        verbose_name = _("实践项目")
        constraints = [
            _once("project"),
            models.CheckConstraint(condition=Q(places=None) | Q(places__lte=100_000), name="project_places_plausible"),
        ]


class OtherPartner(Row):
    """A partner besides the one that the base relies on (第七条（二）: in principle there is none)."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="other_partners")
    partner = models.ForeignKey(
        PartnerUnit, verbose_name=_("合作单位"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    share = text(_("承担的任务"), 200)

    class Meta(Row.Meta):
        verbose_name = _("其他合作单位")
        constraints = [_once("other_partner")]


class SignedAgreement(Row):
    """A 联合培养协议 that was signed before the application (第七条（三）)."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="agreements")
    number = text(_("协议编号"), 60)
    title = text(_("协议名称"), 100)
    signed_on = models.DateField(_("签署日"), null=True, blank=True)
    expires_on = models.DateField(_("有效期至"), null=True, blank=True)

    class Meta(Row.Meta):
        verbose_name = _("联合培养协议")
        constraints = [_once("signed_agreement")]


class PriorContribution(Row):
    """What one side has really invested in a year before the application (第七条（三）); ``amount`` in yuan."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="contributions")
    year = _year(_("年度"))
    side = models.CharField(
        _("投入方"),
        max_length=10,
        blank=True,
        choices=[(Side.UNIT, Side.UNIT.label), (Side.PARTNER, Side.PARTNER.label)],
    )
    kind = models.CharField(_("类型"), max_length=10, blank=True, choices=ContributionKind)
    amount = money(_("金额"))
    note = text(_("说明"), 200)
    voucher = text(_("凭证"), 100)

    class Meta(Row.Meta):
        verbose_name = _("投入情况")
        constraints = [
            _once("contribution"),
            models.CheckConstraint(condition=Q(amount=None) | Q(amount__gte=0), name="contribution_not_negative"),
            models.CheckConstraint(condition=Q(side__in=["", "unit", "partner"]), name="contribution_side_known"),
            models.CheckConstraint(
                condition=Q(kind__in=["", *ContributionKind.values]), name="contribution_kind_known"
            ),
            models.CheckConstraint(condition=_plausible_year("year"), name="contribution_year_plausible"),
        ]


class PriorResult(Row):
    """A representative result of the cooperation so far (第八条（一）)."""

    class Kind(models.TextChoices):
        PAPER = "paper", _("论文")
        PATENT = "patent", _("专利")
        AWARD = "award", _("获奖")
        STANDARD = "standard", _("标准")
        TRANSFER = "transfer", _("成果转化")
        CASE = "case", _("案例或教材")
        OTHER = "other", _("其他")

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="results")
    name = text(_("成果名称"), 120)
    kind = models.CharField(_("类型"), max_length=10, blank=True, choices=Kind)
    authors = text(_("完成人"), 100)
    year = _year(_("年份"))

    class Meta(Row.Meta):
        verbose_name = _("代表性成果")
        constraints = [
            _once("result"),
            models.CheckConstraint(
                condition=Q(kind__in=["", "paper", "patent", "award", "standard", "transfer", "case", "other"]),
                name="result_kind_known",
            ),
            models.CheckConstraint(condition=_plausible_year("year"), name="result_year_plausible"),
        ]


class CampusMentor(Row):
    """A 校内导师 (第十一条)."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="campus_mentors")
    name = text(_("姓名"), 30)
    department = text(_("院系"), 60)
    title = title(_("职称"))
    direction = text(_("研究方向"), 80)
    students = count(_("指导本基地研究生"))

    class Meta(Row.Meta):
        verbose_name = _("校内导师")
        constraints = [
            _once("campus_mentor"),
            models.CheckConstraint(
                condition=Q(title__in=["", *ProfessionalTitle.values]), name="campus_mentor_title_known"
            ),
            models.CheckConstraint(
                condition=Q(students=None) | Q(students__lte=1000), name="campus_mentor_students_plausible"
            ),
        ]


class IndustryMentor(Row):
    """A 行业产业导师 (第十一条): where they work, what they know, by which document they were appointed and until when."""

    Degree = Degree

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="industry_mentors")
    name = text(_("姓名"), 30)
    employer = text(_("单位"), 100)
    post = text(_("职务"), 40)
    title = title(_("职称"))
    degree = models.CharField(_("学历"), max_length=10, blank=True, choices=Degree)
    years = count(_("从业年限"))
    appointment = text(_("聘任文号"), 60)
    appointed_until = models.DateField(_("聘期至"), null=True, blank=True)

    class Meta(Row.Meta):
        verbose_name = _("行业产业导师")
        constraints = [
            _once("industry_mentor"),
            models.CheckConstraint(
                condition=Q(title__in=["", *ProfessionalTitle.values]), name="industry_mentor_title_known"
            ),
            models.CheckConstraint(
                condition=Q(degree__in=["", "doctor", "master", "bachelor", "other"]),
                name="industry_mentor_degree_known",
            ),
            models.CheckConstraint(condition=Q(years=None) | Q(years__lte=70), name="industry_mentor_years_plausible"),
        ]


class YearTarget(Row):
    """What one of the three years of construction is to bring (第十二条)."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="year_targets")
    year = models.PositiveSmallIntegerField(_("建设年"), null=True, blank=True)
    plan = text(_("主要任务"), 500)
    students = count(_("进基地研究生"))
    projects = count(_("实践项目"))
    mentors = count(_("行业产业导师"))
    courses = count(_("课程、案例、教材"))
    results = count(_("成果"))

    class Meta(Row.Meta):
        verbose_name = _("三年计划与量化目标")
        constraints = [
            _once("year_target"),
            models.CheckConstraint(condition=Q(year=None) | Q(year__range=(1, 3)), name="year_target_of_three_years"),
            models.CheckConstraint(
                condition=(Q(students=None) | Q(students__lte=100_000))
                & (Q(projects=None) | Q(projects__lte=100_000))
                & (Q(mentors=None) | Q(mentors__lte=100_000))
                & (Q(courses=None) | Q(courses__lte=100_000))
                & (Q(results=None) | Q(results__lte=100_000)),
                name="year_target_plausible",
            ),
        ]


class BudgetLine(Row):
    """What one side plans to spend on one subject in each of the three years, in yuan (第十二条, 第十三条)."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="budget_lines")
    subject = models.CharField(_("科目"), max_length=12, blank=True, choices=ExpenseKind)
    side = models.CharField(_("出资方"), max_length=10, blank=True, choices=Side)
    year_1 = money(_("第一年"))
    year_2 = money(_("第二年"))
    year_3 = money(_("第三年"))
    note = text(_("说明"), 200)

    class Meta(Row.Meta):
        verbose_name = _("经费预算")
        constraints = [
            _once("budget_line"),
            models.CheckConstraint(condition=Q(subject__in=["", *ExpenseKind.values]), name="budget_subject_known"),
            models.CheckConstraint(condition=Q(side__in=["", *Side.values]), name="budget_side_known"),
            models.CheckConstraint(
                condition=(Q(year_1=None) | Q(year_1__gte=0))
                & (Q(year_2=None) | Q(year_2__gte=0))
                & (Q(year_3=None) | Q(year_3__gte=0)),
                name="budget_not_negative",
            ),
        ]


class TrainedStudent(Row):
    """A postgraduate whom both sides have trained already (第七条（三）); no ID-card numbers, no telephone numbers."""

    Level, Mode = StudyLevel, StudyMode

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="trained_students")
    name = models.CharField(_("姓名"), max_length=30)
    number = models.CharField(_("学号"), max_length=20)
    # As it was written, with the category that it means; an old name may mean several, then it is left open.
    category_name = models.CharField(_("专业学位类别"), max_length=40)
    category = models.ForeignKey(DegreeCategory, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    field = text(_("领域"), 40)
    level = models.CharField(_("层次"), max_length=10, choices=Level)
    mode = models.CharField(_("培养方式"), max_length=10, choices=Mode)
    campus_mentor = text(_("校内导师"), 30)
    industry_mentor = text(_("行业产业导师"), 30)
    entered_on = models.DateField(_("入基地日"))
    left_on = models.DateField(_("出基地日"), null=True, blank=True)
    project = text(_("实践项目"), 100)
    thesis = text(_("学位论文题目"), 150)
    graduation_year = _year(_("毕业年份"))
    destination = text(_("毕业去向"), 100)

    class Meta(Row.Meta):
        verbose_name = _("已培养研究生")
        ordering = ["position", "pk"]
        constraints = [
            _once("trained_student"),
            models.UniqueConstraint(
                fields=["application", "number"],
                name="student_once_per_application",
                violation_error_message=_("这个学号已在名单中。"),
            ),
            models.CheckConstraint(condition=Q(level__in=["master", "doctor"]), name="student_level_known"),
            models.CheckConstraint(condition=Q(mode__in=["full_time", "part_time"]), name="student_mode_known"),
            models.CheckConstraint(
                condition=Q(left_on=None) | Q(left_on__gte=models.F("entered_on")),
                name="student_leaves_after_entering",
                violation_error_message=_("出基地日不能早于入基地日。"),
            ),
            models.CheckConstraint(condition=_plausible_year("graduation_year"), name="student_graduation_plausible"),
        ]
