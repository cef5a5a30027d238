"""What this floor shows on a base's page."""

from datetime import date

from agreements.models import Agreement
from agreements.queries import coverages, training_bases, visible_agreements, visible_revisions
from bases.models import Base
from bases.sections import Section
from portal.acting import Acting


def source(base: Base, acting: Acting, on: date) -> list[Section]:
    """The agreement of a base and its revision after the recognition (第十条), for both sides and the department."""
    revision = visible_revisions(acting).filter(base=base).first()
    if revision is None or not training_bases(acting).filter(pk=base.pk).exists():
        return []
    agreements = list(visible_agreements(acting).filter(base=base))
    context = {
        "base": base,
        "revision": revision,
        "on": on,
        "late": revision.is_late(on),
        "current": next((each for each in agreements if each.holds(on)), None),
        "under_way": next((each for each in agreements if each.status in Agreement.IN_PROGRESS), None),
        "coverage": coverages([base], on)[base.pk],
    }
    return [Section("agreements/_revision_section.html", context)]
