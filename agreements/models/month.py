import functools
import operator

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agreements.models.placement import Placement, Student
from bases.models import Base
from portal.models import StoredFile

MOST_YUAN = 999_999


class MonthClosing(models.Model):
    """A month of a base that is closed: its entries stand, what is wrong in them is corrected by new ones (协议：权责划分（二）5).

    ``students`` and ``amount`` (yuan) are what was closed.
    """

    base = models.ForeignKey(Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="month_closings")
    month = models.DateField(_("月份"))
    students = models.PositiveIntegerField(_("人数"))
    amount = models.DecimalField(_("生活补贴合计（元）"), max_digits=14, decimal_places=2)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    closed_on = models.DateField(_("结账日期"))
    closed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("月度结账")
        ordering = ["base_id", "-month"]
        constraints = [
            models.UniqueConstraint(fields=["base", "month"], name="month_closed_once_per_base"),
            models.CheckConstraint(condition=Q(month__day=1), name="closed_month_is_its_first_day"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="closed_amount_not_negative"),
            models.CheckConstraint(condition=Q(closed_on__gt=F("month")), name="month_closed_after_it_began"),
        ]
        triggers = [pgtrigger.Protect(name="closed_months_stay_closed", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.base}：{self.month:%Y-%m}"


# What a corrected entry still changes: it is no longer the one that counts.
_FROZEN = (
    "base", "placement", "month", "entry", "grade", "days", "amount", "paid_on", "voucher_number", "voucher", "below_reason", "note",
    "floor", "correction_reason", "revision", "state", "closing", "entered_by", "entered_on",
)  # fmt: skip


class MonthlyRecord(models.Model):
    """月度考核与生活补贴: how a student's month in a base was appraised and what was paid (协议：权责划分（二）5).

    ``month`` is its first day, ``days`` the days of practice in it, ``amount`` and ``floor`` are yuan; ``floor`` is what the agreement
    in force asked for when the entry was saved, for the days that the student was there, None where the parties agreed on none.
    While the month is open there is one entry, which may be changed; in a closed month a correction is a new entry with its reason,
    the one before stays as it was and only stops to be current.
    """

    class Grade(models.TextChoices):
        EXCELLENT = "excellent", _("优秀")
        QUALIFIED = "qualified", _("合格")
        FAILED = "failed", _("不合格")

    class State(models.TextChoices):
        DRAFT = "draft", _("未填完")
        DONE = "done", _("已填")

    # Of the placement too; kept here so that a base's months are found by one index.
    base = models.ForeignKey(Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="monthly_records")
    placement = models.ForeignKey(
        Placement, verbose_name=_("专业实践"), on_delete=models.PROTECT, related_name="monthly_records"
    )
    month = models.DateField(_("月份"))
    entry = models.PositiveSmallIntegerField(_("第几次登记"), default=1)
    is_current = models.BooleanField(_("现行"), default=True)
    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.DRAFT)
    grade = models.CharField(_("考核等级"), max_length=10, choices=Grade, blank=True)
    days = models.PositiveSmallIntegerField(_("天数"), null=True, blank=True)
    amount = models.DecimalField(_("生活补贴（元）"), max_digits=8, decimal_places=2, null=True, blank=True)
    paid_on = models.DateField(_("发放日期"), null=True, blank=True)
    voucher_number = models.CharField(_("凭证号"), max_length=40, blank=True)
    voucher = models.ForeignKey(
        StoredFile, verbose_name=_("发放凭证"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    floor = models.DecimalField(_("约定下限（元）"), max_digits=8, decimal_places=2, null=True, blank=True)
    below_reason = models.CharField(_("低于约定的原因"), max_length=200, blank=True)
    note = models.CharField(_("备注"), max_length=200, blank=True)
    correction_reason = models.CharField(_("更正原因"), max_length=300, blank=True)
    closing = models.ForeignKey(
        MonthClosing, verbose_name=_("结账"), on_delete=models.PROTECT, null=True, blank=True, related_name="records"
    )
    revision = models.PositiveIntegerField(default=1)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    entered_on = models.DateField(_("登记日期"))
    saved_at = models.DateTimeField(_("保存时间"))

    class Meta:
        verbose_name = _("月度考核与生活补贴")
        ordering = ["month", "placement_id", "entry"]
        indexes = [
            models.Index(fields=["base", "month"], condition=Q(is_current=True), name="months_of_a_base"),
            # Few among many: what fell short of the agreement is found without reading the rest.
            models.Index(
                fields=["base", "month"],
                condition=Q(is_current=True, state="done", amount__lt=F("floor")),
                name="months_below_the_floor",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["placement", "month", "entry"], name="one_entry_of_a_number_per_month"),
            models.UniqueConstraint(
                fields=["placement", "month"], condition=Q(is_current=True), name="one_current_record_per_month"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="record_month_is_its_first_day"),
            models.CheckConstraint(condition=Q(entry__gte=1), name="record_counts_from_one"),
            models.CheckConstraint(condition=Q(state__in=["draft", "done"]), name="record_state_known"),
            models.CheckConstraint(
                condition=Q(grade__in=["", "excellent", "qualified", "failed"]), name="record_grade_known"
            ),
            models.CheckConstraint(condition=Q(days=None) | Q(days__lte=31), name="record_days_of_a_month"),
            models.CheckConstraint(
                condition=Q(amount=None) | Q(amount__gte=0, amount__lte=MOST_YUAN), name="record_amount_plausible"
            ),
            models.CheckConstraint(condition=Q(floor=None) | Q(floor__gte=0), name="record_floor_not_negative"),
            models.CheckConstraint(
                condition=~Q(state="done") | (~Q(grade="") & Q(days__isnull=False, amount__isnull=False)),
                name="done_record_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(floor=None) | Q(amount__gte=F("floor")) | ~Q(below_reason=""),
                name="record_below_the_floor_says_why",
            ),
            models.CheckConstraint(
                condition=Q(paid_on=None) | Q(amount__isnull=False, amount__gt=0), name="payment_has_its_amount"
            ),
            models.CheckConstraint(condition=Q(closing=None) | Q(state="done"), name="closed_record_is_done"),
            models.CheckConstraint(
                condition=Q(entry=1) | (Q(closing__isnull=False) & ~Q(correction_reason="")),
                name="correction_says_why",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="closed_records_stay",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__closing__isnull=False)
                & functools.reduce(
                    operator.or_, (pgtrigger.Q(**{f"old__{each}__df": pgtrigger.F(f"new__{each}")}) for each in _FROZEN)
                ),
            ),
            pgtrigger.Protect(
                name="closed_records_are_not_deleted",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__closing__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.placement}：{self.month:%Y-%m}（{self.entry}）"

    @property
    def is_below(self) -> bool:
        """Whether less was entered than the agreement asked for."""
        return self.amount is not None and self.floor is not None and self.amount < self.floor

    @property
    def is_unpaid(self) -> bool:
        """Whether an amount is entered that was not paid yet (未发放)."""
        return bool(self.amount) and self.paid_on is None


class MonthReview(models.Model):
    """A side has looked into what fell short of the agreement in a month of a base, as it stood at that moment."""

    class Side(models.TextChoices):
        UNIT = "unit", _("培养单位")
        DEPARTMENT = "department", _("教育厅")

    base = models.ForeignKey(Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="month_reviews")
    month = models.DateField(_("月份"))
    side = models.CharField(_("核实方"), max_length=10, choices=Side)
    note = models.CharField(_("核实情况"), max_length=300)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reviewed_on = models.DateField(_("核实日期"))
    reviewed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("低于约定核实")
        ordering = ["-reviewed_at", "-pk"]
        indexes = [models.Index(fields=["base", "month", "side"], name="reviews_of_a_month")]
        constraints = [
            models.CheckConstraint(condition=Q(month__day=1), name="reviewed_month_is_its_first_day"),
            models.CheckConstraint(condition=Q(side__in=["unit", "department"]), name="review_side_known"),
            models.CheckConstraint(condition=~Q(note=""), name="review_says_what_was_found"),
        ]
        triggers = [pgtrigger.Protect(name="month_reviews_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.base}：{self.month:%Y-%m}"


class StipendLink(models.Model):
    """A student's personal link, by which they confirm the receipt of stipends without an account; only the hash of its secret is kept.

    It shows what one base paid to this one student. A renewed link makes the one before worthless.
    """

    base = models.ForeignKey(Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="stipend_links")
    student = models.ForeignKey(
        Student, verbose_name=_("研究生"), on_delete=models.PROTECT, related_name="stipend_links"
    )
    secret_hash = models.CharField(max_length=64, unique=True)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    issued_on = models.DateField(_("生成日期"))
    expires_on = models.DateField(_("有效期至"))
    withdrawn_at = models.DateTimeField(_("停用时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("补贴确认链接")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["base", "student"], condition=Q(withdrawn_at=None), name="one_link_per_student_and_base"
            ),
            models.CheckConstraint(condition=Q(expires_on__gt=F("issued_on")), name="stipend_link_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.student}：{self.issued_on}"


class Receipt(models.Model):
    """What a student said of one month's stipend: received, or not, with what they wrote; a denial is a task of the unit until it answers.

    ``amount`` (yuan) and ``paid_on`` are what they were asked about. An entry that was corrected since asks again.
    """

    class Answer(models.TextChoices):
        RECEIVED = "received", _("已收到")
        DENIED = "denied", _("没有收到")

    record = models.ForeignKey(
        MonthlyRecord, verbose_name=_("月度记录"), on_delete=models.PROTECT, related_name="receipts"
    )
    is_current = models.BooleanField(_("现行"), default=True)
    answer = models.CharField(_("确认结果"), max_length=10, choices=Answer)
    note = models.CharField(_("学生说明"), max_length=300, blank=True)
    amount = models.DecimalField(_("所示金额（元）"), max_digits=8, decimal_places=2)
    paid_on = models.DateField(_("所示发放日期"), null=True, blank=True)
    answered_on = models.DateField(_("确认日期"))
    answered_at = models.DateTimeField()
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    handled_on = models.DateField(_("处理日期"), null=True, blank=True)
    handling = models.CharField(_("处理答复"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("补贴收讫确认")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["record"],
                condition=Q(is_current=True, answer="denied", handled_on=None),
                name="denials_that_wait",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["record"], condition=Q(is_current=True), name="one_current_receipt_per_record"
            ),
            models.CheckConstraint(condition=Q(answer__in=["received", "denied"]), name="receipt_answer_known"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="receipt_amount_not_negative"),
            models.CheckConstraint(
                condition=~Q(answer="denied") | ~Q(note=""), name="denied_receipt_says_what_is_missing"
            ),
            models.CheckConstraint(
                condition=Q(handled_on=None, handled_by=None, handling="")
                | (Q(answer="denied", handled_on__isnull=False, handled_by__isnull=False) & ~Q(handling="")),
                name="handled_denial_has_its_answer",
            ),
        ]
        triggers = [pgtrigger.Protect(name="receipts_are_not_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.record}：{self.get_answer_display()}"

    @property
    def waits(self) -> bool:
        """Whether it is a denial that the unit has not answered."""
        return self.answer == self.Answer.DENIED and self.handled_on is None
