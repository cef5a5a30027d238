"""The electronic signature: it covers the whole file, a change is found, and the certificate is what the settings say."""

import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import NameOID
from pypdf import PdfReader, PdfWriter

from portal import checks, signing

PASSWORD = "只有管理员知道"
OFFICE = "某某省教育厅"


def a_pdf() -> bytes:
    writer, out = PdfWriter(), BytesIO()
    writer.add_blank_page(595, 842)
    writer.write(out)
    return out.getvalue()


def key_file(folder: Path, *, ends_in: timedelta = timedelta(days=400)) -> Path:
    """A certificate of the department with its key, as an authority would hand it out."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, OFFICE),
            x509.NameAttribute(NameOID.COMMON_NAME, "电子公章"),
        ]
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(now - timedelta(days=365)).not_valid_after(now + ends_in).sign(key, hashes.SHA256())
    )  # fmt: skip
    path = folder / "office.p12"
    encrypted = BestAvailableEncryption(PASSWORD.encode())
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"office", key, made, None, encrypted))
    return path


@pytest.fixture
def office(settings: Any, tmp_path: Path) -> Path:
    """A production portal with a certificate."""
    settings.DEMO = False
    settings.SIGNING_CERTIFICATE, settings.SIGNING_PASSWORD = str(key_file(tmp_path)), PASSWORD
    return Path(settings.SIGNING_CERTIFICATE)


def test_the_signature_is_valid_and_covers_the_whole_file() -> None:
    from asn1crypto import x509 as asn1
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    signed = signing.sign(a_pdf(), reason="核验码 A3C4-6F7H-9K4M")
    found = signing.certificate()
    assert found is not None
    (embedded,) = PdfFileReader(BytesIO(signed.content)).embedded_regular_signatures
    assert embedded.sig_object["/SubFilter"] == SigSeedSubFilter.PADES.value
    assert embedded.sig_object["/Reason"] == "核验码 A3C4-6F7H-9K4M"
    trusted = ValidationContext(trust_roots=[asn1.Certificate.load(found.public_bytes(Encoding.DER))])
    status = validate_pdf_signature(embedded, trusted)
    assert (status.bottom_line, status.coverage) == (True, SignatureCoverageLevel.ENTIRE_FILE)
    assert embedded.signer_cert.sha256.hex() == signed.certificate_sha256 == found.fingerprint(hashes.SHA256()).hex()


def test_a_signed_file_says_whose_it_is() -> None:
    signed = signing.sign(a_pdf(), reason="核验码")
    (found,) = signing.signatures(signed.content)
    assert (found.signed_by, found.intact, found.covers_all) == (
        "研究生联合培养基地管理平台　演示证书（自签名）", True, True,
    )  # fmt: skip
    assert (found.signed_by, found.certificate_sha256) == (signed.signed_by, signed.certificate_sha256)
    assert found.at is not None
    assert abs(datetime.now(UTC) - found.at) < timedelta(minutes=5)


def test_a_changed_byte_is_found() -> None:
    content = signing.sign(a_pdf(), reason="核验码").content
    at = content.index(b"595")
    (found,) = signing.signatures(content[:at] + b"596" + content[at + 3 :])
    assert (found.intact, found.covers_all) == (False, True)


def test_what_is_added_after_the_signature_is_found() -> None:
    signed = signing.sign(a_pdf(), reason="核验码").content
    writer = PdfWriter(BytesIO(signed), incremental=True)
    writer.pages[0].rotate(90)
    out = BytesIO()
    writer.write(out)
    (found,) = signing.signatures(out.getvalue())
    assert (found.intact, found.covers_all) == (True, False)


@pytest.mark.parametrize("content", [a_pdf(), b"", b"%PDF-1.7\n", b"no PDF at all", b"%PDF-1.7\n" + b"\xff" * 5000])
def test_a_file_without_a_readable_signature_has_none(content: bytes) -> None:
    assert signing.signatures(content) == []


def test_the_file_is_read_as_before() -> None:
    content = a_pdf()
    signed = PdfReader(BytesIO(signing.sign(content, reason="核验码").content))
    assert [page.mediabox for page in signed.pages] == [page.mediabox for page in PdfReader(BytesIO(content)).pages]


# ---- certificates


def test_the_certificate_of_the_settings_signs(office: Path) -> None:
    (found,) = signing.signatures(signing.sign(a_pdf(), reason="核验码").content)
    assert (found.signed_by, found.intact, found.covers_all) == (f"{OFFICE}　电子公章", True, True)
    assert checks.signing_certificate() == []


def test_without_a_certificate_documents_are_unsigned_and_the_administrator_is_told(settings: Any) -> None:
    settings.DEMO, settings.SIGNING_CERTIFICATE = False, ""
    content = a_pdf()
    assert signing.sign(content, reason="核验码") == signing.Signed(content, "", "")
    assert [(each.id, each.is_serious()) for each in checks.signing_certificate()] == [("portal.I001", False)]


@pytest.mark.parametrize("what", ["missing", "no certificate", "wrong password"])
def test_a_certificate_that_cannot_be_used_is_an_error(office: Path, settings: Any, what: str) -> None:
    if what == "missing":
        office.unlink()
    elif what == "no certificate":
        office.write_bytes(b"no certificate")
    else:
        settings.SIGNING_PASSWORD = "geraten"
    with pytest.raises(signing.BrokenCertificate):
        signing.sign(a_pdf(), reason="核验码")
    assert [(each.id, each.is_serious()) for each in checks.signing_certificate()] == [("portal.E001", True)]


def test_a_certificate_that_soon_ends_is_a_warning(office: Path, tmp_path: Path) -> None:
    key_file(tmp_path, ends_in=timedelta(days=20))
    (warning,) = checks.signing_certificate()
    ends = (datetime.now(UTC) + timedelta(days=20)).date().isoformat()
    assert (warning.id, warning.msg) == ("portal.W001", f"签名证书到 {ends} 为止，请及时更换。")


def test_two_processes_that_make_the_demos_certificate_at_once_use_the_same(
    settings: Any, tmp_path: Path, at_once: Callable[..., list[Any]]
) -> None:
    settings.VAR_DIR = tmp_path
    first, second = at_once(signing.certificate, signing.certificate)
    assert first == second
    (made,) = (tmp_path / "signing").iterdir()
    assert (made.name, stat.S_IMODE(made.stat().st_mode)) == ("demo.p12", 0o600)
    assert signing.certificate() == first


@pytest.mark.parametrize(
    ("address", "found"), [("https://portal.example.cn", []), ("http://portal.example.cn", ["portal.E002"])]
)
def test_the_address_on_the_documents_is_one_of_https(settings: Any, address: str, found: list[str]) -> None:
    settings.PUBLIC_URL, settings.DEVELOPMENT = address, False
    assert [each.id for each in checks.public_address()] == found
