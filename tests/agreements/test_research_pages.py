"""The pages of the area 成果: what both sides and the department see there, and do, for one and for many."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from agreements.models import BaseProject, PublicationRequest, Result, SecrecyClearance, ThesisTopic
from agreements.services import projects, results
from portal.acting import Acting
from tests.agreements.placing import Placing
from tests.agreements.research import LATER, Research, researching
from tests.factories import pdf_upload

SignedIn = Callable[[Acting], Client]
pytestmark = [pytest.mark.article("10")]


@pytest.fixture
def research(placing: Placing, on_day: Any) -> Research:
    """A base with four students in practice, on LATER."""
    on_day(LATER)
    return researching(placing, 4)


def sent(client: Client, page: str, args: list[Any], **form: Any) -> str:
    """The page on which one lands after a form."""
    return client.post(reverse(page, args=args), form, follow=True).text


@pytest.mark.agreement("知识产权")
@pytest.mark.agreement("培养过程 2")
def test_from_the_project_to_the_opening_of_a_cohort(research: Research, signed_in: SignedIn) -> None:
    unit, partner, base = signed_in(research.unit), signed_in(research.partner), research.base.pk
    form = {"name": "状态监测", "owner": "partner", "is_secret": "on", "secret_note": "工艺参数。", "summary": "监测。"}
    assert "项目已登记。" in sent(partner, "project-new", [base], **form)
    project = BaseProject.objects.get()
    for n, placement in enumerate(research.placements[:3]):
        form = {"placement": placement.pk, "title": f"题目{n}", "project": project.pk, "uses_practice": "on"}
        assert "选题已登记" in sent(unit, "topic-new", [base], **form)
    chosen = list(ThesisTopic.objects.order_by("pk").values_list("pk", flat=True))
    listed = partner.get(reverse("base-topics", args=[base]), {"state": "waiting"}).text
    assert [f"题目{n}" in listed for n in range(3)] == [True, True, True]
    assert "还没有选题的研究生" in listed
    refused = unit.post(
        reverse("topic-act", args=[base, "approve"]), {"topic": chosen, "approved_on": LATER.isoformat()}
    )
    assert (refused.status_code, "还没有合作单位的涉密确认，论文开题前应先确认。" in refused.text) == (422, True)
    assert "请写明论文中不得公开的内容。" in sent(
        partner, "topic-act", [base, "clear"], topic=chosen, verdict="conditions"
    )
    done = sent(partner, "topic-act", [base, "clear"], topic=chosen, verdict="conditions", conditions="工艺参数。")
    assert ("已确认 3 个选题。" in done, SecrecyClearance.objects.count()) == (True, 3)
    assert "已登记 3 个选题的开题。" in sent(
        unit, "topic-act", [base, "approve"], topic=chosen, approved_on=LATER.isoformat()
    )
    assert set(ThesisTopic.objects.values_list("status", flat=True)) == {"approved"}


@pytest.mark.agreement("知识产权")
def test_a_form_that_is_refused_keeps_what_was_typed(research: Research, signed_in: SignedIn) -> None:
    form = {"placement": research.placements[0].pk, "title": "一个很长的题目", "uses_practice": "on"}
    answer = signed_in(research.unit).post(reverse("topic-new", args=[research.base.pk]), form)
    assert answer.status_code == 422
    assert "没有依托项目的，请写明理由。" in answer.text
    assert 'value="一个很长的题目"' in answer.text


@pytest.mark.agreement("知识产权")
def test_a_request_is_decided_on_its_page_and_the_paper_rests_on_it(research: Research, signed_in: SignedIn) -> None:
    unit, partner, base = signed_in(research.unit), signed_in(research.partner), research.base.pk
    project = research.project()
    form = {
        "placement": research.placements[0].pk, "project": project.pk, "kind": "paper", "title": "监测方法", "venue": "学报",
        "abstract": "方法。", "answer_by": LATER.isoformat(), "file": pdf_upload("文稿.pdf"),
    }  # fmt: skip
    assert "申请已提交，等待立项方决定。" in sent(unit, "publication-new", [base], **form)
    asked = PublicationRequest.objects.get()
    page = reverse("publication", args=[asked.pk])
    agree = reverse("publication-act", args=[asked.pk, "agree"])
    assert (agree in unit.get(page).text, agree in partner.get(page).text) == (False, True)
    assert "由立项方决定。" in unit.get(agree, follow=True).text
    assert "已同意公开。" in sent(partner, "publication-act", [asked.pk, "agree"], conditions="删去数据。")
    form = {
        "kind": "paper", "title": "监测方法", "achieved_on": LATER.isoformat(), "authors": "乌兰\n李文华", "owner": "both",
        "project": project.pk, "request": asked.pk,
    }  # fmt: skip
    assert "成果已登记，等待对方确认。" in sent(unit, "result-new", [base], **form)
    made = Result.objects.get()
    assert "已确认。" in sent(partner, "result-act", [made.pk, "confirm"])
    assert "未经批准公开" not in unit.get(reverse("result", args=[made.pk])).text


@pytest.mark.agreement("其他事项 2")
def test_what_is_secret_or_unpublished_is_read_by_both_sides_alone(research: Research, signed_in: SignedIn) -> None:
    project = research.project(is_secret=True, secret_note="工艺参数。", summary="机密。")
    projects.change(project=project, by=research.partner, on=LATER, summary="机密的内容。")
    asked = research.ask(project, abstract="未公开的方法。", file=pdf_upload("文稿.pdf"))
    world, file = research.placing.world, reverse("file", args=[asked.file.key])
    read = {}
    for name, acting in {"unit": research.unit, "partner": research.partner, "department": world.officer}.items():
        client = signed_in(acting)
        read[name] = (
            "机密的内容。" in client.get(reverse("project", args=[project.pk])).text,
            "未公开的方法。" in client.get(reverse("publication", args=[asked.pk])).text,
            client.get(file).status_code,
        )
    assert read == {"unit": (True, True, 200), "partner": (True, True, 200), "department": (False, False, 404)}


def test_a_list_of_results_is_filtered_by_its_address_and_taken_away_as_excel(
    research: Research, signed_in: SignedIn
) -> None:
    project = research.project()
    research.result(title="一篇论文", project=project)
    prize = research.result(title="一个奖项", kind="award", authors="巴雅尔\n外人，其他，某院")
    results.confirm(result=prize, by=research.partner, on=LATER)
    research.result(title="误登记奖项", kind="award")
    results.void(result=Result.objects.get(title="误登记奖项"), by=research.unit, on=LATER, reason="误登记。")
    client, titles = signed_in(research.placing.world.officer), ("一篇论文", "一个奖项", "误登记奖项")
    shown = {}
    for asked in (
        "",
        "mark=unapproved",
        "kind=award",
        "q=外人",
        "mark=void",
        "year=2025",
        "kind=x&year=y&page=9&mark=z",
    ):
        for name, args in (("base-results", [research.base.pk]), ("result-list", [])):
            text = client.get(f"{reverse(name, args=args)}?{asked}").text
            shown.setdefault(asked, []).append([title in text for title in titles])
    assert shown == {
        "": [[True, True, False]] * 2,
        "mark=unapproved": [[True, False, False]] * 2,
        "kind=award": [[False, True, False]] * 2,
        "q=外人": [[False, True, False]] * 2,
        "mark=void": [[False, False, True]] * 2,
        "year=2025": [[False, False, False]] * 2,
        "kind=x&year=y&page=9&mark=z": [[True, True, False]] * 2,
    }
    book = client.get(reverse("base-results-excel", args=[research.base.pk]) + "?kind=award")
    rows = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(book.content)).active.iter_rows()]
    (row,) = [row for row in rows if "一个奖项" in row]
    assert ("巴雅尔（研究生）、外人（其他）" in row, "双方已确认" in row) == (True, True)


def test_the_lists_take_as_many_queries_for_many_rows_as_for_few(research: Research, signed_in: SignedIn) -> None:
    project = research.project(owner="both")
    client, pages = (
        signed_in(research.partner),
        ("base-results", "base-projects", "base-topics", "base-publications", "base-exchanges"),
    )

    def more(n: int) -> None:
        research.topic(n, project=project)
        research.ask(project, title=f"文稿{n}", placement=research.placements[n])
        research.result(title=f"成果{n}", project=project)
        research.project(name=f"项目{n}")

    def counts() -> dict[str, int]:
        found = {}
        for name in (*pages, "result-list", "training"):
            address = reverse(name, args=[research.base.pk] if name in pages else [])
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            found[name] = len(queries)
        return found

    with override_settings(INBOX_COUNT_SECONDS=60):
        more(0)
        few = counts()
        for n in range(1, 3):
            more(n)
        assert counts() == few


def test_empty_pages_say_what_to_do(research: Research, signed_in: SignedIn) -> None:
    said = {
        "base-results": "由一方登记，另一方确认名称、完成人和归属。",
        "base-projects": "请先由立项方登记项目。",
        "base-topics": "研究生进入基地以后，由培养单位登记学位论文选题。",
        "base-publications": "投稿、作报告、申请专利之前，由培养单位或合作单位为研究生提交。",
        "base-exchanges": "活动之后登记日期、地点和人数。",
    }
    client = signed_in(research.unit)
    assert {name: words in client.get(reverse(name, args=[research.base.pk])).text for name, words in said.items()} == (
        dict.fromkeys(said, True)
    )
