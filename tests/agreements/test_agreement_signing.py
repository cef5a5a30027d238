"""第十条, 其他事项: an agreement from its signatures to its end: force, term, succession, termination."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from agreements.models import Agreement
from agreements.services import agreement_signing as signing
from agreements.services import agreements
from agreements.services.agreement_papers import make_pdf
from agreements.services.terms import terms_of
from bases.models import Base
from portal import inbox, verification
from portal.errors import NotYours, Overtaken, Refused
from tests.agreements.agreed import agreed
from tests.agreements.conftest import Cooperating
from tests.factories import World, pdf_upload

pytestmark = pytest.mark.article("10")


@pytest.fixture
def world(cooperating: Cooperating, db: None) -> World:
    """The people of the module, their counters as they were."""
    return replace(cooperating.world)


@pytest.fixture
def base(world: World, cooperating: Cooperating) -> Base:
    """A base in construction since today."""
    return Base.objects.get(pk=cooperating.base)


def ready(world: World, base: Base, on: date) -> Agreement:
    """An agreement whose text both sides have agreed on."""
    sent = world.propose_agreement(base, on)
    return agreements.agree(agreement=sent, by=world.partner_officer, on=on, seen=sent.revision)


def sign(world: World, agreement: Agreement, on: date, **changes: Any) -> Agreement:
    """The unit hands in the scan, signed on that day."""
    given = {"by": world.unit_officer, "on": on, "file": pdf_upload("签署件.pdf"), "signed_on": on} | changes
    return signing.sign(agreement=agreement, **given)


def confirm(world: World, agreement: Agreement, on: date) -> Agreement:
    """The partner confirms the scan."""
    return signing.confirm(agreement=agreement, by=world.partner_officer, on=on, seen_file=agreement.scan_id)


def whys(world: World, who: str, on: date) -> list[str]:
    """What waits for somebody around the agreements."""
    return [item.why for item in inbox.items(getattr(world, who), on) if item.group == "协议"]


class TestTheSignedScan:
    def test_is_confirmed_by_the_partner_and_the_agreement_holds_from_the_signatures_for_its_term(
        self, world: World, base: Base, today
    ):
        signed = sign(world, ready(world, base, today), today)
        assert (signed.status, terms_of([signed.base_id], today)) == ("signed", {})
        effective = confirm(world, signed, today)
        assert (effective.status, effective.effective_on, effective.expires_on) == (
            "effective", today, date(2029, 11, 24),
        )  # fmt: skip
        found = terms_of([effective.base_id], today)[effective.base_id]
        assert (found.agreement_id, found.posts_per_year, found.insurance_by) == (effective.pk, 12, "partner")

    @pytest.mark.agreement("其他事项 5")
    def test_of_the_29_of_february_ends_on_the_28_three_years_later(self, world: World, base: Base):
        leap = date(2028, 2, 29)
        signed = sign(world, ready(world, base, leap), leap)
        assert (signed.effective_on, signed.expires_on) == (leap, date(2031, 2, 28))

    def test_may_take_effect_on_a_later_day_that_the_parties_agreed_on(self, world: World, base: Base, today):
        later = today + timedelta(days=30)
        effective = confirm(world, sign(world, ready(world, base, today), today, effective_on=later), today)
        assert (effective.effective_on, effective.expires_on) == (later, date(2029, 12, 24))
        assert (effective.standing(today), effective.standing(later)) == ("已签署，尚未到生效日期", "生效中")
        assert terms_of([effective.base_id], today) == {}

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"signed_on": date(2026, 11, 25)}, "签署日期 2026-11-25 还没有到，请在双方签署之后提交。"),
            ({"signed_on": date(2026, 11, 23)}, "签署日期 2026-11-23 早于双方确认文本的日期 2026-11-24，请核对签署件。"),
            ({"effective_on": date(2026, 11, 23)}, "生效日期不能早于签署日期 2026-11-24。"),
            ({"effective_on": date(9999, 12, 31)}, "生效日期不能晚于签署日期一年以上，请核对。"),
        ],
    )  # fmt: skip
    def test_with_days_that_cannot_be_is_refused(
        self, world: World, base: Base, today, changes: dict[str, date], reason: str
    ):
        with pytest.raises(Refused) as refusal:
            sign(world, ready(world, base, today), today, **changes)
        assert refusal.value.reasons == (reason,)
        assert Agreement.objects.get().scan is None

    @pytest.mark.parametrize("who", ["other_unit_officer", "applicant", "partner_officer", "officer"])
    def test_is_handed_in_by_the_graduate_office_alone(self, world: World, base: Base, today, who: str):
        waiting = ready(world, base, today)
        with pytest.raises(NotYours):
            sign(world, waiting, today, by=getattr(world, who))

    @pytest.mark.parametrize("who", ["other_partner_officer", "unit_officer", "officer", "applicant"])
    def test_is_confirmed_by_the_partner_alone(self, world: World, base: Base, today, who: str):
        signed = sign(world, ready(world, base, today), today)
        with pytest.raises(NotYours):
            signing.confirm(agreement=signed, by=getattr(world, who), on=today, seen_file=signed.scan_id)

    def test_that_was_replaced_is_not_what_the_partner_has_seen(self, world: World, base: Base, today):
        signed = sign(world, ready(world, base, today), today)
        sign(world, signed, today, file=pdf_upload("另一份.pdf"))
        with pytest.raises(Overtaken):
            confirm(world, signed, today)
        assert Agreement.objects.get().status == "signed"

    def test_sent_back_is_handed_in_again(self, world: World, base: Base, today):
        signed = sign(world, ready(world, base, today), today)
        signing.return_scan(
            agreement=signed, by=world.partner_officer, on=today, reason="缺页。", seen_file=signed.scan_id
        )
        assert Agreement.objects.get().returned_reason == "缺页。"
        assert confirm(world, sign(world, signed, today), today).status == "effective"

    def test_in_force_keeps_its_dates_in_the_database(self, world: World, base: Base, today):
        effective = agreed(world, base, today)
        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            Agreement.objects.filter(pk=effective.pk).update(expires_on=date(2040, 1, 1))


class TestARenewal:
    def test_takes_over_what_the_one_before_says_and_knows_it(self, world: World, base: Base, today):
        first = agreed(world, base, today, posts_per_year=30)
        later = today + timedelta(days=700)
        drafted = agreements.start(base=first.base, by=world.unit_officer, on=later, kind="renewal", changes="续签。")
        assert (drafted.version, drafted.kind, drafted.predecessor, drafted.posts_per_year) == (2, "renewal", first, 30)
        texts = [list(each.clauses.values_list("matter", "text")) for each in (first, drafted)]
        assert texts[0] == texts[1]

    @pytest.mark.agreement("其他事项 5")
    def test_is_a_new_agreement_and_the_one_before_ends_on_the_day_before(self, world: World, base: Base, today):
        first = agreed(world, base, today)
        later = today + timedelta(days=700)
        second = agreed(world, first.base, later, kind="renewal", stipend_floor_master=1500)
        first.refresh_from_db()
        assert (first.status, first.ended_on, second.effective_on) == ("superseded", later - timedelta(days=1), later)
        floors = [terms_of([first.base_id], day)[first.base_id].floor_master for day in (later - timedelta(1), later)]
        assert floors == [1000, 1500]

    def test_that_begins_after_the_end_of_the_one_before_leaves_that_its_own_end(self, world: World, base: Base, today):
        first = agreed(world, base, today)
        late = first.days[1] + timedelta(days=60)
        agreed(world, first.base, late, kind="renewal")
        first.refresh_from_db()
        assert (first.status, first.ended_on, first.standing(late)) == ("superseded", None, "已到期，由新协议接替")

    def test_does_not_begin_on_or_before_the_day_of_the_one_before(self, world: World, base: Base, today):
        first = agreed(world, base, today)
        sent = world.propose_agreement(first.base, today, kind="revision")
        waiting = agreements.agree(agreement=sent, by=world.partner_officer, on=today, seen=sent.revision)
        with pytest.raises(Refused) as refusal:
            sign(world, waiting, today)
        assert refusal.value.reasons == ("生效日期应晚于现行协议的生效日期 2026-11-24。",)


class TestATermination:
    @pytest.mark.parametrize(
        "ending",
        [
            pytest.param("violation", marks=pytest.mark.agreement("其他事项 1")),
            pytest.param("force_majeure", marks=pytest.mark.agreement("其他事项 4")),
            "breach",
            "mutual",
        ],
    )
    @pytest.mark.parametrize(("side", "other"), [("unit", "partner"), ("partner", "unit")])
    def test_is_recorded_by_either_side_and_the_other_is_told_until_it_has_read_of_it(
        self, world: World, base: Base, today, ending: str, side: str, other: str
    ):
        effective = agreed(world, base, today)
        recorder, reader = (getattr(world, f"{each}_officer") for each in (side, other))
        later = today + timedelta(days=40)
        ended = signing.terminate(
            agreement=effective, by=recorder, on=later, ending=ending, reason="停产。", ended_on=later
        )
        assert (ended.status, ended.ending, ended.ended_side, ended.ended_on) == ("terminated", ending, side, later)
        assert terms_of([ended.base_id], later + timedelta(days=1)) == {}
        who = {"unit": "培养单位", "partner": "合作单位"}[side]
        why = f"{who}登记终止协议：{Agreement.Ending(ending).label}。请看过后确认知悉。"
        renew = "协议有效至 2027-01-03，早于建设期截止 2029-11-24，请"
        told, own = (whys(world, f"{each}_officer", later) for each in (other, side))
        assert (told[0], len(told), len(own), told[1][: len(renew)], own[0][: len(renew)]) == (why, 2, 1, renew, renew)
        signing.read_ending(agreement=ended, by=reader, on=later)
        assert whys(world, f"{other}_officer", later) == told[1:]

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"reason": " "}, "请写明终止的事实和依据，对方会看到。"),
            ({"ending": "mood"}, "请选择终止的原因。"),
            ({"ended_on": date(2026, 11, 23)}, "最后有效日应在协议的有效期 2026-11-24 至 2029-11-24 之内。"),
            ({"ended_on": date(2029, 11, 25)}, "最后有效日应在协议的有效期 2026-11-24 至 2029-11-24 之内。"),
        ],
    )
    def test_needs_its_reason_and_a_day_of_the_term(
        self, world: World, base: Base, today, changes: dict[str, Any], reason: str
    ):
        effective = agreed(world, base, today)
        given = {"ending": "breach", "reason": "停产。", "ended_on": today} | changes
        with pytest.raises(Refused) as refusal:
            signing.terminate(agreement=effective, by=world.unit_officer, on=today, **given)
        assert refusal.value.reasons == (reason,)

    @pytest.mark.parametrize("who", ["other_unit_officer", "other_partner_officer", "applicant", "officer"])
    def test_is_recorded_by_the_two_sides_alone(self, world: World, base: Base, today, who: str):
        effective = agreed(world, base, today)
        given: dict[str, Any] = {"ending": "breach", "reason": "停产。", "ended_on": today}
        with pytest.raises(NotYours):
            signing.terminate(agreement=effective, by=getattr(world, who), on=today, **given)

    def test_is_final_also_in_the_database(self, world: World, base: Base, today):
        effective = agreed(world, base, today)
        signing.terminate(
            agreement=effective, by=world.unit_officer, on=today, ending="mutual", reason="商定。", ended_on=today
        )
        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            Agreement.objects.filter(pk=effective.pk).update(
                status="effective", ending="", ended_reason="", ended_side=""
            )
        with pytest.raises(Overtaken):
            signing.terminate(
                agreement=effective, by=world.unit_officer, on=today, ending="mutual", reason="商定。", ended_on=today
            )

    def test_is_said_to_whoever_verifies_the_paper(self, world: World, base: Base, today):
        effective = agreed(world, base, today)
        made = make_pdf(effective.pk, effective.revision)
        assert made.record is not None
        signing.terminate(
            agreement=made, by=world.unit_officer, on=today, ending="mutual", reason="商定。", ended_on=today
        )
        found = verification.find_by_code(made.record.shown_code)
        assert found is not None
        assert (found.withdrawn_on, found.withdrawn_reason) == (today, "协议终止，2026-11-24 为最后有效日。")
