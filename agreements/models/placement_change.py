import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.models.placement import Placement
from portal.models import StoredFile


class PlacementChange(models.Model):
    """A change of a placement that one side asks for (协议：权责划分（一）4、（二）6): it takes effect by a month's notice or by the other side's consent.

    ``asked_on`` is the day of the notice; ``ends_on`` the last day in the base that is asked for, ``ends_before`` the one before the change.
    """

    class Kind(models.TextChoices):
        EXTEND = "extend", _("延期")
        EARLY = "early", _("提前结束")
        CANCEL = "cancel", _("不再进入基地")
        ILLNESS = "illness", _("因病终止")
        FORCE_MAJEURE = "force_majeure", _("因不可抗力终止")

    class Status(models.TextChoices):
        WAITING = "waiting", _("待对方同意")
        EFFECTIVE = "effective", _("已生效")
        REFUSED = "refused", _("对方不同意")
        TAKEN_BACK = "taken_back", _("已撤回")
        LAPSED = "lapsed", _("已失效")

    class Side(models.TextChoices):
        UNIT = "unit", _("培养单位")
        PARTNER = "partner", _("合作单位")

    placement = models.ForeignKey(
        Placement, verbose_name=_("专业实践"), on_delete=models.PROTECT, related_name="changes"
    )
    kind = models.CharField(_("变更"), max_length=16, choices=Kind)
    side = models.CharField(_("提出方"), max_length=8, choices=Side)
    status = models.CharField(_("状态"), max_length=10, choices=Status)
    reason = models.CharField(_("原因"), max_length=300)
    ends_on = models.DateField(_("变更后的结束日期"))
    ends_before = models.DateField(_("变更前的结束日期"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    asked_on = models.DateField(_("通知日期"))
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_on = models.DateField(_("答复日期"), null=True, blank=True)
    answer_note = models.CharField(_("答复说明"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("实践变更")
        ordering = ["-asked_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["extend", "early", "cancel", "illness", "force_majeure"]),
                name="placement_change_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["waiting", "effective", "refused", "taken_back", "lapsed"]),
                name="placement_change_status_known",
            ),
            models.CheckConstraint(condition=Q(side__in=["unit", "partner"]), name="placement_change_side_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="placement_change_says_why"),
            models.CheckConstraint(
                condition=~Q(status="refused") | (Q(answered_on__isnull=False) & ~Q(answer_note="")),
                name="refused_change_says_why",
            ),
            models.CheckConstraint(
                condition=Q(answered_on=None) | Q(answered_on__gte=models.F("asked_on")),
                name="placement_change_answered_after_asked",
            ),
            models.UniqueConstraint(
                fields=["placement"], condition=Q(status="waiting"), name="one_waiting_change_per_placement"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.placement} · {self.get_kind_display()}"


class PlacementEvent(models.Model):
    """One line of the time line of a placement: what was done, by whom, for which side; lines are added and never altered.

    ``file`` is the 实践安全协议 that came with it.
    """

    class Kind(models.TextChoices):
        SELECTED = "selected", _("遴选进入岗位")
        ACCEPTED = "accepted", _("合作单位接收")
        DECLINED = "declined", _("合作单位不接收")
        WITHDRAWN = "withdrawn", _("撤回")
        FILLED = "filled", _("登记清单")
        STARTED = "started", _("进入基地")
        ASKED = "asked", _("提出变更")
        CHANGED = "changed", _("变更生效")
        REFUSED = "refused", _("不同意变更")
        TAKEN_BACK = "taken_back", _("撤回变更")
        ENDED = "ended", _("结束实践")

    placement = models.ForeignKey(
        Placement, verbose_name=_("专业实践"), on_delete=models.PROTECT, related_name="events"
    )
    kind = models.CharField(_("事项"), max_length=10, choices=Kind)
    words = models.CharField(_("内容"), max_length=800, blank=True)
    on = models.DateField(_("日期"))
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    by_name = models.CharField(_("办理人"), max_length=60)
    role = models.CharField(_("角色"), max_length=20)
    file = models.ForeignKey(
        StoredFile, verbose_name=_("文件"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("实践记录")
        ordering = ["placement_id", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "selected", "accepted", "declined", "withdrawn", "filled", "started", "asked", "changed", "refused",
                        "taken_back", "ended",
                    ]
                ),
                name="placement_event_kind_known",
            ),
        ]  # fmt: skip
        triggers = [pgtrigger.Protect(name="placement_events_stay", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.on} {self.get_kind_display()}"
