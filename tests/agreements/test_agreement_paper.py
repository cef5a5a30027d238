"""第十条: the paper of an agreement, set from what both sides have agreed on, with a page to sign on and a code to verify."""

import io
from dataclasses import replace
from datetime import date, timedelta

import pytest
from pypdf import PdfReader

from agreements.matters import Matter
from agreements.models import Agreement
from agreements.services import agreement_papers, agreements
from bases.models import Base
from portal import jobs, verification
from portal.models import IssuedRecord, OutboxJob
from tests.agreements.agreed import agreed
from tests.agreements.conftest import Cooperating
from tests.factories import World

pytestmark = pytest.mark.article("10")


@pytest.fixture
def world(cooperating: Cooperating, db: None) -> World:
    """The people of the module, their counters as they were."""
    return replace(cooperating.world)


@pytest.fixture
def base(world: World, cooperating: Cooperating) -> Base:
    """A base in construction since today."""
    return Base.objects.get(pk=cooperating.base)


def agreed_text(world: World, base: Base, on: date, **terms: object) -> Agreement:
    """A text to which the partner has agreed."""
    sent = world.propose_agreement(base, on, **terms)
    return agreements.agree(agreement=sent, by=world.partner_officer, on=on, seen=sent.revision)


def made(agreement: Agreement) -> Agreement:
    """The paper, as the worker makes it of the job that waits."""
    jobs.run(OutboxJob.objects.get(key=agreements.pdf_key(agreement)).pk)
    return Agreement.objects.get(pk=agreement.pk)


def pages(agreement: Agreement) -> list[str]:
    """The words of every page of the paper, without spaces and line ends."""
    assert agreement.pdf is not None
    read = PdfReader(io.BytesIO(agreement.pdf.file.read()))
    return ["".join(page.extract_text().split()) for page in read.pages]


def test_says_all_of_the_agreement_and_ends_with_a_page_to_sign_on(world: World, base: Base, today: date) -> None:
    agreement = made(agreed_text(world, base, today))
    *text, last = pages(agreement)
    whole = "".join(text)
    assert "系统生成，未盖章" in whole
    for wanted in (
        f"甲方（研究生培养单位）：{world.unit.name}", f"乙方（校外合作单位）：{world.partner.name}", "一、合作目标", "二、管理机构",
        "十二、双方约定的数额", "不少于12个岗位", "硕士研究生不低于每人每月1,000元", "博士研究生不低于每人每月2,000元",
        "由乙方为进入基地的研究生购买", "每名乙方导师每学期三千元", "有效期3年", "一式4份，双方各执2份",
    ):  # fmt: skip
        assert wanted in whole
    for position, matter in zip("三四五六七八九十", Matter, strict=False):
        assert f"{position}、{matter.label}" in whole
    assert "（本页为签署页，没有协议正文）" in last
    assert f"甲方：{world.unit.name}（盖章）授权代表（苏和平）签字：年月日" in last
    assert f"乙方：{world.partner.name}（盖章）授权代表（包长青）签字：年月日" in last
    assert "补充条款" not in whole


def test_says_what_was_agreed_on_besides_and_what_was_not(world: World, base: Base, today: date) -> None:
    none = {"stipend_floor_master": None, "stipend_floor_doctor": None}
    agreement = agreed_text(world, base, today, supplement="住宿费由乙方承担。", **none)
    said = agreement_papers.paragraphs(agreement)
    assert said[-2:] == ["十五、补充条款", "住宿费由乙方承担。"]
    assert "（二）生活补贴。标准由乙方根据每月考核结果确定，本协议不约定下限。" in said


def test_can_be_verified_by_its_code_with_its_title_kept_to_the_parties(world: World, base: Base, today: date) -> None:
    agreement = made(agreed_text(world, base, today))
    assert agreement.record is not None
    assert agreement.record.shown_code in "".join(pages(agreement))
    assert (agreement.record.kind, agreement.record.is_public, agreement.record.issued_on) == (
        "联合培养协议", False, today,
    )  # fmt: skip


def test_is_made_once_and_never_of_a_text_that_was_taken_back(world: World, base: Base, today: date) -> None:
    agreement = agreed_text(world, base, today)
    stale = agreement.revision
    first = made(agreement)
    assert agreement_papers.make_pdf(agreement.pk, stale).pdf == first.pdf
    taken = agreements.take_back(agreement=first, by=world.unit_officer, on=today, reason="改数额。")
    assert (taken.pdf, taken.record) == (None, None)
    assert agreement_papers.make_pdf(agreement.pk, stale).pdf is None
    withdrawn = IssuedRecord.objects.get(kind="联合培养协议")
    assert (withdrawn.withdrawn_on, withdrawn.withdrawn_reason) == (today, "文本收回修改：改数额。")


def test_knows_its_signed_scan_once_that_is_confirmed(world: World, base: Base, today: date) -> None:
    agreement = agreed(world, base, today)
    with_paper = made(agreement)
    assert agreement.scan is not None
    assert with_paper.record is not None
    found = verification.find_by_file(agreement.scan.file.read())
    assert (found.outcome, found.record) == ("scan", with_paper.record)


def test_is_waited_for_and_given_up_by_the_page_as_the_job_stands(world: World, base: Base, today: date) -> None:
    drafted = world.draft_agreement(base, today)
    assert agreement_papers.pdf_state(drafted) == "none"
    agreements.propose(agreement=drafted, by=world.unit_officer, on=today, seen=drafted.revision)
    agreement = agreements.agree(agreement=drafted, by=world.partner_officer, on=today, seen=drafted.revision)
    assert agreement_papers.pdf_state(agreement) == "pending"
    OutboxJob.objects.filter(key=agreements.pdf_key(agreement)).update(state="failed")
    assert agreement_papers.pdf_state(agreement) == "failed"
    agreement_papers.ask_again(agreement=agreement, by=world.partner_officer)
    assert agreement_papers.pdf_state(agreement) == "pending"
    assert agreement_papers.pdf_state(made(agreement)) == "ready"


def test_that_comes_after_the_end_says_so_at_once(world: World, base: Base, today: date) -> None:
    first = agreed(world, base, today)
    agreed(world, base, today + timedelta(days=9), kind="revision")
    late = made(first)
    assert late.record is not None
    assert (late.record.withdrawn_on, late.record.withdrawn_reason) == (
        today + timedelta(days=9), "自 2026-12-03 起由第 2 份协议（修订）接替。",
    )  # fmt: skip
