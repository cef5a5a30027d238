"""申报 (第八条（一）): handing the application in, sending it back, beginning again in a new round."""

from datetime import date

import rules
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from applications import eligibility
from applications.models import Application, ApplicationVersion, UnitDeadline, UnitReview
from applications.services import drafting, snapshot
from applications.services.content import content_of_snapshot
from applications.services.readiness import readiness_of
from applications.services.rounds import current_round, declare_deadline
from bases.lifecycle import Evidence, State, Window
from bases.models import Base
from bases.services.lifecycle import advance, lock, refusals
from portal import calendar
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.roles import Role


def newest_applications() -> QuerySet[Application]:
    """Of every base the application of its newest round; earlier ones are history and wait for nothing."""
    newer = Application.objects.filter(base=OuterRef("base"), round__year__gt=OuterRef("round__year"))
    return Application.objects.exclude(Exists(newer))


def current_application(base: Base) -> Application:
    """The application of the newest round; raises Refused when the base has none."""
    found = base.applications.select_related("round", "round__policy").order_by("-round__year").first()
    if found is None:
        raise Refused(_("这个基地没有申请书。"))
    return found


def with_own_deadline(found: QuerySet[Application]) -> QuerySet[Application]:
    """Applications with their unit's own deadline at hand, for lists of them."""
    own = UnitDeadline.objects.filter(round=OuterRef("round"), training_unit=OuterRef("base__training_unit"))
    return found.annotate(own_deadline=Subquery(own.values("declare_by")[:1]))


def declare_window(application: Application) -> Window:
    """The days on which this application may be declared: to its unit's own deadline, and longer after a return."""
    if hasattr(application, "own_deadline"):
        own = application.own_deadline or application.round.closes_on
    else:
        own = declare_deadline(application.round, application.base.training_unit_id)
    # A return has given time of its own, whatever the unit's deadline; nothing takes it away again.
    closes = max(own, application.declare_by) if application.returned_reason else own
    return Window(application.round.opens_on, closes)


def declare_evidence(base: Base, on: date, read: snapshot.Snapshot | None = None) -> Evidence:
    """What the machine wants to see before a base is declared."""
    read = read or snapshot.read(current_application(base), on)
    ready = readiness_of(read, on)
    return Evidence(
        on=on,
        window=declare_window(read.application),
        missing=tuple(gap.words for gap in ready.gaps if gap not in ready.standing("attachments").missing),
        missing_attachments=tuple(ready.missing_files),
        failed_checks=eligibility.failures(ready.checks),
    )


def declare_reasons(base: Base, acting: Acting, on: date) -> tuple[str, ...]:
    """Why this base cannot be declared now; empty when it can."""
    return refusals(base, "declare", by=acting, evidence=declare_evidence(base, on))


@transaction.atomic
def declare(*, base: Base, acting: Acting, on: date, revision: int | None = None) -> Base:
    """Hand the application to the unit (第八条（一）).

    ``revision`` is the application's when the person opened the page: Overtaken is raised when somebody has changed it since. Content, attachments and eligibility report are frozen as a version, and the base's row says from now on what was declared.
    """
    locked = lock(base.pk)
    application = Application.objects.select_for_update(of=("self",)).get(pk=current_application(locked).pk)
    application.base = locked
    if revision is not None and revision != drafting.revision(application):
        raise Overtaken(_("没有提交：您打开本页之后，申请书又有改动。请先看过最新的内容，再提交申报。"))
    read = snapshot.read(application, on, roster=True)
    evidence = declare_evidence(locked, on, read)
    # The machine reads the row itself, so the cover stands there before the move; a refusal takes it back.
    drafting.show_on_base(application)
    moved = advance(base, "declare", by=acting, evidence=evidence)
    _freeze(read, acting, on)
    application.declared_on, application.returned_reason = on, ""
    application.save(update_fields=["declared_on", "returned_reason", "saved_at"])
    return moved


def _freeze(read: snapshot.Snapshot, acting: Acting, on: date) -> ApplicationVersion:
    if acting.user is None:
        raise NotYours(_("申请书由申报人提交。"))
    content = content_of_snapshot(read)
    last = ApplicationVersion.objects.filter(application=read.application).order_by("-number").first()
    version = ApplicationVersion.objects.create(
        application=read.application,
        number=last.number + 1 if last else 1,
        declared_on=on,
        declared_by=acting.user,
        content=content.as_json(),
        content_sha256=content.sha256,
        eligibility=[check.as_json() for check in readiness_of(read, on).checks],
    )
    version.files.set(read.files)
    return version


def newest_version(application: Application) -> ApplicationVersion | None:
    """What the application said when it was last declared; None for one that never was."""
    return application.versions.order_by("-number").first()


def redeclare_reasons(base: Base, acting: Acting, on: date) -> tuple[str, ...]:
    """Why a closed base cannot begin a new application now."""
    return refusals(base, "redeclare", by=acting, evidence=_redeclare_evidence(base, on))


def _redeclare_evidence(base: Base, on: date) -> Evidence:
    open_round = current_round(on)
    fresh = open_round and not base.applications.filter(round=open_round).exists()
    return Evidence(on=on, window=open_round.window if open_round and fresh else None)


@transaction.atomic
def redeclare(*, base: Base, acting: Acting, on: date) -> Base:
    """Open a new application for a base that was not recommended or recognised (第五条); everything is carried over."""
    locked = lock(base.pk)
    moved = advance(base, "redeclare", by=acting, evidence=_redeclare_evidence(locked, on))
    drafting.carry_over(moved, current_application(moved), on)
    return moved


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
    return drafting.carry_over(locked, current_application(locked), on)


def return_reasons(base: Base, acting: Acting, on: date) -> tuple[str, ...]:
    """Why this application cannot be sent back now."""
    reasons = refusals(base, "return_for_revision", by=acting, evidence=_return_evidence(base, on, "—"))
    return reasons or _no_time_left(base, on)


def _no_time_left(base: Base, on: date) -> tuple[str, ...]:
    """Why a return by the department would end the base's year: there is no time left for another notice (第八条（二）)."""
    if base.state != State.RECOMMENDED:
        return ()
    round_ = current_application(base).round
    try:
        ends = calendar.load().after(on, round_.policy.notice_working_days)
    except calendar.CalendarNotLoaded:
        return ()
    if ends < round_.recommend_by:
        return ()
    words = _(
        "退回后须重新申报、公示，公示最早到 %(ends)s 才能结束，赶不上推荐报送截止 %(by)s。请先延长批次，再退回修改。"
    )
    return (words % {"ends": ends.isoformat(), "by": round_.recommend_by.isoformat()},)


def _return_evidence(base: Base, on: date, reason: str) -> Evidence:
    application = current_application(base)
    window = application.window
    if base.state == State.RECOMMENDED:
        window = Window(window.opens_on, max(window.closes_on, application.round.recommend_by))
    return Evidence(on=on, reason=reason, window=window)


@transaction.atomic
def return_for_revision(*, base: Base, acting: Acting, on: date, reason: str) -> Base:
    """Send an application back with a reason (第八条（二）): its version stays as it was declared, what is mended becomes the next one.

    A return by the department leaves time until the unit's reporting date; one by the unit until the round's end.
    """
    locked = lock(base.pk)
    evidence = _return_evidence(locked, on, reason)
    no_time = _no_time_left(locked, on)
    moved = advance(base, "return_for_revision", by=acting, evidence=evidence)
    if no_time:
        raise Refused(no_time)
    application = current_application(locked)
    version = newest_version(application)
    if version is not None:
        version.returned_on, version.returned_reason = on, reason
        version.returned_by = f"{acting.name}（{acting.role_label}）"
        version.save(update_fields=["returned_on", "returned_reason", "returned_by"])
    application.returned_reason = reason
    application.declared_on = None  # a draft again, which is its applicant's and unit's alone
    if evidence.window is not None:
        application.declare_by = evidence.window.closes_on
    application.save(update_fields=["returned_reason", "declared_on", "declare_by"])
    UnitReview.objects.filter(application=application).update(reviewed_on=None)
    return moved


def versions_for(application: Application) -> QuerySet[ApplicationVersion]:
    """The declared versions of an application, newest first, as the pages list them; without what they say, which may be long."""
    return application.versions.select_related("declared_by").defer("content", "eligibility").order_by("-number")
