"""导师队伍 (第十一条；协议：导师队伍): who becomes a mentor of a base: nominated by the partner, appointed by the training unit for a term."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from agreements.models import Appointment, Mentor, Placement
from agreements.services import appointment_letters
from agreements.services.standing import living, must_be
from bases.models import Base
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.roles import Role

Status, Kind = Appointment.Status, Mentor.Kind
# 惯例: an appointment is for three years unless another term is entered; nobody is appointed for more than five.
TERM_YEARS, LONGEST_YEARS = 3, 5


def usual_end(starts_on: date) -> date:
    """The last day of an appointment of the usual length."""
    return starts_on + relativedelta(years=TERM_YEARS) - timedelta(days=1)


def longer_than(years: int, starts_on: date, ends_on: date) -> bool:
    """Whether a term takes more than so many years; for any dates that a form may bring."""
    return (ends_on.year - starts_on.year, ends_on.month, ends_on.day) >= (years, starts_on.month, starts_on.day)


def _same_person(*, kind: str, base: Base, name: str, department: str = "") -> Mentor | None:
    """Somebody of this name on the same side who is registered already; two departments make two people."""
    side = {"training_unit": base.training_unit} if kind == Kind.CAMPUS else {"partner_unit": base.partner}
    found = Mentor.objects.filter(kind=kind, name=name.strip(), **side)
    if department.strip():
        found = found.filter(Q(department="") | Q(department=department.strip()))
    return found.order_by("pk").first()


def _register(*, kind: str, base: Base, by: Acting | None, on: date, person: dict[str, Any]) -> Mentor:
    """Register a new person of the side of the kind; one of this name in the same department is to be chosen instead."""
    if by is not None and _same_person(
        kind=kind, base=base, name=person["name"], department=person.get("department", "")
    ):
        raise Refused(
            _("“%(name)s”已经登记过，请在“已登记的人员”中选择；确是同名的另一人，请填写不同的部门。")
            % {"name": person["name"]}
        )
    side = {"training_unit": base.training_unit} if kind == Kind.CAMPUS else {"partner_unit": base.partner}
    return Mentor.objects.create(kind=kind, entered_by=by.user if by else None, entered_on=on, **side, **person)


def _refuse_second(base: Base, mentor: Mentor, starts_on: date) -> None:
    """Raises Refused where the mentor is nominated for the base already, or appointed on that day or later."""
    own = Appointment.objects.filter(base=base, mentor=mentor)
    if own.filter(status=Status.NOMINATED).exists():
        raise Refused(_("%(name)s已经推荐，正在等待聘任。") % {"name": mentor.name})
    if own.filter(status=Status.APPOINTED, ends_on__gte=starts_on).exists():
        raise Refused(_("%(name)s正在本基地受聘；聘期将满时请办理续聘。") % {"name": mentor.name})


@transaction.atomic
def nominate(
    *, base: Base, by: Acting, on: date, reason: str, mentor: Mentor | None = None, person: dict[str, Any] | None = None
) -> Appointment:
    """The partner nominates one of its people, registered already or new (``person``: the fields of a Mentor), with a reason.

    Raises NotYours, Overtaken for a base that is not living, Refused.
    """
    locked = living(base)
    must_be(locked, by, "partner")
    if not reason.strip():
        raise Refused(_("请写明推荐理由。"))
    if mentor is None:
        mentor = _register(kind=Kind.INDUSTRY, base=locked, by=by, on=on, person=person or {})
    elif mentor.kind != Kind.INDUSTRY or mentor.partner_unit_id != locked.partner_id:
        raise NotYours(_("只能推荐本单位的人员。"))
    _refuse_second(locked, mentor, on)
    return Appointment.objects.create(
        base=locked,
        mentor=mentor,
        status=Status.NOMINATED,
        nominated_by=by.user,
        nominated_on=on,
        reason=reason.strip(),
    )


@transaction.atomic
def name_campus_mentor(
    *,
    base: Base,
    by: Acting,
    on: date,
    starts_on: date,
    ends_on: date,
    mentor: Mentor | None = None,
    person: dict[str, Any] | None = None,
) -> Appointment:
    """The training unit names one of its own teachers, appointed at once for a term; the letter is set by the worker."""
    locked = living(base)
    must_be(locked, by, "unit")
    _check_term(starts_on, ends_on, on)
    if mentor is None:
        mentor = _register(kind=Kind.CAMPUS, base=locked, by=by, on=on, person=person or {})
    elif mentor.kind != Kind.CAMPUS or mentor.training_unit_id != locked.training_unit_id:
        raise NotYours(_("校内导师只能是本单位的教师。"))
    _refuse_second(locked, mentor, starts_on)
    made = Appointment.objects.create(
        base=locked, mentor=mentor, status=Status.APPOINTED, nominated_by=by.user, nominated_on=on, decided_by=by.user,
        decided_on=on, starts_on=starts_on, ends_on=ends_on,
    )  # fmt: skip
    appointment_letters.ask(made)
    return made


@transaction.atomic
def appoint(
    *, base: Base, appointments: Iterable[Appointment], by: Acting, on: date, starts_on: date, ends_on: date
) -> list[Appointment]:
    """The training unit appoints nominated mentors for one term, all of them or none; each gets a letter.

    Raises Overtaken when one of them no longer waits (withdrawn, declined or appointed meanwhile), NotYours, Refused.
    """
    locked = living(base)
    must_be(locked, by, "unit")
    chosen = sorted({appointment.pk for appointment in appointments})
    if not chosen:
        raise Refused(_("请至少选择一名待聘任的导师。"))
    _check_term(starts_on, ends_on, on)
    found = _locked(Appointment.objects.filter(base=locked, pk__in=chosen))
    gone = [each.mentor.name for each in found if each.status != Status.NOMINATED]
    if gone or len(found) != len(chosen):
        raise Overtaken(_("没有聘任：%(names)s已不在待聘任名单中，请刷新后重新选择。") % {"names": "、".join(gone)})
    for each in found:
        each.status, each.starts_on, each.ends_on = Status.APPOINTED, starts_on, ends_on
        each.decided_by, each.decided_on = by.user, on
        each.save()
        appointment_letters.ask(each)
    return found


@transaction.atomic
def decline(*, appointment: Appointment, by: Acting, on: date, reason: str) -> Appointment:
    """The training unit does not appoint a nominated mentor, and says why."""
    found = _waiting(appointment, by, "unit")
    if not reason.strip():
        raise Refused(_("请写明不予聘任的原因，合作单位可以看到。"))
    found.status, found.decided_by, found.decided_on = Status.DECLINED, by.user, on
    found.decision_note = reason.strip()
    found.save()
    return found


@transaction.atomic
def withdraw(*, appointment: Appointment, by: Acting, on: date, reason: str = "") -> Appointment:
    """The partner takes a nomination back that has not been decided."""
    found = _waiting(appointment, by, "partner")
    found.status, found.decided_by, found.decided_on = Status.WITHDRAWN, by.user, on
    found.decision_note = reason.strip()
    found.save()
    return found


@transaction.atomic
def renew(*, appointment: Appointment, by: Acting, on: date, ends_on: date) -> Appointment:
    """The training unit appoints a mentor for another term: a new row that begins the day after the one before, or today if that is past.

    Raises Overtaken when it was renewed or ended meanwhile.
    """
    found = _of_living(appointment, by, "unit")
    if found.status != Status.APPOINTED or found.ends_on is None:
        raise Overtaken(_("这次聘任当前为“%(status)s”，不能续聘。") % {"status": found.get_status_display()})
    if Appointment.objects.filter(renews=found).exists():
        raise Overtaken(_("%(name)s的这次聘任已经续聘，没有重复办理。") % {"name": found.mentor.name})
    starts_on = max(found.ends_on + timedelta(days=1), on)
    _refuse_second(found.base, found.mentor, starts_on)
    _check_term(starts_on, ends_on, on)
    made = Appointment.objects.create(
        base=found.base, mentor=found.mentor, status=Status.APPOINTED, nominated_by=by.user, nominated_on=on,
        decided_by=by.user, decided_on=on, starts_on=starts_on, ends_on=ends_on, renews=found,
    )  # fmt: skip
    appointment_letters.ask(made)
    return made


@transaction.atomic
def end(*, appointment: Appointment, by: Acting, on: date, ended_on: date, reason: str) -> Appointment:
    """The training unit ends an appointment before its term; ``ended_on`` is its last day. The letter no longer stands.

    Raises Refused while students in the base are guided by the mentor beyond that day.
    """
    found = _of_living(appointment, by, "unit")
    if found.status != Status.APPOINTED or found.starts_on is None or found.ends_on is None:
        raise Overtaken(_("这次聘任当前为“%(status)s”，不能解聘。") % {"status": found.get_status_display()})
    if not reason.strip():
        raise Refused(_("请写明解聘原因。"))
    if ended_on > on:
        raise Refused(_("解聘日期 %(day)s 还没有到。") % {"day": ended_on.isoformat()})
    if ended_on >= found.ends_on:
        raise Refused(_("聘期到 %(day)s 已经届满，不需要解聘。") % {"day": found.ends_on.isoformat()})
    running = _guided(found).count()
    if running and not Appointment.objects.filter(renews=found, status=Status.APPOINTED).exists():
        raise Refused(
            _("%(name)s还在指导 %(n)s 名实践中的研究生，请先为他们更换导师，再办理解聘。")
            % {"name": found.mentor.name, "n": running}
        )
    found.status, found.ended_on, found.ended_reason = Status.ENDED, ended_on, reason.strip()
    found.save()
    appointment_letters.take_back(found, on=on)
    return found


def _guided(appointment: Appointment) -> QuerySet[Placement]:
    own = Q(campus_mentor=appointment.mentor_id) | Q(industry_mentor=appointment.mentor_id)
    return Placement.objects.filter(own, base=appointment.base_id, status=Placement.Status.RUNNING)


def _locked(found: QuerySet[Appointment]) -> list[Appointment]:
    related = ("mentor", "base")
    return list(found.select_for_update(of=("self",)).select_related(*related).order_by("pk"))


def _of_living(appointment: Appointment, by: Acting, side: str) -> Appointment:
    locked = living(appointment.base)
    must_be(locked, by, side)
    (found,) = _locked(Appointment.objects.filter(pk=appointment.pk))
    found.base = locked
    return found


def _waiting(appointment: Appointment, by: Acting, side: str) -> Appointment:
    found = _of_living(appointment, by, side)
    if found.status != Status.NOMINATED:
        raise Overtaken(_("这项推荐当前为“%(status)s”，没有办理。") % {"status": found.get_status_display()})
    return found


def _check_term(starts_on: date, ends_on: date, on: date) -> None:
    if ends_on <= starts_on:
        raise Refused(_("聘期至应晚于聘期自 %(day)s。") % {"day": starts_on.isoformat()})
    if ends_on <= on:
        raise Refused(_("聘期至 %(day)s 已经过去，请填写今后的日期。") % {"day": ends_on.isoformat()})
    if longer_than(LONGEST_YEARS, starts_on, ends_on):
        raise Refused(_("一次聘任最长 %(n)s 年，到期可以续聘。") % {"n": LONGEST_YEARS})


@transaction.atomic
def update_mentor(*, mentor: Mentor, by: Acting, on: date, **values: Any) -> Mentor:
    """Correct what is known of a mentor, but for the name: the partner its own people, the training unit its own teachers."""
    locked = Mentor.objects.select_for_update().get(pk=mentor.pk)
    if not may_update(locked, by):
        raise NotYours(_("导师信息由其所在单位更正：校内导师由培养单位，行业产业导师由合作单位。"))
    for key, value in values.items():
        setattr(locked, key, value)
    locked.changed_by, locked.changed_on = by.user, on
    locked.save()
    return locked


def may_update(mentor: Mentor, by: Acting) -> bool:
    """Whether this person corrects the entry of a mentor."""
    if by.role == Role.UNIT_OFFICER:
        return by.unit_id is not None and mentor.training_unit_id == by.unit_id
    return by.role == Role.PARTNER_OFFICER and by.partner_id is not None and mentor.partner_unit_id == by.partner_id


@dataclass(frozen=True)
class CampusPerson:
    """A 校内导师 as the recognised application names them; ``title`` is a ProfessionalTitle value or empty."""

    name: str
    department: str = ""
    title: str = ""
    direction: str = ""


@dataclass(frozen=True)
class IndustryPerson:
    """A 行业产业导师 as the recognised application names them, with the 聘任文号 and the end of the term where they have one."""

    name: str
    employer: str = ""
    post: str = ""
    title: str = ""
    degree: str = ""
    years: int | None = None
    document: str = ""
    appointed_until: date | None = None


@transaction.atomic
def take_over(
    *, base: Base, campus: Iterable[CampusPerson], industry: Iterable[IndustryPerson], on: date, by: Acting
) -> list[Appointment]:
    """Turn the mentors whom the recognised application names into mentors of the base from ``on``; safe to repeat.

    Teachers of the unit are appointed for the usual term. People of the partner are appointed where the application names a document
    and a term that still runs, otherwise nominated for the unit to decide. Nobody decides here, so nobody is named as who did; ``by``
    is who published the recognition.
    """
    made = []
    for teacher in campus:
        if teacher.name.strip():
            facts = {"department": teacher.department, "title": teacher.title, "direction": teacher.direction}
            term = {"decided_on": on, "starts_on": on, "ends_on": usual_end(on), "status": Status.APPOINTED}
            made.append(_taken_over(base, Kind.CAMPUS, teacher.name, facts, term, on))
    for expert in industry:
        if expert.name.strip() and base.partner is not None:
            elsewhere = expert.employer if expert.employer.strip() != base.partner.name else ""
            known: dict[str, Any] = {
                "department": elsewhere[:60], "post": expert.post, "title": expert.title, "degree": expert.degree,
                "years": expert.years,
            }  # fmt: skip
            made.append(_taken_over(base, Kind.INDUSTRY, expert.name, known, _industry_term(expert, on), on))
    return [each for each in made if each is not None]


def _industry_term(expert: IndustryPerson, on: date) -> dict[str, Any]:
    until = expert.appointed_until
    if expert.document.strip() and until is not None and until > on:
        return {
            "status": Status.APPOINTED, "decided_on": on, "starts_on": on, "ends_on": until,
            "document": expert.document.strip(),
        }  # fmt: skip
    return {"status": Status.NOMINATED, "reason": _("申报书所列的行业产业导师。")}


def _taken_over(
    base: Base, kind: str, name: str, known: dict[str, Any], term: dict[str, Any], on: date
) -> Appointment | None:
    mentor = _same_person(kind=kind, base=base, name=name, department=known["department"])
    if mentor is None:
        mentor = _register(kind=kind, base=base, by=None, on=on, person={"name": name.strip(), **known})
    if Appointment.objects.filter(base=base, mentor=mentor).exists():
        return None
    note = "" if term["status"] == Status.NOMINATED else _("按认定的申报书登记。")
    return Appointment.objects.create(base=base, mentor=mentor, nominated_on=on, decision_note=note, **term)
