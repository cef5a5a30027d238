"""Two spenders at the same moment, on two connections: nothing lost, nothing double, the ledger balances (第十四条)."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import transaction

from agreements.models import Expense
from agreements.services import expenses
from portal.errors import Refused
from tests.agreements.funds import entered, granted
from tests.factories import World, pdf_upload

pytestmark = pytest.mark.article("14")


@pytest.mark.django_db(transaction=True)
def test_of_two_spenders_on_the_last_thousand_yuan_one_wins_and_the_other_is_told(
    today: date, at_once: Callable[..., list[Any]]
) -> None:
    world = World.create()
    with transaction.atomic():
        account = granted(world, world.constructing(today), today, "1000")
        waiting = [entered(world, account, today, "1000", voucher=pdf_upload(f"发票{n}.pdf")) for n in (1, 2)]
    results = at_once(
        *(
            lambda expense=each: expenses.approve_expense(expense=expense, by=world.unit_officer, on=today)
            for each in waiting
        )
    )
    refused = [each for each in results if isinstance(each, Refused)]
    assert [each.reasons[0][:25] for each in refused] == ["账户“示范基地支持（第十七条）”余额 0.00 元"[:25]]
    assert [(entry.kind, entry.amount, entry.balance) for entry in account.entries.all()] == [
        ("grant", 1000, 1000),
        ("expense", -1000, 0),
    ]
    assert sorted(Expense.objects.values_list("state", flat=True)) == ["approved", "waiting"]
