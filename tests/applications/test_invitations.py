"""邀请: a one-time link by which a person of the pool becomes an account with the expert's role."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from gunicorn.config import Config
from openpyxl import load_workbook

from applications.models import ExpertInvitation, ExpertProfile
from applications.services import experts, invitations
from applications.views import invitations as pages
from bases.models import Membership
from portal.access_log import AccessLog
from portal.errors import NotYours, Overtaken, Refused
from portal.models import Submission, User
from portal.roles import Role
from tests.applications.conftest import SignedIn
from tests.applications.pages import Page
from tests.conftest import TODAY
from tests.factories import World, person

AT = datetime(2026, 11, 24, 2, tzinfo=UTC)
FORM = {
    "do": "accept", "employer": "海西大学", "phone": "13900000001", "username": "guchangqing", "password": "Bei-Shan-2026-x",
    "again": "Bei-Shan-2026-x", "consent": "on",
}  # fmt: skip


def somebody(world: World, **changes: Any) -> ExpertProfile:
    given = {"name": "顾长青", "employer": "海西大学", "sector": "university"} | changes
    return experts.enter(by=world.officer, on=TODAY, **given)


def invited(world: World, profile: ExpertProfile | None = None, days: int = 14) -> str:
    """The secret of a new invitation."""
    profile = profile or somebody(world)
    return invitations.issue(profile=profile, by=world.officer, on=TODAY, at=AT, days=days).secret


def accept(secret: str, **changes: Any) -> User:
    given = {"employer": "海西大学", "phone": "13900000001", "email": "", "username": "guchangqing", "password": "x"}
    return invitations.accept(secret=secret, on=TODAY, at=AT, **(given | changes))


@pytest.mark.article("8(3)")
class TestTheLink:
    def test_only_the_hash_of_the_secret_is_kept(self, world: World):
        secret = invited(world)
        kept = ExpertInvitation.objects.values().get()
        assert len(secret) == 43
        assert secret not in str(kept)
        assert invitations.find(secret).pk == kept["id"]
        assert invitations.find(secret[:-1] + "?") is None

    def test_it_works_until_the_end_of_its_last_day(self, world: World):
        invitation = invitations.find(invited(world))
        last = TODAY + timedelta(days=14)
        assert invitation.expires_on == last
        assert [invitation.state_on(last), invitation.state_on(last + timedelta(days=1))] == ["open", "expired"]

    def test_a_new_one_makes_the_one_before_worthless(self, world: World):
        profile = somebody(world)
        old, new = invited(world, profile), invited(world, profile)
        with pytest.raises(Overtaken, match="这份邀请已经作废，可能已另发新的链接"):
            accept(old)
        assert accept(new).expert_profile == profile

    def test_who_has_an_account_or_is_removed_is_not_invited(self, world: World):
        gone = somebody(world)
        experts.remove(profile=gone, reason="退休", by=world.officer, on=TODAY, at=AT)
        for profile, reason in (
            (ExpertProfile.objects.get(user=world.experts[0].user), "专家0已有账号，不需要邀请。"),
            (gone, "顾长青已经出库，请先恢复入库再邀请。"),
        ):
            with pytest.raises(Refused, match=reason):
                invited(world, profile)

    def test_only_the_officer_invites_and_withdraws(self, world: World):
        profile = somebody(world)
        with pytest.raises(NotYours):
            invitations.issue(profile=profile, by=world.leader, on=TODAY, at=AT)
        secret = invited(world, profile)
        with pytest.raises(NotYours):
            invitations.withdraw(profile=profile, by=world.leader, on=TODAY, at=AT)
        invitations.withdraw(profile=profile, by=world.officer, on=TODAY, at=AT)
        with pytest.raises(Overtaken, match="没有待回复的邀请"):
            invitations.withdraw(profile=profile, by=world.officer, on=TODAY, at=AT)
        with pytest.raises(Overtaken, match="这份邀请已经作废"):
            accept(secret)

    @pytest.mark.parametrize("act", ["remove", "link"])
    def test_it_ends_when_the_person_leaves_or_has_an_account_otherwise(self, world: World, act: str):
        profile = somebody(world)
        secret = invited(world, profile)
        if act == "remove":
            experts.remove(profile=profile, reason="退休", by=world.officer, on=TODAY, at=AT)
            experts.take_back(profile=profile, by=world.officer, on=TODAY)
        else:
            lonely = person(Role.EXPERT, "顾长青")
            experts.link_account(profile=profile, user=lonely.user, by=world.officer, on=TODAY, at=AT)
        with pytest.raises(Overtaken, match="这份邀请已经作废"):
            accept(secret)


@pytest.mark.article("8(3)")
class TestAccepting:
    def test_it_makes_the_account_and_the_role_and_joins_them_to_the_person(self, world: World):
        profile = somebody(world)
        user = accept(invited(world, profile))
        profile.refresh_from_db()
        assert (profile.user, user.full_name, profile.phone) == (user, "顾长青", "13900000001")
        granted = Membership.objects.get(user=user)
        assert (granted.role, granted.granted_by) == (Role.EXPERT, world.officer.user)
        assert experts.available_experts(TODAY).filter(pk=user.pk).exists()
        newest = profile.changes.all()[0]
        assert (newest.words, newest.changed_by) == ("接受邀请，建立账号（由厅里经办邀请）", user)

    def test_the_person_is_locked_before_the_invitation_as_by_who_invites(self, world: World):
        secret = invited(world)
        with CaptureQueriesContext(connection) as made:
            accept(secret)
        locked = [re.search(r'FOR UPDATE OF "(\w+)"', query["sql"]) for query in made]
        assert [found[1] for found in locked if found][:2] == [
            "applications_expertprofile",
            "applications_expertinvitation",
        ]

    def test_a_number_that_somebody_else_gives_at_the_same_moment_is_refused(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ):
        secret = invited(world)
        monkeypatch.setattr(experts, "refuse_doubles_discreetly", lambda **_: None)  # neither sees the other yet
        ExpertProfile.objects.filter(user=world.experts[0].user).update(phone="13900000001")
        with pytest.raises(Refused, match="刚刚已有人登记了同一位专家或同一个手机号，没有保存。"):
            accept(secret)
        assert not User.objects.filter(username="guchangqing").exists()

    def test_it_works_once(self, world: World):
        secret = invited(world)
        accept(secret)
        with pytest.raises(Overtaken, match="链接只能使用一次"):
            accept(secret, username="another")
        assert not User.objects.filter(username="another").exists()

    def test_another_employer_takes_the_place_of_the_one_before_which_recusal_still_sees(self, world: World):
        profile = somebody(world, employer=world.unit.name)
        accept(invited(world, profile), employer=world.partner.name)
        profile.refresh_from_db()
        assert (profile.employer, profile.training_unit, profile.partner_unit) == (
            world.partner.name,
            None,
            world.partner,
        )
        assert (profile.relations.get().training_unit, profile.relations.get().ended_on) == (world.unit, TODAY)

    def test_when_anything_is_refused_nothing_is_done(self, world: World):
        profile, taken = somebody(world), world.experts[0].user.username
        secret = invited(world, profile)
        with pytest.raises(Refused, match="已存在，请换一个登录名"):
            accept(secret, username=taken, employer="新单位")
        profile.refresh_from_db()
        assert (profile.user, profile.employer, profile.relations.count()) == (None, "海西大学", 0)
        assert accept(secret).expert_profile == profile

    def test_who_is_signed_in_brings_their_account(self, world: World):
        profile, teacher = somebody(world), person(Role.APPLICANT, "顾长青", training_unit=world.unit)
        assert accept(invited(world, profile), user=teacher.user) == teacher.user
        held = Membership.objects.filter(user=teacher.user).values_list("role", flat=True)
        assert sorted(held) == [Role.APPLICANT, Role.EXPERT]

    def test_an_account_of_another_name_cannot_take_it(self, world: World):
        with pytest.raises(Refused, match="请退出登录后重新打开链接"):
            accept(invited(world), user=world.officer.user)

    @pytest.mark.django_db(transaction=True)
    def test_of_two_who_accept_at_once_one_wins(self, at_once: Callable[..., list[Any]]):
        world = World.create()
        secret = invited(world)
        first, second = at_once(lambda: accept(secret), lambda: accept(secret, username="another"))
        won, lost = (first, second) if isinstance(first, User) else (second, first)
        assert (type(won), type(lost)) == (User, Overtaken)
        assert User.objects.filter(username__in=["guchangqing", "another"]).count() == 1


class TestDeclining:
    def test_it_is_kept_with_the_reason_and_ends_the_link(self, world: World):
        profile = somebody(world)
        secret = invited(world, profile)
        with pytest.raises(Refused, match="请写明谢绝的原因"):
            invitations.decline(secret=secret, reason=" ", on=TODAY, at=AT)
        invitations.decline(secret=secret, reason="近期出国", on=TODAY, at=AT)
        with pytest.raises(Overtaken, match="这份邀请已经谢绝"):
            accept(secret)
        newest = profile.changes.all()[0]
        assert (newest.words, newest.changed_by) == ("谢绝邀请：近期出国", None)


class TestTheOfficersPages:
    def test_the_link_is_shown_once_with_a_text_to_send(self, world: World, signed_in: SignedIn):
        profile, client = somebody(world), signed_in(world.officer)
        shown = client.post(f"/experts/{profile.pk}/invite/", {"days": "7"})
        (address,) = set(re.findall(r"http://testserver/invitations/[\w-]{43}/", shown.text))
        page = Page.of(shown)
        assert "链接只在这里显示这一次" in page.text
        assert "请在 2026-12-01 前打开下面的链接" in page.text
        assert shown["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
        assert invitations.find(address.split("/")[-2]).profile == profile
        assert "invitations/" not in client.get(f"/experts/{profile.pk}/").text

    def test_many_are_invited_at_once_in_one_spreadsheet(self, world: World, signed_in: SignedIn):
        client = signed_in(world.officer)
        people = [somebody(world, name=f"受邀人{n}", phone=f"1390000000{n}") for n in range(3)]
        known = ExpertProfile.objects.get(user=world.experts[0].user)
        chosen = {"expert": [each.pk for each in (*people, known)]}
        page = Page.of(client.get("/experts/invite/", chosen))
        assert "专家0已有账号，不需要邀请。" in page.text
        assert "生成 3 个链接并下载" in page.text
        answer = client.post("/experts/invite/", {"expert": [each.pk for each in people], "days": "14"})
        sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
        assert [row[:3] for row in rows] == [[f"受邀人{n}", "海西大学", f"1390000000{n}"] for n in range(3)]
        assert [invitations.find(row[3].split("/")[-2]).profile for row in rows] == people

    def test_one_who_cannot_be_invited_stops_them_all(self, world: World, signed_in: SignedIn):
        known = ExpertProfile.objects.get(user=world.experts[0].user)
        sent = {"expert": [somebody(world).pk, known.pk], "days": "14"}
        page = Page.of(signed_in(world.officer).post("/experts/invite/", sent))
        assert (page.status, ExpertInvitation.objects.count()) == (422, 0)


class TestThePageOfTheInvited:
    def test_it_says_who_invites_to_what_and_is_kept_nowhere(self, world: World, anybody: Client):
        answer = anybody.get(f"/invitations/{invited(world)}/")
        assert "顾长青老师，您好！内蒙古自治区教育厅邀请您加入研究生联合培养基地评审专家库" in Page.of(answer).text
        assert answer["X-Robots-Tag"] == "noindex, nofollow, noarchive"
        assert answer["Referrer-Policy"] == "same-origin"
        assert "no-store" in answer["Cache-Control"]

    def test_accepting_leads_to_the_login_with_the_new_account(self, world: World, anybody: Client):
        secret = invited(world)
        answer = anybody.post(f"/invitations/{secret}/", FORM, follow=True)
        assert "账号已建立。请用登录名“guchangqing”和刚才设置的密码登录。" in answer.text
        signed = {"username": "guchangqing", "password": FORM["password"]}
        assert anybody.post("/login/", signed)["Location"] == "/"
        assert Page.of(anybody.get("/experts/me/")).heading == "我的资料"

    def test_no_record_of_arrived_forms_holds_the_secret(self, world: World, anybody: Client):
        secret = invited(world)
        page = anybody.get(f"/invitations/{secret}/")
        once = re.findall(r'name="_once" value="([^"]+)"', page.text)[0]
        anybody.post(f"/invitations/{secret}/", FORM | {"_once": once})
        assert Submission.objects.get().path == "invitations/<str:secret>/"

    def test_no_line_of_the_servers_record_holds_the_secret(self):
        environ = {
            "REQUEST_METHOD": "GET", "RAW_URI": "/invitations/s3cr-et_s/?a=1", "PATH_INFO": "/invitations/s3cr-et_s/",
            "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_REFERER": "https://portal/invitations/s3cr-et_s/",
        }  # fmt: skip
        answer = SimpleNamespace(status="200 OK", sent=1, headers=[])
        asked = SimpleNamespace(headers=[("REFERER", environ["HTTP_REFERER"])])
        atoms = AccessLog(Config()).atoms(answer, asked, environ, timedelta(seconds=1))
        assert (atoms["r"], atoms["U"]) == ("GET /invitations/…/?a=1 HTTP/1.1", "/invitations/…/")
        assert [key for key, value in atoms.items() if "s3cr" in str(value)] == []

    def test_what_is_wrong_stands_beside_its_field(self, world: World, anybody: Client):
        wrong = FORM | {"username": "9", "password": "guchangqing", "again": "other", "phone": "1", "consent": ""}
        page = Page.of(anybody.post(f"/invitations/{invited(world)}/", wrong))
        assert page.status == 422
        assert {name: page.beside(name) for name in ("username", "again", "phone", "consent")} == {
            "username": ["登录名用小写字母开头，3–30 位。"],
            "again": ["两次输入的密码不一致，请重新输入。"],
            "phone": ["手机号应为 11 位，请核对。"],
            "consent": ["请先勾选，再接受邀请。"],
        }

    def test_a_password_against_the_rules_is_refused(self, world: World, anybody: Client):
        weak = FORM | {"password": "guchangqing", "again": "guchangqing"}
        page = Page.of(anybody.post(f"/invitations/{invited(world)}/", weak))
        assert page.beside("password") == ["密码与您的姓名、登录名、手机或邮箱太相近，请换一个。"]

    def test_declining_says_that_the_answer_was_kept(self, world: World, anybody: Client):
        secret = invited(world)
        assert anybody.post(f"/invitations/{secret}/", {"do": "decline", "reason": ""}).status_code == 422
        answer = anybody.post(f"/invitations/{secret}/", {"do": "decline", "reason": "近期出国"})
        assert Page.of(answer).heading == "已谢绝邀请"
        ended = Page.of(anybody.get(f"/invitations/{secret}/"))
        assert (ended.status, ended.heading) == (410, "邀请链接已失效")

    def test_a_link_past_its_day_says_so(self, world: World, anybody: Client, on_day: Any):
        secret = invited(world, days=1)
        on_day(TODAY + timedelta(days=2))
        page = Page.of(anybody.get(f"/invitations/{secret}/"))
        assert "这份邀请已于 2026-11-25 过期。请与教育厅联系，重新发送邀请。" in page.text

    def test_an_unknown_link_is_a_page_that_does_not_exist(self, world: World, anybody: Client):
        page = Page.of(anybody.get("/invitations/nothing-of-the-kind/"))
        assert (page.status, page.heading) == (404, "没有找到这个页面")

    def test_who_is_signed_in_under_another_name_is_told_to_sign_out(self, world: World, signed_in: SignedIn):
        secret = invited(world)
        page = Page.of(signed_in(world.leader).get(f"/invitations/{secret}/"))
        assert "您现在用厅里审批的账号登录，这份邀请是发给顾长青的。" in page.text

    def test_links_are_not_tried_out_one_after_another(
        self, world: World, anybody: Client, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(pages, "OPENINGS", "2 per hour")
        tried = [anybody.get(f"/invitations/try-{n}/").status_code for n in range(4)]
        assert tried == [404, 404, 429, 429]
