from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _


class DateInput(forms.DateInput):
    """The browser's own date picker, with the ISO date that it needs."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


class CalendarYearForm(forms.Form):
    """The holiday arrangement of one year, as the State Council's notice gives it."""

    year = forms.IntegerField(label=_("年份"), min_value=2020, max_value=2100)
    source = forms.CharField(
        label=_("依据文件"), max_length=120, help_text=_("例如：国务院办公厅关于 2027 年部分节假日安排的通知。")
    )
    holidays = forms.CharField(
        label=_("放假日期"),
        strip=False,  # the message names the line that the person sees
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_(
            "一行一段，例如 2027-10-01 或 2027-10-01 至 2027-10-07。只需写工作日中放假的日期，写上周末也无妨。"
        ),
    )
    make_up_days = forms.CharField(
        label=_("调休上班日期"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        help_text=_("格式同上，没有可不填。"),
    )

    def _days(self, name: str) -> list[date]:
        days: list[date] = []
        year = self.cleaned_data.get("year")
        for number, line in enumerate(self.cleaned_data.get(name, "").splitlines(), start=1):
            if not line.strip():
                continue
            try:
                first, until, last = line.strip().partition("至")
                start = date.fromisoformat(first.strip())
                end = date.fromisoformat(last.strip()) if until else start
            except ValueError:
                raise forms.ValidationError(
                    _t("第 %(n)s 行“%(line)s”不是日期，请写成 2027-10-01 或 2027-10-01 至 2027-10-07。")
                    % {"n": number, "line": line.strip()}
                ) from None
            if start > end or (end - start).days > 31 or {start.year, end.year} != {year}:
                raise forms.ValidationError(
                    _t("第 %(n)s 行“%(line)s”：起止日期颠倒、超过 31 天或不在所填年份内，请改正。")
                    % {"n": number, "line": line.strip()}
                )
            days += [start + timedelta(days=offset) for offset in range((end - start).days + 1)]
        return days

    def clean_holidays(self) -> list[date]:
        days = self._days("holidays")
        if not days:
            raise forms.ValidationError(self.fields["holidays"].error_messages["required"], code="required")
        return days

    def clean_make_up_days(self) -> list[date]:
        return self._days("make_up_days")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        both = set(cleaned.get("holidays", [])) & set(cleaned.get("make_up_days", []))
        if both:
            self.add_error("make_up_days", _t("%(day)s 既写在放假又写在上班中，请保留一处。") % {"day": min(both)})
        return cleaned
