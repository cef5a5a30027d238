"""Filling in the 申请书 on its pages: one section a page, kept while typing, by one or more people (第八条（一）)."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from applications import paper
from applications.models import Application, SectionState, SectionVisit
from applications.services import declaring, drafting
from applications.services.drafting import RowEntry
from bases.models import DegreeCategory, PartnerUnit
from portal.acting import Acting
from portal.roles import Role
from tests.applications.conftest import SignedIn, fresh
from tests.applications.pages import Page
from tests.conftest import TODAY
from tests.factories import World, person

pytestmark = pytest.mark.usefixtures("bare_frame")

ID_CARD = "11010519491231002X"
OWN_FORMS = ("cover", "basics", "partner", "cooperation", "mentors", "plan", "budget")


@pytest.fixture
def draft(world: World, on_day: Any) -> Application:
    """A complete draft."""
    return world.application(world.draft(TODAY))


@pytest.fixture
def empty(world: World, on_day: Any) -> Application:
    """A draft that was just begun: its name and nothing else."""
    world.round(TODAY)
    return drafting.start_application(name="新基地", by=world.applicant, on=TODAY)


@pytest.fixture
def applicant(world: World, signed_in: SignedIn) -> Client:
    """The browser of the applicant."""
    return signed_in(world.applicant)


def address(application: Application, section: str, part: str = "") -> str:
    """A section's page, or what belongs to it."""
    return f"/applications/{application.pk}/edit/{section}/{part}"


def again(application: Application) -> Application:
    """The application as it stands now."""
    return Application.objects.get(pk=application.pk)


def table(name: str, *rows: dict[str, str], keys: list[str] | None = None) -> dict[str, Any]:
    """What the page sends for a table."""
    keys = keys or [str(uuid4()) for _row in rows]
    sent: dict[str, Any] = {"tables": [name], f"{name}-order": keys}
    for key, row in zip(keys, rows, strict=True):
        sent |= {f"{name}-{key}-{cell}": text for cell, text in row.items()}
    return sent


def autosave(client: Client, application: Application, section: str, sent: dict[str, Any]) -> Page:
    """What an autosave of these fields answers."""
    return Page.of(client.post(address(application, section, "autosave/"), sent))


def test_a_draft_is_gone_on_with_where_it_is_not_complete(applicant: Client, empty: Application):
    assert applicant.get(f"/applications/{empty.pk}/edit/")["Location"] == address(empty, "cover")
    drafting.save_section(
        application=empty, section="cover", by=applicant_of(empty), on=TODAY, values={
            "category": DegreeCategory.objects.get(code="0855"), "partner": PartnerUnit.objects.first(),
            "priority_industry": "none",
        },
    )  # fmt: skip
    assert applicant.get(f"/applications/{empty.pk}/edit/")["Location"] == address(empty, "basics")


def applicant_of(application: Application) -> Acting:
    """The applicant of a base, acting."""
    base = application.base
    return Acting(Role.APPLICANT, user=base.applicant, unit_id=base.training_unit_id)


@pytest.mark.parametrize("key", OWN_FORMS)
def test_a_page_asks_what_its_section_of_the_paper_asks(applicant: Client, draft: Application, key: str):
    section = paper.BY_KEY[key]
    answer = applicant.get(address(draft, key))
    page = Page.of(answer)
    assert (page.status, page.heading) == (200, "填写申请书")
    names = page.names() - {"csrfmiddlewaretoken", "_once", "seen", "tables"}
    of_tables = {name for name in names if name.partition("-")[0] in {each.name for each in section.tables}}
    assert names - of_tables == {each.name for each in section.fields}
    for each in section.tables:
        cells = {name.rpartition("-")[2] for name in of_tables if name.startswith(f"{each.name}-")} - {"order"}
        given = {each.cells[0].name} if each.fixed else set()
        assert cells == {cell.name for cell in each.cells} - given


def test_a_section_that_the_paper_has_not_is_no_page(applicant: Client, draft: Application):
    for part in ("", "autosave/", "presence/"):
        assert applicant.post(address(draft, "nothing", part), {"window": str(uuid4())}).status_code == 404


class TestWhatIsKept:
    def test_what_is_right_is_kept_and_what_is_wrong_keeps_what_it_had(self, applicant: Client, draft: Application):
        before = draft.partner_profile.site_area
        page = autosave(applicant, draft, "partner", {"revenue_1": "1,234.5678", "site_area": "很大", "staff": "１２"})
        assert (page.status, page.complaints()) == (422, {"site_area": "请填写数字。"})
        profile = again(draft).partner_profile
        assert (profile.revenue_1, profile.staff, profile.site_area) == (Decimal("12345678.00"), 12, before)

    def test_money_is_shown_in_wan_without_trailing_zeros(self, applicant: Client, draft: Application):
        autosave(applicant, draft, "partner", {"revenue_1": "100", "revenue_2": "0.000001", "revenue_3": "12.50"})
        page = Page.of(applicant.get(address(draft, "partner")))
        assert [page.value(f"revenue_{n}") for n in (1, 2, 3)] == ["100", "0.000001", "12.5"]
        assert again(draft).partner_profile.revenue_2 == Decimal("0.01")

    @pytest.mark.parametrize(
        ("section", "field", "text", "message"),
        [
            ("partner", "revenue_1", "0.0000001", "最多六位小数（精确到分）。"),
            ("partner", "revenue_1", "-1", "不能是负数。"),
            ("partner", "revenue_1", "1000000000", "数字太大，请核对单位。"),
            ("partner", "staff", "3.5", "请填写整数。"),
            ("partner", "staff", "10000001", "不能超过 10,000,000，请核对。"),
            ("partner", "founded_on", "1800-01-01", "日期早于 1900 年，请核对年份。"),
            ("partner", "founded_on", "2026-02-30", "请按 2024-09-01 的样子填写日期。"),
            ("partner", "sector", "00", "请从列表中选择。"),
            ("basics", "contact_phone", "12345678901", "手机号是 11 位数字，请核对。"),
            ("basics", "contact_email", "没有", "邮箱格式不对，请核对。"),
            ("basics", "authorised_year", "1949", "年份应在 1990 到 2026 之间。"),
            ("cooperation", "cooperation_started_on", "1979-12-31", "日期早于 1980 年，请核对年份。"),
            ("cover", "name", "", "基地要有名称。"),
            ("cover", "category", "999999", "请从列表中选择。"),
        ],
    )
    def test_a_wrong_answer_is_named_in_words(
        self, applicant: Client, draft: Application, section: str, field: str, text: str, message: str
    ):
        page = autosave(applicant, draft, section, {field: text})
        assert (page.status, page.complaints()) == (422, {field: message})

    def test_id_card_numbers_are_taken_in_no_text_and_no_cell(self, applicant: Client, draft: Application):
        rows = table("campus_mentors", {"name": ID_CARD, "department": "机械学院"})
        message = "内容中含有居民身份证号，平台不收集身份证号，请删去后再保存。"
        key = rows["campus_mentors-order"][0]
        assert autosave(applicant, draft, "mentors", rows).complaints() == {f"campus_mentors-{key}-name": message}
        assert again(draft).campus_mentors.get().name == ""
        for section in (paper.BY_KEY[key] for key in OWN_FORMS):
            texts = [each.name for each in section.fields if each.lines or each.name.endswith(("_name", "address"))]
            page = autosave(applicant, draft, section.key, dict.fromkeys(texts, ID_CARD) if texts else {})
            assert page.complaints() == dict.fromkeys(texts, message)

    @pytest.mark.article("7(1)")
    def test_only_categories_that_the_unit_may_award_are_offered(self, applicant: Client, draft: Application):
        other = DegreeCategory.objects.exclude(pk=draft.category_id).first()
        page = autosave(applicant, draft, "cover", {"category": str(other.pk)})
        assert page.complaints() == {"category": "请从列表中选择。"}
        assert again(draft).category_id == draft.category_id

    def test_three_questions_are_answered_with_yes_or_no(self, applicant: Client, empty: Application):
        autosave(applicant, empty, "partner", {"had_accident": "yes", "had_penalty": "no"})
        profile = again(empty).partner_profile
        assert (profile.had_accident, profile.had_dishonesty, profile.had_penalty) == (True, None, False)

    def test_what_only_enterprises_must_answer_is_marked_for_them_alone(
        self, world: World, applicant: Client, draft: Application
    ):
        def marked() -> set[str]:
            found = re.search(
                r'id="draft-needed" hidden data-names="([^"]*)"', applicant.get(address(draft, "partner")).text
            )
            return set(found[1].split()) if found else set()

        money = {f"{stem}_{n}" for stem in ("revenue", "research") for n in (1, 2, 3)} | {"size"}
        assert marked() >= money
        PartnerUnit.objects.filter(pk=draft.partner_id).update(kind="government")
        assert marked() & money == set()


class TestTables:
    def test_rows_come_in_the_order_in_which_they_were_sent(self, applicant: Client, empty: Application):
        sent = table("platforms", {"name": "甲", "year": "2019"}, {"name": "乙"}, {"name": "丙"})
        assert autosave(applicant, empty, "partner", sent).status == 200
        assert [row.name for row in again(empty).platforms.all()] == ["甲", "乙", "丙"]
        sent["platforms-order"] = [sent["platforms-order"][2], sent["platforms-order"][0]]
        autosave(applicant, empty, "partner", sent)
        assert [(row.name, row.year) for row in again(empty).platforms.all()] == [("丙", None), ("甲", 2019)]

    def test_a_wrong_cell_keeps_what_it_had_and_the_rest_of_its_row_is_kept(
        self, applicant: Client, empty: Application
    ):
        sent = table("platforms", {"name": "甲", "year": "2019", "level": "national"})
        autosave(applicant, empty, "partner", sent)
        (key,) = sent["platforms-order"]
        page = autosave(
            applicant, empty, "partner", table("platforms", {"name": "甲二", "year": "3019", "level": "x"}, keys=[key])
        )
        prefix = f"platforms-{key}"
        assert page.complaints() == {
            f"{prefix}-year": "年份应在 1950 到 2026 之间。", f"{prefix}-level": "请从列表中选择。"
        }  # fmt: skip
        (row,) = again(empty).platforms.all()
        assert (row.name, row.year, row.level) == ("甲二", 2019, "national")

    def test_an_emptied_row_and_blank_rows_are_not_kept(self, applicant: Client, empty: Application):
        sent = table("platforms", {"name": "甲"}, {"name": "", "year": ""})
        autosave(applicant, empty, "partner", sent)
        assert [row.name for row in again(empty).platforms.all()] == ["甲"]
        autosave(applicant, empty, "partner", table("platforms", {"name": ""}, keys=sent["platforms-order"][:1]))
        assert again(empty).platforms.count() == 0

    def test_a_table_that_was_not_on_the_page_stays(self, applicant: Client, draft: Application):
        before = again(draft).projects.count()
        autosave(applicant, draft, "partner", {"address": "新址"})
        assert (again(draft).projects.count(), before > 0) == (before, True)

    def test_a_table_takes_so_many_rows_and_no_more(self, applicant: Client, empty: Application):
        sent = table("platforms", *({"name": f"平台{n}"} for n in range(23))) | {"address": "大街 1 号"}
        page = autosave(applicant, empty, "partner", sent)
        assert page.complaints() == {"table_platforms": "最多 20 行，交来 23 行，表格没有保存。"}
        kept = again(empty)
        assert (kept.platforms.count(), kept.partner_profile.address) == (0, "大街 1 号")

    @pytest.mark.article("12")
    def test_the_three_years_are_given(self, applicant: Client, empty: Application):
        keys = [str(row.key) for row in empty.year_targets.all()]
        rows = [{"plan": f"第 {n} 年的任务", "students": "5", "year": "9"} for n in (1, 2, 3)]
        sent = table("year_targets", *rows, {"plan": "第四年"}, keys=[*keys, str(uuid4())])
        assert autosave(applicant, empty, "budget", sent).status == 200
        assert [(row.year, row.plan) for row in again(empty).year_targets.all()] == [
            (1, "第 1 年的任务"), (2, "第 2 年的任务"), (3, "第 3 年的任务")
        ]  # fmt: skip
        autosave(applicant, empty, "budget", {"tables": "year_targets"})
        assert again(empty).year_targets.count() == 3

    def test_the_foot_says_the_sums(self, applicant: Client, empty: Application):
        sent = table("equipment", {"name": "机床", "value": "12.5"}, {"name": "车床", "value": "1,000"})
        autosave(applicant, empty, "partner", sent)
        assert "合计1,012.5" in Page.of(applicant.get(address(empty, "partner"))).text

    def test_without_scripts_two_blank_rows_wait(self, applicant: Client, empty: Application):
        answer = applicant.get(address(empty, "partner"))
        form = answer.context["form"]
        assert [(len(each.rows), len(each.blanks)) for each in form.tables] == [(0, 2)] * 4
        row = form.tables[0].blanks[0]
        sent = {"tables": "platforms", "platforms-order": row.key, f"platforms-{row.key}-name": "甲"}
        assert applicant.post(address(empty, "partner"), sent).status_code == 302
        assert [row.name for row in again(empty).platforms.all()] == ["甲"]


class TestThePage:
    def test_without_scripts_a_button_saves_and_leads_on(self, applicant: Client, empty: Application):
        for button, target in (
            ({}, address(empty, "plan")), ({"next": "1"}, address(empty, "budget")),
            ({"declare": "1"}, f"/bases/{empty.base_id}/acts/declare/"),
        ):  # fmt: skip
            answer = applicant.post(address(empty, "plan"), {"reason": f"理由{target}"} | button)
            assert (answer.status_code, answer.get("Location")) == (302, target)
            assert again(empty).plan.reason == f"理由{target}"

    def test_a_page_that_came_back_holds_what_was_typed_and_says_what_is_wrong(
        self, applicant: Client, empty: Application
    ):
        page = Page.of(applicant.post(address(empty, "basics"), {"contact_phone": "138", "contact_name": "张三"}))
        assert (page.status, page.value("contact_phone"), page.value("contact_name")) == (422, "138", "张三")
        assert page.complaints() == {"contact_phone": "手机号是 11 位数字，请核对。"}
        basics = again(empty).basics
        assert (basics.contact_phone, basics.contact_name) == ("", "张三")

    def test_the_side_bar_says_where_every_section_stands(self, applicant: Client, draft: Application):
        autosave(applicant, draft, "partner", {"staff": "5", "technical_staff": "9", "address": ""})
        page = Page.of(applicant.get(address(draft, "plan")))
        assert "二 合作单位 有错误" in page.text
        autosave(applicant, draft, "plan", {"reason": "", "goals": ""})
        words = autosave(applicant, draft, "plan", {"features": "特色"}).words
        assert "五 建设方案 还缺 2 项" in words
        assert "还缺：申报理由、建设目标与思路" in words

    @pytest.mark.article("7")
    def test_the_conditions_are_checked_with_every_save(self, applicant: Client, draft: Application):
        started = (TODAY - timedelta(days=200)).isoformat()
        words = autosave(applicant, draft, "cooperation", {"cooperation_started_on": started}).words
        assert "产学研合作年限 不符合 现为：0 年；要求：" in words
        assert "需人工判断" in words

    def test_the_reason_of_a_return_stands_on_every_section(self, world: World, applicant: Client):
        base = declaring.return_for_revision(
            base=world.declared(TODAY), acting=world.unit_officer, on=TODAY, reason="请补充协议编号。"
        )
        application = world.application(base)
        for key in OWN_FORMS:
            assert "请补充协议编号。" in Page.of(applicant.get(address(application, key))).text

    def test_what_was_declared_is_not_changed_any_more(self, world: World, applicant: Client):
        application = world.application(world.declared(TODAY))
        for url in (address(application, "plan"), f"/applications/{application.pk}/edit/"):
            answer = applicant.get(url, follow=True)
            assert answer.redirect_chain == [(f"/bases/{application.base_id}/", 302)]
            assert "申请书已提交，不能再改。" in Page.of(answer).text
        reason = again(application).plan.reason
        page = autosave(applicant, application, "plan", {"reason": "偷改"})
        assert (page.status, "申请书已提交，不能再改。" in page.words) == (409, True)
        assert again(application).plan.reason == reason

    @pytest.mark.article("5")
    def test_after_the_deadline_a_draft_is_read_only(
        self, applicant: Client, draft: Application, on_day: Callable[[date], None]
    ):
        closes = draft.window.closes_on
        on_day(closes)
        assert autosave(applicant, draft, "plan", {"reason": "最后一天"}).status == 200
        on_day(closes + timedelta(days=1))
        page = autosave(applicant, draft, "plan", {"reason": "晚了"})
        assert (page.status, f"申报期限 {closes.isoformat()} 已过" in page.words) == (409, True)
        answer = applicant.post(address(draft, "plan"), {"reason": "晚了"}, follow=True)
        assert answer.redirect_chain == [(f"/bases/{draft.base_id}/", 302)]
        assert again(draft).plan.reason == "最后一天"

    def test_nobody_else_opens_a_draft(self, world: World, signed_in: SignedIn, draft: Application):
        client = signed_in(world.other_applicant)
        for section in OWN_FORMS:
            for part in ("", "autosave/", "presence/"):
                sent = {"window": str(uuid4()), "reason": "越权"}
                assert client.post(address(draft, section, part), sent).status_code == 404
        assert client.get(f"/applications/{draft.pk}/preview/").status_code == 404
        assert client.post(f"/applications/{draft.pk}/colleagues/", {"users": []}).status_code == 404
        assert again(draft).plan.reason != "越权"


class TestTwoPeople:
    @pytest.fixture
    def colleague(self, world: World, draft: Application) -> Acting:
        """Somebody of the unit who fills in the paper too."""
        other = person(Role.APPLICANT, "王老师", training_unit=world.unit)
        drafting.set_co_applicants(base=draft.base, users=[other.user], by=world.applicant)
        return other

    def test_who_has_the_section_open_is_told(
        self, applicant: Client, signed_in: SignedIn, colleague: Acting, draft: Application
    ):
        theirs = signed_in(colleague)
        mine, other = str(uuid4()), str(uuid4())
        url = address(draft, "plan", "presence/")
        assert applicant.post(url, {"window": mine}).text.strip() == ""
        assert "申报教授 也打开了这一部分" in theirs.post(url, {"window": other}).text
        assert "王老师 也打开了这一部分" in applicant.post(url, {"window": mine}).text
        autosave(theirs, draft, "plan", {"reason": "王老师写的"})
        assert re.search(r"王老师 也打开了这一部分（\d\d:\d\d 保存过）", applicant.post(url, {"window": mine}).text)
        assert theirs.post(url, {"window": other, "leave": "1"}).status_code == 204
        assert applicant.post(url, {"window": mine}).text.strip() == ""

    def test_a_save_over_somebody_elses_is_refused_and_may_be_insisted_on(
        self, applicant: Client, signed_in: SignedIn, colleague: Acting, draft: Application
    ):
        seen = Page.of(applicant.get(address(draft, "plan"))).value("seen")
        assert autosave(signed_in(colleague), draft, "plan", {"reason": "王老师写的", "seen": seen}).status == 200
        page = autosave(applicant, draft, "plan", {"reason": "我写的", "seen": seen})
        assert (page.status, "王老师 已于" in page.words) == (409, True)
        assert again(draft).plan.reason == "王老师写的"
        page = Page.of(applicant.post(address(draft, "plan"), {"reason": "我写的", "seen": seen}))
        assert (page.status, page.value("reason"), page.value("seen")) == (409, "我写的", seen)
        newest = str(SectionState.objects.get(application=draft, section="plan").version)
        sent = {"reason": "我写的", "seen": seen, "overwrite": newest}
        assert applicant.post(address(draft, "plan"), sent).status_code == 302
        assert again(draft).plan.reason == "我写的"

    def test_what_is_given_up_is_not_saved(
        self, applicant: Client, signed_in: SignedIn, colleague: Acting, draft: Application
    ):
        autosave(signed_in(colleague), draft, "plan", {"reason": "王老师写的"})
        answer = applicant.post(address(draft, "plan"), {"reason": "我写的", "seen": "0", "discard": "1"}, follow=True)
        assert Page.of(answer).value("reason") == "王老师写的"

    def test_ones_own_saves_follow_one_another(self, applicant: Client, draft: Application):
        seen = Page.of(applicant.get(address(draft, "plan"))).value("seen")
        for number in range(3):
            answer = applicant.post(address(draft, "plan", "autosave/"), {"reason": f"稿{number}", "seen": seen})
            seen = re.search(r'name="seen" id="id_seen" value="(\d+)"', answer.text)[1]  # type: ignore[index]
        assert again(draft).plan.reason == "稿2"

    def test_the_applicant_names_them_and_nobody_else(
        self, world: World, applicant: Client, signed_in: SignedIn, colleague: Acting, draft: Application
    ):
        url = f"/applications/{draft.pk}/colleagues/"
        third = person(Role.APPLICANT, "李老师", training_unit=world.unit)
        assert {user.full_name for user in applicant.get(url).context["form"].fields["users"].queryset} == {
            "王老师", "李老师"
        }  # fmt: skip
        answer = signed_in(colleague).post(url, {"users": [third.user_id]})
        assert (answer.status_code, "共同填报人由本基地的申报人指定。" in answer.text) == (422, True)
        assert applicant.post(url, {"users": [world.other_applicant.user_id]}).status_code == 422
        assert set(draft.base.co_applicants.all()) == {colleague.user}
        assert applicant.post(url, {"users": [third.user_id]}).status_code == 302
        assert set(draft.base.co_applicants.all()) == {third.user}
        assert signed_in(colleague).get(address(draft, "plan")).status_code == 404


class TestThePaper:
    def test_the_whole_paper_is_shown_as_the_committee_will_see_it(self, applicant: Client, draft: Application):
        answer = applicant.get(f"/applications/{draft.pk}/preview/")
        page = Page.of(answer)
        assert page.heading == draft.name
        shown = "".join(page.text.split())
        for section in answer.context["content"].sections:
            said = [each.value for each in (*section.facts, *section.texts)]
            said += [cell for each in section.tables for row in (*each.rows, each.foot) for cell in row]
            assert [text for text in said if "".join(text.split()) not in shown] == []
        links = {f"/files/{each.stored.key}/" for each in draft.files.filter(removed_at=None)}
        assert {link for link in page.links() if link.startswith("/files/")} == links

    def test_others_see_what_was_declared_and_no_draft(self, world: World, signed_in: SignedIn, draft: Application):
        url = f"/applications/{draft.pk}/preview/"
        for acting in (world.officer, world.leader, world.partner_officer, world.other_unit_officer):
            assert signed_in(acting).get(url).status_code == 404
        declaring.declare(base=fresh(draft.base), acting=world.applicant, on=TODAY)
        phone = again(draft).basics.contact_phone
        shown = {
            acting.role: phone in Page.of(signed_in(acting).get(url)).text
            for acting in (world.officer, world.unit_officer, world.partner_officer)
        }
        assert (len(phone), shown) == (
            11, {Role.DEPT_OFFICER: True, Role.UNIT_OFFICER: True, Role.PARTNER_OFFICER: False}
        )  # fmt: skip
        assert signed_in(world.officer).get(f"{url}?version=7").status_code == 404


class TestNonsense:
    """Whatever is sent, a page answers in Chinese, and what stood stays."""

    @pytest.mark.parametrize("section", OWN_FORMS)
    @pytest.mark.parametrize(
        "text", ["\x00", "9" * 5000, "1e999999", "NaN", "-1", "长" * 3000, "0001-01-01", "<script>"]
    )
    def test_in_every_field_and_cell(self, applicant: Client, draft: Application, section: str, text: str):
        spec = paper.BY_KEY[section]
        sent: dict[str, Any] = {each.name: text for each in spec.fields}
        tables = []
        for each in spec.tables:
            rows = getattr(draft, each.name).all()
            keys = [str(row.key) for row in rows] or [str(uuid4())]
            cells = {cell.name: text for cell in each.cells}
            sent |= table(each.name, *(cells for _key in keys), keys=keys)
            tables.append(each.name)
        applicant.raise_request_exception = False
        statuses = {
            applicant.post(url, sent | {"tables": tables, "seen": text, "overwrite": text}).status_code
            for url in (address(draft, section, "autosave/"), address(draft, section))
        }
        assert statuses <= {200, 302, 422}

    def test_in_keys_and_names(self, applicant: Client, draft: Application):
        applicant.raise_request_exception = False
        before = list(again(draft).projects.values_list("key", "name"))
        for keys in (["x"], ["\x00"], [str(before[0][0])[:-1]], ["9" * 40], [""]):
            sent = {
                "tables": ["trained_students", "results"],
                "results-order": keys,
                "declared_on": "2026-01-01",
                "nothing": "x",
            }
            assert applicant.post(address(draft, "partner", "autosave/"), sent).status_code == 200
        for window in ("", "x", "\x00", "9" * 50):
            assert applicant.post(address(draft, "plan", "presence/"), {"window": window}).status_code == 204
        assert list(again(draft).projects.values_list("key", "name")) == before
        assert (again(draft).declared_on, SectionVisit.objects.count()) == (None, 0)

    def test_in_numbers(self, applicant: Client, draft: Application):
        applicant.raise_request_exception = False
        sent = table("campus_mentors", *({"name": f"导师{n}"} for n in range(5000)))
        page = autosave(applicant, draft, "mentors", sent)
        assert page.status == 400 or page.complaints() == {
            "table_campus_mentors": "最多 200 行，交来 5000 行，表格没有保存。"
        }
        assert again(draft).campus_mentors.filter(name__startswith="导师").count() <= 200


class TestConstantQueries:
    """A long table costs a page and a save as many queries as a short one."""

    def fill(self, application: Application, by: Acting, rows: int) -> list[str]:
        keys = [uuid4() for _n in range(rows)]
        entries = [RowEntry(key, {"name": f"导师{n}", "department": "学院"}) for n, key in enumerate(keys)]
        drafting.save_section(
            application=application, section="mentors", by=by, on=TODAY, rows={"campus_mentors": entries}
        )
        return [str(key) for key in keys]

    def count(self, act: Callable[[], Any]) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert act().status_code == 200
        return len(captured)

    def test_of_the_page_and_of_an_autosave(self, world: World, applicant: Client, draft: Application):
        pages, saves = [], []
        for rows in (3, 150):
            keys = self.fill(draft, world.applicant, rows)
            url = address(draft, "mentors")
            applicant.get(url)
            pages.append(self.count(lambda url=url: applicant.get(url)))
            sent = table("campus_mentors", *({"name": f"改{n}", "department": "学院"} for n in range(rows)), keys=keys)
            saves.append(self.count(lambda sent=sent, url=url: applicant.post(f"{url}autosave/", sent)))
        assert (pages[0], saves[0]) == (pages[1], saves[1])
        assert again(draft).campus_mentors.first().name == "改0"
