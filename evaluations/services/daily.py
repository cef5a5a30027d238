"""The daily job: opens what is due, proposes what was missed, reminds of what comes. It never punishes by itself.

Every item carries the day on which it became due and is done with that day's date, in the order of the days. So running it twice,
twice at once, or after a week's outage leaves the same as once each day.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from bases.lifecycle import State
from bases.models import Base, Policy
from evaluations.models import Assessment, Rectification, Reminder, RevocationProposal
from evaluations.services import assessing, revoking
from portal.acting import THE_DAILY_JOB
from portal.errors import Overtaken, Refused

log = logging.getLogger(__name__)


@dataclass
class Report:
    """What a run did: bases opened for assessment or reassessment, absences proposed, reminders recorded."""

    on: date
    dry_run: bool = False
    opened: list[dict[str, Any]] = field(default_factory=list)
    proposed: list[dict[str, Any]] = field(default_factory=list)
    reminded: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """For printing and for the log."""
        return {
            "on": self.on.isoformat(),
            "dry_run": self.dry_run,
            "opened": self.opened,
            "proposed": self.proposed,
            "reminded": self.reminded,
            "refused": self.refused,
            "failed": self.failed,
        }


@dataclass(frozen=True, order=True)
class Due:
    """One thing that is due: its day, its rank within the day (reminders before openings before proposals), its kind and key."""

    on: date
    rank: int
    kind: str
    key: int
    step: int = 0
    due_on: date = date.max


def run(*, on: date, dry_run: bool = False) -> Report:
    """Do everything that is due up to and including ``on``; a dry run reports the same and leaves nothing."""
    report = Report(on=on, dry_run=dry_run)
    if not dry_run:
        _work_off(report)
        return report
    with transaction.atomic():
        _work_off(report)
        transaction.set_rollback(True)
    return report


def _work_off(report: Report) -> None:
    """Item by item in the order of days: what one item brings about may be due before the next."""
    passed: set[Due] = set()
    while True:
        waiting = sorted(set(_due(report.on)) - passed)
        if not waiting:
            return
        horizon = waiting[0].on
        for item in waiting:
            if item.on > horizon:
                break
            passed.add(item)
            _do(item, report)


def _due(on: date) -> Iterator[Due]:
    policies = list(Policy.objects.order_by("effective_from"))
    horizon = on + timedelta(days=max((step for policy in policies for step in policy.reminder_days), default=0))
    living = [State.CONSTRUCTING, State.DEMONSTRATION]
    sent = set(_reminders_of_running_periods(living).values_list("base_id", "kind", "due_on", "days_before"))
    for kind, pk, policy, due_on in _periods(policies, living, horizon):
        for step in policy.reminder_days:
            day = due_on - timedelta(days=step)
            if day <= on and (pk, kind, due_on, step) not in sent:
                yield Due(day, 0, kind, pk, step, due_on)
        if due_on <= on:
            yield Due(due_on, 1, "open", pk)
    proposed = RevocationProposal.objects.filter(status=RevocationProposal.Status.OPEN).values("base")
    late = Assessment.objects.filter(closed_on=None, submitted_on=None, report_due_on__lt=on).exclude(base__in=proposed)
    for assessment in late:
        yield Due(revoking.first_day_of_absence(assessment), 2, "absence", assessment.pk)


def _reminders_of_running_periods(living: list[State]) -> QuerySet[Reminder]:
    assessment, reassessment = Reminder.Kind.ASSESSMENT, Reminder.Kind.REASSESSMENT
    return Reminder.objects.filter(
        Q(kind=assessment, base__state__in=living, due_on=F("base__assessment_due_on"))
        | Q(kind=reassessment, base__state=State.RECTIFYING, due_on=F("base__rectification_ends_on"))
    )


def _periods(policies: list[Policy], living: list[State], horizon: date) -> Iterator[tuple[str, int, Policy, date]]:
    """Running periods that end by then: kind, base, last day, and the version of the policy under which each began."""
    by_key = {policy.pk: policy for policy in policies}

    def in_force(began: date) -> Policy:
        return ([policy for policy in policies if policy.effective_from <= began] or policies[:1])[-1]

    # The construction period has its version on the base; every later one began with the decision on the assessment before it.
    decided = Assessment.objects.filter(base=OuterRef("pk"), closed_on__isnull=False).order_by("-closed_on")
    running = Base.objects.filter(state__in=living, assessment_due_on__lte=horizon).annotate(
        decided_on=Subquery(decided.values("closed_on")[:1])
    )
    for pk, policy_id, due_on, decided_on in running.values_list("pk", "policy_id", "assessment_due_on", "decided_on"):
        if policy_id is not None and due_on is not None:  # the database holds both for a living base
            yield Reminder.Kind.ASSESSMENT, pk, in_force(decided_on) if decided_on else by_key[policy_id], due_on
    rectifying = Rectification.objects.filter(
        base__state=State.RECTIFYING, ends_on=F("base__rectification_ends_on"), ends_on__lte=horizon
    )
    for pk, started_on, ends_on in rectifying.values_list("base_id", "started_on", "ends_on"):
        yield Reminder.Kind.REASSESSMENT, pk, in_force(started_on), ends_on


def _do(item: Due, report: Report) -> None:
    try:
        with transaction.atomic():
            if item.kind == "open":
                _open(item, report)
            elif item.kind == "absence":
                _propose_absence(item, report)
            else:
                _remind(item, report)
    except Overtaken:
        return  # another run, or a person, was faster
    except Refused as refusal:
        report.refused.append(
            {"kind": item.kind, "key": item.key, "on": item.on.isoformat(), "reasons": list(refusal.reasons)}
        )
    except Exception as error:
        log.exception("daily job: %s %s of %s failed", item.kind, item.key, item.on)
        report.failed.append({"kind": item.kind, "key": item.key, "on": item.on.isoformat(), "error": repr(error)})


def _open(item: Due, report: Report) -> None:
    base = Base.objects.get(pk=item.key)
    opened = assessing.open_due(base=base, by=THE_DAILY_JOB, on=item.on)
    report.opened.append({"base": base.pk, "name": base.name, "what": opened.kind, "on": item.on.isoformat()})


def _propose_absence(item: Due, report: Report) -> None:
    assessment = Assessment.objects.select_related("base").get(pk=item.key)
    proposal = revoking.propose_absence(assessment=assessment, on=item.on)
    if proposal is not None:
        entry = {
            "base": assessment.base_id,
            "name": assessment.base.name,
            "what": proposal.ground,
            "on": item.on.isoformat(),
        }
        report.proposed.append(entry)


def _remind(item: Due, report: Report) -> None:
    base = Base.objects.select_for_update().get(pk=item.key)
    still = {Reminder.Kind.ASSESSMENT: base.assessment_due_on, Reminder.Kind.REASSESSMENT: base.rectification_ends_on}
    if still[Reminder.Kind(item.kind)] != item.due_on:
        return
    _reminder, created = Reminder.objects.get_or_create(
        base=base, kind=item.kind, due_on=item.due_on, days_before=item.step, defaults={"on": item.on}
    )
    if created:
        report.reminded.append(
            {
                "base": base.pk,
                "name": base.name,
                "what": item.kind,
                "due": item.due_on.isoformat(),
                "days_before": item.step,
            }
        )
