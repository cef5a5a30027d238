"""Students of a demo base, and their last three months: two closed, one open with a stipend below the agreement and a denial."""

from datetime import date

from dateutil.relativedelta import relativedelta

from agreements import months as calendar
from agreements.models import MonthlyRecord, Placement
from agreements.services import months, receipts, terms
from bases.models import Base
from evaluations.demo import practice
from evaluations.demo.play import Play
from evaluations.demo.stipends import at, fill
from evaluations.demo.stories import Stage, Story

STUDENTS = (
    ("高云舒", "master", "full_time", False), ("包图雅", "master", "full_time", False), ("陆怀川", "master", "full_time", False),
    ("阿茹娜", "doctor", "full_time", False), ("韩牧野", "master", "full_time", False), ("乔若溪", "master", "full_time", False),
)  # fmt: skip
BEFORE = 3


def with_months(stage: Stage, play: Play, before: Story) -> Story:
    """A base that has come so far takes in students; its partner enters the last three months, one student says that nothing came."""
    base = yield from before
    first = calendar.shifted(calendar.first_of(stage.today), -BEFORE)
    yield first
    people = taken_in(base, play, first)
    for month in calendar.until(calendar.shifted(first, BEFORE - 1), BEFORE):
        on = yield min(calendar.due_on(month, 20), stage.today)
        last = month == calendar.shifted(first, BEFORE - 1)
        fill(base, play, month, people, on, short=last)
        if calendar.shifted(month, 1) < calendar.first_of(stage.today):
            months.close_month(base=base, month=month, by=play.partner_officer, on=on, at=at(on))
    on = yield stage.today
    _deny(base, play, people[1], on)
    return Base.objects.get(pk=base.pk)


def _deny(base: Base, play: Play, placement: Placement, on: date) -> None:
    """One student opens the link and says that the last stipend did not come."""
    issued = receipts.issue(
        base=base, students=[placement.student_id], by=play.unit_officer, on=on, at=at(on)
    )[0]  # fmt: skip
    record = MonthlyRecord.objects.filter(placement=placement, is_current=True).latest("month")
    receipts.answer(
        link=issued.link, record=record.pk, revision=record.revision, received=False, note="银行卡换过，没有到账。", on=on, at=at(on)
    )  # fmt: skip


def taken_in(base: Base, play: Play, since: date) -> list[Placement]:
    """The students who come to a base on that day, under an agreement with floors."""
    if not terms.terms_of([base.pk], since):
        play.revise_agreement(base, since)
    listed = practice.enter_students(play, base, since, STUDENTS, 501)
    post = practice.offer(play, base, since, "研发助理", len(STUDENTS))
    chosen = practice.select(play, base, since, post, listed, since, since + relativedelta(months=9))
    practice.take(play, base, since, chosen)
    practice.prepare(play, base, since, chosen)
    practice.start(play, base, since, chosen)
    return list(Placement.objects.filter(base=base, post=post).select_related("student").order_by("pk"))
