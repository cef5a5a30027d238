"""What the partner of a demo base enters of a month: everybody's appraisal and stipend."""

from collections.abc import Sequence
from datetime import date, datetime, time

from django.utils import timezone

from agreements import months as calendar
from agreements.models import Placement
from agreements.services import months
from agreements.services.months import Typed
from bases.models import Base
from evaluations.demo.play import Play

WHOLE_MONTH_DAYS = 22


def at(on: date) -> datetime:
    """A time of a working day."""
    return timezone.make_aware(datetime.combine(on, time(10, 30)))


def fill(base: Base, play: Play, month: date, people: Sequence[Placement], on: date, *, short: bool = False) -> None:
    """Everybody's line of a month; with ``short`` the last student gets less than agreed, with the reason."""
    typed = []
    for place, placement in enumerate(people):
        doctor = placement.student.level == "doctor"
        days = min(WHOLE_MONTH_DAYS, calendar.days_there(month, placement.starts_on, placement.ends_on))
        texts = {
            "grade": "优秀" if place % 3 == 0 else "合格",
            "days": str(days),
            "amount": "2400" if doctor else "1500",
        }
        texts |= {"paid_on": on.isoformat(), "voucher_number": f"付-{calendar.name(month)}"}
        if short and place == len(people) - 1:
            texts |= {"days": "9", "amount": "600", "below_reason": "事假半月，三方同意按实际实践天数发放。"}
        typed.append(Typed(placement.pk, texts, 0))
    outcome = months.save_rows(
        base=base, month=month, typed=typed, by=play.partner_officer, on=on, at=at(on), whole=True
    )
    if outcome.faults:
        raise ValueError(f"{base}: {outcome.faults}")
