"""What an Office file really is: new, old, with macros, with a password, or a zip that holds far more than it weighs."""

import io
import zipfile
import zlib
from typing import Final

# Twenty megabytes of upload are at most this much of text and pictures; a bomb is gigabytes.
UNPACKED_MAX: Final = 200 * 1024 * 1024
MEMBERS_MAX: Final = 5000
BOMB: Final = "bomb"
_MAIN_PARTS = {"xl/workbook.xml": "xlsx", "word/document.xml": "docx", "ppt/presentation.xml": "pptx"}
_WITH_MACROS = {"xlsx": "xlsm", "docx": "docm", "pptx": "pptm"}
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# The streams by which an old Office file, or the shell around an encrypted new one, is known.
_OLE_STREAMS = {"EncryptedPackage": "encrypted", "WordDocument": "doc", "Workbook": "xls", "PowerPoint Document": "ppt"}
_CHUNK = 256 * 1024


def may_be_office(head: bytes) -> bool:
    """Whether a file begins as Office files do, so that only the whole of it tells what it is."""
    return head.startswith((_ZIP, _OLE))


def office_kind(content: bytes) -> str:
    """What the whole file is: xlsx, docx, pptx by the main part inside; xlsm, docm, pptm with macros; zip for another one;
    xls, doc, ppt or ``ole`` for an old one; ``encrypted`` with a password; ``bomb``. Empty for a broken or another file."""
    if content.startswith(_ZIP):
        return _kind_of_zip(content)
    if content.startswith(_OLE):
        return next((kind for name, kind in _OLE_STREAMS.items() if name.encode("utf-16-le") in content), "ole")
    return ""


def _kind_of_zip(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if is_bomb(archive):
                return BOMB
            names = set(archive.namelist())
            kind = next((kind for part, kind in _MAIN_PARTS.items() if part in names), "zip")
            if kind != "zip" and _has_macros(archive, names):
                return _WITH_MACROS[kind]
            return kind
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError):
        return ""


def is_bomb(archive: zipfile.ZipFile) -> bool:
    """Whether it unpacks to more than UNPACKED_MAX; what it says of itself is not believed, it is unpacked and counted.

    Raises what zipfile raises for a broken or encrypted one, BadZipFile also for a name that stands there twice.
    """
    members = archive.infolist()
    if len(members) > MEMBERS_MAX or sum(member.file_size for member in members) > UNPACKED_MAX:
        return True
    if len({member.filename for member in members}) < len(members):
        raise zipfile.BadZipFile("a name stands there twice")
    left = UNPACKED_MAX
    for member in members:
        declared, member.file_size = member.file_size, 2 * UNPACKED_MAX  # else it would be read only as far as it says
        try:
            with archive.open(member) as file:
                while chunk := file.read(_CHUNK):
                    left -= len(chunk)
                    if left < 0:
                        return True
        finally:
            member.file_size = declared
    return False


def _has_macros(archive: zipfile.ZipFile, names: set[str]) -> bool:
    if any(name.rsplit("/", 1)[-1].lower() == "vbaproject.bin" for name in names):
        return True
    return "[Content_Types].xml" in names and b"macroEnabled" in archive.read("[Content_Types].xml")
