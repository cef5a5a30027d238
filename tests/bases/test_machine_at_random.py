"""The machine driven at random through its one door, and held at every step against the table as this file states it again."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from bases.lifecycle import Evidence, NoticeFacts, PanelFacts, Places, Window
from bases.models import Base
from bases.services.history import first_flaw
from bases.services.lifecycle import advance
from portal.acting import ANYBODY, THE_DAILY_JOB, Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.roles import Role
from tests.bases import table
from tests.bases.walking import START, WAYS, holding, new_base
from tests.factories import World, person

RUNS, STEPS = 200, 50
GRADED = {"grade_excellent": {"excellent"}, "grade_qualified": {"qualified"}, "grade_failed": {"failed"}}
FOUR_EYES = {"publish_recognition_notice", *GRADED, "pass_reassessment", "revoke"}
LIVING = {"constructing", "assessing", "demonstration", "rectifying", "reassessing"}
GROUNDS = {
    "reassessment_failed": {"reassessing"},
    "two_failures": {"assessing"},
    "absent": {"assessing", "reassessing"},
    "incident": {"recognised", *LIVING},
}


@dataclass(frozen=True)
class Known:
    """What is remembered of a base, as docs/lifecycle.md lets it be remembered."""

    state: str = "drafting"
    built_from: date | None = None
    built_until: date | None = None
    due: date | None = None
    rectified_by: date | None = None
    last_grade: str = ""
    failures: int = 0
    title: str = ""
    titled_on: date | None = None
    moves: int = 0


# The deferred triggers look, as they do at a commit; then what the database holds, and its events.
LOOK = """
SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED;
SELECT state, construction_started_on, construction_ends_on, assessment_due_on, rectification_ends_on, last_grade,
       consecutive_failures, title_number, title_granted_on, events_count,
       (SELECT count(*) FROM bases_lifecycleevent WHERE base_id = bases_base.id),
       (SELECT target FROM bases_lifecycleevent WHERE base_id = bases_base.id AND sequence = events_count)
FROM bases_base WHERE id = %s
"""


# The table once more: what each move needs


def a_round_is_open(e: Evidence) -> bool:
    return e.window is not None and e.window.opens_on <= e.on <= e.window.closes_on


def a_notice_is_out(e: Evidence) -> bool:
    return e.notice is not None and e.notice.published_on <= e.on


def a_notice_ended_without_objection(e: Evidence) -> bool:
    notice = e.notice
    return notice is not None and e.on > notice.ends_on and not notice.open_objections + notice.upheld_objections


def somebody_else_prepared(e: Evidence, by: Acting) -> bool:
    return e.prepared_by_system if e.prepared_by is None else e.prepared_by != by.user_id


def there_is_a_ground(known: Known, e: Evidence) -> bool:
    arises = known.state in GROUNDS.get(e.ground, set()) and bool(e.ground_shown)
    return arises and (e.ground != "two_failures" or known.failures > 0)


def the_document_is_out(e: Evidence) -> bool:
    return bool(e.document_number) and e.document_published_on is not None and e.document_published_on <= e.on


def needs_hold(known: Known, name: str, by: Acting, e: Evidence) -> bool:
    """Whether everything that the table asks for is there."""
    panel, title_gone = e.panel, not known.title or bool(e.title_lost)
    enough = panel is not None and panel.assigned >= panel.required
    if name in FOUR_EYES and not somebody_else_prepared(e, by):
        return False
    if name in GRADED and e.grade not in GRADED[name]:
        return False
    match name:
        case "declare":
            return a_round_is_open(e) and (e.missing, e.missing_attachments, e.failed_checks) == ((), (), ())
        case "return_for_revision":
            return bool(e.reason.strip()) and e.window is not None and e.on <= e.window.closes_on
        case "decline" | "reject":
            return bool(e.reason.strip())
        case "publish_unit_notice":
            within = e.places is not None and e.places.used <= e.places.limit
            return bool(e.review_done) and within and a_notice_is_out(e)
        case "recommend" | "recognise":
            return a_notice_ended_without_objection(e)
        case "open_review":
            return enough and panel.conflicts == 0
        case "shortlist":
            return enough and panel.submitted >= panel.assigned and panel.aggregate is not None
        case "publish_recognition_notice":
            return bool(e.minutes) and a_notice_is_out(e)
        case "start_construction":
            period = e.period_ends_on is not None and e.document_published_on is not None
            return the_document_is_out(e) and period and e.period_ends_on > e.document_published_on
        case "open_assessment":
            return known.due is not None and e.on >= known.due
        case "grade_excellent":
            return bool(e.title_number or known.title) and e.grant is not None
        case "grade_qualified":
            return True
        case "grade_failed":
            return known.failures == 0 and title_gone and bool(e.circulated)
        case "open_reassessment":
            return known.rectified_by is not None and e.on >= known.rectified_by
        case "pass_reassessment":
            return e.grade in {"qualified", "excellent"}
        case "revoke":
            return there_is_a_ground(known, e) and title_gone
        case "withdraw":
            over = known.built_until is not None and e.on >= known.built_until
            return over and known.last_grade in {"qualified", "excellent"} and bool(e.joint_request)
        case "redeclare":
            return a_round_is_open(e)
    raise AssertionError(name)


def is_theirs(world: World, by: Acting, known: Known) -> bool:
    """Whether the base is any of the person's business (the partner moves nothing)."""
    if by.role == Role.APPLICANT:
        return by == world.applicant
    if by.role == Role.UNIT_OFFICER:
        return by.unit_id == world.unit.pk
    return by.role == "daily_job" or (by.role in {Role.DEPT_OFFICER, Role.DEPT_LEADER} and known.moves > 0)


def after(known: Known, name: str, e: Evidence) -> Known:
    """What is known after the move."""
    target = table.TARGETS[name][0]
    known = replace(known, state=target, moves=known.moves + 1)
    match name:
        case "start_construction":
            ends = e.period_ends_on
            return replace(known, built_from=e.document_published_on, built_until=ends, due=ends)
        case "grade_excellent":
            title, day = (known.title, known.titled_on) if known.title else (e.title_number, e.on)
            known = replace(known, title=title, titled_on=day)
            return replace(known, last_grade="excellent", failures=0, due=e.period_ends_on)
        case "grade_qualified":
            target = "demonstration" if known.title else "constructing"
            return replace(known, state=target, last_grade="qualified", failures=0, due=e.period_ends_on)
        case "grade_failed":
            known = replace(known, title="", titled_on=None, due=None, rectified_by=e.period_ends_on)
            return replace(known, last_grade="failed", failures=1)
        case "pass_reassessment":
            failures = 0 if e.break_row else known.failures
            known = replace(known, rectified_by=None, due=e.period_ends_on)
            return replace(known, last_grade="qualified", failures=failures)
        case "revoke" | "withdraw":
            return replace(known, title="", titled_on=None, due=None, rectified_by=None)
    return known


# What is tried


COUNT, MAYBE, WHETHER = st.integers(0, 4), st.integers(0, 1), st.sampled_from([None, False, True])
NEAR = st.sampled_from([timedelta(days=-1), timedelta(0), timedelta(days=1)])
# Values for each fact of the evidence: right ones, wrong ones, none. A timedelta stands for a day counted from the act's.
FACTS: dict[str, st.SearchStrategy[Any]] = {
    "reason": st.sampled_from(["", " \n", "理由"]),
    "window": st.none() | st.builds(Window, opens_on=NEAR, closes_on=NEAR),
    "missing": st.sampled_from([None, (), ("合作单位",)]),
    "missing_attachments": st.sampled_from([None, (), ("联合培养协议",)]),
    "failed_checks": st.sampled_from([None, (), ("合作不满 2 年",)]),
    "review_done": WHETHER,
    "places": st.none() | st.builds(Places, used=COUNT, limit=COUNT),
    "notice": st.none()
    | st.builds(NoticeFacts, published_on=NEAR, ends_on=NEAR, open_objections=MAYBE, upheld_objections=MAYBE),
    "panel": st.none()
    | st.builds(
        PanelFacts,
        required=st.just(3),
        assigned=COUNT,
        conflicts=MAYBE,
        submitted=COUNT,
        aggregate=st.sampled_from([None, Decimal("88.00")]),
    ),
    "minutes": WHETHER,
    "document_number": st.sampled_from(["", "内教研函〔2023〕1号"]),
    "document_published_on": st.none() | NEAR,
    "grade": st.sampled_from(["", "excellent", "qualified", "failed"]),
    "ground": st.sampled_from(["", *GROUNDS]),
    "ground_shown": WHETHER,
    "title_number": st.sampled_from(["", "SF-2"]),
    "grant": st.sampled_from([None, Decimal(0), Decimal("100000.00")]),
    "title_lost": WHETHER,
    "circulated": WHETHER,
    "joint_request": WHETHER,
    "period_ends_on": st.sampled_from([None, timedelta(0), timedelta(days=1095)]),
    "break_row": st.booleans(),
    "prepared_by_system": st.booleans(),
}


def dated(fact: Any, on: date) -> Any:
    """The fact with its days counted from ``on``."""
    if isinstance(fact, timedelta):
        return on + fact
    if is_dataclass(fact) and not isinstance(fact, type):
        return replace(fact, **{each.name: dated(getattr(fact, each.name), on) for each in fields(fact)})
    return fact


SIDEWAYS = {"return_for_revision", "decline", "reject", "revoke", "withdraw"}


@dataclass
class Tally:
    """What all runs together have come through."""

    runs: Counter[int] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    moves: Counter[tuple[str, str, str]] = field(default_factory=Counter)


class Life(RuleBasedStateMachine):
    """Bases that begin anywhere in their life and go on at random, in one transaction that is rolled back at the end."""

    world: ClassVar[World]
    people: ClassVar[list[Acting]]
    tally: ClassVar[Tally]

    def __init__(self) -> None:
        super().__init__()
        self.steps = 0
        self.frame = transaction.atomic()
        self.frame.__enter__()

    def teardown(self) -> None:
        try:
            assert first_flaw() is None
            self.tally.runs[self.steps] += 1
        finally:
            transaction.set_rollback(True)
            self.frame.__exit__(None, None, None)

    @initialize(state=st.sampled_from(sorted(table.STATES)))
    def a_base_begins(self, state: str) -> None:
        self.base, self.known, self.day = new_base(self.world), Known(), START
        self.seen = self.base
        for name in WAYS[state]:
            evidence = holding(name, self.base, self.soonest(name), self.world.officer.user_id)
            assert self.attempt(name, self.entitled(name)[0], evidence, self.base) == "moved"
        assert self.known.state == state

    @precondition(lambda self: self.known.state in {"revoked", "withdrawn"})
    @rule(state=st.sampled_from(sorted(table.STATES - {"revoked", "withdrawn"})))
    def another_base_begins(self, state: str) -> None:
        self.steps += 1
        self.a_base_begins(state)

    @rule(data=st.data())
    def somebody_tries_a_move(self, data: st.DataObject) -> None:
        self.steps += 1
        name = data.draw(self.moves(), label="move")
        by = data.draw(self.somebody(name), label="by")
        evidence = self.brought(name, data.draw)
        seen = self.seen if data.draw(st.integers(0, 19), label="looked before") == 7 else self.base
        before = self.known.state
        outcome = self.attempt(name, by, evidence, seen)
        self.tally.outcomes[outcome] += 1
        if outcome == "moved":
            self.tally.moves[name, before, self.known.state] += 1

    def attempt(self, name: str, by: Acting, evidence: Evidence, seen: Base) -> str:
        """Go through the door, and hold what comes of it against the table."""
        expected = self.expected(name, by, evidence, seen)
        outcome = "moved"
        try:
            moved = advance(seen, name, by=by, evidence=evidence)
        except Refused as refused:
            outcome = type(refused).__name__ if all(refused.reasons) else "without a reason"
        assert outcome == expected
        if outcome == "moved":
            self.known = after(self.known, name, evidence)
            self.seen, self.base, self.day = self.base, moved, max(self.day, evidence.on)
        with connection.cursor() as cursor:
            cursor.execute(LOOK, [self.base.pk])
            *held, events, last_target = cursor.fetchone()
        assert Known(*held) == self.known
        assert events == self.known.moves
        assert last_target == (self.known.state if events else None)
        return outcome

    def expected(self, name: str, by: Acting, e: Evidence, seen: Base) -> str:
        """What the table says will happen."""
        if seen.events_count != self.known.moves or self.known.state not in table.SOURCES[name]:
            return Overtaken.__name__
        if by.role not in table.roles(name, self.known.state) or not is_theirs(self.world, by, self.known):
            return NotYours.__name__
        return "moved" if needs_hold(self.known, name, by, e) else Refused.__name__

    def moves(self) -> st.SearchStrategy[str]:
        """Mostly what is open here, and rather on than out."""
        here = [name for name in table.ROW if self.known.state in table.SOURCES[name]]
        likely = [name for name in here for _weight in range(1 if name in SIDEWAYS else 3)]
        return st.sampled_from(likely * (120 // len(likely)) + list(table.ROW) if likely else list(table.ROW))

    def entitled(self, name: str) -> list[Acting]:
        """Who may make the move from here (or, where it is not open, from where it is)."""
        source = self.known.state if self.known.state in table.SOURCES[name] else table.SOURCES[name][0]
        return [
            by for by in self.people if by.role in table.roles(name, source) and is_theirs(self.world, by, self.known)
        ]

    def somebody(self, name: str) -> st.SearchStrategy[Acting]:
        """Mostly somebody who may."""
        may = self.entitled(name)
        return st.sampled_from(may * (80 // len(may)) + self.people if may else self.people)

    def soonest(self, name: str) -> date:
        """The first day on which the move is possible."""
        due = {
            "open_assessment": self.known.due,
            "open_reassessment": self.known.rectified_by,
            "withdraw": self.known.built_until,
        }
        return max(self.day, due.get(name) or self.day)

    def brought(self, name: str, draw: Callable[..., Any]) -> Evidence:
        """Evidence that holds, of which something is changed now and then."""
        on = self.soonest(name) + timedelta(days=draw(st.sampled_from([0, 0, 0, 1, 40, -1])))
        prepared_by = draw(st.sampled_from([self.world.officer.user_id] * 10 + [self.world.leader.user_id, None]))
        evidence = holding(name, self.base, on, prepared_by)
        if name == "revoke":
            likely = [ground for ground, states in GROUNDS.items() if self.known.state in states]
            evidence = replace(evidence, ground=draw(st.sampled_from(likely * 3 + list(GROUNDS))))
        shown = [each for each in evidence.shown() if each in FACTS]
        for _each in range(draw(st.sampled_from([0, 0, 0, 0, 1, 1, 2]))):
            changed = draw(st.sampled_from(shown * 5 + list(FACTS)))
            evidence = replace(evidence, **{changed: dated(draw(FACTS[changed]), on)})
        return evidence


def test_whatever_is_tried_the_base_moves_exactly_when_the_table_says_so(world: World):
    colleague = person(Role.APPLICANT, training_unit=world.unit)
    second_leader = person(Role.DEPT_LEADER, department=world.department)
    strangers = [world.other_applicant, world.other_unit_officer, world.other_partner_officer]
    Life.world, Life.tally = world, Tally()
    Life.people = [*world.everybody().values(), *strangers, colleague, second_leader, THE_DAILY_JOB, ANYBODY]
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=RUNS + 60,  # some of which Hypothesis cuts short
            stateful_step_count=STEPS + 2,  # the beginning and the end count too
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    tally = Life.tally
    assert sum(count for steps, count in tally.runs.items() if steps >= STEPS) >= RUNS
    assert {(source, target) for _name, source, target in tally.moves} == table.EDGES
    assert {(name, source) for name, source, _target in tally.moves} == set(table.MOVES)
    assert {target for _name, _source, target in tally.moves} == table.STATES
    assert set(tally.outcomes) == {"moved", "Overtaken", "NotYours", "Refused"}
