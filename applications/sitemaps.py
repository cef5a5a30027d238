from datetime import date

from django.db.models import QuerySet
from django.urls import reverse

from applications import queries
from applications.models import PublicNotice
from portal.acting import ANYBODY
from portal.sitemaps import PublicSitemap


class Notices(PublicSitemap):
    """The pages of all public notices."""

    def items(self) -> QuerySet[PublicNotice]:
        """The notices that everybody may read."""
        return queries.notices(ANYBODY)

    def location(self, item: PublicNotice) -> str:
        """The page of a notice."""
        return reverse("public-notice", args=[item.pk])

    def lastmod(self, item: PublicNotice) -> date:
        """The day on which it was published, or withdrawn."""
        return item.withdrawn_on or item.published_on
