"""How the committees of bases stand (第九条、第十一条；协议：组织机构), and what waits around them: a constant number of queries each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.mentor_queries import horizon
from agreements.models import CommitteeMeeting, CommitteeTerm, RegulationDocument, ResponsibleOffice
from agreements.queries import training_bases
from agreements.training import Standing
from bases.lifecycle import LIVING
from bases.models import Base
from portal.acting import Acting
from portal.inbox import Item
from portal.roles import Role

# 每年定期通报情况: what is longer ago than a year shows.
YEARLY = relativedelta(months=12)


@dataclass(frozen=True)
class Facts:
    """How the committee of one base stands on a day; ``told_on`` is the last meeting, ``quiet`` since more than a year."""

    held: CommitteeTerm | None
    draft: CommitteeTerm | None
    told_on: date | None
    quiet: bool

    @property
    def size(self) -> int:
        """How many members the committee in office has."""
        return int(getattr(self.held, "size", 0))


def facts(bases: Sequence[Base], on: date) -> dict[int, Facts]:
    """The same for many bases by their key, in two queries."""
    keys = [base.pk for base in bases]
    terms = CommitteeTerm.objects.filter(base__in=keys).annotate(size=Count("members", filter=Q(members__left_on=None)))
    held: dict[int, CommitteeTerm] = {}
    draft: dict[int, CommitteeTerm] = {}
    for term in terms.order_by("starts_on", "pk"):
        if not term.is_confirmed:
            draft[term.base_id] = term
        elif term.holds(on):
            held[term.base_id] = term
    meetings = CommitteeMeeting.objects.filter(base__in=keys, withdrawn_on=None).order_by()
    told = dict(meetings.values_list("base").annotate(last=Max("held_on")))
    found = {}
    for pk in keys:
        own = held.get(pk)
        since = max(filter(None, (told.get(pk), own.starts_on if own else None)), default=None)
        quiet = own is not None and since is not None and since + YEARLY < on
        found[pk] = Facts(own, draft.get(pk), told.get(pk), quiet)
    return found


def standing(bases: Sequence[Base], acting: Acting, on: date) -> Mapping[int, Standing]:
    """By base: members and last day of the committee; missing without one."""
    found = facts(bases, on)
    return {base.pk: _standing(found[base.pk], horizon(base), on) for base in bases}


def _standing(own: Facts, days: int, on: date) -> Standing:
    if own.held is None:
        return Standing(_("管委会待双方确认") if own.draft else _("未组建管委会"), "missing")
    words = [_("管委会 %(n)s 人，任期至 %(day)s") % {"n": own.size, "day": own.held.last_day.isoformat()}]
    if own.quiet:
        words.append(_("一年内没有开会通报"))
    soon = own.held.last_day <= on + timedelta(days=days)
    return Standing(_("，").join(words), "soon" if own.quiet or soon else "ok")


def source(acting: Acting, on: date) -> Iterator[Item]:
    """What a side has to confirm, a committee, a person or rules that are missing some time after the start, a term that ends, a year without news."""
    if acting.role not in {Role.UNIT_OFFICER, Role.PARTNER_OFFICER}:
        return
    side = "unit" if acting.role == Role.UNIT_OFFICER else "partner"
    bases = list(training_bases(acting).filter(state__in=LIVING).order_by("pk"))
    found = facts(bases, on)
    for base in bases:
        yield from _of_committee(base, found[base.pk], side, on)
    if side == "partner":
        yield from _of_partner([base for base in bases if _late(base, on)])


def _late(base: Base, on: date) -> bool:
    """Whether the base should have its committee: as long after its start as the revised agreement, which founds it."""
    if base.policy is None or base.construction_started_on is None:
        return False
    return base.construction_started_on + timedelta(days=base.policy.agreement_revision_days) < on


def _of_committee(base: Base, own: Facts, side: str, on: date) -> Iterator[Item]:
    if own.draft is not None and getattr(own.draft, f"{side}_confirmed_on") is None:
        yield _item(base, _("管委会名单等待您方登记成员并确认。"), _("登记和确认"))
    elif own.held is None and own.draft is None and _late(base, on):
        yield _item(base, _("还没有组建管理委员会，请会同对方登记任期、办公室和成员。"), _("组建管委会"))
    if own.held is not None:
        if own.draft is None and own.held.ends_on <= on + timedelta(days=horizon(base)):
            yield _item(base, _("管委会任期将满，请办理换届。"), _("办理换届"), own.held.last_day)
        if own.quiet:
            yield _item(base, _("一年内没有开会通报情况，请会同对方召开会议并登记。"), _("登记会议"))


def _of_partner(bases: list[Base]) -> Iterator[Item]:
    """The partner's institution and person, and its rules for practice (协议：权责划分（二）1)."""
    named = set(ResponsibleOffice.objects.filter(base__in=bases, until=None).values_list("base", flat=True))
    rules = RegulationDocument.objects.filter(base__in=bases, side="partner", repealed_on=None)
    ruled = set(rules.values_list("base", flat=True))
    for base in bases:
        if base.pk not in named:
            yield _item(base, _("还没有登记负责本基地的管理机构和专人。"), _("登记"))
        if base.pk not in ruled:
            yield _item(base, _("还没有上传本单位针对研究生实践的管理制度。"), _("上传制度"))


def _item(base: Base, why: str, button: str, due: date | None = None) -> Item:
    return Item(_("管委会与制度"), base.name, why, "9 11", reverse("base-committee", args=[base.pk]), button, due)
