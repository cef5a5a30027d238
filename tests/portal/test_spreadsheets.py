"""Excel: what people write is understood as they mean it, every mistake is named by its cell, and no text becomes a formula."""

import io
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from bases.validators import validate_no_id_card
from portal import archives, spreadsheets
from portal.spreadsheets import CellError, Column, Reading, read

NUMBER = Column(key="number", label="学号", required=True, max_length=20)
NAME = Column(key="name", label="姓名", required=True, aliases=("学生姓名",))
SINCE = Column(key="since", label="入基地日", kind="date", minimum=date(2020, 1, 1), maximum=date(2026, 12, 31))
COLUMNS = [NUMBER, NAME, SINCE]
# What Excel keeps has no time zone.
AT_EIGHT, MIDNIGHT = datetime(2024, 9, 1, 8, 30), datetime(2024, 9, 1)  # noqa: DTZ001
HALF_PAST_TEN = datetime(2026, 11, 24, 10, 30)  # noqa: DTZ001
DAMAGED = "文件不完整或已损坏，读不出来。请在 Excel 或 WPS 中打开、另存为 xlsx 格式后重新上传。"
NOT_EXCEL = "这不是 Excel 表格（xlsx 格式），改扩展名不会改变内容。请在 Excel 或 WPS 中另存为 xlsx 格式后重新上传。"


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sheet(*rows: tuple[Any, ...], **more: Callable[[Worksheet], Any]) -> bytes:
    """A workbook of these rows; ``touch`` does something to its sheet."""
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    for touch in more.values():
        touch(book.worksheets[0])
    return saved(book)


def changed(content: bytes, old: bytes, new: bytes, part: str = "xl/worksheets/sheet1.xml") -> bytes:
    """The same workbook with something else in one of its parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            text = before.read(name)
            assert name != part or old in text
            after.writestr(name, text.replace(old, new) if name == part else text)
    return out.getvalue()


def said(reading: Reading) -> list[str]:
    return [str(error) for error in reading.errors]


def value(column: Column, cell: Any) -> Any:
    """What is understood of one cell."""
    reading = read(sheet((str(column.label), "行"), (cell, "1")), [column])
    assert said(reading) == []
    return reading.rows[0][column.key]


def message(column: Column, cell: Any) -> str:
    """What is said of one cell."""
    reading = read(sheet((str(column.label), "行"), (cell, "1")), [column])
    assert (reading.rows[0][column.key], len(reading.errors)) == (None, 1)
    return str(reading.errors[0])


# ---- finding the list


def test_rows_are_typed_and_keep_the_numbers_that_excel_shows() -> None:
    reading = read(
        sheet(("学生名单",), (), ("学号", "姓名", "入基地日"), ("2023001", "张三", date(2024, 9, 1)), (), ("2023002", "李四")),
        COLUMNS,
    )  # fmt: skip
    assert reading.rows == [
        {"number": "2023001", "name": "张三", "since": date(2024, 9, 1)},
        {"number": "2023002", "name": "李四", "since": None},
    ]
    assert (reading.numbers, reading.is_faultless, reading.notes) == ([4, 6], True, [])


def test_the_order_of_columns_is_free_and_those_nobody_asked_for_are_named() -> None:
    reading = read(sheet(("序号", "姓名", "电话", "学号"), (1, "张三", "110", "2023001")), COLUMNS)
    assert reading.rows == [{"number": "2023001", "name": "张三", "since": None}]
    assert reading.notes == ["没有用到的列：序号、电话。"]


def test_a_heading_is_known_by_its_words_however_it_is_set() -> None:
    money = Column(key="money", label="金额（元）", kind="decimal", required=True)
    reading = read(sheet((" 学 号 *", "学生\n姓名：", "金额(元)*"), ("1", "张三", 5)), [NUMBER, NAME, money])
    assert reading.rows == [{"number": "1", "name": "张三", "money": Decimal("5.00")}]


def test_a_missing_heading_is_named() -> None:
    reading = read(sheet(("序号", "学号", "入基地日"), (1, "2023001", "2024-09-01")), COLUMNS)
    assert said(reading) == ["第 1 行 “姓名”：表头中缺少这一列。请补上，或下载模板填写。"]


def test_a_heading_that_stands_there_twice_is_refused() -> None:
    reading = read(sheet(("学号", "姓名", "学生姓名"), ("2023001", "张三", "李四")), COLUMNS)
    assert said(reading) == ["第 1 行 “姓名”：表头出现了不止一次（B、C 列），请只保留一列。"]


def test_without_any_heading_the_needed_ones_are_named() -> None:
    wanted = "没有找到表头。表中要有一行写明：学号、姓名。请下载模板填写。"
    assert said(read(sheet(("2023001", "张三")), COLUMNS)) == [wanted]
    assert said(read(sheet(), COLUMNS)) == [wanted]


def test_of_several_sheets_the_first_with_the_headings_is_read() -> None:
    book = Workbook()
    book.worksheets[0].append(("学号是什么", "说明"))
    hidden = book.create_sheet("旧名单")
    hidden.append(("学号", "姓名"))
    hidden.sheet_state = "hidden"
    for name, number in (("名单", "1"), ("另一份", "2")):
        book.create_sheet(name)
        book[name].append(("学号", "姓名"))
        book[name].append((number, "张三"))
    reading = read(saved(book), COLUMNS)
    assert (reading.sheet, reading.rows) == ("名单", [{"number": "1", "name": "张三", "since": None}])


def test_a_list_without_a_row_is_an_error() -> None:
    assert said(read(sheet(("学号", "姓名"), (" ", "\u3000")), COLUMNS)) == ["表头下面没有内容，请填写后重新上传。"]


def test_too_many_rows_are_refused_before_any_is_looked_at() -> None:
    reading = read(sheet(("学号", "姓名"), *[("", "张三")] * 4), COLUMNS, max_rows=3)
    assert (said(reading), reading.rows) == (["表中有 4 行，一次最多 3 行，请分开上传。"], [])


# ---- cells


@pytest.mark.parametrize(
    ("cell", "understood"),
    [
        ("2023001", "2023001"),
        (202312001, "202312001"),
        (202312001.0, "202312001"),
        ("  ２０２３Ａ０１　", "2023A01"),
        ("（研）张三，男", "（研）张三，男"),
        (12.5, "12.5"),
        (0.1 + 0.2, "0.3"),
        (999_999_999_999_999, "999999999999999"),
        (True, "是"),
        (date(2024, 9, 1), "2024-09-01"),
    ],
)
def test_a_text_is_what_the_person_typed_even_where_excel_made_a_number_of_it(cell: Any, understood: str) -> None:
    assert value(NUMBER, cell) == understood


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (1e15, "数字超过 15 位，Excel 已丢失后面的数字。请把这一列的单元格格式设为“文本”后重新填写。"),
        (15010219900101001, "数字超过 15 位，Excel 已丢失后面的数字。请把这一列的单元格格式设为“文本”后重新填写。"),
        (
            "1.50102E+17",
            "“1.50102E+17”是科学计数法，原来的数字已经丢失。请把这一列的单元格格式设为“文本”后重新填写。",
        ),
        ("9" * 21, "有 21 个字，最多 20 个字，请删减。"),
    ],
)
def test_a_text_that_excel_has_spoilt_or_that_is_too_long_is_refused(cell: Any, text: str) -> None:
    assert message(NUMBER, cell) == f"第 2 行 A 列“学号”：{text}"


@pytest.mark.parametrize(
    "cell",
    [
        date(2024, 9, 1), AT_EIGHT, "2024-09-01", "2024-9-1", "2024/9/1", "2024.9.1", "2024年9月1日",
        "2024 年 9 月 1 日", "２０２４－０９－０１", "20240901", 20240901, "2024-09-01 00:00:00", " 2024-09-01 ",
    ],
)  # fmt: skip
def test_a_date_may_be_written_as_people_write_it(cell: Any) -> None:
    assert value(SINCE, cell) == date(2024, 9, 1)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("九月", "“九月”不是日期，请写成 2024-09-01。"),
        ("2024-09", "“2024-09”不是日期，请写成 2024-09-01。"),
        ("01/09/2024", "“01/09/2024”不是日期，请写成 2024-09-01。"),
        (45536, "“45536”不是日期，请写成 2024-09-01。"),
        ("2024-02-30", "“2024-02-30”：没有这一天，请核对。"),
        ("2204-09-01", "年份 2204 不对，请核对。"),
        ("2019-12-31", "不能早于 2020-01-01。"),
        ("2027-01-01", "不能晚于 2026-12-31。"),
    ],
)
def test_what_is_no_date_is_refused_with_how_to_write_it(cell: Any, text: str) -> None:
    assert message(SINCE, cell) == f"第 2 行 A 列“入基地日”：{text}"


COUNT = Column(key="count", label="人数", kind="int", minimum=0, maximum=500)
MONEY = Column(key="money", label="金额", kind="decimal", minimum=Decimal(0))


@pytest.mark.parametrize(("cell", "understood"), [(12, 12), (12.0, 12), ("12.0", 12), ("１２", 12), ("0", 0)])
def test_a_whole_number_may_come_as_excel_keeps_it(cell: Any, understood: int) -> None:
    found = value(COUNT, cell)
    assert (found, type(found)) == (understood, int)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (12.5, "“12.5”不是整数，请只填数字，例如 12。"),
        ("十二", "“十二”不是整数，请只填数字，例如 12。"),
        ("12人", "“12人”不是整数，请只填数字，例如 12。"),
        (True, "“是”不是整数，请只填数字，例如 12。"),
        (date(2024, 9, 1), "“2024-09-01”不是整数，请只填数字，例如 12。"),
        (-1, "不能小于 0。"),
        (501, "不能大于 500。"),
    ],
)
def test_what_is_no_whole_number_is_refused(cell: Any, text: str) -> None:
    assert message(COUNT, cell) == f"第 2 行 A 列“人数”：{text}"


@pytest.mark.parametrize(
    ("cell", "understood"),
    [
        (1234.5, "1234.50"), ("1,234.50", "1234.50"), ("￥１，２３４．５", "1234.50"), (0.1 + 0.2, "0.30"), ("0", "0.00"),
        (100000000.01, "100000000.01"),
    ],
)  # fmt: skip
def test_an_amount_is_exact_to_the_cent(cell: Any, understood: str) -> None:
    found = value(MONEY, cell)
    assert (str(found), type(found)) == (understood, Decimal)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("1.234", "“1.234”多于 2 位小数，请四舍五入后填写。"),
        (10 / 3, "“3.33333333333333”多于 2 位小数，请四舍五入后填写。"),
        ("1,23", "“1,23”不是数字，请只填数字，例如 1234.50。"),
        ("5万", "“5万”不是数字，请只填数字，例如 1234.50。"),
        ("nan", "“nan”不是数字，请只填数字，例如 1234.50。"),
        (1e16, "数字太大，请核对。"),
        ("-0.01", "不能小于 0。"),
    ],
)
def test_no_amount_is_rounded_or_guessed(cell: Any, text: str) -> None:
    assert message(MONEY, cell) == f"第 2 行 A 列“金额”：{text}"


SEX = Column(key="sex", label="性别", kind="choice", choices={"男": "m", "女": "f"})
LEVEL = Column(key="level", label="年级", kind="choice", choices={f"第{n}级": n for n in range(20)})
AT_SCHOOL = Column(key="at_school", label="在校", kind="bool")


def test_a_choice_is_known_by_its_word_with_any_spaces() -> None:
    assert [value(SEX, word) for word in ("男", " 女 ", "女\u3000")] == ["m", "f", "f"]
    assert message(SEX, "男性") == "第 2 行 A 列“性别”：“男性”不在可以填写的内容里。请填写其中一项：男、女。"
    some = "、".join(f"第{n}级" for n in range(12))
    assert message(LEVEL, "高") == (
        f"第 2 行 A 列“年级”：“高”不在可以填写的内容里。请从下拉列表的 20 项中选择，例如：{some}。"
    )


def test_yes_and_no_may_be_written_as_people_write_them() -> None:
    assert [value(AT_SCHOOL, word) for word in ("是", "√", "有", True, 1, "Y")] == [True] * 6
    assert [value(AT_SCHOOL, word) for word in ("否", "×", "无", False, 0, "n")] == [False] * 6
    assert message(AT_SCHOOL, "也许") == "第 2 行 A 列“在校”：“也许”不在可以填写的内容里。请填写其中一项：是、否。"


def test_what_is_required_is_missed_row_by_row_and_what_is_not_may_stay_empty() -> None:
    reading = read(sheet(("学号", "姓名", "入基地日"), ("1", None, None), (None, "李四", None)), COLUMNS)
    assert said(reading) == ["第 2 行 B 列“姓名”：没有填写。", "第 3 行 A 列“学号”：没有填写。"]
    note = Column(key="note", label="备注")
    assert read(sheet(("学号", "备注"), ("1", None)), [NUMBER, note]).rows == [{"number": "1", "note": ""}]


def test_what_must_be_there_once_is_refused_the_second_time_with_the_first_place() -> None:
    once = Column(key="number", label="学号", unique=True)
    reading = read(sheet(("学号", "姓名"), ("1", "甲"), (1, "乙"), ("１", "丙")), [once, NAME])
    assert said(reading) == ["第 3 行 A 列“学号”：与第 2 行重复：1。", "第 4 行 A 列“学号”：与第 2 行重复：1。"]


def test_a_formula_is_read_by_its_value_and_a_failed_one_is_an_error() -> None:
    content = sheet(("学号", "姓名"), ("1", "张三"), ("2", "=A1"), ("3", "#REF!"), ("4", '=""'))
    content = changed(content, b"<f>A1</f><v></v>", "<f>A1</f><v>李四</v>".encode())
    content = changed(content, b'<c r="B3">', b'<c r="B3" t="str">')
    content = changed(content, b'<c r="B5">', b'<c r="B5" t="str">')
    reading = read(content, COLUMNS)
    assert [row["name"] for row in reading.rows] == ["张三", "李四", None, None]
    assert said(reading) == [
        "第 4 行 B 列“姓名”：公式出错（#REF!），请改正公式或直接填写内容。",
        "第 5 行 B 列“姓名”：没有填写。",
    ]


def test_a_formula_without_a_value_is_not_taken_for_an_empty_cell() -> None:
    reading = read(sheet(("学号", "姓名", "入基地日"), ("1", "张三", "=TODAY()")), COLUMNS)
    assert said(reading) == [
        "第 2 行 C 列“入基地日”：公式还没有算出结果。请在 Excel 或 WPS 中打开并保存一次，或直接填写内容。"
    ]


def test_a_row_in_which_only_a_formula_failed_is_not_an_empty_row() -> None:
    reading = read(sheet(("学号", "姓名"), ("1", "张三"), ("#N/A", None)), COLUMNS)
    assert said(reading) == [
        "第 3 行 A 列“学号”：公式出错（#N/A），请改正公式或直接填写内容。",
        "第 3 行 B 列“姓名”：没有填写。",
    ]


def test_a_merged_cell_does_not_leave_the_rows_below_it_empty_without_a_word() -> None:
    def merge(of: Worksheet) -> None:
        of.merge_cells("C2:C3")
        of.merge_cells("D2:D3")  # nobody asked for this column

    rows = (("学号", "姓名", "入基地日", "电话"), ("1", "张三", "2024-09-01", "1"), ("2", "李四", None, None))
    text = "单元格是合并的。请取消合并，每一行都填写。"
    assert said(read(sheet(*rows, touch=merge), COLUMNS)) == [
        f"第 2 行 C 列“入基地日”：{text}",
        f"第 3 行 C 列“入基地日”：{text}",
    ]


def test_a_merged_title_above_the_list_is_no_mistake() -> None:
    rows = (("名单", None), ("学号", "姓名"), ("1", "张三"))
    assert said(read(sheet(*rows, touch=lambda of: of.merge_cells("A1:B1")), COLUMNS)) == []


# ---- what the caller adds

ID_CARD = "内容中含有居民身份证号，平台不收集身份证号，请删去后再保存。"


def test_a_text_that_must_not_be_there_is_refused_also_in_a_column_nobody_asked_for() -> None:
    card = "11010519491231002X"
    reading = read(
        sheet(("学号", "姓名", "证件"), (card, "张三", ""), ("2", "李四", f"证号{card}")),
        COLUMNS,
        refuse=[validate_no_id_card],
    )
    assert said(reading) == [f"第 2 行 A 列“学号”：{ID_CARD}", f"第 3 行 C 列“证件”：{ID_CARD}"]


def test_a_check_of_whole_rows_sees_only_those_whose_cells_are_right() -> None:
    seen = []

    def check(row: dict[str, Any]) -> list[tuple[str, str]]:
        seen.append(row["number"])
        return [("name", "不在本单位。")] if row["name"] == "李四" else []

    reading = read(sheet(("学号", "姓名"), ("1", "张三"), ("2", None), ("3", "李四")), COLUMNS, check=check)
    assert (seen, said(reading)) == (["1", "3"], ["第 3 行 B 列“姓名”：没有填写。", "第 4 行 B 列“姓名”：不在本单位。"])


def test_who_knows_more_may_add_mistakes_by_row_and_key_afterwards() -> None:
    reading = read(sheet(("姓名", "学号"), ("张三", "1")), COLUMNS)
    reading.fault(2, "number", "查无此人。")
    reading.fault(2, None, "重复录入。")
    assert said(reading) == ["第 2 行 B 列“学号”：查无此人。", "第 2 行：重复录入。"]
    assert reading.errors[0] == CellError(2, "B", "学号", "查无此人。")
    assert reading.is_faultless is False


def test_two_hundred_mistakes_are_listed_and_all_are_counted() -> None:
    reading = read(sheet(("学号", "姓名"), *[("1", None)] * 250), COLUMNS)
    assert (reading.wrong, len(reading.errors), len(reading.rows)) == (250, 200, 250)


# ---- files that are none


def old(*streams: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600 + b"".join(each.encode("utf-16-le") for each in streams)


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return out.getvalue()


WHOLE = sheet(("学号", "姓名"), ("1", "张三"))
PASSWORD = "文件设有打开密码，平台读不了。请去掉密码另存后重新上传。"
OLD = "这是旧版 Excel 表格（xls 格式）。请在 Excel 或 WPS 中另存为 xlsx 格式后重新上传。"
HUGE = "文件展开后太大，平台不能打开。请删去多余的工作表、空行和图片，另存后重新上传。"
MACROS = "文件带有宏，平台不收。请另存为不带宏的 xlsx 格式后重新上传。"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        pytest.param(b"", "文件是空的（0 字节）。请检查原文件后重新选择。", id="empty"),
        pytest.param(old("EncryptedPackage"), PASSWORD, id="password"),
        pytest.param(old("Workbook"), OLD, id="xls"),
        pytest.param(old(), OLD, id="xls without a known stream"),
        pytest.param("学号,姓名\n1,张三".encode(), NOT_EXCEL, id="csv"),
        pytest.param(zipped(word__document_xml=b"<a/>"), NOT_EXCEL, id="docx"),
        pytest.param(WHOLE[:2000], DAMAGED, id="half"),
        pytest.param(zipped(xl__workbook_xml=b"<workbook/>"), DAMAGED, id="shell"),
        pytest.param(changed(WHOLE, b"<sheetData>", b"<sheetData><"), DAMAGED, id="broken sheet"),
        pytest.param(changed(WHOLE, b'r="A1"', b'r="1A"'), DAMAGED, id="broken place"),
        pytest.param(zipped(xl__workbook_xml=b"0" * (archives.UNPACKED_MAX + 1)), HUGE, id="bomb"),
        pytest.param(zipped(xl__workbook_xml=b"<a/>", xl__vbaProject_bin=b""), MACROS, id="macros"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error_with_what_to_do(content: bytes, text: str) -> None:
    assert said(read(content, COLUMNS)) == [text]


@pytest.mark.parametrize(
    ("place", "where"), [("XFD1048576", "第 1048576 行 XFD 列"), ("B1048576", "第 1048576 行 B 列")]
)
def test_a_forgotten_space_in_the_last_cell_of_the_grid_does_not_end_the_process(place: str, where: str) -> None:
    content = sheet(("学号", "姓名"), ("1", "张三"), touch=lambda of: of.__setitem__(place, " "))
    assert said(read(content, COLUMNS)) == [
        f"工作表“Sheet”一直用到了{where}，超出平台能读的范围。请把名单以外的行和列整行整列删除，保存后重新上传。"
    ]


def test_formats_without_content_far_below_the_list_do_no_harm() -> None:
    def colour(of: Worksheet) -> None:
        of["XFD1048576"].number_format = "0.00"

    assert said(read(sheet(("学号", "姓名"), ("1", "张三"), touch=colour), COLUMNS)) == []


def test_five_thousand_rows_of_fifteen_columns_are_read_in_two_seconds() -> None:
    columns = [NUMBER, NAME, SINCE, MONEY, COUNT, *(Column(key=f"x{n}", label=f"备注{n}") for n in range(10))]
    row = ("张三", date(2024, 9, 1), 1234.5, 3, *(f"备注{n}" for n in range(10)))
    content = sheet(tuple(str(each.label) for each in columns), *((f"2023{n:05}", *row) for n in range(5000)))
    began = time.perf_counter()
    reading = read(content, columns, refuse=[validate_no_id_card])
    took = time.perf_counter() - began
    assert (len(reading.rows), reading.wrong, took < 4) == (5000, 0, True), (
        took
    )  # 0.6 s here; a busy machine may take more


# ---- templates

CHOOSING = [
    NUMBER,
    Column(key="sex", label="性别", kind="choice", required=True, choices={"男": "m", "女": "f"}, width=8),
    SINCE,
    MONEY,
    AT_SCHOOL,
    Column(key="note", label="备注", help="可以写导师姓名。", example="=1+1"),
]


def template() -> Workbook:
    made = spreadsheets.template(
        CHOOSING, title="学生名单", notes=["只填本基地的学生。"], examples=[{"number": "2023001", "sex": "f"}], rows=300
    )
    return load_workbook(io.BytesIO(made))


def test_a_template_has_marked_headings_formats_and_choices() -> None:
    book = template()
    first = book["学生名单"]
    assert [cell.value for cell in first[1]] == ["学号*", "性别*", "入基地日", "金额", "在校", "备注"]
    assert {letter: first.column_dimensions[letter].number_format for letter in "ABCDEF"} == {
        "A": "@", "B": "@", "C": "yyyy-mm-dd", "D": "#,##0.00", "E": "General", "F": "@",
    }  # fmt: skip
    assert (first.freeze_panes, first.column_dimensions["B"].width, first.max_row) == ("A2", 8, 1)
    rules = {str(rule.sqref): rule.formula1 for rule in first.data_validations.dataValidation}
    assert rules == {"B2:B301": "'选项'!$B$1:$B$2", "E2:E301": "'选项'!$E$1:$E$2"}
    hidden = book["选项"]
    assert (hidden.sheet_state, hidden["B1"].value, hidden["B2"].value, hidden["E2"].value) == (
        "hidden",
        "男",
        "女",
        "否",
    )


def test_the_second_sheet_explains_every_column() -> None:
    guide = [[cell.value for cell in row] for row in template()["填写说明"].iter_rows()]
    assert guide[0][0] == "学生名单填写说明"
    assert guide[2][0] == "只填本基地的学生。"
    assert guide[4:] == [
        ["列", "是否必填", "怎样填写", "说明", "示例"],
        ["学号", "必填", "文字，最多 20 个字", None, "2023001"],
        ["性别", "必填", "从下拉列表中选择：男、女", None, "女"],
        ["入基地日", "可不填", "日期，写成 2024-09-01，不早于 2020-01-01，不晚于 2026-12-31", None, None],
        ["金额", "可不填", "数字，最多 2 位小数，不小于 0", None, None],
        ["在校", "可不填", "填“是”或“否”", None, None],
        ["备注", "可不填", "文字", "可以写导师姓名。", "=1+1"],
    ]


def test_a_template_that_was_filled_in_is_read() -> None:
    book = template()
    for place, cell in enumerate(("2023001", "女", "2024/9/1", 5, "是", "好"), start=1):
        book["学生名单"].cell(2, place, cell)
    reading = read(saved(book), CHOOSING)
    assert (said(reading), reading.rows) == (
        [],
        [{"number": "2023001", "sex": "f", "since": date(2024, 9, 1), "money": Decimal("5.00"), "at_school": True,
          "note": "好"}],
    )  # fmt: skip
    assert said(read(saved(template()), CHOOSING)) == ["表头下面没有内容，请填写后重新上传。"]


# ---- lists


def listed(**values: Any) -> Worksheet:
    made = spreadsheets.workbook("名单", CHOOSING, [values], foot={"number": "合计", "money": Decimal("12.5")})
    return load_workbook(io.BytesIO(made)).worksheets[0]


def test_a_list_has_typed_cells_a_filter_and_a_foot_and_prints_on_a4_across() -> None:
    sheet = listed(number="2023001", sex="f", since=date(2024, 9, 1), money=Decimal("1234.5"), at_school=True)
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=1, max_row=4)] == [
        ["名单", None, None, None, None, None],
        ["学号", "性别", "入基地日", "金额", "在校", "备注"],
        ["2023001", "女", MIDNIGHT, 1234.5, "是", None],
        ["合计", None, None, 12.5, None, None],
    ]
    assert [sheet[place].number_format for place in ("A3", "C3", "D3")] == ["@", "yyyy-mm-dd", "#,##0.00"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.print_title_rows) == ("A3", "A2:F3", "$1:$2")
    setup = sheet.page_setup
    assert (setup.orientation, setup.paperSize, setup.fitToWidth, setup.fitToHeight) == ("landscape", 9, 1, 0)


@pytest.mark.parametrize("text", ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "=1+1"])
def test_a_text_never_becomes_a_formula_not_even_when_its_cell_is_edited(text: str) -> None:
    cell = listed(number=text)["A3"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)


def test_signs_that_excel_cannot_hold_are_left_out_and_a_moment_is_that_of_our_clocks() -> None:
    sheet = listed(number="甲\x00\x0b乙", note=datetime(2026, 11, 24, 2, 30, tzinfo=UTC), sex="unheard of")
    assert (sheet["A3"].value, sheet["F3"].value, sheet["B3"].value) == (
        "甲乙", HALF_PAST_TEN, "unheard of",
    )  # fmt: skip
    assert sheet["F3"].number_format == "yyyy-mm-dd hh:mm"


def test_an_empty_list_is_a_list_and_a_title_of_any_kind_gives_a_name_that_excel_takes() -> None:
    made = spreadsheets.workbook("2026年[第一批]申报汇总表：内蒙古自治区研究生联合培养基地/全部", CHOOSING, [])
    sheet = load_workbook(io.BytesIO(made)).worksheets[0]
    assert (sheet.title, sheet.max_row) == ("2026年 第一批 申报汇总表：内蒙古自治区研究生联合培养基地", 2)
    assert len(sheet.title) == 31


def test_what_was_written_can_be_read_again() -> None:
    row = {
        "number": "=1",
        "sex": "m",
        "since": date(2024, 9, 1),
        "money": Decimal("-0.50"),
        "at_school": False,
        "note": "",
    }
    columns = [*CHOOSING[:3], Column(key="money", label="金额", kind="decimal"), *CHOOSING[4:]]
    reading = read(spreadsheets.workbook("名单", columns, [row]), columns)
    assert (said(reading), reading.rows, reading.numbers) == ([], [row], [3])


def test_a_cell_takes_no_object_that_excel_has_no_form_for() -> None:
    with pytest.raises(TypeError):
        listed(number=["a"])


def test_a_validator_of_django_is_all_it_takes_to_refuse_a_text() -> None:
    def no_star(text: str) -> None:
        if "★" in text:
            raise ValidationError("请不要用★。")

    assert said(read(sheet(("学号", "姓名"), ("1", "★")), COLUMNS, refuse=[no_star])) == [
        "第 2 行 B 列“姓名”：请不要用★。"
    ]
