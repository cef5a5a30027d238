"""第八条（二）（四）: lists that go out for objection, how long, and what an objection holds up."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from applications import sections
from applications.models import NoticeEntry, PublicNotice
from applications.recommendation_forms import UnitReviewForm
from applications.services import (
    declaring,
    notice_drafts,
    notice_lists,
    notice_standing,
    notices,
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
from tests.applications.conftest import fresh
from tests.applications.objecting import newest_notice, object_to, settle
from tests.factories import World, person

PUBLISHED, LAST_DAY = date(2026, 11, 2), date(2026, 11, 9)  # Monday to Monday, five working days


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
                with pytest.raises(NotYours, match="推荐公示由研究生院起草。"):
                    world.publish([base], today, by=somebody)
        with pytest.raises(NotYours, match="名单中有不属于本单位的基地，没有保存。"):
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

    def test_a_base_stands_once_on_a_list(self, world: World, today):
        base = world.reviewed(today)
        drafted = notice_drafts.draft_notice(
            kind="recommendation", round=world.round(today), bases=[base], by=world.unit_officer, on=today
        )
        twice = [entry for _n in range(2) for entry in notices.entries_of(drafted, [base], {})]
        twice[1].position = 2
        with pytest.raises(IntegrityError, match="base_once_per_notice"), transaction.atomic():
            NoticeEntry.objects.bulk_create(twice)

    def test_the_database_knows_which_office_issues_which_kind(self, world: World, today):
        world.reviewed(today)
        notice_drafts.draft_notice(
            kind="recommendation", round=world.round(today), by=world.unit_officer, on=today
        )  # fmt: skip
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


@pytest.mark.article("8(4)")
class TestTheRecognitionNotice:
    def publish(self, world: World, base: Base, by: Acting, on: date, **changes: Any) -> PublicNotice:
        colleague = person(Role.DEPT_OFFICER, department=world.department)
        return world.publish_recognition([base], on, by=by, drafted_by=colleague, **changes)

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
                assert refusal.value.reasons == ("认定公示由教育厅审批发布。",)

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
        objection = object_to(base, today)
        assert recognising.recognise_reasons(base, world.leader, after) == (
            "本基地有 1 件异议尚未办结，办结前不能继续。",
        )
        settle(objection, "upheld", world.officer, today)
        assert fresh(base).state == State.NOT_RECOGNISED

    def test_an_objection_to_the_units_notice_belongs_to_that_notice(self, world: World, today):
        """What was settled at the unit does not come up again at the department."""
        base = world.in_unit_notice(today - timedelta(days=10))
        settle(object_to(base, today - timedelta(days=9)), "declined", world.unit_officer, today)
        recommending.recommend(base=base, acting=world.unit_officer, on=today)
        assert notice_standing.notice_facts(base, PublicNotice.Kind.RECOGNITION) is None
