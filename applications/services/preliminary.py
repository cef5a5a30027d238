"""The 初步名单 of a round (第八条（三）): the cut-off, changes by hand with their reasons, and one act that adopts it for all bases."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from applications.models import (
    Application,
    Assignment,
    MeetingItem,
    Panel,
    PreliminaryEntry,
    PreliminaryList,
    ReviewMeeting,
    Round,
)
from applications.services import meetings, panels, recognising, results
from applications.services.declaring import newest_applications
from applications.services.results import Ranked
from bases.lifecycle import State
from bases.models import Base
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.models import User
from portal.roles import Role

Cutoff = PreliminaryList.Cutoff


@dataclass(frozen=True)
class Line:
    """One application beside the cut-off: what the cut-off says, what somebody changed by hand, and what follows."""

    ranked: Ranked
    by_cutoff: bool
    entry: PreliminaryEntry | None

    @property
    def chosen(self) -> bool:
        """Whether it goes on the list."""
        return self.entry.chosen if self.entry else self.by_cutoff

    @property
    def needs_a_hearing(self) -> bool:
        """Whether its experts disagree and nobody has handed that to the meeting yet."""
        panel: Panel = self.ranked.application.panel
        return bool(self.ranked.flags) and not self.ranked.fixed and panel.referred_on is None


def candidates(ranking: Iterable[Ranked]) -> list[Ranked]:
    """Those of a ranking that a list can still choose: in review in this very round, with a place, in their order."""
    placed = [each for each in ranking if each.place is not None and each.application.base.state == State.IN_REVIEW]
    keys = [each.application.pk for each in placed]
    newest = set(newest_applications().filter(pk__in=keys).values_list("pk", flat=True)) if keys else set()
    return [each for each in placed if each.application.pk in newest]


def waiting(ranking: Iterable[Ranked]) -> list[Ranked]:
    """Those of a ranking that are in review and still wait for sheets."""
    return [each for each in ranking if each.place is None]


def lines(
    found: Iterable[Ranked], cutoff_by: str, cutoff: Decimal, by_hand: Mapping[int, PreliminaryEntry]
) -> list[Line]:
    """What a cut-off makes of the candidates: the first so many, or all from so many points on; a change by hand goes before it."""

    def passes(number: int, each: Ranked) -> bool:
        return number <= cutoff if cutoff_by == Cutoff.COUNT else (each.aggregate or Decimal(0)) >= cutoff

    return [
        Line(each, passes(number, each), by_hand.get(each.application.pk)) for number, each in enumerate(found, start=1)
    ]


@dataclass(frozen=True)
class Divided:
    """Applications of one aggregate between which the cut-off runs; ``is_level``: no point tells the two beside it apart."""

    aggregate: Decimal
    names: tuple[str, ...]
    is_level: bool


def divided(found: list[Line]) -> Divided | None:
    """Whom the cut-off divides although their aggregates are equal; None where it divides nobody."""
    for last, first in pairwise(found):
        own, other = last.ranked.standing, first.ranked.standing
        if not (last.by_cutoff and not first.by_cutoff and own and other and own.aggregate == other.aggregate):
            continue
        same = [line.ranked.application.name for line in found if line.ranked.aggregate == own.aggregate]
        return Divided(own.aggregate, tuple(same), own.points == other.points)
    return None


def draft_of(round_: Round) -> PreliminaryList | None:
    """The draft of a round's list."""
    return PreliminaryList.objects.filter(round=round_, state=PreliminaryList.State.DRAFT).first()


def by_hand(draft: PreliminaryList | None) -> dict[int, PreliminaryEntry]:
    """What was changed by hand in a draft, by application."""
    if draft is None or draft.pk is None:
        return {}
    return {entry.application_id: entry for entry in draft.entries.select_related("changed_by", "application__base")}


def stale(changes: Mapping[int, PreliminaryEntry], found: Iterable[Ranked]) -> list[PreliminaryEntry]:
    """The changes by hand whose application is not among the candidates any more: rejected since, or waiting for a sheet again."""
    known = {each.application.pk for each in found}
    return [entry for key, entry in changes.items() if key not in known]


def fingerprint(chosen: Iterable[Line]) -> str:
    """What a list says, in a few signs: whoever confirms it confirms these places, aggregates and choices."""
    words = ";".join(
        f"{line.ranked.application.pk}:{line.ranked.place}:{line.ranked.aggregate}:{line.chosen}" for line in chosen
    )
    return hashlib.sha256(words.encode()).hexdigest()[:32]


def _officer(by: Acting) -> User:
    if by.role != Role.DEPT_OFFICER or by.user is None:
        raise NotYours(_("初步名单由教育厅经办拟定。"))
    return by.user


def _open(round_: Round, revision: int, by: Acting, on: date) -> PreliminaryList:
    """The draft, locked, as the person saw it; a round without one gets it now."""
    user = _officer(by)
    Round.objects.select_for_update(of=("self",)).get(pk=round_.pk)
    draft = PreliminaryList.objects.select_for_update().filter(round=round_, state=PreliminaryList.State.DRAFT).first()
    if (draft.revision if draft else 0) != revision:
        raise Overtaken(_("您打开本页之后，名单草稿已被修改，没有保存。请刷新页面，看过最新情况再办理。"))
    return draft or PreliminaryList.objects.create(round=round_, drafted_by=user, drafted_on=on)


def _touch(draft: PreliminaryList) -> PreliminaryList:
    draft.revision += 1
    draft.save(update_fields=["cutoff_by", "cutoff", "revision"])
    return draft


@transaction.atomic
def move_cutoff(
    *, round: Round, cutoff_by: str, cutoff: Decimal, revision: int, by: Acting, on: date
) -> PreliminaryList:
    """Keep another cut-off in the draft: the first ``cutoff`` applications, or all from ``cutoff`` points (0–100) on."""
    if cutoff_by == Cutoff.SCORE and not 0 <= cutoff <= 100:
        raise Refused(_("分数线应在 0 到 100 分之间。"))
    if cutoff_by == Cutoff.COUNT and (cutoff < 0 or cutoff != cutoff.to_integral_value()):
        raise Refused(_("入选数应为不小于 0 的整数。"))
    draft = _open(round, revision, by, on)
    draft.cutoff_by, draft.cutoff = cutoff_by, cutoff
    return _touch(draft)


def _candidate(round_: Round, application: Application) -> Ranked:
    for each in candidates(results.ranking(round_)):
        if each.application.pk == application.pk:
            return each
    raise Refused(_("“%(name)s”的评分表还没有收齐，或者已不在评审中，不能调整。") % {"name": application.name})


@transaction.atomic
def change_by_hand(
    *, round: Round, application: Application, chosen: bool, reason: str, revision: int, by: Acting, on: date
) -> PreliminaryEntry:
    """Put an application on the list, or take it off, whatever the cut-off says; only with a reason."""
    draft = _open(round, revision, by, on)
    if not reason.strip():
        raise Refused(_("人工调整应写明理由。"))
    _candidate(round, application)
    entry, _created = PreliminaryEntry.objects.update_or_create(
        preliminary_list=draft,
        application=application,
        defaults={"chosen": chosen, "reason": reason.strip(), "changed_by": by.user, "changed_on": on},
    )
    _touch(draft)
    return entry


@transaction.atomic
def undo_by_hand(*, round: Round, application: Application, revision: int, by: Acting, on: date) -> PreliminaryList:
    """Let the cut-off decide on an application again."""
    draft = _open(round, revision, by, on)
    draft.entries.filter(application=application).delete()
    return _touch(draft)


@transaction.atomic
def refer(*, round: Round, applications: Iterable[Application], by: Acting, on: date) -> int:
    """Hand the disagreement of the experts on these applications to the 评审会议; how many were handed over."""
    user = _officer(by)
    wanted = {application.pk for application in applications}
    if not wanted:
        raise Refused(_("请至少勾选一份申请书。"))
    flagged = [each.application.pk for each in candidates(results.ranking(round)) if each.flags]
    if wanted - set(flagged):
        raise Refused(_("只有专家评分存在分歧、评分表已收齐的申请书才需要提交会议审议。"))
    found = Panel.objects.filter(application__in=wanted, referred_on=None, aggregate=None)
    return found.update(referred_on=on, referred_by=user)


def referred(round_: Round) -> QuerySet[Panel]:
    """The panels of a round whose disagreement was handed to the 评审会议."""
    return Panel.objects.filter(application__round=round_, referred_on__isnull=False).order_by("pk")


def obstacles(found: list[Line], draft: PreliminaryList | None, meeting: ReviewMeeting | None) -> list[str]:
    """Why the list cannot be adopted as it stands; empty when it can."""
    if draft is None:
        return [_("还没有拟定名单，请先保存入选方式。")]
    reasons = []
    if not any(line.chosen for line in found):
        reasons.append(_("名单上没有申请书，请调整入选数或分数线。"))
    reasons += [
        _("“%(name)s”专家评分存在分歧，请先加派专家或者提交会议审议。") % {"name": line.ranked.application.name}
        for line in found
        if line.needs_a_hearing
    ]
    if meeting is None and meetings.concluded(draft.round, ReviewMeeting.Kind.REVIEW).exists():
        reasons.append(_("本批次已开过评审会议，请选择名单依据的会议。"))
    reasons += _by_the_meetings(found, meetings.last_items(draft.round, ReviewMeeting.Kind.REVIEW))
    # What has left the review of this round for good falls out of the list by itself.
    known = {line.ranked.application.pk for line in found}
    waits = draft.entries.filter(application__in=newest_applications(), application__base__state=State.IN_REVIEW)
    reasons += [
        _("“%(name)s”作过人工调整，但评分表还没有收齐，请先在排序页撤销调整。") % {"name": entry.application.name}
        for entry in waits.select_related("application__round").exclude(application__in=known)
    ]
    return reasons


def _by_the_meetings(found: list[Line], last: Mapping[int, MeetingItem]) -> list[str]:
    """What the meetings said last of each application: a referred disagreement waits for it, what was not agreed to cannot be chosen."""
    reasons = []
    for line in found:
        application = line.ranked.application
        panel, said = application.panel, last.get(application.pk)
        referred_on = panel.referred_on if line.ranked.flags and not line.ranked.fixed else None
        if referred_on is not None and (said is None or said.meeting.held_on < referred_on):
            reasons.append(
                _("“%(name)s”已提交会议审议，请在评审会议对它作出结论、会议结束后再确定名单。")
                % {"name": application.name}
            )
        elif line.chosen and said is not None and said.conclusion != MeetingItem.Conclusion.AGREED:
            words = {"name": application.name, "said": said.get_conclusion_display()}
            reasons.append(_("“%(name)s”的会议结论是“%(said)s”，不能列入名单，请人工调整并写明理由。") % words)
    return reasons


@transaction.atomic
def adopt(
    *,
    round: Round,
    revision: int,
    seen: str,
    by: Acting,
    on: date,
    meeting: ReviewMeeting | None = None,
    accept_missing: bool = False,
) -> PreliminaryList:
    """Adopt the list in one act: every chosen base goes on it, or none does (第八条（三）).

    The aggregates of all candidates are fixed, of those not chosen too; these stay in review until they are decided on.
    ``seen`` is the fingerprint of what was confirmed. Raises Overtaken when the ranking or the draft has changed since, Refused
    with a reason for each base that cannot go on the list.
    """
    user = _officer(by)
    if draft_of(round) is None:
        raise Refused(obstacles([], None, meeting))
    draft = _open(round, revision, by, on)
    # Bases are locked in the order of their keys before anything is read, so that two acts never wait for each other.
    bases = results.panels_of(round).order_by().values("base")
    list(Base.objects.select_for_update(of=("self",)).filter(pk__in=bases).order_by("pk"))
    ranking = results.ranking(round)
    found = lines(candidates(ranking), draft.cutoff_by, draft.cutoff, by_hand(draft))
    if fingerprint(found) != seen:
        raise Overtaken(_("您打开本页之后，评分或者名单有了变化，没有确定。请重新核对后再办理。"))
    if waiting(ranking) and not accept_missing:
        raise Refused(_("还有申请书的评分表没有收齐，请确认不等它们就确定名单。"))
    reasons = obstacles(found, draft, meeting)
    if reasons:
        raise Refused(reasons)
    _move(found, by, on)
    draft.entries.all().delete()
    PreliminaryEntry.objects.bulk_create(_entry(draft, line) for line in found)
    draft.state, draft.meeting = PreliminaryList.State.ADOPTED, meeting
    draft.adopted_by, draft.adopted_on = user, on
    draft.revision += 1
    draft.save()
    return draft


def _move(found: list[Line], by: Acting, on: date) -> None:
    """Fix all aggregates and shortlist what is chosen; all refusals are collected, each with the name of its base."""
    reasons = []
    barred = _barred(found, on)
    for line in found:
        application = line.ranked.application
        try:
            with transaction.atomic():
                fixed = panels.fix_aggregate(panel=application.panel, on=on, barred=barred)
                if fixed.aggregate != line.ranked.aggregate:
                    raise Overtaken(_("评分有了变化，请重新核对后再办理。"))
                if line.chosen:
                    recognising.shortlist(base=application.base, acting=by, on=on, fixed=fixed, barred=barred)
        except NotYours:
            raise
        except Refused as refusal:
            reasons += [f"“{application.name}”{_('：')}{reason}" for reason in refusal.reasons]
    if reasons:
        raise Refused(reasons)


def _barred(found: Sequence[Line], on: date) -> panels.Barred:
    """Who of the experts of all these panels is in conflict, looked at once."""
    own = [line.ranked.application.panel.pk for line in found]
    live = Assignment.objects.filter(panel__in=own, status__in=Assignment.LIVE)
    return panels.standing_conflicts(live.select_related("expert", "panel__base"), on)


def _entry(draft: PreliminaryList, line: Line) -> PreliminaryEntry:
    own = line.entry
    return PreliminaryEntry(
        preliminary_list=draft,
        application=line.ranked.application,
        place=line.ranked.place,
        aggregate=line.ranked.aggregate,
        by_cutoff=line.by_cutoff,
        chosen=line.chosen,
        reason=own.reason if own else "",
        changed_by=own.changed_by if own else None,
        changed_on=own.changed_on if own else None,
    )


def adopted_lists(round_: Round) -> QuerySet[PreliminaryList]:
    """The lists of a round that were adopted, the newest first."""
    return PreliminaryList.objects.filter(round=round_, state=PreliminaryList.State.ADOPTED).select_related(
        "adopted_by", "meeting"
    )
