"""第八条（三）: who may score a base, what they see of one another, and what comes out of their sheets."""

import statistics
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from applications import scoring
from applications.models import Assignment, ExpertProfile, Panel, ScoreSheet
from applications.queries import own_assignments
from applications.services import panels, recognising, recusals, sheets
from bases.lifecycle import State
from bases.models import Base, Membership
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.models import User
from portal.roles import Role
from tests.applications.conftest import SignedIn, fresh
from tests.applications.pages import Page
from tests.conftest import TODAY
from tests.factories import World, person

Status = Assignment.Status
COMMENT = "材料扎实，双方投入有据可查，建议细化过程考核。"
FULL_MARKS = {"fit": 20, "partner": 20, "results": 25, "mentors": 10, "plan": 15, "support": 10}
totals = st.decimals(0, 100, places=2)


def marks(**changes: str | int) -> dict[str, Decimal]:
    """A complete sheet: full marks but for what is changed."""
    return {key: Decimal(points) for key, points in (FULL_MARKS | changes).items()}


def user_of(acting: Acting) -> User:
    """The account of a person."""
    assert acting.user is not None
    return acting.user


def panel_of(base: Base) -> Panel:
    """The panel of the base's application."""
    return Panel.objects.get(application__base=base)


def mine(base: Base, expert: Acting) -> Assignment:
    """An expert's assignment."""
    return Assignment.objects.get(panel__application__base=base, expert=expert.user)


def assign(world: World, base: Base, *experts: Acting, by: Acting | None = None) -> Panel:
    """Put these experts on the review."""
    users = [user_of(expert) for expert in experts]
    return recognising.assign_experts(base=base, acting=by or world.officer, on=TODAY, experts=users)


def submit(base: Base, expert: Acting, on: date, **changes: str | int) -> ScoreSheet:
    """The expert declares no conflict and hands in a sheet with full marks but for what is changed."""
    if mine(base, expert).declared_on is None:
        recusals.declare_free(assignment=mine(base, expert), by=expert, on=on)
    return sheets.submit_sheet(
        assignment=mine(base, expert), points=marks(**changes), comment=COMMENT, by=expert, on=on
    )


@pytest.mark.article("8(3)")
class TestRecusal:
    @pytest.fixture
    def expert(self, world: World) -> Acting:
        return world.experts[0]

    def refused(self, world: World, base: Base, expert: Acting) -> tuple[str, ...]:
        with pytest.raises(Refused) as refusal:
            assign(world, base, expert)
        assert Assignment.objects.count() == 0
        return refusal.value.reasons

    def test_of_whoever_works_for_the_same_training_unit(self, world: World, today, expert: Acting):
        ExpertProfile.objects.filter(user=expert.user).update(training_unit=world.unit)
        assert self.refused(world, world.recommended(today), expert) == (
            "专家0 应当回避：与申报单位同属一个单位。请改选其他专家。",
        )

    def test_of_whoever_works_for_the_partner(self, world: World, today, expert: Acting):
        ExpertProfile.objects.filter(user=expert.user).update(partner_unit=world.partner)
        assert self.refused(world, world.recommended(today), expert) == (
            "专家0 应当回避：在合作单位任职。请改选其他专家。",
        )

    def test_of_whoever_holds_a_role_in_the_unit_or_the_partner(self, world: World, today):
        base = world.recommended(today)
        Membership.objects.create(user=user_of(world.experts[0]), role=Role.UNIT_OFFICER, training_unit=world.unit)
        Membership.objects.create(user=user_of(world.experts[1]), role=Role.PARTNER_OFFICER, partner_unit=world.partner)
        assert self.refused(world, base, world.experts[0]) == ("专家0 应当回避：在申报单位任职。请改选其他专家。",)
        assert self.refused(world, base, world.experts[1]) == ("专家1 应当回避：在合作单位任职。请改选其他专家。",)

    @pytest.mark.parametrize("role", [Role.DEPT_OFFICER, Role.DEPT_LEADER])
    def test_of_whoever_decides_on_the_base_at_the_department(self, world: World, today, expert: Acting, role: str):
        """They would see the others' sheets, and decide on their own."""
        base = world.recommended(today)
        Membership.objects.create(user=expert.user, role=role, department=world.department)
        with pytest.raises(Refused) as refusal:
            recognising.assign_experts(base=base, acting=world.officer, on=today, experts=[expert.user])
        assert refusal.value.reasons == (f"{expert.name} 应当回避：在教育厅承办审核审批。请改选其他专家。",)
        assert expert.user not in panels.eligible_experts(base, today)

    def test_of_the_applicant_who_has_moved_on(self, world: World, today):
        base, applicant = world.recommended(today), user_of(world.applicant)
        Membership.objects.filter(user=applicant).update(withdrawn_at="2026-11-01T00:00Z")
        Membership.objects.create(user=applicant, role=Role.EXPERT)
        assert recusals.conflicts([applicant], [base], today)[applicant.pk, base.pk].reason == "是本基地申报人"

    def test_not_of_those_of_other_units_and_partners(self, world: World, today, expert: Acting):
        ExpertProfile.objects.filter(user=expert.user).update(
            training_unit=world.other_unit, partner_unit=world.other_partner
        )
        base = world.recommended(today)
        assert recusals.conflicts([user_of(expert)], [base], today) == {}
        assert [a.expert for a in assign(world, base, expert).assignments.all()] == [expert.user]

    def test_those_in_conflict_are_not_even_offered(self, world: World, today):
        base = world.recommended(today)
        ExpertProfile.objects.filter(user=world.experts[0].user).update(training_unit=world.unit)
        Membership.objects.filter(user=world.experts[1].user).update(withdrawn_at="2026-11-01T00:00Z")
        User.objects.filter(pk=world.experts[2].user_id).update(is_active=False)
        assert panels.eligible_experts(base, today) == [user_of(world.experts[3]), user_of(world.experts[4])]

    def test_one_in_conflict_keeps_the_whole_choice_back(self, world: World, today, expert: Acting):
        ExpertProfile.objects.filter(user=expert.user).update(training_unit=world.unit)
        base = world.recommended(today)
        with pytest.raises(Refused):
            assign(world, base, *world.experts[1:4], expert)
        assert (Panel.objects.count(), Assignment.objects.count()) == (0, 0)

    def test_a_conflict_that_arises_later_stops_the_review_from_opening(self, world: World, today, expert: Acting):
        base = world.recommended(today)
        assign(world, base, *world.experts[:3])
        ExpertProfile.objects.filter(user=expert.user).update(partner_unit=world.partner)
        with pytest.raises(Refused) as refusal:
            recognising.open_review(base=base, acting=world.officer, on=today)
        assert refusal.value.reasons == ("有 1 名专家应当回避，请更换。",)


@pytest.mark.article("8(3)")
class TestAssigning:
    @pytest.mark.parametrize("role", [role for role in Role.values if role != Role.DEPT_OFFICER])
    def test_is_the_department_officers(self, world: World, today, role: str):
        base = world.recommended(today)
        with pytest.raises(NotYours):
            assign(world, base, *world.experts[:3], by=world.everybody()[role])
        assert Assignment.objects.count() == 0

    def test_takes_experts_only(self, world: World, today):
        base, nobody = world.recommended(today), person(Role.SYSADMIN, "非专家", department=world.department)
        with pytest.raises(Refused) as refusal:
            recognising.assign_experts(base=base, acting=world.officer, on=today, experts=[nobody.user])
        assert refusal.value.reasons == ("非专家 不在专家库中，或者没有评审专家角色，不能分配。",)
        assert Assignment.objects.count() == 0

    def test_the_choice_takes_as_many_queries_for_many_experts_as_for_few(
        self, world: World, today, django_assert_num_queries
    ):
        base = world.recommended(today)
        for number in range(20):
            user = person(Role.EXPERT).user
            assert user is not None
            ExpertProfile.objects.create(user=user, name=user.full_name, employer=f"研究院{number}")
        with django_assert_num_queries(18):
            assert len(panels.eligible_experts(base, today)) == 25

    def test_the_review_opens_only_with_enough_experts(self, world: World, today):
        base = world.recommended(today)
        reasons = [recognising.open_review_reasons(base, world.officer, today)]
        assign(world, base, *world.experts[:2])
        reasons.append(recognising.open_review_reasons(base, world.officer, today))
        assign(world, base, world.experts[2])
        reasons.append(recognising.open_review_reasons(base, world.officer, today))
        assert reasons == [("尚未分配评审专家。",), ("已分配 2 名专家，至少需要 3 名。",), ()]

    def test_twice_puts_an_expert_on_the_panel_once(self, world: World, today):
        base = world.recommended(today)
        assign(world, base, world.experts[0])
        assign(world, base, world.experts[0], world.experts[1])
        assert [a.expert for a in panel_of(base).assignments.all()] == [e.user for e in world.experts[:2]]

    def test_the_database_has_an_expert_once_on_a_panel(self, world: World, today):
        base = world.in_review(today)
        assignment = mine(base, world.experts[0])
        assignment.pk = None
        with pytest.raises(IntegrityError, match="expert_once_per_panel"), transaction.atomic():
            assignment.save()

    @pytest.mark.parametrize("state", [State.DECLARED, State.SHORTLISTED, State.RECOGNISED])
    def test_has_its_time(self, world: World, today, state: str):
        base = world.in_state(state, today)
        with pytest.raises(Overtaken, match="没有分配专家。"):
            assign(world, base, world.experts[4])


@pytest.mark.article("8(3)")
class TestSecrecy:
    def test_nothing_is_seen_before_the_review_begins(self, world: World, today):
        base = world.recommended(today)
        assign(world, base, *world.experts[:3])
        assert list(own_assignments(world.experts[0])) == []
        with pytest.raises(Refused) as refusal:
            submit(base, world.experts[0], today)
        assert refusal.value.reasons == ("评审尚未启动，请等候通知。",)

    def test_each_expert_sees_their_own_sheet_and_nobody_else_any(self, world: World, today):
        base = world.in_review(today)
        seen = [list(own_assignments(expert)) for expert in world.experts]
        assert seen == [[mine(base, expert)] for expert in world.experts[:3]] + [[], []]
        others = [a for role, a in world.everybody().items() if role != Role.EXPERT]
        assert [list(own_assignments(somebody)) for somebody in others] == [[]] * 8

    def test_another_experts_sheet_does_not_exist_for_them(self, world: World, today, signed_in: SignedIn):
        base = world.in_review(today)
        submit(base, world.experts[1], today)
        client, theirs = signed_in(world.experts[0]), mine(base, world.experts[1])
        answers = [
            client.get(f"/reviews/{theirs.pk}/"),
            client.post(f"/reviews/{theirs.pk}/", {"do": "save", "comment": "改"}),
            client.post(f"/reviews/{theirs.pk}/recuse/", {"reason": "替他回避"}),
        ]
        assert [(a.status_code, Page.of(a).heading) for a in answers] == [(404, "没有找到这个页面")] * 3
        assert (mine(base, world.experts[1]).status, theirs.sheet.comment) == (Status.SUBMITTED, COMMENT)

    def test_no_other_hand_writes_on_a_sheet(self, world: World, today):
        base = world.in_review(today)
        for somebody in (world.experts[1], world.officer, world.leader, world.applicant):
            with pytest.raises(NotYours) as refusal:
                sheets.save_sheet(assignment=mine(base, world.experts[0]), points=marks(), comment="", by=somebody)
            assert refusal.value.reasons == ("评分表只能由本人填写。",)

    def test_the_agreement_is_open_to_those_who_score_it_and_closed_after_a_recusal(
        self, world: World, today, signed_in: SignedIn
    ):
        base = world.in_review(today)
        agreement = world.application(base).files.get(kind="agreement").stored
        world.declare_free(panel_of(base), today)
        recusals.recuse(assignment=mine(base, world.experts[2]), reason="师生关系", by=world.experts[2], on=TODAY)
        answers = [signed_in(expert).get(f"/files/{agreement.key}/") for expert in world.experts[:4]]
        assert [answer.status_code for answer in answers] == [200, 200, 404, 404]
        assert [b"".join(answer.streaming_content)[:5] for answer in answers[:2]] == [b"%PDF-"] * 2


@pytest.mark.article("8(3)")
class TestASheet:
    @pytest.fixture
    def base(self, world: World, today) -> Base:
        base = world.in_review(today)
        world.declare_free(panel_of(base), today)
        return base

    @pytest.fixture
    def expert(self, world: World) -> Acting:
        return world.experts[0]

    def kept(self, base: Base, expert: Acting) -> dict[str, Decimal]:
        """The points on a sheet."""
        sheet = ScoreSheet.objects.get(assignment=mine(base, expert))
        return dict(sheet.scores.values_list("criterion__key", "points"))

    def test_is_kept_as_far_as_it_is_filled_in(self, base: Base, expert: Acting):
        some = {"fit": Decimal("18.5"), "plan": None}
        sheets.save_sheet(assignment=mine(base, expert), points=some, comment="待补", by=expert)
        assert self.kept(base, expert) == {"fit": Decimal("18.5")}
        assert mine(base, expert).status == Status.ASSIGNED

    def test_gives_up_points_that_are_taken_back(self, base: Base, expert: Acting, today):
        sheets.save_sheet(assignment=mine(base, expert), points=marks(), comment="", by=expert)
        sheets.save_sheet(assignment=mine(base, expert), points={"fit": None}, comment="", by=expert)
        assert set(self.kept(base, expert)) == set(FULL_MARKS) - {"fit"}
        with pytest.raises(Refused, match="还有指标没有评分：学位点与产业契合。"):
            sheets.submit_sheet(
                assignment=mine(base, expert), points=marks() | {"fit": None}, comment=COMMENT, by=expert, on=today
            )

    @pytest.mark.parametrize("points", ["-0.5", "20.5"])
    def test_takes_points_within_the_full_marks_only(self, base: Base, expert: Acting, points: str):
        with pytest.raises(Refused) as refusal:
            sheets.save_sheet(assignment=mine(base, expert), points=marks(fit=points), comment="", by=expert)
        assert refusal.value.reasons == ("“学位点与产业契合”应在 0 到 20 分之间。",)
        assert ScoreSheet.objects.count() == 0

    @pytest.mark.parametrize("points", [0, 20])
    def test_takes_both_ends(self, base: Base, expert: Acting, today, points: int):
        submit(base, expert, today, fit=points)
        assert self.kept(base, expert)["fit"] == points

    def test_is_handed_in_complete_or_not_at_all(self, base: Base, expert: Acting, today):
        some = {key: value for key, value in marks().items() if key not in {"mentors", "support"}}
        with pytest.raises(Refused) as refusal:
            sheets.submit_sheet(assignment=mine(base, expert), points=some, comment=COMMENT, by=expert, on=today)
        assert refusal.value.reasons == ("还有指标没有评分：导师、经费与制度保障。",)
        assert mine(base, expert).status == Status.ASSIGNED

    def test_is_locked_once_handed_in(self, base: Base, expert: Acting, today):
        submit(base, expert, today, fit=10)
        for act in (
            lambda: submit(base, expert, today, fit=20),
            lambda: sheets.save_sheet(assignment=mine(base, expert), points=marks(), comment="改", by=expert),
            lambda: recusals.recuse(assignment=mine(base, expert), reason="反悔", by=expert, on=TODAY),
        ):
            with pytest.raises(Overtaken) as refusal:
                act()
            assert refusal.value.reasons == ("评分表已提交并锁定，没有改动。确需修改请联系教育厅。",)
        assert self.kept(base, expert)["fit"] == 10

    def test_is_closed_to_whoever_is_recused(self, base: Base, expert: Acting, today):
        recusals.recuse(assignment=mine(base, expert), reason="近三年有合作成果", by=expert, on=TODAY)
        with pytest.raises(Overtaken) as refusal:
            submit(base, expert, today)
        assert refusal.value.reasons == ("您已不参加本项评审（已回避），没有改动。",)
        assert (mine(base, expert).status, mine(base, expert).ended_reason) == (Status.RECUSED, "近三年有合作成果")

    def test_a_recusal_needs_its_reason(self, base: Base, expert: Acting):
        with pytest.raises(Refused) as refusal:
            recusals.recuse(assignment=mine(base, expert), reason=" ", by=expert, on=TODAY)
        assert refusal.value.reasons == ("请写明回避原因。",)
        with pytest.raises(IntegrityError, match="assignment_ends_with_a_reason"), transaction.atomic():
            Assignment.objects.update(status=Status.RECUSED)

    def test_the_rubric_is_the_one_in_force_and_has_a_hundred_points(self, base: Base):
        criteria = panel_of(base).rubric.criteria.values_list("key", "points")
        assert dict(criteria) == FULL_MARKS
        assert sum(points for _key, points in criteria) == 100


@pytest.mark.article("8(3)")
class TestTheAggregate:
    """scoring.aggregate, as arithmetic."""

    @given(st.lists(totals, min_size=1, max_size=11), st.randoms(use_true_random=False))
    def test_does_not_depend_on_the_order_of_the_sheets(self, sheets: list[Decimal], random):
        shuffled = list(sheets)
        random.shuffle(shuffled)
        assert scoring.aggregate(shuffled) == scoring.aggregate(sheets)

    @given(st.lists(totals, min_size=1, max_size=11))
    def test_lies_between_the_lowest_and_the_highest(self, sheets: list[Decimal]):
        assert min(sheets) <= scoring.aggregate(sheets) <= max(sheets)

    @given(st.lists(totals, min_size=1, max_size=4))
    def test_of_fewer_than_five_is_the_mean_of_all(self, sheets: list[Decimal]):
        mean = Decimal(statistics.mean(sheets)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
        assert scoring.aggregate(sheets) == mean

    @given(st.lists(totals, min_size=5, max_size=11))
    def test_of_five_or_more_leaves_one_highest_and_one_lowest_out(self, sheets: list[Decimal]):
        kept = sorted(sheets)[1:-1]
        assert len(kept) == len(sheets) - 2
        mean = Decimal(statistics.mean(kept)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
        assert scoring.aggregate(sheets) == mean

    @given(st.lists(totals, min_size=4, max_size=10), totals, totals)
    def test_of_five_or_more_does_not_follow_one_outlier(self, sheets: list[Decimal], low: Decimal, high: Decimal):
        lowest = min(sheets)
        assert scoring.aggregate([*sheets, min(low, lowest)]) == scoring.aggregate([*sheets, min(high, lowest)])

    @given(st.lists(totals, min_size=1, max_size=11))
    def test_has_two_decimals(self, sheets: list[Decimal]):
        assert scoring.aggregate(sheets).as_tuple().exponent == -2

    @pytest.mark.parametrize(
        ("sheets", "aggregate"),
        [
            (["80", "80.01"], "80.01"),  # 80.005 goes up
            (["80.01", "80.02"], "80.02"),  # 80.015, where half-even would stay
            (["70", "80", "81"], "77.00"),
            (["0", "80", "81", "82", "100"], "81.00"),
            (["100"], "100.00"),
        ],
    )
    def test_rounds_half_up(self, sheets: list[str], aggregate: str):
        assert scoring.aggregate([Decimal(total) for total in sheets]) == Decimal(aggregate)

    def test_of_nothing_is_an_error(self):
        with pytest.raises(ValueError, match="no sheets"):
            scoring.aggregate([])


@pytest.mark.article("8(3)")
class TestTheShortlist:
    def test_needs_every_sheet(self, world: World, today):
        base = world.in_review(today)
        for expert in world.experts[:2]:
            submit(base, expert, today)
        expected = ("还有 1 名专家没有提交评分表，不能确定得分。",)
        assert recognising.shortlist_reasons(base, world.officer, today) == expected
        with pytest.raises(Refused) as refusal:
            recognising.shortlist(base=base, acting=world.officer, on=today)
        assert refusal.value.reasons == expected
        assert (fresh(base).state, panel_of(base).aggregate) == (State.IN_REVIEW, None)

    def test_asking_for_the_reasons_fixes_nothing(self, world: World, today):
        base = world.in_review(today)
        for expert in world.experts[:3]:
            submit(base, expert, today)
        assert recognising.shortlist_reasons(base, world.officer, today) == ()
        assert (panel_of(base).aggregate, panel_of(base).fixed_on) == (None, None)

    def test_fixes_the_aggregate_of_the_sheets(self, world: World, today):
        base = world.in_review(today)
        for expert, points in zip(world.experts[:3], ("20", "19.5", "18"), strict=True):
            submit(base, expert, today, fit=points)
        shortlisted = recognising.shortlist(base=base, acting=world.officer, on=today)
        panel = panel_of(base)
        assert (shortlisted.state, panel.aggregate, panel.fixed_on) == (State.SHORTLISTED, Decimal("99.17"), today)
        assert shortlisted.events.last().evidence["panel"] == {
            "required": 3, "assigned": 3, "conflicts": 0, "submitted": 3, "aggregate": "99.17", "gaps": 0,
        }  # fmt: skip

    def test_of_five_leaves_the_extremes_out(self, world: World, today):
        base = world.in_review(today, experts=5)
        for expert, points in zip(world.experts, (0, 10, 11, 12, 20), strict=True):
            submit(base, expert, today, fit=points)
        recognising.shortlist(base=base, acting=world.officer, on=today)
        assert panel_of(base).aggregate == Decimal("91.00")

    def test_a_recused_sheet_does_not_count_and_the_replacement_must_score(self, world: World, today):
        base, leaving = world.in_review(today), world.experts[2]
        world.declare_free(panel_of(base), today)
        sheets.save_sheet(assignment=mine(base, leaving), points=marks(fit=0), comment="", by=leaving)
        recusals.recuse(assignment=mine(base, leaving), reason="师生关系", by=leaving, on=TODAY)
        for expert in world.experts[:2]:
            submit(base, expert, today)
        assert recognising.shortlist_reasons(base, world.officer, today) == (
            "评审组只有 2 名专家，至少需要 3 名，请先补齐。",
        )
        assign(world, base, world.experts[3])
        assert recognising.shortlist_reasons(base, world.officer, today) == (
            "还有 1 名专家没有提交评分表，不能确定得分。",
        )
        submit(base, world.experts[3], today)
        recognising.shortlist(base=base, acting=world.officer, on=today)
        assert panel_of(base).aggregate == Decimal("100.00")
        statuses = panel_of(base).assignments.values_list("expert", "status", "ended_reason")
        assert (leaving.user_id, Status.RECUSED, "师生关系") in statuses

    def test_a_recused_expert_is_not_put_back(self, world: World, today):
        base, leaving = world.in_review(today), world.experts[2]
        recusals.recuse(assignment=mine(base, leaving), reason="师生关系", by=leaving, on=TODAY)
        with pytest.raises(Refused) as refusal:
            assign(world, base, leaving)
        assert refusal.value.reasons == ("专家2 已回避，不能再分配。请改选其他专家。",)
        assert mine(base, leaving).status == Status.RECUSED

    def test_after_it_nobody_joins_the_panel(self, world: World, today):
        base = world.shortlisted(today)
        with pytest.raises(Refused) as refusal:
            panels.assign(panel=panel_of(base), experts=[user_of(world.experts[4])], by=world.officer, on=today)
        assert refusal.value.reasons == ("综合得分已确定，不能再增加专家。",)

    @pytest.mark.parametrize("value", ["-0.01", "100.01"])
    def test_the_database_keeps_the_aggregate_within_its_bounds(self, world: World, today, value: str):
        world.shortlisted(today)
        with pytest.raises(IntegrityError, match="aggregate_between_0_and_100"), transaction.atomic():
            Panel.objects.update(aggregate=Decimal(value))


@pytest.mark.article("8(3)")
class TestWhatTheUnitLearns:
    """Comments are for the unit, names and points are not."""

    def page(self, world: World, base: Base, signed_in: SignedIn, acting: Acting) -> str:
        return Page.of(signed_in(acting).get(f"/bases/{base.pk}/")).text

    def test_nothing_while_the_review_runs(self, world: World, today, signed_in: SignedIn):
        base = world.in_review(today)
        submit(base, world.experts[0], today)
        for reader in (world.applicant, world.unit_officer, world.partner_officer):
            text = self.page(world, base, signed_in, reader)
            assert [word for word in (COMMENT, *(e.name for e in world.experts)) if word in text] == []

    def test_the_comments_without_names_or_points_afterwards(self, world: World, today, signed_in: SignedIn):
        base = world.in_review(today)
        for expert in world.experts[:3]:
            submit(base, expert, today, fit=7)
        recognising.shortlist(base=base, acting=world.officer, on=today)
        for reader in (world.applicant, world.unit_officer):
            text = self.page(world, base, signed_in, reader)
            assert COMMENT in text
            assert [word for word in ("87.00", *(e.name for e in world.experts)) if word in text] == []
        assert COMMENT not in self.page(world, base, signed_in, world.partner_officer)

    def test_the_department_sees_names_and_once_all_sheets_are_in_totals(
        self, world: World, today, signed_in: SignedIn
    ):
        base = world.in_review(today)
        for expert in world.experts[:3]:
            assert "87.00" not in self.page(world, base, signed_in, world.officer)
            submit(base, expert, today, fit=7)
        text = self.page(world, base, signed_in, world.officer)
        assert [word for word in ("专家0", "专家1", "专家2", "87.00") if word not in text] == []


@pytest.mark.article("8(3)")
@pytest.mark.django_db(transaction=True)
def test_a_sheet_handed_in_twice_at_once_is_locked_once(world: World, today, at_once):
    base = world.in_review(today)
    results = at_once(
        lambda: submit(base, world.experts[0], today, fit=20), lambda: submit(base, world.experts[0], today, fit=10)
    )
    (winner,) = (result for result in results if isinstance(result, ScoreSheet))
    (_loser,) = (result for result in results if isinstance(result, Overtaken))
    assert ScoreSheet.objects.get() == winner
    assert panels.totals(panel_of(base)) == [Decimal(100 if results[0] == winner else 90)]


@pytest.mark.article("8(3)")
def test_who_is_not_in_the_pool_is_not_asked_because_the_rules_know_nothing_of_them(world: World, today):
    newcomer = person(Role.EXPERT, "新来的专家")
    base = world.recommended(today)
    assert user_of(newcomer) not in panels.eligible_experts(base, today)
    with pytest.raises(Refused) as refusal:
        assign(world, base, newcomer)
    assert refusal.value.reasons == ("新来的专家 不在专家库中，或者没有评审专家角色，不能分配。",)


@pytest.mark.article("8(3)")
def test_a_conflict_that_comes_about_after_the_assignment_is_taken_off_when_the_panel_is_filled_up(world: World, today):
    base = world.recommended(today)
    first = world.expert_users(3)
    panel = recognising.assign_experts(base=base, acting=world.officer, on=today, experts=first)
    Membership.objects.create(user=first[0], role=Role.PARTNER_OFFICER, partner_unit=world.partner)
    assert "有 1 名专家应当回避，请更换。" in recognising.open_review_reasons(base, world.officer, today)
    with CaptureQueriesContext(connection) as made:
        recognising.assign_experts(base=base, acting=world.officer, on=today, experts=world.expert_users(4)[3:])
    locking = 'ORDER BY "applications_assignment"."id" ASC FOR UPDATE OF "applications_assignment"'
    assert [query["sql"] for query in made if locking in query["sql"]] != []
    assert recognising.open_review_reasons(base, world.officer, today) == ()
    gone = panel.assignments.get(expert=first[0])
    assert (gone.status, gone.ended_reason) == ("recused", "在合作单位任职")
