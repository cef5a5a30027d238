from itertools import groupby

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from portal.access import EVERYONE, open_to
from portal.caching import public_page
from portal.context import shell
from portal.http import Request


@open_to(EVERYONE)
@require_safe
@public_page
def home(request: Request) -> HttpResponse:
    """The inbox of the role one acts in; for the public, the way to notices, bases and the regulation.

    Who has several roles and has chosen none is led to the choice.
    """
    frame = shell(request)["shell"]
    if request.acting.is_public:
        return redirect(frame.role_url) if frame.membership_count > 1 else render(request, "portal/welcome.html")
    items = frame.inbox_items
    by_group = sorted(items, key=lambda item: item.group)
    groups = [(name, list(rows)) for name, rows in groupby(by_group, key=lambda item: item.group)]
    groups.sort(
        key=lambda group: min((not item.pressing, item.due is None, item.due or request.today) for item in group[1])
    )
    return render(request, "portal/inbox.html", {"groups": groups, "count": len(items)})
