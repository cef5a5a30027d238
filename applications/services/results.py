"""What the sheets of a round come to, once they may be seen: aggregates, the ranking, and how experts differ (第八条（三）)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from applications import scoring
from applications.models import Application, Assignment, Panel, Round
from applications.models.application import NO_INDUSTRY
from applications.services import panels
from applications.services.all_in import with_all_sheets
from applications.services.declaring import newest_applications
from bases.lifecycle import State
from bases.models import Policy

# The criterion whose points break a tie: 前期合作与成效.
RESULTS = "results"


@dataclass(frozen=True)
class Sheet:
    """What one submitted sheet comes to: its total and the points on 前期成效, 0–100 each."""

    assignment: int
    expert: int
    name: str
    total: Decimal
    results: Decimal


@dataclass(frozen=True)
class Read:
    """A panel with its sheets; ``expected`` is how many it waits for, those of the ``gaps`` among them; ``sheets`` are empty while
    one of them is missing."""

    panel: Panel
    handed_in: int
    expected: int
    gaps: int
    is_open: bool
    sheets: tuple[Sheet, ...]

    @property
    def totals(self) -> list[Decimal]:
        """The totals of the sheets."""
        return [sheet.total for sheet in self.sheets]


def read(found: QuerySet[Panel]) -> list[Read]:
    """These panels with their sheets, in four queries however many there are; closed panels without any figure."""
    shown = list(found)
    keys = [panel.pk for panel in shown]
    is_open = set(with_all_sheets(Panel.objects.filter(pk__in=keys)).values_list("pk", flat=True))
    live: dict[int, list[Assignment]] = {}
    rows = (
        Assignment.objects.filter(panel__in=keys, status__in=Assignment.LIVE)
        .select_related("expert")
        .annotate(total=Sum("sheet__scores__points"))
        .annotate(results=Sum("sheet__scores__points", filter=Q(sheet__scores__criterion__key=RESULTS)))
        .order_by("pk")
    )
    for row in rows:
        live.setdefault(row.panel_id, []).append(row)
    gaps = Counter(Assignment.objects.filter(panel__in=keys).gaps().values_list("panel_id", flat=True))
    return [_read(panel, live.get(panel.pk, []), gaps[panel.pk], panel.pk in is_open) for panel in shown]


def _read(panel: Panel, live: list[Assignment], gaps: int, is_open: bool) -> Read:
    handed_in = [row for row in live if row.status == Assignment.Status.SUBMITTED]
    sheets = tuple(
        Sheet(
            row.pk,
            row.expert_id,
            row.expert.full_name,
            row.total or Decimal(0),  # type: ignore[attr-defined]
            row.results or Decimal(0),  # type: ignore[attr-defined]
        )
        for row in (handed_in if is_open else [])
    )
    expected = max(len(live) + gaps, panel.required)
    return Read(panel, len(handed_in), expected, gaps, is_open and bool(sheets), sheets)


def panels_of(round_: Round) -> QuerySet[Panel]:
    """The panels that the ranking of a round is about: of applications in review, and of those whose aggregate is fixed."""
    in_review = Q(
        application__base__state=State.IN_REVIEW,
        application__in=newest_applications().filter(round=round_).values("pk"),
    )
    related = (
        "base", "rubric", "application__base__training_unit", "application__category", "application__partner",
        "application__round__policy",
    )  # fmt: skip
    return (
        Panel.objects.filter(purpose=Panel.Purpose.APPLICATION, application__round=round_, started=True)
        .filter(in_review | Q(aggregate__isnull=False))
        .select_related(*related)
        .order_by("pk")
    )


@dataclass(frozen=True)
class Ranked:
    """An application's place in its round, with what it rests on (0–100 points, two decimals); without figures while sheets are missing.

    ``gaps`` are places whose expert has left and that nobody has taken yet (空缺), ``flags`` say in Chinese in what the experts
    disagree; ``fixed``: the aggregate does not change any more.
    """

    application: Application
    place: int | None
    aggregate: Decimal | None
    median: Decimal | None
    results_mean: Decimal | None
    spread: Decimal | None
    priority: bool
    sheets: int
    expected: int
    gaps: int
    flags: tuple[str, ...]
    fixed: bool

    @property
    def missing(self) -> int:
        """How many sheets are still to come."""
        return self.expected - self.sheets

    @property
    def standing(self) -> scoring.Standing | None:
        """What the place rests on; None without one."""
        if self.aggregate is None or self.results_mean is None or self.median is None:
            return None
        return scoring.Standing(self.application.pk, self.aggregate, self.results_mean, self.median, self.priority)


def is_priority(application: Application) -> bool:
    """Whether it serves one of the priority industries (优先产业, 第七条（一））: a mark that orders equals, no points."""
    return application.priority_industry not in {"", NO_INDUSTRY}


def ranking(round_: Round) -> list[Ranked]:
    """The applications of a round by their places, those that wait for sheets after them; a constant number of queries.

    Ordered by 综合得分, 前期成效, 中位数, each as shown, with two decimals; then 优先产业 first, then the earlier application.
    """
    return ranked(read(panels_of(round_)))


def ranked(found: Iterable[Read]) -> list[Ranked]:
    """The ranking of the panels of one round as they were read."""
    shown = list(found)
    yardstick = scoring.Deviation.of(each.totals for each in shown)
    lines = [_line(each, yardstick) for each in shown]
    places = scoring.places(line.standing for line in lines if line.standing)
    placed = [Ranked(**vars(line) | {"place": places.get(line.application.pk)}) for line in lines]
    return sorted(placed, key=lambda line: (line.place is None, line.place or 0, line.application.pk))


def _line(each: Read, yardstick: scoring.Deviation) -> Ranked:
    panel = each.panel
    application = panel.application
    if application is None:
        raise ValueError("only the panels of applications are ranked")
    result = _result(each, panels.policy_of(panel), yardstick) if each.is_open else None
    return Ranked(
        application=application,
        place=None,
        aggregate=result.aggregate if result else None,
        median=result.median if result else None,
        results_mean=result.results_mean if result else None,
        spread=result.spread if result else None,
        priority=is_priority(application),
        sheets=each.handed_in,
        expected=each.expected if result is None else each.handed_in,
        gaps=each.gaps if result is None else 0,
        flags=result.flags if result else (),
        fixed=panel.aggregate is not None,
    )


@dataclass(frozen=True)
class Result:
    """What one panel's sheets come to, once all are in."""

    aggregate: Decimal
    median: Decimal
    results_mean: Decimal
    spread: Decimal
    flags: tuple[str, ...]


def _result(each: Read, policy: Policy, yardstick: scoring.Deviation) -> Result:
    totals, fixed = each.totals, each.panel.aggregate
    apart = scoring.spread(totals)
    return Result(
        aggregate=fixed if fixed is not None else scoring.aggregate(totals, trim_from=policy.trim_from),
        median=scoring.median(totals),
        results_mean=scoring.mean([sheet.results for sheet in each.sheets]),
        spread=apart,
        flags=tuple(_flags(totals, apart, policy, yardstick)),
    )


def _flags(totals: list[Decimal], apart: Decimal, policy: Policy, yardstick: scoring.Deviation) -> Iterable[str]:
    if apart > policy.disagreement_range:
        words = {"points": f"{apart:.2f}", "limit": f"{policy.disagreement_range.normalize():f}"}
        yield _("分差 %(points)s 分，超过 %(limit)s 分") % words
    off = yardstick.outliers(totals, policy.disagreement_deviations)
    if off:
        limit = f"{policy.disagreement_deviations.normalize():f}"
        yield _("%(totals)s 分偏离本项平均分超过 %(limit)s 倍标准差") % {
            "totals": "、".join(f"{total:.2f}" for total in off),
            "limit": limit,
        }


@dataclass(frozen=True)
class Leniency:
    """How an expert scores beside the others of the same panels: points above (+) or below (−) their mean, on so many panels."""

    expert: int
    name: str
    points: Decimal
    panels: int


def leniency(found: Iterable[Read]) -> list[Leniency]:
    """The experts of these panels, the most generous first; only panels whose sheets are all in count."""
    shown = list(found)
    names = {sheet.expert: sheet.name for each in shown for sheet in each.sheets}
    figures = scoring.leniency({sheet.expert: sheet.total for sheet in each.sheets} for each in shown)
    lines = [Leniency(expert, names[expert], points, n) for expert, (points, n) in figures.items()]
    return sorted(lines, key=lambda line: (-line.points, line.name, line.expert))
