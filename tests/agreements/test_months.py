"""协议 权责划分（二）5: the partner appraises every student monthly and pays a stipend not below what the parties agreed on."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.db.utils import DatabaseError

from agreements import months as calendar
from agreements.models import MonthClosing, MonthlyRecord, MonthReview
from agreements.month_inbox import standing
from agreements.month_queries import matrix
from agreements.services import month_rows, months
from bases.models import Base
from portal import inbox
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from tests.agreements.months import AT, NOVEMBER, OCTOBER, WHOLE, agreed, filled, line_of, place, save, yuan
from tests.factories import World, pdf_upload

pytestmark = pytest.mark.agreement("权责划分（二）5")


@pytest.fixture
def world(cooperation: tuple[World, Base]) -> World:
    """Everybody."""
    return cooperation[0]


@pytest.fixture
def bare(cooperation: tuple[World, Base]) -> Base:
    """A base under construction without an agreement."""
    return cooperation[1]


@pytest.fixture
def base(bare: Base) -> Base:
    """A base under construction whose agreement asks for 1,000 and 2,000 yuan."""
    agreed(bare)
    return bare


def waits(acting: Acting, on: date) -> list[str]:
    """What waits for somebody around the months: why."""
    return [item.why for item in inbox.items(acting, on) if item.group == "月度考核"]


class TestArithmetic:
    @pytest.mark.parametrize(
        ("starts_on", "ends_on", "days"),
        [
            (date(2026, 3, 1), date(2027, 6, 30), 30),
            (date(2026, 11, 30), date(2027, 6, 30), 1),
            (date(2026, 3, 1), date(2026, 11, 15), 15),
            (date(2026, 11, 3), date(2026, 11, 5), 3),
            (date(2026, 12, 1), date(2027, 6, 30), 0),
        ],
    )
    def test_days_of_a_month_in_the_base_count_both_ends(self, starts_on: date, ends_on: date, days: int):
        assert calendar.days_there(NOVEMBER, starts_on, ends_on) == days

    @pytest.mark.parametrize(
        ("days", "share"), [(30, "1000"), (15, "500.00"), (1, "33.33"), (20, "666.67"), (31, "1000")]
    )
    def test_a_floor_counts_by_days_for_a_part_of_a_month(self, days: int, share: str):
        assert calendar.share(Decimal(1000), NOVEMBER, days) == Decimal(share)

    def test_no_floor_stays_none(self):
        assert calendar.share(None, NOVEMBER, 3) is None

    def test_the_last_day_of_a_short_month_is_due_instead_of_a_later_one(self):
        assert calendar.due_on(date(2026, 1, 1), 28) == date(2026, 2, 28)
        assert calendar.due_on(date(2026, 12, 1), 10) == date(2027, 1, 10)

    @pytest.mark.parametrize("text", ["2026-13", "2026-1", "1999-01", "jetzt", ""])
    def test_what_is_no_month_is_none(self, text: str):
        assert calendar.read(text) is None


class TestALine:
    def test_keeps_what_was_entered_by_whom_and_when(self, world: World, base: Base, today: date):
        student = place(base)
        filled(base, OCTOBER, world.partner_officer, today, student)
        assert line_of(student, OCTOBER) == {
            "grade": "qualified", "days": 22, "amount": yuan("1500"), "paid_on": date(2026, 11, 5), "state": "done"
        }  # fmt: skip
        record = MonthlyRecord.objects.get()
        assert (record.entered_by, record.entered_on, record.saved_at, record.floor) == (
            world.partner_officer.user, today, AT, yuan("1000"),
        )  # fmt: skip

    def test_that_lacks_something_is_kept_as_a_draft(self, world: World, base: Base, today: date):
        student = place(base)
        outcome = save(base, OCTOBER, world.partner_officer, {student: {"grade": "优秀", "amount": "1,500"}}, today)
        assert outcome.faults == {}
        assert line_of(student, OCTOBER)["state"] == "draft"
        assert month_rows.sheet_of(base, OCTOBER).rows[0].lacks == ["days"]

    @pytest.mark.parametrize(
        ("texts", "key", "words"),
        [
            ({"amount": "很多"}, "amount", "“很多”不是数字，请只填数字，例如 1234.50。"),
            ({"amount": "-1"}, "amount", "不能小于 0。"),
            ({"amount": "1500.005"}, "amount", "“1500.005”多于 2 位小数，请四舍五入后填写。"),
            ({"days": "32"}, "days", "不能大于 31。"),
            ({"grade": "良好"}, "grade", "“良好”不在可以填写的内容里。请填写其中一项：优秀、合格、不合格。"),
            ({"paid_on": "2026-11-25", "amount": "1500"}, "paid_on", "2026-11-25 还没有到，请在发放之后填写。"),
            ({"paid_on": "2025-11-05", "amount": "1500"}, "paid_on", "早于本月，请核对年份和月份。"),
            ({"paid_on": "2026-11-05"}, "paid_on", "没有金额，不填发放日期。请先填生活补贴。"),
            ({"note": "11010519491231002X"}, "note", None),
        ],
    )
    def test_with_a_mistake_is_not_kept_and_says_where(
        self, world: World, base: Base, today: date, texts: dict[str, str], key: str, words: str | None
    ):
        student = place(base)
        outcome = save(base, OCTOBER, world.partner_officer, {student: texts}, today)
        assert list(outcome.faults[student.pk]) == [key]
        assert words in {None, outcome.faults[student.pk][key]}
        assert MonthlyRecord.objects.count() == 0

    def test_takes_no_more_days_than_the_student_is_there(self, world: World, base: Base, today: date):
        student = place(base, starts_on=date(2026, 10, 22))
        outcome = save(base, OCTOBER, world.partner_officer, {student: WHOLE}, today)
        assert outcome.faults == {student.pk: {"days": "本月在基地 10 天，不能多于 10。"}}

    def test_with_a_mistake_stops_the_others_only_where_all_are_saved_as_a_whole(
        self, world: World, base: Base, today: date
    ):
        good, bad = place(base), place(base)
        lines = {good: WHOLE, bad: WHOLE | {"days": "viel"}}
        assert save(base, OCTOBER, world.partner_officer, lines, today, whole=True).saved == {}
        assert MonthlyRecord.objects.count() == 0
        assert list(save(base, OCTOBER, world.partner_officer, lines, today, whole=False).saved) == [good.pk]
        assert MonthlyRecord.objects.get().placement == good

    def test_that_somebody_else_changed_is_not_overwritten(self, world: World, base: Base, today: date):
        student = place(base)
        filled(base, OCTOBER, world.partner_officer, today, student)
        outcome = save(base, OCTOBER, world.partner_officer, {student: {"amount": "9"}}, today, seen=0)
        assert "他人已改动这一行" in outcome.faults[student.pk][""]
        assert line_of(student, OCTOBER)["amount"] == yuan("1500")

    def test_that_did_not_change_is_not_saved_again(self, world: World, base: Base, today: date):
        student = place(base)
        filled(base, OCTOBER, world.partner_officer, today, student)
        filled(base, OCTOBER, world.partner_officer, today, student)
        assert MonthlyRecord.objects.get().revision == 1

    def test_of_somebody_who_is_elsewhere_is_refused(self, world: World, base: Base, today: date):
        gone = place(base, starts_on=date(2026, 3, 1), ends_on=date(2026, 9, 30))
        outcome = save(base, OCTOBER, world.partner_officer, {gone: WHOLE}, today)
        assert outcome.faults == {gone.pk: {"": "这名研究生本月不在基地，没有保存。请刷新页面。"}}

    def test_many_lines_are_saved_in_one_query(
        self, world: World, base: Base, today: date, django_assert_max_num_queries: Any
    ):
        students = [place(base) for _n in range(20)]
        with django_assert_max_num_queries(11):
            filled(base, OCTOBER, world.partner_officer, today, *students)
        assert MonthlyRecord.objects.filter(state="done").count() == 20


class TestWhoAndWhen:
    @pytest.mark.parametrize("who", ["unit_officer", "applicant", "officer", "other_partner_officer"])
    def test_the_partner_alone_fills_in(self, world: World, base: Base, today: date, who: str):
        student = place(base)
        with pytest.raises(NotYours):
            save(base, OCTOBER, getattr(world, who), {student: WHOLE}, today)

    def test_a_month_that_has_not_begun_is_refused(self, world: World, base: Base, today: date):
        with pytest.raises(Refused, match="2026 年 12 月还没有开始"):
            save(base, date(2026, 12, 1), world.partner_officer, {place(base): WHOLE}, today)

    def test_whoever_was_there_on_any_day_is_in_the_month(self, base: Base):
        first, last = (
            place(base, starts_on=date(2026, 9, 2), ends_on=OCTOBER),
            place(base, starts_on=date(2026, 10, 31)),
        )
        place(base, starts_on=date(2026, 3, 1), ends_on=date(2026, 9, 30))
        place(base, starts_on=NOVEMBER)
        place(base, status="accepted")
        ended = place(base, ends_on=date(2026, 10, 9), status="ended", ending="completed")
        assert {row.placement for row in month_rows.sheet_of(base, OCTOBER).rows} == {first, last, ended}


class TestTheFloor:
    @pytest.mark.parametrize(("level", "amount", "floor"), [("master", "999.99", "1000"), ("doctor", "1999", "2000")])
    def test_below_it_a_line_needs_a_reason(
        self, world: World, base: Base, today: date, level: str, amount: str, floor: str
    ):
        student = place(base, level=level)
        save(base, OCTOBER, world.partner_officer, {student: WHOLE | {"amount": amount}}, today)
        record = MonthlyRecord.objects.get()
        assert (record.state, record.floor, record.is_below) == ("draft", yuan(floor), True)
        save(base, OCTOBER, world.partner_officer, {student: {"below_reason": "事假半月。"}}, today)
        assert line_of(student, OCTOBER)["state"] == "done"

    def test_at_it_none_is_needed(self, world: World, base: Base, today: date):
        student = place(base)
        filled(base, OCTOBER, world.partner_officer, today, student, amount="1000")
        assert waits(world.unit_officer, today) == []

    def test_none_was_agreed_on_none_counts(self, world: World, bare: Base, today: date):
        agreed(bare, None, None)
        student = place(bare)
        filled(bare, OCTOBER, world.partner_officer, today, student, amount="1")
        assert (line_of(student, OCTOBER)["state"], MonthlyRecord.objects.get().floor) == ("done", None)

    def test_without_an_agreement_none_counts(self, world: World, bare: Base, today: date):
        student = place(bare)
        filled(bare, OCTOBER, world.partner_officer, today, student, amount="0", paid_on="")
        assert line_of(student, OCTOBER)["state"] == "done"

    def test_that_of_an_agreement_which_ended_within_the_month_counts_still(self, bare: Base):
        base = bare
        agreed(base, until=date(2026, 10, 20))
        student = place(base)
        assert month_rows.sheet_of(base, OCTOBER).rows[0].stay.floor == yuan("1000")
        assert month_rows.sheet_of(base, NOVEMBER).rows[0].stay.floor is None
        assert student.pk

    def test_counts_by_days_for_who_came_within_the_month(self, base: Base):
        place(base, starts_on=date(2026, 11, 16))
        assert month_rows.sheet_of(base, NOVEMBER).rows[0].stay.floor == yuan("500.00")

    def test_what_is_below_waits_for_the_unit_and_the_department_once_a_month_until_they_looked(
        self, world: World, base: Base, today: date
    ):
        first, second = place(base), place(base)
        filled(base, OCTOBER, world.partner_officer, today, first, second, amount="800", below_reason="事假。")
        told = ["2026 年 10 月有 2 人的生活补贴低于协议约定，合作单位写了原因，请核实。"]
        assert (waits(world.unit_officer, today), waits(world.officer, today)) == (told, told)
        look = {"base": base, "month": OCTOBER, "note": "已核实。", "on": today}
        months.review(**look, by=world.unit_officer, at=AT)
        assert (waits(world.unit_officer, today), waits(world.officer, today)) == ([], told)
        later = AT.replace(hour=9)
        months.save_rows(
            base=base, month=OCTOBER, typed=[months.Typed(first.pk, {"amount": "700"}, 1)], by=world.partner_officer, on=today,
            at=later, whole=True,
        )  # fmt: skip
        assert waits(world.unit_officer, today) == told

    @pytest.mark.parametrize("who", ["partner_officer", "applicant", "other_unit_officer", "leader"])
    def test_others_do_not_say_that_they_looked(self, world: World, base: Base, today: date, who: str):
        with pytest.raises(NotYours):
            months.review(base=base, month=OCTOBER, note="好。", by=getattr(world, who), on=today, at=AT)
        assert MonthReview.objects.count() == 0


class TestFillingIn:
    def test_last_month_is_copied_into_lines_that_have_nothing(self, world: World, base: Base, today: date):
        old, short, new, begun = place(base), place(base, ends_on=date(2026, 11, 10)), place(base), place(base)
        filled(base, OCTOBER, world.partner_officer, today, old, short, begun)
        save(base, NOVEMBER, world.partner_officer, {begun: {"grade": "优秀"}}, today)
        n = months.copy_last(base=base, month=NOVEMBER, by=world.partner_officer, on=today, at=AT)
        assert n == 2
        assert line_of(old, NOVEMBER) == {
            "grade": "qualified", "days": 22, "amount": yuan("1500"), "paid_on": None, "state": "done"
        }  # fmt: skip
        assert line_of(short, NOVEMBER)["days"] == 10
        assert line_of(begun, NOVEMBER)["amount"] is None
        assert not MonthlyRecord.objects.filter(placement=new).exists()

    def test_a_value_goes_into_all_empty_cells_where_it_can_stand(self, world: World, base: Base, today: date):
        empty, given, short = place(base), place(base), place(base, ends_on=date(2026, 10, 5))
        save(base, OCTOBER, world.partner_officer, {given: {"days": "20", "grade": "优秀"}}, today)
        fill = {"grade": "合格", "days": "22", "amount": "1200", "paid_on": "2026-11-05"}
        n = months.fill_empty(base=base, month=OCTOBER, texts=fill, by=world.partner_officer, on=today, at=AT)
        assert n == 3
        assert [line_of(each, OCTOBER)["days"] for each in (empty, given, short)] == [22, 20, None]
        assert [line_of(each, OCTOBER)["grade"] for each in (empty, given)] == ["qualified", "excellent"]
        assert line_of(empty, OCTOBER)["state"] == "done"

    def test_one_voucher_serves_several_payments(self, world: World, base: Base, today: date):
        first, second, third = place(base), place(base), place(base)
        filled(base, OCTOBER, world.partner_officer, today, first, second)
        n = months.attach_voucher(
            base=base, month=OCTOBER, placements=[first.pk, second.pk, third.pk], file=pdf_upload("回单.pdf"),
            by=world.partner_officer, on=today,
        )  # fmt: skip
        assert n == 2
        assert {record.voucher.name for record in MonthlyRecord.objects.all() if record.voucher} == {"回单.pdf"}
        assert MonthlyRecord.objects.values("voucher").distinct().count() == 1


def close(world: World, base: Base, today: date, month: date = OCTOBER) -> MonthClosing:
    """The partner closes the month."""
    return months.close_month(base=base, month=month, by=world.partner_officer, on=today, at=AT)


class TestClosing:
    def test_keeps_who_when_and_the_totals(self, world: World, base: Base, today: date):
        students = place(base), place(base)
        filled(base, OCTOBER, world.partner_officer, today, *students)
        closing = close(world, base, today)
        assert (closing.closed_by, closing.closed_on, closing.students, closing.amount) == (
            world.partner_officer.user, today, 2, yuan("3000"),
        )  # fmt: skip

    def test_names_who_is_missing_and_who_is_not_paid(self, world: World, base: Base, today: date):
        place(base, "甲"), place(base, "乙")
        unpaid = place(base, "丙")
        filled(base, OCTOBER, world.partner_officer, today, unpaid, paid_on="")
        with pytest.raises(Refused) as refusal:
            close(world, base, today)
        assert refusal.value.reasons == ("还有 2 人没有填完：甲、乙。", "还有 1 人没有发放日期：丙。")
        assert MonthClosing.objects.count() == 0

    def test_waits_for_the_end_of_the_month(self, world: World, base: Base, today: date):
        filled(base, NOVEMBER, world.partner_officer, today, place(base), paid_on="")
        with pytest.raises(Refused, match="2026 年 11 月还没有结束"):
            close(world, base, today, NOVEMBER)

    def test_of_a_month_without_anybody_is_not_needed(self, world: World, base: Base, today: date):
        with pytest.raises(Refused, match="本月没有研究生在基地"):
            close(world, base, today)

    def test_asks_for_the_reason_that_a_floor_agreed_on_later_makes_necessary(
        self, world: World, bare: Base, today: date
    ):
        base = bare
        student = place(base, "甲")
        filled(base, OCTOBER, world.partner_officer, today, student, amount="800")
        agreed(base)
        with pytest.raises(Refused, match="还有 1 人没有填完：甲。"):
            close(world, base, today)

    @pytest.mark.parametrize("who", ["unit_officer", "officer", "other_partner_officer"])
    def test_is_the_partners_alone(self, world: World, base: Base, today: date, who: str):
        with pytest.raises(NotYours):
            months.close_month(base=base, month=OCTOBER, by=getattr(world, who), on=today, at=AT)

    def test_ends_the_changing(self, world: World, base: Base, today: date):
        student = place(base)
        filled(base, OCTOBER, world.partner_officer, today, student)
        close(world, base, today)
        with pytest.raises(Overtaken, match="已经结账"):
            save(base, OCTOBER, world.partner_officer, {student: {"amount": "9"}}, today)
        with pytest.raises(Overtaken):
            close(world, base, today)

    @pytest.mark.parametrize("change", ["amount", "paid_on", "note", "delete", "reopen"])
    def test_is_held_by_the_database(self, world: World, base: Base, today: date, change: str):
        student = place(base)
        filled(base, OCTOBER, world.partner_officer, today, student)
        close(world, base, today)
        record = MonthlyRecord.objects.filter(placement=student)
        acts: dict[str, Callable[[], Any]] = {
            "amount": lambda: record.update(amount=Decimal(1)), "paid_on": lambda: record.update(paid_on=None),
            "note": lambda: record.update(note="改"), "delete": record.delete, "reopen": MonthClosing.objects.all().delete,
        }  # fmt: skip
        with pytest.raises((DatabaseError, InternalError, IntegrityError)), transaction.atomic():
            acts[change]()
        assert line_of(student, OCTOBER)["amount"] == yuan("1500")


class TestCorrecting:
    def correct(self, world: World, base: Base, today: date, student: Any, **changes: str) -> MonthlyRecord:
        return months.correct(
            base=base, month=OCTOBER, placement=student.pk, texts=WHOLE | changes, reason="漏发加班补贴。", by=world.partner_officer,
            on=today, at=AT,
        )  # fmt: skip

    def test_a_closed_month_keeps_both_entries(self, world: World, base: Base, today: date):
        student = place(base)
        filled(base, OCTOBER, world.partner_officer, today, student)
        close(world, base, today)
        self.correct(world, base, today, student, amount="1800")
        entries = MonthlyRecord.objects.order_by("entry")
        assert [(e.entry, e.amount, e.is_current, e.correction_reason) for e in entries] == [
            (1, yuan("1500"), False, ""), (2, yuan("1800"), True, "漏发加班补贴。"),
        ]  # fmt: skip
        assert [len(row.entries) for row in month_rows.sheet_of(base, OCTOBER).rows] == [2]

    def test_a_correction_is_corrected_by_another(self, world: World, base: Base, today: date):
        student = place(base)
        filled(base, OCTOBER, world.partner_officer, today, student)
        close(world, base, today)
        self.correct(world, base, today, student, amount="1800")
        self.correct(world, base, today, student, amount="1700")
        assert [e.amount for e in MonthlyRecord.objects.order_by("entry")] == [yuan("1500"), yuan("1800"), yuan("1700")]

    def test_somebody_entered_late_gets_a_first_entry(self, world: World, base: Base, today: date):
        filled(base, OCTOBER, world.partner_officer, today, place(base))
        close(world, base, today)
        late = place(base)
        assert self.correct(world, base, today, late).entry == 1
        assert line_of(late, OCTOBER)["state"] == "done"

    def test_below_the_floor_it_needs_the_reason_too(self, world: World, base: Base, today: date):
        student = place(base)
        filled(base, OCTOBER, world.partner_officer, today, student)
        close(world, base, today)
        with pytest.raises(months.Faulty) as refusal:
            self.correct(world, base, today, student, amount="800")
        assert refusal.value.faults == {"below_reason": "低于协议约定的 1,000 元，请填写原因。"}
        assert MonthlyRecord.objects.count() == 1

    def test_an_open_month_and_an_empty_change_are_refused(self, world: World, base: Base, today: date):
        student = place(base)
        filled(base, OCTOBER, world.partner_officer, today, student)
        with pytest.raises(Refused, match="还没有结账，请直接在表格里改"):
            self.correct(world, base, today, student)
        close(world, base, today)
        with pytest.raises(Refused, match="没有改动任何内容"):
            self.correct(world, base, today, student)


class TestWhatIsMissing:
    def test_waits_for_the_partner_after_the_day_of_the_policy_and_for_the_unit_a_month_later(
        self, world: World, base: Base, today: date
    ):
        place(base, starts_on=OCTOBER), place(base, starts_on=OCTOBER)
        told = ["2026 年 10 月的考核和生活补贴缺 2 人，请填报。"]
        assert waits(world.partner_officer, date(2026, 11, 10)) == []
        assert waits(world.partner_officer, date(2026, 11, 11)) == told
        assert waits(world.unit_officer, date(2026, 12, 10)) == []
        assert "合作单位2026 年 10 月的考核和生活补贴缺 2 人，请督促。" in waits(world.unit_officer, date(2026, 12, 11))

    def test_several_months_of_a_base_wait_as_one_thing_that_begins_with_the_oldest(
        self, world: World, base: Base, today: date
    ):
        place(base, starts_on=date(2026, 8, 1))
        assert waits(world.partner_officer, date(2026, 11, 11)) == [
            "2026 年 8 月至2026 年 10 月有 3 个月的考核和生活补贴没有填齐，请填报。"
        ]
        assert waits(world.unit_officer, date(2026, 11, 11)) == [
            "合作单位2026 年 8 月至2026 年 9 月有 2 个月的考核和生活补贴没有填齐，请督促。"
        ]

    def test_waits_no_more_when_it_is_filled_in(self, world: World, base: Base, today: date):
        student = place(base, starts_on=OCTOBER)
        filled(base, OCTOBER, world.partner_officer, today, student)
        assert waits(world.partner_officer, today) == []

    def test_is_said_in_the_overview_until_the_month_is_closed(self, world: World, base: Base, today: date):
        student = place(base, starts_on=OCTOBER)

        def said() -> tuple[str, str]:
            word = standing([base], world.partner_officer, today)[base.pk]
            return word.text, word.tone

        assert said() == ("10 月缺 1 人", "missing")
        filled(base, OCTOBER, world.partner_officer, today, student)
        assert said() == ("10 月待结账", "soon")
        close(world, base, today)
        assert said() == ("10 月已结", "ok")

    def test_the_months_of_a_base_say_how_they_stand(self, world: World, base: Base, today: date):
        early, late = place(base, starts_on=date(2026, 9, 20)), place(base, starts_on=OCTOBER)
        filled(
            base, date(2026, 9, 1), world.partner_officer, today, early, days="8", amount="500", paid_on="2026-10-05"
        )
        close(world, base, today, date(2026, 9, 1))
        filled(base, OCTOBER, world.partner_officer, today, early, amount="900", below_reason="事假。", paid_on="")
        cells = {cell.month: cell for cell in matrix([base], NOVEMBER, today)[base.pk]}
        shown = {month: (cell.words, cell.due, cell.done, cell.amount, cell.attention) for month, cell in cells.items()}
        assert shown[date(2026, 8, 1)] == ("—", 0, 0, 0, [])
        assert shown[date(2026, 9, 1)] == ("已结", 1, 1, yuan("500"), [])
        assert shown[OCTOBER] == ("缺 1 人", 2, 1, yuan("900"), ["低于约定 1", "未发放 1"])
        assert shown[NOVEMBER] == ("已填 0/2", 2, 0, 0, [])
        assert late.pk
