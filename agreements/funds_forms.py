"""What people enter about the money, checked beside the field."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from agreements.models import Account, Expense
from agreements.money import ContributionKind, ExpenseKind, Side
from agreements.services.accounts import yuan
from agreements.services.contributions import Year, years
from bases.models import Base
from bases.validators import validate_no_id_card
from portal.forms import DateInput
from portal.uploads import CheckedFileField
from portal.wording import CHOOSE

_VOUCHER_KINDS = ("pdf", "png", "jpg")
_CENT = Decimal("0.01")


def _amount(label: Any, **more: Any) -> forms.DecimalField:
    widget = forms.NumberInput(attrs={"data-unit": _("元"), "inputmode": "decimal"})
    return forms.DecimalField(label=label, max_digits=12, decimal_places=2, widget=widget, **more)


def _text(label: Any, limit: int, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=limit, validators=[validate_no_id_card], **more)


class _AccountField(forms.ModelChoiceField):
    """An account, with what is left in it."""

    def label_from_instance(self, obj: Any) -> str:
        words = {"account": str(obj), "left": yuan(obj.balance), "waiting": yuan(obj.waiting)}
        if obj.waiting:
            return _t("%(account)s：余额 %(left)s，另有待审批 %(waiting)s") % words
        return _t("%(account)s：余额 %(left)s") % words


class ExpenseForm(forms.Form):
    """An expense from one of the accounts of a base (第十三条), with its voucher."""

    account = _AccountField(
        label=_("账户"),
        queryset=Account.objects.none(),
        empty_label=CHOOSE,
        help_text=_("专款专用：只列本基地的账户。"),
    )
    kind = forms.ChoiceField(label=_("支出类别"), choices=[("", CHOOSE), *ExpenseKind.choices])
    kind_reason = _text(
        _("列入“其他”的理由"),
        200,
        required=False,
        help_text=_("只在类别选“其他”时填写：为什么不属于第十三条列出的八类。"),
    )
    amount = _amount(_("金额"), min_value=_CENT)
    spent_on = forms.DateField(label=_("支出日期"), widget=DateInput(), help_text=_("付款的日期，不早于账户开立日期。"))
    payee = _text(_("收款方"), 100)
    purpose = _text(_("用途"), 300, widget=forms.Textarea(attrs={"rows": 2}))
    voucher = CheckedFileField(label=_("凭证（发票、合同或付款回单）"), kinds=_VOUCHER_KINDS)

    def __init__(self, *args: Any, accounts: QuerySet[Account], on: date, **kwargs: Any) -> None:
        self.on = on
        super().__init__(*args, **kwargs)
        self.fields["account"].queryset = accounts  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        account, spent_on, amount = (cleaned.get(name) for name in ("account", "spent_on", "amount"))
        if cleaned.get("kind") == ExpenseKind.OTHER and not cleaned.get("kind_reason"):
            self.add_error("kind_reason", _t("不属于第十三条列出的八类支出的，请写明列入“其他”的理由。"))
        if spent_on and spent_on > self.on:
            self.add_error("spent_on", _t("支出日期还没有到，请在支出之后登记。"))
        elif spent_on and account and spent_on < account.opened_on:
            words = {"opened": account.opened_on.isoformat()}
            self.add_error("spent_on", _t("早于账户的开立日期 %(opened)s，经费确定之前的支出不能列支。") % words)
        if account and amount and amount > account.balance:
            words = {"left": yuan(account.balance), "missing": yuan(amount - account.balance)}
            self.add_error("amount", _t("账户余额 %(left)s，还差 %(missing)s，不能列支。") % words)
        return cleaned


def entered_before(expense: Expense) -> dict[str, Any]:
    """What was entered before it was sent back, for the form in which it is mended; the voucher is to be uploaded again."""
    names = ("kind", "kind_reason", "amount", "spent_on", "payee", "purpose")
    return {"account": expense.account_id} | {name: getattr(expense, name) for name in names}


class ReasonForm(forms.Form):
    """Why something is sent back or reversed."""

    reason = _text(_("原因"), 300, widget=forms.Textarea(attrs={"rows": 3}))


class ContributionForm(forms.Form):
    """What a side brought in (第十二条)."""

    DIRECT, ACCOUNT = "direct", "account"

    side = forms.ChoiceField(label=_("投入方"))
    kind = forms.ChoiceField(label=_("类型"), choices=[("", CHOOSE), *ContributionKind.choices])
    route = forms.ChoiceField(
        label=_("经费去向"),
        choices=[
            (ACCOUNT, _("转入基地账户，可用于支出")),
            (DIRECT, _("由投入方直接支付（如生活补贴、导师报酬），不进入账户")),
        ],
        widget=forms.RadioSelect,
        initial=ACCOUNT,
        required=False,
        help_text=_("只对类型“经费”有意义；场地、设备、人员等实物投入按金额登记，不进入账户。"),
    )
    year = forms.TypedChoiceField(label=_("计入年度"), coerce=int)
    amount = _amount(_("金额"), min_value=_CENT, help_text=_("实物投入填写折算金额。"))
    received_on = forms.DateField(label=_("到位日期"), widget=DateInput())
    what = _text(_("说明"), 200, help_text=_("例如：2026 年配套经费；5 台数控机床供学生使用。"))
    voucher = CheckedFileField(label=_("凭证（到账通知、付款回单或清单）"), kinds=_VOUCHER_KINDS, required=False)

    def __init__(self, *args: Any, base: Base, sides: Sequence[Side], on: date, **kwargs: Any) -> None:
        self.base, self.on = base, on
        super().__init__(*args, **kwargs)
        self.fields["side"].choices = [(side.value, side.label) for side in sides]  # type: ignore[attr-defined]
        if len(sides) == 1:
            self.fields["side"].initial = sides[0].value
            self.fields["side"].widget = forms.HiddenInput()
        self.fields["year"].choices = [(each.number, _year_words(each)) for each in years(base, on)]  # type: ignore[attr-defined]
        self.fields["voucher"].help_text = _t("经费投入必须附凭证。%(rule)s") % {
            "rule": self.fields["voucher"].help_text
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        received_on, start = cleaned.get("received_on"), self.base.construction_started_on
        if (
            cleaned.get("kind") == ContributionKind.FUNDS
            and not cleaned.get("voucher")
            and "voucher" not in self.errors
        ):
            self.add_error("voucher", _t("经费投入请上传到账通知或者付款回单的扫描件。"))
        if received_on and received_on > self.on:
            self.add_error("received_on", _t("到位日期还没有到，请在到位之后登记。"))
        elif received_on and start and received_on < start:
            words = {"start": start.isoformat()}
            self.add_error("received_on", _t("早于建设期开始的 %(start)s；之前的投入写在申报书里，不再登记。") % words)
        return cleaned

    def entered(self) -> dict[str, Any]:
        """What the person entered, for the service."""
        given = dict(self.cleaned_data)
        return given | {"into_account": given.pop("route") != self.DIRECT}


def _year_words(year: Year) -> str:
    words = {"year": year.label, "from": year.starts_on.isoformat(), "to": year.ends_on.isoformat()}
    return _t("%(year)s（%(from)s 至 %(to)s）") % words


class PlanForm(forms.Form):
    """What one side plans, in yuan, by kind and year of construction; an empty cell is nothing."""

    reason = _text(_("调整原因"), 300, required=False, help_text=_("改动已有的计划时必须填写；原来的计划保留备查。"))

    def __init__(
        self, *args: Any, spans: Iterable[Year], planned: dict[tuple[int, str], Decimal], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.spans, self.planned = list(spans), planned
        for kind in ContributionKind:
            for year in self.spans:
                label = _t("%(kind)s%(year)s") % {"kind": kind.label, "year": year.label}
                field = _amount(label, min_value=0, required=False, initial=planned.get((year.number, kind.value)))
                field.widget.attrs |= {"class": "form-control form-control-sm", "aria-label": label}
                self.fields[f"{kind.value}_{year.number}"] = field

    @property
    def rows(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The cells of the table, kind by kind."""
        return [
            (str(kind.label), [self[f"{kind.value}_{year.number}"] for year in self.spans]) for kind in ContributionKind
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        changed = [key for key, amount in self.amounts().items() if key in self.planned and amount != self.planned[key]]
        if changed and not cleaned.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _t("调整已有的计划请写明原因；原来的计划保留备查。"))
        return cleaned

    def amounts(self) -> dict[tuple[int, str], Decimal]:
        """The plan as it was entered."""
        return {
            (year.number, kind.value): self.cleaned_data.get(f"{kind.value}_{year.number}") or Decimal(0)
            for kind in ContributionKind
            for year in self.spans
        }


class PeriodForm(forms.Form):
    """The days of a statement, both included."""

    from_on = forms.DateField(label=_("起始日期"), widget=DateInput())
    to_on = forms.DateField(label=_("截止日期"), widget=DateInput())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("from_on"), cleaned.get("to_on")
        if first and last and first > last:
            self.add_error("to_on", _t("截止日期不能早于起始日期。"))
        return cleaned
