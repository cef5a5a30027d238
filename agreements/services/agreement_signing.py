"""联合培养协议 (第十条) from its signatures to its end: the signed scan, its check by the partner, force, succession, termination."""

from datetime import date, timedelta

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.coverage import end_of_term
from agreements.models import Agreement, AgreementRevision, AgreementStep
from agreements.services.agreements import effective_one, lock, note, refuse_unless
from agreements.services.standing import side_of
from bases.models import Policy
from bases.services import lifecycle
from portal import uploads, verification
from portal.acting import Acting
from portal.errors import Overtaken, Refused

SCAN = "agreement_scan"
# A later day than this after the signatures is a slip.
LONGEST_WAIT = timedelta(days=366)
Status, Step = Agreement.Status, AgreementStep.Kind


@transaction.atomic
def sign(
    *, agreement: Agreement, by: Acting, on: date, file: UploadedFile, signed_on: date, effective_on: date | None = None
) -> Agreement:
    """The unit hands in the signed agreement, and may hand in another one until the partner has confirmed.

    It holds from the day of the signatures, or from a later one that the parties agreed on, for the years of its term. Raises Refused
    for days that cannot be.
    """
    locked = lock(agreement, by, "unit")
    refuse_unless(locked, Status.AGREED, Status.SIGNED)
    begins = effective_on or signed_on
    _refuse_days(locked, on, signed_on, begins)
    ends = end_of_term(begins, _years(locked, on))
    if ends <= on:
        raise Refused(_("按约定的期限，协议在 %(day)s 已经到期。") % {"day": ends.isoformat()})
    locked.scan = uploads.store(file, purpose=SCAN, by=by.user)
    locked.signed_on, locked.effective_on, locked.expires_on = signed_on, begins, ends
    locked.status, locked.returned_reason = Status.SIGNED, ""
    locked.save()
    note(locked, Step.SIGNED, by, on, _("签署日期 %(day)s") % {"day": signed_on.isoformat()})
    return locked


def _years(agreement: Agreement, on: date) -> int:
    return agreement.term_years or (agreement.base.policy or Policy.in_force(on)).agreement_years


def _refuse_days(agreement: Agreement, on: date, signed_on: date, begins: date) -> None:
    if signed_on > on:
        raise Refused(_("签署日期 %(day)s 还没有到，请在双方签署之后提交。") % {"day": signed_on.isoformat()})
    if agreement.agreed_on and signed_on < agreement.agreed_on:
        words = {"day": signed_on.isoformat(), "agreed": agreement.agreed_on.isoformat()}
        raise Refused(_("签署日期 %(day)s 早于双方确认文本的日期 %(agreed)s，请核对签署件。") % words)
    if begins < signed_on:
        raise Refused(_("生效日期不能早于签署日期 %(day)s。") % {"day": signed_on.isoformat()})
    if begins - signed_on > LONGEST_WAIT:
        raise Refused(_("生效日期不能晚于签署日期一年以上，请核对。"))
    _refuse_before_the_current(agreement, begins)


def _refuse_before_the_current(agreement: Agreement, begins: date) -> None:
    current = effective_one(agreement.base)
    if current is not None and begins <= current.days[0]:
        words = {"day": current.days[0].isoformat()}
        raise Refused(_("生效日期应晚于现行协议的生效日期 %(day)s。") % words)


def _refuse_unseen(agreement: Agreement, seen_file: int | None) -> None:
    if seen_file != agreement.scan_id:
        raise Overtaken(_("培养单位刚重新提交了签署件，没有办理。请看过新文件再确认。"))


@transaction.atomic
def confirm(*, agreement: Agreement, by: Acting, on: date, seen_file: int | None) -> Agreement:
    """The partner confirms that the scan is what both have signed; the agreement is effective and takes the place of the one before.

    ``seen_file`` is the key of the file that the page had shown: Overtaken is raised when the unit has handed in another one since.
    The task that followed the recognition is done with it.
    """
    locked = lock(agreement, by, "partner")
    refuse_unless(locked, Status.SIGNED)
    _refuse_unseen(locked, seen_file)
    _refuse_before_the_current(locked, locked.days[0])
    _take_over_from(effective_one(locked.base), locked, by, on)
    locked.status = Status.EFFECTIVE
    locked.save(update_fields=["status"])
    if locked.record is not None and locked.scan is not None:
        verification.keep_scan(locked.record, locked.scan)
    note(locked, Step.EFFECTIVE, by, on)
    tasks = AgreementRevision.objects.filter(base=locked.base, done_on=None)
    tasks.update(agreement=locked, done_on=on)
    return locked


def _take_over_from(current: Agreement | None, successor: Agreement, by: Acting, on: date) -> None:
    """The agreement before ends on the day before its successor begins, or at its own end where that comes first."""
    if current is None:
        return
    begins = successor.days[0]
    last = begins - timedelta(days=1)
    current.status = Status.SUPERSEDED
    current.ended_on = last if last < current.days[1] else None
    current.save(update_fields=["status", "ended_on"])
    words = {"day": begins.isoformat(), "what": successor.label}
    why = _("自 %(day)s 起由%(what)s接替。") % words
    if current.record is not None:
        verification.withdraw(current.record, on=on, reason=why)
    current.base = successor.base
    note(current, Step.SUPERSEDED, by, on, why)


@transaction.atomic
def return_scan(*, agreement: Agreement, by: Acting, on: date, reason: str, seen_file: int | None) -> Agreement:
    """The partner sends the scan back: it is not what both have signed. ``seen_file`` as in ``confirm``."""
    locked = lock(agreement, by, "partner")
    refuse_unless(locked, Status.SIGNED)
    _refuse_unseen(locked, seen_file)
    if not reason.strip():
        raise Refused(_("请写明退回原因。"))
    locked.status, locked.returned_reason = Status.AGREED, reason.strip()
    locked.save(update_fields=["status", "returned_reason"])
    note(locked, Step.SCAN_RETURNED, by, on, reason.strip())
    return locked


def _with_its_base(agreement: Agreement) -> Agreement:
    """The agreement locked behind its base, whatever has become of the base: an agreement outlives it."""
    base = lifecycle.lock(agreement.base_id)
    found = Agreement.objects.select_for_update(of=("self",)).get(pk=agreement.pk)
    found.base = base
    return found


@transaction.atomic
def terminate(*, agreement: Agreement, by: Acting, on: date, ending: str, reason: str, ended_on: date) -> Agreement:
    """One side records that the agreement ends before its time (其他事项 1, 4), with ``ended_on`` as its last day; the other side is told.

    Raises NotYours for whoever acts for neither side, Refused without a reason or for a day on which it does not hold.
    """
    locked = _with_its_base(agreement)
    side = side_of(locked.base, by)
    refuse_unless(locked, Status.EFFECTIVE)
    if ending not in Agreement.Ending.values:
        raise Refused(_("请选择终止的原因。"))
    if not reason.strip():
        raise Refused(_("请写明终止的事实和依据，对方会看到。"))
    first, last = locked.days
    if not first <= ended_on <= last:
        words = {"first": first.isoformat(), "last": last.isoformat()}
        raise Refused(_("最后有效日应在协议的有效期 %(first)s 至 %(last)s 之内。") % words)
    locked.status, locked.ended_on = Status.TERMINATED, ended_on
    locked.ending, locked.ended_reason, locked.ended_side = ending, reason.strip(), side
    locked.save(update_fields=["status", "ended_on", "ending", "ended_reason", "ended_side"])
    words = {"day": ended_on.isoformat(), "why": locked.get_ending_display()}
    if locked.record is not None:
        verification.withdraw(locked.record, on=on, reason=_("协议终止，%(day)s 为最后有效日。") % words)
    note(locked, Step.TERMINATED, by, on, (_("%(day)s 为最后有效日；%(why)s。") % words + reason.strip())[:500])
    return locked


@transaction.atomic
def read_ending(*, agreement: Agreement, by: Acting, on: date) -> Agreement:
    """The other side says that it has read of the termination. Raises Refused for the side that recorded it."""
    locked = _with_its_base(agreement)
    side = side_of(locked.base, by)
    refuse_unless(locked, Status.TERMINATED)
    if side == locked.ended_side:
        raise Refused(_("终止由本方登记，等待对方知悉。"))
    if locked.ending_read_on is None:
        locked.ending_read_on = on
        locked.save(update_fields=["ending_read_on"])
        note(locked, Step.READ, by, on)
    return locked
