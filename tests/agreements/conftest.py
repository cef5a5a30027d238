"""What the tests of the agreements share: signed-in clients, a base with posts and students that a module settles once, and a base that many tests begin with."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client, override_settings

from bases.models import Base
from portal import clock
from portal.acting import Acting
from tests.agreements.placing import Placing, settle
from tests.conftest import TODAY
from tests.factories import World


@pytest.fixture
def signed_in(on_day: Callable[[date], None]) -> Callable[[Acting], Client]:
    """A client in which that person works in their one role."""

    def sign_in(acting: Acting) -> Client:
        client = Client(headers={"accept-language": "zh-hans"})
        assert acting.user is not None
        client.force_login(acting.user)
        return client

    return sign_in


@dataclass(frozen=True)
class Cooperating:
    """What the tests of agreements begin with: everybody, and a base in construction since today."""

    world: World
    base: int


@pytest.fixture(scope="module")
def cooperating(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Cooperating]:
    """Built once for a module; each test begins from it and is taken back to it."""
    quick = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    folder = tmp_path_factory.mktemp("files")
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(PASSWORD_HASHERS=quick, MEDIA_ROOT=folder):
            world = World.create()
            base = world.constructing(TODAY)
        yield Cooperating(world, base.pk)
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def _settled_placing(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Placing]:
    files: Path = tmp_path_factory.mktemp("files")
    quick = override_settings(MEDIA_ROOT=files, PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])
    with quick, django_db_blocker.unblock(), transaction.atomic():
        yield settle(World.create(), TODAY)
        transaction.set_rollback(True)


@pytest.fixture
def placing(_settled_placing: Placing, db: None) -> Placing:
    """A base with a post of four places, two mentors, eight students, and an agreement in force; what a test does is undone."""
    return deepcopy(_settled_placing)


@pytest.fixture(scope="module")
def _cooperation(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[tuple[World, Base]]:
    """A base under construction, made once a module; what a test does to it is undone."""
    changed = override_settings(
        DEMO=True, MEDIA_ROOT=tmp_path_factory.mktemp("files"),
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    )  # fmt: skip
    with changed, django_db_blocker.unblock(), transaction.atomic():
        clock.move_to(TODAY)
        world = World.create()
        yield world, world.constructing(TODAY)
        transaction.set_rollback(True)


@pytest.fixture
def cooperation(_cooperation: tuple[World, Base], db: None) -> tuple[World, Base]:
    """Everybody, and a base under construction without an agreement."""
    return deepcopy(_cooperation)
