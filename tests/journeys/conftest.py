"""A whole portal with the demo, and people who walk through it in a real Chromium."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from evaluations.demo import pdf_upload
from tests.serving import FirstStart, Portal

CHROMIUM = shutil.which("chromium")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
# A busy machine may take its time; what never comes still fails.
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def portal(first_start: FirstStart, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A portal of its own for each module; all begin with the same data."""
    var = tmp_path_factory.mktemp("journey")
    first_start.copy_to(var)
    started = Portal(var)
    try:
        started.wait()
        yield started
    finally:
        started.end()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


class Person:
    """Somebody at a screen. What goes wrong unseen is noted: failed requests, errors on the console."""

    def __init__(self, portal: Portal, context: BrowserContext) -> None:
        self.portal, self.context = portal, context
        self.troubles: list[str] = []
        self.impatient = False
        self.page: Page = self.anew()

    def anew(self) -> Page:
        """A new window; whoever had closed theirs goes on in it, still signed in."""
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))
        self.page.on("response", self._note)
        return self.page

    def _note(self, response: Any) -> None:
        if response.status >= 500 or (response.status >= 400 and "/static/" in response.url):
            self.troubles.append(f"{response.status} {response.url}")

    def open(self, path: str) -> None:
        """Go to a page of the portal."""
        self.page.goto(self.portal.url + path)

    def sign_in(self, username: str, password: str) -> None:
        """Through the login page."""
        self.open("/login/")
        self.page.get_by_label("登录名").fill(username)
        self.page.get_by_label("密码").fill(password)
        self.page.get_by_role("button", name="登录", exact=True).click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("待办")

    def fill(self, **texts: str) -> None:
        """Fill in fields by their names in the form."""
        for name, text in texts.items():
            field = self.page.locator(f"main [name={name}]").first
            tag = field.evaluate("field => field.tagName")
            if tag == "SELECT":
                field.select_option(label=text)
            else:
                field.fill(text)

    def choose(self, name: str, value: str) -> None:
        """Choose a radio button by its value."""
        self.page.locator(f"main input[name={name}][value={value}]").check()

    def pdf(self, filename: str) -> bytes:
        """The bytes of a real PDF."""
        return pdf_upload(filename).read()

    def attach(self, name: str, filename: str) -> None:
        """Attach a real PDF."""
        upload = pdf_upload(filename)
        file = {"name": filename, "mimeType": "application/pdf", "buffer": upload.read()}
        self.page.locator(f"main input[name={name}]").set_input_files(file)

    def click(self, name: str, times: int = 1) -> None:
        """Press a button or follow a link of that exact name in the page's own part."""
        main = self.page.locator("main")
        button, link = (
            main.get_by_role("button", name=name, exact=True),
            main.get_by_role("link", name=name, exact=True),
        )
        button.or_(link).first.click(click_count=times)

    def open_base(self, name: str) -> None:
        """Find a base in the list and open it."""
        self.open("/bases/")
        self.page.get_by_label("名称或单位").fill(name)
        self.click("查找")
        self.page.locator("main").get_by_role("link", name=name, exact=True).click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text(name)

    def first_base_in(self, state: str) -> str:
        """The name of the first base of the list that is in a state."""
        self.open(f"/bases/?state={state}")
        return self.page.locator("main tbody th a").first.inner_text()

    def acts_of(self, base: str) -> list[str]:
        """What the history on the base's page says was done, oldest first."""
        self.open_base(base)
        return list(reversed(self.page.locator("#history .timeline-head strong").all_inner_texts()))

    def begin(self, base: str, act: str) -> None:
        """Open the page of an act on a base, from the base's page."""
        self.open_base(base)
        self.click(act)
        expect(self.page.get_by_role("heading", level=1)).to_have_text(act)

    def finish(self, button: str) -> None:
        """Press the button that repeats the act, twice when impatient, and see that it was done."""
        self.click(button, 2 if self.impatient else 1)
        self.sees_success()

    def sees_success(self) -> None:
        """The message that says what was done."""
        expect(self.page.locator(".alert-success").first).to_be_visible()

    def sees(self, text: str) -> None:
        """A text stands on the page."""
        expect(self.page.locator("body")).to_contain_text(text)

    def fits(self) -> None:
        """Nothing sticks out of the window sideways."""
        wide, window = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert wide <= window

    def sees_state(self, state: str) -> None:
        """The badge beside the base's name."""
        expect(self.page.locator(".page-status .badge-stage").first).to_have_text(state)


class People:
    """Signs people in by their login name, each in a browser of their own; without a name it is the public."""

    def __init__(self, portal: Portal, browser: Browser) -> None:
        self.portal, self.browser = portal, browser
        self.known: dict[tuple[str, int], Person] = {}

    def __call__(self, username: str = "", *, width: int = 1280) -> Person:
        if (username, width) not in self.known:
            context = self.browser.new_context(viewport={"width": width, "height": 900}, locale="zh-CN")
            person = self.known[username, width] = Person(self.portal, context)
            if username:
                person.sign_in(username, self.portal.accounts()[username][0])
        return self.known[username, width]

    def full_name(self, username: str) -> str:
        """The person's name as the printed table gives it."""
        return self.portal.accounts()[username][1].split()[2]

    def unit_of(self, username: str) -> str:
        """The organisation for which a person works, as the printed table gives it."""
        return self.portal.accounts()[username][1].split()[-1]

    def applicant_of(self, viewer: Person, base: str) -> str:
        """The login name of the applicant whom a base's page names."""
        viewer.open_base(base)
        named = viewer.page.locator("dl.facts div", has_text="申报人").locator("dd").first.inner_text()
        return next(name for name, (_password, row) in self.portal.accounts().items() if row.split()[2] == named)


@pytest.fixture(scope="module")
def people(portal: Portal, browser: Browser) -> Iterator[People]:
    met = People(portal, browser)
    yield met
    troubles = {name: person.troubles for (name, _width), person in met.known.items() if person.troubles}
    for person in met.known.values():
        person.context.close()
    assert troubles == {}
