import csv
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from bases.industries import PRIORITY_INDUSTRIES
from portal import regulation
from portal.models import RegulationText
from portal.roles import PUBLIC, Role

DATA = Path(__file__).resolve().parents[2] / "bases" / "data"

# Invented sentences in the irregular form in which the text comes out of a converted document.
SAMPLE = """

# **某地试验田管理办法**

## **第一章 总 则**

**第一条** 为了种好试验田（甲字〔2001〕1号），写下这些话。

**第二条** 田里种“一号”麦和 No. 7
seed line 两种。

**第三条** 早起。

**第四条** 看田的人管水、管肥、

管虫害；

另一人记账。

## 第二章 申报要求和条件

**第五条** 春天报名。

**第六条** 会种田的人(以下简称农人)都能报名。

### 第七条 报名的条件

(一) 地要平，
水要近。

(二) 帮手要勤快，力气要够，能挑水、挑肥、

挑粮，饭量不限。

（三）种过 3 年以上的地。

### 第三章 认定程序

#### 第八条 选田的步骤

（一）报名。写一张条子。

（二）推荐。村里贴出来。

（三）评审。老把式看土。

（四）认定。插上木牌。

## 第四章 建设与管理

**第九条** 大家一起种。

**第十条** 约定写在纸上。

**第十一条** 师傅带徒弟。

**第十二条** 种三季。

**第十三条** 买种子、买水桶。

**第十四条** 钱不乱花。

## 第五章  考核评价

**第十五条** 三季后称粮。

**第十六条** 分三等。

**第十七条** 上等给红花。

**第十八条** 有新点子的另给红花。

**第十九条** 下等再种两季。

**第二十条** 遭了水要说。

**第二十一条** 不想种可以说。

## **第六章 附 则**

**第二十二条** 不懂就问村长。

**第二十三条** 明天开始。"""


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "办法.txt"
    path.write_text(SAMPLE, encoding="utf-8")
    return path


def load(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("load_regulation", str(path), *options, stdout=out)
    return out.getvalue().strip()


def line_of(text: str, beginning: str) -> int:
    return next(at for at, line in enumerate(text.split("\n"), 1) if line.startswith(beginning))


@pytest.mark.article("1")
@pytest.mark.article("23")
def test_six_chapters_hold_the_twenty_three_articles_in_order() -> None:
    chapters = regulation.chapters()
    assert [(chapter.label, chapter.title) for chapter in chapters] == [
        ("第一章", "总则"),
        ("第二章", "申报要求和条件"),
        ("第三章", "认定程序"),
        ("第四章", "建设与管理"),
        ("第五章", "考核评价"),
        ("第六章", "附则"),
    ]
    assert [[article.number for article in chapter.articles] for chapter in chapters] == [
        [1, 2, 3, 4],
        [5, 6, 7],
        [8],
        [9, 10, 11, 12, 13, 14],
        [15, 16, 17, 18, 19, 20, 21],
        [22, 23],
    ]
    assert regulation.articles() == tuple(article for chapter in chapters for article in chapter.articles)
    assert [article.label for article in regulation.articles()][9:23:10] == ["第十条", "第二十条"]
    assert regulation.article("23").label == "第二十三条"


@pytest.mark.article("7")
@pytest.mark.article("8")
def test_anchors_are_unique_and_stable() -> None:
    items = [item for article in regulation.articles() for item in article.items]
    assert [(item.key, item.anchor, item.label) for item in items] == [
        ("7(1)", "art-7-1", "第七条（一）"),
        ("7(2)", "art-7-2", "第七条（二）"),
        ("7(3)", "art-7-3", "第七条（三）"),
        ("8(1)", "art-8-1", "第八条（一）"),
        ("8(2)", "art-8-2", "第八条（二）"),
        ("8(3)", "art-8-3", "第八条（三）"),
        ("8(4)", "art-8-4", "第八条（四）"),
    ]
    assert [article.anchor for article in regulation.articles()] == [f"art-{number}" for number in range(1, 24)]
    assert [chapter.anchor for chapter in regulation.chapters()] == [f"chapter-{number}" for number in range(1, 7)]


def test_every_provision_has_a_title_a_digest_and_known_roles() -> None:
    provisions = [*regulation.articles(), *(item for each in regulation.articles() for item in each.items)]
    for provision in provisions:
        assert 2 <= len(provision.title) <= 12, provision.key
        assert provision.digest.endswith("。"), provision.key
        assert provision.roles, provision.key
        assert set(provision.roles) <= {*Role.values, PUBLIC}, provision.key
        assert len(set(provision.roles)) == len(provision.roles), provision.key
    assert regulation.article("8(3)").concerns == "评审专家、教育厅经办"
    assert regulation.article("22").concerns == "所有人"


@pytest.mark.parametrize(
    ("key", "figures"),
    [
        pytest.param("7(3)", ["不少于2年", "不少于5名"], marks=pytest.mark.article("7(3)")),
        pytest.param("12", ["三年"], marks=pytest.mark.article("12")),
        pytest.param("15", ["满三年", "超过三年"], marks=pytest.mark.article("15")),
        pytest.param("16", ["优秀、合格、不合格"], marks=pytest.mark.article("16")),
        pytest.param("17", ["10万元", "50万元"], marks=pytest.mark.article("17")),
        pytest.param("18", ["10万元"], marks=pytest.mark.article("18")),
        pytest.param("19", ["两年", "连续两次"], marks=pytest.mark.article("19")),
        pytest.param("21", ["满三年"], marks=pytest.mark.article("21")),
    ],
)
def test_digests_state_the_figures(key: str, figures: list[str]) -> None:
    digest = regulation.article(key).digest
    assert [figure for figure in figures if figure in digest] == figures


@pytest.mark.article("7(1)")
def test_the_thirteen_priority_industries_are_those_of_the_digest() -> None:
    assert len({key for key, _name in PRIORITY_INDUSTRIES}) == 13
    listed = regulation.article("7(1)").digest.rpartition("：")[2].rstrip("。").split("、")
    assert sorted(listed) == sorted(name for _key, name in PRIORITY_INDUSTRIES)


@pytest.mark.parametrize("key", ["0", "24", "08", "8(0)", "8(5)", "9(1)", "8（二）", "art-8", ""])
def test_what_the_regulation_does_not_have_is_a_key_error(key: str) -> None:
    with pytest.raises(KeyError):
        regulation.article(key)


def test_numerals_count_as_the_regulation_does() -> None:
    assert [regulation.numeral(n) for n in (1, 9, 10, 11, 20, 23, 99)] == [
        "一",
        "九",
        "十",
        "十一",
        "二十",
        "二十三",
        "九十九",
    ]
    for outside in (0, 100, -1):
        with pytest.raises(ValueError, match=str(outside)):
            regulation.numeral(outside)


@pytest.mark.article("1")
def test_parse_reads_the_irregular_form() -> None:
    wording = regulation.parse(SAMPLE)
    assert list(wording) == [
        key for article in regulation.articles() for key in (article.key, *(item.key for item in article.items))
    ]
    assert wording["1"] == "为了种好试验田（甲字〔2001〕1号），写下这些话。"
    assert wording["2"] == "田里种“一号”麦和 No. 7 seed line 两种。"
    assert wording["6"] == "会种田的人(以下简称农人)都能报名。"
    assert wording["23"] == "明天开始。"


def test_parse_joins_broken_sentences_and_keeps_paragraphs() -> None:
    wording = regulation.parse(SAMPLE)
    assert wording["4"] == "看田的人管水、管肥、管虫害；\n另一人记账。"
    assert wording["7(1)"] == "地要平，水要近。"
    assert wording["7(2)"] == "帮手要勤快，力气要够，能挑水、挑肥、挑粮，饭量不限。"


def test_parse_gives_the_whole_article_and_each_item() -> None:
    wording = regulation.parse(SAMPLE)
    assert wording["8"] == (
        "选田的步骤\n（一）报名。写一张条子。\n（二）推荐。村里贴出来。\n（三）评审。老把式看土。\n（四）认定。插上木牌。"
    )
    assert wording["8(2)"] == "推荐。村里贴出来。"
    assert wording["7"].startswith("报名的条件\n（一）地要平，水要近。\n（二）")
    assert regulation.lead(wording["8"]) == "选田的步骤"
    assert regulation.lead("（一）甲。\n（二）乙。") == ""


def test_parse_keeps_a_paragraph_after_an_item_with_the_item() -> None:
    wording = regulation.parse(SAMPLE.replace("（三）种过 3 年以上的地。", "（三）种过 3 年以上的地。\n\n荒地不算。"))
    assert wording["7(3)"] == "种过 3 年以上的地。\n荒地不算。"
    assert wording["7"].endswith("（三）种过 3 年以上的地。\n荒地不算。")


def test_a_line_may_break_after_a_sentence_without_ending_the_paragraph() -> None:
    assert regulation.parse(SAMPLE.replace("早起。", "早起。\n晚睡。"))["3"] == "早起。晚睡。"


def test_a_heading_is_a_paragraph_of_its_own() -> None:
    text = SAMPLE.replace("**第三条** 早起。", "### **第三条** 作息\n早起。")
    assert regulation.parse(text)["3"] == "作息\n早起。"


def test_a_reference_at_the_beginning_of_a_line_is_no_heading() -> None:
    wording = regulation.parse(SAMPLE.replace("早起。", "照着\n第七条办，也照着\n第三章办。"))
    assert wording["3"] == "照着第七条办，也照着第三章办。"


@pytest.mark.parametrize(
    "variant",
    [
        SAMPLE.replace("\n", "\r\n"),
        "\ufeff" + SAMPLE,
        SAMPLE.replace("**", ""),
        re.sub(r"^#+ ", "", SAMPLE, flags=re.MULTILINE),
        SAMPLE.replace("**第五条** ", "**第 五 条**\u3000"),
        re.sub(r"^.*第.章.*$", "", SAMPLE, flags=re.MULTILINE),
    ],
    ids=["crlf", "bom", "no bold", "no heading marks", "wide blanks", "no chapter headings"],
)
def test_parse_does_not_mind_how_the_headings_are_marked(variant: str) -> None:
    assert regulation.parse(variant) == regulation.parse(SAMPLE)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("**第九条** 大家一起种。", "", "缺少第九条（应在第 {第十条} 行的第十条之前）。"),
        ("**第二十三条** 明天开始。", "", "缺少第二十三条（应在文末）。"),
        ("**第十条** ", "**第九条** ", "第 {第九条2} 行：第九条重复，第 {第九条} 行已有；缺少第十条"),
        ("**第十条** 约定写在纸上。", "**第十条**", "第 {第十条} 行：第十条没有正文。"),
        ("**第十六条**", "**第二十四条**", "第 {第二十四条} 行：本办法没有第二十四条；缺少第十六条"),
        ("（三）评审。老把式看土。", "", "缺少第八条（三）（应在第 {第八条} 行的第八条之内）。"),
        ("（三）评审。", "（二）评审。", "行：第八条（二）重复；缺少第八条（三）"),
        ("（四）认定。插上木牌。", "（四）认定。插上木牌。\n\n（五）收工。", "行：本办法没有第八条（五）。"),
        ("（三）评审。老把式看土。\n\n（四）认定。", "（四）认定。\n\n（三）评审。", "行：第八条（三）的顺序不对。"),
        ("（四）认定。插上木牌。", "（四）", "行：第八条（四）没有正文。"),
        ("## 第四章 建设与管理", "## 第四章 打水", "行：章标题“第四章打水”与本办法的六章不符"),
        ("## 第四章 建设与管理", "", "行：第九条应在第四章“建设与管理”之下；"),
        ("早起。", "早\x00起。", "行含有不可见的控制字符，这不是纯文本。"),
    ],
)
def test_parse_names_what_is_wrong_and_its_line(old: str, new: str, message: str) -> None:
    text = SAMPLE.replace(old, new, 1)
    assert text != SAMPLE
    for name in re.findall(r"\{(.+?)\}", message):
        heading = name.rstrip("2")
        lines = [at for at, line in enumerate(text.split("\n"), 1) if re.match(rf"[#* ]*{heading}", line)]
        message = message.replace("{" + name + "}", str(lines[1 if name.endswith("2") else 0]))
    with pytest.raises(ValueError, match=re.escape(message)):
        regulation.parse(text)


def test_parse_refuses_articles_in_the_wrong_order() -> None:
    text = SAMPLE.replace("**第九条** 大家一起种。", "").replace(
        "**第十一条**", "**第九条** 大家一起种。\n\n**第十一条**"
    )
    with pytest.raises(ValueError, match=rf"第 {line_of(text, '**第九条**')} 行：第九条排在了第十条之后。"):
        regulation.parse(text)


@pytest.mark.parametrize("text", ["", "\n\n", "<html><body>404</body></html>", "第一条为了种田"])
def test_parse_refuses_a_text_without_articles(text: str) -> None:
    with pytest.raises(ValueError, match="没有找到任何条文"):
        regulation.parse(text)


def test_a_line_of_blanks_does_not_stop_the_reading() -> None:
    with pytest.raises(ValueError, match="没有找到任何条文"):
        regulation.parse("第" + " " * 1_000_000 + "条")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_decode_reads_the_encodings_in_use(encoding: str) -> None:
    assert regulation.decode(SAMPLE.encode(encoding)) == SAMPLE


@pytest.mark.parametrize("raw", [SAMPLE.encode("utf-16"), b"\xff\xd8\xff\xe0\x00\x10JFIF"], ids=["utf-16", "jpeg"])
def test_decode_refuses_other_encodings(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"既不是 UTF-8 也不是 GB18030"):
        regulation.decode(raw)


@pytest.mark.django_db
def test_loading_twice_changes_nothing(sample: Path) -> None:
    assert load(sample) == "已载入第 1 版：23 条、7 项，来自 办法.txt。"
    before = list(RegulationText.objects.values())
    assert {row["article"]: row["wording"] for row in before} == regulation.parse(SAMPLE)
    assert load(sample) == "办法.txt 已经载入过，就是现行的第 1 版；没有改动。"
    assert list(RegulationText.objects.values()) == before


@pytest.mark.django_db
def test_a_changed_text_is_a_new_edition_and_the_old_one_stays(sample: Path) -> None:
    load(sample)
    changed = sample.with_name("修订.txt")
    changed.write_text(SAMPLE.replace("明天开始。", "后天开始。"), encoding="gb18030")
    assert load(changed) == "已载入第 2 版：23 条、7 项，来自 修订.txt。"
    assert RegulationText.objects.current().get(article="23").wording == "后天开始。"
    assert RegulationText.objects.get(edition=1, article="23").wording == "明天开始。"
    # Going back to the first text is an edition of its own.
    assert load(sample) == "已载入第 3 版：23 条、7 项，来自 办法.txt。"
    assert RegulationText.objects.current().get(article="23").wording == "明天开始。"


@pytest.mark.django_db
def test_a_dry_run_writes_nothing(sample: Path) -> None:
    assert load(sample, "--dry-run") == "检查通过：办法.txt 有 23 条、7 项。未写入。"
    assert not RegulationText.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (SAMPLE.replace("**第五条** 春天报名。", "").encode(), "没有载入：缺少第五条"),
        (SAMPLE.encode("utf-16"), "没有载入：文件编码既不是 UTF-8 也不是 GB18030"),
        (SAMPLE.encode() + b" " * 1024 * 1024, "没有载入：文件超过 1 MB"),
        (b"", "没有载入：文本中没有找到任何条文"),
    ],
    ids=["missing article", "utf-16", "too large", "empty"],
)
def test_a_file_that_is_not_the_regulation_is_refused_whole(sample: Path, raw: bytes, message: str) -> None:
    load(sample)
    bad = sample.with_name("坏.txt")
    bad.write_bytes(raw)
    for options in ([], ["--dry-run"]):
        with pytest.raises(CommandError, match=re.escape(message)):
            load(bad, *options)
    assert set(RegulationText.objects.values_list("edition", flat=True)) == {1}


@pytest.mark.django_db
def test_a_path_that_is_no_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "没有.txt"):
        with pytest.raises(CommandError, match="没有载入：找不到文件"):
            load(path)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"article": "8"}, "regulation_text_once_per_edition"),
        ({"edition": 0}, "regulation_text_edition_counts_from_one"),
        ({"article": "8（二）"}, "regulation_text_article_is_a_key"),
        ({"wording": ""}, "regulation_text_is_not_empty"),
        ({"sha256": "z" * 64}, "regulation_text_sha256_is_a_hash"),
    ],
)
def test_the_database_holds_the_rules_of_an_edition(change: dict[str, object], constraint: str) -> None:
    row = {"edition": 1, "article": "8(2)", "wording": "甲。", "source_name": "a.txt", "sha256": "0" * 64}
    RegulationText.objects.create(**row | {"article": "8"})
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        RegulationText.objects.create(**row | change)
    RegulationText.objects.create(**row)


def page(client: Client) -> str:
    response = client.get("/regulation/")
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.django_db
@pytest.mark.article("1")
@pytest.mark.article("22")
@pytest.mark.article("23")
def test_anybody_reads_the_digest_before_the_text_is_loaded(client: Client) -> None:
    html = page(client)
    assert html.count("要点（官方文本未载入）") == 30
    for article in regulation.articles():
        for provision in (article, *article.items):
            assert html.count(f'id="{provision.anchor}"') == 1
            assert f'href="#{provision.anchor}"' in html
            assert f"{provision.label} {provision.title}" in html
            assert provision.digest in html
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(set(ids)) == len(ids)


@pytest.mark.django_db
@pytest.mark.article("1")
@pytest.mark.article("23")
def test_the_page_shows_the_wording_once_it_is_loaded(client: Client, sample: Path) -> None:
    load(sample)
    html = page(client)
    assert "官方文本未载入" not in html
    assert "官方文本第 1 版" in html
    for text in (
        "<p>看田的人管水、管肥、管虫害；<br>另一人记账。</p>",
        "<p>地要平，水要近。</p>",
        "<p>选田的步骤</p>",
        "<p>推荐。村里贴出来。</p>",
    ):
        assert html.count(text) == 1
    # The digest stays beside the wording.
    assert regulation.article("8(2)").digest in html


@pytest.mark.django_db
def test_an_article_without_words_before_its_items_is_not_called_unloaded(client: Client, sample: Path) -> None:
    sample.write_text(SAMPLE.replace("### 第七条 报名的条件", "### 第七条"), encoding="utf-8")
    load(sample)
    html = page(client)
    assert html.count('<p class="provision-kind">官方文本</p>') == 29
    assert html.count('<p class="provision-kind">要点</p>') == 30


@pytest.mark.django_db
def test_a_script_in_the_text_is_shown_and_not_run(client: Client, sample: Path) -> None:
    sample.write_text(SAMPLE.replace("早起。", "早起<script>alert(1)</script>。"), encoding="utf-8")
    load(sample)
    html = page(client)
    assert "早起&lt;script&gt;alert(1)&lt;/script&gt;。" in html
    assert "<script>alert(1)" not in html


@pytest.mark.django_db
def test_the_page_takes_as_many_queries_loaded_as_not(
    client: Client, sample: Path, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with CaptureQueriesContext(
        connection,
    ) as before:
        page(client)
    assert len([query for query in before if "portal_regulationtext" in query["sql"]]) == 1
    load(sample)
    with django_assert_num_queries(len(before)):
        page(client)


@pytest.mark.django_db
def test_the_page_is_for_reading_only(client: Client) -> None:
    assert client.post("/regulation/").status_code == 405


def test_the_catalogue_of_categories_is_complete() -> None:
    with (DATA / "degree_categories.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["code", "name", "discipline", "doctoral"]
    assert len(rows) == len({row["code"] for row in rows}) == 67
    # The third digit of a professional category is 5 or more.
    assert [row["code"] for row in rows if not re.fullmatch(r"\d\d[5-9]\d", row["code"])] == []
    assert {row["doctoral"] for row in rows} == {"true", "false"}
    assert sum(row["doctoral"] == "true" for row in rows) == 36
    assert all(row["name"] and row["discipline"] for row in rows)


def test_every_division_lies_in_a_league_or_city_of_the_list() -> None:
    with (DATA / "divisions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["code", "name"]
    codes = [row["code"] for row in rows]
    assert len(set(codes)) == len(codes) == 115
    tops = {code for code in codes if code.endswith("00")}
    assert len(tops) == 12
    assert {code[:4] + "00" for code in codes} == tops
