"""月度考核与生活补贴: a base's months, one of them as a table that is filled in, closing and correcting it."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements import months as calendar
from agreements import training
from agreements.models import MonthlyRecord, MonthReview
from agreements.month_forms import CorrectionForm, ReviewForm, VoucherForm, initial_of
from agreements.month_queries import matrix
from agreements.queries import training_bases
from agreements.services import month_cells, months
from agreements.services.month_rows import Row, Sheet, sheet_of
from agreements.services.months import Outcome, Typed
from bases.lifecycle import LIVING
from bases.models import Base
from portal.access import open_to
from portal.errors import NotYours, Refused
from portal.http import Request, whole_number
from portal.roles import Role

MOST_ROWS = 1000


def base_of(request: Request, pk: int) -> Base:
    """The base whose months this person may look at; 404 for every other one."""
    return get_object_or_404(training_bases(request.acting), pk=pk)


def month_in(text: str, on: date) -> date:
    """The month of an address, up to the present one; 404 for anything else."""
    month = calendar.read(text)
    if month is None or month > on:
        raise Http404
    return month


def is_partner(request: Request, base: Base) -> bool:
    """Whether it is this person who fills in the months of a base now."""
    mine = request.acting.partner_id is not None and request.acting.partner_id == base.partner_id
    return request.acting.role == Role.PARTNER_OFFICER and mine and base.state in LIVING


@open_to(training.TRAINING_ROLES)
@require_safe
def base_months(request: Request, pk: int) -> HttpResponse:
    """The months of a base, newest first, each with how it stands; twelve a page."""
    base = base_of(request, pk)
    newest = calendar.first_of(request.today)
    last = min(calendar.read(request.GET.get("until", "")) or newest, newest)
    cells = matrix([base], last, request.today)[base.pk]
    later = calendar.shifted(last, 12)
    context = {
        "base": base,
        "cells": [(cell, calendar.words(cell.month), calendar.name(cell.month)) for cell in reversed(cells)],
        "total": sum((cell.amount for cell in cells), Decimal(0)),
        "partner": is_partner(request, base),
        "next": next((calendar.name(cell.month) for cell in cells if cell.state in {"missing", "running"}), None),
        "earlier": calendar.name(calendar.shifted(last, -12)),
        "later": calendar.name(min(later, newest)) if last < newest else "",
    }
    return render(request, "agreements/months_of_base.html", context)


@dataclass
class Line:
    """One line of the table as it is shown: the texts of its cells, what is wrong with them, and how it stands."""

    row: Row
    texts: dict[str, str]
    state: str
    words: str
    hint: str
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def revision(self) -> int:
        """The revision that a save has to name."""
        return self.row.record.revision if self.row.record else 0


def standing_of(row: Row) -> tuple[str, str, str]:
    """How a line stands: a key for its colour, a word, and what it needs in a sentence."""
    lacks = row.lacks
    if row.is_empty:
        return "missing", _("缺"), _("还没有填写")
    if lacks == ["below_reason"] and row.stay.floor is not None:
        return "missing", _("缺原因"), month_cells.below_words(row.stay.floor)
    if lacks:
        labels = "、".join(month_cells.label_of(key) for key in lacks)
        return "missing", _("缺"), _("还缺：%(labels)s") % {"labels": labels}
    if row.is_below:
        return "below", _("低于约定"), _("低于约定，已写明原因")
    if row.record and row.record.is_unpaid:
        return "unpaid", _("未发放"), _("没有发放日期")
    return "done", "✓", _("已填写")


def _lines(sheet: Sheet, typed: dict[int, dict[str, str]] | None = None, outcome: Outcome | None = None) -> list[Line]:
    lines = []
    for row in sheet.rows:
        texts = initial_of(month_cells.values_of(row.record))
        faults = outcome.faults.get(row.placement.pk, {}) if outcome else {}
        if typed and row.placement.pk in typed:
            texts |= typed[row.placement.pk]
        state, words, hint = ("unsaved", _("未保存"), "") if faults else standing_of(row)
        lines.append(Line(row, texts, state, words, hint, faults))
    return lines


@open_to(training.TRAINING_ROLES)
@require_http_methods(["GET", "POST"])
def month(request: Request, pk: int, month: str) -> HttpResponse:
    """One month and all its students, filled in like a spreadsheet by the partner and read by the others."""
    base, first = base_of(request, pk), month_in(month, request.today)
    if request.method == "GET":
        return _page(request, base, first)
    return _DO.get(request.POST.get("do", "save"), _save)(request, base, first)


def _page(request: Request, base: Base, month: date, **more: Any) -> HttpResponse:
    sheet = sheet_of(base, month)
    lines = _lines(sheet, more.pop("typed", None), more.get("outcome"))
    partner, newest = is_partner(request, base), calendar.first_of(request.today)
    reviews = MonthReview.objects.filter(base=base, month=month).select_related("reviewed_by")
    below = [row for row in sheet.rows if row.is_below and "below_reason" not in row.lacks]
    context: dict[str, Any] = {
        "base": base, "month": month, "words": calendar.words(month), "name": calendar.name(month), "lines": lines,
        "closing": sheet.closing, "editing": partner and sheet.closing is None, "partner": partner,
        "columns": month_cells.COLUMNS, "month_days": calendar.last_of(month).day, "grades": dict(MonthlyRecord.Grade.choices), "wrong": _wrong(lines),
        "total": sum((row.record.amount or Decimal(0) for row in sheet.rows if row.record), Decimal(0)),
        "done": sum(not row.lacks for row in sheet.rows), "missing": sum(bool(row.lacks) for row in sheet.rows),
        "below": below, "reviews": list(reviews) if below or reviews else [],
        "may_review": bool(below) and request.acting.role in {Role.UNIT_OFFICER, Role.DEPT_OFFICER},
        "review_form": ReviewForm(), "previous": calendar.name(calendar.shifted(month, -1)),
        "following": calendar.name(calendar.shifted(month, 1)) if month < newest else "",
        "can_copy": any(row.last and row.is_empty for row in sheet.rows), "refused": [],
    }  # fmt: skip
    context |= more
    return render(request, "agreements/month.html", context, status=422 if context["wrong"] or more else 200)


def _wrong(lines: list[Line]) -> list[tuple[str, str, str]]:
    """What is wrong, by name, column and sentence, for the list above the table."""
    found = []
    for line in lines:
        for key, words in line.faults.items():
            label = month_cells.label_of(key) if key else ""
            found.append((line.row.placement.student.name, label, words))
    return found


def _typed(request: Request) -> list[Typed]:
    """The lines that a form or a save by itself sends: ``row`` names them, each cell is ``column-row``."""
    typed = []
    for raw in request.POST.getlist("row")[:MOST_ROWS]:
        pk, seen = whole_number(raw, 18), whole_number(request.POST.get(f"seen-{raw}", ""), 9)
        if pk is not None:
            given = {key: request.POST.get(f"{key}-{raw}") for key in month_cells.KEYS}
            typed.append(Typed(pk, {key: text for key, text in given.items() if text is not None}, seen or 0))
    return typed


def _save(request: Request, base: Base, month: date) -> HttpResponse:
    typed = _typed(request)
    outcome = months.save_rows(
        base=base, month=month, typed=typed, by=request.acting, on=request.today, at=timezone.now(), whole=True
    )
    if outcome.faults:
        texts = {each.placement: dict(each.texts) for each in typed}
        return _page(request, base, month, outcome=outcome, typed=texts)
    messages.success(request, _("已保存 %(n)s 行。") % {"n": len(outcome.saved)})
    return redirect("month", pk=base.pk, month=calendar.name(month))


def _saved_first(request: Request, base: Base, month: date) -> HttpResponse | None:
    """What was typed is kept before a button fills in more; the page with what is wrong where it cannot be."""
    if "row" not in request.POST:
        return None
    outcome = months.save_rows(
        base=base, month=month, typed=_typed(request), by=request.acting, on=request.today, at=timezone.now(), whole=True
    )  # fmt: skip
    if not outcome.faults:
        return None
    texts = {each.placement: dict(each.texts) for each in _typed(request)}
    return _page(request, base, month, outcome=outcome, typed=texts)


def _copy(request: Request, base: Base, month: date) -> HttpResponse:
    wrong = _saved_first(request, base, month)
    if wrong:
        return wrong
    n = months.copy_last(base=base, month=month, by=request.acting, on=request.today, at=timezone.now())
    said = (
        _("已照上月填写 %(n)s 人的等级、天数和补贴，请核对，再填发放日期。") if n else _("没有可以照上月填写的空行。")
    )
    messages.success(request, said % {"n": n} if n else said)
    return redirect("month", pk=base.pk, month=calendar.name(month))


def _fill(request: Request, base: Base, month: date) -> HttpResponse:
    wrong = _saved_first(request, base, month)
    if wrong:
        return wrong
    texts = {key: request.POST.get(f"all-{key}", "") for key in month_cells.KEYS}
    try:
        n = months.fill_empty(
            base=base, month=month, texts=texts, by=request.acting, on=request.today, at=timezone.now()
        )
    except NotYours:
        raise
    except Refused as refusal:
        return _page(request, base, month, refused=refusal.reasons, all=texts)
    messages.success(request, _("已填入 %(n)s 行的空格。") % {"n": n})
    return redirect("month", pk=base.pk, month=calendar.name(month))


_DO = {"save": _save, "copy": _copy, "fill": _fill}


@open_to(Role.PARTNER_OFFICER)
@require_POST
def month_rows(request: Request, pk: int, month: str) -> HttpResponse:
    """Keep the lines that were changed, each for itself; answers with how they stand."""
    base, first = base_of(request, pk), month_in(month, request.today)
    at = timezone.now()
    try:
        outcome = months.save_rows(
            base=base, month=first, typed=_typed(request), by=request.acting, on=request.today, at=at, whole=False
        )
    except Refused as refusal:
        return JsonResponse({"refused": list(refusal.reasons)}, status=409)
    rows: dict[str, Any] = {}
    for key, row in outcome.rows.items():
        state, words, hint = standing_of(row)
        revision = row.record.revision if row.record else 0
        rows[str(key)] = {"state": state, "words": words, "hint": hint, "revision": revision}
    for key, faults in outcome.faults.items():
        rows[str(key)] = {"faults": faults, "state": "unsaved", "words": _("未保存"), "hint": ""}
    return JsonResponse({"rows": rows, "time": date_format(timezone.localtime(at), "H:i")})


@open_to(Role.PARTNER_OFFICER)
@require_http_methods(["GET", "POST"])
def month_voucher(request: Request, pk: int, month: str) -> HttpResponse:
    """Upload a voucher for the payments of the month."""
    base, first = base_of(request, pk), month_in(month, request.today)
    rows = [row for row in sheet_of(base, first).rows if row.record]
    people = [(row.placement.pk, _voucher_label(row)) for row in rows]
    chosen = [row.placement.pk for row in rows if row.record and row.record.voucher_id is None]
    form = VoucherForm(request.POST or None, request.FILES or None, people=people, initial={"placement": chosen})
    if request.method == "POST" and form.is_valid():
        try:
            n = months.attach_voucher(
                base=base, month=first, placements=form.cleaned_data["placement"], file=form.cleaned_data["file"],
                by=request.acting, on=request.today,
            )  # fmt: skip
        except NotYours:
            raise
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("凭证已上传，用于 %(n)s 人。") % {"n": n})
            return redirect("month", pk=pk, month=month)
    context = {"base": base, "words": calendar.words(first), "name": month, "form": form, "people": people}
    return render(request, "agreements/month_voucher.html", context, status=422 if form.errors else 200)


def _voucher_label(row: Row) -> str:
    student = row.placement.student
    kept = _("，已有凭证") if row.record and row.record.voucher_id else ""
    return f"{student.name}（{student.number}{kept}）"


@open_to(Role.PARTNER_OFFICER)
@require_http_methods(["GET", "POST"])
def month_close(request: Request, pk: int, month: str) -> HttpResponse:
    """Close a month, after a page that shows its totals, who is missing and who gets less than agreed."""
    base, first = base_of(request, pk), month_in(month, request.today)
    sheet = sheet_of(base, first)
    reasons: list[str] = []
    if request.method == "POST":
        try:
            months.close_month(base=base, month=first, by=request.acting, on=request.today, at=timezone.now())
        except NotYours:
            raise
        except Refused as refusal:
            reasons = list(refusal.reasons)
        else:
            messages.success(request, _("%(month)s已结账。") % {"month": calendar.words(first)})
            return redirect("base-months", pk=pk)
    elif sheet.closing:
        return redirect("month", pk=pk, month=month)
    context = {
        "base": base,
        "words": calendar.words(first),
        "name": month,
        "sheet": sheet,
        "reasons": reasons or months.refusals_to_close(sheet, request.today),
        "failed": bool(reasons),
        "missing": [row for row in sheet.rows if row.lacks],
        "below": [row for row in sheet.rows if row.is_below],
        "unpaid": [row for row in sheet.rows if row.record and row.record.is_unpaid],
        "total": sum((row.record.amount or Decimal(0) for row in sheet.rows if row.record), Decimal(0)),
    }
    return render(request, "agreements/month_close.html", context, status=422 if reasons else 200)


@open_to(Role.PARTNER_OFFICER)
@require_http_methods(["GET", "POST"])
def month_correct(request: Request, pk: int, month: str, placement: int) -> HttpResponse:
    """Correct a line of a closed month by a new entry."""
    base, first = base_of(request, pk), month_in(month, request.today)
    row = next(iter(sheet_of(base, first, [placement]).rows), None)
    if row is None:
        raise Http404
    initial = initial_of(month_cells.values_of(row.record))
    form = CorrectionForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            months.correct(
                base=base, month=first, placement=placement, texts=form.texts(), reason=form.cleaned_data["reason"],
                file=form.cleaned_data["file"], by=request.acting, on=request.today, at=timezone.now(),
            )  # fmt: skip
        except NotYours:
            raise
        except months.Faulty as faulty:
            for key, words in faulty.faults.items():
                form.add_error(key, words)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("更正已登记，原来的登记保留。"))
            return redirect("month", pk=pk, month=month)
    context = {"base": base, "words": calendar.words(first), "name": month, "row": row, "form": form}
    return render(request, "agreements/month_correct.html", context, status=422 if form.errors else 200)


@open_to(Role.UNIT_OFFICER, Role.DEPT_OFFICER)
@require_POST
def month_review(request: Request, pk: int, month: str) -> HttpResponse:
    """Say what was found about entries below the agreement."""
    base, first = base_of(request, pk), month_in(month, request.today)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        return _page(request, base, first, review_form=form)
    months.review(
        base=base, month=first, note=form.cleaned_data["note"], by=request.acting, on=request.today, at=timezone.now()
    )
    messages.success(request, _("已登记核实情况。"))
    return redirect(reverse("month", args=[pk, month]) + "#below")
