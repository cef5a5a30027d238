"""How often one visitor may use a public form; counted in Redis, so that all processes count together."""

import hashlib
import ipaddress
import logging
from functools import cache
from typing import cast

from django.conf import settings
from limits import parse
from limits.errors import StorageError
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from portal.http import Request

log = logging.getLogger(__name__)


@cache
def _storage(url: str) -> Storage:
    # Celery names a socket otherwise than the storage does.
    place = url.replace("redis+socket://", "redis+unix://", 1)
    options = {} if place.startswith("memory") else {"wrap_exceptions": True, "socket_connect_timeout": 1}
    return cast(Storage, storage_from_string(place, **options))


def forget_counts() -> None:
    """Begin anew where the counts lie in memory, as in tests."""
    _storage.cache_clear()


def allow(what: str, who: str, limit: str) -> bool:
    """Count one more use and say whether it is within the limit ("5 per hour"); the key keeps no address in the clear.

    Where nothing can be counted everybody passes, and the log says so: a form of the public does not hang on a counter.
    """
    key = hashlib.sha256(f"{settings.SECRET_KEY}:{who}".encode()).hexdigest()[:32]
    try:
        return FixedWindowRateLimiter(_storage(settings.THROTTLE_STORAGE)).hit(parse(limit), what, key)
    except StorageError:
        log.warning("nothing could be counted for %s: the counter is not reached", what)
        return True


def address_of(request: Request) -> str:
    """The visitor's address: behind our own proxies what the outermost of them has seen, an IPv6 one as its network.

    What a visitor writes into the header themselves stands left of that and is not believed.
    """
    seen = request.META.get("REMOTE_ADDR", "")
    proxies = settings.TRUSTED_PROXIES
    if proxies:
        forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        seen = forwarded[-proxies] if len(forwarded) >= proxies and forwarded[-proxies] else seen
    try:
        address = ipaddress.ip_address(seen)
    except ValueError:
        return seen
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
