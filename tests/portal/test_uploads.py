"""Files from outside: what they are is found in their content, what is wrong is said in Chinese, and nothing of it is kept."""

import hashlib
import io
import re
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from PIL import Image

from bases.models import Base
from evaluations.models import Incident
from portal import uploads
from portal.models import StoredFile
from tests.factories import World, pdf_upload

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


def upload(content: bytes, name: str = "扫描件.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


class Form(forms.Form):
    scan = uploads.CheckedFileField()


class PictureForm(forms.Form):
    scan = uploads.CheckedFileField(kinds=("pdf", "png", "jpg"))


def errors(content: bytes, name: str = "扫描件.pdf", form: type[forms.Form] = Form) -> list[str]:
    return form(data={}, files={"scan": upload(content, name)}).errors.get("scan", [])


@pytest.mark.parametrize(
    ("content", "form"), [(pdf(), Form), (picture("PNG"), PictureForm), (picture("JPEG"), PictureForm)]
)
def test_a_file_that_is_what_is_asked_for_is_taken_whatever_it_is_called(
    content: bytes, form: type[forms.Form]
) -> None:
    assert errors(content, "没有扩展名", form) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"MZ" + b"\x90\x00" * 400, found("程序"), id="program"),
        pytest.param(packed("内容.txt"), found("Office 文档或压缩包"), id="zip"),
        pytest.param(word(), found("Office 文档或压缩包"), id="docx"),
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


def test_the_kinds_that_a_field_takes_are_named_in_the_refusal() -> None:
    assert errors(word(), form=PictureForm) == [found("Office 文档或压缩包", "PDF、PNG 图片、JPG 图片")]


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
        pytest.param(word(), found("Office 文档或压缩包", "PDF、PNG 图片、JPG 图片"), id="word"),
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
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'",
        "Cache-Control": "private, no-store",
        "X-Frame-Options": "DENY",
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


def test_every_purpose_in_use_has_its_guard() -> None:
    root = Path(__file__).resolve().parents[2]
    used = {
        purpose
        for app in ("portal", "bases", "agreements", "applications", "evaluations")
        for path in (root / app).rglob("*.py")
        for purpose in re.findall(r"purpose=\"(\w+)\"", path.read_text())
        if "uploads" in path.read_text()
    }
    assert used - set(uploads._guards) == {"application", "assessment", "reassessment"} & used


def test_a_forged_key_finds_nothing(db: None, client: Client) -> None:
    for address in ("/files/00000000-0000-4000-8000-000000000000/", "/files/1/", "/files/../../etc/passwd/"):
        answer = client.get(address)
        assert (answer.status_code, "没有找到这个页面" in answer.text) == (404, True)


def test_a_picture_is_shown_in_a_sandbox(officer: Client, base: Base, today: date) -> None:
    report(officer, base, upload(picture("PNG"), "现场.png"), today)
    answer = officer.get(reverse("file", args=[Incident.objects.get().file.key]))
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
