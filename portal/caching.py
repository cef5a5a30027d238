"""Which answers a cache between the portal and its visitors may keep: what everybody sees, and nothing of anybody in particular."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import conditional_page

from portal.http import Request

View = Callable[..., HttpResponseBase]
# How long a shared cache may answer for us, in seconds.
SHARED_SECONDS = 300
# Cookies that make a visitor somebody in particular: a session, and a message that waits for its reader.
_PERSONAL_COOKIES = (settings.SESSION_COOKIE_NAME, "messages")


def public_page(view: View) -> View:
    """A page that is the same for every visitor: a shared cache keeps it five minutes, a browser asks each time whether it is new.

    A browser would otherwise go on showing a running notice to somebody who has just objected to it.
    """
    return _cached(view, max_age=0)


def public_data(view: View) -> View:
    """What programs read (JSON, Atom, the map of the site): whoever has it need not ask again for five minutes."""
    return _cached(view, max_age=SHARED_SECONDS)


def _cached(view: View, max_age: int) -> View:
    @wraps(view)
    def answered(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if _is_personal(request, response):
            patch_cache_control(response, private=True, no_store=True)
        elif response.status_code == 200 and not response.has_header("Cache-Control"):
            patch_cache_control(response, public=True, max_age=max_age, s_maxage=SHARED_SECONDS)
        patch_vary_headers(response, ["Cookie"])
        # Ours are days, and two notices may come on one: whoever asks by date alone would miss the second.
        response.headers.pop("Last-Modified", None)
        return response

    return conditional_page(answered)


def _is_personal(request: Request, response: HttpResponseBase) -> bool:
    """Whether the answer is meant for one visitor: they have a session or a message, or will get a cookie with it."""
    return (
        any(name in request.COOKIES for name in _PERSONAL_COOKIES)
        or not request.session.is_empty()
        or bool(response.cookies)
        or bool(request.META.get("CSRF_COOKIE_NEEDS_UPDATE"))
    )
