from __future__ import annotations

import secrets
from datetime import date

import pgtrigger
from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applications.models.notice import PublicNotice
from bases.models import Base, TrainingUnit
from portal.models import StoredFile
from portal.roles import role_label

# Without letters and digits that are taken for one another when read out on the telephone.
_CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_IS_OPEN = Q(status__in=["submitted", "accepted"])


def lookup_code() -> str:
    """The code with which an objector finds their objection again."""
    return "".join(secrets.choice(_CODE_LETTERS) for _position in range(10))


class ObjectionCounter(models.Model):
    """The last number of an office's year; its row is locked while a number is taken, so there are no gaps."""

    issuer_unit = models.ForeignKey(TrainingUnit, on_delete=models.PROTECT, null=True, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("异议编号计数")
        constraints = [
            models.UniqueConstraint(
                fields=["issuer_unit", "year"], nulls_distinct=False, name="one_objection_counter_per_office_and_year"
            )
        ]

    def __str__(self) -> str:
        return f"{self.year}:{self.last}"


class Objection(models.Model):
    """An 异议 to one base of a notice, with real name; only the handling office sees who filed it, and every look is recorded.

    It is submitted, then accepted or declined, then concluded; ``answered_on`` says that it was answered in writing. What came as
    a letter was entered by the office: ``entered_by`` is set, ``filed_on`` is the day on which the letter was received.
    ``accept_by`` is empty while the working calendar of that year is not known.
    """

    class Status(models.TextChoices):
        SUBMITTED = "submitted", _("已提交")
        ACCEPTED = "accepted", _("已受理，调查中")
        DECLINED = "declined", _("不予受理")
        UPHELD = "upheld", _("异议成立")
        PARTLY_UPHELD = "partly_upheld", _("异议部分成立")
        DISMISSED = "dismissed", _("异议不成立")

    class Kind(models.TextChoices):
        PERSON = "person", _("个人")
        UNIT = "unit", _("单位")

    class DeclineGround(models.TextChoices):
        LATE = "late", _("逾期提出")
        UNTRUE = "untrue", _("匿名或者身份信息不实")
        GROUNDLESS = "groundless", _("没有事实依据")
        FOREIGN = "foreign", _("不属于本公示的事项")

    OPEN = (Status.SUBMITTED, Status.ACCEPTED)
    OUTCOMES = (Status.UPHELD, Status.PARTLY_UPHELD, Status.DISMISSED)
    # What says, or may say, who objects: read by nothing but the recorded look.
    IDENTITY = ("kind", "name", "contact_person", "phone", "email", "address")
    # What holds its base up: open, and not received after the period.
    BLOCKING = _IS_OPEN & Q(filed_on__lte=F("notice__ends_on"))

    notice = models.ForeignKey(PublicNotice, on_delete=models.PROTECT, related_name="objections")
    base = models.ForeignKey(Base, on_delete=models.PROTECT, related_name="objections", verbose_name=_("涉及基地"))
    issuer_unit = models.ForeignKey(
        TrainingUnit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("办理单位")
    )
    year = models.PositiveSmallIntegerField(_("编号年份"))
    serial = models.PositiveIntegerField(_("编号"))
    code = models.CharField(_("查询码"), max_length=12, unique=True, default=lookup_code)
    kind = models.CharField(_("异议人类型"), max_length=10, choices=Kind, default=Kind.PERSON)
    name = models.CharField(_("真实姓名或单位名称"), max_length=60, blank=True)
    contact_person = models.CharField(_("联系人"), max_length=30, blank=True)
    phone = models.CharField(
        _("手机"),
        max_length=20,
        blank=True,
        validators=[RegexValidator(r"^1[3-9][0-9]{9}$", _("手机号应为 11 位，以便核实并答复，请核对。"))],
    )
    email = models.EmailField(_("邮箱"), blank=True)
    address = models.CharField(_("通信地址"), max_length=120, blank=True)
    grounds = models.CharField(_("事实与理由"), max_length=2000)
    filed_on = models.DateField(_("提交日期"))
    filed_at = models.DateTimeField(auto_now_add=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    received_by = models.CharField(_("收件人"), max_length=30, blank=True)
    status = models.CharField(_("状态"), max_length=16, choices=Status, default=Status.SUBMITTED)
    accept_by = models.DateField(_("受理期限"), null=True, blank=True)
    accepted_on = models.DateField(_("受理日期"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    conclude_by = models.DateField(_("办结期限"), null=True, blank=True)
    extended_on = models.DateField(_("延期日期"), null=True, blank=True)
    extended_to = models.DateField(_("延期后的办结期限"), null=True, blank=True)
    extended_because = models.CharField(_("延期理由"), max_length=500, blank=True)
    extended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decline_ground = models.CharField(_("不予受理的情形"), max_length=12, choices=DeclineGround, blank=True)
    conclusion = models.CharField(_("处理意见"), max_length=2000, blank=True)
    remedy = models.CharField(_("处理措施"), max_length=1000, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    handled_on = models.DateField(_("办结日期"), null=True, blank=True)
    answer_text = models.CharField(_("答复正文"), max_length=3000, blank=True)
    answered_on = models.DateField(_("答复日期"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answer = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("异议")
        ordering = ["-id"]
        indexes = [models.Index(fields=["notice", "base"], condition=_IS_OPEN, name="objection_open_by_base")]
        constraints = [
            models.UniqueConstraint(
                fields=["issuer_unit", "year", "serial"], nulls_distinct=False, name="objection_number_unique"
            ),
            models.CheckConstraint(condition=Q(serial__gte=1), name="objection_number_counts_from_one"),
            models.CheckConstraint(
                condition=Q(
                    status__in=["submitted", "accepted", "declined", "upheld", "partly_upheld", "dismissed"]
                ),
                name="objection_status_known",
            ),
            models.CheckConstraint(condition=Q(kind__in=["person", "unit"]), name="objection_kind_known"),
            models.CheckConstraint(
                condition=Q(decline_ground__in=["", "late", "untrue", "groundless", "foreign"]),
                name="objection_decline_ground_known",
            ),
            models.CheckConstraint(
                condition=Q(status="declined", decline_ground__gt="") | ~Q(status="declined") & Q(decline_ground=""),
                name="declined_objection_has_its_ground",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["submitted", "accepted"]) | ~Q(conclusion=""),
                name="concluded_objection_has_a_conclusion",
            ),
            models.CheckConstraint(
                condition=~Q(status="partly_upheld") | ~Q(remedy=""), name="partly_upheld_objection_has_a_remedy"
            ),
            # A letter may come without a name and a telephone number; it is entered all the same, and declined with a reason.
            models.CheckConstraint(
                condition=Q(phone__regex=r"^1[3-9][0-9]{9}$") | Q(phone="", entered_by__isnull=False),
                name="objection_phone_can_be_called",
            ),
            models.CheckConstraint(
                condition=~Q(name="") | Q(entered_by__isnull=False), name="objection_has_a_real_name"
            ),
            models.CheckConstraint(
                condition=Q(kind="person") | ~Q(contact_person=""), name="objecting_unit_names_its_contact"
            ),
            models.CheckConstraint(
                condition=Q(entered_by=None, received_by="") | Q(entered_by__isnull=False) & ~Q(received_by=""),
                name="objection_letter_says_who_received_it",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["submitted", "declined"])
                | Q(accepted_on__isnull=False, accepted_by__isnull=False, conclude_by__isnull=False),
                name="accepted_objection_has_its_dates",
            ),
            models.CheckConstraint(
                condition=Q(accepted_on=None) | Q(accepted_on__gte=F("filed_on")),
                name="objection_accepted_after_it_came",
            ),
            models.CheckConstraint(
                condition=Q(handled_on=None) | Q(handled_on__gte=F("filed_on")), name="objection_handled_after_it_came"
            ),
            models.CheckConstraint(
                condition=Q(extended_on=None, extended_to=None, extended_by=None, extended_because="")
                | Q(extended_on__isnull=False, extended_by__isnull=False, extended_to__gt=F("conclude_by"))
                & ~Q(extended_because=""),
                name="objection_extended_once_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(answered_on=None, answered_by=None, answer_text="", answer=None)
                | Q(answered_on__gte=F("handled_on"), answered_by__isnull=False) & ~Q(answer_text=""),
                name="objection_answered_after_its_conclusion",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.number}：{self.get_status_display()}"

    @property
    def number(self) -> str:
        """The number that stands on the acknowledgement and on the answer: 异〔2026〕12号."""
        return f"异〔{self.year}〕{self.serial}号"

    @property
    def is_open(self) -> bool:
        """Whether it still waits for a conclusion."""
        return self.status in self.OPEN

    @property
    def is_late(self) -> bool:
        """Whether it was received after 24:00 of the last day of the notice."""
        return self.filed_on > self.notice.ends_on

    @property
    def on_paper(self) -> bool:
        """Whether it came as a letter that the office has entered."""
        return self.entered_by_id is not None

    @property
    def due_on(self) -> date | None:
        """The day by which the next act is due: accepting, then concluding; None when nothing is."""
        if self.status == self.Status.SUBMITTED:
            return self.accept_by
        return (self.extended_to or self.conclude_by) if self.status == self.Status.ACCEPTED else None

    @property
    def masked_name(self) -> str:
        """Who objects, as far as the objector is shown it again: the first character, of a unit the first two."""
        shown = self.name[: 2 if self.kind == self.Kind.UNIT else 1]
        return shown + "＊" * 2 if shown else ""


class ObjectionRecord(models.Model):
    """One step of the investigation, as it was taken down; records are added and never changed."""

    class Kind(models.TextChoices):
        TALK = "talk", _("谈话")
        PAPERS = "papers", _("查阅材料")
        SITE = "site", _("现场核查")
        OTHER = "other", _("其他")

    objection = models.ForeignKey(Objection, on_delete=models.PROTECT, related_name="records")
    kind = models.CharField(_("方式"), max_length=10, choices=Kind)
    held_on = models.DateField(_("日期"))
    people = models.CharField(_("参加人员"), max_length=200)
    content = models.CharField(_("内容"), max_length=2000)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_on = models.DateField(_("记录日期"))
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("调查记录")
        ordering = ["held_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["talk", "papers", "site", "other"]), name="objection_record_kind_known"
            ),
            models.CheckConstraint(
                condition=~Q(people="") & ~Q(content=""), name="objection_record_says_who_and_what"
            ),
            models.CheckConstraint(
                condition=Q(recorded_on__gte=F("held_on")), name="objection_recorded_after_it_happened"
            ),
        ]  # fmt: skip
        triggers = [pgtrigger.Protect(name="objection_records_stay", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.held_on}"


class ObjectionFile(models.Model):
    """A file that the objector handed in as evidence or, with ``record``, that the investigation brought."""

    objection = models.ForeignKey(Objection, on_delete=models.PROTECT, related_name="files")
    record = models.ForeignKey(ObjectionRecord, on_delete=models.PROTECT, null=True, blank=True, related_name="files")
    stored = models.ForeignKey(StoredFile, verbose_name=_("文件"), on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("异议材料")
        ordering = ["pk"]
        triggers = [pgtrigger.Protect(name="objection_files_stay", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.stored.name


class ObjectionLook(models.Model):
    """That somebody of the handling office looked at who an objector is; looks are added and never changed."""

    objection = models.ForeignKey(Objection, on_delete=models.PROTECT, related_name="looks")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("查看人"), max_length=60)
    role = models.CharField(_("角色"), max_length=20)
    organisation = models.CharField(_("单位"), max_length=120, blank=True)
    at = models.DateTimeField(_("时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("异议人信息查看记录")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["objection", "user", "at"], name="objection_look_by_user")]
        triggers = [pgtrigger.Protect(name="objection_looks_stay", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M}"

    @property
    def role_label(self) -> str:
        """The role in which they looked, in Chinese."""
        return role_label(self.role)
