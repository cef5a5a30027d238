"""What an office enters for a 公示: its list and words, and the reasons of a return or a withdrawal."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from applications.forms import long_text
from applications.services.notice_words import TITLE_FORM
from bases.models import Base


class NoticeForm(forms.Form):
    """A notice and its list. ``whole`` False takes a draft as it stands, also half written."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    bases = forms.ModelMultipleChoiceField(
        label=_("列入公示的基地"), queryset=Base.objects.none(), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请至少选择一个基地列入公示名单。")},
    )  # fmt: skip
    title = forms.CharField(
        label=_("标题"), max_length=120, validators=[RegexValidator(TITLE_FORM, _("标题写作“关于……的公示”。"))]
    )
    text = long_text(
        _("正文"),
        3000,
        rows=8,
        help_text=_("写明依据；公示时间、异议办法、受理和监督部门及联系方式由系统附在正文之后。"),
    )

    def __init__(self, *args: Any, bases: QuerySet[Base], whole: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bases"].queryset = bases  # type: ignore[attr-defined]
        if not whole:
            for field in self.fields.values():
                field.required = False
            self.fields["title"].validators = self.fields["title"].validators[
                1:
            ]  # what is not finished need not be in form


class SeenForm(forms.Form):
    """An act on a notice; it knows which version was before the person."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, seen: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = seen


class ReasonForm(SeenForm):
    """An act on a notice that needs its reason."""

    reason = long_text(_("理由"), 500, rows=3)

    def __init__(self, *args: Any, hint: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = hint
