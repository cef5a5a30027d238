from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal import human_check
from portal.access import EVERYONE, open_to
from portal.http import Request


@open_to(EVERYONE)
@require_safe
@never_cache
def challenge(request: Request) -> JsonResponse:
    """A new sum for the visitor's browser (ALTCHA)."""
    return JsonResponse(human_check.challenge())
