"""From HTML to the bytes of a PDF, under the style sheet of official documents."""

from collections.abc import Mapping
from functools import cache
from typing import NoReturn

from django.template.loader import render_to_string
from weasyprint import CSS, HTML
from weasyprint.urls import FatalURLFetchingError, URLFetcher

from portal.typesetting import fonts, grid
from portal.typesetting.errors import ForeignResource


class _NoFetcher(URLFetcher):
    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> NoReturn:
        # After any other exception WeasyPrint goes on, and the document would lack a part.
        raise FatalURLFetchingError(url)


def pdf_of(html: str) -> bytes:
    """A whole HTML document as PDF. Raises ForeignResource if it refers to anything outside itself."""
    try:
        return bytes(HTML(string=html, url_fetcher=_NoFetcher()).write_pdf(stylesheets=[_style_sheet()]))
    except FatalURLFetchingError as error:
        raise ForeignResource(str(error)) from error


@cache
def _style_sheet() -> CSS:
    css = render_to_string("portal/documents/official.css", {"grid": grid.measures(), "fonts": fonts.families()})
    return CSS(string=css, url_fetcher=_NoFetcher())
