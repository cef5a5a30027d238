from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import queries
from applications.forms import ticked
from applications.models import NoticeEntry, Objection, PublicNotice, Quota, Round
from applications.notice_forms import NoticeForm
from applications.objection_queries import visible_objections
from applications.services import notice_drafts, notice_kinds, notice_words, notices, quotas, rounds
from applications.services.notice_kinds import Candidate, KindRules
from bases.models import Base, TrainingUnit
from portal.access import open_to
from portal.calendar import CalendarNotLoaded
from portal.errors import Overtaken, Refused
from portal.http import Request
from portal.roles import Role

OFFICES = frozenset({Role.UNIT_OFFICER, Role.DEPT_OFFICER, Role.DEPT_LEADER})
DRAFTERS = frozenset({Role.UNIT_OFFICER, Role.DEPT_OFFICER})
State = PublicNotice.State


@open_to(OFFICES)
@require_safe
def notice_desk(request: Request) -> HttpResponse:
    """The notices of one's own office in every state, and what can be drafted."""
    found = queries.desk_notices(request.acting)
    standing = request.GET.get("state", "")
    page = Paginator(queries.in_standing(found, standing, request.today), 20).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": [(notice, notice.standing(request.today)) for notice in page],
        "standing": standing,
        "standings": _standings(request),
        "kinds": notice_kinds.kinds_of(request.acting.role),
        "open_objections": visible_objections(request.acting).filter(status__in=Objection.OPEN).count(),
    }
    return render(request, "applications/notice_desk.html", context)


def _standings(request: Request) -> list[tuple[str, str]]:
    """The filters of the list: a unit's notices wait for no approval."""
    labels = dict(State.choices)
    chosen = [("", _("全部")), (State.DRAFT, labels[State.DRAFT]), (State.SUBMITTED, labels[State.SUBMITTED])]
    chosen += [("running", _("公示中")), ("ended", _("已结束"))]
    chosen += [(state, labels[state]) for state in (State.WITHDRAWN, State.CONCLUDED)]
    unit = request.acting.role == Role.UNIT_OFFICER
    return [(key, str(label)) for key, label in chosen if not (unit and key == State.SUBMITTED)]


@dataclass
class Draft:
    """What a page of a draft stands on: its kind, round and office, and the bases that could be listed."""

    rules: KindRules
    round: Round | None
    unit_id: int | None
    candidates: list[Candidate]
    days: int
    quota: Quota | None = None
    left: int = 0

    @property
    def bases(self) -> Any:
        """The bases that a form may name."""
        return Base.objects.filter(pk__in=[candidate.base.pk for candidate in self.candidates])


def _draft(kind: str, round_: Round | None, unit_id: int | None, on: date) -> Draft:
    rules = notice_kinds.get(kind)
    listed = rules.candidates(round_, unit_id) if round_ is not None or not rules.in_round else []
    draft = Draft(rules, round_, unit_id, listed, notice_drafts.working_days(round_, on))
    if round_ is not None and unit_id is not None:
        draft.quota = quotas.places_for(round_, unit_id, lock=False)
        draft.left = max(0, draft.quota.places - rounds.places_used(draft.quota)) if draft.quota else 0
    return draft


@open_to(DRAFTERS)
@require_http_methods(["GET", "POST"])
def notice_new(request: Request) -> HttpResponse:
    """Begin a notice of a kind: its list and words, and what period it would have."""
    replaces = _replaced(request)
    own = {rules.key: rules for rules in notice_kinds.kinds_of(request.acting.role)}
    rules = own.get(replaces.kind if replaces else request.GET.get("kind", "")) or next(iter(own.values()))
    unit_id = request.acting.unit_id if rules.by_unit else None
    round_ = replaces.round if replaces else rules.newest_round(unit_id)
    draft = _draft(rules.key, round_, unit_id, request.today)
    live = notice_drafts.live_draft(rules.key, round_, unit_id)
    if live is not None:
        messages.info(request, _("已有一份草稿，请在这一份上继续。"))
        return redirect("notice-edit" if live.state == State.DRAFT else "desk-notice", pk=live.pk)
    whole = "keep" not in request.POST
    form = NoticeForm(request.POST or None, bases=draft.bases, whole=whole, initial=_proposal(request, draft, replaces))
    if request.method == "POST" and form.is_valid():
        given = {name: value for name, value in form.cleaned_data.items() if name != "seen"}
        try:
            notice = notice_drafts.draft_notice(
                kind=rules.key, round=round_, replaces=replaces, by=request.acting, on=request.today, **given
            )
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            return redirect("desk-notice" if whole else "notice-edit", pk=notice.pk)
    return _form_page(request, draft, form, {"replaces": replaces})


def _replaced(request: Request) -> PublicNotice | None:
    asked = request.GET.get("replaces", "")
    if not (asked.isascii() and asked.isdecimal() and len(asked) < 10):
        return None
    found = queries.desk_notices(request.acting).filter(state=State.WITHDRAWN, replacement=None)
    return get_object_or_404(found, pk=int(asked))


def _proposal(request: Request, draft: Draft, replaces: PublicNotice | None) -> dict[str, Any]:
    unit = TrainingUnit.objects.filter(pk=draft.unit_id).first() if draft.unit_id else None
    asked = {int(each) for each in request.GET.getlist("bases") if each.isascii() and each.isdecimal()}
    bases = [base.pk for base in notice_drafts.proposed_bases(draft.rules, draft.round, unit, replaces)]
    if asked & set(bases):
        bases = [base_id for base_id in bases if base_id in asked]
    elif draft.unit_id and replaces is None:
        bases = bases[: draft.left]
    if replaces is not None:
        return {"title": replaces.title, "text": replaces.text, "bases": bases}
    year = draft.round.year if draft.round else request.today.year
    title, text = notice_words.proposed_words(draft.rules, unit=unit, year=year)
    return {"title": title, "text": text, "bases": bases}


def _form_page(request: Request, draft: Draft, form: NoticeForm, more: dict[str, Any]) -> HttpResponse:
    chosen = ticked(form["bases"])
    context = {
        "draft": draft,
        "rules": draft.rules,
        "round": draft.round,
        "form": form,
        "rows": [(candidate, candidate.base.pk in chosen) for candidate in draft.candidates],
        "possible": sum(not candidate.reasons for candidate in draft.candidates),
        "offices": notice_words.offices(TrainingUnit.objects.filter(pk=draft.unit_id).first() if draft.unit_id else None),
        **_period(request, draft.days),
        **more,
    }  # fmt: skip
    return render(request, "applications/notice_new.html", context, status=422 if form.errors else 200)


def _period(request: Request, days: int) -> dict[str, Any]:
    """The period of a notice that would go out today, or why it cannot be worked out."""
    try:
        return {"period": notice_words.period(request.today, days)}
    except CalendarNotLoaded as refusal:
        return {"calendar_problem": refusal.reasons[0], "calendar_year": refusal.year}


@open_to(DRAFTERS)
@require_http_methods(["GET", "POST"])
def notice_edit(request: Request, pk: int) -> HttpResponse:
    """Go on with a draft; what is typed is kept by itself, "保存并预览" checks all of it."""
    notice = get_object_or_404(queries.desk_notices(request.acting), pk=pk)
    if notice.state != State.DRAFT:
        return redirect("desk-notice", pk=pk)
    draft = _draft(notice.kind, notice.round, notice.issuer_unit_id, request.today)
    whole = "keep" not in request.POST
    kept = {"title": notice.title, "text": notice.text, "bases": list(notice.chosen.values_list("pk", flat=True))}
    form = NoticeForm(
        request.POST or None, bases=draft.bases, whole=whole, initial=kept | {"seen": notice.version}
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            notice_drafts.update_draft(notice=notice, by=request.acting, on=request.today, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("草稿已保存。"))
            return redirect("desk-notice" if whole else "notice-edit", pk=pk)
    return _form_page(request, draft, form, {"notice": notice})


@open_to(DRAFTERS)
@require_POST
def notice_autosave(request: Request, pk: int) -> HttpResponse:
    """Keep a draft as it stands; answers with the count that the page must name next, or why nothing was kept."""
    notice = get_object_or_404(queries.desk_notices(request.acting), pk=pk)
    draft = _draft(notice.kind, notice.round, notice.issuer_unit_id, request.today)
    form = NoticeForm(request.POST, bases=draft.bases, whole=False)
    if not form.is_valid():
        reasons = [str(error) for errors in form.errors.values() for error in errors]
        return render(request, "applications/_notice_autosaved.html", {"reasons": reasons}, status=422)
    try:
        kept = notice_drafts.update_draft(notice=notice, by=request.acting, on=request.today, **form.cleaned_data)
    except Refused as refusal:
        status = 409 if isinstance(refusal, Overtaken) else 422
        return render(request, "applications/_notice_autosaved.html", {"reasons": refusal.reasons}, status=status)
    context = {"seen": kept.version, "saved_at": timezone.localtime()}
    return render(request, "applications/_notice_autosaved.html", context)


@open_to(OFFICES)
@require_safe
def notice_read(request: Request, pk: int) -> HttpResponse:
    """One notice as the public reads or will read it, with its period day by day, and what can be done with it now."""
    notice = get_object_or_404(queries.desk_notices(request.acting), pk=pk)
    rules = notice_kinds.get(notice.kind)
    context: dict[str, Any] = {"notice": notice, "rules": rules, "standing": notice.standing(request.today)}
    if notice.is_prepared:
        context |= preview(request, notice)
    else:
        context |= {
            "issuer": queries.issuer(notice),
            "paragraphs": notices.notice_paragraphs(notice),
            "entries": [entry for entry, _result in notices.results(notice)],
            "results": notices.results(notice) if notice.has_ended(request.today) else [],
            "conclude_reasons": notices.conclude_reasons(notice, request.today),
            "withdraw_reasons": notices.withdraw_reasons(notice),
            "replacement": PublicNotice.objects.filter(replaces=notice).first(),
        }
    context["drafts"] = request.acting.role == rules.drafted_by
    context["publishes"] = request.acting.role == rules.published_by
    return render(request, "applications/notice_read.html", context)


def preview(request: Request, notice: PublicNotice) -> dict[str, Any]:
    """A draft as it would go out today: words, list, period, and what still stands against it."""
    rules = notice_kinds.get(notice.kind)
    named = notice_words.offices(notice.issuer_unit)
    candidates = notice_kinds.named(rules.candidates(notice.round, notice.issuer_unit_id))
    chosen = {base.pk: base for base in notice.chosen.select_related("training_unit", "partner__division__parent", "category")}  # fmt: skip
    bases = [chosen[pk] for pk in candidates if pk in chosen] + [b for pk, b in chosen.items() if pk not in candidates]
    entries: list[NoticeEntry] = notices.entries_of(notice, bases, candidates)
    found = _period(request, notice.working_days)
    said: list[str] = [line for line in notice.text.splitlines() if line.strip()]
    if "period" in found:
        said = notice_words.paragraphs(
            notice.text, request.today, found["period"].ends_on, notice.working_days,
            office=named.office, supervision=named.supervision, contact=named.contact,
        )  # fmt: skip
    reasons = notice_drafts.submit_reasons(notice)
    return {
        "issuer": named.issuer,
        "offices": named,
        "paragraphs": said,
        "entries": entries,
        "reasons": reasons,
        **found,
    }
