"""Agreements of a base as far along as a test needs, by the steps of the play; ``agreed`` for tests of what stands on one in force."""

from datetime import date
from typing import Any

from agreements.models import Agreement
from agreements.services import agreement_signing
from bases.models import Base
from portal import uploads
from tests.factories import World


def agreed(world: World, base: Base, on: date, **terms: Any) -> Agreement:
    """The agreement of a base, signed and confirmed on that day: in force from then for three years.

    ``terms`` are fields of it by their name: posts_per_year, insurance_by, stipend_floor_master, stipend_floor_doctor, term_years …
    """
    return world.revise_agreement(base, on, **terms)


def known_by_its_scan(base: Base, since: date, until: date, **terms: Any) -> Agreement:
    """An agreement of which no text was kept, in force from one day to another; made directly, for tests of what stands on it."""
    scan = uploads.store_bytes(b"%PDF-1.4 scan", name="scan.pdf", purpose=agreement_signing.SCAN)
    given = {"version": 1, "kind": "first", "origin": "scan", "status": "effective", "scan": scan} | terms
    return Agreement.objects.create(
        base=base, signed_on=since, effective_on=since, expires_on=until, drafted_on=since, **given
    )
