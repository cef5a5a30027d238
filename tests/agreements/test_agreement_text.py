"""第十条: the text of an agreement, drafted by the unit until its nine matters are clear, agreed to by the partner, frozen from then on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from agreements.matters import GUIDES, Matter, has_blank
from agreements.models import Agreement, AgreementStep, Clause
from agreements.services import agreements
from bases.models import Base
from portal import uploads
from portal.errors import NotYours, Overtaken, Refused
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


def propose(world: World, drafted: Agreement, on: date) -> Agreement:
    """The unit sends the text as it stands."""
    return agreements.propose(agreement=drafted, by=world.unit_officer, on=on, seen=drafted.revision)


def save(world: World, drafted: Agreement, on: date, clauses: dict[str, str] | None = None, **values: Any) -> Agreement:
    """The unit saves these fields and clauses."""
    return agreements.save_draft(
        agreement=drafted, by=world.unit_officer, on=on, seen=drafted.revision, values=values, clauses=clauses or {}
    )


def started(world: World, base: Base, on: date) -> Agreement:
    """The first draft of a base, as it begins."""
    return agreements.start(base=base, by=world.unit_officer, on=on, kind="first")


class TestADraft:
    def test_begins_with_a_wording_for_each_of_the_nine_matters_and_the_figures_of_the_policy(
        self, world: World, base: Base, today
    ):
        drafted = started(world, base, today)
        assert [(each.matter, each.text) for each in drafted.clauses.all()] == [
            (matter.value, str(GUIDES[matter].wording)) for matter in Matter
        ]
        assert [matter.label for matter in Matter] == [
            "联合培养方式", "培养期限", "培养内容", "学习或科研条件", "实践训练", "学术交流", "知识产权和技术保密", "研究生待遇", "人身安全",
        ]  # fmt: skip
        assert (drafted.version, drafted.kind, drafted.predecessor, drafted.status) == (1, "first", None, "drafting")
        assert (drafted.stipend_floor_master, drafted.stipend_floor_doctor) == (Decimal(1000), Decimal(2000))

    @pytest.mark.agreement("其他事项 5")
    def test_begins_with_three_years_and_four_copies_two_for_each_side(self, world: World, base: Base, today):
        drafted = started(world, base, today)
        assert (drafted.term_years, drafted.copies_total, drafted.copies_each) == (3, 4, 2)

    @pytest.mark.parametrize("who", ["other_unit_officer", "applicant", "partner_officer", "officer"])
    def test_is_the_graduate_offices_alone(self, world: World, base: Base, today, who: str):
        with pytest.raises(NotYours):
            agreements.start(base=base, by=getattr(world, who), on=today, kind="first")

    def test_is_one_at_a_time(self, world: World, base: Base, today):
        drafted = started(world, base, today)
        with pytest.raises(Refused) as refusal:
            agreements.start(base=drafted.base, by=world.unit_officer, on=today, kind="first")
        assert refusal.value.reasons == ("第 1 份协议（签订）正在办理（起草中），办结或者作废之后才能另行起草。",)

    def test_of_a_base_that_was_revoked_is_overtaken(self, world: World, base: Base, today):
        with pytest.raises(Overtaken):
            agreements.start(base=world.revoked(today), by=world.unit_officer, on=today, kind="first")

    def test_saved_in_another_window_is_not_written_over(self, world: World, base: Base, today):
        drafted = started(world, base, today)
        saved = save(world, drafted, today, goals="合作攻关。")
        assert saved.revision == drafted.revision + 1
        with pytest.raises(Overtaken):
            save(world, drafted, today, goals="另一个窗口。")
        assert Agreement.objects.get().goals == "合作攻关。"

    def test_that_is_given_up_stays_and_its_number_is_not_used_again(self, world: World, base: Base, today):
        drafted = started(world, base, today)
        agreements.discard(agreement=drafted, by=world.unit_officer, on=today)
        again = agreements.start(base=drafted.base, by=world.unit_officer, on=today, kind="first")
        assert list(Agreement.objects.values_list("version", "status")) == [(2, "drafting"), (1, "discarded")]
        assert again.predecessor is None


class TestWhatIsMissing:
    def test_stands_in_the_way_of_sending_it_all_of_it_named(self, world: World, base: Base, today):
        drafted = started(world, base, today)
        with pytest.raises(Refused) as refusal:
            propose(world, drafted, today)
        blanks = [m.label for m in Matter if has_blank(str(GUIDES[m].wording))]
        assert list(refusal.value.reasons) == [
            "没有填写“合作目标”。", "没有填写“甲方授权代表”。", "没有填写“乙方授权代表”。", "没有填写“管理委员会办公室设在”。",
            "没有填写“每年提供岗位（个）”。", "没有填写“意外伤害保险由谁购买”。", "没有填写“甲方付给乙方人员的报酬：额度”。",
            *(f"“{label}”中还有没有填写的【　】，请填写或者删去。" for label in blanks),
        ]  # fmt: skip
        assert Agreement.objects.get().status == "drafting"

    @pytest.mark.parametrize("matter", list(Matter))
    def test_is_each_of_the_nine_matters(self, world: World, base: Base, today, matter: Matter):
        drafted = save(world, world.draft_agreement(base, today), today, {matter: "  "})
        with pytest.raises(Refused) as refusal:
            propose(world, drafted, today)
        assert refusal.value.reasons == (f"没有约定“{matter.label}”。",)

    @pytest.mark.parametrize("matter", list(Matter))
    @pytest.mark.parametrize("status", ["proposed", "effective"])
    def test_is_found_by_the_database_too(self, world: World, base: Base, today, matter: Matter, status: str):
        drafted = save(world, world.draft_agreement(base, today), today, {matter: " \n"})
        days = {"signed_on": today, "effective_on": today, "expires_on": date(2029, 11, 24)}
        days |= (
            {"scan": uploads.store_bytes(pdf_upload().read(), name="签署件.pdf", purpose="agreement_scan")}
            if status == "effective"
            else {}
        )
        with pytest.raises(DatabaseError, match="leaves a matter of article 10 open"), transaction.atomic():
            Agreement.objects.filter(pk=drafted.pk).update(status=status, **days)

    @pytest.mark.parametrize(
        ("values", "reason"),
        [
            pytest.param({"posts_per_year": None}, "没有填写“每年提供岗位（个）”。", marks=pytest.mark.agreement("培养过程 1")),
            pytest.param({"insurance_by": ""}, "没有填写“意外伤害保险由谁购买”。", marks=pytest.mark.agreement("其他事项 3")),
            pytest.param({"term_years": None}, "没有填写“有效期（年）”。", marks=pytest.mark.agreement("其他事项 5")),
            pytest.param({"pay_standard": ""}, "没有填写“甲方付给乙方人员的报酬：额度”。", marks=pytest.mark.agreement("权责划分（一）2")),
            pytest.param({"committee_office": ""}, "没有填写“管理委员会办公室设在”。", marks=pytest.mark.agreement("建设内容 1")),
            pytest.param({"goals": ""}, "没有填写“合作目标”。", marks=pytest.mark.agreement("建设目标")),
        ],
    )  # fmt: skip
    def test_is_what_the_template_leaves_to_the_parties(
        self, world: World, base: Base, today, values: dict[str, Any], reason: str
    ):
        drafted = world.draft_agreement(base, today, **values)
        with pytest.raises(Refused) as refusal:
            propose(world, drafted, today)
        assert refusal.value.reasons == (reason,)
        with pytest.raises(DatabaseError, match="agreement_that_is_sent_is_whole"), transaction.atomic():
            Agreement.objects.filter(pk=drafted.pk).update(status="proposed")

    @pytest.mark.agreement("权责划分（二）5")
    def test_is_no_floor_of_the_stipend_where_the_parties_agreed_on_none(self, world: World, base: Base, today):
        none = {"stipend_floor_master": None, "stipend_floor_doctor": None}
        sent = world.propose_agreement(base, today, **none)
        assert sent.status == "proposed"


class TestThePartner:
    def test_agrees_to_the_text_and_it_waits_for_the_signatures(self, world: World, base: Base, today):
        sent = world.propose_agreement(base, today)
        agreed = agreements.agree(agreement=sent, by=world.partner_officer, on=today, seen=sent.revision)
        assert (agreed.status, agreed.agreed_on) == ("agreed", today)

    def test_sends_it_back_with_the_reason_and_the_unit_goes_on(self, world: World, base: Base, today):
        sent = world.propose_agreement(base, today)
        returned = agreements.return_text(
            agreement=sent, by=world.partner_officer, on=today, reason=" 补贴标准过高。 ", seen=sent.revision
        )
        assert (returned.status, returned.returned_reason) == ("drafting", "补贴标准过高。")
        assert propose(world, save(world, returned, today, posts_per_year=8), today).returned_reason == ""

    @pytest.mark.parametrize("act", [agreements.agree, agreements.return_text])
    @pytest.mark.parametrize("who", ["other_partner_officer", "unit_officer", "officer", "applicant"])
    def test_alone_answers(self, world: World, base: Base, today, who: str, act: Callable[..., Any]):
        sent = world.propose_agreement(base, today)
        more = {"reason": "不对。"} if act is agreements.return_text else {}
        with pytest.raises(NotYours):
            act(agreement=sent, by=getattr(world, who), on=today, seen=sent.revision, **more)

    @pytest.mark.parametrize("act", [agreements.agree, agreements.return_text])
    def test_answers_the_text_that_it_has_read_and_no_other(
        self, world: World, base: Base, today, act: Callable[..., Any]
    ):
        sent = world.propose_agreement(base, today)
        read = sent.revision
        taken = agreements.take_back(agreement=sent, by=world.unit_officer, on=today, reason="漏了一条。")
        propose(world, save(world, taken, today, posts_per_year=20), today)
        more = {"reason": "不对。"} if act is agreements.return_text else {}
        with pytest.raises(Overtaken):
            act(agreement=sent, by=world.partner_officer, on=today, seen=read, **more)
        assert Agreement.objects.get().status == "proposed"


class TestASentText:
    @pytest.mark.parametrize(
        "change", [{"posts_per_year": 1}, {"goals": "改了。"}, {"stipend_floor_master": None}, {"copies_each": 1}]
    )
    def test_is_frozen_in_the_database(self, world: World, base: Base, today, change: dict[str, Any]):
        sent = world.propose_agreement(base, today)
        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            Agreement.objects.filter(pk=sent.pk).update(**change)

    def test_keeps_its_clauses(self, world: World, base: Base, today):
        sent = world.propose_agreement(base, today)
        with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
            Clause.objects.filter(agreement=sent).update(text="改了。")
        with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
            Clause.objects.filter(agreement=sent).delete()

    def test_is_not_saved_by_the_unit_until_it_is_taken_back(self, world: World, base: Base, today):
        sent = world.propose_agreement(base, today)
        with pytest.raises(Overtaken):
            save(world, sent, today, posts_per_year=9)
        taken = agreements.take_back(agreement=sent, by=world.unit_officer, on=today, reason="改岗位数。")
        assert save(world, taken, today, posts_per_year=9).posts_per_year == 9

    def test_has_its_way_written_down_for_good(self, world: World, base: Base, today):
        world.revise_agreement(base, today)
        unit, partner = world.unit_officer.user_id, world.partner_officer.user_id
        assert list(AgreementStep.objects.values_list("kind", "side", "by")) == [
            ("drafted", "unit", unit), ("proposed", "unit", unit), ("agreed", "partner", partner), ("signed", "unit", unit),
            ("effective", "partner", partner),
        ]  # fmt: skip
        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            AgreementStep.objects.update(note="改写")
