from datetime import date

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agreements.models.placement import Placement
from agreements.models.project import BaseProject
from portal.models import StoredFile

# Approved by all sides that must decide, refused by one of them.
_DECIDED_BY_ITS_SIDES = """
IF NEW.status = 'approved' AND (
    SELECT count(*) FROM agreements_publicationdecision d WHERE d.request_id = NEW.id AND d.agreed
) <> NEW.asks_unit::int + NEW.asks_partner::int THEN
    RAISE EXCEPTION 'request % is approved without the consent of its sides', NEW.id USING ERRCODE = 'check_violation';
END IF;
IF NEW.status = 'refused' AND NOT EXISTS (
    SELECT 1 FROM agreements_publicationdecision d WHERE d.request_id = NEW.id AND NOT d.agreed
) THEN
    RAISE EXCEPTION 'request % is refused by nobody', NEW.id USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""
# Only the sides that are asked answer, and only while the request waits.
_OF_A_SIDE_THAT_IS_ASKED = """
IF NOT EXISTS (
    SELECT 1 FROM agreements_publicationrequest r
    WHERE r.id = NEW.request_id AND r.status = 'waiting'
      AND ((NEW.side = 'unit' AND r.asks_unit) OR (NEW.side = 'partner' AND r.asks_partner))
) THEN
    RAISE EXCEPTION 'request % does not wait for %', NEW.request_id, NEW.side USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""


class PublicationRequest(models.Model):
    """成果公开申请: a student asks the 立项方 to let content of a project be made public (协议：知识产权).

    ``asks_unit`` and ``asks_partner`` are the sides that must agree, as the project stood when it was asked. What was asked and what was
    decided stay; another version is another request (``follows``).
    """

    class Kind(models.TextChoices):
        PAPER = "paper", _("期刊论文")
        CONFERENCE = "conference", _("会议论文")
        TALK = "talk", _("学术报告、展示")
        PATENT = "patent", _("专利申请")
        THESIS = "thesis", _("学位论文公开")
        OTHER = "other", _("其他公开")

    class Status(models.TextChoices):
        WAITING = "waiting", _("待立项方决定")
        APPROVED = "approved", _("已批准")
        REFUSED = "refused", _("未批准")
        WITHDRAWN = "withdrawn", _("已撤回")

    project = models.ForeignKey(
        BaseProject, verbose_name=_("项目"), on_delete=models.PROTECT, related_name="publication_requests"
    )
    placement = models.ForeignKey(
        Placement, verbose_name=_("申请人"), on_delete=models.PROTECT, related_name="publication_requests"
    )
    follows = models.OneToOneField(
        "self",
        verbose_name=_("上一版申请"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="followed_by",
    )
    kind = models.CharField(_("公开方式"), max_length=10, choices=Kind)
    title = models.CharField(_("题目"), max_length=200)
    venue = models.CharField(_("刊物、会议或受理机构"), max_length=120)
    abstract = models.CharField(_("公开的内容"), max_length=1500)
    file = models.ForeignKey(
        StoredFile, verbose_name=_("拟公开的文稿"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    asks_unit = models.BooleanField(_("须培养单位同意"), default=False)
    asks_partner = models.BooleanField(_("须合作单位同意"), default=False)
    status = models.CharField(_("状态"), max_length=10, choices=Status, default=Status.WAITING)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    entered_side = models.CharField(
        _("提交方"), max_length=8, choices=[("unit", _("培养单位")), ("partner", _("合作单位"))]
    )
    asked_on = models.DateField(_("申请日期"))
    answer_by = models.DateField(_("请于此前决定"))
    closed_on = models.DateField(_("办结日期"), null=True, blank=True)
    withdrawn_reason = models.CharField(_("撤回原因"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("成果公开申请")
        ordering = ["-asked_on", "-pk"]
        indexes = [models.Index(fields=["status", "answer_by"], name="publication_request_by_status")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["paper", "conference", "talk", "patent", "thesis", "other"]),
                name="publication_request_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["waiting", "approved", "refused", "withdrawn"]),
                name="publication_request_status_known",
            ),
            models.CheckConstraint(
                condition=Q(entered_side__in=["unit", "partner"]), name="publication_request_side_known"
            ),
            models.CheckConstraint(
                condition=Q(asks_unit=True) | Q(asks_partner=True), name="publication_request_asks_somebody"
            ),
            models.CheckConstraint(
                condition=Q(answer_by__gte=F("asked_on")), name="publication_request_is_answered_after_it_was_asked"
            ),
            models.CheckConstraint(
                condition=Q(status="waiting", closed_on=None)
                | (~Q(status="waiting") & Q(closed_on__gte=F("asked_on"))),
                name="closed_publication_request_has_its_day",
            ),
            models.CheckConstraint(
                condition=Q(status="withdrawn") & ~Q(withdrawn_reason="")
                | ~Q(status="withdrawn") & Q(withdrawn_reason=""),
                name="withdrawn_publication_request_says_why",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="publication_requests_stay", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="publication_requests_stay_as_asked",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=["status", "closed_on", "withdrawn_reason"]),
            ),
            pgtrigger.Protect(
                name="publication_decisions_are_for_good",
                operation=pgtrigger.Update,
                condition=~pgtrigger.Q(old__status="waiting"),
            ),
            pgtrigger.Trigger(
                name="publication_decided_by_its_sides",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=_DECIDED_BY_ITS_SIDES,
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def sides(self) -> list[str]:
        """The sides that must agree."""
        return [side for side, asked in (("unit", self.asks_unit), ("partner", self.asks_partner)) if asked]

    def is_late(self, on: date) -> bool:
        """Whether it should have been decided."""
        return self.status == self.Status.WAITING and self.answer_by < on


class PublicationDecision(models.Model):
    """What one side of the 立项方 said to a request (协议：知识产权); final, one a side."""

    request = models.ForeignKey(
        PublicationRequest, verbose_name=_("申请"), on_delete=models.PROTECT, related_name="decisions"
    )
    side = models.CharField(_("立项方"), max_length=8, choices=[("unit", _("培养单位")), ("partner", _("合作单位"))])
    agreed = models.BooleanField(_("同意公开"))
    conditions = models.CharField(_("公开的条件"), max_length=500, blank=True)
    reason = models.CharField(_("说明"), max_length=300, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_on = models.DateField(_("决定日期"))

    class Meta:
        verbose_name = _("公开决定")
        ordering = ["request_id", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["request", "side"], name="one_publication_decision_per_side"),
            models.CheckConstraint(condition=Q(side__in=["unit", "partner"]), name="publication_decision_side_known"),
            models.CheckConstraint(
                condition=Q(agreed=True) | (~Q(reason="") & Q(conditions="")), name="refused_publication_says_why"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="publication_decisions_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="publication_decision_of_a_side_that_is_asked",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                func=_OF_A_SIDE_THAT_IS_ASKED,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request}：{self.get_side_display()}"
