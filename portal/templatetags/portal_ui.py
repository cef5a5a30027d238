"""What the pages say in one way everywhere: the article behind an act, the days left, amounts and sizes."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from uuid import uuid4

from django import template
from django.core.paginator import Page
from django.forms import BoundField
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from portal.articles import article_anchor, article_keys, article_label

register = template.Library()

SOON_DAYS = 7


@register.simple_tag
def basis(articles: str | None) -> str:
    """The quiet label 依据：第八条（二） that opens the regulation at the article; several keys make one label.

    Nothing for an empty list; ValueError for what is no key.
    """
    keys = article_keys(articles or "")
    if not keys:
        return ""
    page = reverse("regulation")
    if len(keys) == 1:
        return format_html(
            '<a class="basis" href="{}#{}">{}{}</a>',
            page,
            article_anchor(keys[0]),
            _("依据："),
            article_label(keys[0]),
        )
    links = format_html_join(
        "、", '<a href="{}#{}">{}</a>', ((page, article_anchor(key), article_label(key)) for key in keys)
    )
    return format_html('<span class="basis">{}{}</span>', _("依据："), links)


@register.simple_tag
def remaining(due: date | None, today: date) -> str:
    """How many calendar days are left: 还剩 12 天, 今天到期, 已逾期 3 天; nothing without a date.

    The class says how urgent it is; a week before the date it is ``remaining-soon``.
    """
    if not due:
        return ""
    day = _calendar_date(due)
    days = (day - _calendar_date(today)).days
    if days < 0:
        urgency, text = "overdue", _("已逾期 %(days)s 天") % {"days": -days}
    elif days == 0:
        urgency, text = "today", _("今天到期")
    else:
        urgency = "soon" if days <= SOON_DAYS else "later"
        text = _("还剩 %(days)s 天") % {"days": days}
    return format_html(
        '<time class="remaining remaining-{}" datetime="{}">{}</time>',
        urgency,
        day.isoformat(),
        text,
    )


def _calendar_date(moment: date) -> date:
    if isinstance(moment, datetime):
        return timezone.localtime(moment).date() if timezone.is_aware(moment) else moment.date()
    return moment


@register.simple_tag
def once() -> SafeString:
    """The key of one form: a second submission of the same page is recognised by it."""
    return format_html('<input type="hidden" name="_once" value="{}">', uuid4())


@register.simple_tag
def yuan(amount: Decimal | int | str | None) -> str:
    """An amount of money in yuan with separators: 100,000.00 元; a dash where there is none."""
    if amount is None or amount == "":
        return "—"
    return _("%(amount)s 元") % {"amount": f"{Decimal(amount):,.2f}"}


@register.filter
def filesize_zh(size: int | None) -> str:
    """The size of a file from its bytes: 512 字节, 12 KB, 1.5 MB; a dash where it is unknown."""
    if size is None or size == "":
        return "—"
    number = int(size)
    if number < 1024:
        return _("%(size)s 字节") % {"size": number}
    if number < 1024 * 1024:
        return f"{number / 1024:.0f} KB"
    if number < 1024 * 1024 * 1024:
        return f"{number / 1024 / 1024:.1f} MB"
    return f"{number / 1024 / 1024 / 1024:.1f} GB"


@register.filter
def page_numbers(page: Page) -> Iterator[str | int]:
    """The numbers of a pager around the present page, with an ellipsis for what is left out."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)


@register.simple_tag(takes_context=True)
def page_address(context: template.Context, number: int, key: str) -> str:
    """The address of the present page with another page's number under ``key``; all else of the address stays."""
    query = context["request"].GET.copy()
    query[key] = str(number)
    return f"?{query.urlencode()}"


@register.filter
def unit_of(field: BoundField) -> str:
    """The unit that stands inside a field (元, 人, 月, m²), from the widget's ``data-unit``; empty without one."""
    return str(field.field.widget.attrs.get("data-unit", ""))


@register.filter
def codes(text: str) -> SafeString:
    """A sentence in which the names that programs use (state, null, -recognised) stand apart as code."""
    marked = re.sub(
        r"(?<![\w&])-?[a-z_]{2,}(?![\w;])",
        lambda name: f"<code>{name[0]}</code>",
        str(escape(str(text))),
        flags=re.ASCII,
    )
    return mark_safe(marked)  # noqa: S308 - escaped before the marks were put in
