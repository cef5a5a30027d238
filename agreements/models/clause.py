import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.matters import Matter
from agreements.models.agreement import Agreement

_ONLY_IN_A_DRAFT = """
IF NOT EXISTS (
    SELECT 1 FROM agreements_agreement a WHERE a.id = {row}.agreement_id AND a.status = 'drafting' FOR SHARE
) THEN
    RAISE EXCEPTION 'the clauses of agreement % are frozen', {row}.agreement_id USING ERRCODE = 'check_violation';
END IF;
RETURN {row};
"""


class Clause(models.Model):
    """What an agreement says on one of the nine matters of 第十条; it changes only while the agreement is drafted."""

    agreement = models.ForeignKey(Agreement, verbose_name=_("协议"), on_delete=models.PROTECT, related_name="clauses")
    matter = models.CharField(_("事项"), max_length=12, choices=Matter)
    text = models.TextField(_("约定"), blank=True)

    class Meta:
        verbose_name = _("协议条款")
        ordering = ["agreement_id", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "matter"], name="one_clause_per_matter"),
            models.CheckConstraint(condition=Q(matter__in=Matter.values), name="clause_matter_known"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="clauses_change_only_in_a_draft",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=_ONLY_IN_A_DRAFT.format(row="NEW"),
            ),
            pgtrigger.Protect(name="clauses_are_not_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.agreement} · {self.get_matter_display()}"


class AgreementStep(models.Model):
    """One step of an agreement's way: who did what, on which day, for which side; never changed."""

    class Kind(models.TextChoices):
        DRAFTED = "drafted", _("开始起草")
        PROPOSED = "proposed", _("送合作单位确认文本")
        TAKEN_BACK = "taken_back", _("收回修改")
        RETURNED = "returned", _("退回文本")
        AGREED = "agreed", _("同意文本")
        SIGNED = "signed", _("上传签署件")
        SCAN_RETURNED = "scan_returned", _("退回签署件")
        EFFECTIVE = "effective", _("核对签署件，协议生效")
        SUPERSEDED = "superseded", _("由新协议接替")
        TERMINATED = "terminated", _("登记终止")
        READ = "read", _("知悉终止")
        DISCARDED = "discarded", _("作废草稿")

    agreement = models.ForeignKey(Agreement, verbose_name=_("协议"), on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(_("办理"), max_length=14, choices=Kind)
    side = models.CharField(_("哪一方"), max_length=8, choices=Agreement.Side)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("办理人"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    on = models.DateField(_("日期"))
    at = models.DateTimeField(auto_now_add=True)
    note = models.CharField(_("说明"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("协议办理记录")
        ordering = ["agreement_id", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "drafted", "proposed", "taken_back", "returned", "agreed", "signed", "scan_returned", "effective",
                        "superseded", "terminated", "read", "discarded",
                    ]
                ),
                name="agreement_step_known",
            ),
            models.CheckConstraint(condition=Q(side__in=["unit", "partner"]), name="agreement_step_side_known"),
        ]  # fmt: skip
        triggers = [
            pgtrigger.Protect(name="agreement_steps_append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.agreement} · {self.get_kind_display()}"
