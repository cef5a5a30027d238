from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.models import AgreementRevision
from bases.acts import ActForm
from portal.forms import DateInput
from portal.uploads import CheckedFileField


class RevisionForm(ActForm):
    """The revised agreement as both sides have signed it (第十条)."""

    file = CheckedFileField(label=_("修订后的协议（双方签署的扫描件）"))
    signed_on = forms.DateField(label=_("签署日期"), widget=DateInput())
    expires_on = forms.DateField(label=_("有效期至"), widget=DateInput())
    changes = forms.CharField(
        label=_("修订内容"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("与原协议相比改动了什么，一两句话；合作单位确认时看到。"),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        signed, expires = cleaned.get("signed_on"), cleaned.get("expires_on")
        if signed and signed > self.on:
            self.add_error("signed_on", _("签署日期还没有到，请在双方签署之后提交。"))
        elif signed and expires and expires <= signed:
            self.add_error("expires_on", _("有效期至应晚于签署日期。"))
        return cleaned


class ConfirmRevisionForm(ActForm):
    """Nothing to enter; it names the file that the partner has before them, so that it confirms no other one."""

    seen_file = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def prepare(self) -> None:
        found = AgreementRevision.objects.filter(base=self.base).values_list("file", flat=True)
        self.fields["seen_file"].initial = found.first()


class ReturnRevisionForm(ConfirmRevisionForm):
    """Why the partner sends the agreement back."""

    reason = forms.CharField(label=_("退回原因"), max_length=300)
