"""Walks a base through its life by the one door alone, with evidence made by hand, so that every need can be left out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from dateutil.relativedelta import relativedelta

from bases.lifecycle import Evidence, Grade, Ground, NoticeFacts, PanelFacts, Places, State, Window
from bases.models import Base, LifecycleEvent, Policy
from bases.services.lifecycle import advance
from portal.acting import THE_DAILY_JOB, Acting
from tests.bases import table
from tests.factories import World

START = date(2023, 3, 1)
_numbers = count(1)

TO_RECOGNISED = (
    *("declare", "publish_unit_notice", "recommend", "open_review", "shortlist"),
    *("publish_recognition_notice", "recognise"),
)
TO_ASSESSING = (*TO_RECOGNISED, "start_construction", "open_assessment")
WAYS: dict[str, tuple[str, ...]] = {
    State.DRAFTING: (),
    State.DECLARED: TO_RECOGNISED[:1],
    State.UNIT_NOTICE: TO_RECOGNISED[:2],
    State.RECOMMENDED: TO_RECOGNISED[:3],
    State.IN_REVIEW: TO_RECOGNISED[:4],
    State.SHORTLISTED: TO_RECOGNISED[:5],
    State.RECOGNITION_NOTICE: TO_RECOGNISED[:6],
    State.RECOGNISED: TO_RECOGNISED,
    State.CONSTRUCTING: TO_ASSESSING[:-1],
    State.ASSESSING: TO_ASSESSING,
    State.DEMONSTRATION: (*TO_ASSESSING, "grade_excellent"),
    State.RECTIFYING: (*TO_ASSESSING, "grade_failed"),
    State.REASSESSING: (*TO_ASSESSING, "grade_failed", "open_reassessment"),
    State.REVOKED: (*TO_RECOGNISED, "revoke"),
    State.WITHDRAWN: (*TO_ASSESSING, "grade_qualified", "withdraw"),
    State.NOT_RECOMMENDED: ("declare", "decline"),
    State.NOT_RECOGNISED: (*TO_RECOGNISED[:3], "reject"),
}


def new_base(world: World, name: str = "") -> Base:
    """A draft of the world's applicant."""
    assert world.applicant.user is not None
    return Base.objects.create(
        name=name or f"试验基地{next(_numbers)}",
        training_unit=world.unit,
        partner=world.partner,
        category=world.category,
        applicant=world.applicant.user,
        policy=Policy.in_force(START),
    )


def holding(name: str, base: Base, on: date, prepared_by: int | None) -> Evidence:
    """Evidence on which every need of the transition holds, as far as it does not hang on the base itself."""
    window = Window(on - timedelta(days=10), on + timedelta(days=10))
    notice = NoticeFacts(published_on=on - timedelta(days=10), ends_on=on - timedelta(days=1))
    panel = PanelFacts(required=3, assigned=3, submitted=3, aggregate=Decimal("88.00"))
    decided = {"prepared_by": prepared_by, "period_ends_on": on + relativedelta(years=3)}
    lost = {"title_lost": bool(base.title_number)}
    facts: dict[str, dict[str, Any]] = {
        "declare": {"window": window, "missing": (), "missing_attachments": (), "failed_checks": ()},
        "return_for_revision": {"reason": "请补充材料。", "window": window},
        "decline": {"reason": "布局重复。"},
        "publish_unit_notice": {"review_done": True, "places": Places(used=3, limit=3), "notice": replace(notice, ends_on=on)},
        "recommend": {"notice": notice},
        "open_review": {"panel": replace(panel, submitted=0, aggregate=None)},
        "shortlist": {"panel": panel},
        "publish_recognition_notice": {"minutes": True, "notice": replace(notice, ends_on=on), "prepared_by": prepared_by},
        "recognise": {"notice": notice},
        "reject": {"reason": "条件不足。"},
        "start_construction": {
            "document_number": "内教研函〔2023〕1号",
            "document_published_on": on,
            "period_ends_on": on + relativedelta(years=3),
        },
        "open_assessment": {},
        "grade_excellent": {**decided, "grade": Grade.EXCELLENT, "title_number": "SF-1", "grant": Decimal("100000.00")},
        "grade_qualified": {**decided, "grade": Grade.QUALIFIED},
        "grade_failed": {
            **decided, **lost, "grade": Grade.FAILED, "circulated": True, "period_ends_on": on + relativedelta(years=2),
        },
        "open_reassessment": {},
        "pass_reassessment": {**decided, "grade": Grade.QUALIFIED},
        "revoke": {
            **lost, "prepared_by": prepared_by, "ground": Ground.INCIDENT, "ground_shown": True, "reason": "无法继续。",
        },
        "withdraw": {"joint_request": True},
        "redeclare": {"window": window},
    }  # fmt: skip
    return Evidence(on=on, **facts[name])


def record(base: Base) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Everything that the database holds of a base: its row and its events. What is refused leaves it as it was."""
    events = LifecycleEvent.objects.filter(base_id=base.pk).order_by("sequence")
    return Base.objects.values().get(pk=base.pk), list(events.values())


@dataclass
class Walk:
    """One base on its way, and the day it has come to."""

    world: World
    day: date = START
    base: Base = field(init=False)

    def __post_init__(self) -> None:
        self.base = new_base(self.world)

    @property
    def state(self) -> str:
        return self.base.state

    def doer(self, name: str) -> Acting:
        """Somebody who may make the move."""
        world = self.world
        people = (world.applicant, world.unit_officer, world.officer, world.leader, THE_DAILY_JOB)
        return next(person for person in people if person.role in table.roles(name, self.state))

    def evidence(self, name: str, **changes: Any) -> Evidence:
        """Evidence for the move on the first day on which it is possible, with changes."""
        due = {
            "open_assessment": self.base.assessment_due_on,
            "open_reassessment": self.base.rectification_ends_on,
            "withdraw": self.base.construction_ends_on,
        }.get(name)
        on = max(self.day, due) if due else self.day
        return replace(holding(name, self.base, on, self.world.officer.user_id), **changes)

    def go(self, name: str, by: Acting | None = None, **changes: Any) -> Walk:
        """Make the move."""
        evidence = self.evidence(name, **changes)
        self.base = advance(self.base, name, by=by or self.doer(name), evidence=evidence)
        self.day = evidence.on
        return self

    def to(self, *names: str) -> Walk:
        """Make these moves."""
        for name in names:
            self.go(name)
        return self


def in_state(world: World, state: str) -> Walk:
    """A walk that has come to that state."""
    return Walk(world).to(*WAYS[state])
