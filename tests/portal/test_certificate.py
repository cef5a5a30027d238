"""The certificate (证书) of a title: one page across, with all that it must say, however long the names are."""

from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from portal.typesetting import Certificate, render_certificate
from tests.portal.pdfs import A4, MM, flat, fonts_of, pages_of_words, size_of, texts, undrawn

LONG = "某某科技大学—某某稀土新材料产业技术创新研究院有限责任公司智能制造与新材料方向研究生联合培养基地"


def certificate(**changes: Any) -> bytes:
    values = {
        "name": "稀土新材料研究生联合培养基地",
        "units": ["某某科技大学", "某某稀土有限责任公司"],
        "words": "经考核，认定为",
        "title": "研究生联合培养示范基地",
        "number": "某教研示〔2026〕8号",
        "valid_from": date(2026, 11, 24),
        "valid_to": date(2029, 11, 23),
        "issuer": "某某省教育厅",
        "issued_on": date(2026, 11, 25),
    }
    return render_certificate(Certificate(**(values | changes)))


def test_says_who_was_given_what_by_whom_and_for_how_long() -> None:
    (page,) = texts(certificate())
    for words in [
        "证书", "稀土新材料研究生联合培养基地", "某某科技大学、某某稀土有限责任公司", "经考核，认定为", "研究生联合培养示范基地",
        "证书编号：某教研示〔2026〕8号", "有效期：2026年11月24日至2029年11月23日", "某某省教育厅2026年11月25日",
        "系统生成，未盖章",
    ]:  # fmt: skip
        assert words in flat(page)


def test_a_sealed_one_and_one_without_end_say_so() -> None:
    (page,) = texts(certificate(signed=True, valid_to=None))
    assert "有效期：2026年11月24日起" in flat(page)
    assert "未盖章" not in flat(page)


def test_lies_across_a4_with_its_fonts_embedded(tmp_path: Path) -> None:
    pdf = certificate()
    (page,) = PdfReader(BytesIO(pdf)).pages
    assert size_of(page) == pytest.approx(A4[::-1], abs=0.1)
    assert {tuple(flags) for flags in fonts_of(pdf, tmp_path).values()} == {("yes", "yes", "yes")}


def test_long_names_fit_between_the_frame_and_the_foot(tmp_path: Path) -> None:
    pdf = certificate(name=LONG * 2, units=[LONG, LONG, LONG], title="研究生联合培养示范基地" * 2)
    (page,) = pages_of_words(pdf, tmp_path)
    number = next(w for w in page if w.text.startswith("证书编号"))
    said = [w for w in page if w.top < number.top]
    assert "".join(w.text for w in said).count("培养基地") == 5
    assert max(w.bottom for w in said) < number.top - 4 * MM
    assert min(w.left for w in page) > 14 * MM
    assert max(w.right for w in page) < (297 - 14) * MM
    heading = next(w for w in page if w.text == "证")
    assert min(w.top for w in said if "基地" in w.text) > heading.bottom - 3 * MM


def test_prints_rare_characters_and_markup_of_names() -> None:
    name = "喆堃䶮<b>&amp;基地"
    (page,) = texts(certificate(name=name, units=[name], issuer=name))
    assert flat(page).count(name) == 3
    assert undrawn(certificate(name="喆堃䶮㛃𫖮𬍛")) == undrawn(certificate(name="国"))


def test_the_same_certificate_has_the_same_bytes() -> None:
    assert certificate() == certificate()
