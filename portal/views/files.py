import logging
from uuid import UUID

from django.http import FileResponse, Http404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from portal.access import EVERYONE, open_to
from portal.http import XLSX, Request
from portal.models import StoredFile
from portal.uploads import may_download

log = logging.getLogger(__name__)
CONTENT_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "xlsx": XLSX,
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
# What a browser shows by itself; everything else is saved.
SHOWN = {"pdf", "png", "jpg"}


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
    saved = stored.kind not in SHOWN or "download" in request.GET
    response["Content-Disposition"] = content_disposition_header(saved, stored.name) or ""
    response["X-Content-Type-Options"] = "nosniff"
    # Our own pages show a PDF in a frame; of the rest nobody needs that.
    is_pdf = stored.kind == "pdf"
    response["X-Frame-Options"] = "SAMEORIGIN" if is_pdf else "DENY"
    ancestors = "'self'" if is_pdf else "'none'"
    # A sandbox can keep a browser's own PDF viewer from opening; the PDF itself runs nothing under this policy.
    sandbox = "" if is_pdf else "sandbox; "
    response["Content-Security-Policy"] = (
        f"{sandbox}default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors {ancestors}"
    )
    response["Cache-Control"] = "private, no-store"
    return response
