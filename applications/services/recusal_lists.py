"""What the rules of 回避 read beside the application: the base's own lists of mentors and committee since its recognition (第八条（三）)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from agreements.models import Appointment, CommitteeMember, Mentor

_LISTED = frozenset({Appointment.Status.NOMINATED, Appointment.Status.APPOINTED, Appointment.Status.ENDED})


@dataclass(frozen=True)
class Listed:
    """Somebody on the base's own lists: what they are there, for which side, until when (None: not appointed yet).

    ``elsewhere`` is the employer of a mentor who works for neither the unit nor the partner.
    """

    base: int
    name: str
    post: str
    of_unit: bool
    last: date | None
    elsewhere: str = ""


def people_since_recognition(bases: Iterable[int]) -> Iterator[Listed]:
    """The mentors who are nominated or were ever appointed, and the members of all committees, of bases by their keys; two queries."""
    keys = list(bases)
    appointments = Appointment.objects.filter(base__in=keys, status__in=_LISTED).order_by("pk")
    for each in appointments.select_related("mentor"):
        mentor, campus = each.mentor, each.mentor.kind == Mentor.Kind.CAMPUS
        post = str(mentor.get_kind_display())
        yield Listed(each.base_id, mentor.name, post, campus, each.last_day, "" if campus else mentor.department)
    for member in CommitteeMember.objects.filter(term__base__in=keys).order_by("pk").select_related("term"):
        of_unit = member.side == CommitteeMember.Side.UNIT
        last = member.left_on or member.term.last_day
        yield Listed(member.term.base_id, member.name, _("管委会成员"), of_unit, last)
