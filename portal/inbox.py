"""The inbox: what a person must do, why, and until when. The floors above hand their sources down in ``ready()``."""

import time
from collections.abc import Callable, Iterable, MutableMapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings

from portal.acting import Acting

_COUNT = "inbox_count"


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


def keep_count(session: MutableMapping[str, Any], acting: Acting, on: date, count: int) -> None:
    """Keep in the person's session how much waits for them in that role on that day."""
    if settings.INBOX_COUNT_SECONDS:
        session[_COUNT] = [acting.membership_id, on.isoformat(), time.time(), count]


def kept_count(session: MutableMapping[str, Any], acting: Acting, on: date) -> int | None:
    """What was counted for the same role and day within the last INBOX_COUNT_SECONDS; None where it is to be counted anew."""
    membership, day, at, count = session.get(_COUNT) or (None, "", 0.0, 0)
    fresh = 0 <= time.time() - at < settings.INBOX_COUNT_SECONDS
    return count if fresh and (membership, day) == (acting.membership_id, on.isoformat()) else None


def forget_count(session: MutableMapping[str, Any]) -> None:
    """What the person has just done may have changed what waits for them."""
    session.pop(_COUNT, None)
