"""协议 权责划分（二）5: students confirm what they received through a personal link; who did not becomes a task of the unit."""

import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import segno
from django.test import Client
from django.urls import reverse

from agreements.models import MonthlyRecord, Placement, Receipt, StipendLink
from agreements.services import months, receipts
from bases.models import Base
from portal import inbox
from portal.access_log import AccessLog
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from tests.agreements.months import AT, NOVEMBER, OCTOBER, WHOLE, agreed, filled, place, save
from tests.factories import World

pytestmark = pytest.mark.agreement("权责划分（二）5")
SignedIn = Callable[[Acting], Client]


@pytest.fixture
def world(cooperation: tuple[World, Base]) -> World:
    """Everybody."""
    return cooperation[0]


@pytest.fixture
def base(cooperation: tuple[World, Base]) -> Base:
    """A base under construction with an agreement."""
    agreed(cooperation[1])
    return cooperation[1]


@pytest.fixture
def student(world: World, base: Base, today: date) -> Placement:
    """A student whose October is paid."""
    found = place(base, "陈小满")
    filled(base, OCTOBER, world.partner_officer, today, found)
    return found


def link_for(world: World, base: Base, student: Placement, today: date, by: Acting | None = None) -> receipts.Issued:
    """A new link of a student."""
    by = by or world.unit_officer
    return receipts.issue(base=base, students=[student.student_id], by=by, on=today, at=AT)[0]


def say(issued: receipts.Issued, today: date, *, received: bool, note: str = "") -> Receipt:
    """The student answers the newest month."""
    record = receipts.months_of(issued.link)[0].record
    return receipts.answer(
        link=issued.link, record=record.pk, revision=record.revision, received=received, note=note, on=today, at=AT
    )


def titles(acting: Acting, on: date) -> list[tuple[str, str, bool]]:
    """What waits around denials: title, why, whether it presses."""
    found = [item for item in inbox.items(acting, on) if "没有收到" in item.why]
    return [(item.title, item.why, item.pressing) for item in found]


class TestALink:
    def test_keeps_only_the_hash_of_a_long_secret(self, world: World, base: Base, student: Placement, today: date):
        issued = link_for(world, base, student, today)
        kept = StipendLink.objects.get()
        assert len(issued.secret) >= 43
        assert kept.secret_hash == hashlib.sha256(issued.secret.encode()).hexdigest()
        assert (kept.issued_by, kept.expires_on) == (world.unit_officer.user, today + timedelta(days=400))

    @pytest.mark.parametrize("who", ["unit_officer", "partner_officer"])
    def test_is_made_by_either_side(self, world: World, base: Base, student: Placement, today: date, who: str):
        assert link_for(world, base, student, today, getattr(world, who)).link.student == student.student

    @pytest.mark.parametrize("who", ["other_unit_officer", "other_partner_officer", "officer", "applicant"])
    def test_and_by_nobody_else(self, world: World, base: Base, student: Placement, today: date, who: str):
        with pytest.raises(NotYours):
            link_for(world, base, student, today, getattr(world, who))

    def test_a_renewed_one_makes_the_one_before_worthless(
        self, world: World, base: Base, student: Placement, today: date
    ):
        old, new = link_for(world, base, student, today), link_for(world, base, student, today)
        assert receipts.find(old.secret, today) is None
        assert receipts.find(new.secret, today) == new.link

    def test_ends_with_its_last_day_and_when_it_is_withdrawn(
        self, world: World, base: Base, student: Placement, today: date
    ):
        issued = link_for(world, base, student, today)
        assert receipts.find(issued.secret, today + timedelta(days=400)) is not None
        assert receipts.find(issued.secret, today + timedelta(days=401)) is None
        receipts.withdraw(link=issued.link, by=world.partner_officer, at=AT)
        assert receipts.find(issued.secret, today) is None
        with pytest.raises(Overtaken):
            receipts.withdraw(link=issued.link, by=world.partner_officer, at=AT)

    def test_is_for_students_of_the_base_alone(self, world: World, base: Base, today: date):
        with pytest.raises(Refused, match="请先选择"):
            receipts.issue(base=base, students=[999_999], by=world.unit_officer, on=today, at=AT)

    def test_is_not_written_into_the_record_of_requests(self):
        class Asked:
            status, headers, sent = "200 OK", [], 0

        class Request(Asked):
            method, uri, path, query, version = "GET", "/stipends/geheim-123/", "/stipends/geheim-123/", "", (1, 1)

        environ = {
            "REQUEST_METHOD": "GET", "RAW_URI": "/stipends/geheim-123/", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
            "HTTP_REFERER": "http://testserver/stipends/geheim-123/", "PATH_INFO": "/stipends/geheim-123/",
        }  # fmt: skip
        written = AccessLog.atoms(AccessLog.__new__(AccessLog), Asked(), Request(), environ, timedelta(0))
        assert not [value for value in written.values() if "geheim" in str(value)]


class TestTheStudent:
    def test_confirms_a_month_once(self, world: World, base: Base, student: Placement, today: date):
        issued = link_for(world, base, student, today)
        receipt = say(issued, today, received=True)
        assert (receipt.answer, receipt.amount, receipt.paid_on) == ("received", 1500, date(2026, 11, 5))
        with pytest.raises(Overtaken, match="已经确认收到"):
            say(issued, today, received=True)

    def test_denies_with_a_word_and_not_twice(self, world: World, base: Base, student: Placement, today: date):
        issued = link_for(world, base, student, today)
        with pytest.raises(Refused, match="请写几句说明"):
            say(issued, today, received=False)
        say(issued, today, received=False, note="没有到账。")
        with pytest.raises(Overtaken, match="正在等待学校处理"):
            say(issued, today, received=False, note="还是没有到账。")

    def test_may_deny_what_was_never_paid_but_not_confirm_it(
        self, world: World, base: Base, student: Placement, today: date
    ):
        save(base, NOVEMBER, world.partner_officer, {student: WHOLE | {"paid_on": ""}}, today)
        issued = link_for(world, base, student, today)
        with pytest.raises(Refused, match="还没有登记发放"):
            say(issued, today, received=True)
        assert say(issued, today, received=False, note="一直没有发。").paid_on is None

    def test_answers_what_the_page_had_shown(self, world: World, base: Base, student: Placement, today: date):
        issued = link_for(world, base, student, today)
        record = receipts.months_of(issued.link)[0].record
        save(base, OCTOBER, world.partner_officer, {student: {"amount": "1600"}}, today)
        with pytest.raises(Overtaken, match="刚刚有改动"):
            receipts.answer(
                link=issued.link, record=record.pk, revision=record.revision, received=True, note="", on=today, at=AT
            )
        assert Receipt.objects.count() == 0

    def test_reaches_nobody_elses_month(self, world: World, base: Base, student: Placement, today: date):
        other = place(base)
        filled(base, OCTOBER, world.partner_officer, today, other)
        issued = link_for(world, base, student, today)
        theirs = MonthlyRecord.objects.get(placement=other)
        with pytest.raises(Overtaken):
            receipts.answer(link=issued.link, record=theirs.pk, revision=1, received=True, note="", on=today, at=AT)

    def test_is_asked_again_when_the_sum_changes_and_not_for_a_note(
        self, world: World, base: Base, student: Placement, today: date
    ):
        issued = link_for(world, base, student, today)
        say(issued, today, received=True)
        save(base, OCTOBER, world.partner_officer, {student: {"note": "好。"}}, today)
        assert receipts.months_of(issued.link)[0].asks is False
        save(base, OCTOBER, world.partner_officer, {student: {"amount": "1600"}}, today)
        assert receipts.months_of(issued.link)[0].asks is True
        assert Receipt.objects.get().is_current is False

    def test_is_asked_again_by_a_correction(self, world: World, base: Base, student: Placement, today: date):
        issued = link_for(world, base, student, today)
        say(issued, today, received=True)
        months.close_month(base=base, month=OCTOBER, by=world.partner_officer, on=today, at=AT)
        months.correct(
            base=base, month=OCTOBER, placement=student.pk, texts=WHOLE | {"amount": "1800"}, reason="漏发。",
            by=world.partner_officer, on=today, at=AT,
        )  # fmt: skip
        shown = receipts.months_of(issued.link)
        assert [(each.record.amount, each.asks) for each in shown] == [(1800, True)]


class TestADenial:
    def test_presses_the_unit_and_is_seen_by_the_partner_until_it_is_answered(
        self, world: World, base: Base, student: Placement, today: date
    ):
        issued = link_for(world, base, student, today)
        receipt = say(issued, today, received=False, note="没有到账。")
        title, why = "陈小满：2026 年 10 月生活补贴", "研究生反映没有收到补贴：没有到账。"
        assert titles(world.unit_officer, today) == [(title, why, True)]
        assert titles(world.partner_officer, today) == [(title, why, False)]
        receipts.handle(receipt=receipt, handling="卡号有误，已重发。", by=world.unit_officer, on=today)
        assert titles(world.unit_officer, today) + titles(world.partner_officer, today) == []
        kept = Receipt.objects.get()
        assert (kept.handled_by, kept.handled_on, kept.handling) == (
            world.unit_officer.user,
            today,
            "卡号有误，已重发。",
        )

    def test_is_settled_when_the_student_receives_it_after_all(
        self, world: World, base: Base, student: Placement, today: date
    ):
        issued = link_for(world, base, student, today)
        receipt = say(issued, today, received=False, note="没有到账。")
        say(issued, today, received=True)
        assert titles(world.unit_officer, today) == []
        with pytest.raises(Overtaken):
            receipts.handle(receipt=receipt, handling="好。", by=world.unit_officer, on=today)

    def test_may_come_again_after_the_answer(self, world: World, base: Base, student: Placement, today: date):
        issued = link_for(world, base, student, today)
        receipt = say(issued, today, received=False, note="没有到账。")
        receipts.handle(receipt=receipt, handling="已重发。", by=world.unit_officer, on=today)
        say(issued, today, received=False, note="仍然没有到账。")
        assert [why for _title, why, _pressing in titles(world.unit_officer, today)] == [
            "研究生反映没有收到补贴：仍然没有到账。"
        ]

    def test_stays_when_the_partner_changes_the_entry(self, world: World, base: Base, student: Placement, today: date):
        issued = link_for(world, base, student, today)
        say(issued, today, received=False, note="没有到账。")
        save(base, OCTOBER, world.partner_officer, {student: {"amount": "1600"}}, today)
        assert len(titles(world.unit_officer, today)) == 1

    @pytest.mark.parametrize("who", ["partner_officer", "other_unit_officer", "officer"])
    def test_is_answered_by_the_unit_alone(self, world: World, base: Base, student: Placement, today: date, who: str):
        receipt = say(link_for(world, base, student, today), today, received=False, note="没有。")
        with pytest.raises(NotYours):
            receipts.handle(receipt=receipt, handling="好。", by=getattr(world, who), on=today)


class TestThePages:
    def test_the_unit_prints_links_the_student_answers_and_the_unit_reads_it(
        self, world: World, base: Base, student: Placement, today: date, signed_in: SignedIn
    ):
        unit, phone = signed_in(world.unit_officer), Client(headers={"accept-language": "zh-hans"})
        page = unit.post(reverse("stipend-links", args=[base.pk]), {"student": student.student_id})
        address = page.context["made"][0][1]
        assert page.headers["Cache-Control"].startswith("max-age=0")
        assert address in page.text
        drawn = segno.make(address, error="m", micro=False).svg_inline(
            scale=3, border=4, svgclass="link-qr", lineclass=None
        )
        assert drawn in page.text
        assert address not in unit.get(reverse("stipend-links", args=[base.pk])).text
        path = address.removeprefix("http://testserver")
        shown = phone.get(path)
        assert (shown.status_code, shown["Referrer-Policy"]) == (200, "same-origin")
        assert "2026 年 10 月" in shown.text
        assert "1,500.00 元" in shown.text
        assert "13900000001" not in shown.text
        record = MonthlyRecord.objects.get()
        told = {"record": record.pk, "revision": record.revision, "answer": "denied", "note": ""}
        assert "请写几句说明" in phone.post(path, told).text
        assert phone.post(path, told | {"note": "没有到账。"}).status_code == 302
        denial = Receipt.objects.get()
        assert "已反映没有收到" in phone.get(path).text
        handled = unit.post(reverse("stipend-denial", args=[denial.pk]), {"handling": "已重发，请查收。"})
        assert handled.status_code == 302
        assert "已重发，请查收。" in phone.get(path).text
        assert (
            "已重发，请查收。" in signed_in(world.partner_officer).get(reverse("stipend-denial", args=[denial.pk])).text
        )

    def test_shows_the_link_holder_nothing_of_others(self, world: World, base: Base, student: Placement, today: date):
        filled(base, OCTOBER, world.partner_officer, today, place(base, "别人家"), amount="4321")
        issued = link_for(world, base, student, today)
        page = Client().get(reverse("stipends", args=[issued.secret])).text
        assert ("陈小满" in page, "别人家" in page, "4,321" in page) == (True, False, False)

    def test_of_guesses_there_is_an_end(self, world: World, base: Base, student: Placement, today: date):
        visitor = Client()
        met = [visitor.get(reverse("stipends", args=[f"guess-{n}"])).status_code for n in range(31)]
        assert met == [404] * 30 + [429]
        issued = link_for(world, base, student, today)
        assert visitor.get(reverse("stipends", args=[issued.secret])).status_code == 200

    def test_a_withdrawn_link_does_not_exist(
        self, world: World, base: Base, student: Placement, today: date, signed_in: SignedIn
    ):
        issued = link_for(world, base, student, today)
        unit = signed_in(world.unit_officer)
        assert "立即失效" in unit.get(reverse("stipend-link-withdraw", args=[issued.link.pk])).text
        unit.post(reverse("stipend-link-withdraw", args=[issued.link.pk]))
        assert Client().get(reverse("stipends", args=[issued.secret])).status_code == 404

    def test_the_list_of_links_takes_constant_queries(
        self,
        world: World,
        base: Base,
        today: date,
        signed_in: SignedIn,
        settings: Any,
        django_assert_max_num_queries: Any,
    ):
        students = [place(base) for _n in range(15)]
        filled(base, OCTOBER, world.partner_officer, today, *students)
        receipts.issue(
            base=base, students=[each.student_id for each in students], by=world.unit_officer, on=today, at=AT
        )
        unit = signed_in(world.unit_officer)
        settings.INBOX_COUNT_SECONDS = 60  # the number beside 待办 is not the page's own
        unit.get("/")
        with django_assert_max_num_queries(40):
            assert unit.get(reverse("stipend-links", args=[base.pk])).text.count("2026-11-24 生成") == 15
