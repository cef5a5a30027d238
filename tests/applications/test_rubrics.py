"""指标体系: versions, drafted by one and put in force by another, frozen from then on, kept by the panels that opened with them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from applications.models import Criterion, Rubric, RubricDrafter
from applications.rubric_forms import stored
from applications.services import recognising, rubrics
from portal import inbox
from portal.errors import NotYours, Overtaken, Refused
from portal.roles import Role
from tests.applications.conftest import SignedIn
from tests.applications.pages import Page
from tests.factories import World, person

pytestmark = pytest.mark.article("8(3)")
APPLICATION = {"fit": 20, "partner": 20, "results": 25, "mentors": 10, "plan": 15, "support": 10}
ASSESSMENT = {"practice": 25, "mentors": 15, "integration": 20, "results": 20, "funds": 10, "rules": 10}


def row(key: str, points: str, **changes: Any) -> rubrics.Row:
    """A criterion as it is drafted."""
    given = {"name": key or "新指标", "descriptor": "看材料。", "floor": Decimal(0), "step": Decimal("0.5")} | changes
    return rubrics.Row(key=key, points=Decimal(points), **given)


def points_of(rubric: Rubric) -> dict[str, Decimal]:
    return dict(rubric.criteria.values_list("key", "points"))


@pytest.fixture
def draft(world: World) -> Rubric:
    return rubrics.draft(purpose="application", by=world.officer)


def save(world: World, draft: Rubric, *rows: rubrics.Row, seen: str | None = None) -> Rubric:
    """The officer keeps the draft with these rows."""
    return rubrics.save_draft(
        rubric=draft, name="申报评审指标", note="突出成效。", rows=rows, seen=seen, by=world.officer
    )


def put_in_force(world: World, draft: Rubric, on: date, seen: str | None = None) -> Rubric:
    return rubrics.put_in_force(rubric=draft, seen=seen, by=world.leader, on=on)


@pytest.mark.article("16")
def test_the_default_sheets_have_a_hundred_points_and_say_what_earns_them(db: None):
    found = {each.purpose: each for each in Rubric.objects.all()}
    assert {purpose: points_of(each) for purpose, each in found.items()} == {
        "application": APPLICATION, "assessment": ASSESSMENT,
    }  # fmt: skip
    assert Criterion.objects.filter(descriptor="").count() == 0


class TestDrafting:
    def test_begins_with_a_copy_of_the_one_in_force_and_there_is_one_draft_a_purpose(self, world: World, draft: Rubric):
        assert (draft.version, draft.state, draft.drafted_by, points_of(draft)) == (
            2, "draft", world.officer.user, APPLICATION,
        )  # fmt: skip
        assert rubrics.draft(purpose="application", by=world.officer) == draft
        with pytest.raises(NotYours, match="指标体系由教育厅经办起草。"):
            rubrics.draft(purpose="assessment", by=world.leader)

    def test_kept_criteria_keep_their_keys_and_new_ones_get_keys_that_were_never_used(
        self, world: World, draft: Rubric
    ):
        saved = save(world, draft, row("results", "50"), row("", "30"), row("fit", "20"), row("forged", "5", name="乙"))
        assert list(saved.criteria.order_by("position").values_list("key", flat=True)) == [
            "results", "added-1", "fit", "added-2",
        ]  # fmt: skip
        assert rubrics.in_force("application").criteria.count() == 6

    def test_what_decides_ties_cannot_be_removed(self, world: World, draft: Rubric):
        with pytest.raises(Refused) as refusal:
            save(world, draft, row("fit", "100"))
        assert refusal.value.reasons == ("“前期合作与成效”决定同分时的排序，不能删除。",)
        assert points_of(draft) == APPLICATION

    def test_a_draft_that_somebody_else_changed_is_not_written_over(self, world: World, draft: Rubric):
        seen = rubrics.fingerprint(draft)
        save(world, draft, row("results", "60"), row("fit", "40"), seen=seen)
        with pytest.raises(Overtaken, match="这份草稿在别的窗口或由他人改动过，没有保存。"):
            save(world, draft, row("results", "100"), seen=seen)
        assert points_of(draft) == {"results": 60, "fit": 40}

    @pytest.mark.django_db(transaction=True)
    def test_two_officers_who_begin_at_once_get_the_same_draft(self, world: World, at_once: Callable[..., list[Any]]):
        begin = lambda: rubrics.draft(purpose="application", by=world.officer)  # noqa: E731
        first, second = at_once(begin, begin)
        assert (first, Rubric.objects.filter(state="draft").count()) == (second, 1)

    def test_is_discarded_without_a_trace_on_the_one_in_force(self, world: World, draft: Rubric):
        rubrics.discard(rubric=draft, by=world.officer)
        assert list(Rubric.objects.filter(purpose="application").values_list("version", "state")) == [(1, "in_force")]
        with pytest.raises(Overtaken, match="这份草稿已被删除，没有改动。"):
            save(world, draft, row("results", "100"))


class TestPuttingInForce:
    def test_retires_the_one_before_and_panels_that_are_open_keep_theirs(
        self, world: World, draft: Rubric, today: date
    ):
        opened = world.in_review(today).panels.get()
        later = world.recommended(today)
        save(world, draft, row("results", "60"), row("fit", "40"))
        put_in_force(world, draft, today)
        assert list(
            Rubric.objects.filter(purpose="application").order_by("version").values_list("state", "in_force_from", "retired_on")
        ) == [("retired", None, today), ("in_force", today, None)]  # fmt: skip
        recognising.assign_experts(base=later, acting=world.officer, on=today, experts=world.expert_users(3))
        opened.refresh_from_db()
        assert (opened.rubric.version, later.panels.get().rubric.version) == (1, 2)

    def test_needs_a_hundred_points_and_a_leader_who_did_not_draft_it(self, world: World, draft: Rubric, today: date):
        save(world, draft, row("results", "60"), row("fit", "35"))
        with pytest.raises(Refused) as refusal:
            put_in_force(world, draft, today)
        assert refusal.value.reasons == ("各项指标合计 95 分，必须正好 100 分才能启用。",)
        with pytest.raises(DatabaseError, match="come to 100"), transaction.atomic():
            Rubric.objects.filter(pk=draft.pk).update(state="in_force")
        save(world, draft, row("results", "60"), row("fit", "40"))
        with pytest.raises(NotYours, match="指标体系由教育厅审批启用。"):
            rubrics.put_in_force(rubric=draft, seen=None, by=world.officer, on=today)

    def test_is_refused_to_everybody_who_ever_saved_the_draft_whoever_saved_it_last(
        self, world: World, draft: Rubric, today: date
    ):
        once_an_officer = replace(world.leader, role=Role.DEPT_OFFICER)
        rows = [row("results", "60"), row("fit", "40")]
        for by in (once_an_officer, once_an_officer, world.officer):
            rubrics.save_draft(rubric=draft, name="申报评审指标", note="", rows=rows, seen=None, by=by)
        assert {each.user for each in draft.drafters.all()} == {world.officer.user, world.leader.user}
        assert [item.title for item in inbox.items(world.leader, today)] == []
        with pytest.raises(NotYours, match="起草过这一版的人不能启用它，请由另一位审批人启用。"):
            put_in_force(world, draft, today)
        with pytest.raises(DatabaseError, match="nobody puts a rubric in force"), transaction.atomic():
            Rubric.objects.filter(pk=draft.pk).update(state="in_force", put_in_force_by=world.leader.user)
        other = person(Role.DEPT_LEADER, "另一位审批人", department=world.department)
        assert [item.title for item in inbox.items(other, today)] == [str(Rubric.objects.get(pk=draft.pk))]
        assert rubrics.put_in_force(rubric=draft, seen=None, by=other, on=today).put_in_force_by == other.user

    def test_who_drafted_stays_on_record_and_goes_with_a_draft_that_is_thrown_away(
        self, world: World, draft: Rubric, today: date
    ):
        with pytest.raises(DatabaseError, match="drafters_stay"), transaction.atomic():
            draft.drafters.update(user=world.leader.user)
        thrown = rubrics.draft(purpose="assessment", by=world.officer)
        rubrics.discard(rubric=thrown, by=world.officer)
        assert RubricDrafter.objects.filter(rubric_id=thrown.pk).count() == 0
        put_in_force(world, draft, today)
        with pytest.raises(DatabaseError, match="drafters_stay"), transaction.atomic():
            draft.drafters.all().delete()

    def test_is_of_what_the_leader_has_read(self, world: World, draft: Rubric, today: date):
        seen = rubrics.fingerprint(draft)
        save(world, draft, row("results", "60"), row("fit", "40"))
        with pytest.raises(Overtaken, match="这份草稿在您打开之后改动过，没有启用。"):
            put_in_force(world, draft, today, seen=seen)

    def test_what_was_put_in_force_never_changes(self, world: World, draft: Rubric, today: date):
        put_in_force(world, draft, today)
        old = Rubric.objects.get(purpose="application", version=1)
        for frozen in (old, draft):
            for change in (
                lambda rubric: rubric.criteria.update(points=1),
                lambda rubric: rubric.criteria.filter(key="fit").delete(),
                lambda rubric: Criterion.objects.create(rubric=rubric, key="more", name="多", points=1, position=9),
                lambda rubric: Rubric.objects.filter(pk=rubric.pk).update(name="改名"),
                lambda rubric: Rubric.objects.filter(pk=rubric.pk).update(state="draft"),
                lambda rubric: Rubric.objects.filter(pk=rubric.pk).delete(),
            ):
                with pytest.raises(DatabaseError, match=r"_frozen|drafters_stay"), transaction.atomic():
                    change(frozen)
        with pytest.raises(Overtaken, match="第 2 版已经启用，不能再改动"):
            save(world, draft, row("results", "100"))


class TestThePages:
    def sent(self, draft: Rubric, *rows: dict[str, Any], **more: str) -> dict[str, str]:
        """What the officer sends."""
        rows = rows or tuple(stored(draft))
        fields = {f"form-{number}-{key}": str(value) for number, each in enumerate(rows) for key, value in each.items()}
        about = {"name": draft.name, "note": "", "seen": rubrics.fingerprint(draft)}
        return about | {"form-TOTAL_FORMS": str(len(rows)), "form-INITIAL_FORMS": "0"} | fields | more

    def test_a_draft_goes_from_the_officer_to_the_leader(self, world: World, today: date, signed_in: SignedIn):
        officer, leader = signed_in(world.officer), signed_in(world.leader)
        page = Page.of(officer.post("/rubrics/new/application/", follow=True))
        draft = Rubric.objects.get(state="draft")
        assert (page.heading, "不能删除" in page.text) == ("起草申报评审指标（第 2 版）", True)
        rows = stored(draft)
        rows[0]["points"], rows[2]["points"] = "15", "30"
        page = Page.of(
            officer.post(f"/rubrics/{draft.pk}/edit/", self.sent(draft, *rows, note="突出成效。"), follow=True)
        )
        assert ("草稿已保存。" in page.text, points_of(draft)) == (True, APPLICATION | {"fit": 15, "results": 30})
        page = Page.of(leader.get(f"/rubrics/{draft.pk}/put-in-force/"))
        assert [
            each for each in ("突出成效。", "已成立的评审组仍用原来的版本", "满分改动") if each not in page.text
        ] == []
        done = Page.of(leader.post(f"/rubrics/{draft.pk}/put-in-force/", {"seen": page.value("seen")}, follow=True))
        assert ("第 2 版已启用，原来的版本已停用。" in done.text, rubrics.in_force("application")) == (True, draft)
        assert "0 个评审组采用这一版，内容不再改动。" in done.text

    def test_adding_moving_and_removing_rows_loses_nothing_that_was_typed(
        self, world: World, draft: Rubric, signed_in: SignedIn
    ):
        client, url = signed_in(world.officer), f"/rubrics/{draft.pk}/edit/"
        rows = stored(draft)
        rows[0]["name"], rows[1]["points"] = "写了一半", "不是数字"
        for do, names in (
            ("add", ["写了一半", "合作单位条件", "前期合作与成效", "导师", "建设方案与目标", "经费与制度保障", ""]),
            ("down:0", ["合作单位条件", "写了一半", "前期合作与成效", "导师", "建设方案与目标", "经费与制度保障"]),
            ("remove:3", ["写了一半", "合作单位条件", "前期合作与成效", "建设方案与目标", "经费与制度保障"]),
            ("remove:2", ["写了一半", "合作单位条件", "前期合作与成效", "导师", "建设方案与目标", "经费与制度保障"]),
        ):
            page = Page.of(client.post(url, self.sent(draft, *rows, do=do)))
            shown = [page.value(f"form-{number}-name") for number in range(len(names))]
            assert (do, page.status, shown, "还没有保存" in page.text) == (do, 200, names, True)
        assert points_of(draft) == APPLICATION

    @pytest.mark.parametrize(
        ("field", "value", "message"),
        [
            ("points", "", "请填写这一项。"),
            ("points", "很多", "请填写数字。"),
            ("floor", "20", "最低分应小于满分。"),
            ("step", "3", "按这个间隔评不到满分，请改为能整除的间隔。"),
            ("name", "合作单位条件", None),
        ],
    )
    def test_what_is_wrong_stands_beside_its_field(
        self, world: World, draft: Rubric, signed_in: SignedIn, field: str, value: str, message: str | None
    ):
        rows = stored(draft)
        rows[0][field] = value
        page = Page.of(signed_in(world.officer).post(f"/rubrics/{draft.pk}/edit/", self.sent(draft, *rows)))
        where = f"form-0-{field}" if message else f"form-1-{field}"
        assert (page.status, page.beside(where)) == (422, [message or "前面已有同名的指标。"])
        assert (page.value(f"form-0-{field}"), points_of(draft)) == (value, APPLICATION)

    def test_nobody_puts_their_own_draft_in_force(self, world: World, draft: Rubric, today: date, signed_in: SignedIn):
        RubricDrafter.objects.create(rubric=draft, user=world.leader.user)
        url, client, said = f"/rubrics/{draft.pk}/put-in-force/", signed_in(world.leader), "起草过这一版的人不能启用它"
        asked = Page.of(client.get(url))
        assert (said in asked.text, "启用这一版" in asked.text) == (True, False)
        page = Page.of(client.post(url, {"seen": rubrics.fingerprint(draft)}))
        assert (page.status, said in page.text) == (422, True)
        assert rubrics.in_force("application").version == 1
