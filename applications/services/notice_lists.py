"""The lists that go out in a notice: which bases are ready for it, in which order (第七条（一）, 第八条)."""

from django.db.models import Case, F, QuerySet, Value, When

from applications.models import Application, Round
from applications.models.application import NO_INDUSTRY
from applications.services.declaring import newest_applications
from bases.lifecycle import State


def newest_list(unit_id: int | None) -> tuple[Round, list[Application]] | None:
    """The newest round in which a unit, or without one the department, has bases to publish, and these; None when it has none."""
    for found in Round.objects.select_related("policy").order_by("-year")[:3]:
        ready = ready_for_recognition_notice(found) if unit_id is None else ready_for_unit_notice(found, unit_id)
        if ready:
            return found, ready
    return None


def ready_for_unit_notice(round: Round, unit_id: int) -> list[Application]:
    """Declared applications of a unit in a round that it has reviewed and agrees to, in its order."""
    found = (
        newest_applications()
        .filter(round=round, base__training_unit_id=unit_id, base__state=State.DECLARED)
        .filter(review__reviewed_on__isnull=False, review__agreed=True)
        .select_related("base", "base__partner", "base__category")
    )
    return list(in_units_order(found))


def ready_for_recognition_notice(round: Round) -> list[Application]:
    """Shortlisted and deliberated applications of a round, priority industries first, then by score."""
    found = (
        newest_applications()
        .filter(round=round, base__state=State.SHORTLISTED, deliberation__isnull=False)
        .select_related("base", "base__partner", "base__category", "base__training_unit", "panel")
    )
    return sorted(found, key=lambda a: (not a.base.priority_industry, -(a.panel.aggregate or 0), a.base.name))


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
