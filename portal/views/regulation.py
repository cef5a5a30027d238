from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal import regulation as law
from portal.access import EVERYONE, open_to
from portal.caching import public_page
from portal.http import Request
from portal.models import RegulationText


@dataclass(frozen=True)
class Entry:
    """An article or item as the page shows it; without wording the digest stands alone."""

    provision: law.Provision
    wording: str
    items: tuple["Entry", ...] = ()


def _entry(article: law.Article, wording: dict[str, str]) -> Entry:
    official = wording.get(article.key, "")
    items = tuple(Entry(item, wording.get(item.key, "")) for item in article.items)
    # The items are shown one by one, so what is left of the article is what stands before them.
    return Entry(article, law.lead(official) if items else official, items)


@open_to(EVERYONE)
@require_safe
@public_page
def regulation(request: Request) -> HttpResponse:
    """The regulation, article by article with stable anchors (第一条、第二十二条、第二十三条)."""
    texts = list(RegulationText.objects.current())
    wording = {text.article: text.wording for text in texts}
    chapters = [(chapter, [_entry(article, wording) for article in chapter.articles]) for chapter in law.chapters()]
    context = {"full_title": law.TITLE, "chapters": chapters, "edition": texts[0] if texts else None}
    return render(request, "portal/regulation.html", context)
