"""What the tests of the money share: a base under construction, money in its accounts, expenses."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.test import override_settings

from agreements.models import Account, Contribution, Expense, Grant, LedgerEntry
from agreements.services import accounts, contributions, expenses
from bases.models import Base
from portal.acting import Acting
from portal.roles import Role
from tests.factories import World, pdf_upload, person


@contextmanager
def settled(blocker: Any, folder: Any, on: date) -> Iterator[tuple[World, Base]]:
    """A world with a base under construction for all tests of a module; gone after the last."""
    changed = override_settings(MEDIA_ROOT=folder, PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])
    with changed, blocker.unblock(), transaction.atomic():
        world = World.create()
        yield world, world.constructing(on)
        transaction.set_rollback(True)


def colleague(world: World, name: str = "研院同事") -> Acting:
    """Another officer of the same graduate office."""
    return person(Role.UNIT_OFFICER, name, training_unit=world.unit)


def own_account(base: Base) -> Account:
    return Account.objects.get(base=base, kind=Account.Kind.OWN)


def paid_in(world: World, base: Base, on: date, amount: str = "1000", **changes: Any) -> Contribution:
    """The unit pays money into the account."""
    given: dict[str, Any] = {
        "side": "unit", "kind": "funds", "year": 1, "received_on": on, "what": "校方配套经费", "voucher": pdf_upload("到账通知.pdf"),
        "by": world.unit_officer, "on": on,
    }  # fmt: skip
    return contributions.contribute(base=base, amount=Decimal(amount), **(given | changes))


def granted(world: World, base: Base, on: date, amount: str = "100000") -> Account:
    """The earmarked account of a demonstration grant, which the department's decision otherwise brings."""
    grant = Grant.objects.create(
        base=base, source=Grant.Source.DEMONSTRATION, amount=Decimal(amount), granted_on=on, policy=base.policy
    )
    return accounts.open_for_grant(grant)


def entered(world: World, account: Account, on: date, amount: str = "1000", **changes: Any) -> Expense:
    """The applicant enters an expense."""
    given: dict[str, Any] = {
        "base": account.base, "kind": "materials", "spent_on": on, "payee": "某材料商行", "purpose": "实验材料", "by": world.applicant,
        "voucher": pdf_upload("发票.pdf"), "on": on,
    }  # fmt: skip
    return expenses.enter_expense(account=account, amount=Decimal(amount), **(given | changes))


def spent(world: World, account: Account, on: date, amount: str = "1000") -> LedgerEntry:
    """An expense that the office has approved."""
    return expenses.approve_expense(expense=entered(world, account, on, amount), by=world.unit_officer, on=on)
