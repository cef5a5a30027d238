"""Places to go, handed down by the floors above: the side navigation of a role, the public pages, shortcuts of a page."""

from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.functional import Promise

from portal.roles import PUBLIC

Text = str | Promise


@dataclass(frozen=True)
class Entry:
    """One place to go, for some roles."""

    label: Text
    url_name: str
    icon: str
    roles: frozenset[str]
    order: int
    url: str = ""
    active: bool = False
    # Pages that lie elsewhere and still belong here, by the names of their addresses.
    within: tuple[str, ...] = ()


@dataclass(frozen=True)
class PublicPage:
    """One place that is open to everybody; ``text`` and ``articles`` say on the welcome page what is to be found there."""

    label: Text
    url_name: str
    icon: str
    text: Text
    articles: str
    order: int
    url: str = ""
    active: bool = False


@dataclass(frozen=True)
class Feed:
    """What a reader may subscribe to; every public page names it."""

    label: Text
    url_name: str
    url: str = ""


@dataclass(frozen=True)
class Shortcut:
    """What a page of a lower floor offers on behalf of a higher one: "新建申报" on the list of bases."""

    place: str
    label: Text
    url_name: str
    roles: frozenset[str]
    order: int
    url: str = ""


_entries: list[Entry] = []
_public: list[PublicPage] = []
_feeds: list[Feed] = []
_shortcuts: list[Shortcut] = []
_role_page: list[str] = []


def _roles(roles: frozenset[str]) -> frozenset[str]:
    return frozenset(str(role) for role in roles)


def register(
    label: Text, url_name: str, icon: str, roles: frozenset[str], order: int, within: tuple[str, ...] = ()
) -> None:
    """Add a place to the side navigation, at most seven a role; ``icon`` is a name of bootstrap-icons.

    ``within`` names the pages that belong to the place and lie at other addresses, with all below them.
    """
    entry = Entry(label, url_name, icon, _roles(roles), order, within=within)
    if entry not in _entries:
        _entries.append(entry)


def entries(role: str, path: str) -> list[Entry]:
    """The places of a role in their order; the one that ``path`` lies in is active."""
    if role == PUBLIC:
        return []
    own = [
        replace(entry, url=reverse(entry.url_name))
        for entry in sorted(_entries, key=lambda e: e.order)
        if role in entry.roles
    ]
    inside = [
        (url, entry.url)
        for entry in own
        for url in (entry.url, *map(reverse, entry.within))
        if path == url or (url != "/" and path.startswith(url))
    ]
    best = max(inside, key=lambda found: len(found[0]), default=("", None))[1]
    return [replace(entry, active=entry.url == best) for entry in own]


def register_public(label: Text, url_name: str, icon: str, text: Text, articles: str, order: int) -> None:
    """Add a page that everybody may open to the top bar and the welcome page."""
    page = PublicPage(label, url_name, icon, text, articles, order)
    if page not in _public:
        _public.append(page)


def public_pages(path: str) -> list[PublicPage]:
    """The public pages in their order; the one at ``path`` is active."""
    found = [replace(page, url=reverse(page.url_name)) for page in sorted(_public, key=lambda p: p.order)]
    return [replace(page, active=page.url == path) for page in found]


def register_feed(label: Text, url_name: str) -> None:
    """Let the pages name a feed, so that readers find it by themselves."""
    feed = Feed(label, url_name)
    if feed not in _feeds:
        _feeds.append(feed)


def feeds() -> list[Feed]:
    """What may be subscribed to."""
    return [replace(feed, url=reverse(feed.url_name)) for feed in _feeds]


def register_shortcut(place: str, label: Text, url_name: str, roles: frozenset[str], order: int = 50) -> None:
    """Offer a page of a higher floor on the page ``place`` of a lower one."""
    shortcut = Shortcut(place, label, url_name, _roles(roles), order)
    if shortcut not in _shortcuts:
        _shortcuts.append(shortcut)


def shortcuts(place: str, role: str) -> list[Shortcut]:
    """What a page offers to a role, the first one most prominently."""
    own = [s for s in sorted(_shortcuts, key=lambda s: s.order) if s.place == place and role in s.roles]
    return [replace(shortcut, url=reverse(shortcut.url_name)) for shortcut in own]


def register_role_page(url_name: str) -> None:
    """Say on which page a person chooses the role to act in."""
    _role_page[:] = [url_name]


def role_page() -> str:
    """The address of the page on which a person chooses the role to act in."""
    return reverse(_role_page[0])
