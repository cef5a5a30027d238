"""公示 of results: what is out is decided as it was announced, after its end and its objections (第十六条, 第十七条, 第十九条, 第二十条)."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.models import Objection, PublicNotice
from applications.services import notice_drafts, notices
from bases.lifecycle import Grade, State
from bases.models import Base
from evaluations.models import Assessment
from evaluations.services import assessing, result_notices, revoking
from portal import inbox
from portal.acting import Acting
from portal.errors import Refused
from tests.applications import objecting
from tests.evaluations.conftest import now
from tests.factories import World

PUBLISHED, LAST_DAY = date(2026, 11, 2), date(2026, 11, 9)
AFTER = LAST_DAY + timedelta(days=1)
UPHELD, DISMISSED = Objection.Status.UPHELD, Objection.Status.DISMISSED

pytestmark = pytest.mark.article("16 17 19 20")


def announce(world: World, kind: str, on: date, replaces: PublicNotice | None = None) -> PublicNotice:
    """The department announces what is proposed."""
    draft = notice_drafts.draft_notice(kind=kind, round=None, by=world.officer, on=on, replaces=replaces)
    submitted = notice_drafts.submit(notice=draft, by=world.officer, on=on)
    return notices.publish(notice=submitted, by=world.leader, on=on)


def withdraw(world: World, notice: PublicNotice, on: date) -> PublicNotice:
    """The leader withdraws it."""
    return notices.withdraw_notice(notice=notice, reason="异议成立，核实后重新公示。", by=world.leader, on=on)


def graded(world: World, grade: str = Grade.QUALIFIED) -> Base:
    """A base whose grade is proposed on the day of publication."""
    return world.proposed(world.assessing(PUBLISHED), grade, PUBLISHED)


def endangered(world: World) -> Base:
    """A base whose revocation is proposed on the day of publication."""
    base = world.constructing(PUBLISHED)
    world.incident(base, PUBLISHED)
    return now(base)


def object_and_settle(world: World, base: Base, status: str, on: date = LAST_DAY) -> Objection:
    """Somebody objects in time and the department concludes."""
    return objecting.settle(objecting.object_to(base, PUBLISHED), status, world.officer, on)


def asked(who: Acting, on: date) -> list[tuple[str, str, str]]:
    """What waits for them beside objections and agreements: of what, by which button, and where it leads."""
    found = [(item.title, item.button, item.url) for item in inbox.items(who, on) if item.group != "协议"]
    return [each for each in found if not each[2].startswith("/objections/")]


def day_after(notice: PublicNotice) -> date:
    """The day after its end."""
    return notice.ends_on + timedelta(days=1)


class TestAnUpheldObjection:
    def test_keeps_the_notice_from_its_conclusion_and_another_one_opens_the_way(self, world: World):
        base = endangered(world)
        out = announce(world, "revocation", PUBLISHED)
        object_and_settle(world, base, UPHELD)
        page = f"/desk/notices/{out.pk}/"
        with pytest.raises(Refused) as refusal:
            notices.conclude(notice=out, by=world.officer, on=AFTER)
        assert refusal.value.reasons == ("有异议成立，拟定的结果不能照此决定：请撤回公示，核实后重新公示。",)
        assert asked(world.leader, AFTER) == [(base.name, "查看公示", page)]
        assert asked(world.officer, AFTER) == [(out.title, "查看公示", page), (base.name, "查看公示", page)]

        withdrawn = withdraw(world, out, AFTER)
        assert result_notices.revocation_candidates()[0].reasons == ()
        assert asked(world.leader, AFTER) == []
        assert asked(world.officer, AFTER) == [(out.title, "重新起草", f"/desk/notices/new/?replaces={out.pk}")]
        new = announce(world, "revocation", AFTER, replaces=withdrawn)
        over = day_after(new)
        assert revoking.revoke_reasons(now(base), world.leader, over) == ()
        assert [button for _base, button, _url in asked(world.leader, over)] == ["决定是否撤销"]
        assert world.revoke(now(base), over).state == State.REVOKED

    def test_does_not_hold_the_notice_for_ever_where_another_base_has_gone_on(self, world: World):
        base, other = endangered(world), endangered(world)
        out = announce(world, "revocation", PUBLISHED)
        object_and_settle(world, base, UPHELD)
        world.revoke(other, AFTER)
        with pytest.raises(Refused, match="已经据此办理下一步，公示不能再撤回"):
            withdraw(world, out, AFTER)
        (listed,) = result_notices.revocation_candidates()
        assert listed.reasons == (f"已列入《{out.title}》。",)
        notices.conclude(notice=out, by=world.officer, on=AFTER)
        (listed,) = result_notices.revocation_candidates()
        assert (listed.base, listed.reasons) == (base, ())
        assert asked(world.officer, AFTER) == [(base.name, "起草公示", "/desk/notices/new/?kind=revocation")]
        over = day_after(announce(world, "revocation", AFTER))
        assert revoking.revoke_reasons(now(base), world.leader, over) == ()

    def test_sends_the_grade_back_to_the_officer(self, world: World):
        base = graded(world, Grade.EXCELLENT)
        out = announce(world, "title", PUBLISHED)
        object_and_settle(world, base, UPHELD)
        page = f"/desk/notices/{out.pk}/"
        assert asked(world.officer, LAST_DAY) == [(base.name, "查看公示", page)]
        again = (base.name, "重新拟定等级", f"/bases/{base.pk}/acts/propose-grade/")
        assert again in asked(world.officer, AFTER)
        assert asked(world.leader, AFTER) == [(base.name, "查看公示", page)]
        assessing.propose_grade(base=base, acting=world.officer, on=AFTER, grade=Grade.QUALIFIED, reason="异议成立。")
        assert again not in asked(world.officer, AFTER)
        assert [button for _base, button, _url in asked(world.leader, AFTER)] == ["决定等级"]


class TestWhatIsAnnounced:
    def propose_another(self, world: World, base: Base, on: date) -> Assessment:
        return assessing.propose_grade(
            base=base, acting=world.officer, on=on, grade=Grade.EXCELLENT, reason="另有考虑。"
        )

    def test_is_not_replaced_while_it_runs_or_an_objection_is_open(self, world: World):
        base = graded(world)
        out = announce(world, "assessment", PUBLISHED)
        runs = f"《{out.title}》正在公示（至 2026-11-09 24 时），不能重新拟定：请等公示期满、异议办结，或者由审批人撤回公示。"
        waits = "公示中有 1 件针对本基地的异议尚未办结，不能重新拟定：请先办结异议。"
        for on in (PUBLISHED, LAST_DAY):
            with pytest.raises(Refused) as refusal:
                self.propose_another(world, base, on)
            assert refusal.value.reasons == (runs,)
        objection = objecting.object_to(base, PUBLISHED)
        assert assessing.propose_reasons(base, world.officer, LAST_DAY) == (runs, waits)
        with pytest.raises(Refused) as refusal:
            self.propose_another(world, base, AFTER)
        assert refusal.value.reasons == (waits,)
        objecting.settle(objection, DISMISSED, world.officer, AFTER)
        assert self.propose_another(world, base, AFTER).proposed_grade == Grade.EXCELLENT

    def test_is_not_replaced_over_an_open_objection_by_a_withdrawal_either(self, world: World):
        base = graded(world)
        out = announce(world, "assessment", PUBLISHED)
        objection = objecting.object_to(base, PUBLISHED)
        withdraw(world, out, PUBLISHED)
        with pytest.raises(Refused, match="尚未办结，不能重新拟定"):
            self.propose_another(world, base, AFTER)
        objecting.settle(objection, DISMISSED, world.officer, AFTER)
        assert self.propose_another(world, base, AFTER).proposed_grade == Grade.EXCELLENT

    def test_another_grade_of_the_same_day_is_not_announced_with_it(self, world: World):
        base = graded(world)
        out = announce(world, "assessment", PUBLISHED)
        withdraw(world, out, PUBLISHED)
        self.propose_another(world, base, PUBLISHED)
        assert assessing.decide_reasons(base, world.leader, AFTER) == (
            f"《{out.title}》已撤回，须重新公示，期满后再作决定。",
        )
        new = announce(world, "assessment", PUBLISHED)
        assert new.entries.get().note == "拟定等级：优秀"

    def test_the_result_of_a_later_year_does_not_wait_for_a_notice_withdrawn_before(self, world: World):
        base = graded(world)
        out = withdraw(world, announce(world, "assessment", PUBLISHED), PUBLISHED)
        draft = (out.title, "重新起草", f"/desk/notices/new/?replaces={out.pk}")
        assert asked(world.officer, AFTER) == [draft]
        self.propose_another(world, base, AFTER)
        assert asked(world.officer, AFTER) == []
        assert [button for _base, button, _url in asked(world.leader, AFTER)] == ["决定等级"]


class TestTheLeadersInbox:
    def test_asks_for_no_decision_before_the_end_of_the_notice_and_its_objections(self, world: World):
        grade, revocation = graded(world), endangered(world)
        both = {(grade.name, "决定等级"), (revocation.name, "决定是否撤销")}

        def decisions(on: date) -> set[tuple[str, str]]:
            return {(title, button) for title, button, _url in asked(world.leader, on)}

        assert decisions(PUBLISHED) == both
        for kind in ("assessment", "revocation"):
            announce(world, kind, PUBLISHED)
        assert decisions(LAST_DAY) == set()
        assert decisions(AFTER) == both
        objection = objecting.object_to(grade, PUBLISHED)
        assert decisions(AFTER) == {(revocation.name, "决定是否撤销")}
        objecting.settle(objection, DISMISSED, world.officer, AFTER)
        assert decisions(AFTER) == both

    def test_takes_as_many_queries_for_two_of_a_kind_as_for_one(self, world: World):
        counts = []
        for _number in (1, 2):
            graded(world), endangered(world)
            announce(world, "assessment", PUBLISHED), announce(world, "revocation", PUBLISHED)
            for base in Base.objects.filter(notice_entries__notice__published_on=PUBLISHED, objections=None):
                object_and_settle(world, base, UPHELD)
            for who in (world.leader, world.officer):
                with CaptureQueriesContext(connection) as queries:
                    found = inbox.items(who, AFTER)
                counts.append((len(found), len(queries)))
        (leader, officer, leader_later, officer_later) = counts
        assert (leader[0], leader_later[0]) == (2, 4)
        assert (leader[1], officer[1]) == (leader_later[1], officer_later[1])
