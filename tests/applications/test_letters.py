"""第八条（三）（四）: what those hear who are not recognised."""

from collections.abc import Sequence
from datetime import date, timedelta

import pgtrigger
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.models import Application, Panel, PreliminaryEntry, PreliminaryList, ResultLetter, ScoreSheet
from applications.services import declaring, letters, panels, recognising, sheets
from bases.lifecycle import State
from bases.models import Base, Membership, OfficialDocument
from bases.queries import visible_documents
from bases.services import documents
from portal import inbox
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.roles import Role
from portal.services import enter_calendar_year
from tests.applications.conftest import SignedIn, fresh
from tests.applications.meeting import sitting
from tests.factories import World
from tests.portal.pdfs import flat, texts

pytestmark = pytest.mark.article("8(4)")
WORDS = ("前期成效的材料还不充分。", "建设目标应当可以检查。", "建议补充行业导师。")


def scored(world: World, on: date) -> Base:
    """In review, three sheets in, each with its own words for the applicant."""
    base = world.in_review(on)
    panel = base.panels.get()
    world.score(panel, 70, on)
    say(panel, WORDS)
    return fresh(base)


def say(panel: Panel, words: Sequence[str]) -> None:
    """What the experts of a panel wrote for the applicant, in the order in which they were assigned."""
    with pgtrigger.ignore("applications.ScoreSheet:sheet_is_locked"):
        for assignment, each in zip(panel.assignments.order_by("pk"), words, strict=True):
            ScoreSheet.objects.filter(assignment=assignment).update(comment=each)


def adopted(world: World, on: date, *left_out: Base) -> PreliminaryList:
    """A preliminary list that was adopted without these bases."""
    application = world.application(left_out[0])
    made = PreliminaryList.objects.create(
        round=application.round, cutoff=0, drafted_by=world.officer.user, drafted_on=on
    )
    for place, base in enumerate(left_out, start=1):
        PreliminaryEntry.objects.create(
            preliminary_list=made, application=world.application(base), place=place, aggregate=70, by_cutoff=False,
            chosen=False,
        )  # fmt: skip
    made.state, made.adopted_by, made.adopted_on = PreliminaryList.State.ADOPTED, world.officer.user, on
    made.save()
    return made


def rejected(world: World, on: date) -> Base:
    """Scored and not recognised, with a reason."""
    return recognising.reject(base=scored(world, on), acting=world.officer, on=on, reason="低于入选分数线。")


def send(world: World, on: date, *bases: Base, by: Acting | None = None) -> list[OfficialDocument]:
    applications = [world.application(base) for base in bases]
    return letters.send_letters(applications=applications, document_date=on, by=by or world.officer, on=on)


class TestThoseThatTheListLeftOut:
    @pytest.mark.article("8(3)")
    def test_are_all_not_recognised_in_one_act_with_the_reason(self, world: World, today):
        first, second = scored(world, today), scored(world, today)
        round_ = adopted(world, today, first, second).round
        letters.reject_left_out(round_=round_, count=2, reason="未达到入选分数线。", by=world.officer, on=today)
        assert [fresh(base).state for base in (first, second)] == [State.NOT_RECOGNISED] * 2
        assert {base.events.latest("sequence").reason for base in (first, second)} == {"未达到入选分数线。"}

    def test_wait_for_nobody_while_no_list_is_adopted(self, world: World, today):
        round_ = world.application(scored(world, today)).round
        assert list(letters.left_out(round_)) == []
        with pytest.raises(Refused):
            letters.reject_left_out(round_=round_, count=0, reason="未达到。", by=world.officer, on=today)

    def test_leave_alone_what_the_last_meeting_postponed(self, world: World, today, signed_in: SignedIn):
        postponed, refused = scored(world, today), scored(world, today)
        adopted(world, today, postponed, refused)
        round_ = world.round(today)
        meeting = sitting(world, today)
        for base, said in ((postponed, "postponed"), (refused, "refused")):
            meeting.items.filter(application__base=base).update(conclusion=said)
        assert letters.left_out(round_).count() == 2
        by = world.officer.user
        meeting.state, meeting.conclusion, meeting.concluded_by, meeting.concluded_on = "concluded", "略。", by, today
        meeting.save()
        assert [each.base for each in letters.left_out(round_)] == [refused]
        assert [each.base for each in letters.postponed(round_)] == [postponed]
        page = signed_in(world.officer).get(f"/rounds/{round_.pk}/letters/")
        assert "另有 1 个基地由评审会议暂缓" in page.text

    def test_are_none_of_them_decided_when_there_are_others_by_now(self, world: World, today):
        first, second = scored(world, today), scored(world, today)
        round_ = adopted(world, today, first, second).round
        recognising.reject(base=first, acting=world.officer, on=today, reason="材料不实。")
        with pytest.raises(Overtaken) as refusal:
            letters.reject_left_out(round_=round_, count=2, reason="未达到。", by=world.officer, on=today)
        assert refusal.value.reasons == (
            "没有办理：您打开本页之后，未列入名单的基地由 2 个变为 1 个，请看过再办理。",
        )  # fmt: skip
        assert fresh(second).state == State.IN_REVIEW

    def test_are_the_officers_to_decide(self, world: World, today):
        round_ = adopted(world, today, scored(world, today)).round
        for acting in (world.leader, world.unit_officer, world.experts[0]):
            with pytest.raises(NotYours):
                letters.reject_left_out(round_=round_, count=1, reason="未达到。", by=acting, on=today)

    def test_are_named_on_the_page_before_it_is_done(self, world: World, today, signed_in: SignedIn):
        base = scored(world, today)
        round_ = adopted(world, today, base).round
        client, address = signed_in(world.officer), reverse("round-left-out", args=[round_.pk])
        assert base.name in client.get(address).content.decode()
        answer = client.post(address, {"count": "1", "reason": ""})
        assert (answer.status_code, fresh(base).state) == (422, State.IN_REVIEW)
        client.post(address, {"count": "1", "reason": "未达到入选分数线。"})
        assert fresh(base).state == State.NOT_RECOGNISED


class TestALetter:
    def test_goes_to_the_unit_with_the_reason_and_what_the_experts_wrote(self, world: World, today):
        base = rejected(world, today)
        (document,) = send(world, today, base)
        assert (document.kind, document.addressee, document.is_public) == ("review_result", world.unit.name, False)
        assert "理由：低于入选分数线。" in document.text
        (annex,) = document.annexes
        assert {line.partition("：")[2] for line in annex["paragraphs"]} == set(WORDS)
        assert [line.partition("：")[0] for line in annex["paragraphs"]] == ["意见1", "意见2", "意见3"]
        assert ResultLetter.objects.get().application == world.application(base)

    def test_names_no_expert_and_no_score(self, world: World, today):
        (document,) = send(world, today, rejected(world, today))
        made = documents.make_pdf(document.pk)
        assert made.pdf is not None
        printed = flat("".join(texts(made.pdf.file.read())))
        assert "低于入选分数线" in printed
        for expert in world.experts:
            assert expert.user is not None
            assert expert.user.full_name not in printed
            assert expert.user.expert_profile.employer not in printed
        assert "70.00" not in printed
        assert "综合得分" not in printed

    def test_puts_the_comments_in_an_order_that_says_nothing_of_who_wrote_them(self, world: World, today):
        """The same words in another order of experts come out in the same order."""
        base = rejected(world, today)
        application = world.application(base)
        before = letters.comments_for_applicant(application, today)
        say(application.panel, WORDS[::-1])
        assert letters.comments_for_applicant(application, today) == before

    def test_leaves_out_a_sheet_that_does_not_count(self, world: World, today):
        base = rejected(world, today)
        application = world.application(base)
        assignment = application.panel.assignments.order_by("pk")[0]
        type(assignment).objects.filter(pk=assignment.pk).update(
            status="recused", ended_reason="师生关系", needs_nobody=True
        )
        Panel.objects.filter(application=application).update(required=2)
        assert set(letters.comments_for_applicant(application, today)) == set(WORDS[1:])

    @pytest.mark.article("8(3)")
    def test_leaves_out_who_is_in_conflict_while_the_score_is_open(self, world: World, today):
        application = world.application(rejected(world, today))
        assignment = application.panel.assignments.order_by("pk")[0]
        Membership.objects.create(user=assignment.expert, role=Role.PARTNER_OFFICER, partner_unit=world.partner)
        assert set(letters.comments_for_applicant(application, today)) == set(WORDS[1:])
        Panel.objects.filter(application=application).update(aggregate=70, fixed_on=today)
        assert set(letters.comments_for_applicant(application, today)) == set(WORDS)

    @pytest.mark.article("8(3)")
    def test_carries_no_comment_while_a_sheet_is_missing_and_says_so(self, world: World, today):
        base = scored(world, today)
        assignment = base.panels.get().assignments.order_by("pk")[0]
        sheets.unlock(assignment=assignment, reason="漏看材料。", by=world.officer, on=today)
        recognising.reject(base=base, acting=world.officer, on=today, reason="材料不实。")
        (document,) = send(world, today, base)
        assert document.annexes == [
            {"title": "专家评审意见", "paragraphs": ["评审没有全部完成，没有可以转达的专家意见。"]}
        ]  # fmt: skip

    def test_goes_out_once(self, world: World, today):
        base = rejected(world, today)
        send(world, today, base)
        with pytest.raises(Refused) as refusal:
            send(world, today, base)
        assert refusal.value.reasons == (f"“{base.name}”的评审结果通知已经发出，没有重复登记。",)
        assert ResultLetter.objects.count() == 1

    def test_is_not_sent_to_a_base_that_still_stands_and_then_to_none(self, world: World, today):
        out, standing = rejected(world, today), scored(world, today)
        with pytest.raises(Refused) as refusal:
            send(world, today, out, standing)
        assert refusal.value.reasons == (f"“{standing.name}”当前状态为“专家评审”，不发评审结果通知。",)
        assert OfficialDocument.objects.filter(kind="review_result").count() == 0

    def test_has_a_date_that_has_come(self, world: World, today):
        base = rejected(world, today)
        with pytest.raises(Refused):
            letters.send_letters(
                applications=[world.application(base)],
                document_date=today + timedelta(days=1),
                by=world.officer,
                on=today,
            )

    def test_is_the_officers_to_send(self, world: World, today):
        base = rejected(world, today)
        for acting in (world.leader, world.unit_officer, world.applicant):
            with pytest.raises(NotYours):
                send(world, today, base, by=acting)

    def test_is_read_by_the_applicant_the_unit_and_the_department_not_by_the_partner(self, world: World, today):
        (document,) = send(world, today, rejected(world, today))
        people = world.everybody() | {"other unit": world.other_unit_officer, "other applicant": world.other_applicant}
        readers = {name for name, acting in people.items() if visible_documents(acting).filter(pk=document.pk).exists()}
        assert readers == {Role.APPLICANT, Role.UNIT_OFFICER, Role.DEPT_OFFICER, Role.DEPT_LEADER}

    def test_without_words_for_the_applicant_says_so(self, world: World, today):
        base = rejected(world, today)
        say(base.panels.get(), ["", " ", ""])
        (document,) = send(world, today, base)
        assert document.annexes[0]["paragraphs"] == ["评审专家没有另写意见。"]

    def test_without_a_review_speaks_of_no_experts(self, world: World, today):
        base = recognising.reject(base=world.recommended(today), acting=world.officer, on=today, reason="材料不实。")
        (document,) = send(world, today, base)
        assert (document.annexes, "专家" in document.text, "补充完善之后" in document.text) == ([], False, True)

    @pytest.mark.article("8(3)")
    def test_shows_the_unit_the_same_comments_in_the_same_order_on_the_bases_page(
        self, world: World, today, signed_in: SignedIn
    ):
        base = scored(world, today)
        panels.fix_aggregate(panel=base.panels.get(), on=today)
        recognising.reject(base=base, acting=world.officer, on=today, reason="低于入选分数线。")
        page = signed_in(world.unit_officer).get(reverse("base", args=[base.pk])).content.decode()
        told = letters.comments_for_applicant(world.application(base), today)
        assert sorted(told, key=page.index) == told


class TestThePageOfLetters:
    def test_sends_those_that_are_ticked_and_numbers_them_in_turn(self, world: World, today, signed_in: SignedIn):
        first, second = rejected(world, today), rejected(world, today)
        round_ = world.application(first).round
        address = reverse("round-letters", args=[round_.pk])
        client = signed_in(world.officer)
        assert "2 份待发" in client.get(address).content.decode()
        sent = {
            "applications": [world.application(first).pk, world.application(second).pk],
            "document_date": "2026-11-24",
        }
        page = client.post(address, sent, follow=True).content.decode()
        assert "已登记 2 份评审结果通知" in page
        serials = (
            OfficialDocument.objects.filter(kind="review_result").order_by("serial").values_list("serial", flat=True)
        )
        assert list(serials) == [serials[0], serials[0] + 1]

    def test_says_what_is_missing_when_nothing_is_ticked(self, world: World, today, signed_in: SignedIn):
        round_ = world.application(rejected(world, today)).round
        answer = signed_in(world.officer).post(
            reverse("round-letters", args=[round_.pk]), {"applications": [], "document_date": "2026-11-24"}
        )
        assert (answer.status_code, "请至少选择一个未获认定的基地。" in answer.content.decode()) == (422, True)

    def test_takes_the_same_queries_for_more_bases(self, world: World, today, signed_in: SignedIn):
        counts = []
        client = signed_in(world.officer)
        for _more in range(2):
            base = rejected(world, today)
            address = reverse("round-letters", args=[world.application(base).round_id])
            client.get(address)
            with CaptureQueriesContext(
                connection,
            ) as made:
                client.get(address)
            counts.append(len(made))
        assert counts[0] == counts[1]

    def test_the_inbox_of_the_officer_leads_there(self, world: World, today):
        base = rejected(world, today)
        found = [item for item in inbox.items(world.officer, today) if item.button == "发通知"]
        assert [item.url for item in found] == [reverse("round-letters", args=[world.application(base).round_id])]
        send(world, today, base)
        assert [item for item in inbox.items(world.officer, today) if item.button == "发通知"] == []


def test_a_base_that_begins_again_before_its_letter_still_gets_it_for_that_year(world: World, today) -> None:
    base, next_year = rejected(world, today), date(2027, 3, 1)
    application = world.application(base)
    enter_calendar_year(year=2027, source="放假通知", holidays=[], make_up_days=[], by=world.officer.user)
    world.round(next_year)
    base = declaring.redeclare(base=base, acting=world.applicant, on=next_year)
    base = world.declare(base, next_year)
    assert list(letters.awaiting_letter(application.round)) == [application]
    assert list(letters.not_recognised(world.application(base).round)) == []
    waiting = [item.url for item in inbox.items(world.officer, next_year) if item.button == "发通知"]
    assert waiting == [reverse("round-letters", args=[application.round_id])]
    (document,) = letters.send_letters(
        applications=[application], document_date=next_year, by=world.officer, on=next_year
    )  # fmt: skip
    assert "理由：低于入选分数线。" in document.text
    with pytest.raises(Refused) as refusal:
        letters.send_letters(
            applications=[world.application(base)], document_date=next_year, by=world.officer, on=next_year
        )
    assert refusal.value.reasons == (f"“{base.name}”当前状态为“{base.state_label}”，不发评审结果通知。",)
    base = recognising.reject(
        base=_recommended_again(world, base, next_year), acting=world.officer, on=date(2027, 3, 25), reason="重复。"
    )
    decided = letters.rejections([application, world.application(base)])
    assert {key: move.reason for key, move in decided.items()} == {
        application.pk: "低于入选分数线。", world.application(base).pk: "重复。",
    }  # fmt: skip


def _recommended_again(world: World, base: Base, on: date) -> Base:
    base = world.review(base, on)
    return world.recommend(world.publish_unit_notice(base, on), on + timedelta(days=20))


def test_a_base_that_declares_again_keeps_the_letter_of_the_year_before(world: World, today) -> None:
    base = rejected(world, today)
    (document,) = send(world, today, base)
    assert Application.objects.get(result_letter__document=document).base == base
