"""The roster of trained students (第七条（三）): by Excel in two steps, by paste, one by one, and how it is counted."""

import io
from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook, load_workbook

from applications import paper
from applications.content import differences
from applications.models import Application, SectionState, TrainedStudent
from applications.services import declaring, drafting, readiness, roster, snapshot
from bases.models import CategoryAlias
from bases.services.catalogue import Catalogue
from portal.errors import NotYours, Overtaken, Refused
from portal.models import ImportCheck
from tests.applications.conftest import SignedIn, fresh
from tests.applications.pages import Page
from tests.conftest import TODAY
from tests.factories import World, person

ID_CARD = "11010519491231002X"
HEADINGS = [
    "姓名", "学号", "专业学位类别", "领域", "层次", "培养方式", "校内导师", "行业产业导师", "入基地日", "出基地日", "实践项目",
    "学位论文题目", "毕业年份", "毕业去向",
]  # fmt: skip
LETTERS = dict(zip(HEADINGS, "ABCDEFGHIJKLMN", strict=True))


def line(number: str = "2023001", **changed: Any) -> list[Any]:
    """A row of the sheet without a mistake, but for what is changed by its heading."""
    cells = {
        "姓名": "萨仁", "学号": number, "专业学位类别": "机械", "领域": "智能制造", "层次": "硕士", "培养方式": "全日制",
        "校内导师": "李文华", "行业产业导师": "王建军", "入基地日": date(2023, 9, 1), "出基地日": date(2024, 6, 30),
        "实践项目": "状态监测", "学位论文题目": "故障诊断方法研究", "毕业年份": 2025, "毕业去向": "合作单位",
    }  # fmt: skip
    return list((cells | changed).values())


def sheet(*rows: Iterable[Any], headings: list[str] = HEADINGS, name: str = "名单.xlsx") -> SimpleUploadedFile:
    """An Excel file as somebody filled it in."""
    book, out = Workbook(), io.BytesIO()
    page = book.worksheets[0]
    for row in (headings, *rows):
        page.append(list(row))
    book.save(out)
    return SimpleUploadedFile(name, out.getvalue())


def pasted(*rows: Iterable[Any]) -> str:
    """Rows as Excel puts them on the clipboard."""
    return "\r\n".join("\t".join(str(cell) for cell in row) for row in rows) + "\r\n"


@pytest.fixture
def draft(world: World, on_day: Any) -> Application:
    """A draft of the category 机械 whose roster is empty."""
    return world.application(world.draft(TODAY, students_trained=0))


@pytest.fixture
def applicant(world: World, signed_in: SignedIn) -> Client:
    """The browser of the applicant."""
    return signed_in(world.applicant)


def address(application: Application, part: str = "") -> str:
    """The page of the roster, or what belongs to it."""
    return f"/applications/{application.pk}/edit/students/{part}"


def check(world: World, draft: Application, *rows: Iterable[Any], **given: Any) -> ImportCheck:
    """The dry run of these rows by the applicant."""
    return roster.check(application=draft, upload=sheet(*rows), by=given.get("by", world.applicant), on=TODAY)


def apply(world: World, draft: Application, *rows: Iterable[Any]) -> int:
    """These rows, looked through and written."""
    return roster.apply(application=draft, check=check(world, draft, *rows), by=world.applicant, on=TODAY)


def mistakes(found: ImportCheck) -> list[tuple[int, str, str]]:
    """Row, column and words of what is wrong."""
    return [(each["row"], each["column"], each["message"]) for each in found.errors]


def numbers(application: Application) -> list[str]:
    """The 学号 on the roster, in its order."""
    return list(TrainedStudent.objects.filter(application=application).values_list("number", flat=True))


@pytest.mark.article("7(3)")
class TestTheSheet:
    def test_has_the_columns_of_the_paper_in_its_order(self, db: None):
        found = roster.columns(TODAY)
        assert [(str(each.label), each.required) for each in found] == [
            (heading, cell.needed) for heading, cell in zip(HEADINGS, paper.STUDENTS.tables[0].cells, strict=True)
        ]

    def test_the_template_offers_choices_keeps_numbers_as_text_and_explains_itself(
        self, draft: Application, applicant: Client
    ):
        answer = applicant.get(address(draft, "template/"))
        assert "xlsx" in answer["Content-Disposition"]
        book = load_workbook(io.BytesIO(answer.content))
        assert book.sheetnames[:2] == ["培养研究生名单", "填写说明"]
        page = book.worksheets[0]
        assert [str(cell.value).rstrip("*") for cell in page[1]] == HEADINGS
        assert [cell.value for cell in page[1] if cell.value.endswith("*")] == [
            "姓名*", "学号*", "专业学位类别*", "层次*", "培养方式*", "校内导师*", "行业产业导师*", "入基地日*",
        ]  # fmt: skip
        assert page.column_dimensions["B"].number_format == "@"
        assert page.column_dimensions["I"].number_format == "yyyy-mm-dd"
        offered = {
            str(rule.sqref)[0]: [cell.value for (cell,) in book["选项"][rule.formula1.split("!")[1].replace("$", "")]]
            for rule in page.data_validations.dataValidation
        }
        assert offered == {"E": ["硕士", "博士"], "F": ["全日制", "非全日制"]}

    def test_the_template_filled_with_its_own_examples_is_faultless(self, world: World, draft: Application):
        examples = {column.key: column.show(column.example) for column in roster.columns()}
        assert mistakes(check(world, draft, list(examples.values()))) == []

    def test_the_present_roster_is_taken_away_and_brought_back_unchanged(
        self, world: World, draft: Application, applicant: Client
    ):
        apply(world, draft, line("007", **{"专业学位类别": "工程"}), line("2", **{"出基地日": None, "毕业年份": None}))
        before = list(TrainedStudent.objects.filter(application=draft).values())
        upload = SimpleUploadedFile("名单.xlsx", applicant.get(address(draft, "export/")).content)
        found = roster.check(application=draft, upload=upload, by=world.applicant, on=TODAY)
        assert roster.apply(application=draft, check=found, by=world.applicant, on=TODAY) == 2
        after = list(TrainedStudent.objects.filter(application=draft).values())
        assert [row | {"id": 0} for row in after] == [row | {"id": 0} for row in before]


@pytest.mark.article("7(3)")
class TestWhatIsWrong:
    @pytest.mark.parametrize(
        ("heading", "cell", "message"),
        [
            ("姓名", None, "没有填写。"),
            ("学号", "", "没有填写。"),
            ("专业学位类别", None, "没有填写。"),
            ("层次", None, "没有填写。"),
            ("培养方式", None, "没有填写。"),
            ("校内导师", None, "没有填写。"),
            ("行业产业导师", None, "没有填写。"),
            ("入基地日", None, "没有填写。"),
            ("专业学位类别", "冶炼", "“冶炼”不在专业学位类别目录中，请按现行目录填写类别代码或名称。"),
            (
                "专业学位类别", "电子信息（0855）",
                "“电子信息（0855）”的代码与名称不一致，请核对。相近的类别有：机械（0855）、电子信息（0854）。",
            ),
            ("层次", "本科", "“本科”不在可以填写的内容里。请填写其中一项：硕士、博士。"),
            ("培养方式", "在职", "“在职”不在可以填写的内容里。请填写其中一项：全日制、非全日制。"),
            ("入基地日", "去年秋天", "“去年秋天”不是日期，请写成 2024-09-01。"),
            ("入基地日", date(2026, 11, 25), "不能晚于 2026-11-24。"),
            ("入基地日", date(1979, 12, 31), "不能早于 1980-01-01。"),
            ("出基地日", date(2023, 8, 31), "2023-08-31 早于入基地日 2023-09-01，请核对。"),
            ("毕业年份", "二五", "“二五”不是整数，请只填数字，例如 12。"),
            ("姓名", "一" * 31, "有 31 个字，最多 30 个字，请删减。"),
        ],
    )  # fmt: skip
    def test_is_named_by_row_and_column(self, world: World, draft: Application, heading: str, cell: Any, message: str):
        found = check(world, draft, line("1"), line("2", **{heading: cell}))
        assert mistakes(found) == [(3, f"{LETTERS[heading]} 列“{heading}”", message)]
        with pytest.raises(Refused) as refused:
            roster.apply(application=draft, check=found, by=world.applicant, on=TODAY)
        assert refused.value.reasons == ("名单中还有 1 处错误，没有写入任何数据。请改正后重新上传。",)
        assert numbers(draft) == []

    def test_a_number_that_stands_there_twice_is_named_with_both_rows(self, world: World, draft: Application):
        found = check(world, draft, line("1"), line("2"), line("1"))
        assert mistakes(found) == [(4, "B 列“学号”", "与第 2 行重复：1。")]

    @pytest.mark.parametrize("heading", [each for each in HEADINGS if each not in {"层次", "培养方式", "入基地日", "出基地日", "毕业年份"}])  # fmt: skip
    def test_id_card_numbers_are_refused_wherever_they_stand(self, world: World, draft: Application, heading: str):
        found = check(world, draft, line(**{heading: ID_CARD}))
        assert (
            2,
            f"{LETTERS[heading]} 列“{heading}”",
            "内容中含有居民身份证号，平台不收集身份证号，请删去后再保存。",
        ) in mistakes(found)

    def test_also_in_a_column_that_nobody_asked_for(self, world: World, draft: Application):
        upload = sheet([*line(), f"证号 {ID_CARD}"], headings=[*HEADINGS, "备注"])
        found = roster.check(application=draft, upload=upload, by=world.applicant, on=TODAY)
        assert mistakes(found) == [(2, "O 列“备注”", "内容中含有居民身份证号，平台不收集身份证号，请删去后再保存。")]

    def test_a_missing_column_is_named(self, world: World, draft: Application):
        upload = sheet(line()[:-6], headings=HEADINGS[:8])
        found = roster.check(application=draft, upload=upload, by=world.applicant, on=TODAY)
        assert mistakes(found) == [(1, "“入基地日”", "表头中缺少这一列。请补上，或下载模板填写。")]

    def test_the_dry_run_writes_nothing(self, world: World, draft: Application):
        assert mistakes(check(world, draft, line("1"))) == []
        assert (numbers(draft), SectionState.objects.filter(application=draft, section="students").exists()) == (
            [], False,
        )  # fmt: skip


@pytest.mark.article("7(3)")
class TestTheCategory:
    @pytest.mark.parametrize(
        ("written", "code", "kept"),
        [
            ("机械", "0855", "机械"),
            ("0855", "0855", "机械"),
            (855, "0855", "机械"),
            ("机械（0855）", "0855", "机械"),
            ("0855 机械", "0855", "机械"),
            ("汉语国际教育", "0453", "汉语国际教育"),
            ("0953", "0862", "风景园林"),
            ("工程", None, "工程"),
            ("0852", None, "工程"),
            ("工程（0852）", None, "工程"),
            ("艺术", None, "艺术"),
            ("0651 文物与博物馆", None, "文物与博物馆"),
        ],
    )
    def test_is_found_by_name_code_or_old_name_and_left_open_where_that_means_several(
        self, world: World, draft: Application, written: Any, code: str | None, kept: str
    ):
        apply(world, draft, line(**{"专业学位类别": written}))
        student = TrainedStudent.objects.get(application=draft)
        assert (student.category.code if student.category else None, student.category_name) == (code, kept)

    def test_of_this_category_of_others_and_unclear_are_counted(self, world: World, draft: Application):
        rows = [
            line(str(n), **{"专业学位类别": text}) for n, text in enumerate(["机械", "0855", "会计", "工程", "艺术"])
        ]
        run = roster.DryRun.of(check(world, draft, *rows))
        assert (run.of_category, run.unclear) == (2, 1)
        apply(world, draft, *rows)
        assert snapshot.trained(draft, TODAY) == snapshot.Trained(total=5, of_category=2, unclear=1)

    def test_every_text_that_is_kept_means_the_same_again(self, db: None):
        catalogue = Catalogue()
        texts = [each.name for each in catalogue.categories] + [each.code for each in catalogue.categories]
        texts += [text for alias in CategoryAlias.objects.all() for text in (alias.name, alias.code, str(alias))]
        for text in texts:
            found = roster.meaning(text, catalogue)
            again = roster.meaning(found.name, catalogue)
            assert (again.category, again.problem, bool(again.may_be)) == (found.category, "", True), text


@pytest.mark.article("7(3)")
class TestWriting:
    def test_replaces_the_roster_as_a_whole_in_the_order_of_the_sheet(self, world: World, draft: Application):
        assert apply(world, draft, line("1"), line("2"), line("3")) == 3
        run = roster.DryRun.of(found := check(world, draft, line("9"), line("2"), line("8")))
        assert (run.new, run.replaced, run.gone) == (2, 1, 2)
        roster.apply(application=draft, check=found, by=world.applicant, on=TODAY)
        assert numbers(draft) == ["9", "2", "8"]

    def test_what_a_row_says_is_kept(self, world: World, draft: Application):
        apply(world, draft, line("0071", **{"层次": "博士", "培养方式": "非全日制", "出基地日": None}))
        student = TrainedStudent.objects.get(application=draft)
        assert [getattr(student, cell.name) for cell in roster.TABLE.cells] == [
            "萨仁", "0071", "机械", "智能制造", "doctor", "part_time", "李文华", "王建军", date(2023, 9, 1), None, "状态监测",
            "故障诊断方法研究", 2025, "合作单位",
        ]  # fmt: skip

    def test_a_student_who_was_there_keeps_the_key_so_that_versions_can_be_compared(
        self, world: World, draft: Application
    ):
        apply(world, draft, line("1"), line("2"))
        key = TrainedStudent.objects.get(application=draft, number="2").key
        apply(world, draft, line("3"), line("2", **{"姓名": "其其格"}))
        assert TrainedStudent.objects.get(application=draft, number="2").key == key
        assert TrainedStudent.objects.exclude(number="2").filter(key=key).count() == 0

    def test_counts_the_save_of_the_section(self, world: World, draft: Application):
        apply(world, draft, line("1"))
        state = SectionState.objects.get(application=draft, section="students")
        assert (state.version, state.saved_by) == (1, world.applicant.user)

    def test_a_list_is_not_written_twice(self, world: World, draft: Application):
        found = check(world, draft, line("1"))
        roster.apply(application=draft, check=found, by=world.applicant, on=TODAY)
        with pytest.raises(Refused) as refused:
            roster.apply(application=draft, check=found, by=world.applicant, on=TODAY)
        assert refused.value.reasons == ("这份名单已经写入过了，没有再写一次。如要修改，请重新上传名单。",)

    def test_an_old_dry_run_is_refused_when_a_colleague_changed_the_roster(self, world: World, draft: Application):
        colleague = person("applicant", "同事甲", training_unit=world.unit)
        drafting.set_co_applicants(base=draft.base, users=[colleague.user], by=world.applicant)
        apply(world, draft, line("1"))
        found = check(world, draft, line("2"))
        student = TrainedStudent.objects.get(application=draft)
        roster.save_student(application=draft, student=student, by=colleague, on=TODAY, name="其其格")
        with pytest.raises(Overtaken) as overtaken:
            roster.apply(application=draft, check=found, by=world.applicant, on=TODAY)
        (reason,) = overtaken.value.reasons
        assert reason.startswith("检查之后，同事甲 于 ")
        assert reason.endswith(" 改过名单，没有写入任何数据。请先看过现在的名单，再重新上传。")
        found.refresh_from_db()
        assert (numbers(draft), found.applied_at) == (["1"], None)

    def test_an_old_dry_run_is_refused_when_a_colleague_checked_another_one(self, world: World, draft: Application):
        colleague = person("applicant", "同事甲", training_unit=world.unit)
        drafting.set_co_applicants(base=draft.base, users=[colleague.user], by=world.applicant)
        found = check(world, draft, line("1"))
        newer = check(world, draft, line("2"), by=colleague)
        with pytest.raises(Overtaken) as overtaken:
            roster.apply(application=draft, check=found, by=world.applicant, on=TODAY)
        (reason,) = overtaken.value.reasons
        assert reason.startswith("同事甲 于 ")
        assert roster.apply(application=draft, check=newer, by=world.applicant, on=TODAY) == 1
        assert numbers(draft) == ["2"]

    def test_a_check_of_another_application_is_refused(self, world: World, draft: Application):
        other = world.application(world.draft(TODAY, students_trained=0))
        found = check(world, other, line("1"))
        with pytest.raises(Refused) as refused:
            roster.apply(application=draft, check=found, by=world.applicant, on=TODAY)
        assert refused.value.reasons == ("这不是本申请书的名单，没有写入任何数据。",)
        assert (numbers(draft), numbers(other)) == ([], [])

    def test_nobody_but_the_applicants(self, world: World, draft: Application):
        found = check(world, draft, line("1"))
        for who in (world.unit_officer, world.officer, world.other_applicant):
            with pytest.raises(NotYours):
                check(world, draft, line("1"), by=who)
            with pytest.raises(NotYours):
                roster.apply(application=draft, check=found, by=who, on=TODAY)
        assert numbers(draft) == []

    def test_what_was_handed_in_is_not_changed_any_more(self, world: World, on_day: Any):
        draft = world.application(world.draft(TODAY))
        found = check(world, draft, line("1"))
        student = draft.trained_students.first()
        declaring.declare(base=fresh(draft.base), acting=world.applicant, on=TODAY)
        for act in (
            lambda: check(world, draft, line("1")),
            lambda: roster.apply(application=draft, check=found, by=world.applicant, on=TODAY),
            lambda: roster.save_student(application=draft, student=student, by=world.applicant, on=TODAY, name="丁"),
            lambda: roster.remove_student(application=draft, student=student, by=world.applicant, on=TODAY),
        ):
            with pytest.raises(Overtaken):
                act()
        assert len(numbers(draft)) == 8

    def test_versions_are_compared_student_by_student(self, world: World, on_day: Any):
        draft = world.application(world.draft(TODAY, students_trained=0))
        apply(world, draft, *(line(str(n)) for n in range(5)))
        base = declaring.declare(base=fresh(draft.base), acting=world.applicant, on=TODAY)
        base = declaring.return_for_revision(base=base, acting=world.unit_officer, on=TODAY, reason="请核对。")
        apply(world, draft, *(line(str(n), **({"姓名": "其其格"} if n == 3 else {})) for n in (4, 3, 2, 1, 0)))
        declaring.declare(base=fresh(base), acting=world.applicant, on=TODAY)
        first, second = draft.versions.order_by("number")
        changed = [(each.before, each.after) for each in differences(first.paper, second.paper) if "名单" in each.label]
        assert changed == [("姓名：萨仁", "姓名：其其格")]


@pytest.mark.article("7(3)")
class TestPasting:
    def test_goes_through_the_same_dry_run_with_its_heading_or_without(self, world: World, draft: Application):
        rows = [line("007", **{"入基地日": "2023/9/1", "出基地日": "2024年6月30日"}), line("8")]
        for text in (pasted(*rows), pasted(HEADINGS, *rows)):
            found = roster.check(application=draft, text=text, by=world.applicant, on=TODAY)
            assert (found.rows, mistakes(found)) == (2, [])
        roster.apply(application=draft, check=found, by=world.applicant, on=TODAY)
        assert numbers(draft) == ["007", "8"]

    def test_a_heading_puts_the_columns_in_any_order(self, world: World, draft: Application):
        order = list(reversed(range(len(HEADINGS))))
        text = pasted([HEADINGS[n] for n in order], [line("5")[n] for n in order])
        found = roster.check(application=draft, text=text, by=world.applicant, on=TODAY)
        roster.apply(application=draft, check=found, by=world.applicant, on=TODAY)
        assert numbers(draft) == ["5"]

    def test_a_cell_with_a_line_break_or_a_formula_stays_one_text(self, world: World, draft: Application):
        text = pasted(line("1", **{"实践项目": '"监测\n与""诊断"""', "学位论文题目": "=1+1"}))
        found = roster.check(application=draft, text=text, by=world.applicant, on=TODAY)
        roster.apply(application=draft, check=found, by=world.applicant, on=TODAY)
        student = TrainedStudent.objects.get(application=draft)
        assert (student.project, student.thesis) == ('监测\n与"诊断"', "=1+1")

    def test_mistakes_are_counted_with_the_heading_as_first_row(self, world: World, draft: Application):
        found = roster.check(application=draft, text=pasted(line("1"), line("1")), by=world.applicant, on=TODAY)
        assert mistakes(found) == [(3, "B 列“学号”", "与第 2 行重复：1。")]

    @pytest.mark.parametrize("text", ["", "\r\n\r\n", "\t\t\n"])
    def test_nothing_is_no_roster(self, world: World, draft: Application, text: str):
        with pytest.raises(Refused) as refused:
            roster.check(application=draft, text=text, by=world.applicant, on=TODAY)
        assert refused.value.reasons[0].startswith("没有粘贴任何内容。")


VALUES = {
    "name": "萨仁", "number": "2023001", "category_name": "0855", "field": "", "level": "master", "mode": "full_time",
    "campus_mentor": "李文华", "industry_mentor": "王建军", "entered_on": date(2023, 9, 1), "left_on": None, "project": "",
    "thesis": "", "graduation_year": None, "destination": "",
}  # fmt: skip
SENT = {name: "" if value is None else str(value) for name, value in VALUES.items()}


@pytest.mark.article("7(3)")
class TestOneStudent:
    def test_is_added_at_the_end_changed_in_place_and_removed(self, world: World, draft: Application):
        apply(world, draft, line("1"))
        added = roster.save_student(application=draft, by=world.applicant, on=TODAY, **VALUES)
        assert (numbers(draft), added.category, added.category_name) == (["1", "2023001"], world.category, "机械")
        changed = roster.save_student(
            application=draft, student=added, by=world.applicant, on=TODAY, category_name="会计", number="5"
        )
        assert (changed.pk, changed.category.code if changed.category else "") == (added.pk, "1253")
        roster.remove_student(application=draft, student=changed, by=world.applicant, on=TODAY)
        assert numbers(draft) == ["1"]
        assert SectionState.objects.get(application=draft, section="students").version == 4

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"name": ""}, "姓名：没有填写。"),
            ({"campus_mentor": ""}, "校内导师：没有填写。"),
            ({"category_name": "冶炼"}, "专业学位类别：“冶炼”不在专业学位类别目录中，请按现行目录填写类别代码或名称。"),
            ({"entered_on": date(2026, 11, 25)}, "入基地日：2026-11-25 还没有到，请核对。"),
            ({"left_on": date(2023, 8, 1)}, "出基地日：2023-08-01 早于入基地日 2023-09-01，请核对。"),
            ({"thesis": f"见 {ID_CARD}"}, "学位论文题目：内容中含有居民身份证号，平台不收集身份证号，请删去后再保存。"),
            ({"number": "1"}, "学号 1 已在名单中（萨仁），没有保存。"),
        ],
    )
    def test_with_a_mistake_is_refused(self, world: World, draft: Application, changes: dict[str, Any], reason: str):
        apply(world, draft, line("1"))
        with pytest.raises(Refused) as refused:
            roster.save_student(application=draft, by=world.applicant, on=TODAY, **VALUES | changes)
        assert refused.value.reasons == (reason,)
        assert numbers(draft) == ["1"]

    def test_who_was_taken_off_meanwhile_is_not_brought_back(self, world: World, draft: Application):
        student = roster.save_student(application=draft, by=world.applicant, on=TODAY, **VALUES)
        roster.remove_student(application=draft, student=student, by=world.applicant, on=TODAY)
        for act in (
            lambda: roster.save_student(application=draft, student=student, by=world.applicant, on=TODAY, name="丁"),
            lambda: roster.remove_student(application=draft, student=student, by=world.applicant, on=TODAY),
        ):
            with pytest.raises(Overtaken) as overtaken:
                act()
            assert overtaken.value.reasons == ("萨仁已不在名单中，没有办理。请回到名单查看最新内容。",)
            assert numbers(draft) == []

    def test_through_its_page(self, draft: Application, applicant: Client):
        wrong = Page.of(applicant.post(address(draft, "new/"), SENT | {"number": "", "left_on": "2020-01-01"}))
        assert (wrong.status, wrong.beside("number"), wrong.beside("left_on")) == (
            422, ["请填写这一项。"], ["2020-01-01 早于入基地日 2023-09-01，请核对。"],
        )  # fmt: skip
        assert applicant.post(address(draft, "new/"), SENT | {"another": "1"})["Location"] == address(draft, "new/")
        twin = Page.of(applicant.post(address(draft, "new/"), SENT))
        assert (twin.status, "学号 2023001 已在名单中（萨仁），没有保存。" in twin.text) == (422, True)
        student = TrainedStudent.objects.get(application=draft)
        page = Page.of(applicant.get(address(draft, f"{student.pk}/")))
        assert (page.value("category_name"), page.value("entered_on"), page.value("mode")) == (
            "机械", "2023-09-01", "full_time",
        )  # fmt: skip
        answer = applicant.post(address(draft, f"{student.pk}/"), SENT | {"name": "其其格"})
        assert answer["Location"] == address(draft)
        student.refresh_from_db()
        assert student.name == "其其格"
        applicant.post(address(draft, f"{student.pk}/remove/"))
        assert numbers(draft) == []


@pytest.mark.article("7(3)")
class TestThePages:
    def test_an_empty_roster_says_what_to_do(self, draft: Application, applicant: Client):
        page = Page.of(applicant.get(address(draft)))
        assert (page.status, "名单还是空的" in page.text, "下载模板" in page.text) == (200, True, True)
        assert {address(draft, "new/"), address(draft, "template/")} <= page.links()

    def test_says_how_many_count_and_how_many_are_required(self, world: World, draft: Application, applicant: Client):
        texts = ["机械", "会计", "工程"]
        apply(world, draft, *(line(str(n), **{"专业学位类别": text}) for n, text in enumerate(texts)))
        page = Page.of(applicant.get(address(draft)))
        facts = [" ".join("".join(e.itertext()).split()) for e in page.main.iter("dd")][:3]
        assert [fact.partition(" 旧名称")[0] for fact in facts] == [
            "机械（0855） 1 人，要求不少于 5 人", "1 人", "1 人",
        ]  # fmt: skip
        assert [row[1:] for row in page.rows() if len(row) == 6] == [
            [str(n), text, "硕士，全日制", "李文华、王建军", "2023-09-01 至 2024-06-30"]
            for n, text in enumerate(["机械", "会计", "工程 旧名称，须写明现行类别"])
        ]

    def test_from_the_file_to_the_roster(self, draft: Application, applicant: Client):
        answer = applicant.post(address(draft, "import/"), {"file": sheet(line("1"), line("2"))})
        found = ImportCheck.objects.get()
        assert answer["Location"] == address(draft, f"import/{found.pk}/")
        page = Page.of(applicant.get(answer["Location"]))
        assert "读到 2 行，没有发现错误。" in page.text
        assert "新增 2 人，替换 0 人（学号相同），现有名单中的 0 人不在这份名单里，将被移除。" in page.text
        assert "机械（0855） 2 人，要求不少于 5 人；其他类别 0 人，旧名称不明确 0 人。" in page.text
        buttons = ["".join(e.itertext()).strip() for e in page.main.iter("button")]
        assert "写入 2 人（替换现有名单）" in buttons
        written = applicant.post(address(draft, f"import/{found.pk}/apply/"))
        assert (written["Location"], numbers(draft)) == (address(draft), ["1", "2"])
        assert "名单已写入，共 2 人，原有名单已替换。" in Page.of(applicant.get(address(draft))).text

    def test_mistakes_leave_no_button_to_write(self, draft: Application, applicant: Client):
        answer = applicant.post(address(draft, "import/"), {"text": pasted(line("1", **{"层次": "本科"}))})
        page = Page.of(applicant.get(answer["Location"]))
        assert page.rows()[0] == ["2", "E 列“层次”", "“本科”不在可以填写的内容里。请填写其中一项：硕士、博士。"]
        assert not [e for e in page.main.iter("form") if "apply" in (e.get("action") or "")]
        refused = applicant.post(address(draft, f"import/{ImportCheck.objects.get().pk}/apply/"))
        assert (refused.status_code, numbers(draft)) == (409, [])

    @pytest.mark.parametrize(
        ("sent", "field", "words"),
        [
            ({}, "file", "请选择文件。"),
            ({"file": SimpleUploadedFile("名单.xlsx", b"no sheet")}, "file", "文件内容不是完整的"),
            ({"text": ""}, "text", "没有粘贴任何内容。"),
            ({"text": "\t\n"}, "text", "没有粘贴任何内容。"),
        ],
    )
    def test_what_is_no_list_is_refused_beside_its_field(
        self, draft: Application, applicant: Client, sent: dict[str, Any], field: str, words: str
    ):
        page = Page.of(applicant.post(address(draft, "import/"), sent))
        assert (page.status, [each[: len(words)] for each in page.beside(field)]) == (422, [words])
        assert ImportCheck.objects.count() == 0

    def test_a_long_roster_comes_in_pages_of_fifty_with_a_constant_number_of_queries(
        self, world: World, draft: Application, applicant: Client
    ):
        def queries() -> tuple[int, int]:
            with CaptureQueriesContext(connection) as counted:
                page = Page.of(applicant.get(address(draft)))
            return len(counted), len([row for row in page.rows() if len(row) == 6])

        apply(world, draft, line("0"))
        applicant.get(address(draft))
        few, _rows = queries()
        apply(world, draft, *(line(str(n)) for n in range(120)))
        applicant.get(address(draft))
        assert queries() == (few, 50)
        last = Page.of(applicant.get(address(draft), {"page": "3"}))
        assert len([row for row in last.rows() if len(row) == 6]) == 20

    def test_they_are_for_the_applicants_alone(self, world: World, draft: Application, signed_in: SignedIn):
        found = check(world, draft, line("1"))
        student = roster.save_student(application=draft, by=world.applicant, on=TODAY, **VALUES)
        shown = ("", "template/", "export/", "new/", f"{student.pk}/", f"import/{found.pk}/")
        done = ("import/", f"import/{found.pk}/apply/", f"{student.pk}/remove/", f"{student.pk}/", "new/")
        for who, status in ((world.other_applicant, 404), (world.unit_officer, 403), (world.officer, 403)):
            client = signed_in(who)
            answers = [client.get(address(draft, part)) for part in shown]
            answers += [client.post(address(draft, part), SENT) for part in done]
            assert {answer.status_code for answer in answers} == {status}
        assert numbers(draft) == ["2023001"]

    def test_a_check_and_a_student_of_another_application_are_not_found(
        self, world: World, draft: Application, applicant: Client
    ):
        other = world.application(world.draft(TODAY, students_trained=1))
        found, student = check(world, other, line("1")), other.trained_students.get()
        parts = (f"import/{found.pk}/", f"{student.pk}/")
        assert [applicant.get(address(draft, part)).status_code for part in parts] == [404, 404]
        parts = (f"import/{found.pk}/apply/", f"{student.pk}/remove/")
        assert [applicant.post(address(draft, part)).status_code for part in parts] == [404, 404]

    def test_after_the_deadline_nothing_is_changed(
        self, world: World, draft: Application, applicant: Client, on_day: Any
    ):
        found = check(world, draft, line("1"))
        on_day(date(2027, 1, 1))
        assert applicant.get(address(draft))["Location"] == f"/bases/{draft.base_id}/"
        parts = (f"import/{found.pk}/apply/", "import/", "new/")
        answers = [Page.of(applicant.post(address(draft, part), SENT)) for part in parts]
        assert [(page.status, "申报期限 2026-12-31 已过" in page.text) for page in answers] == [(409, True)] * 3
        assert numbers(draft) == []

    def test_the_uploaded_sheet_is_for_those_who_fill_in_the_application(
        self, world: World, draft: Application, signed_in: SignedIn
    ):
        colleague = person("applicant", training_unit=world.unit)
        drafting.set_co_applicants(base=draft.base, users=[colleague.user], by=world.applicant)
        key = check(world, draft, line("1")).file.key
        readers = [world.applicant, colleague, world.unit_officer, world.officer, world.other_applicant, world.auditor]
        statuses = [signed_in(reader).get(f"/files/{key}/").status_code for reader in readers]
        assert statuses == [200, 200, 404, 404, 404, 404]

    def test_the_form_goes_on_to_the_roster_and_the_attachments(self, draft: Application, applicant: Client):
        links = Page.of(applicant.get(address(draft))).links()
        assert {address(draft), f"/applications/{draft.pk}/edit/attachments/"} <= links

    def test_a_roster_fills_its_section_of_the_paper(self, world: World, draft: Application):
        assert readiness.readiness(draft, TODAY).standing("students").state == readiness.MISSING
        apply(world, draft, line("1"))
        assert readiness.readiness(draft, TODAY).standing("students").state == readiness.COMPLETE


@pytest.mark.article("7(3)")
@pytest.mark.django_db(transaction=True)
def test_a_dry_run_that_is_applied_twice_at_the_same_moment_is_written_once(world: World, at_once: Any):
    draft = world.application(world.draft(TODAY, students_trained=0))
    found = check(world, draft, line("1"), line("2"))
    results = at_once(
        *[lambda: roster.apply(application=draft, check=found, by=world.applicant, on=TODAY) for _person in range(2)]
    )
    assert [each for each in results if isinstance(each, int)] == [2]
    assert [each.reasons for each in results if isinstance(each, Refused)] == [
        ("这份名单已经写入过了，没有再写一次。如要修改，请重新上传名单。",)
    ]
    assert (numbers(draft), SectionState.objects.get(application=draft, section="students").version) == (["1", "2"], 1)
