"""基地研究生 of a unit: kept and found by its graduate office, without ID-card numbers."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.models import Student
from agreements.services import students
from portal.acting import Acting
from portal.errors import NotYours, Refused
from tests.agreements.placing import ENDS, Placing, student

SignedIn = Callable[[Acting], Client]
ID_CARD = "150102199001010019"


class TestKeeping:
    def test_one_student_keeps_who_entered_them(self, placing: Placing):
        found = student(placing.world, placing.on, "20240001", "萨仁")
        assert (found.training_unit, found.entered_by, found.entered_on) == (
            placing.world.unit,
            placing.unit.user,
            placing.on,
        )
        students.save(by=placing.unit, on=placing.on, student=found, name="萨仁高娃")
        assert Student.objects.get(pk=found.pk).name == "萨仁高娃"

    def test_a_number_stands_once_in_a_unit(self, placing: Placing):
        student(placing.world, placing.on, "20240001", "萨仁")
        with pytest.raises(Refused) as refusal:
            student(placing.world, placing.on, "20240001", "另一人")
        assert refusal.value.reasons == ("学号 20240001 已在本单位名单中，没有保存。",)

    def test_an_id_card_number_is_refused(self, placing: Placing):
        with pytest.raises(Refused) as refusal:
            student(placing.world, placing.on, ID_CARD, "萨仁")
        assert refusal.value.reasons == ("学号：内容中含有居民身份证号，平台不收集身份证号，请删去后再保存。",)

    @pytest.mark.parametrize("who", ["applicant", "partner_officer", "officer", "sysadmin"])
    def test_is_the_graduate_offices_alone(self, placing: Placing, who: str):
        with pytest.raises(NotYours):
            students.save(by=getattr(placing.world, who), on=placing.on, number="1", name="x")

    def test_who_is_in_a_base_has_not_left_the_university(self, placing: Placing):
        who = placing.select(1)[0].student
        with pytest.raises(Refused) as refusal:
            students.save(by=placing.unit, on=placing.on, student=who, left_on=placing.on)
        words = f"这名研究生在“{placing.base.name}”的实践到 {ENDS} 才结束，请先办理提前结束，再登记离校。"
        assert refusal.value.reasons == (words,)


class TestTheList:
    def test_finds_and_filters_the_units_own(self, placing: Placing, signed_in: SignedIn):
        placing.select(1)
        student(placing.world, placing.on, "20259999", "博士生", level="doctor", left_on=date(2026, 6, 30))
        client = signed_in(placing.unit)

        def shown(query: str) -> int:
            return client.get(reverse("student-list") + query).context["page_obj"].paginator.count

        queries = [
            "",
            "?q=乌兰",
            "?q=2025000",
            "?level=doctor",
            "?place=in",
            "?place=free",
            "?place=left",
            "?category=0855",
        ]
        assert [shown(query) for query in queries] == [9, 1, 8, 1, 1, 7, 1, 9]
        assert (
            signed_in(placing.world.other_unit_officer).get(reverse("student-list")).context["page_obj"].paginator.count
            == 0
        )

    def test_takes_the_same_number_of_queries_for_few_and_many(
        self, placing: Placing, signed_in: SignedIn, django_assert_num_queries: Any
    ):
        placing.select(1)
        client = signed_in(placing.unit)
        client.get(reverse("student-list"))
        with CaptureQueriesContext(connection) as few:
            client.get(reverse("student-list"))
        for number in range(30):
            student(placing.world, placing.on, f"2024{number:04}", f"学生{number}")
        placing.select(3)
        with django_assert_num_queries(len(few)):
            client.get(reverse("student-list"))
