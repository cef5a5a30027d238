"""What the partner writes of each student whose practice is over: one form a student, many on one page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from agreements.models import Placement, PracticeCertificate
from agreements.services.certificates import Figures, Written, written_of
from bases.validators import validate_no_id_card
from portal.wording import CHOOSE

Grade, Reward = PracticeCertificate.Grade, PracticeCertificate.Reward


def _long(label: Any, limit: int, rows: int, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=limit, required=False, widget=forms.Textarea(attrs={"rows": rows, "class": "form-control"}),
        validators=[validate_no_id_card], **more,
    )  # fmt: skip


class CertificateForm(forms.Form):
    """The certificate of one student; with ``whole`` everything that an issued one says must be there."""

    grade = forms.ChoiceField(
        label=_("鉴定等级"), choices=[("", CHOOSE), *Grade.choices], required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
    )  # fmt: skip
    work = _long(_("实践内容"), 500, 4)
    comment = _long(_("鉴定意见"), 500, 4)
    reward = forms.ChoiceField(
        label=_("奖励"), choices=[("", _("没有奖励")), *Reward.choices], required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
    )  # fmt: skip
    reward_amount = forms.DecimalField(
        label=_("奖金（元）"), max_digits=8, decimal_places=2, min_value=Decimal("0.01"), required=False,
        widget=forms.NumberInput(attrs={"class": "form-control", "inputmode": "decimal"}),
    )  # fmt: skip
    reward_text = forms.CharField(
        label=_("奖励内容"), max_length=200, required=False, validators=[validate_no_id_card],
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )  # fmt: skip

    def __init__(self, *args: Any, whole: bool = False, common: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.whole, self.common = whole, common

    def clean_comment(self) -> str:
        """Where nothing is written of this student, what is written for all."""
        said: str = self.cleaned_data["comment"]
        return said or self.common

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.whole:
            for name in ("grade", "work", "comment"):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, _t("请填写这一项。"))
        reward = cleaned.get("reward")
        if reward == Reward.MONEY and cleaned.get("reward_amount") is None and "reward_amount" not in self.errors:
            self.add_error("reward_amount", _t("请填写奖金的金额。"))
        if reward and reward != Reward.MONEY and not cleaned.get("reward_text") and "reward_text" not in self.errors:
            self.add_error("reward_text", _t("请写明奖励的内容。"))
        if not reward and (cleaned.get("reward_amount") is not None or cleaned.get("reward_text")):
            self.add_error("reward", _t("填写了奖励的内容，请选择奖励的种类。"))
        return cleaned

    def written(self) -> Written:
        """What was entered."""
        return Written(**self.cleaned_data)


class CommonForm(forms.Form):
    """What is written once for all students of the page who have no opinion of their own."""

    common = _long(
        _("统一的鉴定意见"), 500, 2, help_text=_("可以不填；填了的，没有单独填写鉴定意见的研究生都用这一段。")
    )


@dataclass
class Line:
    """One student of the page: the placement, what the monthly appraisals say, the form."""

    placement: Placement
    figures: Figures
    form: CertificateForm


def lines(
    placements: Sequence[Placement], figures: Mapping[int, Figures], data: Any = None, *, whole: bool = False, common: str = ""
) -> list[Line]:  # fmt: skip
    """A line for each placement: as it was prepared, or with the proposed grade and the work of the post to begin with."""
    found = []
    for each in placements:
        prepared: list[PracticeCertificate] = getattr(each, "prepared", [])
        counted = figures[each.pk]
        begin = {"grade": counted.proposal, "work": each.post.work}
        given = vars(written_of(prepared[0])) if prepared else begin
        form = CertificateForm(data, initial=given, prefix=f"p{each.pk}", whole=whole, common=common)
        found.append(Line(each, counted, form))
    return found


class WithdrawCertificateForm(forms.Form):
    """Why an issued certificate no longer stands."""

    reason = forms.CharField(
        label=_("撤回原因"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}), validators=[validate_no_id_card],
        help_text=_("核验页面会公开显示这一段，请不要写研究生的姓名等个人信息。"),
    )  # fmt: skip
