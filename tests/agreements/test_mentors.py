"""第十一条、协议“导师队伍”: the partner nominates, the unit appoints for a term, trains and appraises; both see who guides whom."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from agreements.models import Appointment, Mentor, MentorAppraisal, MentorTraining
from agreements.services import appointment_letters, mentor_records, mentors
from agreements.services.mentors import CampusPerson, IndustryPerson
from bases.models import Base
from portal import inbox, verification
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.models import IssuedRecord, OutboxJob
from tests.agreements.mentoring import ENGINEER, Settled, appointed, guided, nominated, settled, teacher, term
from tests.conftest import TODAY
from tests.factories import World, pdf_upload

SignedIn = Callable[[Acting], Client]
pytestmark = [pytest.mark.article("11"), pytest.mark.agreement("导师队伍")]
Status = Appointment.Status


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
    """A base in construction without the mentors of its application."""
    return Base.objects.get(pk=_standing.base)


def waits(acting: Acting, on: date) -> list[tuple[str, str, date | None, bool]]:
    """What waits for somebody around mentors: why, what to do, until when, whether it presses."""
    return [
        (item.why, item.button, item.due, item.pressing) for item in inbox.items(acting, on) if item.group == "导师"
    ]


def refused(act: Callable[..., Any], **given: Any) -> str:
    """The words of the refusal of an act."""
    with pytest.raises(Refused) as refusal:
        act(**given)
    return "".join(refusal.value.reasons)


class TestANomination:
    def test_comes_from_the_partner_with_a_reason_and_waits_for_the_unit(self, world: World, base: Base, today: date):
        found = nominated(world, base, today)
        assert (found.status, found.mentor.partner_unit, found.nominated_by, found.nominated_on, found.reason) == (
            Status.NOMINATED, world.partner, world.partner_officer.user, today, "主持过三个研发项目。",
        )  # fmt: skip
        assert waits(world.unit_officer, today) == [
            ("龚工：合作单位推荐，请聘任或者说明不予聘任的原因。", "办理聘任", None, False)
        ]
        assert waits(world.partner_officer, today) == []

    def test_is_not_the_units_and_not_another_partners(self, world: World, base: Base, today: date):
        given = {"base": base, "on": today, "reason": "能干。", "person": {"name": "某某"}}
        for acting in (world.unit_officer, world.other_partner_officer, world.officer):
            with pytest.raises(NotYours):
                mentors.nominate(by=acting, **given)
        assert Mentor.objects.count() == 0

    def test_names_nobody_of_another_partner(self, world: World, base: Base, today: date):
        stranger = Mentor.objects.create(
            kind="industry", partner_unit=world.other_partner, name="外人", entered_on=today
        )
        words = refused(
            mentors.nominate, base=base, by=world.partner_officer, on=today, reason="能干。", mentor=stranger
        )
        assert words == "只能推荐本单位的人员。"

    def test_of_the_same_person_is_made_once_at_a_time(self, world: World, base: Base, today: date):
        found = nominated(world, base, today)
        again = {"base": base, "by": world.partner_officer, "on": today, "reason": "再推荐。"}
        assert refused(mentors.nominate, mentor=found.mentor, **again) == "龚工已经推荐，正在等待聘任。"
        assert refused(mentors.nominate, person={"name": "龚工", "department": "研发中心"}, **again).startswith(
            "“龚工”已经登记过"
        )

    def test_of_a_namesake_in_another_department_is_another_person(self, world: World, base: Base, today: date):
        first, second = nominated(world, base, today), nominated(world, base, today, department="生产部")
        assert first.mentor_id != second.mentor_id

    def test_is_declined_with_a_reason_and_can_be_made_again(self, world: World, base: Base, today: date):
        found = nominated(world, base, today)
        assert refused(mentors.decline, appointment=found, by=world.unit_officer, on=today, reason=" ") == (
            "请写明不予聘任的原因，合作单位可以看到。"
        )
        declined = mentors.decline(appointment=found, by=world.unit_officer, on=today, reason="从业年限不足。")
        assert (declined.status, declined.decided_by, declined.decision_note) == (
            Status.DECLINED, world.unit_officer.user, "从业年限不足。",
        )  # fmt: skip
        again = mentors.nominate(
            base=base, by=world.partner_officer, on=today, reason="已满三年。", mentor=found.mentor
        )
        assert again.status == Status.NOMINATED

    def test_is_taken_back_by_the_partner_alone_and_only_while_it_waits(self, world: World, base: Base, today: date):
        found = nominated(world, base, today)
        with pytest.raises(NotYours):
            mentors.withdraw(appointment=found, by=world.unit_officer, on=today)
        assert mentors.withdraw(appointment=found, by=world.partner_officer, on=today).status == Status.WITHDRAWN
        with pytest.raises(Overtaken):
            mentors.withdraw(appointment=found, by=world.partner_officer, on=today)
        with pytest.raises(Overtaken):
            mentors.appoint(base=base, appointments=[found], by=world.unit_officer, on=today, **term(today))


class TestAnAppointment:
    def test_is_made_by_the_unit_for_many_at_once_with_a_letter_each(self, world: World, base: Base, today: date):
        chosen = [nominated(world, base, today, name) for name in ("龚工", "邵工", "汤工")]
        made = mentors.appoint(base=base, appointments=chosen, by=world.unit_officer, on=today, **term(today))
        assert [(each.status, each.starts_on, each.ends_on, each.decided_by) for each in made] == [
            (Status.APPOINTED, today, date(2029, 11, 23), world.unit_officer.user)
        ] * 3
        assert OutboxJob.objects.filter(name=appointment_letters.JOB).count() == 3
        assert waits(world.unit_officer, today) == []

    def test_of_all_or_none(self, world: World, base: Base, today: date):
        first, second = nominated(world, base, today, "龚工"), nominated(world, base, today, "邵工")
        mentors.withdraw(appointment=second, by=world.partner_officer, on=today)
        words = refused(
            mentors.appoint, base=base, appointments=[first, second], by=world.unit_officer, on=today, **term(today)
        )
        assert words == "没有聘任：邵工已不在待聘任名单中，请刷新后重新选择。"
        first.refresh_from_db()
        assert first.status == Status.NOMINATED

    def test_is_the_graduate_offices_alone(self, world: World, base: Base, today: date):
        found = nominated(world, base, today)
        for acting in (world.partner_officer, world.applicant, world.other_unit_officer, world.officer):
            with pytest.raises(NotYours):
                mentors.appoint(base=base, appointments=[found], by=acting, on=today, **term(today))

    @pytest.mark.parametrize(
        ("starts", "ends", "words"),
        [
            (0, 0, "聘期至应晚于聘期自 2026-11-24。"),
            (-400, -1, "聘期至 2026-11-23 已经过去，请填写今后的日期。"),
            (0, 5 * 366, "一次聘任最长 5 年，到期可以续聘。"),
        ],
    )
    def test_has_a_term_that_can_be(self, world: World, base: Base, today: date, starts: int, ends: int, words: str):
        found = nominated(world, base, today)
        dates = {"starts_on": today + timedelta(days=starts), "ends_on": today + timedelta(days=ends)}
        given = {"base": base, "appointments": [found], "by": world.unit_officer, "on": today}
        assert refused(mentors.appoint, **given, **dates) == words

    def test_of_a_teacher_is_made_at_once_by_the_unit(self, world: World, base: Base, today: date):
        made = teacher(world, base, today)
        assert (made.status, made.mentor.kind, made.mentor.training_unit, made.holds(today)) == (
            Status.APPOINTED, "campus", world.unit, True,
        )  # fmt: skip
        with pytest.raises(NotYours):
            mentors.name_campus_mentor(
                base=base, by=world.partner_officer, on=today, person={"name": "别人"}, **term(today)
            )

    def test_is_renewed_by_a_row_that_goes_on_from_it_once(self, world: World, base: Base, today: date):
        first = appointed(world, base, today, starts_on=today, ends_on=today + timedelta(days=60))
        later = today + timedelta(days=30)
        made = mentors.renew(appointment=first, by=world.unit_officer, on=later, ends_on=date(2030, 1, 22))
        assert (made.renews, made.starts_on, made.status) == (first, date(2027, 1, 24), Status.APPOINTED)
        words = refused(mentors.renew, appointment=first, by=world.unit_officer, on=later, ends_on=date(2030, 1, 22))
        assert words == "龚工的这次聘任已经续聘，没有重复办理。"

    def test_that_ends_early_says_why_and_its_letter_no_longer_stands(self, world: World, base: Base, today: date):
        found = appointed(world, base, today)
        appointment_letters.make_letter(found.pk)
        later = today + timedelta(days=100)
        ended = mentors.end(appointment=found, by=world.unit_officer, on=later, ended_on=later, reason="调离单位。")
        assert (ended.status, ended.holds(later), ended.holds(later + timedelta(days=1))) == (Status.ENDED, True, False)
        record = IssuedRecord.objects.get(kind="导师聘书")
        assert (record.withdrawn_on, record.withdrawn_reason) == (later, "聘任已提前结束。")

    def test_does_not_end_while_students_are_guided(self, world: World, base: Base, today: date):
        industry, campus = appointed(world, base, today), teacher(world, base, today)
        guided(base, industry.mentor, campus.mentor, today)
        given = {"by": world.unit_officer, "on": today, "ended_on": today, "reason": "调离。"}
        words = "还在指导 1 名实践中的研究生，请先为他们更换导师，再办理解聘。"
        assert refused(mentors.end, appointment=industry, **given) == f"龚工{words}"
        assert refused(mentors.end, appointment=campus, **given) == f"常教授{words}"

    def test_that_has_not_begun_and_ends_makes_room_for_another(self, world: World, base: Base, today: date):
        ahead = today + timedelta(days=30)
        found = appointed(world, base, today, **term(ahead))
        mentors.end(appointment=found, by=world.unit_officer, on=today, ended_on=today, reason="另有安排。")
        again = mentors.nominate(base=base, by=world.partner_officer, on=today, reason="再推荐。", mentor=found.mentor)
        (made,) = mentors.appoint(base=base, appointments=[again], by=world.unit_officer, on=today, **term(ahead))
        assert made.holds(ahead) is True

    def test_is_not_made_for_a_base_that_is_over(self, world: World, today: date):
        over = world.in_state("revoked", today)
        with pytest.raises(Overtaken):
            nominated(world, over, today)


class TestTheLetter:
    def test_says_who_is_appointed_to_what_by_whom_for_how_long(self, world: World, base: Base, today: date):
        found = appointment_letters.make_letter(appointed(world, base, today).pk)
        assert found.letter is not None
        text = "".join(PdfReader(found.letter.file).pages[0].extract_text().split())
        for said in ("聘书", "龚工", base.name, "行业产业导师", "2026年11月24日至2029年11月23日", world.unit.name):
            assert said in text, said
        assert found.record is not None
        assert (found.record.kind, found.record.issuer, found.record.is_public) == ("导师聘书", world.unit.name, False)
        assert verification.find_by_file(found.letter.file.open().read()).outcome == "generated"

    def test_is_made_once_and_not_for_one_that_has_ended(self, world: World, base: Base, today: date):
        found = appointed(world, base, today)
        first = appointment_letters.make_letter(found.pk).letter_id
        assert appointment_letters.make_letter(found.pk).letter_id == first
        other = appointed(world, base, today, "邵工")
        mentors.end(appointment=other, by=world.unit_officer, on=today, ended_on=today, reason="误聘。")
        assert appointment_letters.make_letter(other.pk).letter_id is None

    def test_is_asked_for_again_by_the_unit_where_none_is_on_its_way(self, world: World, base: Base, today: date):
        found = appointed(world, base, today)
        with pytest.raises(Overtaken):
            appointment_letters.ask_again(appointment=found, by=world.unit_officer, on=today)
        OutboxJob.objects.filter(name=appointment_letters.JOB).update(state=OutboxJob.State.FAILED)
        appointment_letters.ask_again(appointment=found, by=world.unit_officer, on=today)
        assert appointment_letters.state(found) == "pending"


class TestTheApplicationsMentors:
    def test_become_mentors_of_the_base_when_its_construction_begins(self, world: World, today: date):
        base = world.constructing(today)
        application = world.application(base)
        campus = [row.name for row in application.campus_mentors.all()]
        industry = [row.name for row in application.industry_mentors.all()]
        own = Appointment.objects.filter(base=base)
        assert sorted(own.filter(mentor__kind="campus").values_list("mentor__name", flat=True)) == sorted(campus)
        assert sorted(own.filter(mentor__kind="industry").values_list("mentor__name", flat=True)) == sorted(industry)
        assert all(each.holds(today) for each in own.filter(mentor__kind="campus"))

    def test_of_the_partner_are_appointed_where_a_document_and_a_running_term_are_named(
        self, world: World, base: Base, today: date
    ):
        people = [
            IndustryPerson("有文号", document="北疆研〔2025〕7号", appointed_until=date(2028, 6, 30)),
            IndustryPerson("已到期", document="北疆研〔2022〕7号", appointed_until=today),
            IndustryPerson("没文号", employer="兄弟公司", appointed_until=date(2028, 6, 30)),
        ]
        given = {"base": base, "campus": [CampusPerson("常教授", "机械学院")], "industry": people, "on": today}
        made = mentors.take_over(by=world.officer, **given)
        assert [(each.mentor.name, each.status, each.ends_on, each.document) for each in made] == [
            ("常教授", Status.APPOINTED, date(2029, 11, 23), ""),
            ("有文号", Status.APPOINTED, date(2028, 6, 30), "北疆研〔2025〕7号"),
            ("已到期", Status.NOMINATED, None, ""),
            ("没文号", Status.NOMINATED, None, ""),
        ]
        assert Mentor.objects.get(name="没文号").department == "兄弟公司"
        assert mentors.take_over(by=world.officer, **given) == []

    def test_are_the_same_people_in_another_base_of_the_same_sides(self, world: World, base: Base, today: date):
        known = teacher(world, base, today).mentor
        other = world.constructing(today)
        made = mentors.take_over(
            base=other, campus=[CampusPerson("常教授", "机械学院")], industry=[], on=today, by=world.officer
        )
        assert [each.mentor for each in made] == [known]


class TestTrainingAndAppraisal:
    def test_a_training_is_recorded_for_many_mentors_of_the_base(self, world: World, base: Base, today: date):
        people = [appointed(world, base, today).mentor, teacher(world, base, today).mentor]
        made = mentor_records.record_training(
            base=base, by=world.unit_officer, on=today, topic="指导规范", held_on=today, hours=Decimal(4), mentors=people,
            file=pdf_upload("签到表.pdf"),
        )  # fmt: skip
        assert (set(made.mentors.all()), made.hours, made.recorded_by) == (set(people), 4, world.unit_officer.user)

    def test_a_training_takes_only_mentors_who_were_appointed_then(self, world: World, base: Base, today: date):
        found = appointed(world, base, today).mentor
        given = {
            "base": base,
            "by": world.unit_officer,
            "on": today,
            "topic": "规范",
            "hours": Decimal(4),
            "mentors": [found],
        }
        assert refused(mentor_records.record_training, held_on=today - timedelta(days=1), **given) == (
            "龚工在 2026-11-23 不是本基地的在聘导师，请核对日期和名单。"
        )
        assert "还没有到" in refused(mentor_records.record_training, held_on=today + timedelta(days=1), **given)

    def test_a_wrong_training_stays_with_the_reason(self, world: World, base: Base, today: date):
        made = mentor_records.record_training(
            base=base, by=world.unit_officer, on=today, topic="规范", held_on=today, hours=Decimal(4),
            mentors=[appointed(world, base, today).mentor],
        )  # fmt: skip
        mentor_records.withdraw_training(training=made, by=world.unit_officer, on=today, reason="重复登记。")
        assert list(MentorTraining.objects.values_list("withdrawn_reason", flat=True)) == ["重复登记。"]
        with pytest.raises(Overtaken):
            mentor_records.withdraw_training(training=made, by=world.unit_officer, on=today, reason="再来。")

    def test_an_appraisal_counts_once_a_year_and_is_corrected_with_a_reason(
        self, world: World, base: Base, today: date
    ):
        given = {"appointment": appointed(world, base, today), "by": world.unit_officer, "on": today, "year": 2026}
        mentor_records.appraise(grade="qualified", **given)
        assert refused(mentor_records.appraise, grade="excellent", **given) == (
            "2026 年已考核为“合格”；需要更正的，请填写更正原因。"
        )
        mentor_records.appraise(grade="excellent", correction="录入有误。", **given)
        assert list(MentorAppraisal.objects.order_by("pk").values_list("grade", "replaced_reason")) == [
            ("qualified", "录入有误。"), ("excellent", ""),
        ]  # fmt: skip

    def test_an_appraisal_is_for_a_year_of_the_term_and_a_failure_says_why(self, world: World, base: Base, today: date):
        given = {"appointment": appointed(world, base, today), "by": world.unit_officer, "on": today}
        assert "不在聘期" in refused(mentor_records.appraise, grade="qualified", year=2025, **given)
        assert "不在聘期" in refused(mentor_records.appraise, grade="qualified", year=2027, **given)
        assert refused(mentor_records.appraise, grade="failed", year=2026, **given) == "考核不合格的，请写明考核意见。"


class TestATermThatEnds:
    def test_is_told_both_sides_from_the_first_reminder_of_the_policy_on(self, world: World, base: Base, today: date):
        last = today + timedelta(days=180)
        appointed(world, base, today, starts_on=today, ends_on=last)
        assert waits(world.unit_officer, today - timedelta(days=1)) == []
        words = "龚工：聘期将满，请办理续聘或者另行选聘。"
        assert waits(world.unit_officer, today) == [(words, "办理", last, False)]
        assert waits(world.partner_officer, today) == [(words, "查看", last, False)]

    def test_is_told_no_more_once_it_is_renewed(self, world: World, base: Base, today: date):
        found = appointed(world, base, today, starts_on=today, ends_on=today + timedelta(days=60))
        mentors.renew(appointment=found, by=world.unit_officer, on=today, ends_on=date(2029, 11, 23))
        assert waits(world.unit_officer, today) == []

    def test_presses_once_it_is_over_and_students_are_still_guided(self, world: World, base: Base, today: date):
        found = appointed(world, base, today, starts_on=today, ends_on=today + timedelta(days=60))
        campus = teacher(world, base, today)
        later = today + timedelta(days=61)
        assert waits(world.unit_officer, later) == []
        guided(base, found.mentor, campus.mentor, today)
        assert waits(world.unit_officer, later) == [
            ("龚工：聘期已满，仍在指导实践中的研究生，请办理续聘或者更换导师。", "办理", None, True)
        ]
        renewal = mentors.renew(appointment=found, by=world.unit_officer, on=later, ends_on=later + timedelta(days=365))
        assert (renewal.starts_on, waits(world.unit_officer, later)) == (later, [])


class TestTheStanding:
    def test_counts_mentors_and_those_whose_term_ends_soon(
        self, world: World, base: Base, today: date, signed_in: SignedIn
    ):
        def cell() -> str:
            page = signed_in(world.officer).get(reverse("training"))
            (row,) = page.context["rows"]
            return {area.url_name: standing.text for area, standing in row[1] if standing}["base-mentors"]

        assert cell() == "没有在聘的校内导师和行业产业导师"
        teacher(world, base, today)
        assert cell() == "导师 1 人，没有在聘的行业产业导师"
        appointed(world, base, today, starts_on=today, ends_on=today + timedelta(days=90))
        nominated(world, base, today, "邵工")
        assert cell() == "导师 2 人，1 人即将到期，1 人待聘任"


class TestThePages:
    def test_a_mentor_is_nominated_appointed_and_seen_by_both_sides(
        self, world: World, base: Base, today: date, signed_in: SignedIn
    ):
        partner, unit = signed_in(world.partner_officer), signed_in(world.unit_officer)
        page = reverse("base-mentors", args=[base.pk])
        sent = {
            "name": "龚工",
            "reason": "主持过三个研发项目。",
            **ENGINEER,
            "degree": "",
            "years": "12",
            "direction": "",
        }
        assert partner.post(reverse("mentor-nominate", args=[base.pk]), sent).url == page
        found = Appointment.objects.get()
        assert [row.pk for row in unit.get(page).context["waiting"]] == [found.pk]
        dates = {key: day.isoformat() for key, day in term(today).items()}
        answer = unit.post(reverse("mentor-appoint", args=[base.pk]), {"appointments": [found.pk], **dates})
        assert answer.url == page
        shown = partner.get(page)
        assert [row.mentor.name for row in shown.context["industry"]] == ["龚工"]
        assert "正在生成，稍后刷新" in shown.content.decode()

    def test_a_wrong_form_keeps_what_was_typed(self, world: World, base: Base, signed_in: SignedIn):
        answer = signed_in(world.partner_officer).post(
            reverse("mentor-nominate", args=[base.pk]), {"name": "", "reason": "能干。", "phone": "12345"}
        )
        assert answer.status_code == 422
        assert answer.context["form"].errors == {
            "name": ["请选择已登记的人员，或者填写姓名。"], "phone": ["手机号码是 11 位数字，以 1 开头，请核对。"],
        }  # fmt: skip
        assert (answer.context["form"]["reason"].value(), Mentor.objects.count()) == ("能干。", 0)

    def test_phones_are_in_full_for_both_sides_and_masked_for_the_department(
        self, world: World, base: Base, today: date, signed_in: SignedIn
    ):
        page = reverse("mentor", args=[appointed(world, base, today).mentor_id])
        shown = {
            acting.role: (answer.context["phone"], answer.context["email"])
            for acting in (world.unit_officer, world.partner_officer, world.officer, world.leader)
            for answer in [signed_in(acting).get(page)]
        }
        full, masked = ("13800000001", "gong@example.invalid"), ("138****0001", "g***@example.invalid")
        assert shown == {
            "unit_officer": full, "partner_officer": full, "dept_officer": masked, "dept_leader": masked,
        }  # fmt: skip

    def test_the_list_finds_filters_and_counts_the_load(
        self, world: World, base: Base, today: date, signed_in: SignedIn
    ):
        industry, campus = appointed(world, base, today), teacher(world, base, today)
        guided(base, industry.mentor, campus.mentor, today)
        guided(base, industry.mentor, campus.mentor, today - timedelta(days=400), "ended")
        nominated(world, base, today, "邵工")
        client = signed_in(world.unit_officer)

        def listed(**query: str) -> list[tuple[str, int, int]]:
            page = client.get(reverse("mentor-list"), query).context["page_obj"]
            return [(each.name, each.running, each.guided) for each in page]

        assert sorted(listed()) == sorted([("常教授", 1, 2), ("邵工", 0, 0), ("龚工", 1, 2)])
        assert listed(kind="campus") == [("常教授", 1, 2)]
        assert listed(standing="waiting") == [("邵工", 0, 0)]
        assert listed(q="研发 龚") == [("龚工", 1, 2)]
        assert listed(standing="soon") == []

    def test_the_list_of_another_unit_and_partner_is_empty(
        self, world: World, base: Base, today: date, signed_in: SignedIn
    ):
        found = appointed(world, base, today)
        for acting in (world.other_unit_officer, world.other_partner_officer):
            client = signed_in(acting)
            assert list(client.get(reverse("mentor-list")).context["page_obj"]) == []
            assert client.get(reverse("mentor", args=[found.mentor_id])).status_code == 404

    def test_the_excel_says_what_the_list_says(self, world: World, base: Base, today: date, signed_in: SignedIn):
        appointed(world, base, today)
        answer = signed_in(world.officer).get(reverse("mentor-export"))
        sheet = load_workbook(BytesIO(answer.content)).active
        assert sheet is not None
        cells = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None]
        assert {"龚工", "行业产业导师", "138****0001", "g***@example.invalid"} <= set(cells)
        assert "13800000001" not in cells

    def test_the_side_of_a_mentor_corrects_the_entry_and_the_other_does_not(
        self, world: World, base: Base, today: date, signed_in: SignedIn
    ):
        found = appointed(world, base, today).mentor
        page = reverse("mentor-edit", args=[found.pk])
        sent = {"department": "研发中心", "post": "副总工程师", "title": "senior", "degree": "", "years": "", "direction": "",
                "phone": "13900000002", "email": ""}  # fmt: skip
        assert signed_in(world.unit_officer).post(page, sent).status_code == 404
        assert signed_in(world.partner_officer).post(page, sent).url == reverse("mentor", args=[found.pk])
        found.refresh_from_db()
        assert (found.post, found.phone, found.changed_by, found.changed_on) == (
            "副总工程师", "13900000002", world.partner_officer.user, today,
        )  # fmt: skip

    def test_take_as_many_queries_for_many_mentors_as_for_one(
        self, world: World, base: Base, today: date, signed_in: SignedIn
    ):
        client = signed_in(world.unit_officer)
        pages = [reverse("base-mentors", args=[base.pk]), reverse("mentor-list"), reverse("training"), reverse("home")]

        def fill(count: int) -> None:
            for number in range(count):
                dates = {"starts_on": today, "ends_on": today + timedelta(days=60 + number)}
                industry = appointed(world, base, today, f"工{number}{count}", **dates)
                campus = teacher(world, base, today, f"师{number}{count}")
                guided(base, industry.mentor, campus.mentor, today)
                nominated(world, base, today, f"荐{number}{count}")
                mentor_records.appraise(
                    appointment=industry, by=world.unit_officer, on=today, year=2026, grade="qualified"
                )
                mentor_records.record_training(
                    base=base, by=world.unit_officer, on=today, topic="规范", held_on=today, hours=Decimal(2),
                    mentors=[campus.mentor],
                )  # fmt: skip

        def counted() -> list[int]:
            numbers = []
            for page in pages:
                with CaptureQueriesContext(connection) as queries:
                    assert client.get(page).status_code == 200
                numbers.append(len(queries))
            return numbers

        fill(1)
        client.get(pages[0])
        before = counted()
        fill(4)
        assert counted() == before


class TestAppraisingAllOnOnePage:
    def entered(self, *found: tuple[Appointment, str, str]) -> dict[str, str]:
        given = {}
        for each, grade, note in found:
            given |= {f"a{each.pk}-grade": grade, f"a{each.pk}-note": note}
        return given

    def test_takes_those_with_a_grade_and_leaves_the_others(
        self, world: World, base: Base, today: date, signed_in: Callable[[Acting], Client]
    ):
        first, second = appointed(world, base, today), appointed(world, base, today, "邵工")
        third = teacher(world, base, today)
        client, address = signed_in(world.unit_officer), reverse("mentor-appraise", args=[base.pk])
        assert [each for each, _form in client.get(address).context["lines"]] == [third, second, first]
        sent = self.entered((first, "excellent", "带出三人。"), (second, "qualified", ""), (third, "", ""))
        assert client.post(address, sent).status_code == 302
        assert set(MentorAppraisal.objects.values_list("appointment", "year", "grade", "note")) == {
            (first.pk, today.year, "excellent", "带出三人。"), (second.pk, today.year, "qualified", ""),
        }  # fmt: skip
        assert [each for each, _form in client.get(address).context["lines"]] == [third]

    def test_names_the_mentor_whose_line_is_wrong_and_keeps_nothing(
        self, world: World, base: Base, today: date, signed_in: Callable[[Acting], Client]
    ):
        first, second = appointed(world, base, today), appointed(world, base, today, "邵工")
        sent = self.entered((first, "excellent", ""), (second, "failed", ""))
        answer = signed_in(world.unit_officer).post(reverse("mentor-appraise", args=[base.pk]), sent)
        assert (answer.status_code, MentorAppraisal.objects.count()) == (422, 0)
        assert [(each, form.errors["note"]) for each, form in answer.context["wrong"]] == [
            (second, ["考核不合格的，请写明考核意见。"])
        ]
        nothing = signed_in(world.unit_officer).post(reverse("mentor-appraise", args=[base.pk]), {})
        assert (nothing.status_code, nothing.context["refused"]) == (422, ["没有选择考核等级，没有登记。"])

    def test_is_all_or_nothing_and_says_whose_it_is(self, world: World, base: Base, today: date):
        first, second = appointed(world, base, today), appointed(world, base, today, "邵工")
        mentor_records.appraise(appointment=second, by=world.unit_officer, on=today, year=today.year, grade="qualified")
        both = [mentor_records.Grading(each, "excellent") for each in (first, second)]
        reason = refused(
            mentor_records.appraise_many, base=base, by=world.unit_officer, on=today, year=today.year, gradings=both
        )
        assert reason == f"邵工：{today.year} 年已考核为“合格”；需要更正的，请填写更正原因。"
        assert MentorAppraisal.objects.count() == 1
