"""The boundary of the roster: a file or a paste to check, and one student."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from applications.models import TrainedStudent
from applications.services import roster
from bases.services.catalogue import Catalogue
from portal.forms import DateInput
from portal.uploads import CheckedFileField


class RosterFileForm(forms.Form):
    """A roster as an Excel file."""

    file = CheckedFileField(label=_("填好的名单"), kinds=("xlsx",), max_mb=roster.MAX_MB)


class RosterPasteForm(forms.Form):
    """Rows of a roster, pasted from Excel."""

    text = forms.CharField(
        label=_("从 Excel 粘贴"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "wrap": "off"}),
        help_text=_("在 Excel 中选中名单的行，复制后粘贴到这里。带表头的按表头认列，不带表头的按模板的列序。"),
        error_messages={"required": _("没有粘贴任何内容。")},
    )


class StudentForm(forms.ModelForm):
    """One student of the roster (第七条（三）)."""

    class Meta:
        model = TrainedStudent
        fields = [cell.name for cell in roster.TABLE.cells]
        widgets = {
            "category_name": forms.TextInput(attrs={"list": "category-names", "autocomplete": "off"}),
            "entered_on": DateInput(),
            "left_on": DateInput(),
        }
        help_texts = {
            "number": _("不是身份证号。"),
            "category_name": _("类别名称或 4 位代码。旧名称对应多个现行类别时，请写明现行类别。"),
            "left_on": _("还在基地的不填。"),
        }

    def __init__(self, *args: Any, on: date, catalogue: Catalogue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on, self.catalogue = on, catalogue
        for cell in roster.TABLE.cells:
            field = self.fields[cell.name]
            field.required = cell.needed
            if type(field) is forms.CharField:
                field.validators.append(roster.no_id_card)
        bounds = next(column for column in roster.columns() if column.key == "graduation_year")
        year: Any = self.fields["graduation_year"]
        year.min_value, year.max_value = bounds.minimum, bounds.maximum

    def clean_graduation_year(self) -> int | None:
        year: int | None = self.cleaned_data["graduation_year"]
        limits: Any = self.fields["graduation_year"]
        if year is not None and not limits.min_value <= year <= limits.max_value:
            raise forms.ValidationError(_t("请填写四位数的年份，例如 2025。"))
        return year

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not {"category_name", "entered_on", "left_on"} & self.errors.keys():
            for name, message in roster.faults(cleaned, catalogue=self.catalogue, on=self.on):
                self.add_error(name, message)
        return cleaned

    def _post_clean(self) -> None:
        # The instance stays as the database has it: the service alone changes it, under the lock.
        return
