from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bases import office_texts
from bases.forms import OfficeTextForm
from bases.office_texts import TextKind
from bases.services import office_texts as texts
from portal.access import open_to
from portal.errors import Refused
from portal.http import Request
from portal.roles import Role

OFFICERS = frozenset({Role.UNIT_OFFICER, Role.DEPT_OFFICER})


@open_to(OFFICERS)
@require_safe
def text_list(request: Request) -> HttpResponse:
    """The wordings of one's own office: which are the portal's proposal, which the office's own, and since when."""
    return render(request, "bases/text_list.html", {"texts": texts.all_current(request.acting)})


def _kind(request: Request, key: str) -> TextKind:
    kind = office_texts.get(key)
    if kind is None or kind.office != texts.office_of(request.acting):
        raise Http404
    return kind


@open_to(OFFICERS)
@require_http_methods(["GET", "POST"])
def text_edit(request: Request, key: str) -> HttpResponse:
    """Edit one wording beside its preview; save it, look at the preview alone, or bring the portal's proposal back."""
    kind = _kind(request, key)
    now = texts.current(kind, request.acting.unit_id)
    initial = {"title": now.title, "text": now.text, "seen": now.number}
    form = OfficeTextForm(request.POST or None, kind=kind, initial=initial)
    wish = request.POST.get("do", "")
    if request.method == "POST" and wish != "preview":
        answer = _saved(request, kind, form, restore=wish == "restore")
        if answer is not None:
            return answer
    context = {
        "kind": kind,
        "now": now,
        "form": form,
        "words": [(word, what, word in kind.required) for word, what in kind.words.items()],
        "versions": texts.versions(kind, request.acting.unit_id)[:20],
        "preview": _preview(kind, form),
    }
    return render(request, "bases/text_edit.html", context, status=422 if form.errors else 200)


def _saved(request: Request, kind: TextKind, form: OfficeTextForm, *, restore: bool) -> HttpResponse | None:
    by, on = request.acting, request.today
    form.full_clean()
    given: dict[str, Any] = form.cleaned_data
    if not restore and form.errors:
        return None
    try:
        if restore:
            texts.restore_default(kind=kind, seen=given.get("seen", 0), by=by, on=on)
            messages.success(request, _("已恢复默认文稿，今后发文使用默认文稿；以前保存的仍可查看。"))
        else:
            texts.save(kind=kind, by=by, on=on, **given)
            messages.success(request, _("文稿已保存，今后发文使用这份文稿；已经登记的公文不变。"))
    except Refused as refusal:
        form.add_error(None, list(refusal.reasons))
        return None
    return redirect("text-edit", key=kind.key)


def _preview(kind: TextKind, form: OfficeTextForm) -> dict[str, Any] | None:
    """Title and paragraphs with example words, of what stands in the form; None while it has a word that nobody knows."""
    values = office_texts.example_values(kind)
    try:
        title, text = (office_texts.fill(str(form[name].value() or ""), values) for name in ("title", "text"))
    except KeyError:
        return None
    return {"title": title, "paragraphs": office_texts.paragraphs(text)}


@open_to(OFFICERS)
@require_safe
def text_version(request: Request, key: str, number: int) -> HttpResponse:
    """One earlier wording, to be read."""
    kind = _kind(request, key)
    version = get_object_or_404(texts.versions(kind, request.acting.unit_id), version=number)
    context = {"kind": kind, "version": version, "paragraphs": office_texts.paragraphs(version.text)}
    return render(request, "bases/text_version.html", context)
