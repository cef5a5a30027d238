"""The background worker's application; configured from Django's settings when it is first used, not on import."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
# Times are in CELERY_TIMEZONE. The night job runs after midnight so that it sees the day that has begun.
app.conf.beat_schedule = {
    "run-daily": {"task": "evaluations.run_daily", "schedule": crontab(hour=1, minute=30)},
    "sweep-outbox": {"task": "portal.sweep_outbox", "schedule": crontab()},
    "revive-jobs": {"task": "portal.revive_jobs", "schedule": crontab(hour=3, minute=30)},
    "find-conflicts": {"task": "applications.find_conflicts", "schedule": crontab(hour=2, minute=0)},
    "forget-unclaimed-files": {"task": "portal.forget_unclaimed_files", "schedule": crontab(hour=2, minute=30)},
}
# A request does not wait for a broker that is away: the outbox keeps its jobs. The worker has other settings for this.
app.conf.broker_transport_options = {
    "max_retries": 1,
    "interval_start": 0.1,
    "interval_max": 0.1,
    "socket_connect_timeout": 2,
    "queue_order_strategy": "priority",
}
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
