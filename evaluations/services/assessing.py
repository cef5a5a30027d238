"""考核与复评 (第十五条至第十九条): report, panel, proposal, decision, and what follows from the grade."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import Grant
from agreements.money import in_wan
from agreements.services.grants import award_demonstration_grant, demonstration_support
from applications.models import Panel
from applications.services import panels
from bases import office_texts
from bases.lifecycle import Evidence, Grade, Ground, State
from bases.models import Base, OfficialDocument, Policy
from bases.rules import is_its_applicant
from bases.services.documents import register_document
from bases.services.lifecycle import advance, lock
from bases.services.office_texts import wording
from evaluations.grading import proposed_grade
from evaluations.models import Assessment, Rectification
from evaluations.office_texts import CRITICISM_NUMBER, ENDS_ON, REPORT_DUE, STARTS_ON, SUPPORT, TITLE_NUMBER
from evaluations.services import result_notices, titles
from evaluations.services.revoking import open_proposal, propose
from portal import uploads
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.models import User
from portal.roles import Role
from portal.typesetting import chinese_date

UNDER_ASSESSMENT = (State.ASSESSING, State.REASSESSING)


def open_assessment_of(base: Base) -> Assessment:
    """The assessment that is under way; raises Refused when there is none."""
    found = Assessment.objects.filter(base=base, closed_on=None).select_related("panel", "base").first()
    if found is None:
        raise Refused(_("这个基地没有正在进行的考核。"))
    return found


@transaction.atomic
def open_due(*, base: Base, by: Acting, on: date) -> Assessment:
    """Open the assessment (第十五条) or the reassessment (第十九条) that is due on that day; the report is due some days later."""
    locked = lock(base.pk)
    again = locked.state == State.RECTIFYING
    advance(locked, "open_reassessment" if again else "open_assessment", by=by, evidence=Evidence(on=on))
    policy = Policy.in_force(on)
    return Assessment.objects.create(
        base=locked,
        kind=Assessment.Kind.REASSESSMENT if again else Assessment.Kind.ASSESSMENT,
        opened_on=on,
        report_due_on=on + timedelta(days=policy.report_days),
    )


@transaction.atomic
def submit_report(
    *, base: Base, acting: Acting, on: date, report: str, report_file: UploadedFile | None = None
) -> Assessment:
    """Hand in the self-assessment; late is possible until a revocation for absence is decided."""
    locked = lock(base.pk)
    if not is_its_applicant(acting, locked):
        raise NotYours(_("自评报告由本基地的申报人提交。"))
    if locked.state not in UNDER_ASSESSMENT:
        raise Overtaken(_("基地当前状态为“%(state)s”，没有提交。") % {"state": locked.state_label})
    assessment = open_assessment_of(locked)
    if assessment.panel_id is not None:
        raise Overtaken(_("专家已开始评审，自评报告不能再改。"))
    assessment.report, assessment.submitted_by, assessment.submitted_on = report, acting.user, on
    if report_file is not None:
        assessment.report_file = uploads.store(report_file, purpose="self_report", by=acting.user)
    assessment.save()
    return assessment


def assign_reasons(base: Base, acting: Acting, on: date) -> tuple[str, ...]:
    """Why experts cannot be assigned yet."""
    submitted = open_assessment_of(base).submitted_on
    return () if submitted else (_("自评报告尚未提交，请先催交。"),)


@transaction.atomic
def assign_assessors(*, base: Base, acting: Acting, on: date, experts: Iterable[User]) -> Panel:
    """Put experts on the assessment; with enough of them the dossier goes out at once."""
    locked = lock(base.pk)
    if locked.state not in UNDER_ASSESSMENT:
        raise Overtaken(_("基地当前状态为“%(state)s”，没有分配专家。") % {"state": locked.state_label})
    assessment = open_assessment_of(locked)
    reasons = assign_reasons(locked, acting, on)
    if reasons:
        raise Refused(reasons)
    if assessment.panel is None:
        purpose = Panel.Purpose(assessment.kind)
        required = Policy.in_force(assessment.opened_on).min_experts
        assessment.panel = panels.ensure_panel(base=locked, purpose=purpose, required=required, by=acting, on=on)
        assessment.save(update_fields=["panel"])
    panel = panels.assign(panel=assessment.panel, experts=experts, by=acting, on=on)
    if panels.live(panel).count() < panel.required:
        raise Refused(_("至少需要 %(n)s 名专家，请再选几名。") % {"n": panel.required})
    panels.start(panel)
    return panel


def suggestion(assessment: Assessment, on: date) -> tuple[Decimal, Grade]:
    """The fixed aggregate and the grade that the thresholds of the policy propose; raises Refused while a sheet is missing.

    A 复评 is passed or failed: from the threshold of 合格 on it is passed.
    """
    if assessment.panel is None:
        raise Refused(_("尚未分配考核专家。"))
    with transaction.atomic():
        fixed = panels.fix_aggregate(panel=assessment.panel, on=on)
        score = fixed.aggregate or Decimal(0)
        transaction.set_rollback(True)
    policy = Policy.in_force(assessment.opened_on)
    grade = proposed_grade(score, excellent=policy.excellent_score, qualified=policy.qualified_score)
    again = assessment.kind == Assessment.Kind.REASSESSMENT
    return score, Grade.QUALIFIED if again and grade == Grade.EXCELLENT else grade


def _refuse_excellent_again(assessment: Assessment, grade: str) -> None:
    if assessment.kind == Assessment.Kind.REASSESSMENT and grade == Grade.EXCELLENT:
        raise Refused(_("复评只评定合格或不合格。"))


def propose_reasons(base: Base, acting: Acting, on: date) -> tuple[str, ...]:
    """Why a grade cannot be proposed yet, or not another one while the first is announced."""
    try:
        suggestion(open_assessment_of(base), on)
    except Refused as refusal:
        return refusal.reasons
    return result_notices.preparing_reasons(base, result_notices.GRADE_KINDS, on)


@transaction.atomic
def propose_grade(*, base: Base, acting: Acting, on: date, grade: str, reason: str = "") -> Assessment:
    """Prepare the decision: fix the aggregate and propose a grade; another one than the thresholds' needs its reason.

    Raises Refused while a notice of what was proposed runs, or an objection to it is open.
    """
    locked = lock(base.pk)
    if acting.role != Role.DEPT_OFFICER or acting.user is None:
        raise NotYours(_("考核等级由教育厅经办拟定。"))
    if locked.state not in UNDER_ASSESSMENT:
        raise Overtaken(_("基地当前状态为“%(state)s”，没有拟定等级。") % {"state": locked.state_label})
    assessment = open_assessment_of(locked)
    if assessment.grade:
        raise Overtaken(_("等级已经决定，不能再拟定。"))
    announced = result_notices.preparing_reasons(locked, result_notices.GRADE_KINDS, on)
    if announced:
        raise Refused(announced)
    _refuse_excellent_again(assessment, grade)
    score, suggested = suggestion(assessment, on)
    if grade != suggested and not reason.strip():
        raise Refused(
            _("得分 %(score)s 按分数线对应“%(suggested)s”，拟定其他等级须写明理由。")
            % {"score": score, "suggested": suggested.label}
        )
    if assessment.panel is not None:
        panels.fix_aggregate(panel=assessment.panel, on=on)
    assessment.proposed_grade, assessment.proposal_reason = grade, reason.strip()
    assessment.prepared_by, assessment.prepared_on = acting.user, on
    assessment.save()
    return assessment


def decide_reasons(base: Base, acting: Acting, on: date) -> tuple[str, ...]:
    """Why the grade cannot be decided now by this person."""
    assessment = open_assessment_of(base)
    if assessment.grade:
        return (_("等级已决定为“%(grade)s”，请办理撤销建议。") % {"grade": assessment.get_grade_display()},)
    if not assessment.proposed_grade:
        return (_("经办尚未拟定等级。"),)
    if open_proposal(base) is not None:
        return (_("有一件撤销建议待决定，请先办结，再决定等级。"),)
    if assessment.prepared_by_id == acting.user_id:
        return (_("拟办与决定不能是同一人，请由其他审批人办理。"),)
    return result_notices.waiting_reasons(base, result_notices.GRADE_KINDS, assessment.prepared_on, on)


@transaction.atomic
def decide_grade(*, base: Base, acting: Acting, on: date, grade: str, reason: str = "") -> Base:
    """Decide the grade (第十六条) and what follows from it (第十七条, 第十九条), as one act of the leader.

    A second 不合格 in a row and a failed 复评 do not revoke by themselves: they become a proposal that the leader decides.
    """
    locked = lock(base.pk)
    if acting.role != Role.DEPT_LEADER or acting.user is None:
        raise NotYours(_("考核等级由教育厅审批人决定。"))
    if locked.state not in UNDER_ASSESSMENT:
        raise Overtaken(_("基地当前状态为“%(state)s”，没有决定等级。") % {"state": locked.state_label})
    assessment = Assessment.objects.select_for_update().get(pk=open_assessment_of(locked).pk)
    reasons = decide_reasons(locked, acting, on)
    if reasons:
        raise Refused(reasons)
    if grade != assessment.proposed_grade and not reason.strip():
        raise Refused(
            _("决定的等级与拟定的“%(grade)s”不同，须写明理由。") % {"grade": assessment.get_proposed_grade_display()}
        )
    _refuse_excellent_again(assessment, grade)
    assessment.grade, assessment.decided_by, assessment.decided_on = grade, acting.user, on
    assessment.save()
    return _follow(locked, assessment, acting, on, reason)


def _follow(base: Base, assessment: Assessment, acting: Acting, on: date, reason: str) -> Base:
    again = assessment.kind == Assessment.Kind.REASSESSMENT
    if assessment.grade == Grade.FAILED and (again or base.consecutive_failures):
        ground = Ground.REASSESSMENT_FAILED if again else Ground.TWO_FAILURES
        propose(
            base=base,
            ground=ground,
            facts=_failure_words(assessment, reason),
            assessment=assessment,
            by_id=assessment.prepared_by_id,
            on=on,
        )
        return base
    if assessment.grade == Grade.FAILED:
        moved = _fail(base, assessment, acting, on, reason)
    elif assessment.grade == Grade.EXCELLENT:
        moved = _excel(base, assessment, acting, on, reason)
    else:
        moved = _pass(base, assessment, acting, on, reason)
    close(assessment, on)
    return moved


def close(assessment: Assessment, on: date) -> None:
    """End an assessment; the base can have a next one."""
    assessment.closed_on = on
    assessment.save(update_fields=["closed_on"])


def _failure_words(assessment: Assessment, reason: str) -> str:
    score = assessment.panel.aggregate if assessment.panel else None
    facts = _("%(kind)s（%(opened)s 启动）得分 %(score)s，评定为不合格。") % {
        "kind": assessment.get_kind_display(),
        "opened": assessment.opened_on.isoformat(),
        "score": score if score is not None else "—",
    }
    # No event of the machine carries the leader's reason here; the proposal does.
    return f"{facts}{reason.strip()}"


def _evidence(assessment: Assessment, on: date, reason: str, **more: object) -> Evidence:
    return Evidence(on=on, reason=reason, grade=assessment.grade, prepared_by=assessment.prepared_by_id, **more)  # type: ignore[arg-type]


def _facts(base: Base, assessment: Assessment) -> dict[str, str]:
    return {
        office_texts.BASE: base.name,
        office_texts.TRAINING_UNIT: base.training_unit.name,
        office_texts.PARTNER: base.partner.name if base.partner else "",
        office_texts.OPENED_ON: chinese_date(assessment.opened_on),
        office_texts.GRADE: assessment.get_grade_display(),
    }


def _document(
    kind: str, base: Base, values: dict[str, str], acting: Acting, on: date, *, to_all: bool = False
) -> OfficialDocument:
    """Register what the decision says, in the office's wording; to the base's unit, or to all of them."""
    title, paragraphs = wording(kind, None, values)
    return register_document(
        kind=kind,
        title=title,
        document_date=on,
        published_on=on,
        bases=[base],
        by=acting,
        addressee=_("各研究生培养单位") if to_all else base.training_unit.name,
        text="\n".join(paragraphs),
    )


def _excel(base: Base, assessment: Assessment, acting: Acting, on: date, reason: str) -> Base:
    policy = Policy.in_force(on)
    held = titles.held_by(base)
    number = held.number if held else f"SF-{on.year}-{base.pk:04d}"
    due = _next_due(assessment, policy, on)
    values = _facts(base, assessment) | {
        TITLE_NUMBER: number,
        SUPPORT: _("%(amount)s万元") % {"amount": in_wan(demonstration_support(base, policy))},
        office_texts.NEXT_DUE: chinese_date(due),
    }
    document = _document(OfficialDocument.Kind.COMMENDATION, base, values, acting, on, to_all=True)
    if held is None:
        titles.grant(base=base, number=number, document=document, on=on)
    grant: Grant = award_demonstration_grant(base=base, policy=policy, on=on, document=document)
    evidence = _evidence(assessment, on, reason, title_number=number, grant=grant.amount, period_ends_on=due)
    return advance(base, "grade_excellent", by=acting, evidence=evidence, document=document)


def _pass(base: Base, assessment: Assessment, acting: Acting, on: date, reason: str) -> Base:
    policy = Policy.in_force(on)
    again = assessment.kind == Assessment.Kind.REASSESSMENT
    kind = OfficialDocument.Kind.REASSESSMENT if again else OfficialDocument.Kind.ASSESSMENT
    due = on + relativedelta(years=policy.assessment_years) if again else _next_due(assessment, policy, on)
    values = _facts(base, assessment) | {office_texts.NEXT_DUE: chinese_date(due)}
    document = _document(kind, base, values, acting, on)
    evidence = _evidence(assessment, on, reason, period_ends_on=due, break_row=policy.reassessment_pass_breaks_row)
    return advance(
        base, "pass_reassessment" if again else "grade_qualified", by=acting, evidence=evidence, document=document
    )


def _fail(base: Base, assessment: Assessment, acting: Acting, on: date, reason: str) -> Base:
    policy = Policy.in_force(on)
    ends_on = on + relativedelta(years=policy.rectification_years)
    facts = _facts(base, assessment)
    criticism = facts | {office_texts.TITLE_LOST: titles.lost_words(base)}
    document = _document(OfficialDocument.Kind.CRITICISM, base, criticism, acting, on, to_all=True)
    asked = {CRITICISM_NUMBER: document.number, STARTS_ON: chinese_date(on), ENDS_ON: chinese_date(ends_on)}
    _document(OfficialDocument.Kind.RECTIFICATION, base, facts | asked, acting, on)
    lost = titles.lose(base=base, on=on, because=_("考核不合格"))
    evidence = _evidence(assessment, on, reason, title_lost=lost, circulated=True, period_ends_on=ends_on)
    moved = advance(base, "grade_failed", by=acting, evidence=evidence, document=document)
    Rectification.objects.create(base=base, assessment=assessment, started_on=on, ends_on=ends_on)
    return moved


def reassessment_notice(base: Base) -> OfficialDocument | None:
    """The 复评通知 of the 复评 that is under way; None while the officer has not sent it, or when there is no 复评."""
    running = Assessment.objects.filter(base=base, closed_on=None, kind=Assessment.Kind.REASSESSMENT).first()
    if running is None:
        return None
    sent = base.documents.filter(kind=OfficialDocument.Kind.REASSESSMENT_NOTICE, withdrawn_on=None)
    return sent.filter(document_date__gte=running.opened_on).first()


@transaction.atomic
def send_reassessment_notice(*, base: Base, acting: Acting, on: date) -> OfficialDocument:
    """Register the 复评通知 (第十九条). The daily job opens a 复评; a document needs a person, so the officer sends it.

    Raises NotYours, Overtaken where it is out already or the base is not under 复评.
    """
    locked = lock(base.pk)
    if acting.role != Role.DEPT_OFFICER or acting.user is None:
        raise NotYours(_("复评通知由教育厅经办下发。"))
    if locked.state != State.REASSESSING:
        raise Overtaken(_("基地当前状态为“%(state)s”，没有下发复评通知。") % {"state": locked.state_label})
    sent = reassessment_notice(locked)
    if sent is not None:
        raise Overtaken(_("复评通知已经下发（%(number)s），没有重复办理。") % {"number": sent.number})
    assessment = open_assessment_of(locked)
    rectification = Rectification.objects.filter(base=locked).order_by("-started_on").first()
    values = _facts(locked, assessment) | {
        ENDS_ON: chinese_date(rectification.ends_on if rectification else assessment.opened_on),
        REPORT_DUE: chinese_date(assessment.report_due_on),
    }
    return _document(OfficialDocument.Kind.REASSESSMENT_NOTICE, locked, values, acting, on)


def _next_due(assessment: Assessment, policy: Policy, on: date) -> date:
    """The next periodic assessment: a period after this one opened, so that late decisions do not shift the rhythm."""
    due = assessment.opened_on + relativedelta(years=policy.assessment_years)
    return due if due > on else on + relativedelta(years=policy.assessment_years)


@transaction.atomic
def submit_plan(*, base: Base, acting: Acting, on: date, plan: str) -> Rectification:
    """Hand in the rectification plan (第十九条)."""
    locked = lock(base.pk)
    if not is_its_applicant(acting, locked):
        raise NotYours(_("整改方案由本基地的申报人提交。"))
    rectification = Rectification.objects.filter(base=locked).order_by("-started_on").first()
    if locked.state != State.RECTIFYING or rectification is None:
        raise Overtaken(_("基地当前状态为“%(state)s”，没有提交。") % {"state": locked.state_label})
    rectification.plan, rectification.plan_by, rectification.plan_on = plan, acting.user, on
    rectification.save()
    return rectification
