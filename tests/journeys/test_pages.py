"""Every place that a role can go to, as it looks: on a desk and on a phone, by axe, and without a word of English."""

import re
from pathlib import Path

import pytest

from bases.lifecycle import State

pytestmark = pytest.mark.browser

AXE = (Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text()
ROLES = ("shenbao1", "yanyuan1", "qiye1", "zhuanjia1", "jingban1", "shenpi1", "xitong", "anquan", "shenji")
PUBLIC = (
    "/", "/login/", "/regulation/", "/public/notices/", "/public/notices/?state=ended&q=无", "/public/bases/",
    "/public/bases/?state=ended", "/public/bases/?q=无&industry=any", "/public/statistics/", "/public/data/", "/public/objections/",
    "/verify/", "/verify/A3C4-6F7H-9K4M/",
    "/no-such-page/",
)  # fmt: skip
# What is Latin on a Chinese screen and right: file types, units, mail addresses, numbers of documents and titles, login names.
FOREIGN = re.compile(r"[A-Za-z]{2,}")
ALLOWED = re.compile(
    r"\b(?:[0-9A-Z]{4}-){2}[0-9A-Z]{4}\b|校验[值码] \w+|\b[0-9a-f]{12}\b|GB/T|PDF|JSON|PNG|JPG|MB|KB|Excel|Word|[\w.-]*\.?xlsx|\w\*\*\*@[\w.-]+|SF|[\w.+-]+@[\w.-]+|[\w.-]+\.pdf|91\w+|52\w+|12\w+|11\w+|"
    r"shenbao\d|yanyuan\d|qiye\d|zhuanjia\d|jingban\d|shenpi\d|duojuese|xitong|anquan|shenji|Ctrl|Alt"
)


def look(person, path: str) -> dict[str, object]:
    """What is wrong with a page; empty when nothing is."""
    person.open(path)
    page = person.page
    wrong: dict[str, object] = {}
    for width in (1280, 375):
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            wrong[f"wider than {width}"] = wide
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    if found:
        wrong["axe"] = [(v["id"], v["nodes"][0]["target"], len(v["nodes"])) for v in found]
    words = FOREIGN.findall(ALLOWED.sub("", page.locator("body").inner_text()))
    # Names that programs read stand apart as code.
    words = sorted(set(words) - set(FOREIGN.findall(" ".join(page.locator("code").all_inner_texts()))))
    if words:
        wrong["foreign words"] = words
    return wrong


def places(person) -> list[str]:
    """The home page and every entry of the side navigation."""
    person.page.set_viewport_size({"width": 1280, "height": 900})
    person.open("/")
    links = person.page.locator("nav.side a.side-link").all()
    return ["/", *(link.get_attribute("href") for link in links)]


@pytest.mark.parametrize("username", ROLES)
def test_every_place_of_a_role_is_right_on_a_desk_and_on_a_phone(people, username):
    person = people(username)
    assert {path: wrong for path in places(person) if (wrong := look(person, path))} == {}


@pytest.mark.parametrize("path", PUBLIC)
def test_every_public_place_is_right_on_a_desk_and_on_a_phone(people, path):
    assert look(people(), path) == {}


@pytest.mark.parametrize("state", [s for s in State if s != State.DRAFTING])
def test_the_page_of_a_base_and_its_acts_are_right_in_every_state(people, state):
    """As the department sees them; each act's page is opened, none is carried out."""
    officer, leader = people("jingban1"), people("shenpi1")
    name = officer.first_base_in(state)
    officer.open_base(name)
    base = officer.page.url.removeprefix(officer.portal.url)
    wrong = {base: look(officer, base)}
    for person in (officer, leader):
        person.open(base)
        acts = [link.get_attribute("href") for link in person.page.locator("ul.act-list a.btn").all()]
        wrong |= {act: look(person, act) for act in acts}
    assert {path: found for path, found in wrong.items() if found} == {}


@pytest.mark.parametrize("username", ["shenbao1", "yanyuan1", "qiye1", "zhuanjia1"])
def test_the_pages_behind_the_first_items_of_the_inbox_are_right(people, username):
    person = people(username)
    person.open("/")
    links = [link.get_attribute("href") for link in person.page.locator(".inbox-act a").all()][:6]
    assert {path: wrong for path in links if (wrong := look(person, path))} == {}


def test_a_notice_and_its_objection_form_are_right(people):
    public = people()
    public.open("/public/notices/?running=1")
    notice = public.page.locator("main tbody a").first.get_attribute("href")
    assert {path: wrong for path in (notice, f"{notice}objections/new/") if (wrong := look(public, path))} == {}


@pytest.mark.parametrize("query", ["state=demonstration", "state=ended", "state=rectifying"])
def test_the_public_page_of_a_base_is_right(people, query):
    public = people()
    public.open(f"/public/bases/?{query}")
    page = public.page.locator("main tbody a").first.get_attribute("href")
    assert look(public, page) == {}


DRAFT = "老年护理研究生联合培养基地"
AROUND_A_DRAFT = (
    "edit/cover/", "edit/basics/", "edit/partner/", "edit/cooperation/", "edit/students/", "edit/students/new/", "edit/mentors/",
    "edit/plan/", "edit/budget/", "edit/attachments/", "edit/attachments/agreement/history/", "preview/", "versions/", "print/",
    "colleagues/",
)  # fmt: skip


@pytest.mark.parametrize("page", AROUND_A_DRAFT)
def test_every_page_around_the_paper_is_right(people, page):
    professor = people("shenbao1")
    professor.page.set_viewport_size({"width": 1280, "height": 900})
    professor.open_base(DRAFT)
    own = professor.page.locator("main a[href$='/preview/']").first.get_attribute("href").removesuffix("preview/")
    assert look(professor, own + page) == {}


@pytest.mark.parametrize(
    ("username", "pages"),
    [
        ("yanyuan1", ("/recommendations/", "/recommendations/report/", "/units/mine/", "/partners/", "/catalogue/")),
        (
            "jingban1",
            ("/rounds/new/", "/partners/", "/catalogue/", "/experts/new/", "/experts/import/", "/experts/invite/"),
        ),
        ("xitong", ("/catalogue/", "/organisations/authorisations/import/")),
    ],
)
def test_the_pages_of_the_catalogue_and_of_recommending_are_right(people, username, pages):
    person = people(username)
    assert {path: wrong for path in pages if (wrong := look(person, path))} == {}


def test_the_pages_of_a_round_are_right(people):
    officer, office = people("jingban1"), people("yanyuan1")
    officer.page.set_viewport_size({"width": 1280, "height": 900})
    officer.open("/rounds/")
    rounds = [link.get_attribute("href") for link in officer.page.locator("main tbody a[href^='/rounds/']").all()]
    own = rounds[0]
    pages = [own, f"{own}quotas/", f"{own}facts/", f"{own}extend/", f"{own}applications/"]
    pages += [f"{own}review/{rest}" for rest in ("", "experts/", "propose/", "plan/", "start/")]
    pages += [f"{own}ranking/", f"{own}letters/", f"{own}letters/left-out/", f"{own}meetings/", f"{own}meetings/new/"]
    wrong = {path: found for path in pages if (found := look(officer, path))}
    assert (wrong, look(office, own)) == ({}, {})


def test_the_pages_of_an_agreement_are_right(people):
    unit = people("yanyuan1")
    unit.page.set_viewport_size({"width": 1280, "height": 900})
    unit.open("/training/")
    own = unit.page.locator("main a[href$='/agreements/']", has_text="有效期至").first.get_attribute("href")
    unit.open(own)
    current = unit.page.locator("main section[aria-labelledby=coverage-title] a").first.get_attribute("href")
    pages = ["/training/", own, f"{own}new/", f"{own}compare/", current, f"{current}terminate/"]
    assert {path: wrong for path in pages if (wrong := look(unit, path))} == {}


def test_the_pages_of_posts_and_placements_are_right(people):
    """Both sides of a base whose students are there, come, wait and have left: the lists, one of them, and an act on several."""
    office, partner = people("yanyuan1"), people("qiye2")
    partner.page.set_viewport_size({"width": 1280, "height": 900})
    partner.open("/training/?q=大模型数据治理")
    own = partner.page.locator("main a[href$='/placements/']").first.get_attribute("href")
    posts = own.replace("placements", "posts")
    partner.open(own)
    keys = [box.get_attribute("value") for box in partner.page.locator("input[name=placement]").all()]
    chosen = "&".join(f"placement={key}" for key in keys)
    shared = [own, posts, *(f"{own}{key}/" for key in keys)]
    theirs = [f"{own}do/{name}/?{chosen}" for name in ("accept", "insurance", "start", "end")] + [f"{posts}new/"]
    wrong = {path: found for path in (*shared, *theirs) if (found := look(partner, path))}
    office.page.set_viewport_size({"width": 1280, "height": 900})
    office.open(posts)
    select = office.page.locator("main a[href$='/select/']").first.get_attribute("href")
    pages = [*shared, select, "/students/", "/students/new/", "/students/import/"]
    wrong |= {f"office {path}": found for path in pages if (found := look(office, path))}
    assert (wrong, len(keys)) == ({}, 4)


@pytest.mark.parametrize(
    ("username", "forms"),
    [
        (
            "yanyuan1",
            ("mentors/name/", "mentors/training/", "committee/term/", "committee/meeting/", "committee/rule/"),
        ),
        ("qiye1", ("mentors/nominate/", "committee/office/")),
        ("jingban1", ()),
    ],
)
def test_the_pages_of_mentors_and_committee_are_right(people, username, forms):
    person = people(username)
    person.page.set_viewport_size({"width": 1280, "height": 900})
    person.open("/training/")
    areas = person.page.locator("main tbody a[href$='/mentors/']")
    own = areas.first.get_attribute("href").removesuffix("mentors/")
    person.open("/mentors/")
    somebody = person.page.locator("main tbody th a").first.get_attribute("href")
    pages = ["/training/", f"{own}mentors/", f"{own}committee/", "/mentors/", somebody, *(own + form for form in forms)]
    assert {path: wrong for path in pages if (wrong := look(person, path))} == {}


def test_the_pages_of_results_are_right(people):
    office, partner = people("yanyuan1"), people("qiye2")
    wrong = {}
    for person, forms in (
        (office, ("topics/new/", "publications/new/", "results/new/")),
        (partner, ("projects/new/", "exchanges/new/")),
    ):
        person.page.set_viewport_size({"width": 1280, "height": 900})
        person.open("/results/")
        own = (
            person.page.locator("main tbody a[href$='/results/']").first.get_attribute("href").removesuffix("results/")
        )
        pages = [
            "/results/",
            *(own + each for each in ("results/", "projects/", "topics/", "publications/", "exchanges/", *forms)),
        ]
        for name in ("results", "projects", "topics", "publications"):
            person.open(own + name + "/")
            pages.append(person.page.locator("main tbody th a").first.get_attribute("href"))
        wrong |= {f"{person} {path}": found for path in pages if (found := look(person, path))}
    assert wrong == {}
