"""What a cache may keep: public pages of visitors, nothing of anybody in particular."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from applications.models import PublicNotice
from applications.services import notices
from portal.access import EVERYONE
from portal.models import StoredFile
from portal.roles import PUBLIC
from tests.factories import UserFactory, World
from tests.portal.test_access import flat

# Pages that are open to everybody and still are not the same for everybody, or on which something is entered.
NOT_KEPT = {
    "login": "a form with its token",
    "logout": "ends a session",
    "file": "may be somebody's own; the answer says so itself",
    "catalogue": "belongs to the desk",
    "notice-pdf-state": "asked again until the PDF is there",
    "objection-new": "a form with its token",
    "objection-status": "what is looked up is one's own",
    "objection-filed": "one's own number and code, shown once",
    "objection-answer": "one's own",
    "invitation": "one person's own link",
    "stipends": "one student's own link",
    "human-check": "a sum for one visitor",
    "verify": "a form with its token",
    "verify-code": "a form with its token",
}
PAGE, DATA = "max-age=0, public, s-maxage=300", "max-age=300, public, s-maxage=300"


def kept(header: str) -> str:
    return ", ".join(sorted(part.strip() for part in header.split(",")))


@pytest.fixture
def addresses(world: World, today: date, on_day: Any) -> dict[str, str]:
    """Every address that the public can open, with something behind it."""
    base, listed = world.constructing(today), world.in_unit_notice(today)
    notice = PublicNotice.objects.get(entries__base=listed)
    notice.pdf = StoredFile.objects.first()
    notice.save()
    of_one = {
        "public-base": [base.pk],
        **{name: [notice.pk] for name in ("public-notice", "notice-pdf-state", "objection-new")},
    }
    of_one["file"] = [notice.pdf.key]
    of_one["invitation"] = of_one["stipends"] = ["nothing-of-the-kind"]
    of_one["verify-code"] = ["A3C4-6F7H-9K4M"]
    opened = [p for p in flat(get_resolver().url_patterns) if PUBLIC in getattr(p.callback, "roles", ())]
    return {
        str(p.name): reverse(str(p.name), args=of_one.get(str(p.name), [])) for p in opened if isinstance(p, URLPattern)
    }


def test_what_everybody_sees_may_be_kept_and_sets_no_cookie_and_nothing_else_may(addresses: dict[str, str]) -> None:
    answers = {name: Client().get(path) for name, path in addresses.items() if name not in NOT_KEPT}
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(answers, 200)
    text = {name for name, answer in answers.items() if answer["Content-Type"].startswith("text/html")}
    assert {name: kept(answer["Cache-Control"]) for name, answer in answers.items()} == {
        name: PAGE if name in text else DATA for name in answers
    }
    assert {name: dict(answer.cookies) for name, answer in answers.items() if answer.cookies} == {}
    assert [name for name, answer in answers.items() if "Cookie" not in answer["Vary"] or not answer["ETag"]] == []
    assert [name for name, answer in answers.items() if "csrf" in answer.text] == []
    assert [name for name, answer in answers.items() if answer.has_header("Last-Modified")] == []
    others = {name: Client().get(addresses[name]).headers.get("Cache-Control", "") for name in NOT_KEPT}
    assert [name for name, header in others.items() if "public" in header] == []
    assert NOT_KEPT.keys() <= addresses.keys()


def test_a_page_of_somebody_who_is_signed_in_is_kept_nowhere(addresses: dict[str, str], world: World) -> None:
    people = {"officer": world.officer.user, "applicant": world.applicant.user, "without a role": UserFactory()}
    for who, user in people.items():
        client = Client()
        client.force_login(user)
        headers = {
            name: kept(client.get(path)["Cache-Control"]) for name, path in addresses.items() if name not in NOT_KEPT
        }
        assert (who, headers) == (who, dict.fromkeys(headers, "no-store, private"))
        assert client.get(addresses["public-notice"], headers={"if-none-match": "*"}).status_code == 200


def test_what_has_not_changed_is_not_sent_again(addresses: dict[str, str]) -> None:
    for name, path in addresses.items():
        if name in NOT_KEPT:
            continue
        first = Client().get(path)
        again = Client().get(path, headers={"if-none-match": first["ETag"]})
        assert (name, again.status_code, again.content) == (name, 304, b"")
        assert (kept(again["Cache-Control"]), again["ETag"]) == (kept(first["Cache-Control"]), first["ETag"])


def test_what_has_changed_is_sent(world: World, today: date, on_day: Any) -> None:
    world.in_unit_notice(today)
    before = Client().get("/public/notices/feed/")
    notice = PublicNotice.objects.get()
    notices.withdraw_notice(notice=notice, reason="名单有误。", by=world.unit_officer, on=today)
    after = Client().get("/public/notices/feed/", headers={"if-none-match": before["ETag"]})
    assert (after.status_code, f"（已撤回）{notice.title}" in after.text) == (200, True)


def test_a_visitor_with_a_session_or_a_message_is_not_everybody(world: World, client: Client) -> None:
    client.force_login(world.officer.user)
    client.post("/logout/")
    for name in ("sessionid", "messages"):
        visitor = Client()
        visitor.cookies[name] = "whatever"
        assert (name, kept(visitor.get("/public/bases/")["Cache-Control"])) == (name, "no-store, private")


def test_a_notice_whose_pdf_is_being_made_is_asked_for_again(world: World, today: date, on_day: Any) -> None:
    notice = PublicNotice.objects.get(entries__base=world.in_unit_notice(today))
    page = Client().get(reverse("public-notice", args=[notice.pk]))
    assert "正式文本正在生成" in page.text
    assert page["Cache-Control"] == "no-cache"


def test_a_page_that_does_not_exist_is_not_kept(db: None) -> None:
    answer = Client().get("/public/bases/999999/")
    assert (answer.status_code, answer.has_header("Cache-Control")) == (404, False)


# ---- for search engines


def test_the_map_of_the_site_leads_to_every_public_page_under_the_portals_own_address(
    addresses: dict[str, str], settings: Any
) -> None:
    for root, wanted in (
        ("http://testserver", "http://testserver/"),
        ("https://portal.example.invalid/", "https://portal.example.invalid/"),
    ):
        settings.PUBLIC_URL = root
        paths = re.findall(r"<loc>([^<]+)</loc>", Client().get("/sitemap.xml").text)
        assert {path.startswith(wanted) for path in paths} == {True}
        found = {"/" + path.removeprefix(wanted) for path in paths}
        assert {
            addresses[name] for name in ("home", "public-base", "public-notice", "public-statistics", "regulation")
        } <= found
        assert {Client().get(path).status_code for path in found} == {200}


def test_robots_are_kept_from_the_desk(db: None, settings: Any) -> None:
    lines = Client().get("/robots.txt").text.splitlines()
    assert lines[-2:] == ["Disallow: /", f"Sitemap: {settings.PUBLIC_URL}/sitemap.xml"]
    allowed = [line.removeprefix("Allow: ") for line in lines if line.startswith("Allow: ")]
    assert allowed[0] == "/$"
    desk = [
        reverse(str(p.name))
        for p in flat(get_resolver().url_patterns)
        if not p.pattern.converters and getattr(p.callback, "roles", EVERYONE) != EVERYONE
    ]
    assert len(desk) > 20
    assert [path for path in desk if any(path.startswith(prefix) for prefix in allowed[1:])] == []
