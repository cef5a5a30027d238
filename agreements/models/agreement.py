from __future__ import annotations

from datetime import date

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bases.models import Base
from portal.models import IssuedRecord, StoredFile

# What the partner has agreed to or will answer: nothing of it changes behind anybody's back.
TEXT_FIELDS = (
    "kind", "changes", "goals", "term_years", "unit_representative", "partner_representative", "committee_office",
    "posts_per_year", "insurance_by", "stipend_floor_master", "stipend_floor_doctor", "pay_standard", "pay_way",
    "copies_total", "copies_each", "supplement",
)  # fmt: skip
SIGNED_FIELDS = ("signed_on", "effective_on", "expires_on", "scan")
_ANY_TEXT_CHANGES = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in TEXT_FIELDS)
_ANY_SIGNED_CHANGES = " OR ".join(
    f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in ("signed_on", "effective_on", "expires_on", "scan_id")
)
# Nine are the matters of 第十条 (agreements.matters.Matter).
_NINE_MATTERS = r"""
IF NEW.origin = 'portal' AND NEW.status NOT IN ('drafting', 'discarded') AND (
    SELECT count(*) FROM agreements_clause c WHERE c.agreement_id = NEW.id AND btrim(c.text, E' \t\n\r') <> ''
) < 9 THEN
    RAISE EXCEPTION 'agreement % leaves a matter of article 10 open and cannot be %', NEW.id, NEW.status
        USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""


class Agreement(models.Model):
    """One version of the 联合培养协议 of a base (第十条): drafted by the training unit, agreed by the partner, signed by both, in force for its term.

    A renewal or a revision is a new version that knows the one before. ``posts_per_year`` is what the partner promises to offer each
    year; the two floors are yuan a month and person, None where the parties agreed on none; ``insurance_by`` is who buys the accident
    insurance. An agreement of ``origin`` scan was handed in as a signed file before the portal kept the text: its clauses are in the file.
    """

    class Status(models.TextChoices):
        DRAFTING = "drafting", _("起草中")
        PROPOSED = "proposed", _("待合作单位确认文本")
        AGREED = "agreed", _("待签署")
        SIGNED = "signed", _("待合作单位核对签署件")
        EFFECTIVE = "effective", _("已生效")
        SUPERSEDED = "superseded", _("已被新协议替代")
        TERMINATED = "terminated", _("已终止")
        DISCARDED = "discarded", _("已作废")

    # On the way to its signatures; a base has one such at a time.
    IN_PROGRESS = frozenset({Status.DRAFTING, Status.PROPOSED, Status.AGREED, Status.SIGNED})
    # Has or had force; the days say when.
    IN_FORCE = frozenset({Status.EFFECTIVE, Status.SUPERSEDED, Status.TERMINATED})

    class Kind(models.TextChoices):
        FIRST = "first", _("签订")
        REVISION = "revision", _("修订")
        RENEWAL = "renewal", _("续签")

    class Origin(models.TextChoices):
        PORTAL = "portal", _("平台起草")
        SCAN = "scan", _("登记签署件")

    class Insurer(models.TextChoices):
        UNIT = "unit", _("甲方（培养单位）")
        PARTNER = "partner", _("乙方（合作单位）")

    class Ending(models.TextChoices):
        MUTUAL = "mutual", _("双方协商一致")
        VIOLATION = "violation", _("对方违反国家法律、侵害国家利益或者损害我方权益（其他事项 1）")
        BREACH = "breach", _("对方违反本协议约定")
        FORCE_MAJEURE = "force_majeure", _("不可抗力，经双方协商终止（其他事项 4）")

    class Side(models.TextChoices):
        UNIT = "unit", _("培养单位")
        PARTNER = "partner", _("合作单位")

    base = models.ForeignKey(
        Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="cooperation_agreements"
    )
    version = models.PositiveSmallIntegerField(_("版本"))
    kind = models.CharField(_("性质"), max_length=10, choices=Kind, default=Kind.FIRST)
    origin = models.CharField(_("来源"), max_length=8, choices=Origin, default=Origin.PORTAL)
    predecessor = models.ForeignKey(
        "self", verbose_name=_("前一份协议"), on_delete=models.PROTECT, null=True, blank=True, related_name="successors"
    )
    changes = models.CharField(_("与前一份相比的改动"), max_length=500, blank=True)
    status = models.CharField(_("状态"), max_length=12, choices=Status, default=Status.DRAFTING)
    # Counts the savings of the text, so that two windows do not write over one another and nobody answers what they have not read.
    revision = models.PositiveIntegerField(default=0, editable=False)

    goals = models.TextField(_("合作目标"), blank=True)
    term_years = models.PositiveSmallIntegerField(_("有效期（年）"), null=True, blank=True)
    unit_representative = models.CharField(_("甲方授权代表"), max_length=30, blank=True)
    partner_representative = models.CharField(_("乙方授权代表"), max_length=30, blank=True)
    committee_office = models.CharField(_("管理委员会办公室设在"), max_length=60, blank=True)
    posts_per_year = models.PositiveSmallIntegerField(_("每年提供岗位（个）"), null=True, blank=True)
    insurance_by = models.CharField(_("意外伤害保险由谁购买"), max_length=8, choices=Insurer, blank=True)
    stipend_floor_master = models.DecimalField(
        _("硕士生活补贴下限（元/人·月）"), max_digits=8, decimal_places=2, null=True, blank=True
    )
    stipend_floor_doctor = models.DecimalField(
        _("博士生活补贴下限（元/人·月）"), max_digits=8, decimal_places=2, null=True, blank=True
    )
    pay_standard = models.CharField(_("甲方付给乙方人员的报酬：额度"), max_length=200, blank=True)
    pay_way = models.CharField(_("甲方付给乙方人员的报酬：支付方式"), max_length=200, blank=True)
    copies_total = models.PositiveSmallIntegerField(_("一式几份"), null=True, blank=True)
    copies_each = models.PositiveSmallIntegerField(_("双方各执几份"), null=True, blank=True)
    supplement = models.TextField(_("补充条款"), blank=True)

    returned_reason = models.CharField(_("退回原因"), max_length=300, blank=True)
    record = models.OneToOneField(
        IssuedRecord, verbose_name=_("核验记录"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    pdf = models.ForeignKey(
        StoredFile, verbose_name=_("签署文本"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    agreed_on = models.DateField(_("文本确认日期"), null=True, blank=True)
    signed_on = models.DateField(_("签署日期"), null=True, blank=True)
    effective_on = models.DateField(_("生效日期"), null=True, blank=True)
    expires_on = models.DateField(_("有效期至"), null=True, blank=True)
    # The last day on which it held, where that came before its own end: superseded or terminated.
    ended_on = models.DateField(_("提前结束日期"), null=True, blank=True)
    ending = models.CharField(_("终止原因"), max_length=16, choices=Ending, blank=True)
    ended_reason = models.CharField(_("终止说明"), max_length=500, blank=True)
    ended_side = models.CharField(_("登记终止的一方"), max_length=8, choices=Side, blank=True)
    # The day on which the other side said that it has read of the termination.
    ending_read_on = models.DateField(_("对方知悉日期"), null=True, blank=True)
    scan = models.ForeignKey(
        StoredFile, verbose_name=_("签署件"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    drafted_on = models.DateField(_("起草日期"))

    class Meta:
        verbose_name = _("联合培养协议")
        ordering = ["base_id", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["base", "version"], name="agreement_version_once_per_base"),
            models.UniqueConstraint(
                fields=["base"],
                condition=Q(status__in=["drafting", "proposed", "agreed", "signed"]),
                name="one_agreement_in_progress_per_base",
            ),
            models.UniqueConstraint(
                fields=["base"], condition=Q(status="effective"), name="one_effective_agreement_per_base"
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="agreement_counts_from_one"),
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        "drafting", "proposed", "agreed", "signed", "effective", "superseded", "terminated", "discarded",
                    ]
                ),
                name="agreement_status_known",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["first", "revision", "renewal"], origin__in=["portal", "scan"]),
                name="agreement_kind_and_origin_known",
            ),
            models.CheckConstraint(
                condition=Q(insurance_by__in=["", "unit", "partner"]), name="agreement_insurer_known"
            ),
            models.CheckConstraint(
                condition=(Q(stipend_floor_master=None) | Q(stipend_floor_master__gte=0))
                & (Q(stipend_floor_doctor=None) | Q(stipend_floor_doctor__gte=0)),
                name="agreement_floors_not_negative",
                violation_error_message=_("生活补贴下限不能为负数。"),
            ),
            models.CheckConstraint(
                condition=(Q(term_years=None) | Q(term_years__range=(1, 20)))
                & (Q(posts_per_year=None) | Q(posts_per_year__range=(1, 500))),
                name="agreement_term_and_posts_within_reason",
                violation_error_message=_("有效期应为 1 到 20 年，每年提供岗位应为 1 到 500 个。"),
            ),
            models.CheckConstraint(
                condition=Q(copies_total=None)
                | Q(copies_each=None)
                | Q(copies_each__gte=1, copies_total__gte=F("copies_each") * 2, copies_total__lte=50),
                name="agreement_copies_go_round",
                violation_error_message=_("一式几份不能少于双方各执份数之和，也不能超过 50 份。"),
            ),
            models.CheckConstraint(
                condition=Q(status__in=["drafting", "discarded"])
                | Q(origin="scan")
                | (
                    Q(term_years__isnull=False, posts_per_year__isnull=False)
                    & Q(copies_total__isnull=False, copies_each__isnull=False)
                    & ~Q(insurance_by="")
                    & ~Q(goals="")
                    & ~Q(unit_representative="")
                    & ~Q(partner_representative="")
                    & ~Q(committee_office="")
                    & ~Q(pay_standard="")
                ),
                name="agreement_that_is_sent_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["signed", "effective", "superseded", "terminated"])
                | Q(
                    signed_on__isnull=False,
                    effective_on__isnull=False,
                    expires_on__isnull=False,
                    scan__isnull=False,
                ),
                name="agreement_in_force_has_its_dates",
            ),
            models.CheckConstraint(
                condition=(Q(effective_on=None) | Q(expires_on=None) | Q(expires_on__gt=F("effective_on")))
                & (Q(effective_on=None) | Q(signed_on=None) | Q(effective_on__gte=F("signed_on"))),
                name="agreement_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("effective_on"), ended_on__lte=F("expires_on")),
                name="agreement_ends_within_its_term",
            ),
            models.CheckConstraint(
                condition=(Q(status="terminated", ended_on__isnull=False) & ~Q(ended_reason="") & ~Q(ending="") & ~Q(ended_side=""))
                | (~Q(status="terminated") & Q(ending="", ended_reason="", ended_side="", ending_read_on=None)),
                name="terminated_agreement_says_why",
            ),
            models.CheckConstraint(
                condition=Q(ending__in=["", "mutual", "violation", "breach", "force_majeure"])
                & Q(ended_side__in=["", "unit", "partner"]),
                name="agreement_ending_known",
            ),
        ]  # fmt: skip
        triggers = [
            pgtrigger.Trigger(
                name="agreement_leaves_no_matter_open",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=_NINE_MATTERS,
            ),
            pgtrigger.Protect(
                name="agreement_text_is_frozen_once_sent",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(f"OLD.status <> 'drafting' AND ({_ANY_TEXT_CHANGES})"),
            ),
            pgtrigger.Protect(
                name="agreement_in_force_keeps_its_dates",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    f"OLD.status IN ('effective', 'superseded', 'terminated') AND ({_ANY_SIGNED_CHANGES})"
                ),
            ),
            pgtrigger.Protect(
                name="agreement_over_stays_over",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.status IN ('superseded', 'terminated', 'discarded') AND OLD.status IS DISTINCT FROM NEW.status"
                ),
            ),
            pgtrigger.Protect(name="agreements_are_not_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.base} · {self.label}"

    @property
    def label(self) -> str:
        """What people call it: 第 2 份协议（续签）."""
        return str(_("第 %(n)s 份协议（%(kind)s）") % {"n": self.version, "kind": self.get_kind_display()})

    @property
    def last_day(self) -> date | None:
        """The last day on which it holds or held."""
        return self.ended_on or self.expires_on

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day of its term as it was signed. Raises ValueError for one that has not been signed."""
        if self.effective_on is None or self.expires_on is None:
            raise ValueError(f"agreement {self.pk} has not been signed")
        return self.effective_on, self.expires_on

    @property
    def is_in_progress(self) -> bool:
        """Whether it is still on its way to the signatures."""
        return self.status in self.IN_PROGRESS

    def holds(self, on: date) -> bool:
        """Whether it binds both sides on that day."""
        return (
            self.status in self.IN_FORCE
            and self.effective_on is not None
            and self.last_day is not None
            and self.effective_on <= on <= self.last_day
        )

    def standing(self, on: date) -> str:
        """Its state in a word, as the days have it: an effective one may wait for its day or have expired."""
        if self.status not in self.IN_FORCE or self.effective_on is None or self.expires_on is None:
            return str(self.get_status_display())
        if self.holds(on):
            return str(_("生效中") if self.status == self.Status.EFFECTIVE else _("生效中，到期前由新协议接替或终止"))
        if self.status == self.Status.EFFECTIVE:
            return str(_("已签署，尚未到生效日期") if on < self.effective_on else _("已到期"))
        if self.status == self.Status.SUPERSEDED and self.ended_on is None:
            return str(_("已到期，由新协议接替"))
        return str(self.get_status_display())
