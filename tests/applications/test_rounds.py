"""第五条, 第六条: one round a year with its dates, and a number of places for every unit."""

import time
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from applications.models import NoticeEntry, PublicNotice, Quota, Round
from applications.services import notices, recognising, recommending, rounds
from bases.lifecycle import State, Window
from bases.models import Base, LifecycleEvent
from bases.services import people
from portal.errors import NotYours, Refused
from portal.roles import Role
from tests.applications.conftest import open_round
from tests.factories import TrainingUnitFactory, World, person

ONE_A_YEAR = "该年度已有申报批次。按第五条，申报工作每年开展一次。"


def opening(world: World, on: date, **changes: Any) -> dict[str, Any]:
    """What an officer gives to open a round that is in order."""
    return {
        "year": on.year, "opens_on": on, "closes_on": on + timedelta(days=20), "recommend_by": on + timedelta(days=30),
        "default_places": 3, "by": world.officer, "on": on,
    } | changes  # fmt: skip


def places(world: World, on: date, count: int) -> Quota:
    """The unit's quota in the year's round, set to that many places."""
    return rounds.set_quota(quota=world.quota(on), places=count, by=world.officer)


@pytest.mark.article("5")
class TestOneRoundAYear:
    def test_a_second_round_of_the_same_year_is_refused(self, world: World, today):
        first = rounds.open_round(**opening(world, today))
        with pytest.raises(Refused) as refusal:
            rounds.open_round(**opening(world, today + timedelta(days=2)))
        assert refusal.value.reasons == (ONE_A_YEAR,)
        assert list(Round.objects.all()) == [first]

    def test_the_next_year_has_its_own(self, world: World, today):
        rounds.open_round(**opening(world, today))
        rounds.open_round(**opening(world, date(2027, 3, 1)))
        assert list(Round.objects.values_list("year", flat=True)) == [2027, 2026]

    def test_the_database_holds_it_too(self, world: World, today):
        first = rounds.open_round(**opening(world, today))
        second = Round(
            year=first.year, opens_on=first.opens_on, closes_on=first.closes_on, recommend_by=first.recommend_by,
            policy=first.policy, opened_by=world.officer.user,
        )  # fmt: skip
        with pytest.raises(IntegrityError, match="applications_round_year"), transaction.atomic():
            second.save()

    def test_a_round_already_open_elsewhere_is_told_to_the_slower_officer(self, world: World, today, monkeypatch):
        """Somebody else's round is committed between the look and the save."""
        look = Round.full_clean

        def look_then_lose_the_race(self: Round, *args: Any, **kwargs: Any) -> None:
            look(self, *args, **kwargs)
            Round.objects.bulk_create([Round(**{f.name: getattr(self, f.name) for f in Round._meta.fields})])

        monkeypatch.setattr(Round, "full_clean", look_then_lose_the_race)
        with pytest.raises(Refused) as refusal:
            rounds.open_round(**opening(world, today))
        assert refusal.value.reasons == (ONE_A_YEAR,)

    @pytest.mark.parametrize("role", [role for role in Role.values if role != Role.DEPT_OFFICER])
    def test_only_the_department_officer_opens_it(self, world: World, today, role: str):
        with pytest.raises(NotYours) as refusal:
            rounds.open_round(**opening(world, today, by=world.everybody()[role]))
        assert refusal.value.reasons == ("申报批次由教育厅经办开设。",)
        assert Round.objects.count() == 0


@pytest.mark.article("5")
class TestItsDates:
    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"closes_on": date(2026, 11, 23)}, "申报截止日 2026-11-23 已经过去，请改为今天（2026-11-24）或以后。"),
            ({"opens_on": date(2026, 12, 20)}, "日期应依次为：申报开始、申报截止、推荐报送截止。"),
            ({"recommend_by": date(2026, 12, 1)}, "日期应依次为：申报开始、申报截止、推荐报送截止。"),
            ({"year": 2027}, "申报开始日应在 2027 年内。"),
        ],
    )
    def test_dates_out_of_order_or_past_are_refused(self, world: World, today, changes, reason: str):
        with pytest.raises(Refused) as refusal:
            rounds.open_round(**opening(world, today, **changes))
        assert refusal.value.reasons == (reason,)
        assert Round.objects.count() == 0

    def test_all_three_may_be_one_day(self, world: World, today):
        opened = rounds.open_round(**opening(world, today, closes_on=today, recommend_by=today))
        assert opened.window == Window(today, today)

    @pytest.mark.parametrize("field", ["closes_on", "recommend_by"])
    def test_the_database_keeps_them_in_order(self, world: World, today, field: str):
        opened = rounds.open_round(**opening(world, today))
        with pytest.raises(IntegrityError, match="round_dates_in_order"), transaction.atomic():
            Round.objects.filter(pk=opened.pk).update(**{field: today - timedelta(days=1)})

    def test_the_window_holds_both_its_days_and_none_beside(self, world: World, today):
        opened = open_round(world, date(2026, 9, 1), date(2026, 9, 30))
        days = [date(2026, 8, 31), date(2026, 9, 1), date(2026, 9, 30), date(2026, 10, 1)]
        assert [rounds.current_round(day) for day in days] == [None, opened, opened, None]

    def test_the_round_keeps_the_policy_under_which_it_opens(self, world: World, today):
        people.new_policy_version(
            effective_from=date(2027, 1, 1), by=world.security_admin.user, on=today, notice_working_days=7
        )
        this_year = rounds.open_round(**opening(world, today))
        next_year = rounds.open_round(**opening(world, date(2027, 3, 1)))
        assert [r.policy.notice_working_days for r in (this_year, next_year)] == [5, 7]


@pytest.mark.article("6")
class TestPlaces:
    def test_every_unit_has_a_quota_from_the_first_day(self, world: World, today):
        opened = rounds.open_round(**opening(world, today))
        assert set(opened.quotas.values_list("training_unit_id", "places")) == {
            (world.unit.pk, 3),
            (world.other_unit.pk, 3),
        }

    def test_a_unit_has_one_quota_a_round(self, world: World, today):
        quota = world.quota(today)
        with pytest.raises(IntegrityError, match="one_quota_per_round_and_unit"), transaction.atomic():
            Quota.objects.create(round=quota.round, training_unit=quota.training_unit, places=1)

    def test_a_unit_entered_after_the_opening_is_listed_without_a_place_and_once(self, world: World, today):
        opened, late = world.round(today), TrainingUnitFactory()
        assert list(rounds.units_without_quota(opened)) == [late]
        assert [rounds.list_new_units(round=opened, by=world.officer) for _ in range(2)] == [1, 0]
        assert dict(opened.quotas.values_list("training_unit", "places")) == {
            world.unit.pk: 10,
            world.other_unit.pk: 10,
            late.pk: 0,
        }
        with pytest.raises(NotYours, match="申报名额由教育厅经办下达。"):
            rounds.list_new_units(round=opened, by=world.unit_officer)

    def test_the_officer_changes_one_units_places(self, world: World, today):
        places(world, today, 7)
        quotas = Quota.objects.values_list("training_unit_id", "places")
        assert set(quotas) == {(world.unit.pk, 7), (world.other_unit.pk, 10)}

    def test_nobody_else_does(self, world: World, today):
        for role, acting in world.everybody().items():
            if role != Role.DEPT_OFFICER:
                with pytest.raises(NotYours, match="申报名额由教育厅经办下达。"):
                    rounds.set_quota(quota=world.quota(today), places=99, by=acting)
        assert world.quota(today).places == 10

    def test_places_never_fall_below_what_is_published(self, world: World, today):
        world.in_unit_notice(today), world.in_unit_notice(today)
        with pytest.raises(Refused) as refusal:
            places(world, today, 1)
        assert refusal.value.reasons == (f"{world.unit.name} 已公示推荐 2 个，名额不能少于这个数。",)
        assert places(world, today, 2).places == 2

    def test_a_place_stays_taken_whatever_the_department_decides(self, world: World, today):
        base = world.recommended(today)
        assert rounds.places_used(world.quota(today)) == 1
        recognising.reject(base=base, acting=world.leader, on=today, reason="材料不足。")
        assert rounds.places_used(world.quota(today)) == 1

    def test_a_base_declined_after_its_notice_frees_its_place(self, world: World, today):
        base = world.in_unit_notice(today)
        recommending.decline(base=base, acting=world.unit_officer, on=today, reason="异议成立。")
        assert rounds.places_used(world.quota(today)) == 0

    def test_a_base_sent_back_by_the_department_frees_its_place_and_takes_one_again(self, world: World, today):
        base = world.sent_back_and_declared_again(today)
        assert rounds.places_used(world.quota(today)) == 0
        world.publish([base], today)
        assert rounds.places_used(world.quota(today)) == 1


@pytest.mark.article("6")
class TestBeyondTheQuota:
    def test_a_list_longer_than_the_places_is_refused_whole(self, world: World, today):
        bases = [world.reviewed(today) for _ in range(3)]
        places(world, today, 2)
        with pytest.raises(Refused) as refusal:
            world.publish(bases, today)
        assert refusal.value.reasons == (f"{bases[0].name}：申报名额为 2 个，本次推荐后将达到 3 个，超出名额。",)
        assert PublicNotice.objects.count() == 0
        assert {b.state for b in Base.objects.all()} == {State.DECLARED}

    def test_several_lists_share_the_places(self, world: World, today):
        places(world, today, 2)
        world.in_unit_notice(today), world.in_unit_notice(today)
        third = world.reviewed(today)
        with pytest.raises(Refused, match="申报名额为 2 个，本次推荐后将达到 3 个，超出名额。"):
            world.publish([third], today)
        assert PublicNotice.objects.count() == 2

    def test_exactly_the_places_go_out(self, world: World, today):
        bases = [world.reviewed(today) for _ in range(2)]
        places(world, today, 2)
        notice = world.publish(bases, today)
        assert [entry.base for entry in notice.entries.all()] == bases

    def test_other_units_places_do_not_help(self, world: World, today):
        places(world, today, 0)
        with pytest.raises(Refused, match="申报名额为 0 个，本次推荐后将达到 1 个，超出名额。"):
            world.publish([world.reviewed(today)], today)

    def test_without_a_quota_nothing_goes_out(self, world: World, today):
        base = world.reviewed(today)
        world.quota(today).delete()
        with pytest.raises(Refused) as refusal:
            world.publish([base], today)
        assert refusal.value.reasons == (f"{base.name}：本单位本年度申报名额尚未下达。",)


@pytest.mark.article("6")
@pytest.mark.django_db(transaction=True)
class TestTwoOfficersAtOnce:
    """Real threads on PostgreSQL; counting takes a while, so that both have counted if nothing holds them apart."""

    @pytest.fixture(autouse=True)
    def _slow_counting(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def slowly(quota: Quota) -> int:
            used = rounds.places_used(quota)
            time.sleep(0.2)
            return used

        monkeypatch.setattr(notices, "places_used", slowly)

    def test_with_one_place_left_exactly_one_of_two_lists_goes_out(self, world: World, today, at_once):
        bases = [world.reviewed(today), world.reviewed(today)]
        places(world, today, 1)
        colleague = person(Role.UNIT_OFFICER, training_unit=world.unit)
        results = at_once(
            lambda: world.publish([bases[0]], today),
            lambda: world.publish([bases[1]], today, by=colleague),
        )
        (refused,) = (result for result in results if isinstance(result, Refused))
        (published,) = (result for result in results if isinstance(result, PublicNotice))
        loser = bases[results.index(refused)]
        assert refused.reasons == (f"{loser.name}：申报名额为 1 个，本次推荐后将达到 2 个，超出名额。",)
        assert [entry.notice for entry in NoticeEntry.objects.all()] == [published]
        assert rounds.places_used(world.quota(today)) == 1

    def test_the_same_list_published_twice_goes_out_once(self, world: World, today, at_once):
        base = world.reviewed(today)
        results = at_once(
            lambda: world.publish([base], today),
            lambda: world.publish([base], today),
        )
        (refused,) = (result for result in results if isinstance(result, Refused))
        assert refused.reasons[0].startswith(f"{base.name}：“发布推荐公示”没有办理：研院老师（研究生院） 已于 ")
        assert LifecycleEvent.objects.filter(transition="publish_unit_notice").count() == 1
        assert PublicNotice.objects.count() == 1

    def test_a_quota_lowered_at_the_same_moment_is_never_overdrawn(self, world: World, today, at_once):
        base = world.reviewed(today)
        results = at_once(lambda: world.publish([base], today), lambda: places(world, today, 0))
        quota = world.quota(today)
        assert rounds.places_used(quota) <= quota.places
        assert sum(isinstance(result, Refused) for result in results) == 1


@pytest.mark.article("6")
def test_a_unit_that_was_entered_after_the_round_opened_is_listed_and_given_places(client, world, today):
    opened = world.round(today)
    new = TrainingUnitFactory(name="新设大学")
    client.force_login(world.officer.user)
    page = f"/rounds/{opened.pk}/"
    assert "新设大学 是批次开设之后录入的" in client.get(page).content.decode()
    client.post(page, {"new_units": "1"})
    assert "有单位还没有名额" not in client.get(page).content.decode()
    assert Quota.objects.get(round=opened, training_unit=new).places == 0
    client.force_login(world.unit_officer.user)
    assert client.post(page, {"new_units": "1"}).status_code == 403
