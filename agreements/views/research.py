"""What the pages of the area 成果 share: the base, the side that may act, the page of one thing and an act on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements import research_acts
from agreements.models import ResearchEvent
from agreements.queries import training_bases
from agreements.research_acts import ThingAct
from agreements.views.parts import Step, fill_in
from bases.lifecycle import LIVING
from bases.models import Base
from portal.http import Request
from portal.roles import Role, role_label

AREA = "base-results"
PAGE = 50
SIDES = frozenset({Role.UNIT_OFFICER, Role.PARTNER_OFFICER})


@dataclass(frozen=True)
class Fact:
    """A line of what a page says of its thing; with ``url`` the value is a link."""

    label: Any
    value: Any
    url: str = ""


def base_of(request: Request, pk: int) -> Base:
    """The base whose cooperation this person may look at."""
    return get_object_or_404(training_bases(request.acting), pk=pk)


def side_in(request: Request, base: Base) -> str:
    """The side in whose name this person acts on the page: ``unit``, ``partner``, or empty where there is nothing to do."""
    return research_acts.side_of(request.acting) if base.state in LIVING else ""


def show(
    request: Request,
    template: str,
    base: Base,
    thing: Any,
    facts: Sequence[Fact],
    back: str,
    *,
    secret: bool = False,
    **context: Any,
) -> HttpResponse:
    """The page of one project, topic, request or result: its facts, its parts, what can be done, its time line.

    What is ``secret`` to the reader stands in no words of the time line either.
    """
    given = {
        "base": base,
        "thing": thing,
        "facts": [fact for fact in facts if fact.value not in (None, "")],
        "back": back,
        "side": side_in(request, base),
        "events": [event | ({"reason": ""} if secret else {}) for event in time_line(thing)],
    }
    return render(request, template, given | context)


def time_line(thing: Any) -> list[dict[str, object]]:
    """What was done, the newest first, as the time line draws it."""
    events: Any = thing.events
    return [_event(each) for each in events.select_related("file")]


def _event(each: ResearchEvent) -> dict[str, object]:
    return {
        "on": each.on,
        "label": each.get_kind_display(),
        "actor_name": each.by_name,
        "role_label": role_label(each.role),
        "reason": each.words,
        "at": each.at,
        "document_name": each.file.name if each.file else "",
        "document_url": reverse("file", args=[each.file.key]) if each.file else "",
    }


def open_acts(acts: Mapping[str, ThingAct], thing: Any, side: str) -> list[ThingAct]:
    """The acts that this side can carry out on a thing now."""
    return [act for act in acts.values() if side and not act.why_not(thing, side)]


def carry_out(
    request: Request,
    acts: Mapping[str, ThingAct],
    name: str,
    base: Base,
    thing: Any,
    area: str,
    argument: str,
    page: str,
) -> HttpResponse:
    """The page of one act on one thing; one that is not this side's does not exist for it."""
    act, side = acts.get(name), research_acts.side_of(request.acting)
    if act is None:
        raise Http404
    back = reverse(page, args=[thing.pk])
    obstacle = act.why_not(thing, side)
    if obstacle and request.method == "GET":
        messages.warning(request, _("现在不能办理“%(what)s”：%(why)s") % {"what": act.label, "why": obstacle})
        return redirect(back)
    form = act.form(request.POST if request.method == "POST" else None)
    step = Step(
        act.label,
        act.label,
        act.articles,
        area,
        act.done,
        consequence=act.consequence,
        told=act.told,
        danger=act.danger,
    )
    given = {argument: thing, "by": request.acting, "on": request.today, **(act.fixed or {})}
    return fill_in(request, step, base, form, lambda: act.perform(**given, **form.cleaned_data), back)
