"""第十条: a recognition asks both sides for the revised agreement; the unit hands it in, the partner confirms it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from agreements.models import AgreementRevision
from agreements.services import revisions
from bases.lifecycle import State
from bases.models import Base, OfficialDocument
from portal import inbox
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.roles import Role
from tests.factories import World, pdf_upload

SignedIn = Callable[[Acting], Client]
pytestmark = pytest.mark.article("10")


def hand_in(world: World, base: Base, on: date, **changes: Any) -> AgreementRevision:
    """The unit's graduate office hands in the agreement that was signed on that day."""
    given = {"acting": world.unit_officer, "on": on, "file": pdf_upload("协议.pdf"), "signed_on": on,
             "expires_on": on + timedelta(days=3 * 365), "changes": "写明了补贴标准。"}  # fmt: skip
    return revisions.submit_revision(base=base, **(given | changes))


def shown() -> int | None:
    """The key of the file that the partner's page shows now."""
    return AgreementRevision.objects.get().file_id


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

    def test_waits_for_the_unit_then_for_the_partner_then_for_nobody(self, world: World, today):
        base = world.constructing(today)
        due = AgreementRevision.objects.get().due_on
        unit, partner = world.unit_officer, world.partner_officer
        asked = [("基地已认定，请会同合作单位按第十条修订联合培养协议并提交。", due)]
        assert (groups(unit, today), groups(partner, today)) == (asked, [])
        hand_in(world, base, today)
        told = [("培养单位提交了修订后的协议，请打开核对后确认或者退回。", due)]
        assert (groups(unit, today), groups(partner, today)) == ([], told)
        revisions.confirm_revision(base=base, acting=partner, on=today, seen_file=shown())
        assert (groups(unit, today), groups(partner, today), groups(world.officer, due + timedelta(days=1))) == (
            [],
            [],
            [],
        )

    def test_that_is_late_comes_to_the_department_the_day_after(self, world: World, today):
        world.constructing(today)
        due = AgreementRevision.objects.get().due_on
        assert groups(world.officer, due) == []
        why = f"修订协议逾期，等待{world.unit.name}办理，请督促。"
        assert groups(world.officer, due + timedelta(days=1)) == [(why, due)]


class TestHandingIn:
    def test_keeps_the_agreement_its_dates_and_who_handed_it_in(self, world: World, today):
        base = world.constructing(today)
        revision = hand_in(world, base, today)
        assert revision.file is not None
        assert (revision.file.name, revision.signed_on, revision.submitted_by, revision.submitted_on) == (
            "协议.pdf", today, world.unit_officer.user, today,
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"signed_on": date(2026, 11, 25)}, "签署日期 2026-11-25 还没有到，请在双方签署之后提交。"),
            ({"expires_on": date(2026, 11, 24)}, "有效期至应晚于签署日期 2026-11-24。"),
            (
                {"signed_on": date(2020, 1, 1), "expires_on": date(2023, 1, 1)},
                "协议在 2023-01-01 已经到期，请提交仍然有效的协议。",
            ),
        ],
    )
    def test_refuses_dates_that_cannot_be(self, world: World, today, changes: dict[str, date], reason: str):
        base = world.constructing(today)
        with pytest.raises(Refused) as refusal:
            hand_in(world, base, today, **changes)
        assert refusal.value.reasons == (reason,)
        assert AgreementRevision.objects.get().submitted_on is None

    @pytest.mark.parametrize("who", ["other_unit_officer", "applicant", "partner_officer", "officer", "leader"])
    def test_is_the_graduate_offices_alone(self, world: World, today, who: str):
        base = world.constructing(today)
        with pytest.raises(NotYours):
            hand_in(world, base, today, acting=getattr(world, who))

    def test_may_be_repeated_until_the_partner_has_confirmed(self, world: World, today):
        base = world.constructing(today)
        hand_in(world, base, today)
        assert hand_in(world, base, today, changes="再次修订。").changes == "再次修订。"
        revisions.confirm_revision(base=base, acting=world.partner_officer, on=today, seen_file=shown())
        with pytest.raises(Overtaken):
            hand_in(world, base, today)

    def test_of_a_base_that_was_revoked_is_overtaken(self, world: World, today):
        base = world.revoked(today)
        assert base.state == State.REVOKED
        with pytest.raises(Overtaken):
            hand_in(world, base, today)
        assert groups(world.unit_officer, today) == []


class TestThePartner:
    def test_sends_back_with_the_reason_and_the_last_day_stays(self, world: World, today):
        base = world.constructing(today)
        due = AgreementRevision.objects.get().due_on
        hand_in(world, base, today)
        revisions.return_revision(
            base=base, acting=world.partner_officer, on=today, reason="缺少签字页。", seen_file=shown()
        )
        assert groups(world.unit_officer, today) == [("合作单位退回：缺少签字页。", due)]
        assert groups(world.partner_officer, today) == []
        hand_in(world, base, today)
        assert AgreementRevision.objects.get().returned_reason == ""

    @pytest.mark.parametrize("who", ["other_partner_officer", "unit_officer", "officer", "applicant"])
    @pytest.mark.parametrize("act", [revisions.confirm_revision, revisions.return_revision])
    def test_alone_confirms_or_sends_back(self, world: World, today, who: str, act: Callable[..., Any]):
        base = world.constructing(today)
        hand_in(world, base, today)
        more = {"reason": "不对。"} if act is revisions.return_revision else {}
        with pytest.raises(NotYours):
            act(base=base, acting=getattr(world, who), on=today, seen_file=shown(), **more)

    def test_has_nothing_to_confirm_before_it_was_handed_in(self, world: World, today):
        base = world.constructing(today)
        with pytest.raises(Overtaken):
            revisions.confirm_revision(base=base, acting=world.partner_officer, on=today, seen_file=shown())


class TestOnTheBasesPage:
    def test_the_unit_hands_in_and_the_partner_confirms(self, world: World, today, signed_in: SignedIn):
        base = world.constructing(today)
        unit, partner = signed_in(world.unit_officer), signed_in(world.partner_officer)
        page = reverse("base", args=[base.pk])
        submit = reverse("act", args=[base.pk, "submit-revised-agreement"])
        sent = {"file": pdf_upload("协议.pdf"), "signed_on": "2026-11-20", "expires_on": "2029-11-20", "changes": ""}
        assert "等待培养单位会同合作单位修订并提交" in unit.get(page).content.decode()
        assert unit.post(submit, sent, follow=True).status_code == 200
        assert "确认修订后的协议" in partner.get(page).content.decode()
        confirm = reverse("act", args=[base.pk, "confirm-revised-agreement"])
        partner.post(confirm, {"seen_file": partner.get(confirm).context["form"]["seen_file"].value()}, follow=True)
        stored = AgreementRevision.objects.get()
        assert (stored.confirmed_by, stored.confirmed_on) == (world.partner_officer.user, today)
        assert "任务完成" in unit.get(page).content.decode()

    @pytest.mark.parametrize("name", ["confirm-revised-agreement", "return-revised-agreement"])
    def test_the_partner_answers_the_file_that_it_has_seen_and_no_other(
        self, world: World, today, signed_in: SignedIn, name: str
    ):
        base, partner = world.constructing(today), signed_in(world.partner_officer)
        hand_in(world, base, today)
        act = reverse("act", args=[base.pk, name])
        seen = partner.get(act).context["form"]["seen_file"].value()
        hand_in(world, base, today, file=pdf_upload("另一份.pdf"))
        words = "培养单位刚重新提交了协议，没有办理。请看过新文件再确认。"
        for sent in ({"seen_file": seen}, {}):
            assert words in partner.post(act, sent | {"reason": "缺页。"}).content.decode()
        stored = AgreementRevision.objects.get()
        assert (stored.confirmed_on, stored.returned_reason, stored.submitted_on) == (None, "", today)

    def test_a_date_that_cannot_be_is_said_beside_its_field(self, world: World, today, signed_in: SignedIn):
        base = world.constructing(today)
        sent = {"file": pdf_upload("协议.pdf"), "signed_on": "2026-11-20", "expires_on": "2026-11-19", "changes": ""}
        answer = signed_in(world.unit_officer).post(reverse("act", args=[base.pk, "submit-revised-agreement"]), sent)
        assert (answer.status_code, "有效期至应晚于签署日期。" in answer.content.decode()) == (422, True)

    def test_the_agreement_is_read_by_both_sides_and_the_department_alone(
        self, world: World, today, signed_in: SignedIn
    ):
        base = world.constructing(today)
        stored = hand_in(world, base, today).file
        assert stored is not None
        address = reverse("file", args=[stored.key])
        people = world.everybody() | {
            "other unit": world.other_unit_officer, "other partner": world.other_partner_officer,
            "other applicant": world.other_applicant,
        }  # fmt: skip
        readers = {name for name, acting in people.items() if signed_in(acting).get(address).status_code == 200}
        assert readers == {
            Role.APPLICANT, Role.UNIT_OFFICER, Role.PARTNER_OFFICER, Role.DEPT_OFFICER, Role.DEPT_LEADER,
        }  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_the_partner_confirms_what_it_saw_or_the_unit_replaces_it_first(
    today: date, at_once: Callable[..., list[Any]]
) -> None:
    """Both act at the same moment: whoever comes second finds the agreement as the first has left it, nothing is half done."""
    world = World.create()
    with transaction.atomic():
        base = world.constructing(today)
        hand_in(world, base, today)
    at_once(
        lambda: revisions.confirm_revision(base=base, acting=world.partner_officer, on=today, seen_file=shown()),
        lambda: revisions.return_revision(
            base=base, acting=world.partner_officer, on=today, reason="缺页。", seen_file=shown()
        ),
    )
    stored = AgreementRevision.objects.get()
    confirmed, returned = stored.confirmed_on is not None, stored.returned_reason != ""
    assert (confirmed, returned) in {(True, False), (False, True)}
    assert (stored.submitted_on is None) == returned
