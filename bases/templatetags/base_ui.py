from typing import Any

from django import template

from bases.lifecycle import STAGE_OF, State

register = template.Library()


@register.inclusion_tag("components/_status_badge.html")
def state_badge(state: str) -> dict[str, Any]:
    """The state of a base as a badge, always with the word."""
    return {"state": state, "label": State(state).label, "stage": STAGE_OF[state].value}
