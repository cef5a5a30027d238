import ast
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pgtrigger
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from bases.lifecycle import RULES, State
from bases.models import Base, LifecycleEvent, Policy
from bases.services.history import first_flaw, seal
from bases.services.lifecycle import lock
from portal.errors import Refused
from tests.bases.walking import START, Walk, in_state, record
from tests.factories import World

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ["portal", "bases", "agreements", "applications", "evaluations"]
DOOR = "bases/services/lifecycle.py"
# The jobs of the outbox have states of their own; the ground floor does not know a base.
OUTBOX = "portal/jobs.py"
# So have expenses, notices, versions of a rubric, plans, meetings and preliminary lists.
OTHERS = (
    "agreements/services/expenses.py",
    "applications/services/notices.py",
    "applications/services/notice_drafts.py",
    "applications/services/rubrics.py",
    "applications/services/assigning.py",
    "applications/services/meeting_conclusion.py",
    "applications/services/preliminary.py",
    "applications/migrations/0012_review_and_meetings.py",
)
# Entries of a month are written with theirs.
RECORDS = "agreements/services/months.py"


# The code: nobody but the door moves a base


@cache
def sources() -> list[tuple[str, ast.Module]]:
    paths = [path for floor in FLOORS for path in sorted((ROOT / floor).rglob("*.py"))]
    return [(str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))) for path in paths]


def imported(tree: ast.Module) -> set[str]:
    """Names that the file imports: ``recommending.decline`` is a service of that module, not a move of a base."""
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    return {(alias.asname or alias.name).split(".")[0] for node in nodes for alias in node.names}


def in_code(tree: ast.Module, look: Callable[[ast.AST], Iterator[str]]) -> list[str]:
    return [found for node in ast.walk(tree) for found in look(node)]


def everywhere(look: Callable[[ast.AST], Iterator[str]]) -> set[tuple[str, str]]:
    return {(path, found) for path, tree in sources() for found in in_code(tree, look)}


def test_the_code_is_read_as_a_whole():
    assert {path.split("/")[0] for path, _tree in sources()} == set(FLOORS)
    assert {DOOR, OUTBOX, "bases/lifecycle.py"} <= {path for path, _tree in sources()}


def test_nothing_touches_a_transition_of_a_base_by_its_name():
    touched = []
    for path, tree in sources():
        modules = imported(tree)
        nodes = list(ast.walk(tree))
        # A transition takes no argument; what is called with one is a function that bears the same name.
        functions = {id(node.func) for node in nodes if isinstance(node, ast.Call) and (node.args or node.keywords)}
        for node in nodes:
            if isinstance(node, ast.Attribute) and node.attr in RULES and id(node) not in functions:
                module = isinstance(node.value, ast.Name) and node.value.id in modules
                touched += [] if module else [(path, ast.unparse(node))]
    assert touched == []


def test_only_the_door_calls_what_it_got_by_a_name():
    def look(node: ast.AST) -> Iterator[str]:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Call) and not (node.args or node.keywords):
            name = getattr(node.func.func, "id", getattr(node.func.func, "attr", ""))
            if name in {"getattr", "methodcaller", "attrgetter"}:
                yield ast.unparse(node)

    assert everywhere(look) == {(DOOR, "getattr(locked, name)()")}


def test_nothing_assigns_a_state():
    def look(node: ast.AST) -> Iterator[str]:
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = [each for target in node.targets for each in ast.walk(target) if isinstance(each, ast.expr)]
        elif isinstance(node, ast.AnnAssign | ast.AugAssign):
            targets = [node.target]
        yield from (ast.unparse(t) for t in targets if isinstance(t, ast.Attribute) and t.attr == "state")
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "setattr":
            names = [arg.value for arg in node.args[1:2] if isinstance(arg, ast.Constant)]
            yield from (ast.unparse(node) for name in names if name == "state")

    assert {path for path, _found in everywhere(look)} == {OUTBOX, *OTHERS}


def test_nothing_writes_a_state_around_the_model():
    writers = {"update", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "Base"}

    def look(node: ast.AST) -> Iterator[str]:
        if not isinstance(node, ast.Call):
            return
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        named = {keyword.arg for keyword in node.keywords}
        listed = {each.value for arg in node.args for each in ast.walk(arg) if isinstance(each, ast.Constant)}
        if name in writers and ("state" in named or (name == "bulk_update" and "state" in listed)):
            yield ast.unparse(node)

    found = [(path, call) for path, call in everywhere(look) if path != OUTBOX]
    assert {path for path, _call in found} == {RECORDS}
    assert all(call.startswith("MonthlyRecord.") for _path, call in found)


def test_only_the_door_writes_events():
    def look(node: ast.AST) -> Iterator[str]:
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            makes = called.startswith("LifecycleEvent.objects") and called.endswith("create")
            if called == "LifecycleEvent" or makes or called.endswith((".events.create", ".events.add")):
                yield called

    assert everywhere(look) == {(DOOR, "LifecycleEvent")}


def test_no_sql_of_ours_writes_bases_or_events():
    def look(node: ast.AST) -> Iterator[str]:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = " ".join(node.value.lower().split()).replace('"', "")
            verbs = ("update", "insert into", "delete from", "truncate")
            tables = ("bases_base ", "bases_lifecycleevent")
            yield from (f"{verb} {name}" for verb in verbs for name in tables if f"{verb} {name}" in f"{words} ")

    assert everywhere(look) == set()


def test_nothing_switches_a_trigger_off():
    def look(node: ast.AST) -> Iterator[str]:
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"pgtrigger.ignore", "pgtrigger.disable"}:
            yield ast.unparse(node)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = node.value.lower()
            yield from (word for word in ("disable trigger", "session_replication_role") if word in words)

    # A version of the policy is never edited; only the migration that gave it an upper bound had to. Records of 回避 never go;
    # only with a kind of them that is taken back.
    assert everywhere(look) == {
        ("bases/migrations/0007_objection_days.py", "disable trigger"),
        ("applications/migrations/0020_unfilled_gaps.py", "disable trigger"),
    }


def test_a_transition_called_beside_the_door_is_refused(world: World):
    walk = in_state(world, State.DECLARED)
    with pytest.raises(Exception, match="decline") as refused:
        walk.base.decline()
    assert type(refused.value).__name__ == "TransitionNotAllowed"
    assert Base.objects.get(pk=walk.base.pk).state == "declared"


def test_a_state_cannot_be_assigned(world: World):
    base = in_state(world, State.DECLARED).base
    with pytest.raises(AttributeError, match="Direct state modification is not allowed"):
        base.state = "recognised"
    assert base.state == "declared"


# The wall in the database: what the deferred triggers refuse at commit


def at_commit() -> None:
    """Let the deferred triggers look now, as they do when a transaction commits."""
    connection.check_constraints()


def event_of(base: Base, source: str, target: str, sequence: int) -> LifecycleEvent:
    """An event as somebody might forge it; its seal holds."""
    last = LifecycleEvent.objects.filter(base=base).order_by("-sequence").first()
    event = LifecycleEvent(
        base=base, sequence=sequence, transition="decline", source=source, target=target, actor_name="某人", role="unit_officer",
        at=timezone.now(), on=date(2023, 3, 1), articles="8(2)", previous_hash=last.hash if last else "",
    )  # fmt: skip
    event.hash = seal(event)
    return event


@pytest.fixture
def declared(world: World) -> Walk:
    """A base that has been declared, its triggers satisfied."""
    walk = in_state(world, State.DECLARED)
    at_commit()
    return walk


def refused_by_the_wall(walk: Walk, sentence: str, act: Callable[[], object]) -> None:
    before = record(walk.base)

    @transaction.atomic
    def whole_transaction() -> None:
        act()
        at_commit()

    with pytest.raises(DatabaseError, match=sentence):
        whole_transaction()
    assert record(walk.base) == before


def test_a_move_with_its_one_event_passes_the_wall(declared: Walk):
    declared.go("decline")
    at_commit()
    assert first_flaw() is None


def test_an_update_of_the_state_alone_is_refused(declared: Walk):
    refused_by_the_wall(
        declared,
        "went from declared to recognised without exactly one event",
        lambda: Base.objects.filter(pk=declared.base.pk).update(state="recognised"),
    )


def test_an_update_of_state_and_count_without_an_event_is_refused(declared: Walk):
    refused_by_the_wall(
        declared,
        "without exactly one event",
        lambda: Base.objects.filter(pk=declared.base.pk).update(state="recognised", events_count=2),
    )


@pytest.mark.parametrize("count", [0, 2, 3])
def test_a_change_of_the_count_of_events_alone_is_refused(declared: Walk, count: int):
    refused_by_the_wall(
        declared,
        "without exactly one event",
        lambda: Base.objects.filter(pk=declared.base.pk).update(events_count=count),
    )


def test_a_transition_that_is_saved_without_its_event_is_refused(declared: Walk):
    def save_alone() -> None:
        locked = lock(declared.base.pk)
        locked.evidence = declared.evidence("decline")
        locked.decline()
        locked.save()

    refused_by_the_wall(declared, "went from declared to not_recommended without exactly one event", save_alone)


def test_an_event_without_a_move_is_refused(declared: Walk):
    event = event_of(declared.base, "declared", "not_recommended", 2)
    refused_by_the_wall(declared, "event 2 of base .* belongs to no move", event.save)


def test_an_event_before_the_first_one_is_refused(declared: Walk):
    event = event_of(declared.base, "drafting", "declared", 0)
    refused_by_the_wall(declared, "event_counts_from_one", event.save)


def test_two_events_for_one_move_are_refused(declared: Walk):
    def twice() -> None:
        declared.go("decline")
        event_of(declared.base, "declared", "not_recommended", 3).save()

    refused_by_the_wall(declared, "event 3 of base .* belongs to no move", twice)


def test_two_events_with_one_number_are_refused(declared: Walk):
    def again() -> None:
        event_of(declared.base, "drafting", "declared", 1).save()

    before = record(declared.base)
    with pytest.raises(IntegrityError, match="one_event_per_base_and_sequence"), transaction.atomic():
        again()
    assert record(declared.base) == before


@pytest.mark.parametrize(
    ("source", "target"), [("drafting", "recognised"), ("declared", "recommended"), ("unit_notice", "recognised")]
)
def test_an_event_that_tells_of_another_move_is_refused(declared: Walk, source: str, target: str):
    def forged() -> None:
        event_of(declared.base, source, target, 2).save()
        Base.objects.filter(pk=declared.base.pk).update(state="recognised", events_count=2)

    refused_by_the_wall(declared, "went from declared to recognised without exactly one event", forged)


def test_an_event_of_another_base_does_not_help(world: World, declared: Walk):
    other = in_state(world, State.DECLARED)
    at_commit()

    def borrowed() -> None:
        other.go("decline")
        Base.objects.filter(pk=declared.base.pk).update(state="not_recommended", events_count=2)

    refused_by_the_wall(declared, "without exactly one event", borrowed)


@pytest.mark.parametrize("change", ["reason = '改过'", '"on" = "on" + 1', "hash = ''", "base_id = base_id"])
def test_an_update_of_an_event_is_refused(declared: Walk, change: str):
    def edit() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE bases_lifecycleevent SET {change} WHERE base_id = %s", [declared.base.pk])  # noqa: S608

    refused_by_the_wall(declared, "Cannot update or delete rows from bases_lifecycleevent", edit)


def test_a_deletion_of_an_event_is_refused(declared: Walk):
    def delete() -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM bases_lifecycleevent WHERE base_id = %s", [declared.base.pk])

    refused_by_the_wall(declared, "Cannot update or delete rows from bases_lifecycleevent", delete)
    refused_by_the_wall(
        declared, "Cannot update or delete rows from bases_lifecycleevent", declared.base.events.all().delete
    )


def test_a_base_with_a_history_cannot_be_deleted(declared: Walk):
    with pytest.raises(IntegrityError, match=r"LifecycleEvent\.base"):
        declared.base.delete()

    def delete() -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM bases_base WHERE id = %s", [declared.base.pk])

    refused_by_the_wall(declared, "bases_lifecycleevent", delete)


@transaction.atomic
def born(world: World, **changes: object) -> None:
    values = {"training_unit": world.unit, "applicant": world.applicant.user, "policy": Policy.in_force(START)}
    Base.objects.create(name="空降基地", **(values | changes))
    at_commit()


@pytest.mark.parametrize("state", sorted(set(State.values) - {"drafting"}))
def test_a_base_that_begins_in_another_state_than_drafting_is_refused(world: World, state: str):
    dates = {"construction_started_on": START, "construction_ends_on": START + timedelta(days=1)}
    title = {"title_number": "SF-1"} if state == "demonstration" else {}
    with pytest.raises(DatabaseError, match="a base begins in drafting, without events"):
        born(world, state=state, **dates, **title)
    assert Base.objects.count() == 0


def test_a_base_that_begins_with_events_is_refused(world: World):
    with pytest.raises(DatabaseError, match="a base begins in drafting, without events"):
        born(world, events_count=3)
    assert Base.objects.count() == 0


def test_what_else_is_written_of_a_base_needs_no_event(declared: Walk):
    Base.objects.filter(pk=declared.base.pk).update(field="智能制造")
    at_commit()
    assert Base.objects.get(pk=declared.base.pk).field == "智能制造"


# The same at a real commit


@pytest.mark.django_db(transaction=True)
def test_the_commit_itself_is_refused_and_nothing_of_it_remains():
    walk = in_state(World.create(), State.DECLARED)
    before = record(walk.base)
    with pytest.raises(DatabaseError, match="without exactly one event"), transaction.atomic():
        assert Base.objects.filter(pk=walk.base.pk).update(state="recognised", events_count=2) == 1
    assert record(walk.base) == before


@pytest.mark.django_db(transaction=True)
def test_an_event_of_an_earlier_transaction_carries_no_later_move():
    walk = in_state(World.create(), State.DECLARED)
    walk.go("return_for_revision")
    past = record(walk.base)
    # Somebody lays an event down beforehand, past the trigger that asks for its move.
    with pgtrigger.ignore("bases.LifecycleEvent:event_needs_its_move"):
        event_of(walk.base, "drafting", "declared", 3).save()
    assert LifecycleEvent.objects.filter(base=walk.base, sequence=3, transaction__gt=0).count() == 1
    with pytest.raises(DatabaseError, match="without exactly one event"):
        Base.objects.filter(pk=walk.base.pk).update(state="declared", events_count=3)
    assert record(walk.base)[0] == past[0]


@pytest.mark.django_db(transaction=True)
def test_a_refused_act_writes_nothing():
    walk = in_state(World.create(), State.DECLARED)
    before = record(walk.base)
    with pytest.raises(Refused):
        walk.go("decline", reason="")
    assert record(walk.base) == before
