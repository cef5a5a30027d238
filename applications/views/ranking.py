from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.models import Application, PreliminaryEntry, PreliminaryList, ReviewMeeting, Round
from applications.ranking_forms import AdoptForm, ChangeForm, CutoffForm, shown_cutoff
from applications.services import meetings, preliminary, results, score_exports
from applications.services.preliminary import Line
from applications.services.results import Ranked
from portal.access import open_to
from portal.errors import NotYours, Refused
from portal.http import Request, excel, whole_number
from portal.roles import DEPARTMENT_BUSINESS, Role

PAGE_SIZE = 50
_SORTS: dict[str, Callable[[Ranked], Any]] = {
    "name": lambda each: each.application.name,
    "unit": lambda each: each.application.base.training_unit.code,
    "category": lambda each: each.application.category.code if each.application.category else "",
    "aggregate": lambda each: each.aggregate,
    "results": lambda each: each.results_mean,
    "median": lambda each: each.median,
    "spread": lambda each: each.spread,
}


@dataclass(frozen=True)
class Row:
    """A line of the ranking: its place, what the list says of it (None once it has left the review), what a tried cut-off changes."""

    ranked: Ranked
    line: Line | None
    was_chosen: bool

    @property
    def effect(self) -> str:
        """in, out, or nothing where the tried cut-off changes nothing."""
        if self.line is None or self.line.chosen == self.was_chosen:
            return ""
        return "in" if self.line.chosen else "out"


def _round(pk: int) -> Round:
    return get_object_or_404(Round.objects.select_related("policy"), pk=pk)


@open_to(DEPARTMENT_BUSINESS)
@require_safe
def ranking(request: Request, pk: int) -> HttpResponse:
    """The ranking of a round with the draft of its list; with a cut-off in the address, what it would change before it is saved."""
    found = _round(pk)
    draft = preliminary.draft_of(found)
    saved = draft or PreliminaryList(round=found)
    tried = CutoffForm(request.GET) if "at" in request.GET else None
    is_tried = tried is not None and tried.is_valid()
    initial = {"by": saved.cutoff_by, "at": shown_cutoff(saved.cutoff), "revision": saved.revision}
    context = _ranking_context(request, found, draft, tried.cleaned_data if tried is not None and is_tried else None)
    context |= {"form": tried or CutoffForm(initial=initial), "revision": saved.revision}
    wrong = tried is not None and not is_tried
    return render(request, "applications/ranking.html", context, status=422 if wrong else 200)


def _ranking_context(
    request: Request, found: Round, draft: PreliminaryList | None, tried: dict[str, Any] | None
) -> dict[str, Any]:
    read = results.read(results.panels_of(found))
    everything = results.ranked(read)
    choosable, by_hand = preliminary.candidates(everything), preliminary.by_hand(draft)
    saved = draft or PreliminaryList(round=found)
    before = preliminary.lines(choosable, saved.cutoff_by, saved.cutoff, by_hand)
    cutoff_by, cutoff = (tried["by"], tried["at"]) if tried else (saved.cutoff_by, saved.cutoff)
    after = preliminary.lines(choosable, cutoff_by, cutoff, by_hand)
    lines = {line.ranked.application.pk: line for line in after}
    was = {line.ranked.application.pk: line.chosen for line in before}
    rows = [
        Row(each, lines.get(each.application.pk), was.get(each.application.pk, False))
        for each in everything
        if each.place is not None
    ]
    sort, shown = _sorted(_filtered(rows, request), request)
    page: Page[Any] = Paginator(shown, PAGE_SIZE).get_page(request.GET.get("page"))
    filters = _chosen_filters(request)
    return {
        "round": found,
        "page_obj": page,
        "placed": len(rows),
        "sort": sort,
        "filters": filters,
        "filtered": any(filters.values()),
        "units": sorted({(each.application.base.training_unit.code, each.application.base.training_unit.name) for each in everything}),
        "categories": sorted({(c.code, str(c)) for c in (each.application.category for each in everything) if c}),
        "stale": preliminary.stale(by_hand, choosable),
        "waiting": Paginator(preliminary.waiting(everything), PAGE_SIZE).get_page(request.GET.get("waiting")),
        "leniency": results.leniency(read),
        "rules": score_exports.rules_in_words(found.policy),
        "is_tried": tried is not None,
        "cutoff_by": cutoff_by,
        "cutoff": shown_cutoff(cutoff),
        "entering": [row.ranked for row in rows if row.effect == "in"],
        "leaving": [row.ranked for row in rows if row.effect == "out"],
        "tie": preliminary.divided(after),
        "unheard": [line.ranked.application for line in after if line.needs_a_hearing],
        "adopted": preliminary.adopted_lists(found),
        **_coverage(after),
    }  # fmt: skip


def _coverage(lines: list[Line]) -> dict[str, Any]:
    """How many of each category and unit are chosen, of how many."""

    def counted(key: Callable[[Application], str]) -> list[tuple[str, int, int]]:
        of = Counter(key(line.ranked.application) for line in lines)
        chosen = Counter(key(line.ranked.application) for line in lines if line.chosen)
        return [(name, chosen[name], of[name]) for name in sorted(of)]

    return {
        "choosable": len(lines),
        "chosen": sum(line.chosen for line in lines),
        "chosen_priority": sum(line.chosen and line.ranked.priority for line in lines),
        "choosable_priority": sum(line.ranked.priority for line in lines),
        "by_category": counted(lambda application: str(application.category or "—")),
        "by_unit": counted(lambda application: application.base.training_unit.name),
    }


def _chosen_filters(request: Request) -> dict[str, str]:
    return {
        name: request.GET.get(name, "").replace("\0", "").strip()[:60] for name in ("q", "unit", "category", "show")
    }


def _filtered(rows: list[Row], request: Request) -> list[Row]:
    filters = _chosen_filters(request)
    shows: dict[str, Callable[[Row], bool]] = {
        "chosen": lambda row: row.line is not None and row.line.chosen,
        "not": lambda row: row.line is not None and not row.line.chosen,
        "flagged": lambda row: bool(row.ranked.flags),
        "by_hand": lambda row: row.line is not None and row.line.entry is not None,
        "priority": lambda row: row.ranked.priority,
    }
    keeps = shows.get(filters["show"], lambda row: True)

    def fits(row: Row) -> bool:
        application = row.ranked.application
        unit, category = application.base.training_unit, application.category
        return (
            (not filters["q"] or filters["q"] in application.name or filters["q"] in unit.name)
            and (not filters["unit"] or filters["unit"] == unit.code)
            and (not filters["category"] or (category is not None and filters["category"] == category.code))
            and keeps(row)
        )

    return [row for row in rows if fits(row)]


def _sorted(rows: list[Row], request: Request) -> tuple[str, list[Row]]:
    wanted = request.GET.get("sort", "")
    key = _SORTS.get(wanted.removeprefix("-"))
    if key is None:
        return "", rows
    return wanted, sorted(rows, key=lambda row: key(row.ranked), reverse=wanted.startswith("-"))


@open_to(Role.DEPT_OFFICER)
@require_POST
def ranking_cutoff(request: Request, pk: int) -> HttpResponse:
    """Keep the cut-off that was tried."""
    found = _round(pk)
    form = CutoffForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            preliminary.move_cutoff(
                round=found, cutoff_by=given["by"], cutoff=given["at"], revision=given["revision"] or 0,
                by=request.acting, on=request.today,
            )  # fmt: skip
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("入选方式已保存。"))
            return redirect("round-ranking", pk=pk)
    draft = preliminary.draft_of(found)
    context = _ranking_context(request, found, draft, None)
    context |= {"form": form, "revision": draft.revision if draft else 0}
    return render(request, "applications/ranking.html", context, status=422)


def _line(found: Round, application_pk: int) -> tuple[PreliminaryList | None, Line]:
    """What the draft says of one application; 404 for one that it cannot choose."""
    draft = preliminary.draft_of(found)
    saved = draft or PreliminaryList(round=found)
    choosable = preliminary.candidates(results.ranking(found))
    lines = preliminary.lines(choosable, saved.cutoff_by, saved.cutoff, preliminary.by_hand(draft))
    applications = Application.objects.filter(pk__in=[line.ranked.application.pk for line in lines])
    application = get_object_or_404(applications, pk=application_pk)
    return draft, next(line for line in lines if line.ranked.application.pk == application.pk)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def ranking_change(request: Request, pk: int, application_pk: int) -> HttpResponse:
    """Put one application on the list or take it off, with the reason; or let the cut-off decide again."""
    found = _round(pk)
    if request.POST.get("do") == "undo":
        return _undo(request, found, application_pk)
    draft, line = _line(found, application_pk)
    application = line.ranked.application
    initial = {
        # Whoever opens the page wants another answer than the cut-off's, or to look at the change that stands.
        "chosen": "yes" if (line.entry.chosen if line.entry else not line.chosen) else "no",
        "reason": line.entry.reason if line.entry else "",
        "revision": draft.revision if draft else 0,
    }
    form = ChangeForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            preliminary.change_by_hand(
                round=found, application=application, **form.cleaned_data, by=request.acting, on=request.today
            )
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("已人工调整“%(name)s”，理由随名单留存。") % {"name": application.name})
            return redirect("round-ranking", pk=pk)
    context = {"round": found, "line": line, "application": application, "form": form}
    return render(request, "applications/ranking_change.html", context, status=422 if form.errors else 200)


def _undo(request: Request, found: Round, application_pk: int) -> HttpResponse:
    """Take a change by hand back, wherever its application stands by now."""
    application = get_object_or_404(Application, pk=application_pk, round=found)
    revision = whole_number(request.POST.get("revision", ""), 9) or 0
    try:
        preliminary.undo_by_hand(
            round=found, application=application, revision=revision, by=request.acting, on=request.today
        )
    except NotYours:
        raise
    except Refused as refusal:
        messages.warning(request, refusal.reasons[0])
    else:
        messages.success(request, _("已撤销“%(name)s”的人工调整。") % {"name": application.name})
    return redirect("round-ranking", pk=found.pk)


@open_to(Role.DEPT_OFFICER)
@require_POST
def ranking_refer(request: Request, pk: int) -> HttpResponse:
    """Hand the disagreements that were ticked, or the one of a row, to the 评审会议."""
    found = _round(pk)
    keys = [int(key) for key in request.POST.getlist("applications") if key.isdecimal() and len(key) < 10]
    applications = Application.objects.filter(round=found, pk__in=keys)
    try:
        count = preliminary.refer(round=found, applications=applications, by=request.acting, on=request.today)
    except NotYours:
        raise
    except Refused as refusal:
        messages.warning(request, refusal.reasons[0])
    else:
        messages.success(request, _("已将 %(n)s 项提交会议审议。") % {"n": count})
    return redirect("round-ranking", pk=pk)


@open_to(Role.DEPT_OFFICER)
@require_http_methods(["GET", "POST"])
def ranking_adopt(request: Request, pk: int) -> HttpResponse:
    """Adopt the list for all its bases, after a page that says what follows."""
    found = _round(pk)
    draft = preliminary.draft_of(found)
    everything = results.ranking(found)
    saved = draft or PreliminaryList(round=found)
    lines = preliminary.lines(
        preliminary.candidates(everything), saved.cutoff_by, saved.cutoff, preliminary.by_hand(draft)
    )
    missing = preliminary.waiting(everything)
    held = meetings.concluded(found, ReviewMeeting.Kind.REVIEW)
    form = AdoptForm(
        request.POST if request.method == "POST" else None,
        meetings=held,
        missing=len(missing),
        initial={"revision": saved.revision, "seen": preliminary.fingerprint(lines), "meeting": held.first()},
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = preliminary.adopt(round=found, **form.cleaned_data, by=request.acting, on=request.today)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            count = made.entries.filter(chosen=True).count()
            messages.success(request, _("初步名单已确定，%(n)s 个基地列入。下一步：召开认定审议会。") % {"n": count})
            return redirect("preliminary-list", pk=pk, list_pk=made.pk)
    context = {
        "round": found,
        "form": form,
        "chosen": [line for line in lines if line.chosen],
        "rest": [line for line in lines if not line.chosen],
        "by_hand": [line for line in lines if line.entry],
        "missing": missing,
        "blocked": preliminary.obstacles(lines, draft, held.first()),
    }
    return render(request, "applications/ranking_adopt.html", context, status=422 if form.errors else 200)


@open_to(DEPARTMENT_BUSINESS)
@require_safe
def preliminary_list(request: Request, pk: int, list_pk: int) -> HttpResponse:
    """An adopted list as it was adopted."""
    found = _round(pk)
    made = get_object_or_404(preliminary.adopted_lists(found), pk=list_pk)
    entries = PreliminaryEntry.objects.filter(preliminary_list=made).select_related(
        "application__base__training_unit", "application__category", "application__round", "changed_by"
    )
    context = {
        "round": found,
        "list": made,
        "page_obj": Paginator(entries, PAGE_SIZE).get_page(request.GET.get("page")),
        "chosen": entries.filter(chosen=True).count(),
    }
    return render(request, "applications/preliminary_list.html", context)


@open_to(DEPARTMENT_BUSINESS)
@require_safe
def ranking_excel(request: Request, pk: int) -> HttpResponse:
    """The sheets of the round with formulas that work the ranking out again."""
    found = _round(pk)
    return excel(score_exports.as_excel(found), _("%(year)s年度评分表与汇总.xlsx") % {"year": found.year})


@open_to(DEPARTMENT_BUSINESS)
@require_safe
def ranking_csv(request: Request, pk: int) -> HttpResponse:
    """The same numbers as CSV."""
    found = _round(pk)
    name = _("%(year)s年度评分表.csv") % {"year": found.year}
    response = HttpResponse(score_exports.as_csv(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response
