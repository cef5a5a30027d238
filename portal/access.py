"""Who may open a page: every view declares it, and what declares nothing is closed."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from portal.http import Request
from portal.roles import PUBLIC, Role, role_label

ALL_ROLES = frozenset(Role.values)
EVERYONE = frozenset({*ALL_ROLES, PUBLIC})

View = Callable[..., HttpResponseBase]


def open_to(*roles: str | frozenset[str], signed_in: bool = False) -> Callable[[View], View]:
    """Declare the roles (or sets of roles) for which a view is open.

    ``signed_in`` opens it to every account, also one that has no role yet (choosing a role, changing the password).
    A visitor without an account is led to the login page; a wrong role gets 403 with the sentence that says which role it takes.
    """
    allowed: frozenset[str] = frozenset().union(*({r} if isinstance(r, str) else r for r in roles))

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
            acting = request.acting
            if acting.role in allowed or (signed_in and request.user.is_authenticated):
                return view(request, *args, **kwargs)
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            needed = "、".join(role_label(role) for role in Role.values if role in allowed)
            raise PermissionDenied(_("本页只对以下角色开放：%(roles)s。没有作任何改动。") % {"roles": needed})

        guarded.roles = allowed  # type: ignore[attr-defined]
        guarded.signed_in = signed_in  # type: ignore[attr-defined]
        return guarded

    return decorate


def secret_address(view: View) -> View:
    """Declare that the address of a page is itself the key to it, such as a one-time link.

    No cache and no search engine keeps the page, no other site is told its address, and the record of arrived forms does not hold it.
    """

    @wraps(view)
    def guarded(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        add_never_cache_headers(response)
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        # Not "no-referrer": browsers then send forms with the origin "null", which the CSRF check rightly refuses.
        response["Referrer-Policy"] = "same-origin"
        return response

    guarded.secret_address = True  # type: ignore[attr-defined]
    return guarded
