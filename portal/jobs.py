"""Work after commit: an outbox row in the act's own transaction, a wake-up for the worker, a sweep for what a crash left."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError

from portal.models import OutboxJob, Submission

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 5
_LOST = "the worker died while it did the job"
# On Redis the lowest number comes first.
_NOW, _LATER = 0, 9
_unhurried: ContextVar[bool] = ContextVar("unhurried", default=False)
_handlers: dict[str, str] = {}


def handle(name: str, service: str) -> None:
    """Say which service (dotted path) does the jobs of that name; it is called with the job's payload and must be safe to repeat."""
    _handlers[name] = service


@transaction.atomic
def enqueue(name: str, *, key: str, again: bool = False, **payload: Any) -> OutboxJob:
    """Put a job into the outbox; the same ``key`` is put there once, however often it is asked for.

    Asking again for one that failed gives it a new start. One that is done stays done unless it is to be done ``again``,
    then with the payload of now; one that is under way is not disturbed.
    """
    job, created = OutboxJob.objects.get_or_create(key=key, defaults={"name": name, "payload": payload})
    if not created:
        over = [OutboxJob.State.FAILED, *([OutboxJob.State.DONE] if again else [])]
        fresh = {"state": OutboxJob.State.PENDING, "attempts": 0, "begun": 0, "last_error": "", "done_at": None}
        if again:
            fresh |= {"payload": payload}
        # The row of a job under way is locked by its worker, perhaps for minutes: only one that is over is touched.
        ended = OutboxJob.objects.select_for_update(skip_locked=True).filter(pk=job.pk, state__in=over)
        if OutboxJob.objects.filter(pk__in=list(ended.values_list("pk", flat=True))).update(**fresh):
            job.refresh_from_db()
    transaction.on_commit(partial(wake, job.pk))
    return job


@contextmanager
def unhurried() -> Iterator[None]:
    """Jobs that are woken inside come after those for which somebody waits before a page."""
    token = _unhurried.set(True)
    try:
        yield
    finally:
        _unhurried.reset(token)


def wake(job_id: int) -> None:
    """Tell the worker; without a broker the job stays in the outbox and the sweep finds it."""
    priority = _LATER if _unhurried.get() else _NOW
    try:
        current_app.send_task("portal.run_job", args=[job_id], retry=False, priority=priority)
    except OperationalError:
        log.warning("no broker reached; outbox job %s waits for the sweep", job_id)


def run(job_id: int) -> None:
    """Do a job once: the row is locked while it runs, its effect and its mark commit together.

    Its beginning is written down before, so that a job which kills its worker is not tried for ever.
    """
    if not _begin(job_id):
        return
    try:
        with transaction.atomic():
            job = _waiting(job_id)
            if job is None:
                return
            service: Callable[..., Any] = import_string(_handlers[job.name])
            service(**job.payload)
            job.state, job.done_at = OutboxJob.State.DONE, timezone.now()
            job.save(update_fields=["state", "done_at"])
    except Exception as error:
        log.exception("outbox job %s failed", job_id)
        with transaction.atomic():
            failed = OutboxJob.objects.filter(pk=job_id, state=OutboxJob.State.PENDING)
            failed.update(attempts=F("attempts") + 1, last_error=repr(error)[:2000])
            failed.filter(attempts__gte=MAX_ATTEMPTS).update(state=OutboxJob.State.FAILED)


@transaction.atomic
def _begin(job_id: int) -> bool:
    """Write down that an attempt begins; a job whose last allowed one never came back is given up here."""
    job = _waiting(job_id)
    if job is None:
        return False
    if job.begun >= MAX_ATTEMPTS:
        job.state, job.last_error = OutboxJob.State.FAILED, job.last_error or _LOST
        log.error("outbox job %s is given up after %s attempts", job_id, job.begun)
    else:
        job.begun += 1
    job.save(update_fields=["begun", "state", "last_error"])
    return job.state == OutboxJob.State.PENDING


def _waiting(job_id: int) -> OutboxJob | None:
    """The job, locked; None when it is done, given up or under way elsewhere."""
    return OutboxJob.objects.select_for_update(skip_locked=True).filter(pk=job_id, state="pending").first()


def forget_submissions(older_than: timedelta = timedelta(days=2)) -> int:
    """Drop the keys of forms that nobody can still have open in a session; returns how many."""
    gone, _by_model = Submission.objects.filter(at__lt=timezone.now() - older_than).delete()
    return gone


def revive() -> int:
    """Give every job that was given up a new start, once a night: what stood in its way may be mended; returns how many."""
    failed = OutboxJob.objects.filter(state=OutboxJob.State.FAILED)
    return failed.update(state=OutboxJob.State.PENDING, attempts=0, begun=0)


def is_late(asked_at: datetime | None) -> bool:
    """Whether a paper that was asked for at this time should have been ready by now, so that its page stops waiting."""
    return asked_at is not None and timezone.now() - asked_at > timedelta(seconds=settings.PAPER_PATIENCE_SECONDS)


def sweep(older_than: timedelta = timedelta(seconds=30)) -> int:
    """Wake what still waits; returns how many jobs."""
    waiting = OutboxJob.objects.filter(state="pending", created_at__lt=timezone.now() - older_than).order_by("pk")
    ids = list(waiting.values_list("pk", flat=True)[:500])
    with unhurried():
        for job_id in ids:
            wake(job_id)
    return len(ids)
