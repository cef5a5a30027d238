from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from applications import paper
from applications.models import Application, ApplicationFile
from applications.services import attachments, readiness
from applications.services.drafting import why_closed
from applications.views.declaring import draft_of, section_context
from portal.access import open_to
from portal.errors import Refused
from portal.http import Request, whole_number
from portal.roles import Role
from portal.uploads import KIND_NAMES

SECTION = paper.ATTACHMENTS.key
SEALED = ApplicationFile.Kind.SEALED_FORM


@dataclass
class Card:
    """One kind of attachment on the page: what it takes, what there is, what came of the last upload."""

    spec: paper.FileKind
    files: list[ApplicationFile]
    earlier: int
    errors: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        """Its name."""
        return str(ApplicationFile.Kind(self.spec.key).label)

    @property
    def sealed(self) -> bool:
        """Whether this is the scan of the signed and sealed paper itself."""
        return self.spec.key == SEALED

    @property
    def takes(self) -> str:
        """What it takes, in words."""
        wanted = "、".join(str(KIND_NAMES[kind]) for kind in self.spec.kinds)
        words = {"kinds": wanted, "mb": self.spec.max_mb, "n": self.spec.most}
        if self.spec.most == 1:
            return _("%(kinds)s，一个文件，不超过 %(mb)s MB。") % words
        return _("%(kinds)s，最多 %(n)s 个文件，每个不超过 %(mb)s MB。") % words

    @property
    def accept(self) -> str:
        """The extensions that the browser offers."""
        return ",".join(f".{kind}" for kind in self.spec.kinds)

    @property
    def room(self) -> int:
        """How many more files it takes."""
        return max(0, self.spec.most - len(self.files))


@open_to(Role.APPLICANT)
@require_safe
def application_attachments(request: Request, pk: int) -> HttpResponse:
    """The attachments by kind: what is there, what is needed, and the sealed scan that comes last."""
    application = draft_of(request, pk)
    closed = why_closed(application, request.today)
    if closed:
        messages.info(request, closed)
        return redirect("base", pk=application.base_id)
    return render(request, "applications/attachments.html", _page(request, application))


def _page(request: Request, application: Application) -> dict[str, Any]:
    context = section_context(request, application, SECTION)
    present = context["read"].files
    gone = ApplicationFile.objects.filter(application=application).exclude(removed_at=None)
    earlier = list(gone.values_list("kind", flat=True))
    # The paper lists the other attachments, so it is printed and sealed when they are there.
    kinds = sorted(paper.FILE_KINDS, key=lambda spec: spec.key == SEALED)
    cards = [Card(spec, [each for each in present if each.kind == spec.key], earlier.count(spec.key)) for spec in kinds]
    return context | {
        "cards": cards,
        "used": sum(each.stored.size for each in present),
        "most_mb": paper.MAX_TOTAL_MB,
        "changed_at": readiness.changed_after_sealing(application),
    }


@open_to(Role.APPLICANT)
@require_POST
def attachment_upload(request: Request, pk: int, kind: str) -> HttpResponse:
    """Keep the files that were chosen, each for itself: one that is refused does not hold up the others."""
    application, _spec = draft_of(request, pk), _kind(kind)
    closed = why_closed(application, request.today)
    if closed:
        return _closed(request, application, closed)
    replaces = _replaced(application, kind, request.POST.get("replaces", ""))
    errors: list[str] = []
    added: list[ApplicationFile] = []
    chosen = request.FILES.getlist("file")
    if not chosen:
        errors.append(_("还没有选择文件，请先选择再上传。"))
    if replaces is not None and len(chosen) > 1:
        errors.append(_("替换时只能选择一个文件，没有保存。"))
        chosen = []
    for upload in chosen:
        try:
            added.append(
                attachments.add(
                    application=application,
                    kind=kind,
                    upload=upload,
                    by=request.acting,
                    on=request.today,
                    replaces=replaces,
                )
            )
        except Refused as refusal:
            errors += [_("%(name)s：%(reason)s") % {"name": upload.name, "reason": why} for why in refusal.reasons]
    said = [_said(each) for each in added]
    return _answer(request, application, kind, errors, said)


def _replaced(application: Application, kind: str, raw: str) -> ApplicationFile | None:
    if not raw:
        return None
    return get_object_or_404(ApplicationFile, application=application, kind=kind, pk=whole_number(raw, 12) or 0)


def _said(file: ApplicationFile) -> str:
    words = _("已替换为 %(name)s。") if file.replaces_id else _("已上传 %(name)s。")
    said = words % {"name": file.stored.name}
    twin = attachments.same_elsewhere(file)
    if twin is not None:
        more = _("它与“%(kind)s”中的 %(name)s 内容完全相同，请确认没有选错。")
        said += more % {"kind": twin.get_kind_display(), "name": twin.stored.name}
    return said


@open_to(Role.APPLICANT)
@require_POST
def attachment_remove(request: Request, pk: int, file_pk: int) -> HttpResponse:
    """Take an attachment away; it stays among the earlier ones."""
    application = draft_of(request, pk)
    closed = why_closed(application, request.today)
    if closed:
        return _closed(request, application, closed)
    file = get_object_or_404(
        ApplicationFile.objects.select_related("application", "stored"), application=application, pk=file_pk
    )
    errors: list[str] = []
    said: list[str] = []
    try:
        removed = attachments.remove(file=file, by=request.acting, on=request.today)
        said.append(_("已移除 %(name)s，可以在“以前的文件”中查看。") % {"name": removed.stored.name})
    except Refused as refusal:
        errors += refusal.reasons
    return _answer(request, application, file.kind, errors, said)


@open_to(Role.APPLICANT)
@require_safe
def attachment_history(request: Request, pk: int, kind: str) -> HttpResponse:
    """Every file that there was of a kind: who brought it when, what it replaced, who took it away."""
    application, spec = draft_of(request, pk), _kind(kind)
    files = (
        ApplicationFile.objects.filter(application=application, kind=kind)
        .select_related("stored", "added_by", "removed_by", "replaces__stored", "replaced_by__stored")
        .order_by("-pk")
    )
    context = {"application": application, "spec": spec, "label": ApplicationFile.Kind(kind).label, "files": files}
    return render(request, "applications/attachment_history.html", context)


def _answer(request: Request, application: Application, kind: str, errors: list[str], said: list[str]) -> HttpResponse:
    """The card anew with what stands around it where the page asked for it, else the whole page."""
    asked: bool = bool(getattr(request, "htmx", False))
    if not errors and not asked:
        for sentence in said:
            messages.success(request, sentence)
        return redirect(reverse("application-attachments", args=[application.pk]) + f"#file_{kind}")
    context = _page(request, application)
    card = next(each for each in context["cards"] if each.spec.key == kind)
    card.errors, card.said = errors, said
    name = "applications/_attachment_answer.html" if asked else "applications/attachments.html"
    return render(request, name, context | {"card": card}, status=422 if errors else 200)


def _closed(request: Request, application: Application, why: str) -> HttpResponse:
    if not getattr(request, "htmx", False):
        raise Refused(why)
    messages.info(request, why)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = reverse("base", args=[application.base_id])
    return response


def _kind(key: str) -> paper.FileKind:
    if key not in paper.FILES_BY_KEY:
        raise Http404
    return paper.FILES_BY_KEY[key]
