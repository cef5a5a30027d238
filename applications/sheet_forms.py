"""The 评分表 and the acts on it, as they are filled in."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from applications.forms import long_text
from applications.models import Criterion, Panel
from applications.services import sheets
from portal.models import User


def _places(criterion: Criterion) -> int:
    """As many decimals as the criterion's limits and its step need."""
    exponents = [value.normalize().as_tuple().exponent for value in (criterion.step, criterion.floor)]
    return max(0, *(-int(each) for each in exponents))


class PointsField(forms.DecimalField):
    """The points on one criterion: within its limits and on its step."""

    def __init__(self, criterion: Criterion) -> None:
        self.criterion = criterion
        low, top, step = (f"{v.normalize():f}" for v in (criterion.floor, criterion.points, criterion.step))
        range_ = _t("应在 %(low)s 到 %(top)s 分之间。") % {"low": low, "top": top}
        grain = _t("以 %(step)s 分为一档。") % {"step": step}
        places = _places(criterion)
        limits = {"data-points": "", "data-min": low, "data-max": top, "data-step": step}
        # Not the browser's number box: its arrows and the mouse wheel change points that nobody means to change.
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "maxlength": 8, **limits})
        super().__init__(
            label=f"{criterion.name}（{low}–{top} {_t('分')}）",
            min_value=criterion.floor,
            max_value=criterion.points,
            decimal_places=places,
            required=False,
            widget=widget,
            error_messages={"min_value": range_, "max_value": range_, "max_decimal_places": grain},
        )
        self.grain = grain

    def validate(self, value: Any) -> None:
        super().validate(value)
        if isinstance(value, Decimal) and value.is_finite() and (value - self.criterion.floor) % self.criterion.step:
            raise forms.ValidationError(self.grain)


class SheetForm(forms.Form):
    """A score sheet: one field a criterion, and two comments. It may be kept half filled in; what is right is in ``right``."""

    def __init__(self, *args: Any, panel: Panel, expert: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criteria, self.expert = list(panel.rubric.criteria.all()), expert
        for criterion in self.criteria:
            self.fields[f"points_{criterion.key}"] = PointsField(criterion)
        self.fields["comment"] = long_text(
            _("给申报单位的意见"), 1000, rows=5, required=False,
            help_text=_("评审结束后原文转给申报单位，不署您的姓名；提交时至少 %(min)s 个字。") % {"min": sheets.COMMENT_MIN},
        )  # fmt: skip
        self.fields["committee_comment"] = long_text(
            _("给评审会议的意见"),
            1000,
            rows=3,
            required=False,
            help_text=_("只供教育厅和评审会议参考，申报单位看不到。"),
        )

    @property
    def rows(self) -> list[tuple[Criterion, forms.BoundField]]:
        """The criteria with their fields."""
        return [(criterion, self[f"points_{criterion.key}"]) for criterion in self.criteria]

    @property
    def right(self) -> dict[str, Any]:
        """What can be kept: the points by key (None to take them back) and the two comments, None where they stay as they were."""
        cleaned = self.cleaned_data
        points = {each.key: cleaned[f"points_{each.key}"] for each in self.criteria if f"points_{each.key}" in cleaned}
        return {
            "points": points,
            "comment": cleaned.get("comment"),
            "committee_comment": cleaned.get("committee_comment"),
        }

    def want_all(self) -> None:
        """Name beside each field what is missing before the sheet can be handed in; for a form that is otherwise right."""
        for criterion in self.criteria:
            if self.cleaned_data.get(f"points_{criterion.key}") is None:
                self.add_error(f"points_{criterion.key}", _t("还没有评分。"))
        comment = self.cleaned_data.get("comment", "")
        for wrong in (sheets.too_short(comment), sheets.what_names_the_expert(comment, self.expert)):
            if wrong:
                self.add_error("comment", wrong)

    @property
    def wrong(self) -> list[tuple[str, Any, list[str]]]:
        """The fields that were not kept: where they stand, what they are called, why."""
        return [
            (self[name].auto_id, self.fields[name].label, [str(each) for each in errors])
            for name, errors in self.errors.items()
            if name in self.fields
        ]


class PledgeForm(forms.Form):
    """The pledge with which a sheet is handed in; it knows which state of the sheet the expert has read."""

    pledge = forms.BooleanField(
        label=_("本人与该基地及双方单位没有应当回避的关系，评分客观公正"),
        error_messages={"required": _("提交前请勾选这项承诺。")},
    )
    seen = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)


class UnlockForm(forms.Form):
    """Why the department opens a sheet again."""

    reason = long_text(_("解锁原因"), 300, help_text=_("专家会看到这个原因；解锁日期和原因留在评审记录里。"))
