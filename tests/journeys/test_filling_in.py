"""The 申请书 as people fill it in, in a real browser: interrupted, pasted from a spreadsheet, by two at once, on a phone, by keyboard."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_pages import look

pytestmark = [pytest.mark.browser, pytest.mark.article("8(1)")]

PASTE = """(cell, text) => {
  const clipboard = new DataTransfer();
  clipboard.setData("text/plain", text);
  cell.dispatchEvent(new ClipboardEvent("paste", {clipboardData: clipboard, bubbles: true, cancelable: true}));
}"""
SECTIONS = ("cover", "basics", "partner", "cooperation", "mentors", "plan", "budget")


def saved(page: Page) -> None:
    """The line at the foot says that everything is kept."""
    expect(page.locator("main p.saved")).to_have_text(re.compile(r"已自动保存 \d\d:\d\d"))
    expect(page.locator("main p.saved")).to_have_attribute("data-state", "saved")


@pytest.fixture(scope="module")
def draft(people) -> str:
    """The address of a paper that was just begun."""
    person = people("shenbao1")
    person.open("/applications/new/")
    person.fill(name="浏览器里填写的联合培养基地")
    person.click("开始填写申请书")
    expect(person.page.get_by_role("heading", level=2).first).to_have_text("封面")
    return person.page.url.removeprefix(person.portal.url).removesuffix("cover/")


def test_what_was_typed_is_there_after_the_browser_was_closed(people, draft):
    person = people("shenbao1")
    person.open(f"{draft}plan/")
    person.fill(reason="双方合作三年，条件成熟。")
    saved(person.page)
    person.page.close()
    person.page = person.context.new_page()
    person.open(f"{draft}plan/")
    expect(person.page.locator("#id_reason")).to_have_value("双方合作三年，条件成熟。")


def test_a_spreadsheet_is_pasted_and_what_does_not_fit_is_said(people, draft):
    person = people("shenbao1")
    person.open(f"{draft}mentors/")
    page = person.page
    table = page.locator("[data-table=industry_mentors]")
    rows = [
        "甲工\t装备公司\t总工\t正高级\t博士研究生\t20\t聘字1号\t2029年9月1日",
        "乙工\t装备公司\t主任\t院士\t大学本科\t1,5\t聘字2号\t2029/9/1\t多余",
    ]
    table.locator("[data-cell=name]").first.evaluate(PASTE, "\r\n".join(rows) + "\r\n")
    said = table.locator("[data-said]")
    expect(said).to_have_text(
        "已粘贴 2 行。 右边多出的 1 列没有粘贴。 第 2 行“职称”的“院士”不在选项中或格式不对，没有填入。"
    )
    saved(page)
    person.open(f"{draft}mentors/")
    names = [cell.input_value() for cell in table.locator("[data-cell=appointed_until]").all()]
    assert names == ["2029-09-01", "2029-09-01"]
    assert [cell.input_value() for cell in table.locator("[data-cell=years]").all()] == ["20", "15"]


def test_a_row_that_was_removed_comes_back(people, draft):
    person = people("shenbao1")
    person.open(f"{draft}mentors/")
    table = person.page.locator("[data-table=industry_mentors]")
    table.locator("[data-remove]").first.click()
    saved(person.page)
    expect(table.locator("tbody tr")).to_have_count(1)
    person.page.keyboard.press("Enter")  # the button that takes it back has the focus
    saved(person.page)
    person.open(f"{draft}mentors/")
    assert [cell.input_value() for cell in table.locator("[data-cell=name]").all()] == ["甲工", "乙工"]


def test_a_table_is_filled_by_keyboard_alone_and_adds_up(people, draft):
    person = people("shenbao1")
    person.open(f"{draft}partner/")
    page = person.page
    table = page.locator("[data-table=equipment]")
    table.locator("[data-cell=name]").first.focus()
    for name, value in (("机床", "12.5"), ("车床", "1,000")):
        page.keyboard.type(name)
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.type("2")
        page.keyboard.press("Tab")
        page.keyboard.type(value)
        if name == "机床":
            page.keyboard.press("Control+Enter")
    expect(table.locator("[data-sum=value]")).to_have_text("1,012.5")
    page.keyboard.press("Tab")
    saved(page)
    person.open(f"{draft}partner/")
    expect(table.locator("[data-sum=value]")).to_have_text("1,012.5")


def test_what_is_wrong_stands_beside_its_field_until_it_is_mended(people, draft):
    person = people("shenbao1")
    person.open(f"{draft}basics/")
    page = person.page
    page.locator("#id_contact_phone").fill("138")
    page.locator("#id_contact_email").focus()
    expect(page.locator("#id_contact_phone_error")).to_have_text("手机号是 11 位数字，请核对。")
    expect(page.locator("#id_contact_phone")).to_have_attribute("aria-invalid", "true")
    page.locator("#id_contact_phone").fill("13800000000")
    page.locator("#id_contact_email").focus()
    expect(page.locator("#id_contact_phone_error")).to_have_text("")
    saved(page)


def test_two_windows_on_one_section_are_told_and_nothing_typed_is_lost(people, draft):
    person = people("shenbao1")
    person.open(f"{draft}plan/")
    one, two = person.page, person.context.new_page()
    two.goto(f"{person.portal.url}{draft}plan/")
    expect(two.locator("#draft-presence")).to_contain_text("也打开了这一部分")
    two.locator("#id_goals").fill("第二个窗口写的目标")
    saved(two)
    one.locator("#id_goals").fill("第一个窗口写的目标")
    expect(one.locator("#draft-trouble")).to_contain_text("别人先保存了这一部分")
    expect(one.locator("#id_goals")).to_have_value("第一个窗口写的目标")
    one.get_by_role("button", name="用我的内容覆盖").click()
    expect(one.locator(".alert-success")).to_have_text("已保存。")
    two.locator("#id_goals").fill("第二个窗口又写")
    two.get_by_role("button", name="放弃我的修改，载入对方的内容").click()
    expect(two.locator("#id_goals")).to_have_value("第一个窗口写的目标")
    two.close()


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_is_right_on_a_desk_and_on_a_phone(people, draft, section):
    assert look(people("shenbao1"), f"{draft}{section}/") == {}


def test_the_pages_around_the_form_are_right_too(people, draft):
    around = draft.removesuffix("edit/")
    paths = (f"{around}preview/", f"{around}colleagues/")
    assert {path: wrong for path in paths if (wrong := look(people("shenbao1"), path))} == {}
