from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from bases.lifecycle import RULES
from bases.models import LifecycleEvent
from bases.services.history import first_flaw
from portal.access import open_to
from portal.http import Request
from portal.roles import Role


@open_to(Role.AUDITOR)
@require_http_methods(["GET", "POST"])
def history(request: Request) -> HttpResponse:
    """The history of all bases, newest first; POST verifies the chain."""
    context: dict[str, object] = {"checked": False}
    if request.method == "POST":
        context = {"checked": True, "flaw": first_flaw()}
    transition = request.GET.get("transition", "")
    events = LifecycleEvent.objects.select_related("base", "document").order_by("-id")
    if transition in RULES:
        events = events.filter(transition=transition)
    page = Paginator(events, 50).get_page(request.GET.get("page"))
    choices = [(name, rule.label) for name, rule in RULES.items()]
    return render(
        request, "bases/history.html", context | {"page_obj": page, "transitions": choices, "transition": transition}
    )
