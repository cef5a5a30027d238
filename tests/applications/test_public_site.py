"""The public site as a whole: notices and how they are found, the feed, the data, and that nothing of a person comes out."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree

import pgtrigger
import pytest
from django.apps import apps
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications import opendata
from applications.models import Objection, Panel, PublicNotice
from applications.services import objections
from bases.lifecycle import State
from bases.models import Base
from portal import regulation
from tests.applications.pages import Page
from tests.bases.test_public_bases import documented, named
from tests.conftest import TODAY
from tests.factories import World

ATOM = "{http://www.w3.org/2005/Atom}"
ID_NUMBER = "150102199001010019"


def titles(client: Client, query: str = "") -> list[str]:
    return [row[0] for row in Page.of(client.get(f"/public/notices/?{query}")).rows()]


@pytest.fixture
def three(world: World) -> dict[str, PublicNotice]:
    """Notices that differ in everything that one may ask for: one of last year that ended, two that are running."""
    theirs = replace(
        world, unit=world.other_unit, applicant=world.other_applicant, unit_officer=world.other_unit_officer
    )
    made = {
        "department's": world.in_recognition_notice(TODAY),
        "theirs": theirs.in_unit_notice(TODAY),
        "old": world.in_unit_notice(date(2025, 11, 3)),
    }
    found = {name: PublicNotice.objects.filter(entries__base=base).order_by("-pk")[0] for name, base in made.items()}
    with pgtrigger.ignore("applications.PublicNotice:notice_that_is_out_is_frozen"):
        for name, notice in found.items():
            PublicNotice.objects.filter(pk=notice.pk).update(title=f"关于{name}名单的公示")
        own = PublicNotice.objects.exclude(pk__in=[notice.pk for notice in found.values()])
        own.update(title="关于推荐名单的公示")
    return {name: PublicNotice.objects.get(pk=notice.pk) for name, notice in found.items()}


@pytest.mark.article("8(2)")
def test_notices_are_found_by_state_kind_issuer_year_and_words(
    world: World, three: dict[str, PublicNotice], anybody: Client
):
    department, theirs, old = (notice.title for notice in three.values())
    expected = {
        "state=ended&year=2025": {old},
        f"issuer={world.other_unit.code}": {theirs},
        "issuer=department": {department},
        "kind=recognition": {department},
        "year=2025": {old},
        f"q={three['theirs'].entries.get().base_name}&issuer={world.other_unit.code}": {theirs},
        f"q={world.other_unit.name}": {theirs},
        "q=department": {department},
        "q=没有的": set(),
    }
    assert {query: set(titles(anybody, query)) for query in expected} == expected
    running = titles(anybody, "state=running")
    assert running == titles(anybody, "running=1")
    assert (old in running, {theirs, department} <= set(running)) == (False, True)
    read = {
        query: {each["title"] for each in anybody.get(f"/public/data/notices.json?{query}").json()["results"]}
        for query in expected
    }
    assert read == expected


def test_a_filter_without_the_right_form_is_left_out(three: dict[str, PublicNotice], anybody: Client):
    queries = ("state=open", "kind=x", "issuer=1", "year=99", "page=x")
    assert [query for query in queries if titles(anybody, query) != titles(anybody)] == []


def test_a_list_without_a_hit_says_what_to_do(three: dict[str, PublicNotice], anybody: Client):
    page = Page.of(anybody.get("/public/notices/?q=没有的&state=running"))
    assert "现在没有符合条件的公示正在进行" in page.text
    assert "/public/notices/" in page.links()


@pytest.mark.article("8(4)")
def test_a_running_notice_offers_an_objection_to_each_base_and_an_ended_one_none(
    world: World, anybody: Client, on_day: Any
):
    base = world.in_unit_notice(TODAY)
    notice = PublicNotice.objects.get(entries__base=base)
    page = reverse("public-notice", args=[notice.pk])
    form = f"{reverse('objection-new', args=[notice.pk])}?base={base.pk}"
    assert form in Page.of(anybody.get(page)).links()
    assert Page.of(anybody.get(form)).value("base") == str(base.pk)
    on_day(notice.ends_on + timedelta(days=1))
    assert [link for link in Page.of(anybody.get(page)).links() if "objections/new" in link] == []


def test_a_list_leads_to_the_pages_of_the_bases_that_were_recognised_and_back(world: World, anybody: Client):
    recognised, waiting = world.constructing(TODAY), world.in_recognition_notice(TODAY)
    for base, linked in ((recognised, True), (waiting, False)):
        notice = PublicNotice.objects.get(entries__base=base, kind="recognition")
        links = Page.of(anybody.get(reverse("public-notice", args=[notice.pk]))).links()
        assert (f"/public/bases/{base.pk}/" in links) == linked
    stood_on = PublicNotice.objects.filter(entries__base=recognised)
    own = Page.of(anybody.get(f"/public/bases/{recognised.pk}/")).links()
    assert {link for link in own if link.startswith("/public/notices/")} - {"/public/notices/"} == {
        reverse("public-notice", args=[notice.pk]) for notice in stood_on
    }


# ---- for programs


def test_the_feed_tells_of_the_newest_notices_and_the_pages_name_it(three: dict[str, PublicNotice], anybody: Client):
    answer = anybody.get("/public/notices/feed/")
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(answer.content)  # noqa: S314 - our own
    root = "http://testserver/public/notices/"
    assert {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")} == {
        "alternate": root, "self": f"{root}feed/",
    }  # fmt: skip
    entries = {entry.findtext(f"{ATOM}id"): entry for entry in feed.findall(f"{ATOM}entry")}
    newest = three["department's"]
    entry = entries[f"{root}{newest.pk}/"]
    assert (entry.findtext(f"{ATOM}title"), entry.findtext(f"{ATOM}updated"), entry.find(f"{ATOM}category").get("term")) == (
        newest.title, "2026-11-24T00:00:00+08:00", "认定公示",
    )  # fmt: skip
    assert entry.findtext(f"{ATOM}summary") == f"内蒙古自治区教育厅公示1个基地，公示期至 {newest.ends_on} 24 时。"
    assert list(entries)[-1] == f"{root}{three['old'].pk}/"
    for path in ("/", "/public/notices/", "/public/bases/"):
        assert (
            '<link rel="alternate" type="application/atom+xml" href="/public/notices/feed/"' in anybody.get(path).text
        )


def test_the_feed_uses_the_portals_own_address(three: dict[str, PublicNotice], anybody: Client, settings: Any):
    settings.PUBLIC_URL = "https://portal.example.invalid/"
    addresses = re.findall(r"https?://[^<\"]+", anybody.get("/public/notices/feed/").text)
    assert {a for a in addresses if not a.startswith("https://portal.example.invalid/")} == {ATOM.strip("{}")}


def test_every_field_of_a_notice_is_documented_and_there(world: World, anybody: Client):
    base = world.constructing(TODAY)
    notice = PublicNotice.objects.get(entries__base=base, kind="recognition")
    record = next(
        each for each in anybody.get("/public/data/notices.json").json()["results"] if each["id"] == notice.pk
    )
    assert named(record) == documented(opendata.FIELDS) - {"entries"}
    entry = notice.entries.get()
    assert record["entries"] == [
        {
            "position": 1, "name": base.name, "unit": world.unit.name, "category": "机械（0855）", "partner": world.partner.name,
            "division": "包头市", "industry": entry.industry, "note": "", "base": f"http://testserver/public/bases/{base.pk}/",
        }
    ]  # fmt: skip
    assert (record["state"], record["issuer"], record["published_on"]) == (
        "ended", {"code": "department", "name": "内蒙古自治区教育厅"}, str(notice.published_on),
    )  # fmt: skip


def test_the_data_of_notices_take_the_same_queries_however_many_there_are(world: World, anybody: Client):
    def queries() -> dict[str, int]:
        counted = {}
        for path in ("/public/data/notices.json", "/public/notices/feed/", "/public/notices/?q=基地"):
            with CaptureQueriesContext(connection) as captured:
                anybody.get(path)
            counted[path] = len(captured)
        return counted

    world.in_unit_notice(TODAY)
    few = queries()
    for _ in range(3):
        world.in_unit_notice(TODAY)
    assert queries() == few
    assert max(few.values()) <= 6


# ---- nothing of a person

# Tables that are public as they stand, or hold no words of people.
PUBLIC_TABLES = {
    "bases.DegreeCategory", "bases.CategoryAlias", "bases.Division", "bases.Department", "bases.TrainingUnit", "bases.PartnerUnit",
    "bases.Policy", "bases.OfficialDocument", "applications.PublicNotice", "applications.NoticeEntry", "applications.Rubric",
    "applications.Criterion", "applications.BudgetLine", "applications.YearTarget",
}  # fmt: skip
# Of the other tables, what is shown of a base once it is recognised, and marks of the machine.
PUBLIC_FIELDS = {
    "bases.Base": {"name", "field", "title_number"},
    "portal.StoredFile": {"kind"},
    "portal.IssuedRecord": {"kind"},
    "bases.LifecycleEvent": {"organisation", "articles", "transition"},
    "evaluations.DemonstrationTitle": {"number"},
}


def words_of_people() -> Iterator[str]:
    """Every text of every row that is not public: names, numbers, addresses, reasons, grounds, comments, opinions."""
    for app in ("portal", "bases", "agreements", "applications", "evaluations"):
        for model in apps.get_app_config(app).get_models():
            if model._meta.label in PUBLIC_TABLES:
                continue
            shown = PUBLIC_FIELDS.get(model._meta.label, set())
            texts = [
                field.attname
                for field in model._meta.concrete_fields
                if isinstance(field, models.CharField | models.TextField)
                and not field.choices
                and field.name not in shown
            ]
            for row in model._base_manager.values_list(*texts) if texts else ():
                yield from (
                    value
                    for value in row
                    if isinstance(value, str) and len(value) > 1 and not value.startswith("/public/")
                )


def public_answers(client: Client) -> dict[str, str]:
    """Every public address with what it answers, also with each base and notice that there is."""
    paths = [
        "/", "/regulation/", "/public/notices/", "/public/notices/feed/", "/public/bases/", "/public/bases/?state=ended",
        "/public/statistics/", "/public/data/", "/public/data/bases.json", "/public/data/bases.json?state=ended",
        "/public/data/notices.json", "/public/data/statistics.json", "/sitemap.xml", "/robots.txt",
        *(f"/public/bases/{pk}/" for pk in Base.objects.values_list("pk", flat=True)),
        *(f"/public/notices/{pk}/" for pk in PublicNotice.objects.values_list("pk", flat=True)),
    ]  # fmt: skip
    answers = {path: client.get(path) for path in paths}
    return {path: _read(answer) for path, answer in answers.items() if answer.status_code == 200}


def _read(answer: Any) -> str:
    """The words that a reader gets, of a page without what the frame itself consists of."""
    if answer["Content-Type"].startswith("text/html"):
        return Page.of(answer).text
    return answer.text


def test_no_public_answer_holds_a_word_of_a_person_a_score_or_what_is_still_being_decided(
    world: World, anybody: Client
):
    living = [world.in_state(state, TODAY) for state in (State.REASSESSING, State.DEMONSTRATION, State.REVOKED)]
    hidden = [
        world.in_state(state, TODAY)
        for state in (State.DRAFTING, State.DECLARED, State.NOT_RECOMMENDED, State.SHORTLISTED)
    ]
    for number, base in enumerate(hidden):
        Base.objects.filter(pk=base.pk).update(name=f"不公开的第{number}个基地")
    world.applicant.user.phone = "13812345678"
    world.applicant.user.save()
    listed = world.in_unit_notice(TODAY)
    objections.file_objection(
        notice=PublicNotice.objects.get(entries__base=listed), base=listed, name="举报人丁", phone="13900001111",
        grounds=f"名单中某生身份证号 {ID_NUMBER} 与材料不符。", on=TODAY,
    )  # fmt: skip
    answers = public_answers(anybody)
    everything = "\n".join(answers.values())
    assert [base.name in everything for base in (*living, listed)] == [True] * 4
    # What a public table says is public, wherever else it stands too.
    public = "\n".join(
        str(value)
        for label in PUBLIC_TABLES
        for row in apps.get_model(label)._base_manager.values_list()
        for value in row
        if isinstance(value, str)
    ) + "\n".join(base.name for base in living) + "".join(regulation_words())  # fmt: skip
    secret = {word for word in words_of_people() if word not in public}
    assert {"申报教授", "13812345678", "举报人丁", "13900001111", "云景行", Objection.objects.get().code} <= secret
    assert len(secret) > 150
    names = {f"不公开的第{number}个基地" for number in range(len(hidden))} | {ID_NUMBER}
    leaked = {(path, word) for path, text in answers.items() for word in secret | names if word in text}
    assert leaked == set()
    scores = {str(panel.aggregate) for panel in Panel.objects.exclude(aggregate=None)}
    assert scores != set()
    assert {(path, score) for path, text in answers.items() for score in scores if score in text} == set()
    # Nor does any text that looks like a mobile number or an identity card come out.
    assert re.findall(r"(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)\d{17}[\dX](?!\d)", everything) == []
    assert json.loads(answers["/public/data/bases.json"])["count"] == 2


def regulation_words() -> Iterator[str]:
    for chapter in regulation.chapters():
        for article in chapter.articles:
            yield article.title + article.digest + article.concerns
            yield from (item.title + item.digest + item.concerns for item in article.items)


def test_every_article_and_item_has_its_anchor_and_the_pages_lead_to_them(anybody: Client, db: None):
    page = anybody.get("/regulation/").text
    anchors = set(re.findall(r'id="(art-[\d-]+)"', page))
    wanted = {
        each.anchor
        for chapter in regulation.chapters()
        for article in chapter.articles
        for each in (article, *article.items)
    }
    assert anchors >= wanted
    assert {"art-8-2", "art-8-4", "art-22"} <= wanted
