"""Official documents as PDF, in the form of GB/T 9704-2012 (党政机关公文格式).

`render_pdf` sets a template of `templates/portal/documents/` on A4 paper; the templates extend `official.html`
there and put its building blocks (`_head.html`, `_body.html`, `_closing.html`, `_annex.html`) together.

Long forms (申请书) are booklets (`portal.typesetting.booklet`), set as PDF or as a Word file.
"""

from typing import Any

from django.template.loader import render_to_string

from portal.typesetting.booklet import Booklet, OnStep
from portal.typesetting.elements import chinese_date, official_elements
from portal.typesetting.errors import ForeignResource

__all__ = ["ForeignResource", "chinese_date", "render_booklet_as_docx", "render_booklet_as_pdf", "render_pdf"]


def render_pdf(template: str, context: dict[str, Any]) -> bytes:
    """An official document as PDF, A4.

    `template` extends `portal/documents/official.html`. The templates see `context` and, as `official`, what
    `official_elements` makes of it. Text is escaped: markup in a name prints as it was typed. The same input on the
    same machine gives the same bytes. About 0.4 s, and 10 to 20 ms for each row of an annex: a task for the worker.

    Raises ForeignResource if the template refers to anything outside itself: nothing is fetched from disk or network.
    """
    html = render_to_string(template, {**context, "official": official_elements(context)})
    # WeasyPrint takes two seconds to import, which most processes need not spend.
    from portal.typesetting.printing import pdf_of

    return pdf_of(html)


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
