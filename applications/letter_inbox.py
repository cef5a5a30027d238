"""What waits for the department after a preliminary list: those that it left out, and the letters; two queries."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Count, Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from applications.models import Application, PreliminaryEntry, PreliminaryList
from applications.services.declaring import newest_applications
from applications.services.letters import with_rejection
from bases.lifecycle import State
from portal.acting import Acting
from portal.inbox import Item
from portal.roles import Role


def source(acting: Acting, on: date) -> Iterator[Item]:
    """For the officer, one item a round each: bases to decide on, and letters to send (第八条（三）（四）)."""
    if acting.role != Role.DEPT_OFFICER:
        return
    adopted = PreliminaryEntry.objects.filter(
        application=OuterRef("pk"), chosen=False, preliminary_list__state=PreliminaryList.State.ADOPTED
    )
    newest = newest_applications().order_by()
    left = newest.filter(Exists(adopted), base__state=State.IN_REVIEW)
    for row in left.values("round", "round__year").annotate(n=Count("pk")):
        why = _("有 %(n)s 个基地未列入初步名单，请作出不予认定或者另行处理。") % {"n": row["n"]}
        title = _("%(year)s 年度未列入名单的基地") % {"year": row["round__year"]}
        yield Item(_("评审"), title, why, "8(3)", reverse("round-letters", args=[row["round"]]), _("办理"))
    untold = with_rejection(Application.objects.filter(result_letter=None)).order_by()
    for row in untold.values("round", "round__year").annotate(n=Count("pk")):
        why = _("有 %(n)s 个未获认定的基地还没有发评审结果通知。") % {"n": row["n"]}
        title = _("%(year)s 年度评审结果通知") % {"year": row["round__year"]}
        yield Item(_("评审"), title, why, "8(3) 8(4)", reverse("round-letters", args=[row["round"]]), _("发通知"))
