"""What happens in the demo: one story a base, dated back from today, so that every state is there and plausible today.

A story is a generator: it yields the day on which it goes on and is sent the day on which it does, which is the office day before.
``programme`` says which base has which story; ``loading`` tells all of them together in the order of their days, with the daily job in between.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from django.core.files.uploadedfile import SimpleUploadedFile

from applications.models import PublicNotice, Round
from applications.services import declaring, drafting, letters, notice_drafts, quotas, recognising, rounds
from bases.lifecycle import Grade
from bases.models import Base, TrainingUnit
from evaluations.demo.cast import FACTS, Cast
from evaluations.demo.cooperation import organise
from evaluations.demo.play import SCORES, Play
from evaluations.services import assessing
from portal.calendar import WorkingCalendar
from portal.roles import Role

Story = Generator[date, date, Base]
SPREAD = (0, 3, -3)

# From the first line to the recognition document: how many days before it each step is taken.
WAY = (
    ("draft", 150),
    ("declare", 143),
    ("review", 131),
    ("publish_unit_notice", 128),
    ("recommend", 112),
    ("open_review", 103),
    ("score", 90),
    ("shortlist", 80),
    ("deliberate", 70),
    ("publish_recognition_notice", 45),
    ("recognise", 25),
    ("publish_document", 0),
)
# From the opening of an assessment to its grade, in days.
GRADING = (("report", 35), ("assign_assessors", 48), ("score", 62), ("propose", 70), ("decide", 80))


@dataclass
class DemoPlay(Play):
    """Steps in a round that opened a fortnight before its first application, and that is still open today."""

    today: date = date.max

    def round(self, on: date, places: int = 0) -> Round:
        """The round of the year, its quotas by the formula; raises Refused as the service does."""
        found = Round.objects.filter(year=on.year).first()
        if found is not None:
            return found
        closes_on = date(on.year, 12, 31)
        if on.year == self.today.year:
            closes_on = max(closes_on, self.today + timedelta(days=30))
        for unit in TrainingUnit.objects.filter(name__in=FACTS):
            categories, students, first_class = FACTS[unit.name]
            quotas.save_facts(
                unit=unit, year=on.year, categories=categories, professional_students=students - 60 * (self.today.year - on.year),
                double_first_class=first_class, by=self.officer,
            )  # fmt: skip
        opened = rounds.open_round(
            year=on.year,
            opens_on=max(on - timedelta(days=14), date(on.year, 1, 1)),
            closes_on=closes_on,
            recommend_by=closes_on + timedelta(days=31),
            by=self.officer,
            on=on,
        )
        quotas.publish(round=opened, by=self.officer, on=on)
        return opened


def way(play: Play, until: str, reached_on: date, *, total: int = 88, spread: Sequence[int] = SPREAD) -> Story:
    """Everything from the first line of the application to the step ``until``, which is taken on that day.

    ``total`` is what the experts give (0–100), each so much more or less as ``spread`` says.
    """
    offsets = dict(WAY)
    published_on = reached_on + timedelta(days=offsets[until])
    declared_on = published_on - timedelta(days=offsets["declare"])
    # An application belongs to the round of its year.
    on = yield max(published_on - timedelta(days=offsets["draft"]), date(declared_on.year, 1, 1))
    base = play.draft(on)
    for name, days in WAY[1:]:
        on = yield published_on - timedelta(days=days)
        if name == "score":
            play.score(base.panels.get(), total, on, spread=spread)
        else:
            base = getattr(play, name)(base, on)
        if name == until:
            break
    return base


def built(play: Play, published_on: date, *, until: date | None = None) -> Story:
    """Recognised and in construction from that day on; a month later both sides have revised their agreement and organised their work,
    and they renew it in time: by themselves where that comes before ``until``, or the story goes on and calls ``renewed``."""
    base = yield from way(play, "publish_document", published_on)
    revised_on = published_on + timedelta(days=30)
    if isinstance(play, DemoPlay) and revised_on <= play.today:
        on = yield revised_on
        play.revise_agreement(base, on)
        organise(play, base, on, play.today)
    if until is None or _renewal_day(published_on) <= until:
        base = yield from renewed(play, base, published_on)
    return base


def _renewal_day(published_on: date) -> date:
    return published_on + relativedelta(years=3) - timedelta(days=45)


def renewed(play: Play, base: Base, published_on: date) -> Story:
    """Both sides renew their agreement shortly before its three years are over."""
    if isinstance(play, DemoPlay) and _renewal_day(published_on) <= play.today:
        said = "期限改为五年，其余约定不变。"
        play.revise_agreement(base, (yield _renewal_day(published_on)), kind="renewal", term_years=5, changes=said)
    return base


def assessed(play: Play, base: Base, grade: Grade, until: str = "decide") -> Story:
    """From the day on which the daily job opens the next assessment or reassessment to the step ``until``."""
    base = Base.objects.get(pk=base.pk)
    opened_on = base.rectification_ends_on or base.assessment_due_on
    if opened_on is None:
        raise ValueError(f"{base} has no assessment ahead")
    for name, days in GRADING:
        on = yield opened_on + timedelta(days=days)
        if name == "score":
            play.score(base.panels.latest("pk"), SCORES[grade], on, spread=SPREAD)
        elif name in ("propose", "decide"):
            getattr(play, name)(base, grade, on)
        else:
            getattr(play, name)(base, on)
        if name == until:
            break
    return Base.objects.get(pk=base.pk)


@dataclass(frozen=True)
class Part:
    """One base of the demo and its story; ``applicant`` and ``experts`` are accounts, by default the unit's own and whose turn it is."""

    name: str
    unit: str
    partner: str
    category: str
    industry: str
    topic: str
    tell: Callable[[Stage, Play], Story]
    applicant: str = ""
    experts: str = ""


@dataclass
class Stage:
    """The demo's people and its today; each story below is one way for a base to have come to where it is."""

    cast: Cast
    today: date
    calendar: WorkingCalendar
    paper: Callable[[str], SimpleUploadedFile]
    plays: int = 0

    def play(self, part: Part) -> Play:
        """The people for one base; work goes round among officers, leaders and experts."""
        self.plays += 1
        unit = self.cast.units[part.unit]
        experts = part.experts.split() or self._whose_turn(part)
        turn = self.plays % 2 + 1
        applicant = part.applicant or self.cast.holder(Role.APPLICANT, part.unit)
        return DemoPlay(
            unit=unit,
            partner=self.cast.partners[part.partner],
            category=unit.categories.get(code=part.category),
            applicant=self.cast.acting(applicant, Role.APPLICANT),
            unit_officer=self.cast.acting(self.cast.holder(Role.UNIT_OFFICER, part.unit), Role.UNIT_OFFICER),
            partner_officer=self.cast.acting(
                self.cast.holder(Role.PARTNER_OFFICER, part.partner), Role.PARTNER_OFFICER
            ),
            officer=self.cast.acting(f"jingban{turn}", Role.DEPT_OFFICER),
            leader=self.cast.acting(f"shenpi{turn}", Role.DEPT_LEADER),
            experts=[self.cast.acting(username, Role.EXPERT) for username in experts],
            names=[f"{part.name}研究生联合培养基地"],
            topic=part.topic,
            industry=part.industry,
            paper=self.paper,
            one_file_for_all=False,
            today=self.today,
        )

    def _whose_turn(self, part: Part) -> list[str]:
        free = self.cast.free_experts(part.unit, part.partner)
        first = self.plays % len(free)
        return [*free[first:], *free[:first]]

    def ago(self, days: int = 0, years: int = 0) -> date:
        """So many years and days before today; negative days are ahead of that."""
        return self.today - timedelta(days=days) - relativedelta(years=years)

    def this_year(self, days: int) -> date:
        """So many days before today, but not before this year's round can be open."""
        return max(self.ago(days), date(self.today.year, 1, 1))

    def ended_notice(self) -> date:
        """The last office day whose notice of five working days was over before today."""
        day = self.ago(1)
        while not self.calendar.is_working_day(day) or self.calendar.after(day, 5) >= self.today:
            day -= timedelta(days=1)
        return day

    # 申报, 推荐

    def half_filled(self, play: Play) -> Story:
        """A draft with a partner and a category, and not much more."""
        on = yield self.this_year(2)
        return play.begin(on, partner=play.partner, category=play.category, students_trained=3)

    def filled(self, play: Play) -> Story:
        """A draft that can be declared at once; a colleague fills it in too."""
        on = yield self.this_year(3)
        base = play.draft(on)
        colleague = self.cast.acting("duojuese", Role.APPLICANT).user
        return drafting.set_co_applicants(base=base, users=[colleague] if colleague else [], by=play.applicant)

    def returned(self, play: Play) -> Story:
        """A draft that the graduate office has sent back."""
        on = yield self.this_year(10)
        base = play.draft(on)
        on = yield self.this_year(8)
        base = play.declare(base, on)
        on = yield self.this_year(2)
        reason = "合作协议的有效期不清楚，请补充续签的协议后再提交。"
        return declaring.return_for_revision(base=base, acting=play.unit_officer, on=on, reason=reason)

    def objected(self, play: Play, until: str, *, accepted: bool) -> Story:
        """On a notice that is out, with an objection to it that is still open; one that is taken up is being investigated."""
        base = yield from way(play, until, self.ago(4))
        on = yield self.ago(2)
        objection = play.object(base, on)
        if accepted:
            on = yield self.ago(1)
            play.accept_objection(objection, on)
            play.investigate_objection(objection, on)
        return base

    def objected_in_vain(self, play: Play, until: str, reached_on: date) -> Story:
        """On a notice; one objection was declined, another one dismissed after an investigation, both are answered."""
        base = yield from way(play, until, reached_on)
        on = yield reached_on + timedelta(days=1)
        declined, dismissed = play.object(base, on), play.object(base, on)
        play.answer_objection(play.decline_objection(declined, on), on)
        play.accept_objection(dismissed, on)
        play.investigate_objection(dismissed, on)
        on = yield min(reached_on + timedelta(days=4), self.ago(0))
        play.answer_objection(play.conclude_objection(dismissed, "dismissed", on), on)
        return base

    def corrected(self, play: Play) -> Story:
        """On a notice in the place of one that was withdrawn because of a slip."""
        base = yield from way(play, "publish_unit_notice", self.ago(3))
        on = yield self.ago(1)
        return play.correct_notice(base, on, "合作单位的名称漏写了“股份”二字，更正后重新公示。")

    def in_a_draft(self, play: Play) -> Story:
        """Reviewed, and on the unit's list that is still drafted."""
        base = yield from way(play, "review", self.ago(1))
        yield self.today
        notice_drafts.draft_notice(
            kind=PublicNotice.Kind.RECOMMENDATION, round=play.round(self.today), bases=[base], by=play.unit_officer, on=self.today
        )  # fmt: skip
        return base

    def result_before_the_leader(self, play: Play) -> Story:
        """A proposed grade that the officer wants to announce; the notice waits for the leader's approval."""
        base = yield from self.under_grading(play, self.ago(75), Grade.EXCELLENT, "propose")
        on = yield self.today
        drafted = notice_drafts.draft_notice(
            kind=PublicNotice.Kind.ASSESSMENT, round=None, bases=[base], by=play.officer, on=on
        )
        notice_drafts.submit(notice=drafted, by=play.officer, on=on)
        return base

    def not_recommended(self, play: Play) -> Story:
        """Taken off its unit's list by an objection that was upheld, in the last weeks."""
        base = yield from way(play, "publish_unit_notice", self.ago(30))
        on = yield self.ago(27)
        objection = play.accept_objection(play.object(base, on), on)
        play.investigate_objection(objection, on)
        on = yield self.ago(20)
        play.answer_objection(play.conclude_objection(objection, "upheld", on), on)
        return Base.objects.get(pk=base.pk)

    # 评审, 认定

    def not_recognised(self, play: Play) -> Story:
        """Turned down after the review, last year or this."""
        base = yield from way(play, "score", self.ago(60))
        on = yield self.ago(45)
        reason = "专家评审得分低于本年度初步名单的分数线，建议充实前期合作成效后再申报。"
        rejected = recognising.reject(base=base, acting=play.officer, on=on, reason=reason)
        on = yield self.ago(40)
        applications = [declaring.current_application(rejected)]
        letters.send_letters(applications=applications, document_date=on, by=play.officer, on=on)
        return rejected

    # 建设, 考核, 示范

    def under_grading(self, play: Play, opened_on: date, grade: Grade, until: str) -> Story:
        """The assessment opened on that day has come to the step ``until``."""
        base = yield from built(play, opened_on - relativedelta(years=3))
        return (yield from assessed(play, base, grade, until))

    def with_sheets_out(self, play: Play) -> Story:
        """Under assessment, before the experts, of whom one has handed in."""
        base = yield from self.under_grading(play, self.ago(58), Grade.QUALIFIED, "assign_assessors")
        on = yield self.ago(3)
        play.score(base.panels.latest("pk"), 82, on, count=1)
        return base

    def graded(self, play: Play, opened_on: date, grade: Grade) -> Story:
        """Through its first assessment, which opened on that day."""
        return (yield from self.under_grading(play, opened_on, grade, "decide"))

    # 整改

    def with_plan(self, play: Play, decided_on: date) -> Story:
        """Failed on that day, with a plan to rectify."""
        base = yield from self.graded(play, decided_on - timedelta(days=80), Grade.FAILED)
        on = yield decided_on + timedelta(days=40)
        plan = (
            "一、指导：两个月内补聘行业产业导师五名，每名研究生配齐两名导师。\n"
            "二、过程考核：自下学期起逐月考核并留存记录，由合作单位专人负责。\n"
            "三、经费：合作单位补足上一建设期欠缴的投入，设立专账。\n完成时间：整改期届满前三个月。"
        )
        assessing.submit_plan(base=base, acting=play.applicant, on=on, plan=plan)
        return base

    def fallen(self, play: Play) -> Story:
        """First 优秀, then 不合格: the title is lost, the plan not yet there."""
        opened_on = self.ago(100)
        base = yield from built(play, opened_on - relativedelta(years=6))
        base = yield from assessed(play, base, Grade.EXCELLENT)
        return (yield from assessed(play, base, Grade.FAILED))

    def under_reassessment(self, play: Play) -> Story:
        """Two years to rectify are over; the report is in."""
        base = yield from self.with_plan(play, self.ago(days=40, years=2))
        return (yield from assessed(play, base, Grade.QUALIFIED, "report"))

    def reassessed(self, play: Play) -> Story:
        """Rectified and reassessed as 合格: in construction again."""
        base = yield from self.with_plan(play, self.ago(days=220, years=2))
        return (yield from assessed(play, base, Grade.QUALIFIED))

    # 撤销

    def failed_twice(self, play: Play) -> Story:
        """Failed its reassessment too, and revoked."""
        base = yield from self.with_plan(play, self.ago(days=150, years=2))
        base = yield from assessed(play, base, Grade.FAILED)
        on = yield self.ago(50)
        return play.revoke(base, on, reason="整改期满复评仍不合格，依第十九条予以撤销。")

    def struck(self, play: Play) -> Story:
        """Revoked after an accident at the partner."""
        base = yield from built(play, self.ago(years=2))
        on = yield self.ago(75)
        play.report_incident(base, on)
        on = yield self.ago(60)
        play.study_incident(base, on)
        on = yield self.ago(45)
        return play.revoke(base, on)

    def incident_reported(self, play: Play) -> Story:
        """In construction; an incident waits for the department's study."""
        base = yield from built(play, self.ago(days=40, years=1))
        on = yield self.ago(3)
        play.report_incident(base, on)
        return base

    def leaving(self, play: Play, opened_on: date, asked_on: date, *, filed: bool) -> Story:
        """Passed its assessment, then both sides asked to withdraw."""
        base = yield from self.graded(play, opened_on, Grade.QUALIFIED)
        on = yield asked_on
        play.request_withdrawal(base, on)
        if filed:
            on = yield asked_on + timedelta(days=15)
            base = play.file_withdrawal(base, on)
        return base
