"""The 申请书 as PDF and Word (第八条（一）): asked for on a page, made in the background, kept as long as it fits."""

from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from applications import printing
from applications.models import Application, ApplicationVersion, PrintedApplication
from applications.services.content import content_of
from applications.services.readiness import readiness
from portal import jobs, progress, uploads, verification
from portal.acting import Acting
from portal.models import OutboxJob, StoredFile

PRINT_JOB = "application_print"
PURPOSE = "application_print"
# The layout of the pages takes most of the time.
_PDF_PERCENT, _WORD_PERCENT = 85, 12


def job_key(printed: PrintedApplication) -> str:
    """The key of the job that makes it, under which its progress is told too."""
    return f"{PRINT_JOB}:{printed.pk}"


@transaction.atomic
def ask(
    *, application: Application, version: ApplicationVersion | None, by: Acting, on: date
) -> PrintedApplication:  # fmt: skip
    """Ask for the PDF and the Word file of a declared version, or of the draft as it stands (``version`` None).

    The same content is made once, however often it is asked for; one that had failed, or was overtaken by another draft before it was
    made, gets a new start.
    """
    sha256 = version.content_sha256 if version else content_of(application, on).sha256
    if version is None:
        _forget_overtaken(application, sha256)
    printed, _created = PrintedApplication.objects.get_or_create(
        application=application, version=version, content_sha256=sha256, defaults={"asked_by_id": by.user_id}
    )
    if printed.pdf_id is None or printed.docx_id is None:
        jobs.enqueue(PRINT_JOB, key=job_key(printed), again=True, printed_id=printed.pk, on=on.isoformat())
    return printed


@transaction.atomic
def make(printed_id: int, on: str) -> None:
    """Make both files; safe to repeat. ``on`` is the day on which they were asked for.

    A draft is printed as it stands when it is made. It takes the place of the application's older drafts on paper, which nobody has
    signed, and their records are withdrawn; what was declared stays.
    """
    printed = (
        PrintedApplication.objects.select_for_update(of=("self",))
        .select_related("application__round", "version")
        .filter(pk=printed_id, pdf=None)
        .first()
    )
    if printed is None or _is_overtaken(printed):
        return
    application, version, asked_on = printed.application, printed.version, date.fromisoformat(on)
    to_sign_on = None
    if version is None:
        _forget_older_drafts(printed, on=asked_on)
        content = content_of(application, asked_on)
        printed.content_sha256 = content.sha256
        to_sign_on = asked_on if readiness(application, asked_on).may_be_signed else None
        kind = _("申请书（送签）") if to_sign_on else _("申请书（草稿）")
    else:
        content = version.paper
        kind = _("申请书（第%(n)s版）") % {"n": version.number}
    key = job_key(printed)
    sha256, day = printed.content_sha256, version.declared_on if version else None

    def of_pdf(percent: int, words: str) -> None:
        progress.report(key, percent * _PDF_PERCENT // 100, words)

    def of_word(percent: int, words: str) -> None:
        progress.report(key, _PDF_PERCENT + percent * _WORD_PERCENT // 100, words)

    pdf = printing.as_pdf(content, fingerprint=sha256, declared_on=day, to_sign_on=to_sign_on, on_step=of_pdf)
    docx = printing.as_docx(content, fingerprint=sha256, declared_on=day, to_sign_on=to_sign_on, on_step=of_word)
    progress.report(key, _PDF_PERCENT + _WORD_PERCENT, _("正在保存文件"))
    name = f"{kind}{content.title}"
    # It names people, so whoever verifies it learns that it is genuine and no more.
    printed.record = verification.open_record(
        kind=kind, title=content.title, issuer=content.unit, issued_on=asked_on, public=False
    )
    printed.pdf = verification.keep_generated(printed.record, pdf, name=f"{name}.pdf", purpose=PURPOSE)
    printed.docx = uploads.store_bytes(docx, name=f"{name}.docx", purpose=PURPOSE)
    printed.save(update_fields=["content_sha256", "pdf", "docx", "record"])
    progress.forget(key)


def newest(application: Application, version: ApplicationVersion | None, sha256: str) -> PrintedApplication | None:
    """The print of this very content, else the newest one of the same version or of the draft."""
    found = PrintedApplication.objects.filter(application=application, version=version).select_related("pdf", "docx")
    return found.filter(content_sha256=sha256).first() or found.order_by("-pk").first()


def state(printed: PrintedApplication) -> str:
    """Where a print is: done, pending or failed (not tried any more)."""
    if printed.pdf_id is not None:
        return "done"
    over = OutboxJob.objects.filter(key=job_key(printed), state__in=[OutboxJob.State.FAILED, OutboxJob.State.DONE])
    # A job that is done without files was overtaken; one that has just been done has them by now, and shows them when asked again.
    still_bare = PrintedApplication.objects.filter(pk=printed.pk, pdf=None)
    return "failed" if over.exists() and still_bare.exists() else "pending"


def _is_overtaken(printed: PrintedApplication) -> bool:
    """True for a draft of which a newer one was asked for meanwhile."""
    return printed.version_id is None and _drafts(printed).filter(pk__gt=printed.pk).exists()


def _forget_overtaken(application: Application, sha256: str) -> None:
    """Make room for a draft that was asked for, changed, and changed back: the row made anew is the newest one."""
    # One whose row is locked is being made at this moment and will have its files.
    bare = PrintedApplication.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        application=application, version=None, content_sha256=sha256, pdf=None
    )
    for printed in bare:
        if _is_overtaken(printed):
            printed.delete()


def _forget_older_drafts(printed: PrintedApplication, *, on: date) -> None:
    # Only older ones, so that two workers never wait for each other; what lay on the disk is swept with the unclaimed files.
    for old in _drafts(printed).filter(pk__lt=printed.pk).select_related("record"):
        if old.record and not old.record.withdrawn_on:
            verification.withdraw(
                old.record, on=max(on, old.record.issued_on), reason=_("申请书已重新打印，以新的打印稿为准。")
            )
        files = [pk for pk in (old.pdf_id, old.docx_id) if pk]
        old.delete()
        StoredFile.objects.filter(pk__in=files).delete()


def _drafts(printed: PrintedApplication) -> QuerySet[PrintedApplication]:
    return PrintedApplication.objects.filter(application_id=printed.application_id, version=None)
