"""A version of an 指标体系 as it is drafted: its name, why it is revised, and one row a criterion."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from applications.forms import long_text, number
from applications.models import Criterion, Rubric
from applications.services.rubrics import Row
from bases.validators import validate_no_id_card

MOST = 20
COLUMNS = ("key", "name", "descriptor", "points", "floor", "step")


class RubricForm(forms.Form):
    """What a version is called and why it is drafted; it knows which state of the draft its reader has seen."""

    name = forms.CharField(label=_("名称"), max_length=60, validators=[validate_no_id_card])
    note = long_text(
        _("修订说明"), 300, rows=2, required=False, help_text=_("为什么修订、改了什么，审批启用时一并查看。")
    )
    seen = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)


class CriterionForm(forms.Form):
    """One criterion: its full marks, what earns them, and the limits and the step of a score."""

    key = forms.SlugField(required=False, max_length=30, widget=forms.HiddenInput)
    name = forms.CharField(label=_("指标名称"), max_length=60, validators=[validate_no_id_card])
    descriptor = long_text(_("评分说明"), 600, rows=3, required=False)
    points = forms.DecimalField(
        label=_("满分"), min_value=Decimal("0.5"), max_value=100, decimal_places=2, widget=number(_("分"), step="0.5")
    )
    floor = forms.DecimalField(
        label=_("最低分"), min_value=0, max_value=99, decimal_places=2, initial=0, widget=number(_("分"), step="0.5")
    )
    step = forms.DecimalField(
        label=_("评分间隔"), min_value=Decimal("0.01"), max_value=50, decimal_places=2, initial=Decimal("0.5"),
        widget=number(_("分"), step="0.5"),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        points, floor, step = (cleaned.get(name) for name in ("points", "floor", "step"))
        if points is not None and floor is not None and floor >= points:
            self.add_error("floor", _t("最低分应小于满分。"))
        elif points is not None and floor is not None and step is not None and (points - floor) % step:
            self.add_error("step", _t("按这个间隔评不到满分，请改为能整除的间隔。"))
        return cleaned


class BaseCriteria(forms.BaseFormSet):
    """The rows of a draft together."""

    def clean(self) -> None:
        known: set[str] = set()
        for form in self.forms:
            name = form.cleaned_data.get("name", "") if hasattr(form, "cleaned_data") else ""
            if name and name in known:
                form.add_error("name", _t("前面已有同名的指标。"))
            known.add(name)
        if not self.forms:
            raise forms.ValidationError(_t("至少要有一项指标。"))


def rows_of(criteria: forms.BaseFormSet) -> list[Row]:
    """What was entered, in its order; for criteria that are right."""
    return [Row(**{name: form.cleaned_data[name] for name in COLUMNS}) for form in criteria.forms]


Criteria = forms.formset_factory(CriterionForm, formset=BaseCriteria, extra=0, max_num=MOST, absolute_max=MOST, validate_max=True)  # fmt: skip


def stored(rubric: Rubric) -> list[dict[str, Any]]:
    """The rows of a draft as they are kept."""
    return [
        {name: _short(each, name) for name in COLUMNS} for each in rubric.criteria.order_by("position")
    ]  # fmt: skip


def _short(criterion: Criterion, name: str) -> str:
    value = getattr(criterion, name)
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def typed(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows as they were sent, right or wrong."""
    raw = str(data.get("form-TOTAL_FORMS", ""))
    total = min(int(raw), MOST) if raw.isascii() and raw.isdecimal() and len(raw) < 4 else 0
    return [{name: data.get(f"form-{number}-{name}", "") for name in COLUMNS} for number in range(total)]


def rearranged(rows: Iterable[Mapping[str, Any]], act: str, place: int, kept: Iterable[str]) -> list[dict[str, Any]]:
    """The rows after an act on one of them: add, remove, up or down; nothing is lost of what was typed in the others.

    A criterion that a rule names (``kept``) is not removed.
    """
    out = [dict(row) for row in rows]
    inside = 0 <= place < len(out)
    if act == "add" and len(out) < MOST:
        out.append({"key": "", "name": "", "descriptor": "", "points": "", "floor": "0", "step": "0.5"})
    elif act == "remove" and inside and out[place]["key"] not in kept:
        del out[place]
    elif act in {"up", "down"} and inside:
        other = place + (-1 if act == "up" else 1)
        if 0 <= other < len(out):
            out[place], out[other] = out[other], out[place]
    return out
