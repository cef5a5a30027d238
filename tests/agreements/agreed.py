"""Agreements of a base as far along as a test needs, by the steps of the play; ``agreed`` for tests of what stands on one in force."""

from datetime import date
from typing import Any

from agreements.models import Agreement
from bases.models import Base
from tests.factories import World


def agreed(world: World, base: Base, on: date, **terms: Any) -> Agreement:
    """The agreement of a base, signed and confirmed on that day: in force from then for three years.

    ``terms`` are fields of it by their name: posts_per_year, insurance_by, stipend_floor_master, stipend_floor_doctor, term_years …
    """
    return world.revise_agreement(base, on, **terms)
