from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bases.models import CategoryAuthorisation, DegreeCategory
from bases.services.catalogue import Catalogue, resolve
from portal.roles import Role
from tests.bases.conftest import SignedIn
from tests.factories import UserFactory, World

ENGINEERING = ["0854", "0855", "0856", "0857", "0858", "0859", "0860", "0861"]
ARTS = ["1352", "1353", "1354", "1355", "1356", "1357"]


# What a text means


@pytest.mark.article("7(1)")
@pytest.mark.parametrize(
    "text",
    [
        "机械",
        "0855",
        "机械（0855）",
        "机械(0855)",
        "0855 机械",
        "０８５５　机械",
        " 机 械 ",
        "0855-机械",
        "855",
        "0855、机械",
    ],
)
def test_a_category_is_known_by_its_name_its_code_or_both(db: None, text: str):
    found = resolve(text)
    assert (found.category, found.problem) == (DegreeCategory.objects.get(code="0855"), "")


@pytest.mark.article("7(1)")
def test_every_category_is_known_by_its_name_and_by_its_code(db: None):
    catalogue = Catalogue()
    assert len(catalogue.categories) == 67
    for category in catalogue.categories:
        for text in (category.name, category.code, str(category), f"{category.code} {category.name}"):
            assert catalogue.resolve(text).category == category


@pytest.mark.article("7(1)")
@pytest.mark.parametrize(
    ("old", "today"),
    [
        ("汉语国际教育", "0453"), ("0453 汉语国际教育", "0453"), ("风景园林（0953）", "0862"), ("0953", "0862"), ("0257", "1257"),
        ("建筑学", "0851"), ("城市规划", "0853"), ("0651", "0651"), ("0852 机械", "0855"), ("工程（0855）", "0855"),
    ],
)  # fmt: skip
def test_an_old_name_or_code_that_became_one_category_means_that_one(db: None, old: str, today: str):
    found = resolve(old).category
    assert found is not None
    assert found.code == today


@pytest.mark.article("7(1)")
@pytest.mark.parametrize(
    ("old", "today"),
    [
        ("工程", ENGINEERING), ("0852", ENGINEERING), ("工程（0852）", ENGINEERING), ("艺术", ARTS), ("1351", ARTS),
        ("文物与博物馆", ["0651", "1451"]), ("0651 文物与博物馆", ["0651", "1451"]),
    ],
)  # fmt: skip
def test_an_old_name_that_became_several_is_not_guessed(db: None, old: str, today: list[str]):
    found = resolve(old)
    assert (found.category, [each.code for each in found.candidates]) == (None, today)
    names = "、".join(str(DegreeCategory.objects.get(code=code)) for code in today)
    assert found.problem == f"“{old}”是旧目录的类别，现已分为：{names}。请填写其中一个。"


@pytest.mark.article("7(1)")
@pytest.mark.parametrize("text", ["", "魔法", "9999", "9999 魔法", "机", "08551"])
def test_what_is_in_no_catalogue_is_said_to_be_in_none(db: None, text: str):
    found = resolve(text)
    assert (found.category, found.candidates) == (None, ())
    assert found.problem == f"“{text}”不在专业学位类别目录中，请按现行目录填写类别代码或名称。"


@pytest.mark.article("7(1)")
def test_a_name_and_a_code_that_contradict_one_another_mean_nothing(db: None):
    assert resolve("机械（0854）").problem == (
        "“机械（0854）”的代码与名称不一致，请核对。相近的类别有：电子信息（0854）、机械（0855）。"
    )
    assert resolve("0855 机械工程").problem == "“0855 机械工程”的代码与名称不一致，请核对。相近的类别有：机械（0855）。"


def test_a_list_of_any_length_reads_the_catalogue_once(db: None):
    with CaptureQueriesContext(connection) as captured:
        catalogue = Catalogue()
        meant = [catalogue.resolve(text).category for text in ("机械", "0854", "工程", "风景园林", "魔法") * 100]
    assert (len(captured), sum(each is not None for each in meant)) == (2, 300)


# The page


def shown(client: Client, words: str = "") -> list[str]:
    answer = client.get("/catalogue/", {"q": words} if words else {})
    return [row.category.code for _name, rows in answer.context["groups"] for row in rows]


@pytest.mark.article("7(1)")
def test_everybody_may_read_the_whole_catalogue(world: World, signed_in: SignedIn):
    everybody = {role: len(shown(signed_in(who))) for role, who in world.everybody().items()}
    assert everybody == dict.fromkeys(Role.values, 67)
    assert (len(shown(Client())), len(shown(signed_in(UserFactory())))) == (67, 67)


@pytest.mark.article("7(1)")
def test_the_catalogue_is_grouped_by_discipline(db: None):
    groups = Client().get("/catalogue/").context["groups"]
    names = [name for name, _rows in groups]
    assert len(names) == len(set(names))
    assert names[0] == "哲学"
    assert {row.category.code[:2] for name, rows in groups if name == "工学" for row in rows} == {"08"}


@pytest.mark.article("7(1)")
@pytest.mark.parametrize(
    ("words", "codes"),
    [("机械", ["0855"]), ("0855", ["0855"]), ("机械（0855）", ["0855"]), ("085 机械", ["0855"]), ("汉语", ["0453"]), ("0953", ["0862"]),
     ("艺术", ARTS), ("魔法", [])],
)  # fmt: skip
def test_a_category_is_found_by_todays_and_by_old_names_and_codes(db: None, words: str, codes: list[str]):
    assert shown(Client(), words) == codes


@pytest.mark.article("7(1)")
def test_looking_for_engineering_finds_what_it_became_and_says_so(db: None):
    answer = Client().get("/catalogue/", {"q": "工程"})
    found = {row.category.code for _name, rows in answer.context["groups"] for row in rows}
    assert found >= {*ENGINEERING}
    assert "0351" not in found
    names = "、".join(str(DegreeCategory.objects.get(code=code)) for code in ENGINEERING)
    assert f"旧目录的工程（0852），现为：{names}。" in answer.content.decode()
    assert Client().get("/catalogue/").context["renamed"] == []


def test_the_six_military_categories_are_marked(db: None):
    groups = Client().get("/catalogue/").context["groups"]
    military = [row.category.code for _name, rows in groups for row in rows if row.military]
    assert (len(military), {code[:2] for code in military}) == (6, {"11"})
    assert Client().get("/catalogue/").content.decode().count("军事类") == 6


@pytest.mark.article("6")
def test_the_catalogue_says_how_many_units_are_authorised_and_to_the_department_which(
    world: World, signed_in: SignedIn
):
    def said(client: Client) -> tuple[bool, bool]:
        page = client.get("/catalogue/", {"q": "0855"}).content.decode()
        return "2 个" in page, world.other_unit.name in page

    names = {role for role, who in world.everybody().items() if said(signed_in(who)) == (True, True)}
    counts = {role for role, who in world.everybody().items() if said(signed_in(who)) == (True, False)}
    assert names == {Role.DEPT_OFFICER, Role.DEPT_LEADER, Role.SYSADMIN}
    assert (counts, said(Client())) == (set(Role.values) - names, (True, False))


@pytest.mark.article("6")
def test_a_unit_sees_in_the_catalogue_what_it_is_authorised_for(world: World, signed_in: SignedIn):
    CategoryAuthorisation.objects.create(
        training_unit=world.other_unit, category=DegreeCategory.objects.get(code="0854"), year=2015
    )
    groups = signed_in(world.applicant).get("/catalogue/").context["groups"]
    assert [row.category.code for _name, rows in groups for row in rows if row.own] == ["0855"]


def test_the_divisions_stand_under_their_leagues(db: None):
    leagues = Client().get("/catalogue/").context["leagues"]
    assert (len(leagues), sum(len(each["below"]) for each in leagues)) == (12, 103)
    first = leagues[0]
    assert (first["league"].name, [each.name for each in first["below"]][:2]) == ("呼和浩特市", ["新城区", "回民区"])


def test_the_catalogue_takes_the_same_queries_however_many_units_are_authorised(world: World, signed_in: SignedIn):
    client = signed_in(world.officer)

    def queries(**given: Any) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/catalogue/", given).status_code == 200
        return len(captured)

    few = queries()
    CategoryAuthorisation.objects.bulk_create(
        CategoryAuthorisation(training_unit=unit, category=category, year=2015)
        for unit in (world.unit, world.other_unit)
        for category in DegreeCategory.objects.exclude(code="0855")
    )
    assert (queries(), queries(q="工程")) == (few, few)
