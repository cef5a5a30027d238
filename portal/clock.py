"""The portal's date. Services never ask for it: it is passed in, so that every deadline can be tested."""

from datetime import date, timedelta

from django.conf import settings
from django.utils import timezone

from portal.models.clock import ClockShift


def today(shift: int | None = None) -> date:
    """The calendar date in Asia/Shanghai; in a demo it may stand ahead of the real one by ``shift`` days."""
    return timezone.localdate() + timedelta(days=shift_days() if shift is None else shift)


def shift_days() -> int:
    """How many days a demo's date stands away from the real one; always 0 in production."""
    if not settings.DEMO:
        return 0
    return ClockShift.objects.values_list("days", flat=True).first() or 0


def move_to(day: date) -> None:
    """Let a demo's date be ``day`` from now on; it goes on with the real days.

    Raises ValueError outside a demo: a production portal lives in the present.
    """
    if not settings.DEMO:
        raise ValueError("the date can be moved in a demo only (PORTAL_DEMO)")
    ClockShift.objects.update_or_create(singleton=True, defaults={"days": (day - timezone.localdate()).days})
