"""Fixtures that every subject uses: a fixed day, files that are what they say, people in their roles."""

import gc
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pgtrigger
import pytest
from django.apps import apps
from django.db import connections, models, transaction
from pytest_django.plugin import blocking_manager_key

from portal import clock, jobs, throttle
from portal.context import Shell
from tests import remembering, template
from tests.factories import World, pdf_upload, solved
from tests.serving import FirstStart

TODAY = date(2026, 11, 24)

# Migrations and pages make many small objects that live long; looking through them less often saves a tenth of the run.
gc.set_threshold(50_000, 20, 20)


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
def _public_address(settings: Any) -> None:
    settings.PUBLIC_URL = "http://testserver"


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _no_broker(request: pytest.FixtureRequest) -> Iterator[None]:
    """Outside the tests about the worker, woken jobs stay in the outbox, where they can be counted."""
    with pytest.MonkeyPatch.context() as patch:
        if "worker" not in request.fixturenames:
            patch.setattr(jobs, "wake", lambda job_id: None)
        yield


@pytest.fixture
def on_day(settings: Any, db: None, today: date):
    """Moves the portal's date, as a demo may."""
    settings.DEMO = True
    clock.move_to(today)
    return clock.move_to


@pytest.fixture(scope="session")
def kept_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of steps that later tests find again."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def monkeypatch(_no_broker: None) -> Iterator[pytest.MonkeyPatch]:
    """As ever, but the world notices it: with something patched its steps may go another way. Undone before what it stands on."""
    with remembering.Patches.context() as patches:
        yield patches


@pytest.fixture
def world(db: None, kept_files: Path, monkeypatch: remembering.Patches) -> Iterator[World]:
    """One department, two units, two partners, five experts, everybody in their role."""
    with remembering.world(kept_files, monkeypatch) as world:
        yield world


@pytest.fixture(autouse=True)
def _own_counts(settings: Any) -> None:
    """Every test counts its visitors by itself, in memory; a browser's sum is a small one."""
    settings.THROTTLE_STORAGE = "memory://"
    settings.HUMAN_CHECK_WORK = 50
    settings.PAPER_PATIENCE_SECONDS = 86_400  # a step that is remembered was walked some time ago
    settings.INBOX_COUNT_SECONDS = 0  # a test acts through the services, where no request is there to count anew
    throttle.forget_counts()


@pytest.fixture
def bare_frame(settings: Any, _no_broker: None) -> Iterator[None]:
    """For modules that open pages by the hundred: the number beside 待办, which lists all that waits, and the table of the sessions are the subjects of others."""
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Shell, "inbox_count", 0)
        yield


@pytest.fixture
def human() -> Callable[[], str]:
    """Does the sum that a browser does before a public form, and gives the value of its hidden field."""
    return solved


# Minutes each; begun first, so that the end of a run keeps both processes busy with small ones. Those that mostly wait for a
# browser stand between those that compute.
LONG = (
    "portal/test_access.py", "journeys/test_to_revocation.py", "portal/test_bad_input.py", "journeys/test_pages.py",
    "evaluations/test_demo.py", "journeys/test_application_form.py", "applications/test_printing.py",
    "journeys/test_to_demonstration.py", "portal/test_walls.py", "journeys/test_filling_in.py", "portal/test_floors.py",
    "portal/test_foundation.py", "portal/test_uploads.py", "applications/test_carry_over.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long modules come first, in the order of the list; the others stay as they were found."""
    tests = Path(__file__).parent
    places = {tests / name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path, len(LONG)))


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of one run of the tests share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def first_start(run_folder: Path) -> FirstStart:
    """The demo as a newcomer's first start leaves it, loaded once a run."""
    return FirstStart(run_folder / "first-start")


_FROM_MIGRATIONS: list[tuple[type[models.Model], list[models.Model]]] = []
_OWN_APPS = {"portal", "bases", "agreements", "applications", "evaluations"}


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: Any, request: pytest.FixtureRequest
) -> None:
    """Copies the tests' database out of one that is migrated already; whoever waits for it makes the demo meanwhile, if any test wants it."""

    def meanwhile() -> None:
        if any("first_start" in getattr(item, "fixturenames", ()) for item in request.session.items):
            request.getfixturevalue("first_start")

    with django_db_blocker.unblock():
        connections["default"].settings_dict["TEST"]["TEMPLATE"] = template.ensure(meanwhile)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Remembers the catalogues that the migrations brought, before any test writes."""
    with django_db_blocker.unblock():
        for model in apps.get_models():
            if model._meta.app_label in _OWN_APPS and not model._meta.proxy:
                rows = list(model._base_manager.order_by("pk"))
                _FROM_MIGRATIONS.append((model, rows))
                remembering.note_migrated({model._meta.db_table: {str(row.pk) for row in rows}})


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """A test that really commits ends with empty tables; the next one finds the catalogues again."""
    result = yield
    marker = item.get_closest_marker("django_db")
    fixtures = set(getattr(item, "fixturenames", ()))
    committed = (marker and marker.kwargs.get("transaction")) or fixtures & {"transactional_db", "live_server"}
    if committed and nextitem is not None:  # after the last test the database is gone
        with item.config.stash[blocking_manager_key].unblock(), transaction.atomic(), pgtrigger.ignore():
            for model, rows in _FROM_MIGRATIONS:
                model._base_manager.bulk_create(rows)
    return result


@pytest.fixture
def at_once() -> Callable[..., list[Any]]:
    """Runs acts in threads that start at the same moment, each on its own connection; gives results, or what was raised."""

    def run(*acts: Callable[[], Any]) -> list[Any]:
        barrier = threading.Barrier(len(acts))

        def one(act: Callable[[], Any]) -> Any:
            try:
                barrier.wait(timeout=20)
                return act()
            except Exception as error:  # noqa: BLE001 - the test looks at it
                return error
            finally:
                connections.close_all()

        with ThreadPoolExecutor(len(acts)) as pool:
            return list(pool.map(one, acts))

    return run
