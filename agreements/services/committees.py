"""管理委员会 (第九条、第十一条；协议：组织机构、教育管理): its terms, members of both sides, and meetings."""

from datetime import date, timedelta

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from agreements.models import CommitteeMeeting, CommitteeMember, CommitteeTerm
from agreements.services.mentors import longer_than
from agreements.services.standing import living, side_of
from bases.models import Base
from portal import uploads
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused

MINUTES = "committee_minutes"
LONGEST_YEARS = 5
_UNCONFIRMED = Q(unit_confirmed_on=None) | Q(partner_confirmed_on=None)


def in_preparation(base: Base) -> CommitteeTerm | None:
    """The term of a base that both sides have not confirmed yet."""
    return CommitteeTerm.objects.filter(_UNCONFIRMED, base=base).first()


@transaction.atomic
def prepare_term(
    *,
    base: Base,
    by: Acting,
    on: date,
    starts_on: date,
    ends_on: date,
    office: str,
    office_place: str,
    office_phone: str,
) -> CommitteeTerm:
    """Begin the next term of the committee, or change the one in preparation; whoever confirmed it before confirms again."""
    locked = living(base)
    side_of(locked, by)
    if ends_on <= starts_on:
        raise Refused(_("任期至应晚于任期自 %(day)s。") % {"day": starts_on.isoformat()})
    if ends_on <= on:
        raise Refused(_("任期至 %(day)s 已经过去，请填写今后的日期。") % {"day": ends_on.isoformat()})
    if longer_than(LONGEST_YEARS, starts_on, ends_on):
        raise Refused(_("一届任期最长 %(n)s 年，到期换届。") % {"n": LONGEST_YEARS})
    newest = CommitteeTerm.objects.filter(base=locked).exclude(_UNCONFIRMED).order_by("-starts_on").first()
    if newest is not None and starts_on <= newest.starts_on:
        raise Refused(_("新一届的任期应晚于上一届的开始日期 %(day)s。") % {"day": newest.starts_on.isoformat()})
    term = in_preparation(locked) or CommitteeTerm(base=locked, entered_by=by.user, entered_on=on)
    term.starts_on, term.ends_on, term.office = starts_on, ends_on, office.strip()
    term.office_place, term.office_phone = office_place.strip(), office_phone.strip()
    _unconfirm(term)
    return term


def _unconfirm(term: CommitteeTerm) -> None:
    term.unit_confirmed_by = term.partner_confirmed_by = None
    term.unit_confirmed_on = term.partner_confirmed_on = None
    term.save()


def _locked(term: CommitteeTerm) -> CommitteeTerm:
    base = living(term.base)
    found = CommitteeTerm.objects.select_for_update().get(pk=term.pk)
    found.base = base
    return found


@transaction.atomic
def add_member(
    *,
    term: CommitteeTerm,
    by: Acting,
    on: date,
    name: str,
    duty: str,
    title: str,
    position: str,
    joined_on: date | None = None,
) -> CommitteeMember:
    """A side enters one of its own members; before the term is in force it is to be confirmed by both sides again.

    ``joined_on`` counts for a member who joins a term in force, by default today.
    """
    found = _locked(term)
    side = side_of(found.base, by)
    if found.last_day < on:
        raise Overtaken(_("这一届任期已满，请办理换届。"))
    name, duty = name.strip(), duty.strip()
    if found.members.filter(side=side, name=name, duty=duty, left_on=None).exists():
        raise Refused(_("“%(name)s（%(duty)s）”已经在名单里。") % {"name": name, "duty": duty})
    joins = (joined_on or on) if found.is_confirmed else found.starts_on
    if not found.starts_on <= joins <= found.last_day:
        raise Refused(_("加入日期应在任期之内。"))
    if not found.is_confirmed:
        _unconfirm(found)
    return CommitteeMember.objects.create(
        term=found, side=side, name=name, duty=duty, title=title.strip(), position=position, joined_on=joins,
        entered_by=by.user, entered_on=on,
    )  # fmt: skip


@transaction.atomic
def remove_member(*, member: CommitteeMember, by: Acting, on: date, left_on: date, reason: str) -> None:
    """A side takes one of its members off: from a term in preparation altogether, from one in force with day and reason.

    A term in force keeps at least one member of each side.
    """
    found = _locked(member.term)
    own = CommitteeMember.objects.select_for_update().filter(pk=member.pk, term=found, left_on=None).first()
    if own is None:
        raise Overtaken(_("这名成员已经退出，没有重复办理。"))
    if side_of(found.base, by) != own.side:
        raise NotYours(_("各方只办理本方的成员。"))
    if not found.is_confirmed:
        own.delete()
        _unconfirm(found)
        return
    if not reason.strip():
        raise Refused(_("请写明退出原因。"))
    if not own.joined_on <= left_on <= on:
        raise Refused(_("退出日期应在加入日期 %(day)s 之后，并且不晚于今天。") % {"day": own.joined_on.isoformat()})
    if found.members.filter(side=own.side, left_on=None).count() == 1:
        raise Refused(_("管委会由双方人员组成，请先登记接替的人，再办理退出。"))
    own.left_on, own.left_reason = left_on, reason.strip()
    own.save()


@transaction.atomic
def confirm(*, term: CommitteeTerm, by: Acting, on: date, seen: str | None = None) -> CommitteeTerm:
    """A side confirms the term as it stands; once both have, it is in force and the term before ends with the day before it.

    ``seen`` is the ``fingerprint`` of what the person had before them; Overtaken where it has changed since. Raises Refused while a
    side has no members.
    """
    found = _locked(term)
    side = side_of(found.base, by)
    if found.is_confirmed:
        raise Overtaken(_("双方已经确认，管委会已经组成。"))
    if seen is not None and seen != fingerprint(found):
        raise Overtaken(_("没有确认：您打开本页之后任期或成员有变动，请看过再确认。"))
    present = set(found.members.filter(left_on=None).values_list("side", flat=True))
    missing = [CommitteeMember.Side(each).label for each in CommitteeMember.Side.values if each not in present]
    if missing:
        raise Refused(
            _("%(sides)s还没有登记成员，双方都有成员之后才能确认。") % {"sides": "、".join(map(str, missing))}
        )
    if getattr(found, f"{side}_confirmed_on") is not None:
        raise Overtaken(_("您方已经确认，等待对方确认。"))
    setattr(found, f"{side}_confirmed_by", by.user)
    setattr(found, f"{side}_confirmed_on", on)
    if found.unit_confirmed_on and found.partner_confirmed_on:
        _end_before(found)
    found.save()
    return found


def _end_before(term: CommitteeTerm) -> None:
    before = CommitteeTerm.objects.filter(base=term.base).exclude(_UNCONFIRMED).exclude(pk=term.pk)
    for each in before.select_for_update():
        if each.last_day >= term.starts_on:
            each.ended_on = term.starts_on - timedelta(days=1)
            each.save()


def fingerprint(term: CommitteeTerm) -> str:
    """What a side confirms, in one short text: the dates, the office, who is on the list."""
    members = term.members.filter(left_on=None).order_by("pk").values_list("pk", flat=True)
    told = "|".join((term.office, term.office_place, term.office_phone))
    return f"{term.starts_on}/{term.ends_on}/{told}/{'-'.join(map(str, members))}"


@transaction.atomic
def record_meeting(
    *,
    base: Base,
    by: Acting,
    on: date,
    held_on: date,
    place: str,
    present: str,
    topics: str,
    decisions: str = "",
    minutes: UploadedFile | None = None,
) -> CommitteeMeeting:
    """Either side records a meeting that was held; there must have been a committee on that day."""
    locked = living(base)
    side_of(locked, by)
    if held_on > on:
        raise Refused(_("会议日期 %(day)s 还没有到，请在会后登记。") % {"day": held_on.isoformat()})
    if not any(term.holds(held_on) for term in CommitteeTerm.objects.filter(base=locked)):
        raise Refused(_("%(day)s 还没有组成管委会，请核对会议日期，或者先组建管委会。") % {"day": held_on.isoformat()})
    stored = uploads.store(minutes, purpose=MINUTES, by=by.user) if minutes else None
    return CommitteeMeeting.objects.create(
        base=locked, held_on=held_on, place=place.strip(), present=present.strip(), topics=topics.strip(),
        decisions=decisions.strip(), minutes=stored, recorded_by=by.user, recorded_on=on,
    )  # fmt: skip


@transaction.atomic
def withdraw_meeting(*, meeting: CommitteeMeeting, by: Acting, on: date, reason: str) -> CommitteeMeeting:
    """Say of a recorded meeting that it is wrong; it stays to be read with the reason."""
    locked = living(meeting.base)
    side_of(locked, by)
    found = CommitteeMeeting.objects.select_for_update().get(pk=meeting.pk)
    if found.withdrawn_on is not None:
        raise Overtaken(_("这条会议记录已经作废，没有重复办理。"))
    if not reason.strip():
        raise Refused(_("请写明作废原因。"))
    found.withdrawn_by, found.withdrawn_on, found.withdrawn_reason = by.user, on, reason.strip()
    found.save()
    return found
