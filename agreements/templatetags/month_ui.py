"""How the pages of the months write amounts, what is wrong with a cell, and what a student said."""

from decimal import Decimal
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from agreements import money
from agreements.services.month_rows import Row

register = template.Library()


@register.filter
def plain(amount: Decimal | int | None) -> str:
    """An amount of yuan as people write it: 1,500 or 833.33; empty for none."""
    return "" if amount is None else money.plain(Decimal(amount), grouped=True)


@register.simple_tag
def fault(line: Any, key: str) -> str:
    """The attributes of a cell with a mistake; nothing for one without."""
    if key not in line.faults:
        return ""
    return format_html(' aria-invalid="true" aria-describedby="fault-{}-{}"', key, line.row.placement.pk)


@register.simple_tag
def fault_words(line: Any, key: str) -> str:
    """What is wrong with a cell, under it."""
    if key not in line.faults:
        return ""
    return format_html(
        '<span class="month-fault" id="fault-{}-{}" data-fault="{}">{}</span>', key, line.row.placement.pk, key, line.faults[key]
    )  # fmt: skip


@register.filter
def line_fault(faults: dict[str, Any]) -> str:
    """What is wrong with a line as a whole."""
    return str(faults.get("", ""))


@register.simple_tag
def receipt_mark(row: Row) -> str:
    """What the student said of the month: confirmed, or a way to the denial."""
    said = row.receipt
    if said is None:
        return ""
    if said.answer == said.Answer.RECEIVED:
        return format_html('<span class="month-receipt">{}</span>', _("已确认收到"))
    words = _("未收到，待答复") if said.waits else _("未收到，已答复")
    return format_html(
        '<a class="month-receipt is-denied" href="{}">{}</a>', reverse("stipend-denial", args=[said.pk]), words
    )
