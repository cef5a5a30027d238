"""第八条（一）: the 申请书 from its first line to its declaration, back for revision, and again in a later round."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from applications.models import Application
from applications.queries import visible_applications
from applications.services import declaring, notices, recognising, recommending
from bases.lifecycle import State
from bases.models import Base, LifecycleEvent
from bases.queries import visible_bases
from portal import inbox
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.roles import Role
from portal.services import enter_calendar_year
from tests.applications.conftest import SignedIn, fresh, open_round
from tests.applications.pages import Page
from tests.factories import World, person

FACTS = {
    "priority_industry": "modern_energy",
    "cooperation_started_on": date(2023, 11, 24),
    "unit_investment": Decimal("200000.00"),
    "partner_investment": Decimal("300000.00"),
    "students_trained": 8,
    "reason": "双方合作多年。",
}


def draft_of(base: Base) -> Application:
    """The newest application of a base, as it is stored."""
    return Application.objects.select_related("base", "agreement").filter(base_id=base.pk).latest("round__year")


def form_of(world: World, base: Base, **changes: Any) -> dict[str, Any]:
    """What the page sends, everything filled in rightly."""
    return {
        "name": base.name,
        "category": world.category.pk,
        "field": "",
        "priority_industry": "modern_energy",
        "partner": world.partner.pk,
        "cooperation_started_on": "2023-11-24",
        "unit_investment": "200000",
        "partner_investment": "300000",
        "students_trained": "8",
        "reason": "双方合作多年。",
    } | changes


@pytest.mark.article("8(1)")
class TestADraft:
    def test_begins_with_a_name_in_the_open_round(self, world: World, today):
        opened = world.round(today)
        application = declaring.start_application(name=" 乳业基地 ", by=world.applicant, on=today)
        base = application.base
        assert (base.name, base.training_unit, base.applicant) == ("乳业基地", world.unit, world.applicant.user)
        assert (base.state, application.round, application.declare_by) == (State.DRAFTING, opened, opened.closes_on)

    def test_keeps_what_is_filled_in_so_far(self, world: World, today):
        world.round(today)
        application = declaring.start_application(name="乳业基地", by=world.applicant, on=today)
        declaring.save_draft(application=application, by=world.applicant, values={"students_trained": 3})
        declaring.save_draft(application=application, by=world.applicant, values={"reason": "理由"})
        kept = draft_of(application.base)
        assert (kept.students_trained, kept.reason, kept.unit_investment) == (3, "理由", None)

    def test_says_what_is_still_missing(self, world: World, today):
        world.round(today)
        application = declaring.start_application(name="乳业基地", by=world.applicant, on=today)
        assert declaring.missing(application) == (
            "专业学位类别", "校外合作单位", "合作起始日", "培养单位已投入", "合作单位已投入", "已联合培养研究生人数", "申报理由",
        )  # fmt: skip

    def test_two_bases_of_a_unit_do_not_share_a_name(self, world: World, today):
        world.round(today)
        declaring.start_application(name="乳业基地", by=world.applicant, on=today)
        with pytest.raises(Refused) as refusal:
            declaring.start_application(name="乳业基地", by=world.applicant, on=today)
        assert refusal.value.reasons == ("本单位已有同名基地，请换一个名称，或在原基地上再次申报。",)
        other = declaring.start_application(name="乳业基地", by=world.other_applicant, on=today)
        assert other.base.training_unit == world.other_unit

    def test_renaming_to_a_name_that_is_taken_keeps_nothing(self, world: World, today):
        first, second = world.draft(today), world.draft(today, **FACTS)
        values = {"name": first.name, "reason": "改名"}
        with pytest.raises(Refused) as refusal:
            declaring.save_draft(application=draft_of(second), by=world.applicant, values=values)
        assert refusal.value.reasons == ("本单位已有同名基地，请换一个名称，或在原基地上再次申报。",)
        assert draft_of(second).reason == "双方合作多年。"

    @pytest.mark.parametrize("role", [role for role in Role.values if role != Role.APPLICANT])
    def test_is_its_applicants_alone_to_begin_and_to_write(self, world: World, today, role: str):
        base, somebody = world.draft(today), world.everybody()[role]
        with pytest.raises(NotYours) as refusal:
            declaring.start_application(name="别的基地", by=somebody, on=today)
        assert refusal.value.reasons == ("申请书由培养单位的申报人填写。",)
        with pytest.raises(NotYours) as refusal:
            declaring.save_draft(application=draft_of(base), by=somebody, values={"reason": "改"})
        assert refusal.value.reasons == ("申请书只能由本基地的申报人修改。",)

    def test_a_negative_investment_is_refused_by_the_database(self, world: World, today):
        base = world.draft(today)
        with pytest.raises(IntegrityError, match="investment_not_negative"), transaction.atomic():
            Application.objects.filter(base=base).update(unit_investment=Decimal(-1))

    def test_one_application_a_base_and_round(self, world: World, today):
        application = draft_of(world.draft(today))
        with pytest.raises(IntegrityError, match="one_application_per_base_and_round"), transaction.atomic():
            Application.objects.create(base=application.base, round=application.round, declare_by=today)


@pytest.mark.article("8(1)")
class TestAnotherApplicantsApplication:
    @pytest.fixture
    def colleague(self, world: World) -> Acting:
        """Another applicant of the same unit."""
        return person(Role.APPLICANT, training_unit=world.unit)

    def test_does_not_exist_for_them(self, world: World, today, signed_in: SignedIn, colleague: Acting):
        application = draft_of(world.draft(today))
        for somebody in (colleague, world.other_applicant):
            client = signed_in(somebody)
            answers = [
                client.get(f"/applications/{application.pk}/edit/"),
                client.post(f"/applications/{application.pk}/edit/", {"reason": "改"}),
                client.post(f"/applications/{application.pk}/autosave/", {"reason": "改"}),
                client.get(f"/bases/{application.base_id}/acts/declare/"),
                client.post(f"/bases/{application.base_id}/acts/declare/"),
            ]
            assert [(a.status_code, Page.of(a).heading) for a in answers] == [(404, "没有找到这个页面")] * 5
        kept = draft_of(application.base)
        assert (kept.reason, kept.base.state) == (application.reason, State.DRAFTING)

    def test_is_not_in_their_list_nor_open_to_their_hand(self, world: World, today, colleague: Acting):
        base = world.draft(today)
        assert list(visible_bases(colleague)) == []
        with pytest.raises(NotYours):
            declaring.save_draft(application=draft_of(base), by=colleague, values={"reason": "改"})
        with pytest.raises(NotYours):
            declaring.declare(base=base, acting=colleague, on=today)

    def test_the_unsent_draft_is_hidden_from_department_partner_and_public(self, world: World, today):
        base = world.draft(today)
        seeing = {role for role, acting in world.everybody().items() if visible_applications(acting).exists()}
        assert seeing == {Role.APPLICANT, Role.UNIT_OFFICER}
        assert not visible_bases(world.other_unit_officer).filter(pk=base.pk).exists()


@pytest.mark.article("8(1)")
class TestSavingOnThePage:
    @pytest.fixture
    def base(self, world: World, today) -> Base:
        return world.draft(today, **FACTS)

    @pytest.fixture
    def edit(self, world: World, base: Base, signed_in: SignedIn, pdf) -> Callable[..., Page]:
        """Sends the whole form."""
        client, url = signed_in(world.applicant), f"/applications/{draft_of(base).pk}/edit/"
        return lambda **changes: Page.of(client.post(url, form_of(world, base, **changes), follow=True))

    @pytest.fixture
    def autosave(self, world: World, base: Base, signed_in: SignedIn) -> Callable[..., Page]:
        """Sends the whole form as the page does while one types."""
        client, url = signed_in(world.applicant), f"/applications/{draft_of(base).pk}/autosave/"
        return lambda **changes: Page.of(client.post(url, form_of(world, base, **changes)))

    def test_keeps_everything_and_says_so(self, base: Base, edit):
        answer = edit(unit_investment="123456.78", reason="新的理由", priority_industry="", field="乳品工程")
        kept = draft_of(base)
        assert "已保存。" in answer.text
        assert (kept.unit_investment, kept.reason) == (Decimal("123456.78"), "新的理由")
        assert (kept.base.priority_industry, kept.base.field) == ("", "乳品工程")

    @pytest.mark.parametrize(
        ("field", "value", "message"),
        [
            ("cooperation_started_on", "2026-11-25", "合作起始日 2026-11-25 还没有到，请填写已经开始合作的日期。"),
            ("cooperation_started_on", "1979-12-31", "合作起始日早于 1980 年，请核对年份。"),
            ("cooperation_started_on", "2023-02-30", "请按 2026-11-24 的写法填写日期。"),
            ("unit_investment", "-1", "不能小于 0。"),
            ("partner_investment", "0.001", "确认小数不超过 2 位."),
            ("students_trained", "七", "请填写整数。"),
            ("students_trained", "100001", "不能大于 100000。"),
            ("name", "", "请填写这一项。"),
            ("reason", "身份证 150102199001010019", "内容中含有居民身份证号，平台不收集身份证号，请删去后再保存。"),
            ("reason", "长" * 801, "最多 800 字，现在是 801 字，请删减。"),
        ],
    )
    def test_a_wrong_field_keeps_the_input_and_shows_its_message(
        self, base: Base, edit, field: str, value: str, message: str
    ):
        before = draft_of(base)
        answer = edit(**{field: value}, field="没有保存")
        assert (answer.status, answer.beside(field), answer.value(field)) == (422, [message], value)
        assert draft_of(base).base.field == before.base.field == ""

    def test_today_is_a_day_on_which_cooperation_may_have_begun(self, base: Base, edit):
        edit(cooperation_started_on="2026-11-24")
        assert draft_of(base).cooperation_started_on == date(2026, 11, 24)

    def test_only_the_units_authorised_categories_are_offered(self, world: World, base: Base, edit):
        answer = edit(category="999999")
        assert (answer.status, answer.beside("category")) == (422, ["这个选项已经不能选，请重新选择。"])

    def test_autosave_keeps_the_right_fields_and_names_the_wrong_ones(self, base: Base, autosave):
        answer = autosave(
            students_trained="9", field="乳品工程", unit_investment="很多", cooperation_started_on="2027-01-01"
        )
        kept = draft_of(base)
        assert (kept.students_trained, kept.base.field) == (9, "乳品工程")
        assert (kept.unit_investment, kept.cooperation_started_on) == (Decimal("200000.00"), date(2023, 11, 24))
        assert (answer.status, answer.complaints()) == (
            422,
            {
                "unit_investment": "请填写数字。",
                "cooperation_started_on": "合作起始日 2027-01-01 还没有到，请填写已经开始合作的日期。",
            },
        )
        assert "以下内容没有保存，其余已保存：" in answer.words

    def test_autosave_of_what_is_right_says_so_and_complains_of_nothing(self, base: Base, autosave):
        answer = autosave(students_trained="9")
        assert (answer.status, answer.complaints(), draft_of(base).students_trained) == (200, {}, 9)
        assert "已自动保存 " in answer.words

    def test_autosave_of_some_fields_leaves_the_others_alone(self, world: World, base: Base, signed_in: SignedIn):
        before = draft_of(base)
        signed_in(world.applicant).post(f"/applications/{before.pk}/autosave/", {"reason": "只改理由"})
        kept = draft_of(base)
        assert kept.reason == "只改理由"
        assert (kept.students_trained, kept.base.name, kept.base.partner) == (8, base.name, world.partner)

    def test_autosave_does_not_lose_the_agreement(self, base: Base, autosave):
        before = draft_of(base).agreement
        autosave(reason="改")
        assert before is not None
        assert draft_of(base).agreement == before

    def test_autosave_after_declaring_changes_nothing_and_says_so(self, world: World, base: Base, today, autosave):
        declaring.declare(base=base, acting=world.applicant, on=today)
        answer = autosave(reason="偷偷改")
        assert (answer.status, draft_of(base).reason) == (409, "双方合作多年。")
        assert (
            "申请书已提交，当前状态为“已申报（待单位审核）”，没有保存。需要修改时请联系研究生院退回。" in answer.words
        )

    def test_what_is_no_pdf_is_refused_beside_the_field(self, base: Base, edit, pdf):
        forged = pdf("协议.pdf")
        forged.seek(0)
        forged.write(b"<html>")
        before = draft_of(base).agreement
        answer = edit(agreement=forged)
        assert (answer.status, answer.beside("agreement")) == (
            422,
            ["文件内容不是完整的 PDF（改扩展名不会改变内容），没有保存。请另存为该格式后重新上传。"],
        )
        assert draft_of(base).agreement == before


@pytest.mark.article("5")
@pytest.mark.article("8(1)")
class TestTheWindow:
    OPENS, CLOSES = date(2026, 9, 1), date(2026, 9, 30)

    @pytest.fixture
    def base(self, world: World) -> Base:
        open_round(world, self.OPENS, self.CLOSES, date(2026, 10, 31))
        return world.draft(self.OPENS)

    @pytest.mark.parametrize(
        ("on", "reason"),
        [
            (date(2026, 8, 31), "申报自 2026-09-01 开始，今天是 2026-08-31，尚未开放。"),
            (date(2026, 10, 1), "申报已于 2026-09-30 截止，今天是 2026-10-01，不再受理。"),
        ],
    )
    def test_before_and_after_it_a_declaration_is_refused_with_the_dates(
        self, world: World, base: Base, on: date, reason: str
    ):
        with pytest.raises(Refused) as refusal:
            declaring.declare(base=base, acting=world.applicant, on=on)
        assert refusal.value.reasons == (reason,)
        assert Base.objects.get().state == State.DRAFTING

    @pytest.mark.parametrize("on", [OPENS, CLOSES])
    def test_its_first_and_its_last_day_belong_to_it(self, world: World, base: Base, on: date):
        assert declaring.declare(base=base, acting=world.applicant, on=on).state == State.DECLARED

    @pytest.mark.parametrize("on", [OPENS - timedelta(days=1), CLOSES + timedelta(days=1)])
    def test_outside_it_nothing_begins(self, world: World, base: Base, on: date):
        with pytest.raises(Refused) as refusal:
            declaring.start_application(name="迟到的基地", by=world.applicant, on=on)
        assert refusal.value.reasons == (f"今天（{on}）没有开放的申报批次，请留意教育厅申报通知。",)
        assert Base.objects.count() == 1


@pytest.mark.article("8(1)")
class TestDeclaring:
    def test_freezes_the_content_and_the_eligibility_as_they_stand(self, world: World, today):
        base = world.declared(today, **FACTS)
        application = draft_of(base)
        assert application.declared_on == today
        assert application.declared_content == {
            "name": base.name,
            "partner": world.partner.name,
            "category": str(world.category),
            "field": "",
            "priority_industry": "modern_energy",
            "cooperation_started_on": "2023-11-24",
            "unit_investment": "200000.00",
            "partner_investment": "300000.00",
            "students_trained": 8,
            "reason": "双方合作多年。",
            "agreement_sha256": application.agreement.sha256 if application.agreement else None,
        }
        assert [(check["key"], check["passed"]) for check in application.eligibility] == [
            (key, True) for key in ("category", "partner", "cooperation", "agreement", "investment", "students")
        ]

    def test_what_is_frozen_does_not_follow_later_days(self, world: World, today):
        base = world.declared(today)
        frozen = draft_of(base).eligibility
        world.category.name = "改名的类别"
        world.category.save()
        assert draft_of(base).eligibility == frozen
        assert draft_of(base).declared_content["category"] == "机械（0855）"

    def test_a_declared_application_cannot_be_changed(self, world: World, today):
        base = world.declared(today)
        with pytest.raises(Overtaken) as refusal:
            declaring.save_draft(application=draft_of(base), by=world.applicant, values={"reason": "改"})
        assert refusal.value.reasons == (
            "申请书已提交，当前状态为“已申报（待单位审核）”，没有保存。需要修改时请联系研究生院退回。",
        )

    def test_writes_one_event_with_its_articles(self, world: World, today):
        base = world.declared(today)
        event = LifecycleEvent.objects.get(base=base)
        assert (event.transition, event.source, event.target) == ("declare", State.DRAFTING, State.DECLARED)
        assert (event.actor, event.role, event.on, event.articles) == (
            world.applicant.user, Role.APPLICANT, today, "5 7 8(1)",
        )  # fmt: skip

    def test_a_second_click_changes_nothing(self, world: World, today, signed_in: SignedIn):
        base = world.draft(today)
        client, url = signed_in(world.applicant), f"/bases/{base.pk}/acts/declare/"
        client.post(url)
        again = Page.of(client.post(url))
        assert (again.status, again.heading) == (409, "没有办理")
        assert (
            "“提交申报”现在不能办理：基地当前状态为“已申报（待单位审核）”（最近由申报教授办理“提交申报”）。"
            in again.text
        )
        assert LifecycleEvent.objects.count() == 1

    @pytest.mark.parametrize("role", [role for role in Role.values if role != Role.APPLICANT])
    def test_nobody_else_declares(self, world: World, today, role: str):
        base = world.draft(today)
        with pytest.raises(NotYours) as refusal:
            declaring.declare(base=base, acting=world.everybody()[role], on=today)
        label = Role(role).label
        assert refusal.value.reasons == (f"“提交申报”由申报人办理，您当前的角色是{label}。",)


@pytest.mark.article("8(2)")
class TestReturnForRevision:
    OPENS, CLOSES, REPORT_BY = date(2026, 9, 1), date(2026, 9, 30), date(2026, 11, 30)

    @pytest.fixture(autouse=True)
    def _round(self, world: World) -> None:
        open_round(world, self.OPENS, self.CLOSES, self.REPORT_BY)

    def test_by_the_unit_makes_it_a_draft_again_with_the_reason(self, world: World):
        base = world.declared(self.OPENS)
        returned = declaring.return_for_revision(
            base=base, acting=world.unit_officer, on=self.OPENS, reason="合作成效不具体。"
        )
        application = draft_of(base)
        assert (returned.state, application.returned_reason) == (State.DRAFTING, "合作成效不具体。")
        assert (application.declared_on, application.declare_by) == (None, self.CLOSES)

    def test_by_the_unit_ends_with_the_declaring_window(self, world: World):
        base = world.declared(self.OPENS)
        assert declaring.return_reasons(base, world.unit_officer, self.CLOSES) == ()
        with pytest.raises(Refused) as refusal:
            declaring.return_for_revision(
                base=base, acting=world.unit_officer, on=self.CLOSES + timedelta(days=1), reason="迟了"
            )
        assert refusal.value.reasons == ("本批次该环节已于 2026-09-30 截止，退回后无法再提交，因此不能退回修改。",)

    def test_by_the_department_leaves_time_until_the_reporting_date(self, world: World):
        on = date(2026, 10, 20)
        base = self._recommended(world, on)
        declaring.return_for_revision(base=base, acting=world.officer, on=on, reason="协议已过期。")
        assert draft_of(base).declare_by == self.REPORT_BY
        stored = fresh(base)
        assert declaring.declare_reasons(stored, world.applicant, self.REPORT_BY) == ()
        assert declaring.declare_reasons(stored, world.applicant, self.REPORT_BY + timedelta(days=1)) == (
            "申报已于 2026-11-30 截止，今天是 2026-12-01，不再受理。",
        )

    def test_by_the_department_is_closed_after_the_reporting_date(self, world: World):
        base = self._recommended(world, date(2026, 10, 20))
        with pytest.raises(Refused) as refusal:
            declaring.return_for_revision(
                base=base, acting=world.officer, on=self.REPORT_BY + timedelta(days=1), reason="迟了"
            )
        assert refusal.value.reasons == ("本批次该环节已于 2026-11-30 截止，退回后无法再提交，因此不能退回修改。",)

    def _recommended(self, world: World, on: date) -> Base:
        base = world.declared(self.OPENS)
        opinions = dict.fromkeys(recommending.ASPECTS, "同意。")
        recommending.review(base=base, acting=world.unit_officer, on=self.OPENS, **opinions)
        world.publish([base], self.OPENS)
        return recommending.recommend(base=fresh(base), acting=world.unit_officer, on=on)

    def test_needs_a_reason(self, world: World):
        base = world.declared(self.OPENS)
        with pytest.raises(Refused) as refusal:
            declaring.return_for_revision(base=base, acting=world.unit_officer, on=self.OPENS, reason=" ")
        assert refusal.value.reasons == ("请写明理由。",)

    def test_each_office_returns_only_what_lies_with_it(self, world: World):
        declared, recommended = world.declared(self.OPENS), world.recommended(date(2026, 9, 20))
        for base, office in ((declared, world.officer), (recommended, world.unit_officer)):
            with pytest.raises(NotYours):
                declaring.return_for_revision(base=base, acting=office, on=date(2026, 9, 20), reason="越权")
        with pytest.raises(NotYours):
            declaring.return_for_revision(
                base=declared, acting=world.other_unit_officer, on=self.OPENS, reason="外单位"
            )

    def test_a_returned_draft_is_hidden_from_department_and_partner_again(self, world: World):
        base = world.declared(self.OPENS)
        readers = {role for role, acting in world.everybody().items() if visible_applications(acting).exists()}
        assert readers == {
            Role.APPLICANT, Role.UNIT_OFFICER, Role.PARTNER_OFFICER, Role.DEPT_OFFICER, Role.DEPT_LEADER,
        }  # fmt: skip
        declaring.return_for_revision(base=base, acting=world.unit_officer, on=self.OPENS, reason="补充。")
        readers = {role for role, acting in world.everybody().items() if visible_applications(acting).exists()}
        assert readers == {Role.APPLICANT, Role.UNIT_OFFICER}

    def test_a_partner_that_the_draft_names_instead_sees_nothing_before_it_is_declared(self, world: World):
        base = world.declared(self.OPENS)
        returned = declaring.return_for_revision(base=base, acting=world.unit_officer, on=self.OPENS, reason="请补充。")
        values = {"partner": world.other_partner}
        declaring.save_draft(application=draft_of(returned), by=world.applicant, values=values)
        partners = (world.partner_officer, world.other_partner_officer)
        assert [list(visible_bases(who)) for who in partners] == [[returned], []]
        declaring.declare(base=returned, acting=world.applicant, on=self.OPENS)
        assert [list(visible_bases(who)) for who in partners] == [[], [returned]]

    def test_the_agreement_of_a_returned_draft_is_hidden_with_it(self, world: World, signed_in: SignedIn):
        base = world.declared(self.OPENS)
        agreement = draft_of(base).agreement
        assert agreement is not None
        url = f"/files/{agreement.key}/"
        readers = [world.applicant, world.unit_officer, world.partner_officer, world.officer, world.leader]
        content = [b"".join(signed_in(reader).get(url).streaming_content) for reader in readers]
        assert {part[:5] for part in content} == {b"%PDF-"}
        declaring.return_for_revision(base=base, acting=world.unit_officer, on=self.OPENS, reason="补充。")
        answers = [signed_in(reader).get(url) for reader in readers]
        assert [a.status_code for a in answers] == [200, 200, 404, 404, 404]
        assert [Page.of(a).heading for a in answers[2:]] == ["没有找到这个页面"] * 3

    def test_declaring_again_freezes_anew_and_clears_the_reason(self, world: World):
        base = world.declared(self.OPENS)
        declaring.return_for_revision(base=base, acting=world.unit_officer, on=self.OPENS, reason="补充。")
        declaring.save_draft(application=draft_of(base), by=world.applicant, values={"students_trained": 12})
        declaring.declare(base=fresh(base), acting=world.applicant, on=self.CLOSES)
        application = draft_of(base)
        assert (application.declared_on, application.returned_reason) == (self.CLOSES, "")
        assert application.declared_content["students_trained"] == 12
        assert Application.objects.count() == 1

    def test_through_the_page_of_the_act(self, world: World, signed_in: SignedIn, on_day):
        base = world.declared(self.OPENS)
        client = signed_in(world.unit_officer)
        on_day(self.OPENS)
        url = f"/bases/{base.pk}/acts/return/"
        empty = Page.of(client.post(url, {"reason": ""}))
        assert (empty.status, empty.beside("reason")) == (422, ["请填写这一项。"])
        client.post(url, {"reason": "合作成效不具体。"})
        stored = fresh(base)
        assert (stored.state, draft_of(stored).returned_reason) == (State.DRAFTING, "合作成效不具体。")


@pytest.mark.article("8(2)")
class TestDeclining:
    @pytest.mark.parametrize("state", [State.DECLARED, State.UNIT_NOTICE])
    def test_the_unit_declines_with_a_reason_that_stays_in_the_history(self, world: World, today, state: str):
        base = world.in_state(state, today)
        declined = recommending.decline(base=base, acting=world.unit_officer, on=today, reason="布局重复。")
        event = base.events.last()
        assert declined.state == State.NOT_RECOMMENDED
        assert event is not None
        assert (event.transition, event.reason) == ("decline", "布局重复。")

    def test_needs_a_reason(self, world: World, today):
        base = world.declared(today)
        with pytest.raises(Refused) as refusal:
            recommending.decline(base=base, acting=world.unit_officer, on=today, reason="")
        assert refusal.value.reasons == ("请写明理由。",)

    def test_no_other_unit_declines(self, world: World, today):
        base = world.declared(today)
        with pytest.raises(NotYours) as refusal:
            recommending.decline(base=base, acting=world.other_unit_officer, on=today, reason="外单位")
        assert refusal.value.reasons == ("这个基地不属于您当前所在的单位，不能办理。",)


@pytest.mark.article("5")
class TestDeclaringAgain:
    NEXT = date(2027, 3, 1)

    @pytest.mark.parametrize("state", [State.NOT_RECOMMENDED, State.NOT_RECOGNISED])
    def test_opens_a_new_application_in_a_new_round_with_the_facts_carried_over(self, world: World, today, state: str):
        base = world.in_state(state, today)
        last, new_round = draft_of(base), open_round(world, self.NEXT, date(2027, 4, 30))
        again = declaring.redeclare(base=base, acting=world.applicant, on=self.NEXT)
        new = draft_of(again)
        assert (again.pk, again.state, new.round, new.declare_by) == (
            base.pk, State.DRAFTING, new_round, new_round.closes_on,
        )  # fmt: skip
        carried = (
            "cooperation_started_on",
            "unit_investment",
            "partner_investment",
            "students_trained",
            "reason",
            "agreement",
        )
        assert {name: getattr(new, name) for name in carried} == {name: getattr(last, name) for name in carried}
        assert (new.declared_on, new.declared_content, new.eligibility, new.returned_reason) == (None, {}, [], "")
        assert not hasattr(new, "review")

    def test_the_old_application_stays_as_it_was(self, world: World, today):
        base = world.in_state(State.NOT_RECOMMENDED, today)
        before = Application.objects.filter(base=base).values().get()
        open_round(world, self.NEXT, date(2027, 4, 30))
        declaring.redeclare(base=base, acting=world.applicant, on=self.NEXT)
        assert Application.objects.filter(pk=before["id"]).values().get() == before

    def test_the_old_application_is_closed_while_the_new_one_is_written(
        self, world: World, today, signed_in: SignedIn, on_day
    ):
        """By a forged address too: experts and the department go on reading it as it was declared."""
        base = world.in_state(State.NOT_RECOMMENDED, today)
        old = draft_of(base)
        later = date(today.year + 1, 11, 24)
        world.round(later)
        declaring.redeclare(base=fresh(base), acting=world.applicant, on=later)
        on_day(later)
        kept = Application.objects.values().get(pk=old.pk)
        sent = form_of(world, base, reason="改写历史。")
        answers = [
            signed_in(world.applicant).post(f"/applications/{old.pk}/{page}", sent) for page in ("edit/", "autosave/")
        ]
        assert [answer.status_code for answer in answers] == [422, 409]
        assert Application.objects.values().get(pk=old.pk) == kept
        with pytest.raises(Overtaken) as refusal:
            declaring.save_draft(application=old, by=world.applicant, values={"reason": "改写历史。"})
        assert refusal.value.reasons == ("这份申请书属于以前的批次，没有保存。请在本批次的申请书中填写。",)

    def test_not_in_the_same_round(self, world: World, today):
        base = world.in_state(State.NOT_RECOMMENDED, today)
        with pytest.raises(Refused) as refusal:
            declaring.redeclare(base=base, acting=world.applicant, on=today)
        assert refusal.value.reasons == ("新的申报批次尚未开放；同一个批次不能再次申报。",)
        assert Base.objects.get().state == State.NOT_RECOMMENDED

    def test_not_while_no_round_is_open(self, world: World, today):
        base = world.in_state(State.NOT_RECOGNISED, today)
        assert declaring.redeclare_reasons(base, world.applicant, self.NEXT) == (
            "新的申报批次尚未开放；同一个批次不能再次申报。",
        )

    def test_goes_the_whole_way_again(self, world: World, today):
        """Nothing of the earlier round counts: no opinion, no notice, no minutes."""
        base = world.deliberated(today)
        base = recognising.reject(base=base, acting=world.leader, on=today, reason="材料不足。")
        last_round, next_round = world.round(today), open_round(world, self.NEXT, date(2027, 4, 30))
        base = declaring.redeclare(base=base, acting=world.applicant, on=self.NEXT)
        base = declaring.declare(base=base, acting=world.applicant, on=self.NEXT)
        assert [a.declared_on for a in base.applications.all()] == [self.NEXT, today - timedelta(days=10)]
        assert [item.why for item in inbox.items(world.unit_officer, self.NEXT)] == ["申请书已提交，请作六项审核。"]
        ready = [notices.ready_for_unit_notice(r, world.unit.pk) for r in (last_round, next_round)]
        assert ready == [[], []]
        enter_calendar_year(year=2027, source="放假通知", holidays=[], make_up_days=[], by=world.officer.user)
        for round_ in (last_round, next_round):
            with pytest.raises(Refused, match="六项审核尚未完成，请先填写审核意见。"):
                notices.publish_unit_notice(
                    round=round_,
                    bases=[base],
                    title="关于推荐名单的公示",
                    text="现予公示。",
                    by=world.unit_officer,
                    on=self.NEXT,
                )

    def test_is_deliberated_again(self, world: World, today):
        base = world.deliberated(today)
        base = recognising.reject(base=base, acting=world.leader, on=today, reason="材料不足。")
        last_round = world.round(today)
        open_round(world, self.NEXT, date(2027, 4, 30))
        enter_calendar_year(year=2027, source="放假通知", holidays=[], make_up_days=[], by=world.officer.user)
        base = declaring.redeclare(base=base, acting=world.applicant, on=self.NEXT)
        base = world.publish_unit_notice(world.review(world.declare(base, self.NEXT), self.NEXT), self.NEXT)
        later = self.NEXT + timedelta(days=20)
        base = world.open_review(world.recommend(base, later), later)
        world.score(base.panels.latest("pk"), 90, later)
        base = world.shortlist(base, later)
        assert inbox.items(world.leader, later) == []
        assert [item.why for item in inbox.items(world.officer, later)] == ["已列入初步名单，请登记审议纪要。"]
        assert notices.ready_for_recognition_notice(last_round) == []
        with pytest.raises(Refused, match="审议纪要尚未登记。"):
            notices.publish_recognition_notice(
                round=last_round,
                bases=[base],
                title="关于拟认定名单的公示",
                text="现予公示。",
                by=world.leader,
                on=later,
            )

    def test_a_new_partner_does_not_read_the_application_with_the_former_one(self, world: World, today):
        base = world.in_state(State.NOT_RECOMMENDED, today)
        before = draft_of(base)
        assert list(visible_applications(world.partner_officer)) == [before]
        later = date(today.year + 1, 11, 24)
        world.round(later)
        again = declaring.redeclare(base=fresh(base), acting=world.applicant, on=later)
        declaring.save_draft(application=draft_of(again), by=world.applicant, values={"partner": world.other_partner})
        assert list(visible_applications(world.partner_officer)) == [before]
        assert list(visible_applications(world.other_partner_officer)) == []
        declaring.declare(base=fresh(base), acting=world.applicant, on=later)
        assert list(visible_applications(world.partner_officer)) == []
        assert list(visible_applications(world.other_partner_officer)) == [draft_of(base)]

    def test_the_department_still_reads_last_years_application_of_a_base_that_is_drafting_again(
        self, world: World, today
    ):
        base = world.in_state(State.NOT_RECOGNISED, today)
        open_round(world, self.NEXT, date(2027, 4, 30))
        declaring.redeclare(base=base, acting=world.applicant, on=self.NEXT)
        assert [a.round.year for a in visible_applications(world.officer)] == [2026]
        assert [a.round.year for a in visible_applications(world.applicant)] == [2027, 2026]


def test_reject_is_a_department_matter_even_for_a_returned_base(world: World, today):
    """A draft in its applicant's hands cannot be rejected behind their back."""
    base = world.recommended(today)
    declaring.return_for_revision(base=base, acting=world.officer, on=today, reason="补充。")
    with pytest.raises(Overtaken):
        recognising.reject(base=base, acting=world.officer, on=today, reason="材料不足。")
    assert Base.objects.get().state == State.DRAFTING


@pytest.mark.article("5")
class TestADraftThatMissedItsRound:
    def test_it_waits_for_the_next_round_and_says_so(self, world: World, today):
        base = world.draft(today)
        late = date(today.year + 1, 1, 10)
        assert declaring.renew_reasons(base, world.applicant, today) == ("这份申请书还在申报期内，请直接填写提交。",)
        with pytest.raises(Refused) as refusal:
            declaring.renew_draft(base=base, acting=world.applicant, on=late)
        assert refusal.value.reasons == ("新的年度申报批次尚未开放，开放后即可转入，已填写的内容保留。",)

    def test_it_is_taken_over_with_everything_that_was_filled_in_and_can_be_declared(self, world: World, today):
        base = world.draft(today)
        old = world.application(base)
        late = date(today.year + 1, 1, 10)
        world.round(late)
        waiting = [item for item in inbox.items(world.applicant, late) if item.title == base.name]
        assert [(item.button, item.articles, item.due) for item in waiting] == [
            ("转入新的批次", "5", date(late.year, 12, 31))
        ]
        renewed = declaring.renew_draft(base=base, acting=world.applicant, on=late)
        assert (renewed.round.year, renewed.students_trained, renewed.agreement) == (late.year, 8, old.agreement)
        assert declaring.declare(base=base, acting=world.applicant, on=late).state == State.DECLARED

    def test_only_its_applicant_takes_it_over(self, world: World, today):
        base = world.draft(today)
        late = date(today.year + 1, 1, 10)
        world.round(late)
        for stranger in (world.unit_officer, world.other_applicant, world.officer):
            with pytest.raises(NotYours):
                declaring.renew_draft(base=base, acting=stranger, on=late)
        assert Application.objects.filter(base=base).count() == 1
