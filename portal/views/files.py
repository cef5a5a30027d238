import logging
from uuid import UUID

from django.http import FileResponse, Http404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from portal.access import EVERYONE, open_to
from portal.http import Request
from portal.models import StoredFile
from portal.uploads import may_download

log = logging.getLogger(__name__)
CONTENT_TYPES = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg"}


@open_to(EVERYONE)
@require_safe
def download(request: Request, key: UUID) -> FileResponse:
    """A file for those who may see what it belongs to; for everybody else it does not exist."""
    stored = StoredFile.objects.filter(key=key).first()
    if stored is None or not may_download(request.acting, stored):
        raise Http404
    try:
        content = stored.file.open("rb")
    except FileNotFoundError:
        log.exception("file %s is missing on disk", stored.key)
        raise Http404 from None
    response = FileResponse(content, content_type=CONTENT_TYPES.get(stored.kind, "application/octet-stream"))
    response["Content-Disposition"] = content_disposition_header(stored.kind not in CONTENT_TYPES, stored.name) or ""
    response["X-Content-Type-Options"] = "nosniff"
    # A sandbox can keep a browser's own PDF viewer from opening; the PDF itself runs nothing under this policy.
    sandbox = "" if stored.kind == "pdf" else "sandbox; "
    response["Content-Security-Policy"] = f"{sandbox}default-src 'none'; style-src 'unsafe-inline'; object-src 'self'"
    response["Cache-Control"] = "private, no-store"
    return response
