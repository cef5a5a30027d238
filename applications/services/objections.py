"""异议: what is objected to a base of a notice, with real name, and what the handling office does with it (第八条（二）（四）)."""

from collections.abc import Sequence
from datetime import date

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from applications import deadlines
from applications.models import (
    Objection,
    ObjectionCounter,
    ObjectionFile,
    ObjectionLook,
    ObjectionRecord,
    PublicNotice,
)
from applications.services.declaring import newest_applications
from bases.lifecycle import RULES, Evidence
from bases.models import Base
from bases.services.lifecycle import advance, lock
from portal import calendar, uploads
from portal.acting import Acting
from portal.calendar import CalendarNotLoaded
from portal.errors import NotYours, Overtaken, Refused
from portal.models import User
from portal.roles import Role

EVIDENCE, RECORDS = "objection_evidence", "objection_record"
Status = Objection.Status
Uploads = UploadedFile | Sequence[UploadedFile] | None


@transaction.atomic
def file_objection(
    *,
    notice: PublicNotice,
    base: Base,
    name: str,
    phone: str,
    grounds: str,
    on: date,
    email: str = "",
    evidence: Uploads = None,
    kind: str = Objection.Kind.PERSON,
    contact_person: str = "",
    address: str = "",
) -> Objection:
    """File an objection with real name, within the period, against a base of the notice.

    It is given its number (异〔2026〕12号, without gaps) and its lookup code; the day by which it must be accepted is fixed.
    The base is locked first, so that a recommendation or recognition at the same moment either sees the objection or comes before it.
    """
    locked = _listed(notice, base)
    notice = PublicNotice.objects.select_related("round__policy").get(
        pk=notice.pk
    )  # it may have been withdrawn meanwhile
    if not notice.is_running(on):
        raise Refused(outside_the_period(notice, on))
    said = {"kind": kind, "name": name, "contact_person": contact_person, "phone": phone, "email": email}
    made = _number(Objection(notice=notice, base=locked, grounds=grounds, address=address, filed_on=on, **said))
    _keep(made, evidence, purpose=EVIDENCE)
    return made


@transaction.atomic
def enter_letter(
    *,
    notice: PublicNotice,
    base: Base,
    received_on: date,
    received_by: str,
    grounds: str,
    by: Acting,
    on: date,
    name: str = "",
    phone: str = "",
    email: str = "",
    address: str = "",
    kind: str = Objection.Kind.PERSON,
    contact_person: str = "",
    evidence: Uploads = None,
) -> Objection:
    """Enter an objection that came to the office as a letter; who received it and when stands on it.

    One that was received after the period is entered all the same, holds nothing up and can only be declined as late. One
    without a name or a telephone number can only be declined as anonymous.
    """
    locked = _listed(notice, base)
    if not _of_the_office(by, notice) or by.user is None:
        raise NotYours(_("信函异议由发布公示的部门录入。"))
    refuse_own_base(by, locked)
    if reason := letter_date_reason(notice, received_on, on):
        raise Refused(reason)
    said = {"kind": kind, "name": name, "contact_person": contact_person, "phone": phone, "email": email}
    made = _number(
        Objection(
            notice=notice, base=locked, grounds=grounds, address=address, filed_on=received_on,
            received_by=received_by, entered_by=by.user, **said,
        )
    )  # fmt: skip
    _keep(made, evidence, purpose=EVIDENCE, by=by)
    _look(made, by)  # whoever types the name in has seen it
    return made


def letter_date_reason(notice: PublicNotice, received_on: date, on: date) -> str:
    """Why a letter to a notice cannot have come on that day; empty when it can."""
    if received_on > on:
        return _("收到日期 %(day)s 还没有到，请填写实际收到的日期。") % {"day": received_on.isoformat()}
    if received_on < notice.published_on:
        words = {"day": received_on.isoformat(), "start": notice.published_on.isoformat()}
        return _("收到日期 %(day)s 早于公示的发布日期 %(start)s，请核对。") % words
    if notice.withdrawn_on is not None and received_on > notice.withdrawn_on:
        words = {"day": received_on.isoformat(), "withdrawn": notice.withdrawn_on.isoformat()}
        return _("公示已于 %(withdrawn)s 撤回，%(day)s 收到的信函请录入重新发布的公示。") % words
    return ""


def outside_the_period(notice: PublicNotice, on: date) -> str:
    """Why an objection is not taken on that day, and whom to turn to instead."""
    return _(
        "公示期为 %(start)s 至 %(end)s，今天是 %(on)s，不在受理期内，异议没有提交。如有线索，可向监督部门反映：%(office)s，%(contact)s。"
    ) % {
        "start": notice.published_on.isoformat(),
        "end": notice.ends_on.isoformat(),
        "on": on.isoformat(),
        "office": notice.supervision_office,
        "contact": notice.contact,
    }


def _person(by: Acting) -> User:
    if by.user is None:
        raise NotYours(_("异议由发布公示的部门办理。"))
    return by.user


def _listed(notice: PublicNotice, base: Base) -> Base:
    locked = lock(base.pk)
    if not notice.entries.filter(base=locked).exists():
        raise Refused(_("该基地不在这份公示名单中，请核对后重新选择。"))
    return locked


def _number(objection: Objection) -> Objection:
    """Save it with the next number of its office and year; the counter's row is locked until the transaction ends."""
    if objection.kind == Objection.Kind.UNIT and not objection.contact_person:
        raise Refused(_("以单位名义提出的，请填写联系人。"))
    unit_id, year = objection.notice.issuer_unit_id, objection.filed_on.year
    ObjectionCounter.objects.get_or_create(issuer_unit_id=unit_id, year=year)
    counter = ObjectionCounter.objects.select_for_update().get(issuer_unit_id=unit_id, year=year)
    counter.last += 1
    counter.save(update_fields=["last"])
    objection.issuer_unit_id, objection.year, objection.serial = unit_id, year, counter.last
    days = objection.notice.policy.objection_accept_days
    try:
        objection.accept_by = deadlines.accept_by(objection.filed_on, days, calendar.load())
    except CalendarNotLoaded:
        objection.accept_by = None  # an objection in time is not refused for want of a calendar; the office is told
    objection.save(force_insert=True)
    return objection


def _keep(
    objection: Objection,
    files: Uploads,
    *,
    purpose: str,
    by: Acting | None = None,
    record: ObjectionRecord | None = None,
) -> None:
    several = [files] if isinstance(files, UploadedFile) else list(files or ())
    for upload in several:
        stored = uploads.store(upload, purpose=purpose, by=by.user if by else None)
        ObjectionFile.objects.create(objection=objection, record=record, stored=stored)


def _of_the_office(acting: Acting, notice: PublicNotice) -> bool:
    if notice.issuer_unit_id is None:
        return acting.role == Role.DEPT_OFFICER
    return acting.role == Role.UNIT_OFFICER and acting.unit_id == notice.issuer_unit_id


def handles(acting: Acting, objection: Objection) -> bool:
    """Whether this person belongs to the office that handles the objection: the one that issued the notice."""
    return _of_the_office(acting, objection.notice)


def is_own_base(acting: Acting, base: Base) -> bool:
    """Whether this person, in another role, fills in the papers of the base: then somebody else handles what is objected to it."""
    return acting.user_id is not None and (
        acting.user_id == base.applicant_id or base.co_applicants.filter(pk=acting.user_id).exists()
    )


def refuse_own_base(by: Acting, base: Base) -> None:
    """Keep whoever fills in the base's own papers from what is objected to it."""
    if is_own_base(by, base):
        raise Refused(_("您是这个基地的申报人，对它提出的异议应当回避，请由本部门其他人员办理。"))


def open_for(objection: Objection, by: Acting, *statuses: str) -> Objection:
    """The objection, locked, in one of these states, for somebody of its office who may handle it.

    Raises NotYours, Refused for who fills in the base's own papers, Overtaken in another state.
    """
    related = ("notice__round__policy", "base")
    locked = Objection.objects.select_for_update(of=("self",)).select_related(*related).get(pk=objection.pk)
    if not handles(by, locked) or by.user is None:
        raise NotYours(_("异议由发布公示的部门办理。"))
    refuse_own_base(by, locked.base)
    if locked.status not in statuses:
        raise Overtaken(
            _("异议当前为“%(status)s”，不能这样办理。请刷新后再看。") % {"status": locked.get_status_display()}
        )
    return locked


def _not_before(day: date, objection: Objection) -> None:
    if day < objection.filed_on:
        raise Refused(_("办理日期早于收到异议的日期 %(day)s，请核对。") % {"day": objection.filed_on.isoformat()})


def accept_reasons(objection: Objection) -> tuple[str, ...]:
    """Why it cannot be accepted, whatever it says: it came late, or nobody stands behind it."""
    if objection.is_late:
        return (_("这件异议在公示期满后收到，只能按“逾期提出”不予受理。"),)
    # Only a letter may lack them; the page that asks has not read who objects.
    nobody = Q(name="") | Q(phone="")
    if objection.on_paper and Objection.objects.filter(nobody, pk=objection.pk).exists():
        return (_("这件异议没有写明真实姓名和手机，只能不予受理。"),)
    return ()


@transaction.atomic
def accept(*, objection: Objection, by: Acting, on: date) -> Objection:
    """Take an objection up; the day by which it must be concluded is fixed. Raises CalendarNotLoaded for an unknown year."""
    locked = open_for(objection, by, Status.SUBMITTED)
    _not_before(on, locked)
    if reasons := accept_reasons(locked):
        raise Refused(reasons)
    days = locked.notice.policy.objection_conclude_days
    locked.conclude_by = deadlines.conclude_by(on, days, calendar.load())
    locked.status, locked.accepted_by, locked.accepted_on = Status.ACCEPTED, by.user, on
    locked.save(update_fields=["status", "accepted_by", "accepted_on", "conclude_by"])
    return locked


@transaction.atomic
def decline(*, objection: Objection, ground: str, reason: str, by: Acting, on: date) -> Objection:
    """Do not take an objection up, on one of the four grounds and with a reason for the objector."""
    locked = open_for(objection, by, Status.SUBMITTED)
    _not_before(on, locked)
    _refuse_empty(reason)
    refuse_naming(locked, reason)
    if (ground == Objection.DeclineGround.LATE) != locked.is_late:
        raise Refused(
            _("这件异议在公示期满后收到，请选择“逾期提出”。")
            if locked.is_late
            else _("这件异议在公示期内收到，不能按“逾期提出”不予受理。")
        )
    locked.status, locked.decline_ground, locked.conclusion = Status.DECLINED, ground, reason.strip()
    locked.handled_by, locked.handled_on = by.user, on
    locked.save(update_fields=["status", "decline_ground", "conclusion", "handled_by", "handled_on"])
    return locked


def _refuse_empty(words: str) -> None:
    if not words.strip():
        raise Refused(_("请写明处理意见和依据，将据此答复异议人。"))


def refuse_naming(objection: Objection, *words: str) -> None:
    """Refuse words that go beyond the office, into the history or a letter, and tell who objected."""
    told = [said for said in (objection.name, objection.contact_person, objection.phone, objection.email) if said]
    if any(said in text for said in told for text in words):
        raise Refused(
            _("文字中出现了异议人的姓名或联系方式。处理意见会写入流转记录和答复，请改用“异议人”，不要写出身份。")
        )


def record_date_reason(objection: Objection, held_on: date, on: date) -> str:
    """Why a step of the investigation cannot have been on that day; empty when it can."""
    if objection.filed_on <= held_on <= on:
        return ""
    words = {"first": objection.filed_on.isoformat(), "last": on.isoformat()}
    return _("日期应在收到异议的 %(first)s 和今天 %(last)s 之间，请核对。") % words


@transaction.atomic
def record_step(
    *,
    objection: Objection,
    kind: str,
    held_on: date,
    people: str,
    content: str,
    by: Acting,
    on: date,
    papers: Uploads = None,
) -> ObjectionRecord:
    """Take down one step of the investigation: who took part, what was found. What stands there is not changed any more."""
    locked = open_for(objection, by, Status.ACCEPTED)
    if reason := record_date_reason(locked, held_on, on):
        raise Refused(reason)
    made = ObjectionRecord.objects.create(
        objection=locked, kind=kind, held_on=held_on, people=people, content=content, recorded_by=_person(by), recorded_on=on
    )  # fmt: skip
    _keep(locked, papers, purpose=RECORDS, by=by, record=made)
    return made


@transaction.atomic
def extend(*, objection: Objection, reason: str, by: Acting, on: date) -> Objection:
    """Extend the time for the conclusion once, before it is over, with a reason. Raises CalendarNotLoaded for an unknown year."""
    locked = open_for(objection, by, Status.ACCEPTED)
    if locked.extended_on is not None or locked.conclude_by is None:
        raise Refused(_("办结期限只能延长一次，已经延长过了。"))
    if on > locked.conclude_by:
        raise Refused(
            _("办结期限 %(day)s 已过，不能再延长，请尽快作出结论。") % {"day": locked.conclude_by.isoformat()}
        )
    if not reason.strip():
        raise Refused(_("请写明延长的理由。"))
    refuse_naming(locked, reason)
    days = locked.notice.policy.objection_extension_days
    locked.extended_to = deadlines.extended_to(locked.conclude_by, days, calendar.load())
    locked.extended_on, locked.extended_by, locked.extended_because = on, by.user, reason.strip()
    locked.save(update_fields=["extended_on", "extended_to", "extended_by", "extended_because"])
    return locked


def takes_off(objection: Objection) -> str:
    """The transition by which an upheld objection takes its base off the list.

    Empty where the base is past it, in a later round, or announced for a result that leaves it where it is.
    """
    name = "decline" if objection.notice.issuer_unit_id else "reject"
    if objection.notice.round_id is None or objection.base.state not in RULES[name].sources:
        return ""
    now = newest_applications().filter(base=objection.base_id, round=objection.notice.round_id)
    return name if now.exists() else ""


@transaction.atomic
def conclude(*, objection: Objection, outcome: str, findings: str, by: Acting, on: date, remedy: str = "") -> Objection:
    """Conclude an objection on the ground of its records (at least one).

    An upheld one takes the base off the list in the same transaction where the person has the right to (第八条（二）: the unit's
    officer, （四）: the department); a partly upheld one leaves it there, and says what is to be done.
    """
    base = lock(objection.base_id)
    locked = open_for(objection, by, Status.ACCEPTED)
    if outcome not in Objection.OUTCOMES:
        raise Refused(_("请选择结论：成立、部分成立或者不成立。"))
    _refuse_empty(findings)
    refuse_naming(locked, findings, remedy)
    if not locked.records.exists():
        raise Refused(_("还没有调查记录，请先登记谈话、查阅材料或者现场核查的情况，再作结论。"))
    if outcome == Status.PARTLY_UPHELD and not remedy.strip():
        raise Refused(_("部分成立的，请写明要采取的处理措施。"))
    locked.status, locked.conclusion = outcome, findings.strip()
    locked.remedy = remedy.strip() if outcome == Status.PARTLY_UPHELD else ""
    locked.handled_by, locked.handled_on = by.user, on
    locked.save(update_fields=["status", "conclusion", "remedy", "handled_by", "handled_on"])
    move = takes_off(locked) if outcome == Status.UPHELD else ""
    if move and by.role in RULES[move].roles_in(base.state):
        reason = _("异议（%(number)s）经查证成立：%(findings)s") % {
            "number": locked.number,
            "findings": findings.strip(),
        }
        locked.base = advance(base, move, by=by, evidence=Evidence(on=on, reason=reason))
    return locked


@transaction.atomic
def look(*, objection: Objection, by: Acting) -> Objection:
    """See who objects and what they handed in; that it was seen, by whom and when, is recorded for good."""
    found = Objection.objects.select_related("notice", "base").get(pk=objection.pk)
    if not handles(by, found):
        raise NotYours(_("异议人的信息只有办理异议的部门可以查看。"))
    refuse_own_base(by, found.base)
    _look(found, by)
    return found


def _look(objection: Objection, by: Acting) -> None:
    ObjectionLook.objects.create(
        objection=objection, user=_person(by), name=by.name, role=by.role, organisation=by.organisation_name
    )
