"""What the department's officer enters of a meeting: what it is, who sits in it, what it takes up, the votes, the conclusion."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from applications.forms import long_text
from applications.models import Application, MeetingItem, MeetingMember, ReviewMeeting
from applications.services import meetings
from applications.services.meeting_members import Row, read_lines
from bases.validators import validate_no_id_card
from portal.forms import DateInput
from portal.uploads import CheckedFileField

TAKE_UP = (
    (meetings.ALL, _("全部可以上会的申请书")),
    (meetings.FLAGGED, _("只列有评分提示的申请书（分差大、偏离大等）")),
    (meetings.NONE, _("稍后再选")),
)


class MeetingForm(forms.Form):
    """What a meeting is: name, day, place, agenda."""

    title = forms.CharField(label=_("会议名称"), max_length=100, validators=[validate_no_id_card])
    held_on = forms.DateField(label=_("召开日期"), widget=DateInput)
    place = forms.CharField(label=_("地点"), max_length=100, validators=[validate_no_id_card])
    agenda = long_text(_("议程"), 2000, rows=5, help_text=_("一行一项，写入会议纪要。"))


class EditMeetingForm(MeetingForm):
    """The same of a meeting that is there already; it knows which state of it was before the person."""

    seen = forms.IntegerField(widget=forms.HiddenInput)


class NewMeetingForm(MeetingForm):
    """A new meeting, and with which applications it begins."""

    take_up = forms.ChoiceField(label=_("议题"), choices=TAKE_UP, widget=forms.RadioSelect, initial=meetings.ALL)


class MemberForm(forms.Form):
    """One line of the list of members; a new line that is left empty counts for nothing."""

    pk = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(label=_("姓名"), max_length=40, validators=[validate_no_id_card])
    employer = forms.CharField(label=_("工作单位"), max_length=100, validators=[validate_no_id_card])
    duty = forms.ChoiceField(label=_("职责"), choices=MeetingMember.Duty, initial=MeetingMember.Duty.MEMBER)
    present = forms.BooleanField(label=_("出席"), required=False)
    gone = forms.BooleanField(label=_("移出"), required=False)

    def has_changed(self) -> bool:
        """A line that stands counts always, an added one once a name or a place of work is written there."""
        stands = bool(self.data.get(self.add_prefix("pk")))
        return stands or bool({"name", "employer"} & set(self.changed_data))

    @property
    def row(self) -> Row:
        """What was entered."""
        return Row(**self.cleaned_data)


def rows_of(formset: "forms.BaseFormSet[MemberForm]") -> list[Row]:
    """The lines of a valid list of members that say something."""
    return [form.row for form in formset.forms if form.has_changed() and form.cleaned_data]


class SeenForm(forms.Form):
    """Knows which state of the meeting was before the person."""

    seen = forms.IntegerField(widget=forms.HiddenInput)


class PeopleForm(SeenForm):
    """Several members at once: lines “姓名，单位，职责”, or rows copied in Excel."""

    text = forms.CharField(
        label=_("成员名单"), max_length=20_000, strip=False, widget=forms.Textarea(attrs={"rows": 5}), validators=[validate_no_id_card],
        help_text=_("一行一人：姓名，单位，职责（主持、委员、记录、列席；不写的按委员）。可以从 Excel 复制三列粘贴。"),
    )  # fmt: skip

    def clean_text(self) -> list[Row]:
        rows, wrong = read_lines(self.cleaned_data["text"])
        if wrong:
            raise forms.ValidationError(wrong)
        if not rows:
            raise forms.ValidationError(self.fields["text"].error_messages["required"], code="required")
        return rows


class CopyForm(SeenForm):
    """An earlier meeting whose members are taken over."""

    source = forms.ModelChoiceField(label=_("以往会议"), queryset=ReviewMeeting.objects.none(), empty_label=_("请选择"))

    def __init__(self, *args: Any, sources: Iterable[ReviewMeeting], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = ReviewMeeting.objects.filter(pk__in=[source.pk for source in sources])
        self.fields["source"].queryset = found  # type: ignore[attr-defined]


class ItemsForm(SeenForm):
    """What a meeting takes up."""

    applications = forms.ModelMultipleChoiceField(
        label=_("上会的申请书"),
        queryset=Application.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, possible: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["applications"].queryset = Application.objects.filter(pk__in=list(possible))  # type: ignore[attr-defined]


def _votes(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=999)


class VotesForm(forms.Form):
    """The votes and the conclusion of one item, as far as they are entered."""

    votes_for = _votes(_("同意"))
    votes_against = _votes(_("反对"))
    votes_abstained = _votes(_("弃权"))
    conclusion = forms.ChoiceField(
        label=_("结论"), required=False, choices=[("", _("未定")), *MeetingItem.Conclusion.choices]
    )
    note = forms.CharField(label=_("说明"), max_length=500, required=False, validators=[validate_no_id_card])
    seen = forms.IntegerField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, item: MeetingItem, data: Any = None) -> "VotesForm":
        """The form of an item, its names led by the item's key."""
        initial = {
            name: getattr(item, name)
            for name in ("votes_for", "votes_against", "votes_abstained", "conclusion", "note")
        }
        return cls(data, prefix=f"i{item.pk}", initial=initial | {"seen": item.revision})

    @property
    def sent_names(self) -> str:
        """The names under which the line is sent by itself."""
        return ",".join(field.html_name for field in self)


class RecusedForm(SeenForm):
    """Which members stay out of an item."""

    members = forms.ModelMultipleChoiceField(
        label=_("回避的成员"),
        queryset=MeetingMember.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, meeting: ReviewMeeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        voting = meeting.members.filter(duty__in=[MeetingMember.Duty.CHAIR, MeetingMember.Duty.MEMBER])
        self.fields["members"].queryset = voting  # type: ignore[attr-defined]


class ConcludeForm(forms.Form):
    """The conclusion of a meeting; it knows which state of the meeting, votes and all, was before the person."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=60)
    conclusion = long_text(
        _("会议结论"), 1000, rows=5, help_text=_("写入会议纪要；认定审议会的结论同时记入各同意基地的审议纪要。")
    )

    def clean_conclusion(self) -> str:
        text: str = self.cleaned_data["conclusion"].strip()
        if not text:
            raise forms.ValidationError(_t("请填写会议结论。"))
        return text


class MinutesScanForm(forms.Form):
    """The signed minutes."""

    file = CheckedFileField(label=_("签字扫描件"))
