"""The 申请书 in the browser: filled in whole with an interruption in the middle, stopped by each hard check of 第七条, shared by two."""

import pytest
from dateutil.relativedelta import relativedelta
from playwright.sync_api import expect

from tests.journeys import filling
from tests.journeys.filling import go_to, saved
from tests.journeys.steps import APPLICANT

pytestmark = pytest.mark.browser

COLLEAGUE = "duojuese"
FILLED = "老年护理研究生联合培养基地"


@pytest.mark.article("8(1)")
def test_the_whole_paper_is_filled_in_interrupted_gone_on_with_and_declared(portal, people):
    today, professor = portal.today(), people(APPLICANT)
    name = "穹庐大学—千帆云谷算力网络研究生联合培养基地"
    professor.open("/bases/")
    professor.click("新建申报")
    professor.fill(name=name)
    professor.page.locator("main form button[type=submit]").first.click()
    filling.fill_cover(professor)
    category = professor.page.locator("main select[name=category] option:checked").inner_text()
    professor.click("保存并继续下一部分")
    filling.fill_basics(professor)
    professor.click("保存并继续下一部分")
    expect(professor.page.locator("main h2").first).to_contain_text("合作单位")
    professor.fill(address="云谷产业园 8 号")
    saved(professor)
    address = professor.page.url.removeprefix(portal.url)

    # The window is closed in the middle of a section, with nothing pressed.
    professor.page.close()
    professor.anew()
    professor.open_base(name)
    professor.click("填写申请书")
    assert professor.page.url.removeprefix(portal.url) == address
    expect(professor.page.locator("main [name=address]")).to_have_value("云谷产业园 8 号")

    filling.fill_partner(professor)
    go_to(professor, "前期合作")
    filling.fill_cooperation(professor, today)
    go_to(professor, "培养研究生名单")
    filling.import_roster(professor, filling.roster_file(today, category, 6, spoil=True))
    professor.sees("去年秋天")
    professor.sees("身份证号")
    assert professor.page.get_by_role("button", name="写入").count() == 0
    filling.import_roster(professor, filling.roster_file(today, category, 6))
    professor.click("写入 6 人（替换现有名单）")
    professor.sees("名单共 6 人")
    go_to(professor, "导师")
    filling.fill_mentors(professor, today)
    go_to(professor, "建设方案")
    filling.fill_plan(professor)
    go_to(professor, "三年计划与预算")
    filling.fill_budget(professor)
    go_to(professor, "附件与承诺")
    for kind in filling.NEEDED_FILES:
        filling.upload(professor, kind)
    expect(professor.page.locator(".draft-places")).not_to_contain_text("还缺")
    professor.open_base(name)
    professor.begin(name, "提交申报")
    professor.finish("提交申报")
    professor.sees_state("已申报（待单位审核）")
    professor.click("阅读全文和附件")
    professor.sees("算力调度研究")


HARD = {
    "category": "专业学位类别已获授权——现为：未选",
    "partner": "依托校外合作单位——现为：未选定",
}


@pytest.mark.article("7")
def test_each_hard_check_in_turn_stops_the_declaration_and_says_why(portal, people):
    today, professor = portal.today(), people(APPLICANT)

    def blocked(*sentences: str) -> None:
        professor.page.locator("[data-hand-in]").first.click()
        professor.sees("现在不能办理，原因如下")
        for sentence in sentences:
            professor.sees(sentence)
        assert professor.page.get_by_role("button", name="提交申报", exact=True).count() == 0
        professor.open_base(FILLED)
        professor.click("填写申请书")

    professor.open_base(FILLED)
    professor.click("填写申请书")
    for name, sentence in HARD.items():
        go_to(professor, "封面")
        field = professor.page.locator(f"main select[name={name}]")
        chosen = field.input_value()
        field.select_option(value="")
        saved(professor)
        blocked(sentence)
        go_to(professor, "封面")
        professor.page.locator(f"main select[name={name}]").select_option(value=chosen)
        saved(professor)

    go_to(professor, "前期合作")
    started = professor.page.locator("main [name=cooperation_started_on]").input_value()
    professor.fill(cooperation_started_on=(today - relativedelta(years=1)).isoformat())
    saved(professor)
    blocked("产学研合作年限——现为：1 年；要求：2 年及以上。")
    go_to(professor, "前期合作")
    professor.fill(cooperation_started_on=started)
    saved(professor)

    signed = professor.page.locator("[data-table=agreements] input[name$=-signed_on]").first
    day = signed.input_value()
    signed.fill("")
    saved(professor)
    blocked("已签署联合培养协议——现为：未填")
    go_to(professor, "前期合作")
    professor.page.locator("[data-table=agreements] input[name$=-signed_on]").first.fill(day)
    saved(professor)

    amounts = professor.page.locator("[data-table=contributions] tr", has=professor.page.locator("select")).all()
    given = []
    for row in amounts:
        if row.locator("select[name$=-side]").evaluate("field => field.selectedOptions[0].textContent") == "合作单位":
            amount = row.locator("input[name$=-amount]")
            given.append((amount.get_attribute("name"), amount.input_value()))
            amount.fill("0")
    saved(professor)
    blocked("双方实质性投入——现为：培养单位")
    go_to(professor, "前期合作")
    for name, amount in given:
        professor.page.locator(f"[name='{name}']").fill(amount)
    saved(professor)

    go_to(professor, "培养研究生名单")
    filling.import_roster(professor, filling.roster_file(today, "护理", 4))
    professor.click("写入 4 人（替换现有名单）")
    blocked("已联合培养本类别研究生——现为：4 人；要求：5 人及以上。")
    go_to(professor, "培养研究生名单")
    filling.import_roster(professor, filling.roster_file(today, "护理", 5))
    professor.click("写入 5 人（替换现有名单）")

    professor.begin(FILLED, "提交申报")
    professor.finish("提交申报")
    professor.sees_state("已申报（待单位审核）")
