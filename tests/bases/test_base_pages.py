from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import rules
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.services import declaring
from bases.lifecycle import State
from bases.models import Base
from bases.queries import search, visible_bases
from bases.services.documents import register_document
from portal.acting import ANYBODY, Acting
from portal.roles import Role
from tests.bases.conftest import SignedIn
from tests.bases.walking import Walk, in_state
from tests.factories import World, person

INSIDERS = {"applicant", "unit_officer", "partner_officer", "dept_officer", "dept_leader"}


def queries(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as taken:
        act()
    return len(taken)


@pytest.fixture
def colleague(world: World) -> Acting:
    """Another applicant of the same unit."""
    return person(Role.APPLICANT, "同事教授", training_unit=world.unit)


@pytest.fixture
def bases(world: World, colleague: Acting, today: date) -> dict[str, Base]:
    """Drafts and declared bases of three applicants, and one that was sent back."""
    by_colleague = replace(world, applicant=colleague, made=100)
    abroad = {"unit": world.other_unit, "applicant": world.other_applicant, "partner": world.other_partner}
    elsewhere = replace(world, **abroad, unit_officer=world.other_unit_officer, made=200)
    sent_back = world.declared(today)
    declaring.return_for_revision(base=sent_back, acting=world.unit_officer, on=today, reason="请补充材料。")
    made = {
        "own draft": world.draft(today), "own, sent back": sent_back, "own, declared": world.declared(today),
        "colleague's draft": by_colleague.draft(today), "colleague's, declared": by_colleague.declared(today),
        "another unit's": elsewhere.declared(today),
    }  # fmt: skip
    return {name: Base.objects.get(pk=base.pk) for name, base in made.items()}


SEEN = {
    "applicant": {"own draft", "own, sent back", "own, declared"},
    "unit_officer": {"own draft", "own, sent back", "own, declared", "colleague's draft", "colleague's, declared"},
    "partner_officer": {"own, sent back", "own, declared", "colleague's, declared"},
    "dept_officer": {"own, sent back", "own, declared", "colleague's, declared", "another unit's"},
    "dept_leader": {"own, sent back", "own, declared", "colleague's, declared", "another unit's"},
}


# Who sees which base


@pytest.mark.parametrize("role", Role.values)
def test_a_role_sees_its_own_bases_and_no_unsent_drafts_of_others(world: World, bases: dict[str, Base], role: str):
    seen = set(visible_bases(world.everybody()[role]).values_list("pk", flat=True))
    assert {name for name, base in bases.items() if base.pk in seen} == SEEN.get(role, set())


def test_the_counterparts_elsewhere_see_theirs(world: World, bases: dict[str, Base]):
    theirs = (world.other_applicant, world.other_unit_officer, world.other_partner_officer)
    assert [list(visible_bases(who)) for who in theirs] == [[bases["another unit's"]]] * 3
    assert list(visible_bases(ANYBODY)) == []


def test_an_applicant_who_changed_the_unit_no_longer_sees_the_old_one(world: World, bases: dict[str, Base]):
    moved = Acting(role=Role.APPLICANT, user=world.applicant.user, unit_id=world.other_unit.pk)
    assert list(visible_bases(moved)) == []


def test_the_query_and_the_rule_say_the_same(world: World, bases: dict[str, Base], colleague: Acting):
    people = [*world.everybody().values(), colleague, world.other_unit_officer, world.other_partner_officer, ANYBODY]
    for who in people:
        by_rule = {base.pk for base in bases.values() if rules.test_rule("view_base", who, base)}
        assert set(visible_bases(who).values_list("pk", flat=True)) == by_rule


@pytest.mark.parametrize("role", Role.values)
def test_the_list_and_the_pages_show_what_the_role_sees(
    world: World, bases: dict[str, Base], signed_in: SignedIn, role: str
):
    client, pages = signed_in(world.everybody()[role]), {}
    listed = client.get("/bases/")
    for name, base in bases.items():
        pages[name] = client.get(f"/bases/{base.pk}/").status_code
    if role not in INSIDERS:
        assert (listed.status_code, set(pages.values())) == (403, {403})
        return
    assert {base.pk for base in listed.context["page_obj"]} == {bases[name].pk for name in SEEN[role]}
    assert pages == {name: 200 if name in SEEN[role] else 404 for name in bases}


def test_the_public_is_led_to_the_login(bases: dict[str, Base]):
    answers = [Client().get(path) for path in ("/bases/", f"/bases/{bases['own, declared'].pk}/")]
    assert [(a.status_code, a.url.split("?")[0]) for a in answers] == [(302, "/login/")] * 2


# Finding


def test_a_base_is_found_by_any_words_of_its_name_unit_or_partner(world: World):
    for name in ("智能制造基地", "现代农业基地"):
        Base.objects.filter(pk=Walk(world).base.pk).update(name=name)
    found = {
        words: [base.name for base in search(Base.objects.order_by("pk"), words)]
        for words in ("制造", "基地", f"农业 {world.partner.name[:4]}", f"制造 {world.unit.name}", "制造 农业", "  ")
    }
    assert found == {
        "制造": ["智能制造基地"],
        "基地": ["智能制造基地", "现代农业基地"],
        f"农业 {world.partner.name[:4]}": ["现代农业基地"],
        f"制造 {world.unit.name}": ["智能制造基地"],
        "制造 农业": [],
        "  ": ["智能制造基地", "现代农业基地"],
    }


def test_the_list_keeps_its_filters_in_the_address(world: World, bases: dict[str, Base], signed_in: SignedIn):
    client = signed_in(world.unit_officer)
    drafts = client.get("/bases/", {"state": "drafting"}).context["page_obj"]
    assert {base.pk for base in drafts} == {
        bases[name].pk for name in ("own draft", "own, sent back", "colleague's draft")
    }
    assert len(client.get("/bases/", {"state": "no such state"}).context["page_obj"]) == 5
    nothing = client.get("/bases/", {"q": "没有这样的基地"})
    assert "没有符合条件的基地" in nothing.content.decode()


def test_a_foreign_base_is_not_found_by_searching(world: World, bases: dict[str, Base], signed_in: SignedIn):
    answer = signed_in(world.unit_officer).get("/bases/", {"q": bases["another unit's"].name})
    assert list(answer.context["page_obj"]) == []


# The page of a base


def test_the_page_tells_where_the_base_is_and_who_moved_it(world: World, signed_in: SignedIn, today: date):
    base = world.recommended(today)
    page = signed_in(world.officer).get(f"/bases/{base.pk}/")
    text = page.content.decode()
    assert [event.transition for event in page.context["events"]] == ["recommend", "publish_unit_notice", "declare"]
    assert [word for word in ("已推荐（报教育厅）", "推荐至教育厅", "研院老师", "2026-11-24") if word not in text] == []


@pytest.mark.parametrize("state", State.values)
def test_the_page_opens_in_every_state_for_everybody_who_sees_the_base(
    world: World, signed_in: SignedIn, today: date, state: str
):
    base = world.in_state(state, today)
    opened = {
        role: (page.status_code, base.state_label in page.content.decode())
        for role, who in world.everybody().items()
        if role in INSIDERS
        for page in [signed_in(who).get(f"/bases/{base.pk}/")]
    }
    hidden = (
        {} if base.events_count else dict.fromkeys(("partner_officer", "dept_officer", "dept_leader"), (404, False))
    )
    assert opened == dict.fromkeys(INSIDERS, (200, True)) | hidden


def test_the_page_takes_the_same_queries_however_long_its_history(world: World, signed_in: SignedIn, today: date):
    client, base = signed_in(world.officer), world.sent_back_and_declared_again(today)

    def document() -> None:
        register_document(
            kind="criticism", title="通报", document_date=today, published_on=today, bases=[base], by=world.officer
        )

    document()
    short = queries(lambda: client.get(f"/bases/{base.pk}/"))
    for _each in range(4):
        current = Base.objects.get(pk=base.pk)
        declaring.return_for_revision(base=current, acting=world.unit_officer, on=today, reason="请再补充。")
        declaring.declare(base=Base.objects.get(pk=base.pk), acting=world.applicant, on=today)
        document()
    world.review(Base.objects.get(pk=base.pk), today)
    page = client.get(f"/bases/{base.pk}/")
    assert (len(page.context["events"]), len(page.context["documents"])) == (13, 6)
    assert queries(lambda: client.get(f"/bases/{base.pk}/")) == short


@pytest.mark.parametrize("role", sorted(INSIDERS))
def test_the_list_takes_the_same_queries_however_many_bases_it_shows(
    world: World, signed_in: SignedIn, settings: Any, role: str
):
    settings.INBOX_COUNT_SECONDS = 60  # the number beside 待办 is not the list's own
    client = signed_in(world.everybody()[role])
    in_state(world, State.DECLARED)
    client.get("/")
    few = queries(lambda: client.get("/bases/"))
    for state in (State.CONSTRUCTING, State.RECTIFYING, State.DEMONSTRATION, State.NOT_RECOGNISED):
        in_state(world, state)
    assert len(client.get("/bases/").context["page_obj"]) == 5
    assert queries(lambda: client.get("/bases/")) == few


def test_an_act_on_a_page_that_was_opened_before_somebody_else_moved_the_base_is_not_carried_out(
    client: Client, world: World, today: date
):
    """不予推荐 is open before and after 发布推荐公示; whoever decided before has not seen the notice."""
    base = world.reviewed(today)
    client.force_login(world.unit_officer.user)
    page = reverse("act", args=[base.pk, "decline"])
    seen = client.get(page).context["form"]["seen"].value()
    world.publish_unit_notice(base, today)
    answer = client.post(page, {"reason": "布局重复。", "seen": seen})
    assert answer.status_code == 422
    assert answer.context["form"].errors["seen"] == [
        "没有办理：您打开本页之后，基地状态已变为“推荐公示”。请重新打开基地页面，看过最新情况再办理。"
    ]
    assert Base.objects.get(pk=base.pk).state == State.UNIT_NOTICE
    client.post(page, {"reason": "布局重复。", "seen": client.get(page).context["form"]["seen"].value()})
    assert Base.objects.get(pk=base.pk).state == State.NOT_RECOMMENDED
