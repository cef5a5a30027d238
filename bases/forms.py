from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from bases.models import CategoryAuthorisation, DegreeCategory, Department, Division, PartnerUnit, Policy, TrainingUnit
from portal.forms import DateInput
from portal.models import User
from portal.roles import Role
from portal.wording import CHOOSE, say_choose

LEAGUES = Division.objects.filter(parent=None)


class PartnerForm(forms.ModelForm):
    """A partner's registration; the code's check digit is verified at once."""

    class Meta:
        model = PartnerUnit
        fields = ["credit_code", "name", "kind", "division"]
        help_texts = {
            "credit_code": _("18 位，见营业执照或法人证书；系统会核对校验码。"),
            "kind": _("第七条（二）列明的四类。"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["division"].queryset = LEAGUES  # type: ignore[attr-defined]
        say_choose(self)


class TrainingUnitForm(forms.ModelForm):
    """A training unit's entry."""

    class Meta:
        model = TrainingUnit
        fields = [
            "code", "name", "kind", "division", "double_first_class", "document_word",
            "office", "supervision_office", "phone", "email", "address",
        ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["division"].queryset = LEAGUES  # type: ignore[attr-defined]
        say_choose(self)


class AuthorisationForm(forms.Form):
    """A category in which a unit may award degrees."""

    category = forms.ModelChoiceField(
        label=_("专业学位类别"), queryset=DegreeCategory.objects.all(), empty_label=CHOOSE
    )
    year = forms.IntegerField(label=_("获批年份"), min_value=1990, max_value=2100)
    level = forms.ChoiceField(label=_("层次"), choices=CategoryAuthorisation.Level.choices)


class DepartmentForm(forms.ModelForm):
    """The department's entry."""

    class Meta:
        model = Department
        fields = ["name", "document_word", "office", "supervision_office", "phone", "email", "address"]


class AccountForm(forms.Form):
    """A new account; it holds no right yet."""

    username = forms.CharField(
        label=_("登录名"),
        max_length=30,
        validators=[RegexValidator(r"^[a-z][a-z0-9_.-]{2,29}$", _("登录名用小写字母开头，3–30 位。"))],
    )
    full_name = forms.CharField(label=_("姓名"), max_length=60)
    phone = forms.CharField(
        label=_("手机"),
        required=False,
        validators=[RegexValidator(r"^1[3-9][0-9]{9}$", _("手机号应为 11 位，请核对。"))],
    )
    email = forms.EmailField(label=_("邮箱"), required=False)
    password = forms.CharField(
        label=_("初始密码"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("至少 10 位，不能全是数字。"),
    )

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password


class MembershipForm(forms.Form):
    """A role granted to a person."""

    user = forms.ModelChoiceField(
        label=_("人员"), queryset=User.objects.filter(is_active=True).order_by("full_name"), empty_label=CHOOSE
    )
    role = forms.ChoiceField(label=_("角色"), choices=[("", CHOOSE), *Role.choices])
    training_unit = forms.ModelChoiceField(
        label=_("研究生培养单位"),
        queryset=TrainingUnit.objects.all(),
        required=False,
        empty_label=CHOOSE,
        help_text=_("申报人、研究生院角色必选。"),
    )
    partner_unit = forms.ModelChoiceField(
        label=_("校外合作单位"),
        queryset=PartnerUnit.objects.all(),
        required=False,
        empty_label=CHOOSE,
        help_text=_("合作单位角色必选。"),
    )
    department = forms.ModelChoiceField(
        label=_("教育厅"),
        queryset=Department.objects.all(),
        required=False,
        empty_label=CHOOSE,
        help_text=_("教育厅各角色和三员选用。"),
    )


class PolicyForm(forms.ModelForm):
    """A new version of the policy values."""

    class Meta:
        model = Policy
        exclude = ["version", "created_by", "created_at"]  # noqa: DJ006 - every value belongs to a version, also the ones to come
        widgets = {"effective_from": DateInput()}
