"""第八条（二）（四）: lists that go out for objection, how long, and what an objection holds up."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from applications import sections
from applications.models import NoticeEntry, Objection, PublicNotice
from applications.queries import handled_objections, waiting_for_review
from applications.recommendation_forms import UnitReviewForm
from applications.services import (
    declaring,
    notice_lists,
    notice_standing,
    notices,
    objections,
    recognising,
    recommending,
)
from bases.acting import as_acting
from bases.lifecycle import State
from bases.models import Base, Membership
from evaluations.demo.play import OPINIONS
from portal import inbox
from portal.acting import Acting
from portal.calendar import CalendarNotLoaded
from portal.errors import NotYours, Overtaken, Refused
from portal.roles import Role
from portal.services import enter_calendar_year
from tests.applications.conftest import SignedIn, fresh
from tests.applications.pages import Page
from tests.factories import World, pdf_upload, person

Status = Objection.Status
PUBLISHED, LAST_DAY = date(2026, 11, 2), date(2026, 11, 9)  # Monday to Monday, five working days
NAME, PHONE, GROUNDS = "贺青川", "13900000000", "申请书所列实践场地与实际情况不一致，请核实。"


def newest_notice(base: Base) -> PublicNotice:
    """The newest notice on which the base stands."""
    return PublicNotice.objects.filter(entries__base=base).latest("pk")


def file(base: Base, on: date = PUBLISHED, **changes: Any) -> Objection:
    """Somebody objects to the base with everything that is needed."""
    given = {"notice": newest_notice(base), "base": base, "name": NAME, "phone": PHONE, "grounds": GROUNDS, "on": on}
    return objections.file_objection(**(given | changes))


def handle(objection: Objection, *steps: str, by: Acting, on: date = LAST_DAY) -> Objection:
    """The office takes the objection through these states."""
    for step in steps:
        handled = objections.handle_objection(objection=objection, status=step, conclusion="经核实。", by=by, on=on)
    return handled


@pytest.fixture
def listed(world: World) -> list[Base]:
    """Two bases on one list of the unit."""
    bases = [world.reviewed(PUBLISHED), world.reviewed(PUBLISHED)]
    world.publish(bases, PUBLISHED)
    return [fresh(base) for base in bases]


@pytest.mark.article("8(2)")
class TestTheReviewOfARevisedApplication:
    @pytest.fixture
    def mended(self, world: World, today) -> Base:
        base = world.reviewed(today)
        base = declaring.return_for_revision(base=base, acting=world.unit_officer, on=today, reason="请补充。")
        return world.declare(base, today)

    def test_is_given_anew(self, world: World, today, mended: Base):
        """The opinions were about what the application said before."""
        with pytest.raises(Refused) as refusal:
            world.publish([mended], today)
        assert refusal.value.reasons == (f"{mended.name}：六项审核尚未完成，请先填写审核意见。",)
        world.review(mended, today)
        world.publish([mended], today)
        assert fresh(mended).state == State.UNIT_NOTICE

    def test_waits_for_the_unit_again(self, world: World, today, mended: Base):
        assert notice_lists.ready_for_unit_notice(world.application(mended).round, world.unit.pk) == []
        assert waiting_for_review(world.unit_officer) == 1
        assert [item.button for item in inbox.items(world.unit_officer, today)] == ["填写审核意见"]

    def test_begins_with_the_earlier_opinions(self, world: World, today, mended: Base):
        form = UnitReviewForm(base=mended, acting=world.unit_officer, on=today)
        assert form.initial == OPINIONS

    def test_is_not_shown_with_the_earlier_opinions(self, world: World, today, mended: Base):
        (section, *_more) = sections.source(mended, world.unit_officer, today)
        assert section.context["review"] is None


@pytest.mark.article("8(2)")
class TestTheUnitsNotice:
    def test_needs_the_six_aspects(self, world: World, today):
        base = world.declared(today)
        with pytest.raises(Refused) as refusal:
            world.publish([base], today)
        assert refusal.value.reasons == (f"{base.name}：六项审核尚未完成，请先填写审核意见。",)
        assert PublicNotice.objects.count() == 0

    def test_one_base_that_is_not_ready_keeps_the_whole_list_back(self, world: World, today):
        ready, unready = world.reviewed(today), world.declared(today)
        with pytest.raises(Refused):
            world.publish([ready, unready], today)
        assert (PublicNotice.objects.count(), NoticeEntry.objects.count()) == (0, 0)
        assert {base.state for base in Base.objects.all()} == {State.DECLARED}

    def test_needs_a_base(self, world: World, today):
        with pytest.raises(Refused) as refusal:
            world.publish([], today)
        assert refusal.value.reasons == ("请至少选择一个基地列入公示名单。",)

    def test_is_the_graduate_offices_own(self, world: World, today):
        base = world.reviewed(today)
        for role, somebody in world.everybody().items():
            if role != Role.UNIT_OFFICER:
                with pytest.raises(NotYours, match="推荐公示由研究生院发布。"):
                    world.publish([base], today, by=somebody)
        with pytest.raises(NotYours, match="这个基地不属于您当前所在的单位，不能办理。"):
            world.publish([base], today, by=world.other_unit_officer)
        assert PublicNotice.objects.count() == 0

    def test_names_dates_offices_and_contact(self, listed: list[Base], world: World):
        notice = newest_notice(listed[0])
        assert (notice.published_on, notice.working_days, notice.ends_on) == (PUBLISHED, 5, LAST_DAY)
        assert (notice.office, notice.supervision_office) == ("研究生院", "纪检监察机构")
        assert notice.contact == "0471-0000000，yjs@example.invalid，大学街 1 号"
        assert notices.notice_paragraphs(notice) == [
            notice.text,
            "公示时间：2026年11月2日至2026年11月9日（5个工作日，自发布次日起算）。",
            "公示期内如有异议，请以真实姓名或单位名称书面提出，写明事实与理由并附证明材料；匿名、逾期或者没有事实依据的不予受理。",
            "受理部门：研究生院；监督部门：纪检监察机构。联系方式：0471-0000000，yjs@example.invalid，大学街 1 号。",
        ]

    def test_without_a_contact_nothing_goes_out(self, world: World, today):
        base = world.reviewed(today)
        type(world.unit).objects.filter(pk=world.unit.pk).update(phone="", email="", address="")
        with pytest.raises(Refused) as refusal:
            world.publish([base], today)
        assert refusal.value.reasons == ("请先在单位信息中补全受理部门的电话或邮箱，公示必须写明联系方式。",)

    def test_its_list_does_not_change_while_it_is_out(self, world: World, listed: list[Base]):
        lines = list(NoticeEntry.objects.order_by("position").values())
        Base.objects.filter(pk=listed[0].pk).update(name="改了名的基地", priority_industry="")
        type(world.partner).objects.filter(pk=world.partner.pk).update(name="改了名的公司")
        type(world.unit).objects.filter(pk=world.unit.pk).update(name="改了名的大学", phone="0000")
        assert list(NoticeEntry.objects.order_by("position").values()) == lines
        assert newest_notice(listed[0]).contact.startswith("0471-0000000")
        assert [(line["position"], line["base_name"], line["category"]) for line in lines] == [
            (1, listed[0].name, "机械（0855）"),
            (2, listed[1].name, "机械（0855）"),
        ]

    def test_a_base_stands_once_on_a_list(self, listed: list[Base]):
        entry = NoticeEntry.objects.earliest("pk")
        entry.pk, entry.position = None, 9
        with pytest.raises(IntegrityError, match="base_once_per_notice"), transaction.atomic():
            entry.save()

    def test_the_database_knows_which_office_issues_which_kind(self, listed: list[Base]):
        with pytest.raises(IntegrityError, match="notice_issuer_fits_kind"), transaction.atomic():
            PublicNotice.objects.update(issuer_unit=None)


@pytest.mark.article("8(2)")
class TestThePeriod:
    @pytest.mark.parametrize(
        ("published", "last_day"),
        [
            pytest.param(date(2026, 11, 2), date(2026, 11, 9), id="five plain working days"),
            pytest.param(date(2026, 11, 7), date(2026, 11, 13), id="published on a Saturday"),
            pytest.param(date(2026, 9, 28), date(2026, 10, 10), id="over National Day, ending on a make-up Saturday"),
            pytest.param(date(2026, 9, 18), date(2026, 9, 24), id="a make-up Sunday counts"),
            pytest.param(date(2026, 2, 12), date(2026, 2, 26), id="over the Spring Festival, with a make-up Saturday"),
        ],
    )
    def test_counts_working_days_from_the_day_after(self, world: World, published: date, last_day: date):
        assert newest_notice(world.in_unit_notice(published)).ends_on == last_day

    def test_an_unknown_year_is_refused_in_words_that_show_the_way_out(self, world: World):
        base, on = world.reviewed(date(2026, 12, 28)), date(2026, 12, 28)
        with pytest.raises(CalendarNotLoaded) as refusal:
            world.publish([base], on)
        assert refusal.value.reasons == (
            "2027 年的节假日安排尚未录入，无法计算工作日。请教育厅经办先在“工作日历”中录入该年安排。",
        )
        assert (PublicNotice.objects.count(), Base.objects.get().state) == (0, State.DECLARED)

    def test_once_the_year_is_entered_the_notice_goes_out(self, world: World):
        on = date(2026, 12, 28)
        enter_calendar_year(
            year=2027,
            source="放假通知",
            holidays=[date(2027, 1, 1)],
            make_up_days=[date(2027, 1, 2)],
            by=world.officer.user,
        )
        assert newest_notice(world.in_unit_notice(on)).ends_on == date(2027, 1, 4)

    def test_a_year_entered_later_leaves_published_dates_alone(self, world: World, listed: list[Base]):
        enter_calendar_year(
            year=2026, source="改期", holidays=[date(2026, 11, 5)], make_up_days=[], by=world.officer.user
        )
        assert newest_notice(listed[0]).ends_on == LAST_DAY
        assert newest_notice(world.in_unit_notice(PUBLISHED)).ends_on == LAST_DAY + timedelta(days=1)


@pytest.mark.article("8(2)")
class TestRecommending:
    def test_is_closed_until_24_oclock_of_the_last_day(self, world: World, listed: list[Base]):
        for on in (PUBLISHED, LAST_DAY):
            with pytest.raises(Refused) as refusal:
                recommending.recommend(base=listed[0], acting=world.unit_officer, on=on)
            assert refusal.value.reasons == ("公示期至 2026-11-09 24 时，尚未结束。",)
        on = LAST_DAY + timedelta(days=1)
        assert recommending.recommend(base=listed[0], acting=world.unit_officer, on=on).state == State.RECOMMENDED

    @pytest.mark.parametrize("role", [role for role in Role.values if role != Role.UNIT_OFFICER])
    def test_is_the_graduate_offices(self, world: World, listed: list[Base], role: str):
        with pytest.raises(NotYours):
            recommending.recommend(base=listed[0], acting=world.everybody()[role], on=LAST_DAY + timedelta(days=1))
        assert fresh(listed[0]).state == State.UNIT_NOTICE

    def test_an_old_notice_does_not_serve_a_base_that_was_sent_back(self, world: World, today):
        base = world.sent_back_and_declared_again(today)
        with pytest.raises(Overtaken):
            recommending.recommend(base=base, acting=world.unit_officer, on=today)
        world.publish([base], today)
        with pytest.raises(Refused, match="公示期至 2026-12-01 24 时，尚未结束。"):
            recommending.recommend(base=fresh(base), acting=world.unit_officer, on=today)


@pytest.mark.article("8(2)")
class TestAnObjection:
    def test_is_taken_on_every_day_of_the_period(self, listed: list[Base]):
        file(listed[0], PUBLISHED), file(listed[0], LAST_DAY)
        assert set(Objection.objects.values_list("filed_on", "status")) == {
            (PUBLISHED, Status.SUBMITTED),
            (LAST_DAY, Status.SUBMITTED),
        }

    @pytest.mark.parametrize("on", [PUBLISHED - timedelta(days=1), LAST_DAY + timedelta(days=1)])
    def test_is_refused_outside_it_with_the_dates(self, listed: list[Base], on: date):
        with pytest.raises(Refused) as refusal:
            file(listed[0], on)
        assert refusal.value.reasons == (
            f"公示期为 2026-11-02 至 2026-11-09，今天是 {on}，不在受理期内，异议没有提交。",
        )
        assert Objection.objects.count() == 0

    def test_is_refused_against_a_base_that_is_not_on_the_list(self, world: World, listed: list[Base]):
        elsewhere = world.in_unit_notice(PUBLISHED)
        with pytest.raises(Refused) as refusal:
            file(elsewhere, notice=newest_notice(listed[0]))
        assert refusal.value.reasons == ("该基地不在这份公示名单中，请核对后重新选择。",)

    def test_has_a_code_of_its_own(self, listed: list[Base]):
        codes = [file(listed[0]).code for _ in range(20)]
        assert len(set(codes)) == 20
        assert {len(code) for code in codes} == {10}

    @pytest.mark.parametrize("phone", ["", "0471-1234567", "1390000000", "139000000000"])
    def test_has_a_phone_that_can_be_called_also_for_the_database(self, listed: list[Base], phone: str):
        objection = file(listed[0])
        with pytest.raises(IntegrityError, match="objection_phone_can_be_called"), transaction.atomic():
            Objection.objects.filter(pk=objection.pk).update(phone=phone)


@pytest.mark.article("8(2)")
class TestWhatAnObjectionHoldsUp:
    AFTER = LAST_DAY + timedelta(days=1)

    def reasons(self, world: World, base: Base) -> tuple[str, ...]:
        """Why the base cannot be recommended on the day after the period."""
        return recommending.recommend_reasons(base, world.unit_officer, self.AFTER)

    @pytest.mark.parametrize("steps", [(), (Status.ACCEPTED,)], ids=["submitted", "accepted"])
    def test_an_open_one_blocks_its_base_and_no_other(self, world: World, listed: list[Base], steps: tuple[str, ...]):
        objection = file(listed[0])
        if steps:
            handle(objection, *steps, by=world.unit_officer)
        assert self.reasons(world, listed[0]) == ("本基地有 1 件异议尚未办结，办结前不能继续。",)
        with pytest.raises(Refused):
            recommending.recommend(base=listed[0], acting=world.unit_officer, on=self.AFTER)
        other = recommending.recommend(base=listed[1], acting=world.unit_officer, on=self.AFTER)
        assert (fresh(listed[0]).state, other.state) == (State.UNIT_NOTICE, State.RECOMMENDED)

    @pytest.mark.parametrize(
        "steps", [(Status.DECLINED,), (Status.ACCEPTED, Status.DISMISSED)], ids=["declined", "dismissed"]
    )
    def test_one_that_came_to_nothing_blocks_no_more(self, world: World, listed: list[Base], steps: tuple[str, ...]):
        handle(file(listed[0]), *steps, by=world.unit_officer)
        moved = recommending.recommend(base=listed[0], acting=world.unit_officer, on=self.AFTER)
        assert moved.state == State.RECOMMENDED

    def test_an_upheld_one_blocks_for_good_and_the_base_is_declined(self, world: World, listed: list[Base]):
        handle(file(listed[0]), Status.ACCEPTED, Status.UPHELD, by=world.unit_officer)
        assert self.reasons(world, listed[0]) == ("针对本基地的异议已查证成立，不能继续，请作不予推荐（认定）处理。",)
        declined = recommending.decline(
            base=listed[0], acting=world.unit_officer, on=self.AFTER, reason="异议查证成立。"
        )
        assert declined.state == State.NOT_RECOMMENDED

    def test_every_one_of_several_must_be_settled(self, world: World, listed: list[Base]):
        first, _second = file(listed[0]), file(listed[0])
        assert self.reasons(world, listed[0]) == ("本基地有 2 件异议尚未办结，办结前不能继续。",)
        handle(first, Status.DECLINED, by=world.unit_officer)
        assert self.reasons(world, listed[0]) == ("本基地有 1 件异议尚未办结，办结前不能继续。",)


@pytest.mark.article("8(2)")
class TestHandlingAnObjection:
    def test_goes_from_submitted_over_accepted_to_a_conclusion(self, world: World, listed: list[Base]):
        objection = handle(file(listed[0]), Status.ACCEPTED, Status.DISMISSED, by=world.unit_officer)
        assert (objection.status, objection.conclusion) == (Status.DISMISSED, "经核实。")
        assert (objection.handled_by, objection.handled_on) == (world.unit_officer.user, LAST_DAY)

    @pytest.mark.parametrize(
        ("before", "step"),
        [
            ((), Status.UPHELD),
            ((), Status.DISMISSED),
            ((), Status.SUBMITTED),
            ((Status.ACCEPTED,), Status.DECLINED),
            ((Status.ACCEPTED,), Status.ACCEPTED),
            ((Status.DECLINED,), Status.ACCEPTED),
            ((Status.ACCEPTED, Status.UPHELD), Status.DISMISSED),
            ((Status.ACCEPTED, Status.DISMISSED), Status.UPHELD),
        ],
    )
    def test_takes_no_other_way(self, world: World, listed: list[Base], before: tuple[str, ...], step: str):
        objection = file(listed[0])
        if before:
            handle(objection, *before, by=world.unit_officer)
        with pytest.raises(Overtaken, match="不能这样办理。请刷新后再看。"):
            handle(objection, step, by=world.unit_officer)
        assert Objection.objects.get().status == (before[-1] if before else Status.SUBMITTED)

    @pytest.mark.parametrize("before", [(), (Status.ACCEPTED,)])
    def test_ends_with_words_for_the_objector(self, world: World, listed: list[Base], before: tuple[str, ...]):
        objection = file(listed[0])
        if before:
            handle(objection, *before, by=world.unit_officer)
        for step in (Status.UPHELD, Status.DISMISSED) if before else (Status.DECLINED,):
            with pytest.raises(Refused) as refusal:
                objections.handle_objection(
                    objection=objection, status=step, conclusion=" ", by=world.unit_officer, on=LAST_DAY
                )
            assert refusal.value.reasons == ("请写明处理意见和依据，将据此答复异议人。",)

    def test_the_database_wants_the_words_too(self, listed: list[Base]):
        file(listed[0])
        with pytest.raises(IntegrityError, match="concluded_objection_has_a_conclusion"), transaction.atomic():
            Objection.objects.update(status=Status.UPHELD)

    def test_a_units_notice_is_handled_by_that_units_office_alone(self, world: World, listed: list[Base]):
        objection = file(listed[0])
        others = [a for role, a in world.everybody().items() if role != Role.UNIT_OFFICER]
        for somebody in (*others, world.other_unit_officer):
            with pytest.raises(NotYours) as refusal:
                handle(objection, Status.ACCEPTED, by=somebody)
            assert refusal.value.reasons == ("异议由发布公示的部门办理。",)

    def test_the_departments_notice_is_handled_by_its_officer_alone(self, world: World, today):
        objection = file(world.in_recognition_notice(today), today)
        others = [a for role, a in world.everybody().items() if role != Role.DEPT_OFFICER]
        for somebody in others:
            with pytest.raises(NotYours):
                handle(objection, Status.ACCEPTED, by=somebody, on=today)
        assert handle(objection, Status.ACCEPTED, by=world.officer, on=today).status == Status.ACCEPTED


@pytest.mark.article("8(2)")
class TestTheObjectorsIdentity:
    """For the handling office alone: the list, the page and the evidence."""

    @pytest.fixture
    def of_unit(self, listed: list[Base]) -> Objection:
        return file(listed[0], evidence=pdf_upload("证据.pdf"))

    @pytest.fixture
    def of_department(self, world: World, today) -> Objection:
        return file(world.in_recognition_notice(today), today, evidence=pdf_upload("证据.pdf"))

    def everybody(self, world: World) -> dict[str, Acting]:
        return world.everybody() | {
            "other unit's officer": world.other_unit_officer,
            "other applicant": world.other_applicant,
            "other partner": world.other_partner_officer,
        }

    def test_lists_show_it_to_that_office_alone(self, world: World, of_unit: Objection, of_department: Objection):
        seen = {who: set(handled_objections(acting)) for who, acting in self.everybody(world).items()}
        nobody: dict[str, set[Objection]] = {who: set() for who in seen}
        assert seen == nobody | {Role.UNIT_OFFICER: {of_unit}, Role.DEPT_OFFICER: {of_department}}

    @pytest.mark.parametrize("kind", ["of_unit", "of_department"])
    def test_the_evidence_is_downloaded_by_that_office_alone(
        self, world: World, kind: str, request: pytest.FixtureRequest, signed_in: SignedIn, anybody: Client
    ):
        evidence = request.getfixturevalue(kind).evidence
        clients = {who: signed_in(acting) for who, acting in self.everybody(world).items()} | {"public": anybody}
        answers = {who: client.get(f"/files/{evidence.key}/") for who, client in clients.items()}
        office = Role.UNIT_OFFICER if kind == "of_unit" else Role.DEPT_OFFICER
        allowed = {who for who, answer in answers.items() if answer.status_code == 200}
        assert allowed == {office}
        assert b"".join(answers[office].streaming_content)[:5] == b"%PDF-"
        assert {Page.of(a).heading for who, a in answers.items() if who != office} == {"没有找到这个页面"}

    def test_it_is_not_in_the_bases_history(self, world: World, of_unit: Objection):
        handle(of_unit, Status.ACCEPTED, Status.UPHELD, by=world.unit_officer)
        recommending.decline(base=of_unit.base, acting=world.unit_officer, on=LAST_DAY, reason="异议成立。")
        said = str(list(of_unit.base.events.values()))
        assert [word for word in (NAME, PHONE, GROUNDS) if word in said] == []


@pytest.mark.article("8(4)")
class TestTheRecognitionNotice:
    def publish(self, world: World, base: Base, by: Acting, on: date) -> PublicNotice:
        return notices.publish_recognition_notice(
            round=world.application(base).round,
            bases=[base],
            title="关于拟认定名单的公示",
            text="现予公示。",
            by=by,
            on=on,
        )

    def test_needs_the_minutes_of_a_deliberation(self, world: World, today):
        base = world.shortlisted(today)
        with pytest.raises(Refused) as refusal:
            self.publish(world, base, world.leader, today)
        assert refusal.value.reasons == (f"{base.name}：审议纪要尚未登记。",)
        assert Base.objects.get().state == State.SHORTLISTED

    def test_is_the_leaders(self, world: World, today):
        base = world.deliberated(today)
        for role, somebody in world.everybody().items():
            if role != Role.DEPT_LEADER:
                with pytest.raises(NotYours) as refusal:
                    self.publish(world, base, somebody, today)
                assert refusal.value.reasons == ("认定公示由教育厅审批人发布。",)

    def test_four_eyes_who_recorded_the_deliberation_does_not_decide_on_it(self, world: World, today):
        base = world.deliberated(today)
        both = Membership.objects.create(user=world.officer.user, role=Role.DEPT_LEADER, department=world.department)
        with pytest.raises(Refused) as refusal:
            self.publish(world, base, as_acting(both), today)
        assert refusal.value.reasons == (f"{base.name}：拟办与决定不能是同一人，请由其他审批人办理。",)
        self.publish(world, base, world.leader, today)
        assert Base.objects.get().state == State.RECOGNITION_NOTICE

    def test_four_eyes_who_shortlisted_does_not_decide_on_it(self, world: World, today):
        base = world.shortlisted(today)
        colleague = person(Role.DEPT_OFFICER, department=world.department)
        recognising.record_deliberation(base=base, acting=colleague, on=today, held_on=today, conclusion="同意。")
        both = Membership.objects.create(user=world.officer.user, role=Role.DEPT_LEADER, department=world.department)
        with pytest.raises(Refused) as refusal:
            self.publish(world, base, as_acting(both), today)
        assert refusal.value.reasons == (f"{base.name}：拟办与决定不能是同一人，请由其他审批人办理。",)
        assert Base.objects.get().state == State.SHORTLISTED

    @pytest.mark.parametrize("prepared", ["the list", "the minutes"])
    def test_four_eyes_who_prepared_the_recognition_does_not_recognise(self, world: World, today, prepared: str):
        base = world.shortlisted(today)
        colleague = person(Role.DEPT_OFFICER, department=world.department)
        recognising.record_deliberation(base=base, acting=colleague, on=today, held_on=today, conclusion="同意。")
        self.publish(world, base, world.leader, today)
        after = newest_notice(base).ends_on + timedelta(days=1)
        preparer = world.officer if prepared == "the list" else colleague
        both = as_acting(
            Membership.objects.create(user=preparer.user, role=Role.DEPT_LEADER, department=world.department)
        )
        why = ("拟办与决定不能是同一人，请由其他审批人办理。",)
        assert recognising.recognise_reasons(fresh(base), both, after) == why
        with pytest.raises(Refused) as refusal:
            recognising.recognise(base=fresh(base), acting=both, on=after)
        assert refusal.value.reasons == why
        assert recognising.recognise(base=fresh(base), acting=world.leader, on=after).state == State.RECOGNISED

    def test_recognising_waits_for_its_end(self, world: World, today):
        base = world.in_recognition_notice(today)
        last_day = newest_notice(base).ends_on
        assert last_day == date(2026, 12, 1)
        assert recognising.recognise_reasons(base, world.leader, last_day) == ("公示期至 2026-12-01 24 时，尚未结束。",)
        assert recognising.recognise_reasons(base, world.leader, last_day + timedelta(days=1)) == ()

    def test_an_open_objection_holds_up_the_recognition(self, world: World, today):
        base = world.in_recognition_notice(today)
        after = newest_notice(base).ends_on + timedelta(days=1)
        objection = file(base, today)
        assert recognising.recognise_reasons(base, world.leader, after) == (
            "本基地有 1 件异议尚未办结，办结前不能继续。",
        )
        handle(objection, Status.ACCEPTED, Status.UPHELD, by=world.officer, on=today)
        with pytest.raises(Refused, match="针对本基地的异议已查证成立，不能继续，请作不予推荐（认定）处理。"):
            recognising.recognise(base=base, acting=world.leader, on=after)
        rejected = recognising.reject(base=base, acting=world.leader, on=after, reason="异议查证成立。")
        assert rejected.state == State.NOT_RECOGNISED

    def test_an_objection_to_the_units_notice_belongs_to_that_notice(self, world: World, today):
        """What was settled at the unit does not come up again at the department."""
        base = world.in_unit_notice(today - timedelta(days=10))
        handle(file(base, today - timedelta(days=9)), Status.DECLINED, by=world.unit_officer, on=today)
        recommending.recommend(base=base, acting=world.unit_officer, on=today)
        assert notice_standing.notice_facts(base, PublicNotice.Kind.RECOGNITION) is None


@pytest.mark.article("8(2)")
@pytest.mark.django_db(transaction=True)
class TestAnObjectionInTheLastSecond:
    """Objector and office at midnight, on two connections: the base's lock makes the later one see the earlier."""

    AFTER = LAST_DAY + timedelta(days=1)

    def while_open(
        self, at_once: Callable[..., list[Any]], first: Callable[[], Any], second: Callable[[], Any]
    ) -> list[Any]:
        """``second`` begins when ``first`` has done its work but has not committed."""
        worked, waiting = threading.Event(), threading.Event()

        def hold() -> Any:
            with transaction.atomic():
                result = first()
                worked.set()
                waiting.wait(timeout=10)
                threading.Event().wait(0.3)  # time for the other to run into the lock
            return result

        def follow() -> Any:
            worked.wait(timeout=10)
            waiting.set()
            return second()

        return at_once(hold, follow)

    def test_a_recommendation_sees_an_objection_that_was_not_yet_committed(
        self, world: World, listed: list[Base], at_once
    ):
        objection, refused = self.while_open(
            at_once,
            lambda: file(listed[0], LAST_DAY),
            lambda: recommending.recommend(base=listed[0], acting=world.unit_officer, on=self.AFTER),
        )
        assert isinstance(refused, Refused)
        assert refused.reasons == ("本基地有 1 件异议尚未办结，办结前不能继续。",)
        assert (Objection.objects.get(), fresh(listed[0]).state) == (objection, State.UNIT_NOTICE)

    def test_an_objection_that_comes_second_is_kept_beside_the_recommendation(
        self, world: World, listed: list[Base], at_once
    ):
        recommended, objection = self.while_open(
            at_once,
            lambda: recommending.recommend(base=listed[0], acting=world.unit_officer, on=self.AFTER),
            lambda: file(listed[0], LAST_DAY),
        )
        assert recommended.state == State.RECOMMENDED
        assert recommended.events.last().evidence["notice"]["open_objections"] == 0
        assert (Objection.objects.get(), objection.status) == (objection, Status.SUBMITTED)
        assert list(handled_objections(world.unit_officer)) == [objection]

    def test_at_the_same_moment_both_never_pass_each_other_unseen(self, world: World, listed: list[Base], at_once):
        objection, outcome = at_once(
            lambda: file(listed[0], LAST_DAY),
            lambda: recommending.recommend(base=listed[0], acting=world.unit_officer, on=self.AFTER),
        )
        assert Objection.objects.get() == objection
        recommended = fresh(listed[0]).state == State.RECOMMENDED
        assert recommended == (not isinstance(outcome, Refused))

    def test_two_officers_conclude_an_objection_once(self, world: World, listed: list[Base], at_once):
        objection = file(listed[0])
        colleague = person(Role.UNIT_OFFICER, training_unit=world.unit)
        results = at_once(
            lambda: handle(objection, Status.ACCEPTED, by=world.unit_officer),
            lambda: handle(objection, Status.DECLINED, by=colleague),
        )
        (winner,) = (result for result in results if isinstance(result, Objection))
        (loser,) = (result for result in results if isinstance(result, Overtaken))
        assert Objection.objects.get().status == winner.status
        assert loser.reasons == (f"异议当前为“{winner.get_status_display()}”，不能这样办理。请刷新后再看。",)
