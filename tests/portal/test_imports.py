"""A list from Excel is checked first, nothing is written meanwhile, and what was checked is written once and whole."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from openpyxl import Workbook

from portal import imports, spreadsheets, uploads
from portal.errors import Refused
from portal.models import ImportCheck, StoredFile
from portal.spreadsheets import Column
from tests.factories import World

COLUMNS = [
    Column(key="number", label="学号", required=True, unique=True),
    Column(key="name", label="姓名", required=True),
    Column(key="since", label="入基地日", kind="date"),
]


def listing(*rows: tuple[Any, ...]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in (("学号", "姓名", "入基地日"), *rows):
        book.worksheets[0].append(row)
    book.save(out)
    return out.getvalue()


def checked(world: World, *rows: tuple[Any, ...]) -> ImportCheck:
    content = listing(*rows)
    return imports.check(
        purpose="roster",
        subject="application:1",
        upload=SimpleUploadedFile("名单.xlsx", content),
        by=world.unit_officer.user,
        reading=spreadsheets.read(content, COLUMNS),
    )


GOOD = (("2023001", "张三", "2024-09-01"), ("2023002", "李四", None))


def test_a_check_keeps_the_file_and_what_was_found_in_it(world: World) -> None:
    check = checked(world, *GOOD)
    assert (check.rows, check.wrong, check.errors, check.applied_at) == (2, 0, [], None)
    assert check.preview == [
        ["行", "学号", "姓名", "入基地日"],
        ["2", "2023001", "张三", "2024-09-01"],
        ["3", "2023002", "李四", ""],
    ]
    assert (check.file.purpose, check.file.kind, check.file.uploaded_by) == ("roster", "xlsx", world.unit_officer.user)
    assert imports.content(check) == listing(*GOOD)


def test_mistakes_are_kept_with_the_row_and_the_column_that_excel_shows(world: World) -> None:
    check = checked(world, ("2023001", "张三", "九月"), ("2023001", None, None))
    assert (check.wrong, check.errors) == (
        3,
        [
            {"row": 2, "column": "C 列“入基地日”", "message": "“九月”不是日期，请写成 2024-09-01。"},
            {"row": 3, "column": "A 列“学号”", "message": "与第 2 行重复：2023001。"},
            {"row": 3, "column": "B 列“姓名”", "message": "没有填写。"},
        ],
    )


def test_of_many_mistakes_the_first_are_listed_and_all_are_counted(world: World) -> None:
    check = checked(world, *((f"{n}", None, None) for n in range(250)))
    assert (check.wrong, len(check.errors), len(check.preview)) == (250, 200, 21)
    assert "共 250 处错误，这里列出前 200 处。" in shown(check)


def test_a_list_is_written_once(world: World) -> None:
    check, now = checked(world, *GOOD), timezone.now()
    assert imports.mark_applied(check, at=now).applied_at == now
    with pytest.raises(Refused) as refusal:
        imports.mark_applied(check, at=now + timedelta(minutes=1))
    assert refusal.value.reasons == ("这份名单已经写入过了，没有再写一次。如要修改，请重新上传名单。",)
    check.refresh_from_db()
    assert check.applied_at == now


@pytest.mark.django_db(transaction=True)
def test_of_two_who_write_the_same_list_at_the_same_moment_one_is_refused(
    at_once: Callable[..., list[Any]], transactional_db: None
) -> None:
    check, now = checked(World.create(), *GOOD), timezone.now()
    results = at_once(*[lambda: imports.mark_applied(check, at=now)] * 2)
    assert sorted(type(each).__name__ for each in results) == ["ImportCheck", "Refused"]


def test_a_list_with_a_mistake_is_not_written(world: World) -> None:
    check = checked(world, ("2023001", None, None))
    with pytest.raises(Refused) as refusal:
        imports.mark_applied(check, at=timezone.now())
    assert refusal.value.reasons == ("名单中还有 1 处错误，没有写入任何数据。请改正后重新上传。",)
    check.refresh_from_db()
    assert check.applied_at is None
    with pytest.raises(IntegrityError, match="only_a_faultless_import_is_applied"), transaction.atomic():
        ImportCheck.objects.update(applied_at=timezone.now())


def test_what_is_written_is_what_was_checked(world: World) -> None:
    check = checked(world, *GOOD)
    with check.file.file.open("wb") as file:
        file.write(listing(("2023009", "王五", None)))
    gone = ("检查过的文件已不在平台上，没有写入任何数据。请重新上传。",)
    with pytest.raises(Refused) as changed:
        imports.content(check)
    check.file.file.delete(save=False)
    check.file.file = "roster/00/nothing.xlsx"
    with pytest.raises(Refused) as lost:
        imports.content(check)
    assert (changed.value.reasons, lost.value.reasons) == (gone, gone)


def test_the_uploaded_list_goes_back_to_whoever_uploaded_it_only(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(uploads._guards, "roster", "portal.imports.may_download")
    check = checked(world, *GOOD)
    address, got = reverse("file", args=[check.file.key]), set()
    for role, acting in world.everybody().items():
        client.force_login(acting.user)
        if client.get(address).status_code == 200:
            got.add(str(role))
    client.logout()
    assert (got, client.get(address).status_code) == ({"unit_officer"}, 404)


def shown(check: ImportCheck) -> str:
    """The words of the result as a page shows them, one space between them."""
    page = render_to_string("components/_import_check.html", {"check": check})
    return " ".join(strip_tags(page.replace("<", " <")).split())


def test_the_page_says_that_nothing_was_written_and_what_to_do(world: World) -> None:
    good, bad = shown(checked(world, *GOOD)), shown(checked(world, ("2023001", "张三", "九月")))
    assert "读到 2 行，没有发现错误。 目前没有写入任何数据；请看一看下面的内容，确认后再写入。" in good
    assert "预览：全部 2 行 行 学号 姓名 入基地日 2 2023001 张三 2024-09-01 3 2023002 李四 —" in good
    assert "读到 1 行，有 1 处错误，没有写入任何数据 请在原文件中按下表改正，保存后重新上传。" in bad
    assert "行 列 问题 2 C 列“入基地日” “九月”不是日期，请写成 2024-09-01。" in bad


def test_a_file_that_cannot_be_read_has_its_mistake_without_a_row(world: World) -> None:
    reading = spreadsheets.read(b"not a workbook", COLUMNS)
    upload = SimpleUploadedFile("名单.xlsx", b"not a workbook")
    check = imports.check(purpose="roster", subject="x", upload=upload, by=world.unit_officer.user, reading=reading)
    assert "读到 0 行，有 1 处错误，没有写入任何数据" in shown(check)
    assert "行 列 问题 — — 这不是 Excel 表格（xlsx 格式），改扩展名不会改变内容。" in shown(check)


def test_a_list_that_was_written_says_when(world: World) -> None:
    check = imports.mark_applied(checked(world, *GOOD), at=timezone.now())
    check.applied_at = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
    assert "2 行已于 2026-11-24 10:30 全部写入。" in shown(check)
    assert StoredFile.objects.get().pk == check.file_id
