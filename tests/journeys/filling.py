"""Filling in a 申请书 in the browser, section by section, as a professor does it."""

from datetime import date

from dateutil.relativedelta import relativedelta
from playwright.sync_api import expect

from applications import paper
from applications.services import roster
from portal import spreadsheets

PASTE = """(cell, text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  cell.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""
NEEDED_FILES = [kind.key for kind in paper.FILE_KINDS if kind.needed]


def go_to(person, title: str) -> None:
    """Open a section from the side bar."""
    person.page.locator(".draft-places > li > a", has_text=title).first.click()
    expect(person.page.locator("main h2").first).to_contain_text(title)


def saved(person) -> None:
    """The page says that everything was kept."""
    expect(person.page.locator("main [data-saved][data-state=saved]").first).to_be_visible()


def paste(person, table: str, *lines: str) -> None:
    """Copy rows out of Excel and paste them into the first cell of a table's new row."""
    section = person.page.locator(f"[data-table={table}]")
    rows = section.locator("tbody tr")
    if rows.count() == 0 or not section.locator("tbody tr[data-blank]").count():
        section.locator("[data-add]").click()
    cell = rows.last.locator("input:not([type=hidden]), select, textarea").first
    cell.evaluate(PASTE, "\n".join(lines) + "\n")


def fill_cover(person) -> None:
    """The unit's first category, the first partner, a league, an industry."""
    for name in ("category", "partner"):
        person.page.locator(f"main select[name={name}]").select_option(index=1)
    person.page.locator("main select[name=division]").select_option(label="呼和浩特市")
    person.fill(priority_industry="现代能源")
    saved(person)


def fill_basics(person) -> None:
    """Who leads, who is in charge, how the category stands."""
    for side, phone in (("unit_leader", "13900000001"), ("partner_leader", "13900000002")):
        person.fill(
            **{
                f"{side}_name": "云景行", f"{side}_post": "主任", f"{side}_title": "正高级", f"{side}_phone": phone,
                f"{side}_email": "someone@example.invalid",
            }
        )  # fmt: skip
    person.fill(
        contact_name="苏日娜", contact_phone="13900000003", contact_email="contact@example.invalid",
        partner_office="研究生工作室", partner_office_head="乌兰 主任", college="信息学院", authorised_year="2015", level="硕士",
        enrolled_1="86", enrolled_2="78", enrolled_3="70", graduated_1="30", graduated_2="27", graduated_3="25",
    )  # fmt: skip
    saved(person)


def fill_partner(person) -> None:
    """Size, people, money, place and safety of the partner, with three tables out of Excel."""
    page = person.page
    page.locator("main select[name=sector]").select_option(value="65")
    size = page.locator("main select[name=size]")
    if size.is_visible():
        size.select_option(label="大型")
    person.fill(
        founded_on="2003-05-18", legal_representative="那日松", address="云谷产业园 8 号", staff="1260", technical_staff="410",
        senior_staff="96", revenue_1="86000", revenue_2="81500", revenue_3="77200", research_1="3900", research_2="3550",
        research_3="3120", site_area="320.5", capacity="20", lodging="公寓四人间。", safety_rules="入场三级安全教育。",
    )  # fmt: skip
    for question in ("had_accident", "had_dishonesty", "had_penalty"):
        page.locator(f"#id_{question}").get_by_label("无", exact=True).check()
    paste(person, "platforms", "企业技术中心\t自治区级\t自治区工信部门\t2018")
    paste(person, "equipment", "算力服务器\t八卡\t3\t420", "网络测试台\t\t1\t86.5")
    expect(page.locator("[data-table=equipment] [data-sum=value]")).to_have_text("506.5")
    paste(person, "projects", "算力调度研究\t企业自立\t4\t调度策略设计与验证。", "运维知识库\t横向课题\t6\t故障诊断。")
    saved(person)


def fill_cooperation(person, today: date) -> None:
    """Three years of cooperation, an agreement, what both sides gave."""
    started = today - relativedelta(years=3)
    person.fill(cooperation_started_on=started.isoformat())
    until = today + relativedelta(years=5)
    paste(
        person,
        "agreements",
        f"联合培养协议\t校企〔{started.year}〕12号\t{started:%Y/%m/%d}\t{until.year}年{until.month}月{until.day}日",
    )
    year = started.year + 1
    paste(
        person, "contributions", f"{year}\t培养单位\t经费\t12\t实践经费\t记账凭证", f"{year}\t合作单位\t场地\t1,020.5\t实践场地折算\t",
        f"{year}\t合作单位\t设备\t8\t实践设备折算\t",
    )  # fmt: skip
    saved(person)


def roster_file(today: date, category: str, count: int, *, spoil: bool = False) -> dict[str, object]:
    """A roster in Excel; a spoilt one has a wrong date and an ID-card number in it."""
    entered = today - relativedelta(years=2)
    rows = [
        {
            "name": f"研究生{n}", "number": f"2023{n:05d}", "category_name": category, "field": "", "level": "硕士", "mode": "全日制",
            "campus_mentor": "云景行", "industry_mentor": "郝润泽", "entered_on": entered, "left_on": None, "project": "算力调度研究",
            "thesis": "调度策略研究", "graduation_year": None, "destination": "",
        }
        for n in range(1, count + 1)
    ]  # fmt: skip
    if spoil:
        rows[1]["entered_on"] = "去年秋天"
        rows[2]["project"] = "150102199001010019"
    columns = [
        spreadsheets.Column(key=column.key, label=str(column.label), max_length=200) for column in roster.columns(today)
    ]
    texts = [{key: str(value or "") for key, value in row.items()} for row in rows]
    mime = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return {"name": "名单.xlsx", "mimeType": mime, "buffer": spreadsheets.workbook("名单", columns, texts)}


def import_roster(person, file: dict[str, object]) -> None:
    """Upload a roster to be checked."""
    person.page.locator("main input[type=file]").first.set_input_files(file)
    person.click("上传并检查")


def fill_mentors(person, today: date) -> None:
    """Mentors of both sides, pasted."""
    until = (today + relativedelta(years=2)).isoformat()
    paste(person, "campus_mentors", "云景行\t信息学院\t正高级\t算力网络\t3", "白予安\t信息学院\t副高级\t运维\t2")
    paste(person, "industry_mentors", f"郝润泽\t云谷公司\t总工程师\t正高级\t硕士研究生\t15\t校聘〔2023〕1号\t{until}")
    saved(person)


def fill_plan(person) -> None:
    """The eight texts; the last may stay open."""
    texts = ("reason", "results", "goals", "training_mode", "dual_mentors", "rules", "prospects")
    person.fill(**dict.fromkeys(texts, "双方合作多年，共建实验室，按计划共同培养研究生。"))
    saved(person)


def fill_budget(person) -> None:
    """Three years of targets and what both sides pay."""
    page = person.page
    for row in page.locator("[data-table=year_targets] tbody tr").all():
        for cell, text in zip(
            row.locator("input:not([type=hidden]), textarea").all(),
            ("完善制度，接收研究生。", "10", "2", "5", "1", "2"),
            strict=True,
        ):
            cell.fill(text)
    paste(
        person,
        "budget_lines",
        "差旅费\t培养单位\t3\t3\t3\t",
        "保险费\t合作单位\t1\t1\t1\t",
        "其他\t合作单位\t6\t6\t6\t研究生生活补贴",
    )
    expect(page.locator("[data-table=budget_lines] [data-sum=year_1]")).to_have_text("10")
    saved(person)


def upload(person, kind: str) -> None:
    """One attachment of a kind."""
    card = person.page.locator(f"#file_{kind}")
    name = f"{kind}.pdf"
    person.page.locator(f"#id_file_{kind}").set_input_files(
        {"name": name, "mimeType": "application/pdf", "buffer": person.pdf(name)}
    )
    card.get_by_role("button", name="上传", exact=True).click()
    expect(card.locator(".attachment-files")).to_contain_text(name)
