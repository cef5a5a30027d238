"""回避 without the database: how names are compared, who wrote a result, and how long the past counts."""

import re
import unicodedata
from datetime import date

from dateutil.relativedelta import relativedelta

_ORGANISATION = re.compile(r"(大学|学院|学校|公司|集团|研究院|研究所|研究中心|医院|局|厅|委员会|厂|站)$")


def plain(text: str) -> str:
    """A name as it is compared: without spaces, one kind of brackets and dots, no capitals."""
    return "".join(unicodedata.normalize("NFKC", text or "").split()).replace("•", "·").replace("・", "·").casefold()


def still_counts(ended_on: date, years: int, on: date) -> bool:
    """Whether what ended is still within the look-back: to the day of that date in the last year, that day included (民法典第二百零二条)."""
    return on <= ended_on + relativedelta(years=years)


def authors_of(text: str) -> list[tuple[str, str]]:
    """The 完成人 of a result: the name of each and what stands in brackets behind it, both plain.

    ``王伟 李明`` are two, ``王 伟`` is one name written wide, ``王伟（某某大学）`` says where they work.
    """
    found = []
    for piece in re.split(r"[、,;/|\n]+", unicodedata.normalize("NFKC", text or "")):
        piece = piece.strip().removesuffix("等")
        named = re.match(r"^([^()]*?)\s*(?:\(([^()]*)\))?\s*$", piece)
        name, note = (named[1], named[2] or "") if named else (piece, "")
        words = name.removesuffix("等").split()
        several = len(words) > 1 and all(len(word) > 1 and not word[0].isascii() for word in words)
        names = words if several else ["".join(words)]
        found += [(plain(each), plain(note)) for each in names if each]
    return found


def is_organisation(text: str) -> bool:
    """Whether what stands behind a name is where they work, and not their part in it (第一完成人)."""
    return bool(_ORGANISATION.search(text))
