"""The side navigation: at most seven entries a role, handed down by the floors above."""

from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.functional import Promise

from portal.roles import PUBLIC


@dataclass(frozen=True)
class Entry:
    """One place to go, for some roles."""

    label: str | Promise
    url_name: str
    icon: str
    roles: frozenset[str]
    order: int
    url: str = ""
    active: bool = False


_entries: list[Entry] = []


def register(label: str | Promise, url_name: str, icon: str, roles: frozenset[str], order: int) -> None:
    """Add a place; ``icon`` is a name of bootstrap-icons."""
    entry = Entry(label, url_name, icon, frozenset(str(role) for role in roles), order)
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
    best = max((entry.url for entry in own if path.startswith(entry.url)), key=len, default=None)
    return [replace(entry, active=entry.url == best) for entry in own]
