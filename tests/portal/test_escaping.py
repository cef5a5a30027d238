"""What people have written is shown as text, wherever it is shown."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from crispy_forms.utils import render_crispy_form
from django import forms
from django.conf import settings
from django.test import Client

from bases.lifecycle import Grade
from evaluations.services import assessing, revoking
from tests.factories import World

SCRIPT = "<img src=x onerror=alert(1)>"
SHOWN = "&lt;img src=x onerror=alert(1)&gt;"


class Forms(forms.Form):
    """Every kind of field, each with a help text that quotes somebody."""

    word = forms.CharField(help_text=SCRIPT)
    text = forms.CharField(help_text=SCRIPT, widget=forms.Textarea)
    number = forms.DecimalField(help_text=SCRIPT, widget=forms.NumberInput(attrs={"data-unit": "元"}))
    choice = forms.ChoiceField(help_text=SCRIPT, choices=[("a", SCRIPT)])
    radio = forms.ChoiceField(help_text=SCRIPT, choices=[("a", SCRIPT)], widget=forms.RadioSelect)
    boxes = forms.MultipleChoiceField(help_text=SCRIPT, choices=[("a", SCRIPT)], widget=forms.CheckboxSelectMultiple)
    tick = forms.BooleanField(help_text=SCRIPT)
    file = forms.FileField(help_text=SCRIPT)


@pytest.mark.parametrize("name", Forms.base_fields)
def test_a_help_text_is_text(name: str) -> None:
    form = Forms()
    form.fields = {name: form.fields[name]}
    shown = render_crispy_form(form)
    assert SCRIPT not in shown
    assert SHOWN in shown


def test_no_template_of_ours_trusts_a_text() -> None:
    folder = Path(settings.BASE_DIR) / "templates"
    trusting = [str(path) for path in folder.rglob("*.html") if "|safe" in path.read_text()]
    assert trusting == []


@pytest.fixture
def page(client: Client, on_day: Callable[[date], None]) -> Callable[..., str]:
    """The page of an act on a base, as somebody sees it."""

    def get(acting: Any, base: Any, act: str) -> str:
        client.force_login(acting.user)
        answer = client.get(f"/bases/{base.pk}/acts/{act}/")
        assert answer.status_code == 200
        return answer.content.decode()

    return get


@pytest.mark.article("20")
def test_what_the_partner_reports_runs_nothing_at_the_department(world: World, page: Any, today: date) -> None:
    base = world.constructing(today)
    told = {"happened_on": today, "description": SCRIPT, "measures": "已安排。"}
    revoking.report_incident(base=base, acting=world.partner_officer, on=today, **told)
    studying = page(world.officer, base, "study-incident")
    revoking.study_incident(base=base, acting=world.officer, on=today, can_continue=False, finding=SCRIPT)
    for shown in (studying, page(world.leader, base, "revoke"), page(world.leader, base, "dismiss-proposal")):
        assert SCRIPT not in shown
        assert SHOWN in shown


@pytest.mark.article("16")
def test_the_reason_of_a_proposal_runs_nothing_at_the_leaders(world: World, page: Any, today: date) -> None:
    base = world.proposed(world.assessing(today), Grade.QUALIFIED, today)
    assessing.propose_grade(base=base, acting=world.officer, on=today, grade=Grade.EXCELLENT, reason=SCRIPT)
    shown = page(world.leader, base, "decide-grade")
    assert SCRIPT not in shown
    assert SHOWN in shown
