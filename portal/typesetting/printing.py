"""From HTML to the pages of a PDF, under the style sheet of its kind of document."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, NoReturn

from django.template.loader import render_to_string
from weasyprint import CSS, HTML
from weasyprint.urls import FatalURLFetchingError, URLFetcher

from portal.typesetting import fonts, grid
from portal.typesetting.characters import printable
from portal.typesetting.errors import ForeignResource


class _NoFetcher(URLFetcher):
    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> NoReturn:
        # After any other exception WeasyPrint goes on, and the document would lack a part.
        raise FatalURLFetchingError(url)


OFFICIAL: Final = "portal/documents/official.css"
CERTIFICATE: Final = "portal/documents/certificate.css"


def pdf_of(html: str, style: str = OFFICIAL) -> bytes:
    """A whole HTML document as PDF. Raises ForeignResource if it refers to anything outside itself."""
    return bytes(lay_out(html, style).write_pdf())


def lay_out(html: str, style: str) -> Any:
    """A whole HTML document laid out in pages under a style sheet, a template. Raises ForeignResource as `pdf_of` does."""
    try:
        return HTML(string=printable(html), url_fetcher=_NoFetcher()).render(stylesheets=[_style_sheet(style)])
    except FatalURLFetchingError as error:
        raise ForeignResource(str(error)) from error


@cache
def _style_sheet(template: str) -> CSS:
    css = render_to_string(template, {"grid": grid.measures(), "fonts": fonts.families()})
    return CSS(string=css, url_fetcher=_NoFetcher())
