from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from agreements.agreement_acts import ACTS, open_acts
from agreements.forms import AgreementForm
from agreements.models import Agreement
from agreements.services import agreements
from agreements.views.agreements import SIDES, own_agreement
from portal.access import open_to
from portal.errors import Overtaken, Refused
from portal.http import Request
from portal.roles import Role

Status = Agreement.Status


@dataclass(frozen=True)
class Outcome:
    """What came of a save; ``saved`` is None where nothing was kept."""

    form: AgreementForm
    saved: Agreement | None
    status: int
    refusal: tuple[str, ...] = ()


def _save(request: Request, agreement: Agreement, *, whole: bool) -> Outcome:
    """Keep what is right, or with ``whole`` all of it or nothing."""
    form = AgreementForm(request.POST, agreement=agreement)
    if not form.is_valid() and (whole or "seen" in form.errors):
        return Outcome(form, None, 422)
    values, clauses = form.right
    try:
        saved = agreements.save_draft(
            agreement=agreement, by=request.acting, on=request.today, seen=form.cleaned_data["seen"], values=values, clauses=clauses
        )  # fmt: skip
    except Refused as refusal:
        return Outcome(form, None, 409 if isinstance(refusal, Overtaken) else 422, refusal.reasons)
    return Outcome(form, saved, 422 if form.errors else 200)


@open_to(Role.UNIT_OFFICER)
@require_http_methods(["GET", "POST"])
def agreement_edit(request: Request, pk: int, number: int) -> HttpResponse:
    """The text as it is drafted; what is typed is kept by itself."""
    agreement = own_agreement(request, pk, number)
    if agreement.status != Status.DRAFTING:
        messages.info(request, _("文本已送出，不能修改。"))
        return redirect("agreement", pk=pk, number=number)
    form, status = AgreementForm(agreement=agreement, initial=AgreementForm.first_values(agreement)), 200
    if request.method == "POST":
        outcome = _save(request, agreement, whole=True)
        if outcome.saved is not None:
            messages.success(request, _("草稿已保存。"))
            return redirect("agreement", pk=pk, number=number)
        form, status = outcome.form, outcome.status
        if outcome.refusal:
            form.add_error(None, list(outcome.refusal))
    context = {"base": agreement.base, "agreement": agreement, "form": form, "gaps": agreements.gaps(agreement)}
    return render(request, "agreements/agreement_edit.html", context, status=status)


@open_to(Role.UNIT_OFFICER)
@require_POST
def agreement_autosave(request: Request, pk: int, number: int) -> HttpResponse:
    """Keep what is right as it stands; what is wrong is named and keeps what it had."""
    agreement = own_agreement(request, pk, number)
    outcome = _save(request, agreement, whole=False)
    wrong = [
        (outcome.form[name], errors) for name, errors in outcome.form.errors.items() if name in outcome.form.fields
    ]
    gaps = agreements.gaps(outcome.saved) if outcome.saved is not None else []
    context = {"saved": outcome.saved, "refusal": outcome.refusal, "wrong": wrong, "gaps": gaps, "agreement": agreement}
    return render(request, "agreements/_agreement_autosaved.html", context, status=outcome.status)


@open_to(SIDES)
@require_http_methods(["GET", "POST"])
def agreement_act(request: Request, pk: int, number: int, name: str) -> HttpResponse:
    """One act on an agreement, with its consequence and article above what it needs."""
    act = ACTS.get(name)
    if act is None:
        raise Http404
    agreement = own_agreement(request, pk, number)
    if (name, act) not in open_acts(agreement, request.acting):
        words = {"status": agreement.get_status_display(), "act": act.label}
        raise Overtaken(_("协议当前为“%(status)s”，您现在不能办理“%(act)s”。请刷新后再看。") % words)
    bound = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = act.form(*bound, agreement=agreement, on=request.today)
    if request.method == "POST" and form.is_valid():
        try:
            act.perform(agreement=agreement, by=request.acting, on=request.today, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, str(act.done))
            return redirect("agreement", pk=pk, number=number)
    context = {"base": agreement.base, "agreement": agreement, "act": act, "form": form}
    return render(request, "agreements/agreement_act.html", context, status=422 if form.errors else 200)
