from collections.abc import Callable
from datetime import date
from io import StringIO
from itertools import groupby
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bases.lifecycle import State
from bases.management.commands.verify_history import Command
from bases.models import Base, LifecycleEvent
from bases.services import history
from bases.services.history import Flaw, first_flaw, seal
from tests.bases.walking import Walk, in_state
from tests.factories import World

EDITED, UNLINKED, WRONG_STATE = "记录内容被改动", "与上一条记录的链接不符", "基地当前状态与历史记录不符"


@pytest.fixture
def bases(world: World) -> list[Walk]:
    """Three bases with seven, five and no events, in the order of their keys; their triggers are satisfied."""
    walks = [in_state(world, state) for state in (State.RECOGNISED, State.SHORTLISTED, State.DRAFTING)]
    connection.check_constraints()
    return walks


def inside_the_database(*statements: str) -> None:
    """What somebody with the owner's rights can do: switch the triggers off and write."""
    with connection.cursor() as cursor:
        for table in ("bases_lifecycleevent", "bases_base"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            cursor.execute(statement)
        connection.check_constraints()  # of the foreign keys, which hold
        for table in ("bases_lifecycleevent", "bases_base"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def event(walk: Walk, sequence: int) -> LifecycleEvent:
    return LifecycleEvent.objects.get(base=walk.base, sequence=sequence)


def verification() -> str:
    """What the command says, on either way out."""
    out = StringIO()
    try:
        call_command("verify_history", stdout=out)
    except CommandError as error:
        return f"exit {error.returncode}: {error}"
    return f"exit 0: {out.getvalue().strip()}"


def test_an_untouched_history_is_verified(bases: list[Walk]):
    assert first_flaw() is None
    assert verification() == "exit 0: 历史记录完整：12 条记录均与写入时一致。"


def test_a_portal_without_any_history_is_verified(db: None):
    assert verification() == "exit 0: 历史记录完整：0 条记录均与写入时一致。"


def test_the_first_event_stands_alone_and_every_later_one_carries_the_hash_before_it(bases: list[Walk]):
    hashes = list(LifecycleEvent.objects.filter(base=bases[0].base).values_list("hash", flat=True))
    before = list(LifecycleEvent.objects.filter(base=bases[0].base).values_list("previous_hash", flat=True))
    assert before == ["", *hashes[:-1]]
    assert len(set(hashes)) == 7


CHANGES = {
    "transition": "'reject'",
    "source": "'reassessing'",
    "target": "'revoked'",
    "actor_id": "NULL",
    "actor_name": "'别人'",
    "role": "'sysadmin'",
    "organisation": "'别处'",
    "at": "\"at\" + interval '1 microsecond'",
    "on": '"on" - 1',
    "articles": "'1'",
    "reason": "'改过的理由'",
    "document_id": "(SELECT min(id) FROM bases_officialdocument)",
    "evidence": "jsonb_set(evidence, '{notice}', '1')",
}


def test_everything_that_an_event_says_is_sealed():
    columns = {field.attname for field in LifecycleEvent._meta.concrete_fields}
    assert columns - set(CHANGES) == {"id", "base_id", "sequence", "previous_hash", "hash", "transaction"}


@pytest.mark.parametrize("column", CHANGES)
def test_a_changed_word_is_found(world: World, bases: list[Walk], column: str):
    world.in_state(State.CONSTRUCTING, date(2026, 11, 24))  # it has a document
    connection.check_constraints()
    third = event(bases[0], 3)
    inside_the_database(f'UPDATE bases_lifecycleevent SET "{column}" = {CHANGES[column]} WHERE id = {third.pk}')  # noqa: S608
    assert first_flaw() == Flaw(bases[0].base.pk, 3, EDITED)


def test_an_edited_reason_is_named_with_base_and_event(bases: list[Walk]):
    inside_the_database(f"UPDATE bases_lifecycleevent SET reason = '改过' WHERE id = {event(bases[1], 4).pk}")  # noqa: S608
    assert verification() == f"exit 1: 历史记录不完整：基地 {bases[1].base.pk} 第 4 条：记录内容被改动"


def test_an_event_that_was_edited_and_sealed_again_is_found_at_the_next_one(bases: list[Walk]):
    forged = event(bases[0], 3)
    forged.reason = "改过"
    inside_the_database(
        f"UPDATE bases_lifecycleevent SET reason = '改过', hash = '{seal(forged)}' WHERE id = {forged.pk}"  # noqa: S608
    )
    assert first_flaw() == Flaw(bases[0].base.pk, 4, UNLINKED)


@pytest.mark.parametrize("sequence", [1, 4, 7])
def test_a_removed_event_is_found(bases: list[Walk], sequence: int):
    inside_the_database(f"DELETE FROM bases_lifecycleevent WHERE id = {event(bases[0], sequence).pk}")  # noqa: S608
    problem = WRONG_STATE if sequence == 7 else f"缺少第 {sequence} 条记录"
    assert first_flaw() == Flaw(bases[0].base.pk, sequence, problem)


def test_a_removed_event_whose_gap_was_closed_is_found(bases: list[Walk]):
    pk = bases[0].base.pk
    inside_the_database(
        f"DELETE FROM bases_lifecycleevent WHERE base_id = {pk} AND sequence = 4",  # noqa: S608
        f"UPDATE bases_lifecycleevent SET sequence = 4 WHERE base_id = {pk} AND sequence = 5",  # noqa: S608
        f"UPDATE bases_lifecycleevent SET sequence = 5 WHERE base_id = {pk} AND sequence = 6",  # noqa: S608
        f"UPDATE bases_lifecycleevent SET sequence = 6 WHERE base_id = {pk} AND sequence = 7",  # noqa: S608
        f"UPDATE bases_base SET events_count = 6 WHERE id = {pk}",  # noqa: S608
    )
    assert first_flaw() == Flaw(pk, 4, UNLINKED)


def test_a_whole_history_that_was_emptied_is_found(bases: list[Walk]):
    inside_the_database("TRUNCATE bases_lifecycleevent")
    assert first_flaw() == Flaw(bases[0].base.pk, 1, WRONG_STATE)


def test_swapped_events_are_found(bases: list[Walk]):
    pk = bases[0].base.pk
    inside_the_database(
        f"UPDATE bases_lifecycleevent SET sequence = 100 WHERE base_id = {pk} AND sequence = 3",  # noqa: S608
        f"UPDATE bases_lifecycleevent SET sequence = 3 WHERE base_id = {pk} AND sequence = 4",  # noqa: S608
        f"UPDATE bases_lifecycleevent SET sequence = 4 WHERE base_id = {pk} AND sequence = 100",  # noqa: S608
    )
    assert first_flaw() == Flaw(pk, 3, UNLINKED)


def test_an_event_that_was_given_to_another_base_is_found(bases: list[Walk]):
    taken = event(bases[1], 5)
    inside_the_database(
        f"UPDATE bases_lifecycleevent SET base_id = {bases[2].base.pk}, sequence = 1 WHERE id = {taken.pk}",  # noqa: S608
        f"UPDATE bases_base SET events_count = 4, state = 'in_review' WHERE id = {bases[1].base.pk}",  # noqa: S608
    )
    assert first_flaw() == Flaw(bases[2].base.pk, 1, UNLINKED)


@pytest.mark.parametrize("change", ["state = 'declared'", "events_count = events_count + 1"])
def test_a_changed_base_is_found(bases: list[Walk], change: str):
    inside_the_database(f"UPDATE bases_base SET {change} WHERE id = {bases[1].base.pk}")  # noqa: S608
    assert first_flaw() == Flaw(bases[1].base.pk, 6, WRONG_STATE)


def test_a_draft_that_became_something_without_any_event_is_found(bases: list[Walk]):
    inside_the_database(f"UPDATE bases_base SET state = 'recognised' WHERE id = {bases[2].base.pk}")  # noqa: S608
    assert first_flaw() == Flaw(bases[2].base.pk, 1, WRONG_STATE)


@pytest.mark.parametrize("which", [0, 1])
def test_events_whose_base_has_gone_are_found(bases: list[Walk], which: int):
    gone = bases[which].base.pk
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, "bases_lifecycleevent")
        (key,) = (name for name, found in constraints.items() if found["foreign_key"] == ("bases_base", "id"))
        cursor.execute(f"ALTER TABLE bases_lifecycleevent DROP CONSTRAINT {key}")
    inside_the_database(f"DELETE FROM bases_base WHERE id >= {gone}")  # noqa: S608
    assert first_flaw() == Flaw(gone, 1, "记录所属的基地已不存在")


def test_the_first_of_several_flaws_is_named(bases: list[Walk]):
    numbers = [event(bases[1], 2).pk, event(bases[0], 6).pk, event(bases[0], 5).pk]
    inside_the_database(*(f"UPDATE bases_lifecycleevent SET reason = '改' WHERE id = {pk}" for pk in numbers))  # noqa: S608
    assert first_flaw() == Flaw(bases[0].base.pk, 5, EDITED)


@pytest.mark.django_db(transaction=True)
def test_the_command_ends_with_1_for_a_broken_history_and_with_0_otherwise(capsys: pytest.CaptureFixture[str]):
    walk = in_state(World.create(), State.DECLARED)
    Command().run_from_argv(["manage.py", "verify_history"])
    assert capsys.readouterr().out == "历史记录完整：1 条记录均与写入时一致。\n"
    inside_the_database("UPDATE bases_lifecycleevent SET reason = '改过'")
    with pytest.raises(SystemExit) as ended:
        Command().run_from_argv(["manage.py", "verify_history"])
    assert ended.value.code == 1
    assert capsys.readouterr().err == f"CommandError: 历史记录不完整：基地 {walk.base.pk} 第 1 条：记录内容被改动\n"


@pytest.mark.django_db(transaction=True)
def test_a_base_that_moves_while_the_history_is_verified_is_no_flaw(
    at_once: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch
):
    walk = in_state(World.create(), State.DECLARED)

    def read_and_then_move(events: Any, key: Any) -> Any:
        read = [(base_id, list(own)) for base_id, own in groupby(events, key)]
        at_once(lambda: walk.go("decline"))
        return iter(read)

    monkeypatch.setattr(history, "groupby", read_and_then_move)
    assert first_flaw() is None
    assert Base.objects.get(pk=walk.base.pk).events_count == 2


# The auditor's page


@pytest.fixture
def auditor(world: World) -> Client:
    client = Client()
    client.force_login(world.auditor.user)
    return client


def test_the_auditor_reads_who_moved_what_when_on_which_article(auditor: Client, bases: list[Walk]):
    page = auditor.get("/history/")
    assert [(e.base_id, e.sequence) for e in page.context["page_obj"]] == [
        *((bases[1].base.pk, n) for n in range(5, 0, -1)),
        *((bases[0].base.pk, n) for n in range(7, 0, -1)),
    ]
    text = page.content.decode()
    assert "推荐至教育厅" in text
    assert "研院老师" in text


def test_the_auditor_looks_for_one_kind_of_move(auditor: Client, bases: list[Walk]):
    page = auditor.get("/history/", {"transition": "recognise"})
    assert [e.transition for e in page.context["page_obj"]] == ["recognise"]


def test_the_auditor_verifies_the_history_on_the_page(auditor: Client, bases: list[Walk]):
    assert "核验通过：全部记录前后相接" in auditor.post("/history/").content.decode()
    inside_the_database(f"UPDATE bases_lifecycleevent SET reason = '改过' WHERE id = {event(bases[1], 4).pk}")  # noqa: S608
    page = auditor.post("/history/")
    assert page.context["flaw"] == Flaw(bases[1].base.pk, 4, EDITED)
    assert f"第一处问题：编号 {bases[1].base.pk} 的基地，第 4 条记录，记录内容被改动。" in page.content.decode()


def test_the_page_takes_the_same_queries_however_long_the_history(auditor: Client, world: World):
    def queries() -> int:
        with CaptureQueriesContext(connection) as taken:
            auditor.get("/history/")
        return len(taken)

    in_state(world, State.DECLARED)
    few = queries()
    for _each in range(3):
        in_state(world, State.RECOGNISED)
    assert queries() == few
