"""Putting the demo into an empty database: the calendar, the cast, and all stories in the order of their days."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from datetime import date, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from bases.models import Department, TrainingUnit
from evaluations.demo import cast as people
from evaluations.demo import money, reviews
from evaluations.demo.cooperation import carry_on
from evaluations.demo.programme import PROGRAMME
from evaluations.demo.stories import Stage, Story
from evaluations.services import daily
from portal import calendar, typesetting
from portal.models import User
from portal.services import enter_calendar_year

# A story of a base or of a whole round.
Told = Story | reviews.Session
YEARS_BACK, YEARS_AHEAD = 8, 4
CALENDAR_SOURCE = "演示数据：按周末推算，正式使用前请按国务院办公厅通知录入"


def is_loaded() -> bool:
    """Whether the demo is there, whatever has become of it since."""
    return User.objects.filter(username=people.FIRST_ACCOUNT).exists()


def is_occupied() -> bool:
    """Whether there are people or organisations already, the demo's or others."""
    return any(model.objects.exists() for model in (User, Department, TrainingUnit))


@transaction.atomic
def load(on: date) -> None:
    """Bring the demo into an empty database as it stands on that day, all of it or nothing."""
    cast = people.enter()
    people.invite_experts(cast, on)
    _enter_calendar(on, cast.users["jingban1"])
    stage = Stage(cast, today=on, calendar=calendar.load(), paper=_papers())
    stories: list[Told] = [part.tell(stage, stage.play(part)) for part in PROGRAMME]
    tell([*stories, *(session(stage) for session in reviews.SESSIONS)], stage)
    money.keep_books(stage)
    carry_on(on)


def tell(stories: Iterable[Told], stage: Stage) -> None:
    """Tell all stories together, day by day, as they would have happened; the daily job runs before the people of each day,
    and on one day who comes first in ``stories`` acts first."""
    waiting = [(_office_day(next(story), stage), number, story) for number, story in enumerate(stories)]
    heapq.heapify(waiting)
    done_until = date.min
    while waiting:
        day, number, story = heapq.heappop(waiting)
        if day > stage.today:
            raise ValueError(f"story {number} goes on until {day}, after {stage.today}")
        if day > done_until:
            _run_daily(day)
            done_until = day
        try:
            following = story.send(day)
        except StopIteration:
            continue
        heapq.heappush(waiting, (max(day, _office_day(following, stage)), number, story))
    _run_daily(stage.today)


def _run_daily(on: date) -> None:
    report = daily.run(on=on)
    if report.failed or report.refused:
        raise RuntimeError(f"the daily job of {on} could not do {report.failed or report.refused}")


def _office_day(day: date, stage: Stage) -> date:
    """The last office day up to ``day`` within its year; today is taken as it is."""
    found = day
    while found != stage.today and not stage.calendar.is_working_day(found):
        found -= timedelta(days=1)
    return found if found.year == day.year else day


def _enter_calendar(on: date, by: User) -> None:
    """Working calendars for the years of the demo that nobody knows yet: a guess, and called so."""
    known = calendar.load()
    for year in range(on.year - YEARS_BACK, on.year + YEARS_AHEAD + 1):
        try:
            known.is_working_day(date(year, 1, 1))
        except calendar.CalendarNotLoaded:
            enter_calendar_year(year=year, source=CALENDAR_SOURCE, holidays=(), make_up_days=(), by=by)


def _papers() -> Callable[[str], SimpleUploadedFile]:
    """Uploads with one and the same text, which says that it is invented."""
    content = typesetting.render_pdf(
        "portal/documents/official.html",
        {
            "issuer": "演示材料",
            "number": "",
            "title": "本文件仅供演示",
            "addressee": "",
            "paragraphs": [
                "本文件代替真实的协议、申请和证明材料，用于演示平台的上传、查看和下载。",
                "文中及平台演示数据中的单位、人员、基地和数字均为虚构，不具有任何效力。",
            ],
            "signatory": "研究生联合培养基地管理平台（演示）",
            "document_date": date(2026, 1, 1),
            "signed": False,
        },
    )
    return lambda name: SimpleUploadedFile(name, content, content_type="application/pdf")
