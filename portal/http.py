from datetime import date
from uuid import UUID

from django.http import HttpRequest

from portal.acting import Acting


class Request(HttpRequest):
    """A request as our views receive it: with the role acted in and its calendar date."""

    acting: Acting
    today: date
    membership_count: int
    clock_shift: int
    form_key: UUID
