"""第八条（二）（四）: the public form of an objection, its acknowledgement and look-up, and the office's pages for it."""

import base64
import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from applications.models import Objection, ObjectionLook
from applications.services import objection_answers, objections
from bases.models import Base
from portal import human_check, throttle
from tests.applications.conftest import SignedIn
from tests.applications.objecting import FINDINGS, GROUNDS, NAME, PHONE, newest_notice, object_to, settle, take_down
from tests.applications.pages import Page
from tests.conftest import TODAY
from tests.factories import World, pdf_upload

HOUR = 3600


@pytest.fixture
def base(world: World) -> Base:
    return world.in_unit_notice(TODAY)


def url(base: Base) -> str:
    return f"/public/notices/{newest_notice(base).pk}/objections/new/"


@pytest.fixture
def sent(base: Base, human: Callable[[], str]) -> Callable[..., dict[str, Any]]:
    """What the public sends, with the sum that the browser has done."""

    def make(**changes: Any) -> dict[str, Any]:
        given = {
            "base": base.pk, "kind": "person", "name": NAME, "phone": PHONE, "email": "", "grounds": GROUNDS,
            "consent": "on", "human": human(),
        }  # fmt: skip
        return given | changes

    return make


Sent = Callable[..., dict[str, Any]]


@pytest.mark.article("8(2)")
class TestTheForm:
    def test_is_sent_by_anybody_who_then_learns_number_and_code_once(self, base: Base, anybody: Client, sent: Sent):
        files = [pdf_upload("一.pdf"), pdf_upload("二.pdf")]
        page = Page.of(anybody.post(url(base), sent(evidence=files), follow=True))
        filed = Objection.objects.get()
        assert (page.heading, filed.number in page.text, filed.code in page.text) == ("异议已提交", True, True)
        assert "研究生院在 2026-11-27 前决定是否受理。" in page.text
        assert (filed.base, filed.name, filed.phone, filed.grounds, filed.filed_on) == (
            base,
            NAME,
            PHONE,
            GROUNDS,
            TODAY,
        )
        assert [each.stored.name for each in filed.files.all()] == ["一.pdf", "二.pdf"]
        assert [said for said in (NAME, PHONE) if said in page.text] == []
        again = Page.of(anybody.get("/public/objections/filed/"))
        assert (again.heading, filed.code in again.text) == ("查询码只显示一次", False)

    def test_a_unit_names_its_contact(self, base: Base, anybody: Client, sent: Sent):
        unit = {"kind": "unit", "name": "北疆第九大学"}
        page = Page.of(anybody.post(url(base), sent(**unit)))
        assert (page.status, page.beside("contact_person")) == (422, ["以单位名义提出的，请填写联系人。"])
        anybody.post(url(base), sent(**unit, contact_person="钱九"))
        filed = Objection.objects.get()
        assert (filed.kind, filed.contact_person, filed.masked_name) == ("unit", "钱九", "北疆＊＊")

    @pytest.mark.parametrize(
        ("changes", "field", "message"),
        [
            ({"name": ""}, "name", "请填写这一项。"),
            ({"name": "某"}, "name", "请填写真实姓名或单位全称；匿名异议不予受理。"),
            ({"phone": "12345"}, "phone", "手机号应为 11 位，以便核实并答复，请核对。"),
            ({"grounds": "不好"}, "grounds", "请具体写明事实与理由，至少 10 个字。"),
            (
                {"grounds": "他的身份证号是 150102199001010019"},
                "grounds",
                "内容中含有居民身份证号，平台不收集身份证号，请删去后再保存。",
            ),
            ({"consent": ""}, "consent", "请勾选后提交；不同意的，可以用信函向受理部门提出。"),
        ],
    )
    def test_without_real_name_phone_or_grounds_is_refused_and_nothing_is_lost(
        self, base: Base, anybody: Client, sent: Sent, changes: dict[str, str], field: str, message: str
    ):
        given = sent(**changes)
        page = Page.of(anybody.post(url(base), given))
        assert (page.status, page.beside(field)) == (422, [message])
        assert {name: page.value(name) for name in ("name", "phone", "grounds")} == {
            name: given[name] for name in ("name", "phone", "grounds")
        }
        assert "浏览器不会保留所选的文件，改正后请重新选择。" in page.text
        assert Objection.objects.count() == 0

    def test_names_a_base_of_this_list(self, world: World, base: Base, anybody: Client, sent: Sent):
        elsewhere = world.in_unit_notice(TODAY)
        page = Page.of(anybody.post(url(base), sent(base=elsewhere.pk)))
        assert (page.status, page.beside("base")) == (422, ["这个选项已经不能选，请重新选择。"])

    def test_takes_at_most_five_files_of_known_kinds(self, base: Base, anybody: Client, sent: Sent):
        six = [pdf_upload(f"{n}.pdf") for n in range(6)]
        page = Page.of(anybody.post(url(base), sent(evidence=six)))
        assert page.beside("evidence") == ["选了 6 个文件，最多 5 个，没有保存。请合并后重新选择。"]
        mixed = [pdf_upload(), SimpleUploadedFile("证据.exe", b"MZ" * 400)]
        page = Page.of(anybody.post(url(base), sent(evidence=mixed)))
        assert (page.status, Objection.objects.count()) == (422, 0)

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_after_the_period_names_the_supervision_office(
        self, base: Base, anybody: Client, on_day: Callable[[date], None], sent: Sent, method: str
    ):
        address, given = url(base), sent()
        on_day(newest_notice(base).ends_on + timedelta(days=1))
        page = Page.of(getattr(anybody, method)(address, given))
        assert (page.status, page.heading, Objection.objects.count()) == (409, "没有办理", 0)
        assert "公示期为 2026-11-24 至 2026-12-01，今天是 2026-12-02，不在受理期内，异议没有提交。" in page.text
        assert "可向监督部门反映：纪检监察机构，0471-0000000" in page.text


@pytest.mark.article("8(2)")
class TestTheHumanCheck:
    def test_gives_everybody_a_challenge_that_is_not_kept_by_anybody_else(self, db: None):
        answer = Client().get("/human-check/")
        assert sorted(answer.json()) == ["algorithm", "challenge", "maxNumber", "salt", "signature"]
        assert "no-store" in answer["Cache-Control"]

    @pytest.mark.parametrize(
        "payload", ["", "e30=", "W10=", "bnVsbA==", "x" * 5000], ids=["none", "empty", "list", "null", "long"]
    )
    def test_what_is_no_solution_sends_no_form(self, base: Base, anybody: Client, sent: Sent, payload: str):
        answer = anybody.post(url(base), sent(human=payload))
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["human"])
        assert Objection.objects.count() == 0

    def test_a_solution_serves_once_however_it_is_written(self, human: Callable[[], str]):
        given = human()
        again = base64.b64encode(json.dumps(json.loads(base64.b64decode(given)), indent=2).encode()).decode()
        assert (human_check.is_solved(given), human_check.is_solved(again), given == again) == (True, True, False)
        assert [human_check.use_up(each) for each in (given, again)] == [True, False]

    def test_a_solution_serves_once(self, base: Base, anybody: Client, sent: Sent):
        given = sent()
        first, second = anybody.post(url(base), given), anybody.post(url(base), given)
        assert (first.status_code, second.status_code) == (302, 422)
        assert "人机验证已过期或者没有通过" in second.text
        assert Objection.objects.count() == 1

    def test_a_form_that_was_wrong_otherwise_does_not_use_it_up(self, base: Base, anybody: Client, sent: Sent):
        given = sent()
        assert anybody.post(url(base), given | {"phone": "1"}).status_code == 422
        assert anybody.post(url(base), given).status_code == 302

    def test_is_over_after_half_an_hour(self, human: Callable[[], str], monkeypatch: pytest.MonkeyPatch, db: None):
        monkeypatch.setattr(human_check, "VALID_FOR", timedelta(minutes=-1))
        assert not human_check.is_solved(human())

    def test_without_script_the_page_says_whom_to_telephone(self, base: Base, anybody: Client):
        page = anybody.get(url(base))
        assert "浏览器没有启用脚本，不能完成人机验证。" in page.text
        assert "以电话、信函向受理部门提出：研究生院，0471-0000000" in page.text


class TestHowOften:
    def test_five_an_hour_from_one_address_then_the_page_says_what_to_do(self, base: Base, sent: Sent, on_day: Any):
        answers = [Client().post(url(base), sent()) for _n in range(6)]
        assert [answer.status_code for answer in answers] == [302] * 5 + [429]
        assert (
            "一小时内提交的次数过多，没有提交。请过一小时再试，或与受理部门联系：研究生院，0471-0000000"
            in answers[-1].text
        )
        assert Objection.objects.count() == 5
        elsewhere = Client().post(url(base), sent(), REMOTE_ADDR="192.0.2.9")
        assert elsewhere.status_code == 302

    def test_a_session_is_counted_wherever_it_comes_from(self, base: Base, anybody: Client, sent: Sent):
        answers = [anybody.post(url(base), sent(), REMOTE_ADDR=f"192.0.2.{n}") for n in range(6)]
        assert [answer.status_code for answer in answers] == [302] * 5 + [429]

    @pytest.mark.parametrize(
        ("proxies", "seen", "forwarded", "address"),
        [
            (0, "192.0.2.1", "198.51.100.7", "192.0.2.1"),
            (1, "10.0.0.1", "203.0.113.5, 198.51.100.7", "198.51.100.7"),
            (2, "10.0.0.1", "203.0.113.5, 198.51.100.7", "203.0.113.5"),
            (1, "10.0.0.1", "", "10.0.0.1"),
            (0, "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        ],
    )
    def test_what_a_visitor_writes_into_the_header_is_not_believed(
        self, settings: Any, rf: Any, proxies: int, seen: str, forwarded: str, address: str
    ):
        settings.TRUSTED_PROXIES = proxies
        assert throttle.address_of(rf.get("/", REMOTE_ADDR=seen, HTTP_X_FORWARDED_FOR=forwarded)) == address

    def test_without_a_counter_everybody_passes_and_the_log_says_so(self, settings: Any, caplog: Any):
        settings.THROTTLE_STORAGE = "redis+socket:///nowhere/redis.sock"
        assert [throttle.allow("filing", "somebody", "1 per hour") for _n in range(2)] == [True, True]
        assert "nothing could be counted for filing" in caplog.text


@pytest.mark.article("8(2)")
class TestTheLookUp:
    def look(self, client: Client, filed: Objection, **changes: str) -> Page:
        return Page.of(client.post("/public/objections/", {"number": filed.number, "code": filed.code} | changes))

    def test_shows_how_far_it_is_and_what_comes_next_and_nobodys_data(self, world: World, base: Base, anybody: Client):
        filed, other = object_to(base, TODAY, email="a@example.invalid"), object_to(base, TODAY, name="另一人")
        assert "已收到，研究生院在 2026-11-27 前决定是否受理。" in self.look(anybody, filed).text
        settle(filed, "accepted", world.unit_officer, TODAY)
        page = self.look(anybody, filed, code=f" {filed.code.lower()} ", number="2026-1")
        assert (page.status, page.heading) == (200, "查询异议")
        wanted = (base.name, "已受理，正在调查，2026-12-08 前作出结论。", "贺＊＊")
        assert [word for word in wanted if word not in page.text] == []
        private = [NAME, PHONE, GROUNDS, "a@example.invalid", "另一人", other.code, world.unit_officer.name]
        assert [word for word in private if word in page.text] == []

    @pytest.mark.parametrize("changes", [{"code": "ABCDEFGHJK"}, {"number": "异〔2026〕2号"}])
    def test_wants_both_to_fit(self, base: Base, anybody: Client, changes: dict[str, str]):
        page = self.look(anybody, object_to(base, TODAY), **changes)
        assert (page.status, base.name in page.text) == (422, False)
        assert "没有查到这件异议，请核对编号和查询码。" in page.text

    def test_takes_no_code_from_an_address(self, base: Base, anybody: Client):
        filed = object_to(base, TODAY)
        page = anybody.get("/public/objections/", {"number": filed.number, "code": filed.code})
        assert base.name not in page.text

    def test_gives_the_answer_to_number_and_code_alone(self, world: World, base: Base, anybody: Client):
        filed = settle(object_to(base, TODAY), "declined", world.unit_officer, TODAY)
        objection_answers.answer(objection=filed, text="不予受理，请谅解。", by=world.unit_officer, on=TODAY)
        assert "正在生成，请过一会儿再查询。" in self.look(anybody, filed).text
        objection_answers.make_answer(filed.pk)
        assert "下载书面答复（PDF）" in self.look(anybody, filed).text
        address = "/public/objections/answer/"
        answer = anybody.post(address, {"number": filed.number, "code": filed.code})
        assert (answer["Content-Type"], b"".join(answer.streaming_content)[:5]) == ("application/pdf", b"%PDF-")
        assert anybody.post(address, {"number": filed.number, "code": "ABCDEFGHJK"}).status_code == 422
        filed.refresh_from_db()
        assert anybody.get(f"/files/{filed.answer.key}/").status_code == 404

    def test_thirty_times_an_hour(self, base: Base, anybody: Client):
        filed = object_to(base, TODAY)
        statuses = [self.look(anybody, filed, code="ABCDEFGHJK").status for _n in range(31)]
        assert statuses == [422] * 30 + [429]


@pytest.mark.article("8(2)")
class TestTheOfficesPages:
    def test_lead_from_the_filing_to_the_answer(self, world: World, base: Base, signed_in: SignedIn):
        filed, client = object_to(base, TODAY), signed_in(world.unit_officer)
        page = f"/objections/{filed.pk}/"
        steps = {
            "accept": {},
            "record": {
                "kind": "site", "held_on": TODAY.isoformat(), "people": "两人", "content": "实地测量。",
                "papers": [pdf_upload("照片.pdf")],
            },
            "extend": {"reason": "须等待检测。"},
            "conclude": {"outcome": "dismissed", "findings": FINDINGS},
            "answer": {"text": "经核实，异议不成立。"},
        }  # fmt: skip
        said = {}
        for name, given in steps.items():
            said[name] = Page.of(client.post(f"{page}{name}/", given, follow=True)).text
        assert [name for name, text in said.items() if filed.number not in text] == []
        filed.refresh_from_db()
        assert (filed.status, filed.extended_to, filed.answered_on) == ("dismissed", date(2026, 12, 22), TODAY)
        whole = Page.of(client.get(page)).text
        wanted = (
            "异议人提交",
            "受理",
            "调查：现场核查",
            "办结期限延长至 2026-12-22",
            "异议不成立",
            "书面答复",
            "照片.pdf",
        )
        assert [word for word in wanted if word not in whole] == []

    def test_offer_what_is_open_and_refuse_the_rest_with_a_reason(self, world: World, base: Base, signed_in: SignedIn):
        filed, client = object_to(base, TODAY), signed_in(world.unit_officer)
        offered = {
            name: client.get(f"/objections/{filed.pk}/{name}/").status_code
            for name in ("accept", "decline", "record", "extend", "conclude", "answer", "forget")
        }
        assert offered == {
            "accept": 200, "decline": 200, "record": 409, "extend": 409, "conclude": 409, "answer": 409, "forget": 404,
        }  # fmt: skip
        page = Page.of(client.get(f"/objections/{filed.pk}/conclude/"))
        assert "异议当前为“已提交”，现在不能办理“作出结论”。请刷新后再看。" in page.text

    def test_a_wordless_decision_is_marked_beside_its_field(self, world: World, base: Base, signed_in: SignedIn):
        filed, client = object_to(base, TODAY), signed_in(world.unit_officer)
        page = Page.of(client.post(f"/objections/{filed.pk}/decline/", {"ground": "groundless", "reason": ""}))
        assert (page.status, page.beside("reason")) == (422, ["请填写这一项。"])

    def test_a_letter_is_entered_for_one_of_the_offices_notices(self, world: World, base: Base, signed_in: SignedIn):
        client, notice = signed_in(world.unit_officer), newest_notice(base)
        assert notice.title in Page.of(client.get("/objections/letter/")).text
        given = {
            "base": base.pk, "kind": "person", "grounds": GROUNDS, "received_on": TODAY.isoformat(), "received_by": "收发室",
        }  # fmt: skip
        page = Page.of(client.post(f"/objections/letter/?notice={notice.pk}", given, follow=True))
        assert (page.heading, "已录入，编号 异〔2026〕1号。" in page.text) == ("异〔2026〕1号", True)
        assert "这件异议没有写明真实姓名和手机，只能不予受理。" in page.text
        assert "信函，收件人：收发室" in page.text

    def test_a_letter_to_another_offices_notice_has_no_form(self, world: World, today: date, signed_in: SignedIn):
        notice = newest_notice(world.in_recognition_notice(today))
        page = Page.of(signed_in(world.unit_officer).get(f"/objections/letter/?notice={notice.pk}"))
        assert (page.status, "收件人" in page.text) == (200, False)

    def test_looking_at_who_objects_is_recorded_every_time(self, world: World, base: Base, signed_in: SignedIn):
        filed, client = object_to(base, TODAY, evidence=pdf_upload("证据.pdf")), signed_in(world.unit_officer)
        assert client.get(f"/objections/{filed.pk}/identity/").status_code == 405
        for _again in range(2):
            shown = client.post(f"/objections/{filed.pk}/identity/")
        assert [word for word in (NAME, PHONE, "证据.pdf", "这次查看已经记录。") if word not in shown.text] == []
        assert "no-store" in shown["Cache-Control"]
        assert ObjectionLook.objects.filter(objection=filed, user=world.unit_officer.user).count() == 2

    def test_one_with_many_records_costs_what_one_with_one_costs(self, world: World, base: Base, signed_in: SignedIn):
        accepted, client = (
            settle(object_to(base, TODAY), "accepted", world.unit_officer, TODAY),
            signed_in(world.unit_officer),
        )

        def count() -> int:
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert client.get(f"/objections/{accepted.pk}/").status_code == 200
            return len(queries)

        take_down(accepted, world.unit_officer, TODAY, papers=[pdf_upload()])
        objections.look(objection=accepted, by=world.unit_officer)
        count()
        before = count()
        for _n in range(5):
            take_down(accepted, world.unit_officer, TODAY, papers=[pdf_upload()])
            objections.look(objection=accepted, by=world.unit_officer)
        assert count() == before
