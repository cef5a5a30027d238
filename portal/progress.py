"""How far a job has come. Kept in Redis, because the job's own row is locked until its work is committed."""

import json
import logging
import time
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.utils.translation import gettext as _
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)
KEPT_SECONDS = 3600
# Before this much is known, a guess at the rest would only jump about.
_GUESS_FROM_PERCENT, _GUESS_FROM_SECONDS = 5, 2


@dataclass(frozen=True)
class Progress:
    """How far it is, in percent and words, and when it was first heard of (seconds since the epoch)."""

    percent: int
    words: str
    started: float
    heard: float

    @property
    def seconds_left(self) -> int | None:
        """How long the rest may take if it goes on as until now; None while that is a mere guess."""
        took = self.heard - self.started
        if self.percent < _GUESS_FROM_PERCENT or self.percent >= 100 or took < _GUESS_FROM_SECONDS:
            return None
        whole = took * 100 / self.percent
        return max(1, round(self.started + whole - max(time.time(), self.heard)))

    @property
    def left(self) -> str:
        """The same in words: 约还需 12 秒; empty while it is a mere guess."""
        seconds = self.seconds_left
        if seconds is None:
            return ""
        if seconds < 60:
            return _("约还需 %(n)s 秒") % {"n": seconds}
        return _("约还需 %(n)s 分钟") % {"n": round(seconds / 60)}


def report(key: str, percent: float, words: str) -> None:
    """Say how far the job of this key has come; less than before is a new start. Without a Redis nobody is told."""
    now = time.time()
    percent = max(0, min(100, int(percent)))
    before = current(key)
    started = before.started if before and before.percent <= percent else now
    value = json.dumps({"percent": percent, "words": words, "started": started, "heard": now})
    try:
        _redis(settings.REDIS_URL).set(_name(key), value, ex=KEPT_SECONDS)
    except (RedisError, OSError) as error:
        log.debug("progress of %s is not told: %s", key, error)


def current(key: str) -> Progress | None:
    """How far the job of this key has come; None when nobody has said so, or nobody can be asked."""
    try:
        value = _redis(settings.REDIS_URL).get(_name(key))
    except (RedisError, OSError) as error:
        log.debug("progress of %s is unknown: %s", key, error)
        return None
    return Progress(**json.loads(value)) if isinstance(value, bytes) else None


def forget(key: str) -> None:
    """Drop what was said of a job, so that its next run begins at nothing."""
    try:
        _redis(settings.REDIS_URL).delete(_name(key))
    except (RedisError, OSError) as error:
        log.debug("progress of %s is not forgotten: %s", key, error)


def _name(key: str) -> str:
    return f"portal:progress:{key}"


@lru_cache
def _redis(url: str) -> Redis:
    # Celery writes the address of a socket in its own way. A page does not wait for a Redis that is away.
    return Redis.from_url(
        url.replace("redis+socket://", "unix://", 1),
        socket_timeout=1,
        socket_connect_timeout=1,
        retry=Retry(NoBackoff(), 0),
    )
