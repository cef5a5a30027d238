"""How an assignment ends: what it says from then on, and the record of the act."""

from datetime import date

from applications.models import Assignment, RecusalRecord
from portal.acting import Acting

# What an ended assignment says of its end, and of the gap that it left.
ENDED = ("status", "ended_reason", "rule", "ended_on", "ended_by")
UNFILLED = ("unfilled_reason", "unfilled_on", "unfilled_by")
GAP = (*UNFILLED, "needs_nobody")


def record(
    assignment: Assignment, act: str, *, by: Acting | None, on: date, reason: str = "", rule: str = ""
) -> RecusalRecord:
    """Keep an act on an assignment; ``by`` None is the platform's own check."""
    return RecusalRecord.objects.create(
        assignment=assignment,
        act=act,
        rule=rule,
        reason=reason[:300],
        with_sheet=assignment.status == Assignment.Status.SUBMITTED,
        recorded_by_id=by.user_id if by else None,
        recorded_on=on,
    )


def end(assignment: Assignment, act: str, status: str, *, by: Acting, on: date, reason: str, rule: str = "") -> None:
    """End an assignment that is locked, with the record of it."""
    record(assignment, act, by=by, on=on, reason=reason, rule=rule)
    assignment.status, assignment.ended_reason, assignment.rule = status, reason[:300], rule
    assignment.ended_on, assignment.ended_by = on, by.user
    assignment.save(update_fields=ENDED)


def leave_unfilled(assignment: Assignment, *, reason: str, by: Acting, on: date) -> None:
    """Settle that nobody takes the place of an ended assignment (不再补派), with the record of it."""
    record(assignment, RecusalRecord.Act.UNFILLED, by=by, on=on, reason=reason)
    assignment.unfilled_reason, assignment.unfilled_on, assignment.unfilled_by = reason[:300], on, by.user
    assignment.save(update_fields=UNFILLED)
