"""The daily job (第十五条, 第十九条): what is due is opened, what was missed is proposed, what comes is reminded of; once, whatever happens."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from applications.services import recognising
from bases.lifecycle import Grade, State
from bases.models import Base, LifecycleEvent
from bases.services.history import first_flaw
from evaluations import inbox
from evaluations.models import Assessment, Reminder, RevocationProposal
from evaluations.services import assessing, daily, revoking
from portal import clock
from tests.evaluations.conftest import new_policy, now
from tests.evaluations.rows import Rows, everything, traces
from tests.factories import World

ONE_DAY, TWO_YEARS, THREE_YEARS = timedelta(days=1), relativedelta(years=2), relativedelta(years=3)
NOTHING: dict[str, list[Any]] = {"opened": [], "proposed": [], "reminded": [], "refused": [], "failed": []}


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def run_on(dates: list[date]) -> None:
    for on in dates:
        daily.run(on=on)


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside leaves nothing."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def after(dates: list[date]) -> Rows:
    """What stands in the database after runs on those days; undone again."""
    with undone():
        run_on(dates)
        return traces()


def did(on: date) -> dict[str, list[Any]]:
    """What a run reports, without date and kind of run."""
    report = daily.run(on=on).as_json()
    return {key: report[key] for key in NOTHING}


@pytest.mark.article("15")
class TestOpening:
    def test_it_opens_on_the_day_the_period_is_over_and_not_the_day_before(self, world: World, today: date):
        base = world.constructing(today - THREE_YEARS)
        assert base.assessment_due_on == today
        assert daily.run(on=today - ONE_DAY).opened == []
        assert now(base).state == State.CONSTRUCTING
        assert daily.run(on=today).opened == [
            {"base": base.pk, "name": base.name, "what": "assessment", "on": "2026-11-24"}
        ]
        opened = Assessment.objects.get()
        assert (opened.base, opened.kind, opened.opened_on) == (base, Assessment.Kind.ASSESSMENT, today)
        assert opened.report_due_on == today + timedelta(days=60)
        assert now(base).state == State.ASSESSING

    def test_the_history_names_the_daily_job(self, world: World, today: date):
        event = LifecycleEvent.objects.filter(base=world.assessing(today)).last()
        assert (event.transition, event.source, event.target) == ("open_assessment", "constructing", "assessing")
        assert (event.actor, event.actor_name, event.role, event.articles) == (None, "系统每日任务", "daily_job", "15")
        assert first_flaw() is None

    @pytest.mark.article("19")
    def test_the_reassessment_opens_on_the_day_the_time_to_rectify_ends(self, world: World, today: date):
        base = world.rectifying(today - TWO_YEARS)
        assert daily.run(on=today - ONE_DAY).opened == []
        assert daily.run(on=today).opened == [
            {"base": base.pk, "name": base.name, "what": "reassessment", "on": "2026-11-24"}
        ]
        assert now(base).state == State.REASSESSING

    def test_a_demonstration_base_is_assessed_again_as_well(self, world: World, today: date):
        base = world.demonstration(today)
        due = today + THREE_YEARS
        assert daily.run(on=due - ONE_DAY).opened == []
        daily.run(on=due)
        assert (now(base).state, now(base).title_number) == (State.ASSESSING, base.title_number)

    @pytest.mark.article("12")
    def test_a_period_from_29_february_ends_on_28_february(self, world: World):
        base = world.recognised(date(2024, 1, 29))
        leap_day = date(2024, 2, 29)
        recognising.publish_recognition_document(
            bases=[base], title="关于公布名单的通知", document_date=leap_day, published_on=leap_day, by=world.officer, on=leap_day
        )  # fmt: skip
        base = now(base)
        due = date(2027, 2, 28)
        assert (base.construction_started_on, base.construction_ends_on) == (leap_day, due)
        assert daily.run(on=date(2027, 2, 27)).opened == []
        assert [entry["on"] for entry in daily.run(on=date(2027, 3, 1)).opened] == ["2027-02-28"]
        graded = world.graded(base, Grade.QUALIFIED, date(2027, 3, 20))
        assert graded.assessment_due_on == date(2030, 2, 28)

    @pytest.mark.article("19")
    def test_a_time_to_rectify_from_29_february_ends_on_28_february(self, world: World):
        base = world.rectifying(date(2028, 2, 29))
        assert base.rectification_ends_on == date(2030, 2, 28)


@pytest.mark.article("15")
class TestReminders:
    def test_people_are_reminded_180_90_30_and_7_days_before(self, world: World, today: date):
        base = world.constructing(today - THREE_YEARS)
        reminded = {}
        for on in days(today - timedelta(days=181), today):
            for entry in daily.run(on=on).reminded:
                reminded[on] = entry
        assert reminded == {
            today - timedelta(days=step): {
                "base": base.pk, "name": base.name, "what": "assessment", "due": "2026-11-24", "days_before": step,
            }
            for step in (180, 90, 30, 7)
        }  # fmt: skip
        assert list(Reminder.objects.order_by("on").values_list("kind", "due_on", "days_before", "on")) == [
            ("assessment", today, step, today - timedelta(days=step)) for step in (180, 90, 30, 7)
        ]

    @pytest.mark.article("19")
    def test_of_the_end_of_rectification_as_well(self, world: World, today: date):
        world.rectifying(today - TWO_YEARS)
        Reminder.objects.all().delete()
        daily.run(on=today - timedelta(days=31))
        daily.run(on=today - timedelta(days=30))
        assert list(Reminder.objects.order_by("on").values_list("kind", "days_before", "on")) == [
            ("reassessment", step, today - timedelta(days=step)) for step in (180, 90, 30)
        ]

    def test_they_reach_unit_and_partner_once_with_the_days_that_are_left(self, world: World, today: date):
        base = world.constructing(today - THREE_YEARS)
        on = today - timedelta(days=30)
        daily.run(on=on)
        for who in (world.applicant, world.unit_officer, world.partner_officer):
            items = [(item.group, item.title, item.due) for item in inbox.source(who, on)]
            assert items == [("提醒", base.name, today)]
        for who in (world.other_applicant, world.other_unit_officer, world.other_partner_officer, world.officer):
            assert list(inbox.source(who, on)) == []

    def test_the_version_under_which_a_base_began_says_when(self, world: World, today: date):
        world.constructing(today - THREE_YEARS)
        new_policy(today - timedelta(days=200), today - THREE_YEARS, reminder_days=[10, 5])
        daily.run(on=today - ONE_DAY)
        assert set(Reminder.objects.values_list("days_before", flat=True)) == {180, 90, 30, 7}

    def test_a_next_period_is_reminded_by_the_version_in_which_it_began(self, world: World, today: date):
        """第十五条: it begins with the decision on the assessment before it, not with the construction."""
        began = today - THREE_YEARS
        base = world.constructing(began - THREE_YEARS)
        new_policy(began - timedelta(days=5), began - timedelta(days=9), reminder_days=[60])
        new_policy(began + timedelta(days=5), began, reminder_days=[10, 5])
        daily.run(on=began)
        world.graded(now(base), Grade.QUALIFIED, began)
        Reminder.objects.all().delete()
        daily.run(on=today - ONE_DAY)
        assert list(Reminder.objects.values_list("kind", "days_before")) == [("assessment", 60)]

    def test_a_rectification_is_reminded_by_the_version_in_which_it_began(self, world: World, today: date):
        began = today - TWO_YEARS
        new_policy(began - timedelta(days=5), began - timedelta(days=9), reminder_days=[60])
        new_policy(began + timedelta(days=5), began, reminder_days=[10, 5])
        world.rectifying(began)
        Reminder.objects.all().delete()
        daily.run(on=today - ONE_DAY)
        assert list(Reminder.objects.values_list("kind", "days_before")) == [("reassessment", 60)]


@pytest.mark.article("19")
class TestAbsence:
    def test_it_is_proposed_the_day_after_the_report_was_due(self, world: World, today: date):
        base = world.assessing(today)
        due = base.assessments.get().report_due_on
        assert daily.run(on=due).proposed == []
        assert daily.run(on=due + ONE_DAY).proposed == [
            {"base": base.pk, "name": base.name, "what": "absent", "on": (due + ONE_DAY).isoformat()}
        ]
        assert list(RevocationProposal.objects.values_list("base", "ground", "prepared_by", "prepared_on")) == [
            (base.pk, "absent", None, due + ONE_DAY)
        ]

    def test_it_is_never_decided_by_the_job(self, world: World, today: date):
        base = world.assessing(today)
        daily.run(on=today + relativedelta(years=5))
        assert now(base).state == State.ASSESSING
        assert [p.status for p in RevocationProposal.objects.all()] == [RevocationProposal.Status.OPEN]

    def test_a_report_on_the_last_day_is_in_time(self, world: World, today: date):
        base = world.assessing(today)
        due = base.assessments.get().report_due_on
        assessing.submit_report(base=base, acting=world.applicant, on=due, report="如期提交。")
        assert did(due + timedelta(days=90)) == NOTHING


@pytest.fixture
def life(world: World, today: date) -> list[date]:
    """Five bases on which much comes due in the days returned: openings of both kinds, reminders, reports that never come."""
    start = today - timedelta(days=20)
    for year in range(2020, 2025):
        world.round(date(year, 1, 1))
    world.constructing(today - THREE_YEARS)  # opens in the middle, and nobody reports
    world.constructing(today - THREE_YEARS + timedelta(days=70))  # the same, and for a part of it together
    world.rectifying(today - TWO_YEARS + timedelta(days=5))  # its time ends, the reassessment is missed
    world.assessing(start - timedelta(days=10))  # the report is still to come, and does not
    world.graded(world.assessing(start - timedelta(days=200)), Grade.EXCELLENT, start)  # due again much later
    return days(start, today + timedelta(days=160))


@pytest.fixture(scope="module")
def known() -> dict[str, Rows]:
    return {}


@pytest.fixture
def every_day(life: list[date], known: dict[str, Rows]) -> Rows:
    """What stands in the database when the job has run every single day; found out once, it holds nothing of one test."""
    if "rows" not in known:
        known["rows"] = after(life)
    return known["rows"]


@pytest.mark.article("15")
class TestOnceWhateverHappens:
    def test_the_days_of_this_story_are_full(self, life: list[date]):
        reports = [daily.run(on=on) for on in life]
        assert sorted(entry["what"] for report in reports for entry in report.opened) == [
            *("assessment", "assessment", "reassessment"),
        ]
        assert [entry["what"] for report in reports for entry in report.proposed] == ["absent"] * 4
        assert len([entry for report in reports for entry in report.reminded]) == 6
        assert [report.refused + report.failed for report in reports] == [[]] * len(life)

    def test_running_again_gives_nothing_new(self, life: list[date]):
        run_on([life[0], life[-1]])
        before = everything()
        for on in (life[-1], life[10], life[-1]):
            assert did(on) == NOTHING
        assert everything() == before

    @pytest.mark.article("19")
    def test_however_often_and_however_late_it_runs_the_database_holds_the_same(
        self, life: list[date], every_day: Rows, subtests: pytest.Subtests
    ):
        schedules = {
            "twice a day": [on for on in life for _ in range(2)],
            "after a week of outage in which the assessment was due": life[:15] + life[22:],
            "after a week of outage in which the time to rectify ended": life[:25] + life[32:],
            "after a week of outage in which two reports were missed": life[:80] + life[87:],
            "after months of outage": [life[0], life[-1]],
            "on the last day only": [life[-1]],
            "every Monday": [on for on in life if on.weekday() == 0] + [life[-1]],
        }
        for name, dates in schedules.items():
            with subtests.test(name):
                assert after(dates) == every_day

    def test_each_thing_carries_the_day_on_which_it_was_due(self, world: World, today: date):
        base = world.rectifying(today - TWO_YEARS)
        daily.run(on=today + timedelta(days=300))
        assert list(base.assessments.filter(kind="reassessment").values_list("opened_on", "report_due_on")) == [
            (today, today + timedelta(days=60))
        ]
        assert LifecycleEvent.objects.filter(base=base).last().on == today
        assert revoking.open_proposal(base).prepared_on == today + timedelta(days=61)
        assert first_flaw() is None

    @settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_any_days_that_end_with_the_last_give_the_same_as_every_day(
        self, life: list[date], every_day: Rows, data: st.DataObject
    ):
        some = data.draw(st.sets(st.sampled_from(life), max_size=8), label="days on which it ran")
        assert after([*sorted(some - {life[-1]}), life[-1]]) == every_day

    def test_a_policy_that_changes_in_the_middle_serves_what_begins_under_it(
        self, world: World, today: date, life: list[date]
    ):
        change = today + timedelta(days=3)
        new_policy(change, life[0], report_days=20, reminder_days=[60, 14])
        every_day = after(life)
        assert after([life[0], life[-1]]) == every_day
        assert after([*life[:22], life[40], life[-1]]) == every_day
        opened = {row[2]: (row[3] - row[2]).days for row in every_day["assessments"] if row[2] >= life[0]}
        assert opened == {
            today: 60,  # a day that was before the change
            today + timedelta(days=5): 20,
            today + timedelta(days=70): 20,
        }


@pytest.mark.article("15")
@pytest.mark.django_db(transaction=True)
class TestTwoRunsAtOnce:
    def test_they_leave_the_same_as_one(self, life: list[date], every_day: Rows, at_once):
        reports = at_once(*[lambda: daily.run(on=life[-1])] * 2)
        assert traces() == every_day
        assert [report.failed for report in reports] == [[], []]
        assert [report.refused for report in reports] == [[], []]
        assert sum(len(report.opened) for report in reports) == 3
        assert sum(len(report.proposed) for report in reports) == 4
        assert sum(len(report.reminded) for report in reports) == 6
        assert first_flaw() is None

    def test_a_run_beside_a_report_that_comes_in_leaves_one_of_the_two(self, world: World, today: date, at_once):
        base = world.assessing(today)
        on = base.assessments.get().report_due_on + ONE_DAY
        at_once(
            lambda: daily.run(on=on),
            lambda: assessing.submit_report(base=base, acting=world.applicant, on=on, report="迟交。"),
        )
        assert base.assessments.get().report == "迟交。"
        assert base.revocation_proposals.count() in {0, 1}
        assert did(on) == NOTHING


class TestDryRun:
    def test_it_reports_the_same_and_changes_nothing(self, life: list[date]):
        before = everything()
        dry = daily.run(on=life[-1], dry_run=True).as_json()
        assert everything() == before
        real = daily.run(on=life[-1]).as_json()
        assert (dry.pop("dry_run"), real.pop("dry_run")) == (True, False)
        assert dry == real
        assert (len(real["opened"]), len(real["proposed"]), len(real["reminded"])) == (3, 4, 6)


@pytest.fixture
def broken(world: World, today: date, monkeypatch: pytest.MonkeyPatch) -> tuple[Base, Base]:
    """Two bases are due, and for the first of them something unforeseen goes wrong."""
    first, second = world.constructing(today - THREE_YEARS), world.constructing(today - THREE_YEARS)
    real = assessing.open_due

    def open_due(*, base: Base, **given: Any) -> Assessment:
        opened = real(base=base, **given)
        if base.pk == first.pk:
            raise RuntimeError("disk full")
        return opened

    monkeypatch.setattr(assessing, "open_due", open_due)
    return first, second


class TestOneBrokenItem:
    def test_it_does_not_hold_up_the_others(self, today: date, broken: tuple[Base, Base]):
        first, second = broken
        report = daily.run(on=today)
        assert [entry["base"] for entry in report.opened] == [second.pk]
        assert report.failed == [
            {"kind": "open", "key": first.pk, "on": "2026-11-24", "error": "RuntimeError('disk full')"}
        ]
        assert (now(first).state, now(second).state) == (State.CONSTRUCTING, State.ASSESSING)
        assert Assessment.objects.count() == 1

    def test_it_is_made_up_for_with_its_own_day_when_it_works_again(
        self, today: date, broken: tuple[Base, Base], monkeypatch: pytest.MonkeyPatch
    ):
        daily.run(on=today)
        monkeypatch.undo()
        daily.run(on=today + timedelta(days=9))
        assert list(Assessment.objects.values_list("opened_on", flat=True)) == [today, today]

    def test_the_command_says_so_and_ends_with_1(self, today: date, broken: tuple[Base, Base], on_day, capsys):
        with pytest.raises(CommandError) as error:
            call_command("run_daily", on=today)
        assert (error.value.returncode, str(error.value)) == (
            1,
            "1 项未能办理，其余已办理；原因见输出的 failed 和日志。",
        )
        assert [entry["base"] for entry in json.loads(capsys.readouterr().out)["opened"]] == [broken[1].pk]

    def test_a_dry_run_foresees_it(self, today: date, broken: tuple[Base, Base]):
        dry, real = daily.run(on=today, dry_run=True).as_json(), daily.run(on=today).as_json()
        assert dry | {"dry_run": False} == real


class TestQueries:
    def test_a_run_with_nothing_due_asks_the_database_the_same_few_questions(
        self, world: World, today: date, django_assert_num_queries
    ):
        def nothing_due() -> None:
            with django_assert_num_queries(5):
                assert did(today) == NOTHING

        nothing_due()
        for _ in range(2):
            world.constructing(today)
            world.demonstration(today)
            world.rectifying(today)
        daily.run(on=today)
        nothing_due()


class TestCommand:
    def run(self, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
        call_command("run_daily", *words)
        return json.loads(capsys.readouterr().out)

    def test_it_prints_what_was_opened_proposed_and_reminded_as_json(self, world: World, on_day, today: date, capsys):
        base = world.constructing(today - THREE_YEARS)
        printed = self.run(capsys, "--on", today.isoformat())
        assert printed == {
            "on": "2026-11-24",
            "dry_run": False,
            "opened": [{"base": base.pk, "name": base.name, "what": "assessment", "on": "2026-11-24"}],
            "proposed": [],
            "reminded": [
                {"base": base.pk, "name": base.name, "what": "assessment", "due": "2026-11-24", "days_before": step}
                for step in (180, 90, 30, 7)
            ],
            "refused": [],
            "failed": [],
        }
        assert now(base).state == State.ASSESSING

    def test_without_a_date_it_does_what_is_due_today(self, world: World, on_day, today: date, capsys):
        base = world.constructing(today - THREE_YEARS)
        printed = self.run(capsys)
        assert (printed["on"], [entry["base"] for entry in printed["opened"]]) == ("2026-11-24", [base.pk])

    def test_a_dry_run_prints_the_same_and_leaves_data_and_date_alone(
        self, world: World, on_day: Callable[[date], None], today: date, capsys
    ):
        world.constructing(today - THREE_YEARS)
        later = today + timedelta(days=100)
        before = everything()
        dry = self.run(capsys, "--on", later.isoformat(), "--dry-run")
        assert (everything(), clock.today()) == (before, today)
        assert dry | {"dry_run": False} == self.run(capsys, "--on", later.isoformat())
        assert (len(dry["opened"]), len(dry["proposed"])) == (1, 1)

    @pytest.mark.parametrize("words", ["2027-13-01", "2027-02-30", "明天", ""])
    def test_a_wrong_date_is_answered_in_chinese(self, db: None, words: str):
        before = everything()
        with pytest.raises(CommandError, match=f"“{words}”不是日期，请写成 2027-03-01 的样子。"):
            call_command("run_daily", f"--on={words}")
        assert everything() == before

    def test_a_date_in_the_future_is_refused_outside_a_demo(self, world: World, settings: Any):
        settings.DEMO = False
        real = timezone.localdate()
        base = world.constructing(date(2024, 6, 3))
        before = everything()
        with pytest.raises(CommandError) as error:
            call_command("run_daily", on=real + relativedelta(years=20))
        assert str(error.value) == (
            f"{real + relativedelta(years=20)} 还没有到（今天是 {real}）；只有演示环境（PORTAL_DEMO）可以提前日期。"
        )
        assert everything() == before
        assert now(base).state == State.CONSTRUCTING

    def test_a_date_in_the_future_moves_the_date_of_a_demo(self, world: World, on_day, today: date, capsys):
        base = world.constructing(today)
        due = today + THREE_YEARS
        self.run(capsys, "--on", due.isoformat())
        assert (clock.today(), now(base).state) == (due, State.ASSESSING)

    def test_a_date_in_the_past_leaves_the_date_of_a_demo(self, world: World, on_day, today: date, capsys):
        assert self.run(capsys, "--on", (today - ONE_DAY).isoformat())["on"] == "2026-11-23"
        assert clock.today() == today
