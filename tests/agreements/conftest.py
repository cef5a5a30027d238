"""What the tests of the agreements share: signed-in clients."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.test import Client, override_settings

from portal.acting import Acting
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
