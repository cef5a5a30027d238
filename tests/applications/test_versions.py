"""Two versions of an application side by side, for those who may read them."""

from datetime import date

import pytest

from applications import queries
from applications.services import attachments, declaring, drafting
from bases.models import Base
from evaluations.demo.paperwork import attach
from portal.acting import Acting
from portal.roles import Role
from tests.applications.conftest import SignedIn, fresh
from tests.applications.pages import Page
from tests.conftest import TODAY
from tests.factories import World, pdf_upload


@pytest.fixture
def twice(world: World, today: date) -> Base:
    """Declared, sent back, mended, and declared again."""
    base = world.declared(today, name="原来的名称")
    declaring.return_for_revision(base=base, acting=world.unit_officer, on=today, reason="名称不规范。")
    application = world.application(base)
    drafting.save_section(
        application=application, section="cover", by=world.applicant, on=TODAY, values={"name": "规范的名称"}
    )
    return world.declare(fresh(base), today)


def page(world: World, base: Base, acting: Acting, signed_in: SignedIn, query: str = "") -> Page:
    return Page.of(signed_in(acting).get(f"/applications/{world.application(base).pk}/versions/{query}"))


@pytest.mark.article("8(1)")
class TestSideBySide:
    @pytest.mark.parametrize("role", [Role.APPLICANT, Role.UNIT_OFFICER, Role.DEPT_OFFICER, Role.DEPT_LEADER])
    def test_each_change_stands_with_both_wordings(self, world: World, twice: Base, signed_in: SignedIn, role: str):
        shown = page(world, twice, world.everybody()[role], signed_in)
        assert shown.rows() == [["封面"], ["基地名称", "原来的名称", "规范的名称"]]
        assert "名称不规范。" in shown.words

    def test_the_draft_is_compared_for_those_who_write_it_alone(self, world: World, today, signed_in: SignedIn):
        base = world.declared(today, name="原来的名称")
        declaring.return_for_revision(base=base, acting=world.unit_officer, on=today, reason="名称不规范。")
        drafting.save_section(
            application=world.application(base),
            section="cover",
            by=world.applicant,
            on=TODAY,
            values={"name": "草稿的名称"},
        )
        assert page(world, base, world.applicant, signed_in).rows()[1] == ["基地名称", "原来的名称", "草稿的名称"]
        for reader in (world.officer, world.leader):
            shown = page(world, base, reader, signed_in)
            assert (shown.rows(), "草稿的名称" in shown.words) == ([], False)

    def test_one_version_alone_has_nothing_to_compare(self, world: World, today, signed_in: SignedIn):
        shown = page(world, world.declared(today), world.officer, signed_in)
        assert "只有一个版本，还没有可以比较的内容。" in shown.words

    @pytest.mark.parametrize("query", ["?from=1&to=9", "?from=9&to=2"])
    def test_a_version_that_does_not_exist_is_not_found(
        self, world: World, twice: Base, signed_in: SignedIn, query: str
    ):
        shown = page(world, twice, world.officer, signed_in, query)
        assert (shown.status, shown.heading) == (404, "没有找到这个页面")

    def test_another_unit_finds_nothing(self, world: World, twice: Base, signed_in: SignedIn):
        shown = page(world, twice, world.other_unit_officer, signed_in)
        assert (shown.status, shown.heading) == (404, "没有找到这个页面")


@pytest.mark.article("4")
def test_a_partner_reads_the_newest_version_alone_and_its_files(world: World, today: date, signed_in: SignedIn):
    """The version before may have named another partner, whose figures are none of this one's business."""
    base = world.draft(today)
    application = world.application(base)
    attach(application, world.applicant, ["other"], pdf_upload, one_for_all=False)
    licence = application.files.get(kind="other")
    base = world.declare(base, today)
    declaring.return_for_revision(base=base, acting=world.unit_officer, on=today, reason="更换合作单位。")
    drafting.save_section(
        application=application, section="cover", by=world.applicant, on=TODAY, values={"partner": world.other_partner}
    )
    attachments.remove(file=licence, by=world.applicant, on=TODAY)
    attach(application, world.applicant, ["other", "sealed_form"], pdf_upload, one_for_all=False)
    world.declare(fresh(base), today)
    client = signed_in(world.other_partner_officer)
    addresses = ("preview/", "preview/?version=1", "preview/?version=2", "versions/")
    answers = [client.get(f"/applications/{application.pk}/{address}").status_code for address in addresses]
    assert answers == [200, 404, 200, 403]
    reading = queries.read(application, world.other_partner_officer, today)
    assert reading is not None
    assert reading.content.value("partner") == world.other_partner.name
    newest = application.files.get(kind="other", removed_at=None)
    assert [client.get(f"/files/{each.stored.key}/").status_code for each in (licence, newest)] == [404, 200]
