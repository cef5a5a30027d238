from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications import forms
from applications.services import recognising
from bases.services.office_texts import wording
from portal.access import open_to
from portal.errors import Refused
from portal.http import Request
from portal.roles import Role


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def recognition_document(request: Request) -> HttpResponse:
    """Register the recognition document of several bases and start their construction."""
    waiting = recognising.waiting_for_document()
    title, _text = wording(
        "recognition", None, recognising.recognition_values(list(waiting), request.today, request.today, request.today)
    )
    initial = {
        "bases": waiting,
        "document_date": request.today,
        "published_on": request.today,
        "title": title,
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
            messages.success(
                request,
                _("已登记 %(number)s，所列基地进入建设期；各单位的立项通知随后编号，正式文本正在生成。")
                % {"number": document.number},
            )
            return redirect("document", pk=document.pk)
    context = {"form": form, "rows": [(base, base.pk in forms.ticked(form["bases"])) for base in waiting]}
    return render(request, "applications/recognition_document.html", context, status=422 if form.errors else 200)
