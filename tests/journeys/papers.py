"""What people look at in a PDF that they have downloaded: its words, its paper, its type, its code, its signature."""

import re
from io import BytesIO
from pathlib import Path

from playwright.sync_api import expect
from pypdf import PdfReader

from portal import signing
from tests.portal.pdfs import A4, flat, fonts_of, size_of, texts

_CODE = re.compile(r"核验码([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})")


def download(person, link) -> bytes:
    """The PDF behind a link that becomes ready after a moment."""
    expect(link).to_be_visible(timeout=60_000)
    answer = person.page.request.get(person.portal.url + link.get_attribute("href"))
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    return answer.body()


def looked_at(pdf: bytes, folder: Path, *words: str) -> str:
    """See that a PDF is as it should be and says these words; returns its code of verification."""
    sizes = {tuple(sorted(round(side) for side in size_of(page))) for page in PdfReader(BytesIO(pdf)).pages}
    assert sizes == {(round(A4[0]), round(A4[1]))}
    assert {tuple(flags) for flags in fonts_of(pdf, folder).values()} == {("yes", "yes", "yes")}
    pages = [flat(page) for page in texts(pdf)]
    assert [each for each in words if flat(each) not in "".join(pages)] == []
    codes = {code for page in pages for code in _CODE.findall(page)}
    assert [bool(_CODE.search(page)) for page in pages] == [True] * len(pages)
    (code,) = codes
    (signature,) = signing.signatures(pdf)
    assert signature.intact
    assert signature.covers_all
    return code
