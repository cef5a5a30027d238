"""What the pages of bases say in one way everywhere: the state, who moves a base next, its history, its sections."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import template
from django.template import RequestContext
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from bases.acts import Act
from bases.lifecycle import RULES, STAGE_OF, Rule, Stage, State
from bases.models import Base, LifecycleEvent
from bases.sections import Section
from portal import inbox
from portal.acting import Acting
from portal.roles import DAILY_JOB, DEPARTMENT_ROLES, UNIT_ROLES, Role, role_label

register = template.Library()

# Moves back or out of the running come after the one that the base is waiting for.
_BACKWARD = frozenset({Stage.DECLARE, Stage.CLOSED, Stage.REVOKE})
# Acts whose order is this or more are for special cases: nobody waits for them.
SPECIAL_CASES = 60


@register.inclusion_tag("components/_status_badge.html")
def state_badge(state: str) -> dict[str, Any]:
    """The state of a base as a badge, always with the word."""
    return {"state": state, "label": State(state).label, "stage": STAGE_OF[state].value}


@dataclass(frozen=True)
class NextMove:
    """The next 状态流转 of a base, in words; ``due`` is the day on which the daily job makes it by itself."""

    who: str
    acts: str
    articles: str
    mine: bool
    again: bool
    by_itself: bool
    due: date | None


@register.simple_tag
def next_move(base: Base, acting: Acting) -> NextMove | None:
    """Who moves the base next and how, read from the machine's own table; None for a base whose life is over."""
    rules = [rule for rule in RULES.values() if base.state in rule.sources]
    if not rules:
        return None
    role = rules[0].roles_in(base.state)[0]
    own = sorted((rule for rule in rules if role in rule.roles_in(base.state)), key=_is_backward)
    return NextMove(
        who=_holder(role, base),
        acts="、".join(str(rule.label) for rule in own),
        articles=" ".join(dict.fromkeys(key for rule in own for key in rule.articles.split())),
        mine=role == acting.role,
        again=base.stage == Stage.CLOSED,
        by_itself=role == DAILY_JOB,
        due=base.rectification_ends_on if base.stage == Stage.RECTIFY else base.assessment_due_on,
    )


def _is_backward(rule: Rule) -> bool:
    return STAGE_OF[rule.targets[0]] in _BACKWARD


def _holder(role: str, base: Base) -> str:
    named = {"role": role_label(role), "unit": base.training_unit.name, "person": base.applicant.full_name}
    if role == Role.APPLICANT:
        return _("%(role)s%(person)s（%(unit)s）") % named
    return _("%(unit)s%(role)s") % named if role in UNIT_ROLES else named["role"]


@dataclass(frozen=True)
class Ready:
    """What a person can do to a base now: the ordinary acts, those for special cases, and the one that comes first."""

    ordinary: str
    special: str
    first: str


@register.simple_tag(takes_context=True)
def ready_acts(context: RequestContext, offered: Iterable[tuple[Act, tuple[str, ...]]]) -> Ready:
    """The names of the offered acts that nothing stands against now; first the one that waits in the person's inbox."""
    now = [act for act, reasons in offered if not reasons]
    waiting = {item.url for item in context["shell"].inbox_items}
    ordinary = sorted(
        (act for act in now if act.order < SPECIAL_CASES),
        key=lambda act: reverse("act", args=[context["base"].pk, act.name]) not in waiting,
    )
    return Ready(
        ordinary="、".join(str(act.label) for act in ordinary),
        special="、".join(str(act.label) for act in now if act not in ordinary),
        first=ordinary[0].name if ordinary else "",
    )


@register.simple_tag(takes_context=True)
def dated_tasks(context: RequestContext, base: Base) -> list[inbox.Item]:
    """What waits for this person at this base until a certain day, most urgent first; a reminder is no task."""
    page = reverse("base", args=[base.pk])
    dated = [item for item in context["shell"].inbox_items if item.due and item.url != page]
    return [item for item in dated if item.page == page or item.url.startswith(page)]


@register.simple_tag(takes_context=True)
def section(context: RequestContext, part: Section) -> SafeString:
    """A section of a base's page, drawn by its own template, which sees its own context, the base and the frame."""
    values = {"base": context.get("base"), "shell": context.get("shell"), **part.context}
    return render_to_string(part.template, values, request=context.request)


@register.filter
def as_timeline(events: Iterable[LifecycleEvent]) -> list[dict[str, Any]]:
    """Events as the timeline draws them: what moved, by whom in which role, on which article, with which document."""
    return [_timeline_entry(event) for event in events]


def _timeline_entry(event: LifecycleEvent) -> dict[str, Any]:
    document = event.document
    role = role_label(event.role)
    # The department's name says nothing more than its roles do.
    named = role if event.role in DEPARTMENT_ROLES or not event.organisation else f"{event.organisation} · {role}"
    return {
        "sequence": event.sequence,
        "on": event.on,
        "at": event.at,
        "label": event.label,
        "source_label": event.source_label,
        "target_label": event.target_label,
        "actor_name": event.actor_name,
        "role_label": named,
        "articles": event.articles,
        "reason": event.reason,
        "document_name": str(document) if document else "",
        # The list of documents on the same page says who may read it and has its files.
        "document_url": f"#document-{document.pk}" if document else "",
    }


@register.filter
def role_name(role: str) -> str:
    """A role on the screen, also that of the daily job."""
    return role_label(role)


@register.filter
def plain_value(value: Any) -> str:
    """A policy value for people: 是 or 否, amounts with separators, several numbers in a row."""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    if isinstance(value, list):
        return "、".join(str(each) for each in value)
    return "—" if value in (None, "") else str(value)
