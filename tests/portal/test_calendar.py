"""Working days: public holidays and make-up days count as the State Council arranges them, and no year is guessed."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from portal import calendar, services
from portal.calendar import CalendarNotLoaded, WorkingCalendar
from portal.models import CalendarDay, CalendarYear
from tests.factories import World

LIBRARY_ONLY = WorkingCalendar(exceptions={}, entered_years=frozenset())
ARRANGEMENT = {
    "year": "2027",
    "source": "国务院办公厅关于 2027 年部分节假日安排的通知",
    "holidays": "2027-01-01 至 2027-01-03\n\n2027-10-01 至 2027-10-07\n2027-10-08",
    "make_up_days": "2027-09-26\n 2027-10-09 ",
}


@pytest.fixture
def officer(world: World, client: Client, on_day: Any) -> Client:
    """教育厅经办, who enters calendars."""
    client.force_login(world.officer.user)
    return client


def enter(client: Client, **changes: str) -> Any:
    return client.post("/calendar/", ARRANGEMENT | changes)


def errors(client: Client, **changes: str) -> dict[str, list[str]]:
    """What a refused form says, each message also standing on the page; nothing is kept."""
    answer = enter(client, **changes)
    found = {name: [str(text) for text in texts] for name, texts in answer.context["form"].errors.items()}
    page = answer.text.replace("&quot;", '"').replace("&#x27;", "'")
    assert all(text in page for texts in found.values() for text in texts)
    assert (CalendarYear.objects.count(), CalendarDay.objects.count()) == (0, 0)
    return found


@pytest.mark.article("8(2)")
@pytest.mark.parametrize(
    ("start", "days", "end", "why"),
    [
        (date(2026, 11, 24), 5, date(2026, 12, 1), "a weekend lies between"),
        (date(2026, 11, 27), 5, date(2026, 12, 4), "counted from the day after, though the day after is a Saturday"),
        (date(2026, 9, 28), 5, date(2026, 10, 10), "the holidays of October are skipped, the make-up Saturday counts"),
        (date(2026, 2, 12), 3, date(2026, 2, 24), "the make-up Saturday before the Spring Festival counts"),
        (date(2026, 11, 24), 1, date(2026, 11, 25), "one day is the next day"),
        (date(2026, 11, 24), 0, date(2026, 11, 24), "no day is the day itself"),
    ],
)
def test_a_period_counts_working_days_from_the_day_after(start: date, days: int, end: date, why: str) -> None:
    assert LIBRARY_ONLY.after(start, days) == end, why


def test_a_period_into_a_year_that_is_not_known_is_refused_with_the_way_to_mend_it() -> None:
    with pytest.raises(CalendarNotLoaded) as refusal:
        LIBRARY_ONLY.after(date(2026, 12, 30), 5)
    assert refusal.value.year == 2027
    assert refusal.value.reasons == (
        "2027 年的节假日安排尚未录入，无法计算工作日。请教育厅经办先在“工作日历”中录入该年安排。",
    )


def test_a_year_is_not_asked_for_before_a_day_of_it_counts() -> None:
    assert LIBRARY_ONLY.after(date(2026, 12, 30), 1) == date(2026, 12, 31)


def test_what_the_office_has_entered_goes_before_the_library() -> None:
    entered = WorkingCalendar(exceptions={date(2026, 11, 25): False}, entered_years=frozenset())
    assert entered.after(date(2026, 11, 24), 1) == date(2026, 11, 26)


@pytest.mark.article("8(4)")
def test_an_entered_year_follows_the_week_with_its_holidays_and_make_up_days(officer: Client) -> None:
    assert enter(officer).status_code == 302
    loaded = calendar.load()
    # 30 September is a Thursday; the Saturday of 9 October is a make-up day.
    assert loaded.after(date(2027, 9, 30), 2) == date(2027, 10, 11)
    assert [loaded.is_working_day(date(2027, 9, day)) for day in (25, 26, 27)] == [False, True, True]
    assert loaded.after(date(2026, 12, 31), 1) == date(2027, 1, 4)


def test_entering_a_year_shows_it_with_its_source_and_its_person(officer: Client, world: World) -> None:
    page = officer.get(enter(officer)["Location"]).text
    assert "2027 年工作日历已保存，公示期限即按此计算。" in page
    assert [text in page for text in ("国务院办公厅关于 2027 年部分节假日安排的通知", world.officer.name)] == [
        True,
        True,
    ]
    entry = CalendarYear.objects.get()
    assert (entry.year, entry.entered_by) == (2027, world.officer.user)
    assert set(CalendarDay.objects.values_list("day", "working")) == {
        *((date(2027, 1, day), False) for day in (1, 2, 3)),
        *((date(2027, 10, day), False) for day in range(1, 9)),
        *((day, True) for day in (date(2027, 9, 26), date(2027, 10, 9))),
    }


def test_a_year_entered_again_replaces_the_former_arrangement_and_leaves_other_years(officer: Client) -> None:
    services.enter_calendar_year(year=2028, source="甲", holidays=[date(2028, 1, 3)], make_up_days=[], by=None)
    enter(officer)
    enter(officer, source="更正后的通知", holidays="2027-05-01", make_up_days="")
    assert list(CalendarYear.objects.values_list("year", "source")) == [(2028, "甲"), (2027, "更正后的通知")]
    assert list(CalendarDay.objects.values_list("day", "working")) == [
        (date(2027, 5, 1), False),
        (date(2028, 1, 3), False),
    ]


def test_the_form_proposes_the_year_after_this_one(officer: Client) -> None:
    assert officer.get("/calendar/").context["form"].initial == {"year": 2027}


@pytest.mark.parametrize(
    ("field", "lines", "message"),
    [
        (
            "holidays",
            "2027-10-01\n十月二日",
            "第 2 行“十月二日”不是日期，请写成 2027-10-01 或 2027-10-01 至 2027-10-07。",
        ),
        (
            "holidays",
            "2027-02-30",
            "第 1 行“2027-02-30”不是日期，请写成 2027-10-01 或 2027-10-01 至 2027-10-07。",
        ),
        (
            "holidays",
            "2027-10-07 至 2027-10-01",
            "第 1 行“2027-10-07 至 2027-10-01”：起止日期颠倒、超过 31 天或不在所填年份内，请改正。",
        ),
        (
            "holidays",
            "\n2027-01-01 至 2027-12-31",
            "第 2 行“2027-01-01 至 2027-12-31”：起止日期颠倒、超过 31 天或不在所填年份内，请改正。",
        ),
        (
            "make_up_days",
            "2026-12-31",
            "第 1 行“2026-12-31”：起止日期颠倒、超过 31 天或不在所填年份内，请改正。",
        ),
        (
            "make_up_days",
            "2027-09-26\n2027-10-09 至",
            "第 2 行“2027-10-09 至”不是日期，请写成 2027-10-01 或 2027-10-01 至 2027-10-07。",
        ),
        ("holidays", " \n \n", "请填写这一项。"),
        ("make_up_days", "2027-10-01", "2027-10-01 既写在放假又写在上班中，请保留一处。"),
    ],
)
def test_a_line_that_is_wrong_is_named_by_its_number_and_nothing_is_kept(
    officer: Client, field: str, lines: str, message: str
) -> None:
    assert errors(officer, **{field: lines}) == {field: [message]}


@pytest.mark.parametrize(
    ("year", "message"),
    [
        ("2019", "不能小于 2020。"),
        ("2101", "不能大于 2100。"),
        ("明年", "请填写整数。"),
        ("", "请填写这一项。"),
    ],
)
def test_a_year_that_is_none_is_refused_beside_its_field(officer: Client, year: str, message: str) -> None:
    assert errors(officer, year=year)["year"] == [message]
