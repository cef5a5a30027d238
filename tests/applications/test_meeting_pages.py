"""第八条（三）（四）: how the officer registers a meeting page by page."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from applications.models import MeetingItem, MeetingMember, ReviewMeeting
from applications.services import meeting_papers, meetings
from portal.errors import Refused
from tests.applications.conftest import SignedIn
from tests.applications.meeting import committee, conclude, fresh_meeting, held, scored, seat, sitting
from tests.applications.pages import Page
from tests.factories import World, pdf_upload


@pytest.fixture
def officer(world: World, signed_in: SignedIn) -> Client:
    """The department's officer."""
    return signed_in(world.officer)


def page(client: Client, address: str) -> Any:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer


def rows(meeting: ReviewMeeting, **changes: Any) -> dict[str, Any]:
    """The list of members as the page sends it."""
    members = list(meeting.members.all())
    sent: dict[str, Any] = {
        "seen": fresh_meeting(meeting).revision, "form-TOTAL_FORMS": len(members) + 3, "form-INITIAL_FORMS": len(members),
    }  # fmt: skip
    for number, member in enumerate(members):
        values = {"pk": member.pk, "name": member.name, "employer": member.employer, "duty": member.duty}
        sent |= {f"form-{number}-{name}": value for name, value in values.items()}
        sent |= {f"form-{number}-present": "on"} if member.present else {}
    for number in range(len(members), len(members) + 3):
        sent |= {f"form-{number}-name": "", f"form-{number}-employer": "", f"form-{number}-duty": "member"}
    return sent | changes


def votes(item: MeetingItem, given: tuple[Any, Any, Any], conclusion: str, **changes: Any) -> dict[str, Any]:
    """A line of the votes as the page sends it."""
    now = MeetingItem.objects.get(pk=item.pk)
    sent = dict(zip(("votes_for", "votes_against", "votes_abstained"), given, strict=True))
    sent |= {"conclusion": conclusion, "note": "", "seen": now.revision} | changes
    return {f"i{item.pk}-{name}": value for name, value in sent.items()}


@pytest.mark.article("8(3)")
def test_a_meeting_is_registered_from_its_day_to_its_papers(world: World, officer: Client, today: date, on_day: Any):
    """Over the pages alone: name, members, quorum, recusal, votes, conclusion, the papers, the signed scan."""
    base = scored(world, today)
    round_ = world.round(today)
    new = f"/rounds/{round_.pk}/meetings/new/?kind=review"
    form = page(officer, new).context["form"]
    assert form["title"].value() == "2026年度研究生联合培养基地评审会议"
    sent = {
        "title": form["title"].value(),
        "held_on": today.isoformat(),
        "place": "三楼",
        "agenda": "评议。",
        "take_up": "all",
    }
    assert officer.post(new, sent).status_code == 302
    meeting = ReviewMeeting.objects.get()
    at = f"/meetings/{meeting.pk}/"
    text = f"白主任，评估院，主持\n甲，北方大学\n乙，{world.unit.name}，委员\n记，学位处，记录"
    assert officer.post(f"{at}members/add/", {"text": text, "seen": meeting.revision}).status_code == 302
    present = {f"form-{number}-present": "on" for number in range(4)}
    assert officer.post(f"{at}members/", rows(meeting, **present)).status_code == 302
    assert "人数达到，会议有效。" in page(officer, at).text
    item = meeting.items.get()
    recused = page(officer, f"{at}items/{item.pk}/recused/")
    assert "必须回避：工作单位是申报单位" in recused.text.replace("\n", "")
    assert officer.post(f"{at}votes/", {"agree": "1"}).status_code == 302
    item.refresh_from_db()
    assert (item.votes_for, item.conclusion, base.name) == (2, "agreed", item.application.base.name)
    conclude_form = page(officer, f"{at}conclude/").context["form"]
    words = conclude_form["conclusion"].value()
    assert words.startswith("会议共审议 1 份申请书，同意 1 份，不同意 0 份，暂缓 0 份。")
    done = officer.post(f"{at}conclude/", {"conclusion": words, "seen": conclude_form["seen"].value()}, follow=True)
    assert "纪要和评分汇总表正在生成" in done.text
    assert 'hx-trigger="every 2s"' in officer.get(f"{at}papers-state/").text
    meeting_papers.make_papers(meeting.pk)
    ready = officer.get(f"{at}papers-state/").text
    assert ("会议纪要" in ready, "hx-trigger" in ready) == (True, False)
    assert officer.post(f"{at}scan/", {"file": pdf_upload("签字.pdf")}).status_code == 302
    assert "下载签字扫描件" in page(officer, at).text


class TestMembersPage:
    def test_says_beside_the_line_what_is_missing(self, world: World, officer: Client, today: date):
        meeting = seat(world, sitting(world, today, take_up="none"), *committee(2, 2))
        answer = officer.post(f"/meetings/{meeting.pk}/members/", rows(meeting, **{"form-0-employer": ""}))
        assert answer.status_code == 422
        assert answer.context["formset"].errors[0] == {"employer": ["请填写这一项。"]}
        assert "第 1 行，工作单位" in answer.text
        assert meeting.members.exclude(employer="").count() == 3

    def test_takes_a_new_line_and_leaves_empty_ones_alone(self, world: World, officer: Client, today: date):
        meeting = seat(world, sitting(world, today, take_up="none"), *committee(2, 2))
        added = {"form-3-name": "新委员", "form-3-employer": "西部大学", "form-3-present": "on", "form-1-gone": "on"}
        assert officer.post(f"/meetings/{meeting.pk}/members/", rows(meeting, **added)).status_code == 302
        assert list(meeting.members.values_list("name", flat=True)) == ["白主任", "记录员", "新委员"]

    def test_refuses_two_chairs_and_what_somebody_else_has_changed(self, world: World, officer: Client, today: date):
        meeting = seat(world, sitting(world, today, take_up="none"), *committee(2, 2))
        address = f"/meetings/{meeting.pk}/members/"
        for changes, why in (
            ({"form-1-duty": "chair"}, "主持人只能有一名，请把其他人的职责改为委员。"),
            ({"seen": "0"}, "没有保存：这次会议刚由他人改过。"),
            ({"seen": "x"}, "没有保存：这次会议刚由他人改过。"),
        ):
            answer = officer.post(address, rows(meeting, **changes))
            assert (answer.status_code, why in answer.text) == (422, True)
        assert meeting.members.filter(duty="chair").count() == 1

    def test_names_the_lines_of_a_pasted_list_that_cannot_be_read(self, world: World, officer: Client, today: date):
        meeting = sitting(world, today, take_up="none")
        answer = officer.post(f"/meetings/{meeting.pk}/members/add/", {"text": "甲，北方大学\n乙", "seen": 0})
        assert answer.status_code == 422
        assert answer.context["people_form"].errors == {
            "text": ["第 2 行“乙”：缺少姓名或者工作单位，请写成“姓名，单位，职责”。"]
        }
        assert MeetingMember.objects.count() == 0

    def test_copies_an_earlier_meeting(self, world: World, officer: Client, today: date):
        earlier = seat(world, sitting(world, today, take_up="none"), *committee(2, 2))
        later = sitting(world, today, "deliberation", "none")
        sent = {"source": earlier.pk, "seen": later.revision}
        assert officer.post(f"/meetings/{later.pk}/members/copy/", sent).status_code == 302
        assert later.members.count() == 3

    def test_a_broken_list_is_refused_in_chinese(self, world: World, officer: Client, today: date):
        meeting = sitting(world, today, take_up="none")
        answer = officer.post(f"/meetings/{meeting.pk}/members/", {"seen": 0})
        assert (answer.status_code, "没有保存，请先改正以下内容：" in answer.text) == (422, True)


class TestVotesPage:
    @pytest.fixture
    def meeting(self, world: World, today: date) -> ReviewMeeting:
        """A meeting of three on two applications, no votes yet."""
        for _each in range(2):
            scored(world, today)
        return seat(world, sitting(world, today), *committee(3, 3))

    def test_keeps_a_line_by_itself_and_says_what_is_wrong_with_it(self, officer: Client, meeting: ReviewMeeting):
        item, _other = meeting.items.all()
        address = f"/meetings/{meeting.pk}/items/{item.pk}/autosave/"
        wrong = officer.post(address, votes(item, (2, 0, 0), "agreed"))
        assert (wrong.status_code, "三项合计 2 票，应为 3 票" in wrong.text, f'name="i{item.pk}-seen"' in wrong.text) == (
            200, True, True,
        )  # fmt: skip
        right = officer.post(address, votes(item, (2, 1, 0), "agreed"))
        assert "已填好" in right.text
        stale = officer.post(address, votes(item, (3, 0, 0), "agreed", seen=0))
        assert (stale.status_code, "这一项刚由他人改过" in stale.text) == (409, True)
        nonsense = officer.post(address, votes(item, ("三", 0, 0), "agreed"))
        assert (nonsense.status_code, "请填写整数。" in nonsense.text) == (422, True)
        item.refresh_from_db()
        assert (item.votes_for, item.votes_against) == (2, 1)

    def test_keeps_all_lines_of_the_page_without_scripts(self, officer: Client, meeting: ReviewMeeting):
        first, second = meeting.items.all()
        sent = votes(first, (3, 0, 0), "agreed") | votes(second, (0, 3, 0), "refused", note="材料不足。")
        assert officer.post(f"/meetings/{meeting.pk}/votes/", sent).status_code == 302
        assert list(meeting.items.values_list("votes_for", "conclusion", "note")) == [
            (3, "agreed", ""), (0, "refused", "材料不足。"),
        ]  # fmt: skip
        assert "已填好 2 / 2 项" in page(officer, f"/meetings/{meeting.pk}/votes/").text

    def test_keeps_the_good_lines_and_says_which_is_not(self, officer: Client, meeting: ReviewMeeting):
        first, second = meeting.items.all()
        sent = votes(first, (3, 0, 0), "agreed") | votes(second, (-1, 3, 0), "refused")
        answer = officer.post(f"/meetings/{meeting.pk}/votes/", sent)
        assert answer.status_code == 422
        assert list(meeting.items.values_list("votes_for", flat=True)) == [3, None]

    def test_all_agree_keeps_what_was_just_typed_and_the_page(self, officer: Client, meeting: ReviewMeeting):
        first, second = meeting.items.all()
        address = f"/meetings/{meeting.pk}/votes/?page=1"
        sent = votes(first, (1, 2, 0), "refused", note="材料不足。") | votes(second, ("", "", ""), "")
        answer = officer.post(address, sent | {"agree": "1"})
        assert (answer.status_code, answer["Location"]) == (302, address)
        assert list(meeting.items.values_list("votes_for", "conclusion", "note")) == [
            (1, "refused", "材料不足。"), (3, "agreed", ""),
        ]  # fmt: skip

    def test_return_in_a_field_saves_and_agrees_to_nothing(self, officer: Client, meeting: ReviewMeeting):
        form = page(officer, f"/meetings/{meeting.pk}/votes/").text.partition("data-grid>")[2]
        first = form[form.index("<button") :].partition("</button>")[0]
        assert (first.endswith("保存"), "name=" in first) == (True, False)

    def test_an_item_of_another_meeting_is_not_reached(
        self, world: World, officer: Client, meeting: ReviewMeeting, today: date
    ):
        other = sitting(world, today)
        item = other.items.first()
        answer = officer.post(f"/meetings/{meeting.pk}/items/{item.pk}/autosave/", votes(item, (3, 0, 0), "agreed"))
        assert answer.status_code == 404
        assert MeetingItem.objects.exclude(votes_for=None).count() == 0


class TestAMeetingThatIsOver:
    def test_leads_back_from_every_page_that_changes_it(self, world: World, officer: Client, today: date):
        scored(world, today)
        meeting = conclude(world, held(world, today), today)
        item = meeting.items.get()
        parts = ("edit/", "discard/", "conclude/", "members/", "items/", "votes/", f"items/{item.pk}/recused/")
        answers = [officer.get(f"/meetings/{meeting.pk}/{part}") for part in parts]
        assert {answer.get("Location") for answer in answers} == {f"/meetings/{meeting.pk}/"}
        assert "结束会议" not in page(officer, f"/meetings/{meeting.pk}/").text.replace("会议已结束", "")

    def test_says_what_stands_against_its_end_before(self, world: World, officer: Client, today: date):
        meeting = sitting(world, today, take_up="none")
        shown = Page.of(officer.get(f"/meetings/{meeting.pk}/conclude/"))
        assert shown.heading == "结束会议"
        answer = officer.get(f"/meetings/{meeting.pk}/conclude/").text
        assert "现在不能结束，原因如下：" in answer
        assert "会议没有主持人，请在成员中指定一名。" in answer
        refused = officer.post(
            f"/meetings/{meeting.pk}/conclude/", {"conclusion": "同意。", "seen": meetings.sight(meeting)}
        )
        assert (refused.status_code, fresh_meeting(meeting).state) == (422, "draft")


@pytest.mark.article("8(3)")
@pytest.mark.parametrize("reason", ["召开日期不能早于批次的申报开始日期 2026-11-24，请核对。", "别的原因。"])
def test_a_refusal_stands_beside_the_day_only_when_it_is_about_it(
    world: World, officer: Client, today: date, monkeypatch: pytest.MonkeyPatch, reason: str
):
    of_the_day = reason != "别的原因。"

    def refuse(*args: Any, **given: Any) -> None:
        raise Refused("别的原因。")

    if not of_the_day:
        monkeypatch.setattr(meetings, "draft_meeting", refuse)
    sent = {"title": "会", "held_on": "2026-01-05" if of_the_day else "2026-11-24", "place": "厅里", "agenda": "议"}
    shown = Page.of(officer.post(f"/rounds/{world.round(today).pk}/meetings/new/", sent | {"take_up": "none"}))
    assert (shown.status, shown.beside("held_on"), reason in shown.text) == (422, [reason] if of_the_day else [], True)


class TestSummaryDownload:
    def test_waits_for_the_sheets_and_then_is_excel(self, world: World, officer: Client, today: date):
        base = world.in_review(today)
        meeting = sitting(world, today)
        early = officer.get(f"/meetings/{meeting.pk}/summary/", follow=True)
        assert "还有 1 份申请书的评分表没有收齐，收齐之前不能看评分汇总。" in early.text
        said = page(officer, f"/meetings/{meeting.pk}/")
        assert ("收齐之前不能看评分汇总" in said.text, "下载评分汇总表" in said.text) == (True, False)
        world.score(base.panels.get(), 80, today)
        answer = officer.get(f"/meetings/{meeting.pk}/summary/")
        assert answer["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def test_the_list_and_a_meeting_take_as_many_queries_for_many_as_for_one(world: World, officer: Client, today: date):
    scored(world, today)
    meeting = seat(world, sitting(world, today), *committee(2, 2))
    addresses = (
        f"/rounds/{meeting.round_id}/meetings/",
        f"/meetings/{meeting.pk}/",
        f"/meetings/{meeting.pk}/members/",
    )

    def counted() -> list[int]:
        found = []
        for address in addresses:
            with CaptureQueriesContext(
                connection,
            ) as captured:
                officer.get(address)
            found.append(len(captured))
        return found

    counted()
    before = counted()
    for _each in range(2):
        scored(world, today)
        sitting(world, today)
    now = fresh_meeting(meeting)
    possible = [candidate.application for candidate in meetings.candidates(now.round, now.kind)]
    meetings.take_up(meeting=now, applications=possible, seen=now.revision, by=world.officer)
    seat(world, meeting, *committee(5, 6)[1:])
    assert meeting.items.count() == 3
    assert counted() == before
