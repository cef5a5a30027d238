from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.mentor_forms import long_text
from agreements.models import CommitteeMember, RegulationDocument
from bases.validators import validate_no_id_card
from portal.forms import DateInput
from portal.uploads import CheckedFileField


def short_text(label: Any, limit: int, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    """A text of one line that holds no ID-card number."""
    return forms.CharField(
        label=label, max_length=limit, required=required, help_text=help_text, validators=[validate_no_id_card]
    )


class CommitteeTermForm(forms.Form):
    """Term and office of a committee (协议：组织机构)."""

    starts_on = forms.DateField(label=_("任期自"), widget=DateInput())
    ends_on = forms.DateField(label=_("任期至"), widget=DateInput(), help_text=_("一届最长五年。"))
    office = short_text(_("办公室挂靠部门"), 60, help_text=_("例如合作单位的创新管理办公室。"))
    office_place = short_text(_("办公地点"), 120, required=False)
    office_phone = short_text(_("办公电话"), 40, required=False)


class CommitteeMemberForm(forms.Form):
    """A member whom one's own side sends."""

    name = short_text(_("姓名"), 30)
    duty = short_text(_("部门和职务"), 60, help_text=_("例如机械学院副院长、研发中心主任。"))
    title = short_text(_("职称"), 30, required=False)
    position = forms.ChoiceField(
        label=_("委员会职务"), choices=CommitteeMember.Position.choices, initial=CommitteeMember.Position.MEMBER
    )


class JoiningMemberForm(CommitteeMemberForm):
    """A member who joins a term in force."""

    joined_on = forms.DateField(label=_("加入日期"), widget=DateInput())


class LeaveForm(forms.Form):
    """When and why a member leaves a committee in office."""

    left_on = forms.DateField(label=_("退出日期"), widget=DateInput())
    reason = long_text(_("退出原因"), 300)


class ConfirmCommitteeForm(forms.Form):
    """What the side has before it, so that it confirms nothing else."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=2000)


class MeetingForm(forms.Form):
    """A meeting that was held (协议：教育管理，每年定期通报情况)."""

    held_on = forms.DateField(label=_("会议日期"), widget=DateInput())
    place = short_text(_("地点"), 120)
    present = long_text(_("出席人员"), 500, rows=2)
    topics = long_text(_("议题和通报情况"), 1000, rows=5)
    decisions = long_text(_("议定事项"), 1000, required=False, rows=4)
    minutes = CheckedFileField(label=_("会议纪要"), required=False)


class OfficeForm(forms.Form):
    """The partner's institution and person for the base (第十一条)."""

    institution = short_text(_("管理机构"), 60)
    person = short_text(_("负责人"), 30)
    phone = short_text(_("手机"), 20, required=False)
    email = forms.EmailField(label=_("邮箱"), required=False, max_length=254)
    since = forms.DateField(label=_("自"), widget=DateInput(), help_text=_("原来登记的机构和人员到前一天为止。"))


class RuleVersionForm(forms.Form):
    """A version of a 规章制度."""

    file = CheckedFileField(label=_("文件（盖章的扫描件）"))
    effective_on = forms.DateField(label=_("施行日期"), widget=DateInput())
    note = long_text(_("修订说明"), 300, required=False, rows=2)


class RuleForm(RuleVersionForm):
    """A 规章制度 with its first version."""

    kind = forms.ChoiceField(label=_("类别"), choices=RegulationDocument.Kind.choices)
    title = short_text(_("名称"), 100)
    field_order = ["kind", "title", "file", "effective_on", "note"]
