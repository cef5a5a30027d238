"""How the mentors of bases stand (第十一条), and what waits around them: a constant number of queries each."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.mentor_queries import horizon, renewed, visible_appointments, with_load
from agreements.models import Appointment, Mentor
from agreements.training import Standing
from bases.lifecycle import LIVING
from bases.models import Base
from portal.acting import Acting
from portal.inbox import Item
from portal.roles import Role

Status = Appointment.Status


def standing(bases: Sequence[Base], acting: Acting, on: date) -> Mapping[int, Standing]:
    """By base: how many mentors hold an appointment, how many of these end soon; missing while a side has none."""
    held: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    ending: dict[int, set[int]] = defaultdict(set)
    waiting: dict[int, int] = defaultdict(int)
    known = {base.pk: base for base in bases}
    rows = Appointment.objects.filter(base__in=known).annotate(goes_on=renewed()).select_related("mentor")
    for each in rows.order_by():
        if each.status == Status.NOMINATED:
            waiting[each.base_id] += 1
        elif each.holds(on) and each.ends_on is not None:
            held[each.base_id][each.mentor.kind].add(each.mentor_id)
            soon = each.ends_on <= on + timedelta(days=horizon(known[each.base_id]))
            if soon and each.status == Status.APPOINTED and not each.goes_on:
                ending[each.base_id].add(each.mentor_id)
    return {pk: _standing(held[pk], len(ending[pk]), waiting[pk]) for pk in known}


def _standing(held: Mapping[str, set[int]], ending: int, waiting: int) -> Standing:
    number = sum(len(each) for each in held.values())
    words = [_("导师 %(n)s 人") % {"n": number}] if number else []
    missing = [label for kind, label in Mentor.Kind.choices if not held.get(kind)]
    if missing:
        words.append(_("没有在聘的%(kinds)s") % {"kinds": _("和").join(map(str, missing))})
    if ending:
        words.append(_("%(n)s 人即将到期") % {"n": ending})
    if waiting:
        words.append(_("%(n)s 人待聘任") % {"n": waiting})
    return Standing(_("，").join(words), "missing" if missing else "soon" if ending or waiting else "ok")


def source(acting: Acting, on: date) -> Iterator[Item]:
    """Nominations that wait for the unit; terms that end soon, for both sides; ended ones whose mentor still guides students."""
    if acting.role not in {Role.UNIT_OFFICER, Role.PARTNER_OFFICER}:
        return
    seen = visible_appointments(acting).filter(base__state__in=LIVING).select_related("base__policy", "mentor")
    if acting.role == Role.UNIT_OFFICER:
        yield from _nominated(seen)
    ending: dict[int, list[Appointment]] = defaultdict(list)
    over: dict[int, list[Appointment]] = defaultdict(list)
    terms = with_load(seen.filter(status=Status.APPOINTED, ends_on__lte=on + timedelta(days=366)))
    for each in terms.filter(~renewed()).order_by("ends_on", "pk"):
        if each.ends_on is not None and each.ends_on >= on:
            if each.ends_on <= on + timedelta(days=horizon(each.base)):
                ending[each.base_id].append(each)
        elif each.running:  # type: ignore[attr-defined]
            over[each.base_id].append(each)
    unit = acting.role == Role.UNIT_OFFICER
    for found in over.values():
        yield _item(found, _("聘期已满，仍在指导实践中的研究生，请办理续聘或者更换导师。"), unit, pressing=True)
    for found in ending.values():
        yield _item(found, _("聘期将满，请办理续聘或者另行选聘。"), unit, due=found[0].ends_on)


def _nominated(seen: QuerySet[Appointment]) -> Iterator[Item]:
    groups: dict[int, list[Appointment]] = defaultdict(list)
    for each in seen.filter(status=Status.NOMINATED).order_by("nominated_on", "pk"):
        groups[each.base_id].append(each)
    for found in groups.values():
        base = found[0].base
        why = _("%(who)s：合作单位推荐，请聘任或者说明不予聘任的原因。") % {"who": _who(found)}
        yield Item(
            _("导师"), base.name, why, "11", reverse("mentor-appoint", args=[base.pk]), _("办理聘任"),
            page=reverse("base-mentors", args=[base.pk]),
        )  # fmt: skip


def _item(found: list[Appointment], words: str, unit: bool, *, due: date | None = None, pressing: bool = False) -> Item:
    base = found[0].base
    page = reverse("base-mentors", args=[base.pk])
    why = _("%(who)s：%(words)s") % {"who": _who(found), "words": words}
    return Item(_("导师"), base.name, why, "11", page, _("办理") if unit else _("查看"), due, pressing=pressing)


def _who(found: list[Appointment]) -> str:
    names = [each.mentor.name for each in found]
    if len(names) <= 3:
        return _("、").join(names)
    return _("%(names)s等 %(n)s 人") % {"names": _("、").join(names[:3]), "n": len(names)}
