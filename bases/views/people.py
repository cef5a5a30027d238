from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bases import forms
from bases.acting import SESSION_KEY, live_memberships
from bases.models import Division, Membership, PartnerUnit, Policy, TrainingUnit
from bases.services import people
from portal.access import open_to
from portal.errors import Refused
from portal.forms import DateInput
from portal.http import Request
from portal.models import User
from portal.roles import DEPARTMENT_BUSINESS, UNIT_ROLES, Role


@open_to(signed_in=True)
@require_http_methods(["GET", "POST"])
def choose_role(request: Request) -> HttpResponse:
    """Choose the membership one acts in; every page shows which."""
    assert request.user.is_authenticated  # noqa: S101 - open_to(signed_in) has let nobody else in
    memberships = list(live_memberships(request.user))
    if request.method == "POST":
        chosen = next((m for m in memberships if str(m.pk) == request.POST.get("membership")), None)
        if chosen is None:
            messages.error(request, _("没有切换：这个角色不属于您，或已被收回。"))
        else:
            request.session[SESSION_KEY] = chosen.pk
            following = request.POST.get("next", "")
            safe = url_has_allowed_host_and_scheme(following, {request.get_host()})
            return redirect(following if safe else "home")
    return render(request, "bases/choose_role.html", {"memberships": memberships})


REGISTERS_PARTNERS = frozenset({*UNIT_ROLES, Role.DEPT_OFFICER})


@open_to(UNIT_ROLES, DEPARTMENT_BUSINESS, Role.SYSADMIN)
@require_safe
def partners(request: Request) -> HttpResponse:
    """The registered partners, found by name or code, filtered by kind and division; the filters stay in the URL."""
    words, kind, code = (request.GET.get(name, "").strip()[:60] for name in ("q", "kind", "division"))
    found = PartnerUnit.objects.select_related("division__parent", "code_exception_scan")
    for word in words.split():
        found = found.filter(Q(name__icontains=word) | Q(credit_code__icontains=word))
    if kind in PartnerUnit.Kind.values:
        found = found.filter(kind=kind)
    divisions = list(Division.objects.order_by("code"))
    if any(division.code == code for division in divisions):
        found = found.filter(Q(division__code=code) | Q(division__parent__code=code))
    context = {
        "page_obj": Paginator(found, 25).get_page(request.GET.get("page")),
        "q": words,
        "kind": kind,
        "kinds": PartnerUnit.Kind.choices,
        "division": code,
        "leagues": [
            (league, [each for each in divisions if each.parent_id == league.pk])
            for league in divisions
            if league.parent_id is None
        ],
        "registers": request.acting.role in REGISTERS_PARTNERS,
        "sees_scans": request.acting.role in DEPARTMENT_BUSINESS,
    }
    return render(request, "bases/partners.html", context)


@open_to(REGISTERS_PARTNERS)
@require_http_methods(["GET", "POST"])
def new_partner(request: Request) -> HttpResponse:
    """Register a partner unit; then back to the page that one came from, such as an application."""
    kind = forms.OfficerPartnerForm if request.acting.role == Role.DEPT_OFFICER else forms.PartnerForm
    form = kind(request.POST, request.FILES) if request.method == "POST" else kind()
    came_from = request.GET.get("next", "")
    back = came_from if url_has_allowed_host_and_scheme(came_from, {request.get_host()}) else reverse("partners")
    if request.method == "POST" and form.is_valid():
        try:
            partner = people.register_partner(by=request.acting, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("合作单位“%(name)s”已登记，可以在申请书中选用。") % {"name": partner.name})
            return redirect(back)
    return _form_page(request, form, _("登记校外合作单位"), "7(2)", _("登记"), back)


@open_to(Role.SYSADMIN)
@require_http_methods(["GET", "POST"])
def organisations(request: Request) -> HttpResponse:
    """Training units; enter one."""
    form = forms.TrainingUnitForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            unit = people.create_training_unit(**form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("培养单位“%(name)s”已录入，请接着登记它的授权类别。") % {"name": unit.name})
            return redirect("training-unit", pk=unit.pk)
    units = TrainingUnit.objects.select_related("division").annotate(authorised=Count("authorisations"))
    return render(request, "bases/organisations.html", {"form": form, "units": units}, status=_status(form))


@open_to(Role.SYSADMIN)
@require_http_methods(["GET", "POST"])
def accounts(request: Request) -> HttpResponse:
    """Accounts; open a new one."""
    form = forms.AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = people.create_account(**form.cleaned_data)
        except Refused as refusal:
            form.add_error("username", refusal.reasons[0])
        else:
            messages.success(
                request, _("账号“%(name)s”已建立；由安全管理员授予角色后方可办事。") % {"name": user.username}
            )
            return redirect("accounts")
    page = Paginator(User.objects.order_by("username"), 50).get_page(request.GET.get("page"))
    return render(request, "bases/accounts.html", {"form": form, "page_obj": page}, status=_status(form))


@open_to(Role.SECURITY_ADMIN)
@require_http_methods(["GET", "POST"])
def memberships(request: Request) -> HttpResponse:
    """Who holds which role; grant one."""
    form = forms.MembershipForm(request.POST or None, initial={"user": request.GET.get("user")})
    if request.method == "POST" and form.is_valid():
        try:
            granted = people.grant_membership(**form.cleaned_data, by=request.acting.user)
        except Refused as refusal:
            form.add_error(None, refusal.reasons[0])
        else:
            messages.success(request, _("已授予：%(membership)s。") % {"membership": granted})
            return redirect("memberships")
    live = Membership.objects.filter(withdrawn_at=None).select_related(
        "user", "training_unit", "partner_unit", "department"
    )
    page = Paginator(live, 50).get_page(request.GET.get("page"))
    return render(request, "bases/memberships.html", {"form": form, "page_obj": page}, status=_status(form))


@open_to(Role.SECURITY_ADMIN)
@require_http_methods(["GET", "POST"])
def withdraw_membership(request: Request, pk: int) -> HttpResponse:
    """Take a role back, after a page that says what follows."""
    membership = get_object_or_404(Membership.objects.select_related("user"), pk=pk)
    if request.method == "POST":
        assert request.acting.user is not None  # noqa: S101 - a role is always held by a person
        people.withdraw_membership(membership=membership, by=request.acting.user)
        messages.success(request, _("已收回：%(membership)s。") % {"membership": membership})
        return redirect("memberships")
    return render(request, "bases/withdraw_membership.html", {"membership": membership})


@open_to(Role.SECURITY_ADMIN)
@require_http_methods(["GET", "POST"])
def policies(request: Request) -> HttpResponse:
    """The versions of the policy values; add one."""
    newest = Policy.objects.order_by("-version").first()
    initial = {
        f.name: getattr(newest, f.name)
        for f in Policy._meta.concrete_fields
        if newest and f.name not in {"effective_from", "note"}
    }
    form = forms.PolicyForm(request.POST or None, initial=initial)
    form.fields["effective_from"].widget = DateInput()
    if request.method == "POST" and form.is_valid():
        try:
            people.new_policy_version(**form.cleaned_data, by=request.acting.user, on=request.today)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("新版本已登记，自施行日起生效；已经开始的事项沿用原版本。"))
            return redirect("policies")
    context = {
        "form": form,
        "policies": Policy.objects.select_related("created_by"),
        "in_force": Policy.in_force(request.today),
    }
    return render(request, "bases/policies.html", context, status=_status(form))


def _form_page(request: Request, form: BaseForm, title: str, articles: str, button: str, back: str) -> HttpResponse:
    context = {"form": form, "title": title, "articles": articles, "button": button, "back": back}
    return render(request, "bases/form_page.html", context, status=_status(form))


def _status(form: BaseForm) -> int:
    """What was entered wrongly comes back as 422, with the input and the errors."""
    return 422 if form.errors else 200
