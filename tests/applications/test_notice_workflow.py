"""A 公示 from its draft to its end: drafted, approved, out, withdrawn for another, concluded (第八条（二）（四）)."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from applications.models import NoticeEntry, Objection, PublicNotice
from applications.queries import desk_notices
from applications.queries import notices as public_notices
from applications.services import (
    notice_drafts,
    notice_kinds,
    notice_words,
    notices,
    objections,
    recognising,
    recommending,
)
from bases.acting import as_acting
from bases.lifecycle import State
from bases.models import Base, Department, Membership
from evaluations.services import assessing, result_notices, revoking
from portal import calendar, inbox
from portal.acting import ANYBODY
from portal.errors import NotYours, Overtaken, Refused
from portal.roles import Role
from portal.services import enter_calendar_year
from tests.applications import objecting
from tests.applications.conftest import SignedIn, fresh
from tests.applications.pages import Page
from tests.factories import World, person

PUBLISHED, LAST_DAY = date(2026, 11, 2), date(2026, 11, 9)
AFTER = LAST_DAY + timedelta(days=1)
TODAY = date(2026, 11, 24)
Stand = PublicNotice.State
SAME_PERSON = "拟办与决定不能是同一人，请由其他审批人办理。"


def unit_draft(world: World, on: date = PUBLISHED, **changes: Any) -> PublicNotice:
    """The unit's draft with what can go out."""
    given = {"kind": "recommendation", "round": world.round(on), "by": world.unit_officer, "on": on} | changes
    return notice_drafts.draft_notice(**given)


def department_draft(world: World, on: date = TODAY, **changes: Any) -> PublicNotice:
    """The department's draft with what can go out."""
    given = {"kind": "recognition", "round": world.round(on), "by": world.officer, "on": on} | changes
    return notice_drafts.draft_notice(**given)


def again(notice: PublicNotice) -> PublicNotice:
    """The notice as it stands now."""
    return PublicNotice.objects.get(pk=notice.pk)


def object_to(notice: PublicNotice, base: Base, on: date = PUBLISHED) -> Objection:
    """Somebody objects to the base."""
    return objections.file_objection(
        notice=notice, base=base, name="贺青川", phone="13900000000", grounds="场地与申请书不符，请核实。", on=on
    )


def settle(objection: Objection, world: World, status: str, on: date = LAST_DAY) -> None:
    """The office takes the objection up and concludes it."""
    by = world.unit_officer if objection.notice.issuer_unit_id else world.officer
    objecting.settle(objection, status, by, on)


@pytest.mark.article("8(2)")
class TestADraft:
    def test_begins_with_what_can_go_out_and_the_proposed_words(self, world: World):
        ready, _unready = world.reviewed(PUBLISHED), world.declared(PUBLISHED)
        draft = unit_draft(world)
        assert (draft.state, list(draft.chosen.all())) == (Stand.DRAFT, [ready])
        assert draft.title == f"关于{world.unit.name}2026年度研究生联合培养基地推荐名单的公示"
        assert "根据自治区研究生联合培养基地建设管理办法第八条" in draft.text
        assert (draft.published_on, draft.ends_on, draft.entries.count()) == (None, None, 0)

    def test_says_why_a_base_cannot_be_listed(self, world: World):
        world.names = ["甲", "乙"]
        world.reviewed(PUBLISHED), world.declared(PUBLISHED)
        listed = notice_kinds.get("recommendation").candidates(world.round(PUBLISHED), world.unit.pk)
        assert {c.base.name: c.reasons for c in listed} == {
            "甲": (),
            "乙": ("六项审核尚未完成，请先填写审核意见。",),
        }

    def test_is_the_only_one_of_its_office_kind_and_round(self, world: World):
        world.reviewed(PUBLISHED)
        unit_draft(world)
        with pytest.raises(Refused) as refusal:
            unit_draft(world)
        assert refusal.value.reasons == ("已有一份推荐公示草稿，请在那一份上继续，或者先删除。",)
        row = PublicNotice.objects.get()
        row.pk = None
        with pytest.raises(IntegrityError, match="one_draft_per_issuer_kind_and_round"), transaction.atomic():
            row.save(force_insert=True)

    def test_of_another_office_is_nobody_elses(self, world: World):
        world.reviewed(PUBLISHED)
        draft = unit_draft(world)
        acts = (
            lambda by: notice_drafts.update_draft(
                notice=draft, seen=0, title="改", text="改", bases=[], by=by, on=PUBLISHED
            ),
            lambda by: notice_drafts.discard_draft(notice=draft, by=by),
            lambda by: notices.publish(notice=draft, by=by, on=PUBLISHED),
        )
        for somebody in (world.other_unit_officer, world.officer, world.leader, world.applicant):
            for act in acts:
                with pytest.raises(NotYours):
                    act(somebody)
            assert draft not in desk_notices(somebody)
        assert again(draft).version == 0

    def test_of_two_people_who_write_the_second_is_told(self, world: World):
        base = world.reviewed(PUBLISHED)
        draft = unit_draft(world)
        write = {"notice": draft, "seen": 0, "text": "根据办法。", "bases": [base], "by": world.unit_officer}
        assert notice_drafts.update_draft(title="甲写的", on=PUBLISHED, **write).version == 1
        with pytest.raises(Overtaken, match="这份草稿刚由他人改过"):
            notice_drafts.update_draft(title="乙写的", on=PUBLISHED, **write)
        assert again(draft).title == "甲写的"
        with pytest.raises(Overtaken, match="这份草稿刚由他人改过"):
            notices.publish(notice=draft, by=world.unit_officer, on=PUBLISHED, seen=0)

    def test_is_read_by_nobody_outside(self, world: World, anybody):
        base = world.reviewed(PUBLISHED)
        draft = unit_draft(world)
        assert list(public_notices(ANYBODY)) == []
        assert anybody.get(f"/public/notices/{draft.pk}/").status_code == 404
        assert recommending.recommend_reasons(base, world.unit_officer, PUBLISHED) != ()

    def test_can_be_thrown_away(self, world: World):
        base = world.reviewed(PUBLISHED)
        notice_drafts.discard_draft(notice=unit_draft(world), by=world.unit_officer)
        assert (PublicNotice.objects.count(), fresh(base).state) == (0, State.DECLARED)


@pytest.mark.article("8(2) 8(4)")
class TestTheRequiredParts:
    def test_are_all_asked_for_at_once(self, world: World):
        world.reviewed(PUBLISHED)
        type(world.unit).objects.update(phone="", email="", supervision_office="")
        draft = unit_draft(world, title="推荐名单", text="现予公示。")
        with pytest.raises(Refused) as refusal:
            notices.publish(notice=draft, by=world.unit_officer, on=PUBLISHED)
        assert refusal.value.reasons == (
            "标题写作“关于……的公示”。",
            "正文没有写明公示依据，请写明依据的办法或者条款，例如“根据……办法第八条”。",
            "请先在单位信息中补全受理部门和监督部门，公示必须写明。",
            "请先在单位信息中补全受理部门的电话或邮箱，公示必须写明联系方式。",
        )

    def test_an_address_alone_is_no_contact(self, world: World):
        Department.objects.update(phone="", email="")
        assert notice_words.missing_parts("根据办法第八条。", notice_words.offices(None)) == (
            "请先在单位信息中补全受理部门的电话或邮箱，公示必须写明联系方式。",
        )

    @pytest.mark.parametrize("text", ["根据管理办法，现予公示。", "依照第十六条，现予公示。"])
    def test_the_basis_is_the_regulation_or_its_article(self, world: World, text: str):
        assert notice_words.missing_parts(text, notice_words.offices(None)) == ()


@pytest.mark.article("8(4)")
class TestTheLeadersApproval:
    @pytest.fixture
    def base(self, world: World) -> Base:
        return world.deliberated(TODAY)

    def test_comes_before_publication(self, world: World, base: Base):
        draft = department_draft(world)
        with pytest.raises(Overtaken, match="公示当前为“草稿”，不能发布。"):
            notices.publish(notice=draft, by=world.leader, on=TODAY)
        assert draft not in desk_notices(world.leader)
        submitted = notice_drafts.submit(notice=draft, by=world.officer, on=TODAY)
        assert list(desk_notices(world.leader)) == [submitted]
        (item,) = inbox.items(world.leader, TODAY)
        assert (item.title, item.why, item.button) == (
            draft.title,
            "厅里经办 已提交公示稿，请审批发布或者退回。",
            "审批公示",
        )
        out = notices.publish(notice=submitted, by=world.leader, on=TODAY)
        assert (out.state, out.published_by, fresh(base).state) == (
            Stand.PUBLISHED,
            world.leader.user,
            State.RECOGNITION_NOTICE,
        )
        assert inbox.items(world.leader, TODAY) == []

    def test_is_not_given_by_who_submitted_it(self, world: World, base: Base):
        colleague = person(Role.DEPT_OFFICER, department=world.department)
        submitted = notice_drafts.submit(notice=department_draft(world, by=colleague), by=colleague, on=TODAY)
        both = Membership.objects.create(user=colleague.user, role=Role.DEPT_LEADER, department=world.department)
        with pytest.raises(Refused, match=SAME_PERSON):
            notices.publish(notice=submitted, by=as_acting(both), on=TODAY)
        assert inbox.items(as_acting(both), TODAY) == []

    def test_is_refused_with_a_reason_that_the_officers_read(self, world: World, base: Base):
        submitted = notice_drafts.submit(notice=department_draft(world), by=world.officer, on=TODAY)
        with pytest.raises(Overtaken, match="公示当前为“待审批”，不能再改。"):
            notice_drafts.update_draft(
                notice=submitted, seen=0, title="改", text="改", bases=[], by=world.officer, on=TODAY
            )
        with pytest.raises(Refused, match="请写明退回的理由"):
            notice_drafts.return_to_draft(notice=submitted, reason=" ", by=world.leader)
        with pytest.raises(NotYours):
            notice_drafts.return_to_draft(notice=submitted, reason="改标题。", by=world.officer)
        notice_drafts.return_to_draft(notice=submitted, reason="改标题。", by=world.leader)
        assert [(item.why, item.button) for item in inbox.items(world.officer, TODAY)] == [
            ("公示稿被退回：改标题。", "修改公示稿")
        ]
        assert notice_drafts.submit(notice=submitted, by=world.officer, on=TODAY).returned_reason == ""

    def test_is_asked_for_what_can_go_out_alone(self, world: World):
        base = world.shortlisted(TODAY)
        draft = department_draft(world, bases=[base])
        with pytest.raises(Refused) as refusal:
            notice_drafts.submit(notice=draft, by=world.officer, on=TODAY)
        assert refusal.value.reasons == (f"{base.name}：审议纪要尚未登记。",)

    def test_a_units_list_needs_none(self, world: World):
        world.reviewed(PUBLISHED)
        with pytest.raises(NotYours):
            notice_drafts.submit(notice=unit_draft(world), by=world.officer, on=PUBLISHED)
        with pytest.raises(Refused, match="推荐公示由研究生院直接发布"):
            notice_drafts.submit(notice=PublicNotice.objects.get(), by=world.unit_officer, on=PUBLISHED)


@pytest.mark.article("8(2)")
class TestThePeriodInWords:
    def test_names_the_holidays_and_the_make_up_days_that_it_crosses(self, db: None):
        """国庆节 2026: 1 to 7 October off, Saturday 10 October worked."""
        period = notice_words.period(date(2026, 9, 28), 5)
        assert (period.ends_on, period.crossed) == (
            date(2026, 10, 10),
            ("10月1日至7日放假，不计入", "10月10日调休上班，计入"),
        )
        assert [(each.day.day, each.counted, each.words) for each in period.days] == [
            (29, 1, "计入"), (30, 2, "计入"), *((day, 0, "放假，不计入") for day in range(1, 8)),
            (8, 3, "计入"), (9, 4, "计入"), (10, 5, "调休上班，计入"),
        ]  # fmt: skip

    def test_a_weekend_is_no_holiday(self, db: None):
        period = notice_words.period(PUBLISHED, 5)
        assert (period.ends_on, period.crossed) == (LAST_DAY, ())
        assert [each.words for each in period.days if not each.counted] == ["周末，不计入"] * 2

    def test_the_draft_says_it_and_where_a_year_is_entered(
        self, world: World, signed_in: SignedIn, on_day: Callable[[date], None]
    ):
        on = date(2026, 12, 28)
        world.deliberated(on - timedelta(days=8))
        enough = department_draft(world, on)
        on_day(on)
        missing = "2027 年的节假日安排尚未录入，无法计算工作日。"
        page = Page.of(signed_in(world.officer).get(f"/desk/notices/{enough.pk}/edit/"))
        assert missing in page.text
        assert "去工作日历录入 2027 年的安排" in page.text
        with pytest.raises(calendar.CalendarNotLoaded):
            notice_drafts.submit(notice=enough, by=world.officer, on=on)
        enter_calendar_year(
            year=2027, source="通知", holidays=[date(2027, 1, 1)], make_up_days=[], by=world.officer.user
        )
        page = Page.of(signed_in(world.officer).get(f"/desk/notices/{enough.pk}/"))
        assert "1月1日至3日放假，不计入" in page.text


@pytest.mark.article("8(2)")
class TestWhatIsOutIsFrozen:
    @pytest.fixture
    def notice(self, world: World) -> PublicNotice:
        return world.publish([world.reviewed(PUBLISHED)], PUBLISHED)

    @pytest.mark.parametrize(
        "changes",
        [
            {"title": "关于别的公示"}, {"text": "别的正文。"}, {"ends_on": AFTER}, {"published_on": date(2026, 11, 1)},
            {"contact": "别的电话"}, {"office": "别的部门"}, {"working_days": 3},
        ],
        ids=lambda changes: next(iter(changes)),
    )  # fmt: skip
    def test_by_the_database(self, notice: PublicNotice, changes: dict[str, Any]):
        with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
            PublicNotice.objects.update(**changes)

    def test_it_does_not_become_a_draft_again(self, notice: PublicNotice):
        with pytest.raises(IntegrityError, match="does not go back"), transaction.atomic():
            PublicNotice.objects.update(state="draft")

    def test_it_is_not_taken_away(self, notice: PublicNotice):
        with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
            NoticeEntry.objects.all().delete()
        with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
            PublicNotice.objects.all()._raw_delete("default")

    def test_its_list_takes_no_line_and_changes_none(self, world: World, notice: PublicNotice):
        with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
            NoticeEntry.objects.update(base_name="别的基地")
        line = NoticeEntry.objects.get()
        line.pk, line.base, line.position = None, world.declared(PUBLISHED), 2
        with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
            line.save(force_insert=True)

    def test_its_official_text_is_still_attached(self, notice: PublicNotice):
        assert notices.make_pdf(notice.pk).pdf is not None


@pytest.mark.article("8(2) 8(4)")
class TestWithdrawing:
    @pytest.fixture
    def base(self, world: World) -> Base:
        return fresh(world.reviewed(PUBLISHED))

    @pytest.fixture
    def withdrawn(self, world: World, base: Base) -> PublicNotice:
        out = world.publish([base], PUBLISHED)
        return notices.withdraw_notice(notice=out, reason="合作单位有误。", by=world.unit_officer, on=PUBLISHED)

    def test_needs_a_reason_and_its_own_office(self, world: World, base: Base):
        out = world.publish([base], PUBLISHED)
        with pytest.raises(Refused, match="请写明撤回的理由"):
            notices.withdraw_notice(notice=out, reason=" ", by=world.unit_officer, on=PUBLISHED)
        for somebody in (world.other_unit_officer, world.officer, world.leader):
            with pytest.raises(NotYours):
                notices.withdraw_notice(notice=out, reason="有误。", by=somebody, on=PUBLISHED)
        assert again(out).state == Stand.PUBLISHED

    def test_leaves_it_to_be_read_with_its_reason_and_takes_no_objection(
        self, world: World, base: Base, withdrawn: PublicNotice, anybody
    ):
        page = Page.of(anybody.get(f"/public/notices/{withdrawn.pk}/"))
        assert "已于 2026-11-02 撤回，不再有效。理由：合作单位有误。" in page.text
        assert base.name in page.text
        with pytest.raises(Refused, match="不在受理期内"):
            object_to(withdrawn, base)

    def test_keeps_its_bases_where_they_are_until_another_has_ended(
        self, world: World, base: Base, withdrawn: PublicNotice
    ):
        why = "没有有效的公示：公示尚未发布，或者已撤回，须重新公示。"
        assert fresh(base).state == State.UNIT_NOTICE
        assert why in recommending.recommend_reasons(fresh(base), world.unit_officer, AFTER)
        assert [(i.title, i.button) for i in inbox.items(world.unit_officer, AFTER)] == [(withdrawn.title, "重新起草")]
        draft = unit_draft(world, AFTER, replaces=withdrawn)
        assert (draft.title, list(draft.chosen.all())) == (withdrawn.title, [base])
        out = notices.publish(notice=draft, by=world.unit_officer, on=AFTER)
        assert (out.working_days, out.ends_on, out.replaces) == (5, date(2026, 11, 17), withdrawn)
        assert list(fresh(base).events.values_list("transition", flat=True)) == ["declare", "publish_unit_notice"]
        assert inbox.items(world.unit_officer, AFTER) == []
        moved = recommending.recommend(base=fresh(base), acting=world.unit_officer, on=date(2026, 11, 18))
        assert moved.state == State.RECOMMENDED

    def test_a_base_goes_out_anew_beside_others_within_the_quota(
        self, world: World, base: Base, withdrawn: PublicNotice
    ):
        other = world.reviewed(PUBLISHED)
        out = world.publish([base, other], AFTER)
        assert [entry.base for entry in out.entries.all()] == [base, other]
        assert {fresh(each).state for each in (base, other)} == {State.UNIT_NOTICE}

    def test_settles_no_objection(self, world: World, base: Base):
        out = world.publish([base], PUBLISHED)
        objection = object_to(out, base)
        withdrawn = notices.withdraw_notice(notice=out, reason="有误。", by=world.unit_officer, on=PUBLISHED)
        new = notices.publish(
            notice=unit_draft(world, AFTER, replaces=withdrawn), by=world.unit_officer, on=AFTER
        )  # fmt: skip
        after = new.ends_on + timedelta(days=1)
        held_up = ("本基地有 1 件异议尚未办结，办结前不能继续。",)
        assert recommending.recommend_reasons(fresh(base), world.unit_officer, after) == held_up
        settle(objection, world, Objection.Status.DISMISSED, after)
        assert recommending.recommend_reasons(fresh(base), world.unit_officer, after) == ()

    def test_comes_too_late_once_a_base_has_gone_on(self, world: World, base: Base):
        out = world.publish([base], PUBLISHED)
        recommending.recommend(base=fresh(base), acting=world.unit_officer, on=AFTER)
        with pytest.raises(Refused) as refusal:
            notices.withdraw_notice(notice=out, reason="有误。", by=world.unit_officer, on=AFTER)
        assert refusal.value.reasons == (f"名单中的{base.name}已经据此办理下一步，公示不能再撤回。",)

    def test_a_base_that_the_list_in_its_place_leaves_out_is_not_forgotten(self, world: World):
        world.names = ["甲", "乙"]
        kept, left_out = world.reviewed(PUBLISHED), world.reviewed(PUBLISHED)
        out = world.publish([kept, left_out], PUBLISHED)
        withdrawn = notices.withdraw_notice(notice=out, reason="有误。", by=world.unit_officer, on=PUBLISHED)
        draft = unit_draft(world, AFTER, replaces=withdrawn, bases=[kept])
        assert inbox.items(world.unit_officer, AFTER) == []
        notices.publish(notice=draft, by=world.unit_officer, on=AFTER)
        (item,) = inbox.items(world.unit_officer, AFTER)
        assert (item.title, item.why, item.page) == (
            left_out.name,
            f"《{out.title}》撤回后没有再列入公示：请另行起草公示，或者不予推荐。",
            f"/bases/{left_out.pk}/",
        )
        assert item.url == f"/desk/notices/new/?kind=recommendation&bases={left_out.pk}"
        another = unit_draft(world, AFTER)
        assert (list(another.chosen.all()), inbox.items(world.unit_officer, AFTER)) == ([left_out], [])
        notice_drafts.discard_draft(notice=another, by=world.unit_officer)
        recommending.decline(base=fresh(left_out), acting=world.unit_officer, on=AFTER, reason="材料有误。")
        assert inbox.items(world.unit_officer, AFTER) == []

    def test_of_the_departments_is_the_leaders_and_the_officer_drafts_anew(self, world: World):
        base = world.deliberated(TODAY)
        out = world.publish_recognition([base], TODAY)
        with pytest.raises(NotYours):
            notices.withdraw_notice(notice=out, reason="有误。", by=world.officer, on=TODAY)
        withdrawn = notices.withdraw_notice(notice=out, reason="有误。", by=world.leader, on=TODAY)
        assert [item.button for item in inbox.items(world.officer, TODAY)] == ["重新起草"]
        draft = department_draft(world, replaces=withdrawn)
        submitted = notice_drafts.submit(notice=draft, by=world.officer, on=TODAY)
        new = notices.publish(notice=submitted, by=world.leader, on=TODAY)
        after = new.ends_on + timedelta(days=1)
        assert recognising.recognise(base=fresh(base), acting=world.leader, on=after).state == State.RECOGNISED


@pytest.mark.article("8(2)")
class TestConcluding:
    def test_states_how_it_ended_for_each_base(self, world: World):
        bases = [world.reviewed(PUBLISHED) for _n in range(3)]
        out = world.publish(bases, PUBLISHED)
        settle(object_to(out, bases[1]), world, Objection.Status.DISMISSED)
        settle(object_to(out, bases[2]), world, Objection.Status.UPHELD)
        with pytest.raises(Refused, match="公示期至 2026-11-09 24 时，尚未结束。"):
            notices.conclude(notice=out, by=world.unit_officer, on=LAST_DAY)
        done = notices.conclude(notice=out, by=world.unit_officer, on=AFTER)
        assert (done.state, done.concluded_on, done.concluded_by) == (Stand.CONCLUDED, AFTER, world.unit_officer.user)
        assert [words for _entry, words in notices.results(done)] == ["无异议", "异议不成立", "异议成立"]
        with pytest.raises(Overtaken):
            notices.conclude(notice=done, by=world.unit_officer, on=AFTER)
        with pytest.raises(Overtaken, match="公示当前为“已办结”，不能撤回。"):
            notices.withdraw_notice(notice=done, reason="有误。", by=world.unit_officer, on=AFTER)
        with pytest.raises(IntegrityError, match="does not go back"), transaction.atomic():
            PublicNotice.objects.update(state="published", concluded_on=None, concluded_by=None)

    def test_waits_for_every_objection(self, world: World):
        base = world.reviewed(PUBLISHED)
        out = world.publish([base], PUBLISHED)
        objection = object_to(out, base)
        with pytest.raises(Refused, match="还有 1 件异议没有办结，请先办结。"):
            notices.conclude(notice=out, by=world.unit_officer, on=AFTER)
        settle(objection, world, Objection.Status.DISMISSED)
        asked = {item.button: item.title for item in inbox.items(world.unit_officer, AFTER)}
        answer = {"书面答复": f"{base.name}（{objection.number}）"}
        assert asked == {"推荐至教育厅": base.name, "办结公示": out.title} | answer
        notices.conclude(notice=out, by=world.unit_officer, on=AFTER)
        assert {item.button for item in inbox.items(world.unit_officer, AFTER)} == {"推荐至教育厅", *answer}
        assert recommending.recommend_reasons(fresh(base), world.unit_officer, AFTER) == ()


@pytest.mark.article("16 17 19 20")
class TestResults:
    def publish(self, world: World, kind: str, on: date) -> PublicNotice:
        draft = notice_drafts.draft_notice(kind=kind, round=None, by=world.officer, on=on)
        return notices.publish(
            notice=notice_drafts.submit(notice=draft, by=world.officer, on=on), by=world.leader, on=on
        )  # fmt: skip

    def test_a_grade_can_be_announced_before_it_is_decided_but_need_not_be(self, world: World):
        base = world.proposed(world.assessing(PUBLISHED), "excellent", PUBLISHED)
        assert assessing.decide_reasons(base, world.leader, PUBLISHED) == ()
        out = self.publish(world, "assessment", PUBLISHED)
        assert [(e.base, e.note) for e in out.entries.all()] == [(base, "拟定等级：优秀")]
        assert fresh(base).state == State.ASSESSING
        assert assessing.decide_reasons(base, world.leader, LAST_DAY) == (
            f"《{out.title}》公示至 2026-11-09 24 时，期满后再作决定。",
        )
        with pytest.raises(Refused, match="期满后再作决定"):
            world.decide(base, "excellent", LAST_DAY)
        assert result_notices.assessment_candidates()[0].reasons == (f"已列入《{out.title}》。",)
        assert world.decide(base, "excellent", AFTER).state == State.DEMONSTRATION
        with pytest.raises(Overtaken, match="已经据此办理下一步"):
            notices.withdraw_notice(notice=out, reason="有误。", by=world.leader, on=AFTER)

    def test_an_upheld_objection_to_a_title_sends_the_grade_back_to_be_proposed(self, world: World):
        base = world.proposed(world.assessing(PUBLISHED), "excellent", PUBLISHED)
        out = self.publish(world, "title", PUBLISHED)
        assert out.entries.get().note == "拟授予“研究生联合培养示范基地”称号"
        objection = object_to(out, base)
        assert any("1 件针对本基地的异议尚未办结" in r for r in assessing.decide_reasons(base, world.leader, AFTER))
        settle(objection, world, Objection.Status.UPHELD)
        (reason,) = assessing.decide_reasons(base, world.leader, AFTER)
        assert "异议已查证成立，不能照此决定" in reason
        assessing.propose_grade(base=base, acting=world.officer, on=AFTER, grade="qualified", reason="异议成立。")
        assert assessing.decide_reasons(base, world.leader, AFTER) == ()

    def test_a_revocation_waits_for_its_notice(self, world: World):
        base = world.constructing(PUBLISHED)
        world.incident(base, PUBLISHED)
        out = self.publish(world, "revocation", PUBLISHED)
        assert out.entries.get().note.startswith("拟撤销：合作单位发生重大事项")
        with pytest.raises(Refused, match="期满后再作决定"):
            world.revoke(fresh(base), LAST_DAY)
        withdrawn = notices.withdraw_notice(notice=out, reason="事由写错。", by=world.leader, on=LAST_DAY)
        assert revoking.revoke_reasons(fresh(base), world.leader, AFTER) == (
            f"《{out.title}》已撤回，须重新公示，期满后再作决定。",
        )
        asked = {(item.title, item.button) for item in inbox.items(world.officer, AFTER)}
        assert (out.title, "重新起草") in asked
        new = notice_drafts.draft_notice(
            kind="revocation", round=None, replaces=withdrawn, by=world.officer, on=AFTER
        )  # fmt: skip
        submitted = notice_drafts.submit(notice=new, by=world.officer, on=AFTER)
        ends = notices.publish(notice=submitted, by=world.leader, on=AFTER).ends_on
        assert world.revoke(fresh(base), ends + timedelta(days=1)).state == State.REVOKED

    def test_the_official_text_says_what_is_announced(self, world: World):
        world.proposed(world.assessing(PUBLISHED), "qualified", PUBLISHED)
        out = notices.make_pdf(self.publish(world, "assessment", PUBLISHED).pk)
        assert out.pdf is not None


@pytest.mark.article("8(2)")
@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    def test_a_draft_is_published_once(self, world: World, at_once: Callable[..., list[Any]]):
        base = world.reviewed(PUBLISHED)
        draft = unit_draft(world)
        colleague = person(Role.UNIT_OFFICER, training_unit=world.unit)
        results = at_once(
            lambda: notices.publish(notice=draft, by=world.unit_officer, on=PUBLISHED),
            lambda: notices.publish(notice=draft, by=colleague, on=PUBLISHED),
        )
        (lost,) = (result for result in results if isinstance(result, Overtaken))
        assert lost.reasons == ("公示当前为“已发布”，不能发布。请刷新后再看。",)
        assert (NoticeEntry.objects.count(), fresh(base).events.count()) == (1, 2)

    def test_a_base_is_recommended_or_its_notice_withdrawn(self, world: World, at_once: Callable[..., list[Any]]):
        base = world.reviewed(PUBLISHED)
        out = world.publish([base], PUBLISHED)
        seen = fresh(base)
        results = at_once(
            lambda: notices.withdraw_notice(notice=out, reason="有误。", by=world.unit_officer, on=AFTER),
            lambda: recommending.recommend(base=seen, acting=world.unit_officer, on=AFTER),
        )
        assert sum(isinstance(result, Refused) for result in results) == 1
        ended = (again(out).state, fresh(base).state)
        assert ended in {(Stand.WITHDRAWN, State.UNIT_NOTICE), (Stand.PUBLISHED, State.RECOMMENDED)}


@pytest.mark.article("8(2) 8(4)")
class TestOnThePages:
    def test_a_unit_goes_from_the_list_to_publication(self, world: World, signed_in: SignedIn):
        base = world.reviewed(TODAY)
        client = signed_in(world.unit_officer)
        form = Page.of(client.get("/desk/notices/new/?kind=recommendation"))
        sent = {"bases": [base.pk], "title": form.value("title"), "text": form.value("text")}
        draft = Page.of(client.post("/desk/notices/new/?kind=recommendation", sent, follow=True))
        assert "这是草稿，下面是公众将看到的样子。" in draft.text
        assert "公示时间：2026年11月24日至2026年12月1日（5个工作日，自发布次日起算）。" in draft.text
        notice = PublicNotice.objects.get()
        confirm = Page.of(client.get(f"/desk/notices/{notice.pk}/publish/"))
        assert "名单今天（2026-11-24）起公示，2026-12-01 24 时截止，共 5 个工作日，自明天起算。" in confirm.text
        done = Page.of(client.post(f"/desk/notices/{notice.pk}/publish/", {"seen": 0}, follow=True))
        assert "公示已发布，截止 2026-12-01。正式文本正在生成。" in done.text
        assert fresh(base).state == State.UNIT_NOTICE

    def test_what_is_typed_is_kept_and_another_persons_work_not_written_over(self, world: World, signed_in: SignedIn):
        base = world.reviewed(TODAY)
        draft = unit_draft(world, TODAY)
        client, url = signed_in(world.unit_officer), f"/desk/notices/{draft.pk}/autosave/"
        sent = {"seen": 0, "title": "关于", "text": "", "bases": [base.pk]}
        kept, late = client.post(url, sent), client.post(url, sent | {"title": "别的"})
        assert (kept.status_code, late.status_code) == (200, 409)
        assert 'name="seen" id="id_seen" value="1"' in kept.content.decode()
        assert "这份草稿刚由他人改过" in late.content.decode()
        assert again(draft).title == "关于"

    def test_the_department_submits_returns_and_publishes(self, world: World, signed_in: SignedIn):
        base = world.deliberated(TODAY)
        officer, leader = signed_in(world.officer), signed_in(world.leader)
        form = Page.of(officer.get("/desk/notices/new/?kind=recognition"))
        sent = {"bases": [base.pk], "title": form.value("title"), "text": form.value("text")}
        officer.post("/desk/notices/new/?kind=recognition", sent)
        drafted = PublicNotice.objects.get(kind="recognition")
        page = f"/desk/notices/{drafted.pk}/"
        assert leader.get(page).status_code == 404
        assert "已提交审批。" in Page.of(officer.post(f"{page}submit/", {"seen": 0}, follow=True)).text
        assert Page.of(leader.post(f"{page}return/", {"seen": 0, "reason": ""})).beside("reason") == ["请填写这一项。"]
        leader.post(f"{page}return/", {"seen": 0, "reason": "正文再核。"})
        assert "正文再核。" in Page.of(officer.get(f"{page}edit/")).text
        officer.post(f"{page}submit/", {"seen": 1})
        assert "公示已发布" in Page.of(leader.post(f"{page}publish/", {"seen": 1}, follow=True)).text
        assert fresh(base).state == State.RECOGNITION_NOTICE
        back = Page.of(leader.post(f"{page}withdraw/", {"seen": 1, "reason": "名单有误。"}, follow=True))
        assert "已于 2026-11-24 撤回，理由：名单有误。" in back.text
        link = f"/desk/notices/new/?replaces={drafted.pk}"
        assert "代替已撤回的" in Page.of(officer.get(link)).text

    def test_an_ended_one_is_concluded_on_its_page(self, world: World, signed_in: SignedIn):
        out = world.publish([world.reviewed(PUBLISHED)], PUBLISHED)
        client = signed_in(world.unit_officer)
        page = f"/desk/notices/{out.pk}/conclude/"
        assert "无异议" in Page.of(client.get(page)).text
        assert "公示已办结" in Page.of(client.post(page, {"seen": 0}, follow=True)).text
        assert again(out).state == Stand.CONCLUDED

    def test_the_list_is_filtered_by_the_address(self, world: World, signed_in: SignedIn):
        out = world.publish([world.reviewed(TODAY)], TODAY)
        world.reviewed(TODAY)
        draft = unit_draft(world, TODAY, title="关于第二份的公示")
        client = signed_in(world.unit_officer)
        shown = {
            state: [row[0] for row in Page.of(client.get(f"/desk/notices/?state={state}")).rows()]
            for state in ("", "draft", "running", "ended", "nonsense")
        }
        both = [draft.title, out.title]
        assert shown == {"": both, "draft": [draft.title], "running": [out.title], "ended": [], "nonsense": both}
