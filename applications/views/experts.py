"""专家库 of the department: the list and its Excel, a person's page, and everything that is entered about them."""

from copy import copy
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import expert_queries
from applications.expert_forms import (
    AbsenceForm,
    EndRelationForm,
    ExpertForm,
    LinkForm,
    RelationForm,
    RemoveExpertForm,
)
from applications.models import ExpertAbsence, ExpertInvitation, ExpertProfile, ExpertRelation
from applications.services import experts, invitations
from bases.industries import PRIORITY_INDUSTRIES
from bases.models import DegreeCategory, Division
from portal.access import open_to
from portal.errors import NotYours, Refused
from portal.http import Request, excel
from portal.masking import masked_email, masked_phone
from portal.roles import DEPARTMENT_BUSINESS, Role
from portal.spreadsheets import Column, workbook

PAGE_SIZE = 50
_EXPORTED = (
    Column(key="name", label=_lazy("姓名"), width=12),
    Column(key="employer", label=_lazy("工作单位"), width=28),
    Column(key="sector", label=_lazy("单位性质"), width=12),
    Column(key="title", label=_lazy("职称"), width=12),
    Column(key="position", label=_lazy("职务"), width=16),
    Column(key="categories", label=_lazy("熟悉的专业学位类别"), width=34),
    Column(key="industries", label=_lazy("熟悉的产业"), width=28),
    Column(key="division", label=_lazy("所在地区"), width=18),
    Column(key="phone", label=_lazy("手机"), width=14),
    Column(key="email", label=_lazy("电子邮箱"), width=22),
    Column(key="account", label=_lazy("账号"), width=12),
    Column(key="this_year", label=_lazy("本年评审（项）"), kind="int", width=14),
    Column(key="total", label=_lazy("累计评审（项）"), kind="int", width=14),
    Column(key="recused", label=_lazy("回避（次）"), kind="int", width=11),
    Column(key="declined", label=_lazy("谢绝（次）"), kind="int", width=11),
    Column(key="max_load", label=_lazy("每批次最多（项）"), kind="int", width=15),
    Column(key="added_on", label=_lazy("入库日期"), kind="date", width=12),
    Column(key="removed_on", label=_lazy("出库日期"), kind="date", width=12),
)


def _account_words(profile: ExpertProfile, request: Request) -> str:
    """Where a person stands with their account: 有账号, 已邀请, 邀请已过期, 已谢绝, 未邀请."""
    if profile.user_id is not None:
        return _("有账号")
    newest = next(iter(profile.invitations.all()), None)
    if newest is None:
        return _("未邀请")
    return str(ExpertInvitation.State(newest.state_on(request.today)).label)


@open_to(DEPARTMENT_BUSINESS)
@require_safe
def expert_list(request: Request) -> HttpResponse:
    """The pool: found by name and employer, filtered and sorted by the address, each with their workload."""
    wanted = expert_queries.Filters.of(request.GET.dict())
    found = expert_queries.filtered(expert_queries.listed(request.today), wanted)
    sort, found = expert_queries.in_order(found, request.GET.get("sort", ""))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    for profile in page:
        profile.account_words = _account_words(profile, request)  # type: ignore[attr-defined]
        profile.industry_words = experts.industry_words(profile.industries)  # type: ignore[attr-defined]
        profile.masked_phone = masked_phone(profile.phone)  # type: ignore[attr-defined]
        profile.may_invite = not invitations.why_not(profile)  # type: ignore[attr-defined]
    context = {
        "page_obj": page,
        "sort": sort,
        "filters": wanted.raw,
        "filtered": wanted.is_set,
        "sectors": ExpertProfile.Sector.choices,
        "categories": DegreeCategory.objects.all(),
        "industries": PRIORITY_INDUSTRIES,
        "leagues": Division.objects.filter(parent=None),
        "officer": request.acting.role == Role.DEPT_OFFICER,
        "year": request.today.year,
    }
    return render(request, "applications/expert_list.html", context)


@open_to(DEPARTMENT_BUSINESS)
@require_safe
def expert_export(request: Request) -> HttpResponse:
    """The list as the address filters and sorts it, all pages; numbers and addresses masked as on the page."""
    wanted = expert_queries.Filters.of(request.GET.dict())
    found = expert_queries.filtered(expert_queries.listed(request.today), wanted)
    _sort, found = expert_queries.in_order(found, request.GET.get("sort", ""))
    rows = [
        {column.key: getattr(profile, column.key, None) for column in _EXPORTED}
        | {
            "sector": profile.get_sector_display(),
            "categories": experts.category_words(profile.categories.all()),
            "industries": experts.industry_words(profile.industries),
            "division": str(profile.division or ""),
            "phone": masked_phone(profile.phone),
            "email": masked_email(profile.email),
            "account": _account_words(profile, request),
        }
        for profile in found
    ]
    name = _("专家库（%(day)s）.xlsx") % {"day": request.today.isoformat()}
    return excel(workbook(_("评审专家库"), _EXPORTED, rows), name)


@open_to(DEPARTMENT_BUSINESS)
@require_safe
def expert(request: Request, pk: int) -> HttpResponse:
    """A person of the pool: profile, absences, relations, invitation, what they were assigned year by year. No scores."""
    profile = get_object_or_404(expert_queries.listed(request.today), pk=pk)
    officer = request.acting.role == Role.DEPT_OFFICER
    invitation = invitations.current(profile)
    context = {
        "profile": profile,
        "industry_words": experts.industry_words(profile.industries),
        "officer": officer,
        "phone": profile.phone if officer else masked_phone(profile.phone),
        "email": profile.email if officer else masked_email(profile.email),
        "absences": profile.absences.all(),
        "relations": profile.relations.select_related("training_unit", "partner_unit", "recorded_by"),
        "invitation": invitation,
        "invitation_state": invitation.state_on(request.today) if invitation else "",
        "account_words": _account_words(profile, request),
        "may_invite": officer and not invitations.why_not(profile),
        "years": expert_queries.history(profile),
        "changes": profile.changes.select_related("changed_by"),
    }
    return render(request, "applications/expert_page.html", context)


def _form_page(
    request: Request, form: forms.BaseForm, title: str, button: str, back: str, existing: ExpertProfile | None = None
) -> HttpResponse:
    context = {"form": form, "title": title, "button": button, "back": back, "existing": existing}
    status = 422 if form.errors else 200
    return render(request, "applications/expert_form.html", context, status=status)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def expert_new(request: Request) -> HttpResponse:
    """Take a person into the pool."""
    form, existing = ExpertForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            made = experts.enter(by=request.acting, on=request.today, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
            existing = refusal.profile if isinstance(refusal, experts.Duplicate) else None
        else:
            messages.success(request, _("%(name)s已登记入库，可以发出邀请。") % {"name": made.name})
            return redirect("expert", pk=made.pk)
    return _form_page(request, form, _("登记专家"), _("登记入库"), reverse("expert-list"), existing)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def expert_edit(request: Request, pk: int) -> HttpResponse:
    """Change what is known of a person."""
    profile, existing = get_object_or_404(ExpertProfile, pk=pk), None
    form = ExpertForm(request.POST or None, instance=copy(profile))
    if request.method == "POST" and form.is_valid():
        try:
            experts.edit(profile=profile, by=request.acting, on=request.today, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
            existing = refusal.profile if isinstance(refusal, experts.Duplicate) else None
        else:
            messages.success(request, _("已保存。"))
            return redirect("expert", pk=pk)
    title = _("修改%(name)s的资料") % {"name": profile.name}
    return _form_page(request, form, title, _("保存"), reverse("expert", args=[pk]), existing)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def expert_remove(request: Request, pk: int) -> HttpResponse:
    """Take a person out of the pool, after a page that says what follows."""
    profile = get_object_or_404(ExpertProfile, pk=pk)
    form = RemoveExpertForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        by_when: dict[str, Any] = {"by": request.acting, "on": request.today, "at": timezone.now()}
        try:
            experts.remove(profile=profile, reason=form.cleaned_data["reason"], **by_when)
        except NotYours:
            raise
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("%(name)s已出库。") % {"name": profile.name})
            return redirect("expert", pk=pk)
    context = {
        "title": _("专家出库"),
        "profile": profile,
        "form": form,
        "button": _("出库"),
        "danger": True,
        "consequence": _(
            "%(name)s不再列入可以分配的专家，待回复的邀请作废。已经分配的评审和评审记录保留；需要撤换的，请在评审分配中另行办理。以后可以恢复入库。"
        )
        % {"name": profile.name},
    }
    return render(request, "applications/expert_confirm.html", context, status=422 if form.errors else 200)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def expert_take_back(request: Request, pk: int) -> HttpResponse:
    """Bring a removed person back."""
    profile = get_object_or_404(ExpertProfile, pk=pk)
    if request.method == "POST":
        experts.take_back(profile=profile, by=request.acting, on=request.today)
        messages.success(request, _("%(name)s已恢复入库。") % {"name": profile.name})
        return redirect("expert", pk=pk)
    context = {
        "title": _("恢复入库"),
        "profile": profile,
        "button": _("恢复入库"),
        "consequence": _("%(name)s重新列入专家库，有账号的可以分配评审，没有账号的可以邀请。") % {"name": profile.name},
    }
    return render(request, "applications/expert_confirm.html", context)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def expert_link(request: Request, pk: int) -> HttpResponse:
    """Say which existing account is this person's."""
    profile = get_object_or_404(ExpertProfile, pk=pk)
    form = LinkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        by_when: dict[str, Any] = {"by": request.acting, "on": request.today, "at": timezone.now()}
        try:
            experts.link_account(profile=profile, user=form.cleaned_data["user"], **by_when)
        except NotYours:
            raise
        except Refused as refusal:
            form.add_error("user", list(refusal.reasons))
        else:
            messages.success(request, _("已关联账号。"))
            return redirect("expert", pk=pk)
    title = _("关联%(name)s的账号") % {"name": profile.name}
    return _form_page(request, form, title, _("关联账号"), reverse("expert", args=[pk]))


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def expert_absence(request: Request, pk: int) -> HttpResponse:
    """Enter days on which a person cannot review."""
    profile = get_object_or_404(ExpertProfile, pk=pk)
    return absence_form(request, profile, reverse("expert", args=[pk]))


def absence_form(request: Request, profile: ExpertProfile, back: str) -> HttpResponse:
    """The form of an absence, for the department and for the expert alike."""
    form = AbsenceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            experts.add_absence(profile=profile, by=request.acting, on=request.today, **form.entered())
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("不便时间已登记。"))
            return redirect(back)
    return _form_page(request, form, _("登记不便时间"), _("登记"), back)


@open_to(Role.DEPT_OFFICER)
@require_POST
def expert_absence_remove(request: Request, pk: int) -> HttpResponse:
    """The person can review on these days after all."""
    absence = get_object_or_404(ExpertAbsence.objects.select_related("profile"), pk=pk)
    experts.remove_absence(absence=absence, by=request.acting, on=request.today)
    messages.success(request, _("不便时间已删除。"))
    return redirect("expert", pk=absence.profile_id)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def expert_relation(request: Request, pk: int) -> HttpResponse:
    """Record a relation of a person."""
    profile = get_object_or_404(ExpertProfile, pk=pk)
    return relation_form(request, profile, reverse("expert", args=[pk]))


def relation_form(request: Request, profile: ExpertProfile, back: str) -> HttpResponse:
    """The form of a relation, for the department and for the expert alike."""
    form = RelationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            experts.add_relation(profile=profile, by=request.acting, on=request.today, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("利害关系已登记，分配评审时据此回避。"))
            return redirect(back)
    return _form_page(request, form, _("登记利害关系"), _("登记"), back)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def expert_relation_end(request: Request, pk: int) -> HttpResponse:
    """Enter the day on which a relation ended."""
    relation = get_object_or_404(ExpertRelation.objects.select_related("training_unit", "partner_unit"), pk=pk)
    form = EndRelationForm(request.POST or None, initial={"ended_on": request.today})
    back = reverse("expert", args=[relation.profile_id])
    if request.method == "POST" and form.is_valid():
        try:
            experts.end_relation(relation=relation, by=request.acting, on=request.today, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("结束日期已登记。"))
            return redirect(back)
    title = _("结束利害关系：%(relation)s") % {"relation": experts.relation_words(relation)}
    return _form_page(request, form, title, _("登记结束日期"), back)
