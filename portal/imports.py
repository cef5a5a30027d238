"""Lists from Excel in two steps: a check that writes nothing but what it found, then the same file written as a whole."""

from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from portal import uploads
from portal.acting import Acting
from portal.errors import Refused
from portal.models import ImportCheck, StoredFile, User
from portal.spreadsheets import Reading


@transaction.atomic
def check(*, purpose: str, subject: str, upload: UploadedFile, by: User, reading: Reading) -> ImportCheck:
    """Keep a file that was read together with what was found in it; nothing else is written.

    ``purpose`` is also that of the stored file, so the app that imports registers its guard (``uploads.guard``), such as
    ``portal.imports.may_download``.
    """
    return ImportCheck.objects.create(
        purpose=purpose,
        subject=subject,
        file=uploads.store(upload, purpose=purpose, by=by),
        rows=len(reading.rows),
        wrong=reading.wrong,
        errors=[{"row": each.row, "column": each.column, "message": each.message} for each in reading.errors],
        preview=reading.preview(),
        made_by=by,
    )


def content(checked: ImportCheck) -> bytes:
    """The file that was checked, byte by byte. Raises Refused when it is gone or no longer what was checked."""
    gone = _("检查过的文件已不在平台上，没有写入任何数据。请重新上传。")
    try:
        with checked.file.file.open("rb") as file:
            kept: bytes = file.read()
    except FileNotFoundError:
        raise Refused(gone) from None
    if uploads.digest(kept) != checked.file.sha256:
        raise Refused(gone)
    return kept


@transaction.atomic
def mark_applied(checked: ImportCheck, *, at: datetime) -> ImportCheck:
    """Note that the list was written; called in the transaction that writes it, before it does.

    Raises Refused for a list with mistakes and for one that was written already, also at the same moment.
    """
    checked = ImportCheck.objects.select_for_update().get(pk=checked.pk)
    if checked.wrong:
        raise Refused(_("名单中还有 %(n)s 处错误，没有写入任何数据。请改正后重新上传。") % {"n": checked.wrong})
    if checked.applied_at:
        raise Refused(_("这份名单已经写入过了，没有再写一次。如要修改，请重新上传名单。"))
    checked.applied_at = at
    checked.save(update_fields=["applied_at"])
    return checked


def may_download(acting: Acting, stored: StoredFile) -> bool:
    """A guard for files that were uploaded to be imported: whoever uploaded one may have it back."""
    return acting.user is not None and stored.uploaded_by_id == acting.user.pk
