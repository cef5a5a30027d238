from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from applications import forms, queries
from applications.services import declaring, rounds
from portal.access import open_to
from portal.errors import Overtaken, Refused
from portal.http import Request
from portal.roles import Role


@open_to(Role.APPLICANT)
@require_http_methods(["GET", "POST"])
def application_new(request: Request) -> HttpResponse:
    """Begin a base."""
    form = forms.NewApplicationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            application = declaring.start_application(
                name=form.cleaned_data["name"], by=request.acting, on=request.today
            )
        except Refused as refusal:
            for reason in refusal.reasons:
                form.add_error(None, reason)
        else:
            return redirect("application-edit", pk=application.pk)
    context = {
        "form": form,
        "round": rounds.current_round(request.today),
        "upcoming": queries.upcoming_round(request.today),
    }
    return render(request, "applications/application_new.html", context, status=422 if form.errors else 200)


@open_to(Role.APPLICANT)
@require_http_methods(["GET", "POST"])
def application_edit(request: Request, pk: int) -> HttpResponse:
    """Fill in the application; what is typed is kept while typing, the conditions of 第七条 stand beside it."""
    application = get_object_or_404(queries.visible_applications(request.acting), pk=pk)
    if request.method == "GET" and application.declared_on is not None:
        messages.info(request, _("申请书已提交，不能再改。需要修改时请联系研究生院退回。"))
        return redirect("base", pk=application.base_id)
    if request.method == "POST":
        form = forms.DraftForm(request.POST, request.FILES, application=application, on=request.today)
        if form.is_valid() and _save(request, form):
            messages.success(request, _("已保存。"))
            if "declare" in request.POST:
                return redirect("act", pk=application.base_id, name="declare")
            return redirect("application-edit", pk=pk)
    else:
        form = forms.DraftForm(application=application, on=request.today)
    saved = get_object_or_404(queries.visible_applications(request.acting), pk=pk)
    context = {
        "form": form,
        "application": saved,
        "checks": declaring.checks(saved, request.today),
        "missing": declaring.missing(saved),
    }
    return render(request, "applications/application_edit.html", context, status=422 if form.errors else 200)


def _save(request: Request, form: forms.DraftForm) -> bool:
    values = {name: value for name, value in form.cleaned_data.items() if name != "agreement"}
    try:
        declaring.save_draft(
            application=form.application, by=request.acting, values=values, agreement=form.cleaned_data.get("agreement")
        )
    except Refused as refusal:
        for reason in refusal.reasons:
            form.add_error(None, reason)
        return False
    return True


@open_to(Role.APPLICANT)
@require_POST
def application_autosave(request: Request, pk: int) -> HttpResponse:
    """Keep the fields that are right as they stand; the wrong ones are named and nothing of them is kept."""
    application = get_object_or_404(queries.visible_applications(request.acting), pk=pk)
    form = forms.DraftForm(request.POST, application=application, on=request.today)
    form.is_valid()
    values = {name: value for name, value in form.cleaned_data.items() if name in form.data and name != "agreement"}
    try:
        saved = declaring.save_draft(application=application, by=request.acting, values=values)
    except Refused as refusal:
        status = 409 if isinstance(refusal, Overtaken) else 422
        return render(
            request, "applications/_autosaved.html", {"refusal": refusal.reasons, "form": form}, status=status
        )
    application = get_object_or_404(queries.visible_applications(request.acting), pk=pk)
    context = {
        "form": form,
        "saved_at": saved.saved_at,
        "checks": declaring.checks(application, request.today),
        "missing": declaring.missing(application),
    }
    # 422 where a field was left out, so that the page does not say "saved".
    return render(request, "applications/_autosaved.html", context, status=422 if form.errors else 200)
