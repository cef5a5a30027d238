from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from bases.models import Base, Department, DocumentCounter, OfficialDocument, TrainingUnit
from portal.acting import Acting
from portal.errors import Refused
from portal.models import StoredFile


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
) -> OfficialDocument:
    """Register an official document with the next number of its issuer and year, without gaps (〔2026〕 form of GB/T 9704).

    Raises Refused when it would be published before its own date, or when its year is none of an office's.
    """
    if not 2000 <= document_date.year <= 2100:
        raise Refused(_("成文日期 %(day)s 的年份不对，请核对。") % {"day": document_date.isoformat()})
    if published_on < document_date:
        raise Refused(_("公布日期不能早于成文日期，请核对两个日期。"))
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
        document_date=document_date,
        published_on=published_on,
        file=file,
        registered_by=by.user,
    )
    document.bases.set(bases)
    return document


def _word(issuer_unit: TrainingUnit | None) -> str:
    if issuer_unit is not None:
        return issuer_unit.document_word
    return Department.objects.values_list("document_word", flat=True).first() or "教研函"
