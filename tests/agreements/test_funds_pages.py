"""The pages of the money: who sees and does what, lists with their sums, the plan of both sides, statements, inbox and overview."""

import io
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from agreements import funds_inbox, funds_queries
from agreements.models import Account, AccountStatement, Contribution, ContributionPlan, Expense
from agreements.money import Side
from agreements.services import contributions, expenses, statements
from bases.models import Base
from portal import inbox
from portal.acting import Acting
from portal.errors import NotYours, Refused
from portal.models import OutboxJob
from tests.agreements.funds import colleague, entered, granted, own_account, paid_in, settled, spent
from tests.conftest import TODAY
from tests.factories import World, pdf_upload
from tests.portal.pdfs import flat, texts

SignedIn = Callable[[Acting], Client]


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


def waiting(acting: Acting, on: date) -> list[str]:
    return [item.why for item in inbox.items(acting, on) if item.group == "经费"]


def plan_of(base: Base, side: str) -> dict[tuple[int, str], Decimal]:
    return {
        (year, kind): plan.amount
        for (year, whose, kind), plan in contributions.current_plans(base).items()
        if whose == side
    }


@pytest.mark.article("12")
class TestThePlan:
    def test_begins_with_the_budget_of_the_recognised_application(self, world: World, base: Base):
        lines = [
            (line.side, line.year_1, line.year_2, line.year_3) for line in world.application(base).budget_lines.all()
        ]
        wanted: dict[tuple[int, str], Decimal] = {}
        for side, *amounts in lines:
            for year, amount in enumerate(amounts, start=1):
                if amount:
                    wanted[year, side] = wanted.get((year, side), Decimal(0)) + amount
        found = ContributionPlan.objects.filter(base=base, kind="funds", number=1, written_by=None)
        assert wanted
        assert {(plan.year, plan.side): plan.amount for plan in found} == wanted

    def test_is_not_taken_from_the_budget_twice(self, base: Base, today):
        before = ContributionPlan.objects.filter(base=base).count()
        contributions.plan_from_budget(base=base, lines=[("unit", [Decimal(5), None, None])], on=today)
        assert ContributionPlan.objects.filter(base=base).count() == before

    def test_that_is_changed_keeps_what_it_said_before(self, world: World, base: Base, today):
        amounts = plan_of(base, "partner") | {(1, "equipment"): Decimal(80_000)}
        contributions.write_plan(
            base=base, side="partner", amounts=amounts, reason="", by=world.partner_officer, on=today
        )
        amounts[1, "equipment"] = Decimal(90_000)
        changed: dict[str, Any] = {
            "base": base,
            "side": "partner",
            "amounts": amounts,
            "by": world.partner_officer,
            "on": today,
        }
        with pytest.raises(Refused, match="调整已有的计划请写明原因"):
            contributions.write_plan(**changed, reason=" ")
        contributions.write_plan(**changed, reason="追加设备。")
        versions = ContributionPlan.objects.filter(base=base, side="partner", kind="equipment").order_by("number")
        assert [(plan.number, plan.amount, plan.reason) for plan in versions] == [
            (1, 80_000, ""),
            (2, 90_000, "追加设备。"),
        ]
        assert plan_of(base, "partner")[1, "equipment"] == 90_000

    @pytest.mark.parametrize(
        ("who", "side"), [("unit_officer", "partner"), ("partner_officer", "unit"), ("applicant", "unit")]
    )
    def test_is_written_by_its_own_side(self, world: World, base: Base, today, who: str, side: str):
        with pytest.raises(NotYours):
            contributions.write_plan(
                base=base, side=side, amounts={(1, "site"): Decimal(1)}, reason="改。", by=getattr(world, who), on=today
            )

    def test_is_a_table_that_its_side_fills_in(self, world: World, base: Base, today, signed_in: SignedIn):
        client, address = signed_in(world.partner_officer), reverse("base-plan", args=[base.pk])
        form = client.get(address).context["form"]
        sent = {name: str(form[name].value() or "") for name in form.fields}
        assert client.post(address, sent | {"people_2": "12000"}).status_code == 302
        assert plan_of(base, "partner")[2, "people"] == 12_000
        sent["people_2"] = "13000"
        answer = client.post(address, sent)
        assert (answer.status_code, "调整已有的计划请写明原因" in answer.text) == (422, True)


@pytest.mark.article("12")
class TestContributions:
    def test_of_both_sides_are_compared_with_the_plan(self, world: World, base: Base, today):
        planned = plan_of(base, "unit")[1, "funds"]
        paid_in(world, base, today, str(planned / 4))
        paid_in(world, base, today, "5000", side="partner", by=world.partner_officer, kind="equipment", voucher=None)
        found = funds_queries.comparison(base, today)
        rows = {(row.side, row.kind): row for row in found.rows}
        assert rows[Side.UNIT, "funds"].cells[0].rate == Decimal("25.0")
        assert rows[Side.PARTNER, "equipment"].total == funds_queries.Cell(Decimal(0), Decimal(5000))
        assert found.total.total.received == planned / 4 + 5000

    def test_of_money_alone_raise_the_balance_and_only_where_it_came_into_the_account(
        self, world: World, base: Base, today
    ):
        paid_in(world, base, today, "1000")
        paid_in(world, base, today, "2000", kind="site")
        paid_in(world, base, today, "4000", side="partner", by=world.partner_officer, into_account=False)
        assert [entry.amount for entry in own_account(base).entries.all()] == [1000]

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"voucher": None}, "经费投入没有凭证，没有登记。请上传到账通知或者付款回单的扫描件。"),
            ({"received_on": TODAY + timedelta(days=1)}, "到位日期 2026-11-25 还没有到，请在到位之后登记。"),
            (
                {"received_on": TODAY - timedelta(days=1)},
                "到位日期 2026-11-23 早于建设期开始的 2026-11-24；建设期之前的投入写在申报书里，不再登记。",
            ),
            ({"year": 9}, "请选择投入的年度和类型。"),
            ({"what": " "}, "请说明投入了什么。"),
        ],
    )
    def test_that_cannot_be_are_refused(self, world: World, base: Base, today, changes: dict[str, Any], reason: str):
        with pytest.raises(Refused) as refusal:
            paid_in(world, base, today, **changes)
        assert refusal.value.reasons == (reason,)

    @pytest.mark.parametrize(
        ("who", "side"), [("unit_officer", "partner"), ("partner_officer", "other"), ("officer", "unit")]
    )
    def test_are_entered_by_their_own_side(self, world: World, base: Base, today, who: str, side: str):
        with pytest.raises(NotYours):
            paid_in(world, base, today, side=side, by=getattr(world, who))

    def test_the_partner_enters_its_own_on_the_page_and_takes_it_back(
        self, world: World, base: Base, today, signed_in: SignedIn
    ):
        client = signed_in(world.partner_officer)
        sent = {
            "side": "partner", "kind": "funds", "route": "account", "year": "1", "amount": "8000", "received_on": "2026-11-24",
            "what": "企业专项经费", "voucher": pdf_upload("回单.pdf"),
        }  # fmt: skip
        client.post(reverse("contribution-new", args=[base.pk]), sent)
        made = Contribution.objects.get(what="企业专项经费")
        assert (made.amount, made.side, made.entered_by) == (8000, "partner", world.partner_officer.user)
        page = reverse("base-contributions", args=[base.pk])
        assert "企业专项经费" in signed_in(world.unit_officer).get(page).text
        client.post(reverse("contribution-reverse", args=[made.pk]), {"reason": "金额登记有误。"})
        assert [entry.balance for entry in own_account(base).entries.all()] == [8000, 0]
        assert "金额登记有误。" in client.get(page).text


@pytest.mark.article("13 14")
class TestExpenses:
    def test_go_from_the_applicant_to_the_office_and_out_of_the_account(
        self, world: World, base: Base, today, signed_in: SignedIn
    ):
        account = granted(world, base, today)
        sent = {
            "account": account.pk, "kind": "travel", "amount": "3200.50", "spent_on": "2026-11-24", "payee": "某旅行社",
            "purpose": "赴基地实习差旅", "voucher": pdf_upload("发票.pdf"),
        }  # fmt: skip
        signed_in(world.applicant).post(reverse("expense-new", args=[base.pk]), sent)
        expense = Expense.objects.get()
        office = signed_in(world.unit_officer)
        assert "批准支出" in office.get(reverse("expense", args=[expense.pk])).text
        answer = office.post(reverse("expense-approve", args=[expense.pk]), follow=True)
        assert "已批准，从账户支出 3,200.50 元，余额 96,799.50 元。" in answer.text

    @pytest.mark.parametrize(
        ("changes", "field", "words"),
        [
            ({"amount": "2000"}, "amount", "账户余额 1,000.00 元，还差 1,000.00 元，不能列支。"),
            ({"kind": "other"}, "kind_reason", "不属于第十三条列出的八类支出的，请写明列入“其他”的理由。"),
            ({"voucher": ""}, "voucher", "请选择文件。"),
            ({"spent_on": "2026-11-23"}, "spent_on", "早于账户的开立日期 2026-11-24，经费确定之前的支出不能列支。"),
        ],
    )
    def test_a_mistake_is_said_beside_its_field(
        self, world: World, base: Base, today, signed_in: SignedIn, changes: dict[str, str], field: str, words: str
    ):
        account = granted(world, base, today, "1000")
        sent = {
            "account": account.pk, "kind": "travel", "amount": "500", "spent_on": "2026-11-24", "payee": "某旅行社", "purpose": "差旅",
            "voucher": pdf_upload("发票.pdf"),
        }  # fmt: skip
        answer = signed_in(world.applicant).post(reverse("expense-new", args=[base.pk]), sent | changes)
        assert (answer.status_code, list(answer.context["form"].errors[field])) == (422, [words])
        assert not Expense.objects.exists()

    def test_what_is_sent_back_waits_for_its_enterer_and_is_entered_anew_once(
        self, world: World, base: Base, today, signed_in: SignedIn
    ):
        account = granted(world, base, today)
        expense = entered(world, account, today)
        office, applicant = signed_in(world.unit_officer), signed_in(world.applicant)
        assert office.post(reverse("expense-reject", args=[expense.pk]), {"reason": ""}).status_code == 422
        office.post(reverse("expense-reject", args=[expense.pk]), {"reason": "发票抬头不对。"})
        assert waiting(world.applicant, today) == ["付给某材料商行的 1,000.00 元被退回：发票抬头不对。"]
        address = reverse("expense-new", args=[base.pk]) + f"?again={expense.pk}"
        form = applicant.get(address).context["form"]
        assert (form["payee"].value(), form["amount"].value()) == ("某材料商行", Decimal("1000.00"))
        sent = {name: form[name].value() for name in form.fields if name != "voucher"} | {
            "voucher": pdf_upload("新.pdf")
        }
        applicant.post(address, sent)
        assert (Expense.objects.get(replaces=expense).state, waiting(world.applicant, today)) == ("waiting", [])
        with pytest.raises(Refused, match="已经重新登记"):
            entered(world, account, today, replaces=expense)

    def test_the_list_is_narrowed_by_the_address_and_sums_all_its_pages(
        self, world: World, base: Base, today, signed_in: SignedIn
    ):
        account = granted(world, base, today)
        for n in range(3):
            spent(world, account, today, f"{100 + n}")
        entered(world, account, today, "7", kind="travel")
        back = spent(world, account, today, "50")
        expenses.reverse_expense(expense=back.expense, reason="重复。", by=world.unit_officer, on=today)
        client, address = signed_in(world.officer), reverse("base-expenses", args=[base.pk])
        sums = client.get(address).context["sums"]
        assert sums == {"count": 5, "approved": Decimal("303.00"), "waiting": Decimal("7.00")}
        for query, count in (
            ("state=waiting", 1),
            ("kind=travel", 1),
            (f"account={own_account(base).pk}", 0),
            ("year=2026&q=材料", 5),
        ):
            assert client.get(f"{address}?{query}").context["sums"]["count"] == count
        assert client.get(f"{address}?state=lost&year=x&account=%00").status_code in {200, 400}

    def test_the_list_as_excel_has_typed_cells_and_the_sum(self, world: World, base: Base, today, signed_in: SignedIn):
        account = granted(world, base, today)
        spent(world, account, today, "120.50")
        answer = signed_in(world.unit_officer).get(reverse("base-expenses-excel", args=[base.pk]))
        sheet = load_workbook(io.BytesIO(answer.content)).active
        assert [sheet["A3"].value.date(), sheet["G3"].value, sheet["H3"].value] == [today, 120.5, "已批准"]
        assert (sheet["F4"].value, sheet["G4"].value) == ("已批准合计（不含已冲销）", 120.5)

    def test_an_approval_that_comes_too_late_is_refused_on_the_page(
        self, world: World, base: Base, today, signed_in: SignedIn
    ):
        account = granted(world, base, today, "1000")
        one, other = entered(world, account, today), entered(world, account, today)
        expenses.approve_expense(expense=one, by=world.unit_officer, on=today)
        answer = signed_in(world.unit_officer).post(reverse("expense-approve", args=[other.pk]))
        assert answer.status_code == 409
        assert "余额 0.00 元，这一笔 1,000.00 元，还差 1,000.00 元，没有批准" in answer.text

    def test_a_grant_and_its_vouchers_are_not_the_partners(self, world: World, base: Base, today, signed_in: SignedIn):
        on_grant = entered(world, granted(world, base, today), today)
        paid_in(world, base, today, "1000")
        on_own = entered(world, own_account(base), today, "10")
        partner = signed_in(world.partner_officer)
        for expense, status in ((on_grant, 404), (on_own, 200)):
            assert partner.get(reverse("expense", args=[expense.pk])).status_code == status
            assert partner.get(reverse("file", args=[expense.voucher.key])).status_code == status
        assert signed_in(world.officer).get(reverse("file", args=[on_grant.voucher.key])).status_code == 200


@pytest.mark.article("14")
class TestStatements:
    def test_of_a_period_begins_with_what_was_left_before_and_ends_with_what_is_left(
        self, world: World, base: Base, today
    ):
        account = granted(world, base, today)
        spent(world, account, today, "300")
        later = today + timedelta(days=40)
        spent(world, account, later, "700")
        found = statements.period(account, today + timedelta(days=1), later)
        assert (found.opening, found.incoming, found.outgoing, found.closing) == (99_700, 0, 700, 99_000)

    def test_is_made_once_as_a_pdf_with_its_code(self, world: World, base: Base, today, signed_in: SignedIn):
        account = granted(world, base, today)
        spent(world, account, today, "300")
        client = signed_in(world.applicant)
        sent = {"from_on": "2026-11-24", "to_on": "2026-11-24"}
        page = client.post(reverse("account-statement", args=[account.pk]), sent)["Location"]
        client.post(reverse("account-statement", args=[account.pk]), sent)
        assert "明细单正在生成" in client.get(page).text
        job = OutboxJob.objects.get(name="account_statement")
        made = statements.make_pdf(**job.payload)
        assert statements.make_pdf(**job.payload).pdf_id == made.pdf_id
        assert made.pdf is not None
        assert made.record is not None
        with made.pdf.file.open("rb") as content:
            text = flat("".join(texts(content.read())))
        for words in (
            "示范基地支持（第十七条）账户明细单",
            "期初余额",
            "99,700.00",
            "专用材料费：实验材料（某材料商行）",
            made.record.shown_code,
        ):
            assert flat(words) in text
        assert reverse("file", args=[made.pdf.key]) in client.get(page).text
        assert AccountStatement.objects.count() == 1

    def test_that_failed_is_tried_again_from_its_page(self, world: World, base: Base, today, signed_in: SignedIn):
        made = statements.ask_for_statement(
            account=own_account(base), from_on=today, to_on=today, by=world.unit_officer, on=today
        )
        OutboxJob.objects.filter(name="account_statement").update(state="failed")
        client = signed_in(world.unit_officer)
        assert "明细单没有生成成功" in client.get(reverse("statement-state", args=[made.pk])).text
        client.post(reverse("statement-again", args=[made.pk]))
        assert OutboxJob.objects.get(name="account_statement").state == "pending"

    @pytest.mark.parametrize(
        ("sent", "words"),
        [
            ({"from_on": "2026-11-24", "to_on": "2026-11-23"}, "截止日期不能早于起始日期。"),
            ({"from_on": "2026-12-01", "to_on": "2026-12-02"}, "起始日期 2026-12-01 还没有到。"),
        ],
    )
    def test_of_no_period_is_refused(
        self, world: World, base: Base, signed_in: SignedIn, sent: dict[str, str], words: str
    ):
        answer = signed_in(world.unit_officer).post(reverse("account-statement", args=[own_account(base).pk]), sent)
        assert (answer.status_code, words in answer.text) == (422, True)

    def test_as_excel_has_the_balances_as_numbers(self, world: World, base: Base, today, signed_in: SignedIn):
        account = granted(world, base, today)
        spent(world, account, today, "300")
        answer = signed_in(world.unit_officer).get(reverse("account-excel", args=[account.pk]))
        rows = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows(min_row=3, values_only=True))
        assert [(row[2], row[4], row[5], row[6]) for row in rows] == [
            ("期初余额", None, None, 0), ("拨入", 100_000, None, 100_000), ("支出", None, 300, 99_700), ("期末余额", 100_000, 300, 99_700),
        ]  # fmt: skip


@pytest.mark.article("14")
class TestWhatWaits:
    def test_expenses_wait_for_every_officer_but_the_one_who_entered_them(self, world: World, base: Base, today):
        account, other = granted(world, base, today), colleague(world)
        entered(world, account, today, "10")
        entered(world, account, today, "20", by=world.unit_officer)
        both = "2 笔支出待审批，合计 30.00 元。登记人与审批人不能是同一人。"
        assert waiting(other, today) == [both]
        assert waiting(world.unit_officer, today) == [both.replace("2 笔", "1 笔").replace("30.00", "10.00")]
        assert (waiting(world.applicant, today), waiting(world.officer, today)) == ([], [])

    @pytest.mark.article("12")
    def test_what_a_year_that_is_over_lacks_waits_for_its_side(self, world: World, base: Base, today):
        planned = plan_of(base, "partner")[1, "funds"]
        over = today + relativedelta(years=1)
        assert waiting(world.partner_officer, over - timedelta(days=1)) == []
        assert waiting(world.partner_officer, over) == [
            f"合作单位第 1 年（至 2027-11-23）计划投入 {planned:,.2f} 元，已登记 0.00 元，还差 {planned:,.2f} 元。"
        ]
        paid_in(world, base, over, str(planned), side="partner", by=world.partner_officer)
        assert waiting(world.partner_officer, over) == []
        assert len(waiting(world.unit_officer, over)) == 1

    def test_the_overview_says_balance_and_what_waits(self, world: World, base: Base, today):
        account = granted(world, base, today, "82000")
        entered(world, account, today, "10")
        said = funds_inbox.standing([base], world.unit_officer, today)[base.pk]
        assert (said.text, said.tone) == ("余额 8.2 万元，待审批 1 笔", "soon")
        assert funds_inbox.standing([base], world.partner_officer, today)[base.pk].text == "余额 0 万元"


@pytest.mark.article("14")
class TestLists:
    def test_the_department_sees_every_account_with_its_sums(
        self, world: World, base: Base, today, signed_in: SignedIn
    ):
        account = granted(world, base, today, "1000")
        spent(world, account, today, "250")
        entered(world, account, today, "50")
        listed = {each.pk: each for each in signed_in(world.officer).get(reverse("funds")).context["page_obj"]}
        found = listed[account.pk]
        assert (found.came, found.spent, found.balance, found.share, found.waiting, found.waiting_count) == (
            1000, 250, 750, Decimal("25.0"), 50, 1,
        )  # fmt: skip
        sheet = load_workbook(io.BytesIO(signed_in(world.unit_officer).get(reverse("funds-excel")).content)).active
        assert sheet.cell(sheet.max_row, 8).value == 750

    def test_another_unit_sees_none_of_it(self, world: World, base: Base, today, signed_in: SignedIn):
        granted(world, base, today)
        assert list(signed_in(world.other_unit_officer).get(reverse("funds")).context["page_obj"]) == []

    @pytest.mark.parametrize("name", ["base-funds", "base-expenses", "base-contributions", "funds", "training"])
    def test_take_the_same_queries_however_much_there_is(
        self, world: World, base: Base, today, signed_in: SignedIn, django_assert_max_num_queries: Any, name: str
    ):
        client, address = (
            signed_in(world.unit_officer),
            reverse(name, args=[base.pk] if name.startswith("base") else []),
        )

        def asked() -> int:
            with django_assert_max_num_queries(66) as counted:
                client.get(address)
            return len(counted)

        account = granted(world, base, today)
        spent(world, account, today, "1")
        paid_in(world, base, today, "1000")
        entered(world, account, today, "1")
        client.get(address)
        before = asked()
        for n in range(3):
            spent(world, account, today, f"{n + 1}")
            entered(world, account, today, f"{n + 1}")
            paid_in(world, base, today, "1000")
        assert asked() == before

    def test_an_account_shows_its_ledger_page_by_page(self, world: World, base: Base, today, signed_in: SignedIn):
        account = granted(world, base, today)
        entry = spent(world, account, today, "300")
        expenses.reverse_expense(expense=entry.expense, reason="重复列支。", by=world.unit_officer, on=today)
        page = signed_in(world.leader).get(reverse("account", args=[account.pk])).text
        assert "冲销第 2 笔：重复列支。" in page
        assert page.count("100,000.00 元") >= 3

    def test_the_section_of_the_grants_leads_to_the_account(self, world: World, base: Base, today, signed_in: SignedIn):
        account: Account = granted(world, base, today)
        page = signed_in(world.unit_officer).get(reverse("base", args=[base.pk])).text
        assert reverse("account", args=[account.pk]) in page
