"""成果 in the demo: a project of the partner, theses on it with the partner's word on secrecy, a request, results and a forum."""

from collections.abc import Sequence
from datetime import date, timedelta

from agreements.models import BaseProject, Placement
from agreements.services import exchanges, projects, publications, results, topics
from bases.models import Base
from evaluations.demo.play import Play


def begin(play: Play, base: Base, placements: Sequence[Placement], on: date) -> BaseProject:
    """The partner enters its project; the unit the topics of two students, of which the partner clears one."""
    project = projects.enter(
        base=base, by=play.partner_officer, on=on, name="数据平台运行状态监测", number="企研2025-07", source="企业自立课题",
        owner=BaseProject.Owner.BOTH, unit_leader="林知远", partner_leader="宋启明", starts_on=on - timedelta(days=200),
        ends_on=on + timedelta(days=500), funds=300000, is_secret=True,
        secret_note="客户数据和告警阈值。",  # noqa: S106 - what is secret, not a password
        summary="平台运行状态的采集、诊断和预测，形成可推广的运维规范。",
    )  # fmt: skip
    found = [
        topics.propose(
            base=base, placement=each, by=play.unit_officer, on=on, title=title, project=project,
            planned_on=on + timedelta(days=150 + 30 * n),
        )
        for n, (each, title) in enumerate(zip(placements, ("数据平台异常检测方法研究", "运维日志的故障诊断研究"), strict=False))
    ]  # fmt: skip
    cleared = found[-1:]
    topics.clear(
        base=base, topics=[each.pk for each in cleared], by=play.partner_officer, on=on, verdict="conditions",
        conditions="客户名称、原始日志和告警阈值。", closed_until=on + timedelta(days=3 * 365),
    )  # fmt: skip
    topics.approve(base=base, topics=[each.pk for each in cleared], by=play.unit_officer, on=on, approved_on=on)
    return project


def go_on(play: Play, base: Base, placements: Sequence[Placement], project: BaseProject, on: date) -> None:
    """A paper waits for the partner, a prize is confirmed and commended, a patent waits to be confirmed; a forum was held."""
    unit, partner = play.unit_officer, play.partner_officer
    asked = publications.ask(
        base=base, by=unit, on=on, placement=placements[-1], project=project, kind="paper", title="一种运维日志的故障诊断方法",
        venue="计算机工程与应用", abstract="方法、公开数据集上的结果和一个脱敏的现场案例。", answer_by=on + timedelta(days=12),
    )  # fmt: skip
    publications.decide(request=asked, by=unit, on=on, agreed=True, conditions="案例不出现客户名称。")
    names = "\n".join(each.student.name for each in placements)
    prize = results.enter(
        base=base, by=unit, on=on, kind="award", title="研究生数据智能竞赛二等奖", achieved_on=on - timedelta(days=20),
        venue="竞赛组委会", authors=f"{names}\n林知远", owner="unit", project=project,
    )  # fmt: skip
    results.confirm(result=prize, by=partner, on=on)
    results.commend(result=prize, by=partner, on=on, reason="参赛方案已用于平台的日常巡检。")
    results.enter(
        base=base, by=partner, on=on, kind="software", title="运行状态监测软件", achieved_on=on - timedelta(days=5), number="虚构登字 0000001",
        authors=f"宋启明\n{names}", owner="both", owner_note="双方各占一半，合作单位免费使用。", project=project,
    )  # fmt: skip
    exchanges.record(
        base=base, by=unit, on=on, title="数据智能产教融合论坛", held_on=on - timedelta(days=30), place="合作单位报告厅", participants=85,
        content="三场报告和一次圆桌讨论，研究生墙报展示。",
    )  # fmt: skip
