"""The demo as a visitor finds it: everybody, every state, each base plausibly where it is, on whatever day it was loaded."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client, override_settings
from django.urls import reverse

from agreements.models import AgreementRevision
from applications.models import (
    Assignment,
    AssignmentPlan,
    AvoidedExpert,
    NoticeEntry,
    Objection,
    PreliminaryList,
    PublicNotice,
    Quota,
    ResultLetter,
    ReviewMeeting,
    Round,
    SheetUnlock,
)
from applications.services import declaring, drafting
from applications.services.rounds import current_round, places_used
from bases.acting import as_acting
from bases.lifecycle import State
from bases.models import Base, Department, Membership, PartnerUnit, TrainingUnit
from bases.services.history import first_flaw
from bases.validators import validate_credit_code
from evaluations.demo import cast, loading, pdf_upload
from evaluations.management.commands.load_demo import accounts, width_of
from evaluations.models import Assessment, Reminder, RevocationProposal
from evaluations.services import daily
from portal import calendar, clock, inbox
from portal.models import CalendarYear, OutboxJob, User
from portal.roles import Role

DATES = [
    pytest.param(date(2026, 11, 24), id="an ordinary Tuesday"),
    pytest.param(date(2027, 1, 1), id="the first day of a year"),
    pytest.param(date(2028, 2, 29), id="a leap day in a year that no library knows"),
]


@pytest.fixture(scope="module")
def _stage(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What the loader needs, for as long as a loaded demo is shared; setting its papers in type is tested elsewhere."""
    changed = override_settings(
        DEMO=True,
        MEDIA_ROOT=tmp_path_factory.mktemp("files"),
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    )
    with pytest.MonkeyPatch.context() as patch, changed, django_db_blocker.unblock():
        patch.setattr(loading, "_papers", lambda: pdf_upload)
        yield


@dataclass(frozen=True)
class Loading:
    """How the demo was loaded: the day, the rows before it, those that an interrupted run left, and what the next run said."""

    day: date
    before: dict[str, int]
    left_by_the_interrupted: dict[str, int]
    said: str


@pytest.fixture(scope="module", params=DATES)
def loaded(_stage: None, request: pytest.FixtureRequest) -> Iterator[Loading]:
    def stop(*_more: Any) -> None:
        raise KeyboardInterrupt

    with transaction.atomic():
        clock.move_to(request.param)
        before = rows()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(loading, "_run_daily", stop)
            with pytest.raises(KeyboardInterrupt):
                run_command()
        yield Loading(request.param, before, rows(), run_command())
        transaction.set_rollback(True)


@pytest.fixture
def demo(loaded: Loading, on_day: Callable[[date], None]) -> date:
    """The day as which the demo was loaded, and which it is; what a test does to the demo is undone."""
    on_day(loaded.day)
    return loaded.day


def as_role(username: str, role: str) -> Any:
    return as_acting(Membership.objects.get(user__username=username, role=role))


def run_command() -> str:
    out = StringIO()
    call_command("load_demo", stdout=out)
    return out.getvalue()


def rows() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def test_an_interrupted_run_leaves_nothing_the_next_loads_and_the_third_changes_nothing(
    loaded: Loading, demo: date
) -> None:
    connection.check_constraints()
    assert loaded.left_by_the_interrupted == loaded.before
    assert f"已载入演示数据：{Base.objects.count()} 个基地" in loaded.said
    assert accounts() in loaded.said
    there, states = rows(), list(Base.objects.order_by("pk").values_list("state", "events_count"))

    said = run_command()
    assert "演示数据已在，没有改动。" in said
    assert accounts() in said
    assert rows() == there
    assert list(Base.objects.order_by("pk").values_list("state", "events_count")) == states


def test_every_state_is_there_and_the_history_holds(demo: date) -> None:
    assert set(Base.objects.values_list("state", flat=True)) == set(State.values)
    assert first_flaw() is None
    units = {name: set() for name in Base.objects.values_list("training_unit__name", flat=True)}
    for unit, state in Base.objects.values_list("training_unit__name", "state"):
        units[unit].add(state)
    assert len(units) == 4
    assert all(len(states) >= 4 for states in units.values())


def test_a_visitor_can_declare_a_new_base_at_once(demo: date) -> None:
    open_round = current_round(demo)
    assert open_round is not None
    assert open_round.year == demo.year
    for quota in Quota.objects.filter(round=open_round):
        assert places_used(quota) < quota.places, quota
    for username in ("shenbao1", "shenbao2", "shenbao3", "shenbao4"):
        acting = as_role(username, Role.APPLICANT)
        assert drafting.start_application(name="新的基地", by=acting, on=demo).round == open_round


def test_every_base_is_plausibly_where_it_is(demo: date) -> None:
    drafts = Base.objects.filter(state=State.DRAFTING)
    reasons = [declaring.declare_reasons(base, as_acting_applicant(base), demo) for base in drafts]
    assert Counter(bool(each) for each in reasons) == {False: 2, True: 1}

    notices = NoticeEntry.objects.filter(base__state=State.UNIT_NOTICE)
    ended = [entry.notice.ends_on < demo for entry in notices.select_related("notice")]
    assert Counter(ended) == {False: 3, True: 1}  # one stands on a withdrawn list and on the one that took its place
    assert Counter(Objection.objects.values_list("base__state", "status")) == {
        (State.UNIT_NOTICE, "accepted"): 1,
        (State.UNIT_NOTICE, "declined"): 1,
        (State.UNIT_NOTICE, "dismissed"): 1,
        (State.NOT_RECOMMENDED, "upheld"): 1,
        (State.RECOGNITION_NOTICE, "submitted"): 1,
    }
    assert PublicNotice.objects.filter(published_on__gt=demo).count() == 0

    assessing = Assessment.objects.filter(closed_on=None, base__state=State.ASSESSING)
    assert assessing.filter(
        submitted_on=None, report_due_on__gt=demo, report_due_on__lte=demo + timedelta(days=21)
    ).exists()
    assert assessing.exclude(proposed_grade="").filter(grade="").exists()
    assert RevocationProposal.objects.get(status="open").prepared_by is None
    assert Assignment.objects.filter(status="assigned", panel__purpose="assessment").count() == 2
    assert Assignment.objects.filter(status="assigned", panel__purpose="application").count() == 2
    soon = Reminder.objects.filter(due_on__gt=demo, due_on__lte=demo + timedelta(days=30))
    assert set(soon.values_list("kind", flat=True)) == {"assessment", "reassessment"}
    assert daily.run(on=demo, dry_run=True).as_json() == daily.Report(on=demo, dry_run=True).as_json()


def test_a_round_is_under_review_with_something_on_every_page(demo: date) -> None:
    review, deliberation = ReviewMeeting.objects.order_by("kind", "pk").reverse()
    assert (review.state, deliberation.state) == ("concluded", "draft")
    assert Counter(review.items.values_list("conclusion", flat=True)) == {"agreed": 3, "refused": 1}
    assert review.items.exclude(recused=None).count() == 2
    assert (deliberation.items.count(), deliberation.held_on < demo) == (3, True)
    assert OutboxJob.objects.filter(name="meeting_papers", state="pending").count() == 1

    adopted = PreliminaryList.objects.get()
    (by_hand,) = adopted.entries.exclude(reason="")
    assert (adopted.state, adopted.meeting, by_hand.by_cutoff, by_hand.chosen) == ("adopted", review, False, True)
    assert sorted(adopted.entries.values_list("chosen", flat=True)) == [False, True, True, True]

    plan = AssignmentPlan.objects.get()
    assert (plan.state, plan.entries.count()) == ("draft", plan.size)
    (unlocked,) = SheetUnlock.objects.all()
    assert (unlocked.sheet.submitted_on, unlocked.sheet.assignment.status) == (demo, "submitted")
    assert [each.document.annexes[0]["paragraphs"] != [] for each in ResultLetter.objects.all()] == [True]
    assert AvoidedExpert.objects.count() == 1
    waiting = AgreementRevision.objects.filter(done_on=None)
    assert sorted(each.base.cooperation_agreements.filter(status="signed").exists() for each in waiting) == [
        False,
        True,
    ]


def test_whoever_takes_part_in_the_review_finds_their_part_waiting(demo: date) -> None:
    for username, role, buttons in (
        ("jingban1", Role.DEPT_OFFICER, {"登记结论", "办理", "核对分配方案", "排序与初步名单", "查看专家"}),
        ("shenpi1", Role.DEPT_LEADER, {"核对并启用"}),
        ("yanyuan1", Role.UNIT_OFFICER, {"修订协议"}),
        ("qiye6", Role.PARTNER_OFFICER, {"核对签署件"}),
    ):
        assert buttons - {item.button for item in inbox.items(as_role(username, role), demo)} == set(), username
    due = [item.due for item in inbox.items(as_role("zhuanjia1", Role.EXPERT), demo)]
    assert due == [demo + timedelta(days=8), None]


def as_acting_applicant(base: Base) -> Any:
    return as_role(base.applicant.username, Role.APPLICANT)


def test_the_cast_is_complete_and_invented(demo: date) -> None:
    assert Counter(Membership.objects.values_list("role", flat=True)).keys() == set(Role.values)
    assert set(PartnerUnit.objects.values_list("kind", flat=True)) == set(PartnerUnit.Kind.values)
    assert set(TrainingUnit.objects.values_list("kind", flat=True)) == set(TrainingUnit.Kind.values)
    for partner in PartnerUnit.objects.all():
        validate_credit_code(partner.credit_code)
    assert all(unit.code.startswith("1900") for unit in TrainingUnit.objects.all())
    assert "演示" in Department.objects.get().name
    for unit in TrainingUnit.objects.all():
        unit.full_clean()
        assert unit.categories.count() >= 3


def test_one_password_opens_every_account(demo: date) -> None:
    for person in cast.PEOPLE:
        user = authenticate(username=person.username, password=cast.PASSWORD)
        assert user is not None, person.username
    assert "（已修改）" not in accounts()
    changed = User.objects.get(username="shenbao1")
    changed.set_password("another-portal-2027")
    changed.save()
    assert accounts().count("（已修改）") == 1


@pytest.mark.parametrize("role", Role.values)
def test_each_role_can_sign_in_and_sees_its_home(client: Client, demo: date, role: str) -> None:
    person = next(p for p in cast.PEOPLE if [r for r, _organisation in p.roles] == [role])
    answer = client.post(reverse("login"), {"username": person.username, "password": cast.PASSWORD}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("home")
    assert answer.status_code == 200
    assert person.name in answer.content.decode()
    acting = as_role(person.username, role)
    assert len(inbox.items(acting, demo)) == answer.context["shell"].inbox_count


def test_whoever_acts_for_the_bases_finds_work_waiting(demo: date) -> None:
    for username, role in (
        ("shenbao1", Role.APPLICANT), ("shenbao2", Role.APPLICANT), ("yanyuan1", Role.UNIT_OFFICER),
        ("yanyuan2", Role.UNIT_OFFICER), ("yanyuan3", Role.UNIT_OFFICER), ("qiye1", Role.PARTNER_OFFICER),
        ("jingban1", Role.DEPT_OFFICER), ("jingban2", Role.DEPT_OFFICER), ("shenpi1", Role.DEPT_LEADER),
        ("shenpi2", Role.DEPT_LEADER),
    ):  # fmt: skip
        assert inbox.items(as_role(username, role), demo), username
    busy = {n: len(inbox.items(as_role(f"zhuanjia{n}", Role.EXPERT), demo)) for n in range(1, 7)}
    assert busy == {1: 2, 2: 1, 3: 0, 4: 1, 5: 0, 6: 0}


def test_a_person_with_several_roles_chooses(client: Client, demo: date) -> None:
    client.post(reverse("login"), {"username": "duojuese", "password": cast.PASSWORD})
    answer = client.get(reverse("choose-role"))
    assert answer.status_code == 200
    assert {m.role for m in answer.context["memberships"]} == {Role.APPLICANT, Role.UNIT_OFFICER, Role.EXPERT}


def test_the_calendar_is_guessed_only_where_nobody_knows_it_and_says_so(demo: date) -> None:
    entered = CalendarYear.objects.order_by("year")
    assert [entry.year for entry in entered] == [*range(2027, demo.year + 5)]
    assert {entry.source for entry in entered} == {loading.CALENDAR_SOURCE}
    assert "演示数据：按周末推算" in loading.CALENDAR_SOURCE
    assert calendar.load().is_working_day(date(2026, 10, 1)) is False
    assert calendar.load().after(date(2030, 5, 10), 5) == date(2030, 5, 17)


def test_what_the_visitors_did_stays(demo: date) -> None:
    acting = as_role("shenbao1", Role.APPLICANT)
    base = Base.objects.get(state=State.DRAFTING, applicant=acting.user)
    declaring.declare(base=base, acting=acting, on=demo)
    Department.objects.update(name="改过名的教育厅")
    later = demo + timedelta(days=100)
    daily.run(on=later)
    clock.move_to(later)
    before = rows()
    assert "没有改动" in run_command()
    assert rows() == before
    assert Base.objects.get(pk=base.pk).state == State.DECLARED


def test_a_year_ahead_the_daily_job_still_works(demo: date) -> None:
    later = demo + timedelta(days=800)
    report = daily.run(on=later)
    assert report.failed == []
    assert report.refused == []
    assert report.opened
    assert first_flaw() is None


def test_the_table_is_aligned_for_wide_characters(demo: date) -> None:
    head, rule, *lines = accounts().splitlines()
    start = width_of(head[: head.index("单位")])
    for line, (person, organisation) in zip(lines, [(p, o) for p in cast.PEOPLE for _role, o in p.roles], strict=True):
        shown = organisation or line.split()[-1]
        assert line.startswith(person.username)
        assert width_of(line[: line.rindex(shown)]) == start, line
    assert set(rule) == {"─", " "}


def test_each_round_has_a_year_of_its_own_and_each_application_lies_in_it(demo: date) -> None:
    for round_ in Round.objects.all():
        assert round_.opens_on.year == round_.year
        for application in round_.applications.exclude(declared_on=None):
            assert round_.opens_on <= application.declared_on <= application.window.closes_on


def test_the_notices_wait_for_the_worker(demo: date) -> None:
    assert OutboxJob.objects.filter(name="notice_pdf", state="pending").count() == PublicNotice.objects.filter(
        state__in=PublicNotice.OUT
    ).count()  # fmt: skip


def test_a_notice_is_there_in_every_state(demo: date) -> None:
    assert set(PublicNotice.objects.values_list("state", flat=True)) == set(PublicNotice.State.values)
    assert PublicNotice.objects.exclude(replaces=None).get().replaces.state == "withdrawn"
