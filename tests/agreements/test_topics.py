"""协议“培养过程 2”“知识产权”: projects of a base, theses on them, and the partner's word on secrecy before the 开题."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, transaction

from agreements.models import BaseProject, SecrecyClearance, ThesisTopic
from agreements.services import projects, topics
from portal.errors import NotYours, Overtaken, Refused
from tests.agreements.placing import Placing
from tests.agreements.research import LATER, Research, researching

pytestmark = [pytest.mark.article("10")]


@pytest.fixture
def research(placing: Placing) -> Research:
    """A base with two students in practice."""
    return researching(placing)


def refused(act: Callable[..., Any], *args: Any, **given: Any) -> str:
    """The words of the refusal of an act."""
    with pytest.raises(Refused) as refusal:
        act(*args, **given)
    return "".join(refusal.value.reasons)


@pytest.mark.agreement("培养过程 2")
class TestAProject:
    def test_is_entered_by_the_side_that_set_it_up_alone_or_with_the_other(self, research: Research):
        assert research.project(research.unit, name="甲", owner="unit").sides == {"unit"}
        assert research.project(research.partner, name="乙", owner="both").sides == {"unit", "partner"}
        words = "项目由立项方登记：请选择本方或者双方；对方立项的项目请对方登记。"
        assert refused(research.project, research.unit, name="丙", owner="partner") == words
        for acting in (
            research.placing.world.applicant,
            research.placing.world.officer,
            research.placing.world.other_partner_officer,
        ):
            with pytest.raises(NotYours):
                research.project(acting, name="丁", owner="both")

    def test_has_a_name_of_its_own_and_says_what_is_secret(self, research: Research):
        research.project(name="甲")
        assert refused(
            research.project, name="甲", is_secret=True, starts_on=LATER, ends_on=LATER - timedelta(days=1)
        ) == ("本基地已有同名项目“甲”。结束日期不能早于开始日期。涉及秘密的项目，请写明哪些内容须保密。")

    def test_keeps_in_its_time_line_what_was_corrected(self, research: Research):
        found = research.project(name="甲")
        projects.change(
            project=found, by=research.partner, on=LATER, name="甲二", is_secret=True, secret_note="工艺参数。"
        )
        assert list(found.events.order_by("pk").values_list("kind", "words", "by_name")) == [
            ("entered", "立项方：合作单位。", research.partner.name),
            (
                "changed",
                "项目名称：“甲”改为“甲二”。涉及商业或技术秘密：“否”改为“是”。保密范围：“（空）”改为“工艺参数。”。",
                research.partner.name,
            ),
        ]
        with pytest.raises(NotYours):
            projects.change(project=found, by=research.unit, on=LATER, name="甲三")

    def test_may_be_shared_with_the_other_side_but_not_taken_from_it(self, research: Research):
        found = research.project(name="甲", owner="partner")
        projects.change(project=found, by=research.partner, on=LATER, owner="both")
        found.refresh_from_db()
        words = "对方也是立项方，不能由本方取消；需要变更的请对方办理。"
        assert refused(projects.change, project=found, by=research.partner, on=LATER, owner="partner") == words
        projects.change(project=found, by=research.partner, on=LATER, owner="unit")
        assert BaseProject.objects.get(pk=found.pk).owner == "unit"

    def test_does_not_change_hands_while_a_request_waits(self, research: Research):
        found = research.project()
        research.ask(found)
        words = "有公开申请正在等待立项方决定，决定之后才能变更立项方。"
        assert refused(projects.change, project=found, by=research.partner, on=LATER, owner="both") == words

    def test_ends_with_words_and_is_changed_no_more(self, research: Research):
        found = research.project()
        projects.end(project=found, by=research.partner, on=LATER, ended_on=LATER, note="通过验收。")
        with pytest.raises(Overtaken):
            projects.change(project=found, by=research.partner, on=LATER, name="别名")


@pytest.mark.agreement("培养过程 2")
class TestATopic:
    def test_rests_in_principle_on_a_project_of_the_base(self, research: Research):
        assert refused(research.topic, no_project_reason="") == (
            "学位论文选题原则上与基地项目相结合；没有依托项目的，请写明理由。"
        )
        found = research.topic(project=research.project())
        assert (found.project.name, found.no_project_reason, found.uses_practice) == ("矿用设备状态监测", "", True)
        assert research.topic(1).no_project_reason == "延续入学前的课题。"

    def test_on_a_project_uses_what_the_practice_brought(self, research: Research):
        words = "依托基地项目的选题使用实践期间的研究内容，请勾选。"
        assert refused(research.topic, project=research.project(), uses_practice=False) == words
        with pytest.raises(IntegrityError, match="topic_has_a_project_or_says_why_not"), transaction.atomic():
            ThesisTopic.objects.create(
                placement=research.placements[0], title="某题", project=BaseProject.objects.get(), uses_practice=False, proposed_on=LATER
            )  # fmt: skip

    def test_is_one_for_a_student_and_entered_by_the_unit_for_whoever_came(self, research: Research):
        research.topic()
        assert refused(research.topic) == "乌兰（20250000）已有选题，需要改题的请办理更正。"
        coming = research.placing.select(1, students=[research.placing.students[3].pk])[0]
        assert refused(research.topic, placement=coming) == "杜娟（20250003）没有进入本基地实践，不能登记选题。"
        with pytest.raises(NotYours):
            topics.propose(
                base=research.base,
                placement=research.placements[1],
                by=research.partner,
                on=LATER,
                title="题",
                no_project_reason="有。",
            )

    def test_that_was_taken_back_leaves_room_for_another(self, research: Research):
        first = research.topic()
        topics.withdraw(base=research.base, topics=[first.pk], by=research.unit, on=LATER, reason="换方向。")
        assert research.topic(title="另一题").status == "proposed"
        assert [str(each) for each in first.events.values_list("words", flat=True)] == [
            "换方向。",
            "设备故障诊断研究之0",
        ]


@pytest.mark.agreement("知识产权")
class TestTheSecrecyClearance:
    def test_comes_from_the_partner_before_the_topic_is_approved(self, research: Research):
        found = research.topic()
        assert (
            refused(research.approve, found) == "《设备故障诊断研究之0》还没有合作单位的涉密确认，论文开题前应先确认。"
        )
        with pytest.raises(NotYours):
            topics.clear(base=research.base, topics=[found.pk], by=research.unit, on=LATER, verdict="clear")
        research.clear(found)
        research.approve(found)
        found.refresh_from_db()
        assert (found.status, found.approved_on, found.clearance.title) == ("approved", LATER, found.title)

    def test_is_not_needed_where_nothing_of_the_practice_is_used(self, research: Research):
        found = research.topic(uses_practice=False)
        with pytest.raises(Overtaken, match="不使用实践期间的内容，不需要涉密确认"):
            research.clear(found)
        research.approve(found)
        assert ThesisTopic.objects.get().status == "approved"

    def test_is_given_for_many_at_once_or_for_none(self, research: Research):
        pair = [research.topic(0), research.topic(1)]
        research.clear(*pair, verdict="conditions", conditions="现场数据。", closed_until=date(2029, 12, 31))
        assert (
            list(SecrecyClearance.objects.order_by("topic").values_list("verdict", "conditions", "closed_until"))
            == [("conditions", "现场数据。", date(2029, 12, 31))] * 2
        )
        research.approve(pair[0])
        with pytest.raises(Overtaken):
            research.clear(*pair)
        assert SecrecyClearance.objects.count() == 2

    def test_that_is_refused_says_why_and_stops_the_topic(self, research: Research):
        found = research.topic()
        assert refused(research.clear, found, verdict="refused") == "请写明为什么不能作为选题。"
        research.clear(found, verdict="refused", reason="核心工艺。")
        assert refused(research.approve, found) == "《设备故障诊断研究之0》经合作单位确认涉密，请改题后重新确认。"

    def test_names_what_must_not_be_made_public(self, research: Research):
        found = research.topic()
        assert refused(research.clear, found, verdict="conditions") == "请写明论文中不得公开的内容。"
        ahead = {"verdict": "conditions", "conditions": "数据。", "closed_until": LATER}
        assert refused(research.clear, found, **ahead) == "不公开的截止日期应在今天之后。"

    def test_is_asked_for_anew_when_the_title_changes(self, research: Research):
        found = research.topic()
        research.clear(found)
        research.approve(found)
        changed = topics.change(
            topic=found, by=research.unit, on=LATER, title="改后的题目", no_project_reason=found.no_project_reason
        )
        assert (changed.status, changed.approved_on, changed.needs_clearance) == ("proposed", None, True)
        assert found.events.first().words == (
            "论文题目：“设备故障诊断研究之0”改为“改后的题目”。原来的涉密确认和开题不再有效。"
        )
        assert refused(research.approve, changed) == "《改后的题目》还没有合作单位的涉密确认，论文开题前应先确认。"

    def test_stands_when_only_the_planned_day_changes(self, research: Research):
        found = research.topic()
        research.clear(found)
        topics.change(
            topic=found, by=research.unit, on=LATER, title=found.title, no_project_reason=found.no_project_reason,
            planned_on=LATER + timedelta(days=9),
        )  # fmt: skip
        research.approve(found)

    def test_is_not_later_than_the_day_of_the_opening(self, research: Research):
        found = research.topic()
        research.clear(found)
        early = LATER - timedelta(days=1)
        assert refused(research.approve, found, approved_on=early) == (
            "乌兰的涉密确认晚于所填开题日期；论文开题前应先由合作单位确认。"
        )

    @pytest.mark.parametrize("cleared", ["", "refused", "another title", "late"])
    def test_is_asked_for_by_the_database_too(self, research: Research, cleared: str):
        found = research.topic()
        if cleared:
            verdict = {"refused": "refused"}.get(cleared, "clear")
            research.clear(found, verdict=verdict, reason="原因。")
        if cleared == "another title":
            ThesisTopic.objects.update(title="悄悄改的题目")
        on = LATER - timedelta(days=1) if cleared == "late" else LATER
        with pytest.raises(IntegrityError), transaction.atomic():
            ThesisTopic.objects.update(status="approved", approved_on=on)

    def test_is_never_changed(self, research: Research):
        found = research.topic()
        research.clear(found)
        with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
            SecrecyClearance.objects.update(verdict="refused", reason="反悔。")
        research.clear(found, verdict="refused", reason="看错了。")
        found.refresh_from_db()
        assert (found.clearances.count(), found.clearance.verdict) == (2, "refused")
