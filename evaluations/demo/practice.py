"""岗位与实践 in the demo: a living base whose partner offers posts, with students who are there, come, wait, and have left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from agreements import months as calendar
from agreements.models import Appointment, Mentor, Placement, Post, Student
from agreements.services import (
    certificates,
    months,
    placement_changes,
    placement_starts,
    placements,
    posts,
    remuneration,
    students,
)
from agreements.services.certificates import Written
from agreements.services.month_rows import WAS_THERE
from agreements.services.placement_starts import Ground
from bases.models import Base
from evaluations.demo import research
from evaluations.demo.play import Play
from evaluations.demo.stipends import at, fill
from evaluations.demo.stories import Stage, Story, built, renewed

# The day of the following month on which a month is entered.
ENTERED_ON = 8
# Name, level, mode, bound to an employer.
STUDENTS = (
    ("云舒", "master", "full_time", False),
    ("额尔登", "master", "full_time", False),
    ("柳如川", "master", "full_time", False),
    ("莫日根", "doctor", "full_time", False),
    ("夏知微", "master", "full_time", False),
    ("托娅", "master", "part_time", True),
    ("方砚青", "master", "full_time", False),
    ("雷鸣野", "doctor", "full_time", False),
)


def with_students(stage: Stage, play: Play, published_on: date) -> Story:
    """A base in construction goes on: last year three students came, two of them have left, one with a certificate; two more come, one waits."""
    base = yield from built(play, published_on, until=stage.ago(330))
    on = yield stage.ago(330)
    listed = enter_students(play, base, on)
    first_post = offer(play, base, on, "数据平台运维", 3)
    came = select(play, base, on, first_post, listed[:2], stage.ago(300), stage.ago(300) + relativedelta(months=11))
    came += select(play, base, on, first_post, listed[6:7], stage.ago(300), stage.ago(40))
    left, done = came[1:]
    take(play, base, on, came)
    prepare(play, base, on, came)
    on = yield stage.ago(300)
    start(play, base, on, came)
    yield from _months_entered(stage, play, base, stage.ago(300), stage.ago(160))
    on = yield stage.ago(160)
    _leave_early(play, base, left, on)
    on = yield stage.ago(125)
    placements.end(
        base=base, placements=[left.pk], acting=play.partner_officer, on=on, note="实践任务已完成，转入论文写作。"
    )
    yield from _months_entered(stage, play, base, stage.ago(160), stage.ago(110))
    certify(play, base, left, (yield stage.ago(110)))
    yield from _months_entered(stage, play, base, stage.ago(110), stage.ago(38))
    on = yield stage.ago(38)
    placements.end(base=base, placements=[done.pk], acting=play.partner_officer, on=on)
    pay_a_mentor(play, base, on)
    yield from _months_entered(stage, play, base, stage.ago(38), stage.ago(25))
    project = research.begin(play, base, came, on)
    on = yield stage.ago(25)
    post = offer(play, base, on, "数据质量治理", 3)
    offer(play, base, on, "模型评测", 2)
    coming = select(play, base, on, post, listed[2:4], stage.ago(-20), stage.ago(-20) + relativedelta(months=9))
    on = yield stage.ago(20)
    take(play, base, on, coming)
    prepare(play, base, on, coming[:1])
    base = yield from renewed(play, base, published_on)
    on = yield stage.ago(4)
    research.go_on(play, base, came, project, on)
    select(play, base, on, post, listed[5:6], stage.ago(-40), stage.ago(-40) + relativedelta(months=8))
    return base


def _months_entered(stage: Stage, play: Play, base: Base, since: date, until: date) -> Story:
    """The partner enters and closes each month that falls due in this time, but for the last: somebody forgot it."""
    last = calendar.shifted(calendar.first_of(stage.today), -1)
    month = calendar.shifted(calendar.first_of(since), -1)
    while (on := calendar.due_on(month, ENTERED_ON)) < until:
        if on >= since and month != last:
            yield on
            there = Placement.objects.filter(
                base=base, status__in=WAS_THERE, starts_on__lte=calendar.last_of(month), ends_on__gte=month
            )
            people = list(there.select_related("student").order_by("pk"))
            if people:
                fill(base, play, month, people, on)
                months.close_month(base=base, month=month, by=play.partner_officer, on=on, at=at(on))
        month = calendar.shifted(month, 1)
    return base


def certify(play: Play, base: Base, placement: Placement, on: date) -> None:
    """The partner certifies what a student did, with a reward."""
    written = Written(
        grade="good", work="参与生产系统的数据接入和质量检查，完成一个专题报告。", comment="学习主动，能独立完成任务，专题报告已用于日常工作。", reward="honour",
        reward_text="年度优秀实践研究生",
    )  # fmt: skip
    kept = certificates.write(base=base, written={placement.pk: written}, by=play.partner_officer, on=on)
    certificates.issue(base=base, certificates=[each.pk for each in kept], by=play.partner_officer, on=on)


def pay_a_mentor(play: Play, base: Base, on: date) -> None:
    """The unit pays one of the partner's mentors for the last half year of the appointment."""
    held = Appointment.objects.filter(base=base, mentor__kind=Mentor.Kind.INDUSTRY, status=Appointment.Status.APPOINTED)
    for term in held.select_related("mentor").order_by("pk"):
        if term.holds(on) and term.starts_on is not None:
            remuneration.pay(
                base=base, mentor=term.mentor, from_on=max(term.starts_on, on - relativedelta(months=6)), to_on=on, amount=Decimal("3600"),
                paid_on=on, voucher=play.paper("导师报酬发放表.pdf"), note="指导费。", by=play.unit_officer, on=on,
            )  # fmt: skip
            return


def enter_students(
    play: Play, base: Base, on: date, rows: Sequence[tuple[str, str, str, bool]] = STUDENTS, first: int = 101
) -> list[Student]:  # fmt: skip
    """The students of the base's category whom the graduate office knows; ``first`` is where their numbers begin."""
    return [
        students.save(
            by=play.unit_officer, on=on, number=f"{on.year - 1}{base.category.code if base.category else ''}{n:03}", name=name, level=level,
            mode=mode, bound=bound, category=base.category, college="研究生联合培养学院", entry_year=on.year - 1, phone=f"1990000{n:04}",
        )
        for n, (name, level, mode, bound) in enumerate(rows, start=first)
    ]  # fmt: skip


def mentor(play: Play, base: Base, kind: str, name: str, on: date) -> Mentor:
    """A mentor who is appointed for the base; one who is already, or somebody new."""
    held = Appointment.objects.filter(base=base, mentor__kind=kind, status=Appointment.Status.APPOINTED)
    for each in held.select_related("mentor"):
        if each.holds(on) and each.holds(on + timedelta(days=90)):
            return each.mentor
    side = {"training_unit": base.training_unit} if kind == Mentor.Kind.CAMPUS else {"partner_unit": base.partner}
    by = play.unit_officer if kind == Mentor.Kind.CAMPUS else play.partner_officer
    made = Mentor.objects.create(kind=kind, name=name, entered_by=by.user, entered_on=on, **side)
    Appointment.objects.create(
        base=base, mentor=made, status=Appointment.Status.APPOINTED, nominated_by=by.user, nominated_on=on,
        decided_by=play.unit_officer.user, decided_on=on, starts_on=on, ends_on=on + relativedelta(years=3),
    )  # fmt: skip
    return made


def offer(play: Play, base: Base, on: date, title: str, places: int) -> Post:
    """The partner offers places."""
    return posts.save(
        base=base, acting=play.partner_officer, on=on, year=on.year, title=title, department="数据技术部", places=places, level="",
        work="参与生产系统的日常工作，在企业导师指导下完成一个专题。", requirements="能够连续在岗。", location="合作单位园区", stipend=1500,
    )  # fmt: skip


def select(
    play: Play, base: Base, on: date, post: Post, chosen: Sequence[Student], starts_on: date, ends_on: date
) -> list[Placement]:
    """The unit selects students for a post."""
    campus = mentor(play, base, Mentor.Kind.CAMPUS, "林知远", on)
    return placements.select(
        base=base, post=post, students=[each.pk for each in chosen], acting=play.unit_officer, on=on, starts_on=starts_on, ends_on=ends_on,
        campus_mentor=campus.pk,
    )  # fmt: skip


def take(play: Play, base: Base, on: date, chosen: Sequence[Placement]) -> None:
    """The partner takes them, with a mentor and lodging."""
    industry = mentor(play, base, Mentor.Kind.INDUSTRY, "宋启明", on)
    placements.accept(
        base=base, placements=[each.pk for each in chosen], acting=play.partner_officer, on=on, industry_mentor=industry.pk,
        lodging=Placement.Lodging.PARTNER, lodging_note="园区宿舍，食堂用餐。",
    )  # fmt: skip


def prepare(play: Play, base: Base, on: date, chosen: Sequence[Placement]) -> None:
    """Safety agreements are signed, insurances bought."""
    keys = [each.pk for each in chosen]
    placement_starts.record_safety(
        base=base,
        placements=keys,
        acting=play.partner_officer,
        on=on,
        signed_on=on,
        file=play.paper("实践安全协议.pdf"),
    )
    by_unit = Ground.of([base.pk], on).insurer(base.pk) == "unit"
    placement_starts.record_insurance(
        base=base, placements=keys, acting=play.unit_officer if by_unit else play.partner_officer, on=on, insurer="虚构财产保险公司",
        policy_number=f"{on.year}{keys[0]:08}", insured_from=on, insured_until=max(each.ends_on for each in chosen),
    )  # fmt: skip


def start(play: Play, base: Base, on: date, chosen: Sequence[Placement]) -> None:
    """They arrive."""
    keys = [each.pk for each in chosen]
    placement_starts.start(base=base, placements=keys, acting=play.partner_officer, on=on, arrived_on=on)


def _leave_early(play: Play, base: Base, placement: Placement, on: date) -> None:
    placement_changes.ask(
        base=base, placement=placement.pk, acting=play.unit_officer, on=on, kind="early", reason="学位论文开题提前。",
        ends_on=on + relativedelta(months=1),
    )  # fmt: skip
