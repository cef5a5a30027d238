"""申报 (第八条（一）): the application from its first line to its declaration."""

from datetime import date
from decimal import Decimal
from typing import Any

import rules
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from applications import eligibility
from applications.models import Application, UnitReview
from applications.services.rounds import current_round
from bases.lifecycle import Evidence, State
from bases.models import Base, CategoryAuthorisation, TrainingUnit
from bases.services.lifecycle import advance, lock, refusals
from portal import uploads
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.roles import Role

BASE_FIELDS = ("name", "partner", "category", "field", "priority_industry")
APPLICATION_FIELDS = ("cooperation_started_on", "unit_investment", "partner_investment", "students_trained", "reason")
# priority_industry is a choice of its own kind: leaving it empty says "none of the thirteen".
REQUIRED = {
    "name": _("基地名称"),
    "category": _("专业学位类别"),
    "partner": _("校外合作单位"),
    "cooperation_started_on": _("合作起始日"),
    "unit_investment": _("培养单位已投入"),
    "partner_investment": _("合作单位已投入"),
    "students_trained": _("已联合培养研究生人数"),
    "reason": _("申报理由"),
}


@transaction.atomic
def start_application(*, name: str, by: Acting, on: date) -> Application:
    """Begin a base with its first 申请书 in the round that is open; raises Refused when none is."""
    if by.role != Role.APPLICANT or by.user is None or by.unit_id is None:
        raise NotYours(_("申请书由培养单位的申报人填写。"))
    open_round = current_round(on)
    if open_round is None:
        raise Refused(_("今天（%(on)s）没有开放的申报批次，请留意教育厅申报通知。") % {"on": on.isoformat()})
    base = Base(name=name.strip(), training_unit=TrainingUnit.objects.get(pk=by.unit_id), applicant=by.user)
    try:
        base.full_clean(exclude=["state"])
        with transaction.atomic():
            base.save()
    except ValidationError as error:
        raise Refused(error.messages) from error
    except IntegrityError as error:
        raise Refused(_("本单位已有同名基地，请换一个名称，或在原基地上再次申报。")) from error
    return Application.objects.create(base=base, round=open_round, declare_by=open_round.closes_on)


def newest_applications() -> QuerySet[Application]:
    """Of every base the application of its newest round; earlier ones are history and wait for nothing."""
    newer = Application.objects.filter(base=OuterRef("base"), round__year__gt=OuterRef("round__year"))
    return Application.objects.exclude(Exists(newer))


def current_application(base: Base) -> Application:
    """The application of the newest round; raises Refused when the base has none."""
    found = base.applications.select_related("round", "round__policy", "agreement").order_by("-round__year").first()
    if found is None:
        raise Refused(_("这个基地没有申请书。"))
    return found


@transaction.atomic
def save_draft(
    *, application: Application, by: Acting, values: dict[str, Any], agreement: UploadedFile | None = None
) -> Application:
    """Keep what has been filled in so far; only its applicant may, and only while the base is in drafting."""
    base = lock(application.base_id)
    draft = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    if by.role != Role.APPLICANT or by.user_id != base.applicant_id or by.unit_id != base.training_unit_id:
        raise NotYours(_("申请书只能由本基地的申报人修改。"))
    if base.state != State.DRAFTING:
        raise Overtaken(
            _("申请书已提交，当前状态为“%(state)s”，没有保存。需要修改时请联系研究生院退回。")
            % {"state": base.state_label}
        )
    if draft != current_application(base):
        raise Overtaken(_("这份申请书属于以前的批次，没有保存。请在本批次的申请书中填写。"))
    for field in BASE_FIELDS:
        if field in values:
            setattr(base, field, values[field])
    for field in APPLICATION_FIELDS:
        if field in values:
            setattr(draft, field, values[field])
    if agreement is not None:
        draft.agreement = uploads.store(agreement, purpose="application_attachment", by=by.user)
    try:
        base.full_clean(exclude=["state"])
        draft.full_clean()
        with transaction.atomic():
            base.save(update_fields=BASE_FIELDS)
            draft.save()
    except ValidationError as error:
        raise Refused(error.messages) from error
    except IntegrityError as error:
        raise Refused(_("本单位已有同名基地，请换一个名称。")) from error
    return draft


def checks(application: Application, on: date) -> list[eligibility.Check]:
    """The eligibility report of 第七条 as it stands on that day, by the policy of the round."""
    base, policy = application.base, application.round.policy
    authorised = None
    if base.category_id:
        authorised = CategoryAuthorisation.objects.filter(
            training_unit_id=base.training_unit_id, category_id=base.category_id
        ).exists()
    facts = eligibility.Facts(
        on=on,
        category_authorised=authorised,
        has_partner=base.partner_id is not None,
        cooperation_started_on=application.cooperation_started_on,
        unit_investment=application.unit_investment,
        partner_investment=application.partner_investment,
        students_trained=application.students_trained,
        has_agreement=application.agreement_id is not None,
    )
    return eligibility.report(facts, min_years=policy.min_cooperation_years, min_students=policy.min_trained_students)


def missing(application: Application) -> tuple[str, ...]:
    """The required fields that are still empty, by their names on the screen."""
    values = {name: getattr(application.base if name in BASE_FIELDS else application, name) for name in REQUIRED}
    return tuple(str(label) for name, label in REQUIRED.items() if values[name] in (None, ""))


def declare_evidence(base: Base, on: date, application: Application | None = None) -> Evidence:
    """What the machine wants to see before a base is declared."""
    application = application or current_application(base)
    application.base = base
    return Evidence(
        on=on,
        window=application.window,
        missing=missing(application),
        missing_attachments=() if application.agreement_id else (_("联合培养协议"),),
        failed_checks=eligibility.failures(checks(application, on)),
    )


def declare_reasons(base: Base, acting: Acting, on: date) -> tuple[str, ...]:
    """Why this base cannot be declared now; empty when it can."""
    return refusals(base, "declare", by=acting, evidence=declare_evidence(base, on))


@transaction.atomic
def declare(*, base: Base, acting: Acting, on: date) -> Base:
    """Hand the application to the unit (第八条（一）): its content and its eligibility report are frozen as they stand now."""
    locked = lock(base.pk)
    application = current_application(locked)
    application.base = locked
    moved = advance(base, "declare", by=acting, evidence=declare_evidence(locked, on, application))
    application.declared_on = on
    application.declared_content = _content(application)
    application.eligibility = [check.as_json() for check in checks(application, on)]
    application.returned_reason = ""
    application.save()
    return moved


def _content(application: Application) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name in (*BASE_FIELDS, *APPLICATION_FIELDS):
        value = getattr(application.base if name in BASE_FIELDS else application, name)
        out[name] = str(value) if isinstance(value, Decimal | date) or hasattr(value, "pk") else value
    out["agreement_sha256"] = application.agreement.sha256 if application.agreement else ""
    return out


def redeclare_reasons(base: Base, acting: Acting, on: date) -> tuple[str, ...]:
    """Why a closed base cannot begin a new application now."""
    return refusals(base, "redeclare", by=acting, evidence=_redeclare_evidence(base, on))


def _redeclare_evidence(base: Base, on: date) -> Evidence:
    open_round = current_round(on)
    fresh = open_round and not base.applications.filter(round=open_round).exists()
    return Evidence(on=on, window=open_round.window if open_round and fresh else None)


@transaction.atomic
def redeclare(*, base: Base, acting: Acting, on: date) -> Base:
    """Open a new application for a base that was not recommended or recognised (第五条); the facts are carried over."""
    locked = lock(base.pk)
    moved = advance(base, "redeclare", by=acting, evidence=_redeclare_evidence(locked, on))
    _carry_over(moved, on)
    return moved


def _carry_over(base: Base, on: date) -> Application:
    """A new application in the round that is open, with the facts of the last one; that one stays as it is."""
    open_round = current_round(on)
    if open_round is None:
        raise Refused(_("没有开放的申报批次。"))
    last = current_application(base)
    carried = {name: getattr(last, name) for name in (*APPLICATION_FIELDS, "agreement")}
    return Application.objects.create(base=base, round=open_round, declare_by=open_round.closes_on, **carried)


def missed_its_round(base: Base, on: date) -> bool:
    """Whether the draft was not handed in while it could be (第五条)."""
    return base.state == State.DRAFTING and current_application(base).window.closes_on < on


def renew_reasons(base: Base, acting: Acting, on: date) -> tuple[str, ...]:
    """Why a draft that missed its round cannot be taken over into a new one now."""
    if not missed_its_round(base, on):
        return (_("这份申请书还在申报期内，请直接填写提交。"),)
    open_round = current_round(on)
    if open_round is None or base.applications.filter(round=open_round).exists():
        return (_("新的年度申报批次尚未开放，开放后即可转入，已填写的内容保留。"),)
    return ()


@transaction.atomic
def renew_draft(*, base: Base, acting: Acting, on: date) -> Application:
    """Take a draft that missed its round over into the round that is open (第五条); nothing that was filled in is lost."""
    locked = lock(base.pk)
    if not rules.test_rule("act_on_base", acting, locked) or acting.role != Role.APPLICANT:
        raise NotYours(_("申请书只能由本基地的申报人转入新的批次。"))
    reasons = renew_reasons(locked, acting, on)
    if reasons:
        raise Refused(reasons)
    return _carry_over(locked, on)


def return_reasons(base: Base, acting: Acting, on: date) -> tuple[str, ...]:
    """Why this application cannot be sent back now."""
    return refusals(base, "return_for_revision", by=acting, evidence=_return_evidence(base, on, "—"))


def _return_evidence(base: Base, on: date, reason: str) -> Evidence:
    application = current_application(base)
    window = application.window
    if base.state == State.RECOMMENDED:
        window = type(window)(window.opens_on, max(window.closes_on, application.round.recommend_by))
    return Evidence(on=on, reason=reason, window=window)


@transaction.atomic
def return_for_revision(*, base: Base, acting: Acting, on: date, reason: str) -> Base:
    """Send an application back with a reason (第八条（二）); a return by the department leaves time until the unit's reporting date."""
    locked = lock(base.pk)
    evidence = _return_evidence(locked, on, reason)
    moved = advance(base, "return_for_revision", by=acting, evidence=evidence)
    application = current_application(locked)
    application.returned_reason = reason
    application.declared_on = None  # a draft again, which is its applicant's and unit's alone
    if evidence.window is not None:
        application.declare_by = evidence.window.closes_on
    application.save(update_fields=["returned_reason", "declared_on", "declare_by"])
    UnitReview.objects.filter(application=application).update(reviewed_on=None)
    return moved
