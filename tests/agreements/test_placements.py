"""培养过程、权责划分: the unit selects students into a post, the partner answers, the checklist is complete, the student enters, and leaves."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from agreements.models import Appointment, Placement, PlacementEvent
from agreements.services import placement_starts, placements, posts
from agreements.services.placement_starts import Ground, checklist
from bases.models import Base
from portal.errors import NotYours, Overtaken, Refused
from tests.agreements.placing import ENDS, STARTS, Placing, appoint, student
from tests.factories import pdf_upload


def keys(found: list[Placement]) -> list[int]:
    return [each.pk for each in found]


def statuses(found: list[Placement]) -> set[str]:
    return set(Placement.objects.filter(pk__in=keys(found)).values_list("status", flat=True))


def refused(act: Callable[[], Any], kind: type[Refused] = Refused) -> tuple[str, ...]:
    with pytest.raises(kind) as refusal:
        act()
    return refusal.value.reasons


class TestSelecting:
    @pytest.mark.agreement("培养过程 1")
    def test_sends_many_students_to_the_partner_at_once(self, placing: Placing):
        made = placing.select(3)
        assert [(each.student.name, each.status, each.stage) for each in made] == [
            ("乌兰", "proposed", "courses"), ("巴雅尔", "proposed", "courses"), ("陈晨", "proposed", "courses"),
        ]  # fmt: skip
        assert (made[0].starts_on, made[0].ends_on, made[0].planned_ends_on, made[0].campus_mentor) == (
            STARTS, ENDS, ENDS, placing.campus,
        )  # fmt: skip
        assert placing.words(made[0]) == ["遴选进入岗位"]

    @pytest.mark.agreement("培养过程 1")
    def test_of_more_students_than_places_are_left_is_refused_as_a_whole(self, placing: Placing):
        placing.select(3)
        reasons = refused(lambda: placing.select(2))
        assert reasons == ("岗位“设备运维”还有 1 个名额，选了 2 人，请减少人数或另选岗位。",)
        assert Placement.objects.count() == 3

    @pytest.mark.agreement("培养过程 1")
    def test_counts_a_declined_or_withdrawn_students_place_as_free_again(self, placing: Placing):
        first = placing.select(4)
        placements.decline(
            base=placing.base, placements=keys(first[:1]), acting=placing.partner, on=placing.on, reason="专业不符。"
        )
        placements.withdraw(
            base=placing.base, placements=keys(first[1:2]), acting=placing.unit, on=placing.on, reason="改派。"
        )
        assert [posts.taken(placing.post), len(placing.select(2)), posts.taken(placing.post)] == [2, 2, 4]

    @pytest.mark.agreement("培养过程 2")
    @pytest.mark.parametrize(
        ("ends_on", "why"),
        [
            (date(2027, 5, 30), "不足 6 个月"),
            (date(2027, 5, 31), ""),
            (date(2027, 12, 1), ""),
            (date(2027, 12, 2), "超过 12 个月"),
        ],
    )
    def test_needs_a_reason_outside_six_to_twelve_months(self, placing: Placing, ends_on: date, why: str):
        if not why:
            assert placing.select(ends_on=ends_on)[0].length_reason == ""
            return
        (reason,) = refused(lambda: placing.select(ends_on=ends_on))
        assert reason == f"专业实践原则上 6 至 12 个月，所填时间{why}，请写明理由。"
        assert placing.select(ends_on=ends_on, length_reason="项目周期如此。")[0].length_reason == "项目周期如此。"

    @pytest.mark.agreement("培养过程 2")
    def test_names_everybody_who_is_elsewhere_at_that_time(self, placing: Placing):
        placing.select(1)
        twice = [placing.students[0].pk]
        reasons = refused(lambda: placing.select(students=twice, starts_on=ENDS, ends_on=date(2028, 3, 1)))
        assert reasons == (
            f"乌兰（20250000）在 {STARTS} 至 {ENDS} 已有“{placing.base.name}”的实践安排。",
        )  # fmt: skip
        after = placing.select(students=twice, starts_on=ENDS + timedelta(days=1), ends_on=date(2028, 3, 1))
        assert statuses(after) == {"proposed"}

    def test_is_refused_for_who_has_left_and_for_another_level(self, placing: Placing):
        world, on = placing.world, placing.on
        gone = student(world, on, "20990001", "已毕业", left_on=date(2027, 6, 30))
        doctor = student(world, on, "20990002", "博士生", level="doctor")
        masters = posts.save(
            base=placing.base, acting=placing.partner, on=on, year=on.year, title="工艺", places=5, level="master", work="工艺改进。"
        )  # fmt: skip
        reasons = refused(lambda: placing.select(post=masters, students=[gone.pk, doctor.pk]))
        assert reasons == (
            "已毕业（20990001）于 2027-06-30 离校，早于实践结束日期。",
            "岗位要求硕士，博士生（20990002）不是。",
        )

    def test_takes_no_student_of_another_unit_and_no_mentor_without_an_appointment(self, placing: Placing):
        theirs = placing.students[0]
        type(theirs).objects.filter(pk=theirs.pk).update(training_unit=placing.world.other_unit)
        assert refused(lambda: placing.select(students=[theirs.pk])) == (
            "没有选择研究生，或者所选的不在本单位名单中，没有办理。",
        )
        over = appoint(placing.base, "campus", "退休老师", placing.on, ends_on=placing.on + timedelta(days=3))
        assert refused(lambda: placing.select(students=[placing.students[1].pk], campus_mentor=over.pk)) == (
            "所选导师在 2026-12-01 没有本基地的有效聘任，请先聘任或另选。",
        )

    @pytest.mark.parametrize("who", ["partner_officer", "applicant", "other_unit_officer", "officer"])
    def test_is_the_graduate_offices_alone(self, placing: Placing, who: str):
        refused(lambda: placing.select(acting=getattr(placing.world, who)), NotYours)

    def test_into_a_closed_post_or_a_base_that_ended_is_overtaken(self, placing: Placing):
        posts.close(base=placing.base, post=placing.post, acting=placing.partner, on=placing.on, reason="项目暂停。")
        assert refused(placing.select, Overtaken) == ("这个岗位已停止接收，没有办理。",)


class TestAnswering:
    @pytest.mark.agreement("培养过程 1")
    def test_takes_many_with_mentor_and_lodging(self, placing: Placing):
        found = placing.accept(placing.select(2))
        assert [(each.status, each.industry_mentor, each.lodging, each.answered_on) for each in found] == [
            ("accepted", placing.industry, "partner", placing.on)
        ] * 2
        assert placing.words(found[0]) == ["遴选进入岗位", "合作单位接收"]

    def test_declines_with_a_reason_that_the_unit_reads(self, placing: Placing):
        found = placing.select(1)
        decline = lambda **more: placements.decline(  # noqa: E731
            base=placing.base,
            placements=keys(found),
            **({"acting": placing.partner, "on": placing.on, "reason": "专业不符。"} | more),
        )
        assert refused(lambda: decline(reason=" ")) == ("请写明不接收的原因。",)
        decline()
        (row,) = placing.fresh(found)
        assert (row.status, row.answer_note) == ("declined", "专业不符。")
        refused(decline, Overtaken)

    def test_all_or_none(self, placing: Placing):
        found = placing.select(2)
        placing.accept(found[:1])
        (reason,) = refused(lambda: placing.accept(found), Overtaken)
        assert reason == "没有办理：乌兰（20250000）当前为“已确认，待进入基地”。请刷新列表后再看。"
        assert statuses(found[1:]) == {"proposed"}

    def test_after_an_answer_the_unit_cannot_withdraw(self, placing: Placing):
        found = placing.accept(placing.select(1))
        act = lambda: placements.withdraw(  # noqa: E731
            base=placing.base, placements=keys(found), acting=placing.unit, on=placing.on, reason="改派。"
        )
        refused(act, Overtaken)

    @pytest.mark.parametrize("who", ["unit_officer", "applicant", "other_partner_officer", "officer"])
    def test_is_the_partners_alone(self, placing: Placing, who: str):
        found = placing.select(1)
        refused(lambda: placing.accept(found, acting=getattr(placing.world, who)), NotYours)


class TestTheChecklist:
    def words(self, placing: Placing, found: list[Placement]) -> dict[str, tuple[bool, str, str]]:
        ground = Ground.of([placing.base.pk], placing.on)
        (row,) = placing.fresh(found)
        return {str(item.key): (item.done, item.side, item.words) for item in checklist(row, ground)}

    @pytest.mark.article("11")
    @pytest.mark.agreement("权责划分（二）3")
    def test_says_what_is_open_and_who_sees_to_it(self, placing: Placing):
        found = placing.accept(placing.select(campus_mentor=None), industry_mentor=None, lodging="")
        assert self.words(placing, found) == {
            "safety": (False, "partner", "还没有签订并上传。"),
            "insurance": (False, "partner", "还没有登记保单。"),
            "lodging": (False, "partner", "还没有说明。"),
            "campus-mentor": (False, "unit", "还没有指定。"),
            "industry-mentor": (False, "partner", "还没有指定。"),
        }

    @pytest.mark.agreement("权责划分（二）2")
    @pytest.mark.agreement("权责划分（二）3")
    def test_is_filled_line_by_line_and_every_line_is_kept(self, placing: Placing):
        found = placing.accept(placing.select(campus_mentor=None), industry_mentor=None, lodging="")
        given: dict[str, Any] = {"base": placing.base, "placements": keys(found), "on": placing.on}
        placement_starts.name_mentor(acting=placing.unit, kind="campus", mentor=placing.campus.pk, **given)
        placement_starts.name_mentor(acting=placing.partner, kind="industry", mentor=placing.industry.pk, **given)
        placement_starts.record_lodging(acting=placing.partner, lodging="own", lodging_note="住校外。", **given)
        placing.complete(found)
        assert {done for done, _side, _words in self.words(placing, found).values()} == {True}
        lines = list(PlacementEvent.objects.filter(placement=found[0], kind="filled").order_by("pk"))
        assert [line.words for line in lines] == [
            "校内导师：李文华。", "行业产业导师：王建军。", "食宿：自行解决。住校外。", f"实践安全协议，{placing.on} 签订。",
            f"意外伤害保险：平安保险，保单 PA-2026-01，{placing.on} 至 {ENDS}。",
        ]  # fmt: skip
        assert [line.by_name for line in lines[:2]] == ["研院老师", "企业人事"]

    @pytest.mark.agreement("权责划分（二）3")
    def test_keeps_a_safety_agreement_that_was_replaced(self, placing: Placing):
        found = placing.complete(placing.accept(placing.select(1)))
        first = found[0].safety_file
        placement_starts.record_safety(
            base=placing.base, placements=keys(found), acting=placing.partner, on=placing.on, signed_on=placing.on, file=pdf_upload("重签.pdf")
        )  # fmt: skip
        (row,) = placing.fresh(found)
        files = PlacementEvent.objects.filter(placement=row, file__isnull=False).order_by("pk")
        assert [line.file for line in files] == [first, row.safety_file]
        assert row.safety_file.name == "重签.pdf"

    @pytest.mark.agreement("其他事项 3")
    def test_lets_the_side_insure_that_the_agreement_names(self, placing: Placing):
        found = placing.accept(placing.select(1))
        reason = refused(lambda: placing.insure(found, acting=placing.unit), NotYours)
        assert reason == ("按协议意外伤害保险由合作单位购买，请对方登记。",)
        placing.had_agreed(insurance_by="unit")
        refused(lambda: placing.insure(found), NotYours)
        placing.insure(found, acting=placing.unit)
        assert self.words(placing, found)["insurance"][:2] == (True, "unit")

    @pytest.mark.agreement("其他事项 3")
    def test_either_side_insures_where_the_agreement_names_none(self, placing: Placing):
        placing.had_agreed(insurance_by="")
        found = placing.accept(placing.select(1))
        placing.insure(found, acting=placing.unit)
        placing.insure(found, acting=placing.partner)
        assert self.words(placing, found)["insurance"][:2] == (True, "either")

    @pytest.mark.agreement("其他事项 3")
    @pytest.mark.parametrize(
        "period",
        [{"insured_until": ENDS - timedelta(days=1)}, {"insured_from": STARTS + timedelta(days=1)}],
        ids=["ends too early", "begins too late"],
    )
    def test_flags_a_policy_that_does_not_cover_the_whole_stay_and_it_blocks(
        self, placing: Placing, period: dict[str, date]
    ):
        found = placing.complete(placing.accept(placing.select(1)))
        placing.insure(found, **period)
        done, _side, words = self.words(placing, found)["insurance"]
        assert (done, words.endswith(f"没有覆盖 {STARTS} 至 {ENDS} 的全部时间，请续保或更换保单。")) == (False, True)
        (reason,) = refused(lambda: placing.start(found))
        assert reason.startswith("乌兰（20250000）：意外伤害保险：")
        assert statuses(found) == {"accepted"}


class TestEntering:
    @pytest.mark.agreement("培养过程 2")
    def test_begins_the_practice_on_the_day_of_arrival(self, placing: Placing):
        found = placing.complete(placing.accept(placing.select(2)))
        late = STARTS + timedelta(days=2)
        started = placing.start(found, on=late)
        assert [(each.status, each.stage, each.starts_on, each.started_on) for each in started] == [
            ("running", "practice", late, late)
        ] * 2
        assert placing.words(started[0])[-1] == "进入基地"

    @pytest.mark.agreement("权责划分（二）3")
    def test_is_refused_for_all_while_one_has_an_open_item_and_says_whose_it_is(self, placing: Placing):
        found = placing.accept(placing.select(2))
        placing.complete(found[:1])
        (reason,) = refused(lambda: placing.start(found))
        assert reason == (
            "巴雅尔（20250001）：实践安全协议：还没有签订并上传（合作单位办理）；意外伤害保险：还没有登记保单（合作单位办理）"
        )
        assert statuses(found) == {"accepted"}

    @pytest.mark.article("11")
    def test_needs_both_mentors_appointed_on_that_day(self, placing: Placing):
        found = placing.complete(placing.accept(placing.select(1)))
        Appointment.objects.filter(mentor=placing.industry).update(
            ended_on=placing.on, ended_reason="离职。", status="ended"
        )
        (reason,) = refused(lambda: placing.start(found))
        assert reason == "乌兰（20250000）：行业产业导师：王建军在 2026-12-01 没有有效聘任（合作单位办理）"

    @pytest.mark.parametrize(
        ("on", "arrived", "why"),
        [
            (STARTS, STARTS + timedelta(days=1), "进入日期 2026-12-02 还没有到，请在研究生到达当天或之后办理。"),
            (date(2027, 2, 1), date(2027, 2, 1), "乌兰（20250000）：约定 2026-12-01 进入基地，实际日期相差超过一个月，请由培养单位重新遴选"),
            (STARTS, date(2026, 11, 23), "乌兰（20250000）：实践安全协议：2026-11-24 签订。晚于进入基地日期（合作单位办理）；意外伤害保险："),
        ],
        ids=["ahead", "a month late", "before the agreement was signed"],
    )  # fmt: skip
    def test_is_refused_for_a_day_that_cannot_be(self, placing: Placing, on: date, arrived: date, why: str):
        found = placing.complete(placing.accept(placing.select(1)))
        (reason,) = refused(lambda: placing.start(found, on=on, arrived_on=arrived))
        assert reason.startswith(why)

    @pytest.mark.agreement("培养过程 2")
    def test_so_late_that_six_months_are_not_left_needs_a_reason(self, placing: Placing):
        ends = date(2027, 5, 31)
        found = placing.complete(placing.accept(placing.select(ends_on=ends)))
        late = STARTS + timedelta(days=10)
        (reason,) = refused(lambda: placing.start(found, on=late))
        assert reason == "乌兰（20250000）：专业实践原则上 6 至 12 个月，所填时间不足 6 个月，请写明理由。"
        (row,) = placing.start(found, on=late, length_reason="交通原因迟到。")
        assert (row.starts_on, row.length_reason) == (late, "交通原因迟到。")


class TestEnding:
    @pytest.mark.agreement("培养过程 2")
    def test_on_the_agreed_day_leads_on_to_the_thesis(self, placing: Placing):
        found = placing.running(1)

        def act(on: date) -> int:
            return placements.end(
                base=placing.base, placements=keys(found), acting=placing.partner, on=on, note="表现优秀。"
            )

        (reason,) = refused(lambda: act(ENDS - timedelta(days=1)))
        assert reason == f"还没有到结束日期：乌兰（20250000）（{ENDS}）。要提前结束，请办理“变更”。"
        act(ENDS)
        (row,) = placing.fresh(found)
        assert (row.status, row.stage, row.ending, row.ending_note, row.ends_on) == (
            "ended", "thesis", "completed", "表现优秀。", ENDS,
        )  # fmt: skip

    def test_of_a_base_winds_up_everything_that_is_open(self, placing: Placing):
        running = placing.running(1)
        proposed, accepted = placing.select(1), placing.accept(placing.select(1))
        day = STARTS + timedelta(days=40)
        number = placements.wind_up(base=placing.base, ending="base_ended", on=day, by=placing.world.leader)
        (left,) = placing.fresh(running)
        assert (number, left.status, left.ending, left.ends_on) == (3, "ended", "base_ended", day)
        assert statuses([*proposed, *accepted]) == {"withdrawn"}
        assert placements.wind_up(base=placing.base, ending="base_ended", on=day, by=placing.world.leader) == 0

    @pytest.mark.article("20")
    def test_comes_with_the_revocation_of_the_base(self, placing: Placing):
        found = placing.running(1)
        placing.world.incident(placing.base, STARTS)
        placing.world.revoke(Base.objects.get(pk=placing.base.pk), STARTS)
        (left,) = placing.fresh(found)
        assert (left.status, left.ending, left.ends_on, left.ended_by) == (
            "ended", "base_ended", STARTS, placing.world.leader.user,
        )  # fmt: skip


@pytest.mark.agreement("培养过程 2")
def test_the_database_itself_knows_one_place_at_a_time_and_says_so_in_chinese(placing: Placing):
    """Two placements that follow one another: the second student comes earlier than was agreed, while the first still runs."""
    first = placing.start(placing.complete(placing.accept(placing.select(1, ends_on=date(2027, 5, 31)))))
    second = placing.select(students=[placing.students[0].pk], starts_on=date(2027, 6, 1), ends_on=date(2027, 12, 31))
    placing.complete(placing.accept(second))
    placing.insure(second, insured_until=date(2027, 12, 31))
    (reason,) = refused(lambda: placing.start(second, on=date(2027, 5, 20)))
    assert reason == "所选研究生中有人在这段时间已有另一个实践安排，没有办理。"
    assert (statuses(first), statuses(second)) == ({"running"}, {"accepted"})
