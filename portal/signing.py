"""The electronic signature of the documents that the portal issues, and of those that people bring back (PAdES, ETSI EN 319 142-1)."""

import os
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, Final, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.utils.translation import gettext as _

T = TypeVar("T")
FIELD: Final = "PortalSignature"
# A file with more signatures than this is none of ours; the rest is not looked at.
_MOST_SIGNATURES = 5
_DEMO_YEARS = 10


class BrokenCertificate(Exception):
    """The file that SIGNING_CERTIFICATE names cannot be read, or not with SIGNING_PASSWORD."""


@dataclass(frozen=True)
class Signed:
    """A signed file, with the name of the signer and the SHA-256 of the certificate; both empty where nothing was signed."""

    content: bytes
    signed_by: str = ""
    certificate_sha256: str = ""


@dataclass(frozen=True)
class Signature:
    """A signature found in a file: whose, by which certificate, and whether what was signed is still the same.

    ``covers_all`` is false where something was added to the file after it was signed.
    """

    signed_by: str
    certificate_sha256: str
    intact: bool
    covers_all: bool
    at: datetime | None


def is_configured() -> bool:
    """Whether documents are signed here: with the certificate of the settings, in a demo with one of its own."""
    return bool(settings.SIGNING_CERTIFICATE) or settings.DEMO


def certificate() -> x509.Certificate | None:
    """The certificate that signs, None where documents are issued unsigned. Raises BrokenCertificate."""
    if not is_configured():
        return None
    path, password = _key_file()
    try:
        key, found, _others = pkcs12.load_key_and_certificates(path.read_bytes(), password)
    except (OSError, ValueError) as error:
        raise BrokenCertificate(f"{path}: {error}") from error
    if key is None or found is None:
        raise BrokenCertificate(_("%(path)s 中没有私钥或证书") % {"path": path})
    return found


def sign(content: bytes, *, reason: str) -> Signed:
    """A PDF with an invisible PAdES-B-B signature over all of it; unchanged where no certificate is set.

    Raises BrokenCertificate.
    """
    found = certificate()
    if found is None:
        return Signed(content)
    return _apart(lambda: Signed(_signed(content, reason), _name(found), _fingerprint(found)))


def _signed(content: bytes, reason: str) -> bytes:
    # pyHanko takes half a second to import, which most processes need not spend.
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers
    from pyhanko.sign.fields import SigSeedSubFilter

    path, password = _key_file()
    signer = signers.SimpleSigner.load_pkcs12(str(path), passphrase=password)
    meta = signers.PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, reason=reason
    )
    out = BytesIO()
    signers.PdfSigner(meta, signer).sign_pdf(IncrementalPdfFileWriter(BytesIO(content)), output=out)
    return out.getvalue()


def signatures(content: bytes) -> list[Signature]:
    """The signatures of a PDF from anywhere, as far as they can be read; an unreadable file has none."""
    return _apart(lambda: _found(content))


def _found(content: bytes) -> list[Signature]:
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        embedded = PdfFileReader(BytesIO(content), strict=False).embedded_regular_signatures[:_MOST_SIGNATURES]
    except Exception:  # noqa: BLE001 - a file from outside leads the reader into errors of every kind
        return []
    found = []
    for each in embedded:
        try:
            found.append(_examined(each))
        except Exception:  # noqa: BLE001 - what cannot be examined proves nothing, and is said so
            found.append(Signature(_("无法辨认"), "", intact=False, covers_all=False, at=None))
    return found


def _examined(embedded: Any) -> Signature:
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    # Whether anybody trusts the signer is not asked: the page compares the certificate with our own.
    context = ValidationContext(trust_roots=[], allow_fetching=False)
    status = validate_pdf_signature(embedded, context, skip_diff=True)
    signer = x509.load_der_x509_certificate(embedded.signer_cert.dump())
    return Signature(
        _name(signer),
        _fingerprint(signer),
        intact=status.intact and status.valid,
        covers_all=status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
        at=embedded.self_reported_timestamp,
    )


def _key_file() -> tuple[Path, bytes | None]:
    """The PKCS#12 file that signs, and its password."""
    if settings.SIGNING_CERTIFICATE:
        return Path(settings.SIGNING_CERTIFICATE), settings.SIGNING_PASSWORD.encode() or None
    return _demo_certificate(), None


def _apart(act: Callable[[], T]) -> T:
    """Do it in a thread of its own: pyHanko runs an event loop, which a thread with a running one refuses."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(act).result()


def _name(found: x509.Certificate) -> str:
    """The signer as the certificate names it: the organisation if it does, and the common name."""
    names = [found.subject.get_attributes_for_oid(kind) for kind in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)]
    words = dict.fromkeys(str(each[0].value) for each in names if each)
    return "　".join(words)[:200] or found.subject.rfc4514_string()[:200] or _("未署名的证书")


def _fingerprint(found: x509.Certificate) -> str:
    return found.fingerprint(hashes.SHA256()).hex()


def _demo_certificate() -> Path:
    """The demo's own certificate, made once; of two processes that make one at the same moment, both use the first."""
    folder = Path(settings.VAR_DIR) / "signing"
    path = folder / "demo.p12"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder)  # for its owner alone (0600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_self_signed())
            os.link(name, path)
        except FileExistsError:
            pass
        finally:
            os.unlink(name)
    return path


def _self_signed() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _("研究生联合培养基地管理平台")),
            x509.NameAttribute(NameOID.COMMON_NAME, _("演示证书（自签名）")),
        ]
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * _DEMO_YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
                key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    return pkcs12.serialize_key_and_certificates(b"portal", key, made, None, NoEncryption())
