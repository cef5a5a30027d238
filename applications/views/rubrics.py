"""指标体系: the versions of each purpose, drafting a new one, putting it in force."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.models import Rubric
from applications.rubric_forms import MOST, Criteria, RubricForm, rearranged, rows_of, stored, typed
from applications.services import rubrics
from portal.access import open_to
from portal.errors import Refused
from portal.http import Request, whole_number
from portal.roles import DEPARTMENT_BUSINESS, Role


@open_to(DEPARTMENT_BUSINESS)
@require_safe
def rubric_list(request: Request) -> HttpResponse:
    """All versions of the two 指标体系."""
    found = list(rubrics.versions())
    groups = [
        (purpose, label, rows, next((row for row in rows if row.state == Rubric.State.DRAFT), None))
        for purpose, label in Rubric.Purpose.choices
        for rows in [[each for each in found if each.purpose == purpose]]
    ]
    context = {"groups": groups, "drafts": request.acting.role == Role.DEPT_OFFICER}
    return render(request, "applications/rubric_list.html", context)


@open_to(Role.DEPT_OFFICER)
@require_POST
def rubric_new(request: Request, purpose: str) -> HttpResponse:
    """Draft a new version from the one in force, or go on with the draft that there is."""
    if purpose not in Rubric.Purpose.values:
        raise Http404
    return redirect("rubric-edit", pk=rubrics.draft(purpose=purpose, by=request.acting).pk)


@open_to(DEPARTMENT_BUSINESS)
@require_safe
def rubric(request: Request, pk: int) -> HttpResponse:
    """One version: what earns the points, the limits, who put it in force, how many panels keep it; beside another if asked."""
    found = get_object_or_404(rubrics.versions(), pk=pk)
    others = [each for each in rubrics.versions().filter(purpose=found.purpose) if each.pk != pk]
    beside = whole_number(request.GET.get("beside", ""), 9)
    other = next((each for each in others if each.pk == beside), None)
    context = {
        "rubric": found,
        "others": others,
        "other": other,
        "differences": rubrics.differences(other, found) if other else [],
        "wrong": rubrics.what_is_wrong(found) if found.state == Rubric.State.DRAFT else [],
        "drafts": request.acting.role == Role.DEPT_OFFICER,
        "decides": request.acting.role == Role.DEPT_LEADER,
        "total": sum(each.points for each in found.criteria.all()),
    }
    return render(request, "applications/rubric.html", context)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def rubric_edit(request: Request, pk: int) -> HttpResponse:
    """Write on a draft; adding, removing and moving rows keeps all that was typed."""
    draft = get_object_or_404(rubrics.versions(), pk=pk)
    if draft.state != Rubric.State.DRAFT:
        messages.info(request, _("这一版已经启用，不能再改动；需要修改请起草新版本。"))
        return redirect("rubric", pk=pk)
    kept = rubrics.KEPT[Rubric.Purpose(draft.purpose)]
    if request.method == "GET":
        about = {"name": draft.name, "note": draft.note, "seen": rubrics.fingerprint(draft)}
        return _edit_page(request, draft, RubricForm(initial=about), Criteria(initial=stored(draft)))
    act, _colon, place = request.POST.get("do", "save").partition(":")
    if act != "save":
        rows = rearranged(typed(request.POST), act, whole_number(place, 2) if place else -1, kept)  # type: ignore[arg-type]
        about = {name: request.POST.get(name, "") for name in ("name", "note", "seen")}
        return _edit_page(request, draft, RubricForm(initial=about), Criteria(initial=rows), unsaved=True, act=act)
    form, criteria = RubricForm(request.POST), Criteria(request.POST)
    if form.is_valid() & criteria.is_valid():
        try:
            rubrics.save_draft(rubric=draft, rows=rows_of(criteria), by=request.acting, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("草稿已保存。"))
            return redirect("rubric", pk=pk)
    return _edit_page(request, draft, form, criteria)


def _edit_page(
    request: Request, draft: Rubric, form: RubricForm, criteria: Any, *, unsaved: bool = False, act: str = ""
) -> HttpResponse:
    failed = form.is_bound and (form.errors or not criteria.is_valid())
    context = {
        "rubric": draft,
        "form": form,
        "criteria": criteria,
        "kept": rubrics.KEPT[Rubric.Purpose(draft.purpose)],
        "unsaved": unsaved,
        "added": act == "add",
        "full": len(criteria.forms) >= MOST,
    }
    return render(request, "applications/rubric_edit.html", context, status=422 if failed else 200)


@open_to(Role.DEPT_LEADER)
@require_http_methods(["GET", "POST"])
def rubric_put_in_force(request: Request, pk: int) -> HttpResponse:
    """What the draft changes, and putting it in force."""
    draft = get_object_or_404(rubrics.versions(), pk=pk)
    if draft.state != Rubric.State.DRAFT:
        messages.info(request, _("这一版已经启用。"))
        return redirect("rubric", pk=pk)
    before = rubrics.versions().get(purpose=draft.purpose, state=Rubric.State.IN_FORCE)
    own = [_(rubrics.DRAFTED_BY_THE_SAME)] if rubrics.drafted_on(draft, request.acting) else []
    wrong = [*own, *rubrics.what_is_wrong(draft)]
    refused: tuple[str, ...] = ()
    if request.method == "POST":
        try:
            rubrics.put_in_force(rubric=draft, seen=request.POST.get("seen", ""), by=request.acting, on=request.today)
        except Refused as refusal:
            refused = refusal.reasons
        else:
            messages.success(request, _("第 %(n)s 版已启用，原来的版本已停用。") % {"n": draft.version})
            return redirect("rubric", pk=pk)
    context = {
        "rubric": draft,
        "before": before,
        "differences": rubrics.differences(before, draft),
        "wrong": wrong,
        "refused": refused,
        "seen": rubrics.fingerprint(draft),
    }
    return render(request, "applications/rubric_put_in_force.html", context, status=422 if refused else 200)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def rubric_discard(request: Request, pk: int) -> HttpResponse:
    """Throw a draft away."""
    draft = get_object_or_404(Rubric, pk=pk)
    if draft.state != Rubric.State.DRAFT:
        messages.info(request, _("这一版已经启用，不能删除。"))
        return redirect("rubric", pk=pk)
    if request.method == "POST":
        try:
            rubrics.discard(rubric=draft, by=request.acting)
        except Refused as refusal:
            messages.error(request, "".join(refusal.reasons))
        else:
            messages.success(request, _("草稿已删除。"))
        return redirect("rubric-list")
    return render(request, "applications/rubric_discard.html", {"rubric": draft})
