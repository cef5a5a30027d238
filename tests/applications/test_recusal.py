"""第八条（三）, 回避: each rule computed from data, what experts declare, and what the department does about a conflict found later."""

import time
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from agreements.models import Appointment, CommitteeMember, CommitteeTerm, Mentor, Result, ResultAuthor
from applications import recusal, scoring
from applications.models import (
    Application,
    Assignment,
    AvoidedExpert,
    CampusMentor,
    ExpertProfile,
    ExpertRelation,
    IndustryMentor,
    OtherPartner,
    Panel,
    PriorResult,
    RecusalRecord,
    RecusalRule,
    Round,
)
from applications.services import panels, recognising, recusal_rules, recusals, sheets
from bases.models import Base, Membership, Policy
from evaluations.services import assessing
from portal import inbox
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.models import User
from portal.roles import Role
from tests.applications.conftest import SignedIn, fresh
from tests.applications.pages import Page
from tests.conftest import TODAY
from tests.factories import World

pytestmark = pytest.mark.article("8(3)")
Kind = ExpertRelation.Kind


def user_of(acting: Acting) -> User:
    """The account of a person."""
    assert acting.user is not None
    return acting.user


def profile_of(acting: Acting) -> ExpertProfile:
    """What the pool knows of an expert."""
    return ExpertProfile.objects.get(user=acting.user)


@pytest.fixture
def expert(world: World) -> Acting:
    """The first expert: 专家0 of 外省研究院0."""
    return world.experts[0]


@pytest.fixture
def base(world: World) -> Base:
    """A base that waits for its experts."""
    return world.recommended(TODAY)


def found(expert: Acting, base: Base, on: date = TODAY) -> tuple[str, str] | None:
    """The rule and the reason, or nothing."""
    conflict = recusals.conflicts([user_of(expert)], [base], on).get((user_of(expert).pk, base.pk))
    return (conflict.rule, conflict.reason) if conflict else None


def looks(expert: Acting, base: Base) -> list[str]:
    """What is only worth a look."""
    return recusals.findings([user_of(expert)], [base], TODAY).hints.get((user_of(expert).pk, base.pk), [])


def related(expert: Acting, kind: str, **to: Any) -> ExpertRelation:
    """A relation of an expert that the pool knows."""
    return ExpertRelation.objects.create(
        profile=profile_of(expert), kind=kind, recorded_by=user_of(expert), recorded_on=TODAY, **to
    )


class TestByOrganisation:
    def test_nothing_speaks_against_a_stranger(self, base: Base, expert: Acting):
        assert (found(expert, base), looks(expert, base)) == (None, [])

    def test_the_employer_is_the_unit_or_the_partner_in_words(self, world: World, base: Base):
        first, second = (profile_of(each) for each in world.experts[:2])
        first.employer, second.employer = f" {world.unit.name} ", world.partner.name.replace("第", "第 ")
        first.save(), second.save()
        assert found(world.experts[0], base) == ("same_unit", "与申报单位同属一个单位")
        assert found(world.experts[1], base) == ("same_partner", "在合作单位任职")

    def test_one_of_the_other_partners_of_the_application(self, world: World, base: Base, expert: Acting):
        OtherPartner.objects.create(application=world.application(base), partner=world.other_partner)
        ExpertProfile.objects.filter(user=expert.user).update(partner_unit=world.other_partner)
        assert found(expert, base) == ("same_partner", "在其他合作单位任职")

    def test_who_left_the_partner_is_free_after_the_day_three_years_later(
        self, world: World, base: Base, expert: Acting
    ):
        left = timezone.make_aware(timezone.datetime(2023, 11, 24, 9))
        Membership.objects.create(
            user=user_of(expert), role=Role.PARTNER_OFFICER, partner_unit=world.partner, withdrawn_at=left
        )
        words = ("same_partner", "2023-11-24 之前在合作单位任职，未满 3 年")
        days = [TODAY + timedelta(days=days) for days in (-1, 0, 1)]
        assert [found(expert, base, day) for day in days] == [words, words, None]

    def test_the_look_back_is_the_one_of_the_rounds_policy(self, world: World, base: Base, expert: Acting):
        related(expert, Kind.PART_TIME, partner_unit=world.partner, ended_on=date(2022, 5, 1))
        before = found(expert, base)
        longer = Policy.in_force(TODAY)
        longer.pk, longer.version, longer.effective_from, longer.recusal_years = None, 99, date(2020, 1, 1), 5
        longer.save(force_insert=True)
        Round.objects.update(policy=longer)
        assert (before, found(expert, base)) == (
            None, ("relation", f"至 2022 年在合作单位{world.partner.name}任兼职或顾问"),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("ended_on", "last_day"),
    [
        (date(2023, 11, 24), date(2026, 11, 24)),
        (date(2024, 2, 29), date(2027, 2, 28)),  # no such day in that year: the last of the month
        (date(2023, 2, 28), date(2026, 2, 28)),
        (date(2025, 2, 28), date(2028, 2, 28)),
    ],
)
def test_the_look_back_ends_with_the_same_day_three_years_later(ended_on: date, last_day: date):
    days = [last_day, last_day + timedelta(days=1)]
    assert [recusal.still_counts(ended_on, 3, day) for day in days] == [True, False]


class TestByRelation:
    def test_a_relation_that_goes_on_is_told_with_its_years(self, world: World, base: Base, expert: Acting):
        related(expert, Kind.PART_TIME, partner_unit=world.partner, began_on=date(2024, 3, 1))
        assert found(expert, base) == ("relation", f"2024 年至今在合作单位{world.partner.name}任兼职或顾问")

    def test_to_the_unit_in_words(self, world: World, base: Base, expert: Acting):
        related(expert, Kind.JOINT_PROJECT, organisation=world.unit.name, began_on=date(2023, 1, 1), ended_on=TODAY)
        assert found(expert, base) == ("relation", f"2023 年至2026 年与申报单位{world.unit.name}有合作项目")

    def test_family_and_teachers_never_lapse(self, base: Base, expert: Acting):
        relation = related(expert, Kind.FAMILY, person="申报教授", ended_on=date(1999, 1, 1))
        barred = {}
        for kind in (Kind.FAMILY, Kind.TEACHER_STUDENT, Kind.JOINT_RESULT, Kind.OTHER):
            ExpertRelation.objects.filter(pk=relation.pk).update(kind=kind)
            barred[kind] = found(expert, base) is not None
        assert barred == {Kind.FAMILY: True, Kind.TEACHER_STUDENT: True, Kind.JOINT_RESULT: False, Kind.OTHER: False}

    def test_to_the_applicant_by_name(self, base: Base, expert: Acting):
        related(expert, Kind.TEACHER_STUDENT, person="申报教授")
        assert found(expert, base) == ("relation", "与本基地申报人申报教授有师生关系")

    def test_a_relative_of_the_unit_who_is_nobody_of_the_base_bars_nothing(
        self, world: World, base: Base, expert: Acting
    ):
        related(expert, Kind.FAMILY, person="别的老师", training_unit=world.unit)
        assert found(expert, base) is None

    def test_a_namesake_who_works_elsewhere_is_only_looked_at(self, world: World, base: Base, expert: Acting):
        related(expert, Kind.FAMILY, person="申报教授", training_unit=world.other_unit)
        assert (found(expert, base), looks(expert, base)) == (
            None, ["与本基地申报人申报教授有亲属关系（登记的工作单位不同）"],
        )  # fmt: skip


# The 完成人 as they are written: whether that bars, and whether it is worth a look.
AUTHORS = {
    "申报教授、专家0": ("joint_result", False),
    "申报教授，专 家 0 等": ("joint_result", False),
    "专家0；申报教授（第一完成人）": ("joint_result", False),
    "张三, 专家0(外省研究院0)": ("joint_result", False),
    "申报教授 专家0": ("joint_result", False),
    "申报教授、专家0（别的大学）": ("", False),
    "张三、专家0": ("", True),
    "专家0": ("", True),
    "申报教授、专家01": ("", False),
}


class TestByTheBasesPaper:
    def test_an_industry_mentor_with_the_same_employer(self, world: World, base: Base, expert: Acting):
        IndustryMentor.objects.create(application=world.application(base), name="专家 0", employer="外省研究院0")
        assert found(expert, base) == ("listed", "列为本基地行业产业导师")

    def test_a_mentor_of_that_name_elsewhere_is_a_hint_and_no_bar(self, world: World, base: Base, expert: Acting):
        CampusMentor.objects.create(application=world.application(base), name="专家0")
        assert (found(expert, base), looks(expert, base)) == (None, ["与本基地校内导师同名，工作单位不同"])

    def test_a_mentor_whom_the_base_has_taken_on_since(self, world: World, base: Base, expert: Acting):
        mentor = Mentor.objects.create(
            kind="industry", partner_unit=world.partner, name="专家0", department="外省研究院0", entered_on=TODAY
        )
        term = {"status": "appointed", "starts_on": date(2020, 1, 1), "decided_on": TODAY, "nominated_on": TODAY}
        made = Appointment.objects.create(base=base, mentor=mentor, ends_on=date(2023, 11, 24), **term)
        assert found(expert, base) == ("listed", "列为本基地行业产业导师")
        Appointment.objects.filter(pk=made.pk).update(ends_on=date(2023, 11, 23))
        assert found(expert, base) is None

    def test_a_member_of_the_committee(self, world: World, base: Base, expert: Acting):
        term = CommitteeTerm.objects.create(
            base=base, starts_on=TODAY, ends_on=date(2029, 11, 23), office="创新办", entered_on=TODAY
        )
        CommitteeMember.objects.create(
            term=term, side="unit", name="专家0", duty="副院长", joined_on=TODAY, entered_on=TODAY
        )
        assert (found(expert, base), looks(expert, base)) == (None, ["与本基地管委会成员同名，工作单位不同"])
        ExpertProfile.objects.filter(user=expert.user).update(employer=world.unit.name)
        pair = (user_of(expert).pk, base.pk)
        barred = recusal_rules.findings([user_of(expert)], [base], TODAY).all[pair]
        assert ("listed", "列为本基地管委会成员") in [(each.rule, each.reason) for each in barred]

    def test_joint_results_by_their_authors(self, world: World, base: Base, expert: Acting):
        """Whose employer stands beside them, or beside whom somebody of the base stands; a bare name is a hint."""
        result = PriorResult.objects.create(application=world.application(base), name="智能采煤", year=2024)
        read = {}
        for authors in AUTHORS:
            PriorResult.objects.filter(pk=result.pk).update(authors=authors)
            conflict = found(expert, base)
            read[authors] = (conflict[0] if conflict else "", bool(looks(expert, base)))
        assert read == AUTHORS

    def test_a_result_counts_to_the_end_of_the_third_year_after_its_own(self, world: World, base: Base, expert: Acting):
        result = PriorResult.objects.create(
            application=world.application(base), name="智能采煤", authors="申报教授、专家0"
        )
        read = {}
        for year in (2022, 2023, None):
            PriorResult.objects.filter(pk=result.pk).update(year=year)
            read[year] = [found(expert, base, day) is not None for day in (date(2026, 12, 31), date(2027, 1, 1))]
        assert read == {2022: [False, False], 2023: [True, False], None: [True, True]}

    def test_a_joint_result_since_the_recognition_by_its_authors(self, world: World, base: Base, expert: Acting):
        result = Result.objects.create(
            base=base, kind="patent", title="采煤装置", achieved_on=date(2024, 5, 1), owner="both", entered_side="unit", entered_on=TODAY
        )  # fmt: skip
        author = ResultAuthor.objects.create(result=result, place=1, name="专家0", role="other", employer="别的大学")
        assert (found(expert, base), looks(expert, base)) == (None, [])
        ResultAuthor.objects.filter(pk=author.pk).update(employer="外省研究院0")
        assert found(expert, base) == ("joint_result", "与本基地有合作成果《采煤装置》（2024 年）")
        Result.objects.update(achieved_on=date(2022, 5, 1))
        assert found(expert, base) is None
        Result.objects.update(achieved_on=date(2024, 5, 1), status="void", status_note="误登记。")
        assert found(expert, base) is None

    def test_a_co_applicant(self, world: World, base: Base, expert: Acting):
        base.co_applicants.add(user_of(expert))
        assert found(expert, base) == ("applicant", "是本基地共同填报人")


def test_two_hundred_experts_and_a_thousand_bases_take_seconds_and_no_more_queries(
    world: World, django_assert_num_queries: Any
):
    base = world.recommended(TODAY)
    users = User.objects.bulk_create([User(username=f"many{n}", full_name=f"众{n}") for n in range(200)])
    ExpertProfile.objects.bulk_create(
        [ExpertProfile(user=user, name=user.full_name, employer=f"院{n}") for n, user in enumerate(users)]
    )
    given_bases = Base.objects.bulk_create(
        [Base(name=f"多{n}", training_unit=world.unit, applicant=user_of(world.applicant)) for n in range(1000)]
    )
    round_ = world.round(TODAY)
    papers = Application.objects.bulk_create(
        [Application(base=each, round=round_, name=each.name, declare_by=TODAY) for each in given_bases]
    )
    for model, more in ((CampusMentor, {}), (IndustryMentor, {"employer": "院7"})):
        model.objects.bulk_create(
            [
                model(application=paper, name=f"众{(n + m) % 400}", **more)
                for n, paper in enumerate(papers)
                for m in range(5)
            ]
        )
    PriorResult.objects.bulk_create(
        [PriorResult(application=p, name="成果", authors=f"申报教授、众{n}", year=2025) for n, p in enumerate(papers)]
    )
    with django_assert_num_queries(17):
        recusals.conflicts(users[:2], [base], TODAY)
    with django_assert_num_queries(17):
        began = time.process_time()
        barred = recusals.conflicts(users, [base, *given_bases], TODAY)
        spent = time.process_time() - began
    by_result = {(users[n].pk, given_bases[n].pk) for n in range(200)}
    by_list = {pair for pair, conflict in barred.items() if conflict.rule == "listed"}
    assert by_result <= set(barred)
    assert {user for user, _base in by_list} == {users[7].pk}
    assert len(by_list) == 15
    assert spent < 5


def test_the_hard_rules_have_names_that_the_record_can_keep():
    assert max(map(len, RecusalRule.values)) <= 20


# ---- what the expert says first

COMMENT = "材料扎实，双方投入有据可查，建议细化过程考核。"
BARRED = "按照回避规定，您不能评审本项，请联系教育厅经办。"


def mine(base: Base, expert: Acting) -> Assignment:
    """An expert's assignment on the base's newest panel."""
    return Assignment.objects.filter(panel__base=base, expert=expert.user).latest("pk")


def submit(base: Base, expert: Acting, total: int = 80) -> Assignment:
    """The expert declares and hands in a sheet of that total."""
    assignment = mine(base, expert)
    recusals.declare_free(assignment=assignment, by=expert, on=TODAY)
    criteria = assignment.panel.rubric.criteria.all()
    points = {each.key: each.points * total // 50 / 2 for each in criteria}  # in steps of half a point
    points["fit"] += total - sum(points.values())
    sheets.submit_sheet(assignment=assignment, points=points, comment=COMMENT, by=expert, on=TODAY)
    return mine(base, expert)


@pytest.fixture
def reviewed(world: World) -> Base:
    """A base under review by three experts who have not said anything yet."""
    return world.in_review(TODAY)


class TestTheDeclaration:
    def send(self, signed_in: SignedIn, expert: Acting, base: Base, do: str, **values: str) -> Page:
        sent = {f"{do}-{name}": value for name, value in values.items()} | {"do": do}
        return Page.of(signed_in(expert).post(f"/reviews/{mine(base, expert).pk}/declare/", sent, follow=True))

    def test_comes_before_papers_files_and_sheet(
        self, world: World, reviewed: Base, expert: Acting, signed_in: SignedIn
    ):
        client, url = signed_in(expert), f"/reviews/{mine(reviewed, expert).pk}/"
        declare = f"/reviews/{mine(reviewed, expert).pk}/declare/"
        paper = world.application(reviewed)
        key = paper.files.filter(kind="agreement").get().stored.key
        before = [client.get(url)["Location"], client.post(url, {"do": "save", "points_fit": "9"})["Location"]]
        page = Page.of(client.get(declare))
        assert before == [declare] * 2
        assert client.get(f"/files/{key}/").status_code == 404
        assert (page.heading, paper.plan.reason in page.text) == (reviewed.name, False)
        assert [w for w in (world.unit.name, world.partner.name, "申报教授", "近 3 年内") if w not in page.text] == []
        with pytest.raises(Refused) as refusal:
            sheets.save_sheet(assignment=mine(reviewed, expert), points={}, comment="", by=expert)
        assert refusal.value.reasons == ("请先声明与本基地及双方单位有无利害关系，再评分。",)

    def test_opens_them_with_the_pledge_and_its_date(
        self, world: World, reviewed: Base, expert: Acting, signed_in: SignedIn
    ):
        assert self.send(signed_in, expert, reviewed, "free").beside("free-pledge") == ["请先核对，再勾选这项声明。"]
        assert mine(reviewed, expert).declared_on is None
        page = self.send(signed_in, expert, reviewed, "free", pledge="on")
        assert world.application(reviewed).plan.reason in page.text
        assert mine(reviewed, expert).declared_on == TODAY
        assert [r.act for r in mine(reviewed, expert).recusal_records.all()] == ["free"]

    def test_a_recusal_says_which_relation(self, reviewed: Base, expert: Acting, signed_in: SignedIn):
        refused = self.send(signed_in, expert, reviewed, "recuse", relation="", reason="")
        assert (refused.status, refused.beside("recuse-reason")) == (422, ["请填写这一项。"])
        page = self.send(signed_in, expert, reviewed, "recuse", relation="part_time", reason="任公司顾问。")
        assert page.heading == "我的评审"
        gone = mine(reviewed, expert)
        assert (gone.status, gone.ended_reason, gone.rule, gone.ended_on, gone.ended_by) == (
            "recused", "兼职或顾问：任公司顾问。", "declared", TODAY, expert.user,
        )  # fmt: skip

    def test_who_has_no_time_declines(self, world: World, reviewed: Base, expert: Acting, signed_in: SignedIn):
        self.send(signed_in, expert, reviewed, "decline", reason="出国。")
        assert (mine(reviewed, expert).status, mine(reviewed, expert).ended_reason) == ("declined", "出国。")
        with pytest.raises(Refused) as refusal:
            recognising.assign_experts(base=reviewed, acting=world.officer, on=TODAY, experts=[user_of(expert)])
        assert refusal.value.reasons == ("专家0 已谢绝本项评审，不能再分配。请改选其他专家。",)

    def test_comes_before_a_recusal_that_is_refused_shows_any_papers(
        self, reviewed: Base, expert: Acting, signed_in: SignedIn
    ):
        url = f"/reviews/{mine(reviewed, expert).pk}/"
        answer = signed_in(expert).post(f"{url}recuse/", {"reason": ""})
        assert (answer.status_code, answer.headers.get("Location")) == (302, f"{url}declare/")

    def test_is_asked_for_no_more_once_the_review_has_ended_and_no_papers_are_shown(
        self, world: World, reviewed: Base, expert: Acting, signed_in: SignedIn
    ):
        recognising.reject(base=reviewed, acting=world.leader, on=TODAY, reason="材料不实。")
        client, url = signed_in(expert), f"/reviews/{mine(reviewed, expert).pk}/"
        page = Page.of(client.get(url))
        assert client.get(f"{url}declare/").headers["Location"] == url
        assert page.status == 200
        assert "您没有作过无利害关系声明，不能查看材料。" in page.text
        assert world.application(reviewed).plan.reason not in page.text

    def test_is_not_taken_from_whom_the_rules_bar_and_the_reason_is_not_said(
        self, world: World, reviewed: Base, expert: Acting
    ):
        Membership.objects.create(user=user_of(expert), role=Role.PARTNER_OFFICER, partner_unit=world.partner)
        with pytest.raises(Refused) as refusal:
            recusals.declare_free(assignment=mine(reviewed, expert), by=expert, on=TODAY)
        assert refusal.value.reasons == (BARRED,)
        assert mine(reviewed, expert).declared_on is None

    def test_does_not_help_who_has_come_into_conflict_since(self, world: World, reviewed: Base, expert: Acting):
        recusals.declare_free(assignment=mine(reviewed, expert), by=expert, on=TODAY)
        Membership.objects.create(user=user_of(expert), role=Role.PARTNER_OFFICER, partner_unit=world.partner)
        with pytest.raises(Refused) as refusal:
            submit(reviewed, expert)
        assert refusal.value.reasons == (BARRED,)
        assert mine(reviewed, expert).status == "assigned"

    def test_is_said_once(self, reviewed: Base, expert: Acting, signed_in: SignedIn):
        self.send(signed_in, expert, reviewed, "decline", reason="出国。")
        self.send(signed_in, expert, reviewed, "free", pledge="on")
        assert (mine(reviewed, expert).status, mine(reviewed, expert).declared_on) == ("declined", None)


# ---- what the department does later


def records(base: Base, expert: Acting) -> list[tuple[str, str, str, bool]]:
    """The trail of an assignment: act, rule, reason, whether a sheet was in."""
    return list(mine(base, expert).recusal_records.values_list("act", "rule", "reason", "with_sheet"))


class TestAConflictFoundLater:
    def test_removes_a_sheet_that_is_in_and_says_so(self, world: World, reviewed: Base, signed_in: SignedIn):
        for each, total in zip(world.experts[:3], (90, 80, 70), strict=True):
            submit(reviewed, each, total)
        leaving = world.experts[2]
        client, url = signed_in(world.officer), f"/assignments/{mine(reviewed, leaving).pk}/conflict/"
        assert Page.of(client.post(url, {"reason": " "})).status == 422
        page = Page.of(client.post(url, {"reason": "任公司独立董事。"}, follow=True))
        gone = mine(reviewed, leaving)
        assert (gone.status, gone.rule, gone.ended_reason, gone.sheet.submitted_on) == (
            "recused", "found", "任公司独立董事。", TODAY,
        )  # fmt: skip
        said = ("任公司独立董事。", "已提交的评分表保留备查，不计入综合得分", "评审组有 1 个空缺待补派")
        assert [words for words in said if words not in page.text] == []
        assert sorted(panels.totals(gone.panel)) == [80, 90]
        told = Page.of(signed_in(leaving).get("/reviews/")).text
        assert "您的评分表因任公司独立董事不计入。" in told
        assert recognising.shortlist_reasons(reviewed, world.officer, TODAY) == (
            "评审组只有 2 名专家，至少需要 3 名，请先补齐。",
        )

    def test_blocks_the_score_with_the_name_and_what_to_do(self, world: World, reviewed: Base):
        for each in world.experts[:3]:
            submit(reviewed, each)
        Membership.objects.create(user=user_of(world.experts[1]), role=Role.PARTNER_OFFICER, partner_unit=world.partner)
        words = (
            "专家1 应当回避（在合作单位任职），其评分表不能计入综合得分：请先在评审组中办理“发现利害关系”，再补充专家。"
        )
        assert recognising.shortlist_reasons(reviewed, world.officer, TODAY) == (words,)
        with pytest.raises(Refused) as refusal:
            recognising.shortlist(base=reviewed, acting=world.officer, on=TODAY)
        assert refusal.value.reasons == (words,)
        recusals.remove_for_conflict(
            assignment=mine(reviewed, world.experts[1]), reason="在合作单位任职", by=world.officer, on=TODAY
        )
        assert mine(reviewed, world.experts[1]).rule == "same_partner"

    def test_is_found_by_night_once_and_waits_for_the_officer_until_it_is_dealt_with(
        self, world: World, reviewed: Base, expert: Acting
    ):
        membership = Membership.objects.create(
            user=user_of(expert), role=Role.PARTNER_OFFICER, partner_unit=world.partner
        )
        assert [len(recusals.find(on=TODAY)) for _night in range(2)] == [1, 0]
        items = [item for item in inbox.items(world.officer, TODAY) if item.group == "回避"]
        assert [(item.title, item.why, item.pressing) for item in items] == [
            (reviewed.name, "专家专家0应当回避：在合作单位任职。请移出评审组，并补充专家。", True)
        ]
        assert [item for item in inbox.items(world.leader, TODAY) if item.group == "回避"] == []
        membership.delete()  # entered by mistake
        assert recusals.found_and_open(TODAY) == []

    def test_takes_no_other_hand_and_not_twice(self, world: World, reviewed: Base, expert: Acting):
        given = {"assignment": mine(reviewed, expert), "reason": "任顾问。", "on": TODAY}
        for act in (recusals.release, recusals.remove_for_conflict, recusals.restore):
            for somebody in (world.leader, world.unit_officer, world.applicant, expert):
                with pytest.raises(NotYours):
                    act(**given, by=somebody)
        recusals.remove_for_conflict(**given, by=world.officer)
        for act in (recusals.release, recusals.remove_for_conflict):
            with pytest.raises(Overtaken, match="已不在评审组中（已回避）"):
                act(**given, by=world.officer)

    def test_comes_too_late_once_the_score_is_fixed(self, world: World, signed_in: SignedIn):
        base = world.shortlisted(TODAY)
        assignment = mine(base, world.experts[0])
        with pytest.raises(Overtaken, match="综合得分已于 2026-11-24 确定，不能再移出或者恢复专家。"):
            recusals.remove_for_conflict(assignment=assignment, reason="任顾问。", by=world.officer, on=TODAY)
        page = Page.of(signed_in(world.officer).get(f"/assignments/{assignment.pk}/conflict/"))
        assert "现在不能办理，原因如下：" in page.text
        assert "发现利害关系" not in Page.of(signed_in(world.officer).get(f"/bases/{base.pk}/")).text

    @pytest.mark.article("16")
    def test_in_an_assessment_too_until_the_grade_is_proposed(self, world: World):
        base = world.assessing(TODAY)
        panel = Panel.objects.filter(base=base).exclude(purpose="application").first()
        if panel is None:
            assessing.submit_report(base=base, acting=world.applicant, on=TODAY, report="报告。")
            panel = assessing.assign_assessors(base=base, acting=world.officer, on=TODAY, experts=world.expert_users(3))
        gone = panel.assignments.first()
        recusals.remove_for_conflict(assignment=gone, reason="任顾问。", by=world.officer, on=TODAY)
        assert [a.status for a in panel.assignments.all()] == ["recused", "assigned", "assigned"]


class TestReleasing:
    def test_takes_off_who_has_not_handed_in(self, world: World, reviewed: Base, expert: Acting, signed_in: SignedIn):
        url = f"/assignments/{mine(reviewed, expert).pk}/release/"
        signed_in(world.officer).post(url, {"reason": "逾期未评。"})
        assert (mine(reviewed, expert).status, records(reviewed, expert)) == (
            "released", [("released", "", "逾期未评。", False)],
        )  # fmt: skip
        assert "逾期未评" in Page.of(signed_in(expert).get("/reviews/")).text

    def test_but_nobody_whose_sheet_is_in(self, world: World, reviewed: Base, expert: Acting):
        with pytest.raises(Refused, match="评分表已提交，不能撤换"):
            recusals.release(assignment=submit(reviewed, expert), reason="换人。", by=world.officer, on=TODAY)

    def test_nor_anybody_whose_sheet_was_in_and_was_opened_again(
        self, world: World, reviewed: Base, expert: Acting, signed_in: SignedIn
    ):
        sheets.unlock(assignment=submit(reviewed, expert), reason="漏看材料。", by=world.officer, on=TODAY)
        with pytest.raises(Refused) as refusal:
            recusals.release(assignment=mine(reviewed, expert), reason="换人。", by=world.officer, on=TODAY)
        assert refusal.value.reasons == (
            "评分表提交后解锁的，不能撤换；确有利害关系的，请办理“发现利害关系”。",
        )  # fmt: skip
        page = signed_in(world.officer).get(f"/bases/{reviewed.pk}/").content.decode()
        offered = [f"/assignments/{mine(reviewed, each).pk}/release/" in page for each in world.experts[:3]]
        assert offered == [False, True, True]


class TestRestoring:
    def test_gives_back_sheet_and_result_and_keeps_the_trail(self, world: World, reviewed: Base, signed_in: SignedIn):
        for each, total in zip(world.experts[:3], (90, 80, 71), strict=True):
            submit(reviewed, each, total)
        before, leaving = sorted(panels.totals(reviewed.panels.get())), world.experts[0]
        recusals.remove_for_conflict(assignment=mine(reviewed, leaving), reason="任顾问。", by=world.officer, on=TODAY)
        removed = sorted(panels.totals(reviewed.panels.get()))
        signed_in(world.officer).post(f"/assignments/{mine(reviewed, leaving).pk}/restore/", {"reason": "同名误认。"})
        assert (before, removed) == ([71, 80, 90], [71, 80])
        assert sorted(panels.totals(reviewed.panels.get())) == before
        back = mine(reviewed, leaving)
        assert (back.status, back.ended_reason, back.rule, back.ended_on) == ("submitted", "", "", None)
        assert records(reviewed, leaving) == [
            ("free", "", "", False), ("removed", "found", "任顾问。", True), ("restored", "", "同名误认。", True),
        ]  # fmt: skip
        recognising.shortlist(base=fresh(reviewed), acting=world.officer, on=TODAY)
        assert reviewed.panels.get().aggregate == Decimal("80.33")

    def test_a_namesake_of_an_author_is_cleared_for_this_panel(self, world: World, reviewed: Base):
        for each in world.experts[:3]:
            submit(reviewed, each)
        PriorResult.objects.create(
            application=world.application(reviewed), name="采煤", authors="申报教授、专家0", year=2025
        )
        given = {"assignment": mine(reviewed, world.experts[0]), "by": world.officer, "on": TODAY}
        recusals.remove_for_conflict(reason="合作成果。", **given)
        recusals.restore(reason="同名，非同一人。", **given)
        assert recognising.shortlist_reasons(reviewed, world.officer, TODAY) == ()

    def test_of_a_namesake_hides_no_other_conflict(self, world: World, reviewed: Base, expert: Acting):
        paper = world.application(reviewed)
        PriorResult.objects.create(application=paper, name="采煤", authors="申报教授、专家0", year=2025)
        given = {"assignment": mine(reviewed, expert), "by": world.officer, "on": TODAY}
        recusals.remove_for_conflict(reason="合作成果。", **given)
        recusals.restore(reason="同名，非同一人。", **given)
        AvoidedExpert.objects.create(
            application=paper, position=1, name="专家0", employer="外省研究院0", reason="争议。", named_by=user_of(world.applicant),
            named_on=TODAY,
        )  # fmt: skip
        standing = panels.standing_conflicts([mine(reviewed, expert)], TODAY)
        assert [conflict.rule for conflict in standing.values()] == ["avoided"]
        recusals.remove_for_conflict(reason="申请回避。", **given)
        with pytest.raises(Refused) as refusal:
            recusals.restore(reason="误。", **given)
        assert refusal.value.reasons == (
            "平台资料仍显示专家0应当回避：申报人申请回避。资料有误的，请先更正资料，再恢复。",
        )  # fmt: skip

    def test_clears_every_rule_that_a_name_alone_had_met(self, world: World, reviewed: Base, expert: Acting):
        paper = world.application(reviewed)
        PriorResult.objects.create(application=paper, name="采煤", authors="申报教授、专家0", year=2025)
        IndustryMentor.objects.filter(pk=paper.industry_mentors.first().pk).update(name="专家0", employer="外省研究院0")
        given = {"assignment": mine(reviewed, expert), "by": world.officer, "on": TODAY}
        recusals.remove_for_conflict(reason="合作成果。", **given)
        recusals.restore(reason="同名，非同一人。", **given)
        assert records(reviewed, expert)[1:] == [
            ("restored", "listed", "同名，非同一人。", False), ("restored", "joint_result", "同名，非同一人。", False),
        ]  # fmt: skip
        assert panels.standing_conflicts([mine(reviewed, expert)], TODAY) == {}

    def test_waits_for_the_data_where_they_still_show_the_conflict(self, world: World, reviewed: Base, expert: Acting):
        ExpertProfile.objects.filter(user=expert.user).update(partner_unit=world.partner)
        given = {"assignment": mine(reviewed, expert), "by": world.officer, "on": TODAY}
        recusals.remove_for_conflict(reason="任职。", **given)
        with pytest.raises(Refused, match="平台资料仍显示专家0应当回避：在合作单位任职。"):
            recusals.restore(reason="误。", **given)

    def test_is_not_for_who_withdrew_themselves(self, world: World, reviewed: Base, expert: Acting):
        recusals.recuse(assignment=mine(reviewed, expert), reason="师生关系", by=expert, on=TODAY)
        with pytest.raises(Overtaken, match="只能恢复由教育厅移出评审组的专家"):
            recusals.restore(assignment=mine(reviewed, expert), reason="误。", by=world.officer, on=TODAY)


totals = st.decimals(0, 100, places=2)


@given(st.lists(totals, min_size=2, max_size=9), st.integers(0, 8))
def test_removing_a_sheet_and_putting_it_back_gives_the_same_aggregate(sheets: list[Decimal], which: int):
    gone = sheets[which % len(sheets)]
    left = list(sheets)
    left.remove(gone)
    assert scoring.aggregate([*left, gone]) == scoring.aggregate(sheets)


def test_a_panel_of_an_earlier_application_is_closed_and_not_watched(world: World, base: Base):
    panel = recognising.assign_experts(
        base=base, acting=world.officer, on=TODAY, experts=world.expert_users(3)
    )  # fmt: skip
    assert (recusals.department_reasons(panel), recusals.watched().count()) == ((), 3)
    paper = world.application(base)
    Application.objects.create(
        base=base,
        round=world.round(date(2027, 11, 24)),
        name=base.name,
        declare_by=date(2027, 12, 1),
        partner=paper.partner,
    )
    assert recusals.department_reasons(panel) == ("这次评审已经结束，基地当前状态为“已推荐（报教育厅）”。",)
    assert recusals.watched().count() == 0


def test_the_records_cannot_be_changed(reviewed: Base, expert: Acting):
    recusals.recuse(assignment=mine(reviewed, expert), reason="师生关系", by=expert, on=TODAY)
    with pytest.raises(Exception, match="Cannot update or delete rows"):
        RecusalRecord.objects.all().delete()
