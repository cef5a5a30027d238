"""What a list of applications shows of each, read with the list itself: a constant number of queries however long it is."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce

from agreements.money import Side
from applications.models import Application, ApplicationVersion, PriorContribution, TrainedStudent
from applications.models.application import NO_INDUSTRY
from bases.industries import PRIORITY_INDUSTRIES

_INDUSTRIES = dict(PRIORITY_INDUSTRIES)


def as_declared(found: QuerySet[Any]) -> QuerySet[Any]:
    """With the cover as it was declared last, for readers to whom what is being mended does not belong.

    While an application is sent back its own row is a draft again; the base's row still says what was declared.
    """
    declared = Q(declared_on__isnull=False)
    return found.annotate(
        shown_name=Case(When(declared, then="name"), default="base__name"),
        shown_field=Case(When(declared, then="field"), default="base__field"),
        shown_category_code=Case(When(declared, then="category__code"), default="base__category__code"),
        shown_category=Case(When(declared, then="category__name"), default="base__category__name"),
        shown_partner=Case(When(declared, then="partner__name"), default="base__partner__name"),
        shown_industry=Case(
            When(declared & Q(priority_industry=NO_INDUSTRY), then=Value("")),
            When(declared, then="priority_industry"),
            default="base__priority_industry",
            output_field=CharField(),
        ),
    )


def as_it_stands(found: QuerySet[Any]) -> QuerySet[Any]:
    """With the cover as it stands now, for the unit whose draft it is."""
    return found.annotate(
        shown_name=F("name"),
        shown_field=F("field"),
        shown_category_code=F("category__code"),
        shown_category=F("category__name"),
        shown_partner=F("partner__name"),
        shown_industry=Case(
            When(priority_industry=NO_INDUSTRY, then=Value("")), default="priority_industry", output_field=CharField()
        ),
    )


def with_eligibility(found: QuerySet[Any]) -> QuerySet[Any]:
    """With the report of 第七条 of the newest declared version, as ``eligibility``."""
    versions = ApplicationVersion.objects.filter(application=OuterRef("pk")).order_by("-number")
    return found.annotate(eligibility=Subquery(versions.values("eligibility")[:1]))


def with_figures(found: QuerySet[Any]) -> QuerySet[Any]:
    """With what both sides have invested and how many students of the category they have trained (第七条（三）).

    Nothing for an application that is being mended: its rows are not what was declared.
    """

    def invested(side: str) -> Any:
        rows = PriorContribution.objects.filter(
            application=OuterRef("pk"), application__declared_on__isnull=False, side=side
        )
        return Subquery(rows.order_by().values("application").annotate(total=Sum("amount")).values("total"))

    roster = TrainedStudent.objects.filter(
        application=OuterRef("pk"),
        category=OuterRef("category"),
        entered_on__lte=OuterRef("declared_on"),
    )
    counted = Subquery(roster.order_by().values("application").annotate(n=Count("pk")).values("n"))
    has_roster = Exists(TrainedStudent.objects.filter(application=OuterRef("pk")))
    students = Case(When(has_roster, then=counted), default=_students_as_said(), output_field=IntegerField())
    return found.annotate(
        unit_invested=invested(Side.UNIT),
        partner_invested=invested(Side.PARTNER),
        trained=Case(
            When(declared_on__isnull=False, then=Coalesce(students, 0)), default=None, output_field=IntegerField()
        ),
    )


def _students_as_said() -> Subquery:
    """The number that the newest version says in words of its own: the short form, before there were rosters, asked for no names."""
    where = '$.sections[*].facts[*] ? (@.key == "students_trained" && @.value like_regex "^[0-9]{1,6}$").value'
    fact = Func(
        F("content"),
        Value(where),
        function="jsonb_path_query_first",
        template="%(function)s(%(expressions)s::jsonpath) #>> '{}'",
        output_field=CharField(),
    )
    versions = ApplicationVersion.objects.filter(application=OuterRef("pk")).order_by("-number")
    return Subquery(versions.values(said=Cast(fact, IntegerField()))[:1])


def totals(found: QuerySet[Any]) -> dict[str, Any]:
    """The foot of a list ``with_figures``: how many applications and units, and the sums; one query."""
    return found.order_by().aggregate(
        count=Count("pk"),
        units=Count("base__training_unit", distinct=True),
        priority=Count("pk", filter=~Q(shown_industry="")),
        unit_sum=Coalesce(Sum("unit_invested"), Decimal(0)),
        partner_sum=Coalesce(Sum("partner_invested"), Decimal(0)),
        trained_sum=Coalesce(Sum("trained"), 0),
    )


def industry_label(key: str) -> str:
    """The name of a 优先产业; empty where there is none."""
    return str(_INDUSTRIES.get(key, ""))


def summary_line(application: Application) -> dict[str, Any]:
    """One line of the 申报汇总表 from an application ``with_figures``; amounts in yuan, all as text or numbers that JSON keeps."""
    partner, basics = application.partner, application.basics
    started: date | None = application.cooperation_started_on
    return {
        "unit": application.base.training_unit.name,
        "name": application.name,
        "category": str(application.category or ""),
        "field": application.field,
        "partner": partner.name if partner else "",
        "credit_code": partner.credit_code if partner else "",
        "partner_kind": str(partner.get_kind_display()) if partner else "",
        "division": str(application.division or ""),
        "industry": industry_label(application.priority_industry),
        "cooperation_started_on": started.isoformat() if started else "",
        "unit_invested": str(application.unit_invested or Decimal(0)),  # type: ignore[attr-defined]
        "partner_invested": str(application.partner_invested or Decimal(0)),  # type: ignore[attr-defined]
        "trained": application.trained or 0,  # type: ignore[attr-defined]
        "leader": basics.unit_leader_name,
    }
