"""The expert's 评审: what is assigned, the dossier beside the sheet, handing in; and the department's opening a sheet again."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import dossiers, forms, queries
from applications.models import Assignment, Panel, ScoreSheet
from applications.services import sheets
from applications.sheet_forms import PledgeForm, SheetForm, UnlockForm
from portal.access import open_to
from portal.errors import Overtaken, Refused
from portal.http import Request, whole_number
from portal.roles import Role

PAGE_SIZE = 25


@open_to(Role.EXPERT)
@require_safe
def sheet_list(request: Request) -> HttpResponse:
    """What is assigned to the expert: how far they are, what comes next, one list a state."""
    running = queries.running_sheets(request.acting)
    waiting = running.filter(status=Assignment.Status.ASSIGNED)
    handed_in = running.filter(status=Assignment.Status.SUBMITTED)
    ended = queries.own_assignments(request.acting).exclude(pk__in=running.values("pk"))
    lists: dict[str, QuerySet[Assignment]] = {"waiting": waiting, "submitted": handed_in, "ended": ended}
    counts = {name: found.count() for name, found in lists.items()}
    shown = request.GET.get("show", "")
    if shown not in lists:
        shown = next((name for name, n in counts.items() if n), "waiting")
    found = (
        lists[shown].order_by("pk" if shown == "waiting" else "-pk")
        .annotate(scored=Count("sheet__scores", distinct=True), of=Count("panel__rubric__criteria", distinct=True))
        .select_related("sheet").prefetch_related("sheet__unlocks")
    )  # fmt: skip
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    done, left = counts["submitted"], counts["waiting"]
    context = {
        "page_obj": page,
        "shown": shown,
        "tabs": [
            ("waiting", _("待评"), left),
            ("submitted", _("已提交"), done),
            ("ended", _("已结束"), counts["ended"]),
        ],
        "assigned": sum(counts.values()),
        "done": done,
        "left": left,
        "all": done + left,
        "next": waiting.order_by("pk").first(),
    }
    return render(request, "applications/sheet_list.html", context)


@open_to(Role.EXPERT)
@require_http_methods(["GET", "POST"])
def sheet(request: Request, pk: int) -> HttpResponse:
    """The dossier beside the sheet; what is typed is kept, whichever button is pressed."""
    assignment = get_object_or_404(queries.own_assignments(request.acting), pk=pk)
    undeclared = declaration(request, assignment)
    if undeclared:
        return redirect(undeclared)
    if request.method == "GET":
        return sheet_page(request, assignment)
    if "discard" in request.POST:
        messages.info(request, _("已载入最新保存的内容，您没有保存的修改已放弃。"))
        return redirect("sheet", pk=pk)
    do = request.POST.get("do", "save")
    outcome = _save(request, assignment, whole=True)
    if outcome.saved is not None and do == "submit":
        outcome.form.want_all()
    if outcome.form.errors or outcome.saved is None:
        return sheet_page(request, assignment, outcome=outcome)
    if do == "submit":
        return redirect("sheet-submit", pk=pk)
    beside = _neighbours(request, assignment).get(do)
    if beside is None:
        named = sheets.what_names_the_expert(outcome.saved.comment, assignment.expert)
        messages.success(request, _("评分已保存，尚未提交。") + named)
    return redirect("sheet", pk=beside.pk if beside else pk)


@open_to(Role.EXPERT)
@require_POST
def sheet_autosave(request: Request, pk: int) -> HttpResponse:
    """Keep what is right as it stands; what is wrong is named and keeps what it had."""
    assignment = get_object_or_404(queries.own_assignments(request.acting), pk=pk)
    outcome = _save(request, assignment)
    return render(request, "applications/_sheet_autosaved.html", outcome.context(assignment), status=outcome.status)


@dataclass(frozen=True)
class Outcome:
    """What came of a save; ``saved`` is None where nothing was kept."""

    form: SheetForm
    saved: ScoreSheet | None
    status: int
    refusal: tuple[str, ...] = ()
    overtaken: sheets.SheetOvertaken | None = None

    def context(self, assignment: Assignment) -> dict[str, Any]:
        """What the page says of it."""
        return {
            "assignment": assignment,
            "saved": self.saved,
            "wrong": self.form.wrong,
            "refusal": self.refusal,
            "overtaken": self.overtaken,
            "named": sheets.what_names_the_expert(self.saved.comment, assignment.expert) if self.saved else "",
        }


def _save(request: Request, assignment: Assignment, *, whole: bool = False) -> Outcome:
    """Save what is right, or with ``whole`` all of it or nothing."""
    form = SheetForm(request.POST, panel=assignment.panel, expert=assignment.expert)
    if not form.is_valid() and whole:
        return Outcome(form, None, 422)
    # The page goes on naming the count that it had read: only the button that says so writes over the other window's work.
    seen = whole_number(request.POST.get("overwrite") or request.POST.get("seen", ""), 9)
    try:
        saved = sheets.save_sheet(assignment=assignment, by=request.acting, seen=seen, **form.right)
    except sheets.SheetOvertaken as overtaken:
        return Outcome(form, None, 409, overtaken=overtaken)
    except Refused as refusal:
        return Outcome(form, None, 409 if isinstance(refusal, Overtaken) else 422, refusal=refusal.reasons)
    return Outcome(form, saved, 422 if form.errors else 200)


def declaration(request: Request, assignment: Assignment) -> str:
    """Where the expert declares that nothing speaks against their scoring, while the sheet waits for that; empty otherwise."""
    if (
        assignment.declared_on is not None
        or not queries.waiting_sheets(request.acting).filter(pk=assignment.pk).exists()
    ):
        return ""
    return reverse("review-declare", args=[assignment.pk])


def _neighbours(request: Request, assignment: Assignment) -> dict[str, Assignment | None]:
    """The waiting sheets before and after this one; after the last comes the first again, so that what was skipped returns."""
    waiting = [each for each in queries.waiting_sheets(request.acting).order_by("pk") if each.pk != assignment.pk]
    before = [each for each in waiting if each.pk < assignment.pk]
    after = [each for each in waiting if each.pk > assignment.pk]
    return {
        "previous": before[-1] if before else None,
        "next": after[0] if after else (before[0] if before else None),
    }


def sheet_page(
    request: Request,
    assignment: Assignment,
    *,
    outcome: Outcome | None = None,
    recusal: forms.RecusalForm | None = None,
) -> HttpResponse:
    """The sheet's page, with what a save or a recusal that was refused says."""
    kept = kept_of(assignment)
    form = outcome.form if outcome else SheetForm(
        panel=assignment.panel, expert=assignment.expert, initial=kept["initial"]
    )  # fmt: skip
    recusal = recusal or forms.RecusalForm()
    running = queries.running_sheets(request.acting)
    counted = running.values_list("status").annotate(n=Count("pk")).order_by()
    done_of = dict(counted)
    done, left = done_of.get(Assignment.Status.SUBMITTED, 0), done_of.get(Assignment.Status.ASSIGNED, 0)
    context = {
        "assignment": assignment,
        "form": form,
        "recusal": recusal,
        "open": queries.waiting_sheets(request.acting).filter(pk=assignment.pk).exists(),
        "dossier": dossiers.for_panel(assignment.panel) if assignment.is_live and assignment.declared_on else [],
        "done": done,
        "all": done + left,
        "still": left,
        "seen": (request.POST.get("seen") if outcome and outcome.saved is None else None) or kept["revision"],
        **_neighbours(request, assignment),
        **kept,
        **(outcome.context(assignment) if outcome else {}),
    }
    status = outcome.status if outcome and outcome.status != 200 else 422 if form.errors or recusal.errors else 200
    return render(request, "applications/sheet.html", context, status=status)


def kept_of(assignment: Assignment) -> dict[str, Any]:
    """What is on a sheet: points by criterion, their sum, what is not scored yet, both comments, and when it was opened again."""
    found: ScoreSheet | None = (
        ScoreSheet.objects.filter(assignment=assignment).prefetch_related("scores__criterion", "unlocks").first()
    )
    points = {score.criterion.key: score.points.normalize() for score in found.scores.all()} if found else {}
    given = [(each, points.get(each.key)) for each in assignment.panel.rubric.criteria.all()]
    initial: dict[str, object] = {f"points_{key}": f"{value:f}" for key, value in points.items()}
    if found:
        initial |= {"comment": found.comment, "committee_comment": found.committee_comment}
    return {
        "sheet": found,
        "revision": found.revision if found else 0,
        "given": given,
        "total": sum(points.values(), Decimal(0)) if points else None,
        "missing": sum(value is None for _each, value in given),
        "saved_at": found.saved_at if found else None,
        "unlocks": list(found.unlocks.all()) if found else [],
        "initial": initial,
    }


@open_to(Role.EXPERT)
@require_http_methods(["GET", "POST"])
def sheet_submit(request: Request, pk: int) -> HttpResponse:
    """The whole sheet once more, the pledge, and handing in."""
    assignment = get_object_or_404(queries.own_assignments(request.acting), pk=pk)
    undeclared = declaration(request, assignment)
    if undeclared:
        return redirect(undeclared)
    kept = kept_of(assignment)
    if kept["sheet"] is None or not queries.waiting_sheets(request.acting).filter(pk=pk).exists():
        return redirect("sheet", pk=pk)
    form = PledgeForm(request.POST or None, initial={"seen": kept["revision"]})
    if request.method == "POST" and form.is_valid():
        try:
            sheets.hand_in(
                assignment=assignment, seen=form.cleaned_data["seen"], by=request.acting, on=request.today
            )  # fmt: skip
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
            # What is shown below is what is kept now; the next press of the button is about that.
            form.data = request.POST.copy()
            form.data["seen"] = str(kept["revision"])
        else:
            messages.success(request, _("评分表已提交并锁定，谢谢。"))
            return redirect("sheet", pk=pk)
    context = {"assignment": assignment, "form": form, "lacks": sheets.lacks(kept["sheet"]), **kept}
    return render(request, "applications/sheet_submit.html", context, status=422 if form.errors else 200)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def sheet_unlock(request: Request, pk: int) -> HttpResponse:
    """Open a submitted sheet for its expert again, with the reason."""
    found = Assignment.objects.filter(status__in=Assignment.LIVE, panel__started=True)
    assignment = get_object_or_404(found.select_related("panel__base", "expert"), pk=pk)
    reasons = sheets.unlock_reasons(assignment)
    form = UnlockForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            sheets.unlock(
                assignment=assignment, reason=form.cleaned_data["reason"], by=request.acting, on=request.today
            )  # fmt: skip
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("评分表已解锁，专家可以在“我的评审”中修改并重新提交。"))
            return redirect("base", pk=assignment.panel.base_id)
    articles = "8(3)" if assignment.panel.purpose == Panel.Purpose.APPLICATION else "16"
    context = {"assignment": assignment, "form": form, "reasons": reasons, "articles": articles}
    return render(request, "applications/sheet_unlock.html", context, status=422 if form.errors else 200)
