from __future__ import annotations

from datetime import date

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applications.models.round import Round
from bases.models import Base, Policy, TrainingUnit
from portal.models import IssuedRecord, StoredFile

_FROZEN = (
    "kind", "round_id", "issuer_unit_id", "replaces_id", "title", "text", "published_on", "working_days", "ends_on", "office",
    "supervision_office", "contact", "drafted_by_id", "submitted_by_id", "published_by_id", "published_at",
)  # fmt: skip
_WAS_OUT = "OLD.state IN ('published', 'withdrawn', 'concluded')"
_ANY_FROZEN_CHANGES = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in _FROZEN)
_FROZEN_FUNC = "RAISE EXCEPTION 'A notice that has gone out is frozen: %', OLD.id USING ERRCODE = 'check_violation';"
_LIST_IS_FROZEN = """
    IF TG_OP <> 'INSERT' AND (SELECT state FROM applications_publicnotice WHERE id = OLD.notice_id) NOT IN ('draft', 'submitted')
    OR TG_OP <> 'DELETE' AND (SELECT state FROM applications_publicnotice WHERE id = NEW.notice_id) NOT IN ('draft', 'submitted')
    THEN
        RAISE EXCEPTION 'The list of a notice that has gone out is frozen: %', COALESCE(NEW.notice_id, OLD.notice_id)
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN COALESCE(NEW, OLD);
"""


# By kind: what the list rests on.
_ARTICLES = {
    "recommendation": "8(2)",
    "recognition": "8(4)",
    "assessment": "15 16",
    "title": "17",
    "revocation": "19 20",
}


class PublicNotice(models.Model):
    """A 公示: a list of bases that is out for objection for some working days, counted from the day after publication.

    It is drafted, the department's also submitted to the leader, published, and concluded after its end; a substantial change
    withdraws it, and another takes its place for a full period (``replaces``). Once out, its words, dates, offices and list are
    frozen, also by the database. 结束 is no state of its own: the dates say it.
    """

    class Kind(models.TextChoices):
        RECOMMENDATION = "recommendation", _("推荐公示")
        RECOGNITION = "recognition", _("认定公示")
        ASSESSMENT = "assessment", _("考核结果公示")
        TITLE = "title", _("示范基地称号公示")
        REVOCATION = "revocation", _("撤销公示")

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        SUBMITTED = "submitted", _("待审批")
        PUBLISHED = "published", _("已发布")
        WITHDRAWN = "withdrawn", _("已撤回")
        CONCLUDED = "concluded", _("已办结")

    # Before and after it went out; the public reads only the latter.
    PREPARED = (State.DRAFT, State.SUBMITTED)
    OUT = (State.PUBLISHED, State.WITHDRAWN, State.CONCLUDED)

    kind = models.CharField(_("类型"), max_length=20, choices=Kind)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField(_("草稿版次"), default=0)
    # 推荐 and 认定 belong to a round, the results of evaluations to none.
    round = models.ForeignKey(Round, on_delete=models.PROTECT, null=True, blank=True, related_name="notices")
    issuer_unit = models.ForeignKey(
        TrainingUnit, on_delete=models.PROTECT, null=True, blank=True, related_name="notices"
    )
    replaces = models.OneToOneField(
        "self",
        verbose_name=_("重新公示"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="replacement",
    )
    title = models.CharField(_("标题"), max_length=120)
    text = models.CharField(_("正文"), max_length=3000)
    # The list while it is drafted; what went out stands in its entries.
    chosen = models.ManyToManyField(Base, blank=True, related_name="+", verbose_name=_("拟列入的基地"))
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("起草人"), on_delete=models.PROTECT, related_name="+"
    )
    drafted_on = models.DateField(_("起草日期"))
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    submitted_on = models.DateField(_("提交审批日期"), null=True, blank=True)
    returned_reason = models.CharField(_("退回理由"), max_length=500, blank=True)
    # None until it goes out; whoever reads a notice that is out need not ask.
    published_on: models.DateField[date, date] = models.DateField(  # type: ignore[misc]
        _("发布日期"), null=True, blank=True
    )
    working_days = models.PositiveSmallIntegerField(_("公示期（工作日）"))
    ends_on: models.DateField[date, date] = models.DateField(  # type: ignore[misc]
        _("截止日期"), null=True, blank=True
    )
    office = models.CharField(_("受理部门"), max_length=60, blank=True)
    supervision_office = models.CharField(_("监督部门"), max_length=60, blank=True)
    contact = models.CharField(_("联系方式"), max_length=200, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField(_("发布时间"), null=True, blank=True)
    withdrawn_on = models.DateField(_("撤回日期"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_because = models.CharField(_("撤回理由"), max_length=500, blank=True)
    concluded_on = models.DateField(_("办结日期"), null=True, blank=True)
    concluded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    pdf = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    record = models.ForeignKey(IssuedRecord, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("公示")
        ordering = [F("published_on").desc(nulls_first=True), "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("published_on")), name="notice_ends_after_its_publication"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["recommendation", "recognition", "assessment", "title", "revocation"]),
                name="notice_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "submitted", "published", "withdrawn", "concluded"]),
                name="notice_state_known",
            ),
            models.CheckConstraint(
                condition=Q(kind="recommendation", issuer_unit__isnull=False)
                | (~Q(kind="recommendation") & Q(issuer_unit=None)),
                name="notice_issuer_fits_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["recommendation", "recognition"], round__isnull=False)
                | (~Q(kind__in=["recommendation", "recognition"]) & Q(round=None)),
                name="notice_round_fits_kind",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["draft", "submitted"],
                    published_on=None,
                    ends_on=None,
                    published_by=None,
                    published_at=None,
                )
                | (
                    Q(state__in=["published", "withdrawn", "concluded"])
                    & Q(published_on__isnull=False, ends_on__isnull=False)
                    & Q(published_by__isnull=False, published_at__isnull=False)
                    & ~Q(contact="")
                ),
                name="notice_that_is_out_has_its_dates",
            ),
            models.CheckConstraint(
                condition=~Q(state="submitted")
                | (Q(submitted_by__isnull=False, submitted_on__isnull=False) & ~Q(kind="recommendation")),
                name="submitted_notice_names_who_submitted_it",
            ),
            models.CheckConstraint(
                condition=Q(state="withdrawn", withdrawn_on__gte=F("published_on"), withdrawn_by__isnull=False)
                & ~Q(withdrawn_because="")
                | (~Q(state="withdrawn") & Q(withdrawn_on=None, withdrawn_by=None, withdrawn_because="")),
                name="withdrawn_notice_says_why",
            ),
            models.CheckConstraint(
                condition=Q(state="concluded", concluded_on__gt=F("ends_on"), concluded_by__isnull=False)
                | (~Q(state="concluded") & Q(concluded_on=None, concluded_by=None)),
                name="notice_concluded_after_its_end",
            ),
            models.CheckConstraint(
                condition=Q(submitted_by=None) | Q(published_by=None) | ~Q(published_by=F("submitted_by")),
                name="notice_four_eyes",
            ),
            models.UniqueConstraint(
                fields=["issuer_unit", "kind", "round"],
                condition=Q(state__in=["draft", "submitted"]),
                nulls_distinct=False,
                name="one_draft_per_issuer_kind_and_round",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="notice_that_is_out_is_frozen",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(f"{_WAS_OUT} AND ({_ANY_FROZEN_CHANGES})"),
                func=_FROZEN_FUNC,
            ),
            pgtrigger.Trigger(
                name="notice_goes_forward_only",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    f"{_WAS_OUT} AND OLD.state <> NEW.state AND (OLD.state <> 'published' OR NEW.state IN ('draft', 'submitted'))"
                ),
                func="RAISE EXCEPTION 'A notice does not go back: %', OLD.id USING ERRCODE = 'check_violation';",
            ),
            pgtrigger.Trigger(
                name="notice_that_is_out_stays",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                condition=pgtrigger.Condition(_WAS_OUT),
                func=_FROZEN_FUNC,
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def is_running(self, on: date) -> bool:
        """Whether objections are taken on that day: to 24:00 of the last day, unless it was withdrawn."""
        return self.state == self.State.PUBLISHED and self.published_on <= on <= self.ends_on

    def has_ended(self, on: date) -> bool:
        """Whether its period is over on that day; never of a draft or of what was withdrawn."""
        return self.state in {self.State.PUBLISHED, self.State.CONCLUDED} and on > self.ends_on

    def standing(self, on: date) -> str:
        """Where it stands on that day, in Chinese: a state, or for what is out 公示中 or 已结束."""
        if self.state != self.State.PUBLISHED:
            return str(self.get_state_display())
        return str(_("公示中") if self.is_running(on) else _("已结束"))

    @property
    def articles(self) -> str:
        """The article that an objection to it rests on: 推荐 and 认定 are announced by 第八条, results by that of the result."""
        return _ARTICLES[self.kind]

    @property
    def policy(self) -> Policy:
        """The values it goes by: its round's, or for a result of evaluations those of the day on which it went out."""
        return self.round.policy if self.round is not None else Policy.in_force(self.published_on or self.drafted_on)

    @property
    def is_prepared(self) -> bool:
        """Whether it has not gone out yet."""
        return self.state in self.PREPARED


class NoticeEntry(models.Model):
    """One line of a notice's list, as it was published: the list does not change while it is out."""

    notice = models.ForeignKey(PublicNotice, on_delete=models.PROTECT, related_name="entries")
    base = models.ForeignKey(Base, on_delete=models.PROTECT, related_name="notice_entries")
    position = models.PositiveSmallIntegerField(_("序号"))
    unit_name = models.CharField(_("培养单位"), max_length=60)
    base_name = models.CharField(_("基地名称"), max_length=60)
    category = models.CharField(_("类别（代码）"), max_length=60)
    partner_name = models.CharField(_("合作单位"), max_length=100)
    division = models.CharField(_("所在盟市"), max_length=40)
    industry = models.CharField(_("优先产业"), max_length=40, blank=True)
    # What a result is, in the results' notices: the grade, the title, the ground.
    note = models.CharField(_("公示事项"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("公示名单")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["notice", "base"], name="base_once_per_notice"),
            models.UniqueConstraint(fields=["notice", "position"], name="position_once_per_notice"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="list_of_a_notice_is_frozen",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=_LIST_IS_FROZEN,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.base_name}"
