"""协议“知识产权”: content of a project is made public when the side that set it up has agreed, and not before."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, transaction

from agreements.models import PublicationDecision, PublicationRequest
from agreements.services import publications
from portal import inbox
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from tests.agreements.placing import Placing
from tests.agreements.research import LATER, Research, researching

pytestmark = [pytest.mark.article("10"), pytest.mark.agreement("知识产权")]


@pytest.fixture
def research(placing: Placing) -> Research:
    """A base with two students in practice."""
    return researching(placing)


def refused(act: Callable[..., Any], *args: Any, **given: Any) -> str:
    """The words of the refusal of an act."""
    with pytest.raises(Refused) as refusal:
        act(*args, **given)
    return "".join(refusal.value.reasons)


def decide(request: PublicationRequest, by: Acting, agreed: bool = True, **more: Any) -> str:
    """How the request stands after a side has decided."""
    return publications.decide(request=request, by=by, on=LATER, agreed=agreed, **more).status


def waits(acting: Acting) -> list[tuple[str, Any]]:
    """What the side has to decide, and until when."""
    return [(item.why, item.due) for item in inbox.items(acting, LATER) if item.button == "决定"]


class TestTheOwnerDecides:
    def test_of_a_project_of_one_side_that_side_alone(self, research: Research):
        found = research.ask(research.project())
        assert (found.sides, found.answer_by) == (["partner"], LATER + timedelta(days=15))
        with pytest.raises(NotYours):
            decide(found, research.unit)
        assert decide(found, research.partner, conditions="删去现场数据。") == "approved"
        assert found.decisions.get().conditions == "删去现场数据。"

    def test_of_a_project_of_both_both(self, research: Research):
        found = research.ask(research.project(owner="both"))
        assert decide(found, research.unit) == "waiting"
        assert decide(found, research.partner) == "approved"

    def test_one_refusal_is_enough_and_says_why(self, research: Research):
        found = research.ask(research.project(owner="both"))
        assert refused(publications.decide, request=found, by=research.unit, on=LATER, agreed=False) == (
            "不同意公开的，请写明理由。"
        )
        assert decide(found, research.unit, agreed=False, reason="专利未申请。") == "refused"
        with pytest.raises(Overtaken):
            decide(found, research.partner)

    def test_for_good(self, research: Research):
        found = research.ask(research.project(owner="both"))
        decide(found, research.unit)
        with pytest.raises(Overtaken, match="决定不能更改"):
            decide(found, research.unit, agreed=False, reason="反悔。")
        with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
            PublicationDecision.objects.update(agreed=False, reason="反悔。")
        decide(found, research.partner)
        with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
            PublicationRequest.objects.update(status="refused")

    @pytest.mark.parametrize("status", ["approved", "refused"])
    def test_and_nobody_else_says_the_database(self, research: Research, status: str):
        found = research.ask(research.project(owner="both"))
        decide(found, research.unit)
        with pytest.raises(IntegrityError), transaction.atomic():
            PublicationRequest.objects.update(status=status, closed_on=LATER)
        other = research.ask(research.project(name="另一项目"))
        with pytest.raises(IntegrityError), transaction.atomic():
            PublicationDecision.objects.create(request=other, side="unit", agreed=True, decided_on=LATER)

    def test_and_is_reminded_until_it_has(self, research: Research):
        found = research.ask(research.project(owner="both"), answer_by=LATER + timedelta(days=3))
        expected = [("1 项成果公开申请等待立项方决定。", LATER + timedelta(days=3))]
        assert (waits(research.unit), waits(research.partner)) == (expected, expected)
        decide(found, research.unit)
        assert (waits(research.unit), waits(research.partner)) == ([], expected)
        assert (found.is_late(LATER + timedelta(days=3)), found.is_late(LATER + timedelta(days=4))) == (False, True)


class TestTheRequest:
    def test_is_of_a_student_who_came_and_of_a_project_of_the_base(self, research: Research):
        project = research.project()
        coming = research.placing.select(1, students=[research.placing.students[3].pk])[0]
        assert refused(research.ask, project, placement=coming, answer_by=LATER - timedelta(days=1)) == (
            "申请人没有进入本基地实践。请求决定的日期不能早于今天。"
        )

    def test_stays_as_it_was_asked(self, research: Research):
        research.ask(research.project())
        with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
            PublicationRequest.objects.update(abstract="别的内容")

    def test_of_a_new_version_is_a_new_one(self, research: Research):
        project = research.project()
        first = research.ask(project)
        assert refused(research.ask, project, follows=first) == "上一版申请还在等待决定，要改文稿的请先撤回。"
        decide(first, research.partner, agreed=False, reason="删去数据。")
        second = research.ask(project, follows=first)
        assert (second.follows, second.status) == (first, "waiting")
        assert refused(research.ask, project, follows=first) == "上一版申请已有新的一版。"

    def test_is_taken_back_by_the_side_that_entered_it_while_it_waits(self, research: Research):
        found = research.ask(research.project())
        with pytest.raises(NotYours):
            publications.withdraw(request=found, by=research.partner, on=LATER, reason="不投了。")
        publications.withdraw(request=found, by=research.unit, on=LATER, reason="不投了。")
        assert (PublicationRequest.objects.get().status, waits(research.partner)) == ("withdrawn", [])
