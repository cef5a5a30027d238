"""Where a base is in its life, as a line of stages with branches."""

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from bases.lifecycle import STAGE_OF, Stage, State
from bases.models import Base, LifecycleEvent

MAIN = [Stage.DECLARE, Stage.RECOMMEND, Stage.REVIEW, Stage.RECOGNISE, Stage.CONSTRUCT, Stage.ASSESS]
BRANCHES = [Stage.DEMONSTRATE, Stage.RECTIFY, Stage.REVOKE]


def stages(base: Base, events: list[LifecycleEvent]) -> list[dict[str, Any]]:
    """The stages in order, each done, now, ended or ahead, with the date it was reached and what is known of the next."""
    reached = _reached(base, events)
    here = base.stage
    closed = here == Stage.CLOSED
    if closed:
        here = STAGE_OF[events[-1].source] if events else Stage.DECLARE
        if events:
            reached[here] = events[-1]
    line = [*MAIN, *BRANCHES]
    position = line.index(here)
    out = []
    for index, stage in enumerate(line):
        branch = stage in BRANCHES
        event: LifecycleEvent | None = reached.get(stage)
        if stage == here:
            status = "now"
        elif (branch and event) or (
            not branch and (index < min(position, len(MAIN)) and (event or stage == Stage.DECLARE))
        ):
            status = "done"
        else:
            status = "ahead"
        if stage == Stage.ASSESS and event and here in (Stage.CONSTRUCT, *BRANCHES):
            status = "done"
        out.append(
            {
                "key": str(stage),
                "label": stage.label,
                "status": status,
                "ended": closed and status == "now",
                "date": _date_of(stage, status, base, event),
                "note": base.state_label if status == "now" else _note(stage, status, base),
                "branch": branch,
                "url": f"#event-{event.sequence}" if event and status != "ahead" else "",
            }
        )
    return out


PUBLIC = frozenset({Stage.RECOGNISE, Stage.CONSTRUCT, Stage.ASSESS, *BRANCHES})


def public_stages(base: Base) -> list[dict[str, Any]]:
    """The stages of a recognised base for everybody: dates from 认定 on, which is the day of its document, and no ways into the history."""
    out = []
    for stage in stages(base, list(base.events.all())):
        known = stage["date"] if stage["key"] in PUBLIC else None
        recognised = base.construction_started_on if stage["key"] == Stage.RECOGNISE else known
        out.append(stage | {"url": "", "date": recognised})
    return out


def _reached(base: Base, events: list[LifecycleEvent]) -> dict[str, LifecycleEvent]:
    """The event by which each stage was reached last; 建设 and 示范 began only once, whatever was graded later."""
    reached: dict[str, LifecycleEvent] = {}
    for past in events:
        stage = STAGE_OF[past.target]
        if stage == Stage.CONSTRUCT and stage in reached:
            continue
        if stage == Stage.DEMONSTRATE and stage in reached and base.title_granted_on == reached[stage].on:
            continue
        reached[stage] = past
    return reached


def _date_of(stage: Stage, status: str, base: Base, event: LifecycleEvent | None) -> date | None:
    if stage == Stage.ASSESS and status == "ahead":
        return base.assessment_due_on
    if stage == Stage.CONSTRUCT and base.construction_started_on:
        return base.construction_started_on
    if status == "ahead":
        return None
    if stage == Stage.DECLARE and event is None:
        return timezone.localdate(base.created_at)
    return event.on if event else None


def _note(stage: Stage, status: str, base: Base) -> str:
    if stage == Stage.ASSESS and base.assessment_due_on:
        if status == "ahead":
            return _("到期启动")
        return _("下次启动 %(day)s") % {"day": base.assessment_due_on.isoformat()}
    if stage == Stage.DEMONSTRATE and status == "done":
        return base.title_number or _("称号已终止")
    return ""


def deadlines(base: Base) -> list[tuple[str, date, str]]:
    """What comes next by date: (what, day, article)."""
    found = [
        (_("建设期届满"), base.construction_ends_on, "12"),
        (_("启动建设成效考核"), base.assessment_due_on, "15"),
        (_("整改期届满，启动复评"), base.rectification_ends_on, "19"),
    ]
    gone = base.state in {State.REVOKED, State.WITHDRAWN}
    return [(what, day, article) for what, day, article in found if day is not None and not gone]
