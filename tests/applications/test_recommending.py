"""第八条（二）: the six-aspect review, the order, and the report to the department in one act."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook
from pypdf import PdfReader

from applications.models import (
    Application,
    PriorContribution,
    PublicNotice,
    Recommendation,
    RecommendationEntry,
    Round,
    UnitReview,
)
from applications.queries import recommendation_entries, visible_recommendations
from applications.services import declaring, notice_lists, recommending, reporting
from bases import acts
from bases.lifecycle import State
from bases.models import Base, LifecycleEvent, OfficialDocument
from evaluations.demo.play import OPINIONS
from portal import jobs, typesetting
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.models import IssuedRecord, OutboxJob, StoredFile
from portal.roles import Role
from tests.applications.conftest import SignedIn, fresh
from tests.applications.objecting import object_to, settle
from tests.applications.pages import Page
from tests.factories import World, pdf_upload, person

PUBLISHED, LAST_DAY, AFTER = date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 10)


def notice_of(base: Base) -> PublicNotice:
    """The newest notice on which the base stands."""
    return PublicNotice.objects.filter(entries__base=base).latest("pk")


def report(world: World, bases: list[Base], on: date = AFTER, **changes: Any) -> Recommendation:
    """The unit reports these bases with everything that is needed."""
    round_ = world.application(bases[0]).round if bases else world.round(PUBLISHED)
    out = list({notice.pk: notice for notice in map(notice_of, bases)}.values())
    given = {
        "round": round_, "bases": bases, "text": reporting.proposed_letter(round_, out, bases, world.unit)[1], "document_date": on,
        "by": world.unit_officer, "on": on, "notice_link": "https://example.invalid/gs/1.html",
    }  # fmt: skip
    return reporting.report(**(given | changes))


@pytest.fixture
def two(world: World) -> list[Base]:
    """Two bases on one list of the unit whose period is over on ``AFTER``."""
    world.names = ["甲基地", "乙基地"]
    bases = [world.reviewed(PUBLISHED), world.reviewed(PUBLISHED)]
    world.publish(bases, PUBLISHED)
    return [fresh(base) for base in bases]


@pytest.mark.article("8(2)")
class TestTheConclusionOfTheReview:
    @pytest.fixture
    def refused(self, world: World, today: date) -> Base:
        base = world.declared(today)
        recommending.review(base=base, acting=world.unit_officer, on=today, agreed=False, **OPINIONS)
        return base

    def test_against_the_base_keeps_it_off_the_list(self, world: World, today: date, refused: Base):
        assert notice_lists.ready_for_unit_notice(world.application(refused).round, world.unit.pk) == []
        with pytest.raises(Refused) as refusal:
            world.publish([refused, world.reviewed(today)], today)
        assert refusal.value.reasons == (
            f"{refused.name}：六项审核的结论是不同意推荐，不能列入公示名单，请退回修改或作不予推荐处理。",
        )
        assert PublicNotice.objects.count() == 0

    def test_against_the_base_leads_to_sending_it_back_or_declining_it(self, world: World, today: date, refused: Base):
        offered = {act.name: reasons for act, reasons in acts.offered(refused, world.unit_officer, today)}
        assert offered == {
            "review": (),
            "publish-unit-notice": ("六项审核的结论是不同意推荐，不能列入公示名单，请退回修改或作不予推荐处理。",),
            "return": (),
            "decline": (),
        }

    def test_can_be_changed_until_the_notice_is_out(self, world: World, today: date, refused: Base):
        recommending.review(base=refused, acting=world.unit_officer, on=today, **OPINIONS)
        assert UnitReview.objects.get().agreed
        world.publish([refused], today)
        with pytest.raises(Overtaken) as refusal:
            recommending.review(base=fresh(refused), acting=world.unit_officer, on=today, agreed=False, **OPINIONS)
        assert refusal.value.reasons == ("基地当前状态为“推荐公示”，审核意见没有保存。",)
        assert UnitReview.objects.get().agreed


@pytest.mark.article("8(2)")
class TestTheReviewPage:
    def sent(self, base: Base, **changes: str) -> dict[str, str]:
        return {**OPINIONS, "agreed": "yes", "seen": str(base.events_count)} | changes

    def test_shows_the_facts_of_each_aspect_and_first_what_needs_judgement(
        self, world: World, today: date, signed_in: SignedIn
    ):
        base = world.declared(today)
        page = Page.of(signed_in(world.unit_officer).get(f"/applications/{world.application(base).pk}/review/"))
        assert page.heading == "填写六项审核意见"
        content = world.application(base).versions.get().paper
        for key in ("reason", "results", "prospects", "training_mode"):
            assert re.sub(r"\s", "", content.value(key)) in re.sub(r"\s", "", page.text)
        assert page.text.index("需要判断的条件") < page.text.index("1. 专业学位类别情况")
        assert page.text.index(world.partner.credit_code) > page.text.index("2. 合作单位情况")

    def test_saves_the_six_opinions_and_the_conclusion(self, world: World, today: date, signed_in: SignedIn):
        base = world.declared(today)
        url = f"/applications/{world.application(base).pk}/review/"
        answer = signed_in(world.unit_officer).post(url, self.sent(base, agreed="no"), follow=True)
        assert "结论为不同意推荐。请退回修改，或者作不予推荐处理。" in Page.of(answer).text
        review = UnitReview.objects.get()
        assert {name: getattr(review, name) for name in OPINIONS} == OPINIONS
        assert (review.agreed, review.reviewed_on, review.reviewed_by) == (False, today, world.unit_officer.user)

    @pytest.mark.parametrize(
        ("changes", "field", "message"),
        [
            ({"agreed": ""}, "agreed", "请选择同意推荐或者不同意推荐。"),
            ({"results_opinion": "成" * 501}, "results_opinion", "最多 500 字，现在是 501 字，请删减。"),
            ({"results_opinion": " "}, "results_opinion", "请填写这一项。"),
        ],
    )
    def test_an_error_stands_beside_its_field_and_nothing_typed_is_lost(
        self, world: World, today: date, signed_in: SignedIn, changes: dict[str, str], field: str, message: str
    ):
        base = world.declared(today)
        sent = self.sent(base, **changes)
        answer = signed_in(world.unit_officer).post(f"/applications/{world.application(base).pk}/review/", sent)
        page = Page.of(answer)
        assert answer.status_code == 422
        assert page.beside(field)[0] == message
        assert {name: page.value(name) for name in OPINIONS} == {name: sent[name].strip() for name in OPINIONS}
        assert UnitReview.objects.count() == 0

    def test_is_not_there_for_another_unit_and_says_when_it_is_too_late(
        self, world: World, today: date, signed_in: SignedIn
    ):
        base = world.in_unit_notice(today)
        url = f"/applications/{world.application(base).pk}/review/"
        assert signed_in(world.other_unit_officer).get(url).status_code == 404
        words = Page.of(signed_in(world.unit_officer).get(url)).text
        assert f"“{base.name}”当前状态为“推荐公示”，现在不能填写六项审核意见。没有作任何改动。" in words

    def test_is_where_the_act_of_the_base_leads(self, world: World, today: date, signed_in: SignedIn):
        base = world.declared(today)
        answer = signed_in(world.unit_officer).get(f"/bases/{base.pk}/acts/review/")
        assert answer.headers["Location"] == f"/applications/{world.application(base).pk}/review/"


@pytest.mark.article("8(2)")
class TestTheUnitsOrder:
    @pytest.fixture
    def four(self, world: World, today: date) -> list[Application]:
        world.names = ["甲", "乙", "丙", "丁"]
        return [world.application(world.declared(today)) for _ in range(4)]

    def order(self, world: World, four: list[Application]) -> list[tuple[str, int | None]]:
        found = recommending.own_applications(four[0].round, world.unit.pk)
        return [(application.name, application.rank) for application in found]

    def test_puts_what_is_named_first_and_leaves_the_rest_without_a_rank(self, world: World, four: list[Application]):
        recommending.set_order(round=four[0].round, order=[four[3].pk, four[1].pk], by=world.unit_officer)
        order = self.order(world, four)
        assert order[:2] == [("丁", 1), ("乙", 2)]
        assert dict(order[2:]) == {"甲": None, "丙": None}

    def test_is_the_graduate_offices_own(self, world: World, four: list[Application]):
        for somebody in (world.applicant, world.officer, world.other_unit_officer):
            with pytest.raises(NotYours):
                recommending.set_order(round=four[0].round, order=[four[0].pk], by=somebody)
        assert {rank for _name, rank in self.order(world, four)} == {None}

    def test_names_nobody_twice(self, world: World, four: list[Application]):
        with pytest.raises(Refused, match="同一份申请书排了两次，排序没有保存。"):
            recommending.set_order(round=four[0].round, order=[four[0].pk] * 2, by=world.unit_officer)

    @pytest.mark.parametrize(
        ("wanted", "names"),
        [
            ({"丁": 1}, "丁甲乙丙"),
            ({"甲": 3}, "乙丙甲丁"),
            ({"甲": 2, "乙": 1}, "乙甲丙丁"),
            ({"乙": None}, "甲丙丁"),
            ({"甲": 99}, "乙丙丁甲"),
            ({}, "甲乙丙丁"),
        ],
    )
    def test_a_new_number_moves_one_there_and_the_rest_keeps_its_order(
        self, world: World, four: list[Application], wanted: dict[str, int | None], names: str
    ):
        keys = {application.name: application.pk for application in four}
        recommending.set_order(round=four[0].round, order=[each.pk for each in four], by=world.unit_officer)
        own = recommending.own_applications(four[0].round, world.unit.pk)
        order = recommending.reordered(own, {keys[name]: number for name, number in wanted.items()})
        by_key = {key: name for name, key in keys.items()}
        found = "".join(by_key[key] for key in order)
        assert found == names


@pytest.mark.article("6")
@pytest.mark.django_db(transaction=True)
class TestOnePlaceLeft:
    def test_of_two_officers_who_publish_at_the_same_moment_one_gets_it(
        self, world: World, today: date, at_once: Callable[..., list[Any]]
    ):
        world.round(today, places=1)
        bases = [world.reviewed(today), world.reviewed(today)]
        colleague = person(Role.UNIT_OFFICER, training_unit=world.unit)
        results = at_once(
            lambda: world.publish([bases[0]], today),
            lambda: world.publish([bases[1]], today, by=colleague),
        )
        (won,) = (result for result in results if isinstance(result, PublicNotice))
        (lost,) = (result for result in results if isinstance(result, Refused))
        loser = bases[results.index(lost)]
        assert lost.reasons == (f"{loser.name}：申报名额为 1 个，本次推荐后将达到 2 个，超出名额。",)
        assert list(PublicNotice.objects.all()) == [won]
        assert sorted(fresh(base).state for base in bases) == [State.DECLARED, State.UNIT_NOTICE]

    def test_two_officers_who_report_the_same_base_report_it_once(
        self, world: World, two: list[Base], at_once: Callable[..., list[Any]]
    ):
        colleague = person(Role.UNIT_OFFICER, training_unit=world.unit)
        results = at_once(lambda: report(world, two), lambda: report(world, two, by=colleague))
        (won,) = (result for result in results if isinstance(result, Recommendation))
        (lost,) = (result for result in results if isinstance(result, Overtaken))
        assert "“推荐至教育厅”没有办理" in lost.reasons[0]
        assert list(Recommendation.objects.all()) == [won]
        assert list(OfficialDocument.objects.values_list("serial", flat=True)) == [1]


@pytest.mark.article("6")
def test_a_list_beyond_the_quota_is_refused_with_the_numbers(world: World, today: date):
    world.round(today, places=1)
    bases = [world.reviewed(today), world.reviewed(today)]
    with pytest.raises(Refused, match="申报名额为 1 个，本次推荐后将达到 2 个，超出名额。"):
        world.publish(bases, today)
    assert PublicNotice.objects.count() == 0


@pytest.mark.article("6")
def test_without_a_published_quota_nothing_is_listed(world: World, today: date):
    base = world.reviewed(today)
    Round.objects.update(quotas_published_on=None, quotas_published_by=None)
    with pytest.raises(Refused, match="本单位本年度申报名额尚未下达。"):
        world.publish([base], today)


@pytest.mark.article("8(2)")
class TestTheReport:
    def test_moves_all_its_bases_on_one_letter(self, world: World, two: list[Base]):
        done = report(world, two)
        assert {fresh(base).state for base in two} == {State.RECOMMENDED}
        document = done.document
        assert (document.kind, document.number) == ("cover_letter", f"{world.unit.document_word}〔2026〕1号")
        assert document.title == "关于推荐2026年度研究生联合培养基地的函"
        assert (document.document_date, document.published_on, document.issuer_unit) == (AFTER, AFTER, world.unit)
        assert set(document.bases.all()) == set(two)
        events = LifecycleEvent.objects.filter(transition="recommend")
        assert {(event.base, event.document, event.actor) for event in events} == {
            (base, document, world.unit_officer.user) for base in two
        }
        assert (done.reported_on, done.reported_by) == (AFTER, world.unit_officer.user)

    def test_takes_all_its_bases_or_none(self, world: World, two: list[Base]):
        object_to(two[0], PUBLISHED)
        with pytest.raises(Refused) as refusal:
            report(world, two)
        assert refusal.value.reasons == ("甲基地：本基地有 1 件异议尚未办结，办结前不能继续。",)
        assert {fresh(base).state for base in two} == {State.UNIT_NOTICE}
        assert (Recommendation.objects.count(), OfficialDocument.objects.count()) == (0, 0)

    def test_waits_until_24_oclock_of_the_last_day(self, world: World, two: list[Base]):
        with pytest.raises(Refused) as refusal:
            report(world, two, LAST_DAY)
        assert refusal.value.reasons == tuple(f"{base.name}：公示期至 2026-11-09 24 时，尚未结束。" for base in two)

    @pytest.mark.article("5")
    def test_after_the_departments_deadline_is_refused_with_the_dates(self, world: World, two: list[Base]):
        Round.objects.update(closes_on=PUBLISHED, recommend_by=AFTER)
        late = AFTER + timedelta(days=1)
        with pytest.raises(Refused) as refusal:
            report(world, two, late)
        assert refusal.value.reasons == ("推荐报送已于 2026-11-10 截止，今天是 2026-11-11，不再受理。",)
        report(world, two)

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"notice_link": ""}, "请填写公示链接，或者上传公示截图，用来证明已经公示。"),
            ({"document_date": AFTER + timedelta(days=1)}, "成文日期 2026-11-11 还没有到，请核对。"),
            (
                {"document_date": LAST_DAY},
                "成文日期 2026-11-09 不晚于公示截止日 2026-11-09，公示结果还写不进函中，请核对。",
            ),
            (
                {"text": "现推荐下列基地。"},
                "报送函正文还要写明：批次年度（2026）、公示日期 2026年11月2日、公示日期 2026年11月9日、公示结果（有无异议）。",
            ),
        ],
    )
    def test_needs_its_proof_its_date_and_its_words(
        self, world: World, two: list[Base], changes: dict[str, Any], reason: str
    ):
        with pytest.raises(Refused) as refusal:
            report(world, two, **changes)
        assert refusal.value.reasons == (reason,)
        assert Recommendation.objects.count() == 0

    def test_needs_a_base(self, world: World, two: list[Base]):
        text = reporting.proposed_letter(world.application(two[0]).round, [notice_of(two[0])], two, world.unit)[1]
        with pytest.raises(Refused, match="请至少选择一个公示期满无异议的基地。"):
            report(world, [], text=text)

    def test_a_picture_of_the_notice_proves_it_too(self, world: World, two: list[Base]):
        done = report(
            world, two, notice_link="", notice_proof=pdf_upload("截图.pdf"), no_objection_proof=pdf_upload("证明.pdf")
        )
        assert done.notice_proof is not None
        assert done.no_objection_proof is not None
        assert {done.notice_proof.purpose, done.no_objection_proof.purpose} == {"recommendation_proof"}

    def test_is_the_units_own(self, world: World, two: list[Base]):
        for somebody in (world.applicant, world.officer, world.leader, world.partner_officer):
            with pytest.raises(NotYours, match="推荐由研究生院报送教育厅。"):
                report(world, two, by=somebody)
        with pytest.raises(NotYours):
            report(world, two, by=world.other_unit_officer)
        assert {fresh(base).state for base in two} == {State.UNIT_NOTICE}

    def test_of_a_base_that_somebody_moved_meanwhile_is_refused(self, world: World, two: list[Base]):
        recommending.decline(base=two[1], acting=world.unit_officer, on=LAST_DAY, reason="不再推荐。")
        with pytest.raises(Overtaken):
            report(world, two)
        assert fresh(two[0]).state == State.UNIT_NOTICE

    def test_one_after_the_other_count_on(self, world: World, two: list[Base]):
        numbers = [report(world, [base]).document.number for base in two]
        assert numbers == [f"{world.unit.document_word}〔2026〕{serial}号" for serial in (1, 2)]


@pytest.mark.article("8(2)")
class TestTheSummary:
    def test_is_in_the_units_order_and_says_what_was_declared(self, world: World, two: list[Base]):
        second = world.application(two[1])
        recommending.set_order(round=second.round, order=[second.pk], by=world.unit_officer)
        done = report(world, two)
        entries = list(done.entries.all())
        assert [(entry.position, entry.line["name"]) for entry in entries] == [(1, "乙基地"), (2, "甲基地")]
        assert [entry.notice for entry in entries] == [notice_of(two[0])] * 2
        basics = second.basics
        assert entries[0].line == {
            "unit": world.unit.name,
            "name": "乙基地",
            "category": "机械（0855）",
            "field": second.field,
            "partner": world.partner.name,
            "credit_code": world.partner.credit_code,
            "partner_kind": "企业",
            "division": str(second.division),
            "industry": "现代能源",
            "cooperation_started_on": second.cooperation_started_on.isoformat(),
            "unit_invested": "200000.00",
            "partner_invested": "300000.00",
            "trained": 8,
            "leader": basics.unit_leader_name,
        }

    def test_stays_as_it_was_reported(self, world: World, two: list[Base]):
        before = list(report(world, two).entries.values_list("line", flat=True))
        PriorContribution.objects.update(amount=1)
        Application.objects.update(name="改名")
        type(world.partner).objects.filter(pk=world.partner.pk).update(name="改名公司")
        assert list(RecommendationEntry.objects.values_list("line", flat=True)) == before


def words_of(stored: StoredFile | None) -> str:
    """All words of a PDF without the spaces and breaks of the setting."""
    assert stored is not None
    with stored.file.open("rb") as content:
        pages = PdfReader(BytesIO(content.read())).pages
        return re.sub(r"\s", "", "".join(page.extract_text() for page in pages))


@pytest.mark.article("8(2)")
class TestTheFilesOfAReport:
    @pytest.fixture
    def made(self, world: World, two: list[Base]) -> Recommendation:
        done = report(world, two)
        (job,) = OutboxJob.objects.filter(name="recommendation_files")
        assert reporting.files_state(done) == "pending"
        jobs.run(job.pk)
        done.refresh_from_db()
        return done

    def test_are_made_once_however_often_they_are_asked_for(self, made: Recommendation):
        files = (made.letter_pdf_id, made.summary_pdf_id, made.summary_xlsx_id)
        again = reporting.make_files(made.pk)
        assert (again.letter_pdf_id, again.summary_pdf_id, again.summary_xlsx_id) == files
        assert StoredFile.objects.filter(purpose__startswith="recommendation_").count() == 3
        assert reporting.files_state(made) == "done"

    def test_are_issued_each_under_a_code_of_its_own_that_stands_on_every_page(self, made: Recommendation):
        reporting.make_files(made.pk)
        issued = IssuedRecord.objects.order_by("pk").values_list("kind", "title", "number", "issuer", "issued_on")
        unit, day = made.training_unit.name, made.document.document_date
        assert list(issued) == [
            ("报送函", "关于推荐2026年度研究生联合培养基地的函", made.document.number, unit, day),
            ("申报汇总表", "2026年度研究生联合培养基地申报汇总表", "", unit, day),
        ]
        for record, stored in ((made.letter_record, made.letter_pdf), (made.summary_record, made.summary_pdf)):
            assert record is not None
            assert stored is not None
            assert [copy.sha256 for copy in record.copies.all()] == [stored.sha256]
            with stored.file.open("rb") as content:
                pages = PdfReader(BytesIO(content.read())).pages
                assert [record.shown_code in page.extract_text() for page in pages] == [True] * len(pages)

    def test_the_letter_has_number_addressee_text_and_the_table(self, world: World, made: Recommendation):
        words = words_of(made.letter_pdf)
        for said in (
            made.document.number, "关于推荐2026年度研究生联合培养基地的函", "内蒙古自治区教育厅：", *made.text.splitlines()[:2],
            "公示时间为2026年11月2日至2026年11月9日；所推荐的基地在公示期间没有收到异议",
            "附件：2026年度研究生联合培养基地申报汇总表", world.unit.name, "2026年11月10日", "甲基地", "系统生成，未盖章",
        ):  # fmt: skip
            assert re.sub(r"\s", "", said) in words, said

    def test_the_summary_lies_across_with_all_its_columns_and_sums(self, world: World, made: Recommendation):
        words = words_of(made.summary_pdf)
        headings = [str(heading) for _key, heading, *_widths in reporting.SUMMARY_COLUMNS]
        assert [heading for heading in headings if re.sub(r"\s", "", heading) not in words] == []
        assert len(headings) == 15
        assert "合计2个406016" in words
        assert made.summary_pdf is not None
        with made.summary_pdf.file.open("rb") as content:
            box = PdfReader(BytesIO(content.read())).pages[0].mediabox
        assert (round(box.width), round(box.height)) == (842, 595)

    def test_a_long_table_repeats_its_heading_and_cuts_no_row(self, world: World, two: list[Base]):
        done = report(world, two)
        first = done.entries.all()[0]
        lines = [first.line | {"name": f"第{n}号联合培养基地"} for n in range(60)]
        rows = [{"position": n, **line} for n, line in enumerate(lines, start=1)]
        shown = [[reporting.printed_cell(key, row[key]) for key, *_ in reporting.SUMMARY_COLUMNS] for row in rows]
        columns = [(heading, share) for _key, heading, share, _width in reporting.SUMMARY_COLUMNS]
        table: typesetting.Annex = {"title": "汇总表", "columns": columns, "rows": shown, "wide": True}
        pdf = typesetting.render_table(table, author="")
        pages = [re.sub(r"\s", "", page.extract_text()) for page in PdfReader(BytesIO(pdf)).pages]
        assert len(pages) > 2
        assert ["统一社会信用代码" in page for page in pages] == [True] * len(pages)
        assert [sum(f"第{n}号联合培养基地" in page for page in pages) for n in range(60)] == [1] * 60

    def test_the_excel_holds_numbers_and_dates_that_can_be_worked_with(self, world: World, made: Recommendation):
        assert made.summary_xlsx is not None
        with made.summary_xlsx.file.open("rb") as content:
            sheet = load_workbook(BytesIO(content.read())).worksheets[0]
        rows = list(sheet.iter_rows(values_only=True))
        assert rows[0][0] == "2026年度研究生联合培养基地申报汇总表"
        assert list(rows[1]) == [str(heading) for _key, heading, *_widths in reporting.SUMMARY_COLUMNS]
        started = world.application(made.entries.all()[0].application.base).cooperation_started_on
        assert rows[2][10].date() == started
        assert rows[2][11:14] == (20, 30, 8)
        assert rows[4][11:14] == (40, 60, 16)

    def test_are_for_the_units_office_and_the_department(
        self, world: World, made: Recommendation, signed_in: SignedIn, anybody: Client
    ):
        everybody = world.everybody() | {"other unit's officer": world.other_unit_officer}
        for stored in (made.letter_pdf, made.summary_pdf, made.summary_xlsx):
            assert stored is not None
            clients = {who: signed_in(acting) for who, acting in everybody.items()} | {"public": anybody}
            allowed = {who for who, client in clients.items() if client.get(f"/files/{stored.key}/").status_code == 200}
            assert allowed == {Role.UNIT_OFFICER, Role.DEPT_OFFICER, Role.DEPT_LEADER}


@pytest.mark.article("8(2)")
class TestThePageOfAReport:
    def readers(self, world: World) -> dict[str, Acting]:
        return world.everybody() | {"other unit": world.other_unit_officer, "other applicant": world.other_applicant}

    def test_is_for_the_unit_the_department_and_its_applicants(self, world: World, two: list[Base]):
        done = report(world, two)
        seen = {who for who, acting in self.readers(world).items() if done in visible_recommendations(acting)}
        assert seen == {Role.APPLICANT, Role.UNIT_OFFICER, Role.DEPT_OFFICER, Role.DEPT_LEADER}

    def test_shows_an_applicant_their_own_base_alone_and_no_papers(
        self, world: World, two: list[Base], signed_in: SignedIn
    ):
        colleague = person(Role.APPLICANT, training_unit=world.unit)
        Base.objects.filter(pk=two[0].pk).update(applicant=colleague.user)
        done = report(world, two, no_objection_proof=pdf_upload("证明.pdf"))
        assert [e.application.base for e in recommendation_entries(done, colleague)] == [two[0]]
        page = Page.of(signed_in(colleague).get(f"/recommendations/{done.pk}/"))
        assert [row[1] for row in page.rows()] == ["甲基地"]
        assert [link for link in page.links() if link.startswith("/files/")] == []

    def test_offers_the_files_once_they_are_made(self, world: World, two: list[Base], signed_in: SignedIn):
        done, client = report(world, two), signed_in(world.officer)
        page = Page.of(client.get(f"/recommendations/{done.pk}/"))
        assert page.heading == "关于推荐2026年度研究生联合培养基地的函"
        assert "报送函和汇总表：正在排队或办理，请稍候" in page.text
        reporting.make_files(done.pk)
        done.refresh_from_db()
        part = Page.of(client.get(f"/recommendations/{done.pk}/files-state/"))
        links = {e.get("href") for e in part.root.iter("a")}
        stored = (done.letter_pdf, done.summary_pdf, done.summary_xlsx)
        assert links == {f"/files/{each.key}/" for each in stored if each}


@pytest.mark.article("8(2)")
class TestTheReportPage:
    URL = "/recommendations/report/"

    @pytest.fixture
    def client(self, world: World, two: list[Base], on_day: Callable[[date], None], signed_in: SignedIn) -> Client:
        client = signed_in(world.unit_officer)
        on_day(AFTER)
        return client

    def ticked(self, page: Page) -> dict[str, bool]:
        boxes = (e for e in page.main.iter("input") if e.get("name") == "bases")
        return {e.get("value", ""): e.get("checked") is not None for e in boxes}

    def sent(self, client: Client, **changes: Any) -> dict[str, Any]:
        page = Page.of(client.get(self.URL))
        given = {name: page.value(name) for name in ("text", "document_date", "notice_link")}
        return given | {"bases": list(self.ticked(page))} | changes

    def test_ticks_all_that_can_go_and_lists_the_others_with_the_reason(
        self, world: World, two: list[Base], client: Client
    ):
        object_to(two[1], PUBLISHED)
        page = Page.of(client.get(self.URL))
        assert self.ticked(page) == {str(two[0].pk): True}
        assert page.text.endswith("暂不能报送的基地1 乙基地本基地有 1 件异议尚未办结，办结前不能继续。")
        assert "教育厅经办、各基地申报人" in page.text

    def test_proposes_a_letter_that_says_what_it_must_and_the_notices_own_address(
        self, world: World, two: list[Base], client: Client
    ):
        page = Page.of(client.get(self.URL))
        round_ = world.application(two[0]).round
        assert reporting.text_reasons(page.value("text"), round_, [notice_of(two[0])]) == ()
        assert page.value("notice_link") == f"http://testserver/public/notices/{notice_of(two[0]).pk}/"
        assert page.value("document_date") == "2026-11-10"

    def test_the_letter_speaks_of_the_objections_to_the_bases_that_go(
        self, world: World, two: list[Base], client: Client
    ):
        """An objection that is still open to another base of the same list is no matter of theirs."""
        object_to(two[1], PUBLISHED)
        assert "所推荐的基地在公示期间没有收到异议" in Page.of(client.get(self.URL)).value("text")
        settle(object_to(two[0], PUBLISHED), "dismissed", world.unit_officer, AFTER)
        assert "收到的异议均已查核办结，没有成立的异议" in Page.of(client.get(self.URL)).value("text")

    def test_reports_and_leads_to_the_report(self, world: World, two: list[Base], client: Client):
        answer = client.post(self.URL, self.sent(client), follow=True)
        done = Recommendation.objects.get()
        assert answer.redirect_chain[-1][0] == f"/recommendations/{done.pk}/"
        assert f"已报送教育厅，文号 {done.document.number}。" in Page.of(answer).text
        assert {fresh(base).state for base in two} == {State.RECOMMENDED}

    def test_a_refusal_keeps_what_was_typed(self, world: World, two: list[Base], client: Client):
        sent = self.sent(client, text="现推荐下列基地，无异议。", bases=[two[0].pk])
        answer = client.post(self.URL, sent)
        page = Page.of(answer)
        assert answer.status_code == 422
        assert "报送函正文还要写明：批次年度（2026）" in page.text
        assert page.value("text") == "现推荐下列基地，无异议。"
        assert self.ticked(page) == {str(two[0].pk): True, str(two[1].pk): False}

    def test_wants_a_link_or_a_picture(self, client: Client):
        page = Page.of(client.post(self.URL, self.sent(client, notice_link="")))
        assert page.beside("notice_link") == ["公示链接和公示截图至少提供一项，用来证明已经公示。"]

    def test_after_the_deadline_says_so_and_takes_nothing(
        self, world: World, two: list[Base], client: Client, on_day: Callable[[date], None]
    ):
        Round.objects.update(closes_on=PUBLISHED, recommend_by=AFTER)
        on_day(AFTER + timedelta(days=1))
        page = Page.of(client.get(self.URL))
        assert "推荐报送已于 2026-11-10 截止，今天是 2026-11-11，不再受理。" in page.text
        assert "text" not in page.names()

    def test_with_nothing_to_report_says_what_to_do(self, world: World, today: date, signed_in: SignedIn):
        page = Page.of(signed_in(world.unit_officer).get(self.URL))
        assert "现在没有可以报送的基地" in page.text

    def test_is_where_the_act_of_the_base_leads(self, two: list[Base], client: Client):
        answer = client.get(f"/bases/{two[1].pk}/acts/recommend/")
        assert answer.headers["Location"] == f"{self.URL}?bases={two[1].pk}"
        assert self.ticked(Page.of(client.get(answer.headers["Location"]))) == {
            str(two[0].pk): False,
            str(two[1].pk): True,
        }


@pytest.mark.article("8(2)")
class TestTheNoticePage:
    URL = "/desk/notices/new/"

    def ticked(self, client: Client, query: str = "") -> dict[str, bool]:
        page = Page.of(client.get(self.URL + query))
        boxes = (e for e in page.main.iter("input") if e.get("name") == "bases")
        return {e.get("value", ""): e.get("checked") is not None for e in boxes}

    def test_takes_over_what_was_chosen_in_the_table(self, world: World, today: date, signed_in: SignedIn):
        first, second = world.reviewed(today), world.reviewed(today)
        ticked = self.ticked(signed_in(world.unit_officer), f"?bases={second.pk}")
        assert ticked == {str(first.pk): False, str(second.pk): True}

    def test_proposes_no_more_than_there_are_places(self, world: World, today: date, signed_in: SignedIn):
        world.round(today, places=1)
        world.names = ["甲", "乙"]
        world.reviewed(today), world.reviewed(today)
        assert sorted(self.ticked(signed_in(world.unit_officer)).values()) == [False, True]
        page = Page.of(signed_in(world.unit_officer).get(self.URL))
        assert "本单位名额 1 个，剩余 1 个。" in page.text

    @pytest.mark.parametrize(("until", "warned"), [(date(2026, 12, 1), True), (date(2026, 12, 2), False)])
    def test_warns_when_the_notice_would_end_too_late_to_report(
        self, world: World, today: date, signed_in: SignedIn, until: date, warned: bool
    ):
        """Published on 24 November the notice ends on 1 December at 24:00; the report goes out on the next day at the earliest."""
        world.reviewed(today)
        Round.objects.update(closes_on=today, recommend_by=until)
        words = Page.of(signed_in(world.unit_officer).get(self.URL)).text
        assert (f"公示到 2026-12-01 24 时才结束，推荐报送截止于 {until}" in words) == warned


def test_a_single_base_is_reported_with_the_same_letter(world: World, two: list[Base]):
    moved = recommending.recommend(base=two[0], acting=world.unit_officer, on=AFTER)
    done = Recommendation.objects.get()
    assert (moved.state, [entry.line["name"] for entry in done.entries.all()]) == (State.RECOMMENDED, ["甲基地"])
    assert done.notice_link == f"/public/notices/{notice_of(two[0]).pk}/"


@pytest.mark.article("8(2)")
def test_an_application_of_an_earlier_round_is_reviewed_no_more(world: World, today, signed_in: SignedIn, on_day):
    base = world.in_state(State.NOT_RECOMMENDED, today)
    old = world.application(base)
    later = date(today.year + 1, 3, 1)
    world.round(later)
    base = declaring.redeclare(base=base, acting=world.applicant, on=later)
    base = world.declare(base, later)
    on_day(later)
    new = world.application(base)
    answer = signed_in(world.unit_officer).get(f"/applications/{old.pk}/review/")
    assert answer.url == f"/applications/{new.pk}/review/"
    with pytest.raises(Overtaken):
        recommending.review(
            base=base, acting=world.unit_officer, on=later, application=old,
            **dict.fromkeys(recommending.ASPECTS, "同意。"),
        )  # fmt: skip
