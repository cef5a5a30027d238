"""基地名单 for everybody: which bases, how they are found, what is said of each, in figures and for programs."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from typing import Any

import pgtrigger
import pytest
from dateutil.relativedelta import relativedelta
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bases import opendata, published
from bases.figures import statistics
from bases.lifecycle import LIVING, Ground, State
from bases.models import Base, DegreeCategory, Division, OfficialDocument, PartnerUnit, Policy
from portal.opendata import PAGE_SIZE
from tests.bases.walking import START, WAYS, Walk, in_state
from tests.factories import World, credit_code

pytestmark = pytest.mark.django_db
TO_ENDED = {State.REVOKED: (*WAYS[State.CONSTRUCTING], "revoke"), State.WITHDRAWN: WAYS[State.WITHDRAWN]}


def listed(query: str = "") -> list[str]:
    """The names on the public list, in its order."""
    return [base.name for base in Client().get(f"/public/bases/?{query}").context["rows"]]


def data(path: str) -> Any:
    return Client().get(f"/public/data/{path}").json()


def queries(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


@pytest.fixture
def one_in_each_state(world: World) -> dict[str, Base]:
    ways = WAYS | TO_ENDED
    return {state: Walk(world).to(*ways[state]).base for state in State.values}


@pytest.mark.article("8(4)")
def test_the_public_sees_recognised_bases_only_by_groups_of_states_and_the_ended_ones_on_a_list_of_their_own(
    one_in_each_state: dict[str, Base],
):
    assert {base.state for base in Client().get("/public/bases/").context["rows"]} == LIVING
    pages = {state: Client().get(f"/public/bases/{base.pk}/").status_code for state, base in one_in_each_state.items()}
    public = {*LIVING, State.REVOKED, State.WITHDRAWN}
    assert pages == {state: 200 if state in public else 404 for state in State.values}
    shown = {
        state: {base.state for base in Client().get("/public/bases/", {"state": state}).context["rows"]}
        for state in ("constructing", "assessing", "demonstration", "rectifying", "ended", "drafting", "revoked")
    }
    assert shown == {
        "constructing": {"constructing"},
        "assessing": {"assessing"},
        "demonstration": {"demonstration"},
        "rectifying": {"rectifying", "reassessing"},
        "ended": {"revoked", "withdrawn"},
        "drafting": LIVING,
        "revoked": LIVING,
    }


@pytest.mark.article("20")
def test_a_base_that_was_revoked_before_its_document_was_never_on_the_list(world: World):
    base = Walk(world).to(*WAYS[State.RECOGNISED]).go("revoke", ground=Ground.INCIDENT).base
    assert (base.state, listed("state=ended")) == (State.REVOKED, [])
    assert Client().get(f"/public/bases/{base.pk}/").status_code == 404


@pytest.mark.article("19")
def test_an_ended_base_shows_the_day_and_the_document_of_its_end(world: World, today: date):
    revoked, withdrawn = world.revoked(today), world.withdrawn(today)
    page = Client().get("/public/bases/?state=ended")
    assert {base.name for base in page.context["rows"]} == {revoked.name, withdrawn.name}
    for base, kind in ((revoked, "revocation"), (withdrawn, "withdrawal")):
        document = base.documents.get(kind=kind)
        own = Client().get(f"/public/bases/{base.pk}/").text
        assert [word for word in (document.number, str(today), base.state_label) if word not in own] == []
        assert document.number in page.text


# ---- filters


@pytest.fixture
def two(world: World) -> tuple[Base, Base]:
    """Two living bases that differ in everything that one may ask for."""
    ours, theirs = in_state(world, State.DEMONSTRATION).base, in_state(world, State.CONSTRUCTING).base
    county = Division.objects.filter(parent__code="150400").first()
    partner = PartnerUnit.objects.create(
        name="科尔沁牧业合作社", credit_code=credit_code(777), kind="social", division=county
    )
    Base.objects.filter(pk=ours.pk).update(name="风电运维基地", priority_industry="modern_energy")
    Base.objects.filter(pk=theirs.pk).update(
        name="肉牛育种基地", training_unit=world.other_unit, partner=partner, category=DegreeCategory.objects.get(code="0951"),
        construction_started_on=date(2021, 5, 6), construction_ends_on=date(2024, 5, 6),
    )  # fmt: skip
    return Base.objects.get(pk=ours.pk), Base.objects.get(pk=theirs.pk)


def test_every_filter_finds_the_base_that_it_names_on_the_page_and_for_programs(world: World, two: tuple[Base, Base]):
    ours, theirs = two
    granted = ours.title_granted_on.year
    first = {
        "q=风电", "q=风电 大学", f"unit={world.unit.code}", "category=0855", "division=150200", "industry=modern_energy",
        "industry=any", f"year={ours.construction_started_on.year}", "state=demonstration", "title=held", f"title={granted}",
        f"q=风电&unit={world.unit.code}&division=150200&title=held",
    }  # fmt: skip
    second = {
        "partner=牧业", "q=科尔沁", f"unit={world.other_unit.code}", "category=0951", "division=150400", "industry=none", "year=2021",
        "state=constructing",
    }  # fmt: skip
    neither = {
        f"unit={world.unit.code}&category=0951",
        "year=2001",
        f"title={granted + 1}",
        "q=没有的",
        "category=9999",
    }
    found = ((first, [ours.name]), (second, [theirs.name]), (neither, []))
    expected = {query: names for queries, names in found for query in queries}
    assert {query: listed(query) for query in expected} == expected
    assert {query: [each["name"] for each in data(f"bases.json?{query}")["results"]] for query in expected} == expected


def test_a_filter_without_the_right_form_is_left_out(two: tuple[Base, Base]):
    queries = ("unit=abc", "year=20", "industry=gold", "title=yes", "sort=pk", "division=１５０２００", "page=x")
    assert [query for query in queries if listed(query) != [base.name for base in two]] == []


def test_the_answer_for_programs_says_which_filters_it_understood(two: tuple[Base, Base]):
    assert data("bases.json?state=ended&year=abc&colour=red&page=1")["filters"] == {"state": "ended"}


def test_the_list_is_put_in_order(two: tuple[Base, Base]):
    ours, theirs = (base.name for base in two)
    first = {sort: listed(f"sort={sort}")[0] for sort in ("", "name", "-recognised", "recognised", "ends")}
    assert first == {"": ours, "name": theirs, "-recognised": ours, "recognised": theirs, "ends": theirs}


def test_a_list_without_a_hit_says_what_to_do(two: tuple[Base, Base]):
    page = Client().get("/public/bases/?q=没有的").text
    assert "没有符合条件的基地" in page
    assert "查看全部基地" in page


# ---- one base


@pytest.mark.article("12")
def test_the_public_page_shows_recognition_period_partner_and_documents(world: World, today: date):
    base = world.constructing(today)
    page = Client().get(f"/public/bases/{base.pk}/").text
    document, letter = base.documents.get(kind="recognition"), base.documents.get(issuer_unit=world.unit)
    told = base.documents.get(kind="project_notice")
    ends = today + relativedelta(years=3)
    words = (
        base.name,
        world.unit.name,
        world.partner.name,
        document.number,
        document.title,
        str(today),
        str(ends),
        "包头市",
    )
    assert [word for word in words if word not in page] == []
    assert [paper.number for paper in (letter, told) if paper.number in page] == []


def test_the_public_history_names_public_moves_only(world: World, today: date):
    base = world.rectifying(today)
    page = Client().get(f"/public/bases/{base.pk}/")
    assert [event.transition for event in page.context["events"]] == [
        "publish_unit_notice", "publish_recognition_notice", "start_construction", "open_assessment", "grade_failed",
    ]  # fmt: skip


def test_a_document_that_is_published_later_is_not_shown_before(world: World, today: date, on_day: Any):
    base = world.constructing(today)
    with pgtrigger.ignore("bases.OfficialDocument:registered_document_is_frozen"):
        base.documents.filter(kind="recognition").update(published_on=today + timedelta(days=1))
    assert list(Client().get(f"/public/bases/{base.pk}/").context["documents"]) == []
    on_day(today + timedelta(days=1))
    assert len(Client().get(f"/public/bases/{base.pk}/").context["documents"]) == 1


# ---- figures


@pytest.mark.article("4")
def test_every_figure_leads_to_as_many_bases_as_it_says_and_programs_read_the_same(
    world: World, two: tuple[Base, Base]
):
    for way in TO_ENDED.values():
        Walk(world).to(*way)
    page = Client().get("/public/statistics/").text
    rows = re.findall(r'<a href="/public/bases/\?([^"]+)">[^<]+</a></th>\s*<td class="num">(\d+)</td>', page)
    figures = {unescape(query): int(number) for query, number in rows}
    assert {query.partition("=")[0] for query in figures} == {
        "state", "year", "unit", "category", "division", "industry", "title",
    }  # fmt: skip
    assert {query: len(listed(query)) for query in figures} == figures
    large = re.findall(r'<dd><a href="/public/bases/(?:\?([^"]+))?">(\d+)</a></dd>', page)
    assert [(query, len(listed(query))) for query, _number in large] == [(query, int(n)) for query, n in large]
    assert [query for query, _number in large] == ["", "title=held", "state=ended"]
    shown, read = statistics(published.Filters()), data("statistics.json")
    assert read == {"filters": {}} | opendata.figures(shown)
    assert (read["recognised"], read["living"], read["ended"]) == (4, 2, 2)
    assert data("statistics.json?state=ended")["tables"][1]["rows"] == [{"value": "2023", "label": "2023", "count": 2}]


def test_figures_without_a_base_say_so():
    assert "还没有可以统计的基地" in Client().get("/public/statistics/").text


# ---- for programs


def named(record: dict[str, Any], before: str = "") -> set[str]:
    """The names of all fields of a record, those inside one with a point."""
    names = set()
    for name, value in record.items():
        inner = value[0] if isinstance(value, list) and value else value
        names |= named(inner, f"{before}{name}.") if isinstance(inner, dict) else {f"{before}{name}"}
    return names


def documented(fields: tuple[tuple[str, Any], ...]) -> set[str]:
    return {name for names, _meaning in fields for name in names.split(", ")}


def test_every_field_is_documented_and_every_documented_field_is_there(world: World, today: date):
    ended, titled = world.revoked(today), world.demonstration(today)
    records = {each["id"]: each for query in ("", "?state=ended") for each in data(f"bases.json{query}")["results"]}
    whole = records[titled.pk] | {"ended": records[ended.pk]["ended"]}
    assert named(whole) == documented(opendata.FIELDS)
    inside = documented(opendata.STATISTICS_FIELDS)
    assert named(data("statistics.json")) - {"tables.title", "filters"} == inside
    page = Client().get("/public/data/").text
    assert [
        name
        for names, _meaning in (*opendata.FIELDS, *opendata.FILTERS)
        for name in [names]
        if f"<code>{name}</code>" not in page
    ] == []


def test_a_record_says_what_the_page_says(world: World, today: date):
    base = world.demonstration(today)
    recognition = base.documents.get(kind=OfficialDocument.Kind.RECOGNITION)
    (record,) = data("bases.json")["results"]
    started = base.construction_started_on
    assert record == {
        "id": base.pk,
        "url": f"http://testserver/public/bases/{base.pk}/",
        "name": base.name,
        "unit": {"code": world.unit.code, "name": world.unit.name},
        "partner": {"name": world.partner.name, "kind": "企业"},
        "category": {"code": "0855", "name": "机械"},
        "field": base.field,
        "division": {"code": "150200", "name": "包头市"},
        "industry": {"key": base.priority_industry, "name": base.get_priority_industry_display()},
        "state": "demonstration",
        "state_group": "demonstration",
        "state_label": "示范基地",
        "recognised_on": str(started),
        "recognised_by": {"number": recognition.number, "title": recognition.title},
        "construction_ends_on": str(base.construction_ends_on),
        "title": {"number": base.title_number, "granted_on": str(base.title_granted_on)},
        "ended": None,
    }


# ---- many


@pytest.fixture
def thousand(world: World):
    """A thousand living bases; the rows are taken back before the tables' own walls would look at them."""
    one = in_state(world, State.CONSTRUCTING).base
    few = {path: queries(lambda path=path: Client().get(path)) for path in PATHS}
    with transaction.atomic():
        Base.objects.bulk_create(
            Base(
                name=f"基地{n:04}", training_unit=world.unit, partner=world.partner, category=world.category,
                applicant=world.applicant.user, policy=Policy.in_force(START), state="constructing", events_count=8,
                construction_started_on=one.construction_started_on, construction_ends_on=one.construction_ends_on,
            )
            for n in range(999)
        )  # fmt: skip
        yield few
        transaction.set_rollback(True)


PATHS = (
    "/public/bases/", "/public/bases/?q=基地&unit=19001&sort=name&page=2", "/public/statistics/", "/public/data/bases.json",
    "/public/data/statistics.json", "/sitemap.xml",
)  # fmt: skip


def test_a_thousand_bases_take_the_queries_of_one_and_few_of_them(thousand: dict[str, int]):
    many = {path: queries(lambda path=path: Client().get(path)) for path in PATHS}
    assert many["/public/bases/"] == thousand["/public/bases/"]
    assert all(many[path] <= 6 for path in PATHS), many
    assert data("statistics.json")["living"] == 1000
    first, second = data("bases.json"), data("bases.json?page=2")
    assert (first["count"], first["pages"], len(first["results"])) == (1000, 10, PAGE_SIZE)
    assert first["next"] == "http://testserver/public/data/bases.json?page=2"
    assert (second["previous"], second["results"][0]["id"] != first["results"][0]["id"]) == (
        "http://testserver/public/data/bases.json?page=1", True,
    )  # fmt: skip
    assert data("bases.json?page=10")["next"] is None
    beyond = Client().get("/public/data/bases.json?page=11")
    assert (beyond.status_code, beyond.json()) == (404, {"error": "没有这一页，共 10 页。"})
