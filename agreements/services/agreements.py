"""联合培养协议 (第十条) up to its agreed text: the training unit drafts and proposes, the partner agrees or sends back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from agreements.matters import GUIDES, Matter, has_blank
from agreements.models import Agreement, AgreementStep, Clause
from agreements.models.agreement import TEXT_FIELDS
from agreements.services.standing import living, must_be, side_of
from bases.models import Base, Policy
from portal import jobs, verification
from portal.acting import Acting
from portal.errors import Overtaken, Refused

PDF_JOB = "agreement_pdf"
Status, Kind, Step = Agreement.Status, Agreement.Kind, AgreementStep.Kind
# What is not asked for again in a renewal, and what a draft takes over from the agreement before it.
_COPIED = tuple(name for name in TEXT_FIELDS if name not in {"kind", "changes"})
_COPIES_TOTAL, _COPIES_EACH = 4, 2
# Without these nothing is sent: the matters of 第十条 come on top.
_NEEDED = (
    "goals", "term_years", "unit_representative", "partner_representative", "committee_office", "posts_per_year", "insurance_by",
    "pay_standard", "copies_total", "copies_each",
)  # fmt: skip


@dataclass(frozen=True)
class Gap:
    """What an agreement still lacks: the field of its form, and a sentence."""

    field: str
    text: str


def clause_field(matter: str) -> str:
    """The name of a clause's field in the form."""
    return f"clause_{matter}"


def gaps(agreement: Agreement) -> list[Gap]:
    """What stands between a draft and its being sent: terms that are not filled in, matters of 第十条 without words or with blanks."""
    found = [
        Gap(name, _("没有填写“%(what)s”。") % {"what": Agreement._meta.get_field(name).verbose_name})  # type: ignore[union-attr]
        for name in _NEEDED
        if getattr(agreement, name) in (None, "")
    ]
    texts = dict(agreement.clauses.values_list("matter", "text"))
    for matter in Matter:
        text = texts.get(matter, "").strip()
        if not text:
            found.append(Gap(clause_field(matter), _("没有约定“%(what)s”。") % {"what": matter.label}))
        elif has_blank(text):
            words = _("“%(what)s”中还有没有填写的【　】，请填写或者删去。") % {"what": matter.label}
            found.append(Gap(clause_field(matter), words))
    return found


def effective_one(base: Base) -> Agreement | None:
    """The agreement of a base that is marked effective, whatever the day."""
    return Agreement.objects.filter(base=base, status=Status.EFFECTIVE).first()


def is_being_drafted(base: Base) -> bool:
    """Whether the unit writes at an agreement that is not sent yet."""
    return Agreement.objects.filter(base=base, status=Status.DRAFTING).exists()


def possible_kinds(base: Base) -> list[Agreement.Kind]:
    """What a new draft of a base can be: the first agreement, or the revision or renewal of the one before."""
    known = Agreement.objects.filter(base=base, status__in=Agreement.IN_FORCE).exists()
    return [Kind.REVISION, Kind.RENEWAL] if known else [Kind.FIRST]


@transaction.atomic
def start(*, base: Base, by: Acting, on: date, kind: str, changes: str = "") -> Agreement:
    """Begin a draft; a revision or renewal takes over what the newest agreement says and knows it as the one before.

    Raises NotYours for anybody but the unit's graduate office, Overtaken for a base whose cooperation does not go on, Refused where
    a draft is under way already or the kind does not fit.
    """
    locked = living(base)
    must_be(locked, by, "unit")
    under_way = Agreement.objects.filter(base=locked, status__in=Agreement.IN_PROGRESS).first()
    if under_way is not None:
        words = {"what": under_way.label, "status": under_way.get_status_display()}
        raise Refused(_("%(what)s正在办理（%(status)s），办结或者作废之后才能另行起草。") % words)
    if kind not in possible_kinds(locked):
        raise Refused(_("请选择修订或者续签；第一份协议选择签订。"))
    newest = Agreement.objects.filter(base=locked, status__in=Agreement.IN_FORCE).order_by("-version").first()
    last = Agreement.objects.filter(base=locked).aggregate(last=Max("version"))["last"] or 0
    drafted = Agreement(
        base=locked, version=last + 1, kind=kind, predecessor=newest, changes=changes.strip() if newest else "", drafted_by=by.user, drafted_on=on
    )  # fmt: skip
    _begin_with(drafted, newest, locked.policy or Policy.in_force(on))
    drafted.save()
    _begin_clauses(drafted, newest)
    note(drafted, Step.DRAFTED, by, on)
    return drafted


def _begin_with(drafted: Agreement, newest: Agreement | None, policy: Policy) -> None:
    """What the agreement before says, and where it says nothing the values of the policy."""
    if newest is not None:
        for name in _COPIED:
            setattr(drafted, name, getattr(newest, name))
    if newest is None or newest.origin == Agreement.Origin.SCAN:
        drafted.term_years = drafted.term_years or policy.agreement_years
        drafted.stipend_floor_master, drafted.stipend_floor_doctor = (
            policy.stipend_floor_master,
            policy.stipend_floor_doctor,
        )
        drafted.copies_total, drafted.copies_each = _COPIES_TOTAL, _COPIES_EACH


def _begin_clauses(drafted: Agreement, newest: Agreement | None) -> None:
    kept = dict(newest.clauses.values_list("matter", "text")) if newest else {}
    Clause.objects.bulk_create(
        Clause(agreement=drafted, matter=matter, text=kept.get(matter) or str(GUIDES[matter].wording))
        for matter in Matter
    )


def note(agreement: Agreement, kind: str, by: Acting, on: date, words: str = "") -> AgreementStep:
    """Write a step down."""
    side = side_of(agreement.base, by)
    return AgreementStep.objects.create(agreement=agreement, kind=kind, side=side, by=by.user, on=on, note=words)


def lock(agreement: Agreement, by: Acting, side: str) -> Agreement:
    """The agreement as it stands now, its base locked before it, for an act of that side.

    Raises NotYours, and Overtaken for a base whose cooperation does not go on.
    """
    base = living(agreement.base)
    must_be(base, by, side)
    found = Agreement.objects.select_for_update(of=("self",)).get(pk=agreement.pk)
    found.base = base
    return found


def refuse_unless(agreement: Agreement, *allowed: str) -> None:
    """Raises Overtaken for an agreement in another state."""
    if agreement.status not in allowed:
        words = {"status": agreement.get_status_display()}
        raise Overtaken(_("协议当前为“%(status)s”，没有办理。请刷新页面看过再办理。") % words)


def _refuse_unread(agreement: Agreement, seen: int | None) -> None:
    if seen != agreement.revision:
        raise Overtaken(_("您打开本页之后，协议的文本有改动，没有办理。请刷新页面看过最新文本再办理。"))


@transaction.atomic
def save_draft(
    *,
    agreement: Agreement,
    by: Acting,
    on: date,
    seen: int | None,
    values: Mapping[str, Any],
    clauses: Mapping[str, str],
) -> Agreement:
    """Keep a draft as it is typed: fields of the agreement by their name, clauses by their matter.

    ``seen`` is the count of savings that the page had read; Overtaken is raised when another window has saved since.
    """
    locked = lock(agreement, by, "unit")
    refuse_unless(locked, Status.DRAFTING)
    if seen != locked.revision:
        raise Overtaken(_("另一个窗口或者同事刚保存过这份草稿，您现在的改动没有保存。请刷新页面，看过最新内容再改。"))
    unknown = set(values) - set(TEXT_FIELDS) - {"kind"}
    if unknown:
        raise TypeError(f"an agreement has no {sorted(unknown)}")
    for name, value in values.items():
        setattr(locked, name, value)
    locked.revision += 1
    locked.save(update_fields=[*values, "revision"])
    for matter, text in clauses.items():
        Clause.objects.filter(agreement=locked, matter=matter).exclude(text=text).update(text=text)
    return locked


@transaction.atomic
def propose(*, agreement: Agreement, by: Acting, on: date, seen: int | None) -> Agreement:
    """Send the text to the partner. Raises Refused with everything that is missing (第十条 and the terms of the template)."""
    locked = lock(agreement, by, "unit")
    refuse_unless(locked, Status.DRAFTING)
    _refuse_unread(locked, seen)
    missing = gaps(locked)
    if missing:
        raise Refused([gap.text for gap in missing])
    locked.status, locked.returned_reason = Status.PROPOSED, ""
    locked.save(update_fields=["status", "returned_reason"])
    note(locked, Step.PROPOSED, by, on)
    return locked


@transaction.atomic
def take_back(*, agreement: Agreement, by: Acting, on: date, reason: str) -> Agreement:
    """The unit takes the text back to change it, before both have signed; the paper that was made of it no longer counts."""
    locked = lock(agreement, by, "unit")
    refuse_unless(locked, Status.PROPOSED, Status.AGREED)
    words = _reason(reason, _("请写明收回修改的原因，合作单位会看到。"))
    _back_to_the_draft(locked, on, words)
    note(locked, Step.TAKEN_BACK, by, on, words)
    return locked


@transaction.atomic
def return_text(*, agreement: Agreement, by: Acting, on: date, reason: str, seen: int | None) -> Agreement:
    """The partner sends the text back, with the reason. ``seen`` is the count of savings of the text that it has read."""
    locked = lock(agreement, by, "partner")
    refuse_unless(locked, Status.PROPOSED)
    _refuse_unread(locked, seen)
    words = _reason(reason, _("请写明退回原因，培养单位据此修改。"))
    locked.returned_reason = words
    _back_to_the_draft(locked, on, words)
    note(locked, Step.RETURNED, by, on, words)
    return locked


def _reason(reason: str, complaint: str) -> str:
    if not reason.strip():
        raise Refused(complaint)
    return reason.strip()


def _back_to_the_draft(locked: Agreement, on: date, reason: str) -> None:
    if locked.record is not None:
        verification.withdraw(locked.record, on=on, reason=_("文本收回修改：%(why)s") % {"why": reason})
    was_a_scan = locked.origin == Agreement.Origin.SCAN
    locked.status, locked.agreed_on, locked.record, locked.pdf = Status.DRAFTING, None, None, None
    locked.origin = Agreement.Origin.PORTAL
    locked.scan, locked.signed_on, locked.effective_on, locked.expires_on = None, None, None, None
    locked.revision += 1
    locked.save()
    if was_a_scan:
        _begin_with(locked, None, locked.base.policy or Policy.in_force(on))
        locked.save()
        _begin_clauses(locked, None)


@transaction.atomic
def agree(*, agreement: Agreement, by: Acting, on: date, seen: int | None) -> Agreement:
    """The partner agrees to the text; the paper to be signed is made of it. ``seen`` as in ``return_text``."""
    locked = lock(agreement, by, "partner")
    refuse_unless(locked, Status.PROPOSED)
    _refuse_unread(locked, seen)
    locked.status, locked.agreed_on = Status.AGREED, on
    locked.save(update_fields=["status", "agreed_on"])
    note(locked, Step.AGREED, by, on)
    jobs.enqueue(PDF_JOB, key=pdf_key(locked), agreement_id=locked.pk, revision=locked.revision)
    return locked


def pdf_key(agreement: Agreement) -> str:
    """The key of the job that makes the paper of the text as it stands."""
    return f"{PDF_JOB}:{agreement.pk}:{agreement.revision}"


@transaction.atomic
def discard(*, agreement: Agreement, by: Acting, on: date, reason: str = "") -> Agreement:
    """The unit gives a draft up; it stays readable, its number is not used again."""
    locked = lock(agreement, by, "unit")
    refuse_unless(locked, Status.DRAFTING)
    locked.status = Status.DISCARDED
    locked.save(update_fields=["status"])
    note(locked, Step.DISCARDED, by, on, reason.strip())
    return locked
