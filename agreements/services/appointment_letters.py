"""聘书: the letter of an appointment as PDF under a code of its own, issued by the training unit (协议：导师队伍)."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import Appointment, Mentor
from agreements.services.standing import must_be
from portal import jobs, typesetting, verification
from portal.acting import Acting
from portal.errors import Overtaken
from portal.models import OutboxJob
from portal.typesetting import chinese_date

JOB = PURPOSE = "appointment_letter"
Status = Appointment.Status


def ask(appointment: Appointment) -> None:
    """Have the worker set the letter, once."""
    jobs.enqueue(JOB, key=_key(appointment), again=True, appointment_id=appointment.pk)


def state(appointment: Appointment) -> str:
    """Where the letter is: ``ready``, ``pending``, or ``none`` where none is on its way."""
    return states([appointment])[appointment.pk]


def states(appointments: Sequence[Appointment]) -> dict[int, str]:
    """The same for many, by the key of the appointment; one query."""
    keys = {_key(each): each.pk for each in appointments if each.letter_id is None}
    waiting = OutboxJob.objects.filter(key__in=keys, state=OutboxJob.State.PENDING).values_list("key", flat=True)
    pending = {keys[key] for key in waiting}
    return {
        each.pk: "ready" if each.letter_id else "pending" if each.pk in pending else "none" for each in appointments
    }


def _key(appointment: Appointment) -> str:
    return f"{JOB}:{appointment.pk}"


@transaction.atomic
def ask_again(*, appointment: Appointment, by: Acting, on: date) -> None:
    """The unit has a letter set that was not made: the worker failed, or the appointment was made outside the portal.

    Raises Overtaken where there is a letter, or one is on its way, or the appointment does not stand.
    """
    must_be(appointment.base, by, "unit")
    if appointment.status != Status.APPOINTED or state(appointment) != "none":
        raise Overtaken(_("聘书已经生成或者正在生成，不需要再办理。请刷新后再看。"))
    ask(appointment)


@transaction.atomic
def make_letter(appointment_id: int) -> Appointment:
    """Set the letter of an appointment; safe to repeat, it is made once, and not for one that has ended meanwhile."""
    found = (
        Appointment.objects.select_for_update(of=("self",))
        .select_related("base__training_unit", "base__partner", "mentor")
        .get(pk=appointment_id)
    )
    if found.letter_id is not None or found.status != Status.APPOINTED or found.decided_on is None:
        return found
    issuer, mentor = found.base.training_unit.name, found.mentor
    content = typesetting.render_pdf("portal/documents/official.html", _letter(found, issuer))
    title = _("%(name)s聘书") % {"name": mentor.name}
    found.record = verification.open_record(
        kind=_("导师聘书"), title=title, issuer=issuer, issued_on=found.decided_on, public=False
    )
    found.letter = verification.keep_generated(found.record, content, name=f"{title}.pdf", purpose=PURPOSE)
    found.save(update_fields=["record", "letter"])
    return found


def take_back(appointment: Appointment, *, on: date) -> None:
    """Say where the letter is verified that the appointment has ended before its term."""
    if appointment.record is not None:
        verification.withdraw(appointment.record, on=on, reason=_("聘任已提前结束。"))


def _letter(appointment: Appointment, issuer: str) -> dict[str, object]:
    """What the letter says, as the template of official papers takes it."""
    mentor, base = appointment.mentor, appointment.base
    words = {"base": base.name, "kind": mentor.get_kind_display()}
    for key, day in (("from", appointment.starts_on), ("to", appointment.ends_on)):
        words[key] = chinese_date(day) if day else ""
    who = base.partner.name if mentor.kind == Mentor.Kind.INDUSTRY and base.partner else issuer
    about = "".join(filter(None, (who, mentor.department if mentor.department != who else "", mentor.post)))
    return {
        "title": _("聘书"),
        "addressee": _("%(about)s%(name)s同志") % {"about": about, "name": mentor.name},
        "paragraphs": [
            _("兹聘请您担任“%(base)s”%(kind)s，聘期自%(from)s至%(to)s。") % words,
            _("请按照联合培养协议和研究生培养方案，与另一方导师共同指导进入基地的研究生，参加导师培训和年度考核。"),
        ],
        "issuer": issuer,
        "signatory": issuer,
        "number": "",
        "document_date": appointment.decided_on,
        "signed": False,
    }
