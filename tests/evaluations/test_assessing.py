"""考核与复评 (第十五条至第十九条): report, panel, proposal, decision, and what follows from each grade."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from dateutil.relativedelta import relativedelta
from django.db import IntegrityError, transaction
from django.urls import reverse

from agreements.models import Grant
from applications.models import Panel
from applications.services import sheets
from bases.lifecycle import Grade, Ground, State
from bases.models import Base, LifecycleEvent, OfficialDocument
from bases.services.history import first_flaw
from evaluations import inbox
from evaluations.forms import DecideGradeForm, ProposeGradeForm
from evaluations.models import Assessment, DemonstrationTitle, Rectification, RevocationProposal
from evaluations.services import assessing, daily, revoking
from portal import uploads
from portal.acting import THE_DAILY_JOB, Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.roles import Role
from tests.evaluations.conftest import also, new_policy, next_assessment, now, outcomes, strangers
from tests.evaluations.rows import everything
from tests.factories import World, person

TWO_YEARS, THREE_YEARS = relativedelta(years=2), relativedelta(years=3)


def current(base: Base) -> Assessment:
    return assessing.open_assessment_of(base)


def last_event(base: Base) -> LifecycleEvent:
    return LifecycleEvent.objects.filter(base=base).order_by("sequence").last()


def reported(world: World, on: date) -> Base:
    base = world.assessing(on)
    assessing.submit_report(base=base, acting=world.applicant, on=on, report="三年来共培养研究生四十名。")
    return base


def with_panel(world: World, on: date, experts: int = 3) -> tuple[Base, Panel]:
    base = reported(world, on)
    users = world.expert_users(experts)
    return base, assessing.assign_assessors(base=base, acting=world.officer, on=on, experts=users)


def scored(world: World, on: date, total: str) -> Base:
    base, panel = with_panel(world, on)
    world.score(panel, Decimal(total), on)
    return base


def propose(world: World, base: Base, grade: str, on: date, reason: str = "") -> Assessment:
    return assessing.propose_grade(base=base, acting=world.officer, on=on, grade=grade, reason=reason)


def decide(world: World, base: Base, grade: str, on: date, reason: str = "") -> Base:
    return assessing.decide_grade(base=base, acting=world.leader, on=on, grade=grade, reason=reason)


def rescored(world: World, base: Base, total: str, on: date) -> None:
    """Reported again and scored with that total."""
    assessing.submit_report(base=base, acting=world.applicant, on=on, report="整改已完成。")
    panel = assessing.assign_assessors(base=base, acting=world.officer, on=on, experts=world.expert_users(3))
    world.score(panel, Decimal(total), on)


@pytest.mark.article("16")
class TestSelfAssessment:
    def test_the_applicant_hands_in_the_report(self, world: World, today: date, pdf):
        base = world.assessing(today)
        assessing.submit_report(base=base, acting=world.applicant, on=today, report="共培养四十名。", report_file=pdf())
        handed_in = current(base)
        assert (handed_in.report, handed_in.submitted_by, handed_in.submitted_on) == (
            "共培养四十名。",
            world.applicant.user,
            today,
        )
        assert handed_in.report_file.purpose == "self_report"
        assert now(base).state == State.ASSESSING

    def test_it_can_be_replaced_until_the_experts_have_it(self, world: World, today: date, pdf):
        base = world.assessing(today)
        assessing.submit_report(base=base, acting=world.applicant, on=today, report="初稿", report_file=pdf())
        first_file = current(base).report_file
        later = today + timedelta(days=3)
        assessing.submit_report(base=base, acting=world.applicant, on=later, report="定稿")
        assert (current(base).report, current(base).submitted_on) == ("定稿", later)
        assert current(base).report_file == first_file

    def test_it_does_not_change_after_the_experts_have_it(self, world: World, today: date):
        base, _panel = with_panel(world, today)
        with pytest.raises(Overtaken) as refusal:
            assessing.submit_report(base=base, acting=world.applicant, on=today, report="改动")
        assert refusal.value.reasons == ("专家已开始评审，自评报告不能再改。",)
        assert current(base).report == "三年来共培养研究生四十名。"

    def test_there_is_none_outside_an_assessment(self, world: World, today: date):
        base = world.constructing(today)
        with pytest.raises(Overtaken) as refusal:
            assessing.submit_report(base=base, acting=world.applicant, on=today, report="提前提交")
        assert refusal.value.reasons == ("基地当前状态为“建设中”，没有提交。",)
        assert Assessment.objects.count() == 0

    def test_its_file_is_open_to_insiders_and_to_the_experts_who_score_it(self, world: World, today: date, pdf):
        base = world.assessing(today)
        assessing.submit_report(base=base, acting=world.applicant, on=today, report="报告", report_file=pdf())
        panel = assessing.assign_assessors(base=base, acting=world.officer, on=today, experts=world.expert_users(3))
        stored = current(base).report_file
        assert not uploads.may_download(world.experts[0], stored)  # not before they have declared no conflict
        world.declare_free(panel, today)
        everybody = world.everybody() | {
            "expert without it": world.experts[4],
            "other unit": world.other_unit_officer,
            "other partner": world.other_partner_officer,
        }
        assert {name for name, who in everybody.items() if uploads.may_download(who, stored)} == {
            Role.APPLICANT,
            Role.UNIT_OFFICER,
            Role.PARTNER_OFFICER,
            Role.DEPT_OFFICER,
            Role.DEPT_LEADER,
            Role.EXPERT,
        }


@pytest.mark.article("16")
class TestAssessors:
    def test_nobody_scores_what_has_not_been_reported(self, world: World, today: date):
        base = world.assessing(today)
        with pytest.raises(Refused) as refusal:
            assessing.assign_assessors(base=base, acting=world.officer, on=today, experts=world.expert_users(3))
        assert refusal.value.reasons == ("自评报告尚未提交，请先催交。",)
        assert current(base).panel is None

    def test_fewer_than_the_policy_asks_for_are_not_sent_out(self, world: World, today: date):
        base = reported(world, today)
        with pytest.raises(Refused) as refusal:
            assessing.assign_assessors(base=base, acting=world.officer, on=today, experts=world.expert_users(2))
        assert refusal.value.reasons == ("至少需要 3 名专家，请再选几名。",)
        assert current(base).panel is None

    def test_with_enough_of_them_the_dossier_goes_out_at_once(self, world: World, today: date):
        base, panel = with_panel(world, today)
        panel.refresh_from_db()
        assert (panel.started, panel.purpose, panel.rubric.purpose) == (True, "assessment", "assessment")
        assert [a.expert for a in panel.assignments.all()] == world.expert_users(3)
        assert current(base).panel == panel

    def test_more_can_join_until_the_score_is_fixed(self, world: World, today: date):
        base, panel = with_panel(world, today)
        assessing.assign_assessors(base=base, acting=world.officer, on=today, experts=world.expert_users(4))
        assert panel.assignments.count() == 4
        world.score(panel, 75, today)
        propose(world, base, Grade.QUALIFIED, today)
        with pytest.raises(Refused) as refusal:
            assessing.assign_assessors(base=base, acting=world.officer, on=today, experts=world.expert_users(5))
        assert refusal.value.reasons == ("综合得分已确定，不能再增加专家。",)
        assert panel.assignments.count() == 4

    def test_an_expert_of_the_unit_is_refused_by_name(self, world: World, today: date):
        base = reported(world, today)
        also(world.experts[2], Role.APPLICANT, training_unit=world.unit)
        with pytest.raises(Refused) as refusal:
            assessing.assign_assessors(base=base, acting=world.officer, on=today, experts=world.expert_users(3))
        assert refusal.value.reasons == ("专家2 应当回避：在申报单位任职。请改选其他专家。",)
        assert Panel.objects.filter(purpose=Panel.Purpose.ASSESSMENT).count() == 0


@pytest.mark.article("16")
class TestProposal:
    def test_it_waits_for_the_last_sheet(self, world: World, today: date):
        base, panel = with_panel(world, today)
        world.declare_free(panel, today)
        sheets.submit_sheet(
            assignment=panel.assignments.get(expert=world.experts[0].user),
            points={c.key: c.points for c in panel.rubric.criteria.all()}, comment="学生实践记录完整，指导到位，成果有据可查，经费按时到位。", by=world.experts[0], on=today,
        )  # fmt: skip
        reasons = assessing.propose_reasons(base, world.officer, today)
        assert reasons == ("还有 2 名专家没有提交评分表，不能确定得分。",)
        with pytest.raises(Refused) as refusal:
            propose(world, base, Grade.EXCELLENT, today)
        assert refusal.value.reasons == reasons
        assert current(base).proposed_grade == ""

    def test_looking_at_the_suggestion_does_not_fix_the_score(self, world: World, today: date):
        base = scored(world, today, "75")
        assert assessing.suggestion(current(base), today) == (Decimal("75.00"), Grade.QUALIFIED)
        assert current(base).panel.aggregate is None

    def test_it_fixes_the_score_and_records_who_prepared_it(self, world: World, today: date):
        base = scored(world, today, "75")
        propose(world, base, Grade.QUALIFIED, today)
        prepared = current(base)
        assert (prepared.panel.aggregate, prepared.panel.fixed_on) == (Decimal("75.00"), today)
        assert (prepared.proposed_grade, prepared.prepared_by, prepared.prepared_on) == (
            Grade.QUALIFIED,
            world.officer.user,
            today,
        )
        assert (prepared.grade, now(base).state) == ("", State.ASSESSING)

    @pytest.mark.parametrize("reason", ["", "  \n"])
    def test_another_grade_than_the_thresholds_say_needs_a_reason(self, world: World, today: date, reason: str):
        base = scored(world, today, "84")
        with pytest.raises(Refused) as refusal:
            propose(world, base, Grade.EXCELLENT, today, reason)
        assert refusal.value.reasons == ("得分 84.00 按分数线对应“合格”，拟定其他等级须写明理由。",)
        assert (current(base).proposed_grade, current(base).panel.aggregate) == ("", None)

    def test_with_a_reason_it_stands_beside_the_grade(self, world: World, today: date):
        base = scored(world, today, "84")
        propose(world, base, Grade.EXCELLENT, today, " 示范作用突出。 ")
        assert (current(base).proposed_grade, current(base).proposal_reason) == (Grade.EXCELLENT, "示范作用突出。")

    def test_it_can_be_changed_until_it_is_decided(self, world: World, today: date):
        base = scored(world, today, "75")
        propose(world, base, Grade.FAILED, today, "材料失实。")
        propose(world, base, Grade.QUALIFIED, today)
        assert (current(base).proposed_grade, current(base).proposal_reason) == (Grade.QUALIFIED, "")

    def test_an_assessment_keeps_the_thresholds_under_which_it_began(self, world: World, today: date):
        base = scored(world, today, "75")
        tomorrow = today + timedelta(days=1)
        new_policy(tomorrow, today, qualified_score=Decimal(80), excellent_score=Decimal(90))
        propose(world, base, Grade.QUALIFIED, tomorrow)
        assert current(base).proposed_grade == Grade.QUALIFIED

    def test_the_form_suggests_the_grade_and_says_why(self, world: World, today: date):
        base = scored(world, today, "92")
        form = ProposeGradeForm(base=base, acting=world.officer, on=today)
        assert form.initial["grade"] == Grade.EXCELLENT
        assert form.fields["grade"].help_text == "综合得分 92.00，按分数线对应“优秀”；拟定其他等级须写明理由。"


@pytest.mark.article("16")
class TestDecision:
    def test_it_needs_a_proposal(self, world: World, today: date):
        base = scored(world, today, "92")
        with pytest.raises(Refused) as refusal:
            decide(world, base, Grade.EXCELLENT, today)
        assert refusal.value.reasons == ("经办尚未拟定等级。",)
        assert (current(base).grade, now(base).state) == ("", State.ASSESSING)

    def test_who_prepared_it_does_not_decide_it(self, world: World, today: date):
        base = world.proposed(world.assessing(today), Grade.QUALIFIED, today)
        same = also(world.officer, Role.DEPT_LEADER, department=world.department)
        before = everything()
        with pytest.raises(Refused) as refusal:
            assessing.decide_grade(base=base, acting=same, on=today, grade=Grade.QUALIFIED)
        assert refusal.value.reasons == ("拟办与决定不能是同一人，请由其他审批人办理。",)
        assert everything() == before
        assert decide(world, base, Grade.QUALIFIED, today).state == State.CONSTRUCTING

    def test_the_database_itself_wants_four_eyes(self, world: World, today: date):
        base = world.proposed(world.assessing(today), Grade.QUALIFIED, today)
        with pytest.raises(IntegrityError, match="assessment_four_eyes"), transaction.atomic():
            Assessment.objects.filter(base=base).update(decided_by=world.officer.user, decided_on=today)
        assert current(base).decided_by is None

    def test_the_database_keeps_one_open_assessment_per_base(self, world: World, today: date):
        base = world.assessing(today)
        with pytest.raises(IntegrityError, match="one_open_assessment_per_base"), transaction.atomic():
            Assessment.objects.create(base=base, kind="assessment", opened_on=today - timedelta(1), report_due_on=today)
        assert [a.opened_on for a in base.assessments.all()] == [today]

    def test_another_grade_than_was_proposed_needs_a_reason(self, world: World, today: date):
        base = world.proposed(world.assessing(today), Grade.EXCELLENT, today)
        with pytest.raises(Refused) as refusal:
            decide(world, base, Grade.QUALIFIED, today, " ")
        assert refusal.value.reasons == ("决定的等级与拟定的“优秀”不同，须写明理由。",)
        assert (current(base).grade, now(base).state) == ("", State.ASSESSING)

    def test_the_leaders_reason_stands_in_the_history(self, world: World, today: date):
        base = world.proposed(world.assessing(today), Grade.EXCELLENT, today)
        decide(world, base, Grade.QUALIFIED, today, "优秀名额从严掌握。")
        decided = Assessment.objects.get(base=base)
        assert (decided.proposed_grade, decided.grade, decided.decided_by) == (
            Grade.EXCELLENT,
            Grade.QUALIFIED,
            world.leader.user,
        )
        assert (last_event(base).transition, last_event(base).reason) == ("grade_qualified", "优秀名额从严掌握。")

    def test_it_is_made_once(self, world: World, today: date):
        base = world.graded(world.assessing(today), Grade.QUALIFIED, today)
        before = everything()
        with pytest.raises(Overtaken) as refusal:
            decide(world, base, Grade.QUALIFIED, today)
        assert refusal.value.reasons == ("基地当前状态为“建设中”，没有决定等级。",)
        assert everything() == before

    def test_the_form_shows_score_and_proposal(self, world: World, today: date):
        base = scored(world, today, "84")
        propose(world, base, Grade.EXCELLENT, today, "示范作用突出。")
        form = DecideGradeForm(base=base, acting=world.leader, on=today)
        assert form.initial == {"grade": Grade.EXCELLENT}
        assert form.fields["grade"].help_text == (
            "综合得分 84.00，经办拟定“优秀”。示范作用突出。 决定其他等级须写明理由。"
        )


@pytest.mark.article("17")
class TestExcellent:
    def test_the_base_becomes_a_demonstration_base_with_title_document_and_grant(self, world: World, today: date):
        base = world.demonstration(today)
        number = f"SF-2026-{base.pk:04d}"
        assert (base.state, base.title_number, base.title_granted_on) == (State.DEMONSTRATION, number, today)
        assert (base.last_grade, base.consecutive_failures) == (Grade.EXCELLENT, 0)
        document = base.documents.get(kind=OfficialDocument.Kind.COMMENDATION)
        assert document.title == f"关于授予{base.name}“研究生联合培养示范基地”称号的通知"
        assert document.number == f"内教研函〔2026〕{document.serial}号"
        assert (document.document_date, document.published_on) == (today, today)
        title = DemonstrationTitle.objects.get(base=base)
        assert (title.number, title.granted_on, title.document, title.lost_on) == (number, today, document, None)
        grant = Grant.objects.get(base=base)
        assert (grant.source, grant.amount, grant.granted_on, grant.document) == (
            Grant.Source.DEMONSTRATION,
            Decimal("100000.00"),
            today,
            document,
        )

    def test_the_history_says_who_decided_on_what(self, world: World, today: date):
        event = last_event(world.demonstration(today))
        assert (event.transition, event.source, event.target) == ("grade_excellent", "assessing", "demonstration")
        assert (event.actor, event.role, event.on, event.articles) == (
            world.leader.user,
            Role.DEPT_LEADER,
            today,
            "16 17",
        )
        assert event.document.kind == OfficialDocument.Kind.COMMENDATION
        assert {key: event.evidence[key] for key in ("grade", "grant", "prepared_by", "period_ends_on")} == {
            "grade": "excellent",
            "grant": "100000.00",
            "prepared_by": world.officer.user_id,
            "period_ends_on": "2029-11-24",
        }
        assert first_flaw() is None

    def test_the_grant_is_what_the_policy_says(self, world: World, today: date):
        tomorrow = today + timedelta(days=1)
        policy = new_policy(tomorrow, today, demonstration_grant=Decimal("120000.00"))
        base = world.demonstration(tomorrow)
        assert list(base.grants.values_list("amount", "policy")) == [(Decimal("120000.00"), policy.pk)]

    def test_a_second_time_keeps_the_title_and_pays_nothing_more(self, world: World, today: date):
        base, on = next_assessment(world.demonstration(today))
        again = world.graded(base, Grade.EXCELLENT, on)
        assert (again.state, again.title_number) == (State.DEMONSTRATION, f"SF-2026-{base.pk:04d}")
        assert list(base.titles.values_list("number", "granted_on")) == [(f"SF-2026-{base.pk:04d}", today)]
        assert list(base.grants.values_list("amount", "granted_on")) == [(Decimal("100000.00"), today)]
        assert base.documents.filter(kind=OfficialDocument.Kind.COMMENDATION).count() == 2

    def test_a_title_that_was_lost_can_be_earned_again_but_the_grant_is_paid_once(self, world: World, today: date):
        base, failing = next_assessment(world.demonstration(today))
        world.graded(base, Grade.FAILED, failing)
        base, passing = next_assessment(base)
        world.graded(base, Grade.QUALIFIED, passing)
        base, again = next_assessment(base)
        world.graded(base, Grade.EXCELLENT, again)
        assert (failing.year, passing.year, again.year) == (2029, 2031, 2034)
        assert list(base.titles.order_by("granted_on").values_list("number", "granted_on", "lost_on")) == [
            (f"SF-2026-{base.pk:04d}", today, failing),
            (f"SF-2034-{base.pk:04d}", again, None),
        ]
        assert now(base).title_number == f"SF-2034-{base.pk:04d}"
        assert list(base.grants.values_list("amount", "granted_on")) == [(Decimal("100000.00"), today)]


@pytest.mark.article("16")
class TestQualified:
    def test_the_base_goes_on_with_a_registered_result(self, world: World, today: date):
        base = world.graded(world.assessing(today), Grade.QUALIFIED, today)
        assert (base.state, base.last_grade, base.consecutive_failures) == (State.CONSTRUCTING, Grade.QUALIFIED, 0)
        document = base.documents.get(kind=OfficialDocument.Kind.ASSESSMENT)
        assert document.title == f"关于{base.name}考核结果的通知"
        assert (last_event(base).transition, last_event(base).document) == ("grade_qualified", document)
        assert (base.titles.count(), base.grants.count()) == (0, 0)
        assert list(base.assessments.values_list("grade", "closed_on")) == [("qualified", today)]

    @pytest.mark.article("17")
    def test_a_demonstration_base_keeps_its_title(self, world: World, today: date):
        base, on = next_assessment(world.demonstration(today))
        passed = world.graded(base, Grade.QUALIFIED, on)
        assert (passed.state, passed.title_number) == (State.DEMONSTRATION, f"SF-2026-{base.pk:04d}")
        assert (passed.last_grade, passed.title_granted_on) == (Grade.QUALIFIED, today)
        assert list(base.titles.values_list("lost_on", "lost_because")) == [(None, "")]

    @pytest.mark.article("15")
    def test_a_late_decision_does_not_shift_the_rhythm(self, world: World, today: date):
        base = world.assessing(today)
        late = today + timedelta(days=200)
        assert world.graded(base, Grade.QUALIFIED, late).assessment_due_on == today + THREE_YEARS

    @pytest.mark.article("15")
    def test_a_decision_later_than_a_whole_period_counts_from_itself(self, world: World, today: date):
        base = world.assessing(today)
        very_late = today + THREE_YEARS
        assert world.graded(base, Grade.QUALIFIED, very_late).assessment_due_on == very_late + THREE_YEARS

    @pytest.mark.article("15")
    def test_the_next_assessment_opens_when_its_period_is_over(self, world: World, today: date):
        base, on = next_assessment(world.graded(world.assessing(today), Grade.QUALIFIED, today))
        assert (on, base.state) == (today + THREE_YEARS, State.ASSESSING)
        assert list(base.assessments.values_list("opened_on", "closed_on")) == [(on, None), (today, today)]


@pytest.mark.article("19")
class TestFailed:
    def test_it_is_circulated_and_begins_the_time_to_rectify(self, world: World, today: date):
        base = world.rectifying(today)
        assert (base.state, base.last_grade, base.consecutive_failures) == (State.RECTIFYING, Grade.FAILED, 1)
        assert (base.rectification_ends_on, base.assessment_due_on) == (today + TWO_YEARS, None)
        document = base.documents.get(kind=OfficialDocument.Kind.CRITICISM)
        assert document.title == f"关于{base.name}考核不合格的通报"
        assert (last_event(base).transition, last_event(base).document) == ("grade_failed", document)
        rectification = Rectification.objects.get(base=base)
        assert (rectification.started_on, rectification.ends_on, rectification.plan) == (today, today + TWO_YEARS, "")
        assert rectification.assessment == Assessment.objects.get(base=base, grade=Grade.FAILED)

    @pytest.mark.article("17")
    def test_a_demonstration_base_loses_its_title(self, world: World, today: date):
        base, on = next_assessment(world.demonstration(today))
        failed = world.graded(base, Grade.FAILED, on)
        assert (failed.state, failed.title_number, failed.title_granted_on) == (State.RECTIFYING, "", None)
        assert list(base.titles.values_list("lost_on", "lost_because")) == [(on, "考核不合格")]
        assert last_event(base).evidence["title_lost"] is True

    def test_the_time_to_rectify_is_that_of_the_policy_in_force_when_it_begins(self, world: World, today: date):
        base = world.assessing(today)
        tomorrow = today + timedelta(days=1)
        new_policy(tomorrow, today, rectification_years=1)
        assert world.graded(base, Grade.FAILED, tomorrow).rectification_ends_on == tomorrow + relativedelta(years=1)

    def test_the_unit_hands_in_its_plan_and_may_mend_it(self, world: World, today: date):
        base = world.rectifying(today)
        assessing.submit_plan(base=base, acting=world.applicant, on=today, plan="补聘行业导师。")
        later = today + timedelta(days=9)
        assessing.submit_plan(base=base, acting=world.applicant, on=later, plan="补聘行业导师三名。")
        assert list(base.rectifications.values_list("plan", "plan_by", "plan_on")) == [
            ("补聘行业导师三名。", world.applicant.user_id, later)
        ]

    def test_there_is_no_plan_without_a_failure_or_after_the_time_is_over(self, world: World, today: date):
        for base, state in ((world.constructing(today), "建设中"), (world.reassessing(today), "复评中")):
            before = everything()
            with pytest.raises(Overtaken) as refusal:
                assessing.submit_plan(base=base, acting=world.applicant, on=today, plan="方案")
            assert refusal.value.reasons == (f"基地当前状态为“{state}”，没有提交。",)
            assert everything() == before


@pytest.mark.article("19")
class TestReassessment:
    def test_it_opens_when_the_time_to_rectify_is_over(self, world: World, today: date):
        base, on = next_assessment(world.rectifying(today))
        assert (on, base.state) == (today + TWO_YEARS, State.REASSESSING)
        opened = current(base)
        assert (opened.kind, opened.opened_on, opened.report_due_on) == ("reassessment", on, on + timedelta(days=60))
        assert (last_event(base).role, last_event(base).articles) == (THE_DAILY_JOB.role, "19")

    def test_who_passes_goes_on_building_and_the_failure_stays_counted(self, world: World, today: date):
        base = world.graded(world.reassessing(today), Grade.QUALIFIED, today)
        assert (base.state, base.last_grade, base.consecutive_failures) == (State.CONSTRUCTING, Grade.QUALIFIED, 1)
        assert (base.assessment_due_on, base.rectification_ends_on) == (today + THREE_YEARS, None)
        document = base.documents.get(kind=OfficialDocument.Kind.REASSESSMENT)
        assert (last_event(base).transition, last_event(base).document) == ("pass_reassessment", document)
        assert first_flaw() is None

    def test_it_is_passed_or_failed_but_never_excellent(self, world: World, today: date):
        base = world.reassessing(today)
        rescored(world, base, "92", today)
        assert assessing.suggestion(current(base), today) == (Decimal("92.00"), Grade.QUALIFIED)
        for act, who in ((assessing.propose_grade, world.officer), (assessing.decide_grade, world.leader)):
            with pytest.raises(Refused) as refusal:
                act(base=base, acting=who, on=today, grade=Grade.EXCELLENT, reason="整改成效突出。")
            assert refusal.value.reasons == ("复评只评定合格或不合格。",)
            assert current(base).grade == ""
            propose(world, base, Grade.QUALIFIED, today)
        assert decide(world, base, Grade.QUALIFIED, today).state == State.CONSTRUCTING
        assert (base.titles.count(), base.grants.count()) == (0, 0)

    def test_its_form_offers_two_grades_and_what_it_suggests_is_accepted(self, world: World, today: date):
        base = world.reassessing(today)
        rescored(world, base, "92", today)
        form = ProposeGradeForm(base=base, acting=world.officer, on=today)
        assert [value for value, _label in form.fields["grade"].choices] == [Grade.QUALIFIED, Grade.FAILED]
        propose(world, base, form.initial["grade"], today)
        assert current(base).proposed_grade == Grade.QUALIFIED

    def test_who_fails_is_proposed_for_revocation_and_stays_until_the_leader_decides(self, world: World, today: date):
        base = world.graded(world.reassessing(today), Grade.FAILED, today)
        assert now(base).state == State.REASSESSING
        proposal = revoking.open_proposal(base)
        assert (proposal.ground, proposal.prepared_by, proposal.prepared_on) == (
            Ground.REASSESSMENT_FAILED,
            world.officer.user,
            today,
        )
        assert proposal.facts == "复评（2026-11-24 启动）得分 45.00，评定为不合格。"
        assert proposal.assessment == current(base)
        revoked = revoking.revoke(base=base, acting=world.leader, on=today, reason="依第十九条撤销。")
        assert revoked.state == State.REVOKED
        assert list(base.assessments.values_list("kind", "grade", "closed_on")) == [
            ("reassessment", "failed", today),
            ("assessment", "failed", today - TWO_YEARS),
        ]


@pytest.mark.article("19")
class TestTwoInARow:
    def failed_again(self, world: World, today: date, reason: str = "") -> tuple[Base, date]:
        """Failed, rectified, passed the reassessment today, and failed the next assessment."""
        base, on = next_assessment(world.graded(world.reassessing(today), Grade.QUALIFIED, today))
        world.proposed(base, Grade.FAILED, on)
        decide(world, base, Grade.FAILED, on, reason)
        return now(base), on

    def test_second_failed_assessment_in_a_row_leads_to_revocation(self, world: World, today: date):
        base, on = self.failed_again(world, today)
        assert (base.state, base.consecutive_failures) == (State.ASSESSING, 1)
        proposal = revoking.open_proposal(base)
        assert (proposal.ground, proposal.prepared_by) == (Ground.TWO_FAILURES, world.officer.user)
        assert base.documents.filter(kind=OfficialDocument.Kind.CRITICISM).count() == 1
        revoked = revoking.revoke(base=base, acting=world.leader, on=on, reason="连续两次不合格，依第十九条撤销。")
        assert revoked.state == State.REVOKED
        assert (last_event(base).articles, last_event(base).evidence["ground"]) == ("17 19 20", "two_failures")
        assert first_flaw() is None

    def test_it_is_the_laws_own_consequence_and_cannot_be_dismissed(self, world: World, today: date):
        base, on = self.failed_again(world, today)
        before = everything()
        with pytest.raises(Refused) as refusal:
            revoking.dismiss_proposal(base=base, acting=world.leader, on=on, reason="再观察。")
        assert refusal.value.reasons == ("“连续两次考核不合格”依第十九条应予撤销，不能不予撤销。",)
        assert everything() == before

    def test_the_grade_is_not_decided_a_second_time_meanwhile(self, world: World, today: date):
        base, on = self.failed_again(world, today)
        before = everything()
        with pytest.raises(Refused) as refusal:
            decide(world, base, Grade.QUALIFIED, on, "改判")
        assert refusal.value.reasons == ("等级已决定为“不合格”，请办理撤销建议。",)
        with pytest.raises(Overtaken) as refusal:
            propose(world, base, Grade.QUALIFIED, on, "改判")
        assert refusal.value.reasons == ("等级已经决定，不能再拟定。",)
        assert everything() == before

    def test_the_reason_of_the_grade_is_kept_with_the_proposal(self, world: World, today: date):
        base, on = self.failed_again(world, today, "整改流于形式。")
        assert revoking.open_proposal(base).facts == (
            f"建设成效考核（{on.isoformat()} 启动）得分 45.00，评定为不合格。整改流于形式。"
        )

    def test_the_policy_can_let_a_passed_reassessment_begin_a_new_row(self, world: World, today: date):
        base = world.reassessing(today - timedelta(days=1))
        new_policy(today, today - timedelta(days=1), reassessment_pass_breaks_row=True)
        assert world.graded(base, Grade.QUALIFIED, today).consecutive_failures == 0
        base, on = next_assessment(base)
        failed = world.graded(base, Grade.FAILED, on)
        assert (failed.state, failed.consecutive_failures) == (State.RECTIFYING, 1)
        assert revoking.open_proposal(base) is None

    def test_a_pass_in_between_begins_a_new_row(self, world: World, today: date):
        base, on = next_assessment(world.graded(world.reassessing(today), Grade.QUALIFIED, today))
        assert world.graded(base, Grade.QUALIFIED, on).consecutive_failures == 0
        base, on = next_assessment(base)
        failed = world.graded(base, Grade.FAILED, on)
        assert (failed.state, failed.consecutive_failures) == (State.RECTIFYING, 1)
        assert RevocationProposal.objects.count() == 0


@pytest.mark.article("19")
class TestLateReport:
    def late(self, world: World, today: date) -> tuple[Base, date]:
        base = world.assessing(today)
        on = current(base).report_due_on + timedelta(days=1)
        daily.run(on=on)
        assessing.submit_report(base=base, acting=world.applicant, on=on, report="迟交的报告。")
        return base, on

    def test_it_is_taken_as_long_as_the_absence_is_not_decided(self, world: World, today: date):
        base, on = self.late(world, today)
        assert current(base).submitted_on == on
        assert revoking.open_proposal(base).ground == Ground.ABSENT

    def test_the_grade_waits_for_the_decision_on_the_absence(self, world: World, today: date):
        base, on = self.late(world, today)
        panel = assessing.assign_assessors(base=base, acting=world.officer, on=on, experts=world.expert_users(3))
        world.score(panel, 75, on)
        propose(world, base, Grade.QUALIFIED, on)
        with pytest.raises(Refused) as refusal:
            decide(world, base, Grade.QUALIFIED, on)
        assert refusal.value.reasons == ("有一件撤销建议待决定，请先办结，再决定等级。",)
        revoking.dismiss_proposal(base=base, acting=world.leader, on=on, reason="已补交。")
        assert decide(world, base, Grade.QUALIFIED, on).state == State.CONSTRUCTING


@pytest.mark.article("16")
class TestWrongHands:
    """Every act has its one role of this base's own side; whoever else tries is refused and leaves nothing."""

    def test_the_report_is_its_applicants(self, world: World, today: date):
        base = world.assessing(today)
        people = strangers(world, Role.APPLICANT) | {
            "colleague": person(Role.APPLICANT, training_unit=world.unit),
            "the applicant for another unit": also(world.applicant, Role.APPLICANT, training_unit=world.other_unit),
            "the daily job": THE_DAILY_JOB,
        }
        found = outcomes(
            people, lambda who: assessing.submit_report(base=base, acting=who, on=today, report="代交的报告")
        )
        assert found == dict.fromkeys(people, NotYours)

    def test_the_plan_is_its_applicants(self, world: World, today: date):
        base = world.rectifying(today)
        people = strangers(world, Role.APPLICANT) | {
            "the applicant for another unit": also(world.applicant, Role.APPLICANT, training_unit=world.other_unit)
        }
        found = outcomes(people, lambda who: assessing.submit_plan(base=base, acting=who, on=today, plan="代拟"))
        assert found == dict.fromkeys(people, NotYours)

    def test_experts_are_assigned_by_the_departments_officer(self, world: World, today: date):
        base = reported(world, today)
        people, users = strangers(world, Role.DEPT_OFFICER), world.expert_users(3)
        found = outcomes(people, lambda who: assessing.assign_assessors(base=base, acting=who, on=today, experts=users))
        assert found == dict.fromkeys(people, NotYours)

    def test_the_grade_is_proposed_by_the_departments_officer(self, world: World, today: date):
        base, people = scored(world, today, "75"), strangers(world, Role.DEPT_OFFICER)
        found = outcomes(
            people, lambda who: assessing.propose_grade(base=base, acting=who, on=today, grade=Grade.QUALIFIED)
        )
        assert found == dict.fromkeys(people, NotYours)

    def test_the_grade_is_decided_by_the_departments_leader(self, world: World, today: date):
        base = world.proposed(world.assessing(today), Grade.QUALIFIED, today)
        people = strangers(world, Role.DEPT_LEADER)
        found = outcomes(
            people, lambda who: assessing.decide_grade(base=base, acting=who, on=today, grade=Grade.QUALIFIED)
        )
        assert found == dict.fromkeys(people, NotYours)

    @pytest.mark.article("15")
    def test_only_the_daily_job_opens_an_assessment(self, world: World, today: date):
        base = world.constructing(today - THREE_YEARS)
        people = world.everybody()
        found = outcomes(people, lambda who: assessing.open_due(base=base, by=who, on=today))
        assert found == dict.fromkeys(people, NotYours)
        assert assessing.open_due(base=base, by=THE_DAILY_JOB, on=today).opened_on == today


@pytest.mark.article("16")
class TestInTheBrowser:
    def post(self, client, base: Base, act: str, **data: str):
        return client.post(reverse("act", args=[base.pk, act]), data)

    def test_report_proposal_and_decision_by_their_people(
        self, world: World, today: date, signed_in: Callable[[Acting], object]
    ):
        base = world.assessing(today)
        page = reverse("base", args=[base.pk])
        answer = self.post(signed_in(world.applicant), base, "submit-report", report="共培养四十名。")
        assert (answer.status_code, answer.url, current(base).report) == (302, page, "共培养四十名。")
        experts = [str(user.pk) for user in world.expert_users(3)]
        self.post(signed_in(world.officer), base, "assign-assessors", experts=experts)
        world.score(current(base).panel, 92, today)
        self.post(signed_in(world.officer), base, "propose-grade", grade="excellent")
        assert current(base).proposed_grade == Grade.EXCELLENT
        answer = self.post(signed_in(world.leader), base, "decide-grade", grade="excellent")
        assert (answer.status_code, answer.url, now(base).state) == (302, page, State.DEMONSTRATION)

    def test_an_act_of_another_role_does_not_exist(self, world: World, today: date, signed_in):
        base = world.proposed(world.assessing(today), Grade.QUALIFIED, today)
        clients = {name: signed_in(who) for name, who in strangers(world, Role.DEPT_LEADER).items()}
        before = everything()["bases_base"], everything()["evaluations_assessment"]
        statuses = {
            name: self.post(client, base, "decide-grade", grade="qualified").status_code
            for name, client in clients.items()
        }
        without_bases = {Role.EXPERT, Role.AUDITOR, Role.SYSADMIN, Role.SECURITY_ADMIN}
        assert statuses == {name: 403 if name in without_bases else 404 for name in clients}
        assert (everything()["bases_base"], everything()["evaluations_assessment"]) == before

    def test_a_deviation_without_a_reason_is_explained_on_the_form(self, world: World, today: date, signed_in):
        base = scored(world, today, "75")
        answer = self.post(signed_in(world.officer), base, "propose-grade", grade="excellent")
        assert answer.status_code == 422
        assert answer.context["form"].non_field_errors() == ["得分 75.00 按分数线对应“合格”，拟定其他等级须写明理由。"]
        assert current(base).proposed_grade == ""


@pytest.mark.article("16")
class TestInbox:
    def waits(self, who: Acting, on: date) -> list[tuple[str, str, date | None]]:
        return [(item.group, item.button, item.due) for item in inbox.source(who, on)]

    def test_each_step_waits_for_its_role_and_for_nobody_else(self, world: World, today: date):
        base = world.assessing(today)
        due = current(base).report_due_on
        assert self.waits(world.applicant, today) == [("考核", "提交自评报告", due)]
        assert (self.waits(world.officer, today), self.waits(world.leader, today)) == ([], [])

        assessing.submit_report(base=base, acting=world.applicant, on=today, report="报告")
        assert self.waits(world.applicant, today) == []
        assert self.waits(world.officer, today) == [("建设成效考核", "分配专家", None)]

        panel = assessing.assign_assessors(base=base, acting=world.officer, on=today, experts=world.expert_users(3))
        assert self.waits(world.officer, today) == []
        world.score(panel, 45, today)
        assert self.waits(world.officer, today) == [("建设成效考核", "拟定等级", None)]

        propose(world, base, Grade.FAILED, today)
        assert self.waits(world.officer, today) == []
        assert self.waits(world.leader, today) == [("建设成效考核", "决定等级", None)]

        decide(world, base, Grade.FAILED, today)
        assert self.waits(world.leader, today) == []
        assert self.waits(world.applicant, today) == [("整改", "提交整改方案", None)]
        assessing.submit_plan(base=base, acting=world.applicant, on=today, plan="方案")
        assert self.waits(world.applicant, today) == []

    def test_who_prepared_a_grade_does_not_find_it_among_the_decisions(self, world: World, today: date):
        world.proposed(world.assessing(today), Grade.QUALIFIED, today)
        same = also(world.officer, Role.DEPT_LEADER, department=world.department)
        assert self.waits(same, today) == []


@pytest.mark.article("17")
@pytest.mark.django_db(transaction=True)
class TestTwoLeadersAtOnce:
    def test_a_grade_is_decided_once_with_one_title_and_one_grant(self, world: World, today: date, at_once):
        base = world.proposed(world.assessing(today), Grade.EXCELLENT, today)
        colleague = person(Role.DEPT_LEADER, department=world.department)
        results = at_once(
            lambda: decide(world, base, Grade.EXCELLENT, today),
            lambda: assessing.decide_grade(base=base, acting=colleague, on=today, grade=Grade.EXCELLENT),
        )
        (lost,) = (result for result in results if isinstance(result, Refused))
        assert lost.reasons == ("基地当前状态为“示范基地”，没有决定等级。",)
        assert LifecycleEvent.objects.filter(base=base, transition="grade_excellent").count() == 1
        assert (base.titles.count(), base.grants.count(), base.documents.filter(issuer_unit=None).count()) == (1, 1, 3)
