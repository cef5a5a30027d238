from decimal import Decimal

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applications.models.application import Application
from applications.models.round import Round
from portal.models import IssuedRecord, StoredFile

_SETTLED = (
    "round_id", "kind", "state", "title", "held_on", "place", "agenda", "conclusion", "drafted_by_id", "concluded_by_id", "concluded_on",
)  # fmt: skip
_ANY_SETTLED_CHANGES = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in _SETTLED)
_MEETING_IS_FROZEN = "RAISE EXCEPTION 'A concluded meeting is frozen: %', OLD.id USING ERRCODE = 'check_violation';"


def _part_is_frozen(meeting_of_new: str, meeting_of_old: str) -> str:
    """What keeps the parts of a concluded meeting as they are; the arguments find the meeting of a row, in SQL."""
    # The arguments are our own words, written below.
    return f"""
        IF TG_OP <> 'INSERT' AND (SELECT state FROM applications_reviewmeeting WHERE id = {meeting_of_old}) = 'concluded'
        OR TG_OP <> 'DELETE' AND (SELECT state FROM applications_reviewmeeting WHERE id = {meeting_of_new}) = 'concluded'
        THEN
            RAISE EXCEPTION 'What a concluded meeting consists of is frozen' USING ERRCODE = 'check_violation';
        END IF;
        RETURN COALESCE(NEW, OLD);
    """  # noqa: S608


def _frozen_with_its_meeting(name: str, meeting_of_new: str = "NEW.meeting_id", meeting_of_old: str = "OLD.meeting_id") -> pgtrigger.Trigger:  # fmt: skip
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=_part_is_frozen(meeting_of_new, meeting_of_old),
    )


_LIST_STAYS = "RAISE EXCEPTION 'An adopted preliminary list is frozen: %', OLD.id USING ERRCODE = 'check_violation';"
_ENTRIES_STAY = """
    IF TG_OP <> 'INSERT' AND (SELECT state FROM applications_preliminarylist WHERE id = OLD.preliminary_list_id) = 'adopted'
    OR TG_OP <> 'DELETE' AND (SELECT state FROM applications_preliminarylist WHERE id = NEW.preliminary_list_id) = 'adopted'
    THEN
        RAISE EXCEPTION 'The entries of an adopted preliminary list are frozen: %', COALESCE(NEW.id, OLD.id)
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN COALESCE(NEW, OLD);
"""


class ReviewMeeting(models.Model):
    """A meeting of a round: the 评审会议 that makes the preliminary list (第八条（三）), or the department's 审议 (第八条（四）).

    A draft until it is concluded with its quorum, votes and conclusions; then its minutes are set and nothing of it changes.
    """

    class Kind(models.TextChoices):
        REVIEW = "review", _("评审会议")
        DELIBERATION = "deliberation", _("认定审议会")

    class State(models.TextChoices):
        DRAFT = "draft", _("准备中")
        CONCLUDED = "concluded", _("已结束")

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="meetings")
    kind = models.CharField(_("会议"), max_length=12, choices=Kind)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.DRAFT)
    title = models.CharField(_("会议名称"), max_length=100)
    held_on = models.DateField(_("召开日期"))
    place = models.CharField(_("地点"), max_length=100)
    agenda = models.TextField(_("议程"), max_length=2000)
    conclusion = models.TextField(_("会议结论"), max_length=1000, blank=True)
    # Grows with every change of the meeting, its members or what is on its agenda; votes count by themselves.
    revision = models.PositiveIntegerField(default=0)
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    concluded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    concluded_on = models.DateField(_("结束登记日期"), null=True, blank=True)
    concluded_at = models.DateTimeField(null=True, blank=True)
    minutes_pdf = models.ForeignKey(
        StoredFile, verbose_name=_("会议纪要"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    minutes_record = models.ForeignKey(IssuedRecord, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    summary_pdf = models.ForeignKey(
        StoredFile, verbose_name=_("评分汇总表"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    summary_record = models.ForeignKey(IssuedRecord, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    summary_xlsx = models.ForeignKey(
        StoredFile,
        verbose_name=_("评分汇总表（Excel）"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    signed_scan = models.ForeignKey(
        StoredFile, verbose_name=_("签字扫描件"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("评审会议")
        ordering = ["-held_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["review", "deliberation"]), name="meeting_kind_known"),
            models.CheckConstraint(condition=Q(state__in=["draft", "concluded"]), name="meeting_state_known"),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(concluded_on__isnull=False, concluded_by__isnull=False)
                & ~Q(conclusion=""),
                name="meeting_concluded_with_a_conclusion",
            ),
            models.CheckConstraint(
                condition=Q(concluded_on=None) | Q(concluded_on__gte=F("held_on")), name="meeting_concluded_after_it_was_held"
            ),
        ]  # fmt: skip
        triggers = [
            pgtrigger.Trigger(
                name="concluded_meeting_is_frozen",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(f"OLD.state = 'concluded' AND ({_ANY_SETTLED_CHANGES})"),
                func=_MEETING_IS_FROZEN,
            ),
            pgtrigger.Trigger(
                name="concluded_meeting_stays",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.state = 'concluded'"),
                func=_MEETING_IS_FROZEN,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.held_on}）"


class MeetingMember(models.Model):
    """A member of a meeting's committee, present or not; an observer (列席) has no vote and does not count for the quorum."""

    class Duty(models.TextChoices):
        CHAIR = "chair", _("主持")
        MEMBER = "member", _("委员")
        RECORDER = "recorder", _("记录")
        OBSERVER = "observer", _("列席")

    meeting = models.ForeignKey(ReviewMeeting, on_delete=models.CASCADE, related_name="members")
    name = models.CharField(_("姓名"), max_length=40)
    employer = models.CharField(_("工作单位"), max_length=100)
    duty = models.CharField(_("职责"), max_length=10, choices=Duty, default=Duty.MEMBER)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("平台账号"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    present = models.BooleanField(_("出席"), default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("会议成员")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "name", "employer"], name="member_once_per_meeting"),
            models.CheckConstraint(
                condition=Q(duty__in=["chair", "member", "recorder", "observer"]), name="member_duty_known"
            ),
            models.UniqueConstraint(fields=["meeting"], condition=Q(duty="chair"), name="one_chair_per_meeting"),
        ]
        triggers = [_frozen_with_its_meeting("members_of_a_concluded_meeting_stay")]

    def __str__(self) -> str:
        return f"{self.name}（{self.employer}）"

    @property
    def votes(self) -> bool:
        """Whether they have a vote and count for the quorum."""
        return self.duty in {self.Duty.CHAIR, self.Duty.MEMBER}


class MeetingItem(models.Model):
    """What a meeting says of one application: who stayed out (回避), the votes, the conclusion."""

    class Conclusion(models.TextChoices):
        AGREED = "agreed", _("同意")
        REFUSED = "refused", _("不同意")
        POSTPONED = "postponed", _("暂缓")

    meeting = models.ForeignKey(ReviewMeeting, on_delete=models.CASCADE, related_name="items")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="meeting_items")
    position = models.PositiveSmallIntegerField(default=0)
    recused = models.ManyToManyField(
        MeetingMember, verbose_name=_("回避的成员"), blank=True, related_name="recused_from"
    )
    votes_for = models.PositiveSmallIntegerField(_("同意票"), null=True, blank=True)
    votes_against = models.PositiveSmallIntegerField(_("反对票"), null=True, blank=True)
    votes_abstained = models.PositiveSmallIntegerField(_("弃权票"), null=True, blank=True)
    conclusion = models.CharField(_("结论"), max_length=10, choices=Conclusion, blank=True)
    note = models.CharField(_("说明"), max_length=500, blank=True)
    # Grows with every change of the line: a page that was opened before another one saved is told so.
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("会议议题")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "application"], name="application_once_per_meeting"),
            models.CheckConstraint(
                condition=Q(conclusion__in=["", "agreed", "refused", "postponed"]), name="meeting_conclusion_known"
            ),
        ]
        triggers = [_frozen_with_its_meeting("items_of_a_concluded_meeting_stay")]

    def __str__(self) -> str:
        return str(self.application)


class MeetingRecusal(MeetingItem.recused.through):  # type: ignore[name-defined]
    """That a member stays out of an item, as the row that the database guards; read and written through ``recused``."""

    class Meta:
        verbose_name = _("会议回避")
        proxy = True
        triggers = [
            _frozen_with_its_meeting(
                "recusals_of_a_concluded_meeting_stay",
                "(SELECT meeting_id FROM applications_meetingitem WHERE id = NEW.meetingitem_id)",
                "(SELECT meeting_id FROM applications_meetingitem WHERE id = OLD.meetingitem_id)",
            )
        ]


class PreliminaryList(models.Model):
    """A preliminary list (初步名单) of a round (第八条（三）): a draft with its cut-off, then adopted in one act for all its bases."""

    class State(models.TextChoices):
        DRAFT = "draft", _("草拟中")
        ADOPTED = "adopted", _("已确定")

    class Cutoff(models.TextChoices):
        COUNT = "count", _("取前若干名")
        SCORE = "score", _("取若干分以上")

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="preliminary_lists")
    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.DRAFT)
    cutoff_by = models.CharField(_("入选方式"), max_length=6, choices=Cutoff, default=Cutoff.COUNT)
    cutoff = models.DecimalField(_("入选数或分数线"), max_digits=6, decimal_places=2, default=Decimal(0))
    meeting = models.ForeignKey(
        ReviewMeeting,
        verbose_name=_("依据的会议"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="lists",
    )
    revision = models.PositiveIntegerField(default=0)
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    drafted_on = models.DateField(_("草拟日期"))
    adopted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    adopted_on = models.DateField(_("确定日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("初步名单")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["round"], condition=Q(state="draft"), name="one_list_draft_per_round"),
            models.CheckConstraint(condition=Q(state__in=["draft", "adopted"]), name="list_state_known"),
            models.CheckConstraint(condition=Q(cutoff_by__in=["count", "score"]), name="list_cutoff_known"),
            models.CheckConstraint(condition=Q(cutoff__gte=0), name="list_cutoff_not_negative"),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(adopted_on__isnull=False, adopted_by__isnull=False),
                name="list_adopted_by_somebody",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="adopted_list_is_frozen",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.state = 'adopted'"),
                func=_LIST_STAYS,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round}：{self.get_state_display()}"


class PreliminaryEntry(models.Model):
    """An application's place on a preliminary list: what the cut-off says of it, and a change by hand with its reason.

    While the list is a draft there is a row only where somebody changed by hand; adoption writes all of them with their figures.
    """

    preliminary_list = models.ForeignKey(PreliminaryList, on_delete=models.CASCADE, related_name="entries")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="preliminary_entries")
    place = models.PositiveSmallIntegerField(_("名次"), null=True, blank=True)
    aggregate = models.DecimalField(_("综合得分"), max_digits=5, decimal_places=2, null=True, blank=True)
    by_cutoff = models.BooleanField(_("按分数线入选"), null=True, blank=True)
    chosen = models.BooleanField(_("入选"))
    reason = models.CharField(_("人工调整理由"), max_length=300, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    changed_on = models.DateField(_("调整日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("初步名单条目")
        ordering = ["place", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["preliminary_list", "application"], name="application_once_per_list"),
            models.UniqueConstraint(fields=["preliminary_list", "place"], name="place_once_per_list"),
            models.CheckConstraint(
                condition=Q(aggregate=None) | Q(aggregate__gte=0, aggregate__lte=100),
                name="listed_aggregate_between_0_and_100",
            ),
            models.CheckConstraint(
                condition=Q(by_cutoff__isnull=False, chosen=models.F("by_cutoff")) | ~Q(reason=""),
                name="change_by_hand_has_a_reason",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="entries_of_adopted_list_are_frozen",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=_ENTRIES_STAY,
            ),
        ]

    def __str__(self) -> str:
        return str(self.application)
