"""How far a job has come: told while its row is locked, estimated only when there is something to go by, unknown without Redis."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string

from portal import embedded, progress
from portal.progress import Progress


@pytest.fixture
def redis(tmp_path: Path, settings: Any) -> Iterator[None]:
    """A Redis as the portal brings it."""
    with embedded.running_redis(tmp_path):
        settings.REDIS_URL = embedded.redis_url(tmp_path)
        yield


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that the test sets."""
    now = [1_000_000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    return now


def test_what_a_job_says_is_known_until_it_is_forgotten(redis: None, clock: list[float]) -> None:
    assert progress.current("book:1") is None
    progress.report("book:1", 12.7, "正在排版第 3 部分")
    progress.report("book:2", 140, "正在合并")
    assert progress.current("book:1") == Progress(12, "正在排版第 3 部分", 1_000_000.0, 1_000_000.0)
    assert progress.current("book:2") == Progress(100, "正在合并", 1_000_000.0, 1_000_000.0)
    progress.forget("book:1")
    assert progress.current("book:1") is None


def test_it_is_kept_for_an_hour(redis: None, settings: Any) -> None:
    progress.report("book:1", 12, "正在排版")
    client = progress._redis(settings.REDIS_URL)
    assert 3590 < client.ttl("portal:progress:book:1") <= 3600


def test_the_rest_is_estimated_from_the_beginning_and_counts_down_between_two_reports(
    redis: None, clock: list[float]
) -> None:
    progress.report("book:1", 0, "开始")
    clock[0] += 10
    progress.report("book:1", 25, "正在排版")
    clock[0] += 6
    found = progress.current("book:1")
    assert found is not None
    assert (found.started, found.seconds_left, found.left) == (1_000_000.0, 24, "约还需 24 秒")


def test_less_than_before_is_a_new_start(redis: None, clock: list[float]) -> None:
    progress.report("book:1", 80, "正在排版")
    clock[0] += 50
    progress.report("book:1", 0, "开始")
    found = progress.current("book:1")
    assert found is not None
    assert found.started == 1_000_050.0


@pytest.mark.parametrize(
    ("percent", "took", "left"),
    [
        (4, 60, ""),
        (50, 1, ""),
        (100, 60, ""),
        (50, 30, "约还需 30 秒"),
        (10, 60, "约还需 9 分钟"),
        (99, 60, "约还需 1 秒"),
    ],
)
def test_a_mere_guess_is_not_shown(clock: list[float], percent: int, took: float, left: str) -> None:
    assert Progress(percent, "", clock[0] - took, clock[0]).left == left


def test_without_a_redis_a_job_works_on_and_its_progress_is_unknown(tmp_path: Path, settings: Any) -> None:
    settings.REDIS_URL = embedded.redis_url(tmp_path)
    progress.report("book:1", 50, "正在排版")
    progress.forget("book:1")
    assert progress.current("book:1") is None


def shown(state: str, **more: Any) -> str:
    return render_to_string(
        "components/_progress.html", {"url": "/state/", "state": state, "label": "申请书", "progress": None, **more}
    )


def test_a_page_shows_how_far_it_is_to_everybody_and_asks_again_every_two_seconds(clock: list[float]) -> None:
    page = shown("pending", progress=Progress(40, "正在排版", clock[0] - 40, clock[0]), target="#book")
    assert re.search(r'hx-get="/state/" hx-trigger="every 2s" hx-swap="outerHTML" hx-target="#book"', page)
    assert re.search(
        r'role="progressbar" aria-label="申请书" aria-valuemin="0" aria-valuemax="100" aria-valuenow="40" '
        r'aria-valuetext="正在排版 40%"', page,
    )  # fmt: skip
    assert "width: 40%" in page
    assert "约还需 60 秒" in page or "约还需 1 分钟" in page


def test_a_job_that_nobody_has_heard_of_is_waited_for_without_a_number() -> None:
    page = shown("pending")
    assert ("正在排队或办理，请稍候" in page, "aria-valuenow" in page, "hx-get" in page) == (True, False, True)


@pytest.mark.parametrize(("state", "words"), [("done", "已完成"), ("failed", "没有完成，已停止重试。")])
def test_a_job_that_is_over_is_not_asked_for_any_more(state: str, words: str) -> None:
    page = shown(state)
    assert (words in page, "hx-get" in page, "progressbar" in page) == (True, False, False)
