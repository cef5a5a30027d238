"""Official documents as PDF, in the form of GB/T 9704-2012 (党政机关公文格式).

`render_pdf` sets a template of `templates/portal/documents/` on A4 paper; the templates extend `official.html`
there and put its building blocks (`_head.html`, `_body.html`, `_closing.html`) together. Annexes (附件) follow it as data.
`render_table` sets a table that is a paper of its own, `render_certificate` a certificate.

What is issued gets its code and QR code afterwards, whatever set it (`portal.typesetting.stamping`).

Long forms (申请书) are booklets (`portal.typesetting.booklet`), set as PDF or as a Word file.
"""

from typing import Any

from django.template.loader import render_to_string

from portal.typesetting.booklet import Booklet, OnStep
from portal.typesetting.certificate import Certificate
from portal.typesetting.elements import Annex, annex_labels, chinese_date, imprint, official_elements
from portal.typesetting.errors import ForeignResource

__all__ = [
    "Annex",
    "Certificate",
    "ForeignResource",
    "chinese_date",
    "render_booklet_as_docx",
    "render_booklet_as_pdf",
    "render_certificate",
    "render_pdf",
    "render_table",
]


def render_pdf(template: str, context: dict[str, Any]) -> bytes:
    """An official document as PDF, A4, its annexes (附件) behind it, the pages counted through.

    `template` extends `portal/documents/official.html`. The templates see `context` and, as `official`, what
    `official_elements` makes of it. `annexes` of the context are a list of `Annex`; 附件说明 lists them, and behind them the
    names in `attachments`, which lie beside the document. Text is escaped: markup in a name prints as it was typed. The
    same input on the same machine gives the same bytes. About 0.4 s, and a second for each thousand rows of an annex: a
    task for the worker.

    Raises ForeignResource if the template refers to anything outside itself: nothing is fetched from disk or network.
    """
    official = official_elements(context)
    html = render_to_string(template, {**context, "official": official})
    # WeasyPrint takes two seconds to import, which most processes need not spend.
    from portal.typesetting.printing import pdf_of

    document = pdf_of(html)
    if not context.get("annexes"):
        return document
    from portal.typesetting.annexes import annexes_behind

    return annexes_behind(
        document,
        context["annexes"],
        labels=annex_labels(context),
        imprint=official["imprint"],
        colophon=official["colophon"],
    )


def render_table(table: Annex, *, author: str, signed: bool = False) -> bytes:
    """A table (or text) that is a paper of its own, as PDF, A4, in the form of an annex without the label 附件.

    `author` stands in the properties of the file; `signed` is what `render_pdf` takes.
    """
    from portal.typesetting.annexes import annex_pages

    return annex_pages(
        [table],
        [""],
        first_page=1,
        imprint=imprint({"signed": signed}),
        title=table["title"],
        author=author,
    )


def render_certificate(certificate: Certificate) -> bytes:
    """A certificate (证书) as PDF, one page, A4 across."""
    html = render_to_string("portal/documents/certificate.html", {"certificate": certificate})
    from portal.typesetting.printing import CERTIFICATE, pdf_of

    return pdf_of(html, CERTIFICATE)


def render_booklet_as_pdf(booklet: Booklet, on_step: OnStep) -> bytes:
    """A long form as PDF, A4, `on_step` told of every page; some seconds for thirty pages: a task for the worker.

    Raises ForeignResource as `render_pdf` does.
    """
    from portal.typesetting.booklet_pdf import booklet_as_pdf

    return booklet_as_pdf(booklet, on_step)


def render_booklet_as_docx(booklet: Booklet, on_step: OnStep) -> bytes:
    """A long form as a Word file with the same words in the same order as its PDF."""
    from portal.typesetting.booklet_word import booklet_as_docx

    return booklet_as_docx(booklet, on_step)
