from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal import codes
from portal.uploads import CheckedFileField


class CodeForm(forms.Form):
    """A 核验码 as it stands on a paper, or the address that its QR code holds."""

    code = forms.CharField(
        label=_("核验码"),
        max_length=200,
        help_text=_("印在文书每一页的下方，12 位字母和数字，例如 A3C4-6F7H-9K4M。大小写和空格不影响查询。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )

    def clean_code(self) -> str:
        code = codes.typed(self.cleaned_data["code"])
        if not code:
            raise forms.ValidationError(
                _t(
                    "核验码是 12 位字母和数字，分三组，没有字母 B、I、L、O、S、U、Z 和数字 0、1、2、5、8。请对照文书下方重新输入。"
                )
            )
        return codes.grouped(code)


class CopyForm(forms.Form):
    """A copy of a document to be compared with what was issued; nothing of it is kept."""

    file = CheckedFileField(label=_("文书文件"), kinds=("pdf", "png", "jpg"))
    code = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
