"""The boundary of posts, students and placements: what people enter."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from agreements import placement_queries
from agreements.models import BaseProject, Mentor, Placement, PlacementChange, Post, Student
from agreements.services import placement_changes, posts, student_imports, students
from bases.models import Base, DegreeCategory, Policy
from portal.acting import Acting
from portal.forms import DateInput
from portal.uploads import CheckedFileField


class PostForm(forms.ModelForm):
    """A post that the partner offers (协议：培养过程 1)."""

    class Meta:
        model = Post
        fields = posts.FIELDS
        widgets = {
            "work": forms.Textarea(attrs={"rows": 3}),
            "requirements": forms.Textarea(attrs={"rows": 2}),
            "places": forms.NumberInput(attrs={"data-unit": _("人")}),
            "stipend": forms.NumberInput(attrs={"data-unit": _("元/月")}),
        }
        help_texts = {"level": _("不限层次的不选。"), "stipend": _("可以不填；协议有下限的，按月发放时核对。")}

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = on
        if self.instance.pk is None:
            self.initial.setdefault("year", on.year)
        for name in ("title", "department", "work", "requirements", "location"):
            self.fields[name].validators.append(students.no_id_card)
        places: Any = self.fields["places"]
        places.min_value, places.max_value = 1, 500
        places.validators += [
            MinValueValidator(1),
            MaxValueValidator(500),
        ]

    def clean_year(self) -> int:
        year: int = self.cleaned_data["year"]
        if not posts.may_offer_for(year, self.on) and year != self.instance.year:
            raise forms.ValidationError(_t("岗位按年度提供，请填写 %(year)s 年或下一年。") % {"year": self.on.year})
        return year

    def clean_stipend(self) -> Any:
        stipend = self.cleaned_data["stipend"]
        if stipend is not None and stipend < 0:
            raise forms.ValidationError(_t("金额不能为负数。"))
        return stipend

    def _post_clean(self) -> None:
        # The instance stays as the database has it: the service alone changes it, under the lock.
        return


class ReasonForm(forms.Form):
    """Why something is done."""

    reason = forms.CharField(
        label=_("原因"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}), validators=[students.no_id_card]
    )


class StudentForm(forms.ModelForm):
    """One student of the unit's list."""

    class Meta:
        model = Student
        fields = students.FIELDS
        widgets = {"left_on": DateInput()}
        help_texts = {"number": _("不是身份证号。"), "left_on": _("还在读的不填。")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        category: Any = self.fields["category"]
        category.queryset = DegreeCategory.objects.order_by("code")
        for field in self.fields.values():
            if type(field) is forms.CharField:
                field.validators.append(students.no_id_card)

    def clean_entry_year(self) -> int:
        year: int = self.cleaned_data["entry_year"]
        if not 1990 <= year <= 2100:
            raise forms.ValidationError(_t("请填写四位数的年份，例如 2025。"))
        return year

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"]
        if phone and not student_imports.is_mobile(phone):
            raise forms.ValidationError(_t("“%(value)s”不是 11 位手机号，请核对。") % {"value": phone})
        return phone

    def clean_left_on(self) -> date | None:
        left_on: date | None = self.cleaned_data["left_on"]
        entry_year = self.cleaned_data.get("entry_year")
        if left_on and entry_year and (problem := students.why_not_left(left_on, entry_year)):
            raise forms.ValidationError(problem)
        return left_on

    def _post_clean(self) -> None:
        # The instance stays as the database has it: the service alone changes it, under the lock.
        return


class StudentListForm(forms.Form):
    """The list as an Excel file."""

    file = CheckedFileField(label=_("填好的名单"), kinds=("xlsx",), max_mb=student_imports.MAX_MB)


class PeriodForm(forms.Form):
    """The time for which students are looked for, in the address of the page."""

    q = forms.CharField(label=_("姓名或学号"), max_length=60, required=False)
    starts_on = forms.DateField(label=_("进入基地日期"), widget=DateInput())
    ends_on = forms.DateField(label=_("结束日期"), widget=DateInput())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts, ends = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts and ends and ends <= starts:
            self.add_error("ends_on", _t("结束日期应晚于进入基地日期。"))
        return cleaned


def _mentors(base: Base, kind: str, day: date, empty: str) -> list[tuple[str, str]]:
    found = placement_queries.appointed_mentors(base, kind, day)
    return [("", empty), *((str(each.pk), _with_department(each)) for each in found)]


def _with_department(mentor: Mentor) -> str:
    return f"{mentor.name}（{mentor.department}）" if mentor.department else mentor.name


class SelectForm(forms.Form):
    """Students for a post, all for the same time (协议：培养过程 1、2)."""

    starts_on = forms.DateField(label=_("进入基地日期"), widget=forms.HiddenInput)
    ends_on = forms.DateField(label=_("结束日期"), widget=forms.HiddenInput)
    campus_mentor = forms.TypedChoiceField(
        label=_("校内导师"), coerce=int, empty_value=None, required=False,
        help_text=_("各人不同的可以先不选，入选之后再分别指定。"),
    )  # fmt: skip
    project = forms.ModelChoiceField(
        label=_("实践项目"), queryset=BaseProject.objects.none(), required=False, empty_label=_("暂不指定")
    )
    length_reason = forms.CharField(
        label=_("时长不在约定范围的理由"), max_length=300, required=False, validators=[students.no_id_card]
    )

    def __init__(self, *args: Any, base: Base, day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mentor: Any = self.fields["campus_mentor"]
        mentor.choices = _mentors(base, Mentor.Kind.CAMPUS, day, _t("暂不指定"))
        project: Any = self.fields["project"]
        project.queryset = BaseProject.objects.filter(base=base, ended_on=None)


class ChosenForm(forms.Form):
    """What an act on chosen placements needs; it knows the base, the person, the day and the placements."""

    def __init__(
        self, *args: Any, base: Base, acting: Acting, on: date, chosen: Sequence[Placement], **kwargs: Any
    ) -> None:
        self.base, self.acting, self.on, self.chosen = base, acting, on, list(chosen)
        super().__init__(*args, **kwargs)
        self.prepare()

    @property
    def first_day(self) -> date:
        """The latest first day of the chosen, or today for those who are there."""
        return max([self.on, *(each.starts_on for each in self.chosen)])

    def prepare(self) -> None:
        """Fill in choices and first values that depend on what was chosen."""


class ChosenReasonForm(ReasonForm, ChosenForm):
    """Why the unit takes back, or the partner does not take."""


class LodgingForm(ChosenForm):
    """Where the students live and eat."""

    lodging = forms.ChoiceField(label=_("食宿"), choices=[("", "---------"), *Placement.Lodging.choices])
    lodging_note = forms.CharField(
        label=_("食宿说明"), max_length=200, required=False, validators=[students.no_id_card]
    )

    def prepare(self) -> None:
        if len(self.chosen) == 1:
            self.initial.update({"lodging": self.chosen[0].lodging, "lodging_note": self.chosen[0].lodging_note})


class IndustryMentorForm(ChosenForm):
    """The partner's mentor of the chosen students."""

    mentor = forms.TypedChoiceField(label=_("行业产业导师"), coerce=int)
    kind = Mentor.Kind.INDUSTRY

    def prepare(self) -> None:
        field: Any = self.fields["mentor"]
        field.choices = _mentors(self.base, self.kind, self.first_day, "---------")
        if len(field.choices) == 1:
            field.help_text = _t("本基地还没有有效聘任的%(kind)s，请先在“导师”中办理聘任。") % {
                "kind": Mentor.Kind(self.kind).label
            }


class CampusMentorForm(IndustryMentorForm):
    """The unit's mentor of the chosen students."""

    mentor = forms.TypedChoiceField(label=_("校内导师"), coerce=int)
    kind = Mentor.Kind.CAMPUS


class AcceptForm(ChosenForm):
    """The partner takes students; the mentor and the lodging can wait."""

    industry_mentor = forms.TypedChoiceField(label=_("行业产业导师"), coerce=int, empty_value=None, required=False)
    lodging = forms.ChoiceField(
        label=_("食宿"), choices=[("", _("以后再填")), *Placement.Lodging.choices], required=False
    )
    lodging_note = forms.CharField(
        label=_("食宿说明"), max_length=200, required=False, validators=[students.no_id_card]
    )

    def prepare(self) -> None:
        field: Any = self.fields["industry_mentor"]
        field.choices = _mentors(self.base, Mentor.Kind.INDUSTRY, self.first_day, _t("以后再指定"))


class SafetyForm(ChosenForm):
    """The 实践安全协议 that was signed with the student and the campus mentor."""

    signed_on = forms.DateField(label=_("签订日期"), widget=DateInput())
    file = CheckedFileField(label=_("签字的协议"), kinds=("pdf", "jpg", "png"))

    def clean_signed_on(self) -> date:
        day: date = self.cleaned_data["signed_on"]
        if day > self.on:
            raise forms.ValidationError(_t("签订日期还没有到，请在签订之后登记。"))
        return day


class InsuranceForm(ChosenForm):
    """The policy of the accident insurance."""

    insurer = forms.CharField(label=_("保险公司"), max_length=60, validators=[students.no_id_card])
    policy_number = forms.CharField(label=_("保单号"), max_length=60, validators=[students.no_id_card])
    insured_from = forms.DateField(label=_("保险起始日"), widget=DateInput())
    insured_until = forms.DateField(label=_("保险终止日"), widget=DateInput())

    def prepare(self) -> None:
        first = self.chosen[0] if self.chosen else None
        if first is not None:
            self.initial.update({
                "insurer": first.insurer, "policy_number": first.policy_number,
                "insured_from": first.insured_from or min(each.starts_on for each in self.chosen),
                "insured_until": first.insured_until or max(each.ends_on for each in self.chosen),
            })  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("insured_from"), cleaned.get("insured_until")
        if first and last and last < first:
            self.add_error("insured_until", _t("保险终止日不能早于起始日。"))
        return cleaned


class StartForm(ChosenForm):
    """The day on which the students have come."""

    arrived_on = forms.DateField(label=_("到达基地日期"), widget=DateInput())
    length_reason = forms.CharField(
        label=_("时长不在约定范围的理由"), max_length=300, required=False, validators=[students.no_id_card],
        help_text=_("实际到达日期使实践时间不足约定月数时填写。"),
    )  # fmt: skip

    def prepare(self) -> None:
        self.initial["arrived_on"] = self.on


class EndForm(ChosenForm):
    """A word on the end."""

    note = forms.CharField(
        label=_("结束说明"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        validators=[students.no_id_card],
    )  # fmt: skip


class ChangeForm(ChosenForm):
    """An extension or an end before the agreed day."""

    kind = forms.ChoiceField(
        label=_("变更"),
        choices=[
            (each.value, each.label)
            for each in (PlacementChange.Kind.EXTEND, PlacementChange.Kind.EARLY, PlacementChange.Kind.FORCE_MAJEURE)
        ],
    )
    ends_on = forms.DateField(label=_("变更后的结束日期"), widget=DateInput())
    reason = forms.CharField(
        label=_("原因"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}), validators=[students.no_id_card]
    )

    def prepare(self) -> None:
        policy = Policy.in_force(self.on)
        day = placement_changes.notice_until(self.on, policy).isoformat()
        words = {"months": policy.change_notice_months, "day": day}
        self.fields["ends_on"].help_text = (
            _t(
                "提前结束的日期在 %(day)s 及以后，或延期时原定结束日期在 %(day)s 及以后的，满 %(months)s 个月通知期，提交即生效；否则须对方同意。"
            )
            % words
        )


class CancelForm(ChosenReasonForm):
    """Why a student who was accepted does not come."""


class AnswerForm(ChosenForm):
    """Whether one consents to the change that the other side asks for."""

    agreed = forms.TypedChoiceField(
        label=_("答复"), choices=[("yes", _("同意")), ("no", _("不同意"))], coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )  # fmt: skip
    note = forms.CharField(
        label=_("说明"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("不同意的，请写明原因。"), validators=[students.no_id_card],
    )  # fmt: skip
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def prepare(self) -> None:
        waiting = [change for each in self.chosen for change in getattr(each, "waiting", ())]
        self.initial["seen"] = waiting[0].pk if waiting else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("agreed") is False and not cleaned.get("note", "").strip():
            self.add_error("note", _t("请写明不同意的原因。"))
        return cleaned


class IllnessForm(ChosenForm):
    """The last day of a student who is too ill to go on."""

    last_day = forms.DateField(label=_("在基地的最后一天"), widget=DateInput())
    reason = forms.CharField(
        label=_("情况说明"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}), help_text=_("不写诊断和病历。"),
        validators=[students.no_id_card],
    )  # fmt: skip

    def prepare(self) -> None:
        self.initial["last_day"] = self.on
