"""The 示范基地 title (第十七条): granted with its certificate, and taken back with it."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from bases.models import Base, Department, OfficialDocument
from evaluations.models import DemonstrationTitle
from portal import jobs, typesetting, verification
from portal.acting import Acting
from portal.errors import Overtaken
from portal.models import OutboxJob

CERTIFICATE_JOB = PURPOSE = "title_certificate"


def held_by(base: Base) -> DemonstrationTitle | None:
    """The title that a base holds now."""
    return DemonstrationTitle.objects.filter(base=base, lost_on=None).first()


@transaction.atomic
def grant(*, base: Base, number: str, document: OfficialDocument, on: date) -> DemonstrationTitle:
    """Grant the title under its number; the certificate is set by the worker."""
    title = DemonstrationTitle.objects.create(base=base, number=number, granted_on=on, document=document)
    jobs.enqueue(CERTIFICATE_JOB, key=_key(title), title_id=title.pk)
    return title


@transaction.atomic
def lose(*, base: Base, on: date, because: str) -> bool:
    """Take the title back, and say so where its certificate is verified; False when none is held."""
    title = DemonstrationTitle.objects.select_for_update(of=("self",)).filter(base=base, lost_on=None).first()
    if title is None:
        return False
    title.lost_on, title.lost_because = on, because
    title.save(update_fields=["lost_on", "lost_because"])
    _withdraw_record(title)
    return True


def lost_words(base: Base) -> str:
    """The sentence of a document that takes the title back with the base's standing; empty without a title."""
    title = held_by(base)
    words = _("该基地的“研究生联合培养示范基地”称号（编号%(number)s）同时取消。")
    return words % {"number": title.number} if title else ""


@transaction.atomic
def make_certificate(title_id: int) -> DemonstrationTitle:
    """Set the certificate as PDF under a code of its own; safe to repeat, it is made once."""
    title = (
        DemonstrationTitle.objects.select_for_update(of=("self",))
        .select_related("base__training_unit", "base__partner", "document")
        .get(pk=title_id)
    )
    if title.certificate_id is not None:
        return title
    base, issuer = title.base, str(Department.objects.first() or "")
    words = _("研究生联合培养示范基地证书")
    content = typesetting.render_certificate(
        typesetting.Certificate(
            name=base.name,
            units=[str(unit) for unit in (base.training_unit, base.partner) if unit],
            words=_("经考核，评定等级为优秀，授予"),
            title=_("研究生联合培养示范基地"),
            number=title.number,
            valid_from=title.granted_on,
            valid_to=None,
            issuer=issuer,
            issued_on=title.granted_on,
        )
    )
    title.record = verification.open_record(
        kind=words, title=base.name, issuer=issuer, issued_on=title.granted_on, number=title.number
    )
    name = f"{words}（{title.number}）.pdf"
    title.certificate = verification.keep_generated(title.record, content, name=name, purpose=PURPOSE)
    title.save(update_fields=["record", "certificate"])
    _withdraw_record(title)
    return title


def certificate_lacks(base: Base) -> bool:
    """Whether the base holds a title whose certificate is neither made nor on its way."""
    title = held_by(base)
    if title is None or title.certificate_id is not None:
        return False
    return not OutboxJob.objects.filter(key=_key(title), state=OutboxJob.State.PENDING).exists()


@transaction.atomic
def ask_for_certificate(*, base: Base, acting: Acting, on: date) -> DemonstrationTitle:
    """Have the certificate of a held title set that was not made, once more. Raises Overtaken when there is none to be made."""
    title = held_by(base)
    if title is None or not certificate_lacks(base):
        raise Overtaken(_("证书已经生成或者正在生成，不需要再办理。请刷新后再看。"))
    jobs.enqueue(CERTIFICATE_JOB, key=_key(title), again=True, title_id=title.pk)
    return title


def _key(title: DemonstrationTitle) -> str:
    return f"{CERTIFICATE_JOB}:{title.pk}"


def _withdraw_record(title: DemonstrationTitle) -> None:
    if title.record is not None and title.lost_on is not None:
        verification.withdraw(title.record, on=title.lost_on, reason=title.lost_because)
