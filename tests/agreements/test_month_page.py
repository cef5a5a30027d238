"""The page on which a partner's months are filled in: as a form, by lines that save themselves, read by the others."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agreements.models import MonthClosing, MonthlyRecord, MonthReview, Placement
from agreements.services import months
from bases.models import Base
from portal.acting import Acting
from tests.agreements.months import AT, NOVEMBER, OCTOBER, WHOLE, agreed, filled, line_of, place, yuan
from tests.factories import World, pdf_upload

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
def partner(world: World, signed_in: SignedIn) -> Client:
    """The partner at work."""
    return signed_in(world.partner_officer)


def at(base: Base, month: date = OCTOBER, name: str = "month", *more: int) -> str:
    """The address of a page of the month."""
    return reverse(name, args=[base.pk, f"{month:%Y-%m}", *more])


def sent(*lines: tuple[Placement, dict[str, str]], seen: int = 0) -> dict[str, Any]:
    """What the form sends of these lines."""
    form: dict[str, Any] = {"row": [str(placement.pk) for placement, _texts in lines]}
    for placement, texts in lines:
        form[f"seen-{placement.pk}"] = str(seen)
        form |= {f"{key}-{placement.pk}": text for key, text in texts.items()}
    return form


class TestTheForm:
    def test_saves_every_line_at_once(self, base: Base, partner: Client):
        first, second = place(base), place(base)
        answer = partner.post(at(base), sent((first, WHOLE), (second, WHOLE | {"amount": "1,600"})), follow=True)
        assert "已保存 2 行。" in answer.text
        assert [line_of(each, OCTOBER)["amount"] for each in (first, second)] == [yuan("1500"), yuan("1600")]

    def test_with_a_mistake_saves_nothing_and_says_it_beside_the_cell(self, base: Base, partner: Client):
        first, second = place(base, "甲"), place(base, "乙")
        answer = partner.post(at(base), sent((first, WHOLE), (second, WHOLE | {"days": "很多"})))
        assert (answer.status_code, MonthlyRecord.objects.count()) == (422, 0)
        assert "乙 · 天数：“很多”不是整数，请只填数字，例如 12。" in answer.text
        assert f'id="fault-days-{second.pk}"' in answer.text
        assert (
            f'name="amount-{first.pk}" class="num" data-cell="amount" inputmode="decimal" value="1500"' in answer.text
        )
        assert 'value="很多"' in answer.text

    def test_copies_last_month_after_it_kept_what_was_typed(
        self, world: World, base: Base, partner: Client, today: date
    ):
        first, second = place(base), place(base)
        filled(base, OCTOBER, world.partner_officer, today, first, second)
        answer = partner.post(
            at(base, NOVEMBER), sent((first, {"grade": "优秀", "days": "", "amount": ""})) | {"do": "copy"}
        )
        assert answer.status_code == 302
        assert line_of(first, NOVEMBER)["grade"] == "excellent"
        assert line_of(second, NOVEMBER)["amount"] == yuan("1500")

    def test_fills_a_column(self, base: Base, partner: Client):
        students = [place(base) for _n in range(3)]
        partner.post(at(base), {"do": "fill", "all-grade": "qualified", "all-amount": "1200"})
        assert {line_of(each, OCTOBER)["amount"] for each in students} == {yuan("1200")}
        refused = partner.post(at(base), {"do": "fill", "all-amount": "viel"})
        assert (refused.status_code, "生活补贴（元）：“viel”不是数字" in refused.text) == (422, True)

    def test_of_a_month_ahead_or_of_none_does_not_exist(self, base: Base, partner: Client):
        met = [
            partner.get(f"/bases/{base.pk}/months/{month}/").status_code for month in ("2026-12", "2026-13", "heute")
        ]
        assert met == [404, 404, 404]


class TestALineThatSavesItself:
    def test_says_how_it_stands_and_its_new_revision(self, base: Base, partner: Client):
        student = place(base)
        answer = partner.post(at(base, name="month-rows"), sent((student, {"grade": "合格", "amount": "800"})))
        row = answer.json()["rows"][str(student.pk)]
        assert row == {"state": "missing", "words": "缺", "hint": "还缺：天数、低于约定的原因", "revision": 1}
        answer = partner.post(at(base, name="month-rows"), sent((student, {"days": "22"}), seen=1))
        row = answer.json()["rows"][str(student.pk)]
        assert row == {
            "state": "missing",
            "words": "缺原因",
            "hint": "低于协议约定的 1,000 元，请填写原因。",
            "revision": 2,
        }

    def test_keeps_the_good_and_names_the_bad(self, base: Base, partner: Client):
        good, bad = place(base), place(base)
        answer = partner.post(at(base, name="month-rows"), sent((good, WHOLE), (bad, {"days": "99"}))).json()["rows"]
        assert (answer[str(good.pk)]["words"], answer[str(bad.pk)]["words"]) == ("✓", "未保存")
        assert answer[str(bad.pk)]["faults"] == {"days": "不能大于 31。"}
        assert MonthlyRecord.objects.get().placement == good

    def test_that_somebody_else_changed_says_so(self, world: World, base: Base, partner: Client, today: date):
        student = place(base)
        filled(base, OCTOBER, world.partner_officer, today, student)
        answer = partner.post(at(base, name="month-rows"), sent((student, {"days": "3"}))).json()["rows"]
        assert "他人已改动这一行" in answer[str(student.pk)]["faults"][""]

    def test_of_a_closed_month_is_refused_with_a_sentence(self, world: World, base: Base, partner: Client, today: date):
        student = place(base)
        filled(base, OCTOBER, world.partner_officer, today, student)
        months.close_month(base=base, month=OCTOBER, by=world.partner_officer, on=today, at=AT)
        answer = partner.post(at(base, name="month-rows"), sent((student, {"days": "3"}), seen=1))
        assert (answer.status_code, "已经结账" in answer.json()["refused"][0]) == (409, True)

    def test_sixty_lines_take_as_many_queries_as_one(
        self, base: Base, partner: Client, django_assert_max_num_queries: Any
    ):
        students = [place(base) for _n in range(60)]
        form = sent(*((each, WHOLE) for each in students))
        with django_assert_max_num_queries(18):
            assert partner.post(at(base, name="month-rows"), form).status_code == 200
        assert MonthlyRecord.objects.filter(state="done").count() == 60


class TestThePage:
    def test_takes_constant_queries(
        self, world: World, base: Base, partner: Client, today: date, settings: Any, django_assert_max_num_queries: Any
    ):
        students = [place(base) for _n in range(40)]
        filled(base, OCTOBER, world.partner_officer, today, *students)
        settings.INBOX_COUNT_SECONDS = 60  # the number beside 待办 is not the page's own
        partner.get("/")
        with django_assert_max_num_queries(45):
            assert partner.get(at(base)).text.count("data-row=") == 40

    def test_is_read_by_the_others_without_a_form(self, world: World, base: Base, signed_in: SignedIn, today: date):
        filled(base, OCTOBER, world.partner_officer, today, place(base, "陈小满"))
        for acting in (world.unit_officer, world.applicant, world.officer, world.leader):
            page = signed_in(acting).get(at(base)).text
            assert ("陈小满" in page, "month-form" in page) == (True, False)

    def test_of_a_closed_month_shows_both_entries_of_a_correction(
        self, world: World, base: Base, partner: Client, today: date
    ):
        student = place(base)
        filled(base, OCTOBER, world.partner_officer, today, student)
        partner.post(at(base, OCTOBER, "month-close"))
        assert MonthClosing.objects.get().amount == yuan("1500")
        form = WHOLE | {"grade": "qualified", "amount": "1800", "reason": "漏发加班补贴。"}
        assert partner.post(at(base, OCTOBER, "month-correct", student.pk), form).status_code == 302
        page = partner.get(at(base)).text
        assert "原登记（第 1 次）" in page
        assert "更正后（第 2 次登记）" in page
        assert "更正原因：漏发加班补贴。（企业人事，2026-11-24）" in page

    def test_a_wrong_correction_is_said_beside_its_field(self, world: World, base: Base, partner: Client, today: date):
        student = place(base)
        filled(base, OCTOBER, world.partner_officer, today, student)
        partner.post(at(base, OCTOBER, "month-close"))
        form = WHOLE | {"grade": "qualified", "amount": "800", "reason": "多发了。"}
        answer = partner.post(at(base, OCTOBER, "month-correct", student.pk), form)
        assert answer.status_code == 422
        assert answer.context["form"].errors == {"below_reason": ["低于协议约定的 1,000 元，请填写原因。"]}

    def test_closing_shows_what_stands_in_the_way(self, base: Base, partner: Client):
        place(base, "甲")
        page = partner.get(at(base, OCTOBER, "month-close")).text
        assert "还有 1 人没有填完：甲。" in page
        assert "结账</button>" not in page
        assert partner.post(at(base, OCTOBER, "month-close")).status_code == 422
        assert MonthClosing.objects.count() == 0

    def test_a_voucher_is_read_by_both_sides_and_the_department(
        self, world: World, base: Base, partner: Client, signed_in: SignedIn, today: date
    ):
        student = place(base)
        filled(base, OCTOBER, world.partner_officer, today, student)
        form = {"placement": student.pk, "file": pdf_upload("回单.pdf")}
        assert partner.post(at(base, OCTOBER, "month-voucher"), form).status_code == 302
        voucher = MonthlyRecord.objects.get().voucher
        assert voucher is not None
        people = (world.unit_officer, world.officer, world.other_unit_officer, world.other_partner_officer)
        met = [signed_in(each).get(reverse("file", args=[voucher.key])).status_code for each in people]
        assert met == [200, 200, 404, 404]

    def test_the_unit_says_what_it_found_about_a_low_stipend(
        self, world: World, base: Base, signed_in: SignedIn, today: date
    ):
        filled(base, OCTOBER, world.partner_officer, today, place(base), amount="800", below_reason="事假半月。")
        unit = signed_in(world.unit_officer)
        assert "原因：事假半月。" in unit.get(at(base)).text
        assert unit.post(at(base, OCTOBER, "month-review"), {"note": ""}).status_code == 422
        unit.post(at(base, OCTOBER, "month-review"), {"note": "情况属实。"})
        assert MonthReview.objects.get().note == "情况属实。"
        assert "核实：情况属实。" in unit.get(at(base)).text


class TestManyBases:
    def test_every_side_sees_its_own_by_month(self, world: World, base: Base, signed_in: SignedIn, today: date):
        student = place(base, starts_on=date(2026, 9, 10))
        filled(base, OCTOBER, world.partner_officer, today, student)
        for acting in (world.partner_officer, world.unit_officer, world.officer):
            page = signed_in(acting).get(reverse("months")).text
            assert ("缺 1 人" in page, "待结账" in page, "1,500" in page) == (True, True, True)
        assert base.name not in signed_in(world.other_partner_officer).get(reverse("months")).text

    @pytest.mark.parametrize(("show", "seen"), [("below", "甲"), ("unpaid", "乙")])
    def test_what_deserves_a_look_is_listed(
        self, world: World, base: Base, signed_in: SignedIn, today: date, show: str, seen: str
    ):
        low, unpaid, fine = place(base, "甲"), place(base, "乙"), place(base, "丙")
        filled(base, OCTOBER, world.partner_officer, today, low, amount="800", below_reason="事假。")
        filled(base, OCTOBER, world.partner_officer, today, unpaid, paid_on="")
        filled(base, OCTOBER, world.partner_officer, today, fine)
        department = signed_in(world.officer)
        rows = department.get(reverse("month-flags"), {"show": show}).context["rows"]
        assert [record.placement.student.name for record, *_rest in rows] == [seen]
        assert department.get(reverse("month-flags"), {"show": show, "month": "2026-09"}).context["rows"] == []

    def test_takes_constant_queries(
        self,
        world: World,
        base: Base,
        signed_in: SignedIn,
        today: date,
        settings: Any,
        django_assert_max_num_queries: Any,
    ):
        students = [place(base, starts_on=date(2026, 1, 1)) for _n in range(10)]
        for month in range(3, 11):
            first = date(2026, month, 1)
            filled(base, first, world.partner_officer, today, *students, paid_on=f"{first:%Y-%m}-28")
        unit = signed_in(world.unit_officer)
        settings.INBOX_COUNT_SECONDS = 60
        unit.get("/")
        with django_assert_max_num_queries(40):
            assert unit.get(reverse("months")).status_code == 200
