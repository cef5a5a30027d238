"""The attachments of a 申请书 (第八条（一）): added, replaced and taken away by those who fill it in; nothing is ever deleted."""

from __future__ import annotations

from datetime import date
from typing import Any

import rules
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applications import paper
from applications.models import Application, ApplicationFile
from applications.services.drafting import count_save, locked_draft
from bases.models import Base
from bases.validators import validate_no_id_card
from portal import uploads
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.roles import Role

PURPOSE = "application_attachment"
SECTION = paper.ATTACHMENTS.key


def field_for(kind: str) -> uploads.CheckedFileField:
    """What a file of that kind must be (第八条（一）): its types, found from the content, and its size."""
    spec = paper.FILES_BY_KEY[kind]
    return uploads.CheckedFileField(kinds=spec.kinds, max_mb=spec.max_mb)


def add(
    *,
    application: Application,
    kind: str,
    upload: UploadedFile,
    by: Acting,
    on: date,
    replaces: ApplicationFile | None = None,
) -> ApplicationFile:
    """Keep a file as an attachment of a kind (第八条（一）), instead of ``replaces`` or beside what there is.

    Raises Refused for a file that is not what the kind takes, that is there already or is one too many, NotYours for anybody but the
    applicants, Overtaken when the file to be replaced is gone or the application is handed in.
    """
    # Unpacking a file takes longest and needs no lock; it is not done for a stranger, and the lock asks for everything again.
    if by.role != Role.APPLICANT or not rules.test_rule("act_on_base", by, Base.objects.get(pk=application.base_id)):
        raise NotYours(_("申请书只能由本基地的申报人修改。"))
    _check_content(kind, upload)
    return _keep(application, kind, upload, by, on, replaces)


@transaction.atomic
def _keep(
    application: Application, kind: str, upload: UploadedFile, by: Acting, on: date, replaces: ApplicationFile | None
) -> ApplicationFile:
    draft = locked_draft(application, by, on)
    spec = paper.FILES_BY_KEY[kind]
    label = ApplicationFile.Kind(kind).label
    present = list(draft.files.filter(removed_at=None).select_related("stored").order_by("pk"))
    old = next((each for each in present if replaces is not None and each.pk == replaces.pk), None)
    if replaces is not None and (old is None or old.kind != kind):
        raise Overtaken(_("要替换的文件已经不在，没有保存。请刷新页面，看过现有的文件后再上传。"))
    of_kind = [each for each in present if each.kind == kind]
    _refuse_twin(upload, of_kind)
    if old is None and len(of_kind) >= spec.most:
        if spec.most == 1:
            raise Refused(_("“%(kind)s”已有一个文件，没有保存。要换新的，请用该文件旁的“替换”。") % {"kind": label})
        raise Refused(
            _("“%(kind)s”最多 %(n)s 个文件，已经满了，没有保存。请先移除或替换其中一个。")
            % {"kind": label, "n": spec.most}
        )
    used = sum(each.stored.size for each in present if each is not old)
    try:
        uploads.check_total(upload, used=used, max_mb=paper.MAX_TOTAL_MB)
    except ValidationError as error:
        raise Refused(error.messages) from error
    if by.user is None:
        raise NotYours(_("附件由申报人上传。"))
    if old is not None:
        _take_away(old, by)
    added = ApplicationFile.objects.create(
        application=draft,
        kind=kind,
        stored=uploads.store(upload, purpose=PURPOSE, by=by.user),
        added_by=by.user,
        replaces=old,
    )
    _count(draft, by)
    return added


@transaction.atomic
def remove(*, file: ApplicationFile, by: Acting, on: date) -> ApplicationFile:
    """Take an attachment away; it stays on record with who took it and when (第八条（一）).

    Raises NotYours for anybody but the applicants, Overtaken when it is gone already or the application is handed in.
    """
    draft = locked_draft(file.application, by, on)
    found = ApplicationFile.objects.select_for_update(of=("self",)).select_related("stored").get(pk=file.pk)
    if found.removed_at is not None:
        raise Overtaken(_("“%(name)s”已被移除或替换，没有再次移除。") % {"name": found.stored.name})
    _take_away(found, by)
    _count(draft, by)
    return found


def same_elsewhere(file: ApplicationFile) -> ApplicationFile | None:
    """An attachment in force of another kind with the very same content; that may be meant, so it is said and not refused."""
    twins = ApplicationFile.objects.filter(
        application_id=file.application_id, removed_at=None, stored__sha256=file.stored.sha256
    )
    return twins.exclude(kind=file.kind).select_related("stored").first()


def _check_content(kind: str, upload: UploadedFile) -> None:
    try:
        field_for(kind).clean(upload)
    except ValidationError as error:
        raise Refused(error.messages) from error
    try:
        validate_no_id_card(upload.name or "")
    except ValidationError as error:
        raise Refused(_("文件名中含有居民身份证号，平台不收集身份证号，没有保存。请改名后重新上传。")) from error


def _refuse_twin(upload: UploadedFile, of_kind: list[ApplicationFile]) -> None:
    upload.seek(0)
    found = uploads.digest(upload.read())
    upload.seek(0)
    for each in of_kind:
        if each.stored.sha256 == found:
            raise Refused(
                _("这个文件与已上传的“%(name)s”内容完全相同，没有重复保存。请检查是否选错了文件。")
                % {"name": each.stored.name}
            )


def _take_away(file: ApplicationFile, by: Acting) -> None:
    file.removed_at, file.removed_by = timezone.now(), by.user
    file.save(update_fields=["removed_at", "removed_by"])


def _count(draft: Any, by: Acting) -> None:
    draft.save(update_fields=["saved_at"])
    count_save(draft, SECTION, by)
