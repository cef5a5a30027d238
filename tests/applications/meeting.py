"""How the tests hold a meeting: who sits in it, who came, how they voted."""

from __future__ import annotations

from datetime import date
from typing import Any

from applications.models import MeetingItem, Panel, ReviewMeeting
from applications.services import meeting_conclusion, meeting_members, meeting_votes, meetings
from applications.services.meeting_members import Row
from bases.models import Base
from tests.factories import World

CHAIR = Row("白主任", "自治区评估院", "chair", present=True)
RECORDER = Row("记录员", "教育厅学位处", "recorder", present=True)
DAY = date(2026, 11, 23)


def sitting(world: World, on: date, kind: str = "review", take_up: str = "all", **changes: Any) -> ReviewMeeting:
    """A meeting of the year's round that takes up everything it can."""
    round_ = world.round(on)
    given = meetings.proposed(round_, kind) | {"held_on": on, "place": "教育厅三楼会议室"} | changes
    return meetings.draft_meeting(round_=round_, kind=kind, take_up=take_up, by=world.officer, **given)


def fresh_meeting(meeting: ReviewMeeting) -> ReviewMeeting:
    """The meeting as it stands now."""
    return ReviewMeeting.objects.select_related("round__policy").get(pk=meeting.pk)


def seat(world: World, meeting: ReviewMeeting, *rows: Row) -> ReviewMeeting:
    """Put people on the list."""
    seen = fresh_meeting(meeting).revision
    meeting_members.add_members(meeting=meeting, rows=rows, seen=seen, by=world.officer)
    return fresh_meeting(meeting)


def committee(present: int, voting: int) -> list[Row]:
    """A chair who is there, so many voting members in all of whom so many came, and a recorder."""
    members = [Row(f"委员{n}", f"外省大学{n}", "member", present=n < present) for n in range(1, voting)]
    return [CHAIR, *members, RECORDER]


def vote(world: World, item: MeetingItem, votes: tuple[int, int, int], conclusion: str, note: str = "") -> MeetingItem:
    """Enter the votes for, against and abstained, and the conclusion."""
    now = MeetingItem.objects.select_related("meeting").get(pk=item.pk)
    given = dict(zip(meeting_votes.VOTES, votes, strict=True))
    return meeting_votes.save_votes(
        item=now, **given, conclusion=conclusion, note=note, seen=now.revision, by=world.officer
    )


def conclude(world: World, meeting: ReviewMeeting, on: date, **changes: Any) -> ReviewMeeting:
    """End the meeting as it stands now."""
    now = fresh_meeting(meeting)
    given = {"conclusion": "会议同意所列基地。", "seen": meetings.sight(now), "by": world.officer, "on": on} | changes
    return meeting_conclusion.conclude(meeting=now, **given)


def held(world: World, on: date, kind: str = "review", present: int = 3, voting: int = 3) -> ReviewMeeting:
    """A meeting at which everybody agreed to everything, not concluded yet."""
    meeting = sitting(world, on, kind)
    seat(world, meeting, *committee(present, voting))
    meeting_votes.agree_to_all(meeting=meeting, by=world.officer)
    return fresh_meeting(meeting)


def scored(world: World, on: date, total: int = 88, **how: Any) -> Base:
    """A base in review with its sheets handed in."""
    base = world.in_review(on)
    world.score(Panel.objects.get(application__base=base), total, on, **how)
    return base
