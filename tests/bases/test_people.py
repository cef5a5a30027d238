from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO
from itertools import product
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bases.acting import acting_for, live_memberships
from bases.management.commands import create_administrators
from bases.models import Base, Department, Division, Membership, PartnerUnit, Policy, TrainingUnit
from bases.services.people import (
    create_account,
    create_training_unit,
    grant_membership,
    new_policy_version,
    register_partner,
    withdraw_membership,
)
from bases.validators import validate_credit_code, validate_no_id_card
from portal.errors import Refused
from portal.models import User
from portal.roles import DEPARTMENT_ROLES, EXCLUSIVE_ROLES, UNIT_ROLES, Role
from tests.bases.conftest import SignedIn
from tests.factories import PASSWORD, PartnerUnitFactory, TrainingUnitFactory, UserFactory, World, pdf_upload

DAY = timedelta(days=1)
EXCLUSIVE_PAIRS = [(one, other) for one, other in product(sorted(EXCLUSIVE_ROLES), repeat=2) if one != other]


def refusal(act: Any, **given: Any) -> tuple[str, ...]:
    with pytest.raises(Refused) as refused, transaction.atomic():
        act(**given)
    return refused.value.reasons


@pytest.fixture
def newcomer(world: World) -> User:
    """Somebody who has an account and nothing else."""
    return UserFactory(full_name="新来的人", username="newcomer")


def organisations(world: World) -> dict[str, Any]:
    return {"training_unit": world.unit, "partner_unit": world.partner, "department": world.department}


def kind_of_organisation(role: str) -> set[str]:
    if role in UNIT_ROLES:
        return {"training_unit"}
    if role in DEPARTMENT_ROLES:
        return {"department"}
    return {"partner_unit"} if role == Role.PARTNER_OFFICER else set()


# A role and its organisation


@pytest.mark.article("4")
@pytest.mark.parametrize("role", Role.values)
def test_a_role_is_held_in_the_kind_of_organisation_that_it_belongs_to(world: World, newcomer: User, role: str):
    held = grant_membership(user=newcomer, role=role, by=world.security_admin.user, **organisations(world))
    assert {name for name in organisations(world) if getattr(held, name) is not None} == kind_of_organisation(role)
    assert (held.granted_by, held.withdrawn_at) == (world.security_admin.user, None)


@pytest.mark.parametrize("role", [*sorted(UNIT_ROLES), Role.PARTNER_OFFICER])
def test_a_role_without_its_organisation_is_refused(world: World, newcomer: User, role: str):
    others = {k: v for k, v in organisations(world).items() if k not in kind_of_organisation(role)}
    assert refusal(grant_membership, user=newcomer, role=role, by=world.security_admin.user, **others) == (
        f"角色“{Role(role).label}”需要选定所在单位。",
    )
    assert not newcomer.memberships.exists()


def test_the_database_knows_which_organisation_fits_which_role(world: World):
    accepted, refused = set(), set()
    for role, *present in product(Role.values, *[[False, True]] * 3):
        given = {name: one for (name, one), there in zip(organisations(world).items(), present, strict=True) if there}
        try:
            with transaction.atomic():
                Membership.objects.create(user=UserFactory(), role=role, **given)
            accepted.add((role, frozenset(given)))
        except IntegrityError as error:
            refused.add("membership_organisation_fits_role" in str(error))
    assert refused == {True}
    assert accepted == {(role, frozenset(kind_of_organisation(role))) for role in Role.values}


def test_the_same_role_is_not_given_twice(world: World):
    user = world.applicant.user
    given = {"user": user, "role": Role.APPLICANT, "training_unit": world.unit}
    assert refusal(grant_membership, by=world.security_admin.user, **given) == (
        "申报教授 已有这个角色，没有重复授予。",
    )
    with pytest.raises(IntegrityError, match="one_live_membership_per_role_and_organisation"), transaction.atomic():
        Membership.objects.create(**given)
    assert user.memberships.count() == 1


def test_one_person_may_hold_several_roles(world: World):
    user = world.applicant.user
    grant_membership(user=user, role=Role.APPLICANT, by=world.security_admin.user, training_unit=world.other_unit)
    grant_membership(user=user, role=Role.EXPERT, by=world.security_admin.user)
    assert [(m.role, m.organisation_name) for m in live_memberships(user)] == [
        ("applicant", world.unit.name),
        ("applicant", world.other_unit.name),
        ("expert", "专家个人"),
    ]


# The three administrators


@pytest.mark.parametrize(("held", "wanted"), EXCLUSIVE_PAIRS)
def test_the_administrators_roles_exclude_one_another_on_one_person(
    world: World, newcomer: User, held: str, wanted: str
):
    grant_membership(user=newcomer, role=held, by=world.security_admin.user)
    assert refusal(grant_membership, user=newcomer, role=wanted, by=world.security_admin.user) == (
        "系统管理员、安全管理员、审计员三者互斥，新来的人 已担任其中之一。",
    )
    with pytest.raises(IntegrityError, match="administrators_exclude_one_another"), transaction.atomic():
        Membership.objects.create(user=newcomer, role=wanted, department=world.department)
    assert [m.role for m in live_memberships(newcomer)] == [held]


def test_after_one_administrators_role_is_withdrawn_another_can_be_held(world: World, newcomer: User):
    admin = world.security_admin.user
    held = grant_membership(user=newcomer, role=Role.AUDITOR, by=admin)
    withdraw_membership(membership=held, by=admin)
    grant_membership(user=newcomer, role=Role.SYSADMIN, by=admin)
    assert [m.role for m in live_memberships(newcomer)] == ["sysadmin"]


def test_nobody_gives_a_role_to_themselves(world: World):
    admin = world.security_admin.user
    assert refusal(grant_membership, user=admin, role=Role.EXPERT, by=admin) == (
        "不能给自己授予角色，请由另一位安全管理员办理。",
    )
    assert [m.role for m in live_memberships(admin)] == ["security_admin"]


def test_nobody_withdraws_their_own_role(world: World):
    admin = world.security_admin.user
    own = admin.memberships.get()
    assert refusal(withdraw_membership, membership=own, by=admin) == ("不能收回自己的角色，请由另一位安全管理员办理。",)
    assert [m.pk for m in live_memberships(admin)] == [own.pk]


def test_a_withdrawn_role_stays_on_record_and_is_not_withdrawn_again(world: World):
    membership, admin = world.applicant.user.memberships.get(), world.security_admin.user
    gone = withdraw_membership(membership=membership, by=admin)
    assert (gone.withdrawn_by, gone.withdrawn_at is not None) == (admin, True)
    assert refusal(withdraw_membership, membership=membership, by=admin) == ("这个角色已被收回，没有重复办理。",)
    assert Membership.objects.get(pk=membership.pk).withdrawn_at == gone.withdrawn_at


# Rights come from the role one acts in


def forbidden(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 403
    return answer.content.decode()


INSIDERS_ONLY = "本页只对以下角色开放：申报人、研究生院、合作单位、教育厅经办、教育厅审批。没有作任何改动。"


def test_who_holds_one_role_acts_in_it(world: World, signed_in: SignedIn):
    answer = signed_in(world.unit_officer).get("/bases/")
    acting = answer.context["shell"].acting
    assert (answer.status_code, acting.role, acting.unit_id) == (200, "unit_officer", world.unit.pk)


@pytest.mark.parametrize("superuser", [False, True])
def test_an_account_alone_has_no_right(newcomer: User, signed_in: SignedIn, superuser: bool):
    newcomer.is_superuser = newcomer.is_staff = superuser
    newcomer.save()
    assert INSIDERS_ONLY in forbidden(signed_in(newcomer), "/bases/")


def test_who_holds_several_roles_is_nobody_until_they_choose(world: World, signed_in: SignedIn):
    user = world.unit_officer.user
    other = grant_membership(
        user=user, role=Role.APPLICANT, by=world.security_admin.user, training_unit=world.other_unit
    )
    client = signed_in(user)
    assert INSIDERS_ONLY in forbidden(client, "/bases/")
    answer = client.post("/role/", {"membership": other.pk, "next": "/bases/"})
    assert (answer.status_code, answer.url) == (302, "/bases/")
    acting = client.get("/bases/").context["shell"].acting
    assert (acting.role, acting.unit_id) == ("applicant", world.other_unit.pk)


def test_the_page_offers_ones_own_live_roles_and_no_others(world: World, signed_in: SignedIn):
    user, admin = world.unit_officer.user, world.security_admin.user
    gone = grant_membership(user=user, role=Role.EXPERT, by=admin)
    kept = grant_membership(user=user, role=Role.APPLICANT, by=admin, training_unit=world.unit)
    withdraw_membership(membership=gone, by=admin)
    answer = signed_in(user).get("/role/")
    assert [m.pk for m in answer.context["memberships"]] == [world.unit_officer.membership_id, kept.pk]


def test_a_role_that_is_not_ones_own_cannot_be_chosen(world: World, signed_in: SignedIn):
    client = signed_in(world.applicant)
    for foreign in (world.leader.membership_id, 10**9, "leader"):
        answer = client.post("/role/", {"membership": foreign})
        assert "没有切换：这个角色不属于您，或已被收回。" in answer.content.decode()
        assert client.get("/bases/").context["shell"].acting.role == "applicant"


def test_choosing_a_role_leads_to_no_other_site(world: World, signed_in: SignedIn):
    answer = signed_in(world.applicant).post(
        "/role/", {"membership": world.applicant.membership_id, "next": "https://elsewhere.invalid/"}
    )
    assert (answer.status_code, answer.url) == (302, "/")


def test_a_withdrawn_role_loses_its_rights_with_the_next_click(world: World, signed_in: SignedIn):
    client = signed_in(world.leader)
    client.post("/role/", {"membership": world.leader.membership_id})
    assert client.get("/bases/").status_code == 200
    withdraw_membership(membership=world.leader.user.memberships.get(), by=world.security_admin.user)
    assert INSIDERS_ONLY in forbidden(client, "/bases/")


def test_who_loses_the_chosen_role_does_not_go_on_in_it(world: World):
    user, admin = world.leader.user, world.security_admin.user
    chosen = grant_membership(user=user, role=Role.DEPT_OFFICER, by=admin)
    grant_membership(user=user, role=Role.EXPERT, by=admin)
    withdraw_membership(membership=chosen, by=admin)
    assert acting_for(user, list(live_memberships(user)), chosen.pk).is_public


def test_a_deactivated_account_is_out_at_once(world: World, signed_in: SignedIn):
    client = signed_in(world.leader)
    assert client.get("/bases/").status_code == 200
    User.objects.filter(pk=world.leader.user_id).update(is_active=False)
    answer = client.get("/bases/")
    assert (answer.status_code, answer.url) == (302, "/login/?next=/bases/")
    assert list(live_memberships(User.objects.get(pk=world.leader.user_id))) == []


# Accounts


ACCOUNT = {
    "username": "wang.wu",
    "full_name": "王五",
    "phone": "13800000000",
    "email": "",
    "password": "kaoyan-2026-nm",
}


def test_the_system_administrator_opens_an_account_that_has_no_right_yet(world: World, signed_in: SignedIn):
    answer = signed_in(world.sysadmin).post("/accounts/", ACCOUNT, follow=True)
    opened = User.objects.get(username="wang.wu")
    assert "账号“wang.wu”已建立；由安全管理员授予角色后方可办事。" in answer.content.decode()
    assert (opened.full_name, opened.check_password("kaoyan-2026-nm"), opened.is_superuser) == ("王五", True, False)
    assert list(live_memberships(opened)) == []


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"username": "Wang"}, "username", "登录名用小写字母开头，3–30 位。"),
        ({"username": "newcomer"}, "username", "账号“newcomer”已存在，请换一个登录名。"),
        ({"phone": "1380000"}, "phone", "手机号应为 11 位，请核对。"),
        ({"password": "2026112420"}, "password", "密码不能全是数字。"),
        ({"password": "short-1"}, "password", "密码太短，至少要有 10 位。"),
        ({"full_name": ""}, "full_name", "请填写这一项。"),
    ],
)
def test_a_wrong_entry_opens_no_account_and_says_why(
    world: World, newcomer: User, signed_in: SignedIn, changes: dict[str, str], field: str, message: str
):
    before = User.objects.count()
    answer = signed_in(world.sysadmin).post("/accounts/", ACCOUNT | changes)
    assert message in answer.context["form"].errors[field]
    assert User.objects.count() == before


def test_a_login_name_is_taken_once(world: World, newcomer: User):
    assert refusal(create_account, username="newcomer", full_name="他人", password=PASSWORD) == (
        "账号“newcomer”已存在，请换一个登录名。",
    )


ADMINISTRATION = {
    "/accounts/": Role.SYSADMIN,
    "/organisations/": Role.SYSADMIN,
    "/memberships/": Role.SECURITY_ADMIN,
    "/policies/": Role.SECURITY_ADMIN,
    "/history/": Role.AUDITOR,
}


@pytest.mark.parametrize("path", ADMINISTRATION)
def test_each_page_of_the_administration_is_open_to_one_role(world: World, signed_in: SignedIn, path: str):
    answers = {role: signed_in(who).get(path).status_code for role, who in world.everybody().items()}
    assert answers == {role: 200 if role == ADMINISTRATION[path] else 403 for role in Role.values}
    visitor = Client().get(path)
    assert (visitor.status_code, visitor.url) == (302, f"/login/?next={path}")


# Granting on the page


def test_the_security_administrator_grants_a_role_on_the_page(world: World, newcomer: User, signed_in: SignedIn):
    client = signed_in(world.security_admin)
    sent = {"user": newcomer.pk, "role": "unit_officer", "training_unit": world.unit.pk}
    answer = client.post("/memberships/", sent, follow=True)
    assert f"已授予：新来的人 · 研究生院 · {world.unit.name}。" in answer.content.decode()
    again = client.post("/memberships/", sent)
    assert again.context["form"].non_field_errors() == ["新来的人 已有这个角色，没有重复授予。"]
    assert newcomer.memberships.count() == 1


def test_the_security_administrator_withdraws_a_role_after_seeing_what_follows(world: World, signed_in: SignedIn):
    client, membership = signed_in(world.security_admin), world.applicant.user.memberships.get()
    path = f"/memberships/{membership.pk}/withdraw/"
    assert "申报教授立即不能再以" in client.get(path).content.decode()
    assert Membership.objects.get(pk=membership.pk).withdrawn_at is None
    client.post(path)
    assert Membership.objects.get(pk=membership.pk).withdrawn_by == world.security_admin.user
    answer = client.post(path)
    assert (answer.status_code, "这个角色已被收回，没有重复办理。" in answer.content.decode()) == (409, True)


# The very first administrators


@pytest.fixture
def passwords(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is typed when the command asks for passwords."""
    typed = ["first-of-all-2026", "second-of-all-2026"]
    answers: Iterator[str] = iter(typed)
    monkeypatch.setattr(create_administrators, "getpass", lambda _prompt: next(answers))
    return typed


def create_first(sysadmin: str = "xt", security_admin: str = "aq") -> str:
    out = StringIO()
    call_command(
        "create_administrators", department="内蒙古自治区教育厅", sysadmin=sysadmin, security_admin=security_admin, stdout=out
    )  # fmt: skip
    return out.getvalue()


def test_the_command_creates_the_first_two_administrators(db: None, passwords: list[str]):
    assert create_first() == "已建立系统管理员和安全管理员各一名。\n"
    assert [(m.user.username, m.role, m.organisation_name) for m in Membership.objects.order_by("pk")] == [
        ("xt", "sysadmin", "内蒙古自治区教育厅"),
        ("aq", "security_admin", "内蒙古自治区教育厅"),
    ]
    assert [
        User.objects.get(username=name).check_password(p) for name, p in zip(("xt", "aq"), passwords, strict=True)
    ] == [
        True,
        True,
    ]


def test_the_command_creates_no_further_administrators(world: World, passwords: list[str]):
    before = Membership.objects.count()
    with pytest.raises(CommandError, match="已有系统管理员或安全管理员，请在页面上办理后续授权。"):
        create_first()
    assert (Membership.objects.count(), User.objects.filter(username="xt").count()) == (before, 0)


def test_one_person_cannot_be_both_first_administrators(db: None, passwords: list[str]):
    with pytest.raises(CommandError, match="账号“xt”已存在，请换一个登录名。"):
        create_first(security_admin="xt")
    assert (User.objects.count(), Membership.objects.count(), Department.objects.count()) == (0, 0, 0)


def test_the_first_administrators_need_passwords_as_strong_as_everybodys(db: None, passwords: list[str]):
    passwords[1:] = ["123456"]
    with pytest.raises(CommandError, match="密码太短，至少要有 10 位。"):
        create_first()
    assert User.objects.count() == 0


# Organisations


VALID_CODES = ["121500009999000110", "91150100MA0XM0T1X3", "52150000500990039L"]


@pytest.mark.article("7(2)")
@pytest.mark.parametrize("code", VALID_CODES)
def test_a_credit_code_whose_check_digit_holds_is_registered(world: World, code: str):
    given = {"name": "新合作单位", "kind": "enterprise", "division": world.partner.division}
    assert register_partner(by=world.applicant, credit_code=code, **given).registered_by == world.applicant.user


@pytest.mark.article("7(2)")
@pytest.mark.parametrize(
    "code",
    [*(c[:-1] + ("0" if c[-1] != "0" else "1") for c in VALID_CODES), "91150100MA0XM0T1", "", "9115010IMA0XM0T1X3"],
)
def test_a_credit_code_that_is_wrong_is_refused_in_chinese(code: str):
    with pytest.raises(ValidationError) as refused:
        validate_credit_code(code)
    assert refused.value.messages == [
        f"统一社会信用代码“{code}”不正确：应为 18 位，且末位校验码要相符。请对照营业执照或法人证书核对。"
    ]


@pytest.mark.parametrize("code", ["91150100ma0xm0t1x3", "91150100 MA0XM0T1X3", " 91150100MA0XM0T1X3"])
def test_a_credit_code_is_written_in_capitals_without_spaces(code: str):
    with pytest.raises(ValidationError) as refused:
        validate_credit_code(code)
    assert refused.value.messages == ["统一社会信用代码请用大写字母，中间不留空格。"]


@pytest.mark.article("7(2)")
def test_a_partner_is_registered_once(world: World):
    given = {"name": "另一个名称", "kind": "enterprise", "division": world.partner.division}
    (reason,) = refusal(register_partner, by=world.applicant, credit_code=world.partner.credit_code, **given)
    assert "统一社会信用代码" in reason
    assert PartnerUnit.objects.count() == 2


@pytest.mark.article("7(2)")
def test_a_partner_is_of_one_of_the_kinds_of_the_regulation(world: World):
    assert [label for _value, label in PartnerUnit.Kind.choices] == [
        "地方政府及职能部门",
        "企业",
        "事业单位",
        "科研院所",
        "其他社会组织",
    ]
    with pytest.raises(IntegrityError, match="partner_unit_kind_of_article_7_2"), transaction.atomic():
        PartnerUnitFactory(kind="friends")


def test_a_partner_is_registered_on_the_page(world: World, signed_in: SignedIn):
    client = signed_in(world.applicant)
    sent = {
        "credit_code": VALID_CODES[1],
        "name": "草原装备",
        "kind": "enterprise",
        "division": world.partner.division_id,
    }
    wrong = client.post("/partners/new/", sent | {"credit_code": VALID_CODES[1][:-1] + "4"})
    assert wrong.context["form"].errors["credit_code"] == [
        "统一社会信用代码“91150100MA0XM0T1X4”不正确：应为 18 位，且末位校验码要相符。请对照营业执照或法人证书核对。"
    ]
    answer = client.post("/partners/new/", sent, follow=True)
    assert "合作单位“草原装备”已登记，可以在申请书中选用。" in answer.content.decode()
    assert PartnerUnit.objects.get(credit_code=VALID_CODES[1]).name == "草原装备"


# A code that was really issued but fails its check digit


ODD_CODE = VALID_CODES[1][:-1] + "4"
ODD_PARTNER = {"credit_code": ODD_CODE, "name": "草原装备", "kind": "enterprise"}
REASON = "已与登记机关电话核对，证照无误。"
WRONG_CODE = f"统一社会信用代码“{ODD_CODE}”不正确：应为 18 位，且末位校验码要相符。请对照营业执照或法人证书核对。"


def odd(world: World, **changes: Any) -> dict[str, Any]:
    return ODD_PARTNER | {"division": world.partner.division} | changes


@pytest.mark.article("7(2)")
def test_an_officer_registers_a_code_that_fails_its_check_digit_with_a_reason_and_a_scan(world: World):
    partner = register_partner(by=world.officer, exception_reason=REASON, exception_scan=pdf_upload(), **odd(world))
    kept = PartnerUnit.objects.get(credit_code=ODD_CODE)
    assert (kept, kept.code_exception_reason, kept.registered_by) == (partner, REASON, world.officer.user)
    assert (kept.code_exception_scan.purpose, kept.code_exception_scan.kind) == ("partner_code", "pdf")


@pytest.mark.article("7(2)")
@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.DEPT_OFFICER])
def test_nobody_but_the_officer_makes_an_exception(world: World, role: str):
    given = {"by": world.everybody()[role], "exception_reason": REASON, "exception_scan": pdf_upload()}
    assert refusal(register_partner, **given, **odd(world)) == ("校验码不符的合作单位，由教育厅经办核实证照后登记。",)
    assert refusal(register_partner, by=world.everybody()[role], **odd(world)) == (WRONG_CODE,)
    assert not PartnerUnit.objects.filter(credit_code=ODD_CODE).exists()


@pytest.mark.article("7(2)")
def test_an_exception_needs_a_reason_a_scan_and_a_code_that_has_the_form(world: World):
    def refused(code: str = ODD_CODE, **given: Any) -> tuple[str, ...]:
        return refusal(register_partner, by=world.officer, **odd(world, credit_code=code), **given)

    both = ("校验码不符仍予登记的，理由和证照扫描件都要提供。",)
    assert refused() == (WRONG_CODE,)
    assert refused(exception_reason=REASON) == both
    assert refused(exception_reason=" ", exception_scan=pdf_upload()) == both
    assert refused(VALID_CODES[1], exception_reason=REASON, exception_scan=pdf_upload()) == (
        f"统一社会信用代码“{VALID_CODES[1]}”的校验码相符，不需要理由和扫描件，请留空。",
    )
    assert refused("9115010", exception_reason=REASON, exception_scan=pdf_upload()) == (
        "统一社会信用代码“9115010”不正确：应为 18 位数字和大写字母，不含 I、O、S、V、Z。请对照证照核对。",
    )
    assert PartnerUnit.objects.count() == 2


def test_only_the_officer_is_asked_for_an_exception_on_the_page(world: World, signed_in: SignedIn):
    asked = {
        role: "exception_reason" in signed_in(world.everybody()[role]).get("/partners/new/").context["form"].fields
        for role in (Role.APPLICANT, Role.UNIT_OFFICER, Role.DEPT_OFFICER)
    }
    assert asked == {Role.APPLICANT: False, Role.UNIT_OFFICER: False, Role.DEPT_OFFICER: True}
    sent = ODD_PARTNER | {"division": world.partner.division_id, "exception_reason": REASON}
    answer = signed_in(world.applicant).post("/partners/new/", sent | {"exception_scan": pdf_upload()})
    assert (answer.status_code, answer.context["form"].errors) == (422, {"credit_code": [WRONG_CODE]})


def test_the_officer_registers_an_exception_on_the_page(world: World, signed_in: SignedIn):
    client, sent = signed_in(world.officer), ODD_PARTNER | {"division": world.partner.division_id}
    assert client.post("/partners/new/", sent).context["form"].errors == {"credit_code": [WRONG_CODE]}
    halves = [({"exception_reason": REASON}, "exception_scan"), ({"exception_scan": pdf_upload()}, "exception_reason")]
    for half, missing in halves:
        assert missing in client.post("/partners/new/", sent | half).context["form"].errors
    assert not PartnerUnit.objects.filter(credit_code=ODD_CODE).exists()
    whole = sent | {"exception_reason": REASON, "exception_scan": pdf_upload()}
    answer = client.post("/partners/new/", whole, follow=True)
    assert "合作单位“草原装备”已登记，可以在申请书中选用。" in answer.content.decode()
    assert PartnerUnit.objects.get(credit_code=ODD_CODE).code_exception_reason == REASON


def test_the_scan_of_an_exception_is_for_the_department_alone(world: World, signed_in: SignedIn):
    partner = register_partner(by=world.officer, exception_reason=REASON, exception_scan=pdf_upload(), **odd(world))
    path = f"/files/{partner.code_exception_scan.key}/"
    opens = {role for role, who in world.everybody().items() if signed_in(who).get(path).status_code == 200}
    assert opens == {Role.DEPT_OFFICER, Role.DEPT_LEADER}


# The list of partners


def partner_names(client: Client, address: str) -> list[str]:
    return [partner.name for partner in client.get(address).context["page_obj"]]


@pytest.fixture
def partners(world: World) -> World:
    """Two companies of Baotou by the world, and three others elsewhere."""
    where = {division.code: division for division in Division.objects.all()}
    PartnerUnitFactory(name="新城区人民医院", kind="public_institution", division=where["150102"])
    PartnerUnitFactory(name="呼市工业局", kind="government", division=where["150100"])
    PartnerUnitFactory(name="玉泉装备公司", kind="enterprise", division=where["150104"])
    return world


@pytest.mark.article("7(2)")
def test_partners_are_found_by_name_code_kind_and_division(partners: World, signed_in: SignedIn):
    client = signed_in(partners.unit_officer)
    code = PartnerUnit.objects.get(name="呼市工业局").credit_code
    found = {
        query: partner_names(client, f"/partners/?{query}")
        for query in (
            "q=装备 玉泉", f"q={code}", "kind=public_institution", "division=150100", "division=150104",
            "division=150100&kind=enterprise", "q=没有这家", "kind=friends&division=999999&q=玉泉",
        )
    }  # fmt: skip
    assert found == {
        "q=装备 玉泉": ["玉泉装备公司"],
        f"q={code}": ["呼市工业局"],
        "kind=public_institution": ["新城区人民医院"],
        "division=150100": sorted(["呼市工业局", "新城区人民医院", "玉泉装备公司"]),
        "division=150104": ["玉泉装备公司"],
        "division=150100&kind=enterprise": ["玉泉装备公司"],
        "q=没有这家": [],
        "kind=friends&division=999999&q=玉泉": ["玉泉装备公司"],
    }


def test_the_list_of_partners_is_open_to_units_department_and_system_administrator(world: World, signed_in: SignedIn):
    opens = {role for role, who in world.everybody().items() if signed_in(who).get("/partners/").status_code == 200}
    assert opens == {*UNIT_ROLES, Role.DEPT_OFFICER, Role.DEPT_LEADER, Role.SYSADMIN}


def test_an_exception_is_marked_in_the_list_and_explained_to_the_department(world: World, signed_in: SignedIn):
    register_partner(by=world.officer, exception_reason=REASON, exception_scan=pdf_upload(), **odd(world))
    said = {
        role: ("校验码不符，经核实登记" in page, REASON in page)
        for role in (Role.UNIT_OFFICER, Role.DEPT_OFFICER)
        for page in [signed_in(world.everybody()[role]).get("/partners/").content.decode()]
    }
    assert said == {Role.UNIT_OFFICER: (True, False), Role.DEPT_OFFICER: (True, True)}


def test_the_list_of_partners_takes_the_same_queries_however_long_it_is(world: World, signed_in: SignedIn):
    client = signed_in(world.officer)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/partners/").status_code == 200
        return len(captured)

    few = queries()
    for _number in range(30):
        PartnerUnitFactory()
    register_partner(by=world.officer, exception_reason=REASON, exception_scan=pdf_upload(), **odd(world))
    assert queries() == few
    assert len(client.get("/partners/").context["page_obj"]) == 25


def test_a_partner_is_placed_in_a_league_or_in_one_of_its_counties(world: World, signed_in: SignedIn):
    groups = dict(signed_in(world.applicant).get("/partners/new/").context["form"].fields["division"].choices)
    assert len(groups) == 13  # an empty choice and the twelve 盟市
    assert [label for _value, label in groups["呼和浩特市"]][:3] == ["呼和浩特市", "新城区", "回民区"]
    assert sum(len(each) for name, each in groups.items() if name) == 12 + 103
    partner = register_partner(
        by=world.applicant, **odd(world, credit_code=VALID_CODES[1], division=Division.objects.get(code="150102"))
    )
    assert str(partner.division) == "呼和浩特市新城区"


@pytest.mark.parametrize(
    "text",
    [
        "150102199001010019",
        "身份证号：150102199001010019。",
        "x150102199001010019x",
        "150102 1990 0101 0019",
        "150204-19951231-002X",
    ],
)
def test_an_id_card_number_is_refused_wherever_it_stands(text: str):
    with pytest.raises(ValidationError) as refused:
        validate_no_id_card(text)
    assert refused.value.messages == ["内容中含有居民身份证号，平台不收集身份证号，请删去后再保存。"]


@pytest.mark.parametrize("text", ["", "150102199001010018", "项目编号 202611240000000001", VALID_CODES[0]])
def test_what_is_no_id_card_number_is_let_through(text: str):
    assert validate_no_id_card(text) is None


@pytest.mark.parametrize("code", ["1012", "101260", "1012A", "１０１２６"])
def test_a_units_code_has_five_digits(world: World, code: str):
    given = {"name": "新大学", "division": world.unit.division}
    assert "院校代码是 5 位数字，请核对。" in refusal(create_training_unit, code=code, **given)
    with pytest.raises(DatabaseError), transaction.atomic():
        TrainingUnitFactory(code=code)
    assert TrainingUnit.objects.count() == 2


def test_a_unit_is_entered_once(world: World):
    given = {"name": "新大学", "division": world.unit.division}
    assert create_training_unit(code="10126", **given).code == "10126"
    assert len(refusal(create_training_unit, code="10126", **given)) == 2


# Policy


def values(**changes: Any) -> dict[str, Any]:
    """The values of the newest version, with changes."""
    newest = Policy.objects.order_by("-version").first()
    skip = {"id", "version", "effective_from", "created_by", "created_at"}
    return {f.name: getattr(newest, f.name) for f in Policy._meta.concrete_fields if f.name not in skip} | changes


def new_version(world: World, begins: date, on: date, **changes: Any) -> Policy:
    return new_policy_version(effective_from=begins, by=world.security_admin.user, on=on, **values(**changes))


@pytest.mark.article("12")
@pytest.mark.article("19")
def test_the_first_version_holds_the_numbers_of_the_regulation(db: None):
    first = Policy.objects.get()
    assert (first.version, first.construction_years, first.rectification_years) == (1, 3, 2)
    assert (first.min_cooperation_years, first.min_trained_students) == (2, 5)
    assert (first.demonstration_grant, first.national_grant, first.innovation_grant) == (100_000, 500_000, 100_000)
    assert (first.notice_working_days, first.reassessment_pass_breaks_row) == (5, False)
    assert first.reminder_days == [180, 90, 30, 7]


def test_a_version_is_never_edited_or_deleted(db: None):
    for act in (lambda: Policy.objects.update(construction_years=9), lambda: Policy.objects.all().delete()):
        with pytest.raises(DatabaseError, match="Cannot update or delete rows from bases_policy"), transaction.atomic():
            act()
    assert Policy.objects.get().construction_years == 3


@pytest.mark.parametrize("ahead", [-1, 0])
def test_a_new_version_begins_in_the_future(world: World, today: date, ahead: int):
    given = values() | {"effective_from": today + ahead * DAY, "by": world.security_admin.user, "on": today}
    assert refusal(new_policy_version, **given) == ("施行日期应晚于今天（2026-11-24），已经开始的事项沿用原版本。",)
    assert Policy.objects.count() == 1


def test_one_day_has_one_version(world: World, today: date):
    new_version(world, today + DAY, today)
    given = values() | {"effective_from": today + DAY, "by": world.security_admin.user, "on": today}
    assert refusal(new_policy_version, **given) == ("2026-11-25 已有一个版本，请换一个施行日期。",)


def test_each_day_has_the_version_that_began_last(world: World, today: date):
    second, third = (new_version(world, today + n * DAY, today) for n in (10, 20))
    assert (second.version, third.version, third.created_by) == (2, 3, world.security_admin.user)
    first = Policy.objects.get(version=1)
    expected = {first.effective_from - DAY: 1, today: 1, today + 9 * DAY: 1, today + 10 * DAY: 2, today + 20 * DAY: 3}
    assert {day: Policy.in_force(day).version for day in expected} == expected


@pytest.mark.article("12")
def test_what_began_under_a_version_keeps_it(world: World, today: date):
    running = world.constructing(today)
    new_version(world, date(2026, 12, 1), today, construction_years=5)
    later = world.constructing(date(2026, 12, 21))
    running = Base.objects.get(pk=running.pk)
    assert (running.policy.version, running.construction_ends_on) == (1, date(2029, 11, 24))
    assert (later.policy.version, later.construction_ends_on) == (2, date(2031, 12, 21))
    assert world.round(today).policy.version == 1


def test_a_new_version_is_entered_on_the_page(world: World, signed_in: SignedIn, today: date):
    client = signed_in(world.security_admin)
    form = client.get("/policies/").context["form"]
    sent = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    sent = {name: ",".join(map(str, v)) if isinstance(v, list) else v for name, v in sent.items() if v is not None}
    sent |= {"effective_from": "2027-01-01", "construction_years": "4", "note": "延长建设期"}
    past = client.post("/policies/", sent | {"effective_from": "2026-11-24"})
    assert past.context["form"].non_field_errors() == ["施行日期应晚于今天（2026-11-24），已经开始的事项沿用原版本。"]
    answer = client.post("/policies/", {k: v for k, v in sent.items() if v is not False}, follow=True)
    assert "新版本已登记，自施行日起生效；已经开始的事项沿用原版本。" in answer.content.decode()
    second = Policy.objects.get(version=2)
    assert (second.construction_years, second.effective_from, second.note) == (4, date(2027, 1, 1), "延长建设期")
    assert answer.context["in_force"].version == 1
    assert values() == values(construction_years=4, note="延长建设期")
