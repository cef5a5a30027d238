"""What may stand in the cells of a month, the same for what is typed, pasted and imported: words for values, values for words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from agreements import money, months
from agreements.models import MonthlyRecord
from agreements.models.month import MOST_YUAN
from bases.validators import validate_no_id_card
from portal.spreadsheets import CellFault, Column
from portal.spreadsheets.columns import is_blank

GRADES = {label: value for value, label in MonthlyRecord.Grade.choices}
COLUMNS = (
    Column(key="grade", label=_lazy("考核等级"), kind="choice", choices=GRADES, example="qualified", width=11),
    Column(key="days", label=_lazy("天数"), kind="int", minimum=0, maximum=31, example=22, width=8, help=_lazy("当月实践的天数。")),
    Column(
        key="amount", label=_lazy("生活补贴（元）"), kind="decimal", minimum=0, maximum=MOST_YUAN, example=Decimal(1500), width=14,
        aliases=(_lazy("生活补贴"), _lazy("金额"), _lazy("补贴")),
    ),
    Column(key="paid_on", label=_lazy("发放日期"), kind="date", example=date(2026, 11, 5), width=13, help=_lazy("还没有发放的留空。")),
    Column(key="voucher_number", label=_lazy("凭证号"), max_length=40, example=_lazy("付-0311"), width=16),
    Column(
        key="below_reason", label=_lazy("低于约定的原因"), max_length=200, width=26, aliases=(_lazy("原因"),),
        help=_lazy("生活补贴低于协议约定的，必须写明原因。"),
    ),
    Column(key="note", label=_lazy("备注"), max_length=200, width=20),
)  # fmt: skip
KEYS = tuple(column.key for column in COLUMNS)
_BY_KEY = {column.key: column for column in COLUMNS}
_EMPTY: dict[str, Any] = {"grade": "", "voucher_number": "", "below_reason": "", "note": ""}
Values = dict[str, Any]
Faults = dict[str, str]


@dataclass(frozen=True)
class Stay:
    """A student's part of a month: days in the base, and the floor of the agreement for them in yuan (None: none was agreed on)."""

    days: int
    floor: Decimal | None


def label_of(key: str) -> str:
    """The heading of a column."""
    return str(_BY_KEY[key].label)


def values_of(record: MonthlyRecord | None) -> Values:
    """What an entry says, by column; empty where there is none."""
    return {key: getattr(record, key) if record else _EMPTY.get(key) for key in KEYS}


def shown(key: str, value: Any) -> str:
    """A value as it stands in its cell: 合格, 1500, 2026-11-05; the key of a choice stays what it is."""
    if value is None:
        return ""
    return money.plain(value) if isinstance(value, Decimal) else str(value)


def understand(texts: Mapping[str, str]) -> tuple[Values, Faults]:
    """The values behind what was typed, and what is wrong with the cells that could not be understood, by column."""
    values: Values = {}
    faults: Faults = {}
    for key, text in texts.items():
        if is_blank(text):
            values[key] = _EMPTY.get(key)
            continue
        try:
            values[key] = text if key == "grade" and text in MonthlyRecord.Grade else _BY_KEY[key].understand(text)
            if isinstance(values[key], str):
                validate_no_id_card(values[key])
        except CellFault as fault:
            faults[key] = str(fault)
        except ValidationError as error:
            faults[key] = "".join(error.messages)
    return values, faults


def disagreements(values: Values, stay: Stay, month: date, on: date) -> Faults:
    """What cannot be, of values that are each right in themselves, by column."""
    faults: Faults = {}
    days, amount, paid_on = values["days"], values["amount"], values["paid_on"]
    if days is not None and days > stay.days:
        faults["days"] = _("本月在基地 %(n)s 天，不能多于 %(n)s。") % {"n": stay.days}
    if paid_on is not None and not amount:
        faults["paid_on"] = _("没有金额，不填发放日期。请先填生活补贴。")
    elif paid_on is not None and paid_on > on:
        faults["paid_on"] = _("%(day)s 还没有到，请在发放之后填写。") % {"day": paid_on.isoformat()}
    elif paid_on is not None and paid_on < month:
        faults["paid_on"] = _("早于本月，请核对年份和月份。")
    return faults


def lacks(values: Values, floor: Decimal | None) -> list[str]:
    """The columns that an entry still needs to be whole."""
    missing = [key for key in ("grade", "days", "amount") if values[key] in (None, "")]
    amount = values["amount"]
    if amount is not None and floor is not None and amount < floor and not values["below_reason"]:
        missing.append("below_reason")
    return missing


def below_words(floor: Decimal) -> str:
    """What an entry below the floor is told."""
    return _("低于协议约定的 %(floor)s 元，请填写原因。") % {"floor": money.plain(floor, grouped=True)}


def share_of(floor: Decimal | None, month: date, days: int) -> Stay:
    """The stay of somebody who was there on so many days, by the floor for a whole month."""
    return Stay(days, months.share(floor, month, days))
