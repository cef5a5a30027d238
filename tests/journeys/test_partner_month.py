"""协议 权责划分（二）5: a partner's month for sixty students, by keyboard, paste and Excel, until the unit has seen all of it."""

import io
import json
from datetime import date
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from agreements import months
from tests.journeys.partner_month import COUNT

pytestmark = [pytest.mark.browser, pytest.mark.agreement("权责划分（二）5")]
BASE = "先进结构材料研究生联合培养基地"
PARTNER, UNIT, DEPARTMENT = "qiye1", "yanyuan2", "jingban1"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PASTED = 30


def test_a_partners_month_for_sixty_students_ends_with_the_unit_seeing_all_of_it(portal: Any, people: Any) -> None:
    today = portal.today()
    month = months.shifted(months.first_of(today), -1)
    words = f"from datetime import date; from tests.journeys import partner_month as p; p.prepare({BASE!r}, {month!r})"
    made = json.loads(
        portal.command("shell", "--verbosity", "0", "--command", words.replace("datetime.date", "date")).splitlines()[
            -1
        ]
    )
    page = f"/bases/{made['base']}/months/{months.name(month)}/"
    partner = people(PARTNER)

    find_the_month(partner, page)
    fill_in_by_keyboard(partner, today)
    give_less_than_agreed(partner)
    paste_thirty(partner, made["numbers"], today)
    import_the_others(partner, made["base"], month, today)
    look_at_a_phone(people, page)

    secret = make_a_link(people(UNIT), made["base"])
    deny(people, secret)
    see_all_of_it(people(UNIT), page)
    answer(people, secret)
    close(partner, page)
    unit = people(UNIT)
    unit.open(f"/bases/{made['base']}/months/")
    unit.sees("已结")
    department = people(DEPARTMENT)
    department.open("/months/flags/?show=below")
    department.sees("事假半月。")


def row(person: Any, number: int) -> Any:
    """A student's line of the table."""
    return person.page.locator("[data-row]").nth(number)


def cell(person: Any, number: int, key: str) -> Any:
    """A cell of it."""
    return row(person, number).locator(f"[data-cell={key}]")


def saved(person: Any) -> None:
    """Everything on the page is kept."""
    expect(person.page.locator("p[data-saved]")).to_have_attribute("data-state", "saved")
    expect(person.page.locator("p[data-saved]")).to_contain_text("已自动保存")


def stands(person: Any, number: int, words: str) -> None:
    """How a line stands."""
    expect(row(person, number).locator("[data-mark]")).to_have_text(words)


def find_the_month(partner: Any, page: str) -> None:
    """From the table of all bases into the month."""
    partner.open("/months/?q=先进结构材料")
    partner.page.locator(f"main a[href='{page}']").first.click()
    expect(partner.page.locator("[data-row]")).to_have_count(COUNT)


def fill_in_by_keyboard(partner: Any, today: date) -> None:
    """Two lines without the mouse: a digit for the grade, arrows and Tab across, Enter down, Ctrl+D for the same again."""
    keys = partner.page.keyboard
    cell(partner, 0, "grade").focus()
    keys.press("2")
    keys.press("ArrowRight")
    keys.type("20")
    keys.press("Tab")
    keys.type("1500")
    keys.press("ArrowRight")
    keys.type(f"{today.month}-{today.day}")
    keys.press("Enter")
    expect(cell(partner, 0, "grade")).to_have_value("qualified")
    expect(cell(partner, 0, "paid_on")).to_have_value(today.isoformat())
    expect(cell(partner, 1, "paid_on")).to_be_focused()
    for key in ("grade", "days", "amount", "paid_on"):
        cell(partner, 1, key).focus()
        keys.press("Control+d")
    for number in (0, 1):
        stands(partner, number, "✓")
    saved(partner)
    partner.page.reload()
    expect(cell(partner, 1, "amount")).to_have_value("1500")
    stands(partner, 1, "✓")


def give_less_than_agreed(partner: Any) -> None:
    """Below the agreement a line waits for its reason; what cannot be is said beside the cell and the others are kept."""
    cell(partner, 1, "amount").fill("800")
    cell(partner, 1, "days").fill("45")
    cell(partner, 1, "below_reason").focus()
    expect(row(partner, 1)).to_contain_text("不能大于 31。")
    stands(partner, 1, "未保存")
    cell(partner, 1, "days").fill("9")
    cell(partner, 1, "note").focus()
    stands(partner, 1, "缺原因")
    cell(partner, 1, "below_reason").fill("事假半月。")
    cell(partner, 1, "note").focus()
    stands(partner, 1, "低于约定")
    saved(partner)


def paste_thirty(partner: Any, numbers: list[str], today: date) -> None:
    """A block out of Excel, with numbers in front and in another order; one cell of it cannot be understood."""
    lines = [
        [number, "优秀", "20", "2,200元" if place % 10 == 9 else "1,600", f"{today.year}/{today.month}/{today.day}"]
        for place, number in enumerate(numbers)
    ][2 : 2 + PASTED]
    lines[0][1] = "良好"
    block = "\n".join("\t".join(line) for line in reversed(lines))
    cell(partner, 5, "grade").evaluate(
        """(field, text) => {
            field.focus();
            const data = new DataTransfer();
            data.setData("text/plain", text);
            field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        block,
    )
    said = partner.page.locator("[data-said]")
    expect(said).to_contain_text(f"已粘贴 {PASTED} 行")
    expect(said).to_contain_text(f"第 {PASTED} 行“考核等级”：“良好”没有看懂，没有填入。")
    stands(partner, 2, "缺")
    cell(partner, 2, "grade").focus()
    partner.page.keyboard.press("1")
    expect(cell(partner, 2, "grade")).to_have_value("excellent")
    for number in (2, 3, 1 + PASTED):
        stands(partner, number, "✓")
    saved(partner)


def import_the_others(partner: Any, base: int, month: date, today: date) -> None:
    """The list comes with the students; three bad rows are named and nothing is written, then all of it is."""
    address = f"{partner.portal.url}/months/template/?month={months.name(month)}&base={base}"
    book = load_workbook(io.BytesIO(partner.context.request.get(address).body()))
    sheet = book.worksheets[0]
    places = {str(cell_.value).rstrip("*"): number for number, cell_ in enumerate(sheet[1])}
    empty = [line for line in sheet.iter_rows(min_row=2) if line[places["考核等级"]].value is None]
    assert len(empty) == COUNT - 2 - PASTED
    for line in empty:
        values = {"考核等级": "合格", "天数": 21, "生活补贴（元）": 2400, "发放日期": today}
        for label, value in values.items():
            line[places[label]].value = value
    empty[0][places["天数"]].value = "二十"
    empty[1][places["生活补贴（元）"]].value = 600
    empty[2][places["学号"]].value = "没有这个学号"
    upload(partner, book)
    partner.sees("有 3 处错误，没有写入任何数据")
    for words in ("“二十”不是整数", "低于协议约定的 1,000 元，请填写原因", "这个学号本月不在这个基地"):
        partner.sees(words)
    right = next(line for line in sheet.iter_rows(min_row=2) if line[0].row == empty[2][0].row)
    names = {f"研究生{number:02d}": number for number in range(1, COUNT + 1)}
    number = names[right[places["姓名"]].value]
    first = next(line for line in sheet.iter_rows(min_row=2) if line[places["姓名"]].value == "研究生01")
    right[places["学号"]].value = f"S{int(first[places['学号']].value[1:]) + number - 1:05d}"
    empty[0][places["天数"]].value, empty[1][places["生活补贴（元）"]].value = 20, 1300
    upload(partner, book)
    partner.finish(f"写入 {COUNT} 行")
    partner.sees("新登记 28 行")


def upload(partner: Any, book: Any) -> None:
    """Send the list to be checked."""
    out = io.BytesIO()
    book.save(out)
    partner.open("/months/import/")
    file = {"name": "补贴.xlsx", "mimeType": XLSX, "buffer": out.getvalue()}
    partner.page.locator("main input[type=file]").set_input_files(file)
    partner.click("上传并检查")


def look_at_a_phone(people: Any, page: str) -> None:
    """On a phone the lines are cards; nothing sticks out."""
    phone = people(PARTNER, width=375)
    phone.open(page)
    expect(phone.page.locator("[data-row]")).to_have_count(COUNT)
    phone.fits()


def make_a_link(unit: Any, base: int) -> str:
    """The unit makes the link of one student; it is shown once."""
    unit.open(f"/bases/{base}/stipend-links/")
    for box in unit.page.locator("main input[name=student]").all():
        box.set_checked(box.get_attribute("aria-label") == "研究生05")
    unit.click("生成所选研究生的链接")
    expect(unit.page.locator("main .link-slip")).to_have_count(1)
    return str(unit.page.locator("main .link-address").inner_text())


def deny(people: Any, secret: str) -> None:
    """The student opens the link on a phone, without an account, and says that nothing came."""
    student = people(width=375)
    student.page.goto(secret.replace(secret.split("/stipends/")[0], student.portal.url))
    student.sees("1,600.00 元")
    student.fits()
    student.page.get_by_text("没有收到，或者金额不对").click()
    student.page.locator("main textarea").fill("银行卡换过，没有到账。")
    student.page.get_by_role("button", name="反映没有收到").click()
    student.sees("已反映没有收到")


def see_all_of_it(unit: Any, page: str) -> None:
    """Both wait in the unit's inbox; the month shows the stipend below the agreement with its reason, and the denial."""
    unit.open("/")
    unit.sees("研究生反映没有收到补贴：银行卡换过，没有到账。")
    unit.sees("有 1 人的生活补贴低于协议约定，合作单位写了原因，请核实。")
    unit.open(page)
    expect(unit.page.locator("main table.month-table tbody tr")).to_have_count(COUNT)
    unit.sees("研究生02：800 元，约定 1,000 元。原因：事假半月。")
    unit.fill(note="已向合作单位核实。")
    unit.finish("登记核实情况")
    unit.page.get_by_role("link", name="未收到，待答复").click()
    unit.fill(handling="已请合作单位核对卡号后重发。")
    unit.finish("登记答复")


def answer(people: Any, secret: str) -> None:
    """The student reads the answer and confirms."""
    student = people(width=375)
    student.page.reload()
    student.sees("已请合作单位核对卡号后重发。")
    student.page.get_by_role("button", name="已收到").click()
    student.sees("已确认收到")


def close(partner: Any, page: str) -> None:
    """Everything is there: the month is closed."""
    partner.open(page)
    partner.click("结账")
    partner.sees("60 人")
    partner.finish("结账")
