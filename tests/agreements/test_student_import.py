"""基地研究生 of a unit from Excel: a dry run that names every mistake, then all or nothing; no ID-card numbers."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from agreements.models import Student
from agreements.services import student_imports
from agreements.services.student_imports import COLUMNS
from portal.acting import Acting
from portal.errors import Refused
from portal.models import ImportCheck
from tests.agreements.months import place
from tests.agreements.placing import student
from tests.factories import World

SignedIn = Callable[[Acting], Client]
ID_CARD = "150102199001010019"
HEAD = [str(column.label) for column in COLUMNS]
GOOD = ["20250001", "萨仁", "硕士", "全日制", None, "机械", "智能制造", "机械学院", 2025, "13800000000", None, None]


def sheet(*rows: list[Any]) -> SimpleUploadedFile:
    book = Workbook()
    for row in (HEAD, *rows):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return SimpleUploadedFile("名单.xlsx", out.getvalue())


def check(world: World, *rows: list[Any]) -> ImportCheck:
    return student_imports.check_file(upload=sheet(*rows), by=world.unit_officer)


class TestImporting:
    def test_the_template_is_read_back_as_it_is_given(self, world: World):
        book = load_workbook(io.BytesIO(student_imports.template()))
        assert [cell.value.rstrip("*") for cell in book.worksheets[0][1]] == HEAD

    def test_a_dry_run_counts_and_writes_nothing(self, world: World, today: date):
        student(world, today, "20250001", "旧名")
        found = check(world, GOOD, ["20250002", *GOOD[1:]])
        assert (found.wrong, str(student_imports.DryRun.of(found)), Student.objects.get().name) == (
            0, f"{world.unit.pk}:1:1", "旧名",
        )  # fmt: skip

    def test_writes_all_new_and_known_ones(self, world: World, today: date):
        known = student(world, today, "20250001", "旧名")
        bound = [
            "20250002",
            "乌云",
            "博士",
            "非全日制",
            "是",
            "工商管理",
            None,
            None,
            2024,
            None,
            "wy@example.com",
            date(2028, 6, 30),
        ]
        count = student_imports.apply(
            check=check(world, GOOD, bound), by=world.unit_officer, on=today, at=timezone.now()
        )
        first, second = Student.objects.order_by("number")
        assert (count, first.pk, first.name, first.category.code, first.bound, first.field) == (
            2, known.pk, "萨仁", "0855", False, "智能制造",
        )  # fmt: skip
        assert (second.level, second.mode, second.bound, second.category.code, second.phone, second.email, second.left_on) == (
            "doctor", "part_time", True, "1251", "", "wy@example.com", date(2028, 6, 30),
        )  # fmt: skip

    def test_names_every_mistake_by_row_and_column_and_writes_nothing(self, world: World, today: date):
        wrong = [
            ["20250003", "甲", "本科", "全日制", None, "机械", None, None, 2025, None, None, None],
            ["20250004", "乙", "硕士", "全日制", None, "工程", None, None, 2025, "123", None, None],
            ["20250004", "丙", "硕士", "全日制", None, "炼丹术", None, None, None, None, "没有", None],
        ]
        found = check(world, GOOD, *wrong)
        assert [(each["row"], each["column"]) for each in found.errors] == [
            (3, "C 列“层次”"), (4, "F 列“专业学位类别”"), (4, "J 列“手机”"), (5, "A 列“学号”"), (5, "I 列“入学年份”"),
        ]  # fmt: skip
        with pytest.raises(Refused) as refusal:
            student_imports.apply(check=found, by=world.unit_officer, on=today, at=timezone.now())
        assert refusal.value.reasons == ("名单中还有 5 处错误，没有写入任何数据。请改正后重新上传。",)
        assert Student.objects.count() == 0

    def test_an_id_card_number_anywhere_refuses_the_list(self, world: World):
        found = check(world, [*GOOD[:6], ID_CARD, *GOOD[7:]])
        assert [(each["row"], each["column"]) for each in found.errors] == [(2, "G 列“领域”")]
        assert "居民身份证号" in found.errors[0]["message"]

    def test_is_written_once_and_by_its_own_unit(self, world: World, today: date):
        found = check(world, GOOD)
        apply = lambda by: student_imports.apply(check=found, by=by, on=today, at=timezone.now())  # noqa: E731
        with pytest.raises(Refused):
            apply(world.other_unit_officer)
        assert apply(world.unit_officer) == 1
        with pytest.raises(Refused) as refusal:
            apply(world.unit_officer)
        assert refusal.value.reasons == ("这份名单已经写入过了，没有再写一次。如要修改，请重新上传名单。",)

    def test_through_the_page(self, world: World, signed_in: SignedIn):
        client = signed_in(world.unit_officer)
        answer = client.post(reverse("student-import"), {"file": sheet(GOOD)}, follow=True)
        assert "新增 1 人；0 人的学号已在名单中" in answer.text
        address = answer.redirect_chain[-1][0]
        assert "名单已写入，共 1 人。" in client.post(address, follow=True).text
        assert signed_in(world.other_unit_officer).get(address).status_code == 404


class TestLeaving:
    def leaving(self, day: date) -> list[Any]:
        return [*GOOD[:11], day]

    def test_is_not_before_the_entry(self, world: World):
        found = check(world, self.leaving(date(2024, 6, 30)))
        assert [str(each) for each in found.errors] == [str(found.errors[0])]
        assert "离校日期 2024-06-30 早于入学年份 2025，请核对。" in str(found.errors[0])

    @pytest.mark.agreement("培养过程 1")
    def test_is_not_before_the_end_of_a_practice(self, world: World, today: date):
        base = world.constructing(today)
        place(base, "萨仁", ends_on=date(2027, 6, 30))
        Student.objects.update(number="20250001")
        found = check(world, self.leaving(date(2027, 5, 31)))
        assert f"在“{base.name}”的实践到 2027-06-30 才结束，不能早于这一天离校。" in str(found.errors[0])
        assert check(world, self.leaving(date(2027, 6, 30))).wrong == 0
