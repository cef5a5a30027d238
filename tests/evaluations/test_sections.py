"""What a base's page says of 考核, 整改 and 撤销, and to whom."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bases.lifecycle import Grade
from bases.models import Base
from evaluations import sections
from evaluations.models import Assessment
from evaluations.services import assessing, daily
from portal.acting import Acting
from tests.factories import World


@pytest.fixture
def page(client: Client, on_day: Callable[[date], None]) -> Callable[[Acting, Base], str]:
    """The page of a base as somebody sees it."""

    def get(acting: Acting, base: Base) -> str:
        client.force_login(acting.user)
        answer = client.get(reverse("base", args=[base.pk]))
        assert answer.status_code == 200
        return answer.content.decode()

    return get


def context(base: Base, acting: Acting, on: date) -> dict[str, Any]:
    found = sections.source(base, acting, on)
    return found[0].context if found else {}


@pytest.mark.article("16")
def test_a_proposed_grade_is_the_departments_until_it_is_decided(world: World, page: Any, today: date) -> None:
    base = world.proposed(world.assessing(today), Grade.EXCELLENT, today)
    for acting in (world.officer, world.leader):
        assert "拟定等级" in page(acting, base)
        assert "92.00" in page(acting, base)
    for acting in (world.applicant, world.unit_officer, world.partner_officer):
        shown = page(acting, base)
        assert "建设成效考核（2026 年）" in shown
        assert "拟定等级" not in shown
        assert "92.00" not in shown
    world.decide(base, Grade.EXCELLENT, today)
    for acting in (world.applicant, world.unit_officer):
        assert "92.00" in page(acting, base)
    assert "92.00" not in page(world.partner_officer, base)
    assert "SF-2026-" in page(world.partner_officer, base)
    assert "100,000.00 元" in page(world.unit_officer, base)
    assert "100,000.00 元" not in page(world.partner_officer, base)


@pytest.mark.article("16")
def test_the_reason_of_a_grade_may_speak_of_scores_and_is_not_the_partners(
    world: World, page: Any, today: date
) -> None:
    base = world.proposed(world.assessing(today), Grade.EXCELLENT, today)
    given = {"grade": Grade.QUALIFIED, "reason": "综合得分 92.00，但实践成果一项仅 11.50 分。"}
    assessing.decide_grade(base=base, acting=world.leader, on=today, **given)
    assert given["reason"] in page(world.unit_officer, base)
    shown = page(world.partner_officer, base)
    assert "评定为合格" in shown
    assert [word for word in ("92.00", "11.50", "综合得分") if word in shown] == []


@pytest.mark.article("20")
def test_a_study_that_leads_to_a_revocation_is_told_when_that_is_decided(world: World, page: Any, today: date) -> None:
    base = world.constructing(today)
    world.incident(base, today)
    assert "不再具备实践条件" in page(world.leader, base)
    for acting in (world.applicant, world.unit_officer, world.partner_officer):
        shown = page(acting, base)
        assert "教育厅正在研判" in shown
        assert "不再具备实践条件" not in shown
        assert "撤销建议与决定" not in shown
    world.revoke(base, today)
    assert "不再具备实践条件" in page(world.unit_officer, base)
    assert "撤销建议与决定" in page(world.unit_officer, base)


@pytest.mark.article("19")
def test_the_rectification_shows_its_period_and_its_plan(world: World, page: Any, today: date) -> None:
    base = world.rectifying(today)
    shown = page(world.applicant, base)
    assert "整改期" in shown
    assert "2028-11-24" in shown
    assert "尚未提交" in shown
    assessing.submit_plan(base=base, acting=world.applicant, on=today, plan="补聘导师\n逐月考核")
    shown = page(world.leader, base)
    assert "补聘导师<br>逐月考核" in shown


@pytest.mark.article("21")
def test_a_request_to_withdraw_shows_both_signatures_and_its_file(world: World, page: Any, today: date) -> None:
    base = world.graded(world.assessing(today), Grade.QUALIFIED, today)
    assert "自主撤销申请</h2>" not in page(world.officer, base)
    world.request_withdrawal(base, today)
    shown = page(world.officer, base)
    assert "自主撤销申请</h2>" in shown
    assert "校方代表（培养单位）" in shown
    assert reverse("file", args=[base.withdrawals.get().request_file.key]) in shown


def test_a_base_that_was_never_assessed_has_no_such_section(world: World, today: date) -> None:
    assert context(world.constructing(today), world.officer, today) == {}


def test_the_page_takes_as_many_queries_for_two_assessments_as_for_one(world: World, page: Any, today: date) -> None:
    base = world.rectifying(today - timedelta(days=731))
    with CaptureQueriesContext(connection) as one:
        page(world.leader, base)
    first = Assessment.objects.get(base=base)
    for number in range(3):
        Assessment.objects.create(
            base=base, kind=first.kind, opened_on=first.opened_on - timedelta(days=number + 1),
            report_due_on=first.report_due_on, report="报告", submitted_by=first.submitted_by, submitted_on=first.submitted_on,
            proposed_grade=Grade.FAILED, prepared_by=first.prepared_by, prepared_on=first.prepared_on,
            grade=Grade.FAILED, decided_by=first.decided_by, decided_on=first.decided_on, closed_on=first.closed_on,
        )  # fmt: skip
    with CaptureQueriesContext(connection) as several:
        page(world.leader, base)
    assert len(several) <= len(one)


@pytest.mark.article("16")
def test_experts_read_the_report_and_for_a_reassessment_the_plan(world: World, today: date) -> None:
    base = world.rectifying(today - timedelta(days=731))
    assessing.submit_plan(base=base, acting=world.applicant, on=today - timedelta(days=700), plan="补聘导师")
    daily.run(on=today)
    world.report(base, today)
    panel = world.assign_assessors(base, today)
    found = sections.dossier(panel)[0].context
    assert found["assessment"].report.startswith("一、研究生实践情况")
    assert found["rectification"].plan == "补聘导师"
