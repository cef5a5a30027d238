"""第八条（三）: whoever has the exported sheets works out the same ranking, with a spreadsheet and without the portal."""

import csv
import io
from decimal import Decimal
from pathlib import Path

import formulas
import pytest
from openpyxl import load_workbook

from applications.services import results, score_exports
from tests.applications.conftest import SignedIn
from tests.applications.ranked import scored
from tests.conftest import TODAY
from tests.factories import World

pytestmark = pytest.mark.article("8(3)")


@pytest.fixture
def full_round(world: World) -> World:
    """Three, four, five and seven sheets, ties of every kind, and results that end in a five."""
    scored(world, "三份", ["88.05", "88.06", "88.07"], results=["20.05", "20", "20"])
    scored(world, "两半", ["88.01", "88.02", "88.03", "88.04"], results="21")
    scored(world, "五份", ["10", "80.01", "80.02", "80.02", "100"])
    scored(world, "七份", ["70", "71.5", "72", "72.25", "73.01", "74", "99"], results="17.35")
    scored(world, "同分一", ["80", "80", "80"])
    scored(world, "同分二", ["80", "80", "80"])
    scored(world, "同分优先", ["80", "80", "80"], priority="modern_energy")
    scored(world, "同分前期", ["80", "80", "80"], results="20.01")
    scored(world, "同分中位", ["79", "80.5", "80.5"])
    scored(world, "=1+1", ["60", "61", "62"])
    scored(world, "未齐的秘密", ["99.87", "99.87", None])
    return world


def test_a_spreadsheet_makes_the_same_of_the_exported_sheets(full_round: World, tmp_path: Path):
    round_ = full_round.round(TODAY)
    ranking = [each for each in results.ranking(round_) if each.place]
    file = tmp_path / "scores.xlsx"
    file.write_bytes(score_exports.as_excel(round_))
    book = formulas.ExcelModel().loads(str(file)).finish()
    values = book.calculate()

    def computed(letter: str, row: int) -> object:
        return values[f"'[scores.xlsx]汇总'!{letter}{row}"].value[0, 0]

    def two(letter: str, row: int) -> Decimal:
        return Decimal(str(round(float(computed(letter, row)), 9)))  # type: ignore[arg-type]

    found = [
        (computed("B", row), two("E", row), two("F", row), two("G", row), two("H", row), int(computed("I", row)), computed("N", row))  # type: ignore[call-overload]
        for row in range(2, len(ranking) + 2)
    ]  # fmt: skip
    assert found == [
        (each.application.name, each.aggregate, each.results_mean, each.median, each.spread, each.place, "一致")
        for each in ranking
    ]
    sheet = load_workbook(file)["评分表"]
    totals = [
        (two_of(values, "K", row), Decimal(str(sheet.cell(row, 12).value))) for row in range(2, sheet.max_row + 1)
    ]
    assert [own for own, _portal in totals] == [portal for _own, portal in totals]
    assert len(totals) == sum(each.sheets for each in ranking)


def two_of(values: object, letter: str, row: int) -> Decimal:
    return Decimal(str(round(float(values[f"'[scores.xlsx]评分表'!{letter}{row}"].value[0, 0]), 9)))  # type: ignore[index]


def test_a_changed_score_shows_as_disagreeing(full_round: World, tmp_path: Path):
    file = tmp_path / "scores.xlsx"
    file.write_bytes(score_exports.as_excel(full_round.round(TODAY)))
    book = load_workbook(file)
    sheet = book["评分表"]
    (first,) = [row for row in range(2, sheet.max_row + 1) if sheet.cell(row, 2).value == "七份"][:1]
    sheet.cell(first + 2, 5).value = 0
    book.save(file)
    values = formulas.ExcelModel().loads(str(file)).finish().calculate()
    agrees = {
        values[f"'[scores.xlsx]汇总'!B{row}"].value[0, 0]: values[f"'[scores.xlsx]汇总'!N{row}"].value[0, 0]
        for row in range(2, 12)
    }
    assert agrees["七份"] == "不一致"
    assert agrees["三份"] == "一致"


def test_only_what_is_all_in_is_exported_and_texts_stay_texts(full_round: World, signed_in: SignedIn):
    """The sheets of an application that waits are in no file, neither as points nor as a name."""
    client, pk = signed_in(full_round.leader), full_round.round(TODAY).pk
    excel = client.get(f"/rounds/{pk}/ranking/sheets.xlsx")
    book = load_workbook(io.BytesIO(excel.content))
    assert book.sheetnames == ["评分表", "汇总", "说明"]
    words = {cell.value for sheet in book for row in sheet.iter_rows() for cell in row}
    assert {"未齐的秘密", 99.87} & words == set()
    (name,) = {cell for row in book["汇总"].iter_rows() for cell in row if cell.value == "=1+1"}
    assert (name.data_type, name.quotePrefix) == ("s", True)
    rows = list(csv.DictReader(io.StringIO(client.get(f"/rounds/{pk}/ranking/sheets.csv").content.decode("utf-8-sig"))))
    shown = {(row["基地名称"], row["综合得分"], row["名次"]) for row in rows}
    assert shown == {
        (each.application.name.replace("=1+1", "'=1+1"), str(each.aggregate), str(each.place))
        for each in results.ranking(full_round.round(TODAY))
        if each.place
    }
    assert {row["专家"] for row in rows} == {f"专家{number}" for number in range(7)}
    assert "去掉一个最高总分和一个最低总分" in "".join(str(row[0].value) for row in book["说明"].iter_rows())
