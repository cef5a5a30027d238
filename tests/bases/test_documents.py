"""The register of official documents: frozen, numbered without gaps, withdrawn without losing a number, for those whom it concerns."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import InternalError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bases.models import Base, DocumentCounter, OfficialDocument, TrainingUnit
from bases.queries import visible_documents
from bases.services import documents
from portal import jobs
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.models import IssuedCopy, IssuedRecord, OutboxJob, StoredFile
from tests.bases.conftest import SignedIn
from tests.factories import World, pdf_upload

pytestmark = pytest.mark.article("8(4)")


@pytest.fixture
def base(world: World, today: date) -> Base:
    """One that everybody may see: declared, its paper sent to the department."""
    return world.declared(today)


@pytest.fixture
def notice(world: World, base: Base, today: date) -> OfficialDocument:
    """A notice on which no base's standing rests."""
    return registered(world, [base], today, title="关于报送建设材料的通知")


def registered(world: World, bases: list[Base], on: date, by: Acting | None = None, **changes: Any) -> OfficialDocument:
    given: dict[str, Any] = {
        "kind": "other", "title": "关于做好有关工作的通知", "document_date": on, "published_on": on, "text": "请认真办理。",
        "addressee": world.unit.name,
    }  # fmt: skip
    return documents.register_document(bases=bases, by=by or world.officer, **(given | changes))


def fresh(document: OfficialDocument) -> OfficialDocument:
    return OfficialDocument.objects.get(pk=document.pk)


def run_job(document: OfficialDocument) -> OfficialDocument:
    jobs.run(OutboxJob.objects.get(key=document.pdf_job).pk)
    return fresh(document)


class TestWhatIsRegistered:
    def test_is_frozen_by_the_database(self, notice: OfficialDocument):
        changes: dict[str, Any] = {
            "number": "教研函〔2026〕99号", "serial": 99, "year": 2025, "kind": "criticism", "title": "另一个标题", "addressee": "别的单位",
            "text": "别的正文", "annexes": [{"title": "名单"}], "document_date": date(2026, 1, 1), "published_on": date(2027, 1, 1),
        }  # fmt: skip
        for field, value in changes.items():
            with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
                OfficialDocument.objects.filter(pk=notice.pk).update(**{field: value})
        assert {field: getattr(fresh(notice), field) for field in changes} == {
            field: getattr(notice, field) for field in changes
        }

    def test_is_never_deleted(self, notice: OfficialDocument):
        notice.bases.clear()
        with pytest.raises(InternalError, match="Cannot delete"), transaction.atomic():
            notice.delete()
        assert OfficialDocument.objects.filter(number=notice.number).count() == 1

    def test_has_its_record_for_verification_at_once(self, world: World, notice: OfficialDocument, today: date):
        record = notice.record
        assert record is not None
        assert (record.kind, record.title, record.number, record.issuer, record.issued_on) == (
            "其他公文", notice.title, notice.number, world.department.name, today,
        )  # fmt: skip

    def test_the_departments_decisions_are_public_and_other_papers_are_not(self, world: World, base: Base, today: date):
        public = {kind: registered(world, [base], today, kind=kind).is_public for kind in OfficialDocument.Kind.values}
        assert {kind for kind, is_public in public.items() if is_public} == {
            "recognition", "commendation", "criticism", "reassessment", "assessment", "revocation", "withdrawal",
        }  # fmt: skip
        own = registered(world, [base], today, kind="recognition", issuer_unit=world.unit)
        assert own.is_public is False


def test_a_unit_without_its_word_has_no_numbers(world: World, base: Base, today: date):
    TrainingUnit.objects.filter(pk=world.unit.pk).update(document_word="")
    with pytest.raises(Refused, match="还没有登记发文机关代字"):
        registered(world, [base], today, issuer_unit=TrainingUnit.objects.get(pk=world.unit.pk))
    assert DocumentCounter.objects.filter(issuer_unit=world.unit).count() == 0


class TestThePdf:
    def test_is_made_once_from_what_was_registered(self, notice: OfficialDocument):
        assert documents.pdf_state(notice) == "pending"
        made = run_job(notice)
        documents.make_pdf(notice.pk)
        assert (made.pdf, documents.pdf_state(made)) == (StoredFile.objects.get(purpose="document_pdf"), "ready")
        assert IssuedCopy.objects.get(record=made.record).sha256 == made.pdf.sha256

    def test_is_not_made_of_a_document_without_text(self, world: World, base: Base, today: date):
        document = registered(world, [base], today, text="  \n ")
        assert (document.pdf_job, documents.pdf_state(document), OutboxJob.objects.filter(name="document_pdf").count()) == (
            "", "none", 0,
        )  # fmt: skip
        with pytest.raises(Refused, match="没有录入正文"):
            documents.ask_again(document=document, by=world.officer)

    def test_that_failed_is_asked_for_again_by_its_office_alone(self, world: World, notice: OfficialDocument):
        job = OutboxJob.objects.get(key=notice.pdf_job)
        OutboxJob.objects.filter(pk=job.pk).update(state="failed", attempts=5, begun=5, last_error="boom")
        assert documents.pdf_state(notice) == "failed"
        for who in (world.leader, world.unit_officer, world.applicant):
            with pytest.raises(NotYours):
                documents.ask_again(document=notice, by=who)
        documents.ask_again(document=notice, by=world.officer)
        job.refresh_from_db()
        assert (job.state, job.attempts, job.begun) == ("pending", 0, 0)
        assert documents.pdf_state(run_job(notice)) == "ready"

    def test_that_takes_long_is_told_as_late(self, notice: OfficialDocument):
        notice.registered_at = timezone.now() - timedelta(seconds=settings.PAPER_PATIENCE_SECONDS + 1)
        assert documents.pdf_state(notice) == "late"


class TestWithdrawing:
    def test_keeps_the_number_and_tells_whoever_verifies(
        self, world: World, base: Base, notice: OfficialDocument, today: date
    ):
        withdrawn = documents.withdraw_document(document=notice, reason=" 主送单位有误。", by=world.officer, on=today)
        following = registered(world, [base], today)
        assert (withdrawn.withdrawn_on, withdrawn.withdrawn_because, following.serial) == (
            today, "主送单位有误。", notice.serial + 1,
        )  # fmt: skip
        record = IssuedRecord.objects.get(pk=notice.record_id)
        assert (record.withdrawn_on, record.withdrawn_reason) == (today, "主送单位有误。")
        with pytest.raises(Overtaken, match="已经撤回"):
            documents.withdraw_document(document=notice, reason="再撤一次", by=world.officer, on=today)

    def test_is_for_the_office_that_issued_it(self, world: World, base: Base, notice: OfficialDocument, today: date):
        own = registered(world, [base], today, by=world.unit_officer, issuer_unit=world.unit)
        for document, strangers in (
            (notice, (world.leader, world.unit_officer, world.applicant, world.partner_officer)),
            (own, (world.officer, world.leader, world.other_unit_officer, world.applicant)),
        ):
            for who in strangers:
                with pytest.raises(NotYours):
                    documents.withdraw_document(document=document, reason="有误", by=who, on=today)
        documents.withdraw_document(document=own, reason="有误", by=world.unit_officer, on=today)
        assert (fresh(own).is_withdrawn, fresh(notice).is_withdrawn) == (True, False)

    def test_is_refused_while_a_bases_standing_rests_on_it(self, world: World, today: date):
        base = world.constructing(today)
        document = base.documents.get(kind="recognition")
        with pytest.raises(Refused, match="以这份公文为依据，不能撤回"):
            documents.withdraw_document(document=document, reason="有误", by=world.officer, on=today)
        notice = base.documents.get(kind="project_notice")
        documents.withdraw_document(document=notice, reason="附件有误，另行印发。", by=world.officer, on=today)
        assert (fresh(document).is_withdrawn, fresh(notice).is_withdrawn) == (False, True)

    def test_needs_a_reason_and_its_day(self, world: World, notice: OfficialDocument, today: date):
        for reason, on in (("  ", today), ("有误", today - timedelta(days=1))):
            with pytest.raises(Refused):
                documents.withdraw_document(document=notice, reason=reason, by=world.officer, on=on)
        assert fresh(notice).is_withdrawn is False


class TestTheScan:
    def test_is_kept_and_known_to_verification(self, world: World, notice: OfficialDocument, today: date):
        kept = documents.add_scan(document=notice, file=pdf_upload("扫描件.pdf"), by=world.officer, on=today)
        assert kept.file is not None
        assert (kept.file.purpose, kept.scanned_on, kept.scanned_by) == ("document", today, world.officer.user)
        assert IssuedCopy.objects.get(record=kept.record, kind="scan").sha256 == kept.file.sha256
        with pytest.raises(Overtaken, match="已有盖章扫描件"):
            documents.add_scan(document=notice, file=pdf_upload("又一份.pdf"), by=world.officer, on=today)

    def test_is_not_taken_from_strangers_early_or_for_what_is_withdrawn(
        self, world: World, notice: OfficialDocument, today: date
    ):
        with pytest.raises(NotYours):
            documents.add_scan(document=notice, file=pdf_upload("件.pdf"), by=world.unit_officer, on=today)
        with pytest.raises(Refused, match="还没有到"):
            documents.add_scan(
                document=notice, file=pdf_upload("件.pdf"), by=world.officer, on=today - timedelta(days=1)
            )
        documents.withdraw_document(document=notice, reason="有误", by=world.officer, on=today)
        with pytest.raises(Overtaken, match="已经撤回"):
            documents.add_scan(document=notice, file=pdf_upload("件.pdf"), by=world.officer, on=today)
        assert fresh(notice).file is None


class TestByHand:
    def test_the_register_gives_the_number_and_makes_no_text_up(self, world: World, base: Base, today: date):
        document = documents.register_by_hand(
            kind="other", title="关于开展调研的通知", document_date=today, published_on=today, bases=[base], by=world.officer, on=today,
            file=pdf_upload("调研.pdf"), is_public=True,
        )  # fmt: skip
        assert (document.number, document.text, document.pdf_job, document.is_public) == (
            f"内教研函〔2026〕{document.serial}号", "", "", True,
        )  # fmt: skip
        assert IssuedCopy.objects.get(record=document.record).kind == "scan"

    def test_what_an_act_decides_is_not_registered_by_hand(self, world: World, base: Base, today: date):
        given = {"title": "件", "document_date": today, "published_on": today, "bases": [base], "on": today}
        for who, kind in (
            (world.officer, "recognition"), (world.officer, "revocation"), (world.officer, "cover_letter"),
            (world.unit_officer, "criticism"),
        ):  # fmt: skip
            with pytest.raises(Refused, match="不能手工登记"):
                documents.register_by_hand(kind=kind, by=who, **given)
        with pytest.raises(NotYours):
            documents.register_by_hand(kind="other", by=world.leader, **given)
        with pytest.raises(NotYours, match="其他单位的基地"):
            documents.register_by_hand(kind="other", by=world.other_unit_officer, **given)
        with pytest.raises(Refused, match="还没有到"):
            documents.register_by_hand(
                kind="other", by=world.officer, **(given | {"published_on": today + timedelta(days=1)})
            )
        assert OfficialDocument.objects.exclude(kind="cover_letter").count() == 0


def test_who_reads_what(world: World, today: date):
    base = world.recommended(today)
    letter = base.documents.get()
    told = registered(world, [base], today)
    nobodys = registered(world, [], today)
    own = registered(world, [], today, by=world.unit_officer, issuer_unit=world.unit)
    names = {letter.pk: "letter", told.pk: "told", nobodys.pk: "nobodys", own.pk: "own"}
    people = world.everybody() | {"other unit": world.other_unit_officer, "other partner": world.other_partner_officer}
    read = {role: {names[document.pk] for document in visible_documents(who)} for role, who in people.items()}
    everything = set(names.values())
    assert {role: found for role, found in read.items() if found} == {
        "applicant": {"told"},
        "unit_officer": {"letter", "told", "own"},
        "partner_officer": {"told"},
        "dept_officer": everything,
        "dept_leader": everything,
    }


class TestThePages:
    def test_the_register_is_filtered_sorted_and_paged_in_the_address(
        self, world: World, signed_in: SignedIn, base: Base, today: date
    ):
        client = signed_in(world.officer)
        rest = [registered(world, [base], today, title=f"第 {n:02d} 份通知") for n in range(26)]
        own = registered(world, [base], today, kind="other", issuer_unit=world.unit, title="本单位的函")
        documents.withdraw_document(document=rest[3], reason="有误", by=world.officer, on=today)

        def listed(**query: str) -> list[str]:
            return [document.title for document in client.get("/desk/documents/", query).context["page_obj"]]

        assert len(listed()) == 25
        assert listed(page="2", sort="title") == ["第 24 份通知", "第 25 份通知"]
        assert listed(issuer=str(world.unit.pk)) == [own.title]
        assert listed(state="withdrawn") == [rest[3].title]
        assert listed(q="07 通知") == ["第 07 份通知"]
        assert listed(q=base.name, issuer=str(world.unit.pk)) == [own.title]
        assert (listed(year="2025"), listed(kind="criticism")) == ([], [])
        assert listed(sort="title")[:2] == ["本单位的函", "第 00 份通知"]

    def test_the_register_takes_the_same_queries_however_long_it_is(
        self, world: World, signed_in: SignedIn, base: Base, today: date
    ):
        client = signed_in(world.officer)

        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                client.get("/desk/documents/")
            return len(captured)

        registered(world, [base], today)
        few = queries()
        for _each in range(5):
            registered(world, [base], today, issuer_unit=world.unit)
        assert queries() == few

    def test_the_office_uploads_the_scan_and_withdraws(
        self, world: World, signed_in: SignedIn, notice: OfficialDocument
    ):
        client, page = signed_in(world.officer), f"/desk/documents/{notice.pk}/"
        wrong = client.post(f"{page}scan/", {"file": SimpleUploadedFile("图.pdf", b"not a pdf")})
        assert (wrong.status_code, "改扩展名不会改变内容" in wrong.text, fresh(notice).file) == (422, True, None)
        done = client.post(f"{page}scan/", {"file": pdf_upload("盖章.pdf")}, follow=True)
        assert (done.redirect_chain, "下载盖章扫描件" in done.text) == ([(page, 302)], True)
        empty = client.post(f"{page}withdraw/", {"reason": ""})
        assert (empty.status_code, fresh(notice).is_withdrawn) == (422, False)
        gone = client.post(f"{page}withdraw/", {"reason": "标题有误，另行印发。"}, follow=True)
        assert ("已撤回" in gone.text, "标题有误，另行印发。" in gone.text, fresh(notice).is_withdrawn) == (
            True,
            True,
            True,
        )
        again = client.get(f"{page}withdraw/")
        assert "这份公文已于 2026-11-24 撤回" in again.text

    def test_the_page_asks_again_while_the_pdf_is_being_made(
        self, world: World, signed_in: SignedIn, notice: OfficialDocument
    ):
        client, address = signed_in(world.officer), f"/desk/documents/{notice.pk}/pdf/"
        waiting = client.get(address).text
        run_job(notice)
        ready = client.get(address).text
        assert ("hx-get" in waiting, "正在生成" in waiting, "hx-get" in ready, "下载正式文本" in ready) == (
            True, True, False, True,
        )  # fmt: skip
        assert client.get(f"/files/{fresh(notice).pdf.key}/")["Content-Type"] == "application/pdf"

    def test_a_failed_pdf_offers_its_office_another_try(
        self, world: World, signed_in: SignedIn, notice: OfficialDocument
    ):
        OutboxJob.objects.filter(key=notice.pdf_job).update(state="failed")
        address = f"/desk/documents/{notice.pk}/pdf/again/"
        assert address in signed_in(world.officer).get(f"/desk/documents/{notice.pk}/").text
        assert address not in signed_in(world.unit_officer).get(f"/desk/documents/{notice.pk}/").text
        signed_in(world.officer).post(address)
        assert OutboxJob.objects.get(key=notice.pdf_job).state == "pending"

    def test_a_document_is_registered_by_hand(self, world: World, signed_in: SignedIn, base: Base, today: date):
        given = {
            "kind": "other", "title": "关于召开工作会议的通知", "document_date": today.isoformat(),
            "published_on": today.isoformat(), "bases": [base.pk],
        }  # fmt: skip
        client = signed_in(world.officer)
        without = client.post("/desk/documents/new/", given)
        assert (without.status_code, "请选择文件。" in without.text) == (422, True)
        backwards = client.post(
            "/desk/documents/new/", given | {"published_on": "2026-11-23", "file": pdf_upload("会.pdf")}
        )
        assert (backwards.status_code, "公布日期不能早于成文日期" in backwards.text) == (422, True)
        client.post("/desk/documents/new/", given | {"file": pdf_upload("会议.pdf")})
        document = OfficialDocument.objects.get(title="关于召开工作会议的通知")
        assert (list(document.bases.all()), document.file.purpose) == ([base], "document")

    def test_the_bases_page_links_what_one_may_read(self, world: World, signed_in: SignedIn, today: date):
        base = world.recommended(today)
        letter, told = base.documents.get(), registered(world, [base], today)
        run_job(told)
        link = {role: (f"/desk/documents/{letter.pk}/" in page, f"/desk/documents/{told.pk}/" in page, f"/files/{fresh(told).pdf.key}/" in page)
                for role in ("applicant", "unit_officer", "partner_officer", "dept_leader")
                for page in [signed_in(world.everybody()[role]).get(f"/bases/{base.pk}/").text]}  # fmt: skip
        assert link == {
            "applicant": (False, True, True), "unit_officer": (True, True, True), "partner_officer": (False, True, True),
            "dept_leader": (True, True, True),
        }  # fmt: skip

    def test_what_is_public_is_for_everybody_until_it_is_withdrawn(self, world: World, base: Base, today: date):
        open_, closed = registered(world, [base], today, is_public=True), registered(world, [base], today)
        keys = [run_job(document).pdf.key for document in (open_, closed)]
        assert [Client().get(f"/files/{key}/").status_code for key in keys] == [200, 404]
        documents.withdraw_document(document=open_, reason="有误", by=world.officer, on=today)
        assert Client().get(f"/files/{keys[0]}/").status_code == 404
