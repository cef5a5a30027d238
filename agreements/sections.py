"""What this floor shows on a base's page."""

from datetime import date

from agreements.queries import visible_revisions
from bases.models import Base
from bases.sections import Section
from portal.acting import Acting


def source(base: Base, acting: Acting, on: date) -> list[Section]:
    """The revision of the agreement that followed the recognition (第十条), for both sides and the department."""
    revision = visible_revisions(acting).filter(base=base).select_related("submitted_by", "confirmed_by").first()
    if revision is None:
        return []
    context = {"revision": revision, "on": on, "late": revision.is_late(on)}
    return [Section("agreements/_revision_section.html", context)]
