"""When the sheets of a panel may be seen (第八条（三）): the one home of the rule that nobody sees totals, points or comments before all
are in and no place of the panel stands empty, the department neither.
"""

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from applications.models import Assignment, Panel


def with_all_sheets(found: QuerySet[Panel]) -> QuerySet[Panel]:
    """Of these panels those whose sheets may be seen: every live assignment handed in, at least as many as required and no gap
    (空缺) open, or the aggregate fixed."""
    own = Assignment.objects.filter(panel=OuterRef("pk"))
    waiting = own.filter(status=Assignment.Status.ASSIGNED)
    handed_in = own.filter(status=Assignment.Status.SUBMITTED).order_by().values("panel").annotate(n=Count("pk"))
    found = found.alias(sheets_handed_in=Coalesce(Subquery(handed_in.values("n")), 0))
    enough = Q(sheets_handed_in__gte=F("required")) & Q(sheets_handed_in__gte=1)
    complete = enough & ~Exists(waiting) & ~Exists(own.gaps())
    return found.filter(Q(aggregate__isnull=False) | complete)


def sheets_open(panel: Panel) -> bool:
    """Whether the sheets of a panel may be seen by those who may see them at all."""
    return with_all_sheets(Panel.objects.filter(pk=panel.pk)).exists()


def before_closing(panel: Panel) -> None:
    """Keep that the sheets of a panel, locked, were open, for an act that may close them again: what is decided of the panel from
    then on is decided by somebody who may know its figures."""
    if not panel.was_open and sheets_open(panel):
        panel.was_open = True
        panel.save(update_fields=["was_open"])
