"""What the parties of a base are bound to on a day: the terms of the agreement in force (第十条)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q
from django.db.models.functions import Coalesce

from agreements.models import Agreement
from bases.people_terms import StudyLevel


@dataclass(frozen=True)
class Terms:
    """The figures of one agreement: posts a year, floors in yuan a month and person (None: the parties agreed on none), who insures."""

    agreement_id: int
    posts_per_year: int | None
    insurance_by: str
    floor_master: Decimal | None
    floor_doctor: Decimal | None

    def floor(self, level: str) -> Decimal | None:
        """The floor of the monthly 生活补贴 for a level of study, in yuan; None where there is none."""
        return self.floor_doctor if level == StudyLevel.DOCTOR else self.floor_master


def terms_of(base_pks: Iterable[int], on: date) -> dict[int, Terms]:
    """The terms of the agreement that binds each base on a day, by the base's key; one query, bases without an agreement are left out."""
    in_force = (
        Agreement.objects.filter(base__in=list(base_pks), effective_on__lte=on)
        .filter(Q(status__in=[Agreement.Status.EFFECTIVE, Agreement.Status.SUPERSEDED, Agreement.Status.TERMINATED]))
        .annotate(until=Coalesce("ended_on", "expires_on"))
        .filter(until__gte=on)
        .order_by("base_id", "version")
    )
    return {
        found.base_id: Terms(
            found.pk, found.posts_per_year, found.insurance_by, found.stipend_floor_master, found.stipend_floor_doctor
        )
        for found in in_force
    }
