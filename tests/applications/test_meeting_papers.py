"""第八条（三）（四）: the papers of a meeting say what was decided and by whom, name no expert, and reach nobody outside the department."""

import re
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook
from pypdf import PdfReader

from applications.models import ExpertProfile, MeetingItem, Panel, ReviewMeeting
from applications.services import meeting_conclusion, meeting_papers
from applications.services.meeting_members import Row
from portal.models import IssuedCopy, IssuedRecord, StoredFile, User
from portal.roles import DEPARTMENT_BUSINESS
from tests.applications.meeting import committee, conclude, fresh_meeting, held, scored, seat, sitting, vote
from tests.factories import World, pdf_upload


def text_of(stored: StoredFile | None) -> str:
    """All words of a PDF without the blanks and breaks of the setting."""
    assert stored is not None
    with stored.file.open("rb") as content:
        pages = PdfReader(BytesIO(content.read())).pages
    return re.sub(r"\s", "", "".join(page.extract_text() for page in pages))


def cells_of(content: Any) -> list[list[Any]]:
    """The rows of a sheet below its title."""
    return [list(row) for row in load_workbook(content).worksheets[0].iter_rows(min_row=2, values_only=True)]


@pytest.fixture
def meeting(world: World, today: date) -> ReviewMeeting:
    """A concluded meeting of four of five voting members on two applications; one member worked for the unit, one was against the second."""
    for expert, name in zip(world.experts, ("姚望川", "贺青川", "龙在野", "夏侯敏", "欧阳朔"), strict=True):
        User.objects.filter(pk=expert.user_id).update(full_name=name)
        ExpertProfile.objects.filter(user=expert.user_id).update(name=name)
    scored(world, today, 90, spread=(4, 0, -4))
    scored(world, today, 70)
    found = sitting(world, today)
    ours = Row("本校教授", world.unit.name, "member", present=True)
    observer = Row("纪检员", "机关纪委", "observer", present=True)
    seat(world, found, *committee(3, 4), ours, observer)
    first, second = found.items.all()
    vote(world, first, (3, 0, 0), "agreed")
    vote(world, second, (0, 2, 1), "refused", "方案须重做。")
    return conclude(world, found, today, conclusion="同意第一项。\n第二项不予支持。")


@pytest.mark.article("8(3)")
class TestMinutes:
    def test_say_who_when_where_and_what_was_decided(self, world: World, meeting: ReviewMeeting):
        text = text_of(meeting_papers.make_papers(meeting.pk).minutes_pdf)
        first, second = meeting.items.all()
        wanted = [
            "2026年度研究生联合培养基地评审会议纪要", "时间：2026年11月24日", "地点：教育厅三楼会议室", "主持：白主任（自治区评估院）",
            "记录：记录员（教育厅学位处）", "缺席成员：委员3（外省大学3）", "列席：纪检员（机关纪委）",
            "有表决权的成员应到5人，实到4人，达到三分之二以上，会议有效。", "会议逐项审议2份申请书并表决，同意1份，不同意1份，暂缓0份",
            f"审议“{first.application.base.name}”“{second.application.base.name}”时，本校教授回避，未参加评议和表决。",
            "1.通报专家评审情况和评分汇总。", "3.表决，形成会议结论，提出初步名单。", "同意第一项。", "第二项不予支持。",
            "主持人（签字）", "记录人（签字）", "议题表决结果", "会议成员签到表", second.application.base.name, "方案须重做。",
        ]  # fmt: skip
        assert [words for words in wanted if words not in text] == []
        assert [
            name
            for name in User.objects.filter(expert_profile__isnull=False).values_list("full_name", flat=True)
            if name in text
        ] == []

    def test_are_made_once_and_vouched_for_without_being_public(self, meeting: ReviewMeeting):
        made = meeting_papers.make_papers(meeting.pk)
        again = meeting_papers.make_papers(meeting.pk)
        assert (again.minutes_pdf_id, again.summary_pdf_id, again.summary_xlsx_id) == (
            made.minutes_pdf_id, made.summary_pdf_id, made.summary_xlsx_id,
        )  # fmt: skip
        records = IssuedRecord.objects.filter(pk__in=[made.minutes_record_id, made.summary_record_id])
        assert set(records.values_list("kind", "is_public")) == {("会议纪要", False), ("评分汇总表", False)}
        code = made.minutes_record.shown_code
        assert code in text_of(made.minutes_pdf)

    def test_the_signed_scan_is_known_as_a_copy(self, world: World, meeting: ReviewMeeting):
        made = meeting_papers.make_papers(meeting.pk)
        meeting_conclusion.add_scan(meeting=made, file=pdf_upload("签字.pdf"), by=world.officer)
        assert set(IssuedCopy.objects.filter(record=made.minutes_record).values_list("kind", flat=True)) == {
            "generated", "scan",
        }  # fmt: skip


@pytest.mark.article("8(3)")
class TestSummary:
    def test_gives_the_scores_under_codes_highest_first(self, world: World, meeting: ReviewMeeting):
        made = meeting_papers.make_papers(meeting.pk)
        head, first, second, note = cells_of(made.summary_xlsx.file)
        assert head == [
            "序号", "培养单位", "基地名称", "优先产业", "专家1", "专家2", "专家3", "综合得分", "分差", "名次", "会议结论", "说明",
        ]  # fmt: skip
        assert [float(each) for each in first[4:9]] == [94, 90, 86, 90, 8]
        assert (first[9:], second[9:]) == ([1, "同意", None], [2, "不同意", "方案须重做。"])
        assert "编号按每一项内得分由高到低排列" in note[2]
        text = text_of(made.summary_pdf)
        assert all(words in text for words in ("评分汇总表", "94.00", "86.00", "专家3", "不同意", "以编号代替姓名"))
        assert [
            name
            for name in User.objects.filter(expert_profile__isnull=False).values_list("full_name", flat=True)
            if name in text
        ] == []

    def test_is_a_page_across(self, meeting: ReviewMeeting):
        made = meeting_papers.make_papers(meeting.pk)
        page = PdfReader(made.summary_pdf.file).pages[0]
        assert page.mediabox.width > page.mediabox.height

    def test_waits_until_all_sheets_are_in(self, world: World, today: date):
        scored(world, today)
        base = world.in_review(today)
        found = fresh_meeting(sitting(world, today))
        said = meeting_papers.early_summary(found, meeting_papers.summary_rows(found))
        assert said == "还有 1 份申请书的评分表没有收齐，收齐之前不能看评分汇总。"
        panel = Panel.objects.get(application__base=base)
        world.score(panel, 75, today, count=2)
        row = next(r for r in meeting_papers.summary_rows(found) if r.item.application.base == base)
        assert (row.is_open, row.totals, row.aggregate) == (False, (), None)
        world.score(panel, 75, today)
        rows = meeting_papers.summary_rows(found)
        assert meeting_papers.early_summary(found, rows) == ""
        assert [len(row.totals) for row in rows] == [3, 3]

    def test_of_a_concluded_meeting_hides_what_is_not_all_in(self, world: World, today: date):
        base = world.in_review(today)
        world.score(Panel.objects.get(application__base=base), 75, today, count=2)
        made = meeting_papers.make_papers(conclude(world, held(world, today), today).pk)
        _head, line, _note = cells_of(made.summary_xlsx.file)
        assert line[2:] == [base.name, "现代能源", None, None, None, "同意", None]


@pytest.mark.article("4")
class TestWhoReads:
    def test_papers_and_pages_are_the_departments(self, world: World, meeting: ReviewMeeting, on_day: Any):
        made = meeting_papers.make_papers(meeting.pk)
        meeting_conclusion.add_scan(meeting=made, file=pdf_upload("签字.pdf"), by=world.officer)
        made.refresh_from_db()
        item = MeetingItem.objects.first()
        files = (made.minutes_pdf, made.summary_pdf, made.summary_xlsx, made.signed_scan)
        addresses = [f"/files/{stored.key}/" for stored in files] + [
            f"/rounds/{made.round_id}/meetings/", f"/meetings/{made.pk}/", f"/meetings/{made.pk}/papers-state/",
            f"/meetings/{made.pk}/summary/",
        ]  # fmt: skip
        opened: dict[str, set[str]] = {address: set() for address in addresses}
        for role, acting in world.everybody().items():
            client = Client()
            client.force_login(acting.user)
            for address in addresses:
                answer = client.get(address)
                if answer.status_code == 200:
                    opened[address].add(role)
                elif not address.startswith("/files/"):
                    assert item.application.base.name not in answer.text
        assert opened == {address: set(DEPARTMENT_BUSINESS) for address in addresses}
        assert {Client().get(address).status_code for address in addresses} == {302, 404}

    def test_nobody_of_the_base_reads_of_it_on_its_page(self, world: World, meeting: ReviewMeeting, on_day: Any):
        meeting_papers.make_papers(meeting.pk)
        base = meeting.items.last().application.base
        for acting in (world.applicant, world.unit_officer, world.partner_officer):
            client = Client()
            client.force_login(acting.user)
            page = client.get(f"/bases/{base.pk}/").text
            assert base.name in page
            assert [words for words in ("方案须重做", "评审会议纪要", "白主任", "不予支持") if words in page] == []
