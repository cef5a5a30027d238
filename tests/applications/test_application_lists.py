"""第八条（二）: the unit's table and the department's list, however many applications a round has."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agreements.money import Side
from applications.models import Application, ApplicationVersion, PriorContribution, TrainedStudent, UnitReview
from applications.services import declaring, listing, notice_lists, recommending
from bases.models import Base, DegreeCategory, PartnerUnit
from bases.services.lifecycle import advance
from evaluations.demo.play import OPINIONS
from tests.applications.conftest import SignedIn, fresh
from tests.applications.pages import Page
from tests.bases.walking import holding
from tests.factories import PartnerUnitFactory, World

TODAY = date(2026, 11, 24)
CHECKS = [
    {"key": "category", "label": "类别", "article": "7(1)", "found": "是", "required": "是", "verdict": "pass", "mend": ""},
    {"key": "conditions", "label": "条件", "article": "7(2)", "found": "有", "required": "有", "verdict": "judge", "mend": ""},
]  # fmt: skip


def declare_many(world: World, count: int) -> None:
    """So many applications of the unit, declared and reviewed; the papers hold only what a list shows of them."""
    round_ = world.round(TODAY)
    who = world.unit_officer.user
    already = Base.objects.count()
    bases = Base.objects.bulk_create(
        Base(
            name=f"基地{already + number:03}", training_unit=world.unit, partner=world.partner, category=world.category,
            applicant=world.applicant.user,
        )
        for number in range(count)
    )  # fmt: skip
    applications = Application.objects.bulk_create(
        Application(
            base=base, round=round_, name=base.name, category=world.category, partner=world.partner,
            priority_industry="none", declare_by=round_.closes_on, declared_on=TODAY,
        )
        for base in bases
    )  # fmt: skip
    ApplicationVersion.objects.bulk_create(
        ApplicationVersion(
            application=each, number=1, declared_on=TODAY, declared_by=who, content={}, content_sha256="0" * 64,
            eligibility=CHECKS,
        )
        for each in applications
    )  # fmt: skip
    UnitReview.objects.bulk_create(
        UnitReview(application=each, reviewed_by=who, reviewed_on=TODAY, **OPINIONS) for each in applications
    )
    PriorContribution.objects.bulk_create(
        PriorContribution(application=each, side=side, amount=Decimal(10_000))
        for each in applications
        for side in (Side.UNIT, Side.PARTNER)
    )
    for base in bases:
        advance(base, "declare", by=world.applicant, evidence=holding("declare", base, TODAY, None))


def queries(client: Client, url: str) -> int:
    """How often a page asks the database."""
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


@pytest.mark.article("8(2)")
def test_with_500_applications_both_lists_ask_the_database_as_often_as_with_5(
    world: World, signed_in: SignedIn, settings: Any
):
    settings.INBOX_COUNT_SECONDS = 60  # the number beside 待办 is not the lists' own
    declare_many(world, 5)
    unit, department = signed_in(world.unit_officer), signed_in(world.officer)
    table, all_of_them = "/recommendations/", f"/rounds/{world.round(TODAY).pk}/applications/"
    few = {url: queries(client, url) for client, url in ((unit, table), (department, all_of_them))}
    declare_many(world, 495)
    many = {url: queries(client, url) for client, url in ((unit, table), (department, all_of_them))}
    assert Application.objects.count() == 500
    assert many == few
    assert max(many.values()) <= 31
    page = Page.of(department.get(f"{all_of_them}?page=10&sort=-name"))
    assert len(page.rows()) == 50
    assert page.rows()[-1][1] == "基地000"
    assert "合计 500 份，1 个单位" in page.text
    assert "5,000,000.00 元" in page.text


class TestTheUnitsTable:
    @pytest.fixture
    def other_category(self) -> DegreeCategory:
        return DegreeCategory.objects.exclude(code="0855").earliest("code")

    def table(self, client: Client, query: str = "") -> list[list[str]]:
        return Page.of(client.get(f"/recommendations/{query}")).rows()

    @pytest.mark.article("7(1)")
    def test_begins_with_priority_industries_and_then_the_name(self, world: World, signed_in: SignedIn):
        world.names = ["丙基地", "乙基地", "甲基地"]
        world.declared(TODAY, priority_industry="none")
        world.declared(TODAY)
        world.draft(TODAY, priority_industry="none")
        rows = self.table(signed_in(world.unit_officer))
        assert [row[2].split()[0] for row in rows] == ["乙基地", "丙基地", "甲基地"]
        assert ["现代能源" in row[2] for row in rows] == [True, False, False]

    @pytest.mark.article("8(2)")
    def test_says_of_each_its_checks_its_review_its_state_and_what_comes_next(self, world: World, signed_in: SignedIn):
        world.names = ["甲", "乙", "丙", "丁"]
        world.declared(TODAY)
        world.reviewed(TODAY)
        refused = world.declared(TODAY)
        recommending.review(base=refused, acting=world.unit_officer, on=TODAY, agreed=False, **OPINIONS)
        world.draft(TODAY)
        rows = {row[2].split()[0]: row[5:] for row in self.table(signed_in(world.unit_officer))}
        checks = world.application(refused).versions.get().eligibility
        passed, judged = (sum(each["verdict"] == verdict for each in checks) for verdict in ("pass", "judge"))
        found = f"通过 {passed} 需判断 {judged}"
        assert rows == {
            "甲": [found, "未审核", "已申报（待单位审核）", "填写审核意见"],
            "乙": [found, "同意", "已申报（待单位审核）", "可以列入公示 修改审核意见"],
            "丙": [found, "不同意", "已申报（待单位审核）", "退回修改 不予推荐"],
            "丁": ["未申报", "未审核", "申报填报", "待申报人提交"],
        }

    def test_offers_for_the_notice_only_what_was_reviewed_and_agreed_to(self, world: World, signed_in: SignedIn):
        world.declared(TODAY)
        base = world.reviewed(TODAY)
        page = Page.of(signed_in(world.unit_officer).get("/recommendations/"))
        offered = [e.get("value") for e in page.main.iter("input") if e.get("name") == "bases"]
        assert offered == [str(base.pk)]

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("?q=甲", {"甲"}),
            ("?review=agreed", {"乙"}),
            ("?review=none&state=declared", {"甲"}),
            ("?industry=any", {"甲", "乙"}),
            ("?industry=modern_energy", {"甲", "乙"}),
            ("?state=drafting", {"丙"}),
            ("?category=0855", {"甲", "乙"}),
            ("?state=nonsense", set()),
        ],
    )
    def test_is_filtered_by_its_address(
        self, world: World, signed_in: SignedIn, query: str, names: set[str], other_category: DegreeCategory
    ):
        world.names = ["甲", "乙", "丙"]
        world.declared(TODAY)
        world.reviewed(TODAY)
        world.draft(TODAY, category=other_category, priority_industry="none")
        assert {row[2].split()[0] for row in self.table(signed_in(world.unit_officer), query)} == names

    def test_is_the_units_own(self, world: World, signed_in: SignedIn):
        world.declared(TODAY)
        assert self.table(signed_in(world.other_unit_officer)) == []
        words = Page.of(signed_in(world.other_unit_officer).get("/recommendations/")).text
        assert "这个批次还没有申请书" in words

    def test_of_an_earlier_year_is_found_by_its_address(self, world: World, signed_in: SignedIn):
        world.names = ["去年", "今年"]
        world.declared(date(2025, 6, 1))
        world.declared(TODAY)
        client = signed_in(world.unit_officer)
        found = [[row[2].split()[0] for row in self.table(client, query)] for query in ("", "?year=2025", "?year=1999")]
        assert found == [["今年"], ["去年"], ["今年"]]


class TestTheOrderOnThePage:
    @pytest.fixture
    def three(self, world: World) -> list[Application]:
        world.names = ["甲", "乙", "丙"]
        return [world.application(world.declared(TODAY)) for _ in range(3)]

    def order(self, client: Client) -> list[str]:
        return [row[2].split()[0] for row in Page.of(client.get("/recommendations/")).rows()]

    @pytest.mark.article("8(2)")
    def test_is_saved_at_once_from_the_numbers(self, world: World, signed_in: SignedIn, three: list[Application]):
        client = signed_in(world.unit_officer)
        numbers = {f"rank_{a.pk}": n for a, n in zip(three, ("3", "1", "2"), strict=True)}
        answer = client.post("/recommendations/?sort=", numbers, follow=True)
        assert "推荐排序已保存。" in Page.of(answer).text
        assert self.order(client) == ["乙", "丙", "甲"]

    def test_moves_by_one_place_and_what_was_typed_meanwhile_counts(
        self, world: World, signed_in: SignedIn, three: list[Application]
    ):
        client = signed_in(world.unit_officer)
        before = self.order(client)
        last = next(a for a in three if a.name == before[-1])
        client.post("/recommendations/", {"up": last.pk, **{f"rank_{a.pk}": "" for a in three}})
        assert self.order(client) == [before[0], before[2], before[1]]
        client.post("/recommendations/", {"down": last.pk})
        assert self.order(client) == before

    def test_a_wrong_number_is_named_and_nothing_that_was_typed_is_lost(
        self, world: World, signed_in: SignedIn, three: list[Application]
    ):
        first, second, third = three
        sent = {f"rank_{first.pk}": "0", f"rank_{second.pk}": "1", f"rank_{third.pk}": "2"}
        answer = signed_in(world.unit_officer).post("/recommendations/", sent)
        page = Page.of(answer)
        assert answer.status_code == 422
        assert "甲：排序请填 1 至 999 的整数，或者留空。" in page.text
        assert {name: page.value(name) for name in sent} == sent
        assert set(Application.objects.values_list("rank", flat=True)) == {None}

    def test_of_another_unit_is_left_alone(self, world: World, signed_in: SignedIn, three: list[Application]):
        signed_in(world.other_unit_officer).post("/recommendations/", {f"rank_{three[0].pk}": "1"})
        assert set(Application.objects.values_list("rank", flat=True)) == {None}


class TestTheDepartmentsList:
    def rows(self, world: World, signed_in: SignedIn, query: str = "") -> list[list[str]]:
        url = f"/rounds/{world.round(TODAY).pk}/applications/{query}"
        return Page.of(signed_in(world.officer).get(url)).rows()

    @pytest.mark.article("8(1)")
    def test_holds_only_what_was_ever_declared(self, world: World, signed_in: SignedIn):
        world.names = ["草稿", "已申报"]
        world.draft(TODAY)
        world.declared(TODAY)
        (row,) = self.rows(world, signed_in)
        assert row == [
            world.unit.name, "已申报 现代能源", "机械（0855）", world.partner.name, "已申报（待单位审核）",
            "200,000.00 元", "300,000.00 元", "8",
        ]  # fmt: skip

    @pytest.mark.article("8(2)")
    def test_shows_of_one_that_was_sent_back_what_was_declared_and_no_draft(self, world: World, signed_in: SignedIn):
        world.names = ["原名"]
        base = world.declared(TODAY)
        declaring.return_for_revision(base=base, acting=world.unit_officer, on=TODAY, reason="请补充。")
        other: PartnerUnit = PartnerUnitFactory()
        Application.objects.update(name="草稿中的新名", partner=other, priority_industry="none")
        PriorContribution.objects.update(amount=Decimal(1))
        TrainedStudent.objects.all().delete()
        (row,) = self.rows(world, signed_in)
        assert row == [
            world.unit.name, "原名 现代能源", "机械（0855）", world.partner.name, "退回修改中", "—", "—", "—",
        ]  # fmt: skip
        assert self.rows(world, signed_in, "?q=新名") == []

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("?sort=name", ["乙", "甲"]),
            ("?sort=-name", ["甲", "乙"]),
            ("?sort=-unit_invested", ["乙", "甲"]),
            ("?sort=nonsense", ["乙", "甲"]),
            ("?q=甲", ["甲"]),
            ("?industry=any", ["甲"]),
            ("?unit=00000", []),
            ("?state=declared&category=0855", ["乙", "甲"]),
        ],
    )
    def test_is_sorted_and_filtered_by_its_address(
        self, world: World, signed_in: SignedIn, query: str, names: list[str]
    ):
        world.names = ["甲", "乙"]
        world.declared(TODAY)
        world.declared(TODAY, priority_industry="none", unit_investment=Decimal(900_000))
        assert [row[1].split()[0] for row in self.rows(world, signed_in, query)] == names

    @pytest.mark.article("7(3)")
    def test_takes_the_number_of_students_from_the_declaration_where_there_was_no_roster_yet(
        self, world: World, signed_in: SignedIn
    ):
        world.names = ["短表", "空名单", "他类名单", "名单"]
        short, nothing, others, _full = (world.application(world.declared(TODAY)) for _ in range(4))
        said = [{"key": "reason", "value": "12"}, {"key": "students_trained", "value": "12"}]
        for application, facts in (
            (short, said),
            (nothing, [{"key": "students_trained", "value": ""}]),
            (others, said),
        ):
            content = application.versions.get().content | {"sections": [{"facts": []}, {"facts": facts}]}
            application.versions.update(content=content)
        TrainedStudent.objects.filter(application__in=[short, nothing]).delete()
        other_category = DegreeCategory.objects.exclude(code="0855").earliest("code")
        TrainedStudent.objects.filter(application=others).update(category=other_category)
        shown = {row[1].split()[0]: row[7] for row in self.rows(world, signed_in)}
        assert shown == {"短表": "12", "空名单": "0", "他类名单": "0", "名单": "8"}
        lines = listing.with_figures(Application.objects.select_related("basics", "partner", "base__training_unit"))
        with CaptureQueriesContext(connection) as captured:
            found = list(lines.order_by("pk"))
        assert len(captured) == 1
        assert [listing.summary_line(each)["trained"] for each in found] == [12, 0, 0, 8]
        assert listing.totals(listing.as_declared(lines))["trained_sum"] == 20

    def test_adds_up_what_the_filter_leaves(self, world: World, signed_in: SignedIn):
        world.names = ["甲", "乙"]
        world.declared(TODAY)
        world.declared(TODAY, priority_industry="none", unit_investment=Decimal(900_000))
        client, url = signed_in(world.officer), f"/rounds/{world.round(TODAY).pk}/applications/"

        def foot(query: str) -> list[str]:
            page = Page.of(client.get(url + query))
            return ["".join(cell.itertext()).strip() for foot in page.main.iter("tfoot") for cell in foot.iter("td")]

        whole, part = foot(""), foot("?industry=any")
        assert whole[:2] == ["合计 2 份，1 个单位", "属于优先产业 1 份"]
        assert [cell.split()[-2:] for cell in whole[2:4]] == [["1,100,000.00", "元"], ["600,000.00", "元"]]
        assert part[:2] == ["合计 1 份，1 个单位", "属于优先产业 1 份"]
        assert whole[4].split()[-1] == "16"

    def test_leads_to_the_units_reports(self, world: World, signed_in: SignedIn):
        base = world.recommended(TODAY)
        report: Any = fresh(base).applications.get().recommendation_entries.get().recommendation
        round_ = report.round
        page = Page.of(signed_in(world.officer).get(f"/rounds/{round_.pk}/applications/"))
        assert f"/recommendations/{report.pk}/" in page.links()
        assert "1 个基地，2026-11-24 报送" in page.text


def test_the_notices_list_is_in_the_units_order(world: World):
    """What the unit did not put in order follows, 优先产业 first."""
    world.names = ["甲", "乙", "丙", "丁"]
    bases = [world.reviewed(TODAY) for _ in range(3)]
    plain = world.declare(world.draft(TODAY, priority_industry="none"), TODAY)
    bases.append(world.review(plain, TODAY))
    last = world.application(bases[2])
    recommending.set_order(round=last.round, order=[last.pk], by=world.unit_officer)
    notice = world.publish(bases, TODAY)
    assert [entry.base_name for entry in notice.entries.all()][0::3] == ["丙", "丁"]
    assert [a.name for a in notice_lists.ready_for_unit_notice(last.round, world.unit.pk)] == []
