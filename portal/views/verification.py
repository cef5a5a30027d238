from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal import codes, throttle, verification
from portal.access import EVERYONE, open_to
from portal.http import Request
from portal.verification_forms import CodeForm, CopyForm

PAGE = "portal/verify.html"
# Reading a signature takes processor time; an office that checks a folder of papers stays within this.
COMPARISONS = "60 per hour"


@open_to(EVERYONE)
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: Request) -> HttpResponse:
    """Anybody asks whether a document is genuine: by its code, or by the file, which is compared and not kept."""
    sent = request.POST if request.method == "POST" else None
    by_file = CopyForm(sent, request.FILES if sent is not None else None)
    by_code = CodeForm(request.GET if "code" in request.GET and sent is None else None)
    if by_code.is_valid():
        return redirect("verify-code", by_code.cleaned_data["code"])
    context: dict[str, Any] = {"by_code": by_code, "by_file": by_file}
    if by_file.is_valid() and not throttle.allow("verify_file", throttle.address_of(request), COMPARISONS):
        by_file.add_error("file", _("一小时内比对的文件过多，没有比对。请过一小时再试，或者输入核验码查询。"))
        return render(request, PAGE, context, status=429)
    if by_file.is_valid():
        asked = verification.find_by_code(by_file.cleaned_data["code"])
        finding = verification.find_by_file(by_file.cleaned_data["file"].read(), asked=asked)
        other = asked if asked and finding.record and asked != finding.record else None
        context |= {"finding": finding, "record": finding.record, "other": other, "by_file": CopyForm()}
        return render(request, PAGE, context)
    refused = by_code.is_bound or by_file.is_bound
    return render(request, PAGE, context, status=422 if refused else 200)


@open_to(EVERYONE)
@require_safe
def verify_code(request: Request, code: str) -> HttpResponse:
    """What a QR code leads to: the document of that code, or that there is none."""
    typed = codes.typed(code)
    if typed and code != codes.grouped(typed):
        return redirect("verify-code", codes.grouped(typed))
    record = verification.find_by_code(code)
    context = {
        "record": record,
        "missing": "" if record else code,
        "signed_by": verification.signed_by(record) if record else "",
        "by_code": CodeForm(),
        "by_file": CopyForm(initial={"code": code} if record else {}),
    }
    # That there is none is an answer too: a 404 might be replaced by a page of the proxy.
    return render(request, PAGE, context)
