"""The partner's 专门管理机构和专人, and the 规章制度 of a base with all their versions (第九条、第十一条)."""

from datetime import date, timedelta

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import RegulationDocument, ResponsibleOffice, RuleVersion
from agreements.services.standing import living, must_be, side_of
from bases.models import Base
from portal import uploads
from portal.acting import Acting
from portal.errors import Overtaken, Refused

FILE = "base_rule"


@transaction.atomic
def name_office(
    *, base: Base, by: Acting, on: date, institution: str, person: str, phone: str, email: str, since: date
) -> ResponsibleOffice:
    """The partner names institution and person that look after the base, from a day on; the entry before keeps its last day.

    An entry of the same first day is not overwritten: Refused.
    """
    locked = living(base)
    must_be(locked, by, "partner")
    if since > on:
        raise Refused(_("起始日期 %(day)s 还没有到。") % {"day": since.isoformat()})
    current = ResponsibleOffice.objects.select_for_update().filter(base=locked, until=None).first()
    if current is not None:
        if since <= current.since:
            raise Refused(_("起始日期应晚于现任的起始日期 %(day)s。") % {"day": current.since.isoformat()})
        current.until = since - timedelta(days=1)
        current.save()
    return ResponsibleOffice.objects.create(
        base=locked, institution=institution.strip(), person=person.strip(), phone=phone.strip(), email=email.strip(),
        since=since, entered_by=by.user, entered_on=on,
    )  # fmt: skip


@transaction.atomic
def enter_rule(
    *, base: Base, by: Acting, on: date, kind: str, title: str, file: UploadedFile, effective_on: date, note: str = ""
) -> RegulationDocument:
    """A side enters one of its 规章制度 with its first version."""
    locked = living(base)
    side = side_of(locked, by)
    title = title.strip()
    if RegulationDocument.objects.filter(base=locked, side=side, title=title, repealed_on=None).exists():
        raise Refused(_("“%(title)s”已经登记，请为它上传新版本。") % {"title": title})
    rule = RegulationDocument.objects.create(base=locked, kind=kind, title=title, side=side)
    _store(rule, 1, by, on, file, effective_on, note)
    return rule


@transaction.atomic
def new_version(
    *, rule: RegulationDocument, by: Acting, on: date, file: UploadedFile, effective_on: date, note: str = ""
) -> RuleVersion:
    """The side that made a 制度 uploads its next version, which takes effect after the one before; all versions stay."""
    found = _own(rule, by)
    newest = found.versions.first()
    if newest is not None and effective_on <= newest.effective_on:
        raise Refused(_("施行日期应晚于上一版的施行日期 %(day)s。") % {"day": newest.effective_on.isoformat()})
    return _store(found, newest.number + 1 if newest else 1, by, on, file, effective_on, note)


@transaction.atomic
def repeal(*, rule: RegulationDocument, by: Acting, on: date, reason: str) -> RegulationDocument:
    """The side that made a 制度 says that it no longer holds, and why."""
    found = _own(rule, by)
    if not reason.strip():
        raise Refused(_("请写明废止原因。"))
    found.repealed_by, found.repealed_on, found.repealed_reason = by.user, on, reason.strip()
    found.save()
    return found


def _own(rule: RegulationDocument, by: Acting) -> RegulationDocument:
    locked = living(rule.base)
    must_be(locked, by, rule.side)
    found = RegulationDocument.objects.select_for_update().get(pk=rule.pk)
    if found.repealed_on is not None:
        raise Overtaken(_("“%(title)s”已经废止，没有办理。") % {"title": found.title})
    return found


def _store(
    rule: RegulationDocument, number: int, by: Acting, on: date, file: UploadedFile, effective_on: date, note: str
) -> RuleVersion:
    stored = uploads.store(file, purpose=FILE, by=by.user)
    return RuleVersion.objects.create(
        rule=rule, number=number, file=stored, effective_on=effective_on, note=note.strip(), uploaded_by=by.user,
        uploaded_on=on,
    )  # fmt: skip
