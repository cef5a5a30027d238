from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bases import queries
from bases.forms import DocumentForm, ScanForm, WithdrawDocumentForm
from bases.models import OfficialDocument, TrainingUnit
from bases.services import documents
from portal import navigation
from portal.access import open_to
from portal.errors import NotYours, Overtaken, Refused
from portal.http import Request, whole_number
from portal.roles import DEPARTMENT_BUSINESS, UNIT_ROLES, Role

OFFICES = frozenset({Role.UNIT_OFFICER, *DEPARTMENT_BUSINESS})
OFFICERS = frozenset({Role.UNIT_OFFICER, Role.DEPT_OFFICER})
READERS = frozenset({*UNIT_ROLES, Role.PARTNER_OFFICER, *DEPARTMENT_BUSINESS})
SORTS = {"number": ("year", "serial"), "title": ("title",), "dated": ("document_date",), "published": ("published_on",)}
STATES = {
    "in_force": Q(withdrawn_on=None),
    "withdrawn": Q(withdrawn_on__isnull=False),
    "unsigned": Q(withdrawn_on=None, file=None),
}
# The value of the filter that stands for the department, which is no training unit.
DEPARTMENT = "0"


@open_to(OFFICES)
@require_safe
def document_list(request: Request) -> HttpResponse:
    """The register: every number with its title, dates, issuer and state; filters and order in the address."""
    visible = queries.visible_documents(request.acting)
    chosen = {name: request.GET.get(name, "").strip()[:60] for name in ("q", "kind", "year", "issuer", "state", "sort")}
    found = queries.search_documents(visible, chosen["q"])
    if chosen["kind"] in OfficialDocument.Kind.values:
        found = found.filter(kind=chosen["kind"])
    year, issuer = whole_number(chosen["year"], 4), whole_number(chosen["issuer"], 9)
    if year is not None:
        found = found.filter(year=year)
    if issuer is not None:
        found = found.filter(issuer_unit_id=None if chosen["issuer"] == DEPARTMENT else issuer)
    found = found.filter(STATES.get(chosen["state"], Q()))
    page = Paginator(found.order_by(*_order(chosen["sort"])), 25).get_page(request.GET.get("page"))
    context = chosen | {
        "page_obj": page,
        "kinds": OfficialDocument.Kind.choices,
        "years": list(visible.order_by("-year").values_list("year", flat=True).distinct()),
        "issuers": _issuers(request),
        "states": [("in_force", _("有效")), ("unsigned", _("没有扫描件")), ("withdrawn", _("已撤回"))],
        "filtered": any(chosen[name] for name in ("q", "kind", "year", "issuer", "state")),
        "shortcuts": navigation.shortcuts("document-list", request.acting.role),
        "may_register": request.acting.role in OFFICERS,
    }
    return render(request, "bases/document_list.html", context)


def _order(sort: str) -> list[str]:
    """The newest first, unless a heading was asked for."""
    fields = SORTS.get(sort.removeprefix("-"), ())
    asked = [f"-{name}" if sort.startswith("-") else name for name in fields]
    return [*asked, "-published_on", "-year", "-serial", "pk"]


def _issuers(request: Request) -> list[tuple[str, str]]:
    own = request.acting.unit_id
    units = TrainingUnit.objects.filter(pk=own) if own else TrainingUnit.objects.order_by("code")
    return [(DEPARTMENT, _("教育厅")), *((str(pk), name) for pk, name in units.values_list("pk", "name"))]


@open_to(READERS)
@require_safe
def document_page(request: Request, pk: int) -> HttpResponse:
    """One document: facts, bases, text, the state of its PDF, and for its office the scan and the withdrawal."""
    return _page(request, _visible(request, pk), ScanForm())


def _visible(request: Request, pk: int) -> OfficialDocument:
    return get_object_or_404(queries.visible_documents(request.acting), pk=pk)


def _own(request: Request, pk: int) -> OfficialDocument:
    document = _visible(request, pk)
    if not documents.is_its_office(document, request.acting):
        raise NotYours(_("这份公文由发文单位的经办人办理，您当前的角色不能办理。没有作任何改动。"))
    return document


def _page(request: Request, document: OfficialDocument, form: ScanForm) -> HttpResponse:
    own = documents.is_its_office(document, request.acting)
    context: dict[str, Any] = {
        "document": document,
        "issuer": documents.issuer_name(document),
        "bases": document.bases.select_related("training_unit").order_by("name"),
        "own_bases": set(queries.visible_bases(request.acting).filter(documents=document).values_list("pk", flat=True)),
        "pdf_state": documents.pdf_state(document),
        "is_office": own,
        "form": form,
        "obstacles": documents.withdraw_reasons(document, request.today) if own and not document.is_withdrawn else (),
    }
    return render(request, "bases/document_page.html", context, status=422 if form.errors else 200)


@open_to(READERS)
@require_safe
def document_pdf_state(request: Request, pk: int) -> HttpResponse:
    """The line that says whether the PDF is ready; the page asks again while it is not."""
    document = _visible(request, pk)
    context = {
        "document": document,
        "pdf_state": documents.pdf_state(document),
        "is_office": documents.is_its_office(document, request.acting),
    }
    return render(request, "bases/_document_pdf.html", context)


@open_to(OFFICERS)
@require_POST
def document_pdf_again(request: Request, pk: int) -> HttpResponse:
    """Have the PDF tried again."""
    documents.ask_again(document=_own(request, pk), by=request.acting)
    messages.success(request, _("已重新生成正式文本，一般需要几秒。"))
    return redirect("document", pk=pk)


@open_to(OFFICERS)
@require_POST
def document_scan(request: Request, pk: int) -> HttpResponse:
    """Keep the signed scan of a document."""
    document = _own(request, pk)
    form = ScanForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            documents.add_scan(document=document, file=form.cleaned_data["file"], by=request.acting, on=request.today)
        except Overtaken as refusal:
            form.add_error(None, list(refusal.reasons))
        except Refused as refusal:
            form.add_error("file", list(refusal.reasons))
        else:
            messages.success(request, _("盖章扫描件已登记。"))
            return redirect("document", pk=pk)
    return _page(request, document, form)


@open_to(OFFICERS)
@require_http_methods(["GET", "POST"])
def document_withdraw(request: Request, pk: int) -> HttpResponse:
    """Withdraw a document, after a page that says what follows."""
    document = _own(request, pk)
    form = WithdrawDocumentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            documents.withdraw_document(
                document=document, reason=form.cleaned_data["reason"], by=request.acting, on=request.today
            )
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("%(number)s 已撤回，文号不再使用。") % {"number": document.number})
            return redirect("document", pk=pk)
    context = {
        "document": document,
        "form": form,
        "obstacles": () if request.method == "POST" else documents.withdraw_reasons(document, request.today),
    }
    return render(request, "bases/document_withdraw.html", context, status=422 if form.errors else 200)


@open_to(OFFICERS)
@require_http_methods(["GET", "POST"])
def document_new(request: Request) -> HttpResponse:
    """Register a document that the office wrote outside the portal."""
    bases = queries.visible_bases(request.acting).order_by("name")
    bound = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    initial = {"document_date": request.today, "published_on": request.today}
    form = DocumentForm(*bound, acting=request.acting, bases=bases, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            document = documents.register_by_hand(**form.cleaned_data, by=request.acting, on=request.today)
        except Refused as refusal:
            form.add_error(None, list(refusal.reasons))
        else:
            messages.success(request, _("已登记，文号 %(number)s。") % {"number": document.number})
            return redirect("document", pk=document.pk)
    return render(request, "bases/document_new.html", {"form": form}, status=422 if form.errors else 200)
