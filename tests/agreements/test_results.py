"""协议“知识产权”“权责划分”: results with authors and owners that both sides agree on, commended by the partner; activities of every year."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from agreements.models import ExchangeEvent, Result
from agreements.research_inbox import standing
from agreements.research_queries import visible_results
from agreements.services import exchanges, publications, result_authors, results
from portal import inbox
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from tests.agreements.placing import Placing, appoint
from tests.agreements.research import LATER, Research, researching
from tests.factories import pdf_upload

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


def waits(acting: Acting, on: date = LATER) -> list[tuple[str, str]]:
    """What waits for somebody around results: why and what to do."""
    return [(item.why, item.button) for item in inbox.items(acting, on) if item.group == "成果"]


def is_flagged(found: Result, acting: Acting) -> bool:
    """Whether it is shown as made public without leave."""
    return visible_results(acting).get(pk=found.pk).unapproved


@pytest.mark.agreement("知识产权")
class TestAuthors:
    def test_stand_in_their_order_and_are_found_among_the_people_of_the_base(self, research: Research):
        found = research.result(authors="李文华\n乌兰，研究生\n外人，其他，某某研究院\n王建军")
        signed = found.authors.values_list("place", "name", "role", "student__number", "mentor__name", "employer")
        assert list(signed) == [
            (1, "李文华", "campus", None, "李文华", ""),
            (2, "乌兰", "student", "20250000", None, ""),
            (3, "外人", "other", None, None, "某某研究院"),
            (4, "王建军", "industry", None, "王建军", ""),
        ]
        assert result_authors.as_text(found.authors.select_related("student")) == (
            "李文华，校内导师\n乌兰，20250000\n外人，其他，某某研究院\n王建军，行业产业导师"
        )

    def test_of_one_name_are_told_apart_by_role_or_number(self, research: Research):
        appoint(research.base, "campus", "乌兰", LATER)
        assert refused(research.result, authors="乌兰") == (
            "完成人第 1 行：本基地有多人叫乌兰，请在姓名后写明学号或身份，例如“乌兰，校内导师”。"
        )
        found = research.result(authors="乌兰，校内导师\n乌兰，20250000")
        assert list(found.authors.values_list("role", flat=True)) == ["campus", "student"]

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("", "请填写完成人，一行一人。"),
            ("乌兰\n乌兰", "完成人有重复，请核对。"),
            ("乌兰，王后", "完成人第 1 行：“王后”不是身份或学号；身份有：研究生、校内导师、行业产业导师、其他。"),
            ("乌兰，99999999", "完成人第 1 行：本基地没有学号为 99999999 的乌兰。"),
        ],
    )
    def test_that_cannot_be_read_are_named_with_their_line(self, research: Research, text: str, words: str):
        assert refused(research.result, authors=text) == words


@pytest.mark.agreement("知识产权")
class TestAResult:
    def test_is_entered_by_one_side_and_confirmed_by_the_other(self, research: Research):
        found = research.result(research.unit)
        assert waits(research.partner) == [("对方登记了 1 项成果，请核对名称、完成人和归属后确认。", "确认成果")]
        with pytest.raises(NotYours):
            results.confirm(result=found, by=research.unit, on=LATER)
        confirmed = results.confirm(result=found, by=research.partner, on=LATER)
        assert (confirmed.status, confirmed.confirmed_on, waits(research.partner)) == ("confirmed", LATER, [])

    def test_goes_back_with_an_objection_and_is_corrected_with_a_trace(self, research: Research):
        found = research.result(evidence=pdf_upload("录用通知.pdf"))
        results.object_to(result=found, by=research.partner, on=LATER, reason="第二作者应为王建军。")
        assert waits(research.unit) == [("对方对 1 项成果有异议，请协商后更正。", "更正成果")]
        given = {
            "kind": "paper",
            "title": "状态监测方法研究",
            "achieved_on": LATER,
            "owner": "partner",
            "authors": "乌兰\n王建军",
        }
        assert (
            refused(results.correct, result=found, by=research.unit, on=LATER, reason="", **given) == "请写明更正原因。"
        )
        corrected = results.correct(result=found, by=research.unit, on=LATER, reason="双方商定。", **given)
        assert (corrected.status, corrected.status_note, corrected.owner) == ("waiting", "", "partner")
        assert found.events.first().words == (
            "原因：双方商定。 成果归属：“双方共有”改为“合作单位”。"
            "完成人：“乌兰，20250000；李文华，校内导师；王建军，行业产业导师”改为“乌兰，20250000；王建军，行业产业导师”。"
        )

    def test_that_was_confirmed_is_confirmed_anew_after_a_correction(self, research: Research):
        found = research.result()
        results.confirm(result=found, by=research.partner, on=LATER)
        given = {"kind": "paper", "title": "改名", "achieved_on": LATER, "owner": "both", "authors": "乌兰"}
        assert results.correct(result=found, by=research.unit, on=LATER, reason="改名。", **given).confirmed_on is None

    def test_is_there_once_and_says_whose_it_is(self, research: Research):
        research.result()
        assert refused(research.result, owner="third") == (
            "本基地已登记同名的同类成果“状态监测方法研究”。归第三方或多方的，请写明归属约定。"
        )
        assert refused(research.result, title="以后的", achieved_on=LATER + timedelta(days=1)) == (
            "取得日期 2026-12-21 晚于登记日期，请在取得之后登记。"
        )

    def test_is_taken_off_by_the_side_that_entered_it(self, research: Research):
        found = research.result()
        with pytest.raises(NotYours):
            results.void(result=found, by=research.partner, on=LATER, reason="不是。")
        results.void(result=found, by=research.unit, on=LATER, reason="重复登记。")
        assert research.result().pk != found.pk
        with pytest.raises(Overtaken):
            results.confirm(result=found, by=research.partner, on=LATER)


@pytest.mark.agreement("知识产权")
class TestAPaperOnAProject:
    def test_without_leave_is_flagged(self, research: Research):
        project = research.project()
        found = research.result(project=project)
        assert is_flagged(found, research.unit) is True
        said = standing([research.base], research.unit, LATER)[research.base.pk]
        assert (said.text, said.tone) == (
            "成果 1 项，2026 年交流活动 0 次，成果待确认 1 项，未经批准公开 1 项", "missing",
        )  # fmt: skip

    def test_with_leave_given_before_is_not(self, research: Research):
        asked = research.ask(research.project())
        assert refused(research.result, request=asked) == "只能关联本基地已批准的公开申请。"
        publications.decide(request=asked, by=research.partner, on=LATER, agreed=True)
        asked.refresh_from_db()
        found = research.result(request=asked)
        assert (found.project, is_flagged(found, research.unit)) == (asked.project, False)
        early = research.result(title="早已发表", request=asked, achieved_on=LATER - timedelta(days=1))
        assert is_flagged(early, research.unit) is True

    @pytest.mark.parametrize("changes", [{"kind": "award"}, {"authors": "李文华"}, {"project": None}])
    def test_is_what_is_looked_at_and_nothing_else(self, research: Research, changes: dict[str, Any]):
        given = {"project": research.project()} | changes
        assert is_flagged(research.result(**given), research.unit) is False

    def test_rests_on_leave_for_its_own_project(self, research: Research):
        asked = research.ask(research.project())
        publications.decide(request=asked, by=research.partner, on=LATER, agreed=True)
        asked.refresh_from_db()
        other = research.project(name="另一项目")
        assert (
            refused(research.result, project=other, request=asked) == "所选公开申请是另一个项目的，请核对项目或申请。"
        )


@pytest.mark.agreement("权责划分（二）5")
def test_the_partner_commends_a_result_that_both_have_confirmed(research: Research) -> None:
    found = research.result()
    assert (
        refused(results.commend, result=found, by=research.partner, on=LATER, reason="突出。")
        == "双方确认之后才能推荐表彰。"
    )
    results.confirm(result=found, by=research.partner, on=LATER)
    with pytest.raises(NotYours):
        results.commend(result=found, by=research.unit, on=LATER, reason="突出。")
    done = results.commend(result=found, by=research.partner, on=LATER, reason="节约成本三百万元。")
    assert (done.commended_on, done.commended_for) == (LATER, "节约成本三百万元。")


@pytest.mark.agreement("权责划分（一）1")
class TestActivities:
    GIVEN = {"title": "智能装备论坛", "place": "研发楼", "participants": 60}

    def test_are_recorded_by_either_side_once_they_were_held(self, research: Research):
        for by, day in ((research.unit, LATER), (research.partner, LATER - timedelta(days=1))):
            exchanges.record(base=research.base, by=by, on=LATER, held_on=day, **self.GIVEN)
        assert list(ExchangeEvent.objects.order_by("held_on").values_list("side", "participants")) == [
            ("partner", 60), ("unit", 60),
        ]  # fmt: skip
        again = {"base": research.base, "by": research.unit, "on": LATER, **self.GIVEN}
        assert refused(exchanges.record, held_on=LATER, **again) == "2026-12-20 的“智能装备论坛”已经登记。"
        assert refused(exchanges.record, held_on=LATER + timedelta(days=1), **again) == (
            "活动日期 2026-12-21 还没有到，请在活动之后登记。"
        )
        with pytest.raises(NotYours):
            exchanges.record(
                base=research.base, by=research.placing.world.applicant, on=LATER, held_on=LATER, **self.GIVEN
            )

    def test_of_the_year_are_counted_without_those_that_were_withdrawn(self, research: Research):
        made = exchanges.record(base=research.base, by=research.unit, on=LATER, held_on=LATER, **self.GIVEN)
        assert "2026 年交流活动 1 次" in standing([research.base], research.unit, LATER)[research.base.pk].text
        exchanges.withdraw(event=made, by=research.partner, on=LATER, reason="没有举办。")
        assert "2026 年交流活动 0 次" in standing([research.base], research.unit, LATER)[research.base.pk].text
        with pytest.raises(Overtaken):
            exchanges.withdraw(event=made, by=research.partner, on=LATER, reason="没有举办。")

    def test_are_reminded_of_late_in_a_year_that_has_had_none(self, research: Research):
        words = ("2027 年还没有登记与合作单位联合举办的学术交流活动。", "登记活动")
        autumn = date(2027, 10, 1)
        assert words not in waits(research.unit, autumn - timedelta(days=1))
        assert words in waits(research.unit, autumn)
        assert words not in waits(research.partner, autumn)
        exchanges.record(base=research.base, by=research.partner, on=autumn, held_on=date(2027, 3, 1), **self.GIVEN)
        assert words not in waits(research.unit, autumn)
