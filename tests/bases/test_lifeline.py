from datetime import date, timedelta
from typing import Any

import pytest

from applications.forms import ExpertsForm
from applications.models import Assignment
from applications.services import declaring, recommending, recusals
from bases import lifeline
from bases.models import Base
from tests.applications.conftest import open_round
from tests.bases.conftest import SignedIn
from tests.factories import World


def points(base: Base) -> dict[str, dict[str, Any]]:
    base = Base.objects.get(pk=base.pk)
    return {point["key"]: point for point in lifeline.stages(base, list(base.events.all()))}


@pytest.mark.article("8(2)")
def test_a_base_that_was_not_recommended_ends_where_it_stood_on_the_day_of_the_decision(world: World, today: date):
    base, later = world.declared(today), today + timedelta(days=3)
    recommending.decline(base=base, acting=world.unit_officer, on=later, reason="不符合布局。")
    here = points(base)["declare"]
    assert (here["status"], here["ended"], here["date"], here["note"]) == ("now", True, later, "未获推荐")


@pytest.mark.article("5")
def test_after_a_new_declaration_nothing_ahead_leads_to_the_old_one(world: World, today: date):
    base, next_year = world.in_unit_notice(today), date(2027, 3, 1)
    recommending.decline(base=base, acting=world.unit_officer, on=today, reason="不符合布局。")
    open_round(world, next_year, date(2027, 4, 30))
    declaring.redeclare(base=Base.objects.get(pk=base.pk), acting=world.applicant, on=next_year)
    ahead = points(base)["recommend"]
    assert (ahead["status"], ahead["date"], ahead["url"]) == ("ahead", None, "")


@pytest.mark.article("8(3)")
def test_who_is_on_the_panel_or_has_withdrawn_is_not_offered_again(world: World, today: date):
    base = world.in_review(today)
    first, *others = Assignment.objects.filter(panel__base=base).select_related("expert").order_by("expert__full_name")
    recused = world.experts[[e.user for e in world.experts].index(first.expert)]
    recusals.recuse(assignment=first, by=recused, reason="曾任职。", on=today)
    form = ExpertsForm(base=Base.objects.get(pk=base.pk), acting=world.officer, on=today)
    offered = set(form.fields["experts"].queryset)
    assert not offered & {first.expert, *(other.expert for other in others)}
    assert f"已回避、谢绝或者撤换：{first.expert.full_name}。" in form.fields["experts"].help_text


@pytest.mark.article("8(2)")
def test_the_page_of_an_act_shows_the_dossier_and_what_else_can_be_done(world: World, today: date, signed_in: SignedIn):
    base = world.declared(today)
    page = signed_in(world.unit_officer).get(f"/bases/{base.pk}/acts/return/").text
    assert "查看申请书和办理材料" in page
    assert f'/bases/{base.pk}/acts/decline/"' in page
    assert f'/bases/{base.pk}/acts/publish-unit-notice/"' not in page
