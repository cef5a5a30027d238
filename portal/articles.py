"""How an article of the regulation is named on the screen and where its page shows it."""

import re

from django.utils.translation import gettext as _

from portal.regulation import numeral

_KEY = re.compile(r"([1-9]\d?)(?:\(([1-9]\d?)\))?")


def article_label(key: str) -> str:
    """The name of an article or item as a document writes it: "8(2)" is 第八条（二）, "15" is 第十五条.

    Raises ValueError for what is no key.
    """
    article, item = _parts(key)
    if item:
        return _("第%(article)s条（%(item)s）") % {"article": numeral(article), "item": numeral(item)}
    return _("第%(article)s条") % {"article": numeral(article)}


def article_anchor(key: str) -> str:
    """Its place on the page of the regulation: "8(2)" is art-8-2, "15" is art-15. Raises ValueError for what is no key."""
    article, item = _parts(key)
    return f"art-{article}-{item}" if item else f"art-{article}"


def article_keys(text: str) -> list[str]:
    """The keys of a list such as "5, 7, 8(1)", separated by commas or blanks."""
    return re.split(r"[\s,，、]+", text.strip(" \t\n,，、")) if text.strip(" \t\n,，、") else []


def _parts(key: str) -> tuple[int, int]:
    found = _KEY.fullmatch(key)
    if found is None:
        raise ValueError(key)
    return int(found[1]), int(found[2] or 0)
