"""Work after commit: what an act has promised is done once, also when nobody is there to do it at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.apps import apps
from django.db import connections, transaction
from django.db.models.functions import Now
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError

from portal import jobs, tasks
from portal.models import OutboxJob

DONE: list[dict[str, Any]] = []
# The tests put another in its place.
wake = jobs.wake


def work(**payload: Any) -> None:
    """A job that leaves a mark."""
    DONE.append(payload)


def broken(**payload: Any) -> None:
    """A job that writes something and then fails."""
    OutboxJob.objects.create(name="half", key="half done")
    raise RuntimeError("打印机没有纸")


@pytest.fixture(autouse=True)
def handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two kinds of work, registered as the apps do."""
    DONE.clear()
    monkeypatch.setattr(jobs, "_handlers", {})
    jobs.handle("work", f"{__name__}.work")
    jobs.handle("broken", f"{__name__}.broken")


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Whom the worker was told of."""
    told: list[int] = []
    monkeypatch.setattr(jobs, "wake", told.append)
    return told


def states() -> list[tuple[str, str]]:
    return list(OutboxJob.objects.order_by("pk").values_list("key", "state"))


def test_a_job_is_written_with_the_act_and_the_worker_is_told_after_it(
    db: None, woken: list[int], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = jobs.enqueue("work", key="notice 1", notice=1)
        assert woken == []
    assert woken == [job.pk]
    assert (job.name, job.payload, job.state) == ("work", {"notice": 1}, "pending")


@pytest.mark.django_db(transaction=True)
def test_an_act_that_is_taken_back_leaves_no_job_and_tells_nobody(woken: list[int]) -> None:
    def act() -> None:
        with transaction.atomic():
            jobs.enqueue("work", key="notice 1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        act()
    assert (states(), woken) == ([], [])


def test_the_same_key_is_put_there_once_and_keeps_its_first_payload(db: None) -> None:
    first, second = jobs.enqueue("work", key="notice 1", n=1), jobs.enqueue("work", key="notice 1", n=2)
    assert first == second
    assert OutboxJob.objects.get().payload == {"n": 1}


def test_asking_again_for_a_job_that_failed_gives_it_a_new_start(db: None) -> None:
    jobs.enqueue("work", key="notice 1", notice=1)
    OutboxJob.objects.update(state="failed", attempts=5, begun=5, last_error="RuntimeError")
    again = jobs.enqueue("work", key="notice 1", notice=2)
    assert (again.state, again.attempts, again.begun, again.last_error) == ("pending", 0, 0, "")
    jobs.run(again.pk)
    assert (DONE, states()) == ([{"notice": 1}], [("notice 1", "done")])


def test_a_job_that_is_done_stays_done_unless_it_is_wanted_again_as_things_are_now(db: None) -> None:
    job = jobs.enqueue("work", key="notice 1", notice=1)
    jobs.run(job.pk)
    assert jobs.enqueue("work", key="notice 1", notice=2).state == "done"
    again = jobs.enqueue("work", key="notice 1", again=True, notice=2)
    assert (again.pk, again.state, again.done_at) == (job.pk, "pending", None)
    jobs.run(job.pk)
    assert DONE == [{"notice": 1}, {"notice": 2}]


def test_a_job_that_still_waits_is_not_changed_by_asking_again(db: None) -> None:
    jobs.enqueue("work", key="notice 1", notice=1)
    OutboxJob.objects.update(attempts=2, begun=3)
    job = jobs.enqueue("work", key="notice 1", again=True, notice=2)
    assert (job.state, job.attempts, job.begun, job.payload) == ("pending", 2, 3, {"notice": 1})


@pytest.mark.django_db(transaction=True)
def test_asking_again_does_not_wait_for_the_worker_that_has_the_job_in_hand() -> None:
    job = jobs.enqueue("work", key="notice 1")
    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        OutboxJob.objects.select_for_update().get(pk=job.pk)

        def ask() -> str:
            try:
                return jobs.enqueue("work", key="notice 1", again=True).state
            finally:
                connections.close_all()

        assert pool.submit(ask).result(timeout=10) == "pending"


def test_a_job_is_done_once_however_often_the_worker_is_told(db: None) -> None:
    job = jobs.enqueue("work", key="notice 1", notice=1)
    for _n in range(3):
        tasks.run_job(job.pk)
    job.refresh_from_db()
    assert DONE == [{"notice": 1}]
    assert (job.state, job.attempts, job.done_at is not None) == ("done", 0, True)


def test_a_job_that_is_gone_is_no_error(db: None) -> None:
    tasks.run_job(0)
    assert DONE == []


def test_what_a_failed_job_has_written_is_taken_back_and_its_error_is_kept(db: None) -> None:
    job = jobs.enqueue("broken", key="notice 1")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.last_error) == ("pending", 1, "RuntimeError('打印机没有纸')")
    assert states() == [("notice 1", "pending")]


def test_after_five_failures_a_job_stays_down_for_a_person_to_look_at(db: None) -> None:
    job = jobs.enqueue("broken", key="notice 1")
    for _n in range(7):
        jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("failed", 5)


class WorkerKilled(BaseException):
    """What a worker's death looks like from inside: no ``except Exception`` sees it."""


def deadly(**payload: Any) -> None:
    """A job that takes its worker with it."""
    raise WorkerKilled


@pytest.mark.django_db(transaction=True)
def test_a_job_that_kills_its_worker_is_not_tried_for_ever() -> None:
    jobs.handle("deadly", f"{__name__}.deadly")
    job = jobs.enqueue("deadly", key="notice 1")
    deaths = 0
    for _n in range(8):
        try:
            jobs.run(job.pk)
        except WorkerKilled:
            deaths += 1
    job.refresh_from_db()
    assert (deaths, job.state, job.begun) == (5, "failed", 5)
    assert job.last_error == "the worker died while it did the job"


@pytest.mark.django_db(transaction=True)
def test_a_job_that_another_worker_has_done_meanwhile_stays_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between a failed attempt and its note the job is free for another worker."""
    job = jobs.enqueue("broken", key="notice 1")
    OutboxJob.objects.filter(pk=job.pk).update(attempts=4)
    monkeypatch.setattr(
        jobs.log, "exception", lambda *_args: OutboxJob.objects.filter(pk=job.pk).update(state="done", last_error="")
    )
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.last_error) == ("done", "")


def test_a_job_that_failed_is_done_when_what_was_in_its_way_is_gone(db: None) -> None:
    job = jobs.enqueue("broken", key="notice 1", notice=1)
    jobs.run(job.pk)
    jobs.handle("broken", f"{__name__}.work")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (DONE, job.state) == ([{"notice": 1}], "done")


def test_a_job_that_nobody_handles_waits_and_says_so(db: None) -> None:
    job = jobs.enqueue("unheard of", key="notice 1")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.last_error) == ("pending", "KeyError('unheard of')")


def test_without_a_broker_the_act_succeeds_and_the_job_waits(
    db: None, worker: None, django_capture_on_commit_callbacks: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = jobs.enqueue("work", key="notice 1")
    assert states() == [("notice 1", "pending")]
    assert f"no broker reached; outbox job {job.pk} waits for the sweep" in caplog.text


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that cannot be reached."""

    def nobody(*_args: Any, **_options: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(current_app, "send_task", nobody)


def test_the_sweep_tells_the_worker_of_what_still_waits_oldest_first(db: None, woken: list[int]) -> None:
    left, also_left, done, failed, fresh = (jobs.enqueue("work", key=str(n)) for n in range(5))
    OutboxJob.objects.exclude(pk=fresh.pk).update(created_at=Now() - timedelta(seconds=31))
    OutboxJob.objects.filter(pk=done.pk).update(state="done")
    OutboxJob.objects.filter(pk=failed.pk).update(state="failed")
    woken.clear()
    assert jobs.sweep() == 2
    assert woken == [left.pk, also_left.pk]


def test_the_sweep_of_every_minute_also_forgets_old_forms(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    monkeypatch.setattr(jobs, "sweep", lambda: called.append("sweep"))
    monkeypatch.setattr(jobs, "forget_submissions", lambda: called.append("forget"))
    tasks.sweep_outbox()
    assert called == ["sweep", "forget"]


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_does_the_job_and_the_other_does_not_wait(at_once: Callable[..., list[Any]]) -> None:
    job = jobs.enqueue("work", key="notice 1", notice=1)
    assert at_once(*[lambda: jobs.run(job.pk)] * 2) == [None, None]
    assert DONE == [{"notice": 1}]
    assert states() == [("notice 1", "done")]


def test_every_kind_of_job_that_the_apps_promise_names_a_service_that_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    found: dict[str, str] = {}
    monkeypatch.setattr(jobs, "_handlers", found)
    for app in ("portal", "bases", "agreements", "applications", "evaluations"):
        apps.get_app_config(app).ready()
    assert {name: callable(import_string(path)) for name, path in found.items()} == {
        "document_pdf": True,
        "agreement_pdf": True,
        "account_statement": True,
        "appointment_letter": True,
        "practice_certificate": True,
        "notice_pdf": True,
        "objection_answer": True,
        "recommendation_files": True,
        "meeting_papers": True,
        "application_print": True,
        "assignment_plan": True,
        "title_certificate": True,
    }


@pytest.mark.django_db
def test_what_was_given_up_by_day_is_tried_again_at_night() -> None:
    job = jobs.enqueue("say_hello", key="say_hello:1")
    done = jobs.enqueue("say_hello", key="say_hello:2")
    OutboxJob.objects.filter(pk=job.pk).update(state=OutboxJob.State.FAILED, attempts=5, begun=5)
    OutboxJob.objects.filter(pk=done.pk).update(state=OutboxJob.State.DONE)
    assert jobs.revive() == 1
    assert list(OutboxJob.objects.order_by("pk").values_list("state", "attempts", "begun")) == [
        ("pending", 0, 0), ("done", 0, 0),
    ]  # fmt: skip


def test_what_somebody_waits_for_comes_before_what_the_sweep_and_the_demo_left(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr(
        current_app, "send_task", lambda name, *, args, retry, priority: sent.append((args[0], priority))
    )
    wake(1)
    with jobs.unhurried():
        wake(2)
    wake(3)
    # On Redis the lowest number comes first.
    assert sent == [(1, 0), (2, 9), (3, 0)]
