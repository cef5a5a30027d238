from datetime import date
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agreements.models import Appointment, Mentor, MentorAppraisal
from agreements.services.mentors import usual_end
from bases.models import Base
from bases.validators import validate_no_id_card
from portal.forms import DateInput
from portal.uploads import CheckedFileField

_FACTS = ("department", "post", "title", "degree", "years", "direction", "phone", "email")


def long_text(label: Any, limit: int, *, required: bool = True, rows: int = 3, help_text: Any = "") -> forms.CharField:
    """A text of several lines that holds no ID-card number."""
    return forms.CharField(
        label=label,
        max_length=limit,
        required=required,
        widget=forms.Textarea(attrs={"rows": rows}),
        help_text=help_text,
        validators=[validate_no_id_card],
    )


class ReasonForm(forms.Form):
    """Why something is done."""

    reason = long_text(_("原因"), 300)


class WithdrawNominationForm(forms.Form):
    """Why a nomination is taken back, where the partner wants to say it."""

    reason = long_text(_("原因"), 300, required=False)


class MentorFactsForm(forms.ModelForm):
    """What is known of a mentor, but for the name."""

    class Meta:
        model = Mentor
        fields = _FACTS

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind == Mentor.Kind.CAMPUS:
            for name in ("post", "degree", "years"):
                del self.fields[name]
            self.fields["department"].label = _("院系")
        else:
            self.fields["department"].label = _("部门")
            self.fields["years"].widget.attrs["data-unit"] = _("年")
        for name, each in self.fields.items():
            if type(each) is forms.CharField:
                each.validators.append(validate_no_id_card)
            if name == "phone":
                message = _("手机号码是 11 位数字，以 1 开头，请核对。")
                each.validators.append(RegexValidator(r"^1[3-9][0-9]{9}$", message))

    def facts(self) -> dict[str, Any]:
        """The fields of a Mentor."""
        return {name: self.cleaned_data[name] for name in _FACTS if name in self.fields}


class PersonForm(MentorFactsForm):
    """Somebody who is registered already, or a new person with name and facts."""

    mentor = forms.ModelChoiceField(
        label=_("已登记的人员"),
        queryset=Mentor.objects.none(),
        required=False,
        empty_label=_("新登记一人，填写下面的姓名等信息"),
        help_text=_("选了已登记的人员，下面的姓名等信息不用填。"),
    )
    name = forms.CharField(label=_("姓名"), max_length=30, required=False, validators=[validate_no_id_card])
    field_order = ["mentor", "name", *_FACTS]

    def __init__(self, *args: Any, base: Base, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, kind=kind, **kwargs)
        side = (
            {"training_unit": base.training_unit_id}
            if kind == Mentor.Kind.CAMPUS
            else {"partner_unit": base.partner_id}
        )
        choice = self.fields["mentor"]
        assert isinstance(choice, forms.ModelChoiceField)  # noqa: S101 - declared above
        choice.queryset = Mentor.objects.filter(kind=kind, **side)
        choice.label_from_instance = _named  # type: ignore[method-assign, assignment]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("mentor") and not cleaned.get("name") and "name" not in self.errors:
            self.add_error("name", _("请选择已登记的人员，或者填写姓名。"))
        return cleaned

    def entered(self) -> dict[str, Any]:
        """What the services take: ``mentor`` or ``person``."""
        if self.cleaned_data["mentor"]:
            return {"mentor": self.cleaned_data["mentor"]}
        return {"person": {"name": self.cleaned_data["name"].strip(), **self.facts()}}


def _named(mentor: Mentor) -> str:
    return "，".join(filter(None, (mentor.name, mentor.department, mentor.post, mentor.get_title_display())))


class NominationForm(PersonForm):
    """Whom the partner nominates and why (第十一条)."""

    reason = long_text(_("推荐理由"), 300, help_text=_("专业能力、指导经验、能投入的时间等，培养单位聘任时看到。"))

    def entered(self) -> dict[str, Any]:
        return super().entered() | {"reason": self.cleaned_data["reason"]}


class TermForm(forms.Form):
    """The term of an appointment."""

    starts_on = forms.DateField(label=_("聘期自"), widget=DateInput())
    ends_on = forms.DateField(label=_("聘期至"), widget=DateInput(), help_text=_("通常三年，最长五年。"))

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_on"].initial, self.fields["ends_on"].initial = on, usual_end(on)


class CampusMentorForm(PersonForm):
    """A teacher whom the unit names, with the term."""

    starts_on = TermForm.base_fields["starts_on"]
    ends_on = TermForm.base_fields["ends_on"]

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_on"].initial, self.fields["ends_on"].initial = on, usual_end(on)

    def entered(self) -> dict[str, Any]:
        return super().entered() | {name: self.cleaned_data[name] for name in ("starts_on", "ends_on")}


class AppointForm(TermForm):
    """Which of the nominated are appointed, for one term."""

    appointments = forms.ModelMultipleChoiceField(
        label=_("待聘任的导师"), queryset=Appointment.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    field_order = ["appointments", "starts_on", "ends_on"]

    def __init__(self, *args: Any, waiting: QuerySet[Appointment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["appointments"]
        assert isinstance(choice, forms.ModelMultipleChoiceField)  # noqa: S101 - declared above
        choice.queryset = waiting
        choice.label_from_instance = _nominated  # type: ignore[method-assign, assignment]
        choice.initial = [each.pk for each in waiting]


def _nominated(appointment: Appointment) -> str:
    return f"{_named(appointment.mentor)}（{appointment.reason}）"


class RenewForm(forms.Form):
    """Until when the next term runs."""

    ends_on = forms.DateField(
        label=_("续聘至"), widget=DateInput(), help_text=_("新聘期从原聘期届满的次日起，最长五年。")
    )


class EndForm(ReasonForm):
    """The last day of an appointment that ends before its term, and why."""

    ended_on = forms.DateField(label=_("最后一天"), widget=DateInput())
    field_order = ["ended_on", "reason"]


class AppraisalForm(forms.Form):
    """The appraisal of a mentor for a year."""

    year = forms.IntegerField(label=_("考核年度"), min_value=2000, max_value=2100)
    grade = forms.ChoiceField(label=_("考核等级"), choices=MentorAppraisal.Grade.choices, widget=forms.RadioSelect)
    note = long_text(_("考核意见"), 300, required=False, help_text=_("不合格的必须写明。"))
    correction = long_text(
        _("更正原因"), 300, required=False, rows=2, help_text=_("这一年已经考核过、需要更正时填写；原来的考核保留。")
    )


class AppraisalRowForm(forms.Form):
    """One mentor's line among all of a base; without a grade the mentor is left out."""

    grade = forms.ChoiceField(
        label=_("考核等级"), choices=[("", _("暂不考核")), *MentorAppraisal.Grade.choices], required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
    )  # fmt: skip
    note = forms.CharField(
        label=_("考核意见"), max_length=300, required=False, validators=[validate_no_id_card],
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        grade, note = cleaned.get("grade"), cleaned.get("note")
        if grade == MentorAppraisal.Grade.FAILED and not note and "note" not in self.errors:
            self.add_error("note", _("考核不合格的，请写明考核意见。"))
        if not grade and note and "grade" not in self.errors:
            self.add_error("grade", _("填写了考核意见，请选择考核等级。"))
        return cleaned


class TrainingForm(forms.Form):
    """A training and the mentors who took part."""

    topic = forms.CharField(label=_("培训主题"), max_length=100, validators=[validate_no_id_card])
    held_on = forms.DateField(label=_("培训日期"), widget=DateInput())
    hours = forms.DecimalField(
        label=_("学时"), min_value=0.5, max_value=200, max_digits=4, decimal_places=1,
        widget=forms.NumberInput(attrs={"data-unit": _("学时"), "step": "0.5"}),
    )  # fmt: skip
    mentors = forms.ModelMultipleChoiceField(
        label=_("参加的导师"), queryset=Mentor.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    note = long_text(_("主要内容"), 300, required=False)
    file = CheckedFileField(label=_("培训材料（签到表、课件等）"), required=False)

    def __init__(self, *args: Any, mentors: QuerySet[Mentor], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["mentors"]
        assert isinstance(choice, forms.ModelMultipleChoiceField)  # noqa: S101 - declared above
        choice.queryset = mentors
        choice.label_from_instance = _named  # type: ignore[method-assign, assignment]
