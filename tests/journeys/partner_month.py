"""What is there before a partner's month begins: sixty students in a base of the demo. Called beside the running portal."""

import json
from datetime import date

from agreements import months
from agreements.models import Agreement
from bases.models import Base
from tests.agreements.months import agreed, place

COUNT = 60


def prepare(name: str, month: date) -> None:
    """Let sixty students be in the base since that month, under an agreement with floors; prints where and who."""
    base = Base.objects.get(name=name)
    if not Agreement.objects.filter(base=base, status="effective").exists():
        agreed(base, since=month, until=months.shifted(month, 36))
    people = [
        place(base, f"研究生{number:02d}", "doctor" if number % 10 == 0 else "master", month, months.shifted(month, 8))
        for number in range(1, COUNT + 1)
    ]
    print(json.dumps({"base": base.pk, "numbers": [each.student.number for each in people]}))
