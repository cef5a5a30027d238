"""The map of the public site for search engines; each floor hands up its own part."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from portal import navigation


class PublicSitemap(Sitemap):
    """A part of the map, under the address by which the outside knows the portal."""

    def __init__(self, root: str) -> None:
        self.root = urlsplit(root)

    def get_protocol(self, protocol: str | None = None) -> str:
        """The scheme of the portal's address, whatever the request came by."""
        return self.root.scheme

    def get_domain(self, site: Any = None) -> str:
        """The host of the portal's address."""
        return self.root.netloc


class PublicPages(PublicSitemap):
    """The home page and the pages of the top bar."""

    def items(self) -> Iterable[str]:
        """Their addresses."""
        return [reverse("home"), *(page.url for page in navigation.public_pages(""))]

    def location(self, item: str) -> str:
        """The address itself."""
        return item


_parts: dict[str, type[PublicSitemap]] = {"pages": PublicPages}


def register(name: str, part: type[PublicSitemap]) -> None:
    """Add a part to the map."""
    _parts[name] = part


def parts(root: str) -> dict[str, type[Sitemap] | Sitemap]:
    """Every part of the map; ``root`` is the portal's own address."""
    return {name: part(root) for name, part in _parts.items()}
