"""撤销 (第十七条, 第十九条至第二十一条): absence, incidents, decisions, and leaving of one's own will."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from django.db import IntegrityError, transaction
from django.urls import reverse

from bases import acts
from bases.lifecycle import LIVING, Grade, Ground, State
from bases.models import Base, LifecycleEvent, OfficialDocument
from bases.services.history import first_flaw
from evaluations import inbox
from evaluations.forms import DismissForm, IncidentForm, WithdrawalForm
from evaluations.models import Assessment, Incident, RevocationProposal, Withdrawal
from evaluations.services import assessing, daily, revoking
from portal import uploads
from portal.acting import THE_DAILY_JOB, Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.roles import Role
from tests.evaluations.conftest import also, next_assessment, now, outcomes, strangers
from tests.evaluations.rows import everything
from tests.factories import World, pdf_upload, person

ONE_DAY, TWO_YEARS, THREE_YEARS = timedelta(days=1), relativedelta(years=2), relativedelta(years=3)
ACCIDENT = {"description": "合作单位发生重大安全生产事故。", "measures": "研究生已返校。"}


def absent(world: World, today: date) -> tuple[Base, date]:
    """Under assessment since today; the report is missing, and the daily job has proposed what follows."""
    base = world.assessing(today)
    on = base.assessments.get().report_due_on + ONE_DAY
    daily.run(on=on)
    return now(base), on


def report(base: Base, who: Acting, on: date, **changes: Any) -> Incident:
    return revoking.report_incident(base=base, acting=who, on=on, **({"happened_on": on} | ACCIDENT | changes))


def study(world: World, base: Base, on: date, *, can_continue: bool) -> Incident:
    return revoking.study_incident(
        base=base, acting=world.officer, on=on, can_continue=can_continue, finding="已组织研判。"
    )


def revoke(world: World, base: Base, on: date) -> Base:
    return revoking.revoke(base=base, acting=world.leader, on=on, reason="事实清楚，予以撤销。")


def dismiss(world: World, base: Base, on: date, **more: Any) -> RevocationProposal:
    return revoking.dismiss_proposal(base=base, acting=world.leader, on=on, reason="情有可原。", **more)


def passed(world: World, today: date) -> Base:
    """Three years over and assessed as 合格 today."""
    return world.graded(world.assessing(today), Grade.QUALIFIED, today)


@pytest.mark.article("19")
class TestAbsence:
    def test_it_is_proposed_with_its_facts_and_revokes_nothing(self, world: World, today: date):
        base, on = absent(world, today)
        proposal = RevocationProposal.objects.get()
        assert (proposal.base, proposal.ground, proposal.status) == (base, Ground.ABSENT, "open")
        assert (proposal.prepared_by, proposal.prepared_on) == (None, on)
        assert proposal.facts == "建设成效考核自评报告应于 2027-01-23 前提交，逾期未交。"
        assert base.state == State.ASSESSING

    def test_the_leader_revokes_with_a_registered_decision(self, world: World, today: date):
        base, on = absent(world, today)
        revoked = revoke(world, base, on)
        assert (revoked.state, revoked.assessment_due_on) == (State.REVOKED, None)
        document = base.documents.get(kind=OfficialDocument.Kind.REVOCATION)
        assert (document.title, document.published_on) == (f"关于撤销{base.name}的决定", on)
        decided = RevocationProposal.objects.get()
        assert (decided.status, decided.decided_by, decided.decided_on, decided.decision) == (
            RevocationProposal.Status.REVOKED,
            world.leader.user,
            on,
            "事实清楚，予以撤销。",
        )
        event = LifecycleEvent.objects.filter(base=base).last()
        assert (event.transition, event.reason, event.document) == ("revoke", "事实清楚，予以撤销。", document)
        assert (event.evidence["ground"], event.articles) == ("absent", "17 19 20")
        assert first_flaw() is None

    def test_the_open_assessment_ends_with_the_base(self, world: World, today: date):
        base, on = absent(world, today)
        revoke(world, base, on)
        assert list(base.assessments.values_list("grade", "closed_on")) == [("", on)]

    def test_absence_from_the_reassessment_leads_there_too(self, world: World, today: date):
        base = world.reassessing(today)
        on = base.assessments.get(closed_on=None).report_due_on + ONE_DAY
        daily.run(on=on)
        assert revoking.open_proposal(base).facts == "复评自评报告应于 2027-01-23 前提交，逾期未交。"
        assert revoke(world, base, on).state == State.REVOKED

    def test_the_leader_may_give_a_new_date_instead(self, world: World, today: date):
        base, on = absent(world, today)
        extended = on + timedelta(days=14)
        dismissed = dismiss(world, base, on, extend_to=extended)
        assert (dismissed.status, dismissed.decided_by, dismissed.decision) == (
            RevocationProposal.Status.DISMISSED,
            world.leader.user,
            "情有可原。",
        )
        assert base.assessments.get().report_due_on == extended
        assert now(base).state == State.ASSESSING

    @pytest.mark.parametrize("days", [None, 0, -1])
    def test_without_a_new_date_after_today_it_is_not_dismissed(self, world: World, today: date, days: int | None):
        base, on = absent(world, today)
        before = everything()
        with pytest.raises(Refused) as refusal:
            dismiss(world, base, on, extend_to=None if days is None else on + timedelta(days=days))
        assert refusal.value.reasons == ("请给出新的自评报告提交期限，应晚于今天（2027-01-24）。",)
        assert everything() == before

    def test_a_new_date_that_passes_is_an_absence_again(self, world: World, today: date):
        base, on = absent(world, today)
        extended = on + timedelta(days=14)
        dismiss(world, base, on, extend_to=extended)
        assert daily.run(on=extended).proposed == []
        daily.run(on=extended + ONE_DAY)
        assert list(base.revocation_proposals.values_list("status", "prepared_on")) == [
            ("open", extended + ONE_DAY),
            ("dismissed", on),
        ]

    def test_a_report_that_came_late_needs_no_new_date(self, world: World, today: date):
        base, on = absent(world, today)
        assessing.submit_report(base=base, acting=world.applicant, on=on, report="迟交。")
        assert dismiss(world, base, on).status == RevocationProposal.Status.DISMISSED
        assert daily.run(on=on + timedelta(days=60)).proposed == []

    @pytest.mark.article("17")
    def test_a_demonstration_base_that_is_absent_loses_its_title_with_the_decision(self, world: World, today: date):
        base, opened = next_assessment(world.demonstration(today))
        on = base.assessments.get(closed_on=None).report_due_on + ONE_DAY
        daily.run(on=on)
        assert now(base).title_number == f"SF-2026-{base.pk:04d}"
        revoked = revoke(world, base, on)
        assert (revoked.state, revoked.title_number, revoked.title_granted_on) == (State.REVOKED, "", None)
        assert list(base.titles.values_list("lost_on", "lost_because")) == [(on, "基地被撤销")]
        assert opened < on

    def test_the_form_asks_for_a_new_date_only_where_a_report_is_missing(self, world: World, today: date):
        base, on = absent(world, today)
        assert "extend_to" in DismissForm(base=base, acting=world.leader, on=on).fields
        other = world.constructing(today)
        world.incident(other, today)
        asked = DismissForm(base=other, acting=world.leader, on=today).visible_fields()
        assert [field.name for field in asked] == ["reason"]


@pytest.mark.article("20")
class TestIncident:
    @pytest.mark.parametrize("role", ["applicant", "unit_officer", "partner_officer"])
    def test_unit_and_partner_may_report_it(self, world: World, today: date, role: str, pdf):
        base = world.constructing(today)
        filed = report(base, getattr(world, role), today, file=pdf())
        assert (filed.base, filed.reported_role, filed.reported_on) == (base, role, today)
        assert (filed.reported_by, filed.file.purpose) == (getattr(world, role).user, "incident")
        assert (now(base).state, revoking.open_proposal(base)) == (State.CONSTRUCTING, None)

    def test_nobody_else_does(self, world: World, today: date):
        base = world.constructing(today)
        people = strangers(world, Role.APPLICANT, Role.UNIT_OFFICER, Role.PARTNER_OFFICER) | {
            "colleague": person(Role.APPLICANT, training_unit=world.unit),
            "the daily job": THE_DAILY_JOB,
        }
        assert outcomes(people, lambda who: report(base, who, today)) == dict.fromkeys(people, NotYours)

    def test_its_papers_are_for_insiders(self, world: World, today: date, pdf):
        stored = report(world.constructing(today), world.partner_officer, today, file=pdf()).file
        people = world.everybody() | {
            "other unit": world.other_unit_officer,
            "other partner": world.other_partner_officer,
        }
        assert {name for name, who in people.items() if uploads.may_download(who, stored)} == {
            Role.APPLICANT,
            Role.UNIT_OFFICER,
            Role.PARTNER_OFFICER,
            Role.DEPT_OFFICER,
            Role.DEPT_LEADER,
        }

    def test_it_has_happened_before_it_is_reported(self, world: World, today: date):
        base = world.constructing(today)
        with pytest.raises(Refused) as refusal:
            report(base, world.unit_officer, today, happened_on=today + ONE_DAY)
        assert refusal.value.reasons == ("发生日期 2026-11-25 还没有到，请核对。",)
        data = ACCIDENT | {"happened_on": "2026-11-25"}
        form = IncidentForm(data, base=base, acting=world.unit_officer, on=today)
        assert form.errors == {"happened_on": ["发生日期 2026-11-25 还没有到，请核对。"]}
        assert Incident.objects.count() == 0

    @pytest.mark.parametrize("state", [State.RECOGNISED, *sorted(LIVING)])
    def test_it_can_befall_every_base_from_recognition_on(self, world: World, today: date, state: str):
        base = world.in_state(state, today)
        world.incident(base, today)
        assert revoking.open_proposal(base).ground == Ground.INCIDENT
        assert revoke(world, base, today).state == State.REVOKED

    @pytest.mark.parametrize("state", [State.RECOGNITION_NOTICE, State.REVOKED, State.WITHDRAWN, State.NOT_RECOGNISED])
    def test_before_and_after_that_there_is_nothing_to_report(self, world: World, today: date, state: str):
        base = world.in_state(state, today)
        before = everything()
        with pytest.raises(Overtaken) as refusal:
            report(base, world.unit_officer, today)
        assert refusal.value.reasons == (f"基地当前状态为“{base.state_label}”，没有登记。",)
        assert everything() == before

    def test_the_department_may_find_that_training_can_go_on(self, world: World, today: date):
        base = world.constructing(today)
        report(base, world.unit_officer, today)
        studied = study(world, base, today, can_continue=True)
        assert (studied.can_continue, studied.finding, studied.studied_by, studied.studied_on) == (
            True,
            "已组织研判。",
            world.officer.user,
            today,
        )
        assert (now(base).state, RevocationProposal.objects.count()) == (State.CONSTRUCTING, 0)

    def test_or_proposes_the_revocation_that_the_leader_decides(self, world: World, today: date):
        base = world.constructing(today)
        incident = report(base, world.unit_officer, today)
        study(world, base, today, can_continue=False)
        proposal = revoking.open_proposal(base)
        assert (proposal.ground, proposal.incident, proposal.facts) == (Ground.INCIDENT, incident, "已组织研判。")
        assert (proposal.prepared_by, now(base).state) == (world.officer.user, State.CONSTRUCTING)
        assert revoke(world, base, today).state == State.REVOKED

    def test_the_leader_may_decide_that_the_base_goes_on(self, world: World, today: date):
        base = world.constructing(today)
        world.incident(base, today)
        assert dismiss(world, base, today).status == RevocationProposal.Status.DISMISSED
        assert (now(base).state, revoking.open_proposal(base)) == (State.CONSTRUCTING, None)

    def test_reports_are_studied_one_after_the_other(self, world: World, today: date):
        base = world.constructing(today)
        first, second = report(base, world.unit_officer, today), report(base, world.partner_officer, today)
        assert study(world, base, today, can_continue=True) == first
        assert study(world, base, today, can_continue=True) == second
        with pytest.raises(Overtaken) as refusal:
            study(world, base, today, can_continue=True)
        assert refusal.value.reasons == ("没有待研判的重大事项，可能已由他人办理。请刷新后再看。",)

    def test_it_is_studied_by_the_departments_officer(self, world: World, today: date):
        base, people = world.constructing(today), strangers(world, Role.DEPT_OFFICER)
        report(base, world.unit_officer, today)
        found = outcomes(
            people,
            lambda who: revoking.study_incident(base=base, acting=who, on=today, can_continue=False, finding="不能。"),
        )
        assert found == dict.fromkeys(people, NotYours)

    @pytest.mark.article("17")
    def test_a_demonstration_base_loses_its_title_with_its_standing(self, world: World, today: date):
        base = world.demonstration(today)
        world.incident(base, today)
        revoked = revoke(world, base, today)
        assert (revoked.state, revoked.title_number) == (State.REVOKED, "")
        assert list(base.titles.values_list("lost_on", "lost_because")) == [(today, "基地被撤销")]
        assert LifecycleEvent.objects.filter(base=base).last().evidence["title_lost"] is True


@pytest.mark.article("19")
class TestOneProposalAtATime:
    def test_the_database_keeps_one_open_proposal_per_base(self, world: World, today: date):
        base, on = absent(world, today)
        with pytest.raises(IntegrityError, match="one_open_revocation_proposal_per_base"), transaction.atomic():
            RevocationProposal.objects.create(base=base, ground=Ground.INCIDENT, facts="另一件", prepared_on=on)
        assert [p.ground for p in base.revocation_proposals.all()] == [Ground.ABSENT]

    def test_proposing_the_same_again_finds_the_first(self, world: World, today: date):
        base, on = absent(world, today)
        first = revoking.open_proposal(base)
        again = revoking.propose(base=base, ground=Ground.ABSENT, facts="再提", by_id=None, on=on)
        assert (again, again.facts) == (first, first.facts)

    def test_another_ground_waits_until_the_first_is_decided(self, world: World, today: date):
        base, on = absent(world, today)
        report(base, world.unit_officer, on)
        before = everything()
        with pytest.raises(Refused) as refusal:
            study(world, base, on, can_continue=False)
        assert refusal.value.reasons == ("这个基地已有一件撤销建议待决定（未按规定参加考核），请先办结。",)
        assert everything() == before
        dismiss(world, base, on, extend_to=on + timedelta(days=10))
        study(world, base, on, can_continue=False)
        assert revoking.open_proposal(base).ground == Ground.INCIDENT

    def test_an_absence_meanwhile_is_proposed_after_the_first_is_dismissed(self, world: World, today: date):
        base = world.assessing(today)
        world.incident(base, today)
        on = base.assessments.get().report_due_on + timedelta(days=30)
        assert daily.run(on=on).proposed == []
        dismiss(world, base, on)
        daily.run(on=on)
        assert revoking.open_proposal(base).ground == Ground.ABSENT


@pytest.mark.article("19")
class TestDecision:
    def test_without_a_proposal_nothing_is_revoked(self, world: World, today: date):
        base = world.assessing(today)
        assert revoking.revoke_reasons(base, world.leader, today) == ("没有待决定的撤销建议。",)
        for act in (revoke, dismiss):
            before = everything()
            with pytest.raises(Overtaken) as refusal:
                act(world, base, today)
            assert refusal.value.reasons == ("没有待决定的撤销建议，可能已由他人办结。请刷新后再看。",)
            assert everything() == before

    def test_who_prepared_it_does_not_decide_it(self, world: World, today: date):
        base = world.constructing(today)
        world.incident(base, today)
        same = also(world.officer, Role.DEPT_LEADER, department=world.department)
        for act in (revoking.revoke, revoking.dismiss_proposal):
            before = everything()
            with pytest.raises(Refused) as refusal:
                act(base=base, acting=same, on=today, reason="自拟自定。")
            assert refusal.value.reasons == ("拟办与决定不能是同一人，请由其他审批人办理。",)
            assert everything() == before

    def test_the_database_itself_wants_four_eyes(self, world: World, today: date):
        base = world.constructing(today)
        world.incident(base, today)
        with pytest.raises(IntegrityError, match="revocation_four_eyes"), transaction.atomic():
            base.revocation_proposals.update(status="dismissed", decided_by=world.officer.user, decided_on=today)
        assert revoking.open_proposal(base).decided_by is None

    def test_only_the_departments_leader_decides(self, world: World, today: date):
        base, on = absent(world, today)
        people = strangers(world, Role.DEPT_LEADER) | {"the daily job": THE_DAILY_JOB}
        for act in (revoking.revoke, revoking.dismiss_proposal):
            found = outcomes(people, lambda who, act=act: act(base=base, acting=who, on=on, reason="代为决定。"))
            assert found == dict.fromkeys(people, NotYours)


@pytest.mark.article("21")
class TestWithdrawal:
    def test_both_sides_ask_in_writing_and_the_department_files_it(self, world: World, today: date, pdf):
        base = passed(world, today)
        revoking.request_withdrawal(
            base=base, acting=world.unit_officer, on=today, reason="合作方向调整。", unit_signatory="校方甲",
            partner_signatory="企业乙", signed_on=today - ONE_DAY, request_file=pdf(),
        )  # fmt: skip
        request = Withdrawal.objects.get(base=base)
        assert (request.unit_signatory, request.partner_signatory) == ("校方甲", "企业乙")
        assert (request.signed_on, request.requested_on) == (today - ONE_DAY, today)
        assert request.request_file.purpose == "withdrawal"
        assert (request.requested_by, request.filed_on) == (world.unit_officer.user, None)
        assert now(base).state == State.CONSTRUCTING

        filed = revoking.file_withdrawal(base=base, acting=world.officer, on=today + ONE_DAY)
        assert (filed.state, filed.assessment_due_on) == (State.WITHDRAWN, None)
        document = base.documents.get(kind=OfficialDocument.Kind.WITHDRAWAL)
        assert document.title == f"关于{base.name}自主撤销备案的函"
        assert Withdrawal.objects.get(base=base).filed_on == today + ONE_DAY
        event = LifecycleEvent.objects.filter(base=base).last()
        assert (event.transition, event.role, event.articles, event.document) == (
            "withdraw",
            Role.DEPT_OFFICER,
            "21",
            document,
        )
        assert first_flaw() is None

    @pytest.mark.article("17")
    def test_the_title_ends_with_it(self, world: World, today: date):
        base = world.demonstration(today)
        world.request_withdrawal(base, today)
        filed = revoking.file_withdrawal(base=base, acting=world.officer, on=today)
        assert (filed.state, filed.title_number) == (State.WITHDRAWN, "")
        assert list(base.titles.values_list("lost_on", "lost_because")) == [(today, "自主撤销")]

    def test_not_before_three_years_are_over(self, world: World, today: date):
        base = world.constructing(today)
        before = everything()
        with pytest.raises(Refused) as refusal:
            world.request_withdrawal(base, today)
        assert refusal.value.reasons == (
            "建设期 2029-11-24 届满，期满后方可申请自主撤销。",
            "期满考核合格后方可申请自主撤销，当前没有合格的考核结果。",
        )
        assert everything() == before

    def test_not_without_a_pass(self, world: World, today: date):
        base = world.constructing(today - THREE_YEARS)
        assert revoking.withdrawal_obstacles(base, today) == (
            "期满考核合格后方可申请自主撤销，当前没有合格的考核结果。",
        )

    @pytest.mark.parametrize("state", [State.ASSESSING, State.RECTIFYING, State.REASSESSING])
    def test_not_while_the_base_is_under_scrutiny(self, world: World, today: date, state: str):
        base = world.in_state(state, today)
        with pytest.raises(Refused) as refusal:
            world.request_withdrawal(base, today)
        assert refusal.value.reasons == (f"基地当前状态为“{base.state_label}”，不能申请自主撤销。",)
        assert Withdrawal.objects.count() == 0

    def test_a_passed_reassessment_is_a_pass(self, world: World, today: date):
        base = world.graded(world.reassessing(today), Grade.QUALIFIED, today)
        assert revoking.withdrawal_obstacles(base, today) == ()

    def test_it_is_not_filed_without_the_request(self, world: World, today: date):
        base = passed(world, today)
        before = everything()
        with pytest.raises(Refused) as refusal:
            revoking.file_withdrawal(base=base, acting=world.officer, on=today)
        assert refusal.value.reasons == ("没有双方签章的书面申请。",)
        assert everything() == before

    def test_it_is_asked_for_once(self, world: World, today: date):
        base = passed(world, today)
        world.request_withdrawal(base, today)
        with pytest.raises(Refused) as refusal:
            world.request_withdrawal(base, today)
        assert refusal.value.reasons == ("已有一份申请等待教育厅备案，没有重复提交。",)
        assert Withdrawal.objects.count() == 1

    def test_it_was_signed_before_it_is_handed_in(self, world: World, today: date, pdf):
        base = passed(world, today)
        given = {"reason": "调整", "unit_signatory": "甲", "partner_signatory": "乙", "signed_on": today + ONE_DAY}
        with pytest.raises(Refused) as refusal:
            revoking.request_withdrawal(base=base, acting=world.unit_officer, on=today, request_file=pdf(), **given)
        assert refusal.value.reasons == ("签署日期 2026-11-25 还没有到，请核对。",)
        form = WithdrawalForm(given, {"request_file": pdf()}, base=base, acting=world.unit_officer, on=today)
        assert form.errors == {"signed_on": ["签署日期 2026-11-25 还没有到，请核对。"]}
        assert Withdrawal.objects.count() == 0

    def test_both_signatories_and_the_signed_paper_are_required(self, world: World, today: date):
        form = WithdrawalForm(
            {"reason": "调整", "signed_on": today}, {}, base=passed(world, today), acting=world.unit_officer, on=today
        )
        assert set(form.errors) == {"unit_signatory", "partner_signatory", "request_file"}

    def test_a_proposed_revocation_is_decided_first(self, world: World, today: date):
        base = passed(world, today)
        world.request_withdrawal(base, today)
        world.incident(base, today)
        reasons = ("有一件撤销建议待决定，请先办结，再办理自主撤销备案。",)
        assert revoking.file_withdrawal_reasons(base, world.officer, today) == reasons
        before = everything()
        with pytest.raises(Refused) as refusal:
            revoking.file_withdrawal(base=base, acting=world.officer, on=today)
        assert refusal.value.reasons == reasons
        assert everything() == before
        dismiss(world, base, today)
        assert revoking.file_withdrawal(base=base, acting=world.officer, on=today).state == State.WITHDRAWN

    def test_it_is_asked_for_by_the_graduate_office_and_filed_by_the_departments_officer(
        self, world: World, today: date
    ):
        base = passed(world, today)
        asking = strangers(world, Role.UNIT_OFFICER)

        def ask(who: Acting) -> None:
            revoking.request_withdrawal(
                base=base, acting=who, on=today, reason="调整", unit_signatory="甲", partner_signatory="乙",
                signed_on=today, request_file=pdf_upload(),
            )  # fmt: skip

        assert outcomes(asking, ask) == dict.fromkeys(asking, NotYours)
        world.request_withdrawal(base, today)
        filing = strangers(world, Role.DEPT_OFFICER)
        found = outcomes(filing, lambda who: revoking.file_withdrawal(base=base, acting=who, on=today))
        assert found == dict.fromkeys(filing, NotYours)

    def test_the_joint_request_is_for_insiders(self, world: World, today: date):
        base = passed(world, today)
        world.request_withdrawal(base, today)
        stored = base.withdrawals.get().request_file
        people = world.everybody() | {
            "other unit": world.other_unit_officer,
            "other partner": world.other_partner_officer,
        }
        assert {name for name, who in people.items() if uploads.may_download(who, stored)} == {
            Role.APPLICANT,
            Role.UNIT_OFFICER,
            Role.PARTNER_OFFICER,
            Role.DEPT_OFFICER,
            Role.DEPT_LEADER,
        }


@pytest.mark.article("19")
class TestAfterTheEnd:
    """A base that was revoked in the middle of everything: an open assessment, a report, a second incident."""

    @pytest.fixture
    def ended(self, world: World, today: date) -> Base:
        base = world.assessing(today)
        assessing.submit_report(base=base, acting=world.applicant, on=today, report="报告")
        panel = assessing.assign_assessors(base=base, acting=world.officer, on=today, experts=world.expert_users(3))
        world.score(panel, 75, today)
        world.incident(base, today)
        report(base, world.partner_officer, today)
        return revoke(world, base, today)

    def test_no_act_is_offered_to_anybody(self, world: World, today: date, ended: Base):
        everyone = world.everybody().values()
        assert [act.name for who in everyone for act, _why in acts.offered(ended, who, today)] == []

    def test_no_service_changes_it_any_more(self, world: World, today: date, ended: Base, pdf):
        w, base, on = world, ended, today
        tries: dict[str, Callable[[], object]] = {
            "report": lambda: assessing.submit_report(base=base, acting=w.applicant, on=on, report="补交"),
            "panel": lambda: assessing.assign_assessors(base=base, acting=w.officer, on=on, experts=w.expert_users(4)),
            "proposal": lambda: assessing.propose_grade(base=base, acting=w.officer, on=on, grade=Grade.QUALIFIED),
            "grade": lambda: assessing.decide_grade(base=base, acting=w.leader, on=on, grade=Grade.QUALIFIED),
            "plan": lambda: assessing.submit_plan(base=base, acting=w.applicant, on=on, plan="方案"),
            "incident": lambda: report(base, w.unit_officer, on),
            "study": lambda: study(w, base, on, can_continue=False),
            "revoke": lambda: revoke(w, base, on),
            "dismiss": lambda: dismiss(w, base, on),
            "withdrawal": lambda: w.request_withdrawal(base, on),
            "filing": lambda: revoking.file_withdrawal(base=base, acting=w.officer, on=on),
            "opening": lambda: assessing.open_due(base=base, by=THE_DAILY_JOB, on=on),
        }
        before = everything()
        for name, attempt in tries.items():
            with pytest.raises(Refused, match=r"“已撤销”|没有待决定的撤销建议"):
                attempt()
            assert everything() == before, name

    def test_the_daily_job_passes_it_by(self, world: World, today: date, ended: Base):
        before = everything()
        run = daily.run(on=today + relativedelta(years=10)).as_json()
        assert {key: run[key] for key in ("opened", "proposed", "reminded", "refused", "failed")} == {
            "opened": [],
            "proposed": [],
            "reminded": [],
            "refused": [],
            "failed": [],
        }
        assert everything() == before

    def test_its_assessment_is_closed_without_a_grade(self, ended: Base, today: date):
        assert list(Assessment.objects.values_list("base", "grade", "closed_on")) == [(ended.pk, "", today)]

    def test_nothing_of_it_waits_in_an_inbox(self, world: World, today: date, ended: Base):
        waiting = [item.button for who in world.everybody().values() for item in inbox.source(who, today)]
        assert waiting == []


@pytest.mark.article("20")
class TestInTheBrowser:
    def post(self, client, base: Base, act: str, **data: Any):
        return client.post(reverse("act", args=[base.pk, act]), data)

    def test_the_partner_reports_the_officer_studies_the_leader_revokes(self, world: World, today: date, signed_in):
        base = world.constructing(today)
        page = reverse("base", args=[base.pk])
        partner, officer, leader = (signed_in(w) for w in (world.partner_officer, world.officer, world.leader))
        filed = self.post(partner, base, "report-incident", **ACCIDENT, happened_on=today.isoformat())
        assert (filed.status_code, filed.url, base.incidents.get().reported_role) == (302, page, Role.PARTNER_OFFICER)
        self.post(officer, base, "study-incident", can_continue="no", finding="确无法继续。")
        assert revoking.open_proposal(base).facts == "确无法继续。"
        done = self.post(leader, base, "revoke", reason="予以撤销。")
        assert (done.status_code, done.url, now(base).state) == (302, page, State.REVOKED)

    @pytest.mark.parametrize("who", ["other_applicant", "other_unit_officer", "other_partner_officer"])
    def test_for_another_units_or_partners_people_the_base_does_not_exist(
        self, world: World, today: date, signed_in, who: str
    ):
        base, client = world.constructing(today), signed_in(getattr(world, who))
        answer = self.post(client, base, "report-incident", **ACCIDENT, happened_on=today.isoformat())
        assert (answer.status_code, Incident.objects.count()) == (404, 0)
        assert base.name not in answer.content.decode()

    def test_without_a_new_date_the_form_says_what_is_missing(self, world: World, today: date, on_day, signed_in):
        base, on = absent(world, today)
        client = signed_in(world.leader)
        on_day(on)
        answer = self.post(client, base, "dismiss-proposal", reason="再等等。")
        assert answer.status_code == 422
        assert answer.context["form"].non_field_errors() == ["请给出新的自评报告提交期限，应晚于今天（2027-01-24）。"]
        assert revoking.open_proposal(base).status == RevocationProposal.Status.OPEN

    def test_a_revoked_base_answers_with_what_happened(self, world: World, today: date, signed_in):
        base = world.revoked(today)
        answer = self.post(signed_in(world.leader), base, "revoke", reason="再撤一次。")
        assert answer.status_code == 409
        assert answer.context["reasons"] == (
            "“撤销基地”现在不能办理：基地当前状态为“已撤销”（最近由厅里审批办理“撤销基地”）。"
            "没有作任何改动，请回到基地页面查看最新情况。",
        )
        assert LifecycleEvent.objects.filter(base=base, transition="revoke").count() == 1


@pytest.mark.article("19")
@pytest.mark.django_db(transaction=True)
class TestTwoLeadersAtOnce:
    def test_of_a_revocation_and_a_dismissal_one_counts(self, world: World, today: date, at_once):
        base = world.constructing(today)
        world.incident(base, today)
        colleague = person(Role.DEPT_LEADER, department=world.department)
        results = at_once(
            lambda: revoke(world, base, today),
            lambda: revoking.dismiss_proposal(base=base, acting=colleague, on=today, reason="可以继续。"),
        )
        (lost,) = (result for result in results if isinstance(result, Refused))
        assert lost.reasons == ("没有待决定的撤销建议，可能已由他人办结。请刷新后再看。",)
        decided = RevocationProposal.objects.get()
        assert (now(base).state, decided.status) in {
            (State.REVOKED, RevocationProposal.Status.REVOKED),
            (State.CONSTRUCTING, RevocationProposal.Status.DISMISSED),
        }
        assert decided.decided_by == (world.leader.user if results[1] is lost else colleague.user)
