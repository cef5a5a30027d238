"""核验: what the portal issued, under which code, as which bytes, and whether it still stands.

Whoever issues a document opens a record and lets the finished PDF be kept under it, in one transaction; the public page answers from
the records alone.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from itertools import islice

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from pypdf import PdfReader

from portal import codes, signing, uploads
from portal.errors import Refused
from portal.models import IssuedCopy, IssuedRecord, StoredFile
from portal.typesetting.stamping import stamped

log = logging.getLogger(__name__)
# The code stands on every page; a file without one on its first pages is none of ours.
_PAGES_READ = 3
_MOST_CODES = 50


@dataclass(frozen=True)
class Finding:
    """What a file that somebody brought turns out to be.

    ``copy`` is the issued copy with the very same bytes; without one, ``named`` is the record whose code stands in the file, or the one
    it was compared with, so that the file is a changed or another copy of that document. ``signatures`` are those in the file, ``ours``
    whether a certificate of this portal made the first of them.
    """

    copy: IssuedCopy | None
    named: IssuedRecord | None
    signatures: tuple[signing.Signature, ...]
    ours: bool

    @property
    def record(self) -> IssuedRecord | None:
        """The document that the file is, or says it is."""
        return self.copy.record if self.copy else self.named

    @property
    def outcome(self) -> str:
        """``generated`` or ``scan`` for an issued copy, ``changed`` for another copy of a document of ours, else ``unknown``."""
        return self.copy.kind if self.copy else "changed" if self.named else "unknown"

    @property
    def signature(self) -> signing.Signature | None:
        """The signature that is told of: the first, which is the portal's on a file of the portal."""
        return self.signatures[0] if self.signatures else None


@transaction.atomic
def open_record(
    *, kind: str, title: str, issuer: str, issued_on: date, number: str = "", public: bool = True
) -> IssuedRecord:
    """Write down a document that is being issued and draw its code.

    ``kind`` is what the document is, in words of the screen (推荐公示, 报送函). ``public`` is false for a paper that names people: the
    public page then keeps title and number to itself. A document that is made anew gets a record of its own, and the one before is
    withdrawn.
    """
    return IssuedRecord.objects.create(
        kind=kind, title=title, issuer=issuer, issued_on=issued_on, number=number, is_public=public
    )


@transaction.atomic
def keep_generated(record: IssuedRecord, content: bytes, *, name: str, purpose: str) -> StoredFile:
    """Put code and QR code on a typeset PDF, sign it, store it under ``purpose``, and remember its hash.

    A record has one generated copy: a second one is refused by the database (IntegrityError). Raises signing.BrokenCertificate.
    """
    marked = stamped(content, code=record.shown_code, address=address(record), site=_site())
    signed = signing.sign(marked, reason=_("核验码 %(code)s") % {"code": record.shown_code})
    stored = uploads.store_bytes(signed.content, name=name, purpose=purpose)
    IssuedCopy.objects.create(
        record=record,
        kind=IssuedCopy.Kind.GENERATED,
        sha256=stored.sha256,
        signed_by=signed.signed_by,
        certificate_sha256=signed.certificate_sha256,
    )
    return stored


@transaction.atomic
def keep_scan(record: IssuedRecord, stored: StoredFile) -> IssuedCopy:
    """Remember the scan of a signed and sealed paper as a copy of the document; the same scan is remembered once."""
    copy, _created = IssuedCopy.objects.get_or_create(
        record=record, sha256=stored.sha256, defaults={"kind": IssuedCopy.Kind.SCAN}
    )
    return copy


@transaction.atomic
def withdraw(record: IssuedRecord, *, on: date, reason: str) -> IssuedRecord:
    """Say of a document that it no longer stands; everybody who verifies it reads the reason.

    Raises Refused without a reason, before the day of issue, and for one that is withdrawn already.
    """
    locked = IssuedRecord.objects.select_for_update().get(pk=record.pk)
    reason = reason.strip()
    if locked.withdrawn_on:
        raise Refused(
            _("这份文书已于 %(day)s 撤回，不能再次撤回。") % {"day": locked.withdrawn_on.isoformat()},
        )
    if not reason:
        raise Refused(_("请写明撤回的原因，核验的人会看到它。"))
    if on < locked.issued_on:
        raise Refused(
            _("撤回日期不能早于签发日期 %(day)s。") % {"day": locked.issued_on.isoformat()},
        )
    locked.withdrawn_on, locked.withdrawn_reason = on, reason[:500]
    locked.save(update_fields=["withdrawn_on", "withdrawn_reason"])
    return locked


def address(record: IssuedRecord) -> str:
    """Where the public verifies a document: the address in its QR code."""
    return settings.PUBLIC_URL + reverse("verify-code", args=[record.shown_code])


def find_by_code(text: str) -> IssuedRecord | None:
    """The document that a person means who typed or pasted a code, however they wrote it."""
    code = codes.typed(text)
    return IssuedRecord.objects.filter(code=code).first() if code else None


def signed_by(record: IssuedRecord) -> str:
    """Whose electronic signature the generated copy of a document carries; empty where it was issued without one."""
    generated = record.copies.filter(kind=IssuedCopy.Kind.GENERATED).first()
    return generated.signed_by if generated else ""


def find_by_file(content: bytes, *, asked: IssuedRecord | None = None) -> Finding:
    """What a file is: a copy that was issued, a changed one, or none of ours. Nothing of it is kept.

    ``asked`` is the document that it is to be compared with, where the file itself names none.
    """
    found = IssuedCopy.objects.filter(sha256=uploads.digest(content)).select_related("record").order_by("-pk").first()
    signatures = tuple(signing.signatures(content))
    ours = bool(signatures) and _is_ours(signatures[0].certificate_sha256)
    named = None if found else _named_in(content) or asked
    return Finding(found, named, signatures, ours)


def _is_ours(certificate_sha256: str) -> bool:
    return bool(certificate_sha256) and IssuedCopy.objects.filter(certificate_sha256=certificate_sha256).exists()


def _named_in(content: bytes) -> IssuedRecord | None:
    """The first record whose code stands in the text of the first pages."""
    found = list(dict.fromkeys(islice(_codes_in(content), _MOST_CODES)))
    records = {record.code: record for record in IssuedRecord.objects.filter(code__in=found)}
    return next((records[code] for code in found if code in records), None)


def _codes_in(content: bytes) -> Iterator[str]:
    try:
        for page in PdfReader(BytesIO(content)).pages[:_PAGES_READ]:
            yield from codes.printed(page.extract_text())
    except Exception:  # noqa: BLE001 - a file from outside leads the reader into errors of every kind
        log.info("no text could be read from an uploaded PDF")


def _site() -> str:
    """The page's address as it is printed, to be typed by hand."""
    return settings.PUBLIC_URL.partition("://")[2] + reverse("verify")
