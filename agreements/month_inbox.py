"""What waits around the months, and the word that the overview says of each base."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from dateutil.relativedelta import relativedelta
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements import months
from agreements.models import MonthReview
from agreements.month_queries import Cell, matrix, unreviewed, visible_receipts
from agreements.queries import training_bases
from agreements.services import receipts
from agreements.training import Standing
from bases.lifecycle import LIVING
from bases.models import Base
from portal.acting import Acting
from portal.inbox import Item
from portal.roles import Role

# How late a month is before the unit hears of it too.
UNIT_HEARS_AFTER = relativedelta(months=1)


def standing(bases: Sequence[Base], acting: Acting, on: date) -> Mapping[int, Standing]:
    """The oldest month that is late, else how the newest month that is over stands."""
    found = matrix(bases, months.first_of(on), on)
    return {pk: said for pk, cells in found.items() if (said := _standing(cells)) is not None}


def _standing(cells: Sequence[Cell]) -> Standing | None:
    late = [cell for cell in cells if cell.state == "missing" and cell.overdue]
    if late:
        return Standing(_("%(month)s 月缺 %(n)s 人") % {"month": late[0].month.month, "n": late[0].missing}, "missing")
    for cell in reversed(cells):
        words = {"month": cell.month.month, "n": cell.missing}
        if cell.state == "missing":
            return Standing(_("%(month)s 月缺 %(n)s 人") % words, "soon")
        if cell.state == "open":
            return Standing(_("%(month)s 月待结账") % words, "soon")
        if cell.state == "closed":
            return Standing(_("%(month)s 月已结") % words)
    running = cells[-1]
    return Standing(_("本月 %(n)s 人") % {"n": running.due}) if running.due else None


def source(acting: Acting, on: date) -> Iterator[Item]:
    """Months that are late, for the partner and later the unit; what fell short of the agreement; what students deny."""
    if acting.role in {Role.PARTNER_OFFICER, Role.UNIT_OFFICER}:
        yield from _missing(acting, on)
        yield from _denied(acting)
    sides = {Role.UNIT_OFFICER: MonthReview.Side.UNIT, Role.DEPT_OFFICER: MonthReview.Side.DEPARTMENT}
    if acting.role in sides:
        yield from _below(acting, sides[Role(acting.role)])


def _page(base: Base, month: date) -> str:
    return reverse("month", args=[base.pk, months.name(month)])


def _missing(acting: Acting, on: date) -> Iterator[Item]:
    """One item a base, which leads to its oldest month that is late."""
    bases = list(training_bases(acting).filter(state__in=LIVING))
    partner = acting.role == Role.PARTNER_OFFICER
    patience = relativedelta() if partner else UNIT_HEARS_AFTER
    found = matrix(bases, months.shifted(months.first_of(on), -1), on)
    for base in bases:
        due_day = base.policy.monthly_due_day if base.policy else 10
        late = [
            (cell, due)
            for cell in found[base.pk]
            if cell.state == "missing" and on > (due := months.due_on(cell.month, due_day)) + patience
        ]
        if not late:
            continue
        oldest, due = late[0]
        words = {"months": _months_said([cell for cell, _due in late])}
        if partner:
            why, button = _("%(months)s，请填报。") % words, _("填写")
        else:
            why, button = _("合作单位%(months)s，请督促。") % words, _("查看")
        yield Item(_("月度考核"), base.name, why, "11", _page(base, oldest.month), button, due)


def _months_said(late: Sequence[Cell]) -> str:
    if len(late) == 1:
        return _("%(month)s的考核和生活补贴缺 %(n)s 人") % {"month": months.words(late[0].month), "n": late[0].missing}
    first, last = months.words(late[0].month), months.words(late[-1].month)
    return _("%(first)s至%(last)s有 %(n)s 个月的考核和生活补贴没有填齐") % {
        "first": first,
        "last": last,
        "n": len(late),
    }


def _below(acting: Acting, side: str) -> Iterator[Item]:
    for short in unreviewed(training_bases(acting), side):
        words = {"month": months.words(short.month), "n": short.count}
        why = _("%(month)s有 %(n)s 人的生活补贴低于协议约定，合作单位写了原因，请核实。") % words
        yield Item(
            _("月度考核"), short.base.name, why, "11", _page(short.base, short.month) + "#below", _("核实"),
        )  # fmt: skip


def _denied(acting: Acting) -> Iterator[Item]:
    for receipt in visible_receipts(acting).filter(is_current=True, handled_on=None):
        page = reverse("stipend-denial", args=[receipt.pk])
        unit = acting.role == Role.UNIT_OFFICER
        why = _("研究生反映没有收到补贴：%(note)s") % {"note": receipt.note}
        yield Item(
            _("月度考核"), receipts.title(receipt), why, "11", page, _("处理") if unit else _("查看"), pressing=unit,
            page=_page(receipt.record.base, receipt.record.month),
        )  # fmt: skip
