"""第八条（三）: the pages on which a round is ranked and its preliminary list made."""

import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.models import Application, Assignment, Panel, PreliminaryEntry, PreliminaryList
from applications.services import recognising
from bases.lifecycle import State
from bases.models import Base
from tests.applications.conftest import SignedIn
from tests.applications.pages import Page
from tests.applications.ranked import scored
from tests.conftest import TODAY
from tests.factories import World

pytestmark = pytest.mark.article("8(3)")


@pytest.fixture
def round_url(world: World) -> str:
    """甲, 乙 and 丙 in that order, 丙 in a priority industry, and one that waits."""
    scored(world, "甲基地", ["90", "90", "90"])
    scored(world, "乙基地", ["80", "80", "80"])
    scored(world, "丙基地", ["70", "70", "70"], priority="modern_energy")
    scored(world, "丁基地", ["99", "98", None])
    return f"/rounds/{world.round(TODAY).pk}/ranking/"


def ranked_rows(page: Page) -> list[tuple[str, str, str]]:
    """Place, name and what the list says, of the ranking."""
    return [(row[0], row[1].split()[0], row[-1].split()[0]) for row in page.rows() if len(row) == 10]


def states() -> dict[str, str]:
    return dict(Base.objects.values_list("name", "state"))


class TestTheRanking:
    def test_shows_places_the_cut_off_and_who_is_waited_for(self, world: World, round_url: str, signed_in: SignedIn):
        page = Page.of(signed_in(world.leader).get(round_url))
        assert ranked_rows(page) == [("1", "甲基地", "不入选"), ("2", "乙基地", "不入选"), ("3", "丙基地", "不入选")]
        (waits,) = [row for row in page.rows() if row[0] == "丁基地"]
        assert waits[3:] == ["2 / 3", "还差 1 份"]
        assert "现代能源" in page.text
        assert [row for row in page.rows() if len(row) == 3] == [[f"专家{n}", "0.00", "3"] for n in range(3)]
        # The leader reads; nothing there can be sent but the look at another cut-off.
        assert not {link for link in page.links() if "adopt" in link or re.search(r"ranking/\d+/", link)}

    def test_a_cut_off_shows_its_effect_before_it_is_saved(self, world: World, round_url: str, signed_in: SignedIn):
        client = signed_in(world.officer)
        client.post(f"{round_url}cutoff/", {"by": "count", "at": "1", "revision": "0"})
        page = Page.of(client.get(f"{round_url}?by=score&at=70.00"))
        assert "试看：3 项中 3 项入选，尚未保存" in page.text
        assert "增加 2 项：乙基地、丙基地。" in page.text
        assert [row[2] for row in ranked_rows(page)] == ["入选", "入选", "入选"]
        assert "属于优先产业的 1 项中 1 项入选" in page.text
        less = Page.of(client.get(f"{round_url}?by=count&at=0", headers={"HX-Request": "true"}))
        assert "减少 1 项：甲基地。" in less.text
        kept = PreliminaryList.objects.get()
        assert (kept.cutoff_by, kept.cutoff, kept.revision) == ("count", Decimal(1), 1)
        wrong = Page.of(client.get(f"{round_url}?by=count&at=1.5"))
        assert (wrong.status, wrong.beside("at")) == (422, ["入选数应为整数。"])

    def test_is_sorted_and_filtered_by_its_address(self, world: World, round_url: str, signed_in: SignedIn):
        client = signed_in(world.officer)
        expected = {
            "sort=-aggregate": "甲乙丙",
            "sort=aggregate": "丙乙甲",
            "sort=nonsense": "甲乙丙",
            "show=priority": "丙",
            "q=乙": "乙",
            "unit=x": "",
            "by=count&at=1&show=chosen": "甲",
        }
        found = {
            query: "".join(name[0] for _place, name, _said in ranked_rows(Page.of(client.get(f"{round_url}?{query}"))))
            for query in expected
        }
        assert found == expected

    def test_pages_who_is_waited_for_by_itself_and_keeps_the_address(
        self, world: World, round_url: str, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
    ):
        scored(world, "戊基地", ["60", None, None])
        monkeypatch.setattr("applications.views.ranking.PAGE_SIZE", 1)
        client = signed_in(world.officer)
        first = Page.of(client.get(f"{round_url}?page=2&q=基地"))
        assert [row[0] for row in first.rows() if len(row) == 5] == ["丁基地"]
        assert "2 项等待评分" in first.text
        (onward,) = {link for link in first.links() if "waiting=2" in link and link.startswith("?page=2")}
        assert onward.endswith("#waiting-title")
        second = Page.of(client.get(round_url + onward.partition("#")[0]))
        assert [row[0] for row in second.rows() if len(row) == 5] == ["戊基地"]
        assert [row[1].split()[0] for row in second.rows() if len(row) == 10] == ["乙基地"]

    def test_takes_as_many_queries_for_many_as_for_few(self, world: World, round_url: str, signed_in: SignedIn):
        client, counts = signed_in(world.officer), []
        client.get(round_url)
        for more in (0, 6):
            for number in range(more):
                scored(world, f"更多{number}", ["70", "75", "80", "85", "95"])
            with CaptureQueriesContext(connection) as captured:
                client.get(round_url)
            counts.append(len(captured))
        assert counts[0] == counts[1]

    def test_of_a_round_without_a_review_says_what_comes_first(self, world: World, signed_in: SignedIn):
        page = Page.of(signed_in(world.officer).get(f"/rounds/{world.round(TODAY).pk}/ranking/"))
        assert "还没有可以排序的申请书" in page.text


class TestTheList:
    def test_is_changed_by_hand_only_with_a_reason_and_back_again(
        self, world: World, round_url: str, signed_in: SignedIn
    ):
        client, last = signed_in(world.officer), Application.objects.get(name="丙基地")
        url = f"{round_url}{last.pk}/"
        page = Page.of(client.post(url, {"chosen": "yes", "reason": " ", "revision": "0"}))
        assert (page.status, page.beside("reason")) == (422, ["请填写这一项。"])
        client.post(url, {"chosen": "yes", "reason": "布局需要。", "revision": "0"})
        assert ranked_rows(Page.of(client.get(round_url)))[2] == ("3", "丙基地", "入选")
        late = Page.of(client.post(url, {"chosen": "no", "reason": "改主意。", "revision": "0"}))
        assert (late.status, "名单草稿已被修改" in late.text) == (422, True)
        client.post(url, {"do": "undo", "revision": "1"})
        assert PreliminaryEntry.objects.count() == 0
        waiting = Application.objects.get(name="丁基地")
        assert client.get(f"{round_url}{waiting.pk}/").status_code == 404

    def test_a_change_by_hand_is_undone_also_when_its_application_has_left(
        self, world: World, round_url: str, signed_in: SignedIn
    ):
        client, last = signed_in(world.officer), Application.objects.get(name="丙基地")
        url = f"{round_url}{last.pk}/"
        client.post(url, {"chosen": "yes", "reason": "布局需要。", "revision": "0"})
        recognising.reject(base=last.base, acting=world.officer, on=TODAY, reason="材料不实。")
        page = Page.of(client.get(round_url))
        assert "1 项人工调整已不起作用" in page.text
        assert "丙基地 调整为入选：布局需要。" in page.text
        late = client.post(url, {"do": "undo", "revision": "0"}, follow=True)
        assert ("名单草稿已被修改" in late.text, PreliminaryEntry.objects.count()) == (True, 1)
        done = client.post(url, {"do": "undo", "revision": page.value("revision")}, follow=True)
        assert ("已撤销“丙基地”的人工调整。" in done.text, PreliminaryEntry.objects.count()) == (True, 0)
        assert "已不起作用" not in done.text

    def test_is_adopted_after_a_page_that_says_what_follows(
        self, world: World, round_url: str, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
    ):
        client = signed_in(world.officer)
        assert "还没有拟定名单" in Page.of(client.get(f"{round_url}adopt/")).text
        client.post(f"{round_url}cutoff/", {"by": "count", "at": "2", "revision": "0"})
        page = Page.of(client.get(f"{round_url}adopt/"))
        assert "2 个基地列入，1 个不列入" in page.text
        assert "1 项评分表没有收齐，不在名单之内" in page.text
        seen = {name: page.value(name) for name in ("revision", "seen")}
        refused = Page.of(client.post(f"{round_url}adopt/", seen))
        assert (refused.status, refused.beside("accept_missing")) == (422, ["请确认不等这些申请书。"])
        answer = client.post(f"{round_url}adopt/", seen | {"accept_missing": "on"})
        made = PreliminaryList.objects.get()
        assert (answer.status_code, answer["Location"]) == (302, f"/rounds/{made.round_id}/lists/{made.pk}/")
        assert states() == {
            "甲基地": State.SHORTLISTED, "乙基地": State.SHORTLISTED, "丙基地": State.IN_REVIEW, "丁基地": State.IN_REVIEW,
        }  # fmt: skip
        assert (
            f"/rounds/{made.round_id}/meetings/new/?kind=deliberation"
            in Page.of(client.get(answer["Location"])).links()
        )
        listed = Page.of(signed_in(world.leader).get(answer["Location"]))
        assert [(row[0], row[1], row[5]) for row in listed.rows()] == [
            ("1", "甲基地", "列入"), ("2", "乙基地", "列入"), ("3", "丙基地", "不列入"),
        ]  # fmt: skip
        assert ranked_rows(Page.of(client.get(round_url)))[0] == ("1", "甲基地", "初步名单")
        monkeypatch.setattr("applications.views.ranking.PAGE_SIZE", 2)
        rest = Page.of(client.get(f"{answer['Location']}?page=2"))
        assert [row[1] for row in rest.rows()] == ["丙基地"]
        assert "2 个列入" in rest.text

    def test_disagreement_is_handed_to_the_meeting_or_to_one_expert_more(
        self, world: World, round_url: str, signed_in: SignedIn
    ):
        odd, client = scored(world, "分歧基地", ["60", "90", "95"]), signed_in(world.officer)
        page = Page.of(client.get(round_url))
        assert "1 项专家评分存在分歧，尚未处理" in page.text
        assert "分差 35.00 分，超过 20 分" in page.text
        assert f"/bases/{odd.base_id}/acts/assign-experts/" in page.links()
        none = client.post(f"{round_url}refer/", {"applications": ["x"]}, follow=True)
        assert (none.redirect_chain, "请至少勾选一份申请书。" in none.text) == ([(round_url, 302)], True)
        client.post(f"{round_url}refer/", {"applications": [odd.pk]})
        panel = Panel.objects.get(application=odd)
        assert (panel.referred_on, panel.referred_by) == (TODAY, world.officer.user)
        page = Page.of(client.get(round_url))
        assert "2026-11-24 提交会议审议" in page.text
        assert "尚未处理" not in page.text
        client.post(f"/bases/{odd.base_id}/acts/assign-experts/", {"experts": [world.experts[4].user_id]})
        assert Assignment.objects.filter(panel=panel, status="assigned").count() == 1
        (waits,) = [row for row in Page.of(client.get(round_url)).rows() if row[0] == "分歧基地"]
        assert waits[3:] == ["3 / 4", "还差 1 份"]

    def test_no_base_goes_round_it(self, world: World, round_url: str, signed_in: SignedIn):
        base, client = Base.objects.get(name="甲基地"), signed_in(world.officer)
        act = f"/bases/{base.pk}/acts/shortlist/"
        assert act in Page.of(client.get(f"/bases/{base.pk}/")).links()
        answer = client.post(act, {})
        assert states()["甲基地"] == State.IN_REVIEW
        assert (answer.status_code, answer.headers.get("Location")) == (302, round_url)
