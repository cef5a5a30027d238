"""Receipts: the personal links of students, the page behind one, and the denials that wait for the unit."""

from typing import Any

import segno
from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agreements import months, training
from agreements.models import MonthlyRecord, Placement, Receipt, StipendLink
from agreements.month_forms import HandleForm, LinksForm, ReceiptForm
from agreements.month_queries import visible_receipts
from agreements.queries import training_bases
from agreements.services import receipts
from agreements.services.month_rows import WAS_THERE
from agreements.services.standing import side_of
from agreements.views.months import base_of
from bases.lifecycle import LIVING
from bases.models import Base
from portal import throttle
from portal.access import EVERYONE, open_to, secret_address
from portal.errors import NotYours, Refused
from portal.http import Request, absolute, site_root
from portal.roles import Role

# Students of one company come from one address: what is counted there are links that open nothing.
MISSES, OPENINGS = "30 per hour", "300 per hour"


def _address(issued: receipts.Issued) -> str:
    return absolute(site_root(), reverse("stipends", args=[issued.secret]))


def _qr_code(address: str) -> SafeString:
    """A QR code of an address as an SVG element, for the slip that a student scans."""
    drawn = segno.make(address, error="m", micro=False).svg_inline(
        scale=3, border=4, svgclass="link-qr", lineclass=None
    )
    return mark_safe(drawn)  # noqa: S308 - drawn here, nothing of the address is in it as text


@open_to(Role.UNIT_OFFICER, Role.PARTNER_OFFICER)
@require_http_methods(["GET", "POST"])
@never_cache
def stipend_links(request: Request, pk: int) -> HttpResponse:
    """Who of a base's students has a link and what they confirmed; links that are made are shown now and never again."""
    base = base_of(request, pk)
    people = _people(base)
    form = LinksForm(request.POST if request.method == "POST" else None, people=[each.student_id for each in people])
    if request.method == "POST" and form.is_valid():
        try:
            issued = receipts.issue(
                base=base, students=form.cleaned_data["student"], by=request.acting, on=request.today, at=timezone.now()
            )  # fmt: skip
        except NotYours:
            raise
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            made = [(each.link, address, _qr_code(address)) for each in issued for address in [_address(each)]]
            return render(request, "agreements/stipend_links_made.html", {"base": base, "made": made})
    context = {"base": base, "people": people, "form": form, "may_issue": base.state in LIVING}
    return render(request, "agreements/stipend_links.html", context, status=422 if form.errors else 200)


def _people(base: Base) -> list[Placement]:
    """Each student of the base once, by number, with their link and how many months they were asked about and confirmed."""
    placements = Placement.objects.filter(base=base, status__in=WAS_THERE).select_related("student")
    links = {link.student_id: link for link in StipendLink.objects.filter(base=base, withdrawn_at=None)}
    asked = Q(is_current=True, state="done", amount__gt=0, paid_on__isnull=False)
    said = Q(receipts__is_current=True, receipts__answer=Receipt.Answer.RECEIVED)
    counted = MonthlyRecord.objects.filter(asked, base=base).values_list("placement__student").order_by()
    asked_of = dict(counted.annotate(n=Count("pk", distinct=True)))
    said_by = dict(counted.filter(said).annotate(n=Count("pk", distinct=True)))
    by_student: dict[int, Placement] = {}
    for each in placements.order_by("student__number", "-starts_on"):
        if each.student_id not in by_student:
            each.link = links.get(each.student_id)  # type: ignore[attr-defined]
            each.asked = asked_of.get(each.student_id, 0)  # type: ignore[attr-defined]
            each.said = said_by.get(each.student_id, 0)  # type: ignore[attr-defined]
            by_student[each.student_id] = each
    return list(by_student.values())


@open_to(Role.UNIT_OFFICER, Role.PARTNER_OFFICER)
@require_http_methods(["GET", "POST"])
def stipend_link_withdraw(request: Request, pk: int) -> HttpResponse:
    """Make a link worthless, after a page that says what follows."""
    found = StipendLink.objects.filter(base__in=training_bases(request.acting).values("pk"))
    link = get_object_or_404(found.select_related("base", "student"), pk=pk)
    side_of(link.base, request.acting)
    if request.method == "POST":
        receipts.withdraw(link=link, by=request.acting, at=timezone.now())
        messages.success(request, _("%(name)s的链接已停用。") % {"name": link.student.name})
        return redirect("stipend-links", pk=link.base_id)
    consequence = _("%(name)s手里的链接立即失效，已确认的记录保留。需要时可以重新生成。") % {"name": link.student.name}
    return render(request, "agreements/stipend_link_withdraw.html", {"link": link, "consequence": consequence})


@open_to(EVERYONE)
@require_http_methods(["GET", "POST"])
def _stipends(request: Request, secret: str) -> HttpResponse:
    """What the holder of a link sees: the months of this one student, each to be confirmed or denied."""
    link = receipts.find(secret, request.today)
    if link is None:
        if not throttle.allow("stipends", throttle.address_of(request), MISSES):
            return render(request, "agreements/stipends_closed.html", status=429)
        raise Http404
    if not throttle.allow("stipends of one", str(link.pk), OPENINGS):
        return render(request, "agreements/stipends_closed.html", status=429)
    form = ReceiptForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            receipts.answer(
                link=link, record=form.cleaned_data["record"], revision=form.cleaned_data["revision"],
                received=form.cleaned_data["answer"] == "received", note=form.cleaned_data["note"], on=request.today,
                at=timezone.now(),
            )  # fmt: skip
        except Refused as refusal:
            form.add_error("note" if form.cleaned_data["answer"] == "denied" else None, list(refusal.reasons))
        else:
            received = form.cleaned_data["answer"] == "received"
            words = _("已记录：您确认收到了。") if received else _("已告知学校，学校处理后会在本页答复您。")
            messages.success(request, words)
            return redirect("stipends", secret=secret)
    shown = [(each, months.words(each.record.month)) for each in receipts.months_of(link)]
    waiting = sum(each.receipt is None and each.record.paid_on is not None for each, _words in shown)
    context: dict[str, Any] = {
        "link": link,
        "months": shown,
        "waiting": waiting,
        "form": form,
        "wrong": form.data.get("record"),
    }
    return render(request, "agreements/stipends.html", context, status=422 if form.errors else 200)


stipends = secret_address(_stipends)


@open_to(training.TRAINING_ROLES)
@require_http_methods(["GET", "POST"])
def stipend_denial(request: Request, pk: int) -> HttpResponse:
    """What a student denies; the unit answers, the others read."""
    receipt = get_object_or_404(visible_receipts(request.acting), pk=pk)
    form = HandleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            receipts.handle(
                receipt=receipt, handling=form.cleaned_data["handling"], by=request.acting, on=request.today
            )
        except NotYours:
            raise
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("答复已登记，研究生和合作单位可以看到。"))
            return redirect("stipend-denial", pk=pk)
    record = receipt.record
    now = MonthlyRecord.objects.filter(placement=record.placement_id, month=record.month, is_current=True).first()
    context = {
        "receipt": receipt,
        "base": record.base,
        "words": months.words(record.month),
        "name": months.name(record.month),
        "now": now,
        "form": form,
        "may_handle": receipt.waits and receipt.is_current and request.acting.role == Role.UNIT_OFFICER,
    }
    return render(request, "agreements/stipend_denial.html", context, status=422 if form.errors else 200)
