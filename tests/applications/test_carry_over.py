"""What the short application said stands in the full one after the change of forms, and in the short one after the way back."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from applications.content import Content
from applications.models import Application
from applications.services import declaring, listing
from bases.models import Base
from tests.applications.conftest import fresh
from tests.factories import World

pytestmark = pytest.mark.article("7(3) 8(1)")

BOTH_FORMS = [("applications", "0003_full_application_form")]
REPORT = [
    {"key": "category", "label": "类别", "article": "7(1)", "found": "是", "required": "是", "passed": True, "mend": ""},
    {"key": "students", "label": "研究生", "article": "7(3)", "found": "0 人", "required": "5 人", "passed": False, "mend": "补"},
]  # fmt: skip
VERDICTS = [{name: each[name] for name in each if name != "passed"} for each in REPORT]
VERDICTS = [each | {"verdict": verdict} for each, verdict in zip(VERDICTS, ["pass", "fail"], strict=True)]


def to_the_short_form() -> Any:
    """The table of the days when both forms had their columns, before anything was carried over."""
    executor = MigrationExecutor(connection)
    executor.migrate(BOTH_FORMS)
    return executor.loader.project_state(BOTH_FORMS).apps


def to_the_full_form() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


@pytest.fixture
def there_and_back(transactional_db: None) -> Iterator[None]:
    yield
    to_the_full_form()


def said(base: Base, agreement: str) -> dict[str, Any]:
    """What a short application kept of its declaration."""
    return {
        "name": base.name, "category": "机械（0855）", "partner": base.partner.name, "field": "现代能源",
        "priority_industry": base.priority_industry, "cooperation_started_on": "2020-03-01", "unit_investment": "200000.00",
        "partner_investment": "300000.00", "students_trained": 12, "reason": "申报时的理由。", "agreement_sha256": agreement,
    }  # fmt: skip


def kept_short(apps: Any) -> list[Any]:
    names = (
        "pk", "unit_investment", "partner_investment", "students_trained", "reason", "agreement", "declared_on",
        "returned_reason", "declared_content", "eligibility", "saved_at",
    )  # fmt: skip
    return list(apps.get_model("applications", "Application").objects.order_by("pk").values_list(*names))


def kept_full() -> list[Any]:
    return [
        (
            application.pk,
            application.saved_at,
            list(application.year_targets.values_list("position", "year")),
            list(application.contributions.values_list("side", "amount")),
            [
                (each.number, each.declared_on, each.returned_on, each.returned_by, each.returned_reason, each.content,
                 each.content_sha256, each.eligibility, sorted(file.stored_id for file in each.files.all()))
                for each in application.versions.all()
            ],
            list(application.files.order_by("pk").values_list("kind", "stored", "removed_at")),
        )
        for application in Application.objects.order_by("pk")
    ]  # fmt: skip


def test_a_draft_a_declared_one_and_two_returned_ones_keep_all_they_said(there_and_back: None, today: date):
    world = World.create()
    world.names = ["草稿基地", "已申报基地", "已退回基地", "没有记下原因的基地"]
    draft, declared, returned, silent = (world.draft(today), *(world.declared(today) for _ in range(3)))
    for base, reason in ((returned, "请补充协议。"), (silent, "原因后来不见了。")):
        declaring.return_for_revision(base=fresh(base), acting=world.unit_officer, on=today, reason=reason)
    pks = {name: Application.objects.get(base=base).pk for name, base in zip("abcd", (draft, declared, returned, silent), strict=True)}  # fmt: skip

    apps = to_the_short_form()
    short = apps.get_model("applications", "Application")
    assert [(row[3], row[6], bool(row[8]), len(row[9])) for row in kept_short(apps)] == [
        (8, None, False, 0), (8, today, True, 12), (8, None, True, 12), (8, None, True, 12),
    ]  # fmt: skip
    apps.get_model("applications", "TrainedStudent").objects.all().delete()
    short.objects.update(students_trained=12)
    for name, base in (("b", declared), ("c", returned), ("d", silent)):
        row = short.objects.get(pk=pks[name])
        short.objects.filter(pk=row.pk).update(
            declared_content=said(base, row.agreement.sha256), eligibility=REPORT, reason="申报时的理由。"
        )
    # One mended its agreement, its reason and its figures after it was sent back; of the other nobody wrote down why it was.
    earlier = short.objects.get(pk=pks["c"]).agreement_id
    files = apps.get_model("portal", "StoredFile")
    newer = files.objects.get(pk=earlier)
    newer.pk, newer.key, newer.sha256, newer.name = None, "0" * 32, "f" * 64, "新协议.pdf"
    newer.save()
    short.objects.filter(pk=pks["c"]).update(agreement=newer, reason="改过的理由。", unit_investment=Decimal(1))
    short.objects.filter(pk=pks["d"]).update(returned_reason="")
    before = kept_short(apps)

    to_the_full_form()
    after = kept_full()
    assert [row[2] for row in after] == [[(0, 1), (1, 2), (2, 3)]] * 4
    assert [len(row[4]) for row in after] == [0, 1, 1, 1]
    (b,), (c,), (d,) = (row[4] for row in after[1:])
    by = f"{world.unit_officer.name}（研究生院）"
    assert [each[1:5] for each in (b, c, d)] == [
        (today, None, "", ""), (today, today, by, "请补充协议。"), (today, today, by, "（未记录）"),
    ]  # fmt: skip
    assert [each[7] for each in (b, c, d)] == [VERDICTS] * 3
    paper = Content.from_json(c[5])
    assert paper.sha256 == c[6]
    assert {fact.key: fact.value for fact in paper.section("cooperation").facts} == {
        "cooperation_started_on": "2020-03-01", "unit_investment": "200000.00", "partner_investment": "300000.00",
        "students_trained": "12", "agreement_sha256": before[2][8]["agreement_sha256"],
    }  # fmt: skip
    assert paper.value("reason") == "申报时的理由。"
    assert Application.objects.get(pk=pks["c"]).plan.reason == "改过的理由。"
    assert after[2][3] == [("unit", Decimal(1)), ("partner", Decimal("300000.00"))]
    assert c[8] == [earlier]
    assert [(kind, stored, removed is None) for kind, stored, removed in after[2][5]] == [
        ("agreement", earlier, False), ("agreement", newer.pk, True),
    ]  # fmt: skip
    lines = listing.with_figures(Application.objects.order_by("pk"))
    assert [line.trained for line in lines] == [None, 12, None, None]

    apps = to_the_short_form()
    # The figure of a draft that nobody declared has no place in the full form, where a roster says it.
    assert kept_short(apps) == [(*before[0][:3], None, *before[0][4:]), *before[1:]]
    to_the_full_form()
    assert [row[:5] for row in kept_full()] == [row[:5] for row in after]
    assert [[each[:2] for each in row[5]] for row in kept_full()] == [[each[:2] for each in row[5]] for row in after]
