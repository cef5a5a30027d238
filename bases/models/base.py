from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bases.industries import PRIORITY_INDUSTRIES
from bases.lifecycle import RULES, STAGE_OF, Grade, Lifecycle, Stage, State
from bases.models.catalogue import DegreeCategory
from bases.models.documents import OfficialDocument
from bases.models.organisations import PartnerUnit, TrainingUnit
from bases.models.policy import Policy

# The wall behind the door: a base begins in drafting, and every later state stands on exactly one event of the same transaction.
_STATE_NEEDS_ITS_EVENT = """
IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'drafting' OR NEW.events_count <> 0 THEN
        RAISE EXCEPTION 'a base begins in drafting, without events';
    END IF;
    RETURN NULL;
END IF;
IF NEW.state IS NOT DISTINCT FROM OLD.state AND NEW.events_count = OLD.events_count THEN
    RETURN NULL;
END IF;
IF NEW.events_count <> OLD.events_count + 1 OR NOT EXISTS (
    SELECT 1 FROM bases_lifecycleevent e
    WHERE e.base_id = NEW.id AND e.sequence = NEW.events_count AND e.source = OLD.state AND e.target = NEW.state
      AND e.transaction = pg_current_xact_id()::text::bigint
) THEN
    RAISE EXCEPTION 'base % went from % to % without exactly one event in the same transaction', NEW.id, OLD.state, NEW.state;
END IF;
RETURN NULL;
"""
_EVENT_NEEDS_ITS_MOVE = """
IF NOT EXISTS (SELECT 1 FROM bases_base b WHERE b.id = NEW.base_id AND b.events_count >= NEW.sequence) THEN
    RAISE EXCEPTION 'event % of base % belongs to no move', NEW.sequence, NEW.base_id;
END IF;
RETURN NULL;
"""


class Base(Lifecycle):
    """A 研究生联合培养基地: one training unit, one partner, one category, one state from 申报 to 撤销.

    A base that was not recommended or recognised may declare again; it stays the same base with a new application.
    """

    name = models.CharField(_("基地名称"), max_length=60)
    training_unit = models.ForeignKey(
        TrainingUnit, verbose_name=_("研究生培养单位"), on_delete=models.PROTECT, related_name="bases"
    )
    partner = models.ForeignKey(
        PartnerUnit,
        verbose_name=_("校外合作单位"),
        on_delete=models.PROTECT,
        related_name="bases",
        null=True,
        blank=True,
    )
    # The partner named in the last declaration: only that one sees the base, not one whom a draft merely names.
    declared_partner = models.ForeignKey(
        PartnerUnit, on_delete=models.PROTECT, related_name="+", null=True, blank=True, editable=False
    )
    category = models.ForeignKey(
        DegreeCategory,
        verbose_name=_("专业学位类别"),
        on_delete=models.PROTECT,
        related_name="bases",
        null=True,
        blank=True,
    )
    field = models.CharField(_("领域"), max_length=40, blank=True)
    priority_industry = models.CharField(_("优先产业"), max_length=30, blank=True, choices=PRIORITY_INDUSTRIES)
    applicant = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("申报人"), on_delete=models.PROTECT, related_name="+"
    )
    # Colleagues of the same unit who fill in the papers together with the applicant.
    co_applicants = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("共同填报人"), related_name="+", blank=True
    )
    policy = models.ForeignKey(
        Policy,
        verbose_name=_("建设期适用的政策参数"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("研究生联合培养基地")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["training_unit", "state"], name="base_by_unit_and_state"),
            models.Index(fields=["declared_partner", "state"], name="base_by_partner_and_state"),
            models.Index(
                fields=["assessment_due_on"],
                condition=Q(state__in=["constructing", "demonstration"]),
                name="base_assessment_due",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["training_unit", "name"],
                name="base_name_once_per_unit",
                violation_error_message=_("本单位已有同名基地，请换一个名称，或在原基地上再次申报。"),
            ),
            models.CheckConstraint(condition=Q(state__in=list(State.values)), name="base_state_known"),
            models.CheckConstraint(condition=Q(last_grade__in=["", *Grade.values]), name="base_grade_known"),
            models.CheckConstraint(
                condition=Q(construction_started_on=None, construction_ends_on=None)
                | Q(construction_started_on__lt=F("construction_ends_on")),
                name="base_construction_in_order",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["rectifying", "reassessing"]) | Q(rectification_ends_on=None),
                name="base_rectification_date_only_while_rectifying",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["constructing", "assessing", "demonstration", "rectifying", "reassessing"])
                | Q(policy__isnull=False, construction_started_on__isnull=False),
                name="living_base_has_its_policy_and_period",
            ),
            models.CheckConstraint(
                condition=~Q(state="demonstration") | ~Q(title_number=""), name="demonstration_base_holds_a_title"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["rectifying", "revoked", "withdrawn"]) | Q(title_number=""),
                name="title_lost_with_the_standing",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="base_state_needs_its_event",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                timing=pgtrigger.Deferred,
                func=_STATE_NEEDS_ITS_EVENT,
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def stage(self) -> Stage:
        """The phase of the life that the base is in."""
        return STAGE_OF[self.state]

    @property
    def state_label(self) -> str:
        """The state in Chinese."""
        return str(State(self.state).label)


class LifecycleEvent(models.Model):
    """One 状态流转: who moved the base, in which role, when, on which article and evidence; chained by hash, never changed."""

    base = models.ForeignKey(Base, on_delete=models.PROTECT, related_name="events", verbose_name=_("基地"))
    sequence = models.PositiveIntegerField(_("序号"))
    transition = models.CharField(_("流转"), max_length=40)
    source = models.CharField(_("原状态"), max_length=24, choices=State)
    target = models.CharField(_("新状态"), max_length=24, choices=State)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("办理人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    actor_name = models.CharField(_("办理人姓名"), max_length=60)
    role = models.CharField(_("角色"), max_length=20)
    organisation = models.CharField(_("单位"), max_length=100, blank=True)
    at = models.DateTimeField(_("办理时间"))
    on = models.DateField(_("业务日期"))
    articles = models.CharField(_("依据"), max_length=40)
    reason = models.TextField(_("理由"), blank=True)
    document = models.ForeignKey(
        OfficialDocument, on_delete=models.PROTECT, null=True, blank=True, related_name="events"
    )
    evidence = models.JSONField(_("办理依据"), default=dict)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)
    transaction = models.BigIntegerField(editable=False, default=0)

    class Meta:
        verbose_name = _("状态流转记录")
        ordering = ["base_id", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["base", "sequence"], name="one_event_per_base_and_sequence"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="event_moves_the_base"),
            models.CheckConstraint(condition=Q(sequence__gte=1), name="event_counts_from_one"),
            models.CheckConstraint(
                condition=Q(source__in=list(State.values), target__in=list(State.values)), name="event_states_known"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="events_are_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="event_knows_its_transaction",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="NEW.transaction := pg_current_xact_id()::text::bigint; RETURN NEW;",
            ),
            pgtrigger.Trigger(
                name="event_needs_its_move",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func=_EVENT_NEEDS_ITS_MOVE,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.base_id}#{self.sequence} {self.transition}"

    @property
    def label(self) -> str:
        """The transition as an act, in Chinese."""
        return str(RULES[self.transition].label) if self.transition in RULES else self.transition

    @property
    def source_label(self) -> str:
        """The state before, in Chinese."""
        return str(State(self.source).label)

    @property
    def target_label(self) -> str:
        """The state after, in Chinese."""
        return str(State(self.target).label)
