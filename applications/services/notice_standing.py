"""Where a base stands on its notices: which one counts, and the objections to this base alone (第八条（二）（四）)."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Count, Q

from applications.models import NoticeEntry, Objection, PublicNotice
from bases.lifecycle import NoticeFacts
from bases.models import Base


def notice_facts(base: Base, kind: str) -> NoticeFacts | None:
    """The notice of a kind that counts for this base, with the objections to this base alone; None also when it was withdrawn."""
    found = newest_notices([base.pk], kind).get(base.pk)
    return found[1] if found else None


def newest_notices(base_ids: Iterable[int], kind: str) -> dict[int, tuple[PublicNotice, NoticeFacts]]:
    """By base the newest notice of a kind on which it stands, with what ``notice_facts`` says; two queries for any number of bases.

    A base whose newest notice was withdrawn is not in it: it waits for another. Objections to lists that were withdrawn before in
    the same round go on with the one that took their place: withdrawing settles none. What was upheld against a withdrawn list
    counts there too, but for the results, which belong to no round: once another notice of the result is out, the former one's
    upheld objections are answered by it, and only those still open go on.
    """
    ids = list(base_ids)
    by_base = _notices_by_base(ids, kind)
    counted: dict[tuple[int, int], Mapping[str, Any]] = {
        (row["base_id"], row["notice_id"]): row
        for row in Objection.objects.filter(base__in=ids, notice__kind=kind)
        .order_by()
        .values("base_id", "notice_id")
        .annotate(
            still_open=Count("pk", filter=Objection.BLOCKING),
            upheld=Count("pk", filter=Q(status=Objection.Status.UPHELD)),
        )
    }
    found = {}
    for base_id, notices in by_base.items():
        newest = notices[-1]
        if newest.state == PublicNotice.State.WITHDRAWN:
            continue
        rows = [counted[base_id, each.pk] for each in _counting(notices) if (base_id, each.pk) in counted]
        facts = NoticeFacts(
            newest.published_on,
            newest.ends_on,
            open_objections=sum(row["still_open"] for row in rows),
            upheld_objections=sum(row["upheld"] for row in rows if newest.round_id or row["notice_id"] == newest.pk),
        )
        found[base_id] = (newest, facts)
    return found


def withdrawn_newest(base_ids: Iterable[int], kind: str) -> dict[int, PublicNotice]:
    """By base the newest notice of a kind where that one was withdrawn: such a base must go out again."""
    ids = list(base_ids)
    if not ids:
        return {}
    return {
        base_id: notices[-1]
        for base_id, notices in _notices_by_base(ids, kind).items()
        if notices[-1].state == PublicNotice.State.WITHDRAWN
    }


def _notices_by_base(ids: list[int], kind: str) -> dict[int, list[PublicNotice]]:
    entries = NoticeEntry.objects.filter(base__in=ids, notice__kind=kind).select_related("notice")
    found: dict[int, list[PublicNotice]] = {}
    for entry in entries.order_by("notice__published_on", "notice_id"):
        found.setdefault(entry.base_id, []).append(entry.notice)
    return found


def _counting(notices: list[PublicNotice]) -> list[PublicNotice]:
    """The newest notice, and the withdrawn ones of its round right before it."""
    newest = notices[-1]
    counting = [newest]
    for earlier in reversed(notices[:-1]):
        if earlier.state != PublicNotice.State.WITHDRAWN or earlier.round_id != newest.round_id:
            break
        counting.append(earlier)
    return counting
