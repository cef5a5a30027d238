"""What waits for both sides around posts and placements, one item a base and matter; a constant number of queries."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements import placement_queries
from agreements.models import Placement, PlacementChange
from agreements.placement_acts import side_of
from agreements.queries import training_bases
from agreements.services import posts
from agreements.services.placement_starts import COVERED, Ground, checklist, is_covered
from bases.lifecycle import LIVING
from bases.models import Base
from portal.acting import Acting
from portal.inbox import Item

Status = Placement.Status
# 惯例: from so many days before the first day on, an open checklist is reminded of.
AHEAD = timedelta(days=30)


def source(acting: Acting, on: date) -> Iterator[Item]:
    """What the graduate office or the partner has to do in its bases that go on (协议：培养过程、权责划分)."""
    side = side_of(acting)
    if not side:
        return
    bases = {base.pk: base for base in training_bases(acting).filter(state__in=LIVING)}
    found = _in_question(placement_queries.visible_placements(acting), side, on).filter(base__in=list(bases))
    by_base: dict[int, list[Placement]] = {}
    for each in found.order_by("starts_on", "pk"):
        by_base.setdefault(each.base_id, []).append(each)
    ground = Ground.of(list(bases), on)
    if side == "partner":
        yield from _posts(bases, on)
    if side == "unit":
        yield from _lapses(bases, by_base, on)
    for pk, placements in by_base.items():
        yield from _of_base(bases[pk], placements, ground, side, on)


def _in_question(found: QuerySet[Placement], side: str, on: date) -> QuerySet[Placement]:
    """Those of which something may have to be done: of the many that simply run, none is fetched."""
    asked = PlacementChange.objects.filter(placement=OuterRef("pk"), status=PlacementChange.Status.WAITING)
    running = ~COVERED | Q(Exists(asked))
    running |= Q(ends_on__lt=on) if side == "partner" else placement_queries.lapsing()
    return found.filter(Q(status__in=[Status.PROPOSED, Status.ACCEPTED]) | Q(status=Status.RUNNING) & running)


def _posts(bases: dict[int, Base], on: date) -> Iterator[Item]:
    for pk, offer in posts.offers(list(bases), on).items():
        if offer.is_missed(on):
            words = {"year": offer.year, "promised": offer.promised, "n": offer.offered}
            why = _("协议约定每年不少于 %(promised)s 个岗位，%(year)s 年已提供 %(n)s 个，请补充发布。") % words
            yield _item(bases[pk], why, _("发布岗位"), reverse("base-posts", args=[pk]))


def _lapses(bases: dict[int, Base], by_base: dict[int, list[Placement]], on: date) -> Iterator[Item]:
    """Mentors who are still appointed, but not as long as their students stay (第十一条); who is so no more has an item of the mentors."""
    found = placement_queries.lapses(each for placements in by_base.values() for each in placements)
    for pk, placements in by_base.items():
        ahead = [lapse for each in placements for lapse in found.get(each.pk, []) if lapse.until >= on]
        if ahead:
            names = sorted({lapse.mentor.name for lapse in ahead})
            why = _("%(names)s：聘期在所指导的研究生实践结束之前届满，请续聘或者更换导师。") % {
                "names": "、".join(names)
            }
            page = reverse("base-mentors", args=[pk])
            yield Item(_("导师"), bases[pk].name, why, "11", page, _("办理"), min(lapse.until for lapse in ahead))


def _of_base(base: Base, placements: list[Placement], ground: Ground, side: str, on: date) -> Iterator[Item]:
    def these(holds: Callable[[Placement], bool], *states: str) -> list[Placement]:
        return [each for each in placements if each.status in states and holds(each)]

    def mine_is_open(each: Placement) -> bool:
        return any(not item.done and item.side in (side, "either") for item in checklist(each, ground))

    if side == "partner":
        proposed = these(lambda each: True, Status.PROPOSED)
        if proposed:
            why = _("培养单位选送了 %(n)s 名研究生，请答复是否接收。") % {"n": len(proposed)}
            yield _item(base, why, _("答复"), _list(base, Status.PROPOSED), proposed[0].starts_on)
        ready = these(
            lambda each: each.starts_on <= on and all(item.done for item in checklist(each, ground)), Status.ACCEPTED
        )
        if ready:
            why = _("%(n)s 名研究生的清单已完成，到达后请办理进入基地。") % {"n": len(ready)}
            yield _item(base, why, _("办理进入基地"), _list(base, Status.ACCEPTED), ready[0].starts_on)
        over = these(lambda each: each.ends_on < on, Status.RUNNING)
        if over:
            why = _("%(n)s 名研究生的实践已到结束日期，请办理结束。") % {"n": len(over)}
            yield _item(base, why, _("结束实践"), _list(base, Status.RUNNING), min(each.ends_on for each in over))
    coming = these(lambda each: each.starts_on - AHEAD <= on and mine_is_open(each), Status.ACCEPTED)
    if coming:
        why = _("%(n)s 名研究生将进入基地，清单中由本单位办理的事项还没有完成。") % {"n": len(coming)}
        yield _item(base, why, _("完成清单"), _list(base, Status.ACCEPTED), coming[0].starts_on)
    uncovered = these(lambda each: not is_covered(each), Status.RUNNING)
    if uncovered and ground.insurer(base.pk) in (side, "either"):
        why = _("%(n)s 名研究生的保险没有覆盖到实践结束，请续保并登记。") % {"n": len(uncovered)}
        ends = [each.insured_until for each in uncovered if each.insured_until]
        yield _item(base, why, _("登记保险"), _list(base, Status.RUNNING), min(ends) if ends else None)
    for each in placements:
        for change in each.waiting:  # type: ignore[attr-defined]
            if change.side != side:
                words = {"who": each.student.name, "kind": change.get_kind_display(), "reason": change.reason}
                why = _("对方提出%(who)s的变更：%(kind)s（%(reason)s），等待答复。") % words
                url = reverse("placement-act", args=[base.pk, "answer"]) + f"?placement={each.pk}"
                yield _item(base, why, _("答复变更"), url, change.ends_on)


def _list(base: Base, state: str) -> str:
    return f"{reverse('base-placements', args=[base.pk])}?state={state}"


def _item(base: Base, why: str, button: str, url: str, due: date | None = None) -> Item:
    return Item(_("岗位与实践"), base.name, why, "10", url, button, due, reverse("base-placements", args=[base.pk]))
