"""The pages from 申报 to 认定: who opens them, what they say, what a forged address or a wrong form changes (nothing)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pgtrigger
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from applications import urls
from applications.models import (
    Application,
    Assignment,
    AssignmentPlan,
    Deliberation,
    ExpertProfile,
    NoticeEntry,
    Objection,
    Panel,
    PreliminaryList,
    PublicNotice,
    Quota,
    Recommendation,
    Round,
    Rubric,
    UnitDeadline,
    UnitReview,
)
from applications.services import (
    expert_imports,
    experts,
    fact_imports,
    invitations,
    notice_drafts,
    panels,
    quotas,
    recognising,
    recusals,
    roster,
    rounds,
    rubrics,
    sheets,
)
from bases.lifecycle import State
from bases.models import Base, OfficialDocument, TrainingUnit
from evaluations.demo.play import OPINIONS
from portal.roles import PUBLIC, Role
from tests.applications.conftest import SignedIn, fresh
from tests.applications.meeting import held, scored, sitting
from tests.applications.objecting import NAME, PHONE, newest_notice, object_to
from tests.applications.pages import Page
from tests.applications.ranked import scored as ranked
from tests.conftest import TODAY
from tests.factories import TrainingUnitFactory, World, pdf_upload

COMMENT = "材料扎实，双方投入有据可查，建议细化过程考核。"
UNIT = {Role.APPLICANT, Role.UNIT_OFFICER}
DEPARTMENT = {Role.DEPT_OFFICER, Role.DEPT_LEADER}
EVERYONE = {*Role.values, PUBLIC}


def sheet_of(world: World, number: int = 0) -> Assignment:
    """The newest sheet of one of the experts."""
    return Assignment.objects.filter(expert=world.experts[number].user).latest("pk")


def in_review(world: World) -> Assignment:
    """The first expert's sheet of a base whose review has begun, and that they may score."""
    world.declare_free(world.in_review(TODAY).panels.get(), TODAY)
    return sheet_of(world)


def undeclared(world: World) -> Assignment:
    """The first expert's sheet of a base whose review has begun, before they have declared anything."""
    world.in_review(TODAY)
    return sheet_of(world)


def half_scored(world: World) -> Assignment:
    """The first expert's sheet with something on it."""
    sheet = in_review(world)
    sheets.save_sheet(assignment=sheet, points={"fit": Decimal(12)}, comment="", by=world.experts[0])
    return sheet


def drafted_rubric(world: World) -> Rubric:
    """A second version of the sheet for applications, not in force."""
    return rubrics.draft(purpose="application", by=world.officer)


def removed(world: World) -> Assignment:
    """The first expert's sheet, taken off by the department."""
    sheet = undeclared(world)
    return recusals.remove_for_conflict(assignment=sheet, reason="任公司顾问。", by=world.officer, on=TODAY)


def unpublished(world: World, year: int = 2026) -> Round:
    """The round of a year whose quotas are worked out and not out yet."""
    opens_on = TODAY if year == TODAY.year else date(year, 3, 1)
    dates = {"opens_on": opens_on, "closes_on": date(year, 12, 10), "recommend_by": date(year, 12, 31)}
    return rounds.open_round(year=year, **dates, by=world.officer, on=TODAY)


def quota_page(world: World, round_: Round) -> str:
    """Where the places of the unit are decided."""
    return f"/rounds/{round_.pk}/quotas/{round_.quotas.get(training_unit=world.unit).pk}/"


def named_quota_page(world: World) -> str:
    """The same of a unit with a known name."""
    TrainingUnit.objects.filter(pk=world.unit.pk).update(name="北疆大学")
    return quota_page(world, unpublished(world))


def supplement_page(world: World) -> str:
    """The page for a unit that was entered after the quotas were out."""
    address = f"/rounds/{world.round(TODAY).pk}/quotas/supplement/"
    TrainingUnitFactory()
    return address


def facts_check_page(world: World) -> str:
    """What the check of a list of facts found."""
    round_ = unpublished(world)
    upload = SimpleUploadedFile("数据.xlsx", fact_imports.template(round_.year))
    checked = fact_imports.check_file(year=round_.year, upload=upload, by=world.officer)
    return f"/rounds/{round_.pk}/facts/import/{checked.pk}/"


def of_draft(world: World, page: str) -> str:
    """A page of an application that is being filled in."""
    return f"/applications/{world.application(world.draft(TODAY)).pk}/{page}"


def of_declared(world: World, page: str) -> str:
    """A page of an application that was declared."""
    return f"/applications/{world.application(world.declared(TODAY)).pk}/{page}"


def student_page(world: World) -> str:
    """One student of a roster."""
    application = world.application(world.draft(TODAY))
    return f"/applications/{application.pk}/edit/students/{application.trained_students.order_by('pk')[0].pk}/"


def roster_check_page(world: World) -> str:
    """What the dry run of a roster found."""
    application = world.application(world.draft(TODAY))
    upload = SimpleUploadedFile("名单.xlsx", roster.export(application))
    check = roster.check(application=application, by=world.applicant, on=TODAY, upload=upload)
    return f"/applications/{application.pk}/edit/students/import/{check.pk}/"


def report_page(world: World) -> str:
    """A report of the unit to the department."""
    base = world.recommended(TODAY)
    return f"/recommendations/{Recommendation.objects.get(entries__application__base=base).pk}/"


OFFICES = {Role.UNIT_OFFICER, Role.DEPT_OFFICER, Role.DEPT_LEADER}


def unit_draft(world: World) -> PublicNotice:
    """A draft of the unit's list."""
    given = {"title": "关于推荐名单的公示", "bases": [world.reviewed(TODAY)], "by": world.unit_officer, "on": TODAY}
    return notice_drafts.draft_notice(kind="recommendation", round=world.round(TODAY), **given)


def department_draft(world: World) -> PublicNotice:
    """A draft of the department's list."""
    bases = [world.deliberated(TODAY)]
    return notice_drafts.draft_notice(
        kind="recognition", round=world.round(TODAY), bases=bases, by=world.officer, on=TODAY
    )


def submitted(world: World) -> PublicNotice:
    """The department's list, before the leader."""
    return notice_drafts.submit(notice=department_draft(world), by=world.officer, on=TODAY)


def of_notice(notice: PublicNotice, page: str = "") -> str:
    """A page of the desk about a notice."""
    return f"/desk/notices/{notice.pk}/{page}"


def entry(world: World, page: str = "") -> str:
    made = experts.enter(by=world.officer, on=TODAY, name="顾长青", employer="海西大学", sector="university")
    return f"/experts/{made.pk}/{page}"


def removed_expert(world: World) -> str:
    page = entry(world)
    made = ExpertProfile.objects.get(name="顾长青")
    experts.remove(profile=made, reason="退休", by=world.officer, on=TODAY, at=timezone.now())
    return f"{page}take-back/"


def relation_page(world: World) -> str:
    entry(world)
    made = experts.add_relation(
        profile=ExpertProfile.objects.get(name="顾长青"), by=world.officer, on=TODAY, kind="family", person="某人"
    )
    return f"/experts/relations/{made.pk}/end/"


def expert_check_page(world: World) -> str:
    upload = SimpleUploadedFile("专家.xlsx", expert_imports.template())
    return f"/experts/import/{expert_imports.check_file(upload=upload, by=world.officer).pk}/"


def invitation_page(world: World) -> str:
    entry(world)
    made = ExpertProfile.objects.get(name="顾长青")
    return f"/invitations/{invitations.issue(profile=made, by=world.officer, on=TODAY, at=timezone.now()).secret}/"


def of_plan(world: World, page: str = "") -> str:
    """A page about a plan of one application, who reviews it."""
    application = world.recommended(TODAY).applications.get()
    AssignmentPlan.objects.create(
        round=application.round, size=5, industry_min=1, load_limit=9, state="draft", made_by=world.officer.user, made_on=TODAY,
        explanation={"applications": [application.pk]},
    )  # fmt: skip
    return f"/rounds/{application.round_id}/review/plan/{page or f'{application.pk}/'}"


def change_page(world: World) -> str:
    """A change by hand of an application whose sheets are in."""
    application = ranked(world, "已评的项目", ["80", "80", "80"])
    return f"/rounds/{application.round_id}/ranking/{application.pk}/"


def list_page(world: World) -> str:
    """A list that was adopted."""
    given = {
        "drafted_by": world.officer.user,
        "drafted_on": TODAY,
        "adopted_by": world.officer.user,
        "adopted_on": TODAY,
    }
    made = PreliminaryList.objects.create(round=world.round(TODAY), state="adopted", **given)
    return f"/rounds/{made.round_id}/lists/{made.pk}/"


def meeting_page(part: str = "", *, ready: bool = False) -> Callable[[World], str]:
    """A page of a meeting that is not over yet; ``ready``: with everything that its conclusion needs."""

    def make(world: World) -> str:
        scored(world, TODAY)
        return f"/meetings/{(held if ready else sitting)(world, TODAY).pk}/{part}"

    return make


def recusal_page(world: World) -> str:
    """Who stays out of an item."""
    scored(world, TODAY)
    meeting = held(world, TODAY)
    return f"/meetings/{meeting.pk}/items/{meeting.items.get().pk}/recused/"


# Each page: what must be there for it, its address, the roles for which it is open, and its heading.
PAGES: dict[str, tuple[Callable[[World], str], set[str], str]] = {
    "round-list": (lambda w: "/rounds/", UNIT | DEPARTMENT, "申报批次"),
    "round-new": (lambda w: "/rounds/new/", {Role.DEPT_OFFICER}, "开设年度批次"),
    "round": (lambda w: f"/rounds/{w.round(TODAY).pk}/", UNIT | DEPARTMENT, "2026 年度申报批次"),
    "round-extend": (lambda w: f"/rounds/{w.round(TODAY).pk}/extend/", {Role.DEPT_OFFICER}, "2026 年度批次延期"),
    "quota-list": (lambda w: f"/rounds/{unpublished(w).pk}/quotas/", {Role.DEPT_OFFICER}, "2026 年度申报名额"),
    "quota-override": (named_quota_page, {Role.DEPT_OFFICER}, "调整北疆大学的名额"),
    "quota-publish": (
        lambda w: f"/rounds/{unpublished(w).pk}/quotas/publish/", {Role.DEPT_OFFICER}, "下达 2026 年度名额",
    ),
    "quota-supplement": (supplement_page, {Role.DEPT_OFFICER}, "补充下达名额"),
    "unit-facts": (lambda w: f"/rounds/{unpublished(w).pk}/facts/", {Role.DEPT_OFFICER}, "2026 年培养单位数据"),
    "unit-facts-check": (facts_check_page, {Role.DEPT_OFFICER}, "导入 2026 年培养单位数据"),
    "application-new": (lambda w: "/applications/new/", {Role.APPLICANT}, "新建申报"),
    "application-section": (lambda w: of_draft(w, "edit/cover/"), {Role.APPLICANT}, "填写申请书"),
    "application-colleagues": (lambda w: of_draft(w, "colleagues/"), {Role.APPLICANT}, "共同填报人"),
    "application-roster": (lambda w: of_draft(w, "edit/students/"), {Role.APPLICANT}, "填写申请书"),
    "roster-import": (roster_check_page, {Role.APPLICANT}, "填写申请书"),
    "roster-student-add": (lambda w: of_draft(w, "edit/students/new/"), {Role.APPLICANT}, "填写申请书"),
    "roster-student": (student_page, {Role.APPLICANT}, "填写申请书"),
    "application-attachments": (lambda w: of_draft(w, "edit/attachments/"), {Role.APPLICANT}, "填写申请书"),
    "attachment-history": (
        lambda w: of_draft(w, "edit/attachments/agreement/history/"), {Role.APPLICANT}, "联合培养协议：全部文件",
    ),
    "application-preview": (
        lambda w: of_declared(w, "preview/"), UNIT | DEPARTMENT | {Role.PARTNER_OFFICER}, "联合培养基地1",
    ),
    "application-versions": (lambda w: of_declared(w, "versions/"), UNIT | DEPARTMENT, "申请书的各个版本"),
    "application-print": (lambda w: of_declared(w, "print/"), UNIT | DEPARTMENT, "打印申请书"),
    "application-review": (lambda w: of_declared(w, "review/"), {Role.UNIT_OFFICER}, "填写六项审核意见"),
    "round-applications": (
        lambda w: f"/rounds/{w.application(w.declared(TODAY)).round_id}/applications/", DEPARTMENT, "2026 年度申请书",
    ),
    "round-review": (lambda w: f"/rounds/{w.round(TODAY).pk}/review/", DEPARTMENT, "2026 年度专家评审"),
    "round-review-experts": (lambda w: f"/rounds/{w.round(TODAY).pk}/review/experts/", DEPARTMENT, "2026 年度专家工作量"),
    "round-review-start": (
        lambda w: f"/rounds/{w.round(TODAY).pk}/review/start/", {Role.DEPT_OFFICER}, "启动专家评审",
    ),
    "round-sheets-due": (
        lambda w: f"/rounds/{w.round(TODAY).pk}/review/due/", {Role.DEPT_OFFICER}, "评分表提交截止",
    ),
    "round-propose": (lambda w: f"/rounds/{w.round(TODAY).pk}/review/propose/", {Role.DEPT_OFFICER}, "拟定分配方案"),
    "round-plan": (lambda w: f"/rounds/{w.round(TODAY).pk}/review/plan/", DEPARTMENT, "专家分配方案"),
    "round-plan-apply": (lambda w: of_plan(w, "apply/"), {Role.DEPT_OFFICER}, "确认分配方案"),
    "round-plan-discard": (lambda w: of_plan(w, "discard/"), {Role.DEPT_OFFICER}, "放弃分配方案"),
    "round-plan-change": (lambda w: of_plan(w), {Role.DEPT_OFFICER}, "调整专家"),
    "recommendation-list": (lambda w: "/recommendations/", {Role.UNIT_OFFICER}, "推荐工作"),
    "recommendation-report": (lambda w: "/recommendations/report/", {Role.UNIT_OFFICER}, "报送教育厅"),
    "recommendation": (report_page, UNIT | DEPARTMENT, "关于推荐2026年度研究生联合培养基地的函"),
    "desk-notices": (lambda w: "/desk/notices/", OFFICES, "公示"),
    "notice-new": (lambda w: "/desk/notices/new/", {Role.UNIT_OFFICER, Role.DEPT_OFFICER}, ""),
    "desk-notice": (lambda w: of_notice(unit_draft(w)), {Role.UNIT_OFFICER}, "关于推荐名单的公示"),
    "notice-edit": (lambda w: of_notice(unit_draft(w), "edit/"), {Role.UNIT_OFFICER}, "起草推荐公示"),
    "notice-discard": (lambda w: of_notice(unit_draft(w), "discard/"), {Role.UNIT_OFFICER}, "删除公示草稿"),
    "notice-submit": (lambda w: of_notice(department_draft(w), "submit/"), {Role.DEPT_OFFICER}, "提交公示审批"),
    "notice-return": (lambda w: of_notice(submitted(w), "return/"), {Role.DEPT_LEADER}, "退回公示稿"),
    "notice-publish": (lambda w: of_notice(unit_draft(w), "publish/"), {Role.UNIT_OFFICER}, "发布公示"),
    "notice-withdraw": (
        lambda w: of_notice(newest_notice(w.in_unit_notice(TODAY)), "withdraw/"), {Role.UNIT_OFFICER}, "撤回公示",
    ),
    "notice-conclude": (
        lambda w: of_notice(newest_notice(w.in_unit_notice(TODAY)), "conclude/"), {Role.UNIT_OFFICER}, "办结公示",
    ),
    "round-meetings": (lambda w: f"/rounds/{w.round(TODAY).pk}/meetings/", DEPARTMENT, "2026 年度会议"),
    "meeting-new": (lambda w: f"/rounds/{w.round(TODAY).pk}/meetings/new/", {Role.DEPT_OFFICER}, "登记评审会议"),
    "meeting": (meeting_page(), DEPARTMENT, "2026年度研究生联合培养基地评审会议"),
    "meeting-edit": (meeting_page("edit/"), {Role.DEPT_OFFICER}, "修改会议信息"),
    "meeting-discard": (meeting_page("discard/"), {Role.DEPT_OFFICER}, "删除会议登记"),
    "meeting-conclude": (meeting_page("conclude/", ready=True), {Role.DEPT_OFFICER}, "结束会议"),
    "meeting-members": (meeting_page("members/"), {Role.DEPT_OFFICER}, "成员与出席"),
    "meeting-items": (meeting_page("items/"), {Role.DEPT_OFFICER}, "选择议题"),
    "meeting-votes": (meeting_page("votes/"), {Role.DEPT_OFFICER}, "表决"),
    "meeting-recused": (recusal_page, {Role.DEPT_OFFICER}, "登记回避"),
    "public-notices": (lambda w: "/public/notices/", EVERYONE, "公示公告"),
    "public-notice": (
        lambda w: f"/public/notices/{w.publish([w.reviewed(TODAY)], TODAY).pk}/", EVERYONE, "关于推荐名单的公示",
    ),
    "objection-new": (
        lambda w: f"/public/notices/{newest_notice(w.in_unit_notice(TODAY)).pk}/objections/new/", EVERYONE, "提出异议",
    ),
    "objection-status": (lambda w: "/public/objections/", EVERYONE, "查询异议"),
    "objection-filed": (lambda w: "/public/objections/filed/", EVERYONE, "查询码只显示一次"),
    "objection-list": (lambda w: "/objections/", {Role.UNIT_OFFICER, Role.DEPT_OFFICER, Role.DEPT_LEADER}, "异议"),
    "objection-letter": (lambda w: "/objections/letter/", {Role.UNIT_OFFICER, Role.DEPT_OFFICER}, "录入信函异议"),
    "objection-looks": (lambda w: "/objection-looks/", {Role.AUDITOR}, "异议查看记录"),
    "objection-handle": (
        lambda w: f"/objections/{object_to(w.in_unit_notice(TODAY), TODAY).pk}/", {Role.UNIT_OFFICER}, "异〔2026〕1号",
    ),
    "objection-act": (
        lambda w: f"/objections/{object_to(w.in_unit_notice(TODAY), TODAY).pk}/accept/", {Role.UNIT_OFFICER}, "受理",
    ),
    "recognition-document": (lambda w: "/documents/recognition/new/", {Role.DEPT_OFFICER}, "登记认定文件"),
    "round-letters": (lambda w: f"/rounds/{w.round(TODAY).pk}/letters/", DEPARTMENT, "评审结果通知"),
    "round-left-out": (
        lambda w: f"/rounds/{w.round(TODAY).pk}/letters/left-out/", {Role.DEPT_OFFICER}, "对未列入名单的不予认定",
    ),
    "expert-list": (lambda w: "/experts/", DEPARTMENT, "评审专家库"),
    "expert-new": (lambda w: "/experts/new/", {Role.DEPT_OFFICER}, "登记专家"),
    "expert-import": (lambda w: "/experts/import/", {Role.DEPT_OFFICER}, "导入专家名单"),
    "expert-import-check": (expert_check_page, {Role.DEPT_OFFICER}, "导入专家名单"),
    "expert-invite-many": (lambda w: "/experts/invite/", {Role.DEPT_OFFICER}, "一起邀请"),
    "expert": (entry, DEPARTMENT, "顾长青"),
    "expert-edit": (lambda w: entry(w, "edit/"), {Role.DEPT_OFFICER}, "修改顾长青的资料"),
    "expert-remove": (lambda w: entry(w, "remove/"), {Role.DEPT_OFFICER}, "专家出库"),
    "expert-take-back": (removed_expert, {Role.DEPT_OFFICER}, "恢复入库"),
    "expert-link": (lambda w: entry(w, "link/"), {Role.DEPT_OFFICER}, "关联顾长青的账号"),
    "expert-invite": (lambda w: entry(w, "invite/"), {Role.DEPT_OFFICER}, "邀请顾长青"),
    "expert-invitation-withdraw": (lambda w: entry(w, "withdraw-invitation/"), {Role.DEPT_OFFICER}, "作废邀请"),
    "expert-absence": (lambda w: entry(w, "absences/new/"), {Role.DEPT_OFFICER}, "登记不便时间"),
    "expert-relation": (lambda w: entry(w, "relations/new/"), {Role.DEPT_OFFICER}, "登记利害关系"),
    "expert-relation-end": (relation_page, {Role.DEPT_OFFICER}, "结束利害关系：亲属 · 某人"),
    "expert-me": (lambda w: "/experts/me/", {Role.EXPERT}, "我的资料"),
    "own-absence": (lambda w: "/experts/me/absences/new/", {Role.EXPERT}, "登记不便时间"),
    "own-relation": (lambda w: "/experts/me/relations/new/", {Role.EXPERT}, "登记利害关系"),
    "invitation": (invitation_page, EVERYONE, "评审专家邀请"),
    "review-declare": (lambda w: f"/reviews/{undeclared(w).pk}/declare/", {Role.EXPERT}, "联合培养基地1"),
    "application-avoid": (lambda w: of_draft(w, "avoid/"), {Role.APPLICANT}, "申请回避的专家"),
    "assignment-release": (lambda w: f"/assignments/{in_review(w).pk}/release/", {Role.DEPT_OFFICER}, "撤换专家"),
    "assignment-conflict": (lambda w: f"/assignments/{in_review(w).pk}/conflict/", {Role.DEPT_OFFICER}, "发现利害关系"),
    "assignment-restore": (lambda w: f"/assignments/{removed(w).pk}/restore/", {Role.DEPT_OFFICER}, "恢复专家"),
    "panel-go-on": (lambda w: f"/panels/{removed(w).panel_id}/go-on/", {Role.DEPT_OFFICER}, "不再补派"),
    "sheet-list": (lambda w: "/reviews/", {Role.EXPERT}, "我的评审"),
    "sheet": (lambda w: f"/reviews/{in_review(w).pk}/", {Role.EXPERT}, "联合培养基地1"),
    "sheet-submit": (lambda w: f"/reviews/{half_scored(w).pk}/submit/", {Role.EXPERT}, "提交评分表"),
    "sheet-unlock": (lambda w: f"/reviews/{in_review(w).pk}/unlock/", {Role.DEPT_OFFICER}, "解锁评分表"),
    "rubric-list": (lambda w: "/rubrics/", DEPARTMENT, "评分指标体系"),
    "rubric": (lambda w: f"/rubrics/{drafted_rubric(w).pk}/", DEPARTMENT, "申报评审指标（第 2 版）"),
    "rubric-edit": (
        lambda w: f"/rubrics/{drafted_rubric(w).pk}/edit/", {Role.DEPT_OFFICER}, "起草申报评审指标（第 2 版）",
    ),
    "rubric-put-in-force": (
        lambda w: f"/rubrics/{drafted_rubric(w).pk}/put-in-force/", {Role.DEPT_LEADER}, "启用指标体系",
    ),
    "rubric-discard": (lambda w: f"/rubrics/{drafted_rubric(w).pk}/discard/", {Role.DEPT_OFFICER}, "删除草稿"),
    "round-ranking": (lambda w: f"/rounds/{w.round(TODAY).pk}/ranking/", DEPARTMENT, "2026 年度排序与初步名单"),
    "ranking-adopt": (lambda w: f"/rounds/{w.round(TODAY).pk}/ranking/adopt/", {Role.DEPT_OFFICER}, "确定初步名单"),
    "ranking-change": (change_page, {Role.DEPT_OFFICER}, "人工调整"),
    "preliminary-list": (list_page, DEPARTMENT, "2026 年度初步名单"),
}  # fmt: skip
# No pages of their own: parts of a page, files, and what leads on or answers a form.
PARTS = {
    "unit-facts-template", "unit-facts-import", "ranking-cutoff", "ranking-refer", "ranking-excel", "ranking-csv",
    "application-edit", "application-autosave", "application-presence", "application-print-state",
    "roster-template", "roster-export", "roster-check", "roster-apply", "roster-student-remove",
    "attachment-upload", "attachment-remove", "recommendation-files", "notice-pdf-state", "notice-autosave", "public-notices-feed", "public-notices-json", "sheet-recuse",
    "sheet-autosave", "rubric-new", "round-review-export", "round-plan-state",
    "objection-answer", "objection-identity",
    "expert-export", "expert-import-template", "expert-absence-remove", "own-absence-remove",
    "meeting-papers-state", "meeting-summary", "meeting-scan", "meeting-members-add", "meeting-members-copy", "meeting-item-autosave",
}  # fmt: skip
# The role is right and the thing is another office's: it does not exist for them.
NOT_THEIRS = {
    ("objection-handle", Role.DEPT_OFFICER),
    ("objection-handle", Role.DEPT_LEADER),
    ("objection-act", Role.DEPT_OFFICER),
    *((name, Role.DEPT_OFFICER) for name in ("desk-notice", "notice-edit", "notice-discard", "notice-conclude")),
    *((name, Role.DEPT_LEADER) for name in ("desk-notice", "notice-publish", "notice-withdraw")),
}
OWN_HEADINGS = {
    ("notice-new", Role.UNIT_OFFICER): "起草推荐公示",
    ("notice-new", Role.DEPT_OFFICER): "起草认定公示",
}


def test_every_page_of_this_stretch_of_the_life_is_looked_at():
    assert {pattern.name for pattern in urls.urlpatterns} == set(PAGES) | PARTS


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_for_its_roles_and_for_nobody_else(
    world: World, name: str, signed_in: SignedIn, anybody: Client, monkeypatch
):
    make, allowed, heading = PAGES[name]
    url = make(world)
    answers = {role: Page.of(signed_in(acting).get(url)) for role, acting in world.everybody().items()}
    for role, page in answers.items():
        if role in allowed:
            assert (role, page.status, page.heading) == (role, 200, OWN_HEADINGS.get((name, role), heading))
        elif (name, role) in NOT_THEIRS:
            assert (role, page.status, page.heading) == (role, 404, "没有找到这个页面")
        else:
            assert (role, page.status, page.heading) == (role, 403, "不能打开这个页面")
            assert "本页只对以下角色开放：" in page.text
    visitor = anybody.get(url)
    if PUBLIC in allowed:
        assert (visitor.status_code, Page.of(visitor).heading) == (200, heading)
    else:
        assert (visitor.status_code, visitor.url) == (302, f"/login/?next={url}")


@pytest.mark.article("5")
class TestTheRoundOnThePage:
    def sent(self, **changes: Any) -> dict[str, Any]:
        """What the officer sends."""
        return {
            "year": "2026", "opens_on": "2026-11-24", "closes_on": "2026-12-10", "recommend_by": "2026-12-31",
        } | changes  # fmt: skip

    def test_is_opened_and_shows_every_units_places(self, world: World, signed_in: SignedIn):
        quotas.save_facts(
            unit=world.unit, year=2026, categories=12, professional_students=840, double_first_class=True, by=world.officer
        )  # fmt: skip
        sent = self.sent(guide=pdf_upload("申报通知.pdf"))
        page = Page.of(signed_in(world.officer).post("/rounds/new/", sent, follow=True))
        opened = Round.objects.get()
        assert (page.status, page.heading) == (200, "2026 年度申报批次")
        assert "2026 年度申报批次已开设，名额已按测算办法算出，还没有下达。请核对后下达。" in page.text
        assert {row[0]: row[1:] for row in page.rows()} == {
            world.unit.name: ["0", "5", "按批次截止"],
            world.other_unit.name: ["0", "1", "按批次截止"],
        }
        assert (opened.opens_on, opened.closes_on, opened.recommend_by, opened.quotas_published_on) == (
            TODAY, date(2026, 12, 10), date(2026, 12, 31), None,
        )  # fmt: skip
        assert opened.guide is not None
        assert opened.guide.name == "申报通知.pdf"

    @pytest.mark.parametrize(
        ("changes", "field", "message"),
        [
            ({"year": "二〇二六"}, "year", "请填写整数。"),
            ({"closes_on": "2026-13-01"}, "closes_on", "请按 2026-11-24 的写法填写日期。"),
            ({"recommend_by": ""}, "recommend_by", "请填写这一项。"),
        ],
    )
    def test_a_wrong_form_keeps_what_was_typed(
        self, world: World, signed_in: SignedIn, changes: dict[str, str], field: str, message: str
    ):
        sent = self.sent(**changes)
        page = Page.of(signed_in(world.officer).post("/rounds/new/", sent))
        assert (page.status, page.beside(field)) == (422, [message])
        assert {name: page.value(name) for name in sent} == sent
        assert Round.objects.count() == 0

    def test_a_second_one_of_the_year_is_refused_on_the_page(self, world: World, signed_in: SignedIn):
        opened = world.round(TODAY)
        page = Page.of(signed_in(world.officer).post("/rounds/new/", self.sent()))
        assert page.status == 422
        assert "该年度已有申报批次。按第五条，申报工作每年开展一次。" in page.text
        assert Round.objects.get() == opened

    @pytest.mark.article("6")
    def test_a_units_places_are_changed_one_by_one(self, world: World, signed_in: SignedIn):
        url, sent = quota_page(world, unpublished(world)), {"places": "6", "reason": "承担专项。"}
        page = Page.of(signed_in(world.officer).post(url, sent, follow=True))
        assert (page.status, page.heading) == (200, "2026 年度申报名额")
        assert f"{world.unit.name} 的名额定为 6 个。" in page.text
        assert dict(Quota.objects.values_list("training_unit", "places")) == {world.unit.pk: 6, world.other_unit.pk: 1}

    @pytest.mark.article("6")
    @pytest.mark.parametrize(
        ("places", "message"), [("-1", "不能小于 0。"), ("201", "不能大于 200。"), ("", "请填写这一项。")]
    )
    def test_wrong_places_are_refused_beside_their_field(
        self, world: World, signed_in: SignedIn, places: str, message: str
    ):
        url, sent = quota_page(world, unpublished(world)), {"places": places, "reason": "承担专项。"}
        page = Page.of(signed_in(world.officer).post(url, sent))
        assert (page.status, page.beside("places")) == (422, [message])
        assert {name: page.value(name) for name in sent} == sent
        assert set(Quota.objects.values_list("places", "override_reason")) == {(1, "")}

    @pytest.mark.article("6")
    def test_a_unit_sees_its_own_places_alone(self, world: World, signed_in: SignedIn):
        page = Page.of(signed_in(world.unit_officer).get(f"/rounds/{world.round(TODAY).pk}/"))
        assert f"培养单位{world.unit.name} 名额10 个，已公示推荐 0 个" in page.text
        assert world.other_unit.name not in page.text
        assert page.rows() == []


@pytest.mark.article("8(2)")
class TestTheNoticeOnThePage:
    @pytest.mark.parametrize(
        ("changes", "field", "message"),
        [
            ({"title": "推荐名单"}, "title", "标题写作“关于……的公示”。"),
            ({"title": ""}, "title", "请填写这一项。"),
            ({"text": ""}, "text", "请填写这一项。"),
            ({"bases": []}, "bases", "请至少选择一个基地列入公示名单。"),
        ],
    )
    def test_a_wrong_form_keeps_what_was_typed_and_publishes_nothing(
        self, world: World, signed_in: SignedIn, changes: dict[str, Any], field: str, message: str
    ):
        base = world.reviewed(TODAY)
        sent = {"bases": [base.pk], "title": "关于推荐名单的公示", "text": "现予公示。"} | changes
        page = Page.of(signed_in(world.unit_officer).post("/desk/notices/new/", sent))
        assert (page.status, page.beside(field)) == (422, [message])
        assert (page.value("title"), page.value("text")) == (sent["title"], sent["text"])
        assert (PublicNotice.objects.count(), fresh(base).state) == (0, State.DECLARED)

    @pytest.mark.article("6")
    def test_beyond_the_quota_nothing_goes_out_and_the_page_says_why(self, world: World, signed_in: SignedIn):
        notice = unit_draft(world)
        base = notice.chosen.get()
        Quota.objects.update(places=0, proposed=0)
        page = Page.of(signed_in(world.unit_officer).post(of_notice(notice, "publish/"), {"seen": 0}))
        assert page.status == 422
        assert f"{base.name}：申报名额为 0 个，本次推荐后将达到 1 个，超出名额。" in page.text

    def test_a_year_without_holidays_is_explained_before_and_after(
        self, world: World, signed_in: SignedIn, on_day: Callable[[date], None]
    ):
        on = date(2026, 12, 28)
        base, client = world.reviewed(on), signed_in(world.unit_officer)
        on_day(on)
        sent = {"bases": [base.pk], "title": "关于推荐名单的公示", "text": "根据办法，现予公示。"}
        first, draft = (
            Page.of(client.get("/desk/notices/new/")),
            Page.of(client.post("/desk/notices/new/", sent, follow=True)),
        )
        tried = Page.of(client.post(of_notice(PublicNotice.objects.get(), "publish/"), {"seen": 0}))
        for page in (first, draft, tried):
            assert (
                "2027 年的节假日安排尚未录入，无法计算工作日。请教育厅经办先在“工作日历”中录入该年安排。" in page.text
            )
        assert (PublicNotice.objects.get().state, fresh(base).state) == ("draft", State.DECLARED)

    def test_another_units_base_cannot_be_smuggled_into_the_list(self, world: World, signed_in: SignedIn):
        ours, theirs = world.reviewed(TODAY), self.neighbours(world).reviewed(TODAY)
        sent = {"bases": [ours.pk, theirs.pk], "title": "关于推荐名单的公示", "text": "现予公示。"}
        page = Page.of(signed_in(world.unit_officer).post("/desk/notices/new/", sent))
        assert page.status == 422
        assert len(page.beside("bases")) == 1
        assert {fresh(base).state for base in (ours, theirs)} == {State.DECLARED}

    def neighbours(self, world: World) -> World:
        """The same world seen from the other unit."""
        return replace(
            world, unit=world.other_unit, applicant=world.other_applicant, unit_officer=world.other_unit_officer
        )

    def test_the_public_list_shows_running_ones_apart(
        self, world: World, anybody: Client, on_day: Callable[[date], None]
    ):
        world.in_unit_notice(date(2026, 11, 2)), world.in_unit_notice(TODAY)
        old, new = PublicNotice.objects.order_by("pk")
        shown = {
            query: [row[0] for row in Page.of(anybody.get(f"/public/notices/{query}")).rows()]
            for query in ("", "?running=1")
        }
        assert shown == {"": [new.title, old.title], "?running=1": [new.title]}

    def test_the_public_page_names_no_person(self, world: World, anybody: Client):
        base = world.in_unit_notice(TODAY)
        object_to(base, TODAY)
        page = Page.of(anybody.get(f"/public/notices/{newest_notice(base).pk}/"))
        persons = [NAME, PHONE, *(acting.name for acting in world.everybody().values())]
        assert base.name in page.text
        assert [word for word in persons if word in page.text] == []


@pytest.mark.article("8(3)")
class TestTheSheetOnThePage:
    @pytest.fixture
    def sheet(self, world: World) -> Assignment:
        return in_review(world)

    @pytest.fixture
    def send(self, world: World, sheet: Assignment, signed_in: SignedIn) -> Callable[..., Page]:
        """The expert sends the sheet, full marks but for what is changed."""
        client = signed_in(world.experts[0])
        full = {f"points_{c.key}": f"{c.points:.0f}" for c in sheet.panel.rubric.criteria.all()}

        def send(do: str, **changes: str) -> Page:
            sent = full | {"comment": COMMENT, "do": do} | changes
            return Page.of(client.post(f"/reviews/{sheet.pk}/", sent, follow=True))

        return send

    def hand_in(self, world: World, sheet: Assignment, signed_in: SignedIn, **changes: str) -> Page:
        """The expert confirms what is kept."""
        url, client = f"/reviews/{sheet.pk}/submit/", signed_in(world.experts[0])
        sent = {"pledge": "on", "seen": Page.of(client.get(url)).value("seen")} | changes
        return Page.of(client.post(url, sent, follow=True))

    def test_is_kept_and_then_handed_in(self, world: World, sheet: Assignment, send, signed_in: SignedIn):
        assert "评分已保存，尚未提交。" in send("save", points_fit="").text
        page = send("submit", points_fit="12.5")
        assert (page.heading, "92.5" in page.text, COMMENT in page.text) == ("提交评分表", True, True)
        assert Assignment.objects.get(pk=sheet.pk).status == "assigned"
        assert "评分表已提交并锁定，谢谢。" in self.hand_in(world, sheet, signed_in).text
        stored = Assignment.objects.get(pk=sheet.pk)
        assert (stored.status, panels.totals(stored.panel)) == ("submitted", [Decimal("92.50")])

    @pytest.mark.parametrize(
        ("changes", "field", "message"),
        [
            ({"points_fit": "20.5"}, "points_fit", "应在 0 到 20 分之间。"),
            ({"points_fit": "-1"}, "points_fit", "应在 0 到 20 分之间。"),
            ({"points_fit": "12.3"}, "points_fit", "以 0.5 分为一档。"),
            ({"points_fit": "好"}, "points_fit", "请填写数字。"),
            ({"points_fit": ""}, "points_fit", "还没有评分。"),
            ({"comment": "很好。"}, "comment", "给申报单位的意见至少 20 个字，现在 3 个字。"),
            ({"comment": f"{COMMENT}专 家0"}, "comment", "意见会原文转给申报单位，其中出现了您的姓名，请删去。"),
        ],
    )
    def test_a_wrong_sheet_keeps_what_was_typed_and_is_not_handed_in(
        self, sheet: Assignment, send, changes: dict[str, str], field: str, message: str
    ):
        page = send("submit", **changes)
        assert (page.status, page.beside(field)) == (422, [message])
        assert (page.value("points_plan"), page.value(field)) == ("15", changes[field])
        assert Assignment.objects.get(pk=sheet.pk).status == "assigned"

    def test_without_the_pledge_it_is_not_handed_in(self, world: World, sheet: Assignment, send, signed_in: SignedIn):
        send("submit")
        page = self.hand_in(world, sheet, signed_in, pledge="")
        assert (page.status, page.beside("pledge")) == (422, ["提交前请勾选这项承诺。"])
        assert Assignment.objects.get(pk=sheet.pk).status == "assigned"

    def test_a_locked_sheet_answers_that_it_is_locked(self, world: World, sheet: Assignment, send, signed_in: SignedIn):
        send("submit")
        self.hand_in(world, sheet, signed_in)
        page = send("submit", points_fit="0")
        assert (page.status, "评分表已提交并锁定，没有改动。确需修改请联系教育厅。" in page.text) == (409, True)
        assert panels.totals(sheet.panel) == [Decimal(100)]

    def test_an_expert_withdraws_with_a_reason(self, world: World, sheet: Assignment, signed_in: SignedIn):
        client, url = signed_in(world.experts[0]), f"/reviews/{sheet.pk}/recuse/"
        empty = Page.of(client.post(url, {"reason": ""}))
        assert (empty.status, empty.beside("reason")) == (422, ["请填写这一项。"])
        page = Page.of(client.post(url, {"reason": "师生关系"}, follow=True))
        assert (page.heading, "已回避，教育厅经办将另行安排专家。" in page.text) == ("我的评审", True)
        stored = Assignment.objects.get(pk=sheet.pk)
        assert (stored.status, stored.ended_reason) == ("recused", "师生关系")

    def test_after_the_recusal_the_dossier_is_closed(self, world: World, sheet: Assignment, signed_in: SignedIn):
        reason = world.application(sheet.panel.base).plan.reason
        client = signed_in(world.experts[0])
        before = Page.of(client.get(f"/reviews/{sheet.pk}/"))
        recusals.recuse(assignment=sheet, reason="师生关系", by=world.experts[0], on=TODAY)
        after = Page.of(client.get(f"/reviews/{sheet.pk}/"))
        assert (reason in before.text, reason in after.text) == (True, False)

    def test_the_dossier_names_no_other_expert(self, world: World, sheet: Assignment, signed_in: SignedIn):
        page = Page.of(signed_in(world.experts[0]).get(f"/reviews/{sheet.pk}/"))
        assert [e.name for e in world.experts[1:] if e.name in page.text] == []


@pytest.mark.article("8(4)")
class TestTheDocumentOnThePage:
    def sent(self, *bases: Base, **changes: Any) -> dict[str, Any]:
        """What the officer sends."""
        return {
            "bases": [base.pk for base in bases], "title": "关于公布名单的通知", "document_date": "2026-11-20", "published_on": "2026-11-24",
        } | changes  # fmt: skip

    def registered(self) -> int:
        """How many recognition documents there are, apart from the 立项通知 that go with them."""
        return OfficialDocument.objects.filter(kind="recognition").count()

    def test_starts_the_construction_of_all_its_bases(self, world: World, signed_in: SignedIn):
        bases = [world.recognised(TODAY), world.recognised(TODAY)]
        page = Page.of(signed_in(world.officer).post("/documents/recognition/new/", self.sent(*bases), follow=True))
        assert "已登记 内教研函〔2026〕1号，所列基地进入建设期；各单位的立项通知随后编号" in page.text
        assert self.registered() == 1
        assert {fresh(base).construction_ends_on for base in bases} == {date(2029, 11, 24)}

    @pytest.mark.parametrize(
        ("changes", "field", "message"),
        [
            ({"published_on": "2026-11-19"}, "published_on", "公布日期不能早于成文日期 2026-11-20。"),
            ({"published_on": "2026-11-25"}, "published_on", "公布日期 2026-11-25 还没有到，请在文件公布后登记。"),
            ({"title": ""}, "title", "请填写这一项。"),
            ({"bases": []}, "bases", "请至少选择一个已认定的基地。"),
        ],
    )
    def test_a_wrong_form_keeps_what_was_typed_and_uses_up_no_number(
        self, world: World, signed_in: SignedIn, changes: dict[str, Any], field: str, message: str
    ):
        base = world.recognised(TODAY)
        sent = self.sent(base, **changes)
        page = Page.of(signed_in(world.officer).post("/documents/recognition/new/", sent))
        assert (page.status, page.beside(field)) == (422, [message])
        names = ("title", "document_date", "published_on")
        assert {name: page.value(name) for name in names} == {name: sent[name] for name in names}
        assert (self.registered(), fresh(base).state) == (0, State.RECOGNISED)

    def test_a_base_that_is_not_recognised_cannot_be_smuggled_in(self, world: World, signed_in: SignedIn):
        ready, unready = world.recognised(TODAY), world.in_recognition_notice(TODAY)
        answer = signed_in(world.officer).post("/documents/recognition/new/", self.sent(ready, unready))
        page = Page.of(answer)
        assert (page.status, len(page.beside("bases")), self.registered()) == (422, 1, 0)
        assert [fresh(base).state for base in (ready, unready)] == [State.RECOGNISED, State.RECOGNITION_NOTICE]


class TestActsOnTheBasesPage:
    """The acts of this stretch that have a form of their own."""

    @pytest.mark.article("8(2)")
    @pytest.mark.parametrize("left_out", OPINIONS)
    def test_all_six_aspects_are_wanted_and_what_was_typed_stays(
        self, world: World, signed_in: SignedIn, left_out: str
    ):
        client, url = signed_in(world.unit_officer), of_declared(world, "review/")
        sent = {name: words for name, words in OPINIONS.items() if name != left_out}
        page = Page.of(client.post(url, sent | {"agreed": "yes"}))
        assert (page.status, page.beside(left_out)) == (422, ["请填写这一项。"])
        assert {name: page.value(name) for name in sent} == sent
        assert UnitReview.objects.count() == 0
        client.post(url, OPINIONS | {"agreed": "yes"})
        stored = UnitReview.objects.get()
        assert ({name: getattr(stored, name) for name in OPINIONS}, stored.agreed) == (OPINIONS, True)

    @pytest.mark.article("8(3)")
    def test_experts_in_conflict_are_not_offered(self, world: World, signed_in: SignedIn):
        base = world.recommended(TODAY)
        world.experts[0].user.expert_profile.delete()
        type(world.experts[1].user.expert_profile).objects.filter(user=world.experts[1].user).update(
            training_unit=world.unit
        )
        client, url = signed_in(world.officer), f"/bases/{base.pk}/acts/assign-experts/"
        page = Page.of(client.get(url))
        assert [expert.name for expert in world.experts if expert.name not in page.text] == ["专家0", "专家1"]
        forged = Page.of(client.post(url, {"experts": [world.experts[1].user_id]}))
        assert (forged.status, Panel.objects.count()) == (422, 0)
        client.post(url, {"experts": [expert.user_id for expert in world.experts[2:]]})
        assert Assignment.objects.count() == 3

    @pytest.mark.article("8(4)")
    def test_the_minutes_are_recorded_with_their_scan_for_the_department_alone(self, world: World, signed_in: SignedIn):
        base, client = world.shortlisted(TODAY), signed_in(world.officer)
        url = f"/bases/{base.pk}/acts/deliberate/"
        page = Page.of(client.post(url, {"held_on": "", "conclusion": "同意。"}))
        assert (page.status, page.beside("held_on"), page.value("conclusion")) == (
            422,
            ["请填写这一项。"],
            "同意。",
        )
        client.post(url, {"held_on": "2026-11-24", "conclusion": "同意。", "minutes": pdf_upload("纪要.pdf")})
        minutes = Deliberation.objects.get().minutes
        assert minutes is not None
        answers = {role: signed_in(acting).get(f"/files/{minutes.key}/") for role, acting in world.everybody().items()}
        assert {role for role, answer in answers.items() if answer.status_code == 200} == DEPARTMENT
        assert {Page.of(answers[role]).heading for role in set(answers) - DEPARTMENT} == {"没有找到这个页面"}


class TestForgedAddresses:
    """Another unit's base, notice, objection or sheet, and another round's quota: a Chinese page, and nothing changed."""

    def closed(self, answer: Any) -> bool:
        """Whether the answer is one of the portal's own closed doors."""
        page = Page.of(answer)
        return (page.status, page.heading) in {(404, "没有找到这个页面"), (403, "不能打开这个页面"), (403, "没有办理")}

    @pytest.mark.parametrize("act", ["review", "return", "decline", "recommend", "publish-unit-notice", "shortlist"])
    def test_another_units_base(self, world: World, signed_in: SignedIn, act: str):
        base = world.declared(TODAY)
        client, url = signed_in(world.other_unit_officer), f"/bases/{base.pk}/acts/{act}/"
        assert self.closed(client.get(url))
        assert self.closed(client.post(url, {"reason": "越权"}))
        assert fresh(base).events_count == 1

    def test_another_units_objection(self, world: World, signed_in: SignedIn):
        objection = object_to(world.in_unit_notice(TODAY), TODAY)
        for somebody in (world.other_unit_officer, world.officer, world.applicant, world.experts[0]):
            client, url = signed_in(somebody), f"/objections/{objection.pk}/accept/"
            assert self.closed(client.get(url))
            assert self.closed(client.post(url, {"status": "accepted", "conclusion": ""}))
        assert Objection.objects.get().status == "submitted"

    def test_another_experts_sheet(self, world: World, signed_in: SignedIn):
        sheet = in_review(world)
        for somebody in (world.experts[1], world.officer, world.unit_officer):
            client = signed_in(somebody)
            for url in (f"/reviews/{sheet.pk}/", f"/reviews/{sheet.pk}/recuse/"):
                assert self.closed(client.get(url))
                assert self.closed(client.post(url, {"do": "submit", "reason": "越权"}))
        assert Assignment.objects.get(pk=sheet.pk).status == "assigned"

    def test_places_that_a_unit_gives_itself(self, world: World, signed_in: SignedIn):
        round_ = unpublished(world)
        url, sent = quota_page(world, round_), {"places": "99", "reason": "多给。"}
        for somebody in (world.unit_officer, world.applicant, world.leader):
            client = signed_in(somebody)
            assert self.closed(client.get(url))
            assert self.closed(client.post(url, sent))
        assert set(Quota.objects.values_list("places", "override_reason")) == {(1, "")}

    def test_places_sent_to_the_round_itself(self, world: World, signed_in: SignedIn):
        """What is sent there is the unit's own deadline and nothing else."""
        round_ = unpublished(world)
        url = f"/rounds/{round_.pk}/"
        quota = round_.quotas.get(training_unit=world.unit)
        sent = {"quota": quota.pk, "places": "99", "reason": "多给。", "declare_by": "2026-12-01"}
        for somebody in (world.applicant, world.officer, world.leader):
            assert self.closed(signed_in(somebody).post(url, sent))
        assert UnitDeadline.objects.count() == 0
        signed_in(world.unit_officer).post(url, sent)
        assert list(UnitDeadline.objects.values_list("training_unit", "declare_by")) == [
            (world.unit.pk, date(2026, 12, 1))
        ]
        assert set(Quota.objects.values_list("places", "override_reason")) == {(1, "")}

    def test_a_quota_of_another_round(self, world: World, signed_in: SignedIn):
        quota = unpublished(world).quotas.get(training_unit=world.unit)
        next_year, client = unpublished(world, 2027), signed_in(world.officer)
        for forged in (str(quota.pk), "", "x", "9" * 30):
            answer = client.post(f"/rounds/{next_year.pk}/quotas/{forged}/", {"places": "99", "reason": "多给。"})
            assert self.closed(answer)
        assert set(Quota.objects.values_list("places", "override_reason")) == {(1, "")}

    @pytest.mark.parametrize(
        "url",
        [
            "/rounds/999999/", "/rounds/999999/extend/", "/rounds/999999/quotas/", "/rounds/999999/facts/",
            "/rounds/999999/applications/", "/applications/999999/edit/", "/applications/999999/edit/cover/",
            "/applications/999999/edit/students/", "/applications/999999/edit/attachments/",
            "/applications/999999/colleagues/", "/applications/999999/preview/", "/applications/999999/versions/",
            "/applications/999999/print/", "/applications/999999/review/", "/recommendations/999999/",
            "/recommendations/999999/files-state/", "/public/notices/999999/", "/public/notices/999999/pdf-state/",
            "/public/notices/999999/objections/new/", "/objections/999999/", "/reviews/999999/",
        ],
    )  # fmt: skip
    def test_what_does_not_exist(self, world: World, signed_in: SignedIn, url: str):
        answers = [Page.of(signed_in(acting).get(url)) for acting in world.everybody().values()]
        assert {(page.status, page.heading) for page in answers} <= {
            (404, "没有找到这个页面"),
            (403, "不能打开这个页面"),
        }
        assert 404 in {page.status for page in answers}


class TestConstantQueries:
    """However long a list is, a page asks the database as often as for a short one."""

    def count(self, client: Client, url: str) -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(url)
        assert answer.status_code == 200
        return len(captured)

    def grows(self, client: Client, url: str, more: Callable[[], Any]) -> tuple[int, int]:
        """How many queries before and after there is more to show."""
        before = self.count(client, url)
        more()
        return before, self.count(client, url)

    @pytest.fixture
    def listed(self, world: World) -> Base:
        base = world.in_unit_notice(TODAY)
        self.objections(base, 3)
        return base

    def objections(self, base: Base, count: int) -> None:
        for _n in range(count):
            object_to(base, TODAY)

    def test_the_round_page(self, world: World, signed_in: SignedIn):
        opened = world.round(TODAY)

        def more() -> None:
            units: list[TrainingUnit] = TrainingUnitFactory.create_batch(28)
            Quota.objects.bulk_create(Quota(round=opened, training_unit=unit, places=3) for unit in units)

        before, after = self.grows(signed_in(world.officer), f"/rounds/{opened.pk}/", more)
        assert after == before

    def test_the_list_of_notices(self, world: World, listed: Base, anybody: Client):
        notice, entry = newest_notice(listed), NoticeEntry.objects.get()

        def more() -> None:
            for _ in range(29):
                notice.pk = None
                notice.save()
                entry.pk, entry.notice = None, notice
                with pgtrigger.ignore("applications.NoticeEntry:list_of_a_notice_is_frozen"):
                    entry.save()

        for url in ("/public/notices/", "/public/notices/?running=1"):
            before, after = self.grows(anybody, url, more)
            assert after == before

    def test_a_notice_with_its_list(self, world: World, listed: Base, anybody: Client):
        notice = newest_notice(listed)

        def more() -> None:
            for number in range(29):
                extra = Base.objects.create(
                    name=f"另{number}", training_unit=world.unit, partner=world.partner, applicant=world.applicant.user
                )
                entry = NoticeEntry.objects.filter(notice=notice).latest("position")
                entry.pk, entry.base, entry.position = None, extra, entry.position + 1
                with pgtrigger.ignore("applications.NoticeEntry:list_of_a_notice_is_frozen"):
                    entry.save()

        before, after = self.grows(anybody, f"/public/notices/{notice.pk}/", more)
        assert after == before

    def test_the_list_of_objections_and_the_inbox_with_them(self, world: World, listed: Base, signed_in: SignedIn):
        client = signed_in(world.unit_officer)
        for url in ("/objections/", "/"):
            before, after = self.grows(client, url, lambda: self.objections(listed, 27))
            assert after == before

    def test_the_list_of_sheets_and_the_experts_inbox(self, world: World, signed_in: SignedIn):
        client = signed_in(world.experts[0])
        in_review(world)
        before = {url: self.count(client, url) for url in ("/reviews/", "/")}
        for _ in range(5):
            in_review(world)
        assert {url: self.count(client, url) for url in before} == before

    @pytest.mark.parametrize(
        "state", [State.DRAFTING, State.DECLARED, State.UNIT_NOTICE, State.RECOMMENDED, State.SHORTLISTED]
    )
    def test_everybodys_inbox(self, world: World, signed_in: SignedIn, on_day: Callable[[date], None], state: str):
        clients = [signed_in(acting) for acting in (world.applicant, world.unit_officer, world.officer, world.leader)]
        for _ in range(2):
            world.in_state(state, TODAY)
        on_day(TODAY + timedelta(days=14))
        before = [self.count(client, "/") for client in clients]
        for _ in range(4):
            world.in_state(state, TODAY)
        assert [self.count(client, "/") for client in clients] == before

    def test_the_page_for_a_new_notice(self, world: World, signed_in: SignedIn):
        client = signed_in(world.unit_officer)
        world.reviewed(TODAY), world.reviewed(TODAY)
        before = self.count(client, "/desk/notices/new/")
        for _ in range(8):
            world.reviewed(TODAY)
        assert self.count(client, "/desk/notices/new/") == before


def test_applications_of_other_bases_do_not_show_on_a_bases_page(world: World, signed_in: SignedIn):
    shown, hidden = world.declared(TODAY), world.declared(TODAY, reason="另一份申请书的理由")
    page = Page.of(signed_in(world.officer).get(f"/bases/{shown.pk}/"))
    assert Application.objects.get(base=hidden).plan.reason not in page.text


def test_the_departments_decision_is_explained_on_the_unit_page(world: World, signed_in: SignedIn):
    base = world.recommended(TODAY)
    recognising.reject(base=base, acting=world.leader, on=TODAY, reason="合作协议已经到期。")
    page = Page.of(signed_in(world.unit_officer).get(f"/bases/{base.pk}/"))
    assert "合作协议已经到期。" in page.text
