"""What the layout shows on every page."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.conf import settings
from django.utils.translation import gettext as _

from portal import inbox, navigation
from portal.acting import ANYBODY, Acting
from portal.http import Request
from portal.navigation import Feed, PublicPage


@dataclass
class Shell:
    """The frame around a page: who acts, where they can go, how much waits."""

    request: Request

    @property
    def site_name(self) -> str:
        return _("研究生联合培养基地管理平台")

    @property
    def acting(self) -> Acting:
        return getattr(self.request, "acting", ANYBODY)

    @cached_property
    def navigation(self) -> list[navigation.Entry]:
        return navigation.entries(self.acting.role, self.request.path)

    @cached_property
    def public_pages(self) -> list[PublicPage]:
        return navigation.public_pages(self.request.path)

    @cached_property
    def feeds(self) -> list[Feed]:
        return navigation.feeds() if self.acting.is_public else []

    @property
    def role_url(self) -> str:
        return navigation.role_page()

    @cached_property
    def inbox_items(self) -> list[inbox.Item]:
        return [] if self.acting.is_public else inbox.items(self.acting, self.today)

    @cached_property
    def inbox_count(self) -> int:
        """As of now on the inbox itself and after what was sent; on other pages perhaps as of a minute ago, for listing it is dear."""
        if self.acting.is_public:
            return 0
        session = self.request.session
        kept = inbox.kept_count(session, self.acting, self.today) if self.request.method in {"GET", "HEAD"} else None
        if kept is not None and "inbox_items" not in vars(self):
            return kept
        count = len(self.inbox_items)
        inbox.keep_count(session, self.acting, self.today, count)
        return count

    @property
    def membership_count(self) -> int:
        return getattr(self.request, "membership_count", 0)

    @property
    def today(self) -> date:
        return self.request.today

    @property
    def clock_moved(self) -> bool:
        return bool(getattr(self.request, "clock_shift", 0))

    icp = settings.SITE_ICP
    police = settings.SITE_POLICE
    gov_code = settings.SITE_GOV_CODE


def shell(request: Request) -> dict[str, Shell]:
    """Context processor of the layout; one frame a request, however many templates it takes."""
    if not hasattr(request, "shell"):
        request.shell = Shell(request)  # type: ignore[attr-defined]
    return {"shell": request.shell}  # type: ignore[attr-defined]
