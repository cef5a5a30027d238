"""岗位与实践 of a base: the list, one placement, and every act on one or many of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods, require_safe

from agreements import certificate_queries, placement_acts, placement_area, placement_queries, training
from agreements.models import Placement
from agreements.placement_acts import PlacementAct
from agreements.placement_queries import Lapse, PlacementFilters
from agreements.services import posts
from agreements.services.placement_starts import Ground, Item, checklist, is_covered
from agreements.views.posts import base_of
from bases.lifecycle import LIVING
from bases.models import Base
from portal.access import open_to
from portal.errors import Overtaken, Refused
from portal.http import Request, excel
from portal.roles import Role, role_label
from portal.spreadsheets import Column, workbook

PAGE = 50
Status = Placement.Status
_EXPORTED = (
    Column(key="number", label=_lazy("学号"), width=16),
    Column(key="name", label=_lazy("姓名"), width=12),
    Column(key="level", label=_lazy("层次"), width=8),
    Column(key="mode", label=_lazy("培养方式"), width=12),
    Column(key="category", label=_lazy("专业学位类别"), width=22),
    Column(key="post", label=_lazy("岗位"), width=24),
    Column(key="year", label=_lazy("岗位年度"), kind="int", width=10),
    Column(key="status", label=_lazy("状态"), width=18),
    Column(key="stage", label=_lazy("阶段"), width=12),
    Column(key="starts_on", label=_lazy("进入基地日期"), kind="date", width=14),
    Column(key="ends_on", label=_lazy("结束日期"), kind="date", width=14),
    Column(key="campus_mentor", label=_lazy("校内导师"), width=12),
    Column(key="industry_mentor", label=_lazy("行业产业导师"), width=14),
    Column(key="safety_signed_on", label=_lazy("安全协议签订"), kind="date", width=14),
    Column(key="insurer", label=_lazy("保险公司"), width=18),
    Column(key="policy_number", label=_lazy("保单号"), width=20),
    Column(key="insured_from", label=_lazy("保险起始日"), kind="date", width=14),
    Column(key="insured_until", label=_lazy("保险终止日"), kind="date", width=14),
    Column(key="lodging", label=_lazy("食宿"), width=14),
    Column(key="ending", label=_lazy("结束方式"), width=14),
)


@dataclass(frozen=True)
class Row:
    """A placement of the list with what is amiss in it."""

    placement: Placement
    open_items: list[Item]
    uncovered: bool
    over: bool
    other_category: bool
    by_consent: bool
    uncertified: bool
    lapses: list[Lapse]


def rows_of(placements: Sequence[Placement], ground: Ground, on: date) -> list[Row]:
    """What the list says of placements beside their own values; two queries beside those of the ground."""
    certified, lapses = certificate_queries.certified(placements), placement_queries.lapses(placements)
    return [_row(each, ground, on, certified, lapses.get(each.pk, [])) for each in placements]


def _row(placement: Placement, ground: Ground, on: date, certified: Collection[int], lapses: list[Lapse]) -> Row:
    running, student = placement.status == Status.RUNNING, placement.student
    return Row(
        placement,
        [item for item in checklist(placement, ground) if not item.done] if placement.status == Status.ACCEPTED else [],
        running and not is_covered(placement),
        running and placement.ends_on < on,
        student.category_id != placement.base.category_id,
        student.mode != "full_time" or student.bound,
        placement.status == Status.ENDED and placement.pk not in certified,
        lapses,
    )


@open_to(training.TRAINING_ROLES)
@require_safe
def base_placements(request: Request, pk: int) -> HttpResponse:
    """The placements of a base, filtered by state and year, with what can be done for many at once."""
    base = base_of(request, pk)
    wanted = PlacementFilters.of(request.GET.dict())
    found = placement_queries.listed(request.acting, base, wanted)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    ground = Ground.of([base.pk], request.today)
    rows = rows_of(list(page), ground, request.today)
    counts = placement_queries.state_counts([base.pk]).get(base.pk, {})
    side = placement_acts.side_of(request.acting) if base.state in LIVING else ""
    shown = {row.placement.status for row in rows}
    context = {
        "base": base,
        "page_obj": page,
        "rows": rows,
        "filters": wanted,
        "states": [(value, label, counts.get(value, 0)) for value, label in Status.choices],
        "years": sorted(set(placement_queries.posts_of(base).values_list("year", flat=True)), reverse=True),
        "offer": posts.offers([base.pk], request.today)[base.pk],
        "places_left": posts.places_left([base.pk], request.today).get(base.pk, 0),
        "standing": placement_area.standing([base], request.acting, request.today)[base.pk],
        "side": side,
        "acts": [act for act in placement_acts.ACTS if act.listed and act.is_for(side) and act.states & shown],
        "today": request.today,
    }
    return render(request, "agreements/placement_list.html", context)


@open_to(training.TRAINING_ROLES)
@require_safe
def placement_excel(request: Request, pk: int) -> HttpResponse:
    """The list as the address filters it, all pages, without telephone numbers."""
    base = base_of(request, pk)
    found = placement_queries.listed(request.acting, base, PlacementFilters.of(request.GET.dict()))
    rows = [
        {column.key: getattr(each, column.key, None) for column in _EXPORTED}
        | {
            "number": each.student.number,
            "name": each.student.name,
            "level": each.student.get_level_display(),
            "mode": each.student.get_mode_display(),
            "category": str(each.student.category),
            "post": each.post.title,
            "year": each.post.year,
            "status": each.get_status_display(),
            "stage": each.get_stage_display(),
            "campus_mentor": str(each.campus_mentor or ""),
            "industry_mentor": str(each.industry_mentor or ""),
            "lodging": each.get_lodging_display(),
            "ending": each.get_ending_display(),
        }
        for each in found
    ]
    name = _("实践名单（%(day)s）.xlsx") % {"day": request.today.isoformat()}
    return excel(workbook(_("%(base)s实践名单") % {"base": base.name}, _EXPORTED, rows), name)


@open_to(training.TRAINING_ROLES)
@require_safe
def placement_page(request: Request, pk: int, placement_pk: int) -> HttpResponse:
    """One student's stay in a base: where it is, its checklist with who sees to what, its changes and its time line."""
    base = base_of(request, pk)
    found = placement_queries.visible_placements(request.acting).select_related("safety_file")
    placement = get_object_or_404(found, base=base, pk=placement_pk)
    side = placement_acts.side_of(request.acting) if base.state in LIVING else ""
    ground = Ground.of([base.pk], request.today)
    acts = [act for act in placement_acts.ACTS if side and act.is_for(side) and placement.status in act.states]
    fill = {
        act.name: act for act in acts if act.in_checklist and not act.why_not(placement, ground, side, request.today)
    }
    papers = list(certificate_queries.visible_certificates(request.acting).filter(placement=placement).order_by("-pk"))
    context = {
        "base": base,
        "placement": placement,
        "row": rows_of([placement], ground, request.today)[0],
        "certificates": papers,
        "partner": request.acting.role == Role.PARTNER_OFFICER,
        "checklist": [(item, fill.get(item.act)) for item in checklist(placement, ground)],
        "sides": {"unit": _("培养单位"), "partner": _("合作单位"), "either": _("双方商定")},
        "acts": [
            (act, [act.why_not(placement, ground, side, request.today)])
            for act in acts
            if not act.in_checklist and (act.name not in ("answer", "take-back") or placement.waiting)  # type: ignore[attr-defined]
        ],
        "changes": placement.changes.select_related("asked_by", "answered_by"),
        "events": _time_line(placement),
        "phone": placement_queries.phone_for(request.acting, placement),
    }  # fmt: skip
    return render(request, "agreements/placement_page.html", context)


def _time_line(placement: Placement) -> list[dict[str, object]]:
    """What was done, the newest first, as the time line draws it."""
    return [
        {
            "on": each.on,
            "label": each.get_kind_display(),
            "actor_name": each.by_name,
            "role_label": role_label(each.role),
            "reason": each.words,
            "at": each.at,
            "document_name": each.file.name if each.file else "",
            "document_url": reverse("file", args=[each.file.key]) if each.file else "",
        }
        for each in placement.events.select_related("file")
    ]


def _keys(values: list[str]) -> list[int]:
    return [int(each) for each in values if each.isascii() and each.isdigit() and len(each) < 10]


@open_to(Role.UNIT_OFFICER, Role.PARTNER_OFFICER)
@require_http_methods(["GET", "POST"])
def placement_act(request: Request, pk: int, name: str) -> HttpResponse:
    """One act on the placements that the address names: who can be done and who cannot and why, what follows, what it needs."""
    base = base_of(request, pk)
    act, side = placement_acts.get(name), placement_acts.side_of(request.acting)
    if act is None or not act.is_for(side):
        raise Http404
    keys = _keys((request.POST if request.method == "POST" else request.GET).getlist("placement"))
    chosen = list(placement_queries.visible_placements(request.acting).filter(base=base, pk__in=keys).order_by("pk"))
    if not chosen or (act.single and len(chosen) > 1):
        messages.warning(
            request, _("没有办理：请先选择要办理的研究生。") if not chosen else _("这件事一次只能办理一人。")
        )
        return redirect("base-placements", pk=pk)
    ground = Ground.of([pk], request.today)
    judged = [(each, act.why_not(each, ground, side, request.today)) for each in chosen]
    able = [each for each, why in judged if not why]
    files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = act.form(*files, base=base, acting=request.acting, on=request.today, chosen=able)
    if request.method == "POST" and form.is_valid():
        try:
            act.carry_out(base=base, keys=keys, acting=request.acting, on=request.today, entered=form.cleaned_data)
        except Overtaken:
            raise
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            return _done(request, base, act, keys)
    context = {
        "base": base,
        "act": act,
        "form": form,
        "judged": judged,
        "able": able,
        "left_out": len(judged) - len(able),
    }
    return render(request, "agreements/placement_act.html", context, status=422 if form.errors else 200)


def _done(request: Request, base: Base, act: PlacementAct, keys: list[int]) -> HttpResponse:
    messages.success(request, str(act.done) % {"n": len(keys)} if "%(n)s" in str(act.done) else str(act.done))
    if len(keys) == 1:
        return redirect("placement", pk=base.pk, placement_pk=keys[0])
    return redirect("base-placements", pk=base.pk)
