"""The pages of posts and placements: what both sides see and do there, for one and for many."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from agreements import placement_inbox, placement_queries
from agreements.models import Appointment, Placement
from agreements.services import placement_changes, posts
from portal import inbox
from portal.acting import Acting
from portal.models import StoredFile
from tests.agreements.placing import ENDS, STARTS, Placing, student
from tests.factories import pdf_upload

SignedIn = Callable[[Acting], Client]


def waiting(acting: Acting, on: date) -> list[tuple[str, str, date | None]]:
    """What waits for somebody in this area."""
    return [(each.button, each.why, each.due) for each in inbox.items(acting, on) if each.group == "岗位与实践"]


def act(client: Client, placing: Placing, name: str, found: list[Placement], **form: Any) -> Any:
    address = reverse("placement-act", args=[placing.base.pk, name])
    return client.post(address, {"placement": [each.pk for each in found], **form}, follow=True)


class TestFromThePostToTheBase:
    @pytest.mark.agreement("培养过程 1")
    @pytest.mark.agreement("培养过程 2")
    def test_both_sides_lead_two_students_into_the_base_on_their_pages(
        self, placing: Placing, signed_in: SignedIn, on_day: Any
    ):
        unit, partner = signed_in(placing.unit), signed_in(placing.partner)
        page = reverse("post-select", args=[placing.base.pk, placing.post.pk])
        period = f"?starts_on={STARTS}&ends_on={ENDS}"
        assert "没有其他安排的研究生 8 人" in unit.get(page + period).text
        chosen = [each.pk for each in placing.students[:2]]
        form = {"student": chosen, "starts_on": STARTS, "ends_on": ENDS, "campus_mentor": placing.campus.pk}
        assert "已选送 2 人，等待合作单位答复。" in unit.post(page + period, form, follow=True).text
        found = list(Placement.objects.order_by("pk"))
        answer = act(partner, placing, "accept", found, industry_mentor=placing.industry.pk, lodging="partner")
        assert "已接收 2 人。请在进入基地之前完成清单。" in answer.text
        act(partner, placing, "safety", found, signed_on=placing.on, file=pdf_upload("协议.pdf"))
        act(
            partner, placing, "insurance", found, insurer="平安保险", policy_number="PA-1", insured_from=STARTS, insured_until=ENDS
        )  # fmt: skip
        on_day(STARTS)
        assert "2 人已进入基地，开始专业实践。" in act(partner, placing, "start", found, arrived_on=STARTS).text
        assert set(Placement.objects.values_list("status", "stage")) == {("running", "practice")}

    @pytest.mark.agreement("权责划分（二）3")
    def test_the_preview_says_who_can_enter_and_who_cannot_and_why(
        self, placing: Placing, signed_in: SignedIn, on_day: Any
    ):
        found = placing.accept(placing.select(2))
        placing.complete(found[:1])
        on_day(STARTS)
        address = reverse("placement-act", args=[placing.base.pk, "start"])
        answer = signed_in(placing.partner).get(f"{address}?placement={found[0].pk}&placement={found[1].pk}")
        assert "1 人可以办理，1 人不能办理" in answer.text
        assert "不能办理：实践安全协议：还没有签订并上传（合作单位办理）" in answer.text
        assert f'name="placement" value="{found[0].pk}"' in answer.text
        assert f'name="placement" value="{found[1].pk}"' not in answer.text

    @pytest.mark.parametrize(
        ("starts_on", "ends_on", "said"),
        [
            ("9999-01-01", "9999-12-31", "这是 2026 年度的岗位，进入基地日期应在 2026 或 2027 年。"),
            ("2026-12-01", "2026-12-01", "结束日期应晚于进入基地日期。"),
            ("2026-02-30", "", "请按 2026-11-24 的写法填写日期。"),
        ],
    )
    def test_a_time_that_cannot_be_is_said_on_the_page(
        self, placing: Placing, signed_in: SignedIn, starts_on: str, ends_on: str, said: str
    ):
        page = (
            reverse("post-select", args=[placing.base.pk, placing.post.pk])
            + f"?starts_on={starts_on}&ends_on={ends_on}"
        )
        form = {"student": [placing.students[0].pk], "starts_on": starts_on, "ends_on": ends_on}
        answer = signed_in(placing.unit).post(page, form)
        assert (answer.status_code, said in answer.text, Placement.objects.count()) == (422, True, 0)

    def test_an_act_without_anybody_leads_back_to_the_list(self, placing: Placing, signed_in: SignedIn):
        answer = signed_in(placing.partner).get(reverse("placement-act", args=[placing.base.pk, "start"]), follow=True)
        assert "没有办理：请先选择要办理的研究生。" in answer.text

    def test_a_refusal_stands_on_the_page(self, placing: Placing, signed_in: SignedIn):
        found = placing.select(1)
        answer = act(signed_in(placing.partner), placing, "decline", found, reason="")
        assert (answer.status_code, placing.fresh(found)[0].status) == (422, "proposed")
        assert "没有提交，请先改正以下内容：" in answer.text

    def test_one_who_moved_on_meanwhile_is_overtaken(self, placing: Placing, signed_in: SignedIn):
        found = placing.accept(placing.select(1))
        answer = act(signed_in(placing.partner), placing, "accept", found)
        assert (answer.status_code, "当前为“已确认，待进入基地”" in answer.text) == (409, True)


class TestThePageOfOne:
    @pytest.mark.article("11")
    def test_shows_checklist_mentors_changes_and_time_line(self, placing: Placing, signed_in: SignedIn):
        (who,) = placing.running(1)
        placement_changes.ask(
            base=placing.base, placement=who.pk, acting=placing.unit, on=STARTS, kind="early", reason="课程调整。",
            ends_on=STARTS + timedelta(days=5),
        )  # fmt: skip
        page = signed_in(placing.partner).get(reverse("placement", args=[placing.base.pk, who.pk])).text
        for words in (
            "李文华", "王建军", "平安保险，保单 PA-2026-01", "答复变更", "课程调整。", "遴选进入岗位", "变更待答复：提前结束",
        ):  # fmt: skip
            assert words in page

    @pytest.mark.parametrize(
        ("who", "status", "shown"),
        [
            ("unit_officer", "proposed", "13800001234"),
            ("partner_officer", "proposed", "138****1234"),
            ("partner_officer", "accepted", "13800001234"),
            ("applicant", "accepted", "138****1234"),
            ("officer", "accepted", "138****1234"),
        ],
    )
    def test_shows_the_telephone_number_to_whoever_needs_it(
        self, placing: Placing, signed_in: SignedIn, who: str, status: str, shown: str
    ):
        found = placing.select(1)
        found = placing.accept(found) if status == "accepted" else found
        client = signed_in(getattr(placing.world, who))
        page = client.get(reverse("placement", args=[placing.base.pk, found[0].pk])).text
        assert [number for number in ("13800001234", "138****1234") if number in page] == [shown]

    @pytest.mark.parametrize("who", ["other_unit_officer", "other_partner_officer", "other_applicant"])
    def test_does_not_exist_for_others(self, placing: Placing, signed_in: SignedIn, who: str):
        found = placing.select(1)
        client = signed_in(getattr(placing.world, who))
        assert client.get(reverse("placement", args=[placing.base.pk, found[0].pk])).status_code == 404

    def test_the_safety_agreement_is_read_by_both_sides_and_the_department(self, placing: Placing, signed_in: SignedIn):
        placing.complete(placing.accept(placing.select(1)))
        address = reverse("file", args=[StoredFile.objects.get(purpose="safety_agreement").key])
        people = (
            "unit_officer",
            "partner_officer",
            "applicant",
            "officer",
            "leader",
            "other_unit_officer",
            "other_partner_officer",
        )
        assert [signed_in(getattr(placing.world, who)).get(address).status_code for who in people] == [200] * 5 + [
            404
        ] * 2


class TestTheList:
    def test_filters_by_state_year_and_name(self, placing: Placing, signed_in: SignedIn):
        placing.accept(placing.select(1))
        placing.select(2)
        client = signed_in(placing.world.officer)

        def shown(query: str) -> int:
            return (
                client.get(reverse("base-placements", args=[placing.base.pk]) + query)
                .context["page_obj"]
                .paginator.count
            )

        queries = ["", "?state=proposed", "?state=accepted", "?state=nonsense", "?year=2026", "?year=2025", "?q=乌兰"]
        assert [shown(query) for query in queries] == [3, 2, 1, 3, 3, 0, 1]

    def test_takes_the_same_number_of_queries_for_four_and_forty(self, placing: Placing, signed_in: SignedIn):
        placing.running(2)
        placing.accept(placing.select(1))
        placing.select(1)
        client, counted = signed_in(placing.partner), []
        addresses = [reverse("base-placements", args=[placing.base.pk]), reverse("training"), reverse("home")]
        for number in (4, 40):
            if number == 40:
                self.fill(placing, 36)
            assert Placement.objects.count() == number
            for address in addresses:
                client.get(address)
                with CaptureQueriesContext(connection) as queries:
                    client.get(address)
                counted.append(len(queries))
        assert counted[:3] == counted[3:]

    def fill(self, placing: Placing, number: int) -> None:
        on = placing.on
        post = posts.save(
            base=placing.base, acting=placing.partner, on=on, year=on.year, title="大岗位", places=99, work="实践。"
        )
        more = [student(placing.world, on, f"2024{n:04}", f"学生{n}") for n in range(number)]
        thirds = [more[0::3], more[1::3], more[2::3]]
        chosen = [placing.select(post=post, students=[each.pk for each in third]) for third in thirds]
        placing.accept(chosen[0])
        placing.start(placing.complete(placing.accept(chosen[1])))

    def test_goes_to_excel_with_dates_as_dates_and_without_telephone_numbers(
        self, placing: Placing, signed_in: SignedIn
    ):
        placing.running(1)
        answer = signed_in(placing.world.officer).get(reverse("placement-excel", args=[placing.base.pk]))
        sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
        row = {head.value: cell.value for head, cell in zip(sheet[2], sheet[3], strict=True)}
        assert (row["姓名"], row["状态"], row["进入基地日期"].date(), row["岗位年度"]) == (
            "乌兰",
            "实践中",
            STARTS,
            2026,
        )
        assert "手机" not in row

    def test_says_how_the_base_stands(self, placing: Placing, signed_in: SignedIn):
        placing.running(1)
        placing.select(2)
        page = signed_in(placing.unit).get(reverse("training")).text
        assert "在基地 1 人，待确认 2 人，岗位少 1 个" in page


class TestTheInbox:
    """Whoever must do something finds it; nobody else does."""

    def of_both(self, placing: Placing, on: date) -> tuple[list[str], list[str]]:
        posts_missing = "发布岗位"
        unit, partner = (waiting(who, on) for who in (placing.unit, placing.partner))
        return [each[0] for each in unit], [each[0] for each in partner if each[0] != posts_missing]

    @pytest.mark.agreement("培养过程 1")
    def test_asks_the_partner_to_answer(self, placing: Placing):
        placing.select(2)
        assert self.of_both(placing, placing.on) == ([], ["答复"])
        assert ("答复", "培养单位选送了 2 名研究生，请答复是否接收。", STARTS) in waiting(placing.partner, placing.on)

    @pytest.mark.agreement("权责划分（二）3")
    def test_asks_the_side_whose_item_is_open_from_a_month_before(self, placing: Placing):
        found = placing.accept(placing.select(campus_mentor=None))
        early = STARTS - timedelta(days=31)
        assert self.of_both(placing, early) == ([], [])
        assert self.of_both(placing, placing.on) == (["完成清单"], ["完成清单"])
        placing.complete(found)
        assert self.of_both(placing, placing.on) == (["完成清单"], [])

    def test_asks_the_partner_to_note_the_arrival_and_the_end(self, placing: Placing):
        found = placing.complete(placing.accept(placing.select(1)))
        assert [self.of_both(placing, day) for day in (STARTS - timedelta(days=1), STARTS)] == [
            ([], []),
            ([], ["办理进入基地"]),
        ]
        placing.start(found)
        assert [self.of_both(placing, day) for day in (ENDS, ENDS + timedelta(days=1))] == [
            ([], []),
            ([], ["结束实践"]),
        ]

    @pytest.mark.agreement("其他事项 3")
    def test_asks_the_side_that_insures_once_the_policy_falls_short(self, placing: Placing):
        (who,) = placing.running(1)
        assert self.of_both(placing, STARTS) == ([], [])
        placing.insure([who], insured_until=ENDS - timedelta(days=60))
        assert self.of_both(placing, STARTS) == ([], ["登记保险"])
        placing.had_agreed(insurance_by="unit")
        assert self.of_both(placing, STARTS) == (["登记保险"], [])

    @pytest.mark.agreement("权责划分（一）4")
    def test_asks_the_other_side_to_answer_a_change(self, placing: Placing):
        (who,) = placing.running(1)
        soon = STARTS + timedelta(days=5)
        placement_changes.ask(
            base=placing.base,
            placement=who.pk,
            acting=placing.unit,
            on=STARTS,
            kind="early",
            reason="课程调整。",
            ends_on=soon,
        )
        assert waiting(placing.unit, STARTS) == []
        assert ("答复变更", "对方提出乌兰的变更：提前结束（课程调整。），等待答复。", soon) in waiting(
            placing.partner, STARTS
        )


@pytest.mark.article("11")
@pytest.mark.agreement("导师队伍")
class TestAMentorWhoseAppointmentEndsBeforeThePractice:
    def test_is_flagged_on_the_placement_and_the_list_and_told_to_the_unit(self, placing: Placing, signed_in: SignedIn):
        who = placing.running(1)[0]
        client = signed_in(placing.unit)
        pages = [
            reverse("base-placements", args=[placing.base.pk]),
            reverse("placement", args=[placing.base.pk, who.pk]),
        ]
        said, until = "王建军的聘期只到 2027-03-31", date(2027, 3, 31)
        assert [said in client.get(page).text for page in pages] == [False, False]
        Appointment.objects.filter(mentor=placing.industry).update(ends_on=until)
        assert [said in client.get(page).text for page in pages] == [True, True]
        why = "王建军：聘期在所指导的研究生实践结束之前届满，请续聘或者更换导师。"
        found = [item for item in placement_inbox.source(placing.unit, STARTS) if item.group == "导师"]
        assert [(item.why, item.due, item.url) for item in found] == [
            (why, until, reverse("base-mentors", args=[placing.base.pk]))
        ]
        assert [item for item in placement_inbox.source(placing.partner, STARTS) if item.group == "导师"] == []

    def test_is_not_when_a_renewal_goes_on(self, placing: Placing):
        who = placing.running(1)[0]
        Appointment.objects.filter(mentor=placing.industry).update(ends_on=date(2027, 3, 31))
        assert [each.mentor for each in placement_queries.lapses([who])[who.pk]] == [placing.industry]
        Appointment.objects.create(
            base=placing.base, mentor=placing.industry, nominated_on=placing.on, decided_on=placing.on, status="appointed",
            starts_on=date(2027, 4, 1), ends_on=date(2030, 3, 31),
        )  # fmt: skip
        assert placement_queries.lapses([who]) == {}
