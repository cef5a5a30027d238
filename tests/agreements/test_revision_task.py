"""第十条: a recognition asks both sides for the revised agreement; one that becomes effective afterwards is the answer."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from agreements.models import AgreementRevision
from agreements.services import agreement_signing, agreements
from bases.models import OfficialDocument
from portal import inbox
from portal.acting import Acting
from tests.factories import World

SignedIn = Callable[[Acting], Client]
pytestmark = pytest.mark.article("10")


def groups(acting: Acting, on: date) -> list[tuple[str, date | None]]:
    """What waits for somebody around the agreements: why, and until when."""
    return [(item.why, item.due) for item in inbox.items(acting, on) if item.group == "协议"]


class TestTheTask:
    def test_comes_with_the_recognition_document_and_is_due_after_the_days_of_the_policy(self, world: World, today):
        base = world.constructing(today)
        revision = AgreementRevision.objects.get()
        assert base.policy is not None
        assert (revision.base, revision.asked_on, revision.due_on) == (
            base, today, today + timedelta(days=base.policy.agreement_revision_days),
        )  # fmt: skip
        assert revision.document.kind == OfficialDocument.Kind.RECOGNITION

    def test_is_named_with_its_last_day_in_the_notice_to_the_unit(self, world: World, today):
        world.constructing(today)
        notice = OfficialDocument.objects.get(kind=OfficialDocument.Kind.PROJECT_NOTICE)
        due = AgreementRevision.objects.get().due_on
        assert f"于{due.year}年{due.month}月{due.day}日前在平台提交" in notice.text

    def test_waits_for_one_side_after_the_other_and_is_done_by_the_effective_agreement(self, world: World, today):
        base = world.constructing(today)
        due = AgreementRevision.objects.get().due_on
        unit, partner = world.unit_officer, world.partner_officer

        def waits() -> tuple[list[tuple[str, date | None]], list[tuple[str, date | None]]]:
            return groups(unit, today), groups(partner, today)

        assert waits() == ([("基地已认定，请会同合作单位按第十条修订联合培养协议并提交。", due)], [])
        drafted = world.draft_agreement(base, today)
        assert waits() == ([("协议正在起草，九项内容齐全后送合作单位确认文本。", due)], [])
        agreements.propose(agreement=drafted, by=unit, on=today, seen=drafted.revision)
        assert waits() == ([], [("培养单位送来协议文本，请看过后同意或者退回。", due)])
        agreements.agree(agreement=drafted, by=partner, on=today, seen=drafted.revision)
        assert waits() == ([("文本双方已经确认，请签字盖章后上传签署件。", due)], [])
        signed = agreement_signing.sign(
            agreement=drafted, by=unit, on=today, file=world.paper("签署件.pdf"), signed_on=today
        )
        assert waits() == ([], [("培养单位提交了双方签署的协议，请打开核对后确认或者退回。", due)])
        agreement_signing.confirm(agreement=signed, by=partner, on=today, seen_file=signed.scan_id)
        assert (*waits(), groups(world.officer, due + timedelta(days=1))) == ([], [], [])
        done = AgreementRevision.objects.get()
        assert (done.agreement, done.done_on) == (signed, today)

    def test_says_why_the_partner_sent_text_or_scan_back(self, world: World, today):
        base, unit, partner = world.constructing(today), world.unit_officer, world.partner_officer
        due = AgreementRevision.objects.get().due_on
        sent = world.propose_agreement(base, today)
        agreements.return_text(agreement=sent, by=partner, on=today, reason="岗位数写多了。", seen=sent.revision)
        assert groups(unit, today) == [("合作单位退回文本：岗位数写多了。", due)]
        sent.refresh_from_db()
        agreements.propose(agreement=sent, by=unit, on=today, seen=sent.revision)
        agreements.agree(agreement=sent, by=partner, on=today, seen=sent.revision)
        signed = agreement_signing.sign(agreement=sent, by=unit, on=today, file=world.paper("一.pdf"), signed_on=today)
        agreement_signing.return_scan(
            agreement=signed, by=partner, on=today, reason="缺少签字页。", seen_file=signed.scan_id
        )
        assert groups(unit, today) == [("合作单位退回签署件：缺少签字页。", due)]

    def test_that_is_late_comes_to_the_department_the_day_after_and_names_who_holds_it_up(self, world: World, today):
        base = world.constructing(today)
        due = AgreementRevision.objects.get().due_on
        late = due + timedelta(days=1)
        assert groups(world.officer, due) == []
        assert groups(world.officer, late) == [(f"修订协议逾期，等待{world.unit.name}办理，请督促。", due)]
        world.propose_agreement(base, today)
        assert groups(world.officer, late) == [(f"修订协议逾期，等待{world.partner.name}办理，请督促。", due)]

    def test_of_a_base_that_was_revoked_waits_for_nobody(self, world: World, today):
        world.revoked(today)
        assert (groups(world.unit_officer, today), groups(world.partner_officer, today)) == ([], [])


class TestOnTheBasesPage:
    def test_the_acts_of_both_sides_lead_to_the_agreement(self, world: World, today, signed_in: SignedIn):
        base = world.constructing(today)
        unit, partner = signed_in(world.unit_officer), signed_in(world.partner_officer)
        page, agreement = reverse("base", args=[base.pk]), reverse("base-agreements", args=[base.pk])
        act = reverse("act", args=[base.pk, "revise-agreement"])
        assert "等待培养单位会同合作单位修订，" in unit.get(page).text
        assert unit.get(act).headers["Location"] == agreement
        assert "答复协议文本" not in partner.get(page).text
        world.hand_in_agreement(base, today)
        assert "核对协议签署件" in partner.get(page).text
        assert partner.get(reverse("act", args=[base.pk, "check-signed-agreement"])).headers["Location"] == agreement

    def test_shows_that_the_task_is_done_and_how_far_the_agreement_reaches(
        self, world: World, today, signed_in: SignedIn
    ):
        base = world.constructing(today)
        world.revise_agreement(base, today)
        text = signed_in(world.officer).get(reverse("base", args=[base.pk])).text
        assert f"{today.isoformat()} 完成。" in text
        assert "协议覆盖整个建设期" in text
