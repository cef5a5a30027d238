from collections.abc import Callable

from django.http import HttpResponseBase

from bases.acting import SESSION_KEY, acting_for, live_memberships
from portal.acting import ANYBODY
from portal.http import Request


class ActingRole:
    """Gives each request the role that its person has chosen; rights never come from the bare account."""

    def __init__(self, get_response: Callable[[Request], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        request.acting, request.membership_count = ANYBODY, 0
        if request.user.is_authenticated:
            memberships = list(live_memberships(request.user))
            request.membership_count = len(memberships)
            request.acting = acting_for(request.user, memberships, request.session.get(SESSION_KEY))
        return self.get_response(request)
