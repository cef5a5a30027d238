"""The steps of a base's life as people take them in the browser; the stories string them together."""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from playwright.sync_api import expect

from tests.journeys.filling import go_to, saved

APPLICANT, UNIT_OFFICER, PARTNER = "shenbao1", "yanyuan1", "qiye1"
OFFICER, LEADER = "jingban1", "shenpi1"
EXPERTS = ("zhuanjia1", "zhuanjia2", "zhuanjia3")
OPINIONS = (
    "category_opinion", "partner_opinion", "reason_opinion", "results_opinion", "prospects_opinion", "contribution_opinion",
)  # fmt: skip


FILLED = "老年护理研究生联合培养基地"


def declare(people, name: str, today: date) -> None:
    """A professor gives a filled-in application its name, is kept from declaring too early, and declares."""
    applicant = people(APPLICANT)
    applicant.open_base(FILLED)
    applicant.click("填写申请书")
    go_to(applicant, "封面")
    applicant.fill(name=name)
    saved(applicant)
    go_to(applicant, "前期合作")
    applicant.fill(cooperation_started_on=(today - relativedelta(years=1)).isoformat())
    saved(applicant)
    applicant.page.locator("[data-hand-in]").first.click()
    # One year of cooperation is not enough: the page says so, with the figure and the day from which it will be.
    applicant.sees("现为：1 年；要求：2 年及以上")
    applicant.open_base(name)
    applicant.sees_state("申报填报")
    applicant.click("填写申请书")
    go_to(applicant, "前期合作")
    applicant.fill(cooperation_started_on=(today - relativedelta(years=3)).isoformat())
    saved(applicant)
    applicant.begin(name, "提交申报")
    applicant.finish("提交申报")
    applicant.sees_state("已申报（待单位审核）")


def enter_holiday(people, today: date) -> tuple[date, date]:
    """The officer enters a holiday on the next weekday; returns it and the day on which a notice of five working days of today ends."""
    holiday = today + timedelta(days=1)
    while holiday.weekday() >= 5:
        holiday += timedelta(days=1)
    officer = people(OFFICER)
    officer.open("/calendar/")
    officer.fill(year=str(holiday.year), source="关于临时放假的通知", holidays=holiday.isoformat())
    officer.finish("保存年度安排")
    ends_on, left = today, 5
    while left:
        ends_on += timedelta(days=1)
        left -= ends_on.weekday() < 5 and ends_on != holiday
    return holiday, ends_on


def publish_unit_notice(people, name: str, *shown: date | str) -> None:
    """The graduate office reviews in six aspects and publishes its list; ``shown`` is what it reads before."""
    office = people(UNIT_OFFICER)
    office.open_base(name)
    office.click("填写六项审核意见")
    office.fill(**dict.fromkeys(OPINIONS, "情况属实，同意推荐。"))
    office.choose("agreed", "yes")
    office.finish("保存审核意见")
    office.open_base(name)
    office.click("发布推荐公示")
    only(office, name)
    office.click("保存并预览")
    for each in shown:
        office.sees(str(each))
    office.click("发布公示")
    office.finish("发布公示")


def recommend(people, portal, name: str, today: date) -> date:
    """The graduate office publishes, waits until the notice has ended, and recommends; returns the new date."""
    publish_unit_notice(people, name)
    office = people(UNIT_OFFICER)
    office.open_base(name)
    office.sees_state("推荐公示")
    office.sees("尚未结束")
    today = move(portal, today + timedelta(days=20))
    report(office, name)
    office.open_base(name)
    office.sees_state("已推荐（报教育厅）")
    return today


def report(office, name: str) -> None:
    """Report this base alone to the department."""
    office.open_base(name)
    office.click("推荐至教育厅")
    only(office, name)
    office.finish("报送教育厅")


def only(person, name: str) -> None:
    """Of the bases offered for a list, choose this one alone."""
    expect(person.page.locator("main input[name=bases]").first).to_be_visible()
    for box in person.page.locator("main input[name=bases]").all():
        box.set_checked(name in box.evaluate("box => (box.closest('tr') || box.parentElement).textContent"))


def move(portal, day: date) -> date:
    """Let the demo's date be that day, with the daily work of the days in between."""
    portal.run_daily(day)
    return day


def review(people, name: str, act: str, start: str | None, points: float) -> None:
    """The officer assigns three experts, they score, nobody is asked for more."""
    officer = people(OFFICER)
    officer.begin(name, act)
    for expert in EXPERTS:
        officer.page.locator("main").get_by_label(people.full_name(expert)).check()
    officer.finish(act)
    if start:
        officer.begin(name, start)
        officer.finish(start)
    for expert in EXPERTS:
        score(people(expert), name, points)


def score(expert, name: str, share: float) -> None:
    """An expert fills in the sheet with this share of the full marks, and hands it in."""
    expert.open("/reviews/")
    row = expert.page.locator("main tr, main li").filter(has_text=name).filter(has_text="待评审")
    row.get_by_role("link").first.click()
    expert.page.locator("main input[name=free-pledge]").check()
    expert.page.get_by_role("button", name="声明无利害关系，开始评审").click()
    expect(expert.page.locator("#sheet-form")).to_be_visible()
    for field in expert.page.locator("main input[name^=points_]").all():
        field.fill(f"{round(float(field.get_attribute('data-max') or 0) * share * 2) / 2:g}")
    expert.fill(comment="材料扎实，双方投入有据可查，建议加强过程考核的记录。")
    expert.page.locator("main .form-buttons button[name=do][value=submit]").click()
    expert.page.locator("main input[name=pledge]").check()
    expert.finish("提交并锁定")
    expert.sees_success()


def shortlist(officer, name: str) -> None:
    """On the ranking of the round this base alone is chosen, by hand and with a reason, and the list adopted."""
    officer.open_base(name)
    officer.click("列入初步名单")
    officer.page.locator("main table.ranking tr").filter(has_text=name).get_by_role("link", name="人工调整").click()
    officer.choose("chosen", "yes")
    officer.fill(reason="评审会议建议列入。")
    officer.finish("保存调整")
    officer.click("确定初步名单")
    officer.sees("评审会议建议列入。")
    for box in officer.page.locator("main input[name=accept_missing]").all():
        box.check()
    officer.finish("确定初步名单")


def recognise(people, portal, name: str, today: date) -> date:
    """Preliminary list, deliberation, the department's notice, recognition, document; returns the publication date."""
    officer, leader = people(OFFICER), people(LEADER)
    shortlist(officer, name)
    officer.begin(name, "登记审议纪要")
    officer.fill(held_on=today.isoformat(), conclusion="同意列入拟认定名单。")
    officer.finish("登记审议纪要")
    officer.open_base(name)
    officer.click("起草认定公示")
    only(officer, name)
    officer.click("保存并预览")
    officer.click("提交审批")
    officer.finish("提交审批")
    leader.open_base(name)
    leader.click("审批认定公示")
    leader.click("批准并发布")
    leader.finish("发布公示")
    leader.open_base(name)
    leader.sees_state("认定公示")
    today = move(portal, today + timedelta(days=20))
    leader.begin(name, "予以认定")
    leader.finish("予以认定")
    officer.begin(name, "登记认定文件")
    only(officer, name)
    officer.fill(document_date=today.isoformat(), published_on=(today + timedelta(days=1)).isoformat())
    officer.click("登记认定文件")
    officer.sees("还没有到，请在文件公布后登记")
    only(officer, name)
    officer.fill(published_on=today.isoformat())
    officer.finish("登记认定文件")
    officer.open_base(name)
    officer.sees_state("建设中")
    officer.sees((today + relativedelta(years=3)).isoformat())
    return today


def assess(people, name: str, points: float, grade: str, applicant: str = APPLICANT) -> None:
    """Self-assessment, experts, proposal by the officer, decision by the leader."""
    people(applicant).begin(name, "提交自评报告")
    people(applicant).fill(report="三年来共接收研究生四十名，双导师全部配备，产出专利三项。")
    people(applicant).finish("提交自评报告")
    review(people, name, "分配考核专家", None, points)
    officer, leader = people(OFFICER), people(LEADER)
    officer.begin(name, "拟定考核等级")
    officer.finish("拟定考核等级")
    leader.begin(name, "决定考核等级")
    expect(leader.page.locator(f"main input[name=grade][value={grade}]")).to_be_checked()
    leader.finish("决定考核等级")
