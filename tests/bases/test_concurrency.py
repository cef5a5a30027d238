"""Two persons at once, each on their own connection: one wins, the other is told, and nothing is half done."""

import threading
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from applications.services import recommending
from bases.lifecycle import RULES, State
from bases.models import Base, Membership, OfficialDocument, Policy
from bases.services.documents import register_document
from bases.services.history import first_flaw
from bases.services.lifecycle import advance, lock
from bases.services.people import grant_membership, new_policy_version
from evaluations.services import daily
from portal.acting import Acting
from portal.errors import Overtaken, Refused
from portal.roles import Role
from tests.bases import table
from tests.bases.walking import WAYS, Walk, in_state, record
from tests.factories import UserFactory, World, person

pytestmark = pytest.mark.django_db(transaction=True)

AtOnce = Callable[..., list[Any]]


@pytest.fixture
def world() -> World:
    """A world that is really there for every connection."""
    return World.create()


def until_waiting(count: int) -> None:
    """Until so many connections wait for a lock that this one holds."""
    deadline = time.monotonic() + 20
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0] >= count:
                return
            time.sleep(0.01)
    raise TimeoutError(f"{count} connections should wait for a lock")


def all_behind_one_lock(at_once: AtOnce, base: Base, *acts: Callable[[], Any]) -> list[Any]:
    """Runs the acts while somebody else holds the base, until all of them stand in the queue."""
    held = threading.Event()

    def hold() -> None:
        with transaction.atomic():
            lock(base.pk)
            held.set()
            until_waiting(len(acts))

    def behind(act: Callable[[], Any]) -> Callable[[], Any]:
        def wait_and_act() -> Any:
            assert held.wait(timeout=20)
            return act()

        return wait_and_act

    holding, *results = at_once(hold, *(behind(act) for act in acts))
    assert holding is None
    return results


def mover(walk: Walk, name: str, by: Acting) -> Callable[[], Any]:
    """The move, decided by somebody who saw the base as it is now."""
    seen, evidence = Base.objects.get(pk=walk.base.pk), walk.evidence(name)
    return lambda: advance(seen, name, by=by, evidence=evidence)


def one_winner(results: list[Any]) -> tuple[Base, list[Overtaken]]:
    winners = [result for result in results if isinstance(result, Base)]
    losers = [result for result in results if type(result) is Overtaken]
    assert (len(winners), len(losers)) == (1, len(results) - 1), results
    return winners[0], losers


def test_the_same_move_by_two_officers_is_made_once(world: World, at_once: AtOnce):
    walk = in_state(world, State.DECLARED)
    colleague = person(Role.UNIT_OFFICER, "研院同事", training_unit=world.unit)
    results = all_behind_one_lock(
        at_once, walk.base, mover(walk, "decline", world.unit_officer), mover(walk, "decline", colleague)
    )
    winner, (loser,) = one_winner(results)
    event = winner.events.last()
    assert (winner.state, winner.events_count, winner.events.count()) == ("not_recommended", 2, 2)
    assert event.actor_name == ("研院老师" if results[0] is winner else "研院同事")
    (reason,) = loser.reasons
    assert reason.startswith(f"“不予推荐”没有办理：{event.actor_name}（研究生院） 已于 ")
    assert reason.endswith(" 办理“不予推荐”，基地当前状态为“未获推荐”。请刷新后再看。")


@pytest.mark.parametrize("state", sorted({source for _name, source in table.MOVES}))
def test_of_all_moves_that_are_open_at_once_one_is_made(world: World, at_once: AtOnce, state: str):
    walk = in_state(world, state)
    if state in ("constructing", "demonstration"):
        walk = Walk(world).to(
            *WAYS[State.ASSESSING], "grade_qualified" if state == "constructing" else "grade_excellent"
        )
    names = [name for name in table.ROW if state in table.SOURCES[name]]
    before, events = record(walk.base)
    doers = {name: walk.doer(name) for name in names}
    results = all_behind_one_lock(at_once, walk.base, *(mover(walk, name, doers[name]) for name in [*names, names[0]]))
    winner, losers = one_winner(results)
    after, written = record(walk.base)
    won = [*names, names[0]][results.index(winner)]
    assert written[:-1] == events
    assert (written[-1]["transition"], written[-1]["source"], written[-1]["target"]) == (won, state, after["state"])
    assert after["events_count"] == before["events_count"] + 1
    told = {reason for loser in losers for reason in loser.reasons}
    assert {f"办理“{RULES[won].label}”，基地当前状态为“{winner.state_label}”。" in reason for reason in told} == {True}
    assert first_flaw() is None


@pytest.mark.article("8(2)")
def test_declined_or_published_but_never_both(world: World, at_once: AtOnce, today: date):
    base = world.reviewed(today)
    round = world.round(today)
    colleague = person(Role.UNIT_OFFICER, "研院同事", training_unit=world.unit)

    def publish() -> Any:
        world.publish([base], today, by=colleague)
        return Base.objects.get(pk=base.pk)

    def decline() -> Base:
        return recommending.decline(base=base, acting=world.unit_officer, on=today, reason="布局重复。")

    winner, (loser,) = one_winner(all_behind_one_lock(at_once, base, publish, decline))
    published = winner.state == "unit_notice"
    assert winner.state in {"unit_notice", "not_recommended"}
    assert list(winner.events.values_list("transition", flat=True)) == [
        "declare",
        "publish_unit_notice" if published else "decline",
    ]
    assert round.notices.count() == published
    who, what = ("研院同事", "发布推荐公示") if published else ("研院老师", "不予推荐")
    assert [who in reason and f"办理“{what}”" in reason for reason in loser.reasons] == [True]


@pytest.mark.article("15")
def test_the_daily_job_running_twice_at_once_opens_an_assessment_once(world: World, at_once: AtOnce):
    base = world.constructing(date(2023, 11, 24))
    at_once(*[lambda: daily.run(on=date(2026, 11, 24))] * 2)
    assert Base.objects.get(pk=base.pk).state == "assessing"
    assert base.events.filter(transition="open_assessment").count() == 1
    assert first_flaw() is None


# Numbers of documents


def registered(world: World, base: Base, title: str = "通知", year: int = 2026) -> OfficialDocument:
    day = date(year, 11, 24)
    return register_document(
        kind="recognition", title=title, document_date=day, published_on=day, bases=[base], by=world.officer
    )


@pytest.mark.parametrize("before", [0, 1])
def test_documents_registered_at_once_get_consecutive_numbers(world: World, at_once: AtOnce, before: int):
    base = in_state(world, State.RECOGNISED).base
    for _each in range(before):
        registered(world, base)
    documents = at_once(*[lambda: registered(world, base)] * 6)
    assert sorted(document.serial for document in documents) == list(range(before + 1, before + 7))
    assert {document.number for document in documents} == {
        f"内教研函〔2026〕{n}号" for n in range(before + 1, before + 7)
    }


@pytest.mark.parametrize("before", [0, 1])
def test_a_number_that_was_taken_and_given_back_leaves_no_gap(world: World, at_once: AtOnce, before: int):
    base = in_state(world, State.RECOGNISED).base
    for _each in range(before):
        registered(world, base)
    taken = threading.Event()
    numbers = []

    def take_and_give_back() -> None:
        with transaction.atomic():
            numbers.append(registered(world, base, "没有发出").serial)
            taken.set()
            until_waiting(1)
            raise Refused("改了主意")

    def wait_for_a_number() -> OfficialDocument:
        assert taken.wait(timeout=20)
        return registered(world, base, "发出")

    refused, document = at_once(take_and_give_back, wait_for_a_number)
    assert (type(refused), numbers, document.serial) == (Refused, [before + 1], before + 1)
    assert sorted(OfficialDocument.objects.values_list("serial", flat=True)) == list(range(1, before + 2))


def test_each_issuer_and_each_year_counts_for_itself(world: World):
    base = in_state(world, State.RECOGNISED).base
    day = date(2026, 11, 24)
    numbers = [
        registered(world, base).number,
        registered(world, base, year=2027).number,
        registered(world, base).number,
    ]
    for unit in (world.unit, world.other_unit):
        own = register_document(
            kind="recognition", title="函", document_date=day, published_on=day, bases=[base], by=world.unit_officer,
            issuer_unit=unit,
        )  # fmt: skip
        numbers.append(own.number)
    assert numbers == [
        "内教研函〔2026〕1号",
        "内教研函〔2027〕1号",
        "内教研函〔2026〕2号",
        f"{world.unit.document_word}〔2026〕1号",
        f"{world.other_unit.document_word}〔2026〕1号",
    ]


# Roles


def test_two_administrators_roles_given_at_once_do_not_meet_on_one_person(world: World, at_once: AtOnce):
    somebody = UserFactory(full_name="新来的人")
    admin = world.security_admin.user
    given = at_once(
        lambda: grant_membership(user=somebody, role=Role.SYSADMIN, by=admin),
        lambda: grant_membership(user=somebody, role=Role.AUDITOR, by=admin),
    )
    assert sorted(type(result).__name__ for result in given) == ["Membership", "Refused"]
    assert Membership.objects.filter(user=somebody).count() == 1
    (refused,) = (result for result in given if isinstance(result, Refused))
    assert refused.reasons == ("系统管理员、安全管理员、审计员三者互斥，新来的人 已担任其中之一。",)


def test_two_new_policy_versions_at_once_are_one_and_a_clear_message(
    world: World, at_once: AtOnce, today: date, monkeypatch: pytest.MonkeyPatch
):
    met = threading.Barrier(2)
    real = Policy.full_clean

    def full_clean(self: Policy, **given: Any) -> None:
        real(self, **given)
        met.wait(timeout=20)  # both have looked before either writes

    monkeypatch.setattr(Policy, "full_clean", full_clean)

    def add(days: int) -> Callable[[], Policy]:
        begins = today + timedelta(days=days)
        return lambda: new_policy_version(effective_from=begins, by=world.security_admin.user, on=today)

    results = at_once(add(1), add(2))
    (refused,) = [result for result in results if not isinstance(result, Policy)]
    assert type(refused) is Refused, refused
    assert refused.reasons == ("刚刚已有人登记了新版本，没有重复登记。请刷新后再看。",)
