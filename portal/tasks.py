"""Thin: load by id, call the service, safe to run twice."""

from celery import shared_task

from portal import jobs, uploads


@shared_task(name="portal.run_job")
def run_job(job_id: int) -> None:
    """Do one job of the outbox."""
    jobs.run(job_id)


@shared_task(name="portal.sweep_outbox")
def sweep_outbox() -> None:
    """Wake the jobs that a crash or a missing broker left behind."""
    jobs.sweep()
    jobs.forget_submissions()


@shared_task(name="portal.revive_jobs")
def revive_jobs() -> None:
    """Try again what failed by day; the sweep then wakes it."""
    jobs.revive()


@shared_task(name="portal.forget_unclaimed_files")
def forget_unclaimed_files() -> None:
    """Delete the files that acts left which were taken back."""
    uploads.forget_unclaimed()
