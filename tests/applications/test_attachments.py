"""The attachments of a 申请书 by kind (第八条（一）): what they may be, what is kept, who may have them."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook
from pypdf import PdfWriter

from applications import paper
from applications.models import Application, ApplicationFile, SectionState
from applications.services import attachments, declaring, drafting, readiness
from applications.services.panels import Assignment
from evaluations.demo.paperwork import NEEDED_FILES
from portal.errors import NotYours, Overtaken, Refused
from tests.applications.conftest import SignedIn, fresh
from tests.applications.pages import Page
from tests.conftest import TODAY
from tests.factories import World, person

ID_CARD = "11010519491231002X"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000" "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)  # fmt: skip


def a_pdf(name: str = "材料.pdf", pages: int = 1, weight: int = 0) -> SimpleUploadedFile:
    """A real PDF; ``pages`` make it another one, ``weight`` makes it so many bytes heavier."""
    writer, out = PdfWriter(), io.BytesIO()
    for _page in range(pages):
        writer.add_blank_page(width=595, height=842)
    if weight:
        writer.add_attachment("x.bin", b"\0" * weight)
    writer.write(out)
    return SimpleUploadedFile(name, out.getvalue())


def an_image(name: str = "执照.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PNG)


def a_sheet(name: str = "名单.xlsx") -> SimpleUploadedFile:
    out = io.BytesIO()
    Workbook().save(out)
    return SimpleUploadedFile(name, out.getvalue())


@pytest.fixture
def draft(world: World, on_day: Any) -> Application:
    """A draft without attachments."""
    return world.application(world.draft(TODAY, files=()))


@pytest.fixture
def applicant(world: World, signed_in: SignedIn) -> Client:
    """The browser of the applicant."""
    return signed_in(world.applicant)


def address(application: Application, part: str = "") -> str:
    """The page of the attachments, or what belongs to it."""
    return f"/applications/{application.pk}/edit/attachments/{part}"


def in_force(application: Application) -> list[tuple[str, str]]:
    """Kind and name of what is there."""
    files = ApplicationFile.objects.filter(application=application, removed_at=None).select_related("stored")
    return [(each.kind, each.stored.name) for each in files]


def refusal_of(act: Callable[[], Any]) -> tuple[str, ...]:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.reasons


@pytest.mark.article("8(1)")
class TestAdding:
    def test_a_file_is_kept_under_its_kind_with_who_brought_it(self, world: World, draft: Application):
        file = attachments.add(
            application=draft, kind="agreement", upload=a_pdf("协议.pdf"), by=world.applicant, on=TODAY
        )
        assert (file.kind, file.stored.name, file.stored.kind, file.stored.purpose, file.added_by, file.replaces) == (
            "agreement", "协议.pdf", "pdf", "application_attachment", world.applicant.user, None,
        )  # fmt: skip
        state = SectionState.objects.get(application=draft, section="attachments")
        assert (state.version, state.saved_by) == (1, world.applicant.user)

    @pytest.mark.parametrize("kind", paper.FILE_KINDS, ids=lambda kind: kind.key)
    def test_the_type_is_found_from_the_content_and_not_from_the_name(
        self, world: World, draft: Application, kind: paper.FileKind
    ):
        made = {"pdf": a_pdf, "png": an_image, "xlsx": a_sheet}
        refused = {}
        for key, make in made.items():
            try:
                attachments.add(application=draft, kind=kind.key, upload=make("名字.pdf"), by=world.applicant, on=TODAY)
            except Refused as refusal:
                refused[key] = refusal.reasons[0]
        expected = [key for key in made if key in kind.kinds][: kind.most]
        assert [key for key in made if key not in refused] == expected
        of_its_type = [why for key, why in refused.items() if key not in kind.kinds]
        assert all("改扩展名不会改变内容" in why for why in of_its_type)
        assert len(of_its_type) == len(set(made) - set(kind.kinds))

    def test_a_broken_file_is_refused_in_words(self, world: World, draft: Application):
        broken = SimpleUploadedFile("协议.pdf", b"%PDF-1.7\nnothing more")
        assert refusal_of(
            lambda: attachments.add(application=draft, kind="agreement", upload=broken, by=world.applicant, on=TODAY)
        ) == ("这个 PDF 文件不完整或已损坏，没有保存。请重新扫描或导出后再上传。",)
        assert in_force(draft) == []

    def test_a_file_over_the_limit_of_its_kind_is_refused(self, world: World, draft: Application):
        heavy = a_pdf(weight=0)
        heavy.size = 21 * 1024 * 1024
        assert refusal_of(
            lambda: attachments.add(application=draft, kind="agreement", upload=heavy, by=world.applicant, on=TODAY)
        ) == ("文件有 21.0 MB，超过 20 MB 的限制，没有保存。请压缩或降低扫描精度后重新上传。",)

    def test_all_attachments_together_weigh_at_most_two_hundred_megabytes(self, world: World, draft: Application):
        old = attachments.add(application=draft, kind="agreement", upload=a_pdf(), by=world.applicant, on=TODAY)
        old.stored.size = paper.MAX_TOTAL_MB * 1024 * 1024
        old.stored.save()
        (reason,) = refusal_of(
            lambda: attachments.add(
                application=draft, kind="other", upload=a_pdf(pages=2), by=world.applicant, on=TODAY
            )
        )
        assert reason.startswith("加上这个文件，附件合计有 200.0 MB，超过 200 MB 的限制，没有保存。")
        # What is replaced makes room.
        attachments.add(
            application=draft, kind="agreement", upload=a_pdf(pages=2), by=world.applicant, on=TODAY, replaces=old
        )
        attachments.add(application=draft, kind="other", upload=a_pdf(pages=3), by=world.applicant, on=TODAY)
        assert in_force(draft) == [("agreement", "材料.pdf"), ("other", "材料.pdf")]

    @pytest.mark.parametrize("kind", ["sealed_form", "partner_licence"])
    def test_no_kind_takes_more_files_than_it_may_have(self, world: World, draft: Application, kind: str):
        most = paper.FILES_BY_KEY[kind].most
        for number in range(most):
            attachments.add(application=draft, kind=kind, upload=a_pdf(pages=number + 1), by=world.applicant, on=TODAY)
        (reason,) = refusal_of(
            lambda: attachments.add(application=draft, kind=kind, upload=a_pdf(pages=9), by=world.applicant, on=TODAY)
        )
        assert (
            reason
            == {
                "sealed_form": "“申请书盖章扫描件”已有一个文件，没有保存。要换新的，请用该文件旁的“替换”。",
                "partner_licence": "“合作单位证照”最多 3 个文件，已经满了，没有保存。请先移除或替换其中一个。",
            }[kind]
        )
        assert len(in_force(draft)) == most

    def test_the_same_file_twice_is_said(self, world: World, draft: Application):
        attachments.add(application=draft, kind="agreement", upload=a_pdf("甲.pdf"), by=world.applicant, on=TODAY)
        assert refusal_of(
            lambda: attachments.add(
                application=draft, kind="agreement", upload=a_pdf("乙.pdf"), by=world.applicant, on=TODAY
            )
        ) == ("这个文件与已上传的“甲.pdf”内容完全相同，没有重复保存。请检查是否选错了文件。",)
        # One document may prove two things.
        other = attachments.add(
            application=draft, kind="partner_rules", upload=a_pdf("乙.pdf"), by=world.applicant, on=TODAY
        )
        twin = attachments.same_elsewhere(other)
        assert twin is not None
        assert (twin.kind, twin.stored.name) == ("agreement", "甲.pdf")

    def test_no_id_card_number_in_a_file_name(self, world: World, draft: Application):
        assert refusal_of(
            lambda: attachments.add(
                application=draft, kind="other", upload=a_pdf(f"张三{ID_CARD}.pdf"), by=world.applicant, on=TODAY
            )
        ) == ("文件名中含有居民身份证号，平台不收集身份证号，没有保存。请改名后重新上传。",)

    def test_nobody_but_the_applicants_adds_or_removes(self, world: World, draft: Application):
        file = attachments.add(application=draft, kind="agreement", upload=a_pdf(), by=world.applicant, on=TODAY)
        for who in (world.unit_officer, world.officer, world.other_applicant, world.partner_officer):
            with pytest.raises(NotYours):
                attachments.add(application=draft, kind="other", upload=a_pdf(pages=2), by=who, on=TODAY)
            with pytest.raises(NotYours):
                attachments.remove(file=file, by=who, on=TODAY)
        assert in_force(draft) == [("agreement", "材料.pdf")]

    def test_a_colleague_who_fills_in_the_paper_may(self, world: World, draft: Application):
        colleague = person("applicant", training_unit=world.unit)
        drafting.set_co_applicants(base=draft.base, users=[colleague.user], by=world.applicant)
        attachments.add(application=draft, kind="agreement", upload=a_pdf(), by=colleague, on=TODAY)
        assert in_force(draft) == [("agreement", "材料.pdf")]

    def test_what_was_handed_in_is_not_changed_any_more(self, world: World, draft: Application, today: Any):
        for kind in NEEDED_FILES:
            file = attachments.add(
                application=draft, kind=kind, upload=a_pdf(f"{kind}.pdf"), by=world.applicant, on=TODAY
            )
        declaring.declare(base=fresh(draft.base), acting=world.applicant, on=TODAY)
        for act in (
            lambda: attachments.add(
                application=draft, kind="other", upload=a_pdf(pages=2), by=world.applicant, on=TODAY
            ),
            lambda: attachments.remove(file=file, by=world.applicant, on=TODAY),
        ):
            with pytest.raises(Overtaken):
                act()
        assert len(in_force(draft)) == len(NEEDED_FILES)


@pytest.mark.article("8(1)")
class TestReplacingAndRemoving:
    def test_the_old_file_stays_on_record(self, world: World, draft: Application):
        old = attachments.add(
            application=draft, kind="sealed_form", upload=a_pdf("一.pdf"), by=world.applicant, on=TODAY
        )
        new = attachments.add(
            application=draft, kind="sealed_form", upload=a_pdf("二.pdf", 2), by=world.applicant, on=TODAY, replaces=old
        )
        old.refresh_from_db()
        assert (new.replaces, old.removed_by, old.removed_at is None) == (old, world.applicant.user, False)
        assert in_force(draft) == [("sealed_form", "二.pdf")]
        assert old.stored.file.storage.exists(old.stored.file.name)

    def test_a_file_that_is_gone_cannot_be_replaced_or_removed_again(self, world: World, draft: Application):
        old = attachments.add(application=draft, kind="agreement", upload=a_pdf("一.pdf"), by=world.applicant, on=TODAY)
        attachments.remove(file=old, by=world.applicant, on=TODAY)
        with pytest.raises(Overtaken) as overtaken:
            attachments.add(
                application=draft, kind="agreement", upload=a_pdf(pages=2), by=world.applicant, on=TODAY, replaces=old
            )
        assert overtaken.value.reasons == ("要替换的文件已经不在，没有保存。请刷新页面，看过现有的文件后再上传。",)
        with pytest.raises(Overtaken) as overtaken:
            attachments.remove(file=old, by=world.applicant, on=TODAY)
        assert overtaken.value.reasons == ("“一.pdf”已被移除或替换，没有再次移除。",)

    def test_a_file_of_another_kind_or_application_is_not_replaced(self, world: World, draft: Application):
        mine = attachments.add(application=draft, kind="agreement", upload=a_pdf(), by=world.applicant, on=TODAY)
        elsewhere = world.application(world.draft(TODAY, files=["other"])).files.get()
        for old in (mine, elsewhere):
            with pytest.raises(Overtaken):
                attachments.add(
                    application=draft, kind="other", upload=a_pdf(pages=2), by=world.applicant, on=TODAY, replaces=old
                )
        assert in_force(draft) == [("agreement", "材料.pdf")]


@pytest.mark.article("8(1)")
class TestTheSealedScan:
    def test_is_good_until_the_content_is_changed(self, world: World, draft: Application):
        assert readiness.changed_after_sealing(draft) is None
        attachments.add(application=draft, kind="agreement", upload=a_pdf(), by=world.applicant, on=TODAY)
        sealed = attachments.add(application=draft, kind="sealed_form", upload=a_pdf(), by=world.applicant, on=TODAY)
        assert readiness.changed_after_sealing(draft) is None
        saved = drafting.save_section(
            application=draft, section="plan", by=world.applicant, on=TODAY, values={"reason": "又改了。"}
        )
        assert readiness.changed_after_sealing(draft) == saved.at
        attachments.add(
            application=draft, kind="sealed_form", upload=a_pdf(pages=2), by=world.applicant, on=TODAY, replaces=sealed
        )
        assert readiness.changed_after_sealing(draft) is None

    def test_does_not_list_an_attachment_that_came_after_it(self, world: World, draft: Application):
        attachments.add(application=draft, kind="sealed_form", upload=a_pdf(), by=world.applicant, on=TODAY)
        later = attachments.add(application=draft, kind="other", upload=a_pdf(), by=world.applicant, on=TODAY)
        assert readiness.changed_after_sealing(draft) == later.added_at

    def test_the_page_says_so_and_leads_to_the_print(self, world: World, draft: Application, applicant: Client):
        attachments.add(application=draft, kind="sealed_form", upload=a_pdf(), by=world.applicant, on=TODAY)
        words = "盖章件上传后内容又有改动，请重新打印盖章。"
        page = Page.of(applicant.get(address(draft)))
        assert words not in page.text
        assert f"/applications/{draft.pk}/print/" in page.links()
        drafting.save_section(
            application=draft, section="plan", by=world.applicant, on=TODAY, values={"reason": "又改了。"}
        )
        assert words in Page.of(applicant.get(address(draft))).text


@pytest.mark.article("8(1)")
class TestThePage:
    def test_has_a_card_for_every_kind_with_what_it_takes(self, draft: Application, applicant: Client):
        page = Page.of(applicant.get(address(draft)))
        cards = {
            e.get("id", "").removeprefix("file_"): "".join(e.itertext())
            for e in page.main.iter("section")
            if (e.get("id") or "").startswith("file_")
        }
        assert sorted(cards) == sorted(kind.key for kind in paper.FILE_KINDS)
        assert list(cards)[-1] == "sealed_form"
        assert "PDF，一个文件，不超过 20 MB。" in cards["sealed_form"]
        assert "PDF、PNG 图片、JPG 图片，最多 3 个文件，每个不超过 20 MB。" in cards["partner_licence"]
        assert ("必须上传" in cards["mentors"], "可以不传" in cards["other"]) == (True, True)

    def test_several_files_at_once_and_one_that_is_refused_does_not_hold_up_the_others(
        self, draft: Application, applicant: Client
    ):
        sent = {"file": [a_pdf("一.pdf"), an_image("二.pdf"), a_pdf("三.pdf", 3)]}
        page = Page.of(applicant.post(address(draft, "agreement/upload/"), sent))
        assert page.status == 422
        assert "二.pdf：文件实际是图片，不是 PDF（改扩展名不会改变内容），没有保存。" in page.text
        assert "已上传 一.pdf。" in page.text
        assert in_force(draft) == [("agreement", "一.pdf"), ("agreement", "三.pdf")]

    def test_without_a_file_it_says_what_is_missing(self, draft: Application, applicant: Client):
        page = Page.of(applicant.post(address(draft, "agreement/upload/")))
        assert (page.status, "还没有选择文件，请先选择再上传。" in page.text) == (422, True)

    def test_a_plain_upload_comes_back_to_its_card(self, draft: Application, applicant: Client):
        answer = applicant.post(address(draft, "agreement/upload/"), {"file": a_pdf("协议.pdf")})
        assert answer["Location"] == address(draft) + "#file_agreement"
        page = Page.of(applicant.get(address(draft)))
        assert "已上传 协议.pdf。" in page.text
        assert any(e.get("src") == f"/files/{draft.files.get().stored.key}/" for e in page.main.iter("iframe"))

    def test_asked_from_the_page_it_answers_with_the_card_and_what_stands_around_it(
        self, draft: Application, applicant: Client
    ):
        answer = applicant.post(
            address(draft, "partner_licence/upload/"), {"file": an_image()}, headers={"HX-Request": "true"}
        )
        page = Page.of(answer)
        ids = [e.get("id") for e in page.root.iter() if e.get("id") in {
            "file_partner_licence", "files_total", "draft-sections", "draft-checks", "sealed_warning", "file_agreement",
        }]  # fmt: skip
        assert sorted(ids) == [
            "draft-checks",
            "draft-sections",
            "file_partner_licence",
            "files_total",
            "sealed_warning",
        ]
        thumbs = [e.get("src") for e in page.root.iter("img")]
        assert thumbs == [f"/files/{draft.files.get().stored.key}/"]

    def test_replacing_and_removing_lead_to_the_earlier_files(
        self, world: World, draft: Application, applicant: Client
    ):
        applicant.post(address(draft, "agreement/upload/"), {"file": a_pdf("一.pdf")})
        first = draft.files.get()
        applicant.post(address(draft, "agreement/upload/"), {"file": a_pdf("二.pdf", 2), "replaces": first.pk})
        second = draft.files.get(replaces=first)
        assert in_force(draft) == [("agreement", "二.pdf")]
        applicant.post(address(draft, f"{second.pk}/remove/"))
        assert in_force(draft) == []
        page = Page.of(applicant.get(address(draft, "agreement/history/")))
        assert [row[0] for row in page.rows()] == ["二.pdf", "一.pdf"]
        assert page.rows()[0][3].startswith("已移除，申报教授")
        assert page.rows()[1][3].startswith("已被 二.pdf 替换，申报教授")
        assert "替换 一.pdf" in page.rows()[0][2]

    def test_the_same_document_under_two_kinds_is_said(self, draft: Application, applicant: Client):
        applicant.post(address(draft, "agreement/upload/"), {"file": a_pdf("一.pdf")})
        applicant.post(address(draft, "mentors/upload/"), {"file": a_pdf("二.pdf")})
        assert (
            "它与“联合培养协议”中的 一.pdf 内容完全相同，请确认没有选错。"
            in Page.of(applicant.get(address(draft))).text
        )

    def test_after_the_deadline_nothing_is_kept(self, draft: Application, applicant: Client, on_day: Any):
        closes = draft.round.closes_on
        on_day(closes.replace(year=closes.year + 1))
        assert applicant.get(address(draft))["Location"] == f"/bases/{draft.base_id}/"
        refused = Page.of(applicant.post(address(draft, "agreement/upload/"), {"file": a_pdf()}))
        assert (refused.status, "申报期限" in refused.text) == (409, True)
        asked = applicant.post(address(draft, "agreement/upload/"), {"file": a_pdf()}, headers={"HX-Request": "true"})
        assert (asked.status_code, asked["HX-Redirect"]) == (204, f"/bases/{draft.base_id}/")
        assert in_force(draft) == []

    def test_it_is_for_the_applicants_alone(self, world: World, draft: Application, signed_in: SignedIn):
        file = attachments.add(application=draft, kind="agreement", upload=a_pdf(), by=world.applicant, on=TODAY)
        for who, status in ((world.other_applicant, 404), (world.unit_officer, 403), (world.officer, 403)):
            client = signed_in(who)
            answers = [
                client.get(address(draft)),
                client.get(address(draft, "agreement/history/")),
                client.post(address(draft, "agreement/upload/"), {"file": a_pdf(pages=2)}),
                client.post(address(draft, f"{file.pk}/remove/")),
            ]
            assert [answer.status_code for answer in answers] == [status] * 4
        assert in_force(draft) == [("agreement", "材料.pdf")]

    def test_takes_a_constant_number_of_queries(self, world: World, draft: Application, applicant: Client):
        def queries() -> int:
            with CaptureQueriesContext(
                connection,
            ) as counted:
                assert applicant.get(address(draft)).status_code == 200
            return len(counted)

        applicant.get(address(draft))
        attachments.add(application=draft, kind="other", upload=a_pdf(), by=world.applicant, on=TODAY)
        before = queries()
        for number in range(2, 9):
            attachments.add(application=draft, kind="other", upload=a_pdf(pages=number), by=world.applicant, on=TODAY)
        assert queries() == before


@pytest.mark.article("8(1)")
class TestWhoMayHaveThem:
    def statuses(self, world: World, signed_in: SignedIn, file: ApplicationFile) -> list[int]:
        readers = [
            world.applicant, world.unit_officer, world.officer, world.partner_officer, world.experts[0],
            world.other_applicant, world.other_unit_officer, world.other_partner_officer, world.sysadmin,
        ]  # fmt: skip
        return [signed_in(reader).get(f"/files/{file.stored.key}/").status_code for reader in readers]

    def test_of_a_draft_its_applicants_and_its_unit(self, world: World, draft: Application, signed_in: SignedIn):
        file = attachments.add(application=draft, kind="agreement", upload=a_pdf(), by=world.applicant, on=TODAY)
        assert self.statuses(world, signed_in, file) == [200, 200, *[404] * 7]

    def test_of_what_was_taken_away_before_it_was_declared_its_applicants_alone(
        self, world: World, draft: Application, signed_in: SignedIn
    ):
        file = attachments.add(application=draft, kind="agreement", upload=a_pdf(), by=world.applicant, on=TODAY)
        attachments.remove(file=file, by=world.applicant, on=TODAY)
        assert self.statuses(world, signed_in, file) == [200, *[404] * 8]

    def test_what_was_declared_stays_readable_when_it_is_taken_away_afterwards(
        self, world: World, signed_in: SignedIn, on_day: Any
    ):
        base = world.declared(TODAY)
        declaring.return_for_revision(base=base, acting=world.unit_officer, on=TODAY, reason="请换协议。")
        draft = world.application(base)
        file = draft.files.get(kind="agreement")
        attachments.remove(file=file, by=world.applicant, on=TODAY)
        assert self.statuses(world, signed_in, file) == [200, 200, 200, 404, 404, 404, 404, 404, 404]

    def test_the_experts_who_review_it(self, world: World, signed_in: SignedIn, on_day: Any):
        base = world.open_review(world.recommended(TODAY), TODAY)
        file = world.application(base).files.get(kind="agreement")
        assert Assignment.objects.filter(expert=world.experts[0].user).exists()
        assert self.statuses(world, signed_in, file) == [200, 200, 200, 200, 404, 404, 404, 404, 404]
        world.declare_free(base.panels.get(), TODAY)
        assert self.statuses(world, signed_in, file) == [200, 200, 200, 200, 200, 404, 404, 404, 404]


@pytest.mark.article("8(1)")
@pytest.mark.django_db(transaction=True)
def test_two_uploads_at_the_same_moment_for_a_kind_with_one_place(world: World, at_once: Any):
    draft = world.application(world.draft(TODAY, files=()))

    def upload(pages: int) -> Callable[[], Any]:
        return lambda: attachments.add(
            application=draft, kind="sealed_form", upload=a_pdf(f"{pages}.pdf", pages), by=world.applicant, on=TODAY
        )

    results = at_once(upload(1), upload(2))
    kept = [each for each in results if isinstance(each, ApplicationFile)]
    refused = [each.reasons for each in results if isinstance(each, Refused)]
    assert len(kept) == 1
    assert refused == [("“申请书盖章扫描件”已有一个文件，没有保存。要换新的，请用该文件旁的“替换”。",)]
    assert in_force(draft) == [("sealed_form", kept[0].stored.name)]
