"""A real Celery worker on a real Redis, at work on the test database: what was promised on commit is kept, also when it is killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from dateutil.relativedelta import relativedelta
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.utils import timezone
from kombu import pools

from applications.models import PublicNotice
from bases.lifecycle import State
from portal import celery_app, embedded, jobs
from portal.models import OutboxJob, StoredFile
from tests.evaluations.conftest import now
from tests.factories import World

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE_SECONDS = 90


def database_url() -> str:
    """Where the worker finds the test database."""
    server: dict[str, Any] = connection.settings_dict
    if server["HOST"].startswith("/"):
        return f"postgresql://{server['USER']}@/{quote('/'.join((server['HOST'], server['NAME'])))}"
    person = f"{quote(server['USER'])}:{quote(server['PASSWORD'])}"
    return f"postgresql://{person}@{server['HOST']}:{server['PORT'] or 5432}/{server['NAME']}"


def eventually(condition: Callable[[], Any], what: str) -> None:
    """Waits for what another process does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.05)


def others(condition: str = "true") -> int:
    """How many other connections work on the test database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # a transaction sees the same activity all along
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"  # noqa: S608 - our own words
            f" WHERE datname = current_database() AND pid <> pg_backend_pid() AND {condition}"
        )
        return int(cursor.fetchone()[0])


class Worker:
    """A worker as `manage.py serve` starts it, on the test's database, queue and files."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        surroundings = {
            "DATABASE_URL": database_url(), "REDIS_URL": embedded.redis_url(self.var), "PORTAL_VAR": str(self.var), "DEBUG": "1",
        }  # fmt: skip
        with (self.var / "worker.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "celery", "--quiet", "--app", "portal", "worker", "--concurrency", "1"],
                cwd=django_settings.BASE_DIR, env=os.environ | surroundings, stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def kill(self) -> None:
        """SIGKILL to the worker and its pool: nobody can put anything in order."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None
        eventually(lambda: others() == 0, "the killed worker's connections are gone")


@pytest.fixture
def worker(transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    """Not started yet; what the test promises goes to its queue."""
    found = Worker(tmp_path)
    with embedded.running_redis(tmp_path):
        monkeypatch.setattr(celery_app.conf, "broker_url", embedded.redis_url(tmp_path))
        monkeypatch.setattr(celery_app.amqp, "_producer_pool", None)
        try:
            yield found
        finally:
            found.kill()
            pools.reset()


@pytest.fixture
def notice(world: World, today: date) -> PublicNotice:
    """A notice has gone out; its PDF is promised."""
    base = world.in_unit_notice(today)
    return PublicNotice.objects.get(entries__base=base)


def job_of(notice: PublicNotice) -> OutboxJob:
    return OutboxJob.objects.get(key=f"notice_pdf:{notice.pk}")


@pytest.mark.article("8(2)")
def test_the_worker_makes_the_notice_and_does_the_daily_work(
    worker: Worker, world: World, today: date, on_day: Callable[[date], None], notice: PublicNotice
):
    assert (job_of(notice).state, notice.pdf) == (OutboxJob.State.PENDING, None)
    worker.start()
    eventually(lambda: job_of(notice).state != OutboxJob.State.PENDING, "the notice's PDF")
    notice.refresh_from_db()
    assert (job_of(notice).state, job_of(notice).last_error) == (OutboxJob.State.DONE, "")
    assert (notice.pdf.kind, notice.pdf.purpose) == ("pdf", "notice_pdf")
    with notice.pdf.file.open() as content:
        assert content.read(5) == b"%PDF-"

    due = today + timedelta(days=100)
    base = world.constructing(due - relativedelta(years=3))
    on_day(due)
    celery_app.send_task("evaluations.run_daily")
    eventually(lambda: now(base).state == State.ASSESSING, "the daily job")
    assert base.assessments.get().opened_on == due


@pytest.mark.article("8(2)")
def test_a_worker_killed_in_the_middle_leaves_the_job_to_the_sweep_which_has_it_done_once(
    worker: Worker, notice: PublicNotice
):
    with transaction.atomic():
        PublicNotice.objects.select_for_update().get(pk=notice.pk)  # the worker comes as far as this row
        worker.start()
        eventually(lambda: others("wait_event_type = 'Lock'"), "the worker is in the middle of the job")
        os.killpg(worker.process.pid, signal.SIGKILL)
    worker.kill()
    left = job_of(notice)
    assert (left.state, left.attempts, left.done_at) == (OutboxJob.State.PENDING, 0, None)
    assert (PublicNotice.objects.get(pk=notice.pk).pdf, StoredFile.objects.filter(purpose="notice_pdf").count()) == (
        None,
        0,
    )

    OutboxJob.objects.filter(pk=left.pk).update(created_at=timezone.now() - timedelta(minutes=1))
    worker.start()
    for _ in range(2):
        celery_app.send_task("portal.sweep_outbox")
    eventually(lambda: job_of(notice).state != OutboxJob.State.PENDING, "the sweep")
    for _ in range(2):
        jobs.wake(left.pk)
    last = jobs.enqueue("notice_pdf", key="afterwards", notice_id=notice.pk)
    eventually(lambda: OutboxJob.objects.get(pk=last.pk).state == OutboxJob.State.DONE, "all that was sent")
    done = job_of(notice)
    assert (done.state, done.attempts, done.last_error) == (OutboxJob.State.DONE, 0, "")
    (stored,) = StoredFile.objects.filter(purpose="notice_pdf")
    assert PublicNotice.objects.get(pk=notice.pk).pdf == stored
    on_disk = {path for path in (worker.var / "files").rglob("*") if path.is_file()}
    assert on_disk == {Path(each.file.path) for each in StoredFile.objects.all()}
