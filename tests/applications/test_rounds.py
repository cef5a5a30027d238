"""第五条: one round a year, its dates, their extension, a unit's own deadline. What a unit recommends stays within its places (第六条)."""

import time
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from applications.models import NoticeEntry, PublicNotice, Quota, Round, RoundExtension, UnitDeadline
from applications.services import declaring, notice_lists, recognising, recommending, rounds
from bases.lifecycle import State, Window
from bases.models import Base, LifecycleEvent
from bases.services import people
from portal.errors import NotYours, Refused
from portal.roles import Role
from tests.applications.conftest import open_round
from tests.factories import World, person

ONE_A_YEAR = "该年度已有申报批次。按第五条，申报工作每年开展一次。"


def opening(world: World, on: date, **changes: Any) -> dict[str, Any]:
    """What an officer gives to open a round that is in order."""
    return {
        "year": on.year, "opens_on": on, "closes_on": on + timedelta(days=20), "recommend_by": on + timedelta(days=30),
        "by": world.officer, "on": on,
    } | changes  # fmt: skip


def places(world: World, on: date, count: int) -> Quota:
    """The unit's quota in the year's round, set to that many places behind the services' back: published ones are fixed."""
    quota = world.quota(on)
    quota.places, quota.override_reason = count, "测试"
    quota.save()
    return quota


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


@pytest.mark.article("5")
class TestSettingsOfTheYearBefore:
    def test_the_first_round_has_none(self, world: World, today):
        assert rounds.last_settings(2026) is None

    def test_the_planned_dates_are_moved_by_a_year_and_the_weights_taken_over(self, world: World):
        first = date(2026, 3, 1)
        opened = rounds.open_round(**opening(world, first, formula={"per_category": "0.50", "maximum": 8}))
        rounds.extend_round(
            round=opened, new_closes_on=date(2026, 5, 1), new_recommend_by=date(2026, 6, 1), reason="疫情。",
            by=world.officer, on=first,
        )  # fmt: skip
        settings = rounds.last_settings(2027)
        assert settings is not None
        formula = settings.pop("formula")
        assert settings == {
            "from_year": 2026, "opens_on": date(2027, 3, 1), "closes_on": date(2027, 3, 21), "recommend_by": date(2027, 3, 31),
        }  # fmt: skip
        assert (str(formula["per_category"]), formula["maximum"], str(formula["base_places"])) == ("0.50", 8, "1.00")

    def test_the_29th_of_february_becomes_the_28th(self, world: World):
        leap = date(2028, 2, 29)
        rounds.open_round(**opening(world, leap, closes_on=leap, recommend_by=leap))
        settings = rounds.last_settings(2029)
        assert settings is not None
        assert {settings[name] for name in ("opens_on", "closes_on", "recommend_by")} == {date(2029, 2, 28)}

    def test_a_year_left_out_is_bridged(self, world: World):
        rounds.open_round(**opening(world, date(2026, 3, 1)))
        settings = rounds.last_settings(2028)
        assert settings is not None
        assert (settings["from_year"], settings["opens_on"]) == (2026, date(2028, 3, 1))

    def test_a_new_round_copies_the_weights_unless_it_is_given_others(self, world: World):
        rounds.open_round(**opening(world, date(2026, 3, 1), formula={"base_places": 4}))
        copied = rounds.open_round(**opening(world, date(2027, 3, 1)))
        given = rounds.open_round(**opening(world, date(2028, 3, 1), formula={"base_places": 2}))
        assert (copied.formula.base_places, given.formula.base_places) == (4, 2)


@pytest.mark.article("5")
class TestExtension:
    """The round is open from 2026-11-24 to 2026-12-14 and reported by 2026-12-24."""

    CLOSES, REPORT = date(2026, 12, 14), date(2026, 12, 24)

    def extend(self, world: World, opened: Round, on: date, **changes: Any) -> RoundExtension:
        given = {
            "new_closes_on": date(2026, 12, 20), "new_recommend_by": date(2026, 12, 31), "reason": "部分单位来不及。",
            "by": world.officer, "on": on,
        } | changes  # fmt: skip
        return rounds.extend_round(round=opened, **given)

    def test_the_dates_before_it_stay_on_record_with_the_reason(self, world: World, today):
        opened = rounds.open_round(**opening(world, today))
        made = self.extend(world, opened, today)
        opened.refresh_from_db()
        assert (opened.closes_on, opened.recommend_by) == (date(2026, 12, 20), date(2026, 12, 31))
        assert (made.closes_on, made.recommend_by, made.made_on) == (self.CLOSES, self.REPORT, today)
        assert (made.reason, made.made_by) == ("部分单位来不及。", world.officer.user)

    def test_one_of_the_two_dates_is_enough(self, world: World, today):
        opened = rounds.open_round(**opening(world, today))
        self.extend(world, opened, today, new_closes_on=self.CLOSES)
        opened.refresh_from_db()
        assert (opened.closes_on, opened.recommend_by) == (self.CLOSES, date(2026, 12, 31))

    @pytest.mark.parametrize(
        ("changes", "reasons"),
        [
            ({"reason": " "}, ("请写明延期的理由。",)),
            (
                {"new_closes_on": date(2026, 12, 13)},
                ("申报截止现为 2026-12-14，只能延后，不能提前到 2026-12-13。",),
            ),
            (
                {"new_recommend_by": date(2026, 12, 23), "new_closes_on": CLOSES},
                ("推荐报送截止现为 2026-12-24，只能延后，不能提前到 2026-12-23。",),
            ),
            (
                {"new_closes_on": CLOSES, "new_recommend_by": REPORT},
                ("两个日期都没有延后：申报截止仍为 2026-12-14，推荐报送截止仍为 2026-12-24。请改其中至少一个。",),
            ),
            (
                {"new_closes_on": date(2026, 12, 25), "new_recommend_by": REPORT},
                ("申报截止 2026-12-25 晚于推荐报送截止 2026-12-24，请把推荐报送截止一并延后。",),
            ),
            (
                {"on": date(2026, 12, 21)},
                ("申报截止延至 2026-12-20，这一天已经过去，请改为今天（2026-12-21）或以后。",),
            ),
        ],
    )
    def test_what_is_no_extension_is_refused_with_the_dates(self, world: World, today, changes, reasons):
        opened = rounds.open_round(**opening(world, today))
        with pytest.raises(Refused) as refusal:
            self.extend(world, opened, **({"on": today} | changes))
        assert refusal.value.reasons == reasons
        opened.refresh_from_db()
        assert (opened.closes_on, opened.recommend_by) == (self.CLOSES, self.REPORT)
        assert RoundExtension.objects.count() == 0

    def test_only_the_department_officer_extends(self, world: World, today):
        opened = rounds.open_round(**opening(world, today))
        for role, acting in world.everybody().items():
            if role != Role.DEPT_OFFICER:
                with pytest.raises(NotYours, match="申报批次由教育厅经办延期。"):
                    self.extend(world, opened, today, by=acting)

    def test_after_it_one_may_declare_and_report_again(self, world: World, today):
        opened = rounds.open_round(**opening(world, today))
        late = date(2026, 12, 28)
        assert rounds.current_round(late) is None
        assert rounds.report_reasons(opened, late) == ("推荐报送已于 2026-12-24 截止，今天是 2026-12-28，不再受理。",)
        self.extend(world, opened, today, new_closes_on=late)
        opened.refresh_from_db()
        assert rounds.current_round(late) == opened
        assert rounds.report_reasons(opened, late) == ()


@pytest.mark.article("5")
class TestAUnitsOwnDeadline:
    """The round is open from 2026-12-01 to 2026-12-21; today is 2026-11-24."""

    OPENS, CLOSES = date(2026, 12, 1), date(2026, 12, 21)

    def opened(self, world: World, today: date) -> Round:
        return rounds.open_round(**(opening(world, self.OPENS) | {"on": today}))

    def set_to(self, world: World, opened: Round, day: date | None, on: date) -> UnitDeadline | None:
        return rounds.set_unit_deadline(round=opened, declare_by=day, by=world.unit_officer, on=on)

    def test_counts_for_its_own_applicants_alone(self, world: World, today):
        opened = self.opened(world, today)
        saved = self.set_to(world, opened, date(2026, 12, 10), today)
        assert saved is not None
        assert (saved.set_by, saved.set_on) == (world.unit_officer.user, today)
        assert rounds.declare_deadline(opened, world.unit.pk) == date(2026, 12, 10)
        assert rounds.declare_deadline(opened, world.other_unit.pk) == self.CLOSES

    def test_can_be_changed_and_taken_back(self, world: World, today):
        opened = self.opened(world, today)
        self.set_to(world, opened, date(2026, 12, 10), today)
        self.set_to(world, opened, date(2026, 12, 12), today)
        assert rounds.declare_deadline(opened, world.unit.pk) == date(2026, 12, 12)
        assert self.set_to(world, opened, None, today) is None
        assert rounds.declare_deadline(opened, world.unit.pk) == self.CLOSES

    @pytest.mark.parametrize("day", [OPENS, CLOSES])
    def test_may_be_the_first_and_the_last_day_of_the_round(self, world: World, today, day: date):
        opened = self.opened(world, today)
        self.set_to(world, opened, day, today)
        assert rounds.declare_deadline(opened, world.unit.pk) == day

    @pytest.mark.parametrize(
        ("day", "on", "earliest"),
        [
            (date(2026, 11, 30), date(2026, 11, 24), "2026-12-01"),
            (date(2026, 12, 22), date(2026, 11, 24), "2026-12-01"),
            (date(2026, 12, 9), date(2026, 12, 10), "2026-12-10"),
        ],
    )
    def test_lies_between_today_and_the_rounds_own(self, world: World, today, day: date, on: date, earliest: str):
        opened = self.opened(world, today)
        with pytest.raises(Refused) as refusal:
            self.set_to(world, opened, day, on)
        assert refusal.value.reasons == (
            f"校内申报截止应在 {earliest} 至 2026-12-21 之间，{day.isoformat()} 不在其中。",
        )
        assert UnitDeadline.objects.count() == 0

    @pytest.mark.parametrize("day", [None, CLOSES])
    def test_stands_once_declaring_is_over(self, world: World, today, day: date | None):
        opened = self.opened(world, today)
        self.set_to(world, opened, date(2026, 12, 10), today)
        with pytest.raises(Refused, match="申报已于 2026-12-21 截止，今天是 2026-12-22，校内申报截止不能再改。"):
            self.set_to(world, opened, day, date(2026, 12, 22))
        assert rounds.declare_deadline(opened, world.unit.pk) == date(2026, 12, 10)

    def test_is_the_unit_officers_alone(self, world: World, today):
        opened = self.opened(world, today)
        for role, acting in world.everybody().items():
            if role != Role.UNIT_OFFICER:
                with pytest.raises(NotYours, match="校内申报截止由本单位研究生院设定。"):
                    rounds.set_unit_deadline(round=opened, declare_by=self.CLOSES, by=acting, on=today)

    def test_after_it_the_units_applicants_are_refused_with_the_date(self, world: World, today):
        opened = rounds.open_round(**opening(world, today))
        base = world.draft(today)
        self.set_to(world, opened, date(2026, 12, 1), today)
        reasons = declaring.declare_reasons(base, world.applicant, date(2026, 12, 2))
        assert "申报已于 2026-12-01 截止，今天是 2026-12-02，不再受理。" in reasons
        assert declaring.declare_reasons(base, world.applicant, date(2026, 12, 1)) == ()


@pytest.mark.article("5")
class TestReporting:
    @pytest.mark.parametrize(
        ("on", "reasons"),
        [
            (date(2026, 11, 23), ("本批次自 2026-11-24 开始，今天是 2026-11-23，还不能报送推荐。",)),
            (date(2026, 11, 24), ()),
            (date(2026, 12, 24), ()),
            (date(2026, 12, 25), ("推荐报送已于 2026-12-24 截止，今天是 2026-12-25，不再受理。",)),
        ],
    )
    def test_is_open_from_the_rounds_first_day_to_the_day_of_reporting(self, world: World, today, on: date, reasons):
        assert rounds.report_reasons(rounds.open_round(**opening(world, today)), on) == reasons


@pytest.mark.article("6")
class TestPlacesTaken:
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

        monkeypatch.setattr(notice_lists, "places_used", slowly)

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
