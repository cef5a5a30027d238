"""Inbox first: what waits for each role, why, on which article, until when, and one click from the act."""

import re
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.models import Application, Assignment, ExpertProfile, Objection, PreliminaryList, PublicNotice
from applications.services import (
    assigning,
    invitations,
    notice_drafts,
    objections,
    recognising,
    recommending,
    rounds,
    rubrics,
)
from bases.lifecycle import State
from bases.models import Base
from bases.services import people
from evaluations.demo.play import OPINIONS
from evaluations.services import assessing, daily
from portal import inbox, navigation
from portal.inbox import Item
from portal.roles import Role
from tests.agreements import certified
from tests.applications.meeting import sitting
from tests.applications.ranked import scored
from tests.factories import UserFactory, World

YEAR_END = date(2026, 12, 31)


def act(base: Base, name: str) -> str:
    return reverse("act", args=[base.pk, name])


def text_of(page: str) -> str:
    """The words of a page without its tags, each run of blanks as one."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def _draft(world: World, on: date) -> list[Item]:
    base = world.draft(on)
    url = reverse("application-edit", args=[Application.objects.get(base=base).pk])
    page = reverse("base", args=[base.pk])
    return [Item("申报", base.name, "申请书尚未提交。", "8(1)", url, "继续填写", YEAR_END, page)]


def _to_review(world: World, on: date) -> list[Item]:
    base = world.declared(on)
    return [
        Item("推荐", base.name, "申请书已提交，请作六项审核。", "8(2)", act(base, "review"), "填写审核意见", YEAR_END)
    ]


def _to_publish(world: World, on: date) -> list[Item]:
    base = world.reviewed(on)
    why = "六项审核已完成，可以发布推荐公示。"
    return [Item("推荐", base.name, why, "8(2)", reverse("recommendation-list"), "发布推荐公示", YEAR_END)]


def _to_give_up(world: World, on: date) -> list[Item]:
    base = world.declared(on)
    recommending.review(base=base, acting=world.unit_officer, on=on, **OPINIONS, agreed=False)
    why = "审核结论为不同意推荐，请退回修改或者不予推荐。"
    return [Item("推荐", base.name, why, "8(2)", reverse("base", args=[base.pk]), "作出处理", YEAR_END)]


def _quotas_to_publish(world: World, on: date) -> list[Item]:
    opens = on + timedelta(days=7)
    dates = {"opens_on": opens, "closes_on": YEAR_END, "recommend_by": YEAR_END}
    opened = rounds.open_round(year=on.year, **dates, by=world.officer, on=on)
    why = "名额已测算，核对后请下达；下达之前各单位不能发布推荐公示。"
    url = reverse("quota-list", args=[opened.pk])
    return [Item("名额", "2026 年度申报批次", why, "6", url, "核对并下达名额", opens)]


def _to_recommend(world: World, on: date) -> list[Item]:
    base = world.in_unit_notice(on - timedelta(days=10))
    why = "公示已结束且无异议。"
    notice = PublicNotice.objects.get(entries__base=base)
    over = f"公示已于 {notice.ends_on} 结束，没有未办结的异议，请办结公示。"
    conclude = reverse("notice-conclude", args=[notice.pk])
    page = reverse("desk-notice", args=[notice.pk])
    return [
        Item("推荐", base.name, why, "8(2)", act(base, "recommend"), "推荐至教育厅", YEAR_END),
        Item("公示", notice.title, over, "6 8(2)", conclude, "办结公示", page=page),
    ]


def _objection(world: World, on: date) -> list[Item]:
    base = world.in_unit_notice(on)
    notice = PublicNotice.objects.get(entries__base=base)
    objections.file_objection(
        notice=notice, base=base, name="实名", phone="13800000000", grounds="材料与事实不符。", on=on
    )
    url = reverse("objection-handle", args=[Objection.objects.get().pk])
    why = "2026-11-24 收到异议，请决定是否受理，办结前该基地不能继续。还剩 3 个工作日"
    title, due = f"{base.name}（异〔2026〕1号）", date(2026, 11, 27)
    return [Item("异议", title, why, "8(2)", url, "办理异议", due, pressing=True)]


def _to_assign(world: World, on: date) -> list[Item]:
    world.recommended(on)
    return [_of_the_round(world, on, "评审", "已推荐到厅，请分配评审专家。", "8(3)", "round-review", "分配专家")]


def _of_the_round(
    world: World, on: date, group: str, why: str, article: str, page: str, button: str, n: int = 1, query: str = ""
) -> Item:
    round_ = world.round(on)
    url = reverse(page, args=[round_.pk]) + query
    return Item(group, f"2026 年度申报批次：{n} 个基地", why, article, url, button)


def _to_confirm_a_plan(world: World, on: date) -> list[Item]:
    """Experts are proposed, on no panel yet."""
    world.recommended(on)
    plan = assigning.ask(
        round_=world.round(on), scope="whole", size=3, industry_min=0, load_limit=9, by=world.officer, on=on
    )
    assigning.make(plan.pk, on.isoformat())
    why = "专家分配方案已经拟定，请核对后确认。"
    return [_of_the_round(world, on, "评审", why, "8(3)", "round-plan", "核对分配方案")]


def _answered(world: World, on: date) -> list[Item]:
    """Whoever accepted or declined within the last week is told, a day later than that no more."""
    link = {}
    for number, days in enumerate((7, 7, 1, 0, 8)):
        profile = ExpertProfile.objects.create(name=f"受邀{number}", employer=f"外省大学{number}")
        at = datetime(2026, 11, 24, 9, tzinfo=ZoneInfo("Asia/Shanghai")) - timedelta(days=days)
        link[number] = (invitations.issue(profile=profile, by=world.officer, on=on - timedelta(days=9), at=at), at)
    for number in (0, 1, 4):
        issued, at = link[number]
        address = {"employer": f"外省大学{number}", "phone": f"1390000010{number}", "email": ""}
        account = {"username": f"shouyao{number}", "password": "Bei-Shan-2026-x"}
        invitations.accept(secret=issued.secret, on=at.date(), at=at, **address, **account)
    issued, at = link[2]
    invitations.decline(secret=issued.secret, reason="没有时间。", on=at.date(), at=at)
    page = reverse("expert", args=[issued.invitation.profile_id])
    gone = "受邀2不参加评审，原因见专家页面；人手不够的，请另行邀请。"
    return [
        Item("专家库", "1 名专家谢绝了邀请", gone, "8(3)", page, "查看专家"),
        Item(
            "专家库",
            "2 名专家接受了邀请",
            "受邀0、受邀1已有账号，可以分配评审。",
            "8(3)",
            reverse("expert-list"),
            "查看专家",
        ),
    ]


def _to_start(world: World, on: date) -> list[Item]:
    base = world.recommended(on)
    recognising.assign_experts(
        base=base, acting=world.officer, on=on, experts=[expert.user for expert in world.experts[:3]]
    )
    return [_of_the_round(world, on, "评审", "专家已配齐，可以启动评审。", "8(3)", "round-review-start", "启动评审")]


def _to_rank(world: World, on: date) -> list[Item]:
    scored(world, "收齐的基地", ["80", "82", "84"])
    scored(world, "也收齐的基地", ["70", "72", "74"])
    scored(world, "没有收齐的基地", ["70", "72", None])
    why = "评分表已收齐，请在本批次排序后确定初步名单。"
    return [_of_the_round(world, on, "评审", why, "8(3)", "round-ranking", "排序与初步名单", 2)]


def _to_replace(world: World, on: date) -> list[Item]:
    """Four of five have handed in and one declined: nothing can be ranked before somebody comes in their place."""
    panel = scored(world, "有人谢绝的基地", ["80", "82", "84", "86", None]).panel
    panel.assignments.filter(status="assigned").update(status="declined", ended_reason="没有时间。")
    why = "1 个评审组有空缺待补派（专家回避、谢绝或者撤换），补派并收齐评分表之前不显示得分。"
    return [_of_the_round(world, on, "评审", why, "8(3)", "round-propose", "补派专家", query="?scope=gaps")]


def _to_deliberate(world: World, on: date) -> list[Item]:
    for _more in range(2):
        world.shortlisted(on)
    why = "已列入初步名单，请召开认定审议会；也可以在基地页面单独登记审议纪要。"
    return [_of_the_round(world, on, "认定", why, "8(4)", "round-meetings", "安排会议", 2)]


def _rubric(world: World, on: date) -> list[Item]:
    found = []
    for purpose, article in (("application", "8(3)"), ("assessment", "16")):
        draft = rubrics.draft(purpose=purpose, by=world.officer)
        why, button = "指标体系草稿合计 100 分，请核对并启用。", "核对并启用"
        url, page = reverse("rubric-put-in-force", args=[draft.pk]), reverse("rubric", args=[draft.pk])
        found.append(Item("指标体系", str(draft), why, article, url, button, page=page))
    return sorted(found, key=lambda item: item.title)


def _to_document(world: World, on: date) -> list[Item]:
    base = world.recognised(on)
    why = "已认定，请登记认定文件的公布日期。"
    return [Item("认定", base.name, why, "8(4) 12", reverse("recognition-document"), "登记文件")]


def _to_notify(world: World, on: date) -> list[Item]:
    base = world.deliberated(on)
    why, url = "审议纪要已登记，请起草认定公示。", f"{reverse('notice-new')}?kind=recognition"
    return [Item("认定", base.name, why, "8(4)", url, "起草认定公示")]


def _to_approve(world: World, on: date) -> list[Item]:
    world.deliberated(on)
    draft = notice_drafts.draft_notice(kind="recognition", round=world.round(on), by=world.officer, on=on)
    notice_drafts.submit(notice=draft, by=world.officer, on=on)
    why = "厅里经办 已提交公示稿，请审批发布或者退回。"
    return [Item("公示", draft.title, why, "8(4)", reverse("desk-notice", args=[draft.pk]), "审批公示")]


def _to_decide(world: World, on: date) -> list[Item]:
    base = world.proposed(world.assessing(on), "excellent", on)
    why = "经办拟定“优秀”，请决定。"
    return [Item("建设成效考核", base.name, why, "16 17 19", act(base, "decide-grade"), "决定等级")]


def _to_score(world: World, on: date) -> list[Item]:
    base = world.in_review(on)
    world.declare_free(base.panels.get(), on)
    sheet = Assignment.objects.get(panel__base=base, expert=world.experts[0].user)
    url = reverse("sheet", args=[sheet.pk])
    return [Item("申报评审", base.name, "请审阅材料并独立评分。", "8(3)", url, "去评分")]


def _to_declare(world: World, on: date) -> list[Item]:
    base = world.in_review(on)
    sheet = Assignment.objects.get(panel__base=base, expert=world.experts[0].user)
    url, why = reverse("review-declare", args=[sheet.pk]), "请先声明有无利害关系，再审阅材料、独立评分。"
    return [Item("申报评审", base.name, why, "8(3)", url, "去声明")]


def _to_report(world: World, on: date) -> list[Item]:
    base = world.assessing(on)
    due = on + timedelta(days=60)
    why = "建设成效考核已启动，请提交自评报告；逾期按未参加考核处理。"
    return [Item("考核", base.name, why, "15 16", act(base, "submit-report"), "提交自评报告", due)]


def _reminder(world: World, on: date) -> list[Item]:
    base = world.constructing(on - timedelta(days=3 * 365 + 1 - 30))
    daily.run(on=on)
    base.refresh_from_db(fields=["assessment_due_on"])
    assert base.assessment_due_on is not None
    url = reverse("base", args=[base.pk])
    why = "启动建设成效考核，请提前准备材料。"
    lacking = "合作单位第 1 年（至 %s）计划投入 110,000.00 元，已登记 0.00 元，还差 110,000.00 元。"
    assert base.construction_started_on is not None
    end = base.construction_started_on + relativedelta(years=1) - timedelta(days=1)
    contributions = reverse("base-contributions", args=[base.pk])
    page = reverse("base-funds", args=[base.pk])
    committee, mentors = reverse("base-committee", args=[base.pk]), reverse("base-mentors", args=[base.pk])
    ends_on = base.assessment_due_on - timedelta(days=1)
    ending = "云景行、白予安、苏和平：聘期将满，请办理续聘或者另行选聘。"
    founding = "还没有组建管理委员会，请会同对方登记任期、办公室和成员。"
    return [
        Item("导师", base.name, ending, "11", mentors, "查看", ends_on),
        Item("提醒", base.name, why, "15", url, "查看基地", base.assessment_due_on),
        Item("管委会与制度", base.name, founding, "9 11", committee, "组建管委会"),
        Item("管委会与制度", base.name, "还没有登记负责本基地的管理机构和专人。", "9 11", committee, "登记"),
        Item("管委会与制度", base.name, "还没有上传本单位针对研究生实践的管理制度。", "9 11", committee, "上传制度"),
        Item("经费", base.name, lacking % end, "12", contributions, "登记投入", page=page),
    ]


def _to_certify(world: World, on: date) -> list[Item]:
    base = world.constructing(on)
    certified.over(base, on, starts_on=on.replace(day=1))  # of a month whose entries are not due yet
    page, url = reverse("base-certificates", args=[base.pk]), reverse("certificate-write", args=[base.pk])
    due, why = on + timedelta(days=29), "1 名研究生的专业实践已经结束，请出具鉴定。"
    return [Item("专业实践鉴定", base.name, why, "10", url, "填写鉴定", due, page)]


def _without_a_role(world: World, on: date) -> list[Item]:
    user = UserFactory(username="newcomer", full_name="新来的老师")
    why = "账号已开通，还没有角色，本人办不了事。"
    return [Item("角色授权", str(user), why, "4", f"/memberships/?user={user.pk}#enter", "授予角色")]


WAITING: dict[str, tuple[str, Callable[[World, date], list[Item]]]] = {
    "an unfinished application waits for its applicant": (Role.APPLICANT, _draft),
    "a report waits for the applicant": (Role.APPLICANT, _to_report),
    "an application waits for its six aspects": (Role.UNIT_OFFICER, _to_review),
    "a reviewed application waits for the notice": (Role.UNIT_OFFICER, _to_publish),
    "an application that the unit does not agree to waits for what becomes of it": (Role.UNIT_OFFICER, _to_give_up),
    "a round waits for its quotas to be published": (Role.DEPT_OFFICER, _quotas_to_publish),
    "a notice that ended waits for the recommendation": (Role.UNIT_OFFICER, _to_recommend),
    "an objection waits for the office of the notice": (Role.UNIT_OFFICER, _objection),
    "a recommended base waits for experts": (Role.DEPT_OFFICER, _to_assign),
    "a proposal who reviews what waits to be confirmed": (Role.DEPT_OFFICER, _to_confirm_a_plan),
    "an answer to an invitation is told for a week": (Role.DEPT_OFFICER, _answered),
    "recommended bases with their experts wait for the start": (Role.DEPT_OFFICER, _to_start),
    "bases with all their sheets wait for the ranking of their round": (Role.DEPT_OFFICER, _to_rank),
    "a panel that somebody left waits for another expert": (Role.DEPT_OFFICER, _to_replace),
    "shortlisted bases wait for the deliberation of their round": (Role.DEPT_OFFICER, _to_deliberate),
    "a recognised base waits for its document": (Role.DEPT_OFFICER, _to_document),
    "a deliberated base waits for the draft of the notice": (Role.DEPT_OFFICER, _to_notify),
    "a submitted notice waits for the leader": (Role.DEPT_LEADER, _to_approve),
    "a proposed grade waits for the leader": (Role.DEPT_LEADER, _to_decide),
    "a complete rubric waits for somebody else than its drafter": (Role.DEPT_LEADER, _rubric),
    "a dossier waits for the declaration of its expert": (Role.EXPERT, _to_declare),
    "a dossier waits for the sheet of an expert who has declared": (Role.EXPERT, _to_score),
    "what comes in a month is announced to the partner": (Role.PARTNER_OFFICER, _reminder),
    "an ended practice waits for its certificate": (Role.PARTNER_OFFICER, _to_certify),
    "an account without a role waits for the security administrator": (Role.SECURITY_ADMIN, _without_a_role),
}


@pytest.mark.article("4")
@pytest.mark.parametrize(("role", "build"), WAITING.values(), ids=WAITING)
def test_what_waits(
    world: World, client: Client, on_day: Any, today: date, role: str, build: Callable[[World, date], list[Item]]
) -> None:
    expected = build(world, today)
    acting = world.everybody()[role]
    assert inbox.items(acting, today) == expected
    client.force_login(acting.user)
    page = client.get("/").text
    for item in expected:
        assert f'href="{item.url}"' in unescape(page)
        assert all(word in text_of(page) for word in (item.group, item.title, item.why, item.button))
        if item.due:
            assert f"还剩 {(item.due - today).days} 天" in text_of(page)
            assert item.due.isoformat() in page
    assert all(
        f"#art-{key.replace('(', '-').rstrip(')')}" in page for item in expected for key in item.articles.split()
    )


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SYSADMIN, Role.PARTNER_OFFICER, Role.DEPT_LEADER])
def test_where_nothing_waits_the_page_says_so_and_offers_the_ways_of_the_role(
    world: World, client: Client, role: str
) -> None:
    acting = world.everybody()[role]
    assert inbox.items(acting, date(2026, 11, 24)) == []
    client.force_login(acting.user)
    assert "现在没有等您办理的事项" in client.get("/").text


def test_nothing_of_another_unit_partner_or_expert_waits(world: World, today: date) -> None:
    world.round(today - timedelta(days=30))
    for state in (State.DECLARED, State.IN_REVIEW, State.ASSESSING):
        world.in_state(state, today)
    world.draft(today)
    strangers = [world.other_applicant, world.other_unit_officer, world.other_partner_officer, world.experts[4]]
    assert [inbox.items(stranger, today) for stranger in strangers] == [[], [], [], []]


def test_the_most_urgent_comes_first_and_what_is_late_says_so(
    world: World, client: Client, on_day: Callable[[date], None], today: date
) -> None:
    draft, assessed = world.draft(today), world.assessing(today - timedelta(days=58))
    on_day(today + timedelta(days=5))
    client.force_login(world.applicant.user)
    page = text_of(client.get("/").text)
    assert page.index(assessed.name) < page.index(draft.name)
    assert f"最急的一件：{assessed.name}（提交自评报告），已逾期3天" in page.replace(" ", "")
    assert "待办 2 件" in page


# Three, and as many as take a test a moment: what costs a query each shows with ten as with a hundred.
MANY: dict[str, tuple[int, Callable[[World, date], list[Item]]]] = {
    Role.APPLICANT: (30, _draft),
    Role.UNIT_OFFICER: (30, _to_review),
    Role.DEPT_OFFICER: (6, _to_document),
    Role.DEPT_LEADER: (6, _to_decide),
    Role.EXPERT: (9, _to_declare),
    Role.SECURITY_ADMIN: (30, lambda world, on: [Item("", str(UserFactory()), "", "", "", "")]),
}


@pytest.mark.parametrize("role", MANY)
def test_the_home_page_takes_as_many_queries_for_many_items_as_for_three(
    world: World, client: Client, on_day: Any, today: date, role: str
) -> None:
    many, build = MANY[role]
    world.round(today - timedelta(days=30), places=100)
    client.force_login(world.everybody()[role].user)
    counts = {}
    waiting = 0
    for goal in (3, many):
        while waiting < goal:
            build(world, today)
            waiting += 1
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = client.get("/")
        counts[len(inbox.items(world.everybody()[role], today))] = len(queries)
        assert f"{goal} 件" in text_of(page.text)
    assert set(counts) == {3, many}
    assert len(set(counts.values())) == 1, counts


def test_what_a_round_does_together_takes_as_many_queries_for_many_bases_as_for_one(world: World, today: date) -> None:
    counts = []
    for n, name in enumerate(("一", "二", "三", "四"), start=1):
        scored(world, f"基地{name}", ["80", "82", "84"])
        with CaptureQueriesContext(
            connection,
        ) as queries:
            (item,) = inbox.items(world.officer, today)
        assert item.title == f"2026 年度申报批次：{n} 个基地"
        counts.append(len(queries))
    assert len(set(counts)) == 1, counts


@pytest.mark.article("8(3)")
def test_what_an_adopted_list_left_out_is_not_asked_to_be_ranked_again(world: World, today: date) -> None:
    application = scored(world, "落选的基地", ["80", "82", "84"])
    made = PreliminaryList.objects.create(
        round=application.round, drafted_by=world.officer.user, drafted_on=today, adopted_by=world.officer.user,
        adopted_on=today,
    )  # fmt: skip
    made.entries.create(application=application, place=1, aggregate=82, by_cutoff=False, chosen=False)
    PreliminaryList.objects.filter(pk=made.pk).update(state="adopted")
    assert [item.why for item in inbox.items(world.officer, today)] == [
        "有 1 个基地未列入初步名单，请作出不予认定或者另行处理。"
    ]


@pytest.mark.article("8(4)")
def test_what_a_meeting_is_to_deliberate_waits_no_more(world: World, today: date) -> None:
    _to_deliberate(world, today)
    sitting(world, today, "deliberation")
    assert inbox.items(world.officer, today) == []


@pytest.mark.article("8(3)")
def test_who_was_replaced_leaves_no_gap(world: World, today: date) -> None:
    panel = scored(world, "补派过的基地", ["80", "82", None, "84"]).panel
    gone, successor = panel.assignments.order_by("pk")[2:]
    panel.assignments.filter(pk=gone.pk).update(status="declined", ended_reason="没有时间。")
    panel.assignments.filter(pk=successor.pk).update(replaces=gone)
    assert [item.button for item in inbox.items(world.officer, today)] == ["排序与初步名单"]


@pytest.mark.article("8(3)")
def test_an_incomplete_rubric_waits_for_nobody(world: World, today: date) -> None:
    draft = rubrics.draft(purpose="application", by=world.officer)
    draft.criteria.order_by("position")[0].delete()
    assert inbox.items(world.leader, today) == []


def test_a_report_that_was_handed_in_waits_for_the_officer_and_no_longer_for_the_applicant(
    world: World, today: date
) -> None:
    base = world.assessing(today)
    assessing.submit_report(base=base, acting=world.applicant, on=today, report="三年来培养研究生四十名。")
    assert inbox.items(world.applicant, today) == []
    of_the_assessment = [item for item in inbox.items(world.officer, today) if item.group != "协议"]
    assert [(item.why, item.url) for item in of_the_assessment] == [
        ("自评报告已提交，请分配考核专家。", act(base, "assign-assessors"))
    ]


def test_the_count_stands_on_every_page_of_the_role(world: World, client: Client, on_day: Any, today: date) -> None:
    world.draft(today)
    client.force_login(world.applicant.user)
    for name in ("home", "base-list", "regulation", "public-notices"):
        found = re.search(r'href="/"[^>]*>.{0,400}?待办.{0,400}?(\d+)', client.get(reverse(name)).text, re.DOTALL)
        assert found, name
        assert (name, found[1]) == (name, "1")


@pytest.fixture
def shown(world: World, client: Client, on_day: Any, settings: Any) -> Callable[[str], str]:
    """The count beside 待办 on a page, where it is kept for a minute."""
    settings.INBOX_COUNT_SECONDS = 60
    client.force_login(world.applicant.user)

    def count(name: str) -> str:
        found = re.search(r'aria-label="待办 (\d+) 件"', client.get(reverse(name)).text)
        assert found
        return found[1]

    return count


def test_the_count_is_kept_for_a_minute_and_no_longer(
    world: World, shown: Callable[[str], str], today: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.draft(today)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    assert shown("base-list") == "1"
    world.draft(today)
    assert shown("base-list") == "1"
    monkeypatch.setattr(time, "time", lambda: now + 59)
    assert shown("regulation") == "1"
    monkeypatch.setattr(time, "time", lambda: now + 60)
    assert shown("base-list") == "2"


def test_the_inbox_itself_always_counts_and_the_other_pages_agree(
    world: World, shown: Callable[[str], str], today: date
) -> None:
    assert shown("base-list") == "0"
    world.draft(today)
    assert [shown("base-list"), shown("home"), shown("base-list")] == ["0", "1", "1"]


def test_who_has_sent_something_is_counted_anew(
    world: World, shown: Callable[[str], str], client: Client, today: date
) -> None:
    assert shown("base-list") == "0"
    world.draft(today)
    assert 'aria-label="待办 1 件"' in client.post(reverse("password"), {}).text
    assert shown("base-list") == "1"


def test_the_count_of_another_day_or_role_is_not_shown(
    world: World, shown: Callable[[str], str], client: Client, on_day: Any, today: date
) -> None:
    assert shown("base-list") == "0"
    world.draft(today)
    on_day(today + timedelta(days=1))
    assert shown("base-list") == "1"
    session = client.session
    assert inbox.kept_count(session, world.applicant, today + timedelta(days=1)) == 1
    assert inbox.kept_count(session, world.unit_officer, today + timedelta(days=1)) is None


# ---- whoever has no role


@pytest.mark.article("3")
def test_the_public_finds_the_notices_the_bases_and_the_regulation(db: None, client: Client) -> None:
    page = client.get("/").text
    links = re.findall(r'<h2>.*?<a href="([^"]+)">([^<]+)</a></h2>', page)
    assert links == [
        ("/public/notices/", "公示公告"), ("/public/bases/", "基地名单"), ("/public/statistics/", "统计"), ("/regulation/", "管理办法"),
        ("/verify/", "文书核验"), ("/public/data/", "开放数据"),
    ]  # fmt: skip
    assert [client.get(address).status_code for address, _label in links] == [200] * 6
    assert "登录办理" in page
    assert "还没有角色" not in page


def test_the_public_page_shows_nothing_that_waits_and_nobody(world: World, client: Client, today: date) -> None:
    draft = world.draft(today)
    page = client.get("/").text
    assert draft.name not in page
    assert [acting.name for acting in world.everybody().values() if acting.name in page] == []


def test_an_account_without_a_role_is_told_whom_to_ask(db: None, client: Client) -> None:
    client.force_login(UserFactory())
    page = text_of(client.get("/").text)
    assert "您已登录，还没有角色" in page
    assert "因此只能查看公开信息。请联系安全管理员授予角色。" in page


def test_who_has_several_roles_and_chose_none_is_led_to_choose(world: World, client: Client) -> None:
    people.grant_membership(user=world.officer.user, role=Role.EXPERT, by=world.security_admin.user)
    client.force_login(world.officer.user)
    assert client.get("/").headers["Location"] == reverse("choose-role")
    client.post(reverse("choose-role"), {"membership": world.officer.membership_id})
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    ("path", "place"),
    [("/desk/notices/7/", "desk-notices"), ("/objections/7/", "desk-notices"), ("/desk/texts/", "document-list"), ("/", "home"),
     ("/funds/expenses/7/", "training")],
)  # fmt: skip
def test_the_side_navigation_marks_the_place_to_which_a_page_belongs(path: str, place: str) -> None:
    entries = navigation.entries(str(Role.UNIT_OFFICER), path)
    assert len(entries) == 7
    assert [entry.url_name for entry in entries if entry.active] == [place]
