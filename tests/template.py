"""The tests' database comes out of a template, migrated once for as long as the migrations stay as they are."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zlib import crc32

from django.core.management import call_command
from django.db import connection

ROOT = Path(__file__).resolve().parents[1]
APPS = ("portal", "bases", "agreements", "applications", "evaluations")
PREFIX = "tests_template_"
# What decides how a migrated database looks: our migrations, the lists that they read, their helpers, and the libraries' versions.
SOURCES = ("migrations/*.py", "data/*", "models/**/*.py", "models.py", "validators.py", "codes.py", "migrating.py")
LOCK = crc32(PREFIX.encode())


def name() -> str:
    """Another one for every state of the migrations."""
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for app in APPS:
        for path in sorted({path for pattern in SOURCES for path in (ROOT / app).glob(pattern) if path.is_file()}):
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return PREFIX + digest.hexdigest()[:20]


def ensure(meanwhile: Callable[[], object]) -> str:
    """The name of the template, which is there then; of several processes one makes it, the others do something ``meanwhile``."""
    wanted = name()
    with connection._nodb_cursor() as cursor:
        _need_not_survive_a_power_cut(cursor)
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            meanwhile()
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{PREFIX}%"])
        there = {row[0] for row in cursor.fetchall()}
        if wanted not in there:
            for other in there:  # of other migrations, or half done
                cursor.execute(f'DROP DATABASE "{other}"')
            making = f"{wanted}_new"
            cursor.execute(f'CREATE DATABASE "{making}"')
            _migrate(making)
            cursor.execute(f'ALTER DATABASE "{making}" RENAME TO "{wanted}"')
    return wanted  # the lock ends with the connection


def _need_not_survive_a_power_cut(cursor: Any) -> None:
    """The tests' own embedded database does not wait for the disk; one that DATABASE_URL names is left as it is."""
    if "DATABASE_URL" not in os.environ:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            cursor.execute(f"ALTER SYSTEM SET {setting} = off")
        cursor.execute("SELECT pg_reload_conf()")


def _migrate(database: str) -> None:
    usual = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = database
    try:
        call_command("migrate", verbosity=0, interactive=False)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual
