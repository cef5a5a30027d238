"""第八条（一）: the 申请书 from its first line to its declaration, back for revision, and again in a later round."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from applications import paper, queries
from applications.content import differences
from applications.models import Application, ApplicationVersion, ConstructionPlan, PriorContribution
from applications.queries import visible_applications
from applications.services import (
    attachments,
    declaring,
    drafting,
    notice_lists,
    readiness,
    recognising,
    recommending,
    roster,
    rounds,
)
from applications.services.content import content_of
from bases.lifecycle import State
from bases.models import Base, CategoryAuthorisation, DegreeCategory, LifecycleEvent
from bases.queries import visible_bases
from evaluations.demo.paperwork import NEEDED_FILES, attach
from portal import inbox
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.roles import Role
from portal.services import enter_calendar_year
from tests.applications.conftest import SignedIn, fresh, open_round
from tests.applications.pages import Page
from tests.factories import World, pdf_upload, person

FACTS = {"priority_industry": "modern_energy", "cooperation_started_on": date(2023, 11, 24), "reason": "双方合作多年。"}


def draft_of(base: Base) -> Application:
    """The newest application of a base, as it is stored."""
    found = Application.objects.select_related("base", "basics", "partner_profile", "plan").filter(base_id=base.pk)
    return found.latest("round__year")


def keep(application: Application, by: Acting, **values: Any) -> None:
    """Save these fields, each on its own page of the form."""
    for section in paper.SECTIONS:
        here = {each.name: values[each.name] for each in section.fields if each.name in values}
        if here:
            drafting.save_section(
                application=application, section=section.key, by=by, on=application.round.opens_on, values=here
            )


def version_of(base: Base) -> ApplicationVersion:
    """What the base's application said when it was last declared."""
    version = declaring.newest_version(draft_of(base))
    assert version is not None
    return version


@pytest.mark.article("8(1)")
class TestADraft:
    def test_begins_with_a_name_in_the_open_round(self, world: World, today):
        opened = world.round(today)
        application = drafting.start_application(name=" 乳业基地 ", by=world.applicant, on=today)
        base = application.base
        assert (base.name, base.training_unit, base.applicant) == ("乳业基地", world.unit, world.applicant.user)
        assert (base.state, application.round, application.declare_by) == (State.DRAFTING, opened, opened.closes_on)

    def test_keeps_what_is_filled_in_so_far(self, world: World, today):
        world.round(today)
        application = drafting.start_application(name="乳业基地", by=world.applicant, on=today)
        keep(application, world.applicant, capacity=3)
        keep(application, world.applicant, reason="理由")
        kept = draft_of(application.base)
        assert (kept.partner_profile.capacity, kept.plan.reason, kept.plan.goals) == (3, "理由", "")

    def test_says_what_is_still_missing(self, world: World, today):
        world.round(today)
        application = drafting.start_application(name="乳业基地", by=world.applicant, on=today)
        ready = readiness.readiness(application, today)
        assert [gap.words for gap in ready.standing("cover").missing] == [
            "专业学位类别", "校外合作单位", "所在盟市、旗县区", "优先产业",
        ]  # fmt: skip
        assert [gap.words for gap in ready.standing("cooperation").missing] == [
            "合作起始日", "联合培养协议（至少 1 行）", "双方投入情况（至少 2 行，现有 0 行）",
        ]  # fmt: skip
        assert [gap.words for gap in ready.standing("students").missing] == ["已联合培养研究生名单"]
        assert (ready.done, ready.complete) == (0, False)

    def test_the_whole_paper_filled_in_lacks_nothing(self, world: World, today):
        ready = readiness.readiness(draft_of(world.draft(today)), today)
        assert ([gap.words for gap in ready.gaps], ready.missing_files, ready.done) == ([], [], 9)

    def test_two_bases_of_a_unit_do_not_share_a_name(self, world: World, today):
        world.round(today)
        drafting.start_application(name="乳业基地", by=world.applicant, on=today)
        with pytest.raises(Refused) as refusal:
            drafting.start_application(name="乳业基地", by=world.applicant, on=today)
        assert refusal.value.reasons == ("本单位已有同名基地，请换一个名称，或在原基地上再次申报。",)
        other = drafting.start_application(name="乳业基地", by=world.other_applicant, on=today)
        assert other.base.training_unit == world.other_unit

    def test_renaming_to_a_name_that_is_taken_keeps_nothing(self, world: World, today):
        first, second = world.draft(today), world.draft(today, **FACTS)
        values = {"name": first.name, "field": "改名"}
        with pytest.raises(Refused) as refusal:
            drafting.save_section(
                application=draft_of(second), section="cover", by=world.applicant, on=today, values=values
            )
        assert refusal.value.reasons == ("本单位已有同名基地，请换一个名称，或在原基地上再次申报。",)
        assert (draft_of(second).name, draft_of(second).field) == (second.name, "")

    @pytest.mark.parametrize("role", [role for role in Role.values if role != Role.APPLICANT])
    def test_is_its_applicants_alone_to_begin_and_to_write(self, world: World, today, role: str):
        base, somebody = world.draft(today), world.everybody()[role]
        with pytest.raises(NotYours) as refusal:
            drafting.start_application(name="别的基地", by=somebody, on=today)
        assert refusal.value.reasons == ("申请书由培养单位的申报人填写。",)
        with pytest.raises(NotYours) as refusal:
            keep(draft_of(base), somebody, reason="改")
        assert refusal.value.reasons == ("申请书只能由本基地的申报人修改。",)

    def test_a_negative_investment_is_refused_by_the_database(self, world: World, today):
        base = world.draft(today)
        with pytest.raises(IntegrityError, match="contribution_not_negative"), transaction.atomic():
            PriorContribution.objects.filter(application__base=base).update(amount=Decimal(-1))

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
                client.post(f"/applications/{application.pk}/edit/plan/", {"reason": "改"}),
                client.post(f"/applications/{application.pk}/edit/plan/autosave/", {"reason": "改"}),
                client.get(f"/bases/{application.base_id}/acts/declare/"),
                client.post(f"/bases/{application.base_id}/acts/declare/"),
            ]
            assert [(a.status_code, Page.of(a).heading) for a in answers] == [(404, "没有找到这个页面")] * 5
        kept = draft_of(application.base)
        assert (kept.plan.reason, kept.base.state) == (application.plan.reason, State.DRAFTING)

    def test_is_not_in_their_list_nor_open_to_their_hand(self, world: World, today, colleague: Acting):
        base = world.draft(today)
        assert list(visible_bases(colleague)) == []
        with pytest.raises(NotYours):
            keep(draft_of(base), colleague, reason="改")
        with pytest.raises(NotYours):
            declaring.declare(base=base, acting=colleague, on=today)

    def test_the_unsent_draft_is_hidden_from_department_partner_and_public(self, world: World, today):
        base = world.draft(today)
        seeing = {role for role, acting in world.everybody().items() if visible_applications(acting).exists()}
        assert seeing == {Role.APPLICANT, Role.UNIT_OFFICER}
        assert not visible_bases(world.other_unit_officer).filter(pk=base.pk).exists()


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
            drafting.start_application(name="迟到的基地", by=world.applicant, on=on)
        assert refusal.value.reasons == (f"今天（{on}）没有开放的申报批次，请留意教育厅申报通知。",)
        assert Base.objects.count() == 1


@pytest.mark.article("8(1)")
class TestDeclaring:
    def test_freezes_content_attachments_and_eligibility_as_the_first_version(self, world: World, today):
        base = world.declared(today, **FACTS)
        version = version_of(base)
        said = {key: version.paper.value(key) for key in ("name", "category", "priority_industry", "reason")}
        assert said == {
            "name": base.name, "category": "机械（0855）", "priority_industry": "现代能源", "reason": "双方合作多年。",
        }  # fmt: skip
        assert (version.number, version.declared_on, version.declared_by) == (1, today, world.applicant.user)
        assert set(version.files.values_list("kind", flat=True)) == set(NEEDED_FILES)
        hard = {check["key"]: check["verdict"] for check in version.eligibility[:6]}
        assert hard == dict.fromkeys(
            ("category", "partner", "cooperation", "agreement", "investment", "students"), "pass"
        )

    def test_the_fingerprint_is_that_of_the_content(self, world: World, today):
        base = world.declared(today)
        assert version_of(base).content_sha256 == version_of(base).paper.sha256
        assert version_of(base).content_sha256 == content_of(draft_of(base), today).sha256

    def test_the_roster_is_frozen_whole(self, world: World, today):
        base = world.declared(today, students_trained=7)
        section = version_of(base).paper.section("students")
        assert section is not None
        assert [len(table.rows) for table in section.tables] == [7]

    def test_what_is_frozen_does_not_follow_later_days(self, world: World, today):
        base = world.declared(today)
        frozen = version_of(base)
        world.category.name = "改名的类别"
        world.category.save()
        assert version_of(base).eligibility == frozen.eligibility
        assert version_of(base).paper.value("category") == "机械（0855）"

    def test_the_base_says_what_was_declared(self, world: World, today):
        base = world.declared(today, priority_industry="none")
        assert (base.partner, base.category, base.priority_industry) == (world.partner, world.category, "")

    def test_a_declared_application_cannot_be_changed(self, world: World, today):
        base = world.declared(today)
        with pytest.raises(Overtaken) as refusal:
            keep(draft_of(base), world.applicant, reason="改")
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

    def test_what_is_mended_in_a_returned_draft_is_its_applicants_and_units_alone(self, world: World):
        base = world.declared(self.OPENS, name="原来的名称")
        declaring.return_for_revision(base=base, acting=world.unit_officer, on=self.OPENS, reason="补充。")
        keep(draft_of(base), world.applicant, name="修改后的名称", reason="修改后的理由。")
        assert fresh(base).name == "原来的名称"
        read = {}
        for role, acting in world.everybody().items():
            application = visible_applications(acting).first()
            reading = queries.read(application, acting, self.OPENS) if application else None
            read[role] = reading and (reading.version and reading.version.number, reading.content.title)
        draft, declared = (None, "修改后的名称"), (1, "原来的名称")
        assert {role: seen for role, seen in read.items() if seen} == {
            Role.APPLICANT: draft, Role.UNIT_OFFICER: draft, Role.DEPT_OFFICER: declared, Role.DEPT_LEADER: declared,
        }  # fmt: skip

    def test_the_version_keeps_who_sent_it_back_and_why(self, world: World):
        base = world.declared(self.OPENS)
        declaring.return_for_revision(base=base, acting=world.unit_officer, on=self.OPENS, reason="补充。")
        version = version_of(base)
        assert (version.returned_on, version.returned_reason) == (self.OPENS, "补充。")
        assert version.returned_by == "研院老师（研究生院）"

    def test_a_partner_that_the_draft_names_instead_sees_nothing_before_it_is_declared(self, world: World):
        base = world.declared(self.OPENS)
        returned = declaring.return_for_revision(base=base, acting=world.unit_officer, on=self.OPENS, reason="请补充。")
        keep(draft_of(returned), world.applicant, partner=world.other_partner)
        partners = (world.partner_officer, world.other_partner_officer)
        assert [list(visible_bases(who)) for who in partners] == [[returned], []]
        declaring.declare(base=returned, acting=world.applicant, on=self.OPENS)
        assert [list(visible_bases(who)) for who in partners] == [[], [returned]]

    def test_the_attachments_of_what_was_declared_stay_readable_and_new_ones_do_not_show(
        self, world: World, signed_in: SignedIn
    ):
        base = world.declared(self.OPENS)
        readers = [world.applicant, world.unit_officer, world.partner_officer, world.officer, world.leader]

        def answers(kind: str) -> list[int]:
            file = draft_of(base).files.filter(kind=kind).latest("pk")
            return [signed_in(reader).get(f"/files/{file.stored.key}/").status_code for reader in readers]

        assert answers("agreement") == [200] * 5
        declaring.return_for_revision(base=base, acting=world.unit_officer, on=self.OPENS, reason="补充。")
        assert answers("agreement") == [200, 200, 404, 200, 200]
        attach(draft_of(base), world.applicant, ["other"], pdf_upload, one_for_all=False)
        assert answers("other") == [200, 200, 404, 404, 404]

    def test_declaring_again_freezes_a_second_version_and_clears_the_reason(self, world: World):
        base = world.declared(self.OPENS)
        declaring.return_for_revision(base=base, acting=world.unit_officer, on=self.OPENS, reason="补充。")
        keep(draft_of(base), world.applicant, name="修改后的名称", capacity=12)
        declaring.declare(base=fresh(base), acting=world.applicant, on=self.CLOSES)
        application = draft_of(base)
        assert (application.declared_on, application.returned_reason) == (self.CLOSES, "")
        first, second = application.versions.order_by("number")
        assert [
            (difference.section, difference.label, difference.before, difference.after)
            for difference in differences(first.paper, second.paper)
        ] == [
            ("封面", "基地名称", base.name, "修改后的名称"),
            ("二 合作单位", "可同时接收研究生", "20 人", "12 人"),
        ]
        assert (fresh(base).name, Application.objects.count()) == ("修改后的名称", 1)

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


@pytest.mark.article("5")
@pytest.mark.article("8(2)")
class TestTheUnitsOwnDeadline:
    OPENS, OWN, CLOSES = date(2026, 9, 1), date(2026, 9, 10), date(2026, 9, 20)

    @pytest.fixture(autouse=True)
    def _round(self, world: World) -> None:
        opened = open_round(world, self.OPENS, self.CLOSES, date(2026, 10, 31))
        rounds.set_unit_deadline(round=opened, declare_by=self.OWN, by=world.unit_officer, on=self.OPENS)

    def test_counts_for_its_applicants_and_is_named(self, world: World):
        base = world.draft(self.OPENS)
        assert declaring.declare_reasons(base, world.applicant, self.OWN) == ()
        assert declaring.declare_reasons(base, world.applicant, self.OWN + timedelta(days=1)) == (
            "申报已于 2026-09-10 截止，今天是 2026-09-11，不再受理。",
        )

    def test_does_not_swallow_the_time_that_a_return_gives(self, world: World):
        base = world.declared(self.OPENS)
        late = self.OWN + timedelta(days=2)
        base = declaring.return_for_revision(base=base, acting=world.unit_officer, on=late, reason="补充。")
        assert declaring.declare_reasons(base, world.applicant, self.CLOSES) == ()

    def test_an_extension_of_the_round_takes_no_time_away_from_a_returned_application(self, world: World):
        base = world.recommended(date(2026, 9, 18))
        base = declaring.return_for_revision(base=base, acting=world.officer, on=date(2026, 9, 21), reason="补充。")
        rounds.extend_round(
            round=world.round(self.OPENS), new_closes_on=date(2026, 10, 31), new_recommend_by=date(2026, 10, 31),
            reason="顺延。", by=world.officer, on=date(2026, 9, 22),
        )  # fmt: skip
        assert declaring.declare_reasons(base, world.applicant, date(2026, 10, 31)) == ()


@pytest.mark.article("5")
def test_after_its_time_nothing_of_an_application_is_changed_by_any_way(world: World, today):
    open_round(world, date(2026, 9, 1), date(2026, 9, 20), date(2026, 10, 30))
    base = world.draft(date(2026, 9, 1))
    application, late = draft_of(base), date(2026, 9, 21)
    why = "申报期限 2026-09-20 已过，申请书不能再改。新的批次开放后可以转入，已填写的内容都会保留。"
    student = application.trained_students.first()
    assert student is not None
    ways = [
        lambda: drafting.save_section(
            application=application, section="plan", by=world.applicant, on=late, values={"reason": "迟到的理由。"}
        ),
        lambda: attachments.add(
            application=application, kind="other", upload=pdf_upload(), by=world.applicant, on=late
        ),
        lambda: attachments.remove(file=application.files.all()[0], by=world.applicant, on=late),
        lambda: roster.remove_student(application=application, student=student, by=world.applicant, on=late),
    ]
    for way in ways:
        with pytest.raises(Refused) as refusal:
            way()
        assert refusal.value.reasons == (why,)
    assert draft_of(base).plan.reason != "迟到的理由。"


@pytest.mark.article("8(2)")
def test_the_department_returns_nothing_that_can_no_longer_be_published_in_time(world: World):
    opens, report_by = date(2026, 9, 1), date(2026, 10, 30)
    open_round(world, opens, date(2026, 9, 20), report_by)
    base = world.recommended(date(2026, 9, 18))
    on = date(2026, 10, 26)
    (reason,) = declaring.return_reasons(base, world.officer, on)
    assert reason.startswith("退回后须重新申报、公示，公示最早到 2026-11-02 才能结束，赶不上推荐报送截止 2026-10-30。")
    with pytest.raises(Refused):
        declaring.return_for_revision(base=base, acting=world.officer, on=on, reason="迟了")
    assert fresh(base).state == State.RECOMMENDED


@pytest.mark.article("8(1)")
class TestNobodyDeclaresWhatTheyHaveNotSeen:
    def test_a_change_after_the_page_was_opened_refuses_the_declaration(self, world: World, today, signed_in: SignedIn):
        base = world.draft(today)
        client, url = signed_in(world.applicant), f"/bases/{base.pk}/acts/declare/"
        seen = Page.of(client.get(url)).value("revision")
        keep(draft_of(base), world.applicant, reason="同事改过的理由。")
        answer = Page.of(client.post(url, {"revision": seen}))
        assert (answer.status, fresh(base).state) == (422, State.DRAFTING)
        assert "没有提交：您打开本页之后，申请书又有改动。" in answer.text
        client.post(url, {"revision": Page.of(client.get(url)).value("revision")})
        assert fresh(base).state == State.DECLARED

    def test_a_scan_that_was_sealed_before_the_last_change_is_pointed_out_in_the_report(self, world: World, today):
        base = world.draft(today)
        keep(draft_of(base), world.applicant, reason="盖章以后改的理由。")
        world.declare(base, today)
        (check,) = [check for check in version_of(base).eligibility if check["key"] == "sealed"]
        assert (check["verdict"], check["found"]) == ("judge", "盖章件上传后内容又有改动")


@pytest.mark.article("7(1)")
def test_another_category_brings_its_own_year_and_level_and_leaves_what_was_corrected(world: World, today):
    other = DegreeCategory.objects.get(code="0854")
    CategoryAuthorisation.objects.create(training_unit=world.unit, category=other, year=2021, level="doctor")
    base = world.draft(today)
    keep(draft_of(base), world.applicant, category=other)
    basics = draft_of(base).basics
    assert (basics.authorised_year, basics.level) == (2021, "doctor")
    keep(draft_of(base), world.applicant, authorised_year=2019)
    keep(draft_of(base), world.applicant, category=world.category)
    assert draft_of(base).basics.authorised_year == 2019


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
        before, after = (content_of(each, self.NEXT) for each in (last, new))
        elsewhere = [d.label for d in differences(before, after) if d.section not in ("一 基本信息", "二 合作单位")]
        assert elsewhere == ["申报年度"]
        assert (new.cooperation_started_on, new.plan.reason) == (last.cooperation_started_on, last.plan.reason)
        assert (new.declared_on, new.versions.count(), new.returned_reason, new.rank) == (None, 0, "", None)
        kinds = list(new.files.values_list("kind", flat=True))
        assert set(kinds) == set(NEEDED_FILES) - {"sealed_form"}
        assert not hasattr(new, "review")

    def test_figures_of_earlier_years_stay_those_of_their_years(self, world: World, today):
        """What was last year's is the year before last's now; the newest is asked for anew."""
        base = world.in_state(State.NOT_RECOMMENDED, today)
        open_round(world, self.NEXT, date(2027, 4, 30))
        new = draft_of(declaring.redeclare(base=base, acting=world.applicant, on=self.NEXT))
        basics, partner = new.basics, new.partner_profile
        assert (basics.enrolled_1, basics.enrolled_2, basics.enrolled_3) == (None, 86, 78)
        assert (basics.graduated_1, basics.graduated_2, basics.graduated_3) == (None, 30, 27)
        assert (partner.revenue_1, partner.revenue_2) == (None, Decimal("860000000.00"))
        said = content_of(new, self.NEXT)
        assert (said.value("enrolled_1"), said.value("enrolled_2")) == ("", "86 人")
        missing = [gap.words for gap in readiness.readiness(new, self.NEXT).standing("basics").missing]
        assert missing == ["在校生（2026 年）", "毕业生（2026 年）"]

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
        client = signed_in(world.applicant)
        for page in ("edit/plan/", "edit/plan/autosave/"):
            client.post(f"/applications/{old.pk}/{page}", {"reason": "改写历史。"})
        assert draft_of(base).pk != old.pk
        assert ConstructionPlan.objects.get(application=old).reason != "改写历史。"
        assert Application.objects.values().get(pk=old.pk) == kept
        with pytest.raises(Overtaken) as refusal:
            keep(old, world.applicant, reason="改写历史。")
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
        base = world.declare(base, self.NEXT)
        assert [a.declared_on for a in base.applications.all()] == [self.NEXT, today - timedelta(days=10)]
        assert [item.why for item in inbox.items(world.unit_officer, self.NEXT)] == ["申请书已提交，请作六项审核。"]
        ready = [notice_lists.ready_for_unit_notice(r, world.unit.pk) for r in (last_round, next_round)]
        assert ready == [[], []]
        enter_calendar_year(year=2027, source="放假通知", holidays=[], make_up_days=[], by=world.officer.user)
        over = f"推荐报送已于 {last_round.recommend_by} 截止"
        for round_, why in ((last_round, over), (next_round, "六项审核尚未完成，请先填写审核意见。")):
            with pytest.raises(Refused, match=why):
                world.publish([base], self.NEXT, round=round_)

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
        assert {item.why for item in inbox.items(world.officer, later)} == {
            "已列入初步名单，请召开认定审议会；也可以在基地页面单独登记审议纪要。",
            "有 1 个未获认定的基地还没有发评审结果通知。",
        }
        assert notice_lists.ready_for_recognition_notice(last_round) == []
        for round_, why in ((last_round, "已不在可以公示的基地之中"), (world.round(later), "审议纪要尚未登记。")):
            with pytest.raises(Refused, match=why):
                world.publish_recognition([base], later, round=round_)

    def test_a_new_partner_does_not_read_the_application_with_the_former_one(self, world: World, today):
        base = world.in_state(State.NOT_RECOMMENDED, today)
        before = draft_of(base)
        assert list(visible_applications(world.partner_officer)) == [before]
        later = date(today.year + 1, 11, 24)
        world.round(later)
        again = declaring.redeclare(base=fresh(base), acting=world.applicant, on=later)
        keep(draft_of(again), world.applicant, partner=world.other_partner)
        assert list(visible_applications(world.partner_officer)) == [before]
        assert list(visible_applications(world.other_partner_officer)) == []
        world.declare(fresh(base), later)
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
        assert (renewed.round.year, renewed.trained_students.count()) == (late.year, old.trained_students.count())
        assert renewed.plan.reason == old.plan.reason
        years = "在校生（2026 年）、毕业生（2026 年）、营业收入（2026 年）、研发投入（2026 年）"
        assert declaring.declare_reasons(fresh(base), world.applicant, late) == (
            f"申请书还缺：{years}。", "还缺附件：申请书盖章扫描件。",
        )  # fmt: skip
        assert world.declare(base, late).state == State.DECLARED

    def test_only_its_applicant_takes_it_over(self, world: World, today):
        base = world.draft(today)
        late = date(today.year + 1, 1, 10)
        world.round(late)
        for stranger in (world.unit_officer, world.other_applicant, world.officer):
            with pytest.raises(NotYours):
                declaring.renew_draft(base=base, acting=stranger, on=late)
        assert Application.objects.filter(base=base).count() == 1
