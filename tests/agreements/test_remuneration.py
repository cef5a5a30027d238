"""权责划分（一）2: what the unit pays to the partner's people whom it appointed, beside what the agreement says."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import InternalError, connection, transaction
from django.db.utils import IntegrityError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from agreements import remuneration_queries
from agreements.models import Appointment, Mentor, RemunerationPayment
from agreements.remuneration_queries import PaymentFilters
from agreements.services import remuneration
from bases.models import Base
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from tests.agreements.agreed import known_by_its_scan
from tests.agreements.placing import appoint
from tests.factories import World, pdf_upload

pytestmark = [pytest.mark.agreement("权责划分（一）2"), pytest.mark.article("11")]

FROM, TO, PAID = date(2026, 9, 1), date(2026, 10, 31), date(2026, 11, 5)
TERM = {"starts_on": date(2026, 1, 1), "ends_on": date(2028, 12, 31)}


@pytest.fixture
def world(cooperation: tuple[World, Base]) -> World:
    return cooperation[0]


@pytest.fixture
def base(cooperation: tuple[World, Base]) -> Base:
    return cooperation[1]


@pytest.fixture
def engineer(base: Base, today: date) -> Mentor:
    """Somebody of the partner, appointed from 2026 to 2028."""
    return appoint(base, "industry", "龚工", today, **TERM)


def pay(
    world: World, base: Base, mentor: Mentor, on: date, amount: str = "3000", **changes: Any
) -> RemunerationPayment:
    given = {
        "from_on": FROM,
        "to_on": TO,
        "amount": Decimal(amount),
        "paid_on": PAID,
        "by": world.unit_officer,
        "on": on,
    }
    return remuneration.pay(base=base, mentor=mentor, voucher=pdf_upload("发放表.pdf"), **given | changes)


def reasons(act: Callable[[], Any], kind: type[Refused] = Refused) -> tuple[str, ...]:
    with pytest.raises(kind) as refusal:
        act()
    return refusal.value.reasons


def listed(world: World, base: Base, **wanted: Any) -> list[RemunerationPayment]:
    return list(remuneration_queries.listed(world.unit_officer, base, PaymentFilters(**wanted)))


class TestPaying:
    def test_is_noted_by_the_unit_with_its_voucher(self, world: World, base: Base, engineer: Mentor, today: date):
        made = pay(world, base, engineer, today, note="指导费。")
        assert (made.appointment.mentor, made.amount, made.from_on, made.to_on, made.paid_on, made.note) == (
            engineer, Decimal(3000), FROM, TO, PAID, "指导费。",
        )  # fmt: skip
        assert (made.voucher.name, made.entered_by, made.entered_on) == ("发放表.pdf", world.unit_officer.user, today)

    def test_is_the_units(self, world: World, base: Base, engineer: Mentor, today: date):
        for other in (world.partner_officer, world.applicant, world.other_unit_officer, world.officer):
            act = lambda by=other: pay(world, base, engineer, today, by=by)  # noqa: E731
            assert reasons(act, NotYours) == ("这件事由培养单位研究生院办理。",)
        assert not RemunerationPayment.objects.exists()

    def test_wants_an_appointment_for_the_whole_time(self, world: World, base: Base, engineer: Mentor, today: date):
        early = date(2025, 12, 1)
        assert reasons(lambda: pay(world, base, engineer, today, from_on=early)) == (
            "龚工的聘期是 2026-01-01 至 2028-12-31，2025-12-01 至 2026-10-31 不在一个聘期之内；跨两个聘期的请分开登记。",
        )
        stranger = Mentor.objects.create(kind="industry", partner_unit=base.partner, name="邵工", entered_on=today)
        assert reasons(lambda: pay(world, base, stranger, today)) == ("邵工没有本基地的聘任，不能登记报酬。",)
        assert not RemunerationPayment.objects.exists()

    def test_ends_with_the_appointment(self, world: World, base: Base, engineer: Mentor, today: date):
        Appointment.objects.filter(mentor=engineer).update(
            status="ended", ended_on=date(2026, 9, 30), ended_reason="调离。"
        )
        (reason,) = reasons(lambda: pay(world, base, engineer, today))
        assert reason.startswith("龚工的聘期是 2026-01-01 至 2026-09-30，")
        assert pay(world, base, engineer, today, to_on=date(2026, 9, 30)).amount == 3000

    def test_is_for_the_partners_people(self, world: World, base: Base, today: date):
        teacher = appoint(base, "campus", "常教授", today, **TERM)
        assert reasons(lambda: pay(world, base, teacher, today)) == ("报酬付给聘任的合作单位人员；常教授是校内导师。",)

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"to_on": FROM - timedelta(days=1)}, "计酬截止日不能早于起始日。"),
            ({"paid_on": FROM - timedelta(days=1)}, "支付日期不能早于计酬起始日，也不能晚于今天。"),
            ({"paid_on": date(2026, 11, 25)}, "支付日期不能早于计酬起始日，也不能晚于今天。"),
        ],
    )
    def test_has_its_days_in_order(
        self, world: World, base: Base, engineer: Mentor, today: date, changes: dict[str, Any], reason: str
    ):
        assert reasons(lambda: pay(world, base, engineer, today, **changes)) == (reason,)

    def test_without_an_appointment_is_refused_by_the_database_too(
        self, world: World, base: Base, engineer: Mentor, today: date
    ):
        made = pay(world, base, engineer, today)
        made.pk, made.from_on = None, date(2025, 1, 1)
        with pytest.raises(IntegrityError, match="for the time of their appointment"), transaction.atomic():
            made.save(force_insert=True)


class TestCorrecting:
    def test_is_a_reversal_beside_what_was_entered(self, world: World, base: Base, engineer: Mentor, today: date):
        made, kept = pay(world, base, engineer, today), pay(world, base, engineer, today, "500")
        remuneration.reverse(payment=made, reason="金额记错。", by=world.unit_officer, on=today)
        assert listed(world, base) == [kept, made]
        assert remuneration_queries.sum_of(remuneration_queries.visible_payments(world.unit_officer)) == 500
        again = lambda: remuneration.reverse(payment=made, reason="再来。", by=world.unit_officer, on=today)  # noqa: E731
        assert reasons(again, Overtaken) == ("这一笔报酬已经冲销，没有重复办理。",)

    def test_needs_a_reason_and_is_the_units(self, world: World, base: Base, engineer: Mentor, today: date):
        made = pay(world, base, engineer, today)
        reverse_ = lambda by, reason: remuneration.reverse(payment=made, reason=reason, by=by, on=today)  # noqa: E731
        assert reasons(lambda: reverse_(world.unit_officer, " ")) == ("请写明冲销原因。",)
        assert reasons(lambda: reverse_(world.partner_officer, "不对。"), NotYours) == (
            "这件事由培养单位研究生院办理。",
        )

    def test_never_changes_what_was_entered(self, world: World, base: Base, engineer: Mentor, today: date):
        made = pay(world, base, engineer, today)
        reversal = remuneration.reverse(payment=made, reason="金额记错。", by=world.unit_officer, on=today)
        for row in (made, reversal):
            with pytest.raises(InternalError), transaction.atomic():
                type(row).objects.filter(pk=row.pk).update(entered_on=FROM)
            with pytest.raises(InternalError), transaction.atomic():
                type(row).objects.filter(pk=row.pk)._raw_delete("default")


class TestThePage:
    def test_shows_the_clause_the_payments_and_totals_by_mentor_and_year(
        self, signed_in: Callable[[Acting], Client], world: World, base: Base, engineer: Mentor, today: date
    ):
        known_by_its_scan(
            base, date(2026, 1, 1), date(2028, 12, 31), pay_standard="每指导一人每月 300 元。", pay_way="每学期末转账。"
        )
        other = appoint(base, "industry", "邵工", today, starts_on=date(2025, 1, 1), ends_on=date(2028, 12, 31))
        pay(world, base, engineer, today)
        pay(world, base, other, today, "800")
        last_year = {"from_on": date(2025, 3, 1), "to_on": date(2025, 6, 30), "paid_on": date(2025, 7, 1)}
        pay(world, base, other, today, "1200", **last_year)
        remuneration.reverse(
            payment=pay(world, base, other, today, "99"), reason="重复。", by=world.unit_officer, on=today
        )
        page = signed_in(world.partner_officer).get(reverse("base-remuneration", args=[base.pk]))
        for wanted in ("每指导一人每月 300 元。", "每学期末转账。", "重复。", "5,000.00 元"):
            assert wanted in page.text
        assert page.context["years"] == [2026, 2025]
        assert [(each.mentor, each.by_year, each.sum) for each in page.context["totals"]] == [
            (other, [Decimal(800), Decimal(1200)], Decimal(2000)), (engineer, [Decimal(3000), Decimal(0)], Decimal(3000)),
        ]  # fmt: skip
        assert "登记报酬" not in page.text

    def test_is_filtered_and_exported_as_it_is_filtered(
        self, signed_in: Callable[[Acting], Client], world: World, base: Base, engineer: Mentor, today: date
    ):
        other = appoint(base, "industry", "邵工", today, **TERM)
        first, second = pay(world, base, engineer, today), pay(world, base, other, today, "800")
        client, query = signed_in(world.unit_officer), f"?mentor={other.pk}&year=2026"
        page = client.get(reverse("base-remuneration", args=[base.pk]) + query)
        assert list(page.context["page_obj"]) == [second]
        assert listed(world, base, year=2025) == []
        assert listed(world, base) == [second, first]
        sheet = load_workbook(
            io.BytesIO(client.get(reverse("remuneration-excel", args=[base.pk]) + query).content)
        ).active
        assert sheet is not None
        values = [[cell.value for cell in row] for row in sheet.iter_rows()]
        assert [row[5] for row in values if row[0] == "邵工"] == [800]
        assert [row[5] for row in values if row[0] == "合计（不含已冲销）"] == [800]

    def test_of_another_partner_does_not_exist(
        self, signed_in: Callable[[Acting], Client], world: World, base: Base, engineer: Mentor, today: date
    ):
        made = pay(world, base, engineer, today)
        client = signed_in(world.other_partner_officer)
        assert client.get(reverse("base-remuneration", args=[base.pk])).status_code == 404
        assert client.get(reverse("file", args=[made.voucher.key])).status_code == 404
        assert signed_in(world.partner_officer).get(reverse("file", args=[made.voucher.key])).status_code == 200

    def test_takes_an_entry_and_says_beside_the_field_what_is_wrong(
        self, signed_in: Callable[[Acting], Client], world: World, base: Base, engineer: Mentor, today: date
    ):
        client, address = signed_in(world.unit_officer), reverse("remuneration-new", args=[base.pk])
        entered = {
            "mentor": engineer.pk, "from_on": "2025-11-01", "to_on": "2026-01-31", "amount": "3000", "paid_on": "2026-02-01",
            "voucher": pdf_upload("回单.pdf"),
        }  # fmt: skip
        wrong = client.post(address, entered)
        assert wrong.status_code == 422
        assert wrong.context["form"].errors["from_on"][0].startswith("龚工的聘期是 2026-01-01 至 2028-12-31")
        done = client.post(address, entered | {"from_on": "2026-01-01", "voucher": pdf_upload("回单.pdf")})
        assert done["Location"] == reverse("base-remuneration", args=[base.pk])
        made = RemunerationPayment.objects.get()
        assert (made.amount, made.from_on) == (Decimal(3000), date(2026, 1, 1))
        client.post(reverse("remuneration-reverse", args=[made.pk]), {"reason": "记错。"})
        assert RemunerationPayment.objects.get().reversal.reason == "记错。"

    def test_takes_the_same_number_of_queries_for_many(
        self,
        signed_in: Callable[[Acting], Client],
        world: World,
        base: Base,
        engineer: Mentor,
        today: date,
        settings: Any,
    ):
        settings.INBOX_COUNT_SECONDS = 60
        client, address = signed_in(world.unit_officer), reverse("base-remuneration", args=[base.pk])
        made = pay(world, base, engineer, today)
        pay(world, base, engineer, today)
        remuneration.reverse(payment=made, reason="记错。", by=world.unit_officer, on=today)

        def counted() -> int:
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            return len(queries)

        few = counted()
        for n in range(4):
            pay(world, base, appoint(base, "industry", f"工{n}", today, **TERM), today)
            pay(world, base, engineer, today)
        assert counted() == few
