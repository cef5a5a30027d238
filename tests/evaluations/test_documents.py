"""Every kind of official document from the wordings of the office, as registered and as PDF; and a worker killed while it sets one."""

import os
import re
import signal
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone
from pypdf import PdfReader

from bases.lifecycle import Grade
from bases.models import Base, OfficialDocument
from evaluations.services import assessing
from portal import celery_app, jobs
from portal.errors import NotYours, Overtaken
from portal.models import IssuedCopy, OutboxJob, StoredFile
from tests.evaluations.conftest import next_assessment, now
from tests.evaluations.test_worker import Worker, eventually, others, worker
from tests.factories import World

__all__ = ["worker"]
A4 = (595, 842)
# Page number, mark and code, which stand between two halves of a paragraph.
AT_THE_FOOT = re.compile(r"系统生成，未盖章|核验码|^— \d+ —$")


def said(document: OfficialDocument) -> str:
    """The words of its PDF without the spaces and breaks of the setting; A4, every page."""
    stored = OfficialDocument.objects.get(pk=document.pk).pdf
    assert stored is not None
    with stored.file.open("rb") as content:
        pages = list(PdfReader(BytesIO(content.read())).pages)
    assert {(round(page.mediabox.width), round(page.mediabox.height)) for page in pages} == {A4}
    lines = [line for page in pages for line in page.extract_text().splitlines()]
    return re.sub(r"\s", "", "".join(line for line in lines if not AT_THE_FOOT.search(line)))


def made(base: Base, kind: str) -> OfficialDocument:
    """The one document of that kind on a base, its job done."""
    document = base.documents.get(kind=kind)
    jobs.run(OutboxJob.objects.get(key=document.pdf_job).pk)
    return document


def lacking(document: OfficialDocument, *words: str) -> list[str]:
    """What its PDF should say and does not: its number, title, addressee and body, and these words."""
    text = said(document)
    wanted = [document.number, document.title, f"{document.addressee}：", *document.paragraphs, *words]
    return [each for each in wanted if re.sub(r"\s", "", each) not in text]


def numbers(base: Base) -> list[tuple[str, int]]:
    """What the department registered on a base, in the order of its numbers."""
    own = base.documents.filter(issuer_unit=None).order_by("year", "serial")
    return [(document.kind, document.serial) for document in own]


@pytest.mark.article("8(4)", "10")
def test_the_recognition_document_has_its_list_and_each_unit_its_project_notice(world: World, today: date):
    base = world.constructing(today)
    recognition, notice = made(base, "recognition"), made(base, "project_notice")
    assert numbers(base) == [("recognition", 1), ("project_notice", 2)]
    annex = (base.name, world.unit.name, world.partner.name, "机械（0855）", "包头市")
    assert lacking(recognition, *annex, "2026年11月24日", "2029年11月24日", "2026年度研究生联合培养基地名单") == []
    assert lacking(notice, *annex, recognition.number, "知识产权和技术保密") == []
    assert (recognition.addressee, notice.addressee) == ("各研究生培养单位", world.unit.name)
    assert (recognition.is_public, notice.is_public) == (True, False)


@pytest.mark.article("17")
def test_an_excellent_base_is_commended(world: World, today: date):
    base = world.demonstration(today)
    document = made(base, "commendation")
    words = (now(base).title_number, "10万元", world.unit.name, world.partner.name, "评定等级为优秀")
    assert lacking(document, *words) == []
    assert world.applicant.user.full_name not in said(document)


@pytest.mark.article("17", "19")
def test_a_failed_base_is_circulated_and_told_to_rectify_with_consecutive_numbers(world: World, today: date):
    base = world.demonstration(today)
    title = now(base).title_number
    base, due = next_assessment(base)
    base = world.graded(base, Grade.FAILED, due)
    ends = now(base).rectification_ends_on
    criticism, asked = made(base, "criticism"), made(base, "rectification")
    assert numbers(base)[-2:] == [("criticism", 1), ("rectification", 2)]
    assert lacking(criticism, "评定等级为不合格", f"称号（编号{title}）同时取消") == []
    day = f"{ends.year}年{ends.month}月{ends.day}日"
    assert lacking(asked, criticism.number, f"至{day}止", "一、整改期限。") == []
    assert (criticism.is_public, asked.is_public) == (True, False)


@pytest.mark.article("19")
def test_the_officer_sends_the_notice_of_a_reassessment_once(world: World, today: date):
    base = world.reassessing(today)
    assert base.documents.filter(kind="reassessment_notice").count() == 0
    for who in (world.leader, world.unit_officer):
        with pytest.raises(NotYours):
            assessing.send_reassessment_notice(base=base, acting=who, on=today)
    assessing.send_reassessment_notice(base=base, acting=world.officer, on=today)
    with pytest.raises(Overtaken, match="已经下发"):
        assessing.send_reassessment_notice(base=base, acting=world.officer, on=today)
    due = base.assessments.get(closed_on=None).report_due_on
    assert lacking(made(base, "reassessment_notice"), f"于{due.year}年{due.month}月{due.day}日前") == []
    base = world.graded(base, Grade.QUALIFIED, today)
    assert lacking(made(base, "reassessment"), "复评结果为合格") == []
    with pytest.raises(Overtaken, match="没有下发"):
        assessing.send_reassessment_notice(base=now(base), acting=world.officer, on=today)


@pytest.mark.article("20")
def test_a_revocation_names_its_ground_and_article(world: World, today: date):
    document = made(world.revoked(today), "revocation")
    assert lacking(document, "合作单位发生重大事项，无法继续联合培养", "第二十条") == []
    assert "称号" not in said(document)


@pytest.mark.article("16", "21")
def test_a_qualified_base_that_leaves_has_its_result_and_its_filing(world: World, today: date):
    base = world.withdrawn(today)
    assert lacking(made(base, "assessment"), "评定等级为合格", "2029年11月24日") == []
    assert lacking(made(base, "withdrawal"), "第二十一条", "予以备案") == []


@pytest.mark.article("8(2)")
def test_the_letter_to_the_department_is_the_same_pdf_in_the_register_and_in_the_report(world: World, today: date):
    letter = made(world.recommended(today), "cover_letter")
    letter.refresh_from_db()
    report = letter.recommendation
    assert (letter.pdf, letter.record, letter.text) == (report.letter_pdf, report.letter_record, report.text)
    assert letter.annexes[0]["rows"][0][2] == letter.bases.get().name


@pytest.mark.django_db(transaction=True)
@pytest.mark.article("8(4)")
def test_a_worker_killed_while_it_sets_a_document_leaves_neither_a_lost_nor_a_double_one(
    worker: Worker, world: World, today: date
):
    document = world.constructing(today).documents.get(kind="recognition")
    job = OutboxJob.objects.get(key=document.pdf_job)
    OutboxJob.objects.exclude(pk=job.pk).update(state=OutboxJob.State.DONE)
    with transaction.atomic():
        OfficialDocument.objects.select_for_update().get(pk=document.pk)  # the worker comes as far as this row
        jobs.wake(job.pk)
        worker.start()
        eventually(lambda: others("wait_event_type = 'Lock'"), "the worker is in the middle of the job")
        assert worker.process is not None
        os.killpg(worker.process.pid, signal.SIGKILL)
    worker.kill()
    job.refresh_from_db()
    assert (job.state, job.attempts, StoredFile.objects.filter(purpose="document_pdf").count()) == ("pending", 0, 0)

    OutboxJob.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(minutes=1))
    worker.start()
    for _each in range(2):
        celery_app.send_task("portal.sweep_outbox")
    eventually(lambda: OutboxJob.objects.get(pk=job.pk).state != "pending", "the sweep")
    for _each in range(2):
        jobs.wake(job.pk)
    last = jobs.enqueue("document_pdf", key="afterwards", document_id=document.pk)
    eventually(lambda: OutboxJob.objects.get(pk=last.pk).state == "done", "all that was sent")
    (stored,) = StoredFile.objects.filter(purpose="document_pdf")
    document.refresh_from_db()
    assert (document.pdf, document.serial, OutboxJob.objects.get(pk=job.pk).last_error) == (stored, 1, "")
    assert IssuedCopy.objects.get(record=document.record).sha256 == stored.sha256
    assert OfficialDocument.objects.filter(kind="recognition").count() == 1
    on_disk = {path for path in (worker.var / "files" / "document_pdf").rglob("*") if path.is_file()}
    assert on_disk == {Path(stored.file.path)}
