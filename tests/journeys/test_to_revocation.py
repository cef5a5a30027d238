"""Bases on the way to 撤销: a notice across a holiday with an objection, an incident, a failed 复评, an absence, a leave of one's own will."""

from datetime import date, timedelta

import pytest

from portal.typesetting import chinese_date
from tests.journeys.papers import download, looked_at
from tests.journeys.steps import (
    APPLICANT,
    LEADER,
    OFFICER,
    UNIT_OFFICER,
    assess,
    declare,
    enter_holiday,
    move,
    publish_unit_notice,
    recognise,
    report,
    review,
)  # fmt: skip

pytestmark = pytest.mark.browser


def test_a_second_round_for_the_same_year_is_refused_and_the_next_year_opens(portal, people):
    today, officer = portal.today(), people(OFFICER)
    officer.open("/rounds/new/")
    dates = {"opens_on": today, "closes_on": today + timedelta(days=5), "recommend_by": today + timedelta(days=40)}
    officer.fill(year=str(today.year), **{name: day.isoformat() for name, day in dates.items()})
    officer.page.locator("main form button[type=submit]").last.click()
    officer.sees("该年度已有申报批次。按第五条，申报工作每年开展一次。")
    year = today.year + 1
    officer.fill(
        year=str(year),
        opens_on=f"{year}-03-01",
        closes_on=f"{year}-04-30",
        recommend_by=f"{year}-06-30",
    )
    officer.page.locator("main form button[type=submit]").last.click()
    officer.sees_success()
    officer.sees(f"{year} 年度申报批次")


def test_an_objection_stops_a_base_on_a_notice_across_a_holiday_and_an_incident_ends_it(portal, people, tmp_path):
    """Every button is double-clicked: each act is done once all the same."""
    name, today = "穹庐大学储能联合培养基地", portal.today()
    for username in (APPLICANT, UNIT_OFFICER, OFFICER, LEADER):
        people(username).impatient = True
    holiday, ends_on = enter_holiday(people, today)
    declare(people, name, today)
    publish_unit_notice(people, name, holiday, "放假，不计入", ends_on)
    office = people(UNIT_OFFICER)

    public = people(width=375)
    public.open("/public/notices/?state=running")
    public.page.locator("main a", has_text=people.unit_of(UNIT_OFFICER)).first.click()
    public.sees(ends_on.isoformat())
    notice = public.page.url.removeprefix(portal.url)
    public.page.reload()
    paper = download(public, public.page.locator("main a", has_text="下载公示正式文本"))
    looked_at(paper, tmp_path, name, "附件", "受理部门", "监督部门", chinese_date(today), chinese_date(ends_on))
    public.page.locator("main a", has_text="提出异议").first.click()
    public.fill(name="匿", phone="123", grounds="不好")
    public.page.locator("main select[name=base]").select_option(label=name)
    public.click("提交异议")
    public.sees("匿名异议不予受理")
    public.sees("手机号应为 11 位")
    public.fill(name="李举报", phone="13900000000", grounds="合作单位近三年发生过安全事故，申请书没有写明。")
    public.page.locator("main input[name=consent]").check()
    public.attach("evidence", "事故通报.pdf")
    public.sees("人机验证已完成，可以提交。")
    public.click("提交异议")
    public.sees("异议已提交")
    public.fits()
    number, code = public.page.locator("main dd strong").all_inner_texts()

    today = move(portal, today + timedelta(days=20))
    office.open_base(name)
    office.sees("本基地有 1 件异议尚未办结，办结前不能继续。")
    desk = notice.replace("/public/", "/desk/")
    office.open(desk)
    office.sees("还有 1 件异议没有办结，请先办结。")
    office.open("/objections/")
    office.page.locator("main tr", has_text=name).get_by_role("link").first.click()
    for act, given in (
        ("受理", {}),
        ("登记调查记录", {"people": "经办两人", "content": "查阅安全生产监管部门的事故通报。"}),
        ("作出结论", {"findings": "经核查，事故发生在十年前，与本基地无关。"}),
        ("书面答复", {}),
    ):
        office.click(act)
        if act == "登记调查记录":
            office.choose("kind", "papers")
        if act == "作出结论":
            office.choose("outcome", "dismissed")
            office.click(act)
            office.sees("请填写这一项。")
        office.fill(**given)
        office.finish(act)
    office.click("查看异议人信息")
    office.sees("李举报")

    public.open("/public/objections/")
    public.fill(number=number, code=code)
    public.click("查询")
    public.sees("经核查，事故发生在十年前，与本基地无关。")
    assert code not in public.page.url
    button = public.page.get_by_role("button", name="下载书面答复（PDF）")
    for _time in range(20):
        if button.is_visible():
            break
        public.page.wait_for_timeout(1500)  # the worker needs a moment; people ask again
        public.open("/public/objections/")
        public.fill(number=number, code=code)
        public.click("查询")
    with public.page.expect_download() as answer:
        button.click()
    looked_at(answer.value.path().read_bytes(), tmp_path, number, "经核查，事故发生在十年前，与本基地无关。")

    office.open(desk)
    office.click("办结公示")
    office.sees("异议不成立")
    office.finish("办结公示")
    report(office, name)
    letter = download(office, office.page.locator("main a", has_text="报送函").first)
    number = looked_at(letter, tmp_path, name, "没有成立的异议")
    public.open(f"/verify/{number}/")
    public.sees("真实有效")
    public.page.locator("main input[name=file]").set_input_files(
        {"name": "函.pdf", "mimeType": "application/pdf", "buffer": letter}
    )
    public.click("上传并比对")
    public.sees("上传的文件与签发的原文件完全一致")
    office.open_base(name)

    review(people, name, "分配评审专家", "启动专家评审", 0.8)
    recognise(people, portal, name, today)

    office.begin(name, "报告重大事项")
    office.fill(
        happened_on=portal.today().isoformat(), description="合作单位停产。", measures="研究生全部返校，由学院负责。"
    )
    office.finish("报告重大事项")
    officer, leader = people(OFFICER), people(LEADER)
    officer.begin(name, "研判重大事项")
    officer.choose("can_continue", "no")
    officer.fill(finding="合作单位已停产，确无法继续联合培养。")
    officer.finish("研判重大事项")
    leader.begin(name, "撤销基地")
    leader.sees("撤销后不能恢复")
    leader.fill(reason="经研判确无法继续。")
    leader.finish("撤销基地")
    leader.sees_state("已撤销")
    assert leader.acts_of(name) == [
        "提交申报", "发布推荐公示", "推荐至教育厅", "启动专家评审", "列入初步名单", "发布认定公示", "予以认定",
        "发文立项，进入建设期", "撤销基地",
    ]  # fmt: skip


def test_a_base_that_fails_its_reassessment_is_revoked(portal, people):
    leader = people(LEADER)
    name = leader.first_base_in("rectifying")
    leader.open_base(name)
    ends_on = leader.page.locator(".line-list li", has_text="整改期届满").locator(".date").inner_text()
    move(portal, date.fromisoformat(ends_on))
    leader.open_base(name)
    leader.sees_state("复评中")
    assess(people, name, 0.4, "failed", applicant=people.applicant_of(leader, name))
    leader.open_base(name)
    leader.sees_state("复评中")
    leader.sees("整改期满复评不合格")
    leader.begin(name, "撤销基地")
    leader.fill(reason="复评不合格，依第十九条撤销。")
    leader.finish("撤销基地")
    leader.sees_state("已撤销")
    assert leader.acts_of(name)[-3:] == ["评定为不合格", "启动复评", "撤销基地"]


def test_a_base_that_hands_in_no_report_is_proposed_and_revoked_for_absence(portal, people):
    leader = people(LEADER)
    name = leader.first_base_in("constructing")
    leader.open_base(name)
    due = leader.page.locator(".line-list li", has_text="启动建设成效考核").locator(".date").inner_text()
    report = portal.run_daily(date.fromisoformat(due) + timedelta(days=90))
    assert name in [entry["name"] for entry in report["proposed"]]
    leader.begin(name, "撤销基地")
    leader.sees("未按规定参加考核")
    leader.fill(reason="逾期未交自评报告，经催告仍未提交。")
    leader.finish("撤销基地")
    leader.sees_state("已撤销")
    assert "均与写入时一致" in portal.command("verify_history")
