"""第六条: the quotas of a round, proposed from the units' facts, decided with a reason, fixed once published."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from applications.models import Quota, QuotaFormula, Round, UnitFacts
from applications.services import fact_imports, proposing, quotas, rounds
from bases.models import CategoryAuthorisation, DegreeCategory, TrainingUnit
from portal.errors import NotYours, Refused
from portal.models import ImportCheck
from portal.roles import Role
from tests.applications.conftest import SignedIn
from tests.applications.pages import Page
from tests.factories import TrainingUnitFactory, World

pytestmark = pytest.mark.article("6")

OUT = "2026 年度名额已于 2026-11-24 下达，不再改动（第六条）。"


def opened(world: World, on: date, **changes: Any) -> Round:
    """The round of the year with its quotas not out yet."""
    given = {
        "year": on.year, "opens_on": on, "closes_on": date(on.year, 12, 10), "recommend_by": date(on.year, 12, 31),
        "by": world.officer, "on": on,
    } | changes  # fmt: skip
    return rounds.open_round(**given)


def facts(world: World, unit: TrainingUnit, year: int = 2026, categories: int = 12, students: int = 840) -> UnitFacts:
    """The unit's facts; with the portal's own weights 5.24, so five places."""
    return quotas.save_facts(
        unit=unit, year=year, categories=categories, professional_students=students, double_first_class=True, by=world.officer
    )  # fmt: skip


def of(round_: Round, unit: TrainingUnit) -> Quota:
    return Quota.objects.get(round=round_, training_unit=unit)


def numbers(round_: Round) -> dict[int, tuple[int | None, int]]:
    """Proposed and decided places by unit."""
    return {q.training_unit_id: (q.proposed, q.places) for q in Quota.objects.filter(round=round_)}


def published(world: World, on: date) -> Round:
    for unit in (world.unit, world.other_unit):
        facts(world, unit)
    return quotas.publish(round=opened(world, on), by=world.officer, on=on)


class TestProposal:
    def test_every_unit_has_one_from_the_first_day(self, world: World, today):
        facts(world, world.unit)
        facts(world, world.other_unit, categories=2, students=50)
        assert numbers(opened(world, today)) == {world.unit.pk: (5, 5), world.other_unit.pk: (2, 2)}

    def test_facts_of_the_year_before_stand_in_and_are_marked(self, world: World, today):
        facts(world, world.unit, year=2025)
        line = quotas.lines(opened(world, today), world.unit.pk)[0]
        assert (line.quota.proposed, line.source, line.is_missing) == (5, "沿用 2025 年数据", False)

    def test_facts_of_the_year_come_before_those_of_the_year_before(self, world: World, today):
        facts(world, world.unit, year=2026, categories=2, students=0)
        facts(world, world.unit, year=2025)
        line = quotas.lines(opened(world, today), world.unit.pk)[0]
        assert (line.quota.proposed, line.source) == (2, "2026 年数据")

    def test_older_facts_do_not_count(self, world: World, today):
        facts(world, world.unit, year=2024)
        assert quotas.lines(opened(world, today), world.unit.pk)[0].source == "数据待补"

    def test_without_facts_it_rests_on_what_the_portal_knows_and_says_so(self, world: World, today):
        for category in DegreeCategory.objects.exclude(pk=world.category.pk)[:4]:
            CategoryAuthorisation.objects.create(training_unit=world.unit, category=category, year=2015)
        TrainingUnit.objects.filter(pk=world.unit.pk).update(double_first_class=True)
        line = quotas.lines(opened(world, today), world.unit.pk)[0]
        assert line.arithmetic is not None
        assert line.arithmetic.line == "基数 1 + 类别 5×0.20 + 学生 0百人×0.10 + 双一流 1 = 3 → 3"
        assert (line.quota.proposed, line.source, line.is_missing) == (3, "数据待补", True)

    def test_new_facts_work_the_quotas_out_anew_but_leave_what_was_decided(self, world: World, today):
        round_ = opened(world, today)
        quotas.override(quota=of(round_, world.other_unit), places=7, reason="新增博士点。", by=world.officer)
        facts(world, world.unit)
        facts(world, world.other_unit)
        assert numbers(round_) == {world.unit.pk: (5, 5), world.other_unit.pk: (5, 7)}

    def test_facts_of_the_year_before_reach_the_round_in_which_they_stand_in(self, world: World, today):
        round_ = opened(world, today)
        facts(world, world.unit, year=2025)
        assert numbers(round_)[world.unit.pk] == (5, 5)

    def test_a_unit_entered_later_is_listed_by_the_formula_and_once(self, world: World, today):
        round_, late = opened(world, today), TrainingUnitFactory()
        facts(world, late)
        assert [quotas.list_new_units(round=round_, by=world.officer) for _ in range(2)] == [1, 0]
        assert numbers(round_)[late.pk] == (5, 5)


class TestFormula:
    def test_other_weights_change_proposals_and_what_was_not_overridden(self, world: World, today):
        facts(world, world.unit)
        round_ = opened(world, today)
        quotas.override(quota=of(round_, world.other_unit), places=4, reason="老区。", by=world.officer)
        saved = quotas.save_formula(round=round_, by=world.officer, base_places=Decimal("3.26"), maximum=9)
        assert (saved.base_places, saved.maximum, saved.per_category) == (Decimal("3.26"), 9, Decimal("0.20"))
        assert numbers(round_) == {world.unit.pk: (8, 8), world.other_unit.pk: (3, 4)}

    def test_a_preview_says_what_saving_does_and_saves_nothing(self, world: World, today):
        facts(world, world.unit)
        round_ = opened(world, today)
        quotas.override(quota=of(round_, world.other_unit), places=4, reason="老区。", by=world.officer)
        before, formula = numbers(round_), QuotaFormula.objects.values().get()
        seen = quotas.preview(round_, base_places=Decimal("3.26"))
        assert [(line.unit, line.before, line.after, line.change, line.is_overridden) for line in seen] == [
            (world.unit, 5, 8, 3, False),
            (world.other_unit, 4, 4, 0, True),
        ]
        assert (numbers(round_), QuotaFormula.objects.values().get()) == (before, formula)
        quotas.save_formula(round=round_, by=world.officer, base_places=Decimal("3.26"))
        assert {line.unit.pk: line.after for line in seen} == {key: n for key, (_p, n) in numbers(round_).items()}

    @pytest.mark.parametrize(
        ("weights", "reason"),
        [
            ({"base_places": Decimal("-0.01")}, "每个单位基数（个）：不能小于 0。"),
            ({"per_category": Decimal("200.01")}, "每个专业学位类别（个）：不能大于 200。"),
            ({"minimum": 11}, "“至少”不能大于“至多”。"),
        ],
    )
    def test_weights_that_cannot_be_are_refused(self, world: World, today, weights, reason: str):
        round_ = opened(world, today)
        before = numbers(round_)
        for act in (
            lambda: quotas.save_formula(round=round_, by=world.officer, **weights),
            lambda: quotas.preview(round_, **weights),
        ):
            with pytest.raises(Refused) as refusal:
                act()
            assert refusal.value.reasons == (reason,)
        assert numbers(round_) == before

    def test_is_fixed_once_published(self, world: World, today):
        round_ = published(world, today)
        with pytest.raises(Refused) as refusal:
            quotas.save_formula(round=round_, by=world.officer, base_places=9)
        assert refusal.value.reasons == (OUT,)
        assert round_.formula.base_places == 1


class TestOverride:
    def test_keeps_the_reason_beside_the_proposal(self, world: World, today):
        facts(world, world.unit)
        saved = quotas.override(
            quota=of(opened(world, today), world.unit), places=8, reason=" 承担专项。 ", by=world.officer
        )
        assert (saved.proposed, saved.places, saved.override_reason) == (5, 8, "承担专项。")

    def test_without_a_reason_is_refused(self, world: World, today):
        facts(world, world.unit)
        round_ = opened(world, today)
        with pytest.raises(Refused) as refusal:
            quotas.override(quota=of(round_, world.unit), places=8, reason="  ", by=world.officer)
        assert refusal.value.reasons == (f"{world.unit.name} 测算名额为 5 个，改为 8 个需要写明调整理由。",)
        assert numbers(round_)[world.unit.pk] == (5, 5)

    def test_back_to_the_proposal_clears_the_reason(self, world: World, today):
        facts(world, world.unit)
        quota = of(opened(world, today), world.unit)
        quotas.override(quota=quota, places=8, reason="承担专项。", by=world.officer)
        saved = quotas.override(quota=quota, places=5, reason="承担专项。", by=world.officer)
        assert (saved.places, saved.override_reason) == (5, "")

    @pytest.mark.parametrize("places", [-1, 201])
    def test_numbers_that_cannot_be_are_refused(self, world: World, today, places: int):
        with pytest.raises(Refused, match="名额应在 0 至 200 个之间。"):
            quotas.override(quota=of(opened(world, today), world.unit), places=places, reason="误。", by=world.officer)

    def test_never_falls_below_what_is_published_for_recommendation(self, world: World, today):
        world.in_unit_notice(today), world.in_unit_notice(today)
        # As if the quotas had not been out yet: the wall holds all the same.
        Round.objects.update(quotas_published_on=None, quotas_published_by=None)
        quota = world.quota(today)
        with pytest.raises(Refused) as refusal:
            quotas.override(quota=quota, places=1, reason="压缩。", by=world.officer)
        assert refusal.value.reasons == (f"{world.unit.name} 已公示推荐 2 个，名额不能少于这个数。",)
        assert quotas.override(quota=quota, places=2, reason="压缩。", by=world.officer).places == 2

    def test_is_refused_once_published(self, world: World, today):
        round_ = published(world, today)
        with pytest.raises(Refused) as refusal:
            quotas.override(quota=of(round_, world.unit), places=8, reason="承担专项。", by=world.officer)
        assert refusal.value.reasons == (OUT,)
        assert numbers(round_)[world.unit.pk] == (5, 5)


class TestPublication:
    def test_fixes_places_and_the_arithmetic_under_them(self, world: World, today):
        round_ = published(world, today)
        assert (round_.quotas_published_on, round_.quotas_published_by) == (today, world.officer.user)
        facts(world, world.unit, categories=99)
        line = quotas.lines(round_, world.unit.pk)[0]
        assert line.arithmetic is not None
        assert line.arithmetic.line == "基数 1 + 类别 12×0.20 + 学生 8.4百人×0.10 + 双一流 1 = 5.24 → 5"
        assert (line.quota.places, line.quota.proposed, line.source) == (5, 5, "2026 年数据")
        assert of(round_, world.unit).arithmetic == {
            "facts": {"categories": 12, "students": 840, "double_first_class": True},
            "weights": {
                "base_places": "1.00", "per_category": "0.20", "per_hundred_students": "0.10", "first_class_bonus": "1.00",
                "minimum": 1, "maximum": 10,
            },
            "total": "5.24", "places": 5, "facts_year": 2026, "wanted_year": 2026,
        }  # fmt: skip

    def test_happens_once(self, world: World, today):
        round_ = published(world, today)
        with pytest.raises(Refused) as refusal:
            quotas.publish(round=round_, by=world.officer, on=date(2026, 11, 25))
        assert refusal.value.reasons == (OUT,)

    def test_waits_for_units_without_a_quota(self, world: World, today):
        for unit in (world.unit, world.other_unit):
            facts(world, unit)
        round_ = opened(world, today)
        late = TrainingUnitFactory(name="新设大学")
        with pytest.raises(Refused) as refusal:
            quotas.publish(round=round_, by=world.officer, on=today)
        assert refusal.value.reasons == ("下列单位还没有列入名额表，请先列入：新设大学。",)
        facts(world, late)
        quotas.list_new_units(round=round_, by=world.officer)
        assert quotas.publish(round=round_, by=world.officer, on=today).quotas_published_on == today

    def test_waits_for_missing_facts_unless_what_stands_is_accepted(self, world: World, today):
        facts(world, world.unit, year=2025)
        round_ = opened(world, today)
        with pytest.raises(Refused) as refusal:
            quotas.publish(round=round_, by=world.officer, on=today)
        assert refusal.value.reasons == (
            f"下列单位的数据待补，请补齐后再下达，或者确认按现有数据下达：{world.other_unit.name}。",
        )
        out = quotas.publish(round=round_, by=world.officer, on=today, accept_missing=True)
        assert [line.source for line in quotas.lines(out)] == ["沿用 2025 年数据", "数据待补"]

    def test_until_then_no_unit_has_places(self, world: World, today):
        round_ = opened(world, today)
        assert quotas.places_for(round_, world.unit.pk, lock=False) is None
        quotas.publish(round=round_, by=world.officer, on=today, accept_missing=True)
        assert quotas.places_for(round_, world.unit.pk) == of(round_, world.unit)
        assert quotas.places_for(round_, TrainingUnitFactory().pk) is None

    def test_afterwards_no_unit_is_listed_any_more(self, world: World, today):
        round_ = published(world, today)
        TrainingUnitFactory()
        with pytest.raises(Refused, match="不再改动"):
            quotas.list_new_units(round=round_, by=world.officer)


class TestSupplement:
    def test_a_unit_entered_afterwards_gets_its_quota_and_the_others_keep_theirs(self, world: World, today):
        round_ = published(world, today)
        before, late = numbers(round_), TrainingUnitFactory()
        made = quotas.supplement(
            round=round_, unit=late, places=2, reason="新设单位。", by=world.officer, on=date(2026, 11, 30)
        )
        assert (made.places, made.proposed, made.override_reason) == (2, 1, "新设单位。")
        assert made.arithmetic["supplemented_on"] == "2026-11-30"
        assert numbers(round_) == before | {late.pk: (1, 2)}
        assert quotas.places_for(round_, late.pk) == made

    def test_is_for_units_without_a_quota_after_publication_and_with_a_reason(self, world: World, today):
        round_ = opened(world, today)
        late = TrainingUnitFactory()
        given = {"round": round_, "unit": late, "places": 2, "reason": "新设单位。", "by": world.officer, "on": today}
        with pytest.raises(Refused, match="名额还没有下达，不需要补充下达；请把新单位列入名额表。"):
            quotas.supplement(**given)
        late.delete()
        quotas.publish(round=round_, by=world.officer, on=today, accept_missing=True)
        with pytest.raises(Refused, match=f"{world.unit.name} 在本批次已有名额，名额下达后不再改动。"):
            quotas.supplement(**(given | {"unit": world.unit}))
        with pytest.raises(Refused, match="请写明补充下达的理由。"):
            quotas.supplement(**(given | {"unit": TrainingUnitFactory(), "reason": " "}))
        assert Quota.objects.count() == 2


@pytest.mark.django_db(transaction=True)
class TestTwoOfficersAtOnce:
    def test_the_quotas_go_out_once(self, world: World, today, at_once):
        round_ = opened(world, today)
        results = at_once(*[lambda: quotas.publish(round=round_, by=world.officer, on=today, accept_missing=True)] * 2)
        (refused,) = (each for each in results if isinstance(each, Refused))
        assert refused.reasons == (OUT,)

    def test_a_change_comes_before_publication_or_not_at_all(self, world: World, today, at_once):
        round_ = opened(world, today)
        quota = of(round_, world.unit)
        out, changed = at_once(
            lambda: quotas.publish(round=round_, by=world.officer, on=today, accept_missing=True),
            lambda: quotas.override(quota=quota, places=8, reason="承担专项。", by=world.officer),
        )
        assert isinstance(out, Round)
        refused = isinstance(changed, Refused)
        assert of(round_, world.unit).places == (1 if refused else 8)
        assert not refused or changed.reasons == (OUT,)


def test_nobody_but_the_department_officer_decides_on_quotas(world: World, today):
    round_ = opened(world, today)
    quota, late = of(round_, world.unit), TrainingUnitFactory()
    for role, by in world.everybody().items():
        if role == Role.DEPT_OFFICER:
            continue
        for act in (
            lambda by=by: quotas.save_formula(round=round_, by=by, base_places=9),
            lambda by=by: quotas.override(quota=quota, places=9, reason="自定。", by=by),
            lambda by=by: quotas.publish(round=round_, by=by, on=today, accept_missing=True),
            lambda by=by: quotas.supplement(round=round_, unit=late, places=9, reason="自定。", by=by, on=today),
            lambda by=by: quotas.list_new_units(round=round_, by=by),
            lambda by=by: facts(world_with(world, by), world.unit),
        ):
            with pytest.raises(NotYours, match="申报名额由教育厅经办下达。"):
                act()
    assert (numbers(round_)[world.unit.pk], UnitFacts.objects.count()) == ((1, 1), 0)


def world_with(world: World, by: Any) -> Any:
    """The world as somebody else would have it who takes the officer's chair."""
    return type("Chair", (), {"officer": by})()


class TestFacts:
    def test_are_one_row_a_year_with_who_entered_them(self, world: World, today):
        facts(world, world.unit, categories=1)
        saved = facts(world, world.unit, categories=2)
        kept = UnitFacts.objects.get()
        assert (kept, kept.categories, kept.entered_by) == (saved, 2, world.officer.user)

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"categories": 101}, "专业学位类别数应在 0 至 100 之间。"),
            ({"categories": -1}, "专业学位类别数应在 0 至 100 之间。"),
            ({"students": 200_001}, "专业学位研究生在校生数应在 0 至 200000 之间。"),
            ({"year": 2019}, "年度应在 2020 至 2100 之间。"),
        ],
    )
    def test_numbers_that_cannot_be_are_refused(self, world: World, changes: dict[str, int], reason: str):
        with pytest.raises(Refused) as refusal:
            facts(world, world.unit, **changes)
        assert (refusal.value.reasons, UnitFacts.objects.count()) == ((reason,), 0)


HEADINGS = ["院校代码", "单位名称", "专业学位类别数", "专业学位研究生在校生", "双一流"]


def sheet(*rows: list[Any]) -> SimpleUploadedFile:
    book, out = Workbook(), io.BytesIO()
    for row in (HEADINGS, *rows):
        book.worksheets[0].append(row)
    book.save(out)
    return SimpleUploadedFile("数据.xlsx", out.getvalue())


def checked(world: World, *rows: list[Any]) -> ImportCheck:
    return fact_imports.check_file(year=2026, upload=sheet(*rows), by=world.officer)


class TestFactsFromExcel:
    def test_a_faultless_list_is_written_as_a_whole_after_its_check(self, world: World, today):
        round_ = opened(world, today)
        unit, other = world.unit, world.other_unit
        check = checked(world, [unit.code, unit.name, 12, 840, "是"], [int(other.code), other.name, "2", "1,050", "否"])
        assert (check.rows, check.wrong, UnitFacts.objects.count()) == (2, 0, 0)
        assert fact_imports.apply(checked=check, by=world.officer, at=timezone.now()) == 2
        rows = UnitFacts.objects.values_list("training_unit", "year", "categories", "professional_students")
        assert set(rows) == {(unit.pk, 2026, 12, 840), (other.pk, 2026, 2, 1050)}
        assert numbers(round_)[unit.pk] == (5, 5)

    def test_every_mistake_is_named_by_its_cell_and_nothing_is_written(self, world: World):
        unit, other = world.unit, world.other_unit
        check = checked(
            world,
            [unit.code, other.name, 12, 840, "是"],
            ["00000", "没有的大学", 12, 840, "是"],
            [other.code, other.name, 101, "许多", "也许"],
            [unit.code, unit.name, 12, 840, "是"],
        )
        assert [(e["row"], e["column"], e["message"]) for e in check.errors] == [
            (2, "B 列“单位名称”", f"院校代码 {unit.code} 是“{unit.name}”，不是“{other.name}”，请核对。"),
            (3, "A 列“院校代码”", "平台上没有院校代码为 00000 的培养单位，请核对。"),
            (4, "C 列“专业学位类别数”", "不能大于 100。"),
            (4, "D 列“专业学位研究生在校生”", "“许多”不是整数，请只填数字，例如 12。"),
            (4, "E 列“双一流”", "“也许”不在可以填写的内容里。请填写其中一项：是、否。"),
            *[(e["row"], e["column"], e["message"]) for e in check.errors if e["row"] == 5],
        ]
        assert [e["column"] for e in check.errors if e["row"] == 5] == ["A 列“院校代码”"]
        with pytest.raises(Refused, match="没有写入任何数据"):
            fact_imports.apply(checked=check, by=world.officer, at=timezone.now())
        assert UnitFacts.objects.count() == 0

    def test_a_unit_that_changed_its_name_since_the_check_stops_the_whole_list(self, world: World):
        check = checked(world, [world.unit.code, world.unit.name, 12, 840, "是"])
        TrainingUnit.objects.filter(pk=world.unit.pk).update(name="更名大学")
        with pytest.raises(Refused, match="检查之后平台上的单位有变动，没有写入任何数据"):
            fact_imports.apply(checked=check, by=world.officer, at=timezone.now())
        assert UnitFacts.objects.count() == 0
        check.refresh_from_db()
        assert check.applied_at is None

    def test_the_template_lists_the_units_with_what_is_known_and_can_be_read_back(self, world: World):
        facts(world, world.unit, year=2025)
        made = fact_imports.template(2026)
        rows = list(load_workbook(io.BytesIO(made)).worksheets[0].iter_rows(min_row=2, max_row=3, values_only=True))
        assert rows == [
            (world.unit.code, world.unit.name, 12, 840, "是"),
            (world.other_unit.code, world.other_unit.name, None, None, None),
        ]
        reading = fact_imports.read(made)
        assert [error.row for error in reading.errors] == [3, 3, 3]


class TestPages:
    @pytest.fixture
    def officer(self, world: World, signed_in: SignedIn) -> Client:
        return signed_in(world.officer)

    def test_the_new_rounds_form_is_filled_in_from_the_year_before_and_says_so(self, world, today, officer):
        opened(world, today, formula={"maximum": 8})
        page = Page.of(officer.get("/rounds/new/"))
        assert {n: page.value(n) for n in ("year", "opens_on", "closes_on", "recommend_by")} == {
            "year": "2027", "opens_on": "2027-11-24", "closes_on": "2027-12-10", "recommend_by": "2027-12-31",
        }  # fmt: skip
        assert "沿用 2026 年度设置" in page.text
        assert "至多 8 个" in page.text

    def test_the_sum_stands_beside_every_unit_with_the_total_below(self, world, today, officer):
        facts(world, world.unit)
        page = Page.of(officer.get(f"/rounds/{opened(world, today).pk}/quotas/"))
        line, other = page.rows()
        assert line[1:6] == [
            "基数 1 + 类别 12×0.20 + 学生 8.4百人×0.10 + 双一流 1 = 5.24 → 5 2026 年数据",
            "5", "5", "—", "0",
        ]  # fmt: skip
        assert other[1].endswith("数据待补")
        assert "合计 2 个单位" in page.text
        assert "数值为政策参数" in page.text

    def test_other_weights_in_the_address_show_before_and_after_and_save_nothing(self, world, today, officer):
        facts(world, world.unit)
        round_ = opened(world, today)
        address = f"/rounds/{round_.pk}/quotas/"
        weights = {
            "base_places": "3.26", "per_category": "0.20", "per_hundred_students": "0.10", "first_class_bonus": "1",
            "minimum": "0", "maximum": "10",
        }  # fmt: skip
        page = Page.of(officer.get(address, weights))
        assert [row[2:] for row in page.rows()] == [["5 →变为 8", "增加 3"], ["1 →变为 3", "增加 2"]]
        assert "试算：合计 6 → 11 个，尚未保存" in page.text
        assert numbers(round_)[world.unit.pk] == (5, 5)
        done = Page.of(officer.post(address, weights, follow=True))
        assert "测算办法已保存" in done.text
        assert numbers(round_) == {world.unit.pk: (8, 8), world.other_unit.pk: (3, 3)}

    def test_weights_that_cannot_be_are_named_and_show_no_preview(self, world, today, officer):
        page = Page.of(officer.get(f"/rounds/{opened(world, today).pk}/quotas/", {"base_places": "很多"}))
        assert page.status == 422
        assert "请填写数字。" in page.beside("base_places")
        assert "尚未保存" not in page.text

    def test_a_place_more_takes_a_reason_beside_the_proposal(self, world, today, officer):
        round_ = opened(world, today)
        address = f"/rounds/{round_.pk}/quotas/{of(round_, world.unit).pk}/"
        page = Page.of(officer.post(address, {"places": "4", "reason": ""}))
        assert page.status == 422
        assert f"{world.unit.name} 测算名额为 1 个，改为 4 个需要写明调整理由。" in page.text
        officer.post(address, {"places": "4", "reason": "承担专项。"})
        assert of(round_, world.unit).override_reason == "承担专项。"

    def test_publishing_states_that_nothing_changes_any_more_and_asks_about_missing_facts(self, world, today, officer):
        round_ = opened(world, today)
        address = f"/rounds/{round_.pk}/quotas/publish/"
        page = Page.of(officer.get(address))
        assert "名额下达后不再改动" in page.text
        assert "2 个单位数据待补" in page.text
        assert Page.of(officer.post(address)).status == 422
        officer.post(address, {"accept_missing": "on"})
        round_.refresh_from_db()
        assert round_.quotas_published_on == today
        page = Page.of(officer.get(address))
        assert OUT in page.text
        assert page.names() == set()

    def test_published_quotas_offer_no_change(self, world, today, officer):
        round_ = published(world, today)
        address = f"/rounds/{round_.pk}/quotas/"
        page = Page.of(officer.get(address))
        assert page.names() == set()
        assert "厅里经办于 2026-11-24 下达，不再改动" in page.text
        for sent_to in (address, f"{address}{of(round_, world.unit).pk}/"):
            answer = officer.post(sent_to, {"base_places": "9", "places": "9", "reason": "多给。"})
            assert (answer.status_code, OUT in Page.of(answer).text) == (409, True)

    def test_a_late_unit_is_listed_before_and_supplemented_after_publication(self, world, today, officer):
        round_ = opened(world, today)
        late = TrainingUnitFactory(name="新设大学")
        page = f"/rounds/{round_.pk}/"
        assert "新设大学 是批次开设之后录入的" in Page.of(officer.get(page)).text
        officer.post(f"{page}quotas/", {"new_units": "1"})
        assert "有单位还没有名额" not in Page.of(officer.get(page)).text
        assert of(round_, late).places == 1
        quotas.publish(round=round_, by=world.officer, on=today, accept_missing=True)
        later = TrainingUnitFactory(name="又一大学")
        assert "补充下达名额" in Page.of(officer.get(page)).text
        officer.post(f"{page}quotas/supplement/", {"unit": later.pk, "places": "2", "reason": "新设。"})
        assert of(round_, later).places == 2

    def test_a_unit_sees_its_own_quota_and_its_sum_only_once_it_is_out(self, world, today, signed_in):
        round_ = opened(world, today)
        address, client = f"/rounds/{round_.pk}/", signed_in(world.unit_officer)
        before = Page.of(client.get(address)).text
        assert "教育厅尚未下达本年度名额" in before
        assert "测算" not in before
        assert "基数" not in before
        quotas.publish(round=round_, by=world.officer, on=today, accept_missing=True)
        after = Page.of(client.get(address)).text
        assert "基数 1 + 类别 1×0.20 + 学生 0百人×0.10 = 1.2 → 1" in after
        assert world.other_unit.name not in after

    def test_the_unit_officer_sets_the_units_deadline_and_the_department_sees_it(self, world, today, signed_in):
        round_ = opened(world, today)
        address = f"/rounds/{round_.pk}/"
        wrong = Page.of(signed_in(world.unit_officer).post(address, {"declare_by": "2026-12-11"}))
        assert wrong.status == 422
        assert wrong.beside("declare_by") == ["校内申报截止应在 2026-11-24 至 2026-12-10 之间，2026-12-11 不在其中。"]
        signed_in(world.unit_officer).post(address, {"declare_by": "2026-12-01"})
        assert rounds.declare_deadline(round_, world.unit.pk) == date(2026, 12, 1)
        rows = {row[0]: row[3] for row in Page.of(signed_in(world.officer).get(address)).rows()}
        assert rows == {world.unit.name: "2026-12-01", world.other_unit.name: "按批次截止"}
        assert signed_in(world.applicant).post(address, {"declare_by": ""}).status_code == 403
        signed_in(world.unit_officer).post(address, {"declare_by": ""})
        assert rounds.declare_deadline(round_, world.unit.pk) == date(2026, 12, 10)

    def test_an_extension_is_told_to_the_units_with_its_reason(self, world, today, officer, signed_in):
        round_ = opened(world, today)
        sent = {"new_closes_on": "2026-12-15", "new_recommend_by": "2026-12-31", "reason": "大雪停课。"}
        assert Page.of(officer.post(f"/rounds/{round_.pk}/extend/", sent | {"reason": ""})).status == 422
        officer.post(f"/rounds/{round_.pk}/extend/", sent)
        page = Page.of(signed_in(world.applicant).get(f"/rounds/{round_.pk}/"))
        assert "申报截止由 2026-12-10 延至 2026-12-15" in page.text
        assert "大雪停课。" in page.text

    def test_facts_are_typed_in_for_some_units_and_the_rest_is_left(self, world, today, officer):
        round_ = opened(world, today)
        mine, other = f"u{world.unit.pk}", f"u{world.other_unit.pk}"
        sent = {
            f"{mine}-categories": "12", f"{mine}-students": "840", f"{mine}-double_first_class": "yes",
            f"{other}-categories": "", f"{other}-students": "", f"{other}-double_first_class": "no",
        }  # fmt: skip
        page = Page.of(officer.post(f"/rounds/{round_.pk}/facts/", sent, follow=True))
        assert "已保存 1 个单位的数据，名额已重新测算。" in page.text
        assert list(UnitFacts.objects.values_list("training_unit", "categories")) == [(world.unit.pk, 12)]
        assert numbers(round_)[world.unit.pk] == (5, 5)

    def test_half_a_row_and_an_emptied_one_are_refused_and_nothing_is_saved(self, world, today, officer):
        facts(world, world.other_unit)
        round_ = opened(world, today)
        mine, other = f"u{world.unit.pk}", f"u{world.other_unit.pk}"
        sent = {
            f"{mine}-categories": "12", f"{mine}-students": "", f"{mine}-double_first_class": "yes",
            f"{other}-categories": "", f"{other}-students": "", f"{other}-double_first_class": "no",
        }  # fmt: skip
        page = Page.of(officer.post(f"/rounds/{round_.pk}/facts/", sent))
        assert page.status == 422
        assert "请填写，或者把这一行都清空。" in page.text
        assert page.text.count("已填报的数据不能清空，请填写数字。") == 4
        assert list(UnitFacts.objects.values_list("training_unit", "categories")) == [(world.other_unit.pk, 12)]

    def test_last_years_numbers_fill_the_empty_rows_only_when_asked(self, world, today, officer):
        facts(world, world.unit, year=2025)
        address, field = f"/rounds/{opened(world, today).pk}/facts/", f"u{world.unit.pk}-categories"
        assert Page.of(officer.get(address)).value(field) == ""
        assert Page.of(officer.get(address, {"copy": "1"})).value(field) == "12"
        assert UnitFacts.objects.count() == 1

    def test_facts_from_excel_are_shown_before_they_are_written(self, world, today, officer):
        round_ = opened(world, today)
        address = f"/rounds/{round_.pk}/facts/"
        template = officer.get(f"{address}template/")
        assert load_workbook(io.BytesIO(template.content)).worksheets[0]["A2"].value == world.unit.code
        upload = sheet([world.unit.code, world.unit.name, 12, 840, "是"])
        shown = officer.post(f"{address}import/", {"file": upload}, follow=True)
        assert "读到 1 行，没有发现错误。" in Page.of(shown).text
        assert UnitFacts.objects.count() == 0
        done = Page.of(officer.post(shown.redirect_chain[-1][0], follow=True))
        assert "已保存 1 个单位的数据，名额已重新测算。" in done.text
        assert numbers(round_)[world.unit.pk] == (5, 5)

    def test_a_list_with_mistakes_offers_no_writing(self, world, today, officer):
        address = f"/rounds/{opened(world, today).pk}/facts/import/"
        upload = sheet(["00000", "没有的大学", 12, 840, "是"])
        shown = officer.post(address, {"file": upload}, follow=True)
        page = Page.of(shown)
        assert "平台上没有院校代码为 00000 的培养单位，请核对。" in page.text
        assert "写入 1 个单位的数据" not in page.text
        assert officer.post(shown.redirect_chain[-1][0]).status_code == 409
        text = SimpleUploadedFile("数据.xlsx", b"not a workbook")
        assert Page.of(officer.post(address, {"file": text})).status == 422

    def test_sixty_units_take_as_many_queries_as_two(self, world, today, officer):
        round_ = opened(world, today)
        tried = "?base_places=2&per_category=1&per_hundred_students=1&first_class_bonus=1&minimum=1&maximum=9"
        pages = [
            f"/rounds/{round_.pk}/",
            f"/rounds/{round_.pk}/quotas/",
            f"/rounds/{round_.pk}/quotas/{tried}",
            f"/rounds/{round_.pk}/quotas/publish/",
            f"/rounds/{round_.pk}/facts/",
        ]

        def counted(address: str) -> int:
            with CaptureQueriesContext(connection) as seen:
                assert officer.get(address).status_code == 200
            return len(seen)

        before = [counted(address) for address in pages]
        units = TrainingUnitFactory.create_batch(58)
        quotas.list_new_units(round=round_, by=world.officer)
        for unit in units[:29]:
            facts(world, unit)
        assert [counted(address) for address in pages] == before
        quotas.publish(round=round_, by=world.officer, on=today, accept_missing=True)
        assert counted(f"/rounds/{round_.pk}/quotas/") <= before[1]


def test_the_portals_own_weights_are_the_models(world: World, today):
    made = proposing.weights_of(opened(world, today).formula)
    assert made.as_json() == {
        "base_places": "1.00", "per_category": "0.20", "per_hundred_students": "0.10", "first_class_bonus": "1.00",
        "minimum": 1, "maximum": 10,
    }  # fmt: skip
