"""Deny by default: for every address, every role, the public and an account without a role, what opens is written down here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver, path, reverse

from applications.models import Application, Assignment, Objection, PublicNotice, Quota, Round
from applications.services import declaring, notices
from bases import acts
from bases.models import Base, Membership
from bases.services import people
from portal.models import Submission, User
from portal.roles import Role
from portal.urls import urlpatterns as portal_urlpatterns
from tests.factories import UserFactory, World, pdf_upload

# + opens, or takes the form    x refused by a page that names the roles it takes    > led to the login page
# 0 does not exist for them    h led home    r opens to be read, a form is refused by a page that says whose it is
# Whoever sends it otherwise than is meant (GET, POST) and would not be refused before meets a page that says so.
COLUMNS = "public no_role applicant unit_officer partner_officer expert dept_officer dept_leader auditor sysadmin security_admin"
# name                   sent    public  none  applicant unit partner expert officer leader auditor sysadmin security
OWN = """
home                     GET       +      +       +       +      +      +      +      +      +       +        +
login                    GET POST  +      h       h       h      h      h      h      h      h       h        h
logout                   POST      +      +       +       +      +      +      +      +      +       +        +
password                 GET POST  >      +       +       +      +      +      +      +      +       +        +
choose-role              GET POST  >      +       +       +      +      +      +      +      +       +        +
regulation               GET       +      +       +       +      +      +      +      +      +       +        +
file                     GET       0      0       +       +      +      +      +      +      0       0        0
calendar                 GET POST  >      x       x       x      x      x      +      x      x       x        x
base-list                GET       >      x       +       +      +      x      +      +      x       x        x
base                     GET       >      x       +       +      +      x      +      +      x       x        x
act                      GET POST  >      x       +       +      +      x      0      0      x       x        x
new-partner              GET POST  >      x       +       +      x      x      +      x      x       x        x
organisations            GET POST  >      x       x       x      x      x      x      x      x       +        x
department               GET POST  >      x       x       x      x      x      x      x      x       +        x
training-unit            GET POST  >      x       x       x      x      x      x      x      x       +        x
remove-authorisation     POST      >      x       x       x      x      x      x      x      x       +        x
accounts                 GET POST  >      x       x       x      x      x      x      x      x       +        x
memberships              GET POST  >      x       x       x      x      x      x      x      x       x        +
withdraw-membership      GET POST  >      x       x       x      x      x      x      x      x       x        +
policies                 GET POST  >      x       x       x      x      x      x      x      x       x        +
history                  GET POST  >      x       x       x      x      x      x      x      +       x        x
public-bases             GET       +      +       +       +      +      +      +      +      +       +        +
public-base              GET       +      +       +       +      +      +      +      +      +       +        +
round-list               GET       >      x       +       +      x      x      +      +      x       x        x
round-new                GET POST  >      x       x       x      x      x      +      x      x       x        x
round                    GET POST  >      x       r       r      x      x      +      r      x       x        x
application-new          GET POST  >      x       +       x      x      x      x      x      x       x        x
application-edit         GET POST  >      x       +       x      x      x      x      x      x       x        x
application-autosave     POST      >      x       +       x      x      x      x      x      x       x        x
notice-new               GET POST  >      x       x       +      x      x      x      +      x       x        x
public-notices           GET       +      +       +       +      +      +      +      +      +       +        +
public-notice            GET       +      +       +       +      +      +      +      +      +       +        +
notice-pdf-state         GET       +      +       +       +      +      +      +      +      +       +        +
objection-new            GET POST  +      +       +       +      +      +      +      +      +       +        +
objection-status         GET       +      +       +       +      +      +      +      +      +       +        +
objection-list           GET       >      x       x       +      x      x      +      x      x       x        x
objection-handle         GET POST  >      x       x       +      x      x      +      x      x       x        x
recognition-document     GET POST  >      x       x       x      x      x      +      x      x       x        x
sheet-list               GET       >      x       x       x      x      +      x      x      x       x        x
sheet                    GET POST  >      x       x       x      x      +      x      x      x       x        x
sheet-recuse             GET POST  >      x       x       x      x      +      x      x      x       x        x
"""
# The same addresses with what belongs to another unit, partner, expert or office, to a draft that was never sent, or to nothing.
FOREIGN = """
file                     GET       0      0       0       0      0      0      0      0      0       0        0
base                     GET       >      x       0       0      0      x      0      0      x       x        x
act                      GET POST  >      x       0       0      0      x      0      0      x       x        x
training-unit            GET POST  >      x       x       x      x      x      x      x      x       0        x
remove-authorisation     POST      >      x       x       x      x      x      x      x      x       0        x
withdraw-membership      GET POST  >      x       x       x      x      x      x      x      x       x        0
public-base              GET       0      0       0       0      0      0      0      0      0       0        0
round                    GET POST  >      x       0       0      x      x      0      0      x       x        x
application-edit         GET POST  >      x       0       x      x      x      x      x      x       x        x
application-autosave     POST      >      x       0       x      x      x      x      x      x       x        x
public-notice            GET       0      0       0       0      0      0      0      0      0       0        0
notice-pdf-state         GET       0      0       0       0      0      0      0      0      0       0        0
objection-new            GET POST  0      0       0       0      0      0      0      0      0       0        0
objection-handle         GET POST  >      x       x       0      x      x      0      x      x       x        x
sheet                    GET POST  >      x       x       x      x      0      x      x      x       x        x
sheet-recuse             GET POST  >      x       x       x      x      0      x      x      x       x        x
"""
# Acts on a base, and whose they are.
ACTS = """
edit                        applicant
declare                     applicant
redeclare                   applicant
renew                       applicant
review                      unit_officer
publish-unit-notice         unit_officer
return                      unit_officer dept_officer
decline                     unit_officer
recommend                   unit_officer
assign-experts              dept_officer
open-review                 dept_officer
shortlist                   dept_officer
deliberate                  dept_officer
publish-recognition-notice  dept_leader
recognise                   dept_leader
reject                      dept_officer dept_leader
start-construction          dept_officer
submit-report               applicant
assign-assessors            dept_officer
propose-grade               dept_officer
decide-grade                dept_leader
submit-plan                 applicant
report-incident             applicant unit_officer partner_officer
study-incident              dept_officer
revoke                      dept_leader
dismiss-proposal            dept_leader
request-withdrawal          unit_officer
file-withdrawal             dept_officer
"""
NOTHING = 999_999_999
NO_KEY = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Line:
    """One address: how it is sent, and what each column meets there."""

    name: str
    methods: tuple[str, ...]
    outcomes: tuple[str, ...]

    @property
    def open_roles(self) -> list[str]:
        """The roles that the page itself would name when it refuses: everybody whom it lets as far as its objects."""
        return [role for role, outcome in zip(COLUMNS.split(), self.outcomes, strict=True) if outcome not in "x>"]

    def met_by(self, method: str) -> str:
        """What the columns meet when they send it like this; p where the page says that it is not meant to be."""
        otherwise = {} if method in self.methods else {"+": "p", "0": "p", "h": "p"}
        otherwise |= {"r": "+"} if method == "GET" else {}
        return " ".join(otherwise.get(outcome, outcome) for outcome in self.outcomes)


def table(text: str) -> dict[str, Line]:
    lines = [line.split() for line in text.strip().splitlines()]
    width = len(COLUMNS.split())
    return {words[0]: Line(words[0], tuple(words[1:-width]), tuple(words[-width:])) for words in lines}


def flat(patterns: list[Any]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        else:
            yield from flat(pattern.url_patterns)


def test_every_address_of_the_portal_has_its_line() -> None:
    assert sorted(str(pattern.name) for pattern in flat(get_resolver().url_patterns)) == sorted(table(OWN))


def test_every_address_of_one_thing_has_its_line_about_what_belongs_to_others() -> None:
    """Also an act without a key, such as a page of one's own list, is not of one thing."""
    of_one = [str(pattern.name) for pattern in flat(get_resolver().url_patterns) if pattern.pattern.converters]
    assert sorted(of_one) == sorted(table(FOREIGN))


@dataclass
class Place:
    """A portal in full swing: something of one's own behind every address, and something of others."""

    world: World
    own: dict[str, list[Any]]
    foreign: dict[str, list[Any]]
    own_by_role: dict[tuple[str, str], list[Any]]
    foreign_by_role: dict[tuple[str, str], list[Any]]
    nobody: User = field(default_factory=UserFactory)
    clients: dict[str, Client] = field(default_factory=dict)

    def person(self, column: str) -> User | None:
        if column == "public":
            return None
        return self.nobody if column == "no_role" else self.world.everybody()[column].user

    def client(self, column: str) -> Client:
        """Somebody of that column, signed in once."""
        if column not in self.clients:
            self.clients[column] = Client()
            person = self.person(column)
            if person is not None:
                self.clients[column].force_login(person)
        return self.clients[column]

    def address(self, name: str, column: str, *, foreign: bool = False) -> str:
        by_role, by_name = (self.foreign_by_role, self.foreign) if foreign else (self.own_by_role, self.own)
        return reverse(name, args=by_role.get((name, column), by_name.get(name, [])))


@pytest.fixture
def place(world: World, today: date, on_day: Any) -> Place:
    living = world.constructing(today)
    in_review = world.in_review(today)
    draft = world.draft(today)
    of_unit = _objection(world.in_unit_notice(today), "recommendation", today)
    of_department = _objection(world.in_recognition_notice(today), "recognition", today)
    foreign = _draft_of_another_unit(world, today)
    sheet, others_sheet = Assignment.objects.filter(panel__base=in_review).order_by("pk")[:2]
    assert sheet.expert == world.experts[0].user
    own_application = Application.objects.get(base=draft)
    others_application = Application.objects.get(base=foreign)
    assert own_application.agreement is not None
    assert others_application.agreement is not None
    scan = Application.objects.get(base=living).agreement
    assert scan is not None
    return Place(
        world=world,
        own={
            "file": [scan.key],
            "base": [living.pk],
            "act": [living.pk, "report-incident"],
            "training-unit": [world.unit.pk],
            "remove-authorisation": [world.unit.authorisations.get().pk],
            "withdraw-membership": [Membership.objects.get(user=world.auditor.user).pk],
            "public-base": [living.pk],
            "round": [Round.objects.get(year=today.year).pk],
            "application-edit": [own_application.pk],
            "application-autosave": [own_application.pk],
            "public-notice": [of_unit.notice_id],
            "notice-pdf-state": [of_unit.notice_id],
            "objection-new": [of_unit.notice_id],
            "objection-handle": [of_unit.pk],
            "sheet": [sheet.pk],
            "sheet-recuse": [sheet.pk],
        },
        own_by_role={("objection-handle", Role.DEPT_OFFICER): [of_department.pk]},
        foreign={
            "file": [others_application.agreement.key],
            "base": [foreign.pk],
            "act": [foreign.pk, "report-incident"],
            "training-unit": [NOTHING],
            "remove-authorisation": [NOTHING],
            "withdraw-membership": [NOTHING],
            "public-base": [foreign.pk],
            "round": [NOTHING],
            "application-edit": [others_application.pk],
            "application-autosave": [others_application.pk],
            "public-notice": [NOTHING],
            "notice-pdf-state": [NOTHING],
            "objection-new": [NOTHING],
            "objection-handle": [of_department.pk],
            "sheet": [others_sheet.pk],
            "sheet-recuse": [others_sheet.pk],
        },
        foreign_by_role={("objection-handle", Role.DEPT_OFFICER): [of_unit.pk]},
    )


def _objection(base: Base, kind: str, on: date) -> Objection:
    notice = PublicNotice.objects.get(entries__base=base, kind=kind)
    return notices.file_objection(
        notice=notice, base=base, name="实名", phone="13800000000", grounds="材料与事实不符。", on=on
    )


def _draft_of_another_unit(world: World, on: date) -> Base:
    application = declaring.start_application(name="外单位的草稿", by=world.other_applicant, on=on)
    values = {"name": "外单位的草稿", "partner": world.other_partner, "category": world.category}
    declaring.save_draft(
        application=application, by=world.other_applicant, values=values, agreement=pdf_upload("协议.pdf")
    )
    return Base.objects.get(pk=application.base_id)


def outcome(answer: Any, line: Line) -> str:
    """The sign of an answer, or the answer itself where it is none of them."""
    place_to = answer.headers.get("Location", "")
    if answer.status_code == 302 and place_to.startswith(f"{reverse('login')}?next=/"):
        return ">"
    if answer.status_code == 302 and line.name == "login" and place_to == reverse("home"):
        return "h"
    if answer.status_code == 403 and "没有办理" in answer.text:
        return "r" if re.search(r"由(教育厅经办|教育厅审批|研究生院)", answer.text) else answer.text
    if answer.status_code == 403:
        needed = "、".join(str(Role(role).label) for role in Role.values if role in line.open_roles)
        return "x" if f"本页只对以下角色开放：{needed}。没有作任何改动。" in answer.text else answer.text
    if answer.status_code == 404:
        return "0" if "没有找到这个页面" in answer.text else answer.text
    if answer.status_code == 405:
        return "p" if "这个地址只能由页面上的按钮或表单打开" in answer.text else answer.text
    return "+" if answer.status_code in {200, 302, 409, 422} else f"{answer.status_code} {answer.text}"


def met(place: Place, lines: dict[str, Line], method: str, *, foreign: bool) -> dict[str, str]:
    """What every column meets at every address of a table; what a page has done for those whom it lets in is taken back."""
    found, form = {}, everything(place.world) if method == "POST" else {}
    for name, line in lines.items():
        signs = []
        for column in COLUMNS.split():
            client, address = place.client(column), place.address(name, column, foreign=foreign)
            cookies = client.cookies.copy()
            with transaction.atomic():
                signs.append(outcome(getattr(client, method.lower())(address, form), line))
                transaction.set_rollback(signs[-1] == "+")
            client.cookies = cookies
        found[name] = " ".join(signs)
    return found


@pytest.mark.article("4")
@pytest.mark.parametrize(("text", "foreign"), [(OWN, False), (FOREIGN, True)], ids=["own", "foreign"])
def test_a_page_opens_for_whom_the_table_says_and_for_nobody_else(place: Place, text: str, foreign: bool) -> None:
    lines = table(text)
    expected = {name: line.met_by("GET") for name, line in lines.items()}
    assert met(place, lines, "GET", foreign=foreign) == expected


# What an intruder sends: an answer to everything that any form asks for.
def everything(world: World) -> dict[str, Any]:
    return {
        "year": "2027",
        "source": "伪造的通知",
        "holidays": "2027-10-01",
        "username": "intruder",
        "full_name": "不速之客",
        "password": "long-enough-2026",
        "user": world.applicant.user_id,
        "role": "dept_leader",
        "department": world.department.pk,
        "name": "不速之客的基地",
        "reason": "伪造",
        "report": "伪造",
        "quota": Quota.objects.values_list("pk", flat=True)[0],
        "places": "99",
        "status": "accepted",
        "conclusion": "伪造",
        "happened_on": "2026-11-24",
        "description": "伪造",
        "measures": "伪造",
        "do": "submit",
        "grade": "excellent",
        "finding": "伪造",
        "can_continue": "no",
        "credit_code": "91150100MA00000012",
        "kind": "enterprise",
        "division": world.unit.division_id,
        "experts": [expert.user_id for expert in world.experts],
    }


def everything_kept() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of ours, apart from the keys of forms that have arrived."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values_list())
        for app in ("portal", "bases", "agreements", "applications", "evaluations")
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
        if model is not Submission
    }


@pytest.mark.article("4")
@pytest.mark.parametrize(("text", "foreign"), [(OWN, False), (FOREIGN, True)], ids=["own", "foreign"])
def test_a_form_is_taken_from_whom_the_table_says_and_that_of_others_changes_no_row(
    place: Place, text: str, foreign: bool
) -> None:
    lines = table(text)
    for column in COLUMNS.split():
        place.client(column)
    before = everything_kept()
    expected = {name: line.met_by("POST") for name, line in lines.items()}
    assert met(place, lines, "POST", foreign=foreign) == expected
    assert everything_kept() == before


def acts_table() -> dict[str, set[str]]:
    return {name: set(roles) for name, *roles in (line.split() for line in ACTS.strip().splitlines())}


def test_every_act_has_its_line_and_its_roles() -> None:
    assert {act.name: set(act.roles) for act in acts.all_acts()} == acts_table()


@pytest.mark.article("4")
def test_an_act_of_another_role_does_not_exist_and_changes_no_row(place: Place) -> None:
    """Whoever may see the base, in a state that the act belongs to, still finds no page for what is not theirs to do."""
    insiders = [Role.APPLICANT, Role.UNIT_OFFICER, Role.PARTNER_OFFICER, Role.DEPT_OFFICER, Role.DEPT_LEADER]
    form, bases = everything(place.world), list(Base.objects.filter(events_count__gt=0).order_by("pk"))
    for role in insiders:
        place.client(role)
    before = everything_kept()
    met_by = {}
    for act in acts.all_acts():
        base = next((base for base in bases if base.state in act.states), bases[0])
        address = reverse("act", args=[base.pk, act.name])
        met_by[act.name] = {
            str(role)
            for role in insiders
            if role in act.roles or place.client(role).post(address, form).status_code != 404
        }
    assert met_by == acts_table()
    assert everything_kept() == before


# ---- where a right comes from


def undeclared(request: Any) -> HttpResponse:
    """A view that says nothing about whom it is open to."""
    return HttpResponse("geheim")


class WithAnUndeclaredView:
    """The portal's addresses and one more."""

    urlpatterns = [*portal_urlpatterns, path("undeclared/", undeclared)]


def test_a_view_that_declares_nothing_is_closed_to_everybody(place: Place, settings: Any) -> None:
    settings.ROOT_URLCONF = WithAnUndeclaredView
    for column in COLUMNS.split():
        answer = place.client(column).get("/undeclared/")
        assert (column, answer.status_code) == (column, 403)
        assert "本页没有声明开放对象，按规定不予开放。" in answer.text
        assert "geheim" not in answer.text


def opens(client: Client, name: str) -> bool:
    return client.get(reverse(name)).status_code == 200


def test_of_several_roles_only_the_chosen_one_counts(world: World, client: Client, today: date) -> None:
    user = world.officer.user
    expert = people.grant_membership(user=user, role=Role.EXPERT, by=world.security_admin.user)
    client.force_login(user)
    # Nothing is chosen yet: nothing of either role opens.
    assert [opens(client, name) for name in ("calendar", "sheet-list")] == [False, False]
    client.post(reverse("choose-role"), {"membership": world.officer.membership_id})
    assert [opens(client, name) for name in ("calendar", "sheet-list")] == [True, False]
    client.post(reverse("choose-role"), {"membership": expert.pk})
    assert [opens(client, name) for name in ("calendar", "sheet-list")] == [False, True]


def test_a_role_of_somebody_else_cannot_be_chosen(world: World, client: Client) -> None:
    client.force_login(world.applicant.user)
    answer = client.post(reverse("choose-role"), {"membership": world.leader.membership_id})
    assert "没有切换：这个角色不属于您，或已被收回。" in answer.text
    assert [opens(client, name) for name in ("application-new", "recognition-document")] == [True, False]


def test_a_right_ends_with_the_membership_in_the_middle_of_a_session(world: World, client: Client) -> None:
    client.force_login(world.officer.user)
    assert opens(client, "calendar")
    membership = Membership.objects.get(pk=world.officer.membership_id)
    people.withdraw_membership(membership=membership, by=world.security_admin.user)
    assert not opens(client, "calendar")


def test_an_account_that_is_closed_can_do_nothing(world: World, client: Client) -> None:
    client.force_login(world.officer.user)
    User.objects.filter(pk=world.officer.user_id).update(is_active=False)
    assert client.get(reverse("calendar"))["Location"] == "/login/?next=/calendar/"


def test_no_right_comes_from_the_flags_of_the_account(world: World, client: Client) -> None:
    """Django's superuser is nobody here."""
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    assert [opens(client, name) for name in ("base-list", "accounts", "history", "calendar")] == [False] * 4


def test_after_signing_in_one_stands_where_one_wanted_to_go(world: World, client: Client) -> None:
    wanted = client.get(reverse("calendar"))["Location"]
    form = {"username": world.officer.user.username, "password": "demo-portal-2026"}
    assert client.post(wanted, form)["Location"] == "/calendar/"
    assert opens(client, "calendar")


def test_signing_in_leads_to_no_other_site(world: World, client: Client) -> None:
    form = {"username": world.officer.user.username, "password": "demo-portal-2026", "next": "https://example.invalid/"}
    assert client.post("/login/", form)["Location"] == "/"
