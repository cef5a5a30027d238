"""What every request passes: its date, its once-only forms, its closed doors, its refusals."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from portal import clock, inbox
from portal.errors import NotYours, Refused
from portal.http import Request
from portal.models import Submission

GetResponse = Callable[[Request], HttpResponseBase]


class PlainAddress:
    """An address with a NUL in it is refused before it reaches a query: PostgreSQL knows no such text."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        if "%00" in request.META.get("QUERY_STRING", "") or "\0" in request.META.get("QUERY_STRING", ""):
            raise BadRequest(_("地址中含有不能识别的字符。"))
        return self.get_response(request)


class BusinessDate:
    """Gives each request its calendar date, so that no view or service asks a clock."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        request.clock_shift = clock.shift_days()
        request.today = clock.today(request.clock_shift)
        return self.get_response(request)


class CountAnew:
    """Whoever has sent something sees on the next page how much waits for them now."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        response = self.get_response(request)
        if request.method not in {"GET", "HEAD"} and not request.acting.is_public:
            inbox.forget_count(request.session)
        return response


class DenyByDefault:
    """A view that does not declare who may open it is closed to everybody."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: Request, view: Callable[..., Any], args: Any, kwargs: Any) -> None:
        if not hasattr(view, "roles"):
            raise PermissionDenied(_("本页没有声明开放对象，按规定不予开放。"))


class OncePerForm:
    """A form carries a key (``{% once %}``); the key is taken on arrival, so a second click changes nothing.

    Where nothing was carried out (an error, a refusal) the key is free again: who goes back and mends the form may send it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        response = self.get_response(request)
        taken: UUID | None = getattr(request, "form_key", None)
        if taken is not None and response.status_code >= 400:
            Submission.objects.filter(key=taken).delete()
        return response

    def process_view(
        self, request: Request, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        raw = request.POST.get("_once", "") if request.method == "POST" else ""
        if not raw:
            return None
        try:
            key = UUID(raw)
        except ValueError:
            messages.error(request, _("表单已失效，没有办理。请刷新页面后重新提交。"))
            return redirect(_page_of_the_form(request))
        try:
            with transaction.atomic():
                Submission.objects.create(key=key, path=_kept_path(request, view))
        except IntegrityError:
            messages.warning(request, _("这份表单已经收到，没有重复办理。请查看下面的最新状态。"))
            return redirect(_page_of_the_form(request))
        request.form_key = key
        return None


def _kept_path(request: Request, view: Callable[..., Any]) -> str:
    """Where a form was sent; of an address that is a secret only what all of its kind have in common."""
    match = request.resolver_match
    return (match.route if match and getattr(view, "secret_address", False) else request.path)[:300]


def _page_of_the_form(request: Request) -> str:
    """Where the person saw the form: what takes only POST has no page of its own."""
    shown = request.headers.get("Referer", "")
    return shown if url_has_allowed_host_and_scheme(shown, {request.get_host()}) else request.path


class ExplainRefusal:
    """A refusal that no form has shown becomes a page of its own: what was not done, why, and what to do."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            reason = _("这个地址只能由页面上的按钮或表单打开，不能直接输入或收藏。")
            page = render(request, "portal/refused.html", {"reasons": [reason]}, status=405)
            page["Allow"] = response["Allow"]
            return page
        return response

    def process_exception(self, request: Request, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        status = 403 if isinstance(exception, NotYours) else 409
        return render(request, "portal/refused.html", {"reasons": exception.reasons}, status=status)
