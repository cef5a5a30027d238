"""A notice of before the workflow stands as published after the change of tables, and as it was after the way back."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from applications.models import PublicNotice
from applications.services import notice_drafts
from tests.factories import World

pytestmark = pytest.mark.article("8(2)")

APP, NAME = "applications", "notice_workflow"
PUBLISHED = date(2026, 11, 2)


def _before() -> list[tuple[str, str]]:
    """The migration right before the workflow came, whatever its number."""
    graph = MigrationExecutor(connection).loader.graph
    (key,) = (key for key in graph.nodes if key[0] == APP and key[1].endswith(NAME))
    return [next(parent.key for parent in graph.node_map[key].parents if parent.key[0] == APP)]


def back() -> Any:
    executor, target = MigrationExecutor(connection), _before()
    executor.migrate(target)
    return executor.loader.project_state(target).apps


def forward() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


@pytest.fixture
def there_and_back(transactional_db: None) -> Iterator[None]:
    yield
    forward()


def test_there_and_back(there_and_back: None) -> None:
    world = World.create()
    out = world.publish([world.reviewed(PUBLISHED)], PUBLISHED)
    world.reviewed(PUBLISHED)
    notice_drafts.draft_notice(
        kind="recommendation", round=world.round(PUBLISHED), by=world.unit_officer, on=PUBLISHED
    )  # fmt: skip
    before = back()
    names = ("pk", "title", "text", "published_on", "ends_on", "published_by", "contact")
    kept = list(before.get_model(APP, "PublicNotice").objects.values_list(*names))
    assert kept == [
        (out.pk, out.title, out.text, PUBLISHED, date(2026, 11, 9), world.unit_officer.user_id, out.contact)
    ]  # the draft has no place there
    forward()
    found = PublicNotice.objects.get()
    assert (found.state, found.drafted_by, found.drafted_on) == ("published", world.unit_officer.user, PUBLISHED)
    assert list(PublicNotice.objects.values_list(*names)) == kept
    assert found.entries.count() == 1
