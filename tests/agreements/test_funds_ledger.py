"""第十三条, 第十四条: accounts, expenses with four eyes, the append-only ledger and its corrections."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, InternalError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agreements.models import Account, Contribution, Expense, Grant, LedgerEntry
from agreements.services import accounts, contributions, expenses
from bases.lifecycle import State
from bases.models import Base
from portal.errors import NotYours, Overtaken, Refused
from tests.agreements.funds import colleague, entered, granted, own_account, paid_in, settled, spent
from tests.conftest import TODAY
from tests.factories import World

pytestmark = pytest.mark.article("14")


@pytest.fixture(scope="module")
def _settled(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[tuple[World, Base]]:
    with settled(django_db_blocker, tmp_path_factory.mktemp("files"), TODAY) as made:
        yield made


@pytest.fixture
def world(_settled: tuple[World, Base], db: None) -> World:
    """Those who live in it."""
    return deepcopy(_settled[0])


@pytest.fixture
def base(_settled: tuple[World, Base], db: None) -> Base:
    """Under construction since today."""
    return Base.objects.get(pk=_settled[1].pk)


def said(act: Callable[..., Any], **given: Any) -> str:
    with pytest.raises(Refused) as refusal:
        act(**given)
    return "；".join(refusal.value.reasons)


def now() -> None:
    """Ask what the database asks at the end of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def ledger(account: Account) -> list[tuple[str, Decimal, Decimal]]:
    return [(entry.kind, entry.amount, entry.balance) for entry in account.entries.all()]


class TestAccounts:
    @pytest.mark.article("17")
    def test_a_demonstration_grant_opens_its_account_with_the_grant_as_first_entry(self, world: World, today):
        base = world.in_state(State.DEMONSTRATION, today)
        grant = Grant.objects.get(base=base)
        account = grant.account
        assert (account.base, account.kind, account.opened_on) == (base, "grant", grant.granted_on)
        assert ledger(account) == [("grant", Decimal("100000.00"), Decimal("100000.00"))]

    @pytest.mark.article("12")
    def test_the_start_of_the_construction_opens_the_account_of_both_sides(self, world: World, base: Base, today):
        account = own_account(base)
        assert (account.opened_on, ledger(account), accounts.balance(account)) == (today, [], Decimal(0))

    @pytest.mark.article("18")
    def test_each_grant_has_an_account_of_its_own(self, world: World, base: Base, today):
        granted(world, base, today)
        given: dict[str, Any] = {"amount": Decimal(1000), "granted_on": today, "policy": base.policy}
        other = accounts.open_for_grant(Grant.objects.create(base=base, source="innovation", **given))
        spent(world, other, today, "300")
        assert [accounts.balance(account) for account in base.fund_accounts.order_by("pk")] == [0, 100_000, 700]
        assert (str(other), other.articles) == ("创新举措支持（第十八条）", "14 18")

    def test_a_grant_of_before_gets_its_account_by_the_migration(self, base: Base, today):
        grant = Grant.objects.create(
            base=base, source="national", amount=Decimal(500_000), granted_on=today, policy=base.policy
        )
        migration = import_module("agreements.migrations.0004_funds")
        for _twice in range(2):
            migration.open_accounts(apps, None)
        account = Account.objects.get(grant=grant)
        assert (account.base, account.opened_on, ledger(account)) == (base, today, [("grant", 500_000, 500_000)])

    def test_a_grant_is_kept_for_its_own_base_alone(self, world: World, base: Base, today):
        one, other = base, world.constructing(today)
        grant = Grant.objects.create(
            base=one, source="innovation", amount=Decimal(1000), granted_on=today, policy=one.policy
        )
        with pytest.raises(IntegrityError), transaction.atomic():
            Account.objects.create(base=other, kind="grant", grant=grant, opened_on=today)


class TestEntering:
    @pytest.mark.article("13")
    def test_keeps_what_was_paid_to_whom_and_moves_no_money(self, world: World, base: Base, today):
        account = granted(world, base, today)
        expense = entered(world, account, today, "1200.50")
        assert (expense.state, expense.amount, expense.voucher.name, expense.entered_by) == (
            "waiting", Decimal("1200.50"), "发票.pdf", world.applicant.user,
        )  # fmt: skip
        assert accounts.balance(account) == 100_000

    def test_above_the_balance_is_refused_with_the_balance_and_what_is_missing(self, world: World, base: Base, today):
        account = granted(world, base, today, "1000")
        reason = said(entered, world=world, account=account, on=today, amount="1500.50")
        assert reason == (
            "账户“示范基地支持（第十七条）”余额 1,000.00 元，这一笔 1,500.50 元，还差 500.50 元，没有登记。"
            "请核对金额，或者等经费到账后再办理。"
        )

    def test_from_the_grant_of_another_base_is_refused(self, world: World, base: Base, today):
        one, other = base, world.constructing(today)
        account = granted(world, other, today)
        reason = said(entered, world=world, account=account, on=today, base=one)
        assert reason == ("账户“示范基地支持（第十七条）”不是本基地的，没有登记。经费专款专用，只能用于所属的基地。")

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"voucher": None}, "没有凭证，没有登记。请上传发票、合同或者付款回单的扫描件。"),
            (
                {"spent_on": date(2026, 11, 23)},
                "支出日期 2026-11-23 早于账户“示范基地支持（第十七条）”的开立日期 2026-11-24，经费确定之前的支出不能列支。",
            ),
            ({"spent_on": date(2026, 11, 25)}, "支出日期 2026-11-25 还没有到，请在支出之后登记。"),
            ({"kind": "other"}, "不属于第十三条列出的八类支出的，请写明列入“其他”的理由。"),
            ({"amount": "0"}, "支出金额应大于 0。"),
            ({"payee": " "}, "请写明收款方和用途。"),
        ],
    )
    @pytest.mark.article("13")
    def test_refuses_what_no_book_keeper_would_take(
        self, world: World, base: Base, today, changes: dict[str, Any], reason: str
    ):
        account = granted(world, base, today)
        assert said(entered, world=world, account=account, on=today, **changes) == reason

    @pytest.mark.parametrize("who", ["other_applicant", "other_unit_officer", "partner_officer", "officer", "leader"])
    def test_is_for_those_who_keep_the_books_of_the_base(self, world: World, base: Base, today, who: str):
        account = granted(world, base, today)
        with pytest.raises(NotYours):
            entered(world, account, today, by=getattr(world, who))

    def test_from_a_base_whose_cooperation_is_over_is_overtaken(self, world: World, today):
        account = accounts.open_own(world.revoked(today), today)
        with pytest.raises(Overtaken):
            entered(world, account, today)


class TestDeciding:
    def test_an_approval_takes_the_money_from_the_account(self, world: World, base: Base, today):
        account = granted(world, base, today)
        entry = spent(world, account, today, "300")
        now()
        assert (entry.number, entry.amount, entry.balance, entry.booked_by) == (
            2,
            -300,
            99_700,
            world.unit_officer.user,
        )
        assert Expense.objects.get().decided_by == world.unit_officer.user

    def test_nobody_approves_or_sends_back_what_they_entered_themselves(self, world: World, base: Base, today):
        account = granted(world, base, today)
        own = entered(world, account, today, by=world.unit_officer)
        words = "这笔支出是您登记的，登记和审批不能是同一人，请由本单位其他经办审批。"
        assert said(expenses.approve_expense, expense=own, by=world.unit_officer, on=today) == words
        assert said(expenses.reject_expense, expense=own, reason="错", by=world.unit_officer, on=today) == words
        assert expenses.approve_expense(expense=own, by=colleague(world), on=today).balance == 99_000

    def test_four_eyes_stand_in_the_database_too(self, world: World, base: Base, today):
        expense = entered(world, granted(world, base, today), today)
        with pytest.raises(IntegrityError, match="expense_four_eyes"), transaction.atomic():
            Expense.objects.filter(pk=expense.pk).update(
                state="approved", decided_by=expense.entered_by, decided_on=today
            )

    @pytest.mark.parametrize("who", ["applicant", "other_unit_officer", "partner_officer", "officer"])
    def test_is_the_graduate_offices(self, world: World, base: Base, today, who: str):
        expense = entered(world, granted(world, base, today), today, by=world.unit_officer)
        with pytest.raises(NotYours):
            expenses.approve_expense(expense=expense, by=getattr(world, who), on=today)

    def test_what_is_sent_back_says_why_and_moves_no_money(self, world: World, base: Base, today):
        account = granted(world, base, today)
        expense = entered(world, account, today)
        assert said(expenses.reject_expense, expense=expense, reason=" ", by=world.unit_officer, on=today) == (
            "请写明退回原因，经办人据此更正。"
        )
        expenses.reject_expense(expense=expense, reason="发票抬头不对。", by=world.unit_officer, on=today)
        assert (Expense.objects.get().decision_reason, accounts.balance(account)) == ("发票抬头不对。", 100_000)

    def test_a_second_decision_is_told_of_the_first(self, world: World, base: Base, today):
        expense = entered(world, granted(world, base, today), today)
        expenses.withdraw_expense(expense=expense, by=world.applicant, on=today)
        assert said(expenses.approve_expense, expense=expense, by=world.unit_officer, on=today) == (
            f"没有办理：这笔支出已撤回（申报教授，{today}）。"
        )

    def test_only_the_enterer_takes_an_expense_back(self, world: World, base: Base, today):
        expense = entered(world, granted(world, base, today), today)
        with pytest.raises(NotYours):
            expenses.withdraw_expense(expense=expense, by=world.unit_officer, on=today)

    def test_the_balance_counts_again_at_the_approval(self, world: World, base: Base, today):
        account = granted(world, base, today, "1000")
        one, other = entered(world, account, today), entered(world, account, today)
        expenses.approve_expense(expense=one, by=world.unit_officer, on=today)
        assert said(expenses.approve_expense, expense=other, by=world.unit_officer, on=today).startswith(
            "账户“示范基地支持（第十七条）”余额 0.00 元，这一笔 1,000.00 元，还差 1,000.00 元，没有批准。"
        )


class TestCorrecting:
    def test_a_reversal_brings_the_money_back_and_the_original_stays(self, world: World, base: Base, today):
        account = granted(world, base, today)
        entry = spent(world, account, today, "300")
        back = expenses.reverse_expense(expense=entry.expense, reason="重复列支。", by=world.unit_officer, on=today)
        assert (back.reversal_of, back.amount, back.balance, back.reason) == (entry, 300, 100_000, "重复列支。")
        assert [kind for kind, *_amounts in ledger(account)] == ["grant", "expense", "reversal"]

    def test_a_second_reversal_is_told_of_the_first(self, world: World, base: Base, today):
        entry = spent(world, granted(world, base, today), today)
        act: dict[str, Any] = {"expense": entry.expense, "reason": "重复列支。", "by": world.unit_officer, "on": today}
        expenses.reverse_expense(**act)
        assert said(expenses.reverse_expense, **act) == f"没有办理：这一笔已由研院老师于 {today} 冲销。"

    @pytest.mark.article("12")
    def test_a_contribution_that_is_spent_cannot_be_reversed(self, world: World, base: Base, today):
        made = paid_in(world, base, today, "1000")
        spent(world, own_account(base), today, "400")
        reason = said(
            contributions.reverse_contribution, contribution=made, reason="记错。", by=world.unit_officer, on=today
        )
        assert reason.startswith("账户“双方投入经费”余额 600.00 元，这一笔 1,000.00 元，还差 400.00 元，没有冲销。")
        assert not hasattr(Contribution.objects.get(), "reversal")

    @pytest.mark.article("12")
    def test_a_contribution_that_is_not_spent_goes_out_again(self, world: World, base: Base, today):
        made = paid_in(world, base, today, "1000")
        contributions.reverse_contribution(contribution=made, reason="记错。", by=world.unit_officer, on=today)
        assert ledger(own_account(base)) == [("contribution", 1000, 1000), ("reversal", -1000, 0)]

    def test_an_entry_of_an_earlier_day_takes_the_day_of_the_one_before(self, world: World, base: Base, today):
        paid_in(world, base, today + timedelta(days=1))
        assert spent(world, own_account(base), today).booked_on == today + timedelta(days=1)


class TestTheDatabase:
    """Whatever a program forgets, the tables refuse."""

    @pytest.fixture
    def account(self, world: World, base: Base, today) -> Account:
        return granted(world, base, today, "1000")

    def forged(self, account: Account, **changes: Any) -> LedgerEntry:
        last = account.entries.last()
        given = {
            "account": account,
            "number": last.number + 1,
            "booked_on": last.booked_on,
            "booked_by_id": account.base.applicant_id,
        }
        return LedgerEntry(**(given | changes))

    def test_keeps_entries_as_they_are(self, account: Account):
        for act in (lambda: account.entries.update(balance=5), lambda: account.entries.all().delete()):
            with pytest.raises(InternalError, match="ledgerentry"), transaction.atomic():
                act()

    def test_takes_no_entry_that_does_not_follow_the_one_before(self, world: World, account: Account, today):
        expense = entered(world, account, today, "300")
        for wrong in ({"balance": 800}, {"number": 7, "balance": 700}, {"balance": 700}):
            entry = self.forged(account, kind="expense", expense=expense, outgoing=300, **wrong)
            with pytest.raises(IntegrityError), transaction.atomic():
                entry.save()

    def test_takes_no_balance_below_zero(self, world: World, account: Account, today):
        expense = entered(world, account, today, "300")
        entry = self.forged(account, kind="expense", expense=expense, outgoing=1300, balance=-300)
        with pytest.raises(IntegrityError, match="account_never_overdrawn"), transaction.atomic():
            entry.save()

    def test_takes_no_approval_without_an_entry(self, world: World, account: Account, today):
        expense = entered(world, account, today, "300")
        now()
        with pytest.raises(IntegrityError, match="not in the ledger"), transaction.atomic():
            Expense.objects.filter(pk=expense.pk).update(
                state="approved", decided_by=world.unit_officer.user, decided_on=today
            )

    def test_takes_no_change_of_what_was_entered(self, world: World, account: Account, today):
        expense = entered(world, account, today, "300")
        with pytest.raises(InternalError), transaction.atomic():
            Expense.objects.filter(pk=expense.pk).update(amount=1)


class TestAtRandom:
    """Whatever is approved, sent back, corrected and paid in, in whatever order: the balance is the sum of the entries."""

    STEPS = st.lists(
        st.tuples(
            st.sampled_from(["pay", "enter", "approve", "reject", "reverse", "take_back"]),
            st.integers(1, 60),
            st.integers(0, 9),
        ),
        max_size=25,
    )

    @given(steps=STEPS)
    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_the_balance_is_the_sum(self, world: World, base: Base, today, steps: list[tuple[str, int, int]]):
        with transaction.atomic():
            base = Account.objects.filter(kind="own").first()
            account = base or accounts.open_own(base, today)
            for step in steps:
                self.take(world, account, today, *step)
            now()
            self.check(account)
            transaction.set_rollback(True)

    def take(self, world: World, account: Account, today: date, what: str, amount: int, which: int) -> None:
        money = f"{amount * 100}.{which}5"
        state = {"approve": "waiting", "reject": "waiting", "reverse": "approved"}.get(what)
        found = list(account.expenses.filter(state=state).order_by("pk")) if state else []
        paid = list(account.base.contributions.order_by("pk"))
        acts: dict[str, Callable[[], Any]] = {
            "pay": lambda: paid_in(world, account.base, today, money),
            "enter": lambda: entered(world, account, today, money),
            "approve": lambda: expenses.approve_expense(
                expense=found[which % len(found)], by=world.unit_officer, on=today
            ),
            "reject": lambda: expenses.reject_expense(
                expense=found[which % len(found)], reason="退回。", by=world.unit_officer, on=today
            ),
            "reverse": lambda: expenses.reverse_expense(
                expense=found[which % len(found)], reason="冲销。", by=world.unit_officer, on=today
            ),
            "take_back": lambda: contributions.reverse_contribution(
                contribution=paid[which % len(paid)], reason="冲销。", by=world.unit_officer, on=today
            ),
        }
        if (state and not found) or (what == "take_back" and not paid):
            return
        try:
            with transaction.atomic():
                acts[what]()
        except Refused:
            pass

    def check(self, account: Account) -> None:
        entries = list(account.entries.all())
        running, seen = Decimal(0), []
        for entry in entries:
            running += entry.amount
            seen.append(running)
        assert [entry.balance for entry in entries] == seen
        assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
        approved = sum(
            (e.amount for e in account.expenses.filter(state="approved", ledger_entry__reversal=None)), Decimal(0)
        )
        received = sum((c.amount for c in account.base.contributions.filter(reversal=None)), Decimal(0))
        assert accounts.balance(account) == running == received - approved
        assert running >= 0
