import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from bases.models import CategoryAuthorisation, DegreeCategory, TrainingUnit
from bases.services import authorisations, units
from portal.acting import Acting
from portal.errors import NotYours, Refused
from portal.models import ImportCheck
from portal.roles import UNIT_ROLES, Role
from tests.bases.conftest import SignedIn
from tests.factories import World


def refusal(act: Any, **given: Any) -> tuple[str, ...]:
    with pytest.raises(Refused) as refused, transaction.atomic():
        act(**given)
    return refused.value.reasons


def category(code: str) -> DegreeCategory:
    return DegreeCategory.objects.get(code=code)


def authorised(unit: TrainingUnit) -> list[tuple[str, int, str, list[str]]]:
    return [(each.category.code, each.year, each.level, each.fields) for each in unit.authorisations.all()]


def authorise(world: World, **changes: Any) -> CategoryAuthorisation:
    given = {"unit": world.unit, "category": category("0854"), "year": 2018, "level": "master", "by": world.sysadmin}
    return units.authorise_category(**given | changes)


# Fields


@pytest.mark.article("7(1)")
@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("", []),
        ("机械工程", ["机械工程"]),
        ("车辆工程\n机械工程", ["车辆工程", "机械工程"]),
        ("车辆工程、机械工程；工业设计", ["车辆工程", "机械工程", "工业设计"]),
        (" 车辆工程 、、\r\n\n 智能  制造 ", ["车辆工程", "智能 制造"]),
        ("域" * 40, ["域" * 40]),
    ],
)
def test_fields_stand_one_a_line_or_with_a_mark_between_and_keep_their_order(text: str, fields: list[str]):
    assert units.split_fields(text) == fields


@pytest.mark.article("7(1)")
def test_a_field_is_short_and_stands_there_once(world: World):
    long, doubled = "域" * 41, ["机械工程", "车辆工程", "机械工程"]
    too_long = (f"领域“{long}”有 41 个字，每个领域最多 40 个字，请删减。",)
    twice = ("领域“机械工程”写了不止一次，请保留一个。",)
    assert refusal(units.split_fields, text=long) == too_long
    assert refusal(units.split_fields, text="、".join(doubled)) == twice
    assert refusal(authorise, world=world, fields=[long]) == too_long
    assert refusal(authorise, world=world, fields=doubled) == twice
    assert authorised(world.unit) == [("0855", 2015, "master", [])]


# The page of a unit


@pytest.mark.article("6")
def test_a_category_is_entered_with_its_fields(world: World, signed_in: SignedIn):
    client, path = signed_in(world.sysadmin), f"/organisations/units/{world.unit.pk}/"
    sent = {
        "do": "category",
        "category": category("0854").pk,
        "year": 2018,
        "level": "doctor",
        "fields_text": "集成电路\n通信工程",
    }
    answer = client.post(path, sent, follow=True)
    assert "已登记授权类别：电子信息（0854）。" in answer.content.decode()
    assert authorised(world.unit) == [
        ("0854", 2018, "doctor", ["集成电路", "通信工程"]),
        ("0855", 2015, "master", []),
    ]
    wrong = client.post(path, sent | {"fields_text": "甲、甲"})
    assert (wrong.status_code, wrong.context["category_form"].errors) == (
        422,
        {"fields_text": ["领域“甲”写了不止一次，请保留一个。"]},
    )


@pytest.mark.article("6")
def test_a_category_is_corrected_in_its_place(world: World, signed_in: SignedIn):
    client, path = signed_in(world.sysadmin), f"/organisations/units/{world.unit.pk}/"
    entry = authorise(world, fields=["通信工程", "集成电路"])
    form = client.get(path, {"edit": entry.pk}).context["facts_form"]
    assert (form["year"].value(), form["level"].value(), form["fields_text"].value()) == (
        2018,
        "master",
        "通信工程\n集成电路",
    )
    sent = {"do": "edit", "authorisation": entry.pk, "year": 2019, "level": "master", "fields_text": "集成电路"}
    answer = client.post(path, sent, follow=True)
    assert "已更正授权类别：电子信息（0854）。" in answer.content.decode()
    assert authorised(world.unit)[0] == ("0854", 2019, "master", ["集成电路"])
    wrong = client.post(path, sent | {"year": 1950})
    assert (wrong.status_code, wrong.context["editing"], list(wrong.context["facts_form"].errors)) == (
        422,
        entry,
        ["year"],
    )


def test_the_entry_of_another_unit_or_one_that_is_gone_is_not_corrected_here(world: World, signed_in: SignedIn):
    client, path = signed_in(world.sysadmin), f"/organisations/units/{world.unit.pk}/"
    foreign = world.other_unit.authorisations.get()
    for key in (foreign.pk, 10**9, "x", ""):
        sent = {"do": "edit", "authorisation": key, "year": 1999, "level": "master", "fields_text": ""}
        answer = client.post(path, sent, follow=True)
        assert "没有更正：这个授权类别已被移除。" in answer.content.decode()
        assert client.get(path, {"edit": key}).context["facts_form"] is None
    assert authorised(world.other_unit) == [("0855", 2015, "master", [])]


@pytest.mark.article("6")
def test_a_doctoral_level_needs_a_category_that_has_one(world: World, signed_in: SignedIn):
    path = f"/organisations/units/{world.unit.pk}/"
    sent = {"do": "category", "category": category("0251").pk, "year": 2018, "level": "doctor"}
    answer = signed_in(world.sysadmin).post(path, sent)
    assert (answer.status_code, answer.context["category_form"].non_field_errors()) == (
        422,
        ["金融（0251） 没有博士专业学位，层次请选“硕士”。"],
    )
    assert authorised(world.unit) == [("0855", 2015, "master", [])]


@pytest.mark.article("6")
def test_a_unit_reads_its_categories_and_cannot_change_them(world: World, signed_in: SignedIn):
    authorise(world, level="doctor", fields=["集成电路", "通信工程"])
    for who in (world.applicant, world.unit_officer):
        client = signed_in(who)
        page = client.get("/units/mine/")
        assert [each.category.code for each in page.context["authorisations"]] == ["0854", "0855"]
        text = page.content.decode()
        assert all(
            word in text for word in (world.unit.name, "电子信息（0854）", "2018", "硕士、博士", "集成电路、通信工程")
        )
        assert "移除" not in text
        assert client.get(f"/organisations/units/{world.unit.pk}/").status_code == 403
    opens = {role for role, who in world.everybody().items() if signed_in(who).get("/units/mine/").status_code == 200}
    assert opens == UNIT_ROLES


@pytest.mark.article("6")
@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.SYSADMIN])
def test_nobody_but_the_system_administrator_keeps_the_categories(world: World, role: str):
    by = world.everybody()[role]
    checked = try_list(world, [["0854", 2018, "硕士", ""]], unit=world.unit)
    acts: list[tuple[Any, dict[str, Any]]] = [
        (authorise, {"world": world, "by": by}),
        (units.remove_authorisation, {"authorisation": world.unit.authorisations.get(), "by": by}),
        (authorisations.check_list, {"upload": xlsx([["0854", 2018, "硕士", ""]]), "by": by, "unit": world.unit}),
        (authorisations.write_list, {"checked": checked, "by": by, "at": timezone.now()}),
    ]
    for act, given in acts:
        with pytest.raises(NotYours):
            act(**given)
    assert authorised(world.unit) == [("0855", 2015, "master", [])]


# From Excel


OWN_HEADINGS = ["类别代码或名称", "获批年份", "层次", "领域"]
HEADINGS = ["院校代码", *OWN_HEADINGS]


def xlsx(rows: list[list[Any]], headings: list[str] = OWN_HEADINGS) -> SimpleUploadedFile:
    book = Workbook()
    for row in (headings, *rows):
        book.worksheets[0].append(row)
    out = io.BytesIO()
    book.save(out)
    return SimpleUploadedFile("授权类别.xlsx", out.getvalue())


def try_list(
    world: World, rows: list[list[Any]], *, unit: TrainingUnit | None = None, headings: list[str] | None = None
) -> ImportCheck:
    upload = xlsx(rows, headings or (OWN_HEADINGS if unit else HEADINGS))
    return authorisations.check_list(upload=upload, by=world.sysadmin, unit=unit)


def write(world: World, checked: ImportCheck, by: Acting | None = None) -> ImportCheck:
    return authorisations.write_list(checked=checked, by=by or world.sysadmin, at=timezone.now())


def errors(checked: ImportCheck) -> list[tuple[int, str, str]]:
    return [(each["row"], each["column"], each["message"]) for each in checked.errors]


@pytest.mark.article("6")
def test_a_list_is_checked_without_writing_and_then_written_as_a_whole(world: World):
    unit = world.unit
    checked = try_list(
        world, [["风景园林（0953）", 2016, "硕士", ""], ["0855", 2020, "硕士、博士", "车辆工程、机械工程"]], unit=unit
    )
    assert (checked.rows, checked.wrong, authorised(unit)) == (2, 0, [("0855", 2015, "master", [])])
    assert checked.preview[1] == ["2", "风景园林（0862）", "2016", "硕士", ""]
    write(world, checked)
    assert authorised(unit) == [("0855", 2020, "doctor", ["车辆工程", "机械工程"]), ("0862", 2016, "master", [])]
    assert refusal(write, world=world, checked=checked) == (
        "这份名单已经写入过了，没有再写一次。如要修改，请重新上传名单。",
    )


@pytest.mark.article("6")
def test_a_list_of_all_units_names_each_by_its_code(world: World):
    rows = [[world.unit.code, "金融", 2012, "硕士", ""], [int(world.other_unit.code), "机械", 2012, "硕士", ""]]
    write(world, try_list(world, rows))
    assert authorised(world.unit) == [("0251", 2012, "master", []), ("0855", 2015, "master", [])]
    assert authorised(world.other_unit) == [("0855", 2012, "master", [])]


@pytest.mark.article("6")
@pytest.mark.article("7(1)")
def test_every_mistake_is_named_by_row_and_column_and_nothing_is_written(world: World):
    rows = [
        [world.unit.code, "0854", 2018, "硕士", ""],
        ["99999", "0856", 2018, "硕士", ""],
        [world.unit.code, "艺术", 2018, "硕士", ""],
        [world.unit.code, "魔法", 2018, "硕士", ""],
        [world.unit.code, "金融", 2018, "硕士、博士", ""],
        [world.unit.code, "税务", 1950, "本科", ""],
        [world.unit.code, "法律", 2018, "硕士", "甲、甲"],
        [world.unit.code, "电子信息", 2019, "硕士", ""],
        ["", "会计", "", "硕士", ""],
    ]
    checked = try_list(world, rows)
    arts = "、".join(str(each) for each in DegreeCategory.objects.filter(code__range=("1352", "1357")))
    assert errors(checked) == [
        (3, "A 列“院校代码”", "没有院校代码为“99999”的培养单位，请核对，或先录入该单位。"),
        (4, "B 列“类别代码或名称”", f"“艺术”是旧目录的类别，现已分为：{arts}。请填写其中一个。"),
        (5, "B 列“类别代码或名称”", "“魔法”不在专业学位类别目录中，请按现行目录填写类别代码或名称。"),
        (6, "D 列“层次”", "金融（0251） 没有博士专业学位，层次请选“硕士”。"),
        (7, "C 列“获批年份”", "不能小于 1990。"),
        (7, "D 列“层次”", "“本科”不是层次，请填写“硕士”或者“硕士、博士”。"),
        (8, "E 列“领域”", "领域“甲”写了不止一次，请保留一个。"),
        (9, "B 列“类别代码或名称”", f"与第 2 行重复：{world.unit} 电子信息（0854）。"),
        (10, "A 列“院校代码”", "没有填写。"),
        (10, "C 列“获批年份”", "没有填写。"),
    ]
    assert refusal(write, world=world, checked=checked) == (
        "名单中还有 10 处错误，没有写入任何数据。请改正后重新上传。",
    )
    assert authorised(world.unit) == [("0855", 2015, "master", [])]


def test_the_list_of_one_unit_speaks_of_that_unit_only(world: World):
    rows = [
        [world.unit.code, "0854", 2018, "硕士", ""],
        ["", "0856", 2018, "硕士", ""],
        [world.other_unit.code, "0857", 2018, "硕士", ""],
    ]
    checked = try_list(world, rows, unit=world.unit, headings=HEADINGS)
    assert errors(checked) == [
        (
            4,
            "A 列“院校代码”",
            f"“{world.other_unit.code}”不是本单位（{world.unit.name}）的院校代码 {world.unit.code}。请改正或留空。",
        )
    ]


@pytest.mark.article("6")
def test_a_list_that_is_no_longer_right_is_not_written(world: World):
    checked = try_list(
        world, [[world.unit.code, "0854", 2018, "硕士", ""], [world.other_unit.code, "0854", 2018, "硕士", ""]]
    )
    TrainingUnit.objects.filter(pk=world.other_unit.pk).update(code="18888")
    assert refusal(write, world=world, checked=checked) == (
        "检查之后单位或目录有了变化，没有写入任何数据。请重新上传名单。",
        f"第 3 行 A 列“院校代码”：没有院校代码为“{world.other_unit.code}”的培养单位，请核对，或先录入该单位。",
    )
    assert authorised(world.unit) == [("0855", 2015, "master", [])]
    assert ImportCheck.objects.get().applied_at is None


def test_a_list_is_imported_on_the_pages(world: World, signed_in: SignedIn):
    client, path = signed_in(world.sysadmin), f"/organisations/units/{world.unit.pk}/import/"
    assert client.post(path, {"file": SimpleUploadedFile("名单.xlsx", b"no list")}).status_code == 422
    wrong = client.post(path, {"file": xlsx([["魔法", 2018, "硕士", ""]])}, follow=True)
    text = wrong.content.decode()
    assert "读到 1 行，有 1 处错误，没有写入任何数据" in text
    assert "写入 1 个授权类别" not in text
    checked = client.post(path, {"file": xlsx([["电子信息", 2018, "硕士", "集成电路"]])}, follow=True)
    assert "写入 1 个授权类别" in checked.content.decode()
    assert authorised(world.unit) == [("0855", 2015, "master", [])]
    here = checked.redirect_chain[-1][0]
    done = client.post(here, follow=True)
    assert "已写入 1 个授权类别。" in done.content.decode()
    assert authorised(world.unit)[0] == ("0854", 2018, "master", ["集成电路"])
    again = client.post(here, follow=True)
    assert "这份名单已经写入过了，没有再写一次。如要修改，请重新上传名单。" in again.content.decode()


@pytest.mark.parametrize("of_one_unit", [True, False])
def test_the_template_can_be_filled_in_and_read(world: World, signed_in: SignedIn, of_one_unit: bool):
    address = f"units/{world.unit.pk}" if of_one_unit else "authorisations"
    answer = signed_in(world.sysadmin).get(f"/organisations/{address}/template/")
    book = load_workbook(io.BytesIO(answer.content))
    book.worksheets[0].append([world.unit.code, "0854", 2018, "硕士", "集成电路"])
    out = io.BytesIO()
    book.save(out)
    reading = authorisations.read_list(out.getvalue(), world.unit if of_one_unit else None)
    assert (reading.errors, [str(row["its_category"]) for row in reading.rows]) == ([], ["电子信息（0854）"])


def test_the_import_is_for_the_system_administrator(world: World, signed_in: SignedIn):
    checked = try_list(world, [[world.unit.code, "0854", 2018, "硕士", ""]])
    paths = [
        "/organisations/authorisations/import/", "/organisations/authorisations/template/",
        f"/organisations/authorisations/checks/{checked.pk}/", f"/organisations/units/{world.unit.pk}/import/",
        f"/organisations/units/{world.unit.pk}/template/",
    ]  # fmt: skip
    for path in paths:
        opens = {role for role, who in world.everybody().items() if signed_in(who).get(path).status_code == 200}
        assert (path, opens) == (path, {Role.SYSADMIN})
        assert Client().get(path).url == f"/login/?next={path}"
