from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import gettext as _

from applications import published
from applications.models import PublicNotice
from bases.models import Department
from portal.http import Request, absolute, site_root

NEWEST = 50


class NoticeFeed(Feed):
    """The newest notices in Atom, for whoever wants to be told of a new one (第八条（二）（四）)."""

    feed_type = Atom1Feed

    def get_object(self, request: Any, *args: Any, **kwargs: Any) -> Request:
        """The request itself: whose portal, on which day."""
        self.root = site_root()
        self.department = str(Department.objects.first() or _("教育厅"))
        return request

    def title(self, obj: Request) -> str:
        """What the list of subscriptions calls it."""
        return _("公示公告 · 研究生联合培养基地管理平台")

    def subtitle(self, obj: Request) -> str:
        """What comes in it."""
        return _("培养单位和教育厅发布的公示。公示期内，单位和个人可以用真实姓名提出异议。")

    def link(self, obj: Request) -> str:
        """The page with the same notices."""
        return absolute(self.root, reverse("public-notices"))

    def feed_url(self, obj: Request) -> str:
        """The feed's own address, which is its name too."""
        return absolute(self.root, reverse("public-notices-feed"))

    feed_guid = feed_url

    def items(self, obj: Request) -> Iterable[PublicNotice]:
        """The newest notices."""
        return published.found(published.Filters(), obj.acting, obj.today)[:NEWEST]

    def item_title(self, item: PublicNotice) -> str:
        """The title, which Atom takes as plain text; of a withdrawn notice it says so."""
        withdrawn = item.state == PublicNotice.State.WITHDRAWN
        return _("（已撤回）%(title)s") % {"title": item.title} if withdrawn else item.title

    def item_description(self, item: PublicNotice) -> str:
        """Who lists how many bases until when, as a sentence."""
        return escape(
            _("%(issuer)s公示%(n)s个基地，公示期至 %(end)s 24 时。")
            % {"issuer": self.item_author_name(item), "n": item.listed, "end": item.ends_on.isoformat()}  # type: ignore[attr-defined]
        )

    def item_link(self, item: PublicNotice) -> str:
        """The page of the notice."""
        return absolute(self.root, reverse("public-notice", args=[item.pk]))

    def item_author_name(self, item: PublicNotice) -> str:
        """In whose name it stands."""
        return item.issuer_unit.name if item.issuer_unit else self.department

    def item_categories(self, item: PublicNotice) -> list[str]:
        """The kind of notice."""
        return [item.get_kind_display()]

    def item_pubdate(self, item: PublicNotice) -> datetime:
        """The day on which it was published."""
        return _beginning(item.published_on)

    def item_updateddate(self, item: PublicNotice) -> datetime:
        """The same day, since a notice does not change while it is out; or the one on which it was withdrawn."""
        return _beginning(item.withdrawn_on or item.published_on)


def _beginning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
