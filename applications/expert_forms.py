"""Forms of the 专家库: for the department, for the experts themselves, and for who is invited."""

from typing import Any, ClassVar

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from applications.models import ExpertAbsence, ExpertProfile, ExpertRelation
from applications.services import experts, invitations
from bases.forms import DivisionField
from bases.industries import PRIORITY_INDUSTRIES
from bases.models import DegreeCategory
from bases.validators import validate_no_id_card
from portal.forms import DateInput
from portal.models import User
from portal.uploads import CheckedFileField
from portal.wording import CHOOSE, say_choose

_PHONE = RegexValidator(r"^1[3-9][0-9]{9}$", _("手机号应为 11 位，请核对。"))


def _phone(required: bool = False) -> forms.CharField:
    return forms.CharField(label=_("手机"), max_length=11, required=required, validators=[_PHONE])


def _categories() -> forms.ModelMultipleChoiceField:
    return forms.ModelMultipleChoiceField(
        label=_("熟悉的专业学位类别"),
        queryset=DegreeCategory.objects.all(),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text=_("可以选几个；分配评审时按类别匹配。"),
    )


def _industries() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=_("熟悉的产业"),
        choices=PRIORITY_INDUSTRIES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class _RulesInTheService(forms.ModelForm):
    """A form of a row whose rules the service tells in its own words; the walls of these fields are not tried beforehand."""

    ruled: ClassVar[frozenset[str]] = frozenset()

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() | self.ruled  # type: ignore[misc]


class _ProfileForm(_RulesInTheService):
    """What is known of an expert; who else has the same name or number is found by the service, which names them."""

    ruled = frozenset({"employer", "phone"})
    phone = _phone()
    categories = _categories()
    industries = _industries()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_choose(self)
        for field in self.fields.values():
            if type(field) is forms.CharField:
                field.validators.append(validate_no_id_card)


class ExpertForm(_ProfileForm):
    """A person of the pool, as the department enters them."""

    division = DivisionField(label=_("所在地区"), required=False, help_text=_("区外专家不选。"))
    max_load = forms.IntegerField(
        label=_("每批次最多评审"),
        required=False,
        min_value=1,
        max_value=100,
        widget=forms.NumberInput(attrs={"data-unit": _("项")}),
        help_text=_("不填则不另设上限。"),
    )
    keep_employer = forms.BooleanField(
        label=_("工作单位有变动时，把原单位留作任职经历"),
        required=False,
        initial=True,
        help_text=_("任职经历用于回避。只是更正错字的，请去掉勾选。"),
    )

    class Meta:
        model = ExpertProfile
        fields = [
            "name", "employer", "training_unit", "partner_unit", "sector", "title", "position", "categories", "industries",
            "division", "phone", "email", "max_load", "note",
        ]  # fmt: skip
        help_texts = {
            "employer": _("写全称，专家常驻的单位。"),
            "training_unit": _("专家在区内研究生培养单位工作的选；与工作单位同名的会自动对应。"),
            "partner_unit": _("专家在已登记的合作单位工作的选。"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            del self.fields["keep_employer"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("training_unit") and cleaned.get("partner_unit"):
            self.add_error("partner_unit", _t("所在培养单位和所在合作单位只能选一个；兼职的单位请登记为利害关系。"))
        return cleaned


class OwnExpertForm(_ProfileForm):
    """What experts keep up to date themselves."""

    phone = _phone(required=True)

    class Meta:
        model = ExpertProfile
        fields = ["phone", "email", "title", "position", "categories", "industries"]


class RemoveExpertForm(forms.Form):
    """Why a person leaves the pool."""

    reason = forms.CharField(
        label=_("出库原因"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[validate_no_id_card],
        help_text=_("例如：退休、本人提出、不再适合承担评审。"),
    )


class AbsenceForm(_RulesInTheService):
    """Days on which an expert cannot review."""

    ruled = frozenset({"from_on", "to_on"})

    class Meta:
        model = ExpertAbsence
        fields = ["from_on", "to_on", "note"]
        widgets = {"from_on": DateInput(), "to_on": DateInput()}
        help_texts = {"note": _("例如：出国访问。没有可不填。")}

    def clean_note(self) -> str:
        note: str = self.cleaned_data["note"]
        validate_no_id_card(note)
        return note

    def entered(self) -> dict[str, Any]:
        """What was entered, for the service."""
        return {("note_text" if name == "note" else name): value for name, value in self.cleaned_data.items()}


class RelationForm(_RulesInTheService):
    """A relation on which recusal looks."""

    ruled = frozenset({"training_unit", "partner_unit", "organisation", "person", "began_on", "ended_on"})

    class Meta:
        model = ExpertRelation
        fields = ["kind", "training_unit", "partner_unit", "organisation", "person", "began_on", "ended_on", "note"]
        widgets = {"began_on": DateInput(), "ended_on": DateInput()}
        help_texts = {
            "organisation": _("上面两项里没有的单位写在这里。"),
            "person": _("与某个人有亲属、师生、合作等关系的，写对方姓名。"),
            "ended_on": _("仍在继续的不填。"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_choose(self)
        for name in ("organisation", "person", "note"):
            self.fields[name].validators.append(validate_no_id_card)


class EndRelationForm(forms.Form):
    """The day on which a relation ended."""

    ended_on = forms.DateField(label=_("结束日期"), widget=DateInput())


class ExpertListForm(forms.Form):
    """A list of experts from Excel."""

    file = CheckedFileField(label=_("填好的名单"), kinds=("xlsx",), max_mb=5)


class InviteForm(forms.Form):
    """How long the link of an invitation works."""

    days = forms.IntegerField(
        label=_("有效期"),
        min_value=1,
        max_value=invitations.MAX_DAYS,
        initial=invitations.DEFAULT_DAYS,
        widget=forms.NumberInput(attrs={"data-unit": _("天")}),
    )


class InviteManyForm(InviteForm):
    """The people to be invited at once."""

    expert = forms.ModelMultipleChoiceField(
        label=_("专家"), queryset=ExpertProfile.objects.all(), widget=forms.MultipleHiddenInput
    )
    field_order = ["expert", "days"]


class LinkForm(forms.Form):
    """The account that is this person's."""

    user = forms.ModelChoiceField(
        label=_("账号"),
        queryset=User.objects.none(),
        empty_label=CHOOSE,
        help_text=_("只列出有评审专家角色、还没有对应专家资料的账号。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = experts.linkable_accounts()  # type: ignore[attr-defined]


class AcceptForm(forms.Form):
    """An invited person accepts: confirms who they are and where they work, and chooses how to sign in."""

    employer = forms.CharField(
        label=_("工作单位"),
        max_length=100,
        validators=[validate_no_id_card],
        help_text=_("请核对；已换单位的写现在的单位，原单位留作任职经历，用于回避。"),
    )
    phone = _phone(required=True)
    email = forms.EmailField(label=_("电子邮箱"), required=False)
    username = forms.CharField(
        label=_("登录名"),
        max_length=30,
        validators=[RegexValidator(r"^[a-z][a-z0-9_.-]{2,29}$", _("登录名用小写字母开头，3–30 位。"))],
        widget=forms.TextInput(attrs={"autocomplete": "username"}),
        help_text=_("小写字母开头，可以有数字和 . _ -，3–30 位。"),
    )
    password = forms.CharField(
        label=_("密码"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("至少 10 位，不能全是数字。"),
    )
    again = forms.CharField(label=_("再输一次密码"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))
    consent = forms.BooleanField(
        label=_("以上内容属实；我同意担任评审专家，遵守回避和保密要求，并同意教育厅为组织评审使用以上信息。"),
        error_messages={"required": _("请先勾选，再接受邀请。")},
    )

    def __init__(self, *args: Any, profile: ExpertProfile, user: User | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.profile = profile
        if user is not None:
            # One person has one account: who is signed in brings theirs.
            for name in ("username", "password", "again"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        password, again = cleaned.get("password"), cleaned.get("again")
        if password and again and password != again:
            self.add_error("again", _t("两次输入的密码不一致，请重新输入。"))
        if password:
            person = User(
                username=cleaned.get("username", ""), full_name=self.profile.name, phone=cleaned.get("phone", ""),
                email=cleaned.get("email", ""),
            )  # fmt: skip
            try:
                validate_password(password, person)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return cleaned

    def entered(self) -> dict[str, Any]:
        """What was entered, for the service."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("again", "consent")}


class DeclineForm(forms.Form):
    """An invited person declines."""

    reason = forms.CharField(
        label=_("谢绝的原因"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[validate_no_id_card],
    )
