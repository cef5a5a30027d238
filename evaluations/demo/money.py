"""The books of the demo's bases: what both sides paid in year by year, what was spent, what waits for approval."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from agreements.models import Account, Expense
from agreements.services import contributions, expenses
from bases.lifecycle import LIVING
from bases.models import Base
from evaluations.demo.stories import Stage
from portal.acting import Acting
from portal.roles import Role

# What is bought from the account each year: days after the beginning of the year, category, yuan, payee, purpose.
BOUGHT = (
    (70, "travel", "8640.00", "呼和浩特铁路客运（演示）", "研究生赴基地实践往返差旅"),
    (120, "materials", "23580.50", "塞北试验器材商行（演示）", "课题试验材料"),
)
FROM_A_GRANT = (
    (40, "experts", "12000.00", "评议专家五人（演示）", "行业专家讲学与论文评议咨询费"),
    (65, "materials", "18650.00", "塞北试验器材商行（演示）", "示范课程试验材料"),
)


@dataclass(frozen=True)
class Books:
    """Who keeps the books of one base."""

    stage: Stage
    base: Base
    applicant: Acting
    office: Acting
    partner: Acting

    @classmethod
    def of(cls, base: Base, stage: Stage) -> Books:
        """The people of its unit and its partner."""
        cast, partner = stage.cast, str(base.partner.name if base.partner else "")
        return cls(
            stage, base,
            cast.acting(base.applicant.username, Role.APPLICANT),
            cast.acting(cast.holder(Role.UNIT_OFFICER, base.training_unit.name), Role.UNIT_OFFICER),
            cast.acting(cast.holder(Role.PARTNER_OFFICER, partner), Role.PARTNER_OFFICER),
        )  # fmt: skip

    def pay_in(self, on: date, year: int, side: str, amount: str, what: str, **more: Any) -> None:
        """One side's money of a year, on that day."""
        by = self.partner if side == "partner" else self.office
        contributions.contribute(
            base=self.base, side=side, kind="funds", year=year, amount=Decimal(amount), received_on=on, what=what,
            voucher=self.stage.paper("到账通知.pdf"), by=by, on=on, **more,
        )  # fmt: skip

    def enter(self, account: Account, on: date, kind: str, amount: str, payee: str, purpose: str) -> Expense:
        """An expense that the applicant enters."""
        return expenses.enter_expense(
            base=self.base, account=account, kind=kind, amount=Decimal(amount), spent_on=on, payee=payee, purpose=purpose,
            voucher=self.stage.paper("发票.pdf"), by=self.applicant, on=on,
        )  # fmt: skip

    def buy(self, account: Account, on: date, kind: str, amount: str, payee: str, purpose: str) -> Expense:
        """The same, approved by the office."""
        expense = self.enter(account, on, kind, amount, payee, purpose)
        expenses.approve_expense(expense=expense, by=self.office, on=on)
        return expense


def keep_books(stage: Stage) -> None:
    """Both sides pay in what they planned, students travel and material is bought; the second base's partner is behind with a year."""
    living = Base.objects.filter(state__in=LIVING).select_related("training_unit", "partner", "applicant")
    for number, base in enumerate(living.order_by("construction_started_on", "pk")):
        _years(Books.of(base, stage), behind=number == 1)
        for account in Account.objects.filter(base=base, kind=Account.Kind.GRANT):
            _grant(Books.of(base, stage), account)


def _years(books: Books, *, behind: bool) -> None:
    today = books.stage.today
    account = Account.objects.get(base=books.base, kind=Account.Kind.OWN)
    begun = [
        year for year in contributions.years(books.base, today)[:3] if year.starts_on + timedelta(days=30) <= today
    ]
    for year in begun:
        on = year.starts_on + timedelta(days=30)
        books.pay_in(on, year.number, "unit", "80000.00", "年度配套经费")
        if not (behind and year is begun[-1]):
            books.pay_in(on, year.number, "partner", "50000.00", "年度合作培养经费")
            books.pay_in(on, year.number, "partner", "60000.00", "研究生生活补贴（企业直接发放）", into_account=False)
        for days, *bought in BOUGHT:
            if (day := year.starts_on + timedelta(days=days)) <= today:
                books.buy(account, day, *bought)
    if begun:
        books.enter(account, today, "insurance", "3600.00", "某财产保险公司（演示）", "基地研究生意外伤害保险")


def _grant(books: Books, account: Account) -> None:
    """Two expenses from a grant; one was entered twice and taken back."""
    today = books.stage.today
    for days, *bought in FROM_A_GRANT:
        if (day := account.opened_on + timedelta(days=days)) <= today:
            books.buy(account, day, *bought)
            if bought[0] == "materials":
                again = books.buy(account, day, *bought)
                expenses.reverse_expense(expense=again, reason="同一张发票重复登记。", by=books.office, on=day)
    books.enter(account, today, "travel", "4280.00", "呼和浩特铁路客运（演示）", "赴兄弟基地交流差旅")
