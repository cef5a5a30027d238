"""What must be there before a student enters a base, who sees to it, and the entering itself (协议：权责划分（二）2、3，其他事项 3)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from agreements.models import Appointment, Mentor, Placement
from agreements.services.placements import (
    Kind,
    Status,
    appointed_mentor,
    length_words,
    locked,
    log,
    one_place_at_a_time,
    refuse_unless,
)
from agreements.services.standing import living, must_be, side_of
from agreements.services.terms import Terms, terms_of
from bases.models import Base, Policy
from portal import uploads
from portal.acting import Acting
from portal.errors import NotYours, Refused

FILE = "safety_agreement"
# A student who comes this much before or after the agreed day comes at another time than was agreed.
MOST_SHIFT = timedelta(days=31)


@dataclass(frozen=True)
class Item:
    """One line of the checklist: done or not, what is there, who sees to it (unit, partner, or either) and by which act."""

    key: str
    label: str
    done: bool
    words: str
    side: str
    act: str


@dataclass(frozen=True)
class Ground:
    """What the checklists of several bases rest on: the terms of their agreements and their mentors' appointments; two queries."""

    terms: Mapping[int, Terms]
    appointments: Mapping[tuple[int, int], Sequence[Appointment]]

    @classmethod
    def of(cls, base_pks: Iterable[int], on: date) -> "Ground":
        """The ground of these bases on that day."""
        pks = list(base_pks)
        found: dict[tuple[int, int], list[Appointment]] = {}
        held = Appointment.objects.filter(
            base__in=pks, status__in=[Appointment.Status.APPOINTED, Appointment.Status.ENDED]
        )
        for each in held:
            found.setdefault((each.base_id, each.mentor_id), []).append(each)
        return cls(terms_of(pks, on), found)

    def holds(self, base_pk: int, mentor: Mentor | None, day: date) -> bool:
        """Whether a mentor is appointed for a base on a day."""
        return mentor is not None and any(each.holds(day) for each in self.appointments.get((base_pk, mentor.pk), ()))

    def insurer(self, base_pk: int) -> str:
        """The side that buys the accident insurance by the agreement; ``either`` where it names none."""
        terms = self.terms.get(base_pk)
        return terms.insurance_by if terms and terms.insurance_by else "either"


# The same as is_covered, for the database.
COVERED = ~Q(policy_number="") & Q(insured_from__lte=F("starts_on"), insured_until__gte=F("ends_on"))


def is_covered(placement: Placement, starts_on: date | None = None) -> bool:
    """Whether the insurance covers the whole stay."""
    first, last = placement.insured_from, placement.insured_until
    return (
        bool(placement.policy_number)
        and first is not None
        and last is not None
        and first <= (starts_on or placement.starts_on)
        and last >= placement.ends_on
    )


def checklist(placement: Placement, ground: Ground, day: date | None = None) -> list[Item]:
    """The five things that must be there before the student enters on ``day`` (by default the agreed one)."""
    starts = day or placement.starts_on
    signed = bool(placement.safety_file_id and placement.safety_signed_on and placement.safety_signed_on <= starts)
    safety = _("还没有签订并上传。")
    if placement.safety_signed_on:
        safety = _("%(day)s 签订。") % {"day": placement.safety_signed_on.isoformat()}
        if placement.safety_signed_on > starts:
            safety += _("晚于进入基地日期。")
    lodging = placement.get_lodging_display() if placement.lodging else _("还没有说明。")
    return [
        Item("safety", _("实践安全协议"), signed, safety, "partner", "safety"),
        Item("insurance", _("意外伤害保险"), is_covered(placement, starts), _insurance_words(placement, starts), ground.insurer(placement.base_id), "insurance"),
        Item("lodging", _("食宿"), bool(placement.lodging), lodging, "partner", "lodging"),
        _mentor(placement, placement.campus_mentor, ground, starts, "unit", "campus-mentor", _("校内导师")),
        _mentor(placement, placement.industry_mentor, ground, starts, "partner", "industry-mentor", _("行业产业导师")),
    ]  # fmt: skip


def _insurance_words(placement: Placement, starts: date) -> str:
    if not placement.policy_number or placement.insured_from is None or placement.insured_until is None:
        return _("还没有登记保单。")
    words = {
        "insurer": placement.insurer, "number": placement.policy_number, "from": placement.insured_from.isoformat(),
        "to": placement.insured_until.isoformat(), "starts": starts.isoformat(), "ends": placement.ends_on.isoformat(),
    }  # fmt: skip
    said = _("%(insurer)s，保单 %(number)s，%(from)s 至 %(to)s。") % words
    if not is_covered(placement, starts):
        said += _("没有覆盖 %(starts)s 至 %(ends)s 的全部时间，请续保或更换保单。") % words
    return said


def _mentor(
    placement: Placement, mentor: Mentor | None, ground: Ground, day: date, side: str, act: str, label: str
) -> Item:
    holds = ground.holds(placement.base_id, mentor, day)
    if mentor is None:
        words = _("还没有指定。")
    else:
        words = (
            mentor.name if holds else _("%(name)s在 %(day)s 没有有效聘任。") % {"name": mentor, "day": day.isoformat()}
        )
    return Item(act, label, holds, words, side, act)


def why_not_start(placement: Placement, ground: Ground, day: date) -> str:
    """Why a student cannot enter the base on a day, with who must see to it; empty when nothing stands against it."""
    problem = wrong_day(placement, day)
    if problem:
        return problem
    sides = {"unit": _("培养单位"), "partner": _("合作单位"), "either": _("双方商定")}
    missing = [each for each in checklist(placement, ground, day) if not each.done]
    return "；".join(
        _("%(label)s：%(words)s（%(side)s办理）")
        % {"label": each.label, "words": each.words.rstrip("。"), "side": sides[each.side]}
        for each in missing
    )


def _fill(
    here: Base, placements: Iterable[int], acting: Acting, on: date, words: str, values: dict[str, Any], **extra: Any
) -> int:
    chosen = locked(here, placements)
    refuse_unless(chosen, Status.ACCEPTED, Status.RUNNING)
    for each in chosen:
        for name, value in values.items():
            setattr(each, name, value)
    Placement.objects.bulk_update(chosen, list(values))
    log(chosen, Kind.FILLED, by=acting, on=on, words=words, **extra)
    return len(chosen)


@transaction.atomic
def record_safety(
    *, base: Base, placements: Iterable[int], acting: Acting, on: date, signed_on: date, file: UploadedFile
) -> int:
    """The partner files the 实践安全协议 that it has signed with student and campus mentor (协议：权责划分（二）3).

    Raises Refused for a day that has not come. An agreement that was filed before stays in the time line.
    """
    here = living(base)
    must_be(here, acting, "partner")
    if signed_on > on:
        raise Refused(_("签订日期 %(day)s 还没有到，请在签订之后登记。") % {"day": signed_on.isoformat()})
    stored = uploads.store(file, purpose=FILE, by=acting.user)
    words = _("实践安全协议，%(day)s 签订。") % {"day": signed_on.isoformat()}
    values = {"safety_signed_on": signed_on, "safety_file": stored}
    return _fill(here, placements, acting, on, words, values, file=stored)


@transaction.atomic
def record_insurance(
    *, base: Base, placements: Iterable[int], acting: Acting, on: date, insurer: str, policy_number: str, insured_from: date,
    insured_until: date,
) -> int:  # fmt: skip
    """The side that buys the accident insurance by the agreement notes the policy (协议：其他事项 3).

    A policy that does not cover the whole stay is kept and flagged, and holds the start up. Raises NotYours for the other side.
    """
    here = living(base)
    side = side_of(here, acting)
    buyer = Ground.of([here.pk], on).insurer(here.pk)
    if buyer not in ("either", side):
        who = _("培养单位") if buyer == "unit" else _("合作单位")
        raise NotYours(_("按协议意外伤害保险由%(who)s购买，请对方登记。") % {"who": who})
    if insured_until < insured_from:
        raise Refused(_("保险终止日不能早于起始日。"))
    values = {
        "insurer": insurer.strip(), "policy_number": policy_number.strip(), "insured_from": insured_from,
        "insured_until": insured_until,
    }  # fmt: skip
    words = _("意外伤害保险：%(insurer)s，保单 %(number)s，%(from)s 至 %(to)s。") % {
        "insurer": insurer, "number": policy_number, "from": insured_from.isoformat(), "to": insured_until.isoformat(),
    }  # fmt: skip
    return _fill(here, placements, acting, on, words, values)


@transaction.atomic
def record_lodging(
    *, base: Base, placements: Iterable[int], acting: Acting, on: date, lodging: str, lodging_note: str = ""
) -> int:
    """The partner notes where the students live and eat (协议：权责划分（二）2)."""
    here = living(base)
    must_be(here, acting, "partner")
    words = _("食宿：%(how)s。%(note)s") % {"how": Placement.Lodging(lodging).label, "note": lodging_note.strip()}
    return _fill(here, placements, acting, on, words, {"lodging": lodging, "lodging_note": lodging_note.strip()})


@transaction.atomic
def name_mentor(*, base: Base, placements: Iterable[int], acting: Acting, on: date, kind: str, mentor: int) -> int:
    """Each side names its own mentor of the two (第十一条): the unit the campus mentor, the partner the industry mentor.

    Raises Refused for somebody whose appointment for this base does not hold on the first day in the base, or today for one who is there.
    """
    here = living(base)
    must_be(here, acting, "unit" if kind == Mentor.Kind.CAMPUS else "partner")
    rows = locked(here, placements)
    day = max([on, *(each.starts_on for each in rows)])
    found = appointed_mentor(here, mentor, kind, day)
    words = _("%(label)s：%(name)s。") % {"label": Mentor.Kind(kind).label, "name": found}
    name = "campus_mentor" if kind == Mentor.Kind.CAMPUS else "industry_mentor"
    return _fill(here, [each.pk for each in rows], acting, on, words, {name: found})


@transaction.atomic
def start(
    *, base: Base, placements: Iterable[int], acting: Acting, on: date, arrived_on: date, length_reason: str = ""
) -> int:
    """The partner notes that the students have entered the base; their stage is now 专业实践 (协议：培养过程 2).

    The day of arrival becomes the first day of the practice. Raises Refused, for each student with what is open and who must see to it,
    when a checklist has an open item, and for a day that has not come or is more than a month off the agreed one.
    """
    here = living(base)
    must_be(here, acting, "partner")
    chosen = locked(here, placements)
    refuse_unless(chosen, Status.ACCEPTED)
    if arrived_on > on:
        raise Refused(_("进入日期 %(day)s 还没有到，请在研究生到达当天或之后办理。") % {"day": arrived_on.isoformat()})
    ground, policy = Ground.of([here.pk], on), Policy.in_force(on)
    reasons = []
    for each in chosen:
        problem = why_not_start(each, ground, arrived_on)
        if not problem and not (each.length_reason or length_reason.strip()):
            problem = length_words(arrived_on, each.ends_on, policy)
        if problem:
            reasons.append(f"{each.student}：{problem}")
    if reasons:
        raise Refused(reasons)
    for each in chosen:
        each.starts_on, each.started_on, each.started_by = arrived_on, on, acting.user
        each.status, each.stage = Status.RUNNING, Placement.Stage.PRACTICE
        each.length_reason = each.length_reason or length_reason.strip()
    with one_place_at_a_time():
        Placement.objects.bulk_update(
            chosen, ["starts_on", "started_on", "started_by", "status", "stage", "length_reason"]
        )
    log(chosen, Kind.STARTED, by=acting, on=on, words=_("%(day)s 到达。") % {"day": arrived_on.isoformat()})
    return len(chosen)


def wrong_day(placement: Placement, arrived_on: date) -> str:
    """Why a student cannot have arrived on that day; empty for a day within a month of the agreed one."""
    if abs(arrived_on - placement.starts_on) > MOST_SHIFT:
        words = {"day": placement.starts_on.isoformat()}
        return _("约定 %(day)s 进入基地，实际日期相差超过一个月，请由培养单位重新遴选") % words
    if arrived_on >= placement.ends_on:
        return _("约定的结束日期 %(day)s 已到") % {"day": placement.ends_on.isoformat()}
    return ""
