"""Sections of a base's page that the floors above contribute: a template and what it shows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from bases.models import Base
from portal.acting import Acting


@dataclass(frozen=True)
class Section:
    """One section of the page, drawn by its own template with its own context."""

    template: str
    context: dict[str, Any]


Source = Callable[[Base, Acting, date], list[Section]]
PublicSource = Callable[[int, Acting, date], list[Section]]
_sources: list[Source] = []
_public_sources: list[PublicSource] = []


def register(source: Source) -> None:
    """Add a source of sections; it decides what the person may see of its own data."""
    if source not in _sources:
        _sources.append(source)


def for_base(base: Base, acting: Acting, on: date) -> list[Section]:
    """The sections of one base for one person, lowest floor first."""
    return [section for source in _sources for section in source(base, acting, on)]


def register_public(source: PublicSource) -> None:
    """Add a source of sections of a base's public page: given the base's key, it shows what is public of its own."""
    if source not in _public_sources:
        _public_sources.append(source)


def for_public_base(pk: int, acting: Acting, on: date) -> list[Section]:
    """The sections of one base's public page, lowest floor first."""
    return [section for source in _public_sources for section in source(pk, acting, on)]
