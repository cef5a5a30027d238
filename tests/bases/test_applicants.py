from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from bases import queries
from bases.lifecycle import State
from bases.models import ApplicantChange, Base
from bases.services import people
from bases.services.applicants import changes, hand_over, successors
from portal.acting import Acting
from portal.errors import NotYours, Refused
from portal.roles import Role
from tests.bases.conftest import SignedIn
from tests.factories import World, person

REASON = "原申报人离职。"


@pytest.fixture
def colleague(world: World) -> Acting:
    """Another applicant of the same unit."""
    return person(Role.APPLICANT, "接任教授", training_unit=world.unit)


@pytest.fixture
def base(world: World, today: date) -> Base:
    """A base that has been declared."""
    return world.declared(today)


def pass_on(world: World, base: Base, to: Acting, on: date, **changed: Any) -> Base:
    given = {"base": base, "to": to.user, "reason": REASON, "by": world.unit_officer, "on": on}
    with transaction.atomic():
        return hand_over(**given | changed)


def refusal(*given: Any, **changed: Any) -> tuple[str, ...]:
    with pytest.raises(Refused) as refused:
        pass_on(*given, **changed)
    return refused.value.reasons


@pytest.mark.article("6")
@pytest.mark.article("8(1)")
def test_the_unit_passes_a_base_on_and_the_former_applicant_loses_it(
    world: World, base: Base, colleague: Acting, today: date
):
    base.co_applicants.add(world.applicant.user, colleague.user)
    changed = pass_on(world, base, colleague, today)
    assert (changed.applicant, list(changed.co_applicants.all())) == (colleague.user, [])
    assert [list(queries.visible_bases(who)) for who in (world.applicant, colleague)] == [[], [base]]
    (kept,) = changes(changed, world.unit_officer)
    assert (kept.from_user, kept.to_user, kept.reason) == (world.applicant.user, colleague.user, REASON)
    assert (kept.made_by, kept.made_on) == (world.unit_officer.user, today)


def test_other_colleagues_who_fill_in_the_papers_go_on_doing_so(
    world: World, base: Base, colleague: Acting, today: date
):
    third = person(Role.APPLICANT, training_unit=world.unit)
    base.co_applicants.add(third.user, colleague.user)
    assert list(pass_on(world, base, colleague, today).co_applicants.all()) == [third.user]


@pytest.mark.article("8(1)")
def test_passing_a_base_on_moves_nothing_else_of_it(world: World, base: Base, colleague: Acting, today: date):
    before = Base.objects.filter(pk=base.pk).values().get()
    pass_on(world, base, colleague, today)
    assert Base.objects.filter(pk=base.pk).values().get() == before | {"applicant_id": colleague.user_id}


@pytest.mark.article("6")
def test_nobody_but_the_units_own_officer_passes_a_base_on(world: World, base: Base, colleague: Acting, today: date):
    others = [who for role, who in world.everybody().items() if role != Role.UNIT_OFFICER]
    for by in (*others, colleague, world.other_unit_officer):
        with pytest.raises(NotYours, match="申报人由本单位研究生院更换。"):
            pass_on(world, base, colleague, today, by=by)
    assert not ApplicantChange.objects.exists()


@pytest.mark.article("6")
def test_a_base_passes_to_an_active_applicant_of_its_unit_only(
    world: World, base: Base, colleague: Acting, today: date
):
    left, idle = (person(Role.APPLICANT, name, training_unit=world.unit) for name in ("已卸任", "已停用"))
    people.withdraw_membership(membership=left.user.memberships.get(), by=world.security_admin.user)
    idle.user.is_active = False
    idle.user.save()
    for to in (left, idle, world.unit_officer, world.other_applicant):
        assert refusal(world, base, to, today) == (
            f"{to.user.full_name} 不是本单位在任的申报人，没有更换。请先由安全管理员授予申报人角色。",
        )
    assert refusal(world, base, world.applicant, today) == ("申报教授 已经是本基地的申报人，没有更换。",)
    assert list(successors(base)) == [colleague.user]
    assert Base.objects.get(pk=base.pk).applicant == world.applicant.user


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        ("", "请写明更换申报人的理由。"),
        ("  ", "请写明更换申报人的理由。"),
        ("因" * 301, "理由有 301 个字，最多 300 个字，请删减。"),
        ("身份证号 150102199001010019", "内容中含有居民身份证号，平台不收集身份证号，请删去后再保存。"),
    ],
)
def test_passing_a_base_on_needs_a_reason(
    world: World, base: Base, colleague: Acting, today: date, reason: str, message: str
):
    assert refusal(world, base, colleague, today, reason=reason) == (message,)


@pytest.mark.parametrize("state", [State.REVOKED, State.WITHDRAWN])
def test_a_base_whose_life_is_over_stays_with_its_last_applicant(
    world: World, colleague: Acting, today: date, signed_in: SignedIn, state: State
):
    over = world.in_state(state, today)
    assert refusal(world, over, colleague, today) == ("基地已经终止，不再更换申报人。",)
    client = signed_in(world.unit_officer)
    assert "更换申报人" not in client.get(f"/bases/{over.pk}/").content.decode()
    assert client.get(f"/bases/{over.pk}/applicant/").context["reasons"] == ["基地已经终止，不再更换申报人。"]


@pytest.mark.article("8(1)")
def test_a_change_of_the_applicant_is_never_changed_itself(world: World, base: Base, colleague: Acting, today: date):
    pass_on(world, base, colleague, today)
    for act in (lambda: ApplicantChange.objects.update(reason="改"), lambda: ApplicantChange.objects.all().delete()):
        with pytest.raises(DatabaseError, match="Cannot update or delete rows"), transaction.atomic():
            act()
    assert ApplicantChange.objects.get().reason == REASON


@pytest.mark.parametrize(
    ("changed", "wall"),
    [({"to": "applicant"}, "applicant_change_between_two_people"), ({"reason": ""}, "applicant_change_has_a_reason")],
)
def test_the_database_knows_what_a_change_of_the_applicant_is(
    world: World, base: Base, colleague: Acting, today: date, changed: dict[str, str], wall: str
):
    given = {
        "base": base, "from_user": world.applicant.user, "to_user": colleague.user, "reason": changed.get("reason", REASON),
        "made_by": world.unit_officer.user, "made_on": today,
    }  # fmt: skip
    if "to" in changed:
        given["to_user"] = world.applicant.user
    with pytest.raises(IntegrityError, match=wall), transaction.atomic():
        ApplicantChange.objects.create(**given)


# On the pages


@pytest.mark.article("8(1)")
def test_the_unit_passes_a_base_on_after_a_page_that_says_what_follows(
    world: World, base: Base, colleague: Acting, signed_in: SignedIn, today: date
):
    client, path = signed_in(world.unit_officer), f"/bases/{base.pk}/applicant/"
    assert f'href="{path}"' in client.get(f"/bases/{base.pk}/").content.decode()
    page = client.get(path)
    assert "申报教授立即不能再查看和办理本基地" in page.content.decode()
    assert list(page.context["form"].fields["to"].queryset) == [colleague.user]
    missing = client.post(path, {"to": colleague.user_id, "reason": ""})
    assert (missing.status_code, list(missing.context["form"].errors)) == (422, ["reason"])
    answer = client.post(path, {"to": colleague.user_id, "reason": REASON}, follow=True)
    text = answer.content.decode()
    assert "申报人已更换为接任教授。" in text
    assert f"申报人由申报教授更换为接任教授：{REASON}" in text
    assert signed_in(world.applicant).get(f"/bases/{base.pk}/").status_code == 404
    assert signed_in(colleague).get(f"/bases/{base.pk}/").status_code == 200


def test_who_sees_the_base_sees_the_change_the_partner_without_its_reason(
    world: World, base: Base, colleague: Acting, signed_in: SignedIn, today: date
):
    pass_on(world, base, colleague, today)
    said = {
        role: ("申报人由申报教授更换为接任教授" in text, REASON in text, "applicant/" in text)
        for role, who in (world.everybody() | {Role.APPLICANT: colleague}).items()
        if role in {Role.APPLICANT, Role.UNIT_OFFICER, Role.PARTNER_OFFICER, Role.DEPT_OFFICER}
        for text in [signed_in(who).get(f"/bases/{base.pk}/").content.decode()]
    }
    assert said == {
        Role.APPLICANT: (True, True, False),
        Role.UNIT_OFFICER: (True, True, True),
        Role.PARTNER_OFFICER: (True, False, False),
        Role.DEPT_OFFICER: (True, True, False),
    }


def test_the_page_is_the_units_own(world: World, base: Base, signed_in: SignedIn):
    path = f"/bases/{base.pk}/applicant/"
    answers = {role: signed_in(who).get(path).status_code for role, who in world.everybody().items()}
    assert answers == {role: 200 if role == Role.UNIT_OFFICER else 403 for role in Role.values}
    assert signed_in(world.other_unit_officer).get(path).status_code == 404


def test_without_another_applicant_the_page_says_what_to_do(world: World, base: Base, signed_in: SignedIn):
    page = signed_in(world.unit_officer).get(f"/bases/{base.pk}/applicant/")
    assert page.context["reasons"] == ["本单位没有其他在任的申报人。请先由安全管理员授予申报人角色，再来更换。"]
    assert '<button class="btn btn-primary"' not in page.content.decode()
