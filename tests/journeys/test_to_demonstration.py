"""A new base from 申报 to 示范, walked by role in a real Chromium with the accounts that `make run` prints."""

from datetime import timedelta

import pytest
from dateutil.relativedelta import relativedelta

from tests.journeys.steps import APPLICANT, assess, declare, move, recognise, recommend, review

pytestmark = pytest.mark.browser


def test_a_new_base_walks_from_declaration_to_demonstration(portal, people):
    name = "北疆风电装备联合培养基地"
    today = portal.today()
    declare(people, name, today)
    today = recommend(people, portal, name, today)
    review(people, name, "分配评审专家", "启动专家评审", 0.88)
    published = recognise(people, portal, name, today)

    move(portal, published + relativedelta(years=3) - timedelta(days=1))
    people(APPLICANT).open_base(name)
    people(APPLICANT).sees_state("建设中")
    move(portal, published + relativedelta(years=3))
    people(APPLICANT).open_base(name)
    people(APPLICANT).sees_state("考核中")
    assess(people, name, 0.92, "excellent")

    applicant = people(APPLICANT)
    applicant.open_base(name)
    applicant.sees_state("示范基地")
    applicant.sees("100,000.00 元")
    public = people()
    public.open("/public/bases/")
    public.page.get_by_label("名称或单位").fill(name)
    public.click("查找")
    public.sees(name)
    assert "均与写入时一致" in portal.command("verify_history")
