from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django.forms.models import ModelChoiceIterator
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from bases import office_texts
from bases.models import (
    Base,
    CategoryAuthorisation,
    DegreeCategory,
    Department,
    Division,
    OfficialDocument,
    PartnerUnit,
    Policy,
    TrainingUnit,
)
from bases.services import documents, units
from bases.validators import credit_code_holds, validate_no_id_card
from portal.acting import Acting
from portal.errors import Refused
from portal.forms import DateInput
from portal.models import User
from portal.roles import Role
from portal.uploads import CheckedFileField
from portal.wording import CHOOSE, say_choose

LEAGUES = Division.objects.filter(parent=None)


class _GroupedDivisions(ModelChoiceIterator):
    """Each 盟市 with its 旗县区 under it; the 盟市 itself comes first and can be chosen."""

    def __iter__(self) -> Iterator[Any]:
        yield ("", self.field.empty_label)
        divisions = list(self.queryset)
        for league in (each for each in divisions if each.parent_id is None):
            below = [each for each in divisions if each.parent_id == league.pk]
            yield (league.name, [self.choice(each) for each in (league, *below)])


class DivisionField(forms.ModelChoiceField):
    """A 盟市 or one of its 旗县区."""

    iterator = _GroupedDivisions

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Division.objects.order_by("code"), empty_label=CHOOSE, **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class PartnerForm(forms.ModelForm):
    """A partner's registration; the code's check digit is verified at once."""

    division = DivisionField(
        label=_("所在盟市、旗县区"), help_text=_("选到旗县区；合作单位跨几个旗县区的，选盟市本身。")
    )

    class Meta:
        model = PartnerUnit
        fields = ["credit_code", "name", "kind", "division"]
        help_texts = {
            "credit_code": _(
                "18 位，见营业执照或法人证书；系统会核对校验码。证照上的代码核对不过的，请把证照交教育厅经办登记。"
            ),
            "name": _("与证照上的名称一致。"),
            "kind": _(
                "第七条（二）：校外合作单位应为地方政府及职能部门、企业事业单位、科研院所或其他社会组织。"
                "学校、医院、事业编制的中心选“事业单位”；协会、学会、基金会、民办非企业单位选“其他社会组织”。"
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_choose(self)


class OfficerPartnerForm(PartnerForm):
    """The same for the department, which may register a code that fails its check digit, with a reason and a scan."""

    exception_reason = forms.CharField(
        label=_("校验码不符仍予登记的理由"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[validate_no_id_card],
        help_text=_("只在证照上的代码确实通不过校验时填写：怎样核实的，为什么仍予登记。平时留空。"),
    )
    exception_scan = CheckedFileField(label=_("证照扫描件"), kinds=("pdf", "png", "jpg"), required=False)

    class Meta(PartnerForm.Meta):
        help_texts = PartnerForm.Meta.help_texts | {
            "credit_code": _(
                "18 位，见营业执照或法人证书；系统会核对校验码。证照上的代码核对不过的，在下面写明理由并附扫描件。"
            )
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        reason, scan, code = (cleaned.get(name) for name in ("exception_reason", "exception_scan", "credit_code"))
        if reason and not scan and "exception_scan" not in self.errors:
            self.add_error("exception_scan", _t("请上传证照扫描件，与理由一并留存。"))
        if scan and not reason and "exception_reason" not in self.errors:
            self.add_error("exception_reason", _t("请写明校验码不符仍予登记的理由。"))
        if reason and code and credit_code_holds(code):
            self.add_error("exception_reason", _t("这个代码的校验码相符，不需要理由和扫描件，请留空。"))
        # The row itself then asks for the form of the code only; nothing is saved by this form.
        self.instance.code_exception_reason = reason or ""
        return cleaned


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


class AuthorisationFacts(forms.Form):
    """What is known of an authorised category, beside the category itself."""

    year = forms.IntegerField(label=_("获批年份"), min_value=1990, max_value=2100)
    level = forms.ChoiceField(
        label=_("层次"),
        choices=CategoryAuthorisation.Level.choices,
        initial=CategoryAuthorisation.Level.MASTER,
        widget=forms.RadioSelect,
    )
    fields_text = forms.CharField(
        label=_("领域"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("一行一个，或用顿号隔开；每个最多 40 个字，按填写的顺序显示。没有可不填。"),
    )

    def clean_fields_text(self) -> list[str]:
        try:
            return units.split_fields(self.cleaned_data["fields_text"])
        except Refused as refusal:
            raise forms.ValidationError(list(refusal.reasons)) from refusal

    def entered(self) -> dict[str, Any]:
        """What was entered, for the service."""
        return {("fields" if name == "fields_text" else name): value for name, value in self.cleaned_data.items()}


class AuthorisationForm(AuthorisationFacts):
    """A category in which a unit may award degrees."""

    category = forms.ModelChoiceField(
        label=_("专业学位类别"), queryset=DegreeCategory.objects.all(), empty_label=CHOOSE
    )
    field_order = ["category", "year", "level", "fields_text"]


class ListForm(forms.Form):
    """A list from Excel."""

    file = CheckedFileField(label=_("填好的名单"), kinds=("xlsx",), max_mb=5)


class HandOverForm(forms.Form):
    """Who takes a base over, and why."""

    to = forms.ModelChoiceField(
        label=_("新申报人"),
        queryset=User.objects.none(),
        empty_label=CHOOSE,
        help_text=_("只列出本单位在任的申报人；名单里没有的，请先由安全管理员授予申报人角色。"),
    )
    reason = forms.CharField(
        label=_("理由"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[validate_no_id_card],
        help_text=_("例如：原申报人离职、换岗。会写入办理历史。"),
    )

    def __init__(self, *args: Any, successors: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["to"]
        chosen.queryset = successors  # type: ignore[attr-defined]
        chosen.label_from_instance = lambda person: f"{person.full_name}（{person.username}）"  # type: ignore[attr-defined]


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


class DocumentForm(forms.Form):
    """A document that the office wrote outside the portal."""

    kind = forms.ChoiceField(
        label=_("文种"),
        help_text=_("报送函、认定文件、称号授予、撤销决定和自主撤销备案在办理相应事项时由系统登记，不在这里登记。"),
    )
    title = forms.CharField(label=_("标题"), max_length=200, validators=[validate_no_id_card])
    addressee = forms.CharField(label=_("主送机关"), max_length=120, required=False)
    document_date = forms.DateField(label=_("成文日期"), widget=DateInput())
    published_on = forms.DateField(
        label=_("公布日期"), widget=DateInput(), help_text=_("印发或者公布的日期，不早于成文日期。")
    )
    bases = forms.ModelMultipleChoiceField(
        label=_("涉及基地"),
        queryset=Base.objects.none(),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text=_("可以选多个；公文会列在所选基地的页面上。不涉及具体基地的不选。"),
    )
    is_public = forms.BooleanField(
        label=_("向社会公开"), required=False, help_text=_("勾选后任何人都可以在公开页面看到这份公文。")
    )
    file = CheckedFileField(label=_("盖章扫描件"))

    def __init__(self, *args: Any, acting: Acting, bases: QuerySet[Base], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = dict(OfficialDocument.Kind.choices)
        kinds = documents.kinds_by_hand(acting)
        self.fields["kind"].choices = [(kind, labels[kind]) for kind in kinds]  # type: ignore[attr-defined]
        self.fields["bases"].queryset = bases  # type: ignore[attr-defined]
        if acting.unit_id is not None:
            del self.fields["is_public"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        dated, published = cleaned.get("document_date"), cleaned.get("published_on")
        if dated and published and published < dated:
            self.add_error("published_on", _t("公布日期不能早于成文日期 %(day)s。") % {"day": dated.isoformat()})
        return cleaned


class ScanForm(forms.Form):
    """The signed and sealed scan of a document."""

    file = CheckedFileField(label=_("盖章扫描件"))


class WithdrawDocumentForm(forms.Form):
    """Why a document is withdrawn."""

    reason = forms.CharField(
        label=_("撤回理由"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}), validators=[validate_no_id_card],
        help_text=_("写明差错所在和后续处理，例如另发的文号；理由留在登记簿上。"),
    )  # fmt: skip


class OfficeTextForm(forms.Form):
    """The wording of one kind of document; unknown words and missing ones are named at their field."""

    title = forms.CharField(label=_("标题"), max_length=office_texts.TITLE_MAX, validators=[validate_no_id_card])
    text = forms.CharField(
        label=_("正文"), max_length=office_texts.TEXT_MAX, validators=[validate_no_id_card],
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text=_("一行一段。【】里的填充项在发文时换成实际内容；“一、”“（一）”开头的段落按公文格式排成标题。"),
    )  # fmt: skip
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, kind: office_texts.TextKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        title, text = cleaned.get("title"), cleaned.get("text")
        if title and text:
            for name, reasons in office_texts.reasons_against(self.kind, title, text).items():
                self.add_error(name, reasons)
        return cleaned
