"""The inbox: what a person must do, why, and until when. The floors above hand their sources down in ``ready()``."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from portal.acting import Acting


@dataclass(frozen=True)
class Item:
    """One thing that waits for whoever holds the role; ``page`` is the page of what it is about, where that is another one.

    ``pressing`` is what holds others up or cannot wait although no day is set: an accident, an objection, a proposed revocation.
    """

    group: str
    title: str
    why: str
    articles: str
    url: str
    button: str
    due: date | None = None
    page: str = ""
    pressing: bool = False


Source = Callable[[Acting, date], Iterable[Item]]
_sources: list[Source] = []


def register(source: Source) -> Source:
    """Add a source; it must take a constant number of queries and look only at what the role may see."""
    if source not in _sources:
        _sources.append(source)
    return source


def items(acting: Acting, on: date) -> list[Item]:
    """Everything that waits for this person on that day, most urgent first."""
    found = [item for source in _sources for item in source(acting, on)]
    return sorted(found, key=lambda item: (not item.pressing, item.due is None, item.due or on, item.group, item.title))
