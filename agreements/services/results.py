"""成果: entered by one side, confirmed by the other, recommended for 表彰 by the partner (协议：知识产权、权责划分（二）5)."""

from datetime import date
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import PublicationRequest, ResearchEvent, Result, ResultAuthor
from agreements.services import result_authors
from agreements.services.research_log import differences, log
from agreements.services.standing import living, must_be, side_of
from bases.models import Base
from portal import uploads
from portal.acting import Acting
from portal.errors import Overtaken, Refused

Kind, Status = ResearchEvent.Kind, Result.Status
FILE = "base_result"
FIELDS = ("kind", "title", "achieved_on", "venue", "number", "owner", "owner_note", "project", "request")


@transaction.atomic
def enter(
    *, base: Base, by: Acting, on: date, authors: str, evidence: UploadedFile | None = None, **values: Any
) -> Result:
    """A side enters a result with its ``authors`` (one a line, see result_authors); ``values`` by the names of FIELDS.

    Raises Refused for what is there already, lies ahead, or rests on a project or a request of another base.
    """
    here = living(base)
    side = side_of(here, by)
    made = Result(base=here, entered_side=side, entered_by=by.user, entered_on=on, **_plain(values))
    signed = result_authors.read(here, authors)
    _refuse_what_does_not_hold(made, here, on)
    made.evidence = uploads.store(evidence, purpose=FILE, by=by.user) if evidence else None
    made.save()
    _sign(made, signed)
    log(made, Kind.ENTERED, by=by, on=on, words=result_authors.names(signed), file=made.evidence)
    return made


@transaction.atomic
def correct(
    *,
    result: Result,
    by: Acting,
    on: date,
    reason: str,
    authors: str,
    evidence: UploadedFile | None = None,
    **values: Any,
) -> Result:
    """The side that entered a result corrects it, with the reason; the other side confirms it anew."""
    here = living(result.base)
    must_be(here, by, result.entered_side)
    found = _locked(result)
    if not reason.strip():
        raise Refused(_("请写明更正原因。"))
    wanted = _plain(values)
    words = list(differences(found, wanted))
    before = list(found.authors.select_related("student"))
    signed = result_authors.read(here, authors)
    was, now = result_authors.as_text(before), result_authors.as_text(signed)
    if was != now:
        words.append(
            _("完成人：“%(before)s”改为“%(after)s”。")
            % {"before": was.replace("\n", "；"), "after": now.replace("\n", "；")}
        )
    if evidence:
        words.append(_("更换证明材料。"))
    if not words:
        raise Refused(_("没有改动，没有保存。"))
    for name, value in wanted.items():
        setattr(found, name, value)
    _refuse_what_does_not_hold(found, here, on)
    if evidence:
        found.evidence = uploads.store(evidence, purpose=FILE, by=by.user)
    found.status, found.confirmed_on, found.status_note = Status.WAITING, None, ""
    found.save()
    if was != now:
        found.authors.all().delete()
        _sign(found, signed)
    told = _("原因：%(why)s %(what)s") % {"why": reason.strip(), "what": "".join(words)}
    log(found, Kind.CHANGED, by=by, on=on, words=told, file=found.evidence if evidence else None)
    return found


@transaction.atomic
def confirm(*, result: Result, by: Acting, on: date) -> Result:
    """The other side confirms title, authors and owners."""
    must_be(living(result.base), by, result.other_side)
    found = _locked(result)
    if found.status == Status.CONFIRMED:
        raise Overtaken(_("成果已经确认，没有重复办理。"))
    found.status, found.confirmed_on, found.status_note = Status.CONFIRMED, on, ""
    found.save()
    log(found, Kind.CONFIRMED, by=by, on=on)
    return found


@transaction.atomic
def object_to(*, result: Result, by: Acting, on: date, reason: str) -> Result:
    """The other side does not agree with authors, owners or something else; both settle it, the entering side corrects."""
    must_be(living(result.base), by, result.other_side)
    found = _locked(result)
    if found.status != Status.WAITING:
        raise Overtaken(_("成果当前为“%(state)s”，没有办理。") % {"state": found.get_status_display()})
    if not reason.strip():
        raise Refused(_("请写明有什么异议。"))
    found.status, found.status_note = Status.OBJECTED, reason.strip()
    found.save()
    log(found, Kind.OBJECTED, by=by, on=on, words=found.status_note)
    return found


@transaction.atomic
def commend(*, result: Result, by: Acting, on: date, reason: str) -> Result:
    """The partner recommends a confirmed result for 表彰 (协议：权责划分（二）5)."""
    must_be(living(result.base), by, "partner")
    found = _locked(result)
    if found.status != Status.CONFIRMED:
        raise Refused(_("双方确认之后才能推荐表彰。"))
    if found.commended_on is not None:
        raise Overtaken(_("已经推荐过，没有重复办理。"))
    if not reason.strip():
        raise Refused(_("请写明推荐理由。"))
    found.commended_on, found.commended_for = on, reason.strip()
    found.save()
    log(found, Kind.COMMENDED, by=by, on=on, words=found.commended_for)
    return found


@transaction.atomic
def void(*, result: Result, by: Acting, on: date, reason: str) -> Result:
    """The side that entered a result says that it was none; it stays to be read and counts no longer."""
    must_be(living(result.base), by, result.entered_side)
    found = _locked(result)
    if not reason.strip():
        raise Refused(_("请写明作废原因。"))
    found.status, found.confirmed_on, found.status_note = Status.VOID, None, reason.strip()
    found.save()
    log(found, Kind.WITHDRAWN, by=by, on=on, words=found.status_note)
    return found


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}


def _sign(result: Result, authors: list[ResultAuthor]) -> None:
    for each in authors:
        each.result = result
    ResultAuthor.objects.bulk_create(authors)


def _locked(result: Result) -> Result:
    found = Result.objects.select_for_update(of=("self",)).select_related("project", "request").get(pk=result.pk)
    if found.status == Status.VOID:
        raise Overtaken(_("这项成果已经作废，没有办理。"))
    return found


def _refuse_what_does_not_hold(result: Result, base: Base, on: date) -> None:
    reasons = []
    same = Result.objects.filter(base=base, kind=result.kind, title=result.title).exclude(status=Status.VOID)
    if same.exclude(pk=result.pk).exists():
        reasons.append(_("本基地已登记同名的同类成果“%(title)s”。") % {"title": result.title})
    if result.achieved_on > result.entered_on:
        reasons.append(_("取得日期 %(day)s 晚于登记日期，请在取得之后登记。") % {"day": result.achieved_on.isoformat()})
    if result.owner == Result.Owner.THIRD and not result.owner_note:
        reasons.append(_("归第三方或多方的，请写明归属约定。"))
    if result.project is not None and result.project.base_id != base.pk:
        reasons.append(_("所选项目不是本基地的项目。"))
    if result.request is not None:
        reasons += _why_not_rest_on(result, result.request, base)
    if reasons:
        raise Refused(reasons)


def _why_not_rest_on(result: Result, request: PublicationRequest, base: Base) -> list[str]:
    if request.project.base_id != base.pk or request.status != PublicationRequest.Status.APPROVED:
        return [_("只能关联本基地已批准的公开申请。")]
    if result.project is not None and request.project_id != result.project_id:
        return [_("所选公开申请是另一个项目的，请核对项目或申请。")]
    if result.project is None:
        result.project = request.project
    return []
