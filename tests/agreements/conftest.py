"""What the tests of the agreements share: signed-in clients."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from portal.acting import Acting


@pytest.fixture
def signed_in(on_day: Callable[[date], None]) -> Callable[[Acting], Client]:
    """A client in which that person works in their one role."""

    def sign_in(acting: Acting) -> Client:
        client = Client(headers={"accept-language": "zh-hans"})
        assert acting.user is not None
        client.force_login(acting.user)
        return client

    return sign_in
