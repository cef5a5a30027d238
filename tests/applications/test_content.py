"""What a 申请书 says as plain data: kept and read again unchanged, compared place by place, masked for strangers."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications.content import Column, Content, Difference, Fact, Section, Table, Text, differences, masked
from applications.services.content import content_of
from applications.services.declaring import newest_version
from tests.factories import World

words = st.text("甲乙丙12 ", max_size=6)
keys = st.sampled_from(["a", "b", "c"])


def section(key: str, facts: dict[str, str], texts: dict[str, str], rows: dict[str, list[str]]) -> Section:
    columns = [Column("name", "名称"), Column("amount", "金额", numeric=True)]
    table = Table("rows", "明细", columns, list(rows.values()), list(rows))
    return Section(
        key, "一", "基本信息", "7", [Fact(k, k.upper(), v) for k, v in facts.items()],
        [Text(k, k.upper(), v, 800) for k, v in texts.items()], [table],
    )  # fmt: skip


sections = st.builds(
    section,
    st.just("basics"),
    st.dictionaries(keys, words),
    st.dictionaries(st.sampled_from(["x", "y"]), words),
    st.dictionaries(st.sampled_from(["r1", "r2", "r3"]), st.lists(words, min_size=2, max_size=2)),
)
contents = st.builds(lambda one: Content("基地", 2026, "大学", [one]), sections)


@given(contents)
def test_what_is_kept_is_read_again_as_it_was(content: Content):
    again = Content.from_json(content.as_json())
    assert (again, again.sha256) == (content, content.sha256)


@given(contents, contents)
def test_equal_papers_do_not_differ_and_different_answers_do(one: Content, other: Content):
    assert differences(one, one) == []
    there, back = differences(one, other), differences(other, one)
    assert sorted((d.before, d.after) for d in there) == sorted((d.after, d.before) for d in back)


def test_a_difference_says_where_and_both_wordings():
    before = Content("基地", 2026, "大学", [section("basics", {"a": "旧"}, {}, {"r1": ["甲", "1"], "r2": ["乙", "2"]})])
    after = Content("基地", 2026, "大学", [section("basics", {"a": "新"}, {}, {"r1": ["甲", "3"], "r3": ["丙", "4"]})])
    assert differences(before, after) == [
        Difference("一 基本信息", "A", "旧", "新"),
        Difference("一 基本信息", "明细 #1", "金额：1", "金额：3"),
        Difference("一 基本信息", "明细 #2", "", "名称：丙；金额：4"),
        Difference("一 基本信息", "明细 #2", "名称：乙；金额：2", ""),
    ]


def test_rows_that_only_moved_are_no_difference():
    before = Content("基地", 2026, "大学", [section("basics", {}, {}, {"r1": ["甲", "1"], "r2": ["乙", "2"]})])
    after = Content("基地", 2026, "大学", [section("basics", {}, {}, {"r2": ["乙", "2"], "r1": ["甲", "1"]})])
    assert differences(before, after) == []


@pytest.mark.article("8(1)")
class TestTheWholePaper:
    def test_has_all_its_sections_in_order(self, world: World, today: date):
        content = content_of(world.application(world.draft(today)), today)
        assert [(s.number, s.title) for s in content.sections] == [
            ("", "封面"), ("一", "基本信息"), ("二", "合作单位"), ("三", "前期合作"), ("三（续）", "培养研究生名单"), ("四", "导师"),
            ("五", "建设方案"), ("五（续）", "三年计划与预算"), ("六", "附件与承诺"),
        ]  # fmt: skip

    def test_names_years_units_and_choices_as_people_read_them(self, world: World, today: date):
        content = content_of(world.application(world.draft(today)), today)
        basics, partner = content.section("basics"), content.section("partner")
        assert basics is not None
        assert partner is not None
        said = {fact.label: fact.value for fact in (*basics.facts, *partner.facts)}
        assert said["在校生（2025 年）"] == "86 人"
        assert said["营业收入（2024 年）"] == "81,500 万元"
        assert said["校方负责人职称"] == "正高级"
        assert said["行业"] == "通用设备制造业（34）"
        assert said["近三年有重大安全事故"] == "否"
        assert said["实践场地"] == "320.5 m²"

    @pytest.mark.article("12")
    @pytest.mark.article("13")
    def test_the_budget_is_added_up_by_year(self, world: World, today: date):
        content = content_of(world.application(world.draft(today)), today)
        budget = content.section("budget")
        assert budget is not None
        (table,) = [table for table in budget.tables if table.key == "budget_lines"]
        assert [column.label for column in table.columns] == [
            "科目", "出资方", "第一年（万元）", "第二年（万元）", "第三年（万元）", "说明",
        ]  # fmt: skip
        assert table.rows[0] == ["差旅费", "培养单位", "3", "3", "3", ""]
        assert table.foot == ["合计", "", "19", "19", "19", ""]

    def test_the_sealed_scan_does_not_change_what_it_seals(self, world: World, today: date):
        application = world.application(world.draft(today))
        before = content_of(application, today).sha256
        application.files.filter(kind="sealed_form").delete()
        assert content_of(application, today).sha256 == before


def test_whoever_need_not_reach_people_reads_no_telephone_and_no_address(world: World, today: date):
    version = newest_version(world.application(world.declared(today)))
    assert version is not None
    paper = masked(version.paper)
    said = {fact.key: fact.value for s in paper.sections for fact in s.facts}
    assert (said["unit_leader_phone"], said["contact_email"]) == ("139****0001", "c***@example.invalid")
    assert replace(paper, sections=[]) == replace(version.paper, sections=[])
