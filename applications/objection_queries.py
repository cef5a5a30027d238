"""What is seen of objections: without who objected, but for the recorded look of the handling office."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from applications import deadlines
from applications.models import Objection, ObjectionFile, ObjectionLook, PublicNotice
from applications.services.objection_answers import ANSWER_JOB
from portal import calendar
from portal.acting import Acting
from portal.calendar import CalendarNotLoaded
from portal.models import OutboxJob, StoredFile
from portal.roles import Role

# How long after a recorded look the evidence can be opened without recording another one.
LOOK_LASTS = timedelta(minutes=30)
UNANSWERED = "unanswered"


def _of_the_office(acting: Acting, issuer: str) -> Q | None:
    """The condition for what this person's office handles; None where it handles nothing."""
    if acting.role == Role.UNIT_OFFICER:
        return Q(**{issuer: acting.unit_id})
    return Q(**{issuer: None}) if acting.role == Role.DEPT_OFFICER else None


def handled_objections(acting: Acting) -> QuerySet[Objection]:
    """The objections that this person's office handles, without who objected."""
    mine = _of_the_office(acting, "notice__issuer_unit_id")
    found = Objection.objects.select_related("notice__issuer_unit", "base").defer(*Objection.IDENTITY)
    return found.none() if mine is None else found.filter(mine)


def visible_objections(acting: Acting) -> QuerySet[Objection]:
    """What is on this person's list: the office's own; the department's leader reads how the department's stand."""
    if acting.role == Role.DEPT_LEADER:
        found = Objection.objects.select_related("notice__issuer_unit", "base").defer(*Objection.IDENTITY, "grounds")
        return found.filter(notice__issuer_unit=None)
    return handled_objections(acting)


def own_notices(acting: Acting) -> QuerySet[PublicNotice]:
    """The notices of this person's office that went out, to which a letter may object."""
    mine = _of_the_office(acting, "issuer_unit_id")
    return (
        PublicNotice.objects.none() if mine is None else PublicNotice.objects.filter(mine, state__in=PublicNotice.OUT)
    )


def overdue(on: date) -> Q:
    """What should have been accepted, or concluded, before that day."""
    late_to_accept = Q(status=Objection.Status.SUBMITTED, accept_by__lt=on)
    due = Q(extended_to=None, conclude_by__lt=on) | Q(extended_to__lt=on)
    return late_to_accept | Q(status=Objection.Status.ACCEPTED) & due


def find(year: int, serial: int, code: str) -> Objection | None:
    """The objection of a number and its code; the code alone tells whose it is, so both must fit."""
    found = Objection.objects.select_related("notice__issuer_unit", "base", "answer")
    return found.filter(year=year, serial=serial, code=code).first()


def answer_state(objection: Objection) -> str:
    """Where the PDF of the answer is: none, pending, failed or ready."""
    if objection.answer_id is not None:
        return "ready"
    if objection.answered_on is None:
        return "none"
    failed = OutboxJob.objects.filter(key=f"{ANSWER_JOB}:{objection.pk}", state=OutboxJob.State.FAILED).exists()
    return "failed" if failed else "pending"


def looks() -> QuerySet[ObjectionLook]:
    """Who looked at which objector when, for the audit: it names the objection, not the objector."""
    hidden = [f"objection__{name}" for name in (*Objection.IDENTITY, "grounds")]
    return ObjectionLook.objects.select_related("objection__notice", "objection__base").defer(*hidden).order_by("-pk")


def _files(acting: Acting, stored: StoredFile) -> QuerySet[ObjectionFile]:
    return ObjectionFile.objects.filter(stored=stored, objection__in=handled_objections(acting).values("pk"))


def may_download_evidence(acting: Acting, stored: StoredFile) -> bool:
    """An objector's evidence tells who they are: the handling office, shortly after a look that was recorded."""
    looked = ObjectionLook.objects.filter(user=acting.user_id, at__gte=timezone.now() - LOOK_LASTS)
    return _files(acting, stored).filter(objection__in=looked.values("objection")).exists()


def may_download_record(acting: Acting, stored: StoredFile) -> bool:
    """What an investigation brought: the handling office, but for whoever fills in the base's own papers."""
    own = Q(objection__base__applicant=acting.user_id) | Q(objection__base__co_applicants=acting.user_id)
    return _files(acting, stored).exclude(own).exists()


def may_download_answer(acting: Acting, stored: StoredFile) -> bool:
    """The written answer: the handling office here, the objector by number and code."""
    return visible_objections(acting).filter(answer=stored).exists()


def filtered(found: QuerySet[Objection], *, state: str, notice: str, late: bool, on: date) -> QuerySet[Objection]:
    """The objections in a state (``unanswered``: closed, but not answered yet), to a notice, overdue; what makes no sense filters nothing."""
    if state in Objection.Status.values:
        found = found.filter(status=state)
    elif state == UNANSWERED:
        found = found.exclude(status__in=Objection.OPEN).filter(answered_on=None)
    if notice.isascii() and notice.isdigit() and len(notice) <= 12:
        found = found.filter(notice_id=int(notice))
    return found.filter(overdue(on)) if late else found


def time_left(due: date | None, on: date, working: calendar.WorkingCalendar) -> str:
    """The time up to a deadline in working days, in words; empty without one."""
    if due is None:
        return ""
    try:
        left = deadlines.working_days_left(due, on, working)
    except CalendarNotLoaded:
        return ""
    if due < on:
        return _("已逾期 %(n)s 个工作日") % {"n": -left} if left else _("已逾期")
    return _("还剩 %(n)s 个工作日") % {"n": left} if left else _("今天到期")


@dataclass(frozen=True)
class Step:
    """One line of an objection's own history, as the timeline shows it."""

    on: date
    label: str
    actor_name: str = ""
    reason: str = ""
    at: datetime | None = None


def steps(objection: Objection) -> list[Step]:
    """What has happened to an objection, in order; who objected stands nowhere in it."""
    found = objection
    came = _("收到信函（收件人：%(who)s）") % {"who": found.received_by} if found.on_paper else _("异议人提交")
    out = [Step(found.filed_on, came, found.entered_by.full_name if found.entered_by else "", at=found.filed_at)]
    if found.accepted_on and found.accepted_by:
        out.append(Step(found.accepted_on, _("受理"), found.accepted_by.full_name))
    for record in found.records.all():
        label = _("调查：%(kind)s") % {"kind": record.get_kind_display()}
        out.append(Step(record.held_on, label, record.recorded_by.full_name, at=record.recorded_at))
    if found.extended_on and found.extended_by and found.extended_to:
        label = _("办结期限延长至 %(day)s") % {"day": found.extended_to.isoformat()}
        out.append(Step(found.extended_on, label, found.extended_by.full_name, found.extended_because))
    if found.handled_on and found.handled_by:
        reason = "\n".join(filter(None, (found.conclusion, found.remedy)))
        out.append(Step(found.handled_on, str(found.get_status_display()), found.handled_by.full_name, reason))
    if found.answered_on and found.answered_by:
        out.append(Step(found.answered_on, _("书面答复"), found.answered_by.full_name))
    return sorted(out, key=lambda step: step.on)
