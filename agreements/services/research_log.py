"""The time lines of projects, topics, requests and results: what was done, and what a correction changed (协议：知识产权)."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from agreements.models import BaseProject, PublicationRequest, ResearchEvent, Result, ThesisTopic
from portal.acting import Acting
from portal.models import StoredFile

Thing = BaseProject | ThesisTopic | PublicationRequest | Result
_MOST = 1500
_FIELDS = {BaseProject: "project", ThesisTopic: "topic", PublicationRequest: "request", Result: "result"}


def line(
    thing: Thing, kind: str, *, by: Acting, on: date, words: str = "", file: StoredFile | None = None
) -> ResearchEvent:
    """A line of the time line of a thing, not yet saved."""
    return ResearchEvent(
        **{_FIELDS[type(thing)]: thing}, kind=kind, words=words[:_MOST], on=on, by=by.user, by_name=by.name, role=by.role, file=file
    )  # fmt: skip


def log(
    thing: Thing, kind: str, *, by: Acting, on: date, words: str = "", file: StoredFile | None = None
) -> ResearchEvent:
    """Add a line to the time line of a thing."""
    made = line(thing, kind, by=by, on=on, words=words, file=file)
    made.save()
    return made


def differences(thing: models.Model, values: Mapping[str, Any]) -> Iterator[str]:
    """What new values change, each as the name of the field with what it was and what it becomes."""
    for name, value in values.items():
        before = getattr(thing, name)
        if before != value:
            field = thing._meta.get_field(name)
            words = {"what": field.verbose_name, "before": _said(field, before), "after": _said(field, value)}  # type: ignore[union-attr]
            yield _("%(what)s：“%(before)s”改为“%(after)s”。") % words


def _said(field: Any, value: Any) -> str:
    if value is None or value == "":
        return _("（空）")
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else str(value)
