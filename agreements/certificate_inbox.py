"""The certificates that are owed (协议：权责划分（二）5): for the partner from the end of a practice on, for the unit once one is late; two queries."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.certificate_queries import owed
from agreements.queries import training_bases
from agreements.services.certificates import DUE_DAYS
from portal.acting import Acting
from portal.inbox import Item
from portal.roles import Role


def source(acting: Acting, on: date) -> Iterator[Item]:
    """One item a base: how many ended practices have no issued certificate, due so many days after the first of them ended."""
    if acting.role not in {Role.PARTNER_OFFICER, Role.UNIT_OFFICER}:
        return
    late = Q(ends_on__lt=on - timedelta(days=DUE_DAYS))
    grouped = (
        owed(acting)
        .order_by()
        .values("base")
        .annotate(n=Count("pk"), late=Count("pk", filter=late), first=Min("ends_on"))
    )
    found = {row["base"]: row for row in grouped}
    partner = acting.role == Role.PARTNER_OFFICER
    for base in training_bases(acting).filter(pk__in=found).order_by("name", "pk"):
        row = found[base.pk]
        due = row["first"] + timedelta(days=DUE_DAYS)
        page = reverse("base-certificates", args=[base.pk])
        if partner:
            why = _("%(n)s 名研究生的专业实践已经结束，请出具鉴定。") % {"n": row["n"]}
            url, button = reverse("certificate-write", args=[base.pk]), _("填写鉴定")
        elif row["late"]:
            why = _("合作单位还没有给 %(n)s 名研究生出具专业实践鉴定，已经逾期，请督促。") % {"n": row["late"]}
            url, button = page, _("查看")
        else:
            continue
        yield Item(_("专业实践鉴定"), base.name, why, "10", url, button, due, page)
