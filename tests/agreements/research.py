"""What the tests around projects, topics, requests and results share."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from agreements.models import (
    BaseProject,
    ExchangeEvent,
    Mentor,
    Placement,
    Post,
    PublicationRequest,
    Result,
    ResultAuthor,
    SecrecyClearance,
    Student,
    ThesisTopic,
)
from agreements.services import projects, publications, results, topics
from bases.models import Base, PartnerUnit, TrainingUnit
from portal.acting import Acting
from tests.agreements.placing import ENDS, STARTS, Placing

LATER = date(2026, 12, 20)


def practising(placing: Placing, number: int = 2) -> list[Placement]:
    """Students who are in the base since STARTS, written straight into the table."""
    chosen = placing.students[:number]
    rows = [
        Placement(
            base=placing.base, post=placing.post, student=each, status="running", stage="practice", starts_on=STARTS, ends_on=ENDS,
            planned_ends_on=ENDS, campus_mentor=placing.campus, industry_mentor=placing.industry, selected_on=placing.on,
            safety_signed_on=placing.on, policy_number="PA-1", insured_from=STARTS, insured_until=ENDS, lodging="partner",
            started_on=STARTS,
        )
        for each in chosen
    ]  # fmt: skip
    return Placement.objects.bulk_create(rows)


@dataclass
class Research:
    """A base with students in it and a project of the partner; LATER is the day on which things are done."""

    placing: Placing
    placements: list[Placement] = field(default_factory=list)

    @property
    def base(self) -> Base:
        return self.placing.base

    @property
    def unit(self) -> Acting:
        return self.placing.unit

    @property
    def partner(self) -> Acting:
        return self.placing.partner

    def project(self, by: Acting | None = None, **changes: Any) -> BaseProject:
        given = {"name": "矿用设备状态监测", "owner": "partner", **changes}
        return projects.enter(base=self.base, by=by or self.partner, on=LATER, **given)

    def topic(self, n: int = 0, **changes: Any) -> ThesisTopic:
        given = {
            "placement": self.placements[n], "title": f"设备故障诊断研究之{n}", "no_project_reason": "延续入学前的课题。",
        } | changes  # fmt: skip
        return topics.propose(base=self.base, by=self.unit, on=LATER, **given)

    def clear(self, *chosen: ThesisTopic, verdict: str = "clear", on: date = LATER, **changes: Any) -> None:
        topics.clear(
            base=self.base, topics=[each.pk for each in chosen], by=self.partner, on=on, verdict=verdict, **changes
        )

    def approve(self, *chosen: ThesisTopic, on: date = LATER, **changes: Any) -> None:
        given = {"approved_on": on} | changes
        topics.approve(base=self.base, topics=[each.pk for each in chosen], by=self.unit, on=on, **given)

    def ask(self, project: BaseProject, by: Acting | None = None, **changes: Any) -> PublicationRequest:
        given = {
            "placement": self.placements[0], "project": project, "kind": "paper", "title": "一种状态监测方法", "venue": "煤炭学报",
            "abstract": "方法和现场数据。",
        } | changes  # fmt: skip
        return publications.ask(base=self.base, by=by or self.unit, on=LATER, **given)

    def result(self, by: Acting | None = None, **changes: Any) -> Result:
        given = {
            "kind": "paper", "title": "状态监测方法研究", "achieved_on": LATER, "owner": "both", "authors": "乌兰\n李文华\n王建军",
        } | changes  # fmt: skip
        return results.enter(base=self.base, by=by or self.unit, on=LATER, **given)


def researching(placing: Placing, number: int = 2) -> Research:
    """A base with that many students in practice."""
    return Research(placing, practising(placing, number))


def one_of_each(base: Base, unit: TrainingUnit, partner: PartnerUnit, on: date) -> dict[str, Any]:
    """A row of each kind in a base, written straight into the tables: a secret project of both sides, nothing decided or confirmed yet."""
    campus = Mentor.objects.create(kind="campus", training_unit=unit, name="郭教授", entered_on=on)
    industry = Mentor.objects.create(kind="industry", partner_unit=partner, name="郝工", entered_on=on)
    author = Student.objects.create(
        training_unit=unit, number=f"9{base.pk:07}", name="成果作者", level="master", mode="full_time", entry_year=on.year,
        category=base.category, entered_on=on,
    )  # fmt: skip
    post = Post.objects.create(base=base, year=on.year, title="研发", places=2, work="研发。", offered_on=on)
    placement = Placement.objects.create(
        base=base, post=post, student=author, status="ended", stage="thesis", starts_on=on - timedelta(days=200), ends_on=on,
        planned_ends_on=on, campus_mentor=campus, industry_mentor=industry, selected_on=on, safety_signed_on=on, policy_number="P",
        insured_from=on - timedelta(days=200), insured_until=on, lodging="own", started_on=on, ending="completed",
    )  # fmt: skip
    project = BaseProject.objects.create(
        base=base,
        name="联合项目",
        owner="both",
        is_secret=True,
        secret_note="工艺参数。",
        summary="机密的联合研究。",
        entered_on=on,
    )
    topic = ThesisTopic.objects.create(placement=placement, title="论文题目", project=project, proposed_on=on)
    clearance = SecrecyClearance.objects.create(topic=topic, title="论文题目", verdict="clear", decided_on=on)
    request = PublicationRequest.objects.create(
        project=project, placement=placement, kind="paper", title="待发表的论文", venue="学报", abstract="未公开的方法。", asks_unit=True,
        asks_partner=True, entered_side="unit", asked_on=on, answer_by=on,
    )  # fmt: skip
    result = Result.objects.create(
        base=base, kind="award", title="竞赛获奖", achieved_on=on, owner="unit", entered_side="unit", entered_on=on
    )
    ResultAuthor.objects.create(result=result, place=1, name=author.name, role="student", student=author)
    return {
        "placement": placement,
        "project": project,
        "topic": topic,
        "clearance": clearance,
        "request": request,
        "result": result,
        "exchange": ExchangeEvent.objects.create(
            base=base, title="学术沙龙", held_on=on, place="研发楼", participants=30, side="unit", recorded_on=on
        ),
    }


OF_A_BASE = (
    "base-results", "base-results-excel", "result-new", "base-projects", "project-new", "base-topics", "topic-new", "base-publications",
    "publication-new", "base-exchanges", "exchange-new",
)  # fmt: skip


def addresses(rows: dict[str, Any], base: Base) -> dict[str, list[Any]]:
    """What the addresses of these pages take."""
    return {name: [base.pk] for name in OF_A_BASE} | {
        "project": [rows["project"].pk],
        "project-edit": [rows["project"].pk],
        "project-end": [rows["project"].pk],
        "topic": [rows["topic"].pk],
        "topic-edit": [rows["topic"].pk],
        "topic-act": [base.pk, "withdraw"],
        "publication": [rows["request"].pk],
        "publication-act": [rows["request"].pk, "agree"],
        "result": [rows["result"].pk],
        "result-edit": [rows["result"].pk],
        "result-act": [rows["result"].pk, "confirm"],
        "exchange-withdraw": [rows["exchange"].pk],
    }
