"""The official text of a notice: set once in the background, A4, complete, without anybody's private number."""

import re
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.db import transaction
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from applications.models import NoticeEntry, PublicNotice
from applications.services import notices
from bases.models import Base
from portal import jobs
from portal.models import IssuedCopy, IssuedRecord, OutboxJob, StoredFile
from tests.applications.conftest import fresh
from tests.factories import World

PUBLISHED = date(2026, 11, 2)
A4 = (595, 842)


def pages_of(notice: PublicNotice) -> list[Any]:
    """The pages of a notice's PDF."""
    stored = PublicNotice.objects.get(pk=notice.pk).pdf
    assert stored is not None
    with stored.file.open("rb") as content:
        return list(PdfReader(BytesIO(content.read())).pages)


def text_of(notice: PublicNotice) -> str:
    """All its words without the spaces and breaks of the setting."""
    return re.sub(r"\s", "", "".join(page.extract_text() for page in pages_of(notice)))


def said(words: str) -> str:
    """Words as ``text_of`` gives them."""
    return re.sub(r"\s", "", words)


def fonts_of(page: Any) -> list[DictionaryObject]:
    """The font descriptors of a page."""
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    return [font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object() for font in fonts]


@pytest.fixture
def notice(world: World) -> PublicNotice:
    """A unit's list of two bases, just published."""
    return world.publish([world.reviewed(PUBLISHED), world.reviewed(PUBLISHED)], PUBLISHED, title="关于推荐名单的公示")


@pytest.fixture
def job(notice: PublicNotice) -> OutboxJob:
    """The one job that publishing has left."""
    return OutboxJob.objects.get()


@pytest.mark.article("8(2)")
class TestTheJob:
    def test_is_written_with_the_notice(self, notice: PublicNotice, job: OutboxJob):
        assert (job.name, job.key, job.payload, job.state) == (
            "notice_pdf", f"notice_pdf:{notice.pk}", {"notice_id": notice.pk}, OutboxJob.State.PENDING,
        )  # fmt: skip

    def test_goes_when_the_transaction_goes(self, world: World):
        base = world.reviewed(PUBLISHED)
        with transaction.atomic():
            world.publish([base], PUBLISHED)
            transaction.set_rollback(True)
        assert (PublicNotice.objects.count(), OutboxJob.objects.count()) == (0, 0)
        assert fresh(base).state == "declared"

    def test_wakes_the_worker_after_the_commit_and_not_before(
        self, world: World, monkeypatch, django_capture_on_commit_callbacks
    ):
        woken: list[int] = []
        monkeypatch.setattr(jobs, "wake", woken.append)
        with django_capture_on_commit_callbacks(execute=True):
            world.in_unit_notice(PUBLISHED)
            assert woken == []
        assert woken == [OutboxJob.objects.get().pk]

    def test_makes_the_file_once_however_often_it_runs(self, notice: PublicNotice, job: OutboxJob):
        jobs.run(job.pk)
        first = PublicNotice.objects.get(pk=notice.pk).pdf
        OutboxJob.objects.filter(pk=job.pk).update(state=OutboxJob.State.PENDING)
        jobs.run(job.pk)
        notices.make_pdf(notice.pk)
        assert first is not None
        assert list(StoredFile.objects.filter(purpose="notice_pdf")) == [first]
        assert OutboxJob.objects.get().state == OutboxJob.State.DONE

    def test_leaves_one_record_with_one_copy_however_often_it_runs(self, notice: PublicNotice, job: OutboxJob):
        jobs.run(job.pk)
        OutboxJob.objects.filter(pk=job.pk).update(state=OutboxJob.State.PENDING)
        jobs.run(job.pk)
        (record,) = IssuedRecord.objects.all()
        (copy,) = IssuedCopy.objects.all()
        made = PublicNotice.objects.get(pk=notice.pk)
        assert made.pdf is not None
        assert (made.record, copy.record, copy.sha256, copy.kind) == (record, record, made.pdf.sha256, "generated")
        assert (record.kind, record.title, record.issuer, record.issued_on, record.is_public) == (
            "推荐公示", notice.title, str(notice.issuer_unit), PUBLISHED, True,
        )  # fmt: skip

    def test_whose_worker_dies_at_the_last_moment_leaves_no_record_and_the_next_run_makes_one(
        self, notice: PublicNotice, job: OutboxJob, monkeypatch
    ):
        def killed(*args: Any, **kwargs: Any) -> None:
            raise SystemExit

        with monkeypatch.context() as patch:
            patch.setattr(PublicNotice, "save", killed)
            with pytest.raises(SystemExit):
                jobs.run(job.pk)
        left = (IssuedRecord.objects.count(), IssuedCopy.objects.count(), StoredFile.objects.count())
        assert left == (0, 0, StoredFile.objects.exclude(purpose="notice_pdf").count())
        jobs.run(job.pk)
        assert (IssuedRecord.objects.count(), IssuedCopy.objects.count()) == (1, 1)
        assert PublicNotice.objects.get(pk=notice.pk).record == IssuedRecord.objects.get()

    def test_that_fails_five_times_is_given_up_with_its_error(self, notice: PublicNotice, job: OutboxJob, monkeypatch):
        def no_fonts(*args: Any) -> bytes:
            raise OSError("no fonts here")

        monkeypatch.setattr("portal.typesetting.render_pdf", no_fonts)
        states = []
        for _attempt in range(jobs.MAX_ATTEMPTS):
            jobs.run(job.pk)
            job = OutboxJob.objects.get()
            states.append((job.attempts, job.state))
        pending, failed = OutboxJob.State.PENDING, OutboxJob.State.FAILED
        assert states == [(1, pending), (2, pending), (3, pending), (4, pending), (5, failed)]
        assert job.last_error == "OSError('no fonts here')"
        assert PublicNotice.objects.get(pk=notice.pk).pdf is None

    def test_that_was_given_up_does_not_run_again_by_itself(self, notice: PublicNotice, job: OutboxJob):
        OutboxJob.objects.update(state=OutboxJob.State.FAILED)
        jobs.run(job.pk)
        assert PublicNotice.objects.get(pk=notice.pk).pdf is None
        assert StoredFile.objects.filter(purpose="notice_pdf").count() == 0


@pytest.mark.article("8(2)")
class TestTheUnitsPdf:
    @pytest.fixture(autouse=True)
    def _made(self, job: OutboxJob) -> None:
        jobs.run(job.pk)

    def test_is_a4_with_every_font_embedded(self, notice: PublicNotice):
        pages = pages_of(notice)
        assert {(round(page.mediabox.width), round(page.mediabox.height)) for page in pages} == {A4}
        descriptors = [font for page in pages for font in fonts_of(page)]
        assert descriptors
        assert all({"/FontFile2", "/FontFile3"} & set(descriptor) for descriptor in descriptors)

    def test_says_all_that_a_notice_must_say(self, world: World, notice: PublicNotice):
        notice = PublicNotice.objects.get(pk=notice.pk)
        assert notice.record is not None
        text = text_of(notice)
        for words in [
            notice.title,
            "2026年11月2日至2026年11月9日（5个工作日，自发布次日起算）",
            "受理部门：研究生院；监督部门：纪检监察机构",
            f"联系方式：{notice.contact}",
            "匿名、逾期或者没有事实依据的不予受理",
            "2026年度研究生联合培养基地推荐名单",
            world.unit.name,
            "系统生成，未盖章",
            f"核验码{notice.record.shown_code}",
        ]:
            assert said(words) in text

    def test_lists_every_base_as_it_was_published(self, notice: PublicNotice):
        text = text_of(notice)
        for entry in NoticeEntry.objects.filter(notice=notice):
            for words in (
                entry.base_name,
                entry.unit_name,
                entry.category,
                entry.partner_name,
                entry.division,
                entry.industry,
            ):
                assert said(words) in text

    def test_shows_nobodys_mobile_and_no_objector(self, world: World, notice: PublicNotice):
        persons = [acting.user.full_name for acting in (world.applicant, world.unit_officer) if acting.user]
        text = text_of(notice)
        assert re.findall(r"1[3-9]\d{9}", text) == []
        assert [name for name in persons if name in text] == []

    def test_keeps_what_was_published_though_the_base_is_renamed_before_it_is_set(self, world: World):
        second = world.in_unit_notice(PUBLISHED)
        published = PublicNotice.objects.latest("pk")
        old_name = second.name
        Base.objects.filter(pk=second.pk).update(name="改了名的基地")
        text = text_of(notices.make_pdf(published.pk))
        assert said(old_name) in text
        assert "改了名的基地" not in text

    def test_is_open_to_everybody(self, notice: PublicNotice, client):
        stored = PublicNotice.objects.get(pk=notice.pk).pdf
        assert stored is not None
        answer = client.get(f"/files/{stored.key}/")
        assert (answer["Content-Type"], b"".join(answer.streaming_content)[:5]) == ("application/pdf", b"%PDF-")


@pytest.mark.article("8(4)")
def test_the_departments_pdf_names_the_department_and_its_own_list(world: World, today):
    base = world.in_recognition_notice(today)
    notice = PublicNotice.objects.get(kind=PublicNotice.Kind.RECOGNITION)
    text = text_of(notices.make_pdf(notice.pk))
    for words in [
        notice.title,
        world.department.name,
        "2026年11月24日至2026年12月1日（5个工作日，自发布次日起算）",
        "受理部门：学位管理与研究生教育处；监督部门：机关纪委",
        "2026年度研究生联合培养基地拟认定名单",
        base.name,
    ]:
        assert said(words) in text


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_set_one_file(world: World, at_once):
    world.in_unit_notice(PUBLISHED)
    job = OutboxJob.objects.get()
    assert at_once(lambda: jobs.run(job.pk), lambda: jobs.run(job.pk)) == [None, None]
    assert StoredFile.objects.filter(purpose="notice_pdf").count() == 1
    assert OutboxJob.objects.get().state == OutboxJob.State.DONE
