"""Files from outside: what they are is found in their content, what is wrong is said in Chinese, and nothing of it is kept."""

import ast
import hashlib
import io
import random
import re
import struct
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pgtrigger
import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook
from PIL import Image

from agreements.models import (
    AccountStatement,
    Agreement,
    Appointment,
    CommitteeMeeting,
    Contribution,
    ExchangeEvent,
    Expense,
    MentorTraining,
    MonthlyRecord,
    Placement,
    PracticeCertificate,
    PublicationRequest,
    Result,
    RuleVersion,
)
from applications.models import (
    Application,
    Objection,
    ObjectionFile,
    PrintedApplication,
    PublicNotice,
    Recommendation,
    ReviewMeeting,
    Round,
)
from applications.services import objections
from bases.models import Base, OfficialDocument
from evaluations.models import Assessment, DemonstrationTitle, Incident, Withdrawal
from portal import uploads, verification
from portal.models import ImportCheck, StoredFile
from tests.agreements import certified, mentoring, placing, research
from tests.agreements import months as cooperating
from tests.agreements.funds import granted, own_account
from tests.factories import World, pdf_upload

pytestmark = pytest.mark.usefixtures("bare_frame")

MB = 1024 * 1024
UNKNOWN = "文件内容不是完整的 PDF（改扩展名不会改变内容），没有保存。请另存为该格式后重新上传。"
BROKEN = "这个 PDF 文件不完整或已损坏，没有保存。请重新扫描或导出后再上传。"
EMPTY = "文件是空的（0 字节），没有保存。请检查原文件后重新选择。"


def found(what: str, wanted: str = "PDF") -> str:
    """What is said of a file that is something else."""
    return f"文件实际是{what}，不是 {wanted}（改扩展名不会改变内容），没有保存。请另存为该格式后重新上传。"


def pdf() -> bytes:
    return pdf_upload().read()


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (4, 4), "white").save(out, format=kind)
    return out.getvalue()


def packed(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "正文")
    return out.getvalue()


def word() -> bytes:
    return packed("[Content_Types].xml", "_rels/.rels", "word/document.xml")


def excel(**more: bytes | str) -> bytes:
    """A real workbook, with more parts if need be."""
    book, out = Workbook(), io.BytesIO()
    book.worksheets[0].append(["学号", "姓名"])
    book.save(out)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in more.items():
            archive.writestr(name, content)
    return out.getvalue()


def understating(content: bytes, real: int) -> bytes:
    """The same zip, whose headers say that its large part has a hundred bytes."""
    assert content.count(struct.pack("<I", real)) == 2
    return content.replace(struct.pack("<I", real), struct.pack("<I", 100))


def old_office(*streams: str) -> bytes:
    """The beginning of an old Office file, and the names of its streams as they stand in it."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 9000 + b"".join(each.encode("utf-16-le") for each in streams)


def upload(content: bytes, name: str = "扫描件.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


class Form(forms.Form):
    scan = uploads.CheckedFileField()


class PictureForm(forms.Form):
    scan = uploads.CheckedFileField(kinds=("pdf", "png", "jpg"))


class ListForm(forms.Form):
    scan = uploads.CheckedFileField(kinds=("xlsx",), max_mb=10)


class WordForm(forms.Form):
    scan = uploads.CheckedFileField(kinds=("docx",))


def errors(content: bytes, name: str = "扫描件.pdf", form: type[forms.Form] = Form) -> list[str]:
    return form(data={}, files={"scan": upload(content, name)}).errors.get("scan", [])


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (pdf(), Form),
        (picture("PNG"), PictureForm),
        (picture("JPEG"), PictureForm),
        (excel(), ListForm),
        (word(), WordForm),
    ],
)
def test_a_file_that_is_what_is_asked_for_is_taken_whatever_it_is_called(
    content: bytes, form: type[forms.Form]
) -> None:
    assert errors(content, "没有扩展名", form) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"MZ" + b"\x90\x00" * 400, found("程序"), id="program"),
        pytest.param(packed("内容.txt"), found("压缩包"), id="zip"),
        pytest.param(word(), found("Word 文档"), id="docx"),
        pytest.param(excel(), found("Excel 表格"), id="xlsx"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 512, found("旧版 Office 文档"), id="doc"),
        pytest.param(picture("PNG"), found("图片"), id="png"),
        pytest.param(b"<html><script>alert(1)</script></html>", found("网页"), id="html"),
        pytest.param("只是一段文字。".encode(), UNKNOWN, id="text"),
        pytest.param(pdf()[: len(pdf()) // 2], BROKEN, id="half of a pdf"),
        pytest.param(b"%PDF-1.7\n", BROKEN, id="head of a pdf"),
        pytest.param(b"%PDF-1.7\n" + b"\x00" * 4096 + b"\n%%EOF", BROKEN, id="shell of a pdf"),
        pytest.param(b"", EMPTY, id="empty"),
    ],
)
def test_what_is_only_called_pdf_is_refused_with_what_it_is_and_how_to_mend_it(content: bytes, message: str) -> None:
    assert errors(content) == [message]


def damaged(content: bytes, chance: random.Random) -> bytes:
    """The same file with some bytes overwritten, taken out, doubled, or one number of its structure changed."""
    out = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(9, len(out))
        length = chance.randint(1, 40)
        match chance.randrange(4):
            case 0:
                out[at : at + length] = chance.randbytes(length)
            case 1:
                del out[at : at + length]
            case 2:
                out[at:at] = out[at : at + length]
            case 3:
                numbers = [found.span() for found in re.finditer(rb"\d+", out) if found.start() > 8]
                start, end = chance.choice(numbers)
                out[start:end] = str(chance.choice([0, -1, 7, 99, 10**12])).encode()
    return bytes(out)


def test_a_damaged_pdf_is_taken_or_refused_as_broken_and_never_an_error_of_ours() -> None:
    chance = random.Random(4)
    said = Counter(tuple(errors(damaged(pdf(), chance))) for _ in range(300))
    assert set(said) == {(), (BROKEN,)}
    assert said[(BROKEN,)] > 20


@pytest.mark.parametrize("error", [AttributeError, AssertionError, IndexError, NotImplementedError, RecursionError])
def test_whatever_the_reader_of_a_damaged_pdf_stumbles_over_it_is_a_broken_file(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def stumble(upload: Any) -> None:
        raise error("damaged")

    monkeypatch.setattr(uploads, "PdfReader", stumble)
    assert errors(pdf()) == [BROKEN]


def test_the_kinds_that_a_field_takes_are_named_in_the_refusal() -> None:
    assert errors(word(), form=PictureForm) == [found("Word 文档", "PDF、PNG 图片、JPG 图片")]


def test_a_file_above_the_limit_is_refused_with_its_size_and_the_limit() -> None:
    assert errors(pdf() + b"%" * 30 * MB) == [
        "文件有 30.0 MB，超过 20 MB 的限制，没有保存。请压缩或降低扫描精度后重新上传。"
    ]


def test_the_limit_and_the_kinds_stand_beside_the_field_before_anybody_uploads() -> None:
    field = PictureForm().fields["scan"]
    assert field.help_text == "PDF、PNG 图片、JPG 图片，不超过 20 MB。"
    assert {name: field.widget.attrs[name] for name in ("accept", "data-max-mb")} == {
        "accept": ".pdf,.png,.jpg",
        "data-max-mb": "20",
    }


LIST = "xlsx 格式的 Excel 表格"
BOMB = "文件展开后超过 200 MB，平台不能打开，没有保存。请删去多余的工作表、空行和图片，另存后重新上传。"
MACROS = "文件带有宏，平台不收带宏的文件，没有保存。请另存为不带宏的格式后重新上传。"
PASSWORD = "文件设有打开密码，平台读不了，没有保存。请去掉密码另存后重新上传。"
MACRO_TYPE = "<Types><Override ContentType='application/vnd.ms-excel.sheet.macroEnabled.main+xml'/></Types>"
LARGE = 201 * MB


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(word(), found("Word 文档", LIST), id="docx"),
        pytest.param(pdf(), found("PDF", LIST), id="pdf"),
        pytest.param(packed("名单.xlsx"), found("压缩包", LIST), id="zip with an xlsx in it"),
        pytest.param(old_office("Workbook"), found("旧版 Excel 表格（xls 格式）", LIST), id="xls"),
        pytest.param(old_office("WordDocument"), found("旧版 Word 文档（doc 格式）", LIST), id="doc"),
        pytest.param(old_office("EncryptionInfo", "EncryptedPackage"), PASSWORD, id="password"),
        pytest.param(excel(**{"xl/vbaProject.bin": b"macro"}), MACROS, id="macros"),
        pytest.param(packed("xl/workbook.xml"), "", id="a workbook by its main part"),
        pytest.param(excel(**{"xl/media/bomb": b"0" * LARGE}), BOMB, id="bomb"),
        pytest.param(understating(excel(**{"xl/media/bomb": b"0" * LARGE}), LARGE), BOMB, id="bomb that denies it"),
        pytest.param(
            excel()[:3000], f"文件内容不是完整的 {LIST}（改扩展名不会改变内容），没有保存。请另存为该格式后重新上传。",
            id="half of an xlsx",
        ),
    ],
)  # fmt: skip
def test_what_is_only_called_xlsx_is_refused_in_words(content: bytes, message: str) -> None:
    assert errors(content, "名单.xlsx", ListForm) == ([message] if message else [])


def test_a_workbook_that_says_itself_that_it_has_macros_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("[Content_Types].xml", MACRO_TYPE)
    assert errors(out.getvalue(), "名单.xlsx", ListForm) == [MACROS]


def test_a_field_for_lists_says_so_and_offers_them_only() -> None:
    field = ListForm().fields["scan"]
    assert (field.help_text, field.widget.attrs["accept"]) == ("xlsx 格式的 Excel 表格，不超过 10 MB。", ".xlsx")


@pytest.mark.parametrize(
    ("content", "kind"), [(excel(), "xlsx"), (word(), "docx"), (packed("内容.txt"), "zip"), (excel()[:3000], "bin")]
)
def test_an_office_file_is_kept_with_its_kind(db: None, content: bytes, kind: str) -> None:
    kept = uploads.store_bytes(content, name="名单", purpose="roster")
    assert (kept.kind, kept.file.name.rsplit(".")[-1]) == (kind, kind)


def test_files_of_one_thing_have_a_limit_together() -> None:
    file = upload(b"%" * MB)
    uploads.check_total(file, used=199 * MB, max_mb=200)
    with pytest.raises(ValidationError) as refusal:
        uploads.check_total(file, used=199 * MB + 1, max_mb=200)
    assert refusal.value.messages == [
        "加上这个文件，附件合计有 200.0 MB，超过 200 MB 的限制，没有保存。请压缩后重新上传，或删去不需要的附件。"
    ]


def stored(name: str, db: None = None) -> StoredFile:
    form = Form(data={}, files={"scan": upload(pdf(), name)})
    assert form.errors == {}
    return uploads.store(form.cleaned_data["scan"], purpose="incident", by=None)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("联合培养协议（2026）.pdf", "联合培养协议2026.pdf"),
        ("../../../etc/passwd.pdf", "passwd.pdf"),
        ("..\\..\\windows\\system.pdf", "windowssystem.pdf"),
        ("协议\x00.pdf.exe", "协议.pdf.exe"),
        ("<script>alert(1)</script>.pdf", "script.pdf"),
    ],
)
def test_a_name_is_kept_for_people_only_and_never_reaches_the_disk(
    db: None, name: str, kept: str, settings: Any
) -> None:
    found = stored(name)
    assert re.fullmatch(r"incident/[0-9a-f]{2}/[0-9a-f]{32}\.pdf", found.file.name)
    assert Path(found.file.path).resolve().is_relative_to(Path(settings.MEDIA_ROOT).resolve())
    assert not re.search(r"[/\\<>\x00]", found.name)
    assert found.name.endswith(Path(kept).suffix)


def test_a_name_of_two_hundred_characters_is_shortened_and_keeps_its_extension(db: None) -> None:
    kept = stored("协" * 200 + ".pdf")
    assert (kept.name, len(kept.name)) == ("协" * 140 + ".pdf", 144)


def test_what_is_stored_is_proven(db: None) -> None:
    found = stored("协议.pdf")
    content = pdf()
    assert (found.kind, found.size, found.sha256) == ("pdf", len(content), hashlib.sha256(content).hexdigest())
    assert found.file.read() == content


# ---- through the pages


@pytest.fixture
def base(world: World, today: date, on_day: Any) -> Base:
    """A base in construction, whose partner meets an accident."""
    return world.constructing(today)


def report(client: Client, base: Base, file: SimpleUploadedFile, today: date) -> Any:
    form = {"happened_on": today.isoformat(), "description": "设备事故。", "measures": "已返校。", "file": file}
    return client.post(reverse("act", args=[base.pk, "report-incident"]), form)


@pytest.fixture
def officer(world: World, client: Client) -> Client:
    client.force_login(world.unit_officer.user)
    return client


def files_on_disk(settings: Any) -> set[str]:
    return {str(path) for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}


@pytest.mark.article("20")
@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(word(), found("Word 文档", "PDF、PNG 图片、JPG 图片"), id="word"),
        pytest.param(b"", EMPTY, id="empty"),
        pytest.param(pdf() + b"%" * 30 * MB, "文件有 30.0 MB，超过 20 MB 的限制，没有保存。", id="large"),
    ],
)
def test_a_refused_file_stands_beside_its_field_and_leaves_no_trace(
    officer: Client, base: Base, today: date, settings: Any, content: bytes, message: str
) -> None:
    before, rows = files_on_disk(settings), StoredFile.objects.count()
    answer = report(officer, base, upload(content), today)
    assert answer.status_code == 422
    assert message in answer.text
    assert "没有提交，请先改正以下内容" in answer.text
    assert "浏览器不会保留所选的文件，改正后请重新选择。" in answer.text
    assert (files_on_disk(settings), StoredFile.objects.count(), Incident.objects.count()) == (before, rows, 0)


@pytest.mark.article("20")
def test_a_file_is_for_those_who_may_see_what_it_belongs_to(
    world: World, officer: Client, base: Base, today: date
) -> None:
    assert report(officer, base, upload(pdf(), "事故报告.pdf"), today).status_code == 302
    address = reverse("file", args=[Incident.objects.get().file.key])
    allowed = {"applicant", "unit_officer", "partner_officer", "dept_officer", "dept_leader"}
    people = world.everybody() | {
        "other unit": world.other_unit_officer,
        "other partner": world.other_partner_officer,
        "other applicant": world.other_applicant,
    }
    got = set()
    for role, acting in people.items():
        officer.force_login(acting.user)
        answer = officer.get(address)
        if answer.status_code == 200:
            got.add(str(role))
        else:
            assert (answer.status_code, "没有找到这个页面" in answer.text) == (404, True)
    officer.logout()
    assert officer.get(address).status_code == 404
    assert got == allowed


def test_a_download_can_do_nothing_in_the_browser_and_stays_nowhere(officer: Client, base: Base, today: date) -> None:
    report(officer, base, upload(pdf(), "事故报告.pdf"), today)
    answer = officer.get(reverse("file", args=[Incident.objects.get().file.key]))
    headers = ("Content-Type", "X-Content-Type-Options", "Content-Security-Policy", "Cache-Control", "X-Frame-Options")
    assert {name: answer[name] for name in headers} == {
        "Content-Type": "application/pdf",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'",
        "Cache-Control": "private, no-store",
        "X-Frame-Options": "SAMEORIGIN",
    }
    assert answer["Content-Disposition"] == ("inline; filename*=utf-8''%E4%BA%8B%E6%95%85%E6%8A%A5%E5%91%8A.pdf")
    assert b"".join(answer.streaming_content) == pdf()


def test_what_is_no_known_kind_is_offered_for_saving_and_never_shown(
    db: None, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    monkeypatch.setitem(uploads._guards, "anything", "tests.portal.test_uploads.everybody")
    odd = uploads.store_bytes(b"<script>alert(1)</script>", name="页面.html", purpose="anything")
    answer = client.get(reverse("file", args=[odd.key]))
    assert (odd.kind, answer["Content-Type"]) == ("bin", "application/octet-stream")
    assert answer["Content-Disposition"].startswith("attachment;")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (excel(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (word(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ],
)
def test_an_office_file_is_saved_and_never_opened_in_the_browser(
    db: None, monkeypatch: pytest.MonkeyPatch, client: Client, content: bytes, kind: str
) -> None:
    monkeypatch.setitem(uploads._guards, "anything", "tests.portal.test_uploads.everybody")
    kept = uploads.store_bytes(content, name="list", purpose="anything")
    answer = client.get(reverse("file", args=[kept.key]))
    headers = ("Content-Type", "Content-Disposition", "X-Frame-Options")
    assert [answer[name] for name in headers] == [kind, 'attachment; filename="list"', "DENY"]


def test_a_pdf_is_shown_in_a_frame_of_our_own_pages_with_links_for_phones(
    db: None, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    monkeypatch.setitem(uploads._guards, "anything", "tests.portal.test_uploads.everybody")
    kept = uploads.store_bytes(pdf(), name="plan.pdf", purpose="anything")
    address = reverse("file", args=[kept.key])
    shown = render_to_string("components/_pdf.html", {"file": kept, "title": "建设方案"})
    assert re.findall(r"<iframe.*?>", shown) == [f'<iframe src="{address}" title="建设方案" loading="lazy">']
    assert re.findall(r'<a href="(.*?)".*?>(.*?)</a>', shown) == [
        (address, "在新窗口打开"),
        (f"{address}?download", "下载"),
    ]
    assert client.get(address)["Content-Disposition"] == 'inline; filename="plan.pdf"'
    assert client.get(f"{address}?download")["Content-Disposition"] == 'attachment; filename="plan.pdf"'
    assert "frame-src 'self'" in client.get(reverse("regulation"))["Content-Security-Policy"]


def everybody(acting: Any, stored: StoredFile) -> bool:
    """A guard that lets everybody have the file."""
    return True


@pytest.mark.django_db(transaction=True)
def test_what_an_act_stored_that_was_taken_back_does_not_stay_on_the_disk(settings: Any) -> None:
    kept = uploads.store_bytes(pdf(), name="留下.pdf", purpose="document")
    with transaction.atomic():
        uploads.store_bytes(pdf(), name="退回.pdf", purpose="document")
        transaction.set_rollback(True)
    strange = Path(settings.MEDIA_ROOT) / "document" / kept.key.hex[:2] / "readme.txt"
    strange.write_text("不是平台存的")

    def on_disk() -> set[str]:
        return {path.name for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}

    assert len(on_disk()) == 3
    assert uploads.forget_unclaimed() == 0  # its act may still be under way
    assert uploads.forget_unclaimed(older_than=timedelta(seconds=-1)) == 1
    assert on_disk() == {f"{kept.key.hex}.pdf", "readme.txt"}


def test_a_purpose_that_nobody_guards_is_closed(world: World, client: Client) -> None:
    orphan = uploads.store_bytes(pdf(), name="无主.pdf", purpose="nobody-guards-this")
    for acting in world.everybody().values():
        client.force_login(acting.user)
        answer = client.get(reverse("file", args=[orphan.key]))
        assert (answer.status_code, "没有找到这个页面" in answer.text) == (404, True)


def purposes_in(path: Path, module: str) -> Iterator[str]:
    """What a module says that it stores files for: in words, or by a name of its own."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or ast.unparse(node.func) not in STORING:
            continue
        for given in (keyword.value for keyword in node.keywords if keyword.arg == "purpose"):
            if isinstance(given, ast.Constant):
                yield given.value
            elif ast.unparse(given) != "purpose":  # else it hands on the purpose that it is given
                yield getattr(import_module(module), ast.unparse(given))


STORING = {"uploads.store", "uploads.store_bytes", "imports.check", "verification.keep_generated", "keep", "_keep"}


def test_every_purpose_in_use_has_its_guard_and_every_guard_its_purpose() -> None:
    root = Path(__file__).resolve().parents[2]
    used = {
        purpose
        for app in ("portal", "bases", "agreements", "applications", "evaluations")
        for path in sorted((root / app).rglob("*.py"))
        for purpose in purposes_in(path, ".".join(path.relative_to(root).with_suffix("").parts))
    }
    assert used == set(uploads._guards)


# Who may have a file of each purpose: of the base's own people, of the department, and of others in the same roles.
READERS = """
#                      applicant unit partner expert officer leader auditor sysadmin security others public
application_attachment +         +    +       +      +       +      0       0        0        0      0
application_print      +         +    0       0      +       +      0       0        0        0      0
roster_import          +         0    0       0      0       0      0       0        0        0      0
recommendation_letter  0         +    0       0      +       +      0       0        0        0      0
recommendation_summary 0         +    0       0      +       +      0       0        0        0      0
recommendation_proof   0         +    0       0      +       +      0       0        0        0      0
document               +         +    +       0      +       +      0       0        0        0      0
document_pdf           +         +    +       +      +       +      +       +        +        +      +
title_certificate      +         +    +       +      +       +      +       +        +        +      +
notice_pdf             +         +    +       +      +       +      +       +        +        +      +
objection_evidence     0         +    0       0      0       0      0       0        0        0      0
objection_record       0         +    0       0      0       0      0       0        0        0      0
objection_answer       0         +    0       0      0       0      0       0        0        0      0
minutes                0         0    0       0      +       +      0       0        0        0      0
meeting_minutes        0         0    0       0      +       +      0       0        0        0      0
meeting_summary        0         0    0       0      +       +      0       0        0        0      0
meeting_scan           0         0    0       0      +       +      0       0        0        0      0
round_guide            +         +    +       +      +       +      +       +        +        +      0
unit_facts_import      0         0    0       0      +       0      0       0        0        0      0
expert_import          0         0    0       0      +       0      0       0        0        0      0
authorisations         0         0    0       0      0       0      0       +        0        0      0
partner_code           0         0    0       0      +       +      0       0        0        0      0
self_report            +         +    +       +      +       +      0       0        0        0      0
incident               +         +    +       0      +       +      0       0        0        0      0
contribution_voucher   +         +    +       0      +       +      0       0        0        0      0
expense_voucher        +         +    0       0      +       +      0       0        0        0      0
account_statement      +         +    +       0      +       +      0       0        0        0      0
agreement_scan         +         +    +       0      +       +      0       0        0        0      0
agreement_pdf          +         +    +       0      +       +      0       0        0        0      0
stipend_voucher        +         +    +       0      +       +      0       0        0        0      0
month_import           0         0    +       0      0       0      0       0        0        0      0
withdrawal             +         +    +       0      +       +      0       0        0        0      0
safety_agreement       +         +    +       0      +       +      0       0        0        0      0
student_import         0         +    0       0      0       0      0       0        0        0      0
appointment_letter     +         +    +       0      +       +      0       0        0        0      0
mentor_training        +         +    +       0      +       +      0       0        0        0      0
committee_minutes      +         +    +       0      +       +      0       0        0        0      0
base_rule              +         +    +       0      +       +      0       0        0        0      0
practice_certificate   +         +    +       0      +       +      0       0        0        0      0
remuneration_voucher   +         +    +       0      +       +      0       0        0        0      0
publication_request    +         +    +       0      0       0      0       0        0        0      0
base_result            +         +    +       0      +       +      0       0        0        0      0
exchange_event         +         +    +       0      +       +      0       0        0        0      0
"""


def keep(purpose: str, by: Any = None) -> StoredFile:
    """A file of its own for a purpose."""
    return uploads.store_bytes(pdf() + purpose.encode(), name=f"{purpose}.pdf", purpose=purpose, by=by)


def one_of_each_purpose(world: World, on: date) -> dict[str, StoredFile]:
    """A file of every purpose where it belongs: in a base that was reported and is reviewed, and in one whose life is over."""
    withdrawn, living, reviewed = world.withdrawn(on), world.constructing(on), world.in_review(on)
    listed = world.in_unit_notice(on)
    world.declare_free(reviewed.panels.get(), on)
    application = Application.objects.get(base=reviewed)
    files = {name: keep(name) for name in uploads._guards if name not in {"application_attachment", "withdrawal"}}
    report = Recommendation.objects.get(entries__application=application)
    Recommendation.objects.filter(pk=report.pk).update(
        letter_pdf=files["recommendation_letter"], summary_xlsx=files["recommendation_summary"],
        no_objection_proof=files["recommendation_proof"],
    )  # fmt: skip
    of_living = OfficialDocument.objects.filter(bases=living)
    of_living.filter(kind="project_notice").update(file=files["document"])
    of_living.filter(kind="recognition").update(pdf=files["document_pdf"])
    record = verification.open_record(kind="证书", title=living.name, issuer="教育厅", issued_on=on)
    DemonstrationTitle.objects.create(
        base=living, number="SF-2026-0001", granted_on=on, document=of_living[0], record=record,
        certificate=files["title_certificate"],
    )  # fmt: skip
    Round.objects.filter(year=on.year).update(guide=files["round_guide"])
    ReviewMeeting.objects.create(
        round=application.round, kind="review", title="评审会议", held_on=on, place="厅里", agenda="评议。", drafted_by=world.officer.user,
        minutes_pdf=files["meeting_minutes"], summary_pdf=files["meeting_summary"], signed_scan=files["meeting_scan"],
    )  # fmt: skip
    notice = PublicNotice.objects.get(entries__base=listed)
    PublicNotice.objects.filter(pk=notice.pk).update(pdf=files["notice_pdf"])
    objection = objections.file_objection(
        notice=notice, base=listed, name="实名", phone="13800000000", grounds="材料与事实不符。", on=on
    )
    Objection.objects.filter(pk=objection.pk).update(
        status="declined", decline_ground="groundless", conclusion="无。", handled_on=on, handled_by=world.unit_officer.user,
        answer_text="不予受理。", answered_on=on, answered_by=world.unit_officer.user, answer=files["objection_answer"],
    )  # fmt: skip
    for purpose in ("objection_evidence", "objection_record"):
        ObjectionFile.objects.create(objection=objection, stored=files[purpose])
    objections.look(objection=objection, by=world.unit_officer)
    PrintedApplication.objects.create(
        application=application,
        version=application.versions.get(),
        content_sha256="0" * 64,
        docx=files["application_print"],
    )
    roster = ImportCheck(purpose="roster_import", subject=f"{application.pk}:0:0:0:0:0:0", file=files["roster_import"])
    roster.made_by = world.applicant.user
    roster.save()
    for purpose, by in (
        ("unit_facts_import", world.officer),
        ("expert_import", world.officer),
        ("authorisations", world.sysadmin),
        ("student_import", world.unit_officer),
        ("month_import", world.partner_officer),
    ):
        StoredFile.objects.filter(pk=files[purpose].pk).update(uploaded_by=by.user)
    Assessment.objects.filter(base=withdrawn).update(report_file=files["self_report"])
    world.report_incident(living, on)
    Incident.objects.filter(base=living).update(file=files["incident"])
    _keep_books(world, living, files, on)
    signed = world.hand_in_agreement(living, on)
    Agreement.objects.filter(pk=signed.pk).update(scan=files["agreement_scan"], pdf=files["agreement_pdf"])
    placed = placing.placed(world, living, on)
    Placement.objects.filter(pk=placed.pk).update(safety_file=files["safety_agreement"])
    student = cooperating.place(living)
    cooperating.filled(living, cooperating.OCTOBER, world.partner_officer, on, student)
    MonthlyRecord.objects.filter(placement=student).update(voucher=files["stipend_voucher"])
    cooperation = mentoring.one_of_each(living, world.unit, world.partner, on)
    Appointment.objects.filter(pk=cooperation["appointment"].pk).update(
        letter=files["appointment_letter"],
        record=verification.open_record(kind="导师聘书", title="聘书", issuer="大学", issued_on=on),
    )
    MentorTraining.objects.update(file=files["mentor_training"])
    CommitteeMeeting.objects.update(minutes=files["committee_minutes"])
    RuleVersion.objects.create(
        rule=cooperation["rule"], number=1, file=files["base_rule"], effective_on=on, uploaded_on=on
    )
    certificate = certified.certified(world, living, on)
    PracticeCertificate.objects.filter(pk=certificate.pk).update(
        pdf=files["practice_certificate"],
        record=verification.open_record(kind="专业实践鉴定", title="鉴定", issuer="公司", issued_on=on),
    )
    certified.forged_payment(
        cooperation["industry_appointment"], world.unit_officer.user, files["remuneration_voucher"], on
    )
    found = research.one_of_each(living, world.unit, world.partner, on)
    with pgtrigger.ignore("agreements.PublicationRequest:publication_requests_stay_as_asked"):
        PublicationRequest.objects.filter(pk=found["request"].pk).update(file=files["publication_request"])
    Result.objects.filter(pk=found["result"].pk).update(evidence=files["base_result"])
    ExchangeEvent.objects.filter(pk=found["exchange"].pk).update(file=files["exchange_event"])
    files["withdrawal"] = Withdrawal.objects.get(base=withdrawn).request_file
    files["application_attachment"] = application.versions.get().files.get(kind="agreement").stored
    return files


def _keep_books(world: World, base: Base, files: dict[str, StoredFile], on: date) -> None:
    """What was paid in, what was spent from a grant, which is not the partner's, and a statement of the account of both sides."""
    user, own = world.unit_officer.user, own_account(base)
    Contribution.objects.create(
        base=base, year=1, side="unit", kind="site", amount=5, into_account=False, received_on=on, what="场地", entered_by=user,
        entered_on=on, voucher=files["contribution_voucher"],
    )  # fmt: skip
    Expense.objects.create(
        account=granted(world, base, on), kind="travel", amount=5, spent_on=on, payee="某人", purpose="差旅", entered_by=user,
        entered_on=on, voucher=files["expense_voucher"],
    )  # fmt: skip
    record = verification.open_record(kind="账户明细单", title="账户明细单", issuer="某大学", issued_on=on)
    AccountStatement.objects.create(
        account=own, from_on=on, to_on=on, last_number=0, asked_by=user, asked_on=on, record=record, pdf=files["account_statement"]
    )  # fmt: skip


def test_a_file_is_for_those_whom_the_table_names_and_for_nobody_else(world: World, today: date, on_day: Any) -> None:
    files = one_of_each_purpose(world, today)
    people: dict[str, list[Any]] = {role: [acting.user] for role, acting in world.everybody().items()}
    others = (world.other_applicant, world.other_unit_officer, world.other_partner_officer, world.experts[4])
    people |= {"others": [acting.user for acting in others], "public": [None]}
    wanted = {name: signs for name, *signs in (line.split() for line in READERS.strip().splitlines()[1:])}
    found: dict[str, list[str]] = {name: [] for name in files}
    for users in people.values():
        signs: dict[str, set[str]] = {name: set() for name in files}
        for user in users:
            client = Client()
            if user is not None:
                client.force_login(user)
            for name, stored in files.items():
                status = client.get(reverse("file", args=[stored.key])).status_code
                signs[name].add({200: "+", 404: "0"}[status])
        for name, met in signs.items():
            found[name].append("".join(sorted(met)))
    assert found == wanted
    assert set(wanted) == set(uploads._guards)


def test_a_forged_key_finds_nothing(db: None, client: Client) -> None:
    for address in ("/files/00000000-0000-4000-8000-000000000000/", "/files/1/", "/files/../../etc/passwd/"):
        answer = client.get(address)
        assert (answer.status_code, "没有找到这个页面" in answer.text) == (404, True)


def test_a_picture_is_shown_in_a_sandbox(officer: Client, base: Base, today: date) -> None:
    report(officer, base, upload(picture("PNG"), "现场.png"), today)
    answer = officer.get(reverse("file", args=[Incident.objects.get().file.key]))
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Security-Policy"] == (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'"
    )
    assert answer["X-Frame-Options"] == "DENY"
