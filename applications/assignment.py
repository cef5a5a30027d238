"""Who reviews what (第八条（三）): a proposal that keeps every hard rule, spreads the load and fits the categories.

Hard: nobody who must recuse themselves, nobody twice, never more than the seats, nobody beyond their limit, and who sits on a panel
stays. Then, in this order: every seat taken; experts of industry on every panel; a good fit, an even load and no two of one employer.

It is a transportation problem: seats of an application, some of them for industry, against places of an expert, of which each next
one costs more. Its groups are nested on one side and apart on the other, so every corner of the linear programme is a whole number
and HiGHS's simplex gives a real assignment. One thread and a fixed order make the same question give the same answer.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import highspy
import numpy as np
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# So far apart that no gain in what comes later outweighs a loss in what comes before.
_SEAT, _INDUSTRY = 10_000_000, 20_000
# An employer's second expert is looked for after each answer; a few rounds find nearly all that can be avoided.
_EMPLOYER_ROUNDS = 8
# The file descriptor of the standard output, to which a library that is not Python's writes.
_STDOUT = 1

OnStep = Callable[[int, str], None]


class Fit(TextChoices):
    """How well an expert knows what an application is about, best first."""

    CATEGORY = "category", gettext_lazy("类别相同")
    DISCIPLINE = "discipline", gettext_lazy("同一学科门类")
    INDUSTRY = "industry", gettext_lazy("熟悉该产业")
    NONE = "none", gettext_lazy("专业不相近")


_MISFIT = {Fit.CATEGORY: 0, Fit.DISCIPLINE: 1, Fit.INDUSTRY: 2, Fit.NONE: 3}


class Want(TextChoices):
    """What a proposal could not do for an application."""

    SEATS = "seats", gettext_lazy("专家不足")
    INDUSTRY = "industry", gettext_lazy("缺行业专家")
    EMPLOYER = "employer", gettext_lazy("专家同一单位")


@dataclass(frozen=True)
class Candidate:
    """An expert: ``categories`` are four-digit codes, ``limit`` is how many they review at most, ``load`` of it they have already.

    One who is not ``available`` keeps the seats that they have and gets no other.
    """

    key: int
    employer: str = ""
    industry: bool = False
    categories: frozenset[str] = frozenset()
    industries: frozenset[str] = frozenset()
    limit: int = 1
    load: int = 0
    available: bool = True


@dataclass(frozen=True)
class Dossier:
    """An application: how many seats its panel has, how many of them at least for industry, and who sits there already."""

    key: int
    category: str = ""
    industry: str = ""
    seats: int = 5
    industry_min: int = 1
    kept: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Pair:
    """One expert newly put on one application."""

    dossier: int
    candidate: int
    fit: Fit


@dataclass(frozen=True)
class Shortfall:
    """What could not be done for an application: how many are missing, and why in Chinese."""

    dossier: int
    want: Want
    missing: int
    reason: str


@dataclass(frozen=True)
class Proposal:
    """Whom to put where, how many each expert has then (with what they had), and what could not be done."""

    pairs: tuple[Pair, ...]
    loads: Mapping[int, int]
    shortfalls: tuple[Shortfall, ...]
    fits: Mapping[Fit, int] = field(default_factory=dict)


def fit(candidate: Candidate, dossier: Dossier) -> Fit:
    """How well they fit: the category itself, one of the same 学科门类 (the first two digits), the industry, or nothing."""
    if dossier.category and dossier.category in candidate.categories:
        return Fit.CATEGORY
    if dossier.category and any(code[:2] == dossier.category[:2] for code in candidate.categories):
        return Fit.DISCIPLINE
    return Fit.INDUSTRY if dossier.industry and dossier.industry in candidate.industries else Fit.NONE


def propose(
    dossiers: Iterable[Dossier],
    candidates: Iterable[Candidate],
    forbidden: Collection[tuple[int, int]] = frozenset(),
    on_step: OnStep = lambda percent, words: None,
) -> Proposal:
    """The best proposal; ``forbidden`` holds (candidate, dossier). The order in which things are given does not matter."""
    task = _Task(
        sorted(dossiers, key=lambda each: each.key), sorted(candidates, key=lambda each: each.key), frozenset(forbidden)
    )
    on_step(10, _("正在核对回避和专业"))
    if not task.pairs:
        return _told(task, [])
    model = _Model(task)
    on_step(30, _("正在计算分配方案"))
    chosen = model.solve()
    for each in range(_EMPLOYER_ROUNDS):
        on_step(70 + 3 * each, _("正在错开同一单位的专家"))
        if not model.keep_apart(chosen):
            break
        chosen = model.solve()
    return _told(task, chosen)


class _Task:
    """The question in numbers: the pairs that may be, by place in the sorted lists."""

    def __init__(self, dossiers: list[Dossier], candidates: list[Candidate], forbidden: frozenset[tuple[int, int]]):
        self.dossiers, self.candidates = dossiers, candidates
        by_key = {each.key: each for each in candidates}
        self.kept = [[by_key[key] for key in sorted(each.kept) if key in by_key] for each in dossiers]
        self.open = [max(0, each.seats - len(each.kept)) for each in dossiers]
        self.industry = [
            min(seats, max(0, each.industry_min - sum(one.industry for one in kept)))
            for each, seats, kept in zip(dossiers, self.open, self.kept, strict=True)
        ]
        self.room = [max(0, each.limit - each.load) if each.available else 0 for each in candidates]
        # Who may sit there at all, also without room: it tells a lack of people from a lack of room.
        self.free: list[list[int]] = [
            [
                place
                for place, each in enumerate(candidates)
                if each.available and each.key not in dossier.kept and (each.key, dossier.key) not in forbidden
            ]
            if seats
            else []
            for dossier, seats in zip(dossiers, self.open, strict=True)
        ]
        self.pairs = [(d, c) for d, free in enumerate(self.free) for c in free if self.room[c]]
        self.fits = [fit(candidates[c], dossiers[d]) for d, c in self.pairs]

    @property
    def unit(self) -> int:
        """What one step of misfit costs: a third of the usual load, so that neither the fit nor the balance rules alone."""
        able = sum(1 for room in self.room if room)
        return max(1, round((sum(self.open) + sum(each.load for each in self.candidates)) * 0.3 / max(1, able)))


@cache
def _keep_the_banner() -> None:
    """Make the first HiGHS of the process, which prints a banner before any option can be set, where nobody hears it."""
    with suppress(OSError), ExitStack() as after, Path(os.devnull).open("w") as nowhere:
        out = os.dup(_STDOUT)
        after.callback(os.close, out)
        os.dup2(nowhere.fileno(), _STDOUT)
        after.callback(os.dup2, out, _STDOUT)
        highspy.Highs()


class _Model:
    """The linear programme. Rows: seats of each dossier, industry of each dossier, load of each candidate."""

    def __init__(self, task: _Task) -> None:
        self.task = task
        _keep_the_banner()
        self.highs = highspy.Highs()
        options: dict[str, bool | int | str] = {
            "output_flag": False,
            "threads": 1,
            "parallel": "off",
            "solver": "simplex",
        }
        for name, value in options.items():
            self.highs.setOptionValue(name, value)
        self._apart: set[tuple[int, str, bool]] = set()
        self._build()

    def _build(self) -> None:
        task, many = self.task, len(self.task.dossiers)
        cost: list[int] = []
        upper: list[int] = []
        starts, rows, values = [0], list[int](), list[int]()

        def column(price: int, most: int, entries: list[tuple[int, int]]) -> None:
            cost.append(price)
            upper.append(most)
            rows.extend(row for row, _value in entries)
            values.extend(value for _row, value in entries)
            starts.append(len(rows))

        for (d, c), how in zip(task.pairs, task.fits, strict=True):
            entries = [(d, 1), (2 * many + c, 1)]
            if task.industry[d] and task.candidates[c].industry:
                entries.insert(1, (many + d, 1))
            column(_MISFIT[how] * task.unit, 1, entries)
        for d in range(many):
            column(_SEAT, task.open[d], [(d, 1)])
            column(_INDUSTRY, task.industry[d], [(many + d, 1)])
        wanted = Counter(c for _d, c in task.pairs)
        for c, each in enumerate(task.candidates):
            for more in range(1, min(task.room[c], wanted[c]) + 1):
                column(2 * (each.load + more) - 1, 1, [(2 * many + c, -1)])
        programme = highspy.HighsLp()
        programme.num_col_, programme.num_row_ = len(cost), 2 * many + len(task.candidates)
        programme.col_cost_ = np.array(cost, dtype=np.float64)
        programme.col_lower_ = np.zeros(len(cost))
        programme.col_upper_ = np.array(upper, dtype=np.float64)
        nobody = [0] * len(task.candidates)
        programme.row_lower_ = np.array([*task.open, *task.industry, *nobody], dtype=np.float64)
        programme.row_upper_ = np.array([*task.open, *[highspy.kHighsInf] * many, *nobody], dtype=np.float64)
        programme.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        programme.a_matrix_.start_ = np.array(starts)
        programme.a_matrix_.index_ = np.array(rows)
        programme.a_matrix_.value_ = np.array(values, dtype=np.float64)
        self.highs.passModel(programme)

    def solve(self) -> list[int]:
        """The numbers of the pairs that are chosen."""
        self.highs.run()
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise RuntimeError(f"HiGHS ended with {self.highs.getModelStatus()}")
        amounts = np.array(self.highs.getSolution().col_value[: len(self.task.pairs)])
        return [int(number) for number in np.flatnonzero(amounts > 0.5)]

    def keep_apart(self, chosen: list[int]) -> bool:
        """Make it cost something where two of one employer sit together; False when no such place is new."""
        task = self.task
        seated: Counter[tuple[int, str, bool]] = Counter(
            (d, each.employer, each.industry) for d, kept in enumerate(task.kept) for each in kept if each.employer
        )
        before = Counter(seated)
        for number in chosen:
            place = self._place(number)
            if place[1]:
                seated[place] += 1
        new = {place for place, many in seated.items() if many > 1 and place not in self._apart}
        members = defaultdict(list)
        for number in range(len(task.pairs)):
            place = self._place(number)
            if place in new:
                members[place].append(number)
        for place in sorted(members):
            row = self.highs.getNumRow()
            numbers = np.array(members[place], dtype=np.int32)
            one = max(0, 1 - before[place])
            self.highs.addRow(-highspy.kHighsInf, one, len(numbers), numbers, np.ones(len(numbers)))
            self.highs.addCol(3 * task.unit, 0, highspy.kHighsInf, 1, np.array([row], dtype=np.int32), np.array([-1.0]))
        self._apart |= new
        return bool(members)

    def _place(self, number: int) -> tuple[int, str, bool]:
        # By sector too: an employer with both would cut across the seats for industry, and halves of experts could come out.
        d, c = self.task.pairs[number]
        return d, self.task.candidates[c].employer, self.task.candidates[c].industry


def _told(task: _Task, chosen: list[int]) -> Proposal:
    """The proposal with its explanation."""
    loads = {each.key: each.load for each in task.candidates}
    seated: list[list[Candidate]] = [list(kept) for kept in task.kept]
    taken = Counter[int]()
    pairs = []
    for number in chosen:
        d, c = task.pairs[number]
        loads[task.candidates[c].key] += 1
        seated[d].append(task.candidates[c])
        taken[d] += 1
        pairs.append(Pair(task.dossiers[d].key, task.candidates[c].key, task.fits[number]))
    shortfalls = [each for d in range(len(task.dossiers)) for each in _shortfalls(task, d, seated[d], taken[d])]
    return Proposal(tuple(pairs), loads, tuple(shortfalls), Counter(pair.fit for pair in pairs))


def _shortfalls(task: _Task, d: int, seated: list[Candidate], taken: int) -> list[Shortfall]:
    dossier, found = task.dossiers[d], []
    missing = task.open[d] - taken
    if missing:
        if len(task.free[d]) < task.open[d]:
            why = _("无须回避又能评审的专家只有 %(n)s 名") % {"n": len(task.free[d])}
        else:
            why = _("无须回避的专家都已达到评审项数上限")
        found.append(Shortfall(dossier.key, Want.SEATS, missing, why))
    lacking = max(0, dossier.industry_min - sum(each.industry for each in seated))
    if lacking:
        able = sum(task.candidates[c].industry for c in task.free[d])
        if not task.open[d]:
            why = _("评审组已满，没有空缺")
        elif able < lacking:
            why = _("无须回避的行业专家只有 %(n)s 名") % {"n": able}
        else:
            why = _("无须回避的行业专家都已达到评审项数上限")
        found.append(Shortfall(dossier.key, Want.INDUSTRY, lacking, why))
    for employer, many in sorted(Counter(each.employer for each in seated if each.employer).items()):
        if many > 1:
            why = _("%(n)s 名专家同在%(employer)s") % {"n": many, "employer": employer}
            found.append(Shortfall(dossier.key, Want.EMPLOYER, many - 1, why))
    return found
