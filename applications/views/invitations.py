"""Invitations of experts: the officer's side, and the one-time page of who is invited."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from applications.expert_forms import AcceptForm, DeclineForm, InviteForm, InviteManyForm
from applications.models import ExpertInvitation, ExpertProfile
from applications.services import experts, invitations
from bases.models import Department
from portal import throttle
from portal.access import EVERYONE, open_to, secret_address
from portal.errors import Refused
from portal.http import Request, absolute, excel, site_root, whole_number
from portal.roles import Role
from portal.spreadsheets import Column, workbook

OPENINGS = "60 per hour"
_LINKS = (
    Column(key="name", label=_lazy("姓名"), width=12),
    Column(key="employer", label=_lazy("工作单位"), width=28),
    Column(key="phone", label=_lazy("手机"), width=16),
    Column(key="link", label=_lazy("邀请链接（只能使用一次）"), width=70),
    Column(key="expires_on", label=_lazy("有效期至"), kind="date", width=12),
    Column(key="text", label=_lazy("可以发送的文字"), width=80),
)


def _address(issued: invitations.Issued) -> str:
    return absolute(site_root(), reverse("invitation", args=[issued.secret]))


def _office() -> str:
    department = Department.objects.first()
    return department.name if department else _("教育厅")


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
@never_cache
def expert_invite(request: Request, pk: int) -> HttpResponse:
    """Issue a one-time link; it is shown now and never again, so the answer to the form is the page that shows it."""
    profile = get_object_or_404(ExpertProfile, pk=pk)
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        issued = invitations.issue(
            profile=profile, by=request.acting, on=request.today, at=timezone.now(), days=form.cleaned_data["days"]
        )
        address = _address(issued)
        context = {
            "profile": profile,
            "address": address,
            "invitation": issued.invitation,
            "text": invitations.message(issued, address, _office()),
        }
        return render(request, "applications/invitation_issued.html", context)
    context = {
        "profile": profile,
        "form": form,
        "blocked": invitations.why_not(profile),
        "open": experts.open_invitations([profile]).exists(),
    }
    return render(request, "applications/expert_invite.html", context, status=422 if form.errors else 200)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
@never_cache
def expert_invite_many(request: Request) -> HttpResponse:
    """Invite the selected people at once; the answer is a spreadsheet with everybody's link, made once."""
    form = InviteManyForm(request.POST) if request.method == "POST" else InviteManyForm()
    if request.method == "POST" and form.is_valid():
        chosen = list(form.cleaned_data["expert"])
        try:
            made = invitations.issue_many(
                profiles=chosen, by=request.acting, on=request.today, at=timezone.now(), days=form.cleaned_data["days"]
            )
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            return excel(_links(made), _("专家邀请（%(day)s）.xlsx") % {"day": request.today.isoformat()})
    picked = request.POST.getlist("expert") if request.method == "POST" else request.GET.getlist("expert")
    keys = [key for key in (whole_number(raw, 12) for raw in picked) if key is not None]
    people = list(ExpertProfile.objects.filter(pk__in=keys))
    context = {
        "form": form,
        "invited": [profile for profile in people if not invitations.why_not(profile)],
        "others": [reason for reason in map(invitations.why_not, people) if reason],
    }
    return render(request, "applications/expert_invite_many.html", context, status=422 if form.errors else 200)


def _links(made: list[invitations.Issued]) -> bytes:
    office = _office()
    rows = [
        {
            "name": each.invitation.profile.name,
            "employer": each.invitation.profile.employer,
            "phone": each.invitation.profile.phone,
            "link": _address(each),
            "expires_on": each.invitation.expires_on,
            "text": invitations.message(each, _address(each), office),
        }
        for each in made
    ]
    return workbook(_("专家邀请"), _LINKS, rows)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def expert_invitation_withdraw(request: Request, pk: int) -> HttpResponse:
    """Make an open link worthless, after a page that says what follows."""
    profile = get_object_or_404(ExpertProfile, pk=pk)
    if request.method == "POST":
        invitations.withdraw(profile=profile, by=request.acting, on=request.today, at=timezone.now())
        messages.success(request, _("邀请已作废。"))
        return redirect("expert", pk=pk)
    context = {
        "title": _("作废邀请"),
        "profile": profile,
        "button": _("作废邀请"),
        "danger": True,
        "consequence": _("发给%(name)s的链接立即失效，打开后会说明已经作废。需要时可以重新邀请。")
        % {"name": profile.name},
    }
    return render(request, "applications/expert_confirm.html", context)


@open_to(EVERYONE)
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("password", "again")
def _invitation(request: Request, secret: str) -> HttpResponse:
    """What the holder of a link sees: who invites to what; accept and get an account, or decline."""
    if not throttle.allow("invitation", throttle.address_of(request), OPENINGS):
        return render(request, "applications/invitation_ended.html", {"too_often": True}, status=429)
    found = invitations.find(secret)
    if found is None:
        raise Http404
    ended = invitations.ended_words(found, request.today)
    if ended:
        return render(request, "applications/invitation_ended.html", {"reason": ended}, status=410)
    accept, decline = _forms(request, found)
    chosen = decline if request.POST.get("do") == "decline" else accept
    if request.method == "POST" and chosen.is_valid():
        try:
            return _answered(request, found, secret, chosen)
        except Refused as refusal:
            chosen.add_error(None, list(refusal.reasons))
    user = request.user if request.user.is_authenticated else None
    context = {
        "invitation": found,
        "office": _office(),
        "accept": accept,
        "decline": decline,
        "signed_in": user,
        "blocked": invitations.not_the_invited(found, user) if user else "",
    }
    status = 422 if accept.errors or decline.errors else 200
    return render(request, "applications/invitation.html", context, status=status)


invitation = secret_address(_invitation)


def _forms(request: Request, found: ExpertInvitation) -> tuple[AcceptForm, DeclineForm]:
    """The two forms of the page; only the one that was sent is bound."""
    profile = found.profile
    user = request.user if request.user.is_authenticated else None
    known = {"employer": profile.employer, "phone": profile.phone, "email": profile.email}
    declines = request.method == "POST" and request.POST.get("do") == "decline"
    accepts = request.method == "POST" and not declines
    accept = AcceptForm(request.POST if accepts else None, profile=profile, user=user, initial=known)
    return accept, DeclineForm(request.POST if declines else None)


def _answered(request: Request, found: ExpertInvitation, secret: str, form: AcceptForm | DeclineForm) -> HttpResponse:
    when: dict[str, Any] = {"on": request.today, "at": timezone.now()}
    if isinstance(form, DeclineForm):
        invitations.decline(secret=secret, reason=form.cleaned_data["reason"], **when)
        return render(request, "applications/invitation_ended.html", {"declined": True, "office": _office()})
    user = request.user if request.user.is_authenticated else None
    made = invitations.accept(secret=secret, user=user, **form.entered(), **when)
    if user is None:
        messages.success(request, _("账号已建立。请用登录名“%(name)s”和刚才设置的密码登录。") % {"name": made.username})
        return redirect("login")
    messages.success(request, _("已接受邀请。请在右上角选择“评审专家”角色办理评审。"))
    return redirect("choose-role")
