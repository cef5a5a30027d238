"""A roster may have 5,000 students: pages that do not show them do not read them, and those that do show a part at a time."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications import queries
from applications.content import LINES_SHOWN, Column, Content, Section, Table, differences
from applications.models import Application, ApplicationVersion, TrainedStudent
from applications.services import attachments, declaring, snapshot
from applications.services.content import content_of
from bases.models import Base
from portal import uploads
from portal.errors import NotYours, Refused
from tests.applications.conftest import SignedIn, fresh
from tests.applications.pages import Page
from tests.conftest import TODAY
from tests.factories import World, pdf_upload

MANY = 250


def enrol(application: Application, count: int) -> None:
    """So many students more."""
    TrainedStudent.objects.bulk_create(
        TrainedStudent(
            application=application, position=1000 + n, name=f"研究生{n:04d}", number=f"L{n:06d}", category_name="机械",
            level="master", mode="full_time", entered_on=TODAY,
        )
        for n in range(count)
    )  # fmt: skip


def statements(act: Callable[[], Any]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        act()
    return [query["sql"] for query in captured]


def students_read(found: list[str]) -> int:
    """How often the roster itself is fetched, and not only counted."""
    table = f'FROM "{TrainedStudent._meta.db_table}"'
    return sum(table in sql and f'"{TrainedStudent._meta.db_table}"."name"' in sql for sql in found)


def papers_read(found: list[str]) -> int:
    """How often what a version says is fetched."""
    return sum(f'"{ApplicationVersion._meta.db_table}"."content"' in sql for sql in found)


@pytest.fixture
def draft(world: World, on_day: Any) -> Application:
    found = world.application(world.draft(TODAY))
    enrol(found, MANY)
    return found


@pytest.fixture
def declared_twice(world: World, on_day: Any) -> Base:
    """Declared, sent back, many students added, declared again."""
    base = world.declared(TODAY)
    declaring.return_for_revision(base=base, acting=world.unit_officer, on=TODAY, reason="名单不全。")
    enrol(world.application(base), MANY)
    return world.declare(fresh(base), TODAY)


def a_roster(rows: dict[str, list[str]]) -> Content:
    table = Table("trained_students", "名单", [Column("name", "姓名")], list(rows.values()), list(rows))
    return Content("基地", 2026, "大学", [Section("students", "三", "名单", "7(3)", [], [], [table])])


@pytest.mark.article("8(1)")
class TestComparing:
    def test_thousands_of_rows_that_all_differ_take_no_longer_than_their_number_asks(self):
        def seconds(count: int) -> float:
            before = a_roster({str(n): [f"旧{n}"] for n in range(count)})
            after = a_roster({str(n): [f"新{n}"] for n in range(count)})
            start = time.process_time()
            found = differences(before, after)
            assert (len(found), found[-1].label) == (count, f"名单 #{count}")
            return time.process_time() - start

        seconds(100)
        few, many = min(seconds(2_000) for _ in range(3)), min(seconds(20_000) for _ in range(3))
        # Ten times the rows took a hundred times as long when every row was looked for from the top.
        assert many < 40 * few

    def test_a_row_is_named_by_its_place_in_the_newer_version_and_one_that_is_gone_by_its_old_place(self):
        before = a_roster({"a": ["甲"], "b": ["乙"], "c": ["丙"]})
        after = a_roster({"c": ["丙丙"], "d": ["丁"], "a": ["甲"]})
        found = [(each.label, each.before, each.after) for each in differences(before, after)]
        assert found == [
            ("名单 #1", "姓名：丙", "姓名：丙丙"), ("名单 #2", "", "姓名：丁"), ("名单 #2", "姓名：乙", ""),
        ]  # fmt: skip

    def test_the_page_shows_two_hundred_differences_at_a_time_and_says_how_many_there_are(
        self, world: World, declared_twice: Base, signed_in: SignedIn
    ):
        client, url = signed_in(world.officer), f"/applications/{world.application(declared_twice).pk}/versions/"
        first, second = Page.of(client.get(url)), Page.of(client.get(f"{url}?from=1&to=2&page=2"))
        total = len(differences(*[each.paper for each in ApplicationVersion.objects.order_by("number")]))
        assert total >= MANY
        shown = [sum(len(row) == 3 for row in page.rows()) for page in (first, second)]
        assert shown == [200, total - 200]
        assert f"共 {total} 条，本页第 1–200 条" in first.text
        assert f"{total} 处" in first.text
        assert f"共 {total} 条，本页第 201–{total} 条" in second.text

    def test_the_page_reads_two_papers_and_lists_the_others_without_what_they_say(
        self, world: World, declared_twice: Base, signed_in: SignedIn
    ):
        client, url = signed_in(world.officer), f"/applications/{world.application(declared_twice).pk}/versions/"
        for query in ("", "?from=1&to=2"):
            assert papers_read(statements(lambda query=query: client.get(url + query))) == 2
        application = world.application(declared_twice)
        with CaptureQueriesContext(connection) as captured:
            listed = declaring.versions_for(application)
            words = [(each.number, each.content_sha256[:12], str(each.declared_by)) for each in listed]
        assert ([number for number, _check, _by in words], len(captured)) == ([2, 1], 1)
        assert papers_read([query["sql"] for query in captured]) == 0


@pytest.mark.article("8(1)")
class TestTheCover:
    def test_the_base_page_reads_no_student_of_a_draft(self, world: World, draft: Application, signed_in: SignedIn):
        client = signed_in(world.applicant)
        url = f"/bases/{draft.base_id}/"
        page = Page.of(client.get(url))
        assert (page.status, "申请书" in page.text, draft.base.training_unit.code in page.text) == (200, True, True)
        assert students_read(statements(lambda: client.get(url))) == 0

    def test_the_base_page_reads_a_declared_paper_once(self, world: World, declared_twice: Base, signed_in: SignedIn):
        for reader in (world.applicant, world.officer, world.partner_officer):
            client = signed_in(reader)
            assert papers_read(statements(lambda client=client: client.get(f"/bases/{declared_twice.pk}/"))) == 1

    def test_a_draft_read_in_part_says_the_same_but_for_the_roster(self, world: World, draft: Application):
        whole = queries.read(draft, world.applicant, TODAY)
        part = queries.read(draft, world.applicant, TODAY, whole=False)
        assert whole is not None
        assert part is not None
        assert part.checks == whole.checks
        tables = {table.key for section in whole.content.sections for table in section.tables}
        assert tables - {table.key for section in part.content.sections for table in section.tables} == {
            "trained_students"
        }
        others = [
            [section for section in reading.content.sections if section.key != "students"] for reading in (whole, part)
        ]
        assert others[0] == others[1]


@pytest.mark.article("8(1)")
class TestTheWholePaper:
    def test_a_long_table_shows_its_first_lines_and_leads_to_the_print(
        self, world: World, draft: Application, signed_in: SignedIn
    ):
        page = Page.of(signed_in(world.applicant).get(f"/applications/{draft.pk}/preview/"))
        total = draft.trained_students.count()
        names = [name for name in draft.trained_students.values_list("name", flat=True) if name in page.text]
        assert len(names) == LINES_SHOWN
        assert page.text.count("其余见打印件（PDF）") == 1
        assert f"共 {total} 行，其余见打印件（PDF）。" in page.text
        kept = content_of(draft, TODAY).section("students")
        assert kept is not None
        assert len(kept.tables[0].rows) == total

    @pytest.mark.parametrize(("rows", "is_long"), [(LINES_SHOWN, False), (LINES_SHOWN + 1, True)])
    def test_a_table_is_long_from_one_line_more_on_and_keeps_its_foot(self, rows: int, is_long: bool):
        lines = {str(n): [f"第{n}"] for n in range(rows)}
        table = replace(a_roster(lines).sections[0].tables[0], foot=["合计"])
        assert (table.is_long, table.first_lines == table.lines[:LINES_SHOWN]) == (is_long, True)
        assert (len(table.lines), len(table.foot_cells)) == (rows, 1)


@pytest.mark.article("8(1)")
def test_the_page_of_the_print_reads_the_roster_once(world: World, draft: Application, signed_in: SignedIn):
    client, url = signed_in(world.applicant), f"/applications/{draft.pk}/print/"
    assert students_read(statements(lambda: client.get(url))) == 1
    assert students_read(statements(lambda: client.post(url))) == 1
    assert snapshot.read(draft, TODAY).trained.total >= MANY


@pytest.mark.article("8(1)")
class TestUploading:
    def locks(self, found: list[str]) -> int:
        return sum("FOR UPDATE" in sql for sql in found)

    def test_a_file_is_looked_through_before_the_base_is_locked(
        self, world: World, draft: Application, monkeypatch: pytest.MonkeyPatch
    ):
        held: list[int] = []
        clean = uploads.CheckedFileField.clean

        def watched(field: Any, *args: Any, **kwargs: Any) -> Any:
            held.append(self.locks([query["sql"] for query in captured.captured_queries]))
            return clean(field, *args, **kwargs)

        monkeypatch.setattr(uploads.CheckedFileField, "clean", watched)
        with CaptureQueriesContext(connection) as captured:
            attachments.add(application=draft, kind="other", upload=pdf_upload(), by=world.applicant, on=TODAY)
        assert held == [0]
        assert self.locks([query["sql"] for query in captured]) >= 2

    def test_a_broken_file_takes_no_lock_and_a_strangers_is_not_looked_at(self, world: World, draft: Application):
        broken = SimpleUploadedFile("协议.pdf", b"%PDF-1.7\nnothing more")

        def add(by: Any, error: type[Exception]) -> list[str]:
            with CaptureQueriesContext(connection) as captured, pytest.raises(error):
                attachments.add(application=draft, kind="agreement", upload=broken, by=by, on=TODAY)
            return [query["sql"] for query in captured]

        assert self.locks(add(world.applicant, Refused)) == 0
        for stranger in (world.unit_officer, world.officer, world.other_applicant, world.partner_officer):
            assert self.locks(add(stranger, NotYours)) == 0
