"""推荐 (第八条（二）): what the unit thinks of its applications, in which order it would recommend them, and whom it does not."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from applications.models import Application, PublicNotice, Round, UnitReview
from applications.services import reporting, rounds
from applications.services.declaring import current_application
from applications.services.notice_lists import in_units_order, unit_reasons
from applications.services.notice_standing import newest_notices, notice_facts
from bases.lifecycle import Evidence, State
from bases.models import Base
from bases.services.lifecycle import advance, lock, refusals
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.roles import Role

ASPECTS = (
    "category_opinion", "partner_opinion", "reason_opinion", "results_opinion", "prospects_opinion", "contribution_opinion",
)  # fmt: skip


@transaction.atomic
def review(
    *,
    base: Base,
    acting: Acting,
    on: date,
    agreed: bool = True,
    application: Application | None = None,
    **opinions: str,
) -> UnitReview:
    """Record the unit's opinion in all six aspects and its conclusion; both can be changed until the notice is out.

    An application to which the unit does not agree cannot be listed; it is sent back or declined.
    """
    locked = lock(base.pk)
    if acting.role != Role.UNIT_OFFICER or acting.unit_id != locked.training_unit_id or acting.user is None:
        raise NotYours(_("六项审核由本单位研究生院填写。"))
    if locked.state != State.DECLARED:
        raise Overtaken(_("基地当前状态为“%(state)s”，审核意见没有保存。") % {"state": locked.state_label})
    current = current_application(locked)
    if application is not None and application.pk != current.pk:
        raise Overtaken(_("这份申请书属于以前的批次，审核意见没有保存。请审核本批次的申请书。"))
    values: dict[str, Any] = {name: opinions[name] for name in ASPECTS}
    values |= {"agreed": agreed, "reviewed_by": acting.user, "reviewed_on": on}
    saved, _created = UnitReview.objects.update_or_create(application=current, defaults=values)
    return saved


def listing_reasons(base: Base) -> tuple[str, ...]:
    """Why the unit cannot list the base in a notice yet, as far as its own review goes; empty when it can."""
    application = Application.objects.select_related("review").get(pk=current_application(base).pk)
    return unit_reasons(application)


def own_applications(round: Round, unit_id: int) -> list[Application]:
    """A unit's applications of a round, in its order."""
    return list(in_units_order(Application.objects.filter(round=round, base__training_unit_id=unit_id)))


@transaction.atomic
def set_order(*, round: Round, order: Iterable[int], by: Acting) -> list[Application]:
    """Put a unit's applications of a round in order: those named by their key come first, the others follow without a rank.

    Raises NotYours for what is not the unit's, Refused when one stands twice.
    """
    wanted = list(order)
    if by.role != Role.UNIT_OFFICER or by.unit_id is None:
        raise NotYours(_("推荐排序由研究生院确定。"))
    # Locked in one order, so that two officers who save at once do not wait for each other.
    own = Application.objects.select_for_update(of=("self",)).order_by("pk")
    found = {a.pk: a for a in own.filter(round=round, base__training_unit_id=by.unit_id)}
    if not set(wanted) <= set(found):
        raise NotYours(_("名单中有不属于本单位这个批次的申请书，排序没有保存。请刷新后再排。"))
    if len(set(wanted)) != len(wanted):
        raise Refused(_("同一份申请书排了两次，排序没有保存。请刷新后再排。"))
    places = {pk: place for place, pk in enumerate(wanted, start=1)}
    changed = [application for pk, application in found.items() if application.rank != places.get(pk)]
    for application in changed:
        application.rank = places.get(application.pk)
    Application.objects.bulk_update(changed, ["rank"])
    return list(in_units_order(Application.objects.filter(pk__in=found)))


def reordered(current: Iterable[Application], wanted: Mapping[int, int | None]) -> list[int]:
    """The keys in a new order: what was given another number moves to that place, the rest keeps its order.

    ``current`` are all applications in their order; an empty number takes one out of the order.
    """
    ranked = {application.pk: application.rank for application in current}
    moved = {pk: number for pk, number in wanted.items() if pk in ranked and number != ranked[pk]}
    order = [pk for pk, rank in ranked.items() if rank is not None and pk not in moved]
    for number, pk in sorted((number, pk) for pk, number in moved.items() if number is not None):
        order.insert(max(number - 1, 0), pk)
    return order


def moved(order: Iterable[int], pk: int, by_places: int) -> list[int]:
    """The keys in a new order in which one application has changed places with its neighbour."""
    keys = list(order)
    if pk in keys:
        old = keys.index(pk)
        keys.insert(max(0, old + by_places), keys.pop(old))
    return keys


def decline(*, base: Base, acting: Acting, on: date, reason: str) -> Base:
    """Do not recommend the base this year, with the reason."""
    return advance(base, "decline", by=acting, evidence=Evidence(on=on, reason=reason))


def recommend_reasons(base: Base, acting: Acting, on: date) -> tuple[str, ...]:
    """Why the base cannot be reported now."""
    evidence = Evidence(on=on, notice=notice_facts(base, PublicNotice.Kind.RECOMMENDATION))
    late = rounds.report_reasons(current_application(base).round, on)
    return (*late, *refusals(base, "recommend", by=acting, evidence=evidence))


def recommend(*, base: Base, acting: Acting, on: date) -> Base:
    """Report one base to the department by itself, with the letter as it is proposed."""
    round_ = current_application(base).round
    found = newest_notices([base.pk], PublicNotice.Kind.RECOMMENDATION).get(base.pk)
    notice = found[0] if found else None
    _title, text = reporting.proposed_letter(round_, [notice] if notice else [], [base], base.training_unit)
    link = reporting.notice_address(notice) if notice else ""
    reporting.report(
        round=round_, bases=[base], text=text, document_date=on, by=acting, on=on, notice_link=link
    )  # fmt: skip
    return Base.objects.get(pk=base.pk)
