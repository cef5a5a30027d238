"""提交截止: the last day for the sheets of a round reminds experts and the officer, and closes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test.utils import override_settings

from applications.models import Application, Assignment, Panel, Round
from applications.services import assigning, recognising, recusals, sheet_deadline
from bases.models import Base
from portal import inbox
from portal.acting import Acting
from portal.errors import NotYours, Refused
from tests.applications.conftest import SignedIn
from tests.applications.pages import Page
from tests.conftest import TODAY
from tests.factories import World

pytestmark = [pytest.mark.django_db, pytest.mark.article("8(3)")]
DUE, DAY = TODAY + timedelta(days=5), timedelta(days=1)


@dataclass(frozen=True)
class Standing:
    """What every test here begins with: a base that has three experts and is ready to go to them."""

    world: World
    base: int


@pytest.fixture(scope="module")
def standing(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Standing]:
    """Built once; each test begins from it and is taken back to it."""
    quick = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    folder = tmp_path_factory.mktemp("files")
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(PASSWORD_HASHERS=quick, MEDIA_ROOT=folder):
            world = World.create()
            base = world.recommended(TODAY)
            recognising.assign_experts(base=base, acting=world.officer, on=TODAY, experts=world.expert_users(3))
        yield Standing(world, base.pk)
        transaction.set_rollback(True)


@pytest.fixture
def world(standing: Standing, db: None) -> World:
    return replace(standing.world)


@pytest.fixture
def base(standing: Standing, world: World) -> Base:
    return Base.objects.get(pk=standing.base)


def the_round() -> Round:
    return Round.objects.select_related("policy").get()


def begin(world: World, base: Base, due_on: date = DUE) -> Panel:
    """The dossiers go out, with the last day for the sheets."""
    application = Application.objects.get(base=base)
    assigning.start_review(
        round_=the_round(), applications=[application.pk], sheets_due_on=due_on, by=world.officer, on=TODAY
    )
    return Panel.objects.get(application=application)


def late_items(acting: Acting, on: date) -> list[str]:
    """What the inbox says of late sheets."""
    return [item.why for item in inbox.items(acting, on) if "逾期没有提交" in item.why]


class TestTheDay:
    def test_is_set_when_the_reviews_begin_and_can_be_moved(self, world: World, base: Base) -> None:
        assert sheet_deadline.proposed(the_round(), TODAY) == TODAY + timedelta(days=21)
        begin(world, base)
        assert (the_round().sheets_due_on, sheet_deadline.proposed(the_round(), TODAY)) == (DUE, DUE)
        sheet_deadline.set_due(round_=the_round(), due_on=DUE + DAY, by=world.officer, on=TODAY)
        assert the_round().sheets_due_on == DUE + DAY

    @pytest.mark.parametrize(
        ("due_on", "said"),
        [
            (TODAY - DAY, "提交截止 2026-11-23 已经过去，请填写今天或者以后的日期。"),
            (TODAY + timedelta(days=367), "提交截止 2027-11-26 在一年以后，请核对年份。"),
        ],
    )
    def test_lies_ahead_within_a_year_or_no_review_begins(
        self, world: World, base: Base, due_on: date, said: str
    ) -> None:
        with pytest.raises(Refused) as refusal:
            begin(world, base, due_on)
        assert refusal.value.reasons == (said,)
        assert (the_round().sheets_due_on, Panel.objects.get().started) == (None, False)

    def test_may_be_today_and_is_never_before_the_round(self, world: World, base: Base) -> None:
        sheet_deadline.set_due(round_=the_round(), due_on=TODAY, by=world.officer, on=TODAY)
        early = the_round().opens_on - DAY
        with pytest.raises(Refused, match="早于批次的申报开始日期"):
            sheet_deadline.set_due(round_=the_round(), due_on=early, by=world.officer, on=early)
        assert the_round().sheets_due_on == TODAY

    def test_is_set_by_the_officer_alone(self, world: World, base: Base) -> None:
        for by in (world.leader, world.unit_officer, world.experts[0]):
            with pytest.raises(NotYours, match="评分表的提交截止由教育厅经办设定。"):
                sheet_deadline.set_due(round_=the_round(), due_on=DUE, by=by, on=TODAY)
        assert the_round().sheets_due_on is None


class TestWhoIsReminded:
    def test_the_expert_sees_the_days_left_in_the_inbox_the_list_and_the_sheet(
        self, world: World, base: Base, signed_in: SignedIn
    ) -> None:
        panel = begin(world, base)
        expert = world.experts[0]
        (item,) = inbox.items(expert, TODAY)
        assert item.due == DUE
        client = signed_in(expert)
        (row,) = Page.of(client.get("/reviews/")).rows()
        assert "2026-11-29 还剩 5 天" in " ".join(row)
        own = panel.assignments.get(expert=expert.user)
        recusals.declare_free(assignment=own, by=expert, on=TODAY)
        assert "请在 2026-11-29 前提交（还剩 5 天）。" in Page.of(client.get(f"/reviews/{own.pk}/")).text

    def test_the_officer_hears_of_what_is_late_from_the_day_after(self, world: World, base: Base) -> None:
        panel = begin(world, base)
        own = panel.assignments.get(expert=world.experts[0].user)
        recusals.declare_free(assignment=own, by=world.experts[0], on=TODAY)
        world.score(panel, 80, TODAY, count=1)
        assert late_items(world.officer, DUE) == []
        first, second = (each.user.full_name for each in world.experts[1:3])
        why = f"有 2 份评分表逾期没有提交：{first} 1 份、{second} 1 份。请催交，或者改期、补派。"
        assert late_items(world.officer, DUE + DAY) == [why]
        item = next(each for each in inbox.items(world.officer, DUE + DAY) if each.why == why)
        assert (item.due, item.url, item.button) == (
            DUE, f"/rounds/{the_round().pk}/review/experts/?sort=-waiting", "查看未交的专家",
        )  # fmt: skip
        assert late_items(world.leader, DUE + DAY) == []

    def test_whoever_left_or_whose_panel_is_settled_is_not_late(self, world: World, base: Base) -> None:
        panel = begin(world, base)
        gone = panel.assignments.order_by("pk")[0]
        Assignment.objects.filter(pk=gone.pk).update(status="declined", ended_reason="没有时间。")
        (late,) = sheet_deadline.late(DUE + DAY)
        assert (late.sheets, sorted(late.of.values())) == (2, [1, 1])
        Panel.objects.filter(pk=panel.pk).update(aggregate=80, fixed_on=TODAY)
        assert sheet_deadline.late(DUE + DAY) == []

    def test_a_day_that_is_over_closes_no_page(
        self, world: World, base: Base, signed_in: SignedIn, on_day: Any
    ) -> None:
        panel = begin(world, base)
        on_day(DUE + timedelta(days=3))
        client = signed_in(world.experts[0])
        (row,) = Page.of(client.get("/reviews/")).rows()
        assert "已逾期 3 天" in " ".join(row)
        world.score(panel, 80, DUE + timedelta(days=3))
        assert set(panel.assignments.values_list("status", flat=True)) == {"submitted"}


class TestThePages:
    def test_the_start_asks_for_the_day(self, world: World, base: Base, signed_in: SignedIn) -> None:
        url, client = f"/rounds/{the_round().pk}/review/start/", signed_in(world.officer)
        assert Page.of(client.get(url)).value("sheets_due_on") == "2026-12-15"
        sent = {"applications": [Application.objects.get(base=base).pk]}
        refused = Page.of(client.post(url, sent | {"sheets_due_on": "2026-11-23"}))
        assert (refused.status, refused.beside("sheets_due_on")) == (
            422, ["提交截止 2026-11-23 已经过去，请填写今天或者以后的日期。"],
        )  # fmt: skip
        assert Page.of(client.post(url, sent)).beside("sheets_due_on") == ["请填写这一项。"]
        done = client.post(url, sent | {"sheets_due_on": "2026-11-29"}, follow=True)
        assert "评审已启动：1 份申请书的材料已送达 3 名专家，评分表在 2026-11-29 前提交。" in Page.of(done).text
        assert "评分表提交截止 2026-11-29（还剩 5 天） · 改期" in Page.of(done).text

    def test_the_board_the_experts_and_the_plan_show_it_and_lead_to_its_change(
        self, world: World, base: Base, signed_in: SignedIn
    ) -> None:
        review, client = f"/rounds/{the_round().pk}/review/", signed_in(world.officer)
        shown = (review, f"{review}experts/", f"{review}plan/")
        for url in shown:
            assert "还没有设定评分表提交截止 · 设定" in Page.of(client.get(url)).text
        early = Page.of(client.post(f"{review}due/", {"due_on": "2026-11-23"}))
        assert (early.status, early.beside("due_on")) == (
            422, ["提交截止 2026-11-23 已经过去，请填写今天或者以后的日期。"],
        )  # fmt: skip
        assert client.post(f"{review}due/", {"due_on": "2026-11-29"}).url == review
        for url in shown:
            assert "评分表提交截止 2026-11-29（还剩 5 天） · 改期" in Page.of(client.get(url)).text
        assert "改期" not in Page.of(signed_in(world.leader).get(review)).text
