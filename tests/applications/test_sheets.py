"""第八条（三）: the 评分表 through a long day, its lock, its opening again, and what nobody else may see of it."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from applications.models import Assignment, ExpertProfile, Score, ScoreSheet, SheetUnlock
from applications.services import all_in, panels, recognising, recusals, sheets
from bases.models import Base
from portal import inbox
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from tests.applications.conftest import SignedIn
from tests.applications.pages import Page
from tests.factories import World

pytestmark = pytest.mark.article("8(3)")
COMMENT = "材料扎实，双方投入有据可查，建议细化过程考核。"
FOR_THE_MEETING = "得分偏高，请会议核对投入凭证。"
FULL = {"fit": 20, "partner": 20, "results": 25, "mentors": 10, "plan": 15, "support": 10}


def marks(**changes: str | int) -> dict[str, Decimal]:
    """A complete sheet: full marks but for what is changed."""
    return {key: Decimal(points) for key, points in (FULL | changes).items()}


def mine(base: Base, expert: Acting) -> Assignment:
    """An expert's assignment, after they have declared that nothing speaks against their scoring."""
    found = Assignment.objects.get(panel__base=base, expert=expert.user)
    return recusals.declare_free(assignment=found, by=expert, on=date(2026, 11, 24))


def save(base: Base, expert: Acting, **given: Any) -> ScoreSheet:
    """The expert keeps something of the sheet."""
    given = {"points": {}, "comment": None} | given
    return sheets.save_sheet(assignment=mine(base, expert), by=expert, **given)


def submit(base: Base, expert: Acting, on: date, comment: str = COMMENT, **changes: str | int) -> ScoreSheet:
    """The expert hands in a sheet with full marks but for what is changed."""
    return sheets.submit_sheet(
        assignment=mine(base, expert), points=marks(**changes), comment=comment, committee_comment=FOR_THE_MEETING,
        by=expert, on=on,
    )  # fmt: skip


def unlock(world: World, base: Base, on: date, reason: str = "漏看了补充材料。", number: int = 0) -> SheetUnlock:
    """The officer opens an expert's sheet again."""
    return sheets.unlock(
        assignment=mine(base, world.experts[number]), reason=reason, by=world.officer, on=on
    )  # fmt: skip


@pytest.fixture
def base(world: World, today: date) -> Base:
    return world.in_review(today)


@pytest.fixture
def expert(world: World) -> Acting:
    return world.experts[0]


class TestKeeping:
    def test_what_is_not_named_stays_as_it_was(self, base: Base, expert: Acting):
        save(base, expert, points=marks(), comment=COMMENT, committee_comment="甲")
        kept = save(base, expert, points={"fit": Decimal("18.5")}, committee_comment="乙")
        assert (kept.comment, kept.committee_comment) == (COMMENT, "乙")
        assert dict(kept.scores.values_list("criterion__key", "points")) == marks(fit="18.5")

    def test_of_two_windows_the_older_one_is_told_and_writes_nothing(self, base: Base, expert: Acting):
        first = save(base, expert, points={"fit": Decimal(10)})
        second = save(base, expert, points={"fit": Decimal(12)}, seen=first.revision)
        with pytest.raises(sheets.SheetOvertaken) as refusal:
            save(base, expert, points={"fit": Decimal(1)}, seen=first.revision)
        assert refusal.value.reasons == ("这份评分表在别的窗口保存过，本页的内容没有保存。",)
        assert refusal.value.revision == second.revision
        assert list(Score.objects.values_list("points", flat=True)) == [Decimal(12)]

    def test_points_keep_to_the_step(self, base: Base, expert: Acting):
        with pytest.raises(Refused) as refusal:
            save(base, expert, points={"fit": Decimal("10.3")})
        assert refusal.value.reasons == ("“学位点与产业契合”以 0.5 分为一档。",)

    @pytest.mark.parametrize(
        ("comment", "why"),
        [
            ("专家0认为材料扎实，双方投入有据可查，建议细化考核。", "您的姓名"),
            ("专 家 ０ 认为材料扎实，双方投入有据可查，建议细化考核。", "您的姓名"),
            ("本人所在的外省研究院0愿意合作，双方投入有据可查，建议细化。", "您的工作单位"),
            ("本人所在的{unit}愿意合作，双方投入有据可查，建议细化过程考核。", "您的工作单位"),
        ],
    )
    def test_a_comment_that_names_the_expert_or_their_employer_is_kept_with_the_points_and_not_handed_in(
        self, world: World, base: Base, expert: Acting, today: date, comment: str, why: str
    ):
        employers = {"training_unit": world.other_unit, "partner_unit": None}
        ExpertProfile.objects.filter(user=expert.user).update(**employers)
        comment = comment.format(unit=world.other_unit.name)
        kept = save(base, expert, points=marks(), comment=comment)
        assert (kept.comment, kept.scores.count()) == (comment, len(FULL))
        with pytest.raises(Refused) as refusal:
            sheets.hand_in(assignment=mine(base, expert), by=expert, on=today)
        assert refusal.value.reasons == (f"意见会原文转给申报单位，其中出现了{why}，请删去。",)
        assert save(base, expert, committee_comment=comment).committee_comment == comment

    def test_a_comment_too_short_to_be_of_use_is_kept_and_not_handed_in(self, base: Base, expert: Acting, today: date):
        save(base, expert, points=marks(), comment="很 好。")
        with pytest.raises(Refused) as refusal:
            sheets.hand_in(assignment=mine(base, expert), by=expert, on=today)
        assert refusal.value.reasons == ("给申报单位的意见至少 20 个字，现在 3 个字。",)

    def test_what_is_handed_in_is_what_was_read(self, base: Base, expert: Acting, today: date):
        read = save(base, expert, points=marks(), comment=COMMENT).revision
        save(base, expert, points={"fit": Decimal(0)})
        with pytest.raises(sheets.SheetOvertaken):
            sheets.hand_in(assignment=mine(base, expert), by=expert, on=today, seen=read)
        assert mine(base, expert).status == "assigned"


class TestTheLock:
    def test_holds_in_the_database_too(self, base: Base, expert: Acting, today: date):
        sheet = submit(base, expert, today)
        for change in (
            lambda: Score.objects.filter(sheet=sheet).update(points=0),
            lambda: Score.objects.filter(sheet=sheet).delete(),
            lambda: Score.objects.create(
                sheet=sheet, criterion=sheet.assignment.panel.rubric.criteria.first(), points=1
            ),
            lambda: ScoreSheet.objects.filter(pk=sheet.pk).update(comment="改"),
            lambda: ScoreSheet.objects.filter(pk=sheet.pk).update(submitted_on=date(2026, 1, 1)),
            lambda: ScoreSheet.objects.filter(pk=sheet.pk).delete(),
        ):
            with pytest.raises(DatabaseError, match="_locked"), transaction.atomic():
                change()
        assert panels.totals(sheet.assignment.panel) == [Decimal(100)]

    def test_is_opened_by_the_officer_with_a_reason_and_what_it_said_is_kept(
        self, world: World, base: Base, expert: Acting, today: date
    ):
        submit(base, expert, today, fit="12.5")
        for somebody in (expert, world.experts[1], world.leader, world.applicant, world.unit_officer):
            with pytest.raises(NotYours):
                sheets.unlock(assignment=mine(base, expert), reason="改", by=somebody, on=today)
        with pytest.raises(Refused, match="请写明解锁原因。"):
            unlock(world, base, today, reason=" ")
        made = unlock(world, base, today)
        assert (made.unlocked_by, made.unlocked_on, made.reason) == (world.officer.user, today, "漏看了补充材料。")
        assert made.before == {
            "points": {key: f"{points:.2f}" for key, points in marks(fit="12.5").items()},
            "comment": COMMENT, "committee_comment": FOR_THE_MEETING, "submitted_on": "2026-11-24",
        }  # fmt: skip
        assert (mine(base, expert).status, made.sheet.submitted_on) == ("assigned", None)
        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            SheetUnlock.objects.update(reason="改")

    def test_the_expert_is_asked_again_with_the_reason_and_hands_in_again(
        self, world: World, base: Base, expert: Acting, today: date, signed_in: SignedIn
    ):
        submit(base, expert, today, fit=0)
        assert inbox.items(expert, today) == []
        unlock(world, base, today)
        (item,) = inbox.items(expert, today)
        assert item.why == "教育厅解锁了您的评分表，请修改后重新提交。原因：漏看了补充材料。"
        client = signed_in(expert)
        for url in ("/reviews/", f"/reviews/{mine(base, expert).pk}/"):
            assert "漏看了补充材料。" in Page.of(client.get(url)).text
        submit(base, expert, today, fit=20)
        assert panels.totals(mine(base, expert).panel) == [Decimal(100)]

    def test_stays_once_the_score_is_fixed_or_while_nothing_is_handed_in(self, world: World, base: Base, today: date):
        with pytest.raises(Overtaken, match="这份评分表现在是“待评审”，不用解锁。"):
            unlock(world, base, today)
        for each in world.experts[:3]:
            submit(base, each, today)
        panels.fix_aggregate(panel=base.panels.get(), on=today)
        with pytest.raises(Overtaken, match="综合得分已于 2026-11-24 确定，评分表不能再解锁。"):
            unlock(world, base, today)
        recognising.shortlist(base=base, acting=world.officer, on=today)
        assert SheetUnlock.objects.count() == 0

    @pytest.mark.django_db(transaction=True)
    def test_opening_it_and_fixing_the_score_at_once_leaves_no_score_without_its_sheet(
        self, world: World, today: date, at_once: Callable[..., list[Any]]
    ):
        base = world.in_review(today)
        for each in world.experts[:3]:
            submit(base, each, today)
        at_once(lambda: unlock(world, base, today), lambda: panels.fix_aggregate(panel=base.panels.get(), on=today))
        panel = base.panels.get()
        submitted = panel.assignments.filter(status="submitted").count()
        assert (panel.aggregate, submitted) in {(None, 2), (Decimal(100), 3)}


class TestThePage:
    @pytest.fixture
    def client(self, signed_in: SignedIn, expert: Acting) -> Client:
        return signed_in(expert)

    @pytest.fixture
    def waiting(self, world: World, today: date, expert: Acting) -> list[Assignment]:
        """Three sheets that wait, in the order in which they come."""
        return [mine(world.in_review(today), expert) for _each in range(3)]

    def test_autosave_keeps_what_is_right_and_names_what_is_wrong(self, client: Client, base: Base, expert: Acting):
        url = f"/reviews/{mine(base, expert).pk}/autosave/"
        first = client.post(url, {"points_fit": "18.5", "points_plan": "99", "comment": "待补", "seen": "0"})
        assert (first.status_code, "应在 0 到 15 分之间。" in first.text) == (422, True)
        assert 'id="id_seen" value="1"' in first.text
        kept = ScoreSheet.objects.get()
        assert (kept.comment, list(kept.scores.values_list("criterion__key", "points"))) == (
            "待补", [("fit", Decimal("18.5"))],
        )  # fmt: skip
        again = client.post(url, {"points_fit": "", "points_plan": "9", "comment": "待补", "seen": "1"})
        assert (again.status_code, dict(kept.scores.values_list("criterion__key", "points"))) == (
            200,
            {"plan": Decimal(9)},
        )

    def test_autosave_keeps_a_comment_that_names_the_expert_and_says_that_it_cannot_be_handed_in(
        self, client: Client, base: Base, expert: Acting
    ):
        url = f"/reviews/{mine(base, expert).pk}/"
        said = "意见会原文转给申报单位，其中出现了您的姓名，请删去。"
        sent = {"points_fit": "18", "comment": "专家0认为材料扎实，双方投入有据可查，建议细化考核。", "seen": "0"}
        answer = client.post(f"{url}autosave/", sent)
        assert (answer.status_code, said in answer.text) == (200, True)
        refused = Page.of(client.post(url, sent | {"seen": "1", "do": "submit"}))
        assert (refused.status, refused.beside("comment")) == (422, [said])
        assert (ScoreSheet.objects.get().comment, Score.objects.get().points) == (sent["comment"], Decimal(18))

    def test_the_older_window_chooses_which_of_the_two_stays(self, client: Client, base: Base, expert: Acting):
        url = f"/reviews/{mine(base, expert).pk}/"
        save(base, expert, points={"fit": Decimal(10)})
        sent = {"points_fit": "3", "seen": "0", "comment": "", "do": "save"}
        for address in (url, f"{url}autosave/"):
            answer = client.post(address, sent)
            assert (answer.status_code, "别的窗口先保存了这份评分表" in answer.text) == (409, True)
        page = Page.of(client.post(url, sent))
        assert (page.value("points_fit"), page.value("seen")) == ("3", "0")
        client.post(url, sent | {"discard": "1"})
        assert list(Score.objects.values_list("points", flat=True)) == [Decimal(10)]
        client.post(url, sent | {"overwrite": "1"})
        assert list(Score.objects.values_list("points", flat=True)) == [Decimal(3)]

    def test_going_on_or_back_saves_first_and_stays_where_that_fails(self, client: Client, waiting: list[Assignment]):
        first, second, third = (f"/reviews/{each.pk}/" for each in waiting)
        for here, do, there in (
            (first, "next", second), (second, "previous", first), (second, "next", third), (third, "next", first),
        ):  # fmt: skip
            answer = client.post(here, {"points_fit": "7", "comment": "", "do": do})
            assert (answer.status_code, answer.headers.get("Location")) == (302, there)
        assert ScoreSheet.objects.filter(scores__points=7).count() == 3
        page = Page.of(client.post(first, {"points_fit": "77", "comment": "写了一半", "do": "next"}))
        assert (page.status, page.value("points_fit"), page.value("comment")) == (422, "77", "写了一半")

    def test_after_handing_in_the_next_one_is_a_click_away(
        self, client: Client, waiting: list[Assignment], expert: Acting
    ):
        first, second = waiting[:2]
        kept = sheets.save_sheet(assignment=first, points=marks(), comment=COMMENT, by=expert)
        sent = {"pledge": "on", "seen": kept.revision}
        page = Page.of(client.post(f"/reviews/{first.pk}/submit/", sent, follow=True))
        assert ("去下一份（还剩 2 份）" in page.text, f"/reviews/{second.pk}/" in page.links()) == (True, True)

    def test_the_list_says_how_far_one_is_and_sorts_by_state(
        self, client: Client, waiting: list[Assignment], expert: Acting, today: date
    ):
        sheets.submit_sheet(assignment=waiting[1], points=marks(), comment=COMMENT, by=expert, on=today)
        sheets.save_sheet(assignment=waiting[2], points={"fit": Decimal(1)}, comment="", by=expert)
        shown = {show: Page.of(client.get(f"/reviews/?show={show}")) for show in ("", "waiting", "submitted", "ended")}
        assert "已提交 1 / 3，还剩 2" in shown[""].text
        names = {show: [row[0] for row in page.rows()] for show, page in shown.items()}
        titles = [each.panel.base.name for each in waiting]
        assert names == {
            "": [titles[0], titles[2]],
            "waiting": [titles[0], titles[2]],
            "submitted": [titles[1]],
            "ended": [],
        }
        assert "已评 1 / 6 项" in shown["waiting"].text

    def test_every_criterion_says_what_earns_its_points(self, client: Client, base: Base, expert: Acting):
        assignment = mine(base, expert)
        text = Page.of(client.get(f"/reviews/{assignment.pk}/")).text
        assert [c.name for c in assignment.panel.rubric.criteria.all() if c.descriptor not in text] == []
        assert "以 0.5 分为一档。" in text


class TestNobodyElseSees:
    """With data present that could leak: another expert's points, both comments, their names, the totals."""

    SECRETS = ("17.5", "91.5", "别人的意见在这里，有足够的字数可以提交上去。", FOR_THE_MEETING, "专家1", "专家2")

    @pytest.fixture
    def scored(self, base: Base, world: World, today: date) -> Base:
        """One other expert has handed in, one has begun, and the third writes."""
        other = self.SECRETS[2]
        submit(base, world.experts[1], today, comment=other, fit="17.5", partner="14")
        save(base, world.experts[2], points={"fit": Decimal("17.5")}, comment=other)
        save(base, world.experts[0], points={"fit": Decimal(3)}, comment="自己的意见")
        return base

    def leaks(self, answer: Any) -> list[str]:
        text = answer.content.decode() if not answer.streaming else ""
        return [secret for secret in self.SECRETS if secret in text]

    def test_on_no_page_and_in_no_fragment_of_another_expert(
        self, world: World, scored: Base, signed_in: SignedIn, expert: Acting
    ):
        own, client = mine(scored, expert), signed_in(expert)
        url = f"/reviews/{own.pk}/"
        theirs = [f"/reviews/{mine(scored, each).pk}/" for each in world.experts[1:3]]
        answers = [
            client.get("/"), client.get("/reviews/"), client.get("/reviews/?show=submitted"), client.get(url),
            client.get(f"{url}submit/"),
            client.post(f"{url}autosave/", {"points_fit": "99", "comment": ""}),
            client.post(f"{url}autosave/", {"points_fit": "3", "seen": "0"}),
            client.post(url, {"points_fit": "99", "do": "submit"}),
            client.post(f"{url}submit/", {"seen": "0"}),
            client.post(f"{url}recuse/", {"reason": ""}),
            *(client.get(f"{each}{part}") for each in theirs for part in ("", "submit/", "autosave/", "unlock/")),
            *(client.post(f"{each}{part}", {"do": "save"}) for each in theirs for part in ("", "submit/", "autosave/")),
        ]  # fmt: skip
        assert [self.leaks(each) for each in answers] == [[] for _each in answers]
        assert {each.status_code for each in answers[10:]} == {403, 404, 405}

    def test_not_even_the_department_reads_what_an_opened_sheet_had_said_before_all_are_in(
        self, world: World, scored: Base, today: date, signed_in: SignedIn
    ):
        unlock(world, scored, today, number=1)
        panel = scored.panels.get()
        page = signed_in(world.officer).get(f"/bases/{scored.pk}/")
        assert all_in.sheets_open(panel) is False
        assert "漏看了补充材料。" in page.text
        assert [each for each in self.SECRETS[:4] if each in page.text] == []
        for each in world.experts[:3]:
            submit(scored, each, today)
        text = Page.of(signed_in(world.officer).get(f"/bases/{scored.pk}/")).text
        assert all_in.sheets_open(scored.panels.get()) is True
        assert [each for each in ("17.5", self.SECRETS[2], "解锁前") if each not in text] == []
        for reader in (world.applicant, world.unit_officer, world.partner_officer):
            assert "漏看了补充材料。" not in signed_in(reader).get(f"/bases/{scored.pk}/").text
