"""A form is carried out once: a double click, a second tab or the browser's "send again" changes nothing."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from applications.models import Application
from bases.models import Membership
from portal import jobs
from portal.models import CalendarYear, Submission
from tests.factories import World, pdf_upload

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
# Signing in and out, and comparing a file, change nothing that could be done twice.
MAY_BE_REPEATED = {
    "registration/login.html",
    "components/_topbar.html",
    "applications/objection_status.html",
    "portal/verify.html",
}
# What htmx sends by itself carries no key: a draft as it stands may be kept any number of times, an attachment is known by its content.
POSTED_BY_HTMX = {
    "agreement-autosave",
    "application-autosave",
    "notice-autosave",
    "sheet-autosave",
    "meeting-item-autosave",
    "attachment-upload",
    "attachment-remove",
}
HTMX = {"HX-Request": "true"}
ARRANGEMENT = {"year": "2027", "source": "国务院办公厅通知", "holidays": "2027-10-01 至 2027-10-07", "make_up_days": ""}
ALREADY = "这份表单已经收到，没有重复办理。请查看下面的最新状态。"


@pytest.fixture
def officer(world: World, client: Client) -> Client:
    """Whoever enters calendars."""
    client.force_login(world.officer.user)
    return client


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_every_page_gives_its_form_a_key_of_its_own(officer: Client) -> None:
    keys = {re.search(r'name="_once" value="([0-9a-f-]{36})"', officer.get("/calendar/").text)[1] for _n in range(2)}
    assert len(keys) == 2


def test_the_second_arrival_of_a_form_changes_nothing_and_says_so(officer: Client) -> None:
    form = ARRANGEMENT | {"_once": str(uuid4())}
    first = officer.post("/calendar/", form)
    assert (first.status_code, said(first)) == (302, ["2027 年工作日历已保存，公示期限即按此计算。"])
    second = officer.post("/calendar/", form | {"source": "被改动的依据"})
    assert (second.status_code, second["Location"]) == (302, "/calendar/")
    assert said(second)[-1:] == [ALREADY]
    assert ALREADY in officer.get("/calendar/").text
    assert list(CalendarYear.objects.values_list("year", "source")) == [(2027, "国务院办公厅通知")]


def test_another_form_of_the_same_page_is_carried_out(officer: Client) -> None:
    for source in ("初稿", "定稿"):
        officer.post("/calendar/", ARRANGEMENT | {"source": source, "_once": str(uuid4())})
    assert list(CalendarYear.objects.values_list("source", flat=True)) == ["定稿"]


def test_a_refused_form_can_be_mended_and_sent_again_with_its_key(world: World, client: Client, today: Any) -> None:
    """Going back in the browser brings the same key: where nothing was carried out, it must not be used up."""
    client.force_login(world.security_admin.user)
    own = Membership.objects.get(user=world.security_admin.user)
    other = Membership.objects.get(user=world.auditor.user)
    key = str(uuid4())
    refused = client.post(reverse("withdraw-membership", args=[own.pk]), {"_once": key})
    assert refused.status_code == 409
    assert "不能收回自己的角色，请由另一位安全管理员办理。" in refused.text
    assert Submission.objects.count() == 0
    assert client.post(reverse("withdraw-membership", args=[other.pk]), {"_once": key}).status_code == 302
    other.refresh_from_db()
    assert other.withdrawn_at is not None


def test_a_form_whose_view_breaks_can_be_sent_again(officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_fields: Any) -> None:
        raise OSError

    form = ARRANGEMENT | {"_once": str(uuid4())}
    officer.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr("portal.services.enter_calendar_year", broken)
        failed = officer.post("/calendar/", form)
    assert failed.status_code == 500
    assert "系统出错了，这一步没有办成" in failed.text
    assert officer.post("/calendar/", form).status_code == 302
    assert CalendarYear.objects.count() == 1


def test_a_key_that_is_no_key_is_not_carried_out(officer: Client) -> None:
    sent = officer.post("/calendar/", ARRANGEMENT | {"_once": "1 or 1=1"})
    assert (sent.status_code, said(sent)) == (302, ["表单已失效，没有办理。请刷新页面后重新提交。"])
    assert CalendarYear.objects.count() == 0


def test_the_second_arrival_leads_back_to_the_page_that_showed_the_form(world: World, client: Client) -> None:
    """An address that takes only POST has no page of its own; a page of another site is no place to go to."""
    client.force_login(world.sysadmin.user)
    entry, other = world.unit.authorisations.get(), world.other_unit.authorisations.get()
    form = {"_once": str(uuid4())}
    shown = f"http://testserver{reverse('training-unit', args=[world.unit.pk])}"
    client.post(reverse("remove-authorisation", args=[entry.pk]), form, headers={"referer": shown})
    address = reverse("remove-authorisation", args=[other.pk])
    again = client.post(address, form, headers={"referer": shown})
    assert (again.status_code, again["Location"]) == (302, shown)
    elsewhere = client.post(address, form, headers={"referer": "https://example.invalid/"})
    assert elsewhere["Location"] == address
    assert world.other_unit.authorisations.count() == 1


def test_a_form_that_nobody_may_send_takes_no_key(world: World, client: Client) -> None:
    client.force_login(world.auditor.user)
    assert client.post("/calendar/", ARRANGEMENT | {"_once": str(uuid4())}).status_code == 403
    assert Submission.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_of_two_that_arrive_at_once_one_is_carried_out(at_once: Callable[..., list[Any]]) -> None:
    world = World.create()
    entry = world.unit.authorisations.get()
    form = {"_once": str(uuid4())}
    clients = [Client(), Client()]
    for each in clients:
        each.force_login(world.sysadmin.user)
    address = reverse("remove-authorisation", args=[entry.pk])
    answers = at_once(*(lambda each=each: each.post(address, form) for each in clients))
    assert [answer.status_code for answer in answers] == [302, 302]
    assert sorted(text for answer in answers for text in said(answer)) == sorted(
        [ALREADY, f"已移除授权类别：{entry.category}。"]
    )
    assert Submission.objects.count() == 1
    assert world.unit.authorisations.count() == 0


def test_keys_that_no_open_page_can_hold_are_forgotten(db: None) -> None:
    old, fresh = (Submission.objects.create(key=uuid4(), path="/calendar/") for _n in range(2))
    Submission.objects.filter(pk=old.pk).update(at=Now() - timedelta(days=2, seconds=1))
    assert jobs.forget_submissions() == 1
    assert list(Submission.objects.all()) == [fresh]


def post_forms() -> dict[str, list[str]]:
    """The forms of every template that are sent by POST."""
    found: dict[str, list[str]] = {}
    for path in sorted(TEMPLATES.rglob("*.html")):
        forms = re.findall(r"<form\b.*?</form>", path.read_text(), re.DOTALL)
        sent = [form for form in forms if re.search(r'<form\b[^>]*\bmethod="post"', form, re.IGNORECASE)]
        if sent:
            found[str(path.relative_to(TEMPLATES))] = sent
    return found


def test_every_form_that_is_posted_carries_its_token_and_its_key() -> None:
    forms = post_forms()
    assert {name for name, sent in forms.items() if any("{% csrf_token %}" not in form for form in sent)} == set()
    assert {name for name, sent in forms.items() if any("{% once %}" not in form for form in sent)} == MAY_BE_REPEATED


def test_nothing_is_posted_without_a_form_except_by_htmx() -> None:
    """What htmx posts by itself may arrive as often as it likes; it sends the token in a header."""
    posting = {
        str(path.relative_to(TEMPLATES)): re.findall(r'hx-post="\{% url [\'"]([\w-]+)', path.read_text())
        for path in sorted(TEMPLATES.rglob("*.html"))
        if "hx-post" in path.read_text()
    }
    assert {name for names in posting.values() for name in names} == POSTED_BY_HTMX
    assert all(posting.values())


def test_what_htmx_sends_twice_is_carried_out_once_all_the_same(
    world: World, client: Client, today: date, on_day: Any
) -> None:
    """Without a key it is the content that tells: the same file is not kept again, what is gone is not taken away again."""
    draft = Application.objects.get(base=world.draft(today, files=()))
    client.force_login(world.applicant.user)
    upload = reverse("attachment-upload", args=[draft.pk, "other"])
    first, again = (client.post(upload, {"file": pdf_upload("证明.pdf")}, headers=HTMX) for _n in range(2))
    assert (first.status_code, again.status_code) == (200, 422)
    assert "已上传 证明.pdf。" in first.text
    assert "内容完全相同，没有重复保存。" in again.text
    kept = draft.files.get()
    replacement = {"file": SimpleUploadedFile("新的.pdf", pdf_upload().read() + b"\n%"), "replaces": kept.pk}
    assert client.post(upload, replacement, headers=HTMX).status_code == 200
    remove = reverse("attachment-remove", args=[draft.pk, draft.files.get(removed_at=None).pk])
    first, again = (client.post(remove, headers=HTMX) for _n in range(2))
    assert (first.status_code, again.status_code) == (200, 422)
    assert "已移除 新的.pdf" in first.text
    assert "“新的.pdf”已被移除或替换，没有再次移除。" in again.text
    assert list(draft.files.order_by("pk").values_list("stored__name", flat=True)) == ["证明.pdf", "新的.pdf"]
