"""专业实践鉴定 of a base: who still waits for one, writing many on one page, issuing them, one with its paper, withdrawing it."""

from collections.abc import Sequence

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements import certificate_queries, training
from agreements.certificate_forms import CommonForm, Line, WithdrawCertificateForm, lines
from agreements.certificate_queries import CertificateFilters
from agreements.models import Placement, PracticeCertificate
from agreements.services import certificates
from agreements.views.parts import Step, fill_in
from agreements.views.posts import base_of
from bases.models import Base
from portal.access import open_to
from portal.errors import Overtaken, Refused
from portal.http import Request, whole_number
from portal.roles import Role

PAGE = 50
# How many students one page takes; the rest comes once these are issued.
AT_ONCE = 20
WITHDRAW = Step(
    _lazy("撤回专业实践鉴定"), _lazy("撤回鉴定"), "10", "base-certificates", _lazy("鉴定已撤回，可以重新填写、签发。"),
    consequence=_lazy("鉴定书不再有效，核验页面显示“已撤回”和撤回原因；鉴定留在名单中，重新签发的用新的编号并写明代替哪一份。不能恢复。"),
    told=_lazy("培养单位"), danger=True,
)  # fmt: skip


def _is_partner(request: Request) -> bool:
    return request.acting.role == Role.PARTNER_OFFICER


@open_to(training.TRAINING_ROLES)
@require_safe
def base_certificates(request: Request, pk: int) -> HttpResponse:
    """The certificates of a base, filtered by the address, and the students who still wait for one."""
    base = base_of(request, pk)
    wanted = CertificateFilters.of(request.GET.dict())
    page = Paginator(certificate_queries.listed(request.acting, base, wanted), PAGE).get_page(request.GET.get("page"))
    papers = certificates.states(list(page))
    waiting = certificate_queries.owed(request.acting).filter(base=base)
    shown = list(waiting[:PAGE])
    figures = certificates.figures_of(shown)
    context = {
        "base": base,
        "page_obj": page,
        "rows": [(each, papers[each.pk]) for each in page],
        "waiting": [(each, figures[each.pk], certificates.due_on(each)) for each in shown],
        "waiting_total": waiting.count(),
        "filters": wanted,
        "states": [(state.value, state.label) for state in (certificates.Status.ISSUED, certificates.Status.WITHDRAWN)],
        "grades": certificates.Grade.choices,
        "years": certificate_queries.years_of(base),
        "partner": _is_partner(request),
        "today": request.today,
    }
    return render(request, "agreements/certificate_list.html", context)


def _chosen(request: Request, base: Base) -> list[Placement]:
    """The students whom the address or the form names; without a name those who wait longest."""
    given = (request.POST if request.method == "POST" else request.GET).getlist("placement")
    keys = [number for each in given if (number := whole_number(each, 9)) is not None]
    found = certificate_queries.owed(request.acting).filter(base=base)
    return list((found.filter(pk__in=keys) if given else found)[:AT_ONCE])


@open_to(Role.PARTNER_OFFICER)
@require_http_methods(["GET", "POST"])
def certificate_write(request: Request, pk: int) -> HttpResponse:
    """The partner writes the certificates of one or many students: kept as they are, or, when they are whole, on to the issuing."""
    base = base_of(request, pk)
    placements = _chosen(request, base)
    if not placements:
        messages.info(request, _("没有待出具的鉴定，或者所选研究生的鉴定已经签发。"))
        return redirect("base-certificates", pk=pk)
    figures = certificates.figures_of(placements)
    if request.method != "POST":
        return _write_page(request, base, lines(placements, figures), CommonForm())
    common, whole = CommonForm(request.POST), request.POST.get("do") == "issue"
    said = common.cleaned_data["common"] if common.is_valid() else ""
    found = lines(placements, figures, request.POST, whole=whole, common=said)
    if all([common.is_valid(), *(line.form.is_valid() for line in found)]):
        try:
            kept = certificates.write(
                base=base, written={line.placement.pk: line.form.written() for line in found}, by=request.acting, on=request.today
            )  # fmt: skip
        except Overtaken:
            raise
        except Refused as refusal:
            common.add_error(None, list(refusal.reasons))
        else:
            return _go_on(request, base, kept, issue=whole)
    return _write_page(request, base, found, common)


def _write_page(request: Request, base: Base, found: Sequence[Line], common: CommonForm) -> HttpResponse:
    wrong = [line for line in found if line.form.errors]
    context = {"base": base, "lines": found, "form": common, "wrong": wrong, "at_once": AT_ONCE}
    status = 422 if wrong or common.errors else 200
    return render(request, "agreements/certificate_write.html", context, status=status)


def _go_on(request: Request, base: Base, kept: Sequence[PracticeCertificate], *, issue: bool) -> HttpResponse:
    if issue:
        chosen = "&".join(f"placement={each.placement_id}" for each in kept)
        return redirect(f"{reverse('certificate-issue', args=[base.pk])}?{chosen}")
    messages.success(request, _("已保存 %(n)s 人的鉴定，还没有签发。") % {"n": len(kept)})
    return redirect("base-certificates", pk=base.pk)


@open_to(Role.PARTNER_OFFICER)
@require_http_methods(["GET", "POST"])
def certificate_issue(request: Request, pk: int) -> HttpResponse:
    """The page before the issuing: who gets which grade and reward, and who is not ready and why; then they are issued."""
    base = base_of(request, pk)
    placements = _chosen(request, base)
    prepared: list[PracticeCertificate] = [row for each in placements for row in each.prepared]  # type: ignore[attr-defined]
    judged = [(row, certificates.written_of(row).lacks) for row in prepared]
    ready = [row.pk for row, lacks in judged if not lacks]
    refused: list[str] = []
    if request.method == "POST":
        try:
            made = certificates.issue(base=base, certificates=ready, by=request.acting, on=request.today)
        except Overtaken:
            raise
        except Refused as refusal:
            refused = list(refusal.reasons)
        else:
            messages.success(request, _("已签发 %(n)s 份专业实践鉴定，鉴定书随后生成。") % {"n": len(made)})
            if len(made) == 1:
                return redirect("certificate", pk=made[0].pk)
            return redirect("base-certificates", pk=pk)
    context = {
        "base": base,
        "judged": [(row, lacks, certificates.reward_words(row)) for row, lacks in judged],
        "unwritten": [each for each in placements if not each.prepared],  # type: ignore[attr-defined]
        "ready": len(ready),
        "keys": [row.placement_id for row, lacks in judged if not lacks],
        "refused": refused,
    }
    return render(request, "agreements/certificate_issue.html", context, status=422 if refused else 200)


def _context(request: Request, pk: int) -> dict[str, object]:
    found = get_object_or_404(certificate_queries.visible_certificates(request.acting), pk=pk)
    return {
        "certificate": found,
        "base": found.base,
        "student": found.placement.student,
        "pdf_state": certificates.states([found])[found.pk],
        "reward": certificates.reward_words(found),
        "replaced_by": certificate_queries.visible_certificates(request.acting).filter(replaces=found).first(),
        "partner": _is_partner(request),
        "title": _("%(name)s的专业实践鉴定书") % {"name": found.placement.student.name},
    }


@open_to(training.TRAINING_ROLES)
@require_safe
def certificate_page(request: Request, pk: int) -> HttpResponse:
    """One certificate: what it says, its paper, and what became of it."""
    return render(request, "agreements/certificate.html", _context(request, pk))


@open_to(training.TRAINING_ROLES)
@require_safe
def certificate_state(request: Request, pk: int) -> HttpResponse:
    """The part of the page that waits for the paper; it asks again until it is there."""
    return render(request, "agreements/_certificate_pdf.html", _context(request, pk))


@open_to(training.TRAINING_ROLES)
@require_POST
def certificate_again(request: Request, pk: int) -> HttpResponse:
    """Have a paper that failed tried again."""
    found = get_object_or_404(certificate_queries.visible_certificates(request.acting), pk=pk)
    certificates.ask_again(certificate=found)
    messages.success(request, _("已重新生成鉴定书，一般需要几秒。"))
    return redirect("certificate", pk=pk)


@open_to(Role.PARTNER_OFFICER)
@require_http_methods(["GET", "POST"])
def certificate_withdraw(request: Request, pk: int) -> HttpResponse:
    """The partner says of an issued certificate that it no longer stands."""
    found = get_object_or_404(certificate_queries.visible_certificates(request.acting), pk=pk)
    form = WithdrawCertificateForm(request.POST or None)
    return fill_in(
        request, WITHDRAW, found.base, form,
        lambda: certificates.withdraw(certificate=found, by=request.acting, on=request.today, **form.cleaned_data),
        reverse("certificate", args=[pk]),
    )  # fmt: skip
