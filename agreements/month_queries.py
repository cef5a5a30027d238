"""What is seen of months over many bases: how each stands, what fell short, what students deny. Constant numbers of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from agreements import months
from agreements.models import MonthClosing, MonthlyRecord, MonthReview, Placement, Receipt
from agreements.queries import training_bases
from agreements.services.month_rows import WAS_THERE
from bases.models import Base
from portal.acting import Acting
from portal.models import StoredFile

SHOWN_MONTHS = 12
BELOW = Q(is_current=True, state="done", amount__lt=F("floor"))
UNPAID = Q(is_current=True, amount__gt=0, paid_on=None)


@dataclass
class Cell:
    """A month of a base: who was there, how many lines are whole, what was entered (yuan), what deserves a look."""

    month: date
    due: int = 0
    done: int = 0
    amount: Decimal = Decimal(0)
    below: int = 0
    unpaid: int = 0
    denied: int = 0
    closed: bool = False
    over: bool = True
    overdue: bool = False

    @property
    def missing(self) -> int:
        """How many lines are not whole."""
        return max(0, self.due - self.done)

    @property
    def state(self) -> str:
        """none (nobody was there), closed, missing, open (all is filled in), running (the month is not over)."""
        if self.closed:
            return "closed"
        if not self.due:
            return "none"
        if not self.over:
            return "running"
        return "missing" if self.missing else "open"

    @property
    def words(self) -> str:
        """The state in a few words: 缺 3 人, 已结, 待结账."""
        if self.state == "missing":
            return _("缺 %(n)s 人") % {"n": self.missing}
        if self.state == "running":
            return _("已填 %(done)s/%(due)s") % {"done": self.done, "due": self.due}
        return {"closed": _("已结"), "open": _("待结账"), "none": "—"}[self.state]

    @property
    def attention(self) -> list[str]:
        """What deserves a look, in a few words each."""
        said = (
            (self.below, _("低于约定 %(n)s")),
            (self.unpaid if self.over else 0, _("未发放 %(n)s")),
            (self.denied, _("未收到 %(n)s")),
        )
        return [words % {"n": n} for n, words in said if n]


Matrix = dict[int, list[Cell]]


def matrix(bases: Sequence[Base], last: date, on: date, count: int = SHOWN_MONTHS) -> Matrix:
    """The months of bases up to ``last``, oldest first, as they stand on a day; four queries, whatever there is."""
    shown = months.until(last, count)
    pks = [base.pk for base in bases]
    found: Matrix = {}
    for base in bases:
        day = base.policy.monthly_due_day if base.policy else 10
        found[base.pk] = [
            Cell(month, over=months.last_of(month) < on, overdue=months.due_on(month, day) < on) for month in shown
        ]
    place = {month: number for number, month in enumerate(shown)}
    _count_people(found, pks, shown)
    span = {"base__in": pks, "month__range": (shown[0], shown[-1])}
    # Only what belongs to somebody who was there: an entry beyond a stay that ended early makes nobody else's good.
    counted = (
        MonthlyRecord.objects.filter(is_current=True, **span, placement__ends_on__gte=F("month"))
        .values("base", "month").order_by()
        .annotate(
            done=Count("pk", filter=Q(state="done")), sum=Sum("amount"), below=Count("pk", filter=BELOW),
            unpaid=Count("pk", filter=UNPAID),
        )
    )  # fmt: skip
    for row in counted:
        cell = found[row["base"]][place[row["month"]]]
        cell.done, cell.below, cell.unpaid, cell.amount = (
            row["done"],
            row["below"],
            row["unpaid"],
            row["sum"] or Decimal(0),
        )
    for pk, month in MonthClosing.objects.filter(**span).values_list("base", "month"):
        found[pk][place[month]].closed = True
    denied = Receipt.objects.filter(WAITING, record__base__in=pks, record__month__range=span["month__range"])
    for pk, month, n in denied.values_list("record__base", "record__month").order_by().annotate(n=Count("pk")):
        found[pk][place[month]].denied = n
    return found


def _count_people(found: Matrix, pks: list[int], shown: list[date]) -> None:
    """Who was in which base in which month; those who came and went together are counted together."""
    there = Placement.objects.filter(
        base__in=pks, status__in=WAS_THERE, starts_on__lte=months.last_of(shown[-1]), ends_on__gte=shown[0]
    )
    together = there.order_by().values_list("base", "starts_on", "ends_on").annotate(n=Count("pk"))
    for pk, starts_on, ends_on, n in together:
        first = max(0, _months_from(shown[0], starts_on))
        last = min(len(shown) - 1, _months_from(shown[0], ends_on))
        for cell in found[pk][first : last + 1]:
            cell.due += n


def _months_from(first: date, day: date) -> int:
    return (day.year - first.year) * 12 + day.month - first.month


# The denials that wait for the unit's answer.
WAITING = Q(is_current=True, answer="denied", handled_on=None)


def month_totals(bases: QuerySet[Base], last: date, count: int = SHOWN_MONTHS) -> list[Decimal]:
    """What was entered for each month over all these bases, in yuan."""
    shown = months.until(last, count)
    sums = (
        MonthlyRecord.objects.filter(is_current=True, month__range=(shown[0], shown[-1]), base__in=bases.order_by().values("pk"))
        .values_list("month").order_by().annotate(sum=Sum("amount"))
    )  # fmt: skip
    by_month = dict(sums)
    return [by_month.get(month) or Decimal(0) for month in shown]


def visible_records(acting: Acting) -> QuerySet[MonthlyRecord]:
    """The entries of the bases that this person may look at."""
    return MonthlyRecord.objects.filter(base__in=training_bases(acting).order_by().values("pk"))


FLAGS = {"below": BELOW, "unpaid": UNPAID, "denied": Q(receipts__in=Receipt.objects.filter(WAITING))}


def flagged(acting: Acting, flag: str, month: date | None, words: str) -> QuerySet[MonthlyRecord]:
    """What deserves a look, newest month first: below the floor, not paid, or denied by the student."""
    found = visible_records(acting).filter(FLAGS[flag]).select_related("base__training_unit", "base__partner")
    found = found.select_related("placement__student", "base__training_unit", "base__partner")
    if month:
        found = found.filter(month=month)
    for word in words.split():
        found = found.filter(Q(base__name__icontains=word) | Q(placement__student__name__icontains=word))
    return found.order_by("-month", "base__name", "placement__student__number", "pk")


@dataclass(frozen=True)
class Short:
    """A month of a base in which students got less than the agreement asks for, since somebody last looked into it."""

    base: Base
    month: date
    count: int


def unreviewed(bases: QuerySet[Base], side: str) -> list[Short]:
    """The months with entries below the floor that this side has not looked into since they were saved; three queries."""
    grouped = (
        MonthlyRecord.objects.filter(BELOW, base__in=bases.order_by().values("pk"))
        .values_list("base", "month").order_by("month", "base").annotate(n=Count("pk"), saved=Max("saved_at"))
    )  # fmt: skip
    found = list(grouped)
    looked = MonthReview.objects.filter(side=side, base__in={pk for pk, *_rest in found})
    seen = {
        (pk, month): at
        for pk, month, at in looked.values_list("base", "month").order_by().annotate(at=Max("reviewed_at"))
    }
    named = {base.pk: base for base in bases.filter(pk__in={pk for pk, *_rest in found})}
    return [
        Short(named[pk], month, n)
        for pk, month, n, saved in found
        if (pk, month) not in seen or seen[pk, month] < saved
    ]


def visible_receipts(acting: Acting) -> QuerySet[Receipt]:
    """What students of the bases that this person may look at have denied."""
    found = Receipt.objects.filter(answer=Receipt.Answer.DENIED, record__base__in=training_bases(acting).values("pk"))
    return found.select_related(
        "record__base__training_unit", "record__base__partner", "record__placement__student", "handled_by"
    )


def may_download_voucher(acting: Acting, stored: StoredFile) -> bool:
    """The voucher of a payment: whoever may look at the months of its base."""
    return visible_records(acting).filter(voucher=stored).exists()
