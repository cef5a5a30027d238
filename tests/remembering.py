"""A world whose steps are carried out by the services once a process; whoever takes the same ones after that finds their rows again.

Nearly every test begins with a base that has come some way, always the same way. The first test that needs it walks; what the
walk has written, rows with their keys and files, is kept, and laid down again for the next. That holds only while nothing else
was written, no setting changed and nothing patched: from the first such act on, a test's steps are carried out as ever.
"""

import io
import os
import pickle
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import wraps
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import LazySettings, settings
from django.core import mail
from django.db import connection, models

from evaluations.demo import Play
from tests.factories import World

Key = tuple[Any, ...]
# By table, by primary key, the row as PostgreSQL writes it.
Rows = dict[str, dict[str, str]]

# What a sign-in and the moved date of the demo write; no step reads it.
ASIDE = ("django_session", "portal_clockshift")
SIGNED_IN = 'UPDATE "portal_user" SET "last_login"'
READS = re.compile(r"\s*(SELECT|SAVEPOINT|RELEASE SAVEPOINT|SHOW)\b")
# Who takes more steps than that walks alone, and all that is kept lies in memory.
MOST = 12
# They only look something up.
NO_STEPS = {"application", "quota", "expert_users", "fill"}


class NotKnown(Exception):
    """A value of which it cannot be said whether two of them are the same."""


@dataclass
class Walked:
    """What a step has left behind: all rows since the beginning of the test, and of these what is new."""

    whole: Rows
    new: Rows
    gone: Rows
    files: dict[str, Path]
    result: Any
    counters: bytes


_walked: dict[Key, Walked] = {}


class Patches(pytest.MonkeyPatch):
    """A monkeypatch that knows whether anything was patched; what pytest-django patches before every test does not count."""

    def __init__(self) -> None:
        super().__init__()
        self.any = False

    def setattr(self, *args: Any, **kwargs: Any) -> None:
        self.any |= args[0] is not mail.message
        super().setattr(*args, **kwargs)

    def delattr(self, *args: Any, **kwargs: Any) -> None:
        self.any = True
        super().delattr(*args, **kwargs)

    def setitem(self, *args: Any, **kwargs: Any) -> None:
        self.any = True
        super().setitem(*args, **kwargs)

    def delitem(self, *args: Any, **kwargs: Any) -> None:
        self.any = True
        super().delitem(*args, **kwargs)


class Memory:
    """What one test has done since it began, in a transaction that will be rolled back."""

    def __init__(self, kept_files: Path, patches: Patches) -> None:
        self.kept_files, self.patches = kept_files, patches
        self.history: Key = (_settings(),)
        self.disturbed = False
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()::text::bigint")
            self.began = cursor.fetchone()[0]

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Notice what others write."""

        def watch(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
            if not READS.match(str(sql)) and not any(f'"{table}"' in sql for table in ASIDE) and SIGNED_IN not in sql:
                self.disturbed = True
            return execute(sql, params, many, context)

        with connection.execute_wrapper(watch):
            yield

    def take(self, key: Key, world: World | None, step: Callable[[], Any], given: tuple[Any, ...] = ()) -> Any:
        """What the step gives: walked now, or found again."""
        if self.disturbed or self.patches.any or len(self.history) > MOST or self.history[0] != _settings():
            return step()
        before, then = self.history, (*self.history, key)
        if known := _walked.get(then):
            self._lay_down(known)
            self.history = then
            if world is not None:
                world.made, world.names = pickle.loads(known.counters)  # noqa: S301 - written by ourselves
            return _back(known.result, given)
        result = step()
        if (
            (self.disturbed or self.history != before)
            and connection.in_atomic_block
            and not connection.needs_rollback
            and not self.patches.any
            and self.history[0] == _settings()
        ):
            try:
                kept = _keep(result, given)
            except NotKnown:
                return result
            self._remember(before, then, kept, world if world is not None else result)
        return result

    def _remember(self, before: Key, then: Key, result: Any, world: World) -> None:
        whole = self._rows()
        earlier = _walked[before].whole if before in _walked else {}
        if len(before) > 1 and whole["portal_user"].keys() != earlier["portal_user"].keys():
            return
        new, gone = {}, {}
        for table, rows in whole.items():
            had = earlier.get(table, {})
            changed = {pk: row for pk, row in rows.items() if had.get(pk) != row}
            if len(before) > 1 and table == "portal_user":
                changed = {}
            rows.update((pk, row) for pk, row in had.items() if rows.get(pk) == row)  # the same text once
            if changed:
                new[table] = changed
            replaced = {pk: "" for pk in [*changed, *(had.keys() - rows.keys())] if pk in had or pk in _migrated(table)}
            if replaced:
                gone[table] = replaced
        counters = pickle.dumps((world.made, world.names))
        _walked[then] = Walked(whole, new, gone, self._files(_walked.get(before)), result, counters)
        self.history, self.disturbed = then, False

    def _rows(self) -> Rows:
        found = {}
        with connection.cursor() as cursor:
            for table in _written(cursor) & _tables().keys():
                pk, columns = _tables()[table]
                out = io.StringIO()
                cursor.copy_expert(
                    f'COPY (SELECT "{pk}", {columns} FROM "{table}" WHERE xmin::text::bigint >= {self.began}) TO STDOUT',  # noqa: S608
                    out,
                )
                found[table] = dict(line.split("\t", 1) for line in out.getvalue().splitlines())
        return found

    def _files(self, earlier: Walked | None) -> dict[str, Path]:
        root = Path(settings.MEDIA_ROOT)
        kept = dict(earlier.files) if earlier else {}
        for path in root.rglob("*"):
            name = str(path.relative_to(root))
            if path.is_file() and name not in kept:
                kept[name] = self.kept_files / f"{len(list(self.kept_files.iterdir()))}"
                shutil.copy2(path, kept[name])
        return kept

    def _lay_down(self, known: Walked) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            for table, rows in known.gone.items():
                pk = _tables()[table][0]
                cursor.execute(f'DELETE FROM "{table}" WHERE "{pk}"::text = ANY(%s)', [list(rows)])  # noqa: S608
            for table, rows in known.new.items():
                text = io.StringIO("".join(f"{row}\n" for row in rows.values()))
                cursor.copy_expert(f'COPY "{table}" ({_tables()[table][1]}) FROM STDIN', text)
            cursor.execute("SET LOCAL session_replication_role = origin")
        for name, kept in known.files.items():
            path = Path(settings.MEDIA_ROOT) / name
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                os.link(kept, path)
        self.disturbed = False


class Remembered(World):
    """A world that remembers how its steps went in the tests before."""

    memory: Memory | None = None


def _remembered(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def step(self: Remembered, *args: Any, **kwargs: Any) -> Any:
        if self.memory is None:
            return method(self, *args, **kwargs)
        try:
            own = tuple((field.name, _said(getattr(self, field.name))) for field in fields(self))
            key = (name, own, _said(args), _said(tuple(sorted(kwargs.items()))))
        except NotKnown:
            return method(self, *args, **kwargs)
        return self.memory.take(key, self, lambda: method(self, *args, **kwargs), (*args, *kwargs.values()))

    return step


for _name, _method in vars(Play).items():
    if not _name.startswith("_") and callable(_method) and _name not in NO_STEPS:
        setattr(Remembered, _name, _remembered(_name, _method))


@contextmanager
def world(kept_files: Path, patches: Patches) -> Iterator[World]:
    """The world of a test: one that remembers, if the test has a transaction in which nothing was written so far."""
    if patches.any or not _can_remember():
        yield World.create()
        return
    memory = Memory(kept_files, patches)
    with memory.watching():
        found = memory.take(("world",), None, Remembered.create)
        if memory.history[1:] == (("world",),):
            found.memory = memory
        yield found


def _can_remember() -> bool:
    if not connection.in_atomic_block:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser') = 'on'")
        return bool(cursor.fetchone()[0]) and _written(cursor) <= set(ASIDE)


def _written(cursor: Any) -> set[str]:
    """The tables to which this transaction has written."""
    cursor.execute("SELECT relname FROM pg_stat_xact_user_tables WHERE n_tup_ins + n_tup_upd + n_tup_del > 0")
    return {row[0] for row in cursor.fetchall()}


def _settings() -> Key:
    """Every setting that was changed since the start, but where files and sessions lie and whether the date may be moved."""
    changed: dict[str, str] = {}
    holder: Any = settings._wrapped if isinstance(settings, LazySettings) else settings
    while "default_settings" in vars(holder):
        for name, value in vars(holder).items():
            if name.isupper() and name not in {"MEDIA_ROOT", "SESSION_ENGINE", "DEMO"}:
                changed.setdefault(name, repr(value))
        holder = holder.default_settings
    return tuple(sorted(changed.items()))


_known_tables: dict[str, tuple[str, str]] = {}
_known_rows: dict[str, set[str]] = {}


def _tables() -> dict[str, tuple[str, str]]:
    """Every table that a step may write to, with its primary key and its columns."""
    if not _known_tables:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            if model._meta.managed and not model._meta.proxy and table not in ASIDE:
                columns = [each.column for each in model._meta.local_concrete_fields if not each.generated]
                _known_tables[table] = (model._meta.pk.column, ", ".join(f'"{column}"' for column in columns))
    return _known_tables


def note_migrated(rows: dict[str, set[str]]) -> None:
    """Say which rows are there before any test, by table."""
    _known_rows.update(rows)


def _migrated(table: str) -> set[str]:
    return _known_rows.get(table, set())


def _said(value: Any) -> Any:
    """A value as part of a key; raises NotKnown for what is not plain enough."""
    if value is None or isinstance(value, str | int | bool | Decimal | date | Enum):
        return type(value).__name__, value
    if isinstance(value, models.Model):
        return value._meta.label, value.pk
    if isinstance(value, list | tuple):
        return tuple(_said(each) for each in value)
    if isinstance(value, dict):
        return tuple((name, _said(each)) for name, each in value.items())
    if is_dataclass(value):
        return type(value).__name__, *(_said(getattr(value, field.name)) for field in fields(value))
    if callable(value) and getattr(value, "__name__", "<lambda>") != "<lambda>":
        return value.__module__, value.__qualname__
    raise NotKnown(value)


def _keep(result: Any, given: tuple[Any, ...]) -> Any:
    for place, each in enumerate(given):
        if result is each and result is not None:
            return "given", place
    if isinstance(result, models.Model):
        return "row", (type(result), result.pk)
    if isinstance(result, World):
        return "pickle", pickle.dumps(result)
    if result is None:
        return "nothing", None
    raise NotKnown(result)


def _back(kept: Any, given: tuple[Any, ...]) -> Any:
    how, what = kept
    if how == "given":
        return given[what]
    if how == "row":
        return what[0]._base_manager.get(pk=what[1])
    return pickle.loads(what) if how == "pickle" else None  # noqa: S301 - written by ourselves
