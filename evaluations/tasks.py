"""Thin: the daily job by the clock."""

from celery import shared_task
from portal import clock

from evaluations.services import daily


@shared_task(name="evaluations.run_daily")
def run_daily() -> None:
    """Open, propose and remind for today."""
    daily.run(on=clock.today())
