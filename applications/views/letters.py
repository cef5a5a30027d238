from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications.forms import ticked
from applications.letter_forms import LeftOutForm, LettersForm
from applications.models import Round
from applications.services import letters
from portal.access import open_to
from portal.errors import NotYours, Refused
from portal.http import Request
from portal.roles import Role

PAGE = 50


@open_to(Role.DEPT_OFFICER, Role.DEPT_LEADER)
@require_http_methods(["GET", "POST"])
def letter_list(request: Request, pk: int) -> HttpResponse:
    """Who was not recognised in a round and has heard of it; the letters that are still to go out."""
    found = get_object_or_404(Round, pk=pk)
    waiting = letters.awaiting_letter(found)
    form = LettersForm(
        request.POST or None,
        waiting=waiting,
        on=request.today,
        initial={"applications": waiting, "document_date": request.today},
    )
    if request.method == "POST" and request.acting.role != Role.DEPT_OFFICER:
        raise NotYours(_("评审结果通知由教育厅经办登记。"))
    if request.method == "POST" and form.is_valid():
        try:
            sent = letters.send_letters(**form.cleaned_data, by=request.acting, on=request.today)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(
                request,
                _("已登记 %(n)s 份评审结果通知，文号 %(first)s 起；正式文本正在生成，培养单位和申报人随即可以看到。")
                % {"n": len(sent), "first": sent[0].number},
            )
            return redirect("round-letters", pk=pk)
    rows, chosen = list(waiting), ticked(form["applications"])
    decided = letters.rejections(rows)
    sent_page = Paginator(letters.not_recognised(found).exclude(result_letter=None), PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "round": found,
        "form": form,
        "rows": [(row, row.pk in chosen, decided[row.pk]) for row in rows],
        "postponed": letters.postponed(found).count(),
        "left_out": letters.left_out(found).count(),
        "page": sent_page,
        "acts": request.acting.role == Role.DEPT_OFFICER,
    }
    return render(request, "applications/letter_list.html", context, status=422 if form.errors else 200)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def reject_left_out(request: Request, pk: int) -> HttpResponse:
    """Decide not to recognise all that the preliminary list left out; the page says who they are and what follows."""
    found = get_object_or_404(Round, pk=pk)
    left = list(letters.left_out(found))
    form = LeftOutForm(request.POST or None, initial={"count": len(left)})
    if request.method == "POST" and form.is_valid():
        try:
            done = letters.reject_left_out(round_=found, **form.cleaned_data, by=request.acting, on=request.today)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("已对 %(n)s 个基地作出不予认定。下一步：发评审结果通知。") % {"n": len(done)})
            return redirect("round-letters", pk=pk)
    context = {"round": found, "form": form, "left": left}
    return render(request, "applications/letter_left_out.html", context, status=422 if form.errors else 200)
