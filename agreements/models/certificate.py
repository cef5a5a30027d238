import functools
import operator

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agreements.models.placement import Placement
from bases.models import Base
from portal.models import IssuedRecord, StoredFile

_OF_AN_ENDED_PLACEMENT = """
IF NOT EXISTS (
    SELECT 1 FROM agreements_placement p
    WHERE p.id = NEW.placement_id AND p.base_id = NEW.base_id AND p.status = 'ended'
) THEN
    RAISE EXCEPTION 'a certificate is of a placement of its base that has ended' USING ERRCODE = 'check_violation';
END IF;
IF NEW.replaces_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM agreements_practicecertificate c
    WHERE c.id = NEW.replaces_id AND c.placement_id = NEW.placement_id AND c.status = 'withdrawn'
) THEN
    RAISE EXCEPTION 'a certificate goes on from a withdrawn one of the same placement' USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""
# What an issued certificate says, and who it is of.
_FROZEN = (
    "base", "placement", "number", "starts_on", "ends_on", "post", "project", "campus_mentor", "industry_mentor", "work", "grade",
    "proposed", "comment", "months_excellent", "months_qualified", "months_failed", "days", "reward", "reward_amount", "reward_text",
    "prepared_by", "prepared_on", "issued_by", "issued_on", "replaces",
)  # fmt: skip
# Set once, when the paper has been made.
_PAPER = ("record", "pdf")


class PracticeCertificate(models.Model):
    """专业实践鉴定: what the partner certifies of a student whose practice in a base is over (协议：权责划分（二）5).

    While it is prepared it may be changed; what is issued stands as it is under its number. A mistake is mended by withdrawing it with a
    reason and issuing a new one that names the old. ``months_…`` and ``days`` are what the monthly appraisals said on the day of
    writing, ``proposed`` the grade that follows from them (empty where no month was appraised); ``reward_amount`` is yuan.
    """

    class Status(models.TextChoices):
        PREPARED = "prepared", _("待签发")
        ISSUED = "issued", _("已签发")
        WITHDRAWN = "withdrawn", _("已撤回")

    class Grade(models.TextChoices):
        EXCELLENT = "excellent", _("优秀")
        GOOD = "good", _("良好")
        QUALIFIED = "qualified", _("合格")
        FAILED = "failed", _("不合格")

    class Reward(models.TextChoices):
        HONOUR = "honour", _("表彰")
        MONEY = "money", _("奖金")
        GOODS = "goods", _("实物")
        OTHER = "other", _("其他")

    base = models.ForeignKey(
        Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="practice_certificates"
    )
    placement = models.ForeignKey(
        Placement, verbose_name=_("专业实践"), on_delete=models.PROTECT, related_name="certificates"
    )
    status = models.CharField(_("状态"), max_length=10, choices=Status, default=Status.PREPARED)
    number = models.CharField(_("鉴定编号"), max_length=30, blank=True)
    starts_on = models.DateField(_("实践开始日期"))
    ends_on = models.DateField(_("实践结束日期"))
    post = models.CharField(_("岗位"), max_length=60)
    project = models.CharField(_("实践项目"), max_length=100, blank=True)
    campus_mentor = models.CharField(_("校内导师"), max_length=30)
    industry_mentor = models.CharField(_("行业产业导师"), max_length=30)
    work = models.CharField(_("实践内容"), max_length=500, blank=True)
    grade = models.CharField(_("鉴定等级"), max_length=10, choices=Grade, blank=True)
    proposed = models.CharField(_("按月度考核的建议"), max_length=10, choices=Grade, blank=True)
    comment = models.CharField(_("鉴定意见"), max_length=500, blank=True)
    months_excellent = models.PositiveSmallIntegerField(_("考核优秀（月）"), default=0)
    months_qualified = models.PositiveSmallIntegerField(_("考核合格（月）"), default=0)
    months_failed = models.PositiveSmallIntegerField(_("考核不合格（月）"), default=0)
    days = models.PositiveSmallIntegerField(_("实践天数"), default=0)
    reward = models.CharField(_("奖励"), max_length=8, choices=Reward, blank=True)
    reward_amount = models.DecimalField(_("奖励金额（元）"), max_digits=8, decimal_places=2, null=True, blank=True)
    reward_text = models.CharField(_("奖励内容"), max_length=200, blank=True)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    prepared_on = models.DateField(_("填写日期"))
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    issued_on = models.DateField(_("签发日期"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_on = models.DateField(_("撤回日期"), null=True, blank=True)
    withdrawn_reason = models.CharField(_("撤回原因"), max_length=300, blank=True)
    replaces = models.OneToOneField(
        "self",
        verbose_name=_("重新签发自"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="replaced_by",
    )
    record = models.OneToOneField(
        IssuedRecord, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    pdf = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("专业实践鉴定")
        ordering = ["-issued_on", "-pk"]
        indexes = [models.Index(fields=["base", "status"], name="certificate_by_base")]
        constraints = [
            models.UniqueConstraint(
                fields=["placement"],
                condition=Q(status__in=["prepared", "issued"]),
                name="one_standing_certificate_per_placement",
            ),
            models.UniqueConstraint(fields=["number"], condition=~Q(number=""), name="certificate_number_once"),
            models.CheckConstraint(
                condition=Q(status__in=["prepared", "issued", "withdrawn"]), name="certificate_status_known"
            ),
            models.CheckConstraint(
                condition=Q(grade__in=["", "excellent", "good", "qualified", "failed"]), name="certificate_grade_known"
            ),
            models.CheckConstraint(
                condition=Q(proposed__in=["", "excellent", "good", "qualified", "failed"]),
                name="certificate_proposal_known",
            ),
            models.CheckConstraint(
                condition=Q(reward__in=["", "honour", "money", "goods", "other"]), name="certificate_reward_known"
            ),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="certificate_period_in_order"),
            models.CheckConstraint(
                condition=Q(status="prepared", number="", issued_on=None, issued_by=None)
                | (
                    ~Q(status="prepared")
                    & ~Q(number="")
                    & ~Q(grade="")
                    & ~Q(work="")
                    & ~Q(comment="")
                    & Q(issued_on__isnull=False, issued_by__isnull=False, issued_on__gte=F("ends_on"))
                ),
                name="issued_certificate_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on=None, withdrawn_by=None, withdrawn_reason="")
                | (
                    Q(status="withdrawn", withdrawn_by__isnull=False, withdrawn_on__gte=F("issued_on"))
                    & ~Q(withdrawn_reason="")
                ),
                name="only_a_withdrawn_certificate_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(status="withdrawn") | Q(withdrawn_on__isnull=False),
                name="withdrawn_certificate_has_its_day",
            ),
            models.CheckConstraint(
                condition=Q(reward="money", reward_amount__isnull=False, reward_amount__gt=0)
                | (~Q(reward="money") & Q(reward_amount=None)),
                name="money_reward_has_its_amount",
            ),
            models.CheckConstraint(
                condition=Q(reward="", reward_text="") | Q(reward="money") | (~Q(reward="") & ~Q(reward_text="")),
                name="reward_says_what",
            ),
            models.CheckConstraint(
                condition=Q(pdf=None, record=None) | Q(pdf__isnull=False, record__isnull=False),
                name="certificate_paper_has_its_record",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="certificate_of_an_ended_placement",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                func=_OF_AN_ENDED_PLACEMENT,
            ),
            pgtrigger.Protect(
                name="issued_certificates_stay",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__status__in=["issued", "withdrawn"])
                & functools.reduce(
                    operator.or_, (pgtrigger.Q(**{f"old__{each}__df": pgtrigger.F(f"new__{each}")}) for each in _FROZEN)
                ),
            ),
            pgtrigger.Protect(
                name="withdrawn_certificates_stay_withdrawn",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__status="withdrawn")
                & functools.reduce(
                    operator.or_,
                    (
                        pgtrigger.Q(**{f"old__{each}__df": pgtrigger.F(f"new__{each}")})
                        for each in ("status", "withdrawn_by", "withdrawn_on", "withdrawn_reason")
                    ),
                ),
            ),
            pgtrigger.Protect(
                name="issued_certificates_are_not_unissued",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__status="issued", new__status="prepared"),
            ),
            pgtrigger.Protect(
                name="certificate_papers_stay",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__pdf__isnull=False)
                & functools.reduce(
                    operator.or_, (pgtrigger.Q(**{f"old__{each}__df": pgtrigger.F(f"new__{each}")}) for each in _PAPER)
                ),
            ),
            pgtrigger.Protect(name="certificates_are_not_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.number or f"{self.placement} · {self.get_status_display()}"

    @property
    def months(self) -> int:
        """In how many months the practice was appraised."""
        return self.months_excellent + self.months_qualified + self.months_failed

    @property
    def differs(self) -> bool:
        """Whether the grade is another than the monthly appraisals propose."""
        return bool(self.grade and self.proposed) and self.grade != self.proposed
