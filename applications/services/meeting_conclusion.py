"""The end of a meeting: what must be there, what follows from it, and its signed paper (第八条（三）（四）)."""

from datetime import date

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.models import Deliberation, MeetingItem, MeetingMember, ReviewMeeting
from applications.services import meetings, recognising
from applications.services.meeting_members import Quorum, quorum_of
from applications.services.meeting_votes import Line, lines
from applications.services.meetings import Kind
from bases.models import Base
from portal import jobs, uploads, verification
from portal.acting import Acting
from portal.errors import Overtaken, Refused

PAPERS_JOB = "meeting_papers"
SCAN = "meeting_scan"
Conclusion = MeetingItem.Conclusion
# So many items are named one by one before the rest is only counted.
_NAMED = 5


def reasons(meeting: ReviewMeeting, found: list[Line], on: date) -> tuple[str, ...]:
    """Why a meeting cannot be concluded on that day; empty when it can."""
    members = list(meeting.members.all())
    own = [*_formal(meeting, members, on), *_quorum_reasons(quorum_of(meeting, members))]
    if not found:
        return (*own, _("会议还没有议题，请先选择上会的申请书。"))
    return (*own, *_state_reasons(meeting, found), *_open_lines(found))


def _formal(meeting: ReviewMeeting, members: list[MeetingMember], on: date) -> list[str]:
    said = []
    if meeting.held_on > on:
        said.append(_("召开日期 %(day)s 还没有到，请在会后登记，或者改正日期。") % {"day": meeting.held_on.isoformat()})
    chairs = [member for member in members if member.duty == MeetingMember.Duty.CHAIR]
    recorders = [member for member in members if member.duty == MeetingMember.Duty.RECORDER]
    if len(chairs) != 1:
        said.append(_("会议没有主持人，请在成员中指定一名。"))
    elif not chairs[0].present:
        said.append(_("主持人没有出席，请指定实际主持会议的成员。"))
    if not any(recorder.present for recorder in recorders):
        said.append(_("没有出席的记录人，请在成员中指定一名记录并登记出席。"))
    return said


def _quorum_reasons(counted: Quorum) -> list[str]:
    if counted.is_met:
        return []
    words = {"n": counted.voting, "present": counted.present, "need": counted.needed, "rule": counted.rule}
    return [
        _(
            "出席人数不够：应到有表决权的成员 %(n)s 人，至少 %(need)s 人出席（%(rule)s以上），现登记出席 %(present)s 人。"
        )
        % words
    ]


def _state_reasons(meeting: ReviewMeeting, found: list[Line]) -> list[str]:
    wanted = meetings.TAKES_UP[Kind(meeting.kind)]
    said = [
        _("“%(base)s”当前状态为“%(state)s”，已不在这次会议的范围，请移出议题。")
        % {"base": line.item.application.base.name, "state": line.item.application.base.state_label}
        for line in found
        if line.item.application.base.state != wanted
    ]
    return [*said, *_deliberation_reasons(meeting, found)] if meeting.kind == Kind.DELIBERATION else said


def _deliberation_reasons(meeting: ReviewMeeting, found: list[Line]) -> list[str]:
    """What was deliberated already is not deliberated again, nor before it was on the preliminary list."""
    applications = [line.item.application for line in found]
    done = set(Deliberation.objects.filter(application__in=applications).values_list("application", flat=True))
    listed = recognising.shortlisted_on([application.base for application in applications])
    said = []
    for application in applications:
        listed_on = listed.get(application.base_id)
        if application.pk in done:
            said.append(_("“%(base)s”已登记审议纪要，请移出议题。") % {"base": application.base.name})
        elif listed_on is not None and meeting.held_on < listed_on:
            words = {"base": application.base.name, "day": listed_on.isoformat()}
            said.append(_("召开日期早于“%(base)s”列入初步名单的日期 %(day)s，请核对日期。") % words)
    return said


def _open_lines(found: list[Line]) -> list[str]:
    if not any(line.eligible for line in found):
        return [_("还没有登记出席的成员，各项还不能填票数。请先登记出席，再逐项填写。")]
    unfinished = [line for line in found if not line.is_complete]
    said = [f"{line.item.application.base.name}：{line.problem}" for line in unfinished[:_NAMED]]
    if len(unfinished) > _NAMED:
        said.append(_("另有 %(n)s 项没有填完，详见“表决”。") % {"n": len(unfinished) - _NAMED})
    return said


def tally(found: list[Line]) -> dict[str, int]:
    """How many items came to which conclusion."""
    return {key: sum(line.item.conclusion == key for line in found) for key in Conclusion.values}


def proposed_conclusion(meeting: ReviewMeeting, found: list[Line]) -> str:
    """The words with which the conclusion begins, from what was voted."""
    counted = tally(found)
    words = {"n": len(found), **counted}
    said = [_("会议共审议 %(n)s 份申请书，同意 %(agreed)s 份，不同意 %(refused)s 份，暂缓 %(postponed)s 份。") % words]
    if meeting.kind == Kind.REVIEW:
        said.append(_("建议以会议同意的申请书为依据，结合专家评审得分，确定初步名单。"))
    elif counted[Conclusion.AGREED]:
        said.append(_("会议同意的基地按程序公示，公示期满无异议的予以认定。"))
    return "".join(said)


@transaction.atomic
def conclude(*, meeting: ReviewMeeting, conclusion: str, seen: str, by: Acting, on: date) -> ReviewMeeting:
    """Set the minutes of a meeting; from then on nothing of it changes, and its papers are made.

    A deliberation is recorded for every application that it agreed to, all or none; whoever concludes has prepared the recognition, and
    somebody else publishes it. Raises NotYours; Overtaken when it is another meeting than was ``seen``; Refused with all that is lacking.
    """
    locked = meetings.lock_draft(meeting, by)
    if seen != meetings.sight(locked):
        raise Overtaken(_("没有办理：会议的内容刚由他人改过。请刷新，核对最新的内容后再办理。"))
    # Bases are locked in the order of their keys before anything is read, so that two acts never wait for each other.
    bases = locked.items.order_by().values("application__base")
    list(Base.objects.select_for_update(of=("self",)).filter(pk__in=bases).order_by("pk"))
    found = lines(locked)
    lacking = list(reasons(locked, found, on))
    if not conclusion.strip():
        lacking.append(_("请填写会议结论。"))
    if lacking:
        raise Refused(lacking)
    locked.conclusion = conclusion.strip()
    if locked.kind == Kind.DELIBERATION:
        _record_deliberations(locked, found, by, on)
    locked.state, locked.concluded_by, locked.concluded_on = ReviewMeeting.State.CONCLUDED, by.user, on
    locked.concluded_at = timezone.now()
    locked.save(update_fields=["state", "conclusion", "concluded_by", "concluded_on", "concluded_at"])
    jobs.enqueue(PAPERS_JOB, key=f"{PAPERS_JOB}:{locked.pk}", meeting_id=locked.pk)
    return locked


def _record_deliberations(meeting: ReviewMeeting, found: list[Line], by: Acting, on: date) -> None:
    agreed = [line.item.application.base for line in found if line.item.conclusion == Conclusion.AGREED]
    for base in agreed:
        try:
            recognising.record_deliberation(
                base=base,
                acting=by,
                on=on,
                held_on=meeting.held_on,
                conclusion=meeting.conclusion,
                meeting=meeting,
            )
        except Refused as refusal:
            raise type(refusal)([f"{base.name}：{reason}" for reason in refusal.reasons]) from refusal


@transaction.atomic
def add_scan(*, meeting: ReviewMeeting, file: UploadedFile, by: Acting) -> ReviewMeeting:
    """Keep the signed minutes (PDF) of a concluded meeting; once. Raises NotYours, Overtaken, and Refused before the conclusion."""
    meetings.officer(by)
    locked = ReviewMeeting.objects.select_for_update(of=("self",)).select_related("minutes_record").get(pk=meeting.pk)
    if locked.state != ReviewMeeting.State.CONCLUDED:
        raise Refused(_("会议还没有结束，请先完成会议登记，打印纪要签字后再上传。"))
    if locked.signed_scan_id is not None:
        raise Overtaken(_("签字扫描件已经上传，没有重复保存。"))
    locked.signed_scan = uploads.store(file, purpose=SCAN, by=by.user)
    locked.save(update_fields=["signed_scan"])
    if locked.minutes_record is not None:
        verification.keep_scan(locked.minutes_record, locked.signed_scan)
    return locked
