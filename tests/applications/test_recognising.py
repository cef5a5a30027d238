"""第八条（四）, 第十二条: the recognition, its document, and the period that counts from the document's publication."""

from datetime import date, timedelta
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta

from applications.models import Assignment, Deliberation, PublicNotice
from applications.services import declaring, recognising, sheets
from bases.lifecycle import State
from bases.models import Base, OfficialDocument, Policy
from bases.services import people
from portal import inbox
from portal.errors import NotYours, Overtaken, Refused
from portal.roles import Role
from portal.services import enter_calendar_year
from tests.applications.conftest import fresh
from tests.factories import World, pdf_upload


def publish(world: World, bases: list[Base], dated: date, **changes: Any) -> OfficialDocument:
    """The officer registers the recognition document of these bases, on the day of its own date unless told otherwise."""
    given = {
        "title": "关于公布名单的通知",
        "document_date": dated,
        "published_on": dated,
        "by": world.officer,
        "on": dated,
    }
    return recognising.publish_recognition_document(bases=bases, **(given | changes))


@pytest.mark.article("8(4)")
class TestDeliberating:
    def record(self, world: World, base: Base, on: date, **changes: Any) -> Deliberation:
        given = {"acting": world.officer, "on": on, "held_on": on, "conclusion": "同意。"}
        return recognising.record_deliberation(base=base, **(given | changes))

    def test_is_recorded_for_a_shortlisted_base_with_who_recorded_it(self, world: World, today):
        base, held = world.shortlisted(today - timedelta(days=3)), today - timedelta(days=3)
        minutes = self.record(world, base, today, held_on=held, minutes=pdf_upload("纪要.pdf"))
        assert (minutes.application, minutes.held_on, minutes.prepared_by, minutes.prepared_on) == (
            world.application(base), held, world.officer.user, today,
        )  # fmt: skip
        assert minutes.minutes is not None
        assert minutes.minutes.name == "纪要.pdf"

    def test_may_be_corrected_and_keeps_the_scan(self, world: World, today):
        base = world.shortlisted(today)
        scan = self.record(world, base, today, minutes=pdf_upload("纪要.pdf")).minutes
        self.record(world, base, today, conclusion="同意列入。")
        stored = Deliberation.objects.get()
        assert (stored.conclusion, stored.minutes) == ("同意列入。", scan)

    def test_has_been_held(self, world: World, today):
        base = world.shortlisted(today)
        with pytest.raises(Refused) as refusal:
            self.record(world, base, today, held_on=today + timedelta(days=1))
        assert refusal.value.reasons == ("审议日期 2026-11-25 还没有到，请填写实际开会日期。",)

    @pytest.mark.parametrize("role", [role for role in Role.values if role != Role.DEPT_OFFICER])
    def test_is_the_officers_to_record(self, world: World, today, role: str):
        base = world.shortlisted(today)
        with pytest.raises(NotYours) as refusal:
            self.record(world, base, today, acting=world.everybody()[role])
        assert refusal.value.reasons == ("审议纪要由教育厅经办登记。",)

    @pytest.mark.parametrize("state", [State.IN_REVIEW, State.RECOGNITION_NOTICE])
    def test_has_its_time(self, world: World, today, state: str):
        base = world.in_state(state, today)
        before = list(Deliberation.objects.values())
        with pytest.raises(Overtaken, match="审议纪要没有登记。"):
            self.record(world, base, today)
        assert list(Deliberation.objects.values()) == before


@pytest.mark.article("8(4)")
class TestRecognising:
    def test_follows_a_notice_without_objection(self, world: World, today):
        base = world.recognised(today)
        event = base.events.last()
        assert (base.state, event.transition, event.actor, event.articles) == (
            State.RECOGNISED, "recognise", world.leader.user, "8(4)",
        )  # fmt: skip

    @pytest.mark.parametrize("role", [role for role in Role.values if role != Role.DEPT_LEADER])
    def test_is_the_leaders(self, world: World, today, role: str):
        base = world.in_recognition_notice(today)
        with pytest.raises(NotYours):
            recognising.recognise(base=base, acting=world.everybody()[role], on=today + timedelta(days=30))
        assert fresh(base).state == State.RECOGNITION_NOTICE

    def test_waits_for_the_document_before_anything_runs(self, world: World, today):
        base = world.recognised(today)
        assert (base.construction_started_on, base.assessment_due_on, base.policy) == (None, None, None)
        assert list(recognising.waiting_for_document()) == [base]


@pytest.mark.article("8(4)")
@pytest.mark.article("12")
class TestTheDocument:
    def test_has_the_next_number_of_the_year_and_starts_the_construction(self, world: World, today):
        first, second = world.recognised(today), world.recognised(today)
        documents = [publish(world, [first], today), publish(world, [second], today)]
        # The 立项通知 to the unit takes the number after each.
        assert [d.number for d in documents] == ["内教研函〔2026〕1号", "内教研函〔2026〕3号"]
        assert [fresh(base).state for base in (first, second)] == [State.CONSTRUCTING] * 2
        assert list(recognising.waiting_for_document()) == []

    def test_the_period_counts_from_its_publication_not_from_its_own_date(self, world: World, today):
        base = world.recognised(today)
        published = today + timedelta(days=9)
        document = publish(world, [base], today, published_on=published, on=published)
        base = fresh(base)
        assert (document.document_date, document.published_on) == (today, published)
        assert (base.construction_started_on, base.construction_ends_on, base.assessment_due_on) == (
            published, date(2029, 12, 3), date(2029, 12, 3),
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("published", "ends"),
        [
            (date(2028, 2, 29), date(2031, 2, 28)),
            (date(2028, 2, 28), date(2031, 2, 28)),
            (date(2025, 3, 1), date(2028, 3, 1)),
        ],
    )
    def test_a_period_from_29_february_ends_on_28_february(self, world: World, today, published: date, ends: date):
        base = world.recognised(min(published, today))
        publish(world, [base], published, on=max(published, today))
        assert fresh(base).construction_ends_on == ends

    def test_the_length_is_that_of_the_policy_in_force_on_the_publication_day(self, world: World, today):
        early, late = world.recognised(today), world.recognised(today)
        change = today + timedelta(days=10)
        old = Policy.in_force(today)
        new = people.new_policy_version(
            effective_from=change, by=world.security_admin.user, on=today, construction_years=4
        )
        eve = change - timedelta(days=1)
        publish(world, [early], today, published_on=eve, on=change)
        publish(world, [late], today, published_on=change, on=change)
        early, late = fresh(early), fresh(late)
        assert (early.policy, early.construction_ends_on) == (old, eve + relativedelta(years=3))
        assert (late.policy, late.construction_ends_on) == (new, change + relativedelta(years=4))

    def test_a_later_policy_does_not_move_a_running_period(self, world: World, today):
        base = world.constructing(today)
        people.new_policy_version(
            effective_from=today + timedelta(days=1), by=world.security_admin.user, on=today, construction_years=9
        )
        kept = fresh(base)
        assert (kept.policy, kept.construction_ends_on) == (base.policy, today + relativedelta(years=3))

    def test_the_event_names_document_and_dates(self, world: World, today):
        base = world.recognised(today)
        document = publish(world, [base], today)
        event = fresh(base).events.last()
        assert (event.transition, event.document, event.articles) == ("start_construction", document, "8(4) 12")
        assert event.evidence == {
            "document_number": document.number,
            "document_published_on": "2026-11-24",
            "period_ends_on": "2029-11-24",
        }

    def test_before_its_publication_nothing_starts(self, world: World, today):
        base = world.recognised(today)
        with pytest.raises(Refused) as refusal:
            publish(world, [base], today, published_on=today + timedelta(days=1))
        assert refusal.value.reasons == ("文件公布日期 2026-11-25 还没有到，建设期自公布之日起算。",)
        assert (fresh(base).state, OfficialDocument.objects.filter(issuer_unit=None).count()) == (State.RECOGNISED, 0)

    def test_is_not_published_before_its_own_date(self, world: World, today):
        base = world.recognised(today)
        with pytest.raises(Refused) as refusal:
            publish(world, [base], today, published_on=today - timedelta(days=1))
        assert refusal.value.reasons == ("公布日期不能早于成文日期，请核对两个日期。",)

    def test_is_not_published_before_its_bases_are_recognised(self, world: World, today):
        """A slip of the year would put the assessment, and the proposal of a revocation for absence, into the past."""
        base = world.recognised(today)
        slip = today - relativedelta(years=10)
        with pytest.raises(Refused) as refusal:
            publish(world, [base], slip, on=today)
        assert refusal.value.reasons == (f"公布日期 2016-11-24 早于“{base.name}”的认定日期 2026-11-24，请核对。",)
        assert (fresh(base).state, OfficialDocument.objects.filter(issuer_unit=None).count()) == (State.RECOGNISED, 0)

    @pytest.mark.parametrize("role", [role for role in Role.values if role != Role.DEPT_OFFICER])
    def test_is_the_officers_to_register(self, world: World, today, role: str):
        base = world.recognised(today)
        with pytest.raises(NotYours) as refusal:
            publish(world, [base], today, by=world.everybody()[role])
        assert refusal.value.reasons == ("认定文件由教育厅经办登记。",)
        assert fresh(base).state == State.RECOGNISED


@pytest.mark.article("8(4)")
class TestSeveralBasesInOneDocument:
    def test_start_together_under_one_number(self, world: World, today):
        bases = [world.recognised(today) for _ in range(3)]
        document = publish(world, bases, today)
        assert set(document.bases.all()) == set(bases)
        assert [fresh(base).state for base in bases] == [State.CONSTRUCTING] * 3
        own = OfficialDocument.objects.filter(issuer_unit=None)
        assert [(each.kind, each.serial) for each in own.order_by("serial")] == [
            ("recognition", 1),
            ("project_notice", 2),
        ]

    def test_all_or_none_and_the_number_is_not_used_up(self, world: World, today):
        ready, unready = world.recognised(today), world.in_recognition_notice(today)
        with pytest.raises(Overtaken):
            publish(world, [ready, unready], today)
        ready = fresh(ready)
        assert (ready.state, ready.policy, OfficialDocument.objects.filter(issuer_unit=None).count()) == (
            State.RECOGNISED,
            None,
            0,
        )
        assert publish(world, [ready], today).number == "内教研函〔2026〕1号"

    def test_without_a_base_there_is_none(self, world: World, today):
        with pytest.raises(Refused) as refusal:
            publish(world, [], today)
        assert refusal.value.reasons == ("请至少选择一个已认定的基地。",)


@pytest.mark.article("8(4)")
@pytest.mark.django_db(transaction=True)
def test_two_officers_registering_at_once_start_the_construction_once(world: World, today, at_once):
    base = world.recognised(today)
    results = at_once(lambda: publish(world, [base], today), lambda: publish(world, [base], today))
    (document,) = (result for result in results if isinstance(result, OfficialDocument))
    (_overtaken,) = (result for result in results if isinstance(result, Overtaken))
    assert list(OfficialDocument.objects.filter(kind="recognition")) == [document]
    assert fresh(base).events.filter(transition="start_construction").count() == 1


@pytest.mark.article("8(3)")
@pytest.mark.article("8(4)")
class TestRejecting:
    STATES = (State.RECOMMENDED, State.IN_REVIEW, State.SHORTLISTED, State.RECOGNITION_NOTICE)

    @pytest.mark.parametrize("state", STATES)
    @pytest.mark.parametrize("role", [Role.DEPT_OFFICER, Role.DEPT_LEADER])
    def test_the_department_rejects_with_a_reason_that_stays(self, world: World, today, state: str, role: str):
        base = world.in_state(state, today)
        rejected = recognising.reject(base=base, acting=world.everybody()[role], on=today, reason="材料不足。")
        event = rejected.events.last()
        assert (rejected.state, event.transition, event.reason, event.role) == (
            State.NOT_RECOGNISED, "reject", "材料不足。", role,
        )  # fmt: skip

    def test_needs_a_reason(self, world: World, today):
        base = world.recommended(today)
        with pytest.raises(Refused) as refusal:
            recognising.reject(base=base, acting=world.officer, on=today, reason="")
        assert refusal.value.reasons == ("请写明理由。",)

    def test_is_not_for_units_partners_or_experts(self, world: World, today):
        base = world.recommended(today)
        for role, somebody in world.everybody().items():
            if role not in {Role.DEPT_OFFICER, Role.DEPT_LEADER}:
                with pytest.raises(NotYours):
                    recognising.reject(base=base, acting=somebody, on=today, reason="越权")
        assert fresh(base).state == State.RECOMMENDED

    def test_an_open_sheet_is_neither_asked_for_nor_taken_any_more(self, world: World, today):
        base, expert = world.in_review(today), world.experts[0]
        assert [item.title for item in inbox.items(expert, today)] == [base.name]
        recognising.reject(base=base, acting=world.leader, on=today, reason="材料不实。")
        assert inbox.items(expert, today) == []
        sheet = Assignment.objects.get(panel__application__base=base, expert=expert.user)
        with pytest.raises(Overtaken) as refusal:
            sheets.save_sheet(assignment=sheet, points={}, comment="迟了", by=expert)
        assert refusal.value.reasons == ("这次评审已经结束，基地当前状态为“未获认定”，没有改动。",)

    def test_the_next_years_review_does_not_wake_the_old_sheets(self, world: World, today):
        base, next_year = world.in_review(today), date(2027, 3, 1)
        old = Assignment.objects.get(panel__application__base=base, expert=world.experts[0].user)
        base = recognising.reject(base=base, acting=world.leader, on=today, reason="材料不实。")
        enter_calendar_year(year=2027, source="放假通知", holidays=[], make_up_days=[], by=world.officer.user)
        world.round(next_year)
        base = declaring.redeclare(base=base, acting=world.applicant, on=next_year)
        base = world.review(world.declare(base, next_year), next_year)
        base = world.recommend(world.publish_unit_notice(base, next_year), next_year + timedelta(days=20))
        chosen = [expert.user for expert in world.experts[1:4]]
        recognising.assign_experts(base=base, acting=world.officer, on=next_year, experts=chosen)
        recognising.open_review(base=base, acting=world.officer, on=next_year)
        asked = [len(inbox.items(expert, next_year)) for expert in world.experts]
        assert asked == [0, 1, 1, 1, 0]
        with pytest.raises(Overtaken, match="这次评审已经结束"):
            sheets.save_sheet(assignment=old, points={}, comment="迟了", by=world.experts[0])

    def test_a_notice_that_was_out_stays_public(self, world: World, today):
        base = world.in_recognition_notice(today)
        recognising.reject(base=base, acting=world.leader, on=today, reason="异议成立。")
        assert PublicNotice.objects.get(kind="recognition").entries.get().base == base
