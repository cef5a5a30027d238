"""Wordings that the office edits: required words, unknown ones, versions, the default back, and what documents then say."""

from datetime import date

import pytest
from django.db import InternalError, transaction

from bases import office_texts
from bases.models import OfficeText
from bases.office_texts import TextKind
from bases.services import office_texts as texts
from bases.services.office_texts import wording
from portal.errors import NotYours, Overtaken, Refused
from tests.bases.conftest import SignedIn
from tests.factories import World

KIND = "revocation"
VALUES = {
    "基地名称": "甲基地", "培养单位": "乙大学", "合作单位": "丙公司", "撤销事由": "未按规定参加考核", "依据条款": "第十九条",
    "决定日期": "2026年11月24日", "称号处理": "",
}  # fmt: skip
OWN = "因【撤销事由】，依【依据条款】撤销【基地名称】。\n【称号处理】\n请办理。"


def kind(key: str = KIND) -> TextKind:
    found = office_texts.get(key)
    assert found is not None
    return found


def save(
    world: World, on: date, text: str = OWN, seen: int = 0, title: str = "关于撤销【基地名称】的决定"
) -> OfficeText:
    return texts.save(kind=kind(), title=title, text=text, seen=seen, by=world.officer, on=on)


def test_every_default_is_whole_and_its_preview_has_no_word_left() -> None:
    for office in (office_texts.DEPARTMENT, office_texts.UNIT):
        for each in office_texts.of_office(office):
            title, text = str(each.default_title), str(each.default_text)
            assert office_texts.reasons_against(each, title, text) == {}, each.key
            filled = office_texts.fill(title + text, office_texts.example_values(each))
            assert ("【" in filled, "】" in filled, set(each.words) >= each.required) == (False, False, True)


def test_the_kinds_of_both_offices() -> None:
    assert {each.key for each in office_texts.of_office(office_texts.UNIT)} >= {"cover_letter"}
    assert {each.key for each in office_texts.of_office(office_texts.DEPARTMENT)} >= {
        "recognition", "project_notice", "commendation", "assessment", "criticism", "rectification", "reassessment_notice",
        "reassessment", "revocation", "withdrawal",
    }  # fmt: skip


def test_a_default_that_breaks_its_own_rules_is_not_registered() -> None:
    for default_text in ("缺了必写的", "【没有的】【甲】"):
        with pytest.raises(ValueError, match="broken"):
            office_texts.register(
                TextKind("broken", "坏的", "4", {"甲": "甲"}, frozenset({"甲"}), "标题", default_text)
            )
    assert office_texts.get("broken") is None


def test_what_is_wrong_with_a_wording_is_said_at_its_field() -> None:
    assert office_texts.reasons_against(
        kind(), "关于【年号】的决定", "撤销【基地名称，依【依据条款】【撤销事由】【称号处理】"
    ) == {
        "title": ["没有“【年号】”这个填充项，只能使用下面列出的填充项。"],
        "text": ["“【”和“】”没有成对，请核对。", "正文还缺“【基地名称】”（基地的名称），请写在标题或者正文中。"],
    }


def test_values_are_filled_in_once_and_an_empty_line_is_no_paragraph(world: World, today: date) -> None:
    save(world, today)
    title, paragraphs = wording(KIND, None, VALUES | {"基地名称": "【培养单位】基地"})
    assert (title, paragraphs) == (
        "关于撤销【培养单位】基地的决定",
        ["因未按规定参加考核，依第十九条撤销【培养单位】基地。", "请办理。"],
    )
    with pytest.raises(KeyError):
        wording(KIND, None, {})
    with pytest.raises(KeyError):
        wording("nothing", None, VALUES)


def test_the_newest_counts_and_the_older_ones_stay(world: World, today: date) -> None:
    default = wording(KIND, None, VALUES)
    save(world, today)
    save(world, today, text=OWN + "特此决定。", seen=1)
    assert wording(KIND, None, VALUES)[1][-1] == "请办理。特此决定。"
    texts.restore_default(kind=kind(), seen=2, by=world.officer, on=today)
    assert wording(KIND, None, VALUES) == default
    assert list(texts.versions(kind(), None).values_list("version", flat=True)) == [3, 2, 1]
    with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
        OfficeText.objects.filter(version=1).update(text="改写历史")
    assert OfficeText.objects.get(version=1).text == OWN


def test_nobody_saves_over_a_colleague_or_for_another_office(world: World, today: date) -> None:
    save(world, today)
    with pytest.raises(Overtaken, match="已先保存了新的文稿"):
        save(world, today, text=OWN + "另", seen=0)
    for who in (world.leader, world.unit_officer, world.applicant):
        with pytest.raises(NotYours):
            texts.save(kind=kind(), title="标题", text=OWN, seen=1, by=who, on=today)
    with pytest.raises(Refused, match="还缺"):
        save(world, today, text="什么也没写", seen=1)
    assert OfficeText.objects.count() == 1


def test_each_unit_has_its_own(world: World, today: date) -> None:
    letter = kind("cover_letter")
    own = "我校推荐【年度】年度基地，公示【公示时间】，【公示结果】。"
    texts.save(kind=letter, title="我校【年度】年度推荐函", text=own, seen=0, by=world.unit_officer, on=today)
    values = {"年度": "2026", "公示时间": "五日", "公示结果": "没有异议"}
    assert wording("cover_letter", world.unit, values) == (
        "我校2026年度推荐函", ["我校推荐2026年度基地，公示五日，没有异议。"],
    )  # fmt: skip
    assert wording("cover_letter", world.other_unit, values)[0] == "关于推荐2026年度研究生联合培养基地的函"


def test_a_document_says_what_the_office_wrote(world: World, today: date) -> None:
    save(world, today, title="撤销【基地名称】")
    document = world.revoked(today).documents.get(kind="revocation")
    base = document.bases.get()
    assert (document.title, document.paragraphs[0]) == (
        f"撤销{base.name}",
        f"因合作单位发生重大事项，无法继续联合培养，依第二十条撤销{base.name}。",
    )


class TestThePage:
    def test_shows_the_preview_saves_and_brings_the_default_back(self, world: World, signed_in: SignedIn) -> None:
        client, page = signed_in(world.officer), f"/desk/texts/{KIND}/"
        given = {"title": "撤销【基地名称】", "text": OWN, "seen": "0"}
        shown = client.post(page, given | {"do": "preview"})
        assert ("因整改期满复评不合格，依第十九条撤销草原大学" in shown.text, OfficeText.objects.count()) == (True, 0)
        wrong = client.post(page, given | {"text": "【不认识】"})
        assert (wrong.status_code, OfficeText.objects.count()) == (422, 0)
        assert [word in wrong.text for word in ("没有“【不认识】”", "正文还缺“【撤销事由】”")] == [True, True]
        client.post(page, given)
        assert client.get(page).context["form"].initial["text"] == OWN
        assert OWN.splitlines()[0] in client.get(f"{page}versions/1/").text
        client.post(page, given | {"do": "restore", "seen": "1"})
        assert client.get(page).context["form"].initial["text"] == str(kind().default_text)
        stale = client.post(page, given | {"seen": "1"})
        assert (stale.status_code, "已先保存了新的文稿" in stale.text) == (422, True)

    def test_lists_the_wordings_of_ones_own_office(self, world: World, signed_in: SignedIn) -> None:
        listed = {
            who.role: {text.kind.key for text in signed_in(who).get("/desk/texts/").context["texts"]}
            for who in (world.officer, world.unit_officer)
        }
        assert listed == {
            "dept_officer": {each.key for each in office_texts.of_office("department")},
            "unit_officer": {each.key for each in office_texts.of_office("unit")},
        }
        assert signed_in(world.unit_officer).get(f"/desk/texts/{KIND}/").status_code == 404
