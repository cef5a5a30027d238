"""Months from Excel: a list that names the students, a check that names every mistake by its cell, all of it or nothing."""

import io
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from agreements.models import MonthlyRecord, Placement, Post, Student
from agreements.services import month_imports, months
from bases.models import Base
from portal.acting import Acting
from portal.errors import NotYours, Refused
from portal.models import ImportCheck
from tests.agreements.months import AT, NOVEMBER, OCTOBER, agreed, filled, line_of, mentors_of, place, yuan
from tests.factories import World

pytestmark = pytest.mark.agreement("权责划分（二）5")
SignedIn = Callable[[Acting], Client]
HEADINGS = (
    "基地",
    "月份",
    "学号",
    "姓名",
    "考核等级",
    "天数",
    "生活补贴（元）",
    "发放日期",
    "凭证号",
    "低于约定的原因",
    "备注",
)


@pytest.fixture
def world(cooperation: tuple[World, Base]) -> World:
    """Everybody."""
    return cooperation[0]


@pytest.fixture
def base(cooperation: tuple[World, Base]) -> Base:
    """A base under construction with an agreement."""
    agreed(cooperation[1])
    return cooperation[1]


def excel(*rows: tuple[Any, ...]) -> SimpleUploadedFile:
    """A filled-in list."""
    book, out = Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    sheet.append(HEADINGS)
    for row in rows:
        sheet.append(row)
    book.save(out)
    return SimpleUploadedFile("补贴.xlsx", out.getvalue())


def row(base: Base, student: Placement, month: Any = "2026-10", **cells: Any) -> tuple[Any, ...]:
    """A whole line of a list, with these cells instead."""
    given = {
        "name": student.student.name,
        "grade": "合格",
        "days": 22,
        "amount": 1500,
        "paid_on": date(2026, 11, 5),
    } | cells
    keys = ("name", "grade", "days", "amount", "paid_on", "voucher", "reason", "note")
    return (base.name, month, cells.get("number", student.student.number), *(given.get(key) for key in keys))


def check(world: World, today: date, *rows: tuple[Any, ...]) -> ImportCheck:
    """The dry run of these lines."""
    return month_imports.check_file(upload=excel(*rows), by=world.partner_officer, on=today)


def faults(checked: ImportCheck) -> list[tuple[int, str, str]]:
    """What was found: row, column, sentence."""
    return [(each["row"], each["column"], each["message"]) for each in checked.errors]


def apply(world: World, today: date, checked: ImportCheck) -> month_imports.Imported:
    """Write it."""
    return month_imports.apply(checked=checked, by=world.partner_officer, on=today, at=AT + timedelta(days=400))


class TestTheTemplate:
    def test_names_the_students_with_what_is_entered_or_last_months_values(self, world: World, base: Base, today: date):
        first, second, gone = place(base, "甲"), place(base, "乙"), place(base, "丙", ends_on=date(2026, 10, 31))
        filled(base, OCTOBER, world.partner_officer, today, first, second, gone)
        filled(base, NOVEMBER, world.partner_officer, today, second, days="15", amount="1300", paid_on="")
        content = month_imports.template(month=NOVEMBER, by=world.partner_officer)
        sheet = load_workbook(io.BytesIO(content)).worksheets[0]
        found = [[cell.value for cell in line][:8] for line in sheet.iter_rows(min_row=2)]
        assert found == [
            [base.name, "2026-11", first.student.number, "甲", "合格", 22, 1500, None],
            [base.name, "2026-11", second.student.number, "乙", "合格", 15, 1300, None],
        ]

    def test_that_is_sent_back_unchanged_is_faultless(self, world: World, base: Base, today: date):
        first = place(base, "甲")
        filled(base, OCTOBER, world.partner_officer, today, first)
        content = month_imports.template(month=NOVEMBER, by=world.partner_officer)
        checked = month_imports.check_file(
            upload=SimpleUploadedFile("表.xlsx", content), by=world.partner_officer, on=today
        )
        assert (faults(checked), checked.rows) == ([], 1)
        apply(world, today, checked)
        assert line_of(first, NOVEMBER)["amount"] == yuan("1500")

    @pytest.mark.parametrize("who", ["unit_officer", "officer", "applicant"])
    def test_is_the_partners(self, world: World, who: str):
        with pytest.raises(NotYours):
            month_imports.template(month=NOVEMBER, by=getattr(world, who))


class TestTheCheck:
    def test_writes_nothing(self, world: World, base: Base, today: date):
        checked = check(world, today, row(base, place(base)))
        assert (checked.rows, checked.wrong, MonthlyRecord.objects.count()) == (1, 0, 0)

    def test_names_every_mistake_by_row_and_column(self, world: World, base: Base, today: date):
        a, b, c, d, e = (place(base, name) for name in "甲乙丙丁戊")
        checked = check(
            world, today, row(base, a, number="S99999"), row(base, b, amount="很多"), row(base, c, amount=800),
            row(base, d, name="别人"), row(base, e, month="2026-12"), row(base, e, grade="良好"), row(base, a), row(base, a),
        )  # fmt: skip
        assert faults(checked) == [
            (2, "C 列“学号”", "这个学号本月不在这个基地，请核对学号和月份。"),
            (3, "G 列“生活补贴（元）”", "“很多”不是数字，请只填数字，例如 1234.50。"),
            (4, "J 列“低于约定的原因”", "低于协议约定的 1,000 元，请填写原因。"),
            (5, "D 列“姓名”", f"学号 {d.student.number} 的姓名是丁，与本行不符。"),
            (6, "B 列“月份”", "2026-12 还没有开始。"),
            (7, "E 列“考核等级”", "“良好”不在可以填写的内容里。请填写其中一项：优秀、合格、不合格。"),
            (9, "C 列“学号”", "与第 8 行是同一名研究生的同一个月。"),
        ]

    @pytest.mark.parametrize(
        ("month", "words"),
        [("Oktober", "“Oktober”不是月份，请写成 2026-11。"), ("2026-13", "“2026-13”不是月份，请写成 2026-11。")],
    )
    def test_knows_a_month_from_other_words(self, world: World, base: Base, today: date, month: str, words: str):
        assert faults(check(world, today, row(base, place(base), month=month))) == [(2, "B 列“月份”", words)]

    @pytest.mark.parametrize("month", ["2026年10月", "2026/10", date(2026, 10, 1), "2026-10-31", "２０２６－１０"])
    def test_takes_a_month_as_people_and_excel_write_it(self, world: World, base: Base, today: date, month: Any):
        assert faults(check(world, today, row(base, place(base), month=month))) == []

    def test_refuses_a_base_of_others(self, world: World, base: Base, today: date):
        student = place(base)
        checked = month_imports.check_file(
            upload=excel(row(base, student)), by=world.other_partner_officer, on=today
        )  # fmt: skip
        assert faults(checked) == [(2, "A 列“基地”", "没有这个基地，请按平台上的名称填写。")]

    def test_refuses_a_closed_month(self, world: World, base: Base, today: date):
        student = place(base)
        filled(base, OCTOBER, world.partner_officer, today, student)
        months.close_month(base=base, month=OCTOBER, by=world.partner_officer, on=today, at=AT)
        assert faults(check(world, today, row(base, student, amount=9999))) == [
            (2, "B 列“月份”", "这个月已经结账，不能导入。请在月份页面用“更正”。")
        ]


class TestWriting:
    def test_takes_several_months_and_leaves_what_is_empty_in_the_list(self, world: World, base: Base, today: date):
        first, second = place(base), place(base)
        filled(base, OCTOBER, world.partner_officer, today, first, note="原有备注")
        done = apply(
            world, today, check(world, today, row(base, first, amount=1700), row(base, second), row(base, second, month="2026-11", paid_on=None))
        )  # fmt: skip
        assert (done.new, done.changed, done.same) == (2, 1, 0)
        assert (line_of(first, OCTOBER)["amount"], MonthlyRecord.objects.get(placement=first).note) == (
            yuan("1700"),
            "原有备注",
        )
        assert line_of(second, NOVEMBER)["paid_on"] is None

    def test_of_a_list_with_a_mistake_is_refused(self, world: World, base: Base, today: date):
        checked = check(world, today, row(base, place(base)), row(base, place(base), days="viel"))
        with pytest.raises(Refused, match="名单中还有 1 处错误"):
            apply(world, today, checked)
        assert MonthlyRecord.objects.count() == 0

    def test_looks_again_at_what_changed_since_the_check(self, world: World, base: Base, today: date):
        student = place(base)
        checked = check(world, today, row(base, student, amount=1600))
        filled(base, OCTOBER, world.partner_officer, today, student)
        months.close_month(base=base, month=OCTOBER, by=world.partner_officer, on=today, at=AT)
        with pytest.raises(Refused, match="检查之后数据有变动"):
            apply(world, today, checked)
        assert line_of(student, OCTOBER)["amount"] == yuan("1500")

    def test_is_done_once(self, world: World, base: Base, today: date):
        checked = check(world, today, row(base, place(base)))
        apply(world, today, checked)
        with pytest.raises(Refused, match="已经写入过了"):
            apply(world, today, checked)

    def test_is_not_for_the_list_of_another_partner(self, world: World, base: Base, today: date):
        checked = check(world, today, row(base, place(base)))
        with pytest.raises(NotYours):
            month_imports.apply(checked=checked, by=world.other_partner_officer, on=today, at=AT)


def test_the_pages_lead_from_the_list_to_the_written_month(
    world: World, base: Base, today: date, signed_in: SignedIn
) -> None:
    student, partner = place(base), signed_in(world.partner_officer)
    got = partner.get(reverse("months-template"), {"month": "2026-10", "base": base.pk})
    assert got["Content-Type"].endswith("spreadsheetml.sheet")
    answer = partner.post(reverse("months-import"), {"file": excel(row(base, student, days="viel"))}, follow=True)
    assert "F 列“天数”" in answer.text
    answer = partner.post(reverse("months-import"), {"file": excel(row(base, student))}, follow=True)
    assert "没有发现错误" in answer.text
    written = partner.post(answer.redirect_chain[-1][0], follow=True)
    assert "已写入：新登记 1 行，更新 0 行，没有变化 0 行。" in written.text
    assert line_of(student, OCTOBER)["state"] == "done"


def test_ten_thousand_lines_are_checked_and_written_in_seconds(world: World, base: Base, today: date) -> None:
    """Here a tenth of it, in well under a second of processor; docs/benchmarks.md has the whole."""
    students = Student.objects.bulk_create(
        Student(
            training_unit=base.training_unit, number=f"M{number:05d}", name=f"学生{number}", level="master", mode="full_time",
            category=base.category, entry_year=2025, entered_on=today,
        )
        for number in range(100)
    )  # fmt: skip
    post = Post.objects.create(base=base, year=2026, title="岗位", places=100, work="研发。", offered_on=today)
    start = {"starts_on": date(2026, 1, 1), "ends_on": date(2027, 6, 30), "planned_ends_on": date(2027, 6, 30)}
    done = {
        "selected_on": today, "started_on": today, "safety_signed_on": today, "policy_number": "P", "insured_from": today,
        "insured_until": date(2027, 6, 30), "lodging": "own", "status": "running",
    }  # fmt: skip
    people = Placement.objects.bulk_create(
        Placement(base=base, post=post, student=each, **start, **done, **mentors_of(base)) for each in students
    )
    lines = [row(base, one, month=f"2026-{month:02d}") for month in range(1, 11) for one in people]
    upload = excel(*lines)
    began = time.process_time()
    done_now = apply(world, today, month_imports.check_file(upload=upload, by=world.partner_officer, on=today))
    assert (done_now.new, MonthlyRecord.objects.filter(state="done").count()) == (1000, 1000)
    assert time.process_time() - began < 3
