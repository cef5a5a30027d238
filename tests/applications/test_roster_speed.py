"""A roster of 5,000 students is checked and written in seconds, with a number of queries that does not grow with it."""

import io
import time
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook

from applications.models import TrainedStudent
from applications.services import roster
from tests.conftest import TODAY
from tests.factories import World

MANY = 5000
# A quick machine needs a third of this; a busy one must not fail for it.
SECONDS = 15


def long_list(count: int) -> SimpleUploadedFile:
    """So many students, every one with texts of their own."""
    book, out = Workbook(write_only=True), io.BytesIO()
    page = book.create_sheet("名单")
    page.append([str(column.label) for column in roster.columns()])
    for n in range(count):
        entered = date(2020, 1, 1) + timedelta(days=n % 1000)
        page.append(
            [
                f"研究生{n}", f"2020{n:08d}", ("机械", "0855", "会计", "工程")[n % 4], "智能制造", "硕士", "全日制", "李文华", "王建军",
                entered, entered + timedelta(days=300), f"第{n}号矿用自卸车传动系统状态监测与故障预警项目",
                f"基于多源信号融合的第{n}型重载变速器早期故障诊断方法及其在露天矿山中的应用研究", 2025, "合作单位就业",
            ]
        )  # fmt: skip
    book.save(out)
    return SimpleUploadedFile("名单.xlsx", out.getvalue())


@pytest.mark.article("7(3)")
def test_five_thousand_students_are_checked_and_written_in_seconds(world: World, record_property: Any):
    draft = world.application(world.draft(TODAY, students_trained=0))
    sheet, spent = long_list(MANY), {}
    for step in ("written", "replaced"):
        start = time.perf_counter()
        found = roster.check(application=draft, upload=sheet, by=world.applicant, on=TODAY)
        spent["checked"] = time.perf_counter() - start
        assert (found.rows, found.wrong) == (MANY, 0)
        start = time.perf_counter()
        with CaptureQueriesContext(connection) as counted:
            assert roster.apply(application=draft, check=found, by=world.applicant, on=TODAY) == MANY
        spent[step] = time.perf_counter() - start
        assert len(counted) < 40
    for step, seconds in spent.items():
        record_property(step, round(seconds, 2))
        print(f"{step}: {seconds:.2f} s")
        assert seconds < SECONDS, step
    assert TrainedStudent.objects.filter(application=draft).count() == MANY
