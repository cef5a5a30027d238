"""第十七条: the certificate of the title 示范基地, and what becomes of it when the title is lost."""

import re
from datetime import date, timedelta
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from bases import acts
from bases.models import Base
from evaluations.models import DemonstrationTitle
from evaluations.services import titles
from portal import jobs, verification
from portal.errors import Overtaken
from portal.models import IssuedRecord, OutboxJob
from tests.evaluations.conftest import next_assessment
from tests.factories import World

pytestmark = pytest.mark.article("17")


def job_of(base: Base) -> OutboxJob:
    return OutboxJob.objects.get(key=f"{titles.CERTIFICATE_JOB}:{base.titles.get().pk}")


def certified(world: World, on: date) -> DemonstrationTitle:
    base = world.demonstration(on)
    jobs.run(job_of(base).pk)
    return base.titles.get()


def offered(world: World, base: Base, on: date) -> bool:
    return "make-certificate" in {act.name for act, _reasons in acts.offered(base, world.officer, on)}


def test_a_granted_title_has_its_certificate(world: World, today: date):
    title = certified(world, today)
    with title.certificate.file.open("rb") as content:
        (page,) = PdfReader(BytesIO(content.read())).pages
    text = re.sub(r"\s", "", page.extract_text())
    base = title.base
    wanted = (
        base.name,
        base.training_unit.name,
        base.partner.name,
        title.number,
        "研究生联合培养示范基地",
        "2026年11月24日",
    )
    assert [words for words in wanted if words not in text] == []
    assert (round(page.mediabox.width), round(page.mediabox.height)) == (842, 595)
    assert verification.find_by_code(title.record.code) == title.record
    assert (title.record.title, title.record.number, title.record.withdrawn_on) == (base.name, title.number, None)


def test_the_job_done_twice_leaves_one_certificate(world: World, today: date):
    title = certified(world, today)
    before = IssuedRecord.objects.count()
    assert titles.make_certificate(title.pk).certificate == title.certificate
    assert IssuedRecord.objects.count() == before


def test_a_lost_title_is_said_to_be_withdrawn_where_the_certificate_is_verified(world: World, today: date):
    title = certified(world, today)
    lost_on = today + timedelta(days=30)
    assert titles.lose(base=title.base, on=lost_on, because="考核不合格") is True
    record = IssuedRecord.objects.get(pk=title.record.pk)
    assert (record.withdrawn_on, record.withdrawn_reason) == (lost_on, "考核不合格")
    page = Client().get(reverse("verify-code", args=[record.shown_code])).text
    assert [words for words in ("已撤回", "考核不合格", str(lost_on)) if words not in page] == []
    assert titles.lose(base=title.base, on=lost_on, because="考核不合格") is False


def test_a_title_lost_before_its_certificate_was_set_is_withdrawn_all_the_same(world: World, today: date):
    base = world.demonstration(today)
    titles.lose(base=base, on=today, because="考核不合格")
    jobs.run(job_of(base).pk)
    assert base.titles.get().record.withdrawn_on == today


def test_a_second_excellent_grade_keeps_title_and_certificate(world: World, today: date):
    title = certified(world, today)
    base, on = next_assessment(title.base)
    assert list(world.graded(base, "excellent", on).titles.all()) == [title]


def test_the_certificate_is_to_be_had_by_everybody_until_the_title_is_lost(world: World, today: date):
    title = certified(world, today)
    address = reverse("file", args=[title.certificate.key])
    assert Client().get(address).status_code == 200
    titles.lose(base=title.base, on=today, because="考核不合格")
    assert Client().get(address).status_code == 404


def test_the_officer_asks_again_for_one_that_was_not_made(world: World, today: date):
    base = world.demonstration(today)
    assert offered(world, base, today) is False
    with pytest.raises(Overtaken, match="证书已经生成或者正在生成"):
        titles.ask_for_certificate(base=base, acting=world.officer, on=today)
    OutboxJob.objects.filter(pk=job_of(base).pk).update(state=OutboxJob.State.FAILED, attempts=5, begun=5)
    assert offered(world, base, today) is True
    titles.ask_for_certificate(base=base, acting=world.officer, on=today)
    jobs.run(job_of(base).pk)
    assert base.titles.get().certificate is not None
    assert offered(world, base, today) is False
