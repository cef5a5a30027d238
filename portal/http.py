from datetime import date
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from portal.acting import Acting


class Request(HttpRequest):
    """A request as our views receive it: with the role acted in and its calendar date."""

    acting: Acting
    today: date
    membership_count: int
    clock_shift: int
    form_key: UUID


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def excel(content: bytes, name: str) -> HttpResponse:
    """A spreadsheet that was made for the person who asks, to be kept under that name."""
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def whole_number(raw: str, digits: int) -> int | None:
    """A number out of an address or a hidden field; None for whatever is none or longer than that."""
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= digits else None


def site_root() -> str:
    """The portal's address as the public knows it, whatever name a visitor came in by."""
    return str(settings.PUBLIC_URL)


def absolute(root: str, path: str) -> str:
    """The whole address of one of our paths, for what is read outside the portal."""
    return urljoin(root, path)
