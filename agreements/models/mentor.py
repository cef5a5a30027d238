from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bases.models import Base, PartnerUnit, TrainingUnit
from bases.people_terms import Degree, ProfessionalTitle


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
