from datetime import date

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import DateField, ExpressionWrapper, F, Func, Q, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext_lazy as _

from bases.models import Base
from portal.models import StoredFile

_AFTER = ExpressionWrapper(Coalesce("ended_on", "ends_on") + Value(1), output_field=DateField())


class CommitteeTerm(models.Model):
    """One term of the 管理委员会 of a base (第九条、第十一条；协议：组织机构) with its office.

    Each side enters its own members; the term is in force once both sides have members and both have confirmed it.
    ``ended_on`` is the last day of a term that a new one replaced before its end.
    """

    base = models.ForeignKey(Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="committee_terms")
    starts_on = models.DateField(_("任期自"))
    ends_on = models.DateField(_("任期至"))
    office = models.CharField(_("办公室挂靠部门"), max_length=60)
    office_place = models.CharField(_("办公地点"), max_length=120, blank=True)
    office_phone = models.CharField(_("办公电话"), max_length=40, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    entered_on = models.DateField(_("登记日期"))
    unit_confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    unit_confirmed_on = models.DateField(_("培养单位确认日期"), null=True, blank=True)
    partner_confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    partner_confirmed_on = models.DateField(_("合作单位确认日期"), null=True, blank=True)
    ended_on = models.DateField(_("提前换届日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("管委会任期")
        ordering = ["base_id", "-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="committee_term_in_order"),
            models.CheckConstraint(condition=~Q(office=""), name="committee_has_an_office"),
            models.CheckConstraint(
                condition=Q(ended_on=None)
                | Q(unit_confirmed_on__isnull=False, partner_confirmed_on__isnull=False, ended_on__lte=F("ends_on")),
                name="only_a_confirmed_committee_term_ends",
            ),
            models.UniqueConstraint(
                fields=["base"],
                condition=Q(unit_confirmed_on=None) | Q(partner_confirmed_on=None),
                name="one_committee_in_preparation_per_base",
            ),
            ExclusionConstraint(
                name="one_committee_per_base_at_a_time",
                expressions=[
                    (Func(F("base"), F("base"), Value("[]"), function="int8range"), "&&"),
                    (
                        Func(F("starts_on"), Greatest("starts_on", _AFTER), Value("[)"), function="daterange"),
                        "&&",
                    ),
                ],
                condition=Q(unit_confirmed_on__isnull=False, partner_confirmed_on__isnull=False),
                violation_error_message=_("本基地在这段时间已有管委会。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.base} {self.starts_on.isoformat()}"

    @property
    def is_confirmed(self) -> bool:
        """Whether both sides have confirmed it."""
        return self.unit_confirmed_on is not None and self.partner_confirmed_on is not None

    @property
    def last_day(self) -> date:
        """The last day of the term."""
        return self.ended_on or self.ends_on

    def holds(self, on: date) -> bool:
        """Whether this is the committee of the base on that day."""
        return self.is_confirmed and self.starts_on <= on <= self.last_day


class CommitteeMember(models.Model):
    """A member of one term, entered by the side that sends them; who leaves stays on the list with the day and the reason."""

    class Side(models.TextChoices):
        UNIT = "unit", _("培养单位")
        PARTNER = "partner", _("合作单位")

    class Position(models.TextChoices):
        CHAIR = "chair", _("主任")
        VICE_CHAIR = "vice_chair", _("副主任")
        MEMBER = "member", _("委员")
        OFFICE_HEAD = "office_head", _("办公室主任")

    term = models.ForeignKey(CommitteeTerm, on_delete=models.PROTECT, related_name="members")
    side = models.CharField(_("所属一方"), max_length=8, choices=Side)
    name = models.CharField(_("姓名"), max_length=30)
    duty = models.CharField(_("部门和职务"), max_length=60)
    title = models.CharField(_("职称"), max_length=30, blank=True)
    position = models.CharField(_("委员会职务"), max_length=12, choices=Position, default=Position.MEMBER)
    joined_on = models.DateField(_("加入日期"))
    left_on = models.DateField(_("退出日期"), null=True, blank=True)
    left_reason = models.CharField(_("退出原因"), max_length=300, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    entered_on = models.DateField(_("登记日期"))

    class Meta:
        verbose_name = _("管委会成员")
        ordering = ["term_id", "side", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(side__in=["unit", "partner"]), name="committee_member_side_known"),
            models.CheckConstraint(
                condition=Q(position__in=["chair", "vice_chair", "member", "office_head"]),
                name="committee_member_position_known",
            ),
            models.CheckConstraint(
                condition=Q(left_on=None, left_reason="") | (Q(left_on__gte=F("joined_on")) & ~Q(left_reason="")),
                name="committee_member_leaves_with_a_reason",
            ),
            models.UniqueConstraint(
                fields=["term", "side", "name", "duty"],
                condition=Q(left_on=None),
                name="committee_member_once_per_term",
                violation_error_message=_("这个人已经在名单里。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CommitteeMeeting(models.Model):
    """A meeting of the committee, at which the sides tell one another how things stand (协议：教育管理，每年定期通报情况)."""

    base = models.ForeignKey(Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="committee_meetings")
    held_on = models.DateField(_("会议日期"))
    place = models.CharField(_("地点"), max_length=120)
    present = models.CharField(_("出席人员"), max_length=500)
    topics = models.TextField(_("议题和通报情况"), max_length=1000)
    decisions = models.TextField(_("议定事项"), max_length=1000, blank=True)
    minutes = models.ForeignKey(
        StoredFile, verbose_name=_("会议纪要"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_on = models.DateField(_("登记日期"))
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_on = models.DateField(_("作废日期"), null=True, blank=True)
    withdrawn_reason = models.CharField(_("作废原因"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("管委会会议")
        ordering = ["-held_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(held_on__lte=F("recorded_on")), name="committee_meeting_recorded_after_it_was_held"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on=None, withdrawn_reason="")
                | (Q(withdrawn_on__isnull=False) & ~Q(withdrawn_reason="")),
                name="withdrawn_committee_meeting_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.base} {self.held_on.isoformat()}"


class ResponsibleOffice(models.Model):
    """合作单位的专门管理机构和专人 for a base (第十一条); a change is a new row, and the one before keeps its last day."""

    base = models.ForeignKey(Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="responsible_offices")
    institution = models.CharField(_("管理机构"), max_length=60)
    person = models.CharField(_("负责人"), max_length=30)
    phone = models.CharField(_("手机"), max_length=20, blank=True)
    email = models.EmailField(_("邮箱"), blank=True)
    since = models.DateField(_("自"))
    until = models.DateField(_("至"), null=True, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    entered_on = models.DateField(_("登记日期"))

    class Meta:
        verbose_name = _("合作单位管理机构和专人")
        ordering = ["base_id", "-since", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="responsible_office_dates_in_order"
            ),
            models.UniqueConstraint(fields=["base"], condition=Q(until=None), name="one_responsible_office_per_base"),
        ]

    def __str__(self) -> str:
        return f"{self.institution} {self.person}"


class RegulationDocument(models.Model):
    """规章制度 of a base (第十一条): mentors' selection, practice, safety, funds; each side keeps its own, every version stays."""

    class Kind(models.TextChoices):
        MENTORS = "mentors", _("导师遴选与管理")
        PRACTICE = "practice", _("实践管理")
        SAFETY = "safety", _("安全管理")
        FUNDS = "funds", _("经费管理")
        OTHER = "other", _("其他")

    base = models.ForeignKey(Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="regulations")
    kind = models.CharField(_("类别"), max_length=10, choices=Kind)
    title = models.CharField(_("名称"), max_length=100)
    side = models.CharField(_("制定一方"), max_length=8, choices=CommitteeMember.Side)
    repealed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    repealed_on = models.DateField(_("废止日期"), null=True, blank=True)
    repealed_reason = models.CharField(_("废止原因"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("规章制度")
        ordering = ["base_id", "kind", "title", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["mentors", "practice", "safety", "funds", "other"]), name="base_rule_kind_known"
            ),
            models.CheckConstraint(condition=Q(side__in=["unit", "partner"]), name="base_rule_side_known"),
            models.CheckConstraint(
                condition=Q(repealed_on=None, repealed_reason="")
                | (Q(repealed_on__isnull=False) & ~Q(repealed_reason="")),
                name="repealed_base_rule_says_why",
            ),
            models.UniqueConstraint(
                fields=["base", "side", "title"],
                condition=Q(repealed_on=None),
                name="base_rule_title_once_per_side",
                violation_error_message=_("已有同名的制度，请为它上传新版本。"),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class RuleVersion(models.Model):
    """One version of a 规章制度, in force from its day until the next one's; versions count from 1."""

    rule = models.ForeignKey(RegulationDocument, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("版本"))
    file = models.ForeignKey(StoredFile, verbose_name=_("文件"), on_delete=models.PROTECT, related_name="+")
    effective_on = models.DateField(_("施行日期"))
    note = models.CharField(_("修订说明"), max_length=300, blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    uploaded_on = models.DateField(_("上传日期"))

    class Meta:
        verbose_name = _("制度版本")
        ordering = ["rule_id", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["rule", "number"], name="rule_version_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="rule_version_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.rule}（{self.number}）"
