"""经费 (第十二条 to 第十四条, 第十七条, 第十八条): accounts, what both sides pay in, what is spent, and the ledger that every balance is the sum of."""

from decimal import Decimal
from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agreements.models.grant import Grant
from agreements.money import ContributionKind, ExpenseKind, Side
from bases.models import Base
from portal.models import IssuedRecord, StoredFile


def _money(label: Any) -> models.DecimalField:
    return models.DecimalField(label, max_digits=12, decimal_places=2)


def _person(label: Any, **more: Any) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=label, on_delete=models.PROTECT, related_name="+", **more
    )


_ACCOUNT_OF_ITS_BASE = """
IF NEW.grant_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM agreements_grant g WHERE g.id = NEW.grant_id AND g.base_id = NEW.base_id
) THEN
    RAISE EXCEPTION 'a grant is kept in an account of its own base' USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""
# No expense before its account was opened, none that was approved without an entry in the ledger.
_EXPENSE_IN_ORDER = """
IF NOT EXISTS (SELECT 1 FROM agreements_account a WHERE a.id = NEW.account_id AND a.opened_on <= NEW.spent_on) THEN
    RAISE EXCEPTION 'expense % is older than its account', NEW.id USING ERRCODE = 'check_violation';
END IF;
IF NEW.state = 'approved' AND NOT EXISTS (
    SELECT 1 FROM agreements_ledgerentry e
    WHERE e.expense_id = NEW.id AND e.account_id = NEW.account_id AND e.outgoing = NEW.amount
) THEN
    RAISE EXCEPTION 'expense % was approved and is not in the ledger', NEW.id USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""
# Each entry follows the one before it in its account: number, day and balance; and it says what its voucher says.
_ENTRY_IN_ORDER = """
SELECT * INTO before FROM agreements_ledgerentry WHERE account_id = NEW.account_id AND number = NEW.number - 1;
IF NEW.number > 1 AND before.id IS NULL THEN
    RAISE EXCEPTION 'entry % of account % follows none', NEW.number, NEW.account_id USING ERRCODE = 'check_violation';
END IF;
IF NEW.balance <> COALESCE(before.balance, 0) + NEW.incoming - NEW.outgoing OR NEW.booked_on < before.booked_on THEN
    RAISE EXCEPTION 'entry % of account % does not follow the one before', NEW.number, NEW.account_id USING ERRCODE = 'check_violation';
END IF;
IF NOT EXISTS (
    SELECT 1 FROM agreements_account a
    LEFT JOIN agreements_grant g ON g.id = NEW.grant_id
    LEFT JOIN agreements_contribution c ON c.id = NEW.contribution_id
    LEFT JOIN agreements_expense x ON x.id = NEW.expense_id
    LEFT JOIN agreements_ledgerentry o ON o.id = NEW.reversal_of_id
    WHERE a.id = NEW.account_id AND (
        (NEW.kind = 'grant' AND a.grant_id = g.id AND g.amount = NEW.incoming)
        OR (NEW.kind = 'contribution' AND a.kind = 'own' AND c.base_id = a.base_id AND c.into_account AND c.amount = NEW.incoming)
        OR (NEW.kind = 'expense' AND x.account_id = a.id AND x.state = 'approved' AND x.amount = NEW.outgoing)
        OR (NEW.kind = 'reversal' AND o.account_id = a.id AND o.kind IN ('contribution', 'expense')
            AND o.incoming = NEW.outgoing AND o.outgoing = NEW.incoming)
    )
) THEN
    RAISE EXCEPTION 'entry % of account % says something else than its voucher', NEW.number, NEW.account_id
        USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""


class Account(models.Model):
    """An earmarked account of a base (第十四条): one for each grant, and one for the funds that both sides pay in (双方投入经费)."""

    class Kind(models.TextChoices):
        GRANT = "grant", _("资助经费")
        OWN = "own", _("双方投入经费")

    base = models.ForeignKey(Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="fund_accounts")
    kind = models.CharField(_("性质"), max_length=5, choices=Kind)
    grant = models.OneToOneField(
        Grant, verbose_name=_("资助"), on_delete=models.PROTECT, null=True, blank=True, related_name="account"
    )
    opened_on = models.DateField(_("开立日期"))

    class Meta:
        verbose_name = _("经费账户")
        ordering = ["base_id", "-kind", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["grant", "own"]), name="account_kind_known"),
            models.CheckConstraint(
                condition=Q(kind="grant", grant__isnull=False) | (~Q(kind="grant") & Q(grant=None)),
                name="account_of_a_grant_names_it",
            ),
            models.UniqueConstraint(fields=["base"], condition=Q(kind="own"), name="one_own_account_per_base"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="account_of_its_base",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                func=_ACCOUNT_OF_ITS_BASE,
            ),
            pgtrigger.Protect(name="accounts_stay_as_opened", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return str(self.grant.get_source_display()) if self.grant else str(self.get_kind_display())

    @property
    def articles(self) -> str:
        """The articles that the money rests on."""
        if self.grant is None:
            return "12 14"
        return "14 18" if self.grant.source == Grant.Source.INNOVATION else "14 17"


class ContributionPlan(models.Model):
    """What one side plans to bring in of one kind in one year of construction, in yuan (第十二条).

    A changed plan is a new row with the next number; what was planned before stays readable.
    """

    base = models.ForeignKey(Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="contribution_plans")
    year = models.PositiveSmallIntegerField(_("建设年度"))
    side = models.CharField(_("投入方"), max_length=10, choices=Side)
    kind = models.CharField(_("类型"), max_length=10, choices=ContributionKind)
    number = models.PositiveSmallIntegerField(_("版次"))
    amount = _money(_("计划金额（元）"))
    reason = models.CharField(_("调整原因"), max_length=300, blank=True)
    # Nobody's where it came from the budget of the recognised application.
    written_by = _person(_("填写人"), null=True, blank=True)
    written_on = models.DateField(_("填写日期"))

    class Meta:
        verbose_name = _("投入计划")
        ordering = ["base_id", "year", "side", "kind", "-number"]
        constraints = [
            models.CheckConstraint(condition=Q(side__in=["unit", "partner", "other"]), name="plan_side_known"),
            models.CheckConstraint(
                condition=Q(kind__in=["funds", "site", "equipment", "people", "other"]), name="plan_kind_known"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="planned_amount_not_negative"),
            models.CheckConstraint(condition=Q(year__range=(1, 30), number__gte=1), name="plan_counts_from_one"),
            models.CheckConstraint(condition=Q(number=1) | ~Q(reason=""), name="changed_plan_has_a_reason"),
            models.UniqueConstraint(fields=["base", "year", "side", "kind", "number"], name="plan_once_per_number"),
        ]
        triggers = [
            pgtrigger.Protect(name="contribution_plans_append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.get_side_display()} {self.get_kind_display()} {self.year}"


class Contribution(models.Model):
    """What one side brought in (第十二条): money, with its voucher, or what is worth money, in yuan.

    Money that was paid into the account of the base stands in its ledger; what a side pays to others itself (生活补贴, 导师报酬) only counts
    as brought in. Never changed; a mistake is taken back by a ``ContributionReversal``.
    """

    base = models.ForeignKey(Base, verbose_name=_("基地"), on_delete=models.PROTECT, related_name="contributions")
    year = models.PositiveSmallIntegerField(_("建设年度"))
    side = models.CharField(_("投入方"), max_length=10, choices=Side)
    kind = models.CharField(_("类型"), max_length=10, choices=ContributionKind)
    amount = _money(_("金额（元）"))
    into_account = models.BooleanField(_("转入基地账户"))
    received_on = models.DateField(_("到位日期"))
    what = models.CharField(_("说明"), max_length=200)
    voucher = models.ForeignKey(
        StoredFile, verbose_name=_("凭证"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    entered_by = _person(_("登记人"))
    entered_on = models.DateField(_("登记日期"))

    class Meta:
        verbose_name = _("投入")
        ordering = ["-received_on", "-pk"]
        indexes = [models.Index(fields=["base", "year", "side"], name="contribution_by_base_and_year")]
        constraints = [
            models.CheckConstraint(condition=Q(side__in=["unit", "partner", "other"]), name="received_side_known"),
            models.CheckConstraint(
                condition=Q(kind__in=["funds", "site", "equipment", "people", "other"]), name="received_kind_known"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="contribution_amount_positive"),
            models.CheckConstraint(condition=Q(year__range=(1, 30)), name="contribution_year_counts_from_one"),
            models.CheckConstraint(condition=~Q(what=""), name="contribution_says_what"),
            models.CheckConstraint(
                condition=Q(kind="funds") | Q(into_account=False), name="only_funds_into_the_account"
            ),
            models.CheckConstraint(condition=~Q(kind="funds") | Q(voucher__isnull=False), name="funds_have_a_voucher"),
            models.CheckConstraint(
                condition=Q(received_on__lte=F("entered_on")), name="contribution_entered_after_it_came"
            ),
        ]
        triggers = [pgtrigger.Protect(name="contributions_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.get_side_display()} {self.get_kind_display()} {self.amount}"


class ContributionReversal(models.Model):
    """冲销 of a contribution that was entered wrongly: by whom and why; the contribution stays readable and counts no longer."""

    contribution = models.OneToOneField(Contribution, on_delete=models.PROTECT, related_name="reversal")
    reason = models.CharField(_("冲销原因"), max_length=300)
    entered_by = _person(_("办理人"))
    entered_on = models.DateField(_("办理日期"))

    class Meta:
        verbose_name = _("投入冲销")
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="contribution_reversal_has_a_reason")]
        triggers = [
            pgtrigger.Protect(name="contribution_reversals_append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.contribution} ↩"


class Expense(models.Model):
    """Something that is paid from an account (第十三条), with its voucher; it counts once somebody else has approved it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("待审批")
        APPROVED = "approved", _("已批准")
        REJECTED = "rejected", _("已退回")
        WITHDRAWN = "withdrawn", _("已撤回")

    account = models.ForeignKey(Account, verbose_name=_("账户"), on_delete=models.PROTECT, related_name="expenses")
    kind = models.CharField(_("支出类别"), max_length=12, choices=ExpenseKind)
    kind_reason = models.CharField(_("列入“其他”的理由"), max_length=200, blank=True)
    amount = _money(_("金额（元）"))
    spent_on = models.DateField(_("支出日期"))
    payee = models.CharField(_("收款方"), max_length=100)
    purpose = models.CharField(_("用途"), max_length=300)
    voucher = models.ForeignKey(StoredFile, verbose_name=_("凭证"), on_delete=models.PROTECT, related_name="+")
    entered_by = _person(_("经办人"))
    entered_on = models.DateField(_("登记日期"))
    state = models.CharField(_("状态"), max_length=9, choices=State, default=State.WAITING)
    decided_by = _person(_("审批人"), null=True, blank=True)
    decided_on = models.DateField(_("审批日期"), null=True, blank=True)
    decision_reason = models.CharField(_("退回原因"), max_length=300, blank=True)
    # The one that was sent back and is entered anew by this one.
    replaces = models.OneToOneField(
        "self", verbose_name=_("更正自"), on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )

    class Meta:
        verbose_name = _("支出")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["account", "state"], name="expense_by_account_and_state"),
            models.Index(fields=["account"], condition=Q(state="waiting"), name="expense_waiting"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "travel", "office", "materials", "post", "insurance", "transport", "experts", "commission", "other",
                    ]
                ),
                name="expense_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "approved", "rejected", "withdrawn"]), name="expense_state_known"
            ),
            models.CheckConstraint(condition=~Q(kind="other") | ~Q(kind_reason=""), name="other_expense_has_a_reason"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="expense_amount_positive"),
            models.CheckConstraint(condition=~Q(payee="") & ~Q(purpose=""), name="expense_says_to_whom_and_what_for"),
            models.CheckConstraint(condition=Q(spent_on__lte=F("entered_on")), name="expense_entered_after_it_was_spent"),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_by=None, decided_on=None)
                | (~Q(state="waiting") & Q(decided_by__isnull=False, decided_on__isnull=False)),
                name="expense_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "rejected"]) | ~Q(decided_by=F("entered_by")), name="expense_four_eyes"
            ),
            models.CheckConstraint(
                condition=~Q(state="rejected") | ~Q(decision_reason=""), name="rejected_expense_has_a_reason"
            ),
        ]  # fmt: skip
        triggers = [
            pgtrigger.Protect(name="expenses_stay", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="expenses_change_by_decision_alone",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=["state", "decided_by", "decided_on", "decision_reason"]),
            ),
            pgtrigger.Protect(
                name="expense_decisions_are_for_good",
                operation=pgtrigger.Update,
                condition=~pgtrigger.Q(old__state="waiting"),
            ),
            pgtrigger.Trigger(
                name="expense_in_order",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                timing=pgtrigger.Deferred,
                func=_EXPENSE_IN_ORDER,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.payee} {self.amount}"

    @property
    def is_waiting(self) -> bool:
        """Whether it is still to be decided."""
        return self.state == self.State.WAITING

    @property
    def kind_words(self) -> str:
        """The category, with the reason where it is 其他."""
        label = str(self.get_kind_display())
        return f"{label}（{self.kind_reason}）" if self.kind_reason else label


class LedgerEntry(models.Model):
    """One line of an account's ledger: what came in or went out, in yuan, and the balance after it. Never changed; corrected by a 冲销."""

    class Kind(models.TextChoices):
        GRANT = "grant", _("拨入")
        CONTRIBUTION = "contribution", _("到账")
        EXPENSE = "expense", _("支出")
        REVERSAL = "reversal", _("冲销")

    account = models.ForeignKey(Account, verbose_name=_("账户"), on_delete=models.PROTECT, related_name="entries")
    number = models.PositiveIntegerField(_("序号"))
    kind = models.CharField(_("种类"), max_length=12, choices=Kind)
    booked_on = models.DateField(_("记账日期"))
    incoming = models.DecimalField(_("收入（元）"), max_digits=12, decimal_places=2, default=0)
    outgoing = models.DecimalField(_("支出（元）"), max_digits=12, decimal_places=2, default=0)
    balance = models.DecimalField(_("余额（元）"), max_digits=14, decimal_places=2)
    grant = models.OneToOneField(Grant, on_delete=models.PROTECT, null=True, blank=True, related_name="ledger_entry")
    contribution = models.OneToOneField(
        Contribution, on_delete=models.PROTECT, null=True, blank=True, related_name="ledger_entry"
    )
    expense = models.OneToOneField(
        Expense, on_delete=models.PROTECT, null=True, blank=True, related_name="ledger_entry"
    )
    reversal_of = models.OneToOneField(
        "self", verbose_name=_("冲销"), on_delete=models.PROTECT, null=True, blank=True, related_name="reversal"
    )
    reason = models.CharField(_("冲销原因"), max_length=300, blank=True)
    # Nobody's where a decision of the department brought the money.
    booked_by = _person(_("记账人"), null=True, blank=True)

    class Meta:
        verbose_name = _("经费流水")
        ordering = ["account_id", "number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="grant", grant__isnull=False, contribution=None, expense=None, reversal_of=None)
                | Q(kind="contribution", contribution__isnull=False, grant=None, expense=None, reversal_of=None)
                | Q(kind="expense", expense__isnull=False, grant=None, contribution=None, reversal_of=None)
                | Q(kind="reversal", reversal_of__isnull=False, grant=None, contribution=None, expense=None),
                name="entry_rests_on_one_voucher",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["grant", "contribution", "expense", "reversal"]), name="entry_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(incoming__gt=0, outgoing=0) | Q(incoming=0, outgoing__gt=0),
                name="entry_comes_in_or_goes_out",
            ),
            models.CheckConstraint(condition=Q(balance__gte=0), name="account_never_overdrawn"),
            models.CheckConstraint(condition=Q(number__gte=1), name="entry_counts_from_one"),
            models.CheckConstraint(condition=~Q(kind="reversal") | ~Q(reason=""), name="reversal_has_a_reason"),
            models.CheckConstraint(
                condition=Q(kind="grant") | Q(booked_by__isnull=False), name="entry_booked_by_somebody"
            ),
            models.UniqueConstraint(fields=["account", "number"], name="entry_once_per_number"),
        ]
        triggers = [
            pgtrigger.Protect(name="ledger_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="entry_in_order",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                declare=[("before", "agreements_ledgerentry%ROWTYPE")],
                func=_ENTRY_IN_ORDER,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} #{self.number}"

    @property
    def amount(self) -> Decimal:
        """What the entry changes of the balance: positive for money that came in."""
        return self.incoming - self.outgoing

    @property
    def words(self) -> str:
        """What the entry is about, in a line."""
        if self.expense is not None:
            return f"{self.expense.kind_words}：{self.expense.purpose}（{self.expense.payee}）"
        if self.contribution is not None:
            return f"{self.contribution.get_side_display()}：{self.contribution.what}"
        if self.reversal_of is not None:
            return _("冲销第 %(n)s 笔：%(reason)s") % {"n": self.reversal_of.number, "reason": self.reason}
        return str(self.grant.get_source_display()) if self.grant else ""


class AccountStatement(models.Model):
    """An 账户明细单 that somebody asked for: an account and a period, up to the last entry of that moment; the PDF is made by the worker."""

    account = models.ForeignKey(Account, verbose_name=_("账户"), on_delete=models.PROTECT, related_name="statements")
    from_on = models.DateField(_("起始日期"))
    to_on = models.DateField(_("截止日期"))
    last_number = models.PositiveIntegerField(_("截至流水序号"))
    asked_by = _person(_("申请人"))
    asked_on = models.DateField(_("申请日期"))
    asked_at = models.DateTimeField(auto_now_add=True)
    record = models.OneToOneField(IssuedRecord, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    pdf = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("账户明细单")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(from_on__lte=F("to_on")), name="statement_period_in_order"),
            models.CheckConstraint(
                condition=Q(pdf=None, record=None) | Q(pdf__isnull=False, record__isnull=False),
                name="statement_has_its_record",
            ),
            models.UniqueConstraint(
                fields=["account", "from_on", "to_on", "last_number"], name="statement_once_per_period_and_state"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.from_on}–{self.to_on}"
