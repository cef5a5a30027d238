"""A sum that a browser does by itself before it sends a public form (ALTCHA, proof of work): no picture, no third party."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import altcha
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal import throttle

VALID_FOR = timedelta(minutes=30)
_LONGEST = 2000


def _key() -> str:
    return hmac.new(settings.SECRET_KEY.encode(), b"human check", hashlib.sha256).hexdigest()


def challenge() -> dict[str, Any]:
    """A new sum, signed, good for half an hour: find the number up to ``maxNumber`` whose SHA-256 behind the salt is ``challenge``."""
    wanted = altcha.ChallengeOptionsV1(
        max_number=settings.HUMAN_CHECK_WORK, hmac_key=_key(), expires=timezone.now() + VALID_FOR
    )
    return altcha.create_challenge_v1(wanted).to_dict()


def is_solved(payload: str) -> bool:
    """Whether this is the solution of a challenge of ours that is not over; nothing is used up."""
    try:
        return bool(payload) and len(payload) <= _LONGEST and altcha.verify_solution_v1(payload, _key())[0]
    except (TypeError, AttributeError, ValueError):  # a payload that is no object, or whose parts are of another kind
        return False


def use_up(payload: str) -> bool:
    """Take a solution, each one once; False when it was taken before."""
    # The same solution may be written in many ways; its challenge is one.
    challenge = json.loads(base64.b64decode(payload))["challenge"]
    return throttle.allow("human_check", str(challenge), f"1 per {int(VALID_FOR.total_seconds() // 60)} minutes")


class HumanField(forms.CharField):
    """A visitor's solution, filled in by ``js/human.js`` from the challenge. It is checked here and used up by the form, when everything else in it is right."""

    widget = forms.HiddenInput
    default_error_messages = {
        "required": _("还没有完成人机验证，请等页面上的验证完成后再提交。"),
        "unsolved": _("人机验证已过期或者没有通过，页面会自动重新验证，请等验证完成后再提交一次。"),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("人机验证"))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        payload = super().clean(value)
        if not is_solved(payload):
            raise ValidationError(self.error_messages["unsolved"], code="unsolved")
        return payload
