"""The register of official documents: numbers without gaps, what was registered frozen, the PDF in the form of GB/T 9704."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from bases.models import Base, Department, DocumentCounter, OfficialDocument, TrainingUnit
from portal import jobs, typesetting, uploads, verification
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.models import IssuedRecord, OutboxJob, StoredFile
from portal.roles import Role

PDF_JOB = "document_pdf"
PDF, SCAN = "document_pdf", "document"
# What an act decides is registered by the act, or the base would stay where it is; by hand comes what moves nothing.
_NOT_BY_HAND = frozenset(
    {
        OfficialDocument.Kind.COVER_LETTER,
        OfficialDocument.Kind.RECOGNITION,
        OfficialDocument.Kind.COMMENDATION,
        OfficialDocument.Kind.REVOCATION,
        OfficialDocument.Kind.WITHDRAWAL,
        OfficialDocument.Kind.REVIEW_RESULT,
    }
)


@transaction.atomic
def register_document(
    *,
    kind: str,
    title: str,
    document_date: date,
    published_on: date,
    bases: Iterable[Base],
    by: Acting,
    issuer_unit: TrainingUnit | None = None,
    file: StoredFile | None = None,
    addressee: str = "",
    text: str = "",
    annexes: Iterable[Mapping[str, Any]] = (),
    is_public: bool | None = None,
    pdf_made_elsewhere: bool = False,
) -> OfficialDocument:
    """Register an official document with the next number of its issuer and year, without gaps (〔2026〕 form of GB/T 9704).

    ``text`` is the body, a line a paragraph; with one the PDF is asked for, without one the portal makes none. ``annexes`` are dicts of
    ``title``, ``columns`` (pairs of heading and share of the width in percent) and ``rows``. Unless ``is_public`` says otherwise, the
    department's decisions are public and everything else is for those whom it concerns. ``pdf_made_elsewhere``: a floor above sets this
    kind itself and says so by ``set_by``. Raises Refused when it would be published before its own date, or when its year is none of an
    office's.
    """
    if not 2000 <= document_date.year <= 2100:
        raise Refused(_("成文日期 %(day)s 的年份不对，请核对。") % {"day": document_date.isoformat()})
    if published_on < document_date:
        raise Refused(_("公布日期不能早于成文日期，请核对两个日期。"))
    if is_public is None:
        is_public = issuer_unit is None and kind in OfficialDocument.PUBLIC_KINDS
    DocumentCounter.objects.get_or_create(issuer_unit=issuer_unit, year=document_date.year)
    counter = DocumentCounter.objects.select_for_update().get(issuer_unit=issuer_unit, year=document_date.year)
    counter.last += 1
    counter.save(update_fields=["last"])
    document = OfficialDocument.objects.create(
        issuer_unit=issuer_unit,
        year=document_date.year,
        serial=counter.last,
        number=f"{_word(issuer_unit)}〔{document_date.year}〕{counter.last}号",
        kind=kind,
        title=title,
        addressee=addressee,
        text=text.strip(),
        annexes=[dict(annex) for annex in annexes],
        document_date=document_date,
        published_on=published_on,
        is_public=is_public,
        file=file,
        scanned_on=published_on if file else None,
        scanned_by=by.user if file else None,
        registered_by=by.user,
    )
    document.bases.set(bases)
    record_of(document)
    if document.text and not pdf_made_elsewhere:
        set_by(document, jobs.enqueue(PDF_JOB, key=f"{PDF_JOB}:{document.pk}", document_id=document.pk))
    return document


def record_of(document: OfficialDocument) -> IssuedRecord:
    """The record under which a document is verified; every document has one from its registration."""
    if document.record is None:
        document.record = verification.open_record(
            kind=document.get_kind_display(),
            title=document.title,
            issuer=issuer_name(document),
            issued_on=document.document_date,
            number=document.number,
            public=document.is_public,
        )
        document.save(update_fields=["record"])
        if document.file is not None:
            verification.keep_scan(document.record, document.file)
    return document.record


def set_by(document: OfficialDocument, job: OutboxJob) -> None:
    """Say which job makes the PDF, so that the register can show how far it is and ask for it again."""
    document.pdf_job = job.key
    document.save(update_fields=["pdf_job"])


def _word(issuer_unit: TrainingUnit | None) -> str:
    if issuer_unit is not None:
        if not issuer_unit.document_word:
            raise Refused(
                _("%(unit)s还没有登记发文机关代字，编不出文号；请系统管理员在“单位”中补全后再办理。")
                % {"unit": issuer_unit.name}
            )
        return issuer_unit.document_word
    return Department.objects.values_list("document_word", flat=True).first() or "教研函"


def issuer_name(document: OfficialDocument) -> str:
    """In whose name a document stands."""
    return str(document.issuer_unit or Department.objects.first() or _("教育厅"))


@transaction.atomic
def make_pdf(document_id: int) -> OfficialDocument:
    """Set a document as a PDF in the form of GB/T 9704 from what was registered; safe to repeat, the file is made once."""
    document = (
        OfficialDocument.objects.select_for_update(of=("self",))
        .select_related("issuer_unit", "record", "file")
        .get(pk=document_id)
    )
    if document.pdf_id is not None:
        return document
    content = typesetting.render_pdf("portal/documents/official.html", _typeset(document))
    document.pdf = verification.keep_generated(record_of(document), content, name=f"{document.title}.pdf", purpose=PDF)
    document.save(update_fields=["pdf"])
    return document


def _typeset(document: OfficialDocument) -> dict[str, Any]:
    """What the template shows of a document."""
    issuer = issuer_name(document)
    return {
        "issuer": issuer,
        "number": document.number,
        "title": document.title,
        "addressee": document.addressee,
        "paragraphs": document.paragraphs,
        "annexes": document.annexes,
        "signatory": issuer,
        "document_date": document.document_date,
        "signed": False,
    }


def pdf_state(document: OfficialDocument) -> str:
    """Where a document's PDF is: ready, none (it has no text to set), pending, late (still tried) or failed (not tried any more)."""
    if document.pdf_id is not None:
        return "ready"
    if not document.pdf_job:
        return "none"
    if OutboxJob.objects.filter(key=document.pdf_job, state=OutboxJob.State.FAILED).exists():
        return "failed"
    return "late" if jobs.is_late(document.registered_at) else "pending"


@transaction.atomic
def ask_again(*, document: OfficialDocument, by: Acting) -> OutboxJob:
    """Give the job of a PDF that failed a new start. Raises NotYours, and Refused where the portal makes no PDF."""
    _refuse_strangers(document, by)
    job = OutboxJob.objects.filter(key=document.pdf_job).first() if document.pdf_job else None
    if job is None:
        raise Refused(_("这份公文没有录入正文，系统不生成正式文本；请上传盖章扫描件。"))
    return jobs.enqueue(job.name, key=job.key, **job.payload)


def is_its_office(document: OfficialDocument, by: Acting) -> bool:
    """Whether this person keeps the register in which the document stands: the department's officer, or its unit's."""
    if document.issuer_unit_id is None:
        return by.role == Role.DEPT_OFFICER
    return by.role == Role.UNIT_OFFICER and by.unit_id == document.issuer_unit_id


def _refuse_strangers(document: OfficialDocument, by: Acting) -> None:
    if not is_its_office(document, by) or by.user is None:
        raise NotYours(_("这份公文由发文单位的经办人办理，您当前的角色不能办理。"))


def _lock(document: OfficialDocument) -> OfficialDocument:
    return (
        OfficialDocument.objects.select_for_update(of=("self",))
        .select_related("issuer_unit", "record", "file")
        .get(pk=document.pk)
    )


@transaction.atomic
def add_scan(*, document: OfficialDocument, file: UploadedFile, by: Acting, on: date) -> OfficialDocument:
    """Keep the signed and sealed scan of a document (PDF). One that is there already, or a withdrawn document, takes none.

    Raises NotYours, Overtaken, and Refused before the document's own date.
    """
    locked = _lock(document)
    _refuse_strangers(locked, by)
    if locked.is_withdrawn:
        raise Overtaken(_("%(number)s 已经撤回，没有保存扫描件。") % {"number": locked.number})
    if locked.file_id is not None:
        raise Overtaken(_("%(number)s 已有盖章扫描件，没有重复保存。") % {"number": locked.number})
    if on < locked.document_date:
        raise Refused(
            _("成文日期 %(day)s 还没有到，请在用印之后上传扫描件。") % {"day": locked.document_date.isoformat()}
        )
    locked.file = uploads.store(file, purpose=SCAN, by=by.user)
    locked.scanned_on, locked.scanned_by = on, by.user
    locked.save(update_fields=["file", "scanned_on", "scanned_by"])
    verification.keep_scan(record_of(locked), locked.file)
    return locked


def withdraw_reasons(document: OfficialDocument, on: date) -> tuple[str, ...]:
    """Why a document cannot be withdrawn: a decision is undone by a decision, not by taking its paper back."""
    reasons = []
    moved = list(document.events.select_related("base").order_by("pk")[:3])
    if moved:
        reasons.append(
            _(
                "%(bases)s的“%(act)s”以这份公文为依据，不能撤回；有差错的，请另发文更正，需要改变结果的，按办法重新作出决定。"
            )
            % {"bases": _("、").join(event.base.name for event in moved), "act": moved[0].label}
        )
    if on < document.document_date:
        reasons.append(_("成文日期 %(day)s 还没有到，请核对。") % {"day": document.document_date.isoformat()})
    return tuple(reasons)


@transaction.atomic
def withdraw_document(*, document: OfficialDocument, reason: str, by: Acting, on: date) -> OfficialDocument:
    """Withdraw a document: it stays in the register, its number is not used again.

    Raises NotYours; Overtaken when it is withdrawn already; Refused while a base's standing rests on it.
    """
    locked = _lock(document)
    _refuse_strangers(locked, by)
    if locked.is_withdrawn:
        raise Overtaken(_("%(number)s 已经撤回，没有重复办理。") % {"number": locked.number})
    if not reason.strip():
        raise Refused(_("请写明撤回的理由。"))
    reasons = withdraw_reasons(locked, on)
    if reasons:
        raise Refused(reasons)
    locked.withdrawn_on, locked.withdrawn_because, locked.withdrawn_by = on, reason.strip(), by.user
    locked.save(update_fields=["withdrawn_on", "withdrawn_because", "withdrawn_by"])
    verification.withdraw(record_of(locked), on=on, reason=reason)
    return locked


def kinds_by_hand(by: Acting) -> list[str]:
    """The kinds that this person's office registers by hand; a unit sends the department its 报送函 by an act, and has no other kind."""
    if by.role == Role.DEPT_OFFICER:
        return [kind for kind in OfficialDocument.Kind.values if kind not in _NOT_BY_HAND]
    return [OfficialDocument.Kind.OTHER] if by.role == Role.UNIT_OFFICER else []


@transaction.atomic
def register_by_hand(
    *,
    kind: str,
    title: str,
    document_date: date,
    published_on: date,
    bases: Iterable[Base],
    by: Acting,
    on: date,
    addressee: str = "",
    file: UploadedFile | None = None,
    is_public: bool = False,
) -> OfficialDocument:
    """Register a document that the office wrote outside the portal; the register gives the number, the scan is its text.

    Raises NotYours, and Refused for a day that has not come or a base of another unit.
    """
    if by.role not in {Role.DEPT_OFFICER, Role.UNIT_OFFICER} or by.user is None:
        raise NotYours(_("公文由教育厅经办或者研究生院登记。"))
    if kind not in kinds_by_hand(by):
        raise Refused(
            _("“%(kind)s”在办理相应事项时由系统登记，不能手工登记。") % {"kind": OfficialDocument.Kind(kind).label}
        )
    if published_on > on:
        raise Refused(_("公布日期 %(day)s 还没有到，请在公文印发后登记。") % {"day": published_on.isoformat()})
    chosen = list(bases)
    if by.unit_id is not None and any(base.training_unit_id != by.unit_id for base in chosen):
        raise NotYours(_("所选基地中有其他单位的基地，没有登记。"))
    stored = uploads.store(file, purpose=SCAN, by=by.user) if file else None
    return register_document(
        kind=kind,
        title=title,
        document_date=document_date,
        published_on=published_on,
        bases=chosen,
        by=by,
        issuer_unit=TrainingUnit.objects.get(pk=by.unit_id) if by.unit_id is not None else None,
        file=stored,
        addressee=addressee,
        is_public=is_public and by.unit_id is None,
    )
