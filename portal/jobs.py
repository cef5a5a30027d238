"""Work after commit: an outbox row in the act's own transaction, a wake-up for the worker, a sweep for what a crash left."""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from celery import current_app
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError

from portal.models import OutboxJob, Submission

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 5
_handlers: dict[str, str] = {}


def handle(name: str, service: str) -> None:
    """Say which service (dotted path) does the jobs of that name; it is called with the job's payload and must be safe to repeat."""
    _handlers[name] = service


def enqueue(name: str, *, key: str, **payload: Any) -> OutboxJob:
    """Put a job into the outbox; the same ``key`` is put there once, however often it is asked for."""
    job, _created = OutboxJob.objects.get_or_create(key=key, defaults={"name": name, "payload": payload})
    transaction.on_commit(partial(wake, job.pk))
    return job


def wake(job_id: int) -> None:
    """Tell the worker; without a broker the job stays in the outbox and the sweep finds it."""
    try:
        current_app.send_task("portal.run_job", args=[job_id], retry=False)
    except OperationalError:
        log.warning("no broker reached; outbox job %s waits for the sweep", job_id)


def run(job_id: int) -> None:
    """Do a job once: the row is locked while it runs, its effect and its mark commit together."""
    try:
        with transaction.atomic():
            job = OutboxJob.objects.select_for_update(skip_locked=True).filter(pk=job_id, state="pending").first()
            if job is None:
                return
            service: Callable[..., Any] = import_string(_handlers[job.name])
            service(**job.payload)
            job.state, job.done_at = OutboxJob.State.DONE, timezone.now()
            job.save(update_fields=["state", "done_at"])
    except Exception as error:
        log.exception("outbox job %s failed", job_id)
        with transaction.atomic():
            job = OutboxJob.objects.select_for_update().get(pk=job_id)
            job.attempts += 1
            job.last_error = repr(error)[:2000]
            if job.attempts >= MAX_ATTEMPTS:
                job.state = OutboxJob.State.FAILED
            job.save(update_fields=["attempts", "last_error", "state"])


def forget_submissions(older_than: timedelta = timedelta(days=2)) -> int:
    """Drop the keys of forms that nobody can still have open in a session; returns how many."""
    gone, _by_model = Submission.objects.filter(at__lt=timezone.now() - older_than).delete()
    return gone


def sweep(older_than: timedelta = timedelta(seconds=30)) -> int:
    """Wake what still waits; returns how many jobs."""
    waiting = OutboxJob.objects.filter(state="pending", created_at__lt=timezone.now() - older_than).order_by("pk")
    ids = list(waiting.values_list("pk", flat=True)[:500])
    for job_id in ids:
        wake(job_id)
    return len(ids)
