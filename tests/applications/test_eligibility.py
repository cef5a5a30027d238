"""第七条: the hard conditions, as arithmetic and as what stops a declaration."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from applications import eligibility
from applications.eligibility import Facts
from applications.services import declaring
from bases.lifecycle import State
from bases.models import Base, CategoryAuthorisation, DegreeCategory
from bases.services import people
from evaluations.demo.paperwork import NEEDED_FILES
from portal.errors import Refused
from tests.applications.conftest import SignedIn
from tests.applications.pages import Page
from tests.factories import World

GOOD = Facts(
    on=date(2026, 11, 24),
    category_authorised=True,
    has_partner=True,
    cooperation_started_on=date(2024, 11, 24),
    unit_investment=Decimal("0.01"),
    partner_investment=Decimal("0.01"),
    students=5,
    signed_on=date(2024, 11, 24),
    agreement_expires_on=date(2031, 11, 24),
    has_agreement_scan=True,
    construction_ends_on=date(2030, 1, 1),
)
days = st.dates(date(1980, 1, 1), date(2060, 12, 31))
amounts = st.decimals(0, 10**9, places=2)
any_facts = st.builds(
    Facts,
    on=days,
    category_authorised=st.none() | st.booleans(),
    has_partner=st.booleans(),
    cooperation_started_on=st.none() | days,
    unit_investment=amounts,
    partner_investment=amounts,
    students=st.none() | st.integers(0, 1000),
    unclear_students=st.integers(0, 10),
    signed_on=st.none() | days,
    agreement_expires_on=st.none() | days,
    has_agreement_scan=st.booleans(),
    other_partners=st.integers(0, 3),
    several_partners_reason=st.sampled_from(["", "产业链上下游"]),
    incidents=st.none() | st.lists(st.sampled_from(["近三年受过行政处罚"]), max_size=1).map(tuple),
    kinds_invested=st.frozensets(st.sampled_from(["funds", "site", "equipment", "people"])),
    has_partner_rules=st.booleans(),
    has_licence=st.booleans(),
    changed_after_sealing=st.booleans(),
    construction_ends_on=st.none() | days,
)


def verdicts(facts: Facts, *, min_years: int = 2, min_students: int = 5) -> dict[str, str]:
    """What is found of every check, by key."""
    return {c.key: c.verdict for c in eligibility.report(facts, min_years=min_years, min_students=min_students)}


def failed(facts: Facts, **policy: int) -> set[str]:
    """Which checks forbid declaring."""
    return {key for key, verdict in verdicts(facts, **policy).items() if verdict == "fail"}


def judged(facts: Facts) -> set[str]:
    """Which checks are laid before a person."""
    return {key for key, verdict in verdicts(facts).items() if verdict == "judge"}


@pytest.mark.article("7(3)")
class TestYearsOfCooperation:
    @given(started=days, years=st.integers(0, 40))
    def test_a_year_is_complete_on_its_anniversary_and_not_a_day_sooner(self, started: date, years: int):
        anniversary = started + relativedelta(years=years)
        assert eligibility.cooperation_years(started, anniversary) == years
        if years:
            assert eligibility.cooperation_years(started, anniversary - timedelta(days=1)) == years - 1

    @given(started=days, on=days, later=st.integers(0, 4000))
    def test_time_only_adds(self, started: date, on: date, later: int):
        before = eligibility.cooperation_years(started, on)
        assert eligibility.cooperation_years(started, on + timedelta(days=later)) >= before

    @pytest.mark.parametrize(
        ("on", "years"),
        [
            (date(2025, 2, 27), 0),
            (date(2025, 2, 28), 1),
            (date(2028, 2, 28), 3),
            (date(2028, 2, 29), 4),
        ],
    )
    def test_29_february_counts_on_28_february_of_other_years(self, on: date, years: int):
        assert eligibility.cooperation_years(date(2024, 2, 29), on) == years

    def test_the_day_two_years_are_over_passes_and_the_day_before_does_not(self):
        assert failed(GOOD) == set()
        assert failed(replace(GOOD, on=date(2026, 11, 23))) == {"cooperation"}

    def test_a_cooperation_that_has_not_begun_has_no_years(self):
        assert failed(replace(GOOD, cooperation_started_on=date(2026, 11, 25))) == {"cooperation"}


@pytest.mark.article("7")
class TestTheReport:
    def test_the_hard_checks_come_first_in_the_order_of_the_article_then_what_needs_judgement(self):
        found = eligibility.report(GOOD, min_years=2, min_students=5)
        assert [(c.key, c.article) for c in found] == [
            ("category", "7(1)"), ("partner", "7(2)"), ("cooperation", "7(3)"), ("agreement", "7(3)"),
            ("investment", "7(3)"), ("students", "7(3)"), ("one_partner", "7(2)"), ("standing", "7(2)"),
            ("conditions", "7(2)"), ("kinds", "7(3)"), ("covers", "7(3) 10"), ("sealed", "8(1)"),
        ]  # fmt: skip

    @given(any_facts)
    def test_exactly_what_the_article_asks_may_forbid_declaring(self, facts: Facts):
        started, signed = facts.cooperation_started_on, facts.signed_on
        wanted = {
            "category": facts.category_authorised is True,
            "partner": facts.has_partner,
            "cooperation": started is not None and started + relativedelta(years=2) <= facts.on,
            "agreement": signed is not None and signed <= facts.on and facts.has_agreement_scan,
            "investment": facts.unit_investment > 0 and facts.partner_investment > 0,
            "students": facts.students is not None and facts.students + facts.unclear_students >= 5,
        }
        assert failed(facts) == {key for key, holds in wanted.items() if not holds}

    @given(any_facts)
    def test_every_failed_check_is_one_whole_sentence_and_the_others_are_silent(self, facts: Facts):
        found = eligibility.report(facts, min_years=2, min_students=5)
        sentences = eligibility.failures(found)
        assert len(sentences) == len(failed(facts))
        assert all(sentence.endswith("。") and "None" not in sentence for sentence in sentences)

    @given(any_facts, st.integers(0, 10), st.integers(0, 100))
    def test_a_stricter_policy_never_lets_more_through(self, facts: Facts, min_years: int, min_students: int):
        lenient = failed(facts, min_years=min_years, min_students=min_students)
        strict = failed(facts, min_years=min_years + 1, min_students=min_students + 1)
        assert lenient <= strict

    def test_an_amount_that_is_missing_is_said_to_be_missing(self):
        (sentence,) = eligibility.failures(
            eligibility.report(replace(GOOD, partner_investment=0), min_years=2, min_students=5)
        )
        assert "现为：培养单位 0.01 元，合作单位 未填；要求：双方均大于 0。" in sentence

    def test_it_says_what_was_found_what_is_required_and_how_to_mend_it(self):
        facts = replace(GOOD, cooperation_started_on=date(2025, 2, 28), unit_investment=0, students=0)
        assert eligibility.failures(eligibility.report(facts, min_years=2, min_students=5)) == (
            "产学研合作年限——现为：1 年；要求：2 年及以上。按所填起始日，自 2027-02-28 起满足年限。",
            "双方实质性投入——现为：培养单位 未填，合作单位 0.01 元；要求：双方均大于 0。"
            "请在“前期合作”中逐项填写双方已实际投入的经费、场地、设备（折算为金额）。",
            "已联合培养本类别研究生——现为：0 人；要求：5 人及以上。名单中本专业学位类别的研究生达到 5 人后方可申报。",
        )


class TestWhatAPersonJudges:
    def test_an_application_without_any_doubt_leaves_the_partners_conditions_alone_to_judge(self):
        assert judged(GOOD) == {"conditions"}

    @pytest.mark.article("7(2)")
    def test_a_second_partner_needs_a_reason_that_the_reviewer_sees(self):
        report = eligibility.report(
            replace(GOOD, other_partners=1, several_partners_reason="产业链上下游。"), min_years=2, min_students=5
        )
        (check,) = [c for c in report if c.key == "one_partner"]
        assert (check.verdict, check.found) == ("judge", "2 个；理由：产业链上下游。")

    @pytest.mark.article("7(2)")
    def test_an_incident_of_the_last_three_years_is_judged_and_not_decided_by_the_portal(self):
        assert judged(replace(GOOD, incidents=("近三年受过行政处罚",))) == {"conditions", "standing"}

    @pytest.mark.article("7(3)")
    def test_students_of_an_old_category_are_counted_only_by_a_person(self):
        assert verdicts(replace(GOOD, students=4, unclear_students=1))["students"] == "judge"
        assert verdicts(replace(GOOD, students=3, unclear_students=1))["students"] == "fail"
        assert verdicts(replace(GOOD, students=5, unclear_students=9))["students"] == "pass"

    @pytest.mark.article("7(3)")
    def test_investment_without_money_site_or_equipment_is_judged(self):
        assert "kinds" in judged(replace(GOOD, kinds_invested=frozenset({"funds", "people"})))

    @pytest.mark.article("10")
    def test_an_agreement_that_lapses_during_construction_is_pointed_out(self):
        assert judged(replace(GOOD, agreement_expires_on=date(2029, 12, 31))) == {"conditions", "covers"}
        assert judged(replace(GOOD, agreement_expires_on=GOOD.construction_ends_on)) == {"conditions"}


UNAUTHORISED = (
    "不符合申报条件：\n专业学位类别已获授权——现为：否；要求：属于本单位授权类别。请选择本单位已获授权的专业学位类别。"
)
ONE_SIDED = (
    "不符合申报条件：\n双方实质性投入——现为：培养单位 200,000.00 元，合作单位 未填；要求：双方均大于 0。"
    "请在“前期合作”中逐项填写双方已实际投入的经费、场地、设备（折算为金额）。"
)
HARD_CHECKS = {
    "no category": (
        {"category": None},
        (
            "申请书还缺：专业学位类别。",
            "不符合申报条件：\n专业学位类别已获授权——现为：未选；要求：属于本单位授权类别。请选择本单位已获授权的专业学位类别。\n"
            "已联合培养本类别研究生——现为：未选类别，不能统计；要求：5 人及以上。请先选定专业学位类别。",
        ),
    ),
    "no partner": (
        {"partner": None},
        (
            "申请书还缺：校外合作单位。",
            "不符合申报条件：\n依托校外合作单位——现为：未选定；要求：选定一个合作单位。请选定合作单位；名单中没有时先登记。",
        ),
    ),
    "a day short of two years": (
        {"cooperation_started_on": date(2024, 11, 25)},
        (
            "不符合申报条件：\n产学研合作年限——现为：1 年；要求：2 年及以上。按所填起始日，自 2026-11-25 起满足年限。",
        ),
    ),
    "no agreement": (
        {"files": tuple(kind for kind in NEEDED_FILES if kind != "agreement")},
        (
            "还缺附件：联合培养协议。",
            "不符合申报条件：\n已签署联合培养协议——现为：2023-11-24 签署，未上传扫描件；要求：已签署，并上传扫描件。"
            "请在“附件”中上传双方已签署的联合培养协议扫描件。",
        ),
    ),
    "only one side has invested": ({"unit_investment": Decimal(200_000), "partner_investment": Decimal(0)}, (ONE_SIDED,)),
    "four students": (
        {"students_trained": 4},
        (
            "不符合申报条件：\n已联合培养本类别研究生——现为：4 人；要求：5 人及以上。名单中本专业学位类别的研究生达到 5 人后方可申报。",
        ),
    ),
}  # fmt: skip


@pytest.mark.article("7")
class TestAFailedHardCheckStopsTheDeclaration:
    @pytest.mark.parametrize(("changes", "reasons"), HARD_CHECKS.values(), ids=HARD_CHECKS)
    def test_with_its_sentence(self, world: World, today, changes: dict[str, Any], reasons: tuple[str, ...]):
        base = world.draft(today, **changes)
        assert declaring.declare_reasons(base, world.applicant, today) == reasons
        with pytest.raises(Refused) as refusal:
            declaring.declare(base=base, acting=world.applicant, on=today)
        assert refusal.value.reasons == reasons
        assert Base.objects.get().state == State.DRAFTING

    @pytest.mark.parametrize(("changes", "reasons"), HARD_CHECKS.values(), ids=HARD_CHECKS)
    def test_also_on_the_page_of_the_act(
        self, world: World, today, signed_in: SignedIn, changes: dict[str, Any], reasons: tuple[str, ...]
    ):
        base = world.draft(today, **changes)
        client, url = signed_in(world.applicant), f"/bases/{base.pk}/acts/declare/"
        before = Page.of(client.get(url))
        assert (before.heading, before.names()) == ("提交申报", set())
        assert all(" ".join(reason.split()) in before.text for reason in reasons)
        after = Page.of(client.post(url))
        assert (after.status, Base.objects.get().state) == (422, State.DRAFTING)
        assert all(" ".join(reason.split()) in after.text for reason in reasons)

    def test_a_category_in_which_the_unit_awards_no_degrees(self, world: World, today):
        base = world.draft(today, category=DegreeCategory.objects.get(code="0854"))
        assert declaring.declare_reasons(base, world.applicant, today) == (UNAUTHORISED,)
        CategoryAuthorisation.objects.create(training_unit=world.unit, category=base.category, year=2020)
        assert declaring.declare_reasons(base, world.applicant, today) == ()

    def test_another_units_authorisation_does_not_help(self, world: World, today):
        base = world.draft(today)
        CategoryAuthorisation.objects.filter(training_unit=world.unit).delete()
        assert declaring.declare_reasons(base, world.applicant, today) == (UNAUTHORISED,)

    def test_all_that_fails_is_said_at_once(self, world: World, today):
        base = world.draft(today, students_trained=4, unit_investment=Decimal(200_000), partner_investment=Decimal(0))
        (sentence,) = declaring.declare_reasons(base, world.applicant, today)
        assert sentence == (
            f"{ONE_SIDED}\n已联合培养本类别研究生——现为：4 人；要求：5 人及以上。名单中本专业学位类别的研究生达到 5 人后方可申报。"
        )


@pytest.mark.article("7")
class TestWhatFulfilsTheArticlePasses:
    def test_exactly_at_every_limit(self, world: World, today):
        base = world.draft(
            today,
            cooperation_started_on=date(2024, 11, 24),
            unit_investment=Decimal("0.01"),
            partner_investment=Decimal("0.01"),
            students_trained=5,
        )
        assert declaring.declare(base=base, acting=world.applicant, on=today).state == State.DECLARED

    def test_through_the_page_of_the_act(self, world: World, today, signed_in: SignedIn):
        base = world.draft(today)
        answer = signed_in(world.applicant).post(f"/bases/{base.pk}/acts/declare/", follow=True)
        assert answer.redirect_chain == [(f"/bases/{base.pk}/", 302)]
        assert "已提交申报。下一步由研究生院作六项审核。" in Page.of(answer).text
        assert Base.objects.get().state == State.DECLARED

    def test_no_priority_industry_is_no_obstacle(self, world: World, today):
        assert world.declared(today, priority_industry="none").state == State.DECLARED

    def test_the_limits_are_those_of_the_policy_under_which_the_round_opened(self, world: World, today):
        world.round(today)
        tomorrow = today + timedelta(days=1)
        people.new_policy_version(
            effective_from=tomorrow, by=world.security_admin.user, on=today, min_trained_students=50
        )
        assert world.declared(tomorrow, students_trained=5).state == State.DECLARED
        next_round = date(2027, 3, 1)
        base = world.draft(next_round, students_trained=49)
        assert declaring.declare_reasons(base, world.applicant, next_round) == (
            "不符合申报条件：\n已联合培养本类别研究生——现为：49 人；要求：50 人及以上。名单中本专业学位类别的研究生达到 50 人后方可申报。",
        )
