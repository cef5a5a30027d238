"""我的资料: what experts keep up to date about themselves."""

from copy import copy

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from applications.expert_forms import OwnExpertForm
from applications.models import ExpertAbsence, ExpertProfile
from applications.services import experts
from applications.views.experts import absence_form, relation_form
from portal.access import open_to
from portal.errors import Refused
from portal.http import Request
from portal.roles import Role


@open_to(Role.EXPERT)
@require_http_methods(["GET", "POST"])
def expert_me(request: Request) -> HttpResponse:
    """The expert's own entry: contact, what they are at home in, absences, relations that they declare."""
    profile = experts.own_profile(request.acting)
    if profile is None:
        return render(request, "applications/expert_me.html", {"profile": None})
    form = OwnExpertForm(request.POST or None, instance=copy(profile))
    if request.method == "POST" and form.is_valid():
        try:
            experts.edit_own(profile=profile, by=request.acting, on=request.today, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("资料已保存。"))
            return redirect("expert-me")
    context = {
        "profile": profile,
        "form": form,
        "absences": profile.absences.all(),
        "relations": profile.relations.select_related("training_unit", "partner_unit"),
    }
    return render(request, "applications/expert_me.html", context, status=422 if form.errors else 200)


def _own(request: Request) -> ExpertProfile:
    return get_object_or_404(ExpertProfile, user_id=request.acting.user_id)


@open_to(Role.EXPERT)
@require_http_methods(["GET", "POST"])
def own_absence(request: Request) -> HttpResponse:
    """Say when one cannot review."""
    return absence_form(request, _own(request), reverse("expert-me"))


@open_to(Role.EXPERT)
@require_POST
def own_absence_remove(request: Request, pk: int) -> HttpResponse:
    """One can review on these days after all."""
    found = ExpertAbsence.objects.select_related("profile").filter(profile=_own(request))
    experts.remove_absence(absence=get_object_or_404(found, pk=pk), by=request.acting, on=request.today)
    messages.success(request, _("不便时间已删除。"))
    return redirect("expert-me")


@open_to(Role.EXPERT)
@require_http_methods(["GET", "POST"])
def own_relation(request: Request) -> HttpResponse:
    """Declare a relation of one's own."""
    return relation_form(request, _own(request), reverse("expert-me"))
