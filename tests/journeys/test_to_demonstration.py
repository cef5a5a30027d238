"""A new base from 申报 to 示范, walked by role in a real Chromium with the accounts that `make run` prints."""

from datetime import timedelta

import pytest
from dateutil.relativedelta import relativedelta

from evaluations.demo import cast
from tests.journeys.steps import APPLICANT, assess, declare, move, recognise, recommend, review
from tests.serving import accounts_in

pytestmark = pytest.mark.browser


def test_a_newcomer_starts_the_portal_on_nothing_and_is_told_where_it_is_and_who_can_sign_in(first_start, portal):
    """The start that made the data of all portals of this run: structure, demo, services, and an end that leaves the data."""
    printed = "".join(first_start.printed)
    begun = [
        "正在启动内置消息队列",
        "正在更新数据库结构",
        "正在准备演示数据",
        "已载入演示数据",
        "正在启动网页服务、后台任务和定时任务",
    ]
    places = [printed.find(each) for each in [*begun, "平台已就绪：http://127.0.0.1:", "平台已停止，数据保留在"]]
    assert -1 not in places
    assert places == sorted(places)
    told = accounts_in(first_start.printed)
    assert {name: password for name, (password, _row) in told.items()} == {
        person.username: cast.PASSWORD for person in cast.PEOPLE
    }
    # A second start finds the data and says the same.
    assert "演示数据已在，没有改动。" in "".join(portal.printed)
    assert portal.accounts() == told


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
