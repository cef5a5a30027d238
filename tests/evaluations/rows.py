"""What stands in the database: all of it, to see that nothing changed; or what the daily job leaves, to compare two runs."""

from typing import Any

from django.apps import apps
from django.db import connection

from bases.models import Base, LifecycleEvent
from evaluations.models import Assessment, Reminder, RevocationProposal

OWN_APPS = {"portal", "bases", "agreements", "applications", "evaluations"}
Rows = dict[str, list[Any]]


def everything() -> dict[str, str]:
    """Every row of every table of the portal, as it is: by table how many there are, and a digest of all that they say."""
    tables = sorted({model._meta.db_table for model in apps.get_models() if model._meta.app_label in OWN_APPS})
    each = (
        f"SELECT '{table}', count(*) || ' ' || coalesce(md5(string_agg(t::text, chr(10) ORDER BY t::text)), '') FROM \"{table}\" t"  # noqa: S608
        for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each))
        return dict(cursor.fetchall())


def traces() -> Rows:
    """What the daily job leaves behind, without keys, hashes and times of the clock."""
    base = ("base__name",)
    assessment = ("assessment__kind", "assessment__opened_on")
    return {
        "bases": _sorted(
            Base.objects.values_list(
                *(
                    "name",
                    "state",
                    "events_count",
                    "construction_started_on",
                    "construction_ends_on",
                    "policy__version",
                ),
                *(
                    "assessment_due_on",
                    "rectification_ends_on",
                    "last_grade",
                    "consecutive_failures",
                    "title_granted_on",
                ),
            )
        ),
        "events": _sorted(
            LifecycleEvent.objects.values_list(
                *base, "sequence", "transition", "source", "target", "role", "on", "articles", "evidence__ground"
            )
        ),
        "assessments": _sorted(
            Assessment.objects.values_list(
                *base, "kind", "opened_on", "report_due_on", "submitted_on", "grade", "closed_on"
            )
        ),
        "reminders": _sorted(Reminder.objects.values_list(*base, "kind", "due_on", "days_before", "on")),
        "proposals": _sorted(
            RevocationProposal.objects.values_list(
                *base, *assessment, "ground", "facts", "prepared_by", "prepared_on", "status"
            )
        ),
    }


def _sorted(found: Any) -> list[Any]:
    return sorted(found, key=repr)
