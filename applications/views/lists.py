from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from applications import queries
from applications.models import Application, PublicNotice, Recommendation, RecommendationEntry, Round
from applications.recommendation_forms import OrderForm
from applications.services import listing, notice_lists, notice_standing, quotas, recommending, rounds
from bases.industries import PRIORITY_INDUSTRIES
from bases.lifecycle import NoticeFacts, State
from bases.models import TrainingUnit
from portal.access import open_to
from portal.errors import Refused
from portal.http import Request, whole_number
from portal.roles import DEPARTMENT_BUSINESS, Role

PAGE_SIZE = 50
ANY_INDUSTRY = "any"
REPORTS_SHOWN = 5
# What a column is sorted by; the unit's own order is no column of the database's.
_UNIT_SORTS = {
    "name": "name",
    "category": "shown_category_code",
    "partner": "shown_partner",
    "state": "base__state",
}
_DEPARTMENT_SORTS = {
    "unit": "base__training_unit__code",
    "name": "shown_name",
    "category": "shown_category_code",
    "partner": "shown_partner",
    "state": "base__state",
    "unit_invested": "unit_invested",
    "partner_invested": "partner_invested",
    "trained": "trained",
}


@dataclass(frozen=True)
class Step:
    """What comes next for an application: a sentence, or an act with its address."""

    words: str
    url: str = ""
    other_words: str = ""
    other_url: str = ""


@dataclass
class Row:
    """One application of the unit's table, with everything that its line says."""

    application: Any
    step: Step
    passed: int = 0
    to_judge: int = 0
    review: str = ""
    may_list: bool = False
    order_field: Any = None
    verdicts: list[dict[str, Any]] = field(default_factory=list)


@open_to(Role.UNIT_OFFICER)
@require_http_methods(["GET", "POST"])
def recommendation_list(request: Request) -> HttpResponse:
    """推荐工作: the unit's applications of a round in its order, each with its review, state and next step."""
    opened = dict(Round.objects.order_by("-year").values_list("year", "opens_on"))
    years = list(opened)
    year = whole_number(request.GET.get("year", ""), 4)
    # Next year's round may stand there long before it opens: the work lies in the newest one that has begun.
    begun = next((each for each in years if opened[each] <= request.today), years[0] if years else None)
    shown = year if year in years else begun
    round_ = Round.objects.select_related("policy").filter(year=shown).first() if shown else None
    if round_ is None:
        return render(request, "applications/recommendation_list.html", {"round": None})
    form, status = None, 200
    if request.method == "POST":
        form = _save_order(request, round_)
        if form is None:
            return redirect(f"{request.get_full_path()}{_fragment(request)}")
        status = 422
    return render(
        request, "applications/recommendation_list.html", _unit_table(request, round_, years, form), status=status
    )


def _save_order(request: Request, round_: Round) -> OrderForm | None:
    """Save the unit's order as it was sent; the form with its errors when it could not be."""
    unit_id = request.acting.unit_id or 0
    own = recommending.own_applications(round_, unit_id)
    form = OrderForm.sent(request.POST, own)
    if not form.is_valid():
        return form
    order = recommending.reordered(own, form.wanted())
    shift = next(((request.POST[name], by) for name, by in (("up", -1), ("down", 1)) if name in request.POST), None)
    if shift:
        pk = whole_number(shift[0], 12) or 0
        order = recommending.moved([*order, *(a.pk for a in own if a.pk not in set(order))], pk, shift[1])
    try:
        recommending.set_order(round=round_, order=order, by=request.acting)
    except Refused as refusal:
        form.add_error(None, list(refusal.reasons))
        return form
    if not shift:
        messages.success(request, _("推荐排序已保存。"))
    return None


def _fragment(request: Request) -> str:
    moved = request.POST.get("up") or request.POST.get("down") or ""
    return "" if whole_number(moved, 12) is None else f"#row-{moved}"


def _unit_table(request: Request, round_: Round, years: list[int], form: OrderForm | None) -> dict[str, Any]:
    everything = listing.as_it_stands(queries.visible_applications(request.acting).filter(round=round_))
    found = _filtered(everything, request).select_related("review")
    sort, found = _sorted(found, request, _UNIT_SORTS, notice_lists.in_units_order(found))
    page = Paginator(listing.with_eligibility(found), PAGE_SIZE).get_page(request.GET.get("page"))
    applications = list(page)
    _name_industries(applications)
    form = form or OrderForm(applications=applications)
    quota = quotas.places_for(round_, request.acting.unit_id or 0, lock=False)
    used = rounds.places_used(quota) if quota else 0
    reports = queries.visible_recommendations(request.acting).filter(round=round_).annotate(listed=Count("entries"))
    filters = _chosen_filters(request)
    return {
        "round": round_,
        "years": years,
        "page_obj": page,
        "rows": _rows(applications, request, form),
        "form": form,
        "sort": sort,
        "filters": filters,
        "filtered": any(filters.values()),
        "by_order": sort == "" and not any(filters.values()),
        "states": State.choices,
        "reviews": [("none", _("未审核")), ("agreed", _("同意推荐")), ("refused", _("不同意推荐"))],
        "categories": _categories(everything),
        "industries": PRIORITY_INDUSTRIES,
        "quota": quota,
        "used": used,
        "left": max(0, quota.places - used) if quota else 0,
        "standing": _standing(everything),
        "reports": reports[:REPORTS_SHOWN],
    }


def _standing(everything: QuerySet[Application]) -> dict[str, int]:
    """How far the unit has come with the round, in numbers."""
    reviewed = Q(review__reviewed_on__isnull=False, base__state=State.DECLARED)
    return everything.order_by().aggregate(
        count=Count("pk"),
        drafts=Count("pk", filter=Q(base__state=State.DRAFTING)),
        to_review=Count("pk", filter=Q(base__state=State.DECLARED, review__reviewed_on=None)),
        agreed=Count("pk", filter=reviewed & Q(review__agreed=True)),
        refused=Count("pk", filter=reviewed & Q(review__agreed=False)),
        listed=Count("pk", filter=Q(base__state=State.UNIT_NOTICE)),
    )


def _rows(applications: list[Application], request: Request, form: OrderForm) -> list[Row]:
    noticed = notice_standing.newest_notices([a.base_id for a in applications], PublicNotice.Kind.RECOMMENDATION)
    entries = RecommendationEntry.objects.filter(application__in=applications).order_by("pk")
    reported = dict(entries.values_list("application_id", "recommendation_id"))
    rows = []
    for application in applications:
        review = _review_of(application)
        checks = (application.eligibility or []) if application.declared_on else []  # type: ignore[attr-defined]
        name = OrderForm.name_of(application)
        rows.append(
            Row(
                application=application,
                step=_next_step(application, review, noticed.get(application.base_id), reported, request),
                passed=sum(check["verdict"] == "pass" for check in checks),
                to_judge=sum(check["verdict"] == "judge" for check in checks),
                review=review,
                may_list=application.base.state == State.DECLARED and review == "agreed",
                order_field=form[name] if name in form.fields else None,
                verdicts=checks,
            )
        )
    return rows


def _review_of(application: Application) -> str:
    """none, agreed or refused."""
    if not notice_lists.is_reviewed(application):
        return "none"
    return "agreed" if application.review.agreed else "refused"


def _next_step(
    application: Application,
    review: str,
    noticed: tuple[PublicNotice, NoticeFacts] | None,
    reported: dict[int, int],
    request: Request,
) -> Step:
    def act(name: str) -> str:
        return reverse("act", args=[application.base_id, name])

    state = application.base.state
    if state == State.DRAFTING:
        return Step(_("待申报人修改后提交") if application.returned_reason else _("待申报人提交"))
    if state == State.DECLARED and review == "agreed":
        return Step(_("可以列入公示"), other_words=_("修改审核意见"), other_url=_review_page(application))
    if state == State.DECLARED and review == "refused":
        return Step(_("退回修改"), act("return"), _("不予推荐"), act("decline"))
    if state == State.DECLARED:
        return Step(_("填写审核意见"), _review_page(application))
    if state == State.UNIT_NOTICE and noticed:
        return _after_notice(application, noticed[1], request, act("decline"))
    if state == State.UNIT_NOTICE:
        return Step(_("公示已撤回，重新公示"), reverse("desk-notices"))
    if application.pk in reported:
        return Step(_("查看报送"), reverse("recommendation", args=[reported[application.pk]]))
    return Step("")


def _after_notice(application: Application, facts: NoticeFacts, request: Request, decline: str) -> Step:
    if facts.upheld_objections:
        return Step(_("不予推荐"), decline)
    if facts.open_objections:
        return Step(_("办理异议"), reverse("objection-list"))
    if request.today <= facts.ends_on:
        return Step(_("公示至 %(day)s") % {"day": facts.ends_on.isoformat()})
    return Step(_("报送教育厅"), f"{reverse('recommendation-report')}?bases={application.base_id}")


def _review_page(application: Application) -> str:
    return reverse("application-review", args=[application.pk])


@open_to(DEPARTMENT_BUSINESS)
@require_safe
def round_applications(request: Request, pk: int) -> HttpResponse:
    """The applications of a round that were ever declared, for the department: figures as they were declared, with their sums."""
    round_ = get_object_or_404(Round.objects.select_related("policy"), pk=pk)
    everything = listing.as_declared(queries.visible_applications(request.acting).filter(round=round_))
    found = listing.with_figures(_filtered(everything, request))
    sort, found = _sorted(
        found, request, _DEPARTMENT_SORTS, found.order_by("base__training_unit__code", "shown_name", "pk")
    )
    page: Page[Any] = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    _name_industries(page)
    filters = _chosen_filters(request)
    units = TrainingUnit.objects.filter(pk__in=everything.order_by().values("base__training_unit"))
    reports = queries.visible_recommendations(request.acting).filter(round=round_).annotate(listed=Count("entries"))
    context = {
        "round": round_,
        "page_obj": page,
        "totals": listing.totals(found),
        "sort": sort,
        "filters": filters,
        "filtered": any(filters.values()),
        "units": units,
        "states": State.choices,
        "categories": _categories(everything),
        "industries": PRIORITY_INDUSTRIES,
        "reports": _by_unit(reports),
    }
    return render(request, "applications/application_list.html", context)


def _by_unit(reports: Iterable[Recommendation]) -> list[Recommendation]:
    return sorted(reports, key=lambda each: (each.training_unit.code, each.pk))


def _name_industries(applications: Iterable[Any]) -> None:
    for application in applications:
        application.industry_words = listing.industry_label(application.shown_industry)


def _chosen_filters(request: Request) -> dict[str, str]:
    names = ("q", "state", "category", "industry", "unit", "review")
    return {name: request.GET.get(name, "").replace("\0", "").strip()[:60] for name in names}


def _filtered(found: QuerySet[Any], request: Request) -> QuerySet[Any]:
    """The applications that fit the filters of the address; what makes no sense there filters nothing away but itself."""
    chosen = _chosen_filters(request)
    for word in chosen["q"].split():
        found = found.filter(
            Q(shown_name__icontains=word)
            | Q(shown_partner__icontains=word)
            | Q(base__training_unit__name__icontains=word)
        )
    if chosen["state"]:
        found = found.filter(base__state=chosen["state"])
    if chosen["category"]:
        found = found.filter(shown_category_code=chosen["category"])
    if chosen["industry"] == ANY_INDUSTRY:
        found = found.exclude(shown_industry="")
    elif chosen["industry"]:
        found = found.filter(shown_industry=chosen["industry"])
    if chosen["unit"]:
        found = found.filter(base__training_unit__code=chosen["unit"])
    if chosen["review"] == "none":
        found = found.filter(review__reviewed_on=None)
    elif chosen["review"]:
        found = found.filter(review__reviewed_on__isnull=False, review__agreed=chosen["review"] == "agreed")
    return found


def _sorted(
    found: QuerySet[Any], request: Request, sorts: dict[str, str], otherwise: QuerySet[Any]
) -> tuple[str, QuerySet[Any]]:
    """The applications as the address wants them sorted; ``otherwise`` where it names no column."""
    wanted = request.GET.get("sort", "")
    column = sorts.get(wanted.removeprefix("-"))
    if column is None:
        return "", otherwise
    direction = F(column).desc(nulls_last=True) if wanted.startswith("-") else F(column).asc(nulls_last=True)
    return wanted, found.order_by(direction, "pk")


def _categories(everything: QuerySet[Any]) -> list[tuple[str, str]]:
    found = everything.exclude(shown_category_code=None).order_by("shown_category_code")
    return [
        (code, f"{name}（{code}）")
        for code, name in found.values_list("shown_category_code", "shown_category").distinct()
    ]
