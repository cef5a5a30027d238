"""Django's own sentences about wrong input, said as an experienced colleague would say them."""

from typing import Any

from django import forms
from django.core import validators
from django.forms import models
from django.utils.translation import gettext_lazy as _

CHOOSE = _("请选择")

_FIELDS: dict[type[forms.Field], dict[str, Any]] = {
    forms.Field: {"required": _("请填写这一项。")},
    forms.IntegerField: {"invalid": _("请填写整数。")},
    forms.DecimalField: {"invalid": _("请填写数字。")},
    forms.DateField: {"invalid": _("请按 2026-11-24 的写法填写日期。")},
    forms.ChoiceField: {"invalid_choice": _("这个选项已经不能选，请重新选择。"), "required": _("请选择一项。")},
    forms.MultipleChoiceField: {"invalid_choice": _("有选项已经不能选，请重新选择。"), "required": _("请至少选择一项。")},
    models.ModelChoiceField: {"invalid_choice": _("这个选项已经不能选，请重新选择。"), "required": _("请选择一项。")},
    models.ModelMultipleChoiceField: {
        "invalid_choice": _("有选项已经不能选，请重新选择。"),
        "required": _("请至少选择一项。"),
    },
    forms.FileField: {"required": _("请选择文件。"), "missing": _("请选择文件。"), "empty": _("所选文件是空的，请重新选择。")},
}  # fmt: skip

_VALIDATORS: dict[Any, Any] = {
    validators.MinValueValidator: _("不能小于 %(limit_value)s。"),
    validators.MaxValueValidator: _("不能大于 %(limit_value)s。"),
    validators.MinLengthValidator: _("至少 %(limit_value)d 字，现在是 %(show_value)d 字。"),
    validators.MaxLengthValidator: _("最多 %(limit_value)d 字，现在是 %(show_value)d 字，请删减。"),
    validators.EmailValidator: _("邮箱地址不对，请核对。"),
}


def speak_plainly() -> None:
    """Put the sentences in the place of Django's; a field or a form that has its own keeps it."""
    for field, sentences in _FIELDS.items():
        field.default_error_messages = {**field.default_error_messages, **sentences}
    for validator, sentence in _VALIDATORS.items():
        validator.message = sentence
    validators.validate_email.message = _VALIDATORS[validators.EmailValidator]


def say_choose(form: forms.BaseForm) -> None:
    """An empty first choice says 请选择 instead of a row of dashes."""
    for field in form.fields.values():
        if isinstance(field, models.ModelChoiceField) and field.empty_label:
            field.empty_label = CHOOSE
        elif isinstance(field, forms.ChoiceField) and not isinstance(field, models.ModelChoiceField):
            field.choices = [(value, CHOOSE if value in ("", None) else label) for value, label in field.choices]  # type: ignore[misc, union-attr]
