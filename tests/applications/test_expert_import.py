"""专家库 from Excel: every mistake by row and column, then the whole list or nothing."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from applications.models import ExpertProfile
from applications.services import expert_imports, experts
from portal.errors import NotYours, Refused
from portal.models import ImportCheck
from tests.applications.conftest import SignedIn
from tests.applications.pages import Page
from tests.conftest import TODAY
from tests.factories import World

HEADS = [str(column.label) for column in expert_imports.COLUMNS]
KEYS = [column.key for column in expert_imports.COLUMNS]
ROW = {"name": "顾长青", "employer": "海西大学", "sector": "高校"}


def listing(*rows: dict[str, Any]) -> bytes:
    """A list as somebody fills it in."""
    book, out = Workbook(), io.BytesIO()
    for row in (HEADS, *([row.get(key) for key in KEYS] for row in rows)):
        book.worksheets[0].append(row)
    book.save(out)
    return out.getvalue()


def found(*rows: dict[str, Any]) -> list[str]:
    """What is wrong with a list."""
    return [str(error) for error in expert_imports.read(listing(*rows)).errors]


def imported(world: World, *rows: dict[str, Any]) -> expert_imports.Imported:
    upload = SimpleUploadedFile("专家.xlsx", listing(*rows))
    checked = expert_imports.check_file(upload=upload, by=world.officer)
    assert checked.errors == []
    return expert_imports.apply(checked=checked, by=world.officer, on=TODAY, at=timezone.now())


def test_a_list_is_taken_with_categories_industries_and_region_as_people_write_them(world: World) -> None:
    row = ROW | {
        "employer": world.partner.name, "sector": "行业企业", "categories": "0855、电子信息", "industries": "现代能源，法律",
        "division": "包头市", "phone": 13900000001, "email": "gu@example.com", "max_load": 8, "title": "高级工程师",
    }  # fmt: skip
    assert imported(world, row, ROW) == expert_imports.Imported(new=2, changed=0, same=0)
    made = ExpertProfile.objects.get(phone="13900000001")
    assert (made.partner_unit, made.sector, made.division.name, made.max_load) == (
        world.partner,
        "industry",
        "包头市",
        8,
    )
    assert made.industries == ["modern_energy", "law"]
    assert [each.code for each in made.categories.all()] == ["0854", "0855"]
    assert [(change.words, change.changed_by) for change in made.changes.all()] == [
        ("登记入库（导入名单）", world.officer.user)
    ]


def test_every_mistake_is_named_by_its_row_and_column(world: World) -> None:
    wrong = {
        "sector": ({"sector": "大学"}, "“大学”不在可以填写的内容里。请填写其中一项：高校、科研院所、行业企业、政府部门、其他。"),
        "phone": ({"phone": "1234"}, "“1234”不是 11 位手机号，请核对。"),
        "email": ({"email": "keine"}, "“keine”不是邮箱地址，请核对。"),
        "categories": ({"categories": "0855、占星"}, "“占星”不在专业学位类别目录中，请按现行目录填写类别代码或名称。"),
        "division": ({"division": "月球市"}, "自治区内没有“月球市”，请填写盟市或旗县区的全称；区外专家请留空。"),
        "name": ({"name": None}, "没有填写。"),
    }  # fmt: skip
    rows = [ROW | {"employer": f"单位{n}"} | row for n, (row, _message) in enumerate(wrong.values())]
    reading = expert_imports.read(listing(*rows))
    letters = {key: reading.letters[key] for key in wrong}
    assert [str(error) for error in reading.errors] == [
        f"第 {n} 行 {letters[key]} 列“{HEADS[KEYS.index(key)]}”：{message}"
        for n, (key, (_row, message)) in enumerate(wrong.items(), start=2)
    ]


def test_an_industry_outside_the_thirteen_is_refused_with_all_of_them(world: World) -> None:
    (said,) = found(ROW | {"industries": "炼金"})
    assert said.startswith("第 2 行 G 列“熟悉的产业”：“炼金”不在十三个产业里。请从中选填：现代能源、信息技术、")


def test_an_identity_card_number_is_refused(world: World) -> None:
    (said,) = found(ROW | {"note": "11010519491231002X"})
    assert "平台不收集身份证号" in said


def test_nobody_stands_twice_in_a_list(world: World) -> None:
    assert found(ROW, ROW) == ["第 3 行 A 列“姓名”：与第 2 行是同一位专家：顾长青。"]


class TestWhoIsInThePoolAlready:
    @pytest.fixture
    def known(self, world: World) -> ExpertProfile:
        return experts.enter(
            by=world.officer, on=TODAY, name="顾长青", employer="海西大学", sector="university", phone="13900000001",
            title="教授", industries=["law"],
        )  # fmt: skip

    def test_a_row_updates_and_an_empty_cell_leaves_what_is_known(self, world: World, known: ExpertProfile) -> None:
        done = imported(world, ROW | {"position": "院长", "categories": "0351"})
        assert done == expert_imports.Imported(new=0, changed=1, same=0)
        known.refresh_from_db()
        assert (known.title, known.position, known.phone, known.industries) == ("教授", "院长", "13900000001", ["law"])
        assert known.changes.all()[0].words == "导入名单修改：职务、熟悉的专业学位类别"

    def test_the_same_list_again_changes_nothing(self, world: World, known: ExpertProfile) -> None:
        row = ROW | {"position": "院长", "categories": "0351", "industries": "法律", "division": "包头市"}
        imported(world, row)
        kept = known.changes.count()
        assert imported(world, row) == expert_imports.Imported(new=0, changed=0, same=1)
        assert known.changes.count() == kept

    def test_the_same_number_and_name_at_another_employer_is_a_move(self, world: World, known: ExpertProfile) -> None:
        imported(world, ROW | {"employer": world.unit.name, "phone": "13900000001"})
        known.refresh_from_db()
        assert (known.employer, known.training_unit) == (world.unit.name, world.unit)
        assert (known.relations.get().organisation, known.relations.get().ended_on) == ("海西大学", TODAY)

    def test_the_number_of_somebody_else_is_a_mistake(self, world: World, known: ExpertProfile) -> None:
        assert found(ROW | {"name": "别人", "phone": "13900000001"}) == [
            "第 2 行 I 列“手机”：这个手机号是库中顾长青（海西大学）的，与本行的姓名不同。"
        ]

    def test_a_number_and_a_name_of_two_people_are_a_mistake(self, world: World, known: ExpertProfile) -> None:
        experts.enter(by=world.officer, on=TODAY, name="别人", employer="别处", sector="other")
        assert found({"name": "别人", "employer": "别处", "sector": "其他", "phone": "13900000001"}) == [
            "第 2 行 I 列“手机”：这个手机号是库中顾长青（海西大学）的，与本行的姓名和单位不是同一人。"
        ]

    def test_who_was_removed_does_not_come_back_by_a_list(self, world: World, known: ExpertProfile) -> None:
        experts.remove(profile=known, reason="退休", by=world.officer, on=TODAY, at=timezone.now())
        assert found(ROW) == ["第 2 行 A 列“姓名”：顾长青已经出库，请先在专家页面恢复入库，或从名单中删去。"]


def test_a_list_that_no_longer_fits_the_pool_is_refused_as_a_whole(world: World) -> None:
    upload = SimpleUploadedFile("专家.xlsx", listing(ROW | {"phone": "13900000001"}, ROW | {"name": "乙"}))
    checked = expert_imports.check_file(upload=upload, by=world.officer)
    experts.enter(by=world.officer, on=TODAY, name="丙", employer="丁", sector="other", phone="13900000001")
    before = ExpertProfile.objects.count()
    with pytest.raises(Refused, match="检查之后专家库有变动，没有写入任何数据"):
        expert_imports.apply(checked=checked, by=world.officer, on=TODAY, at=timezone.now())
    assert ExpertProfile.objects.count() == before


def test_only_the_department_imports(world: World) -> None:
    upload = SimpleUploadedFile("专家.xlsx", listing(ROW))
    with pytest.raises(NotYours):
        expert_imports.check_file(upload=upload, by=world.leader)
    assert not ImportCheck.objects.exists()


def test_three_hundred_people_take_no_more_queries_than_three(world: World) -> None:
    def rows(count: int, mark: str) -> list[dict[str, Any]]:
        return [ROW | {"name": f"{mark}{n}", "categories": "0855", "industries": "法律"} for n in range(count)]

    def count(*given: dict[str, Any]) -> int:
        with CaptureQueriesContext(connection) as captured:
            imported(world, *given)
        return len(captured)

    few = count(*rows(3, "甲"))
    assert count(*rows(300, "乙")) == few
    # The second time all of them are known, and change.
    few = count(*(row | {"title": "教授"} for row in rows(3, "甲")))
    assert count(*(row | {"title": "教授", "categories": "0854"} for row in rows(300, "乙"))) <= few + 2


class TestThePages:
    def test_a_list_is_uploaded_checked_and_written(self, world: World, signed_in: SignedIn) -> None:
        client = signed_in(world.officer)
        checked = client.post("/experts/import/", {"file": SimpleUploadedFile("专家.xlsx", listing(ROW))})["Location"]
        before = ExpertProfile.objects.count()
        assert "读到 1 行，没有发现错误。" in Page.of(client.get(checked)).text
        assert ExpertProfile.objects.count() == before
        done = client.post(checked, follow=True)
        assert "已写入：新登记 1 人，更新 0 人，没有变化 0 人。" in Page.of(done).text
        assert "这份名单已经写入过了" in Page.of(client.post(checked)).text
        assert ExpertProfile.objects.count() == before + 1

    def test_a_list_with_mistakes_shows_them_and_no_button(self, world: World, signed_in: SignedIn) -> None:
        client = signed_in(world.officer)
        sent = SimpleUploadedFile("专家.xlsx", listing(ROW | {"phone": "1"}))
        page = Page.of(client.post("/experts/import/", {"file": sent}, follow=True))
        assert "“1”不是 11 位手机号，请核对。" in page.text
        assert "写入 1 位专家" not in page.text

    def test_the_template_has_the_columns_that_are_read(self, world: World, signed_in: SignedIn) -> None:
        answer = signed_in(world.officer).get("/experts/import/template/")
        sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
        assert [str(cell.value).rstrip("*") for cell in sheet[1]] == HEADS
