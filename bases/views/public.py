from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from bases import lifeline, queries
from bases.lifecycle import LIVING, State
from portal.access import EVERYONE, open_to
from portal.http import Request


@open_to(EVERYONE)
@require_safe
def bases(request: Request) -> HttpResponse:
    """Recognised bases, for everybody."""
    words, state = request.GET.get("q", "").strip()[:60], request.GET.get("state", "")
    found = queries.search(queries.public_bases(), words)
    if state in LIVING:
        found = found.filter(state=state)
    page = Paginator(found.order_by("training_unit__code", "name"), 25).get_page(request.GET.get("page"))
    states = [(value, label) for value, label in State.choices if value in LIVING]
    return render(request, "bases/public_bases.html", {"page_obj": page, "q": words, "state": state, "states": states})


@open_to(EVERYONE)
@require_safe
def base(request: Request, pk: int) -> HttpResponse:
    """What is public of one base: no persons, no scores."""
    found = get_object_or_404(queries.public_bases(), pk=pk)
    events = list(found.events.all())
    # The history that the points lead to is not published.
    stages = [stage | {"url": ""} for stage in lifeline.stages(found, events)]
    context = {"base": found, "stages": stages, "documents": queries.public_documents(found)}
    return render(request, "bases/public_base.html", context)
