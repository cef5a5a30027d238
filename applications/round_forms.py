"""What the department and the units enter for a round and its quotas, checked in Chinese beside the field."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from applications.models import QuotaFormula
from applications.quota import LEAST, MOST, Facts
from applications.services.proposing import KnownFacts
from applications.services.quotas import MAX_CATEGORIES, MAX_STUDENTS
from bases.models import TrainingUnit
from bases.validators import validate_no_id_card
from portal.forms import DateInput
from portal.uploads import CheckedFileField


def _reason(label: Any, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=300,
        required=required,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[validate_no_id_card],
        help_text=help_text,
    )


def _places(label: Any, **kwargs: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=LEAST,
        max_value=MOST,
        widget=forms.NumberInput(attrs={"data-unit": _("个"), "inputmode": "numeric"}),
        **kwargs,
    )


class RoundForm(forms.Form):
    """The round of a year."""

    year = forms.IntegerField(label=_("年度"), min_value=2020, max_value=2100)
    opens_on = forms.DateField(label=_("申报开始"), widget=DateInput())
    closes_on = forms.DateField(
        label=_("申报截止"), widget=DateInput(), help_text=_("申报人在此日 24 时前提交；各单位可以另设更早的校内截止。")
    )
    recommend_by = forms.DateField(
        label=_("推荐报送截止"), widget=DateInput(), help_text=_("培养单位公示并报送的最后日期。")
    )
    guide = CheckedFileField(label=_("申报通知"), required=False)


class ExtensionForm(forms.Form):
    """Later ends of a round."""

    new_closes_on = forms.DateField(label=_("申报截止延至"), widget=DateInput())
    new_recommend_by = forms.DateField(label=_("推荐报送截止延至"), widget=DateInput())
    reason = _reason(_("理由"), help_text=_("各单位在批次页面可以看到。"))


class UnitDeadlineForm(forms.Form):
    """A unit's own deadline; left empty, the round's counts."""

    declare_by = forms.DateField(
        label=_("校内申报截止"),
        widget=DateInput(),
        required=False,
        help_text=_("本单位申报人在此日 24 时前提交；不填则按批次的申报截止。"),
    )


class FormulaForm(forms.ModelForm):
    """The weights of a round's formula."""

    class Meta:
        model = QuotaFormula
        fields = ("base_places", "per_category", "per_hundred_students", "first_class_bonus", "minimum", "maximum")
        widgets = {
            name: forms.NumberInput(attrs={"step": "0.01", "min": "0", "max": "200", "inputmode": "decimal"})
            for name in ("base_places", "per_category", "per_hundred_students", "first_class_bonus")
        } | {
            name: forms.NumberInput(attrs={"min": "0", "max": "200", "inputmode": "numeric"})
            for name in ("minimum", "maximum")
        }


class OverrideForm(forms.Form):
    """Another number than the formula proposes."""

    places = _places(_("名额"))
    reason = _reason(
        _("调整理由"), required=False, help_text=_("与测算名额不同时必填；改回测算名额时不需要，原理由一并清除。")
    )


class PublishForm(forms.Form):
    """Publishing the quotas; where facts are missing that has to be accepted."""

    accept_missing = forms.BooleanField(label=_("上述单位数据待补，仍按现有数据下达"))

    def __init__(self, *args: Any, ask: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not ask:
            del self.fields["accept_missing"]


class SupplementForm(forms.Form):
    """A quota for a unit that was entered after publication."""

    unit = forms.ModelChoiceField(label=_("培养单位"), queryset=TrainingUnit.objects.none(), empty_label=_("请选择"))
    places = _places(_("名额"))
    reason = _reason(_("理由"))

    def __init__(self, *args: Any, units: QuerySet[TrainingUnit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]


class FactsRowForm(forms.Form):
    """One unit's facts in the table; a row in which no number stands is left as it is."""

    categories = forms.IntegerField(
        label=_("专业学位类别数"), min_value=0, max_value=MAX_CATEGORIES, required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    students = forms.IntegerField(
        label=_("专业学位研究生在校生（人）"), min_value=0, max_value=MAX_STUDENTS, required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    double_first_class = forms.TypedChoiceField(
        label=_("“双一流”建设"),
        choices=[("yes", _("是")), ("no", _("否"))],
        coerce=lambda value: value == "yes",
    )

    def __init__(self, data: Any = None, *, unit: TrainingUnit, known: KnownFacts, copied: bool = False) -> None:
        self.unit, self.known = unit, known
        self.handed_in = not known.is_missing and not known.is_last_years
        initial: dict[str, Any] = {"double_first_class": "yes" if known.facts.double_first_class else "no"}
        if self.handed_in or (copied and known.is_last_years):
            initial |= {"categories": known.facts.categories, "students": known.facts.students}
        super().__init__(data, prefix=f"u{unit.pk}", initial=initial)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        numbers = [name for name in ("categories", "students") if cleaned.get(name) is not None or name in self.errors]
        if len(numbers) == 1 or (self.handed_in and not numbers):
            for name in {"categories", "students"} - set(numbers):
                words = (
                    _t("已填报的数据不能清空，请填写数字。") if self.handed_in else _t("请填写，或者把这一行都清空。")
                )
                self.add_error(name, words)
        return cleaned

    @property
    def known_students(self) -> int | str:
        """The students that stand in for the year; nothing where nobody handed them in."""
        return "" if self.known.is_missing else self.known.facts.students

    @property
    def facts(self) -> Facts | None:
        """What was entered; None for a row that was left empty."""
        if self.cleaned_data.get("categories") is None:
            return None
        given = self.cleaned_data
        return Facts(given["categories"], given["students"], given["double_first_class"])

    @property
    def is_changed(self) -> bool:
        """Whether the row says something that is not on record."""
        return self.facts is not None and (not self.handed_in or self.facts != self.known.facts)


class FactsImportForm(forms.Form):
    """A list of facts from Excel."""

    file = CheckedFileField(label=_("填好的 Excel 表格"), kinds=("xlsx",))


def facts_rows(
    units: Sequence[TrainingUnit], known: dict[int, KnownFacts], data: Any = None, *, copied: bool = False
) -> list[FactsRowForm]:
    """The rows of the table of facts, one a unit."""
    return [FactsRowForm(data, unit=unit, known=known[unit.pk], copied=copied) for unit in units]
