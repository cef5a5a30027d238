from datetime import date

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import DateField, ExpressionWrapper, F, Func, Q, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext_lazy as _

from bases.models import Base, PartnerUnit, TrainingUnit
from bases.people_terms import Degree, ProfessionalTitle
from portal.models import IssuedRecord, StoredFile

# The first day after an appointment. One that ended before it began holds on no day, so its range is empty.
_AFTER = ExpressionWrapper(Coalesce("ended_on", "ends_on") + Value(1), output_field=DateField())


class Mentor(models.Model):
    """A person who guides students of bases (第十一条): a 校内导师 of a training unit or a 行业产业导师 from a partner."""

    class Kind(models.TextChoices):
        CAMPUS = "campus", _("校内导师")
        INDUSTRY = "industry", _("行业产业导师")

    kind = models.CharField(_("类型"), max_length=10, choices=Kind)
    training_unit = models.ForeignKey(
        TrainingUnit,
        verbose_name=_("培养单位"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="mentors",
    )
    partner_unit = models.ForeignKey(
        PartnerUnit, verbose_name=_("合作单位"), on_delete=models.PROTECT, null=True, blank=True, related_name="mentors"
    )
    name = models.CharField(_("姓名"), max_length=30)
    department = models.CharField(_("院系或部门"), max_length=60, blank=True)
    post = models.CharField(_("职务"), max_length=40, blank=True)
    title = models.CharField(_("职称"), max_length=12, choices=ProfessionalTitle, blank=True)
    degree = models.CharField(_("学历"), max_length=10, choices=Degree, blank=True)
    direction = models.CharField(_("研究方向或专长"), max_length=80, blank=True)
    years = models.PositiveSmallIntegerField(_("从业年限"), null=True, blank=True)
    phone = models.CharField(_("手机"), max_length=20, blank=True)
    email = models.EmailField(_("邮箱"), blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    entered_on = models.DateField(_("登记日期"))
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    changed_on = models.DateField(_("最近更正日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("导师")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="campus", training_unit__isnull=False, partner_unit=None)
                | Q(kind="industry", partner_unit__isnull=False, training_unit=None),
                name="mentor_belongs_to_the_side_of_the_kind",
            ),
            models.CheckConstraint(condition=Q(title__in=["", *ProfessionalTitle.values]), name="mentor_title_known"),
            models.CheckConstraint(condition=Q(degree__in=["", *Degree.values]), name="mentor_degree_known"),
            models.CheckConstraint(condition=Q(years=None) | Q(years__lte=70), name="mentor_years_plausible"),
            models.CheckConstraint(
                condition=Q(phone="") | Q(phone__regex=r"^1[3-9][0-9]{9}$"), name="mentor_phone_can_be_called"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Appointment(models.Model):
    """A mentor's way to a base (第十一条): nominated, then appointed by the training unit for a term, or not.

    A renewed appointment is a new row that knows the one before; ``ended_on`` is the last day of one that ended before its term.
    """

    class Status(models.TextChoices):
        NOMINATED = "nominated", _("已推荐，待聘任")
        APPOINTED = "appointed", _("已聘任")
        DECLINED = "declined", _("未聘任")
        WITHDRAWN = "withdrawn", _("已撤回推荐")
        ENDED = "ended", _("已解聘")

    base = models.ForeignKey(Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="appointments")
    mentor = models.ForeignKey(Mentor, verbose_name=_("导师"), on_delete=models.PROTECT, related_name="appointments")
    status = models.CharField(_("状态"), max_length=10, choices=Status, default=Status.NOMINATED)
    nominated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    nominated_on = models.DateField(_("推荐日期"))
    reason = models.CharField(_("推荐理由"), max_length=300, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_on = models.DateField(_("决定日期"), null=True, blank=True)
    decision_note = models.CharField(_("决定说明"), max_length=300, blank=True)
    starts_on = models.DateField(_("聘期自"), null=True, blank=True)
    ends_on = models.DateField(_("聘期至"), null=True, blank=True)
    ended_on = models.DateField(_("解聘日期"), null=True, blank=True)
    ended_reason = models.CharField(_("解聘原因"), max_length=300, blank=True)
    renews = models.OneToOneField(
        "self", verbose_name=_("续聘自"), on_delete=models.PROTECT, null=True, blank=True, related_name="renewal"
    )
    # By which document of the unit the mentor was appointed, where that happened outside the portal.
    document = models.CharField(_("聘任文号"), max_length=60, blank=True)
    letter = models.ForeignKey(
        StoredFile, verbose_name=_("聘书"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    record = models.OneToOneField(
        IssuedRecord, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    class Meta:
        verbose_name = _("导师聘任")
        ordering = ["base_id", "mentor__name", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["nominated", "appointed", "declined", "withdrawn", "ended"]),
                name="appointment_status_known",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["appointed", "ended"])
                | Q(starts_on__isnull=False, ends_on__isnull=False, decided_on__isnull=False),
                name="appointment_has_its_term",
            ),
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gt=F("starts_on")),
                name="appointment_term_in_order",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None, ended_reason="") | (Q(ended_on__isnull=False) & ~Q(ended_reason="")),
                name="ended_appointment_says_why",
            ),
            models.UniqueConstraint(
                fields=["base", "mentor"],
                condition=Q(status="nominated"),
                name="one_open_nomination_per_mentor_and_base",
            ),
            models.CheckConstraint(
                condition=Q(status="ended", ended_on__isnull=False) | (~Q(status="ended") & Q(ended_on=None)),
                name="ended_appointment_has_its_last_day",
            ),
            models.CheckConstraint(
                condition=~Q(status="declined") | ~Q(decision_note=""), name="declined_nomination_says_why"
            ),
            models.CheckConstraint(
                condition=Q(letter=None) | Q(status__in=["appointed", "ended"], record__isnull=False),
                name="appointment_letter_is_on_record",
            ),
            ExclusionConstraint(
                name="one_appointment_per_mentor_and_base_at_a_time",
                expressions=[
                    (Func(F("base"), F("base"), Value("[]"), function="int8range"), "&&"),
                    (Func(F("mentor"), F("mentor"), Value("[]"), function="int8range"), "&&"),
                    (
                        Func(F("starts_on"), Greatest("starts_on", _AFTER), Value("[)"), function="daterange"),
                        "&&",
                    ),
                ],
                condition=Q(status__in=["appointed", "ended"]),
                violation_error_message=_("这名导师在这段时间已经在本基地受聘。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mentor} · {self.base}"

    def holds(self, on: date) -> bool:
        """Whether the mentor is appointed on that day."""
        if (
            self.status not in {self.Status.APPOINTED, self.Status.ENDED}
            or self.starts_on is None
            or self.ends_on is None
        ):
            return False
        return self.starts_on <= on <= (self.ended_on or self.ends_on)

    @property
    def last_day(self) -> date | None:
        """The last day on which it holds or held."""
        return self.ended_on or self.ends_on


class MentorTraining(models.Model):
    """A training that the training unit gave to mentors of a base (第十一条；协议：导师队伍), with who took part.

    A record that is wrong is withdrawn with a reason and stays to be read.
    """

    base = models.ForeignKey(Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="mentor_trainings")
    topic = models.CharField(_("培训主题"), max_length=100)
    held_on = models.DateField(_("培训日期"))
    hours = models.DecimalField(_("学时"), max_digits=4, decimal_places=1)
    note = models.CharField(_("主要内容"), max_length=300, blank=True)
    file = models.ForeignKey(
        StoredFile, verbose_name=_("培训材料"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    mentors = models.ManyToManyField(Mentor, verbose_name=_("参加的导师"), related_name="trainings")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_on = models.DateField(_("登记日期"))
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_on = models.DateField(_("作废日期"), null=True, blank=True)
    withdrawn_reason = models.CharField(_("作废原因"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("导师培训")
        ordering = ["-held_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(hours__gt=0, hours__lte=200), name="mentor_training_hours_plausible"),
            models.CheckConstraint(
                condition=Q(held_on__lte=F("recorded_on")), name="mentor_training_recorded_after_it_was_held"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on=None, withdrawn_reason="")
                | (Q(withdrawn_on__isnull=False) & ~Q(withdrawn_reason="")),
                name="withdrawn_mentor_training_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic}（{self.held_on.isoformat()}）"


class MentorAppraisal(models.Model):
    """The yearly appraisal of an appointed mentor by the training unit (第十一条；协议：导师队伍).

    One per appointment and year counts; a correction is a new row, and the one before says why it no longer counts.
    """

    class Grade(models.TextChoices):
        EXCELLENT = "excellent", _("优秀")
        QUALIFIED = "qualified", _("合格")
        FAILED = "failed", _("不合格")

    appointment = models.ForeignKey(
        Appointment, verbose_name=_("聘任"), on_delete=models.PROTECT, related_name="appraisals"
    )
    year = models.PositiveSmallIntegerField(_("考核年度"))
    grade = models.CharField(_("考核等级"), max_length=10, choices=Grade)
    note = models.CharField(_("考核意见"), max_length=300, blank=True)
    appraised_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    appraised_on = models.DateField(_("考核日期"))
    replaced_on = models.DateField(_("更正日期"), null=True, blank=True)
    replaced_reason = models.CharField(_("更正原因"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("导师年度考核")
        ordering = ["-year", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["appointment", "year"],
                condition=Q(replaced_on=None),
                name="one_appraisal_per_appointment_and_year",
            ),
            models.CheckConstraint(
                condition=Q(grade__in=["excellent", "qualified", "failed"]), name="mentor_appraisal_grade_known"
            ),
            models.CheckConstraint(condition=Q(year__range=(2000, 2100)), name="mentor_appraisal_year_within_sight"),
            models.CheckConstraint(condition=~Q(grade="failed") | ~Q(note=""), name="failed_mentor_appraisal_says_why"),
            models.CheckConstraint(
                condition=Q(replaced_on=None, replaced_reason="")
                | (Q(replaced_on__isnull=False) & ~Q(replaced_reason="")),
                name="replaced_mentor_appraisal_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.appointment} {self.year}"
