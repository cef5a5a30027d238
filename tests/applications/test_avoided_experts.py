"""第八条（三）, 回避: the experts whom an applicant asks not to have, and who may know of it."""

import json
from collections.abc import Callable

import pytest
from django.core import serializers

from applications.models import ApplicationVersion, Assignment, AvoidedExpert, ExpertProfile
from applications.services import avoiding, printing, recognising, recusals
from applications.services.avoiding import Avoided
from bases.models import Base, LifecycleEvent
from portal.errors import NotYours, Overtaken, Refused
from portal.roles import Role
from tests.applications.conftest import SignedIn
from tests.applications.pages import Page
from tests.conftest import TODAY
from tests.factories import World, person

pytestmark = pytest.mark.article("8(3)")
NAME, EMPLOYER, REASON = "郝连城", "塞外理工大学", "与本人有学术争议，曾互相指控。"
WORDS = (NAME, EMPLOYER, REASON)
ASKED = [Avoided(NAME, EMPLOYER, REASON)]


def name_them(world: World, base: Base, experts: list[Avoided] | None = None) -> list[AvoidedExpert]:
    """The applicant says whom they ask not to have."""
    return avoiding.set_avoided(
        application=world.application(base),
        experts=ASKED if experts is None else experts,
        by=world.applicant,
        on=TODAY,
    )


class TestNaming:
    def test_three_at_most_each_once_and_with_a_reason(self, world: World):
        base = world.draft(TODAY)
        four = [Avoided(f"专家{n}", "某大学", "争议。") for n in range(4)]
        twice, bare = [*ASKED, Avoided("郝 连城", EMPLOYER, "又一次。")], [Avoided(NAME, EMPLOYER, " ")]
        said = {}
        for key, given in {"four": four, "twice": twice, "bare": bare}.items():
            with pytest.raises(Refused) as refusal:
                name_them(world, base, given)
            said[key] = refusal.value.reasons[0]
        assert said == {
            "four": "最多提出 3 名。", "twice": "同一名专家只能提出一次。", "bare": "请写明每名专家的回避理由。",
        }  # fmt: skip
        assert AvoidedExpert.objects.count() == 0

    def test_is_the_applicants(self, world: World):
        base = world.draft(TODAY)
        for somebody in (world.unit_officer, world.other_applicant, world.officer, world.experts[0]):
            with pytest.raises(NotYours):
                avoiding.set_avoided(application=world.application(base), experts=ASKED, by=somebody, on=TODAY)

    def test_on_the_page_line_by_line(self, world: World, signed_in: SignedIn):
        base, client = world.draft(TODAY), signed_in(world.applicant)
        url = f"/applications/{world.application(base).pk}/avoid/"
        lines = {"name_1": NAME, "employer_1": EMPLOYER, "reason_1": REASON, "name_2": "某人"}
        half = Page.of(client.post(url, lines))
        assert (half.status, half.value("name_2"), half.beside("reason_2")) == (
            422, "某人", ["请把这名专家的姓名、工作单位和回避理由填写完整，或者整行留空。"],
        )  # fmt: skip
        page = Page.of(client.post(url, lines | {"name_2": ""}, follow=True))
        assert [words for words in WORDS if words not in page.text] == []
        assert Page.of(client.get(url)).value("name_1") == NAME
        client.post(url, {})
        assert AvoidedExpert.objects.count() == 0

    def test_ends_when_experts_are_assigned(self, world: World, signed_in: SignedIn):
        base = world.recommended(TODAY)
        name_them(world, base)
        recognising.assign_experts(base=base, acting=world.officer, on=TODAY, experts=world.expert_users(1))
        with pytest.raises(Overtaken, match="教育厅已分配评审专家"):
            name_them(world, base, [])
        page = Page.of(signed_in(world.applicant).get(f"/applications/{world.application(base).pk}/avoid/"))
        assert ("已提出的专家" in page.text, NAME in page.text) == (True, True)


class TestTheRule:
    def test_bars_by_name_and_employer_and_hints_by_name(self, world: World):
        base = world.recommended(TODAY)
        name_them(world, base)
        same, namesake = (person(Role.EXPERT, NAME) for _each in range(2))
        for acting, employer in ((same, EMPLOYER), (namesake, "别的大学")):
            ExpertProfile.objects.create(user=acting.user, name=NAME, employer=employer)
        users = [same.user, namesake.user]
        barred = recusals.conflicts(users, [base], TODAY)
        assert {key: (c.rule, c.reason) for key, c in barred.items()} == {
            (same.user_id, base.pk): ("avoided", "申报人申请回避")
        }
        assert recusals.findings(users, [base], TODAY).hints == {
            (namesake.user_id, base.pk): [f"与申报人申请回避的{NAME}同名，工作单位不同"]
        }


class TestWhoKnows:
    """The applicants and the department; nobody else through any channel."""

    @pytest.fixture
    def base(self, world: World) -> Base:
        base = world.draft(TODAY)
        name_them(world, base)
        base = world.review(world.declare(base, TODAY), TODAY)
        base = world.recommend(world.publish_unit_notice(base, TODAY), TODAY.replace(month=12, day=10))
        return world.open_review(base, TODAY.replace(month=12, day=10))

    def test_the_applicant_and_the_department_read_it(self, world: World, base: Base, signed_in: SignedIn):
        for reader in (world.applicant, world.officer, world.leader):
            text = Page.of(signed_in(reader).get(f"/bases/{base.pk}/")).text
            assert [words for words in WORDS if words not in text] == []

    def test_nobody_else_does(self, world: World, base: Base, signed_in: SignedIn, anybody):
        application = world.application(base)
        sheet = base.panels.get().assignments.get(expert=world.experts[0].user)
        of_paper = [f"/applications/{application.pk}/{page}/" for page in ("preview", "versions", "print")]
        addresses = {
            world.unit_officer: [f"/bases/{base.pk}/", "/", "/bases/", *of_paper],
            world.partner_officer: [f"/bases/{base.pk}/", "/", of_paper[0]],
            world.experts[0]: [f"/reviews/{sheet.pk}/declare/", "/reviews/", "/"],
        }
        told = {}
        for reader, urls in addresses.items():
            client = signed_in(reader)
            told |= {(reader.role, url): client.get(url).text for url in urls}
        recusals.declare_free(assignment=sheet, by=world.experts[0], on=TODAY)
        told["sheet"] = signed_in(world.experts[0]).get(f"/reviews/{sheet.pk}/").text
        told |= {
            url: anybody.get(url).text
            for url in ("/public/notices/", "/public/notices/feed/", "/public/data/notices.json")
        }
        told["applicant's paper"] = "".join(signed_in(world.applicant).get(url).text for url in of_paper)
        for refused in (world.unit_officer, world.partner_officer, world.experts[0], world.officer):
            answer = signed_in(refused).get(f"/applications/{application.pk}/avoid/")
            assert answer.status_code == 403
            told[refused.role, "avoid"] = answer.text
        told["versions"] = json.dumps([v.content for v in ApplicationVersion.objects.all()], ensure_ascii=False)
        told["history"] = serializers.serialize("json", LifecycleEvent.objects.all(), ensure_ascii=False)
        told["print"] = printing_words(world, base)
        assert {where for where, text in told.items() for words in WORDS if words in text} == set()

    def test_an_expert_who_is_taken_off_for_it_is_not_told_who_asked(
        self, world: World, base: Base, signed_in: SignedIn
    ):
        """They may join the pool's data later than the assignment."""
        expert = world.experts[0]
        ExpertProfile.objects.filter(user=expert.user).update(name=NAME, employer=EMPLOYER)
        sheet = base.panels.get().assignments.get(expert=expert.user)
        recusals.remove_for_conflict(assignment=sheet, reason="申报人申请回避", by=world.officer, on=TODAY)
        client = signed_in(expert)
        texts = [client.get(url).text for url in ("/reviews/", f"/reviews/{sheet.pk}/")]
        assert ["申报人申请" in text for text in texts] == [False, False]
        assert ["按照回避规定" in text for text in texts] == [True, True]


def printing_words(world: World, base: Base) -> str:
    """What the 申请书 for print is made of."""
    application = world.application(base)
    version = application.versions.get()
    asked = printing.ask(application=application, version=version, by=world.officer, on=TODAY)
    return json.dumps(asked.version.content, ensure_ascii=False)


@pytest.mark.parametrize("act", [recusals.remove_for_conflict, recusals.release])
def test_whom_they_named_is_not_told_in_which_words_they_were_taken_off(
    world: World, signed_in: SignedIn, act: Callable[..., Assignment]
) -> None:
    """The employer differs, so no rule bars them: the officer decides and writes of the applicant's wish."""
    base, expert = world.in_review(TODAY), world.experts[0]
    AvoidedExpert.objects.create(
        application=world.application(base), position=1, name="专 家0", employer=EMPLOYER, reason=REASON, named_by=world.applicant.user,
        named_on=TODAY,
    )  # fmt: skip
    assignment = Assignment.objects.get(panel__base=base, expert=expert.user)
    step = "conflict" if act is recusals.remove_for_conflict else "release"
    form = Page.of(signed_in(world.officer).get(f"/assignments/{assignment.pk}/{step}/"))
    assert "专家看不到这里写的原因，只看到“按照回避规定”。" in form.text
    act(assignment=assignment, reason="申报人申请回避的就是本人。", by=world.officer, on=TODAY)
    told = [Page.of(signed_in(expert).get(url)).text for url in ("/reviews/?show=ended", f"/reviews/{assignment.pk}/")]
    assert ["按照回避规定" in text for text in told] == [True, True]
    assert ["申报人申请" in text for text in told] == [False, False]
