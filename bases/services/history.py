"""The chain of events: how an event is sealed, and how a later change to the history is found."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from bases.lifecycle import State
from bases.models import Base, LifecycleEvent


def seal(event: LifecycleEvent) -> str:
    """The hash of an event over all that it says and the hash of the event before it (SHA-256 of canonical JSON)."""
    said = {
        "base": event.base_id,
        "sequence": event.sequence,
        "transition": event.transition,
        "source": event.source,
        "target": event.target,
        "actor": event.actor_id,
        "actor_name": event.actor_name,
        "role": event.role,
        "organisation": event.organisation,
        "at": localtime(event.at).isoformat(),
        "on": event.on.isoformat(),
        "articles": event.articles,
        "reason": event.reason,
        "document": event.document_id,
        "evidence": event.evidence,
        "previous": event.previous_hash,
    }
    return hashlib.sha256(
        json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    ).hexdigest()


@dataclass(frozen=True)
class Flaw:
    """The first place where the history does not hold together."""

    base_id: int
    sequence: int
    problem: str


def _flaws_of_base(base_id: int, state: str, count: int, events: list[LifecycleEvent]) -> Iterator[Flaw]:
    before, hash_before = State.DRAFTING.value, ""
    for number, event in enumerate(events, start=1):
        if event.sequence != number:
            yield Flaw(base_id, number, _("缺少第 %(n)s 条记录") % {"n": number})
        elif event.previous_hash != hash_before:
            yield Flaw(base_id, number, _("与上一条记录的链接不符"))
        elif event.hash != seal(event):
            yield Flaw(base_id, number, _("记录内容被改动"))
        elif event.source != before:
            yield Flaw(base_id, number, _("原状态与上一条记录不符"))
        before, hash_before = event.target, event.hash
    if len(events) != count or before != state:
        yield Flaw(base_id, len(events) + 1, _("基地当前状态与历史记录不符"))


@transaction.atomic
def _flaw_of(base_id: int) -> Flaw | None:
    base = Base.objects.select_for_update().get(pk=base_id)
    events = list(LifecycleEvent.objects.filter(base_id=base_id).order_by("sequence"))
    return next(_flaws_of_base(base_id, base.state, base.events_count, events), None)


def first_flaw() -> Flaw | None:
    """Walk every base's chain in order; None when the whole history is as it was written.

    A base that moves while it is being looked at is looked at once more, under its lock.
    """
    events = LifecycleEvent.objects.order_by("base_id", "sequence").iterator(chunk_size=2000)
    groups = groupby(events, key=lambda event: event.base_id)
    group = next(groups, None)
    for base_id, state, count in Base.objects.order_by("pk").values_list("pk", "state", "events_count").iterator():
        if group is not None and group[0] < base_id:
            break
        own: list[LifecycleEvent] = []
        if group is not None and group[0] == base_id:
            own = list(group[1])
            group = next(groups, None)
        suspicion = next(_flaws_of_base(base_id, state, count, own), None)
        flaw = _flaw_of(base_id) if suspicion else None
        if flaw is not None:
            return flaw
    if group is not None:
        return Flaw(group[0], 1, _("记录所属的基地已不存在"))
    return None
