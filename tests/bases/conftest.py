"""What the tests of the pages share: clients in which somebody works."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from portal.acting import Acting
from portal.models import User

SignedIn = Callable[[Acting | User], Client]


@pytest.fixture
def signed_in(on_day: Callable[[date], None]) -> SignedIn:
    """A client in which that person is signed in, on the day of the tests."""

    def sign_in(who: Acting | User) -> Client:
        client = Client()
        user = who if isinstance(who, User) else who.user
        assert user is not None
        client.force_login(user)
        return client

    return sign_in
