"""权责划分（二）5: once a practice is over the partner certifies it, with a grade, an opinion and perhaps a reward; what is issued stands."""

import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import InternalError, connection, transaction
from django.db.utils import IntegrityError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from agreements import certificate_inbox
from agreements.models import BaseProject, Placement, PlacementChange, PracticeCertificate
from agreements.services import certificates, placement_changes, placements
from agreements.services.certificates import Figures, Written, figures_of
from bases.lifecycle import State
from bases.models import Base
from portal import jobs
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.models import OutboxJob
from tests.agreements import months as monthly
from tests.factories import World

pytestmark = pytest.mark.agreement("权责划分（二）5")

CAME, LEFT = date(2026, 3, 2), date(2026, 10, 31)
OPINION = Written(grade="good", work="参与设备监测。", comment="工作认真，按期完成任务。")
PRIZE = Written(
    grade="excellent", work="主持算法改进。", comment="成果突出。", reward="money", reward_amount=Decimal("2000.00"), reward_text="优秀实践研究生"
)  # fmt: skip


@pytest.fixture
def world(cooperation: tuple[World, Base]) -> World:
    return cooperation[0]


@pytest.fixture
def base(cooperation: tuple[World, Base]) -> Base:
    return cooperation[1]


def over(base: Base, name: str = "乌云娜", ending: str = "completed", **changes: Any) -> Placement:
    """A practice that is over."""
    given = {"starts_on": CAME, "ends_on": LEFT, "status": "ended", "ending": ending} | changes
    return monthly.place(base, name, **given)


def write(world: World, base: Base, on: date, *found: Placement, said: Written = OPINION) -> list[PracticeCertificate]:
    return certificates.write(base=base, written={each.pk: said for each in found}, by=world.partner_officer, on=on)


def issued(world: World, base: Base, on: date, *found: Placement, said: Written = OPINION) -> list[PracticeCertificate]:
    kept = write(world, base, on, *found, said=said)
    return certificates.issue(base=base, certificates=[each.pk for each in kept], by=world.partner_officer, on=on)


def printed(row: PracticeCertificate) -> PracticeCertificate:
    """The certificate with its paper, as the worker makes it of the job that waits."""
    jobs.run(OutboxJob.objects.get(key=f"practice_certificate:{row.pk}").pk)
    return PracticeCertificate.objects.select_related("pdf", "record").get(pk=row.pk)


def words_of(row: PracticeCertificate) -> str:
    assert row.pdf is not None
    with row.pdf.file.open("rb") as file:
        return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(file.read())).pages)


def reasons(act: Callable[[], Any], kind: type[Refused] = Refused) -> tuple[str, ...]:
    with pytest.raises(kind) as refusal:
        act()
    return refusal.value.reasons


def text(answer: Any) -> str:
    main = answer.text.split('<main class="page"')[1]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", main))


class TestTheProposedGrade:
    @pytest.mark.parametrize(
        ("excellent", "qualified", "failed", "grade"),
        [
            (0, 0, 0, ""), (6, 3, 0, "excellent"), (5, 4, 0, "good"), (3, 6, 0, "good"), (2, 7, 0, "qualified"), (8, 0, 1, "qualified"),
            (5, 0, 4, "qualified"), (4, 0, 4, "failed"), (0, 0, 1, "failed"),
        ],
    )  # fmt: skip
    def test_follows_from_the_months(self, excellent: int, qualified: int, failed: int, grade: str):
        assert Figures(excellent, qualified, failed).proposal == grade

    def test_counts_the_entries_that_stand_and_says_what_it_counted(self, world: World, base: Base, today: date):
        who = monthly.place(base, starts_on=date(2026, 9, 1), ends_on=date(2026, 11, 10))
        by = world.partner_officer
        monthly.filled(base, date(2026, 9, 1), by, today, who, grade="优秀", days="20")
        monthly.filled(base, date(2026, 10, 1), by, today, who, days="21")
        found = figures_of([who])[who.pk]
        assert found == Figures(excellent=1, qualified=1, failed=0, days=41, lasted=3)
        assert found.words == "实践 3 个月，考核 2 个月：优秀 1、合格 1、不合格 0，共 41 天；建议“良好”"


class TestWriting:
    def test_keeps_the_facts_of_the_practice_beside_what_is_written(self, world: World, base: Base, today: date):
        project = BaseProject.objects.create(base=base, name="风机监测", owner="partner", entered_on=CAME)
        who = over(base, project=project)
        (row,) = write(world, base, today, who, said=PRIZE)
        assert (row.status, row.number, row.starts_on, row.ends_on, row.post, row.project) == (
            "prepared", "", CAME, LEFT, "研发助理", "风机监测",
        )  # fmt: skip
        assert (row.campus_mentor, row.industry_mentor, row.grade, row.proposed) == (
            "校内导师",
            "行业导师",
            "excellent",
            "",
        )
        assert (row.reward, row.reward_amount, row.reward_text) == ("money", Decimal("2000.00"), "优秀实践研究生")

    def test_again_changes_what_was_prepared(self, world: World, base: Base, today: date):
        who = over(base)
        (first,) = write(world, base, today, who, said=Written(grade="good"))
        (again,) = write(world, base, today, who)
        assert (again.pk, again.comment, PracticeCertificate.objects.count()) == (first.pk, OPINION.comment, 1)

    def test_is_the_partners(self, world: World, base: Base, today: date):
        who = over(base)
        for other in (world.unit_officer, world.officer, world.other_partner_officer):
            act = lambda by=other: certificates.write(base=base, written={who.pk: OPINION}, by=by, on=today)  # noqa: E731
            assert reasons(act, NotYours) == ("这件事由合作单位办理。",)
        assert not PracticeCertificate.objects.exists()

    def test_waits_for_the_end_of_the_practice(self, world: World, base: Base, today: date):
        who = monthly.place(base, "巴特尔")
        (reason,) = reasons(lambda: write(world, base, today, who), Overtaken)
        assert reason == f"没有办理：{who.student}当前为“实践中”。请刷新列表后再看。"

    @pytest.mark.parametrize(
        ("said", "reason"),
        [
            (Written(reward="money"), "奖励是奖金的，请填写金额。"),
            (Written(reward="honour"), "请写明奖励的内容。"),
        ],
    )
    def test_of_a_reward_says_what_it_is(self, world: World, base: Base, today: date, said: Written, reason: str):
        who = over(base)
        assert reasons(lambda: write(world, base, today, who, said=said)) == (f"{who.student}：{reason}",)


class TestIssuing:
    def test_gives_each_its_number_and_asks_for_its_paper(self, world: World, base: Base, today: date):
        first, second = issued(world, base, today, over(base), over(base, "白音"))
        (third,) = issued(world, base, today, over(base, "高娃"))
        assert [each.number for each in (first, second, third)] == [
            f"鉴〔2026〕{base.pk:03d}-{n:03d}号" for n in (1, 2, 3)
        ]
        assert {(each.status, each.issued_on, each.issued_by) for each in (first, second, third)} == {
            ("issued", today, world.partner_officer.user)
        }
        assert OutboxJob.objects.filter(name="practice_certificate").count() == 3

    def test_wants_it_whole_for_all_or_issues_none(self, world: World, base: Base, today: date):
        (ready,) = write(world, base, today, over(base))
        (open_,) = write(world, base, today, over(base, "白音"), said=Written(grade="good"))
        act = lambda: certificates.issue(  # noqa: E731
            base=base, certificates=[ready.pk, open_.pk], by=world.partner_officer, on=today
        )
        assert reasons(act) == ("白音：还没有填写实践内容、鉴定意见。",)
        assert set(PracticeCertificate.objects.values_list("status", flat=True)) == {"prepared"}

    def test_happens_once(self, world: World, base: Base, today: date):
        (row,) = issued(world, base, today, over(base))
        again = lambda: certificates.issue(base=base, certificates=[row.pk], by=world.partner_officer, on=today)  # noqa: E731
        assert reasons(again, Overtaken) == ("没有办理：乌云娜的鉴定已经签发或者撤回。请刷新后再看。",)
        (reason,) = reasons(lambda: write(world, base, today, row.placement), Overtaken)
        assert reason == f"没有办理：{row.placement.student}的鉴定已经签发。需要更正的，先撤回再重新签发。"

    @pytest.mark.parametrize(
        "change",
        [
            {"grade": "excellent"}, {"comment": "改过。"}, {"number": "鉴〔2026〕9号"}, {"ends_on": LEFT + timedelta(days=1)}, {"reward": "other"},
            {"status": "prepared"}, {"issued_on": LEFT},
        ],
    )  # fmt: skip
    def test_freezes_it(self, world: World, base: Base, today: date, change: dict[str, Any]):
        (row,) = issued(world, base, today, over(base))
        with pytest.raises((InternalError, IntegrityError)), transaction.atomic():
            PracticeCertificate.objects.filter(pk=row.pk).update(**change)
        with pytest.raises(InternalError), transaction.atomic():
            PracticeCertificate.objects.filter(pk=row.pk).delete()

    def test_is_owed_after_the_end_of_the_base_too(self, world: World, today: date):
        gone = world.in_state(State.WITHDRAWN, today)
        who = monthly.place(gone, "那日苏", starts_on=CAME)
        placements.wind_up(base=gone, ending="base_ended", on=today, by=world.officer)
        (row,) = issued(world, gone, today, who)
        assert (row.starts_on, row.ends_on, row.status) == (CAME, today, "issued")

    def test_of_a_practice_that_ended_early_says_the_true_days(self, world: World, base: Base, today: date):
        who = monthly.place(base, "斯琴", starts_on=CAME, ends_on=date(2027, 2, 28))
        placement_changes.ask(
            base=base, placement=who.pk, acting=world.unit_officer, on=date(2026, 9, 30), kind="early", reason="开题提前。",
            ends_on=LEFT,
        )  # fmt: skip
        assert PlacementChange.objects.get(placement=who).status == "effective"
        placements.end(base=base, placements=[who.pk], acting=world.partner_officer, on=today)
        (row,) = issued(world, base, today, who)
        assert (row.starts_on, row.ends_on) == (CAME, LEFT)
        assert "2026年3月2日至2026年10月31日，提前结束" in words_of(printed(row))


class TestThePaper:
    def test_says_all_of_it_and_is_marked_unsealed(self, world: World, base: Base, today: date):
        row = printed(issued(world, base, today, over(base), said=PRIZE)[0])
        whole = words_of(row)
        for wanted in (
            "研究生专业实践鉴定书", row.number, "乌云娜", row.placement.student.number, base.training_unit.name, "按期完成", "研发助理", "校内导师",
            "行业导师", "主持算法改进。", "成果突出。", "优秀", "奖金：2,000.00元，优秀实践研究生", "没有月度考核记录", "系统生成，未盖章", world.partner.name,
            "2026年11月24日",
        ):  # fmt: skip
            assert "".join(wanted.split()) in whole, wanted

    def test_is_made_once(self, world: World, base: Base, today: date):
        row = printed(issued(world, base, today, over(base))[0])
        assert certificates.make_pdf(row.pk).pdf_id == row.pdf_id

    def test_is_verified_by_everybody_without_the_name(self, client: Client, world: World, base: Base, today: date):
        row = printed(issued(world, base, today, over(base))[0])
        assert row.record is not None
        page = text(client.get(reverse("verify-code", args=[row.record.shown_code])))
        assert "乌**的专业实践鉴定" in page
        assert row.number in page
        assert "乌云娜" not in page
        assert "已撤回" not in page.replace("是否已撤回", "")

    def test_is_not_made_of_what_was_withdrawn_before(self, world: World, base: Base, today: date):
        (row,) = issued(world, base, today, over(base))
        certificates.withdraw(certificate=row, by=world.partner_officer, on=today, reason="写错了。")
        assert printed(row).pdf is None


class TestWithdrawing:
    def test_says_so_where_it_is_verified_and_makes_room_for_a_new_one_that_names_it(
        self, client: Client, world: World, base: Base, today: date
    ):
        first = printed(issued(world, base, today, over(base))[0])
        assert first.record is not None
        certificates.withdraw(certificate=first, by=world.partner_officer, on=today, reason="等级写错了。")
        page = text(client.get(reverse("verify-code", args=[first.record.shown_code])))
        assert "等级写错了。" in page
        assert "撤回" in page
        second = printed(issued(world, base, today, first.placement, said=PRIZE)[0])
        assert (second.replaces, second.number) == (first, f"鉴〔2026〕{base.pk:03d}-002号")
        assert f"代替已撤回的{first.number}" in words_of(second)

    def test_needs_a_reason_and_happens_once_and_is_the_partners(self, world: World, base: Base, today: date):
        (row,) = issued(world, base, today, over(base))
        by = world.partner_officer
        take = lambda by, reason: certificates.withdraw(certificate=row, by=by, on=today, reason=reason)  # noqa: E731
        assert reasons(lambda: take(world.unit_officer, "写错了。"), NotYours) == ("这件事由合作单位办理。",)
        assert reasons(lambda: take(by, " ")) == ("请写明撤回的原因。",)
        take(by, "写错了。")
        assert reasons(lambda: take(by, "写错了。"), Overtaken) == ("这份鉴定当前为“已撤回”，没有撤回。",)
        with pytest.raises(InternalError), transaction.atomic():
            PracticeCertificate.objects.filter(pk=row.pk).update(withdrawn_reason="别的。")


class TestThePages:
    def test_write_and_issue_many_at_once(
        self, signed_in: Callable[[Acting], Client], world: World, base: Base, today: date
    ):
        people = [over(base, f"同学{n}") for n in range(3)]
        client = signed_in(world.partner_officer)
        page = client.get(reverse("certificate-write", args=[base.pk]))
        assert text(page).count("没有月度考核记录，请按实际情况评定") == 3
        entered = {"placement": [each.pk for each in people], "common": "表现良好。", "do": "issue"}
        for each in people:
            entered |= {f"p{each.pk}-grade": "good", f"p{each.pk}-work": "参与研发。"}
        entered |= {f"p{people[0].pk}-comment": "特别努力。"}
        answer = client.post(reverse("certificate-write", args=[base.pk]), entered)
        chosen = "&".join(f"placement={each.pk}" for each in people)
        assert answer["Location"] == f"{reverse('certificate-issue', args=[base.pk])}?{chosen}"
        assert text(client.get(answer["Location"])).count("可以签发") == 3
        client.post(reverse("certificate-issue", args=[base.pk]), {"placement": entered["placement"]})
        assert list(PracticeCertificate.objects.order_by("pk").values_list("comment", "status")) == [
            ("特别努力。", "issued"), ("表现良好。", "issued"), ("表现良好。", "issued"),
        ]  # fmt: skip

    def test_say_beside_the_field_what_is_missing(
        self, signed_in: Callable[[Acting], Client], world: World, base: Base, today: date
    ):
        who, client = over(base), signed_in(world.partner_officer)
        entered = {"placement": who.pk, f"p{who.pk}-grade": "good", f"p{who.pk}-reward": "money", "do": "issue"}
        answer = client.post(reverse("certificate-write", args=[base.pk]), entered)
        assert answer.status_code == 422
        assert "乌云娜 鉴定意见：请填写这一项。" in text(answer)
        assert "乌云娜 奖金（元）：请填写奖金的金额。" in text(answer)
        assert not PracticeCertificate.objects.exists()
        kept = client.post(
            reverse("certificate-write", args=[base.pk]),
            {"placement": who.pk, f"p{who.pk}-grade": "good", "do": "save"},
        )
        assert kept["Location"] == reverse("base-certificates", args=[base.pk])
        assert PracticeCertificate.objects.get().grade == "good"

    def test_propose_the_grade_with_its_figures(
        self, signed_in: Callable[[Acting], Client], world: World, base: Base, today: date
    ):
        who = monthly.place(base, starts_on=date(2026, 10, 1), ends_on=date(2026, 10, 31))
        monthly.filled(base, monthly.OCTOBER, world.partner_officer, today, who, grade="优秀")
        placements.end(base=base, placements=[who.pk], acting=world.partner_officer, on=today)
        page = signed_in(world.partner_officer).get(reverse("certificate-write", args=[base.pk]))
        assert '<option value="excellent" selected>优秀</option>' in page.text
        assert "实践 1 个月，考核 1 个月：优秀 1、合格 0、不合格 0，共 22 天；建议“优秀”" in text(page)

    def test_show_the_unit_what_is_issued_and_nothing_unissued(
        self, signed_in: Callable[[Acting], Client], world: World, base: Base, today: date
    ):
        (draft,) = write(world, base, today, over(base, "甲同学"))
        row = printed(issued(world, base, today, over(base, "乙同学"))[0])
        client = signed_in(world.unit_officer)
        page = text(client.get(reverse("base-certificates", args=[base.pk])))
        assert row.number in page
        assert "甲同学" in page
        assert "已填写，待签发" not in page
        assert client.get(reverse("certificate", args=[draft.pk])).status_code == 404
        assert row.pdf is not None
        assert client.get(reverse("file", args=[row.pdf.key])).status_code == 200
        assert (
            f'href="{reverse("file", args=[row.pdf.key])}?download"'
            in client.get(reverse("base-certificates", args=[base.pk])).text
        )

    def test_filter_the_list(self, signed_in: Callable[[Acting], Client], world: World, base: Base, today: date):
        good, best = (
            issued(world, base, today, over(base, "甲同学"))[0],
            issued(world, base, today, over(base, "乙同学"), said=PRIZE)[0],
        )
        certificates.withdraw(certificate=good, by=world.partner_officer, on=today, reason="写错了。")
        client, address = signed_in(world.unit_officer), reverse("base-certificates", args=[base.pk])
        for query, shown in (
            ("", [best, good]), ("?grade=excellent", [best]), ("?state=withdrawn", [good]), ("?q=乙同学", [best]), ("?year=2025", []),
            (f"?q={good.number}", [good]), ("?state=nonsense&grade=x&year=abcd", [best, good]),
        ):  # fmt: skip
            page = client.get(address + query)
            assert [each.pk for each, _paper in page.context["rows"]] == [each.pk for each in shown], query

    def test_take_the_same_number_of_queries_for_many(
        self, signed_in: Callable[[Acting], Client], world: World, base: Base, today: date, settings: Any
    ):
        settings.INBOX_COUNT_SECONDS = 60
        client = signed_in(world.partner_officer)
        addresses = [
            reverse(name, args=[base.pk]) for name in ("base-certificates", "certificate-write", "base-placements")
        ]

        def counted() -> list[int]:
            found = []
            for address in addresses:
                client.get(address)
                with CaptureQueriesContext(connection) as queries:
                    client.get(address)
                found.append(len(queries))
            return found

        issued(world, base, today, over(base), over(base))
        over(base)
        few = counted()
        issued(world, base, today, *(over(base) for _n in range(5)))
        write(world, base, today, *(over(base) for _n in range(5)))
        assert counted() == few

    def test_flag_ended_practices_without_a_certificate(
        self, signed_in: Callable[[Acting], Client], world: World, base: Base, today: date
    ):
        who = over(base)
        client, address = signed_in(world.unit_officer), reverse("base-placements", args=[base.pk])
        assert text(client.get(address)).count("未出具鉴定") == 1
        issued(world, base, today, who)
        assert text(client.get(address)).count("未出具鉴定") == 0


class TestTheInbox:
    def test_tells_the_partner_at_once_and_the_unit_when_it_is_late(self, world: World, base: Base, today: date):
        who = over(base)
        late = who.ends_on + timedelta(days=31)
        (item,) = certificate_inbox.source(world.partner_officer, today)
        assert (item.why, item.due, item.url) == (
            "1 名研究生的专业实践已经结束，请出具鉴定。", who.ends_on + timedelta(days=30), reverse("certificate-write", args=[base.pk]),
        )  # fmt: skip
        assert list(certificate_inbox.source(world.unit_officer, late - timedelta(days=1))) == []
        (heard,) = certificate_inbox.source(world.unit_officer, late)
        assert (heard.why, heard.url) == (
            "合作单位还没有给 1 名研究生出具专业实践鉴定，已经逾期，请督促。", reverse("base-certificates", args=[base.pk]),
        )  # fmt: skip
        issued(world, base, today, who)
        assert [
            *certificate_inbox.source(world.partner_officer, late),
            *certificate_inbox.source(world.unit_officer, late),
        ] == []

    def test_takes_two_queries(self, world: World, base: Base, today: date, django_assert_num_queries: Any):
        over(base)
        over(base)
        with django_assert_num_queries(2):
            list(certificate_inbox.source(world.partner_officer, today))


def test_a_page_takes_no_more_than_it_says(
    signed_in: Callable[[Acting], Client], world: World, base: Base, today: date
) -> None:
    for _n in range(22):
        over(base)
    page = signed_in(world.partner_officer).get(reverse("certificate-write", args=[base.pk]))
    assert len(page.context["lines"]) == 20
