"""Files from outside: type found from the content, size limited, names kept for people only."""

import hashlib
import re
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import puremagic
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils.module_loading import import_string
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from pypdf import PdfReader

from portal import archives
from portal.acting import Acting
from portal.models import StoredFile, User

KIND_NAMES = {
    "pdf": _lazy("PDF"),
    "png": _lazy("PNG 图片"),
    "jpg": _lazy("JPG 图片"),
    "xlsx": _lazy("xlsx 格式的 Excel 表格"),
    "docx": _lazy("docx 格式的 Word 文档"),
}
# What people upload by mistake, named as they would name it.
FOUND_NAMES = {
    "docx": _lazy("Word 文档"),
    "xlsx": _lazy("Excel 表格"),
    "pptx": _lazy("PPT 文档"),
    "zip": _lazy("压缩包"),
    "pdf": _lazy("PDF"),
    "doc": _lazy("旧版 Word 文档（doc 格式）"),
    "xls": _lazy("旧版 Excel 表格（xls 格式）"),
    **dict.fromkeys(("ole", "ppt"), _lazy("旧版 Office 文档")),
    **dict.fromkeys(("gif", "bmp", "tif", "tiff", "webp", "heic", "png", "jpg"), _lazy("图片")),
    **dict.fromkeys(("html", "htm"), _lazy("网页")),
    "exe": _lazy("程序"),
}
# What no field takes, whatever it is called, with what to do about it.
_NEVER = {
    archives.BOMB: _lazy(
        "文件展开后超过 %(unpacked)s MB，平台不能打开，没有保存。请删去多余的工作表、空行和图片，另存后重新上传。"
    ),
    "encrypted": _lazy("文件设有打开密码，平台读不了，没有保存。请去掉密码另存后重新上传。"),
    **dict.fromkeys(
        ("xlsm", "docm", "pptm"), _lazy("文件带有宏，平台不收带宏的文件，没有保存。请另存为不带宏的格式后重新上传。")
    ),
}
_HEAD = 8192
_guards: dict[str, str] = {}


def guard(purpose: str, predicate: str) -> None:
    """Say who may download files of a purpose: dotted path of ``predicate(acting, stored_file) -> bool``."""
    _guards[purpose] = predicate


def may_download(acting: Acting, stored: StoredFile) -> bool:
    """Whether this person may have the file; a purpose without a guard is closed."""
    path = _guards.get(stored.purpose)
    if path is None:
        return False
    predicate: Callable[[Acting, StoredFile], bool] = import_string(path)
    return predicate(acting, stored)


def kind_of(content: bytes) -> str:
    """The file's type by its content: pdf, png, jpg, xlsx, docx or another extension; empty when unknown or broken.

    Also ``encrypted`` for an Office file with a password and ``bomb`` for a zip that would fill the memory.
    """
    if archives.may_be_office(content):
        return archives.office_kind(content)
    try:
        found = puremagic.from_string(content[:_HEAD]).lstrip(".")
    except puremagic.PureError:
        return ""
    return {"jpeg": "jpg", "jfif": "jpg"}.get(found, found)


def _kind_of_upload(upload: UploadedFile) -> str:
    """The same, reading the whole of a file only where its beginning does not tell."""
    upload.seek(0)
    head = upload.read(_HEAD)
    whole = head + upload.read() if archives.may_be_office(head) else head
    upload.seek(0)
    return kind_of(whole)


def _is_whole_pdf(upload: UploadedFile) -> bool:
    try:
        upload.seek(0)
        return len(PdfReader(upload).pages) > 0
    except Exception:  # noqa: BLE001 - a damaged file leads the reader into errors of every kind, and all say the same of it
        return False
    finally:
        upload.seek(0)


def check_total(upload: UploadedFile, *, used: int, max_mb: int) -> None:
    """Refuse a file with which those of one thing, ``used`` bytes so far, would weigh more than ``max_mb`` together.

    Raises ValidationError.
    """
    total = used + (upload.size or 0)
    if total > max_mb * 1024 * 1024:
        raise ValidationError(
            _(
                "加上这个文件，附件合计有 %(total).1f MB，超过 %(limit)s MB 的限制，没有保存。请压缩后重新上传，或删去不需要的附件。"
            )
            % {"total": total / 1024 / 1024, "limit": max_mb},
            code="total_too_large",
        )


class CheckedFileField(forms.FileField):
    """A file of one of ``kinds`` and at most ``max_mb`` megabytes; errors say what was found and how to mend it."""

    default_error_messages = {"empty": _lazy("文件是空的（0 字节），没有保存。请检查原文件后重新选择。")}

    def __init__(self, *, kinds: tuple[str, ...] = ("pdf",), max_mb: int | None = None, **kwargs: Any) -> None:
        self.kinds = kinds
        self.max_mb = max_mb or settings.UPLOAD_MAX_MB
        wanted = "、".join(str(KIND_NAMES[kind]) for kind in kinds)
        kwargs.setdefault("help_text", _("%(kinds)s，不超过 %(mb)s MB。") % {"kinds": wanted, "mb": self.max_mb})
        super().__init__(**kwargs)
        self.max_length = 150

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs = super().widget_attrs(widget)
        attrs["accept"] = ",".join(f".{kind}" for kind in self.kinds)
        attrs["data-max-mb"] = str(self.max_mb)
        return attrs

    def to_python(self, data: Any) -> Any:
        if data is not None and len(data.name or "") > 150:
            data.name = f"{(data.name or '')[:140]}.{(data.name or '').rsplit('.', 1)[-1][:5]}"
        upload: Any = super().to_python(data)
        if upload is None:
            return None
        if upload.size > self.max_mb * 1024 * 1024:
            raise ValidationError(
                _("文件有 %(size).1f MB，超过 %(limit)s MB 的限制，没有保存。请压缩或降低扫描精度后重新上传。")
                % {"size": upload.size / 1024 / 1024, "limit": self.max_mb},
                code="too_large",
            )
        kind = _kind_of_upload(upload)
        if kind not in self.kinds or (kind == "pdf" and not _is_whole_pdf(upload)):
            raise ValidationError(self._wrong_kind(kind), code="wrong_kind")
        upload.kind = kind
        return upload

    def _wrong_kind(self, kind: str) -> str:
        if kind in _NEVER:
            return str(_NEVER[kind]) % {"unpacked": archives.UNPACKED_MAX // 1024 // 1024}
        words = {"wanted": "、".join(str(KIND_NAMES[each]) for each in self.kinds), "found": FOUND_NAMES.get(kind, "")}
        if kind in self.kinds:
            return _("这个 %(wanted)s 文件不完整或已损坏，没有保存。请重新扫描或导出后再上传。") % {
                "wanted": KIND_NAMES[kind]
            }
        if words["found"]:
            return (
                _("文件实际是%(found)s，不是 %(wanted)s（改扩展名不会改变内容），没有保存。请另存为该格式后重新上传。")
                % words
            )
        return _("文件内容不是完整的 %(wanted)s（改扩展名不会改变内容），没有保存。请另存为该格式后重新上传。") % words


class _SeveralFiles(forms.FileInput):
    allow_multiple_selected = True


class CheckedFilesField(CheckedFileField):
    """Up to ``most`` files at once, each as a CheckedFileField takes it, ``total_mb`` megabytes together; gives a list."""

    widget = _SeveralFiles

    def __init__(self, *, most: int = 5, total_mb: int = 50, **kwargs: Any) -> None:
        self.most, self.total_mb = most, total_mb
        super().__init__(**kwargs)
        words = {"each": self.help_text, "most": most, "total": total_mb}
        self.help_text = _("可以选多个，最多 %(most)s 个，合计不超过 %(total)s MB；每个为 %(each)s") % words

    def clean(self, data: Any, initial: Any = None) -> Any:
        sent = [each for each in (data if isinstance(data, list | tuple) else [data]) if each]
        if len(sent) > self.most:
            raise ValidationError(
                _("选了 %(n)s 个文件，最多 %(most)s 个，没有保存。请合并后重新选择。")
                % {"n": len(sent), "most": self.most},
                code="too_many",
            )
        if not sent:
            super().clean(None, initial)
        for number, each in enumerate(sent):
            check_total(each, used=sum(other.size or 0 for other in sent[:number]), max_mb=self.total_mb)
        return [super(CheckedFilesField, self).clean(each, initial) for each in sent]


def forget_unclaimed(older_than: timedelta = timedelta(days=1)) -> int:
    """Delete the files that no row names: a refused act takes its rows back, not what it had put on the disk. Returns how many."""
    gone, newest = 0, time.time() - older_than.total_seconds()
    for folder in Path(settings.MEDIA_ROOT).glob("*/??"):
        old = {path.stem: path for path in folder.iterdir() if path.stat().st_mtime < newest}
        keys = [UUID(stem) for stem in old if re.fullmatch("[0-9a-f]{32}", stem)]
        claimed = set(StoredFile.objects.filter(key__in=keys).values_list("key", flat=True))
        for key in set(keys) - claimed:
            old[key.hex].unlink()
            gone += 1
    return gone


def digest(content: bytes) -> str:
    """What proves that a file is still the same."""
    return hashlib.sha256(content).hexdigest()


def store(upload: UploadedFile, *, purpose: str, by: User | None) -> StoredFile:
    """Keep a file that a CheckedFileField has accepted."""
    upload.seek(0)
    content = upload.read()
    return store_bytes(content, name=upload.name or "file", purpose=purpose, by=by)


def store_bytes(content: bytes, *, name: str, purpose: str, by: User | None = None) -> StoredFile:
    """Keep bytes under a purpose; the type is found from the content."""
    stored = StoredFile(
        purpose=purpose,
        kind=kind_of(content) or "bin",
        name=get_valid_filename(name)[:150],
        size=len(content),
        sha256=digest(content),
        uploaded_by=by,
    )
    stored.file.save(name, ContentFile(content), save=False)
    stored.save()
    return stored
