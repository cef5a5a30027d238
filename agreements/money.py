"""Money between the two sides of a base: who gives, what is given, what it may be spent on, how amounts are written. No tables."""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

# Amounts are kept in yuan; forms and papers of the field speak of 万元.
YUAN_PER_WAN = 10_000


def plain(number: Decimal, *, grouped: bool = False) -> str:
    """A number without an exponent and without zeros that say nothing: 5.24, 12, 0.5; ``grouped`` writes 81,500."""
    text = f"{number:,f}" if grouped else f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def in_wan(yuan: Decimal) -> str:
    """An amount of yuan as people read it in 万元."""
    return plain(yuan / YUAN_PER_WAN, grouped=True)


class Side(models.TextChoices):
    """Who brings something in (第十二条)."""

    UNIT = "unit", _("培养单位")
    PARTNER = "partner", _("合作单位")
    OTHER = "other", _("其他来源")


class ContributionKind(models.TextChoices):
    """What the sides bring in (第七条（三））: money, or what is worth money."""

    FUNDS = "funds", _("经费")
    SITE = "site", _("场地")
    EQUIPMENT = "equipment", _("设备")
    PEOPLE = "people", _("人员")
    OTHER = "other", _("其他")


class ExpenseKind(models.TextChoices):
    """What the funds of a base may be spent on (第十三条); anything else needs its reason."""

    TRAVEL = "travel", _("差旅费")
    OFFICE = "office", _("办公费")
    MATERIALS = "materials", _("专用材料费")
    POST = "post", _("邮电费")
    INSURANCE = "insurance", _("保险费")
    TRANSPORT = "transport", _("交通费")
    EXPERTS = "experts", _("专家咨询费")
    COMMISSION = "commission", _("委托业务费")
    OTHER = "other", _("其他")
