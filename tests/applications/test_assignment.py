"""Experts are divided among applications: no hard rule is ever broken, and nothing is missing that could have been had."""

import subprocess
import sys
import time
from collections import Counter
from itertools import combinations, product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from applications.assignment import Candidate, Dossier, Fit, Proposal, Shortfall, Want, fit, propose
from tests.benchmarks.experts import question

pytestmark = pytest.mark.article("8(3)")

CODES = ("0854", "0855", "0951", "1251")
# A quick machine needs a fifth of this.
CPU_SECONDS = 60


@st.composite
def questions(draw: st.DrawFn, dossiers: int = 6, candidates: int = 8):
    """Applications with panels begun or empty, experts with and without room, and who must recuse themselves where."""
    experts = range(1, draw(st.integers(0, candidates)) + 1)
    papers = range(101, 101 + draw(st.integers(1, dossiers)))
    kept = {p: draw(st.frozensets(st.sampled_from(experts), max_size=2)) if experts else frozenset() for p in papers}
    sitting = Counter(one for sits in kept.values() for one in sits)
    people = [
        Candidate(
            key=e,
            employer=draw(st.sampled_from(["", "甲院", "乙厂"])),
            industry=draw(st.booleans()),
            categories=draw(st.frozensets(st.sampled_from(CODES), max_size=2)),
            industries=draw(st.frozensets(st.sampled_from(["law", "health"]), max_size=1)),
            limit=draw(st.integers(1, 4)),
            load=sitting[e],
            available=draw(st.integers(0, 5)) > 0,
        )
        for e in experts
    ]
    work = [
        Dossier(
            key=p,
            category=draw(st.sampled_from(["", *CODES])),
            industry=draw(st.sampled_from(["", "law", "health"])),
            seats=draw(st.sampled_from([1, 3, 5])),
            industry_min=draw(st.integers(0, 2)),
            kept=kept[p],
        )
        for p in papers
    ]
    pairs = [(e, p) for e in experts for p in papers]
    return work, people, draw(st.frozensets(st.sampled_from(pairs), max_size=10)) if pairs else frozenset()


@given(questions())
@settings(deadline=None, max_examples=80)
def test_no_assignment_breaks_a_hard_rule(asked) -> None:
    work, people, forbidden = asked
    proposal = propose(work, people, forbidden)
    by_key, seated = {each.key: each for each in people}, Counter(pair.dossier for pair in proposal.pairs)
    new = [(pair.candidate, pair.dossier) for pair in proposal.pairs]
    assert [pair for pair in new if pair in forbidden] == [], "who must recuse themselves is never proposed"
    assert len(new) == len(set(new)), "nobody sits twice on one panel"
    assert [one for paper in work for one in paper.kept if (one, paper.key) in new] == [], (
        "who sits there keeps the seat"
    )
    assert [p.key for p in work if seated[p.key] > max(0, p.seats - len(p.kept))] == [], "never more than the seats"
    assert [one for one, _paper in new if not by_key[one].available] == []
    loads = Counter(each.key for each in people for _seat in range(each.load)) + Counter(one for one, _paper in new)
    assert dict(proposal.loads) == {each.key: loads[each.key] for each in people}
    assert [one for one, _paper in new if loads[one] > by_key[one].limit] == [], "nobody beyond their limit"


@given(questions(), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=30)
def test_the_same_question_has_the_same_answer_in_whatever_order_it_is_asked(asked, random: Random) -> None:
    work, people, forbidden = asked
    first = propose(work, people, forbidden)
    random.shuffle(work)
    random.shuffle(people)
    assert propose(work, people, forbidden) == first


@given(questions())
@settings(deadline=None, max_examples=60)
def test_what_is_missing_is_said(asked) -> None:
    work, people, forbidden = asked
    proposal = propose(work, people, forbidden)
    by_key, seats = {each.key: each for each in people}, {p.key: set(p.kept) for p in work}
    for pair in proposal.pairs:
        seats[pair.dossier].add(pair.candidate)
    said = {(each.dossier, each.want): each.missing for each in proposal.shortfalls}
    assert all(each.reason for each in proposal.shortfalls)
    for paper in work:
        industry = sum(by_key[one].industry for one in seats[paper.key])
        assert said.get((paper.key, Want.SEATS), 0) == max(0, paper.seats - len(seats[paper.key]))
        assert said.get((paper.key, Want.INDUSTRY), 0) == max(0, paper.industry_min - industry)


def _best(work: list[Dossier], people: list[Candidate], forbidden: frozenset[tuple[int, int]]) -> tuple[int, int]:
    """The most seats that can be taken at all, and with so many the fewest experts of industry that must be missing."""
    by_key, options = {each.key: each for each in people}, []
    for paper in work:
        able = [
            c.key for c in people if c.available and c.key not in paper.kept and (c.key, paper.key) not in forbidden
        ]
        most = max(0, paper.seats - len(paper.kept))
        options.append([chosen for many in range(min(most, len(able)) + 1) for chosen in combinations(able, many)])
    found = []
    for choice in product(*options):
        loads = Counter(one for chosen in choice for one in chosen)
        if any(by_key[one].load + many > by_key[one].limit for one, many in loads.items()):
            continue
        lacking = sum(
            max(0, p.industry_min - sum(by_key[one].industry for one in (*p.kept, *chosen)))
            for p, chosen in zip(work, choice, strict=True)
        )
        found.append((sum(map(len, choice)), -lacking))
    return max(found)


@given(questions(dossiers=3, candidates=4))
@settings(deadline=None, max_examples=80)
def test_nothing_is_missing_that_any_other_division_would_have(asked) -> None:
    """Every division of a small question is tried: none takes more seats, and none with as many has more of industry."""
    work, people, forbidden = asked
    proposal = propose(work, people, forbidden)
    lacking = sum(each.missing for each in proposal.shortfalls if each.want == Want.INDUSTRY)
    assert (len(proposal.pairs), -lacking) == _best(work, people, forbidden)


def _pairs(proposal: Proposal) -> set[tuple[int, int]]:
    return {(pair.dossier, pair.candidate) for pair in proposal.pairs}


def test_the_one_who_knows_the_category_is_chosen() -> None:
    people = [
        Candidate(1, categories=frozenset({"1251"}), limit=9),
        Candidate(2, categories=frozenset({"0855"}), limit=9),
        Candidate(3, industries=frozenset({"law"}), limit=9),
    ]
    proposal = propose([Dossier(7, "0855", "law", seats=1, industry_min=0)], people)
    assert _pairs(proposal) == {(7, 2)}
    assert [pair.fit for pair in proposal.pairs] == [Fit.CATEGORY]


@pytest.mark.parametrize(
    ("categories", "industries", "found"),
    [
        ({"0855", "1251"}, set(), Fit.CATEGORY),
        ({"0854"}, {"law"}, Fit.DISCIPLINE),
        ({"1251"}, {"law"}, Fit.INDUSTRY),
        ({"1251"}, {"health"}, Fit.NONE),
        (set(), set(), Fit.NONE),
    ],
)
def test_the_fit_of_an_expert(categories: set[str], industries: set[str], found: Fit) -> None:
    candidate = Candidate(1, categories=frozenset(categories), industries=frozenset(industries))
    assert fit(candidate, Dossier(7, "0855", "law")) == found


def test_the_load_is_spread_evenly() -> None:
    people = [Candidate(key, limit=20) for key in range(10)]
    proposal = propose([Dossier(key, seats=3, industry_min=0) for key in range(20)], people)
    assert set(proposal.loads.values()) == {6}


def test_who_has_work_already_gets_less() -> None:
    people = [Candidate(1, limit=9, load=3), Candidate(2, limit=9)]
    proposal = propose([Dossier(key, seats=1, industry_min=0) for key in range(3)], people)
    assert dict(proposal.loads) == {1: 3, 2: 3}


def test_two_of_one_employer_are_kept_apart_where_another_is_to_be_had() -> None:
    people = [Candidate(1, "甲院", limit=2), Candidate(2, "甲院", limit=2), Candidate(3, "乙厂", limit=2)]
    assert _pairs(propose([Dossier(7, seats=2, industry_min=0)], people)) in ({(7, 1), (7, 3)}, {(7, 2), (7, 3)})
    beside = propose([Dossier(7, seats=2, industry_min=0, kept=frozenset({1}))], people)
    assert _pairs(beside) == {(7, 3)}
    alone = propose([Dossier(7, seats=2, industry_min=0)], people[:2])
    assert alone.shortfalls == (Shortfall(7, Want.EMPLOYER, 1, "2 名专家同在甲院"),)


def test_it_says_why_seats_and_industry_are_missing() -> None:
    few = [Candidate(1, limit=1), Candidate(2, industry=True, limit=1)]
    one = propose([Dossier(7, seats=3)], few, {(2, 7)})
    assert one.shortfalls == (
        Shortfall(7, Want.SEATS, 2, "无须回避又能评审的专家只有 1 名"),
        Shortfall(7, Want.INDUSTRY, 1, "无须回避的行业专家只有 0 名"),
    )
    full = propose([Dossier(7, seats=1), Dossier(8, seats=1)], few[1:])
    assert {(each.want, each.missing, each.reason) for each in full.shortfalls} == {
        (Want.SEATS, 1, "无须回避的专家都已达到评审项数上限"),
        (Want.INDUSTRY, 1, "无须回避的行业专家都已达到评审项数上限"),
    }
    assert len({each.dossier for each in full.shortfalls}) == 1, "one of the two has them"
    sitting = propose([Dossier(7, seats=1, kept=frozenset({1}))], few)
    assert sitting.shortfalls == (Shortfall(7, Want.INDUSTRY, 1, "评审组已满，没有空缺"),)


def test_nobody_to_ask() -> None:
    proposal = propose([Dossier(7, seats=5)], [])
    assert (proposal.pairs, {each.want for each in proposal.shortfalls}) == ((), {Want.SEATS, Want.INDUSTRY})


def test_a_thousand_applications_and_two_hundred_experts_within_a_minute() -> None:
    work, people, forbidden = question()
    steps: list[int] = []
    began = time.process_time()
    proposal = propose(work, people, forbidden, lambda percent, _words: steps.append(percent))
    took = time.process_time() - began
    assert took < CPU_SECONDS
    assert len(proposal.pairs) == 5000
    assert [each for each in proposal.shortfalls if each.want != Want.EMPLOYER] == []
    assert steps == sorted(steps)
    assert max(proposal.loads.values()) - min(proposal.loads.values()) <= 15


def test_says_nothing_on_the_standard_output_of_its_process() -> None:
    """The banner of HiGHS comes once a process, so it takes a new one to hear it."""
    question = (
        "import django; django.setup()\n"
        "from applications.assignment import Candidate, Dossier, propose\n"
        "found = propose([Dossier(1, seats=1)], [Candidate(1, limit=1)], set(), lambda *_said: None)\n"
        "print(len(found.pairs))"
    )
    told = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True, check=True)
    assert told.stdout == "1\n"
