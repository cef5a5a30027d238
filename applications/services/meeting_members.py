"""Who sits in a meeting, who came, and whether they are enough (第八条（三）（四）)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import quorum
from applications.models import ExpertProfile, MeetingMember, ReviewMeeting
from applications.services.meetings import keep_conflicts_out, lock_draft, touch
from portal.acting import Acting
from portal.errors import Overtaken, Refused

Duty = MeetingMember.Duty
MOST = 100
# How people write the duties in their lists.
_WRITTEN = {
    Duty.CHAIR: gettext_lazy("主持 主持人 组长 主任 主任委员 主席"),
    Duty.MEMBER: gettext_lazy("委员 成员 副组长 副主任 副主任委员 专家"),
    Duty.RECORDER: gettext_lazy("记录 记录人 秘书"),
    Duty.OBSERVER: gettext_lazy("列席 列席人员 监督 工作人员"),
}
_BETWEEN = re.compile(r"\t|，|,")


@dataclass(frozen=True)
class Row:
    """One line of the list of members; ``pk`` None for a new one, ``gone`` for one to be taken off."""

    name: str
    employer: str
    duty: str
    present: bool = False
    pk: int | None = None
    gone: bool = False


@dataclass(frozen=True)
class Quorum:
    """The count of a meeting: voting members, those of them who are there, how many are needed, and the policy's percent."""

    voting: int
    present: int
    needed: int
    percent: int

    @property
    def is_met(self) -> bool:
        """Whether enough are there."""
        return self.voting > 0 and self.present >= self.needed

    @property
    def rule(self) -> str:
        """The share that is asked for, as people say it."""
        share = quorum.share(self.percent)
        if share.denominator <= 3 and share.numerator < share.denominator:
            return _("三分之二") if share.denominator == 3 else _("半数")
        return _("百分之%(percent)s") % {"percent": self.percent}


def quorum_of(meeting: ReviewMeeting, members: Iterable[MeetingMember]) -> Quorum:
    """The quorum by the policy of the meeting's round; recorders and observers do not count."""
    voting = [member for member in members if member.votes]
    percent = meeting.round.policy.meeting_quorum_percent
    return Quorum(len(voting), sum(m.present for m in voting), quorum.needed(len(voting), percent), percent)


def read_lines(text: str) -> tuple[list[Row], list[str]]:
    """The members out of lines “姓名，单位，职责” or rows pasted from Excel, and what is wrong with which line.

    A missing duty means a member with a vote.
    """
    rows, wrong = [], []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        parts = [part.strip() for part in _BETWEEN.split(line.strip())]
        try:
            rows.append(_read(parts))
        except ValueError as error:
            wrong.append(_("第 %(n)s 行“%(line)s”：%(why)s") % {"n": number, "line": line.strip()[:60], "why": error})
    return rows, wrong


def _read(parts: list[str]) -> Row:
    if len(parts) > 3 and any(parts[3:]):
        raise ValueError(_("多于三项，请写成“姓名，单位，职责”。"))
    name, employer, duty = (*parts, "", "")[:3]
    if not name or not employer:
        raise ValueError(_("缺少姓名或者工作单位，请写成“姓名，单位，职责”。"))
    if len(name) > 40 or len(employer) > 100:
        raise ValueError(_("姓名最多 40 个字，工作单位最多 100 个字。"))
    if not duty:
        return Row(name, employer, Duty.MEMBER)
    for key, words in _WRITTEN.items():
        if duty in str(words).split():
            return Row(name, employer, key)
    raise ValueError(_("职责“%(duty)s”不认识，请写主持、委员、记录或者列席。") % {"duty": duty})


@transaction.atomic
def add_members(*, meeting: ReviewMeeting, rows: Sequence[Row], seen: int, by: Acting) -> int:
    """Put people on the list whom it does not have yet, behind those it has; returns how many. All or none.

    Raises Refused when there would be two chairs or more than a hundred people.
    """
    locked = lock_draft(meeting, by, seen)
    had = {(member.name, member.employer): member for member in locked.members.all()}
    fresh = list({(row.name, row.employer): row for row in rows if (row.name, row.employer) not in had}.values())
    _refuse_crowd([*(m.duty for m in had.values()), *(row.duty for row in fresh)])
    _create(locked, fresh, len(had))
    touch(locked)
    keep_conflicts_out(locked)
    return len(fresh)


def _refuse_crowd(duties: list[str]) -> None:
    if sum(duty == Duty.CHAIR for duty in duties) > 1:
        raise Refused(_("主持人只能有一名，请把其他人的职责改为委员。"))
    if len(duties) > MOST:
        raise Refused(_("会议成员最多 %(most)s 人，现为 %(n)s 人，请删去多余的行。") % {"most": MOST, "n": len(duties)})


def _create(meeting: ReviewMeeting, rows: Iterable[Row], after: int) -> None:
    rows = list(rows)
    users = _users(rows)
    MeetingMember.objects.bulk_create(
        MeetingMember(
            meeting=meeting, name=row.name, employer=row.employer, duty=row.duty, present=row.present, position=position,
            user_id=users.get((row.name, row.employer)),
        )
        for position, row in enumerate(rows, start=after + 1)
    )  # fmt: skip


def _users(rows: Iterable[Row]) -> dict[tuple[str, str], int]:
    """The accounts of those who stand in the pool of experts under the same name and place of work; not where two do."""
    rows = list(rows)
    wanted = {(row.name, row.employer) for row in rows}
    profiles = ExpertProfile.objects.filter(name__in={row.name for row in rows}, user__isnull=False)
    found: dict[tuple[str, str], set[int]] = {}
    for name, employer, user_id in profiles.values_list("name", "employer", "user_id"):
        found.setdefault((name, employer), set()).add(user_id)
    return {key: users.pop() for key, users in found.items() if key in wanted and len(users) == 1}


@transaction.atomic
def save_members(*, meeting: ReviewMeeting, rows: Sequence[Row], seen: int, by: Acting) -> ReviewMeeting:
    """Write the list of members as it was entered: duties, attendance, new ones, those who are taken off.

    Raises Overtaken for a line that is not there any more, Refused for two chairs, a person twice, or too many.
    """
    locked = lock_draft(meeting, by, seen)
    members = {member.pk: member for member in locked.members.all()}
    kept = [row for row in rows if not row.gone]
    if any(row.pk is not None and row.pk not in members for row in rows):
        raise Overtaken(_("名单中有人已被他人移出，没有保存。请刷新后再改。"))
    _refuse_crowd([row.duty for row in kept])
    if len({(row.name, row.employer) for row in kept}) < len(kept):
        raise Refused(_("同一单位的同一个人只能列一次，请删去重复的行。"))
    locked.members.filter(pk__in=[row.pk for row in rows if row.gone and row.pk is not None]).delete()
    users, changed = _users(kept), []
    for position, row in enumerate(kept, start=1):
        if row.pk is None:
            continue
        member = members[row.pk]
        renamed = (member.name, member.employer) != (row.name, row.employer)
        member.name, member.employer, member.duty, member.present = row.name, row.employer, row.duty, row.present
        member.position = position
        if renamed:
            member.user_id = users.get((row.name, row.employer))
        changed.append(member)
    # One chair is enforced row by row, also on the way: the old one steps down before the new one takes over.
    try:
        with transaction.atomic():
            for member in sorted(changed, key=lambda each: each.duty == Duty.CHAIR):
                member.save()
    except IntegrityError as error:
        raise Refused(_("有两行互换了姓名和单位，不能一次保存。请勾选“移出”后重新添加。")) from error
    _create(locked, [row for row in kept if row.pk is None], len(changed))
    touch(locked)
    keep_conflicts_out(locked)
    return locked


@transaction.atomic
def copy_members(*, meeting: ReviewMeeting, source: ReviewMeeting, seen: int, by: Acting) -> int:
    """Take over the members of an earlier meeting, nobody present yet; returns how many were new."""
    chaired = meeting.members.filter(duty=Duty.CHAIR).exists()
    rows = [
        Row(member.name, member.employer, Duty.MEMBER if chaired and member.duty == Duty.CHAIR else member.duty)
        for member in source.members.all()
    ]
    return add_members(meeting=meeting, rows=rows, seen=seen, by=by)


def earlier_meetings(meeting: ReviewMeeting) -> list[ReviewMeeting]:
    """The newest other meetings that have members to take over."""
    found = ReviewMeeting.objects.exclude(pk=meeting.pk).filter(members__isnull=False).distinct()
    return list(found.order_by("-held_on", "-pk")[:10])
