"""第九条、第十一条、协议“组织机构”“教育管理”: a committee of both sides, its meetings, the partner's person, rules with their versions."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.models import CommitteeMeeting, CommitteeMember, CommitteeTerm, RegulationDocument, ResponsibleOffice
from agreements.services import base_rules, committees
from bases.models import Base
from portal import inbox
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from tests.agreements.mentoring import Settled, in_office, prepared, settled, term, with_member
from tests.conftest import TODAY
from tests.factories import World, pdf_upload

SignedIn = Callable[[Acting], Client]
pytestmark = [pytest.mark.article("9"), pytest.mark.article("11")]


@pytest.fixture(scope="module")
def _standing(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Settled]:
    with settled(django_db_blocker, tmp_path_factory.mktemp("files"), TODAY) as found:
        yield found


@pytest.fixture
def world(_standing: Settled, db: None) -> World:
    """The people of the module."""
    return replace(_standing.world)


@pytest.fixture
def base(_standing: Settled, db: None) -> Base:
    """A base in construction without a committee."""
    return Base.objects.get(pk=_standing.base)


def waits(acting: Acting, on: date) -> list[tuple[str, str, date | None]]:
    """What waits for somebody around the committee: why, what to do, until when."""
    return [(item.why, item.button, item.due) for item in inbox.items(acting, on) if item.group == "管委会与制度"]


def refused(act: Callable[..., Any], **given: Any) -> str:
    """The words of the refusal of an act."""
    with pytest.raises(Refused) as refusal:
        act(**given)
    return "".join(refusal.value.reasons)


@pytest.mark.agreement("组织机构")
class TestTheCommittee:
    def test_is_in_office_once_both_sides_have_members_and_have_confirmed(self, world: World, base: Base, today: date):
        found = prepared(world, base, today)
        unit, partner = world.unit_officer, world.partner_officer
        with_member(found, unit, today, "阮院长", position="chair")
        words = "合作单位还没有登记成员，双方都有成员之后才能确认。"
        assert refused(committees.confirm, term=found, by=unit, on=today) == words
        with_member(found, partner, today, "尚总工")
        assert committees.confirm(term=found, by=unit, on=today).holds(today) is False
        assert committees.confirm(term=found, by=partner, on=today).holds(today) is True

    def test_is_confirmed_anew_after_a_change(self, world: World, base: Base, today: date):
        found = prepared(world, base, today)
        with_member(found, world.unit_officer, today, "阮院长")
        with_member(found, world.partner_officer, today, "尚总工")
        committees.confirm(term=found, by=world.unit_officer, on=today)
        seen = committees.fingerprint(found)
        with_member(found, world.partner_officer, today, "后来的")
        found.refresh_from_db()
        assert found.unit_confirmed_on is None
        with pytest.raises(Overtaken):
            committees.confirm(term=found, by=world.unit_officer, on=today, seen=seen)

    def test_takes_from_each_side_its_own_members(self, world: World, base: Base, today: date):
        found = in_office(world, base, today)
        assert list(found.members.order_by("pk").values_list("name", "side", "position", "joined_on")) == [
            ("阮院长", "unit", "chair", today), ("尚总工", "partner", "vice_chair", today),
        ]  # fmt: skip
        member = found.members.get(side="partner")
        with pytest.raises(NotYours):
            committees.remove_member(member=member, by=world.unit_officer, on=today, left_on=today, reason="换人。")
        for acting in (world.applicant, world.officer, world.other_partner_officer):
            with pytest.raises(NotYours):
                with_member(found, acting, today, "外人")

    def test_in_preparation_takes_a_member_off_altogether(self, world: World, base: Base, today: date):
        found = prepared(world, base, today)
        member = with_member(found, world.unit_officer, today, "误登记")
        committees.remove_member(member=member, by=world.unit_officer, on=today, left_on=today, reason="")
        assert CommitteeMember.objects.count() == 0

    def test_in_office_keeps_who_left_with_day_and_reason_and_somebody_of_each_side(
        self, world: World, base: Base, today: date
    ):
        found = in_office(world, base, today)
        own, later = found.members.get(side="unit"), today + timedelta(days=100)
        leave = {"member": own, "by": world.unit_officer, "on": later, "left_on": later, "reason": "工作调动。"}
        assert refused(committees.remove_member, **leave) == "管委会由双方人员组成，请先登记接替的人，再办理退出。"
        with_member(found, world.unit_officer, later, "接任的", joined_on=later)
        committees.remove_member(**leave)
        assert list(found.members.filter(side="unit").order_by("pk").values_list("name", "left_on", "left_reason")) == [
            ("阮院长", later, "工作调动。"), ("接任的", None, ""),
        ]  # fmt: skip

    def test_that_follows_ends_the_one_before(self, world: World, base: Base, today: date):
        first, later = in_office(world, base, today), today + timedelta(days=400)
        second = in_office(world, base, later)
        first.refresh_from_db()
        assert (first.last_day, first.holds(later), second.holds(later)) == (later - timedelta(days=1), False, True)

    def test_cannot_begin_before_the_one_in_office(self, world: World, base: Base, today: date):
        in_office(world, base, today)
        assert refused(prepared, world=world, base=base, on=today) == (
            "新一届的任期应晚于上一届的开始日期 2026-11-24。"
        )

    def test_is_not_made_for_a_base_that_is_over(self, world: World, today: date):
        over = world.in_state("revoked", today)
        with pytest.raises(Overtaken):
            prepared(world, over, today)


@pytest.mark.agreement("教育管理")
class TestMeetings:
    GIVEN = {"place": "研发楼", "present": "阮院长、尚总工", "topics": "通报培养情况。", "decisions": "扩大岗位。"}

    def test_are_recorded_by_either_side_with_minutes(self, world: World, base: Base, today: date):
        in_office(world, base, today)
        made = committees.record_meeting(
            base=base, by=world.partner_officer, on=today, held_on=today, minutes=pdf_upload("纪要.pdf"), **self.GIVEN
        )
        assert (made.recorded_by, made.minutes is not None) == (world.partner_officer.user, True)

    def test_need_a_committee_on_that_day(self, world: World, base: Base, today: date):
        given = {"base": base, "by": world.unit_officer, "on": today, **self.GIVEN}
        words = "2026-11-24 还没有组成管委会，请核对会议日期，或者先组建管委会。"
        assert refused(committees.record_meeting, held_on=today, **given) == words
        assert "还没有到" in refused(committees.record_meeting, held_on=today + timedelta(days=1), **given)

    def test_that_are_wrong_stay_with_the_reason_and_count_no_more(self, world: World, base: Base, today: date):
        in_office(world, base, today)
        later = today + timedelta(days=370)
        made = committees.record_meeting(base=base, by=world.unit_officer, on=later, held_on=later, **self.GIVEN)
        assert "登记会议" not in [button for _why, button, _due in waits(world.unit_officer, later)]
        committees.withdraw_meeting(meeting=made, by=world.unit_officer, on=later, reason="没有开成。")
        assert list(CommitteeMeeting.objects.values_list("withdrawn_reason", flat=True)) == ["没有开成。"]
        assert "登记会议" in [button for _why, button, _due in waits(world.unit_officer, later)]

    def test_missing_for_more_than_a_year_waits_for_both_sides(self, world: World, base: Base, today: date):
        in_office(world, base, today, ends_on=date(2030, 11, 23))
        words = ("一年内没有开会通报情况，请会同对方召开会议并登记。", "登记会议", None)
        assert words not in waits(world.unit_officer, date(2027, 11, 24))
        assert words in waits(world.unit_officer, date(2027, 11, 25))
        assert words in waits(world.partner_officer, date(2027, 11, 25))


class TestWhatWaits:
    def test_nothing_at_first_then_all_that_is_missing(self, world: World, base: Base, today: date):
        assert (waits(world.unit_officer, today), waits(world.partner_officer, today)) == ([], [])
        late = today + timedelta(days=61)
        committee = ("还没有组建管理委员会，请会同对方登记任期、办公室和成员。", "组建管委会", None)
        assert waits(world.unit_officer, late) == [committee]
        assert waits(world.partner_officer, late) == [
            committee,
            ("还没有登记负责本基地的管理机构和专人。", "登记", None),
            ("还没有上传本单位针对研究生实践的管理制度。", "上传制度", None),
        ]

    def test_a_list_waits_for_the_side_that_has_not_confirmed_it(self, world: World, base: Base, today: date):
        found = prepared(world, base, today)
        with_member(found, world.unit_officer, today, "阮院长")
        with_member(found, world.partner_officer, today, "尚总工")
        committees.confirm(term=found, by=world.unit_officer, on=today)
        assert waits(world.unit_officer, today) == []
        assert waits(world.partner_officer, today) == [("管委会名单等待您方登记成员并确认。", "登记和确认", None)]

    def test_a_term_that_ends_waits_from_the_first_reminder_on(self, world: World, base: Base, today: date):
        last = today + timedelta(days=181)
        in_office(world, base, today, ends_on=last)
        assert waits(world.unit_officer, today) == []
        assert waits(world.unit_officer, today + timedelta(days=1)) == [
            ("管委会任期将满，请办理换届。", "办理换届", last)
        ]


class TestThePartnersPerson:
    GIVEN = {"institution": "创新管理办公室", "phone": "13800000003", "email": "ban@example.invalid"}

    def test_is_named_by_the_partner_and_a_change_keeps_who_was_before(self, world: World, base: Base, today: date):
        later = today + timedelta(days=30)
        base_rules.name_office(base=base, by=world.partner_officer, on=today, person="甲某", since=today, **self.GIVEN)
        base_rules.name_office(base=base, by=world.partner_officer, on=later, person="乙某", since=later, **self.GIVEN)
        assert list(ResponsibleOffice.objects.order_by("pk").values_list("person", "since", "until")) == [
            ("甲某", today, later - timedelta(days=1)), ("乙某", later, None),
        ]  # fmt: skip
        with pytest.raises(NotYours):
            base_rules.name_office(base=base, by=world.unit_officer, on=later, person="丙", since=later, **self.GIVEN)

    def test_is_masked_for_the_department(self, world: World, base: Base, today: date, signed_in: SignedIn):
        base_rules.name_office(base=base, by=world.partner_officer, on=today, person="甲某", since=today, **self.GIVEN)
        page = reverse("base-committee", args=[base.pk])
        phones = [signed_in(each).get(page).context["office"].phone for each in (world.unit_officer, world.officer)]
        assert phones == ["13800000003", "138****0003"]


class TestRules:
    def entered(self, world: World, base: Base, on: date, by: Acting | None = None) -> RegulationDocument:
        """The partner's rules for practice, first version."""
        return base_rules.enter_rule(
            base=base, by=by or world.partner_officer, on=on, kind="practice", title="研究生实践管理办法", file=pdf_upload(),
            effective_on=on,
        )  # fmt: skip

    def test_keep_every_version(self, world: World, base: Base, today: date):
        rule, later = self.entered(world, base, today), today + timedelta(days=30)
        base_rules.new_version(
            rule=rule, by=world.partner_officer, on=today, file=pdf_upload(), effective_on=later, note="增加安全要求。"
        )
        assert list(rule.versions.values_list("number", "effective_on", "note")) == [
            (2, later, "增加安全要求。"), (1, today, ""),
        ]  # fmt: skip
        words = refused(
            base_rules.new_version, rule=rule, by=world.partner_officer, on=today, file=pdf_upload(), effective_on=later
        )
        assert words == "施行日期应晚于上一版的施行日期 2026-12-24。"

    def test_are_changed_and_repealed_by_the_side_that_made_them(self, world: World, base: Base, today: date):
        rule = self.entered(world, base, today)
        for act in (
            lambda by: base_rules.repeal(rule=rule, by=by, on=today, reason="合并。"),
            lambda by: base_rules.new_version(rule=rule, by=by, on=today, file=pdf_upload(), effective_on=today),
        ):
            with pytest.raises(NotYours):
                act(world.unit_officer)
        repealed = base_rules.repeal(rule=rule, by=world.partner_officer, on=today, reason="并入新办法。")
        assert (repealed.repealed_on, repealed.repealed_reason) == (today, "并入新办法。")
        assert self.entered(world, base, today).versions.count() == 1

    def test_are_entered_once_under_a_title_by_each_side(self, world: World, base: Base, today: date):
        self.entered(world, base, today)
        assert refused(self.entered, world=world, base=base, on=today) == (
            "“研究生实践管理办法”已经登记，请为它上传新版本。"
        )
        assert self.entered(world, base, today, world.unit_officer).side == "unit"


class TestThePage:
    def test_a_committee_is_made_through_it(self, world: World, base: Base, today: date, signed_in: SignedIn):
        unit, partner = signed_in(world.unit_officer), signed_in(world.partner_officer)
        page = reverse("base-committee", args=[base.pk])
        dates = {key: day.isoformat() for key, day in term(today).items()}
        assert unit.post(reverse("committee-term", args=[base.pk]), {**dates, "office": "创新办"}).url == page
        found = CommitteeTerm.objects.get()
        for client, name in ((unit, "阮院长"), (partner, "尚总工")):
            sent = {"name": name, "duty": "负责人", "position": "member"}
            assert client.post(reverse("committee-member", args=[found.pk]), sent).url == page
        confirm = reverse("committee-confirm", args=[found.pk])
        for client in (unit, partner):
            seen = client.get(confirm).context["form"]["seen"].value()
            assert client.post(confirm, {"seen": seen}).url == page
        assert partner.get(page).context["current"].pk == found.pk

    def test_says_in_the_overview_how_the_committee_stands(
        self, world: World, base: Base, today: date, signed_in: SignedIn
    ):
        def cell() -> tuple[str, str]:
            (row,) = signed_in(world.officer).get(reverse("training")).context["rows"]
            standing = {area.url_name: standing for area, standing in row[1]}["base-committee"]
            return standing.text, standing.tone

        assert cell() == ("未组建管委会", "missing")
        in_office(world, base, today)
        assert cell() == ("管委会 2 人，任期至 2029-11-23", "ok")

    def test_does_not_exist_for_others(self, world: World, base: Base, signed_in: SignedIn):
        page = reverse("base-committee", args=[base.pk])
        others = (world.other_unit_officer, world.other_partner_officer, world.other_applicant)
        assert [signed_in(each).get(page).status_code for each in others] == [404, 404, 404]

    def test_takes_as_many_queries_for_many_rows_as_for_one(
        self, world: World, base: Base, today: date, signed_in: SignedIn
    ):
        client, page = signed_in(world.unit_officer), reverse("base-committee", args=[base.pk])
        found = in_office(world, base, today)

        def fill(count: int) -> None:
            for number in range(count):
                with_member(found, world.unit_officer, today, f"委员{number}{count}", joined_on=today)
                committees.record_meeting(
                    base=base, by=world.unit_officer, on=today, held_on=today, **TestMeetings.GIVEN
                )
                base_rules.enter_rule(
                    base=base, by=world.unit_officer, on=today, kind="funds", title=f"办法{number}{count}",
                    file=pdf_upload(), effective_on=today,
                )  # fmt: skip

        def counted() -> int:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(page).status_code == 200
            return len(queries)

        fill(1)
        counted()
        before = counted()
        fill(4)
        assert counted() == before
