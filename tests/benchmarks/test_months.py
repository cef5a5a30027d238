"""Three years of months of 200 bases with 40 students each: the pages take as long as with one year, and as many queries."""
# ruff: noqa: S608 - the names in the statements are those of our own models

import io
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook

from agreements.models import MonthlyRecord, Placement, Student
from agreements.services import month_imports
from bases.models import Base
from tests.agreements.months import AT, agreed, place
from tests.benchmarks.measuring import ROOT, machine, record
from tests.conftest import TODAY
from tests.factories import World, pdf_upload

BASES, STUDENTS, OWN_BASES = 200, 40, 5
RUNS, MOST = 9, 1.5
MOST_IMPORT_SECONDS = 30


def copy(model: type[models.Model], source: str, **others: str) -> None:
    """Rows like one that is there, as many as ``source`` has, with these expressions for some of the columns."""
    fields = [each.column for each in model._meta.local_concrete_fields if not each.primary_key]
    table = connection.ops.quote_name(model._meta.db_table)
    values = ", ".join(others.get(name, f"one.{name}") for name in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(fields)}) SELECT {values} "
            f"FROM (SELECT * FROM {table} ORDER BY id LIMIT 1) one, {source}"
        )


def bases_like(base: Base, world: World) -> None:
    """As many bases of the unit; a few of the partner, the others of another one."""
    theirs = f"CASE WHEN n <= {OWN_BASES} THEN {world.partner.pk} ELSE {world.other_partner.pk} END"
    copy(Base, f"generate_series(2, {BASES}) n", name="one.name || n", partner_id=theirs, declared_partner_id=theirs)


def a_year(ends: date) -> None:
    """A year of all bases that ends with this month: other students than before, each there for twelve months, all filled in."""
    first = date(ends.year - 1, ends.month + 1, 1) if ends.month < 12 else date(ends.year, 1, 1)
    tag, last = f"{ends.year}", (ends + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    of_all = f"generate_series(1, {BASES * STUDENTS}) n"
    copy(Student, of_all, number=f"'{tag}' || n", name="'学生' || n")
    status, ending = ("'ended'", "'completed'") if last < TODAY else ("'running'", "''")
    starts, stops = f"DATE '{first}'", f"DATE '{last}'"
    people = (
        f"(SELECT s.id student, b.id base FROM (SELECT id, row_number() OVER (ORDER BY id) n FROM {Student._meta.db_table} "
        f"WHERE number LIKE '{tag}%') s JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 n FROM {Base._meta.db_table}) b "
        f"ON b.n = s.n % {BASES}) them"
    )
    copy(
        Placement, people, student_id="them.student", base_id="them.base", starts_on=starts, ends_on=stops,
        planned_ends_on=stops, insured_from=starts, insured_until=stops, status=status, ending=ending,
    )  # fmt: skip
    months = (
        f"(SELECT p.id placement, p.base_id base, m::date AS month FROM {Placement._meta.db_table} p, "
        f"generate_series({starts}, DATE '{ends}', '1 month') m WHERE p.starts_on = {starts} AND p.ends_on = {stops}) them"
    )
    copy(
        MonthlyRecord, months, placement_id="them.placement", base_id="them.base", month="them.month",
        amount="1000 + (them.placement % 900)", paid_on="them.month + 36",
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def measured(client: Client, address: str) -> tuple[float, int]:
    """Seconds of the quickest of several openings of a page, which other work on the machine disturbs least, and its queries."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
        asked = len(queries)  # the next request forgets them
    seconds = []
    for _run in range(RUNS):
        began = time.perf_counter()
        client.get(address)
        seconds.append(time.perf_counter() - began)
    return min(seconds), asked


@pytest.mark.benchmark
@pytest.mark.agreement("权责划分（二）5")
def test_three_years_of_months_take_as_long_as_one(world: World, today: date, on_day: Callable[[date], None]) -> None:
    where = machine()
    base = world.constructing(today)
    agreed(base)
    first = place(base, starts_on=date(2026, 11, 1), ends_on=date(2026, 11, 30))
    MonthlyRecord.objects.create(
        base=base, placement=first, month=date(2026, 11, 1), state="done", grade="qualified", days=20, amount=1500,
        paid_on=today, floor=1000, entered_on=today, saved_at=AT,
    )  # fmt: skip
    clients = {name: Client() for name in ("partner", "unit", "department")}
    for name, acting in zip(clients, (world.partner_officer, world.unit_officer, world.officer), strict=True):
        clients[name].force_login(acting.user)
    pages = {
        "the partner's month page": ("partner", reverse("month", args=[base.pk, "2026-10"])),
        "the partner's inbox": ("partner", reverse("home")),
        "the unit's months": ("unit", reverse("months")),
        "the unit's inbox": ("unit", reverse("home")),
        "the department's months": ("department", reverse("months")),
        "the department's list of low stipends": ("department", reverse("month-flags")),
    }
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
    bases_like(base, world)
    a_year(date(2026, 11, 1))
    one = {page: measured(clients[who], address) for page, (who, address) in pages.items()}
    a_year(date(2025, 11, 1))
    a_year(date(2024, 11, 1))
    assert MonthlyRecord.objects.count() > BASES * STUDENTS * 36
    three = {page: measured(clients[who], address) for page, (who, address) in pages.items()}
    lines = [
        f"Measured {datetime.now(tz=UTC).date().isoformat()} by `make bench` (`{Path(__file__).relative_to(ROOT)}`): {BASES} bases of one",
        f"unit, {STUDENTS} students each at any time, every month filled in; the quickest of {RUNS} openings, in the process of the tests.",
        "",
        f"- Machine: {where}",
        "",
        "| | one year, ms | three years, ms | queries |",
        "|---|---:|---:|---:|",
        *(f"| {page} | {one[page][0] * 1000:.0f} | {three[page][0] * 1000:.0f} | {three[page][1]} |" for page in pages),
    ]
    record(f"36 months of {STUDENTS} students in {BASES} bases", "\n".join(lines))
    assert {page: queries for page, (_seconds, queries) in one.items()} == {
        page: queries for page, (_seconds, queries) in three.items()
    }
    assert {page: three[page][0] / one[page][0] for page in pages if three[page][0] > MOST * one[page][0]} == {}


@pytest.mark.benchmark
@pytest.mark.agreement("权责划分（二）5")
def test_a_list_of_ten_thousand_lines_is_checked_and_written_in_seconds(
    world: World, today: date, on_day: Callable[[date], None]
) -> None:
    where = machine()
    base = world.constructing(today)
    agreed(base)
    place(base, starts_on=date(2026, 1, 1))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
    copy(Student, "generate_series(1, 1000) n", number="'M' || n")
    copy(
        Placement,
        f"(SELECT id student FROM {Student._meta.db_table} WHERE number LIKE 'M%') them",
        student_id="them.student",
    )
    book, out = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet()
    sheet.append([str(column.label) for column in month_imports.COLUMNS])
    for month in range(1, 11):
        for number in range(1, 1001):
            sheet.append([base.name, f"2026-{month:02d}", f"M{number}", "", "合格", 20, 1500, date(2026, 11, 5)])
    book.save(out)
    upload = pdf_upload("补贴.xlsx")
    upload.file = io.BytesIO(out.getvalue())
    began = time.perf_counter()
    checked = month_imports.check_file(upload=upload, by=world.partner_officer, on=today)
    looked = time.perf_counter() - began
    assert (checked.rows, checked.wrong) == (10_000, 0)
    began = time.perf_counter()
    done = month_imports.apply(checked=checked, by=world.partner_officer, on=today, at=datetime(2099, 1, 1, tzinfo=UTC))
    wrote = time.perf_counter() - began
    assert done.new == 10_000
    lines = [
        f"Measured {datetime.now(tz=UTC).date().isoformat()} by `make bench` (`{Path(__file__).relative_to(ROOT)}`): ten months of 1,000",
        "students in one file.",
        "",
        f"- Machine: {where}",
        "",
        "| check, seconds | write, seconds |",
        "|---:|---:|",
        f"| {looked:.1f} | {wrote:.1f} |",
    ]
    record("10,000 lines of stipends from Excel", "\n".join(lines))
    assert looked + wrote <= MOST_IMPORT_SECONDS
