import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agreements.models.mentor import Mentor
from agreements.models.placement import Student
from agreements.models.project import BaseProject
from agreements.models.publication import PublicationRequest
from agreements.models.topic import ThesisTopic
from bases.models import Base
from portal.models import StoredFile

SIDES = [("unit", _("培养单位")), ("partner", _("合作单位"))]


class Result(models.Model):
    """成果 of a base with its authors in order and its owners (协议：知识产权、权责划分（二）5).

    Entered by one side, confirmed by the other; a correction is confirmed anew. ``commended_on``: the partner recommended it for 表彰.
    """

    class Kind(models.TextChoices):
        PAPER = "paper", _("论文")
        PATENT = "patent", _("专利")
        STANDARD = "standard", _("标准")
        SOFTWARE = "software", _("软件著作权")
        AWARD = "award", _("获奖")
        TEACHING = "teaching", _("案例、教材")
        TRANSFER = "transfer", _("成果转化")
        OTHER = "other", _("其他")

    class Owner(models.TextChoices):
        UNIT = "unit", _("培养单位")
        PARTNER = "partner", _("合作单位")
        BOTH = "both", _("双方共有")
        THIRD = "third", _("第三方或多方")

    class Status(models.TextChoices):
        WAITING = "waiting", _("待对方确认")
        CONFIRMED = "confirmed", _("双方已确认")
        OBJECTED = "objected", _("对方有异议")
        VOID = "void", _("已作废")

    # What makes content of a project public.
    DISCLOSING = frozenset({Kind.PAPER, Kind.PATENT, Kind.TEACHING})

    base = models.ForeignKey(Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="results")
    kind = models.CharField(_("成果类型"), max_length=10, choices=Kind)
    title = models.CharField(_("成果名称"), max_length=200)
    achieved_on = models.DateField(_("取得日期"))
    venue = models.CharField(_("刊物、授予或登记机构"), max_length=120, blank=True)
    number = models.CharField(_("编号"), max_length=80, blank=True)
    owner = models.CharField(_("成果归属"), max_length=8, choices=Owner)
    owner_note = models.CharField(_("归属约定"), max_length=300, blank=True)
    project = models.ForeignKey(
        BaseProject, verbose_name=_("依托项目"), on_delete=models.PROTECT, null=True, blank=True, related_name="results"
    )
    request = models.ForeignKey(
        PublicationRequest,
        verbose_name=_("公开申请"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="results",
    )
    evidence = models.ForeignKey(
        StoredFile, verbose_name=_("证明材料"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    status = models.CharField(_("状态"), max_length=10, choices=Status, default=Status.WAITING)
    entered_side = models.CharField(_("登记方"), max_length=8, choices=SIDES)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    entered_on = models.DateField(_("登记日期"))
    confirmed_on = models.DateField(_("确认日期"), null=True, blank=True)
    status_note = models.CharField(_("异议或作废原因"), max_length=300, blank=True)
    commended_on = models.DateField(_("推荐表彰日期"), null=True, blank=True)
    commended_for = models.CharField(_("推荐表彰理由"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("成果")
        ordering = ["-achieved_on", "-pk"]
        indexes = [models.Index(fields=["base", "-achieved_on"], name="result_by_base")]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=["paper", "patent", "standard", "software", "award", "teaching", "transfer", "other"]
                ),
                name="base_result_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(owner__in=["unit", "partner", "both", "third"]), name="result_owner_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["waiting", "confirmed", "objected", "void"]), name="result_status_known"
            ),
            models.CheckConstraint(condition=Q(entered_side__in=["unit", "partner"]), name="result_side_known"),
            models.UniqueConstraint(
                fields=["base", "kind", "title"],
                condition=~Q(status="void"),
                name="result_once_per_base",
                violation_error_message=_("本基地已登记同名的同类成果。"),
            ),
            models.CheckConstraint(
                condition=Q(achieved_on__lte=F("entered_on")), name="result_entered_after_it_was_achieved"
            ),
            models.CheckConstraint(
                condition=~Q(owner="third") | ~Q(owner_note=""), name="result_of_third_parties_says_whose"
            ),
            models.CheckConstraint(
                condition=Q(status="confirmed", confirmed_on__isnull=False)
                | (~Q(status="confirmed") & Q(confirmed_on=None)),
                name="confirmed_result_has_its_day",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["objected", "void"]) & ~Q(status_note="")
                | ~Q(status__in=["objected", "void"]) & Q(status_note=""),
                name="objected_result_says_why",
            ),
            models.CheckConstraint(
                condition=Q(commended_on=None, commended_for="")
                | (Q(commended_on__isnull=False) & ~Q(commended_for="")),
                name="commended_result_says_why",
            ),
        ]
        triggers = [pgtrigger.Protect(name="results_stay", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.title

    @property
    def other_side(self) -> str:
        """The side that confirms it."""
        return "partner" if self.entered_side == "unit" else "unit"


class ResultAuthor(models.Model):
    """One author of a result; ``place`` counts from 1 in the order of the signatures."""

    class Role(models.TextChoices):
        STUDENT = "student", _("研究生")
        CAMPUS = "campus", _("校内导师")
        INDUSTRY = "industry", _("行业产业导师")
        OTHER = "other", _("其他")

    result = models.ForeignKey(Result, on_delete=models.CASCADE, related_name="authors")
    place = models.PositiveSmallIntegerField(_("署名次序"))
    name = models.CharField(_("姓名"), max_length=30)
    role = models.CharField(_("身份"), max_length=10, choices=Role)
    employer = models.CharField(_("单位"), max_length=60, blank=True)
    student = models.ForeignKey(
        Student, verbose_name=_("研究生"), on_delete=models.PROTECT, null=True, blank=True, related_name="results"
    )
    mentor = models.ForeignKey(
        Mentor, verbose_name=_("导师"), on_delete=models.PROTECT, null=True, blank=True, related_name="results"
    )

    class Meta:
        verbose_name = _("完成人")
        ordering = ["result_id", "place"]
        constraints = [
            models.UniqueConstraint(fields=["result", "place"], name="result_author_place_once"),
            models.CheckConstraint(condition=Q(place__range=(1, 50)), name="result_author_counts_from_one"),
            models.CheckConstraint(
                condition=Q(role__in=["student", "campus", "industry", "other"]), name="result_author_role_known"
            ),
            models.CheckConstraint(
                condition=(Q(student=None) | Q(role="student")) & (Q(mentor=None) | Q(role__in=["campus", "industry"])),
                name="result_author_is_who_the_role_says",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ResearchEvent(models.Model):
    """One line of the time line of a project, a topic, a request or a result; lines are added and never altered."""

    class Kind(models.TextChoices):
        ENTERED = "entered", _("登记")
        CHANGED = "changed", _("更正")
        CLEARED = "cleared", _("涉密确认")
        APPROVED = "approved", _("开题")
        ASKED = "asked", _("提交申请")
        AGREED = "agreed", _("同意公开")
        REFUSED = "refused", _("不同意公开")
        CONFIRMED = "confirmed", _("确认")
        OBJECTED = "objected", _("提出异议")
        COMMENDED = "commended", _("推荐表彰")
        WITHDRAWN = "withdrawn", _("撤回或作废")
        ENDED = "ended", _("结题或终止")

    project = models.ForeignKey(BaseProject, on_delete=models.PROTECT, null=True, blank=True, related_name="events")
    topic = models.ForeignKey(ThesisTopic, on_delete=models.PROTECT, null=True, blank=True, related_name="events")
    request = models.ForeignKey(
        PublicationRequest, on_delete=models.PROTECT, null=True, blank=True, related_name="events"
    )
    result = models.ForeignKey(Result, on_delete=models.PROTECT, null=True, blank=True, related_name="events")
    kind = models.CharField(_("事项"), max_length=10, choices=Kind)
    words = models.CharField(_("内容"), max_length=1500, blank=True)
    on = models.DateField(_("日期"))
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    by_name = models.CharField(_("办理人"), max_length=60)
    role = models.CharField(_("角色"), max_length=20)
    file = models.ForeignKey(
        StoredFile, verbose_name=_("文件"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("成果办理记录")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "entered", "changed", "cleared", "approved", "asked", "agreed", "refused", "confirmed", "objected", "commended",
                        "withdrawn", "ended",
                    ]
                ),
                name="research_event_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(project__isnull=False, topic=None, request=None, result=None)
                | Q(project=None, topic__isnull=False, request=None, result=None)
                | Q(project=None, topic=None, request__isnull=False, result=None)
                | Q(project=None, topic=None, request=None, result__isnull=False),
                name="research_event_is_about_one_thing",
            ),
        ]  # fmt: skip
        triggers = [pgtrigger.Protect(name="research_events_stay", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.on} {self.get_kind_display()}"


class ExchangeEvent(models.Model):
    """学术交流活动 that both sides held together (协议：权责划分（一）1); one that is wrong is withdrawn and stays to be read."""

    base = models.ForeignKey(Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="exchanges")
    title = models.CharField(_("活动名称"), max_length=100)
    held_on = models.DateField(_("活动日期"))
    place = models.CharField(_("地点"), max_length=120)
    participants = models.PositiveIntegerField(_("参加人数"))
    content = models.CharField(_("主要内容"), max_length=500, blank=True)
    file = models.ForeignKey(
        StoredFile, verbose_name=_("活动材料"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    side = models.CharField(_("登记方"), max_length=8, choices=SIDES)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_on = models.DateField(_("登记日期"))
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_on = models.DateField(_("作废日期"), null=True, blank=True)
    withdrawn_reason = models.CharField(_("作废原因"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("学术交流活动")
        ordering = ["-held_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(side__in=["unit", "partner"]), name="exchange_side_known"),
            models.CheckConstraint(condition=Q(participants__range=(1, 100_000)), name="exchange_has_participants"),
            models.CheckConstraint(
                condition=Q(held_on__lte=F("recorded_on")), name="exchange_recorded_after_it_was_held"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on=None, withdrawn_reason="")
                | (Q(withdrawn_on__isnull=False) & ~Q(withdrawn_reason="")),
                name="withdrawn_exchange_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.held_on.isoformat()}）"
