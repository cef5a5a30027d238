"""Thin: the nightly check of this floor."""

from celery import shared_task

from applications.services import recusals
from portal import clock


@shared_task(name="applications.find_conflicts")
def find_conflicts() -> None:
    """Find experts who have come into conflict since they were assigned (回避)."""
    recusals.find(on=clock.today())
