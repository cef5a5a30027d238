"""The tabs that all training pages of a base share."""

from typing import Any

from django import template
from django.urls import reverse

from agreements import training
from bases.models import Base

register = template.Library()


@register.inclusion_tag("agreements/_training_tabs.html")
def training_tabs(base: Base, current: str) -> dict[str, Any]:
    """The areas of a base beside one another; ``current`` is the url name of the one that is open."""
    tabs = [(area.label, reverse(area.url_name, args=[base.pk]), area.url_name == current) for area in training.areas()]
    return {"base": base, "tabs": tabs}
