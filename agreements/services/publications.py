"""成果公开申请: who wants to make content of a project public asks the side that set it up, and waits for its consent (协议：知识产权)."""

from datetime import date, timedelta

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import BaseProject, Placement, PublicationDecision, PublicationRequest, ResearchEvent
from agreements.services.research_log import log
from agreements.services.standing import living, must_be, side_of
from agreements.services.topics import PLACED
from bases.models import Base
from portal import uploads
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused

Kind, Status = ResearchEvent.Kind, PublicationRequest.Status
FILE = "publication_request"
# 惯例: so long the 立项方 has for its answer where nothing else was asked for.
ANSWER_WITHIN = timedelta(days=15)


@transaction.atomic
def ask(
    *,
    base: Base,
    by: Acting,
    on: date,
    placement: Placement,
    project: BaseProject,
    kind: str,
    title: str,
    venue: str,
    abstract: str,
    answer_by: date | None = None,
    file: UploadedFile | None = None,
    follows: PublicationRequest | None = None,
) -> PublicationRequest:
    """A side enters the request of a student who is or was in the base; the sides that set the project up decide on it.

    Raises Refused for people and projects of other bases, and for a version of a request that still waits or has its next version.
    """
    here = living(base)
    side = side_of(here, by)
    owned = BaseProject.objects.select_for_update().get(pk=project.pk)
    reasons = []
    if not Placement.objects.filter(pk=placement.pk, base=here, status__in=PLACED).exists():
        reasons.append(_("申请人没有进入本基地实践。"))
    if owned.base_id != here.pk:
        reasons.append(_("所选项目不是本基地的项目。"))
    if answer_by is not None and answer_by < on:
        reasons.append(_("请求决定的日期不能早于今天。"))
    if follows is not None:
        reasons += _why_not_follow(follows, placement)
    if reasons:
        raise Refused(reasons)
    made = PublicationRequest.objects.create(
        project=owned, placement=placement, follows=follows, kind=kind, title=title.strip(), venue=venue.strip(),
        abstract=abstract.strip(), file=uploads.store(file, purpose=FILE, by=by.user) if file else None,
        asks_unit="unit" in owned.sides, asks_partner="partner" in owned.sides, entered_by=by.user, entered_side=side,
        asked_on=on, answer_by=answer_by or on + ANSWER_WITHIN,
    )  # fmt: skip
    log(made, Kind.ASKED, by=by, on=on, words=_("立项方：%(owner)s。") % {"owner": owned.get_owner_display()})
    return made


def _why_not_follow(follows: PublicationRequest, placement: Placement) -> list[str]:
    before = PublicationRequest.objects.select_for_update().get(pk=follows.pk)
    if before.placement_id != placement.pk:
        return [_("上一版申请不是这名研究生的。")]
    if before.status == Status.WAITING:
        return [_("上一版申请还在等待决定，要改文稿的请先撤回。")]
    if PublicationRequest.objects.filter(follows=before).exists():
        return [_("上一版申请已有新的一版。")]
    return []


@transaction.atomic
def decide(
    *, request: PublicationRequest, by: Acting, on: date, agreed: bool, conditions: str = "", reason: str = ""
) -> PublicationRequest:
    """A side of the 立项方 agrees, where it wants to under conditions, or refuses with its reason; final.

    One refusal refuses the request; it is approved when every side that set the project up has agreed.
    """
    here = living(request.project.base)
    side = side_of(here, by)
    found = _locked(request)
    if side not in found.sides:
        raise NotYours(_("这项申请由立项方决定。"))
    if side in answered(found):
        raise Overtaken(_("本方已经决定，决定不能更改；文稿有改动的请提交新的一版。"))
    if not agreed and not reason.strip():
        raise Refused(_("不同意公开的，请写明理由。"))
    PublicationDecision.objects.create(
        request=found, side=side, agreed=agreed, conditions=conditions.strip() if agreed else "", reason=reason.strip(),
        decided_by=by.user, decided_on=on,
    )  # fmt: skip
    if not agreed:
        found.status, found.closed_on = Status.REFUSED, on
        found.save()
    elif answered(found) == set(found.sides):
        found.status, found.closed_on = Status.APPROVED, on
        found.save()
    words = [_("条件：%(what)s") % {"what": conditions.strip()}] if agreed and conditions.strip() else []
    log(found, Kind.AGREED if agreed else Kind.REFUSED, by=by, on=on, words="".join([*words, reason.strip()]))
    return found


@transaction.atomic
def withdraw(*, request: PublicationRequest, by: Acting, on: date, reason: str) -> PublicationRequest:
    """The side that entered a request takes it back while it waits."""
    must_be(living(request.project.base), by, request.entered_side)
    found = _locked(request)
    if not reason.strip():
        raise Refused(_("请写明撤回原因。"))
    found.status, found.closed_on, found.withdrawn_reason = Status.WITHDRAWN, on, reason.strip()
    found.save()
    log(found, Kind.WITHDRAWN, by=by, on=on, words=found.withdrawn_reason)
    return found


def answered(request: PublicationRequest) -> set[str]:
    """The sides that have decided."""
    return set(PublicationDecision.objects.filter(request=request).values_list("side", flat=True))


def _locked(request: PublicationRequest) -> PublicationRequest:
    found = PublicationRequest.objects.select_for_update().get(pk=request.pk)
    if found.status != Status.WAITING:
        raise Overtaken(_("这项申请当前为“%(state)s”，没有办理。") % {"state": found.get_status_display()})
    return found
