from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal import services
from portal.access import open_to
from portal.forms import CalendarYearForm
from portal.http import Request
from portal.models import CalendarDay, CalendarYear
from portal.roles import Role


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def calendar(request: Request) -> HttpResponse:
    """Enter the holiday arrangement of a year that the portal does not know."""
    form = CalendarYearForm(request.POST or None, initial={"year": request.today.year + 1})
    if request.method == "POST" and form.is_valid():
        services.enter_calendar_year(**form.cleaned_data, by=request.acting.user)
        messages.success(
            request, _("%(year)s 年工作日历已保存，公示期限即按此计算。") % {"year": form.cleaned_data["year"]}
        )
        return redirect("calendar")
    context = {
        "form": form,
        "years": CalendarYear.objects.select_related("entered_by"),
        "days": CalendarDay.objects.all(),
    }
    return render(request, "portal/calendar.html", context)
