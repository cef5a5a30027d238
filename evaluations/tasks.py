"""Thin: the daily job by the clock."""

from celery import shared_task

from evaluations.services import daily
from portal import clock


@shared_task(name="evaluations.run_daily")
def run_daily() -> None:
    """Open, propose and remind for today."""
    daily.run(on=clock.today())
