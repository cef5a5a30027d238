from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.models import MonthlyRecord
from agreements.services import month_cells
from bases.validators import validate_no_id_card
from portal.uploads import CheckedFileField

VOUCHER_KINDS = ("pdf", "png", "jpg")


class VoucherForm(forms.Form):
    """One voucher for the payments of several students."""

    file = CheckedFileField(label=_("发放凭证"), kinds=VOUCHER_KINDS)
    placement = forms.TypedMultipleChoiceField(
        label=_("适用的研究生"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("一张银行回单发了几个人的，一次勾选。已有凭证的勾选后换成新的。"),
    )

    def __init__(self, *args: Any, people: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["placement"].choices = people  # type: ignore[attr-defined]


class CorrectionForm(forms.Form):
    """A line of a closed month as it should have been, and why. The cells are understood as those of the table are."""

    grade = forms.ChoiceField(label=_("考核等级"), choices=[("", "—"), *MonthlyRecord.Grade.choices], required=False)
    days = forms.CharField(label=_("天数"), required=False, widget=forms.TextInput(attrs={"data-unit": _("天")}))
    amount = forms.CharField(label=_("生活补贴"), required=False, widget=forms.TextInput(attrs={"data-unit": _("元")}))
    paid_on = forms.CharField(
        label=_("发放日期"), required=False, widget=forms.TextInput(attrs={"placeholder": "2026-11-05"})
    )
    voucher_number = forms.CharField(label=_("凭证号"), required=False, max_length=40)
    below_reason = forms.CharField(label=_("低于约定的原因"), required=False, max_length=200)
    note = forms.CharField(label=_("备注"), required=False, max_length=200)
    file = CheckedFileField(label=_("发放凭证"), kinds=VOUCHER_KINDS, required=False)
    reason = forms.CharField(
        label=_("更正的原因"), max_length=300, validators=[validate_no_id_card],
        help_text=_("原来的登记保留，和更正并列显示，双方和教育厅都能看到。"),
    )  # fmt: skip

    def texts(self) -> dict[str, str]:
        """The cells as they were typed."""
        return {key: str(self.cleaned_data.get(key) or "") for key in month_cells.KEYS}


class ReviewForm(forms.Form):
    """What was found about entries below the agreement."""

    note = forms.CharField(
        label=_("核实情况"), max_length=300, validators=[validate_no_id_card],
        help_text=_("例如：已向合作单位核实，病假半月，双方同意按出勤发放。"),
    )  # fmt: skip


class MonthListForm(forms.Form):
    """A filled-in list of months."""

    file = CheckedFileField(label=_("月度考核与生活补贴表"), kinds=("xlsx",))


class LinksForm(forms.Form):
    """Whose links are to be made."""

    student = forms.TypedMultipleChoiceField(
        label=_("研究生"), coerce=int, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请先选择要生成链接的研究生。")},
    )  # fmt: skip

    def __init__(self, *args: Any, people: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["student"].choices = [(pk, str(pk)) for pk in people]  # type: ignore[attr-defined]


class ReceiptForm(forms.Form):
    """What a student says of one month."""

    record = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**62)
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    answer = forms.ChoiceField(choices=[("received", _("已收到")), ("denied", _("没有收到"))])
    note = forms.CharField(
        label=_("说明"), max_length=300, required=False, validators=[validate_no_id_card],
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip


class HandleForm(forms.Form):
    """The unit's answer to a denial."""

    handling = forms.CharField(
        label=_("处理情况和答复"), max_length=500, validators=[validate_no_id_card], widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("研究生打开自己的链接就能看到；合作单位也能看到。"),
    )  # fmt: skip


def initial_of(values: dict[str, Any]) -> dict[str, str]:
    """The cells of a line as a form shows them."""
    return {key: month_cells.shown(key, value) for key, value in values.items()}
