"""专家库: who is in it, what is known of them, who may be assigned, and what their page shows."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from applications.models import Assignment, ExpertAbsence, ExpertProfile, ExpertRelation
from applications.services import experts, panels
from bases.models import DegreeCategory, Division, Membership
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.roles import Role
from tests.applications.conftest import SignedIn
from tests.applications.pages import Page
from tests.conftest import TODAY
from tests.factories import UserFactory, World, person

AT = datetime(2026, 11, 24, 2, tzinfo=UTC)
PLAIN = {"name": "顾长青", "employer": "海西大学", "sector": "university", "phone": "13900000001"}


def entered(world: World, **changes: Any) -> ExpertProfile:
    """Somebody new in the pool."""
    return experts.enter(by=world.officer, on=TODAY, **(PLAIN | changes))


def profile_of(acting: Acting) -> ExpertProfile:
    return ExpertProfile.objects.get(user=acting.user)


def words(profile: ExpertProfile) -> list[str]:
    """What the list of changes says, the oldest first."""
    return [change.words for change in reversed(profile.changes.all())]


@pytest.mark.article("8(3)")
class TestWhoIsInThePool:
    def test_a_person_is_entered_with_the_registered_unit_of_their_employers_name(self, world: World):
        made = entered(world, employer=world.unit.name)
        assert (made.training_unit, made.partner_unit, made.added_on) == (world.unit, None, TODAY)
        assert words(made) == ["登记入库"]
        assert made.changes.get().changed_by == world.officer.user

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"phone": "13900000002"}, "专家库中已有海西大学的顾长青，没有重复登记。"),
            ({"name": "别人"}, "这个手机号是专家库中顾长青（海西大学）的，请核对。"),
        ],
        ids=["name and employer", "number"],
    )
    def test_nobody_is_in_it_twice(self, world: World, changes: dict[str, str], reason: str):
        first = entered(world)
        with pytest.raises(experts.Duplicate) as refused:
            entered(world, **changes)
        assert (refused.value.reasons, refused.value.profile) == ((reason,), first)

    def test_two_without_a_number_are_two_people(self, world: World):
        assert entered(world, phone="") != entered(world, phone="", name="别人")

    def test_only_the_department_enters_edits_and_removes(self, world: World):
        made = entered(world)
        for by in (world.leader, world.experts[0], world.unit_officer):
            with pytest.raises(NotYours):
                experts.enter(by=by, on=TODAY, name="甲", employer="乙")
            with pytest.raises(NotYours):
                experts.edit(profile=made, by=by, on=TODAY, title="教授")
            with pytest.raises(NotYours):
                experts.remove(profile=made, reason="无", by=by, on=TODAY, at=AT)

    def test_an_employer_that_is_left_stays_as_an_employment_that_ended(self, world: World):
        made = entered(world, employer=world.unit.name)
        experts.edit(profile=made, by=world.officer, on=TODAY, employer="新单位")
        kept = made.relations.get()
        assert (kept.kind, kept.training_unit, kept.ended_on) == ("employment", world.unit, TODAY)
        made.refresh_from_db()
        assert (made.employer, made.training_unit) == ("新单位", None)

    def test_a_slip_of_the_pen_in_the_employer_leaves_no_employment(self, world: World):
        made = entered(world, employer="海西大")
        experts.edit(profile=made, by=world.officer, on=TODAY, employer="海西大学", keep_employer=False)
        assert not ExpertRelation.objects.exists()

    def test_a_change_is_kept_with_what_it_was_before_numbers_masked(self, world: World):
        made = entered(world)
        category = DegreeCategory.objects.get(code="0855")
        given = {"title": "教授", "phone": "13900000009"}
        experts.edit(profile=made, by=world.officer, on=TODAY, categories=[category], **given)
        newest = made.changes.all()[0]
        assert newest.words == "修改：职称、手机、熟悉的专业学位类别"
        assert newest.details == [
            ["职称", "", "教授"],
            ["手机", "139****0001", "139****0009"],
            ["熟悉的专业学位类别", "", "机械（0855）"],
        ]

    def test_saving_the_same_again_is_no_change(self, world: World):
        made = entered(world)
        experts.edit(profile=made, by=world.officer, on=TODAY, categories=[], **PLAIN)
        assert words(made) == ["登记入库"]

    def test_a_person_leaves_with_a_reason_and_may_come_back(self, world: World):
        made = entered(world)
        experts.remove(profile=made, reason="退休", by=world.officer, on=TODAY, at=AT)
        with pytest.raises(Overtaken):
            experts.remove(profile=made, reason="退休", by=world.officer, on=TODAY, at=AT)
        experts.take_back(profile=made, by=world.officer, on=TODAY)
        with pytest.raises(Overtaken):
            experts.take_back(profile=made, by=world.officer, on=TODAY)
        assert words(made) == ["登记入库", "出库：退休", "恢复入库（原出库原因：退休）"]

    def test_an_account_with_the_experts_role_and_no_entry_is_linked_and_no_other(self, world: World):
        made, stranger, lonely = entered(world), UserFactory(), person(Role.EXPERT, "顾长青")
        for wrong in (stranger, world.experts[0].user):
            with pytest.raises(Refused, match="没有评审专家角色，或已属于另一位专家"):
                experts.link_account(profile=made, user=wrong, by=world.officer, on=TODAY, at=AT)
        experts.link_account(profile=made, user=lonely.user, by=world.officer, on=TODAY, at=AT)
        assert profile_of(lonely) == made
        assert words(made)[-1] == f"关联已有账号 {lonely.user.username}"


@pytest.mark.article("8(3)")
class TestWhoMayBeAssigned:
    def names(self, on: date = TODAY) -> list[str]:
        return [user.full_name for user in experts.available_experts(on)]

    def test_those_in_the_pool_with_a_live_account_and_role_who_are_not_absent(self, world: World):
        entered(world)  # has no account
        gone, absent, role_lost, closed = world.experts[:4]
        experts.remove(profile=profile_of(gone), reason="退休", by=world.officer, on=TODAY, at=AT)
        experts.add_absence(
            profile=profile_of(absent), from_on=TODAY, to_on=TODAY, note_text="", by=world.officer, on=TODAY
        )
        Membership.objects.filter(pk=role_lost.membership_id).update(withdrawn_at=timezone.now())
        closed.user.is_active = False
        closed.user.save()
        assert self.names() == ["专家4"]
        assert self.names(TODAY + timedelta(days=1)) == ["专家1", "专家4"]

    def test_who_is_removed_is_offered_to_no_panel(self, world: World):
        base = world.recommended(TODAY)
        before = panels.eligible_experts(base, TODAY)
        experts.remove(profile=profile_of(world.experts[0]), reason="退休", by=world.officer, on=TODAY, at=AT)
        assert panels.eligible_experts(base, TODAY) == [user for user in before if user != world.experts[0].user]


class TestAbsencesAndRelations:
    def test_an_expert_keeps_their_own_absences_and_relations_and_nobody_elses(self, world: World):
        mine, other = (profile_of(expert) for expert in world.experts[:2])
        week = {"from_on": TODAY, "to_on": TODAY + timedelta(days=6), "note_text": "出国"}
        absence = experts.add_absence(profile=mine, by=world.experts[0], on=TODAY, **week)
        with pytest.raises(NotYours):
            experts.add_absence(profile=other, by=world.experts[0], on=TODAY, **week)
        experts.remove_absence(absence=absence, by=world.experts[0], on=TODAY)
        experts.add_relation(profile=mine, by=world.experts[0], on=TODAY, kind="family", person="林知远")
        with pytest.raises(NotYours):
            experts.add_relation(profile=other, by=world.experts[0], on=TODAY, kind="family", person="林知远")
        assert words(mine) == [
            "登记不便时间 2026-11-24 至 2026-11-30",
            "删除不便时间 2026-11-24 至 2026-11-30",
            "登记利害关系：亲属 · 林知远",
        ]

    @pytest.mark.parametrize(
        ("days", "reason"),
        [((0, -1), "结束日期不能早于开始日期。"), ((-3, -1), "这段时间已经过去，不需要登记。")],
        ids=["in the wrong order", "past"],
    )
    def test_an_absence_that_makes_no_sense_is_refused(self, world: World, days: tuple[int, int], reason: str):
        first, last = (TODAY + timedelta(days=each) for each in days)
        with pytest.raises(Refused, match=reason):
            experts.add_absence(
                profile=profile_of(world.experts[0]),
                from_on=first,
                to_on=last,
                note_text="",
                by=world.officer,
                on=TODAY,
            )

    def test_a_relation_ends_once_and_not_in_the_future(self, world: World):
        profile = profile_of(world.experts[0])
        made = experts.add_relation(
            profile=profile, by=world.officer, on=TODAY, kind="part_time", partner_unit=world.partner,
            began_on=date(2026, 1, 1),
        )  # fmt: skip
        for day in (TODAY + timedelta(days=1), date(2025, 12, 31)):
            with pytest.raises(Refused, match="结束日期不能"):
                experts.end_relation(relation=made, ended_on=day, by=world.officer, on=TODAY)
        assert experts.end_relation(relation=made, ended_on=TODAY, by=world.officer, on=TODAY).ended_on == TODAY
        with pytest.raises(Overtaken):
            experts.end_relation(relation=made, ended_on=TODAY, by=world.officer, on=TODAY)

    def test_a_relation_to_nobody_is_refused(self, world: World):
        with pytest.raises(Refused, match="请写明与哪个单位或哪个人有关系"):
            experts.add_relation(profile=profile_of(world.experts[0]), by=world.officer, on=TODAY, kind="other")


def assigned(world: World, number: int, status: str = "assigned", **more: Any) -> Assignment:
    """The assignment of an expert to a base in review, in that state."""
    base = world.in_review(TODAY)
    found = Assignment.objects.get(panel__base=base, expert=world.experts[number].user)
    declared = TODAY if status == "submitted" else None
    Assignment.objects.filter(pk=found.pk).update(status=status, declared_on=declared, **more)
    return found


class TestTheListOnThePage:
    def listed(self, client: Any, query: str) -> list[str]:
        page = Page.of(client.get(f"/experts/{query}"))
        assert page.status == 200
        return [row.name for row in client.get(f"/experts/{query}").context["page_obj"]]

    def test_the_list_is_found_filtered_and_sorted_by_its_address(self, world: World, signed_in: SignedIn):
        ExpertProfile.objects.filter(user__isnull=False).update(removed_on=TODAY, removed_reason="换届")
        category, league = DegreeCategory.objects.get(code="0855"), Division.objects.get(code="150200")
        county = Division.objects.filter(parent=league)[0]
        entered(world, categories=[category], industries=["modern_energy"], division=county)
        other = entered(world, name="赵一苇", employer="江左公司", sector="industry", phone="", industries=["law"])
        ExpertAbsence.objects.create(profile=other, from_on=TODAY, to_on=TODAY)
        client = signed_in(world.officer)
        both = ["赵一苇", "顾长青"]
        expected = {
            "": both,
            "?sort=-name": both[::-1],
            "?q=海西": ["顾长青"],
            "?q=江左 赵": ["赵一苇"],
            "?sector=industry": ["赵一苇"],
            "?category=0855": ["顾长青"],
            "?industry=law": ["赵一苇"],
            "?division=150200": ["顾长青"],
            "?account=yes": [],
            "?account=no": both,
            "?account=invited": [],
            "?available=2026-11-24": ["顾长青"],
            "?available=2026-11-25": both,
            "?available=gestern": both,
            "?pool=removed": [f"专家{n}" for n in range(5)],
            "?pool=all&account=yes": [f"专家{n}" for n in range(5)],
        }
        assert {query: sorted(self.listed(client, query)) for query in expected if "sort" not in query} == {
            query: sorted(names) for query, names in expected.items() if "sort" not in query
        }
        assert self.listed(client, "?sort=-name") == self.listed(client, "?sort=name")[::-1]

    def test_reviews_recusals_and_refusals_are_counted_and_numbers_masked(self, world: World, signed_in: SignedIn):
        ExpertProfile.objects.filter(user=world.experts[0].user).update(phone="13800001234", email="zj@example.com")
        assigned(world, 0, "submitted")
        assigned(world, 0, assigned_on=date(2025, 6, 1))
        assigned(world, 0, "recused", ended_reason="师生")
        assigned(world, 0, "declined", ended_reason="没有时间")
        client = signed_in(world.leader)
        answer = client.get("/experts/?q=专家0")
        (row,) = answer.context["page_obj"]
        assert (row.this_year, row.total, row.recused, row.declined) == (1, 2, 1, 1)
        assert "138****1234" in answer.text
        book = load_workbook(io.BytesIO(client.get("/experts/export/?q=专家0").content))
        sheet = book.worksheets[0]
        heads = [cell.value for cell in sheet[2]]
        found = dict(zip(heads, (cell.value for cell in sheet[3]), strict=True))
        assert (found["姓名"], found["手机"], found["本年评审（项）"], found["回避（次）"]) == (
            "专家0",
            "138****1234",
            1,
            1,
        )
        assert sheet.max_row == 3

    def test_a_name_that_looks_like_a_formula_stays_a_text_in_the_export(self, world: World, signed_in: SignedIn):
        entered(world, name="=1+1")
        book = load_workbook(io.BytesIO(signed_in(world.officer).get("/experts/export/?q=海西").content))
        assert book.worksheets[0]["A3"].data_type == "s"

    def test_the_number_of_queries_does_not_grow_with_the_list(self, world: World, signed_in: SignedIn):
        client = signed_in(world.officer)

        def count(url: str) -> int:
            client.get(url)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url).status_code == 200
            return len(captured)

        urls = ("/experts/", "/experts/export/")
        before = [count(url) for url in urls]
        category, league = DegreeCategory.objects.get(code="0855"), Division.objects.get(code="150200")
        for number in range(20):
            entered(world, name=f"新{number}", phone="", categories=[category], division=league)
        assert [count(url) for url in urls] == before

    def test_an_empty_pool_says_what_to_do(self, world: World, signed_in: SignedIn):
        ExpertProfile.objects.all().delete()
        assert (
            "逐个登记，或者用 Excel 一次导入；入库后发出邀请。"
            in Page.of(signed_in(world.officer).get("/experts/")).text
        )
        assert "由教育厅经办登记或导入。" in Page.of(signed_in(world.leader).get("/experts/")).text


class TestThePageOfAPerson:
    def test_the_officer_reads_the_number_and_the_leader_does_not(self, world: World, signed_in: SignedIn):
        made = entered(world, email="gu@example.com")
        said = {
            who.role: Page.of(signed_in(who).get(f"/experts/{made.pk}/")).text for who in (world.officer, world.leader)
        }
        assert {role: ("13900000001" in text, "gu@example.com" in text) for role, text in said.items()} == {
            Role.DEPT_OFFICER: (True, True),
            Role.DEPT_LEADER: (False, False),
        }

    def test_the_history_tells_how_each_assignment_ended_and_no_points(self, world: World, signed_in: SignedIn):
        scored = assigned(world, 0)
        world.score(scored.panel, 87, TODAY)
        ended = assigned(world, 0, "recused", ended_reason="与申报人有师生关系")
        answer = signed_in(world.officer).get(f"/experts/{profile_of(world.experts[0]).pk}/")
        page, (year,) = Page.of(answer), answer.context["years"]
        counted = (year.year, year.live, year.submitted, year.recused, year.declined, year.released)
        assert counted == (2026, 1, 1, 1, 0, 0)
        assert f"{ended.panel.base.name}{world.unit.name} 申报评审 2026-11-24 已回避 与申报人有师生关系" in page.text
        assert f"{scored.panel.base.name}{world.unit.name} 申报评审 2026-11-24 已提交 —" in page.text
        # No points and none of the comments that go with them.
        comment = scored.panel.assignments.get(pk=scored.pk).sheet.comment
        assert [word for word in ("87", comment) if word in page.text] == []

    def test_a_double_is_refused_with_a_link_to_the_entry_that_is_there(self, world: World, signed_in: SignedIn):
        made = entered(world)
        answer = signed_in(world.officer).post("/experts/new/", PLAIN)
        page = Page.of(answer)
        assert page.status == 422
        assert "专家库中已有海西大学的顾长青，没有重复登记。" in page.text
        assert f'href="/experts/{made.pk}/"' in answer.text

    def test_what_cannot_be_linked_or_removed_any_more_is_said_in_the_form(self, world: World, signed_in: SignedIn):
        client, lonely = signed_in(world.officer), person(Role.EXPERT, "顾长青")
        linked = profile_of(world.experts[0])
        page = Page.of(client.post(f"/experts/{linked.pk}/link/", {"user": lonely.user.pk}))
        assert (page.status, page.beside("user")) == (422, [f"{linked.name}已有账号，没有改动。"])
        remove = f"/experts/{entered(world).pk}/remove/"
        client.post(remove, {"reason": "调离。"})
        page = Page.of(client.post(remove, {"reason": "调离。"}))
        assert (page.status, "顾长青已经出库，没有重复办理。" in page.text) == (422, True)

    def test_what_is_wrong_stands_beside_its_field(self, world: World, signed_in: SignedIn):
        sent = PLAIN | {
            "phone": "123", "email": "keine", "training_unit": world.unit.pk, "partner_unit": world.partner.pk, "max_load": "0",
        }  # fmt: skip
        page = Page.of(signed_in(world.officer).post("/experts/new/", sent))
        assert page.status == 422
        assert {name: page.beside(name) for name in ("phone", "email", "partner_unit")} == {
            "phone": ["手机号应为 11 位，请核对。"],
            "email": ["邮箱地址不对，请核对。"],
            "partner_unit": ["所在培养单位和所在合作单位只能选一个；兼职的单位请登记为利害关系。"],
        }
        assert not ExpertProfile.objects.filter(name="顾长青").exists()

    def test_the_officer_enters_edits_removes_and_takes_back(self, world: World, signed_in: SignedIn):
        client = signed_in(world.officer)
        client.post("/experts/new/", PLAIN | {"industries": ["law", "care"]})
        made = ExpertProfile.objects.get(name="顾长青")
        home = f"/experts/{made.pk}/"
        assert made.industries == ["law", "care"]
        assert client.post(f"{home}edit/", PLAIN | {"title": "教授"})["Location"] == home
        assert client.post(f"{home}remove/", {"reason": ""}).status_code == 422
        assert client.post(f"{home}remove/", {"reason": "退休"})["Location"] == home
        assert client.post(f"{home}take-back/")["Location"] == home
        week = {"from_on": "2026-12-01", "to_on": "2026-12-07"}
        assert client.post(f"{home}absences/new/", week)["Location"] == home
        relation = {"kind": "joint_result", "training_unit": world.unit.pk, "person": "某人"}
        assert client.post(f"{home}relations/new/", relation)["Location"] == home
        ending = f"/experts/relations/{made.relations.get().pk}/end/"
        assert client.post(ending, {"ended_on": "2026-11-01"})["Location"] == home
        removing = f"/experts/absences/{made.absences.get().pk}/remove/"
        assert client.post(removing)["Location"] == home
        made.refresh_from_db()
        assert (made.title, made.removed_on, made.absences.count()) == ("教授", None, 0)
        assert made.relations.get().ended_on == date(2026, 11, 1)

    def test_dates_in_the_wrong_order_and_a_relation_to_nobody_are_said_in_plain_words(
        self, world: World, signed_in: SignedIn
    ):
        client, home = signed_in(world.officer), f"/experts/{entered(world).pk}/"
        wrong = client.post(f"{home}absences/new/", {"from_on": "2026-12-07", "to_on": "2026-12-01"})
        nobody = client.post(f"{home}relations/new/", {"kind": "family"})
        said = [list(answer.context["form"].non_field_errors()) for answer in (wrong, nobody)]
        assert said == [["结束日期不能早于开始日期。"], ["请写明与哪个单位或哪个人有关系。"]]


class TestMyOwnPage:
    def test_experts_keep_their_contact_and_what_they_know(self, world: World, signed_in: SignedIn):
        mine, category = profile_of(world.experts[0]), DegreeCategory.objects.get(code="0855")
        sent = {"phone": "13900000007", "title": "研究员", "categories": [category.pk], "industries": ["law"]}
        # What they must not change is not asked for, and not taken either.
        answer = signed_in(world.experts[0]).post("/experts/me/", sent | {"name": "改名", "employer": "改单位"})
        assert answer["Location"] == "/experts/me/"
        before, mine = mine, profile_of(world.experts[0])
        assert (mine.name, mine.employer) == (before.name, before.employer)
        assert (mine.phone, mine.title, mine.industries) == ("13900000007", "研究员", ["law"])
        assert list(mine.categories.all()) == [category]
        assert mine.changes.get().changed_by == world.experts[0].user

    def test_a_number_of_somebody_else_is_refused_without_saying_whose(self, world: World, signed_in: SignedIn):
        entered(world)
        page = Page.of(signed_in(world.experts[0]).post("/experts/me/", {"phone": PLAIN["phone"]}))
        assert page.status == 422
        assert "手机号或工作单位与专家库中的另一条记录重复，请核对，或与教育厅联系。" in page.text
        assert "顾长青" not in page.text

    def test_absences_and_relations_are_entered_and_those_of_others_are_out_of_reach(
        self, world: World, signed_in: SignedIn
    ):
        client = signed_in(world.experts[0])
        week = {"from_on": "2026-12-01", "to_on": "2026-12-07", "note": "出国访问"}
        assert client.post("/experts/me/absences/new/", week)["Location"] == "/experts/me/"
        declared = {"kind": "teacher_student", "person": "林知远"}
        assert client.post("/experts/me/relations/new/", declared)["Location"] == "/experts/me/"
        said = Page.of(client.get("/experts/me/")).text
        assert "2026-12-01 至 2026-12-07 · 出国访问" in said
        assert "师生 · 林知远" in said
        (absence,) = ExpertAbsence.objects.all()
        assert signed_in(world.experts[1]).post(f"/experts/me/absences/{absence.pk}/remove/").status_code == 404
        assert client.post(f"/experts/me/absences/{absence.pk}/remove/")["Location"] == "/experts/me/"
        assert not ExpertAbsence.objects.exists()

    def test_who_has_the_role_and_no_entry_is_told_so(self, world: World, signed_in: SignedIn):
        page = Page.of(signed_in(person(Role.EXPERT)).get("/experts/me/"))
        assert "专家库中还没有您的资料" in page.text


def test_a_long_name_of_an_account_is_carried_over_into_the_pool_shortened(world: World) -> None:
    step = import_module("applications.migrations.0012_review_and_meetings")
    newcomer = person(Role.EXPERT, "长" * 60)
    profile = ExpertProfile.objects.create(user=newcomer.user, name="", employer="海西大学")
    step.carry_over(apps, None)
    profile.refresh_from_db()
    assert profile.name == "长" * 40
