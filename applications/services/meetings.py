"""会议: the meeting that makes the preliminary list, and the department's deliberation (第八条（三）（四）), until they are concluded."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from applications.models import Application, Deliberation, MeetingItem, MeetingRecusal, ReviewMeeting, Round
from applications.services import meeting_recusals, results
from applications.services.declaring import newest_applications
from applications.services.notice_lists import department_order
from applications.services.results import Ranked
from bases.lifecycle import State
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.models import User
from portal.roles import Role

Kind = ReviewMeeting.Kind
# Where the bases stand that a meeting takes up.
TAKES_UP = {Kind.REVIEW: State.IN_REVIEW, Kind.DELIBERATION: State.SHORTLISTED}
ARTICLES = {Kind.REVIEW: "8(3)", Kind.DELIBERATION: "8(4)"}
ALL, FLAGGED, NONE = "all", "flagged", "none"


@dataclass(frozen=True)
class Candidate:
    """An application that a meeting can take up, with what its sheets came to (None where it has no panel)."""

    application: Application
    ranked: Ranked | None

    @property
    def order(self) -> tuple[bool, int, tuple[bool, str, str]]:
        """By rank; what has none follows, 优先产业 first, then by unit and name."""
        place = self.ranked.place if self.ranked else None
        return (place is None, place or 0, department_order(self.application.base))


def concluded(round_: Round, kind: str) -> QuerySet[ReviewMeeting]:
    """The concluded meetings of a kind in a round, the newest first."""
    return ReviewMeeting.objects.filter(round=round_, kind=kind, state=ReviewMeeting.State.CONCLUDED)


def last_items(round_: Round, kind: str) -> dict[int, MeetingItem]:
    """What the concluded meetings of a kind in a round said last of each application, by its key, with the meeting."""
    found = MeetingItem.objects.filter(meeting__in=concluded(round_, kind).order_by()).select_related("meeting")
    return {item.application_id: item for item in found.order_by("meeting__held_on", "meeting_id")}


def officer(by: Acting) -> User:
    """Who acts, when it is the department's officer; raises NotYours for anybody else."""
    if by.role != Role.DEPT_OFFICER or by.user is None:
        raise NotYours(_("会议由教育厅经办登记。"))
    return by.user


def sight(meeting: ReviewMeeting) -> str:
    """What tells one state of a meeting from another, votes and all: what a page was shown with."""
    sums = meeting.items.aggregate(lines=Count("pk"), saves=Sum("revision"))
    return f"{meeting.revision}-{sums['lines']}-{sums['saves'] or 0}"


def lock_draft(meeting: ReviewMeeting, by: Acting, seen: int | None = None) -> ReviewMeeting:
    """The meeting, locked; raises NotYours, and Overtaken when it is concluded or another than at revision ``seen``."""
    officer(by)
    locked = ReviewMeeting.objects.select_for_update(of=("self",)).select_related("round__policy").get(pk=meeting.pk)
    if locked.state != ReviewMeeting.State.DRAFT:
        raise Overtaken(_("会议已经结束，纪要不能再改，没有保存。"))
    if seen is not None and seen != locked.revision:
        raise Overtaken(_("没有保存：这次会议刚由他人改过。请先复制您写的内容，刷新后在最新的内容上修改。"))
    return locked


def touch(meeting: ReviewMeeting) -> None:
    """Count a change of a locked meeting."""
    meeting.revision += 1
    meeting.save(update_fields=["revision"])


def proposed(round_: Round, kind: str) -> dict[str, str]:
    """The name and the agenda with which a new meeting begins."""
    if kind == Kind.DELIBERATION:
        title = _("%(year)s年度研究生联合培养基地认定审议会")
        agenda = _(
            "一、通报评审情况和初步名单。\n二、逐项审议列入初步名单的基地，回避的成员退场。\n三、表决，形成审议结论。"
        )
    else:
        title = _("%(year)s年度研究生联合培养基地评审会议")
        agenda = _(
            "一、通报专家评审情况和评分汇总。\n二、逐项评议申报基地，回避的成员退场。\n三、表决，形成会议结论，提出初步名单。"
        )
    return {"title": title % {"year": round_.year}, "agenda": agenda}


@transaction.atomic
def draft_meeting(
    *,
    round_: Round,
    kind: str,
    title: str,
    held_on: date,
    place: str,
    agenda: str,
    by: Acting,
    take_up: str = NONE,
) -> ReviewMeeting:
    """Begin a meeting; ``take_up`` says with which applications: all that it can take up, those that are flagged, or none yet."""
    drafter = officer(by)
    if reasons := day_reasons(round_, held_on):
        raise Refused(reasons)
    meeting = ReviewMeeting.objects.create(
        round=round_, kind=kind, title=title, held_on=held_on, place=place, agenda=agenda, drafted_by=drafter
    )
    found = candidates(round_, kind)
    chosen = [c for c in found if take_up == ALL or (take_up == FLAGGED and c.ranked is not None and c.ranked.flags)]
    _put(meeting, chosen, {})
    return meeting


def day_reasons(round_: Round, held_on: date) -> tuple[str, ...]:
    """Why a meeting of a round cannot be held on that day; empty when it can."""
    if held_on < round_.opens_on:
        words = {"day": round_.opens_on.isoformat()}
        return (_("召开日期不能早于批次的申报开始日期 %(day)s，请核对。") % words,)
    if held_on.year > round_.year + 2:
        return (_("召开日期离 %(year)s 年度批次太远，请核对年份。") % {"year": round_.year},)
    return ()


@transaction.atomic
def update_meeting(
    *, meeting: ReviewMeeting, seen: int, title: str, held_on: date, place: str, agenda: str, by: Acting
) -> ReviewMeeting:
    """Change what is said of a meeting that is not concluded. Raises NotYours, Overtaken, Refused."""
    locked = lock_draft(meeting, by, seen)
    if reasons := day_reasons(locked.round, held_on):
        raise Refused(reasons)
    locked.title, locked.held_on, locked.place, locked.agenda = title, held_on, place, agenda
    locked.save(update_fields=["title", "held_on", "place", "agenda"])
    touch(locked)
    return locked


@transaction.atomic
def discard_meeting(*, meeting: ReviewMeeting, by: Acting) -> None:
    """Throw a meeting away that is not concluded; nothing else hangs on it."""
    locked = lock_draft(meeting, by)
    if locked.lists.exists():
        raise Refused(_("初步名单的草稿以这次会议为依据，请先在名单中改选其他会议。"))
    locked.delete()


def candidates(round_: Round, kind: str) -> list[Candidate]:
    """The applications of a round that a meeting of this kind can take up, by rank.

    A deliberation takes up what is on the preliminary list and not deliberated yet, so also what an earlier one postponed.
    """
    found = newest_applications().filter(round=round_, base__state=TAKES_UP[Kind(kind)], declared_on__isnull=False)
    if kind == Kind.DELIBERATION:
        found = found.exclude(Exists(Deliberation.objects.filter(application=OuterRef("pk"))))
    ranked = {each.application.pk: each for each in results.ranking(round_)}
    listed = [
        Candidate(application, ranked.get(application.pk))
        for application in found.select_related("base__training_unit", "base__partner", "base__category", "round")
    ]
    return sorted(listed, key=lambda candidate: candidate.order)


@transaction.atomic
def take_up(*, meeting: ReviewMeeting, applications: Iterable[Application], seen: int, by: Acting) -> ReviewMeeting:
    """Set what a meeting takes up; what stays keeps its votes, what goes loses them, and all stand by rank.

    Raises Refused for an application that a meeting of this kind cannot take up.
    """
    locked = lock_draft(meeting, by, seen)
    chosen = {application.pk for application in applications}
    present = {item.application_id: item for item in locked.items.select_related("application__base__training_unit")}
    possible = {candidate.application.pk: candidate for candidate in candidates(locked.round, locked.kind)}
    strange = chosen - set(possible) - set(present)
    if strange:
        raise Refused(_("所选的申请书中有 %(n)s 份已不在可以上会的状态，请刷新后重新选择。") % {"n": len(strange)})
    kept = [
        possible.get(pk) or Candidate(item.application, None) for pk, item in present.items() if pk in chosen
    ]  # fmt: skip
    new = [possible[pk] for pk in chosen - set(present)]
    locked.items.exclude(application__in=chosen).delete()
    _put(locked, sorted([*kept, *new], key=lambda candidate: candidate.order), present)
    touch(locked)
    return locked


def _put(meeting: ReviewMeeting, chosen: list[Candidate], present: dict[int, MeetingItem]) -> None:
    """Write the items in the order of ``chosen``, with the members whom a conflict keeps out of the new ones."""
    rows = []
    for position, candidate in enumerate(chosen, start=1):
        item = present.get(candidate.application.pk)
        if item is None:
            rows.append(MeetingItem(meeting=meeting, application=candidate.application, position=position))
        else:
            item.position = position
    MeetingItem.objects.bulk_create(rows)
    MeetingItem.objects.bulk_update(present.values(), ["position"])
    keep_conflicts_out(meeting)


def keep_conflicts_out(meeting: ReviewMeeting) -> None:
    """Put every member whom a conflict keeps out of an item among its recused; what the officer added stays."""
    found = meeting_recusals.conflicts(meeting)
    rows = [MeetingRecusal(meetingitem_id=item, meetingmember_id=member) for member, item in found]
    had = set(
        MeetingRecusal.objects.filter(meetingitem__meeting=meeting).values_list("meetingmember_id", "meetingitem_id")
    )
    fresh = {item for member, item in found if (member, item) not in had}
    MeetingRecusal.objects.bulk_create(rows, ignore_conflicts=True)
    MeetingItem.objects.filter(pk__in=fresh).update(revision=F("revision") + 1)


def held_without_conclusion(on: date) -> QuerySet[ReviewMeeting]:
    """Meetings whose day has passed and whose outcome nobody has entered yet, the oldest first."""
    found = ReviewMeeting.objects.filter(state=ReviewMeeting.State.DRAFT, held_on__lt=on)
    return found.select_related("round").order_by("held_on", "pk")


def listed(round_: Round) -> QuerySet[ReviewMeeting]:
    """The meetings of a round with how many applications each took up and agreed to."""
    agreed = Q(items__conclusion=MeetingItem.Conclusion.AGREED)
    return (
        ReviewMeeting.objects.filter(round=round_)
        .annotate(taken_up=Count("items", distinct=True), agreed=Count("items", filter=agreed, distinct=True))
        .select_related("minutes_pdf", "drafted_by", "concluded_by")
        .order_by("-held_on", "-pk")
    )
