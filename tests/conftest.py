"""Fixtures that every subject uses: a fixed day, files that are what they say, people in their roles."""

from datetime import date
from typing import Any

import pytest

from portal import clock, jobs
from tests.factories import World, pdf_upload

TODAY = date(2026, 11, 24)


@pytest.fixture
def today() -> date:
    """A Tuesday whose following working days need no luck."""
    return TODAY


@pytest.fixture
def pdf():
    """Makes uploads of a real PDF."""
    return pdf_upload


@pytest.fixture(autouse=True)
def _stored_files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Outside the tests about the worker, woken jobs stay in the outbox, where they can be counted."""
    if "worker" not in request.fixturenames:
        monkeypatch.setattr(jobs, "wake", lambda job_id: None)


@pytest.fixture
def on_day(settings: Any, db: None, today: date):
    """Moves the portal's date, as a demo may."""
    settings.DEMO = True
    clock.move_to(today)
    return clock.move_to


@pytest.fixture
def world(db: None) -> World:
    """One department, two units, two partners, five experts, everybody in their role."""
    return World.create()
