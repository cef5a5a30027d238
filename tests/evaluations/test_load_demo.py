"""The command that loads the demo stays away from what is not the demo's; what it loads is looked at in test_demo."""

from collections.abc import Callable
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from evaluations.demo import cast, loading
from portal.models import CalendarYear, User


@pytest.fixture(autouse=True)
def _one_paper(monkeypatch: pytest.MonkeyPatch, pdf: Callable[[], SimpleUploadedFile]) -> None:
    """Setting the papers in type is tested elsewhere."""
    monkeypatch.setattr(loading, "_papers", lambda: pdf)


def run_command() -> str:
    out = StringIO()
    call_command("load_demo", stdout=out)
    return out.getvalue()


def rows() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def test_a_year_that_the_office_has_entered_is_kept(db: None, today: date) -> None:
    by = User.objects.create_user(username="someone", full_name="某人")
    CalendarYear.objects.create(year=2027, source="国办通知")
    loading._enter_calendar(today, by)
    assert CalendarYear.objects.get(year=2027).source == "国办通知"
    assert CalendarYear.objects.get(year=2028).source == loading.CALENDAR_SOURCE


def test_it_stays_away_from_other_data(on_day: Callable[[date], None], django_user_model: type[User]) -> None:
    django_user_model.objects.create_user(username="someone", full_name="某人", password="a-real-password-1")
    before = rows()
    said = run_command()
    assert "没有载入，也没有改动" in said
    assert cast.PASSWORD not in said
    assert rows() == before


def test_outside_a_demo_it_refuses(db: None, settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="不是演示环境"):
        run_command()
    assert User.objects.count() == 0
