"""Where a base stands on its notices: the newest of a kind, and the objections to this base alone (第八条（二）（四）)."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Count, Q

from applications.models import NoticeEntry, Objection, PublicNotice
from bases.lifecycle import NoticeFacts
from bases.models import Base


def notice_facts(base: Base, kind: str) -> NoticeFacts | None:
    """The newest notice of a kind on which this base stands, with the objections to this base alone."""
    found = newest_notices([base.pk], kind).get(base.pk)
    return found[1] if found else None


def newest_notices(base_ids: Iterable[int], kind: str) -> dict[int, tuple[PublicNotice, NoticeFacts]]:
    """By base the newest notice of a kind on which it stands, with what ``notice_facts`` says; two queries for any number of bases."""
    ids = list(base_ids)
    entries = NoticeEntry.objects.filter(base__in=ids, notice__kind=kind).select_related("notice")
    newest = {entry.base_id: entry.notice for entry in entries.order_by("notice__published_on", "notice_id")}
    counted = (
        Objection.objects.filter(base__in=ids, notice__in={notice.pk for notice in newest.values()})
        .order_by()
        .values("base_id", "notice_id")
        .annotate(
            still_open=Count("pk", filter=Q(status__in=Objection.OPEN)),
            upheld=Count("pk", filter=Q(status=Objection.Status.UPHELD)),
        )
    )
    objections: dict[tuple[int, int], Mapping[str, Any]] = {(row["base_id"], row["notice_id"]): row for row in counted}
    return {
        base_id: (notice, _facts(notice, objections.get((base_id, notice.pk), {})))
        for base_id, notice in newest.items()
    }


def _facts(notice: PublicNotice, counted: Mapping[str, Any]) -> NoticeFacts:
    return NoticeFacts(
        notice.published_on,
        notice.ends_on,
        open_objections=counted.get("still_open", 0),
        upheld_objections=counted.get("upheld", 0),
    )
