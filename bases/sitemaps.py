from datetime import date

from django.db.models import QuerySet
from django.urls import reverse

from bases import published
from bases.models import Base
from portal.sitemaps import PublicSitemap


class Bases(PublicSitemap):
    """The pages of all recognised bases, living and ended."""

    def items(self) -> QuerySet[Base]:
        """The bases that have a public page."""
        return published.changes()

    def location(self, item: Base) -> str:
        """The page of a base."""
        return reverse("public-base", args=[item.pk])

    def lastmod(self, item: Base) -> date | None:
        """The day of its last public move."""
        return item.changed_on  # type: ignore[attr-defined]
