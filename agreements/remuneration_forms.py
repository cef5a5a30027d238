"""What the training unit enters about the remuneration of the partner's people."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from agreements.models import Mentor
from agreements.services.remuneration import why_no_term
from bases.models import Base
from bases.validators import validate_no_id_card
from portal.forms import DateInput
from portal.uploads import CheckedFileField
from portal.wording import CHOOSE


class PaymentForm(forms.Form):
    """What was paid to a mentor for a time, with its voucher."""

    mentor = forms.ModelChoiceField(
        label=_("行业产业导师"),
        queryset=Mentor.objects.none(),
        empty_label=CHOOSE,
        help_text=_("本基地聘任过的合作单位人员。"),
    )
    from_on = forms.DateField(label=_("计酬起始日"), widget=DateInput())
    to_on = forms.DateField(
        label=_("计酬截止日"), widget=DateInput(), help_text=_("在同一个聘期之内；跨两个聘期的分开登记。")
    )
    amount = forms.DecimalField(
        label=_("金额"), max_digits=10, decimal_places=2, min_value=Decimal("0.01"),
        widget=forms.NumberInput(attrs={"data-unit": _("元"), "inputmode": "decimal"}),
    )  # fmt: skip
    paid_on = forms.DateField(label=_("支付日期"), widget=DateInput())
    voucher = CheckedFileField(label=_("凭证（发放表或付款回单）"), kinds=("pdf", "png", "jpg"))
    note = forms.CharField(
        label=_("说明"), max_length=200, required=False, validators=[validate_no_id_card],
        help_text=_("例如：指导费，3 名研究生。"),
    )  # fmt: skip

    def __init__(self, *args: Any, base: Base, mentors: QuerySet[Mentor], on: date, **kwargs: Any) -> None:
        self.base, self.on = base, on
        super().__init__(*args, **kwargs)
        self.fields["mentor"].queryset = mentors  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        mentor, from_on, to_on, paid_on = (cleaned.get(name) for name in ("mentor", "from_on", "to_on", "paid_on"))
        if from_on and to_on and to_on < from_on:
            self.add_error("to_on", _t("计酬截止日不能早于起始日。"))
        elif mentor and from_on and to_on and (problem := why_no_term(self.base, mentor, from_on, to_on)):
            self.add_error("from_on", problem)
        if paid_on and paid_on > self.on:
            self.add_error("paid_on", _t("支付日期还没有到，请在支付之后登记。"))
        elif paid_on and from_on and paid_on < from_on:
            self.add_error("paid_on", _t("支付日期不能早于计酬起始日。"))
        return cleaned


class ReversalForm(forms.Form):
    """Why a payment is reversed."""

    reason = forms.CharField(
        label=_("冲销原因"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}), validators=[validate_no_id_card]
    )
