from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bases.lifecycle import Ground
from bases.models import Base
from evaluations.models.assessment import Assessment
from portal.models import StoredFile


class Incident(models.Model):
    """A 重大事项 at the partner, reported by unit or partner, studied by the department (第二十条)."""

    base = models.ForeignKey(Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="incidents")
    happened_on = models.DateField(_("发生日期"))
    description = models.CharField(_("情况说明"), max_length=2000)
    measures = models.CharField(_("对在基地研究生的安排"), max_length=1000)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reported_role = models.CharField(_("报告角色"), max_length=20)
    reported_on = models.DateField(_("报告日期"))
    can_continue = models.BooleanField(_("能否继续联合培养"), null=True, blank=True)
    finding = models.CharField(_("研判意见"), max_length=2000, blank=True)
    studied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    studied_on = models.DateField(_("研判日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("重大事项报告")
        ordering = ["-reported_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(happened_on__lte=F("reported_on")), name="incident_reported_after_it_happened"
            ),
            models.CheckConstraint(
                condition=Q(studied_on=None) | (~Q(finding="") & Q(can_continue__isnull=False)),
                name="studied_incident_has_its_finding",
            ),
            models.CheckConstraint(
                condition=Q(studied_on=None) | Q(studied_on__gte=F("reported_on")),
                name="incident_studied_after_its_report",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.base}：{self.happened_on}"


class RevocationProposal(models.Model):
    """A proposed revocation with its ground; the daily job or an officer proposes, a leader decides (第十九条, 第二十条)."""

    class Status(models.TextChoices):
        OPEN = "open", _("待决定")
        REVOKED = "revoked", _("已撤销")
        DISMISSED = "dismissed", _("不予撤销")

    base = models.ForeignKey(
        Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="revocation_proposals"
    )
    ground = models.CharField(_("事由"), max_length=24, choices=Ground)
    facts = models.CharField(_("事实"), max_length=2000)
    assessment = models.ForeignKey(
        Assessment, on_delete=models.PROTECT, null=True, blank=True, related_name="revocation_proposals"
    )
    incident = models.OneToOneField(
        Incident, on_delete=models.PROTECT, null=True, blank=True, related_name="revocation_proposal"
    )
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    prepared_on = models.DateField(_("提出日期"))
    status = models.CharField(_("状态"), max_length=10, choices=Status, default=Status.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_on = models.DateField(_("决定日期"), null=True, blank=True)
    decision = models.CharField(_("决定理由"), max_length=2000, blank=True)

    class Meta:
        verbose_name = _("撤销建议")
        ordering = ["-prepared_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["base"], condition=Q(status="open"), name="one_open_revocation_proposal_per_base"
            ),
            models.CheckConstraint(condition=Q(ground__in=Ground.values), name="revocation_ground_known"),
            models.CheckConstraint(
                condition=Q(status__in=["open", "revoked", "dismissed"]), name="revocation_status_known"
            ),
            models.CheckConstraint(
                condition=Q(decided_on=None) | Q(decided_on__gte=F("prepared_on")),
                name="revocation_decided_after_it_was_proposed",
            ),
            models.CheckConstraint(
                condition=Q(status="open") | Q(decided_on__isnull=False), name="decided_proposal_has_its_date"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(prepared_by=None) | ~Q(decided_by=F("prepared_by")),
                name="revocation_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.base}：{self.get_ground_display()}"


class Withdrawal(models.Model):
    """A joint written request to withdraw (第二十一条), signed by both sides, filed by the department."""

    base = models.ForeignKey(Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="withdrawals")
    reason = models.CharField(_("申请理由"), max_length=1000)
    request_file = models.ForeignKey(
        StoredFile, verbose_name=_("双方签章的书面申请"), on_delete=models.PROTECT, related_name="+"
    )
    unit_signatory = models.CharField(_("培养单位签字人"), max_length=30)
    partner_signatory = models.CharField(_("合作单位签字人"), max_length=30)
    signed_on = models.DateField(_("签署日期"))
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_on = models.DateField(_("提出日期"))
    filed_on = models.DateField(_("备案日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("自主撤销申请")
        constraints = [
            models.UniqueConstraint(fields=["base"], condition=Q(filed_on=None), name="one_open_withdrawal_per_base"),
            models.CheckConstraint(
                condition=Q(signed_on__lte=F("requested_on")), name="withdrawal_signed_before_it_was_requested"
            ),
            models.CheckConstraint(
                condition=Q(filed_on=None) | Q(filed_on__gte=F("requested_on")),
                name="withdrawal_filed_after_it_was_requested",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.base}：{self.requested_on}"
