from decimal import Decimal

import pytest
from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError

from bases.forms import MembershipForm, PartnerForm
from portal.models import User
from portal.wording import say_choose


class Everything(forms.Form):
    text = forms.CharField(label="文字", max_length=3)
    number = forms.IntegerField(min_value=2, max_value=5)
    amount = forms.DecimalField(min_value=Decimal(0))
    day = forms.DateField()
    email = forms.EmailField()
    kind = forms.ChoiceField(choices=[("", "---------"), ("a", "甲")])
    several = forms.MultipleChoiceField(choices=[("a", "甲")])
    file = forms.FileField()
    special = forms.CharField(error_messages={"required": "请写明。"})


RIGHT = {
    "text": "好",
    "number": "3",
    "amount": "1",
    "day": "2026-11-24",
    "email": "a@b.cn",
    "kind": "a",
    "several": ["a"],
}


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("text", "", "请填写这一项。"),
        ("text", "四个字啊", "最多 3 字，现在是 4 字，请删减。"),
        ("number", "一", "请填写整数。"),
        ("number", "1", "不能小于 2。"),
        ("number", "6", "不能大于 5。"),
        ("amount", "多", "请填写数字。"),
        ("day", "2026-13-01", "请按 2026-11-24 的写法填写日期。"),
        ("email", "甲", "邮箱地址不对，请核对。"),
        ("kind", "", "请选择一项。"),
        ("kind", "z", "这个选项已经不能选，请重新选择。"),
        ("several", [], "请至少选择一项。"),
        ("several", ["z"], "有选项已经不能选，请重新选择。"),
        ("file", None, "请选择文件。"),
        ("special", "", "请写明。"),
    ],
)
def test_wrong_input_is_answered_in_plain_chinese(field: str, value: object, message: str) -> None:
    form = Everything({**RIGHT, field: value}, {})
    assert form.errors[field] == [message]


def test_an_empty_choice_says_what_to_do() -> None:
    form = Everything()
    say_choose(form)
    assert list(form.fields["kind"].choices) == [("", "请选择"), ("a", "甲")]


@pytest.mark.django_db
@pytest.mark.parametrize("form", [PartnerForm, MembershipForm])
def test_no_form_shows_a_row_of_dashes(form: type[forms.BaseForm]) -> None:
    page = str(form())
    assert "---------" not in page
    assert "请选择" in page


def test_what_a_password_must_be() -> None:
    assert password_validators_help_texts() == [
        "不要与您的姓名、登录名、手机或邮箱相近。", "至少 10 位。", "不要用常见的密码。", "不能全是数字。",
    ]  # fmt: skip
    with pytest.raises(ValidationError) as refused:
        validate_password("yanyuan12345", User(username="yanyuan1234"))
    assert refused.value.messages == ["密码与您的姓名、登录名、手机或邮箱太相近，请换一个。"]
