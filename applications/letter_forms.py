from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from applications.forms import long_text
from applications.models import Application
from portal.forms import DateInput


class LettersForm(forms.Form):
    """Which 评审结果通知 go out now, under which date."""

    applications = forms.ModelMultipleChoiceField(
        label=_("未获认定的基地"), queryset=Application.objects.none(), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请至少选择一个未获认定的基地。")},
    )  # fmt: skip
    document_date = forms.DateField(label=_("成文日期"), widget=DateInput())

    def __init__(self, *args: Any, waiting: QuerySet[Application], on: date, **kwargs: Any) -> None:
        self.on = on
        super().__init__(*args, **kwargs)
        self.fields["applications"].queryset = waiting  # type: ignore[attr-defined]

    def clean_document_date(self) -> date:
        dated: date = self.cleaned_data["document_date"]
        if dated > self.on:
            raise forms.ValidationError(_t("成文日期 %(day)s 还没有到。") % {"day": dated.isoformat()})
        return dated


class LeftOutForm(forms.Form):
    """Why those that the list left out are not recognised; ``count`` is how many the page showed."""

    count = forms.IntegerField(widget=forms.HiddenInput)
    reason = long_text(_("理由"), 500, help_text=_("写入每个基地的流转记录和评审结果通知，培养单位和申报人可以看到。"))
