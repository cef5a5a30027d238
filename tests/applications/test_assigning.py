"""专家分配: a plan is proposed in the background, changed by hand under the rules, applied as a whole; gaps are filled, nothing is undone."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext, override_settings
from openpyxl import load_workbook

from applications.models import (
    Application,
    Assignment,
    AssignmentPlan,
    AssignmentPlanEntry,
    ExpertAbsence,
    ExpertProfile,
    Panel,
    PriorResult,
    Round,
)
from applications.services import (
    assigning,
    declaring,
    panels,
    planning,
    recognising,
    recusals,
    review_board,
    sheets,
)
from bases.lifecycle import State
from bases.models import Base, DegreeCategory
from portal import jobs, progress
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.models import OutboxJob, User
from tests.applications.conftest import SignedIn, fresh
from tests.conftest import TODAY
from tests.factories import World, person

pytestmark = [pytest.mark.django_db, pytest.mark.article("8(3)")]
DUE = TODAY + timedelta(days=21)


@dataclass(frozen=True)
class Standing:
    """What every test here begins with: a recommended base, five experts of universities and two of industry."""

    world: World
    base: int


@pytest.fixture(scope="module")
def standing(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Standing]:
    """Built once; each test begins from it and is taken back to it."""
    quick = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    folder = tmp_path_factory.mktemp("files")
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(PASSWORD_HASHERS=quick, MEDIA_ROOT=folder):
            world = World.create()
            for number in (5, 6):
                expert = person("expert", f"专家{number}")
                ExpertProfile.objects.create(
                    user=expert.user, name=f"专家{number}", employer=f"制造企业{number}", sector="industry"
                )
                world.experts.append(expert)
            base = world.recommended(TODAY)
        yield Standing(world, base.pk)
        transaction.set_rollback(True)


@pytest.fixture
def world(standing: Standing, db: None) -> World:
    """The people of the module, their counters as they were."""
    return replace(standing.world)


@pytest.fixture
def base(world: World, standing: Standing) -> Base:
    """The recommended base."""
    return Base.objects.get(pk=standing.base)


def user(acting: Acting) -> User:
    assert acting.user is not None
    return acting.user


def application_of(base: Base) -> Application:
    return Application.objects.get(base=base)


def the_round() -> Round:
    return Round.objects.select_related("policy").get()


def ask(world: World, on: date = TODAY, **changes: Any) -> AssignmentPlan:
    given = {"scope": "whole", "size": 5, "industry_min": 1, "load_limit": 9} | changes
    return assigning.ask(round_=the_round(), **given, by=world.officer, on=on)


def made(world: World, on: date = TODAY, **changes: Any) -> AssignmentPlan:
    plan = ask(world, on, **changes)
    jobs.run(OutboxJob.objects.get(name="assignment_plan", key=f"assignment_plan:{plan.pk}").pk)
    plan.refresh_from_db()
    return plan


def names(plan: AssignmentPlan, base: Base) -> set[str]:
    rows = plan.entries.filter(application__base=base)
    return set(rows.values_list("expert__full_name", flat=True))


def on_panel(base: Base) -> set[str]:
    live = Assignment.objects.filter(panel__base=base, status__in=Assignment.LIVE)
    return set(live.values_list("expert__full_name", flat=True))


def leave(assignment: Assignment, status: str = "recused") -> None:
    Assignment.objects.filter(pk=assignment.pk).update(status=status, ended_reason="与申报人合作过")


def test_a_plan_is_computed_in_the_background_and_says_what_it_does(world: World, base: Base) -> None:
    plan = ask(world)
    assert (plan.state, plan.entries.count(), on_panel(base)) == ("asked", 0, set())
    job = OutboxJob.objects.get(name="assignment_plan")
    jobs.run(job.pk)
    plan.refresh_from_db()
    assert (plan.state, plan.entries.count()) == ("draft", 5)
    row = planning.planned(plan, TODAY)[0]
    assert sum(review_board.is_industry(entry.expert) for entry in row.entries) >= 1
    assert (row.troubles, row.blocking) == ([], [])
    numbers = planning.summary(plan, [row])
    assert {key: numbers[key] for key in ("applications", "seats", "taken", "kept", "experts", "pool")} == {
        "applications": 1, "seats": 5, "taken": 5, "kept": 0, "experts": 5, "pool": 7,
    }  # fmt: skip
    assert on_panel(base) == set(), "nothing of it counts before it is applied"


def test_a_job_that_is_done_again_changes_nothing(world: World) -> None:
    plan = made(world)
    before = list(plan.entries.values())
    assigning.make(plan.pk, TODAY.isoformat())
    assert list(plan.entries.values()) == before


def test_a_worker_that_dies_leaves_a_job_that_is_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = ask(world)
    job = OutboxJob.objects.get(name="assignment_plan")

    def dies(*args: Any) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(assigning.solver, "propose", dies)
        jobs.run(job.pk)
    plan.refresh_from_db()
    assert (plan.state, plan.entries.count(), assigning.is_given_up(plan)) == ("asked", 0, False)
    jobs.run(job.pk)
    plan.refresh_from_db()
    assert (plan.state, plan.entries.count()) == ("draft", 5)


def test_who_knows_the_category_comes_first_and_who_is_away_or_removed_or_in_conflict_does_not_come(
    world: World,
    base: Base,
) -> None:
    profiles = [user(expert).expert_profile for expert in world.experts]
    for profile in profiles[:4]:
        profile.categories.add(DegreeCategory.objects.get(code="0855"))
    ExpertAbsence.objects.create(profile=profiles[0], from_on=TODAY - timedelta(days=1), to_on=TODAY)
    ExpertProfile.objects.filter(pk=profiles[1].pk).update(removed_on=TODAY, removed_reason="本人申请")
    ExpertProfile.objects.filter(pk=profiles[2].pk).update(training_unit=world.unit)
    plan = made(world, size=3)
    assert "专家3" in names(plan, base)
    assert names(plan, base) & {"专家0", "专家1", "专家2"} == set()
    entry = plan.entries.get(expert=user(world.experts[3]))
    assert entry.fit == "category"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"size": 4}, "每项专家应为不超过 15 的单数，现为 4 名。请改为单数。"),
        ({"size": 1}, "每项专家至少 3 名，现为 1 名。请增加人数。"),
        ({"size": 3, "industry_min": 4}, "行业专家不能多于每项专家 3 名。请减少人数。"),
        ({"scope": "gaps"}, "没有需要补派的缺额：现有评审组都不缺人。"),
    ],
)
def test_what_cannot_be_asked_for(world: World, changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused) as refusal:
        ask(world, **changes)
    assert refusal.value.reasons == (reason,)
    assert AssignmentPlan.objects.count() == 0


def test_nothing_is_proposed_without_applications_or_experts(world: World, base: Base) -> None:
    recognising.reject(base=base, acting=world.officer, on=TODAY, reason="不符合条件。")
    ExpertProfile.objects.update(removed_on=TODAY, removed_reason="本人申请")
    with pytest.raises(Refused) as refusal:
        ask(world)
    assert refusal.value.reasons == (
        "本批次没有待评审或评审中的申请书，不需要分配专家。",
        "专家库中没有今天可以评审的专家。请先邀请专家入库。",
    )


def test_a_round_has_one_open_plan(world: World) -> None:
    plan = made(world)
    with pytest.raises(Overtaken):
        ask(world)
    assigning.discard(plan=plan, by=world.officer, on=TODAY)
    assert made(world).pk != plan.pk


def test_only_the_officer_plans(world: World) -> None:
    plan = made(world)
    for by in (world.leader, world.unit_officer):
        with pytest.raises(NotYours):
            ask(world=type("As", (), {"officer": by})())
        with pytest.raises(NotYours):
            assigning.apply(plan=plan, by=by, on=TODAY)
        with pytest.raises(NotYours):
            assigning.discard(plan=plan, by=by, on=TODAY)
        with pytest.raises(NotYours):
            assigning.start_review(round_=the_round(), applications=[], sheets_due_on=DUE, by=by, on=TODAY)


def test_a_change_by_hand_keeps_the_rules(world: World, base: Base) -> None:
    plan = made(world, size=3, load_limit=1)
    application, planned = application_of(base), names(plan, base)
    spare = [user(e) for e in world.experts if user(e).full_name not in planned]
    inside = plan.entries.first()
    assert inside is not None
    barred = spare[0]
    ExpertProfile.objects.filter(user=barred).update(training_unit=world.unit)

    def change(out: User | None, into: User | None) -> list[str]:
        return assigning.change(plan=plan, application=application, out=out, into=into, by=world.officer, on=TODAY)

    with pytest.raises(Refused) as refusal:
        change(inside.expert, barred)
    assert refusal.value.reasons == (
        f"{barred.full_name} 不能评审这份申请书：与申报单位同属一个单位。请改选其他专家。",
    )
    with pytest.raises(Refused) as refusal:
        change(None, spare[1])
    assert refusal.value.reasons == ("这份申请书已有 3 名专家。请同时选择要换下的一名。",)
    with pytest.raises(Refused) as refusal:
        change(None, None)
    assert refusal.value.reasons == ("请选择要换下或者换上的专家。",)
    assert names(plan, base) == planned, "what was refused changed nothing"
    assert change(inside.expert, spare[1]) == [] or not review_board.is_industry(spare[1])
    assert names(plan, base) == planned - {inside.expert.full_name} | {spare[1].full_name}
    assert plan.entries.get(expert=spare[1]).by_hand is True
    with pytest.raises(Overtaken):
        change(inside.expert, None)


def test_a_change_warns_of_load_industry_and_one_employer(world: World, base: Base) -> None:
    first, second = base, world.recommended(TODAY)
    ExpertProfile.objects.filter(sector="industry").update(removed_on=TODAY, removed_reason="本人申请")
    ExpertProfile.objects.filter(user__in=[user(world.experts[n]) for n in (3, 4)]).update(employer="同一研究院")
    plan = made(world, size=3, industry_min=1, load_limit=9)
    AssignmentPlanEntry.objects.all().delete()
    AssignmentPlan.objects.update(load_limit=1)

    def put(base: Base, number: int) -> list[str]:
        return assigning.change(
            plan=plan, application=application_of(base), out=None, into=user(world.experts[number]), by=world.officer,
            on=TODAY,
        )  # fmt: skip

    assert put(first, 3) == ["缺 2 名专家", "缺 1 名行业专家：无须回避的行业专家只有 0 名"]
    assert put(first, 4)[2:] == ["2 名专家同在同一研究院"]
    assert put(second, 3)[2:] == ["专家3 将评审 2 项，超过上限 1 项"]


def test_a_plan_is_applied_as_a_whole_and_the_dossiers_go_out_in_one_act(world: World, base: Base) -> None:
    bases = [base, world.recommended(TODAY)]
    plan = made(world)
    done = assigning.apply(plan=plan, by=world.officer, on=TODAY)
    assert (done.applications, done.assignments) == (2, 10)
    assert [on_panel(base) == names(plan, base) for base in bases] == [True, True]
    assigned = Assignment.objects.all()
    assert {(each.assigned_on, each.assigned_by, each.status) for each in assigned} == {
        (TODAY, user(world.officer), "assigned")
    }
    assert set(Panel.objects.values_list("required", flat=True)) == {3}
    plan.refresh_from_db()
    assert (plan.state, plan.closed_by, plan.closed_on) == ("applied", user(world.officer), TODAY)
    with pytest.raises(Overtaken):
        assigning.apply(plan=plan, by=world.officer, on=TODAY)
    keys = [application_of(base).pk for base in bases]
    started = assigning.start_review(
        round_=the_round(), applications=keys, sheets_due_on=DUE, by=world.officer, on=TODAY
    )
    assert (started.applications, started.assignments) == (2, 10)
    assert [fresh(base).state for base in bases] == [State.IN_REVIEW, State.IN_REVIEW]
    assert set(Panel.objects.values_list("started", flat=True)) == {True}


def test_a_conflict_that_came_about_since_stops_the_whole_plan(world: World, base: Base) -> None:
    world.recommended(TODAY)
    plan = made(world)
    entry = plan.entries.filter(application__base=base).first()
    assert entry is not None
    ExpertProfile.objects.filter(user=entry.expert).update(partner_unit=world.partner)
    with pytest.raises(Refused) as refusal:
        assigning.apply(plan=plan, by=world.officer, on=TODAY)
    said = f"“{application_of(base).name}”：{entry.expert.full_name} 应当回避：在合作单位任职。"
    assert said in refusal.value.reasons
    assert (Assignment.objects.count(), AssignmentPlan.objects.get().state) == (0, "draft")


def test_an_even_panel_is_not_applied(world: World, base: Base) -> None:
    plan = made(world)
    entry = plan.entries.first()
    assert entry is not None
    assigning.change(
        plan=plan, application=application_of(base), out=entry.expert, into=None, by=world.officer, on=TODAY
    )
    with pytest.raises(Refused) as refusal:
        assigning.apply(plan=plan, by=world.officer, on=TODAY)
    assert refusal.value.reasons == (
        f"“{application_of(base).name}”将有 4 名专家，应为单数且至少 3 名。请补足、减为单数，或者去掉新增的。",
    )


def test_an_application_that_was_sent_back_stops_the_plan_and_can_be_taken_out(world: World, base: Base) -> None:
    plan = made(world)
    declaring.return_for_revision(base=fresh(base), acting=world.officer, on=TODAY, reason="请补充材料。")
    with pytest.raises(Refused) as refusal:
        assigning.apply(plan=plan, by=world.officer, on=TODAY)
    assert "已不在待评审、评审中" in refusal.value.reasons[0]


def test_a_base_that_cannot_go_out_keeps_the_others_back(world: World, base: Base) -> None:
    ready, short = base, world.recommended(TODAY)
    users = world.expert_users(3)
    recognising.assign_experts(base=ready, acting=world.officer, on=TODAY, experts=users)
    recognising.assign_experts(base=short, acting=world.officer, on=TODAY, experts=users[:2])
    keys = [application_of(base).pk for base in (ready, short)]
    with pytest.raises(Refused) as refusal:
        assigning.start_review(round_=the_round(), applications=keys, sheets_due_on=DUE, by=world.officer, on=TODAY)
    assert refusal.value.reasons == (f"“{application_of(short).name}”：已分配 2 名专家，至少 3 名。",)
    assert fresh(ready).state == State.RECOMMENDED
    with pytest.raises(Refused):
        assigning.start_review(round_=the_round(), applications=[], sheets_due_on=DUE, by=world.officer, on=TODAY)


def test_replacements_keep_what_is_done(world: World, base: Base) -> None:
    base = world.open_review(base, TODAY, 3)
    panel = Panel.objects.get(base=base)
    first, second, third = panel.assignments.order_by("pk")
    _submit(world, first)
    leave(second)
    assert [line.missing for line in review_board.lines(the_round(), TODAY)] == [1]
    plan = made(world, scope="gaps")
    new = plan.entries.get()
    assert new.replaces == second
    assert new.expert_id not in set(panel.assignments.values_list("expert", flat=True))
    assigning.apply(plan=plan, by=world.officer, on=TODAY)
    first.refresh_from_db()
    assert (first.status, first.sheet.submitted_on) == ("submitted", TODAY)
    third.refresh_from_db()
    assert third.status == "assigned"
    assert panel.assignments.get(expert=new.expert).replaces == second
    assert [line.missing for line in review_board.lines(the_round(), TODAY)] == [0]
    with pytest.raises(Refused) as refusal:
        ask(world, scope="gaps")
    assert refusal.value.reasons == ("没有需要补派的缺额：现有评审组都不缺人。",)


def _submit(world: World, assignment: Assignment) -> None:
    by = next(each for each in world.experts if each.user_id == assignment.expert_id)
    recusals.declare_free(assignment=assignment, by=by, on=TODAY)
    points = {each.key: each.points for each in assignment.panel.rubric.criteria.all()}
    assignment.refresh_from_db()
    sheets.submit_sheet(
        assignment=assignment,
        points=points,
        comment="材料扎实，目标明确，校企协同的机制健全，建议细化年度指标。",
        by=by,
        on=TODAY,
    )


def test_nobody_comes_to_an_application_whose_aggregate_is_fixed(world: World, base: Base) -> None:
    base = world.open_review(base, TODAY, 3)
    panel = Panel.objects.get(base=base)
    first, second, _third = panel.assignments.order_by("pk")
    leave(second)
    plan = made(world, scope="gaps")
    Panel.objects.filter(pk=panel.pk).update(aggregate=80, fixed_on=TODAY)
    (line,) = review_board.lines(the_round(), TODAY)
    assert (line.missing, line.gaps, line.waiting, line.is_done) == (0, [], 0, True)
    with pytest.raises(Refused) as refusal:
        assigning.apply(plan=plan, by=world.officer, on=TODAY)
    name = application_of(base).name
    assert refusal.value.reasons == (f"“{name}”的综合得分已确定，不能再增加专家，请在方案中去掉新增的。",)
    assert recognising.assign_reasons(base, world.officer, TODAY) == ("综合得分已确定，不能再增加专家。",)
    expert = next(each for each in world.experts if each.user_id == first.expert_id)
    with pytest.raises(Overtaken, match="本项的综合得分已于 2026-11-24 确定，不再评分"):
        panels.own_open(first, expert)


def test_a_namesake_whom_the_department_restored_does_not_stop_the_start(world: World, base: Base) -> None:
    users = [user(each) for each in world.experts[:3]]
    panel = recognising.assign_experts(base=base, acting=world.officer, on=TODAY, experts=users)
    application = application_of(base)
    PriorResult.objects.create(application=application, name="采煤", authors="申报教授、专家0", year=2025)
    (line,) = review_board.lines(the_round(), TODAY)
    assert line.start_reasons() == ["专家0 应当回避：与本基地有合作成果《采煤》（2025 年）"]
    own = {"assignment": panel.assignments.get(expert=users[0]), "by": world.officer, "on": TODAY}
    recusals.remove_for_conflict(reason="合作成果。", **own)
    recusals.restore(reason="同名，非同一人。", **own)
    (line,) = review_board.lines(the_round(), TODAY)
    assert (line.conflicts, line.start_reasons()) == ({}, [])
    assigning.start_review(
        round_=the_round(), applications=[application.pk], sheets_due_on=DUE, by=world.officer, on=TODAY
    )
    assert fresh(base).state == State.IN_REVIEW


def test_an_even_panel_does_not_begin_by_the_act_of_one_base_either(world: World, base: Base) -> None:
    users = [user(each) for each in world.experts[:4]]
    recognising.assign_experts(base=base, acting=world.officer, on=TODAY, experts=users)
    (line,) = review_board.lines(the_round(), TODAY)
    assert line.start_reasons() == ["专家为 4 名，应为单数"]
    assert recognising.open_review_reasons(base, world.officer, TODAY) == ("专家为 4 名，应为单数。",)
    with pytest.raises(Refused, match="专家为 4 名，应为单数。"):
        recognising.open_review(base=base, acting=world.officer, on=TODAY)
    assert fresh(base).state == State.RECOMMENDED


def test_the_start_locks_the_bases_by_their_keys_before_it_looks(world: World, base: Base) -> None:
    application = application_of(base)
    with CaptureQueriesContext(connection) as asked, pytest.raises(Refused):
        assigning.start_review(
            round_=the_round(), applications=[application.pk], sheets_due_on=DUE, by=world.officer, on=TODAY
        )
    reads = [query["sql"] for query in asked if "bases_base" in query["sql"]]
    assert ("FOR UPDATE" in reads[0], 'ORDER BY "bases_base"."id"' in reads[0]) == (True, True)


# The pages.


def page(client: Any, round_: Round, rest: str = "") -> Any:
    return client.get(f"/rounds/{round_.pk}/review/{rest}")


def test_the_way_of_the_officer_through_the_pages(world: World, base: Base, signed_in: SignedIn) -> None:
    round_, client = the_round(), signed_in(world.officer)
    address = f"/rounds/{round_.pk}/review/"
    assert "分配专家" in client.get(address).text
    form = client.get(f"{address}propose/").context["form"]
    assert form.initial == {"scope": "whole", "size": 5, "industry_min": 1, "load_limit": 2}
    answer = client.post(f"{address}propose/", {"scope": "whole", "size": 4, "industry_min": 1, "load_limit": 5})
    assert (answer.status_code, "每项专家应为不超过 15 的单数" in answer.text) == (422, True)
    answer = client.post(f"{address}propose/", {"scope": "whole", "size": 5, "industry_min": 1, "load_limit": 5})
    assert answer.url == f"{address}plan/"
    assert "正在排队或办理" in client.get(f"{address}plan/").text
    jobs.run(OutboxJob.objects.get(name="assignment_plan").pk)
    assert "核对分配方案" in client.get(f"{address}plan/state/").text
    plan = AssignmentPlan.objects.get()
    shown = client.get(f"{address}plan/").text
    assert [name for name in names(plan, base) if name not in shown] == []
    application = application_of(base)
    entry = plan.entries.first()
    assert entry is not None
    spare = next(user(e) for e in world.experts if user(e).full_name not in names(plan, base))
    changing = f"{address}plan/{application.pk}/"
    assert client.post(changing, {"out": "", "into": ""}).status_code == 422
    assert client.post(changing, {"out": entry.expert_id, "into": spare.pk}).url == changing
    assert spare.full_name in client.get(f"{address}plan/?show=hand").text
    assert "没有符合条件的申请书" in client.get(f"{address}plan/?q=没有这个名字").text
    assert "1 份申请书新增 5 人次" in client.get(f"{address}plan/apply/").text
    assert client.post(f"{address}plan/apply/").url == address
    assert on_panel(base) == names(plan, base)
    assert "1 份申请书可以启动，共 5 人次，送达 5 名专家。" in client.get(f"{address}start/").text
    assert client.post(f"{address}start/", {"applications": [application.pk], "sheets_due_on": DUE}).url == address
    assert fresh(base).state == State.IN_REVIEW
    assert "等候 5 份评分表" in client.get(address).text


def test_somebody_in_conflict_is_refused_on_the_page_with_the_reason(
    world: World, base: Base, signed_in: SignedIn
) -> None:
    plan = made(world)
    entry = plan.entries.first()
    assert entry is not None
    spare = next(user(e) for e in world.experts if user(e).full_name not in names(plan, base))
    ExpertProfile.objects.filter(user=spare).update(training_unit=world.unit)
    client = signed_in(world.officer)
    address = f"/rounds/{the_round().pk}/review/plan/{application_of(base).pk}/"
    shown = client.get(address)
    assert [pk for pk, _label in shown.context["form"].fields["into"].choices if pk == spare.pk] == []
    assert [(each.pk, why) for each, why in shown.context["closed"]] == [(spare.pk, "与申报单位同属一个单位")]
    answer = client.post(address, {"out": entry.expert_id, "into": spare.pk})
    assert answer.context["form"].non_field_errors() == [
        f"{spare.full_name} 不能评审这份申请书：与申报单位同属一个单位。请改选其他专家。"
    ]
    assert answer.status_code == 422


def test_a_plan_is_dropped_on_its_page(world: World, signed_in: SignedIn) -> None:
    plan = made(world)
    client, address = signed_in(world.officer), f"/rounds/{the_round().pk}/review/plan/"
    assert "不能恢复" in client.get(f"{address}discard/").text
    client.post(f"{address}discard/")
    plan.refresh_from_db()
    assert (plan.state, plan.closed_on, Assignment.objects.count()) == ("discarded", TODAY, 0)
    assert "上一份方案已放弃" in client.get(address).text
    assert [client.get(f"{address}{rest}").status_code for rest in ("apply/", "discard/", "state/")] == [404, 404, 404]


def test_the_leader_reads_and_does_nothing(world: World, signed_in: SignedIn) -> None:
    plan = made(world)
    client, address = signed_in(world.leader), f"/rounds/{the_round().pk}/review/"
    for rest in ("", "experts/", "plan/", "export/"):
        assert client.get(f"{address}{rest}").status_code == 200
    assert "plan/apply/" not in client.get(f"{address}plan/").text
    for rest in ("propose/", "plan/apply/", "plan/discard/", "start/", f"plan/{plan.entries.first().application_id}/"):  # type: ignore[union-attr]
        assert client.get(f"{address}{rest}").status_code == 403


def test_progress_shows_what_is_missing_declared_and_in_but_no_scores(
    world: World, base: Base, signed_in: SignedIn
) -> None:
    base = world.open_review(base, TODAY, 3)
    waiting = world.recommended(TODAY)
    first, second, _third = Panel.objects.get(base=base).assignments.order_by("pk")
    _submit(world, first)
    leave(second)
    client, address = signed_in(world.officer), f"/rounds/{the_round().pk}/review/"
    shown = client.get(address)
    lines = {line.application.base_id: line for line, _step in shown.context["rows"]}
    line = lines[base.pk]
    assert (len(line.live), line.wanted, line.declared, line.submitted, line.missing) == (2, 3, 1, 1, 1)
    assert "100.00" not in shown.text
    assert "补派 1 名专家" in shown.text
    assert {key: count for key, _label, count in shown.context["counts"]} == {
        "short": 2, "conflict": 0, "ready": 0, "undeclared": 1, "waiting": 1, "done": 0,
    }  # fmt: skip

    def found(query: str) -> list[int]:
        return [line.application.base_id for line, _step in client.get(f"{address}?{query}").context["rows"]]

    assert found("show=undeclared") == [base.pk]
    assert found(f"q={application_of(waiting).name}") == [waiting.pk]
    assert found("sort=experts") == [waiting.pk, base.pk]
    assert found("sort=-experts") == [base.pk, waiting.pk]
    assert sorted(found("show=nonsense&sort=nonsense&page=x")) == sorted([base.pk, waiting.pk])


def test_a_conflict_that_is_found_later_is_shown(world: World, base: Base, signed_in: SignedIn) -> None:
    base = world.open_review(base, TODAY, 3)
    expert = Panel.objects.get(base=base).assignments.first()
    assert expert is not None
    ExpertProfile.objects.filter(user=expert.expert).update(training_unit=world.unit)
    shown = signed_in(world.officer).get(f"/rounds/{the_round().pk}/review/?show=conflict")
    assert f"{expert.expert.full_name}：与申报单位同属一个单位" in shown.text
    assert "更换应当回避的专家" in shown.text


def test_loads_by_expert(world: World, base: Base, signed_in: SignedIn) -> None:
    base = world.open_review(base, TODAY, 3)
    _submit(world, Panel.objects.get(base=base).assignments.order_by("pk")[0])
    shown = signed_in(world.officer).get(f"/rounds/{the_round().pk}/review/experts/?sort=-submitted")
    loads = [(load.expert.full_name, load.assigned, load.submitted, load.waiting) for load in shown.context["page_obj"]]
    assert loads == [("专家0", 1, 1, 0), ("专家1", 1, 0, 1), ("专家2", 1, 0, 1)]
    assert "专业不相近 1" in shown.text


def test_the_assignment_as_excel_is_for_the_department(
    world: World, base: Base, signed_in: SignedIn, tmp_path: Any
) -> None:
    base = world.open_review(base, TODAY, 3)
    leave(Panel.objects.get(base=base).assignments.order_by("pk")[2])
    address = f"/rounds/{the_round().pk}/review/export/"
    path = tmp_path / "list.xlsx"
    path.write_bytes(signed_in(world.officer).get(address).content)
    rows = list(load_workbook(path).active.iter_rows(min_row=3, values_only=True))
    assert [(row[4], row[5], row[9], row[10]) for row in rows] == [
        ("专家0", "外省研究院0", "待评审", None),
        ("专家1", "外省研究院1", "待评审", None),
        ("专家2", "外省研究院2", "已回避", "与申报人合作过"),
    ]
    assert signed_in(world.experts[0]).get(address).status_code == 403


def test_empty_pages_say_what_to_do(world: World, base: Base, signed_in: SignedIn) -> None:
    recognising.reject(base=base, acting=world.officer, on=TODAY, reason="不符合条件。")
    client, address = signed_in(world.officer), f"/rounds/{the_round().pk}/review/"
    assert "没有待评审或评审中的申请书" in client.get(address).text
    assert "还没有分配专家" in client.get(f"{address}experts/").text
    assert "没有待确认的分配方案" in client.get(f"{address}plan/").text
    assert "没有等候启动的申请书" in client.get(f"{address}start/").text


def test_a_computation_that_was_given_up_is_said_and_can_be_dropped(world: World, signed_in: SignedIn) -> None:
    plan = ask(world)
    client, address = signed_in(world.officer), f"/rounds/{the_round().pk}/review/plan/"
    progress.report(assigning.job_key(plan), 30, "正在计算分配方案")
    assert "没有完成" not in client.get(address).text
    OutboxJob.objects.filter(name="assignment_plan").update(state=OutboxJob.State.FAILED)
    assert "没有完成，已停止重试" in client.get(address).text
    client.post(f"{address}discard/")
    plan.refresh_from_db()
    assert plan.state == "discarded"
    jobs.run(OutboxJob.objects.get(name="assignment_plan").pk)
    assert AssignmentPlanEntry.objects.count() == 0


def test_more_applications_cost_no_more_queries(world: World, base: Base, signed_in: SignedIn) -> None:
    client = signed_in(world.officer)
    world.open_review(base, TODAY, 3)
    world.recommended(TODAY)
    address = f"/rounds/{the_round().pk}/review/"

    def costs() -> list[int]:
        made(world)
        counted = []
        for rest in ("", "experts/", "plan/", "plan/apply/", "start/", "export/"):
            client.get(f"{address}{rest}")
            with CaptureQueriesContext(connection) as queries:
                assert client.get(f"{address}{rest}").status_code == 200
            counted.append(len(queries))
        assigning.discard(plan=AssignmentPlan.objects.first(), by=world.officer, on=TODAY)  # type: ignore[arg-type]
        return counted

    before = costs()
    world.in_review(TODAY, experts=3)
    world.recommended(TODAY)
    assert costs() == before
