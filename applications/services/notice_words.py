"""The words of a notice: what is proposed, what must be in them (依据、起止日期、受理和监督部门、联系方式), and how the period is explained."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from applications.models import PublicNotice, Round
from applications.services.notice_kinds import KindRules
from bases import office_texts
from bases.models import Department, TrainingUnit
from bases.services.office_texts import wording
from portal import calendar, typesetting

# 第八条, 办法: a text that names neither does not say on what it rests.
TITLE_FORM = "^关于.+的公示$"
_BASIS = re.compile("第[〇零一二三四五六七八九十百]+条|办法")


def proposed_words(rules: KindRules, *, unit: TrainingUnit | None, year: int) -> tuple[str, str]:
    """The title and the text that a draft of this kind begins with: as the office has worded them, filled in."""
    values = {office_texts.YEAR: str(year)} | ({office_texts.TRAINING_UNIT: unit.name} if unit else {})
    title, lines = wording(rules.wording, unit, values)
    return title[:120], "\n".join(lines)


@dataclass(frozen=True)
class Offices:
    """Who takes objections, who supervises, how to reach them: as they stand in the issuer's entry now."""

    issuer: str
    office: str
    supervision: str
    contact: str
    reachable: bool


def offices(unit: TrainingUnit | None) -> Offices:
    """The offices of a notice of this unit, or without one of the department."""
    issuer = unit or Department.objects.first()
    if issuer is None:
        return Offices("", "", "", "", reachable=False)
    contact = "，".join(filter(None, (issuer.phone, issuer.email, issuer.address)))
    return Offices(
        issuer.name, issuer.office, issuer.supervision_office, contact, reachable=bool(issuer.phone or issuer.email)
    )


def missing_parts(text: str, named: Offices) -> tuple[str, ...]:
    """Which of the required parts are not there; the dates are worked out and so always there."""
    lacking = []
    if not _BASIS.search(text):
        lacking.append(_("正文没有写明公示依据，请写明依据的办法或者条款，例如“根据……办法第八条”。"))
    if not named.office.strip() or not named.supervision.strip():
        lacking.append(_("请先在单位信息中补全受理部门和监督部门，公示必须写明。"))
    if not named.reachable:
        lacking.append(_("请先在单位信息中补全受理部门的电话或邮箱，公示必须写明联系方式。"))
    return tuple(lacking)


def paragraphs(
    text: str, published_on: date, ends_on: date, working_days: int, *, office: str, supervision: str, contact: str
) -> list[str]:
    """The whole text with its required parts: basis and body, both dates, how to object, the offices and contact."""
    days = _("公示时间：%(start)s至%(end)s（%(n)s个工作日，自发布次日起算）。") % {
        "start": typesetting.chinese_date(published_on),
        "end": typesetting.chinese_date(ends_on),
        "n": working_days,
    }
    how = _(
        "公示期内如有异议，请以真实姓名或单位名称书面提出，写明事实与理由并附证明材料；匿名、逾期或者没有事实依据的不予受理。"
    )
    who = _("受理部门：%(office)s；监督部门：%(supervision)s。联系方式：%(contact)s。") % {
        "office": office,
        "supervision": supervision,
        "contact": contact,
    }
    return [*[line for line in text.splitlines() if line.strip()], days, how, who]


def annex_title(notice: PublicNotice, rules: KindRules, on: date) -> str:
    """The title of the list behind the text."""
    round_: Round | None = notice.round
    year = round_.year if round_ is not None else on.year
    return _("%(year)s年度研究生联合培养基地%(listed)s") % {"year": year, "listed": rules.list_label}


# ---- the period


@dataclass(frozen=True)
class Day:
    """A day of the period: whether it counts, as which one, and why not."""

    day: date
    counted: int
    words: str


@dataclass(frozen=True)
class Period:
    """The period of a notice published on a day: its end, every day from the day after, and the holidays and make-up days it crosses."""

    published_on: date
    working_days: int
    ends_on: date
    days: tuple[Day, ...]
    crossed: tuple[str, ...]


def period(published_on: date, working_days: int) -> Period:
    """Work out a period with the calendar as it is entered now; raises CalendarNotLoaded for an unknown year."""
    known = calendar.load()
    ends_on = known.after(published_on, working_days)
    span = (ends_on - published_on).days
    days = [published_on + timedelta(days=offset) for offset in range(1, span + 1)]
    works = {day: known.is_working_day(day) for day in days}
    holidays = _holidays(days, works)
    listed, counted = [], 0
    for day in days:
        counted += works[day]
        listed.append(Day(day, counted if works[day] else 0, _words(day, works[day], holidays)))
    return Period(published_on, working_days, ends_on, tuple(listed), _crossed(days, works, holidays))


def _holidays(days: list[date], works: dict[date, bool]) -> set[date]:
    """The days off that are no plain weekend: a run of days off in which a weekday is."""
    found: set[date] = set()
    for run in _runs(day for day in days if not works[day]):
        if any(day.weekday() < 5 for day in run):
            found |= set(run)
    return found


def _runs(days: Iterable[date]) -> list[list[date]]:
    runs: list[list[date]] = []
    for day in days:
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def _words(day: date, works: bool, holidays: set[date]) -> str:
    if works:
        return _("调休上班，计入") if day.weekday() >= 5 else _("计入")
    return _("放假，不计入") if day in holidays else _("周末，不计入")


def _crossed(days: list[date], works: dict[date, bool], holidays: set[date]) -> tuple[str, ...]:
    said = [
        (run[0], _("%(days)s放假，不计入") % {"days": _span(run)}) for run in _runs(d for d in days if d in holidays)
    ]
    made_up = [day for day in days if works[day] and day.weekday() >= 5]
    said += [(run[0], _("%(days)s调休上班，计入") % {"days": _span(run)}) for run in _runs(made_up)]
    return tuple(words for _first, words in sorted(said))


def _span(run: list[date]) -> str:
    first, last = run[0], run[-1]
    begin = _("%(month)s月%(day)s日") % {"month": first.month, "day": first.day}
    if first == last:
        return begin
    if first.month == last.month:
        return _("%(begin)s至%(day)s日") % {"begin": begin, "day": last.day}
    return _("%(begin)s至%(month)s月%(day)s日") % {"begin": begin, "month": last.month, "day": last.day}
