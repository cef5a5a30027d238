"""The lists of 推荐 and 认定: which bases can go out in a notice, in which order, and what publication does (第七条（一）, 第八条)."""

from collections.abc import Callable, Iterable
from datetime import date

from django.db.models import Case, F, QuerySet, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.models import Application, Deliberation, PublicNotice, Round
from applications.models.application import NO_INDUSTRY
from applications.services import notice_kinds, quotas
from applications.services.declaring import newest_applications
from applications.services.notice_kinds import Candidate, KindRules
from applications.services.notice_standing import withdrawn_newest
from applications.services.rounds import places_used, report_reasons
from bases.lifecycle import Evidence, NoticeFacts, Places, State
from bases.models import Base, LifecycleEvent
from bases.services.lifecycle import advance
from portal.acting import Acting
from portal.errors import Refused

Kind = PublicNotice.Kind


def _newest_round(candidates: Callable[[Round | None, int | None], list[Candidate]]) -> Callable[[int | None], Round | None]:  # fmt: skip
    """The newest of the last rounds in which there is a base that can be listed, or else one that cannot yet."""

    def find(unit_id: int | None) -> Round | None:
        later = None
        for found in Round.objects.select_related("policy").order_by("-year")[:3]:
            listed = candidates(found, unit_id)
            if any(not candidate.reasons for candidate in listed):
                return found
            later = later or (found if listed else None)
        return later

    return find


def unit_candidates(round: Round | None, unit_id: int | None) -> list[Candidate]:
    """A unit's declared applications of a round in its order, and those whose list was withdrawn; with why one cannot go out yet."""
    found = (
        newest_applications()
        .filter(round=round, base__training_unit_id=unit_id, declared_on__isnull=False)
        .filter(base__state__in=[State.DECLARED, State.UNIT_NOTICE])
        .select_related("base__partner", "base__category", "base__training_unit", "review")
    )
    listed = list(in_units_order(found))
    again = withdrawn_newest([a.base_id for a in listed if a.base.state == State.UNIT_NOTICE], Kind.RECOMMENDATION)
    return [
        Candidate(application.base, unit_reasons(application), application=application)
        for application in listed
        if application.base.state == State.DECLARED or application.base_id in again
    ]


def unit_reasons(application: Application) -> tuple[str, ...]:
    """Why the unit cannot list the base of this application yet, as far as its own review goes; empty when it can."""
    if not is_reviewed(application):
        return (_("六项审核尚未完成，请先填写审核意见。"),)
    if not application.review.agreed:
        return (_("六项审核的结论是不同意推荐，不能列入公示名单，请退回修改或作不予推荐处理。"),)
    return ()


def ready_for_unit_notice(round: Round, unit_id: int) -> list[Application]:
    """Applications of a unit in a round that it has reviewed and agrees to, in its order."""
    return [c.application for c in unit_candidates(round, unit_id) if c.application is not None and not c.reasons]


def recognition_candidates(round: Round | None, unit_id: int | None = None) -> list[Candidate]:
    """Shortlisted applications of a round and those whose list was withdrawn, priority industries first, then by unit and name."""
    found = (
        newest_applications()
        .filter(round=round, base__state__in=[State.SHORTLISTED, State.RECOGNITION_NOTICE])
        .select_related("base__partner", "base__category", "base__training_unit", "panel", "deliberation")
    )
    listed = list(found)
    noticed = [a.base_id for a in listed if a.base.state == State.RECOGNITION_NOTICE]
    again = withdrawn_newest(noticed, Kind.RECOGNITION)
    candidates = [
        Candidate(
            application.base,
            () if hasattr(application, "deliberation") else (_("审议纪要尚未登记。"),),
            application=application,
        )
        for application in listed
        if application.base.state == State.SHORTLISTED or application.base_id in again
    ]
    return sorted(candidates, key=lambda candidate: department_order(candidate.base))


def ready_for_recognition_notice(round: Round) -> list[Application]:
    """Shortlisted and deliberated applications of a round, in the order of the list."""
    return [c.application for c in recognition_candidates(round) if c.application is not None and not c.reasons]


def department_order(base: Base) -> tuple[bool, str, str]:
    """The order of the department's lists: 优先产业 first (第七条（一）), then by unit and name."""
    return (not base.priority_industry, base.training_unit.code, base.name)


def in_units_order(found: QuerySet[Application]) -> QuerySet[Application]:
    """Applications in the unit's own order; what it has not put in order follows, 优先产业 first (第七条（一）), then by name."""
    not_priority = Case(When(priority_industry__in=["", NO_INDUSTRY], then=Value(1)), default=Value(0))
    return found.alias(not_priority=not_priority).order_by(
        F("rank").asc(nulls_last=True), "not_priority", "name", "pk"
    )  # fmt: skip


def is_reviewed(application: Application) -> bool:
    """Whether the six aspects of what the application says now are reviewed."""
    review = getattr(application, "review", None)
    return review is not None and review.reviewed_on is not None


# ---- what publication does


def _move_recommended(notice: PublicNotice, bases: list[Base], by: Acting, on: date) -> None:
    """第八条（二）: within the round's time and the quota (第六条), every base reviewed in six aspects and agreed to."""
    late = report_reasons(notice.round, on) if notice.round else ()
    if late:
        raise Refused(late)
    quota = quotas.places_for(notice.round, by.unit_id) if notice.round and by.unit_id else None
    again = withdrawn_newest([base.pk for base in bases if base.state == State.UNIT_NOTICE], Kind.RECOMMENDATION)
    moving = [base for base in bases if base.pk not in again]
    used = places_used(quota) if quota else 0
    places = Places(used=used + len(moving), limit=quota.places) if quota else None
    current = newest_applications().filter(round=notice.round, base__in=bases, base__training_unit=by.unit_id)
    applications = {a.base_id: a for a in current.select_related("base", "review")}
    reviewed = {pk for pk, application in applications.items() if is_reviewed(application)}
    refused = [
        f"{base.name}：{reason}"
        for base in bases
        if base.pk in reviewed
        for reason in unit_reasons(applications[base.pk])
    ]
    if refused:
        raise Refused(refused)
    for base in moving:
        evidence = Evidence(on=on, review_done=base.pk in reviewed, places=places, notice=_facts(notice))
        _advance_naming(base, "publish_unit_notice", by=by, evidence=evidence)


def _move_recognised(notice: PublicNotice, bases: list[Base], by: Acting, on: date) -> None:
    """第八条（四）: after deliberation, and decided by another person than who prepared it."""
    again = withdrawn_newest([b.pk for b in bases if b.state == State.RECOGNITION_NOTICE], Kind.RECOGNITION)
    shortlisted_by = who_shortlisted(bases)
    current = newest_applications().filter(round=notice.round, base__in=bases)
    minutes = {
        d.application.base_id: d
        for d in Deliberation.objects.filter(application__in=current).select_related("application")
    }
    for base in bases:
        if base.pk in again:
            continue
        deliberation = minutes.get(base.pk)
        preparer = deliberation.prepared_by_id if deliberation else None
        evidence = Evidence(
            on=on,
            minutes=deliberation is not None,
            prepared_by=by.user_id if preparer and shortlisted_by.get(base.pk) == by.user_id else preparer,
            prepared_by_system=deliberation is None,
            notice=_facts(notice),
        )
        _advance_naming(base, "publish_recognition_notice", by=by, evidence=evidence)


def _facts(notice: PublicNotice) -> NoticeFacts:
    return NoticeFacts(notice.published_on, notice.ends_on)


def who_shortlisted(bases: Iterable[Base]) -> dict[int, int | None]:
    """By base, who put it on the preliminary list the last time: with whoever recorded the deliberation, its preparer."""
    moves = LifecycleEvent.objects.filter(base__in=list(bases), transition="shortlist").order_by("sequence")
    return dict(moves.values_list("base_id", "actor_id"))


def _advance_naming(base: Base, name: str, *, by: Acting, evidence: Evidence) -> None:
    try:
        advance(base, name, by=by, evidence=evidence)
    except Refused as refusal:
        raise type(refusal)([f"{base.name}：{reason}" for reason in refusal.reasons]) from refusal


def _gone_beyond(state: str, closed: str) -> Callable[[PublicNotice], list[str]]:
    """Names the bases that have left the state of the notice for another than being turned down."""

    def find(notice: PublicNotice) -> list[str]:
        gone = notice.entries.exclude(base__state__in=[state, closed])
        return list(gone.values_list("base__name", flat=True))

    return find


def register_all() -> None:
    """Add the unit's and the department's kinds of this floor."""
    notice_kinds.register(
        KindRules(
            key=Kind.RECOMMENDATION, label=gettext_lazy("推荐公示"), articles="6 8(2)", list_label=gettext_lazy("推荐名单"), order=10,
            consequence=gettext_lazy("每个基地占用一个名额；期满无异议的，可以推荐至教育厅。"),
            candidates=unit_candidates, newest_round=_newest_round(unit_candidates), move=_move_recommended,
            gone_further=_gone_beyond(State.UNIT_NOTICE, State.NOT_RECOMMENDED),
            by_unit=True, in_round=True, state=State.UNIT_NOTICE,
        )
    )  # fmt: skip
    notice_kinds.register(
        KindRules(
            key=Kind.RECOGNITION, label=gettext_lazy("认定公示"), articles="8(4)", list_label=gettext_lazy("拟认定名单"), order=20,
            consequence=gettext_lazy("期满无异议的，可以予以认定。"),
            candidates=recognition_candidates, newest_round=_newest_round(recognition_candidates), move=_move_recognised,
            gone_further=_gone_beyond(State.RECOGNITION_NOTICE, State.NOT_RECOGNISED),
            in_round=True, state=State.RECOGNITION_NOTICE,
        )
    )  # fmt: skip
