"""Whatever is sent, the portal answers in Chinese, beside the field that is wrong, and keeps nothing of it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from django import forms
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from pypdf import PdfReader

from agreements.models import (
    Account,
    Appointment,
    BaseProject,
    ContributionPlan,
    Expense,
    Mentor,
    Placement,
    Post,
    PracticeCertificate,
    Receipt,
    RemunerationPayment,
    Student,
    ThesisTopic,
)
from agreements.services import month_imports, months, receipts
from applications import draft_forms, paper, printing
from applications.models import (
    Application,
    Assignment,
    AssignmentPlan,
    Objection,
    Panel,
    PublicNotice,
    Quota,
    Recommendation,
    Round,
    Rubric,
    TrainedStudent,
    UnitFacts,
)
from applications.services import (
    drafting,
    experts,
    fact_imports,
    invitations,
    notices,
    objections,
    recognising,
    recusals,
    reporting,
    roster,
    rounds,
    rubrics,
    snapshot,
)
from applications.services.content import content_of
from bases.models import Base, Membership, PartnerUnit, TrainingUnit
from bases.services import authorisations, people
from portal.models import ImportCheck, StoredFile, Submission, User
from portal.roles import Role
from tests.agreements import certified, mentoring, placing, research
from tests.agreements import months as cooperating
from tests.agreements.funds import granted, spent
from tests.applications.ranked import scored
from tests.conftest import TODAY
from tests.factories import TrainingUnitFactory, UserFactory, World, credit_code, pdf_upload, solved

pytestmark = pytest.mark.usefixtures("bare_frame")

CJK = re.compile(r"[\u4e00-\u9fff]")
SCRIPT = "<script>alert(7)</script>"
ESCAPED = "&lt;script&gt;alert(7)&lt;/script&gt;"
ID_CARD = "11010519491231002X"


def kept() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of ours; a sign-in only moves the account's last sign-in."""
    User.objects.update(last_login=None)
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values_list())
        for app in ("portal", "bases", "agreements", "applications", "evaluations")
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
        if model is not Submission
    }


# ---- a script in a name


@pytest.fixture
def scripted(world: World, today: date, on_day: Any) -> Base:
    """A base in construction whose names all carry a script; another one is out for objection, objected to by a script."""
    TrainingUnit.objects.filter(pk=world.unit.pk).update(name=f"大学{SCRIPT}")
    PartnerUnit.objects.filter(pk=world.partner.pk).update(name=f"公司{SCRIPT}")
    for acting in world.everybody().values():
        User.objects.filter(pk=acting.user_id).update(full_name=f"{acting.name}{SCRIPT}")
        if acting.user is not None:
            acting.user.refresh_from_db()
    world.round(today - timedelta(days=60))
    world.names[:] = [f"审核基地{SCRIPT}", f"公示基地{SCRIPT}", f"建设基地{SCRIPT}", f"草稿基地{SCRIPT}"]
    panel = world.in_review(today).panels.get()
    scoring = Assignment.objects.get(panel=panel, expert=world.experts[0].user)
    recusals.declare_free(assignment=scoring, by=world.experts[0], on=today)
    listed = world.reviewed(today)
    notice = world.publish([listed], today, title=f"关于{SCRIPT}的公示", text=f"根据办法，第一段{SCRIPT}。")
    objections.file_objection(
        notice=notice, base=listed, name=f"实名{SCRIPT}", phone="13800000000", grounds=f"事实与理由{SCRIPT}。", on=today
    )
    living = world.constructing(today)
    text = {
        "goals": f"目标{SCRIPT}",
        "pay_standard": f"额度{SCRIPT}",
        "changes": f"改动{SCRIPT}",
        "committee_office": f"办{SCRIPT}"[:60],
    }
    world.revise_agreement(living, today, **text)
    world.propose_agreement(living, today, **text | {"goals": f"新的目标{SCRIPT}"})
    placing.placed(world, living, today)
    Student.objects.update(name=f"学{SCRIPT}")
    Post.objects.update(title=f"岗位{SCRIPT}")
    world.draft(
        today, reason=f"理由{SCRIPT}", field=f"领域{SCRIPT}"[:40], college=f"学院{SCRIPT}"[:60], lodging=f"宿舍{SCRIPT}"
    )  # fmt: skip
    for model, name in ((TrainedStudent, "project"), (StoredFile, "name")):
        model.objects.update(**{name: f"某某{SCRIPT}"})
    return living


def addresses(base: Base, world: World) -> dict[str, list[str]]:
    """The pages on which names are read, by role."""
    notice = PublicNotice.objects.get(title=f"关于{SCRIPT}的公示")
    objection = Objection.objects.get()
    page = reverse("base", args=[base.pk])
    draft = Application.objects.get(base__name__startswith="草稿")
    sheet = Assignment.objects.filter(expert=world.experts[0].user).earliest("pk")
    listed = reverse("public-notice", args=[notice.pk])
    living = Application.objects.get(base=base)
    placed = Placement.objects.get(base=base)
    report = reverse("recommendation", args=[Recommendation.objects.get(entries__application=living).pk])
    paper_page = f"/applications/{draft.pk}/"
    student = draft.trained_students.order_by("pk")[0]
    pages_of_the_paper = (
        *(f"edit/{section.key}/" for section in paper.SECTIONS), "colleagues/", "preview/", "versions/", "print/",
        f"edit/students/{student.pk}/", "edit/attachments/agreement/history/",
    )  # fmt: skip
    public = [
        "/public/bases/",
        reverse("public-base", args=[base.pk]),
        "/public/statistics/",
        "/public/notices/",
        listed,
        f"{listed}objections/new/",
    ]
    return {
        "public": public,
        Role.APPLICANT: [
            "/", "/bases/", page, f"{page}acts/report-incident/", *(f"{paper_page}{part}" for part in pages_of_the_paper), *public
        ],
        Role.UNIT_OFFICER: [
            "/", "/bases/", page, "/rounds/1/", "/objections/", f"/objections/{objection.pk}/", f"/objections/{objection.pk}/decline/",
            "/objections/letter/", "/recommendations/",
            "/recommendations/report/", f"{page}applicant/", reverse("application-preview", args=[draft.pk]), report, *public,
            "/training/", "/students/", f"/students/{placed.student_id}/", f"{page}posts/",
            f"{page}posts/{placed.post_id}/select/?starts_on=2030-01-01&ends_on=2030-12-31",
            f"{page}placements/do/withdraw/?placement={placed.pk}",
        ],
        Role.PARTNER_OFFICER: [
            "/bases/", page, f"{page}posts/", f"{page}posts/{placed.post_id}/close/", f"{page}placements/",
            f"{page}placements/{placed.pk}/", f"{page}placements/do/accept/?placement={placed.pk}",
        ],
        Role.PARTNER_OFFICER: ["/bases/", page, f"{page}agreements/", f"{page}agreements/1/", f"{page}agreements/compare/"],
        Role.DEPT_OFFICER: [
            "/bases/", page, "/rounds/1/", "/rounds/1/applications/", "/rounds/1/quotas/", "/rounds/1/facts/", "/partners/",
            "/experts/?pool=all", reverse("expert", args=[world.experts[0].user.expert_profile.pk]), "/catalogue/", reverse("application-preview", args=[living.pk]), reverse("application-versions", args=[living.pk]), report,
        ],
        Role.DEPT_LEADER: ["/bases/", page],
        Role.EXPERT: ["/", "/reviews/", "/experts/me/", reverse("sheet", args=[sheet.pk])],
        Role.AUDITOR: ["/history/", "/objection-looks/"],
        Role.SYSADMIN: ["/organisations/", f"/organisations/units/{world.unit.pk}/", "/accounts/"],
        Role.SECURITY_ADMIN: ["/memberships/", f"/memberships/{world.leader.membership_id}/withdraw/"],
    }  # fmt: skip


def test_a_script_in_a_name_is_shown_as_text_on_every_page(world: World, scripted: Base) -> None:
    executable, silent = [], []
    undeclared = Assignment.objects.get(expert=world.experts[1].user, declared_on=None)
    visits = {**addresses(scripted, world), "undeclared": [reverse("review-declare", args=[undeclared.pk])]}
    users = {role: acting.user for role, acting in world.everybody().items()} | {"undeclared": undeclared.expert}
    for role, pages in visits.items():
        client = Client()
        if role != "public":
            client.force_login(users[role])
        for address in pages:
            page = client.get(address.replace("/rounds/1/", f"/rounds/{Round.objects.get().pk}/"))
            assert (address, page.status_code) == (address, 200)
            if SCRIPT in page.text:
                executable.append((role, address))
            if ESCAPED not in page.text:
                silent.append((role, address))
    assert executable == []
    assert silent == []


def test_a_script_in_a_name_is_printed_as_text(world: World, scripted: Base) -> None:
    notice = notices.make_pdf(PublicNotice.objects.get(title=f"关于{SCRIPT}的公示").pk)
    assert notice.pdf is not None
    pages = PdfReader(io.BytesIO(notice.pdf.file.read())).pages
    text = re.sub(r"\s", "", "".join(page.extract_text() for page in pages))
    assert text.count(SCRIPT) >= 4
    assert [
        part in text for part in (f"关于{SCRIPT}的公示", f"第一段{SCRIPT}。", f"大学{SCRIPT}", f"公司{SCRIPT}")
    ] == [True] * 4


def printed_text(content: bytes) -> str:
    """The text of a PDF without its blanks."""
    return re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages))


def test_a_script_in_an_application_is_printed_as_text(world: World, scripted: Base) -> None:
    draft = Application.objects.get(base__name__startswith="草稿")
    content = content_of(draft, scripted.construction_started_on)
    given: dict[str, Any] = {"fingerprint": content.sha256, "declared_on": None, "on_step": lambda percent, words: None}
    text = printed_text(printing.as_pdf(content, **given))
    wanted = [f"{what}{SCRIPT}" for what in ("草稿基地", "大学", "公司", "理由", "学院", "宿舍", "某某")]
    assert [words for words in wanted if words not in text] == []
    with zipfile.ZipFile(io.BytesIO(printing.as_docx(content, **given))) as word:
        document = word.read("word/document.xml").decode()
    assert [words for words in wanted if words.replace(SCRIPT, ESCAPED) not in document] == []
    assert SCRIPT not in document


def test_a_script_in_a_report_is_printed_as_text(world: World, scripted: Base) -> None:
    report = Recommendation.objects.get(entries__application__base=scripted)
    Recommendation.objects.filter(pk=report.pk).update(text=f"现推荐{SCRIPT}。")
    reporting.make_files(report.pk)
    report.refresh_from_db()
    for stored, wanted in (
        (report.letter_pdf, [f"现推荐{SCRIPT}。", f"大学{SCRIPT}", f"建设基地{SCRIPT}"]),
        (report.summary_pdf, [f"建设基地{SCRIPT}", f"公司{SCRIPT}"]),
    ):
        assert stored is not None
        text = printed_text(stored.file.read())
        assert [words for words in wanted if words not in text] == []
    assert report.summary_xlsx is not None
    sheet = load_workbook(report.summary_xlsx.file).worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row if SCRIPT in str(cell.value)]
    assert {cell.data_type for cell in cells} == {"s"}


# ---- what stands in an address


NUL, WILD = quote("\x00"), "% _ \\"
QUERIES = [
    *("page=-1", "page=0", "page=abc", "page=999999", f"page={NUL}", "page=1e3", "page=１"),
    *(
        "sort=nonsense",
        "sort=-",
        "year=abc",
        "year=9999",
        f"year={'9' * 5000}",
        "unit=x",
        "category=x",
        "industry=x",
        "review=x",
    ),
    *(
        "version=abc",
        "version=9999",
        "from=abc",
        "to=9999",
        "edit=abc",
        f"edit={'9' * 30}",
        "copy=x",
        "bases=abc",
        "base_places=NaN",
        "available=2026-02-30",
        "account=x",
        f"expert={'9' * 30}",
    ),
    *("until=abc", "until=9999-99", "until=2026-01", "month=abc", "show=nonsense", f"until={NUL}"),
    *("issuer=abc", f"issuer={'9' * 30}", "issuer=0"),
    *("kind=nonsense", "division=x", f"minimum={'9' * 30}", f"sort={quote(SCRIPT)}", f"category={quote(SCRIPT)}"),
    *("state=nonsense", f"state={NUL}", "transition=nonsense", "running=maybe", "base=abc", f"base={NUL}", "user=abc"),
    *("user=99999999999999999999", "base=-1", f"q={quote('大' * 5000)}", f"q={NUL}", f"q={quote(WILD)}", "q=%ff"),
    *(
        f"q={quote(SCRIPT)}",
        f"code={NUL}",
        f"code={quote('长' * 500)}",
        "code=%ff",
        f"next={NUL}",
        "next=//example.invalid",
    ),
]
LISTS = {
    "public": [
        "/login/",
        "/public/bases/",
        "/public/statistics/",
        "/public/data/",
        "/public/notices/",
        "/public/objections/",
    ],
    Role.APPLICANT: ["/bases/", "/role/", "/months/", "/months/flags/"],
    Role.PARTNER_OFFICER: ["/months/", "/months/flags/", "/months/import/"],
    Role.PARTNER_OFFICER: ["/training/", "/bases/1/placements/", "/bases/1/posts/"],
    Role.UNIT_OFFICER: [
        "/students/",
        "/objections/",
        "/training/",
        "/funds/",
        "/recommendations/",
        "/partners/",
        "/desk/notices/",
        "/desk/notices/new/",
        "/recommendations/report/",
    ],
    Role.DEPT_OFFICER: [
        "/rounds/1/applications/",
        "/rounds/1/quotas/",
        "/rounds/1/ranking/",
        "/rounds/1/facts/",
        "/rounds/1/review/",
        "/rounds/1/review/experts/",
        "/rounds/1/review/plan/",
        "/rounds/1/review/propose/",
        "/partners/",
        "/catalogue/",
        "/desk/documents/",
        "/experts/",
        "/experts/invite/",
    ],
    Role.EXPERT: ["/reviews/", "/experts/me/"],
    Role.AUDITOR: ["/history/", "/objection-looks/"],
    Role.SYSADMIN: ["/organisations/", "/accounts/"],
    Role.SECURITY_ADMIN: ["/memberships/"],
}


@pytest.mark.parametrize("role", LISTS)
def test_a_query_that_makes_no_sense_shows_the_page_all_the_same(
    world: World, today: date, on_day: Any, role: str
) -> None:
    base = world.constructing(today)
    client = Client(raise_request_exception=False)
    if role != "public":
        client.force_login(world.everybody()[role].user)
    broken = []
    for address in LISTS[role]:
        address = address.replace("/rounds/1/", f"/rounds/{Round.objects.get().pk}/")
        address = address.replace("/bases/1/", f"/bases/{base.pk}/")
        for query in QUERIES:
            answer = client.get(f"{address}?{query}")
            meant = 400 if NUL in query else 200
            if answer.status_code != meant or SCRIPT in answer.text or not CJK.search(answer.text):
                broken.append((f"{address}?{query[:20]}", answer.status_code))
    assert broken == []


@pytest.mark.parametrize(
    "address",
    [
        "/nothing/", "/bases/0/", "/bases/-1/", "/bases/abc/", "/bases/99999999999999999999999/", "/public/bases/1%00/", "/files/x/",
        "/bases/1/acts/../../../", "/static/../portal/settings.py", "/admin/", "/.env", "/public/notices/%E5%85%AC%E7%A4%BA/",
    ],
)  # fmt: skip
def test_an_address_that_does_not_exist_says_so_in_chinese_and_where_to_go(
    world: World, client: Client, address: str
) -> None:
    for_insiders = address.startswith("/bases/")
    if not for_insiders:
        answer = client.get(address)
        assert (answer.status_code, "没有找到这个页面" in answer.text) == (404, True)
        assert [way in answer.text for way in ("登录后从待办进入", "回到首页")] == [True, True]
    client.force_login(world.officer.user)
    answer = client.get(address)
    assert (answer.status_code, "没有找到这个页面" in answer.text, "回到待办" in answer.text) == (404, True, True)


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_a_method_that_no_browser_sends_is_refused_everywhere(
    world: World, method: str, today: date, on_day: Any
) -> None:
    base = world.constructing(today)
    client, before = Client(), kept()
    client.force_login(world.officer.user)
    for name in ("home", "base-list", "calendar", "round-list", "round-new", "public-notices", "document-list"):
        answer = getattr(client, method)(reverse(name))
        assert (name, answer.status_code) == (name, 405)
        assert "这个地址只能由页面上的按钮或表单打开，不能直接输入或收藏。" in answer.text
        assert set(answer["Allow"].split(", ")) <= {"GET", "HEAD", "POST"}
    assert getattr(client, method)(reverse("base", args=[base.pk])).status_code == 405
    assert kept() == before


def test_a_form_without_its_token_is_not_carried_out_and_says_why(world: World) -> None:
    client, before = Client(enforce_csrf_checks=True), kept()
    client.force_login(world.officer.user)
    form = {"year": "2027", "source": "通知", "holidays": "2027-10-01"}
    for extra in ({}, {"csrfmiddlewaretoken": "x" * 64}, {"csrfmiddlewaretoken": "\x00"}):
        answer = client.post("/calendar/", form | extra)
        assert answer.status_code == 403
        assert "页面已过期，没有办理" in answer.text
        assert "用浏览器的“后退”回到上一页，刷新后重新提交。" in answer.text
        assert "CSRF" not in answer.text
        assert "回到待办" in answer.text
    assert kept() == before


def test_the_public_form_is_guarded_too(world: World, today: date, on_day: Any) -> None:
    base = world.in_unit_notice(today)
    notice = PublicNotice.objects.get(entries__base=base)
    form = {"base": base.pk, "name": "实名", "phone": "13800000000", "grounds": "材料与事实不符，详见附件。"}
    answer = Client(enforce_csrf_checks=True).post(reverse("objection-new", args=[notice.pk]), form)
    assert (answer.status_code, "页面已过期，没有办理" in answer.text) == (403, True)
    assert "回到首页" in answer.text
    assert Objection.objects.count() == 0


def test_a_form_that_is_too_large_or_no_form_is_answered_in_chinese(world: World) -> None:
    client, before = Client(), kept()
    client.force_login(world.officer.user)
    large = client.post("/calendar/", {"source": "长" * 2_000_000})
    many = client.post("/calendar/", {f"field{n}": "1" for n in range(8001)})
    torn = client.generic("POST", "/calendar/", b"--x\r\n", content_type="multipart/form-data; boundary=")
    for answer in (large, many, torn):
        assert answer.status_code == 400
        assert "提交的内容没有收到" in answer.text
    assert kept() == before


# ---- what stands in a form


@dataclass
class Filled:
    """A form that would be carried out, who sends it where, and what is wrong with it in turn."""

    role: str
    address: Callable[[World, date], str]
    good: Callable[[World, date], dict[str, Any]]
    bad: list[tuple[str, Any]]
    prepare: Callable[[World, date], Any] = lambda world, on: None


DATES = ["0001-01-01", "9999-12-31", "2026-02-30", "明天", "\x00", "99999-01-01"]
AMOUNTS = ["-0.01", "1e20", "NaN", "Infinity", "很多", "0.001", "\x00"]


def wrong(name: str, values: list[Any]) -> list[tuple[str, Any]]:
    return [(name, value) for value in values]


def nul_and_overlong(limits: dict[str, int]) -> list[tuple[str, Any]]:
    return [(name, text) for name, limit in limits.items() for text in ("长" * (limit + 1), "含\x00字", "  ")]


def optional(limits: dict[str, int]) -> list[tuple[str, Any]]:
    """The same of fields that may stay empty."""
    return [(name, text) for name, text in nul_and_overlong(limits) if text.strip()]


def fixed(address: str) -> Callable[[World, date], str]:
    return lambda world, on: address


def act_on(state: str, name: str) -> Callable[[World, date], str]:
    return lambda world, on: reverse("act", args=[Base.objects.get(state=state).pk, name])


def of_the_agreement(name: str, *act: str) -> Callable[[World, date], str]:
    return lambda world, on: reverse(name, args=[Base.objects.get().pk, 1, *act])


def of_the_round(name: str) -> Callable[[World, date], str]:
    return lambda world, on: reverse(name, args=[Round.objects.get().pk])


def of_the_application(name: str) -> Callable[[World, date], str]:
    return lambda world, on: reverse(name, args=[Application.objects.get().pk])


def excel(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("名单.xlsx", content)


def on_the_objection(name: str) -> Callable[[World, date], str]:
    return lambda world, on: reverse("objection-act", args=[Objection.objects.get().pk, name])


def objected(world: World, on: date) -> Objection:
    """An objection to a base on the unit's list."""
    base = world.in_unit_notice(on)
    notice = PublicNotice.objects.get(entries__base=base)
    return objections.file_objection(
        notice=notice, base=base, name="实名", phone="13800000000", grounds="材料与事实不符。", on=on
    )


def accepted(world: World, on: date) -> Objection:
    """One that is taken up."""
    return objections.accept(objection=objected(world, on), by=world.unit_officer, on=on)


def investigated(world: World, on: date) -> None:
    """One that can be concluded."""
    objections.record_step(
        objection=accepted(world, on), kind="site", held_on=on, people="两人", content="查看。", by=world.unit_officer, on=on
    )  # fmt: skip


def left_by_two(world: World, on: date) -> None:
    """A panel of five under review, of whom two have left since."""
    panel = Panel.objects.get(application=scored(world, "两个空缺", [None] * 5))
    leaving = panel.assignments.order_by("-pk")[:2]
    panel.assignments.filter(pk__in=[each.pk for each in leaving]).update(status="declined", ended_reason="出国。")


def before_publication(world: World, on: date) -> Round:
    """A round whose quotas can still be changed."""
    end = date(on.year, 12, 31)
    return rounds.open_round(year=on.year, opens_on=on, closes_on=end, recommend_by=end, by=world.officer, on=on)


def invited(world: World, on: date) -> None:
    """Somebody of the pool holds an invitation."""
    made = experts.enter(by=world.officer, on=on, name="新专家", employer="某大学", sector="university")
    issued = invitations.issue(profile=made, by=world.officer, on=on, at=timezone.now())
    world.invitation = issued.secret  # type: ignore[attr-defined]


def colleague(world: World) -> Membership:
    """Another applicant of the same unit."""
    user = UserFactory(username="colleague", full_name="接手教授")
    return people.grant_membership(
        user=user, role=Role.APPLICANT, by=world.security_admin.user, training_unit=world.unit
    )


def on_the_placement(name: str) -> Callable[[World, date], str]:
    return lambda world, on: reverse("placement-act", args=[Placement.objects.get().base_id, name])


def _without_a_topic(world: World, on: date) -> None:
    """Somebody of a base whose topic was taken back."""
    research.one_of_each(world.constructing(on), world.unit, world.partner, on)
    ThesisTopic.objects.update(status="withdrawn")


def in_the_base(world: World, on: date) -> None:
    """Somebody is in a base whose agreement has the partner insure."""
    placing.settle(world, on).running(1)


def paid_a_mentor(world: World, on: date) -> None:
    """What the unit paid to somebody of the partner is noted."""
    base = world.constructing(on)
    certified.paid(world, base, mentoring.appointed(world, base, on), on)


def empty_plan(world: World, on: date) -> AssignmentPlan:
    """A plan for one application that puts nobody on it yet."""
    application = world.recommended(on).applications.get()
    return AssignmentPlan.objects.create(
        round=application.round, size=5, industry_min=1, load_limit=9, state="draft", made_by=world.officer.user, made_on=on,
        explanation={"applications": [application.pk]},
    )  # fmt: skip


WEIGHTS = {
    "base_places": "2", "per_category": "0.5", "per_hundred_students": "0.1", "first_class_bonus": "1", "minimum": "1", "maximum": "9"
}  # fmt: skip
OPINIONS = {
    f"{aspect}_opinion": "同意。"
    for aspect in ("category", "partner", "reason", "results", "prospects", "contribution")
}
FORGED = "外单位的草稿"


def paid_month(world: World, on: date) -> Placement:
    """A student whose October is entered."""
    base = world.constructing(on)
    student = cooperating.place(base)
    cooperating.filled(base, cooperating.OCTOBER, world.partner_officer, on, student)
    return student


def closed_month(world: World, on: date) -> None:
    """The same, closed."""
    base = paid_month(world, on).base
    months.close_month(base=base, month=cooperating.OCTOBER, by=world.partner_officer, on=on, at=timezone.now())


def denied_month(world: World, on: date) -> None:
    """The same, denied by the student."""
    student, at = paid_month(world, on), timezone.now()
    issued = receipts.issue(base=student.base, students=[student.student_id], by=world.unit_officer, on=on, at=at)[0]
    record = receipts.months_of(issued.link)[0].record
    receipts.answer(
        link=issued.link, record=record.pk, revision=record.revision, received=False, note="没有到账。", on=on, at=at
    )


def others_base(world: World) -> int:
    """A base that stands on nobody's list."""
    return drafting.start_application(name=FORGED, by=world.other_applicant, on=date(2026, 11, 24)).base_id


def others_applicant(world: World) -> int | None:
    """Somebody who applies for another unit."""
    return world.other_applicant.user_id


def the_base() -> Base:
    """The base that the form is about."""
    return Base.objects.exclude(name=FORGED).get()


FORMS = {
    "a partner": Filled(
        Role.APPLICANT,
        fixed("/partners/new/"),
        lambda world, on: {
            "credit_code": credit_code(77), "name": "新登记的公司", "kind": "enterprise", "division": world.partner.division_id
        },
        [
            *nul_and_overlong({"credit_code": 18, "name": 100}),
            *wrong("credit_code", ["91150100MA0000077X", credit_code(77).lower(), credit_code(77)[:-1], "１" * 18]),
            *wrong("kind", ["person", "", "\x00"]),
            *wrong("division", ["0", "abc", "99999999999999999999", "\x00", ""]),
        ],
    ),
    "a training unit": Filled(
        Role.SYSADMIN,
        fixed("/organisations/"),
        lambda world, on: {
            "code": "20001", "name": "新大学", "kind": "university", "division": world.unit.division_id, "document_word": "新研",
            "office": "研究生院", "supervision_office": "纪委", "phone": "0471-1", "email": "a@example.invalid", "address": "路 1 号",
        },
        [
            *nul_and_overlong({"code": 5, "name": 60, "office": 60, "supervision_office": 60}),
            *wrong("code", ["2000", "2000x", "２０００１"]),
            *wrong("kind", ["school"]),
            *wrong("division", ["0", "abc"]),
            *wrong("email", ["nobody", "a@b", "含\x00@example.invalid"]),
        ],
    ),
    "a post": Filled(
        Role.PARTNER_OFFICER,
        lambda world, on: reverse("post-new", args=[the_base().pk]),
        lambda world, on: {"year": "2026", "title": "设备运维", "places": "4", "work": "状态监测。", "stipend": "1500"},
        [
            *nul_and_overlong({"title": 60, "work": 500}),
            *optional({"department": 60, "requirements": 300, "location": 120}),
            *wrong("year", ["2025", "2028", "", "abc", "-1", "99999999999999999999"]),
            *wrong("places", ["0", "501", "-1", "abc", "", "99999999999999999999"]),
            *wrong("level", ["bachelor", "\x00"]),
            *wrong("stipend", AMOUNTS),
            ("work", ID_CARD),
        ],
        prepare=lambda world, on: world.constructing(on),
    ),
    "a student": Filled(
        Role.UNIT_OFFICER,
        fixed("/students/new/"),
        lambda world, on: {
            "number": "20260001", "name": "萨仁", "level": "master", "mode": "full_time", "category": world.category.pk,
            "entry_year": "2025",
        },
        [
            *nul_and_overlong({"number": 20, "name": 30}),
            *optional({"field": 40, "college": 60}),
            *wrong("level", ["", "bachelor", "\x00"]),
            *wrong("mode", ["", "evening"]),
            *wrong("category", ["", "0", "abc"]),
            *wrong("entry_year", ["", "1989", "2101", "abc", "99999999999999999999"]),
            *wrong("phone", ["123", "1380000000a", "138００００００００", "\x00"]),
            *wrong("email", ["nobody"]),
            *wrong("left_on", ["2026-02-30", "明天", "\x00"]),
            ("number", ID_CARD),
            ("field", ID_CARD),
        ],
    ),
    "an insurance": Filled(
        Role.PARTNER_OFFICER,
        on_the_placement("insurance"),
        lambda world, on: {
            "placement": Placement.objects.get().pk, "insurer": "平安保险", "policy_number": "PA-2", "insured_from": "2026-11-24",
            "insured_until": "2027-12-31",
        },
        [
            *nul_and_overlong({"insurer": 60, "policy_number": 60}),
            *wrong("insured_from", ["2026-02-30", "明天", "\x00", ""]),
            *wrong("insured_until", ["2026-02-30", "2026-11-23", "\x00", ""]),
            ("policy_number", ID_CARD),
        ],
        prepare=in_the_base,
    ),
    "a change of a placement": Filled(
        Role.UNIT_OFFICER,
        on_the_placement("change"),
        lambda world, on: {
            "placement": Placement.objects.get().pk, "kind": "early", "ends_on": "2027-06-30", "reason": "课程调整。"
        },
        [
            *nul_and_overlong({"reason": 300}),
            *wrong("kind", ["", "illness", "mood", "\x00"]),
            *wrong("ends_on", ["2026-02-30", "明天", "\x00", ""]),
            ("reason", f"见{ID_CARD}"),
        ],
        prepare=in_the_base,
    ),
    "an account": Filled(
        Role.SYSADMIN,
        fixed("/accounts/"),
        lambda world, on: {"username": "newcomer", "full_name": "新来的", "password": "long-enough-2026"},
        [
            *nul_and_overlong({"full_name": 60}),
            *wrong("username", ["", "x" * 31, "含\x00", "Admin", "张三", "a b", "<script>"]),
            *wrong("password", ["", "short", "1234567890", "password123"]),
            *wrong("phone", ["123", "1380000000a", "138００００００００"]),
            *wrong("email", ["nobody"]),
        ],
    ),
    "an expert": Filled(
        Role.DEPT_OFFICER,
        fixed("/experts/new/"),
        lambda world, on: {"name": "新专家", "employer": "某大学", "sector": "university", "phone": "13900000001"},
        [
            *nul_and_overlong({"name": 40, "employer": 100}),
            *optional({"title": 40, "position": 60, "note": 200}),
            *wrong("phone", ["123", "1380000000a", "138００００００００", "\x00"]),
            *wrong("email", ["nobody"]),
            *wrong("sector", ["", "moon", "\x00"]),
            *wrong("max_load", ["0", "-1", "abc", "99999999999999999999"]),
            *wrong("industries", ["炼金"]),
            *[(name, value) for name in ("categories", "training_unit", "partner_unit", "division") for value in ("abc", "0")],
            ("note", ID_CARD),
        ],
    ),
    "an expert's own entry": Filled(
        Role.EXPERT,
        fixed("/experts/me/"),
        lambda world, on: {"phone": "13900000001", "title": "研究员"},
        [*optional({"title": 40, "position": 60}), *wrong("phone", ["", "1", "\x00"]), *wrong("email", ["nobody"])],
    ),
    "an absence": Filled(
        Role.EXPERT,
        fixed("/experts/me/absences/new/"),
        lambda world, on: {"from_on": "2026-12-01", "to_on": "2026-12-07"},
        [*wrong("from_on", ["", "2026-02-30", "明天", "\x00"]), *wrong("to_on", ["", "明天"]), *optional({"note": 100})],
    ),
    "a relation": Filled(
        Role.EXPERT,
        fixed("/experts/me/relations/new/"),
        lambda world, on: {"kind": "family", "person": "某人"},
        [
            *wrong("kind", ["", "rumour", "\x00"]),
            *optional({"person": 40, "organisation": 100, "note": 200}),
            *wrong("training_unit", ["0", "abc"]),
            *wrong("began_on", ["明天", "\x00"]),
        ],
    ),
    "an answer to an invitation": Filled(
        "public",
        lambda world, on: f"/invitations/{world.invitation}/",
        lambda world, on: {
            "employer": "某大学", "phone": "13900000001", "username": "xinzhuanjia", "password": "Bei-Shan-2026-x",
            "again": "Bei-Shan-2026-x", "consent": "on",
        },
        [
            *wrong("username", ["", "9", "Admin", "含\x00"]),
            *wrong("password", ["1234567890a\x00"]),
            *wrong("phone", ["", "1"]),
            *nul_and_overlong({"employer": 100}),
            *wrong("again", ["other-2026-xyz"]),
            *wrong("consent", [""]),
        ],
        prepare=invited,
    ),
    "a membership": Filled(
        Role.SECURITY_ADMIN,
        fixed("/memberships/"),
        lambda world, on: {"user": world.other_applicant.user_id, "role": "expert"},
        [
            *wrong("user", ["", "0", "abc", "\x00", "99999999999999999999"]),
            *wrong("role", ["", "king", "public", "daily_job", "\x00"]),
            *wrong("training_unit", ["0", "abc"]),
        ],
    ),
    "a policy": Filled(
        Role.SECURITY_ADMIN,
        fixed("/policies/"),
        lambda world, on: {
            "effective_from": "2027-01-01", "construction_years": 3, "assessment_years": 3, "rectification_years": 2,
            "min_cooperation_years": 2, "min_trained_students": 5, "demonstration_grant": "100000", "national_grant": "500000",
            "innovation_grant": "100000", "stipend_floor_master": "1000", "stipend_floor_doctor": "2000", "practice_months_min": 6,
            "practice_months_max": 12, "change_notice_months": 1, "agreement_years": 3, "school_assessment_years": 2,
            "notice_working_days": 5, "notice_working_days_max": 10, "objection_accept_days": 3, "objection_conclude_days": 10,
            "objection_extension_days": 10, "min_experts": 3, "panel_size": 5, "panel_industry_min": 1, "trim_from": 5,
            "disagreement_range": "20", "disagreement_deviations": "2", "recusal_years": 3, "meeting_quorum_percent": 67,
            "agreement_revision_days": 60, "monthly_due_day": 10, "report_days": 60, "excellent_score": "85", "qualified_score": "60",
            "reminder_days": "180,90,30,7",
        },
        [
            *wrong("effective_from", ["2026-02-30", "明天", "\x00", ""]),
            *wrong("construction_years", ["0", "-1", "abc", "99999999"]),
            *wrong("objection_accept_days", ["0", "-3", "三"]),
            *wrong("notice_working_days_max", ["0", "abc"]),
            *wrong("national_grant", ["1e20", "NaN", "很多"]),
            *wrong("panel_size", ["0", "-1", "五", "99999999"]),
            *wrong("trim_from", ["2", "abc"]),
            *wrong("disagreement_range", ["NaN", "1e20", "很多"]),
            *wrong("meeting_quorum_percent", ["0", "-1", ""]),
            *wrong("monthly_due_day", ["0", "-1", "", "十"]),
            *wrong("reminder_days", ["很早", "-7", "\x00"]),
        ],
    ),
    "a correction of a month": Filled(
        Role.PARTNER_OFFICER,
        lambda world, on: f"/bases/{the_base().pk}/months/2026-10/{Placement.objects.get().pk}/correct/",
        lambda world, on: cooperating.WHOLE | {"grade": "qualified", "amount": "1600", "reason": "漏发。"},
        [
            *wrong("grade", ["king", "\x00"]),
            *wrong("days", ["-1", "32", "很多", "1.5"]),
            *wrong("amount", AMOUNTS),
            *wrong("paid_on", DATES),
            *optional({"voucher_number": 40, "below_reason": 200, "note": 200}),
            *nul_and_overlong({"reason": 300}),
            ("note", f"见{ID_CARD}"),
            *wrong("file", [SimpleUploadedFile("空.pdf", b"")]),
        ],
        prepare=lambda world, on: closed_month(world, on),
    ),
    "an answer to a denial": Filled(
        Role.UNIT_OFFICER,
        lambda world, on: f"/stipend-denials/{Receipt.objects.get().pk}/",
        lambda world, on: {"handling": "已重发。"},
        [*nul_and_overlong({"handling": 500}), ("handling", f"见{ID_CARD}")],
        prepare=lambda world, on: denied_month(world, on),
    ),
    "a voucher": Filled(
        Role.PARTNER_OFFICER,
        lambda world, on: f"/bases/{the_base().pk}/months/2026-10/voucher/",
        lambda world, on: {"placement": Placement.objects.get().pk, "file": pdf_upload("回单.pdf")},
        [
            *wrong("placement", ["", "0", "abc", "\x00"]),
            *wrong("file", [None, SimpleUploadedFile("空.pdf", b""), SimpleUploadedFile("假.pdf", b"nothing")]),
        ],
        prepare=lambda world, on: paid_month(world, on),
    ),
    "a list of months": Filled(
        Role.PARTNER_OFFICER,
        fixed("/months/import/"),
        lambda world, on: {"file": excel(month_imports.template(month=date(2026, 10, 1), by=world.partner_officer))},
        wrong("file", [None, SimpleUploadedFile("空.xlsx", b""), SimpleUploadedFile("假.xlsx", b"nothing")]),
        prepare=lambda world, on: paid_month(world, on),
    ),
    "a calendar": Filled(
        Role.DEPT_OFFICER,
        fixed("/calendar/"),
        lambda world, on: {"year": "2027", "source": "通知", "holidays": "2027-10-01"},
        [
            *nul_and_overlong({"source": 120}),
            *wrong("holidays", ["", "0001-01-01", "9999-12-31", "明天", "\x00"]),
            *wrong("make_up_days", ["9999-12-31", "\x00"]),
        ],
    ),
    "a round": Filled(
        Role.DEPT_OFFICER,
        fixed("/rounds/new/"),
        lambda world, on: {
            "year": "2027", "opens_on": "2027-03-01", "closes_on": "2027-06-30", "recommend_by": "2027-07-31"
        },
        [
            *wrong("year", ["", "1", "2101", "abc", "\x00", "1e400"]),
            *wrong("opens_on", ["2027-02-30", "明天", "\x00", ""]),
            *wrong("closes_on", ["2027-02-30", "明天", "\x00", ""]),
            *wrong("recommend_by", ["99999-01-01", "\x00", ""]),
            *wrong("guide", [SimpleUploadedFile("空.pdf", b"")]),
        ],
    ),
    "a new application": Filled(
        Role.APPLICANT,
        fixed("/applications/new/"),
        lambda world, on: {"name": "新基地"},
        [*nul_and_overlong({"name": 60}), ("name", "基地 11010519491231002X")],
        prepare=lambda world, on: world.round(on),
    ),
    "a later end of a round": Filled(
        Role.DEPT_OFFICER,
        of_the_round("round-extend"),
        lambda world, on: {
            "new_closes_on": f"{on.year + 1}-01-10", "new_recommend_by": f"{on.year + 1}-01-20", "reason": "顺延。"
        },
        [
            *nul_and_overlong({"reason": 300}),
            *wrong("reason", [f"顺延 {ID_CARD}"]),
            *wrong("new_closes_on", ["2027-02-30", "明天", "\x00", ""]),
            *wrong("new_recommend_by", ["99999-01-01", "明天", "\x00", ""]),
        ],
        prepare=lambda world, on: world.round(on),
    ),
    "a unit's own deadline": Filled(
        Role.UNIT_OFFICER,
        of_the_round("round"),
        lambda world, on: {"declare_by": on.isoformat()},
        wrong("declare_by", DATES),
        prepare=lambda world, on: world.round(on),
    ),
    "the weights of the quotas": Filled(
        Role.DEPT_OFFICER,
        of_the_round("quota-list"),
        lambda world, on: WEIGHTS,
        [
            *wrong("base_places", ["-0.01", "200.01", "NaN", "Infinity", "0.001", "1e20", "很多", "\x00", ""]),
            *wrong("per_hundred_students", ["-1", "Infinity", ""]),
            *wrong("maximum", ["-1", "201", "1.5", "9" * 30, "九", "\x00", ""]),
        ],
        prepare=lambda world, on: before_publication(world, on),
    ),
    "a meeting": Filled(
        Role.DEPT_OFFICER,
        of_the_round("meeting-new"),
        lambda world, on: {
            "title": "评审会议", "held_on": on.isoformat(), "place": "三楼会议室", "agenda": "评议。", "take_up": "none"
        },
        [
            *nul_and_overlong({"title": 100, "place": 100, "agenda": 2000}),
            *wrong("held_on", [*DATES, "2026-11-23", ""]),
            *wrong("take_up", ["", "some", "\x00"]),
            *wrong("title", ["", f"会议 {ID_CARD}"]),
        ],
        prepare=lambda world, on: world.round(on),
    ),
    "another quota than was worked out": Filled(
        Role.DEPT_OFFICER,
        lambda world, on: reverse("quota-override", args=[Round.objects.get().pk, world.quota(on).pk]),
        lambda world, on: {"places": "7", "reason": "示范单位。"},
        [
            *wrong("places", ["-1", "201", "1.5", "1e9", "9" * 30, "九", "\x00", ""]),
            *wrong("reason", ["长" * 301, "含\x00", f"见 {ID_CARD}"]),
        ],
        prepare=lambda world, on: before_publication(world, on),
    ),
    "a quota for a new unit": Filled(
        Role.DEPT_OFFICER,
        of_the_round("quota-supplement"),
        lambda world, on: {"unit": TrainingUnit.objects.get(code="20009").pk, "places": "2", "reason": "新批准的单位。"},
        [
            *nul_and_overlong({"reason": 300}),
            *wrong("unit", ["", "0", "abc", "9" * 30, "\x00"]),
            *wrong("places", ["-1", "201", "1e9", "九", ""]),
        ],
        prepare=lambda world, on: (world.round(on), TrainingUnitFactory(code="20009")),
    ),
    "a plan who reviews what": Filled(
        Role.DEPT_OFFICER,
        of_the_round("round-propose"),
        lambda world, on: {"scope": "whole", "size": "5", "industry_min": "1", "load_limit": "9"},
        [
            *wrong("scope", ["", "some", "\x00"]),
            *wrong("size", ["0", "4", "17", "-1", "1e9", "五", "\x00", ""]),
            *wrong("industry_min", ["-1", "6", "9" * 30, "一", ""]),
            *wrong("load_limit", ["0", "-1", "1001", "很多", "\x00", ""]),
        ],
        prepare=lambda world, on: world.recommended(on),
    ),
    "a change of a plan": Filled(
        Role.DEPT_OFFICER,
        lambda world, on: reverse("round-plan-change", args=[Round.objects.get().pk, AssignmentPlan.objects.get().explanation["applications"][0]]),
        lambda world, on: {"out": "", "into": world.experts[0].user.pk},
        wrong("into", ["", "0", "abc", "9" * 30, "\x00"]),
        prepare=lambda world, on: empty_plan(world, on),
    ),
    "dossiers for their experts": Filled(
        Role.DEPT_OFFICER,
        of_the_round("round-review-start"),
        lambda world, on: {"applications": [Panel.objects.get().application_id], "sheets_due_on": on + timedelta(days=21)},
        [
            *wrong("applications", [[], ["0"], ["abc"], ["9" * 30], ["\x00"]]),
            *wrong("sheets_due_on", ["", "2026-02-30", "昨天", "\x00", "2026-11-23", "2099-01-01"]),
        ],
        prepare=lambda world, on: recognising.assign_experts(
            base=world.recommended(on), acting=world.officer, on=on, experts=world.expert_users(3)
        ),
    ),
    "the last day for the sheets": Filled(
        Role.DEPT_OFFICER,
        of_the_round("round-sheets-due"),
        lambda world, on: {"due_on": on + timedelta(days=21)},
        wrong("due_on", ["", "2026-02-30", "昨天", "\x00", "2026-11-23", "2099-01-01"]),
        prepare=lambda world, on: world.round(on),
    ),
    "the facts of the units from Excel": Filled(
        Role.DEPT_OFFICER,
        of_the_round("unit-facts-import"),
        lambda world, on: {"file": excel(fact_imports.template(on.year))},
        wrong("file", [None, excel(b""), excel(b"PK\x03\x04torn"), pdf_upload("名单.xlsx")]),
        prepare=lambda world, on: world.round(on),
    ),
    "authorised categories from Excel": Filled(
        Role.SYSADMIN,
        fixed("/organisations/authorisations/import/"),
        lambda world, on: {"file": excel(authorisations.blank_list())},
        wrong("file", [None, excel(b""), excel(b"PK\x03\x04torn"), pdf_upload("名单.xlsx")]),
    ),
    "another applicant": Filled(
        Role.UNIT_OFFICER,
        lambda world, on: reverse("hand-over", args=[Base.objects.get().pk]),
        lambda world, on: {"to": User.objects.get(username="colleague").pk, "reason": "换岗。"},
        [
            *nul_and_overlong({"reason": 300}),
            ("reason", f"换岗 {ID_CARD}"),
            *wrong("to", ["", "0", "abc", "9" * 30, "\x00", others_applicant]),
        ],
        prepare=lambda world, on: (world.draft(on), colleague(world)),
    ),
    "colleagues": Filled(
        Role.APPLICANT,
        of_the_application("application-colleagues"),
        lambda world, on: {"users": [User.objects.get(username="colleague").pk]},
        wrong("users", [["0"], ["abc"], ["9" * 30], ["\x00"], others_applicant]),
        prepare=lambda world, on: (world.draft(on), colleague(world)),
    ),
    "a student of the roster": Filled(
        Role.APPLICANT,
        of_the_application("roster-student-add"),
        lambda world, on: {
            "name": "萨仁", "number": "2023001", "category_name": "0855", "level": "master", "mode": "full_time",
            "campus_mentor": "李文华", "industry_mentor": "王建军", "entered_on": "2023-09-01",
            "graduation_year": "2025",
        },
        [
            *nul_and_overlong({"name": 30, "number": 30, "campus_mentor": 30, "industry_mentor": 30}),
            *wrong("name", [f"萨仁{ID_CARD}"]),
            *wrong("number", [ID_CARD]),
            *wrong("category_name", ["9999", "炼金术", "\x00", ""]),
            *wrong("level", ["bachelor", "\x00", ""]),
            *wrong("mode", ["asleep", "\x00", ""]),
            *wrong("entered_on", ["2026-11-25", "9999-12-31", "2026-02-30", "明天", "\x00", ""]),
            *wrong("left_on", ["2023-08-31", "2026-02-30", "明天", "\x00"]),
            *wrong("graduation_year", ["1949", "99999", "1e9", "明年", "\x00"]),
        ],
        prepare=lambda world, on: world.draft(on),
    ),
    "a roster from Excel": Filled(
        Role.APPLICANT,
        of_the_application("roster-check"),
        lambda world, on: {"file": excel(roster.export(Application.objects.get()))},
        wrong("file", [None, excel(b""), excel(b"PK\x03\x04torn"), pdf_upload("名单.xlsx")]),
        prepare=lambda world, on: world.draft(on),
    ),
    "a pasted roster": Filled(
        Role.APPLICANT,
        of_the_application("roster-check"),
        lambda world, on: {"text": "萨仁\t2023001"},
        wrong("text", ["", " \t \n", "萨仁\t2023\x00"]),
        prepare=lambda world, on: world.draft(on),
    ),
    "a review by the unit": Filled(
        Role.UNIT_OFFICER,
        of_the_application("application-review"),
        lambda world, on: OPINIONS | {"agreed": "yes"},
        [
            *nul_and_overlong(dict.fromkeys(OPINIONS, 500)),
            ("reason_opinion", f"同意 {ID_CARD}"),
            *wrong("agreed", ["", "maybe", "\x00"]),
        ],
        prepare=lambda world, on: world.declared(on),
    ),
    "a report to the department": Filled(
        Role.UNIT_OFFICER,
        fixed("/recommendations/report/"),
        lambda world, on: {
            "bases": [the_base().pk], "document_date": on.isoformat(), "notice_link": "https://www.example.invalid/gs/1.html",
            "text": reporting.proposed_letter(Round.objects.get(), PublicNotice.objects.all(), [], world.unit)[1],
        },
        [
            *nul_and_overlong({"text": 3000}),
            ("text", f"见 {ID_CARD}"),
            *wrong("bases", [[], ["0"], ["abc"], ["9" * 30], others_base]),
            *wrong("document_date", ["2026-02-30", "明天", "\x00", ""]),
            *wrong("notice_link", ["javascript:alert(7)", "ftp://example.invalid/", "https://a b/", "见\x00", "https://" + "长" * 300, ""]),
            *wrong("notice_proof", [excel(b"PK"), SimpleUploadedFile("空.pdf", b"")]),
            *wrong("no_objection_proof", [excel(b"PK")]),
        ],
        prepare=lambda world, on: world.in_unit_notice(on - timedelta(days=10)),
    ),
    "an objection": Filled(
        "public",
        lambda world, on: reverse("objection-new", args=[PublicNotice.objects.get().pk]),
        lambda world, on: {
            "base": the_base().pk, "kind": "person", "name": "实名", "phone": "13800000000",
            "grounds": "材料与事实不符，详见附件。", "consent": "on", "human": solved(),
        },
        [
            *nul_and_overlong({"name": 60, "grounds": 2000}),
            *wrong("name", ["甲", "张 11010519491231002X"]),
            *wrong("phone", ["", "12345", "138００００００００", "1380000000\x00"]),
            *wrong("grounds", ["太短"]),
            *wrong("kind", ["", "angel"]),
            *wrong("contact_person", ["长" * 31, "含\x00"]),
            *wrong("address", ["长" * 121, "含\x00"]),
            *wrong("base", ["", "0", "abc", "99999999999999999999", others_base]),
            *wrong("email", ["nobody"]),
            *wrong("evidence", [excel(b"PK"), SimpleUploadedFile("空.pdf", b""), [pdf_upload() for _n in range(6)]]),
            *wrong("consent", [""]),
            *wrong("human", ["", "e30=", "\x00", "W10=", "bnVsbA==", "长" * 3000]),
        ],
        prepare=lambda world, on: world.in_unit_notice(on),
    ),
    "a letter that objects": Filled(
        Role.UNIT_OFFICER,
        lambda world, on: f"{reverse('objection-letter')}?notice={PublicNotice.objects.get().pk}",
        lambda world, on: {
            "base": the_base().pk, "kind": "person", "grounds": "材料与事实不符，详见附件。", "received_by": "收发室",
            "received_on": on.isoformat(),
        },
        [
            *nul_and_overlong({"received_by": 30, "grounds": 2000}),
            *wrong("name", ["甲", "长" * 61]),
            *wrong("phone", ["12345"]),
            *wrong("received_on", ["2026-11-25", "2026-11-23", *DATES]),
            *wrong("base", ["", "0", "abc", others_base]),
        ],
        prepare=lambda world, on: world.in_unit_notice(on),
    ),
    "declining an objection": Filled(
        Role.UNIT_OFFICER,
        on_the_objection("decline"),
        lambda world, on: {"ground": "groundless", "reason": "没有具体事实。"},
        [*nul_and_overlong({"reason": 2000}), *wrong("ground", ["", "mood", "late", "\x00"])],
        prepare=lambda world, on: objected(world, on),
    ),
    "a record of an investigation": Filled(
        Role.UNIT_OFFICER,
        on_the_objection("record"),
        lambda world, on: {"kind": "site", "held_on": on.isoformat(), "people": "两人", "content": "现场查看。"},
        [
            *nul_and_overlong({"people": 200, "content": 2000}),
            *wrong("kind", ["", "seance"]),
            *wrong("held_on", ["2026-11-25", "2026-11-23", *DATES]),
            *wrong("papers", [excel(b"PK")]),
        ],
        prepare=lambda world, on: accepted(world, on),
    ),
    "more time for an objection": Filled(
        Role.UNIT_OFFICER,
        on_the_objection("extend"),
        lambda world, on: {"reason": "须等待检测。"},
        nul_and_overlong({"reason": 500}),
        prepare=lambda world, on: accepted(world, on),
    ),
    "a conclusion on an objection": Filled(
        Role.UNIT_OFFICER,
        on_the_objection("conclude"),
        lambda world, on: {"outcome": "partly_upheld", "findings": "部分属实。", "remedy": "更正。"},
        [
            *nul_and_overlong({"findings": 2000, "remedy": 1000}),
            *wrong("outcome", ["", "declined", "submitted", "\x00"]),
        ],
        prepare=lambda world, on: investigated(world, on),
    ),
    "an answer to an objection": Filled(
        Role.UNIT_OFFICER,
        on_the_objection("answer"),
        lambda world, on: {"text": "现答复如下。"},
        nul_and_overlong({"text": 3000}),
        prepare=lambda world, on: objections.decline(
            objection=objected(world, on), ground="groundless", reason="没有事实。", by=world.unit_officer, on=on
        ),
    ),
    "a notice": Filled(
        Role.UNIT_OFFICER,
        fixed("/desk/notices/new/"),
        lambda world, on: {"bases": [the_base().pk], "title": "关于推荐名单的公示", "text": "根据办法，现予公示。"},
        [
            *nul_and_overlong({"title": 120, "text": 3000}),
            ("title", "推荐名单"),
            *wrong("bases", [[], ["0"], ["abc"], ["99999999999999999999"], others_base]),
        ],
        prepare=lambda world, on: world.reviewed(on),
    ),
    "a recognition document": Filled(
        Role.DEPT_OFFICER,
        fixed("/documents/recognition/new/"),
        lambda world, on: {
            "bases": [the_base().pk], "title": "通知", "document_date": on.isoformat(), "published_on": on.isoformat()
        },
        [
            *nul_and_overlong({"title": 200}),
            *wrong("bases", [[], ["0"], ["abc"], others_base]),
            *wrong("document_date", ["2026-02-30", "明天", "\x00"]),
            *wrong("published_on", DATES),
        ],
        prepare=lambda world, on: world.recognised(on),
    ),
    "letters": Filled(
        Role.DEPT_OFFICER,
        of_the_round("round-letters"),
        lambda world, on: {"applications": [Application.objects.get(base=the_base()).pk], "document_date": on.isoformat()},
        [
            *wrong("applications", [[], ["0"], ["abc"], ["99999999999999999999"]]),
            *wrong("document_date", ["2026-02-30", "明天", "\x00", "2026-11-25", "9999-12-31"]),
        ],
        prepare=lambda world, on: world.in_state("not_recognised", on),
    ),
    "the text of an agreement": Filled(
        Role.UNIT_OFFICER,
        of_the_agreement("agreement-edit"),
        lambda world, on: {"seen": "1", "goals": "合作。", "term_years": "3", "posts_per_year": "12", "copies_total": "4",
                           "copies_each": "2", "insurance_by": "unit", "stipend_floor_master": "1000"},
        [
            *optional({"goals": 1500, "unit_representative": 30, "pay_standard": 200, "clause_way": 2000, "supplement": 2000}),
            *wrong("goals", [f"见{ID_CARD}"]), *wrong("clause_safety", [f"见{ID_CARD}"]),
            *wrong("term_years", ["0", "21", "1.5", "很多", "\x00", "-1"]), *wrong("posts_per_year", ["0", "501", "1e20"]),
            *wrong("copies_total", ["3", "51", "很多"]), *wrong("insurance_by", ["nobody", "\x00"]),
            *wrong("stipend_floor_master", AMOUNTS), *wrong("seen", ["abc", "99999999999999999999", "-1"]),
        ],
        prepare=lambda world, on: world.draft_agreement(world.constructing(on), on),
    ),
    "a new agreement": Filled(
        Role.UNIT_OFFICER,
        lambda world, on: reverse("agreement-new", args=[Base.objects.get().pk]),
        lambda world, on: {"kind": "renewal", "changes": "续签。"},
        [*wrong("kind", ["", "first", "gift", "\x00"]), *optional({"changes": 500})],
        prepare=lambda world, on: world.revise_agreement(world.constructing(on), on),
    ),
    "an agreement that is sent back": Filled(
        Role.PARTNER_OFFICER,
        of_the_agreement("agreement-act", "return"),
        lambda world, on: {"reason": "缺少约定。", "seen": "1"},
        [*nul_and_overlong({"reason": 300}), *wrong("seen", ["abc", "99999999999999999999"])],
        prepare=lambda world, on: world.propose_agreement(world.constructing(on), on),
    ),
    "a signed agreement": Filled(
        Role.UNIT_OFFICER,
        of_the_agreement("agreement-act", "sign"),
        lambda world, on: {"file": pdf_upload(), "signed_on": on.isoformat(), "effective_on": ""},
        [
            *wrong("file", [None]),
            *wrong("signed_on", ["2026-11-25", "9999-12-31", "0001-01-01", "2026-02-30", "明天", "\x00", ""]),
            *wrong("effective_on", ["2026-11-23", "9999-12-31", "2026-02-30", "明天", "\x00"]),
        ],
        prepare=lambda world, on: world.hand_in_agreement(world.constructing(on), on),
    ),
    "an agreement that ends": Filled(
        Role.PARTNER_OFFICER,
        of_the_agreement("agreement-act", "terminate"),
        lambda world, on: {"ending": "breach", "ended_on": on.isoformat(), "reason": "停产。"},
        [
            *nul_and_overlong({"reason": 300}), *wrong("ending", ["", "mood", "\x00"]),
            *wrong("ended_on", ["2026-11-23", "9999-12-31", "0001-01-01", "2026-02-30", "明天", "\x00", ""]),
        ],
        prepare=lambda world, on: world.revise_agreement(world.constructing(on), on),
    ),
    "a nomination": Filled(
        Role.PARTNER_OFFICER,
        lambda world, on: reverse("mentor-nominate", args=[the_base().pk]),
        lambda world, on: {"name": "龚工", "reason": "能干。", **mentoring.ENGINEER, "years": "12"},
        [
            *wrong("mentor", ["0", "abc", "\x00"]),
            *wrong("name", ["", "长" * 31, "含\x00", f"龚{ID_CARD}"]),
            *wrong("title", ["king", "\x00"]),
            *wrong("years", ["-1", "很多", "9" * 30]),
            *wrong("phone", ["12345", "138００００００００"]),
            *wrong("email", ["nobody", "a@b"]),
            *wrong("reason", ["", " ", "长" * 301, "含\x00", f"能干 {ID_CARD}"]),
        ],
        prepare=lambda world, on: world.constructing(on),
    ),
    "a training of mentors": Filled(
        Role.UNIT_OFFICER,
        lambda world, on: reverse("mentor-training", args=[the_base().pk]),
        lambda world, on: {
            "topic": "规范", "held_on": on.isoformat(), "hours": "4", "file": pdf_upload(),
            "mentors": [Appointment.objects.filter(base=the_base(), status="appointed")[0].mentor_id],
        },
        [
            *wrong("topic", ["", "长" * 101, "含\x00"]),
            *wrong("held_on", ["", "2026-02-30", "明天", "\x00"]),
            *wrong("hours", ["", "0", "-1", "201", "NaN", "很多", "1e400"]),
            *wrong("mentors", [[], ["0"], ["abc"], ["99999999999999999999"]]),
            *wrong("note", ["长" * 301, "含\x00"]),
        ],
        prepare=lambda world, on: world.constructing(on),
    ),
    "a term of a committee": Filled(
        Role.UNIT_OFFICER,
        lambda world, on: reverse("committee-term", args=[the_base().pk]),
        lambda world, on: {"starts_on": on.isoformat(), "ends_on": "2029-11-23", "office": "创新办"},
        [
            *wrong("starts_on", ["", "2026-02-30", "\x00"]),
            *wrong("ends_on", ["", "明天", "\x00"]),
            *wrong("office", ["", "长" * 61, "含\x00", f"办{ID_CARD}"]),
            *wrong("office_place", ["长" * 121, "含\x00"]),
            *wrong("office_phone", ["长" * 41, "含\x00"]),
        ],
        prepare=lambda world, on: world.constructing(on),
    ),
    "certificates of practice": Filled(
        Role.PARTNER_OFFICER,
        lambda world, on: reverse("certificate-write", args=[the_base().pk]),
        lambda world, on: {"placement": Placement.objects.get().pk, "common": "认真。", "do": "save"},
        wrong("common", ["长" * 501, "含\x00", f"认真 {ID_CARD}"]),
        prepare=lambda world, on: certified.over(world.constructing(on), on),
    ),
    "a certificate that no longer stands": Filled(
        Role.PARTNER_OFFICER,
        lambda world, on: reverse("certificate-withdraw", args=[PracticeCertificate.objects.get().pk]),
        lambda world, on: {"reason": "等级写错。"},
        wrong("reason", ["", " ", "长" * 301, "含\x00", f"写错 {ID_CARD}"]),
        prepare=lambda world, on: certified.certified(world, world.constructing(on), on),
    ),
    "what was paid to a mentor": Filled(
        Role.UNIT_OFFICER,
        lambda world, on: reverse("remuneration-new", args=[the_base().pk]),
        lambda world, on: {
            "mentor": Mentor.objects.get(name="龚工").pk, "from_on": on.isoformat(), "to_on": on.isoformat(), "amount": "300.50",
            "paid_on": on.isoformat(), "voucher": pdf_upload(),
        },
        [
            *wrong("mentor", ["", "0", "abc", "\x00"]),
            *wrong("from_on", ["", "2026-11-23", "0001-01-01", "2026-02-30", "明天", "\x00"]),
            *wrong("to_on", ["", "2026-11-23", "2026-02-30", "明天", "\x00"]),
            *wrong("amount", [*AMOUNTS, "", "0", "0.001"]),
            *wrong("paid_on", ["", "2026-11-23", "2026-11-25", "9999-12-31", "明天", "\x00"]),
            *wrong("voucher", [None]),
            *wrong("note", ["长" * 201, "含\x00", ID_CARD]),
        ],
        prepare=lambda world, on: mentoring.appointed(world, world.constructing(on), on),
    ),
    "why a payment is reversed": Filled(
        Role.UNIT_OFFICER,
        lambda world, on: reverse("remuneration-reverse", args=[RemunerationPayment.objects.get().pk]),
        lambda world, on: {"reason": "重复登记。"},
        wrong("reason", ["", " ", "长" * 301, "含\x00", f"重复 {ID_CARD}"]),
        prepare=lambda world, on: paid_a_mentor(world, on),
    ),
    "a rule of a base": Filled(
        Role.PARTNER_OFFICER,
        lambda world, on: reverse("base-rule", args=[the_base().pk]),
        lambda world, on: {"kind": "safety", "title": "安全办法", "file": pdf_upload(), "effective_on": on.isoformat()},
        [
            *wrong("kind", ["", "joy", "\x00"]),
            *wrong("title", ["", "长" * 101, "含\x00"]),
            *wrong("file", [None]),
            *wrong("effective_on", ["", "2026-02-30", "\x00"]),
            *wrong("note", ["长" * 301, "含\x00"]),
        ],
        prepare=lambda world, on: world.constructing(on),
    ),
    "a project": Filled(
        Role.PARTNER_OFFICER,
        lambda world, on: reverse("project-new", args=[the_base().pk]),
        lambda world, on: {"name": "状态监测", "owner": "partner"},
        [
            *wrong("name", ["", " ", "长" * 101, "含\x00", f"项目{ID_CARD}"]),
            *wrong("owner", ["", "unit", "heaven", "\x00"]),
            *wrong("funds", ["-1", "NaN", "很多", "1e400", "9" * 30]),
            *wrong("starts_on", ["2026-02-30", "明天", "\x00"]),
            *wrong("summary", ["长" * 501, "含\x00"]),
        ],
        prepare=lambda world, on: world.constructing(on),
    ),
    "a topic": Filled(
        Role.UNIT_OFFICER,
        lambda world, on: reverse("topic-new", args=[the_base().pk]),
        lambda world, on: {
            "placement": Placement.objects.get().pk, "title": "诊断方法研究", "project": BaseProject.objects.get().pk, "uses_practice": "on",
        },
        [
            *wrong("placement", ["", "0", "abc", "\x00", "9" * 30]),
            *wrong("title", ["", " ", "长" * 151, "含\x00", f"研究{ID_CARD}"]),
            *wrong("project", ["0", "abc", "9" * 30]),
            *wrong("uses_practice", [""]),
            *wrong("planned_on", ["2026-02-30", "明天", "\x00"]),
        ],
        prepare=lambda world, on: _without_a_topic(world, on),
    ),
    "a clearance": Filled(
        Role.PARTNER_OFFICER,
        lambda world, on: reverse("topic-act", args=[the_base().pk, "clear"]),
        lambda world, on: {"topic": ThesisTopic.objects.get().pk, "verdict": "conditions", "conditions": "数据。"},
        [
            *wrong("verdict", ["", "perhaps", "\x00"]),
            *wrong("conditions", ["", "长" * 501, "含\x00"]),
            *wrong("closed_until", ["2026-11-24", "2026-02-30", "明天", "\x00"]),
            *wrong("reason", ["长" * 301, "含\x00"]),
        ],
        prepare=lambda world, on: research.one_of_each(world.constructing(on), world.unit, world.partner, on),
    ),
    "a request to publish": Filled(
        Role.UNIT_OFFICER,
        lambda world, on: reverse("publication-new", args=[the_base().pk]),
        lambda world, on: {
            "placement": Placement.objects.get().pk, "project": BaseProject.objects.get().pk, "kind": "paper", "title": "方法", "venue": "学报",
            "abstract": "方法。", "answer_by": on.isoformat(),
        },
        [
            *wrong("placement", ["", "0", "abc", "\x00"]),
            *wrong("project", ["", "0", "abc", "9" * 30]),
            *wrong("kind", ["", "shout", "\x00"]),
            *wrong("title", ["", "长" * 201, "含\x00"]),
            *wrong("venue", ["", "长" * 121]),
            *wrong("abstract", ["", "长" * 1501, "含\x00", f"方法 {ID_CARD}"]),
            *wrong("answer_by", ["", "2026-11-23", "2026-02-30", "明天"]),
        ],
        prepare=lambda world, on: research.one_of_each(world.constructing(on), world.unit, world.partner, on),
    ),
    "a result": Filled(
        Role.UNIT_OFFICER,
        lambda world, on: reverse("result-new", args=[the_base().pk]),
        lambda world, on: {"kind": "paper", "title": "论文", "achieved_on": on.isoformat(), "authors": "成果作者", "owner": "both"},
        [
            *wrong("kind", ["", "joy", "\x00"]),
            *wrong("title", ["", "长" * 201, "含\x00"]),
            *wrong("achieved_on", ["", "2026-11-25", "9999-12-31", "2026-02-30", "明天"]),
            *wrong("authors", ["", " ", "成果作者，国王", "长" * 31, "甲\n甲", "含\x00", f"甲，{ID_CARD}", "甲\n" * 51]),
            *wrong("owner", ["", "heaven"]),
            *wrong("project", ["0", "abc", "9" * 30]),
            *wrong("request", ["0", "abc", "9" * 30]),
        ],
        prepare=lambda world, on: research.one_of_each(world.constructing(on), world.unit, world.partner, on),
    ),
    "an activity": Filled(
        Role.PARTNER_OFFICER,
        lambda world, on: reverse("exchange-new", args=[the_base().pk]),
        lambda world, on: {"title": "论坛", "held_on": on.isoformat(), "place": "研发楼", "participants": "30"},
        [
            *wrong("title", ["", "长" * 101, "含\x00"]),
            *wrong("held_on", ["", "2026-11-25", "2026-02-30", "明天"]),
            *wrong("place", ["", "长" * 121]),
            *wrong("participants", ["", "0", "-1", "100001", "NaN", "很多", "9" * 30]),
        ],
        prepare=lambda world, on: world.constructing(on),
    ),
    "a score sheet": Filled(
        Role.EXPERT,
        lambda world, on: reverse("sheet", args=[Assignment.objects.get(expert=world.experts[0].user).pk]),
        lambda world, on: {"do": "save", "points_fit": "18", "comment": "扎实"},
        [
            *wrong("points_fit", ["-0.5", "20.5", "1e9", "NaN", "很好", "0.25", "\x00"]),
            *wrong("comment", ["长" * 1001, "含\x00"]),
        ],
        prepare=lambda world, on: world.declare_free(world.in_review(on).panels.get(), on),
    ),
    "an expert's recusal before scoring": Filled(
        Role.EXPERT,
        lambda world, on: reverse("review-declare", args=[Assignment.objects.get(expert=world.experts[0].user).pk]),
        lambda world, on: {"do": "recuse", "recuse-relation": "family", "recuse-reason": "配偶在该公司任职。"},
        [
            *wrong("recuse-relation", ["", "enemy", "\x00"]),
            *wrong("recuse-reason", ["", " ", "长" * 201, "含\x00", f"亲属 {ID_CARD}"]),
        ],
        prepare=lambda world, on: world.in_review(on),
    ),
    "experts to avoid": Filled(
        Role.APPLICANT,
        of_the_application("application-avoid"),
        lambda world, on: {"name_1": "郝连城", "employer_1": "塞外理工大学", "reason_1": "学术争议。"},
        [
            *wrong("name_1", ["", "长" * 41, "含\x00", f"郝{ID_CARD}"]),
            *wrong("employer_1", ["", "长" * 101, "含\x00"]),
            *wrong("reason_1", ["", "长" * 301, "含\x00", f"争议 {ID_CARD}"]),
        ],
        prepare=lambda world, on: world.draft(on),
    ),
    "a conflict found later": Filled(
        Role.DEPT_OFFICER,
        lambda world, on: reverse("assignment-conflict", args=[Assignment.objects.get(expert=world.experts[0].user).pk]),
        lambda world, on: {"reason": "任公司独立董事。"},
        wrong("reason", ["", " ", "长" * 301, "含\x00", f"任职 {ID_CARD}"]),
        prepare=lambda world, on: world.in_review(on),
    ),
    "why a gap of a panel stays unfilled": Filled(
        Role.DEPT_OFFICER,
        lambda world, on: reverse("panel-go-on", args=[Panel.objects.get().pk]),
        lambda world, on: {"reason": "专家库中没有其他专家。"},
        wrong("reason", ["", " ", "长" * 301, "含\x00", f"没有 {ID_CARD}"]),
        prepare=left_by_two,
    ),
    "why a score sheet is opened again": Filled(
        Role.DEPT_OFFICER,
        lambda world, on: reverse("sheet-unlock", args=[Assignment.objects.get(expert=world.experts[0].user).pk]),
        lambda world, on: {"reason": "材料有补充。"},
        nul_and_overlong({"reason": 300}),
        prepare=lambda world, on: world.score(world.in_review(on).panels.get(), 80, on, count=1),
    ),
    "a version of the rubric": Filled(
        Role.DEPT_OFFICER,
        lambda world, on: reverse("rubric-edit", args=[Rubric.objects.get(state="draft").pk]),
        lambda world, on: {
            "name": "新指标", "note": "试行。", "seen": rubrics.fingerprint(Rubric.objects.get(state="draft")), "form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-key": "results",
            "form-0-name": "前期成效", "form-0-points": "100", "form-0-floor": "0", "form-0-step": "0.5",
        },
        [*nul_and_overlong({"name": 60}), *wrong("note", ["长" * 301, "含\x00"])],
        prepare=lambda world, on: rubrics.draft(purpose="application", by=world.officer),
    ),
    "an expense": Filled(
        Role.UNIT_OFFICER,
        lambda world, on: reverse("expense-new", args=[Base.objects.get(state="constructing").pk]),
        lambda world, on: {
            "account": Account.objects.get(kind="grant").pk, "kind": "other", "kind_reason": "研究生论坛场租。", "amount": "100.50",
            "spent_on": on.isoformat(), "payee": "某会议中心", "purpose": "论坛场租", "voucher": pdf_upload(),
        },
        [
            *nul_and_overlong({"payee": 100, "purpose": 300, "kind_reason": 200}),
            *[("payee", f"某人{ID_CARD}"), ("purpose", ID_CARD)],
            *wrong("amount", [*AMOUNTS, "", "0", "100000.01", "100.505"]),
            *wrong("spent_on", ["9999-12-31", "2026-11-25", "2026-11-23", "明天", "\x00", ""]),
            *wrong("account", ["", "0", "abc", "\x00"]),
            *wrong("kind", ["", "gift", "\x00"]),
            *wrong("voucher", [None]),
        ],
        prepare=lambda world, on: granted(world, world.constructing(on), on),
    ),
    "a contribution": Filled(
        Role.PARTNER_OFFICER,
        lambda world, on: reverse("contribution-new", args=[Base.objects.get(state="constructing").pk]),
        lambda world, on: {
            "side": "partner", "kind": "funds", "route": "account", "year": "1", "amount": "100.50", "received_on": on.isoformat(),
            "what": "配套经费", "voucher": pdf_upload(),
        },
        [
            *nul_and_overlong({"what": 200}),
            ("what", ID_CARD),
            *wrong("side", ["", "unit", "other", "\x00"]),
            *wrong("kind", ["", "gold"]),
            *wrong("route", ["pocket"]),
            *wrong("year", ["", "0", "9", "abc"]),
            *wrong("amount", [*AMOUNTS, "", "0"]),
            *wrong("received_on", ["9999-12-31", "2026-11-25", "2026-11-23", "明天", "\x00", ""]),
            *wrong("voucher", [None]),
        ],
        prepare=lambda world, on: world.constructing(on),
    ),
    "a plan": Filled(
        Role.PARTNER_OFFICER,
        lambda world, on: reverse("base-plan", args=[Base.objects.get(state="constructing").pk]),
        lambda world, on: {
            **{f"funds_{plan.year}": str(plan.amount) for plan in ContributionPlan.objects.filter(side="partner", number=1)},
            "site_2": "100.50", "funds_1": "1.00", "reason": "调整。",
        },
        [*wrong("site_2", AMOUNTS), *nul_and_overlong({"reason": 300}), ("reason", ID_CARD)],
        prepare=lambda world, on: world.constructing(on),
    ),
    "a reversal": Filled(
        Role.UNIT_OFFICER,
        lambda world, on: reverse("expense-reverse", args=[Expense.objects.get().pk]),
        lambda world, on: {"reason": "重复登记。"},
        [*nul_and_overlong({"reason": 300}), *wrong("reason", ["", ID_CARD])],
        prepare=lambda world, on: spent(world, granted(world, world.constructing(on), on), on),
    ),
    "an incident": Filled(
        Role.PARTNER_OFFICER,
        act_on("constructing", "report-incident"),
        lambda world, on: {"happened_on": on.isoformat(), "description": "事故。", "measures": "已返校。"},
        [
            *nul_and_overlong({"description": 2000, "measures": 1000}),
            *wrong("happened_on", ["2026-11-25", "9999-12-31", "2026-02-30", "明天", "\x00", ""]),
        ],
        prepare=lambda world, on: world.constructing(on),
    ),
    "a withdrawal": Filled(
        Role.UNIT_OFFICER,
        act_on("constructing", "request-withdrawal"),
        lambda world, on: {
            "reason": "方向调整。", "unit_signatory": "校方", "partner_signatory": "企业", "signed_on": on.isoformat(),
            "request_file": pdf_upload(),
        },
        [
            *nul_and_overlong({"reason": 1000, "unit_signatory": 30, "partner_signatory": 30}),
            *wrong("signed_on", ["9999-12-31", "2026-11-25", "明天", "\x00"]),
            *wrong("request_file", [None]),
        ],
        prepare=lambda world, on: world.graded(world.assessing(on), "qualified", on),
    ),
    "a cut-off": Filled(
        Role.DEPT_OFFICER,
        of_the_round("ranking-cutoff"),
        lambda world, on: {"by": "count", "at": "1", "revision": "0"},
        [*wrong("by", ["", "mood", "\x00"]), *wrong("at", [*AMOUNTS, "", "1.5", "10000"]), *wrong("revision", ["-1", "abc"])],
        prepare=lambda world, on: scored(world, "已评的项目", ["80", "80", "80"]),
    ),
    "a change by hand": Filled(
        Role.DEPT_OFFICER,
        lambda world, on: reverse("ranking-change", args=[Round.objects.get().pk, Application.objects.get().pk]),
        lambda world, on: {"chosen": "yes", "reason": "布局需要。", "revision": "0"},
        [
            *wrong("chosen", ["", "maybe", "\x00"]), *nul_and_overlong({"reason": 300}),
            *wrong("reason", ["", f"见{ID_CARD}"]), *wrong("revision", ["", "-1", "abc"]),
        ],
        prepare=lambda world, on: scored(world, "已评的项目", ["80", "80", "80"]),
    ),
    "a grade": Filled(
        Role.DEPT_LEADER,
        act_on("assessing", "decide-grade"),
        lambda world, on: {"grade": "excellent", "reason": ""},
        [*wrong("grade", ["", "good", "\x00"]), *wrong("reason", ["长" * 1001, "含\x00"])],
        prepare=lambda world, on: world.proposed(world.assessing(on), "excellent", on),
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_wrong_value_is_named_beside_its_field_in_chinese_and_nothing_is_kept(
    world: World, today: date, on_day: Any, form: Filled
) -> None:
    form.prepare(world, today)
    client = Client(raise_request_exception=False)
    if form.role != "public":
        client.force_login(world.everybody()[form.role].user)
    forged = {each: each(world) for each in (others_base, others_applicant) if any(v is each for _name, v in form.bad)}
    address, before = form.address(world, today), kept()
    expected, found = {}, {}
    for name, value in form.bad:
        sent = form.good(world, today) | {name: forged[value] if callable(value) else value}
        for each in (value, sent[name]):
            if hasattr(each, "seek"):
                each.seek(0)
        answer = client.post(address, {key: each for key, each in sent.items() if each is not None})
        key = (name, value if len(repr(value)) < 30 else repr(value)[:30])
        expected[repr(key)] = (True, {name})
        shown = answer.context["form"] if answer.status_code in {200, 422} and answer.context else None
        errors = {shown.add_prefix(each): texts for each, texts in shown.errors.items()} if shown is not None else {}
        in_chinese = all(CJK.search(text) for texts in errors.values() for text in texts)
        found[repr(key)] = (in_chinese, set(errors)) if errors else (answer.status_code, answer.headers.get("Location"))
    assert found == expected
    assert kept() == before
    # What was wrong was wrong alone: without it the form is carried out.
    assert client.post(address, form.good(world, today)).status_code == 302
    assert kept() != before


# ---- the application, section by section


SECTION_FORMS = ("cover", "basics", "partner", "cooperation", "mentors", "plan", "budget")
VARIANTS = 7


def wrong_answers(name: str, field: forms.Field) -> list[str]:
    """What no field of this kind takes."""
    if isinstance(field, forms.DateField):
        return DATES
    if isinstance(field, forms.DecimalField):
        return ["-0.01", "1e20", "NaN", "Infinity", "很多", "0.0000001", "\x00"]
    if isinstance(field, forms.IntegerField):
        return ["-1", "1.5", "很多", "1e400", "9" * 30, "\x00", "9" * 5000]
    if isinstance(field, forms.ChoiceField):
        return ["magic", "0", "\x00", "9" * 30, "-1", SCRIPT]
    if isinstance(field, forms.EmailField):
        return ["nobody", "含\x00@example.invalid", "a@b", "长" * 300]
    if name.endswith("_phone"):
        return ["12345", "138００００００００", "1380000000\x00", ID_CARD]
    assert isinstance(field, forms.CharField)
    return ["长" * ((field.max_length or 0) + 1), "含\x00字", f"见{ID_CARD}"]


def written() -> dict[str, Any]:
    """Every row, apart from the count and the time of a draft's saves."""
    found = kept()
    names = [column.attname for column in Application._meta.concrete_fields if column.name != "saved_at"]
    found["applications.Application"] = list(Application.objects.order_by("pk").values_list(*names))
    return {model: rows for model, rows in found.items() if model != "applications.SectionState"}


@pytest.mark.article("8(1)")
@pytest.mark.parametrize("key", SECTION_FORMS)
def test_a_wrong_answer_in_the_application_is_named_in_chinese_and_what_stood_stays(
    world: World, client: Client, today: date, on_day: Any, key: str
) -> None:
    draft = Application.objects.get(base=world.draft(today))
    others = [drafting.RowEntry(uuid4(), {"partner": world.other_partner, "share": "三成"})]
    drafting.save_section(
        application=draft, section="partner", by=world.applicant, on=TODAY, rows={"other_partners": others}
    )
    form = draft_forms.SectionForm(section=paper.BY_KEY[key], read=snapshot.read(draft, today), on=today)
    client.force_login(world.applicant.user)
    client.raise_request_exception = False
    before, tried = written(), 0
    for n in range(VARIANTS):
        fields = {name: (f"id_{name}", field) for name, field in form.fields.items()}
        sent: dict[str, Any] = {"tables": [table.table.name for table in form.tables]}
        for table in form.tables:
            sent[f"{table.table.name}-order"] = [row.key for row in table.rows]
            assert table.rows
            fields |= {
                row.add_prefix(name): (row[name].auto_id, row.fields[name]) for row in table.rows for name in row.fields
            }
        for name, (_anchor, field) in fields.items():
            answers = wrong_answers(name, field)
            sent[name] = answers[n % len(answers)]
        for address in ("application-autosave", "application-section"):
            answer = client.post(reverse(address, args=[draft.pk, key]), sent)
            assert (address, n, answer.status_code) == (address, n, 422)
            named = {each.anchor: each.message for each in answer.context["wrong"]}
            assert {anchor for anchor, _field in fields.values()} - set(named) == set()
            assert {message for message in named.values() if not CJK.search(message)} == set()
            assert SCRIPT not in answer.text
            tried += len(named)
    assert written() == before
    assert tried >= 2 * VARIANTS


def test_forged_tables_keys_and_columns_reach_nothing(world: World, client: Client, today: date, on_day: Any) -> None:
    draft = Application.objects.get(base=world.draft(today))
    strange = Application.objects.get(
        base=replace(world, unit=world.other_unit, applicant=world.other_applicant).draft(today)
    )
    client.force_login(world.applicant.user)
    row, student = strange.projects.first(), draft.trained_students.first()
    assert row is not None
    assert student is not None
    before = written()
    projects = list(draft.projects.order_by("position"))
    own = [str(each.key) for each in projects]
    cells = {
        f"projects-{each.key}-{name}": getattr(each, name)
        for each in projects
        for name in ("name", "source", "places", "summary")
    }
    for tables, order, more in (
        (["trained_students"], {"trained_students-order": [str(student.key)]}, {f"trained_students-{student.key}-name": "伪造"}),
        (["versions", "base", "__class__", "\x00", ""], {"versions-order": [str(uuid4())]}, {"versions-x-number": "9"}),
        (["projects"], {"projects-order": [*own, "不是", "\x00", "../..", "9" * 40, "", "{" + own[0]]}, {}),
        (["projects"], {"projects-order": [*own, *own]}, {}),
        (["projects"], {"projects-order": own}, {f"projects-{row.key}-name": "伪造", f"projects-{own[0]}-application": strange.pk}),
        ([], {"projects-order": []}, {"base": strange.base_id, "declared_on": "2026-01-01", "round": "1", "saved_at": "2020-01-01"}),
        ([], {}, {"application": strange.pk, "pk": strange.pk, "state": "recognised", "partner_profile": "1"}),
    ):  # fmt: skip
        answer = client.post(
            reverse("application-autosave", args=[draft.pk, "partner"]), cells | {"tables": tables} | order | more
        )
        assert (order, answer.status_code) == (order, 200)
    assert written() == before
    # A row of somebody else's cannot be taken over either: under its key one's own paper gets a row of its own.
    theirs = cells | {
        "tables": ["projects"],
        "projects-order": [*own, str(row.key)],
        f"projects-{row.key}-name": "伪造",
    }
    assert client.post(reverse("application-autosave", args=[draft.pk, "partner"]), theirs).status_code == 200
    assert strange.projects.get(key=row.key).name == row.name
    assert draft.projects.get(key=row.key).name == "伪造"
    for section in ("students", "attachments", "nothing", "__init__"):
        assert client.post(reverse("application-autosave", args=[draft.pk, section]), {}).status_code == 404


@pytest.mark.parametrize(("rows", "status"), [(3000, 422), (5000, 400)])
def test_a_table_of_thousands_of_rows_is_refused_as_a_whole(
    world: World, client: Client, today: date, on_day: Any, rows: int, status: int
) -> None:
    draft = Application.objects.get(base=world.draft(today))
    client.force_login(world.applicant.user)
    before, keys = written(), [str(uuid4()) for _n in range(rows)]
    sent = {"tables": ["campus_mentors"], "campus_mentors-order": keys} | {
        f"campus_mentors-{key}-name": "导师" for key in keys
    }
    answer = client.post(reverse("application-autosave", args=[draft.pk, "mentors"]), sent)
    said = {422: f"最多 200 行，交来 {rows} 行，表格没有保存。", 400: "提交的内容没有收到"}[status]
    assert (answer.status_code, said in answer.text) == (status, True)
    assert written() == before


@pytest.mark.article("7(3)")
def test_a_pasted_roster_with_more_rows_than_it_may_have_writes_nothing(
    world: World, client: Client, today: date, on_day: Any
) -> None:
    draft = Application.objects.get(base=world.draft(today))
    client.force_login(world.applicant.user)
    line = "\t".join(["萨仁", "%d", "0855", "", "硕士", "全日制", "李文华", "王建军", "2023-09-01"])
    before = TrainedStudent.objects.count()
    text = "\n".join(line % n for n in range(5001))
    page = client.post(reverse("roster-check", args=[draft.pk]), {"text": text}, follow=True)
    checked = ImportCheck.objects.get()
    assert checked.wrong > 0
    assert "5000" in checked.errors[0]["message"]
    assert checked.errors[0]["message"] in page.text
    refused = client.post(reverse("roster-apply", args=[draft.pk, checked.pk]))
    assert (refused.status_code, "没有写入任何数据" in refused.text) == (409, True)
    assert TrainedStudent.objects.count() == before


@pytest.mark.article("8(1)")
@pytest.mark.parametrize(
    ("kind", "content"),
    [("agreement", b""), ("agreement", b"MZ" + b"\x90\x00" * 400), ("agreement", b"%PDF-1.7 torn"), ("agreement", b"PK\x03\x04"),
     ("students", b"PK\x03\x04torn"), ("other", b"<html><script>alert(7)</script></html>")],
)  # fmt: skip
def test_an_attachment_that_is_not_what_it_should_be_is_refused_in_chinese(
    world: World, client: Client, today: date, on_day: Any, kind: str, content: bytes
) -> None:
    draft = Application.objects.get(base=world.draft(today, files=()))
    client.force_login(world.applicant.user)
    before = kept()
    for name in ("协议.pdf", f"{SCRIPT}.pdf", f"{ID_CARD}.pdf", "长" * 300 + ".pdf", "../../etc/passwd"):
        answer = client.post(
            reverse("attachment-upload", args=[draft.pk, kind]), {"file": SimpleUploadedFile(name, content)}
        )
        (card,) = (each for each in answer.context["cards"] if each.spec.key == kind)
        assert (answer.status_code, len(card.errors), SCRIPT in answer.text) == (422, 1, False)
        assert CJK.search(card.errors[0])
    assert kept() == before


@pytest.mark.article("8(1)")
def test_an_attachment_of_no_kind_or_instead_of_nothing_is_not_kept(
    world: World, client: Client, today: date, on_day: Any
) -> None:
    draft = Application.objects.get(base=world.draft(today))
    client.force_login(world.applicant.user)
    before = kept()
    upload = reverse("attachment-upload", args=[draft.pk, "other"])
    licence = draft.files.get(kind="partner_licence")
    found = [client.post(reverse("attachment-upload", args=[draft.pk, "poem"]), {"file": pdf_upload()}).status_code]
    for replaces in ("0", "abc", "\x00", "9" * 11, "9" * 30, "-1", str(licence.pk)):
        found.append(client.post(upload, {"file": pdf_upload(), "replaces": replaces}).status_code)
    assert found == [404] * 8
    assert kept() == before


@pytest.mark.article("6")
def test_wrong_facts_of_a_unit_are_named_in_their_row_and_none_is_kept(
    world: World, client: Client, today: date, on_day: Any
) -> None:
    client.raise_request_exception = False
    client.force_login(world.officer.user)
    address = reverse("unit-facts", args=[world.round(today).pk])
    row, other = f"u{world.unit.pk}", f"u{world.other_unit.pk}"
    good = {
        f"{each}-{name}": value
        for each in (row, other)
        for name, value in {"categories": "3", "students": "600", "double_first_class": "no"}.items()
    }
    before = kept()
    numbers = ["-1", "1.5", "9" * 30, "很多", "\x00", ""]
    bad = [*wrong("categories", [*numbers, "101"]), *wrong("students", [*numbers, "200001"])]
    bad += wrong("double_first_class", ["maybe", "\x00", ""])
    for name, value in bad:
        answer = client.post(address, good | {f"{row}-{name}": value})
        assert (name, value, answer.status_code) == (name, value, 422)
        (found,) = answer.context["wrong"]
        assert (found.unit, set(found.errors)) == (world.unit, {name})
        assert all(CJK.search(message) for message in found.errors[name])
    assert kept() == before
    assert client.post(address, good | {"u0-categories": "9", "ux-students": "9"}).status_code == 302
    assert set(UnitFacts.objects.values_list("training_unit", "categories", "professional_students")) == {
        (world.unit.pk, 3, 600),
        (world.other_unit.pk, 3, 600),
    }


@pytest.mark.article("6")
def test_a_quota_that_is_out_or_is_none_is_not_changed(world: World, client: Client, today: date, on_day: Any) -> None:
    client.raise_request_exception = False
    client.force_login(world.officer.user)
    round_ = world.round(today)
    before = kept()
    form = {"places": "99", "reason": "伪造", **WEIGHTS, "accept_missing": "on"}
    out = {
        name: client.post(reverse(name, args=args), form)
        for name, args in {
            "quota-override": [round_.pk, world.quota(today).pk],
            "quota-list": [round_.pk],
        }.items()
    }
    assert {name: (answer.status_code, "名额已于" in answer.text) for name, answer in out.items()} == {
        "quota-override": (409, True),
        "quota-list": (409, True),
    }
    again = client.post(reverse("quota-publish", args=[round_.pk]), form)
    assert (again.status_code, bool(again.context["form"].errors)) == (422, True)
    nothing = [
        client.post(f"/rounds/{round_.pk}/quotas/{quota}/", form).status_code for quota in (0, 9, "9" * 30, -1, "abc")
    ]
    assert nothing == [404] * 5
    assert kept() == before
    assert Quota.objects.get(training_unit=world.unit).places == 10


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"construction_years": "32767"},
            "以年计的期限不能超过 50 年，公示期不能超过 60 个工作日，报告期限不能超过 366 天。",
        ),
        ({"notice_working_days": "11"}, "公示期不能超过公示期上限，上限不能超过 60 个工作日。"),
        ({"objection_conclude_days": "61"}, "异议的受理、办结和延期期限都应在 1 到 60 个工作日之间。"),
        (
            {"panel_size": "2"},
            "每项评审专家不少于专家下限、不多于 15 人，行业专家不多于评审专家，去掉最高最低分至少要 3 名专家。",
        ),
        (
            {"meeting_quorum_percent": "101"},
            "分差和偏离提示线应大于 0，回避追溯不超过 50 年，出席下限在 1% 到 100% 之间，修订协议期限在 1 到 366 天之间。",
        ),
        ({"monthly_due_day": "29"}, "月度考核和补贴的填报截止应在次月 1 日到 28 日之间。"),
        ({"practice_months_min": "13"}, "专业实践最短月数不能大于最长月数。"),
        ({"qualified_score": "90"}, "合格分数线应低于优秀分数线。"),
        ({"excellent_score": "101"}, "分数线应在 0 到 100 之间。"),
        ({"demonstration_grant": "-0.01"}, "金额不能为负数。"),
        ({"effective_from": "2026-11-24"}, "施行日期应晚于今天（2026-11-24），已经开始的事项沿用原版本。"),
        ({"effective_from": "0001-01-01"}, "施行日期应晚于今天（2026-11-24），已经开始的事项沿用原版本。"),
    ],
)
def test_policy_values_that_contradict_one_another_are_refused_in_chinese(
    world: World, client: Client, today: date, on_day: Any, changes: dict[str, str], message: str
) -> None:
    before = kept()
    client.force_login(world.security_admin.user)
    answer = client.post("/policies/", FORMS["a policy"].good(world, today) | changes)
    assert answer.context["form"].errors == {"__all__": [message]}
    assert message in answer.text
    assert kept() == before


@pytest.mark.article("8(4)")
def test_a_document_of_a_year_without_offices_is_not_registered(
    world: World, client: Client, today: date, on_day: Any
) -> None:
    form = FORMS["a recognition document"]
    form.prepare(world, today)
    before = kept()
    client.force_login(world.officer.user)
    answer = client.post("/documents/recognition/new/", form.good(world, today) | {"document_date": "0001-01-01"})
    assert answer.context["form"].errors == {"__all__": ["成文日期 0001-01-01 的年份不对，请核对。"]}
    assert kept() == before


def test_signing_in_with_nonsense_is_refused_in_chinese(world: World, client: Client) -> None:
    for username, password in (("x" * 5000, "y"), ("含\x00", "y"), (world.officer.user.username, ""), (SCRIPT, "y")):
        answer = client.post("/login/", {"username": username, "password": password})
        assert (answer.status_code, "没有登录" in answer.text, SCRIPT in answer.text) == (200, True, False)
    assert "登录名或密码不正确。请检查大小写后重试" in answer.text
    assert "_auth_user_id" not in client.session


def test_a_role_that_is_none_is_not_chosen(world: World, client: Client) -> None:
    client.force_login(world.officer.user)
    for value in ("", "abc", "\x00", "-1", "99999999999999999999"):
        answer = client.post("/role/", {"membership": value, "next": "https://example.invalid/"})
        assert "没有切换：这个角色不属于您，或已被收回。" in answer.text


def test_choosing_a_role_leads_to_no_other_site(world: World, client: Client) -> None:
    client.force_login(world.officer.user)
    for elsewhere in ("https://example.invalid/", "//example.invalid/", "javascript:alert(7)", "\x00"):
        form = {"membership": world.officer.membership_id, "next": elsewhere}
        assert client.post("/role/", form)["Location"] == "/"


def test_an_act_that_nobody_knows_does_not_exist(world: World, client: Client, today: date, on_day: Any) -> None:
    base = world.constructing(today)
    client.force_login(world.officer.user)
    for name in ("delete", "advance", "start_construction", "open_assessment", "__init__"):
        answer = client.post(f"/bases/{base.pk}/acts/{name}/", {})
        assert (name, answer.status_code, "没有找到这个页面" in answer.text) == (name, 404, True)
