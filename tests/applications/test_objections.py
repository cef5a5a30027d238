"""第八条（二）（四）: what is objected to a base of a notice, what that holds up, and how its office settles and answers it."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.test import Client, override_settings
from pypdf import PdfReader

from applications import deadlines
from applications.models import Application, Objection, ObjectionFile, ObjectionLook, ObjectionRecord, Round
from applications.objection_queries import handled_objections, own_notices, visible_objections
from applications.services import notice_drafts, notices, objection_answers, objections, recommending, reporting
from bases.acting import as_acting
from bases.lifecycle import State
from bases.models import Base, Membership, Policy
from portal import inbox, jobs, uploads
from portal.acting import Acting
from portal.calendar import CalendarNotLoaded, WorkingCalendar
from portal.errors import NotYours, Overtaken, Refused
from portal.models import IssuedRecord, OutboxJob
from portal.roles import Role
from portal.services import enter_calendar_year
from tests.applications.conftest import SignedIn, fresh
from tests.applications.objecting import (
    FINDINGS,
    GROUNDS,
    NAME,
    PHONE,
    newest_notice,
    object_to,
    settle,
    take_down,
)
from tests.applications.pages import Page
from tests.conftest import TODAY
from tests.factories import World, pdf_upload

Status = Objection.Status
PUBLISHED, LAST_DAY = date(2026, 11, 2), date(2026, 11, 9)  # Monday to Monday, five working days
AFTER = LAST_DAY + timedelta(days=1)
READERS = (
    Role.APPLICANT, Role.UNIT_OFFICER, Role.PARTNER_OFFICER, Role.EXPERT, Role.DEPT_OFFICER, Role.DEPT_LEADER, Role.AUDITOR,
)  # fmt: skip
OUTCOMES = [Status.UPHELD, Status.PARTLY_UPHELD, Status.DISMISSED]


@dataclass(frozen=True)
class Standing:
    """What every test here begins with: two bases on one list of the unit, one on the department's."""

    world: World
    listed: tuple[int, int]
    noticed: int


@pytest.fixture(scope="module")
def standing(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Standing]:
    """Built once; each test begins from it and is taken back to it."""
    quick = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    folder = tmp_path_factory.mktemp("files")
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(PASSWORD_HASHERS=quick, MEDIA_ROOT=folder):
            world = World.create()
            bases = [world.reviewed(PUBLISHED), world.reviewed(PUBLISHED)]
            world.publish(bases, PUBLISHED)
            noticed = world.in_recognition_notice(TODAY)
        yield Standing(world, (bases[0].pk, bases[1].pk), noticed.pk)
        transaction.set_rollback(True)


@pytest.fixture
def world(standing: Standing, db: None) -> World:
    """The people of the module, their counters as they were."""
    return replace(standing.world)


@pytest.fixture
def listed(world: World, standing: Standing) -> list[Base]:
    """Two bases on one list of the unit."""
    return [Base.objects.get(pk=pk) for pk in standing.listed]


@pytest.fixture
def noticed(world: World, standing: Standing) -> Base:
    """A base on the department's list."""
    return Base.objects.get(pk=standing.noticed)


def letter(base: Base, by: Acting, received_on: date, on: date = AFTER, **changes: Any) -> Objection:
    """A letter that the office has received and enters."""
    given = {"name": NAME, "phone": PHONE, "grounds": GROUNDS, "received_by": "收发室"} | changes
    return objections.enter_letter(
        notice=newest_notice(base), base=base, received_on=received_on, by=by, on=on, **given
    )


@pytest.mark.article("8(2)")
class TestFiling:
    def test_is_taken_on_every_day_of_the_period(self, listed: list[Base]):
        object_to(listed[0], PUBLISHED), object_to(listed[0], LAST_DAY)
        assert set(Objection.objects.values_list("filed_on", "status")) == {
            (PUBLISHED, Status.SUBMITTED),
            (LAST_DAY, Status.SUBMITTED),
        }

    @pytest.mark.parametrize("on", [PUBLISHED - timedelta(days=1), AFTER])
    def test_is_refused_outside_it_and_names_the_supervision_office(self, listed: list[Base], on: date):
        with pytest.raises(Refused) as refusal:
            object_to(listed[0], on)
        assert refusal.value.reasons == (
            f"公示期为 2026-11-02 至 2026-11-09，今天是 {on}，不在受理期内，异议没有提交。"
            "如有线索，可向监督部门反映：纪检监察机构，0471-0000000，yjs@example.invalid，大学街 1 号。",
        )
        assert Objection.objects.count() == 0

    def test_is_refused_against_a_base_that_is_not_on_the_list(self, world: World, listed: list[Base]):
        elsewhere = world.in_unit_notice(PUBLISHED)
        with pytest.raises(Refused) as refusal:
            object_to(elsewhere, PUBLISHED, notice=newest_notice(listed[0]))
        assert refusal.value.reasons == ("该基地不在这份公示名单中，请核对后重新选择。",)

    def test_gives_a_number_per_office_and_year_and_a_code(
        self, world: World, listed: list[Base], today: date, noticed: Base
    ):
        ours = [object_to(listed[n % 2], PUBLISHED) for n in range(3)]
        theirs = object_to(noticed, today)
        assert [each.number for each in (*ours, theirs)] == [
            "异〔2026〕1号", "异〔2026〕2号", "异〔2026〕3号", "异〔2026〕1号",
        ]  # fmt: skip
        assert {len(each.code) for each in (*ours, theirs)} == {10}
        assert len({each.code for each in (*ours, theirs)}) == 4

    def test_a_refused_one_leaves_no_gap_in_the_numbers(self, listed: list[Base]):
        object_to(listed[0], PUBLISHED)
        with pytest.raises(Refused):
            object_to(listed[0], AFTER)
        assert object_to(listed[0], LAST_DAY).serial == 2

    def test_keeps_several_files(self, listed: list[Base]):
        filed = object_to(listed[0], PUBLISHED, evidence=[pdf_upload("一.pdf"), pdf_upload("二.pdf")])
        assert [each.stored.name for each in filed.files.all()] == ["一.pdf", "二.pdf"]
        with pytest.raises(InternalError, match="Cannot update or delete"), transaction.atomic():
            ObjectionFile.objects.all().delete()

    @pytest.mark.parametrize("phone", ["", "0471-1234567", "1390000000"])
    def test_has_a_phone_that_can_be_called_also_for_the_database(self, listed: list[Base], phone: str):
        objection = object_to(listed[0], PUBLISHED)
        with pytest.raises(IntegrityError, match="objection_phone_can_be_called"), transaction.atomic():
            Objection.objects.filter(pk=objection.pk).update(phone=phone)


@pytest.mark.article("8(2)")
class TestALetter:
    def test_within_the_period_is_handled_like_any_other(self, world: World, listed: list[Base]):
        entered = letter(listed[0], world.unit_officer, LAST_DAY)
        assert (entered.filed_on, entered.received_by, entered.number) == (LAST_DAY, "收发室", "异〔2026〕1号")
        assert settle(entered, Status.ACCEPTED, world.unit_officer, AFTER).status == Status.ACCEPTED

    def test_after_the_period_can_only_be_declined_as_late_and_holds_nothing_up(self, world: World, listed: list[Base]):
        late = letter(listed[0], world.unit_officer, AFTER)
        with pytest.raises(Refused) as refusal:
            objections.accept(objection=late, by=world.unit_officer, on=AFTER)
        assert refusal.value.reasons == ("这件异议在公示期满后收到，只能按“逾期提出”不予受理。",)
        with pytest.raises(Refused, match="请选择“逾期提出”。"):
            settle(late, Status.DECLINED, world.unit_officer, AFTER)
        assert recommending.recommend_reasons(listed[0], world.unit_officer, AFTER) == ()
        declined = objections.decline(
            objection=late, ground="late", reason="11 月 10 日收到。", by=world.unit_officer, on=AFTER
        )
        assert (declined.status, declined.decline_ground) == (Status.DECLINED, "late")

    @pytest.mark.parametrize("missing", ["name", "phone"])
    def test_of_nobody_can_only_be_declined(self, world: World, listed: list[Base], missing: str):
        entered = letter(listed[0], world.unit_officer, LAST_DAY, **{missing: ""})
        with pytest.raises(Refused) as refusal:
            objections.accept(objection=entered, by=world.unit_officer, on=AFTER)
        assert refusal.value.reasons == ("这件异议没有写明真实姓名和手机，只能不予受理。",)

    @pytest.mark.parametrize(
        ("received_on", "reason"),
        [
            (PUBLISHED - timedelta(days=1), "收到日期 2026-11-01 早于公示的发布日期 2026-11-02，请核对。"),
            (AFTER + timedelta(days=1), "收到日期 2026-11-11 还没有到，请填写实际收到的日期。"),
        ],
    )
    def test_has_a_date_that_can_be(self, world: World, listed: list[Base], received_on: date, reason: str):
        with pytest.raises(Refused) as refusal:
            letter(listed[0], world.unit_officer, received_on)
        assert refusal.value.reasons == (reason,)

    def test_is_entered_by_the_office_of_the_notice_which_has_then_seen_who_objects(
        self, world: World, listed: list[Base]
    ):
        others = [a for role, a in world.everybody().items() if role != Role.UNIT_OFFICER]
        for somebody in (*others, world.other_unit_officer):
            with pytest.raises(NotYours, match="信函异议由发布公示的部门录入。"):
                letter(listed[0], somebody, LAST_DAY)
        letter(listed[0], world.unit_officer, LAST_DAY)
        assert list(ObjectionLook.objects.values_list("name", flat=True)) == ["研院老师"]


class TestTheDays:
    """Pure arithmetic over a calendar with the days of National Day 2026."""

    CALENDAR = WorkingCalendar({date(2026, 10, 1): False, date(2026, 10, 10): True}, frozenset({2026}))

    def test_count_from_the_day_after(self):
        assert deadlines.accept_by(date(2026, 9, 29), 3, self.CALENDAR) == date(2026, 10, 5)
        assert deadlines.conclude_by(date(2026, 11, 10), 10, self.CALENDAR) == date(2026, 11, 24)
        assert deadlines.extended_to(date(2026, 11, 24), 10, self.CALENDAR) == date(2026, 12, 8)

    @pytest.mark.parametrize(
        ("due", "on", "left"),
        [
            (date(2026, 11, 12), date(2026, 11, 9), 3),
            (date(2026, 11, 9), date(2026, 11, 9), 0),
            (date(2026, 11, 6), date(2026, 11, 9), -1),
            (date(2026, 10, 10), date(2026, 10, 9), 1),
        ],
    )
    def test_are_counted_down_and_beyond(self, due: date, on: date, left: int):
        assert deadlines.working_days_left(due, on, self.CALENDAR) == left


@pytest.mark.article("8(2)")
class TestTheDeadlines:
    def test_are_fixed_by_the_policy_of_the_round(self, world: World, listed: list[Base]):
        filed = object_to(listed[0], LAST_DAY)
        assert filed.accept_by == date(2026, 11, 12)
        accepted = settle(filed, Status.ACCEPTED, world.unit_officer, date(2026, 11, 10))
        assert accepted.conclude_by == accepted.due_on == date(2026, 11, 24)
        extended = objections.extend(
            objection=accepted, reason="须等待第三方检测。", by=world.unit_officer, on=date(2026, 11, 24)
        )
        assert (extended.conclude_by, extended.extended_to) == (date(2026, 11, 24), date(2026, 12, 8))
        assert extended.due_on == date(2026, 12, 8)

    def test_a_year_entered_later_leaves_them_alone(self, world: World, listed: list[Base]):
        filed = object_to(listed[0], LAST_DAY)
        enter_calendar_year(year=2026, source="改期", holidays=[AFTER], make_up_days=[], by=world.officer.user)
        assert Objection.objects.get(pk=filed.pk).accept_by == date(2026, 11, 12)

    def test_are_extended_once_with_a_reason_and_in_time(self, world: World, listed: list[Base]):
        accepted = settle(object_to(listed[0], LAST_DAY), Status.ACCEPTED, world.unit_officer, LAST_DAY)

        def extend(on: date, reason: str = "须等待检测。") -> Objection:
            return objections.extend(objection=accepted, reason=reason, by=world.unit_officer, on=on)

        with pytest.raises(Refused, match="办结期限 2026-11-23 已过，不能再延长，请尽快作出结论。"):
            extend(date(2026, 11, 24))
        with pytest.raises(Refused, match="请写明延长的理由。"):
            extend(LAST_DAY, " ")
        extend(LAST_DAY)
        with pytest.raises(Refused, match="办结期限只能延长一次，已经延长过了。"):
            extend(LAST_DAY)

    def test_an_unknown_year_does_not_turn_the_objector_away_but_is_said_to_the_office(self, world: World):
        on = date(2026, 12, 24)
        filed = object_to(world.in_unit_notice(on), date(2026, 12, 30))
        assert filed.accept_by is None
        (item,) = [each for each in inbox.items(world.unit_officer, date(2026, 12, 30)) if each.group == "异议"]
        assert "工作日历没有录入该年安排" in item.why
        with pytest.raises(CalendarNotLoaded) as refusal:
            settle(filed, Status.ACCEPTED, world.unit_officer, date(2026, 12, 30))
        assert refusal.value.reasons == (
            "2027 年的节假日安排尚未录入，无法计算工作日。请教育厅经办先在“工作日历”中录入该年安排。",
        )

    @pytest.mark.parametrize(
        ("on", "left"),
        [(LAST_DAY, "还剩 3 个工作日"), (date(2026, 11, 12), "今天到期"), (date(2026, 11, 16), "已逾期 2 个工作日")],
    )
    def test_stand_in_the_offices_inbox(self, world: World, listed: list[Base], on: date, left: str):
        object_to(listed[0], LAST_DAY)
        (item,) = [each for each in inbox.items(world.unit_officer, on) if each.group == "异议"]
        assert (item.due, item.pressing, item.why.endswith(left)) == (date(2026, 11, 12), True, True)

    @pytest.mark.article("8(4)")
    def test_one_not_accepted_in_time_is_shown_to_the_leader(self, world: World, today: date, noticed: Base):
        filed = object_to(noticed, today)
        assert filed.accept_by == date(2026, 11, 27)
        in_time, late = (inbox.items(world.leader, day) for day in (filed.accept_by, date(2026, 11, 28)))
        assert [each.button for each in in_time if each.group == "异议"] == []
        assert [each.why for each in late if each.group == "异议"] == ["异议在受理期限内没有受理，请督促经办办理。"]

    def test_a_policy_with_other_days_serves_the_rounds_under_it(self, world: World, listed: list[Base]):
        days = {"objection_accept_days": 5, "objection_conclude_days": 15, "objection_extension_days": 3}
        policy = Policy.objects.create(version=9, effective_from=date(2026, 1, 2), **days)
        type(newest_notice(listed[0]).round).objects.update(policy=policy)
        accepted = settle(object_to(listed[0], LAST_DAY), Status.ACCEPTED, world.unit_officer, LAST_DAY)
        assert (accepted.accept_by, accepted.conclude_by) == (date(2026, 11, 16), date(2026, 11, 30))


@pytest.mark.article("8(2)")
class TestWhatItHoldsUp:
    def reasons(self, world: World, base: Base) -> tuple[str, ...]:
        """Why the base cannot be recommended on the day after the period."""
        return recommending.recommend_reasons(base, world.unit_officer, AFTER)

    @pytest.mark.parametrize("status", [Status.SUBMITTED, Status.ACCEPTED])
    def test_an_open_one_blocks_its_base_and_no_other(self, world: World, listed: list[Base], status: str):
        objection = object_to(listed[0], PUBLISHED)
        if status == Status.ACCEPTED:
            settle(objection, status, world.unit_officer, LAST_DAY)
        assert self.reasons(world, listed[0]) == ("本基地有 1 件异议尚未办结，办结前不能继续。",)
        with pytest.raises(Refused):
            recommending.recommend(base=listed[0], acting=world.unit_officer, on=AFTER)
        other = recommending.recommend(base=listed[1], acting=world.unit_officer, on=AFTER)
        assert (fresh(listed[0]).state, other.state) == (State.UNIT_NOTICE, State.RECOMMENDED)

    @pytest.mark.parametrize("status", [Status.DECLINED, Status.DISMISSED, Status.PARTLY_UPHELD])
    def test_one_that_leaves_the_base_on_the_list_blocks_no_more(self, world: World, listed: list[Base], status: str):
        settle(object_to(listed[0], PUBLISHED), status, world.unit_officer, LAST_DAY)
        assert recommending.recommend(base=listed[0], acting=world.unit_officer, on=AFTER).state == State.RECOMMENDED

    def test_an_upheld_one_takes_the_base_off_the_units_list_in_the_same_act(self, world: World, listed: list[Base]):
        objection = settle(object_to(listed[0], PUBLISHED), Status.UPHELD, world.unit_officer, LAST_DAY)
        base = fresh(listed[0])
        event = base.events.latest("sequence")
        assert (base.state, fresh(listed[1]).state) == (State.NOT_RECOMMENDED, State.UNIT_NOTICE)
        assert (event.transition, event.reason) == ("decline", f"异议（{objection.number}）经查证成立：{FINDINGS}")

    @pytest.mark.article("8(4)")
    def test_an_upheld_one_takes_the_base_off_the_departments_list(self, world: World, today: date, noticed: Base):
        base = noticed
        settle(object_to(base, today), Status.UPHELD, world.officer, today)
        assert (fresh(base).state, fresh(base).events.latest("sequence").transition) == (
            State.NOT_RECOGNISED, "reject",
        )  # fmt: skip

    def test_where_the_base_is_past_the_list_the_conclusion_stands_alone(self, world: World, listed: list[Base]):
        """It came in the last second, beside the recommendation."""
        recommending.recommend(base=listed[0], acting=world.unit_officer, on=AFTER)
        objection = object_to(listed[0], LAST_DAY)
        concluded = settle(objection, Status.UPHELD, world.unit_officer, AFTER)
        assert (concluded.status, objections.takes_off(concluded)) == (Status.UPHELD, "")
        assert fresh(listed[0]).state == State.RECOMMENDED

    def test_every_one_of_several_must_be_settled(self, world: World, listed: list[Base]):
        first, _second = object_to(listed[0], PUBLISHED), object_to(listed[0], PUBLISHED)
        assert self.reasons(world, listed[0]) == ("本基地有 2 件异议尚未办结，办结前不能继续。",)
        settle(first, Status.DECLINED, world.unit_officer, LAST_DAY)
        assert self.reasons(world, listed[0]) == ("本基地有 1 件异议尚未办结，办结前不能继续。",)


@pytest.mark.article("8(2)")
class TestHandling:
    ACTS: dict[str, Callable[..., Any]] = {
        "accept": lambda o, by: objections.accept(objection=o, by=by, on=LAST_DAY),
        "decline": lambda o, by: objections.decline(
            objection=o, ground="groundless", reason="没有事实。", by=by, on=LAST_DAY
        ),
        "record": lambda o, by: take_down(o, by, LAST_DAY),
        "extend": lambda o, by: objections.extend(objection=o, reason="须检测。", by=by, on=LAST_DAY),
        "conclude": lambda o, by: objections.conclude(
            objection=o, outcome="dismissed", findings=FINDINGS, by=by, on=LAST_DAY
        ),
        "answer": lambda o, by: objection_answers.answer(objection=o, text="现答复如下。", by=by, on=LAST_DAY),
    }
    OPEN_IN = {
        "accept": {Status.SUBMITTED},
        "decline": {Status.SUBMITTED},
        "record": {Status.ACCEPTED},
        "extend": {Status.ACCEPTED},
        "conclude": {Status.ACCEPTED},
        "answer": {Status.DECLINED, *OUTCOMES},
    }

    def in_status(self, world: World, base: Base, status: str) -> Objection:
        objection = object_to(base, PUBLISHED)
        if status == Status.SUBMITTED:
            return objection
        settled = settle(objection, status, world.unit_officer, LAST_DAY)
        if status == Status.ACCEPTED:
            take_down(settled, world.unit_officer, LAST_DAY)
        return settled

    @pytest.mark.parametrize("status", Status.values)
    def test_each_act_is_open_in_its_states_alone(self, world: World, listed: list[Base], status: str):
        objection = self.in_status(world, listed[0], status)
        outcomes = {}
        for name, act in self.ACTS.items():
            with transaction.atomic(), suppress(Overtaken):
                outcomes[name] = False
                act(objection, world.unit_officer)
                outcomes[name] = True
                transaction.set_rollback(True)
        assert outcomes == {name: status in statuses for name, statuses in self.OPEN_IN.items()}

    @pytest.mark.parametrize("name", ACTS)
    def test_each_act_is_the_offices_own(self, world: World, listed: list[Base], name: str):
        objection = self.in_status(world, listed[0], min(self.OPEN_IN[name]))
        others = [a for role, a in world.everybody().items() if role != Role.UNIT_OFFICER]
        for somebody in (*others, world.other_unit_officer):
            with pytest.raises(NotYours) as refusal:
                self.ACTS[name](objection, somebody)
            assert refusal.value.reasons == ("异议由发布公示的部门办理。",)

    @pytest.mark.article("8(4)")
    def test_the_departments_notice_is_handled_by_its_officer_alone(self, world: World, today: date, noticed: Base):
        objection = object_to(noticed, today)
        for role, somebody in world.everybody().items():
            if role != Role.DEPT_OFFICER:
                with pytest.raises(NotYours):
                    settle(objection, Status.ACCEPTED, somebody, today)
        assert settle(objection, Status.ACCEPTED, world.officer, today).status == Status.ACCEPTED

    def test_four_eyes_the_bases_own_applicant_handles_nothing(self, world: World, listed: list[Base]):
        both = as_acting(
            Membership.objects.create(user=world.applicant.user, role=Role.UNIT_OFFICER, training_unit=world.unit)
        )
        objection = object_to(listed[0], PUBLISHED)
        why = ("您是这个基地的申报人，对它提出的异议应当回避，请由本部门其他人员办理。",)
        for act in (self.ACTS["accept"], lambda o, by: objections.look(objection=o, by=by)):
            with pytest.raises(Refused) as refusal:
                act(objection, both)
            assert refusal.value.reasons == why
        assert ObjectionLook.objects.count() == 0

    @pytest.mark.parametrize("outcome", OUTCOMES)
    def test_a_conclusion_needs_a_record_and_words(self, world: World, listed: list[Base], outcome: str):
        accepted = settle(object_to(listed[0], PUBLISHED), Status.ACCEPTED, world.unit_officer, LAST_DAY)

        def conclude(findings: str) -> Objection:
            return objections.conclude(
                objection=accepted,
                outcome=outcome,
                findings=findings,
                remedy="更正。",
                by=world.unit_officer,
                on=LAST_DAY,
            )

        with pytest.raises(Refused, match="还没有调查记录"):
            conclude(FINDINGS)
        take_down(accepted, world.unit_officer, LAST_DAY)
        with pytest.raises(Refused, match="请写明处理意见和依据，将据此答复异议人。"):
            conclude(" ")
        assert conclude(FINDINGS).status == outcome

    def test_a_partly_upheld_one_says_what_is_to_be_done(self, world: World, listed: list[Base]):
        accepted = settle(object_to(listed[0], PUBLISHED), Status.ACCEPTED, world.unit_officer, LAST_DAY)
        take_down(accepted, world.unit_officer, LAST_DAY)
        with pytest.raises(Refused, match="部分成立的，请写明要采取的处理措施。"):
            objections.conclude(
                objection=accepted, outcome="partly_upheld", findings=FINDINGS, by=world.unit_officer, on=LAST_DAY
            )

    def test_one_in_time_is_not_declined_as_late(self, world: World, listed: list[Base]):
        objection = object_to(listed[0], LAST_DAY)
        with pytest.raises(Refused, match="这件异议在公示期内收到，不能按“逾期提出”不予受理。"):
            objections.decline(objection=objection, ground="late", reason="晚了。", by=world.unit_officer, on=AFTER)

    def test_a_record_stays_as_it_was_taken_down(self, world: World, listed: list[Base]):
        accepted = settle(object_to(listed[0], PUBLISHED), Status.ACCEPTED, world.unit_officer, LAST_DAY)
        record = take_down(accepted, world.unit_officer, LAST_DAY, papers=[pdf_upload("合同.pdf")])
        assert [each.stored.name for each in record.files.all()] == ["合同.pdf"]
        bare = ObjectionRecord.objects.filter(pk=take_down(accepted, world.unit_officer, LAST_DAY).pk)
        for change in (lambda: bare.update(content="改写"), bare.delete):
            with pytest.raises(InternalError, match="Cannot update or delete"), transaction.atomic():
                change()

    @pytest.mark.parametrize("held_on", [PUBLISHED - timedelta(days=1), AFTER])
    def test_a_record_is_of_a_day_on_which_it_can_have_been(self, world: World, listed: list[Base], held_on: date):
        accepted = settle(object_to(listed[0], PUBLISHED), Status.ACCEPTED, world.unit_officer, LAST_DAY)
        with pytest.raises(Refused, match="日期应在收到异议的 2026-11-02 和今天 2026-11-09 之间，请核对。"):
            take_down(accepted, world.unit_officer, LAST_DAY, held_on=held_on)


@pytest.mark.article("8(2)")
class TestTheAnswer:
    def answered(self, world: World, base: Base, status: str, by: Acting, on: date) -> Objection:
        settled = settle(object_to(base, on), status, by, on)
        text = objection_answers.proposed_answer(Objection.objects.get(pk=settled.pk))
        return objection_answers.answer(objection=settled, text=text, by=by, on=on)

    @pytest.mark.parametrize(
        ("status", "words"),
        [
            (Status.DECLINED, "该异议没有提供事实依据，决定不予受理。理由如下："),
            (Status.UPHELD, "综上，异议成立，已对该基地作不予推荐处理。"),
            (Status.PARTLY_UPHELD, "综上，异议部分成立，将采取以下措施：\n三日内更正。"),
            (Status.DISMISSED, "综上，异议不成立。"),
        ],
    )
    def test_is_proposed_from_the_conclusion_and_names_nobody(
        self, world: World, listed: list[Base], status: str, words: str
    ):
        settled = settle(object_to(listed[0], PUBLISHED), status, world.unit_officer, LAST_DAY)
        text = objection_answers.proposed_answer(Objection.objects.get(pk=settled.pk))
        assert text.startswith("您于2026年11月2日对《关于推荐名单的公示》所列“")
        assert words in text
        assert text.endswith("可以向监督部门反映：纪检监察机构，0471-0000000，yjs@example.invalid，大学街 1 号。")
        assert [said for said in (NAME, PHONE, GROUNDS) if said in text] == []

    def test_is_set_once_as_a_signed_pdf_whose_record_tells_no_title(self, world: World, listed: list[Base]):
        objection = self.answered(world, listed[0], Status.DISMISSED, world.unit_officer, LAST_DAY)
        job = OutboxJob.objects.get(name="objection_answer")
        jobs.run(job.pk)
        job.refresh_from_db()
        assert (job.state, job.last_error) == ("done", "")
        objection.refresh_from_db()
        again = objection_answers.make_answer(objection.pk)
        assert again.answer_id == objection.answer_id is not None
        record = IssuedRecord.objects.get(number=objection.number)
        assert (record.is_public, record.kind, record.issuer) == (False, "异议处理答复", world.unit.name)
        reader = PdfReader(objection.answer.file)
        text = "".join(page.extract_text() for page in reader.pages).replace("\n", "")
        wanted = [
            "关于研究生联合培养基地公示异议的答复",
            objection.number,
            "提出异议的同志：",
            "综上，异议不成立。",
            "2026年11月9日",
        ]
        assert [words for words in wanted if words not in text] == []
        assert [said for said in (NAME, PHONE, GROUNDS) if said in text] == []

    def test_is_given_once(self, world: World, listed: list[Base]):
        objection = self.answered(world, listed[0], Status.DECLINED, world.unit_officer, LAST_DAY)
        with pytest.raises(Overtaken, match="这件异议已于 2026-11-09 书面答复。"):
            objection_answers.answer(objection=objection, text="再次答复。", by=world.unit_officer, on=AFTER)

    @pytest.mark.parametrize("said", [NAME, PHONE])
    def test_no_words_that_leave_the_office_name_the_objector(self, world: World, listed: list[Base], said: str):
        objection = object_to(listed[0], PUBLISHED)
        by, words = world.unit_officer, f"经向{said}核实，情况不属实。"
        why = "文字中出现了异议人的姓名或联系方式。"
        with pytest.raises(Refused, match=why):
            objections.decline(objection=objection, ground="groundless", reason=words, by=by, on=LAST_DAY)
        take_down(settle(objection, Status.ACCEPTED, by, LAST_DAY), by, LAST_DAY)
        with pytest.raises(Refused, match=why):
            objections.conclude(objection=objection, outcome="dismissed", findings=words, by=by, on=LAST_DAY)
        objections.conclude(objection=objection, outcome="dismissed", findings=FINDINGS, by=by, on=LAST_DAY)
        with pytest.raises(Refused, match=why):
            objection_answers.answer(objection=objection, text=words, by=by, on=LAST_DAY)

    def test_waits_in_the_inbox_until_it_is_given(self, world: World, listed: list[Base]):
        objection = settle(object_to(listed[0], PUBLISHED), Status.DECLINED, world.unit_officer, LAST_DAY)
        (item,) = [each for each in inbox.items(world.unit_officer, LAST_DAY) if each.group == "异议"]
        assert (item.button, item.pressing) == ("书面答复", False)
        objection_answers.answer(objection=objection, text="不予受理。", by=world.unit_officer, on=LAST_DAY)
        assert [each for each in inbox.items(world.unit_officer, LAST_DAY) if each.group == "异议"] == []


@pytest.mark.article("8(2)")
class TestWhoTheObjectorIs:
    """For the handling office alone, behind a look that is recorded: on pages and lists, in the inbox, files and history."""

    @pytest.fixture
    def of_unit(self, listed: list[Base]) -> Objection:
        return object_to(listed[0], LAST_DAY, email="he@example.invalid", evidence=pdf_upload("证据.pdf"))

    @pytest.fixture
    def of_department(self, world: World, today: date, noticed: Base) -> Objection:
        return object_to(noticed, today, email="he@example.invalid", evidence=pdf_upload("证据.pdf"))

    def everybody(self, world: World) -> dict[str, Acting]:
        return world.everybody() | {
            "other unit's officer": world.other_unit_officer,
            "other applicant": world.other_applicant,
            "other partner": world.other_partner_officer,
        }

    def test_an_objection_is_on_its_offices_list_alone(
        self, world: World, of_unit: Objection, of_department: Objection
    ):
        handled = {who: set(handled_objections(acting)) for who, acting in self.everybody(world).items()}
        nobody: dict[str, set[Objection]] = {who: set() for who in handled}
        assert handled == nobody | {Role.UNIT_OFFICER: {of_unit}, Role.DEPT_OFFICER: {of_department}}
        assert set(visible_objections(world.leader)) == {of_department}

    @pytest.mark.parametrize("kind", ["of_unit", "of_department"])
    def test_no_page_but_the_recorded_look_shows_it(
        self, world: World, kind: str, request: pytest.FixtureRequest, signed_in: SignedIn, anybody: Client
    ):
        objection = request.getfixturevalue(kind)
        office = Role.UNIT_OFFICER if kind == "of_unit" else Role.DEPT_OFFICER
        readers = {role: world.everybody()[role] for role in READERS}
        clients = {who: signed_in(acting) for who, acting in readers.items()} | {"public": anybody}
        page = f"/objections/{objection.pk}/"
        addresses = ("/", f"/bases/{objection.base_id}/", "/objections/", page)
        said = (NAME, PHONE, "he@example.invalid", "证据.pdf")
        read = {(who, address): client.get(address).text for who, client in clients.items() for address in addresses}
        told = {where: [word for word in said if word in text] for where, text in read.items()}
        assert {where: words for where, words in told.items() if words} == {}
        looked = {who: client.post(f"/objections/{objection.pk}/identity/") for who, client in clients.items()}
        assert {who for who, answer in looked.items() if NAME in answer.text} == {office}
        assert [word for word in said if word not in looked[office].text] == []
        assert list(ObjectionLook.objects.values_list("user", "objection")) == [
            (self.everybody(world)[office].user_id, objection.pk)
        ]

    @pytest.mark.parametrize("kind", ["of_unit", "of_department"])
    def test_the_evidence_is_opened_by_that_office_alone_and_after_a_look(
        self, world: World, kind: str, request: pytest.FixtureRequest, signed_in: SignedIn, anybody: Client
    ):
        objection = request.getfixturevalue(kind)
        address = f"/files/{objection.files.get().stored.key}/"
        clients = {who: signed_in(acting) for who, acting in self.everybody(world).items()} | {"public": anybody}
        assert {who for who, client in clients.items() if client.get(address).status_code == 200} == set()
        office = Role.UNIT_OFFICER if kind == "of_unit" else Role.DEPT_OFFICER
        objections.look(objection=objection, by=self.everybody(world)[office])
        answers = {who: client.get(address) for who, client in clients.items()}
        assert {who for who, answer in answers.items() if answer.status_code == 200} == {office}
        assert b"".join(answers[office].streaming_content)[:5] == b"%PDF-"
        assert {Page.of(a).heading for who, a in answers.items() if who != office} == {"没有找到这个页面"}

    def test_papers_of_the_investigation_are_the_offices(self, world: World, of_unit: Objection):
        accepted = settle(of_unit, Status.ACCEPTED, world.unit_officer, LAST_DAY)
        record = take_down(accepted, world.unit_officer, LAST_DAY, papers=[pdf_upload("合同.pdf")])
        stored = record.files.get().stored
        allowed = {who for who, acting in self.everybody(world).items() if uploads.may_download(acting, stored)}
        assert allowed == {Role.UNIT_OFFICER}

    def test_looks_are_shown_to_the_auditor_without_the_objector_and_stay(
        self, world: World, of_unit: Objection, signed_in: SignedIn
    ):
        for _again in range(2):
            objections.look(objection=of_unit, by=world.unit_officer)
        page = Page.of(signed_in(world.auditor).get("/objection-looks/"))
        assert [row[1] for row in page.rows()] == ["研院老师（研究生院）"] * 2
        assert of_unit.number in page.text
        assert [word for word in (NAME, PHONE, GROUNDS) if word in page.text] == []
        with pytest.raises(InternalError, match="Cannot update or delete"), transaction.atomic():
            ObjectionLook.objects.all().delete()

    def test_it_is_not_in_the_bases_history(self, world: World, of_unit: Objection):
        settle(of_unit, Status.UPHELD, world.unit_officer, LAST_DAY)
        said = str(list(of_unit.base.events.values()))
        assert [word for word in (NAME, PHONE, GROUNDS) if word in said] == []

    def test_the_list_is_filtered_by_its_address(
        self, world: World, of_unit: Objection, signed_in: SignedIn, listed: list[Base]
    ):
        client, office = signed_in(world.unit_officer), world.unit_officer
        settle(object_to(listed[1], LAST_DAY), Status.DECLINED, office, LAST_DAY)
        first = Page.of(client.get("/objections/"))
        assert [row[0] for row in first.rows()] == ["异〔2026〕2号", "异〔2026〕1号"]
        shown = {
            query: [row[0] for row in Page.of(client.get(f"/objections/?{query}")).rows()]
            for query in ("state=submitted", "state=unanswered", "late=1", f"notice={of_unit.notice_id}&state=accepted")
        }
        assert shown == {
            "state=submitted": ["异〔2026〕1号"],
            "state=unanswered": ["异〔2026〕2号"],
            "late=1": ["异〔2026〕1号"],
            f"notice={of_unit.notice_id}&state=accepted": [],
        }


@pytest.mark.article("8(2)")
class TestAroundAWithdrawnNotice:
    def withdrawn(self, world: World, base: Base, on: date) -> Any:
        return notices.withdraw_notice(notice=newest_notice(base), reason="名单有误。", by=world.unit_officer, on=on)

    def test_who_filled_in_the_form_before_the_withdrawal_comes_too_late(self, world: World, listed: list[Base]):
        as_opened = newest_notice(listed[0])
        self.withdrawn(world, listed[0], PUBLISHED)
        with pytest.raises(Refused, match="不在受理期内"):
            object_to(listed[0], PUBLISHED, notice=as_opened)

    def test_a_letter_after_the_withdrawal_belongs_to_the_notice_that_takes_its_place(
        self, world: World, listed: list[Base]
    ):
        self.withdrawn(world, listed[0], PUBLISHED)
        with pytest.raises(Refused, match="公示已于 2026-11-02 撤回，2026-11-03 收到的信函请录入重新发布的公示。"):
            letter(listed[0], world.unit_officer, PUBLISHED + timedelta(days=1))

    def test_a_letter_cannot_be_entered_to_a_draft(self, world: World, listed: list[Base]):
        self.withdrawn(world, listed[0], PUBLISHED)
        drafted = notice_drafts.draft_notice(
            kind="recommendation", round=world.round(PUBLISHED), bases=listed, by=world.unit_officer, on=PUBLISHED
        )
        assert drafted not in own_notices(world.unit_officer)
        assert newest_notice(listed[0]) in own_notices(world.unit_officer)

    def test_the_letter_to_the_department_speaks_of_objections_to_the_withdrawn_list_too(
        self, world: World, listed: list[Base]
    ):
        settle(object_to(listed[0], PUBLISHED), Status.DISMISSED, world.unit_officer, PUBLISHED)
        self.withdrawn(world, listed[0], PUBLISHED)
        round_ = world.round(PUBLISHED)
        _title, text = reporting.proposed_letter(round_, [], listed, world.unit)
        assert "收到的异议均已查核办结，没有成立的异议" in text


@pytest.mark.article("8(2)")
def test_an_upheld_objection_of_one_round_does_not_touch_the_base_in_the_next(world: World, listed: list[Base]):
    objection = settle(object_to(listed[0], PUBLISHED), Status.ACCEPTED, world.unit_officer, PUBLISHED)
    assert objections.takes_off(objection) == "decline"
    application = listed[0].applications.get()
    later = Round.objects.create(
        year=2027, opens_on=date(2027, 1, 1), closes_on=date(2027, 2, 1), recommend_by=date(2027, 3, 1),
        policy=application.round.policy, opened_by=world.officer.user,
    )  # fmt: skip
    Application.objects.create(
        base=listed[0], round=later, name=application.name, category=application.category, declare_by=later.closes_on
    )
    assert objections.takes_off(objection) == ""


def test_the_reason_for_more_time_does_not_name_the_objector(world: World, listed: list[Base]):
    objection = settle(object_to(listed[0], PUBLISHED), Status.ACCEPTED, world.unit_officer, PUBLISHED)
    with pytest.raises(Refused):
        objections.extend(objection=objection, reason=f"等{NAME}补充材料。", by=world.unit_officer, on=PUBLISHED)
    assert Objection.objects.get(pk=objection.pk).extended_on is None


def test_who_fills_in_the_bases_papers_reads_neither_grounds_nor_records(
    world: World, listed: list[Base], signed_in: SignedIn
):
    objection = settle(object_to(listed[0], PUBLISHED), Status.ACCEPTED, world.unit_officer, PUBLISHED)
    record = take_down(objection, world.unit_officer, PUBLISHED, papers=pdf_upload("记录.pdf"))
    (kept,) = record.files.all()
    listed[0].co_applicants.add(world.unit_officer.user)
    client = signed_in(world.unit_officer)
    page = client.get(f"/objections/{objection.pk}/").text
    assert [words for words in (GROUNDS, "现场测量面积。") if words in page] == []
    assert client.get(f"/files/{kept.stored.key}/").status_code == 404
    answer = client.get(f"/objections/{objection.pk}/extend/")
    assert (answer.status_code, GROUNDS in answer.text) == (409, False)
