"""第八条（三）: before all sheets are in nobody reads totals, points or comments; afterwards the department alone, and no applicant ever
reads whose sheet says what. Every channel is tried with data present that could leak."""

import io
import zipfile
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from applications.models import Application, Assignment, Panel
from applications.services import all_in
from portal.roles import Role
from tests.applications.conftest import SignedIn
from tests.applications.ranked import COMMENT, TO_COMMITTEE, hand_in, keep_sheet, scored
from tests.conftest import TODAY
from tests.factories import World

pytestmark = [pytest.mark.article("8(3)"), pytest.mark.usefixtures("bare_frame")]

# Totals, an aggregate, a median and points that nothing else on a page can be.
SECRETS = ("91.37", "87.61", "61.43", "17.29", COMMENT, TO_COMMITTEE)
AGGREGATE = "80.14"


def channels(application: Application) -> Iterator[str]:
    """Every address at which something of a review can be read: pages, parts of pages, files, feeds, data."""
    base, round_ = application.base_id, application.round_id
    own = Assignment.objects.filter(panel__application=application).order_by("pk")
    yield from (
        "/",
        reverse("base-list"),
        reverse("base", args=[base]),
        *(reverse("act", args=[base, act]) for act in ("assign-experts", "shortlist", "reject", "return")),
        reverse("round", args=[round_]),
        reverse("round-applications", args=[round_]),
        reverse("round-ranking", args=[round_]),
        reverse("round-review", args=[round_]),
        reverse("round-review-export", args=[round_]),
        reverse("panel-go-on", args=[application.panel.pk]),
        f"{reverse('round-ranking', args=[round_])}?by=score&at=80&sort=-aggregate&show=flagged",
        reverse("ranking-adopt", args=[round_]),
        reverse("ranking-change", args=[round_, application.pk]),
        reverse("ranking-excel", args=[round_]),
        reverse("ranking-csv", args=[round_]),
        reverse("application-preview", args=[application.pk]),
        reverse("application-versions", args=[application.pk]),
        reverse("application-print", args=[application.pk]),
        *(reverse("sheet", args=[each.pk]) for each in own),
        reverse("sheet-list"),
        reverse("public-bases"),
        reverse("public-base", args=[base]),
        reverse("public-bases-json"),
        reverse("public-notices-json"),
        reverse("public-notices-feed"),
        reverse("history"),
        reverse("recommendation-list"),
        reverse("desk-notices"),
        "/no-such-page/",
    )  # fmt: skip


def words_of(answer: object) -> str:
    """Everything in an answer that can be read, also inside a spreadsheet."""
    content = b"".join(answer) if getattr(answer, "streaming", False) else answer.content  # type: ignore[attr-defined,call-overload]
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml"))
    return str(content.decode(errors="replace"))


def read_at(client: Client, address: str) -> set[str]:
    """Which of the secrets stand there; of the ranking also asked for as a part of the page."""
    answers = [client.get(address)]
    if "/ranking/?" in address:
        answers.append(client.get(address, headers={"HX-Request": "true"}))
    text = "".join(map(words_of, answers))
    return {secret for secret in (*SECRETS, AGGREGATE) if secret in text}


def leaks(client: Client, application: Application) -> dict[str, set[str]]:
    found = {address: read_at(client, address) for address in channels(application)}
    return {address: secrets for address, secrets in found.items() if secrets}


@pytest.fixture
def waiting(world: World) -> Application:
    """Two sheets are in, the third is saved and not handed in."""
    application = scored(world, "未齐", ["91.37", "87.61", None], results="17.29")
    last = Assignment.objects.filter(panel__application=application).latest("pk")
    keep_sheet(last, Decimal("61.43"), Decimal("17.29"))
    return application


def test_before_all_sheets_are_in_nobody_reads_them(world: World, waiting: Application, signed_in: SignedIn, anybody):
    people = {role: signed_in(who) for role, who in world.everybody().items() if role != Role.EXPERT}
    people |= {"public": anybody, "other expert": signed_in(world.experts[4])}
    others = (world.other_applicant, world.other_unit_officer, world.other_partner_officer)
    people |= {f"other {who.role}": signed_in(who) for who in others}
    assert {who: leaks(client, waiting) for who, client in people.items()} == {key: {} for key in people}


def test_an_expert_reads_their_own_sheet_and_nobody_elses(world: World, waiting: Application, signed_in: SignedIn):
    first, _second, last = Assignment.objects.filter(panel__application=waiting).order_by("pk")
    of_first, of_last = (leaks(signed_in(world.experts[number]), waiting) for number in (0, 2))
    assert set(of_first) <= {reverse("sheet", args=[first.pk])}
    assert set().union(*of_first.values()) <= {"91.37", "17.29", COMMENT, TO_COMMITTEE}
    assert set(of_last) <= {reverse("sheet", args=[last.pk])}
    assert set().union(*of_last.values()) <= {"61.43", "17.29", COMMENT, TO_COMMITTEE}


def test_afterwards_the_department_reads_them_and_nobody_else(
    world: World, waiting: Application, signed_in: SignedIn, anybody: Client
):
    last = Assignment.objects.filter(panel__application=waiting).latest("pk")
    hand_in(last, Decimal("61.43"), Decimal("17.29"))
    panel = Panel.objects.get(application=waiting)
    assert all_in.sheets_open(panel)
    base, ranking = reverse("base", args=[waiting.base_id]), reverse("round-ranking", args=[waiting.round_id])
    for who in (world.officer, world.leader):
        read = leaks(signed_in(who), waiting)
        assert read[base] == {"91.37", "87.61", "61.43", COMMENT, TO_COMMITTEE}
        assert {"87.61", "17.29", AGGREGATE} <= read[ranking]
        assert set(SECRETS[:4]) <= read[reverse("ranking-excel", args=[waiting.round_id])]
    closed = (Role.APPLICANT, Role.UNIT_OFFICER, Role.PARTNER_OFFICER, Role.AUDITOR, Role.SYSADMIN, Role.SECURITY_ADMIN)
    people = {role: signed_in(world.everybody()[role]) for role in closed} | {"public": anybody}
    people["other expert"] = signed_in(world.experts[4])
    assert {who: leaks(client, waiting) for who, client in people.items()} == {who: {} for who in people}
    # The aggregate is fixed while the base is still in review: its unit reads neither it nor the comments yet.
    Panel.objects.update(aggregate=Decimal(AGGREGATE), fixed_on=TODAY)
    near = {role: people[role] for role in (Role.APPLICANT, Role.UNIT_OFFICER, Role.PARTNER_OFFICER, "public")}
    assert {who: leaks(client, waiting) for who, client in near.items()} == {who: {} for who in near}


def test_a_withdrawn_experts_points_are_read_by_nobody(world: World, waiting: Application, signed_in: SignedIn):
    """What somebody scored before they left counts for nothing, and says nothing; while their place is empty, the others say nothing
    either: no page, no Excel, no CSV."""
    gone = Assignment.objects.filter(panel__application=waiting).earliest("pk")
    Assignment.objects.filter(pk=gone.pk).update(status="recused", ended_reason="有利害关系。")
    last = Assignment.objects.filter(panel__application=waiting).latest("pk")
    hand_in(last, Decimal("61.43"), Decimal("17.29"))
    Panel.objects.update(required=2)
    assert {who.role: leaks(signed_in(who), waiting) for who in (world.officer, world.leader)} == {
        Role.DEPT_OFFICER: {}, Role.DEPT_LEADER: {},
    }  # fmt: skip
    Assignment.objects.filter(pk=gone.pk).update(unfilled_reason="没有其他专家。", unfilled_on=TODAY)
    read = leaks(signed_in(world.officer), waiting)
    assert "87.61" in read[reverse("base", args=[waiting.base_id])]
    assert "91.37" not in set().union(*read.values())
