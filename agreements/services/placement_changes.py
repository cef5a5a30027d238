"""Changes of a placement (协议：权责划分（一）4、（二）6，其他事项 3、4): extension, early end, not coming at all, illness, force majeure.

A month's notice is enough, else the other side must consent; illness ends a placement at once, force majeure by what both agree on.
"""

from datetime import date

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import Placement, PlacementChange
from agreements.services.placements import (
    Kind,
    Status,
    close,
    length_words,
    locked,
    log,
    one_place_at_a_time,
    refuse_unless,
)
from agreements.services.standing import living, side_of
from bases.models import Base, Policy
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused

What = PlacementChange.Kind
State = PlacementChange.Status
SIDES = {"unit": PlacementChange.Side.UNIT, "partner": PlacementChange.Side.PARTNER}


def takes_effect_on(placement: Placement, kind: str, ends_on: date) -> date:
    """The day to which a month's notice is counted: the new last day, of an extension the present one, of a stay that is called off its first."""
    if kind == What.EXTEND:
        return placement.ends_on
    return placement.starts_on if kind == What.CANCEL else ends_on


def notice_until(on: date, policy: Policy) -> date:
    """The first day for which a notice that is given on ``on`` is long enough, in calendar months."""
    return on + relativedelta(months=policy.change_notice_months)


def needs_consent(placement: Placement, kind: str, ends_on: date, on: date, policy: Policy) -> bool:
    """Whether the other side must consent, because the notice is too short or the agreement asks both to agree (其他事项 4)."""
    if kind == What.FORCE_MAJEURE:
        return True
    return takes_effect_on(placement, kind, ends_on) < notice_until(on, policy)


@transaction.atomic
def ask(
    *, base: Base, placement: int, acting: Acting, on: date, kind: str, reason: str, ends_on: date | None = None
) -> PlacementChange:
    """Either side gives notice of a change, which takes effect at once with a month's notice and waits for the other side's consent else.

    ``ends_on`` is the last day in the base after the change; a stay that is called off needs none. Raises Refused for a day that makes
    no such change, Overtaken while another change waits.
    """
    here = living(base)
    side = side_of(here, acting)
    (row,) = locked(here, [placement])
    refuse_unless([row], Status.ACCEPTED if kind == What.CANCEL else Status.RUNNING)
    if row.changes.filter(status=State.WAITING).exists():
        raise Overtaken(_("这名研究生已有一项变更在等待答复，没有办理。请先答复或撤回。"))
    if not reason.strip():
        raise Refused(_("请写明变更的原因。"))
    last = row.ends_on if kind == What.CANCEL else ends_on
    problem = _wrong_last_day(row, kind, last, on)
    if problem or last is None:
        raise Refused(problem)
    policy = Policy.in_force(on)
    waits = needs_consent(row, kind, last, on, policy)
    change = PlacementChange.objects.create(
        placement=row, kind=kind, side=SIDES[side], status=State.WAITING if waits else State.EFFECTIVE, reason=reason.strip(),
        ends_on=last, ends_before=row.ends_on, asked_by=acting.user, asked_on=on,
    )  # fmt: skip
    log([row], Kind.ASKED, by=acting, on=on, words=_words(change))
    if not waits:
        _carry_out(row, change, acting, on)
    return change


def _wrong_last_day(row: Placement, kind: str, last: date | None, on: date) -> str:
    if last is None:
        return _("请填写变更后的结束日期。")
    if kind == What.EXTEND and last <= row.ends_on:
        return _("延期后的结束日期应晚于 %(day)s。") % {"day": row.ends_on.isoformat()}
    if kind == What.EXTEND and row.ends_on < on:
        return _("约定的结束日期 %(day)s 已过，不能再延期。") % {"day": row.ends_on.isoformat()}
    if kind in (What.EARLY, What.FORCE_MAJEURE) and not on <= last < row.ends_on:
        words = {"today": on.isoformat(), "day": row.ends_on.isoformat()}
        return _("提前结束的日期应不早于今天（%(today)s），并早于约定的 %(day)s。") % words
    return ""


def _words(change: PlacementChange) -> str:
    words = {"kind": change.get_kind_display(), "day": change.ends_on.isoformat(), "reason": change.reason}
    if change.kind == What.CANCEL:
        return _("%(kind)s：%(reason)s") % words
    return _("%(kind)s，结束日期 %(day)s：%(reason)s") % words


def _carry_out(row: Placement, change: PlacementChange, by: Acting, on: date) -> None:
    words = _words(change)
    if change.kind == What.CANCEL:
        row.status = Status.WITHDRAWN
        row.save(update_fields=["status"])
    elif change.kind == What.FORCE_MAJEURE and change.ends_on <= on:
        row.ends_on = change.ends_on
        close(row, Placement.Ending.FORCE_MAJEURE, by, change.reason)
        row.save()
    else:
        row.ends_on = change.ends_on
        if length_words(row.starts_on, row.ends_on, Policy.in_force(on)) and not row.length_reason:
            row.length_reason = change.reason
        with one_place_at_a_time():
            row.save(update_fields=["ends_on", "length_reason"])
    log([row], Kind.CHANGED, by=by, on=on, words=words)


def _waiting(here: Base, placement: int) -> tuple[Placement, PlacementChange]:
    (row,) = locked(here, [placement])
    change = row.changes.select_for_update().filter(status=State.WAITING).first()
    if change is None:
        raise Overtaken(_("没有等待答复的变更，没有办理。可能对方已撤回。"))
    return row, change


@transaction.atomic
def answer(
    *, base: Base, placement: int, acting: Acting, on: date, agreed: bool, note: str = "", seen: int | None = None
) -> PlacementChange:
    """The other side consents, and the change takes effect, or does not, with its reason; ``seen`` is the change that its page has shown.

    Raises NotYours for the side that asked, Overtaken for a change whose day has passed meanwhile, Refused for a no without a reason.
    """
    here = living(base)
    side = side_of(here, acting)
    row, change = _waiting(here, placement)
    if seen is not None and seen != change.pk:
        raise Overtaken(_("对方刚重新提出了变更，没有办理。请看过新的内容再答复。"))
    if change.side == side:
        raise NotYours(_("这项变更由对方答复。"))
    if not agreed and not note.strip():
        raise Refused(_("请写明不同意的原因。"))
    if agreed and takes_effect_on(row, change.kind, change.ends_on) < on:
        day = takes_effect_on(row, change.kind, change.ends_on).isoformat()
        raise Overtaken(_("变更的日期 %(day)s 已过，不能再同意。请答复不同意，由对方重新提出。") % {"day": day})
    change.status = State.EFFECTIVE if agreed else State.REFUSED
    change.answered_by, change.answered_on, change.answer_note = acting.user, on, note.strip()
    change.save()
    if agreed:
        _carry_out(row, change, acting, on)
    else:
        log([row], Kind.REFUSED, by=acting, on=on, words=note.strip())
    return change


@transaction.atomic
def take_back(*, base: Base, placement: int, acting: Acting, on: date) -> PlacementChange:
    """The side that asked takes its request back while it waits. Raises NotYours for the other side."""
    here = living(base)
    side = side_of(here, acting)
    row, change = _waiting(here, placement)
    if change.side != side:
        raise NotYours(_("变更由提出的一方撤回。"))
    change.status = State.TAKEN_BACK
    change.save(update_fields=["status"])
    log([row], Kind.TAKEN_BACK, by=acting, on=on, words=_words(change))
    return change


@transaction.atomic
def end_for_illness(
    *, base: Base, placement: int, acting: Acting, on: date, last_day: date, reason: str
) -> PlacementChange:
    """Either side notes that a student is too ill to go on: the practice is over and the student returns to the unit (协议：其他事项 3).

    No notice and no consent are needed; a request that waits lapses. Raises Refused for a last day that has not come or lies before the first.
    """
    here = living(base)
    side = side_of(here, acting)
    (row,) = locked(here, [placement])
    refuse_unless([row], Status.RUNNING)
    if not row.starts_on <= last_day <= min(on, row.ends_on):
        words = {"from": row.starts_on.isoformat(), "to": min(on, row.ends_on).isoformat()}
        raise Refused(_("在基地的最后一天应在 %(from)s 至 %(to)s 之间。") % words)
    if not reason.strip():
        raise Refused(_("请写明情况（不写诊断和病历）。"))
    row.changes.filter(status=State.WAITING).update(status=State.LAPSED)
    change = PlacementChange.objects.create(
        placement=row, kind=What.ILLNESS, side=SIDES[side], status=State.EFFECTIVE, reason=reason.strip(), ends_on=last_day,
        ends_before=row.ends_on, asked_by=acting.user, asked_on=on,
    )  # fmt: skip
    row.ends_on = last_day
    close(row, Placement.Ending.ILLNESS, acting, reason)
    row.save()
    log([row], Kind.ENDED, by=acting, on=on, words=_words(change) + _("研究生返回培养单位。"))
    return change
