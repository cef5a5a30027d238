"""协议: its pages for both sides, from the draft that saves itself to the comparison of two versions."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.models import Agreement
from agreements.services import agreements
from bases.models import Base
from portal.acting import Acting
from portal.models import OutboxJob
from portal.roles import Role
from tests.agreements.agreed import agreed
from tests.agreements.conftest import Cooperating
from tests.factories import World, pdf_upload

SignedIn = Callable[[Acting], Client]
pytestmark = pytest.mark.article("10")


@pytest.fixture
def world(cooperating: Cooperating, db: None) -> World:
    """The people of the module, their counters as they were."""
    return replace(cooperating.world)


@pytest.fixture
def base(world: World, cooperating: Cooperating) -> Base:
    """A base in construction since today."""
    return Base.objects.get(pk=cooperating.base)


def at(name: str, base: Base, *rest: object) -> str:
    """The address of a page of the agreements of a base."""
    return reverse(name, args=[base.pk, *rest])


def post(client: Client, address: str, **sent: object) -> str:
    """The page after a form was sent."""
    answer = client.post(address, sent, follow=True)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_both_sides_come_from_nothing_to_an_agreement_in_force(
    world: World, base: Base, today: date, signed_in: SignedIn
) -> None:
    unit, partner = signed_in(world.unit_officer), signed_in(world.partner_officer)
    post(unit, at("agreement-new", base), kind="first")
    form = unit.get(at("agreement-edit", base, 1)).context["form"]
    sent = {field.html_name: "" if field.value() is None else field.value() for field in form}
    sent |= {
        "goals": "合作攻关。", "unit_representative": "苏和平", "partner_representative": "包长青", "committee_office": "人力资源部",
        "posts_per_year": "12", "insurance_by": "partner", "pay_standard": "每学期三千元",
    }  # fmt: skip
    assert "中还有没有填写的【　】" in post(unit, at("agreement-edit", base, 1), **sent)
    told = unit.post(at("agreement-act", base, 1, "propose"), {"seen": "1"})
    assert (told.status_code, "“培养期限”中还有没有填写的【　】，请填写或者删去。" in told.text) == (422, True)
    sent = {name: str(value).replace("【", "").replace("】", "") for name, value in sent.items()} | {"seen": "1"}
    assert "九项内容和各项约定齐全" in post(unit, at("agreement-edit", base, 1), **sent)
    assert partner.get(at("agreement", base, 1)).status_code == 404
    assert "培养单位正在起草新的协议" in partner.get(at("base-agreements", base)).text
    post(unit, at("agreement-act", base, 1, "propose"), seen="2")
    read = partner.get(at("agreement-act", base, 1, "agree")).context["form"]["seen"].value()
    assert "文本已经双方确认" in post(partner, at("agreement-act", base, 1, "agree"), seen=read)
    signed = {"file": pdf_upload("签署件.pdf"), "signed_on": today.isoformat(), "effective_on": ""}
    assert "等待合作单位核对签署件" in post(unit, at("agreement-act", base, 1, "sign"), **signed)
    seen = partner.get(at("agreement-act", base, 1, "confirm")).context["form"]["seen_file"].value()
    assert "2026-11-24 起生效，至 2029-11-24。" in post(
        partner, at("agreement-act", base, 1, "confirm"), seen_file=seen
    )
    assert Agreement.objects.get().status == "effective"


class TestTheDraftThatSavesItself:
    def test_keeps_what_is_right_and_names_what_is_wrong(
        self, world: World, base: Base, today: date, signed_in: SignedIn
    ):
        drafted = world.draft_agreement(base, today)
        unit = signed_in(world.unit_officer)
        form = unit.get(at("agreement-edit", base, 1)).context["form"]
        sent = {field.html_name: field.value() or "" for field in form} | {
            "posts_per_year": "0", "goals": "新的目标。", "clause_way": "",
        }  # fmt: skip
        answer = unit.post(at("agreement-autosave", base, 1), sent)
        assert (answer.status_code, "以下内容没有保存，其余已保存" in answer.text) == (422, True)
        assert f'value="{drafted.revision + 1}"' in answer.text
        assert "没有约定“联合培养方式”。" in answer.text
        drafted.refresh_from_db()
        assert (drafted.goals, drafted.posts_per_year) == ("新的目标。", 12)

    def test_does_not_write_over_another_window(self, world: World, base: Base, today: date, signed_in: SignedIn):
        drafted = world.draft_agreement(base, today)
        unit = signed_in(world.unit_officer)
        answer = unit.post(at("agreement-autosave", base, 1), {"seen": drafted.revision - 1, "goals": "旧窗口。"})
        assert (answer.status_code, "另一个窗口或者同事刚保存过这份草稿" in answer.text) == (409, True)
        assert Agreement.objects.get().goals != "旧窗口。"

    def test_is_over_once_the_text_is_sent(self, world: World, base: Base, today: date, signed_in: SignedIn):
        world.propose_agreement(base, today)
        answer = signed_in(world.unit_officer).get(at("agreement-edit", base, 1))
        assert answer.headers["Location"] == at("agreement", base, 1)


class TestTwoVersions:
    def test_are_compared_field_by_field_and_word_by_word_with_marks_that_are_words(
        self, world: World, base: Base, today: date, signed_in: SignedIn
    ):
        agreed(world, base, today)
        world.propose_agreement(base, today, posts_per_year=20, stipend_floor_doctor=None)
        page = signed_in(world.partner_officer).get(at("agreement-compare", base))
        rows = {name: (was, now) for name, was, now, pieces in page.context["rows"] if pieces}
        assert rows == {
            "每年提供岗位（个）": ("12", "20"), "博士生活补贴下限（元/人·月）": ("2000.00", "没有约定下限"),
        }  # fmt: skip
        assert '<del><span class="mark-word">删</span>12</del>' in page.text
        assert '<ins><span class="mark-word">增</span>20</ins>' in page.text
        assert "共 23 项，其中 2 项有改动。" in page.text

    def test_that_are_not_there_say_what_to_do(self, world: World, base: Base, signed_in: SignedIn):
        page = signed_in(world.unit_officer).get(at("agreement-compare", base) + "?a=1&b=99999999")
        assert "还没有两份可以对照的协议" in page.text


class TestReading:
    def test_is_for_both_sides_and_the_department_an_unsent_text_for_the_unit_alone(
        self, world: World, base: Base, today: date, signed_in: SignedIn
    ):
        effective = agreed(world, base, today)
        world.draft_agreement(base, today)
        people = world.everybody() | {
            "other unit": world.other_unit_officer,
            "other partner": world.other_partner_officer,
        }
        opened = {
            number: {
                name
                for name, acting in people.items()
                if signed_in(acting).get(at("agreement", base, number)).status_code == 200
            }
            for number in (1, 2)
        }
        everybody = {
            Role.APPLICANT, Role.UNIT_OFFICER, Role.PARTNER_OFFICER, Role.DEPT_OFFICER, Role.DEPT_LEADER,
        }  # fmt: skip
        assert opened == {1: everybody, 2: {Role.APPLICANT, Role.UNIT_OFFICER}}
        assert effective.scan is not None
        scan = reverse("file", args=[effective.scan.key])
        readers = {name for name, acting in people.items() if signed_in(acting).get(scan).status_code == 200}
        assert readers == everybody

    def test_takes_the_same_number_of_queries_for_more_versions(
        self, world: World, base: Base, today: date, signed_in: SignedIn
    ):
        agreed(world, base, today)
        client = signed_in(world.unit_officer)
        client.get(at("base-agreements", base))
        counted = queries_of(client, at("base-agreements", base))
        for year in (1, 2):
            agreed(world, base, date(today.year + year, 11, 25), kind="revision")
        assert queries_of(client, at("base-agreements", base)) == counted


def queries_of(client: Client, address: str) -> int:
    """How many queries a page takes."""
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return len(found)


def test_an_act_that_does_not_fit_the_state_is_not_carried_out(
    world: World, base: Base, today: date, signed_in: SignedIn
) -> None:
    sent = world.propose_agreement(base, today)
    unit, partner = signed_in(world.unit_officer), signed_in(world.partner_officer)
    for client, name in ((unit, "agree"), (unit, "propose"), (partner, "confirm"), (partner, "take-back")):
        answer = client.post(at("agreement-act", base, 1, name), {"seen": sent.revision, "reason": "试试。"})
        assert (answer.status_code, "您现在不能办理" in answer.text) == (409, True)
    assert partner.get(at("agreement-act", base, 1, "dance")).status_code == 404
    assert Agreement.objects.get().status == "proposed"


def test_a_termination_is_recorded_on_a_page_that_says_what_follows(
    world: World, base: Base, today: date, signed_in: SignedIn
) -> None:
    agreed(world, base, today)
    partner, unit = signed_in(world.partner_officer), signed_in(world.unit_officer)
    page = partner.get(at("agreement-act", base, 1, "terminate")).text
    assert "协议到所填的最后有效日为止，不能恢复" in page
    ended = {"ending": "force_majeure", "ended_on": "2026-12-31", "reason": "厂区因洪水停产。"}
    assert "合作单位登记终止，最后有效日 2026-12-31" in post(
        partner, at("agreement-act", base, 1, "terminate"), **ended
    )
    assert "对方已于 2026-11-24 确认知悉。" in post(unit, at("agreement-act", base, 1, "read-ending"))


def test_a_paper_that_failed_is_tried_again_by_either_side(
    world: World, base: Base, today: date, signed_in: SignedIn
) -> None:
    agreement = agreed(world, base, today)
    partner = signed_in(world.partner_officer)
    OutboxJob.objects.filter(key=agreements.pdf_key(agreement)).update(state="failed")
    assert "签署文本没有生成成功" in partner.get(at("agreement-pdf-state", base, 1)).text
    assert "签署文本正在生成" in post(partner, at("agreement-pdf-again", base, 1))
