from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements import queries
from agreements.agreement_acts import open_acts
from agreements.comparing import differences
from agreements.forms import NewAgreementForm
from agreements.matters import Matter
from agreements.models import Agreement
from agreements.models.agreement import TEXT_FIELDS
from agreements.services import agreement_papers, agreements
from agreements.training import TRAINING_ROLES
from bases.lifecycle import LIVING
from bases.models import Base
from portal.access import open_to
from portal.errors import Refused
from portal.http import Request, whole_number
from portal.roles import Role

SIDES = frozenset({Role.UNIT_OFFICER, Role.PARTNER_OFFICER})
Status = Agreement.Status


def own_base(request: Request, pk: int) -> Base:
    """A base whose cooperation the person may look at, or a page that was not found."""
    related = "training_unit", "partner", "category", "policy"
    return get_object_or_404(queries.training_bases(request.acting).select_related(*related), pk=pk)


def own_agreement(request: Request, pk: int, number: int) -> Agreement:
    """An agreement that the person may read."""
    return get_object_or_404(queries.visible_agreements(request.acting), base=pk, version=number)


@open_to(TRAINING_ROLES)
@require_safe
def base_agreements(request: Request, pk: int) -> HttpResponse:
    """The agreements of a base: what holds and how far, what is under way, what was before."""
    base = own_base(request, pk)
    found = list(queries.visible_agreements(request.acting).filter(base=base).order_by("-version"))
    under_way = next((each for each in found if each.is_in_progress), None)
    living = base.state in LIVING
    task = queries.visible_revisions(request.acting).filter(base=base).first()
    context = {
        "base": base,
        "agreements": [(each, each.standing(request.today)) for each in found],
        "current": next((each for each in found if each.holds(request.today)), None),
        "under_way": under_way,
        "acts": open_acts(under_way, request.acting) if under_way and living else [],
        "drafts": under_way is not None
        and under_way.status == Status.DRAFTING
        and request.acting.role == Role.UNIT_OFFICER,
        "coverage": queries.coverages([base], request.today)[base.pk],
        "task": task,
        "task_late": task is not None and task.is_late(request.today),
        "being_drafted": under_way is None and agreements.is_being_drafted(base),
        "may_start": living and request.acting.role == Role.UNIT_OFFICER and under_way is None,
        "comparable": [each for each in found if each.origin == Agreement.Origin.PORTAL],
    }
    return render(request, "agreements/agreement_list.html", context)


@open_to(Role.UNIT_OFFICER)
@require_http_methods(["GET", "POST"])
def agreement_new(request: Request, pk: int) -> HttpResponse:
    """Begin a draft: the first agreement, or the revision or renewal of the one before."""
    base = own_base(request, pk)
    form = NewAgreementForm(request.POST or None, base=base)
    if request.method == "POST" and form.is_valid():
        try:
            drafted = agreements.start(base=base, by=request.acting, on=request.today, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            return redirect("agreement-edit", pk=base.pk, number=drafted.version)
    newest = (
        Agreement.objects.filter(base=base, status__in=Agreement.IN_FORCE).order_by("-version").first()
    )  # fmt: skip
    context = {"base": base, "form": form, "newest": newest}
    return render(request, "agreements/agreement_new.html", context, status=422 if form.errors else 200)


@open_to(TRAINING_ROLES)
@require_safe
def agreement_page(request: Request, pk: int, number: int) -> HttpResponse:
    """One agreement: its state, what can be done, its terms and clauses, its paper and scan, its way so far."""
    agreement = own_agreement(request, pk, number)
    clauses = {each.matter: each.text for each in agreement.clauses.all()}
    context = {
        "base": agreement.base,
        "agreement": agreement,
        "standing": agreement.standing(request.today),
        "acts": open_acts(agreement, request.acting),
        "terms": terms(agreement),
        "clauses": [(matter.label, clauses.get(matter, "")) for matter in Matter],
        "gaps": agreements.gaps(agreement) if agreement.status == Status.DRAFTING else [],
        "steps": agreement.steps.select_related("by").order_by("-pk"),
        "pdf_state": agreement_papers.pdf_state(agreement),
        "own_side": request.acting.role in SIDES,
        "drafts": request.acting.role == Role.UNIT_OFFICER and agreement.status == Status.DRAFTING,
    }
    return render(request, "agreements/agreement_page.html", context)


def terms(agreement: Agreement) -> list[tuple[str, str]]:
    """The fields of an agreement with their names, as people read them."""
    return [(name, shown(agreement, field) or "—") for field, name in _named()]


def _named() -> list[tuple[str, str]]:
    skipped = {"kind", "changes"}
    fields = [Agreement._meta.get_field(name) for name in TEXT_FIELDS if name not in skipped]
    return [(field.name, str(field.verbose_name)) for field in fields]  # type: ignore[union-attr]


def shown(agreement: Agreement, field: str) -> str:
    """One field as people read it; a floor that is not agreed on says so."""
    value = getattr(agreement, field)
    if field.startswith("stipend_floor_") and value is None:
        return _("没有约定下限")
    if field == "insurance_by":
        return str(agreement.get_insurance_by_display())
    return "" if value is None else str(value)


@open_to(TRAINING_ROLES)
@require_safe
def agreement_pdf_state(request: Request, pk: int, number: int) -> HttpResponse:
    """The line that says whether the paper is ready; the page asks again while it is not."""
    agreement = own_agreement(request, pk, number)
    context = {
        "agreement": agreement,
        "pdf_state": agreement_papers.pdf_state(agreement),
        "own_side": request.acting.role in SIDES,
    }
    return render(request, "agreements/_agreement_pdf.html", context)


@open_to(SIDES)
@require_POST
def agreement_pdf_again(request: Request, pk: int, number: int) -> HttpResponse:
    """Have the paper tried again."""
    agreement = own_agreement(request, pk, number)
    agreement_papers.ask_again(agreement=agreement, by=request.acting)
    messages.success(request, _("已重新生成签署文本，一般需要几秒。"))
    return redirect("agreement", pk=pk, number=number)


@open_to(TRAINING_ROLES)
@require_safe
def agreement_compare(request: Request, pk: int) -> HttpResponse:
    """Two versions of a base beside one another, field by field and clause by clause."""
    base = own_base(request, pk)
    found = list(
        queries.visible_agreements(request.acting)
        .filter(base=base, origin=Agreement.Origin.PORTAL)
        .order_by("version")
        .prefetch_related("clauses")
    )  # fmt: skip
    by_number = {each.version: each for each in found}
    chosen = [by_number.get(whole_number(request.GET.get(name, ""), 5) or 0) for name in ("a", "b")]
    newer = chosen[1] or (found[-1] if found else None)
    older = chosen[0] or _before(found, newer)
    rows = _compared(older, newer) if older and newer and older != newer else []
    changed = sum(1 for _name, _was, _now, pieces in rows if pieces)
    context: dict[str, Any] = {"base": base, "agreements": found, "older": older, "newer": newer, "rows": rows}
    return render(request, "agreements/agreement_compare.html", context | {"changed": changed})


def _before(found: list[Agreement], newer: Agreement | None) -> Agreement | None:
    if newer is None:
        return None
    named = next((each for each in found if each.pk == newer.predecessor_id), None)
    return named or next((each for each in reversed(found) if each.version < newer.version), None)


def _compared(older: Agreement, newer: Agreement) -> list[tuple[str, str, str, list[Any]]]:
    """Name, before, after, and the pieces of the difference; no pieces where nothing changed."""
    both = [(name, shown(older, field), shown(newer, field)) for field, name in _named()]
    was, now = ({each.matter: each.text for each in agreement.clauses.all()} for agreement in (older, newer))
    both += [(str(matter.label), was.get(matter, ""), now.get(matter, "")) for matter in Matter]
    return [(name, a, b, differences(a, b) if a != b else []) for name, a, b in both]
