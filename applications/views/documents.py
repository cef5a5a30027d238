from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications import forms
from applications.models import Application
from applications.services import recognising
from portal.access import open_to
from portal.errors import Refused
from portal.http import Request
from portal.roles import Role


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def recognition_document(request: Request) -> HttpResponse:
    """Register the recognition document of several bases and start their construction."""
    waiting = recognising.waiting_for_document()
    years = Application.objects.filter(base__in=waiting.order_by().values("pk")).order_by("-round__year")
    # A document may come out in the year after the round.
    year = years.values_list("round__year", flat=True).first() or request.today.year
    initial = {
        "bases": waiting,
        "document_date": request.today,
        "published_on": request.today,
        "title": _("关于公布%(year)s年度研究生联合培养基地名单的通知") % {"year": year},
    }
    bound = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = forms.RecognitionDocumentForm(*bound, bases=waiting, on=request.today, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            document = recognising.publish_recognition_document(
                **form.cleaned_data, by=request.acting, on=request.today
            )
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("已登记 %(number)s，所列基地进入建设期。") % {"number": document.number})
            return redirect("base-list")
    context = {"form": form, "rows": [(base, base.pk in forms.ticked(form["bases"])) for base in waiting]}
    return render(request, "applications/recognition_document.html", context, status=422 if form.errors else 200)
