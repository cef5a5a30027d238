"""修订协议 (第十条): what a recognition asks of both sides, handed in by the training unit and confirmed by the partner."""

from datetime import date, timedelta

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import AgreementRevision
from bases.lifecycle import LIVING
from bases.models import Base, OfficialDocument, Policy
from portal import uploads
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.roles import Role

FILE = "revised_agreement"


@transaction.atomic
def ask_for_revision(*, base: Base, policy: Policy, on: date, document: OfficialDocument) -> AgreementRevision:
    """Ask both sides of a base for the revised agreement, due so many days after ``on`` as the policy says; once per base."""
    revision, _created = AgreementRevision.objects.get_or_create(
        base=base, defaults={"document": document, "asked_on": on, "due_on": due_date(policy, on)}
    )
    return revision


def due_date(policy: Policy, on: date) -> date:
    """The last day for the revised agreement of a base whose construction begins on ``on``."""
    return on + timedelta(days=policy.agreement_revision_days)


def _locked(base: Base) -> AgreementRevision:
    found = AgreementRevision.objects.select_for_update(of=("self",)).select_related("base").filter(base=base).first()
    if found is None:
        raise Refused(_("这个基地没有修订协议的任务。"))
    if found.base.state not in LIVING:
        raise Overtaken(_("基地当前状态为“%(state)s”，修订协议没有办理。") % {"state": found.base.state_label})
    if found.is_done:
        raise Overtaken(_("修订后的协议双方已经确认，没有改动。"))
    return found


@transaction.atomic
def submit_revision(
    *, base: Base, acting: Acting, on: date, file: UploadedFile, signed_on: date, expires_on: date, changes: str = ""
) -> AgreementRevision:
    """The training unit hands in the signed agreement; it may hand in another one until the partner has confirmed.

    Raises NotYours for anybody but the unit's graduate office, Refused for dates that cannot be.
    """
    revision = _locked(base)
    if acting.role != Role.UNIT_OFFICER or acting.unit_id != revision.base.training_unit_id or acting.user is None:
        raise NotYours(_("修订后的协议由培养单位研究生院提交。"))
    if signed_on > on:
        raise Refused(_("签署日期 %(day)s 还没有到，请在双方签署之后提交。") % {"day": signed_on.isoformat()})
    if expires_on <= signed_on:
        raise Refused(_("有效期至应晚于签署日期 %(day)s。") % {"day": signed_on.isoformat()})
    if expires_on <= on:
        raise Refused(_("协议在 %(day)s 已经到期，请提交仍然有效的协议。") % {"day": expires_on.isoformat()})
    revision.file = uploads.store(file, purpose=FILE, by=acting.user)
    revision.signed_on, revision.expires_on, revision.changes = signed_on, expires_on, changes.strip()
    revision.submitted_by, revision.submitted_on = acting.user, on
    revision.returned_reason, revision.returned_by = "", None
    revision.save()
    return revision


def _partner(revision: AgreementRevision, acting: Acting, seen_file: int | None) -> None:
    mine = acting.partner_id is not None and acting.partner_id == revision.base.partner_id
    if acting.role != Role.PARTNER_OFFICER or not mine or acting.user is None:
        raise NotYours(_("修订后的协议由合作单位确认。"))
    if revision.submitted_on is None:
        raise Overtaken(_("培养单位还没有提交修订后的协议，或者正在重新提交，没有办理。"))
    if seen_file != revision.file_id:
        raise Overtaken(_("培养单位刚重新提交了协议，没有办理。请看过新文件再确认。"))


@transaction.atomic
def confirm_revision(*, base: Base, acting: Acting, on: date, seen_file: int | None) -> AgreementRevision:
    """The partner confirms that both sides have signed this agreement; from then on it stands.

    ``seen_file`` is the key of the file that the page had shown: Overtaken is raised when the unit has handed in another one since.
    """
    revision = _locked(base)
    _partner(revision, acting, seen_file)
    revision.confirmed_by, revision.confirmed_on = acting.user, on
    revision.save(update_fields=["confirmed_by", "confirmed_on"])
    return revision


@transaction.atomic
def return_revision(*, base: Base, acting: Acting, on: date, reason: str, seen_file: int | None) -> AgreementRevision:
    """The partner sends the agreement back, with the reason: it is not the one that both have signed. ``seen_file`` as in ``confirm_revision``."""
    revision = _locked(base)
    _partner(revision, acting, seen_file)
    if not reason.strip():
        raise Refused(_("请写明退回原因。"))
    revision.submitted_on, revision.submitted_by = None, None
    revision.returned_reason, revision.returned_by = reason.strip(), acting.user
    revision.save(update_fields=["submitted_on", "submitted_by", "returned_reason", "returned_by"])
    return revision
