"""What the department enters for a preliminary list, checked in Chinese beside the field."""

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from applications.models import PreliminaryList, ReviewMeeting
from bases.validators import validate_no_id_card

Cutoff = PreliminaryList.Cutoff


class CutoffForm(forms.Form):
    """Where the list ends: after so many applications, or below so many points."""

    by = forms.ChoiceField(label=_("入选方式"), choices=Cutoff.choices)
    at = forms.DecimalField(
        label=_("入选数或分数线"),
        min_value=0,
        max_value=9999,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )
    revision = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        by, at = cleaned.get("by"), cleaned.get("at")
        if at is None:
            return cleaned
        if by == Cutoff.SCORE and at > 100:
            self.add_error("at", _t("分数线应在 0 到 100 分之间。"))
        if by == Cutoff.COUNT and at != at.to_integral_value():
            self.add_error("at", _t("入选数应为整数。"))
        return cleaned


class ChangeForm(forms.Form):
    """A change by hand: on the list or off it, with the reason."""

    chosen = forms.TypedChoiceField(
        label=_("调整为"),
        choices=[("yes", _("入选")), ("no", _("不入选"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("调整理由"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[validate_no_id_card],
        help_text=_("随名单留存；写明依据，如会议意见、布局需要。"),
    )
    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class AdoptForm(forms.Form):
    """The confirmation of a whole list; it knows what was seen."""

    meeting = forms.ModelChoiceField(
        label=_("依据的评审会议"), queryset=ReviewMeeting.objects.none(), required=False, empty_label=_("请选择")
    )
    accept_missing = forms.BooleanField(label=_("不等评分表没有收齐的申请书，现在确定名单"), required=False)
    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    seen = forms.CharField(max_length=32, widget=forms.HiddenInput)

    def __init__(self, *args: Any, meetings: QuerySet[ReviewMeeting], missing: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["meeting"]
        field.queryset = meetings  # type: ignore[attr-defined]
        if not meetings:
            del self.fields["meeting"]
        else:
            field.required = True
            field.error_messages["required"] = _t("本批次已开过评审会议，请选择名单依据的会议。")
        if not missing:
            del self.fields["accept_missing"]
        else:
            self.fields["accept_missing"].required = True
            self.fields["accept_missing"].error_messages["required"] = _t("请确认不等这些申请书。")


def shown_cutoff(value: Decimal) -> str:
    """A cut-off as it is written in its field: 12, or 85.5."""
    return f"{value.normalize():f}" if value else "0"
