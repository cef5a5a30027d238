"""The boundary: what people enter, checked in Chinese beside the field."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MinLengthValidator, RegexValidator
from django.db.models import QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from applications.models import Assignment, NoticeEntry, Objection, Panel, PublicNotice
from applications.services import declaring, drafting, panels
from bases.acts import ActForm
from bases.lifecycle import State
from bases.models import Base, Policy
from bases.validators import validate_no_id_card
from portal.forms import DateInput
from portal.models import User
from portal.uploads import CheckedFileField

MOBILE = RegexValidator(r"^1[3-9][0-9]{9}$", _("手机号应为 11 位，以便核实并答复，请核对。"))


def textarea(rows: int, **attrs: Any) -> forms.Textarea:
    """A box for text of several lines."""
    return forms.Textarea(attrs={"rows": rows, **attrs})


def number(unit: Any, **attrs: Any) -> forms.NumberInput:
    """A number with its unit inside the field."""
    return forms.NumberInput(attrs={"data-unit": unit, **attrs})


def long_text(label: Any, limit: int, *, rows: int = 4, required: bool = True, **kwargs: Any) -> forms.CharField:
    """Limited text, with a counter, refusing ID-card numbers."""
    return forms.CharField(
        label=label,
        max_length=limit,
        required=required,
        widget=textarea(rows),
        validators=[validate_no_id_card],
        **kwargs,
    )


def ticked(bases: forms.BoundField) -> set[int]:
    """The bases that are ticked on a list, as the form was sent or as it is proposed."""
    return {int(each) for each in map(str, bases.value() or []) if each.isdecimal()}


class ReasonForm(ActForm):
    """An act that needs its reason."""

    reason = long_text(_("理由"), 500, help_text=_("将写入流转记录并告知对方。"))


class DeclareForm(ActForm):
    """Handing in; it knows how the application stood when the page was opened, so that nobody declares what they have not seen."""

    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def prepare(self) -> None:
        self.fields["revision"].initial = drafting.revision(declaring.current_application(self.base))


class NewApplicationForm(forms.Form):
    """The first line of an application: the base's name."""

    name = forms.CharField(
        label=_("基地名称"),
        max_length=60,
        validators=[validate_no_id_card],
        help_text=_("例如：某某大学—某某公司机械类研究生联合培养基地。"),
    )


class ExpertsForm(ActForm):
    """Experts for a panel; those in conflict, those who have withdrawn and those who are on it already are not offered."""

    experts = forms.ModelMultipleChoiceField(
        label=_("评审专家"), queryset=User.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def prepare(self) -> None:
        in_review = self.base.state in {State.RECOMMENDED, State.IN_REVIEW}
        of_this = Panel.objects.filter(base=self.base, fixed_on=None).order_by("-pk")
        if in_review:
            application = declaring.current_application(self.base)
            panel, least = of_this.filter(application=application).first(), application.round.policy.min_experts
        else:
            panel = of_this.exclude(purpose=Panel.Purpose.APPLICATION).first()
            least = Policy.in_force(self.on).min_experts
        on_it = list(Assignment.objects.filter(panel=panel).select_related("expert").order_by("expert__full_name"))
        taken = {assignment.expert_id for assignment in on_it}
        eligible = [expert.pk for expert in panels.eligible_experts(self.base) if expert.pk not in taken]
        field = self.fields["experts"]
        field.queryset = User.objects.filter(pk__in=eligible).select_related("expert_profile").order_by("full_name")  # type: ignore[attr-defined]
        field.label_from_instance = _expert_label  # type: ignore[attr-defined]
        words = [_t("应当回避的专家没有列出；至少 %(n)s 名。") % {"n": panel.required if panel else least}]
        sitting = "、".join(a.expert.full_name for a in on_it if a.status != Assignment.Status.RECUSED)
        gone = "、".join(a.expert.full_name for a in on_it if a.status == Assignment.Status.RECUSED)
        if sitting:
            words.append(_t("已分配：%(names)s。") % {"names": sitting})
        if gone:
            words.append(_t("已回避：%(names)s。") % {"names": gone})
        field.help_text = "".join(words)


def _expert_label(user: Any) -> str:
    profile = getattr(user, "expert_profile", None)
    return str(profile) if profile else user.full_name


class DeliberationForm(ActForm):
    """The minutes of the deliberation."""

    held_on = forms.DateField(label=_("审议日期"), widget=DateInput())
    conclusion = long_text(_("审议结论"), 1000)
    minutes = CheckedFileField(label=_("审议纪要扫描件"), required=False)


class RecognitionDocumentForm(forms.Form):
    """The recognition document; the number is given by the register."""

    bases = forms.ModelMultipleChoiceField(
        label=_("立项的基地"), queryset=Base.objects.none(), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请至少选择一个已认定的基地。")},
    )  # fmt: skip
    title = forms.CharField(label=_("文件标题"), max_length=200)
    document_date = forms.DateField(label=_("成文日期"), widget=DateInput())
    published_on = forms.DateField(
        label=_("公布日期"), widget=DateInput(), help_text=_("建设期自公布日期起算（第八条（四））。")
    )
    file = CheckedFileField(label=_("盖章扫描件"), required=False)

    def __init__(self, *args: Any, bases: QuerySet[Base], on: date, **kwargs: Any) -> None:
        self.on = on
        super().__init__(*args, **kwargs)
        self.fields["bases"].queryset = bases  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        dated, published = cleaned.get("document_date"), cleaned.get("published_on")
        if dated and published and published < dated:
            self.add_error("published_on", _t("公布日期不能早于成文日期 %(day)s。") % {"day": dated.isoformat()})
        if published and published > self.on:
            self.add_error(
                "published_on", _t("公布日期 %(day)s 还没有到，请在文件公布后登记。") % {"day": published.isoformat()}
            )
        return cleaned


class ObjectionForm(forms.Form):
    """An objection from the public, with real name."""

    base = forms.ModelChoiceField(label=_("涉及的基地"), queryset=Base.objects.none(), empty_label=_("请选择"))
    name = forms.CharField(
        label=_("真实姓名或单位名称"), max_length=60,
        validators=[MinLengthValidator(2, _("请填写真实姓名或单位全称；匿名异议不予受理。")), validate_no_id_card],
    )  # fmt: skip
    phone = forms.CharField(
        label=_("手机"), max_length=20, validators=[MOBILE], help_text=_("仅受理部门可见，用于核实和答复。")
    )
    email = forms.EmailField(label=_("邮箱"), required=False)
    grounds = forms.CharField(
        label=_("事实与理由"), max_length=2000, widget=textarea(6),
        validators=[MinLengthValidator(10, _("请具体写明事实与理由，至少 10 个字。")), validate_no_id_card],
    )  # fmt: skip
    evidence = CheckedFileField(label=_("证明材料"), required=False, kinds=("pdf", "png", "jpg"))

    def __init__(self, *args: Any, notice: PublicNotice, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listed = NoticeEntry.objects.filter(notice=notice).values("base_id")
        self.fields["base"].queryset = Base.objects.filter(pk__in=listed)  # type: ignore[attr-defined]


class LookupForm(forms.Form):
    """Find one's own objection again."""

    code = forms.CharField(label=_("查询码"), max_length=12)


class HandleObjectionForm(forms.Form):
    """What the office decides on an objection."""

    status = forms.ChoiceField(
        label=_("办理"), widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("异议的状态已经变化，请按现在的状态重新选择。")},
    )  # fmt: skip
    conclusion = long_text(
        _("处理意见"), 2000, required=False, help_text=_("不予受理、成立、不成立均须写明；将据此答复异议人。")
    )

    def __init__(self, *args: Any, objection: Objection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        status = Objection.Status
        choices = {
            status.SUBMITTED: [(status.ACCEPTED, _t("受理并调查")), (status.DECLINED, _t("不予受理"))],
            status.ACCEPTED: [(status.UPHELD, _t("异议成立")), (status.DISMISSED, _t("异议不成立"))],
        }
        self.fields["status"].choices = choices.get(status(objection.status), [])  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        decided = cleaned.get("status", Objection.Status.ACCEPTED) != Objection.Status.ACCEPTED
        if decided and "conclusion" not in self.errors and not cleaned.get("conclusion", "").strip():
            self.add_error("conclusion", _t("请写明处理意见和依据，将据此答复异议人。"))
        return cleaned


class SheetForm(forms.Form):
    """A score sheet: one field a criterion, within its full marks."""

    def __init__(self, *args: Any, panel: Panel, required: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = list(panel.rubric.criteria.all())
        for criterion in self.criteria:
            top = criterion.points.normalize()
            range_ = _t("应在 0 到 %(top)s 分之间。") % {"top": f"{top:f}"}
            self.fields[f"points_{criterion.key}"] = forms.DecimalField(
                label=f"{criterion.name}（0–{top:f} 分）",
                min_value=Decimal(0),
                max_value=criterion.points,
                decimal_places=1,
                required=required,
                widget=number(_t("分"), step="0.5", inputmode="decimal"),
                error_messages={
                    "required": _t("还没有评分。"),
                    "min_value": range_,
                    "max_value": range_,
                    "max_decimal_places": _t("最多一位小数。"),
                },
            )
        self.fields["comment"] = long_text(
            _("给申报单位的意见"), 1000, required=False, help_text=_("单位可以看到意见，看不到您的姓名。")
        )
        self.fields["pledge"] = forms.BooleanField(
            label=_("本人与该基地及双方单位没有应当回避的关系，评分客观公正"),
            required=required,
            error_messages={"required": _("提交前请勾选这项承诺。")},
        )

    def points(self) -> dict[str, Decimal | None]:
        """The points by criterion key."""
        return {criterion.key: self.cleaned_data.get(f"points_{criterion.key}") for criterion in self.criteria}


class RecusalForm(forms.Form):
    """Why an expert withdraws."""

    reason = forms.CharField(label=_("回避原因"), max_length=300)
