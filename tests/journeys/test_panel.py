"""第八条（三）（四）: a review of twelve applications by nine experts with conflicts, from the pool of experts to recognition."""

import io
import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from openpyxl import Workbook
from playwright.sync_api import expect

from tests.factories import PASSWORD
from tests.journeys.panel import UNITS
from tests.journeys.steps import LEADER, OFFICER, move

pytestmark = pytest.mark.browser

# Name, employer, sector, categories: two employers take part in the round themselves, and one person is asked not to come.
EXPERTS = [
    ("程远山", "西北工业研究院", "科研院所", "0855"),
    ("何清源", "华东能源大学", "高校", "0854、0855"),
    ("罗书恒", "北方农业科学院", "科研院所", "0951"),
    ("邓文博", "中部师范大学", "高校", "0451"),
    ("曹立新", "东部电力装备集团", "行业企业", "0855"),
    ("彭海涛", "南方软件股份有限公司", "行业企业", "0854"),
    ("蒋雨桐", "沿海乳业集团", "行业企业", "0951"),
    ("沈思齐", "松原装备制造有限公司", "行业企业", "0855"),
    ("韩若谷", "河套农业大学", "高校", "0951"),
]
HEADINGS = ("姓名", "工作单位", "单位性质", "职称", "熟悉的专业学位类别", "手机")


def roster() -> bytes:
    """The office's list of experts as Excel."""
    book, out = Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    sheet.append(HEADINGS)
    for number, (name, employer, sector, categories) in enumerate(EXPERTS):
        sheet.append([name, employer, sector, "教授", categories, f"1390000000{number}"])
    book.save(out)
    return out.getvalue()


def run(portal: Any, words: str) -> str:
    """What somebody else does, beside the browser."""
    code = f"from datetime import date; from tests.journeys import panel; panel.{words}"
    return str(portal.command("shell", "--verbosity", "0", "--command", code))


def test_a_review_of_twelve_applications_by_nine_experts_ends_in_recognition(portal, people):
    today = date(portal.today().year + 1, 2, 1)
    move(portal, today + timedelta(days=20))
    printed = run(portal, f"prepare({iso(today)})").splitlines()
    portal.printed += printed
    made = json.loads(printed[-1])
    round_, names = made["round"], sorted(made["bases"])
    today += timedelta(days=20)
    officer, leader = people(OFFICER), people(LEADER)

    import_experts(officer)
    portal.printed += run(portal, f"accept({[name for name, *_ in EXPERTS[1:]]!r}, {iso(today)})").splitlines()
    first = accept_in_the_browser(people, officer, EXPERTS[0][0])
    avoid(people("leader2"), made["bases"]["教师发展联合培养基地"], EXPERTS[3])

    assign(officer, portal, round_)
    assert barred_pairs(portal, round_) == []
    begin_review(officer, round_)
    left, replaced = score_one_and_recuse_one(first)
    replace(officer, round_, replaced)
    run(portal, f"score({round_}, {iso(today)}, {EXPERTS[0][0]!r})")

    see_who_waits(officer, round_, left)
    run(portal, f"score({round_}, {iso(today)})")
    see_the_ranking(officer, first, round_)
    refer(officer, round_)
    hold(officer, round_, "review", today)
    chosen = cut_off_and_adopt(officer, round_)
    assert len(chosen) == 8
    hold(officer, round_, "deliberation", today)

    publish(officer, leader, round_, chosen)
    today = move(portal, today + timedelta(days=20))
    leader.begin(chosen[0], "予以认定")
    leader.finish("予以认定")
    run(portal, f"recognise({round_}, {iso(today)})")
    register(officer, chosen)
    tell_the_others(officer, people, round_, [name for name in names if name not in chosen])
    unit = people("graduate0")
    unit.open("/")
    unit.sees("请会同合作单位按第十条修订联合培养协议并提交")


def iso(day: date) -> str:
    """A date as the command reads it."""
    return f"date({day.year}, {day.month}, {day.day})"


def import_experts(officer: Any) -> None:
    """The office's list goes in as a whole, checked first."""
    officer.open("/experts/import/")
    file = {
        "name": "专家.xlsx",
        "mimeType": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "buffer": roster(),
    }
    officer.page.locator("main input[type=file]").set_input_files(file)
    officer.click("上传并检查")
    officer.finish("写入 9 位专家")


def accept_in_the_browser(people: Any, officer: Any, name: str) -> Any:
    """The officer makes a link; the invited person opens it, sets up the account and signs in. The link works once."""
    officer.open(f"/experts/?q={name}")
    officer.page.locator("main").get_by_role("link", name=name).first.click()
    officer.page.locator("main").get_by_role("link", name=re.compile("邀请")).first.click()
    officer.click("生成邀请链接")
    link = officer.page.locator("#link").input_value()
    visitor = people(width=375)
    visitor.page.goto(link)
    visitor.fits()
    visitor.fill(username="chengyuanshan", password=PASSWORD, again=PASSWORD)
    visitor.page.locator("main input[name=consent]").check()
    visitor.click("接受邀请")
    visitor.sees("chengyuanshan")
    visitor.page.goto(link)
    visitor.sees("已经")
    people.portal.printed.append(f"chengyuanshan {PASSWORD} {name} expert")
    return people("chengyuanshan")


def avoid(applicant: Any, base: int, expert: tuple[str, ...]) -> None:
    """The applicant names whom to avoid."""
    applicant.open(f"/bases/{base}/")
    applicant.page.locator("main").get_by_role("link", name=re.compile("回避")).first.click()
    fields = applicant.page.locator("main form fieldset").first
    fields.locator("input").nth(0).fill(expert[0])
    fields.locator("input").nth(1).fill(expert[1])
    fields.locator("textarea, input").nth(2).fill("与申报团队存在科研竞争关系。")
    applicant.finish("保存")


def assign(officer: Any, portal: Any, round_: int) -> None:
    """A proposal is computed, explains itself, and is applied as a whole."""
    officer.open(f"/rounds/{round_}/review/")
    officer.click("拟定分配方案")
    computed(officer, "计算方案")
    expect(officer.page.locator("main tbody tr").first).to_be_visible()
    officer.click("确认方案")
    officer.page.locator("main .form-buttons button[type=submit]").first.click()
    officer.sees_success()


def computed(officer: Any, button: str) -> None:
    """The plan is asked for, and looked at once the worker has it."""
    officer.click(button)
    officer.page.get_by_role("link", name="核对分配方案").click(timeout=180_000)
    expect(officer.page.get_by_role("link", name="确认方案")).to_be_visible()


def barred_pairs(portal: Any, round_: int) -> list[Any]:
    """Who sits on a panel against a rule; nobody should."""
    code = (
        "from applications.models import Assignment; from applications.services import recusals; from datetime import date; import json;"
        f"a = list(Assignment.objects.filter(panel__application__round={round_}).select_related('expert', 'panel__base'));"
        "c = recusals.conflicts([x.expert for x in a], [x.panel.base for x in a], date.today());"
        "print(json.dumps([[len(a), sorted({n for n in map(str, [x.panel_id for x in a])}).__len__()],"
        "[x.pk for x in a if (x.expert_id, x.panel.base_id) in c]]))"
    )
    (assigned, panels), barred = json.loads(portal.command("shell", "--verbosity", "0", "--command", code))
    assert (assigned, panels) == (60, 12)
    return list(barred)


def begin_review(officer: Any, round_: int) -> None:
    """All dossiers go out at once."""
    officer.open(f"/rounds/{round_}/review/")
    officer.click("启动评审")
    officer.page.locator("main .form-buttons button[type=submit]").first.click()
    officer.sees_success()


def score_one_and_recuse_one(expert: Any) -> tuple[int, str]:
    """An expert declares, scores by keyboard and hands in; from another panel they withdraw. Returns what is left, and that base."""
    expert.open("/reviews/")
    links = expert.page.locator("main tbody a.btn, main tbody th a")
    assert links.count() > 1
    expert.page.locator("main tbody th a").first.click()
    expert.page.locator("main input[name=free-pledge]").check()
    expert.click("声明无利害关系，开始评审")
    fields = expert.page.locator("main input[name^=points_]")
    fields.first.focus()
    for number in range(fields.count()):
        most = float(fields.nth(number).get_attribute("data-max") or 0)
        expert.page.keyboard.type(f"{round(most * 0.9):g}")
        expert.page.keyboard.press("Enter")
    expert.fill(comment="建设目标清楚，双方投入有据可查，建议细化过程考核的记录和导师互聘办法。")
    expect(expert.page.locator("[data-sheet-left]")).to_have_text("各项都已评分")
    expert.page.locator("main .form-buttons button[name=do][value=submit]").click()
    expert.page.locator("main input[name=pledge]").check()
    expert.finish("提交并锁定")
    expert.open("/reviews/")
    rows = expert.page.locator("main tbody tr", has_text="待评审")
    left = rows.count()
    link = rows.first.locator("th a")
    name = link.inner_text()
    link.click()
    form = expert.page.locator("main form", has=expert.page.locator("input[value=recuse]"))
    form.locator("select").select_option(index=1)
    form.locator("input[name$=reason], textarea").first.fill("曾任该公司技术顾问。")
    expert.click("回避本项评审")
    expert.sees_success()
    return left - 1, name


def replace(officer: Any, round_: int, name: str) -> None:
    """Whoever withdrew is replaced; nothing else changes."""
    officer.open(f"/rounds/{round_}/review/")
    officer.page.locator("main .page-actions, main, header").get_by_role("link", name=re.compile("补派")).first.click()
    computed(officer, "计算方案")
    officer.sees(name)
    officer.click("确认方案")
    officer.page.locator("main .form-buttons button[type=submit]").first.click()
    officer.sees_success()


def see_who_waits(officer: Any, round_: int, left: int) -> None:
    """While sheets are missing an application has no place, and nobody reads what was handed in."""
    officer.open(f"/rounds/{round_}/ranking/")
    waiting = officer.page.locator("section", has=officer.page.get_by_role("heading", name="评分表没有收齐"))
    expect(waiting.locator("tbody tr")).to_have_count(left)
    waiting.locator("tbody a").first.click()
    expect(officer.page.locator("main")).to_contain_text("评分表全部收齐之后，这里才显示总分和意见")


def see_the_ranking(officer: Any, expert: Any, round_: int) -> None:
    """All twelve have their place, for the department alone."""
    officer.open(f"/rounds/{round_}/ranking/")
    expect(officer.page.locator("table.ranking tbody tr")).to_have_count(12)
    expert.open(f"/rounds/{round_}/ranking/")
    expert.sees("不能打开这个页面")


def register(officer: Any, chosen: list[str]) -> None:
    """The recognition document of all eight; their construction begins."""
    officer.open("/documents/recognition/new/")
    for box in officer.page.locator("main input[name=bases]").all():
        row = box.evaluate("box => box.closest('tr').textContent")
        box.set_checked(any(name in row for name in chosen))
    officer.finish("登记认定文件")
    officer.open_base(chosen[0])
    officer.sees_state("建设中")


def refer(officer: Any, round_: int) -> None:
    """What the experts disagree on goes to the meeting."""
    officer.open(f"/rounds/{round_}/ranking/")
    button = officer.page.get_by_role("button", name="提交会议审议").first
    button.click()
    officer.sees_success()


MEMBERS = "周正国，自治区教育厅，主持\n孙月明，北疆研究院，委员\n李承志，华北大学，委员\n吴兰，自治区教育厅，记录"


def hold(officer: Any, round_: int, kind: str, today: date) -> None:
    """A meeting with members, attendance, votes and conclusion; its minutes are set."""
    officer.open(f"/rounds/{round_}/meetings/new/?kind={kind}")
    officer.fill(held_on=today.isoformat(), place="教育厅三楼会议室")
    officer.click("保存，下一步登记成员")
    officer.page.locator("main textarea[name=text]").fill(MEMBERS)
    officer.click("加入名单")
    for box in officer.page.locator("main [data-present]").all():
        if box.is_visible():
            box.check()
    officer.click("保存成员与出席")
    officer.page.locator("main, header").get_by_role("link", name=re.compile("表决")).first.click()
    officer.click("全部同意")
    officer.page.get_by_role("link", name="返回会议，核对后结束").click()
    officer.click("结束会议")
    for name in ("conclusion",):
        field = officer.page.locator(f"main [name={name}]")
        if field.count():
            field.fill("会议同意上述意见。")
    officer.page.locator("main .form-buttons button[type=submit]").first.click()
    officer.sees_success()
    expect(officer.page.get_by_role("link", name=re.compile("纪要")).first).to_be_visible(timeout=180_000)


def cut_off_and_adopt(officer: Any, round_: int) -> list[str]:
    """The cut-off is moved with its effect shown, one place is changed by hand with its reason, and the list adopted."""
    officer.open(f"/rounds/{round_}/ranking/")
    officer.page.locator("main [name=by]").select_option("count")
    officer.page.locator("main [name=at]").fill("8")
    officer.sees("12 项中 8 项入选，尚未保存")
    officer.page.get_by_role("button", name=re.compile("保存")).first.click()
    officer.sees_success()
    rows = officer.page.locator("table.ranking tbody tr")
    change_by_hand(officer, rows.nth(7).locator("th").inner_text().splitlines()[0], "no")
    change_by_hand(officer, rows.nth(8).locator("th").inner_text().splitlines()[0], "yes")
    officer.click("确定初步名单")
    chosen = officer.page.locator("section", has=officer.page.locator("#chosen-title")).locator("li")
    texts = [
        re.sub(r"^\d+\. ", "", text.split(" 松")[0].split(" 河")[0].split(" 阴")[0])
        for text in chosen.all_inner_texts()
    ]
    officer.page.locator("main select[name=meeting]").select_option(index=1)
    officer.finish("确定初步名单")
    return [text.split("基地")[0] + "基地" for text in texts]


def change_by_hand(officer: Any, name: str, value: str) -> None:
    """On the list or off it, with the reason."""
    row = officer.page.locator("table.ranking tbody tr").filter(has_text=name)
    row.get_by_role("link", name="人工调整").click()
    officer.choose("chosen", value)
    officer.fill(reason="会议意见：兼顾学科布局。")
    officer.finish("保存调整")


def publish(officer: Any, leader: Any, round_: int, chosen: list[str]) -> None:
    """The department's notice of those that are to be recognised."""
    officer.open_base(chosen[0])
    officer.click("起草认定公示")
    for box in officer.page.locator("main input[name=bases]").all():
        row = box.evaluate("box => (box.closest('tr') || box.parentElement).textContent")
        box.set_checked(any(name in row for name in chosen))
    officer.click("保存并预览")
    officer.click("提交审批")
    officer.finish("提交审批")
    leader.open_base(chosen[0])
    leader.click("审批认定公示")
    leader.click("批准并发布")
    leader.finish("发布公示")


def tell_the_others(officer: Any, people: Any, round_: int, left_out: list[str]) -> None:
    """The four that were left out are not recognised, and each hears it in a letter with the experts' words and no name."""
    officer.open(f"/rounds/{round_}/letters/")
    officer.click("对未列入名单的不予认定")
    for name in left_out:
        officer.sees(name)
    officer.fill(reason="综合得分未达到本年度初步名单的入选分数线。")
    officer.finish("全部不予认定")
    officer.finish("登记并发出通知")
    officer.sees("已登记 4 份评审结果通知")
    told = officer.page.locator("main tbody tr", has_text=left_out[0]).locator("td").first.inner_text()
    unit = people(f"graduate{UNITS.index(told)}")
    unit.open(f"/desk/documents/?q={left_out[0]}")
    unit.page.locator("main tbody a").first.click()
    expect(unit.page.locator("main")).to_contain_text("建议继续完善导师互聘和过程考核")
    body = unit.page.locator("main").inner_text()
    assert [name for name, *_ in EXPERTS if name in body] == []
