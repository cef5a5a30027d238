"""撤销 (第十七条, 第十九条至第二十一条): incidents, proposals, decisions, and leaving of one's own will."""

from datetime import date, timedelta

import rules
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import Placement
from agreements.services import placements
from bases import office_texts
from bases.lifecycle import GROUND_STATES, Evidence, Ground, State
from bases.models import Base, OfficialDocument
from bases.services.documents import register_document
from bases.services.lifecycle import advance, lock, refusals
from bases.services.office_texts import wording
from evaluations.models import Assessment, Incident, RevocationProposal, Withdrawal
from evaluations.office_texts import ARTICLE, DECIDED_ON, FILED_ON, GROUND, SIGNED_ON
from evaluations.services import result_notices, titles
from portal import uploads
from portal.acting import Acting
from portal.articles import article_label
from portal.errors import NotYours, Overtaken, Refused
from portal.roles import UNIT_ROLES, Role
from portal.typesetting import chinese_date

WITHDRAWAL_WAITS = _("有一件撤销建议待决定，请先办结，再办理自主撤销备案。")

# A year before this one is a slip of the keyboard, not an incident at a base.
EARLIEST_YEAR = 2000


@transaction.atomic
def propose(
    *,
    base: Base,
    ground: str,
    facts: str,
    by_id: int | None,
    on: date,
    assessment: Assessment | None = None,
    incident: Incident | None = None,
) -> RevocationProposal:
    """Propose a revocation on a ground; one that is open already is returned as it is. ``by_id`` None: the daily job."""
    lock(base.pk)
    existing = RevocationProposal.objects.filter(base=base, status=RevocationProposal.Status.OPEN).first()
    if existing is not None:
        if incident is not None or existing.ground != ground:
            raise Refused(
                _("这个基地已有一件撤销建议待决定（%(ground)s），请先办结。")
                % {"ground": existing.get_ground_display()}
            )
        return existing
    return RevocationProposal.objects.create(
        base=base,
        ground=ground,
        facts=facts,
        prepared_by_id=by_id,
        prepared_on=on,
        assessment=assessment,
        incident=incident,
    )


def open_proposal(base: Base) -> RevocationProposal | None:
    """The proposal that waits for the leader."""
    return RevocationProposal.objects.filter(base=base, status=RevocationProposal.Status.OPEN).first()


def _revoke_evidence(base: Base, proposal: RevocationProposal | None, on: date, reason: str) -> Evidence:
    if proposal is None:
        return Evidence(on=on, reason=reason)
    return Evidence(
        on=on,
        reason=reason,
        ground=proposal.ground,
        ground_shown=True,
        prepared_by=proposal.prepared_by_id,
        prepared_by_system=proposal.prepared_by_id is None,
        title_lost=bool(base.title_number),
    )


def revoke_reasons(base: Base, acting: Acting, on: date) -> tuple[str, ...]:
    """Why the base cannot be revoked now by this person."""
    proposal = open_proposal(base)
    if proposal is None:
        return (_("没有待决定的撤销建议。"),)
    return (
        *refusals(base, "revoke", by=acting, evidence=_revoke_evidence(base, proposal, on, "—")),
        *_noticed(proposal, on),
    )


def _noticed(proposal: RevocationProposal, on: date) -> tuple[str, ...]:
    kinds = result_notices.REVOCATION_KINDS
    return result_notices.waiting_reasons(proposal.base, kinds, proposal.prepared_on, on)


@transaction.atomic
def revoke(*, base: Base, acting: Acting, on: date, reason: str) -> Base:
    """Revoke a base on the proposed ground: decision, document, title and standing end together."""
    locked = lock(base.pk)
    if acting.role != Role.DEPT_LEADER or acting.user is None:
        raise NotYours(_("撤销由教育厅审批人决定。"))
    proposal = (
        RevocationProposal.objects.select_for_update()
        .filter(base=locked, status=RevocationProposal.Status.OPEN)
        .first()
    )
    if proposal is None:
        raise Overtaken(_("没有待决定的撤销建议，可能已由他人办结。请刷新后再看。"))
    waiting = _noticed(proposal, on)
    if waiting:
        raise Refused(waiting)
    document = _document(
        OfficialDocument.Kind.REVOCATION,
        locked,
        {
            GROUND: proposal.get_ground_display(),
            ARTICLE: article_label("20" if proposal.ground == Ground.INCIDENT else "19"),
            DECIDED_ON: chinese_date(on),
        },
        acting,
        on,
    )
    titles.lose(base=locked, on=on, because=_("基地被撤销"))
    moved = advance(
        base, "revoke", by=acting, evidence=_revoke_evidence(locked, proposal, on, reason), document=document
    )
    _decide(proposal, RevocationProposal.Status.REVOKED, reason, acting, on)
    Assessment.objects.filter(base=locked, closed_on=None).update(closed_on=on)
    placements.wind_up(base=moved, ending=Placement.Ending.BASE_ENDED, on=on, by=acting)
    return moved


def _document(kind: str, base: Base, values: dict[str, str], acting: Acting, on: date) -> OfficialDocument:
    """Register, in the office's wording, that a base ends; the title that it still holds ends with it."""
    facts = {
        office_texts.BASE: base.name,
        office_texts.TRAINING_UNIT: base.training_unit.name,
        office_texts.PARTNER: base.partner.name if base.partner else "",
        office_texts.TITLE_LOST: titles.lost_words(base),
    }
    title, paragraphs = wording(kind, None, facts | values)
    return register_document(
        kind=kind,
        title=title,
        document_date=on,
        published_on=on,
        bases=[base],
        by=acting,
        addressee=base.training_unit.name,
        text="\n".join(paragraphs),
    )


@transaction.atomic
def dismiss_proposal(
    *, base: Base, acting: Acting, on: date, reason: str, extend_to: date | None = None
) -> RevocationProposal:
    """Do not revoke. An absence needs a new date for the report; a failed grade cannot be dismissed away, it is the law's own consequence."""
    locked = lock(base.pk)
    if acting.role != Role.DEPT_LEADER or acting.user is None:
        raise NotYours(_("撤销建议由教育厅审批人决定。"))
    proposal = (
        RevocationProposal.objects.select_for_update()
        .filter(base=locked, status=RevocationProposal.Status.OPEN)
        .first()
    )
    if proposal is None:
        raise Overtaken(_("没有待决定的撤销建议，可能已由他人办结。请刷新后再看。"))
    if proposal.ground not in {Ground.ABSENT, Ground.INCIDENT}:
        raise Refused(_("“%(ground)s”依第十九条应予撤销，不能不予撤销。") % {"ground": proposal.get_ground_display()})
    if proposal.prepared_by_id == acting.user_id:
        raise Refused(_("拟办与决定不能是同一人，请由其他审批人办理。"))
    if (
        proposal.ground == Ground.ABSENT
        and proposal.assessment is not None
        and proposal.assessment.submitted_on is None
    ):
        if extend_to is None or extend_to <= on:
            raise Refused(_("请给出新的自评报告提交期限，应晚于今天（%(on)s）。") % {"on": on.isoformat()})
        Assessment.objects.filter(pk=proposal.assessment.pk).update(report_due_on=extend_to)
    return _decide(proposal, RevocationProposal.Status.DISMISSED, reason, acting, on)


def _decide(proposal: RevocationProposal, status: str, reason: str, acting: Acting, on: date) -> RevocationProposal:
    proposal.status, proposal.decision = status, reason
    proposal.decided_by, proposal.decided_on = acting.user, on
    proposal.save()
    return proposal


@transaction.atomic
def propose_absence(*, assessment: Assessment, on: date) -> RevocationProposal | None:
    """Propose a revocation for absence when no report came in time (第十九条); None when one is open or the report is in."""
    base = lock(assessment.base_id)
    fresh = Assessment.objects.get(pk=assessment.pk)
    if (
        fresh.submitted_on
        or fresh.closed_on
        or fresh.report_due_on >= on
        or base.state not in GROUND_STATES[Ground.ABSENT]
    ):
        return None
    if RevocationProposal.objects.filter(base=base, status=RevocationProposal.Status.OPEN).exists():
        return None
    facts = _("%(kind)s自评报告应于 %(due)s 前提交，逾期未交。") % {
        "kind": fresh.get_kind_display(),
        "due": fresh.report_due_on.isoformat(),
    }
    return propose(base=base, ground=Ground.ABSENT, facts=facts, by_id=None, on=on, assessment=fresh)


def first_day_of_absence(assessment: Assessment) -> date:
    """The day on which a missing report becomes an absence."""
    return assessment.report_due_on + timedelta(days=1)


@transaction.atomic
def report_incident(
    *,
    base: Base,
    acting: Acting,
    on: date,
    happened_on: date,
    description: str,
    measures: str,
    file: UploadedFile | None = None,
) -> Incident:
    """Report a major accident or change at the partner (第二十条): the unit's duty, the partner may do it too."""
    locked = lock(base.pk)
    if acting.role not in {*UNIT_ROLES, Role.PARTNER_OFFICER} or not rules.test_rule("act_on_base", acting, locked):
        raise NotYours(_("重大事项由本基地的培养单位报告，合作单位也可以报告。"))
    if locked.state not in GROUND_STATES[Ground.INCIDENT] or acting.user is None:
        raise Overtaken(_("基地当前状态为“%(state)s”，没有登记。") % {"state": locked.state_label})
    if happened_on.year < EARLIEST_YEAR:
        raise Refused(_("发生日期早于 %(year)s 年，请核对年份。") % {"year": EARLIEST_YEAR})
    if happened_on > on:
        raise Refused(_("发生日期 %(day)s 还没有到，请核对。") % {"day": happened_on.isoformat()})
    stored = uploads.store(file, purpose="incident", by=acting.user) if file else None
    return Incident.objects.create(
        base=locked,
        happened_on=happened_on,
        description=description,
        measures=measures,
        file=stored,
        reported_by=acting.user,
        reported_role=acting.role,
        reported_on=on,
    )


def waiting_incident(base: Base) -> Incident | None:
    """The oldest report that the department has not studied."""
    return base.incidents.filter(studied_on=None).order_by("pk").first()


@transaction.atomic
def study_incident(*, base: Base, acting: Acting, on: date, can_continue: bool, finding: str) -> Incident:
    """Record the department's study (第二十条); where joint training cannot go on, a revocation is proposed."""
    locked = lock(base.pk)
    if acting.role != Role.DEPT_OFFICER or acting.user is None:
        raise NotYours(_("重大事项由教育厅经办研判。"))
    if locked.state not in GROUND_STATES[Ground.INCIDENT]:
        raise Overtaken(_("基地当前状态为“%(state)s”，没有研判。") % {"state": locked.state_label})
    incident = waiting_incident(locked)
    if incident is None:
        raise Overtaken(_("没有待研判的重大事项，可能已由他人办理。请刷新后再看。"))
    incident.can_continue, incident.finding = can_continue, finding
    incident.studied_by, incident.studied_on = acting.user, on
    incident.save()
    if not can_continue:
        propose(base=locked, ground=Ground.INCIDENT, facts=finding, by_id=acting.user_id, on=on, incident=incident)
    return incident


@transaction.atomic
def request_withdrawal(
    *,
    base: Base,
    acting: Acting,
    on: date,
    reason: str,
    unit_signatory: str,
    partner_signatory: str,
    signed_on: date,
    request_file: UploadedFile,
) -> Withdrawal:
    """Hand in the joint written request (第二十一条), signed by both sides."""
    locked = lock(base.pk)
    if acting.role != Role.UNIT_OFFICER or acting.unit_id != locked.training_unit_id or acting.user is None:
        raise NotYours(_("自主撤销申请由研究生院会同合作单位提出。"))
    reasons = withdrawal_obstacles(locked, on)
    if reasons:
        raise Refused(reasons)
    if waiting_withdrawal(locked) is not None:
        raise Refused(_("已有一份申请等待教育厅备案，没有重复提交。"))
    if locked.construction_started_on and signed_on < locked.construction_started_on:
        started = locked.construction_started_on.isoformat()
        raise Refused(_("签署日期早于建设期开始的 %(day)s，请核对。") % {"day": started})
    if signed_on > on:
        raise Refused(_("签署日期 %(day)s 还没有到，请核对。") % {"day": signed_on.isoformat()})
    return Withdrawal.objects.create(
        base=locked,
        reason=reason,
        unit_signatory=unit_signatory,
        partner_signatory=partner_signatory,
        signed_on=signed_on,
        request_file=uploads.store(request_file, purpose="withdrawal", by=acting.user),
        requested_by=acting.user,
        requested_on=on,
    )


def withdrawal_obstacles(base: Base, on: date) -> tuple[str, ...]:
    """What stands against a withdrawal before the request itself: the period and the last grade."""
    officer = Acting(role=Role.DEPT_OFFICER)
    if base.state not in {State.CONSTRUCTING, State.DEMONSTRATION}:
        return (_("基地当前状态为“%(state)s”，不能申请自主撤销。") % {"state": base.state_label},)
    return refusals(base, "withdraw", by=officer, evidence=Evidence(on=on, joint_request=True))


def waiting_withdrawal(base: Base) -> Withdrawal | None:
    """The request that the department has not filed."""
    return base.withdrawals.filter(filed_on=None).first()


def file_withdrawal_reasons(base: Base, acting: Acting, on: date) -> tuple[str, ...]:
    """Why the withdrawal cannot be filed now."""
    request = waiting_withdrawal(base)
    reasons = refusals(base, "withdraw", by=acting, evidence=Evidence(on=on, joint_request=request is not None))
    return reasons if open_proposal(base) is None else (*reasons, WITHDRAWAL_WAITS)


@transaction.atomic
def file_withdrawal(*, base: Base, acting: Acting, on: date) -> Base:
    """File the joint request: the base leaves of its own will, its title ends with it. A proposed revocation is decided first."""
    locked = lock(base.pk)
    if acting.role != Role.DEPT_OFFICER:
        raise NotYours(_("自主撤销由教育厅经办备案。"))
    if open_proposal(locked) is not None:
        raise Refused(WITHDRAWAL_WAITS)
    request = waiting_withdrawal(locked)
    document = None
    if request is not None:
        dates = {SIGNED_ON: chinese_date(request.signed_on), FILED_ON: chinese_date(on)}
        document = _document(OfficialDocument.Kind.WITHDRAWAL, locked, dates, acting, on)
        titles.lose(base=locked, on=on, because=_("自主撤销"))
    moved = advance(
        base, "withdraw", by=acting, evidence=Evidence(on=on, joint_request=request is not None), document=document
    )
    if request is not None:
        request.filed_on = on
        request.save(update_fields=["filed_on"])
    placements.wind_up(base=moved, ending=Placement.Ending.BASE_ENDED, on=on, by=acting)
    return moved
