"""异议: what is objected to a base of a notice, with real name, and what the handling office does with it (第八条（二）（四）)."""

from datetime import date

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from applications.models import Objection, PublicNotice
from bases.models import Base
from bases.services.lifecycle import lock
from portal import uploads
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.roles import Role


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
    evidence: UploadedFile | None = None,
) -> Objection:
    """File an objection with real name, within the period, against a base of the notice.

    The base is locked first, so that a recommendation or recognition at the same moment either sees the objection or comes before it.
    """
    locked = lock(base.pk)
    if not notice.entries.filter(base=locked).exists():
        raise Refused(_("该基地不在这份公示名单中，请核对后重新选择。"))
    if not notice.is_running(on):
        raise Refused(
            _("公示期为 %(start)s 至 %(end)s，今天是 %(on)s，不在受理期内，异议没有提交。")
            % {"start": notice.published_on.isoformat(), "end": notice.ends_on.isoformat(), "on": on.isoformat()}
        )
    stored = uploads.store(evidence, purpose="objection_evidence", by=None) if evidence else None
    return Objection.objects.create(
        notice=notice, base=locked, name=name, phone=phone, email=email, grounds=grounds, evidence=stored, filed_on=on
    )


def handles(acting: Acting, objection: Objection) -> bool:
    """Whether this person belongs to the office that handles the objection: the one that issued the notice."""
    if objection.notice.issuer_unit_id is None:
        return acting.role == Role.DEPT_OFFICER
    return acting.role == Role.UNIT_OFFICER and acting.unit_id == objection.notice.issuer_unit_id


@transaction.atomic
def handle_objection(*, objection: Objection, status: str, conclusion: str, by: Acting, on: date) -> Objection:
    """Accept, decline or conclude an objection; declining and concluding need their words."""
    locked = Objection.objects.select_for_update(of=("self",)).select_related("notice").get(pk=objection.pk)
    if not handles(by, locked):
        raise NotYours(_("异议由发布公示的部门办理。"))
    following = {
        Objection.Status.SUBMITTED: {Objection.Status.ACCEPTED, Objection.Status.DECLINED},
        Objection.Status.ACCEPTED: {Objection.Status.UPHELD, Objection.Status.DISMISSED},
    }
    if status not in following.get(Objection.Status(locked.status), set()):
        raise Overtaken(
            _("异议当前为“%(status)s”，不能这样办理。请刷新后再看。") % {"status": locked.get_status_display()}
        )
    if status != Objection.Status.ACCEPTED and not conclusion.strip():
        raise Refused(_("请写明处理意见和依据，将据此答复异议人。"))
    locked.status, locked.conclusion = status, conclusion.strip()
    locked.handled_by, locked.handled_on = by.user, on
    locked.save(update_fields=["status", "conclusion", "handled_by", "handled_on"])
    return locked
