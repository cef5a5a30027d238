"""What the sides of a base enter around their agreement."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from agreements.matters import GUIDES, Matter
from agreements.models import Agreement
from agreements.models.agreement import TEXT_FIELDS
from agreements.services.agreement_signing import LONGEST_WAIT
from agreements.services.agreements import clause_field, possible_kinds
from bases.models import Base
from bases.validators import validate_no_id_card
from portal.forms import DateInput
from portal.uploads import CheckedFileField

_CLAUSE_LIMIT, _GOALS_LIMIT = 2000, 1500
# A revision number and the key of a file are whole numbers of the database.
_LARGEST = MaxValueValidator(2**31 - 1)


def _number(unit: Any) -> forms.NumberInput:
    return forms.NumberInput(attrs={"data-unit": unit})


def _line(label: Any, limit: int, **kwargs: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=limit, required=False, validators=[validate_no_id_card], **kwargs
    )  # fmt: skip


def _text(label: Any, limit: int, rows: int, *, required: bool = False, **kwargs: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=limit,
        required=required,
        validators=[validate_no_id_card],
        widget=forms.Textarea(attrs={"rows": rows}),
        **kwargs,
    )


def _whole(label: Any, unit: Any, most: int, **kwargs: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, min_value=1, max_value=most, widget=_number(unit), **kwargs
    )  # fmt: skip


def _floor(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=False, min_value=0, max_digits=8, decimal_places=2, widget=_number(_("元/人·月")),
        help_text=_("双方没有约定下限的留空。"),
    )  # fmt: skip


class AgreementForm(forms.Form):
    """The text of an agreement as it is drafted: every field may be empty until the text is sent."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput, validators=[MinValueValidator(0), _LARGEST])
    goals = _text(
        _("合作目标"), _GOALS_LIMIT, 5, help_text=_("双方通过合作要达到什么，例如人才培养、课程共建、技术攻关。")
    )
    term_years = _whole(_("有效期"), _("年"), 20, help_text=_("从生效之日起算，惯例三年。"))
    unit_representative = _line(_("甲方授权代表"), 30)
    partner_representative = _line(_("乙方授权代表"), 30)
    committee_office = _line(_("管理委员会办公室设在"), 60, help_text=_("一般是合作单位的一个部门。"))
    posts_per_year = _whole(_("每年提供岗位不少于"), _("个"), 500)
    insurance_by = forms.ChoiceField(
        label=_("意外伤害保险由谁购买"), required=False, choices=[("", _("请选择")), *Agreement.Insurer.choices]
    )
    stipend_floor_master = _floor(_("硕士生活补贴下限"))
    stipend_floor_doctor = _floor(_("博士生活补贴下限"))
    pay_standard = _line(
        _("付给乙方人员的报酬：额度"), 200, help_text=_("例如每名导师每学期多少元；不另付报酬的写明“不另付报酬”。")
    )
    pay_way = _line(_("付给乙方人员的报酬：支付方式"), 200)
    copies_total = _whole(_("协议一式"), _("份"), 50)
    copies_each = _whole(_("双方各执"), _("份"), 25)
    supplement = _text(_("补充条款"), _CLAUSE_LIMIT, 3, help_text=_("没有可以不填。"))
    changes = _text(_("与前一份相比的改动"), 500, 2, help_text=_("一两句话，合作单位确认文本时看到。"))

    def __init__(self, *args: Any, agreement: Agreement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if agreement.predecessor_id is None:
            del self.fields["changes"]
        for matter in Matter:
            self.fields[clause_field(matter)] = _text(matter.label, _CLAUSE_LIMIT, 5)

    @staticmethod
    def first_values(agreement: Agreement) -> dict[str, Any]:
        """What the draft says now."""
        kept: dict[str, Any] = {name: getattr(agreement, name) for name in TEXT_FIELDS if name != "kind"}
        clauses = {clause_field(each.matter): each.text for each in agreement.clauses.all()}
        return kept | clauses | {"seen": agreement.revision}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        total, each = cleaned.get("copies_total"), cleaned.get("copies_each")
        if total and each and total < 2 * each:
            self.add_error("copies_total", _("不能少于双方各执份数之和 %(n)s 份。") % {"n": 2 * each})
        return cleaned

    @property
    def right(self) -> tuple[dict[str, Any], dict[str, str]]:
        """What can be kept, also where something else is wrong: the fields of the agreement, and the clauses by their matter."""
        names = [name for name in TEXT_FIELDS if name in self.fields and name in self.cleaned_data]
        clauses = {
            str(matter): self.cleaned_data[clause_field(matter)].strip()
            for matter in Matter
            if clause_field(matter) in self.cleaned_data
        }
        return {name: self.cleaned_data[name] for name in names}, clauses

    @property
    def matters(self) -> list[tuple[forms.BoundField, tuple[Any, ...]]]:
        """The nine matters with what each should say."""
        return [(self[clause_field(matter)], GUIDES[matter].points) for matter in Matter]


class NewAgreementForm(forms.Form):
    """What a new draft is beside the agreement before."""

    kind = forms.ChoiceField(label=_("性质"), widget=forms.RadioSelect)
    changes = _text(_("与前一份相比的改动"), 500, 3, help_text=_("一两句话，合作单位确认文本时看到；起草时还可以改。"))

    def __init__(self, *args: Any, base: Base, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = possible_kinds(base)
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]  # type: ignore[attr-defined]
        if kinds == [Agreement.Kind.FIRST]:
            self.fields["kind"].initial = Agreement.Kind.FIRST
            self.fields["kind"].widget = forms.HiddenInput()
            del self.fields["changes"]


class AgreementActForm(forms.Form):
    """An act on an agreement; nothing to enter."""

    def __init__(self, *args: Any, agreement: Agreement, on: date, **kwargs: Any) -> None:
        self.agreement, self.on = agreement, on
        super().__init__(*args, **kwargs)
        self.prepare()

    def prepare(self) -> None:
        """Fill in first values that depend on the agreement."""


class ReadTextForm(AgreementActForm):
    """An act on a text; it names the state of the text that the person has read."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput, validators=[_LARGEST])

    def prepare(self) -> None:
        self.fields["seen"].initial = self.agreement.revision


class ReasonForm(AgreementActForm):
    """An act that needs its reason."""

    reason = _text(_("原因"), 300, 3, required=True, help_text=_("对方会看到。"))


class ReturnTextForm(ReadTextForm, ReasonForm):
    """Why the partner sends the text back."""


class SignedForm(AgreementActForm):
    """The signed agreement: its scan and its days."""

    file = CheckedFileField(label=_("双方签字盖章的扫描件"))
    signed_on = forms.DateField(
        label=_("签署日期"), widget=DateInput(), help_text=_("双方不在同一天签署的，填后签的一方的日期。")
    )
    effective_on = forms.DateField(
        label=_("生效日期"),
        widget=DateInput(),
        required=False,
        help_text=_("自签署之日起生效的留空；双方约定以后生效的填写。"),
    )

    def prepare(self) -> None:
        begins = self.agreement.effective_on
        self.fields["signed_on"].initial = self.agreement.signed_on
        self.fields["effective_on"].initial = begins if begins != self.agreement.signed_on else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        signed, effective = cleaned.get("signed_on"), cleaned.get("effective_on")
        if signed and signed > self.on:
            self.add_error("signed_on", _("签署日期还没有到，请在双方签署之后提交。"))
        elif signed and self.agreement.agreed_on and signed < self.agreement.agreed_on:
            self.add_error("signed_on", _("签署日期早于双方确认文本的日期，请核对签署件。"))
        elif signed and effective and effective < signed:
            self.add_error("effective_on", _("生效日期不能早于签署日期。"))
        elif signed and effective and effective - signed > LONGEST_WAIT:
            self.add_error("effective_on", _("生效日期不能晚于签署日期一年以上，请核对。"))
        return cleaned


class SeenScanForm(AgreementActForm):
    """An act on a scan; it names the file that the person has before them, so that it answers no other one."""

    seen_file = forms.IntegerField(required=False, widget=forms.HiddenInput, validators=[_LARGEST])

    def prepare(self) -> None:
        self.fields["seen_file"].initial = self.agreement.scan_id


class ReturnScanForm(SeenScanForm, ReasonForm):
    """Why the partner sends the scan back."""


class TerminateForm(AgreementActForm):
    """Why an agreement ends before its time, and with which day."""

    ending = forms.ChoiceField(label=_("终止原因"), choices=Agreement.Ending.choices, widget=forms.RadioSelect)
    ended_on = forms.DateField(label=_("最后有效日"), widget=DateInput(), help_text=_("这一天之后协议不再约束双方。"))
    reason = _text(
        _("事实和依据"), 300, 4, required=True, help_text=_("写明事实、双方商定的情况或者对方的行为；对方会看到。")
    )

    def clean_ended_on(self) -> date:
        ended: date = self.cleaned_data["ended_on"]
        first, last = self.agreement.days
        if not first <= ended <= last:
            words = {"first": first.isoformat(), "last": last.isoformat()}
            raise forms.ValidationError(_("最后有效日应在协议的有效期 %(first)s 至 %(last)s 之内。") % words)
        return ended
