"""核验: what the portal issued can be told from what it did not, by code and by file, by everybody."""

import re
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, InternalError, transaction
from django.test import Client
from pypdf import PdfReader, PdfWriter

from portal import codes, signing, uploads, verification
from portal.errors import Refused
from portal.models import IssuedCopy, IssuedRecord, StoredFile
from portal.verification_forms import CopyForm

pytestmark = pytest.mark.django_db

TITLE, OFFICE = "关于拟认定名单的公示", "某某省教育厅"
NEVER_ISSUED = "A3C4-6F7H-9K4M"


def a_pdf(pages: int = 1) -> bytes:
    writer, out = PdfWriter(), BytesIO()
    for _number in range(pages):
        writer.add_blank_page(595, 842)
    writer.write(out)
    return out.getvalue()


@pytest.fixture
def record(today: date) -> IssuedRecord:
    return verification.open_record(
        kind="认定公示", title=TITLE, issuer=OFFICE, issued_on=today, number="某教研〔2026〕8号"
    )


@pytest.fixture
def issued(record: IssuedRecord) -> bytes:
    """The document as people download it."""
    stored = verification.keep_generated(record, a_pdf(2), name="公示.pdf", purpose="notice_pdf")
    with stored.file.open("rb") as file:
        return bytes(file.read())


def words(answer: Any) -> str:
    """What the page says, apart from its frame and its forms."""
    main = answer.text.split('<main class="page"')[1].split('<div class="d-print-none">')[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", main))


def bring(client: Client, content: bytes, *, name: str = "文书.pdf", code: str = "") -> Any:
    return client.post("/verify/", {"file": SimpleUploadedFile(name, content), "code": code})


# ---- codes


def test_a_code_is_drawn_at_random_from_signs_that_cannot_be_mistaken() -> None:
    drawn = [codes.new() for _n in range(200)]
    assert len(set(drawn)) == 200
    assert set("".join(drawn)) == set(codes.ALPHABET)
    assert set("0O1IL2Z5S8BU") & set(codes.ALPHABET) == set()
    assert {len(code) for code in drawn} == {12}


@pytest.mark.parametrize(
    "typed",
    [
        "A3C4-6F7H-9K4M", "a3c46f7h9k4m", " A3C4 6F7H 9K4M ", "Ａ３Ｃ４－６Ｆ７Ｈ－９Ｋ４Ｍ", "a3c4—6f7h—9k4m", "核验码 A3C4-6F7H-9K4M",
        "https://portal.example.cn/verify/A3C4-6F7H-9K4M/", "A3C4·6F7H·9K4M",
    ],
)  # fmt: skip
def test_a_code_is_found_however_it_is_typed(typed: str) -> None:
    assert codes.typed(typed) == "A3C46F7H9K4M"


@pytest.mark.parametrize(
    "typed", ["", "A3C4-6F7H-9K4", "A3C4-6F7H-9K4MM", "O3C4-6F7H-9K4M", "https://a.cn/verify/", "核验码"]
)
def test_what_is_no_code_is_none(typed: str) -> None:
    assert codes.typed(typed) == ""


# ---- records


def test_a_record_never_changes_and_never_goes(record: IssuedRecord, issued: bytes) -> None:
    def change(**values: Any) -> None:
        with transaction.atomic():
            IssuedRecord.objects.filter(pk=record.pk).update(**values)

    for values in (
        {"title": "另一个标题"},
        {"issued_on": date(2020, 1, 1)},
        {"code": codes.new()},
        {"is_public": False},
    ):
        with pytest.raises(InternalError, match="Cannot update"):
            change(**values)
    for model in (IssuedCopy, IssuedRecord):
        with pytest.raises(InternalError, match="Cannot"), transaction.atomic():
            model.objects.all()._raw_delete("default")
    with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
        IssuedCopy.objects.update(sha256="0" * 64)
    change(withdrawn_on=record.issued_on, withdrawn_reason="误发。")
    with pytest.raises(InternalError, match="Cannot update"):
        change(withdrawn_on=None, withdrawn_reason="")


def test_a_record_has_one_generated_copy_and_no_file_is_kept_for_a_second(record: IssuedRecord, issued: bytes) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        verification.keep_generated(record, a_pdf(3), name="公示.pdf", purpose="notice_pdf")
    (copy,) = record.copies.all()
    assert (copy.sha256, copy.kind) == (uploads.digest(issued), "generated")
    assert StoredFile.objects.filter(purpose="notice_pdf").count() == 1


def test_the_copy_names_the_certificate_that_signed_it(record: IssuedRecord, issued: bytes) -> None:
    copy = record.copies.get()
    (found,) = signing.signatures(issued)
    assert (copy.signed_by, copy.certificate_sha256) == (found.signed_by, found.certificate_sha256)
    assert (found.intact, found.covers_all) == (True, True)


def test_a_scan_is_a_copy_too_and_is_remembered_once(record: IssuedRecord, issued: bytes) -> None:
    scan = uploads.store_bytes(a_pdf(4), name="盖章件.pdf", purpose="document")
    verification.keep_scan(record, scan)
    verification.keep_scan(record, scan)
    assert list(record.copies.values_list("kind", "sha256")) == [
        ("generated", uploads.digest(issued)), ("scan", scan.sha256),
    ]  # fmt: skip


def test_a_withdrawal_needs_a_reason_and_a_day_and_happens_once(record: IssuedRecord, today: date) -> None:
    refused = []
    for on, reason in ((today, "  "), (today - timedelta(days=1), "误发。")):
        with pytest.raises(Refused) as refusal:
            verification.withdraw(record, on=on, reason=reason)
        refused += refusal.value.reasons
    assert refused == ["请写明撤回的原因，核验的人会看到它。", "撤回日期不能早于签发日期 2026-11-24。"]
    gone = verification.withdraw(record, on=today, reason="名单有误。")
    assert (gone.withdrawn_on, gone.withdrawn_reason) == (today, "名单有误。")
    with pytest.raises(Refused) as refusal:
        verification.withdraw(record, on=today, reason="再撤一次。")
    assert list(refusal.value.reasons) == ["这份文书已于 2026-11-24 撤回，不能再次撤回。"]


def test_every_page_of_the_document_carries_the_code_and_leads_to_the_page(
    settings: Any, record: IssuedRecord, issued: bytes
) -> None:
    pages = PdfReader(BytesIO(issued)).pages
    assert [record.shown_code in page.extract_text() for page in pages] == [True, True]
    assert pages[0]["/Annots"][0]["/A"]["/URI"] == f"{settings.PUBLIC_URL}/verify/{record.shown_code}/"


# ---- the page, by code


def test_everybody_reads_what_a_genuine_document_is(client: Client, record: IssuedRecord, issued: bytes) -> None:
    shown = words(client.get(f"/verify/{record.shown_code}/"))
    for said in (
        "真实有效",
        record.shown_code,
        "认定公示",
        TITLE,
        "某教研〔2026〕8号",
        OFFICE,
        "2026-11-24",
        "演示证书",
    ):
        assert said in shown
    assert "撤回日期" not in shown


def test_a_document_without_a_signature_is_told_to_have_none(
    settings: Any, client: Client, record: IssuedRecord
) -> None:
    settings.DEMO = False
    verification.keep_generated(record, a_pdf(), name="公示.pdf", purpose="notice_pdf")
    shown = words(client.get(f"/verify/{record.shown_code}/"))
    assert "真实有效" in shown
    assert "签发时没有加电子签名，请以核验码和文件比对为准" in shown


def test_a_withdrawn_document_says_when_and_why(client: Client, record: IssuedRecord, today: date) -> None:
    verification.withdraw(record, on=today + timedelta(days=3), reason="名单有误，重新公示。")
    shown = words(client.get(f"/verify/{record.shown_code}/"))
    assert "已于 2026-11-27 撤回，不再有效" in shown
    assert "名单有误，重新公示。" in shown
    assert "真实有效" not in shown


def test_of_a_paper_that_names_people_only_its_being_genuine_is_told(client: Client, today: date) -> None:
    record = verification.open_record(
        kind="申请书（草稿）",
        title="张喆教授团队基地",
        issuer="北疆大学",
        issued_on=today,
        number="内部 1 号",
        public=False,
    )
    shown = words(client.get(f"/verify/{record.shown_code}/"))
    for said in ("真实有效", "申请书（草稿）", "北疆大学", "2026-11-24", "涉及个人信息，不公开"):
        assert said in shown
    assert [hidden for hidden in (record.title, record.number) if hidden in shown] == []


def test_a_code_that_was_never_given_is_answered_with_what_to_do(client: Client) -> None:
    shown = words(client.get(f"/verify/{NEVER_ISSUED}/"))
    for said in ("查无此件", f"没有签发过核验码为“{NEVER_ISSUED}”的文书", "向文书上署名的单位核实"):
        assert said in shown


def test_what_is_typed_leads_to_the_page_of_the_code(client: Client, record: IssuedRecord) -> None:
    page = f"/verify/{record.shown_code}/"
    for typed in (record.code.lower(), f" {record.shown_code} ", f"http://testserver{page}"):
        answer = client.get("/verify/", {"code": typed})
        assert (answer.status_code, answer["Location"]) == (302, page)
    answer = client.get(f"/verify/{record.code.lower()}/")
    assert (answer.status_code, answer["Location"]) == (302, page)


@pytest.mark.parametrize("typed", ["", "ABC", "O3C4-6F7H-9K4M", "长" * 300])
def test_what_is_no_code_is_refused_beside_the_field(client: Client, typed: str) -> None:
    answer = client.get("/verify/", {"code": typed})
    assert answer.status_code == 422
    assert 'id="id_code_error"' in answer.text


def test_a_script_in_a_code_is_shown_as_text(client: Client) -> None:
    page = client.get("/verify/%3Cscript%3Ealert(7)%3C/").text
    assert ("&lt;script&gt;alert(7)&lt;" in page, "<script>alert(7)" in page) == (True, False)


def test_the_page_takes_a_constant_number_of_queries(
    client: Client, record: IssuedRecord, issued: bytes, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(3):
        client.get(f"/verify/{record.shown_code}/")


# ---- the page, by file


def test_the_issued_file_is_the_same_to_the_byte(client: Client, record: IssuedRecord, issued: bytes) -> None:
    stored = StoredFile.objects.count()
    shown = words(bring(client, issued))
    for said in ("上传的文件与签发的原文件完全一致", "电子签名完好：研究生联合培养基地管理平台", "真实有效", TITLE):
        assert said in shown
    assert StoredFile.objects.count() == stored


def test_the_archived_scan_is_known(client: Client, record: IssuedRecord) -> None:
    content = a_pdf(3)
    verification.keep_scan(record, uploads.store_bytes(content, name="盖章件.pdf", purpose="document"))
    shown = words(bring(client, content))
    for said in ("上传的文件与存档的盖章扫描件完全一致", "文件中没有电子签名", "真实有效", TITLE):
        assert said in shown


def test_a_changed_copy_is_told_from_the_issued_one(client: Client, record: IssuedRecord, issued: bytes) -> None:
    writer, out = PdfWriter(BytesIO(issued), incremental=True), BytesIO()
    writer.pages[1].rotate(90)
    writer.write(out)
    shown = words(bring(client, out.getvalue()))
    for said in (
        "上传的文件与签发的文件不一致", f"核验码 {record.shown_code} 是真实的", "之后，文件又被增加了内容", "该核验码对应的文书真实有效",
    ):  # fmt: skip
        assert said in shown


def test_a_changed_byte_breaks_the_signature(client: Client, record: IssuedRecord, issued: bytes) -> None:
    at = issued.index(b"595")
    shown = words(bring(client, issued[:at] + b"596" + issued[at + 3 :]))
    assert "上传的文件与签发的文件不一致" in shown
    assert "文件中的电子签名已经失效：签名之后内容被改动" in shown


def test_a_copy_that_lost_its_signature_is_not_the_issued_one(
    client: Client, record: IssuedRecord, issued: bytes
) -> None:
    writer, out = PdfWriter(), BytesIO()
    for page in PdfReader(BytesIO(issued)).pages:
        writer.add_page(page)
    writer.write(out)
    shown = words(bring(client, out.getvalue()))
    assert "上传的文件与签发的文件不一致" in shown
    assert f"核验码 {record.shown_code}" in shown


def test_a_file_of_others_is_not_ours(client: Client, record: IssuedRecord, issued: bytes) -> None:
    shown = words(bring(client, a_pdf(5)))
    assert "查无此件" in shown
    assert "文件里也没有找到本平台的核验码" in shown
    assert TITLE not in shown


def test_a_file_is_compared_with_the_document_that_was_asked_for(
    client: Client, record: IssuedRecord, issued: bytes, today: date
) -> None:
    other = verification.open_record(kind="认定文件", title="另一份文件", issuer=OFFICE, issued_on=today)
    page = client.get(f"/verify/{other.shown_code}/").text
    assert f'name="code" value="{other.shown_code}"' in page
    shown = words(bring(client, issued, code=other.shown_code))
    assert f"这个文件是另一份文书，不是您刚才查询的 {other.shown_code}" in shown
    assert "上传的文件与签发的文件不一致" in words(bring(client, a_pdf(5), code=other.shown_code))


def test_the_portals_own_signature_on_something_it_never_issued_does_not_make_it_genuine(
    client: Client, record: IssuedRecord, issued: bytes
) -> None:
    assert "查无此件" in words(bring(client, signing.sign(a_pdf(6), reason="试").content))


def test_a_withdrawn_file_is_recognised_and_said_to_be_withdrawn(
    client: Client, record: IssuedRecord, issued: bytes, today: date
) -> None:
    verification.withdraw(record, on=today, reason="名单有误。")
    shown = words(bring(client, issued))
    assert "上传的文件与签发的原文件完全一致" in shown
    assert "已撤回" in shown
    assert "真实有效" not in shown


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("空.pdf", b"", "文件是空的"),
        ("表.pdf", b"name,number\n", "文件内容不是完整的 PDF"),
        ("坏.pdf", b"%PDF-1.7\n%broken", "不完整或已损坏"),
        ("大.pdf", b"%PDF-1.7\n" + b"x" * (1024 * 1024 + 1), "超过 1 MB 的限制"),
    ],
)
def test_a_file_that_cannot_be_compared_is_refused_beside_the_field(
    monkeypatch: pytest.MonkeyPatch, client: Client, name: str, content: bytes, said: str
) -> None:
    monkeypatch.setattr(CopyForm.base_fields["file"], "max_mb", 1)
    answer = bring(client, content, name=name)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'id="id_file_error"' in answer.text


def test_one_address_compares_sixty_files_an_hour_and_is_told_what_to_do_then(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.views.verification.COMPARISONS", "1 per hour")
    first, second = (bring(client, a_pdf(9)) for _time in range(2))
    assert (first.status_code, second.status_code) == (200, 429)
    assert "一小时内比对的文件过多，没有比对。请过一小时再试，或者输入核验码查询。" in second.text
